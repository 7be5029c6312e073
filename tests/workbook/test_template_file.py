"""Templates: a book as a workbook of its own, with values, locks and rules, and the same bytes every time."""

from __future__ import annotations

import base64
import datetime
import hashlib
import os
import subprocess
import sys
import tempfile
import types
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import openpyxl.packaging.core
import pytest
from lxml import etree

from tests import engines
from tests.compare import ENGINES, Engine, differences, formulas, parts_of, unlike_book, values, written_formulas
from tests.conftest import PROJECT
from tests.engines import recalculate_ironcalc
from tests.small_fund import tiny_book
from tests.workbook.test_sheet_xml import ORDER
from xl_qbs.errors import OutputError
from xl_qbs.sheets.model import Book, Label, Mark, SourceBlock, Validation
from xl_qbs.workbook import template_package
from xl_qbs.workbook.package import open_package
from xl_qbs.workbook.template_file import password_hash, write_template

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXTS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "'x",
    '<b>&"',
    "  blanks  ",
    "a\tb",
    "a\nb",
    "#N/A",
    "TRUE",
    "0017",
    "õ😀",
    "{x}",
]
CODED = ["bell\x07", "a\rb", "_x0041_", "\ufffe", "&amp;<", "x\x01\x02"]
# The fewest parts that a workbook of one sheet has.
PARTS = [
    "[Content_Types].xml",
    "_rels/.rels",
    "docProps/app.xml",
    "docProps/core.xml",
    "xl/theme/theme1.xml",
    "xl/worksheets/sheet1.xml",
    "xl/styles.xml",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
]


def full_book() -> Book:
    """Return a book with all that a template can have: the tiny one with rules and names, and a sheet of texts."""
    book = tiny_book()
    sheet = book.sheets[0]
    sheet.validations = [
        Validation("A4:A6", "decimal", "-10", "10", "A number\nfrom -10 to 10", "Only -10 to 10."),
        Validation("A11:B12", "whole", "0", hint="At least 0"),
        Validation("A1", "any", hint="Only a hint"),
    ]
    sheet.marks = [Mark("A4:C6", "$A4<0", "unused"), Mark("A4:C6", "$B4>5", "warn")]
    sheet.print_area = "A1:H40,A50"
    second = book.sheet("Näitajad & «muu»")
    second.portrait, second.default_width, second.tab = True, 14.5, "C00000"
    second.merges = ["B40:C40", "E41:F41", "B42:D42", "E44:F45"]
    book.add(second, "texts", (2, 2), [*TEXTS, *CODED, "", None], kind="input", format="text")
    book.add(second, "linked", (2, 4), [*TEXTS, *CODED, "", None], 'IF({texts}="","",{texts})', format="text")
    book.add(second, "partly", (30, 2), np.array([[np.nan, 1.5, -0.0]]), kind="input")
    book.add(second, "doubled", (31, 2), np.array([[np.nan, 3.0, 0.0]]), 'IF({partly}="","",2*{partly})')
    book.add(second, "words", (33, 3), [["Aa", "Bb"]], '{word:all}&{ends:all}', array=True)  # fmt: skip
    book.add(second, "word", (34, 3), [["A", "B"]], kind="input")
    book.add(second, "ends", (35, 3), [["a", "b"]], kind="input")
    second.validations = [
        Validation("C34:D34", "list", '"A,B"', refusal="A or B.", firm=False),
        Validation("C35:D35", "custom", "LEN(C35)=1", refusal="One letter."),
    ]
    book.names = {"inputs": "'QBS Tiny'!$A$4:$A$6", "first_text": "'Näitajad & «muu»'!$B$2"}
    return book


def write(book: Book, path: Path, **options: Any) -> Path:
    write_template(book, path, **{"title": "A title", "description": "What it is", **options})
    return path


@pytest.fixture(scope="module")
def book() -> Book:
    return full_book()


