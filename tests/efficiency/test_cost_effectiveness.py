from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tests.efficiency.simulated import LEAST, MOST, coverage_of_net_benefit, simulated
from xl_qbs.efficiency.cost_effectiveness import acceptability, cost_effectiveness, cost_effectiveness_of_patients
from xl_qbs.errors import ArgumentError, DataError


def test_by_hand() -> None:
    # Two more saved of a hundred at 50,000 each, for 600 more a patient: 1,000 - 600.
    result = cost_effectiveness(
        [0.92, 0.90, 0.90],
        [10_600, 10_000, 9_900],
        cost_is="spending",
        value=50_000,
        reference_quality=0.90,
        reference_cost=10_000,
        quality_error=[0.01, 0.01, 0.01],
        cost_error=[300, 300, 300],
    )
    assert result.efficiency == pytest.approx([400, 0, 100])
    # Variance 50,000^2 * .01^2 + 300^2 = 250,000 + 90,000.
    assert result.interval.high[0] - 400 == pytest.approx(1.959964 * np.sqrt(340_000), rel=1e-6)
    assert result.probability_positive == pytest.approx(stats.norm.cdf(np.array([400, 0, 100]) / np.sqrt(340_000)))


@given(st.integers(0, 2**32 - 1), st.floats(0, 1000))
def test_the_curve_passes_through_the_probability(seed: int, value: float) -> None:
    rng = np.random.default_rng(seed)
    provider = np.concatenate([np.arange(5).repeat(2), rng.integers(0, 5, 40)])
    quality, cost = rng.normal(size=50), rng.gamma(2, 10, 50)
    result = cost_effectiveness_of_patients(provider, quality, cost, cost_is="spending", value=value)
    curve = acceptability(result, [0, value, 1e6])
    assert curve.probability[:, 1] == pytest.approx(result.probability_positive, abs=1e-12)
    assert ((curve.probability >= 0) & (curve.probability <= 1)).all()
    inside = (result.probability_positive > 0.025) & (result.probability_positive < 0.975)
    around = (result.interval.low < 0) & (result.interval.high > 0)
    assert (inside == around).all()
    # Mean net benefit over patients against their own mean is 0.
    counts = np.array([np.sum(provider == name) for name in result.providers])
    assert counts @ result.efficiency == pytest.approx(0, abs=1e-6)


def test_patient_rows_give_students_interval_of_their_net_benefit() -> None:
    rng = np.random.default_rng(1)
    provider, quality, cost = np.repeat([0, 1, 2], 12), rng.normal(size=36), rng.gamma(2, 10, 36)
    result = cost_effectiveness_of_patients(
        provider, quality, cost, cost_is="spending", value=7, reference_quality=0.1, reference_cost=15
    )
    for number in range(3):
        own = (7 * (quality - 0.1) - (cost - 15))[provider == number]
        low, high = stats.t.interval(0.95, 11, own.mean(), stats.sem(own))
        assert result.efficiency[number] == pytest.approx(own.mean(), rel=1e-12)
        assert (result.interval.low[number], result.interval.high[number]) == pytest.approx((low, high), rel=1e-9)


def test_intervals_hold_the_true_net_benefit_in_1000_replications() -> None:
    shares = coverage_of_net_benefit(1000)
    assert shares.shape == (1000,)
    assert LEAST <= shares.mean() <= MOST


def test_known_net_benefits_are_recovered() -> None:
    provider, quality, cost, risk, effects = simulated(np.random.default_rng(2), 100, 400, confounded=3.0)
    result = cost_effectiveness_of_patients(provider, quality, cost, cost_is="spending", value=2, risk=risk)
    truth = 2 * (effects[:, 0] - effects[:, 0].mean()) - (effects[:, 1] - effects[:, 1].mean())
    # Standard error of each: sqrt((2^2 * 1 - 2 * 2 * .3 + 1) / 400) = .097, and no bias beyond it.
    assert np.sqrt(np.mean((result.efficiency - truth) ** 2)) == pytest.approx(0.097, abs=0.02)
    assert np.polyfit(truth, result.efficiency, 1)[0] == pytest.approx(1, abs=0.05)
    # Unadjusted, the better providers look worse, since they treat the sicker.
    raw = cost_effectiveness_of_patients(provider, quality, cost, cost_is="spending", value=2)
    assert np.polyfit(truth, raw.efficiency, 1)[0] < 0


def test_hospitals(hospitals: pd.DataFrame) -> None:
    given_ = (hospitals.total_performance_score, hospitals.spending_ratio * 18_000)
    free = cost_effectiveness(*given_, cost_is="spending", value=0)
    dear = cost_effectiveness(*given_, cost_is="spending", value=1e9)
    # Worth nothing, quality leaves cost; worth everything, cost leaves quality.
    assert np.corrcoef(free.efficiency, given_[1])[0, 1] == pytest.approx(-1, abs=1e-12)
    assert np.corrcoef(dear.efficiency, given_[0])[0, 1] == pytest.approx(1, abs=1e-9)
    assert free.providers[:2] == (0, 1)
    assert np.isnan(free.interval.low).all()
    assert np.isnan(free.probability_positive).all()
    with pytest.raises(ArgumentError, match="no standard errors"):
        acceptability(free, [1])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cost_is": "performance"}, "net benefit needs spending in money"),
        ({"value": -1}, "value == -1"),
        ({"value": None}, "value == None"),
        ({"quality_error": [1, 1, 1]}, "give both or none"),
        (
            {"quality_error": [1, 1, 1], "cost_error": [1, 1, 1], "error_correlation": 2},
            "error_correlation: must be from -1 to 1",
        ),
        ({"level": 95}, "level == 95"),
    ],
)
def test_options_that_are_none(options: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        cost_effectiveness([1, 2, 3], [1, 2, 3], **{"cost_is": "spending", "value": 1, **options})


def test_one_patient_leaves_no_interval() -> None:
    with pytest.raises(DataError, match="provider: C have 1 patient"):
        cost_effectiveness_of_patients(
            ["A", "A", "B", "B", "C"], [1, 2, 3, 4, 5], [1, 2, 3, 4, 6], cost_is="spending", value=1
        )
