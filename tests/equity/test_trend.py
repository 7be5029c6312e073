from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.equity_data import counts, means
from xl_qbs.equity.gaps import gaps
from xl_qbs.equity.gates import gates
from xl_qbs.equity.trend import gap_trend
from xl_qbs.errors import ArgumentError


def test_difference_of_differences_as_published() -> None:
    # Newcombe (2001): .0310 (-.1687 to .2343) for (17/65 - 17/75) - (18/72 - 16/65).
    first = counts([[[72, 65]]], [[[18, 16]]])
    second = counts([[[65, 75]]], [[[17, 17]]])
    found = gap_trend([first, second], to="g2")
    assert np.round([part[0, 0, 0] for part in found.change], 4).tolist() == [0.0310, -0.1687, 0.2343]
    assert [part[0, 0, 1] for part in found.change] == [0, 0, 0]


# Disadvantaged g1 and reference g2 of 100 patients each: work done before and now.
@pytest.mark.parametrize(
    ("before", "now", "narrowed", "levelled_down"),
    [
        ((60, 80), (70, 80), True, False),  # the group rose
        ((60, 80), (60, 70), True, True),  # only the other fell
        ((60, 80), (58, 70), True, True),  # both fell, the other more
        ((60, 80), (65, 75), True, False),  # both ways: the group did gain
        ((60, 80), (60, 60), True, True),  # closed altogether, by lowering
        ((60, 80), (70, 95), False, False),  # both rose, the other more
        ((60, 80), (50, 80), False, False),
        ((80, 60), (70, 60), False, False),  # the group was ahead: no gap of its own to close
        ((60, 80), (80, 40), False, False),  # overtaken by more than it was behind
    ],
)
def test_who_closed_the_gap(before: Any, now: Any, narrowed: bool, levelled_down: bool) -> None:
    n = [[[100, 100]]]
    found = gap_trend([counts(n, [[before]]), counts(n, [[now]])], to="g2")
    assert found.narrowed[0, 0].tolist() == [narrowed, False]
    assert found.levelled_down[0, 0].tolist() == [levelled_down, False]
    assert found.group_change[0, 0, 0] == pytest.approx((now[0] - before[0]) / 100)
    assert found.reference_change[0, 0, 0] == pytest.approx((now[1] - before[1]) / 100)


def test_the_best_group_is_that_of_the_first_period() -> None:
    n = [[[100, 100]]]
    found = gap_trend([counts(n, [[[60, 80]]]), counts(n, [[[60, 50]]])])
    assert found.reference_group.tolist() == [[1]]
    assert found.last[0, 0].tolist() == pytest.approx([0.1, 0])
    assert found.levelled_down[0, 0].tolist() == [True, False]


def test_more_periods_have_a_slope() -> None:
    n = [[[200, 200]]]
    done = [(100, 160), (110, 160), (118, 158), (130, 160)]
    tables = [counts(n, [[one]]) for one in done]
    found = gap_trend(tables, to="g2")
    gap = [(a - b) / 200 for a, b in done]
    assert found.change.value[0, 0, 0] == pytest.approx(np.polyfit(range(4), gap, 1)[0])
    assert found.change.low[0, 0, 0] < found.change.value[0, 0, 0] < found.change.high[0, 0, 0]
    yearly = gap_trend(tables, to="g2", times=[2010, 2012, 2014, 2016])
    for part, half in zip(found.change, yearly.change, strict=True):
        assert half[0, 0, 0] == pytest.approx(part[0, 0, 0] / 2)


def test_lower_is_better() -> None:
    n, sd = [[[100, 100]]], [[[10, 10]]]
    tables = [means(n, [[mean]], sd, higher_is_better=(False,)) for mean in ((60, 50), (60, 55))]
    found = gap_trend(tables)
    assert found.reference_group.tolist() == [[1]]
    assert found.levelled_down[0, 0].tolist() == [True, False]
    assert found.change.value[0, 0, 0] == -5


CELLS = st.lists(st.integers(0, 50), min_size=8, max_size=8)


@given(CELLS)
def test_change_is_the_groups_less_the_references(done: list[int]) -> None:
    n = np.full((1, 2, 2), 50)
    first, second = (counts(n, np.reshape(part, (1, 2, 2))) for part in (done[:4], done[4:]))
    found = gap_trend([first, second], to="g2")
    assert found.change.value == pytest.approx(found.group_change - found.reference_change)
    assert found.change.value == pytest.approx(found.last - found.first)
    back = gap_trend([second, first], to="g2")
    assert back.change.low == pytest.approx(-found.change.high)
    assert not (found.levelled_down & (found.group_change > 1e-9)).any()
    assert not (found.levelled_down & (found.reference_change >= 0)).any()


def test_what_is_refused() -> None:
    table = counts([[[50, 50]]], [[[1, 2]]])
    for tables, options, told in (
        ([table], {}, "two periods at least"),
        ([table, counts([[[50, 50, 50]]], [[[1, 2, 3]]])], {}, "use aligned"),
        ([table, table], {"times": [1, 1]}, "times: must be 2 numbers that rise"),
        ([table, table], {"times": [1]}, "times"),
        ([table, table], {"passed": [gates(table)]}, "passed: 1 gates"),
        ([table, table], {"to": "g9"}, "group 'g9'"),
    ):
        with pytest.raises(ArgumentError, match=told):
            gap_trend(tables, **options)  # type: ignore[arg-type]


def test_regions_from_2011_to_2012(regions: Any) -> None:
    before, now = regions.before, regions.now
    passed = [regions.passed_before, regions.passed_now]
    found = gap_trend([before, now], to="white", passed=passed)
    black = now.group("black")
    there = ~np.isnan(found.change.value[:, :, black])
    assert (there == (passed[0].ok & passed[1].ok)).all()
    gap = [gaps(table, to="white", passed=ok).difference.value for table, ok in zip((before, now), passed, strict=True)]
    assert found.change.value[:, :, black][there] == pytest.approx((gap[1] - gap[0])[:, :, black][there], abs=1e-12)
    # Gaps narrowed in 597 regions and indicators; in 77 of them black patients got no more, white ones less.
    narrowed, levelled = (part[:, :, black].sum(axis=0) for part in (found.narrowed, found.levelled_down))
    assert dict(zip(now.indicators, zip(narrowed.tolist(), levelled.tolist(), strict=True), strict=True)) == {
        "amb_visit": (88, 8),
        "hba1c": (115, 6),
        "eye_exam": (134, 34),
        "ldl": (144, 15),
        "mammogram": (116, 14),
    }
    # One year is short: few changes are beyond chance.
    beyond = ((found.change.low > 0) | (found.change.high < 0))[:, :, black]
    assert beyond.sum() < 0.05 * there.sum()
