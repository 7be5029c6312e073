"""Formula patterns to formulas: names of blocks in braces become addresses.

A pattern names blocks as ``{key}`` or ``{key:mode}``. Without a mode it is the cell that lines up
with the one that holds the formula: same place in the block, or the block's only row or column,
which is then absolute. ``all`` is the whole block, ``column`` and ``row`` the whole column or row
that lines up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xl_qbs.sheets.address import column_letter, quoted, range_name
from xl_qbs.sheets.model import Block, Book, SourceBlock

_NAME = re.compile(r"\{(\w+)(?::(\w+))?\}")


@dataclass(frozen=True)
class Rows:
    """A row number in a formula that changes from row to row of the block.

    Attributes:
        shift: what to add to the row that holds the formula; None where `numbers` says it all.
        numbers: row numbers by row of the block.
        id: equal for equal sequences of rows.
    """

    shift: int | None = None
    numbers: NDArray[np.intp] | None = None
    id: str = ""

    def at(self, block: Block, i: int) -> int:
        """Return the row number for row ``i``, from 0, of a block."""
        if self.numbers is not None:
            return int(self.numbers[i])
        return block.row + i + (self.shift or 0)


Part = str | Rows


class PatternError(ValueError):
    """A pattern names a block that is not there, or that does not line up: a mistake in the package."""


def column_parts(book: Book, block: Block, j: int) -> list[Part]:
    """Return the formula of column ``j``, from 0, of a block, as texts and changing row numbers."""
    if block.formula is None:
        return []
    parts: list[Part] = []
    end = 0
    for match in _NAME.finditer(block.formula):
        parts.append(block.formula[end : match.start()])
        parts.extend(_reference(book, block, j, match[1], match[2] or ""))
        end = match.end()
    parts.append(block.formula[end:])
    return parts


def cell_formula(book: Book, block: Block, i: int, j: int) -> str:
    """Return the formula, without ``=``, of the cell in row ``i`` and column ``j``, from 0, of a block."""
    present = has_formula(book, block)
    if present is not None and not present[i, j]:
        return ""
    return row_formula(column_parts(book, block, j), block, i)


def row_formula(parts: Sequence[Part], block: Block, i: int) -> str:
    """Return the formula that a column's parts make in row ``i``, from 0, of its block."""
    return "".join(part if isinstance(part, str) else str(part.at(block, i)) for part in parts)


def has_formula(book: Book, block: Block) -> NDArray[np.bool_] | None:
    """Return which rows and columns of a block hold its formula, or None where all of them do.

    A cell has none where it would refer to a cell that the fund's sheet lacks (a list without a row
    for an indicator, in a long table); it then holds its plain value.
    """
    if block.formula is None:
        return np.zeros((block.rows, block.columns), dtype=bool)
    for match in _NAME.finditer(block.formula):
        source = book.find(match[1], block.scope)
        if isinstance(source, SourceBlock) and (source.cell_rows == 0).any():
            return np.asarray(source.cell_rows > 0)
    return None


def resolve(book: Book, key: str, mode: str = "all", index: int = 0, rows: int | None = None) -> str:
    """Return the absolute address, with its sheet, of a block or of its column or row ``index``.

    Args:
        book: the book.
        key: the block's name.
        mode: ``all``, ``column`` or ``row``.
        index: which column or row, from 0.
        rows: so many rows from the first on; all of them if None.
    """
    block = book.block(key)
    top, left = block.row, block.column
    bottom, right = top + (rows or block.rows) - 1, left + block.columns - 1
    if mode == "column":
        left = right = left + index
    elif mode == "row":
        top = bottom = top + index
    return f"{quoted(block.sheet)}!{range_name(top, left, bottom, right)}"


def _reference(book: Book, block: Block, j: int, key: str, mode: str) -> Sequence[Part]:
    target = book.find(key, block.scope)
    if target is None:
        raise PatternError(f"{block.key or block.sheet}: there is no block {key!r}")
    prefix = "" if target.sheet == block.sheet else f"{quoted(target.sheet)}!"
    if isinstance(target, SourceBlock):
        return _source_reference(block, target, j, mode, prefix)
    if mode == "all":
        # A range even of one cell: some programs look up in nothing else.
        first = range_name(target.row, target.column, target.row, target.column)
        bottom, right = target.row + target.rows - 1, target.column + target.columns - 1
        return [f"{prefix}{first}:{range_name(bottom, right, bottom, right)}"]
    if mode == "column":
        column = _lined_column(block, target, j)
        last = target.row + target.rows - 1
        return [f"{prefix}{column}${target.row}:{column}${last}"]
    if mode == "row":
        first, last_column = column_letter(target.column), column_letter(target.column + target.columns - 1)
        row = _lined_row(block, target)
        return [f"{prefix}${first}", *row, f":${last_column}", *row]
    if mode:
        raise PatternError(f"{block.key}: {key}: unknown mode {mode!r}")
    return [prefix + _lined_column(block, target, j), *_lined_row(block, target)]


def _lined_column(block: Block, target: Block, j: int) -> str:
    if target.columns == 1:
        return f"${column_letter(target.column)}"
    if target.columns != block.columns:
        raise PatternError(f"{block.key}: {target.key} has {target.columns} columns, not {block.columns}")
    return column_letter(target.column + j)


def _lined_row(block: Block, target: Block) -> Sequence[Part]:
    if target.rows == 1:
        return [f"${target.row}"]
    if target.rows != block.rows:
        raise PatternError(f"{block.key}: {target.key} has {target.rows} rows, not {block.rows}")
    shift = target.row - block.row
    return [Rows(shift=shift, id=f"+{shift}")]


def _source_reference(block: Block, source: SourceBlock, j: int, mode: str, prefix: str) -> Sequence[Part]:
    if mode == "all":
        columns = range(source.columns)
    elif mode == "column":
        columns = range(j, j + 1)
    else:
        if source.rows != block.rows or source.columns not in (1, block.columns):
            raise PatternError(f"{block.key}: {source.key} does not line up")
        place = j if source.columns > 1 else 0
        numbers = source.cell_rows[:, place]
        # Columns that run over the same rows share one sequence, as in every wide table.
        same = place if not np.array_equal(numbers, source.cell_rows[:, 0]) else 0
        letter = column_letter(int(source.cell_columns[place]))
        return [f"{prefix}{letter}", Rows(numbers=numbers, id=f"{source.key}:{same}")]
    # In a long table all indicators stand in the same column: one range has to hold them all.
    reach: dict[int, tuple[int, int]] = {}
    for place in columns:
        rows = source.cell_rows[:, place]
        rows = rows[rows > 0]
        if len(rows):
            column = int(source.cell_columns[place])
            first, last = reach.get(column, (int(rows.min()), int(rows.max())))
            reach[column] = (min(first, int(rows.min())), max(last, int(rows.max())))
    return [",".join(prefix + range_name(first, column, last, column) for column, (first, last) in reach.items())]
