"""A table of providers, quality and cost by the names of the columns; quality may be the score of a scored workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from xl_qbs.efficiency.inputs import FEWEST_PROVIDERS, CostIs, check_cost_is
from xl_qbs.errors import ArgumentError, Finding, TableNotFoundError
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.model import Book, Label
from xl_qbs.sheets.run import SCORES
from xl_qbs.sheets.scores_sheet import LIST, NEED_ADJUSTED_SCORE, SCORE
from xl_qbs.workbook.counts import unvalued
from xl_qbs.workbook.earlier import earlier_sheets
from xl_qbs.workbook.grid import Grid, read_grids
from xl_qbs.workbook.input_file import InputFile
from xl_qbs.workbook.named_headings import compared
from xl_qbs.workbook.named_table import NamedTable, ScoreCells, TableSource, open_table, some

# In place of a heading: the need-adjusted score of a scored workbook.
NEED_ADJUSTED = "need-adjusted"

# The group of columns stands above their headings, both in the first rows of the sheet of scores.
_MOST_ROWS_ABOVE = 200


def _words(label: Label) -> set[str]:
    return {compared(one) for one in label}


_LIST, _SCORE, _NEED = _words(LIST), _words(SCORE), _words(NEED_ADJUSTED_SCORE)
# Names of the sheet, in result books and, without "QBS", in templates, which carry no mark.
_SCORE_SHEETS = {compared(prefix + name) for prefix in (Book.prefix, "") for name in SCORES}


@dataclass(frozen=True, kw_only=True, eq=False)
class ProviderTable:
    """Quality and cost of N providers, as a file states them.

    Attributes:
        providers: ids as texts, in the order of the file.
        quality: shape (N,), in the units of the file.
        cost: shape (N,), in the units of the file; above 0 where it is spending.
        quality_error: standard errors of quality, from 0, shape (N,); None where no column was named.
        cost_error: standard errors of cost, likewise.
        volume: episodes or patients, from 0, likewise.
        area: the area of each provider, likewise.
        extra: further columns by the name they were asked for, each of shape (N,).
        names: the heading of each role as it stands in the file; the roles are those of `TableSource.columns`.
        source: where each number stands.
        findings: warnings and notes from reading; errors are raised instead.
    """

    providers: tuple[str, ...]
    quality: Array
    cost: Array
    quality_error: Array | None = None
    cost_error: Array | None = None
    volume: Array | None = None
    area: tuple[str, ...] | None = None
    extra: Mapping[str, Array] = field(default_factory=dict)
    names: Mapping[str, str]
    source: TableSource
    findings: tuple[Finding, ...] = ()


def read_provider_table(
    path: str | Path,
    *,
    quality: str,
    cost: str,
    cost_is: CostIs,
    provider: str | None = None,
    sheet: str | None = None,
    quality_error: str | None = None,
    cost_error: str | None = None,
    volume: str | None = None,
    area: str | None = None,
    extra: Sequence[str] = (),
    scored: str | Path | None = None,
) -> ProviderTable:
    """Read a table with a row a provider.

    Columns are named by their headings, compared without case, surrounding spaces and line breaks. The
    headings stand in the first row that has all of them, on the one sheet that has such a row; result sheets
    of an earlier run count only where ``sheet`` names one. A row without an id is an error if there is
    anything in the named columns, but rows of totals (Total, Kokku, Mean, Keskmine ... as the id, or before
    the numbers where the id is blank) are left out with a warning wherever they stand. The table ends with
    the last row that has an id; text below it, behind a blank row or beginning with ``*``, is a note.

    Args:
        path: a workbook (.xlsx, .xlsm) or a text file (.csv, .txt, .tsv).
        quality: the column of quality; or ``need-adjusted`` (never a heading), the need-adjusted score of
            ``scored``, or of the table's own workbook where that is None, joined by the providers' ids.
        cost: the column of cost.
        cost_is: ``spending`` (above 0, lower is better) or ``performance`` (higher is better).
        provider: the column of ids. Where it is None, the column that is headed as one (Provider ID, Nimistu
            ...), else the first one left of the others that holds a text or number of its own in every row.
        sheet: the sheet, where several have the columns.
        quality_error: the column of standard errors of quality.
        cost_error: the column of standard errors of cost.
        volume: the column of episodes or patients.
        area: the column of areas, texts.
        extra: further columns of numbers; they may be those of quality, cost and so on.
        scored: a workbook that ``xl-qbs score`` wrote.

    Raises:
        WorkbookError: a file cannot be read as a file; see `open_package`.
        TableNotFoundError: no sheet has the columns, or several have; or there are no scores.
        ArgumentError: two roles name one column, a name is empty, ``cost_is`` or ``scored`` does not fit.
        DataError: a heading that stands twice, or values that cannot be used; carries every problem: text,
            missing, infinite, dates, logical and error values, spending that is not above 0, negative
            standard errors and volumes, a constant quality or cost, ids that are none or stand twice,
            scores without a row or rows without a score, fewer than 3 providers.

    When not to use it: for patient rows (`read_patient_rows`) and the fund's table of counts
    (`xl_qbs.workbook.read.read_workbook`).
    """
    check_cost_is(cost_is)
    if scored is not None and quality != NEED_ADJUSTED:
        raise ArgumentError(f"scored: is for quality == {NEED_ADJUSTED!r}, and quality == {quality!r}")
    asked = {"quality": quality, "cost": cost, "quality_error": quality_error, "cost_error": cost_error}
    asked |= {"volume": volume, "area": area, "provider": provider}
    roles = {role: name for role, name in asked.items() if name is not None}
    if quality == NEED_ADJUSTED:
        del roles["quality"]
    table = open_table(path, roles, sheet=sheet, also={f"extra:{name}": name for name in extra})
    ids = table.ids()
    table.tell_twice(ids)
    if len(ids) < FEWEST_PROVIDERS:
        there = "there is 1 provider" if len(ids) == 1 else f"there are {len(ids)} providers"
        table.tell(f"{there}, and at least {FEWEST_PROVIDERS} are needed.", "Add providers, or name another sheet.")
    source = table.source()
    if quality == NEED_ADJUSTED:
        scores = _find_scores(table.file if scored is None else InputFile(scored))
        qualities, cells = _joined(table, ids, scores)
        source = replace(source, scores=cells)
        table.names["quality"] = scores.names["quality"]
    else:
        qualities = table.numbers("quality", varies=True)
    numbers = {"cost": table.numbers("cost", varies=True, positive=cost_is == "spending")}
    numbers |= {
        role: table.numbers(role, lowest=0.0) for role in ("quality_error", "cost_error", "volume") if role in roles
    }
    areas = table.texts("area") if area is not None else None
    # A column is read, and its faults told, once: as a further one it is the same.
    read = {table.columns[role]: values for role, values in numbers.items()}
    if quality != NEED_ADJUSTED:
        read[table.columns["quality"]] = qualities
    further = {}
    for name in dict.fromkeys(extra):
        column = table.columns[f"extra:{name}"]
        if column not in read:
            read[column] = table.numbers(f"extra:{name}")
        further[name] = read[column]
    table.refuse()
    return ProviderTable(
        providers=ids,
        quality=qualities,
        **numbers,
        area=areas,
        extra=further,
        names=table.names,
        source=source,
        findings=tuple(table.findings),
    )


def _find_scores(file: InputFile) -> NamedTable:
    """Return the need-adjusted scores of a scored workbook as a table, found by the sheet's own headings.

    Raises:
        TableNotFoundError: there are none, or on more than one sheet.
    """
    name = file.path.name
    if file.package is None:
        raise TableNotFoundError(
            f"{name} is a text file and holds no need-adjusted scores. "
            "Give a workbook that xl-qbs score wrote (--scored)."
        )
    marked = earlier_sheets(file.package, "")
    named = {one for one in file.sheet_names if one.casefold().strip() in _SCORE_SHEETS}
    found = [table for grid in read_grids(file.package, marked or named) if (table := _scores_on(file, grid))]
    if not found:
        raise TableNotFoundError(
            f"{name} holds no sheet of need-adjusted scores (QBS Scores, QBS Punktid). "
            "Score it first (xl-qbs score), or give a workbook that is scored (--scored)."
        )
    if len(found) > 1:
        sheets = ", ".join(f"'{one.grid.sheet}'" for one in found)
        raise TableNotFoundError(
            f"{name} holds need-adjusted scores on {len(found)} sheets: {sheets}. Leave one of them."
        )
    return found[0]


def _scores_on(file: InputFile, grid: Grid) -> NamedTable | None:
    """Return the scores of a sheet, whose group of columns is named above the headings."""
    for row, cells in enumerate(grid.rows[:_MOST_ROWS_ABOVE]):
        if compared(grid.text(row, 0)) not in _LIST:
            continue
        scores = [column for column in range(len(cells)) if compared(grid.text(row, column)) in _SCORE]
        for column in scores:
            group = next((up for up in range(row) if compared(grid.text(up, column)) in _NEED), None)
            if group is not None:
                names = {"provider": grid.text(row, 0), "quality": grid.text(group, column)}
                rows = [one for one in range(row + 1, len(grid.rows)) if grid.text(one, 0) or (one, 0) in grid.unvalued]
                places = {"provider": 0, "quality": column}
                return NamedTable(file=file, grid=grid, heading_row=row, rows=rows, columns=places, names=names)
    return None


def _joined(table: NamedTable, ids: Sequence[str], scores: NamedTable) -> tuple[Array, ScoreCells]:
    """Return the score of each provider of a table, and where it stands; what is wrong goes to the table."""
    listed = scores.ids()
    row_of = dict(zip(listed, scores.rows, strict=True))
    scores.tell_twice(listed)
    scored, asked = f"the sheet '{scores.grid.sheet}'", f"the sheet '{table.grid.sheet}'"
    uncalculated = unvalued(scores.grid, scores.rows, list(scores.columns.values()))
    scores.findings += uncalculated
    scores.rows = [row_of[one] for one in ids if one in row_of]
    qualities = np.full(len(ids), np.nan)
    if not uncalculated:
        _tell_unmatched(table, [one for one in dict.fromkeys(ids) if one not in row_of], scored)
        known = set(ids)
        _tell_unmatched(scores, [one for one in listed if one not in known], asked)
        qualities = scores.numbers("quality", varies=True)
    elsewhere = "" if scores.file is table.file else f"[{scores.file.path.name}]"
    table.findings += [replace(one, sheet=f"{elsewhere}{one.sheet}") for one in scores.findings]
    cells = ScoreCells(
        path=scores.file.path,
        sha256=scores.file.sha256,
        sheet=scores.grid.sheet,
        rows=np.array(scores.rows, dtype=np.int64) + 1,
        column=scores.columns["quality"] + 1,
    )
    return qualities, cells


def _tell_unmatched(table: NamedTable, missing: Sequence[str], other: str) -> None:
    if missing:
        ids = f"{len(missing):,} id{'s' * (len(missing) > 1)}"
        what = f"{ids} of {table.title('provider')} not found on {other}: {some(missing)}."
        table.tell(what, "Write ids alike on both (0017 is not 17), and the same providers on both.")
