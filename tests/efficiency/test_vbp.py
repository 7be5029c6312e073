from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xl_qbs.efficiency.vbp import domain_score, total_performance_score, vbp_points
from xl_qbs.errors import ArgumentError, DataError


def test_the_better_of_achievement_and_improvement_counts() -> None:
    # By hand, threshold .47 and benchmark .87. At .91, above the benchmark: 10. From .21 to .70: 9 * .23 / .40 + .5 =
    # 5.675, so 6 for achievement; 10 * .49 / .66 - .5 = 6.92, so 7 for improvement. From .55 down to .22: nothing.
    result = vbp_points([0.91, 0.70, 0.22], threshold=0.47, benchmark=0.87, baseline=[np.nan, 0.21, 0.55])
    assert result.achievement.tolist() == [10, 6, 0]
    assert result.improvement.tolist() == [0, 7, 0]
    assert result.points.tolist() == [10, 7, 0]


@pytest.mark.parametrize(
    ("value", "points"),
    [
        (0.5999, 0),  # below the threshold
        (0.6, 1),  # at it: 0 + .5 rounds to 1
        (0.6 + 0.4 / 18 - 1e-6, 1),  # 9 * 1/18 + .5 = 1
        (0.6 + 0.4 / 9, 2),  # 1.5 rounds up to 2
        (0.6 + 0.4 * 8 / 9 - 1e-6, 8),  # just below 8.5
        (0.6 + 0.4 * 8 / 9, 9),  # 8.5 rounds up
        (0.9999, 9),  # never 10 below the benchmark
        (1.0, 10),
    ],
)
def test_achievement_by_hand(value: float, points: int) -> None:
    assert vbp_points([value], threshold=0.6, benchmark=1.0).achievement.tolist() == [points]


@pytest.mark.parametrize(
    ("value", "baseline", "points"),
    [
        (0.5, 0.5, 0),  # -.5 is 0
        (0.6, 0.5, 2),  # 10 * .2 - .5 = 1.5 rounds up to 2
        (0.55, 0.5, 1),  # .5 rounds up to 1
        (0.999, 0.5, 9),  # 9.48
        (1.0, 0.5, 9),  # 9.5 would be 10, and 9 is the most
        (0.4, 0.5, 0),
        (1.0, 1.0, 0),  # no room to improve
    ],
)
def test_improvement_by_hand(value: float, baseline: float, points: int) -> None:
    result = vbp_points([value], threshold=0.6, benchmark=1.0, baseline=[baseline])
    assert result.improvement.tolist() == [points]


@given(st.lists(st.floats(0, 1), min_size=2), st.floats(0, 0.9), st.floats(0, 1))
def test_points_rise_with_the_value_and_the_better_counts(values: list[float], threshold: float, start: float) -> None:
    result = vbp_points(values, threshold=threshold, benchmark=0.95, baseline=[start] * len(values))
    order = np.argsort(values)
    for points, most in ((result.achievement, 10), (result.improvement, 9), (result.points, 10)):
        assert (np.diff(points[order]) >= 0).all()
        assert set(points) <= set(range(most + 1))
    assert result.points.tolist() == np.maximum(result.achievement, result.improvement).tolist()


def test_scores_of_domains_and_in_total() -> None:
    assert domain_score([[10, 0, 5], [np.nan, 9, 0], [np.nan] * 3]).tolist()[:2] == [50, 45]
    domains = {"clinical process": [50, 60], "patient experience": [40, 50], "outcome": [20, np.nan]}
    # .45 * 50 + .30 * 40 + .25 * 20; without outcomes .6 and .4.
    assert total_performance_score(domains) == pytest.approx([39.5, 56])


def made_of_two_domains(score: Any, process: float) -> Any:
    """Return which scores are process * share of the points of n measures + (1 - process) * whole points.

    The first domain has 10 points a measure and some of at most 12 measures, the second whole points up to 100.
    """
    found = np.zeros(len(score), dtype=bool)
    for measures in range(1, 13):
        for second in range(101):
            points = (score - (1 - process) * second) / process * measures / 10
            whole = np.round(points)
            found |= (np.abs(points - whole) < 1e-7) & (whole >= 0) & (whole <= 10 * measures)
    return found


def test_the_scores_of_2013_are_two_domains_and_no_third(hospitals: Any) -> None:
    score = hospitals.total_performance_score.to_numpy()
    # Each of the 2,966 scores is 70 % of one domain of points and 30 % of another, to the last digit.
    assert made_of_two_domains(score, 0.7).all()
    # That is no accident: other weights do not do it, nor scores a little beside these.
    assert made_of_two_domains(score, 0.6).mean() < 0.6
    assert made_of_two_domains(score + 0.0012345, 0.7).mean() < 0.01
    # And the functions make such a score from such points: 10 of 12 measures' points, and 47 of 100.
    process = domain_score([[10.0] * 4 + [5.0] * 6 + [np.nan] * 2])
    made = total_performance_score({"process": process, "experience": [47.0]}, {"process": 0.7, "experience": 0.3})
    assert made == pytest.approx([0.7 * 70 + 0.3 * 47], rel=1e-12)
    assert made_of_two_domains(made, 0.7).all()


def test_hospitals_points(hospitals: Any) -> None:
    score = hospitals.total_performance_score.to_numpy()
    points = vbp_points(score, threshold=float(np.median(score)), benchmark=float(np.quantile(score, 0.95)))
    assert (points.points == 0).mean() == pytest.approx(0.5, abs=0.01)
    assert (points.points == 10).mean() == pytest.approx(0.05, abs=0.005)


def test_what_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"benchmark == 0\.5, must be above threshold == 0\.5"):
        vbp_points([1], threshold=0.5, benchmark=0.5)
    with pytest.raises(DataError, match="value is missing in row 1"):
        vbp_points([None], threshold=0.5, benchmark=0.6)
    with pytest.raises(ArgumentError, match="must be from 0 to 10"):
        domain_score([[11]])
    with pytest.raises(ArgumentError, match="must have 2"):
        domain_score([1])
    with pytest.raises(ArgumentError, match="weights: are for"):
        total_performance_score({"process": [1]})
    with pytest.raises(ArgumentError, match="not all 0"):
        total_performance_score({"a": [1]}, weights={"a": 0})
