from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tests.real_data import real_table
from xl_qbs.efficiency.standardization import direct, expected_by_stratum, indirect, price_label
from xl_qbs.errors import ArgumentError, DataError

# Rothman, Epidemiology: deaths and population of Sweden and Panama in 1962 by age.
COUNTRY = ["Sweden"] * 3 + ["Panama"] * 3
AGE = ["0-29", "30-59", "60+"] * 2
DEATHS = [3_523, 10_928, 59_104, 3_904, 1_421, 2_456]
PEOPLE = [3_145_000, 3_057_000, 1_294_000, 741_000, 275_000, 59_000]


def test_sweden_and_panama_change_places() -> None:
    result = direct(COUNTRY, DEATHS, AGE, standard={"0-29": 0.35, "30-59": 0.35, "60+": 0.30}, patients=PEOPLE)
    # As the book prints them: .0098 and .0072 crude, .015 and .016 standardised.
    assert result.providers == ("Sweden", "Panama")
    assert np.round(result.crude, 4).tolist() == [0.0098, 0.0072]
    assert np.round(result.standardised, 3).tolist() == [0.015, 0.016]
    assert (result.interval.low < result.standardised).all()
    assert not result.missing.any()


def test_indirect_by_hand() -> None:
    # Mild patients fare at 1/4, severe at 3/4; A had one of each, B three mild and three severe.
    provider = ["A", "A", *"BBBBBB"]
    stratum = ["mild", "severe", *["mild"] * 3, *["severe"] * 3]
    outcome = [1, 1, 0, 0, 0, 1, 1, 0]
    expected = expected_by_stratum(outcome, stratum)
    assert expected.tolist() == [0.25, 0.75, 0.25, 0.25, 0.25, 0.75, 0.75, 0.75]
    result = indirect(provider, outcome, expected)
    assert result.ratio == pytest.approx([2, 2 / 3])
    assert result.standardised == pytest.approx([1, 1 / 3])
    # Garwood's limits of 2 events: .2422 and 7.2247, with 1 expected.
    assert (result.interval.low[0], result.interval.high[0]) == pytest.approx((0.2422, 7.2247), abs=5e-5)


@given(st.integers(0, 2**32 - 1))
def test_expected_sum_to_observed_and_equal_rates_leave_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    provider, stratum = rng.integers(0, 4, 60), rng.integers(0, 3, 60)
    cost = rng.gamma(2, 10, 60)
    expected = expected_by_stratum(cost, stratum)
    result = indirect(provider, cost, expected)
    assert result.observed.sum() == pytest.approx(result.expected.sum(), rel=1e-12)
    # Where everybody in a stratum costs the same, no provider differs, by either way.
    same = expected_by_stratum(cost, stratum)
    assert indirect(provider, same, expected).ratio == pytest.approx(np.ones(len(result.ratio)), rel=1e-12)
    by_stratum = direct(provider, same, stratum).standardised
    overlap = ~np.isnan(by_stratum)
    assert by_stratum[overlap] == pytest.approx(np.full(overlap.sum(), cost.mean()), rel=1e-9)


def test_rows_of_several_patients_are_as_good_as_patients() -> None:
    outcome, stratum, provider = [1, 0, 0, 1, 1, 0], ["m", "m", "s", "s", "m", "s"], ["A", "A", "A", "B", "B", "B"]
    rows = direct(provider, outcome, stratum)
    grouped = direct(["A", "A", "B", "B"], [1, 0, 1, 1], ["m", "s", "m", "s"], patients=[2, 1, 1, 2])
    assert grouped.standardised == pytest.approx(rows.standardised)
    assert grouped.interval.high == pytest.approx(rows.interval.high)


def test_no_overlap_is_said_and_not_bridged() -> None:
    result = direct(["A", "A", "B"], [1, 0, 1], ["mild", "severe", "mild"])
    assert result.missing.tolist() == [[False, False], [False, True]]
    assert np.isnan(result.standardised).tolist() == [False, True]
    # With a standard that has no severe patients it is comparable again.
    mild = direct(["A", "A", "B"], [1, 0, 1], ["mild", "severe", "mild"], standard={"mild": 1, "severe": 0})
    assert mild.standardised.tolist() == [1, 1]


def test_intervals_of_costs_cover_the_truth() -> None:
    rng = np.random.default_rng(6)
    covered = []
    for _ in range(400):
        cost = rng.gamma(4, 25, 200)
        provider, stratum = np.repeat(np.arange(4), 50), np.tile([0, 1], 100)
        found = direct(provider, cost, stratum)
        covered.append((found.interval.low <= 100) & (found.interval.high >= 100))
    assert np.mean(covered) == pytest.approx(0.95, abs=0.02)


def test_real_lists_by_indicator(shared: Any) -> None:
    # Indicators as strata: what each list's patients would have received at the average list.
    table = real_table(shared, 2019)
    rows, columns = np.nonzero(table.target[:, :3] > 0)
    target = table.target[rows, columns]
    done = np.minimum(table.done[rows, columns], target)
    result = indirect(rows, done, expected_by_stratum(done, columns, patients=target), patients=target)
    assert result.observed.sum() == pytest.approx(result.expected.sum(), rel=1e-12)
    outside = (result.interval.low > 1) | (result.interval.high < 1)
    assert 0.2 < outside.mean() < 0.9


def test_exact_limits_of_nothing_observed() -> None:
    result = indirect(["A", "B"], [0, 1], [0.5, 0.5])
    assert result.interval.low[0] == 0
    assert result.interval.high[0] == pytest.approx(stats.chi2.ppf(0.975, 2) / 2 / 0.5, rel=1e-12)


def test_prices_are_labelled() -> None:
    assert price_label("standardised").startswith("Standardised prices")
    with pytest.raises(ArgumentError, match="prices == 'list'"):
        price_label("list")  # type: ignore[arg-type]


def test_what_is_refused() -> None:
    with pytest.raises(ArgumentError, match="standard: must have a weight for each stratum"):
        direct(["A"], [1], ["mild"], standard={"severe": 1})
    with pytest.raises(ArgumentError, match="not all 0"):
        direct(["A"], [1], ["mild"], standard={"mild": 0})
    with pytest.raises(DataError, match="patients is zero or negative in row 1"):
        direct(["A"], [1], ["mild"], patients=[0])
    with pytest.raises(ArgumentError, match="expected: must be one for each row"):
        indirect(["A"], [1], [1, 2])
    with pytest.raises(ArgumentError, match="stratum: must be one for each row"):
        expected_by_stratum([1], ["a", "b"])