@pytest.fixture(scope="module")
def template(book: Book, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(book, tmp_path_factory.mktemp("template") / "full.xlsx")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files of its own, so that what is left in it can be seen."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def _root(path: Path, part: str = "xl/worksheets/sheet1.xml") -> Any:
    return etree.fromstring(parts_of(path)[part])


def _cells(root: Any) -> dict[str, Any]:
    return {cell.get("r"): cell for cell in root.iter(f"{MAIN}c")}


def _one_sheet(tmp_path: Path, *columns: Any, formula: str | None = None, **options: Any) -> Path:
    """Write a sheet "A" with the given columns; a formula stands in all but the first."""
    book = Book()
    sheet = book.sheet("A")
    for number, column in enumerate(columns, start=1):
        book.add(sheet, f"c{number}", (1, number), column, formula if number > 1 else None)
    return write(book, tmp_path / "one.xlsx", **options)


def _canonical(text: str) -> str:
    return str(etree.canonicalize(text, strip_text=True))


def test_parts_are_as_they_were_known_good(tmp_path: Path) -> None:
    """Part by part, whatever the order of attributes."""
    book = Book()
    sheet = book.sheet("Data")
    sheet.freeze, sheet.widths, sheet.heights = "A2", {2: 20.5}, {1: 30}
    book.write(sheet, (1, 1), [["Lists", "=twice"]], "heading")
    book.add(sheet, "x", (2, 1), np.array([1.5, np.nan]), kind="input", format="count")
    book.add(sheet, "y", (2, 2), [3.0, ""], 'IF({x}="","",2*{x})', format="points")
    parts = parts_of(write(book, tmp_path / "a.xlsx"))
    assert list(parts) == PARTS
    sheet_xml = """<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
      <sheetPr><tabColor rgb="FF1F4E79"/><outlinePr summaryBelow="1" summaryRight="1"/><pageSetUpPr fitToPage="1"/>
      </sheetPr><dimension ref="A1:B3"/>
      <sheetViews><sheetView showGridLines="0" tabSelected="1" workbookViewId="0">
        <pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>
        <selection pane="bottomLeft" activeCell="A2" sqref="A2"/></sheetView></sheetViews>
      <sheetFormatPr baseColWidth="8" defaultRowHeight="15"/>
      <cols><col width="10" customWidth="1" min="1" max="1"/><col width="20.5" customWidth="1" min="2" max="2"/></cols>
      <sheetData>
        <row r="1" ht="30" customHeight="1"><c r="A1" s="1" t="inlineStr"><is><t>Lists</t></is></c>
          <c r="B1" s="1" t="inlineStr"><is><t>=twice</t></is></c></row>
        <row r="2"><c r="A2" s="2" t="n"><v>1.5</v></c>
          <c r="B2" s="3"><f>IF($A2="","",2*$A2)</f><v>3</v></c></row>
        <row r="3"><c r="A3" s="2"/><c r="B3" s="3" t="str"><f>IF($A3="","",2*$A3)</f><v></v></c></row>
      </sheetData>
      <sheetProtection sheet="1" objects="1" scenarios="1" selectLockedCells="0" selectUnlockedCells="0"
        formatCells="1" formatColumns="0" formatRows="0" insertColumns="1" insertRows="1" insertHyperlinks="1"
        deleteColumns="1" deleteRows="1" sort="0" autoFilter="0" pivotTables="1"/>
      <pageMargins left="0.4" right="0.4" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>
      <pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/>
      <headerFooter><oddHeader/><oddFooter>&amp;LData&amp;R&amp;P / &amp;N</oddFooter><evenHeader/><evenFooter/>
        <firstHeader/><firstFooter/></headerFooter></worksheet>"""
    assert _canonical(parts["xl/worksheets/sheet1.xml"].decode()) == _canonical(sheet_xml)
    core = {etree.QName(node).localname: node.text for node in etree.fromstring(parts["docProps/core.xml"])}
    time = "2026-01-01T00:00:00Z"
    told = {"creator": "xl_qbs", "title": "A title", "description": "What it is"}
    assert core == {**told, "created": time, "modified": time}
    workbook = etree.fromstring(parts["xl/workbook.xml"])
    assert workbook.find(f"{MAIN}workbookProtection").attrib == {"lockStructure": "1"}
    assert workbook.find(f"{MAIN}calcPr").get("fullCalcOnLoad") == "1"
    assert workbook.find(f"{MAIN}bookViews/{MAIN}workbookView").get("activeTab") == "0"


def test_only_cells_for_input_are_unlocked(template: Path, book: Book) -> None:
    workbook = openpyxl.load_workbook(template)
    kinds = set()
    for block, i, j in book.cells():
        cell = workbook[block.sheet].cell(block.row + i, block.column + j)
        assert cell.protection.locked is (block.kind != "input"), cell.coordinate
        kinds.add(block.kind)
    assert {"input", "calculation", "check", "label"} <= kinds


def test_looks(template: Path) -> None:
    sheet = openpyxl.load_workbook(template)["QBS Tiny"]
    heading, number, check = sheet["B3"], sheet["A4"], sheet["C4"]
    assert (heading.font.name, heading.font.sz, heading.font.b) == ("Calibri", 10, True)
    assert (heading.fill.fgColor.rgb, heading.alignment.wrap_text) == ("FF1F4E79", True)
    assert heading.alignment.horizontal == "center"
    assert (number.number_format, number.font.color.rgb, number.font.b) == ("0.0%", "FF0000FF", False)
    assert number.border.left.style == "thin"
    assert check.number_format == '"OK";;"FAIL"'
    text = openpyxl.load_workbook(template)["Näitajad & «muu»"]["B2"]
    assert (text.number_format, text.alignment.horizontal, text.alignment.indent) == ("@", "left", 1)


def test_layout_is_read_back(template: Path, book: Book) -> None:
    workbook = openpyxl.load_workbook(template)
    assert workbook.sheetnames == [sheet.name for sheet in book.sheets]
    assert workbook.active.title == "QBS Tiny"
    first, second = workbook.worksheets
    assert [one.sheet_view.tabSelected for one in workbook.worksheets] == [True, False]
    assert not any(one.sheet_view.showGridLines for one in workbook.worksheets)
    assert (first.freeze_panes, second.freeze_panes) == ("B4", None)
    assert [first.column_dimensions[letter].width for letter in "ABC"] == [30, 10, 10]
    assert second.column_dimensions["A"].width == 14.5
    assert first.row_dimensions[3].height == 32
    assert [str(one) for one in first.merged_cells] == ["A2:C2"]
    assert first.auto_filter.ref == "A3:C6"
    assert (first.print_title_rows, first.print_title_cols) == ("$1:$3", "$A:$A")
    assert first.print_area == "'QBS Tiny'!$A$1:$H$40,'QBS Tiny'!$A$50"
    assert [(one.id, one.max) for one in first.row_breaks.brk] == [(4, 16383)]
    assert [(one.id, one.max) for one in first.col_breaks.brk] == [(2, 1048575)]
    assert (first.page_setup.orientation, first.page_setup.scale) == ("landscape", 75)
    assert (second.page_setup.orientation, second.page_setup.fitToHeight) == ("portrait", 0)
    assert (first.sheet_properties.pageSetUpPr.fitToPage, second.sheet_properties.pageSetUpPr.fitToPage) == (None, True)
    assert {one.page_setup.paperSize for one in workbook.worksheets} == {9}
    assert [one.sheet_properties.tabColor.rgb for one in workbook.worksheets] == ["FF1F4E79", "FFC00000"]
    assert "&LNäitajad && «muu»&R&P / &N" in parts_of(template)["xl/worksheets/sheet2.xml"].decode().replace(
        "&amp;", "&"
    ).replace("&#228;", "ä").replace("&#171;", "«").replace("&#187;", "»")
    assert {name: one.attr_text for name, one in workbook.defined_names.items()} == book.names


def test_children_stand_in_the_order_of_the_schema(template: Path) -> None:
    for number in (1, 2):
        names = [etree.QName(one).localname for one in _root(template, f"xl/worksheets/sheet{number}.xml")]
        assert names == sorted(names, key=ORDER.split().index)
        assert {"sheetProtection", "dataValidations", "conditionalFormatting"} <= {*names, "conditionalFormatting"}
    rows = [int(row.get("r")) for row in _root(template).iter(f"{MAIN}row")]
    assert rows == list(range(1, 13))


def test_the_package_is_consistent(template: Path) -> None:
    with zipfile.ZipFile(template) as archive:
        assert archive.testzip() is None
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_DEFLATED}
    types_root = _root(template, "[Content_Types].xml")
    overrides = [node.get("PartName").lstrip("/") for node in types_root if node.get("PartName")]
    endings = {node.get("Extension") for node in types_root if node.get("Extension")}
    assert len(set(overrides)) == len(overrides)
    assert endings == {"rels", "xml"}
    with open_package(template) as package:
        assert set(overrides) <= set(package.names)
        plain = [name for name in package.names if not name.endswith(".rels") and name not in overrides]
        assert plain == ["[Content_Types].xml"]
        for name in package.names:
            if not name.endswith(".rels"):
                assert all(one.target in package.names for one in package.relationships(name)), name
        drawing = next(name for name in package.names if name.endswith("drawing1.xml"))
        assert [one.target for one in package.relationships(drawing)] == [
            f"xl/charts/chart{number}.xml" for number in (1, 2, 3, 4)
        ]


