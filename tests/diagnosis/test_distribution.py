from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.stats import expon, norm

from tests.simulation.small import results
from xl_qbs.diagnosis.distribution import (
    EVEN_MIDDLE,
    NORMAL_MIDDLE,
    cliffs,
    histogram,
    lowest,
    missing_middle,
    moves,
)
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.improvement import SCORE_NAMES, planned
from xl_qbs.scoring.score import Result

SCORES = arrays.arrays(float, st.integers(1, 12), elements=st.integers(0, 20).map(lambda one: one * 24.0))


# The missing middle.


@given(SCORES)
def test_the_clusters_are_the_two_with_the_least_squares(scores: Any) -> None:
    found = missing_middle(scores)
    ordered = np.sort(scores)
    if ordered[0] == ordered[-1]:
        assert np.isnan(found.middle)
        assert not found.missing
        return

    def squares(split: int) -> float:
        return float(sum(((part - part.mean()) ** 2).sum() for part in (ordered[:split], ordered[split:])))

    split = round(found.low_share * len(scores))
    assert squares(split) == pytest.approx(min(squares(one) for one in range(1, len(ordered))), abs=1e-6)
    low, high = found.low_centre, found.high_centre
    assert (low, high) == pytest.approx((ordered[:split].mean(), ordered[split:].mean()))
    quarter = (high - low) / 4
    assert found.near_low == (np.abs(scores - low) <= quarter).mean()
    assert found.near_high == (np.abs(scores - high) <= quarter).mean()
    assert found.middle == pytest.approx(((scores > low + quarter) & (scores < high - quarter)).mean())


@given(SCORES, st.sampled_from([0.5, 2.0, 4.0]), st.integers(0, 100))
def test_the_middle_does_not_depend_on_the_scale(scores: Any, factor: float, shift: int) -> None:
    one, other = missing_middle(scores), missing_middle(scores * factor + shift)
    assert other.middle == pytest.approx(one.middle, nan_ok=True)
    assert other.low_share == one.low_share


def test_an_even_and_a_normal_distribution_have_the_middles_that_are_stated() -> None:
    places = (np.arange(20_000) + 0.5) / 20_000
    assert missing_middle(places).middle == pytest.approx(EVEN_MIDDLE, abs=1e-3)
    normal = missing_middle(norm.ppf(places))
    assert normal.middle == pytest.approx(NORMAL_MIDDLE, abs=1e-3)
    assert 2 * norm.cdf(np.sqrt(2 / np.pi) / 2) - 1 == pytest.approx(NORMAL_MIDDLE, abs=5e-5)
    # A long tail is no second cluster.
    assert not normal.missing
    assert not missing_middle(expon.ppf(places)).missing
    assert missing_middle(np.concatenate([norm.ppf(places), norm.ppf(places) + 6])).missing


def test_the_middle_is_missing_under_the_scheme_in_force_and_not_under_the_other(real_2019: Result) -> None:
    # Seed 002: "two large clusters" against "a normal distribution around the average, and a long tail". Recorded.
    current = missing_middle(real_2019.current.total)
    assert (round(current.low_centre), round(current.high_centre)) == (45, 439)
    assert (round(current.near_low, 3), round(current.middle, 3), round(current.near_high, 3)) == (0.257, 0.081, 0.662)
    assert current.missing
    adjusted = missing_middle(real_2019.need_adjusted.total)
    assert (round(adjusted.near_low, 3), round(adjusted.middle, 3)) == (0.092, 0.114)
    # A long tail, as the report says, and far from the middle of a normal distribution.
    assert not adjusted.missing
    assert adjusted.middle < NORMAL_MIDDLE / 2


# Cliffs.


