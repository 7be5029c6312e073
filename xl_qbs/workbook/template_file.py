"""A template: a whole book of sheets as a new workbook, for those who work in the spreadsheet alone.

openpyxl writes the sheets; a second pass (`xl_qbs.workbook.template_package`) adds what it leaves out.
The same book gives the same bytes on any day.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from lxml.etree import SerialisationError

from xl_qbs.errors import OutputError
from xl_qbs.sheets.model import Book
from xl_qbs.workbook.atomic import whole_file
from xl_qbs.workbook.charts_xml import drawing_part

# Excel's own limits.
_MOST_ROWS, _MOST_COLUMNS, _LONGEST_NAME = 1_048_576, 16_384, 31
# So many times Excel hashes a password anew.
_SPINS = 100_000
_ALGORITHM = "SHA-512"
# The share of the time that each of the steps takes.
_ROWS_DONE, _SAVED = 0.75, 0.8

Progress = Callable[[float], None]


def write_template(
    book: Book,
    path: Path,
    *,
    title: str,
    description: str,
    password: str = "",
    values: bool = True,
    progress: Progress = lambda _: None,
) -> None:
    """Write a book as a workbook of its own, protected but for the cells for input.

    Args:
        book: the sheets; the first one is shown when the workbook is opened.
        path: where to write; replaced only when everything is written.
        title: the title in the file's properties.
        description: what the file is, in its properties.
        password: what has to be given to lift the protection; empty for nothing. It keeps cells from being
            overwritten by accident, and nothing secret.
        values: store what each formula gives, for readers that calculate nothing.
        progress: told the share of the work that is done, from 0 to 1.

    Raises:
        OutputError: the file cannot be written, or a sheet would hold more than a sheet can.
        ValueError: a name or a text is not one that Excel takes; a mistake in the package.
    """
    # These load openpyxl, which takes longer than scoring a small file; no other command needs it.
    from xl_qbs.workbook.template_cells import stored_values  # noqa: PLC0415
    from xl_qbs.workbook.template_package import write_package  # noqa: PLC0415

    _check(book)
    parts = {f"xl/worksheets/sheet{number}.xml": sheet for number, sheet in enumerate(book.sheets, start=1)}
    # openpyxl's drawings say neither what a chart is called nor what it shows.
    drawn = [sheet for sheet in book.sheets if sheet.charts]
    with whole_file(path) as file, _draft(book, title, description, password, progress) as draft:
        write_package(
            draft,
            file,
            drawings={
                f"xl/drawings/drawing{number}.xml": drawing_part(sheet.charts)
                for number, sheet in enumerate(drawn, start=1)
            },
            values={name: stored_values(book, sheet) if values else None for name, sheet in parts.items()},
            progress=lambda share: progress(_SAVED + (1 - _SAVED) * share),
        )


def password_hash(password: str, salt: bytes, spins: int = _SPINS) -> str:
    """Return the hash by which Excel knows a password of a sheet or a workbook (ECMA-376, part 1, 18.2.29).

    >>> password_hash("Mark Baker", base64.b64decode("Marksalt"), 10_000)[:20]
    'sSHdxQv9qgpkr4LDT0bY'
    """
    found = hashlib.sha512(salt + password.encode("utf-16-le")).digest()
    for number in range(spins):
        found = hashlib.sha512(found + number.to_bytes(4, "little")).digest()
    return base64.b64encode(found).decode()


class _Lock(NamedTuple):
    """A password as a workbook keeps it: hash and salt, both in base 64."""

    hash: str
    salt: str


def _lock(password: str, name: str) -> _Lock:
    # The salt is always the same for a name, so that the same book gives the same bytes.
    salt = hashlib.sha256(f"xl_qbs {name}".encode()).digest()[:16]
    return _Lock(password_hash(password, salt), base64.b64encode(salt).decode())


def _check(book: Book) -> None:
    for sheet in book.sheets:
        if len(sheet.name) > _LONGEST_NAME:
            raise ValueError(f"{sheet.name!r}: the name of a sheet can have {_LONGEST_NAME} characters")
        for count, most, what in (
            (sheet.last_row, _MOST_ROWS, "rows"),
            (sheet.last_column, _MOST_COLUMNS, "columns"),
        ):
            if count > most:
                raise OutputError(
                    f"The sheet {sheet.name} would have {count:,} {what}; a sheet can have {most:,}. "
                    "Make a template for fewer lists or indicators."
                )


@contextlib.contextmanager
def _draft(book: Book, title: str, description: str, password: str, progress: Progress) -> Iterator[BinaryIO]:
    """Open a temporary file with the workbook as openpyxl writes it."""
    with contextlib.ExitStack() as stack:
        try:
            draft = cast("BinaryIO", stack.enter_context(tempfile.TemporaryFile()))
            _write_draft(draft, book, title, description, password, progress)
        except (OSError, SerialisationError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise OutputError(
                f"The template could not be prepared in the folder for temporary files ({reason}): "
                "make room there. Nothing was written."
            ) from error
        yield draft


def _write_draft(draft: BinaryIO, book: Book, title: str, description: str, password: str, progress: Progress) -> None:
    from openpyxl import Workbook  # noqa: PLC0415  (as above)
    from openpyxl.workbook.defined_name import DefinedName  # noqa: PLC0415
    from openpyxl.writer.excel import ExcelWriter  # noqa: PLC0415

    from xl_qbs.workbook.template_rules import add_rules  # noqa: PLC0415
    from xl_qbs.workbook.template_sheet import Styles, TemplateSheet, write_sheet  # noqa: PLC0415

    workbook: Any = Workbook(write_only=True)
    workbook.calculation.fullCalcOnLoad = True
    workbook.security = _structure_locked(password)
    properties = workbook.properties
    properties.creator, properties.title, properties.description = "xl_qbs", title, description
    properties.created = properties.modified = _moment()
    for name, address in book.names.items():
        workbook.defined_names.add(DefinedName(name, attr_text=address))
    total = max(sum(block.values.size for sheet in book.sheets for block in sheet.blocks), 1)
    done = 0

    def tell(cells: int) -> None:
        nonlocal done
        done += cells
        progress(_ROWS_DONE * done / total)

    styles = Styles()
    targets = []
    try:
        for sheet in book.sheets:
            target: Any = TemplateSheet(workbook, sheet)
            targets.append(target)
            target.sheet_view.tabSelected = sheet is book.sheets[0]
            target.protection = _protected(password, sheet.name)
            add_rules(target, book, sheet)
            write_sheet(target, book, sheet, styles, tell)
            target.close()
        # Packed quickly, since it is unpacked at once.
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            ExcelWriter(workbook, archive).save()
    finally:
        for target in targets:
            target.discard()
    progress(_SAVED)


def _protected(password: str, name: str) -> Any:
    """Return what may be done on a protected sheet: select, sort, filter, and make rows and columns wider."""
    from openpyxl.worksheet.protection import SheetProtection  # noqa: PLC0415  (as above)

    # True is what may not be done.
    made = SheetProtection(sheet=True, objects=True, scenarios=True)
    made.selectLockedCells = made.selectUnlockedCells = False
    made.formatColumns = made.formatRows = made.sort = made.autoFilter = False
    if password:
        lock = _lock(password, name)
        made.algorithmName, made.spinCount = _ALGORITHM, _SPINS
        made.hashValue, made.saltValue = lock.hash, lock.salt
    return made


def _structure_locked(password: str) -> Any:
    """Return a protection of the workbook: sheets can be neither added nor removed, moved or renamed."""
    from openpyxl.workbook.protection import WorkbookProtection  # noqa: PLC0415  (as above)

    made = WorkbookProtection(lockStructure=True)
    if password:
        lock = _lock(password, "")
        made.workbookAlgorithmName, made.workbookSpinCount = _ALGORITHM, _SPINS
        made.workbookHashValue, made.workbookSaltValue = lock.hash, lock.salt
    return made


def _moment() -> datetime:
    """Return the time that stands in the file: always the same, or what SOURCE_DATE_EPOCH says; in UTC."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    if fixed and fixed.isdigit():
        return datetime.fromtimestamp(int(fixed), UTC).replace(tzinfo=None)
    return datetime(2026, 1, 1)
