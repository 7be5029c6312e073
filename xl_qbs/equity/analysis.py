"""A whole analysis of equity: gates first, then every comparison, and the incentive where it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from xl_qbs.efficiency.inputs import check_choice, check_share
from xl_qbs.equity.adjusted import Adjusted, GroupPrior, adjust, group_prior
from xl_qbs.equity.between_groups import BetweenGroups, between_groups
from xl_qbs.equity.gaps import Gaps, gaps, reference_groups
from xl_qbs.equity.gates import GateRules, Gates, gates
from xl_qbs.equity.group_table import GroupMeans, Groups, GroupTable
from xl_qbs.equity.incentive import (
    EquityPoints,
    IncentiveRules,
    Targets,
    equity_points,
    frozen_prior,
    frozen_targets,
    hold_harmless,
)
from xl_qbs.equity.peer_groups import CENTRES, FEWEST_PEERS, Centre, PeerGroups, PeerScores, peer_scores
from xl_qbs.equity.standardized import Standardised, standardise
from xl_qbs.equity.trend import GapTrend, gap_trend
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.table import Array

BEST, POPULATION, BENCHMARK = "best", "population", "benchmark"
REFERENCES = (BEST, POPULATION, BENCHMARK)
PointsOn = Literal["adjusted", "unadjusted"]
POINTS_ON: tuple[PointsOn, ...] = get_args(PointsOn)
BookPrior = Literal["moments", "report"]
BOOK_PRIORS: tuple[BookPrior, ...] = get_args(BookPrior)
# A group of one patient has no variance.
_SMALLEST = 2


@dataclass(frozen=True, kw_only=True)
class EquityOptions:
    """What an analysis is to assume.

    Attributes:
        rules: the gates.
        reference: ``best`` (the provider's best group), ``population``, ``benchmark``, or the name of a group.
        benchmarks: with ``benchmark``, a value for each indicator by its code.
        level: level of the intervals.
        prior: rule of the prior of adjusted coverage, ``moments`` or ``report``.
        fraction: with ``report``, prior strength as a fraction of the mean number of patients.
        incentive: what is paid for; None pays for nothing.
        points_on: whether points are for adjusted or unadjusted values.
        weights: of indicators by code, in totals and scores; 1 if not named. Those of the incentive's own rules must
            be empty.
        targets: threshold and benchmark by indicator; the others' are frozen from the baseline.
        floor: share of earlier points that is kept in any case.
        peer_groups: number of peer groups, where shares at social risk are given.
        centre: what scores are compared with within a peer group.

    Raises:
        ArgumentError: an option that is none, or out of its range.
    """

    rules: GateRules = field(default_factory=GateRules)
    reference: str = BEST
    benchmarks: Mapping[str, float] = field(default_factory=dict)
    level: float = 0.95
    prior: BookPrior = "moments"
    fraction: float = 0.5
    incentive: IncentiveRules | None = None
    points_on: PointsOn = "adjusted"
    weights: Mapping[str, float] = field(default_factory=dict)
    targets: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    floor: float = 1.0
    peer_groups: int = 5
    centre: Centre = "mean"

    def __post_init__(self) -> None:
        check_choice("prior", self.prior, BOOK_PRIORS)
        check_choice("points_on", self.points_on, POINTS_ON)
        check_choice("centre", self.centre, CENTRES)
        check_share("level", self.level)
        if self.rules.smallest_group < _SMALLEST:
            raise ArgumentError(f"smallest_group == {self.rules.smallest_group}, must be {_SMALLEST} or more")
        if not 0 <= self.floor <= 1:
            raise ArgumentError(f"floor == {self.floor!r}, must be from 0 to 1")
        if self.benchmarks and self.reference != BENCHMARK:
            raise ArgumentError("benchmarks: are for reference == 'benchmark'")
        if not all(0 <= one < float("inf") for one in self.weights.values()):
            raise ArgumentError("weights: must be numbers from 0")
        if self.incentive is not None and self.incentive.weights:
            raise ArgumentError("incentive: give the weights by indicator, as weights of the options")
        if self.targets and self.incentive is None:
            raise ArgumentError("targets: are for the incentive, which needs disadvantaged groups")


class Social(NamedTuple):
    """Scores beside those of providers with like shares of patients at social risk.

    Attributes:
        risk: share at risk of each provider, shape (P,).
        score: mean of the coverage of all patients of known group over the indicators, weighted; NaN where one of
            the indicators has no patients.
        place: the providers that have a score, shape (S,).
        scores: of those.
        groups: the peer groups.
    """

    risk: Array
    score: Array
    place: NDArray[np.intp]
    scores: PeerScores
    groups: PeerGroups


@dataclass(frozen=True, eq=False, kw_only=True)
class EquityAnalysis:
    """What comes of a table by group; P providers, I indicators, G groups.

    Attributes:
        options: what was assumed.
        now: the period that is analysed.
        before: the baseline, with the same providers, indicators and groups; None without one.
        passed: gates of the period.
        passed_before: gates of the baseline.
        prior: prior of the period, as `adjusted` is drawn to.
        adjusted: adjusted values, of all groups with patients.
        gaps: to the reference; NaN where gates are not passed.
        between: variance between groups; likewise.
        standardised: indirect standardisation by group, of all providers with patients.
        trend: change of the gaps since the baseline.
        best_before: place of the best group of the baseline, shape (P, I); -1 where there is none.
        frozen: prior of the baseline, always of finite strength.
        prior_before: prior of the baseline by moments as it is.
        targets: threshold and benchmark.
        points: of the incentive.
        kept: points with the floor under them, shape (P,), where there are earlier points.
        earlier: earlier points, shape (P,).
        social: peer groups, where shares at social risk are given.
    """

    options: EquityOptions
    now: Groups
    before: Groups | None
    passed: Gates
    passed_before: Gates | None
    prior: GroupPrior
    adjusted: Adjusted
    gaps: Gaps
    between: BetweenGroups
    standardised: Standardised
    trend: GapTrend | None = None
    best_before: NDArray[np.intp] | None = None
    frozen: GroupPrior | None = None
    prior_before: GroupPrior | None = None
    targets: Targets | None = None
    points: EquityPoints | None = None
    kept: Array | None = None
    earlier: Array | None = None
    social: Social | None = None

    @property
    def weights(self) -> Array:
        """The weight of each indicator, shape (I,)."""
        return np.array([self.options.weights.get(one, 1.0) for one in self.now.indicators])


def analyse_equity(
    now: GroupTable | GroupMeans,
    before: GroupTable | GroupMeans | None = None,
    options: EquityOptions = EquityOptions(),
    *,
    risk: Array | None = None,
    earlier: Array | None = None,
) -> EquityAnalysis:
    """Return every comparison of a table by group.

    Args:
        now: the period to analyse.
        before: the baseline, with the same providers, indicators and groups, in the same order; NaN where it says
            nothing of a provider.
        options: what to assume.
        risk: share of patients at social risk of each provider.
        earlier: points of each provider before, or without the incentive, of which the floor is a share.

    Raises:
        ArgumentError: options that do not fit the table or each other.
        DataError: shares at risk of too few providers.

    Source: the modules of `xl_qbs.equity`, each of which states its own.
    """
    _check(now, before, options, earlier)
    if not any(options.weights.get(one, 1.0) for one in now.indicators):
        raise ArgumentError("weights: must not all be 0")
    passed = gates(now, options.rules)
    adjusted_prior = group_prior(now, rule=_rule(now, options), fraction=options.fraction)
    benchmark = [options.benchmarks[one] for one in now.indicators] if options.reference == BENCHMARK else None
    found = EquityAnalysis(
        options=options,
        now=now,
        before=before,
        passed=passed,
        passed_before=None if before is None else gates(before, options.rules),
        prior=adjusted_prior,
        adjusted=adjust(now, adjusted_prior, level=options.level),
        gaps=gaps(now, to=options.reference, benchmark=benchmark, passed=passed, level=options.level),
        between=between_groups(now, passed=passed, level=options.level),
        standardised=standardise(now, level=options.level),
        earlier=earlier,
    )
    if before is not None:
        found = _with_trend(found, before)
        if options.incentive is not None:
            found = _with_points(found, before, options.incentive)
    if risk is not None:
        found = replace(found, social=_social(found, risk))
    return found


def _rule(table: Groups, options: EquityOptions) -> BookPrior:
    if isinstance(table, GroupMeans) and options.prior != "moments":
        raise ArgumentError("prior: continuous values have 'moments' only")
    return options.prior


def _check(now: Groups, before: Groups | None, options: EquityOptions, earlier: Array | None) -> None:
    if options.reference not in (*REFERENCES, *now.groups):
        raise ArgumentError(f"reference {options.reference!r}: must be {', '.join((*REFERENCES, *now.groups))}")
    clash = [name for name in now.groups if name in REFERENCES]
    if clash:
        raise ArgumentError(f"group {clash[0]!r}: that word means something else here; rename the group")
    if options.reference == BENCHMARK:
        lacking = [one for one in now.indicators if one not in options.benchmarks]
        if lacking:
            raise ArgumentError(f"benchmarks: are missing for {', '.join(lacking)}")
    strange = [one for one in (*options.benchmarks, *options.targets, *options.weights) if one not in now.indicators]
    if strange:
        raise ArgumentError(f"indicators {', '.join(strange)} are not in the table")
    if options.incentive is not None:
        if before is None:
            raise ArgumentError("the incentive pays for improvement and needs a baseline")
        for name in options.incentive.disadvantaged:
            now.group(name)
    if earlier is not None and options.incentive is None:
        raise ArgumentError("earlier points: are for the incentive, which needs disadvantaged groups")


def _with_trend(found: EquityAnalysis, before: Groups) -> EquityAnalysis:
    assert found.passed_before is not None  # noqa: S101  (there is a baseline)
    options = found.options
    named = options.reference if options.reference not in REFERENCES else BEST
    both = (found.passed_before, found.passed)
    trend = gap_trend([before, found.now], to=named, passed=both, level=options.level)
    own = np.where(found.passed_before.group_ok, before.value, np.nan)
    return replace(found, trend=trend, best_before=reference_groups(before, own, BEST))


def _with_points(found: EquityAnalysis, before: Groups, rules: IncentiveRules) -> EquityAnalysis:
    assert found.passed_before is not None  # noqa: S101  (there is a baseline)
    options = found.options
    targets = _targets(before, found.passed_before, rules, options.targets)
    frozen = frozen_prior(before)
    points = equity_points(
        before,
        found.now,
        replace(rules, weights=tuple(found.weights.tolist())),
        targets=targets,
        passed_before=found.passed_before,
        passed_now=found.passed,
        prior=frozen if options.points_on == "adjusted" else None,
        level=options.level,
    )
    kept = None if found.earlier is None else hold_harmless(points.total, found.earlier, floor=options.floor)
    return replace(found, frozen=frozen, prior_before=group_prior(before), targets=targets, points=points, kept=kept)


def _targets(before: Groups, passed: Gates, rules: IncentiveRules, given: Mapping[str, tuple[float, float]]) -> Targets:
    """Return the targets that are given, and the baseline's own for the other indicators."""
    pairs = []
    for i, name in enumerate(before.indicators):
        if name in given:
            pairs.append(given[name])
            continue
        one = one_indicator(before, i)
        own = frozen_targets(one, rules.disadvantaged, gates(one, passed.rules))
        pairs.append((float(own.threshold[0]), float(own.benchmark[0])))
    threshold, benchmark = np.array(pairs).T
    return Targets(threshold, benchmark)


def one_indicator(table: Groups, i: int) -> Groups:
    """Return the table of one of its indicators."""
    cubes = ("n", "x") if isinstance(table, GroupTable) else ("n", "mean", "sd")
    parts = {name: getattr(table, name)[:, i : i + 1] for name in cubes}
    if table.total is not None:
        parts["total"] = table.total[:, i : i + 1]
    if isinstance(table, GroupMeans) and table.higher_is_better:
        parts["higher_is_better"] = table.higher_is_better[i : i + 1]
    return replace(table, indicators=table.indicators[i : i + 1], **parts)


def _social(found: EquityAnalysis, risk: Array) -> Social:
    """Return peer groups of the providers that have a value on every indicator."""
    crude = found.now.sign * found.now.pooled(2)
    score = crude @ found.weights / found.weights.sum()
    place = np.flatnonzero(np.isfinite(score) & np.isfinite(risk))
    options = found.options
    if len(place) < options.peer_groups * FEWEST_PEERS:
        text = f"{len(place)} providers have patients on every indicator and a share at risk"
        raise ArgumentError(f"peer_groups: {text}, {options.peer_groups * FEWEST_PEERS} are needed at least")
    scores, groups = peer_scores(score[place], risk[place], groups=options.peer_groups, centre=options.centre)
    return Social(risk, score, place, scores, groups)
