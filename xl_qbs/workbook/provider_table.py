"""A table of providers whose columns are named by their headings: every number with its cell, or refused whole."""

from __future__ import annotations

import datetime
import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from xl_qbs.efficiency.inputs import FEWEST_PROVIDERS, CostIs, check_cost_is, is_constant
from xl_qbs.errors import ArgumentError, DataError, Finding, TableNotFoundError
from xl_qbs.scheme.parse import plain
from xl_qbs.scoring.table import Array
from xl_qbs.workbook.counts import Severity, unvalued
from xl_qbs.workbook.earlier import earlier_sheets
from xl_qbs.workbook.fund_table import Whole
from xl_qbs.workbook.grid import Grid, cell_name, column_letter, range_name, read_grids
from xl_qbs.workbook.headings import parts
from xl_qbs.workbook.input_file import InputFile

# In place of a heading: the need-adjusted score of a scored workbook.
NEED_ADJUSTED = "need-adjusted"

# Headings are looked for in so many rows; a wrong name is compared with the headings of fewer.
_HEADING_ROWS, _COMPARED_ROWS = 1000, 200
# Of many cells, rows or ids so many are named; of headings more, since one of them is wanted.
_NAMED, _NAMED_HEADINGS = 10, 40
# What a column of ids is headed as, the surest first; compared by `plain`.
_LISTS = ("provider", "facility", "list", "nimistu", "perearsti nimistu")
_OTHERS = ("hospital", "practice", "clinic", "doctor", "physician", "haigla", "asutuse", "osutaja", "arsti")
_IS_ID = ("id", "code", "number", "no", "nr", "ccn", "kood")
_ID_HEADINGS = (
    frozenset(f"{noun} {word}" for noun in (*_LISTS, *_OTHERS) for word in _IS_ID),
    frozenset(_LISTS),
    frozenset({"id", "uid", "ccn", "npi", "code", "kood"}),
)
# So many rows of totals and averages may stand below the last id.
_MOST_TOTALS = 3
_TOTALS = {"total", "totals", "grand total", "sum", "mean", "average", "median"}
_TOTALS |= {"kokku", "summa", "keskmine", "mediaan"}
_ERROR_TEXT = re.compile(r"#(?:N/A|NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|SPILL!|CALC!)", re.IGNORECASE)
_INFINITE_TEXT = re.compile(r"[-+]?(?:inf|infinity)", re.IGNORECASE)
_NUMBER_TEXT = re.compile(r"[-+]?[.,]?\d[\d\s'.,]*(?:e[-+]?\d+)?\s*%?", re.IGNORECASE)
# How the sheet of scores is headed; see `xl_qbs.sheets.scores_sheet`.
_LIST, _SCORE = {"list", "nimistu"}, {"score", "skoor"}
_NEED = {"need-adjusted score", "vajaduspõhine skoor"}
_SCORE_SHEETS = {"qbs scores", "qbs punktid", "scores", "punktid"}


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


@dataclass(frozen=True, kw_only=True, eq=False)
class ProviderTable:
    """Quality and cost of N providers, as a file states them.

    Attributes:
        providers: ids as texts, in the order of the file.
        quality: shape (N,), in the units of the file.
        cost: shape (N,), in the units of the file; above 0 where it is spending.
        quality_error: standard errors of quality, from 0, shape (N,); None where no column was named.
        cost_error: standard errors of cost, likewise.
        volume: episodes or patients, from 0, likewise.
        area: the area of each provider, likewise.
        extra: further columns by the name they were asked for, each of shape (N,).
        names: the heading of each role as it stands in the file; the roles are those of `TableSource.columns`.
        source: where each number stands.
        findings: warnings and notes from reading; errors are raised instead.
    """

    providers: tuple[str, ...]
    quality: Array
    cost: Array
    quality_error: Array | None = None
    cost_error: Array | None = None
    volume: Array | None = None
    area: tuple[str, ...] | None = None
    extra: Mapping[str, Array] = field(default_factory=dict)
    names: Mapping[str, str]
    source: TableSource
    findings: tuple[Finding, ...] = ()


