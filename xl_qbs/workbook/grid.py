"""A sheet's cells as plain values, and what calamine does not tell: errors, missing values, hidden parts."""

from __future__ import annotations

import io
import re
import string
import zipfile
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from html import unescape
from typing import Any
from xml.parsers import expat

import python_calamine

from xl_qbs.errors import DamagedWorkbookError, DangerousWorkbookError
from xl_qbs.sheets import address
from xl_qbs.workbook.far_cells import Drawn, drawn_together, used_places, without_blanks
from xl_qbs.workbook.package import Package, SheetEntry
from xl_qbs.workbook.xml import CONTENT_TYPES, DOCUMENT_RELATIONSHIPS, MAIN, PACKAGE_RELATIONSHIPS

Cell = tuple[int, int]
Box = tuple[Cell, Cell]

# calamine holds every cell of the rectangle that is in use, blank ones too; with these limits all that is held
# of a workbook stays below 1 GiB.
MOST_CELLS = 8_000_000
MOST_XML = 200 << 20
# A rectangle of more cells than this is looked at more closely before calamine gets it.
_MANY_CELLS = 500_000
# Excel's own limits.
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384
_CHUNK = 8 << 20

# A cell's tag as Excel writes it; every other spelling goes the slow way, through _with_references.
_CELL = re.compile(rb'<c r="([A-Z]{1,3}[1-9][0-9]{0,6})"')
_LETTERS = string.ascii_uppercase.encode()
_DIGITS = string.digits.encode()
_ROW_OR_CELL = re.compile(rb"<((?:\w+:)?(?:row|c))(\s[^>]*?|)(/?)>")
_REFERENCE = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]{0,3})([1-9][0-9]{0,6})[\"']")
_ANY_REFERENCE = re.compile(rb"\sr\s*=")
_ERROR_CELL = re.compile(
    rb"<(?:\w+:)?c\s([^>]*\bt=[\"']e[\"'][^>]*)>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]*)<", re.DOTALL
)
# A formula that is followed by no value, or by an empty one, before its cell ends.
_UNVALUED = re.compile(rb"<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")
# The same with a namespace prefix on each tag.
_UNVALUED_PREFIXED = re.compile(
    rb"<\w+:f(?:\s[^>]*)?(?:/>|>[^<]*</\w+:f>)\s*(?:<\w+:v\s*/>|<\w+:v>\s*</\w+:v>)?\s*</\w+:c>"
)
# Formulas are at most 8,192 characters; in UTF-8, and escaped, some times that.
_LONGEST_CELL = 1 << 16
_ROOT = re.compile(rb"<(\w+:)?worksheet(?:\s[^>]*)?>")
_NO_CELLS = re.compile(rb"<(?:\w+:)?sheetData(?:\s[^>]*)?/>")
_COUNT = re.compile(rb"\s(?:uniqueCount|count)\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?\bref=[\"']([A-Za-z]+)([0-9]+):([A-Za-z]+)([0-9]+)[\"']")
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\s[^>]*\bhidden=[\"'](?:1|true)[\"'][^>]*>")
_COLUMNS = re.compile(rb"<(?:\w+:)?col\s([^>]*)>")


@dataclass(frozen=True, eq=False)
class Grid:
    """The cells of one sheet, from A1 on.

    Attributes:
        sheet: the sheet's name; of a text file its name without the ending.
        rows: the rows' values; a blank cell is None, and rows may be of different length.
        merged: merged ranges, as zero-based (row, column) of the first and of the last cell.
        errors: the text of each cell that holds an error, such as ``#N/A``.
        unvalued: formula cells without a stored value.
        hidden_rows: zero-based rows that are hidden.
        hidden_columns: zero-based columns that are hidden.
        part: the sheet's part in the workbook; empty for a text file.
        state: ``visible``, ``hidden`` or ``veryHidden``.
        texts: of a text file, the cells as they are written, before numbers were read from them.
        delimiter: of a text file, what stands between two cells.
        encoding: of a text file, ``utf-8``, ``utf-16`` or ``windows-1252``.
    """

    sheet: str
    rows: list[list[Any]]
    merged: tuple[Box, ...] = ()
    errors: dict[Cell, str] = field(default_factory=dict)
    unvalued: frozenset[Cell] = frozenset()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    part: str = ""
    state: str = "visible"
    texts: list[list[str]] | None = None
    delimiter: str = ""
    encoding: str = ""

    def value(self, row: int, column: int) -> Any:
        """Return the value of a cell, None where it is blank or outside the grid."""
        if not 0 <= row < len(self.rows):
            return None
        cells = self.rows[row]
        return cells[column] if 0 <= column < len(cells) else None

    def text(self, row: int, column: int) -> str:
        """Return a cell as the text that identifies something: 17, not 17.0; empty where it is blank."""
        if self.texts is not None:
            cells = self.texts[row] if row < len(self.texts) else []
            return cells[column].strip() if column < len(cells) else ""
        return as_text(self.value(row, column))


