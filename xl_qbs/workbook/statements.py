"""Statements of many lists in a folder: each a workbook of one page, and its print where LibreOffice is at hand."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from xl_qbs._version import __version__
from xl_qbs.errors import ArgumentError, OutputError
from xl_qbs.scoring.method import Method
from xl_qbs.scoring.score import Result
from xl_qbs.sheets.model import Book, Label, Language
from xl_qbs.sheets.statement.book import statement_book
from xl_qbs.sheets.statement.fund import Facts, Fund, fund_of
from xl_qbs.workbook.add_sheets import now
from xl_qbs.workbook.file_names import safe_names
from xl_qbs.workbook.fund_table import FundTable
from xl_qbs.workbook.made_files import Made, Manifest, hash_of
from xl_qbs.workbook.one_sheet import OneSheetWriter
from xl_qbs.workbook.pdf import print_workbooks

# After so many statements it is noted down that they are made.
_NOTED = 50
# So many names are told of at most.
_TOLD = 8

Progress = Callable[[float], None]


class Written(NamedTuple):
    """What came of a run.

    Attributes:
        made: ids of the lists whose workbook was written.
        kept: ids of those that stood already.
        stale: ids of lists with a statement in the folder that is of other data or other options, or
            whose list is not in the table any more.
    """

    made: tuple[str, ...]
    kept: tuple[str, ...]
    stale: tuple[str, ...]


def statements_fund(result: Result) -> Fund:
    """Return a scored table as statements need it.

    Raises:
        ArgumentError: the result's table was not read from a file.
    """
    table = result.table
    if not isinstance(table, FundTable):
        raise ArgumentError("result: its table was not read from a file (xl_qbs.read_workbook)")
    source = table.source
    facts = Facts(
        file=source.path.name,
        sha256=source.sha256,
        sheet=source.sheet or source.path.stem,
        rows=tuple(int(row) for row in source.provider_rows),
        time=now(),
        method=method_text(result.method),
        version=f"xl_qbs {__version__}",
    )
    return fund_of(result, facts)


def statement(result: Result, provider: str, language: Language = "en") -> Book:
    """Return the statement of one list as a book.

    Raises:
        ArgumentError: the list is not in the table.
    """
    return statement_book(statements_fund(result), _rows(result, [provider])[0], language)


def write_statements(
    result: Result,
    folder: Path,
    *,
    language: Language = "en",
    only: Sequence[str] = (),
    again: bool = False,
    progress: Progress = lambda _: None,
) -> Written:
    """Write a workbook of one page for each list of a scored table.

    A file in the folder says what was made from what. What stands already and is the same is kept; what was
    made from other data or options, or was changed since, is made again. Files that no run made are never
    overwritten. A run that is stopped leaves whole files only, and the next one goes on from there.

    Args:
        result: a result of a table that `read_workbook` read.
        folder: where to write; made where it is not there.
        language: language of the pages.
        only: ids of the lists; all of them if empty.
        again: make all anew.
        progress: told the share of the work that is done, from 0 to 1.

    Raises:
        ArgumentError: a list is not in the table, or the table was not read from a file.
        OutputError: the folder or a file cannot be written, or files of others are in the way.
    """
    fund = statements_fund(result)
    providers = result.table.providers
    rows = _rows(result, only)
    files = [f"{name}.xlsx" for name in safe_names(providers)]
    key = key_of(result, language)
    manifest = _opened(folder)
    in_the_way = manifest.foreign([name for row in rows for name in (files[row], Made(files[row]).pdf)])
    if in_the_way:
        raise OutputError(
            f"{folder} holds files that are not statements of an earlier run, and would be overwritten: "
            f"{_told(in_the_way)}. Choose an empty folder with -o."
        )
    todo = [row for row in rows if again or not manifest.is_done(providers[row], files[row], key)]
    before = dict(manifest.made)
    # Noted down before they are written, so that what a stopped run leaves is known as ours.
    manifest.made |= {providers[row]: Made(files[row]) for row in todo}
    if todo:
        manifest.write()
    writer = OneSheetWriter()
    try:
        for number, row in enumerate(todo, start=1):
            path = folder / files[row]
            _remove_earlier(folder, before.get(providers[row]), files[row])
            writer.write(statement_book(fund, row, language), path)
            manifest.made[providers[row]] = Made(files[row], key, hash_of(path))
            if number % _NOTED == 0:
                manifest.write()
            progress(number / len(todo))
    finally:
        if todo:
            manifest.write()
    chosen = set(todo)
    return Written(
        made=tuple(providers[row] for row in todo),
        kept=tuple(providers[row] for row in rows if row not in chosen),
        stale=tuple(one for one, entry in manifest.made.items() if entry.key != key),
    )


def print_statements(
    result: Result, folder: Path, program: str, *, only: Sequence[str] = (), progress: Progress = lambda _: None
) -> int:
    """Print to PDF those statements of a folder that are not printed yet, and return how many were.

    Args:
        result: the result whose statements they are.
        folder: where `write_statements` wrote them.
        program: LibreOffice's program.
        only: ids of the lists; all of them if empty.
        progress: told the share of the work that is done, from 0 to 1.

    Raises:
        OutputError: LibreOffice failed, or a page cannot be written; what was printed stays.
    """
    manifest = Manifest.read(folder)
    chosen = [result.table.providers[row] for row in _rows(result, only)]
    todo = [one for one in chosen if one in manifest.made and not manifest.is_printed(one)]
    pairs = [(folder / manifest.made[one].file, folder / manifest.made[one].pdf) for one in todo]

    def note(place: int) -> None:
        manifest.made[todo[place]].pdf_sha256 = hash_of(pairs[place][1])

    try:
        print_workbooks(program, pairs, printed=note, progress=progress)
    finally:
        if todo:
            manifest.write()
    return len(todo)


def key_of(result: Result, language: str) -> str:
    """Return a hash of all that the statements of a run are made from: the data, the options, the program."""
    table = result.table
    assert isinstance(table, FundTable)  # noqa: S101  (statements_fund has asked)
    texts = [
        __version__, language, table.source.path.name, table.source.sha256, table.source.sheet, table.period,
        *table.providers, *table.names, repr(result.scheme), repr(result.method),
        repr(table.source.provider_rows.tolist()),
    ]  # fmt: skip
    found = hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass"))
    for counts in (table.target, table.done, table.coefficient):
        found.update(b"" if counts is None else counts.tobytes())
    return found.hexdigest()


def method_text(method: Method) -> Label:
    """Return the options of a run in words, without a file's name or a list's id."""
    prior = method.prior + (f" {method.fraction:g}" if method.prior == "report" else "")
    weights: str = method.weights
    if method.weights == "principal-component":
        weights += f", {method.rounding}"
        if method.coverage_decimals is not None:
            weights += f" ({method.coverage_decimals})"
    return Label(f"prior {prior}; weights {weights}", f"eeljaotus {prior}; kaalud {weights}")


def _rows(result: Result, only: Sequence[str]) -> list[int]:
    """Return the rows of the lists that are asked for, each once, in the table's order."""
    place = {provider: row for row, provider in enumerate(result.table.providers)}
    unknown = [one for one in only if one not in place]
    if unknown:
        raise ArgumentError(f"--only: there is no list {_told(unknown)} in the table.")
    return sorted({place[one] for one in only}) if only else list(range(len(place)))


def _opened(folder: Path) -> Manifest:
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise OutputError(f"The folder {folder} cannot be made ({reason}): choose another with -o.") from error
    return Manifest.read(folder)


def _remove_earlier(folder: Path, entry: Made | None, file: str) -> None:
    """Remove what an earlier run made for a list and this one does not overwrite: its print, and another name's file.

    A print that is older than its workbook would say something else.
    """
    gone = [Made(file).pdf]
    if entry is not None and entry.file.casefold() != file.casefold():
        gone += [
            name
            for name, sha in ((entry.file, entry.sha256), (entry.pdf, entry.pdf_sha256))
            if sha and hash_of(folder / name) == sha
        ]
    for name in gone:
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(
                f"{folder / name} is of an earlier run and cannot be removed ({error.strerror}): close it."
            ) from error


def _told(names: Sequence[str]) -> str:
    more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
    return ", ".join(names[:_TOLD]) + more
