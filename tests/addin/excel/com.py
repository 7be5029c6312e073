"""xlwings' own call path without Windows: stand-ins for pywin32 and for Excel's ranges, nothing of xlwings.

What runs is xlwings' real `udfs.xlfunc` and its kin, `udfs.call_udf`, and `_xlwindows` with its converters.
What pywin32 does to values on their way is described in `as_com`, as read in its sources: a blank is None, a
number is a float, an error is its number as an integer, a date is its own kind with a time zone.
"""

from __future__ import annotations

import contextlib
import ctypes
import datetime
import importlib
import os
import sys
import types
from collections.abc import Iterator, Sequence
from typing import Any
from unittest.mock import MagicMock

import pytest

from xl_qbs.addin.definition import CellError, CellValue

# What VBA passes for an argument that was left out (DISP_E_PARAMNOTFOUND).
LEFT_OUT = -2147352572
# As pywin32 delivers error values of cells.
ERRORS = {
    "#NULL!": -2146826288,
    "#DIV/0!": -2146826281,
    "#VALUE!": -2146826273,
    "#REF!": -2146826265,
    "#NAME?": -2146826259,
    "#NUM!": -2146826252,
    "#N/A": -2146826246,
}
# As VBA's CVErr takes them, by the text that a cell shows.
CVERR = {2000: "#NULL!", 2007: "#DIV/0!", 2015: "#VALUE!", 2023: "#REF!", 2029: "#NAME?", 2036: "#NUM!", 2042: "#N/A"}


class ComError(Exception):
    hresult = 0


class TimeType(datetime.datetime):
    """pywin32's date."""


class CDispatch:
    """pywin32's object of another program."""


class Sheet:
    """A worksheet as far as it is used: its rows and columns up to a corner."""

    Name = "Sheet1"
    Parent = types.SimpleNamespace(Application=types.SimpleNamespace(Hwnd=1))

    def __init__(self, rows: int, columns: int) -> None:
        self.rows, self.columns = rows, columns

    def Cells(self, row: int, column: int) -> tuple[int, int]:
        return row, column

    @property
    def UsedRange(self) -> ComRange:
        return ComRange(tuple((None,) * self.columns for _ in range(self.rows)), sheet=self)


class ComRange(CDispatch):
    """A range as Excel gives it to a UDF; ``values`` are rows as `as_com` makes them."""

    Row = Column = 1
    Address = "$A$1"

    def __init__(
        self, values: Sequence[Sequence[Any]], shape: tuple[int, int] | None = None, sheet: Sheet | None = None
    ) -> None:
        self.values = tuple(tuple(row) for row in values)
        self.shape = shape or (len(self.values), len(self.values[0]))
        self.Worksheet = sheet or Sheet(*self.shape)
        self.reads = 0

    @property
    def Value(self) -> Any:
        self.reads += 1
        rows, columns = self.shape
        cells = [row + (None,) * (columns - len(row)) for row in self.values]
        cells += [(None,) * columns] * (rows - len(cells))
        cells = [row[:columns] for row in cells[:rows]]
        return cells[0][0] if self.shape == (1, 1) else tuple(cells)

    @property
    def Rows(self) -> Any:
        return types.SimpleNamespace(Count=self.shape[0])

    @property
    def Columns(self) -> Any:
        return types.SimpleNamespace(Count=self.shape[1])

    @property
    def Count(self) -> int:
        return self.shape[0] * self.shape[1]

    CountLarge = Count

    def GetAddress(self, *_: Any) -> str:
        return self.Address


def as_com(value: CellValue) -> Any:
    """Return a cell's value as pywin32 delivers it."""
    if isinstance(value, CellError):
        return ERRORS[value.value]
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, datetime.datetime):
        return TimeType(*value.timetuple()[:6], value.microsecond, tzinfo=datetime.UTC)
    return value