def read_provider_table(
    path: str | Path,
    *,
    quality: str,
    cost: str,
    cost_is: CostIs,
    provider: str | None = None,
    sheet: str | None = None,
    quality_error: str | None = None,
    cost_error: str | None = None,
    volume: str | None = None,
    area: str | None = None,
    extra: Sequence[str] = (),
    scored: str | Path | None = None,
) -> ProviderTable:
    """Read a table with a row a provider.

    Columns are named by their headings, compared without case, surrounding spaces and line breaks. The
    headings stand in the first row that has all of them, on the one sheet that has such a row; result sheets
    of an earlier run count only where ``sheet`` names one. A row without an id is an error if there is
    anything in the named columns, but rows of totals (Total, Kokku, Mean, Keskmine ... as the id, or before
    the numbers where the id is blank) are left out with a warning wherever they stand. The table ends with
    the last row that has an id; text below it, behind a blank row or beginning with ``*``, is a note.

    Args:
        path: a workbook (.xlsx, .xlsm) or a text file (.csv, .txt, .tsv).
        quality: the column of quality; or ``need-adjusted`` (never a heading), the need-adjusted score of
            ``scored``, or of the table's own workbook where that is None, joined by the providers' ids.
        cost: the column of cost.
        cost_is: ``spending`` (above 0, lower is better) or ``performance`` (higher is better).
        provider: the column of ids. Where it is None, the column that is headed as one (Provider ID, Nimistu
            ...), else the first one left of the others that holds a text or number of its own in every row.
        sheet: the sheet, where several have the columns.
        quality_error: the column of standard errors of quality.
        cost_error: the column of standard errors of cost.
        volume: the column of episodes or patients.
        area: the column of areas, texts.
        extra: further columns of numbers; they may be those of quality, cost and so on.
        scored: a workbook that ``xl-qbs score`` wrote.

    Raises:
        WorkbookError: a file cannot be read as a file; see `open_package`.
        TableNotFoundError: no sheet has the columns, or several have; or there are no scores.
        ArgumentError: two roles name one column, a name is empty, ``cost_is`` or ``scored`` does not fit.
        DataError: a heading that stands twice, or values that cannot be used; carries every problem: text,
            missing, infinite, dates, logical and error values, spending that is not above 0, negative
            standard errors and volumes, a constant quality or cost, ids that are none or stand twice,
            scores without a row or rows without a score, fewer than 3 providers.

    When not to use it: for patient rows (`read_patient_rows`) and the fund's table of counts
    (`xl_qbs.workbook.read.read_workbook`).
    """
    check_cost_is(cost_is)
    if scored is not None and quality != NEED_ADJUSTED:
        raise ArgumentError(f"scored: is for quality == {NEED_ADJUSTED!r}, and quality == {quality!r}")
    asked = {"quality": quality, "cost": cost, "quality_error": quality_error, "cost_error": cost_error}
    asked |= {"volume": volume, "area": area, "provider": provider}
    roles = {role: name for role, name in asked.items() if name is not None}
    if quality == NEED_ADJUSTED:
        del roles["quality"]
    table = open_table(path, roles, sheet=sheet, also={f"extra:{name}": name for name in extra})
    ids = table.ids()
    table.tell_twice(ids)
    if len(ids) < FEWEST_PROVIDERS:
        there = "there is 1 provider" if len(ids) == 1 else f"there are {len(ids)} providers"
        table.tell(f"{there}, and at least {FEWEST_PROVIDERS} are needed.", "Add providers, or name another sheet.")
    source = table.source()
    if quality == NEED_ADJUSTED:
        scores = _find_scores(table.file if scored is None else InputFile(scored))
        qualities, cells = _joined(table, ids, scores)
        source = replace(source, scores=cells)
        table.names["quality"] = scores.names["quality"]
    else:
        qualities = table.numbers("quality", varies=True)
    numbers = {"cost": table.numbers("cost", varies=True, positive=cost_is == "spending")}
    numbers |= {
        role: table.numbers(role, lowest=0.0) for role in ("quality_error", "cost_error", "volume") if role in roles
    }
    areas = table.texts("area") if area is not None else None
    # A column is read, and its faults told, once: as a further one it is the same.
    read = {table.columns[role]: values for role, values in numbers.items()}
    if quality != NEED_ADJUSTED:
        read[table.columns["quality"]] = qualities
    further = {}
    for name in dict.fromkeys(extra):
        column = table.columns[f"extra:{name}"]
        if column not in read:
            read[column] = table.numbers(f"extra:{name}")
        further[name] = read[column]
    table.refuse()
    return ProviderTable(
        providers=ids,
        quality=qualities,
        **numbers,
        area=areas,
        extra=further,
        names=table.names,
        source=source,
        findings=tuple(table.findings),
    )


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
        return _values(self.grid, self.rows, self.columns[role])

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
        heading = _quoted(self.names[role]) if self.names[role] else f"column {column_letter(self.columns[role])}"
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
    named = _checked(roles, also or {})
    file = InputFile(path)
    grid, headings = _choose(file, named, sheet)
    problems = []
    for name in {compared(name): name for name in named.values()}.values():
        cells = [cell_name(headings.row, column) for column in headings.places[compared(name)]]
        if len(cells) > 1:
            what = f"{_quoted(name)} is the heading of {some(cells, ' and ')}."
            remedy = "Rename one of them, so that it is clear which is meant."
            problems.append(Finding(what, remedy, sheet=grid.sheet, cell=cells[0]))
    if problems:
        raise DataError(problems)
    columns = {role: headings.places[compared(name)][0] for role, name in named.items()}
    first = headings.first_row(grid, columns.values())
    if "provider" not in columns:
        columns["provider"] = _id_column(file, grid, headings, first, set(columns.values()), ids_repeat)
    names = {role: headings.texts.get(column, "") for role, column in columns.items()}
    table = NamedTable(file=file, grid=grid, heading_row=headings.row, rows=[], columns=columns, names=names)
    table.rows = _Rows(table, first).kept()
    return table


