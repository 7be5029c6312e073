"""Whether a score goes with the number of eligible patients: the three scores, and the need-adjusted one by prior."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np

from xl_qbs.diagnosis.association import Comparison, RankCorrelation, compare_correlations, rank_correlation
from xl_qbs.diagnosis.groups import GroupScores, groups_by_quantile, scores_by_group
from xl_qbs.diagnosis.need import patient_indicators
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.priors import PriorRule
from xl_qbs.scoring.score import Result, score
from xl_qbs.scoring.table import Array

if TYPE_CHECKING:
    import pandas as pd

Counting = Literal["all", "patients"]
COUNTINGS: tuple[Counting, ...] = get_args(Counting)
CURRENT, PROPORTIONAL = "current", "proportional"
ESTIMATED: tuple[PriorRule, ...] = ("report", "moments", "likelihood")


class Fairness(NamedTuple):
    """How scores go with eligible patients.

    Attributes:
        counting: what was counted as eligible: ``all`` indicators, or those that count ``patients`` only.
        eligible: eligible patients of each list, shape (N,).
        scores: names: ``current``, ``proportional``, and ``need-adjusted, RULE`` for each rule of the prior.
        correlation: rank correlation of each score with the eligible patients, by name.
        against_current: whether it is nearer to zero than that of the score in force, by name, that one left out.
        by_size: mean scores in groups of lists by eligible patients.
    """

    counting: Counting
    eligible: Array
    scores: tuple[str, ...]
    correlation: dict[str, RankCorrelation]
    against_current: dict[str, Comparison]
    by_size: GroupScores

    def frame(self) -> pd.DataFrame:
        """Return a row a score: correlation, its interval, how much nearer to zero than the score in force, verdict."""
        import pandas as pd  # noqa: PLC0415  (slow to import)

        rows = []
        for name in self.scores:
            one, beside = self.correlation[name], self.against_current.get(name)
            rows.append(
                {
                    "score": name,
                    "correlation": one.value,
                    "low": one.low,
                    "high": one.high,
                    "nearer_by": beside.nearer_by if beside else np.nan,
                    "verdict": beside.verdict if beside else "",
                }
            )
        return pd.DataFrame(rows).set_index("score")


def eligible_patients(result: Result, counting: Counting = "all") -> Array:
    """Return the eligible patients of each list over its indicators, shape (N,).

    Args:
        result: a scoring run.
        counting: ``all`` adds up every indicator, as the report's Figure 8 does, although one of them counts
            prescriptions and holds three quarters of the sum; ``patients`` leaves such indicators out.

    Raises:
        ArgumentError: another counting, or no indicator that counts patients.

    A person eligible under several indicators counts in each.
    """
    if counting not in COUNTINGS:
        raise ArgumentError(f"counting == {counting!r}, must be one of {', '.join(COUNTINGS)}")
    if counting == "all":
        return result.table.eligible
    codes = patient_indicators(result.scheme)
    if not codes:
        raise ArgumentError("no indicator counts patients")
    return result.table.select(codes).eligible


def fairness(
    result: Result,
    *,
    priors: Sequence[PriorRule] = ESTIMATED,
    counting: Counting = "all",
    groups: int = 5,
    level: float = 0.95,
    resamples: int = 1000,
    seed: int = 1,
) -> Fairness:
    """Return how the scores in force, in proportion and need-adjusted go with eligible patients.

    Args:
        result: a scoring run; its table is scored again under each rule of the prior, all other options alike.
        priors: the rules; ``fixed`` only where the result has values for it.
        counting: as `eligible_patients`.
        groups: how many groups of lists by eligible patients.
        level: level of the intervals.
        resamples: as `compare_correlations`.
        seed: as `compare_correlations`.

    Raises:
        ArgumentError: an option that is none.

    Source: METHODS section 4; seed 002, Figure 8. A negative correlation means that lists with more patients score
    lower, a positive one that they score higher: neither is fair by this measure, and zero is not proof of
    fairness, since lists may truly differ in what they do. A strong prior can turn the correlation round: coverage has
    a long lower tail, so that most lists are above the mean, and the small ones among them are pulled down most.
    """
    eligible = eligible_patients(result, counting)
    totals = {CURRENT: result.current.total, PROPORTIONAL: result.proportional.total}
    for rule in priors:
        run = result if rule == result.method.prior else _scored_with(result, rule)
        totals[f"need-adjusted, {rule}"] = run.need_adjusted.total
    return Fairness(
        counting=counting,
        eligible=eligible,
        scores=tuple(totals),
        correlation={name: rank_correlation(eligible, values, level) for name, values in totals.items()},
        against_current=compare_correlations(eligible, totals, CURRENT, level=level, resamples=resamples, seed=seed),
        by_size=scores_by_group(groups_by_quantile(eligible, groups), totals),
    )


def _scored_with(result: Result, rule: PriorRule) -> Result:
    return score(result.table, result.scheme, replace(result.method, prior=rule))