def test_every_formula_is_written_once(template: Path, book: Book) -> None:
    expected = {(sheet, cell): formula for sheet, cell, formula in formulas(book)}
    assert written_formulas(template) == expected
    assert len(expected) > 30


def test_values_are_stored(template: Path, book: Book) -> None:
    assert unlike_book(values(template), book) == []
    stored = openpyxl.load_workbook(template, data_only=True)
    assert stored["QBS Tiny"]["B5"].value == -5
    assert stored["Näitajad & «muu»"]["D2"].value == "=1+1"
    assert stored["Näitajad & «muu»"]["D33"].value == "Bb"


@pytest.mark.parametrize("engine", ENGINES)
def test_stored_values_are_what_engines_compute(template: Path, book: Book, engine: Engine) -> None:
    assert differences(template, engine, book) == []
    computed = engine(template)
    assert computed["QBS Tiny"]["B9"] == 22
    assert computed["Näitajad & «muu»"]["C33"] == "Aa"


def test_an_array_formula_stands_in_its_first_cell(template: Path) -> None:
    cells = _cells(_root(template))
    formula = cells["A8"].find(f"{MAIN}f")
    assert (formula.get("t"), formula.get("ref"), formula.text) == (
        "array",
        "A8:B9",
        "MMULT($A$11:$B$12,$A$11:$B$12)",
    )
    assert [cells[name].find(f"{MAIN}v").text for name in ("A8", "B8", "A9", "B9")] == ["7", "10", "15", "22"]
    assert all(cells[name].find(f"{MAIN}f") is None for name in ("B8", "A9", "B9"))
    words = _cells(_root(template, "xl/worksheets/sheet2.xml"))
    assert [(words[name].get("t"), words[name].find(f"{MAIN}v").text) for name in ("C33", "D33")] == [
        ("str", "Aa"),
        ("str", "Bb"),
    ]


