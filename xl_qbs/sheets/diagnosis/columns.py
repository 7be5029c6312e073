"""Sheets with a row a list or an indicator: each column with its heading, values and formula."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.frame import begin, texts
from xl_qbs.sheets.model import Block, Book, Format, Kind, Label, Sheet

GROUP_ROW, HEADING_ROW, FIRST_ROW = 5, 6, 7


class Column(NamedTuple):
    """One column, or several by the same formula.

    Attributes:
        key: the block's name.
        label: its heading, or one for each column.
        values: shape (N,) or (N, m).
        formula: its formula; None for stored values.
        kind: what the cells are.
        format: how numbers are shown.
    """

    key: str
    label: Label | str | Sequence[Label | str]
    values: Any
    formula: str | None = None
    kind: Kind = "calculation"
    format: Format = "count"


def begin_rows(
    book: Book, name: Label, title: Label, sentence: Label, first: Column, *, tab: str = "1F4E79", width: float = 26
) -> Sheet:
    """Add a sheet whose first column names its rows."""
    sheet = begin(book, name, title, sentence, tab)
    sheet.widths = {1: width}
    sheet.default_width = 11.0
    sheet.heights |= {HEADING_ROW: 64}
    sheet.freeze = f"B{FIRST_ROW}"
    sheet.scale = 70
    sheet.print_titles = f"$A:$A,${GROUP_ROW}:${HEADING_ROW}"
    add_columns(book, sheet, 1, [first])
    return sheet


def add_columns(
    book: Book,
    sheet: Sheet,
    column: int,
    columns: Sequence[Column],
    group: Label | None = None,
    *,
    first: int = FIRST_ROW,
) -> int:
    """Add columns from ``column`` on, under a group's name, and return the first column behind them.

    Args:
        book: the book.
        sheet: the sheet.
        column: where the first of them stands.
        columns: the columns.
        group: what stands above their headings.
        first: the row of the first list; headings stand in the one above.
    """
    if group is not None:
        book.write(sheet, (first - 2, column), [[group]], "label")
    for one in columns:
        values = one.values if isinstance(one.values, np.ndarray) else np.array(one.values, dtype=object)
        if values.dtype.kind in "biu":
            values = values.astype(float)
        grid = values.reshape(len(values), -1)
        labels = [one.label] if isinstance(one.label, (Label, str)) else list(one.label)
        book.write(sheet, (first - 1, column), [labels], "heading")
        book.add(sheet, one.key, (first, column), grid, one.formula, kind=one.kind, format=one.format)
        column += grid.shape[1]
    return column


def part(book: Book, key: str, block: str, column: int) -> None:
    """Let formulas see, as ``key``, one column of a block, from 0."""
    own = book.block(block)
    book.named[key] = Block(key, own.sheet, own.row, own.column + column, own.values[:, column : column + 1])


def shifted(book: Book, key: str, block: str, rows: int) -> None:
    """Let formulas see, as ``key``, what stands so many rows below the cells of a block."""
    own = book.block(block)
    book.named[key] = Block(key, own.sheet, own.row + rows, own.column, own.values)


def across(
    book: Book,
    sheet: Sheet,
    row: int,
    label: Label,
    key: str,
    values: Any,
    formula: str | None = None,
    *,
    kind: Kind = "calculation",
    format: Format = "share",  # noqa: A002  (as the model has it)
) -> None:
    """Add a row of numbers, one an indicator, behind their name in the first column."""
    book.write(sheet, (row, 1), [[label]], "text")
    grid = np.asarray(values).reshape(1, -1)
    book.add(sheet, key, (row, 2), grid, formula, kind=kind, format=format)


def named_across(book: Book, sheet: Sheet, row: int, names: Sequence[str], label: Label) -> None:
    """Head a table with a column an indicator."""
    book.write(sheet, (row, 1), [[label, *names]], "heading")
    sheet.heights[row] = 48


def table(
    book: Book, sheet: Sheet, row: int, title: Label, columns: Sequence[Column], note: Label | None = None
) -> int:
    """Add a table below its title, and return the first row behind it, one left free."""
    book.write(sheet, (row, 1), [[title]], "label")
    if note is not None:
        book.write(sheet, (row + 1, 1), [[note]], "note")
        row += 1
    sheet.heights[row + 1] = 62
    column, size = 1, 0
    for one in columns:
        values = one.values if isinstance(one.values, np.ndarray) else texts(one.values)
        if values.dtype.kind in "biu":
            values = values.astype(float)
        grid = values.reshape(len(values), -1)
        labels = [one.label] if isinstance(one.label, (Label, str)) else list(one.label)
        book.write(sheet, (row + 1, column), [labels], "heading")
        book.add(sheet, one.key, (row + 2, column), grid, one.formula, kind=one.kind, format=one.format)
        column, size = column + grid.shape[1], len(grid)
    return row + 2 + size + 1


def reach(column: int, columns: int) -> str:
    """Return the letters of a run of columns, such as ``B:L``."""
    return f"{column_letter(column)}:{column_letter(column + columns - 1)}"
