"""Sums over replications, so that memory does not grow with them."""

from __future__ import annotations

from typing import Any

import numpy as np

from xl_qbs.diagnosis.distribution import histogram
from xl_qbs.scoring.table import Array
from xl_qbs.simulation.budget import Counts
from xl_qbs.simulation.outcome import Outcome, Scorer

# Bins of scores up to the maximum; one more is for scores above it.
BINS = 24
# Bonuses that differ by less are the same.
_SAME = 1e-9


class Sums:
    """What has been seen so far, for A behaviours; results are means over R replications.

    Scores and bonuses are summed as differences from the present ones: their squares then keep their digits, and
    what never changes has a standard deviation of exactly 0.
    """

    def __init__(self, behaviours: int, scorer: Scorer, replications: int) -> None:
        schemes, _, lists = scorer.present.score.shape
        size, bands = len(scorer.result.scheme.codes), len(scorer.rules.lowers)
        self._scorer, self._runs = scorer, replications
        shape = (behaviours, schemes, lists)
        self._sum = {name: np.zeros((2, *shape)) for name in ("score", "gain", "bonus")}
        self._up, self._down = np.zeros(shape), np.zeros(shape)
        self._band = np.zeros((*shape, bands))
        self._bins = np.zeros((behaviours, schemes, BINS + 1))
        self._served = np.zeros((behaviours, lists, size))
        self._patients = np.zeros((behaviours, replications), dtype=np.int64)
        self._paid = np.zeros((behaviours, schemes, replications))
        self._in_band = np.zeros((behaviours, schemes, replications, bands), dtype=np.int64)

    def add(self, behaviour: int, part: slice, outcome: Outcome, nobody: Outcome, extra: Counts) -> None:
        """Add replications of one behaviour; ``nobody`` is their outcome without anybody extra."""
        present = self._scorer.present
        for name, change in (
            ("score", outcome.score - present.score),
            ("gain", outcome.score - nobody.score),
            ("bonus", outcome.bonus - present.bonus),
        ):
            self._sum[name][0, behaviour] += change.sum(axis=1)
            self._sum[name][1, behaviour] += (change**2).sum(axis=1)
        more = outcome.bonus - nobody.bonus
        self._up[behaviour] += (more > _SAME).sum(axis=1)
        self._down[behaviour] += (more < -_SAME).sum(axis=1)
        for band in range(self._band.shape[-1]):
            inside = outcome.band == band
            self._band[behaviour, ..., band] += inside.sum(axis=1)
            self._in_band[behaviour, :, part, band] = inside.sum(axis=2)
        for scheme, most in enumerate(self._scorer.most):
            lists = histogram(outcome.score[scheme].ravel(), most, BINS).lists
            self._bins[behaviour, scheme, :BINS] += lists[:BINS]
            self._bins[behaviour, scheme, BINS] += lists[BINS:].sum()
        self._served[behaviour] += extra.sum(axis=0)
        self._patients[behaviour, part] = extra.sum(axis=(1, 2))
        self._paid[behaviour, :, part] = outcome.bonus.sum(axis=2)

    def results(self) -> dict[str, Any]:
        """Return the means and the rest, by the names that a simulation has for them."""
        runs, present = self._runs, self._scorer.present
        return {
            "score": present.score[:, 0] + self._sum["score"][0] / runs,
            "score_sd": self._deviation("score"),
            "gain_sd": self._deviation("gain"),
            "band_share": self._band / runs,
            "bonus": present.bonus[:, 0] + self._sum["bonus"][0] / runs,
            "bonus_sd": self._deviation("bonus"),
            "bonus_up": self._up / runs,
            "bonus_down": self._down / runs,
            "served": self._served / runs,
            "scores_in_bin": self._bins / runs,
            "patients": self._patients,
            "paid": self._paid,
            "in_band": self._in_band,
        }

    def _deviation(self, name: str) -> Array:
        total, squares = self._sum[name]
        variance = (squares - total**2 / self._runs) / max(self._runs - 1, 1)
        deviation: Array = np.sqrt(np.maximum(variance, 0.0))
        return deviation
