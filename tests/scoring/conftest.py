"""What the tests of the scoring share: the report's printed tables, and the real lists."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from tests.printed_tables import TABLES_1_AND_2, TABLES_3_AND_4, PrintedIndicator, PrintedRow
from tests.real_data import real_table
from xl_qbs.scheme import Indicator, Scheme
from xl_qbs.scoring.table import Array, Table


class Counts(NamedTuple):
    """Work done and target population of the four providers, each of shape (4, 1)."""

    done: Array
    target: Array


@pytest.fixture(scope="session")
def printed_rows() -> tuple[PrintedRow, ...]:
    return TABLES_3_AND_4


@pytest.fixture(scope="session")
def printed_indicators() -> tuple[PrintedIndicator, ...]:
    return TABLES_1_AND_2


@pytest.fixture(params=[2018, 2019])
def printed_year(request: pytest.FixtureRequest) -> tuple[PrintedRow, ...]:
    """The four providers of one year, as printed."""
    return tuple(row for row in TABLES_3_AND_4 if row.year == request.param)


@pytest.fixture
def four(printed_year: tuple[PrintedRow, ...]) -> Counts:
    """The counts of the four providers of one year."""
    return Counts(
        np.array([[float(row.done)] for row in printed_year]),
        np.array([[float(row.target)] for row in printed_year]),
    )


@pytest.fixture(scope="session")
def diabetes() -> Scheme:
    """The scheme of Tables 3 and 4: one indicator, with the report's PC weight as the fund's own weight."""
    return Scheme("Tables 3 and 4", (Indicator("diab", "II", "Diabetes monitoring", 65, 0.76, weight=68),))


@pytest.fixture(scope="session")
def table_2019(shared: Path) -> Table:
    return real_table(shared, 2019)


@pytest.fixture(scope="session")
def table_2020(shared: Path) -> Table:
    return real_table(shared, 2020)
