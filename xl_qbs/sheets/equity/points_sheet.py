"""The sheet of equity points: what the disadvantaged groups get and how it improved, and nothing else."""

from __future__ import annotations

import numpy as np

from xl_qbs.equity.adjusted import adjusted_values
from xl_qbs.equity.estimates import difference, estimates
from xl_qbs.equity.gates import both
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.equity.columns import (
    FIRST_ROW,
    Column,
    add_columns,
    begin_rows,
    by_direction,
    by_indicator,
    finish,
    of_group,
    signed,
)
from xl_qbs.sheets.equity.columns import of_indicator as of
from xl_qbs.sheets.equity.plan import POINTS, Plan
from xl_qbs.sheets.equity.within_sheet import reason_column
from xl_qbs.sheets.model import Book, Label, Mark, Sheet

_WHOLE = "{steps}=INDEX({steps_words:all},1,1)"
_SCORED = "IF(AND({disadvantaged}=1,{group_ok}=1),1,0)"
# In a template targets may be missing, and are then asked for on the sheet of parameters.
_SCORED_OPEN = (
    "IF(AND({disadvantaged}=1,{group_ok}=1,ISNUMBER({asked_threshold}),ISNUMBER({asked_goal})),"
    "IF({asked_goal}>{asked_threshold},1,0),0)"
)
_ADJUSTED = "{points_on}=INDEX({points_words:all},1,1)"


