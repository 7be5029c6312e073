"""The audit of a scored workbook: every cell of its result sheets, its counts and its run log."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xl_qbs._version import METHOD_VERSION, __version__
from xl_qbs.audit.cell_findings import Differing, cell_findings
from xl_qbs.audit.compare_cells import Comparison, Difference, shown
from xl_qbs.audit.effect import Reach
from xl_qbs.audit.findings import AuditFinding
from xl_qbs.audit.formula_text import MOST_ROWS
from xl_qbs.audit.inputs import Change, data_sheet
from xl_qbs.audit.library import Library
from xl_qbs.audit.opened import Opened
from xl_qbs.audit.part import Cells, Part
from xl_qbs.audit.rows import find_shift
from xl_qbs.audit.scored import Rebuilt, rebuild
from xl_qbs.audit.structure import (
    hidden_findings,
    log_findings,
    own_sheet_findings,
    renamed_sheets,
    sheet_findings,
    sheets_before,
    what_is_held,
)
from xl_qbs.errors import DataError, QbsError, TableNotFoundError
from xl_qbs.scoring.priors import likelihood_prior
from xl_qbs.sheets.address import cell_name
from xl_qbs.workbook.read import read_workbook

# How nearly a prior that was estimated has to be what is estimated again: the search stops at this.
_ESTIMATED = 1e-5


def audit_scored(opened: Opened, library: Library | None = None) -> Part:
    """Audit the result sheets of a scored workbook.

    Args:
        opened: the workbook.
        library: books that were made already; for one workbook again and again.

    Returns:
        What was found.

    Raises:
        NotScoredError: it holds no result sheets, or nothing to make them again from.
    """
    library = library or Library()
    made = rebuild(opened, library)
    log, book = made.log, made.as_scored.book
    findings = [
        *log_findings(made.found, log, opened),
        *sheet_findings(opened, book, made.sheets),
        *own_sheet_findings(opened, sheets_before(log)),
        *hidden_findings(opened, [name for name in made.sheets.values() if name]),
        *_data_findings(opened, made),
        *_estimate_findings(made),
    ]
    if not opened.changed and made.found.log is not None:
        findings += _read_again(opened, made)
    findings += _cells(opened, made, library)
    findings += _since(made)
    return Part(
        what="scored workbook",
        sheets=[name for name in made.sheets.values() if name],
        facts=_facts(made),
        findings=findings,
        calculated=lambda: _calculated(made),
    )


def _calculated(made: Rebuilt) -> Cells:
    """Return what an engine should come to: it computes from the inputs as they are now."""
    now = made.now_expected or made.used
    cells = {}
    for sheet in made.as_scored.book.sheets:
        if sheet.name in made.sheets:
            ones = now.cells(sheet)
            if now is not made.as_scored:
                ones = {place: cell for place, cell in ones.items() if not cell.block.key.startswith("written_")}
            cells[made.sheets[sheet.name]] = ones
    return cells


def _facts(made: Rebuilt) -> tuple[tuple[str, str], ...]:
    log = made.log
    lists, count = log.source.rows.shape
    compared = sum(len(made.as_scored.cells(sheet)) for sheet in made.as_scored.book.sheets)
    return (
        ("Scored file", f"{log.source.path.name}, SHA-256 {log.source.sha256}"),
        ("Scored at", log.time or "unknown"),
        ("Scored by", f"xl_qbs {log.program}, method version {log.method_version}"),
        ("Audited by", f"xl_qbs {__version__}, method version {METHOD_VERSION}"),
        ("Options", log.options or "--"),
        ("Lists and indicators", f"{lists}, {count}"),
        ("Counts", "as they were scored" if not made.changed and made.moved is None else "changed since scoring"),
        ("Cells compared", f"{compared:,}"),
    )


def aliases(opened: Opened, made: Rebuilt) -> dict[str, str]:
    """Return the names of sheets that were renamed, casefolded, with the names that formulas should hold."""
    pairs = [(new, old) for old, new in made.sheets.items() if old != new]
    pairs += [(new, old) for old, new in renamed_sheets(opened, sheets_before(made.log)).items()]
    return {new.casefold(): old.casefold() for new, old in pairs}


def _cells(opened: Opened, made: Rebuilt, library: Library) -> Iterator[AuditFinding]:
    held = what_is_held(opened, tuple(made.sheets.values()))
    yield from held.findings
    how = Comparison(sheets=aliases(opened, made), formulas=held.formulas, values=held.values)
    differing = Differing(made.as_scored.graph, made.sheets)
    if made.recalculated:
        differing.parameters += "; the scores follow it"
    elif made.now is not None:
        differing.parameters += "; the stored scores do not follow it"
    shifts = {}
    for sheet in made.as_scored.book.sheets:
        found = opened.sheet(made.sheets.get(sheet.name, ""))
        if found is None:
            continue
        cells = made.as_scored.cells(sheet)
        values = made.used.cells(sheet) if made.recalculated else None
        differences = library.differences(how, cells, found, values)
        if made.recalculated:
            differences = [one for one in differences if not _is_as_written(one, known=made.data_known)]
        differing.add(sheet, differences)
        shift = find_shift(cells, found, differences)
        if shift is not None:
            shifts[sheet.name] = shift
    about = made.as_scored.book.sheets[0]
    for sheet in made.as_scored.book.sheets:
        found = opened.sheet(made.sheets.get(sheet.name, ""))
        if found is not None:
            yield from cell_findings(
                differing,
                sheet,
                found,
                made.as_scored.cells(sheet),
                shifts.get(sheet.name),
                (sheet.last_row + 1, MOST_ROWS + 1) if sheet is about else None,
            )


def _is_as_written(one: Difference, *, known: bool) -> bool:
    """Return whether a cell tells of the run as it was written, and rightly no longer holds after a change."""
    if one.cell is None:
        return False
    key = one.cell.block.key
    if one.kind == "stored value":
        return key.startswith("written_result")
    # Sums as they were written: without the counts that were scored they cannot be told.
    return not known and one.kind == "value" and (key.startswith("written_expected") or key == "check_above")


def _data_findings(opened: Opened, made: Rebuilt) -> Iterator[AuditFinding]:
    """Yield what of the counts is not as it was scored."""
    name = renamed_sheets(opened, sheets_before(made.log)).get(data_sheet(made.log), data_sheet(made.log))
    log, counts = made.log, made.counts
    if counts is None:
        yield AuditFinding(kind="data", sheet=name, what="the sheet with the scored counts is missing")
        return
    told = {one.cell for one in made.changed}
    for one in counts.wrong:
        if one.cell not in told and made.moved is None:
            yield AuditFinding(
                kind="data",
                sheet=name,
                cell=one.cell,
                what=f"the cell {one.what}",
                provider=counts.providers[one.row],
                effect=_data_effect(made, one.row, one.column, _column_of(made, one.column)),
            )
    if made.moved is not None:
        place, step = made.moved
        row = int(log.source.provider_rows[place])
        yield AuditFinding(
            kind="missing row" if step < 0 else "extra row",
            sheet=name,
            cell=cell_name(row, log.source.provider_column + 1),
            what=f"a row of the counts was {'deleted' if step < 0 else 'inserted'} since scoring",
            effect="every score: links stand one row off, or are broken",
        )
    for change in made.changed:
        yield _changed(made, name, change)
    told_of = made.changed or made.moved is not None or counts.wrong
    if not made.data_known and made.found.log is not None and not told_of:
        yield AuditFinding(
            kind="data",
            sheet=name,
            what="the counts are not those that were scored: their hash is another, and no single cell stands out",
            expected=log.data.sha256,
        )


def _column_of(made: Rebuilt, what: str) -> int:
    code = what.partition(" ")[2]
    return made.log.scheme.codes.index(code) if code in made.log.scheme.codes else -1


def _changed(made: Rebuilt, sheet: str, one: Change) -> AuditFinding:
    follow = "the scores follow it" if made.recalculated else "the stored scores do not follow it"
    what = f"{_named(one.what)} changed since scoring; {follow}"
    if one.before is None:
        what += " (told by fingerprints of row and column: what stood there is not known)"
    return AuditFinding(
        kind="data",
        sheet=sheet,
        cell=one.cell,
        what=what,
        expected="" if one.before is None else shown(one.before),
        found="no number" if one.now is None else shown(one.now),
        provider=one.provider,
        effect=_data_effect(made, one.row, one.what, one.column),
    )


def _named(what: str) -> str:
    kind, _, code = what.partition(" ")
    return {"n": f"the target of {code}", "x": f"the work done of {code}"}.get(kind, f"the {what}")


def _data_effect(made: Rebuilt, row: int, what: str, column: int) -> str:
    key = {"n": "source_target", "x": "source_done", "id": "source_provider"}.get(what.partition(" ")[0])
    block = made.as_scored.book.named.get(key or "source_coefficient")
    if block is None:
        return ""
    return made.as_scored.graph.effect([(block, Reach(row, max(column, 0)))])


def _estimate_findings(made: Rebuilt) -> Iterator[AuditFinding]:
    """Yield a prior that was estimated by likelihood and does not follow from the counts."""
    log, table = made.log, made.scored_result.table
    if log.method.prior != "likelihood" or not made.data_known or not log.estimated:
        return
    prior = likelihood_prior(table.done, table.target)
    for code, mean, strength in zip(log.scheme.codes, prior.mean.tolist(), prior.strength.tolist(), strict=True):
        stated = log.estimated.get(code, (np.nan, np.nan))
        if not np.allclose(stated, (mean, strength), rtol=_ESTIMATED, atol=_ESTIMATED):
            yield AuditFinding(
                kind="parameter",
                sheet=made.found.sheet,
                cell=made.found.cell,
                what=f"the prior of {code} that the run log states is not what the counts give by likelihood",
                expected=f"{mean:.9g}, {strength:.9g}",
                found=f"{stated[0]:.9g}, {stated[1]:.9g}",
            )


def _read_again(opened: Opened, made: Rebuilt) -> Iterator[AuditFinding]:
    """Read the table as a scoring run would, and yield lists that stand there now and were not scored."""
    log = made.log
    name = renamed_sheets(opened, sheets_before(log)).get(data_sheet(log), data_sheet(log))
    if log.source.layout == "mapping" or opened.sheet(name) is None:
        return
    table = None
    for period in (None, log.period or None):
        try:
            table = read_workbook(opened.path, log.scheme, sheet=name, period=period)
            break
        except TableNotFoundError:
            continue
        except DataError as error:
            known = {one.cell for one in made.counts.wrong} if made.counts is not None else set()
            for one in error.findings:
                if one.cell not in known:
                    yield AuditFinding(kind="data", sheet=one.sheet or name, cell=one.cell, what=one.what)
            return
        except QbsError as error:
            yield AuditFinding(kind="data", severity="warning", sheet=name, what=f"the table cannot be read: {error}")
            return
    if table is None:
        what = "the table is no longer found where it was, so rows that were added are not told of"
        yield AuditFinding(kind="data", severity="warning", sheet=name, what=what)
        return
    scored = set(made.scored_result.table.providers)
    for place, provider in enumerate(table.providers):
        if provider not in scored and provider not in (made.counts.providers if made.counts is not None else ()):
            yield AuditFinding(
                kind="data",
                sheet=name,
                cell=cell_name(int(table.source.provider_rows[place]), table.source.provider_column + 1),
                what="a list was added since scoring; no score counts it",
                found=provider,
                provider=provider,
            )


def _since(made: Rebuilt) -> Iterator[AuditFinding]:
    """Yield what a recalculation would change, or has changed."""
    if not made.data_known and made.recalculated:
        what = "the counts were changed since scoring and the workbook was calculated anew; by how much is not known"
        yield AuditFinding(kind="calculation", severity="warning", what=what)
        return
    old, new = made.scored_result, made.result if made.recalculated else made.now
    if new is None:
        return
    before, after = old.need_adjusted.total, new.need_adjusted.total
    if len(before) != len(after):
        return
    moved = np.abs(after - before)
    count = int((moved > 5e-10).sum())
    largest = int(moved.argmax())
    lists = "no list" if not count else f"{count} of {len(before)} lists"
    told = f"the need-adjusted score of {lists}"
    if count:
        told += f", most that of {new.table.providers[largest]}: {before[largest]:.6f} to {after[largest]:.6f}"
    what = (
        f"inputs were changed since scoring and the workbook was calculated anew; it changed {told}"
        if made.recalculated
        else f"inputs were changed since scoring and the workbook was not calculated; a recalculation changes {told}"
    )
    yield AuditFinding(kind="calculation", severity="warning", what=what)
