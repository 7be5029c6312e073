"""The log of a run that added sheets of efficiency, simulation, equity or a diagnosis: what makes them again.

It stands on the first of these sheets, as that of a scoring run does, and names the command with every option, the
other files that were read by name and hash, and fingerprints of the cells of the table that formulas are linked to.
The checksum finds slips; it is no signature.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import click

from xl_qbs._version import METHOD_VERSION, __version__
from xl_qbs.sheets.about_sheet import add_record
from xl_qbs.sheets.model import Block, Book, SourceBlock
from xl_qbs.workbook.package import read_file

START = '{"xl_qbs_sheets":1,'
# Excel's limit is 32,767 characters in a cell.
_LONGEST = 30_000
_DIGITS = 4
# Rows that are left free below the change log, for those who use the workbook.
ROOM_FOR_CHANGES = 12
_NAME = re.compile(r"\{(\w+)")
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d\Z")


@dataclass(frozen=True, kw_only=True)
class FamilyLog:
    """One run.

    Attributes:
        program: version of xl_qbs.
        method_version: version of the methods.
        time: when it ran, as the sheet About says.
        family: the family of its sheets.
        language: of its sheets.
        command: the command; empty where Python was called without one.
        given: every option of the command, by its name.
        typed: the options as they were typed, without the folders of files. Word by word, so that the line stands
            once in the workbook, where people look for it.
        table: name of the option that named the table.
        name: the file's name.
        sha256: its SHA-256.
        sheets: names and states of the sheets that were there.
        files: of every other file that was read: its option, with name and SHA-256. An option that names the table's
            own file is not among them.
        linked: of the cells that formulas are linked to: name of the block, with four hexadecimal digits for each row.
    """

    program: str
    method_version: str
    time: str
    family: str
    language: str
    command: str
    given: Mapping[str, Any]
    typed: tuple[str, ...]
    table: str
    name: str
    sha256: str
    sheets: tuple[tuple[str, str], ...]
    files: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    linked: Mapping[str, str] = field(default_factory=dict)


def family_log(book: Book, path: Path, sha256: str, sheets: Sequence[tuple[str, str]]) -> FamilyLog:
    """Return the log of the run that made a book.

    Args:
        book: its sheets.
        path: the file with the table.
        sha256: its SHA-256.
        sheets: names and states of the sheets that were there.
    """
    context = click.get_current_context(silent=True)
    given = dict(context.params) if context is not None else {}
    parameters = context.command.params if context is not None else []
    table = next((str(one.name) for one in parameters if isinstance(one, click.Argument)), "")
    read = {
        name: one
        for name, one in given.items()
        if isinstance(one, Path) and one != path and name not in (table, *WRITTEN) and one.exists()
    }
    return FamilyLog(
        program=__version__,
        method_version=METHOD_VERSION,
        time=time_of(book),
        family=book.family,
        language=book.language,
        command=str(context.command.name) if context is not None else "",
        given={name: one.name if isinstance(one, Path) else one for name, one in given.items()},
        # As `xl_qbs.report.typed` has it, which this package must not know.
        typed=tuple(Path(word).name if os.sep in word else word for word in sys.argv[1:]) if context else (),
        table=table,
        name=path.name,
        sha256=sha256,
        sheets=tuple(sheets),
        files={name: (one.name, hashlib.sha256(read_file(one)).hexdigest()) for name, one in read.items()},
        linked=linked_prints(book),
    )


# Options that name a file that is written.
WRITTEN = ("output", "share")


def time_of(book: Book) -> str:
    """Return when a book was made, as its first sheet says; empty if it does not."""
    texts = (value for block in book.sheets[0].blocks for value in block.values.ravel().tolist())
    return next((text for text in texts if isinstance(text, str) and _TIME.match(text)), "")


def linked_prints(book: Book) -> dict[str, str]:
    """Return a fingerprint of each row of the blocks that are linked to the table's own cells."""
    return {
        block.key: "".join(row_print(row) for row in block.values.tolist())
        for block in book.named.values()
        if isinstance(block, Block) and _is_linked(book, block)
    }


def _is_linked(book: Book, block: Block) -> bool:
    named = (book.find(name, block.scope) for name in _NAME.findall(block.formula or ""))
    return block.kind == "link" and any(isinstance(one, SourceBlock) for one in named)


def row_print(values: Sequence[Any]) -> str:
    """Return the fingerprint of a row of cells.

    >>> row_print([1.0, "a"]) == row_print([1, "a"])
    True
    """
    texts = [f"{one:.14g}" if isinstance(one, float | int) else str(one or "") for one in values]
    return hashlib.sha256("\t".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def prints_of(joined: str) -> list[str]:
    """Return the fingerprints of rows that were written one after the other."""
    return [joined[start : start + _DIGITS] for start in range(0, len(joined), _DIGITS)]


def log_texts(log: FamilyLog) -> tuple[str, ...]:
    """Return a log as the texts of cells: pieces of one text, and its checksum last."""
    text = START + json.dumps(asdict(log), separators=(",", ":"), ensure_ascii=True)[1:]
    pieces = [text[start : start + _LONGEST] for start in range(0, len(text), _LONGEST)]
    return (*pieces, hashlib.sha256(text.encode()).hexdigest())


def parse_family_log(lines: Sequence[str]) -> tuple[FamilyLog | None, bool]:
    """Return the log that the texts of cells hold, if they hold one, and whether its checksum is right."""
    text = "".join(lines[:-1])
    sound = bool(lines) and hashlib.sha256(text.encode()).hexdigest() == lines[-1].strip()
    try:
        data = json.loads(text)
        del data["xl_qbs_sheets"]
        data["given"] = {name: _tuples(one) for name, one in data["given"].items()}
        data["typed"] = tuple(str(word) for word in data["typed"])
        data["sheets"] = tuple((str(name), str(state)) for name, state in data["sheets"])
        data["files"] = {name: (str(one), str(sha)) for name, (one, sha) in data["files"].items()}
        log = FamilyLog(**data)
        return (log if all(isinstance(one, str) for one in (log.program, log.command, log.name)) else None), sound
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None, False


def _tuples(value: Any) -> Any:
    """Return what JSON made lists of as the tuples that a command's options are."""
    return tuple(_tuples(one) for one in value) if isinstance(value, list) else value


def add_log(book: Book, lines: Sequence[str]) -> int:
    """Add the log's texts to a book's first sheet, with room for changes above, and return its first row."""
    sheet = book.sheets[0]
    row = sheet.last_row + ROOM_FOR_CHANGES + 1
    add_record(book, sheet, lines, row)
    return row
