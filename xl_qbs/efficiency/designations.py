"""Designations: yes or no to each provider, by the rules that Exhibit 1 states."""

from __future__ import annotations

from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xl_qbs.efficiency.classes import CUT_GUARD
from xl_qbs.efficiency.inputs import Column, CostIs, check_cost_is, check_labels, check_share, read_columns
from xl_qbs.efficiency.unconditional import unconditional
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.table import Array

Flags = NDArray[np.bool_]


class Designation(NamedTuple):
    """Who is designated, and why not.

    Attributes:
        designated: shape (N,).
        quality_passed: whether quality is enough.
        cost_passed: whether cost is.
        third_passed: whether volume (Aetna) or the combined score (Tufts) is; True where a rule has no third part.
    """

    designated: Flags
    quality_passed: Flags
    cost_passed: Flags
    third_passed: Flags


def both_hurdles(
    quality: ArrayLike, cost: ArrayLike, *, cost_is: CostIs, hurdle: float, cost_threshold: float
) -> Designation:
    """Return who reaches both a quality hurdle and a cost hurdle.

    Args:
        quality: a score for each provider; higher is better.
        cost: spending or cost performance, one for each provider.
        cost_is: ``spending`` (lower is better) or ``performance`` (higher is better).
        hurdle: quality that is required.
        cost_threshold: the highest spending, or the lowest cost performance, that passes.

    Raises:
        ArgumentError: lengths that differ, or a hurdle that is no number.
        DataError: missing values, text, spending not above 0, fewer than 3 providers.

    Source: seed 003, Exhibit 1 (Illinois and Advocate; Integrated Healthcare Association).
    """
    q, c = _read(quality, cost, cost_is)
    return _designation(_reaches(q, hurdle, "hurdle"), _cost_reaches(c, cost_threshold, cost_is))


def designation(
    quality: ArrayLike,
    cost: ArrayLike,
    *,
    cost_is: CostIs,
    volume: ArrayLike | None = None,
    hurdle: float,
    cost_threshold: float,
    minimum_volume: float,
) -> Designation:
    """Return who has enough episodes and quality, and costs below a threshold.

    Args:
        quality: a score for each provider; higher is better.
        cost: spending or cost performance, one for each provider.
        cost_is: ``spending`` (lower is better) or ``performance`` (higher is better).
        volume: episodes of each provider in the year.
        hurdle: quality that is required.
        cost_threshold: spending that must be undercut, or cost performance that must be exceeded.
        minimum_volume: how many episodes are required.

    Raises:
        ArgumentError: lengths that differ, an option that is none, or a column that is needed and missing.
        DataError: missing values, text, spending not above 0, fewer than 3 providers.

    Source: seed 003, Exhibit 1 (Aetna Aexcel: at least 20 episodes in the last year). Costs must be *lower* than the
    threshold there, so spending at it does not pass.
    """
    if volume is None:
        raise ArgumentError("volume: is needed, the episodes of each provider")
    q, c = _read(quality, cost, cost_is)
    (episodes,) = read_columns(Column("volume", volume, lowest=0.0))
    if len(episodes) != len(q):
        raise ArgumentError("volume: must be one for each provider")
    limit = _number(cost_threshold, "cost_threshold")
    guard = CUT_GUARD * abs(limit)
    lower = c < limit - guard if cost_is == "spending" else c > limit + guard
    return _designation(_reaches(q, hurdle, "hurdle"), lower, episodes >= _number(minimum_volume, "minimum_volume"))


