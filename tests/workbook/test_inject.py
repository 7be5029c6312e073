"""Sheets into a workbook of any maker: all that was there stays byte for byte, and the package stays whole."""

from __future__ import annotations

import posixpath
import re
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from lxml import etree

from tests.compare import libreoffice, parts_of, value_of, values
from tests.engines import Cells, recalculate_ironcalc, recalculate_libreoffice
from tests.small_fund import SCHEME, score_file, tiny_book, write_fund
from tests.workbook.builders import edit_parts, simple, write_xlsx
from xl_qbs import errors
from xl_qbs.workbook import inject as inject_module
from xl_qbs.workbook.inject import inject
from xl_qbs.workbook.package import Package, open_package

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATIONSHIP_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# The children of a workbook part in the schema's order (ECMA-376, part 1, 18.2.27).
_WORKBOOK_ORDER = (
    "fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups externalReferences "
    "definedNames calcPr oleSize customWorkbookViews pivotCaches smartTagPr smartTagTypes webPublishing "
    "fileRecoveryPr webPublishObjects extLst"
)
# Workbooks of the corpus that LibreOffice opens, from many makers.
SAMPLE = (
    "apache-poi__123233_charts.xlsx",
    "apache-poi__WithChartSheet.xlsx",
    "exceljs-exceljs__test-issue-877.xlsx",
    "SheetJS-test_files__formulae_test_simple.xlsx",
    "PHPOffice-PhpSpreadsheet__namespacenonstd.xlsx",
    "theorchard-openpyxl__conditional-formatting.xlsx",
)


def _inject(path: Path, output: Path, **options: Any) -> Path:
    with open_package(path) as package:
        inject(package, tiny_book(), output, **options)
    return output


