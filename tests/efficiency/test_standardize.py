from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.efficiency_data import quality_and_spending
from xl_qbs.efficiency.standardize import standardize, standardize_both
from xl_qbs.errors import DataError


def test_the_sample_standard_deviation_is_the_divisor() -> None:
    # Mean 5, sum of squares 32 (the usual example of the standard deviation): 32 / 7, not 32 / 8.
    values = [2, 4, 4, 4, 5, 5, 7, 9]
    assert standardize(values) == pytest.approx((np.array(values) - 5) / np.sqrt(32 / 7), rel=1e-15)


@given(quality_and_spending(), st.floats(0.01, 1e4))
def test_scores_have_mean_0_and_spread_1_and_no_units(data: Any, scale: float) -> None:
    quality, spending = data
    both = standardize_both(quality, spending, cost_is="spending")
    for z in (both.quality, both.cost):
        assert abs(z.mean()) < 1e-12
        assert z.std(ddof=1) == pytest.approx(1, rel=1e-12)
    # The unit of money, and so the reference, makes no difference.
    assert standardize_both(quality, spending * scale, cost_is="spending").cost == pytest.approx(both.cost, abs=1e-9)
    # Less spending is never worse.
    order = np.argsort(spending, kind="stable")
    assert (np.diff(both.cost[order]) <= 1e-12).all()


def test_errors_follow_the_scale() -> None:
    both = standardize_both([1, 2, 3], [1.0, 2.0, 4.0], cost_is="performance", quality_error=[0.1, 0.2, 0.0])
    assert both.quality_error.tolist() == [0.1, 0.2, 0.0]
    assert np.isnan(both.cost_error).all()


def test_the_error_of_spending_is_that_of_its_inverse() -> None:
    # Performance is R / S: a small step of S moves the z score by step * error.
    spending = np.array([1.0, 2.0, 4.0, 3.0])
    both = standardize_both([1, 2, 3, 5], spending, cost_is="spending", cost_error=[0.01] * 4)
    ratio = spending.mean() / spending
    assert both.cost_error == pytest.approx(ratio / spending * 0.01 / ratio.std(ddof=1), rel=1e-12)
    assert np.isnan(both.quality_error).all()


def test_hospitals(hospitals: Any) -> None:
    both = standardize_both(hospitals.total_performance_score, hospitals.spending_ratio, cost_is="spending")
    # Not as in the paper, where lower cost goes with lower quality (its Exhibit 7 implies -.12): the score
    # of fiscal year 2013 has no outcomes in it yet. Recorded.
    assert np.corrcoef(both.quality, both.cost)[0, 1] == pytest.approx(0.0494, abs=5e-5)


def test_a_constant_and_a_zero_are_refused_together() -> None:
    with pytest.raises(DataError) as caught:
        standardize_both([1, 1, 1], [1, 0, 2], cost_is="spending")
    assert len(caught.value.findings) == 2
