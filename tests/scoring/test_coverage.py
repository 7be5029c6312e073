from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.coverage import (
    adjusted_coverage,
    coverage,
    coverage_interval,
    reliability,
    wilson_interval,
)
from xl_qbs.scoring.priors import likelihood_prior, report_prior

# Tolerance for identities that hold but for the last bits of shares.
BITS = 1e-12


@st.composite
def lists(draw: st.DrawFn) -> tuple[int, int]:
    """Draw work done and target of one list; a target of 0 and work beyond the target included."""
    target = draw(st.integers(0, 5000))
    return draw(st.integers(0, target + 3)), target


means = st.floats(0, 1)
strengths = st.one_of(st.just(0.0), st.floats(1e-6, 1e6), st.just(np.inf))


def whole_percent(shares: Any) -> list[int]:
    """Round to whole percents, halves up, as the report prints them."""
    return np.floor(np.asarray(shares).ravel() * 100 + 0.5).astype(int).tolist()


# The report's tables.


def test_unadjusted_coverage_is_as_printed(printed_year: Any, four: Any) -> None:
    assert whole_percent(coverage(four.done, four.target)) == [row.unadjusted_percent for row in printed_year]


def test_adjusted_coverage_is_as_printed(printed_year: Any, four: Any) -> None:
    prior = report_prior(four.done, four.target)
    adjusted = adjusted_coverage(four.done, four.target, prior.mean, prior.strength)
    assert whole_percent(adjusted) == [row.adjusted_percent for row in printed_year]


# Coverage.


def test_coverage_of_nobody_is_undefined_and_never_0() -> None:
    assert np.isnan(coverage([0, 3], [0, 0])).all()


def test_more_done_than_target_counts_as_the_target() -> None:
    assert coverage([12], [10]).tolist() == [1.0]
    assert adjusted_coverage([12], [10], 0.5, 10).tolist() == [0.75]
    assert coverage_interval([12], [10], 0.5, 10).low == coverage_interval([10], [10], 0.5, 10).low
    assert wilson_interval([12], [10]).low == wilson_interval([10], [10]).low


def test_coverage_of_real_lists_is_undefined_where_nobody_is_eligible(table_2019: Any) -> None:
    shares = coverage(table_2019.done, table_2019.target)
    assert np.isnan(shares).sum() == (table_2019.target == 0).sum() == 41
    assert np.nanmin(shares) >= 0
    assert np.nanmax(shares) <= 1


# Adjusted coverage.


@given(lists(), means, strengths)
def test_adjusted_coverage_lies_between_coverage_and_mean(
    counts: tuple[int, int], mean: float, strength: float
) -> None:
    done, target = counts
    adjusted = float(adjusted_coverage(done, target, mean, strength))
    share = min(done, target) / target if target else mean
    assert min(share, mean) - BITS <= adjusted <= max(share, mean) + BITS


@given(means, strengths, st.integers(0, 3))
def test_nobody_eligible_gives_the_mean_exactly(mean: float, strength: float, done: int) -> None:
    # (0 + M m) / (0 + M) may differ from m in the last bit, no more.
    assert float(adjusted_coverage(done, 0, mean, strength)) == pytest.approx(mean, rel=4e-16, abs=5e-324)


@given(lists(), means)
def test_no_strength_gives_coverage_and_infinite_strength_gives_the_mean(counts: tuple[int, int], mean: float) -> None:
    done, target = counts
    if target:
        assert float(adjusted_coverage(done, target, mean, 0)) == min(done, target) / target
    assert float(adjusted_coverage(done, target, mean, np.inf)) == mean


@given(st.integers(0, 4999), st.integers(1, 5000), means, st.floats(0, 1e4))
def test_one_more_patient_served_raises_adjusted_coverage(done: int, target: int, mean: float, strength: float) -> None:
    before, after = adjusted_coverage([min(done, target - 1), min(done, target - 1) + 1], target, mean, strength)
    assert after - before == pytest.approx(1 / (target + strength), rel=1e-6)


def test_reliability_is_the_weight_of_the_lists_own_coverage() -> None:
    done, target, mean, strength = np.array([3.0, 40, 0]), np.array([4.0, 90, 0]), 0.6, 35.0
    own = reliability(target, strength)
    assert own.tolist() == [4 / 39, 90 / 125, 0.0]
    blend = own * np.nan_to_num(coverage(done, target)) + (1 - own) * mean
    assert adjusted_coverage(done, target, mean, strength) == pytest.approx(blend, abs=BITS)


def test_reliability_at_the_ends() -> None:
    assert reliability([0, 5, 0, 5], [0, 0, np.inf, np.inf]).tolist() == [0.0, 1.0, 0.0, 0.0]


def test_adjusted_coverage_takes_huge_counts() -> None:
    assert float(adjusted_coverage(7e14, 1e15, 0.1, 1e15)) == pytest.approx(0.4, abs=BITS)


# The interval.


@given(lists(), st.floats(0.01, 0.99), st.floats(0.1, 1e4), st.floats(0.5, 0.999))
def test_interval_holds_the_quantiles_of_the_posterior(
    counts: tuple[int, int], mean: float, strength: float, level: float
) -> None:
    done, target = min(counts), counts[1]
    low, high = coverage_interval(done, target, mean, strength, level)
    posterior = stats.beta(done + strength * mean, target - done + strength * (1 - mean))
    assert float(low) == pytest.approx(posterior.ppf((1 - level) / 2), rel=1e-9, abs=1e-300)
    assert float(high) == pytest.approx(posterior.ppf((1 + level) / 2), rel=1e-9)


