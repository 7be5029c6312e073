"""The files of an extract: which they are, how they are written, and what columns they have."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from xl_qbs.aggregate.errors import ExtractError

Format = Literal["csv", "parquet"]

_TEXTS = (".csv", ".txt", ".tsv")
_DELIMITERS = ",;\t|"
# A first line that is longer is no line of headings.
_LONGEST_HEAD = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Extract:
    """One or more files of one table.

    Attributes:
        name: what messages call it.
        paths: the files, or addresses such as ``hdfs://...``, which only Spark reads.
        form: ``csv`` or ``parquet``.
        remote: whether the paths are addresses.
        headings: of text files, their columns in order; empty for Parquet and addresses, which the engine asks.
        delimiter: of text files, what stands between two cells.
    """

    name: str
    paths: tuple[str, ...]
    form: Format
    remote: bool = False
    headings: tuple[str, ...] = ()
    delimiter: str = ","


def find_extract(given: Sequence[str], *, remote: bool = False) -> Extract:
    """Return the extract that paths name: files, or folders of files, all Parquet or all text.

    Args:
        given: files or folders; with ``remote`` also addresses.
        remote: whether addresses such as ``hdfs://...`` can be read.

    Raises:
        ExtractError: a file is not there, or neither; files of both forms; headings that are blank, that stand twice
            or that differ from file to file; a file that is not UTF-8.
    """
    if any("://" in one for one in given):
        return _addresses(given, remote)
    files = [file for one in given for file in _files(Path(one))]
    forms = {_form(file.name) for file in files}
    if len(forms) > 1:
        raise ExtractError(f"{', '.join(given)}: some files are text and some Parquet; give one form at a time.")
    name = Path(given[0]).name if len(given) == 1 else f"{Path(given[0]).name} and {len(given) - 1} more"
    form = forms.pop()
    if form == "parquet":
        return Extract(name=name, paths=tuple(map(str, files)), form=form)
    delimiter, headings = _head(files[0])
    for file in files[1:]:
        if _head(file) != (delimiter, headings):
            raise ExtractError(f"{file.name} has other headings than {files[0].name}; export both alike.")
    _check_headings(files[0].name, headings)
    return Extract(name=name, paths=tuple(map(str, files)), form=form, headings=headings, delimiter=delimiter)


def check_names(name: str, headings: Sequence[str]) -> None:
    """Refuse headings that engines cannot tell apart.

    Raises:
        ExtractError: a heading is blank or stands twice, be it with other capitals.
    """
    _check_headings(name, headings)


def _addresses(given: Sequence[str], remote: bool) -> Extract:
    if not remote:
        raise ExtractError(f"{given[0]} is not on this machine; only Spark (--engine spark) reads such addresses.")
    if not all("://" in one for one in given):
        raise ExtractError("Files of this machine and addresses cannot be one extract.")
    form: Format = "csv" if given[0].lower().removesuffix(".gz").endswith(_TEXTS) else "parquet"
    return Extract(name=given[0].rpartition("/")[2], paths=tuple(given), form=form, remote=True)


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        # Other programs leave marks such as _SUCCESS beside the parts.
        found = sorted(one for one in path.iterdir() if one.is_file() and _known(one.name))
        if not found:
            raise ExtractError(f"The folder {path} holds no .csv or .parquet files.")
        return found
    if not path.is_file():
        raise ExtractError(f"There is no file {path}. Check the name and the folder.")
    if not _known(path.name):
        raise ExtractError(f"{path.name}: an extract ends in .parquet, .csv, .txt or .tsv (or .csv.gz).")
    return [path]


def _known(name: str) -> bool:
    plain = name.lower()
    return not name.startswith((".", "_")) and (
        plain.endswith(".parquet") or plain.removesuffix(".gz").endswith(_TEXTS)
    )


def _form(name: str) -> Format:
    return "parquet" if name.lower().endswith(".parquet") else "csv"


def _head(path: Path) -> tuple[str, tuple[str, ...]]:
    """Return the delimiter and the headings of a text file."""
    try:
        with gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb") as file:
            line = file.readline(_LONGEST_HEAD)
    except OSError as error:
        raise ExtractError(f"{path.name} cannot be read ({error.strerror or error}).") from None
    except (EOFError, zlib.error):
        raise ExtractError(f"{path.name} is damaged: it cannot be unpacked. Export it again.") from None
    try:
        text = line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise ExtractError(f"{path.name} is not UTF-8; export it as CSV UTF-8, or as Parquet.") from None
    if not text.strip():
        raise ExtractError(f"{path.name} is empty, or has no headings in its first line.")
    try:
        rows = [(delimiter, next(csv.reader([text], delimiter=delimiter))) for delimiter in _DELIMITERS]
    except csv.Error as error:
        raise ExtractError(f"{path.name}: the first line is no line of headings ({error}).") from None
    delimiter, cells = max(rows, key=lambda row: len(row[1]))
    return delimiter, tuple(cells)


def _check_headings(name: str, headings: Sequence[str]) -> None:
    blank = [number for number, one in enumerate(headings, start=1) if not one.strip()]
    if blank:
        raise ExtractError(f"{name}: column {blank[0]} has no heading. Write one, or leave the column out.")
    folded = [one.casefold() for one in headings]
    twice = [one for one in headings if folded.count(one.casefold()) > 1]
    if twice:
        raise ExtractError(f"{name}: the heading '{twice[0]}' stands more than once. Rename all but one.")
