"""What chance adds to a replication: the counts that a list begins with, and patients who come unsteered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from xl_qbs.scoring.priors import moments_prior
from xl_qbs.scoring.table import Array, Table
from xl_qbs.simulation.budget import Counts


class Streams(NamedTuple):
    """A stream of random numbers for each replication, apart for starting counts and for effort.

    A replication's numbers do not depend on how many replications there are, nor on which are worked out together.
    """

    start: list[np.random.SeedSequence]
    effort: list[np.random.SeedSequence]


def streams(seed: int, replications: int) -> Streams:
    """Return the streams of a seed."""
    start, effort = np.random.SeedSequence(seed).spawn(2)
    return Streams(start.spawn(replications), effort.spawn(replications))


class StartingCounts:
    """Draws of the work done in a year like this one, list by list.

    A list's coverage is drawn from its posterior Beta(x + M m, n - x + M (1 - m)), and its work from the binomial
    distribution with that coverage. The prior is by moments whatever the score uses: the report's is no estimate, so
    that draws with it would move every list towards the mean.
    """

    def __init__(self, table: Table) -> None:
        done, target = table.counted, table.target
        prior = moments_prior(done, target)
        # With an infinite strength every list has the prior mean itself.
        finite = np.where(np.isinf(prior.strength), 0.0, prior.strength)
        self._served = np.where(np.isinf(prior.strength), 0.0, done + finite * prior.mean)
        self._missed = np.where(np.isinf(prior.strength), 0.0, target - done + finite * (1 - prior.mean))
        self._mean = np.broadcast_to(prior.mean, target.shape)
        self._target = target.astype(np.int64)

    def draw(self, stream: np.random.SeedSequence) -> Array:
        """Return one draw of the work done, shape (N, k)."""
        rng = np.random.default_rng(stream)
        inside = (self._served > 0) & (self._missed > 0)
        share = np.where(self._served > 0, 1.0, np.where(self._missed > 0, 0.0, self._mean))
        share[inside] = rng.beta(self._served[inside], self._missed[inside])
        return rng.binomial(self._target, share).astype(np.float64)


def whoever_comes(unmet: Counts, patients: Counts, efforts: Sequence[np.random.SeedSequence]) -> Counts:
    """Return extra patients who come as they come: each patient left to serve is as likely as any other.

    Args:
        unmet: patients left to serve, shape (R, N, k).
        patients: how many come, no more than are left, shape (R, N).
        efforts: one stream for each replication, length R.
    """
    extra = np.zeros_like(unmet)
    if not patients.any():
        return extra
    for row, stream in enumerate(efforts):
        rng = np.random.default_rng(stream)
        left, rest = patients[row].copy(), unmet[row].sum(axis=1)
        # The multivariate hypergeometric distribution, one indicator after the other.
        for column in range(unmet.shape[2]):
            rest = rest - unmet[row, :, column]
            extra[row, :, column] = rng.hypergeometric(unmet[row, :, column], rest, left)
            left = left - extra[row, :, column]
    return extra
