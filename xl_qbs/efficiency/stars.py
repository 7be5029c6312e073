"""Value stars: Exhibits 10 and 11 as a lookup, and the function of the footnote that comes near them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xl_qbs.efficiency.inputs import Column, read_columns
from xl_qbs.errors import ArgumentError, DataError, Finding
from xl_qbs.scoring.ranks import rank
from xl_qbs.scoring.table import Array

# Exhibit 11: points by efficiency score (rows, from 1 up) and total quality score (columns, 1-10 to 91-100).
STAR_POINTS: tuple[tuple[int, ...], ...] = (
    (-2, -2, -2, -2, -1, -1, 0, 0, 1, 1),
    (-2, -2, -2, -1, -1, -1, 0, 0, 1, 2),
    (-2, -2, -2, -1, -1, 0, 0, 1, 1, 2),
    (-2, -2, -1, -1, 0, 0, 1, 1, 1, 2),
    (-2, -2, -1, -1, 0, 0, 1, 1, 2, 2),
    (-2, -2, -1, -1, 0, 0, 1, 1, 2, 2),
    (-2, -1, -1, -1, 0, 0, 1, 1, 2, 2),
    (-2, -1, -1, 0, 0, 1, 1, 2, 2, 2),
    (-2, -1, 0, 0, 1, 1, 1, 2, 2, 2),
    (-1, -1, 0, 0, 1, 1, 2, 2, 2, 2),
)
# Points of 2 either way are the limit that the footnote sets.
MOST_POINTS = 2


class PointFunction(NamedTuple):
    """The footnote's function: points = a * quality + b * efficiency + k, rounded, within -2 to 2.

    Quality goes in as the number of its column, 1 to 10.

    Attributes:
        a: weight of quality.
        b: weight of efficiency.
        k: constant.
    """

    a: float
    b: float
    k: float


# Quality weighs twice as much as efficiency, as the footnote says: 90 of the 100 cells, and no such function has
# more on a fine grid of b and k. Without the limit its extremes are -3 and 3, as the footnote says too.
QUALITY_TWICE = PointFunction(0.45, 0.225, -3.7)
# With weights that are free: 94 cells, the most that a fine grid of all three holds.
BEST_FIT = PointFunction(0.465, 0.215, -3.74)


class Stars(NamedTuple):
    """Value stars.

    Attributes:
        points: -2 to 2, shape (N,).
        stars: 1 to 5: points + 3.
        adjusted_quality: the total quality score and the points, not beyond 0 to 100.
    """

    points: NDArray[np.intp]
    stars: NDArray[np.intp]
    adjusted_quality: Array


def stars(quality: ArrayLike, efficiency: ArrayLike, *, function: PointFunction | None = None) -> Stars:
    """Return the stars of providers, by looking them up in Exhibit 11 or by a function.

    Args:
        quality: total quality scores, 0 to 100. The columns are 1-10, 11-20 and so on; a score between two, such as
            10.5, is in the higher one, and 0 in the first.
        efficiency: efficiency scores, whole numbers from 1 to 10 (10 is best); `tenths` makes them.
        function: None looks up; else `QUALITY_TWICE` or another.

    Raises:
        ArgumentError: lengths that differ.
        DataError: missing values, text, quality outside 0 to 100, efficiency that is not 1 to 10.

    Source: seed 003, Exhibits 10 and 11 and footnote 11. The exhibits are an illustration: no reason is given for
    any cell. When not to use it: a star is a tenth of quality or efficiency away from another, without an
    interval; show the scores beside it.

    >>> stars([95, 5], [1, 10]).stars.tolist()
    [4, 2]
    """
    q, e = _read(quality, efficiency)
    column = np.clip(np.ceil(q / 10 - 1e-9), 1, 10).astype(np.intp)
    if function is None:
        points = np.array(STAR_POINTS, dtype=np.intp)[e - 1, column - 1]
    else:
        raw = function.a * column + function.b * e + function.k
        # Halves up, also below 0; the guard is for sums that are a half but for their last bits.
        points = np.clip(np.floor(raw + 0.5 + 1e-9), -MOST_POINTS, MOST_POINTS).astype(np.intp)
    return Stars(points, points + 3, np.clip(q + points, 0.0, 100.0))


def cells_reproduced(function: PointFunction) -> int:
    """Return how many of the 100 cells of Exhibit 11 a function reproduces.

    >>> cells_reproduced(QUALITY_TWICE), cells_reproduced(BEST_FIT)
    (90, 94)
    """
    quality, efficiency = np.meshgrid(np.arange(10, 101, 10), np.arange(1, 11))
    found = stars(quality.ravel(), efficiency.ravel(), function=function).points
    return int((found == np.array(STAR_POINTS).ravel()).sum())


def tenths(efficiency: ArrayLike) -> NDArray[np.intp]:
    """Return efficiency scores from 1 to 10 by rank: 10 for the best tenth of providers.

    Args:
        efficiency: of any model, higher is better, shape (N,).

    Raises:
        DataError: missing values, text, fewer than 3 providers.

    The paper does not say where its efficiency scores come from; this is one way, and ranks magnify small
    differences (seed 003, section 5). Ties share the better score.

    >>> tenths([5, 1, 3, 2, 4, 6, 7, 8, 9, 10]).tolist()
    [5, 1, 3, 2, 4, 6, 7, 8, 9, 10]
    """
    (values,) = read_columns(Column("efficiency", efficiency))
    no_better = len(values) - rank(values) + 1
    return np.ceil(10 * no_better / len(values) - 1e-9).astype(np.intp)


def _read(quality: ArrayLike, efficiency: ArrayLike) -> tuple[Array, NDArray[np.intp]]:
    q, e = read_columns(Column("quality", quality, lowest=0.0), Column("efficiency", efficiency), fewest=1)
    if len(q) == 0:
        raise ArgumentError("quality: has no rows")
    findings = []
    for name, wrong, what in (
        ("quality", q > 100, "above 100"),
        ("efficiency", (e < 1) | (e > 10) | (e != np.round(e)), "not a whole number from 1 to 10"),
    ):
        rows = [str(row + 1) for row in np.flatnonzero(wrong)]
        if rows:
            more = f" and {len(rows) - 10} more" if len(rows) > 10 else ""
            findings.append(Finding(f"{name} is {what} in rows {', '.join(rows[:10])}{more}.", "Correct it."))
    if findings:
        raise DataError(findings)
    return q, e.astype(np.intp)
