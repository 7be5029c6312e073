"""Standard scores of quality and cost, and their intervals."""

from __future__ import annotations

from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from xl_qbs.efficiency.inputs import Column, CostIs, check_cost_is, check_share, cost_performance, read_columns
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.coverage import Interval
from xl_qbs.scoring.table import Array


class Standardized(NamedTuple):
    """Quality and cost performance on one scale.

    Attributes:
        quality: z score of quality, shape (N,); higher is better.
        cost: z score of cost performance, shape (N,); higher is better, whichever way cost was given.
        quality_error: standard error of the z score of quality; NaN where none was given.
        cost_error: standard error of the z score of cost performance; NaN where none was given.
    """

    quality: Array
    cost: Array
    quality_error: Array
    cost_error: Array


def standardize(values: ArrayLike) -> Array:
    """Return z scores: less the mean, over the sample standard deviation (divisor N - 1).

    Args:
        values: one for each provider, at least 3, not all the same.

    Raises:
        DataError: missing values, text, a constant, fewer than 3 providers.

    Source: seed 003, section 3; METHODS section 5. A z score says where a provider stands among these
    providers and nothing about good or bad care: with other peers it is another number.

    >>> standardize([1, 2, 3]).tolist()
    [-1.0, 0.0, 1.0]
    """
    (array,) = read_columns(Column("values", values, varies=True))
    return _z(array)


def standardize_both(
    quality: ArrayLike,
    cost: ArrayLike,
    *,
    cost_is: CostIs,
    quality_error: ArrayLike | None = None,
    cost_error: ArrayLike | None = None,
) -> Standardized:
    """Return z scores of quality and of cost performance, with standard errors where they are known.

    Args:
        quality: a score for each provider; higher is better.
        cost: spending or cost performance, one for each provider.
        cost_is: ``spending`` (lower is better) or ``performance`` (higher is better).
        quality_error: standard errors of quality, in its units.
        cost_error: standard errors of cost as it was given, in its units.

    Raises:
        ArgumentError: lengths that differ, or a ``cost_is`` that is neither.
        DataError: missing values, text, a constant, spending not above 0, fewer than 3 providers.

    Source: seed 003, section 3. Spending is turned into reference / spending first, as the paper does, which
    is not the same as the negative z score of spending: it pulls high spenders in and pushes low ones out.
    """
    check_cost_is(cost_is)
    spending = cost_is == "spending"
    columns = [Column("quality", quality, varies=True), Column("cost", cost, positive=spending, varies=True)]
    errors = [("quality_error", quality_error), ("cost_error", cost_error)]
    columns += [Column(name, values, lowest=0.0) for name, values in errors if values is not None]
    read = list(read_columns(*columns))
    q, c = read[0], read[1]
    q_error = read[2] if quality_error is not None else np.full(len(q), np.nan)
    c_error = read[-1] if cost_error is not None else np.full(len(q), np.nan)
    performance = cost_performance(c, cost_is=cost_is)
    if spending:
        c_error = performance / c * c_error
    return Standardized(
        _z(q), _z(performance), q_error / float(q.std(ddof=1)), c_error / float(performance.std(ddof=1))
    )


def normal_interval(estimate: Array, error: Array, level: float) -> Interval:
    """Return estimate -+ z times its standard error; NaN where the error is unknown.

    Raises:
        ArgumentError: a level that is not between 0 and 1.
    """
    z = NormalDist().inv_cdf((1 + check_share("level", level)) / 2)
    return Interval(estimate - z * error, estimate + z * error)


def check_correlation(name: str, value: float) -> float:
    """Return a correlation, from -1 to 1.

    Raises:
        ArgumentError: it is not.
    """
    if not -1 <= value <= 1:
        raise ArgumentError(f"{name} == {value!r}, must be from -1 to 1")
    return float(value)


def _z(values: Array) -> Array:
    z: Array = (values - values.mean()) / values.std(ddof=1)
    return z