def test_interval_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(20200520)
    mean, strength, draws = 0.7, 12.0, 40_000
    truth = rng.beta(mean * strength, (1 - mean) * strength, draws)
    target = rng.integers(0, 60, draws)
    done = rng.binomial(target, truth)
    for level in (0.8, 0.95):
        low, high = coverage_interval(done, target, mean, strength, level)
        # Three standard errors of a share in 40,000 draws: 0.006 at 80 %, 0.0033 at 95 %.
        error = 3 * np.sqrt(level * (1 - level) / draws)
        assert ((low <= truth) & (truth <= high)).mean() == pytest.approx(level, abs=error)


def test_interval_without_doubt_left() -> None:
    low, high = coverage_interval(
        [0, 5, 2, 0, 0], [5, 5, 4, 0, 0], [0.0, 1.0, 0.3, 0.3, 0.4], [9, 9, np.inf, 0, np.inf]
    )
    assert low.tolist() == high.tolist() == [0.0, 1.0, 0.3, 0.3, 0.4]


def test_interval_of_one_list_is_a_number_each() -> None:
    low, high = coverage_interval(3, 10, 0.5, 5)
    assert (low.shape, high.shape) == ((), ())
    assert float(low) == pytest.approx(stats.beta.ppf(0.025, 5.5, 9.5), rel=1e-12)


def test_interval_of_real_lists_holds_adjusted_coverage(table_2019: Any) -> None:
    prior = likelihood_prior(table_2019.done, table_2019.target)
    low, high = coverage_interval(table_2019.done, table_2019.target, prior.mean, prior.strength)
    adjusted = adjusted_coverage(table_2019.done, table_2019.target, prior.mean, prior.strength)
    assert low.shape == high.shape == (781, 11)
    assert ((low >= 0) & (low < high) & (high <= 1)).all()
    # The mean of a beta distribution as lopsided as these lies inside its middle 95 %.
    assert ((low < adjusted) & (adjusted < high)).all()


# Wilson's interval.


@pytest.mark.parametrize(
    ("done", "level", "low", "high"),
    [  # oracles/README.md, 8 decimals
        (1, 0.95, 0.00176743, 0.05448620),
        (65, 0.95, 0.55254443, 0.73635752),
        (65, 0.998, 0.49549466, 0.77835406),
    ],
)
def test_wilson_interval_is_as_published(done: int, level: float, low: float, high: float) -> None:
    interval = wilson_interval(done, 100, level)
    assert [round(float(end), 8) for end in interval] == [low, high]


@given(lists().filter(lambda counts: counts[1] > 0), st.floats(0.5, 0.999))
def test_wilson_interval_agrees_with_scipy(counts: tuple[int, int], level: float) -> None:
    done, target = min(counts), counts[1]
    expected = stats.binomtest(done, target).proportion_ci(level, method="wilson")
    assert [float(end) for end in wilson_interval(done, target, level)] == pytest.approx(list(expected), abs=BITS)


def test_wilson_interval_of_nobody_is_undefined() -> None:
    low, high = wilson_interval([0, 5], [0, 5])
    assert np.isnan([low[0], high[0]]).all()
    assert (float(low[1]), float(high[1])) == pytest.approx((0.5655175, 1.0), abs=1e-7)


# Refusals.


@pytest.mark.parametrize("function", [coverage, wilson_interval])
@pytest.mark.parametrize(
    ("done", "target", "message"),
    [
        ([-1], [5], "done: must be numbers from 0, none missing"),
        ([np.nan], [5], "done: must be numbers from 0, none missing"),
        ([np.inf], [5], "done: must be numbers from 0, none missing"),
        ([1], [-5], "target: must be numbers from 0, none missing"),
        ([1], [None], "target: must be numbers from 0, none missing"),
        ([1, 2], [1, 2, 3], "done has the shape (2,) and target (3,): they do not fit"),
    ],
)
def test_counts_that_are_none_are_refused(function: Any, done: Any, target: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        function(done, target)
    assert str(caught.value) == message


@pytest.mark.parametrize("function", [adjusted_coverage, coverage_interval])
@pytest.mark.parametrize(
    ("mean", "strength", "message"),
    [
        (1.1, 5, "mean: must be shares from 0 to 1, none missing"),
        (-0.1, 5, "mean: must be shares from 0 to 1, none missing"),
        (np.nan, 5, "mean: must be shares from 0 to 1, none missing"),
        (0.5, -1, "strength: must be numbers of patients from 0, none missing"),
        (0.5, np.nan, "strength: must be numbers of patients from 0, none missing"),
    ],
)
def test_a_prior_that_is_none_is_refused(function: Any, mean: float, strength: float, message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        function([1], [2], mean, strength)
    assert str(caught.value) == message


@pytest.mark.parametrize("level", [0, 1, -0.5, 95, np.nan])
def test_a_level_that_is_none_is_refused(level: float) -> None:
    for call in (lambda: wilson_interval([1], [2], level), lambda: coverage_interval([1], [2], 0.5, 5, level)):
        with pytest.raises(ArgumentError) as caught:
            call()
        assert str(caught.value) == f"level == {level}, must be between 0 and 1"


def test_reliability_refuses_what_adjusted_coverage_refuses() -> None:
    with pytest.raises(ArgumentError, match="target: must be numbers from 0"):
        reliability([-1], 5)
    with pytest.raises(ArgumentError, match="strength: must be numbers of patients from 0"):
        reliability([1], -5)
