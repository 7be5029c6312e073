"""The cost-effectiveness model: quality is given a value in money, and cost is taken off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from xl_qbs.efficiency.inputs import Column, CostIs, check_cost_is, check_share, read_columns
from xl_qbs.efficiency.patients import adjust, read_patients
from xl_qbs.errors import ArgumentError, DataError, Finding
from xl_qbs.scoring.coverage import Interval
from xl_qbs.scoring.table import Array


@dataclass(frozen=True, eq=False)
class NetBenefit:
    """Efficiency by the cost-effectiveness model.

    Attributes:
        providers: ids, length N; row numbers from 1 where means were given without ids.
        quality: gain of quality over the reference, shape (N,).
        cost: spending beyond the reference.
        value: of a unit of quality, in money.
        efficiency: net benefit a patient, value * quality - cost, in money.
        interval: of it; NaN where no standard errors are known.
        probability_positive: that the net benefit is above 0; NaN where no standard errors are known.
        quality_variance: of the gain of quality.
        cost_variance: of the spending.
        covariance: of the two.
        freedom: degrees of freedom of the variances; infinite where they were given.
    """

    providers: tuple[object, ...]
    quality: Array
    cost: Array
    value: float
    efficiency: Array
    interval: Interval
    probability_positive: Array
    quality_variance: Array
    cost_variance: Array
    covariance: Array
    freedom: Array


class Acceptability(NamedTuple):
    """Probability that the net benefit is positive, over values of a unit of quality.

    Attributes:
        values: in money, shape (V,).
        probability: shape (N, V).
    """

    values: Array
    probability: Array


def cost_effectiveness(
    quality: ArrayLike,
    cost: ArrayLike,
    *,
    cost_is: CostIs,
    value: float,
    reference_quality: float | None = None,
    reference_cost: float | None = None,
    quality_error: ArrayLike | None = None,
    cost_error: ArrayLike | None = None,
    error_correlation: ArrayLike = 0.0,
    level: float = 0.95,
) -> NetBenefit:
    """Return the net benefit of each provider from provider means.

    Args:
        quality: mean quality a patient, such as the share that survived; higher is better.
        cost: mean spending a patient, in money.
        cost_is: must be ``spending``: cost performance is no money.
        value: what a unit of quality is worth, in money; never a default, since it is the payer's judgement.
        reference_quality: quality to compare with; the mean of the providers if None.
        reference_cost: spending to compare with; the mean of the providers if None.
        quality_error: standard errors of quality.
        cost_error: standard errors of cost.
        error_correlation: correlation of the two errors within a provider, one or one for each.
        level: level of the intervals.

    Raises:
        ArgumentError: a value that is negative or missing, cost performance, or an option that is none.
        DataError: missing values, text, negative spending, fewer than 3 providers.

    Source: seed 003, section 2; Timbie and Normand (2008). When not to use it: where quality is a score that
    nobody can put a price on. The reference is held fixed here; patient rows allow for its own error.

    >>> benefit = cost_effectiveness([90, 70, 80], [12, 9, 9], cost_is="spending", value=1)
    >>> benefit.efficiency.tolist()
    [8.0, -9.0, 1.0]
    """
    value = _checked(cost_is, value)
    columns = [Column("quality", quality), Column("cost", cost, lowest=0.0)]
    given = quality_error is not None and cost_error is not None
    if not given and (quality_error is not None or cost_error is not None):
        raise ArgumentError("quality_error and cost_error: give both or none")
    if quality_error is not None and cost_error is not None:
        columns += [Column("quality_error", quality_error, lowest=0.0), Column("cost_error", cost_error, lowest=0.0)]
    read = read_columns(*columns)
    q, c = read[0], read[1]
    unknown = np.full(len(q), np.nan)
    q_error, c_error = read[2:] if given else (unknown, unknown)
    correlation = np.broadcast_to(np.asarray(error_correlation, dtype=float), q.shape)
    if not (np.abs(correlation) <= 1).all():
        raise ArgumentError("error_correlation: must be from -1 to 1")
    gain = q - (q.mean() if reference_quality is None else reference_quality)
    extra = c - (c.mean() if reference_cost is None else reference_cost)
    labels = getattr(quality, "index", None)
    providers = tuple(range(1, len(q) + 1)) if labels is None or callable(labels) else tuple(labels)
    return _net_benefit(
        providers, gain, extra, value, q_error**2, c_error**2, correlation * q_error * c_error,
        np.full(len(q), np.inf), level,
    )  # fmt: skip


def cost_effectiveness_of_patients(
    provider: ArrayLike,
    quality: ArrayLike,
    cost: ArrayLike,
    *,
    cost_is: CostIs,
    value: float,
    risk: ArrayLike | None = None,
    reference_quality: float | None = None,
    reference_cost: float | None = None,
    level: float = 0.95,
) -> NetBenefit:
    """Return the net benefit of each provider from patient rows.

    Args:
        provider: the provider of each patient.
        quality: outcome of each patient, higher is better, such as 1 for alive and 0 for dead.
        cost: spending on each patient, in money.
        cost_is: must be ``spending``.
        value: what a unit of quality is worth, in money.
        risk: risk factors of each patient as numbers; both outcomes are adjusted within providers.
        reference_quality: quality to compare with; the mean of all patients if None.
        reference_cost: spending to compare with; the mean of all patients if None.
        level: level of the intervals.

    Raises:
        ArgumentError: as `cost_effectiveness`.
        DataError: as `cost_effectiveness`, and a provider with fewer than 2 patients.

    Source: seed 003, section 2. Intervals are Student's, from the spread of each provider's own patients, with the
    error of the reference where that is estimated; nothing is shrunken, so small providers stand at both ends
    by chance. Prefer `regression` to rank many small ones.
    """
    value = _checked(cost_is, value)
    rows = read_patients(provider, [Column("quality", quality), Column("cost", cost, lowest=0.0)], risk)
    few = [str(name) for name, count in zip(rows.providers, rows.counts, strict=True) if count < 2]
    if few:
        more = f" and {len(few) - 10} more" if len(few) > 10 else ""
        what = f"provider: {', '.join(few[:10])}{more} have 1 patient, which leaves no interval."
        raise DataError([Finding(what, "Leave them out, or give provider means.")])
    adjusted = adjust(rows)
    q, c = adjusted.means.T
    freedom = rows.counts - 1
    own = [
        np.bincount(rows.provider, a * b, minlength=len(q)) / freedom / rows.counts + adjusted.error[:, i, j]
        for i, j, a, b in _pairs(adjusted.residuals)
    ]
    weights = rows.counts / rows.counts.sum()
    q_reference = weights @ q if reference_quality is None else reference_quality
    c_reference = weights @ c if reference_cost is None else reference_cost
    estimated = (reference_quality is None, reference_cost is None)
    variances = []
    for (i, j, _, _), variance in zip(_pairs(adjusted.residuals), own, strict=True):
        # Cov(own_i - ref_i, own_j - ref_j): the provider is part of a reference that is estimated.
        both = estimated[i] + estimated[j]
        shared = float(weights**2 @ variance) if estimated[i] and estimated[j] else 0.0
        variances.append(variance * (1 - both * weights) + shared)
    for_quality, for_cost, for_both = variances
    return _net_benefit(
        rows.providers, q - q_reference, c - c_reference, value, for_quality, for_cost, for_both, freedom, level
    )


def acceptability(benefit: NetBenefit, values: ArrayLike) -> Acceptability:
    """Return the probability that each provider's net benefit is positive, over values of a unit of quality.

    Args:
        benefit: a result with standard errors.
        values: in money, from 0.

    Raises:
        ArgumentError: values that are negative or missing, or a result without standard errors.

    Source: the acceptability curve of cost-effectiveness (Van Hout and others, 1994), which shows how far a verdict
    hangs on the value chosen. A flat prior is meant by probability.
    """
    from scipy.special import stdtr  # noqa: PLC0415  (slow to import)

    given = np.asarray(values, dtype=float)
    if given.ndim != 1 or not (np.isfinite(given) & (given >= 0)).all():
        raise ArgumentError("values: must be amounts from 0, none missing")
    if np.isnan(benefit.quality_variance).any():
        raise ArgumentError("benefit: has no standard errors, so no probabilities")
    mean = benefit.quality[:, None] * given - benefit.cost[:, None]
    variance = (
        benefit.quality_variance[:, None] * given**2
        + benefit.cost_variance[:, None]
        - 2 * benefit.covariance[:, None] * given
    )
    probability = _positive(mean, np.sqrt(np.maximum(variance, 0.0)), benefit.freedom[:, None], stdtr)
    return Acceptability(given, probability)


def _pairs(residuals: Array) -> list[tuple[int, int, Array, Array]]:
    q, c = residuals.T
    return [(0, 0, q, q), (1, 1, c, c), (0, 1, q, c)]


def _checked(cost_is: CostIs, value: float) -> float:
    check_cost_is(cost_is)
    if cost_is != "spending":
        raise ArgumentError("cost_is == 'performance': net benefit needs spending in money")
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
        raise ArgumentError(f"value == {value!r}, must be an amount of money from 0")
    return float(value)


def _net_benefit(
    providers: tuple[object, ...],
    quality: Array,
    cost: Array,
    value: float,
    quality_variance: Array,
    cost_variance: Array,
    covariance: Array,
    freedom: Array,
    level: float,
) -> NetBenefit:
    check_share("level", level)
    efficiency = value * quality - cost
    variance = value**2 * quality_variance + cost_variance - 2 * value * covariance
    error = np.sqrt(np.maximum(variance, 0.0))
    half, probability = error, error.copy()
    # Where no standard errors are known there is nothing that needs scipy.
    if not np.isnan(error).all():
        from scipy.special import stdtr, stdtrit  # noqa: PLC0415  (slow to import)

        # stdtrit takes no infinite degrees of freedom: so many are as good.
        half = stdtrit(np.minimum(freedom, 1e10), (1 + level) / 2) * error
        probability = _positive(efficiency, error, freedom, stdtr)
    return NetBenefit(
        providers, quality, cost, value, efficiency, Interval(efficiency - half, efficiency + half), probability,
        quality_variance, cost_variance, covariance, freedom,
    )  # fmt: skip


def _positive(mean: Array, error: Array, freedom: Array, cumulative: Any) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        t = mean / error
        known = cumulative(np.minimum(freedom, 1e10), t)
    # Without error it is certain, and even odds at exactly 0.
    certain = np.where(mean == 0, 0.5, (mean > 0).astype(float))
    probability: Array = np.where(np.isnan(error), np.nan, np.where(error > 0, known, certain))
    return probability
