"""A sheet as it should be against the sheet as it is, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from xl_qbs.audit.expected import Cell, Place
from xl_qbs.audit.findings import Kind
from xl_qbs.audit.formula_text import canonical
from xl_qbs.audit.opened import NOTHING, ErrorText, Found, OpenedSheet, Value
from xl_qbs.workbook.xml import number_text

# Formulas: what engines may differ by, in relation to the larger of 1 and the value. A hair more than 1e-9, because
# efficiencies are rounded to nine decimals, and those at a limit are rounded one way or the other.
CALCULATED = 1e-9 * (1 + 1e-6)
# Plain numbers are copied, not calculated: LibreOffice writes 15 digits of them.
COPIED = 1e-14


class Difference(NamedTuple):
    """One cell that is not as it should be.

    Attributes:
        row: its row, from 1.
        column: its column, from 1.
        kind: what is wrong.
        cell: what should stand there; None for nothing.
        found: what does.
    """

    row: int
    column: int
    kind: Kind
    cell: Cell | None
    found: Found


@dataclass(frozen=True)
class Comparison:
    """How sheets are compared.

    Attributes:
        sheets: other names of sheets, casefolded, each with the casefolded name that it stands for.
        formulas: compare formulas; False in a workbook that holds values only.
        values: compare stored values of formulas; False where none are stored.
        fixed: in a template, where yellow cells are their user's own and are not compared: the names of those that
            are compared all the same; None in any other workbook.
        again: what plain numbers that were calculated again may differ by, in relation to the number; decisions, and
            what was copied, are the very same.
    """

    sheets: Mapping[str, str] = field(default_factory=dict)
    formulas: bool = True
    values: bool = True
    fixed: frozenset[str] | None = None
    again: float = COPIED

    def differences(
        self, cells: Mapping[Place, Cell], sheet: OpenedSheet, values: Mapping[Place, Cell] | None = None
    ) -> list[Difference]:
        """Return the cells of a sheet that differ, extra ones last.

        Args:
            cells: what should stand there.
            sheet: what does.
            values: gives the values of calculated cells, where these are others than in ``cells``.
        """
        found = []
        here = sheet.cells
        for place, cell in cells.items():
            have = here.get(place, NOTHING)
            # The usual case first: the text of the formula is the very same.
            if cell.formula is not None and have.formula == cell.formula and have.array == cell.array:
                if not self.values:
                    continue
                valued = cell if values is None else values.get(place, cell)
                if not alike(valued.value, have.value, CALCULATED):
                    found.append(Difference(*place, "stored value", valued, have))
                continue
            kind = self._kind(cell, have, cell if values is None else values.get(place, cell))
            if kind is not None:
                found.append(Difference(*place, kind, cell, have))
        found += [
            Difference(*place, "extra cell", None, have)
            for place, have in here.items()
            if place not in cells and (have.formula is not None or have.value not in (None, ""))
        ]
        return found

    def _kind(self, cell: Cell, have: Found, valued: Cell) -> Kind | None:
        """Return what is wrong with a cell whose formula is not the very same text, if anything is."""
        if self.fixed is not None and cell.block.kind == "input" and cell.block.key not in self.fixed:
            return "formula" if have.formula is not None else None
        if cell.formula is not None and self.formulas:
            if have.formula is None:
                return "formula overwritten" if have.value not in (None, "") else "formula"
            if have.array.replace("$", "") != cell.array or not self._same(cell.formula, have.formula):
                return "formula"
        elif have.formula is not None:
            return "formula"
        if cell.calculated and cell.formula is None and cell.value is not None and have.value is None:
            # Part of an array formula: a number stands there whatever it is, unless the cell is gone.
            return "stored value"
        if cell.calculated:
            return None if not self.values or alike(valued.value, have.value, CALCULATED) else "stored value"
        if alike(cell.value, have.value, COPIED if cell.block.kind == "input" else self.again):
            return None
        if cell.block.kind == "input":
            return "parameter"
        return "text" if isinstance(cell.value, str) and not isinstance(have.value, float) else "value"

    def _same(self, expected: str, found: str) -> bool:
        return canonical(expected, self.sheets) == canonical(found, self.sheets)


def alike(expected: Value, found: Value, tolerance: float) -> bool:
    """Return whether two values are the same: numbers within the tolerance, texts but for the form of line breaks."""
    if expected in (None, ""):
        return found in (None, "") and not isinstance(found, ErrorText)
    if isinstance(expected, float) and isinstance(found, float):
        return abs(expected - found) <= tolerance * max(1.0 if tolerance == CALCULATED else 0.0, abs(expected))
    if isinstance(expected, str) and isinstance(found, str):
        if isinstance(found, ErrorText):
            return False
        return expected == found or _lines(expected) == _lines(found)
    return False


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def shown(value: Value) -> str:
    """Return a value as a finding tells it."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, ErrorText):
        return f"the error {value}"
    if isinstance(value, bool):
        return str(value).upper()
    return number_text(value) if isinstance(value, float) else f'"{value}"'


def shown_found(found: Found) -> str:
    """Return a cell's content as a finding tells it."""
    if found.formula is None:
        return shown(found.value)
    text = f"={found.formula}"
    return (f"{{{text}}} over {found.array}" if found.array else text) + f" (value {shown(found.value)})"


def shown_cell(cell: Cell | None) -> str:
    """Return what should stand in a cell as a finding tells it."""
    if cell is None:
        return "nothing"
    if cell.formula is None:
        return shown(cell.value)
    text = f"={cell.formula}"
    return (f"{{{text}}} over {cell.array}" if cell.array else text) + f" (value {shown(cell.value)})"


class Area(NamedTuple):
    """A rectangle of cells that differ in the same way, rows and columns from 1, both ends included."""

    top: int
    left: int
    bottom: int
    right: int
    first: Difference


# So few cells below one another are told one by one.
_FEW = 4


def areas(differences: Sequence[Difference]) -> Iterator[Area]:
    """Yield differences of one sheet as rectangles: each kind and block for itself, few cells one by one."""
    groups: dict[tuple[str, int], dict[int, dict[int, Difference]]] = {}
    for one in differences:
        block = id(one.cell.block) if one.cell is not None else 0
        groups.setdefault((one.kind, block), {}).setdefault(one.column, {})[one.row] = one
    for columns in groups.values():
        open_areas: dict[tuple[int, int], list[tuple[int, Difference]]] = {}
        for column in sorted(columns):
            rows = columns[column]
            for top, bottom in _runs(sorted(rows)):
                if bottom - top + 1 <= _FEW:
                    for row in range(top, bottom + 1):
                        yield Area(row, column, row, column, rows[row])
                else:
                    open_areas.setdefault((top, bottom), []).append((column, rows[top]))
        for (top, bottom), held in open_areas.items():
            by_column = dict(held)
            for left, right in _runs(sorted(by_column)):
                yield Area(top, left, bottom, right, by_column[left])


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield runs of whole numbers without a gap, as first and last."""
    start = last = None
    for number in numbers:
        if last is None or number != last + 1:
            if start is not None and last is not None:
                yield start, last
            start = number
        last = number
    if start is not None and last is not None:
        yield start, last
