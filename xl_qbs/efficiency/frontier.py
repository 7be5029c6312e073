"""Stochastic frontier: what the best could do, with luck kept apart from inefficiency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike

from xl_qbs.efficiency.frontier_likelihood import Fit, fit_likelihood
from xl_qbs.efficiency.inputs import Column, check_choice, check_share, is_constant, read_columns
from xl_qbs.errors import ArgumentError, DataError, Finding
from xl_qbs.scoring.coverage import Interval
from xl_qbs.scoring.table import Array

Kind = Literal["production", "cost"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Distribution = Literal["half-normal", "exponential", "truncated-normal"]
DISTRIBUTIONS: tuple[Distribution, ...] = get_args(Distribution)
Estimator = Literal["likelihood", "corrected-moments"]
ESTIMATORS: tuple[Estimator, ...] = get_args(Estimator)

WRONG_SKEW = (
    "The residuals are skewed the wrong way for inefficiency of this kind: none is found, and every provider's "
    "efficiency is 1. It does not show that all are efficient; these data cannot tell."
)
NO_GAIN = (
    "Inefficiency adds nothing to the likelihood: none is found, and every provider's efficiency is 1. It does not "
    "show that all are efficient; these data cannot tell."
)
NO_NOISE = (
    "The moments leave no room for luck (a negative variance): all of the distance to the frontier is counted "
    "as inefficiency. Prefer the likelihood."
)


class InefficiencyTest(NamedTuple):
    """The likelihood-ratio test of no inefficiency.

    Attributes:
        statistic: twice the gain in log likelihood over least squares; from 0.
        p_value: by the mixture of chi-squared distributions that a variance at its bound has.
        critical: the statistic that is significant at 5 %.
    """

    statistic: float
    p_value: float
    critical: float


@dataclass(frozen=True, eq=False)
class Frontier:
    """A fitted frontier and what it says of each provider.

    Attributes:
        kind: ``production`` or ``cost``.
        distribution: of the inefficiency u.
        estimator: ``likelihood`` or ``corrected-moments``.
        coefficients: intercept first, then one for each input.
        coefficient_errors: their standard errors; NaN with corrected moments or where no inefficiency is found.
        noise: standard deviation of the noise v.
        scale: the scale of u: sigma_u of both normals, the mean of the exponential; 0 where none is found.
        location: mu of the truncated normal, else 0.
        log_likelihood: at these estimates.
        ols_log_likelihood: of least squares, without inefficiency.
        test: of no inefficiency; None with corrected moments.
        skewness: of the least-squares residuals; a production frontier needs it negative, a cost frontier positive.
        wrong_skew: whether it is the other way round.
        remark: what the reader must know, in a sentence; empty if nothing.
        residuals: observed less frontier, v - u or v + u, shape (N,).
        efficiency: E[exp(-u) given residual], 0 to 1: the share of the possible, where the output is a logarithm.
        inefficiency: E[u given residual], in units of the output.
        inefficiency_mode: the most likely u, given the residual.
        interval: of exp(-u), given the estimates.
    """

    kind: Kind
    distribution: Distribution
    estimator: Estimator
    coefficients: Array
    coefficient_errors: Array
    noise: float
    scale: float
    location: float
    log_likelihood: float
    ols_log_likelihood: float
    test: InefficiencyTest | None
    skewness: float
    wrong_skew: bool
    remark: str
    residuals: Array
    efficiency: Array
    inefficiency: Array
    inefficiency_mode: Array
    interval: Interval

    @property
    def sigma_squared(self) -> float:
        """sigma_u squared + sigma_v squared, as FRONTIER prints it."""
        return self.scale**2 + self.noise**2

    @property
    def gamma(self) -> float:
        """The share of sigma_u squared in it, as FRONTIER prints it; not the share of the variance of u."""
        return self.scale**2 / self.sigma_squared

    @property
    def efficiency_of_mean(self) -> Array:
        """exp(-E[u given residual]), the older measure, which the paper's Exhibit 7 comes nearest to."""
        return np.exp(-self.inefficiency)


