"""Cells far from all others: a sheet's XML drawn together for calamine, and its values put back in their places.

calamine holds every cell of the rectangle that is in use, so that a forgotten number in the last row of a sheet
costs a gigabyte. Rows and columns in which nothing stands are left out before it reads the sheet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from xl_qbs.sheets.address import cell_name, column_number

# Cells, and rows, that hold nothing but a look.
_BLANK_CELL = re.compile(rb"<((?:\w+:)?c)(?:\s[^>]*)?(?:/>|(?<!/)>\s*</\1>)")
_BLANK_ROW = re.compile(rb"<((?:\w+:)?row)(?:\s[^>]*)?(?:/>|(?<!/)>\s*</\1>)")
_CELL = re.compile(rb"(<(?:\w+:)?c(?:\s[^>]*?)?\sr\s*=\s*[\"'])([A-Za-z]{1,3})([1-9][0-9]{0,6})(?=[\"'])")
# So much of a sheet is looked through at a time.
_PIECE = 4 << 20


class Drawn(NamedTuple):
    """A sheet's XML without the rows and columns in which nothing stands.

    Attributes:
        xml: the XML.
        rows: zero-based rows of the sheet, in order, that its rows are; None where all are there.
        columns: the same of columns.
    """

    xml: bytes
    rows: Sequence[int] | None = None
    columns: Sequence[int] | None = None

    def spread(self, values: list[list[Any]]) -> list[list[Any]]:
        """Return values in their places on the sheet; rows in which nothing stands are one and the same list."""
        if self.rows is None or self.columns is None:
            return values
        places: list[list[Any]] = [[]] * (self.rows[-1] + 1 if self.rows else 0)
        for row, line in zip(self.rows, values, strict=False):
            filled = [number for number, value in enumerate(line) if value != ""]
            wide: list[Any] = [""] * (self.columns[filled[-1]] + 1 if filled else 0)
            for number in filled:
                wide[self.columns[number]] = line[number]
            places[row] = wide
        return places


def without_blanks(xml: bytes) -> bytes:
    """Return a sheet's XML without cells, and then rows, that hold nothing but a look."""
    return b"".join(_BLANK_ROW.sub(b"", _BLANK_CELL.sub(b"", piece)) for piece in _pieces(xml))


def _pieces(xml: bytes) -> Iterator[bytes]:
    """Yield the XML some rows at a time: what is left between millions of blanks takes more memory than they do."""
    start = 0
    while start < len(xml):
        found = xml.find(b"row>", start + _PIECE)
        end = len(xml) if found < 0 else found + len(b"row>")
        yield xml[start:end]
        start = end


def used_places(xml: bytes) -> tuple[list[int], list[int]]:
    """Return the zero-based rows and columns, in order, in which cells stand."""
    rows: set[bytes] = set()
    columns: set[bytes] = set()
    for match in _CELL.finditer(xml):
        columns.add(match.group(2))
        rows.add(match.group(3))
    numbers = {column_number(letters.decode().upper()) - 1 for letters in columns}
    return sorted({int(number) - 1 for number in rows}), sorted(numbers)


def drawn_together(xml: bytes, rows: Sequence[int], columns: Sequence[int]) -> Drawn:
    """Return a sheet's XML, every cell moved to the place that its row and column have among those in use."""
    row_names = {str(row + 1).encode(): place for place, row in enumerate(rows, start=1)}
    column_places = {column: place for place, column in enumerate(columns, start=1)}
    letters: dict[bytes, int] = {}

    def moved(match: re.Match[bytes]) -> bytes:
        head, name, number = match.groups()
        if name not in letters:
            letters[name] = column_places[column_number(name.decode().upper()) - 1]
        row = row_names.get(number) or row_names[str(int(number)).encode()]
        return head + cell_name(row, letters[name]).encode()

    return Drawn(_CELL.sub(moved, xml), rows, columns)
