"""What an audit says of some sheets of a file: those of one run, a template, or a statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from xl_qbs.audit.expected import Cell, Place
from xl_qbs.audit.findings import AuditFinding

# By the names of sheets in the file.
Cells = Mapping[str, Mapping[Place, Cell]]


@dataclass(frozen=True, kw_only=True)
class Part:
    """Sheets that belong together, audited.

    Attributes:
        what: what they are, such as ``scored workbook``.
        sheets: their names in the file.
        facts: what was audited and against what: label and text.
        findings: what was found.
        calculated: returns what their cells should hold when they are calculated anew; asked only where Python can
            tell; else formulas are compared with the stored values.
        why: why Python cannot tell; empty where it can.
    """

    what: str
    sheets: Sequence[str]
    facts: Sequence[tuple[str, str]] = ()
    findings: Sequence[AuditFinding] = ()
    calculated: Callable[[], Cells] = dict
    why: str = ""
