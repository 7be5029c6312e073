"""Where the next patient counts: points for one more, points still in reach, and planned work."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike

from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.coverage import adjusted_coverage, counts, coverage
from xl_qbs.scoring.credit import proportional_credit, threshold_credit
from xl_qbs.scoring.ranks import BAND_GUARD, SCORE_DECIMALS
from xl_qbs.scoring.score import Result, ThreeScores, three_scores
from xl_qbs.scoring.table import Array, Table

ScoreName = Literal["need-adjusted", "proportional", "current"]
SCORE_NAMES: tuple[ScoreName, ...] = get_args(ScoreName)
# As the guard of bands, so that a spreadsheet finds the same ties.
_TIED = BAND_GUARD


def points_per_patient(target: ArrayLike, weight: ArrayLike, strength: ArrayLike) -> Array:
    """Return the need-adjusted points for one more patient served, w / (n + M).

    Args:
        target: target population n, any shape.
        weight: points of the indicator w, from 0, of a shape that broadcasts with ``target``.
        strength: prior strength M in patients, from 0; infinite where everybody gets the prior mean.

    Returns:
        Points a patient; 0 where M is infinite (no work moves the score) or n + M is 0. It is a rate:
        where nobody is left to serve it still says what a patient is worth, not that there is one.

    Raises:
        ArgumentError: a negative or missing target, weight or strength, or an infinite target or weight.

    Source: METHODS section 4; prior and weights are held. Not a measure of need: within an indicator it
    depends on n alone and is largest where n + M is small. `potential_points` shows where the need is.

    >>> points_per_patient([2, 98, 153, 122], 68, 46.875).round(3).tolist()
    [1.391, 0.469, 0.34, 0.403]
    """
    _, target = counts(0.0, target)
    weight = _amounts("weight", weight)
    patients = target + _amounts("strength", strength, infinite=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(patients > 0, weight / patients, 0.0)


def points_per_patient_proportional(
    done: ArrayLike, target: ArrayLike, points: ArrayLike, lower: ArrayLike = 0.0, upper: ArrayLike = 1.0
) -> Array:
    """Return the points for one more patient under proportional credit, points / (n (upper - lower)).

    Arguments and errors as `proportional_credit`, and the indicator's points, from 0. Points a patient where
    lower <= coverage < upper, else 0; 0 where n is 0. With limits it is a rate: who passes the upper limit
    earns only the rest, who comes to pass the lower limit earns something. `next_steps` has the exact points.

    Source: METHODS section 4. Seed 002, Part B: at equal points, one of 80 patients with diabetes is
    worth an eighth of one of 10 after a heart attack, so it favours rare conditions.

    >>> points_per_patient_proportional([0, 0], [80, 10], 40).tolist()
    [0.5, 4.0]
    """
    points = _amounts("points", points)
    lower, upper = np.asarray(lower, dtype=float), np.asarray(upper, dtype=float)
    earning = (coverage(done, target) >= lower) & (proportional_credit(done, target, lower, upper) < 1)
    _, target = counts(done, target)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(earning, points / (target * (upper - lower)), 0.0)


def points_per_patient_current(
    done: ArrayLike, target: ArrayLike, points: ArrayLike, required_coverage: ArrayLike
) -> Array:
    """Return the points for one more patient under the scheme in force: all of them, or none.

    Arguments and errors as `threshold_credit`, and the indicator's points, from 0. All of these where
    exactly one patient is missing, else 0; before any coefficient of the list.

    Source: METHODS section 4. Do not show it without `patients_to_threshold`: its 0 may mean that two
    patients are missing, or that the threshold is passed.

    >>> points_per_patient_current([92, 91, 93], 122, 65, 0.76).tolist()
    [65.0, 0.0, 0.0]
    """
    return np.where(patients_to_threshold(done, target, required_coverage) == 1, _amounts("points", points), 0.0)


def patients_to_threshold(done: ArrayLike, target: ArrayLike, required_coverage: ArrayLike) -> Array:
    """Return how many patients are still missing to the required coverage.

    Arguments and errors as `threshold_credit`.

    Returns:
        Whole numbers from 0. Where n > 0, so many patients more earn `threshold_credit` 1, and one
        fewer (if any) earns 0. Where n is 0 it is 0 although the credit is 0 too: no work earns it.

    Source: METHODS section 4; seed 002, Part B (70 of 100 and 7 of 10 at a threshold of 70 %).

    >>> patients_to_threshold([0, 0, 90, 100], [100, 10, 122, 122], [0.7, 0.7, 0.76, 0.76]).tolist()
    [70.0, 7.0, 3.0, 0.0]
    """
    required = np.asarray(required_coverage, dtype=float)
    reached = threshold_credit(done, target, required) == 1
    done, target = counts(done, target)
    # Either the answer or one fewer, whatever the last bits of the product: the credit itself decides.
    fewest = np.maximum(np.ceil(required * target - done) - 1, 0.0)
    return np.where((target > 0) & ~reached, fewest + 1 - threshold_credit(done + fewest, target, required), 0.0)


def potential_points(done: ArrayLike, target: ArrayLike, weight: ArrayLike, strength: ArrayLike) -> Array:
    """Return the need-adjusted points in reach if everyone were served, w (n - x) / (n + M).

    Arguments and errors as `points_per_patient`, with the work done x counted up to the target. Points
    are from 0 to w; 0 where nobody is left to serve, M is infinite or n + M is 0.

    Source: METHODS section 4; seed 002, Part B section 3 ("most patients and the least coverage"). In
    2019 it follows n - x within each indicator (rank correlation .90 to .99), but among one list's
    indicators it does not follow n (.02 on average). Not what is quickly earned: it takes n - x patients.

    >>> potential_points([2, 30, 100, 90], [2, 98, 153, 122], 68, 46.875).round(1).tolist()
    [0.0, 31.9, 18.0, 12.9]
    """
    done, target = counts(done, target)
    return points_per_patient(target, weight, strength) * (target - done)


def potential_points_proportional(
    done: ArrayLike, target: ArrayLike, points: ArrayLike, lower: ArrayLike = 0.0, upper: ArrayLike = 1.0
) -> Array:
    """Return the points in reach under proportional credit if everyone were served; 0 where n is 0.

    Arguments and errors as `points_per_patient_proportional`. Below the lower limit all the points
    are in reach, although the first patients earn none.

    >>> potential_points_proportional([30, 60, 95], 100, 40, lower=0.4, upper=0.9).round(6).tolist()
    [40.0, 24.0, 0.0]
    """
    missing = 1 - proportional_credit(done, target, lower, upper)
    return np.where(counts(done, target)[1] > 0, _amounts("points", points) * missing, 0.0)


def potential_points_current(
    done: ArrayLike, target: ArrayLike, points: ArrayLike, required_coverage: ArrayLike
) -> Array:
    """Return the points in reach under the scheme in force if everyone were served: all, or none.

    Arguments and errors as `points_per_patient_current`; none where n is 0 or the threshold is reached.

    >>> potential_points_current([90, 100, 0], [122, 122, 0], 65, 0.76).tolist()
    [65.0, 0.0, 0.0]
    """
    return np.where(patients_to_threshold(done, target, required_coverage) > 0, _amounts("points", points), 0.0)


class NextStep(NamedTuple):
    """One indicator of a list in which patients are left to serve.

    Attributes:
        indicator: the indicator's code.
        patients: patients left to serve, n - x, from 1 (or what else the indicator counts: its ``unit``).
        points: points for one more patient.
        potential: points if all of them were served.
        missing: patients missing to the required coverage in force, whatever the score; 0 where reached.
    """

    indicator: str
    patients: int
    points: float
    potential: float
    missing: int


def next_steps(result: Result, provider: str, scheme: ScoreName = "need-adjusted") -> tuple[NextStep, ...]:
    """Return a list's indicators by what one more patient earns, most first.

    Args:
        result: a scoring run.
        provider: the list's id.
        scheme: which score the points are of: ``need-adjusted``, ``proportional`` or ``current``.

    Returns:
        The indicators in which patients are left to serve, those that earn nothing included. Equal
        points (to nine decimals) go by the larger potential, then by the scheme's order. Points are
        what `planned` gives for one more patient, before the list's coefficient.

    Raises:
        ArgumentError: the list is not in the result, or the score is none of the three.

    Source: METHODS section 4. Not advice whom to treat: it ranks by points, and in 2019 the first of
    the need-adjusted steps had the largest potential for 7 of 100 real lists only.
    """
    if scheme not in SCORE_NAMES:
        raise ArgumentError(f"scheme == {scheme!r}, must be one of {', '.join(SCORE_NAMES)}")
    if provider not in result.table.providers:
        raise ArgumentError(f"provider == {provider!r}, must be a list of the table")
    row = result.table.providers.index(provider)
    done, target = result.table.counted[row], result.table.target[row]
    points, required = result.scheme.points, result.scheme.required_coverage
    limits = result.method.lower_limit, result.method.upper_limit
    if scheme == "need-adjusted":
        gain = points_per_patient(target, result.weights, result.prior.strength)
        potential = potential_points(done, target, result.weights, result.prior.strength)
    elif scheme == "proportional":
        potential = potential_points_proportional(done, target, points, *limits)
        # Not the rate, which is wrong for the patient who passes a limit.
        gain = potential - potential_points_proportional(done + 1, target, points, *limits)
    else:
        gain = points_per_patient_current(done, target, points, required)
        potential = potential_points_current(done, target, points, required)
    missing = patients_to_threshold(done, target, required)
    left = target - done
    order = np.lexsort((-np.round(potential, SCORE_DECIMALS), -np.round(gain, SCORE_DECIMALS)))
    rows = [(result.scheme.codes[i], int(left[i]), float(gain[i]), float(potential[i]), int(missing[i])) for i in order]
    return tuple(NextStep(*row) for row in rows if row[1] > 0)


def planned(result: Result, done: ArrayLike) -> ThreeScores:
    """Return the three scores if the work done were this, with the prior and weights of the result.

    Planned work is in whole numbers, shape (N, k) in the order of ``result.table``, counted up to the target.

    Raises:
        ArgumentError: another shape, or a count that is negative, fractional or missing, with its place.

    Source: METHODS section 4. More work lowers no score here and moves no other list's. Not a forecast: next
    year's scores come from next year's own prior and weights, as the report's Table 4 does (`year_change`).
    """
    table, work = result.table, _numbers("done", done)
    return _held(result, Table(table.providers, table.indicators, table.target, work, coefficient=table.coefficient))


def coverage_places(result: Result) -> Array:
    """Return each list's place by adjusted coverage, indicator by indicator, shape (N, k).

    Places are from 1 for the highest; lists whose adjusted coverage differs by no more than 1e-9 share
    the better place, so that the last bits of a quotient decide nothing. A list with nobody to serve
    stands where the prior mean does.

    Source: METHODS section 3 (ties share the better rank). The place says nothing of chance: look at
    the interval and the reliability beside it.
    """
    places = np.empty(result.adjusted.shape)
    for column, values in enumerate(result.adjusted.T):
        within = np.searchsorted(np.sort(values), values + _TIED, side="right")
        places[:, column] = 1 + len(values) - within
    return places


class YearChange(NamedTuple):
    """What changed between two years for the P lists that are in both, in the later year's order.

    Attributes:
        providers: the lists' ids, length P.
        adjusted: change of adjusted coverage, shape (P, k).
        relative_rank: change of the need-adjusted score's relative rank among all lists of its year, shape (P,).
        score: change of the need-adjusted score, shape (P,).
        own: the part of it that is left with the prior and weights of the first year: that of the list's
            own counts. The rest (``score - own``) comes from the lists together. Shape (P,).
    """

    providers: tuple[str, ...]
    adjusted: Array
    relative_rank: Array
    score: Array
    own: Array


def year_change(before: Result, after: Result) -> YearChange:
    """Return what changed between two years, and how much of it is each list's own work.

    Raises:
        ArgumentError: the years differ in their indicators or the order of these, or share no list.

    Source: seed 002, Table 4. It comes out exactly when 2019 is scored with its own prior (32.125 added
    to the work done, scores 47, 34, 50, 53). With the prior of 2018 held (27.75, as in `planned`) they
    are 41, 32, 49, 51: provider A, who served 2 of 2 in both years, owes all 6 points gained to the
    others' work. So do not follow totals; adjusted coverage, too, moves with the prior.
    """
    if before.scheme.codes != after.scheme.codes:
        raise ArgumentError("the two years differ in their indicators: score both under one scheme")
    earlier = {provider: row for row, provider in enumerate(before.table.providers)}
    second = [row for row, provider in enumerate(after.table.providers) if provider in earlier]
    providers = tuple(after.table.providers[row] for row in second)
    if not providers:
        raise ArgumentError("no list is in both years")
    first = [earlier[provider] for provider in providers]
    old, new = before.need_adjusted, after.need_adjusted
    return YearChange(
        providers=providers,
        adjusted=after.adjusted[second] - before.adjusted[first],
        relative_rank=new.relative_rank[second] - old.relative_rank[first],
        score=new.total[second] - old.total[first],
        own=_held(before, after.table).need_adjusted.total[second] - old.total[first],
    )


def _held(result: Result, table: Table) -> ThreeScores:
    """Return the scores of other counts with the prior, weights and options of a result."""
    adjusted = adjusted_coverage(table.done, table.target, result.prior.mean, result.prior.strength)
    return three_scores(table, result.scheme, result.method, adjusted, result.weights)


def _amounts(what: str, values: ArrayLike, *, infinite: bool = False) -> Array:
    """Return numbers from 0 as an array; infinite ones only where they have a meaning."""
    numbers = _numbers(what, values)
    if not ((numbers >= 0) & (infinite | np.isfinite(numbers))).all():
        raise ArgumentError(f"{what}: must be numbers from 0, none missing")
    return numbers


def _numbers(what: str, values: ArrayLike) -> Array:
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ArgumentError(f"{what}: must be numbers") from None
