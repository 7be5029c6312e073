"""The equity incentive: points for what the disadvantaged groups get, and for its improvement, and for nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xl_qbs.efficiency.inputs import check_choice
from xl_qbs.efficiency.vbp import VbpPoints, vbp_points
from xl_qbs.equity.adjusted import GroupPrior, adjusted_values, group_prior
from xl_qbs.equity.estimates import difference, estimates
from xl_qbs.equity.gates import Gates, both
from xl_qbs.equity.group_table import Groups
from xl_qbs.equity.trend import gap_trend
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.coverage import reliability
from xl_qbs.scoring.table import Array

Steps = Literal["whole", "smooth"]
STEPS: tuple[Steps, ...] = get_args(Steps)
Forfeit = Literal["never", "beyond chance", "always"]
FORFEITS: tuple[Forfeit, ...] = get_args(Forfeit)
MOST_POINTS = 10.0
# The benchmark is the mean of so large a share of providers, the best ones, as in Hospital VBP.
_BEST_SHARE = 0.1
# A change smaller than this is none.
_GUARD = 1e-9


@dataclass(frozen=True, kw_only=True)
class IncentiveRules:
    """What is paid for.

    Attributes:
        disadvantaged: the groups whose care earns points; no default, since this is for the fund to decide and to say.
        steps: ``whole`` points by Hospital VBP's formulas, or ``smooth`` ones, without steps.
        weights: of each indicator, from 0; equal if empty.
        forfeit: whether a disadvantaged group that did not gain earns nothing at all, not even for achievement, where
            another group of the provider fell: ``never``, if it fell ``beyond chance``, or ``always``. Lowering
            another group never earns anything; with this it costs too. ``always`` punishes chance.

    Raises:
        ArgumentError: no group, a group twice, an option that is none, or weights that are negative or all 0.
    """

    disadvantaged: tuple[str, ...]
    steps: Steps = "whole"
    weights: tuple[float, ...] = ()
    forfeit: Forfeit = "never"

    def __post_init__(self) -> None:
        check_choice("steps", self.steps, STEPS)
        check_choice("forfeit", self.forfeit, FORFEITS)
        if not self.disadvantaged or type(self.disadvantaged) is not tuple:
            raise ArgumentError("disadvantaged: must be one group or more, as a tuple of names")
        if len(set(self.disadvantaged)) < len(self.disadvantaged):
            raise ArgumentError("disadvantaged: each group once")
        if self.weights and not (min(self.weights) >= 0 and 0 < sum(self.weights) < float("inf")):
            raise ArgumentError("weights: must be numbers from 0, and not all 0")


class Targets(NamedTuple):
    """What is asked of each indicator, frozen from the baseline; each of shape (I,).

    Attributes:
        threshold: coverage or mean below which (above which, where lower is better) achievement earns nothing.
        benchmark: at which it earns everything.
    """

    threshold: Array
    benchmark: Array


class EquityPoints(NamedTuple):
    """Points of each provider; NaN is no score, and `refusals` says why.

    Attributes:
        achievement: 0 to 10, shape (P, I, G); NaN of groups that are not disadvantaged or do not pass the gates.
        improvement: over the baseline, 0 to 9 in whole points, 0 to 10 in smooth ones; 0 without a baseline, and where
            the value did not rise before it is adjusted (more patients alone can move an adjusted one).
        points: the better of the two.
        reliability: n / (n + M) of the group's value, 0 to 1: to be shown beside its points.
        forfeited: where points are 0 because another group was lowered; only with the rule.
        levelled_down: where the gap to the provider's best group of the baseline narrowed although the group did not
            gain: improvement is 0 there.
        indicator: mean of the groups' points, weighted by patients in the baseline, shape (P, I).
        total: weighted mean of the indicators, 0 to 10, shape (P,); an indicator without score leaves its weight to
            the others.
    """

    achievement: Array
    improvement: Array
    points: Array
    reliability: Array
    forfeited: NDArray[np.bool_]
    levelled_down: NDArray[np.bool_]
    indicator: Array
    total: Array


def frozen_prior(before: Groups) -> GroupPrior:
    """Return the baseline's prior by moments, with a finite strength everywhere, so that work can move every score.

    Where providers differ no more than chance explains, strength is infinite and no work would move an adjusted value;
    there it is taken to be the mean number of patients (the report's rule with fraction 1).
    """
    prior = group_prior(before, rule="moments")
    there = before.patients > 0
    fallback = before.patients.sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    return prior._replace(strength=np.where(np.isinf(prior.strength), fallback, prior.strength))


def frozen_targets(before: Groups, disadvantaged: Sequence[str], passed: Gates) -> Targets:
    """Return threshold and benchmark from the baseline.

    Threshold: the median of the disadvantaged groups' values over providers. Benchmark: the mean of the best tenth of
    the providers' values for all patients of known group: no less is asked for the disadvantaged than for all.

    Args:
        before: the baseline.
        disadvantaged: the groups whose care will earn points.
        passed: gates of the baseline.

    Raises:
        ArgumentError: no such group; or an indicator where nothing passes the gates, or whose benchmark is not better
            than the threshold: then state targets yourself.

    Source: Hospital VBP (76 FR 26490), whose threshold is the median of all hospitals and whose benchmark is the
    mean of the best tenth.
    """
    places = [before.group(name) for name in disadvantaged]
    sign = before.sign
    values = np.where(passed.group_ok, sign[:, None] * before.value, np.nan)[:, :, places]
    everybody = np.where(passed.ok, sign * before.pooled(2), np.nan)
    threshold, benchmark = np.full((2, len(before.indicators)), np.nan)
    for i, name in enumerate(before.indicators):
        groups, providers = (part[~np.isnan(part)] for part in (values[:, i], everybody[:, i]))
        if len(groups) == 0:
            raise ArgumentError(f"{name}: no disadvantaged group of the baseline passes the gates, so state targets")
        best = int(np.ceil(_BEST_SHARE * len(providers)))
        threshold[i], benchmark[i] = np.median(groups), np.sort(providers)[-best:].mean()
        if not benchmark[i] > threshold[i]:
            text = f"the best tenth of providers ({sign[i] * benchmark[i]:.4g}) is not better than the median of the"
            raise ArgumentError(f"{name}: {text} disadvantaged groups ({sign[i] * threshold[i]:.4g}), so state targets")
    return Targets(sign * threshold, sign * benchmark)


def equity_points(
    before: Groups,
    now: Groups,
    rules: IncentiveRules,
    *,
    targets: Targets,
    passed_before: Gates,
    passed_now: Gates,
    prior: GroupPrior | None,
    level: float = 0.95,
) -> EquityPoints:
    """Return the points that each provider earns by its disadvantaged groups.

    For each disadvantaged group, with y its value now, y0 its value in the baseline, T threshold and B benchmark,
    points are the better of achievement and improvement: in whole points as `vbp_points`; in smooth ones
    10 (y - T) / (B - T) and 10 (y - y0) / (B - y0), each within 0 and 10. The values of all other groups are in none
    of these formulas, and everything that could carry them there (targets, prior, weights) is frozen from the
    baseline: lowering another group earns nothing, and raising it costs nothing.

    Args:
        before: the baseline.
        now: the period that is paid for, `aligned` with the baseline.
        rules: what is paid for.
        targets: from `frozen_targets`, or your own.
        passed_before: gates of the baseline; without it there is achievement and no improvement.
        passed_now: gates of this period; without it there is no score.
        prior: from `frozen_prior`, or another that is frozen, to use adjusted values in both periods; None for
            values as they are.
        level: level at which a fall is beyond chance, with that ``forfeit``.

    Raises:
        ArgumentError: periods that are not aligned, no such group, targets for other indicators or in the wrong order,
            or a prior of infinite strength, under which no work would earn anything.

    Source: METHODS section 6; seed 000 (relative improvement, not punitive) and 001 (improvement is what is paid).
    Chance moves small groups, and since falls cost nothing it earns points on average: look at reliability, and
    prefer adjusted values.
    """
    if (before.providers, before.indicators, before.groups) != (now.providers, now.indicators, now.groups):
        raise ArgumentError("the periods differ in providers, indicators or groups: use aligned()")
    places = [now.group(name) for name in rules.disadvantaged]
    signed = _check_targets(targets, now)
    if rules.weights and len(rules.weights) != len(now.indicators):
        raise ArgumentError(f"weights: {len(rules.weights)}, must be {len(now.indicators)}, one for each indicator")
    start, end = (_values(table, prior, places) for table in (before, now))
    start = np.where(passed_before.group_ok, start, np.nan)
    scored = np.zeros(now.shape, dtype=bool)
    scored[:, :, places] = passed_now.group_ok[:, :, places]
    achievement, improvement = np.full((2, *now.shape), np.nan)
    for i in range(now.shape[1]):
        for g in places:
            rows = scored[:, i, g]
            if not rows.any():
                continue
            values = now.sign[i] * end[rows, i, g], now.sign[i] * start[rows, i, g]
            found = _points(*values, float(signed.threshold[i]), float(signed.benchmark[i]), rules.steps)
            achievement[rows, i, g], improvement[rows, i, g] = found.achievement, found.improvement
    in_both = both(passed_before, passed_now)
    gained = in_both & (now.sign[:, None] * (now.value - before.value) > _GUARD)
    improvement = np.where(scored & ~gained, 0.0, improvement)
    forfeited = np.zeros_like(scored)
    if rules.forfeit != "never":
        level_of_fall = level if rules.forfeit == "beyond chance" else None
        forfeited = scored & in_both & ~gained & _others_fell(before, now, in_both, places, level_of_fall)
    points = np.where(forfeited, 0.0, np.fmax(achievement, improvement))
    weight = np.where(passed_before.group_ok, before.patients, now.patients)
    indicator = _mean(points, weight, scored)
    shares = np.ones(now.shape[1]) if not rules.weights else np.array(rules.weights, dtype=float)
    total = _mean(indicator, np.broadcast_to(shares, indicator.shape), ~np.isnan(indicator))
    strength = group_prior(before).strength if prior is None else prior.strength
    trust = np.where(scored, reliability(now.patients, strength), np.nan)
    trend = gap_trend([before, now], to="best", passed=[passed_before, passed_now])
    return EquityPoints(
        achievement, improvement, points, trust, forfeited, trend.levelled_down & scored, indicator, total
    )


def hold_harmless(points: ArrayLike, earlier: ArrayLike, *, floor: float = 1.0) -> Array:
    """Return points or payments, but never less than a share of the earlier ones: max(points, floor * earlier).

    Args:
        points: under the incentive, any shape; NaN where there is no score.
        earlier: what there was before, or would be without it, from 0; of a shape that fits.
        floor: share of the earlier ones that is kept in any case, 0 to 1.

    Returns:
        The larger; where there is no score, the floor.

    Raises:
        ArgumentError: a floor outside 0 to 1, or earlier points that are negative or missing.

    Source: METHODS section 6 (not punitive); seed 000: the neediest clinics must not be left with the least money. A
    floor of 1 can only add: who pays for it must be said.

    >>> hold_harmless([8, 2, float("nan")], [5, 5, 5], floor=0.8).tolist()
    [8.0, 4.0, 4.0]
    """
    if not 0 <= floor <= 1:
        raise ArgumentError(f"floor == {floor!r}, must be from 0 to 1")
    kept = np.asarray(earlier, dtype=float)
    if not (kept >= 0).all():
        raise ArgumentError("earlier: must be numbers from 0, none missing")
    larger: Array = np.fmax(np.asarray(points, dtype=float), floor * kept)
    return larger


def smooth_points(value: Array, *, threshold: float, benchmark: float, baseline: Array) -> VbpPoints:
    """Return achievement 10 (y - T) / (B - T) and improvement 10 (y - y0) / (B - y0), each within 0 and 10.

    Arguments as `vbp_points`; higher is better. Improvement is 0 without a baseline, or where that is at the benchmark.

    Source: the straight lines that the formulas of Hospital VBP round to whole points; without steps one patient more
    always earns a little, and one fewer never costs a whole point.

    >>> found = smooth_points(np.array([0.7]), threshold=0.5, benchmark=0.9, baseline=np.array([0.4]))
    >>> [float(part[0].round(6)) for part in found]
    [5.0, 6.0, 6.0]
    """
    achievement = MOST_POINTS * np.clip((value - threshold) / (benchmark - threshold), 0.0, 1.0)
    room = benchmark - baseline
    some = np.isfinite(room) & (room > _GUARD)
    gained = np.where(some, value - baseline, 0.0) / np.where(some, room, 1.0)
    improvement = MOST_POINTS * np.clip(gained, 0.0, 1.0)
    return VbpPoints(achievement, improvement, np.maximum(achievement, improvement))


def _points(value: Array, baseline: Array, threshold: float, benchmark: float, steps: Steps) -> VbpPoints:
    formula = vbp_points if steps == "whole" else smooth_points
    return formula(value, threshold=threshold, benchmark=benchmark, baseline=baseline)


def _check_targets(targets: Targets, table: Groups) -> Targets:
    """Return the targets signed so that higher is better."""
    signed = []
    for name, values in zip(targets._fields, targets, strict=True):
        array = np.asarray(values, dtype=float)
        if array.shape != (len(table.indicators),) or not np.isfinite(array).all():
            raise ArgumentError(f"{name}: must be {len(table.indicators)} numbers, one for each indicator")
        signed.append(table.sign * array)
    threshold, benchmark = signed
    for i in np.flatnonzero(~(benchmark > threshold)):
        raise ArgumentError(f"{table.indicators[i]}: the benchmark must be better than the threshold")
    return Targets(threshold, benchmark)


def _values(table: Groups, prior: GroupPrior | None, places: Sequence[int]) -> Array:
    if prior is None:
        return table.value
    if np.isinf(prior.strength[:, places]).any():
        raise ArgumentError("prior: of infinite strength no work would earn anything: use frozen_prior(), or None")
    return adjusted_values(table, prior)


def _others_fell(
    before: Groups, now: Groups, in_both: NDArray[np.bool_], places: Sequence[int], level: float | None
) -> NDArray[np.bool_]:
    """Return whether a group that is not disadvantaged fell, beyond chance at a level or at all, shape (P, I, 1)."""
    sign = now.sign[:, None]
    fell = np.asarray(sign * (now.value - before.value) < -_GUARD, dtype=np.bool_)
    if level is not None:
        change = difference(estimates(now, level), estimates(before, level))
        fell = np.where(sign > 0, change.high < 0, change.low > 0)
    others = np.ones(now.shape[2], dtype=bool)
    others[list(places)] = False
    return np.asarray((fell & in_both & others).any(axis=2, keepdims=True), dtype=np.bool_)


def _mean(values: Array, weights: Array, there: NDArray[np.bool_]) -> Array:
    """Return the weighted mean along the last axis of what is there; NaN where nothing with weight is."""
    own = np.where(there, weights, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: Array = (np.where(there, values, 0.0) * own).sum(axis=-1) / own.sum(axis=-1)
    return mean
