"""Read an indicator table from a workbook or a text file, every number with its cell, or refuse it whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np

from xl_qbs.errors import ArgumentError, DataError, Finding, SchemeError, TableNotFoundError, counted
from xl_qbs.scheme import Scheme, preset
from xl_qbs.workbook.counts import AboveTarget
from xl_qbs.workbook.earlier import earlier_sheets
from xl_qbs.workbook.fund_table import FundTable, Source
from xl_qbs.workbook.grid import Grid, cell_name, range_name
from xl_qbs.workbook.headings import HeadingReader
from xl_qbs.workbook.input_file import InputFile
from xl_qbs.workbook.layout import Layout, NotFound, find_layout
from xl_qbs.workbook.lists import Lists, read_lists
from xl_qbs.workbook.mapping import TableMapping, read_mapping, starter_mapping
from xl_qbs.workbook.pairs import PairCounts, PairReader
from xl_qbs.workbook.rows import TableRows, table_rows
from xl_qbs.workbook.scheme_file import find_scheme_sheet, scheme_from_grid, scheme_sheets
from xl_qbs.workbook.stated import StatedValues, read_stated, reconcile

__all__ = ["FundTable", "Source", "calculation_findings", "read_workbook"]

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@dataclass(frozen=True)
class _Candidate:
    grid: Grid
    layout: Layout
    rows: TableRows


def read_workbook(
    path: str | Path,
    scheme: Scheme | None = None,
    *,
    sheet: str | None = None,
    mapping: TableMapping | str | Path | None = None,
    period: str | int | None = None,
    done_above_target: AboveTarget = "cap",
) -> FundTable:
    """Read the indicator table of a file.

    Args:
        path: a workbook (.xlsx, .xlsm) or a text file (.csv, .txt).
        scheme: the scheme in force. Where it is None, a sheet of the workbook that holds a scheme; else
            the preset, with the points and required coverage that the sheet states above its headings.
        sheet: the sheet with the table, where several might be meant.
        mapping: where the table is, or the file that says so; overrides what would be found.
        period: the period to read, where the table has a column of periods.
        done_above_target: more work done than target population is a warning (``cap``: it is counted as
            the target) or an error (``refuse``).

    Returns:
        The table, its indicators in the scheme's order, with the source of each number, the scheme in
        effect, and warnings and notes.

    Raises:
        WorkbookError: the file cannot be read as a file; see `open_package`.
        TableNotFoundError: no table was found, or more than one might be meant.
        DataError: the table cannot be scored; carries every problem.
        SchemeError: the workbook's scheme cannot be used.
        ArgumentError: an argument or the mapping is not what it must be.
    """
    if done_above_target not in get_args(AboveTarget):
        raise ArgumentError(f"done_above_target is {done_above_target!r}, must be 'cap' or 'refuse'")
    if mapping is not None and not isinstance(mapping, TableMapping):
        mapping = read_mapping(mapping)
    file = InputFile(path)
    wanted = _wanted_sheet(file, sheet, mapping)
    grids = file.own_grids(wanted) if scheme is None or wanted is None else file.grids(wanted)
    results = earlier_sheets(file.package) if file.package is not None else frozenset[str]()
    tables = [grid for grid in grids if grid.sheet not in results]
    in_effect, given = (scheme, True) if scheme is not None else _workbook_scheme(file, tables)
    if wanted is not None:
        tables = [grid for grid in grids if grid.sheet == wanted]
    reader = HeadingReader(in_effect)
    found = _choose(file, tables, in_effect, reader, mapping)
    return _read(
        file,
        found,
        scheme=in_effect,
        given=given,
        reader=reader,
        period=period,
        above_target=done_above_target,
    )


def _wanted_sheet(file: InputFile, sheet: str | None, mapping: TableMapping | None) -> str | None:
    mapped = mapping.sheet if mapping is not None else None
    if sheet is not None and mapped is not None and sheet.casefold() != mapped.casefold():
        raise ArgumentError(f"The sheet is '{sheet}' in the option and '{mapped}' in the mapping; leave one out.")
    wanted = sheet if sheet is not None else mapped
    return None if wanted is None else file.sheet_name(wanted)


def _workbook_scheme(file: InputFile, grids: Sequence[Grid]) -> tuple[Scheme, bool]:
    """Return the scheme of the workbook's own sheet, else the preset; and whether it was the former."""
    usual = preset()
    held = scheme_sheets(grids)
    if not held:
        return usual, False
    grid = find_scheme_sheet(grids)
    if grid is None:
        names = ", ".join(f"'{name}'" for name in held)
        raise SchemeError(
            f"{file.path.name} has more than one sheet with a scheme: {names}. "
            "Name the one in force 'Scheme', or give the scheme in a file (--scheme)."
        )
    return scheme_from_grid(grid, file.path.name, usual), True


