"""A table whose columns are named by their headings: its rows, its cells, and all that is wrong with them."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from xl_qbs.efficiency.inputs import is_constant
from xl_qbs.errors import DataError, Finding
from xl_qbs.scheme.parse import plain
from xl_qbs.scoring.table import Array
from xl_qbs.workbook.counts import Severity, unvalued
from xl_qbs.workbook.fund_table import Whole
from xl_qbs.workbook.grid import Grid, cell_name, column_letter, range_name
from xl_qbs.workbook.headings import parts
from xl_qbs.workbook.input_file import InputFile
from xl_qbs.workbook.named_headings import checked_names, column_values, compared, find_headings, id_column, quoted
from xl_qbs.workbook.read import calculation_findings

# Of many cells, rows or ids so many are named.
_NAMED = 10
_TOTALS = {"total", "totals", "grand total", "sum", "mean", "average", "median"}
_TOTALS |= {"kokku", "summa", "keskmine", "mediaan"}
_ERROR_TEXT = re.compile(r"#(?:N/A|NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|SPILL!|CALC!)", re.IGNORECASE)
_INFINITE_TEXT = re.compile(r"[-+]?(?:inf|infinity)", re.IGNORECASE)
_NUMBER_TEXT = re.compile(r"[-+]?[.,]?\d[\d\s'.,]*(?:e[-+]?\d+)?\s*%?", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, eq=False)
class ScoreCells:
    """Where need-adjusted scores stand in a scored workbook, in the order of the table's providers.

    Attributes:
        path: the scored workbook.
        sha256: the SHA-256 of it, in hexadecimal.
        sheet: the sheet of scores.
        rows: the row of each provider, counted from 1, shape (N,).
        column: the column of the scores, counted from 1.
    """

    path: Path
    sha256: str
    sheet: str
    rows: Whole
    column: int


@dataclass(frozen=True, kw_only=True, eq=False)
class TableSource:
    """Where a table with named columns was read.

    Attributes:
        path: the file.
        sha256: the SHA-256 of the file, in hexadecimal.
        sheet: the sheet; None for a text file.
        heading_row: the row of the headings, counted from 1.
        provider_rows: the row of each provider, or of each patient, counted from 1, shape (N,).
        columns: the column of each role, counted from 1: ``provider``, ``quality``, ``cost`` and so on, and
            ``extra:NAME`` or ``risk:NAME`` for columns that have no role but a name.
        range: headings and data, from the first of the columns to the last, such as ``B1:F120``.
        delimiter: of a text file, what stands between two cells; None for a workbook.
        encoding: of a text file, its encoding; None for a workbook.
        scores: where quality stands if it is the need-adjusted score; else None. With the same `sha256`
            they are cells of this very file, and formulas may refer to them.
    """

    path: Path
    sha256: str
    sheet: str | None
    heading_row: int
    provider_rows: Whole
    columns: Mapping[str, int]
    range: str
    delimiter: str | None = None
    encoding: str | None = None
    scores: ScoreCells | None = None


@dataclass(kw_only=True, eq=False)
class NamedTable:
    """A sheet on which the columns that were asked for are found; what is wrong with it is gathered.

    Attributes:
        file: the file.
        grid: the sheet.
        heading_row: the zero-based row of the headings.
        rows: the zero-based rows of data.
        columns: the zero-based column of each role.
        names: the heading of each role as it stands in the file.
        findings: what was found so far.
    """

    file: InputFile
    grid: Grid
    heading_row: int
    rows: list[int]
    columns: dict[str, int]
    names: dict[str, str]
    findings: list[Finding] = field(default_factory=list)

    def values(self, role: str) -> list[Any]:
        """Return a column's cells as they are."""
        return column_values(self.grid, self.rows, self.columns[role])

    def ids(self) -> tuple[str, ...]:
        """Return the ids, several spaces folded into one; a cell that holds none is told of."""
        found = self.texts("provider")
        return tuple(re.sub(" {2,}", " ", one) if "  " in one else one for one in found)

    def texts(self, role: str, *, logical: bool = False) -> tuple[str, ...]:
        """Return a column's texts, numbers among them; blanks, dates and error values are told of.

        So are logical values, unless they count as the texts TRUE and FALSE.
        """
        column, grid = self.columns[role], self.grid
        wrong: dict[str, list[int]] = {}
        found = []
        for row, value in zip(self.rows, self.values(role), strict=True):
            if value.__class__ is str:
                found.append(value.strip())
                continue
            if logical and isinstance(value, bool):
                found.append(str(value).upper())
                continue
            found.append(grid.text(row, column))
            kind = _kind(grid, row, column, value)
            if kind not in {"", "number"}:
                wrong.setdefault(kind, []).append(row)
        for kind, rows in wrong.items():
            self.tell_cells(role, _SAYS[kind], rows, "Write the text or number that it is called by.")
        return tuple(found)

    def numbers(self, role: str, *, varies: bool = False, positive: bool = False, lowest: float | None = None) -> Array:
        """Return a column's numbers; every cell that holds none, or one that may not be, is told of.

        Args:
            role: the column.
            varies: whether the numbers have to differ.
            positive: whether every number has to be above 0.
            lowest: what no number may be below.
        """
        column, grid = self.columns[role], self.grid
        values = self.values(role)
        if set(map(type, values)) <= {float, int} and not grid.errors and not grid.unvalued:
            numbers = np.array(values, dtype=np.float64)
            wrong: dict[str, list[int]] = {}
        else:
            numbers, wrong = self._odd_numbers(column, values)
        rows = np.array(self.rows)
        wrong["infinite"] = [*wrong.get("infinite", ()), *rows[np.isinf(numbers)].tolist()]
        known = np.isfinite(numbers)
        if positive:
            wrong["not above 0"] = rows[known & (numbers <= 0)].tolist()
        elif lowest is not None:
            wrong["negative"] = rows[known & (numbers < lowest)].tolist()
        wrong = {kind: rows for kind, rows in wrong.items() if rows}
        for kind, faulty in wrong.items():
            remedy = _NOT_READ if kind == "number as text" and grid.texts is not None else _REMEDIES[kind]
            self.tell_cells(role, _SAYS[kind], faulty, remedy)
        if varies and not wrong and len(numbers) > 1 and known.all() and is_constant(numbers):
            what = f"{self.title(role)} is {numbers[0]:.15g} in every row, so it does not tell one from another."
            self.tell(what, "Name another column.", self.cell(role))
        return numbers

    def _odd_numbers(self, column: int, values: Sequence[Any]) -> tuple[Array, dict[str, list[int]]]:
        numbers = np.full(len(values), np.nan)
        wrong: dict[str, list[int]] = {}
        for index, (row, value) in enumerate(zip(self.rows, values, strict=True)):
            kind = _kind(self.grid, row, column, value)
            if kind == "number":
                numbers[index] = value
            elif kind:
                wrong.setdefault(kind, []).append(row)
        return numbers, wrong

    def title(self, role: str) -> str:
        """Return a column's heading and its role, as messages call it."""
        kind, _, name = role.partition(":")
        heading = quoted(self.names[role]) if self.names[role] else f"column {column_letter(self.columns[role])}"
        if kind == "extra":
            return heading
        return f"{heading} ({kind if name else kind.replace('_', ' ')})"

    def cell(self, role: str) -> str:
        """Return a column's first cell with data; that of its heading where there is none."""
        return cell_name(self.rows[0] if self.rows else self.heading_row, self.columns[role])

    def tell_twice(self, ids: Sequence[str]) -> None:
        """Tell of ids that stand in more than one row."""
        rows: dict[str, list[int]] = {}
        for one, row in zip(ids, self.rows, strict=True):
            if one:
                rows.setdefault(one, []).append(row)
        twice = [f"{one} (rows {some(str(row + 1) for row in at)})" for one, at in rows.items() if len(at) > 1]
        if twice:
            at = next(at for at in rows.values() if len(at) > 1)
            what = f"{self.title('provider')} has ids that stand more than once: {some(twice)}."
            remedy = "Correct the ids, or leave one row for each provider."
            self.tell(what, remedy, cell_name(at[1], self.columns["provider"]))

    def tell_cells(self, role: str, wrong: str, rows: Sequence[int], remedy: str) -> None:
        """Tell what is wrong with some cells of a column."""
        column = self.columns[role]
        first = self.grid.errors.get((rows[0], column)) or self.grid.text(rows[0], column)
        shown = repr(first if len(first) <= 40 else first[:37] + "...")
        places = f" in {some(cell_name(row, column) for row in rows)}" if len(rows) > 1 else ""
        what = f"{self.title(role)} {wrong.format(shown)}{places}."
        owner = self.grid.text(rows[0], self.columns["provider"]) if len(rows) == 1 else ""
        self.tell(what, remedy, cell_name(rows[0], column), owner)

    def tell(self, what: str, remedy: str, cell: str = "", provider: str = "", severity: Severity = "error") -> None:
        """Add a finding about the sheet."""
        self.findings.append(Finding(what, remedy, self.grid.sheet, cell, provider, severity))

    def refuse(self) -> None:
        """Refuse the table if anything is wrong with it.

        Raises:
            DataError: with every error found.
        """
        self.findings += unvalued(self.grid, self.rows, list(self.columns.values()))
        errors = [one for one in self.findings if one.severity == "error"]
        if errors:
            raise DataError(errors)

    def source(self) -> TableSource:
        """Return where the table stands."""
        grid, columns = self.grid, self.columns.values()
        last = self.rows[-1] if self.rows else self.heading_row
        return TableSource(
            path=self.file.path,
            sha256=self.file.sha256,
            sheet=None if grid.texts is not None else grid.sheet,
            heading_row=self.heading_row + 1,
            provider_rows=np.array(self.rows, dtype=np.int64) + 1,
            columns={role: column + 1 for role, column in self.columns.items()},
            range=range_name(self.heading_row, min(columns), last, max(columns)),
            delimiter=grid.delimiter or None,
            encoding=grid.encoding or None,
        )


