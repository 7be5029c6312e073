"""Files that are made to exhaust memory or patience: refused, or read, inside 1 GiB."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.hostile import mutate
from tests.hostile.box import DONE, REFUSED, Box, Boxed, assert_clear
from tests.hostile.graft import sheet_xml, table_rows
from tests.hostile.seeds import write_scheme
from xl_qbs.workbook.xml import MAIN

SLOW = pytest.mark.skipif(os.environ.get("XL_QBS_SLOW") != "1", reason="takes half a minute: XL_QBS_SLOW=1 runs it")
SHEET = "xl/worksheets/sheet1.xml"
HEAD = f'<worksheet xmlns="{MAIN}">'.encode()
TABLE = sheet_xml(table_rows())
BILLION_LAUGHS = b'<!DOCTYPE a [<!ENTITY a "ha">%s]>' % b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(10)
)


def _book(path: Path, pieces: Iterable[bytes], **parts: bytes) -> Path:
    """Write a workbook whose sheet comes in pieces; other parts by their names without folder and ending."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in mutate.frame():
            archive.writestr(name, parts.get(name.rpartition("/")[2].partition(".")[0], content))
        with archive.open(SHEET, "w") as sheet:
            for piece in pieces:
                sheet.write(piece)
    return path


def _with_rows(rows: bytes) -> bytes:
    """Return the sheet of the table with more rows behind it."""
    return TABLE.replace(b"</sheetData>", rows + b"</sheetData>")


def _blanks(letters: list[bytes], row: int) -> bytes:
    """Return a row of cells that hold nothing but a look."""
    return b'<row r="%d">' % row + b"".join(b'<c r="%s%d" s="1"/>' % (one, row) for one in letters) + b"</row>"


def _check(box: Box, folder: Path, name: str, *, seconds: int = 10) -> Boxed:
    scheme = write_scheme(folder / "scheme.csv")
    told = box.run(("check", name, "--scheme", scheme), folder, seconds=seconds)
    assert_clear(told, name)
    return told


def _refused(box: Box, folder: Path, words: str, name: str = "bomb.xlsx") -> None:
    for command in ("check", "audit"):
        told = box.run((command, name), folder)
        assert_clear(told, (command, name))
        assert told.status == REFUSED, (command, told.err)
        assert words in told.err or command == "audit", told.err
        assert told.seconds < 100


# The archive


def test_a_part_that_is_packed_a_thousand_times(box: Box, tmp_path: Path) -> None:
    _book(tmp_path / "bomb.xlsx", [HEAD, *[b" " * (1 << 20)] * 64, b"<sheetData/></worksheet>"])
    assert (tmp_path / "bomb.xlsx").stat().st_size < 1 << 20
    _refused(box, tmp_path, "as in a zip bomb")


def test_a_part_that_unpacks_into_more_than_it_says(box: Box, tmp_path: Path) -> None:
    path = _book(tmp_path / "bomb.xlsx", [HEAD, b" " * (9 << 20), b"<sheetData/></worksheet>"])
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = archive.getinfo(SHEET).file_size.to_bytes(4, "little")
    for place in [at for at in range(len(data) - 4) if data[at : at + 4] == size]:
        data[place : place + 4] = (1000).to_bytes(4, "little")
    path.write_bytes(data)
    told = _check(box, tmp_path, "bomb.xlsx")
    assert (told.status, "unpacks into more than the archive says" in told.err) == (REFUSED, True), told.err


def test_a_hundred_thousand_parts(box: Box, tmp_path: Path) -> None:
    path = _book(tmp_path / "bomb.xlsx", [TABLE])
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(60_000):
            archive.writestr(f"x/{number}", b"")
    assert _check(box, tmp_path, "bomb.xlsx").status == DONE


