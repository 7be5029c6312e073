"""Tables by group for the tests of equity: by hand, and drawn by Hypothesis."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from xl_qbs.equity.group_table import GroupMeans, GroupTable


def counts(n: Any, x: Any, **more: Any) -> GroupTable:
    """Return a table of counts, nested lists by provider, indicator and group, with names A, B.., i1.., g1.."""
    patients, done = np.array(n, dtype=float), np.array(x, dtype=float)
    return GroupTable(**names(patients.shape), n=patients, x=done, **more)


def means(n: Any, mean: Any, sd: Any, **more: Any) -> GroupMeans:
    """Return a table of means, as `counts`."""
    patients = np.array(n, dtype=float)
    return GroupMeans(
        **names(patients.shape), n=patients, mean=np.array(mean, dtype=float), sd=np.array(sd, dtype=float), **more
    )


def names(shape: tuple[int, ...]) -> dict[str, Any]:
    """Return names of providers, indicators and groups."""
    made = zip(("providers", "indicators", "groups"), ("P", "i", "g"), shape, strict=True)
    return {what: tuple(f"{letter}{number + 1}" for number in range(size)) for what, letter, size in made}


@st.composite
def count_tables(
    draw: st.DrawFn, most: tuple[int, int, int] = (4, 2, 4), largest: int = 120, least: tuple[int, int, int] = (1, 1, 2)
) -> GroupTable:
    """Draw a table of counts; some cells are absent, some are 0."""
    shape = tuple(draw(st.integers(low, high)) for low, high in zip(least, most, strict=True))
    n = draw(arrays.arrays(np.int64, shape, elements=st.integers(0, largest))).astype(float)
    share = draw(arrays.arrays(np.float64, shape, elements=st.floats(0, 1)))
    absent = draw(arrays.arrays(np.bool_, shape))
    n = np.where(absent & draw(st.booleans()), np.nan, n)
    return counts(n, np.round(share * n))
