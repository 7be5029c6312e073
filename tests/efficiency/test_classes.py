from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xl_qbs.efficiency.classes import QUARTERS, THIRDS, classify, cut_offs, same_cuts
from xl_qbs.errors import ArgumentError


def test_percentiles_are_those_of_a_spreadsheet() -> None:
    # Excel's PERCENTILE.INC({1,2,3,4}, .3) is 1.9, as its help page says.
    assert cut_offs(np.array([1.0, 2, 3, 4]), (0.3,)) == pytest.approx([1.9], rel=1e-15)


def test_a_value_at_a_cut_off_is_in_the_higher_class_whatever_its_last_bits() -> None:
    values = np.array([0.1, 0.2, 0.3, 0.4])
    assert classify(values, [0.1 + 0.2]).tolist() == [0, 0, 1, 1]
    assert classify(values, [0.3]).tolist() == [0, 0, 1, 1]


@given(st.lists(st.integers(0, 30), min_size=3, max_size=60))
def test_classes_hold_the_positions_that_the_percentiles_have(values: list[int]) -> None:
    array = np.array(values, dtype=float)
    classes = classify(array, cut_offs(array, QUARTERS))
    last = len(values) - 1
    # Interpolated percentiles stand between positions; ties at a cut-off move up together.
    assert (classes == 0).sum() <= np.ceil(0.25 * last)
    assert (classes == 2).sum() >= 1 + np.floor(0.25 * last)
    assert (np.diff(classes[np.argsort(array)]) >= 0).all()


def test_hospitals_by_thirds(hospitals: Any) -> None:
    quality = hospitals.total_performance_score.to_numpy()
    counts = np.bincount(classify(quality, cut_offs(quality, THIRDS)))
    assert np.abs(counts - len(quality) / 3).max() < 3


@pytest.mark.parametrize("shares", [(), (0, 0.5), (0.5, 1), (0.7, 0.3), (0.5, 0.5), (float("nan"),)])
def test_shares_that_do_not_rise(shares: Any) -> None:
    with pytest.raises(ArgumentError, match="must rise between 0 and 1"):
        cut_offs(np.array([1.0, 2, 3]), shares)


def test_cut_offs_that_are_given() -> None:
    assert same_cuts(None, 3, "cuts") is None
    with pytest.raises(ArgumentError, match="must be 2 numbers that rise"):
        same_cuts((2, 1), 3, "quality_cuts")
    with pytest.raises(ArgumentError, match="must rise"):
        classify([1, 2], [2, 1])
