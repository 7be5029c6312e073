from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.efficiency_data import quality_and_spending
from xl_qbs.efficiency.standardize import standardize
from xl_qbs.efficiency.unconditional import QUALITY_30, QUALITY_70, unconditional
from xl_qbs.errors import ArgumentError


def test_by_hand() -> None:
    # z(quality) = -1, 0, 1; z(cost performance) = 1, 0, -1.
    result = unconditional([1, 2, 3], [0.5, 1.0, 1.5], cost_is="performance", quality_weight=0.3)
    assert result.efficiency == pytest.approx([-0.3 - 0.7, 0, 0.3 + 0.7], abs=1e-15)


@given(quality_and_spending(), st.floats(0, 1))
def test_it_is_the_weighted_sum_and_rises_with_both(data: Any, weight: float) -> None:
    quality, spending = data
    result = unconditional(quality, spending, cost_is="spending", quality_weight=weight)
    expected = weight * standardize(quality) + (1 - weight) * standardize(1 / spending)
    assert result.efficiency == pytest.approx(expected, abs=1e-12)
    better = (quality[:, None] >= quality) & (spending[:, None] <= spending)
    assert (result.efficiency[:, None] >= result.efficiency - 1e-12)[better].all()
    assert np.isnan(result.interval.low).all()


def between_versions(correlation: float) -> float:
    """Return the correlation of the 70/30 and the 30/70 version, from that of quality and cost performance."""
    return (0.42 + 0.58 * correlation) / (0.58 + 0.42 * correlation)


def test_the_two_versions_correlate_as_quality_and_cost_say(hospitals: Any) -> None:
    given_ = (hospitals.total_performance_score, hospitals.spending_ratio)
    scores = [unconditional(*given_, cost_is="spending", quality_weight=w) for w in (QUALITY_70, QUALITY_30)]
    correlation = np.corrcoef(scores[0].quality, scores[0].cost)[0, 1]
    found = np.corrcoef(scores[0].efficiency, scores[1].efficiency)[0, 1]
    assert found == pytest.approx(between_versions(correlation), abs=1e-12)
    # Exhibit 7 has .6610: quality and cost performance correlated -.1211 there, and .0494 here.
    assert between_versions(-0.1211) == pytest.approx(0.6610, abs=5e-5)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(5)
    quality, cost = rng.normal(50, 10, 4000), rng.normal(1, 0.1, 4000)
    errors = rng.multivariate_normal([0, 0], [[1, 0.5 * 0.01], [0.5 * 0.01, 0.0001]], 4000)
    truth = unconditional(quality, cost, cost_is="performance")
    seen = unconditional(
        quality + errors[:, 0],
        cost + errors[:, 1],
        cost_is="performance",
        quality_error=np.ones(4000),
        cost_error=np.full(4000, 0.01),
        error_correlation=0.5,
        level=0.9,
    )
    inside = (seen.interval.low <= truth.efficiency) & (truth.efficiency <= seen.interval.high)
    assert inside.mean() == pytest.approx(0.9, abs=0.02)


def test_without_errors_of_cost_cost_alone_leaves_no_interval() -> None:
    result = unconditional([1, 2, 3], [1, 2, 3], cost_is="performance", quality_error=[1, 1, 1])
    assert np.isnan(result.interval.high).all()


@pytest.mark.parametrize("options", [{"quality_weight": 1.4}, {"error_correlation": -2}, {"level": 95}])
def test_options_that_are_none(options: Any) -> None:
    with pytest.raises(ArgumentError, match=f"{next(iter(options))} =="):
        unconditional([1, 2, 3], [1, 2, 3], cost_is="performance", **options)
