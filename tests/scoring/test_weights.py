from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.coverage import coverage
from xl_qbs.scoring.weights import (
    complete_lists,
    component_weights,
    first_component,
    round_weights,
    rounded_coverage,
    tie_order,
)

# METHODS section 3: the loadings of the real lists of 2019, in scheme order.
REAL_LOADINGS = [0.407, 0.073, 0.398, 0.404, 0.397, 0.087, 0.141, 0.401, 0.068, 0.101, 0.382]


def shares(rows: int, columns: int, seed: int) -> Any:
    """Coverages that move together, so that the first component stands out."""
    rng = np.random.default_rng(seed)
    common = rng.normal(0, 1, (rows, 1))
    return 1 / (1 + np.exp(-common - rng.normal(0, 0.5, (rows, columns))))


@pytest.fixture(scope="module")
def real_coverage(table_2019: Any) -> Any:
    return coverage(table_2019.done, table_2019.target)


# The report's weights.


def test_integer_weights_are_those_that_the_report_prints(printed_indicators: Any) -> None:
    weights = component_weights([one.loading for one in printed_indicators], 480)
    assert weights.sum() == pytest.approx(480, abs=1e-9)
    rounded = round_weights(weights, "integer")
    assert rounded.tolist() == [68, 12, 66, 68, 66, 17, 22, 68, 14, 19, 63]
    assert rounded.tolist() == [one.pc_weight for one in printed_indicators]
    # Table 2 prints 480 as their sum.
    assert rounded.sum() == 483


def test_largest_remainder_takes_the_three_points_back(printed_indicators: Any) -> None:
    weights = component_weights([one.loading for one in printed_indicators], 480)
    rounded = round_weights(weights)
    assert rounded.sum() == 480
    # 13.52, 18.59 and 62.54 have the remainders .52, .59 and .54: two seats are left after the larger ones.
    assert rounded.tolist() == [68, 12, 66, 68, 66, 17, 22, 68, 13, 18, 62]


# The first component.


def test_loadings_of_the_real_lists(real_coverage: Any) -> None:
    component = first_component(real_coverage)
    assert component.loadings == pytest.approx(REAL_LOADINGS, abs=0.001)
    assert component.complete == complete_lists(real_coverage).sum() == 765
    # METHODS section 7: about 52 % of the variance.
    assert component.share == pytest.approx(0.52, abs=0.005)


def test_loadings_of_the_real_lists_by_another_way(real_coverage: Any) -> None:
    complete = real_coverage[complete_lists(real_coverage)]
    standardised = (complete - complete.mean(axis=0)) / complete.std(axis=0)
    _, singular, rows = np.linalg.svd(standardised, full_matrices=False)
    component = first_component(real_coverage)
    assert component.loadings == pytest.approx(rows[0] * np.sign(rows[0].sum()), abs=1e-12)
    variance = singular**2
    assert component.share == pytest.approx(variance[0] / variance.sum(), rel=1e-12)
    assert component.gap == pytest.approx(variance[1] / variance[0], rel=1e-12)
    assert component.correlation == pytest.approx(np.corrcoef(complete, rowvar=False), abs=1e-12)


def test_rounding_coverage_first_moves_the_real_loadings_by_little(real_coverage: Any) -> None:
    exact, rounded = first_component(real_coverage).loadings, first_component(real_coverage, 2).loadings
    # The largest change is of hypr2, from .1407 to .1394.
    assert np.abs(exact - rounded).max() == pytest.approx(0.0013, abs=0.0001)
    assert np.abs(exact - rounded).argmax() == 6


@given(arrays.arrays(np.float64, (8, 3), elements=st.floats(0, 1)))
def test_loadings_have_unit_length_and_a_positive_sum(values: Any) -> None:
    # Something that all move with, so that the loadings have a side on which they lie.
    values = values + np.linspace(0, 5, 8)[:, None]
    component = first_component(values)
    assert (component.loadings**2).sum() == pytest.approx(1, abs=1e-12)
    assert component.loadings.sum() > 1
    assert 1 / 3 - 1e-12 <= component.share <= 1 + 1e-12
    assert 0 <= component.gap <= 1 + 1e-12


def test_incomplete_lists_are_left_out() -> None:
    values = shares(20, 4, seed=1)
    gaps = np.vstack([values, [[np.nan, 0.9, 0.1, 0.5]]])
    assert first_component(gaps).loadings.tolist() == first_component(values).loadings.tolist()
    assert first_component(gaps).complete == 20


