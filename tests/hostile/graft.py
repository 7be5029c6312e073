"""A sheet with an indicator table put into a workbook of any maker, by hand and not by what is tested."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from tests.small_fund import SCHEME, counts, rows_of
from xl_qbs.sheets.address import cell_name
from xl_qbs.workbook.package import open_package
from xl_qbs.workbook.xml import CONTENT_TYPES, DOCUMENT_RELATIONSHIPS, MAIN, PACKAGE_RELATIONSHIPS

SHEET = "Näitajad 2020"
PART = "tabel.xml"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"


def table_rows(lists: int = 12) -> list[list[Any]]:
    """Return the rows of the table that is put in."""
    return rows_of(SCHEME, *counts(SCHEME, lists))


def sheet_xml(rows: Sequence[Sequence[Any]]) -> bytes:
    """Return a worksheet with texts in its cells, none of them shared, and no styles."""
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = [
            f'<c r="{cell_name(number, column)}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
            if isinstance(value, str)
            else f'<c r="{cell_name(number, column)}"><v>{value:g}</v></c>'
            for column, value in enumerate(row, start=1)
        ]
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'.encode()


def graft(source: Path, target: Path, *, sheet: str = SHEET, rows: Sequence[Sequence[Any]] | None = None) -> Path:
    """Write a workbook again with a table on a sheet behind its own.

    Raises:
        WorkbookError: the workbook is refused as it is.
    """
    with open_package(source) as package:
        folder, name = posixpath.split(package.workbook_part)
        links = posixpath.join(folder, "_rels", f"{name}.rels")
        book, relationships, types = (
            etree.fromstring(package.read(part)) for part in (package.workbook_part, links, "[Content_Types].xml")
        )
        sheets = book.find(f"{{{MAIN}}}sheets")
        used = [int(node.get("sheetId")) for node in sheets.iterchildren(f"{{{MAIN}}}sheet")]
        added = etree.SubElement(sheets, f"{{{MAIN}}}sheet", name=sheet, sheetId=str(max(used) + 1))
        added.set(f"{{{DOCUMENT_RELATIONSHIPS}}}id", "grafted")
        kind = f"{DOCUMENT_RELATIONSHIPS}/worksheet"
        etree.SubElement(
            relationships, f"{{{PACKAGE_RELATIONSHIPS}}}Relationship", Id="grafted", Type=kind, Target=f"/{PART}"
        )
        etree.SubElement(types, f"{{{CONTENT_TYPES}}}Override", PartName=f"/{PART}", ContentType=_KIND)
        changed = {
            package.workbook_part: etree.tostring(book),
            links: etree.tostring(relationships),
            "[Content_Types].xml": etree.tostring(types),
        }
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for one in package.names:
                content = next((text for part, text in changed.items() if _same(part, one)), None)
                archive.writestr(one, package.read(one) if content is None else content)
            archive.writestr(PART, sheet_xml(table_rows() if rows is None else rows))
    return target


def _same(part: str, name: str) -> bool:
    return part.casefold() == name.replace("\\", "/").lstrip("/").casefold()
