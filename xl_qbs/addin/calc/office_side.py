"""The part of the extension that runs inside LibreOffice: it hands each call to Python's own process.

LibreOffice brings a Python of its own on Windows and macOS, often older than xl_qbs and unable to load
this environment's numpy. So the functions run in a process of the Python that xl_qbs is installed in, which
ends when LibreOffice does. Calls and answers are lines of JSON: cells are numbers, texts, true, false, null
for a blank one, ``{"error": "#N/A"}`` or ``{"date": 45000.5}``. Nothing leaves the machine.

This file is copied into the extension as it stands: it uses the standard library of Python 3.8 only.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import threading
from typing import Any, Dict, List, Optional, Sequence, Tuple  # noqa: UP035  (Python 3.8)

SETTINGS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "settings.json")
WORKER = "xl_qbs.addin.calc.worker"
# What cannot be answered, because Python's process does not start.
NO_ANSWER = "#NAME?"

# Calc keeps an error in the low 32 bits of a number that is none (formula/errorcodes.hxx).
_QUIET_NAN = 0x7FF80000
ERROR_NUMBERS = {
    "#NULL!": 521,
    "#DIV/0!": 532,
    "#VALUE!": 519,
    "#REF!": 524,
    "#NAME?": 525,
    "#NUM!": 503,
    "#N/A": 32767,
}
# Kinds of cells that Calc can be asked for (com.sun.star.sheet.CellFlags and FormulaResult).
_VALUE, _DATE, _TEXT, _FORMULA = 1, 2, 4, 16
_ERRORS = 4
_ERROR_TEXTS = {number: text for text, number in ERROR_NUMBERS.items()}


def error_value(text: str) -> float:
    """Return the number by which Calc knows an error value."""
    value: float = struct.unpack("<d", struct.pack("<II", ERROR_NUMBERS[text], _QUIET_NAN))[0]
    return value


def error_text(value: float) -> str:
    """Return the error value that a number that is none stands for; #VALUE! for those that only Calc has."""
    low = struct.unpack("<II", struct.pack("<d", value))[0]
    return _ERROR_TEXTS.get(low & 0xFFFF, "#VALUE!")


def to_message(given: Any) -> Any:
    """Return one argument, as Calc gives it, in the form in which it travels.

    None stays None: it was left out. Anything else becomes height, width and rows of cells; blank rows at the
    end do not travel, because a reference to a whole column has a million of them.
    """
    if given is None:
        return None
    if hasattr(given, "getDataArray"):
        return _reference(given)
    rows = given if isinstance(given, tuple) else ((given,),)
    return _message(len(rows), len(rows[0]) if rows else 1, [[_cell(cell) for cell in row] for row in rows])


def _message(height: int, width: int, rows: List[List[Any]]) -> Dict[str, Any]:  # noqa: UP006
    used = len(rows)
    while used and all(cell is None for cell in rows[used - 1]):
        used -= 1
    return {"height": height, "width": width, "rows": rows[:used]}


def _cell(value: Any) -> Any:
    # Calc gives a blank cell of a range as an empty text.
    if value is None or value == "":
        return None
    if isinstance(value, float) and value != value:  # noqa: PLR0124  (only a number that is none differs from itself)
        return {"error": error_text(value)}
    return value


def _reference(area: Any) -> Dict[str, Any]:  # noqa: UP006
    """Return the cells of a reference, which Calc gives as an object to ask for them."""
    whole = area.getRangeAddress()
    height = whole.EndRow - whole.StartRow + 1
    width = whole.EndColumn - whole.StartColumn + 1
    used = [one.EndRow - whole.StartRow + 1 for one in _addresses(area, _VALUE | _DATE | _TEXT | _FORMULA)]
    if not used:
        return _message(height, width, [])
    area = area.getCellRangeByPosition(0, 0, width - 1, max(used) - 1)
    rows = [[_cell(cell) for cell in row] for row in area.getDataArray()]
    for one in _addresses(area, _DATE):
        for i in range(one.StartRow - whole.StartRow, one.EndRow - whole.StartRow + 1):
            for j in range(one.StartColumn - whole.StartColumn, one.EndColumn - whole.StartColumn + 1):
                rows[i][j] = {"date": rows[i][j]}
    for one in _errors(area):
        for i in range(one.StartRow - whole.StartRow, one.EndRow - whole.StartRow + 1):
            for j in range(one.StartColumn - whole.StartColumn, one.EndColumn - whole.StartColumn + 1):
                number = area.getCellByPosition(j, i).getError()
                rows[i][j] = {"error": _ERROR_TEXTS.get(number, "#VALUE!")}
    return _message(height, width, rows)


