from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xl_qbs.diagnosis.groups import bands_by_group, groups_by_limits, groups_by_quantile, scores_by_group
from xl_qbs.errors import ArgumentError

WHOLE = "band: must be a whole number for each of 1 lists"
KNOWN = st.one_of(st.integers(0, 9).map(float), st.floats(0, 1e6), st.just(np.nan))
SIZES = st.lists(KNOWN, min_size=1, max_size=30).filter(lambda values: not np.isnan(values).all())


@given(SIZES, st.integers(1, 7))
def test_groups_rise_and_hold_everybody_known_once(values: list[float], number: int) -> None:
    groups = groups_by_quantile(values, number)
    numbers = np.array(values)
    known = ~np.isnan(numbers)
    assert (groups.member == -1).tolist() == (~known).tolist()
    assert groups.lists.sum() == known.sum()
    assert groups.lists.tolist() == [(groups.member == one).sum() for one in range(number)]
    # Who has more is not in a lower group, and ties are together.
    order = np.argsort(numbers[known], kind="stable")
    assert (np.diff(groups.member[known][order]) >= 0).all()
    for value in set(numbers[known]):
        assert len(set(groups.member[known][numbers[known] == value])) == 1
    some = groups.lists > 0
    assert (groups.low[some] <= groups.high[some]).all()
    assert np.isnan(groups.low[~some]).all()


@given(st.integers(1, 60), st.integers(1, 7))
def test_without_ties_groups_differ_by_one_list_at_most(lists: int, number: int) -> None:
    groups = groups_by_quantile(np.random.default_rng(1).permutation(lists), number)
    assert groups.lists.max() - groups.lists.min() <= 1


def test_groups_by_limits_begin_at_them() -> None:
    groups = groups_by_limits([1199, 1200, 2000, np.nan, 2500], [1200, 2000])
    assert groups.member.tolist() == [0, 1, 2, -1, 2]
    assert groups.low.tolist() == [1199, 1200, 2000]
    assert groups.high.tolist() == [1199, 1200, 2500]


def test_scores_by_group_by_hand() -> None:
    groups = groups_by_limits([1, 1, 5, 5, 9, np.nan], [3, 7, 100])
    found = scores_by_group(groups, {"a": [10, 20, 30, 50, 60, 1000], "b": [0, 0, 0, 0, 1, 1]})
    assert found.mean[:3].tolist() == [[15, 0], [40, 0], [60, 1]]
    assert np.isnan(found.mean[3]).all()
    assert found.median[0].tolist() == [15, 0]
    assert found.standard_error[0].tolist() == pytest.approx([5, 0])
    assert np.isnan(found.standard_error[2:]).all()
    frame = found.frame()
    assert list(frame.columns) == ["lists", "from", "to", "a", "b"]
    assert frame.loc[1].tolist() == [2, 5, 5, 40, 0]


def test_bands_by_group_by_hand() -> None:
    groups = groups_by_limits([1, 1, 5, np.nan], [3])
    assert bands_by_group(groups, [0, 2, 1, 0], 3).tolist() == [[1, 0, 1], [0, 1, 0]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: groups_by_quantile([1], 0), "number == 0, must be 1 or more"),
        (lambda: groups_by_quantile([np.nan]), "values: none is known"),
        (lambda: groups_by_quantile([np.inf]), "values: must be one number a list"),
        (lambda: groups_by_quantile(["a"]), "values: must be numbers"),
        (lambda: groups_by_limits([1], []), "limits: must be numbers that rise"),
        (lambda: groups_by_limits([1], [2, 2]), "limits: must be numbers that rise"),
        (lambda: scores_by_group(groups_by_limits([1], [2]), {}), "scores: there are none"),
        (lambda: scores_by_group(groups_by_limits([1], [2]), {"a": [1, 2]}), "a: shape is (2,), must be (1,)"),
        (lambda: bands_by_group(groups_by_limits([1], [2]), [3], 3), "band: must be from 0 to 2"),
        (
            lambda: bands_by_group(groups_by_limits([1], [2]), [0.5], 3),
            "band: must be a whole number for each of 1 lists",
        ),
    ],
)
def test_what_cannot_be_grouped_is_refused(call: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        call()
    assert str(caught.value) == message
