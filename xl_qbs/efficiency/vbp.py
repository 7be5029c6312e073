"""Hospital Value-Based Purchasing: achievement and improvement points, and the total performance score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from xl_qbs.efficiency.inputs import Column, read_columns
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.table import Array

# A value that misses a limit or a half by less than this is at it, whatever its last bits.
_GUARD = 1e-9
# Seed 003, section 3: the domains of the score that the paper analyses.
PAPER_DOMAIN_WEIGHTS: Mapping[str, float] = {"clinical process": 0.45, "patient experience": 0.30, "outcome": 0.25}


class VbpPoints(NamedTuple):
    """Points of each provider on one measure.

    Attributes:
        achievement: 0 to 10, shape (N,).
        improvement: 0 to 9; 0 where there is no earlier value.
        points: the better of the two.
    """

    achievement: Array
    improvement: Array
    points: Array


def vbp_points(value: ArrayLike, *, threshold: float, benchmark: float, baseline: ArrayLike | None = None) -> VbpPoints:
    """Return achievement and improvement points on a measure.

    Achievement is 10 at or above the benchmark B, 0 below the threshold T, else 9 (x - T) / (B - T) + .5, rounded,
    within 1 to 9. Improvement over the baseline x0 is 10 (x - x0) / (B - x0) - .5, rounded, within 0 to 9.

    Args:
        value: the measure in the performance period, higher is better, shape (N,). A rate of death goes in as one
            of survival.
        threshold: T: in the program, the median of all hospitals in the earlier period.
        benchmark: B: there, the mean of the best tenth.
        baseline: the measure in the earlier period, NaN where there was none; None without improvement.

    Raises:
        ArgumentError: a benchmark that is not above the threshold, or lengths that differ.
        DataError: missing values or text.

    Source: METHODS section 5, after the program's rule. Halves round up. A baseline at or above the
    benchmark leaves no room, and no improvement points. When not to use it: one point is a tenth of the way,
    so chance moves small hospitals by points; `xl_qbs.scoring` has the patients-based alternatives.

    >>> vbp_points([0.70], threshold=0.47, benchmark=0.87, baseline=[0.21]).points.tolist()
    [7.0]
    """
    if not (np.isfinite([threshold, benchmark]).all() and benchmark > threshold):
        raise ArgumentError(f"benchmark == {benchmark!r}, must be above threshold == {threshold!r}")
    columns = [Column("value", value)]
    if baseline is not None:
        columns.append(Column("baseline", baseline, missing=True))
    read = read_columns(*columns, fewest=1)
    x = read[0]
    within = np.clip(_rounded(9 * (x - threshold) / (benchmark - threshold) + 0.5), 1, 9)
    achievement = np.where(x + _GUARD >= benchmark, 10.0, np.where(x + _GUARD >= threshold, within, 0.0))
    improvement = np.zeros(len(x))
    if baseline is not None:
        room = benchmark - read[1]
        some = np.isfinite(room) & (room > _GUARD)
        gained = (x[some] - read[1][some]) / room[some]
        improvement[some] = np.clip(_rounded(10 * gained - 0.5), 0, 9)
    return VbpPoints(achievement, improvement, np.maximum(achievement, improvement))


def domain_score(points: ArrayLike) -> Array:
    """Return the share of the possible points of a domain, in percent.

    Args:
        points: shape (N, measures), 0 to 10; NaN for a measure with too few patients, which then does not count.

    Returns:
        0 to 100, shape (N,); NaN where no measure counts.

    Raises:
        ArgumentError: another shape, or points outside 0 to 10.

    >>> domain_score([[10, 5], [0, float("nan")]]).tolist()
    [75.0, 0.0]
    """
    table = np.asarray(points, dtype=float)
    if table.ndim != 2:
        raise ArgumentError(f"points has {table.ndim} dimensions, must have 2: providers and measures")
    known = ~np.isnan(table)
    if not ((table[known] >= 0) & (table[known] <= 10)).all():
        raise ArgumentError("points: must be from 0 to 10, or missing")
    count = known.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        score: Array = np.where(count > 0, 10 * np.where(known, table, 0.0).sum(axis=1) / count, np.nan)
    return score


def total_performance_score(
    domains: Mapping[str, ArrayLike], weights: Mapping[str, float] = PAPER_DOMAIN_WEIGHTS
) -> Array:
    """Return the weighted sum of domain scores.

    Args:
        domains: scores from 0 to 100 by domain, each of shape (N,); NaN where a domain has no score.
        weights: by domain; those of the paper by default. Where a domain has no score, the others share its weight.

    Returns:
        0 to 100; NaN where no domain has a score.

    Raises:
        ArgumentError: domains and weights do not match, or weights that are negative or all 0.

    Source: seed 003, section 3 (45, 30 and 25 percent). The weights are those of the paper's year and not of others:
    every score in the public file for fiscal year 2013 comes out as 70 % of one domain and 30 % of another, so no
    third is in it. Give the weights of your own year.
    """
    if set(domains) != set(weights):
        raise ArgumentError(f"weights: are for {', '.join(weights)}, and domains for {', '.join(domains)}")
    share = np.array([weights[name] for name in domains], dtype=float)
    if not (share >= 0).all() or not share.sum() > 0:
        raise ArgumentError("weights: must be from 0, and not all 0")
    table = np.column_stack([np.asarray(values, dtype=float) for values in domains.values()])
    known = ~np.isnan(table)
    counted = known @ share
    with np.errstate(invalid="ignore", divide="ignore"):
        total: Array = np.where(counted > 0, np.where(known, table, 0.0) @ share / counted, np.nan)
    return total


def _rounded(values: Array) -> Array:
    """Return values rounded, halves up, as a spreadsheet rounds positive numbers."""
    rounded: Array = np.floor(values + 0.5 + _GUARD)
    return rounded
