"""The parts of ``xl_qbs.xlam`` as a package: one sheet, the ribbon, and where the Visual Basic goes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from lxml import etree

from xl_qbs.addin.excel.errors import AddinFileError
from xl_qbs.addin.excel.texts import SHEET, Row

SHEET_PART = "xl/worksheets/sheet1.xml"
VBA_PART = "xl/vbaProject.bin"
RIBBON_PART = "customUI/customUI.xml"

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "application/vnd.openxmlformats-officedocument"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

# The texts stand beside the settings, a column apart: see QbsCommands.
_TEXT_COLUMN = 4


def parts(template: dict[str, bytes], settings: Sequence[Row], texts: Sequence[Row]) -> dict[str, bytes]:
    """Return every part but the Visual Basic project; look and theme are the template's."""
    written = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relationships(
            [
                (f"{_DOCUMENT}/officeDocument", "xl/workbook.xml"),
                (f"{_DOCUMENT}/extended-properties", "docProps/app.xml"),
                (f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
                ("http://schemas.microsoft.com/office/2006/relationships/ui/extensibility", RIBBON_PART),
            ]
        ),
        "docProps/app.xml": (
            f'<Properties xmlns="{_DOCUMENT.replace("relationships", "extended-properties")}">'
            "<Application>Microsoft Excel</Application></Properties>"
        ),
        "docProps/core.xml": (
            f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>xl_qbs</dc:title>'
            "<dc:description>QBS functions; made by xl-qbs addin build</dc:description>"
            "<dc:creator>xl_qbs</dc:creator></cp:coreProperties>"
        ),
        "xl/workbook.xml": _workbook(),
        "xl/_rels/workbook.xml.rels": _relationships(
            [
                (f"{_DOCUMENT}/worksheet", "worksheets/sheet1.xml"),
                (f"{_DOCUMENT}/theme", "theme/theme1.xml"),
                (f"{_DOCUMENT}/styles", "styles.xml"),
                ("http://schemas.microsoft.com/office/2006/relationships/vbaProject", "vbaProject.bin"),
            ]
        ),
        SHEET_PART: _sheet(settings, texts),
        RIBBON_PART: _ribbon(),
    }
    encoded = {name: (_DECLARATION + text).encode() for name, text in written.items()}
    return encoded | {name: template[name] for name in ("xl/theme/theme1.xml", "xl/styles.xml")}


def write_zip(contents: dict[str, bytes]) -> bytes:
    """Return the package; the same parts give the same bytes, since every date is the same."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0  # else it says on which system it was built
            archive.writestr(entry, content, compresslevel=9)
    return buffer.getvalue()


def read_zip(path: Path) -> dict[str, bytes]:
    """Return the parts of a package in their order.

    Raises:
        AddinFileError: the file is not there, cannot be read, or is no package.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return {entry.filename: archive.read(entry) for entry in archive.infolist()}
    except OSError as error:
        raise AddinFileError(f"{path} cannot be read ({error.strerror or type(error).__name__}).") from error
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise AddinFileError(f"{path} is not an Excel add-in.") from error


def read_settings(contents: dict[str, bytes]) -> dict[str, str]:
    """Return the settings on the sheet of an add-in that `xl_qbs.addin.excel.build` made.

    Raises:
        AddinFileError: the package is another one.
    """
    try:
        root = etree.fromstring(contents[SHEET_PART], _parser())
    except (KeyError, etree.XMLSyntaxError) as error:
        raise AddinFileError("The file is an Excel workbook, but not the add-in of xl_qbs.") from error
    cells = {cell.get("r", ""): _text(cell) for cell in root.iter(f"{{{_MAIN}}}c")}
    names = {place[1:]: text for place, text in cells.items() if re.fullmatch(r"A\d+", place)}
    if SHEET.encode() not in contents.get("xl/workbook.xml", b"") or not names:
        raise AddinFileError("The file is an Excel workbook, but not the add-in of xl_qbs.")
    return {name: cells.get(f"B{row}", "") for row, name in names.items()}


