from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from scipy import stats

from tests.equity_data import count_tables, counts, means
from xl_qbs.equity.group_table import Groups, GroupTable
from xl_qbs.equity.standardized import standardise
from xl_qbs.errors import ArgumentError

# Bickel, Hammel and O'Connell (1975), in R's UCBAdmissions: applicants and admitted of six departments, A to F.
MEN = [(825, 512), (560, 353), (325, 120), (417, 138), (191, 53), (373, 22)]
WOMEN = [(108, 89), (25, 17), (593, 202), (375, 131), (393, 94), (341, 24)]


def test_berkeley_turns_round() -> None:
    n, x = (np.array([[[pair[k] for pair in sex]] for sex in (MEN, WOMEN)]) for k in (0, 1))
    found = standardise(counts(n, x))
    # As printed everywhere: 44.5 % of men and 30.4 % of women were admitted ...
    assert np.round(100 * found.crude[:, 0], 1).tolist() == [44.5, 30.4]
    # ... and in departments as they chose them, women a little more than expected, men less.
    assert found.ratio.value[0, 0] < 1 < found.ratio.value[1, 0]
    by_department = x.sum(axis=(0, 1)) / n.sum(axis=(0, 1))
    expected = (n[:, 0] * by_department).sum(axis=1) / n[:, 0].sum(axis=1)
    assert found.expected[:, 0] == pytest.approx(expected)
    assert found.standardised[:, 0] == pytest.approx(found.crude[:, 0] / expected * 1755 / 4526)
    assert found.groups[0] == pytest.approx(by_department)


@given(count_tables(most=(4, 2, 3)))
def test_expected_sum_to_observed(table: GroupTable) -> None:
    found = standardise(table)
    people = table.patients.sum(axis=2)
    some = people > 0
    for part in (found.crude, found.expected, found.difference):
        assert (np.isnan(part) == ~some).all()
    observed, expected = (np.nan_to_num(part * people).sum(axis=0) for part in (found.crude, found.expected))
    assert observed == pytest.approx(expected, abs=1e-9)
    known = ~np.isnan(found.ratio.value)
    assert (found.ratio.low[known] <= found.ratio.value[known] + 1e-12).all()
    assert (found.ratio.high[known] >= found.ratio.value[known] - 1e-12).all()
    assert (np.isnan(found.ratio.low) == ~known).all()


def test_everybody_as_their_group_everywhere_leaves_nothing() -> None:
    # Two thirds and a third in all providers, at very different mixes.
    table = counts([[[30, 90]], [[90, 30]], [[60, 0]]], [[[20, 30]], [[60, 10]], [[40, 0]]])
    found = standardise(table)
    assert found.ratio.value == pytest.approx(np.ones((3, 1)))
    assert found.standardised == pytest.approx(np.full((3, 1), 160 / 300))
    assert found.crude[:, 0].tolist() == pytest.approx([50 / 120, 70 / 120, 2 / 3])


def test_intervals_hold_1_as_often_as_they_should() -> None:
    rng = np.random.default_rng(2)
    n = np.broadcast_to([40, 120], (3000, 1, 2))
    found = standardise(counts(n, rng.binomial(n, [0.7, 0.85])))
    inside = (found.ratio.low <= 1) & (found.ratio.high >= 1)
    assert 0.94 < inside.mean() < 0.97


def test_continuous_values() -> None:
    n = np.array([[[10, 30]], [[30, 10]]])
    mean = np.array([[[40, 50]], [[44, 58]]])
    found = standardise(means(n, mean, np.full(n.shape, 9)))
    # Groups everywhere: 43 and 52.
    assert found.groups.tolist() == [[43, 52]]
    assert found.expected[:, 0].tolist() == [(430 + 1560) / 40, (1290 + 520) / 40]
    assert found.difference[:, 0].tolist() == [47.5 - 49.75, 47.5 - 45.25]
    assert found.standardised[:, 0].tolist() == pytest.approx([47.5 - 2.25, 47.5 + 2.25])
    assert np.isnan(found.ratio.value).all()


def test_what_is_refused() -> None:
    table = counts([[[10, 10]]], [[[5, 5]]])
    with pytest.raises(ArgumentError, match="level"):
        standardise(table, level=2)
    bare = Groups(providers=("A",), indicators=("i",), groups=("g",), n=np.ones((1, 1, 1)))
    with pytest.raises((ArgumentError, NotImplementedError)):
        standardise(bare)


def test_regions_at_everybodys_mix(regions: Any) -> None:
    table = regions.now
    found = standardise(table)
    black = table.group("black")
    share = table.patients[:, 0, black] / np.maximum(table.patients[:, 0].sum(axis=1), 1)
    some = ~np.isnan(found.crude[:, 0])
    # Where more patients are black, less is expected: that is what standardising hides, and what groups show.
    slope = stats.spearmanr(share[some], found.expected[some, 0]).statistic
    assert slope == pytest.approx(-1)
    assert (found.groups[:, black] < found.groups[:, 1 - black]).all()
    assert np.nanmedian(found.ratio.value, axis=0) == pytest.approx(np.ones(5), abs=0.03)
