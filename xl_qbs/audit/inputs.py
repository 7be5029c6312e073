"""The inputs of a scored workbook: its run log, the counts that stand in it now, and those that were scored."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from xl_qbs.audit.opened import ErrorText, Opened, OpenedSheet, Value
from xl_qbs.errors import QbsError
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.address import cell_name
from xl_qbs.sheets.model import Block, Book
from xl_qbs.workbook.add_sheets import sheet_title
from xl_qbs.workbook.fund_table import FundTable
from xl_qbs.workbook.grid import as_text
from xl_qbs.workbook.run_log import START, RunLog, as_read, data_print, parse_log

_SHA = re.compile(r"[0-9a-f]{64}\Z")
_MOST_PARTS = 1000


@dataclass(frozen=True)
class FoundLog:
    """The run log of a workbook.

    Attributes:
        log: the log; None where there is none that can be read.
        sound: whether its checksum is right.
        sheet: the sheet that it stands on; empty where there is none.
        cell: its first cell.
        lines: its texts.
    """

    log: RunLog | None
    sound: bool
    sheet: str = ""
    cell: str = ""
    lines: tuple[str, ...] = ()


def find_log(opened: Opened) -> FoundLog:
    """Return the run log that stands on one of the result sheets."""
    held = find_lines(opened, opened.results, START)
    if held is None:
        return FoundLog(None, False)
    log, sound = parse_log(held.lines)
    return FoundLog(log, sound, held.sheet, held.cell, held.lines)


class Lines(NamedTuple):
    """The texts of a log, and where they begin."""

    sheet: str
    cell: str
    lines: tuple[str, ...]


def find_lines(opened: Opened, names: Sequence[str], start: str) -> Lines | None:
    """Return the texts of a log that begins with some text, from one of some sheets; None where there is none."""
    for name in names:
        sheet = opened.sheet(name)
        if sheet is None:
            continue
        for (row, column), found in sheet.cells.items():
            if isinstance(found.value, str) and found.value.startswith(start) and found.formula is None:
                return Lines(name, cell_name(row, column), _lines(sheet, row, column))
    return None


def _lines(sheet: OpenedSheet, row: int, column: int) -> tuple[str, ...]:
    lines: list[str] = []
    for number in range(row, row + _MOST_PARTS):
        value = sheet.at(number, column).value
        if not isinstance(value, str):
            break
        lines.append(value)
        if _SHA.match(value.strip()):
            break
    return tuple(lines)


class WrongCell(NamedTuple):
    """A cell of the data that holds no count, id or coefficient."""

    cell: str
    what: str
    row: int
    column: str


@dataclass(frozen=True, eq=False)
class Counts:
    """Counts as they stand in a workbook; N lists, k indicators.

    Attributes:
        providers: ids, length N.
        target: targets, shape (N, k); 0 where a cell holds no number.
        done: work done, shape (N, k).
        coefficient: coefficients, shape (N,), or None.
        wrong: cells that hold none.
    """

    providers: tuple[str, ...]
    target: Array
    done: Array
    coefficient: Array | None
    wrong: tuple[WrongCell, ...] = ()

    def table(self, log: RunLog) -> FundTable | None:
        """Return them as a table; None where they are none."""
        try:
            return None if self.wrong else as_read(log, self.providers, self.target, self.done, self.coefficient)
        except QbsError:
            return None


def data_sheet(log: RunLog) -> str:
    """Return the name of the sheet that the counts stand on in the scored workbook."""
    return sheet_title(log.source.sheet) if log.source.delimiter is not None else log.source.sheet


def counts_now(log: RunLog, sheet: OpenedSheet) -> Counts:
    """Return what stands in the cells that were read."""
    source, codes = log.source, log.scheme.codes
    wrong: list[WrongCell] = []
    id_column = source.provider_column + 1
    providers = []
    for number, row in enumerate(source.provider_rows.tolist()):
        value = sheet.at(row, id_column).value
        text = re.sub(" {2,}", " ", as_text(value)) if _is_id(value) else ""
        if not text:
            wrong.append(WrongCell(cell_name(row, id_column), f"holds {_told(value)}, no list's id", number, "id"))
        providers.append(text or f"(cell {cell_name(row, id_column)})")
    shape = source.rows.shape
    target, done = np.zeros(shape), np.zeros(shape)
    for j, code in enumerate(codes):
        left, right = int(source.target_columns[j]) + 1, int(source.done_columns[j]) + 1
        for i, row in enumerate(source.rows[:, j].tolist()):
            if row == 0:
                continue
            n, x = sheet.at(row, left).value, sheet.at(row, right).value
            if n in (None, "") and x in (None, ""):
                continue
            if x in (None, "") and n == 0:
                x = 0.0
            for values, value, column, what in ((target, n, left, "n"), (done, x, right, "x")):
                if isinstance(value, float) and value >= 0 and value == int(value):
                    values[i, j] = value
                else:
                    told = f"holds {_told(value)}, no whole number from 0"
                    wrong.append(WrongCell(cell_name(row, column), told, i, f"{what} {code}"))
    coefficient = None
    if source.coefficient_column is not None:
        at = source.coefficient_column + 1
        coefficient = np.ones(shape[0])
        for i, row in enumerate(source.provider_rows.tolist()):
            value = sheet.at(row, at).value
            if isinstance(value, float) and value >= 0:
                coefficient[i] = value
            elif value not in (None, ""):
                told = f"holds {_told(value)}, no coefficient"
                wrong.append(WrongCell(cell_name(row, at), told, i, "coefficient"))
    return Counts(tuple(providers), target, done, coefficient, tuple(wrong))


def counts_scored(log: RunLog, book: Book, opened: Opened) -> Counts | None:
    """Return the counts that the links to the data hold as stored values: those of the last calculation.

    Args:
        log: the run log; it tells the work done above the target, which links cap.
        book: a book of the same layout.
        opened: the workbook.

    Returns:
        The counts; None where a link holds none.
    """
    blocks = {key: book.named.get(key) for key in ("provider", "target", "done", "coefficient")}
    values: dict[str, list[list[Value]]] = {}
    for key, block in blocks.items():
        if not isinstance(block, Block):
            continue
        sheet = opened.sheet(block.sheet)
        if sheet is None:
            return None
        values[key] = [
            [sheet.at(block.row + i, block.column + j).value for j in range(block.columns)] for i in range(block.rows)
        ]
    try:
        target, done = np.array(values["target"], dtype=float), np.array(values["done"], dtype=float)
        coefficient = np.array(values["coefficient"], dtype=float)[:, 0] if "coefficient" in values else None
        for i, j, x in log.above:
            if done[i, j] == target[i, j]:
                done[i, j] = x
    except (TypeError, ValueError, IndexError, KeyError):
        return None
    if not (np.isfinite(target).all() and np.isfinite(done).all()):
        return None
    return Counts(tuple(str(row[0] or "") for row in values["provider"]), target, done, coefficient)


def is_as_scored(log: RunLog, table: FundTable | None) -> bool:
    """Return whether a table's counts are those that were scored."""
    return table is not None and data_print(table).sha256 == log.data.sha256


