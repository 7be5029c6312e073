from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.credit import proportional_credit, threshold_credit

MOST = 2000


def test_current_scores_are_as_printed(printed_year: Any, four: Any) -> None:
    scores = 65 * threshold_credit(four.done, four.target, 0.76)
    assert scores.ravel().tolist() == [row.current_score for row in printed_year]


def test_76_of_100_reach_76_percent() -> None:
    assert threshold_credit([75, 76, 77], 100, 0.76).tolist() == [0, 1, 1]


def test_the_first_patient_who_earns_the_points_is_exact(printed_indicators: Any) -> None:
    for text in sorted({indicator.required_coverage for indicator in printed_indicators}):
        target = np.arange(1, MOST + 1)
        first = np.array([ceil(Fraction(text) * int(n)) for n in target])
        assert threshold_credit(first, target, float(text)).all(), text
        assert not threshold_credit(first - 1, target, float(text)).any(), text


def test_the_first_patient_is_exact_for_every_whole_percent() -> None:
    target = np.arange(1, MOST + 1)
    for percent in range(1, 101):
        first = -(-percent * target // 100)
        assert threshold_credit(first, target, percent / 100).all(), percent
        assert not threshold_credit(first - 1, target, percent / 100).any(), percent


@given(st.integers(1, 10**6), st.integers(1, 1000))
def test_the_first_patient_is_exact_for_tenths_of_a_percent_and_large_lists(target: int, thousandths: int) -> None:
    first = -(-thousandths * target // 1000)
    assert threshold_credit([first - 1, first], target, thousandths / 1000).tolist() == [0, 1]


def test_nobody_eligible_earns_nothing_and_a_required_coverage_of_0_is_always_reached() -> None:
    assert threshold_credit([0, 3, 0, 2], [0, 0, 5, 5], [0.0, 0.5, 0.0, 0.0]).tolist() == [0, 0, 1, 1]


def test_more_done_than_target_earns_the_points_once() -> None:
    assert threshold_credit([9], [5], 1.0).tolist() == [1]
    assert proportional_credit([9], [5]).tolist() == [1]


@given(st.integers(0, 500), st.integers(1, 500), st.floats(0, 0.99), st.floats(0.01, 1))
def test_proportional_credit_is_linear_between_its_limits(done: int, target: int, lower: float, width: float) -> None:
    upper = min(lower + width, 1.0)
    share = min(done, target) / target
    expected = 0 if share <= lower else 1 if share >= upper else (share - lower) / (upper - lower)
    assert float(proportional_credit(done, target, lower, upper)) == pytest.approx(expected, abs=1e-12)


def test_proportional_credit_without_limits_is_coverage(table_2019: Any) -> None:
    credit = proportional_credit(table_2019.done, table_2019.target)
    some = table_2019.target > 0
    assert (credit[some] == table_2019.done[some] / table_2019.target[some]).all()
    assert (credit[~some] == 0).all()
    assert (~some).any()


def test_credit_begins_at_the_lower_and_is_full_at_the_upper_limit() -> None:
    # METHODS section 3: points * clip((c - L) / (U - L), 0, 1); 55 % is half way from 35 to 75 %.
    credit = proportional_credit([35, 45, 55, 75, 90], 100, 0.35, 0.75)
    assert credit == pytest.approx([0, 0.25, 0.5, 1, 1], abs=1e-12)


@given(st.integers(0, 300), st.integers(1, 300), st.floats(0, 1))
def test_one_more_patient_never_lowers_credit(done: int, target: int, required: float) -> None:
    before, after = threshold_credit([done, done + 1], target, required)
    assert after >= before
    before, after = proportional_credit([done, done + 1], target, 0.2, 0.9)
    assert after >= before


@pytest.mark.parametrize("required", [-0.1, 1.1, 76, np.nan])
def test_a_required_coverage_that_is_none_is_refused(required: float) -> None:
    with pytest.raises(ArgumentError) as caught:
        threshold_credit([1], [2], required)
    assert str(caught.value) == "required_coverage: must be shares from 0 to 1, none missing"


@pytest.mark.parametrize(("lower", "upper"), [(-0.1, 1), (0, 1.1), (0.5, 0.5), (0.9, 0.4), (np.nan, 1), (0, np.nan)])
def test_limits_that_are_none_are_refused(lower: float, upper: float) -> None:
    with pytest.raises(ArgumentError) as caught:
        proportional_credit([1], [2], lower, upper)
    assert str(caught.value) == "limits: must be 0 <= lower < upper <= 1"


@pytest.mark.parametrize("function", [lambda x, n: threshold_credit(x, n, 0.5), proportional_credit])
def test_counts_that_are_none_are_refused(function: Any) -> None:
    with pytest.raises(ArgumentError, match="done: must be numbers from 0, none missing"):
        function([-1], [2])
    with pytest.raises(ArgumentError, match="target: must be numbers from 0, none missing"):
        function([1], [np.nan])