def as_text(value: Any) -> str:
    """Return a value as trimmed text, a whole number without its decimals.

    >>> as_text(17.0), as_text(" N0017 "), as_text(None)
    ('17', 'N0017', '')
    """
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value).strip()


def column_letter(column: int) -> str:
    """Return the letters of a zero-based column.

    >>> column_letter(0), column_letter(25), column_letter(26), column_letter(16383)
    ('A', 'Z', 'AA', 'XFD')
    """
    return address.column_letter(column + 1)


def column_number(letters: str) -> int:
    """Return the zero-based number of a column's letters.

    >>> column_number("A"), column_number("xfd")
    (0, 16383)
    """
    return address.column_number(letters.upper()) - 1


def cell_name(row: int, column: int) -> str:
    """Return the name of the cell at a zero-based row and column.

    >>> cell_name(9, 4)
    'E10'
    """
    return f"{column_letter(column)}{row + 1}"


def range_name(first_row: int, first_column: int, last_row: int, last_column: int) -> str:
    """Return the name of a range; of a single cell where both corners are one.

    >>> range_name(10, 4, 790, 45)
    'E11:AT791'
    """
    first, last = cell_name(first_row, first_column), cell_name(last_row, last_column)
    return first if first == last else f"{first}:{last}"


def read_grids(package: Package, only: Collection[str] | None = None) -> list[Grid]:
    """Return the worksheets' cells, in the workbook's order.

    Args:
        package: the workbook.
        only: the names of the sheets to read; all worksheets where it is None.

    Raises:
        DamagedWorkbookError: a sheet cannot be read.
        DangerousWorkbookError: a sheet holds XML entities, or the sheets hold far more than any fund's.
    """
    entries = [entry for entry in package.sheets if entry.kind == "worksheet" and (only is None or entry.name in only)]
    if not entries:
        return []
    _check_size(package, entries)
    parts = []
    drawn = []
    for entry in entries:
        xml, extent = _sheet_xml(package, entry)
        parts.append(xml)
        drawn.append(_drawn(package, entry, xml, extent))
    workbook = _calamine(package, [one.xml for one in drawn])
    grids = []
    for number, (entry, xml) in enumerate(zip(entries, parts, strict=True)):
        rows = _guarded(package, f"the sheet '{entry.name}'", partial(_rows, workbook, number))
        grids.append(_grid(entry, xml, drawn[number].spread(rows)))
    return grids


def _check_size(package: Package, entries: Sequence[SheetEntry]) -> None:
    """Refuse sheets that would unpack into far more than a fund's, before any of them is unpacked."""
    total = sum(package.size(entry.part) for entry in entries)
    if total > MOST_XML:
        what = f"its sheet '{entries[0].name}' unpacks" if len(entries) == 1 else "its sheets unpack"
        raise DangerousWorkbookError(
            f"{package.path.name} is refused: {what} into {total >> 20:,} MiB; {MOST_XML >> 20} MiB is the most. "
            "Copy the table alone into a workbook of its own, as values."
        )


def _rows(workbook: python_calamine.CalamineWorkbook, number: int) -> list[list[Any]]:
    rows: list[list[Any]] = workbook.get_sheet_by_index(number).to_python(skip_empty_area=False)
    return rows


