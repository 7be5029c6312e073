"""The regression model: quality given cost, from patient rows, with random provider effects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from xl_qbs.efficiency.inputs import Column, CostIs, check_cost_is, check_share
from xl_qbs.efficiency.patients import adjust, read_patients
from xl_qbs.efficiency.standardize import normal_interval
from xl_qbs.scoring.coverage import Interval
from xl_qbs.scoring.table import Array

NO_QUALITY_SPREAD = "Providers do not differ in quality by more than chance: nobody's quality is told apart."
NO_COST_SPREAD = "Providers do not differ in cost by more than chance: quality given cost is quality."


@dataclass(frozen=True, eq=False)
class Regression:
    """Efficiency by the regression model.

    Attributes:
        providers: ids in the order of first appearance, length N.
        patients: patients of each, shape (N,).
        quality: effect on quality, against the average provider, in units of the outcome; shrunken.
        quality_interval: of it.
        cost: effect on cost as it was given, against the average provider; shrunken.
        cost_interval: of it.
        correlation: of the two within a provider, after the data are seen.
        efficiency: quality given cost: the effect on quality less what the cost of the provider lets expect.
        interval: of the efficiency.
        probability_positive: that the efficiency is above 0.
        covariance: of the provider effects (quality, cost) between providers, shape (2, 2).
        within: covariance of the outcomes between patients of one provider, shape (2, 2).
        slope: quality to expect of one more unit of cost, between providers.
        risk_slopes: change of quality and cost with each risk factor, shape (k, 2).
        reliability: of quality: the share of a provider's effect that its own patients decide.
        remark: what the reader must know; empty if nothing.
    """

    providers: tuple[object, ...]
    patients: Array
    quality: Array
    quality_interval: Interval
    cost: Array
    cost_interval: Interval
    correlation: Array
    efficiency: Array
    interval: Interval
    probability_positive: Array
    covariance: Array
    within: Array
    slope: float
    risk_slopes: Array
    reliability: Array
    remark: str


def regression(
    provider: ArrayLike,
    quality: ArrayLike,
    cost: ArrayLike,
    *,
    cost_is: CostIs,
    risk: ArrayLike | None = None,
    level: float = 0.95,
) -> Regression:
    """Return quality given cost for each provider, from patient rows.

    Both outcomes are adjusted for risk within providers; the provider effects on both are drawn from one bivariate
    normal distribution whose covariance is estimated (restricted maximum likelihood); efficiency is the effect
    on quality less slope * effect on cost, slope = cov(quality, cost) / var(cost) between providers.

    Args:
        provider: the provider of each patient.
        quality: outcome of each patient, higher is better: a score, or 1 and 0 (survived or not).
        cost: cost of each patient, in money or in logarithms of it.
        cost_is: ``spending`` or ``performance``: how the cost of the patients reads; effects keep its sense.
        risk: risk factors of each patient as numbers, shape (rows,) or (rows, k).
        level: level of the intervals.

    Raises:
        ArgumentError: an option that is none, or shapes that do not fit.
        DataError: missing values, text, constants, fewer than 3 providers, or one patient a provider.

    Source: seed 003, section 2; Timbie and Normand (2008). It is linear in both outcomes: 0 and 1 are probabilities
    on a straight line, which is fair between 10 and 90 %, and costs with a long tail belong in logarithms. When not
    to use it: with under 30 providers the covariance is a guess, and the intervals, which only allow for it to
    first order, are too short. Shrinkage pulls small providers to the average: being near it proves nothing.
    """
    check_cost_is(cost_is)
    check_share("level", level)
    columns = [Column("quality", quality, varies=True), Column("cost", cost, varies=True)]
    rows = read_patients(provider, columns, risk)
    adjusted = adjust(rows)
    # In units of the spread between patients, so that the search sees numbers of one size.
    unit = np.sqrt(np.diag(adjusted.within))
    means = adjusted.means / unit
    sampling = (adjusted.within[None] / rows.counts[:, None, None] + adjusted.error) / np.outer(unit, unit)
    between = _between(means, sampling)
    effects, posterior, shares = _effects(means, sampling, between)
    by_cost = between[1, 1] > _NOTHING
    slope = between[0, 1] / between[1, 1] if by_cost else 0.0
    contrast = np.array([1.0, -slope])
    efficiency = effects @ contrast
    variance = np.einsum("i,nij,j->n", contrast, posterior, contrast)
    if by_cost:
        # The slope is estimated too: an error of it moves the efficiency by the effect on cost.
        variance = variance + effects[:, 1] ** 2 * _slope_variance(means, sampling, between)
    quality_error, cost_error = (np.sqrt(np.maximum(posterior[:, k, k], 0.0)) * unit[k] for k in (0, 1))
    error = np.sqrt(np.maximum(variance, 0.0)) * unit[0]
    remark = " ".join(
        text
        for text, needed in ((NO_QUALITY_SPREAD, between[0, 0] <= _NOTHING), (NO_COST_SPREAD, not by_cost))
        if needed
    )
    from scipy.special import ndtr  # noqa: PLC0415  (slow to import)

    with np.errstate(divide="ignore", invalid="ignore"):
        probability = np.where(error > 0, ndtr(efficiency * unit[0] / error), 0.5)
        both = np.sqrt(posterior[:, 0, 0] * posterior[:, 1, 1])
        correlation = np.where(both > 0, posterior[:, 0, 1] / both, 0.0)
    return Regression(
        providers=rows.providers,
        patients=rows.counts,
        quality=effects[:, 0] * unit[0],
        quality_interval=normal_interval(effects[:, 0] * unit[0], quality_error, level),
        cost=effects[:, 1] * unit[1],
        cost_interval=normal_interval(effects[:, 1] * unit[1], cost_error, level),
        correlation=correlation,
        efficiency=efficiency * unit[0],
        interval=normal_interval(efficiency * unit[0], error, level),
        probability_positive=probability,
        covariance=between * np.outer(unit, unit),
        within=adjusted.within,
        slope=float(slope * unit[0] / unit[1]),
        risk_slopes=adjusted.slopes,
        reliability=shares[:, 0, 0],
        remark=remark,
    )


# A variance between providers below this share of that between patients is none.
_NOTHING = 1e-8


def _between(means: Array, sampling: Array) -> Array:
    """Return the covariance between providers by restricted maximum likelihood, in its Cholesky factor."""
    from scipy.optimize import minimize  # noqa: PLC0415  (slow to import)

    crude = np.cov(means.T) - sampling.mean(axis=0)
    values, vectors = np.linalg.eigh(crude)
    # Not at 0, where the search would find no way out.
    least = np.diag(sampling.mean(axis=0))
    floor = 0.05 * max(float(np.diag(np.cov(means.T)).min()), float(least.min()))
    start = np.linalg.cholesky(vectors @ np.diag(np.maximum(values, floor)) @ vectors.T)

    def loss(point: Array) -> float:
        return _restricted(means, sampling, _covariance(point))

    begin = np.array([start[0, 0], start[1, 0], start[1, 1]])
    scale = np.sqrt(max(float(np.diag(np.cov(means.T)).max()), float(least.max())))
    best = minimize(lambda point: loss(point * scale), begin / scale, method="BFGS", options={"gtol": 1e-6})
    return _covariance(best.x * scale)


def _covariance(point: Array) -> Array:
    root = np.array([[point[0], 0.0], [point[1], point[2]]])
    covariance: Array = root @ root.T
    return covariance


def _restricted(means: Array, sampling: Array, between: Array) -> float:
    """Return minus the restricted log likelihood of provider means, but for a constant."""
    precision, logs = _inverse(between + sampling)
    total = precision.sum(axis=0)
    centre = np.linalg.solve(total, np.einsum("nij,nj->i", precision, means))
    away = means - centre
    squares = np.einsum("ni,nij,nj->", away, precision, away)
    sign, log_total = np.linalg.slogdet(total)
    return float(squares + logs.sum() + log_total) / 2 if sign > 0 else float("inf")


def _inverse(matrices: Array) -> tuple[Array, Array]:
    """Return the inverses and log determinants of 2 x 2 matrices, shape (N, 2, 2)."""
    a, b, d = matrices[:, 0, 0], matrices[:, 0, 1], matrices[:, 1, 1]
    determinant = np.maximum(a * d - b * b, 1e-300)
    inverse = np.empty_like(matrices)
    inverse[:, 0, 0], inverse[:, 1, 1] = d / determinant, a / determinant
    inverse[:, 0, 1] = inverse[:, 1, 0] = -b / determinant
    return inverse, np.log(determinant)


def _effects(means: Array, sampling: Array, between: Array) -> tuple[Array, Array, Array]:
    """Return effects, their covariance given the data, and the share of each that the data decide."""
    precision, _ = _inverse(between + sampling)
    of_mean = np.linalg.inv(precision.sum(axis=0))
    centre = of_mean @ np.einsum("nij,nj->i", precision, means)
    share = between @ precision
    effects = np.einsum("nij,nj->ni", share, means - centre)
    posterior = between - share @ between
    # The average provider is estimated too.
    posterior = posterior + share @ of_mean @ np.swapaxes(share, 1, 2)
    return effects, posterior, share


def _slope_variance(means: Array, sampling: Array, between: Array) -> float:
    """Return the variance of the slope, by the delta method from the curvature of the likelihood."""
    root = np.linalg.cholesky(between + np.eye(2) * 1e-12 * np.trace(between))
    point = np.array([root[0, 0], root[1, 0], root[1, 1]])
    step = 1e-4 * np.sqrt(np.trace(between))

    def loss(at: Array) -> float:
        return _restricted(means, sampling, _covariance(at))

    def slope(at: Array) -> float:
        covariance = _covariance(at)
        return float(covariance[0, 1] / covariance[1, 1])

    eye = np.eye(3) * step
    hessian = np.array(
        [
            [
                (loss(point + a + b) - loss(point + a - b) - loss(point - a + b) + loss(point - a - b)) / (4 * step**2)
                for b in eye
            ]
            for a in eye
        ]
    )
    gradient = np.array([(slope(point + a) - slope(point - a)) / (2 * step) for a in eye])
    values, vectors = np.linalg.eigh(hessian)
    # A direction in which the likelihood is flat or at its bound says nothing about the slope.
    safe = values > 1e-6 * max(values.max(), 1e-300)
    along = vectors[:, safe].T @ gradient
    return float((along**2 / values[safe]).sum())
