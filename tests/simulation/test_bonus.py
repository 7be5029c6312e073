from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from xl_qbs.errors import ArgumentError
from xl_qbs.simulation.bonus import BonusRules, bonuses

RULES = BonusRules((0, 0.8, 0.9), (0, 0.8, 1), 1000)
SCORES = arrays.arrays(float, st.tuples(st.integers(1, 3), st.integers(1, 8)), elements=st.floats(0, 700))


def test_bands_begin_at_their_limits_and_may_be_left_upwards() -> None:
    # 80 and 90 % of 480 (seed 002, Figure 8), and above the maximum by a coefficient.
    found = bonuses([383.999, 384, 431.999, 432, 480, 520], 480, RULES)
    assert found.band.tolist() == [0, 1, 1, 2, 2, 2]
    assert found.bonus.tolist() == [0, 800, 800, 1000, 1000, 1000]


def test_who_misses_a_condition_has_the_band_and_no_bonus() -> None:
    found = bonuses([480, 480], 480, RULES, met=[True, False])
    assert found.band.tolist() == [2, 2]
    assert found.bonus.tolist() == [1000, 0]


def test_amounts_by_list() -> None:
    found = bonuses([[480, 384], [0, 480]], 480, RULES, amounts=[100, 200])
    assert found.bonus.tolist() == [[100, 160], [0, 200]]


def test_bands_of_relative_rank_are_of_each_replication() -> None:
    rules = BonusRules((0, 0.5), (0, 1), 100, bands_of="relative-rank")
    found = bonuses([[1, 2, 3], [30, 10, 20]], 480, rules)
    assert found.bonus.tolist() == [[0, 100, 100], [100, 0, 100]]


@given(SCORES, st.floats(1, 1e6), st.sampled_from(["score", "relative-rank"]))
def test_a_pot_is_paid_out_whole_or_not_at_all(scores: Any, pot: float, bands_of: Any) -> None:
    rules = BonusRules((0, 0.8, 0.9), (0, 0.8, 1), 1000, bands_of=bands_of)
    without = bonuses(scores, 480, rules)
    found = bonuses(scores, 480, BonusRules((0, 0.8, 0.9), (0, 0.8, 1), 1000, bands_of=bands_of, pot=pot))
    for row, unscaled in zip(found.bonus, without.bonus, strict=True):
        assert row.sum() == pytest.approx(pot if unscaled.sum() > 0 else 0)
        assert (row[unscaled == 0] == 0).all()
    assert (found.band == without.band).all()


@given(SCORES, st.sampled_from(["score", "relative-rank"]))
def test_a_higher_score_never_pays_less(scores: Any, bands_of: Any) -> None:
    rules = BonusRules((0, 0.4, 0.8), (0, 0.5, 1), 1000, bands_of=bands_of)
    for row, bonus in zip(scores, bonuses(scores, 480, rules).bonus, strict=True):
        order = np.argsort(row, kind="stable")
        assert (np.diff(bonus[order]) >= 0).all()


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (((0.1, 0.8), (0, 1), 1), "lowers: must rise from 0"),
        (((0, 0.8, 0.8), (0, 1, 1), 1), "lowers: must rise from 0"),
        (((), (), 1), "lowers: must rise from 0"),
        (((0, 0.8), (0,), 1), "coefficients: there are 1, and 2 bands"),
        (((0, 0.8), (0, -1), 1), "coefficients: must be numbers from 0"),
        (((0, 0.8), (0, 1), float("nan")), "amount: must be numbers from 0"),
    ],
)
def test_rules_that_are_none_are_refused(rules: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        BonusRules(*rules)
    assert str(caught.value) == message


def test_options_that_are_none_are_refused() -> None:
    with pytest.raises(ArgumentError, match="pot: must be numbers from 0"):
        BonusRules((0,), (1,), 1, pot=-1)
    with pytest.raises(ArgumentError, match="bands_of == 'points', must be one of score, relative-rank"):
        BonusRules((0,), (1,), 1, bands_of="points")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="amounts: must be 2 numbers from 0, one for each list"):
        bonuses([1, 2], 480, RULES, amounts=[1, 2, 3])
    with pytest.raises(ArgumentError, match="amounts: must be 2 numbers from 0"):
        bonuses([1, 2], 480, RULES, amounts=[1, -2])
    with pytest.raises(ArgumentError, match="scores: none may be missing"):
        bonuses([1, np.nan], 480, RULES)
