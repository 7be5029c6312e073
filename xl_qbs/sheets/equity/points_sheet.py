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
    by_indicator,
    finish,
    of_group,
)
from xl_qbs.sheets.equity.columns import of_indicator as of
from xl_qbs.sheets.equity.plan import POINTS, Plan
from xl_qbs.sheets.equity.within_sheet import reason_column
from xl_qbs.sheets.model import Book, Label, Mark, Sheet

_WHOLE = "{steps}=INDEX({steps_words:all},1,1)"
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
    strength, mean = of_group("frozen_strength"), of_group("p_mean0")
    done = f"{{n{end}}}*{{mean{end}}}"
    return f"IF({_ADJUSTED},({done}+{strength}*{mean})/({{n{end}}}+{strength}),{{value{end}}})"


def _add_values(book: Book, sheet: Sheet, plan: Plan) -> int:
    """Add what points are for: values now and in the baseline, and what is asked."""
    found = plan.analysis
    before, rules = found.before, found.options.incentive
    assert before is not None  # noqa: S101  (there are points)
    assert rules is not None  # noqa: S101
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
    rose = f"{of('sign')}*({{value}}-{{value0}})>{{guard}}"
    columns = [
        Column("asked_threshold", Label("Threshold", "Lävi"), plan.rows(targets[0]), of("threshold"), "share", "link"),
        Column("asked_goal", Label("Benchmark", "Siht"), plan.rows(targets[1]), of("goal"), "share", "link"),
        Column(
            "scored",
            Label("Scored (1)", "Hinnatud (1)"),
            plan.rows(scored),
            "IF(AND({disadvantaged}=1,{group_ok}=1),1,0)",
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
    rules = plan.analysis.options.incentive
    assert rules is not None  # noqa: S101  (there are points)
    named = np.array([one in rules.disadvantaged for one in plan.groups])
    return np.asarray(plan.analysis.passed.group_ok & named)


def _guard(book: Book) -> float:
    return float(book.block("guard").values[0, 0])


def _add_awarded(book: Book, sheet: Sheet, plan: Plan, column: int) -> int:
    """Add achievement, improvement and points, and what stands beside them."""
    points, found = plan.analysis.points, plan.analysis
    assert points is not None  # noqa: S101
    assert found.before is not None  # noqa: S101
    assert found.passed_before is not None  # noqa: S101
    scored = _scored_cells(plan)
    sign = of("sign")
    reached = "({y}-{asked_threshold})/({asked_goal}-{asked_threshold})"
    rounded = f"INT({{below_benchmark}}*{reached}+{{half}}+{{half}}+{{guard}})"
    achieved = (
        f"IF({_WHOLE},IF({sign}*({{y}}-{{asked_goal}})+{{guard}}>=0,{{most_points}},"
        f"IF({sign}*({{y}}-{{asked_threshold}})+{{guard}}>=0,MIN({{below_benchmark}},MAX(1,{rounded})),0)),"
        f"{{most_points}}*MIN(1,MAX(0,{reached})))"
    )
    way = "({y}-{y0})/({asked_goal}-{y0})"
    improved = (
        f"IF({{gained}}=1,IF({sign}*({{asked_goal}}-{{y0}})>{{guard}},"
        f"IF({_WHOLE},MIN({{below_benchmark}},MAX(0,INT({{most_points}}*{way}-{{half}}+{{half}}+{{guard}}))),"
        f"{{most_points}}*MIN(1,MAX(0,{way}))),0),0)"
    )
    best0, best = "INDEX({value0:row},{best_no})", "INDEX({value:row},{best_no})"
    narrowed = f"AND({sign}*({{value0}}-{best0})<-{{guard}},ABS({{value}}-{best})<ABS({{value0}}-{best0})-{{guard}})"
    levelled = (
        f"IF({{gained}}=1,0,IF({{group_ok0}}=1,IF(ISNUMBER({best0}),IF(ISNUMBER({best}),IF({narrowed},1,0),0),0),0))"
    )
    strength = of_group("frozen_strength")
    plain = of_group("p_strength0")
    trust = f"IF({_ADJUSTED},{{n}}/({{n}}+{strength}),IF(ISNUMBER({plain}),{{n}}/({{n}}+{plain}),0))"
    better = "MAX({achievement},{improvement})"
    weight = np.where(scored, np.where(found.passed_before.group_ok, found.before.patients, found.now.patients), 0.0)
    columns = [
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
    if found.options.incentive is not None and found.options.incentive.forfeit != "never":
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
            plan.rows(weight),
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


def _forfeit(plan: Plan, scored: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> list[Column]:
    """Return the columns of the rule that a fall of another group costs: the only ones that look at others."""
    found, points = plan.analysis, plan.analysis.points
    assert points is not None  # noqa: S101
    assert found.before is not None  # noqa: S101
    assert found.passed_before is not None  # noqa: S101
    assert found.options.incentive is not None  # noqa: S101
    named = np.array([one in found.options.incentive.disadvantaged for one in plan.groups])
    level = found.options.level
    change = difference(estimates(found.now, level), estimates(found.before, level))
    sign = found.now.sign[:, None]
    compared = found.passed.group_ok & found.passed_before.group_ok & ~named
    if found.options.incentive.forfeit == "always":
        fell: Array = np.asarray(sign * (found.now.value - found.before.value) < -1e-9)
    else:
        fell = np.where(sign > 0, change.high < 0, change.low > 0)
    own = of("sign")
    change_high = "{value}-{value0}+SQRT(({high}-{value})*({high}-{value})+({value0}-{low0})*({value0}-{low0}))"
    change_low = "{value}-{value0}-SQRT(({value}-{low})*({value}-{low})+({high0}-{value0})*({high0}-{value0}))"
    beyond = f"IF({own}>0,IF({change_high}<0,1,0),IF({change_low}>0,1,0))"
    any_fall = f"IF({own}*({{value}}-{{value0}})<-{{guard}},1,0)"
    formula = f"IF(AND({{disadvantaged}}=0,{{group_ok}}=1,{{group_ok0}}=1),IF({{forfeit_any}}=1,{any_fall},{beyond}),0)"
    return [
        Column(
            "fell",
            Label("Another group fell (1)", "Teine rühm langes (1)"),
            plan.rows(compared & (fell > 0)),
            formula,
            "count",
        ),
        Column(
            "forfeited",
            Label("Forfeited (1)", "Kaotatud (1)"),
            plan.rows(np.where(scored, points.forfeited, np.nan)),
            _scored("IF(AND({gained}=0,{group_ok0}=1,SUM({fell:row})>0),1,0)"),
            "count",
        ),
    ]
