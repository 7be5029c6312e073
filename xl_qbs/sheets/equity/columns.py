"""Columns with a row a provider and indicator: one column, or one for each group under a common heading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.equity.plan import Plan
from xl_qbs.sheets.frame import begin, texts
from xl_qbs.sheets.model import Block, Book, Format, Kind, Label, Sheet

GROUP_ROW, HEADING_ROW, FIRST_ROW = 5, 6, 7
# So many characters stand side by side on a page, the columns on its left that are repeated among them.
_PAGE = 204.0
# Sentences need more room than numbers.
_WIDE = 34.0


class Column(NamedTuple):
    """One column, or one for each group.

    Attributes:
        key: the block's name.
        label: its heading.
        values: a value a row, shape (R,), or also a column a group, shape (R, G); NaN shows nothing.
        formula: its formula; None for stored values.
        format: how numbers are shown.
        kind: what the cells are.
        heads: headings of several columns; the groups' names if empty.
    """

    key: str
    label: Label
    values: NDArray[Any]
    formula: str | None = None
    format: Format = "share"
    kind: Kind = "calculation"
    heads: tuple[str, ...] = ()


def begin_rows(book: Book, plan: Plan, name: Label, title: Label, sentence: Label, *, tab: str = "1F4E79") -> Sheet:
    """Add a sheet with a row a provider and indicator, and its first two columns."""
    sheet = begin_table(book, name, title, sentence, tab)
    key = f"shown_{len(book.sheets)}"
    heads = [Label("Provider", "Osutaja"), Label("Indicator", "Indikaator")]
    book.write(sheet, (HEADING_ROW, 1), [heads], "heading")
    for column, (part, names) in enumerate((("provider", plan.providers), ("indicator", plan.indicators)), start=1):
        shown = provider_rows(plan) if column == 1 else indicator_rows(plan)
        linked = f"{part}_rows" in book.named
        where = f"{key}_{part}" if linked else f"{part}_rows"
        formula = f'{{{part}_rows}}&""' if linked else None
        kind: Kind = "calculation" if linked else "label"
        book.add(sheet, where, (FIRST_ROW, column), shown, formula, kind=kind, format="text")
        assert len(names) > 0  # noqa: S101  (a table has providers and indicators)
    return sheet


def begin_table(book: Book, name: Label, title: Label, sentence: Label, tab: str) -> Sheet:
    """Add a sheet laid out for many rows."""
    sheet = begin(book, name, title, sentence, tab)
    sheet.widths = {1: 26, 2: 14}
    sheet.default_width = 11.5
    sheet.heights |= {HEADING_ROW: 48}
    sheet.freeze = f"C{FIRST_ROW}"
    sheet.scale = 68
    sheet.print_titles = f"$A:$B,${GROUP_ROW}:${HEADING_ROW}"
    return sheet


def provider_rows(plan: Plan) -> NDArray[np.object_]:
    """Return the provider of each row."""
    return texts([one for _ in plan.indicators for one in plan.providers])


def indicator_rows(plan: Plan) -> NDArray[np.object_]:
    """Return the indicator of each row."""
    return texts([one for one in plan.indicators for _ in plan.providers])


def add_columns(book: Book, sheet: Sheet, plan: Plan, column: int, columns: Sequence[Column]) -> int:
    """Add columns from ``column`` on, and return the first column behind them."""
    for one in columns:
        values = np.asarray(one.values)
        if values.dtype.kind in "biu":
            values = values.astype(np.float64)
        many = values.ndim == 2
        width = values.shape[1] if many else 1
        if one.format == "text" and not many:
            sheet.widths[column] = _WIDE
        keep_together(sheet, column, width)
        if many:
            heads = list(one.heads or plan.groups)
            book.write(sheet, (GROUP_ROW, column), [[one.label]], "group")
            book.write(sheet, (HEADING_ROW, column), [heads], "heading")
            if width > 1:
                sheet.merges.append(
                    f"{column_letter(column)}{GROUP_ROW}:{column_letter(column + width - 1)}{GROUP_ROW}"
                )
        else:
            book.write(sheet, (HEADING_ROW, column), [[one.label]], "heading")
        book.add(sheet, one.key, (FIRST_ROW, column), values, one.formula, kind=one.kind, format=one.format)
        column += width
    return column


def finish(sheet: Sheet, plan: Plan, last: int) -> None:
    """Add filter buttons over the columns up to ``last``."""
    sheet.filter = f"A{HEADING_ROW}:{column_letter(last)}{FIRST_ROW + plan.size - 1}"


def keep_together(sheet: Sheet, column: int, width: int) -> None:
    """End the page before columns that would not all be on it."""
    repeated = 1 if sheet.print_titles.startswith("$A:$A,") else 2
    start = sheet.breaks[-1] + 1 if sheet.breaks else repeated + 1
    taken = [*range(1, repeated + 1), *range(start, column + width)]
    if column > start and sum(sheet.widths.get(one, sheet.default_width) for one in taken) > _PAGE:
        sheet.breaks.append(column - 1)


def by_indicator(book: Book, plan: Plan, key: str) -> None:
    """Make the rows of each indicator in a block known as blocks of their own, named ``KEY__0`` and so on."""
    block = book.block(key)
    size = len(plan.providers)
    for i in range(len(plan.indicators)):
        name = f"{key}__{i}"
        part = block.values[i * size : (i + 1) * size]
        book.named[name] = Block(name, block.sheet, block.row + i * size, block.column, part)


def of_indicator(key: str) -> str:
    """Return the formula of a number of the row's indicator, from a block with a row an indicator."""
    return f"INDEX({{{key}:all}},{{ind_no}})"


def of_group(key: str) -> str:
    """Return the formula of a number of the row's indicator and the column's group."""
    return f"INDEX({{{key}:column}},{{ind_no}})"
