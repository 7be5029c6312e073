"""The sheet of models: every step from the z scores to each closed-form efficiency."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from xl_qbs.efficiency.classes import CUT_GUARD, cut_offs
from xl_qbs.efficiency.conditional import Conditional
from xl_qbs.efficiency.hurdles import Hurdle
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.efficiency.columns import ABOVE_ROW, Above, Column, add_above, add_columns, begin_rows
from xl_qbs.sheets.efficiency.data_sheet import SPENDING
from xl_qbs.sheets.efficiency.plan import MODELS, TITLES, Plan
from xl_qbs.sheets.model import Book, Label, Sheet

_FROM = Label("From", "Alates")
_TO = Label("To", "Kuni")
_EFFICIENCY = Label("Efficiency", "Tõhusus")
_NAMES = ("low", "average", "high")


def add_models(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of models; the sheets of parameters and data must stand already."""
    sheet = begin_rows(
        book,
        plan,
        MODELS,
        Label("Models, step by step", "Mudelid samm-sammult"),
        Label(
            "How each efficiency follows from quality and cost. Cut-offs stand above the columns.",
            "Kuidas iga tõhusus kvaliteedist ja kulust tuleneb. Piirid on veergude kohal.",
        ),
        tab="7F6000",
    )
    labels = [
        Label("Lower cut-off or hurdle", "Alumine piir või lävi"),
        Label("Upper cut-off", "Ülemine piir"),
        Label("Guard", "Täpsusvaru"),
        Label("Where whoever fails stands; best; reference", "Kus on läbikukkunud; parim; võrdlus"),
        Label("Can be used (1 = yes)", "Saab kasutada (1 = jah)"),
    ]
    book.write(sheet, (ABOVE_ROW, 1), [[label] for label in labels], "text")
    found = plan.analysis
    column = 2
    if found.unconditional:
        column = _add_unconditional(book, sheet, plan, column)
        sheet.breaks.append(column - 1)
    if found.conditional:
        column = _add_conditional(book, sheet, plan, column)
        sheet.breaks.append(column - 1)
    if found.quality_hurdle is not None:
        column = _add_hurdle(book, sheet, plan, column, "quality", found.quality_hurdle)
        sheet.breaks.append(column - 1)
    if found.cost_hurdle is not None:
        column = _add_hurdle(book, sheet, plan, column, "cost", found.cost_hurdle)
        sheet.breaks.append(column - 1)
    if found.net_benefit is not None:
        column = _add_net_benefit(book, sheet, plan, column)
        sheet.breaks.append(column - 1)
    if found.envelopment is not None or found.free_disposal is not None:
        _add_ready(book, sheet, plan, column)
    if found.envelopment is not None:
        column = _add_envelopment(book, sheet, plan, column)
        sheet.breaks.append(column - 1)
    if found.free_disposal is not None:
        _add_hull(book, sheet, plan, column)
    return sheet


def _add_unconditional(book: Book, sheet: Sheet, plan: Plan, column: int) -> int:
    columns = []
    for letter, one in zip("ab", plan.analysis.unconditional, strict=True):
        weight = f"{{weight_{letter}}}"
        key = f"unconditional_{letter}"
        columns.append(
            Column(key, TITLES[key], one.efficiency, f"{weight}*{{z_quality}}+(1-{weight})*{{z_cost}}", "output")
        )
        if plan.has_quality_error and plan.has_cost_error:
            q, c = f"({weight}*{{z_quality_error}})", f"((1-{weight})*{{z_cost_error}})"
            error = f"SQRT(MAX(0,SUMSQ({q},{c})+(1+1)*{{error_correlation}}*{q}*{c}))"
            columns += _ends(key, one.interval.low, one.interval.high, error, "z_quality_error", "z_cost_error")
    return add_columns(book, sheet, plan, column, columns, Label("Unconditional", "Tingimusteta"))


def _ends(key: str, low: Array, high: Array, error: str, *needed: str) -> list[Column]:
    """Return the columns of an interval around an efficiency; empty where a standard error is not known."""
    known = ",".join(f"ISNUMBER({{{one}}})" for one in needed)
    return [
        Column(
            f"{key}_{name}",
            label,
            values,
            f'IF(AND({known}),{{{key}}}{sign}{{spread}}*{error},"")',
        )
        for name, label, values, sign in (("low", _FROM, low, "-"), ("high", _TO, high, "+"))
    ]


