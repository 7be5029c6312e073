"""Classes of providers by cut-offs that the user sets and sees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.table import Array

Classes = NDArray[np.intp]
THIRDS = (1 / 3, 2 / 3)
QUARTERS = (0.25, 0.75)
CLASS_NAMES = ("low", "average", "high")
# A value that misses a cut by less than this, in units of the spread of values, is at it: percentiles are
# interpolated, and their last bits differ between one spreadsheet and another.
CUT_GUARD = 1e-9


def cut_offs(values: Array, shares: Sequence[float]) -> Array:
    """Return the percentiles of values at shares, interpolated as PERCENTILE.INC does.

    Raises:
        ArgumentError: shares that do not rise between 0 and 1.

    >>> cut_offs(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), (0.25, 0.75)).tolist()
    [2.0, 4.0]
    """
    array = np.asarray(shares, dtype=float)
    if array.ndim != 1 or len(array) == 0 or not ((array > 0) & (array < 1)).all() or not (np.diff(array) > 0).all():
        raise ArgumentError(f"shares == {tuple(shares)!r}, must rise between 0 and 1")
    cuts: Array = np.quantile(values, array)
    return cuts


def classify(values: ArrayLike, cuts: ArrayLike) -> Classes:
    """Return the class of each value, from 0: how many cut-offs it reaches.

    Args:
        values: shape (N,).
        cuts: cut-offs that rise; a value at a cut-off is in the higher class.

    Raises:
        ArgumentError: cut-offs that fall.

    >>> classify([1, 2, 3, 4, 5], [2, 4]).tolist()
    [0, 1, 1, 2, 2]
    """
    array, limits = np.asarray(values, dtype=float), np.asarray(cuts, dtype=float)
    if limits.ndim != 1 or not (np.diff(limits) >= 0).all() or np.isnan(limits).any():
        raise ArgumentError(f"cuts == {limits.tolist()}, must rise")
    guard = CUT_GUARD * float(np.ptp(array)) if len(array) else 0.0
    return np.searchsorted(limits, array + guard, side="right")


def same_cuts(given: Sequence[float] | None, classes: int, name: str) -> Array | None:
    """Return cut-offs that were given as values, checked, or None.

    Raises:
        ArgumentError: not one fewer than classes, or not finite and rising.
    """
    if given is None:
        return None
    cuts = np.asarray(given, dtype=float)
    if cuts.shape != (classes - 1,) or not np.isfinite(cuts).all() or not (np.diff(cuts) > 0).all():
        raise ArgumentError(f"{name} == {tuple(given)!r}, must be {classes - 1} numbers that rise")
    return cuts
