"""Rows that were taken out of a sheet or put into it: known by everything below standing elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from xl_qbs.audit.compare_cells import CALCULATED, Difference, alike
from xl_qbs.audit.expected import Cell, Place
from xl_qbs.audit.opened import OpenedSheet

# Below this share of cells that stand where the shift says, it is none; formulas may hold errors by then.
_SHARE = 0.7
_FEWEST = 4


class Shift(NamedTuple):
    """A row that was taken out (``step`` -1) or put in (1) at a row, counted from 1."""

    row: int
    step: int


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
            here = alike(cell.value, sheet.at(row, column).value, CALCULATED)
            there = alike(cell.value, sheet.at(row + step, column).value, CALCULATED)
            # Cells that read the same where they were tell nothing.
            if here and there:
                continue
            held += here
            moved += there
        if moved >= _FEWEST - 1 and moved >= _SHARE * (held + moved):
            return Shift(first, step)
    return None


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