@settings(max_examples=50)
@given(results(), st.sampled_from(SCORE_NAMES))
def test_a_cliff_is_what_one_patient_fewer_costs(result: Result, scheme: Any) -> None:
    found = cliffs(result, scheme)
    before = {"current": result.current, "proportional": result.proportional, "need-adjusted": result.need_adjusted}
    for row, column in np.ndindex(*found.loss.shape):
        done = result.table.counted
        if done[row, column] == 0:
            assert found.loss[row, column] == 0
            continue
        done[row, column] -= 1
        after = planned(result, done)._asdict()[scheme.replace("-", "_")]
        lost = before[scheme].total[row] - after.total[row]
        assert found.loss[row, column] == pytest.approx(lost, abs=3e-9)
    assert found.largest.tolist() == found.loss.max(axis=1).tolist()


def test_real_cliffs(real_2019: Result) -> None:
    current = cliffs(real_2019)
    # Recorded: two lists of five would lose 20 points or more by one patient; by need, nobody loses as much as 5.
    assert round(current.share_of_lists(20), 3) == 0.387
    assert cliffs(real_2019, "need-adjusted").share_of_lists(5) == 0
    assert set(np.unique(current.loss)) <= {0.0, *real_2019.scheme.points}


def test_an_unknown_score_is_refused(real_2019: Result) -> None:
    for function in (lambda: cliffs(real_2019, "need"), lambda: moves(real_2019, real_2019, "need")):  # type: ignore[arg-type]
        with pytest.raises(
            ArgumentError, match="scheme == 'need', must be one of need-adjusted, proportional, current"
        ):
            function()


# Histogram, lowest lists, moves.


@given(
    arrays.arrays(float, st.integers(1, 20), elements=st.floats(0, 700)),
    st.sampled_from([480.0, 640.0, 100.0]),
    st.integers(1, 30),
)
def test_every_score_is_in_one_bin(scores: Any, most: float, bins: int) -> None:
    found = histogram(scores, most, bins)
    assert found.lists.sum() == len(scores)
    assert len(found.edges) == len(found.lists) + 1
    for value in scores:
        one = histogram([value], most, bins)
        place = int(np.argmax(one.lists))
        assert one.edges[place] - 1e-6 <= value <= one.edges[place + 1] + 1e-6


def test_the_maximum_is_in_the_last_bin_and_more_is_above() -> None:
    assert histogram([480, 460, 479.9999], 480, 24).lists.tolist() == [0] * 23 + [3]
    assert histogram([480.1], 480, 24).lists.tolist() == [0] * 24 + [1]
    for scores, most, bins in (([], 1, 1), ([-1], 1, 1), ([np.nan], 1, 1), ([1], 0, 1), ([1], 1, 0)):
        with pytest.raises(ArgumentError):
            histogram(scores, most, bins)


def test_the_lowest_lists_are_not_the_lowest_by_need(real_2019: Result) -> None:
    # Seed 002, Figure 7, of 2018: about 3,600 eligible patients, 40 % served, new scores from 160 to 360.
    found = lowest(real_2019)
    assert (found.current < 10).all()
    assert len(found.providers) == (real_2019.current.total < 10).sum() == 43
    assert (np.diff(found.current) >= 0).all()
    assert [real_2019.table.providers[row] for row in found.rows] == list(found.providers)
    assert found.need_adjusted.tolist() == real_2019.need_adjusted.total[found.rows].tolist()
    # Recorded, of 2019.
    assert (round(found.need_adjusted.min()), round(found.need_adjusted.max())) == (156, 358)
    assert round(found.eligible.mean()) == 4411
    assert round(found.coverage.mean(), 2) == 0.51


def test_moves_are_of_the_lists_in_both_years(real_2019: Result, real_2020: Result) -> None:
    found = moves(real_2019, real_2020)
    assert len(found.providers) == 778
    one = found.providers[5]
    assert found.first[5] == real_2019.current.total[real_2019.table.providers.index(one)]
    assert found.second[5] == real_2020.current.total[real_2020.table.providers.index(one)]
    assert (found.direction == np.sign(found.second - found.first)).all()
    assert found.share_moving(0) == 1
    assert found.share_moving(240) == (np.abs(found.second - found.first) >= 240).mean()
