"""The sheets of a book added to the file that they were made from, written whole."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path

from xl_qbs.errors import ArgumentError, OutputError, WorkbookError
from xl_qbs.sheets.address import quoted
from xl_qbs.sheets.model import Book
from xl_qbs.workbook.earlier import earlier_sheets
from xl_qbs.workbook.family_log import add_log, family_log, log_texts
from xl_qbs.workbook.inject import inject
from xl_qbs.workbook.input_file import read_flat
from xl_qbs.workbook.package import Package, open_package, read_file
from xl_qbs.workbook.plain_workbook import write_grid
from xl_qbs.workbook.xml import escape

_ONLY_BOOK: ContextVar[bool] = ContextVar("only_book", default=False)


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
        OutputError: the output is the file itself or cannot be written, or formulas would lose the sheets that
            they refer to.
        WorkbookError: the file has gone, is damaged, or has changed since it was read.
    """
    check_output(path, output)
    if text_sheet is None:
        package = open_package(path)
        _check_unchanged(path, sha256, package.data)
        earlier = earlier_sheets(package, family)
        added = earlier_sheets(package)
        own = [(entry.name, entry.state) for entry in package.sheets if entry.name not in added]
        book = _logged(make({entry.name for entry in package.sheets} - earlier), path, sha256, own)
        _check_references(package, earlier, earlier - {sheet.name for sheet in book.sheets})
        inject(package, book, output, formulas=formulas, progress=progress)
        return output
    # A text file has no workbook to add to: its cells become one, at the same addresses.
    with tempfile.TemporaryDirectory(prefix="xl_qbs_") as folder:
        plain = Path(folder) / "table.xlsx"
        data = read_file(path)
        _check_unchanged(path, sha256, data)
        write_grid(read_flat(path, data), text_sheet, plain)
        book = _logged(make({text_sheet}), path, sha256, [(text_sheet, "visible")])
        inject(open_package(plain), book, output, formulas=formulas, progress=progress)
    return output


class BookMadeError(Exception):
    """Not an error: carries a book out of a run of which only the sheets are wanted; see `only_book`."""

    def __init__(self, book: Book) -> None:
        super().__init__("only the sheets were wanted")
        self.book = book


@contextlib.contextmanager
def only_book() -> Iterator[None]:
    """Within it nothing is written: `add_sheets` raises `BookMadeError` with its sheets. For the audit."""
    token = _ONLY_BOOK.set(True)
    try:
        yield
    finally:
        _ONLY_BOOK.reset(token)


def _logged(book: Book, path: Path, sha256: str, own: Sequence[tuple[str, str]]) -> Book:
    """Return a book with the log of its run; a scoring run has put its own in already."""
    if _ONLY_BOOK.get():
        raise BookMadeError(book)
    if book.family:
        add_log(book, log_texts(family_log(book, path, sha256, own)))
    return book


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
        OutputError: it is the input itself, or its folder is not there.
    """
    if os.path.exists(output) and os.path.exists(path) and output.samefile(path):
        raise OutputError(f"{output} is the file that is scored; give another name with -o.")
    wanted = path.suffix.lower() if path.suffix.lower() in (".xlsx", ".xlsm") else ".xlsx"
    if output.suffix.lower() != wanted:
        reason = " because it holds macros" if wanted == ".xlsm" else ""
        raise ArgumentError(f"output == {output.name!r}, must end in {wanted}{reason}")
    check_folder(output)


def check_folder(output: Path) -> None:
    """Refuse an output in a folder that is not there.

    Raises:
        OutputError: it is not.
    """
    if not os.path.isdir(output.parent):
        raise OutputError(f"The folder {output.parent} is not there: make it first, or choose another with -o.")


def now() -> str:
    """Return the time of the run; SOURCE_DATE_EPOCH fixes it, so that a build can be repeated."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(int(fixed), UTC) if fixed and fixed.isdigit() else datetime.now().astimezone()
    return moment.isoformat(sep=" ", timespec="seconds")


def _check_references(package: Package, earlier: Collection[str], gone: Collection[str]) -> None:
    """Refuse to take out sheets that formulas on others refer to, where none of the same name takes their place.

    So it is when scores that an analysis of efficiency is linked to are written anew in another language.
    """
    if not gone:
        return
    marks = {name: f"{escape(quoted(name))}!".encode() for name in gone}
    for entry in package.sheets:
        if entry.kind != "worksheet" or entry.name in earlier:
            continue
        content = package.read(entry.part)
        found = next((name for name in sorted(gone) if marks[name] in content), None)
        if found is not None:
            raise OutputError(
                f"Formulas on the sheet '{entry.name}' refer to the sheet '{found}', which this run would replace by "
                "one of another name. Keep the language of the earlier run (--language), or delete those formulas."
            )


def _check_unchanged(path: Path, sha256: str, data: bytes) -> None:
    """Refuse a file that is another one by now: its cells would not be those that were read."""
    if hashlib.sha256(data).hexdigest() != sha256:
        raise WorkbookError(f"{path.name} has changed since it was read; read it again.")
