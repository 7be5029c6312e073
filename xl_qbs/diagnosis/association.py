"""Rank correlation with ties, its interval, and which of two correlations is nearer to zero."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import NormalDist
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.table import Array

FEWEST_RANKED = 3

Verdict = Literal["nearer to zero", "further from zero", "cannot be told"]


class RankCorrelation(NamedTuple):
    """Spearman's rank correlation.

    Attributes:
        value: from -1 to 1; NaN where one of the two is the same for all lists.
        low: lower end of its interval.
        high: upper end.
        lists: how many lists.
    """

    value: float
    low: float
    high: float
    lists: int


class Comparison(NamedTuple):
    """Whether one score's correlation is nearer to zero than that of a score it is compared with.

    Attributes:
        nearer_by: absolute correlation of the reference less that of the score; positive is nearer to zero.
        difference: correlation of the score less that of the reference.
        low: lower end of the difference's interval, from resampled lists.
        high: upper end.
        verdict: told only where the resampled lists leave no doubt at the level asked for.
    """

    nearer_by: float
    difference: float
    low: float
    high: float
    verdict: Verdict


def mean_ranks(values: ArrayLike) -> Array:
    """Return ranks from 1 for the lowest; ties share the mean of their ranks.

    Not the ranks that lists are told (`xl_qbs.scoring.ranks.rank`, where ties share the better one).

    Raises:
        ArgumentError: a value is missing, or not one row of numbers.

    >>> mean_ranks([0, 480, 0, 300]).tolist()
    [1.5, 4.0, 1.5, 3.0]
    """
    numbers = _numbers("values", values)
    _, inverse, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    ranks: Array = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return ranks


def rank_correlation(first: ArrayLike, second: ArrayLike, level: float = 0.95) -> RankCorrelation:
    """Return Spearman's rank correlation of two numbers a list, ties by mean ranks.

    Args:
        first: for example eligible patients, shape (N,).
        second: for example a score, shape (N,).
        level: level of the interval, between 0 and 1.

    Raises:
        ArgumentError: fewer than 3 lists, lengths that differ, missing values, or a level that is none.

    Source: METHODS section 4. The interval is Fisher's z with the standard error sqrt((1 + r^2 / 2) / (N - 3)) of
    Bonett and Wright (Psychometrika 65, 2000). It is rough where many lists tie, as under the scheme in force.
    A correlation of 0 does not make a scheme fair: middle-sized lists may still lose on both sides.

    >>> rank_correlation([1, 2, 3, 4, 5], [10, 20, 20, 30, 50]).value.__round__(3)
    0.975
    """
    if not 0 < level < 1:
        raise ArgumentError(f"level == {level}, must be between 0 and 1")
    one, other = mean_ranks(first), mean_ranks(second)
    if len(one) != len(other):
        raise ArgumentError(f"first has {len(one)} values and second {len(other)}, must be as many")
    count = len(one)
    if count < FEWEST_RANKED:
        raise ArgumentError(f"there are {count} lists, must be {FEWEST_RANKED} or more")
    value = float(_correlations(one[None, :], other[None, :])[0])
    if count == 3 or np.isnan(value):
        return RankCorrelation(value, *((np.nan, np.nan) if np.isnan(value) else (-1.0, 1.0)), count)
    half = NormalDist().inv_cdf((1 + level) / 2) * np.sqrt((1 + value**2 / 2) / (count - 3))
    with np.errstate(divide="ignore"):
        centre = np.arctanh(value)
    return RankCorrelation(value, float(np.tanh(centre - half)), float(np.tanh(centre + half)), count)


def compare_correlations(
    against: ArrayLike,
    scores: Mapping[str, ArrayLike],
    reference: str,
    *,
    level: float = 0.95,
    resamples: int = 1000,
    seed: int = 1,
) -> dict[str, Comparison]:
    """Return, for each score, whether its rank correlation is nearer to zero than the reference's.

    Args:
        against: what the scores should not go with, for example eligible patients, shape (N,).
        scores: by name, each of shape (N,).
        reference: the name of the score that the others are compared with.
        level: level of the intervals, between 0 and 1.
        resamples: how many times the lists are drawn with replacement.
        seed: of the draws; the same seed gives the same result.

    Returns:
        By name, the reference left out.

    Raises:
        ArgumentError: an unknown reference, too few resamples, or values that do not fit.

    The scores are of the same lists, so the same drawn lists serve all of them. Being nearer to zero means that
    difference and sum of the two correlations have opposite signs; it is told where neither interval contains 0.
    A distribution of absolute values would not do: chance alone pushes those away from 0.
    """
    if reference not in scores:
        raise ArgumentError(f"reference == {reference!r}, must be one of {', '.join(scores)}")
    if not 0 < level < 1:
        raise ArgumentError(f"level == {level}, must be between 0 and 1")
    if resamples < 100:
        raise ArgumentError(f"resamples == {resamples}, must be 100 or more")
    columns = {name: _numbers(name, values) for name, values in scores.items()}
    size = _numbers("against", against)
    for name, values in columns.items():
        if len(values) != len(size):
            raise ArgumentError(f"{name} has {len(values)} values and against {len(size)}, must be as many")
    seen = {name: rank_correlation(size, values).value for name, values in columns.items()}
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, len(size), (resamples, len(size)))
    drawn_size = _row_ranks(size[rows])
    drawn = {name: _correlations(drawn_size, _row_ranks(values[rows])) for name, values in columns.items()}
    ends = (1 - level) / 2, (1 + level) / 2
    found = {}
    for name in columns:
        if name == reference:
            continue
        gap = _quantiles(drawn[name] - drawn[reference], ends)
        both = _quantiles(drawn[name] + drawn[reference], ends)
        verdict: Verdict = "cannot be told"
        if (gap[0] > 0 or gap[1] < 0) and (both[0] > 0 or both[1] < 0):
            verdict = "further from zero" if (gap[0] > 0) == (both[0] > 0) else "nearer to zero"
        found[name] = Comparison(
            nearer_by=abs(seen[reference]) - abs(seen[name]),
            difference=seen[name] - seen[reference],
            low=float(gap[0]),
            high=float(gap[1]),
            verdict=verdict,
        )
    return found


def _quantiles(values: Array, ends: tuple[float, float]) -> Array:
    """Return quantiles of the draws that have a value; NaN where none has, as where all lists score the same."""
    known = values[~np.isnan(values)]
    found: Array = np.quantile(known, ends) if len(known) else np.full(len(ends), np.nan)
    return found


def _row_ranks(table: Array) -> Array:
    """Return mean ranks within each row."""
    order = np.argsort(table, axis=1)
    ordered = np.take_along_axis(table, order, axis=1)
    places = np.arange(table.shape[1], dtype=float)
    new = np.ones(table.shape, dtype=bool)
    new[:, 1:] = ordered[:, 1:] > ordered[:, :-1]
    # First place of each run of ties from the left, last place from the right: their mean is the rank.
    first = np.maximum.accumulate(np.where(new, places, 0.0), axis=1)
    closing = np.ones(table.shape, dtype=bool)
    closing[:, :-1] = new[:, 1:]
    last = np.minimum.accumulate(np.where(closing, places, np.inf)[:, ::-1], axis=1)[:, ::-1]
    ranks = np.empty(table.shape)
    np.put_along_axis(ranks, order, (first + last) / 2 + 1, axis=1)
    return ranks


def _correlations(first: Array, second: Array) -> Array:
    """Return the correlation of each row with each row; NaN where one does not vary."""
    one = first - first.mean(axis=1, keepdims=True)
    other = second - second.mean(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        shared: Array = (one * other).sum(axis=1) / np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    return np.clip(shared, -1.0, 1.0)


def _numbers(what: str, values: ArrayLike) -> Array:
    try:
        numbers = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ArgumentError(f"{what}: must be numbers") from None
    if numbers.ndim != 1 or not np.isfinite(numbers).all():
        raise ArgumentError(f"{what}: must be one number a list, none missing")
    return numbers
