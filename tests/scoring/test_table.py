from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.real_data import fund_totals
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.table import Table


def small(**changes: Any) -> Table:
    values: dict[str, Any] = {
        "providers": ("N1", "N2"),
        "indicators": ("diab", "inf"),
        "target": np.array([[10.0, 5], [8, 0]]),
        "done": np.array([[12.0, 5], [4, 0]]),
    }
    return Table(**{**values, **changes})


def frame(*rows: tuple[Any, Any, Any, Any]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["provider", "indicator", "target", "done"])


def test_counted_work_never_exceeds_the_target() -> None:
    assert small().counted.tolist() == [[10, 5], [4, 0]]
    assert small().done.tolist() == [[12, 5], [4, 0]]


def test_eligible_patients_are_summed_over_indicators() -> None:
    assert small().eligible.tolist() == [15, 8]


def test_select_takes_indicators_in_the_order_given() -> None:
    chosen = small(coefficient=np.array([1.0, 1.1]), period="2019").select(["inf", "diab"])
    assert chosen.indicators == ("inf", "diab")
    assert chosen.target.tolist() == [[5, 10], [0, 8]]
    assert chosen.done.tolist() == [[5, 12], [0, 4]]
    assert (chosen.period, chosen.coefficient is None) == ("2019", False)
    assert small().select(["inf"]).target.tolist() == [[5], [0]]


def test_select_refuses_what_is_not_there() -> None:
    with pytest.raises(ArgumentError) as caught:
        small().select(["inf", "covid", "flu"])
    assert str(caught.value) == "indicators covid, flu are not in the table"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"target": np.ones((2, 3))}, "target: shape is (2, 3), must be (2, 2) (providers, indicators)"),
        ({"done": np.ones(4)}, "done: shape is (4,), must be (2, 2) (providers, indicators)"),
        (
            {"target": np.array([[10.0, 5], [-8, 0]])},
            "target: -8.0 for N2, diab; must be a whole number from 0",
        ),
        (
            {"done": np.array([[1.0, 2.5], [4, 0]])},
            "done: 2.5 for N1, inf; must be a whole number from 0",
        ),
        (
            {"done": np.array([[1.0, 2], [np.nan, 0]])},
            "done: nan for N2, diab; must be a whole number from 0",
        ),
        (
            {"target": np.array([[10.0, 5], [8, np.inf]])},
            "target: inf for N2, inf; must be a whole number from 0",
        ),
        ({"providers": ("N1", "N1")}, "provider 'N1' stands more than once"),
        ({"indicators": ("inf", "inf")}, "indicator 'inf' stands more than once"),
        ({"names": ("Mari",)}, "names: 1, must be 2, one for each provider"),
        ({"coefficient": np.ones(3)}, "coefficient: shape is (3,), must be (2,)"),
    ],
)
def test_a_table_that_is_none_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        small(**changes)
    assert str(caught.value) == message


@pytest.mark.parametrize("coefficient", [np.nan, -1.0, np.inf])
def test_a_coefficient_that_is_none_is_refused(coefficient: float) -> None:
    with pytest.raises(ArgumentError, match="coefficient"):
        small(coefficient=np.array([1.0, coefficient]))


# From a frame.


def test_a_frame_becomes_a_table_in_its_own_order() -> None:
    table = Table.from_frame(frame(("N2", "inf", 5, 4), ("N1", "diab", 10, 9), ("N2", "diab", 7, 0)), period="2020")
    assert table.providers == ("N2", "N1")
    assert table.indicators == ("inf", "diab")
    # A pair that is missing has nobody to serve.
    assert table.target.tolist() == [[5, 7], [0, 10]]
    assert table.done.tolist() == [[4, 0], [0, 9]]
    assert table.period == "2020"


def test_numbers_as_ids_become_texts() -> None:
    assert Table.from_frame(frame((7, 1, 5, 4))).providers == ("7",)


def test_real_lists_go_through_a_frame_unchanged(table_2019: Any) -> None:
    rows = [
        (provider, code, table_2019.target[row, column], table_2019.done[row, column])
        for row, provider in enumerate(table_2019.providers)
        for column, code in enumerate(table_2019.indicators)
    ]
    table = Table.from_frame(frame(*rows), period="2019")
    assert table.providers == table_2019.providers
    assert table.indicators == table_2019.indicators
    assert (table.target == table_2019.target).all()
    assert (table.done == table_2019.done).all()


def test_the_real_lists_are_those_of_the_funds_workbook(shared: Any, table_2019: Any) -> None:
    assert fund_totals(shared).providers == table_2019.providers


def test_a_frame_without_a_column_is_refused() -> None:
    with pytest.raises(ArgumentError) as caught:
        Table.from_frame(frame(("N1", "inf", 5, 4)).drop(columns=["target", "done"]))
    assert str(caught.value) == "the frame lacks the columns done, target"


def test_a_pair_that_stands_twice_is_refused() -> None:
    with pytest.raises(ArgumentError) as caught:
        Table.from_frame(frame(("N1", "inf", 5, 4), ("N1", "inf", 5, 4)))
    assert str(caught.value) == "N1, inf stands more than once"


@pytest.mark.parametrize("wrong", [np.nan, None, "x", -1, 2.5])
@pytest.mark.parametrize("column", ["target", "done"])
def test_a_count_that_is_none_is_refused(column: str, wrong: Any) -> None:
    # Not taken for 0: a count that is missing is no count of nobody.
    counts = frame(("N1", "inf", 5, 4), ("N2", "inf", 6, 5)).astype({column: object})
    counts.loc[1, column] = wrong
    with pytest.raises(ArgumentError, match=f"{column}.*N2.*inf"):
        Table.from_frame(counts)


@pytest.mark.parametrize("column", ["provider", "indicator"])
def test_a_row_of_nobody_is_refused(column: str) -> None:
    counts = frame(("N1", "inf", 5, 4), ("N2", "inf", 6, 5))
    counts.loc[1, column] = None
    with pytest.raises(ArgumentError, match=column):
        Table.from_frame(counts)


def test_an_empty_frame_is_a_table_without_lists_or_refused_by_name() -> None:
    try:
        table = Table.from_frame(frame())
    except ArgumentError:
        return
    assert table.providers == ()