def _choose(
    file: InputFile,
    grids: Sequence[Grid],
    scheme: Scheme,
    reader: HeadingReader,
    mapping: TableMapping | None,
) -> _Candidate:
    """Return the one table, or say what there is instead."""
    if mapping is not None and mapping.complete and len(grids) > 1:
        names = ", ".join(f"'{grid.sheet}'" for grid in grids)
        raise TableNotFoundError(
            f"The mapping {mapping.source} does not name the table's sheet; add sheet = ... ({names})."
        )
    candidates = []
    stories = []
    for grid in grids:
        layout = find_layout(grid, reader, scheme, mapping)
        if isinstance(layout, NotFound):
            stories.append(f"  {_label(grid)}: {layout.why}.")
        else:
            candidates.append(_Candidate(grid, layout, table_rows(grid, layout, reader)))
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        lines = [f"{file.path.name} has {len(candidates)} sheets with a table:"]
        lines += [f"  {_description(candidate)}" for candidate in candidates]
        lines += [f"Say which one with --sheet, such as --sheet '{candidates[0].grid.sheet}'."]
        raise TableNotFoundError("\n".join(lines))
    lines = [f"No indicator table was found in {file.path.name}.", *stories]
    if not stories:
        lines.append("  It has no worksheets besides results of an earlier run.")
    lines.append("If it is there, say where: name its sheet (--sheet), or fill in this mapping file (--mapping):")
    likely = grids[0].sheet if grids else "Sheet1"
    raise TableNotFoundError("\n".join([*lines, "", starter_mapping(scheme, likely)]))


def _label(grid: Grid) -> str:
    return f"{grid.sheet} (hidden)" if grid.state != "visible" else grid.sheet


def _description(candidate: _Candidate) -> str:
    layout, rows = candidate.layout, candidate.rows.data
    columns = layout.count_columns
    if not rows or not columns:
        return f"{_label(candidate.grid)}: headings in row {layout.heading_row + 1}, no data"
    where = range_name(rows[0], min(columns), rows[-1], max(columns))
    if layout.long:
        return f"{_label(candidate.grid)}: {where}, {len(rows)} rows, one for each list and indicator"
    return f"{_label(candidate.grid)}: {where}, {counted(len(rows), 'list')}, {len(layout.pairs)} indicators"


def _read(
    file: InputFile,
    found: _Candidate,
    *,
    scheme: Scheme,
    given: bool,
    reader: HeadingReader,
    period: str | int | None,
    above_target: AboveTarget,
) -> FundTable:
    grid, layout = found.grid, found.layout
    rows, chosen_period, findings = _rows_of_period(file, found, period)
    findings = [*layout.findings, *found.rows.findings, *findings]
    if not rows and not any(one.severity == "error" for one in findings):
        heading = f" below row {layout.heading_row + 1}" if layout.heading_row >= 0 else ""
        what = f"there are headings, but no rows with counts{heading}."
        findings.append(Finding(what, "Fill in the table, or name another sheet (--sheet).", sheet=grid.sheet))
    if not rows:
        raise DataError([one for one in findings if one.severity == "error"])
    lists = read_lists(grid, layout, rows, findings)
    counts = PairReader(
        grid=grid,
        layout=layout,
        lists=lists,
        scheme=scheme,
        reader=reader,
        above_target=above_target,
        findings=findings,
    ).read()
    stated = StatedValues() if layout.long else read_stated(grid, layout)
    scheme, told = reconcile(scheme, given, stated, grid)
    findings += told
    if len(rows) == len(found.rows.data):
        findings += _totals(grid, layout, found.rows, rows)
    findings += _hidden(grid, layout, rows)
    findings += calculation_findings(file)
    errors = [one for one in findings if one.severity == "error"]
    if errors:
        raise DataError(errors)
    return FundTable(
        providers=lists.ids,
        indicators=scheme.codes,
        target=counts.target,
        done=counts.done,
        names=lists.names,
        coefficient=lists.coefficient,
        period=chosen_period or _stated_year(grid, layout),
        source=_source(file, found, rows=rows, lists=lists, counts=counts, stated=stated),
        scheme=scheme,
        findings=tuple(findings),
    )


def _rows_of_period(
    file: InputFile, found: _Candidate, period: str | int | None
) -> tuple[list[int], str, list[Finding]]:
    """Return the rows of the wanted period, the period, and what to tell."""
    grid, column, rows = found.grid, found.layout.period, found.rows.data
    wanted = None if period is None else str(period).strip()
    if column is None:
        if wanted is not None:
            raise TableNotFoundError(
                f"{grid.sheet} has no column of periods (Aasta, Periood, Year, Period). "
                "Leave out --period, or name the column in a mapping file (--mapping)."
            )
        return rows, "", []
    by_period: dict[str, list[int]] = {}
    for row in rows:
        by_period.setdefault(grid.text(row, column), []).append(row)
    blank = by_period.pop("", []) if len(by_period) > 1 else []
    findings = [
        Finding(
            "the period of this row is blank.",
            "Write it, or clear the row.",
            sheet=grid.sheet,
            cell=cell_name(row, column),
            provider=grid.text(row, found.layout.provider),
        )
        for row in blank
    ]
    counted = ", ".join(f"{name} ({len(of_it)} rows)" for name, of_it in by_period.items())
    if wanted is None and len(by_period) > 1:
        first = next(iter(by_period))
        raise TableNotFoundError(
            f"{grid.sheet} in {file.path.name} holds more than one period: {counted}. "
            f"Say which one with --period, such as --period {first}."
        )
    if wanted is not None and wanted not in by_period:
        raise TableNotFoundError(f"{grid.sheet} in {file.path.name} has no period '{wanted}'; there are: {counted}.")
    chosen = wanted if wanted is not None else next(iter(by_period), "")
    return by_period.get(chosen, []), chosen, findings


