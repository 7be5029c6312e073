"""Reading a table by group: every count with its row, totals in every way, and all problems at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.small_equity import HEADINGS, MEANS, PERIODS, count_rows, mean_rows, with_unknown, write_table
from xl_qbs.equity.group_table import GroupMeans, GroupTable
from xl_qbs.errors import ArgumentError, DataError, TableNotFoundError
from xl_qbs.workbook.group_table import GroupColumns, read_group_table


def test_counts_stand_where_the_rows_say(tmp_path: Path) -> None:
    rows = count_rows(5)
    read = read_group_table(write_table(tmp_path / "t.xlsx", rows), PERIODS)
    table = read.now.table
    assert isinstance(table, GroupTable)
    assert table.shape == (5, 2, 3)
    assert table.period == "2024"
    for place, row in np.ndenumerate(read.now.rows):
        if row == 0:
            assert np.isnan(table.n[place])
            assert table.providers[place[0]] == "P05"
            assert table.groups[place[2]] == "gamma"
            continue
        source = rows[row - 2]
        names = [table.providers[place[0]], table.indicators[place[1]], table.groups[place[2]], 2024]
        assert source[:4] == names
        assert (source[4], source[5]) == (table.n[place], table.x[place])
    assert read.before is not None
    assert read.before.table.providers == table.providers


def test_totals_can_be_a_column_a_group_or_the_unknown(tmp_path: Path) -> None:
    rows = count_rows(4)
    path = write_table(tmp_path / "t.csv", rows)
    column = read_group_table(path, replace(PERIODS, total="all")).now
    assert column.table.total is not None
    assert column.total_rows is not None
    assert (column.total_rows > 0).all()
    whole = [[*row[:2], "everybody", row[3], row[6], row[5], *row[6:]] for row in rows if row[2] == "alpha"]
    path = write_table(tmp_path / "w.csv", [*rows, *whole])
    group = read_group_table(path, replace(PERIODS, total_group="everybody")).now
    assert group.table.groups == ("alpha", "beta", "gamma")
    assert group.table.total is not None
    assert (group.table.total == column.table.total).all()
    path = write_table(tmp_path / "u.csv", with_unknown(rows))
    unknown = read_group_table(path, replace(PERIODS, unknown=("not known",))).now
    assert unknown.unknown.shape == (4, 2, 1)
    assert unknown.table.total is not None
    assert (unknown.table.total == unknown.table.patients.sum(axis=2) + unknown.unknown[:, :, 0]).all()


def test_means_have_a_direction(tmp_path: Path) -> None:
    path = write_table(tmp_path / "t.csv", mean_rows(3), MEANS)
    read = read_group_table(path, replace(PERIODS, mean="mean", sd="sd", lower_is_better=("pain",)))
    assert isinstance(read.now.table, GroupMeans)
    assert read.now.table.sign.tolist() == [1, -1]


def test_a_provider_of_one_period_only(tmp_path: Path) -> None:
    rows = [row for row in count_rows(4) if (row[0], row[3]) not in {("P01", 2023), ("P02", 2024)}]
    read = read_group_table(write_table(tmp_path / "t.csv", rows), PERIODS)
    assert read.now.table.providers == ("P01", "P03", "P04")
    assert read.before is not None
    assert np.isnan(read.before.table.n[0]).all()
    assert any("P02" in one.what and one.severity == "note" for one in read.findings)


def test_numbers_of_a_provider_must_agree(tmp_path: Path) -> None:
    rows = count_rows(4)
    columns = replace(PERIODS, risk="risk")
    read = read_group_table(write_table(tmp_path / "t.csv", rows), columns)
    assert read.risk is not None
    assert read.risk.tolist() == [0.05, 0.09, 0.13, 0.17]
    last = max(number for number, row in enumerate(rows) if row[3] == 2024)
    rows[last][7] = 0.5
    with pytest.raises(DataError, match="differs"):
        read_group_table(write_table(tmp_path / "u.csv", rows), columns)
    rows[last][7] = 1.5
    with pytest.raises(DataError, match="above 1"):
        read_group_table(write_table(tmp_path / "v.csv", rows), columns)


def test_a_total_that_differs_between_groups_is_told(tmp_path: Path) -> None:
    rows = count_rows(3)
    last = max(number for number, row in enumerate(rows) if row[3] == 2024)
    rows[last][6] += 7
    with pytest.raises(DataError, match="differs from that of another group"):
        read_group_table(write_table(tmp_path / "t.csv", rows), replace(PERIODS, total="all"))


def test_one_group_is_no_comparison(tmp_path: Path) -> None:
    rows = [row for row in count_rows(3) if row[2] == "alpha"]
    with pytest.raises(DataError, match="not two groups"):
        read_group_table(write_table(tmp_path / "t.csv", rows), PERIODS)


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = write_table(tmp_path / "t.csv", count_rows(3), HEADINGS)
    with pytest.raises(TableNotFoundError, match="patients"):
        read_group_table(path, replace(PERIODS, n="patients"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"mean": "mean"},
        {"lower_is_better": ("a",)},
        {"total": "all", "total_group": "overall"},
        {"now": "2024"},
        {"period": "year", "baseline": "2023"},
        {"period": "year", "now": "2024", "baseline": "2024"},
    ],
)
def test_columns_that_contradict_each_other_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError):
        GroupColumns(**wrong)
