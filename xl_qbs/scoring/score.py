"""The whole job on one table: priors, weights, and the three scores of every list."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xl_qbs.errors import ArgumentError, DataError, Finding
from xl_qbs.scheme import Scheme, preset
from xl_qbs.scoring.conditions import condition_met
from xl_qbs.scoring.coverage import Interval, adjusted_coverage, coverage, coverage_interval, reliability
from xl_qbs.scoring.credit import proportional_credit, threshold_credit
from xl_qbs.scoring.method import Method
from xl_qbs.scoring.priors import Prior, fixed_prior, likelihood_prior, moments_prior, report_prior
from xl_qbs.scoring.ranks import SCORE_DECIMALS, band, rank, relative_rank
from xl_qbs.scoring.table import Array, Table
from xl_qbs.scoring.weights import Component, component_weights, first_component, round_weights, tie_order

if TYPE_CHECKING:
    import pandas as pd

# Above this ratio of the second eigenvalue to the first, a small change of the data can turn the
# first component anywhere, and repeated squaring on a sheet has not settled.
LARGEST_GAP = 0.98


@dataclass(frozen=True)
class SchemeScore:
    """The scores of N lists under one way of giving credit.

    Attributes:
        points: points earned on each indicator, shape (N, k).
        total: the score, shape (N,); the sum of the points (times the coefficient where one applies).
        rank: from 1, ties share the better rank, shape (N,).
        relative_rank: share of the other lists that score no higher, 0 to 1, shape (N,).
        band: number of the band from 0, shape (N,).
    """

    points: Array
    total: Array
    rank: Array
    relative_rank: Array
    band: NDArray[np.intp]


class ThreeScores(NamedTuple):
    """The three scores of one table.

    Attributes:
        current: the score in force (all or nothing at the required coverage).
        proportional: the same points in proportion to coverage.
        need_adjusted: the weights times adjusted coverage.
    """

    current: SchemeScore
    proportional: SchemeScore
    need_adjusted: SchemeScore


@dataclass(frozen=True)
class Result:
    """Everything that a scoring run came to, with what it was made from.

    Attributes:
        table: the counts, indicators in the scheme's order, shape (N, k).
        scheme: the scheme.
        method: the options.
        prior: the prior used, by indicator.
        component: the first principal component; None where it was not needed and cannot be had.
        weights: the weights of the need-adjusted score, shape (k,).
        coverage: raw coverage, NaN where the target is 0, shape (N, k).
        adjusted: adjusted coverage, shape (N, k).
        reliability: n / (n + M), shape (N, k).
        current: the score in force (all or nothing at the required coverage).
        proportional: the same points in proportion to coverage.
        need_adjusted: the weights times adjusted coverage.
        conditions: which lists meet each condition of the scheme, by the need-adjusted points.
        warnings: what a reader of the numbers has to know.
    """

    table: Table
    scheme: Scheme
    method: Method
    prior: Prior
    component: Component | None
    weights: Array
    coverage: Array
    adjusted: Array
    reliability: Array
    current: SchemeScore
    proportional: SchemeScore
    need_adjusted: SchemeScore
    conditions: dict[str, NDArray[np.bool_]]
    warnings: tuple[Finding, ...]

    @cached_property
    def interval(self) -> Interval:
        """Posterior interval of coverage, two arrays of shape (N, k); needs scipy, which all else does without."""
        table, prior = self.table, self.prior
        return coverage_interval(table.done, table.target, prior.mean, prior.strength, self.method.level)

    def scores(self) -> pd.DataFrame:
        """Return a row a list: provider, the three scores, and rank, relative rank and band.

        Rank, relative rank (a share) and band are those of the need-adjusted score.
        """
        import pandas as pd  # noqa: PLC0415  (slow to import, and the workbook does without)

        names = np.array([one.name for one in self.scheme.bands] or [""])
        return pd.DataFrame(
            {
                "provider": self.table.providers,
                "current_score": self.current.total,
                "proportional_score": self.proportional.total,
                "need_adjusted_score": self.need_adjusted.total,
                "rank": self.need_adjusted.rank.astype(int),
                "relative_rank": self.need_adjusted.relative_rank,
                "band": names[self.need_adjusted.band],
            }
        )

    def coverage_frame(self, lists: slice = slice(None)) -> pd.DataFrame:
        """Return a row a list and indicator: counts, coverage, adjusted coverage, interval, reliability.

        Args:
            lists: which lists, by their places in the table; all if left out.
        """
        import pandas as pd  # noqa: PLC0415  (as above)

        providers = self.table.providers[lists]
        return pd.DataFrame(
            {
                "provider": np.repeat(np.array(providers, dtype=object), len(self.scheme.codes)),
                "indicator": np.tile(np.array(self.scheme.codes, dtype=object), len(providers)),
                "target": self.table.target[lists].ravel().astype(int),
                "done": self.table.counted[lists].ravel().astype(int),
                "coverage": self.coverage[lists].ravel(),
                "adjusted_coverage": self.adjusted[lists].ravel(),
                "low": self.interval.low[lists].ravel(),
                "high": self.interval.high[lists].ravel(),
                "reliability": self.reliability[lists].ravel(),
            }
        )


def score(table: Table, scheme: Scheme | None = None, method: Method | None = None, **options: Any) -> Result:
    """Score every list of a table under the scheme in force and under the proposed one.

    Args:
        table: counts by list and indicator; matched to the scheme by code, never by position.
        scheme: the scheme; if None, the one that the table was read with, else the preset ``qbs-2018``.
        method: the options, as one object; or give its fields as keyword arguments.
        **options: fields of `Method`, such as ``prior="moments"``.

    Returns:
        The scores and all that leads to them.

    Raises:
        ArgumentError: an option is not what it must be.
        DataError: an indicator of the scheme is missing from the table or has no patients in any list.

    Source: seed 002; METHODS section 3.

    With weights and prior held, one more patient served never lowers a score. Both are re-estimated
    from all lists here, so a list's score can move a little when another list's counts do.
    """
    method = method if method is not None and not options else _method(method, options)
    scheme = scheme or getattr(table, "scheme", None) or preset()
    table = _matched(table, scheme)
    done, target = table.done, table.target

    raw = coverage(done, target)
    warnings: list[Finding] = []
    prior = estimate_prior(table, method)
    component, weights = _weights(raw, scheme, method, warnings)
    adjusted = adjusted_coverage(done, target, prior.mean, prior.strength)
    scores = three_scores(table, scheme, method, adjusted, weights)
    return Result(
        table=table,
        scheme=scheme,
        method=method,
        prior=prior,
        component=component,
        weights=weights,
        coverage=raw,
        adjusted=adjusted,
        reliability=reliability(target, prior.strength),
        current=scores.current,
        proportional=scores.proportional,
        need_adjusted=scores.need_adjusted,
        conditions={
            condition.name: condition_met(condition, scheme, table, scores.need_adjusted.points, weights)
            for condition in scheme.conditions
        },
        warnings=tuple(warnings),
    )


def three_scores(table: Table, scheme: Scheme, method: Method, adjusted: Array, weights: Array) -> ThreeScores:
    """Return the three scores of a table whose adjusted coverage and weights are known.

    Args:
        table: the counts, indicators in the scheme's order, shape (N, k).
        scheme: the scheme: points, required coverage and bands.
        method: the options; only the limits of proportional credit are read.
        adjusted: adjusted coverage, shape (N, k).
        weights: the weights of the need-adjusted score, shape (k,).
    """
    done, target = table.done, table.target
    points = np.array(scheme.points)
    credit = proportional_credit(done, target, method.lower_limit, method.upper_limit)
    coefficient = table.coefficient if table.coefficient is not None else 1.0
    reached = points * threshold_credit(done, target, scheme.required_coverage)
    return ThreeScores(
        current=_summed(reached, scheme, scheme.total, coefficient),
        proportional=_summed(points * credit, scheme, scheme.total),
        need_adjusted=_summed(weights * adjusted, scheme, weights.sum()),
    )


def _summed(earned: Array, scheme: Scheme, most: float, factor: Array | float = 1.0) -> SchemeScore:
    """Return points as scores; bands are shares of ``most``."""
    total = np.round(earned.sum(axis=1) * factor, SCORE_DECIMALS)
    lowers = [one.lower for one in scheme.bands]
    return SchemeScore(
        points=earned,
        total=total,
        rank=rank(total),
        relative_rank=relative_rank(total),
        band=band(total, most, lowers) if lowers else np.zeros(len(total), dtype=np.intp),
    )


def estimate_prior(table: Table, method: Method) -> Prior:
    """Return the prior of a table's indicators by the method's rule.

    Raises:
        ArgumentError: with ``fixed``, values that are missing or impossible.
    """
    if method.prior == "report":
        return report_prior(table.done, table.target, method.fraction)
    if method.prior == "moments":
        return moments_prior(table.done, table.target)
    if method.prior == "likelihood":
        return likelihood_prior(table.done, table.target)
    return fixed_prior(table.indicators, method.prior_values or {})


def _method(method: Method | None, options: dict[str, Any]) -> Method:
    if method is not None:
        raise ArgumentError(f"give either method or {', '.join(options)}, not both")
    known = list(Method.__dataclass_fields__)
    unknown = [name for name in options if name not in known]
    if unknown:
        raise ArgumentError(f"unknown options {', '.join(unknown)}; there are: {', '.join(known)}")
    return Method(**options)


def _matched(table: Table, scheme: Scheme) -> Table:
    """Return the table with the scheme's indicators in the scheme's order."""
    findings = [
        Finding(
            f"the scheme's indicator {code} is not in the table",
            "Add its columns, or leave it out of the scheme.",
        )
        for code in scheme.codes
        if code not in table.indicators
    ]
    if findings:
        raise DataError(findings)
    if not table.providers:
        raise DataError([Finding("the table has no lists")])
    if tuple(table.indicators) != scheme.codes:
        table = table.select(scheme.codes)
    empty = np.flatnonzero(table.target.sum(axis=0) == 0)
    if len(empty):
        raise DataError(
            [
                Finding(
                    f"no list has a patient in the indicator {scheme.codes[column]}: it has no mean to compare with",
                    "Leave the indicator out of the scheme.",
                )
                for column in empty
            ]
        )
    return table


def _weights(raw: Array, scheme: Scheme, method: Method, warnings: list[Finding]) -> tuple[Component | None, Array]:
    """Return the component where there is one, and the weights by the method's rule."""
    component = None
    try:
        component = first_component(raw, method.coverage_decimals)
    except ArgumentError as error:
        if method.weights == "principal-component":
            remedy = "Use the scheme's own points instead (--weights current)."
            raise DataError([Finding(str(error), remedy)]) from None
    if method.weights == "current":
        return component, _some(np.array(scheme.points))
    if method.weights == "own":
        return component, _own_weights(scheme, method)
    assert component is not None  # noqa: S101  (only the branch above lacks it)
    warnings.extend(_component_warnings(component, scheme))
    weights = component_weights(component.loadings, scheme.total)
    return component, _some(round_weights(weights, method.rounding, tie_order(scheme.codes, scheme.points)))


