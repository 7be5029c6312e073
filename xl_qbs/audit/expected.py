"""What should stand in every cell of a book: formula text and value, from the sheet model."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

from xl_qbs.audit.effect import Graph
from xl_qbs.sheets.address import cell_name
from xl_qbs.sheets.formula import cell_formula, column_parts, has_formula, row_formula
from xl_qbs.sheets.model import Block, Book, Sheet

Place = tuple[int, int]


class Cell(NamedTuple):
    """What should stand in a cell.

    Attributes:
        value: Python's value; None for nothing.
        formula: the formula without ``=``; None where there is none.
        array: the range of an array formula; empty for any other.
        calculated: whether the value comes of a formula, also one that stands in another cell of its array.
        block: the block that the cell is in.
        i: its row in the block, from 0.
        j: its column in the block, from 0.
    """

    value: float | str | None
    formula: str | None
    array: str
    calculated: bool
    block: Block
    i: int
    j: int


class Expected:
    """A book as cells, sheet by sheet; cells that stay empty are left out."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._sheets: dict[str, dict[Place, Cell]] = {}

    @cached_property
    def graph(self) -> Graph:
        """Which blocks follow from which."""
        return Graph(self.book)

    def cells(self, sheet: Sheet) -> dict[Place, Cell]:
        """Return the cells of this book's sheet of that name, by row and column from 1."""
        if sheet.name not in self._sheets:
            own = next((one for one in self.book.sheets if one.name == sheet.name), None)
            self._sheets[sheet.name] = {} if own is None else _cells_of(self.book, own)
        return self._sheets[sheet.name]

    def block(self, key: str) -> Block | None:
        """Return a block by its name, if the book has it."""
        found = self.book.named.get(key)
        return found if isinstance(found, Block) else None


def plain(value: Any) -> float | str | None:
    """Return a value of the sheet model as a cell holds it; NaN and empty texts are nothing."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    number = float(value)
    return None if number != number else number  # noqa: PLR0124  (NaN is the value that differs from itself)


def _cells_of(book: Book, sheet: Sheet) -> dict[Place, Cell]:
    cells: dict[Place, Cell] = {}
    for block in sheet.blocks:
        present = has_formula(book, block)
        for j in range(block.columns):
            column = block.column + j
            values = block.values[:, j].tolist()
            if block.formula is None:
                for i, value in enumerate(values):
                    shown = plain(value)
                    if shown is not None:
                        cells[block.row + i, column] = Cell(shown, None, "", False, block, i, j)
            elif block.array:
                corner = cell_name(block.row + block.rows - 1, block.column + block.columns - 1)
                reach = f"{cell_name(block.row, block.column)}:{corner}"
                for i, value in enumerate(values):
                    first = i == j == 0
                    formula = cell_formula(book, block, 0, 0) if first else None
                    cells[block.row + i, column] = Cell(
                        plain(value), formula, reach if first else "", True, block, i, j
                    )
            else:
                parts = column_parts(book, block, j)
                for i, value in enumerate(values):
                    if present is None or present[i, j]:
                        formula = row_formula(parts, block, i)
                        cells[block.row + i, column] = Cell(plain(value), formula, "", True, block, i, j)
                    elif plain(value) is not None:
                        cells[block.row + i, column] = Cell(plain(value), None, "", False, block, i, j)
    return cells
