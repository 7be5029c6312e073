"""The mutation test: of seeded single changes, every one is found where it was made, and nothing else is.

A sample is drawn by default; XL_QBS_SLOW=1 draws a thousand.
"""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from tests.audit.mutations import Mutation, Mutator
from tests.small_fund import Scored
from xl_qbs.audit.findings import AuditFinding, AuditReport
from xl_qbs.audit.inputs import data_sheet
from xl_qbs.audit.library import Library
from xl_qbs.audit.opened import Opened, open_workbook
from xl_qbs.audit.run import audit_file, audit_opened
from xl_qbs.audit.scored import Rebuilt, rebuild
from xl_qbs.sheets.address import split_cell

SLOW = os.environ.get("XL_QBS_SLOW") == "1"


def _inside(cell: str, reach: str) -> bool:
    first, _, last = reach.partition(":")
    if ":" in cell:
        # A row: somewhere in it, or right where it was.
        return split_cell(first)[1] <= int(cell.partition(":")[0]) <= split_cell(last or first)[1]
    (left, top), (right, bottom), (column, row) = split_cell(first), split_cell(last or first), split_cell(cell)
    return left <= column <= right and top <= row <= bottom


def is_located(report: AuditReport, made: Mutation) -> bool:
    """Whether errors name the sheet, and each of the cells or a range that holds it."""
    here = [one for one in report.findings if one.sheet == made.sheet and one.severity == "error"]
    return bool(here) and all(any(one.cell and _inside(cell, one.cell) for one in here) for cell in made.cells)


def _inputs(made: Rebuilt) -> dict[str, list[tuple[int, int]]]:
    inputs: dict[str, list[tuple[int, int]]] = {}
    for sheet in made.as_scored.book.sheets:
        for block in sheet.blocks:
            if block.kind == "input":
                inputs.setdefault(sheet.name, []).extend(
                    (block.row + i, block.column + j) for i in range(block.rows) for j in range(block.columns)
                )
    source = made.log.source
    inputs[data_sheet(made.log)] = [
        (int(source.rows[i, j]), int(columns[j]) + 1)
        for columns in (source.target_columns, source.done_columns)
        for i in range(source.rows.shape[0])
        for j in range(source.rows.shape[1])
    ]
    return inputs


def _assert_all_found(opened: Opened, number: int, seed: int) -> None:
    library = Library()
    assert audit_opened(opened, library).findings == ()
    mutator = Mutator(opened, list(opened.results), _inputs(rebuild(opened, library)), seed)
    missed: list[tuple[str, tuple[AuditFinding, ...]]] = []
    loud = []
    for place in range(number):
        made = mutator.make(place)
        report = audit_opened(made.opened, library)
        if report.passed or not is_located(report, made):
            missed.append((made.what, report.as_text(4)))
        # A change of one cell is one or two findings, and at most what follows from it on each sheet.
        if not made.what.startswith("row") and len(report.findings) > 8:
            loud.append((made.what, len(report.findings)))
    assert missed == []
    assert loud == []


def test_every_change_of_a_small_workbook_is_found(small: Scored) -> None:
    _assert_all_found(open_workbook(small.path), 1000 if SLOW else 160, seed=1)


@pytest.mark.shared
def test_every_change_of_the_real_workbook_is_found(real: Scored) -> None:
    """Takes a second or two for each change; the whole thousand half an hour."""
    _assert_all_found(open_workbook(real.path), 1000 if SLOW else 16, seed=2)


def test_a_change_is_found_in_the_file_itself(small: Scored, tmp_path: Path) -> None:
    """The same through the archive: the tests above change the parts of an opened workbook."""
    opened = open_workbook(small.path)
    library = Library()
    audit_opened(opened, library)
    mutator = Mutator(opened, list(opened.results), _inputs(rebuild(opened, library)), seed=3)
    for place in range(8):
        made = mutator.make(place)
        path = tmp_path / f"{place}.xlsx"
        with zipfile.ZipFile(small.path) as old, zipfile.ZipFile(path, "w") as new:
            for name in old.namelist():
                new.writestr(name, made.opened.changed.get(name, old.read(name)))
        report = audit_file(path)
        assert not report.passed
        assert is_located(report, made), (made.what, report.as_text())
