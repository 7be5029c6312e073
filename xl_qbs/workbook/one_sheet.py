"""Many small workbooks of one sheet that look alike: what they share is made once."""

from __future__ import annotations

import zipfile
from pathlib import Path

from xl_qbs.sheets.address import quoted, range_name, split_cell
from xl_qbs.sheets.model import Book, Sheet
from xl_qbs.workbook.atomic import whole_file
from xl_qbs.workbook.sheet_xml import worksheet
from xl_qbs.workbook.styles_xml import MINIMAL_STYLES, StyleKey, Styles
from xl_qbs.workbook.xml import (
    CONTENT_TYPES,
    DOCUMENT_RELATIONSHIPS,
    MAIN,
    PACKAGE_RELATIONSHIPS,
    escape,
    escape_attribute,
)

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_DATE = (1980, 1, 1, 0, 0, 0)
_SHEET = "xl/worksheets/sheet1.xml"
# Bytes are written fast rather than small: a page is a few kilobytes either way.
_LEVEL = 1


class OneSheetWriter:
    """Writes books of one sheet, each as a workbook of its own.

    The same book gives the same bytes. There are no macros, links, properties or names of people in them.
    """

    def __init__(self) -> None:
        self._styles: dict[frozenset[StyleKey], tuple[Styles, bytes]] = {}

    def write(self, book: Book, path: Path) -> None:
        """Write a book; what was at ``path`` is replaced only when everything is written.

        Raises:
            OutputError: the file cannot be written.
            ValueError: the book has not exactly one sheet, or one with charts; a mistake in the package.
        """
        if len(book.sheets) != 1 or book.sheets[0].charts:
            raise ValueError("a book of one sheet without charts is needed")
        sheet = book.sheets[0]
        styles, styles_part = self._look(sheet)
        parts = {
            "[Content_Types].xml": _TYPES,
            "_rels/.rels": _relationships(officeDocument="xl/workbook.xml"),
            "xl/workbook.xml": _workbook(sheet),
            "xl/_rels/workbook.xml.rels": _relationships(worksheet="worksheets/sheet1.xml", styles="styles.xml"),
            "xl/styles.xml": styles_part,
            _SHEET: b"".join(worksheet(book, sheet, styles)),
        }
        with (
            whole_file(path) as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive,
        ):
            for name, data in parts.items():
                entry = zipfile.ZipInfo(name, _DATE)
                entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 0
                archive.writestr(entry, data, compresslevel=_LEVEL)

    def _look(self, sheet: Sheet) -> tuple[Styles, bytes]:
        """Return the styles of a sheet, made once for all sheets with the same kinds of cells."""
        keys = dict.fromkeys((block.kind, block.format) for block in sheet.blocks)
        used = frozenset(keys)
        if used not in self._styles:
            styles = Styles(MINIMAL_STYLES, keys)
            self._styles[used] = styles, styles.part()
        return self._styles[used]


_TYPES = (
    f'{_HEAD}<Types xmlns="{CONTENT_TYPES}"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}styles+xml"/>'
    f'<Override PartName="/{_SHEET}" ContentType="{_TYPE}worksheet+xml"/></Types>'
).encode()


def _relationships(**targets: str) -> bytes:
    lines = "".join(
        f'<Relationship Id="rId{number}" Type="{DOCUMENT_RELATIONSHIPS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets.items(), start=1)
    )
    return f'{_HEAD}<Relationships xmlns="{PACKAGE_RELATIONSHIPS}">{lines}</Relationships>'.encode()


def _workbook(sheet: Sheet) -> bytes:
    names = ""
    if sheet.print_area:
        (left, top), (right, bottom) = (split_cell(corner) for corner in sheet.print_area.split(":"))
        reach = escape(f"{quoted(sheet.name)}!{range_name(top, left, bottom, right)}")
        names = (
            f'<definedNames><definedName name="_xlnm.Print_Area" localSheetId="0">{reach}</definedName></definedNames>'
        )
    return (
        f'{_HEAD}<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT_RELATIONSHIPS}"><sheets>'
        f'<sheet name="{escape_attribute(sheet.name)}" sheetId="1" r:id="rId1"/></sheets>{names}</workbook>'
    ).encode()
