from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from tests.equity_data import count_tables, counts, means
from xl_qbs.equity.group_table import GroupMeans, GroupTable, aligned
from xl_qbs.errors import ArgumentError, DataError

NAN = np.nan


def test_coverage_and_what_is_pooled() -> None:
    table = counts([[[10, 0, NAN]], [[30, 5, NAN]]], [[[5, 0, NAN]], [[30, 9, NAN]]])
    assert table.value[:, 0, 0].tolist() == [0.5, 1.0]
    assert np.isnan(table.value[0, 0, 1:]).all()  # nobody: no coverage, never 0 %
    assert table.exceeding.sum() == 1  # 9 of 5 is counted as 5 of 5
    assert table.value[1, 0, 1] == 1
    assert table.population.tolist() == [40 / 45]
    assert table.by_group[0, :2].tolist() == [35 / 40, 1.0]
    assert np.isnan(table.by_group[0, 2])
    assert table.pooled(2)[:, 0].tolist() == [0.5, 1.0]


@given(count_tables())
def test_pooled_coverage_is_between_the_groups(table: GroupTable) -> None:
    pooled, groups = table.pooled(2), table.value
    some = ~np.isnan(pooled)
    assert (table.patients.sum(axis=2) > 0).tolist() == some.tolist()
    assert (pooled[some] <= np.nanmax(groups[some], axis=-1, initial=0) + 1e-12).all()
    assert (pooled[some] >= np.nanmin(groups[some], axis=-1, initial=1) - 1e-12).all()


def test_all_faults_are_told_at_once_with_their_place() -> None:
    with pytest.raises(DataError) as caught:
        counts([[[-1, 2.5, 3, NAN]]], [[[0, 1, NAN, 4]]], total=np.array([[2.0]]))
    told = str(caught.value)
    assert "P1, i1, g1: patients -1 must be a whole number from 0." in told
    assert "P1, i1, g2: patients 2.5" in told
    assert "P1, i1, g3: work done nan and patients must be there both or not at all." in told
    assert "P1, i1, g4: work done 4 and patients" in told
    assert "P1, i1: all patients 2 are fewer than the patients of its groups." in told
    assert all(finding.provider == "P1" for finding in caught.value.findings)
    with pytest.raises(ArgumentError, match="n: shape is"):
        GroupTable(providers=("A",), indicators=("i",), groups=("g",), n=np.ones((1, 1, 2)), x=np.ones((1, 1, 1)))
    with pytest.raises(ArgumentError, match="group 'g' stands more than once"):
        GroupTable(providers=("A",), indicators=("i",), groups=("g", "g"), n=np.ones((1, 1, 2)), x=np.ones((1, 1, 2)))


def test_many_faults_are_counted_not_listed() -> None:
    with pytest.raises(DataError, match="patients: 5 more like these") as caught:
        counts(np.full((25, 1, 1), -1), np.zeros((25, 1, 1)))
    assert len(caught.value.findings) == 21


def test_means_have_a_direction() -> None:
    table = means(
        [[[10, 1]], [[30, 0]]], [[[50, 40]], [[46, NAN]]], [[[8, NAN]], [[9, NAN]]], higher_is_better=(False,)
    )
    assert table.sign.tolist() == [-1]
    assert table.population == pytest.approx([(500 + 40 + 30 * 46) / 41])
    with pytest.raises(DataError, match="spread nan is missing"):
        means([[[10]]], [[[50]]], [[[NAN]]])
    with pytest.raises(DataError, match="mean nan is missing"):
        means([[[10]]], [[[NAN]]], [[[1]]])
    with pytest.raises(DataError, match="spread -1 must be from 0"):
        means([[[10]]], [[[1]]], [[[-1]]])
    with pytest.raises(ArgumentError, match="higher_is_better"):
        means([[[10]]], [[[1]]], [[[1]]], higher_is_better=(True, False))


def rows(**more: Any) -> pd.DataFrame:
    columns: dict[str, Any] = {
        "provider": ["A", "A", "A", "B"],
        "indicator": ["i"] * 4,
        "group": ["x", "y", "unknown", "x"],
        "target": [10, 20, 5, 7],
        "done": [1, 2, 3, 4],
    }
    return pd.DataFrame(columns | more)


def test_a_frame_and_back() -> None:
    table = GroupTable.from_frame(rows(), unknown=["unknown"])
    assert (table.providers, table.groups) == (("A", "B"), ("x", "y"))
    assert table.n[:, 0].tolist()[0] == [10, 20]
    assert np.isnan(table.n[1, 0, 1])
    assert table.total is not None
    assert table.total[:, 0].tolist() == [35, 7]
    assert GroupTable.from_frame(rows()).total is None
    with_total = GroupTable.from_frame(rows(group=["x", "y", "all", "x"], target=[10, 20, 40, 7]), total="all")
    assert with_total.total is not None
    assert with_total.total[0, 0] == 40
    assert np.isnan(with_total.total[1, 0])


def test_what_a_frame_is_refused_for() -> None:
    with pytest.raises(ArgumentError, match="lacks the columns done"):
        GroupTable.from_frame(rows().drop(columns="done"))
    with pytest.raises(ArgumentError, match="not both"):
        GroupTable.from_frame(rows(), total="a", unknown=["b"])
    faulty = rows(provider=["A", None, "A", "A"], group=["x", "y", "x", "x"], done=[1, "two", 3, 4])
    with pytest.raises(DataError) as caught:
        GroupTable.from_frame(faulty)
    told = str(caught.value)
    assert "provider is missing in row 1." in told
    assert "stand once more in rows 2, 3." in told
    assert "done is not a number in row 1." in told


def test_means_from_a_frame() -> None:
    frame = rows(mean=[50.0, 48, 47, 51], sd=[9.0, 9, 9, 9])
    table = GroupMeans.from_frame(frame, unknown=["unknown"], lower_is_better=["i"])
    assert table.higher_is_better == (False,)
    assert table.value[0, 0].tolist() == [50, 48]
    with pytest.raises(ArgumentError, match="lower_is_better: j"):
        GroupMeans.from_frame(frame, lower_is_better=["j"])


def test_periods_are_aligned_by_provider() -> None:
    first, second = counts(np.ones((3, 1, 2)), np.zeros((3, 1, 2))), counts(np.ones((2, 1, 2)), np.ones((2, 1, 2)))
    one, other = aligned([first, second])
    assert one.providers == other.providers == ("P1", "P2")
    assert one.value.sum() == 0
    with pytest.raises(ArgumentError, match="no provider is in all"):
        aligned([first, first.rows(["P1"]), first.rows(["P2"])])
    with pytest.raises(ArgumentError, match="differ in their indicators"):
        aligned([first, counts(np.ones((3, 1, 3)), np.ones((3, 1, 3)))])
    with pytest.raises(ArgumentError, match="two at least"):
        aligned([first])
    with pytest.raises(ArgumentError, match="providers P9"):
        first.rows(["P9"])


def test_regions_are_read_whole(regions: Any, region_rows: pd.DataFrame) -> None:
    assert regions.now.shape == (306, 5, 2)
    for table, year in ((regions.before, 2011), (regions.now, 2012)):
        rows = region_rows[(region_rows["year"] == year) & (region_rows["group"] != "overall")]
        assert table.patients.sum() == rows["target"].sum()
        assert table.counted.sum() == rows["done"].sum()
        # Wherever both groups are there, they are everybody.
        there = ~np.isnan(table.n).any(axis=2)
        assert (table.total[there] == table.patients.sum(axis=2)[there]).all()
