"""What the tests of efficiency share: the public hospital data and strategies for quality and cost."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest


@pytest.fixture(scope="session")
def hospitals(shared: Path) -> pd.DataFrame:
    """Hospital VBP total performance score and Medicare spending ratio, fiscal year 2013: 2,966 hospitals."""
    return pd.read_csv(shared / "data" / "hospital_quality_cost_fy2013.csv", dtype={"provider_id": str})
