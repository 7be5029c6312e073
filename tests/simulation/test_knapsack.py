from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from xl_qbs.scoring.improvement import patients_to_threshold
from xl_qbs.scoring.score import Result
from xl_qbs.simulation import knapsack
from xl_qbs.simulation.knapsack import best_thresholds, fewest_patients, most_points, whole_units

POINTS = st.sampled_from([0.0, 5.0, 10.0, 12.5, 65.0, 175.0, 0.1, 1 / 3])


@st.composite
def problems(draw: st.DrawFn) -> tuple[Any, Any, Any]:
    size = draw(st.integers(1, 6))
    lists = draw(st.integers(1, 4))
    missing = draw(arrays.arrays(np.int64, (lists, size), elements=st.integers(0, 12)))
    points = draw(arrays.arrays(float, size, elements=POINTS))
    budget = draw(arrays.arrays(np.int64, lists, elements=st.integers(0, 40)))
    return missing, points, budget


def by_trying_all(missing: Any, points: Any, budget: int) -> float:
    """The most points of any choice within the budget."""
    best = 0.0
    for choice in product([False, True], repeat=len(points)):
        chosen = np.array(choice)
        if not (chosen & (missing == 0)).any() and missing[chosen].sum() <= budget:
            best = max(best, float(points[chosen].sum()))
    return best


def assert_best(chosen: Any, missing: Any, points: Any, budget: Any) -> None:
    assert (missing[chosen] > 0).all()
    assert (np.where(chosen, missing, 0).sum(axis=1) <= budget).all()
    for row in range(len(missing)):
        found = points[chosen[row]].sum()
        assert found == pytest.approx(by_trying_all(missing[row], points, budget[row]), abs=1e-9)


@given(problems())
def test_no_choice_has_more_points(problem: Any) -> None:
    missing, points, budget = problem
    assert_best(best_thresholds(missing, points, budget), missing, points, budget)


@given(problems())
def test_both_ways_to_the_best_choice_agree_with_trying_all(problem: Any) -> None:
    missing, points, budget = problem
    assert_best(most_points(missing, points, budget), missing, points, budget)
    # Points without a common unit would take a table as long as their digits.
    units = whole_units(np.where(points == 1 / 3, 7.0, points))
    points = np.array(units, dtype=float)
    assert_best(fewest_patients(missing, units, budget), missing, points, budget)


def test_the_cheapest_points_first_would_not_be_best() -> None:
    # 10 points for 1 patient are the cheapest, and then 65 for 10 are out of reach.
    points, missing = np.array([10.0, 65.0]), np.array([[1, 10]])
    assert best_thresholds(missing, points, np.array([10])).tolist() == [[False, True]]


@pytest.mark.parametrize(
    ("points", "units"),
    [
        ([65, 10, 90, 175, 40, 5, 20, 20, 5, 5, 45], [13, 2, 18, 35, 8, 1, 4, 4, 1, 1, 9]),
        ([0.1, 0.3], [1, 3]),
        ([0, 0], [0, 0]),
        ([7], [1]),
    ],
)
def test_units(points: Any, units: Any) -> None:
    assert whole_units(np.array(points, dtype=float)) == units


def test_rows_in_chunks_are_the_rows_together(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    missing, points = rng.integers(0, 30, (60, 7)), rng.integers(1, 20, 7) * 5.0
    budget = rng.integers(0, 60, 60)
    together = best_thresholds(missing, points, budget)
    monkeypatch.setattr(knapsack, "_ELEMENTS", 1)
    assert (best_thresholds(missing, points, budget) == together).all()


def test_both_ways_agree_on_the_real_lists(real_2019: Result) -> None:
    points = np.array(real_2019.scheme.points)
    target, required = real_2019.table.target, real_2019.scheme.required_coverage
    missing = patients_to_threshold(real_2019.table.counted, target, required).astype(np.int64)
    for patients in (5, 20, 60):
        budget = np.full(len(missing), patients)
        one = np.where(fewest_patients(missing, whole_units(points), budget), points, 0).sum(axis=1)
        other = np.where(most_points(missing, points, budget), points, 0).sum(axis=1)
        assert one.tolist() == other.tolist()
        chosen = best_thresholds(missing, points, budget)
        assert np.where(chosen, points, 0).sum(axis=1).tolist() == one.tolist()
