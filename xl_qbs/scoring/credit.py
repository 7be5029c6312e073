"""Credit for coverage: all or nothing at a threshold, or in proportion."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.coverage import counts, coverage
from xl_qbs.scoring.table import Array

# In patients: guards the exact comparison of x with threshold * n against the last bits of the product.
THRESHOLD_GUARD = 1e-9


def threshold_credit(done: ArrayLike, target: ArrayLike, required_coverage: ArrayLike) -> Array:
    """Return 1 where coverage reaches the required coverage, else 0.

    Args:
        done: actual work done x.
        target: target population n.
        required_coverage: shares from 0 to 1.

    Returns:
        1 where n > 0 and x >= required coverage * n, exactly and never after rounding; 0 where n is
        0, because an undefined coverage reaches nothing (as in the fund's own workbook).

    Raises:
        ArgumentError: a negative count, or a required coverage outside 0 to 1.

    Source: seed 002, Table 1; METHODS section 3.

    When not to use it: it makes one patient worth all the points or none, and rewards small lists.

    >>> threshold_credit([76, 75, 0], [100, 100, 0], 0.76).tolist()
    [1.0, 0.0, 0.0]
    """
    done, target = counts(done, target)
    required = np.asarray(required_coverage, dtype=float)
    if not ((required >= 0) & (required <= 1)).all():
        raise ArgumentError("required_coverage: must be shares from 0 to 1, none missing")
    return np.where((target > 0) & (done + THRESHOLD_GUARD >= required * target), 1.0, 0.0)


def proportional_credit(done: ArrayLike, target: ArrayLike, lower: ArrayLike = 0.0, upper: ArrayLike = 1.0) -> Array:
    """Return credit in proportion to coverage, clip((c - lower) / (upper - lower), 0, 1).

    Args:
        done: actual work done x.
        target: target population n.
        lower: coverage at which credit begins; 0 gives credit for every patient.
        upper: coverage at which credit is full; the UK's Quality and Outcomes Framework uses such limits.

    Returns:
        Shares from 0 to 1; 0 where n is 0.

    Raises:
        ArgumentError: a negative count, or limits that are not 0 <= lower < upper <= 1.

    Source: seed 002, Figure 8 (middle panel); METHODS section 3.

    >>> proportional_credit([30, 90], [100, 100], lower=0.4, upper=0.9).tolist()
    [0.0, 1.0]
    """
    lower = np.asarray(lower, dtype=float)
    upper = np.asarray(upper, dtype=float)
    if not ((lower >= 0) & (lower < upper) & (upper <= 1)).all():
        raise ArgumentError("limits: must be 0 <= lower < upper <= 1")
    share = coverage(done, target)
    return np.where(np.isnan(share), 0.0, np.clip((share - lower) / (upper - lower), 0.0, 1.0))
