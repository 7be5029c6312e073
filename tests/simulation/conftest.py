"""The real lists of 2019, scored once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real_data import real_table
from xl_qbs.scoring.score import Result, score


@pytest.fixture(scope="session")
def real_2019(shared: Path) -> Result:
    return score(real_table(shared, 2019))
