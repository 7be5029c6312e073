"""What stands in the cells of a template: contents in the order of writing, and the stored values of formulas.

Both are made a few rows at a time, so that a template for thousands of lists never stands in memory
whole.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from openpyxl.worksheet.formula import ArrayFormula

from xl_qbs.errors import OutputError
from xl_qbs.sheets.address import cell_name
from xl_qbs.sheets.formula import Part, Rows, cell_formula, column_parts, has_formula, row_formula
from xl_qbs.sheets.model import Block, Book, Sheet
from xl_qbs.workbook.xml import cell_text, coded_text, number_text

# Rows made at a time.
ROWS = 200
# Excel's own limit, in units of UTF-16.
_LONGEST_TEXT = 32_767

# openpyxl's letter for the kind of a cell (``n`` number, ``s`` text, ``f`` formula, ``str`` a formula's text)
# and what stands in it, as text; None for nothing.
Content = tuple[str, Any]
# As a formula that is missing: openpyxl would write an empty number, which some programs take for 0.
BLANK: Content = "f", None
# Whether a stored value is a text, and the value as it stands between tags.
Stored = tuple[bool, str]


def contents(book: Book, block: Block, j: int) -> Callable[[int, int], list[Content]]:
    """Return what makes the contents of rows ``a`` to ``b``, from 0 and without ``b``, of a block's column ``j``."""
    if block.formula is None:
        return lambda a, b: [_plain(block, i, j, value) for i, value in _values(block, j, a, b)]
    if block.array:
        return lambda a, b: [_of_array(book, block, i, j, value) for i, value in _values(block, j, a, b)]
    parts = column_parts(book, block, j)
    present = has_formula(book, block)
    if present is None:
        return _formulas(parts, block)
    # A cell that has nothing to refer to holds its plain value.
    return lambda a, b: [
        ("f", "=" + row_formula(parts, block, i)) if present[i, j] else _plain(block, i, j, value)
        for i, value in _values(block, j, a, b)
    ]


def stored_values(book: Book, sheet: Sheet) -> Iterator[Stored]:
    """Yield the stored value of each formula of a sheet, row by row and from left to right."""
    for first, last, blocks in sheet.runs():
        columns = [(block, has_formula(book, block), j) for block in blocks for j in range(block.columns)]
        columns = [one for one in columns if one[0].formula is not None]
        for start in range(first, last + 1, ROWS):
            stop = min(start + ROWS, last + 1)
            made = [_stored(block, present, j, start - block.row, stop - block.row) for block, present, j in columns]
            for row in zip(*made, strict=True):
                for one in row:
                    if one is not None:
                        yield one


def _formulas(parts: Sequence[Part], block: Block) -> Callable[[int, int], list[Content]]:
    """Return what makes a column's formulas: one text, in which marks are replaced by the numbers of rows.

    Nearly all formulas of a column have one changing row only, so that this is several times as fast
    as putting the parts of each together. No formula holds the characters of the marks.
    """
    rows = {f"\x01{part.id}\x02": part for part in parts if isinstance(part, Rows)}
    text = "=" + "".join(part if isinstance(part, str) else f"\x01{part.id}\x02" for part in parts)

    def made(a: int, b: int) -> list[Content]:
        texts = [text] * (b - a)
        for mark, row in rows.items():
            texts = [one.replace(mark, str(row.at(block, i))) for i, one in enumerate(texts, start=a)]
        return [("f", one) for one in texts]

    return made


def _stored(block: Block, present: Any, j: int, a: int, b: int) -> list[Stored | None]:
    """Return the stored values of rows of a block's column; None where the cell holds no formula."""
    if block.array:
        return [_stored_value(block, i, j, value) if i == j == 0 else None for i, value in _values(block, j, a, b)]
    if present is not None:
        return [_stored_value(block, i, j, value) if present[i, j] else None for i, value in _values(block, j, a, b)]
    return [_stored_value(block, i, j, value) for i, value in _values(block, j, a, b)]


def _values(block: Block, j: int, a: int, b: int) -> Iterator[tuple[int, Any]]:
    return enumerate(block.values[a:b, j].tolist(), start=a)


def _plain(block: Block, i: int, j: int, value: Any) -> Content:
    if value is None or value == "" or value != value:  # noqa: PLR0124  (NaN is the value that differs from itself)
        return BLANK
    if isinstance(value, str):
        # openpyxl would refuse what XML cannot hold, and escapes the rest itself.
        return "s", coded_text(_checked(block, i, j, value))
    return "n", _number(block, i, j, value)


def _of_array(book: Book, block: Block, i: int, j: int, value: Any) -> Content:
    """Return a cell of an array formula: the formula stands in the first one, the others hold values only."""
    if i == j == 0:
        corner = cell_name(block.row + block.rows - 1, block.column + block.columns - 1)
        reach = f"{cell_name(block.row, block.column)}:{corner}"
        return "f", ArrayFormula(reach, "=" + cell_formula(book, block, 0, 0))
    kind, content = _plain(block, i, j, value)
    return ("str" if kind == "s" else kind), content


def _stored_value(block: Block, i: int, j: int, value: Any) -> Stored:
    if isinstance(value, str):
        return True, cell_text(_checked(block, i, j, value))
    if value is None or value != value:  # noqa: PLR0124  (NaN)
        return True, ""
    return False, _number(block, i, j, value)


def _number(block: Block, i: int, j: int, value: Any) -> str:
    """Return a number's text, from which it can be read back exactly; openpyxl's own has 16 digits only."""
    if not isinstance(value, (float, int, np.number, np.bool_)):
        raise TypeError(f"{_where(block, i, j)}: a cell cannot hold {type(value).__name__}")
    # Through float, since numpy's numbers say of what type they are.
    number = float(value)
    if math.isinf(number):
        raise OutputError(f"{_where(block, i, j)} would hold {number}, which no cell can hold.")
    return number_text(number)


def _checked(block: Block, i: int, j: int, text: str) -> str:
    # A character takes two units at most: a short text need not be measured.
    if len(text) > _LONGEST_TEXT // 2:
        length = len(text.encode("utf-16-le", "surrogatepass")) // 2
        if length > _LONGEST_TEXT:
            raise OutputError(
                f"{_where(block, i, j)} would hold {length:,} characters; a workbook's cell can hold {_LONGEST_TEXT:,}."
            )
    return text


def _where(block: Block, i: int, j: int) -> str:
    return f"{block.sheet}!{cell_name(block.row + i, block.column + j)}"
