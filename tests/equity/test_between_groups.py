from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from scipy import stats

from tests.equity_data import count_tables, counts, means
from xl_qbs.equity.between_groups import between_groups
from xl_qbs.equity.gates import gates
from xl_qbs.equity.group_table import GroupTable


def test_smokers_as_published() -> None:
    # Fleiss (1981), in R's help on prop.test: X-squared = 12.6, df = 3, p-value = 0.005585.
    found = between_groups(counts([[[86, 93, 136, 82]]], [[[83, 90, 129, 70]]]))
    assert found.groups.tolist() == [[4]]
    assert round(float(found.statistic[0, 0]), 1) == 12.6
    assert round(float(found.p_value[0, 0]), 6) == 0.005585


@pytest.mark.parametrize("shares", [(0.3, 0.8), (0.5, 0.5, 0.5), (0.1, 0.6, 0.95)])
def test_net_of_noise_is_exactly_right_on_average(shares: tuple[float, ...]) -> None:
    # All outcomes of 2, 3 and 5 patients, each with its probability.
    n = np.array([2, 3, 5][: len(shares)])
    outcomes = np.array([*product(*(range(size + 1) for size in n))], dtype=float)
    chance = np.prod([stats.binom.pmf(outcomes[:, g], n[g], share) for g, share in enumerate(shares)], axis=0)
    found = between_groups(counts(np.broadcast_to(n, outcomes.shape)[:, None], outcomes[:, None]))
    weight = n / n.sum()
    truth = (weight * (shares - (weight * shares).sum()) ** 2).sum()
    assert (chance * (found.raw - found.noise)[:, 0]).sum() == pytest.approx(truth, abs=1e-14)
    # Raw variance is too large by the noise.
    assert (chance * found.raw[:, 0]).sum() > truth


def test_of_means_noise_is_right_on_average_too() -> None:
    rng = np.random.default_rng(3)
    n, true, spread = np.array([20, 35, 50]), np.array([48.0, 50, 51]), np.array([8.0, 10, 12])
    size = 20_000
    mean = true + rng.standard_normal((size, 3)) * spread / np.sqrt(n)
    sd = spread * np.sqrt(rng.chisquare(n - 1, (size, 3)) / (n - 1))
    found = between_groups(means(np.broadcast_to(n, mean.shape)[:, None], mean[:, None], sd[:, None]))
    weight = n / n.sum()
    truth = (weight * (true - (weight * true).sum()) ** 2).sum()
    values = (found.raw - found.noise)[:, 0]
    assert abs(values.mean() - truth) < 4 * values.std() / np.sqrt(size)
    inside = (found.interval.low <= truth) & (truth <= found.interval.high)
    assert 0.92 < inside.mean() < 0.98


@pytest.mark.parametrize(
    ("shares", "smallest"),
    [
        ((0.7, 0.8), 30),
        ((0.75, 0.75), 30),
        ((0.9, 0.95, 0.97), 30),
        ((0.6, 0.7, 0.8, 0.9), 30),
        ((0.9, 0.95, 0.97), 400),
    ],
)
def test_intervals_hold_the_truth_as_often_as_the_docstring_says(shares: tuple[float, ...], smallest: int) -> None:
    rng = np.random.default_rng(11)
    n = smallest * np.arange(1, len(shares) + 1)
    done = rng.binomial(n, shares, (4000, len(shares))).astype(float)
    found = between_groups(counts(np.broadcast_to(n, done.shape)[:, None], done[:, None]))
    weight = n / n.sum()
    truth = (weight * (shares - (weight * shares).sum()) ** 2).sum()
    # Truth 0 is met with the last bits of its own sum.
    inside = (found.interval.low <= truth + 1e-12) & (truth <= found.interval.high)
    assert 0.91 < inside.mean() < 0.985


def test_two_groups_say_what_their_gap_says() -> None:
    found = between_groups(counts([[[40, 60]]], [[[20, 45]]]))
    assert found.raw[0, 0] == pytest.approx(0.4 * 0.6 * 0.25**2)
    noise = 0.4 * 0.6 * (0.5 * 0.5 / 39 + 0.75 * 0.25 / 59)
    assert found.noise[0, 0] == pytest.approx(noise)
    assert found.net[0, 0] == pytest.approx(0.015 - noise)
    # Its interval is that of the squared Wald statistic.
    wald = 0.015 / noise
    low = found.interval.low[0, 0] / noise
    assert stats.ncx2.sf(wald, 1, low) == pytest.approx(0.025, abs=1e-6)
    high = found.interval.high[0, 0] / noise
    assert stats.ncx2.cdf(wald, 1, high) == pytest.approx(0.025, abs=1e-6)


@given(count_tables(most=(3, 2, 4)))
def test_bounds(table: GroupTable) -> None:
    found = between_groups(table)
    several = found.groups >= 2
    for part in (found.raw, found.net, found.noise, found.p_value, found.mean):
        assert (np.isnan(part) == ~several).all()
    raw, net = found.raw[several], found.net[several]
    assert ((net >= 0) & (net <= raw + 1e-15)).all()
    # No variance of shares about their mean m is above m (1 - m).
    mean = found.mean[several]
    assert (raw <= mean * (1 - mean) + 1e-12).all()
    assert ((found.p_value[several] >= 0) & (found.p_value[several] <= 1)).all()
    known = ~np.isnan(found.interval.low)
    assert (found.interval.low[known] <= found.interval.high[known]).all()
    assert known[several].tolist() == (found.noise[several] > 0).tolist()


def test_nobody_or_everybody_served() -> None:
    found = between_groups(counts([[[40, 60], [40, 60], [1, 60]]], [[[40, 60], [0, 60], [1, 60]]]))
    assert found.net[0, :2].tolist() == [0, pytest.approx(0.24)]
    assert found.p_value[0, 0] == 1
    assert found.p_value[0, 1] < 1e-20
    assert np.isnan(found.interval.high[0]).all()
    assert np.isnan(found.raw[0, 2])  # one patient is no group


def test_regions_differ_by_less_than_they_seem(regions: Any) -> None:
    table, passed = regions.now, regions.passed_now
    found = between_groups(table, passed=passed)
    scored = ~np.isnan(found.raw)
    assert (scored == passed.ok).all()
    # Chi-square of 2 x 2 tables, region by region.
    row = table.providers.index("AL-Birmingham")
    n, x = table.n[row, 0], table.x[row, 0]
    expected = stats.chi2_contingency(np.array([x, n - x]), correction=False)
    assert found.statistic[row, 0] == pytest.approx(expected.statistic, rel=1e-10)
    # Where small numbers explain it all, net is 0: in at least 20 regions for every indicator.
    nothing = ((found.net == 0) & scored).sum(axis=0)
    assert dict(zip(table.indicators, nothing.tolist(), strict=True)) == {
        "amb_visit": 23,
        "hba1c": 72,
        "eye_exam": 77,
        "ldl": 37,
        "mammogram": 97,
    }
    assert (found.interval.low[found.p_value > 0.2] == 0).all()
    assert np.isnan(between_groups(table, passed=gates(table)).raw[~passed.ok]).all()
