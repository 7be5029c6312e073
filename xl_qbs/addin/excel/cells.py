"""Cells as Excel hands them over COM, to and from the cells of `xl_qbs.addin.definition`."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

from xlwings.conversion import Accessor, Pipeline, ReadValueFromRangeStage

from xl_qbs.addin.definition import CellError, Cells, CellValue
from xl_qbs.addin.excel.texts import shortened

# Excel's number of each error value (XlCVError). Over COM it comes as an integer, this number above
# 0x800A0000; numbers of cells always come as floats, so the two are never mistaken for each other.
ERROR_NUMBERS = {
    CellError.NULL: 2000,
    CellError.DIV0: 2007,
    CellError.VALUE: 2015,
    CellError.REF: 2023,
    CellError.NAME: 2029,
    CellError.NUM: 2036,
    CellError.NA: 2042,
}
ERROR_BASE = 0x800A0000 - 2**32
_ERRORS = {ERROR_BASE + number: error for error, number in ERROR_NUMBERS.items()}
# Errors that came later, such as #SPILL! and #CALC!, have numbers up to here.
_LAST_ERROR = ERROR_BASE + 2099

_PLAIN = {float, str, bool, type(None)}
# Day 0 of Excel's calendar as it counts from March 1900 on.
_DAY_ZERO = datetime.datetime(1899, 12, 30)
# Above so many cells a range is first cut where its sheet is used, as with A:Z.
_LARGE = 500_000


def cells_from_com(value: Any) -> Cells:
    """Return the cells of a value: one cell, a row (from an array constant) or rows."""
    if not isinstance(value, (tuple, list)):
        return ((_cell(value),),)
    if not value:
        return ((None,),)
    rows = value if isinstance(value[0], (tuple, list)) else (value,)
    # A row of numbers, texts and blanks is taken as it is, which is most of the time of a large range.
    return tuple(tuple(row) if set(map(type, row)) <= _PLAIN else tuple(map(_cell, row)) for row in rows)


def com_from_cells(cells: Cells) -> list[list[Any]]:
    """Return rows for the wrapper: an error as its number, the only integers; blanks as empty texts.

    They are lists throughout: pywin32 takes a tuple for several results.
    """
    return [list(row) if set(map(type, row)) == {float} else list(map(_value, row)) for row in cells]


def _cell(value: Any) -> CellValue:
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        if value in _ERRORS:
            return _ERRORS[value]
        return CellError.VALUE if ERROR_BASE < value <= _LAST_ERROR else value
    if isinstance(value, decimal.Decimal):
        return float(value)  # a cell in a currency format
    if isinstance(value, datetime.datetime):
        # pywin32's own kind of date, and with a time zone that Excel does not know of.
        moment = (value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond)
        return datetime.datetime(*moment)
    if value is None or isinstance(value, (float, str)):
        return value
    return CellError.VALUE


def _value(cell: CellValue) -> Any:
    if cell is None:
        return ""
    if isinstance(cell, CellError):
        return ERROR_NUMBERS[cell]
    if isinstance(cell, str):
        # A longer text in an array makes the whole array #VALUE!.
        return shortened(cell)
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, datetime.datetime):
        return (cell - _DAY_ZERO) / datetime.timedelta(days=1)
    return float(cell)


class QbsCells(Accessor):
    """How xlwings reads arguments and writes results: raw, since its usual way turns errors into blanks."""

    @classmethod
    def reader(cls, options: Any) -> Any:
        """Return the steps from a range or a value to cells."""
        return Pipeline([_cut_where_used, ReadValueFromRangeStage(options), _take_cells])  # type: ignore[no-untyped-call]

    @classmethod
    def writer(cls, options: Any) -> Any:  # noqa: ARG003  (xlwings' signature)
        """Return the steps from cells to what goes over COM."""
        return Pipeline([_give_values])


def _cut_where_used(context: Any) -> None:
    if context.range is None:
        return
    rows, columns = context.range.shape
    if rows * columns <= _LARGE:
        return
    used = context.range.sheet.used_range
    rows = min(rows, max(used.row + used.shape[0] - context.range.row, 1))
    columns = min(columns, max(used.column + used.shape[1] - context.range.column, 1))
    context.range = context.range[:rows, :columns]


def _take_cells(context: Any) -> None:
    context.value = cells_from_com(context.value)


def _give_values(context: Any) -> None:
    context.value = com_from_cells(context.value)
