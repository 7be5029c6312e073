"""A sheet's cells: values, errors, formulas without values, hidden and merged parts, absurd sizes."""

from __future__ import annotations

import datetime
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.workbook.builders import Formula, edit_parts, simple, write_xlsx
from xl_qbs import errors
from xl_qbs.workbook import grid as grid_module
from xl_qbs.workbook.far_cells import used_places
from xl_qbs.workbook.grid import Grid, cell_name, read_grids
from xl_qbs.workbook.package import open_package

SHEET = "xl/worksheets/sheet1.xml"


def grid_of(path: Path) -> Grid:
    with open_package(path) as package:
        return read_grids(package)[0]


def with_sheet_data(tmp_path: Path, data: str, **replacements: str) -> Path:
    """Write a workbook whose first sheet holds this XML in its sheetData."""
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    xml = replacements.get("xml", f'<worksheet xmlns="{namespace}"><sheetData>{data}</sheetData></worksheet>')
    return edit_parts(
        simple(tmp_path / "a.xlsx"),
        tmp_path / "b.xlsx",
        lambda name, content: xml.encode(replacements.get("encoding", "utf-8")) if name == SHEET else content,
    )


def test_values(tmp_path: Path) -> None:
    rows = [[None], [None, 5, "=1+1", True, "  ", datetime.date(2019, 12, 31), Formula("=1+1", 2), "õ"]]
    grid = grid_of(write_xlsx(tmp_path / "a.xlsx", {"S": rows}))
    assert grid.rows == [[None] * 8, [None, 5.0, "=1+1", True, None, datetime.date(2019, 12, 31), 2.0, "õ"]]


def test_errors_and_formulas_without_value(tmp_path: Path) -> None:
    rows = [[Formula("=NA()", "#N/A"), Formula("=1/0", "#DIV/0!"), Formula("=A1", None), Formula("=A1+1", 5)]]
    grid = grid_of(write_xlsx(tmp_path / "a.xlsx", {"S": rows}))
    assert grid.errors == {(0, 0): "#N/A", (0, 1): "#DIV/0!"}
    assert grid.unvalued == {(0, 2)}


@pytest.mark.parametrize(
    ("cell", "unvalued"),
    [
        ('<c r="B3"><f>A1</f></c>', True),
        ('<c r="B3"><f>A1</f><v/></c>', True),
        ('<c r="B3" s="1"><f t="shared" si="0"/></c>', True),
        ('<c r="B3"><f t="shared" ref="B3:B5" si="0">A1</f><v></v></c>', True),
        ('<c r="B3" t="str"><f>""</f><v></v></c>', False),
        ('<c r="B3"><f>A1</f><v>0</v></c>', False),
        ('<c r="B3"><v>1</v></c>', False),
    ],
)
def test_forms_of_formulas_without_value(tmp_path: Path, cell: str, unvalued: bool) -> None:
    grid = grid_of(with_sheet_data(tmp_path, f'<row r="3"><c r="A3"><v>4</v></c>{cell}</row>'))
    assert grid.unvalued == ({(2, 1)} if unvalued else set())


def test_namespace_prefix(tmp_path: Path) -> None:
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    xml = (
        f'<x:worksheet xmlns:x="{namespace}"><x:sheetData><x:row r="2" hidden="1"><x:c r="B2"><x:v>7</x:v></x:c>'
        '<x:c r="C2" t="e"><x:v>#REF!</x:v></x:c><x:c r="D2"><x:f>B2</x:f></x:c></x:row></x:sheetData>'
        '<x:mergeCells><x:mergeCell ref="B2:B3"/></x:mergeCells></x:worksheet>'
    )
    grid = grid_of(with_sheet_data(tmp_path, "", xml=xml))
    assert grid.value(1, 1) == 7.0
    assert grid.errors == {(1, 2): "#REF!"}
    assert grid.unvalued == {(1, 3)}
    assert grid.hidden_rows == {1}
    assert grid.merged == (((1, 1), (2, 1)),)


def test_cells_without_references(tmp_path: Path) -> None:
    data = '<row><c><v>1</v></c><c t="e"><v>#N/A</v></c></row><row><c/><c><f>A1</f></c><c><v>3</v></c></row>'
    grid = grid_of(with_sheet_data(tmp_path, data))
    assert grid.rows == [[1.0, None, None], [None, None, 3.0]]
    assert grid.errors == {(0, 1): "#N/A"}
    assert grid.unvalued == {(1, 1)}


def test_utf_16(tmp_path: Path) -> None:
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    xml = (
        f'<?xml version="1.0" encoding="UTF-16"?><worksheet xmlns="{namespace}"><sheetData><row r="1">'
        '<c r="A1" t="inlineStr"><is><t>Sihtrühm</t></is></c></row></sheetData></worksheet>'
    )
    assert grid_of(with_sheet_data(tmp_path, "", xml=xml, encoding="utf-16")).rows == [["Sihtrühm"]]


def test_hidden_and_merged(tmp_path: Path) -> None:
    def hide(book: object) -> None:
        sheet = book.worksheets()[0]  # type: ignore[attr-defined]
        sheet.set_row(1, None, None, {"hidden": True})
        sheet.set_column("C:D", None, None, {"hidden": True})

    grid = grid_of(write_xlsx(tmp_path / "a.xlsx", {"S": [["a", None, 1], [2], [3]]}, ["A1:B1"], hide))
    assert grid.hidden_rows == {1}
    assert grid.hidden_columns == {2, 3}
    assert grid.merged == (((0, 0), (0, 1)),)


