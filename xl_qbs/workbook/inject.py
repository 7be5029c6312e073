"""Result sheets into an existing workbook, part by part: what was in it stays byte for byte.

Only the list of content types, the workbook part, its relationships and the styles change, and they
are only added to. A calculation chain is dropped with its references, because Excel makes it anew.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree

from xl_qbs._version import __version__
from xl_qbs.errors import OutputError
from xl_qbs.sheets.address import quoted, range_name, split_cell
from xl_qbs.sheets.model import Book, Sheet
from xl_qbs.workbook.ahead import made_ahead
from xl_qbs.workbook.atomic import whole_file
from xl_qbs.workbook.charts_xml import chart_part, drawing_part
from xl_qbs.workbook.earlier import PART_PREFIX, mark_of, take_out
from xl_qbs.workbook.package import Package
from xl_qbs.workbook.sheet_xml import pieces_of, worksheet
from xl_qbs.workbook.styles_xml import MINIMAL_STYLES, Styles
from xl_qbs.workbook.xml import (
    CONTENT_TYPES,
    DOCUMENT_RELATIONSHIPS,
    MAIN,
    PACKAGE_RELATIONSHIPS,
    elements,
    serialize,
    whole,
)

_TYPES = "application/vnd.openxmlformats-officedocument."
_SHEET_TYPE = _TYPES + "spreadsheetml.worksheet+xml"
_STYLES_TYPE = _TYPES + "spreadsheetml.styles+xml"
_DRAWING_TYPE = _TYPES + "drawing+xml"
_RELATIONSHIPS_TYPE = "application/vnd.openxmlformats-package.relationships+xml"
_CHART_TYPE = _TYPES + "drawingml.chart+xml"
# Excel's own limit.
_MOST_ROWS = 1_048_576
# The fastest: the result is a sixth larger, and done in half the time.
_LEVEL = 1
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_STYLE_INDEX = re.compile(rb"""\ss(?:tyle)?=["'](\d{1,9})["']""")
# Elements of a workbook part that stand behind the defined names, in the schema's order.
_BEHIND_NAMES = (
    "calcPr",
    "oleSize",
    "customWorkbookViews",
    "pivotCaches",
    "smartTagPr",
    "smartTagTypes",
    "webPublishing",
    "fileRecoveryPr",
    "webPublishObjects",
    "extLst",
)

Progress = Callable[[float], None]


class _Parts(NamedTuple):
    """The parts of the package that are added to, parsed."""

    workbook: Any
    relationships: Any
    types: Any


def inject(
    package: Package, book: Book, output: Path, *, formulas: bool = True, progress: Progress = lambda _: None
) -> None:
    """Write a workbook with the sheets of a book added behind its own.

    Args:
        package: the workbook as it is.
        book: the sheets to add; their names must be free.
        output: where to write; replaced only when everything is written.
        formulas: live formulas with stored values; if False, values only.
        progress: told the share of the work that is done, from 0 to 1.

    Raises:
        OutputError: the output cannot be written.
        DamagedWorkbookError: a part of the workbook cannot be read.
    """
    base = posixpath.dirname(package.workbook_part)
    relationships_part = f"{base}/_rels/{posixpath.basename(package.workbook_part)}.rels".lstrip("/")
    parts = _Parts(
        package.tree(package.workbook_part),
        package.tree(relationships_part),
        package.tree("[Content_Types].xml"),
    )
    if any(sheet.last_row > _MOST_ROWS for sheet in book.sheets):
        raise OutputError(f"The result has more rows than a sheet can have ({_MOST_ROWS:,}): score fewer lists.")
    _declare_relationships(parts.types)
    changed: dict[str, bytes] = {}
    left_out = _drop_calculation_chain(package, parts) | take_out(package, *parts, family=book.family)
    styles_part, styles = _styles(package, parts, book, base)
    made: list[tuple[str, Callable[[], Iterator[bytes]]]] = []
    for number, sheet in enumerate(book.sheets):
        made += _add_sheet(package, parts, book, sheet, styles, base, number, formulas=formulas)
    _add_names(parts, book)
    changed[styles_part] = styles.part()
    changed[package.workbook_part] = serialize(parts.workbook)
    changed[relationships_part] = serialize(parts.relationships)
    changed["[Content_Types].xml"] = serialize(parts.types)
    with (
        whole_file(output) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive,
    ):
        for name in package.names:
            if name not in left_out:
                info = package.infos[name]
                data = changed.pop(name) if name in changed else package.read(name)
                archive.writestr(_copied(info), data, compresslevel=_LEVEL)
        for name, data in changed.items():
            archive.writestr(_fresh(name), data, compresslevel=_LEVEL)
        _write_new(archive, made, sum(pieces_of(sheet) for sheet in book.sheets), progress)


def _write_new(
    archive: zipfile.ZipFile, made: Sequence[tuple[str, Callable[[], Iterator[bytes]]]], total: int, progress: Progress
) -> None:
    """Write the new parts piece by piece; ``total`` is about how many pieces there are."""
    written = 0
    try:
        for name, pieces in made:
            # By name, not by entry: an entry would be packed at the default level, at twice the time.
            with archive.open(name, "w") as part:
                for piece in made_ahead(pieces()):
                    part.write(piece)
                    written += 1
                    progress(min(written / total, 1.0))
    except RuntimeError as error:
        # zipfile's word for a part of more than 2 GiB, which no spreadsheet program would open either.
        raise OutputError("A result sheet is too large for a workbook: score fewer lists at a time.") from error


def _copied(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """Return an entry with the name, date and attributes of the old one."""
    entry = zipfile.ZipInfo(info.filename, info.date_time)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = info.external_attr
    return entry


def _fresh(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _ZIP_DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _drop_calculation_chain(package: Package, parts: _Parts) -> set[str]:
    dropped = set()
    for relationship in package.relationships(package.workbook_part):
        if relationship.type.endswith("/calcChain"):
            dropped.add(relationship.target)
            for node in elements(parts.relationships):
                if node.get("Id") == relationship.id:
                    parts.relationships.remove(node)
            for node in elements(parts.types):
                if node.get("PartName", "").lstrip("/").casefold() == relationship.target.casefold():
                    parts.types.remove(node)
    return dropped


def _styles(package: Package, parts: _Parts, book: Book, base: str) -> tuple[str, Styles]:
    used = {(block.kind, block.format): None for sheet in book.sheets for block in sheet.blocks}
    named = [one.target for one in package.relationships(package.workbook_part) if one.type.endswith("/styles")]
    for name in named:
        if name in package.names:
            package.tree(name)  # says what is wrong with it, if anything is
            return name, Styles(package.read(name), used)
    styles = Styles(MINIMAL_STYLES, used, taken=_styles_in_use(package))
    # A part that is named and not there is made under the name that it has, else under the usual one,
    # by which some programs look for it.
    usual = posixpath.join(base, "styles.xml")
    name = named[0] if named else (usual if usual not in package else f"{base}/{PART_PREFIX}styles.xml".lstrip("/"))
    if not named:
        _relate(parts.relationships, "styles", posixpath.relpath(name, base or "."))
    if not any(node.get("PartName", "").lstrip("/") == name for node in elements(parts.types)):
        _declare(parts.types, name, _STYLES_TYPE)
    return name, styles


def _styles_in_use(package: Package) -> int:
    """Return how many cell formats the sheets of a workbook without styles refer to."""
    found = [int(index) for sheet in package.sheets for index in _STYLE_INDEX.findall(package.read(sheet.part))]
    return max(found, default=-1) + 1


def _add_sheet(
    package: Package,
    parts: _Parts,
    book: Book,
    sheet: Sheet,
    styles: Styles,
    base: str,
    number: int,
    *,
    formulas: bool,
) -> list[tuple[str, Callable[[], Iterator[bytes]]]]:
    """Declare a sheet and its charts, and return its parts, each with what makes its pieces."""
    name = _free(package, f"{base}/worksheets/{PART_PREFIX}{book.family}sheet", number)
    sheets = parts.workbook.find(f"{{{MAIN}}}sheets")
    identifier = _relate(parts.relationships, "worksheet", posixpath.relpath(name, base or "."))
    node = etree.SubElement(sheets, f"{{{MAIN}}}sheet", name=sheet.name, sheetId=str(_next_sheet(sheets)))
    node.set(f"{{{DOCUMENT_RELATIONSHIPS}}}id", identifier)
    _declare(parts.types, name, _SHEET_TYPE)
    if not sheet.charts:
        return [(name, lambda: worksheet(book, sheet, styles, formulas=formulas))]
    drawing = _free(package, f"{base}/drawings/{PART_PREFIX}drawing", number)
    charts = [_free(package, f"{base}/charts/{PART_PREFIX}chart", number * 1000 + i) for i in range(len(sheet.charts))]
    _declare(parts.types, drawing, _DRAWING_TYPE)
    for chart in charts:
        _declare(parts.types, chart, _CHART_TYPE)
    made: list[tuple[str, Callable[[], Iterator[bytes]]]] = [
        (name, lambda: worksheet(book, sheet, styles, formulas=formulas, drawing="rId1")),
        (_relationships_of(name), lambda: iter([_relationships(name, "drawing", [drawing])])),
        (drawing, lambda: iter([drawing_part(sheet.charts)])),
        (_relationships_of(drawing), lambda: iter([_relationships(drawing, "chart", charts)])),
    ]
    for chart_name, chart_model in zip(charts, sheet.charts, strict=True):
        made.append((chart_name, lambda one=chart_model: iter([chart_part(one)])))  # type: ignore[misc]
    return made


def _free(package: Package, stem: str, number: int) -> str:
    """Return a part name that the package does not have, whatever the case of its letters."""
    taken = {name.casefold() for name in package.names}
    while f"{stem}{number + 1}.xml".casefold() in taken:
        number += 1000
    return f"{stem}{number + 1}.xml".lstrip("/")


def _next_sheet(sheets: Any) -> int:
    return max((whole(node.get("sheetId"), 0) for node in elements(sheets)), default=0) + 1


def _relate(relationships: Any, kind: str, target: str) -> str:
    taken = {node.get("Id") for node in elements(relationships)}
    number = 1
    while f"rIdQbs{number}" in taken:
        number += 1
    etree.SubElement(
        relationships,
        f"{{{PACKAGE_RELATIONSHIPS}}}Relationship",
        Id=f"rIdQbs{number}",
        Type=f"{DOCUMENT_RELATIONSHIPS}/{kind}",
        Target=target,
    )
    return f"rIdQbs{number}"


def _declare(types: Any, part: str, content_type: str) -> None:
    etree.SubElement(types, f"{{{CONTENT_TYPES}}}Override", PartName=f"/{part}", ContentType=content_type)


def _declare_relationships(types: Any) -> None:
    """Declare all lists of relationships at once; some programs declare each of theirs alone."""
    endings = [node.get("Extension", "").casefold() for node in elements(types)]
    if "rels" not in endings:
        node = etree.Element(f"{{{CONTENT_TYPES}}}Default", Extension="rels", ContentType=_RELATIONSHIPS_TYPE)
        types.insert(0, node)


def _relationships_of(part: str) -> str:
    return posixpath.join(posixpath.dirname(part), "_rels", posixpath.basename(part) + ".rels")


def _relationships(part: str, kind: str, targets: list[str]) -> bytes:
    root = etree.Element(f"{{{PACKAGE_RELATIONSHIPS}}}Relationships", nsmap={None: PACKAGE_RELATIONSHIPS})  # type: ignore[dict-item]
    for number, target in enumerate(targets, start=1):
        etree.SubElement(
            root,
            f"{{{PACKAGE_RELATIONSHIPS}}}Relationship",
            Id=f"rId{number}",
            Type=f"{DOCUMENT_RELATIONSHIPS}/{kind}",
            Target=posixpath.relpath(target, posixpath.dirname(part)),
        )
    return serialize(root)


def _add_names(parts: _Parts, book: Book) -> None:
    """Add the names by which Excel knows repeated rows and filters, and a later run knows our sheets."""
    sheets = parts.workbook.find(f"{{{MAIN}}}sheets")
    first = len(elements(sheets)) - len(book.sheets)
    entries = []
    for number, sheet in enumerate(book.sheets, start=first):
        entries.append((mark_of(book.family), number, f'"{__version__}"', "1"))
        if sheet.print_titles:
            reach = ",".join(f"{quoted(sheet.name)}!{one}" for one in sheet.print_titles.split(","))
            entries.append(("_xlnm.Print_Titles", number, reach, ""))
        if sheet.filter:
            (left, top), (right, bottom) = (split_cell(corner) for corner in sheet.filter.split(":"))
            reach = f"{quoted(sheet.name)}!{range_name(top, left, bottom, right)}"
            entries.append(("_xlnm._FilterDatabase", number, reach, "1"))
    names = parts.workbook.find(f"{{{MAIN}}}definedNames")
    if names is None:
        names = etree.Element(f"{{{MAIN}}}definedNames")
        behind = next(
            (
                parts.workbook.find(f"{{{MAIN}}}{tag}")
                for tag in _BEHIND_NAMES
                if parts.workbook.find(f"{{{MAIN}}}{tag}") is not None
            ),
            None,
        )
        if behind is None:
            parts.workbook.append(names)
        else:
            behind.addprevious(names)
    for name, number, reach, hidden in entries:
        node = etree.SubElement(names, f"{{{MAIN}}}definedName", name=name, localSheetId=str(number))
        if hidden:
            node.set("hidden", hidden)
        node.text = reach
