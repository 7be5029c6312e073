"""Sheets of efficiency, simulation, equity or a diagnosis, made again by the command that their run log names.

The command runs on the workbook itself, which still holds the table, and stops before anything would be written.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import io
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from xl_qbs.audit.expected import Expected
from xl_qbs.audit.inputs import find_lines
from xl_qbs.audit.library import Library
from xl_qbs.audit.opened import Opened
from xl_qbs.audit.scored import place_names
from xl_qbs.audit.versions import HERE, put_texts, versions_text
from xl_qbs.errors import DataError, Finding, QbsError
from xl_qbs.sheets.model import Book
from xl_qbs.workbook.add_sheets import BookMadeError, only_book
from xl_qbs.workbook.family_log import START, WRITTEN, FamilyLog, add_log, parse_family_log, time_of
from xl_qbs.workbook.package import read_file

# What sheets of each family are called, and the command that makes them: its module is imported when it is needed.
NAMES: Mapping[str, str] = {
    "efficiency_": "efficiency sheets",
    "simulation_": "simulation sheets",
    "equity_": "equity sheets",
    "diagnosis_": "diagnosis sheets",
}
_COMMANDS: Mapping[str, tuple[str, str]] = {
    "efficiency_": ("xl_qbs.commands.efficiency", "efficiency"),
    "simulation_": ("xl_qbs.commands.simulate", "simulate"),
    "equity_": ("xl_qbs.commands.equity", "equity"),
    "diagnosis_": ("xl_qbs.commands.diagnose", "diagnose"),
}


class CannotRunAgainError(QbsError):
    """The sheets cannot be made again; says why, and what to do."""


@dataclass(frozen=True, eq=False)
class RebuiltFamily:
    """The sheets of a family made again.

    Attributes:
        log: their run log; None where there is none that can be read.
        sound: whether its checksum is right.
        sheet: the sheet that the log stands on.
        cell: its first cell.
        expected: what should stand in their cells; None where they cannot be made again.
        why: why they cannot; empty where they can.
        problems: what the table holds that cannot be read, where that is why.
        sheets: the name in the workbook of each sheet of the book.
        changes_from: the first row below the change log of their first sheet, where users may write.
        changes_to: the row of the run log.
    """

    log: FamilyLog | None
    sound: bool
    sheet: str
    cell: str
    expected: Expected | None
    why: str
    sheets: Mapping[str, str]
    changes_from: int = 0
    changes_to: int = 0
    problems: tuple[Finding, ...] = ()


def rebuild_family(opened: Opened, family: str, library: Library) -> RebuiltFamily:
    """Return the sheets of a family made again from the workbook's own table."""
    names = opened.families[family]
    held = find_lines(opened, names, START)
    log, sound = (None, False) if held is None else parse_family_log(held.lines)
    if held is None or log is None:
        why = "their run log is missing or cannot be read"
        return RebuiltFamily(None, False, names[0], "", None, why, {})
    key = ("family", family, held.lines, opened.package.sha256, _changed_key(opened, family))
    made = library.once(key, lambda: _made(opened, log, family, held.lines))
    if isinstance(made, QbsError):
        problems = made.findings if isinstance(made, DataError) else ()
        why = "the table cannot be read any more" if problems else str(made)
        return RebuiltFamily(log, sound, held.sheet, held.cell, None, why, {}, problems=problems)
    expected, above, row = made
    sheets = place_names(opened, expected.book, names)
    return RebuiltFamily(log, sound, held.sheet, held.cell, expected, "", sheets, above + 1, row)


def _made(opened: Opened, log: FamilyLog, family: str, lines: tuple[str, ...]) -> tuple[Expected, int, int] | QbsError:
    """Return the book with the log in it, the last row above the log and the log's own; or why there is none."""
    try:
        book = _run_again(opened, log, family)
    except QbsError as error:
        return error
    _as_of_then(book, log, opened)
    above = book.sheets[0].last_row
    row = add_log(book, lines)
    return Expected(book), above, row


