from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.equity_data import counts, means
from xl_qbs.equity.estimates import Estimates, combination, difference, estimates, exactly, ratio
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.coverage import wilson_interval


def share(done: float, target: float, level: float = 0.95) -> Estimates:
    interval = wilson_interval(done, target, level)
    return Estimates(np.asarray(done / target), interval.low, interval.high)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        # Newcombe (1998), Table II, method 10.
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0000),
        ((10, 10), (0, 10), 0.6075, 1.0000),
        # Fagerland, Lydersen and Laake (2017), chapter 4: two doses of epinephrine.
        ((7, 34), (1, 34), 0.0189, 0.3404),
    ],
)
def test_differences_as_published(one: tuple[int, int], other: tuple[int, int], low: float, high: float) -> None:
    found = difference(share(*one), share(*other))
    assert (round(float(found.low), 4), round(float(found.high), 4)) == (low, high)


def test_difference_of_differences_as_published() -> None:
    # Newcombe (2001), section 4.1: antenatal care, first and later births.
    parts = [share(17, 65), share(17, 75), share(18, 72), share(16, 65)]
    found = combination(parts, [1, -1, -1, 1])
    assert [round(float(part), 4) for part in found] == [0.0310, -0.1687, 0.2343]


def test_ratio_as_published() -> None:
    # Fagerland, Lydersen and Laake (2017), chapter 4, "MOVER-R Wilson".
    found = ratio(share(7, 34), share(1, 34))
    assert [round(float(part), 4) for part in found] == [7.0, 1.1537, 41.9763]


SHARES = st.tuples(st.integers(0, 60), st.integers(1, 60)).map(lambda pair: share(min(pair), max(pair)))


@given(SHARES, SHARES)
def test_difference_and_ratio_never_disagree(one: Estimates, other: Estimates) -> None:
    gap, over = difference(one, other), ratio(one, other)
    back = difference(other, one)
    assert (float(gap.low), float(gap.high)) == pytest.approx((-float(back.high), -float(back.low)), abs=1e-12)
    assert -1 - 1e-12 <= gap.low <= gap.value <= gap.high <= 1 + 1e-12
    if np.isnan(over.value):
        assert one.value == other.value == 0
        return
    assert over.low <= over.value * (1 + 1e-12)
    assert over.high >= over.value * (1 - 1e-12)
    if abs(gap.low) > 1e-9:
        assert (gap.low > 0) == (over.low > 1)
    if abs(gap.high) > 1e-9:
        assert (gap.high < 0) == (over.high < 1)


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))), SHARES)
def test_one_more_served_raises_everything(pair: tuple[int, int], other: Estimates) -> None:
    fewer, more = share(*pair), share(pair[0] + 1, pair[1])
    for way in (difference, ratio):
        less, greater = way(fewer, other), way(more, other)
        for before, after in zip(less, greater, strict=True):
            assert np.isnan(before) or after >= before - 1e-12 or np.isnan(after)


def test_zeros_and_what_is_known_exactly() -> None:
    assert [float(part) for part in ratio(share(0, 10), exactly(0.5))][:2] == [0, 0]
    to_nobody = ratio(share(5, 10), share(0, 10))
    assert np.isinf(to_nobody.value)
    assert np.isinf(to_nobody.high)
    assert 0 < to_nobody.low < 10
    assert np.isnan(ratio(share(0, 10), share(0, 10))).all()
    everybody = ratio(share(30, 30), share(30, 30))
    assert everybody.low < 1 < everybody.high
    own = share(7, 10)
    moved = difference(own, exactly(0.6))
    assert [float(part) for part in moved] == pytest.approx([0.1, float(own.low) - 0.6, float(own.high) - 0.6])
    with pytest.raises(ArgumentError, match="must be from 0"):
        ratio(exactly(-1), exactly(1))
    with pytest.raises(ArgumentError, match="coefficients: 1"):
        combination([own, own], [1])


def test_means_have_a_normal_interval() -> None:
    table = means([[[100, 1, 0]]], [[[50, 40, 0]]], [[[10, np.nan, np.nan]]])
    found = estimates(table)
    assert (float(found.low[0, 0, 0]), float(found.high[0, 0, 0])) == pytest.approx((48.04004, 51.95996), abs=1e-5)
    assert found.value[0, 0, 1] == 40
    assert np.isnan(found.low[0, 0, 1:]).all()
    assert np.isnan(found.value[0, 0, 2])
    with pytest.raises(ArgumentError, match="level == 1"):
        estimates(counts([[[1]]], [[[1]]]), 1)
