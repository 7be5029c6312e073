"""A sheet as a part: the order that the schema asks for, cells of the right type, and text that stays text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lxml import etree

from tests.small_fund import tiny_book
from xl_qbs.sheets.address import split_cell
from xl_qbs.sheets.model import Book, Sheet, SourceBlock
from xl_qbs.workbook.sheet_xml import worksheet
from xl_qbs.workbook.styles_xml import MINIMAL_STYLES, Styles

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
# The children of a worksheet in the schema's order (ECMA-376, part 1, 18.3.1.99); Excel asks for it.
ORDER = (
    "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges "
    "scenarios autoFilter sortState dataConsolidate customSheetViews mergeCells phoneticPr "
    "conditionalFormatting dataValidations hyperlinks printOptions pageMargins pageSetup headerFooter "
    "rowBreaks colBreaks customProperties cellWatches ignoredErrors smartTags drawing legacyDrawing "
    "legacyDrawingHF picture oleObjects controls webPublishItems tableParts extLst"
)


def _part(book: Book, sheet: Sheet | None = None, **options: Any) -> Any:
    sheet = sheet or book.sheets[0]
    styles = Styles(MINIMAL_STYLES, {(block.kind, block.format) for block in sheet.blocks})
    return etree.fromstring(b"".join(worksheet(book, sheet, styles, **options)))


def _cells(root: Any) -> dict[str, Any]:
    return {cell.get("r"): cell for cell in root.iter(f"{MAIN}c")}


def _texts(cell: Any) -> str:
    return "".join(node.text or "" for node in cell.iter(f"{MAIN}t"))


def test_children_stand_in_the_order_of_the_schema() -> None:
    root = _part(tiny_book(), drawing="rId1")
    names = [etree.QName(one).localname for one in root]
    assert names == sorted(names, key=ORDER.split().index)
    assert {"autoFilter", "mergeCells", "conditionalFormatting", "rowBreaks", "colBreaks", "drawing"} <= set(names)


def test_rows_and_cells_rise() -> None:
    root = _part(tiny_book())
    rows = [int(row.get("r")) for row in root.iter(f"{MAIN}row")]
    assert rows == sorted(set(rows))
    for row in root.iter(f"{MAIN}row"):
        places = [split_cell(cell.get("r")) for cell in row]
        assert places == sorted(set(places))
        assert {number for _, number in places} == {int(row.get("r"))}


def test_priorities_of_conditional_formats_are_each_given_once() -> None:
    priorities = [int(rule.get("priority")) for rule in _part(tiny_book()).iter(f"{MAIN}cfRule")]
    assert len(priorities) == 4
    assert len(set(priorities)) == 4
    assert min(priorities) == 1


def test_breaks_say_how_far_they_reach() -> None:
    root = _part(tiny_book())
    for name, last in (("rowBreaks", "16383"), ("colBreaks", "1048575")):
        node = root.find(f"{MAIN}{name}")
        assert node.get("count") == node.get("manualBreakCount") == str(len(node)) == "1"
        assert [(one.get("max"), one.get("man")) for one in node] == [(last, "1")]


@pytest.mark.parametrize(
    ("freeze", "expected"),
    [
        ("B4", {"xSplit": "1", "ySplit": "3", "activePane": "bottomRight"}),
        ("A4", {"ySplit": "3", "activePane": "bottomLeft"}),
        ("C1", {"xSplit": "2", "activePane": "topRight"}),
    ],
)
def test_frozen_panes(freeze: str, expected: dict[str, str]) -> None:
    book = tiny_book()
    book.sheets[0].freeze = freeze
    pane = _part(book).find(f".//{MAIN}pane")
    assert dict(pane.attrib) == {**expected, "topLeftCell": freeze, "state": "frozen"}


def test_cells_hold_formula_and_value() -> None:
    cells = _cells(_part(tiny_book()))
    assert [cells["B5"].find(f"{MAIN}{name}").text for name in "fv"] == ["2*$A5", "-5"]
    assert cells["B5"].get("t") is None
    assert cells["A5"].find(f"{MAIN}f") is None
    assert cells["A5"].find(f"{MAIN}v").text == "-2.5"


def test_an_array_formula_stands_in_its_first_cell() -> None:
    cells = _cells(_part(tiny_book()))
    formula = cells["A8"].find(f"{MAIN}f")
    assert (formula.get("t"), formula.get("ref")) == ("array", "A8:B9")
    others = [cells[name] for name in ("B8", "A9", "B9")]
    assert all(cell.find(f"{MAIN}f") is None for cell in others)
    assert [cell.find(f"{MAIN}v").text for cell in others] == ["10", "15", "22"]


def test_values_only() -> None:
    root = _part(tiny_book(), formulas=False)
    assert root.find(f".//{MAIN}f") is None
    assert _cells(root)["B9"].find(f"{MAIN}v").text == "22"


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@x", "'x", "<b>&\"'", "  blanks  ", "a\tb\nc", "%s %% {x} \\1", "😀", "#N/A", "õ" * 300],
)
def test_text_stays_text(text: str) -> None:
    """Both where it is written and where a formula gives it."""
    book = Book()
    sheet = book.sheet("A")
    book.add(sheet, "plain", (1, 1), [text])
    book.add(sheet, "linked", (1, 2), [text], "{plain}")
    book.add(sheet, "number", (1, 3), [1.0], "1")
    cells = _cells(_part(book))
    assert cells["A1"].get("t") == "inlineStr"
    assert _texts(cells["A1"]) == text
    assert cells["B1"].get("t") == "str"
    assert cells["B1"].find(f"{MAIN}v").text == text
    assert cells["C1"].find(f"{MAIN}v").text == "1"


@pytest.mark.parametrize(
    ("text", "stored"),
    [("a\x01b", "a_x0001_b"), ("a\r\nb", "a_x000D_\nb"), ("_x0041_", "_x005F_x0041_"), ("\ufffe", "_xFFFE_")],
)
def test_what_xml_cannot_hold_is_coded(text: str, stored: str) -> None:
    book = Book()
    sheet = book.sheet("A")
    book.add(sheet, "plain", (1, 1), [text])
    book.add(sheet, "linked", (1, 2), [text], "{plain}")
    cells = _cells(_part(book))
    assert _texts(cells["A1"]) == stored
    assert cells["B1"].find(f"{MAIN}v").text == stored


def test_blank_values() -> None:
    book = Book()
    sheet = book.sheet("A")
    book.add(sheet, "plain", (1, 1), np.array([np.nan, 1.0]))
    book.add(sheet, "mixed", (1, 2), [None, ""])
    book.add(sheet, "formula", (1, 3), np.array([np.nan, 2.0]), '""')
    cells = _cells(_part(book))
    assert all(len(cells[name]) == 0 for name in ("A1", "B1", "B2"))
    assert (cells["C1"].get("t"), cells["C1"].find(f"{MAIN}v").text) == ("str", None)
    assert (cells["C2"].get("t"), cells["C2"].find(f"{MAIN}v").text) == (None, "2")


@pytest.mark.parametrize(
    ("value", "stored"),
    [(0.1 + 0.2, "0.30000000000000004"), (1e-300, "1e-300"), (2.0**53, "9007199254740992.0"), (-0.0, "0"), (3.0, "3")],
)
def test_numbers_are_whole_or_exact(value: float, stored: str) -> None:
    for values in (np.array([value]), np.array([value, np.nan])):
        book = Book()
        book.add(book.sheet("A"), "x", (1, 1), values, "1")
        found = _cells(_part(book))["A1"].find(f"{MAIN}v").text
        assert float(found) == value
        assert found == stored


def test_a_value_that_no_cell_can_hold_is_a_mistake() -> None:
    book = Book()
    book.add(book.sheet("A"), "x", (1, 1), [[1, 2], [object(), 3]])
    with pytest.raises(TypeError, match="cannot hold object"):
        _part(book)


def test_rows_of_two_sources_on_one_sheet_are_told_apart() -> None:
    book = Book()
    sheet = book.sheet("A")
    lists, pairs = np.array([[2], [3], [4]]), np.array([[12], [9], [15]])
    book.links(SourceBlock("lists", "Data % {x}", lists, np.array([1])))
    book.links(SourceBlock("pairs", "Data % {x}", pairs, np.array([1])))
    book.add(sheet, "a", (1, 1), np.zeros(3), "{lists}")
    book.add(sheet, "b", (1, 2), np.zeros(3), "{pairs}*100%")
    cells = _cells(_part(book))
    found = [[cells[f"{letter}{row}"].find(f"{MAIN}f").text for letter in "AB"] for row in (1, 2, 3)]
    assert found == [[f"'Data % {{x}}'!A{a}", f"'Data % {{x}}'!A{b}*100%"] for a, b in ((2, 12), (3, 9), (4, 15))]


def test_more_rows_than_are_made_at_a_time() -> None:
    book = Book()
    sheet = book.sheet("A")
    numbers = np.arange(1.0, 1001)
    book.add(sheet, "x", (3, 1), numbers)
    book.add(sheet, "y", (3, 2), 2 * numbers, "2*{x}")
    book.add(sheet, "short", (500, 4), np.ones(3))
    cells = _cells(_part(book))
    assert len(cells) == 2003
    assert all(
        (cells[f"B{row}"].find(f"{MAIN}f").text, cells[f"B{row}"].find(f"{MAIN}v").text)
        == (f"2*$A{row}", str(2 * (row - 2)))
        for row in range(3, 1003)
    )
    assert cells["D501"].find(f"{MAIN}v").text == "1"


def test_the_footer_names_the_sheet() -> None:
    book = Book()
    sheet = book.sheet("R&D <1>")
    book.add(sheet, "x", (1, 1), 1.0)
    assert _part(book).find(f".//{MAIN}oddFooter").text == "&LR&&D <1>&R&P / &N"
