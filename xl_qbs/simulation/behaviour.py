"""Where a list serves its extra patients: four behaviours, each a rule that shares out a budget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xl_qbs.diagnosis.need import patient_indicators
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.improvement import patients_to_threshold, points_per_patient
from xl_qbs.scoring.score import Result
from xl_qbs.scoring.table import Array
from xl_qbs.simulation.budget import Counts, checked_budget, in_proportion
from xl_qbs.simulation.knapsack import best_thresholds

Behaviour = Literal["chase-current", "chase-adjusted", "proportional", "priority"]
BEHAVIOURS: tuple[Behaviour, ...] = get_args(Behaviour)


def extra_patients(
    result: Result,
    budget: ArrayLike,
    behaviour: Behaviour,
    *,
    order: Sequence[str] | None = None,
    indicators: Sequence[str] | None = None,
) -> Counts:
    """Return how many more patients each list serves in each indicator.

    Args:
        result: a scoring run: the counts to begin with, and the prior and weights that lists go by.
        budget: extra patients of each list, shape (N,), or one number for all.
        behaviour: ``chase-current`` passes the thresholds that give the most points in force; ``chase-adjusted``
            serves where a patient earns the most need-adjusted points; ``proportional`` spreads in proportion
            to unmet need; ``priority`` serves everybody in the first indicator, then in the next.
        order: with ``priority``, codes from the most important on; those left out come last, in the scheme's order. By
            the scheme's points if None.
        indicators: where extra patients may be served; if None, the indicators that count patients, since one
            prescription more is not one patient more.

    Returns:
        Whole numbers, shape (N, k): for each list, its budget or all that is left to serve if that is less.

    Raises:
        ArgumentError: an unknown behaviour or indicator, or a budget that is none.

    Source: METHODS section 4. Both chasing behaviours are optimal for their score with prior and weights held, so
    neither ends below ``proportional`` on it. No list works like that: they are limits of what a scheme rewards.
    A patient counts once in each indicator.
    """
    plan = Plan(result, (behaviour,), order=order, indicators=indicators)
    unmet = plan.unmet(result.table.counted[None])
    extra: Counts = plan.shared_out(behaviour, unmet, checked_budget(budget, len(result.table.providers)))[0]
    return extra


class Plan:
    """What lists go by when they plan, worked out once for many replications.

    Attributes:
        open: the indicators in which extra patients may be served, shape (k,).
        order: the places of the indicators by clinical priority, shape (k,).
    """

    def __init__(
        self,
        result: Result,
        behaviours: Sequence[Behaviour] = BEHAVIOURS,
        *,
        order: Sequence[str] | None = None,
        indicators: Sequence[str] | None = None,
    ) -> None:
        for behaviour in behaviours:
            if behaviour not in BEHAVIOURS:
                raise ArgumentError(f"behaviour == {behaviour!r}, must be one of {', '.join(BEHAVIOURS)}")
        codes = result.scheme.codes
        allowed = patient_indicators(result.scheme) if indicators is None else tuple(indicators)
        if not allowed:
            raise ArgumentError("indicators: none counts patients, so name those in which more can be served")
        for what, given in (("indicators", allowed), ("order", order or ())):
            unknown = [code for code in given if code not in codes]
            if unknown:
                raise ArgumentError(f"{what}: {', '.join(unknown)} not in the scheme")
        self.open: NDArray[np.bool_] = np.array([code in allowed for code in codes])
        self.order = _priority(result, order)
        self._points = np.array(result.scheme.points, dtype=float)
        target = result.table.target
        self._target = target.astype(np.int64)
        needed = patients_to_threshold(0, target, result.scheme.required_coverage)
        # How many may be left out and the threshold is still reached.
        self._spare = (target - needed).astype(np.int64)
        rate = points_per_patient(target, result.weights, result.prior.strength)
        # Where rates are equal, the scheme's order decides.
        self._by_rate: NDArray[np.intp] = np.argsort(-rate, axis=1, kind="stable")

    def unmet(self, done: Array) -> Counts:
        """Return the patients left to serve where more may be served; work done up to the target, any (..., N, k)."""
        left: Counts = (self._target - done.astype(np.int64)) * self.open
        return left

    def shared_out(self, behaviour: Behaviour, unmet: Counts, budget: Counts) -> Counts:
        """Return the extra patients of each replication, list and indicator.

        Args:
            behaviour: the behaviour.
            unmet: patients left to serve, shape (R, N, k).
            budget: of each list, shape (N,) or (R, N).
        """
        shape = unmet.shape
        flat = unmet.reshape(-1, shape[2])
        able = np.minimum(np.broadcast_to(budget, shape[:2]).reshape(-1), flat.sum(axis=1))
        if behaviour == "proportional":
            extra = in_proportion(flat, able)
        elif behaviour == "priority":
            extra = in_order(flat, able, np.broadcast_to(self.order, flat.shape))
        elif behaviour == "chase-adjusted":
            extra = in_order(flat, able, np.broadcast_to(self._by_rate, shape).reshape(flat.shape))
        else:
            # Nothing is missing where nobody is left or may be served: more can be spared than are left.
            missing = np.maximum(unmet - self._spare, 0).reshape(flat.shape)
            extra = past_thresholds(flat, missing, self._points, able)
        return extra.reshape(shape)


def in_order(unmet: Counts, budget: Counts, order: NDArray[np.intp]) -> Counts:
    """Return budgets used up indicator by indicator in the order of each row.

    Args:
        unmet: patients left to serve, shape (L, k).
        budget: shape (L,).
        order: places of the indicators, first to last, shape (L, k).

    >>> in_order(np.array([[10, 30, 60]]), np.array([45]), np.array([[1, 0, 2]])).tolist()
    [[10, 30, 5]]
    """
    ordered = np.take_along_axis(unmet, order, axis=1)
    before = np.cumsum(ordered, axis=1) - ordered
    extra = np.zeros_like(unmet)
    np.put_along_axis(extra, order, np.clip(budget[:, None] - before, 0, ordered), axis=1)
    return extra


def past_thresholds(unmet: Counts, missing: Counts, points: Array, budget: Counts) -> Counts:
    """Return budgets used for the thresholds that give the most points; what is left is spread in proportion.

    Args:
        unmet: patients left to serve, shape (L, k).
        missing: patients missing to each threshold, shape (L, k); 0 where it is passed or not to be had.
        points: of each threshold, shape (k,).
        budget: no more than the row's unmet need, shape (L,).

    >>> points = np.array([65.0, 10.0, 20.0])
    >>> past_thresholds(np.array([[40, 9, 9]]), np.array([[25, 4, 5]]), points, np.array([10])).tolist()
    [[1, 4, 5]]
    """
    extra = np.where(best_thresholds(missing, points, budget), missing, 0)
    return extra + in_proportion(unmet - extra, budget - extra.sum(axis=1))


def _priority(result: Result, order: Sequence[str] | None) -> NDArray[np.intp]:
    codes = result.scheme.codes
    if order is None:
        return np.argsort(-np.array(result.scheme.points), kind="stable")
    first = list(dict.fromkeys(order))
    return np.array([codes.index(code) for code in [*first, *(one for one in codes if one not in first)]])