def _cut(key: str, share: str, plan: Plan) -> str:
    formula = f"PERCENTILE({{{key}:all}},{{{share}}})"
    return f"IF(COUNT({{{key}:all}})>0,{formula},0)" if plan.room.open else formula


def _guard(key: str) -> str:
    return f"{{cut_guard}}*(MAX({{{key}:all}})-MIN({{{key}:all}}))"


def _class(value: str, low: str, high: str, guard: str) -> str:
    return f"IF({value}+{guard}>={high},1+1,IF({value}+{guard}>={low},1,0))"


def _add_conditional(book: Book, sheet: Sheet, plan: Plan, column: int) -> int:
    found = plan.analysis
    overall, within = found.conditional
    performance, quality = found.performance, found.given.quality
    q_low, q_high = overall.quality_cuts
    c_low, c_high = overall.cost_cuts[0]
    spread_q, spread_c = float(np.ptp(quality)), float(np.ptp(performance))
    grid = "(1+1+1)*{quality_class}+{%s}+1"
    columns = [
        Column(
            "quality_class",
            Label("Class of quality (0 low, 1, 2 high)", "Kvaliteedi klass (0 madal, 1, 2 kõrge)"),
            overall.quality_class,
            _class("{quality}", "{quality_cut_1}", "{quality_cut_2}", "{quality_guard}"),
            format="count",
        ),
        Column(
            "cost_class",
            Label("Class of cost performance, over all", "Kulutulemuse klass, üle kõigi"),
            overall.cost_class,
            _class("{performance}", "{cost_cut_1}", "{cost_cut_2}", "{performance_guard}"),
            format="count",
        ),
        Column(
            "conditional_overall",
            TITLES["conditional_overall"],
            overall.efficiency,
            grid % "cost_class",
            "output",
            "count",
        ),
    ]
    add_above(
        book,
        sheet,
        column,
        [
            Above(ABOVE_ROW, "quality_cut_1", q_low, _cut(_used("quality", plan), "quality_share_1", plan)),
            Above(ABOVE_ROW + 1, "quality_cut_2", q_high, _cut(_used("quality", plan), "quality_share_2", plan)),
            Above(ABOVE_ROW + 2, "quality_guard", spread_q * CUT_GUARD, _guard(_used("quality", plan)), "tiny"),
        ],
    )
    add_above(
        book,
        sheet,
        column + 1,
        [
            Above(ABOVE_ROW, "cost_cut_1", c_low, _cut("performance", "cost_share_1", plan)),
            Above(ABOVE_ROW + 1, "cost_cut_2", c_high, _cut("performance", "cost_share_2", plan)),
            Above(ABOVE_ROW + 2, "performance_guard", spread_c * CUT_GUARD, _guard("performance"), "tiny"),
        ],
    )
    column = add_columns(book, sheet, plan, column, columns, Label("Conditional, over all", "Tingimuslik, üle kõigi"))
    return _add_within(book, sheet, plan, column, within, grid)


def _add_within(book: Book, sheet: Sheet, plan: Plan, column: int, within: Conditional, grid: str) -> int:
    """Add cost classes within each class of quality: the cost performance of each, and its own cut-offs."""
    performance = plan.analysis.performance
    columns = []
    words = (
        Label("Cost performance, low quality", "Kulutulemus, madal kvaliteet"),
        Label("Cost performance, average quality", "Kulutulemus, keskmine kvaliteet"),
        Label("Cost performance, high quality", "Kulutulemus, kõrge kvaliteet"),
    )
    for place, (name, label) in enumerate(zip(_NAMES, words, strict=True)):
        key = f"performance_{name}_quality"
        mine = within.quality_class == place
        number = "+".join(["1"] * place) or "0"
        columns.append(
            Column(
                key, label, np.where(mine, performance, np.nan), f'IF({{quality_class}}={number},{{performance}},"")'
            )
        )
        members = performance[mine]
        guard = CUT_GUARD * float(np.ptp(members)) if len(members) else 0.0
        low, high = (0.0, 0.0) if not len(members) else within.cost_cuts[place]
        add_above(
            book,
            sheet,
            column + place,
            [
                Above(
                    ABOVE_ROW,
                    f"{name}_cut_1",
                    float(low),
                    f"IF(COUNT({{{key}:all}})>0,PERCENTILE({{{key}:all}},{{cost_share_1}}),0)",
                ),
                Above(
                    ABOVE_ROW + 1,
                    f"{name}_cut_2",
                    float(high),
                    f"IF(COUNT({{{key}:all}})>0,PERCENTILE({{{key}:all}},{{cost_share_2}}),0)",
                ),
                Above(ABOVE_ROW + 2, f"{name}_guard", guard, f"IF(COUNT({{{key}:all}})>0,{_guard(key)},0)", "tiny"),
            ],
        )
    chosen = {
        part: "CHOOSE({quality_class}+1," + ",".join(f"{{{name}_{part}}}" for name in _NAMES) + ")"
        for part in ("cut_1", "cut_2", "guard")
    }
    columns += [
        Column(
            "cost_class_within",
            Label("Class of cost performance, within quality", "Kulutulemuse klass, kvaliteedi sees"),
            within.cost_class,
            _class("{performance}", chosen["cut_1"], chosen["cut_2"], chosen["guard"]),
            format="count",
        ),
        Column(
            "conditional_within",
            TITLES["conditional_within"],
            within.efficiency,
            grid % "cost_class_within",
            "output",
            "count",
        ),
    ]
    return add_columns(
        book, sheet, plan, column, columns, Label("Conditional, within quality", "Tingimuslik, kvaliteedi sees")
    )


