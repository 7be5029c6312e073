"""How ranges of providers are read: blanks, gaps, headings, labels, columns and rows."""

from __future__ import annotations

import datetime
import math
from typing import Any

import numpy as np
import pytest

from tests.addin.formula_help import column
from xl_qbs.addin.calls import ByCell, RowsTogether
from xl_qbs.addin.definition import MISSING, Argument, CellError, Cells, Function
from xl_qbs.addin.evaluate import evaluate
from xl_qbs.errors import DataError, Finding
from xl_qbs.sheets.model import Label

NA, NUM, VALUE, REF, DIV0 = CellError.NA, CellError.NUM, CellError.VALUE, CellError.REF, CellError.DIV0
DAY = datetime.datetime(2019, 12, 31)
_TEXT = Label("a", "b")


class Seen:
    """A function of providers that keeps what it was given, and gives the sum of each row."""

    def __init__(self) -> None:
        self.given: list[Any] = []

    def __call__(self, provider: Any, quality: Any, risk: Any = None, shares: Any = None) -> Any:
        self.given = [provider, quality, risk, shares]
        return quality if risk is None else quality + risk.sum(axis=1)


@pytest.fixture
def seen() -> Seen:
    return Seen()


def of(seen: Any, *given: Any) -> Cells:
    arguments = (
        Argument("provider", _TEXT, "labels"),
        Argument("quality", _TEXT),
        Argument("risk", _TEXT, default=None),
        Argument("shares", _TEXT, default=None),
    )
    call = RowsTogether(seen, ("provider", "quality"), ("risk",))
    function = Function("QBS_X", _TEXT, _TEXT, arguments, call, "same")
    return evaluate(function, [column(one) if isinstance(one, list) else one for one in given])


class TestBlanks:
    def test_rows_without_numbers_are_left_out_and_stay_blank(self, seen: Seen) -> None:
        assert of(seen, ["A", "B", "C"], [1, None, 3]) == column([1.0, None, 3.0])
        assert seen.given[0].tolist() == ["A", "C"]
        assert seen.given[1].tolist() == [1.0, 3.0]

    def test_a_gap_is_refused(self, seen: Seen) -> None:
        assert of(seen, ["A", None, "C"], [1, 2, 3]) == ((VALUE,),)
        assert of(seen, ["A", "B", "C"], [1, None, 3], [1, 2, 3]) == ((VALUE,),)
        assert of(seen, ["A", "B"], [1, 2], ((1, 2), (3, None))) == ((VALUE,),)

    def test_nothing_at_all_is_not_available(self, seen: Seen) -> None:
        assert of(seen, ["A", "B"], [None, ""]) == ((NA,),)

    def test_what_is_left_out_is_none(self, seen: Seen) -> None:
        assert of(seen, ["A"], [1], MISSING, None) == ((1.0,),)
        assert seen.given[2:] == [None, None]


class TestShapes:
    def test_headings_and_unused_cells_change_nothing(self, seen: Seen) -> None:
        found = of(
            seen, ["Provider", "A", "B", None], ["Quality", 1, 2, None], (("x", "y"), (3, 4), (5, 6), ("", None))
        )
        assert found == column([8.0, 13.0])
        assert seen.given[0].tolist() == ["A", "B"]
        assert seen.given[2].shape == (2, 2)

    def test_labels_longer_than_the_numbers_are_not_asked_for(self, seen: Seen) -> None:
        assert of(seen, ["A", "B", "C"], [1, 2, None]) == column([1.0, 2.0, None])

    def test_providers_may_stand_across(self, seen: Seen) -> None:
        assert of(seen, (("A", "B", "C"),), ((1, None, 3),)) == ((1.0, None, 3.0),)
        assert of(seen, (("A", "B"),), ((1, 2),), ((3, 4), (5, 6))) == ((9.0, 12.0),)

    def test_ranges_that_do_not_fit(self, seen: Seen) -> None:
        assert of(seen, ["A", "B"], [1, 2, 3]) == ((VALUE,),)
        assert of(seen, ["A", "B"], ((1, 2),)) == ((VALUE,),)
        assert of(seen, ["A", "B"], ((1, 2), (3, 4))) == ((VALUE,),)
        assert of(seen, ["A", "B"], [1, 2], [3]) == ((VALUE,),)

    def test_a_range_that_is_no_providers_is_complete_by_itself(self, seen: Seen) -> None:
        assert of(seen, ["A", "B"], [1, 2], MISSING, [0.1, 0.2, 0.3]) == column([1.0, 2.0])
        assert seen.given[3].tolist() == [[0.1], [0.2], [0.3]]
        assert of(seen, ["A", "B"], [1, 2], MISSING, [0.1, None]) == column([1.0, 2.0])
        assert of(seen, ["A", "B"], [1, 2], MISSING, [0.1, None, 0.3]) == ((VALUE,),)
        assert of(seen, ["A", "B"], [1, 2], MISSING, [0.1, REF]) == ((REF,),)


