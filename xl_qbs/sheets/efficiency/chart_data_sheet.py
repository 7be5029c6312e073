"""The sheet of numbers that the efficiency charts are drawn from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xl_qbs.scoring.table import Array
from xl_qbs.sheets.chart_data_sheet import OUTSIDE
from xl_qbs.sheets.efficiency.chart_lines import Side, add_lines, add_trend, reach
from xl_qbs.sheets.efficiency.columns import Column, add_columns, begin_rows
from xl_qbs.sheets.efficiency.data_sheet import relative_cost
from xl_qbs.sheets.efficiency.plan import CHART_DATA, Plan
from xl_qbs.sheets.frame import FIRST_ROW, HEADING_ROW
from xl_qbs.sheets.model import Book, Label, Sheet

_BINS = 24
CLASS_WORDS = (Label("low", "madal"), Label("average", "keskmine"), Label("high", "kõrge"))
PASS_WORDS = (Label("fail", "ei läbi"), Label("pass", "läbib"))


def add_chart_data(book: Book, plan: Plan) -> Sheet:
    """Add the sheet that the charts are drawn from; the sheet of results must stand already."""
    sheet = begin_rows(
        book,
        plan,
        CHART_DATA,
        Label("What the charts are drawn from", "Millest joonised on tehtud"),
        Label(
            "Formulas on the other sheets' results. What has no value is put far outside the charts.",
            "Valemid teiste lehtede tulemustest. Väärtuseta kohad on joonisest kaugel väljas.",
        ),
        tab="7F7F7F",
    )
    labels = [
        Label("Outside the chart", "Väljaspool joonist"),
        Label("Reach of the axis of quality", "Kvaliteedi telje ulatus"),
        Label("Reach of the axis of cost performance", "Kulutulemuse telje ulatus"),
    ]
    book.write(sheet, (6, 1), [[label] for label in labels], "text")
    book.add(sheet, "outside", (6, 2), np.array([OUTSIDE]), kind="input")
    book.add(sheet, "reach_quality", (7, 2), np.array([reach(plan, "quality")]), kind="input")
    book.add(sheet, "reach_cost", (8, 2), np.array([reach(plan, "cost")]), kind="input")
    column = _add_points(book, sheet, plan, 2)
    sheet.breaks.append(column - 1)
    column = _add_histogram(book, sheet, plan, column + 1, "quality")
    column = _add_histogram(book, sheet, plan, column + 1, "cost")
    add_trend(book, sheet, plan)
    add_lines(book, sheet, plan, column + 1)
    return sheet


def _drawn(key: str, label: Label, values: Array, formula: str, when: str = "") -> Column:
    """Return a column to draw: outside the chart where there is no value or a condition does not hold."""
    test = f"AND(ISNUMBER({formula}),{when})" if when else f"ISNUMBER({formula})"
    shown = np.where(np.isnan(values), OUTSIDE, values)
    return Column(key, label, shown, f"IF({test},{formula},{{outside}})", guard=False, empty=OUTSIDE)


def _parts(key: str, y: tuple[str, Array], by: str, classes: Array, words: Sequence[Label]) -> list[Column]:
    """Return a column for each class of providers: the value where they are in it, else outside."""
    columns = []
    for number, word in enumerate(words):
        wanted = "+".join(["1"] * number) or "0"
        # An empty text is no number: a row without a class is in none.
        columns.append(
            _drawn(
                f"{key}_{number}",
                word,
                np.where(classes == number, y[1], np.nan),
                f"{{{y[0]}}}",
                f"ISNUMBER({{{by}}}),{{{by}}}={wanted}",
            )
        )
    return columns


def _add_points(book: Book, sheet: Sheet, plan: Plan, column: int) -> int:
    found = plan.analysis
    z = found.standardized
    cost = "z_cost", z.cost
    column = add_columns(
        book,
        sheet,
        plan,
        column,
        [
            _drawn("x_quality", Label("z of quality", "kvaliteedi z"), z.quality, "{z_quality}"),
            _drawn("x_cost", Label("z of cost performance", "kulutulemuse z"), z.cost, "{z_cost}"),
            _drawn("y_quality", Label("z of quality", "kvaliteedi z"), z.quality, "{z_quality}"),
            _drawn(
                "y_relative_cost",
                Label("Cost, mean = 1", "Kulu, keskmine = 1"),
                relative_cost(plan),
                "{relative_cost}",
            ),
        ],
        Label("All providers", "Kõik osutajad"),
    )
    hurdles = (("quality_hurdle", found.quality_hurdle), ("cost_hurdle", found.cost_hurdle))
    for key, hurdle in hurdles:
        if hurdle is not None:
            label = (
                Label("Quality hurdle", "Kvaliteedilävi")
                if key == "quality_hurdle"
                else Label("Cost hurdle", "Kululävi")
            )
            parts = _parts(f"draw_{key}", cost, f"{key}_passed", hurdle.passed.astype(float), PASS_WORDS)
            column = add_columns(book, sheet, plan, column, parts, label)
    for letter in "ab"[: len(found.unconditional)]:
        key = f"unconditional_{letter}"
        classes = _classes(book, plan, key)
        label = Label(f"Unconditional {letter.upper()}", f"Tingimusteta {letter.upper()}")
        parts = _parts(f"draw_{key}", cost, f"class_{key}", classes, CLASS_WORDS)
        column = add_columns(book, sheet, plan, column, parts, label)
    for key, one, by in zip(
        ("conditional_overall", "conditional_within"),
        found.conditional,
        ("cost_class", "cost_class_within"),
        strict=False,
    ):
        label = Label("Conditional", "Tingimuslik")
        parts = _parts(f"draw_{key}", cost, by, one.cost_class.astype(float), CLASS_WORDS)
        column = add_columns(book, sheet, plan, column, parts, label)
    return column


def _classes(book: Book, plan: Plan, key: str) -> Array:
    """Return the classes of a column of the results, for the providers that there are."""
    block = book.block(f"class_{key}")
    values = block.values[: len(plan.providers), 0]
    return np.array([float(value) if isinstance(value, float) else np.nan for value in values])


def _add_histogram(book: Book, sheet: Sheet, plan: Plan, column: int, side: Side) -> int:
    """Add how many providers lie in each step of the z scale of quality or cost performance (Exhibit 2)."""
    z = plan.analysis.standardized
    values, key = (z.quality, "z_quality") if side == "quality" else (z.cost, "z_cost")
    most = reach(plan, side)
    width = 2 * most / _BINS
    numbers = np.arange(1.0, _BINS + 1)
    lower = -most + (numbers - 1) * width
    counted = Label("Providers: quality", "Osutajaid: kvaliteet")
    if side == "cost":
        counted = Label("Providers: cost performance", "Osutajaid: kulutulemus")
    book.write(
        sheet, (HEADING_ROW, column), [[Label("Bin", "Klass"), Label("From (z)", "Alates (z)"), counted]], "heading"
    )
    book.write(sheet, (HEADING_ROW - 3, column), [[Label("Bins", "Klasse"), Label("Width", "Laius")]], "text")
    book.add(sheet, f"bins_{side}", (HEADING_ROW - 2, column), np.array([float(_BINS)]), kind="input")
    formula = f"(1+1)*{{reach_{side}}}/{{bins_{side}}}"
    book.add(sheet, f"bin_width_{side}", (HEADING_ROW - 2, column + 1), np.array([width]), formula, format="share")
    book.add(sheet, f"bin_no_{side}", (FIRST_ROW, column), numbers)
    formula = f"({{bin_no_{side}}}-1)*{{bin_width_{side}}}-{{reach_{side}}}"
    book.add(sheet, f"bin_lower_{side}", (FIRST_ROW, column + 1), lower, formula, format="decimal")
    # The first and the last bin hold what lies beyond them, too.
    edges = np.concatenate(([-np.inf], lower[1:] - _EDGE, [np.inf]))
    inside = np.histogram(values, edges)[0].astype(float)
    if plan.empty:
        inside = np.zeros(_BINS)
    low = _below(key, f"{{bin_lower_{side}}}")
    high = _below(key, f"{{bin_lower_{side}}}+{{bin_width_{side}}}")
    number = f"{{bin_no_{side}}}"
    formula = f"IF({number}=1,{high},IF({number}={{bins_{side}}},{{lists}}-{low},{high}-{low}))"
    book.add(sheet, f"bin_{key}", (FIRST_ROW, column + 2), inside, formula, format="count")
    return column + 3


# A z score this near to the edge of a bin is at it, whatever its last bits.
_EDGE = 1e-9


def _below(key: str, limit: str) -> str:
    """Return a formula for how many z scores lie below a limit; an empty text is above every number."""
    return f"SUMPRODUCT(--({{{key}:all}}<{limit}-{{cut_guard}}))"