def _grid(entry: SheetEntry, xml: bytes, rows: list[list[Any]]) -> Grid:
    # A cell of nothing but spaces is blank to everyone who looks at the sheet.
    blank_as_none = [
        [None if value.__class__ is str and not value.strip() else value for value in row] if row else row
        for row in rows
    ]
    return Grid(
        sheet=entry.name,
        part=entry.part,
        state=entry.state,
        rows=blank_as_none,
        merged=_merged(xml),
        errors=_errors(xml),
        unvalued=_unvalued(xml),
        hidden_rows=_hidden_rows(xml),
        hidden_columns=_hidden_columns(xml),
    )


def _sheet_xml(package: Package, entry: SheetEntry) -> tuple[bytes, int]:
    """Return a sheet's XML, checked and with a reference on each cell, and the cells of the rectangle in use."""
    xml = _checked_xml(package, entry.part)
    last_row, last_column, count = _used(xml)
    if count != _cell_tags(xml):
        xml = _with_references(package, entry, xml)
        rows, columns = used_places(xml)
        last_row, last_column = max(rows, default=0) + 1, max(columns, default=0) + 1
    if last_row > _MOST_ROWS or last_column > _MOST_COLUMNS:
        what = f"has a cell in row {last_row:,} or column {last_column:,}, and no sheet has so many"
        raise _damaged(package, entry, what)
    return xml, last_row * last_column


def _drawn(package: Package, entry: SheetEntry, xml: bytes, extent: int) -> Drawn:
    """Return a sheet's XML as calamine gets it: without what makes a rectangle of blanks too large to be held."""
    # Values, as Excel spells them: where half the rectangle holds one, there is nothing far away to be drawn together.
    filled = xml.count(b"<v>") + xml.count(b"<is>")
    if extent <= _MANY_CELLS or (extent <= MOST_CELLS and 2 * filled > extent):
        return Drawn(xml)
    bare = without_blanks(xml)
    rows, columns = used_places(bare)
    cells = len(rows) * len(columns)
    if cells > MOST_CELLS:
        raise DangerousWorkbookError(
            f"{package.path.name} is refused: the sheet '{entry.name}' has cells in use as far as "
            f"{cell_name(rows[-1], columns[-1])}, in {len(rows):,} rows and {len(columns):,} columns, which makes "
            f"{cells:,} cells. Delete the stray cells beyond the table in Excel (Ctrl+End shows the last) and save it."
        )
    if not rows or 2 * cells > (rows[-1] + 1) * (columns[-1] + 1):
        return Drawn(bare)
    return drawn_together(bare, rows, columns)


def _used(xml: bytes) -> tuple[int, int, int]:
    """Return the numbers of the last row and column, and of all cells, of those spelled as Excel does."""
    count = last_row = last_column = 0
    for chunk in _chunks(xml):
        references = _CELL.findall(chunk)
        count += len(references)
        # Rows and columns are told apart for all references at once, much faster than one by one.
        joined = b" ".join(references)
        rows, columns = set(joined.translate(None, _LETTERS).split()), set(joined.translate(None, _DIGITS).split())
        last_row = max(last_row, max(map(int, rows), default=0))
        last_column = max(last_column, max((column_number(one.decode()) + 1 for one in columns), default=0))
    return last_row, last_column, count


def _damaged(package: Package, entry: SheetEntry, what: str) -> DamagedWorkbookError:
    return DamagedWorkbookError(
        f"{package.path.name} is damaged: the sheet '{entry.name}' {what}. "
        "Open it in Excel, save it under a new name as .xlsx and use that file."
    )


def _cell_tags(xml: bytes) -> int:
    """Return the number of cells where they are spelled without a namespace prefix, else -1."""
    start, end = xml.find(b"<sheetData"), xml.rfind(b"</sheetData>")
    if start < 0 or end < 0 or b":sheetData" in xml or b":c" in xml[start:end]:
        return -1
    return xml.count(b"<c", start, end)


def _chunks(xml: bytes) -> Iterator[bytes]:
    """Yield the XML in pieces that begin at a tag, so that memory stays modest on large sheets."""
    start = 0
    while start < len(xml):
        end = xml.find(b"<", start + _CHUNK)
        end = len(xml) if end < 0 else end
        yield xml[start:end]
        start = end


