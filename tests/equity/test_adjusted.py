from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tests.equity_data import count_tables, counts, means
from xl_qbs.equity.adjusted import GROUP_PRIOR_RULES, GroupPrior, adjust, group_prior, normal_prior
from xl_qbs.equity.group_table import GroupTable
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.priors import moments_prior, report_prior


def test_the_reports_table_as_one_group() -> None:
    # Seed 002, Table 3: 2 of 2, 30 of 98, 100 of 153, 90 of 122 become .61, .40, .64, .70.
    table = counts([[[2]], [[98]], [[153]], [[122]]], [[[2]], [[30]], [[100]], [[90]]])
    found = adjust(table, group_prior(table, rule="report"))
    assert found.prior.strength.tolist() == [[46.875]]
    assert np.round(found.value[:, 0, 0], 2).tolist() == [0.61, 0.40, 0.64, 0.70]


# Davies and Goldsmith (1972): yield of dyestuff from six batches, five samples each.
DYESTUFF = {
    "A": [1545, 1440, 1440, 1520, 1580],
    "B": [1540, 1555, 1490, 1560, 1495],
    "C": [1595, 1550, 1605, 1510, 1560],
    "D": [1445, 1440, 1595, 1465, 1545],
    "E": [1595, 1630, 1515, 1635, 1625],
    "F": [1520, 1455, 1450, 1480, 1445],
}


def test_dyestuff_as_published() -> None:
    batches = np.array([*DYESTUFF.values()], dtype=float)
    table = means(
        np.full((6, 1, 1), 5), batches.mean(axis=1)[:, None, None], batches.std(axis=1, ddof=1)[:, None, None]
    )
    found = adjust(table, group_prior(table))
    # Variance within 2451 and between 1764, mean 1527.5; lme4 has the batches' effects.
    spread, strength = float(found.prior.spread[0, 0]), float(found.prior.strength[0, 0])
    assert spread**2 == pytest.approx(2451.25)
    assert spread**2 / strength == pytest.approx(1764.05)
    effects = found.value[:, 0, 0] - 1527.5
    assert np.round(effects, 2).tolist() == [-17.61, 0.39, 28.56, -23.08, 56.73, -45.0]
    # The posterior variance of a mean of five, by hand: 1 / (5 / 2451.25 + 1 / 1764.05).
    half = (found.high - found.low)[:, 0, 0] / 2 / stats.norm.ppf(0.975)
    assert half**2 == pytest.approx(1 / (5 / 2451.25 + 1 / 1764.05))


def test_towards_the_group_or_the_indicator() -> None:
    n = np.full((4, 1, 2), 20.0)
    x = np.array([[[4, 12]], [[6, 14]], [[8, 18]], [[2, 16]]], dtype=float)
    table = counts(n, x)
    own, together = group_prior(table), group_prior(table, towards="indicator")
    assert own.mean[0] == pytest.approx([0.25, 0.75])
    assert together.mean[0] == pytest.approx([0.5, 0.5])
    expected = moments_prior(x.reshape(8, 1), n.reshape(8, 1))
    assert together.strength[0].tolist() == [float(expected.strength[0])] * 2

    def gap(prior: GroupPrior) -> Any:
        value = adjust(table, prior).value
        return value[:, 0, 1] - value[:, 0, 0]

    # Drawn to a mean of all, gaps look smaller.
    assert (gap(together).mean()) < gap(own).mean()
    assert gap(own).mean() == pytest.approx(0.5)


