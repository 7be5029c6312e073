"""Which rows of a table hold data, which are totals, notes, blank or repeated headings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from xl_qbs.errors import Finding
from xl_qbs.workbook.grid import Grid, cell_name
from xl_qbs.workbook.headings import HeadingReader
from xl_qbs.workbook.layout import Layout

_SUMS = ("kokku", "total", "totals", "sum", "summa")
_AVERAGES = ("keskmine", "mean", "average", "mediaan", "median")


def _begins_with(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?:^|[\r\n]|\s/\s)\s*(?:{'|'.join(words)})(?![^\W_])", re.IGNORECASE)


_SUM = _begins_with(_SUMS)
_SUMMARY = _begins_with((*_SUMS, *_AVERAGES))
# A row that numbers the columns (1, 2, 3, ...) under the headings must number this many to be taken for one.
_NUMBERED = 6


@dataclass
class TableRows:
    """The rows of a table, zero-based.

    Attributes:
        data: rows with a list's id, in order.
        sums: rows of totals.
        findings: rows that are none of what a table may hold, and notes on rows left out.
    """

    data: list[int] = field(default_factory=list)
    sums: list[int] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


class _Walk:
    """One pass down the rows below the headings."""

    def __init__(self, grid: Grid, layout: Layout, reader: HeadingReader) -> None:
        self.grid = grid
        self.layout = layout
        self.reader = reader
        self.columns = layout.count_columns
        # Cells that look blank to calamine and are not.
        self.marked = {row for row, _ in (*grid.errors, *grid.unvalued)}
        self.found = TableRows()
        self.first_summary: int | None = None
        self.bare: list[tuple[int, bool]] = []
        self.late: list[int] = []

    def rows(self) -> TableRows:
        layout = self.layout
        last = len(self.grid.rows) - 1
        if layout.last_row is not None:
            last = min(last, layout.last_row)
        after_gap = False
        for row in range(layout.first_row, last + 1):
            cells = self.grid.rows[row]
            if (not cells or cells.count(None) == len(cells)) and row not in self.marked:
                after_gap = True
                continue
            provider = self.grid.value(row, layout.provider)
            if provider is None and self._filled(row, layout.provider):
                provider = "?"  # an error cell or a formula without value, told of with the ids
            if provider is None:
                self._without_provider(row)
            elif provider.__class__ is str and _SUMMARY.search(provider):
                self._summary(row, provider)
            elif provider.__class__ is str and self._repeats_headings(row, provider):
                continue
            elif not self._has_counts(row):
                # Numbers elsewhere in the row belong to a list whose counts are lost, or to another table.
                is_text = not any(isinstance(value, (int, float)) for value in cells)
                begins = str(provider).lstrip().startswith("*")
                is_note = is_text and (after_gap or begins or self.first_summary is not None)
                self.bare.append((row, is_note))
            elif row == layout.first_row and self._numbers_columns(row):
                self._note(row, f"row {row + 1} numbers the columns; it is left out.")
            else:
                (self.found.data if self.first_summary is None else self.late).append(row)
                after_gap = False
        self._tell_late()
        self._tell_bare()
        return self.found

    def _filled(self, row: int, column: int) -> bool:
        if row not in self.marked:
            return False
        return (row, column) in self.grid.errors or (row, column) in self.grid.unvalued

    def _has_counts(self, row: int) -> bool:
        cells = self.grid.rows[row]
        size = len(cells)
        return any(
            (column < size and cells[column] is not None) or self._filled(row, column) for column in self.columns
        )

    def _without_provider(self, row: int) -> None:
        """Deal with a row without a list's id: totals with their label elsewhere, or an error."""
        if not self._has_counts(row):
            return
        labels = self.grid.rows[row][: min(self.columns)]
        label = next((value for value in labels if isinstance(value, str) and _SUMMARY.search(value)), None)
        if label is not None:
            self._summary(row, label)
        else:
            self._tell(
                row,
                self.layout.provider,
                "there are counts in this row, but the list's id is blank.",
                "Write the list's id, or clear the row; if it is a row of totals, write Total in front.",
            )

    def _summary(self, row: int, label: str) -> None:
        if self.first_summary is None:
            self.first_summary = row
        if _SUM.search(label):
            self.found.sums.append(row)

    def _repeats_headings(self, row: int, provider: str) -> bool:
        # A quick look first: nearly every row has a number here.
        if not isinstance(self.grid.value(row, self.columns[0]), str):
            return False
        if self.reader.read(provider).role != "provider":
            return False
        if not all(self.reader.read(self.grid.value(row, column)).role for column in self.columns):
            return False
        heading = self.layout.heading_row
        if any(self.grid.value(row, column) != self.grid.value(heading, column) for column in self.columns):
            self._tell(
                row,
                self.layout.provider,
                "there are headings in this row that differ from those above: are these two tables?",
                "Put each on a sheet of its own, or say where one ends in a mapping file (last_row).",
            )
        return True

    def _numbers_columns(self, row: int) -> bool:
        values = [value for value in self.grid.rows[row] if value is not None]
        if len(values) < _NUMBERED or not all(isinstance(value, float) for value in values):
            return False
        return all(later - earlier == 1 for earlier, later in pairwise(values))

    def _tell_late(self) -> None:
        if not self.late:
            return
        first, last = self.late[0], self.late[-1]
        summary = cell_name(self.first_summary or 0, self.layout.provider)
        column = self.layout.provider
        cells = cell_name(first, column) + ("" if first == last else f":{cell_name(last, column)}")
        self.found.findings.append(
            Finding(
                f"there are rows with counts after the totals in {summary}: are they part of the table?",
                "Move the totals below them, or the rows to another sheet.",
                sheet=self.grid.sheet,
                cell=cells,
            )
        )

    def _tell_bare(self) -> None:
        last = max((*self.found.data, *self.late), default=-1)
        for row, is_note in self.bare:
            text = self.grid.text(row, self.layout.provider)
            if is_note and (row > last or text.startswith("*")):
                continue
            self._tell(
                row,
                self.layout.provider,
                "this list has no counts at all.",
                "Write its counts (0 for nobody), or delete the row; leave a blank row above a note.",
                provider=text,
            )

    def _note(self, row: int, what: str) -> None:
        self.found.findings.append(
            Finding(what, sheet=self.grid.sheet, cell=cell_name(row, self.layout.provider), severity="note")
        )

    def _tell(self, row: int, column: int, what: str, remedy: str, provider: str = "") -> None:
        self.found.findings.append(
            Finding(what, remedy, sheet=self.grid.sheet, cell=cell_name(row, column), provider=provider)
        )


def table_rows(grid: Grid, layout: Layout, reader: HeadingReader) -> TableRows:
    """Sort the rows below a table's headings.

    A row of totals or averages ends the table. Text without numbers is a note where nothing with counts
    follows it and it stands below the totals or a blank row, or anywhere where it begins with ``*``;
    else it is a list without counts, which is an error.
    """
    return _Walk(grid, layout, reader).rows() if layout.count_columns else TableRows()