def _used(key: str, plan: Plan) -> str:
    """Return the block of those values that count: all of them but in a template."""
    return f"{key}_used" if plan.room.open else key


def _add_hurdle(book: Book, sheet: Sheet, plan: Plan, column: int, side: str, hurdle: Hurdle) -> int:
    """Add a hurdle on one side: who passes, and the z score of the other side for them."""
    found, options = plan.analysis, plan.analysis.options
    key = f"{side}_hurdle"
    values = found.given.quality if side == "quality" else found.performance
    block = _used("quality", plan) if side == "quality" else "performance"
    own = options.own_quality_hurdle if side == "quality" else options.own_cost_hurdle
    other, error = ("cost", found.standardized.cost) if side == "quality" else ("quality", found.standardized.quality)
    share = f"{side}_hurdle_share"
    if own is None:
        limit = float(cut_offs(values, (getattr(options, share),))[0])
    elif side == "cost" and options.cost_is == "spending":
        limit = float(found.given.cost.mean()) / own
    else:
        limit = own
    taken = f"{{own_{side}_hurdle}}"
    if side == "cost":
        taken = f"IF({SPENDING},{{cost_mean}}/{taken},{taken})"
    passed = f"{key}_passed"
    passing = f"{key}_passing"
    lowest = float(error[hurdle.passed].min()) - 1 if options.failing == "last" and hurdle.passed.any() else 0.0
    columns = [
        Column(
            passed,
            Label("Passes (1 = yes)", "Läbib (1 = jah)"),
            hurdle.passed.astype(float),
            f"IF({{{'quality' if side == 'quality' else 'performance'}}}+{{{key}_guard}}>={{{key}_limit}},1,0)",
            format="count",
        ),
        Column(
            passing,
            Label("z of cost performance of those", "Läbinute kulutulemuse z")
            if side == "quality"
            else Label("z of quality of those", "Läbinute kvaliteedi z"),
            np.where(hurdle.passed, error, np.nan),
            f'IF({{{passed}}}=1,{{z_{other}}},"")',
        ),
        Column(key, TITLES[key], hurdle.efficiency, f"IF({{{passed}}}=1,{{z_{other}}},{{{key}_failing}})", "output"),
    ]
    there = plan.has_cost_error if side == "quality" else plan.has_quality_error
    if there:
        known = f"AND({{{passed}}}=1,ISNUMBER({{z_{other}_error}}))"
        columns += [
            Column(f"{key}_{name}", label, ends, f'IF({known},{{{key}}}{sign}{{spread}}*{{z_{other}_error}},"")')
            for name, label, ends, sign in (
                ("low", _FROM, hurdle.interval.low, "-"),
                ("high", _TO, hurdle.interval.high, "+"),
            )
        ]
    add_above(
        book,
        sheet,
        column,
        [
            Above(
                ABOVE_ROW,
                f"{key}_limit",
                limit,
                f"IF(ISNUMBER({{own_{side}_hurdle}}),{taken},{_cut(block, share, plan)})",
            ),
            Above(ABOVE_ROW + 2, f"{key}_guard", CUT_GUARD * float(np.ptp(values)), _guard(block), "tiny"),
        ],
    )
    formula = (
        f"IF(AND({{failing}}=INDEX({{failing_words:all}},1,1),COUNT({{{passing}:all}})>0),MIN({{{passing}:all}})-1,0)"
    )
    add_above(book, sheet, column + 2, [Above(ABOVE_ROW + 3, f"{key}_failing", lowest, formula)])
    return add_columns(book, sheet, plan, column, columns, TITLES[key])