def frontier(
    output: ArrayLike,
    inputs: ArrayLike,
    *,
    kind: Kind = "production",
    distribution: Distribution = "half-normal",
    estimator: Estimator = "likelihood",
    level: float = 0.95,
) -> Frontier:
    """Return a stochastic frontier of an output given inputs.

    Args:
        output: what is produced (for ``production``) or what it costs (for ``cost``), one for each provider; in
            logarithms if efficiency is to be a share. Seed 003 takes z scores of quality.
        inputs: shape (N,) or (N, k), in logarithms where the output is. Seed 003 takes z scores of cost
            performance. The intercept is added.
        kind: ``production`` (the frontier is above, inefficiency lowers the output) or ``cost`` (it is below).
        distribution: of the inefficiency: ``half-normal``, ``exponential`` or ``truncated-normal``.
        estimator: ``likelihood``, or ``corrected-moments`` (closed form, so formulas can do it; half-normal
            and exponential only).
        level: level of the intervals.

    Raises:
        ArgumentError: an option that is none, or moments of the truncated normal.
        DataError: missing values, text, a constant, inputs that repeat each other, too few providers.

    Source: METHODS section 5; Aigner, Lovell and Schmidt (1977), Jondrow and others (1982), Battese and
    Coelli (1988); checked against FRONTIER 4.1. When not to use it: with few providers (under 100, say) the
    residuals are skewed the wrong way by chance up to half of the time; the shape of u is assumed, not seen;
    the truncated normal needs thousands of providers. With z scores exp(-u) has no unit: it ranks, and says
    nothing about a share of the possible. The intervals hold the estimates for true, so they are too short.
    """
    check_choice("kind", kind, KINDS)
    check_choice("distribution", distribution, DISTRIBUTIONS)
    check_choice("estimator", estimator, ESTIMATORS)
    check_share("level", level)
    if estimator == "corrected-moments" and distribution == "truncated-normal":
        raise ArgumentError("estimator == 'corrected-moments' has no truncated normal; use the likelihood")
    y, design = _read(output, inputs)
    # The likelihood is written for production; a cost frontier is one with the signs of the residuals changed.
    sign = 1.0 if kind == "production" else -1.0
    ols = np.linalg.lstsq(design, y, rcond=None)[0].astype(np.float64)
    residuals = y - design @ ols
    variance = float((residuals**2).mean())
    if variance <= 1e-20 * max(float(y.var()), 1e-300):
        what = "output: the inputs explain it without a remainder, so there is nothing to tell apart."
        raise DataError([Finding(what, "Leave out the input that determines it.")])
    third = float((residuals**3).mean())
    skewness = third / variance**1.5
    ols_likelihood = -len(y) / 2 * (np.log(2 * np.pi * variance) + 1)
    wrong = sign * skewness >= 0
    remark = WRONG_SKEW if wrong else ""
    without = Fit(ols, np.full(len(ols), np.nan), float(np.sqrt(variance)), 0.0, 0.0, float(ols_likelihood))
    if wrong:
        fit = without
    elif estimator == "likelihood":
        start = corrected_moments(variance, sign * third, distribution)
        fit = fit_likelihood(y, design, ols, sign, distribution, start)
        if fit.log_likelihood < ols_likelihood:
            # Skewed the right way by next to nothing: the likelihood is flat, and the search ends beside its top.
            fit = without._replace(remark=NO_GAIN)
        remark = fit.remark
    else:
        fit, remark = _by_moments(y, design, ols, sign, distribution, variance, third)
    return _frontier(
        y, design, fit, kind, distribution, estimator, sign, float(ols_likelihood), skewness, wrong, remark, level
    )


class Moments(NamedTuple):
    """Variances from the moments of least-squares residuals.

    Attributes:
        scale: scale of u.
        noise: standard deviation of v; 0 where the moments leave none.
        shift: mean of u, by which the least-squares intercept misses the frontier.
        capped: whether the moments left a negative variance of v.
    """

    scale: float
    noise: float
    shift: float
    capped: bool


