"""A scored workbook: the fund's own with the result sheets added, written whole."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Literal

import numpy as np

from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.score import Result
from xl_qbs.sheets.book import result_book
from xl_qbs.sheets.model import Book, Language, SourceBlock
from xl_qbs.sheets.run import Run, Sources
from xl_qbs.workbook.add_sheets import add_sheets, now, sheet_title
from xl_qbs.workbook.fund_table import FundTable

Cells = Literal["formulas", "values"]


def write_scored(
    result: Result,
    output: str | Path,
    *,
    cells: Cells = "formulas",
    language: Language = "en",
    options: str = "",
    progress: Callable[[float], None] = lambda _: None,
) -> Path:
    """Write the scored file again with the result sheets added behind its own.

    Args:
        result: a result of a table that `read_workbook` read.
        output: where to write; replaced only when everything is written.
        cells: ``formulas``, live and with stored values, or ``values``.
        language: language of the result sheets.
        options: the options of the run as a user would type them, for the sheet About.
        progress: told the share of the writing that is done, from 0 to 1.

    Returns:
        The path written.

    Raises:
        ArgumentError: the result's table was not read from a file, or the output's name does not fit.
        OutputError: the output is the scored file itself, or cannot be written.
        WorkbookError: the scored file has gone, is damaged, or has changed since it was read.
    """
    table = result.table
    if not isinstance(table, FundTable):
        raise ArgumentError("result: its table was not read from a file (xl_qbs.read_workbook)")
    source = table.source

    def make(taken: Collection[str]) -> Book:
        return scored_book(result, language=language, options=options, taken=taken)

    text_sheet = sheet_title(source.sheet) if source.delimiter is not None else None
    formulas = cells == "formulas"
    return add_sheets(source.path, source.sha256, text_sheet, make, Path(output), formulas=formulas, progress=progress)


def scored_book(result: Result, *, language: Language = "en", options: str = "", taken: Collection[str] = ()) -> Book:
    """Return the result sheets of a table that was read from a file; ``taken`` are names of sheets not to use."""
    table = result.table
    assert isinstance(table, FundTable)  # noqa: S101  (write_scored has asked)
    source = table.source
    sheet = sheet_title(source.sheet) if source.delimiter is not None else source.sheet
    ids = source.provider_rows.reshape(-1, 1)
    sources = Sources(
        SourceBlock("source_provider", sheet, ids, np.array([source.provider_column + 1])),
        SourceBlock("source_target", sheet, source.rows, source.target_columns + 1),
        SourceBlock("source_done", sheet, source.rows, source.done_columns + 1),
        None
        if source.coefficient_column is None
        else SourceBlock("source_coefficient", sheet, ids, np.array([source.coefficient_column + 1])),
    )
    run = Run(
        result=result,
        sources=sources,
        input_name=source.path.name,
        input_hash=source.sha256,
        time=now(),
        data_range=f"{sheet}!{source.range}",
        findings=table.findings,
        options=options,
    )
    return result_book(run, language, taken)
