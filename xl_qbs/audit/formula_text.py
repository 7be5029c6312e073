"""Formulas as text: one spelling for what spreadsheets write in different ways, and shared formulas spelled out.

Nothing here evaluates a formula.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from xl_qbs.sheets.address import column_letter, column_number

# A text, a sheet's name, a cell, a truth value written as a function, a word, a number, blanks, or any other character.
_TOKEN = re.compile(
    r'(?P<text>"(?:[^"]|"")*")'
    r"|(?P<sheet>(?:'(?:[^']|'')+'|[^\W\d][\w.]*)!)"
    r"|(?P<cell>(?P<c1>\$?)(?P<col>[A-Za-z]{1,3})(?P<r1>\$?)(?P<row>[0-9]{1,7})(?![\w.(!]))"
    r"|(?P<truth>(?i:TRUE|FALSE)\(\s*\))"
    r"|(?P<word>[^\W\d][\w.]*)"
    r"|(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[Ee][+-]?[0-9]+)?)"
    r"|(?P<blank>\s+)"
)
_PREFIXES = ("_xlfn.", "_xlws.", "_xludf.", "of:", "msoxl:")
_EXTERNAL = re.compile(r"\[[^\]]*\]|https?://|file://|\\\\", re.IGNORECASE)
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384


def canonical(formula: str, sheets: Mapping[str, str] | None = None) -> str:
    """Return a formula in the one spelling in which formulas are compared.

    Case, blanks, quotes around sheets' names, the prefixes of newer functions and brackets behind TRUE and FALSE
    differ between programs and mean nothing; absolute and relative references are kept apart.

    Args:
        formula: the formula, without ``=``.
        sheets: other names of sheets, casefolded, each with the name it stands for.

    >>> canonical("sum( 'Data'!$a$1:B2 ,1.0)") == canonical("SUM(Data!$A$1:B2,1)")
    True
    >>> canonical('IF(A1,true(),ISTRUE())&"TRUE()"')
    'IF(A1,TRUE,ISTRUE())&"TRUE()"'
    """
    names = sheets or {}

    def spelled(match: re.Match[str]) -> str:
        kind = match.lastgroup
        text = match[0]
        if kind == "text":
            return text
        if kind == "blank":
            return _blank(match)
        if kind == "number":
            return repr(float(text))
        if kind == "sheet":
            name = sheet_of(text[:-1]).casefold()
            return f"'{names.get(name, name)}'!"
        if kind == "truth":
            return text[: text.index("(")].upper()
        if kind == "word":
            return _word(text)
        return text.upper()

    return _TOKEN.sub(spelled, formula)


def sheet_of(prefix: str) -> str:
    """Return the sheet's name that stands before an exclamation mark, without its quotes."""
    return prefix[1:-1].replace("''", "'") if prefix.startswith("'") else prefix


def shared(formula: str, down: int, across: int) -> str:
    """Return a shared formula as it reads so many rows below and columns beside the cell that spells it out.

    >>> shared("A1+$B$2*Data!C3", 2, 1)
    'B3+$B$2*Data!D5'
    """

    def moved(match: re.Match[str]) -> str:
        if match["col"] is None:
            return match[0]
        column, row = column_number(match["col"].upper()), int(match["row"])
        column = column if match["c1"] else (column + across - 1) % MOST_COLUMNS + 1
        row = row if match["r1"] else (row + down - 1) % MOST_ROWS + 1
        return f"{match['c1']}{column_letter(column)}{match['r1']}{row}"

    return _TOKEN.sub(moved, formula)


def relative(formula: str, row: int, column: int) -> str:
    """Return a formula with relative references as distances, equal for all cells that it was filled into.

    >>> relative("A1+$B$2", 3, 2)
    'R[-2]C[-1]+R2C2'
    """

    def spelled(match: re.Match[str]) -> str:
        if match["col"] is None:
            return match[0]
        at, down = column_number(match["col"].upper()), int(match["row"])
        rows = f"R{down}" if match["r1"] else f"R[{down - row}]"
        return rows + (f"C{at}" if match["c1"] else f"C[{at - column}]")

    return _TOKEN.sub(spelled, formula)


def is_external(formula: str) -> bool:
    """Return whether a formula, its texts aside, refers to another file."""
    return "[" in formula and bool(_EXTERNAL.search(re.sub(r'"(?:[^"]|"")*"', '""', formula)))


def _blank(match: re.Match[str]) -> str:
    """Return nothing for blanks that mean nothing; between two operands a blank is an operator."""
    before = match.string[match.start() - 1 : match.start()]
    after = match.string[match.end() : match.end() + 1]
    operands = (before.isalnum() or before in (")", '"', "_")) and (after.isalnum() or after in ("(", "$", "'", "_"))
    return " " if operands else ""


@lru_cache(maxsize=4096)
def _word(text: str) -> str:
    for prefix in _PREFIXES:
        if text.casefold().startswith(prefix):
            text = text[len(prefix) :]
    return text.upper()
