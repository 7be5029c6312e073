from __future__ import annotations

import math
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from xl_qbs.addin.calc import office_side
from xl_qbs.addin.calc.office_side import (
    Calculator,
    clean_environment,
    error_text,
    error_value,
    find_python,
    from_message,
    methods,
    read_settings,
    shortened,
    to_message,
)
from xl_qbs.addin.definition import CellError


@pytest.mark.parametrize("error", list(CellError), ids=lambda error: error.name)
def test_every_error_is_a_number_that_is_none_and_back(error: CellError) -> None:
    value = error_value(error.value)
    assert math.isnan(value)
    assert error_text(value) == error.value


def test_other_numbers_that_are_none_are_value_errors() -> None:
    assert error_text(math.nan) == "#VALUE!"


def test_an_argument_that_was_left_out_stays_so() -> None:
    assert to_message(None) is None


def test_one_value_is_a_range_of_one() -> None:
    assert to_message(5.0) == {"height": 1, "width": 1, "rows": [[5.0]]}
    assert to_message("report") == {"height": 1, "width": 1, "rows": [["report"]]}


def test_an_empty_text_is_a_blank_and_an_error_a_named_one() -> None:
    assert to_message(((1.0, ""), (error_value("#N/A"), "a"))) == {
        "height": 2,
        "width": 2,
        "rows": [[1.0, None], [{"error": "#N/A"}, "a"]],
    }


def test_blank_rows_at_the_end_do_not_travel() -> None:
    assert to_message((("",), (2.0,), ("",), ("",))) == {"height": 4, "width": 1, "rows": [[None], [2.0]]}


def test_heights_that_differ_still_differ_after_shortening() -> None:
    messages = [
        {"height": height, "width": 1, "rows": [[1.0]] * used}
        for height, used in ((900, 2), (1000, 3), (900, 1), (3, 3))
    ]
    assert [one["height"] for one in shortened([None, *messages])[1:]] == [4, 5, 4, 3]


class Area:
    """Stands in for a reference in Calc; rows are counted from the sheet's fourth, columns from its third."""

    def __init__(self, rows: list[list[Any]]) -> None:
        self.rows = rows

    def getRangeAddress(self) -> Any:
        return SimpleNamespace(StartRow=3, EndRow=2 + len(self.rows), StartColumn=2, EndColumn=1 + len(self.rows[0]))

    def getCellRangeByPosition(self, left: int, top: int, right: int, bottom: int) -> Area:
        assert (left, top, right) == (0, 0, len(self.rows[0]) - 1)
        return Area(self.rows[: bottom + 1])

    def getDataArray(self) -> tuple[tuple[Any, ...], ...]:
        return tuple(tuple(self._given(cell) for cell in row) for row in self.rows)

    @staticmethod
    def _given(cell: Any) -> Any:
        if cell is None:
            return ""
        if isinstance(cell, dict):
            return cell["date"]
        # A whole number stands for the error of that number.
        return None if isinstance(cell, int) else cell

    def queryContentCells(self, kinds: int) -> Any:
        return self._found(lambda cell: isinstance(cell, dict) if kinds == 2 else cell is not None)

    def queryFormulaCells(self, kinds: int) -> Any:
        assert kinds == 4
        return self._found(lambda cell: isinstance(cell, int))

    def _found(self, wanted: Any) -> Any:
        found = [
            SimpleNamespace(StartRow=i + 3, EndRow=i + 3, StartColumn=j + 2, EndColumn=j + 2)
            for i, row in enumerate(self.rows)
            for j, cell in enumerate(row)
            if wanted(cell)
        ]
        return SimpleNamespace(getRangeAddresses=lambda: found)

    def getCellByPosition(self, column: int, row: int) -> Any:
        return SimpleNamespace(getError=lambda: self.rows[row][column])


def test_a_reference_tells_blanks_dates_and_errors_apart() -> None:
    area = Area([[1.0, None], [32767, {"date": 45000.0}], ["text", 502], [None, None]])
    assert to_message(area) == {
        "height": 4,
        "width": 2,
        "rows": [[1.0, None], [{"error": "#N/A"}, {"date": 45000.0}], ["text", {"error": "#VALUE!"}]],
    }


def test_a_blank_reference_has_no_rows() -> None:
    assert to_message(Area([[None, None]] * 3)) == {"height": 3, "width": 2, "rows": []}


def test_answers_are_numbers_texts_and_errors_as_calc_has_them() -> None:
    ((number, text, blank, flag, error),) = from_message([[7, "a", None, True, {"error": "#NUM!"}]])
    assert (number, text, blank, flag) == (7.0, "a", "", 1.0)
    assert type(number) is type(flag) is float
    assert error_text(error) == "#NUM!"


def test_settings_that_are_missing_or_broken_are_none(tmp_path: Path) -> None:
    assert read_settings(str(tmp_path / "none.json")) == {}
    for text in ("{", "[1]"):
        (tmp_path / "odd.json").write_text(text, encoding="utf-8")
        assert read_settings(str(tmp_path / "odd.json")) == {}


def test_which_python_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XL_QBS_PYTHON", raising=False)
    assert find_python({}) == "python"
    assert find_python({"python": "/here/python"}) == "/here/python"
    monkeypatch.setenv("XL_QBS_PYTHON", "/there/python")
    assert find_python({"python": "/here/python"}) == "/there/python"


def test_what_libreoffice_sets_for_its_own_python_is_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHOME", "/opt/libreoffice")
    monkeypatch.setenv("XL_QBS_KEPT", "yes")
    environment = clean_environment()
    assert "PYTHONHOME" not in environment
    assert environment["XL_QBS_KEPT"] == "yes"


def worker() -> Calculator:
    return Calculator([sys.executable, "-m", office_side.WORKER])


def test_a_call_is_answered_by_a_process_that_is_started_once() -> None:
    calculator = worker()
    try:
        assert calculator.call("QBS_COVERAGE", (((41.0,), (0.0,)), ((82.0,), (10.0,)))) == ((0.5,), (0.0,))
        process = calculator._process
        assert calculator.call("QBS_COVERAGE", (((1.0,),), ((4.0,),))) == ((0.25,),)
        assert calculator._process is process
    finally:
        calculator.close()


def test_a_process_that_was_ended_is_started_again() -> None:
    calculator = worker()
    try:
        calculator.call("QBS_VERSION", ())
        assert calculator._process is not None
        calculator._process.kill()
        calculator._process.wait()
        assert calculator.call("QBS_COVERAGE", (((1.0,),), ((4.0,),))) == ((0.25,),)
    finally:
        calculator.close()


@pytest.mark.parametrize("command", [["/no/such/python"], [sys.executable, "-c", "raise SystemExit(1)"]])
def test_without_a_process_the_cell_shows_an_error(command: list[str]) -> None:
    ((value,),) = Calculator(command).call("QBS_VERSION", ())
    assert error_text(value) == "#NAME?"


def test_a_function_that_this_version_does_not_have_is_a_name_error() -> None:
    calculator = worker()
    try:
        ((value,),) = calculator.call("QBS_OF_TOMORROW", ())
    finally:
        calculator.close()
    assert error_text(value) == "#NAME?"


def test_methods_hand_their_arguments_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office_side, "call", lambda function, given: ((function, *given),))
    made = methods({"qbsMany": ["QBS_MANY", False], "qbsOne": ["QBS_ONE", True]})
    assert made["qbsMany"](None, 1.0, 2.0) == (("QBS_MANY", 1.0, 2.0),)
    assert made["qbsOne"](None) == "QBS_ONE"
