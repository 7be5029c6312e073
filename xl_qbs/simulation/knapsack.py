"""Which thresholds to pass with a budget of patients: the most points there are to be had, exactly."""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm

import numpy as np
from numpy.typing import NDArray

from xl_qbs.scoring.table import Array

Counts = NDArray[np.int64]
Chosen = NDArray[np.bool_]

# Elements of the largest working array; rows are taken in chunks so that it stays within this.
_ELEMENTS = 4_000_000
# A step over patients takes about so many times as long as one over points.
_OVER_PATIENTS_IS_SLOWER = 2


def best_thresholds(missing: Counts, points: Array, budget: Counts) -> Chosen:
    """Return which thresholds to pass for the most points, row by row.

    Args:
        missing: patients missing to each threshold, shape (L, k); 0 where there is nothing to gain.
        points: points of each threshold, shape (k,), from 0.
        budget: patients that can be served, shape (L,), from 0.

    Returns:
        True where the threshold is to be passed, shape (L, k). No other choice within the budget has more points.

    The 0-1 knapsack problem by dynamic programming: over points where these have a large common unit, so that there
    are few sums of them (the scheme of 2018: 96 steps of 5), else over patients. Both are exact.
    """
    worth = (missing > 0) & (missing <= budget[:, None]) & (points > 0)
    cost = np.where(worth, missing, 0)
    # Rows whose budget is enough for everything in reach need no choice.
    chosen: Chosen = worth & (cost.sum(axis=1) <= budget)[:, None]
    rows = np.flatnonzero(worth.any(axis=1) & ~chosen.any(axis=1))
    if len(rows) == 0:
        return chosen
    units = whole_units(points)
    most = int(budget[rows].max())
    by_points = sum(units) <= _OVER_PATIENTS_IS_SLOWER * most
    columns = (sum(units) if by_points else most) + 1
    step = max(1, _ELEMENTS // (columns * len(points)))
    for begin in range(0, len(rows), step):
        part = rows[begin : begin + step]
        if by_points:
            chosen[part] = fewest_patients(cost[part], units, budget[part])
        else:
            chosen[part] = most_points(cost[part], points, budget[part])
    return chosen


def whole_units(points: Array) -> list[int]:
    """Return points as whole multiples of their largest common unit.

    >>> whole_units(np.array([65, 10, 2.5, 0]))
    [26, 4, 1, 0]
    """
    # By their decimal digits: 0.1 is a tenth, not the nearest binary fraction to it.
    exact = [Fraction(repr(float(one))) for one in points]
    scale = lcm(*(one.denominator for one in exact))
    numbers = [int(one * scale) for one in exact]
    unit = gcd(*numbers) or 1
    return [one // unit for one in numbers]


def fewest_patients(cost: Counts, units: list[int], budget: Counts) -> Chosen:
    """Return the best choice by the fewest patients for each sum of points; a cost of 0 is not to be had."""
    lists, size = cost.shape
    never = int(budget.max()) + 1
    fewest = np.full((lists, sum(units) + 1), never, dtype=np.int64)
    fewest[:, 0] = 0
    taken = np.zeros((size, *fewest.shape), dtype=bool)
    for one, value in enumerate(units):
        if value == 0:
            continue
        rows = np.flatnonzero(cost[:, one])
        without = fewest[rows, value:]
        with_it = fewest[rows, :-value] + cost[rows, one, None]
        taken[one, rows, value:] = with_it < without
        fewest[rows, value:] = np.minimum(with_it, without)
    # The largest sum within the budget: the first from the right.
    within = (fewest <= budget[:, None])[:, ::-1]
    place = fewest.shape[1] - 1 - within.argmax(axis=1)
    chosen = np.zeros(cost.shape, dtype=bool)
    every = np.arange(lists)
    for one in reversed(range(size)):
        chosen[:, one] = taken[one, every, place]
        place = place - np.where(chosen[:, one], units[one], 0)
    return chosen


def most_points(cost: Counts, points: Array, budget: Counts) -> Chosen:
    """Return the best choice by the most points for each number of patients; a cost of 0 is not to be had."""
    lists, size = cost.shape
    patients = np.arange(int(budget.max()) + 1)
    most = np.zeros((lists, len(patients)))
    taken = np.zeros((size, *most.shape), dtype=bool)
    for one, value in enumerate(points):
        rows = np.flatnonzero(cost[:, one])
        without, left = most[rows], patients - cost[rows, one, None]
        with_it = np.take_along_axis(without, np.maximum(left, 0), axis=1) + value
        # Sums of the same points in another order may differ in their last bits.
        better = (left >= 0) & (with_it > without + 1e-9)
        taken[one, rows] = better
        most[rows] = np.where(better, with_it, without)
    place = budget.copy()
    chosen = np.zeros(cost.shape, dtype=bool)
    every = np.arange(lists)
    for one in reversed(range(size)):
        chosen[:, one] = taken[one, every, place]
        place = place - np.where(chosen[:, one], cost[:, one], 0)
    return chosen
