"""Cell addresses as Excel writes them."""

from __future__ import annotations

import re
from functools import lru_cache

# A sheet name that needs no quotes in a formula: letters, digits, points and underscores, and not
# something that reads as a cell or a number.
_PLAIN_NAME = re.compile(r"[^\W\d][\w.]*\Z")
_LIKE_A_CELL = re.compile(r"(?:[A-Za-z]{1,3}\d+|[RrCc]\d*(?:[Cc]\d*)?)\Z")


@lru_cache(maxsize=20000)
def column_letter(column: int) -> str:
    """Return the letters of a column numbered from 1.

    >>> column_letter(1), column_letter(28), column_letter(16384)
    ('A', 'AB', 'XFD')
    """
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """Return the number, from 1, of a column's letters.

    >>> column_number("A"), column_number("XFD")
    (1, 16384)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def cell_name(row: int, column: int) -> str:
    """Return a cell's address, row and column numbered from 1.

    >>> cell_name(11, 5)
    'E11'
    """
    return f"{column_letter(column)}{row}"


def range_name(top: int, left: int, bottom: int, right: int) -> str:
    """Return the absolute address of a range; one cell stands alone.

    >>> range_name(11, 5, 791, 5), range_name(3, 2, 3, 2)
    ('$E$11:$E$791', '$B$3')
    """
    first = f"${column_letter(left)}${top}"
    last = f"${column_letter(right)}${bottom}"
    return first if first == last else f"{first}:{last}"


def quoted(sheet: str) -> str:
    """Return a sheet's name as a formula writes it before the exclamation mark.

    >>> quoted("Andmed 2019"), quoted("Data"), quoted("O'Neill")
    ("'Andmed 2019'", 'Data', "'O''Neill'")
    """
    if _PLAIN_NAME.match(sheet) and not _LIKE_A_CELL.match(sheet):
        return sheet
    return "'" + sheet.replace("'", "''") + "'"


def split_cell(cell: str) -> tuple[int, int]:
    """Return column and row, numbered from 1, of a cell's address.

    >>> split_cell("AB12")
    (28, 12)
    """
    letters = cell.rstrip("0123456789")
    return column_number(letters), int(cell[len(letters) :])