def _addresses(area: Any, contents: int) -> Any:
    return area.queryContentCells(contents).getRangeAddresses()


def _errors(area: Any) -> Any:
    return area.queryFormulaCells(_ERRORS).getRangeAddresses()


def shortened(messages: List[Any]) -> List[Any]:  # noqa: UP006
    """Return arguments without most of the blank rows below all that is used.

    Arguments of one height stay so, and those of different heights too, since that decides whether they fit.
    """
    used = max((len(one["rows"]) for one in messages if one), default=0)
    heights = sorted({one["height"] for one in messages if one and one["height"] > used})
    for one in messages:
        if one and one["height"] > used:
            one["height"] = used + 1 + heights.index(one["height"])
    return messages


def from_message(rows: Any) -> Any:
    """Return an answer as Calc takes it: rows of values."""
    return tuple(tuple(_value(cell) for cell in row) for row in rows)


def _value(cell: Any) -> Any:
    if cell is None:
        return ""
    if isinstance(cell, dict):
        return error_value(cell["error"])
    # Whole numbers end at 2**31 in Calc, and TRUE and FALSE do not arrive as such.
    return float(cell) if isinstance(cell, int) else cell


def read_settings(path: str = SETTINGS) -> Dict[str, Any]:  # noqa: UP006
    """Return what the installation wrote down; empty where it wrote nothing."""
    try:
        with open(path, encoding="utf-8") as stream:
            settings = json.load(stream)
    except (OSError, ValueError):
        return {}
    return settings if isinstance(settings, dict) else {}


def find_python(settings: Dict[str, Any]) -> str:  # noqa: UP006
    """Return the Python to run: of the environment variable XL_QBS_PYTHON, of the installation, or just python."""
    return os.environ.get("XL_QBS_PYTHON") or settings.get("python") or "python"


def clean_environment() -> Dict[str, str]:  # noqa: UP006
    """Return the environment without what LibreOffice sets for its own Python and libraries."""
    own = {"PYTHONHOME", "PYTHONPATH", "PYTHONEXECUTABLE", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"}
    return {name: text for name, text in os.environ.items() if name not in own}


class Calculator:
    """Python's process and the talk with it; it is started with the first call."""

    def __init__(self, command: Optional[Sequence[str]] = None) -> None:  # noqa: UP045
        self._command = list(command) if command else None
        self._process: Optional[subprocess.Popen[bytes]] = None  # noqa: UP045
        self._one_at_a_time = threading.Lock()

    def call(self, function: str, given: Sequence[Any]) -> Any:
        """Return what a function gives, as rows of values; an error value where there is no answer."""
        message = {"function": function, "given": shortened([to_message(one) for one in given])}
        line = json.dumps(message).encode("ascii") + b"\n"
        with self._one_at_a_time:
            # The process may have been ended since the last call: then a new one gets the same question.
            for _ in range(2):
                answer = self._ask(line)
                if answer is not None:
                    return from_message(answer)
        return ((error_value(NO_ANSWER),),)

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            for stream in (process.stdin, process.stdout):
                try:
                    if stream is not None:
                        stream.close()
                except OSError:
                    pass
            process.kill()
            process.wait()

    def _ask(self, line: bytes) -> Any:
        try:
            process = self._running()
            assert process.stdin is not None  # noqa: S101  (for the type checker: both are pipes)
            assert process.stdout is not None  # noqa: S101
            process.stdin.write(line)
            process.stdin.flush()
            return json.loads(process.stdout.readline())["rows"]
        except (OSError, ValueError, KeyError):
            self.close()
            return None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            command = self._command or [find_python(read_settings()), "-P", "-m", WORKER]
            # Without this flag Windows shows an empty console window.
            flags = getattr(subprocess, "CREATE_NO_WINDOW", 0) if sys.platform == "win32" else 0
            self._process = subprocess.Popen(  # noqa: S603  (our own Python, named at the installation)
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=clean_environment(),
                creationflags=flags,
            )
        return self._process


_calculator = Calculator()


def call(function: str, given: Tuple[Any, ...]) -> Any:  # noqa: UP006
    """Return what a function gives for the arguments that Calc hands over."""
    return _calculator.call(function, given)


def methods(names: Dict[str, List[Any]]) -> Dict[str, Any]:  # noqa: UP006
    """Return the methods of Calc's component by their names there.

    Args:
        names: for each method, the function behind it and whether it gives one value instead of rows.
    """
    return {method: _method(function, single) for method, (function, single) in names.items()}


def _method(function: str, single: bool) -> Any:
    def method(_self: Any, *given: Any) -> Any:
        rows = call(function, given)
        return rows[0][0] if single else rows

    return method


__all__: List[str] = ["call", "methods"]  # noqa: UP006
