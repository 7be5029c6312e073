from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xl_qbs.efficiency.consumer import car_value, school_value
from xl_qbs.efficiency.standardize import standardize
from xl_qbs.errors import ArgumentError, DataError

# Seed 003, Appendix Exhibit 1: cost per mile and road test of five compact (Prius first) and four midsized cars,
# as printed. Their predicted reliability is a picture there; these numbers stand in for it.
COST = [0.47, 0.43, 0.50, 0.53, 0.48, 0.59, 0.56, 0.54, 0.55]
TEST = [79, 68, 68, 85, 72, 81, 85, 90, 89]
RELIABILITY = [5, 4, 5, 3, 4, 4, 4, 4, 3]
CLASS = ["compact"] * 5 + ["midsized"] * 4


def test_cars_are_ranked_within_their_class() -> None:
    value = car_value(TEST, RELIABILITY, COST, weights=(1, 1, 1), lowest_reliability=4, car_class=CLASS)
    expected = (standardize(TEST) + standardize(RELIABILITY) - standardize(COST)) / 3
    assert value.score == pytest.approx(expected, abs=1e-12)
    # The Prius leads the compact cars, as it does in the exhibit.
    assert value.rank[0] == 1
    assert sorted(value.rank[:5]) == [1, 2, 3, 4, 5]
    assert sorted(value.rank[5:]) == [1, 2, 3, 4]
    assert value.recommended.tolist() == [True, True, True, False, True, True, True, True, False]
    together = car_value(TEST, RELIABILITY, COST, weights=(1, 1, 1), lowest_reliability=4)
    assert sorted(together.rank) == list(range(1, 10))


@given(st.tuples(*[st.floats(0.01, 1)] * 3), st.floats(0.1, 10))
def test_only_the_proportions_of_weights_matter(weights: tuple[float, float, float], scale: float) -> None:
    one = car_value(TEST, RELIABILITY, COST, weights=weights, lowest_reliability=1)
    scaled = tuple(weight * scale for weight in weights)
    other = car_value(TEST, RELIABILITY, COST, weights=scaled, lowest_reliability=1)  # type: ignore[arg-type]
    assert other.score == pytest.approx(one.score, abs=1e-12)


def test_schools_by_hand() -> None:
    # Ratios 4, 2 and 1: 60 % of 1, .5 and .25; then 30 % with aid and 10 % discount.
    value = school_value([80, 40, 40], [20, 20, 40], [0.6, 0.5, 0.4], [0.5, 0.0, 1.0], aid_weight=0.3)
    assert value.score == pytest.approx([0.6 + 0.18 + 0.05, 0.3 + 0.15, 0.15 + 0.12 + 0.1])
    assert value.rank.tolist() == [1, 2, 3]
    assert value.recommended.all()


def test_a_hospital_is_no_school_but_can_be_scored_as_one(hospitals: Any) -> None:
    score, spending = hospitals.total_performance_score + 1, hospitals.spending_ratio
    zero = np.zeros(len(score))
    value = school_value(score, spending, zero, zero, aid_weight=0.2)
    # With nothing else the ratio alone ranks: 60 % at most.
    assert value.score.max() == pytest.approx(0.6)
    assert np.corrcoef(value.score, score / spending)[0, 1] == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: car_value(TEST, RELIABILITY, COST, weights=(0, 0, 0), lowest_reliability=1), "weights == "),
        (lambda: car_value(TEST, RELIABILITY, COST, weights=(1, -1, 1), lowest_reliability=1), "weights == "),
        (lambda: school_value([1, 2, 3], [1, 1, 1], [0, 0, 0], [0, 0, 0], aid_weight=0.5), "weights == "),
        (lambda: school_value([1, 2, 3], [1, 1, 1], [0, 0, 60], [0, 0, 0], aid_weight=0.2), "must be shares from 0"),
    ],
)
def test_weights_that_do_not_fit(call: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        call()


def test_weights_have_no_default() -> None:
    with pytest.raises(TypeError):
        car_value(TEST, RELIABILITY, COST)  # type: ignore[call-arg]
    with pytest.raises(DataError, match="net_cost is zero or negative in row 2"):
        school_value([1, 2, 3], [1, 0, 1], [0, 0, 0], [0, 0, 0], aid_weight=0.2)