def _add_net_benefit(book: Book, sheet: Sheet, plan: Plan, column: int) -> int:
    found, options = plan.analysis, plan.analysis.options
    benefit = found.net_benefit
    assert benefit is not None  # noqa: S101  (asked for above)
    quality = found.given.quality.mean() if options.reference_quality is None else options.reference_quality
    cost = found.given.cost.mean() if options.reference_cost is None else options.reference_cost
    usable = f"IF(AND(ISNUMBER({{value}}),{SPENDING}),1,0)"
    key = "cost_effectiveness"

    def if_usable(formula: str) -> str:
        return f'IF({{{key}_ready}}=1,{formula},"")'

    columns = [
        Column(
            "quality_gain",
            Label("Quality over the reference", "Kvaliteet üle võrdluse"),
            benefit.quality,
            "{quality}-{reference_quality}",
        ),
        Column(
            "extra_cost",
            Label("Spending beyond the reference", "Kulu üle võrdluse"),
            benefit.cost,
            "{cost}-{reference_cost}",
            format="decimal",
        ),
        Column(
            key,
            Label("Net benefit, in money", "Netokasu, rahas"),
            benefit.efficiency,
            if_usable("{value}*{quality_gain}-{extra_cost}"),
            "output",
            "decimal",
        ),
    ]
    if plan.has_quality_error and plan.has_cost_error:
        q, c = "({value}*{quality_error})", "{cost_error}"
        error = np.sqrt(
            np.maximum(
                benefit.value**2 * benefit.quality_variance
                + benefit.cost_variance
                - 2 * benefit.value * benefit.covariance,
                0.0,
            )
        )
        known = f'IF(AND({{{key}_ready}}=1,ISNUMBER({{quality_error}}),ISNUMBER({{cost_error}})),%s,"")'
        even = f"IF({{{key}}}=0,AVERAGE(0,1),IF({{{key}}}>0,1,0))"
        columns += [
            Column(
                f"{key}_error",
                Label("Standard error", "Standardviga"),
                error,
                known % f"SQRT(MAX(0,SUMSQ({q},{c})-(1+1)*{{error_correlation}}*{q}*{c}))",
                format="decimal",
            ),
            *(
                Column(
                    f"{key}_{name}",
                    label,
                    ends,
                    f'IF(ISNUMBER({{{key}_error}}),{{{key}}}{sign}{{spread}}*{{{key}_error}},"")',
                    format="decimal",
                )
                for name, label, ends, sign in (
                    ("low", _FROM, benefit.interval.low, "-"),
                    ("high", _TO, benefit.interval.high, "+"),
                )
            ),
            Column(
                f"{key}_probability",
                Label("Probability that it is positive", "Tõenäosus, et see on positiivne"),
                benefit.probability_positive,
                f'IF(ISNUMBER({{{key}_error}}),IF({{{key}_error}}>0,NORMSDIST({{{key}}}/{{{key}_error}}),{even}),"")',
                format="percent1",
            ),
        ]
    add_above(
        book,
        sheet,
        column,
        [
            Above(
                ABOVE_ROW + 3,
                "reference_quality",
                float(quality),
                "IF(ISNUMBER({own_reference_quality}),{own_reference_quality},{quality_mean})",
            ),
        ],
    )
    add_above(
        book,
        sheet,
        column + 1,
        [
            Above(
                ABOVE_ROW + 3,
                "reference_cost",
                float(cost),
                "IF(ISNUMBER({own_reference_cost}),{own_reference_cost},{cost_mean})",
                "decimal",
            ),
        ],
    )
    add_above(book, sheet, column + 2, [Above(ABOVE_ROW + 4, f"{key}_ready", 1.0, usable, "count")])
    return add_columns(book, sheet, plan, column, columns, TITLES[key])


