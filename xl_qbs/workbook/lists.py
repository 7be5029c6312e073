"""The lists of a table: their ids, the doctors' names, the coefficients."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xl_qbs.errors import Finding, counted
from xl_qbs.scoring.table import Array
from xl_qbs.workbook.counts import Column, Problem, read_numbers
from xl_qbs.workbook.grid import Grid, cell_name
from xl_qbs.workbook.layout import Layout


@dataclass(frozen=True)
class Lists:
    """The lists, each once, in the order of the sheet.

    Attributes:
        ids: their ids, length N.
        first_rows: the zero-based row in which each stands first, length N.
        rows: every zero-based row of the table; the same as first_rows in a wide one.
        index: for each of the rows, which list it is about.
        names: the doctors' names, length N; empty where there is no such column.
        coefficient: coefficients, shape (N,); None where there is no such column.
    """

    ids: tuple[str, ...]
    first_rows: tuple[int, ...]
    rows: tuple[int, ...]
    index: tuple[int, ...]
    names: tuple[str, ...] = ()
    coefficient: Array | None = None

    @property
    def owners(self) -> list[str]:
        """The id that each of the rows is about."""
        return [self.ids[index] for index in self.index]


def read_lists(grid: Grid, layout: Layout, rows: Sequence[int], findings: list[Finding]) -> Lists:
    """Return the lists of a table's rows.

    Args:
        grid: the sheet.
        layout: where everything stands on it.
        rows: the zero-based rows with data.
        findings: gets an error for each id that is none, for each list that stands twice in a wide
            table, and for each coefficient that is no number from 0.
    """
    seen: dict[str, int] = {}
    first_rows: list[int] = []
    index = []
    for row in rows:
        provider = _id(grid, row, layout.provider, findings)
        if provider not in seen:
            seen[provider] = len(seen)
            first_rows.append(row)
        elif not layout.long:
            findings.append(_twice(grid, layout, provider, first_rows[seen[provider]], row))
        index.append(seen[provider])
    names: tuple[str, ...] = ()
    if layout.name is not None:
        names = tuple(grid.text(row, layout.name) for row in first_rows)
    ids = tuple(seen)
    coefficient = None
    if layout.coefficient is not None:
        coefficient = _coefficient(grid, layout.coefficient, first_rows, ids, findings)
    return Lists(ids, tuple(first_rows), tuple(rows), tuple(index), names, coefficient)


def _id(grid: Grid, row: int, column: int, findings: list[Finding]) -> str:
    """Return a list's id; where the cell holds none, tell of it and return something that stands once."""
    value = grid.value(row, column)
    if value.__class__ in {str, float, int}:
        # Several spaces are folded into one, as the TRIM of the result sheets does.
        return re.sub(" {2,}", " ", grid.text(row, column))
    if isinstance(value, bool):
        wrong = f"is {str(value).upper()}, a logical value"
    elif value is not None:
        wrong = f"is a date or time ({value})"
    else:
        # A formula without stored value is told of with the others.
        wrong = f"holds the error {grid.errors[row, column]}" if (row, column) in grid.errors else ""
    cell = cell_name(row, column)
    if wrong:
        remedy = "Write the id, as a text or a number."
        findings.append(Finding(f"the list's id {wrong}.", remedy, sheet=grid.sheet, cell=cell))
    return f"(cell {cell})"


def _twice(grid: Grid, layout: Layout, provider: str, first: int, again: int) -> Finding:
    here, there = (cell_name(row, layout.provider) for row in (again, first))
    return Finding(
        f"the list {provider} stands in {there} already.",
        "Delete one of the rows, or correct the id.",
        sheet=grid.sheet,
        cell=here,
        provider=provider,
    )


def _coefficient(grid: Grid, column: int, rows: Sequence[int], ids: Sequence[str], findings: list[Finding]) -> Array:
    column_of = Column(grid, rows, column, ["coefficient"] * len(rows), ids)
    numbers, told = read_numbers(column_of, findings)
    negative = {
        int(index): Problem("negative", f"is {numbers[index]:g}, below 0", "Write a number from 0.")
        for index in np.flatnonzero(numbers < 0)
    }
    column_of.tell(negative, findings)
    blank = np.flatnonzero(np.isnan(numbers) & ~told)
    if blank.size:
        findings.append(
            Finding(
                f"the coefficient of {counted(blank.size, 'list')} is blank; it is taken as 1.",
                "Write it where it is not 1.",
                sheet=grid.sheet,
                cell=cell_name(rows[int(blank[0])], column),
                severity="warning",
            )
        )
    return np.where(np.isnan(numbers), 1.0, numbers)
