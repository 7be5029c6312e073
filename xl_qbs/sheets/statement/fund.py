"""What a statement takes from the whole run: places, quartiles, next steps; each worked out once for all lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xl_qbs.scoring.improvement import (
    coverage_places,
    patients_to_threshold,
    points_per_patient,
    points_per_patient_current,
    potential_points,
    potential_points_proportional,
)
from xl_qbs.scoring.ranks import SCORE_DECIMALS
from xl_qbs.scoring.score import Result
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.model import Label

# Quartiles of fewer lists than this would say too much of single ones.
FEWEST_LISTS = 10
# Quartiles are rounded, so that none is recognised as the exact number of another list: shares of coverage to
# whole percents, scores to whole points.
COVERAGE_DECIMALS, QUARTILE_DECIMALS = 2, 0


@dataclass(frozen=True)
class Facts:
    """Where the counts of a run come from.

    Attributes:
        file: name of the file that was read, without its folder.
        sha256: SHA-256 of that file, in hexadecimal.
        sheet: its sheet.
        rows: the first sheet row of each list, shape (N,).
        time: when the run was made, ISO 8601.
        method: the options of the run in words.
        version: the program and its version.
    """

    file: str
    sha256: str
    sheet: str
    rows: tuple[int, ...]
    time: str
    method: Label
    version: str


class Next(NamedTuple):
    """Where the next patient counts, for all lists; each of shape (N, k), NaN where nobody is left to serve.

    Attributes:
        needed: the fewest patients that reach the required coverage; NaN where nobody is in the target group.
        missing: so many of them are still missing.
        current: points of the score in force for one more patient.
        proportional: points of the proportional score for one more patient.
        need: need-adjusted points for one more patient.
        potential: need-adjusted points if all were served.
        order: from 1, by need-adjusted points for one more patient.
    """

    needed: Array
    missing: Array
    current: Array
    proportional: Array
    need: Array
    potential: Array
    order: Array


@dataclass(frozen=True)
class Fund:
    """A scoring run as statements need it.

    Attributes:
        result: the run.
        facts: where its counts come from.
        places: each list's place by adjusted coverage, shape (N, k).
        next: where the next patient counts.
        score_quartiles: lower quartile, median and upper quartile of the three scores, shape (3, 3); NaN
            where there are fewer than `FEWEST_LISTS` lists.
        coverage_quartiles: the same of adjusted coverage by indicator, over lists with patients, shape (k, 3).
    """

    result: Result
    facts: Facts
    places: Array
    next: Next
    score_quartiles: Array
    coverage_quartiles: Array


def fund_of(result: Result, facts: Facts) -> Fund:
    """Return what statements need of a run."""
    has_patients = result.table.target > 0
    coverages = [column[some] for column, some in zip(result.adjusted.T, has_patients.T, strict=True)]
    scores = (result.current, result.proportional, result.need_adjusted)
    return Fund(
        result=result,
        facts=facts,
        places=coverage_places(result),
        next=next_patients(result),
        score_quartiles=np.array([quartiles(one.total, QUARTILE_DECIMALS) for one in scores]),
        coverage_quartiles=np.array([quartiles(one, COVERAGE_DECIMALS) for one in coverages]),
    )


def quartiles(values: ArrayLike, decimals: int) -> Array:
    """Return lower quartile, median and upper quartile, rounded; NaN for fewer than `FEWEST_LISTS` values.

    >>> quartiles(range(1, 13), 0).tolist(), quartiles(range(9), 0).tolist()
    ([4.0, 6.0, 9.0], [nan, nan, nan])
    """
    given = np.asarray(values, dtype=float)
    if len(given) < FEWEST_LISTS:
        return np.full(3, np.nan)
    return np.asarray(np.round(np.percentile(given, [25, 50, 75]), decimals))


def next_patients(result: Result) -> Next:
    """Return where the next patient counts, as `next_steps` has it, for all lists at once."""
    table, scheme, method = result.table, result.scheme, result.method
    done, target = table.counted, table.target
    points, required = np.array(scheme.points), np.array(scheme.required_coverage)
    limits = method.lower_limit, method.upper_limit
    left = target > done
    missing = patients_to_threshold(done, target, required)
    reach = potential_points_proportional(done, target, points, *limits)
    after = potential_points_proportional(np.minimum(done + 1, target), target, points, *limits)
    gain = points_per_patient(target, result.weights, result.prior.strength)
    potential = potential_points(done, target, result.weights, result.prior.strength)

    def where_left(values: Array) -> Array:
        return np.where(left, values, np.nan)

    return Next(
        # Of nobody served, so many are missing to the required coverage.
        needed=np.where(target > 0, patients_to_threshold(np.zeros_like(done), target, required), np.nan),
        missing=np.where(target > 0, missing, np.nan),
        current=where_left(points_per_patient_current(done, target, points, required)),
        proportional=where_left(reach - after),
        need=where_left(gain),
        potential=where_left(potential),
        order=_order(np.where(left, gain, -1.0), np.where(left, potential, -1.0), left),
    )


def _order(gain: Array, potential: Array, left: NDArray[np.bool_]) -> Array:
    """Return the place of each indicator among a list's, row by row; equal points go by potential, then in order."""
    keys = -np.round(potential, SCORE_DECIMALS), -np.round(gain, SCORE_DECIMALS)
    ordered = np.lexsort(keys, axis=1)
    places = np.empty(gain.shape)
    np.put_along_axis(places, ordered, np.broadcast_to(np.arange(1.0, gain.shape[1] + 1), gain.shape), axis=1)
    return np.where(left, places, np.nan)
