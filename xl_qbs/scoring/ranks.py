"""Ranks, relative ranks and bands of scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.table import Array

# Scores are kept to this many decimals: two lists whose scores differ by less are tied, whatever the
# last bits of their sums are in one spreadsheet or another.
SCORE_DECIMALS = 9
# A share that falls short of a band by less than this is in it.
BAND_GUARD = 1e-9


def rank(scores: ArrayLike) -> Array:
    """Return ranks from 1 for the highest score; ties share the better rank.

    Raises:
        ArgumentError: a score is missing.

    Source: METHODS section 3.

    >>> rank([480, 300, 480, 10]).tolist()
    [1.0, 3.0, 1.0, 4.0]
    """
    values = np.asarray(scores, dtype=float)
    if np.isnan(values).any():
        raise ArgumentError("scores: none may be missing")
    ordered = np.sort(values)
    higher = len(values) - np.searchsorted(ordered, values, side="right")
    return higher.astype(np.float64) + 1


def relative_rank(scores: ArrayLike) -> Array:
    """Return the share of the other lists that score no higher, 0 to 1; 1 for a list alone.

    The measure to follow from year to year: totals move with the weights and with the peers.

    Raises:
        ArgumentError: a score is missing.

    Source: seed 002, Part B section 3; METHODS section 3.

    >>> relative_rank([480, 300, 480, 10, 20]).tolist()
    [1.0, 0.5, 1.0, 0.0, 0.25]
    """
    ranks = rank(scores)
    return (len(ranks) - ranks) / (len(ranks) - 1) if len(ranks) > 1 else np.ones(len(ranks))


def band(scores: ArrayLike, total: float, lowers: Sequence[float]) -> NDArray[np.intp]:
    """Return the number, from 0, of the band that each score falls in.

    Args:
        scores: scores, shape (N,).
        total: the maximum that the bands are shares of.
        lowers: the bands' lower limits as shares of the maximum, rising from 0.

    Raises:
        ArgumentError: a total that is not positive, or limits that do not rise from 0.

    Source: seed 002, Figure 8 (80 % and 90 % of the maximum).

    >>> band([384, 431.9, 432], 480, [0, 0.8, 0.9]).tolist()
    [1, 1, 2]
    """
    limits = np.asarray(lowers, dtype=float)
    if not total > 0:
        raise ArgumentError(f"total == {total}, must be positive")
    if len(limits) == 0 or limits[0] != 0 or not (np.diff(limits) > 0).all():
        raise ArgumentError("lowers: must rise from 0")
    shares = np.asarray(scores, dtype=float) / total
    if np.isnan(shares).any():
        raise ArgumentError("scores: none may be missing")
    return np.searchsorted(limits, shares + BAND_GUARD, side="right") - 1
