from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given

from tests.equity_data import count_tables, counts, means
from xl_qbs.equity.adjusted import adjust, group_prior
from xl_qbs.equity.gaps import gaps
from xl_qbs.equity.gates import gates
from xl_qbs.equity.group_table import GroupTable
from xl_qbs.errors import ArgumentError


def test_published_numbers_through_the_table() -> None:
    # Newcombe (1998) and Fagerland, Lydersen and Laake (2017): 48/80 against 56/70, 1/34 against 7/34.
    found = gaps(counts([[[80, 70]], [[34, 34]]], [[[48, 56]], [[1, 7]]]))
    assert found.reference_group.tolist() == [[1], [1]]
    assert np.round([part[0, 0, 0] for part in found.difference], 4).tolist() == [-0.2, -0.3339, -0.0524]
    assert np.round([part[1, 0, 0] for part in found.difference], 4).tolist() == [-0.1765, -0.3404, -0.0189]
    assert np.round([1 / part[1, 0, 0] for part in found.ratio], 4).tolist() == [7.0, 41.9763, 1.1537]
    assert found.worse[:, 0].tolist() == [[True, False], [True, False]]
    # The best group less itself is 0, and not uncertain; over itself it is 1.
    assert [part[0, 0, 1] for part in found.difference] == [0, 0, 0]
    assert [part[0, 0, 1] for part in found.ratio] == [1, 1, 1]


def test_references_of_every_kind() -> None:
    table = counts([[[50, 50]], [[100, 0]]], [[[20, 30]], [[60, 0]]])
    assert gaps(table, to="population").difference.value[0, 0].tolist() == pytest.approx([0.4 - 0.55, 0.6 - 0.55])
    named = gaps(table, to="g1")
    assert named.difference.value[0, 0].tolist() == pytest.approx([0, 0.2])
    assert named.reference_group.tolist() == [[0], [0]]
    fixed = gaps(table, benchmark=0.6)
    assert fixed.difference.value[:, 0, 0].tolist() == pytest.approx([-0.2, 0])
    assert fixed.reference_group.tolist() == [[-1], [-1]]
    # A known benchmark moves the group's own interval and adds nothing to it.
    assert fixed.difference.low == pytest.approx(fixed.values.low - 0.6, nan_ok=True)
    other = gaps(table, to="g2")
    assert np.isnan(other.difference.value[1]).all()
    assert other.reference_group[1, 0] == -1
    with pytest.raises(ArgumentError, match="group 'worst'"):
        gaps(table, to="worst")
    with pytest.raises(ArgumentError, match="benchmark"):
        gaps(table, benchmark=80)
    with pytest.raises(ArgumentError, match="one for each indicator"):
        gaps(table, benchmark=[0.5, 0.5])


def test_continuous_values_where_lower_is_better() -> None:
    table = means([[[100, 100]]], [[[60, 50]]], [[[10, 10]]], higher_is_better=(False,))
    found = gaps(table)
    assert found.reference_group.tolist() == [[1]]
    assert found.difference.value[0, 0].tolist() == [10, 0]
    # 10 -+ 1.96 * sqrt(1 + 1).
    assert (found.difference.low[0, 0, 0], found.difference.high[0, 0, 0]) == pytest.approx(
        (7.22819, 12.77181), abs=1e-5
    )
    assert found.worse[0, 0].tolist() == [True, False]
    assert np.isnan(found.ratio.value).all()
    assert gaps(table, benchmark=55).worse[0, 0].tolist() == [True, False]


@given(count_tables(most=(3, 2, 4)))
def test_nobody_is_above_the_best_and_the_population_is_in_the_middle(table: GroupTable) -> None:
    best = gaps(table)
    some = ~np.isnan(best.difference.value)
    assert (best.difference.value[some] <= 0).all()
    assert (some == (table.patients > 0)).all()
    assert (best.difference.low[some] <= best.difference.value[some]).all()
    assert (best.difference.high[some] >= best.difference.value[some]).all()
    whole = gaps(table, to="population").difference.value
    spread = (np.nan_to_num(whole) * table.patients).sum(axis=(0, 2))
    assert spread == pytest.approx(np.zeros(len(spread)), abs=1e-9)


def test_adjusted_values_have_gaps_too() -> None:
    table = counts([[[40, 60]], [[300, 200]]], [[[20, 50]], [[200, 150]]])
    adjusted = adjust(table, group_prior(table, rule="report"))
    found = gaps(table, to="g2", values=adjusted.estimates)
    assert found.difference.value[:, :, 0] == pytest.approx(adjusted.value[:, :, 0] - adjusted.value[:, :, 1])
    raw = gaps(table, to="g2")
    width, raw_width = (gap.difference.high - gap.difference.low for gap in (found, raw))
    assert (width[:, :, 0] < raw_width[:, :, 0]).all()


def test_below_the_gates_there_is_no_gap_and_no_reference() -> None:
    table = counts([[[50, 60, 10]], [[50, 20, 0]]], [[[20, 30, 10]], [[20, 20, 0]]])
    found = gaps(table, passed=gates(table))
    # The group with 10 of 10 is no one's best.
    assert found.reference_group.tolist() == [[1], [-1]]
    assert np.isnan(found.difference.value[0, 0, 2])
    assert np.isnan(found.difference.value[1]).all()
    assert np.isnan(found.ratio.value[1]).all()
    assert not found.worse[1].any()


def test_gaps_of_regions_with_intervals(regions: Any) -> None:
    table, passed = regions.now, regions.passed_now
    black, white = table.group("black"), table.group("white")
    found = gaps(table, to="white", passed=passed)
    gap = found.difference
    scored = ~np.isnan(gap.value[:, :, black])
    assert (scored == passed.ok).all()
    assert (~np.isnan(gap.low[:, :, black]) == scored).all()
    # Region by region from the published rates, whose numerators were rounded to whole patients.
    by_hand = table.x[:, :, black] / table.n[:, :, black] - table.x[:, :, white] / table.n[:, :, white]
    assert gap.value[:, :, black][scored] == pytest.approx(by_hand[scored], abs=1e-12)
    counted = dict(zip(table.indicators, found.worse[:, :, black].sum(axis=0).tolist(), strict=True))
    assert counted == {"amb_visit": 243, "hba1c": 140, "eye_exam": 128, "ldl": 199, "mammogram": 73}
    better = (gap.low[:, :, black] > 0).sum(axis=0)
    assert (better < 10).all()
    # So many patients that Wald's interval is the same to the fourth digit, from the file's own rates.
    row = table.providers.index("AL-Birmingham")
    shares, n = table.value[row, 0], table.n[row, 0]
    half = 1.959964 * np.sqrt((shares * (1 - shares) / n).sum())
    middle = shares[black] - shares[white]
    assert [part[row, 0, black] for part in gap] == pytest.approx([middle, middle - half, middle + half], abs=5e-5)
