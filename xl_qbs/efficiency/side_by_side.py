"""The side-by-side model: quality and cost next to each other, and no combination of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from xl_qbs.efficiency.inputs import Column, CostIs, cost_performance, read_columns
from xl_qbs.efficiency.standardize import normal_interval, standardize_both
from xl_qbs.scoring.coverage import Interval
from xl_qbs.scoring.ranks import rank
from xl_qbs.scoring.table import Array


class SideBySide(NamedTuple):
    """Quality and cost of each provider.

    Attributes:
        quality: as given, shape (N,).
        cost: as given.
        cost_performance: reference over spending, or as given; higher is better.
        quality_z: z score of quality.
        cost_z: z score of cost performance.
        quality_rank: from 1 for the best; ties share the better rank.
        cost_rank: from 1 for the leanest.
        quality_interval: in units of quality; NaN where no standard errors were given.
        cost_interval: in units of cost as given.
    """

    quality: Array
    cost: Array
    cost_performance: Array
    quality_z: Array
    cost_z: Array
    quality_rank: Array
    cost_rank: Array
    quality_interval: Interval
    cost_interval: Interval


def side_by_side(
    quality: ArrayLike,
    cost: ArrayLike,
    *,
    cost_is: CostIs,
    reference: float | None = None,
    quality_error: ArrayLike | None = None,
    cost_error: ArrayLike | None = None,
    level: float = 0.95,
) -> SideBySide:
    """Return quality and cost with their z scores, ranks and intervals; what they are worth is the reader's judgement.

    Args:
        quality: a score for each provider; higher is better.
        cost: spending or cost performance, one for each provider.
        cost_is: ``spending`` (lower is better) or ``performance`` (higher is better).
        reference: with spending, the spending that counts as 1; the mean of the providers if None.
        quality_error: standard errors of quality, in its units.
        cost_error: standard errors of cost, in its units as given.
        level: level of the intervals.

    Raises:
        ArgumentError: an option that is none, or lengths that differ.
        DataError: missing values, text, a constant, spending not above 0, fewer than 3 providers.

    Source: seed 003, section 2, and its first principle (section 5): show the parts whatever else is shown. When not
    to use it alone: where somebody must be tiered or paid, it only leaves the combination to be made unseen.
    """
    both = standardize_both(quality, cost, cost_is=cost_is, quality_error=quality_error, cost_error=cost_error)
    q, c = read_columns(Column("quality", quality), Column("cost", cost))
    unknown = np.full(len(q), np.nan)
    errors = [
        unknown if given is None else read_columns(Column("error", given))[0] for given in (quality_error, cost_error)
    ]
    return SideBySide(
        q,
        c,
        cost_performance(c, cost_is=cost_is, reference=reference),
        both.quality,
        both.cost,
        rank(q),
        rank(-c if cost_is == "spending" else c),
        normal_interval(q, errors[0], level),
        normal_interval(c, errors[1], level),
    )