def not_significantly_above(
    quality: ArrayLike,
    cost: ArrayLike,
    *,
    cost_is: CostIs,
    cost_error: ArrayLike | None = None,
    area: ArrayLike | None = None,
    hurdle: float,
    significance: float,
    share_of_average: float,
    sides: int,
) -> Designation:
    """Return who reaches a quality hurdle and does not cost significantly more than a share of the area's mean.

    Args:
        quality: a score for each provider; higher is better.
        cost: spending, one for each provider.
        cost_is: must be ``spending``.
        cost_error: standard errors of spending.
        area: the area of each provider; all in one if None.
        hurdle: quality that is required.
        significance: of the test, by the normal distribution.
        share_of_average: of the mean spending of the area's providers.
        sides: 1 or 2.

    Raises:
        ArgumentError: lengths that differ, an option that is none, or a column that is needed and missing.
        DataError: missing values, text, spending not above 0, fewer than 3 providers.

    Source: seed 003, Exhibit 1 (Anthem Blue Precision: p < .10 above 110 % of the geographic average). When not to
    use it: a provider with few patients can hardly be significantly above anything, and passes for that.
    """
    if cost_is != "spending":
        check_cost_is(cost_is)
        raise ArgumentError("cost_is == 'performance': the rule is about spending and its standard error")
    if cost_error is None:
        raise ArgumentError("cost_error: is needed, the standard errors of spending")
    if sides not in (1, 2) or isinstance(sides, bool):
        raise ArgumentError(f"sides == {sides!r}, must be 1 or 2")
    q, c = _read(quality, cost, cost_is)
    _, error = read_columns(Column("cost", cost), Column("cost_error", cost_error, positive=True))
    names = np.zeros(len(c), dtype=object) if area is None else check_labels("area", area, len(c))
    average = np.empty(len(c))
    for name in set(names):
        average[names == name] = c[names == name].mean()
    limit = NormalDist().inv_cdf(1 - check_share("significance", significance) / sides)
    above = (c - _number(share_of_average, "share_of_average") * average) / error >= limit
    return _designation(_reaches(q, hurdle, "hurdle"), ~above)


def above_medians(
    quality: ArrayLike, cost: ArrayLike, *, cost_is: CostIs, quality_weight: float, share: float
) -> Designation:
    """Return who is above the median of quality, of cost performance, and of both combined.

    Args:
        quality: a score for each provider; higher is better.
        cost: spending or cost performance, one for each provider.
        cost_is: ``spending`` (lower is better) or ``performance`` (higher is better).
        quality_weight: of the z score of quality in the combined score.
        share: 0.5 for the median.

    Raises:
        ArgumentError: lengths that differ, an option that is none, or a column that is needed and missing.
        DataError: missing values, text, spending not above 0, fewer than 3 providers.

    Source: seed 003, Exhibit 1 (Tufts Blue Ribbon: equal weights). At the median is not above it.
    """
    combined = unconditional(quality, cost, cost_is=cost_is, quality_weight=quality_weight)
    at = check_share("share", share)
    quality_passed, cost_passed, both = (
        scores > np.quantile(scores, at) + CUT_GUARD * np.ptp(scores)
        for scores in (combined.quality, combined.cost, combined.efficiency)
    )
    return _designation(quality_passed, cost_passed, both)


def _designation(quality: Flags, cost: Flags, third: Flags | None = None) -> Designation:
    other = np.ones(len(quality), dtype=bool) if third is None else third
    return Designation(quality & cost & other, quality, cost, other)


def _read(quality: ArrayLike, cost: ArrayLike, cost_is: CostIs) -> tuple[Array, Array]:
    check_cost_is(cost_is)
    q, c = read_columns(Column("quality", quality), Column("cost", cost, positive=cost_is == "spending"))
    return q, c


def _number(value: float, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not np.isfinite(value):
        raise ArgumentError(f"{name} == {value!r}, must be a number")
    return float(value)


def _reaches(values: Array, limit: float, name: str) -> Flags:
    reached: Flags = values + CUT_GUARD * np.ptp(values) >= _number(limit, name)
    return reached


def _cost_reaches(values: Array, limit: float, cost_is: CostIs) -> Flags:
    least = _number(limit, "cost_threshold")
    return _reaches(-values, -least, "cost_threshold") if cost_is == "spending" else _reaches(values, least, "x")
