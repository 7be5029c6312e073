"""What surrounds the cells: sheets and their states, links, names, settings, protection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from xl_qbs.audit.findings import AuditFinding
from xl_qbs.audit.formula_text import is_external
from xl_qbs.audit.inputs import FoundLog, data_sheet
from xl_qbs.audit.opened import Opened
from xl_qbs.audit.versions import version_findings
from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.model import Book
from xl_qbs.workbook.run_log import RunLog
from xl_qbs.workbook.xml import MAIN

_STATES = {"hidden": "is hidden", "veryHidden": "is very hidden: Excel's own menu does not show it"}


def log_findings(found: FoundLog, log: RunLog, opened: Opened) -> Iterator[AuditFinding]:
    """Yield what is wrong with a run log, and with the versions that wrote the workbook."""
    if found.log is None:
        yield AuditFinding(
            kind="run log",
            sheet=found.sheet or (opened.results[0] if opened.results else ""),
            cell=found.cell,
            what="the run log is missing or cannot be read: the audit goes by what the sheets state, and cannot tell "
            "whether data and decisions are as they were scored",
        )
        return
    if not found.sound:
        yield AuditFinding(
            kind="run log",
            sheet=found.sheet,
            cell=found.cell,
            what="the run log was changed: its checksum is another",
            expected=found.lines[-1],
        )
    yield from version_findings("scored", log.program, log.method_version)
    yield from mark_findings(opened, opened.results, log.program)


def mark_findings(opened: Opened, names: Sequence[str], program: str) -> Iterator[AuditFinding]:
    """Yield the sheets of a run whose hidden mark names another version of the program than its log."""
    for sheet in names:
        version = opened.marks.get(sheet, program)
        if version != program:
            yield AuditFinding(
                kind="method version",
                severity="warning",
                sheet=sheet,
                what="the mark of this sheet names another version of the program than the run log",
                expected=program,
                found=version,
            )


def sheet_findings(opened: Opened, book: Book, sheets: Mapping[str, str]) -> Iterator[AuditFinding]:
    """Yield what is wrong with the sheets of a book: missing, renamed, hidden."""
    states = {entry.name: entry.state for entry in opened.entries}
    for sheet in book.sheets:
        name = sheets.get(sheet.name)
        if name is None:
            yield AuditFinding(kind="sheet", sheet=sheet.name, what="the sheet is missing", expected=sheet.name)
            continue
        if name != sheet.name:
            yield AuditFinding(kind="sheet", sheet=name, what="the sheet was renamed", expected=sheet.name, found=name)
        if states.get(name, "visible") != "visible":
            yield AuditFinding(kind="hidden", sheet=name, what=f"the sheet {_STATES.get(states[name], states[name])}")
    order = [sheets[sheet.name] for sheet in book.sheets if sheet.name in sheets]
    stand = [entry.name for entry in opened.entries if entry.name in order]
    if order != stand:
        yield AuditFinding(
            kind="sheet",
            severity="note",
            what="the sheets stand in another order",
            expected=", ".join(order),
            found=", ".join(stand),
        )


# Names and states of sheets.
States = Sequence[tuple[str, str]]


def sheets_before(log: RunLog) -> States:
    """Return the fund's own sheets as they were when the workbook was scored."""
    return log.source.sheets or ((data_sheet(log), "visible"),)


def own_sheet_findings(opened: Opened, before: States) -> Iterator[AuditFinding]:
    """Yield how the fund's own sheets differ from those that were there before the result sheets."""
    now = [(entry.name, entry.state) for entry in opened.own]
    names, known = {name for name, _ in now}, {name for name, _ in before}
    renamed = renamed_sheets(opened, before)
    for name, state in before:
        if name not in names:
            new = renamed.get(name)
            yield AuditFinding(
                kind="sheet",
                sheet=new or name,
                what="the fund's sheet was renamed" if new else "a sheet of the fund is missing",
                expected=name,
                found=new or "",
            )
            continue
        found = dict(now)[name]
        if found != state:
            yield AuditFinding(
                kind="hidden",
                sheet=name,
                what=f"the sheet {_STATES.get(found, 'is visible')}; it was {state} before",
                expected=state,
                found=found,
            )
        elif state != "visible":
            yield AuditFinding(
                kind="hidden",
                severity="note",
                sheet=name,
                what=f"the sheet {_STATES.get(state, state)}, as it was before",
            )
    for name, state in now:
        if name not in known and name not in renamed.values():
            told = "" if state == "visible" else f"; it {_STATES.get(state, state)}"
            yield AuditFinding(kind="sheet", sheet=name, what=f"a sheet was added since{told}", found=name)


