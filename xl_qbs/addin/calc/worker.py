"""The process behind the functions in LibreOffice Calc: reads calls, a line of JSON each, and answers them.

`xl_qbs.addin.calc.office_side` starts it and says how a message looks. It ends when its input does.
"""

from __future__ import annotations

import datetime
import json
import os
import sys
from collections.abc import Sequence
from typing import IO, Any

from xl_qbs.addin.catalogue import find
from xl_qbs.addin.definition import MISSING, CellError, Cells, CellValue, Given
from xl_qbs.addin.evaluate import evaluate
from xl_qbs.errors import QbsError

_FIRST_DAY = datetime.datetime(1899, 12, 30)


def answer(line: str | bytes) -> str:
    """Return the answer to one call."""
    message = json.loads(line)
    try:
        function = find(message["function"])
    except QbsError:
        return _written(((CellError.NAME,),))
    return _written(evaluate(function, [from_message(one) for one in message["given"]]))


def from_message(given: Any) -> Given:
    """Return an argument as it travelled; the blank rows that were left behind are there again."""
    if given is None:
        return MISSING
    rows: Cells = tuple(tuple(_read(cell) for cell in row) for row in given["rows"])
    blank: tuple[CellValue, ...] = (None,) * given["width"]
    below: Cells = (blank,) * (given["height"] - len(rows))
    return rows + below


def _read(cell: Any) -> CellValue:
    if isinstance(cell, dict):
        if "date" in cell:
            return _FIRST_DAY + datetime.timedelta(days=cell["date"])
        return CellError(cell["error"])
    value: CellValue = cell
    return value


def _written(cells: Cells) -> str:
    return json.dumps({"rows": [[_write(cell) for cell in row] for row in cells]})


def _write(cell: CellValue) -> Any:
    if isinstance(cell, CellError):
        return {"error": cell.value}
    if isinstance(cell, datetime.datetime):
        return (cell - _FIRST_DAY) / datetime.timedelta(days=1)
    return cell


def serve(calls: IO[bytes], answers: IO[bytes]) -> None:
    """Answer calls until there are no more."""
    for line in calls:
        answers.write(answer(line).encode("ascii") + b"\n")
        answers.flush()


def main(arguments: Sequence[str] = ()) -> int:
    """Serve standard input and output, or only say which version this is."""
    if "--version" in arguments:
        from xl_qbs._version import __version__  # noqa: PLC0415  (only asked for by the status)

        sys.stdout.write(f"{__version__}\n")
        return 0
    # What a library prints must not get between the answers.
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        serve(sys.stdin.buffer, answers)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
