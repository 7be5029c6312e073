"""The engines must calculate anew, not repeat what a workbook says of itself."""

from __future__ import annotations

import contextlib
import datetime
import os
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from tests import engines
from tests.engines import (
    Cells,
    EngineError,
    ErrorValue,
    recalculate_ironcalc,
    recalculate_libreoffice,
    stored_values,
    to_pdf,
    to_png,
)

ENGINES = [
    pytest.param(recalculate_libreoffice, id="libreoffice", marks=pytest.mark.libreoffice),
    pytest.param(recalculate_ironcalc, id="ironcalc"),
]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A workbook whose formulas all have a wrong stored value."""
    path = tmp_path / "wrong values.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("A b")
        sheet.fit_to_pages(1, 1)
        sheet.write_row("A1", [3, 4, "text", True, "#N/A"])
        sheet.write_datetime("F1", datetime.datetime(2024, 3, 4), workbook.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write_formula("A2", "=A1+B1", None, 999)
        sheet.write_formula("B2", "=1/3", None, 999)
        sheet.write_formula("C2", "=C1&A2", None, "wrong")
        sheet.write_formula("D2", "=A1>B1", None, True)
        sheet.write_formula("E2", "=1/(A1-3)", None, 1)
        sheet.write_formula("F2", '=""', None, "wrong")
        sheet.write_formula("G2", "=NA()", None, 1)
        sheet.write_formula("H2", '="#N/A"', None, "wrong")
        sheet.write_array_formula("I2", "{=SUM(A1:B1*A1:B1)}", None, 999)
        workbook.add_worksheet("two").write_formula("B7", "='A b'!A2*2", None, 999)
    return path


@pytest.mark.parametrize("recalculate", ENGINES)
def test_formulas_are_calculated_anew(recalculate: Callable[[Path], Cells], book: Path) -> None:
    assert stored_values(book)["A b"]["A2"] == 999
    cells = recalculate(book)
    assert list(cells) == ["A b", "two"]
    assert cells["A b"] == {
        "A1": 3,
        "B1": 4,
        "C1": "text",
        "D1": True,
        "E1": "#N/A",
        "F1": 45355,
        "A2": 7,
        "B2": pytest.approx(1 / 3, rel=1e-14),
        "C2": "text7",
        "D2": False,
        "E2": ErrorValue("#DIV/0!"),
        "F2": "",
        "G2": ErrorValue("#N/A"),
        "H2": "#N/A",
        "I2": 25,
    }
    assert cells["two"] == {"B7": 14}
    assert isinstance(cells["A b"]["D2"], bool)
    assert cells["A b"]["Z99"] is None


@pytest.mark.libreoffice
def test_libreoffice_is_ended_when_it_takes_too_long(book: Path) -> None:
    with pytest.raises(EngineError, match=re.escape("not done after 0.01 seconds")):
        recalculate_libreoffice(book, timeout=0.01)
    # Every process of LibreOffice names the profile, and each test process has its own.
    assert not [line for line in _processes() if engines._home().name in line]
    assert recalculate_libreoffice(book)["two"]["B7"] == 14


def test_a_missing_libreoffice_is_named(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "soffice", lambda: None)
    with pytest.raises(EngineError, match="LibreOffice is not installed"):
        recalculate_libreoffice(book)


@pytest.mark.libreoffice
def test_what_libreoffice_cannot_open_is_named(tmp_path: Path) -> None:
    path = tmp_path / "damaged.xlsx"
    path.write_bytes(b"PK\x03\x04 and nothing else")
    with pytest.raises(EngineError, match=r"LibreOffice made no xlsx of damaged\.xlsx"):
        recalculate_libreoffice(path)


@pytest.mark.parametrize(("asked", "outcome"), [("0", "1 skipped"), ("1", "1 error")])
def test_libreoffice_may_be_missing_only_where_nobody_asks_for_it(asked: str, outcome: str) -> None:
    marked = f"{__file__}::{test_what_libreoffice_cannot_open_is_named.__name__}"
    # An empty PATH hides LibreOffice on Linux; elsewhere it may stand in a place of its own.
    if engines.soffice() in engines._OTHER_PLACES:
        pytest.skip("LibreOffice cannot be hidden here")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", marked, "-p", "no:cacheprovider", "-p", "no:xdist"],
        cwd=Path(__file__).parents[1],
        env={**os.environ, "PATH": "", "XL_QBS_REQUIRE_LIBREOFFICE": asked},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome in run.stdout
    assert "LibreOffice is not installed" in run.stdout


@pytest.mark.libreoffice
@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="pdftoppm is not installed")
def test_a_workbook_is_drawn(book: Path, tmp_path: Path) -> None:
    pdf = to_pdf(book, tmp_path / "seen")
    assert pdf.name == "wrong values.pdf"
    pictures = to_png(pdf, tmp_path / "seen", dpi=40)
    assert len(pictures) == 2
    assert all(picture.read_bytes().startswith(b"\x89PNG") for picture in pictures)


def test_stored_values_are_those_that_openpyxl_reads(shared: Path) -> None:
    path = shared / "data" / "fund_workbook_2019.xlsx"
    cells = stored_values(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl says what it would lose if it saved
        book = openpyxl.load_workbook(path, data_only=True)
    assert list(cells) == book.sheetnames
    for sheet in book.worksheets:
        read = {
            cell.coordinate: ErrorValue(cell.value) if cell.data_type == "e" else cell.value
            for row in sheet.iter_rows()
            for cell in row
            if cell.value is not None
        }
        assert cells[sheet.title] == read


def test_stored_texts_come_from_every_place_where_they_may_stand(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A1"] = "shared"
    sheet["B1"] = CellRichText("in ", TextBlock(InlineFont(b=True), "runs"))
    sheet["C1"] = "=1+1"
    book.save(tmp_path / "texts.xlsx")
    assert stored_values(tmp_path / "texts.xlsx") == {"Sheet": {"A1": "shared", "B1": "in runs"}}


def _processes() -> list[str]:
    listed = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            listed.append(Path(folder, "cmdline").read_bytes().decode(errors="replace"))
    return listed