def test_order_of_lists_and_indicators_does_not_matter(real_coverage: Any) -> None:
    rng = np.random.default_rng(4)
    rows, columns = rng.permutation(len(real_coverage)), rng.permutation(11)
    here = first_component(real_coverage).loadings
    assert first_component(real_coverage[rows]).loadings == pytest.approx(here, abs=1e-12)
    assert first_component(real_coverage[:, columns]).loadings == pytest.approx(here[columns], abs=1e-12)


def test_order_does_not_decide_between_two_opposed_indicators() -> None:
    # Of two indicators that run against each other, the loadings are .707 and -.707: their sum of 0
    # gives no sign, and the place in the table must not give it either. Refusing is right as well.
    rng = np.random.default_rng(1)
    for _ in range(10):
        one = rng.uniform(0, 1, (20, 1))
        values = np.hstack([one, 1 - one * rng.uniform(0.5, 1, (20, 1))])
        try:
            here, there = first_component(values).loadings, first_component(values[:, ::-1]).loadings
        except ArgumentError:
            continue
        assert component_weights(here, 480) == pytest.approx(component_weights(there, 480)[::-1], abs=1e-9)


def test_an_indicator_that_does_not_vary_has_no_loading() -> None:
    values = np.insert(shares(20, 3, seed=2), 1, 0.8, axis=1)
    component = first_component(values)
    assert component.loadings[1] == 0
    assert component.loadings[[0, 2, 3]] == pytest.approx(first_component(values[:, [0, 2, 3]]).loadings, abs=1e-12)
    assert component.correlation[1].tolist() == component.correlation[:, 1].tolist() == [0] * 4


def test_one_indicator_is_its_own_component() -> None:
    component = first_component(shares(5, 1, seed=3))
    assert component.loadings.tolist() == [1.0]
    assert (component.share, component.gap) == (1.0, 0.0)


