from __future__ import annotations

from typing import Any

import pytest
from scipy.stats import spearmanr

from tests.simulation.small import scored
from xl_qbs.diagnosis.fairness import eligible_patients, fairness
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.score import Result, score

NAMES = ("current", "proportional", "need-adjusted, report", "need-adjusted, moments", "need-adjusted, likelihood")


def rounded(found: Any) -> list[float]:
    return [round(found.correlation[name].value, 3) for name in NAMES]


def test_real_scores_by_size_and_their_correlation_with_eligible_patients(real_2019: Result) -> None:
    found = fairness(real_2019)
    assert found.scores == NAMES
    # Recorded. The score in force hardly goes with eligible patients over all lists; the report's prior turns the
    # correlation round and away from zero; with a prior that is estimated, nothing can be told.
    assert rounded(found) == [-0.005, -0.093, 0.153, -0.067, -0.048]
    assert {name: one.verdict for name, one in found.against_current.items()} == {
        "proportional": "cannot be told",
        "need-adjusted, report": "further from zero",
        "need-adjusted, moments": "cannot be told",
        "need-adjusted, likelihood": "cannot be told",
    }
    for name, scores in (("current", real_2019.current), ("proportional", real_2019.proportional)):
        assert found.correlation[name].value == pytest.approx(spearmanr(found.eligible, scores.total).statistic)
    assert found.by_size.groups.lists.tolist() == [157, 156, 156, 156, 156]
    assert found.by_size.scores == NAMES
    # The smallest lists lose least and the largest most, but not by steps: the fourth fifth is the best in force.
    current = found.by_size.mean[:, 0].round(1).tolist()
    assert current == [337.9, 330.5, 316.3, 341.5, 304.9]


def test_real_scores_when_prescriptions_are_not_counted_as_patients(real_2019: Result, real_2020: Result) -> None:
    # Recorded: nothing is told to be nearer to zero than the score in force, in either year.
    for result, expected in (
        (real_2019, [-0.062, -0.125, 0.123, -0.101, -0.082]),
        (real_2020, [-0.134, -0.156, 0.067, -0.134, -0.126]),
    ):
        found = fairness(result, counting="patients", resamples=400)
        assert rounded(found) == expected
        assert "nearer to zero" not in {one.verdict for one in found.against_current.values()}
        assert (found.eligible < result.table.eligible).all()


def test_the_run_of_the_results_own_prior_is_used_and_others_keep_its_options(real_2019: Result) -> None:
    result = score(real_2019.table, prior="moments", weights="current")
    found = fairness(result, priors=["moments", "report"], resamples=100)
    assert found.scores == ("current", "proportional", "need-adjusted, moments", "need-adjusted, report")
    eligible = result.table.eligible
    assert found.correlation["need-adjusted, moments"].value == pytest.approx(
        spearmanr(eligible, result.need_adjusted.total).statistic
    )
    other = score(real_2019.table, prior="report", weights="current")
    assert found.correlation["need-adjusted, report"].value == pytest.approx(
        spearmanr(eligible, other.need_adjusted.total).statistic
    )


def test_the_frame_is_a_row_a_score(real_2019: Result) -> None:
    found = fairness(real_2019, priors=["moments"], resamples=100)
    frame = found.frame()
    assert frame.index.tolist() == list(found.scores)
    assert frame.loc["current", "verdict"] == ""
    one = found.against_current["need-adjusted, moments"]
    assert frame.loc["need-adjusted, moments", "nearer_by"] == one.nearer_by


def test_options_that_are_none_are_refused(real_2019: Result) -> None:
    wrong: Any = "people"
    with pytest.raises(ArgumentError, match="counting == 'people', must be one of all, patients"):
        eligible_patients(real_2019, wrong)
    with pytest.raises(ArgumentError, match="prior == 'fixed' needs prior_values"):
        fairness(real_2019, priors=["fixed"])
    with pytest.raises(ArgumentError, match="there are 2 lists, must be 3 or more"):
        fairness(scored([[10], [10]], [[5], [2]], [10], [0.7]), priors=[])