def _add_envelopment(book: Book, sheet: Sheet, plan: Plan, column: int) -> int:
    """Add envelopment of one input and one output under constant returns: the ratio over the best ratio."""
    found = plan.analysis
    assert found.envelopment is not None  # noqa: S101  (asked for above)
    ratio = found.given.quality * found.performance
    columns = [
        Column(
            "quality_for_spending",
            Label("Quality for spending", "Kvaliteet kulu kohta"),
            ratio,
            _if_usable("{quality}*{performance}"),
        ),
        Column(
            "envelopment",
            TITLES["envelopment"],
            found.envelopment.efficiency,
            _if_usable("{quality_for_spending}/{best_ratio}"),
            "output",
        ),
    ]
    best = Above(ABOVE_ROW + 3, "best_ratio", float(ratio.max()), "MAX({quality_for_spending:all})")
    add_above(book, sheet, column, [best])
    return add_columns(book, sheet, plan, column, columns, TITLES["envelopment"])


def _if_usable(formula: str) -> str:
    return f'IF({{envelopment_ready}}=1,{formula},"")'


def _add_hull(book: Book, sheet: Sheet, plan: Plan, column: int) -> int:
    """Add the free disposal hull: a provider's cost performance over the best of those at least as good.

    The providers are put in the order of quality, ties in the order of their rows, and the best cost performance is
    carried down; among ties it is the last one's. So the work grows with the providers, not with their square.
    """
    found, room = plan.analysis, plan.room
    assert found.free_disposal is not None  # noqa: S101  (asked for above)
    quality, performance = found.given.quality, found.performance
    count = len(quality)
    numbers = np.arange(1.0, count + 1)
    ranks = found.side_by_side.quality_rank
    keys = ranks + numbers / (room.lists + 1)
    order = np.argsort(keys, kind="stable")
    sorted_quality = quality[order]
    best = np.maximum.accumulate(performance[order])
    last_of_ties = np.searchsorted(-sorted_quality, -sorted_quality, side="right") - 1
    there = 'IF({order_no}<=COUNT({hull_key:all}),%s,"")' if room.open else "%s"
    columns = [
        Column(
            "hull_key",
            Label("Place by quality; ties by row", "Järjekord kvaliteedi, siis rea järgi"),
            keys,
            "{quality_rank}+{order_no}/(ROWS({order_no:all})+1)",
        ),
        Column(
            "hull_performance",
            Label("Cost performance in that order", "Kulutulemus selles järjekorras"),
            performance[order],
            there % "INDEX({performance:all},MATCH(SMALL({hull_key:all},{order_no}),{hull_key:all},0),1)",
            guard=False,
        ),
        Column(
            "hull_best",
            Label("Best so far", "Parim seni"),
            best,
            there % "MAX({hull_before},{hull_performance})",
            guard=False,
        ),
        Column(
            "hull_of_ties",
            Label("Best of those as good or better", "Parim sama heade või paremate seas"),
            best[last_of_ties],
            there
            % "IF(ISNUMBER({next_quality}),IF({next_quality}={quality_order},{hull_next},{hull_best}),{hull_best})",
            guard=False,
        ),
        Column(
            "free_disposal",
            TITLES["free_disposal"],
            found.free_disposal.efficiency,
            _if_usable("{performance}/INDEX({hull_of_ties:all},{quality_rank},1)"),
            "output",
        ),
    ]
    after = add_columns(book, sheet, plan, column, columns, TITLES["free_disposal"])
    _name_moved(book, "hull_before", "hull_best", -1)
    _name_moved(book, "hull_next", "hull_of_ties", 1)
    _name_moved(book, "next_quality", "quality_order", 1)
    return after


def _name_moved(book: Book, key: str, of: str, rows: int) -> None:
    """Make the cells above or below those of a block known: before the first stands its heading, a text."""
    block = book.block(of)
    book.named[key] = replace(block, key=key, row=block.row + rows)


def _add_ready(book: Book, sheet: Sheet, plan: Plan, column: int) -> None:
    """Add whether quality has a true 0 and cost performance is above 0, as envelopment needs."""
    quality = _used("quality", plan)
    some = f"COUNT({{{quality}:all}})>0," if plan.room.open else ""
    formula = f"IF(AND({some}MIN({{{quality}:all}})>=0,MAX({{{quality}:all}})>0,MIN({{performance:all}})>0),1,0)"
    ready = Above(ABOVE_ROW + 4, "envelopment_ready", 0.0 if plan.empty else 1.0, formula, "count")
    add_above(book, sheet, column, [ready])
