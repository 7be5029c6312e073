"""Formulas of the examples as calls of `evaluate`, and cells as they are compared."""

from __future__ import annotations

import math
import re
from typing import Any

from xl_qbs.addin.catalogue import find
from xl_qbs.addin.definition import MISSING, CellError, Cells, Example, Given
from xl_qbs.addin.evaluate import evaluate

_CALL = re.compile(r"=(\w+)\((.*)\)")


def name_and_arguments(example: Example) -> tuple[str, list[Given]]:
    """Return the function's name and the arguments of an example's formula."""
    match = _CALL.fullmatch(example.formula)
    assert match is not None, example.formula
    name, inside = match.groups()
    texts = [text.strip() for text in inside.split(",")] if inside.strip() else []
    return name, [_argument(text, example.cells) for text in texts]


def _argument(text: str, cells: dict[str, Cells]) -> Given:
    if not text:
        return MISSING
    if text in cells:
        return cells[text]
    if text.startswith('"'):
        return ((text.strip('"'),),)
    return ((float(text),),)


def call(name: str, *given: Any) -> Cells:
    """Call a function; a plain value stands for one cell, and a list of values for a column."""
    return evaluate(find(name), [cells(one) for one in given])


def cells(value: Any) -> Given:
    if value is MISSING or isinstance(value, tuple):
        return value
    if isinstance(value, list):
        return column(value)
    return ((value,),)


def column(values: Any) -> Cells:
    return tuple((value,) for value in values)


def block(values: Any) -> Cells:
    """Return an array of two dimensions as rows of cells."""
    return tuple(tuple(row) for row in values.tolist())


def same(found: Cells, wanted: Cells, within: float = 1e-12) -> bool:
    """Return whether two ranges hold the same: numbers within a relative and absolute distance."""
    return len(found) == len(wanted) and all(
        len(row) == len(other) and all(same_cell(a, b, within) for a, b in zip(row, other, strict=True))
        for row, other in zip(found, wanted, strict=True)
    )


def same_cell(a: Any, b: Any, within: float = 1e-12) -> bool:
    if isinstance(a, (bool, str, CellError)) or a is None or isinstance(b, (bool, str, CellError)) or b is None:
        return type(a) is type(b) and a == b
    return math.isclose(a, b, rel_tol=within, abs_tol=within)
