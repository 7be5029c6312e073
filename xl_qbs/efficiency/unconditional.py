"""The unconditional model: quality and cost scored apart, then added with weights."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from xl_qbs.efficiency.inputs import CostIs
from xl_qbs.efficiency.standardize import check_correlation, normal_interval, standardize_both
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.coverage import Interval
from xl_qbs.scoring.table import Array

# The paper's two versions.
QUALITY_70 = 0.7
QUALITY_30 = 0.3


class Unconditional(NamedTuple):
    """Efficiency by the unconditional model.

    Attributes:
        quality: z score of quality, shape (N,).
        cost: z score of cost performance, shape (N,).
        efficiency: the weighted sum; higher is better.
        interval: of the efficiency; NaN where no standard errors were given.
    """

    quality: Array
    cost: Array
    efficiency: Array
    interval: Interval


def unconditional(
    quality: ArrayLike,
    cost: ArrayLike,
    *,
    cost_is: CostIs,
    quality_weight: float = QUALITY_70,
    quality_error: ArrayLike | None = None,
    cost_error: ArrayLike | None = None,
    error_correlation: float = 0.0,
    level: float = 0.95,
) -> Unconditional:
    """Return w z(quality) + (1 - w) z(cost performance).

    Args:
        quality: a score for each provider; higher is better.
        cost: spending or cost performance, one for each provider.
        cost_is: ``spending`` (lower is better) or ``performance`` (higher is better).
        quality_weight: the weight w of quality, 0 to 1; the paper has .7 and .3.
        quality_error: standard errors of quality, in its units; intervals need both these and the next.
        cost_error: standard errors of cost, in its units as given.
        error_correlation: correlation of the two errors within a provider, of quality with cost performance.
        level: level of the intervals.

    Raises:
        ArgumentError: a weight outside 0 to 1, or an option that is none.
        DataError: missing values, text, a constant, spending not above 0, fewer than 3 providers.

    Source: seed 003, sections 2 and 3, Exhibit 4. When not to use it: excellent quality buys off any
    spending and the other way round, at a rate that is nobody's decision: it depends on how much these
    providers happen to differ. The intervals cover errors of measurement, not of the mean and spread.

    >>> unconditional([1, 2, 3], [3, 2, 1], cost_is="performance").efficiency.round(3).tolist()
    [-0.4, 0.0, 0.4]
    """
    if not 0 <= quality_weight <= 1:
        raise ArgumentError(f"quality_weight == {quality_weight!r}, must be from 0 to 1")
    both = standardize_both(quality, cost, cost_is=cost_is, quality_error=quality_error, cost_error=cost_error)
    rest = 1 - quality_weight
    efficiency = quality_weight * both.quality + rest * both.cost
    q, c = quality_weight * both.quality_error, rest * both.cost_error
    correlation = check_correlation("error_correlation", error_correlation)
    error = np.sqrt(np.maximum(q * q + c * c + 2 * correlation * q * c, 0.0))
    return Unconditional(both.quality, both.cost, efficiency, normal_interval(efficiency, error, level))
