"""Coverage, adjusted coverage, its interval and its reliability."""

from __future__ import annotations

from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.table import Array


class Interval(NamedTuple):
    """An interval for a share.

    Attributes:
        low: lower end, 0 to 1; NaN where undefined.
        high: upper end, 0 to 1; NaN where undefined.
    """

    low: Array
    high: Array


def coverage(done: ArrayLike, target: ArrayLike) -> Array:
    """Return coverage, work done over target population.

    Args:
        done: actual work done, any shape; more than the target is counted as the target.
        target: target population, of a shape that broadcasts with ``done``.

    Returns:
        Shares from 0 to 1; NaN (never 0) where the target is 0.

    Raises:
        ArgumentError: a negative or missing count.

    Source: seed 002, Part B section 1; METHODS section 1.

    >>> coverage([41, 0], [47, 0]).round(3).tolist()
    [0.872, nan]
    """
    done, target = counts(done, target)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(target > 0, done / target, np.nan)


def adjusted_coverage(done: ArrayLike, target: ArrayLike, mean: ArrayLike, strength: ArrayLike) -> Array:
    """Return coverage adjusted for need by empirical Bayes: (x + M m) / (n + M).

    Args:
        done: actual work done x, shape (N, k) or any other; more than the target is counted as the target.
        target: target population n, same shape.
        mean: prior mean m, a share from 0 to 1, one for each indicator.
        strength: prior strength M in patients, from 0; infinite means that everybody gets the mean.

    Returns:
        Shares from 0 to 1, between the coverage and the prior mean; the mean where the target is 0.

    Raises:
        ArgumentError: a negative count or strength, or a mean outside 0 to 1.

    Source: seed 002, Tables 3 and 4; METHODS section 3. Not a measure of how good a small list is:
    where the strength is large, it says more about the other lists than about this one.

    >>> adjusted_coverage([2, 30, 100, 90], [2, 98, 153, 122], 0.592, 46.875).round(2).tolist()
    [0.61, 0.4, 0.64, 0.7]
    """
    done, target = counts(done, target)
    mean, strength = _prior(mean, strength)
    finite = np.where(np.isinf(strength), 0.0, strength)
    whole = target + finite
    known = np.isfinite(strength) & (whole > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known, (done + finite * mean) / whole, mean)


def coverage_interval(
    done: ArrayLike, target: ArrayLike, mean: ArrayLike, strength: ArrayLike, level: float = 0.95
) -> Interval:
    """Return the equal-tailed posterior interval of coverage, from Beta(x + M m, n - x + M (1 - m)).

    Args:
        done: actual work done x.
        target: target population n, same shape.
        mean: prior mean m, 0 to 1.
        strength: prior strength M in patients.
        level: the probability inside, between 0 and 1.

    Returns:
        Low and high, same shape as the counts. With an infinite strength both are the mean; where
        the posterior leaves only 0 or only 1 possible, both are that.

    Raises:
        ArgumentError: as `adjusted_coverage`, and a level that is not between 0 and 1.

    Source: METHODS section 3 (uncertainty). The interval holds for the list's own patients as a
    sample; it does not cover doubts about the prior itself.
    """
    # Here, not above: scipy takes longer to import than all the rest of a scoring run.
    from scipy.special import betaincinv  # noqa: PLC0415

    if not 0 < level < 1:
        raise ArgumentError(f"level == {level}, must be between 0 and 1")
    done, target = counts(done, target)
    mean, strength = _prior(mean, strength)
    finite = np.where(np.isinf(strength), 0.0, strength)
    alpha, beta = np.broadcast_arrays(done + finite * mean, target - done + finite * (1 - mean))
    known = np.isfinite(strength) & (alpha + beta > 0)
    tail = (1 - level) / 2
    ends = []
    for probability in (tail, 1 - tail):
        end = np.where(alpha <= 0, 0.0, 1.0)
        inside = (alpha > 0) & (beta > 0)
        end[inside] = betaincinv(alpha[inside], beta[inside], probability)
        ends.append(np.where(known, end, mean))
    return Interval(*ends)


def reliability(target: ArrayLike, strength: ArrayLike) -> Array:
    """Return the reliability of coverage, n / (n + M): the weight that a list's own patients carry.

    Args:
        target: target population n.
        strength: prior strength M in patients.

    Returns:
        Shares from 0 (only the prior speaks) to 1 (only the list's own patients do).

    Raises:
        ArgumentError: a negative target or strength.

    Source: METHODS section 3 (uncertainty).
    """
    _, target = counts(0.0, target)
    _, strength = _prior(0.0, strength)
    finite = np.where(np.isinf(strength), 0.0, strength)
    known = np.isfinite(strength) & (target > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known, target / (target + finite), 0.0)


def wilson_interval(done: ArrayLike, target: ArrayLike, level: float = 0.95) -> Interval:
    """Return Wilson's score interval for coverage that is not adjusted.

    Args:
        done: actual work done x.
        target: target population n.
        level: the confidence level, between 0 and 1.

    Returns:
        Low and high; NaN where the target is 0.

    Raises:
        ArgumentError: a negative count, or a level that is not between 0 and 1.

    Source: METHODS section 3; oracles/README.md.

    >>> [round(float(end), 8) for end in wilson_interval(65, 100)]
    [0.55254443, 0.73635752]
    """
    if not 0 < level < 1:
        raise ArgumentError(f"level == {level}, must be between 0 and 1")
    done, target = counts(done, target)
    z = NormalDist().inv_cdf((1 + level) / 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = done / target
        centre = (share + z * z / (2 * target)) / (1 + z * z / target)
        half = z / (1 + z * z / target) * np.sqrt(share * (1 - share) / target + z * z / (4 * target**2))
        low = np.where(target > 0, np.maximum(centre - half, 0.0), np.nan)
        high = np.where(target > 0, np.minimum(centre + half, 1.0), np.nan)
    return Interval(low, high)


def counts(done: ArrayLike, target: ArrayLike) -> tuple[Array, Array]:
    """Return work done as it is counted and target population as arrays of one shape.

    Args:
        done: actual work done; more than the target is counted as the target.
        target: target population.

    Raises:
        ArgumentError: a count is negative or missing, or the shapes do not fit.
    """
    done, target = _numbers("done", done), _numbers("target", target)
    for what, values in (("done", done), ("target", target)):
        # A missing count is neither from 0 nor below infinity.
        if values.size and not (values.min() >= 0 and values.max() < np.inf):
            raise ArgumentError(f"{what}: must be numbers from 0, none missing")
    try:
        done, target = np.broadcast_arrays(done, target)
    except ValueError:
        raise ArgumentError(f"done has the shape {done.shape} and target {target.shape}: they do not fit") from None
    # An indicator's counts side by side in memory: sums over lists take a fraction of the time.
    target = np.asarray(target, order="F")
    return np.minimum(done, target, order="F"), target


def _prior(mean: ArrayLike, strength: ArrayLike) -> tuple[Array, Array]:
    mean, strength = _numbers("mean", mean), _numbers("strength", strength)
    if not ((mean >= 0) & (mean <= 1)).all():
        raise ArgumentError("mean: must be shares from 0 to 1, none missing")
    if not (strength >= 0).all():
        raise ArgumentError("strength: must be numbers of patients from 0, none missing")
    return mean, strength


def _numbers(what: str, values: ArrayLike) -> Array:
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ArgumentError(f"{what}: must be numbers") from None
