from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xl_qbs.efficiency.vbp import domain_score, total_performance_score, vbp_points
from xl_qbs.errors import ArgumentError, DataError


def test_the_programs_own_examples() -> None:
    # Pneumococcal vaccination in the program's rule, threshold .47 and benchmark .87. Hospital B at .91 is above the
    # benchmark: 10. Hospital I rose from .21 to .70: 9 * .23 / .40 + .5 = 5.675, so 6 for achievement; 10 * .49 / .66
    # - .5 = 6.92, so 7 for improvement. Hospital L fell from .55 to .22: nothing.
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


def test_hospitals_scores_are_what_domains_can_make(hospitals: Any) -> None:
    # Fiscal year 2013: 70 % process, 30 % experience; all scores are within 0 to 100.
    score = hospitals.total_performance_score.to_numpy()
    again = total_performance_score(
        {"process": score, "experience": score}, weights={"process": 0.7, "experience": 0.3}
    )
    assert again == pytest.approx(score, rel=1e-12)
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
