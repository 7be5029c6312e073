"""Result workbooks against the engines: what Python stored, what an engine computes, and the file between them.

A cell is blank where nothing stands in it and where a formula gives an empty text: the two look alike.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from lxml import etree

from tests.engines import Cells, ErrorValue, Value, recalculate_ironcalc, recalculate_libreoffice, stored_values
from xl_qbs.sheets.address import cell_name, split_cell
from xl_qbs.sheets.formula import cell_formula
from xl_qbs.sheets.model import Block, Book

Engine = Callable[[Path], Cells]

# Cell by cell, in relation to the larger of 1 and the value.
TOLERANCE = 1e-9
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REFERENCE = re.compile(
    r"(?:(?:'((?:[^']|'')+)'|([^\W\d][\w.]*))!)?\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?(?![\w(!])"
)
_CODE = re.compile("_x([0-9A-Fa-f]{4})_")
_TEXT = re.compile(r'"(?:[^"]|"")*"')


class Difference(NamedTuple):
    """One cell in which two programs do not agree."""

    sheet: str
    cell: str
    expected: Value
    found: Value


def values(path: Path) -> Cells:
    """Return the values that stand in a file."""
    return _all_decoded(stored_values(path))


def _all_decoded(cells: Cells) -> Cells:
    for sheet in cells.values():
        for cell, value in sheet.items():
            if isinstance(value, str):
                sheet[cell] = _decoded(value)
    return cells


def _decoded(text: str) -> str:
    """Return a text with the characters that a file holds in a code, such as ``_x000D_``."""
    return _CODE.sub(lambda match: chr(int(match[1], 16)), text)


def libreoffice(path: Path) -> Cells:
    """Return all values of a workbook after LibreOffice has calculated every formula anew."""
    return _all_decoded(recalculate_libreoffice(path))


def differences(path: Path, engine: Engine, book: Book) -> list[Difference]:
    """Return the cells of the book's sheets whose stored value is not what an engine computes."""
    stored, computed = values(path), engine(path)
    return [
        Difference(sheet.name, cell, stored[sheet.name][cell], computed[sheet.name][cell])
        for sheet in book.sheets
        for cell in sorted({*stored[sheet.name], *computed[sheet.name]})
        if not alike(stored[sheet.name][cell], computed[sheet.name][cell])
    ]


def unlike_book(cells: Cells, book: Book, leave_out: str = "") -> list[Difference]:
    """Return the cells that do not hold the value that the book says.

    Args:
        cells: the cells.
        book: the book.
        leave_out: how the keys of the blocks begin that are left out, if any are.
    """
    found = []
    for block, i, j in book.cells():
        if leave_out and block.key.startswith(leave_out):
            continue
        name = cell_name(block.row + i, block.column + j)
        value = cells[block.sheet][name]
        if not alike(plain(block.values[i, j]), value):
            found.append(Difference(block.sheet, name, plain(block.values[i, j]), value))
    return found


def errors(cells: Cells, book: Book) -> list[str]:
    """Return the cells of the book's sheets that hold an error value."""
    return [
        f"{sheet.name}!{cell}: {value.code}"
        for sheet in book.sheets
        for cell, value in cells[sheet.name].items()
        if isinstance(value, ErrorValue)
    ]


def assert_agrees(path: Path, engine: Engine, book: Book) -> Cells:
    """Assert that an engine computes what is stored, without an error value, and that all checks hold."""
    found = differences(path, engine, book)
    assert not found, f"{len(found)} cells differ, such as {found[:5]}"
    cells = values(path)
    assert set(cells) >= {sheet.name for sheet in book.sheets}
    assert not errors(cells, book)
    assert unlike_book(cells, book) == []
    assert value_of(cells, book, "master") == 1
    return cells


def alike(expected: Value, found: Value) -> bool:
    """Return whether two values are the same: numbers within the tolerance, all else exactly."""
    if expected in ("", None) and found in ("", None):
        return True
    numbers = (int, float)
    if isinstance(expected, numbers) and isinstance(found, numbers):
        return abs(expected - found) <= TOLERANCE * max(1.0, abs(expected))
    if isinstance(expected, str) and isinstance(found, str):
        # IronCalc leaves the code of a character as it is where a text stands in the cell itself.
        return expected in (found, _decoded(found))
    return type(expected) is type(found) and expected == found


