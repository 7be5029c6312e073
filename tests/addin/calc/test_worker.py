from __future__ import annotations

import datetime
import io
import json
import subprocess
import sys
from typing import Any

import pytest

from xl_qbs import __version__
from xl_qbs.addin.calc import worker
from xl_qbs.addin.calc.worker import answer, from_message, serve
from xl_qbs.addin.definition import MISSING, CellError


def message(*rows: list[Any], height: int = 0) -> dict[str, Any]:
    return {"height": height or len(rows), "width": len(rows[0]), "rows": list(rows)}


def test_cells_arrive_as_what_they_are() -> None:
    cells = from_message(message([1.5, "a", None, True, {"error": "#N/A"}, {"date": 45000.5}]))
    assert cells == ((1.5, "a", None, True, CellError.NA, datetime.datetime(2023, 3, 15, 12)),)


def test_blank_rows_are_there_again() -> None:
    assert from_message(message([1.0, 2.0], height=3)) == ((1.0, 2.0), (None, None), (None, None))
    assert from_message({"height": 2, "width": 1, "rows": []}) == ((None,), (None,))


def test_what_was_left_out_is_missing() -> None:
    assert from_message(None) is MISSING


def test_errors_and_dates_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    day = datetime.datetime(2023, 3, 15, 12)
    monkeypatch.setattr(worker, "evaluate", lambda *_: ((1, CellError.NUM, None), (day, True, "õ")))
    call = json.dumps({"function": "QBS_VERSION", "given": []})
    assert json.loads(answer(call)) == {"rows": [[1, {"error": "#NUM!"}, None], [45000.5, True, "õ"]]}


def test_calls_are_answered_in_order_until_there_are_no_more() -> None:
    calls = [
        {"function": "QBS_COVERAGE", "given": [message([41.0]), message([target])]} for target in (82.0, 0.0, 41.0)
    ]
    answers = io.BytesIO()
    serve(io.BytesIO("".join(json.dumps(one) + "\n" for one in calls).encode()), answers)
    found = [json.loads(line)["rows"] for line in answers.getvalue().splitlines()]
    assert found == [[[0.5]], [[{"error": "#N/A"}]], [[1.0]]]


def test_what_is_printed_does_not_get_between_the_answers() -> None:
    program = (
        "from xl_qbs.addin.calc import worker\n"
        "worker.evaluate = lambda *_: print('noise') or ((1.0,),)\n"
        "worker.main()\n"
    )
    call = json.dumps({"function": "QBS_VERSION", "given": []}) + "\n"
    done = subprocess.run([sys.executable, "-c", program], input=call, capture_output=True, text=True, check=True)
    assert done.stdout == '{"rows": [[1.0]]}\n'
    assert "noise" in done.stderr


def test_the_version_can_be_asked_for() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "xl_qbs.addin.calc.worker", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == __version__