def compared(text: str) -> str:
    r"""Return a heading as it is compared: without case, its spaces and line breaks folded.

    >>> compared(" Kulu\nCost ")
    'kulu cost'
    """
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def some(names: Iterable[str], last: str = ", ") -> str:
    """Return the first 10 of some names, and how many more there are.

    >>> some("abc"), some("abcdefghijklm")
    ('a, b, c', 'a, b, c, d, e, f, g, h, i, j and 3 more')
    """
    every = list(names)
    shown = ", ".join(every[:_NAMED]) if len(every) != 2 else last.join(every)
    return shown if len(every) <= _NAMED else f"{shown} and {len(every) - _NAMED:,} more"


def _checked(roles: Mapping[str, str], also: Mapping[str, str]) -> dict[str, str]:
    named = {**roles, **also}
    for role, name in named.items():
        if not isinstance(name, str) or not compared(name):
            raise ArgumentError(f"{role.partition(':')[0]} == {name!r}, must be the heading of a column")
    owners: dict[str, str] = {}
    for role, name in roles.items():
        other = owners.setdefault(compared(name), role)
        if other != role:
            raise ArgumentError(
                f"{other.replace('_', ' ')} and {role.replace('_', ' ')} both name the column {_quoted(name)}; "
                "each needs a column of its own"
            )
    return named


@dataclass(frozen=True)
class _Headings:
    """A row as headings: their texts by column, and the columns of each text as it is compared."""

    row: int
    texts: Mapping[int, str]
    places: Mapping[str, list[int]]

    def first_row(self, grid: Grid, columns: Iterable[int]) -> int:
        """Return the row below the headings, which may be merged with cells below them."""
        wanted = set(columns)
        over = (box for box in grid.merged if box[0][0] <= self.row <= box[1][0] and box[0][1] in wanted)
        return max((box[1][0] for box in over), default=self.row) + 1


def _heading_rows(grid: Grid, most: int) -> Iterator[_Headings]:
    tall = [box for box in grid.merged if box[0][0] < box[1][0]]
    for row, cells in enumerate(grid.rows[:most]):
        texts = {column: grid.text(row, column) for column in range(len(cells))}
        for (top, left), (bottom, _) in tall:
            if top < row <= bottom and not texts.get(left):
                texts[left] = grid.text(top, left)
        places: dict[str, list[int]] = {}
        for column, text in sorted(texts.items()):
            if text:
                places.setdefault(compared(text), []).append(column)
        yield _Headings(row, texts, places)


def _choose(file: InputFile, named: Mapping[str, str], sheet: str | None) -> tuple[Grid, _Headings]:
    """Return the one sheet that has the headings, with their row, or say what there is instead."""
    if sheet is not None:
        grids = file.grids(file.sheet_name(sheet))
    elif file.package is not None:
        grids = read_grids(file.package, set(file.sheet_names) - earlier_sheets(file.package))
    else:
        grids = file.grids()
    wanted = {compared(name) for name in named.values()}
    found = []
    for grid in grids:
        row = next((one for one in _heading_rows(grid, _HEADING_ROWS) if wanted <= one.places.keys()), None)
        if row is not None:
            found.append((grid, row))
    if len(found) == 1:
        return found[0]
    names = ", ".join(_quoted(name) for name in dict.fromkeys(named.values()))
    if found:
        sheets = ", ".join(f"'{_label(grid)}' (row {one.row + 1})" for grid, one in found)
        raise TableNotFoundError(
            f"{file.path.name} has {names} on {len(found)} sheets: {sheets}. "
            f"Say which one with --sheet, such as --sheet '{found[0][0].sheet}'."
        )
    lines = [f"No table with {names} was found in {file.path.name}."]
    lines += [f"  {_label(grid)}: {_story(grid, named)}" for grid in grids]
    if not grids:
        lines.append("  It has no worksheets besides results of an earlier run; name one with --sheet.")
    raise TableNotFoundError("\n".join(lines))