def with_setting(contents: dict[str, bytes], name: str, value: str) -> dict[str, bytes]:
    """Return the parts with one setting changed, and nothing else.

    Raises:
        AddinFileError: the package is another one, or has no such setting.
    """
    if name not in read_settings(contents):
        raise AddinFileError(f"The add-in has no setting {name}.")
    root = etree.fromstring(contents[SHEET_PART], _parser())
    for row in root.iter(f"{{{_MAIN}}}row"):
        cells = {re.sub(r"\d", "", cell.get("r", "")): cell for cell in row}
        if "A" in cells and _text(cells["A"]) == name:
            for text in cells["B"].iter(f"{{{_MAIN}}}t"):
                text.text = value
    changed = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return contents | {SHEET_PART: changed}


def _text(cell: etree._Element) -> str:
    return "".join(str(text) for text in cell.itertext())


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True)


def _sheet(settings: Sequence[Row], texts: Sequence[Row]) -> str:
    rows = []
    for number in range(1, max(len(settings), len(texts)) + 1):
        cells = _cells(settings[number - 1], 1, number) if number <= len(settings) else ""
        cells += _cells(texts[number - 1], _TEXT_COLUMN, number) if number <= len(texts) else ""
        rows.append(f'<row r="{number}">{cells}</row>')
    return f'<worksheet xmlns="{_MAIN}"><sheetPr codeName="Sheet2"/><sheetData>{"".join(rows)}</sheetData></worksheet>'


def _cells(row: Row, first: int, number: int) -> str:
    # Columns up to Z suffice: a function would need twenty arguments to go beyond.
    return "".join(
        f'<c r="{chr(ord("A") + first + place - 1)}{number}" t="inlineStr">'
        f'<is><t xml:space="preserve">{escape(text)}</t></is></c>'
        for place, text in enumerate(row)
    )


def _workbook() -> str:
    # The code names are those of the template's Visual Basic project.
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}"><workbookPr codeName="ThisWorkbook"/>'
        '<bookViews><workbookView visibility="hidden"/></bookViews>'
        f'<sheets><sheet name="{SHEET}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )


def _relationships(targets: Sequence[tuple[str, str]]) -> str:
    lines = [
        f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    ]
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(lines)}</Relationships>'


def _content_types() -> str:
    types = {
        "/xl/workbook.xml": "application/vnd.ms-excel.addin.macroEnabled.main+xml",
        f"/{SHEET_PART}": f"{_OFFICE}.spreadsheetml.worksheet+xml",
        "/xl/styles.xml": f"{_OFFICE}.spreadsheetml.styles+xml",
        "/xl/theme/theme1.xml": f"{_OFFICE}.theme+xml",
        f"/{VBA_PART}": "application/vnd.ms-office.vbaProject",
        "/docProps/app.xml": f"{_OFFICE}.extended-properties+xml",
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
    }
    overrides = [f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in types.items()]
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{"".join(overrides)}</Types>'
    )


def _ribbon() -> str:
    tips = 'getScreentip="QbsCommands.QbsScreentip" getSupertip="QbsCommands.QbsSupertip"'

    def button(name: str, image: str) -> str:
        procedure = f"Qbs{name.removeprefix('qbs')}"
        return (
            f'<button id="{name}" size="large" imageMso="{image}" onAction="QbsCommands.{procedure}" '
            f'getLabel="QbsCommands.QbsLabel" {tips}/>'
        )

    of_workbook = (("qbsScore", "MacroPlay"), ("qbsCheck", "DataValidation"), ("qbsAudit", "ReviewTrackChanges"))
    return (
        '<customUI xmlns="http://schemas.microsoft.com/office/2006/01/customui"><ribbon><tabs>'
        '<tab id="qbsTab" getLabel="QbsCommands.QbsLabel">'
        '<group id="qbsWorkbookGroup" getLabel="QbsCommands.QbsLabel">'
        f"{''.join(button(*one) for one in of_workbook)}</group>"
        '<group id="qbsHelpGroup" getLabel="QbsCommands.QbsLabel">'
        f"{button('qbsHelp', 'Help')}{button('qbsAbout', 'FileProperties')}</group>"
        "</tab></tabs></ribbon></customUI>"
    )
