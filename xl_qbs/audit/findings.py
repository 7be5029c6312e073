"""What an audit found, and how it is told: as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from xl_qbs.errors import counted
from xl_qbs.sheets.address import split_cell

# What can be found. An auditor filters by these words; each has a sentence in the manual.
Kind = Literal[
    "run log",
    "method version",
    "sheet",
    "external link",
    "name",
    "protection",
    "calculation",
    "hidden",
    "number format",
    "data",
    "parameter",
    "formula overwritten",
    "formula",
    "stored value",
    "follows",
    "value",
    "text",
    "extra cell",
    "extra row",
    "missing row",
    "recalculated",
    "addition",
]
# An error fails the audit; a warning has to be looked at; a note is told for completeness.
Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True, kw_only=True)
class AuditFinding:
    """One thing that is not as it should be.

    Attributes:
        kind: what kind of thing.
        severity: ``error``, ``warning`` or ``note``.
        sheet: the sheet; empty where it is about the whole workbook.
        cell: the cell or range; empty where it is about a sheet or the workbook.
        what: what is wrong, in one sentence.
        expected: what should stand there.
        found: what stands there.
        effect: which scores or lists it reaches.
        cells: how many cells it is about.
        provider: the list that it is about, if it is one.
    """

    kind: Kind
    what: str
    severity: Severity = "error"
    sheet: str = ""
    cell: str = ""
    expected: str = ""
    found: str = ""
    effect: str = ""
    cells: int = 1
    provider: str = ""

    @property
    def where(self) -> str:
        """Sheet and cell in Excel's own notation; empty for the whole workbook."""
        return f"{self.sheet}!{self.cell}" if self.sheet and self.cell else self.sheet or self.cell


@dataclass(frozen=True, kw_only=True)
class AuditReport:
    """The outcome of an audit.

    Attributes:
        file: the file's name.
        sha256: its SHA-256.
        what: ``scored workbook``, ``template`` or what else it is.
        facts: what was audited and against what: label and text.
        findings: what was found, by sheet and cell.
    """

    file: str
    sha256: str
    what: str
    facts: tuple[tuple[str, str], ...] = ()
    findings: tuple[AuditFinding, ...] = field(default=())

    @property
    def passed(self) -> bool:
        """Whether there is no error."""
        return not any(one.severity == "error" for one in self.findings)

    def count(self, severity: Severity) -> int:
        """Return how many findings are of a severity."""
        return sum(one.severity == severity for one in self.findings)

    def as_json(self) -> str:
        """Return the outcome as JSON."""
        whole: dict[str, Any] = {
            "file": self.file,
            "sha256": self.sha256,
            "what": self.what,
            "passed": self.passed,
            **{f"{severity}s": self.count(severity) for severity in SEVERITIES},
            "facts": dict(self.facts),
            "findings": [asdict(one) for one in self.findings],
        }
        return json.dumps(whole, indent=2)

    def as_text(self, most: int = 60) -> str:
        """Return the outcome as text: the verdict first, then the findings, at most so many of each severity."""
        lines = [f"{'PASS' if self.passed else 'FAIL'}: {self.file} ({self.what})", f"  {self.totals}"]
        lines += [f"  {label}: {text}" for label, text in self.facts]
        for severity in SEVERITIES:
            chosen = [one for one in self.findings if one.severity == severity]
            if not chosen:
                continue
            lines += ["", f"{severity.capitalize()}s"]
            for one in chosen[:most]:
                lines += _told(one)
            if len(chosen) > most:
                lines.append(f"  ... and {len(chosen) - most} more; --json and --output tell all of them.")
        return "\n".join(lines)

    @property
    def totals(self) -> str:
        """How many errors, warnings and notes there are, in words."""
        return ", ".join(counted(self.count(severity), severity) for severity in SEVERITIES)


def in_order(findings: Iterable[AuditFinding], sheets: Sequence[str]) -> tuple[AuditFinding, ...]:
    """Return findings by sheet, in the workbook's order, and cell; those on the whole workbook first."""
    places = {name: place for place, name in enumerate(sheets, start=1)}

    def key(one: AuditFinding) -> tuple[Any, ...]:
        place = places.get(one.sheet, 0 if not one.sheet else len(places) + 1)
        column, row = _corner(one.cell)
        return place, one.sheet, row, column, one.kind

    return tuple(sorted(findings, key=key))


def _corner(cell: str) -> tuple[int, int]:
    first = cell.partition(":")[0].partition(",")[0]
    return split_cell(first) if first[:1].isalpha() and first[-1:].isdigit() else (0, 0)


def _told(one: AuditFinding) -> list[str]:
    head = f"  {one.where or 'Workbook'}: {one.what}"
    if one.cells > 1:
        head += f" ({one.cells:,} cells)"
    lines = [head]
    for label, text in (("expected", one.expected), ("found", one.found), ("effect", one.effect)):
        if text:
            lines.append(f"      {label + ':':<10}{_short(text)}")
    return lines


def _short(text: str, longest: int = 240) -> str:
    plain = text.replace("\n", " ")
    return plain if len(plain) <= longest else plain[: longest - 3] + "..."
