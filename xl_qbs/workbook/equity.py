"""An analysis of equity as sheets added to the table that it was made from."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xl_qbs.equity.analysis import EquityAnalysis
from xl_qbs.sheets.equity.book import equity_book
from xl_qbs.sheets.equity.plan import FAMILY, PeriodCells, Plan, rows_of
from xl_qbs.sheets.model import Book, Language, SourceBlock
from xl_qbs.workbook.add_sheets import add_sheets, now, sheet_title
from xl_qbs.workbook.group_table import GroupFile, PeriodRows
from xl_qbs.workbook.scored import Cells


def write_equity(
    table: GroupFile,
    analysis: EquityAnalysis,
    output: str | Path,
    *,
    typed: str = "",
    cells: Cells = "formulas",
    language: Language = "en",
    progress: Callable[[float], None] = lambda _: None,
) -> Path:
    """Write the table's file again with the sheets of the analysis behind its own.

    Args:
        table: as `read_group_table` read it.
        analysis: of that table.
        output: where to write; replaced only when everything is written.
        typed: the options as a user would type them.
        cells: ``formulas``, live and with stored values, or ``values``.
        language: language of the sheets.
        progress: told the share of the writing that is done, from 0 to 1.

    Returns:
        The path written.

    Raises:
        ArgumentError: the output's name does not fit.
        OutputError: the output is the table's file itself, or cannot be written.
        WorkbookError: the file has gone, is damaged, or has changed since it was read.
    """
    source = table.source
    text_sheet = sheet_title(source.path.stem) if source.sheet is None else None

    def make(taken: Collection[str]) -> Book:
        return equity_book(plan_of(table, analysis, typed=typed), language, taken)

    return add_sheets(
        source.path,
        source.sha256,
        text_sheet,
        make,
        Path(output),
        family=FAMILY,
        formulas=cells == "formulas",
        progress=progress,
    )


def plan_of(table: GroupFile, analysis: EquityAnalysis, *, typed: str = "") -> Plan:
    """Return what the sheets are made from, with formulas linked to the table's own cells."""
    source = table.source
    sheet = sheet_title(source.path.stem) if source.sheet is None else source.sheet
    return Plan(
        analysis=analysis,
        now=_cells(table, table.now, sheet, ""),
        before=None if table.before is None else _cells(table, table.before, sheet, "0"),
        unknown=table.columns.unknown,
        input_name=source.path.name,
        input_hash=source.sha256,
        time=now(),
        data_range=f"{sheet}!{source.range}",
        typed=typed,
        findings=table.findings,
    )


def _cells(table: GroupFile, period: PeriodRows, sheet: str, end: str) -> PeriodCells:
    columns = table.source.columns

    def linked(role: str, rows: NDArray[np.intp], name: str = "") -> SourceBlock | None:
        if role not in columns:
            return None
        shaped = rows_of(rows if rows.ndim > 2 else rows[:, :, None])
        places = np.full(shaped.shape[1], columns[role], dtype=np.intp)
        return SourceBlock(f"source_{name or role}{end}", sheet, shaped, places)

    n = linked("n", period.rows)
    assert n is not None  # noqa: S101  (every table has it)
    total = None
    if period.total_rows is not None:
        role = "total" if table.columns.total is not None else "n"
        total = linked(role, period.total_rows, "total")
    some = period.unknown.shape[2] > 0
    return PeriodCells(
        n=n,
        x=linked("x", period.rows),
        mean=linked("mean", period.rows),
        sd=linked("sd", period.rows),
        total=total,
        unknown=linked("n", period.unknown_rows, "unknown") if some else None,
        unknown_n=rows_of(np.nan_to_num(period.unknown)),
    )
