from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.ranks import band, rank, relative_rank

# Few different values, so that ties are common.
some_scores = st.lists(st.sampled_from([0.0, 10.0, 384.0, 400.5, 432.0, 480.0]), min_size=1, max_size=30)
BANDS = [0, 0.8, 0.9]


@given(some_scores)
def test_ranks_share_the_better_rank(scores: list[float]) -> None:
    assert rank(scores).tolist() == stats.rankdata(-np.array(scores), method="min").tolist()


@given(some_scores)
def test_relative_rank_is_the_share_of_others_that_score_no_higher(scores: list[float]) -> None:
    for score, relative in zip(scores, relative_rank(scores), strict=True):
        others = len(scores) - 1
        no_higher = sum(other <= score for other in scores) - 1
        assert relative == (no_higher / others if others else 1.0)
        assert 0 <= relative <= 1


@given(some_scores, st.randoms())
def test_order_does_not_matter(scores: list[float], random: Any) -> None:
    order = list(range(len(scores)))
    random.shuffle(order)
    shuffled = [scores[one] for one in order]
    assert rank(shuffled).tolist() == rank(scores)[order].tolist()
    assert relative_rank(shuffled).tolist() == relative_rank(scores)[order].tolist()


def test_all_tied_lists_are_first() -> None:
    assert rank([7, 7, 7]).tolist() == [1, 1, 1]
    assert relative_rank([7, 7, 7]).tolist() == [1, 1, 1]


def test_nobody_and_one_alone() -> None:
    assert rank([]).tolist() == []
    assert relative_rank([]).tolist() == []
    assert (rank([5]).tolist(), relative_rank([5]).tolist()) == ([1], [1])


def test_bands_begin_exactly_at_their_limits() -> None:
    # 80 and 90 % of 480 are 384 and 432.
    below, above = 384 - 1e-6, 432 - 1e-6
    assert band([0, below, 384, above, 432, 480], 480, BANDS).tolist() == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("total", [1, 3, 7, 68, 480, 483, 640, 479.99999999999994])
def test_a_score_of_just_the_limit_is_in_the_band_whatever_its_last_bits(total: float) -> None:
    for number, percent in enumerate((80, 90), start=1):
        # The sum of parts that a scoring run would make, a bit above or below the limit.
        for limit in (percent * total / 100, percent / 100 * total, sum([percent / 100 * total / 7] * 7)):
            assert band([limit], total, BANDS).tolist() == [number]
            assert band([limit - total * 1e-8], total, BANDS).tolist() == [number - 1]


def test_scores_beyond_the_maximum_are_in_the_highest_band() -> None:
    # A coefficient lets scores exceed the maximum.
    assert band([765], 640, BANDS).tolist() == [2]


@pytest.mark.parametrize("function", [rank, relative_rank])
def test_a_missing_score_has_no_rank(function: Any) -> None:
    with pytest.raises(ArgumentError) as caught:
        function([1, np.nan])
    assert str(caught.value) == "scores: none may be missing"


def test_a_missing_score_has_no_band() -> None:
    with pytest.raises(ArgumentError) as caught:
        band([1, np.nan], 480, BANDS)
    assert str(caught.value) == "scores: none may be missing"


@pytest.mark.parametrize("total", [0, -480, np.nan])
def test_a_total_that_is_none_is_refused(total: float) -> None:
    with pytest.raises(ArgumentError) as caught:
        band([1], total, BANDS)
    assert str(caught.value) == f"total == {total}, must be positive"


@pytest.mark.parametrize("lowers", [[], [0.8, 0.9], [0, 0.9, 0.8], [0, 0.8, 0.8], [0, np.nan], [np.nan, 0.5]])
def test_limits_that_do_not_rise_from_0_are_refused(lowers: list[float]) -> None:
    with pytest.raises(ArgumentError) as caught:
        band([1], 480, lowers)
    assert str(caught.value) == "lowers: must rise from 0"
