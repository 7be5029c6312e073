"""The cells of a text file as a workbook: the same cells at the same addresses, text as text."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tests.compare import libreoffice, parts_of, values
from tests.engines import Cells, recalculate_ironcalc
from xl_qbs.errors import OutputError
from xl_qbs.workbook.delimited import read_delimited
from xl_qbs.workbook.grid import Grid, read_grids
from xl_qbs.workbook.package import open_package
from xl_qbs.workbook.plain_workbook import write_grid

TEXTS = ["=1+1", "+1", "@SUM(A1)", "'x", '<b>&"', "a\tb", "0017", "#N/A", "TRUE", "  x ", "õ😀", "_x0041_", "bell\x07"]


def _grid(rows: list[list[object]]) -> Grid:
    return Grid(sheet="a", rows=rows)


def test_a_text_file_is_read_back_as_it_was(tmp_path: Path) -> None:
    text = "sep=;\nList;n;x\nN1;10;8,5\n\n;;\nN2;0007;\n"
    grid = read_delimited(tmp_path / "a.csv", text.encode())
    write_grid(grid, "Õ & <leht>", tmp_path / "a.xlsx")
    with open_package(tmp_path / "a.xlsx") as package:
        (again,) = read_grids(package)
    assert again.sheet == "Õ & <leht>"
    trimmed = [[value for value in row if value is not None] for row in grid.rows]
    assert [[value for value in row if value is not None] for row in again.rows] == trimmed
    assert again.rows[2][2] == 8.5
    assert again.rows[5][1] == "0007"


@pytest.mark.parametrize(
    "engine", [values, recalculate_ironcalc, pytest.param(libreoffice, marks=pytest.mark.libreoffice)]
)
def test_text_stays_text(tmp_path: Path, engine: object) -> None:
    write_grid(_grid([[text, 1.5] for text in TEXTS]), "Data", tmp_path / "a.xlsx")
    cells: Cells = engine(tmp_path / "a.xlsx")  # type: ignore[operator]
    found = [cells["Data"][f"A{row}"] for row in range(1, len(TEXTS) + 1)]
    if engine is recalculate_ironcalc:  # it leaves the code of a character as it is
        found = [{"_x005F_x0041_": "_x0041_", "bell_x0007_": "bell\x07"}.get(str(text), text) for text in found]
    assert found == TEXTS
    assert cells["Data"]["B3"] == 1.5


def test_numbers_that_no_cell_holds_stay_text(tmp_path: Path) -> None:
    write_grid(_grid([[float("inf"), -0.0, 1e-300, 123456789012345.0]]), "Data", tmp_path / "a.xlsx")
    assert list(values(tmp_path / "a.xlsx")["Data"].values()) == ["inf", 0.0, 1e-300, 123456789012345.0]


def test_rows_of_any_length(tmp_path: Path) -> None:
    write_grid(_grid([[], ["a"], [None, "b", 3.0, ""], [None]]), "Data", tmp_path / "a.xlsx")
    assert dict(values(tmp_path / "a.xlsx")["Data"]) == {"A2": "a", "B3": "b", "C3": 3.0}


def test_the_same_cells_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_grid(_grid([["x", 1.0]]), "Data", tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert "xl/styles.xml" in parts_of(tmp_path / "a.xlsx")


def test_openpyxl_opens_it(tmp_path: Path) -> None:
    write_grid(_grid([["List", 1.0], ["=A1", None]]), "Data", tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["Data"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [["List", 1], ["=A1", None]]
    assert sheet["A2"].data_type in ("s", "inlineStr")


def test_a_text_that_no_cell_can_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="B1 holds 32,768 characters"):
        write_grid(Grid("Data", [["a", "x" * 32_768]]), "Data", tmp_path / "long.xlsx")
