"""Small workbooks of one sheet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pytest

from tests.compare import parts_of, values
from tests.small_fund import tiny_book
from xl_qbs.errors import OutputError
from xl_qbs.sheets.model import Book, Label
from xl_qbs.workbook.one_sheet import OneSheetWriter
from xl_qbs.workbook.package import open_package


def book_of(number: float, name: str = "Page one") -> Book:
    book = Book(prefix="")
    sheet = book.sheet(name)
    book.write(sheet, (1, 1), [[Label("Text & <more>", "")]], "title")
    book.add(sheet, "x", (2, 1), np.array([number]), kind="input", format="count")
    book.add(sheet, "y", (3, 1), np.array([number + 1]), "{x}+1", kind="output")
    sheet.print_area = "A1:A3"
    return book


def test_a_page_reads_back(tmp_path: Path) -> None:
    writer = OneSheetWriter()
    for number in (1.0, 2.0):
        path = tmp_path / f"{number}.xlsx"
        writer.write(book_of(number), path)
        assert values(path)["Page one"] == {"A1": "Text & <more>", "A2": number, "A3": number + 1}
        sheet = openpyxl.load_workbook(path)["Page one"]
        assert sheet["A3"].value == "=$A$2+1"
        assert sheet.print_area == "'Page one'!$A$1:$A$3"
        assert sheet["A1"].font.b
        with open_package(path) as package:
            assert [one.name for one in package.sheets] == ["Page one"]


def test_the_same_book_gives_the_same_bytes_and_no_more_parts_than_needed(tmp_path: Path) -> None:
    OneSheetWriter().write(book_of(1), tmp_path / "a.xlsx")
    writer = OneSheetWriter()
    writer.write(book_of(2), tmp_path / "b.xlsx")
    writer.write(book_of(1), tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert len(parts_of(tmp_path / "a.xlsx")) == 6


def test_a_book_of_two_sheets_or_with_charts_is_refused(tmp_path: Path) -> None:
    two = book_of(1)
    two.sheet("other")
    for book in (two, tiny_book()):
        with pytest.raises(ValueError, match="one sheet without charts"):
            OneSheetWriter().write(book, tmp_path / "a.xlsx")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="not there"):
        OneSheetWriter().write(book_of(1), tmp_path / "no" / "a.xlsx")
    assert not list(tmp_path.iterdir())