def corrected_moments(variance: float, third: float, distribution: Distribution) -> Moments:
    """Return the variances of u and v from the second and third moment of the residuals, in closed form.

    Args:
        variance: second central moment m2 (divisor N) of the least-squares residuals.
        third: third central moment m3, with the sign changed for a cost frontier: negative.
        distribution: half-normal: sigma_u^3 = m3 / (sqrt(2/pi) (1 - 4/pi)), sigma_v^2 = m2 - (1 - 2/pi)
            sigma_u^2; exponential: sigma_u^3 = -m3 / 2, sigma_v^2 = m2 - sigma_u^2. A truncated normal starts
            from the half-normal.

    Raises:
        ArgumentError: a third moment that is not negative: there is nothing to correct.

    Source: Olson, Schmidt and Waldman (1980). Third moments are noisy: one outlier decides them.
    """
    if not (variance > 0 and third < 0):
        raise ArgumentError("third: must be negative, and the variance positive")
    if distribution == "exponential":
        spread, mean = 1.0, 1.0
        scale = (-third / 2) ** (1 / 3)
    else:
        spread, mean = 1 - 2 / np.pi, np.sqrt(2 / np.pi)
        scale = (third / (np.sqrt(2 / np.pi) * (1 - 4 / np.pi))) ** (1 / 3)
    noise = variance - spread * scale**2
    capped = noise <= 0
    if capped:
        scale = np.sqrt(variance / spread)
    return Moments(float(scale), float(np.sqrt(max(noise, 0.0))), float(mean * scale), bool(capped))


class Conditional(NamedTuple):
    """Inefficiency given the residual, after Jondrow and others (1982): a normal cut off at 0.

    Attributes:
        mean: E[u], from 0.
        mode: the most likely u, from 0.
        efficiency: E[exp(-u)], 0 to 1.
        interval: of exp(-u).
    """

    mean: Array
    mode: Array
    efficiency: Array
    interval: Interval


def jondrow(
    residuals: ArrayLike,
    *,
    noise: float,
    scale: float,
    location: float = 0.0,
    distribution: Distribution = "half-normal",
    level: float = 0.95,
) -> Conditional:
    """Return what the residuals v - u say about u.

    Args:
        residuals: observed less frontier; of a cost frontier with their signs changed.
        noise: standard deviation of v, from 0.
        scale: scale of u, from 0; 0 means that there is no inefficiency.
        location: mu of the truncated normal.
        distribution: of u.
        level: level of the intervals.

    Raises:
        ArgumentError: a negative noise or scale, or both 0.

    Source: Jondrow, Lovell, Materov and Schmidt (1982); Battese and Coelli (1988); intervals by Horrace and
    Schmidt (1996).

    >>> jondrow([0.0], noise=1, scale=1).mode.tolist()
    [0.0]
    """
    check_choice("distribution", distribution, DISTRIBUTIONS)
    check_share("level", level)
    e = np.asarray(residuals, dtype=float)
    if not (noise >= 0 and scale >= 0 and noise + scale > 0):
        raise ArgumentError("noise and scale: must be from 0, and not both 0")
    if scale == 0:
        zero, one = np.zeros(len(e)), np.ones(len(e))
        return Conditional(zero, zero.copy(), one, Interval(one.copy(), one.copy()))
    if noise == 0:
        # Without luck the distance is the inefficiency.
        u = np.maximum(-e, 0.0)
        return Conditional(u, u.copy(), np.exp(-u), Interval(np.exp(-u), np.exp(-u)))
    from scipy.special import log_ndtr, ndtri_exp  # noqa: PLC0415  (slow to import)

    if distribution == "exponential":
        centre, width = -e - noise**2 / scale, noise
    else:
        total = noise**2 + scale**2
        centre, width = (location * noise**2 - e * scale**2) / total, noise * scale / np.sqrt(total)
    t = centre / width
    log_inside = log_ndtr(t)
    mean = np.maximum(centre + width * np.exp(-t * t / 2 - log_inside) / np.sqrt(2 * np.pi), 0.0)
    efficiency = np.exp(width**2 / 2 - centre + log_ndtr(t - width) - log_inside)
    tail = (1 - level) / 2
    # P(u > x) = Phi((centre - x) / width) / Phi(t): the larger u is the smaller efficiency.
    ends = [
        np.exp(-np.maximum(centre - width * ndtri_exp(np.log(probability) + log_inside), 0.0))
        for probability in (tail, 1 - tail)
    ]
    return Conditional(mean, np.maximum(centre, 0.0), np.clip(efficiency, 0.0, 1.0), Interval(*ends))


