"""Opening a workbook: what is refused, with which class, and that the message says what to do."""

from __future__ import annotations

import csv
import struct
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from tests.workbook.builders import edit_parts, simple, write_xlsx
from xl_qbs import errors
from xl_qbs.workbook.grid import read_grids
from xl_qbs.workbook.package import open_package


def test_sheets_parts_and_relationships(tmp_path: Path) -> None:
    def hide_and_chart(book: xlsxwriter.Workbook) -> None:
        book.worksheets()[1].hide()
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=One!$A$1"})
        book.add_chartsheet("Chart").set_chart(chart)

    path = write_xlsx(tmp_path / "a.xlsx", {"One": [[1]], "Two": [[2]]}, finish=hide_and_chart)
    with open_package(path) as package:
        assert [(one.name, one.state, one.kind) for one in package.sheets] == [
            ("One", "visible", "worksheet"),
            ("Two", "hidden", "worksheet"),
            ("Chart", "visible", "chartsheet"),
        ]
        assert package.workbook_part == "xl/workbook.xml"
        assert package.names[0] == "[Content_Types].xml"
        assert package.read("/XL/Workbook.xml") == package.read("xl/workbook.xml")
        targets = {one.target for one in package.relationships("xl/workbook.xml")}
        assert {"xl/worksheets/sheet1.xml", "xl/styles.xml"} <= targets
        assert package.relationships("xl/styles.xml") == ()


def test_main_part_under_another_name_and_absolute_targets(tmp_path: Path) -> None:
    source = simple(tmp_path / "a.xlsx")
    moved = tmp_path / "moved.xlsx"
    moves = {
        "xl/workbook.xml": "xl/book/main.xml",
        "xl/_rels/workbook.xml.rels": "xl/book/_rels/main.xml.rels",
    }
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(moved, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "_rels/.rels":
                content = content.replace(b'"xl/workbook.xml"', b'"/xl/book/main.xml"')
            if name == "[Content_Types].xml":
                content = content.replace(b"/xl/workbook.xml", b"/xl/book/main.xml")
            if name == "xl/_rels/workbook.xml.rels":
                content = content.replace(b'Target="', b'Target="/xl/')
            new.writestr(moves.get(name, name), content)
    with open_package(moved) as package:
        assert package.workbook_part == "xl/book/main.xml"
        assert read_grids(package)[0].rows[1] == ["N1", 10.0, 8.0, 20.0, 15.0]


def test_no_such_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(errors.WorkbookError, match=r"There is no file .*nowhere\.xlsx"):
        open_package(tmp_path / "nowhere.xlsx")
    with pytest.raises(errors.WorkbookError, match="is a folder"):
        open_package(tmp_path)


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> bytes:
        raise PermissionError

    path = simple(tmp_path / "a.xlsx")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(errors.WorkbookError, match="may not be read"):
        open_package(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"nimistu;tehtud\nN1;5\n", r"plain text.*name it \.csv"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"<html><table><tr><td>5</td></tr></table></html>", "web page"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "Excel 2003"),
        (b"\x00\x01\x02\x03", "is not a workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100 + "Workbook".encode("utf-16-le") + b"\0\0", r"\.xls\)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "old Office document"),
    ],
)
def test_other_files(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "fund.xlsx"
    path.write_bytes(content)
    with pytest.raises(errors.NotAWorkbookError, match=words) as caught:
        open_package(path)
    assert "fund.xlsx" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_lock_file_of_excel(tmp_path: Path) -> None:
    path = tmp_path / "~$fund.xlsx"
    path.write_bytes(b"\x0cA User")
    with pytest.raises(errors.NotAWorkbookError, match="lock file"):
        open_package(path)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"}, r"\.ods"),
        ({"readme.txt": "hello"}, "zip archive"),
        ({"Index/Document.iwa": "x"}, "Numbers"),
    ],
)
def test_other_archives(tmp_path: Path, parts: dict[str, str], words: str) -> None:
    path = tmp_path / "fund.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(errors.NotAWorkbookError, match=words):
        open_package(path)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (b"application/vnd.ms-excel.sheet.binary.macroEnabled.main", r"\.xlsb"),
        (b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml", "Word"),
        (b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml", "PowerPoint"),
    ],
)
def test_other_office_documents(tmp_path: Path, kind: bytes, words: str) -> None:
    usual = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    path = edit_parts(
        simple(tmp_path / "a.xlsx"), tmp_path / "fund.xlsx", lambda _, content: content.replace(usual, kind)
    )
    with pytest.raises(errors.NotAWorkbookError, match=words):
        open_package(path)


def test_encrypted(tmp_path: Path) -> None:
    path = tmp_path / "fund.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(errors.EncryptedWorkbookError, match="remove the password"):
        open_package(path)


def test_cut_off(tmp_path: Path) -> None:
    whole = simple(tmp_path / "a.xlsx").read_bytes()
    path = tmp_path / "fund.xlsx"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(errors.DamagedWorkbookError, match="incomplete"):
        open_package(path)


