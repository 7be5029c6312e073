"""Weights of the indicators: the first principal component of coverage, and rounding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.table import Array

Rounding = Literal["none", "integer", "largest-remainder"]
ROUNDINGS: tuple[Rounding, ...] = get_args(Rounding)

# Weights and remainders are compared to this many decimals, so that noise in the last bits of a
# loading cannot decide which of two equal remainders is rounded up.
WEIGHT_DECIMALS = 9
# Fewer lists than this give correlations of 1 and -1 only.
FEWEST_COMPLETE = 3
# Loadings whose sum is nearer to 0 have no sign.
SIGN_GUARD = 1e-9


class Component(NamedTuple):
    """The first principal component of k indicators.

    Attributes:
        loadings: unit length, shape (k,), summing to a positive number; 0 for an indicator whose
            coverage does not vary.
        share: share of the variance of the indicators that the component holds, 0 to 1.
        gap: second eigenvalue over the first, 0 to 1; near 1 the loadings are arbitrary.
        correlation: the correlation matrix, shape (k, k); rows and columns of indicators that do
            not vary are 0.
        complete: how many lists were complete on all indicators.
    """

    loadings: Array
    share: float
    gap: float
    correlation: Array
    complete: int

    @property
    def eigenvalue(self) -> float:
        """The first eigenvalue of the correlation matrix: the variance that the component holds."""
        return float(self.loadings @ self.correlation @ self.loadings)


def complete_lists(coverage: ArrayLike) -> NDArray[np.bool_]:
    """Return which lists have coverage on every indicator, shape (N,)."""
    complete: NDArray[np.bool_] = np.isfinite(np.asarray(coverage, dtype=float)).all(axis=1)
    return complete


def first_component(coverage: ArrayLike, decimals: int | None = None) -> Component:
    """Return the first principal component of the correlation matrix of coverages.

    Args:
        coverage: shares, shape (N, k), NaN where undefined; lists with a NaN are left out.
        decimals: round coverage to so many decimals first; the report's authors used 2.

    Raises:
        ArgumentError: fewer than 3 complete lists, or no indicator that varies.

    Source: seed 002, Part A section 2; METHODS section 3. A correlation matrix discards spread, so
    an indicator earns weight here by moving with the others, not by varying widely as the report's
    prose has it.
    """
    shares = np.asarray(coverage, dtype=float)
    if shares.ndim != 2:
        raise ArgumentError(f"coverage has {shares.ndim} dimensions, must have 2: lists and indicators")
    shares = shares[complete_lists(shares)]
    shares = rounded_coverage(shares, decimals)
    if len(shares) < FEWEST_COMPLETE:
        raise ArgumentError(
            f"{len(shares)} lists are complete on all indicators, must be {FEWEST_COMPLETE} or more "
            "for principal-component weights"
        )
    correlation = correlation_matrix(shares)
    values, vectors = np.linalg.eigh(correlation)
    if values[-1] <= 0:
        raise ArgumentError("coverage is the same for all lists on every indicator: there is no component")
    loadings = vectors[:, -1]
    if abs(loadings.sum()) < SIGN_GUARD:
        raise ArgumentError("the loadings sum to 0: indicators run against one another, and neither side leads")
    loadings = -loadings if loadings.sum() < 0 else loadings
    loadings = np.where(np.diag(correlation) == 0, 0.0, loadings)
    gap = float(max(values[-2], 0.0) / values[-1]) if len(values) > 1 else 0.0
    return Component(loadings, float(values[-1] / np.trace(correlation)), gap, correlation, len(shares))


def rounded_coverage(coverage: Array, decimals: int | None) -> Array:
    """Return coverage rounded to so many decimals, halves up as a spreadsheet does; unchanged for None.

    >>> rounded_coverage(np.array([23 / 40, 0.5]), 2).tolist()
    [0.58, 0.5]
    """
    if decimals is None:
        return coverage
    scale = 10.0**decimals
    # 23/40 times 100 is 57.49999999999999: rounded first, so that it goes up as in a spreadsheet.
    rounded: Array = np.floor(np.round(coverage * scale, 9) + 0.5) / scale
    return rounded


def component_weights(loadings: ArrayLike, total: float) -> Array:
    """Return weights in proportion to loadings, summing to the total.

    Args:
        loadings: loadings of the indicators, shape (k,); a negative one gives a weight of 0 and
            the rest share the total.
        total: the points to share out.

    Raises:
        ArgumentError: no loading is positive, or the total is not positive.

    Source: seed 002, Table 2; METHODS section 3.
    """
    positive = np.maximum(np.asarray(loadings, dtype=float), 0.0)
    if not positive.sum() > 0:
        raise ArgumentError("loadings: at least one must be positive")
    if not 0 < total < np.inf:
        raise ArgumentError(f"total == {total}, must be positive")
    weights: Array = total * positive / positive.sum()
    return weights


def round_weights(
    weights: ArrayLike, rounding: Rounding = "largest-remainder", tie_order: Sequence[int] | None = None
) -> Array:
    """Return weights rounded to whole points.

    Args:
        weights: weights, shape (k,), from 0.
        rounding: ``none``; ``integer``, each to the nearest whole number, halves up, whatever the
            sum becomes; ``largest-remainder``, whole numbers that sum to the rounded total.
        tie_order: rank of each indicator when remainders tie, lower first; the order given if None.

    Raises:
        ArgumentError: a negative or missing weight, or an unknown rounding.

    Source: METHODS section 3. The report's own weights are ``integer`` and sum to 483, though its
    Table 2 prints 480 below them.

    >>> round_weights([33.4, 33.3, 33.3]).tolist()
    [34.0, 33.0, 33.0]
    """
    exact = np.round(np.asarray(weights, dtype=float), WEIGHT_DECIMALS)
    if not (np.isfinite(exact) & (exact >= 0)).all():
        raise ArgumentError("weights: must be numbers from 0, none missing")
    if rounding == "none":
        return np.asarray(weights, dtype=float)
    if rounding == "integer":
        return np.floor(exact + 0.5)
    if rounding != "largest-remainder":
        raise ArgumentError(f"rounding == {rounding!r}, must be one of {', '.join(ROUNDINGS)}")
    whole = np.floor(exact)
    remainder = np.round(exact - whole, WEIGHT_DECIMALS)
    seats = int(np.floor(np.round(np.sum(weights), WEIGHT_DECIMALS) + 0.5) - whole.sum())
    ties = np.arange(len(exact)) if tie_order is None else np.asarray(tie_order)
    order = np.lexsort((ties, -remainder))
    whole[order[:seats]] += 1
    return whole


def tie_order(codes: Sequence[str], points: Sequence[float]) -> list[int]:
    """Return each indicator's rank when remainders tie: more points first, then the code's alphabet."""
    order = sorted(range(len(codes)), key=lambda i: (-points[i], codes[i].casefold()))
    ranks = [0] * len(codes)
    for rank, index in enumerate(order):
        ranks[index] = rank
    return ranks


def correlation_matrix(shares: Array) -> Array:
    """Return the correlation of coverages, shape (k, k), of complete lists, shape (N, k).

    Rows and columns of indicators that do not vary are 0.
    """
    varies = shares.max(axis=0) > shares.min(axis=0)
    correlation = np.zeros((shares.shape[1], shares.shape[1]))
    if varies.any():
        # Not in one step: a column without spread would divide by zero.
        correlation[np.ix_(varies, varies)] = np.atleast_2d(np.corrcoef(shares[:, varies], rowvar=False))
    return correlation
