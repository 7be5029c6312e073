"""Calls out of named arguments, and plain arrays as what cells hold and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.addin.calc.cases import Call
from xl_qbs.addin.definition import MISSING, CellError, Cells, CellValue, Function, Given


def named_call(function: Function, named: dict[str, Given]) -> Call:
    return Call(function, tuple(named.get(argument.name, MISSING) for argument in function.arguments))


def named_values(call: Call) -> dict[str, Any]:
    """Return what is given in a call as plain Python takes it, by the names of the arguments."""
    return {
        argument.name: plain_value(argument.kind, cells)
        for argument, cells in zip(call.function.arguments, call.given, strict=True)
        if cells is not MISSING
    }


def plain_value(kind: str, cells: Cells) -> Any:
    """Return an argument as plain Python takes it; a blank and #N/A are NaN."""
    if kind == "numbers":
        unknown = {None, CellError.NA}
        return np.array([[np.nan if cell in unknown else cell for cell in row] for row in cells], dtype=float)
    return cells[0][0] if kind in {"number", "text"} else cells


def as_cells(array: Any) -> Cells:
    """Return an array of two dimensions as cells show it."""
    return tuple(tuple(map(as_cell, row)) for row in array.tolist())


def as_cell(value: Any) -> CellValue:
    if isinstance(value, (str, bool)) or np.isfinite(value):
        return value if isinstance(value, (str, bool)) else float(value)
    return CellError.NA if np.isnan(value) else CellError.NUM


def as_block(array: Any) -> Cells:
    return tuple(map(tuple, array.tolist()))


def as_row(values: Any) -> Cells:
    return (tuple(_plain(value) for value in values),)


def as_column(values: Any) -> Cells:
    return tuple((_plain(value),) for value in values)


def one_cell(value: CellValue) -> Cells:
    return ((value,),)


def _plain(value: Any) -> CellValue:
    return value if isinstance(value, str) else float(value)