def test_a_flipped_bit_in_a_sheet(tmp_path: Path) -> None:
    path = simple(tmp_path / "a.xlsx")
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    data[info.header_offset + 30 + len(info.filename) + info.compress_size // 2] ^= 0x10
    path.write_bytes(data)
    with open_package(path) as package, pytest.raises(errors.DamagedWorkbookError, match=r"sheet1\.xml"):
        package.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("part", ["_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
def test_broken_xml(tmp_path: Path, part: str) -> None:
    path = edit_parts(
        simple(tmp_path / "a.xlsx"),
        tmp_path / "fund.xlsx",
        lambda name, content: content[:-20] if name == part else content,
    )
    with pytest.raises(errors.DamagedWorkbookError, match="not proper XML"):
        open_package(path)


def test_missing_sheet_part(tmp_path: Path) -> None:
    path = edit_parts(
        simple(tmp_path / "a.xlsx"),
        tmp_path / "fund.xlsx",
        lambda name, content: None if name == "xl/worksheets/sheet1.xml" else content,
    )
    with pytest.raises(errors.DamagedWorkbookError, match="'Data' is missing"):
        open_package(path)


def test_strict(tmp_path: Path) -> None:
    usual = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    path = edit_parts(
        simple(tmp_path / "a.xlsx"),
        tmp_path / "fund.xlsx",
        lambda _, content: content.replace(
            usual, b"http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument"
        ),
    )
    with pytest.raises(errors.StrictWorkbookError, match="Save As"):
        open_package(path)


@pytest.mark.parametrize("part", ["xl/workbook.xml", "[Content_Types].xml"])
def test_entities_in_small_parts(tmp_path: Path, part: str) -> None:
    path = edit_parts(
        simple(tmp_path / "a.xlsx"),
        tmp_path / "fund.xlsx",
        lambda name, content: (
            content.replace(b"?>", b'?><!DOCTYPE a [<!ENTITY b "c">]>', 1) if name == part else content
        ),
    )
    with pytest.raises(errors.DangerousWorkbookError, match="entities"):
        open_package(path)


def test_declared_ratio(tmp_path: Path) -> None:
    path = simple(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.bin", b"\0" * (11 << 20))
    with pytest.raises(errors.DangerousWorkbookError, match=r"zeros\.bin is packed \d+ times"):
        open_package(path)


def test_a_small_part_may_be_packed_well(tmp_path: Path) -> None:
    path = simple(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.bin", b"\0" * (9 << 20))
    open_package(path).close()


def test_declared_total(tmp_path: Path) -> None:
    path = simple(tmp_path / "a.xlsx")
    _declare(path, "docProps/app.xml", size=(1 << 30) + 1, packed=1 << 29)
    with pytest.raises(errors.DangerousWorkbookError, match=r"1\.0 GiB"):
        open_package(path)


def test_more_than_declared(tmp_path: Path) -> None:
    path = simple(tmp_path / "a.xlsx")
    _declare(path, "xl/worksheets/sheet1.xml", size=100)
    with open_package(path) as package, pytest.raises(errors.DangerousWorkbookError, match="more than the archive"):
        read_grids(package)


def _declare(path: Path, part: str, size: int, packed: int | None = None) -> None:
    """Write another size into the archive's directory."""
    data = bytearray(path.read_bytes())
    entry = data.rfind(part.encode()) - 46
    assert data[entry : entry + 4] == b"PK\x01\x02"
    if packed is not None:
        data[entry + 20 : entry + 24] = struct.pack("<I", packed)
    data[entry + 24 : entry + 28] = struct.pack("<I", size)
    path.write_bytes(data)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["xl/worksheets/sheet1.xml", "XL/worksheets/SHEET1.xml"])
def test_a_part_twice(tmp_path: Path, name: str) -> None:
    path = simple(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, "<worksheet/>")
    with pytest.raises(errors.DangerousWorkbookError, match="twice"):
        open_package(path)


def test_corpus(shared: Path) -> None:
    """Every workbook written by others is opened and read, or refused in one sentence of the right class."""
    expected = {
        "encrypted": errors.EncryptedWorkbookError,
        "strict": errors.StrictWorkbookError,
        "bad_zip": errors.DamagedWorkbookError,
    }
    seen = set()
    for row in csv.DictReader((shared / "corpus" / "MANIFEST.csv").open(encoding="utf-8")):
        features = row["features"].split()
        wanted = next((expected[one] for one in features if one in expected), None)
        refused, message = _refusal(shared / "corpus" / row["local_name"])
        assert "\n" not in message
        if wanted is not None or refused is None:
            assert refused is wanted, row["local_name"]
        seen.add(refused)
    assert seen >= {None, *expected.values()}


def _refusal(path: Path) -> tuple[type[Exception] | None, str]:
    try:
        with open_package(path) as package:
            read_grids(package)
    except errors.WorkbookError as error:
        return type(error), str(error)
    return None, ""
