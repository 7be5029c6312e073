"""Formula templates as their users treat them: typed into, and calculated by an engine that is not Excel."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import openpyxl
from lxml import etree

from tests.compare import MAIN, Difference, Engine, cell_of, errors, plain, sheet_parts, unlike_book, value_of
from tests.engines import Cells, ErrorValue, Value
from tests.small_fund import counts
from xl_qbs.scheme import Scheme
from xl_qbs.scoring.table import Table
from xl_qbs.sheets.address import cell_name, split_cell
from xl_qbs.sheets.model import Book, Language, Sheet
from xl_qbs.sheets.template.book import template_book
from xl_qbs.sheets.template.plan import Counts, Plan
from xl_qbs.workbook.template import Request, make_template, plan_of, template_of

# A cell by its sheet and name, and a cell by its block, row and column.
Cell = tuple[str, str]
Place = tuple[str, int, int]
# Numbers, texts and error values; None clears a cell.
Content = Value


class Formula(str):
    """A formula that somebody types, without ``=``."""

    __slots__ = ()


class Template(NamedTuple):
    """A written template: what was asked for, its sheets, and the file."""

    request: Request
    book: Book
    path: Path


def table_of(scheme: Scheme, lists: int, seed: int = 1, *, first: int = 1, **changes: Any) -> Table:
    """Return the counts of so many lists; the first is called N001 unless said otherwise."""
    target, done = counts(scheme, lists, seed)
    providers = tuple(f"N{number:03d}" for number in range(first, first + lists))
    return Table(**{"providers": providers, "indicators": scheme.codes, "target": target, "done": done, **changes})


def written(request: Request, path: Path, language: Language = "en") -> Template:
    """Write a template."""
    return Template(request, template_of(request, language), make_template(request, path, language=language))


def inputs(book: Book) -> dict[Cell, Content]:
    """Return what stands in the yellow cells."""
    return {
        (block.sheet, cell_name(block.row + i, block.column + j)): plain(block.values[i, j])
        for block, i, j in book.cells()
        if block.kind == "input"
    }


def to_type(book: Book, wanted: Book) -> dict[Cell, Content]:
    """Return the yellow cells in which one book has to be changed to be another of the same room."""
    before, after = inputs(book), inputs(wanted)
    assert before.keys() >= after.keys()
    return {cell: value for cell, value in after.items() if (value or None) != (before[cell] or None) or value == 0}


def cells_at(book: Book, changes: Mapping[Place, Content]) -> dict[Cell, Content]:
    """Return changes by sheet and name of the cell."""
    return {cell_of(book, *place): value for place, value in changes.items()}


def down(key: str, values: Sequence[Content], column: int = 0) -> dict[Place, Content]:
    """Return what is typed down a column of a block."""
    return {(key, row, column): value for row, value in enumerate(values)}


def with_cells(path: Path, output: Path, changes: Mapping[Cell, Content]) -> Path:
    """Copy a workbook with other contents in some of its cells, and nothing else touched."""
    parts = {part: sheet for sheet, part in sheet_parts(path).items()}
    by_sheet: dict[str, dict[str, Content]] = {}
    for (sheet, cell), value in changes.items():
        by_sheet.setdefault(sheet, {})[cell] = value
    assert by_sheet.keys() <= set(parts.values())
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            wanted = by_sheet.get(parts.get(name, ""))
            new.writestr(name, _changed(content, wanted) if wanted else content)
    return output


def _changed(part: bytes, changes: Mapping[str, Content]) -> bytes:
    root = etree.fromstring(part)
    nodes = {node.get("r"): node for node in root.iter(f"{MAIN}c")}
    for cell, value in changes.items():
        _fill(nodes[cell], value)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _fill(node: Any, value: Content) -> None:
    for child in list(node):
        node.remove(child)
    node.attrib.pop("t", None)
    if value is None or value == "":
        return
    if isinstance(value, Formula):
        etree.SubElement(node, f"{MAIN}f").text = str(value)
    elif isinstance(value, str):
        node.set("t", "inlineStr")
        text = etree.SubElement(etree.SubElement(node, f"{MAIN}is"), f"{MAIN}t")
        text.text = value
        text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    elif isinstance(value, ErrorValue):
        node.set("t", "e")
        etree.SubElement(node, f"{MAIN}v").text = value.code
    elif isinstance(value, bool):
        node.set("t", "b")
        etree.SubElement(node, f"{MAIN}v").text = str(int(value))
    else:
        etree.SubElement(node, f"{MAIN}v").text = repr(float(value))


def typed_with_openpyxl(path: Path, output: Path, changes: Mapping[Cell, Content]) -> Path:
    """Type into a workbook with a program that reads and writes all of it anew."""
    workbook = openpyxl.load_workbook(path)
    for (sheet, cell), value in changes.items():
        workbook[sheet][cell].value = value
    buffer = io.BytesIO()
    workbook.save(buffer)
    # openpyxl says of blank cells that they are numbers, and IronCalc then takes them for 0.
    blank = re.compile(rb' t="n"(?=\s*(?:/>|></c>))')
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, blank.sub(b"", content) if name.startswith("xl/worksheets/") else content)
    return output


def book_with(
    request: Request,
    *,
    places: Sequence[int] = (),
    columns: Table | None = None,
    last_columns: Table | None = None,
    language: Language = "en",
) -> Book:
    """Return the sheets of a template whose scheme or data do not stand as a template is written.

    Args:
        request: what it holds.
        places: the row of each indicator in the scheme, from 0; one below the other if empty.
        columns: this year's counts as they stand on the sheet of data, also of indicators not in use.
        last_columns: the same for last year.
        language: language of all texts.
    """
    plan: Plan = plan_of(request)
    if places:
        room = replace(plan.run.room, taken=np.array(places, dtype=np.intp))
        before = plan.before and replace(plan.before, space=room)
        plan = replace(plan, run=replace(plan.run, space=room), before=before)
    if columns is not None:
        plan = replace(plan, counts=Counts(columns, plan.counts.accepted))
    if last_columns is not None and plan.counts_before is not None:
        plan = replace(plan, counts_before=Counts(last_columns, plan.counts_before.accepted))
    return template_book(plan, language)


def assert_computes(path: Path, engine: Engine, book: Book, but: Container[Value] = ()) -> Cells:
    """Assert that an engine computes every cell of a book, none of them an error value, and that all checks hold.

    Args:
        path: the workbook.
        engine: what calculates it.
        book: what it must come to.
        but: texts of which one may stand for another.
    """
    cells = engine(path)
    assert not errors(cells, book)
    found = [
        one
        for one in unlike_book(cells, book)
        if not (one.expected in but and one.found in but) and not _is_rest_of_a_sum(book, one)
    ]
    assert not found, f"{len(found)} cells differ, such as {found[:5]}"
    assert master_flags(cells, book) == {1}
    return cells


def laid_out_alike(book: Book, template: Book) -> tuple[Book, set[str]]:
    """Return a book without the sheets that are laid out otherwise in a template, and the names of these."""

    def layout(sheet: Sheet) -> set[tuple[Any, ...]]:
        return {(block.key, block.row, block.column, *block.values.shape) for block in sheet.blocks}

    layouts = {sheet.name: layout(sheet) for sheet in template.sheets}
    kept = [sheet for sheet in book.sheets if layout(sheet) == layouts[sheet.name]]
    return replace(book, sheets=kept), {sheet.name for sheet in book.sheets} - {sheet.name for sheet in kept}


def _is_rest_of_a_sum(book: Book, one: Difference) -> bool:
    """Return whether a difference is that of a control sum over thousands of lists, in its last bits."""
    values, tolerance = book.block("check_value"), book.block("check_tolerance")
    column, row = split_cell(one.cell)
    place = row - values.row
    if one.sheet != values.sheet or column != values.column or not 0 <= place < values.rows:
        return False
    return one.expected == 0 and isinstance(one.found, float) and abs(one.found) <= tolerance.values[place, 0]


def master_flags(cells: Cells, book: Book) -> set[Value]:
    """Return what the master flag shows, on all sheets."""
    keys = [key for key in book.named if re.fullmatch(r"master|flag_\d+", key)]
    assert len(keys) >= len(book.sheets)
    return {value_of(cells, book, key) for key in keys}


def failed_checks(cells: Cells, book: Book) -> list[str]:
    """Return what the checks are called that do not hold; the texts must be English."""
    block = book.block("check_result")
    return [
        str(cells[block.sheet][cell_name(block.row + place, 1)])
        for place in range(block.rows)
        if value_of(cells, book, "check_result", place) != 1
    ]


def without_row(path: Path, output: Path, sheet: str, row: int) -> Path:
    """Copy a workbook with one row of a sheet deleted as a spreadsheet deletes it.

    Rows below move up, ranges over the row get shorter, and references to its cells alone become ``#REF!``.
    """
    parts = {part: name for name, part in sheet_parts(path).items()}
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name in parts:
                content = _without_row(content, parts[name] == sheet, sheet, row)
            elif name == "xl/workbook.xml":
                content = _names_without_row(content, sheet, row)
            new.writestr(name, content)
    return output


def _without_row(part: bytes, is_here: bool, sheet: str, row: int) -> bytes:
    root = etree.fromstring(part)
    for formula in root.iter(f"{MAIN}f"):
        if formula.text:
            formula.text = shifted(formula.text, sheet, row, is_here=is_here)
    if is_here:
        data = next(root.iter(f"{MAIN}sheetData"))
        for one in list(data):
            number = int(one.get("r"))
            if number == row:
                data.remove(one)
            elif number > row:
                one.set("r", str(number - 1))
                for cell in one:
                    cell.set("r", cell_name(number - 1, split_cell(cell.get("r"))[0]))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _names_without_row(part: bytes, sheet: str, row: int) -> bytes:
    root = etree.fromstring(part)
    for name in root.iter(f"{MAIN}definedName"):
        if name.text:
            name.text = shifted(name.text, sheet, row, is_here=False)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


_TEXT_OR_REFERENCE = re.compile(
    r'"(?:[^"]|"")*"'
    r"|(?P<sheet>(?:'(?:[^']|'')+'|[^\W\d][\w.]*)!)?"
    r"(?P<left>\$?[A-Z]{1,3}\$?)(?P<top>\d+)(?::(?P<right>\$?[A-Z]{1,3}\$?)(?P<bottom>\d+))?(?![\w(!])"
)


def shifted(formula: str, sheet: str, row: int, *, is_here: bool) -> str:
    """Return a formula as it reads once a row of a sheet has been deleted."""

    def moved(match: re.Match[str]) -> str:
        if match["left"] is None:
            return match[0]
        where = match["sheet"] or ""
        meant = where.rstrip("!").strip("'").replace("''", "'") == sheet if where else is_here
        if not meant:
            return match[0]
        top, bottom = int(match["top"]), int(match["bottom"] or match["top"])
        if top == bottom == row:
            return where + "#REF!"
        top, bottom = top - (top > row), bottom - (bottom >= row)
        return f"{where}{match['left']}{top}" + (f":{match['right']}{bottom}" if match["right"] else "")

    return _TEXT_OR_REFERENCE.sub(moved, formula)