def _checked_xml(package: Package, part: str) -> bytes:
    """Return a part's XML in UTF-8, without a document type."""
    xml = package.read(part)
    declared = re.match(rb"\s*<\?xml[^>]*\bencoding\s*=\s*[\"']([\w.-]+)", xml)
    encoding = declared.group(1).decode("ascii").lower() if declared else "utf-8"
    if xml.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    if encoding not in {"utf-8", "utf8", "us-ascii", "ascii"}:
        try:
            text = xml.decode(encoding)
        except (LookupError, UnicodeDecodeError):
            raise DamagedWorkbookError(
                f"{package.path.name} is damaged: the part {part} is not in the encoding that it states. "
                "Open it in Excel, save it under a new name as .xlsx and use that file."
            ) from None
        xml = re.sub(r"^\ufeff?\s*<\?xml.*?\?>", "", text, flags=re.DOTALL).encode()
    if b"<!DOCTYPE" in xml:
        raise package.entities(part)
    # calamine reads on where Excel and others stop: nobody should see different numbers in one file.
    try:
        expat.ParserCreate(namespace_separator=" ").Parse(xml, True)
    except expat.ExpatError as error:
        raise DamagedWorkbookError(
            f"{package.path.name} is damaged: the part {part} is not proper XML ({error}). "
            "Open it in Excel, save it under a new name as .xlsx and use that file."
        ) from None
    return xml


def _with_references(package: Package, entry: SheetEntry, xml: bytes) -> bytes:
    """Return the XML with the row and column written on every row and cell."""
    row, column = -1, -1

    def numbered(match: re.Match[bytes]) -> bytes:
        nonlocal row, column
        tag, attributes, closed = match.groups()
        stated = _REFERENCE.search(attributes)
        if _ANY_REFERENCE.search(attributes) and not (stated and bool(stated.group(1)) == tag.endswith(b"c")):
            raise _damaged(package, entry, "has a cell or row whose place is none that a sheet has")
        if tag.endswith(b"row"):
            row = int(stated.group(2)) - 1 if stated else row + 1
            column = -1
            reference = str(row + 1)
        else:
            column = column_number(stated.group(1).decode()) if stated else column + 1
            reference = cell_name(row, column)
        if stated:
            return match.group(0)
        return b"<" + tag + b' r="' + reference.encode() + b'"' + attributes + closed + b">"

    return _ROW_OR_CELL.sub(numbered, xml)


def _calamine(package: Package, sheets: Sequence[bytes]) -> python_calamine.CalamineWorkbook:
    """Open the sheets in calamine.

    It is given a small workbook made in memory of nothing but the checked parts: so it cannot unpack
    more than was checked, reads no sheet that was not asked for, and finds parts under usual names.
    """
    sheet_list = "".join(
        f'<sheet name="s{number}" sheetId="{number}" r:id="rId{number}"/>' for number in range(1, len(sheets) + 1)
    )
    relationships = "".join(
        f'<Relationship Id="rId{number}" Type="{DOCUMENT_RELATIONSHIPS}/worksheet" '
        f'Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, len(sheets) + 1)
    )
    properties = package.xml(package.workbook_part).find(f"{{{MAIN}}}workbookPr")
    dates = int(properties is not None and properties.get("date1904") in {"1", "true"})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{CONTENT_TYPES}"/>')
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE_RELATIONSHIPS}"><Relationship Id="rId1" '
            f'Type="{DOCUMENT_RELATIONSHIPS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT_RELATIONSHIPS}"><workbookPr date1904="{dates}"/>'
            f"<sheets>{sheet_list}</sheets></workbook>",
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{PACKAGE_RELATIONSHIPS}">{relationships}</Relationships>',
        )
        for one in package.relationships(package.workbook_part):
            name = {"sharedStrings": "xl/sharedStrings.xml", "styles": "xl/styles.xml"}.get(one.type.rpartition("/")[2])
            if name and one.target in package and name not in archive.namelist():
                # calamine reserves memory for as many items as a count says, however many there are.
                archive.writestr(name, _COUNT.sub(b"", _checked_xml(package, one.target)))
        for number, xml in enumerate(sheets, start=1):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", _data_only(package, xml))
    buffer.seek(0)
    workbook: python_calamine.CalamineWorkbook = _guarded(
        package, "the workbook", lambda: python_calamine.CalamineWorkbook.from_filelike(buffer)
    )
    return workbook


