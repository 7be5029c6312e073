"""Gaps: difference and ratio to a provider's best group, another group, the population or a benchmark."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xl_qbs.equity.estimates import Estimates, difference, estimates, exactly, ratio
from xl_qbs.equity.gates import Gates
from xl_qbs.equity.group_table import Groups, GroupTable
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.table import Array

To = Literal["best", "population"]


class Gaps(NamedTuple):
    """What each group lacks or has more than its reference; NaN where there is no comparison.

    Attributes:
        values: of the groups, with intervals, each shape (P, I, G).
        reference: what they are compared with, shape (P, I, 1), with its interval.
        reference_group: place of the group that is the reference, shape (P, I); -1 where it is none of them.
        difference: value less reference, with interval, shape (P, I, G); in the indicator's own unit, so that where
            lower is better a positive difference is the worse. 0 of the reference group itself.
        ratio: value over reference, with interval; NaN of continuous values, whose zero is where the maker of the
            instrument put it.
        worse: whether the group fares worse than the reference beyond chance, shape (P, I, G).
    """

    values: Estimates
    reference: Estimates
    reference_group: NDArray[np.intp]
    difference: Estimates
    ratio: Estimates
    worse: NDArray[np.bool_]


def gaps(
    table: Groups,
    *,
    to: To | str = "best",
    benchmark: ArrayLike | None = None,
    passed: Gates | None = None,
    values: Estimates | None = None,
    level: float = 0.95,
) -> Gaps:
    """Return the gap of each group to a reference.

    Args:
        table: counts or means by group.
        to: ``best``: the provider's best group; ``population``: all patients of known group of all providers;
            or the name of a group. Not read with a benchmark.
        benchmark: a value for each indicator to compare with instead, shape (I,) or one for all.
        passed: gates; what does not pass them is NaN, and no reference either. None compares all there is.
        values: values with intervals instead of the table's own, such as adjusted coverage.
        level: level of the intervals of the table's own values.

    Raises:
        ArgumentError: a group, level or benchmark that is none.

    Source: METHODS section 6; intervals as `difference` and `ratio`. Population and benchmark are taken as known. The
    best of several groups is in part the luckiest: gaps to it are too wide on average, the more so the more groups
    and the fewer patients; to follow a gap over years, name the group.

    >>> table = GroupTable(providers=("A",), indicators=("i",), groups=("g", "h"),
    ...     n=np.array([[[80.0, 70.0]]]), x=np.array([[[48.0, 56.0]]]))
    >>> gap = gaps(table).difference
    >>> [float(part[0, 0, 0].round(4)) for part in gap]
    [-0.2, -0.3339, -0.0524]
    """
    own = estimates(table, level) if values is None else values
    allowed = table.patients > 0 if passed is None else passed.group_ok
    own = Estimates(*(np.where(allowed, part, np.nan) for part in own))
    place = np.full(table.shape[:2], -1, dtype=np.intp)
    if benchmark is not None:
        reference = exactly(_benchmark(benchmark, table))
    elif to == "population":
        reference = exactly(np.broadcast_to(table.population[:, None], (*table.shape[:2], 1)))
    else:
        place = reference_groups(table, own.value, to)
        reference = reference_values(own, place)
    gap = difference(own, reference)
    itself = np.arange(table.shape[2]) == place[:, :, None]
    gap = Estimates(*(np.where(itself & allowed, 0.0, part) for part in gap))
    over = _ratio(own, reference) if isinstance(table, GroupTable) else Estimates(*(np.full(table.shape, np.nan),) * 3)
    over = Estimates(*(np.where(itself & ~np.isnan(over.value), 1.0, part) for part in over))
    farther = np.where(table.sign[:, None] > 0, gap.high < 0, gap.low > 0)
    return Gaps(own, reference, place, gap, over, farther)


def reference_groups(table: Groups, values: Array, to: str) -> NDArray[np.intp]:
    """Return the place of each provider's reference group, shape (P, I); -1 where it has no value.

    ``to`` is ``best`` (of equal groups, the first in the table) or the name of a group.

    Raises:
        ArgumentError: there is no such group.
    """
    if to == "best":
        signed = np.where(np.isnan(values), -np.inf, table.sign[:, None] * values)
        best = signed.argmax(axis=2)
        return np.where(np.isfinite(signed.max(axis=2)), best, -1)
    named = table.group(to)
    return np.where(np.isnan(values[:, :, named]), -1, named)


def reference_values(values: Estimates, place: NDArray[np.intp]) -> Estimates:
    """Return the values of the reference groups, shape (P, I, 1); NaN where there is none."""
    at = np.maximum(place, 0)[:, :, None]
    taken = (np.where(place[:, :, None] < 0, np.nan, np.take_along_axis(part, at, axis=2)) for part in values)
    return Estimates(*taken)


def _ratio(own: Estimates, reference: Estimates) -> Estimates:
    return ratio(own, Estimates(*(np.broadcast_to(part, own.value.shape) for part in reference)))


def _benchmark(benchmark: ArrayLike, table: Groups) -> Array:
    try:
        given = np.asarray(benchmark, dtype=float)
        by_indicator = np.broadcast_to(given, (table.shape[1],))
    except (TypeError, ValueError):
        raise ArgumentError(f"benchmark: must be a number, or {table.shape[1]}, one for each indicator") from None
    if not np.isfinite(by_indicator).all() or (
        isinstance(table, GroupTable) and (np.abs(by_indicator - 0.5) > 0.5).any()
    ):
        raise ArgumentError("benchmark: must be shares from 0 to 1 for coverage, and numbers for means, none missing")
    return np.broadcast_to(by_indicator[:, None], (*table.shape[:2], 1))
