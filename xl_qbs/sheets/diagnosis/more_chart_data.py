"""What the charts of a diagnosis are drawn from, besides what those of every scoring run are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xl_qbs.scoring.table import Array
from xl_qbs.sheets.chart_data_sheet import OUTSIDE
from xl_qbs.sheets.diagnosis.columns import shifted
from xl_qbs.sheets.diagnosis.lists_sheet import lowest_drawn
from xl_qbs.sheets.diagnosis.plan import Plan
from xl_qbs.sheets.frame import FIRST_ROW, HEADING_ROW
from xl_qbs.sheets.model import Book, Label, Sheet

# More lines than this say no more.
MOST_LINES = 2500


def add_more_chart_data(book: Book, sheet: Sheet, plan: Plan) -> None:
    """Add the ends of lines, and what has no value put outside the charts, to the sheet of chart data."""
    column = sheet.last_column + 2
    if plan.profile is not None and plan.age is not None:
        column = _add_profile(book, sheet, plan, column)
    if plan.before is not None:
        column = _add_moves(book, sheet, plan, column)
    _add_lowest(book, sheet, plan, column)


def _add_lowest(book: Book, sheet: Sheet, plan: Plan, column: int) -> None:
    """Add the coverage of the lowest lists to draw; an axis takes an empty text for a place, not for nothing."""
    drawn = lowest_drawn(plan)
    mean = book.block("mean_coverage").values[:, 0].astype(float)
    shown = np.where((drawn == OUTSIDE) | np.isnan(mean), OUTSIDE, mean)
    head = Label("Mean coverage of the lowest lists, to draw", "Madalaimate keskmine hõlmatus, joonisele")
    book.write(sheet, (HEADING_ROW, column), [[head]], "heading")
    formula = "IF(AND({is_lowest}=1,ISNUMBER({mean_coverage})),{mean_coverage},{outside})"
    book.add(sheet, "lowest_coverage_drawn", (FIRST_ROW, column), shown, formula, format="share")


def _add_profile(book: Book, sheet: Sheet, plan: Plan, column: int) -> int:
    assert plan.profile is not None  # noqa: S101  (asked for)
    assert plan.age is not None  # noqa: S101
    heads = [
        Label("Mean age, to draw", "Keskmine vanus, joonisele"),
        Label("Burden, to draw", "Koormus, joonisele"),
    ]
    book.write(sheet, (HEADING_ROW, column), [heads], "heading")
    known: NDArray[np.bool_] = ~np.isnan(plan.age) & ~np.isnan(plan.need)
    for place, (key, values) in enumerate((("age", plan.age), ("need", plan.need))):
        shown = np.where(known, values, OUTSIDE)
        formula = f"IF(ISNUMBER({{{key}_known}}),{{{key}}},{{outside}})"
        book.add(sheet, f"draw_{key}", (FIRST_ROW, column + place), shown, formula, format="share")
    column += 3
    ages, burdens = plan.age[known], plan.need[known]
    book.write(sheet, (HEADING_ROW - 1, column), [[Label("Limits of the profile", "Profiili piirid")]], "label")
    book.write(sheet, (HEADING_ROW, column), [["x", "x", "y", "y"]], "heading")
    middle, risk = plan.profile.age_limit, plan.profile.burden_limit
    lines: list[tuple[str, list[float], list[str]]] = [
        ("age_line", [middle, middle, 0.0, float(burdens.max())],
         ["{age_limit}", "{age_limit}", "0", "MAX({need_known:all})"]),
        ("burden_line", [float(ages.min()), float(ages.max()), risk, risk],
         ["MIN({age_known:all})", "MAX({age_known:all})", "{burden_limit}", "{burden_limit}"]),
    ]  # fmt: skip
    for row, (key, ends, formulas) in enumerate(lines):
        for place, (value, formula) in enumerate(zip(ends, formulas, strict=True)):
            at = (FIRST_ROW + row, column + place)
            book.add(sheet, f"{key}_{place}", at, np.array([value]), formula, format="share")
    return column + 5


def _add_moves(book: Book, sheet: Sheet, plan: Plan, column: int) -> int:
    """Add current scores in both years, those who rose apart from the others, and the 45-degree line.

    Returns the first column behind them.
    """
    assert plan.before is not None  # noqa: S101  (asked for)
    first, second = moves_of(plan)
    known = ~np.isnan(first)
    heads = [
        Label("Current score last year", "Kehtiv skoor eelmisel aastal"),
        Label("This year: rose", "See aasta: tõusis"),
        Label("This year: fell or stayed", "See aasta: langes või jäi"),
    ]
    book.write(sheet, (HEADING_ROW, column), [heads], "heading")
    rose = known & (second > np.where(known, first, 0.0))
    columns: list[tuple[str, Array, str]] = [
        ("moves_x", np.where(known, first, OUTSIDE), "IF(ISNUMBER({two_last_current}),{two_last_current},{outside})"),
        ("moves_up", np.where(rose, second, OUTSIDE),
         "IF(ISNUMBER({two_last_current}),IF({current_score}>{two_last_current},{current_score},{outside}),{outside})"),
        ("moves_down", np.where(known & ~rose, second, OUTSIDE),
         "IF(ISNUMBER({two_last_current}),IF({current_score}>{two_last_current},{outside},{current_score}),{outside})"),
    ]  # fmt: skip
    for place, (key, values, formula) in enumerate(columns):
        book.add(sheet, key, (FIRST_ROW, column + place), values, formula, format="score")
    column += 3
    column = _add_paths(book, sheet, plan, column) + 1
    most = most_of(plan)
    book.write(sheet, (HEADING_ROW, column), [["x = y", "x = y"]], "heading")
    for place, (key, value, formula) in enumerate(
        (("diagonal_0", 0.0, "0"), ("diagonal_1", most, "MAX({total},{current_score:all},{two_last_current:all})"))
    ):
        book.add(sheet, key, (FIRST_ROW, column + place), np.array([value]), formula, format="score")
    return column + 3


# Lists that rose, fell and stayed are drawn in turn.
KINDS = {"rose": 1.0, "fell": -1.0, "same": 0.0}


def _add_paths(book: Book, sheet: Sheet, plan: Plan, column: int) -> int:
    """Add the lines of Figure 2, and return the first column behind them.

    A chart has room for 255 series, not for one a list. So those that rose are one line that goes from year to year
    and back, and along the edge to the next list; likewise those that fell, and those that stayed.
    """
    first, second = moves_of(plan)
    known = ~np.isnan(first)
    kind = np.where(known, np.sign(second - np.where(known, first, 0.0)), OUTSIDE)
    book.write(sheet, (HEADING_ROW, column), [[Label("Rose 1, fell -1, stayed 0", "Tõusis 1, langes -1, jäi 0")]],
               "heading")  # fmt: skip
    formula = "IF(ISNUMBER({two_last_current}),SIGN({current_score}-{two_last_current}),{outside})"
    book.add(sheet, "move_kind", (FIRST_ROW, column), kind, formula, format="count")
    lists = min(plan.lists, MOST_LINES)
    column += 1
    heads = [Label("Line: list", "Joon: nimistu"), Label("Which end", "Kumb ots")]
    book.write(sheet, (HEADING_ROW, column), [heads], "heading")
    rows = np.arange(2 * lists)
    book.add(sheet, "path_list", (FIRST_ROW, column), rows // 2 + 1.0, format="count")
    book.add(sheet, "path_end", (FIRST_ROW, column + 1), rows % 2 + 1.0, format="count")
    column += 2
    for name, value in KINDS.items():
        x, y = _path(first[:lists], second[:lists], kind[:lists] == value)
        book.write(sheet, (HEADING_ROW, column), [[f"x: {name}", f"y: {name}"]], "heading")
        wanted = {1.0: "=1", -1.0: "=0-1", 0.0: "=0"}[value]
        ours = f"INDEX({{move_kind:all}},{{path_list}},1){wanted}"
        # What stands above the first row is a heading.
        before = f"IF(AND({{path_list}}=1,{{path_end}}=1),%s,{{path_{name}_%s_before}})"
        x_before, y_before = before % ("1", "x"), before % ("0", "y")
        turned = f"IF({{path_end}}=1,{x_before},IF({ours},1+1+1-{x_before},{x_before}))"
        score = (
            f"IF({{path_{name}_x}}=1,INDEX({{two_last_current:all}},{{path_list}},1),"
            "INDEX({current_score:all},{path_list},1))"
        )
        book.add(sheet, f"path_{name}_x", (FIRST_ROW, column), x, turned, format="count")
        book.add(sheet, f"path_{name}_y", (FIRST_ROW, column + 1), y, f"IF({ours},{score},{y_before})", format="score")
        for axis in ("x", "y"):
            shifted(book, f"path_{name}_{axis}_before", f"path_{name}_{axis}", -1)
        column += 2
    return column


def _path(first: Array, second: Array, ours: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Return the line through two scores of each list that is meant, the others left out."""
    xs, ys = [], []
    x, y = 1.0, 0.0
    for one, other, mine in zip(first.tolist(), second.tolist(), ours.tolist(), strict=True):
        for end in (1, 2):
            if mine and end == 2:
                x = 3.0 - x
            if mine:
                y = one if x == 1 else other
            xs.append(x)
            ys.append(y)
    return np.array(xs), np.array(ys)


def moves_of(plan: Plan) -> tuple[Array, Array]:
    """Return the current scores of last year, NaN for lists that were not there, and of this year, shape (N,)."""
    assert plan.before is not None  # noqa: S101  (asked for)
    before = plan.before.run.result
    earlier = dict(zip(before.table.providers, before.current.total.tolist(), strict=True))
    first = np.array([earlier.get(one, np.nan) for one in plan.result.table.providers])
    return first, plan.result.current.total


def most_of(plan: Plan) -> float:
    """Return the largest current score there is or could be in either year."""
    first, second = moves_of(plan)
    return float(max(plan.result.scheme.total, np.nanmax(first), second.max()))
