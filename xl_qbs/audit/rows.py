"""Rows that were taken out of a sheet or put into it: known by everything below standing elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from xl_qbs.audit.compare_cells import CALCULATED, Difference, alike
from xl_qbs.audit.expected import Cell, Place
from xl_qbs.audit.opened import Found, OpenedSheet

# Below this share of cells that stand where the shift says, it is none; formulas may hold errors by then.
_SHARE = 0.7
_FEWEST = 4


class Shift(NamedTuple):
    """A row that was taken out (``step`` -1) or put in (1) at a row, counted from 1.

    Attributes:
        row: the first row that does not hold what it should.
        step: which of the two.
        since: it was at ``row`` or above, but not above this one: the rows between read the same either way, or are
            not compared.
    """

    row: int
    step: int
    since: int


def find_shift(cells: Mapping[Place, Cell], sheet: OpenedSheet, differences: Sequence[Difference]) -> Shift | None:
    """Return the row that was taken out or put in, if that explains the differences below it."""
    # By values: references to a row that is gone change formulas also far above it.
    rows = [one.row for one in differences if not alike(_value(one.cell), one.found.value, CALCULATED)]
    if len(rows) < _FEWEST:
        return None
    first = min(rows)
    below = {place: cell for place, cell in cells.items() if place[0] > first}
    if len(below) < _FEWEST - 1:
        return None
    for step in (-1, 1):
        held = moved = 0
        for (row, column), cell in below.items():
            if cell.value is None:
                continue
            here, there = (_holds(cell, sheet.at(at, column)) for at in (row, row + step))
            # Cells that read the same where they were tell nothing.
            if here and there:
                continue
            held += here
            moved += there
        if moved >= _FEWEST - 1 and moved >= _SHARE * (held + moved):
            return Shift(first, step, _since(cells, sheet, first, step))
    return None


def _since(cells: Mapping[Place, Cell], sheet: OpenedSheet, first: int, step: int) -> int:
    """Return the row after the last one above that surely stands in its place."""
    by_row: dict[int, list[tuple[int, float | str | None]]] = {}
    for (row, column), cell in cells.items():
        if row < first and cell.value is not None:
            by_row.setdefault(row, []).append((column, cell.value))
    since = first
    while since - 1 in by_row:
        vouching = (
            alike(value, sheet.at(since - 1, column).value, CALCULATED)
            and not alike(value, sheet.at(since - 1 + step, column).value, CALCULATED)
            for column, value in by_row[since - 1]
        )
        if any(vouching):
            break
        since -= 1
    return since


def _holds(cell: Cell, found: Found) -> bool:
    """Return whether a cell reads as it should; of an array formula, whose values may be old, whether it begins."""
    return bool(found.array) if cell.array else alike(cell.value, found.value, CALCULATED)


def _value(cell: Cell | None) -> float | str | None:
    return None if cell is None else cell.value


def explained(shift: Shift, cells: Mapping[Place, Cell], one: Difference) -> bool:
    """Return whether a difference is but that of a cell that moved with the rows."""
    if one.row < shift.row:
        return False
    if one.row == shift.row and shift.step == 1:
        return True
    origin = cells.get((one.row - shift.step, one.column))
    return alike(None if origin is None else origin.value, one.found.value, CALCULATED)