def test_unrelated_indicators_have_no_gap_between_components() -> None:
    # A balanced square: correlation exactly 0.
    component = first_component([[0, 0], [0, 1], [1, 0], [1, 1]])
    assert component.gap == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([0.5, 0.6], "coverage has 1 dimensions, must have 2: lists and indicators"),
        (
            [[0.5, 0.6], [0.4, 0.3], [np.nan, 0.2]],
            "2 lists are complete on all indicators, must be 3 or more for principal-component weights",
        ),
        (
            [[0.5, 0.6]] * 4,
            "coverage is the same for all lists on every indicator: there is no component",
        ),
    ],
)
def test_coverage_without_a_component_is_refused(values: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        first_component(values)
    assert str(caught.value) == message


# Rounded coverage.


def test_coverage_is_rounded_halves_up_as_a_spreadsheet_does() -> None:
    target = np.arange(1, 401)
    for done in range(401):
        some = target[target >= done]
        expected = [floor(Fraction(done, int(n)) * 100 + Fraction(1, 2)) for n in some]
        rounded = rounded_coverage(done / some, 2)
        assert (rounded == np.array(expected) / 100).all(), done


def test_no_decimals_leave_coverage_as_it_is() -> None:
    values = np.array([0.123456789, np.nan])
    assert rounded_coverage(values, None) is values
    assert rounded_coverage(np.array([0.5, 0.49]), 0).tolist() == [1.0, 0.0]


# From loadings to weights.


def test_a_negative_loading_weighs_nothing_and_the_rest_share_the_total() -> None:
    assert component_weights([0.6, -0.2, 0.2], 480).tolist() == pytest.approx([360, 0, 120], abs=1e-12)


@given(arrays.arrays(np.float64, 6, elements=st.floats(-1, 1)), st.floats(0.5, 1e4))
def test_weights_sum_to_the_total_in_proportion_to_loadings(loadings: Any, total: float) -> None:
    assume(loadings.max() > 1e-6)
    weights = component_weights(loadings, total)
    assert weights.sum() == pytest.approx(total, rel=1e-12)
    assert (weights >= 0).all()
    best = loadings.argmax()
    expected = weights[best] * np.maximum(loadings, 0) / loadings[best]
    assert weights == pytest.approx(expected, rel=1e-9, abs=1e-300)


@pytest.mark.parametrize(
    ("loadings", "total", "message"),
    [
        ([0, -0.5], 480, "loadings: at least one must be positive"),
        ([np.nan, 0.5], 480, "loadings: at least one must be positive"),
        ([0.5], 0, "total == 0, must be positive"),
        ([0.5], -1, "total == -1, must be positive"),
        ([0.5], np.inf, "total == inf, must be positive"),
        ([0.5], np.nan, "total == nan, must be positive"),
    ],
)
def test_weights_that_cannot_be_had_are_refused(loadings: Any, total: float, message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        component_weights(loadings, total)
    assert str(caught.value) == message


# Rounding of weights.


@given(arrays.arrays(np.float64, st.integers(1, 12), elements=st.floats(0, 1)), st.integers(1, 1000))
def test_largest_remainder_sums_to_the_total_and_stays_within_one(loadings: Any, total: int) -> None:
    assume(loadings.max() > 1e-3)
    weights = component_weights(loadings, total)
    rounded = round_weights(weights)
    assert rounded.sum() == total
    # Weights count as whole when they are so to 9 decimals.
    assert (np.abs(rounded - weights) < 1 + 1e-8).all()
    assert (rounded == np.round(rounded)).all()


def test_largest_remainder_sums_to_a_total_with_a_half_rounded_up() -> None:
    sums = {size: round_weights(component_weights(np.ones(size), 1.5)).sum() for size in range(1, 30)}
    assert sums == dict.fromkeys(range(1, 30), 2)


@given(st.lists(st.sampled_from([0.1, 0.25, 0.25, 0.5, 1.0]), min_size=2, max_size=8), st.randoms())
def test_order_of_indicators_does_not_matter_even_in_ties(loadings: list[float], random: Any) -> None:
    codes = [f"code{number}" for number in range(len(loadings))]
    points = [float(number // 2) for number in range(len(loadings))]
    order = list(range(len(loadings)))
    random.shuffle(order)

    def by_code(columns: list[int]) -> dict[str, float]:
        weights = component_weights([loadings[column] for column in columns], 100)
        kept = [codes[column] for column in columns]
        ties = tie_order(kept, [points[column] for column in columns])
        return dict(zip(kept, round_weights(weights, "largest-remainder", ties).tolist(), strict=True))

    assert by_code(list(range(len(loadings)))) == by_code(order)


def test_equal_remainders_go_to_more_points_and_then_by_the_alphabet() -> None:
    codes, points = ["B", "a", "c", "d"], [5.0, 5.0, 9.0, 1.0]
    assert tie_order(codes, points) == [2, 1, 0, 3]
    # 10.5 each: two of four are rounded up.
    assert round_weights([10.5] * 4, "largest-remainder", tie_order(codes, points)).tolist() == [10, 11, 11, 10]
    assert round_weights([10.5] * 4).tolist() == [11, 11, 10, 10]


def test_noise_in_the_last_bits_does_not_break_a_tie() -> None:
    noisy = [10.5, 10.5 + 2e-12, 10.5 - 2e-12, 10.5]
    assert round_weights(noisy).tolist() == round_weights([10.5] * 4).tolist()
    assert round_weights([11 - 1e-12, 1 + 1e-12], "integer").tolist() == [11, 1]
    assert round_weights([2.5 - 1e-12, 3.5 + 1e-12], "integer").tolist() == [3, 4]
    # 68.4 - 68 is a little more than 0.4 in binary numbers.
    assert round_weights([0.4, 68.4, 30.2]).tolist() == [1, 68, 30]
    assert round_weights([11 - 1e-12, 1 + 1e-12]).tolist() == [11, 1]


def test_integer_rounds_halves_up_and_none_leaves_weights_alone() -> None:
    assert round_weights([0.5, 1.5, 2.49, 2.5], "integer").tolist() == [1, 2, 2, 3]
    assert round_weights([0.123456789012, 2.5], "none").tolist() == [0.123456789012, 2.5]


@pytest.mark.parametrize("weight", [-1, np.nan, np.inf])
def test_weights_that_are_none_are_refused(weight: float) -> None:
    with pytest.raises(ArgumentError) as caught:
        round_weights([1, weight])
    assert str(caught.value) == "weights: must be numbers from 0, none missing"


def test_an_unknown_rounding_is_refused() -> None:
    with pytest.raises(ArgumentError) as caught:
        round_weights([1.5], "up")  # type: ignore[arg-type]
    assert str(caught.value) == "rounding == 'up', must be one of none, integer, largest-remainder"