def _read(output: ArrayLike, inputs: ArrayLike) -> tuple[Array, Array]:
    raw = np.asarray(inputs)
    if raw.ndim == 1:
        columns = [inputs]
    elif raw.ndim == 2:
        names = getattr(inputs, "columns", None)
        columns = [inputs[name] for name in names] if names is not None else list(raw.T)  # type: ignore[index]
    else:
        raise ArgumentError(f"inputs has {raw.ndim} dimensions, must have 1 or 2")
    named = [
        Column("inputs" if raw.ndim == 1 else f"input {number}", values)
        for number, values in enumerate(columns, start=1)
    ]
    y, *x = read_columns(Column("output", output, varies=True), *named)
    design = np.column_stack([np.ones(len(y)), *x])
    if len(y) <= design.shape[1] + 2:
        what = f"output: {len(y)} providers are too few for {design.shape[1]} coefficients and two variances."
        raise DataError([Finding(what, "Use fewer inputs, or do not use this model.")])
    constant = [column.name for column, values in zip(named, x, strict=True) if is_constant(values)]
    if constant:
        raise DataError([Finding(f"{name} is the same in every row.", "Leave it out.") for name in constant])
    scaled = design / np.linalg.norm(design, axis=0)
    # The triangle has the condition of the whole, at less work.
    if np.linalg.cond(np.linalg.qr(scaled, mode="r")) > 1e10:
        raise DataError([Finding("The inputs repeat each other: one follows from the rest.", "Leave one out.")])
    return y, design


def _by_moments(
    y: Array, design: Array, ols: Array, sign: float, distribution: Distribution, variance: float, third: float
) -> tuple[Fit, str]:
    from xl_qbs.efficiency.frontier_likelihood import log_likelihood  # noqa: PLC0415

    moments = corrected_moments(variance, sign * third, distribution)
    beta = ols.copy()
    beta[0] += sign * moments.shift
    likelihood = float("nan")
    if not moments.capped:
        likelihood = log_likelihood(sign * (y - design @ beta), moments.noise, moments.scale, 0.0, distribution)
    fit = Fit(beta, np.full(len(beta), np.nan), moments.noise, moments.scale, 0.0, likelihood)
    return fit, NO_NOISE if moments.capped else ""


def _test(statistic: float, distribution: Distribution) -> InefficiencyTest:
    """Return the test; the truncated normal's mu is a second parameter, free under both."""
    # Not scipy.stats, which takes seconds to import: the upper tail of chi-squared, and its inverse.
    from scipy.special import chdtrc, chdtri  # noqa: PLC0415  (slow to import)

    statistic = max(statistic, 0.0)
    if distribution == "truncated-normal":
        # Half chi-squared with 1 and half with 2 degrees; critical value from Kodde and Palm (1986).
        p = 1.0 if statistic == 0 else float(chdtrc(1, statistic) + chdtrc(2, statistic)) / 2
        return InefficiencyTest(statistic, p, 5.138)
    p = 1.0 if statistic == 0 else float(chdtrc(1, statistic)) / 2
    return InefficiencyTest(statistic, p, float(chdtri(1, 0.1)))


def _frontier(
    y: Array,
    design: Array,
    fit: Fit,
    kind: Kind,
    distribution: Distribution,
    estimator: Estimator,
    sign: float,
    ols_likelihood: float,
    skewness: float,
    wrong: bool,
    remark: str,
    level: float,
) -> Frontier:
    residuals = y - design @ fit.coefficients
    told = jondrow(
        sign * residuals,
        noise=fit.noise,
        scale=fit.scale,
        location=fit.location,
        distribution=distribution,
        level=level,
    )
    test = _test(2 * (fit.log_likelihood - ols_likelihood), distribution) if estimator == "likelihood" else None
    return Frontier(
        kind=kind,
        distribution=distribution,
        estimator=estimator,
        coefficients=fit.coefficients,
        coefficient_errors=fit.errors,
        noise=fit.noise,
        scale=fit.scale,
        location=fit.location,
        log_likelihood=fit.log_likelihood,
        ols_log_likelihood=ols_likelihood,
        test=test,
        skewness=skewness,
        wrong_skew=wrong,
        remark=remark,
        residuals=residuals,
        efficiency=told.efficiency,
        inefficiency=told.mean,
        inefficiency_mode=told.mode,
        interval=told.interval,
    )