class TestCells:
    def test_an_error_anywhere_is_the_whole_result_the_first_one(self, seen: Seen) -> None:
        assert of(seen, ["A", DIV0], [REF, 2]) == ((DIV0,),)
        assert of(seen, ["A", "B"], [1, REF], [DIV0, 1]) == ((REF,),)
        assert of(seen, ["A", "B"], [1, math.nan]) == ((NA,),)

    @pytest.mark.parametrize("cell", ["puudub", "12", True, DAY])
    def test_what_is_no_number_is_refused(self, seen: Seen, cell: Any) -> None:
        assert of(seen, ["A", "B"], [1, cell]) == ((VALUE,),)

    def test_labels_are_texts_and_numbers(self, seen: Seen) -> None:
        assert of(seen, [17, " N0017 ", "12"], [1, 2, 3]) == column([1.0, 2.0, 3.0])
        assert seen.given[0].tolist() == [17, "N0017", "12"]

    @pytest.mark.parametrize("cell", [True, DAY])
    def test_a_date_and_yes_or_no_are_no_labels(self, seen: Seen, cell: Any) -> None:
        assert of(seen, ["A", cell], [1, 2]) == ((VALUE,),)


class TestResults:
    def test_several_columns_a_provider(self) -> None:
        def twice(_: Any, quality: Any, *__: Any) -> Any:
            return np.column_stack([quality, 2 * quality])

        assert of(twice, ["A", "B", "C"], [1, None, 3]) == ((1.0, 2.0), (None, None), (3.0, 6.0))
        assert of(twice, (("A", "B"),), ((1, 3),)) == ((1.0, 3.0), (2.0, 6.0))

    def test_nan_is_undefined_and_a_table_stands_as_it_is(self) -> None:
        assert of(lambda *_: np.array([math.nan, math.inf]), ["A", "B"], [1, 2]) == column([NA, NUM])
        assert of(lambda *_: (("Provider", "n"), ("A", 2.0)), ["A", "B"], [1, None]) == (("Provider", "n"), ("A", 2.0))

    def test_data_that_a_model_refuses_are_impossible_numbers(self) -> None:
        def refuse(*_: Any) -> Any:
            raise DataError([Finding("too few")])

        assert of(refuse, ["A", "B"], [1, 2]) == ((NUM,),)


def test_a_number_that_nobody_knows_is_nan_in_a_calculation_by_cell() -> None:
    def known(value: Any, before: Any) -> Any:
        return np.where(np.isnan(before), -1.0, before) + value

    arguments = (Argument("value", _TEXT), Argument("before", _TEXT))
    function = Function("QBS_X", _TEXT, _TEXT, arguments, ByCell(known, unknown=("before",)), "same")
    found = evaluate(function, [column([1, 1, 1, 1, None]), column([2, None, NA, DIV0, 5])])
    assert found == column([3.0, 0.0, 0.0, DIV0, None])
