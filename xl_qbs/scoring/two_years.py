"""Two years together: attainment and improvement with the better counting, and a floor that holds harmless."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.coverage import adjusted_coverage, reliability
from xl_qbs.scoring.improvement import YearChange, year_change
from xl_qbs.scoring.priors import Prior
from xl_qbs.scoring.ranks import BAND_GUARD, SCORE_DECIMALS
from xl_qbs.scoring.score import Result
from xl_qbs.scoring.table import Array, Table


class Standards(NamedTuple):
    """Where credit begins and where it is full, for k indicators.

    Attributes:
        threshold: adjusted coverage from which attainment earns credit, shares, shape (k,).
        benchmark: adjusted coverage at which credit is full, from the threshold to 1, shape (k,).
    """

    threshold: Array
    benchmark: Array


@dataclass(frozen=True)
class TwoYears:
    """What two years together came to, for the N lists of the second year and k indicators.

    Attributes:
        providers: the lists' ids, in the second year's order.
        in_both: which of them were there in the first year, shape (N,).
        standards: threshold and benchmark used.
        before: adjusted coverage of the first year, shape (N, k); NaN for lists that were not there.
        after: adjusted coverage of the second year, shape (N, k).
        attainment: credit for where the list stands, 0 to 1, shape (N, k).
        improvement: credit for the way it came, 0 to 1, shape (N, k); 0 where either year has no patients.
        credit: the better of the two, shape (N, k).
        points: weight times credit, shape (N, k).
        total: the sum of the points, shape (N,).
        earlier: points for attainment in the first year, by the same standards and weights, shape (N,); NaN
            for lists that were not there.
        floor: what the list is held at, shape (N,); 0 for lists that were not there.
        final: the larger of total and floor, shape (N,).
        reliability: the smaller of the two years' n / (n + M), shape (N, k); NaN for lists that were not there.
        change_error: standard deviation of the change in adjusted coverage by chance, shape (N, k); NaN as above.
        change: change in adjusted coverage, relative rank and score, as each year's own scoring has them.
    """

    providers: tuple[str, ...]
    in_both: NDArray[np.bool_]
    standards: Standards
    before: Array
    after: Array
    attainment: Array
    improvement: Array
    credit: Array
    points: Array
    total: Array
    earlier: Array
    floor: Array
    final: Array
    reliability: Array
    change_error: Array
    change: YearChange

    @property
    def by_improvement(self) -> NDArray[np.bool_]:
        """Where improvement earned more than attainment, shape (N, k)."""
        return self.improvement > self.attainment

    @property
    def held_harmless(self) -> NDArray[np.bool_]:
        """Which lists the floor lifts, shape (N,)."""
        return self.final > self.total


def standards(result: Result, best: float = 0.1) -> Standards:
    """Return threshold and benchmark from a year's lists: the median, and the mean of the best tenth.

    Args:
        result: the year, usually the first, so that the standards are known before the work is done.
        best: the share of lists that the benchmark is the mean of, above 0 and up to 1; rounded up to a list.

    Returns:
        Shares of adjusted coverage, over the lists that have patients in the indicator.

    Raises:
        ArgumentError: a share that is none.

    Source: the rule of Hospital Value-Based Purchasing (METHODS section 5), which no document sets for QBS:
    a fund that has standards of its own gives those.
    """
    if not 0 < best <= 1:
        raise ArgumentError(f"best == {best}, must be above 0 and up to 1")
    threshold, benchmark = [], []
    for column, target in enumerate(result.table.target.T):
        values = np.sort(result.adjusted[target > 0, column])
        threshold.append(np.median(values))
        # The guard: 0.1 of 30 lists are 3, whatever the last bits of the product.
        benchmark.append(values[-int(np.ceil(best * len(values) - BAND_GUARD)) :].mean())
    # With lists all alike, a mean of equal numbers may fall short of them in its last bit.
    return Standards(np.array(threshold), np.maximum(benchmark, threshold))


def attainment_credit(adjusted: Array, standard: Standards) -> Array:
    """Return credit for where a list stands: (a - threshold) / (benchmark - threshold), within 0 to 1.

    Where threshold and benchmark are the same, credit is 1 from there on and 0 below. NaN stays NaN.

    >>> attainment_credit(np.array([0.5, 0.7, 0.95]), Standards(np.array(0.6), np.array(0.9))).round(3).tolist()
    [0.0, 0.333, 1.0]
    """
    room = standard.benchmark - standard.threshold
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.clip((adjusted - standard.threshold) / room, 0.0, 1.0)
    reached = np.where(np.isnan(adjusted), np.nan, adjusted + BAND_GUARD >= standard.benchmark)
    return np.where(room > BAND_GUARD, share, reached)


def improvement_credit(before: Array, after: Array, benchmark: Array) -> Array:
    """Return credit for the way from the first year towards the benchmark, within 0 to 1.

    (after - before) / (benchmark - before); 0 where the first year was at the benchmark or is not known.

    >>> improvement_credit(np.array([0.5, 0.5, 0.9]), np.array([0.7, 0.4, 1.0]), np.array(0.9)).round(3).tolist()
    [0.5, 0.0, 0.0]
    """
    room = benchmark - before
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.clip((after - before) / room, 0.0, 1.0)
    return np.where(room > BAND_GUARD, share, 0.0)


def two_years(
    before: Result, after: Result, *, standard: Standards | None = None, floor: float = 1.0, held: bool = True
) -> TwoYears:
    """Return the second year's points with attainment or improvement counting, whichever is better.

    Args:
        before: the first year, scored.
        after: the second year, scored under the same indicators.
        standard: threshold and benchmark; if None, `standards` of the first year.
        floor: the share of the first year's points that a list cannot fall below; 1 keeps all of them, 0 none.
        held: whether both years are adjusted with the first year's prior and weighed with its weights, so that
            nothing but the list's own counts moves its points; if False, the second year has its own.

    Raises:
        ArgumentError: the years differ in their indicators or share no list; standards that are not
            0 <= threshold <= benchmark <= 1; a floor outside 0 to 1.

    Source: METHODS sections 5 (the better counts) and 6 (hold-harmless floor; relative improvement counts);
    seed 000, theme 4. A list new in the second year has attainment only and no floor.

    What to know: within an indicator improvement is the better one exactly where the first year was below
    the threshold, so with a threshold of 0 it never is. Adjusting shrinks the chance that improvement would
    otherwise reward, but does not remove it: show ``reliability`` and ``change_error`` beside the points. A floor
    costs the fund what it adds, and who falls year after year is held at the year before only.
    """
    if not 0 <= floor <= 1:
        raise ArgumentError(f"floor == {floor}, must be from 0 to 1")
    change = year_change(before, after)
    standard = _checked(standard, len(before.scheme.codes)) if standard is not None else standards(before)
    prior, weights = (before.prior, before.weights) if held else (after.prior, after.weights)
    table, rows = after.table, _rows_of(before.table, after.table.providers)
    in_both = rows >= 0
    second = adjusted_coverage(table.done, table.target, prior.mean, prior.strength)
    first = np.where(in_both[:, None], before.adjusted[rows], np.nan)
    earlier_target = np.where(in_both[:, None], before.table.target[rows], 0.0)
    attainment = attainment_credit(second, standard)
    improvement = improvement_credit(first, second, standard.benchmark)
    improvement = np.where((earlier_target > 0) & (table.target > 0), improvement, 0.0)
    credit = np.maximum(attainment, improvement)
    total = np.round((weights * credit).sum(axis=1), SCORE_DECIMALS)
    earlier = np.round((weights * attainment_credit(first, standard)).sum(axis=1), SCORE_DECIMALS)
    held_at = np.where(in_both, floor * earlier, 0.0)
    trust = np.minimum(reliability(earlier_target, before.prior.strength), reliability(table.target, prior.strength))
    variance = _variance(first, earlier_target, before.prior) + _variance(second, table.target, prior)
    return TwoYears(
        providers=table.providers,
        in_both=in_both,
        standards=standard,
        before=first,
        after=second,
        attainment=attainment,
        improvement=improvement,
        credit=credit,
        points=weights * credit,
        total=total,
        earlier=earlier,
        floor=held_at,
        final=np.maximum(total, held_at),
        reliability=np.where(in_both[:, None], trust, np.nan),
        change_error=np.sqrt(variance),
        change=change,
    )


def _rows_of(table: Table, providers: tuple[str, ...]) -> NDArray[np.intp]:
    """Return the rows of these lists in a table; -1 for who is not there."""
    rows = {provider: row for row, provider in enumerate(table.providers)}
    return np.array([rows.get(provider, -1) for provider in providers], dtype=np.intp)


def _variance(adjusted: Array, target: Array, prior: Prior) -> Array:
    """Return the posterior variance of coverage, a (1 - a) / (n + M + 1); 0 where M is infinite."""
    variance: Array = adjusted * (1 - adjusted) / (target + prior.strength + 1)
    return variance


def _checked(standard: Standards, size: int) -> Standards:
    try:
        threshold, benchmark = (np.broadcast_to(np.asarray(one, dtype=float), (size,)) for one in standard)
    except (TypeError, ValueError):
        raise ArgumentError(f"standard: must be a threshold and a benchmark for each of {size} indicators") from None
    if not ((threshold >= 0) & (threshold <= benchmark) & (benchmark <= 1)).all():
        raise ArgumentError("standard: must be 0 <= threshold <= benchmark <= 1 for every indicator")
    return Standards(threshold, benchmark)
