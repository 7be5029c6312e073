"""What each group's value is, with its interval, and how intervals of differences and ratios come from these."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from xl_qbs.efficiency.inputs import check_share
from xl_qbs.equity.group_table import GroupMeans, Groups, GroupTable
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.coverage import wilson_interval
from xl_qbs.scoring.table import Array


class Estimates(NamedTuple):
    """Values with an interval; any shape.

    Attributes:
        value: coverage or mean; NaN where there are no patients.
        low: lower end of the interval.
        high: upper end.
    """

    value: Array
    low: Array
    high: Array


def estimates(table: Groups, level: float = 0.95) -> Estimates:
    """Return each group's coverage with Wilson's interval, or its mean with a normal interval.

    Args:
        table: counts, or means of continuous values.
        level: level of the intervals.

    Returns:
        Shape (P, I, G); NaN where a group has no patients, ends also where a mean has fewer than two.

    Raises:
        ArgumentError: a level that is not between 0 and 1.

    Source: coverage: `wilson_interval`. Means: mean -+ z sd / sqrt(n); below some 30 patients that is too short,
    which is what the gate of small groups is for.
    """
    check_share("level", level)
    if isinstance(table, GroupTable):
        interval = wilson_interval(table.counted, table.patients, level)
        return Estimates(table.value, interval.low, interval.high)
    if not isinstance(table, GroupMeans):
        raise ArgumentError("table: must be a GroupTable or a GroupMeans")
    patients = table.patients
    with np.errstate(invalid="ignore", divide="ignore"):
        half = NormalDist().inv_cdf((1 + level) / 2) * np.where(patients >= 2, table.sd / np.sqrt(patients), np.nan)
    return Estimates(table.value, table.value - half, table.value + half)


def exactly(value: ArrayLike) -> Estimates:
    """Return a value that is known without error, such as a benchmark, as an estimate."""
    known = np.asarray(value, dtype=float)
    return Estimates(known, known, known)


def combination(parts: Sequence[Estimates], coefficients: Sequence[float]) -> Estimates:
    """Return the sum of independent estimates times coefficients, with its interval.

    With t = a v, and l and h the lower and upper end of a times the interval: low = sum t - sqrt(sum (t - l)^2),
    high = sum t + sqrt(sum (h - t)^2).

    Args:
        parts: estimates of shapes that fit.
        coefficients: a number for each.

    Raises:
        ArgumentError: not one coefficient for each part.

    Source: Newcombe (1998), method 10, for a difference of two shares with Wilson's intervals; Newcombe (2001) for a
    difference of differences; Zou and Donner (2008) for any combination ("method of variance estimates recovery").
    Parts must be independent: groups are; two periods with the same patients are not quite, and the interval is
    then too wide rather than too short.

    >>> [float(end.round(4)) for end in combination([exactly(0.8), exactly(0.6)], [1, -1])]
    [0.2, 0.2, 0.2]
    """
    if len(parts) != len(coefficients):
        raise ArgumentError(f"coefficients: {len(coefficients)}, must be {len(parts)}")
    total, below, above = (np.zeros(()) for _ in range(3))
    for part, by in zip(parts, coefficients, strict=True):
        ends = by * part.low, by * part.high
        total = total + by * part.value
        below = below + (by * part.value - np.minimum(*ends)) ** 2
        above = above + (np.maximum(*ends) - by * part.value) ** 2
    return Estimates(total, total - np.sqrt(below), total + np.sqrt(above))


def difference(one: Estimates, other: Estimates) -> Estimates:
    """Return one less the other: d - sqrt((v1 - l1)^2 + (h2 - v2)^2) to d + sqrt((h1 - v1)^2 + (v2 - l2)^2).

    Source: as `combination`. Known where the other is known exactly: it is then the interval of the first, moved.
    """
    return combination((one, other), (1.0, -1.0))


def ratio(one: Estimates, other: Estimates) -> Estimates:
    """Return one over the other, both from 0, with its interval.

    With values v, ends l and h: low = l1 (2 v1 - l1) / (v1 v2 + sqrt((v1 f)^2 + (v2 e)^2 - (e f)^2)) with e = v1 - l1
    and f = h2 - v2; high = (v1 v2 + sqrt((v1 f)^2 + (v2 e)^2 - (e f)^2)) / (l2 (2 v2 - l2)) with e = h1 - v1 and
    f = v2 - l2.

    Returns:
        NaN where both are 0; infinite where the other is 0, and so the upper end where the other's lower end is.

    Raises:
        ArgumentError: a negative value or end.

    Source: Donner and Zou (2012), "MOVER-R"; Fagerland, Lydersen and Laake (2017), chapter 4. Chosen over the
    logarithmic (Katz) interval, which has no ends where a group has nobody or everybody served, as groups of 30
    often do. By construction it excludes 1 exactly where the interval of the difference excludes 0.

    >>> [round(float(part), 4) for part in ratio(Estimates(0.6, 0.5, 0.7), exactly(0.8))]
    [0.75, 0.625, 0.875]
    """
    v1, l1, h1, v2, l2, h2 = np.broadcast_arrays(*one, *other)
    if any((part < 0).any() for part in (l1, l2)):
        raise ArgumentError("ratio: values and their intervals must be from 0")
    # Wilson's lower end of 0 is 0 but for its last bits.
    l1, l2 = np.minimum(l1, v1), np.minimum(l2, v2)
    bottom = l2 * (2 * v2 - l2)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = v1 / v2
        low = l1 * (2 * v1 - l1) / (v1 * v2 + _root(v1, v2, v1 - l1, h2 - v2))
        low = np.where(l1 == 0, 0.0, low)
        high = (v1 * v2 + _root(v1, v2, h1 - v1, v2 - l2)) / bottom
        high = np.where(bottom == 0, np.inf, high)
    nothing = np.isnan(value)
    return Estimates(value, np.where(nothing, np.nan, low), np.where(nothing, np.nan, high))


def _root(v1: Array, v2: Array, e: Array, f: Array) -> Array:
    """Return sqrt((v1 f)^2 + (v2 e)^2 - (e f)^2); what is below 0 is so by its last bits only."""
    root: Array = np.sqrt(np.maximum((v1 * f) ** 2 + (v2 * e) ** 2 - (e * f) ** 2, 0.0))
    return root
