from __future__ import annotations

import datetime
import inspect
import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.addin.calc.cases import FUNCTIONS, examples
from xl_qbs.addin.definition import MISSING, Argument, CellError, Function
from xl_qbs.addin.evaluate import evaluate
from xl_qbs.addin.lite import functions as made
from xl_qbs.addin.lite.functions import from_cells, make_functions, missing, to_cells
from xl_qbs.sheets.model import Label

_TEXT = Label("help", "abi")


@pytest.fixture(autouse=True)
def no_xlwings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain functions, whether or not xlwings is installed here."""
    monkeypatch.setitem(sys.modules, "xlwings", None)


@pytest.mark.parametrize("module", ["xl_qbs.addin.lite", "xl_qbs.addin.lite.et"])
def test_every_function_stands_in_the_module_under_its_name(module: str) -> None:
    found = import_module(module)
    assert set(found.__all__) == {"missing", *(one.name.lower() for one in FUNCTIONS)}
    for one in FUNCTIONS:
        call = getattr(found, one.name.lower())
        parameters = inspect.signature(call).parameters.values()
        assert [each.name for each in parameters] == [argument.name for argument in one.arguments]
        assert [each.default is None for each in parameters] == [argument.optional for argument in one.arguments]
        assert call.__module__ == module


def test_help_is_one_line_in_its_language() -> None:
    for one in FUNCTIONS:
        for language in ("en", "et"):
            text = make_functions([one], language)[one.name.lower()].__doc__
            assert text is not None
            assert text.startswith(one.help.say(language))
            assert "\n" not in text
            assert all(name in text for name in one.needs)


def test_examples_give_the_same_as_in_every_host() -> None:
    calls = make_functions(FUNCTIONS)
    for call, example in examples():
        given = [None if one is MISSING else [list(row) for row in one] for one in call.given]
        found = calls[call.function.name.lower()](*given)
        assert found == from_cells(evaluate(call.function, call.given)), example.formula


def test_a_list_is_a_column_and_one_value_a_cell() -> None:
    assert to_cells([1, 2]) == ((1,), (2,))
    assert to_cells(1.5) == ((1.5,),)
    assert to_cells("report") == (("report",),)
    assert to_cells([[1, None], ["a", True]]) == ((1, None), ("a", True))


def test_arrays_and_tables_are_cells_too() -> None:
    assert to_cells(np.array([1.0, 2.0])) == ((1.0,), (2.0,))
    assert to_cells(np.array([[1, 2]])) == ((1, 2),)
    assert to_cells(pd.Series([1, 2])) == ((1,), (2,))
    assert to_cells(pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})) == ((1, "x"), (2, "y"))
    assert to_cells(np.float64(2)) == ((2.0,),)


def test_nothing_is_a_blank_cell_or_left_out() -> None:
    assert to_cells(None) == ((None,),)
    assert to_cells(None, optional=True) is MISSING


def test_texts_of_errors_are_errors_and_what_no_cell_holds_is_text() -> None:
    day = datetime.datetime(2023, 3, 15)
    assert to_cells([["#N/A", "#NUM!", "N/A", day, 1j]]) == ((CellError.NA, CellError.NUM, "N/A", day, "1j"),)


def test_results_are_one_value_or_rows_with_errors_as_texts() -> None:
    assert from_cells(((CellError.NUM,),)) == "#NUM!"
    assert from_cells(((1.0, None), (CellError.NA, "a"))) == [[1.0, None], ["#N/A", "a"]]


def test_arguments_may_be_named() -> None:
    adjusted = make_functions(FUNCTIONS)["qbs_adjusted_coverage"]
    done, target = [2, 30, 100], [2, 98, 153]
    assert adjusted(target=target, done=done, fraction=0.3) == adjusted(done, target, None, 0.3)


def test_what_is_not_installed_is_named() -> None:
    needy = Function("QBS_NEEDY", _TEXT, _TEXT, (), lambda: 1, "single", needs=("numpy", "no_such_package"))
    assert missing([needy, FUNCTIONS[0]]) == {"qbs_needy": ["no_such_package"]}


def test_in_lite_arguments_come_as_rows_with_their_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stands in for what xlwings documents of func and arg."""
    xlwings = ModuleType("xlwings")
    told: dict[str, Any] = {}

    def arg(name: str, **options: Any) -> Callable[[Any], Any]:
        told[name] = options
        return lambda call: call

    def func(call: Any) -> Any:
        told["name"] = call.__name__
        return call

    monkeypatch.setattr(xlwings, "arg", arg, raising=False)
    monkeypatch.setattr(xlwings, "func", func, raising=False)
    monkeypatch.setitem(sys.modules, "xlwings", xlwings)
    function = Function(
        "QBS_ANY", _TEXT, _TEXT, (Argument("done", _TEXT), Argument("rule", _TEXT, "text", "report")), len, "same"
    )
    make_functions([function], "et")
    assert told == {
        "name": "qbs_any",
        "done": {"ndim": 2, "err_to_str": True, "doc": "abi"},
        "rule": {"ndim": 2, "err_to_str": True, "doc": "abi (võib ära jätta)"},
    }


def test_calls_do_not_look_like_what_xlwings_would_convert() -> None:
    call = make_functions([FUNCTIONS[0]])[FUNCTIONS[0].name.lower()]
    assert call.__annotations__ == {}
    assert made.__name__ == call.__module__