def _story(grid: Grid, named: Mapping[str, str]) -> str:
    """Say which columns a sheet lacks, what may have been meant, and which headings there are."""
    rows = list(_heading_rows(grid, _COMPARED_ROWS))
    wanted = {compared(name): name for name in named.values()}
    texts = {one.row: sum(isinstance(value, str) for value in grid.rows[one.row]) for one in rows}
    best = max(rows, key=lambda one: (len(wanted.keys() & one.places.keys()), texts[one.row]), default=None)
    if best is None or not best.places:
        return "it is empty."
    told = []
    for name, shown in wanted.items():
        if name in best.places:
            continue
        near = difflib.get_close_matches(name, best.places, n=1) or [one for one in best.places if name in one]
        elsewhere = next((one for one in rows if name in one.places), None)
        hint = ""
        if elsewhere is not None:
            cell = cell_name(elsewhere.row, elsewhere.places[name][0])
            hint = f" (it stands in {cell}, but all of them must stand in one row)"
        elif near:
            hint = f" (did you mean {_quoted(best.texts[best.places[near[0]][0]])}?)"
        told.append(f"no {_quoted(shown)}{hint}")
    headings = [_quoted(text) for text in best.texts.values() if text]
    more = f" and {len(headings) - _NAMED_HEADINGS} more" if len(headings) > _NAMED_HEADINGS else ""
    listed = ", ".join(headings[:_NAMED_HEADINGS])
    return f"row {best.row + 1} has {', '.join(told)}. Its headings: {listed}{more}."


def _id_column(file: InputFile, grid: Grid, headings: _Headings, first: int, taken: set[int], ids_repeat: bool) -> int:
    """Return the column of ids where none was named."""
    free = [column for column, text in headings.texts.items() if text and column not in taken]
    for known in _ID_HEADINGS[:2] if ids_repeat else _ID_HEADINGS:
        found = [one for one in free if any(plain(part) in known for part in parts(headings.texts[one]))]
        if len(found) > 1:
            cells = " and ".join(f"{cell_name(headings.row, one)} ({_quoted(headings.texts[one])})" for one in found)
            raise TableNotFoundError(
                f"{grid.sheet} in {file.path.name}: {cells} could each be the column of the providers' ids. "
                "Say which with --provider."
            )
        if found:
            return found[0]
    filled = [row for row in range(first, len(grid.rows)) if any(grid.value(row, one) is not None for one in taken)]
    # A column without a heading may be one of row numbers, so it comes last.
    left = [] if ids_repeat else sorted(set(range(min(taken))) - taken, key=lambda one: one not in free)
    for column in left:
        if _are_ids(grid, filled, column):
            return column
    listed = ", ".join(_quoted(headings.texts[one]) for one in free[:_NAMED_HEADINGS])
    raise TableNotFoundError(
        f"{grid.sheet} in {file.path.name}: no column of the providers' ids was found. "
        f"Name it with --provider; the other headings in row {headings.row + 1} are: {listed or 'none'}."
    )


def _are_ids(grid: Grid, rows: Sequence[int], column: int) -> bool:
    values = _values(grid, rows, column)
    for _ in range(_MOST_TOTALS):
        if values and values[-1] is None:
            values.pop()
    texts = {grid.text(row, column) for row in rows[: len(values)]}
    known = all(
        isinstance(value, str) or (value.__class__ in {float, int} and float(value).is_integer()) for value in values
    )
    return known and len(values) == len(texts) > len(rows) - len(values)


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
        ids = _values(self.grid, self.every, self.provider)
        lines = zip(ids, *(_values(self.grid, self.every, column) for column in self.columns), strict=True)
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


def _values(grid: Grid, rows: Sequence[int], column: int) -> list[Any]:
    """Return a column's cells; rows of a text file may be short."""
    cells = grid.rows
    try:
        return [cells[row][column] for row in rows]
    except IndexError:
        return [grid.value(row, column) for row in rows]


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


