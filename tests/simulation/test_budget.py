from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xl_qbs.errors import ArgumentError
from xl_qbs.simulation.budget import (
    budget_by_size,
    budget_by_unmet_need,
    checked_budget,
    in_proportion,
    same_budget,
    share_of_unmet_need,
)

NEED = st.lists(st.integers(0, 1000), min_size=1, max_size=12)


@given(NEED, st.integers(0, 20000))
def test_a_total_by_unmet_need_is_given_out_whole_and_beyond_nobodys_need(need: list[int], total: int) -> None:
    budget = budget_by_unmet_need(need, total)
    assert budget.sum() == min(total, sum(need))
    assert (budget <= need).all()
    exact = np.array(need) * min(total, sum(need)) / max(sum(need), 1)
    assert (np.abs(budget - exact) < 1).all()


@given(NEED.filter(any), st.integers(0, 20000))
def test_a_total_by_size_is_given_out_whole_and_in_proportion(size: list[int], total: int) -> None:
    budget = budget_by_size(size, total)
    assert budget.sum() == total
    assert (np.abs(budget - np.array(size) * total / sum(size)) < 1 + 1e-9).all()
    # Who has more people does not get less.
    order = np.argsort(size, kind="stable")
    assert (np.diff(budget[order])[np.diff(np.array(size)[order]) > 0] >= 0).all()


@given(NEED, st.floats(0, 1))
def test_a_share_of_unmet_need_is_the_nearest_whole_number(need: list[int], share: float) -> None:
    budget = share_of_unmet_need(need, share)
    assert (budget <= need).all()
    assert (np.abs(budget - share * np.array(need)) <= 0.5 + 1e-6).all()


def test_half_a_patient_goes_up_and_equal_remainders_go_to_the_first() -> None:
    assert share_of_unmet_need([5, 35, 1], 0.1).tolist() == [1, 4, 0]
    assert budget_by_unmet_need([5, 5, 5], 4).tolist() == [2, 1, 1]
    assert in_proportion(np.array([[0, 3, 3]]), np.array([1])).tolist() == [[0, 1, 0]]


def test_nobody_left_to_serve_gets_nothing() -> None:
    assert budget_by_unmet_need([0, 0], 10).tolist() == [0, 0]


def test_one_number_is_for_all_lists() -> None:
    assert checked_budget(7, 3).tolist() == same_budget(3, 7).tolist() == [7, 7, 7]
    assert checked_budget([1, 2.0, 3], 3).tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("budget", "message"),
    [
        (-1, "budget: must be whole numbers from 0, none missing"),
        ([1, 0.5, 2], "budget: must be whole numbers from 0, none missing"),
        ([1, np.nan, 2], "budget: must be whole numbers from 0, none missing"),
        ([1, 2], r"budget: shape is (2,), must be (3,), one for each list"),
        (["many", 1, 2], "budget: must be numbers"),
    ],
)
def test_budgets_that_are_none_are_refused(budget: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        checked_budget(budget, 3)
    assert str(caught.value) == message


def test_totals_sizes_and_needs_that_are_none_are_refused() -> None:
    for wrong in (-1, 0.5, True):
        with pytest.raises(ArgumentError, match="must be a whole number from 0"):
            budget_by_size([1, 2], wrong)  # type: ignore[arg-type]
        with pytest.raises(ArgumentError, match="must be a whole number from 0"):
            same_budget(3, wrong)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="list_size: at least one must be positive"):
        budget_by_size([0, 0], 5)
    for values in ([-1, 2], [0.5], [np.nan], [[1, 2]]):
        with pytest.raises(ArgumentError, match="unmet: must be one whole number from 0 a list, none missing"):
            budget_by_unmet_need(values, 5)
    with pytest.raises(ArgumentError, match="list_size: must be numbers"):
        budget_by_size(["big"], 5)
    for share in (-0.1, 1.1, np.nan):
        with pytest.raises(ArgumentError, match="must be from 0 to 1"):
            share_of_unmet_need([1], share)
