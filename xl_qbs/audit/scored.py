"""What a scored workbook should hold, made again from its run log, its counts and its decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from xl_qbs.audit.compare_cells import CALCULATED, alike
from xl_qbs.audit.decisions import scheme_of_sheets, stated
from xl_qbs.audit.expected import Expected, plain
from xl_qbs.audit.inputs import (
    Change,
    Counts,
    FoundLog,
    changes,
    counts_now,
    counts_scored,
    data_sheet,
    find_log,
    is_as_scored,
    moved_row,
    stand_in,
    suspected,
)
from xl_qbs.audit.library import Library
from xl_qbs.audit.opened import Opened
from xl_qbs.audit.versions import HERE, put_texts, versions_text
from xl_qbs.errors import QbsError
from xl_qbs.scheme import Scheme
from xl_qbs.scoring.method import Method
from xl_qbs.scoring.score import Result, score
from xl_qbs.sheets.model import Block, Book, Language
from xl_qbs.sheets.run import ABOUT, COVERAGE, SCHEME, SCORES, WEIGHTS
from xl_qbs.workbook.fund_table import FundTable
from xl_qbs.workbook.read import read_workbook
from xl_qbs.workbook.run_log import RunLog, log_lines, run_log
from xl_qbs.workbook.scored import scored_book

# Blocks by which is told whether a workbook has been calculated since its inputs changed.
_TELLING = (
    "target", "done", "adjusted", "low", "prior_mean", "prior_strength", "weight", "current_score",
    "proportional_score", "need_score", "need_rank", "need_relative", "current_band", "need_band", "code_target",
    "points_row", "required_row", "condition_met", "clause_reached",
)  # fmt: skip


# Sheets whose names tell the language of a workbook.
RESULTS = (ABOUT, COVERAGE, SCHEME, SCORES, WEIGHTS)


class NotScoredError(QbsError):
    """The workbook holds no result sheets of xl_qbs, or nothing from which they can be made again."""


@dataclass(frozen=True, eq=False)
class Rebuilt:
    """A scored workbook made again.

    Attributes:
        found: the run log as it was found.
        log: the run log that was used; where the workbook has none, one made of what its sheets state.
        sheets: the name in the workbook of each sheet of the book.
        as_scored: what was written when the workbook was scored.
        used: what its calculated cells should hold: as scored, or as its inputs are now.
        result: the scores behind ``used``.
        scored_result: the scores behind ``as_scored``.
        counts: the counts as they stand in the workbook now.
        changed: cells of the data that are not as they were scored.
        moved: where a row of the data was taken out (-1) or put in (1); None where none was.
        data_known: whether the counts that were scored are known.
        recalculated: whether calculated cells follow from inputs that changed since scoring.
        now: the scores that the inputs of now give; None where they are those of ``used`` or give none.
        now_expected: the sheets with these scores.
    """

    found: FoundLog
    log: RunLog
    sheets: Mapping[str, str]
    as_scored: Expected
    used: Expected
    result: Result
    scored_result: Result
    counts: Counts | None
    changed: tuple[Change, ...]
    moved: tuple[int, int] | None
    data_known: bool
    recalculated: bool
    now: Result | None = None
    now_expected: Expected | None = None


def score_log(log: RunLog, table: FundTable, scheme: Scheme | None = None, method: Method | None = None) -> Result:
    """Return the scores of a table by a run log's scheme and method, or by others.

    A prior that was estimated by likelihood is taken as it was estimated: on another machine the last digits may
    differ. `likelihood_is_right` tells whether it follows from the counts.
    """
    scheme, method = scheme or log.scheme, method or log.method
    table = replace(table, indicators=scheme.codes, scheme=scheme)
    if method.prior != "likelihood":
        return score(table, scheme, method)
    values = dict(method.prior_values or log.estimated)
    made = score(table, scheme, replace(method, prior="fixed", prior_values=values or None))
    return replace(made, method=replace(method, prior_values=log.method.prior_values))


def rebuild(opened: Opened, library: Library | None = None) -> Rebuilt:
    """Return what a scored workbook should hold.

    Raises:
        NotScoredError: it holds no result sheets, or nothing to make them from.
    """
    if not opened.results:
        raise NotScoredError(f"{opened.path.name} holds no scores: xl-qbs score adds them.")
    library = library or Library()
    found = find_log(opened)
    log = found.log or _log_of_sheets(opened)
    counts = _counts_now(opened, log)
    table = None if counts is None else counts.table(log)
    record = found.lines if found.log is not None else ()
    if is_as_scored(log, table) and table is not None:
        before: Counts | None = counts
        known = True
    else:
        layout, _ = _made(library, log, record, stand_in(log))
        before = counts_scored(log, _renamed_book(layout.book, _sheet_names(opened, layout.book)), opened)
        known = before is not None and is_as_scored(log, before.table(log))
    basis = before if known and before is not None else (counts if table is not None else before)
    if basis is None or basis.table(log) is None:
        raise NotScoredError(
            f"{opened.path.name}: neither the data table nor the links to it hold counts that can be scored; "
            "get the file again, or score the fund's workbook anew."
        )
    as_scored, scored_result = _made(library, log, record, basis)
    sheets = _sheet_names(opened, as_scored.book)
    used, result, now_made = _used(opened, library, log, record, as_scored, scored_result, sheets, basis, counts)
    changed: list[Change] = []
    moved = None
    if basis is not counts and counts is not None and known:
        moved = moved_row(log, counts)
        changed = changes(log, basis, counts) if moved is None else []
    elif not known and table is not None and found.log is not None:
        moved = moved_row(log, counts) if counts is not None else None
        changed = suspected(log, table) if moved is None else []
    return Rebuilt(
        found=found,
        log=log,
        sheets=sheets,
        as_scored=as_scored,
        used=used,
        result=result,
        scored_result=scored_result,
        counts=counts,
        changed=tuple(changed),
        moved=moved,
        data_known=known,
        # Counts that are others, and links that are not those that were scored: the workbook was calculated since.
        recalculated=used is not as_scored or (not known and table is not None and found.log is not None),
        now=None if now_made is None else now_made[1],
        now_expected=None if now_made is None else now_made[0],
    )


def _used(
    opened: Opened,
    library: Library,
    log: RunLog,
    record: tuple[str, ...],
    as_scored: Expected,
    scored_result: Result,
    sheets: Mapping[str, str],
    basis: Counts,
    counts: Counts | None,
) -> tuple[Expected, Result, tuple[Expected, Result] | None]:
    """Return what calculated cells should hold, and the sheets and scores of now where these are others."""
    shown = stated(opened, as_scored, log.scheme, log.method, sheets)
    scheme, method = shown if shown is not None else (log.scheme, log.method)
    table = None if counts is None else counts.table(log)
    now_counts = counts if table is not None and counts is not None else basis
    unlike = as_scored_differs(opened, as_scored, sheets)
    same_data = now_counts is basis or is_as_scored(log, table)
    if same_data and not unlike:
        return as_scored, scored_result, None
    try:
        now, now_result = _made(library, log, record, now_counts, scheme, method)
    except QbsError:
        return as_scored, scored_result, None
    before = _misses(opened, as_scored, sheets)
    after = _misses(opened, now, sheets)
    if after < before:
        return now, now_result, None
    return as_scored, scored_result, (now, now_result)


def as_scored_differs(opened: Opened, expected: Expected, sheets: Mapping[str, str]) -> bool:
    """Return whether a yellow cell is not as it was written."""
    for sheet in expected.book.sheets:
        found = opened.sheet(sheets.get(sheet.name, ""))
        if found is None:
            continue
        for block in sheet.blocks:
            if block.kind != "input" or block.formula is not None:
                continue
            for (i, j), value in np.ndenumerate(block.values):
                have = found.at(block.row + i, block.column + j).value
                if not alike(plain(value), have, 1e-14):
                    return True
    return False


def _misses(opened: Opened, expected: Expected, sheets: Mapping[str, str]) -> int:
    """Return how many of the telling cells hold another value than they should."""
    missed = 0
    for key in _TELLING:
        block = expected.block(key)
        found = None if block is None else opened.sheet(sheets.get(block.sheet, ""))
        if block is None or found is None:
            continue
        for (i, j), value in np.ndenumerate(block.values):
            missed += not alike(plain(value), found.at(block.row + i, block.column + j).value, CALCULATED)
    return missed


def _counts_now(opened: Opened, log: RunLog) -> Counts | None:
    name = data_sheet(log)
    sheet = opened.sheet(name)
    if sheet is None:
        # A sheet that was renamed stands where it stood.
        old = [one for one, _ in log.source.sheets]
        own = [one.name for one in opened.own]
        if name in old and len(own) == len(old):
            sheet = opened.sheet(own[old.index(name)])
    return None if sheet is None else counts_now(log, sheet)


def _made(
    library: Library,
    log: RunLog,
    record: tuple[str, ...],
    counts: Counts,
    scheme: Scheme | None = None,
    method: Method | None = None,
) -> tuple[Expected, Result]:
    table = counts.table(log)
    if table is None:
        raise NotScoredError("The counts cannot be scored.")
    key = (
        record,
        table.providers,
        table.target.tobytes(),
        table.done.tobytes(),
        None if table.coefficient is None else table.coefficient.tobytes(),
        repr(scheme or log.scheme),
        repr(method or log.method),
    )

    def make() -> tuple[Expected, Result]:
        result = score_log(log, table, scheme, method)
        return Expected(book_of(log, result, record)), result

    return library.once(key, make)


def book_of(log: RunLog, result: Result, record: tuple[str, ...] = ()) -> Book:
    """Return the result sheets that a run log and scores make, as that program wrote them."""
    own = [name for name, _ in log.source.sheets]
    book = scored_book(
        result,
        language=log.language,
        options=log.options,
        taken=own,
        time=log.time,
        record=record or log_lines(run_log(result, time=log.time, language=log.language, options=log.options)),
    )
    about = book.sheet_name(ABOUT)
    sheets = [sheet for sheet in book.sheets if sheet.name.startswith(about)]
    put_texts(sheets, {HERE: versions_text(log.program, log.method_version)})
    return book


def place_names(opened: Opened, book: Book, added: Sequence[str]) -> dict[str, str]:
    """Return the name in the workbook of each sheet of a book; one that was renamed is known by its place.

    Args:
        opened: the workbook.
        book: the sheets as they should be.
        added: the names of the sheets that a run of the book's family added, in order.
    """
    names = {sheet.name for sheet in book.sheets}
    found = {name: name for name in names if opened.sheet(name) is not None}
    spare = [name for name in added if name not in names]
    missing = [sheet.name for sheet in book.sheets if sheet.name not in found]
    if len(added) == len(book.sheets):
        for sheet, name in zip(book.sheets, added, strict=True):
            if sheet.name in missing and name in spare:
                found[sheet.name] = name
    elif len(missing) == len(spare):
        found |= dict(zip(missing, spare, strict=True))
    return found


def _sheet_names(opened: Opened, book: Book) -> dict[str, str]:
    return place_names(opened, book, opened.results)


def _renamed_book(book: Book, sheets: Mapping[str, str]) -> Book:
    """Return a book whose blocks stand on the sheets of the workbook, to look them up."""
    named = {
        key: replace(block, sheet=sheets.get(block.sheet, block.sheet)) if isinstance(block, Block) else block
        for key, block in book.named.items()
    }
    return replace(book, named=named)


def _log_of_sheets(opened: Opened) -> RunLog:
    """Return a run log made of the table that stands in a workbook and of what its sheets state.

    For workbooks whose log is missing: nothing tells whether data or decisions are as they were scored.
    """
    language = _language(opened)
    scheme, facts = scheme_of_sheets(opened, language)
    own = tuple((one.name, one.state) for one in opened.own)
    try:
        table = read_workbook(opened.path, scheme)
        try:
            result = score(table, scheme)
        except QbsError:
            # Without a component, as where there are too few lists.
            result = score(table, scheme, weights="current")
    except QbsError as error:
        raise NotScoredError(
            f"{opened.path.name} has no run log that can be read, and its table cannot be scored either: {error}"
        ) from None
    log = run_log(result, time=facts["time"], language=language, options=facts["options"])
    source = replace(log.source, path=Path(facts["input"] or opened.path.name), sha256=facts["sha256"], sheets=own)
    log = replace(log, source=source)
    expected = Expected(book_of(log, result))
    shown = stated(opened, expected, log.scheme, log.method, _sheet_names(opened, expected.book))
    return log if shown is None else replace(log, scheme=shown[0], method=shown[1])


def _language(opened: Opened) -> Language:
    names = opened.results
    languages: tuple[Language, ...] = ("en", "et")
    return max(languages, key=lambda one: sum(label.say(one) in name for label in RESULTS for name in names))
