"""The lines in the efficiency charts: hurdles, cut-offs, frontier and trend, each from one end to the other."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from xl_qbs.sheets.efficiency.data_sheet import relative_cost
from xl_qbs.sheets.efficiency.plan import Plan
from xl_qbs.sheets.frame import FIRST_ROW, HEADING_ROW
from xl_qbs.sheets.model import Book, Label, Sheet

# The charts of a template reach so far on the z scale.
_OPEN_REACH = 4.0
# The ends of the axis of quality, and of that of cost performance.
_LEFT, _RIGHT = "-{reach_quality}", "{reach_quality}"
_BOTTOM, _TOP = "-{reach_cost}", "{reach_cost}"
_HURDLE = Label("Hurdle", "Lävi")
_CUT = Label("Cut-off", "Piir")
_COST_CLASS = Label("Cost class", "Kuluklass")


Side = Literal["quality", "cost"]


class Line(NamedTuple):
    """One line of a chart.

    Attributes:
        key: its blocks are ``line_KEY_1`` to ``line_KEY_4``.
        label: what it is.
        ends: x, x, y, y.
        formulas: of the four.
    """

    key: str
    label: Label
    ends: tuple[float, float, float, float]
    formulas: tuple[str, str, str, str]


class _Scale(NamedTuple):
    """The z scales of both axes: a block's value on them, and its formula."""

    plan: Plan
    book: Book

    def on(self, side: str, key: str) -> tuple[float, str]:
        """Return where a block's number lies on the z scale of quality or of cost performance."""
        values = self.plan.analysis.given.quality if side == "quality" else self.plan.analysis.performance
        value = (value_of(self.book, key) - values.mean()) / values.std(ddof=1)
        return float(value), f"IF({{{side}_sd}}>0,({{{key}}}-{{{side}_mean}})/{{{side}_sd}},0)"

    def upright(self, name: str, label: Label, key: str) -> Line:
        """Return a line straight up at a number of quality."""
        most = reach(self.plan, "cost")
        value, formula = self.on("quality", key)
        return Line(name, label, (value, value, -most, most), (formula, formula, _BOTTOM, _TOP))

    def level(self, name: str, label: Label, key: str) -> Line:
        """Return a level line at a number of cost performance."""
        most = reach(self.plan, "quality")
        value, formula = self.on("performance", key)
        return Line(name, label, (-most, most, value, value), (_LEFT, _RIGHT, formula, formula))


def reach(plan: Plan, side: Side) -> float:
    """Return how far an axis of z scores goes, either way: whole standard deviations."""
    z = plan.analysis.standardized
    if plan.room.open:
        return _OPEN_REACH
    return float(np.ceil(np.abs(z.quality if side == "quality" else z.cost).max()))


def add_lines(book: Book, sheet: Sheet, plan: Plan, column: int) -> None:
    """Add the ends of the lines in the charts: where from, where to."""
    heads: list[Label | str] = [Label("Line", "Joon"), "x", "x", "y", "y"]
    book.write(sheet, (HEADING_ROW, column), [heads], "heading")
    sheet.widths[column] = 22
    for row, line in enumerate(_lines(book, plan), start=FIRST_ROW):
        book.write(sheet, (row, column), [[line.label]], "text")
        for place, (value, formula) in enumerate(zip(line.ends, line.formulas, strict=True), start=1):
            shown = _without_data(formula, plan) if plan.empty else value
            book.add(
                sheet, f"line_{line.key}_{place}", (row, column + place), np.array([shown]), formula, format="share"
            )


def _without_data(formula: str, plan: Plan) -> float:
    """Return what an end of a line is without data: the ends of the axes are there, and all else is 0."""
    quality, cost = reach(plan, "quality"), reach(plan, "cost")
    return {_LEFT: -quality, _RIGHT: quality, _BOTTOM: -cost, _TOP: cost}.get(formula, 0.0)


def _lines(book: Book, plan: Plan) -> list[Line]:
    found = plan.analysis
    scale = _Scale(plan, book)
    lines = []
    if found.quality_hurdle is not None:
        lines.append(scale.upright("quality_hurdle", _HURDLE, "quality_hurdle_limit"))
    if found.cost_hurdle is not None:
        lines.append(scale.level("cost_hurdle", _HURDLE, "cost_hurdle_limit"))
    for letter, weight in zip("ab"[: len(found.unconditional)], found.options.quality_weights, strict=False):
        lines += [_slope(book, plan, letter, number, weight) for number in (1, 2)]
    if found.conditional:
        for number in (1, 2):
            quality = Label("Quality class", "Kvaliteediklass")
            lines.append(scale.upright(f"quality_cut_{number}", quality, f"quality_cut_{number}"))
            lines.append(scale.level(f"cost_cut_{number}", _COST_CLASS, f"cost_cut_{number}"))
        lines += _steps(plan, scale)
    if found.moments is not None:
        lines += [
            _fitted(book, plan, "least", Label("Least squares", "Vähimruudud"), ""),
            _fitted(book, plan, "frontier", Label("Frontier", "Rajajoon"), "frontier_shift"),
        ]
    return [*lines, _trend(plan)]