@contextlib.contextmanager
def call_path() -> Iterator[Any]:
    """Give a function that calls a UDF as xlwings' server does, and put everything back afterwards."""
    import xlwings

    ours = ("xl_qbs.addin.excel.udfs", "xl_qbs.addin.excel.commands", "xl_qbs.addin.excel.cells")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("xlwings.udfs", "xlwings._xlwindows", *ours):
            # Imported once more, with the stand-ins below.
            patch.delitem(sys.modules, name, raising=False)
        for name, module in _pywin32().items():
            patch.setitem(sys.modules, name, module)
        for name in ("windll", "oledll", "PyDLL"):
            patch.setattr(ctypes, name, MagicMock(), raising=False)
        patch.chdir(os.getcwd())  # xlwings goes elsewhere and back while it is imported
        windows = importlib.import_module("xlwings._xlwindows")
        udfs = importlib.import_module("xlwings.udfs")
        patch.setitem(sys.modules, "xlwings.com_server", types.SimpleNamespace(loop=None))
        patch.setattr(windows, "is_range_instance", lambda value: isinstance(value, ComRange))
        # What xlwings/__init__.py does on Windows.
        patch.setattr(xlwings, "_xlwindows", windows, raising=False)
        patch.setattr(xlwings, "engines", type(xlwings.engines)())
        xlwings.engines.add(xlwings.main.Engine(impl=windows.engine))
        xlwings.engines.active = xlwings.engines["excel"]
        for name, decorator in (("func", udfs.xlfunc), ("sub", udfs.xlsub), ("arg", udfs.xlarg), ("ret", udfs.xlret)):
            patch.setattr(xlwings, name, decorator)

        def call(module: str, name: str, arguments: Sequence[Any]) -> Any:
            """Do what `com_server.XLPython.CallUDF` does between VBA and `call_udf`, on both ways."""
            result = udfs.call_udf(module, name, tuple(arguments), None, None)
            if len(result) == 1:
                result = result[0][0] if len(result[0]) == 1 else result[0]
            return result

        yield call
        for name in ours:
            sys.modules.pop(name, None)


def native(result: Any) -> list[list[Any]]:
    """Do what `Native` in QbsPython does: integers become error values; rows of what the cells then show.

    It refuses what pywin32 would not carry over as the wrapper expects it.
    """
    if not isinstance(result, list):
        return [[_native(result)]]
    rows = result if isinstance(result[0], list) else [result]
    assert all(isinstance(row, list) for row in rows), "pywin32 takes a tuple for several results"
    assert len({len(row) for row in rows}) == 1
    return [[_native(cell) for cell in row] for row in rows]


def _native(cell: Any) -> Any:
    assert type(cell) in (float, int, str, bool), f"{cell!r} is not what VBA gets"
    if type(cell) is int:
        return CellError(CVERR[cell])
    if isinstance(cell, str):
        assert len(cell) <= 255
    return cell


def _pywin32() -> dict[str, types.ModuleType]:
    def module(name: str, **content: Any) -> None:
        made = types.ModuleType(name)
        made.__dict__.update(content)
        stubs[name] = made

    stubs: dict[str, types.ModuleType] = {}
    module("pywintypes", com_error=ComError, TimeType=TimeType, error=ComError, Time=lambda *parts: parts)
    module(
        "pythoncom", CoInitialize=lambda: None, com_error=ComError, ole_error=ComError, IID_IDispatch="IID", __file__=""
    )
    for name in ("win32api", "win32con", "win32gui"):
        module(name)
    module("win32process", GetWindowThreadProcessId=lambda _: (0, 1))
    module("win32timezone", TimeZoneInfo=MagicMock())
    module(
        "win32com.client",
        CDispatch=CDispatch,
        CoClassBaseClass=type("CoClassBaseClass", (), {}),
        DispatchBaseClass=type("DispatchBaseClass", (), {}),
        Dispatch=lambda one, **_: one,
        DispatchEx=lambda one: one,
        gencache=MagicMock(),
    )
    module("win32com", client=stubs["win32com.client"])
    return stubs
