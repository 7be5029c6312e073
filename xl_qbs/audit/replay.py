"""A scored workbook made again from its run log, and the proof that it holds the same numbers."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from xl_qbs._version import METHOD_VERSION
from xl_qbs.audit.compare_cells import CALCULATED, alike, shown
from xl_qbs.audit.family import NAMES
from xl_qbs.audit.formula_text import canonical
from xl_qbs.audit.inputs import counts_now, data_sheet, find_log, is_as_scored
from xl_qbs.audit.opened import Found, Opened, open_workbook
from xl_qbs.audit.scored import NotScoredError, book_of, score_log
from xl_qbs.errors import ArgumentError, DataError, Finding, OutputError
from xl_qbs.sheets.address import cell_name
from xl_qbs.workbook.fund_table import FundTable
from xl_qbs.workbook.inject import inject
from xl_qbs.workbook.package import open_package, read_file
from xl_qbs.workbook.read import read_workbook
from xl_qbs.workbook.run_log import RunLog, as_read


class Unlike(NamedTuple):
    """A cell of the two workbooks that is not the same."""

    where: str
    before: str
    again: str


@dataclass(frozen=True)
class Replay:
    """A run that was made again.

    Attributes:
        path: the workbook that was written.
        source: what the counts were read from.
        cells: how many cells were compared.
        formulas: how many formulas among them.
        unlike: the cells that are not the same.
    """

    path: Path
    source: str
    cells: int
    formulas: int
    unlike: tuple[Unlike, ...]


def replay(path: Path, output: Path | None = None, original: Path | None = None) -> Replay:
    """Score a workbook again by its run log and compare every cell of the result sheets.

    Args:
        path: the scored workbook.
        output: where to write; ``NAME_replay.xlsx`` beside it if None.
        original: the file that was scored; the counts in the scored workbook itself if None.

    Raises:
        NotScoredError: there is no run log, or it was changed.
        ArgumentError: the method has another version by now, or the original is another file.
        DataError: the counts are not those that were scored.
        OutputError: the output would be the workbook itself, or cannot be written.
    """
    opened = open_workbook(path)
    if not opened.results:
        others = [NAMES[family] for family in NAMES if opened.families[family]]
        remedy = f"; xl-qbs audit makes its {' and '.join(others)} again" if others else ""
        raise NotScoredError(f"{path.name} holds no scores that could be made again{remedy}.")
    found = find_log(opened)
    log = found.log
    if log is None or not found.sound:
        state = "was changed: its checksum is another" if log is not None else "is missing"
        raise NotScoredError(f"{path.name}: the run log {state}, so that nothing says how to score it again.")
    if log.method_version != METHOD_VERSION:
        raise ArgumentError(
            f"{path.name} was scored by method version {log.method_version}, this is {METHOD_VERSION}: "
            f"use xl_qbs {log.program}."
        )
    output = output or path.with_name(f"{path.stem}_replay{path.suffix}")
    if os.path.exists(output) and output.samefile(path):
        raise OutputError(f"{output} is the scored workbook; give another name with -o.")
    table, source = _table(opened, log, original)
    book = book_of(log, score_log(log, table), found.lines)
    # A workbook of values only is made again as one.
    live = any(one.formula is not None for name in opened.results for one in _cells(opened, name))
    inject(open_package(path), book, output, formulas=live)
    return _compared(opened, open_workbook(output), source)


def _table(opened: Opened, log: RunLog, original: Path | None) -> tuple[FundTable, str]:
    """Return the counts that were scored, and where they were read."""
    if original is not None:
        found = hashlib.sha256(read_file(original)).hexdigest()
        if found != log.source.sha256:
            raise ArgumentError(
                f"{original.name} is not the file that was scored: its SHA-256 is {found}, "
                f"that of {log.source.path.name} was {log.source.sha256}."
            )
        if log.source.delimiter is not None:
            read = read_workbook(original, log.scheme)
            return as_read(log, read.providers, read.target, read.done, read.coefficient), original.name
        opened = open_workbook(original)
    sheet = opened.sheet(data_sheet(log))
    if sheet is None:
        raise NotScoredError(f"{opened.path.name}: the sheet {data_sheet(log)} with the counts is missing.")
    table = counts_now(log, sheet).table(log)
    if table is None or not is_as_scored(log, table):
        what = f"the counts in {opened.path.name} are not those that were scored: their hash is another."
        remedy = "See xl-qbs audit for the cells, or give the file that was scored with --input."
        raise DataError([Finding(what, remedy, sheet=sheet.name)])
    return table, opened.path.name if original is not None else f"{opened.path.name}, sheet {sheet.name}"


def _cells(opened: Opened, name: str) -> Iterable[Found]:
    sheet = opened.sheet(name)
    return () if sheet is None else sheet.cells.values()


def _compared(before: Opened, again: Opened, source: str) -> Replay:
    """Return how the result sheets of two workbooks differ."""
    unlike: list[Unlike] = []
    cells = formulas = 0
    names = [*before.results, *(name for name in again.results if name not in before.results)]
    for name in names:
        old, new = before.sheet(name), again.sheet(name)
        if old is None or new is None or name not in before.results or name not in again.results:
            unlike.append(Unlike(name, "a sheet" if old else "no sheet", "a sheet" if new else "no sheet"))
            continue
        for row, column in sorted({*old.cells, *new.cells}):
            was, has = old.at(row, column), new.at(row, column)
            cells += 1
            formulas += has.formula is not None
            where = f"{name}!{cell_name(row, column)}"
            if (was.formula is None) != (has.formula is None) or (
                was.formula is not None
                and has.formula is not None
                and was.formula != has.formula
                and canonical(was.formula) != canonical(has.formula)
            ):
                unlike.append(Unlike(where, f"={was.formula}", f"={has.formula}"))
            elif not alike(has.value, was.value, CALCULATED):
                unlike.append(Unlike(where, shown(was.value), shown(has.value)))
    return Replay(again.path, source, cells, formulas, tuple(unlike))