def _some(weights: Array) -> Array:
    if not weights.sum() > 0:
        raise ArgumentError("weights: at least one must be positive")
    return weights


def _own_weights(scheme: Scheme, method: Method) -> Array:
    given = method.own_weights
    if given is None:
        given = {one.code: one.weight for one in scheme.indicators if one.weight is not None}
    missing = [code for code in scheme.codes if code not in given]
    if missing:
        raise ArgumentError(f"own weights are missing for {', '.join(missing)}")
    weights = np.array([given[code] for code in scheme.codes], dtype=float)
    for code, weight in zip(scheme.codes, weights, strict=True):
        if not 0 <= weight < np.inf:
            raise ArgumentError(f"own weight of {code} == {weight}, must be a number from 0")
    return _some(weights)


def _component_warnings(component: Component, scheme: Scheme) -> list[Finding]:
    findings = [
        Finding(
            f"the loading of {code} is negative ({loading:.3f}): its weight is 0, the others share the points",
            "Look at whether the indicator runs against the others.",
            severity="warning",
        )
        for code, loading in zip(scheme.codes, component.loadings, strict=True)
        if loading < 0
    ]
    still = [code for code, own in zip(scheme.codes, np.diag(component.correlation), strict=True) if own == 0]
    findings += [
        Finding(
            f"coverage of {code} is the same in all complete lists: it has no part in the component, weight 0",
            "Set weights of your own (--weights FILE) if it should count.",
            severity="warning",
        )
        for code in still
    ]
    if component.gap > LARGEST_GAP:
        findings.append(
            Finding(
                f"the second component is nearly as strong as the first (ratio {component.gap:.3f}): "
                "the weights could as well be others",
                "Use the scheme's own points (--weights current) or your own.",
                severity="warning",
            )
        )
    return findings