def _run_again(opened: Opened, log: FamilyLog, family: str) -> Book:
    """Return the sheets that the command of a log makes of a workbook.

    Raises:
        CannotRunAgainError: the command, its table or a file that it read is not known or not there.
        QbsError: the table can no longer be read or analysed.
    """
    if not log.command or not log.table:
        raise CannotRunAgainError("they were made from Python, not by a command, so that no option is known")
    module, name = _COMMANDS[family]
    if log.command != name:
        raise CannotRunAgainError(f"the run log names the command {log.command}, which makes no such sheets")
    command = getattr(importlib.import_module(module), name)
    known = {one.name: isinstance(one.type, click.Path) for one in command.params}
    unknown = sorted(set(log.given) - set(known))
    if unknown:
        raise CannotRunAgainError(f"this version of xl_qbs does not know the option {unknown[0]}")
    files = _files(opened, log)
    not_written = {name: None for name in WRITTEN if name in known}
    given: dict[str, Any] = {**_checked(command, log.given), **files, **not_written}
    named = [name for name, is_file in known.items() if is_file and name not in files and given.get(name) is not None]
    for name in named:
        # No other file is read than the workbook itself and those that the log names with their hashes.
        if name != log.table and given[name] != log.name:
            raise CannotRunAgainError(f"the run log does not say which file {given[name]} was")
    with _on_disk(opened, family) as path, tempfile.TemporaryDirectory(prefix="xl_qbs_audit_") as folder:
        given |= {**dict.fromkeys(named, path), "output": Path(folder) / f"again{path.suffix}"}
        try:
            # What the command tells people was told when it ran first.
            with only_book(), _as_typed(log.typed), contextlib.redirect_stderr(io.StringIO()):
                command.callback(**given)
        except BookMadeError as made:
            return made.book
        except QbsError:
            raise
        except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, click.ClickException) as error:
            raise CannotRunAgainError(f"the options in the run log cannot be used ({error})") from error
    raise CannotRunAgainError("the command made no sheets")


def _checked(command: click.Command, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a log's options, held to the types and ranges that the command line holds them to.

    Those of a callback were made from what was typed and cannot be typed again: the command itself looks at them.

    Raises:
        CannotRunAgainError: one of them is of another type, or out of its range.
    """
    context = click.Context(command)
    checked = dict(given)
    for one in command.params:
        name = one.name or ""
        if name in given and given[name] is not None and one.callback is None and not isinstance(one.type, click.Path):
            try:
                checked[name] = one.type_cast_value(context, given[name])
            except click.BadParameter as error:
                raise CannotRunAgainError(f"the option {name} in the run log cannot be used: {error.message}") from None
    return checked


@contextlib.contextmanager
def _as_typed(words: Sequence[str]) -> Iterator[None]:
    """Let the options be those of the first run, which the sheets state as they were typed."""
    kept = sys.argv
    sys.argv = [kept[0], *words]
    try:
        yield
    finally:
        sys.argv = kept


def _files(opened: Opened, log: FamilyLog) -> dict[str, Path]:
    """Return the other files that were read: the very same ones, beside the workbook.

    Raises:
        CannotRunAgainError: one of them is not there, or is another one by now.
    """
    found = {}
    for option, (name, sha256) in log.files.items():
        path = opened.folder / name
        if Path(name).name != name or not path.is_file():
            raise CannotRunAgainError(f"the file {name} that was read too is not beside the workbook: put it there")
        now = hashlib.sha256(read_file(path)).hexdigest()
        if now != sha256:
            told = f"the file {name} beside the workbook is not the one that was read: its SHA-256 is {now}"
            raise CannotRunAgainError(f"{told}, that of the one that was read {sha256}")
        found[option] = path
    return found


def _changed_key(opened: Opened, family: str) -> object:
    """Return what tells the parts that a run would read from those of the file."""
    return tuple(sorted((name, hashlib.sha256(part).digest()) for name, part in _changed(opened, family).items()))


def _changed(opened: Opened, family: str) -> dict[str, bytes]:
    """Return the parts that are not as in the file, those aside of the family's own sheets and of their names."""
    added = [entry.name in opened.families[family] for entry in opened.entries]
    before, now = (
        [(one.name, one.state) for one, of_family in zip(entries, added, strict=True) if not of_family]
        for entries in (opened.package.sheets, opened.entries)
    )
    left_out = {entry.part for entry, of_family in zip(opened.entries, added, strict=True) if of_family}
    if before == now:
        left_out.add(opened.package.workbook_part)
    return {name: part for name, part in opened.changed.items() if name not in left_out}


@contextlib.contextmanager
def _on_disk(opened: Opened, family: str) -> Iterator[Path]:
    """Yield a file with the workbook as it is opened: itself, or a copy where parts were changed in memory."""
    changed = _changed(opened, family)
    if not changed:
        yield opened.path
        return
    with tempfile.TemporaryDirectory(prefix="xl_qbs_audit_") as folder:
        path = Path(folder) / opened.path.name
        with zipfile.ZipFile(path, "w") as archive:
            for name in opened.package.names:
                archive.writestr(name, changed.get(name) or opened.package.read(name))
        yield path


def _as_of_then(book: Book, log: FamilyLog, opened: Opened) -> None:
    """Put into a book what its first run said of itself: file, hash, time and versions."""
    texts = {
        opened.path.name: log.name,
        opened.package.sha256: log.sha256,
        time_of(book): log.time,
        HERE: versions_text(log.program, log.method_version),
    }
    put_texts(book.sheets[:1], texts)