def add_points(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of equity points; that of trend must stand already."""
    sheet = begin_rows(
        book,
        plan,
        POINTS,
        Label("Equity points of the disadvantaged groups", "Ebasoodsas olukorras rühmade võrdsuspunktid"),
        Label(
            "Achievement and improvement look at the group's own cells and at frozen numbers only: lowering another "
            "group earns nothing.",
            "Tase ja paranemine vaatavad vaid rühma enda lahtreid ja fikseeritud arve: teise langus ei anna midagi.",
        ),
        tab="548235",
    )
    column = _add_values(book, sheet, plan)
    column = _add_awarded(book, sheet, plan, column)
    finish(sheet, plan, column - 1)
    for key in ("indicator_points", "ok"):
        by_indicator(book, plan, key)
    return sheet


def _scored(formula: str) -> str:
    return f'IF({{scored}}=1,{formula},"")'


def _value(end: str) -> str:
    strength, pull = of_group("frozen_strength"), of_group("frozen_pull")
    done = f"{{n{end}}}*{{mean{end}}}"
    return f"IF({_ADJUSTED},({done}+{pull})/({{n{end}}}+{strength}),{{value{end}}})"


def _add_values(book: Book, sheet: Sheet, plan: Plan) -> int:
    """Add what points are for: values now and in the baseline, and what is asked."""
    found = plan.analysis
    before = found.before
    assert before is not None  # noqa: S101  (there are points)
    assert found.passed_before is not None  # noqa: S101
    assert found.frozen is not None  # noqa: S101
    assert found.targets is not None  # noqa: S101
    scored = _scored_cells(plan)
    if found.options.points_on == "adjusted":
        now, then = (adjusted_values(table, found.frozen) for table in (found.now, before))
    else:
        now, then = found.now.value, before.value
    then = np.where(scored & found.passed_before.group_ok, then, np.nan)
    moved = found.now.sign[:, None] * (found.now.value - before.value)
    gained = both(found.passed_before, found.passed) & (moved > _guard(book))
    targets = [np.broadcast_to(one, found.passed.ok.shape) for one in found.targets]
    value, value0 = _value(""), _value("0")
    if not plan.means:
        value = value.replace("{n}*{mean}", "{counted}")
        value0 = value0.replace("{n0}*{mean0}", "{counted0}")

    def asked(key: str) -> str:
        return of(key) if plan.room is None else f'IF({{provider_rows}}="","",{of(key)})'

    rose = f"{signed(plan)}({{value}}-{{value0}})>{{guard}}"
    columns = [
        Column(
            "asked_threshold", Label("Threshold", "Lävi"), plan.rows(targets[0]), asked("threshold"), "share", "link"
        ),
        Column("asked_goal", Label("Benchmark", "Siht"), plan.rows(targets[1]), asked("goal"), "share", "link"),
        Column(
            "scored",
            Label("Scored (1)", "Hinnatud (1)"),
            plan.rows(scored, 0.0),
            _SCORED if plan.room is None else _SCORED_OPEN,
            "count",
        ),
        Column("y", Label("Value now", "Väärtus nüüd"), plan.rows(np.where(scored, now, np.nan)), _scored(value)),
        Column(
            "y0",
            Label("Value in baseline", "Väärtus enne"),
            plan.rows(then),
            _scored(f'IF({{group_ok0}}=1,{value0},"")'),
        ),
        Column(
            "gained",
            Label("Rose, unadjusted (1)", "Tõusis kohandamata (1)"),
            plan.rows(np.where(scored, gained, np.nan)),
            _scored(f"IF(AND({{group_ok}}=1,{{group_ok0}}=1),IF({rose},1,0),0)"),
            "count",
        ),
    ]
    return add_columns(book, sheet, plan, 3, columns)


def _scored_cells(plan: Plan) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    return np.asarray(plan.analysis.passed.group_ok & plan.disadvantaged)


def _guard(book: Book) -> float:
    return float(book.block("guard").values[0, 0])


def _add_awarded(book: Book, sheet: Sheet, plan: Plan, column: int) -> int:
    """Add achievement, improvement and points, and what stands beside them."""
    points, found = plan.analysis.points, plan.analysis
    assert points is not None  # noqa: S101
    assert found.before is not None  # noqa: S101
    assert found.passed_before is not None  # noqa: S101
    scored = _scored_cells(plan)
    sign = signed(plan)
    reached = "({y}-{asked_threshold})/({asked_goal}-{asked_threshold})"
    rounded = f"INT({{below_benchmark}}*{reached}+{{half}}+{{half}}+{{guard}})"
    achieved = (
        f"IF({_WHOLE},IF({sign}({{y}}-{{asked_goal}})+{{guard}}>=0,{{most_points}},"
        f"IF({sign}({{y}}-{{asked_threshold}})+{{guard}}>=0,MIN({{below_benchmark}},MAX(1,{rounded})),0)),"
        f"{{most_points}}*MIN(1,MAX(0,{reached})))"
    )
    way = "({y}-{y0})/({asked_goal}-{y0})"
    improved = (
        f"IF({{gained}}=1,IF({sign}({{asked_goal}}-{{y0}})>{{guard}},"
        f"IF({_WHOLE},MIN({{below_benchmark}},MAX(0,INT({{most_points}}*{way}-{{half}}+{{half}}+{{guard}}))),"
        f"{{most_points}}*MIN(1,MAX(0,{way}))),0),0)"
    )
    best0, best = "{best_then}", "{best_now}"
    narrowed = f"AND({sign}({{value0}}-{best0})<-{{guard}},ABS({{value}}-{best})<ABS({{value0}}-{best0})-{{guard}})"
    levelled = (
        f"IF({{gained}}=1,0,IF({{group_ok0}}=1,IF(ISNUMBER({best0}),IF(ISNUMBER({best}),IF({narrowed},1,0),0),0),0))"
    )
    strength = of_group("frozen_strength")
    plain = of_group("p_strength0")
    trust = f"IF({_ADJUSTED},{{n}}/({{n}}+{strength}),IF(ISNUMBER({plain}),{{n}}/({{n}}+{plain}),0))"
    better = "MAX({achievement},{improvement})"
    weight = np.where(scored, np.where(found.passed_before.group_ok, found.before.patients, found.now.patients), 0.0)
    columns = [
        *_best(plan),
        Column(
            "achievement", Label("Achievement", "Tase"), plan.rows(points.achievement), _scored(achieved), "decimal"
        ),
        Column(
            "improvement",
            Label("Improvement", "Paranemine"),
            plan.rows(points.improvement),
            _scored(improved),
            "decimal",
        ),
    ]
    if plan.room is not None or plan.forfeit != "never":
        columns += _forfeit(plan, scored)
        better = f"IF({{forfeited}}=1,0,{better})"
    columns += [
        Column(
            "points",
            Label("Points (better of two)", "Punktid (parem kahest)"),
            plan.rows(points.points),
            _scored(better),
            "decimal",
            "output",
        ),
        Column("trust", Label("Reliability", "Usaldusväärsus"), plan.rows(points.reliability), _scored(trust)),
        Column(
            "levelled",
            Label("Only the best fell (1)", "Vaid parim langes (1)"),
            plan.rows(np.where(scored, points.levelled_down, np.nan)),
            _scored(levelled),
            "count",
        ),
        Column(
            "points_weight",
            Label("Patients it counts by", "Kaaluks patsiente"),
            plan.rows(weight, 0.0),
            "IF({scored}=1,IF({group_ok0}=1,{n0},{n}),0)",
            "count",
        ),
        Column(
            "indicator_points",
            Label("Points of the indicator", "Indikaatori punktid"),
            plan.rows(points.indicator),
            'IF(SUM({points_weight:row})>0,SUMPRODUCT({points:row},{points_weight:row})/SUM({points_weight:row}),"")',
            "decimal",
            "output",
        ),
        reason_column(book, plan, "points"),
    ]
    after = add_columns(book, sheet, plan, column, columns)
    block = book.block("levelled")
    first, last = column_letter(block.column), column_letter(block.column + block.columns - 1)
    cell = f"{first}{FIRST_ROW}"
    sheet.marks.append(Mark(f"{cell}:{last}{FIRST_ROW + plan.size - 1}", f"AND(ISNUMBER({cell}),{cell}=1)", "warn"))
    return after


def _best(plan: Plan) -> list[Column]:
    """Return the columns of the baseline's best group, then and now: only to show who gained by its fall."""
    found = plan.analysis
    place = found.best_before
    assert place is not None  # noqa: S101  (there is a baseline)
    columns = []
    for key, table, passed, end, label in (
        ("best_then", found.before, found.passed_before, "0", Label("Best group, then", "Parim rühm siis")),
        ("best_now", found.now, found.passed, "", Label("The same, now", "Sama nüüd")),
    ):
        assert table is not None  # noqa: S101
        assert passed is not None  # noqa: S101
        own = np.where(passed.group_ok, table.value, np.nan)
        taken = np.take_along_axis(own, np.maximum(place, 0)[:, :, None], axis=2)[:, :, 0]
        formula = f'IF({{best_no}}>0,INDEX({{value{end}:row}},{{best_no}}),"")'
        columns.append(Column(key, label, plan.rows(np.where(place >= 0, taken, np.nan)), formula))
    return columns


def _forfeit(plan: Plan, scored: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> list[Column]:
    """Return the columns of the rule that a fall of another group costs: the only ones that look at others."""
    found, points = plan.analysis, plan.analysis.points
    assert points is not None  # noqa: S101
    assert found.before is not None  # noqa: S101
    assert found.passed_before is not None  # noqa: S101
    named = plan.disadvantaged
    level = found.options.level
    change = difference(estimates(found.now, level), estimates(found.before, level))
    sign = found.now.sign[:, None]
    compared = found.passed.group_ok & found.passed_before.group_ok & ~named
    if plan.forfeit == "always":
        fell: Array = np.asarray(sign * (found.now.value - found.before.value) < -1e-9)
    else:
        fell = np.where(sign > 0, change.high < 0, change.low > 0)
    change_high = "{value}-{value0}+SQRT(({high}-{value})*({high}-{value})+({value0}-{low0})*({value0}-{low0}))"
    change_low = "{value}-{value0}-SQRT(({value}-{low})*({value}-{low})+({high0}-{value0})*({high0}-{value0}))"
    beyond = by_direction(plan, f"IF({change_high}<0,1,0)", f"IF({change_low}>0,1,0)")
    any_fall = f"IF({signed(plan)}({{value}}-{{value0}})<-{{guard}},1,0)"
    any_costs, costs = "{forfeit_any}=1", "{gained}=0"
    if plan.room is not None:
        word = "{forfeit}=INDEX({forfeit_words:all},1,%s)"
        any_costs, costs = word % "1+1+1", f"NOT({word % '1'}),{costs}"
    formula = f"IF(AND({{disadvantaged}}=0,{{group_ok}}=1,{{group_ok0}}=1),IF({any_costs},{any_fall},{beyond}),0)"
    return [
        Column(
            "fell",
            Label("Another group fell (1)", "Teine rühm langes (1)"),
            plan.rows(compared & (fell > 0), 0.0),
            formula,
            "count",
        ),
        Column(
            "forfeited",
            Label("Forfeited (1)", "Kaotatud (1)"),
            plan.rows(np.where(scored, points.forfeited, np.nan)),
            _scored(f"IF(AND({costs},{{group_ok0}}=1,SUM({{fell:row}})>0),1,0)"),
            "count",
        ),
    ]
