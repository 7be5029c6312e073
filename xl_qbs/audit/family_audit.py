"""The audit of sheets of efficiency, simulation, equity or a diagnosis."""

from __future__ import annotations

from collections.abc import Iterator

from xl_qbs._version import METHOD_VERSION, __version__
from xl_qbs.audit.cell_findings import Differing, cell_findings
from xl_qbs.audit.compare_cells import Comparison, shown
from xl_qbs.audit.effect import Reach
from xl_qbs.audit.expected import Expected
from xl_qbs.audit.family import NAMES, RebuiltFamily, rebuild_family
from xl_qbs.audit.findings import AuditFinding
from xl_qbs.audit.library import Library
from xl_qbs.audit.links import link_findings
from xl_qbs.audit.opened import Opened
from xl_qbs.audit.part import Cells, Part
from xl_qbs.audit.rows import find_shift
from xl_qbs.audit.structure import (
    hidden_findings,
    mark_findings,
    own_sheet_findings,
    renamed_sheets,
    sheet_findings,
    what_is_held,
)
from xl_qbs.audit.versions import version_findings
from xl_qbs.sheets.address import cell_name
from xl_qbs.sheets.model import Block, Sheet, SourceBlock
from xl_qbs.workbook.family_log import FamilyLog, linked_prints, prints_of

# Numbers that no formula follows were calculated again: another machine may differ in their last bits.
CALCULATED_AGAIN = 1e-9


def audit_family(opened: Opened, family: str, library: Library) -> Part:
    """Audit the sheets of a family."""
    made = rebuild_family(opened, family, library)
    names = opened.families[family]
    findings = [*_log_findings(opened, made, family), *hidden_findings(opened, names)]
    decided = why = ""
    if made.expected is not None and made.log is not None:
        findings += sheet_findings(opened, made.expected.book, made.sheets)
        data, rows_same = _data_findings(opened, made.log, made.expected)
        findings += data
        if rows_same:
            cells = list(_cells(opened, made, made.expected, library))
            findings += cells
            decided = next((one.where for one in cells if one.kind == "parameter"), "")
        else:
            why = "the table has other rows by now"
    why = made.why or why or (f"the decision in {decided} was changed" if decided else "")
    return Part(
        what=NAMES[family],
        sheets=names,
        facts=_facts(made),
        findings=findings,
        calculated=lambda: _calculated(made),
        why=why,
    )


def _facts(made: RebuiltFamily) -> list[tuple[str, str]]:
    facts = [("Audited by", f"xl_qbs {__version__}, method version {METHOD_VERSION}")]
    if made.log is not None:
        log = made.log
        facts = [
            ("Analysed file", f"{log.name}, SHA-256 {log.sha256}"),
            ("Analysed at", log.time or "unknown"),
            ("Analysed by", f"xl_qbs {log.program}, method version {log.method_version}"),
            *facts,
            ("Options", " ".join(log.typed) or "--"),
        ]
    if made.expected is None:
        return [*facts, ("Cells compared", f"none: {made.why}")]
    count = sum(len(made.expected.cells(sheet)) for sheet in made.expected.book.sheets)
    return [*facts, ("Cells compared", f"{count:,}")]


def _log_findings(opened: Opened, made: RebuiltFamily, family: str) -> Iterator[AuditFinding]:
    log = made.log

    def of_log(what: str) -> AuditFinding:
        return AuditFinding(kind="run log", sheet=made.sheet, cell=made.cell, what=what)

    if log is None:
        what = (
            f"the run log of the {NAMES[family]} is missing or cannot be read, so that they cannot be made again and "
        )
        yield of_log(f"{what}are recalculated only: run the analysis again")
        return
    if not made.sound:
        yield of_log("the run log was changed: its checksum is another")
    yield from version_findings("made", log.program, log.method_version, made.sheet)
    yield from mark_findings(opened, opened.families[family], log.program)
    if not opened.results:
        yield from own_sheet_findings(opened, log.sheets)
    if made.expected is None:
        yield of_log(f"the {NAMES[family]} cannot be made again, and are recalculated only: {made.why}")
        for one in made.problems:
            yield AuditFinding(kind="data", sheet=one.sheet, cell=one.cell, what=one.what, provider=one.provider)
        yield from link_findings(opened, opened.families[family])