def _assert_whole(path: Path) -> None:
    """Assert what Excel asks of a package before it opens it without mending."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = [name.casefold() for name in archive.namelist()]
        assert len(set(names)) == len(names)
    parts = parts_of(path)
    for name, content in parts.items():
        if name.endswith((".xml", ".rels")):
            etree.fromstring(content)
    types = etree.fromstring(parts["[Content_Types].xml"])
    overrides = [node.get("PartName").casefold() for node in types if node.get("PartName")]
    assert len(set(overrides)) == len(overrides)
    endings = {node.get("Extension").casefold() for node in types if node.get("Extension")}
    for name in parts:
        if name != "[Content_Types].xml":
            assert f"/{name}".casefold() in overrides or name.rpartition(".")[2].casefold() in endings, name


def _assert_ours_are_whole(package: Package, before: Package) -> None:
    """Assert of the parts that are new that each is named, of its own kind, and leads to parts that are there."""
    ours = [name for name in package.names if posixpath.basename(name).startswith("xl_qbs_")]
    kinds = {"worksheets": "worksheet+xml", "drawings": "drawing+xml", "charts": "chart+xml"}
    for name in ours:
        folder = posixpath.basename(posixpath.dirname(name))
        if folder in kinds:
            assert package.content_type(name).endswith(kinds[folder]), name
        for relationship in package.relationships(name):
            assert relationship.external or relationship.target in package.names
    known = {one.id for one in package.relationships(package.workbook_part)}
    assert len(known) == len(package.relationships(package.workbook_part))
    root = etree.fromstring(package.read(package.workbook_part))
    sheets = [node for node in root.find(f"{MAIN}sheets") if isinstance(node.tag, str)]
    for attribute in ("sheetId", RELATIONSHIP_ID):
        found = [node.get(attribute) for node in sheets]
        assert len(set(found)) == len(found)
        assert None not in found
    names = [node.get("name").casefold() for node in sheets]
    assert len(set(names)) == len(names)
    assert [one.name for one in package.sheets] == [*(one.name for one in before.sheets), "QBS Tiny"]


def _defined_names(package: Package) -> list[tuple[dict[str, str], str | None]]:
    root = etree.fromstring(package.read(package.workbook_part))
    return [(dict(node.attrib), node.text) for node in root.iter(f"{MAIN}definedName")]


def _assert_injected(path: Path, output: Path) -> None:
    """Assert all that has to hold of a workbook before and after."""
    before, after = parts_of(path), parts_of(output)
    with open_package(path) as old, open_package(output) as new:
        chain = {one.target for one in old.relationships(old.workbook_part) if one.type.endswith("/calcChain")}
        base, name = posixpath.split(old.workbook_part)
        styles = {one.target for one in old.relationships(old.workbook_part) if one.type.endswith("/styles")}
        may_change = {"[Content_Types].xml", old.workbook_part, f"{base}/_rels/{name}.rels".lstrip("/")} | styles
        for part, content in before.items():
            if part in chain:
                assert part not in after
            elif part not in may_change:
                assert after[part] == content, part
        made = set(after) - set(before) - styles
        assert all(posixpath.basename(part).startswith("xl_qbs_") for part in made)
        assert not [one for one in new.relationships(new.workbook_part) if one.type.endswith("/calcChain")]
        _assert_ours_are_whole(new, old)
        kept = _defined_names(new)[: len(_defined_names(old))]
        assert kept == _defined_names(old)
        place = str(len(old.sheets))
        ours = {attributes["name"]: text for attributes, text in _defined_names(new)[len(kept) :]}
        assert ours["_xlnm.Print_Titles"] == "'QBS Tiny'!$A:$A,'QBS Tiny'!$1:$3"
        assert ours["_xlnm._FilterDatabase"] == "'QBS Tiny'!$A$3:$C$6"
        assert {attributes["localSheetId"] for attributes, _ in _defined_names(new)[len(kept) :]} == {place}
        _assert_order(new)
        for part in styles & set(before):
            _assert_formats_unmoved(before[part], after[part])


def _assert_order(package: Package) -> None:
    order = _WORKBOOK_ORDER.split()
    root = etree.fromstring(package.read(package.workbook_part))
    own = [etree.QName(node).localname for node in root if isinstance(node.tag, str) and node.tag.startswith(MAIN)]
    places = [order.index(name) for name in own if name in order]
    assert places == sorted(places), own


def _assert_formats_unmoved(before: bytes, after: bytes) -> None:
    formats = [
        [dict(node.attrib) for node in etree.fromstring(part).findall(f"{MAIN}cellXfs/{MAIN}xf")]
        for part in (before, after)
    ]
    assert formats[1][: len(formats[0])] == formats[0]


# The fund's workbooks and the examples


@pytest.mark.parametrize("name", ["fund_workbook_2023.xlsx", "four_providers.xlsx"])
def test_examples(examples: Path, tmp_path: Path, name: str) -> None:
    output = _inject(examples / name, tmp_path / "out.xlsx")
    _assert_whole(output)
    _assert_injected(examples / name, output)
    assert set(openpyxl.load_workbook(output).sheetnames) >= {"QBS Tiny"}


@pytest.mark.shared
@pytest.mark.parametrize("year", [2019, 2020])
def test_real_workbooks(shared: Path, tmp_path: Path, year: int) -> None:
    path = shared / "data" / f"fund_workbook_{year}.xlsx"
    output = _inject(path, tmp_path / "out.xlsx")
    _assert_whole(output)
    _assert_injected(path, output)
    assert recalculate_ironcalc(output)["QBS Tiny"]["B1"] == 1


@pytest.mark.shared
def test_workbooks_of_every_maker(shared: Path, tmp_path: Path) -> None:
    accepted = 0
    output = tmp_path / "out.xlsx"
    for path in sorted((shared / "corpus").glob("*.xlsx")):
        try:
            _inject(path, output)
        except errors.WorkbookError:
            continue
        accepted += 1
        try:
            _assert_whole(path)
        except (AssertionError, etree.XMLSyntaxError):
            pass  # it was not whole before
        else:
            _assert_whole(output)
        _assert_injected(path, output)
        if _opens_in_openpyxl(path):
            assert _opens_in_openpyxl(output), path.name
    assert accepted > 60


def _opens_in_openpyxl(path: Path) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            openpyxl.load_workbook(path)
        except Exception:
            return False
    return True


@pytest.mark.shared
@pytest.mark.libreoffice
@pytest.mark.parametrize("name", SAMPLE)
def test_libreoffice_sees_the_same_cells(shared: Path, tmp_path: Path, name: str) -> None:
    path = shared / "corpus" / name
    output = _inject(path, tmp_path / "out.xlsx")
    before, after = recalculate_libreoffice(path), recalculate_libreoffice(output)
    assert after.pop("QBS Tiny")["B1"] == 1
    assert {sheet: cells for sheet, cells in after.items() if cells} == {
        sheet: cells for sheet, cells in before.items() if cells
    }


@pytest.mark.parametrize("engine", [recalculate_ironcalc, pytest.param(libreoffice, marks=pytest.mark.libreoffice)])
@pytest.mark.parametrize("formulas", [True, False])
def test_the_cells_are_those_of_the_book(tmp_path: Path, engine: Callable[[Path], Cells], formulas: bool) -> None:
    output = _inject(simple(tmp_path / "in.xlsx"), tmp_path / "out.xlsx", formulas=formulas)
    cells = engine(output)["QBS Tiny"]
    assert [cells[name] for name in ("B5", "C5", "B1", "A8", "B8", "A9", "B9")] == [-5, 0, 1, 7, 10, 15, 22]
    assert cells["A2"] == "All <three> & more"


# Packages that are unlike Excel's


def _moved(path: Path, output: Path, edit: Callable[[str, bytes], bytes | None]) -> Path:
    return edit_parts(path, output, edit)


def _replacing(part: str, *pairs: tuple[bytes, bytes]) -> Callable[[str, bytes], bytes]:
    def edit(name: str, content: bytes) -> bytes:
        if name == part:
            for old, new in pairs:
                assert old in content, old
                content = content.replace(old, new)
        return content

    return edit


def _check(path: Path, output: Path) -> Cells:
    _inject(path, output)
    _assert_injected(path, output)
    cells = recalculate_ironcalc(output)
    assert cells["QBS Tiny"]["B1"] == 1
    assert cells["Data"] == values(path)["Data"]
    return cells


def test_prefixes(tmp_path: Path) -> None:
    def edit(name: str, content: bytes) -> bytes:
        if name == "xl/workbook.xml":
            content = re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", content).replace(b"xmlns=", b"xmlns:x=")
        return content

    path = _moved(simple(tmp_path / "a.xlsx"), tmp_path / "in.xlsx", edit)
    assert b"<x:sheets>" in parts_of(path)["xl/workbook.xml"]
    _check(path, tmp_path / "out.xlsx")
    assert b"<x:sheet " in parts_of(tmp_path / "out.xlsx")["xl/workbook.xml"]


def test_targets_from_the_root(tmp_path: Path) -> None:
    path = _moved(
        simple(tmp_path / "a.xlsx"),
        tmp_path / "in.xlsx",
        _replacing("xl/_rels/workbook.xml.rels", (b'Target="', b'Target="/xl/')),
    )
    _check(path, tmp_path / "out.xlsx")


def test_comments_between_the_elements(tmp_path: Path) -> None:
    def edit(name: str, content: bytes) -> bytes:
        if name in ("xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"):
            content = re.sub(rb"(<(?:sheets|cellXfs|fonts|fills|Types)\b[^>]*>)", rb"\1<!-- x -->", content)
        return content

    path = _moved(simple(tmp_path / "a.xlsx"), tmp_path / "in.xlsx", edit)
    assert b"<sheets><!-- x -->" in parts_of(path)["xl/workbook.xml"]
    _check(path, tmp_path / "out.xlsx")


def test_no_styles_part(tmp_path: Path) -> None:
    """The formats that the cells refer to, without a part that holds them, stay plain."""

    def edit(name: str, content: bytes) -> bytes | None:
        if name == "xl/styles.xml":
            return None
        if name == "[Content_Types].xml":
            content = re.sub(rb'<Override PartName="/xl/styles.xml"[^>]*/>', b"", content)
        if name == "xl/_rels/workbook.xml.rels":
            content = re.sub(rb"<Relationship [^>]*/styles\"[^>]*/>", b"", content)
        if name == "xl/worksheets/sheet1.xml":
            content = content.replace(b'<c r="B2"', b'<c r="B2" s="4"')
        return content

    path = _moved(simple(tmp_path / "a.xlsx"), tmp_path / "in.xlsx", edit)
    _inject(path, tmp_path / "out.xlsx")
    _assert_whole(tmp_path / "out.xlsx")
    opened = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert opened["Data"]["B2"].fill.fill_type is None
    assert opened["QBS Tiny"]["A4"].fill.fill_type == "solid"


def test_a_styles_part_that_is_named_and_not_there(tmp_path: Path) -> None:
    path = edit_parts(
        simple(tmp_path / "a.xlsx"),
        tmp_path / "in.xlsx",
        lambda name, content: None if name == "xl/styles.xml" else content,
    )
    _inject(path, tmp_path / "out.xlsx")
    _assert_whole(tmp_path / "out.xlsx")
    with open_package(tmp_path / "out.xlsx") as package:
        named = [one for one in package.relationships(package.workbook_part) if one.type.endswith("/styles")]
        assert [one.target for one in named] == ["xl/styles.xml"]
        assert "xl/styles.xml" in package


def test_the_calculation_chain_goes_with_all_that_names_it(tmp_path: Path) -> None:
    def edit(name: str, content: bytes) -> bytes:
        if name == "[Content_Types].xml":
            part = b'<Override PartName="/xl/CalcChain.xml" ContentType="application/x"/></Types>'
            content = content.replace(b"</Types>", part)
        if name == "xl/_rels/workbook.xml.rels":
            kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"
            node = b'<Relationship Id="rId77" Type="' + kind + b'" Target="calcChain.xml"/></Relationships>'
            content = content.replace(b"</Relationships>", node)
        return content

    path = _moved(simple(tmp_path / "a.xlsx"), tmp_path / "in.xlsx", edit)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/calcChain.xml", '<calcChain xmlns="x"/>')
    _inject(path, tmp_path / "out.xlsx")
    parts = parts_of(tmp_path / "out.xlsx")
    assert "xl/calcChain.xml" not in parts
    assert not any(b"alcChain" in parts[name] for name in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"))
    _assert_whole(tmp_path / "out.xlsx")


def test_names_of_parts_and_relationships_that_are_taken(tmp_path: Path) -> None:
    """Another program's part may bear one of our names, in letters of another case."""
    path = _moved(
        simple(tmp_path / "a.xlsx"),
        tmp_path / "in.xlsx",
        _replacing("xl/_rels/workbook.xml.rels", (b'Id="rId1"', b'Id="rIdQbs1"')),
    )
    path = _moved(path, tmp_path / "in2.xlsx", _replacing("xl/workbook.xml", (b'r:id="rId1"', b'r:id="rIdQbs1"')))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/worksheets/XL_QBS_sheet1.xml", "<mine/>")
        archive.writestr("xl/charts/xl_qbs_chart1.xml", "<mine/>")
    _inject(path, tmp_path / "out.xlsx")
    assert parts_of(tmp_path / "out.xlsx")["xl/worksheets/XL_QBS_sheet1.xml"] == b"<mine/>"
    assert parts_of(tmp_path / "out.xlsx")["xl/charts/xl_qbs_chart1.xml"] == b"<mine/>"
    _assert_whole(tmp_path / "out.xlsx")
    assert recalculate_ironcalc(tmp_path / "out.xlsx")["QBS Tiny"]["B1"] == 1


