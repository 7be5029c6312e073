"""Differences of cells as findings: grouped, with what caused them and which scores they reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from xl_qbs.audit.compare_cells import (
    CALCULATED,
    Area,
    Difference,
    alike,
    areas,
    shown,
    shown_cell,
    shown_found,
)
from xl_qbs.audit.effect import Graph, Reach
from xl_qbs.audit.expected import Cell, Place
from xl_qbs.audit.findings import AuditFinding, Kind, Severity
from xl_qbs.audit.formula_text import is_external
from xl_qbs.audit.opened import OpenedSheet
from xl_qbs.audit.rows import Shift, explained
from xl_qbs.sheets.address import cell_name
from xl_qbs.sheets.model import Block, Sheet, SourceBlock

_WHAT: dict[Kind, str] = {
    "formula overwritten": "a formula was overwritten by a value",
    "formula": "the formula is another one",
    "stored value": "the stored value is not what its formula gives",
    "parameter": "a decision is not as it was when the workbook was scored",
    "value": "a number that is no formula was changed",
    "text": "a text was changed",
    "extra cell": "something stands where nothing should",
    "addition": "a line was added to the change log",
}


@dataclass
class Differing:
    """Every difference of a book's sheets, and which cells hold another value than they should.

    Attributes:
        graph: which blocks follow from which.
        names: the sheets' names in the workbook, by their names in the book.
        by_sheet: differences by the book's names of sheets.
        parameters: what is said of a yellow cell that differs.
    """

    graph: Graph
    names: Mapping[str, str]
    by_sheet: dict[str, list[Difference]] = field(default_factory=dict)
    parameters: str = _WHAT["parameter"]
    _masks: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    _effects: dict[tuple[int, Reach], str] = field(default_factory=dict)

    def add(self, sheet: Sheet, differences: Sequence[Difference]) -> None:
        """Add the differences of a sheet."""
        self.by_sheet[sheet.name] = list(differences)
        mask = np.zeros((sheet.last_row + 2, sheet.last_column + 2), dtype=bool)
        for one in differences:
            if one.cell is None or one.row > sheet.last_row or one.column > sheet.last_column:
                continue
            if not alike(one.cell.value, one.found.value, CALCULATED):
                mask[one.row, one.column] = True
        self._masks[sheet.name] = mask

    def effect(self, block: Block | SourceBlock, reach: Reach) -> str:
        """Return in words which scores follow from a part of a block."""
        key = id(block), reach
        if key not in self._effects:
            self._effects[key] = self.graph.effect([(block, reach)])
        return self._effects[key]

    def is_consequence(self, cell: Cell) -> bool:
        """Return whether a cell that its formula refers to holds another value than it should."""
        return any(self._differs(block, reach) for block, reach in self.graph.precedents(cell.block, cell.i, cell.j))

    def _differs(self, block: Block | SourceBlock, reach: Reach) -> bool:
        mask = self._masks.get(block.sheet)
        if mask is None or isinstance(block, SourceBlock):
            return False
        rows = _span(block.row, block.rows, reach.row)
        columns = _span(block.column, block.columns, reach.column)
        return bool(mask[rows, columns].any())


def _span(first: int, count: int, place: int | None) -> slice:
    return slice(first, first + count) if place is None else slice(first + place, first + place + 1)


def cell_findings(
    differing: Differing,
    sheet: Sheet,
    opened: OpenedSheet,
    cells: Mapping[Place, Cell],
    shift: Shift | None = None,
    changes: tuple[int, int] | None = None,
) -> Iterator[AuditFinding]:
    """Yield the findings on the cells of a sheet.

    Args:
        differing: all differences of the book.
        sheet: the sheet as described.
        opened: the sheet as it is.
        cells: what should stand in it.
        shift: a row that was taken out or put in.
        changes: from which row on, and before which, the user may add lines; None where nowhere.
    """
    differences = differing.by_sheet.get(sheet.name, [])
    if shift is not None:
        yield _shifted(differing, shift, opened, cells)
        differences = [one for one in differences if not explained(shift, cells, one)]
    kept: list[Difference] = []
    followers: list[Difference] = []
    for one in differences:
        if one.kind == "stored value" and one.cell is not None and differing.is_consequence(one.cell):
            followers.append(one)
        elif one.kind == "extra cell" and _is_change(one, changes):
            kept.append(one._replace(kind="addition"))
        else:
            kept.append(one)
    gone = {id(one.cell.block): one.cell.block for one in kept if one.cell is not None and _is_gone(one)}
    for block in gone.values():
        yield _array_without_cells(differing, opened.name, block)
    for area in areas([one for one in kept if one.cell is None or id(one.cell.block) not in gone]):
        yield _finding(differing, opened.name, area)
    yield from _followers(opened.name, followers)


def _is_gone(one: Difference) -> bool:
    """Return whether a cell that an array formula fills is empty."""
    return one.cell is not None and one.cell.block.array and one.cell.formula is None and one.found.value is None


def _array_without_cells(differing: Differing, sheet: str, block: Block) -> AuditFinding:
    """Return the finding on an array formula some of whose cells are gone: those that are left may have moved."""
    first = cell_name(block.row, block.column)
    return AuditFinding(
        kind="stored value",
        sheet=sheet,
        cell=f"{first}:{cell_name(block.row + block.rows - 1, block.column + block.columns - 1)}",
        what="cells of an array formula are gone: some were emptied, or a row was deleted",
        effect=differing.effect(block, Reach(None, None)),
        cells=block.rows * block.columns,
    )


def _is_change(one: Difference, changes: tuple[int, int] | None) -> bool:
    """Return whether an extra cell is a line that somebody added to the change log."""
    return changes is not None and changes[0] <= one.row < changes[1] and one.found.formula is None


def _shifted(differing: Differing, shift: Shift, opened: OpenedSheet, cells: Mapping[Place, Cell]) -> AuditFinding:
    held = [cell for (row, _), cell in sorted(cells.items(), key=lambda one: one[0]) if row == shift.row]
    told = ", ".join(shown(cell.value) for cell in held[:3])
    effect = differing.graph.effect([(cell.block, Reach(cell.i, cell.j)) for cell in held]) if held else ""
    sure = shift.since == shift.row
    cell, row = (f"A{shift.row}", f"row {shift.row}") if sure else (f"A{shift.since}:A{shift.row}", "a row")
    among = "" if sure else f", one of rows {shift.since} to {shift.row}, which read alike"
    if shift.step < 0:
        return AuditFinding(
            kind="missing row",
            sheet=opened.name,
            cell=cell,
            what=f"{row} was deleted{among}: what stood below stands one row higher",
            expected=f"{told} ..." if told else "",
            effect=effect,
        )
    return AuditFinding(
        kind="extra row",
        sheet=opened.name,
        cell=cell,
        what=f"a row was inserted{f' at {row}' if sure else among}: what stood there and below stands one row lower",
        effect=effect,
    )


def _finding(differing: Differing, sheet: str, area: Area) -> AuditFinding:
    one = area.first
    cell, found = one.cell, one.found
    what, severity = differing.parameters if one.kind == "parameter" else _WHAT[one.kind], _severity(one)
    kind = one.kind
    if kind == "formula" and cell is not None and cell.formula is None:
        what = "a formula stands where a value should"
    elif kind == "formula" and found.formula is None:
        what = "the formula is missing"
    elif kind == "formula" and found.formula is not None and is_external(found.formula):
        what, kind = "the formula refers to another file", "external link"
    elif kind == "extra cell" and found.formula is not None:
        what = "a formula stands where nothing should"
    effect = ""
    if cell is not None and kind != "text":
        reach = Reach(
            cell.i if area.top == area.bottom else None,
            cell.j if area.left == area.right else None,
        )
        effect = differing.effect(cell.block, reach)
    first, last = cell_name(area.top, area.left), cell_name(area.bottom, area.right)
    expected, have = shown_cell(cell), shown_found(found)
    if kind in ("stored value", "value", "parameter", "text") and cell is not None:
        expected, have = shown(cell.value), shown(found.value)
    return AuditFinding(
        kind=kind,
        severity=severity,
        sheet=sheet,
        cell=first if first == last else f"{first}:{last}",
        what=what,
        expected=expected,
        found=have,
        effect=effect,
        cells=(area.bottom - area.top + 1) * (area.right - area.left + 1),
        provider=_provider(differing, cell) if area.top == area.bottom else "",
    )


def _severity(one: Difference) -> Severity:
    if one.kind == "addition":
        return "note"
    # A text that no formula refers to changes no number.
    if one.kind == "text" and one.cell is not None and not one.cell.block.key:
        return "warning"
    if one.kind == "extra cell" and one.found.formula is None and isinstance(one.found.value, str):
        return "warning"
    return "error"


def _provider(differing: Differing, cell: Cell | None) -> str:
    """Return the list that a cell is about, where its block has a row for each."""
    providers = differing.graph.book.find("provider")
    if cell is None or not isinstance(providers, Block) or providers.rows != cell.block.rows or cell.block.rows < 2:
        return ""
    if cell.block.row != providers.row:
        return ""
    return str(providers.values[cell.i, 0] or "")


def _followers(sheet: str, followers: Sequence[Difference]) -> Iterator[AuditFinding]:
    by_block: dict[int, list[Difference]] = {}
    for one in followers:
        if one.cell is not None:
            by_block.setdefault(id(one.cell.block), []).append(one)
    for ones in by_block.values():
        rows, columns = [one.row for one in ones], [one.column for one in ones]
        first = cell_name(min(rows), min(columns))
        last = cell_name(max(rows), max(columns))
        one = ones[0]
        yield AuditFinding(
            kind="follows",
            sheet=sheet,
            cell=first if first == last else f"{first}:{last}",
            what="stored values that do not follow, because cells that they refer to do not hold what they should",
            expected=shown(one.cell.value if one.cell else None),
            found=f"{shown(one.found.value)} in {cell_name(one.row, one.column)}",
            cells=len(ones),
        )
