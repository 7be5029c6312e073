"""What counts come to in a replication: scores, bands and bonuses of all lists at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.conditions import condition_met
from xl_qbs.scoring.coverage import adjusted_coverage
from xl_qbs.scoring.credit import proportional_credit, threshold_credit
from xl_qbs.scoring.improvement import (
    ScoreName,
    patients_to_threshold,
    points_per_patient,
    points_per_patient_proportional,
)
from xl_qbs.scoring.ranks import SCORE_DECIMALS
from xl_qbs.scoring.score import Result, score
from xl_qbs.scoring.table import Array, Table
from xl_qbs.simulation.bonus import BonusRules, bonuses


class Outcome(NamedTuple):
    """Scores, bands and bonuses of R replications, each array of shape (S, R, N)."""

    score: Array
    band: NDArray[np.intp]
    bonus: Array


class Scorer:
    """Scores counts of many replications by the prior and weights of one scoring run.

    Attributes:
        result: the scoring run.
        schemes: the scores, length S.
        rules: the rules of the bonus.
        most: the maximum of each score, shape (S,).
        present: the outcome of the counts as they are, R = 1.

    Raises:
        ArgumentError: the rules name a condition that the scheme has not, or amounts that do not fit.
    """

    def __init__(
        self,
        result: Result,
        schemes: Sequence[ScoreName],
        rules: BonusRules,
        *,
        amounts: ArrayLike | None = None,
        reestimate: bool = False,
    ) -> None:
        known = {one.name: one for one in result.scheme.conditions}
        unknown = [name for name in rules.conditions if name not in known]
        if unknown:
            raise ArgumentError(f"conditions: {', '.join(unknown)} not in the scheme, which has: {', '.join(known)}")
        self.result, self.schemes, self.rules = result, tuple(schemes), rules
        self._conditions = [known[name] for name in rules.conditions]
        self._amounts, self._reestimate = amounts, reestimate
        points = np.array(result.scheme.points, dtype=float)
        self._weights = {"current": points, "proportional": points, "need-adjusted": result.weights}
        self.most = np.array([self._weights[name].sum() for name in self.schemes])
        target, required = result.table.target, result.scheme.required_coverage
        # With prior and weights held, a score is a sum of steps or a straight line in the counts.
        self._needed = np.where(target > 0, patients_to_threshold(0, target, required), np.inf)
        self._per_patient = {
            "proportional": points_per_patient_proportional(0, target, points),
            # A rate where there is nobody to serve is nobody's, and infinite with a strength next to nothing.
            "need-adjusted": np.where(
                target > 0, points_per_patient(target, result.weights, result.prior.strength), 0.0
            ),
        }
        self._from_nothing = self._points("need-adjusted", np.zeros((1, *target.shape))).sum(axis=2)
        self._stacked: tuple[str, ...] = ()
        self.present = self.outcome(result.table.counted[None])

    def outcome(self, done: Array) -> Outcome:
        """Return what counts come to; work done up to the target, shape (R, N, k)."""
        found = [self._outcome(name, done) for name in self.schemes]
        return Outcome(*(np.stack(parts) for parts in zip(*found, strict=True)))

    def _outcome(self, name: ScoreName, done: Array) -> Outcome:
        weights = self._weights[name]
        points = None
        if self._reestimate and name == "need-adjusted":
            points, weights = self._anew(done)
            total = points.sum(axis=2)
        else:
            total = self._total(name, done)
        if name == "current" and self.result.table.coefficient is not None:
            total = total * self.result.table.coefficient
        total = np.round(total, SCORE_DECIMALS)
        met: NDArray[np.bool_] | bool = True
        if self._conditions:
            met = self._met(done, self._points(name, done) if points is None else points, weights)
        paid = bonuses(total / weights.sum(axis=-1, keepdims=True), 1.0, self.rules, met=met, amounts=self._amounts)
        return Outcome(total, paid.band, paid.bonus)

    def _total(self, name: ScoreName, done: Array) -> Array:
        """Return the sums of `_points` before any coefficient, shape (R, N); much faster than by points."""
        total: Array
        if name == "current":
            total = (done >= self._needed) @ self._weights[name]
        elif name == "proportional" and self._credit_by_line:
            total = np.einsum("rnk,nk->rn", done, self._per_patient[name])
        elif name == "proportional":
            total = self._points(name, done).sum(axis=2)
        else:
            total = self._from_nothing + np.einsum("rnk,nk->rn", done, self._per_patient[name])
        return total

    @property
    def _credit_by_line(self) -> bool:
        """Whether proportional credit has no limits other than nobody and everybody."""
        method = self.result.method
        return method.lower_limit == 0 and method.upper_limit == 1

    def _points(self, name: ScoreName, done: Array) -> Array:
        """Return points earned, shape (R, N, k), as `xl_qbs.scoring.score.three_scores` does for one table."""
        result, target, weights = self.result, self.result.table.target, self._weights[name]
        if name == "current":
            return weights * threshold_credit(done, target, result.scheme.required_coverage)
        if name == "proportional":
            return weights * proportional_credit(done, target, result.method.lower_limit, result.method.upper_limit)
        return weights * adjusted_coverage(done, target, result.prior.mean, result.prior.strength)

    def _anew(self, done: Array) -> tuple[Array, Array]:
        """Return need-adjusted points, and weights of shape (R, k), with prior and weights of each replication."""
        result = self.result
        runs = [score(replace(result.table, done=one), result.scheme, result.method) for one in done]
        return np.stack([run.need_adjusted.points for run in runs]), np.stack([run.weights for run in runs])

    def _met(self, done: Array, points: Array, weights: Array) -> NDArray[np.bool_]:
        """Return which lists meet all the conditions, shape (R, N)."""
        if weights.ndim == 2:
            rows = [slice(row, row + 1) for row in range(len(done))]
            return np.concatenate([self._met(done[row], points[row], weights[row][0]) for row in rows])
        # All replications as the rows of one table, since conditions are asked of a table.
        lists, size = done.shape[0] * done.shape[1], done.shape[2]
        if len(self._stacked) != lists:
            self._stacked = tuple(str(number) for number in range(lists))
        target = np.broadcast_to(self.result.table.target, done.shape).reshape(lists, size)
        table = Table(self._stacked, self.result.scheme.codes, target, done.reshape(lists, size))
        earned = points.reshape(lists, size)
        held = [condition_met(one, self.result.scheme, table, earned, weights) for one in self._conditions]
        met: NDArray[np.bool_] = np.all(held, axis=0).reshape(done.shape[:2])
        return met
