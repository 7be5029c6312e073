"""The hurdle models: a minimum on one side, then only the other side counts."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xl_qbs.efficiency.classes import CUT_GUARD, cut_offs
from xl_qbs.efficiency.inputs import Column, CostIs, check_choice, check_cost_is, cost_performance, read_columns
from xl_qbs.efficiency.standardize import normal_interval, standardize_both
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.coverage import Interval
from xl_qbs.scoring.ranks import rank
from xl_qbs.scoring.table import Array

Failing = Literal["last", "zero-as-printed"]
FAILING: tuple[Failing, ...] = get_args(Failing)
# The paper's hurdle on either side.
LOWEST_QUARTER = 0.25


class Hurdle(NamedTuple):
    """Efficiency by a hurdle model.

    Attributes:
        quality: z score of quality, shape (N,).
        cost: z score of cost performance, shape (N,).
        passed: whether the hurdle is reached.
        efficiency: the z score of the other side for who passes; what ``failing`` says for who does not.
        rank: from 1 for the most efficient; ties share the better rank.
        hurdle: the hurdle, in units of quality, or of cost as it was given.
        interval: of the efficiency of who passes; NaN for who fails and where no standard errors were given.
    """

    quality: Array
    cost: Array
    passed: NDArray[np.bool_]
    efficiency: Array
    rank: Array
    hurdle: float
    interval: Interval


def quality_hurdle(
    quality: ArrayLike,
    cost: ArrayLike,
    *,
    cost_is: CostIs,
    hurdle_share: float = LOWEST_QUARTER,
    hurdle: float | None = None,
    failing: Failing = "last",
    cost_error: ArrayLike | None = None,
    level: float = 0.95,
) -> Hurdle:
    """Return cost performance of providers whose quality reaches a hurdle; the others fail.

    Args:
        quality: a score for each provider; higher is better.
        cost: spending or cost performance, one for each provider.
        cost_is: ``spending`` (lower is better) or ``performance`` (higher is better).
        hurdle_share: the share of providers below the hurdle; the paper has the 25th percentile.
        hurdle: the hurdle in units of quality, in place of the share.
        failing: ``last`` (below everybody who passes, all alike: one standard deviation below the lowest) or
            ``zero-as-printed`` (0 on the z scale, so who fails outranks whoever passes below the average).
        cost_error: standard errors of cost, in its units as given; the intervals need them.
        level: level of the intervals.

    Raises:
        ArgumentError: an option that is none.
        DataError: missing values, text, a constant, spending not above 0, fewer than 3 providers.

    Source: seed 003, sections 2 and 3, Exhibit 3. When not to use it: above the hurdle better quality earns
    nothing, so it is about cost (r = .78 with 30 % quality in Exhibit 7); at the hurdle a single patient decides.
    With ``last``, how far below the others who fails stands is a convention: only the order means anything.

    >>> quality_hurdle([1, 2, 3, 4], [4, 3, 2, 1], cost_is="performance").passed.tolist()
    [False, True, True, True]
    """
    both = standardize_both(quality, cost, cost_is=cost_is, cost_error=cost_error)
    (q,) = read_columns(Column("quality", quality))
    limit = _limit(q, hurdle_share, hurdle)
    passed = q + _guard(q) >= limit
    return _hurdle(both.quality, both.cost, passed, both.cost, both.cost_error, limit, failing, level)


def cost_hurdle(
    quality: ArrayLike,
    cost: ArrayLike,
    *,
    cost_is: CostIs,
    hurdle_share: float = LOWEST_QUARTER,
    hurdle: float | None = None,
    failing: Failing = "last",
    quality_error: ArrayLike | None = None,
    level: float = 0.95,
) -> Hurdle:
    """Return quality of providers whose cost performance reaches a hurdle; the others fail.

    Arguments and errors as `quality_hurdle`, its mirror: the share counts from the costliest; ``hurdle`` is in
    units of cost as it was given, so with spending it is the highest spending that passes.

    Source: seed 003, sections 2 and 3, Exhibit 3. When not to use it: below the hurdle further savings earn
    nothing (r = .81 with 70 % quality in Exhibit 7). Programs often set it on the growth of costs: give that.

    >>> cost_hurdle([1, 2, 3, 4], [4, 3, 2, 1], cost_is="spending", hurdle=3).passed.tolist()
    [False, True, True, True]
    """
    check_cost_is(cost_is)
    both = standardize_both(quality, cost, cost_is=cost_is, quality_error=quality_error)
    (c,) = read_columns(Column("cost", cost))
    performance = cost_performance(c, cost_is=cost_is)
    if hurdle is None:
        limit = _limit(performance, hurdle_share, None)
        passed = performance + _guard(performance) >= limit
        # Back to the units it was given in.
        limit = float(c.mean()) / limit if cost_is == "spending" else limit
    else:
        limit = _limit(c, hurdle_share, hurdle)
        passed = c - _guard(c) <= limit if cost_is == "spending" else c + _guard(c) >= limit
    return _hurdle(both.quality, both.cost, passed, both.quality, both.quality_error, limit, failing, level)


def _limit(values: Array, share: float, hurdle: float | None) -> float:
    if hurdle is None:
        return float(cut_offs(values, (share,))[0])
    if not np.isfinite(hurdle):
        raise ArgumentError(f"hurdle == {hurdle!r}, must be a number")
    return float(hurdle)


def _guard(values: Array) -> float:
    return CUT_GUARD * float(np.ptp(values))


def _hurdle(
    quality: Array,
    cost: Array,
    passed: NDArray[np.bool_],
    other: Array,
    error: Array,
    limit: float,
    failing: Failing,
    level: float,
) -> Hurdle:
    check_choice("failing", failing, FAILING)
    lowest = 0.0
    if failing == "last" and passed.any():
        lowest = float(other[passed].min()) - 1
    efficiency = np.where(passed, other, lowest)
    interval = normal_interval(efficiency, np.where(passed, error, np.nan), level)
    return Hurdle(quality, cost, passed, efficiency, rank(efficiency), limit, interval)
