from __future__ import annotations

import os
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.efficiency.simulated import BETWEEN, LEAST, MOST, WITHIN, allowed, coverage_of_regression, simulated
from tests.real_data import real_table
from xl_qbs.efficiency.regression import NO_COST_SPREAD, NO_QUALITY_SPREAD, regression
from xl_qbs.errors import ArgumentError, DataError

SLOW = pytest.mark.skipif(os.environ.get("XL_QBS_SLOW") != "1", reason="takes half a minute: XL_QBS_SLOW=1 runs it")


@pytest.mark.parametrize("replications", [100, pytest.param(1000, marks=SLOW)])
def test_intervals_hold_the_true_effects(replications: int) -> None:
    for what, shares in coverage_of_regression(replications).items():
        assert len(shares) == replications
        low, high = (LEAST, MOST) if replications == 1000 else allowed(shares)
        assert low <= shares.mean() <= high, what


def test_known_effects_are_recovered_when_the_better_treat_the_sicker() -> None:
    provider, quality, cost, risk, effects = simulated(np.random.default_rng(1), 200, 200, confounded=3.0)
    result = regression(provider, quality, cost, cost_is="spending", risk=risk)
    assert result.risk_slopes[0] == pytest.approx([-0.5, 0.2], abs=0.02)
    # Of the effects that were drawn, not of those that might have been.
    assert result.covariance == pytest.approx(np.cov(effects.T), abs=0.01)
    assert result.within == pytest.approx(WITHIN, abs=0.02)
    assert result.slope == pytest.approx(BETWEEN[0, 1] / BETWEEN[1, 1], abs=0.1)
    given_cost = effects[:, 0] - BETWEEN[0, 1] / BETWEEN[1, 1] * effects[:, 1]
    assert np.corrcoef(result.efficiency, given_cost)[0, 1] > 0.93
    # Raw means turn the order round: the sick are at the good ones.
    raw = pd.Series(quality).groupby(provider).mean()
    assert np.corrcoef(raw, effects[:, 0])[0, 1] < 0
    assert np.corrcoef(result.quality, effects[:, 0])[0, 1] > 0.93


def test_balanced_providers_have_the_textbook_estimates() -> None:
    # With as many patients each, restricted likelihood is the analysis of variance: (between - within) / n.
    provider, quality, cost, _, _ = simulated(np.random.default_rng(2), 40, 30)
    result = regression(provider, quality, cost, cost_is="spending")
    means = pd.DataFrame({"q": quality, "c": cost}).groupby(provider).mean()
    assert result.covariance == pytest.approx(means.cov().to_numpy() - result.within / 30, abs=1e-5)
    share = result.covariance @ np.linalg.inv(result.covariance + result.within / 30)
    away = (means - means.mean()).to_numpy()
    assert result.quality == pytest.approx((away @ share.T)[:, 0], abs=1e-5)
    assert result.efficiency == pytest.approx(result.quality - result.slope * result.cost, abs=1e-12)
    # What is left of the spread once the data are seen, and the error of the average provider.
    total = result.covariance + result.within / 30
    posterior = result.covariance - share @ result.covariance + share @ (total / 40) @ share.T
    half = 1.959963984540054 * np.sqrt(np.diag(posterior))
    for interval, expected in zip((result.quality_interval, result.cost_interval), half, strict=True):
        assert (interval.high - interval.low) / 2 == pytest.approx(np.full(40, expected), rel=1e-9)


def test_intervals_allow_for_the_error_of_the_slope() -> None:
    rng = np.random.default_rng(9)
    slopes, variances = [], []
    for _ in range(80):
        provider, quality, cost, _, _ = simulated(rng, 60, 30)
        result = regression(provider, quality, cost, cost_is="spending")
        width = (result.interval.high - result.interval.low) / 2 / 1.959963984540054
        # Providers of one size differ in nothing but the effect on cost, by which an error of the slope counts.
        of_slope, rest = np.polyfit(result.cost**2, width**2, 1)
        assert of_slope * result.cost**2 + rest == pytest.approx(width**2, abs=1e-9)
        slopes.append(result.slope)
        variances.append(of_slope)
    # As the slopes really differ from sample to sample, whose spread is known to 8 %.
    assert np.sqrt(np.mean(variances)) == pytest.approx(np.std(slopes, ddof=1), rel=0.24)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 100))
def test_units_and_order_do_not_matter(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    provider, quality, cost, risk, _ = simulated(rng, 12, 8)
    one = regression(provider, quality, cost, cost_is="spending", risk=risk)
    order = rng.permutation(len(provider))
    other = regression(provider[order], quality[order] * scale, cost[order] + 50, cost_is="spending", risk=risk[order])
    back = [other.providers.index(name) for name in one.providers]
    # The search for the covariance ends a little elsewhere.
    assert other.quality[back] / scale == pytest.approx(one.quality, abs=2e-3)
    assert (one.interval.low <= one.efficiency).all()
    assert (one.efficiency <= one.interval.high).all()
    assert ((one.probability_positive >= 0) & (one.probability_positive <= 1)).all()


def test_providers_that_do_not_differ_are_said() -> None:
    # Means exactly alike: less spread than chance would leave.
    provider = np.repeat(np.arange(10), 4)
    quality, cost = np.tile([1.0, 2.0, 3.0, 4.0], 10), np.tile([4.0, 1.0, 3.0, 2.0], 10)
    result = regression(provider, quality, cost, cost_is="spending")
    assert NO_QUALITY_SPREAD in result.remark
    assert NO_COST_SPREAD in result.remark
    assert result.efficiency == pytest.approx(np.zeros(10), abs=1e-6)


def test_small_providers_are_pulled_further() -> None:
    rng = np.random.default_rng(4)
    provider = np.concatenate([np.repeat(np.arange(30), 40), np.repeat(np.arange(30, 60), 3)])
    effects = rng.multivariate_normal([0, 0], BETWEEN, 60)
    errors = rng.multivariate_normal([0, 0], WITHIN, len(provider))
    values = effects[provider] + errors
    result = regression(provider, values[:, 0], values[:, 1], cost_is="performance")
    assert result.reliability[:30].min() > result.reliability[30:].max()
    width = result.interval.high - result.interval.low
    assert width[30:].min() > width[:30].max()


def test_real_lists_as_patient_rows(shared: Any) -> None:
    # Each of a list's patients with diabetes, monitored or not; as a stand-in for cost, its patients' load.
    table = real_table(shared, 2019)
    some = np.flatnonzero(table.target[:, 0] >= 20)[:60]
    provider = np.repeat(some, table.target[some, 0].astype(int))
    quality = np.concatenate(
        [np.arange(n) < x for n, x in zip(table.target[some, 0], table.done[some, 0], strict=True)]
    )
    cost = np.random.default_rng(5).gamma(2, 50, len(provider))
    result = regression(provider, quality.astype(float), cost, cost_is="spending")
    share = table.done[some, 0] / table.target[some, 0]
    assert np.corrcoef(result.quality, share)[0, 1] > 0.95
    assert result.quality.std() < share.std()


def test_bad_rows_are_refused() -> None:
    with pytest.raises(DataError, match="quality is missing in row 1"):
        regression([1, 1, 2, 2, 3, 3], [None, 1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6], cost_is="spending")
    with pytest.raises(ArgumentError, match="cost_is == 'money'"):
        regression([1, 1, 2, 2, 3, 3], [0, 1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6], cost_is="money")  # type: ignore[arg-type]