@pytest.mark.parametrize(
    "far",
    [
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1048576"><c s="0" r="XFD1048576"><v>1</v></c></row>',
        "<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>",
    ],
)
def test_a_stray_cell_far_away_costs_nothing_and_keeps_its_place(tmp_path: Path, far: str) -> None:
    data = f'<row r="1"><c r="A1"><v>1</v></c></row><row r="3"><c r="B3" s="0"/><c r="C3"><v>3</v></c></row>{far}'
    rows = grid_of(with_sheet_data(tmp_path, data)).rows
    assert (len(rows), rows[:4]) == (1_048_576, [[1.0], [], [None, None, 3.0], []])
    assert rows[-1] == [*[None] * 16_383, 1.0]


@pytest.mark.parametrize(("gap", "looked_for"), [(0, False), (20, True)])
def test_a_large_table_that_is_full_is_not_looked_through_for_stray_cells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gap: int, looked_for: bool
) -> None:
    """To look at each cell's place took a fifth of the time of 80,000 lists."""
    looked: list[bytes] = []

    def places(xml: bytes) -> tuple[list[int], list[int]]:
        looked.append(xml)
        return used_places(xml)

    monkeypatch.setattr(grid_module, "_MANY_CELLS", 10)
    monkeypatch.setattr(grid_module, "used_places", places)
    rows: list[list[Any]] = [["a", 1.0, True], ["b", 2.0, None], *([] for _ in range(gap)), ["c", 3.0, "d"]]
    rows += [["e", 4.0, "f"], ["g", 5.0, "h"]]
    grid = grid_of(write_xlsx(tmp_path / "a.xlsx", {"S": rows}))
    assert bool(looked) == looked_for
    assert [grid.value(0, 0), grid.value(2 + gap, 1), grid.value(4 + gap, 2)] == ["a", 3.0, "h"]


def test_stray_cells_in_too_many_rows_and_columns(tmp_path: Path) -> None:
    data = "".join(f'<row r="{n}"><c r="{cell_name(n - 1, n - 1)}"><v>1</v></c></row>' for n in range(1, 3_000))
    path = with_sheet_data(tmp_path, data)
    with open_package(path) as package, pytest.raises(errors.DangerousWorkbookError, match="DKI2999"):
        read_grids(package)


@pytest.mark.parametrize(
    "place", ["XFE1", "A1048577", "AAAA1", "A99999999", "A" + "9" * 5_000, "A0", "5", "A", "", "A-1", "A1:B2"]
)
@pytest.mark.parametrize("tag", ['<c r="{}">', '<c s="0" r="{}">'])
def test_a_place_that_no_sheet_has(tmp_path: Path, place: str, tag: str) -> None:
    path = with_sheet_data(tmp_path, f'<row r="1">{tag.format(place)}<v>1</v></c></row>')
    words = r"no sheet has|that a sheet has"
    with open_package(path) as package, pytest.raises(errors.DamagedWorkbookError, match=words):
        read_grids(package)


def test_formatted_blank_cells_far_away_cost_nothing(tmp_path: Path) -> None:
    data = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576" s="0"/></row>'
    assert grid_of(with_sheet_data(tmp_path, data)).rows == [[1.0]]


def test_entities_in_a_sheet(tmp_path: Path) -> None:
    xml = '<!DOCTYPE worksheet [<!ENTITY a "b">]><worksheet><sheetData/></worksheet>'
    path = with_sheet_data(tmp_path, "", xml=xml)
    with open_package(path) as package, pytest.raises(errors.DangerousWorkbookError, match="entities"):
        read_grids(package)


def test_broken_sheet(tmp_path: Path) -> None:
    path = with_sheet_data(tmp_path, '<row r="1"><c r="A1"><v>1</v></c')
    with open_package(path) as package, pytest.raises(errors.DamagedWorkbookError, match="not proper XML"):
        read_grids(package)


def test_only_some_sheets(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"One": [[1]], "Two": [[2]], "Three": [[3]]})
    with open_package(path) as package:
        assert [grid.sheet for grid in read_grids(package, {"Three", "One"})] == ["One", "Three"]
        assert read_grids(package, set()) == []


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/styles.xml", SHEET])
def test_a_count_that_lies_reserves_no_memory(tmp_path: Path, part: str) -> None:
    lie = b'="4294967296"'

    def exaggerate(name: str, content: bytes) -> bytes:
        return re.sub(rb'(?<=ount)="\d+"', lie, content) if name == part else content

    source = write_xlsx(tmp_path / "a.xlsx", {"S": [["a", None, datetime.date(2019, 12, 31)]]}, ["A1:B1"])
    path = edit_parts(source, tmp_path / "b.xlsx", exaggerate)
    assert lie in zipfile.ZipFile(path).read(part)
    assert grid_of(path).rows == [["a", None, datetime.date(2019, 12, 31)]]


@pytest.mark.parametrize("data", ["<sheetData/>", "<sheetData></sheetData>", ""])
def test_a_sheet_without_cells(tmp_path: Path, data: str) -> None:
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    assert grid_of(with_sheet_data(tmp_path, "", xml=f'<worksheet xmlns="{namespace}">{data}</worksheet>')).rows == []


def test_a_part_that_is_no_worksheet(tmp_path: Path) -> None:
    path = with_sheet_data(tmp_path, "", xml="<chartsheet/>")
    with open_package(path) as package, pytest.raises(errors.DamagedWorkbookError, match="not a worksheet"):
        read_grids(package)