def _data_only(package: Package, xml: bytes) -> bytes:
    """Return a sheet's XML with nothing but its cells; all else that is needed is read here."""
    root = _ROOT.search(xml)
    if root is None:
        raise DamagedWorkbookError(
            f"{package.path.name} is damaged: one of its sheets is not a worksheet. "
            "Open it in Excel, save it under a new name as .xlsx and use that file."
        )
    prefix = root.group(1) or b""
    closing = b"</" + prefix + b"sheetData>"
    start, end = xml.find(b"<" + prefix + b"sheetData"), xml.rfind(closing)
    empty = _NO_CELLS.match(xml, max(start, 0))
    if start < 0 or empty:
        cells = b"<" + prefix + b"sheetData/>"
    elif end < 0:
        cells = xml[start:]  # never closed: calamine is left to say so
    else:
        cells = xml[start:end] + closing
    return root.group(0) + cells + b"</" + prefix + b"worksheet>"


def _guarded(package: Package, what: str, read: Callable[[], Any]) -> Any:
    """Return what calamine reads, its every failure turned into a sentence."""
    try:
        return read()
    except BaseException as error:
        # A panic in calamine's Rust code arrives as a BaseException of its own.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        reason = (str(error).splitlines() or ["no reason given"])[0]
        raise DamagedWorkbookError(
            f"{package.path.name} is damaged: {what} cannot be read ({reason}). "
            "Open it in Excel, save it under a new name as .xlsx and use that file."
        ) from None


def _position(attributes: bytes) -> Cell | None:
    stated = _REFERENCE.search(b" " + attributes)
    if stated is None or not stated.group(1):
        return None
    return int(stated.group(2)) - 1, column_number(stated.group(1).decode())


def _errors(xml: bytes) -> dict[Cell, str]:
    if b't="e"' not in xml and b"t='e'" not in xml:
        return {}
    found = {}
    for match in _ERROR_CELL.finditer(xml):
        position = _position(match.group(1))
        if position is not None:
            found[position] = unescape(match.group(2).decode("utf-8", "replace")).strip()
    return found


def _unvalued(xml: bytes) -> frozenset[Cell]:
    prefixed = b":sheetData" in xml
    pattern, tag = (_UNVALUED_PREFIXED, b":c ") if prefixed else (_UNVALUED, b"<c ")
    found = set()
    for match in pattern.finditer(xml):
        start = xml.rfind(tag, max(match.start() - _LONGEST_CELL, 0), match.start())
        attributes = xml[start : xml.find(b">", start)]
        position = _position(attributes)
        # A formula that gives an empty text has a value, and the value looks blank.
        if position is not None and b't="str"' not in attributes:
            found.add(position)
    return frozenset(found)


def _merged(xml: bytes) -> tuple[Box, ...]:
    start = xml.find(b"mergeCells")
    if start < 0:
        return ()
    boxes = []
    for match in _MERGED.finditer(xml, start):
        left, top, right, bottom = (part.decode() for part in match.groups())
        boxes.append(((int(top) - 1, column_number(left)), (int(bottom) - 1, column_number(right))))
    return tuple(boxes)


def _hidden_rows(xml: bytes) -> frozenset[int]:
    start = max(xml.find(b"sheetData"), 0)
    if xml.find(b"hidden=", start) < 0:
        return frozenset()
    found = (_REFERENCE.search(match.group(0)) for match in _HIDDEN_ROW.finditer(xml, start))
    return frozenset(int(stated.group(2)) - 1 for stated in found if stated)


def _hidden_columns(xml: bytes) -> frozenset[int]:
    hidden: set[int] = set()
    for match in _COLUMNS.finditer(xml, 0, max(xml.find(b"sheetData"), 0)):
        attributes = dict(re.findall(r"(\w+)\s*=\s*[\"']([^\"']*)[\"']", match.group(1).decode("utf-8", "replace")))
        first, last = attributes.get("min", ""), attributes.get("max", "")
        if attributes.get("hidden") in {"1", "true"} and first.isdecimal() and last.isdecimal():
            hidden.update(range(int(first) - 1, min(int(last), 16384)))
    return frozenset(hidden)