def plain(value: Any) -> Value:
    """Return a value of the book as a workbook can hold it; NaN is blank."""
    if value is None or isinstance(value, str):
        return value
    return None if value != value else float(value)  # noqa: PLR0124  (NaN)


def cell_of(book: Book, key: str, row: int = 0, column: int = 0) -> tuple[str, str]:
    """Return the sheet and the name of a block's cell."""
    block = book.named[key]
    assert isinstance(block, Block)
    assert row < block.rows
    assert column < block.columns
    return block.sheet, cell_name(block.row + row, block.column + column)


def value_of(cells: Cells, book: Book, key: str, row: int = 0, column: int = 0) -> Value:
    """Return the value that stands in a block's cell."""
    sheet, cell = cell_of(book, key, row, column)
    return cells[sheet][cell]


def formulas(book: Book) -> Iterator[tuple[str, str, str]]:
    """Yield sheet, cell and formula of every cell of a book that has one."""
    for block, i, j in book.cells():
        if block.formula is not None and (not block.array or (i, j) == (0, 0)):
            formula = cell_formula(book, block, i, j)
            if formula:
                yield block.sheet, cell_name(block.row + i, block.column + j), formula


def written_formulas(path: Path) -> dict[tuple[str, str], str]:
    """Return the formulas that stand in a file by sheet and cell; a shared one only where it is written out."""
    found = {}
    with zipfile.ZipFile(path) as archive:
        for sheet, part in sheet_parts(path).items():
            for cell in etree.fromstring(archive.read(part)).iter(f"{MAIN}c"):
                formula = cell.find(f"{MAIN}f")
                if formula is not None and formula.text:
                    found[sheet, cell.attrib["r"]] = formula.text
    return found


def without_texts(formula: str) -> str:
    """Return a formula with its texts emptied, so that nothing in them is taken for a function or a cell."""
    return _TEXT.sub('""', formula)


def references(formula: str, sheet: str) -> Iterator[tuple[str, str, str]]:
    """Yield sheet, first cell and last cell of every reference in a formula on a sheet."""
    for quoted, bare, left, top, right, bottom in _REFERENCE.findall(without_texts(formula)):
        where = quoted.replace("''", "'") or bare or sheet
        yield where, f"{left}{top}", f"{right}{bottom}" if right else f"{left}{top}"


def cells_between(first: str, last: str) -> Iterator[str]:
    """Yield the names of a range's cells."""
    (left, top), (right, bottom) = split_cell(first), split_cell(last)
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            yield cell_name(row, column)


def sheet_parts(path: Path) -> dict[str, str]:
    """Return the part of each worksheet by the sheet's name."""
    from xl_qbs.workbook.package import open_package

    with open_package(path) as package:
        return {sheet.name: sheet.part for sheet in package.sheets if sheet.kind == "worksheet"}


def with_cell(path: Path, output: Path, sheet: str, cell: str, value: float | str) -> Path:
    """Copy a workbook with one cell's value replaced by a plain one, and nothing else touched."""
    part = sheet_parts(path)[sheet]
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, _replaced(content, cell, value) if name == part else content)
    return output


def parts_of(path: Path) -> dict[str, bytes]:
    """Return every part of a workbook by its name."""
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}


def _replaced(part: bytes, cell: str, value: float | str) -> bytes:
    root = etree.fromstring(part)
    node = next(one for one in root.iter(f"{MAIN}c") if one.get("r") == cell)
    for child in list(node):
        node.remove(child)
    node.attrib.pop("t", None)
    if isinstance(value, str):
        node.set("t", "inlineStr")
        etree.SubElement(etree.SubElement(node, f"{MAIN}is"), f"{MAIN}t").text = value
    else:
        etree.SubElement(node, f"{MAIN}v").text = repr(value)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


ENGINES = (
    pytest.param(recalculate_ironcalc, id="ironcalc"),
    pytest.param(libreoffice, id="libreoffice", marks=pytest.mark.libreoffice),
)