@given(count_tables(most=(5, 2, 3)), st.sampled_from(["report", "moments"]), st.sampled_from(["group", "indicator"]))
def test_between_own_coverage_and_the_mean(table: GroupTable, rule: Any, towards: Any) -> None:
    found = adjust(table, group_prior(table, rule=rule, towards=towards))
    some = table.patients > 0
    for part in (found.value, found.low, found.high, found.reliability):
        assert (np.isnan(part) == ~some).all()
    mean = np.broadcast_to(found.prior.mean, some.shape)[some]
    own, value = table.value[some], found.value[some]
    assert (value >= np.minimum(own, mean) - 1e-12).all()
    assert (value <= np.maximum(own, mean) + 1e-12).all()
    trust = found.reliability[some]
    assert value == pytest.approx(trust * own + (1 - trust) * mean, abs=1e-9)
    assert (found.low[some] <= found.high[some]).all()


def test_means_that_differ_by_chance_only_all_get_the_mean() -> None:
    table = means(np.full((3, 1, 1), 10), [[[50.0]], [[50.1]], [[49.9]]], np.full((3, 1, 1), 10.0))
    found = adjust(table, group_prior(table))
    assert np.isinf(found.prior.strength).all()
    assert found.value.ravel().tolist() == pytest.approx([50] * 3)
    assert found.reliability.tolist() == np.zeros((3, 1, 1)).tolist()


def test_normal_prior_of_unequal_sizes_is_right_on_average() -> None:
    # 400 columns of 60 providers of 2 to 40 patients: true variances 100 within and 25 between, so M is 4.
    rng = np.random.default_rng(5)
    n = np.repeat(rng.integers(2, 41, (60, 1)), 400, axis=1).astype(float)
    true = 50 + 5 * rng.standard_normal(n.shape)
    mean = true + 10 * rng.standard_normal(n.shape) / np.sqrt(n)
    sd = np.sqrt(100 * rng.chisquare(n - 1) / (n - 1))
    grand, strength, spread = normal_prior(mean, sd, n)
    within = spread**2
    between = within / strength
    for values, truth in ((within, 100), (between, 25), (grand, 50)):
        error = values.std(ddof=1) / np.sqrt(len(values))
        assert abs(values.mean() - truth) < 4 * error


def test_what_is_refused() -> None:
    table = counts([[[5, 5]]], [[[1, 1]]])
    with pytest.raises(ArgumentError, match="rule == 'fixed'"):
        group_prior(table, rule="fixed")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="towards"):
        group_prior(table, towards="all")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="prior: is for"):
        adjust(table, group_prior(counts([[[5]]], [[[1]]])))
    with pytest.raises(ArgumentError, match="continuous values have 'moments' only"):
        group_prior(means([[[5]]], [[[1]]], [[[1]]]), rule="report")


def test_regions_of_2012_as_2011_predicts_them(regions: Any) -> None:
    before, now = regions.before, regions.now
    black = before.group("black")
    weight = np.where(before.patients > 0, now.patients, 0)[:, :, black]

    def error(values: Any) -> Any:
        away = np.where(weight > 0, values[:, :, black] - now.value[:, :, black], 0)
        return (weight * away**2).sum(axis=0) / weight.sum(axis=0)

    raw = error(before.value)
    by_rule = {rule: error(adjust(before, group_prior(before, rule=rule)).value) for rule in GROUP_PRIOR_RULES}
    # The report's fixed amount draws regions much too far to the mean; estimated, the prior is better than raw
    # coverage for ambulatory visits, HbA1c and LDL, and worse for eye examinations and mammograms: most patients
    # are in both years, which favours raw coverage.
    assert (by_rule["moments"] < by_rule["report"]).all()
    assert (by_rule["moments"] < raw).tolist() == [True, True, False, True, False]
    assert by_rule["likelihood"] == pytest.approx(by_rule["moments"], rel=0.03)


def test_one_group_is_the_scoring_rooms_own_prior(regions: Any) -> None:
    table = regions.now
    white = table.group("white")
    expected = report_prior(table.counted[:, :, white], table.patients[:, :, white])
    found = group_prior(table, rule="report")
    assert found.mean[:, white] == pytest.approx(expected.mean, rel=1e-14)
    assert found.strength[:, white] == pytest.approx(expected.strength, rel=1e-14)