def _data_findings(opened: Opened, log: FamilyLog, expected: Expected) -> tuple[list[AuditFinding], bool]:
    """Return what of the cells that were read is not as it was, and whether there are still as many rows."""
    now, found = linked_prints(expected.book), []
    for key, before in log.linked.items():
        block = expected.block(key)
        rows_before, rows_now = prints_of(before), prints_of(now.get(key, ""))
        if block is None or len(rows_before) != len(rows_now):
            what = f"the table has {len(rows_now)} rows now; {len(rows_before)} were read when the sheets were made"
            return [AuditFinding(kind="data", sheet=_source_sheet(expected, block), what=what)], False
        for i in (i for i, (old, new) in enumerate(zip(rows_before, rows_now, strict=True)) if old != new):
            found += _changed_row(opened, expected, block, i)
    return found, True


def _source_sheet(expected: Expected, block: Block | None) -> str:
    source = _source(expected, block)
    return "" if source is None else source.sheet


def _source(expected: Expected, block: Block | None) -> SourceBlock | None:
    """Return the cells of the table that a block is linked to."""
    if block is None:
        return None
    read = [one for one, _ in expected.graph.precedents(block, 0, 0) if isinstance(one, SourceBlock)]
    return read[0] if read else None


def _changed_row(opened: Opened, expected: Expected, block: Block, i: int) -> list[AuditFinding]:
    """Return the changed cells of a row: those whose stored link tells, else all of the row."""
    source = _source(expected, block)
    if source is None:
        return []
    linked = opened.sheet(block.sheet)
    places = []
    for j in range(block.columns):
        stored = None if linked is None else linked.at(block.row + i, block.column + j).value
        row = int(source.cell_rows[i, min(j, source.cell_rows.shape[1] - 1)])
        name = cell_name(row, int(source.cell_columns[j])) if row else ""
        value = expected.cells(_sheet_of(expected, block)).get((block.row + i, block.column + j))
        now = None if value is None else value.value
        places.append((name, j, stored, now))
    differing = [one for one in places if one[2] not in (None, "") and shown(one[2]) != shown(one[3])]
    told = []
    for name, j, stored, now in differing or places:
        follow = "the stored results do not follow it" if differing else "the results follow it"
        told.append(
            AuditFinding(
                kind="data",
                sheet=source.sheet,
                cell=name,
                what=f"the table was changed since the sheets were made; {follow}",
                expected=shown(stored) if differing else "",
                found=shown(now),
                effect=expected.graph.effect([(block, Reach(i, j))]),
            )
        )
    return told


def _sheet_of(expected: Expected, block: Block) -> Sheet:
    return next(one for one in expected.book.sheets if one.name == block.sheet)


def _cells(opened: Opened, made: RebuiltFamily, expected: Expected, library: Library) -> Iterator[AuditFinding]:
    held = what_is_held(opened, tuple(made.sheets.values()))
    yield from held.findings
    how = Comparison(sheets=_aliases(opened, made), formulas=held.formulas, values=held.values, again=CALCULATED_AGAIN)
    differing = Differing(expected.graph, made.sheets)
    differing.parameters = "a decision is not as it was when the sheets were made"
    there = [(sheet, opened.sheet(made.sheets.get(sheet.name, ""))) for sheet in expected.book.sheets]
    shifts = {}
    for sheet, found in there:
        if found is not None:
            differences = library.differences(how, expected.cells(sheet), found)
            differing.add(sheet, differences)
            shifts[sheet.name] = find_shift(expected.cells(sheet), found, differences)
    first = expected.book.sheets[0]
    for sheet, found in there:
        if found is not None:
            changes = (made.changes_from, made.changes_to) if sheet is first else None
            yield from cell_findings(differing, sheet, found, expected.cells(sheet), shifts[sheet.name], changes)


def _aliases(opened: Opened, made: RebuiltFamily) -> dict[str, str]:
    """Return the names of sheets that were renamed, casefolded, with the names that formulas should hold."""
    pairs = [(new, old) for old, new in made.sheets.items() if old != new]
    pairs += [
        (new, old) for old, new in renamed_sheets(opened, made.log.sheets if made.log is not None else ()).items()
    ]
    return {new.casefold(): old.casefold() for new, old in pairs}


def _calculated(made: RebuiltFamily) -> Cells:
    if made.expected is None:
        return {}
    book = made.expected.book
    return {made.sheets[one.name]: made.expected.cells(one) for one in book.sheets if one.name in made.sheets}
