"""The cells of a text file as a workbook of one sheet, at the same addresses."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator
from pathlib import Path

from xl_qbs.errors import OutputError
from xl_qbs.sheets.address import cell_name
from xl_qbs.workbook.grid import Grid
from xl_qbs.workbook.styles_xml import MINIMAL_STYLES
from xl_qbs.workbook.xml import (
    CONTENT_TYPES,
    DOCUMENT_RELATIONSHIPS,
    MAIN,
    PACKAGE_RELATIONSHIPS,
    cell_text,
    escape_attribute,
)

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_DATE = (1980, 1, 1, 0, 0, 0)
# Excel's own limit.
_LONGEST_TEXT = 32_767


def write_grid(grid: Grid, title: str, path: Path) -> None:
    """Write a grid's cells as a workbook; text stays text whatever it begins with.

    The same cells give the same bytes.

    Args:
        grid: the cells.
        title: the sheet's name.
        path: where to write.

    Raises:
        OutputError: a text is longer than a cell can hold.
    """
    parts = {
        "[Content_Types].xml": [
            f'<Types xmlns="{CONTENT_TYPES}"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}styles+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}worksheet+xml"/></Types>'
        ],
        "_rels/.rels": _relationships(officeDocument="xl/workbook.xml"),
        "xl/workbook.xml": [
            f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT_RELATIONSHIPS}"><sheets>'
            f'<sheet name="{escape_attribute(title)}" sheetId="1" r:id="rId1"/></sheets></workbook>'
        ],
        "xl/_rels/workbook.xml.rels": _relationships(worksheet="worksheets/sheet1.xml", styles="styles.xml"),
        "xl/styles.xml": [MINIMAL_STYLES.decode()],
        "xl/worksheets/sheet1.xml": _sheet(grid),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, pieces in parts.items():
            entry = zipfile.ZipInfo(name, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, _HEAD + "".join(pieces))


def _relationships(**targets: str) -> Iterator[str]:
    yield f'<Relationships xmlns="{PACKAGE_RELATIONSHIPS}">'
    for number, (kind, target) in enumerate(targets.items(), start=1):
        yield f'<Relationship Id="rId{number}" Type="{DOCUMENT_RELATIONSHIPS}/{kind}" Target="{target}"/>'
    yield "</Relationships>"


def _sheet(grid: Grid) -> Iterator[str]:
    yield f'<worksheet xmlns="{MAIN}"><sheetData>'
    for number, row in enumerate(grid.rows, start=1):
        cells = "".join(_cell(cell_name(number, column), value) for column, value in enumerate(row, start=1))
        yield f'<row r="{number}">{cells}</row>'
    yield "</sheetData></worksheet>"


def _cell(name: str, value: object) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, (int, float)) and math.isfinite(value):
        return f'<c r="{name}"><v>{value!r}</v></c>'
    text = str(value)
    if len(text) > _LONGEST_TEXT:
        raise OutputError(f"{name} holds {len(text):,} characters; a workbook's cell can hold {_LONGEST_TEXT:,}.")
    return f'<c r="{name}" t="inlineStr"><is><t xml:space="preserve">{cell_text(text)}</t></is></c>'
