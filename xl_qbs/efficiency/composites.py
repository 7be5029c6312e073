"""Composite measures of quality: all-or-none, opportunity, weighted, and five gates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from xl_qbs.efficiency.inputs import check_labels
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.coverage import Interval, coverage, wilson_interval
from xl_qbs.scoring.table import Array

# Seed 003, Exhibit 1: the Alternative Quality Contract.
OUTCOME_WEIGHT = 3.0
GATES = 5


class Composite(NamedTuple):
    """A composite share of each provider.

    Attributes:
        providers: ids, length N; row numbers from 1 where none were given.
        score: 0 to 1, shape (N,); NaN where nothing was to be done.
        done: what was achieved: patients with everything done, or opportunities taken.
        eligible: patients or opportunities.
        interval: Wilson's; NaN where it is undefined.
    """

    providers: tuple[object, ...]
    score: Array
    done: Array
    eligible: Array
    interval: Interval


def all_or_none(
    provider: ArrayLike, done: ArrayLike, eligible: ArrayLike | None = None, *, level: float = 0.95
) -> Composite:
    """Return the share of patients who received all the care that was due to them.

    Args:
        provider: the provider of each patient.
        done: 1 where the patient received the care, 0 where not, shape (patients, measures).
        eligible: 1 where the care was due, same shape; everywhere if None. Where it was not, ``done`` is not read.
        level: level of the intervals.

    Raises:
        ArgumentError: shapes that do not fit, or values that are neither 0 nor 1.
        DataError: a missing provider.

    Source: seed 003, section 6 (3). Patients with nothing due do not count. When not to use it: it falls with every
    measure that is added, and one missing step weighs as much as all.

    >>> all_or_none(["A", "A", "B"], [[1, 1], [1, 0], [1, 1]]).score.tolist()
    [0.5, 1.0]
    """
    given = _zero_or_one("done", done)
    due = np.ones(given.shape) if eligible is None else _zero_or_one("eligible", eligible)
    if given.ndim != 2 or due.shape != given.shape:
        raise ArgumentError(f"done has the shape {given.shape} and eligible {due.shape}: must be patients by measures")
    labels = check_labels("provider", provider, len(given))
    if np.isnan(given[due == 1]).any() or np.isnan(due).any():
        raise ArgumentError("done: must be 0 or 1 wherever the care was due, none missing")
    numbers: dict[object, int] = {}
    index = np.array([numbers.setdefault(label, len(numbers)) for label in labels], dtype=np.intp)
    counts = due.sum(axis=1) > 0
    complete = counts & ((given == 1) | (due == 0)).all(axis=1)
    patients = np.bincount(index, counts, minlength=len(numbers)).astype(np.float64)
    served = np.bincount(index, complete, minlength=len(numbers)).astype(np.float64)
    return Composite(
        tuple(numbers), coverage(served, patients), served, patients, wilson_interval(served, patients, level)
    )


def opportunity(done: ArrayLike, eligible: ArrayLike, *, level: float = 0.95) -> Composite:
    """Return the sum of care given over the sum of care due.

    Args:
        done: care given, counts, shape (N, measures).
        eligible: care due, counts, same shape.
        level: level of the intervals, which take opportunities for independent; those of one patient are not, so
            they are too short where patients have many.

    Raises:
        ArgumentError: negative or missing counts, or shapes that do not fit.

    Source: seed 003, sections 4 and 6. The commonest measure decides it, whether or not it matters most.

    >>> opportunity([[1, 8]], [[10, 10]]).score.tolist()
    [0.45]
    """
    given, due = np.asarray(done, dtype=float), np.asarray(eligible, dtype=float)
    if given.ndim != 2 or given.shape != due.shape:
        raise ArgumentError(f"done has the shape {given.shape} and eligible {due.shape}: must be providers by measures")
    # Each count up to its own target, before they are added.
    coverage(given, due)
    taken, chances = np.minimum(given, due).sum(axis=1), due.sum(axis=1)
    providers = tuple(range(1, len(given) + 1))
    return Composite(providers, coverage(taken, chances), taken, chances, wilson_interval(taken, chances, level))


def weighted(rates: ArrayLike, outcome: Sequence[bool], *, outcome_weight: float = OUTCOME_WEIGHT) -> Array:
    """Return the weighted mean of measures, outcomes counted three times.

    Args:
        rates: scores on one scale, higher is better, shape (N, measures); NaN for a measure without patients, whose
            weight the others share.
        outcome: for each measure, whether it is one of outcome.
        outcome_weight: of an outcome, against 1 for a process.

    Returns:
        Shape (N,); NaN where no measure counts.

    Raises:
        ArgumentError: shapes that do not fit, or a weight that is not positive.

    Source: seed 003, Exhibit 1 (Alternative Quality Contract) and section 4, which calls such weights largely
    arbitrary: weigh by effect on health where that is known.

    >>> weighted([[1.0, 0.0]], [True, False]).tolist()
    [0.75]
    """
    table = np.asarray(rates, dtype=float)
    if table.ndim != 2 or table.shape[1] != len(outcome):
        raise ArgumentError(f"rates has the shape {table.shape}: must be providers by {len(outcome)} measures")
    if not 0 < outcome_weight < float("inf"):
        raise ArgumentError(f"outcome_weight == {outcome_weight!r}, must be above 0")
    weights = np.where(np.asarray(outcome, dtype=bool), outcome_weight, 1.0)
    known = ~np.isnan(table)
    counted = known @ weights
    with np.errstate(invalid="ignore", divide="ignore"):
        score: Array = np.where(counted > 0, np.where(known, table, 0.0) @ weights / counted, np.nan)
    return score


def gate(rates: ArrayLike, gates: ArrayLike) -> Array:
    """Return how many gates each rate has passed, 0 to 5.

    Args:
        rates: shape (N, measures), higher is better; NaN stays NaN.
        gates: the five limits of each measure, rising, shape (measures, 5). The exhibit does not print them, so they
            have no default.

    Raises:
        ArgumentError: not five rising limits for each measure.

    Source: seed 003, Exhibit 1 (Alternative Quality Contract). A rate at a gate has passed it.
    """
    table, limits = np.asarray(rates, dtype=float), np.asarray(gates, dtype=float)
    if table.ndim != 2 or limits.shape != (table.shape[1], GATES):
        raise ArgumentError(f"gates has the shape {limits.shape}: must be measures by {GATES}")
    if not (np.diff(limits, axis=1) > 0).all():
        raise ArgumentError("gates: must rise for each measure, none missing")
    passed = (table[:, :, None] + 1e-9 >= limits[None]).sum(axis=2).astype(np.float64)
    return np.where(np.isnan(table), np.nan, passed)


def five_gate(
    rates: ArrayLike, gates: ArrayLike, outcome: Sequence[bool], *, outcome_weight: float = OUTCOME_WEIGHT
) -> Array:
    """Return the weighted mean number of gates passed, 0 to 5; outcomes counted three times.

    Arguments and errors as `gate` and `weighted`.

    Source: seed 003, Exhibit 1. The payout for a score is not linear and not printed: it is not guessed here. Between
    two gates more care earns nothing, as under any threshold.

    >>> five_gate([[0.8]], [[0.5, 0.6, 0.7, 0.8, 0.9]], [False]).tolist()
    [4.0]
    """
    return weighted(gate(rates, gates), outcome, outcome_weight=outcome_weight)


def _zero_or_one(name: str, values: ArrayLike) -> Array:
    array = np.asarray(values, dtype=float)
    if not np.isin(array[~np.isnan(array)], (0.0, 1.0)).all():
        raise ArgumentError(f"{name}: must be 0 or 1")
    return array
