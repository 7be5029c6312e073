"""The sheets of a book added to the file that they were made from, written whole."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from pathlib import Path

from xl_qbs.errors import ArgumentError, OutputError, WorkbookError
from xl_qbs.sheets.model import Book
from xl_qbs.workbook.delimited import read_delimited
from xl_qbs.workbook.earlier import earlier_sheets
from xl_qbs.workbook.inject import inject
from xl_qbs.workbook.package import open_package, read_file
from xl_qbs.workbook.plain_workbook import write_grid


def add_sheets(
    path: Path,
    sha256: str,
    text_sheet: str | None,
    make: Callable[[Collection[str]], Book],
    output: Path,
    *,
    family: str = "",
    formulas: bool = True,
    progress: Callable[[float], None] = lambda _: None,
) -> Path:
    """Write a file again with the sheets of a book behind its own; those of an earlier run are replaced.

    Args:
        path: the file that was read.
        sha256: its SHA-256 when it was read.
        text_sheet: of a text file, the name of the sheet that its cells become; None for a workbook.
        make: returns the book, given the names of sheets that are not free.
        output: where to write; replaced only when everything is written.
        family: the family of the book's sheets.
        formulas: live formulas with stored values; if False, values only.
        progress: told the share of the writing that is done, from 0 to 1.

    Raises:
        ArgumentError: the output's name does not fit.
        OutputError: the output is the file itself, or cannot be written.
        WorkbookError: the file has gone, is damaged, or has changed since it was read.
    """
    check_output(path, output)
    if text_sheet is None:
        package = open_package(path)
        _check_unchanged(path, sha256, package.data)
        taken = {entry.name for entry in package.sheets} - earlier_sheets(package, family)
        inject(package, make(taken), output, formulas=formulas, progress=progress)
        return output
    # A text file has no workbook to add to: its cells become one, at the same addresses.
    with tempfile.TemporaryDirectory(prefix="xl_qbs_") as folder:
        plain = Path(folder) / "table.xlsx"
        data = read_file(path)
        _check_unchanged(path, sha256, data)
        write_grid(read_delimited(path, data), text_sheet, plain)
        inject(open_package(plain), make({text_sheet}), output, formulas=formulas, progress=progress)
    return output


def default_output(path: Path, ending: str = "qbs") -> Path:
    """Return a name beside the input that is not taken: ``NAME_qbs.xlsx``, ``NAME_qbs_2.xlsx`` and so on."""
    suffix = path.suffix if path.suffix.lower() in (".xlsx", ".xlsm") else ".xlsx"
    candidate = path.with_name(f"{path.stem}_{ending}{suffix}")
    number = 2
    # Unlike Path.exists it has no error of its own, such as for a name that is too long.
    while os.path.exists(candidate):
        candidate = path.with_name(f"{path.stem}_{ending}_{number}{suffix}")
        number += 1
    return candidate


def sheet_title(name: str) -> str:
    """Return a name that a sheet can have, made from a file's name."""
    clean = "".join(" " if char in "[]:*?/\\'" else char for char in name).strip()
    return clean[:31] or "Data"


def check_output(path: Path, output: Path) -> None:
    """Refuse an output that is the input itself, or whose name does not fit what will be in it.

    Raises:
        ArgumentError: another ending is needed.
        OutputError: it is the input itself.
    """
    if os.path.exists(output) and os.path.exists(path) and output.samefile(path):
        raise OutputError(f"{output} is the file that is scored; give another name with -o.")
    wanted = path.suffix.lower() if path.suffix.lower() in (".xlsx", ".xlsm") else ".xlsx"
    if output.suffix.lower() != wanted:
        reason = " because it holds macros" if wanted == ".xlsm" else ""
        raise ArgumentError(f"output == {output.name!r}, must end in {wanted}{reason}")


def now() -> str:
    """Return the time of the run; SOURCE_DATE_EPOCH fixes it, so that a build can be repeated."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(int(fixed), UTC) if fixed and fixed.isdigit() else datetime.now().astimezone()
    return moment.isoformat(sep=" ", timespec="seconds")


def _check_unchanged(path: Path, sha256: str, data: bytes) -> None:
    """Refuse a file that is another one by now: its cells would not be those that were read."""
    if hashlib.sha256(data).hexdigest() != sha256:
        raise WorkbookError(f"{path.name} has changed since it was read; read it again.")
