"""The audit of a statement: the page of one list, which says nothing of the others and carries no run log.

Its numbers follow by formulas from what stands on it, so that they can be recalculated; what stands on it can be
compared with what was written, where the list of statements lies beside it.
"""

from __future__ import annotations

from xl_qbs.audit.findings import AuditFinding
from xl_qbs.audit.opened import Opened
from xl_qbs.audit.part import Part
from xl_qbs.audit.structure import hidden_findings
from xl_qbs.errors import OutputError
from xl_qbs.sheets.statement.book import NAME
from xl_qbs.workbook.made_files import NAME as MANIFEST
from xl_qbs.workbook.made_files import Manifest

_HOW = "the numbers of a statement are recalculated from what stands on it; whether that is what was scored, the "
_HOW += "scored workbook tells"


def is_statement(opened: Opened) -> bool:
    """Return whether a workbook is the statement of one list."""
    names = [entry.name for entry in opened.entries]
    return len(names) == 1 and names[0] in NAME and _formulas(opened, names[0]) > 0


def audit_statement(opened: Opened) -> Part:
    """Audit a statement: whether it is as it was written, and what surrounds its cells."""
    name = opened.entries[0].name
    told, findings = _as_written(opened)
    return Part(
        what="statement of one list",
        sheets=(name,),
        facts=(("As it was written", told), ("Formulas", str(_formulas(opened, name)))),
        findings=(*findings, *hidden_findings(opened, [name])),
        why=_HOW,
    )


def _formulas(opened: Opened, name: str) -> int:
    sheet = opened.sheet(name)
    return 0 if sheet is None else sum(one.formula is not None for one in sheet.cells.values())


def _as_written(opened: Opened) -> tuple[str, list[AuditFinding]]:
    """Return whether the file is the one that the list of statements beside it names."""
    try:
        made = Manifest.read(opened.folder).made.values()
    except OutputError:
        made = {}.values()
    entry = next((one for one in made if one.file == opened.path.name), None)
    if entry is None or not entry.sha256:
        return f"not known: no {MANIFEST} beside it names this file", []
    if entry.sha256 == opened.package.sha256:
        return f"yes, by the SHA-256 in {MANIFEST}", []
    what = f"the file is not as it was written: its SHA-256 is not the one in {MANIFEST} beside it"
    return "no", [AuditFinding(kind="data", what=what, expected=entry.sha256, found=opened.package.sha256)]
