"""What the tests of equity share: Medicare primary care by race in 306 US regions, two years."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from xl_qbs.equity.gates import Gates, gates
from xl_qbs.equity.group_table import GroupTable, aligned


class Regions(NamedTuple):
    """Two years of the regions, and their gates."""

    before: GroupTable
    now: GroupTable
    passed_before: Gates
    passed_now: Gates


@pytest.fixture(scope="session")
def region_rows(shared: Path) -> pd.DataFrame:
    """The rows as published, those of the whole country left out."""
    rows = pd.read_csv(shared / "data" / "primary_care_by_race_2011_2012.csv")
    rows = rows[rows["id"] != 999]
    return rows.rename(
        columns={"stratum": "group", "denominator": "target", "numerator_est": "done", "name": "provider"}
    )


@pytest.fixture(scope="session")
def regions(region_rows: pd.DataFrame) -> Regions:
    tables = [
        GroupTable.from_frame(rows, total="overall", period=str(year)) for year, rows in region_rows.groupby("year")
    ]
    before, now = aligned(tables)
    return Regions(before, now, gates(before), gates(now))
