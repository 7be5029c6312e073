"""The audit of a formula template: every formula, every locked cell, and the numbers that follow from yellow cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from xl_qbs._version import METHOD_VERSION, __version__
from xl_qbs.audit.cell_findings import Differing, cell_findings
from xl_qbs.audit.compare_cells import Comparison, Difference
from xl_qbs.audit.expected import Cell, Place
from xl_qbs.audit.findings import AuditFinding
from xl_qbs.audit.formula_text import canonical
from xl_qbs.audit.library import Library
from xl_qbs.audit.opened import Opened
from xl_qbs.audit.part import Cells, Part
from xl_qbs.audit.recalculate import REST
from xl_qbs.audit.rows import find_shift
from xl_qbs.audit.structure import hidden_findings, sheet_findings, what_is_held
from xl_qbs.audit.template import At, RebuiltTemplate
from xl_qbs.audit.versions import version_findings
from xl_qbs.sheets.address import cell_name
from xl_qbs.sheets.model import Block, Sheet, SourceBlock
from xl_qbs.workbook.xml import MAIN

# What a protected sheet of a template never allows.
_NEVER = ("insertRows", "insertColumns", "deleteRows", "deleteColumns", "formatCells")
# So many cells at most are named as what was changed after the last calculation.
_MOST_SUSPECTS = 4


def audit_template(opened: Opened, made: RebuiltTemplate, library: Library) -> Part:
    """Audit a formula template, empty or filled, against what it should hold."""
    book = made.expected.book
    names = [made.sheets[sheet.name] for sheet in book.sheets if sheet.name in made.sheets]
    findings = [
        *version_findings("built", *made.version),
        *sheet_findings(opened, book, made.sheets),
        *_more_sheets(opened, made),
        *hidden_findings(opened, names),
        *_protection(opened, made, library),
        *_names(opened, made),
        *_cells(opened, made, library),
    ]
    return Part(
        what="template",
        sheets=names,
        facts=(
            ("Built by", f"xl_qbs {made.version[0]}, method version {made.version[1]}"),
            ("Audited by", f"xl_qbs {__version__}, method version {METHOD_VERSION}"),
            *made.facts,
            ("Values of formulas", "compared" if made.values is not None else f"not compared: {made.why}"),
            ("Cells compared", f"{sum(len(made.expected.cells(sheet)) for sheet in book.sheets):,}"),
        ),
        findings=findings,
        calculated=lambda: _calculated(made),
        why=made.why,
    )


def _calculated(made: RebuiltTemplate) -> Cells:
    """Return what an engine should come to."""
    return {
        made.sheets[sheet.name]: {
            place: cell
            for place, cell in made.expected_values(sheet).items()
            if place not in made.skipped.get(sheet.name, ())
        }
        for sheet in made.expected.book.sheets
        if sheet.name in made.sheets
    }


def _more_sheets(opened: Opened, made: RebuiltTemplate) -> Iterator[AuditFinding]:
    known = set(made.sheets.values())
    for entry in opened.entries:
        if entry.name not in known:
            hidden = "" if entry.state == "visible" else f"; it is {entry.state}"
            yield AuditFinding(
                kind="sheet", sheet=entry.name, what=f"the sheet is none of the template's{hidden}", found=entry.name
            )


def _cells(opened: Opened, made: RebuiltTemplate, library: Library) -> Iterator[AuditFinding]:
    names = {new.casefold(): old.casefold() for old, new in made.sheets.items() if old != new}
    held = what_is_held(opened, tuple(made.sheets.values()))
    values = made.values is not None and held.formulas and held.values
    if made.values is not None:
        yield from held.findings
    elif not made.empty:
        yield AuditFinding(
            kind="stored value",
            severity="warning",
            what=f"values of formulas are not compared with Python's: {made.why}; the template's own checks tell more",
        )
    how = Comparison(sheets=names, values=values, fixed=made.fixed)
    differing = Differing(made.expected.graph, made.sheets)
    differing.parameters = "a constant of the method is another one"
    shifts = {}
    for sheet in made.expected.book.sheets:
        found = opened.sheet(made.sheets.get(sheet.name, ""))
        if found is None:
            continue
        cells = made.expected.cells(sheet)
        other = made.expected_values(sheet) if made.next_year is not None else None
        skipped = made.skipped.get(sheet.name, set())
        differences = [
            one
            for one in library.differences(how, cells, found, other)
            if not (one.kind == "stored value" and (one.row, one.column) in skipped) and not _is_rest(one)
        ]
        differences = [one for one in differences if not _is_own_cell(sheet, one)]
        differing.add(sheet, differences)
        shift = find_shift(cells, found, differences)
        if shift is not None:
            shifts[sheet.name] = shift
    yield from _suspects(differing, made)
    for sheet in made.expected.book.sheets:
        found = opened.sheet(made.sheets.get(sheet.name, ""))
        if found is not None:
            yield from cell_findings(differing, sheet, found, made.expected.cells(sheet), shifts.get(sheet.name))


def _is_rest(one: Difference) -> bool:
    """Return whether a control sum over many lists differs from 0 in its last bits, within its own tolerance."""
    if one.cell is None or one.kind != "stored value" or not one.cell.block.key.startswith("check_value"):
        return False
    return one.cell.value == 0 and isinstance(one.found.value, float) and abs(one.found.value) <= REST


def _is_own_cell(sheet: Sheet, one: Difference) -> bool:
    """Return whether an extra cell is a yellow one: these are left out of what is expected where they are empty."""
    if one.kind != "extra cell" or one.found.formula is not None:
        return False
    return any(
        block.kind == "input"
        and block.row <= one.row < block.row + block.rows
        and block.column <= one.column < block.column + block.columns
        for block in sheet.blocks
    )


def _suspects(differing: Differing, made: RebuiltTemplate) -> Iterator[AuditFinding]:
    """Yield the yellow cells that were changed after the last calculation: what most roots of wrong values read.

    Not what all of them read: a cell in between may differ by less than is told of, and what follows it by more.
    """
    votes = Counter[At]()
    for differences in differing.by_sheet.values():
        for one in differences:
            if one.kind == "stored value" and one.cell is not None and not differing.is_consequence(one.cell):
                votes.update(_yellow_read(made, one.cell))
    most = max(votes.values(), default=0)
    common = [place for place, count in votes.items() if count == most]
    if len(common) > _MOST_SUSPECTS:
        return
    for sheet, row, column in sorted(common):
        blocks = made.expected.graph.at(sheet, row, column)
        yield AuditFinding(
            kind="data",
            sheet=made.sheets.get(sheet, sheet),
            cell=cell_name(row, column),
            what="the cell was changed after the workbook was last calculated: the stored values that read it do not "
            "follow from it",
            effect=made.expected.graph.effect(blocks),
        )


def _yellow_read(made: RebuiltTemplate, cell: Cell) -> set[At]:
    place = cell.block.sheet, cell.block.row + cell.i, cell.block.column + cell.j
    if place in made.looked_up:
        return {made.looked_up[place]}
    found = set()
    for block, reach in made.expected.graph.precedents(cell.block, cell.i, cell.j):
        if isinstance(block, SourceBlock):
            continue
        for one in _same_cells(made, block):
            if one.kind != "input":
                continue
            for i in range(block.rows) if reach.row is None else (reach.row,):
                for j in range(block.columns) if reach.column is None else (reach.column,):
                    found.add((block.sheet, block.row + i, block.column + j))
    return found


def _same_cells(made: RebuiltTemplate, block: Block) -> list[Block]:
    """Return a block, or those that lie under it where it is but another name for cells."""
    return [one for one, _ in made.expected.graph.at(block.sheet, block.row, block.column)] or [block]


def _protection(opened: Opened, made: RebuiltTemplate, library: Library) -> Iterator[AuditFinding]:
    program = opened.workbook.find(f"{{{MAIN}}}fileVersion")
    lock = opened.workbook.find(f"{{{MAIN}}}workbookProtection")
    # LibreOffice drops this lock whenever it saves, so that it tells nothing there.
    by_calc = program is not None and program.get("appName") == "Calc"
    if not by_calc and (lock is None or lock.get("lockStructure") not in ("1", "true")):
        yield AuditFinding(
            kind="protection", what="the workbook's structure is no longer locked: sheets can be added or renamed"
        )
    for sheet in made.expected.book.sheets:
        found = opened.sheet(made.sheets.get(sheet.name, ""))
        if found is None:
            continue
        protection = found.protection
        if protection is None or protection.get("sheet") not in ("1", "true"):
            yield AuditFinding(kind="protection", sheet=found.name, what="the protection of the sheet was lifted")
            continue
        allowed = [one for one in _NEVER if protection.get(one) in ("0", "false")]
        if allowed:
            yield AuditFinding(
                kind="protection",
                sheet=found.name,
                what="the protection allows more than a template's",
                found=", ".join(allowed),
            )
        yield from _unlocked_cells(found.name, _free_areas(opened, sheet, found.styles, library))


def _free_areas(
    opened: Opened, sheet: Sheet, styles: Mapping[Place, int], library: Library
) -> list[tuple[Place, Place, int]]:
    """Return the blocks with cells that can be changed and should not be: first and last such cell, how many."""
    unlocked = opened.unlocked

    def find() -> list[tuple[Place, Place, int]]:
        found = []
        for block in sheet.blocks:
            if block.kind == "input":
                continue
            free = [
                (block.row + i, block.column + j)
                for i in range(block.rows)
                for j in range(block.columns)
                if styles.get((block.row + i, block.column + j), -1) in unlocked
            ]
            if free:
                found.append((free[0], free[-1], len(free)))
        return found

    return library.of((sheet, styles), ("unlocked", unlocked), find)


def _unlocked_cells(name: str, found: list[tuple[Place, Place, int]]) -> Iterator[AuditFinding]:
    for (row, column), (last_row, last_column), count in found:
        first, last = cell_name(row, column), cell_name(last_row, last_column)
        yield AuditFinding(
            kind="protection",
            sheet=name,
            cell=first if first == last else f"{first}:{last}",
            what="cells that should be locked are not",
            cells=count,
        )


def _names(opened: Opened, made: RebuiltTemplate) -> Iterator[AuditFinding]:
    renamed = {new.casefold(): old.casefold() for old, new in made.sheets.items() if old != new}
    here = {one.name: one.text for one in opened.names if not one.scope}
    for name, address in made.expected.book.names.items():
        if name not in here:
            yield AuditFinding(kind="name", what=f"the name {name} is missing", expected=address)
        elif canonical(here[name], renamed) != canonical(address):
            yield AuditFinding(
                kind="name", what=f"the name {name} stands for other cells", expected=address, found=here[name]
            )
