"""A scored workbook: the fund's own with the result sheets added, written whole."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import numpy as np

from xl_qbs.errors import ArgumentError, OutputError, WorkbookError
from xl_qbs.scoring.score import Result
from xl_qbs.sheets.book import result_book
from xl_qbs.sheets.model import Book, Language, SourceBlock
from xl_qbs.sheets.run import Run, Sources
from xl_qbs.workbook.delimited import read_delimited
from xl_qbs.workbook.earlier import earlier_sheets
from xl_qbs.workbook.fund_table import FundTable, Source
from xl_qbs.workbook.inject import inject
from xl_qbs.workbook.package import open_package, read_file
from xl_qbs.workbook.plain_workbook import write_grid
from xl_qbs.workbook.run_log import log_lines, run_log

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
    source, output = table.source, Path(output)
    _check_output(source.path, output)
    formulas = cells == "formulas"
    if source.delimiter is None:
        package = open_package(source.path)
        _check_unchanged(source, package.data)
        taken = {entry.name for entry in package.sheets} - earlier_sheets(package)
        book = scored_book(result, language=language, options=options, taken=taken)
        inject(package, book, output, formulas=formulas, progress=progress)
        return output
    # A text file has no workbook to add to: its cells become one, at the same addresses.
    with tempfile.TemporaryDirectory(prefix="xl_qbs_") as folder:
        plain = Path(folder) / "table.xlsx"
        data = read_file(source.path)
        _check_unchanged(source, data)
        write_grid(read_delimited(source.path, data), sheet_title(source.sheet), plain)
        book = scored_book(result, language=language, options=options)
        inject(open_package(plain), book, output, formulas=formulas, progress=progress)
    return output


def scored_book(
    result: Result,
    *,
    language: Language = "en",
    options: str = "",
    taken: Collection[str] = (),
    time: str = "",
    record: Sequence[str] = (),
) -> Book:
    """Return the result sheets of a table that was read from a file.

    Args:
        result: a result of a table that `read_workbook` read.
        language: language of the result sheets.
        options: the options of the run as a user would type them.
        taken: names of sheets not to use.
        time: when it was scored; now if empty.
        record: the run log as it stands in a workbook; made from the result if empty.
    """
    table = result.table
    time = time or _now()
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
        time=time,
        data_range=f"{sheet}!{source.range}",
        findings=table.findings,
        options=options,
        record=tuple(record) or log_lines(run_log(result, time=time, language=language, options=options)),
    )
    return result_book(run, language, taken)


def default_output(path: Path) -> Path:
    """Return a name beside the input that is not taken: ``NAME_qbs.xlsx``, ``NAME_qbs_2.xlsx`` and so on."""
    suffix = path.suffix if path.suffix.lower() in (".xlsx", ".xlsm") else ".xlsx"
    candidate = path.with_name(f"{path.stem}_qbs{suffix}")
    number = 2
    # Unlike Path.exists it has no error of its own, such as for a name that is too long.
    while os.path.exists(candidate):
        candidate = path.with_name(f"{path.stem}_qbs_{number}{suffix}")
        number += 1
    return candidate


def sheet_title(name: str) -> str:
    """Return a name that a sheet can have, made from a file's name."""
    clean = "".join(" " if char in "[]:*?/\\'" else char for char in name).strip()
    return clean[:31] or "Data"


def _check_output(path: Path, output: Path) -> None:
    if os.path.exists(output) and os.path.exists(path) and output.samefile(path):
        raise OutputError(f"{output} is the file that is scored; give another name with -o.")
    wanted = path.suffix.lower() if path.suffix.lower() in (".xlsx", ".xlsm") else ".xlsx"
    if output.suffix.lower() != wanted:
        reason = " because it holds macros" if wanted == ".xlsm" else ""
        raise ArgumentError(f"output == {output.name!r}, must end in {wanted}{reason}")


def _check_unchanged(source: Source, data: bytes) -> None:
    """Refuse a file that is another one by now: its cells would not be those that were scored."""
    if hashlib.sha256(data).hexdigest() != source.sha256:
        raise WorkbookError(f"{source.path.name} has changed since it was read; score it again.")


def _now() -> str:
    """Return the time of the run; SOURCE_DATE_EPOCH fixes it, so that a build can be repeated."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(int(fixed), UTC) if fixed and fixed.isdigit() else datetime.now().astimezone()
    return moment.isoformat(sep=" ", timespec="seconds")
