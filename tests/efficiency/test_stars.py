from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xl_qbs.efficiency.stars import BEST_FIT, QUALITY_TWICE, STAR_POINTS, PointFunction, cells_reproduced, stars, tenths
from xl_qbs.efficiency.unconditional import unconditional
from xl_qbs.errors import DataError


def test_exhibit_11_by_lookup(shared: Path) -> None:
    printed = pd.read_csv(shared / "oracles" / "nqf_exhibit11_star_points.csv", index_col="efficiency")
    cells = 0
    for efficiency, row in printed.iterrows():
        for column, points in row.items():
            low, high = (int(end) for end in str(column).split("-"))
            for quality in (low, high):
                result = stars([quality], [efficiency])
                assert result.points[0] == points
                assert result.stars[0] == points + 3
            cells += 1
    assert cells == 100


def test_the_footnotes_function_reproduces_90_cells_and_94_with_free_weights() -> None:
    assert QUALITY_TWICE.a == 2 * QUALITY_TWICE.b
    assert (cells_reproduced(QUALITY_TWICE), cells_reproduced(BEST_FIT)) == (90, 94)


def most_cells(a: Any, b: Any) -> int:
    """Return the most cells that a * quality + b * efficiency + k reproduces, over weights given and *every* k."""
    quality, efficiency = np.meshgrid(np.arange(1, 11), np.arange(1, 11))
    points = np.array(STAR_POINTS)
    # A cell comes out right while the sum is within half a point of it; at -2 and 2 the limit leaves one end open.
    low = np.where(points == -2, -np.inf, points - 0.5).ravel()
    high = np.where(points == 2, np.inf, points + 0.5).ravel()
    most = 0
    for weights in np.array_split(np.column_stack([a, b]), max(len(a) // 2000, 1)):
        base = weights[:, :1] * quality.ravel() + weights[:, 1:] * efficiency.ravel()
        begin, end = np.sort(low - base, axis=1), np.sort(high - base, axis=1)
        # At the begin of the n-th cell's range n have begun; those that have ended are out again.
        for row_begin, row_end in zip(begin, end, strict=True):
            open_cells = np.arange(1, 101) - np.searchsorted(row_end, row_begin + 1e-9, side="right")
            most = max(most, int(open_cells.max()))
    return most


def test_no_function_with_quality_twice_reproduces_more_than_90() -> None:
    b = np.arange(0.01, 1, 0.0005)
    assert most_cells(2 * b, b) == 90


def test_no_weights_on_a_fine_grid_reproduce_more_than_94() -> None:
    a, b = np.meshgrid(np.arange(0.2, 0.8, 0.005), np.arange(0.05, 0.5, 0.005))
    assert most_cells(a.ravel(), b.ravel()) == 94


def test_without_its_limit_the_function_goes_to_3_either_way() -> None:
    # As the footnote says.
    extremes = [QUALITY_TWICE.a * cell + QUALITY_TWICE.b * cell + QUALITY_TWICE.k for cell in (1, 10)]
    assert [round(extreme) for extreme in extremes] == [-3, 3]


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(1, 10)), min_size=1), st.sampled_from([None, QUALITY_TWICE]))
def test_better_never_earns_fewer_stars(rows: list[tuple[float, int]], function: PointFunction | None) -> None:
    quality, efficiency = np.array(rows).T
    result = stars(quality, efficiency, function=function)
    better = (quality[:, None] >= quality) & (efficiency[:, None] >= efficiency)
    assert (result.stars[:, None] >= result.stars)[better].all()
    assert ((result.stars >= 1) & (result.stars <= 5)).all()
    assert ((result.adjusted_quality >= 0) & (result.adjusted_quality <= 100)).all()


def test_scores_between_columns_and_at_the_ends() -> None:
    assert stars([0, 10, 10.5, 11, 100], [1] * 5).points.tolist() == [-2, -2, -2, -2, 1]
    assert stars([90, 90.1, 100], [2, 2, 2]).points.tolist() == [1, 2, 2]
    assert stars([99.5, 1], [10, 1]).adjusted_quality.tolist() == [100, 0]


@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=50))
def test_tenths_rise_with_efficiency(values: list[float]) -> None:
    scores = tenths(values)
    order = np.argsort(values, kind="stable")
    assert (np.diff(scores[order]) >= 0).all()
    assert scores.max() == 10
    assert scores.min() >= 1


def test_hospitals(hospitals: Any) -> None:
    quality = hospitals.total_performance_score.to_numpy()
    result = unconditional(quality, hospitals.spending_ratio, cost_is="spending")
    scores = tenths(result.efficiency)
    assert np.bincount(scores)[1:] / len(scores) == pytest.approx(np.full(10, 0.1), abs=0.002)
    assert set(stars(quality, scores).stars) == {1, 2, 3, 4, 5}


def test_scores_that_are_none() -> None:
    with pytest.raises(DataError) as caught:
        stars([101, 50, -1], [1, 11, 2.5])
    assert [finding.what for finding in caught.value.findings] == ["quality is below 0 in row 3."]
    with pytest.raises(DataError) as caught:
        stars([101, 50, 1], [1, 11, 2.5])
    assert [finding.what for finding in caught.value.findings] == [
        "quality is above 100 in rows 1.",
        "efficiency is not a whole number from 1 to 10 in rows 2, 3.",
    ]
