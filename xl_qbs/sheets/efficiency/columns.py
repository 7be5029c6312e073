"""Columns with a row a provider: heading, values, and a formula that stays empty where there is no provider."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xl_qbs.scoring.ranks import rank
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.efficiency.plan import Plan
from xl_qbs.sheets.frame import FIRST_ROW, HEADING_ROW, begin, texts
from xl_qbs.sheets.model import Book, Format, Kind, Label, Sheet

GROUP_ROW = 5
# Numbers about a whole column stand above its heading, from this row on.
ABOVE_ROW = 6


class Column(NamedTuple):
    """One column.

    Attributes:
        key: the block's name.
        label: its heading.
        values: a value for each provider; NaN shows nothing.
        formula: its formula; None for stored values.
        kind: what the cells are.
        format: how numbers are shown.
        guard: whether the formula needs a provider whose data are complete.
        empty: what stands in a row without a provider; nothing if None.
    """

    key: str
    label: Label
    values: ArrayLike
    formula: str | None = None
    kind: Kind = "calculation"
    format: Format = "share"
    guard: bool = True
    empty: float | None = None


class Above(NamedTuple):
    """One number about a column, in a row above its heading.

    Attributes:
        row: from `ABOVE_ROW` on.
        key: the block's name.
        value: the number.
        formula: its formula.
        format: how it is shown.
    """

    row: int
    key: str
    value: float
    formula: str
    format: Format = "share"


def begin_rows(book: Book, plan: Plan, name: Label, title: Label, sentence: Label, *, tab: str = "1F4E79") -> Sheet:
    """Add a sheet with a row a provider, and its first column."""
    sheet = begin(book, name, title, sentence, tab)
    sheet.widths = {1: 26}
    sheet.default_width = 12.5
    sheet.heights |= {HEADING_ROW: 64}
    sheet.freeze = f"B{FIRST_ROW}"
    sheet.scale = 70
    sheet.print_titles = f"$A:$A,${GROUP_ROW}:${HEADING_ROW}"
    book.write(sheet, (HEADING_ROW, 1), [[Label("Provider", "Osutaja")]], "heading")
    shown = plan.room.by_list(texts(plan.providers))
    key = f"provider_{len(book.sheets)}"
    book.add(sheet, key, (FIRST_ROW, 1), shown, '{provider}&""', kind="calculation", format="text")
    return sheet


def add_columns(
    book: Book, sheet: Sheet, plan: Plan, column: int, columns: Sequence[Column], group: Label | None = None
) -> int:
    """Add columns from ``column`` on, under a group's name, and return the first column behind them."""
    if group is not None:
        book.write(sheet, (GROUP_ROW, column), [[group]], "group")
        if len(columns) > 1:
            right = column_letter(column + len(columns) - 1)
            sheet.merges.append(f"{column_letter(column)}{GROUP_ROW}:{right}{GROUP_ROW}")
    book.write(sheet, (HEADING_ROW, column), [[one.label for one in columns]], "heading")
    for place, one in enumerate(columns, start=column):
        book.add(
            sheet,
            one.key,
            (FIRST_ROW, place),
            rows_of(plan, one.values, one.empty),
            guarded(plan, one.formula) if one.guard else one.formula,
            kind=one.kind,
            format=one.format,
        )
    return column + len(columns)


def add_above(book: Book, sheet: Sheet, column: int, numbers: Sequence[Above]) -> None:
    """Add numbers about a column above its heading."""
    for one in numbers:
        book.add(sheet, one.key, (one.row, column), np.array([one.value]), one.formula, format=one.format)


def guarded(plan: Plan, formula: str | None) -> str | None:
    """Return a formula that is empty in a row without a provider or without complete data."""
    return f'IF({{present}}=1,{formula},"")' if formula is not None and plan.room.open else formula


def rows_of(plan: Plan, values: ArrayLike, empty: float | None = None) -> NDArray[Any]:
    """Return values with as many rows as there is room for; rows without a provider hold ``empty``."""
    given = np.asarray(values)
    if given.dtype.kind in "biu":
        given = given.astype(np.float64)
    if plan.empty:
        given = np.full(len(given), np.nan if empty is None else empty)
    return plan.room.by_list(given, empty)


def order_columns(plan: Plan, key: str, values: Array, label: Label) -> Column:
    """Return the column of values from the best down, where a provider's rank is looked up."""
    ordered = np.sort(values)[::-1]
    formula = f"LARGE({{{key}:all}},{{order_no}})"
    if plan.room.open:
        formula = f'IF({{order_no}}<=COUNT({{{key}:all}}),{formula},"")'
    return Column(f"{key}_order", label, ordered, formula, guard=False)


def rank_column(key: str, values: Array, label: Label, *, kind: Kind = "calculation") -> Column:
    """Return the column of ranks: where the value stands first among those from the best down."""
    formula = f"MATCH({{{key}}},{{{key}_order:all}},0)"
    return Column(f"{key}_rank", label, rank(values), formula, kind, "count")
