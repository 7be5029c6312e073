"""Tables in text form: comma, semicolon, tab or bar, decimal point or comma, UTF-8, UTF-16 or Windows-1252."""

from __future__ import annotations

import csv
import gc
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from xl_qbs.errors import DamagedWorkbookError, NotAWorkbookError
from xl_qbs.workbook.grid import Grid

# A list of nothing but line breaks takes seventy times its size.
MOST_LINES = 4_000_000
DELIMITERS = {";": "semicolon", ",": "comma", "\t": "tab", "|": "bar"}
# The delimiter is found on the first lines; headings with line breaks take several.
_LINES_LOOKED_AT = 200
# A number without leading zeros, so that an id such as 0017 stays a text. An exponent as R, Python and Stata
# write it has a sign, or its mantissa a decimal mark; without either it may be an id such as 12E3.
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)(?:[eE][-+][0-9]+)?")
_POINT = re.compile(r"-?(?:0|[1-9][0-9]*)?\.[0-9]+(?:[eE][-+]?[0-9]+)?")
_COMMA = re.compile(r"-?(?:0|[1-9][0-9]*)?,[0-9]+(?:[eE][-+]?[0-9]+)?")


def read_delimited(path: Path, data: bytes) -> Grid:
    """Return a text file's cells.

    Excel's ``sep=`` line is followed. Numbers become floats, all else stays text; what was written is
    kept in `Grid.texts`, from which ids are taken. A file has either decimal points or decimal commas: the
    rarer form stays text. A number may have no digit before its mark (``.5``) and an exponent if that has a
    sign (``1e-05``) or the mantissa a decimal mark (``1.5e3``); ``1E5`` may be an id and stays text.

    Raises:
        NotAWorkbookError: the file is not a text, or not in a known encoding, or has no cells, or over 4 million
            lines.
        DamagedWorkbookError: a quotation mark is opened and never closed.
    """
    text, encoding = _decode(path, data)
    lines = max(text.count("\n"), text.count("\r"))
    if lines > MOST_LINES:
        raise NotAWorkbookError(
            f"{path.name} has {lines:,} lines; {MOST_LINES:,} is the most. Leave out blank lines, or split the table."
        )
    stated = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)
    delimiter = stated.group(1) if stated else _delimiter(text)
    with _collector_paused():
        texts = _split(path, text, delimiter)
        if stated:
            # The sep= line is a row of its own in Excel's count too, so it stays as a row without cells.
            texts[0] = []
        if not any(cell.strip() for row in texts for cell in row):
            raise NotAWorkbookError(f"{path.name} holds no cells, only blanks. Ask for the file again.")
        comma = _has_decimal_commas(texts)
        rows = [[_value(cell, comma) for cell in row] for row in texts]
    return Grid(sheet=path.stem, rows=rows, texts=texts, delimiter=delimiter, encoding=encoding)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep Python from looking for garbage among many new cells, of which there is none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _decode(path: Path, data: bytes) -> tuple[str, str]:
    encodings = [("utf-8-sig", "utf-8"), ("cp1252", "windows-1252")]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = [("utf-16", "utf-16")]
    elif b"\0" in data:
        raise NotAWorkbookError(
            f"{path.name} is not a text file. Export the table from Excel as .xlsx or as CSV UTF-8."
        )
    for codec, name in encodings:
        try:
            return data.decode(codec), name
        except UnicodeDecodeError:
            continue
    raise NotAWorkbookError(
        f"{path.name} is in an unknown encoding, neither UTF-8 nor Windows-1252. "
        "Save it from Excel as 'CSV UTF-8 (comma delimited)'."
    )


def _delimiter(text: str) -> str:
    """Return the delimiter that splits the most lines into the same number of cells.

    Where decimal commas stand in a file of semicolons, both split the numbers alike, but only one of
    them splits the headings too; so the share of lines decides, then the number of cells.
    """
    lines = [line for line in text.splitlines()[:_LINES_LOOKED_AT] if line.strip()]
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        try:
            counts = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
        except csv.Error:
            continue
        counts.pop(1, None)
        if counts:
            width, rows = max(counts.items(), key=lambda item: (item[1], item[0]))
            score = (rows / len(lines), width)
            if score > best_score:
                best, best_score = delimiter, score
    return best


def _split(path: Path, text: str, delimiter: str) -> list[list[str]]:
    try:
        # Strict: else a stray quotation mark would swallow the rows below it without a word.
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise DamagedWorkbookError(
            f"{path.name} cannot be split into cells ({error}). "
            "Look for a quotation mark that is opened and never closed, or save the table as .xlsx."
        ) from None


def _has_decimal_commas(texts: list[list[str]]) -> bool:
    commas = points = 0
    for row in texts:
        for cell in row:
            if "," in cell:
                commas += _COMMA.fullmatch(cell.strip()) is not None
            elif "." in cell:
                points += _POINT.fullmatch(cell.strip()) is not None
    return commas > points


def _value(cell: str, comma: bool) -> Any:
    text = cell.strip()
    if not text:
        return None
    if _WHOLE.fullmatch(text):
        return float(text)
    if comma and _COMMA.fullmatch(text):
        return float(text.replace(",", "."))
    if not comma and _POINT.fullmatch(text):
        return float(text)
    return cell