def open_table(
    path: str | Path,
    roles: Mapping[str, str],
    *,
    sheet: str | None = None,
    also: Mapping[str, str] | None = None,
    ids_repeat: bool = False,
) -> NamedTable:
    """Find the sheet, the headings, the column of ids and the rows of a table.

    What stands in the columns is left to the reader, who takes them by role, and then refuses or returns the
    table (`NamedTable.refuse`). Until then its findings are on rows, and on how the workbook calculates.

    Args:
        path: the file.
        roles: the heading of each role's column, each of a column of its own.
        sheet: the sheet, where several have the columns.
        also: further columns, by role, which may be those of `roles`.
        ids_repeat: whether one provider has many rows: its column is then known by a heading alone, and
            not by one such as ID, which may be the patient's.

    Raises:
        WorkbookError: the file cannot be read as a file.
        TableNotFoundError: no sheet has the columns, or several have; or no column of ids was found.
        ArgumentError: two roles name one column, or a name is empty.
        DataError: a heading that is named stands twice.
    """
    named = checked_names(roles, also or {})
    file = InputFile(path)
    grid, headings = find_headings(file, named, sheet)
    problems = []
    for name in {compared(name): name for name in named.values()}.values():
        cells = [cell_name(headings.row, column) for column in headings.places[compared(name)]]
        if len(cells) > 1:
            what = f"{quoted(name)} is the heading of {some(cells, ' and ')}."
            remedy = "Rename one of them, so that it is clear which is meant."
            problems.append(Finding(what, remedy, sheet=grid.sheet, cell=cells[0]))
    if problems:
        raise DataError(problems)
    columns = {role: headings.places[compared(name)][0] for role, name in named.items()}
    first = headings.first_row(grid, columns.values())
    if "provider" not in columns:
        columns["provider"] = id_column(file, grid, headings, first, set(columns.values()), ids_repeat)
    names = {role: headings.texts.get(column, "") for role, column in columns.items()}
    table = NamedTable(file=file, grid=grid, heading_row=headings.row, rows=[], columns=columns, names=names)
    table.rows = _Rows(table, first).kept()
    table.findings += calculation_findings(file)
    return table