@pytest.mark.parametrize("text", [*TEXTS, *CODED, "x" * 32_767])
def test_text_stays_text(tmp_path: Path, text: str) -> None:
    """Where it stands in the cell and where a formula gives it; read by this package and by openpyxl."""
    path = _one_sheet(tmp_path, [text], [text], formula="{c1}")
    cells = values(path)["A"]
    assert (cells["A1"], cells["B1"]) == (text, text)
    found = _cells(_root(path))
    assert (found["A1"].get("t"), found["B1"].get("t")) == ("inlineStr", "str")
    assert found["A1"].find(f"{MAIN}f") is None
    assert openpyxl.load_workbook(path)["A"]["A1"].data_type in ("s", "inlineStr")


def test_numbers_are_exact(tmp_path: Path) -> None:
    numbers = [0.1 + 0.2, 1 / 3, 1e-300, 2.0**53, 2.0**60, -2.5, 3.0, 123456789012.345]
    mixed = np.array([1, np.float64(1 / 3), np.int64(7), True, np.bool_(False)], dtype=object)
    path = _one_sheet(tmp_path, np.array(numbers), np.array(numbers), formula="{c1}")
    cells = _cells(_root(path))
    for row, number in enumerate(numbers, start=1):
        assert [float(cells[f"{letter}{row}"].find(f"{MAIN}v").text) for letter in "AB"] == [number, number]
    assert cells["A7"].find(f"{MAIN}v").text == "3"
    cells = _cells(_root(_one_sheet(tmp_path, mixed, mixed, formula="{c1}")))
    texts = [cells[f"A{row}"].find(f"{MAIN}v").text for row in range(1, 6)]
    assert texts == [cells[f"B{row}"].find(f"{MAIN}v").text for row in range(1, 6)]
    assert texts == ["1", repr(1 / 3), "7", "1", "0"]


