from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given

from tests.efficiency_data import quality_and_spending
from xl_qbs.efficiency.designations import above_medians, both_hurdles, designation, not_significantly_above
from xl_qbs.errors import ArgumentError


def test_twenty_episodes_quality_and_costs_below_the_threshold() -> None:
    # Aetna Aexcel. The second has too few episodes, the third costs the threshold itself, the fourth lacks quality.
    result = designation(
        [80, 80, 80, 70],
        [90, 90, 100, 90],
        cost_is="spending",
        volume=[20, 19, 20, 20],
        hurdle=80,
        cost_threshold=100,
        minimum_volume=20,
    )
    assert result.designated.tolist() == [True, False, False, False]
    assert result.third_passed.tolist() == [True, False, True, True]
    assert result.cost_passed.tolist() == [True, True, False, True]


def test_not_significantly_above_110_percent_of_the_area() -> None:
    # Anthem: the area's mean is 100, so 110 is the limit; with a standard error of 10, p < .10 (one side) begins at
    # 110 + 1.2816 * 10 = 122.8, and two sides at 110 + 1.6449 * 10 = 126.4.
    cost = [122.7, 122.9, 54.4, 100.0, 126.5, 73.5]
    area = ["N", "N", "N", "S", "S", "S"]
    options: dict[str, Any] = {"cost_is": "spending", "hurdle": 1, "significance": 0.10, "share_of_average": 1.1}
    error = [10.0] * 6
    one = not_significantly_above([1] * 5 + [0], cost, cost_error=error, area=area, sides=1, **options)
    assert one.cost_passed.tolist() == [True, False, True, True, False, True]
    assert one.designated.tolist() == [True, False, True, True, False, False]
    two = not_significantly_above([1] * 6, cost, cost_error=error, area=area, sides=2, **options)
    assert two.cost_passed.tolist() == [True, True, True, True, False, True]


def test_above_the_median_on_quality_on_cost_and_on_both() -> None:
    # Tufts: five providers; the third is at the median of quality, which is not above it. Sums 4, 4, 7, 9, 6.
    result = above_medians([1, 2, 3, 4, 5], [3, 2, 4, 5, 1], cost_is="performance", quality_weight=0.5, share=0.5)
    assert result.quality_passed.tolist() == [False, False, False, True, True]
    assert result.cost_passed.tolist() == [False, False, True, True, False]
    assert result.third_passed.tolist() == [False, False, True, True, False]
    assert result.designated.tolist() == [False, False, False, True, False]


@given(quality_and_spending())
def test_both_hurdles_are_each_hurdle(data: Any) -> None:
    quality, spending = data
    result = both_hurdles(quality, spending, cost_is="spending", hurdle=50, cost_threshold=1.0)
    assert result.designated.tolist() == ((quality >= 50) & (spending <= 1)).tolist()
    other = both_hurdles(quality, 1 / spending, cost_is="performance", hurdle=50, cost_threshold=1.0)
    assert other.designated.tolist() == result.designated.tolist()


def test_hospitals_few_pass_every_median(hospitals: Any) -> None:
    quality, spending = hospitals.total_performance_score, hospitals.spending_ratio
    result = above_medians(quality, spending, cost_is="spending", quality_weight=0.5, share=0.5)
    assert result.designated.sum() < result.cost_passed.sum() < len(quality) / 2 + 1
    # Spending of small hospitals is uncertain: the less is known of it, the more pass.
    options: dict[str, Any] = {"hurdle": 0, "significance": 0.1, "share_of_average": 1.1, "sides": 1}
    sure, unsure = (
        not_significantly_above(
            quality, spending, cost_is="spending", cost_error=np.full(len(quality), error), **options
        ).designated.sum()
        for error in (0.001, 0.1)
    )
    assert sure < unsure


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: designation(
                [1, 2, 3], [1, 2, 3], cost_is="spending", hurdle=1, cost_threshold=1, minimum_volume=20
            ),
            "volume: is needed",
        ),
        (
            lambda: not_significantly_above(
                [1, 2, 3],
                [1, 2, 3],
                cost_is="performance",
                hurdle=1,
                significance=0.1,
                share_of_average=1.1,
                sides=1,
            ),
            "the rule is about spending",
        ),
        (
            lambda: not_significantly_above(
                [1, 2, 3], [1, 2, 3], cost_is="spending", hurdle=1, significance=0.1, share_of_average=1.1, sides=1
            ),
            "cost_error: is needed",
        ),
        (
            lambda: not_significantly_above(
                [1, 2, 3],
                [1, 2, 3],
                cost_is="spending",
                cost_error=[1, 1, 1],
                hurdle=1,
                significance=0.1,
                share_of_average=1.1,
                sides=3,
            ),
            "sides == 3, must be 1 or 2",
        ),
        (
            lambda: both_hurdles([1, 2, 3], [1, 2, 3], cost_is="spending", hurdle=float("nan"), cost_threshold=1),
            "hurdle == nan, must be a number",
        ),
    ],
)
def test_what_is_refused(call: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        call()