def test_sheets_and_names_of_all_kinds(tmp_path: Path) -> None:
    def finish(book: xlsxwriter.Workbook) -> None:
        book.worksheets()[1].hide()
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=Data!$B$2:$B$4"})
        book.add_chartsheet("Chart").set_chart(chart)
        book.define_name("All", "=Data!$A$1:$C$9")
        book.define_name("Hidden!Own", "=Hidden!$A$1")
        book.worksheets()[0].repeat_rows(0)
        book.worksheets()[0].autofilter("A1:E4")
        book.worksheets()[0].write_comment("A1", "mine")

    path = write_xlsx(tmp_path / "in.xlsx", {"Data": [["a", 1], ["b", 2]], "Hidden": [[1]]}, finish=finish)
    output = _inject(path, tmp_path / "out.xlsx")
    _assert_whole(output)
    _assert_injected(path, output)
    opened = openpyxl.load_workbook(output)
    assert [opened[name].sheet_state for name in opened.sheetnames[:2]] == ["visible", "hidden"]
    assert opened["Data"]["A1"].comment.text == "mine"


def test_macros_stay(tmp_path: Path) -> None:
    def finish(book: xlsxwriter.Workbook) -> None:
        macros = tmp_path / "vbaProject.bin"
        macros.write_bytes(bytes(range(256)))
        book.add_vba_project(str(macros))

    path = write_xlsx(tmp_path / "in.xlsm", {"Data": [["a"]]}, finish=finish)
    output = _inject(path, tmp_path / "out.xlsm")
    assert parts_of(output)["xl/vbaProject.bin"] == bytes(range(256))
    _assert_injected(path, output)
    with open_package(output) as package:
        assert "macroenabled" in package.content_type(package.workbook_part)