def _quoted(text: str) -> str:
    """Return a heading as messages show it: in one line, shortened."""
    line = " ".join(text.split())
    return f"'{line if len(line) <= 60 else line[:57] + '...'}'"


def _label(grid: Grid) -> str:
    return f"{grid.sheet} (hidden)" if grid.state != "visible" else grid.sheet


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
    "Write it without spaces, separators of thousands, percent signs, exponents or leading zeros, and with the "
    "decimal sign of the other numbers."
)


def _find_scores(file: InputFile) -> NamedTable:
    """Return the need-adjusted scores of a scored workbook as a table, found by the sheet's own headings.

    Raises:
        TableNotFoundError: there are none, or on more than one sheet.
    """
    name = file.path.name
    if file.package is None:
        raise TableNotFoundError(
            f"{name} is a text file and holds no need-adjusted scores. "
            "Give a workbook that xl-qbs score wrote (--scored)."
        )
    marked = earlier_sheets(file.package, "")
    named = {one for one in file.sheet_names if one.casefold().strip() in _SCORE_SHEETS}
    found = [table for grid in read_grids(file.package, marked or named) if (table := _scores_on(file, grid))]
    if not found:
        raise TableNotFoundError(
            f"{name} holds no sheet of need-adjusted scores (QBS Scores, QBS Punktid). "
            "Score it first (xl-qbs score), or give a workbook that is scored (--scored)."
        )
    if len(found) > 1:
        sheets = ", ".join(f"'{one.grid.sheet}'" for one in found)
        raise TableNotFoundError(
            f"{name} holds need-adjusted scores on {len(found)} sheets: {sheets}. Leave one of them."
        )
    return found[0]


def _scores_on(file: InputFile, grid: Grid) -> NamedTable | None:
    """Return the scores of a sheet, whose group of columns is named above the headings."""
    for row, cells in enumerate(grid.rows[:_COMPARED_ROWS]):
        if compared(grid.text(row, 0)) not in _LIST:
            continue
        scores = [column for column in range(len(cells)) if compared(grid.text(row, column)) in _SCORE]
        for column in scores:
            group = next((up for up in range(row) if compared(grid.text(up, column)) in _NEED), None)
            if group is not None:
                names = {"provider": grid.text(row, 0), "quality": grid.text(group, column)}
                rows = [one for one in range(row + 1, len(grid.rows)) if grid.text(one, 0) or (one, 0) in grid.unvalued]
                places = {"provider": 0, "quality": column}
                return NamedTable(file=file, grid=grid, heading_row=row, rows=rows, columns=places, names=names)
    return None


def _joined(table: NamedTable, ids: Sequence[str], scores: NamedTable) -> tuple[Array, ScoreCells]:
    """Return the score of each provider of a table, and where it stands; what is wrong goes to the table."""
    listed = scores.ids()
    row_of = dict(zip(listed, scores.rows, strict=True))
    scores.tell_twice(listed)
    scored, asked = f"the sheet '{scores.grid.sheet}'", f"the sheet '{table.grid.sheet}'"
    uncalculated = unvalued(scores.grid, scores.rows, list(scores.columns.values()))
    scores.findings += uncalculated
    scores.rows = [row_of[one] for one in ids if one in row_of]
    qualities = np.full(len(ids), np.nan)
    if not uncalculated:
        _tell_unmatched(table, [one for one in dict.fromkeys(ids) if one not in row_of], scored)
        known = set(ids)
        _tell_unmatched(scores, [one for one in listed if one not in known], asked)
        qualities = scores.numbers("quality", varies=True)
    elsewhere = "" if scores.file is table.file else f"[{scores.file.path.name}]"
    table.findings += [replace(one, sheet=f"{elsewhere}{one.sheet}") for one in scores.findings]
    cells = ScoreCells(
        path=scores.file.path,
        sha256=scores.file.sha256,
        sheet=scores.grid.sheet,
        rows=np.array(scores.rows, dtype=np.int64) + 1,
        column=scores.columns["quality"] + 1,
    )
    return qualities, cells


def _tell_unmatched(table: NamedTable, missing: Sequence[str], other: str) -> None:
    if missing:
        ids = f"{len(missing):,} id{'s' * (len(missing) > 1)}"
        what = f"{ids} of {table.title('provider')} not found on {other}: {some(missing)}."
        table.tell(what, "Write ids alike on both (0017 is not 17), and the same providers on both.")