def _slope(book: Book, plan: Plan, letter: str, number: int, weight: float) -> Line:
    """Return the line of equal efficiency at a cut-off of the unconditional model."""
    most = reach(plan, "quality")
    key = f"eff_unconditional_{letter}_cut_{number}"
    cut = value_of(book, key)
    first, second = ((cut - weight * x) / (1 - weight) if weight < 1 else 0.0 for x in (-most, most))
    share = f"{{weight_{letter}}}"
    left, right = (f"IF({share}<1,({{{key}}}{sign}{share}*{{reach_quality}})/(1-{share}),0)" for sign in ("+", "-"))
    return Line(f"unconditional_{letter}_{number}", _CUT, (-most, most, first, second), (_LEFT, _RIGHT, left, right))


def _steps(plan: Plan, scale: _Scale) -> list[Line]:
    """Return the cut-offs of cost within each class of quality: level lines from class to class."""
    most = reach(plan, "quality")
    cuts = [scale.on("quality", f"quality_cut_{number}") for number in (1, 2)]
    edges = [(-most, _LEFT), *cuts, (most, _RIGHT)]
    lines = []
    for place, name in enumerate(("low", "average", "high")):
        for number in (1, 2):
            value, formula = scale.on("performance", f"{name}_cut_{number}")
            (left, left_formula), (right, right_formula) = edges[place], edges[place + 1]
            ends = left, right, value, value
            lines.append(Line(f"{name}_{number}", _COST_CLASS, ends, (left_formula, right_formula, formula, formula)))
    return lines


def _fitted(book: Book, plan: Plan, name: str, label: Label, above: str) -> Line:
    """Return the line of least squares, or one so far above it; across stands cost performance."""
    most = reach(plan, "cost")
    slope, base = value_of(book, "ols_slope"), value_of(book, "ols_intercept")
    up = value_of(book, above) if above else 0.0
    more = f"+{{{above}}}" if above else ""
    formulas = tuple(f"{{ols_intercept}}{more}{sign}{{ols_slope}}*{{reach_cost}}" for sign in "-+")
    ends = -most, most, base + up - slope * most, base + up + slope * most
    return Line(name, label, ends, (_BOTTOM, _TOP, formulas[0], formulas[1]))


def _trend(plan: Plan) -> Line:
    """Return the line of least squares of relative cost on quality (Exhibits 8 and 9)."""
    most = reach(plan, "quality")
    _, slope, middle = _trend_of(plan)
    formulas = tuple(f"{{trend_mean}}{sign}{{trend_slope}}*{{reach_quality}}" for sign in "-+")
    ends = -most, most, middle - slope * most, middle + slope * most
    return Line("trend", Label("Trend", "Trend"), ends, (_LEFT, _RIGHT, formulas[0], formulas[1]))


def _trend_of(plan: Plan) -> tuple[float, float, float]:
    """Return correlation, slope and mean of relative cost on the z score of quality."""
    x, y = plan.analysis.standardized.quality, relative_cost(plan)
    if np.isnan(y).all():
        return 0.0, 0.0, 0.0
    r = float(np.corrcoef(x, y)[0, 1])
    return r, r * float(y.std(ddof=1)), float(y.mean())


def add_trend(book: Book, sheet: Sheet, plan: Plan) -> None:
    """Add correlation, slope and mean of relative cost on quality, above the columns."""
    rows = (
        (
            "trend_correlation",
            Label("Correlation of cost with quality", "Kulu ja kvaliteedi korrelatsioon"),
            "CORREL({relative_cost:all},{z_quality:all})",
        ),
        (
            "trend_slope",
            Label("Change of relative cost for one z of quality", "Suhtelise kulu muutus kvaliteedi z kohta"),
            "{trend_correlation}*STDEV({relative_cost:all})",
        ),
        (
            "trend_mean",
            Label("Mean of relative cost", "Suhtelise kulu keskmine"),
            "AVERAGE({relative_cost:all})",
        ),
    )
    for row, ((key, label, formula), value) in enumerate(zip(rows, _trend_of(plan), strict=True), start=9):
        book.write(sheet, (row, 1), [[label]], "text")
        # Where quality or cost are the same for all there is no correlation; the checks tell of it.
        safe = f"IFERROR({formula},0)" if plan.room.open else formula
        guarded = f"IF(COUNT({{relative_cost:all}})>1,{safe},0)"
        book.add(sheet, key, (row, 2), np.array([0.0 if plan.empty else value]), guarded, format="share")


def value_of(book: Book, key: str) -> float:
    """Return the number in a block of one cell."""
    return float(book.block(key).values[0, 0])
