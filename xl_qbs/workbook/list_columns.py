"""A column of numbers beside the counts of a fund's table, such as list size or mean age."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from xl_qbs.errors import DataError, Finding, TableNotFoundError, WorkbookError
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.model import SourceBlock
from xl_qbs.workbook.fund_table import FundTable
from xl_qbs.workbook.grid import Grid, cell_name
from xl_qbs.workbook.input_file import InputFile
from xl_qbs.workbook.named_headings import compared
from xl_qbs.workbook.named_table import some


class ListColumn(NamedTuple):
    """A number a list.

    Attributes:
        heading: the heading as the sheet has it.
        values: in the table's order, NaN where the cell is blank, shape (N,).
        column: the column, from 1.
    """

    heading: str
    values: Array
    column: int


def read_list_column(table: FundTable, heading: str) -> ListColumn:
    """Read a column of the sheet that a table was read from.

    Args:
        table: a table that `xl_qbs.workbook.read.read_workbook` read.
        heading: the column's heading, upper and lower case and spaces alike.

    Raises:
        TableNotFoundError: no heading reads so, or more than one column's does.
        DataError: cells that are no numbers from 0; carries every one.
        WorkbookError: the file has changed since it was read.

    In a long table, where a list has several rows, its first row counts.
    """
    source = table.source
    file = InputFile(source.path)
    if file.sha256 != source.sha256:
        raise WorkbookError(f"{source.path.name} has changed since it was read; read it again.")
    grid = file.grids(source.sheet if file.package is not None else None)[0]
    column, title = _column(grid, heading, int(source.provider_rows.min()) - 1)
    values = np.full(len(table.providers), np.nan)
    wrong = []
    for place, (row, provider) in enumerate(zip(source.provider_rows, table.providers, strict=True)):
        value = grid.value(int(row) - 1, column)
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
            what = f"{title} is {str(value)[:40]!r}, must be a number from 0"
            remedy = "Correct it, or leave the cell blank where it is not known."
            wrong.append(Finding(what, remedy, grid.sheet, cell_name(int(row) - 1, column), provider))
            continue
        values[place] = float(value)
    if not wrong and np.isnan(values).all():
        wrong.append(Finding(f"{title} is blank for every list", "Name another column.", grid.sheet))
    if wrong:
        raise DataError(wrong)
    return ListColumn(title, values, column + 1)


def list_source(table: FundTable, column: ListColumn, key: str, sheet: str) -> SourceBlock:
    """Return a column's cells, so that formulas can refer to them."""
    rows = table.source.provider_rows.reshape(-1, 1)
    return SourceBlock(key, sheet, rows, np.array([column.column]))


def _column(grid: Grid, heading: str, before: int) -> tuple[int, str]:
    """Return the zero-based column with a heading above a row, and the heading as it stands."""
    wanted = compared(heading)
    found: dict[int, str] = {}
    headings: dict[str, None] = {}
    for row in range(before):
        for column in range(len(grid.rows[row]) if row < len(grid.rows) else 0):
            text = grid.text(row, column)
            if not text:
                continue
            headings[text] = None
            if compared(text) == wanted:
                found[column] = text
    if len(found) == 1:
        return next(iter(found.items()))
    if found:
        raise TableNotFoundError(f"{grid.sheet} has {len(found)} columns headed {heading!r}; rename all but one.")
    raise TableNotFoundError(
        f"{grid.sheet} has no column headed {heading!r} above its lists; there are: {some(headings)}."
    )
