"""A range as numbers: what each cell holds, and where headings and unused cells end."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, repeat
from types import NoneType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xl_qbs.addin.calls import RefusedError
from xl_qbs.addin.definition import CellError, Cells
from xl_qbs.scoring.table import Array

Kinds = NDArray[np.uint8]
Mask = NDArray[np.bool_]

# What a cell holds: a number; nothing; a word, which may be a heading; another thing that is no number (a
# text without letters, a date, yes or no); an error value.
NUMBER, BLANK, WORD, OTHER, ERROR = range(5)
# Stands for a type that is looked at cell by cell.
_RARE = 255

_KINDS: dict[type, int] = {float: NUMBER, int: NUMBER, NoneType: BLANK, bool: OTHER, CellError: ERROR}


@dataclass(frozen=True, eq=False)
class Range:
    """A range of cells, shape (r, c).

    Attributes:
        numbers: the numbers; NaN in cells that hold none.
        kinds: what each cell holds; None where all hold numbers.
        cells: the cells as they were given.
        corner: row and column in ``cells`` of the first of the numbers.
    """

    numbers: Array
    kinds: Kinds | None
    cells: Cells
    corner: tuple[int, int] = (0, 0)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.numbers.shape[0], self.numbers.shape[1]

    def holds(self, kind: int) -> Mask:
        """Return which cells hold a thing of a kind."""
        return np.full(self.shape, kind == NUMBER) if self.kinds is None else self.kinds == kind

    def error(self, row: int, column: int) -> CellError:
        """Return the error value of a cell that holds one; a number that is none is not available."""
        value = self.cells[self.corner[0] + row][self.corner[1] + column]
        return value if isinstance(value, CellError) else CellError.NA

    def labels(self) -> NDArray[np.object_]:
        """Return texts and numbers as they stand, None where a cell is blank.

        Raises:
            RefusedError: a date, or yes or no.
        """
        top, left = self.corner
        found = np.full(self.shape, None, dtype=object)
        for row, column in np.argwhere(~self.holds(BLANK)).tolist():
            value = self.cells[top + row][left + column]
            if isinstance(value, bool) or not isinstance(value, (str, float, int)):
                raise RefusedError(CellError.VALUE, f"{value!r} is no label")
            found[row, column] = value.strip() if isinstance(value, str) else value
        return found

    def cut(self, rows: slice, columns: slice) -> Range:
        """Return a part of the range; slices begin somewhere and have no step."""
        return replace(
            self,
            numbers=self.numbers[rows, columns],
            kinds=None if self.kinds is None else self.kinds[rows, columns],
            corner=(self.corner[0] + (rows.start or 0), self.corner[1] + (columns.start or 0)),
        )

    def along(self, axis: int) -> Kinds:
        """Return what each cell holds, with the rows (axis 0) or the columns (axis 1) down."""
        kinds = np.zeros(self.shape, np.uint8) if self.kinds is None else self.kinds
        return kinds if axis == 0 else kinds.T

    def words(self, line: int, axis: int) -> list[str]:
        """Return the words in a row (axis 0) or a column (axis 1)."""
        found = np.flatnonzero(self.along(axis)[line] == WORD)
        places = [(line, int(at)) if axis == 0 else (int(at), line) for at in found]
        return [str(self.cells[self.corner[0] + row][self.corner[1] + column]) for row, column in places]


def read_range(cells: Cells) -> Range:
    """Return cells as a range; an empty range is one blank cell.

    Raises:
        RefusedError: rows of different length.
    """
    rows, columns = len(cells), len(cells[0]) if cells else 0
    if any(len(row) != columns for row in cells):
        raise RefusedError(CellError.VALUE, "the rows are not equally long")
    if not columns:
        cells, rows, columns = ((None,),), 1, 1
    flat = list(chain.from_iterable(cells))
    types = set(map(type, flat))
    kinds: Kinds | None
    if types <= {float, int, NoneType}:
        # One pass in C: the case that has to be fast.
        numbers = np.array(flat, dtype=float)
        missing = np.isnan(numbers)
        kinds = np.where(missing, BLANK, NUMBER).astype(np.uint8) if missing.any() else None
        if kinds is not None and np.count_nonzero(missing) != flat.count(None):
            kinds[[index for index, value in enumerate(flat) if isinstance(value, float) and math.isnan(value)]] = ERROR
    else:
        kinds = np.array(list(map(_KINDS.get, map(type, flat), repeat(_RARE))), dtype=np.uint8)
        for index in np.flatnonzero(kinds == _RARE).tolist():
            kinds[index] = _kind(flat[index])
        numbers = np.full(len(flat), np.nan)
        held = np.flatnonzero(kinds == NUMBER)
        numbers[held] = [flat[index] for index in held.tolist()]
        kinds[held[np.isnan(numbers[held])]] = ERROR
    return Range(numbers.reshape(rows, columns), None if kinds is None else kinds.reshape(rows, columns), cells)


def _kind(value: Any) -> int:
    """Return what a cell of a less common type holds."""
    if isinstance(value, str):
        if not value.strip():
            return BLANK
        return WORD if any(map(str.isalpha, value)) else OTHER
    if isinstance(value, (float, int, np.floating, np.integer)) and not isinstance(value, bool):
        return NUMBER
    return OTHER


def trim(ranges: Sequence[Range]) -> list[Range]:
    """Return the ranges of a call without unused cells and headings, cut alike so that rows stay paired.

    Ranges of as many rows are cut in the same rows, and ranges of as many columns in the same columns:

    - rows and columns at the end that are blank in all of them;
    - rows at the top that hold words only, down to the last of them before the first number, and columns
      on the left likewise where no word stands twice in a column, as lists' names do not.

    Blank rows above the first number stay where there is no heading: they are lists without numbers.
    """
    if all(one.kinds is None for one in ranges):
        return list(ranges)
    trimmed = list(ranges)
    for find in (_used, _below_headings):
        for axis in (0, 1):
            trimmed = _cut_alike(trimmed, axis, find)
    return trimmed


def _cut_alike(ranges: Sequence[Range], axis: int, find: Callable[[Sequence[Range], int], slice]) -> list[Range]:
    """Return the ranges with those of one size along an axis cut to what is found for them together."""
    result = list(ranges)
    for size in {one.shape[axis] for one in ranges if one.shape[axis] > 1}:
        members = [index for index, one in enumerate(ranges) if one.shape[axis] == size]
        part = find([ranges[index] for index in members], axis)
        for index in members:
            cuts = (part, slice(0, None)) if axis == 0 else (slice(0, None), part)
            result[index] = result[index].cut(*cuts)
    return result


def _used(group: Sequence[Range], axis: int) -> slice:
    used = np.any([(one.along(axis) != BLANK).any(axis=1) for one in group], axis=0)
    return slice(0, int(np.flatnonzero(used)[-1]) + 1 if used.any() else 1)


def _below_headings(group: Sequence[Range], axis: int) -> slice:
    kinds = [one.along(axis) for one in group]
    if not any((one == NUMBER).any() for one in kinds):
        return slice(0, None)
    worded = np.all([((one == WORD) | (one == BLANK)).all(axis=1) for one in kinds], axis=0)
    first = 0
    for line in range(int(np.argmin(worded))):
        texts = [text for one in group for text in one.words(line, axis)]
        if axis == 1 and any(len(set(words)) < len(words) for one in group if (words := one.words(line, axis))):
            break
        first = line + 1 if texts else first
    return slice(first, None)
