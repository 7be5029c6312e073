from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.simulation.small import results, scored
from xl_qbs.errors import ArgumentError
from xl_qbs.scheme import Clause, Condition
from xl_qbs.scoring.conditions import condition_met
from xl_qbs.scoring.improvement import SCORE_NAMES, planned
from xl_qbs.scoring.score import Result, score
from xl_qbs.simulation.bonus import BonusRules
from xl_qbs.simulation.outcome import Scorer

RULES = BonusRules((0, 0.5, 0.9), (0, 0.5, 1), 100)


def drawn_counts(result: Result, data: Any, runs: int = 3) -> Any:
    share = data.draw(arrays.arrays(float, (runs, *result.table.target.shape), elements=st.floats(0, 1)))
    return np.floor(share * result.table.target)


@settings(max_examples=40)
@given(results(), st.data())
def test_many_replications_at_once_are_scored_like_one_table_each(result: Result, data: Any) -> None:
    done = drawn_counts(result, data)
    found = Scorer(result, SCORE_NAMES, RULES).outcome(done)
    for run, counts in enumerate(done):
        one = planned(result, counts)
        for place, scores in enumerate((one.need_adjusted, one.proportional, one.current)):
            assert found.score[place, run] == pytest.approx(scores.total, abs=2e-9)
            assert found.band[place, run].tolist() == scores.band.tolist()


def test_the_counts_as_they_are_have_the_scores_of_the_run(real_2019: Result) -> None:
    found = Scorer(real_2019, SCORE_NAMES, RULES).present
    for place, scores in enumerate((real_2019.need_adjusted, real_2019.proportional, real_2019.current)):
        assert np.abs(found.score[place, 0] - scores.total).max() < 2e-9


@settings(max_examples=40)
@given(results(), st.data())
def test_conditions_are_those_of_each_score(result: Result, data: Any) -> None:
    done = drawn_counts(result, data)
    (condition,) = result.scheme.conditions
    rules = BonusRules((0,), (1,), 100, conditions=(condition.name,))
    found = Scorer(result, SCORE_NAMES, rules).outcome(done)
    points = np.array(result.scheme.points)
    for run, counts in enumerate(done):
        one = planned(result, counts)
        table = replace(result.table, done=counts)
        for place, (scores, weights) in enumerate(
            ((one.need_adjusted, result.weights), (one.proportional, points), (one.current, points))
        ):
            met = condition_met(condition, result.scheme, table, scores.points, weights)
            assert found.bonus[place, run].tolist() == (100.0 * met).tolist()


def test_estimated_anew_is_scored_anew(real_2019: Result) -> None:
    condition = Condition("half", (Clause("domain", ("II",), 0.6),))
    scheme = replace(real_2019.scheme, conditions=(condition,))
    result = score(real_2019.table, scheme)
    done = np.stack([result.table.counted, np.minimum(result.table.counted + 3, result.table.target)])
    rules = BonusRules((0, 0.8), (0.5, 1), 100, conditions=("half",))
    found = Scorer(result, ("current", "need-adjusted"), rules, reestimate=True).outcome(done)
    held = Scorer(result, ("current", "need-adjusted"), rules).outcome(done)
    assert found.score[0].tolist() == held.score[0].tolist()
    for run, counts in enumerate(done):
        one = score(replace(result.table, done=counts), scheme)
        assert found.score[1, run].tolist() == one.need_adjusted.total.tolist()
        share = one.need_adjusted.total / one.weights.sum()
        expected = np.where(share + 1e-9 >= 0.8, 100, 50) * one.conditions["half"]
        assert found.bonus[1, run].tolist() == expected.tolist()
    assert (found.score[1, 1] != held.score[1, 1]).any()


@pytest.mark.filterwarnings("ignore:overflow")
def test_nobody_to_serve_and_a_strength_next_to_nothing_is_the_prior_mean() -> None:
    tiny = {"i1": (0.25, 1e-310), "i2": (0.5, 1e-310)}
    result = scored([[10, 0], [10, 10]], [[5, 0], [5, 5]], [10, 20], [0.7, 0.7], prior="fixed", prior_values=tiny)
    found = Scorer(result, ("need-adjusted",), RULES).present
    assert found.score.tolist() == [[[15.0, 15.0]]]


def test_an_unknown_condition_is_refused(real_2019: Result) -> None:
    with pytest.raises(ArgumentError, match="conditions: covid not in the scheme"):
        Scorer(real_2019, SCORE_NAMES, BonusRules((0,), (1,), 1, conditions=("covid",)))
