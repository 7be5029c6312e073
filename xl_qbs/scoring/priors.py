"""The prior of each indicator: its mean, and its strength in patients, by four rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike

from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.coverage import counts
from xl_qbs.scoring.table import Array

PriorRule = Literal["report", "moments", "likelihood", "fixed"]
PRIOR_RULES: tuple[PriorRule, ...] = get_args(PriorRule)


class Prior(NamedTuple):
    """The prior of k indicators.

    Attributes:
        mean: prior mean m of each indicator, shape (k,), a share; NaN where no list has a patient.
        strength: prior strength M, shape (k,), in patients; infinite where lists differ no more than
            chance explains, so that every list gets the mean.
    """

    mean: Array
    strength: Array


def report_prior(done: ArrayLike, target: ArrayLike, fraction: float = 0.5) -> Prior:
    """Return the report's prior: the overall coverage, worth a fixed fraction of the mean target.

    Args:
        done: actual work done, shape (N, k).
        target: target population, shape (N, k).
        fraction: prior strength as a fraction of the mean target over all N lists (those with a
            target of 0 included); 0.5 in the report, 1 in the authors' later version.

    Raises:
        ArgumentError: counts that are none, or a negative fraction.

    Source: seed 002, Tables 3 and 4 (46.875 is half of the mean of 2, 98, 153 and 122).

    When not to use it: the amount is chosen, not estimated. On the real lists of 2019 it predicts
    the coverage of 2020 worse than raw coverage does for 8 of 11 indicators.

    >>> report_prior([[2], [30], [100], [90]], [[2], [98], [153], [122]]).strength.tolist()
    [46.875]
    """
    if not 0 <= fraction < np.inf:
        raise ArgumentError(f"fraction == {fraction}, must be a number from 0")
    done, target = _columns(done, target)
    return Prior(_overall(done, target), fraction * target.mean(axis=0))


class MomentsWorkings(NamedTuple):
    """The steps of the method of moments, each of shape (k,), as a sheet shows them.

    Attributes:
        mean: overall coverage m.
        spread: S = sum n (c - m)^2.
        room: sum n - sum n^2 / sum n - (N - 1).
        rho: what lists differ beyond chance; 0 where it cannot be told.
        strength: (1 - rho) / rho; infinite where rho is not positive.
    """

    mean: Array
    spread: Array
    room: Array
    rho: Array
    strength: Array


def moments_workings(done: ArrayLike, target: ArrayLike) -> MomentsWorkings:
    """Return the steps of the method of moments; arguments and source as `moments_prior`."""
    done, target = _columns(done, target)
    mean = _overall(done, target)
    lists = (target > 0).sum(axis=0)
    patients = target.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        # sum n (c - m)^2, as sum x c - m sum x: the form that a sheet can follow.
        served = done * done
        np.divide(served, target, out=served, where=target > 0)
        spread = served.sum(axis=0) - mean * done.sum(axis=0)
        room = patients - np.einsum("ij,ij->j", target, target) / patients - (lists - 1)
        told = (mean > 0) & (mean < 1) & (room > 0)
        rho = np.where(told, (spread / (mean * (1 - mean)) - (lists - 1)) / room, 0.0)
        strength = np.where(rho > 0, np.maximum((1 - rho) / rho, 0.0), np.inf)
    return MomentsWorkings(mean, spread, room, rho, strength)


def moments_prior(done: ArrayLike, target: ArrayLike) -> Prior:
    """Return the prior by the method of moments, in closed form.

    With the N lists that have patients, S = sum n (c - m)^2 and rho = (S / (m (1 - m)) - (N - 1)) /
    (sum n - sum n^2 / sum n - (N - 1)), the strength is (1 - rho) / rho.

    Args:
        done: actual work done, shape (N, k).
        target: target population, shape (N, k).

    Returns:
        The overall coverage, and the strength; infinite where rho is not positive or cannot be
        told, 0 where rho is 1 or more.

    Raises:
        ArgumentError: counts that are none.

    Source: METHODS section 3. Weighs lists by their patients, so a few large lists can decide it.
    """
    workings = moments_workings(done, target)
    return Prior(workings.mean, workings.strength)


def likelihood_prior(done: ArrayLike, target: ArrayLike) -> Prior:
    """Return the prior by beta-binomial maximum likelihood.

    Args:
        done: actual work done, shape (N, k).
        target: target population, shape (N, k).

    Returns:
        Mean alpha / (alpha + beta) and strength alpha + beta; where the likelihood rises towards
        equal lists, the overall coverage and an infinite strength.

    Raises:
        ArgumentError: counts that are none.

    Source: METHODS section 3. Not in closed form: a sheet can only hold the result.
    """
    done, target = _columns(done, target)
    # Each column in an order of its own: the search then ends at the same point whatever the order of the lists.
    order = np.lexsort((done, target), axis=0)
    done, target = np.take_along_axis(done, order, axis=0), np.take_along_axis(target, order, axis=0)
    means, strengths = [], []
    for column in range(target.shape[1]):
        # Lists without patients say nothing, and must not move the last bits of the start either.
        some = target[:, column] > 0
        x, n = done[some, column], target[some, column]
        start = moments_prior(x[:, None], n[:, None]) if len(n) else Prior(np.array([np.nan]), np.array([np.inf]))
        mean, strength = _fit_beta_binomial(x, n, float(start.mean[0]), float(start.strength[0]))
        means.append(mean)
        strengths.append(strength)
    return Prior(np.array(means), np.array(strengths))


def fixed_prior(codes: Sequence[str], values: Mapping[str, tuple[float, float]]) -> Prior:
    """Return a prior that is given, for example frozen from the year before.

    Args:
        codes: the indicators in order.
        values: mean (a share) and strength (patients) by indicator code.

    Raises:
        ArgumentError: an indicator has no values, or values that no prior can have.

    Source: METHODS section 3: so that a score does not move with its peers.
    """
    missing = [code for code in codes if code not in values]
    if missing:
        raise ArgumentError(f"prior values are missing for {', '.join(missing)}")
    mean = np.array([values[code][0] for code in codes], dtype=float)
    strength = np.array([values[code][1] for code in codes], dtype=float)
    for code, one_mean, one_strength in zip(codes, mean, strength, strict=True):
        if not 0 <= one_mean <= 1:
            raise ArgumentError(f"prior mean of {code} == {one_mean}, must be from 0 to 1")
        if not one_strength >= 0:
            raise ArgumentError(f"prior strength of {code} == {one_strength}, must be 0 or more")
    return Prior(mean, strength)


def _columns(done: ArrayLike, target: ArrayLike) -> tuple[Array, Array]:
    done, target = counts(done, target)
    if target.ndim != 2:
        raise ArgumentError(f"target has {target.ndim} dimensions, must have 2: lists and indicators")
    if len(target) == 0:
        raise ArgumentError("target has no lists")
    return done, target


def _overall(done: Array, target: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        overall: Array = done.sum(axis=0) / target.sum(axis=0)
    return overall


# Strengths beyond these are taken as none at all and as infinite: e^-12 and e^16 patients.
_LOG_STRENGTH = (-12.0, 16.0)


def _fit_beta_binomial(done: Array, target: Array, mean: float, strength: float) -> tuple[float, float]:
    """Return mean and strength of one indicator; ``mean`` and ``strength`` are where the search begins."""
    # With one patient a list at most, the likelihood is the same for every strength.
    if not 0 < mean < 1 or target.max() <= 1:
        return mean, float("inf")
    from scipy.optimize import minimize  # noqa: PLC0415  (slow to import, and only this rule needs it)
    from scipy.special import betaln, digamma  # noqa: PLC0415

    missed = target - done

    def loss(point: Array) -> tuple[float, Array]:
        share = 1 / (1 + np.exp(-point[0]))
        total = np.exp(point[1])
        alpha, beta = share * total, (1 - share) * total
        value = (betaln(done + alpha, missed + beta) - betaln(alpha, beta)).sum()
        common = digamma(alpha + beta) - digamma(target + alpha + beta)
        by_alpha = (digamma(done + alpha) - digamma(alpha) + common).sum()
        by_beta = (digamma(missed + beta) - digamma(beta) + common).sum()
        by_logit = (by_alpha - by_beta) * total * share * (1 - share)
        by_log = by_alpha * alpha + by_beta * beta
        return -value, -np.array([by_logit, by_log])

    begin = np.clip(np.log(strength) if 0 < strength < np.inf else 3.0, -5.0, 10.0)
    bounds = [(-20.0, 20.0), _LOG_STRENGTH]
    found = minimize(
        loss,
        np.array([np.log(mean / (1 - mean)), begin]),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"ftol": 1e-14, "gtol": 1e-9, "maxiter": 1000},
    )
    logit, log_strength = found.x
    if log_strength >= _LOG_STRENGTH[1] - 1e-3:
        return mean, float("inf")
    return float(1 / (1 + np.exp(-logit))), float(np.exp(log_strength))