def renamed_sheets(opened: Opened, before: States) -> dict[str, str]:
    """Return the new names of the fund's sheets that were renamed: as many sheets, another name in its place."""
    names, now = [name for name, _ in before], [entry.name for entry in opened.own]
    if len(names) != len(now):
        return {}
    taken = set(names)
    return {old: new for old, new in zip(names, now, strict=True) if old != new and new not in taken}


class Held(NamedTuple):
    """What sheets hold: a workbook may have values only, or formulas that were never calculated.

    Attributes:
        formulas: whether there are formulas.
        values: whether there are values to compare: of formulas, or plain ones.
        findings: what has to be said of it.
    """

    formulas: bool
    values: bool
    findings: tuple[AuditFinding, ...]


def what_is_held(opened: Opened, names: Sequence[str]) -> Held:
    """Return whether some sheets hold formulas, and values of them."""
    formulas = valued = False
    for sheet in (opened.sheet(name) for name in names):
        held = [one.value is not None for one in sheet.cells.values() if one.formula is not None] if sheet else []
        formulas, valued = formulas or bool(held), valued or any(held)
    if not formulas:
        what = "the result sheets hold values only: there are no formulas to compare; every value is compared"
        return Held(False, True, (AuditFinding(kind="formula", severity="warning", what=what),))
    if not valued:
        what = "no formula has a stored value: the file was never calculated; formulas are compared, values are not"
        return Held(True, False, (AuditFinding(kind="stored value", severity="warning", what=what),))
    return Held(True, True, ())


def workbook_findings(opened: Opened) -> Iterator[AuditFinding]:
    """Yield what concerns the workbook as a whole: links, names that point outside, settings of calculation."""
    for link in opened.links:
        yield AuditFinding(
            kind="external link",
            severity="warning",
            what="the workbook points to something outside itself",
            found=link,
        )
    for name in opened.names:
        if is_external(name.text):
            yield AuditFinding(
                kind="external link",
                severity="warning",
                sheet=name.scope,
                what=f"the name {name.name} stands for cells of another file",
                found=name.text,
            )
    for node in opened.workbook.iter(f"{{{MAIN}}}calcPr"):
        if node.get("calcMode") == "manual":
            yield AuditFinding(
                kind="calculation",
                severity="warning",
                what="the workbook calculates only when it is told to: what is shown may be old",
            )
        if node.get("fullPrecision") in ("0", "false"):
            yield AuditFinding(
                kind="calculation", what="the workbook rounds every number to what is shown (precision as displayed)"
            )
    if any("vbaproject" in part.casefold() for part in opened.package.names):
        yield AuditFinding(
            kind="calculation",
            severity="note",
            what="the workbook holds macros; they are not read, and can change any number when they run",
        )


def hidden_findings(opened: Opened, names: Sequence[str]) -> Iterator[AuditFinding]:
    """Yield the rows and columns that are hidden on some sheets."""
    for name in names:
        sheet = opened.sheet(name)
        if sheet is None:
            continue
        for first, last in sheet.hidden_columns:
            reach = f"{column_letter(first)}:{column_letter(min(last, 16384))}"
            yield AuditFinding(
                kind="hidden", severity="warning", sheet=name, cell=f"{column_letter(first)}1",
                what=f"the columns {reach} are hidden",
            )  # fmt: skip
        if sheet.hidden_rows:
            first_row = sheet.hidden_rows[0]
            yield AuditFinding(
                kind="hidden",
                severity="warning",
                sheet=name,
                cell=f"A{first_row}",
                what=f"{len(sheet.hidden_rows)} rows are hidden, from row {first_row} on; a filter hides rows too",
            )
