from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given

from tests.efficiency_data import quality_and_spending
from xl_qbs.efficiency.side_by_side import side_by_side
from xl_qbs.errors import ArgumentError


def test_what_is_given_is_shown_as_it_was_given() -> None:
    result = side_by_side([50, 70, 60], [1.1, 0.9, 1.0], cost_is="spending", reference=1)
    assert result.quality.tolist() == [50, 70, 60]
    assert result.cost.tolist() == [1.1, 0.9, 1.0]
    # Seed 003, section 3: the national spending over the hospital's; higher is better.
    assert result.cost_performance == pytest.approx([1 / 1.1, 1 / 0.9, 1], rel=1e-15)
    assert result.quality_rank.tolist() == result.cost_rank.tolist() == [3, 1, 2]


@given(quality_and_spending())
def test_the_two_directions_agree(data: Any) -> None:
    quality, spending = data
    one = side_by_side(quality, spending, cost_is="spending")
    other = side_by_side(quality, 1 / spending, cost_is="performance")
    assert one.cost_z == pytest.approx(other.cost_z, abs=1e-9)
    assert one.cost_rank.tolist() == other.cost_rank.tolist()
    assert np.isnan(one.quality_interval.low).all()


def test_intervals_are_in_the_units_given() -> None:
    result = side_by_side([50, 70, 60], [10, 20, 30], cost_is="spending", quality_error=[1, 2, 0], cost_error=[3, 0, 1])
    assert result.quality_interval.high == pytest.approx([51.959964, 73.919928, 60], abs=1e-6)
    assert result.cost_interval.low == pytest.approx([10 - 3 * 1.959964, 20, 30 - 1.959964], abs=1e-6)


def test_hospitals(hospitals: Any) -> None:
    result = side_by_side(hospitals.total_performance_score, hospitals.spending_ratio, cost_is="spending", reference=1)
    assert result.quality_rank.min() == result.cost_rank.min() == 1
    # Some hospitals are near two standard deviations above the mean in both, as the paper found.
    assert ((result.quality_z > 1.8) & (result.cost_z > 1.8)).any()


def test_options_that_are_none() -> None:
    with pytest.raises(ArgumentError, match="cost_is == 'low'"):
        side_by_side([1, 2, 3], [1, 2, 3], cost_is="low")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="cost_error has 2"):
        side_by_side([1, 2, 3], [1, 2, 3], cost_is="spending", cost_error=[1, 2])