def test_an_archive_in_an_archive(box: Box, tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner", bytes(5 << 20))
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w") as archive:
        archive.writestr("inner.zip", inner.getvalue())
    _refused(box, tmp_path, "is a zip archive, not a workbook")


# XML


@pytest.mark.parametrize("part", ["sheet1", "sharedStrings", "styles", "workbook", "[Content_Types]"])
def test_entities(box: Box, tmp_path: Path, part: str) -> None:
    parts = {name.rpartition("/")[2].partition(".")[0]: content for name, content in mutate.frame()}
    inside = {"sharedStrings": b"<t>&k;List"}.get(part, b"")
    if part == "sheet1":
        _book(tmp_path / "bomb.xlsx", [BILLION_LAUGHS, TABLE.replace(b"<t>List", b"<t>&k;")])
    else:
        bomb = BILLION_LAUGHS + (parts[part].replace(b"<t>List", inside) if inside else parts[part])
        _book(tmp_path / "bomb.xlsx", [TABLE], **{part: bomb})
    _refused(box, tmp_path, "entities")


def test_an_entity_that_names_a_file(box: Box, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("SECRET", encoding="utf-8")
    bomb = b'<!DOCTYPE a [<!ENTITY k SYSTEM "file://%s/secret.txt">]>' % str(tmp_path).encode()
    _book(tmp_path / "bomb.xlsx", [bomb, TABLE.replace(b"<t>List", b"<t>&k;")])
    _refused(box, tmp_path, "entities")
    assert "SECRET" not in _check(box, tmp_path, "bomb.xlsx").err


@pytest.mark.parametrize("where", ["row", "cell", "workbook", "strings"])
def test_deep_nesting(box: Box, tmp_path: Path, where: str) -> None:
    deep = 200_000
    if where == "workbook":
        workbook = dict(mutate.frame())["xl/workbook.xml"]
        nested = b"<a>" * deep + b"</a>" * deep + b"<sheets>"
        _book(tmp_path / "b.xlsx", [TABLE], workbook=workbook.replace(b"<sheets>", nested))
    elif where == "strings":
        strings = b'<sst xmlns="%s"><si>' % MAIN.encode() + b"<r>" * deep + b"</r>" * deep + b"</si></sst>"
        _book(tmp_path / "b.xlsx", [TABLE], sharedStrings=strings)
    else:
        tag = b"row" if where == "row" else b"c"
        _book(tmp_path / "b.xlsx", [_with_rows(b"<%s>" % tag * deep + b"</%s>" % tag * deep)])
    told = _check(box, tmp_path, "b.xlsx")
    scored = box.run(("score", "b.xlsx", "--scheme", "scheme.csv", "-o", "out.xlsx"), tmp_path)
    assert_clear(scored, where)
    assert (tmp_path / "out.xlsx").exists() == (scored.status == DONE)
    assert told.status in (DONE, REFUSED)


def test_a_text_of_many_megabytes(box: Box, tmp_path: Path) -> None:
    cell = b'<c r="A40" t="inlineStr"><is><t>' + b"x" * (30 << 20) + b"</t></is></c>"
    _book(tmp_path / "long.xlsx", [_with_rows(b'<row r="40">' + cell + b"</row>")])
    told = box.run(("check", "long.xlsx"), tmp_path)
    assert_clear(told, "long")
    assert len(told.err) < 20_000


# Sheets


def test_dimensions_that_lie(box: Box, tmp_path: Path) -> None:
    before = b'<dimension ref="A1:XFD1048576"/><cols><col min="1" max="16384" hidden="1"/></cols><sheetData>'
    after = b'<mergeCells count="4294967295"><mergeCell ref="A50:XFD1048576"/></mergeCells></worksheet>'
    _book(tmp_path / "a.xlsx", [TABLE.replace(b"<sheetData>", before).replace(b"</worksheet>", after)])
    told = _check(box, tmp_path, "a.xlsx")
    assert told.status == DONE, told.err
    assert "12 lists, 5 indicators" in told.err


def test_counts_that_lie(box: Box, tmp_path: Path) -> None:
    parts = dict(mutate.frame())
    strings = parts["xl/sharedStrings.xml"].replace(b'"2"', b'"4294967295"')
    styles = parts["xl/styles.xml"].replace(b'count="2"', b'count="4294967295"')
    _book(tmp_path / "a.xlsx", [TABLE], sharedStrings=strings, styles=styles)
    assert _check(box, tmp_path, "a.xlsx").status == DONE


@pytest.mark.parametrize("far", ["A1048576", "L1048576", "AZ1048576", "XFD2441", "XFD1048576"])
def test_one_cell_far_away(box: Box, tmp_path: Path, far: str) -> None:
    row = far.lstrip("ADFLXZ")
    _book(tmp_path / "far.xlsx", [_with_rows(f'<row r="{row}"><c r="{far}"><v>7</v></c></row>'.encode())])
    told = _check(box, tmp_path, "far.xlsx")
    if far.startswith("A1"):
        # A number where a list's id would be.
        assert (told.status, far in told.err) == (REFUSED, True), told.err
    else:
        assert told.status == DONE, told.err
    assert told.peak < 400 << 20


def test_a_million_rows_of_formatted_blanks(box: Box, tmp_path: Path) -> None:
    pieces = (b'<row r="%d"><c r="A%d" s="1"/></row>' % (row, row) for row in range(100, 1_048_577))
    _book(tmp_path / "a.xlsx", [TABLE.partition(b"</sheetData>")[0], *pieces, b"</sheetData></worksheet>"])
    told = _check(box, tmp_path, "a.xlsx", seconds=30)
    assert told.status == DONE, told.err


def test_all_columns_of_formatted_blanks(box: Box, tmp_path: Path) -> None:
    from xl_qbs.sheets.address import column_letter

    letters = [column_letter(number).encode() for number in range(1, 16_385)]
    rows = (_blanks(letters, row) for row in range(100, 160))
    _book(tmp_path / "a.xlsx", [TABLE.partition(b"</sheetData>")[0], *rows, b"</sheetData></worksheet>"])
    told = _check(box, tmp_path, "a.xlsx", seconds=30)
    assert told.status == DONE, told.err


@SLOW
@pytest.mark.parametrize(("columns", "status"), [(6, DONE), (10, REFUSED)])
def test_millions_of_formatted_blanks(box: Box, tmp_path: Path, columns: int, status: int) -> None:
    letters = [b"%c" % (65 + number) for number in range(columns)]
    rows = (_blanks(letters, row) for row in range(100, 1_048_577))
    _book(tmp_path / "a.xlsx", [TABLE.partition(b"</sheetData>")[0], *rows, b"</sheetData></worksheet>"])
    told = _check(box, tmp_path, "a.xlsx", seconds=60)
    assert told.status == status, told.err


def test_more_than_any_fund_has_is_refused_before_it_is_unpacked(box: Box, tmp_path: Path) -> None:
    line = b'<row><c s="1"/><c t="n"/>%s</row>'
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in mutate.frame():
            archive.writestr(name, content)
        with archive.open(SHEET, "w") as sheet:
            sheet.write(HEAD + b"<sheetData>")
            # Noise, so that it is packed no better than an honest sheet.
            for _ in range(210):
                sheet.write((line % os.urandom(20).hex().encode()) * (1 + (1 << 20) // 70))
            sheet.write(b"</sheetData></worksheet>")
    told = _check(box, tmp_path, "bomb.xlsx")
    assert told.status == REFUSED
    assert "refused" in told.err
    assert told.peak < 400 << 20


# Text files


@pytest.mark.parametrize(
    "content",
    [
        b'"' + b"a" * (20 << 20),
        b"," * (20 << 20),
        b"\n" * (20 << 20),
        b"a;b\n" * (2 << 20),
        b"\xff\xfe" + b"a\0" * (5 << 20),
        b"1" * (5 << 20) + b",2\n",
    ],
    ids=["quote", "commas", "lines", "cells", "utf-16", "digits"],
)
def test_texts_of_nothing(box: Box, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    told = box.run(("check", "a.csv"), tmp_path, seconds=30)
    assert_clear(told, content[:5])
    assert told.status == REFUSED
    assert len(told.err) < 20_000