def _totals(grid: Grid, layout: Layout, found: TableRows, rows: Sequence[int]) -> list[Finding]:
    """Compare the first row of totals with the sums of the lists."""
    if not found.sums:
        return []
    total = found.sums[0]
    findings = []
    for column in layout.count_columns:
        stated = grid.value(total, column)
        if not isinstance(stated, float):
            continue
        values = [cells[column] for row in rows if column < len(cells := grid.rows[row])]
        real = sum(value for value in values if value.__class__ is float)
        if abs(real - stated) > 0.5:
            findings.append(
                Finding(
                    f"the total is {stated:.15g}, but the lists' counts sum to {real:.15g}.",
                    "Look for lists that are missing, or a total that leaves some out.",
                    sheet=grid.sheet,
                    cell=cell_name(total, column),
                    severity="warning",
                )
            )
    return findings


def _hidden(grid: Grid, layout: Layout, rows: Sequence[int]) -> list[Finding]:
    hidden = [row for row in rows if row in grid.hidden_rows]
    findings = []
    if hidden:
        what = f"{len(hidden)} of the lists' rows are hidden (first row {hidden[0] + 1}); they are counted."
        findings.append(Finding(what, sheet=grid.sheet, cell=cell_name(hidden[0], layout.provider), severity="note"))
    columns = [column for column in layout.count_columns if column in grid.hidden_columns]
    if columns:
        what = f"{len(columns)} columns with counts are hidden; they are counted."
        cell = cell_name(max(layout.heading_row, 0), columns[0])
        findings.append(Finding(what, sheet=grid.sheet, cell=cell, severity="note"))
    return findings


def calculation_findings(file: InputFile) -> list[Finding]:
    """Return what to tell of a workbook that does not calculate as the result sheets need it.

    Calculated by hand only is a note, precision as displayed a warning, and so is a digital signature, which does
    not hold once sheets are added; a text file has none of them.
    """
    if file.package is None:
        return []
    settings = [one for one in file.package.xml(file.package.workbook_part) if str(one.tag).endswith("}calcPr")]
    findings = []
    if any(one.get("calcMode") == "manual" for one in settings):
        what = "the workbook calculates only when it is told to, and so will the result sheets."
        remedy = "Choose Formulas > Calculation Options > Automatic, or press F9 after a change."
        findings.append(Finding(what, remedy, severity="note"))
    if any(one.get("fullPrecision") in ("0", "false") for one in settings):
        what = "the workbook rounds every number to what is shown, and so will the result sheets once they recalculate."
        remedy = "Turn off 'Set precision as displayed' in Excel's advanced options."
        findings.append(Finding(what, remedy, severity="warning"))
    if any(one.type.endswith("/digital-signature/origin") for one in file.package.relationships("")):
        what = "the workbook is digitally signed; with sheets added it is another one, and Excel says so."
        findings.append(Finding(what, "Keep the signed file too, or sign the result.", severity="warning"))
    return findings


def _stated_year(grid: Grid, layout: Layout) -> str:
    """Return the year that the sheet's name states, or its titles, where it is one year only."""
    titles = [value for row in grid.rows[: max(layout.heading_row, 0)] for value in row if isinstance(value, str)]
    for texts in ([grid.sheet], titles):
        years = {year for text in texts for year in _YEAR.findall(text)}
        if len(years) == 1:
            return str(years.pop())
    return ""


def _source(
    file: InputFile,
    found: _Candidate,
    *,
    rows: Sequence[int],
    lists: Lists,
    counts: PairCounts,
    stated: StatedValues,
) -> Source:
    grid, layout = found.grid, found.layout
    kind: Any = layout.kind
    return Source(
        path=file.path,
        sha256=file.sha256,
        sheet=grid.sheet,
        layout=kind,
        heading_row=layout.heading_row + 1,
        rows=counts.rows,
        target_columns=counts.target_columns,
        done_columns=counts.done_columns,
        provider_column=layout.provider,
        provider_rows=np.array(lists.first_rows, dtype=np.int64) + 1,
        points_cells=dict(stated.points),
        required_cells=dict(stated.required_coverage),
        total_row=found.rows.sums[0] + 1 if found.rows.sums else None,
        coefficient_column=layout.coefficient,
        range=range_name(rows[0], layout.columns[0], rows[-1], layout.columns[1]),
        delimiter=grid.delimiter or None,
        encoding=grid.encoding or None,
        sheets=_own_sheets(file),
    )


def _own_sheets(file: InputFile) -> tuple[tuple[str, str], ...]:
    """Return name and state of the sheets that are no results of an earlier run."""
    if file.package is None:
        return ()
    results = earlier_sheets(file.package)
    return tuple((one.name, one.state) for one in file.package.sheets if one.name not in results)
