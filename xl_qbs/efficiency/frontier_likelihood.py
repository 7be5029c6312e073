"""The likelihood of a stochastic frontier, its gradient, and the search for its maximum."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from xl_qbs.scoring.table import Array

if TYPE_CHECKING:
    from xl_qbs.efficiency.frontier import Distribution, Moments

# The truncated normal's mu over sigma_u: beyond, it is an exponential or a normal in all but name.
_FURTHEST = 10.0
# Logarithms of sigma over the spread of the residuals: below the first there is none to speak of.
_LOG_SIGMA = (-12.0, 3.0)
# With more rows than these, starting points are compared on so many of them, evenly spread.
_ENOUGH_ROWS = 4000
AT_BOUND = (
    "The truncated normal has run to its bound (mu is 10 times sigma_u): these data do not tell its mu. "
    "Use the exponential or the half-normal."
)
ALL_INEFFICIENCY = (
    "The likelihood leaves no room for luck: all of the distance to the frontier is counted as inefficiency."
)
NOT_FOUND = "The likelihood has no clear maximum near the estimates given: do not rely on their standard errors."


class Fit(NamedTuple):
    """Estimates.

    Attributes:
        coefficients: intercept first.
        errors: standard errors of the coefficients.
        noise: standard deviation of v.
        scale: scale of u.
        location: mu of the truncated normal, else 0.
        log_likelihood: at these estimates.
        remark: what the reader must know, or empty.
    """

    coefficients: Array
    errors: Array
    noise: float
    scale: float
    location: float
    log_likelihood: float
    remark: str = ""


class _Terms(NamedTuple):
    """The log likelihood and its derivatives by the residuals, ln sigma_v, ln sigma_u and mu / sigma_u."""

    value: float
    by_residual: Array
    by_log_noise: float
    by_log_scale: float
    by_ratio: float


_Loss = Callable[[Array], tuple[float, Array]]


class _Density(Protocol):
    def __call__(self, r: Array, noise: float, scale: float, ratio: float) -> _Terms: ...


def log_likelihood(r: Array, noise: float, scale: float, location: float, distribution: Distribution) -> float:
    """Return the log likelihood of residuals v - u."""
    return _DENSITIES[distribution](r, noise, scale, location / scale).value


def fit_likelihood(y: Array, design: Array, ols: Array, sign: float, distribution: Distribution, start: Moments) -> Fit:
    """Return the maximum-likelihood estimates, searched from corrected moments.

    Args:
        y: output, shape (N,).
        design: intercept and inputs, shape (N, k).
        ols: least-squares coefficients.
        sign: 1 for a production frontier, -1 for a cost frontier.
        distribution: of the inefficiency.
        start: variances by corrected moments.
    """
    from scipy.optimize import minimize  # noqa: PLC0415  (slow to import)

    density = _DENSITIES[distribution]
    rows, width = design.shape
    # In orthonormal coordinates and units of the residuals' spread, steps in all directions are alike.
    basis, triangle = np.linalg.qr(design)
    basis *= np.sqrt(rows)
    back = np.linalg.inv(triangle) * np.sqrt(rows)
    unit = float(np.sqrt(np.mean((y - design @ ols) ** 2)))
    away = (y - design @ ols) / unit
    truncated = distribution == "truncated-normal"

    def loss_over(some: slice) -> _Loss:
        part, rest = basis[some], away[some]

        def loss(point: Array) -> tuple[float, Array]:
            r = sign * (rest - part @ point[:width])
            noise, scale = float(np.exp(point[width])), float(np.exp(point[width + 1]))
            terms = density(r, noise, scale, float(point[-1]) if truncated else 0.0)
            gradient = [*(-sign * (part.T @ terms.by_residual)), terms.by_log_noise, terms.by_log_scale]
            if truncated:
                gradient.append(terms.by_ratio)
            return -terms.value / len(part), -np.array(gradient) / len(part)

        return loss

    bounds = [(-30.0, 30.0)] * width + [_LOG_SIGMA] * 2 + [(-_FURTHEST, _FURTHEST)] * truncated

    def search(of: _Loss, begin: Array) -> tuple[float, Array]:
        options = {"maxiter": 2000, "maxfun": 4000, "ftol": 1e-11, "gtol": 1e-5, "maxcor": 30}
        found = minimize(of, begin, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
        return float(found.fun), found.x

    loss = loss_over(slice(None))
    starts = _starts(basis, sign, unit, start, truncated)
    if rows > _ENOUGH_ROWS and len(starts) > 1:
        sketch = loss_over(slice(None, None, rows // _ENOUGH_ROWS))
        starts = [min((search(sketch, begin) for begin in starts), key=lambda found: found[0])[1]]
    best = min((search(loss, begin) for begin in starts), key=lambda found: found[0])[1]
    point, hessian = _polish(loss, best, bounds)
    value = -loss(point)[0] * rows
    noise, scale = (float(np.exp(point[width + k])) * unit for k in (0, 1))
    location = float(point[-1]) * scale if truncated else 0.0
    coefficients = ols + unit * (back @ point[:width])
    errors, remark = _errors(hessian, back, width, unit, rows)
    if truncated and abs(point[-1]) > _FURTHEST - 1e-3:
        remark = AT_BOUND
    elif point[width] < _LOG_SIGMA[0] + 1e-3:
        remark = ALL_INEFFICIENCY
    # The density is of y in units of the spread.
    return Fit(coefficients, errors, noise, scale, location, float(value - rows * np.log(unit)), remark)


def _starts(basis: Array, sign: float, unit: float, start: Moments, truncated: bool) -> list[Array]:
    """Return points to begin at: corrected moments, with the noise kept away from 0."""
    # The intercept is a column of the design, so the basis can express it.
    intercept = basis.mean(axis=0)
    points = []
    for ratio in (0.0, 1.5, -2.0) if truncated else (None,):
        noise, scale, shift = max(start.noise / unit, 0.1), start.scale / unit, start.shift / unit
        if ratio is not None and ratio > 0:
            shift += ratio * scale
        tail = [np.log(noise), np.log(scale)] + ([] if ratio is None else [ratio])
        points.append(np.concatenate([sign * shift * intercept, tail]))
    return points


def _polish(loss: _Loss, point: Array, bounds: list[tuple[float, float]]) -> tuple[Array, Array]:
    """Return the maximum after a few Newton steps, and the second derivatives of the mean loss there."""
    lower, upper = np.array(bounds).T
    value, gradient = loss(point)
    hessian = _second_derivatives(loss, point, gradient)
    for _ in range(8):
        size = np.abs(gradient).max()
        if size < 1e-12:
            break
        try:
            step = np.linalg.solve(hessian, -gradient)
        except np.linalg.LinAlgError:
            break
        tried = np.clip(point + step, lower, upper)
        new_value, new_gradient = loss(tried)
        # Near the maximum the value no longer changes; the gradient still tells which point is better.
        if new_value > value + 1e-15 * abs(value) or np.abs(new_gradient).max() >= size:
            break
        point, value, gradient = tried, new_value, new_gradient
        if np.abs(gradient).max() > 0.01 * size:
            hessian = _second_derivatives(loss, point, gradient)
    return point, hessian


def _second_derivatives(loss: _Loss, point: Array, gradient: Array) -> Array:
    """Return second derivatives by differences of the gradient; symmetric, and exact to about 1e-6."""
    step = 1e-6
    ahead = [loss(point + step * direction)[1] for direction in np.eye(len(point))]
    hessian = (np.array(ahead) - gradient) / step
    symmetric: Array = (hessian + hessian.T) / 2
    return symmetric


def _errors(hessian: Array, back: Array, width: int, unit: float, rows: int) -> tuple[Array, str]:
    try:
        np.linalg.cholesky(hessian)
    except np.linalg.LinAlgError:
        return np.full(width, np.nan), NOT_FOUND
    covariance = np.linalg.inv(hessian)[:width, :width] / rows
    errors: Array = unit * np.sqrt(np.maximum(np.diag(back @ covariance @ back.T), 0.0))
    return errors, ""


def _half_normal(r: Array, noise: float, scale: float, ratio: float) -> _Terms:  # noqa: ARG001
    total = noise**2 + scale**2
    sigma = np.sqrt(total)
    t = -r * (scale / noise) / sigma
    mills, log_inside = _mills(t)
    squares = r * r / total
    value = (np.log(2) - 0.5 * np.log(2 * np.pi) - np.log(sigma)) * len(r) - squares.sum() / 2 + log_inside.sum()
    share = noise**2 / total
    weighted = float(mills @ t)
    by_residual = -r / total - mills * (scale / noise / sigma)
    by_log_noise = share * (float(squares.sum()) - len(r)) - weighted * (1 + share)
    by_log_scale = (1 - share) * (float(squares.sum()) - len(r)) + weighted * share
    return _Terms(float(value), by_residual, by_log_noise, by_log_scale, 0.0)


def _exponential(r: Array, noise: float, scale: float, ratio: float) -> _Terms:  # noqa: ARG001
    t = -r / noise - noise / scale
    mills, log_scaled = _mills(t, scaled=True)
    # t^2/2 - r^2/(2 sigma_v^2) = r / sigma_u + sigma_v^2 / (2 sigma_u^2), which alone would cancel badly.
    value = -len(r) * np.log(scale) + log_scaled.sum() - (r * r).sum() / (2 * noise**2)
    relative = noise / scale
    by_residual = 1 / scale - mills / noise
    by_log_noise = len(r) * relative**2 + float(mills @ (r / noise - relative))
    by_log_scale = -len(r) * (1 + relative**2) - float(r.sum()) / scale + relative * float(mills.sum())
    return _Terms(float(value), by_residual, by_log_noise, by_log_scale, 0.0)


def _truncated_normal(r: Array, noise: float, scale: float, ratio: float) -> _Terms:
    location = ratio * scale
    total = noise**2 + scale**2
    sigma = np.sqrt(total)
    away = (r + location) / sigma
    lam = scale / noise
    t = (location / lam - r * lam) / sigma
    mills, log_inside = _mills(t)
    cut_mills, log_cut = (part[0] for part in _mills(np.array([ratio])))
    value = -(np.log(sigma) + 0.5 * np.log(2 * np.pi) + log_cut) * len(r) - (away * away).sum() / 2 + log_inside.sum()
    share = noise**2 / total
    by_residual = -away / sigma - mills * lam / sigma
    turned = (location / lam + r * lam) / sigma
    squares = float(away @ away)
    by_location = -float(away.sum()) / sigma + float(mills.sum()) / (lam * sigma)
    by_log_noise = share * (squares - len(r)) + float(mills @ (turned - t * share))
    by_log_scale = (1 - share) * (squares - len(r)) - float(mills @ (turned + t * (1 - share)))
    # mu is ratio * sigma_u, so it moves with sigma_u.
    by_log_scale += by_location * location
    by_ratio = by_location * scale - len(r) * float(cut_mills)
    return _Terms(float(value), by_residual, by_log_noise, by_log_scale, by_ratio)


def _mills(t: Array, *, scaled: bool = False) -> tuple[Array, Array]:
    """Return phi(t) / Phi(t) and ln Phi(t), or with ``scaled`` ln Phi(t) + t^2 / 2; exact in both tails."""
    from scipy.special import erfcx  # noqa: PLC0415  (slow to import)

    # erfcx(-t / sqrt 2) = 2 Phi(t) exp(t^2 / 2): overflows to infinity for t > 37, where the ratio is 0.
    with np.errstate(over="ignore"):
        tail = erfcx(-t / np.sqrt(2))
    mills = np.sqrt(2 / np.pi) / tail
    half_square = t * t / 2
    # Beyond 20 ln Phi(t) is 0 to the last bit.
    with np.errstate(invalid="ignore", divide="ignore"):
        log_scaled = np.where(t < 20, np.log(tail / 2), half_square)
    return mills, log_scaled if scaled else log_scaled - half_square


_DENSITIES: dict[str, _Density] = {
    "half-normal": _half_normal,
    "exponential": _exponential,
    "truncated-normal": _truncated_normal,
}