def some(names: Iterable[str], last: str = ", ") -> str:
    """Return the first 10 of some names, and how many more there are.

    >>> some("abc"), some("abcdefghijklm")
    ('a, b, c', 'a, b, c, d, e, f, g, h, i, j and 3 more')
    """
    every = list(names)
    shown = ", ".join(every[:_NAMED]) if len(every) != 2 else last.join(every)
    return shown if len(every) <= _NAMED else f"{shown} and {len(every) - _NAMED:,} more"


class _Rows:
    """One pass down the rows below the headings."""

    def __init__(self, table: NamedTable, first: int) -> None:
        self.table = table
        self.grid = table.grid
        self.every = range(first, len(self.grid.rows))
        self.provider = table.columns["provider"]
        self.columns = sorted(set(table.columns.values()) - {self.provider})
        # Cells that look blank to calamine and are not.
        self.marked = {*self.grid.errors, *self.grid.unvalued}

    def kept(self) -> list[int]:
        """Return the rows of data; tell of those that are left out, and of those that should have an id."""
        ids = column_values(self.grid, self.every, self.provider)
        lines = zip(ids, *(column_values(self.grid, self.every, column) for column in self.columns), strict=True)
        heading = self.table.names["provider"]
        special = {one for one in set(ids) if isinstance(one, str) and (_is_total(one) or one.strip() == heading)}
        # Rows with an id and a value in each column are data without a further look.
        kinds = {
            row: self._kind(row)
            for row, line in zip(self.every, lines, strict=True)
            if None in line or line[0] in special
        }
        last = next((row for row in reversed(self.every) if kinds.get(row, "data") == "data"), -1)
        gap = False
        for row in range(last + 1, len(self.grid.rows)) if last >= 0 else ():
            if kinds[row] != "bare":
                gap = True
            elif self._is_note(row, gap):
                kinds[row] = "note"
        rows = [row for row in self.every if kinds.get(row, "data") in {"data", "bare"}]
        self._tell(kinds, rows)
        return rows

    def _kind(self, row: int) -> str:
        cells = self.grid.rows[row]
        if not any(self._filled(row, column) for column in range(len(cells))):
            return "blank"
        named = [column for column in self.columns if self._filled(row, column)]
        if not self._filled(row, self.provider):
            if not named:
                return "other"
            labels = [value for value in cells[: min(self.columns)] if isinstance(value, str)]
            return "total" if any(map(_is_total, labels)) else "nameless"
        text = self.grid.text(row, self.provider)
        if _is_total(text):
            return "total"
        headings = [self.grid.text(self.table.heading_row, column) for column in (self.provider, *self.columns)]
        if [self.grid.text(row, column) for column in (self.provider, *self.columns)] == headings:
            return "heading"
        return "data" if named else "bare"

    def _filled(self, row: int, column: int) -> bool:
        return self.grid.value(row, column) is not None or (row, column) in self.marked

    def _is_note(self, row: int, gap: bool) -> bool:
        if any(isinstance(value, (int, float)) for value in self.grid.rows[row]):
            return False
        return gap or self.grid.text(row, self.provider).startswith("*")

    def _tell(self, kinds: Mapping[int, str], rows: Sequence[int]) -> None:
        last = rows[-1] if rows else -1
        for kind, (severity, what, remedy) in _LEFT_OUT.items():
            found = [row for row, one in kinds.items() if one == kind and (row < last or kind not in _AMONG)]
            if found:
                where = f"row{'s' * (len(found) > 1)} {some(str(row + 1) for row in found)}"
                self.table.tell(what.format(where), remedy, cell_name(found[0], self.provider), severity=severity)
        hidden = [row for row in rows if row in self.grid.hidden_rows]
        if hidden:
            what = f"{len(hidden):,} of the rows are hidden (first row {hidden[0] + 1}); they are counted."
            self.table.tell(what, "", cell_name(hidden[0], self.provider), severity="note")


