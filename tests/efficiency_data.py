"""Quality and cost that Hypothesis draws."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st


@st.composite
def quality_and_spending(draw: st.DrawFn, fewest: int = 3, most: int = 25) -> tuple[Any, Any]:
    """Draw quality (0 to 100) and spending (above 0) of some providers, neither constant; ties are common."""
    size = draw(st.integers(fewest, most))
    quality = draw(st.lists(st.integers(0, 100), min_size=size, max_size=size).filter(lambda q: len(set(q)) > 1))
    spending = draw(st.lists(st.integers(50, 200), min_size=size, max_size=size).filter(lambda c: len(set(c)) > 1))
    return np.array(quality, dtype=float), np.array(spending, dtype=float) / 100
