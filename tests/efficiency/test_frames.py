from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given

from tests.efficiency_data import quality_and_spending
from xl_qbs.efficiency.conditional import conditional
from xl_qbs.efficiency.envelopment import envelopment
from xl_qbs.efficiency.frames import as_frame
from xl_qbs.efficiency.frontier import frontier
from xl_qbs.efficiency.hurdles import quality_hurdle
from xl_qbs.efficiency.regression import regression
from xl_qbs.efficiency.stars import stars
from xl_qbs.errors import ArgumentError


@given(quality_and_spending())
def test_a_row_a_provider(data: Any) -> None:
    quality, spending = data
    ids = [f"N{number:04}" for number in range(len(quality))]
    result = quality_hurdle(quality, spending, cost_is="spending")
    frame = as_frame(result, ids)
    assert frame.index.tolist() == ids
    assert frame.efficiency.tolist() == result.efficiency.tolist()
    assert "hurdle" not in frame.columns
    assert len(as_frame(conditional(quality, spending, cost_is="spending"))) == len(quality)


def test_hospitals_through_the_models(hospitals: Any) -> None:
    quality, spending = hospitals.total_performance_score, hospitals.spending_ratio
    ids = hospitals.provider_id.tolist()
    hull = as_frame(envelopment(spending, quality), ids)
    assert {"efficiency", "input_targets_1", "output_slacks_1", "super_efficiency"} <= set(hull.columns)
    fit = as_frame(frontier(quality, spending), ids)
    assert {"efficiency", "interval_low", "interval_high", "inefficiency"} <= set(fit.columns)
    assert "coefficients" not in fit.columns
    assert fit.index.tolist() == ids


def test_patient_rows_bring_their_ids_and_stars_their_points() -> None:
    rng = np.random.default_rng(1)
    provider = np.repeat(["C", "A", "B", "D"], 10)
    result = regression(provider, rng.normal(size=40), rng.normal(size=40), cost_is="spending")
    assert as_frame(result).index.tolist() == ["C", "A", "B", "D"]
    assert as_frame(stars([50, 60], [1, 2])).index.tolist() == [1, 2]


def test_what_is_refused() -> None:
    with pytest.raises(ArgumentError, match="must be the result of a model"):
        as_frame(3)
    with pytest.raises(ArgumentError, match="there are 1, and 2 rows"):
        as_frame(stars([50, 60], [1, 2]), ["A"])