_LEFT_OUT: dict[str, tuple[Severity, str, str]] = {
    "blank": ("note", "{}: blank, left out.", ""),
    "other": ("note", "{}: no id and nothing in the named columns, left out.", ""),
    "heading": ("note", "{}: the headings once more, left out.", ""),
    "note": ("note", "{}: a note below the table, left out.", ""),
    "total": ("warning", "{}: totals or averages, not a provider; left out.", "Look whether that is so."),
    "nameless": (
        "error",
        "{}: there are values, but the provider's id is blank.",
        "Write the id, or clear the row; if it is a row of totals, write Total as its id.",
    ),
}
# Of these, only those above the last provider are told of.
_AMONG = {"blank", "other", "heading"}


def _is_total(text: str) -> bool:
    return any(" ".join(plain(part).split()) in _TOTALS for part in parts(text))


def _kind(grid: Grid, row: int, column: int, value: Any) -> str:
    """Return what a cell holds; nothing for a formula without value, since all of those are told of at once."""
    if (row, column) in grid.errors:
        return "error"
    if (row, column) in grid.unvalued:
        return ""
    if value is None:
        return "missing"
    if value.__class__ in {float, int}:
        return "number"
    if isinstance(value, bool):
        return "logical"
    if isinstance(value, (datetime.date, datetime.time, datetime.timedelta)):
        return "date"
    text = str(value).strip()
    if _NUMBER_TEXT.fullmatch(text):
        return "number as text"
    if grid.texts is not None and _ERROR_TEXT.fullmatch(text):
        return "error"
    return "infinite" if _INFINITE_TEXT.fullmatch(text) else "text"


_SAYS = {
    "text": "is text ({})",
    "number as text": "is a number written as text ({})",
    "missing": "is missing",
    "error": "is an error value ({})",
    "logical": "is a logical value ({})",
    "date": "is a date or time ({})",
    "infinite": "is infinite or too large for a number",
    "not above 0": "is zero or negative ({})",
    "negative": "is negative ({})",
}
_REMEDIES = {
    "text": "Write the number, or leave the row out.",
    "number as text": "In Excel select the column, then Data > Text to Columns > Finish.",
    "missing": "Fill it in, or leave the row out.",
    "error": "Mend the formula, or write the number.",
    "logical": "Write the number.",
    "date": "Write the number, and give the cell a number format.",
    "infinite": "Write the number itself, or leave the row out.",
    "not above 0": "Spending is above 0: correct it, or leave the row out.",
    "negative": "It starts at 0: correct it, or leave the row out.",
}
_NOT_READ = (
    "Write it without spaces, separators of thousands, percent signs or leading zeros, with the decimal sign of the "
    "other numbers, and an exponent with its own sign (1e+05)."
)
