"""How scores lie: the missing middle, cliffs, the histogram, the lowest lists, and moves between two years."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.coverage import adjusted_coverage
from xl_qbs.scoring.credit import proportional_credit, threshold_credit
from xl_qbs.scoring.improvement import SCORE_NAMES, ScoreName
from xl_qbs.scoring.score import Result, SchemeScore
from xl_qbs.scoring.table import Array


class MissingMiddle(NamedTuple):
    """Two clusters of scores and what lies between them; shares are of lists, from 0 to 1.

    Three windows of the same width, half the way from one centre to the other: around the lower centre, in the
    middle, and around the upper centre.

    Attributes:
        low_centre: mean score of the lower cluster.
        high_centre: mean score of the upper cluster.
        near_low: share in the window around the lower centre; NaN, as the other two, where all scores are the same.
        middle: share in the window between.
        near_high: share in the window around the upper centre.
        low_share: share in the lower cluster.
    """

    low_centre: float
    high_centre: float
    near_low: float
    middle: float
    near_high: float
    low_share: float

    @property
    def missing(self) -> bool:
        """Whether the middle is emptier than both sides; a long tail alone leaves the lower side emptier still."""
        return self.middle < min(self.near_low, self.near_high)


# The middle of scores that are spread evenly, and of scores on a normal curve.
EVEN_MIDDLE = 0.25
NORMAL_MIDDLE = 0.3101


def missing_middle(scores: ArrayLike) -> MissingMiddle:
    """Return the share of lists between the two clusters of a distribution of scores.

    The scores are split into two clusters where their squares within the clusters are smallest.

    Args:
        scores: shape (N,), any scale.

    Raises:
        ArgumentError: no scores, or missing ones.

    Source: seed 002, Part A section 1 ("almost no provider who receives a middling score"); METHODS section 4. The
    documents give no limits for the middle, so these follow the clusters, and scores of different scales
    compare. Two clusters are found in any scores: look at ``missing`` before speaking of them.

    >>> found = missing_middle([0, 0, 10, 240, 470, 480, 480])
    >>> round(found.middle, 3), found.missing
    (0.143, True)
    """
    ordered = np.sort(_scores(scores))
    count = len(ordered)
    if ordered[0] == ordered[-1]:
        centre = float(ordered[0])
        return MissingMiddle(centre, centre, np.nan, np.nan, np.nan, 1.0)
    sizes = np.arange(1, count)
    # Centred, so that large equal scores do not lose their differences in the squares.
    sums = np.cumsum(ordered - ordered.mean())[:-1]
    between = np.where(ordered[1:] > ordered[:-1], sums**2 / sizes + sums**2 / (count - sizes), -1.0)
    split = int(np.argmax(between)) + 1
    low, high = float(ordered[:split].mean()), float(ordered[split:].mean())
    quarter = (high - low) / 4
    # An end belongs to the window around a centre.
    places = np.searchsorted(ordered, [low - quarter, high - quarter], side="left")
    ends = np.searchsorted(ordered, [low + quarter, high + quarter], side="right")
    near_low, near_high = ((ends - places) / count).tolist()
    return MissingMiddle(low, high, near_low, float(places[1] - ends[0]) / count, near_high, split / count)


class Cliffs(NamedTuple):
    """Points that hang on one patient, under one score.

    Attributes:
        loss: points lost if the list had served one patient fewer, by indicator, shape (N, k); 0 where it served none.
        largest: the largest of them for each list, shape (N,).
    """

    loss: Array
    largest: Array

    def share_of_lists(self, at_least: float) -> float:
        """Return the share of lists that would lose so many points or more by one patient fewer."""
        return float((self.largest >= at_least).mean())


def cliffs(result: Result, scheme: ScoreName = "current") -> Cliffs:
    """Return the points that each list would lose with one patient fewer, indicator by indicator.

    Args:
        result: a scoring run.
        scheme: which score: ``need-adjusted``, ``proportional`` or ``current`` (with the list's coefficient).

    Raises:
        ArgumentError: a score that is none of the three.

    Source: METHODS section 4. Prior and weights are held. Work above the target is not counted, so one fewer is
    one less than the target there.

    >>> from xl_qbs.scoring.score import score
    >>> from xl_qbs.scoring.table import Table
    >>> from xl_qbs.scheme import Indicator, Scheme
    >>> one = Scheme("one", (Indicator("diab", "II", "Diabetes", 65, 0.76, weight=68),))
    >>> table = Table(("A", "B"), ("diab",), np.array([[122.0], [122.0]]), np.array([[93.0], [120.0]]))
    >>> cliffs(score(table, one, weights="own")).largest.tolist()
    [65.0, 0.0]
    """
    if scheme not in SCORE_NAMES:
        raise ArgumentError(f"scheme == {scheme!r}, must be one of {', '.join(SCORE_NAMES)}")
    done = result.table.counted
    fewer = np.maximum(done - 1, 0.0)
    loss = _points(result, scheme, done) - _points(result, scheme, fewer)
    if scheme == "current" and result.table.coefficient is not None:
        loss = loss * result.table.coefficient[:, None]
    return Cliffs(loss, loss.max(axis=1))


def _points(result: Result, scheme: ScoreName, done: Array) -> Array:
    target, points, method = result.table.target, np.array(result.scheme.points), result.method
    if scheme == "current":
        return points * threshold_credit(done, target, result.scheme.required_coverage)
    if scheme == "proportional":
        return points * proportional_credit(done, target, method.lower_limit, method.upper_limit)
    return result.weights * adjusted_coverage(done, target, result.prior.mean, result.prior.strength)


class Histogram(NamedTuple):
    """How many lists score how much.

    Attributes:
        edges: where the bins begin and the last one ends, shape (B + 1,).
        lists: lists in each bin, shape (B,); a score at an edge is in the bin that begins there.
    """

    edges: Array
    lists: NDArray[np.intp]


def histogram(scores: ArrayLike, most: float, bins: int = 24) -> Histogram:
    """Return the histogram of scores in equal bins from 0 to the maximum.

    Args:
        scores: shape (N,), from 0; bins of the same width are added where a coefficient lifts scores above the maximum.
        most: the maximum that the scheme gives.
        bins: how many bins there are up to it; the maximum itself is in the last one.

    Raises:
        ArgumentError: no scores, negative ones, a maximum that is not positive, or no bins.

    Source: seed 002, Figures 2 and 6.

    >>> histogram([0, 119, 120, 480, 500], 480, bins=4).lists.tolist()
    [2, 1, 0, 1, 1]
    """
    values = _scores(scores)
    if not 0 < most < np.inf or bins < 1:
        raise ArgumentError(f"most == {most}, bins == {bins}: both must be positive")
    if values.min() < 0:
        raise ArgumentError("scores: must be numbers from 0")
    width = most / bins
    # The guard of scores, which are kept to 9 decimals: one at an edge is at it whatever the last bits.
    places = np.floor(values / width + 1e-9).astype(np.intp)
    places = np.where((values <= most) & (places == bins), bins - 1, places)
    lists = np.bincount(places, minlength=bins).astype(np.intp)
    edges: Array = width * np.arange(len(lists) + 1, dtype=np.float64)
    return Histogram(edges, lists)


class Lowest(NamedTuple):
    """The lists with the lowest scores under the scheme in force, lowest first and then in the table's order.

    Attributes:
        rows: their rows in the table, length L.
        providers: their ids.
        eligible: eligible patients over all indicators, shape (L,).
        coverage: mean coverage over the indicators in which the list has patients, shape (L,); NaN where in none.
        current: the score in force, shape (L,).
        need_adjusted: the need-adjusted score, shape (L,).
    """

    rows: NDArray[np.intp]
    providers: tuple[str, ...]
    eligible: Array
    coverage: Array
    current: Array
    need_adjusted: Array


def lowest(result: Result, under: float = 10.0) -> Lowest:
    """Return the lists that score under so many points in force, with their need-adjusted scores.

    Source: seed 002, Part B section 3 and Figure 7: of 2018, providers under 10 points have about 3,600 eligible
    patients and a coverage of 40 % on average, and need-adjusted scores from 160 to 360. Eligible counts
    prescriptions too where an indicator counts these.
    """
    rows = np.flatnonzero(result.current.total < under)
    rows = rows[np.argsort(result.current.total[rows], kind="stable")]
    eligible = result.table.eligible[rows]
    raw = result.coverage[rows]
    with np.errstate(invalid="ignore", divide="ignore"):
        coverage = np.nansum(raw, axis=1) / (~np.isnan(raw)).sum(axis=1)
    providers = tuple(result.table.providers[row] for row in rows)
    current, adjusted = result.current.total[rows], result.need_adjusted.total[rows]
    return Lowest(rows, providers, eligible, coverage, current, adjusted)


class Moves(NamedTuple):
    """One score in two years, for the P lists in both, in the later year's order.

    Attributes:
        providers: their ids.
        first: score in the first year, shape (P,).
        second: score in the second, shape (P,).
        direction: 1 above the 45-degree line (improved), -1 below (declined), 0 on it, shape (P,).
    """

    providers: tuple[str, ...]
    first: Array
    second: Array
    direction: NDArray[np.intp]

    def share_moving(self, at_least: float) -> float:
        """Return the share of lists whose score moved by so many points or more, up or down."""
        return float((np.abs(self.second - self.first) >= at_least).mean())


def moves(before: Result, after: Result, scheme: ScoreName = "current") -> Moves:
    """Return one score of the same lists in two years.

    Raises:
        ArgumentError: no list is in both years, or a score that is none of the three.

    Source: seed 002, Figure 2. Only the scheme in force and proportional credit have the same scale in both years;
    compare need-adjusted scores by relative rank (`xl_qbs.scoring.improvement.year_change`).
    """
    old, new = _score_of(before, scheme), _score_of(after, scheme)
    earlier = {provider: row for row, provider in enumerate(before.table.providers)}
    second = [row for row, provider in enumerate(after.table.providers) if provider in earlier]
    if not second:
        raise ArgumentError("no list is in both years")
    providers = tuple(after.table.providers[row] for row in second)
    first = [earlier[provider] for provider in providers]
    change = new.total[second] - old.total[first]
    return Moves(providers, old.total[first], new.total[second], np.sign(change).astype(np.intp))


def _score_of(result: Result, scheme: ScoreName) -> SchemeScore:
    if scheme not in SCORE_NAMES:
        raise ArgumentError(f"scheme == {scheme!r}, must be one of {', '.join(SCORE_NAMES)}")
    scores = {"current": result.current, "proportional": result.proportional, "need-adjusted": result.need_adjusted}
    return scores[scheme]


def _scores(scores: ArrayLike) -> Array:
    values = np.asarray(scores, dtype=float)
    if values.ndim != 1 or len(values) == 0 or not np.isfinite(values).all():
        raise ArgumentError("scores: must be one number a list, none missing")
    return values
