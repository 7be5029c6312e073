"""Workbooks that others wrote, good and bad: none brings a command down, none loses anything to the result sheets."""

from __future__ import annotations

import csv
import os
import posixpath
from pathlib import Path

import pytest

from tests.compare import parts_of
from tests.engines import Cells, recalculate_libreoffice
from tests.hostile.box import DONE, REFUSED, Box, assert_clear, refusal
from tests.hostile.graft import SHEET, graft
from tests.hostile.seeds import write_scheme
from xl_qbs import errors
from xl_qbs.workbook.package import open_package

SLOW = os.environ.get("XL_QBS_SLOW") == "1"
# One in so many gets a table and is scored, unless there is time for all.
EVERY = 1 if SLOW else 8
# Formulas that give something else each time they are calculated.
CHANGING = ("NOW(", "TODAY(", "RAND", "CELL(", "INFO(")

pytestmark = pytest.mark.shared


def _workbooks(shared: Path) -> list[Path]:
    return sorted((shared / "corpus").glob("*.xl*"))


@pytest.mark.parametrize("command", ["check", "score", "audit"])
def test_every_file_is_answered_in_a_sentence(box: Box, shared: Path, tmp_path: Path, command: str) -> None:
    tried = 0
    for path in sorted((shared / "corpus").iterdir()):
        before = path.read_bytes()
        told = box.run((command, path, *(("-o", "out.xlsx") if command == "score" else ())), tmp_path)
        assert_clear(told, (command, path.name))
        # None of them holds a table of indicators, or was scored.
        assert told.status == REFUSED, path.name
        said = refusal(told)
        first = said.splitlines()[0]
        assert path.name in first, said
        assert first.endswith((".", ":")), said
        assert told.out == ""
        assert path.read_bytes() == before
        tried += 1
    assert tried > 80
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("feature", "words"),
    [("encrypted", "protected with a password"), ("strict", "Strict Open XML Spreadsheet"), ("bad_zip", "is damaged")],
)
def test_what_is_wrong_is_named(box: Box, shared: Path, tmp_path: Path, feature: str, words: str) -> None:
    rows = csv.DictReader((shared / "corpus" / "MANIFEST.csv").open(encoding="utf-8"))
    names = [row["local_name"] for row in rows if feature in row["features"].split()]
    assert len(names) > 3
    for name in names:
        assert words in box.run(("check", shared / "corpus" / name), tmp_path).err, name


def test_result_sheets_leave_everything_else_alone(box: Box, shared: Path, tmp_path: Path) -> None:
    """A table is put into each workbook that opens; it is scored, audited, and scored once more."""
    scheme = write_scheme(tmp_path / "scheme.csv")
    scored = 0
    for path in _workbooks(shared)[::EVERY]:
        source, output = tmp_path / "in.xlsx", tmp_path / "out.xlsx"
        try:
            graft(path, source)
        except errors.WorkbookError:
            continue
        output.unlink(missing_ok=True)
        told = box.run(("score", source, "--scheme", scheme, "--sheet", SHEET, "-o", output), tmp_path)
        assert_clear(told, path.name)
        assert told.status == DONE, (path.name, told.err)
        _assert_others_untouched(source, output)
        audited = box.run(("audit", output, "--recalculate", "none"), tmp_path)
        assert audited.status == DONE, (path.name, audited.out[-2000:], audited.err)
        scored += 1
        if scored % 4 == 1:
            again = box.run(("score", output, "--scheme", scheme, "--sheet", SHEET, "-o", "again.xlsx"), tmp_path)
            assert again.status == DONE, (path.name, again.err)
            _assert_same_sheets(output, tmp_path / "again.xlsx")
    assert scored > (60 if SLOW else 6)


def _assert_others_untouched(source: Path, output: Path) -> None:
    before, after = parts_of(source), parts_of(output)
    with open_package(source) as package:
        folder, name = posixpath.split(package.workbook_part)
        links = posixpath.join(folder, "_rels", f"{name}.rels")
        kinds = {one.type.rpartition("/")[2]: one.target for one in package.relationships(package.workbook_part)}
        added_to = {package.workbook_part, links, "[Content_Types].xml", kinds.get("styles", "")}
        chain = kinds.get("calcChain", "")
    for part, content in before.items():
        if part == chain:
            assert part not in after
        elif part not in added_to:
            assert after[part] == content, part
    made = set(after) - set(before) - added_to
    assert all(posixpath.basename(one).startswith("xl_qbs_") for one in made)


def _assert_same_sheets(first: Path, second: Path) -> None:
    """Assert that a second run has replaced the sheets of the first, and left none of them behind."""
    with open_package(first) as one, open_package(second) as other:
        assert [sheet.name for sheet in other.sheets] == [sheet.name for sheet in one.sheets]
    assert len(parts_of(first)) == len(parts_of(second))


@pytest.mark.libreoffice
def test_libreoffice_opens_them_with_the_same_values(box: Box, shared: Path, tmp_path: Path) -> None:
    scheme = write_scheme(tmp_path / "scheme.csv")
    compared = 0
    paths = _workbooks(shared) if SLOW else [shared / "corpus" / "apache-poi__WithChartSheet.xlsx"]
    for path in paths:
        source, output = tmp_path / "in.xlsx", tmp_path / "out.xlsx"
        try:
            graft(path, source)
        except errors.WorkbookError:
            continue
        told = box.run(("score", source, "--scheme", scheme, "--sheet", SHEET, "-o", output), tmp_path)
        assert told.status == DONE, (path.name, told.err)
        before, after = recalculate_libreoffice(source), recalculate_libreoffice(output)
        assert after["QBS About"], path.name
        changing = any(mark.encode() in content for content in parts_of(source).values() for mark in CHANGING)
        for sheet, cells in before.items():
            if not changing:
                assert after[sheet] == cells, (path.name, sheet)
            assert set(after[sheet]) == set(cells), (path.name, sheet)
        assert _without_errors(after), path.name
        compared += 1
    assert compared > (60 if SLOW else 0)


def _without_errors(cells: Cells) -> bool:
    scores = cells["QBS Scores"]
    return len(scores) > 50 and not any(type(value).__name__ == "ErrorValue" for value in scores.values())
