from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given

from tests.efficiency_data import quality_and_spending
from xl_qbs.efficiency.hurdles import cost_hurdle, quality_hurdle
from xl_qbs.errors import ArgumentError

QUALITY = [10, 20, 30, 40, 50]
PERFORMANCE = [3, 1, 2, 4, 5]


def test_the_printed_zero_lets_who_fails_outrank_who_passes() -> None:
    printed = quality_hurdle(QUALITY, PERFORMANCE, cost_is="performance", failing="zero-as-printed")
    last = quality_hurdle(QUALITY, PERFORMANCE, cost_is="performance")
    assert printed.passed.tolist() == last.passed.tolist() == [False, True, True, True, True]
    z = (np.array(PERFORMANCE) - 3) / np.sqrt(2.5)
    assert printed.efficiency == pytest.approx([0, *z[1:]], abs=1e-15)
    assert last.efficiency == pytest.approx([z[1] - 1, *z[1:]], abs=1e-15)
    # The first provider failed; as printed it is third, before two that passed.
    assert printed.rank.tolist() == [3, 5, 4, 2, 1]
    assert last.rank.tolist() == [5, 4, 3, 2, 1]


@given(quality_and_spending())
def test_whoever_fails_ranks_last(data: Any) -> None:
    for hurdle in (quality_hurdle, cost_hurdle):
        result = hurdle(*data, cost_is="spending")
        assert result.passed.any()
        if not result.passed.all():
            assert result.rank[~result.passed].min() > result.rank[result.passed].max()
            assert len(set(result.rank[~result.passed])) == 1


@given(quality_and_spending())
def test_the_two_hurdles_mirror_each_other(data: Any) -> None:
    quality, spending = data
    one = cost_hurdle(quality, 1 / spending, cost_is="performance")
    other = quality_hurdle(1 / spending, quality, cost_is="performance")
    assert one.efficiency == pytest.approx(other.efficiency, abs=1e-12)
    assert one.hurdle == pytest.approx(other.hurdle, rel=1e-12)


@given(quality_and_spending())
def test_the_hurdle_is_in_the_units_of_cost(data: Any) -> None:
    result = cost_hurdle(*data, cost_is="spending")
    again = cost_hurdle(*data, cost_is="spending", hurdle=result.hurdle * (1 + 1e-12))
    assert again.passed.tolist() == result.passed.tolist()


def test_hospitals_correlate_as_in_exhibit_7(hospitals: Any) -> None:
    given_ = (hospitals.total_performance_score, hospitals.spending_ratio)
    a = quality_hurdle(*given_, cost_is="spending", failing="zero-as-printed")
    b = cost_hurdle(*given_, cost_is="spending", failing="zero-as-printed")
    assert a.passed.mean() == pytest.approx(0.75, abs=0.001)
    assert b.passed.mean() == pytest.approx(0.75, abs=0.03)
    # The paper: .1003.
    assert np.corrcoef(a.efficiency, b.efficiency)[0, 1] == pytest.approx(0.1003, abs=0.08)


@pytest.mark.parametrize("hurdle", [quality_hurdle, cost_hurdle])
def test_how_many_hospitals_the_printed_zero_overtakes(hospitals: Any, hurdle: Any) -> None:
    given_ = (hospitals.total_performance_score, hospitals.spending_ratio)
    printed = hurdle(*given_, cost_is="spending", failing="zero-as-printed")
    last = hurdle(*given_, cost_is="spending")
    below = printed.passed & (printed.efficiency < 0)
    # About half of those that pass are below the average, and rank behind all that fail.
    assert 0.45 < below.sum() / printed.passed.sum() < 0.6
    assert printed.rank[~printed.passed].max() < printed.rank[below].min()
    assert last.rank[~last.passed].min() > last.rank[last.passed].max()
    # Among those that pass nothing changes.
    assert last.efficiency[last.passed].tolist() == printed.efficiency[printed.passed].tolist()


def test_a_hurdle_in_units_and_nobody_over_it() -> None:
    result = quality_hurdle(QUALITY, PERFORMANCE, cost_is="performance", hurdle=60)
    assert result.efficiency.tolist() == [0] * 5
    assert result.rank.tolist() == [1] * 5
    at = quality_hurdle(QUALITY, PERFORMANCE, cost_is="performance", hurdle=30)
    assert at.passed.tolist() == [False, False, True, True, True]
    lean = cost_hurdle(QUALITY, PERFORMANCE, cost_is="performance", hurdle=3)
    assert lean.passed.tolist() == [True, False, False, True, True]


def test_only_who_passes_has_an_interval() -> None:
    result = quality_hurdle(QUALITY, PERFORMANCE, cost_is="performance", cost_error=[1.0] * 5)
    assert np.isnan(result.interval.low).tolist() == [True, False, False, False, False]
    half = 1.959963984540054 / np.sqrt(2.5)
    assert result.interval.high[1] - result.efficiency[1] == pytest.approx(half, rel=1e-12)
    mirrored = cost_hurdle(PERFORMANCE, QUALITY, cost_is="performance", quality_error=[1.0] * 5)
    assert mirrored.interval.high[1] == result.interval.high[1]


@pytest.mark.parametrize("options", [{"failing": "zero"}, {"hurdle_share": 25}, {"hurdle": float("nan")}, {"level": 2}])
def test_options_that_are_none(options: Any) -> None:
    with pytest.raises(ArgumentError):
        quality_hurdle(QUALITY, PERFORMANCE, cost_is="performance", **options)