class Change(NamedTuple):
    """Cells of the data that are not as they were scored.

    Attributes:
        cell: the cell, or the range that holds it.
        provider: the list.
        before: what was scored; None where only its fingerprint is known.
        now: what stands there.
        row: the list's place, from 0.
        column: the indicator's place, from 0; -1 for an id or a coefficient.
        what: ``id``, ``coefficient``, or ``n`` or ``x`` and the indicator's code.
    """

    cell: str
    provider: str
    before: float | str | None
    now: float | str | None
    row: int
    column: int
    what: str


def changes(log: RunLog, before: Counts, now: Counts) -> list[Change]:
    """Return the cells in which two readings of the same places differ."""
    found = []
    source = log.source
    wrong = {(one.row, one.column): one for one in now.wrong}
    for i, (old, new) in enumerate(zip(before.providers, now.providers, strict=True)):
        if old != new:
            cell = cell_name(int(source.provider_rows[i]), source.provider_column + 1)
            found.append(Change(cell, old, old, new, i, -1, "id"))
    for what, was, has, columns in (
        ("n", before.target, now.target, source.target_columns),
        ("x", before.done, now.done, source.done_columns),
    ):
        for j, code in enumerate(log.scheme.codes):
            unlike = was[:, j] != has[:, j]
            for row, key in wrong:
                if key == f"{what} {code}":
                    unlike[row] = True
            for i in np.flatnonzero(unlike).tolist():
                cell = cell_name(int(source.rows[i, j]), int(columns[j]) + 1)
                value = None if (i, f"{what} {code}") in wrong else float(has[i, j])
                found.append(Change(cell, before.providers[i], float(was[i, j]), value, i, j, f"{what} {code}"))
    if before.coefficient is not None and now.coefficient is not None and source.coefficient_column is not None:
        for i in np.flatnonzero(before.coefficient != now.coefficient).tolist():
            cell = cell_name(int(source.provider_rows[i]), source.coefficient_column + 1)
            old_value, new_value = float(before.coefficient[i]), float(now.coefficient[i])
            found.append(Change(cell, before.providers[i], old_value, new_value, i, -1, "coefficient"))
    return found