def test_a_damaged_part_is_told_before_anything_is_written(tmp_path: Path) -> None:
    path = edit_parts(
        simple(tmp_path / "a.xlsx"),
        tmp_path / "in.xlsx",
        lambda name, content: content[:-30] if name == "xl/styles.xml" else content,
    )
    output = tmp_path / "out.xlsx"
    output.write_bytes(b"old")
    with pytest.raises(errors.DamagedWorkbookError):
        _inject(path, output)
    assert output.read_bytes() == b"old"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.xlsx", "in.xlsx", "out.xlsx"]


# The same input gives the same bytes


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_two_runs_give_the_same_bytes(tmp_path: Path, kind: str) -> None:
    path = write_fund(tmp_path / "in.xlsx")
    if kind == "csv":
        rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(path)["Andmed"].iter_rows()]
        path = tmp_path / "in.csv"
        path.write_text("\n".join(";".join(str(one) for one in row) for row in rows), encoding="utf-8")
    made = [score_file(path, tmp_path / f"{number}.xlsx", SCHEME).path.read_bytes() for number in (1, 2)]
    assert made[0] == made[1]


def test_entries_keep_their_dates(tmp_path: Path) -> None:
    path = simple(tmp_path / "in.xlsx")
    output = _inject(path, tmp_path / "out.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(output) as new:
        for info in old.infolist():
            kept = new.getinfo(info.filename)
            assert (kept.date_time, kept.external_attr) == (info.date_time, info.external_attr)
        assert new.namelist()[: len(old.namelist())] == old.namelist()


# A scored workbook is scored again


def test_a_second_run_replaces_the_sheets_of_the_first(tmp_path: Path) -> None:
    path = write_fund(tmp_path / "in.xlsx")
    first = score_file(path, tmp_path / "1.xlsx", SCHEME)
    second = score_file(first.path, tmp_path / "2.xlsx", SCHEME, prior="moments", language="et")
    third = score_file(second.path, tmp_path / "3.xlsx", SCHEME)
    for scored in (second, third):
        _assert_whole(scored.path)
        with open_package(scored.path) as package:
            assert [one.name for one in package.sheets] == ["Andmed", *(one.name for one in scored.book.sheets)]
            assert all(one.target in package for one in package.relationships(package.workbook_part))
    again, once = values(third.path), values(first.path)
    for sheet in third.book.sheets:
        if sheet is not third.book.sheets[0]:  # About names the scored file, which is another one
            assert again[sheet.name] == once[sheet.name], sheet.name
    assert parts_of(third.path)["xl/worksheets/sheet1.xml"] == parts_of(path)["xl/worksheets/sheet1.xml"]


def test_the_sheets_of_the_first_run_are_known_after_another_program_has_saved_them(tmp_path: Path) -> None:
    first = score_file(write_fund(tmp_path / "in.xlsx"), tmp_path / "1.xlsx", SCHEME)
    opened = openpyxl.load_workbook(first.path)
    opened.create_sheet("Mine", 3)
    opened["Mine"]["A1"] = "kept"
    opened.save(tmp_path / "saved.xlsx")
    with open_package(tmp_path / "saved.xlsx") as package:
        assert not any("xl_qbs" in part for part in package.names)
    again = score_file(tmp_path / "saved.xlsx", tmp_path / "2.xlsx", SCHEME)
    _assert_whole(again.path)
    with open_package(again.path) as package:
        assert [one.name for one in package.sheets] == ["Andmed", "Mine", *(one.name for one in again.book.sheets)]
    cells = recalculate_ironcalc(again.path)
    assert cells["Mine"]["A1"] == "kept"
    assert value_of(cells, again.book, "master") == 1


def test_lists_of_relationships_are_declared_where_each_was_declared_alone(tmp_path: Path) -> None:
    def edit(name: str, content: bytes) -> bytes:
        if name == "[Content_Types].xml":
            kind = b'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            alone = b"".join(
                b'<Override PartName="/' + part + b'" ' + kind
                for part in (b"_rels/.rels", b"xl/_rels/workbook.xml.rels")
            )
            content = re.sub(rb'<Default Extension="rels"[^>]*/>', b"", content).replace(
                b"</Types>", alone + b"</Types>"
            )
        return content

    path = _moved(simple(tmp_path / "a.xlsx"), tmp_path / "in.xlsx", edit)
    _assert_whole(path)
    _check(path, tmp_path / "out.xlsx")
    _assert_whole(tmp_path / "out.xlsx")


def test_a_sheet_that_is_too_large_is_refused(examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = open_package(examples / "four_providers.xlsx")
    monkeypatch.setattr(inject_module, "_MOST_ROWS", 3)
    with pytest.raises(errors.OutputError, match="more rows than a sheet"):
        inject(package, tiny_book(), tmp_path / "out.xlsx")
    monkeypatch.undo()
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 100)
    with pytest.raises(errors.OutputError, match="too large for a workbook"):
        inject(package, tiny_book(), tmp_path / "out.xlsx")
    assert list(tmp_path.iterdir()) == []