@pytest.mark.parametrize("formula", [None, "{c1}"])
@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ("x" * 32_768, OutputError, "A!B2 would hold 32,768 characters"),
        ("😀" * 16_384, OutputError, "A!B2 would hold 32,768 characters"),
        (float("inf"), OutputError, "A!B2 would hold inf"),
        (object(), TypeError, "A!B2: a cell cannot hold object"),
    ],
)
def test_what_no_cell_can_hold_is_refused(
    tmp_path: Path, temporary: Path, formula: str | None, value: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        _one_sheet(tmp_path, [1.0, 2.0], np.array([1.0, value], dtype=object), formula=formula)
    assert list(tmp_path.iterdir()) == [temporary]
    assert list(temporary.iterdir()) == []


def test_without_values(template: Path, book: Book, tmp_path: Path) -> None:
    path = write(book, tmp_path / "bare.xlsx", values=False)
    assert written_formulas(path) == written_formulas(template)
    for number in (1, 2):
        for cell in _root(path, f"xl/worksheets/sheet{number}.xml").iter(f"{MAIN}c"):
            if cell.find(f"{MAIN}f") is not None:
                assert cell.find(f"{MAIN}v") is None
    assert recalculate_ironcalc(path)["QBS Tiny"]["B5"] == -5


def test_cells_that_have_nothing_to_refer_to_hold_a_value(tmp_path: Path) -> None:
    book = Book()
    sheet = book.sheet("A")
    book.links(SourceBlock("source", "Data", np.array([[3], [0], [5]]), np.array([2])))
    book.add(sheet, "x", (2, 3), np.array([1.0, 2.0, 3.0]), "{source}", kind="link")
    book.add(sheet, "y", (2, 5), np.array([1.0, 2.0, 3.0]), "{x}")
    path = write(book, tmp_path / "a.xlsx")
    assert written_formulas(path) == {(sheet, cell): text for sheet, cell, text in formulas(book)}
    assert values(path)["A"] == {f"{letter}{row}": row - 1.0 for letter in "CE" for row in (2, 3, 4)}


@pytest.mark.parametrize("chunk", [50, 1000, 1 << 20])
def test_many_rows_and_gaps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(template_package, "_CHUNK", chunk)
    book = Book()
    sheet = book.sheet("A")
    numbers = np.arange(1.0, 501)
    book.add(sheet, "x", (3, 2), numbers)
    book.add(sheet, "y", (3, 4), numbers, "{x}")
    book.add(sheet, "above", (3, 6), 2 * np.ones(500), "{one}+{one}+0*{x}")
    book.add(sheet, "one", (1, 6), 1.0)
    book.add(sheet, "short", (250, 9), ["a", "b"], 'IF(ISNUMBER({short_of}),"a","b")')
    book.add(sheet, "short_of", (600, 9), [1.0, "x"])
    sheet.heights = {560: 44}
    path = write(book, tmp_path / "a.xlsx")
    assert written_formulas(path) == {(sheet, cell): text for sheet, cell, text in formulas(book)}
    assert unlike_book(values(path), book) == []
    assert differences(path, recalculate_ironcalc, book) == []
    assert openpyxl.load_workbook(path)["A"].row_dimensions[560].height == 44


def test_an_empty_sheet(tmp_path: Path) -> None:
    book = Book()
    book.sheet("A")
    path = write(book, tmp_path / "a.xlsx")
    assert openpyxl.load_workbook(path)["A"].max_row == 1


def _rules(path: Path) -> list[tuple[str, str, str, Any]]:
    workbook = openpyxl.load_workbook(path)
    return [
        (str(one.sqref), rule.type, rule.formula[0], rule)
        for one in workbook["QBS Tiny"].conditional_formatting
        for rule in one.rules
    ]


def test_conditional_formats(template: Path) -> None:
    rules = _rules(template)
    assert [rule[:3] for rule in rules] == [
        ("A4:C6", "expression", "$A4<0"),
        ("A4:C6", "expression", "$B4>5"),
        *(("B1", "cellIs", value) for value in ("1", "0", "-1")),
        *(("C4:C6", "cellIs", value) for value in ("1", "0", "-1")),
    ]
    assert [rule.priority for *_, rule in rules] == list(range(1, 9))
    assert [rule.stopIfTrue for *_, rule in rules][:3] == [True, True, None]
    looks = [(rule.dxf.fill.bgColor.rgb, rule.dxf.font.color.rgb) for *_, rule in rules]
    assert looks[:5] == [
        ("FFFFFFFF", "FFBFBFBF"),
        ("FFFFEB9C", "FF7F6000"),
        ("FFE2EFDA", "FF375623"),
        ("FFFFC7CE", "FF9C0006"),
        ("FFF2F2F2", "FF595959"),
    ]
    unused = rules[0][3].dxf.border
    assert [getattr(unused, side).style for side in ("left", "right", "top", "bottom")] == [None] * 4


def test_validations(template: Path) -> None:
    workbook = openpyxl.load_workbook(template)
    number, whole, hint = workbook["QBS Tiny"].data_validations.dataValidation
    words, custom = workbook["Näitajad & «muu»"].data_validations.dataValidation
    assert (str(number.sqref), number.type, number.operator) == ("A4:A6", "decimal", "between")
    assert (number.formula1, number.formula2) == ("-10", "10")
    assert (number.prompt, number.error, number.errorStyle) == ("A number\nfrom -10 to 10", "Only -10 to 10.", "stop")
    assert number.showInputMessage
    assert number.showErrorMessage
    assert number.allowBlank
    assert (whole.type, whole.operator, whole.formula1, whole.formula2) == ("whole", "greaterThanOrEqual", "0", None)
    assert (whole.error, whole.showErrorMessage) == (None, True)
    assert (hint.type, hint.prompt, hint.showErrorMessage) == (None, "Only a hint", False)
    assert (words.type, words.formula1, words.errorStyle, words.prompt) == ("list", '"A,B"', "warning", None)
    assert not words.showInputMessage
    assert (custom.type, custom.formula1, custom.operator) == ("custom", "LEN(C35)=1", None)
    titles = [one.promptTitle or one.errorTitle for one in (number, whole, hint, words, custom)]
    assert all(title and len(title) <= 32 for title in titles)


def test_titles_are_in_the_language_of_the_book(tmp_path: Path) -> None:
    book = Book(language="et")
    sheet = book.sheet("A")
    book.add(sheet, "x", (1, 1), 1.0, kind="input")
    sheet.validations = [Validation("A1", "whole", last="9", hint=book.say(Label("Hint", "Vihje")), refusal="Ei.")]
    made = openpyxl.load_workbook(write(book, tmp_path / "a.xlsx"))["A"].data_validations.dataValidation[0]
    assert (made.promptTitle, made.errorTitle) == ("Mida siia kirjutada", "Seda ei saa sisestada")
    assert (made.operator, made.formula1, made.formula2) == ("lessThanOrEqual", "9", None)


@pytest.mark.parametrize(
    "validation",
    [
        Validation("A1", "any", hint="x" * 256),
        Validation("A1", "whole", "1", refusal="x" * 226),
        Validation("A1", "list", f'"{"x" * 254}"'),
    ],
)
def test_texts_that_excel_would_not_take_are_a_mistake(tmp_path: Path, validation: Validation) -> None:
    book = Book()
    sheet = book.sheet("A")
    sheet.validations = [validation]
    with pytest.raises(ValueError, match=r"A!A1: 2\d\d characters where Excel takes 2\d5"):
        write(book, tmp_path / "a.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_charts_have_names_and_words(template: Path, book: Book) -> None:
    charts = book.sheets[0].charts
    drawing = _root(template, "xl/drawings/drawing1.xml")
    shown = [node for node in drawing.iter() if etree.QName(node).localname == "cNvPr"]
    assert [(node.get("name"), node.get("descr")) for node in shown] == [
        (chart.title, chart.description) for chart in charts
    ]
    read = openpyxl.load_workbook(template)["QBS Tiny"]._charts
    assert [one.title.tx.rich.p[0].r[0].t for one in read] == [chart.title for chart in charts]
    assert [(one.anchor._from.col, one.anchor._from.row) for one in read] == [(4, 0), (4, 20), (4, 40), (4, 60)]


@pytest.mark.libreoffice
def test_libreoffice_keeps_all_of_it(template: Path, book: Book, tmp_path: Path) -> None:
    """Opened and saved in its own form: protection, rules, charts and their words."""
    made = engines.convert(template, tmp_path, "fods:OpenDocument Spreadsheet Flat XML", 120)
    root = etree.fromstring(made.read_bytes())
    protected = {node.get(f"{TABLE}name"): node.get(f"{TABLE}protected") for node in root.iter(f"{TABLE}table")}
    assert [protected[sheet.name] for sheet in book.sheets] == ["true", "true"]
    words = {node.text for node in root.iter("{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}desc")}
    assert any(text and text.startswith('What the "scatter" shows') for text in words)
    assert len(list(root.iter(f"{TABLE}content-validation"))) >= 5
    assert len(list(root.iter("{*}conditional-format"))) == 3


def test_the_same_book_gives_the_same_bytes(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Later(datetime.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.datetime(2031, 5, 6, tzinfo=tz)

    later = types.SimpleNamespace(datetime=Later, timezone=datetime.timezone)
    monkeypatch.setattr(openpyxl.packaging.core, "datetime", later)
    monkeypatch.setattr("time.localtime", lambda *_: (2031, 5, 6, 7, 8, 9, 0, 0, 0))
    again = write(full_book(), tmp_path / "again.xlsx")
    assert again.read_bytes() == template.read_bytes()


def test_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.workbook.test_template_file import full_book, write\n"
        "write(full_book(), Path(sys.argv[1]), password='pass')"
    )
    made = []
    for seed in ("1", "2"):
        path = tmp_path / f"{seed}.xlsx"
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(PROJECT)}
        subprocess.run([sys.executable, "-c", code, str(path)], check=True, cwd=PROJECT, env=environment)
        made.append(path.read_bytes())
    assert made[0] == made[1]


def test_the_time_can_be_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    core = parts_of(_one_sheet(tmp_path, [1.0]))["docProps/core.xml"].decode()
    assert core.count("2023-11-14T22:13:20Z") == 2


def test_what_a_protected_sheet_allows(template: Path) -> None:
    for sheet in openpyxl.load_workbook(template).worksheets:
        locked = dict(sheet.protection)
        assert (locked["sheet"], locked["objects"], locked["scenarios"]) == ("1", "1", "1")
        allowed = {name for name, value in locked.items() if value == "0"}
        assert allowed == {
            *("selectLockedCells", "selectUnlockedCells", "formatColumns", "formatRows", "sort", "autoFilter"),
        }
        assert not {"hashValue", "password", "saltValue"} & set(locked)


def _hash(password: str, salt: str, spins: int) -> str:
    """Hash as ECMA-376 says, written apart from what is tested."""
    found = hashlib.new("sha512", base64.b64decode(salt) + b"".join(letter.encode("utf-16-le") for letter in password))
    for number in range(spins):
        found = hashlib.new("sha512", found.digest() + bytes([number & 255, number >> 8 & 255, number >> 16, 0]))
    return base64.b64encode(found.digest()).decode()


def test_the_hash_of_a_password_is_excels() -> None:
    # From the tests of PhpSpreadsheet (tests/data/Shared/PasswordHashes.php), which reads "Mark_salt" as "Marksalt".
    known = "sSHdxQv9qgpkr4LDT0bYQxM9hOQJFRhJ4D752/NHQtDDR1EVy67NCEW9cPd6oWvCoBGd96MqKpuma1A7pN1nEA=="
    assert password_hash("Mark Baker", base64.b64decode("Marksalt"), 10_000) == known
    assert _hash("Mark Baker", "Marksalt", 10_000) == known


def test_a_password_locks_every_sheet_and_the_structure(tmp_path: Path) -> None:
    book = Book()
    for name in ("One", "Two"):
        book.add(book.sheet(name), name, (1, 1), 1.0)
    password = "salasõna 😀"  # noqa: S105  (nothing is behind it)
    path = write(book, tmp_path / "a.xlsx", password=password)
    workbook = openpyxl.load_workbook(path)
    locks = [
        (one.protection.algorithmName, one.protection.hashValue, one.protection.saltValue, one.protection.spinCount)
        for one in workbook.worksheets
    ]
    whole = workbook.security
    locks.append(
        (
            whole.workbookAlgorithmName,
            whole.workbookHashValue,
            whole.workbookSaltValue,
            whole.workbookSpinCount,
        )
    )
    assert whole.lockStructure
    assert len({salt for _, _, salt, _ in locks}) == 3
    for algorithm, found, salt, spins in locks:
        assert (algorithm, spins, len(base64.b64decode(salt))) == ("SHA-512", 100_000, 16)
        assert found == _hash(password, salt, spins)
    assert password not in "".join(part.decode(errors="replace") for part in parts_of(path).values())


def test_an_interrupted_run_leaves_what_was_there(book: Book, tmp_path: Path, temporary: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_text("as it was")

    class StopError(Exception):
        pass

    def stop_at(limit: float) -> Any:
        def progress(share: float) -> None:
            if share >= limit:
                raise StopError

        return progress

    for limit in (0.1, 0.75, 0.9):
        with pytest.raises(StopError):
            write(book, path, progress=stop_at(limit))
        assert path.read_text() == "as it was"
        assert sorted(tmp_path.iterdir()) == [path, temporary]
        assert list(temporary.iterdir()) == []


def test_nothing_is_left_in_the_temporary_folder(tmp_path: Path, temporary: Path) -> None:
    _one_sheet(tmp_path, [1.0], [1.0], formula="{c1}")
    assert list(temporary.iterdir()) == []


def test_a_full_disk_is_told(tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from xl_qbs.workbook.template_sheet import TemplateSheet

    def full(*_: Any) -> Iterator[Any]:
        raise etree.SerialisationError("IO_ENOSPC")

    monkeypatch.setattr(TemplateSheet, "_values_to_row", full)
    with pytest.raises(OutputError, match=r"temporary files \(IO_ENOSPC\): make room there"):
        _one_sheet(tmp_path, [1.0])
    assert list(tmp_path.iterdir()) == [temporary]
    assert list(temporary.iterdir()) == []


def test_a_folder_that_is_not_there(tmp_path: Path, book: Book) -> None:
    with pytest.raises(OutputError, match="is not there: make it first"):
        write(book, tmp_path / "none" / "a.xlsx")


def test_more_than_a_sheet_can_hold(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="would have 1,048,577 rows; a sheet can have 1,048,576"):
        _one_sheet(tmp_path, np.zeros(1_048_577))
    with pytest.raises(OutputError, match="would have 16,385 columns; a sheet can have 16,384"):
        _one_sheet(tmp_path, np.zeros((1, 16_385)))
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_too_long_is_a_mistake(tmp_path: Path) -> None:
    book = Book()
    book.sheet("x" * 32)
    with pytest.raises(ValueError, match="can have 31 characters"):
        write(book, tmp_path / "a.xlsx")


def test_progress_rises_to_the_end(book: Book, tmp_path: Path) -> None:
    shares: list[float] = []
    write(book, tmp_path / "a.xlsx", progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len({round(share, 2) for share in shares}) > 10
    assert min(shares) < 0.1


def test_a_library_that_writes_otherwise_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Values must never stand in other cells than their own: rather no file."""
    monkeypatch.setattr(template_package, "_NO_VALUE", template_package.re.compile("</f><value/>"))
    with pytest.raises(ValueError, match="fewer formulas"):
        _one_sheet(tmp_path, [1.0], [1.0], formula="{c1}")
    assert list(tmp_path.iterdir()) == []


def test_openpyxl_is_loaded_when_a_template_is_written_only() -> None:
    code = "import sys, xl_qbs.workbook.template_file; sys.exit('openpyxl' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=PROJECT)