def suspected(log: RunLog, table: FundTable) -> list[Change]:
    """Return the cells that may have changed by their fingerprints: where a changed list meets a changed column."""
    source = log.source
    prints = data_print(table)
    rows = [i for i in range(len(table.providers)) if prints.row(i) != log.data.row(i)]
    columns = [key for key, value in prints.by_column.items() if log.data.by_column.get(key) != value]
    found = []
    places = {code: j for j, code in enumerate(log.scheme.codes)}
    for i in rows:
        for key in columns:
            kind, _, code = key.partition(" ")
            if kind in ("n", "x") and code in places:
                j = places[code]
                column = int((source.target_columns if kind == "n" else source.done_columns)[j])
                cell, value = (
                    cell_name(int(source.rows[i, j]), column + 1),
                    (table.target if kind == "n" else table.done)[i, j],
                )
                found.append(Change(cell, table.providers[i], None, float(value), i, j, key))
            elif key == "id":
                cell = cell_name(int(source.provider_rows[i]), source.provider_column + 1)
                found.append(Change(cell, table.providers[i], None, table.providers[i], i, -1, "id"))
            elif source.coefficient_column is not None and table.coefficient is not None:
                cell = cell_name(int(source.provider_rows[i]), source.coefficient_column + 1)
                found.append(Change(cell, table.providers[i], None, float(table.coefficient[i]), i, -1, "coefficient"))
    return found


def moved_row(log: RunLog, now: Counts) -> tuple[int, int] | None:
    """Return where a row of the data was taken out (-1) or put in (1), from 0; None where none was."""
    lines = [
        data_print(as_read(log, (one,), now.target[i : i + 1], now.done[i : i + 1], _one(now.coefficient, i))).by_list
        for i, one in enumerate(now.providers)
    ]
    count = len(lines)
    unlike = [i for i in range(count) if lines[i] != log.data.row(i)]
    if len(unlike) < 2:
        return None
    first = unlike[0]
    # The last rows meet what stands below the table, and are no witnesses.
    if first < count - 2 and all(lines[i] == log.data.row(i + 1) for i in range(first, count - 2)):
        return first, -1
    if first < count - 2 and all(lines[i + 1] == log.data.row(i) for i in range(first, count - 1)):
        return first, 1
    return None


def _one(values: Array | None, place: int) -> Array | None:
    return None if values is None else values[place : place + 1]


def _is_id(value: Value) -> bool:
    return isinstance(value, (str, float)) and not isinstance(value, (bool, ErrorText))


def _told(value: Value) -> str:
    if value in (None, ""):
        return "nothing"
    return f"the error {value}" if isinstance(value, ErrorText) else f"'{value}'"


def stand_in(log: RunLog) -> Counts:
    """Return counts that can be scored, to give a book the layout of the log's."""
    shape: Sequence[int] = log.source.rows.shape
    rows, columns = np.ogrid[1 : shape[0] + 1, 1 : shape[1] + 1]
    target = 20.0 + (7 * rows + 3 * columns) % 11
    done = np.maximum(np.floor(target * (0.3 + 0.08 * (rows % 8))) - (rows * columns) % 3, 0.0)
    providers = tuple(f"{number}" for number in range(shape[0]))
    coefficient = None if log.source.coefficient_column is None else np.ones(shape[0])
    return Counts(providers, target, done, coefficient)
