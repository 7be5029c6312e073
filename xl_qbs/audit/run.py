"""The audit of a file, from its bytes to a report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from xl_qbs.audit.efficiency_template import efficiency_language, rebuild_efficiency_template
from xl_qbs.audit.equity_template import equity_language, rebuild_equity_template
from xl_qbs.audit.family import NAMES
from xl_qbs.audit.family_audit import audit_family
from xl_qbs.audit.findings import AuditFinding, AuditReport, in_order
from xl_qbs.audit.library import Library
from xl_qbs.audit.number_formats import format_findings
from xl_qbs.audit.opened import Opened, open_workbook
from xl_qbs.audit.part import Part
from xl_qbs.audit.recalculate import EngineError, Recalculated, by_ironcalc, by_libreoffice, recalculation_findings
from xl_qbs.audit.scored import NotScoredError
from xl_qbs.audit.scored_audit import audit_scored
from xl_qbs.audit.statement_audit import audit_statement, is_statement
from xl_qbs.audit.structure import workbook_findings
from xl_qbs.audit.template import is_template, rebuild_template
from xl_qbs.audit.template_audit import audit_template
from xl_qbs.audit.versions import VERSION

_ENGINES = {"ironcalc": by_ironcalc, "libreoffice": by_libreoffice}


def audit_file(
    path: str | Path,
    engines: Sequence[str] = (),
    tell: Callable[[str], None] = lambda _: None,
    beside: Path | None = None,
) -> AuditReport:
    """Audit a workbook with result sheets, a template, or a statement.

    Args:
        path: the workbook.
        engines: recalculate it with these too: ``ironcalc``, ``libreoffice``; where LibreOffice is missing, that is
            told of.
        tell: told each step.
        beside: the folder of other files that the sheets were made from; that of the workbook if None.

    Raises:
        WorkbookError: the file cannot be read as a workbook.
        NotScoredError: it is none of these, or holds nothing to make it again from.
        EngineError: IronCalc is not installed, though it comes with xl_qbs.
    """
    opened = open_workbook(path, beside)
    library = Library()
    tell("Comparing")
    parts = audited(opened, library)
    report = _report(opened, parts)
    facts, findings = list(report.facts), list(report.findings)
    for engine in engines:
        tell(f"Recalculating with {engine}")
        told, more = _recalculated(opened, parts, engine)
        facts += told
        findings += more
    order = [entry.name for entry in opened.entries]
    return replace(report, facts=tuple(facts), findings=in_order(findings, order))


def audit_opened(opened: Opened, library: Library | None = None) -> AuditReport:
    """Audit an opened workbook, whichever it is, without recalculating it; see `audit_file`."""
    return _report(opened, audited(opened, library or Library()))


def audited(opened: Opened, library: Library) -> list[Part]:
    """Return what there is to say of each part of a workbook.

    Raises:
        NotScoredError: none of its sheets is one of xl_qbs, or there is nothing to make them again from.
    """
    parts = [audit_scored(opened, library)] if opened.results else []
    parts += [audit_family(opened, family, library) for family in NAMES if opened.families[family]]
    if parts:
        return parts
    if is_template(opened):
        return [audit_template(opened, rebuild_template(opened, library), library)]
    if efficiency_language(opened) is not None:
        return [audit_template(opened, rebuild_efficiency_template(opened, library), library)]
    if equity_language(opened) is not None:
        return [audit_template(opened, rebuild_equity_template(opened, library), library)]
    if is_statement(opened):
        return [audit_statement(opened)]
    if _names_a_version(opened):
        raise NotScoredError(
            f"{opened.path.name} is a workbook of xl_qbs, but of a kind that the audit cannot make again: nothing was "
            "audited."
        )
    raise NotScoredError(
        f"{opened.path.name} holds no result sheets of xl_qbs, and is neither a template nor a statement."
    )


def _names_a_version(opened: Opened) -> bool:
    """Return whether the first sheet says which version of the program wrote it."""
    first = opened.sheet(opened.entries[0].name) if opened.entries else None
    cells = () if first is None else first.cells.values()
    return any(isinstance(one.value, str) and VERSION.match(one.value) for one in cells)


def _report(opened: Opened, parts: Sequence[Part]) -> AuditReport:
    several = len(parts) > 1
    facts = [(f"{part.what}: {label}" if several else label, text) for part in parts for label, text in part.facts]
    findings = [*workbook_findings(opened), *(one for part in parts for one in part.findings)]
    findings += [one for part in parts for one in format_findings(opened, part.sheets)]
    return AuditReport(
        file=opened.path.name,
        sha256=opened.package.sha256,
        what=", ".join(part.what for part in parts),
        facts=tuple(facts),
        findings=in_order(findings, [entry.name for entry in opened.entries]),
    )


def _recalculated(
    opened: Opened, parts: Sequence[Part], engine: str
) -> tuple[list[tuple[str, str]], list[AuditFinding]]:
    """Return what is told of a recalculation, and the formulas that give other values than they should."""
    label = f"Recalculated with {engine}"
    try:
        done = _ENGINES[engine](opened.path)
    except EngineError as error:
        finding = AuditFinding(kind="recalculated", severity=error.severity, what=str(error))
        return [(label, str(error))], [] if error.severity == "note" else [finding]
    facts, findings = [], []
    for part in parts:
        found = list(_of_part(opened, part, done))
        count = sum(one.cells for one in found)
        wanted = "the stored value" if part.why else "Python's value"
        told = f"every formula gives {wanted}" if not count else f"{count:,} formulas give another value"
        if part.why:
            told += f" (Python's are not compared: {part.why})"
        facts.append((f"{part.what}: {label}" if len(parts) > 1 else label, told))
        findings += found
    return facts, findings


def _of_part(opened: Opened, part: Part, done: Recalculated) -> Iterator[AuditFinding]:
    cells = None if part.why else part.calculated()
    for name in part.sheets:
        if opened.sheet(name) is not None:
            yield from recalculation_findings(opened, done, name, None if cells is None else cells.get(name, {}))
