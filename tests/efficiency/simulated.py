"""Patients of providers whose effects are known, and how often intervals hold them: for tests and the benchmark."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xl_qbs.efficiency.cost_effectiveness import cost_effectiveness_of_patients
from xl_qbs.efficiency.regression import regression

Array = NDArray[np.float64]
# Covariances of quality and cost, between providers and between patients of one provider.
BETWEEN = np.array([[0.09, 0.05], [0.05, 0.09]])
WITHIN = np.array([[1.0, 0.3], [0.3, 1.0]])
RISK_SLOPES = (-0.5, 0.2)
PROVIDERS = 60
# The worth of a unit of quality.
VALUE = 2.0
# The level of the intervals is .95; this far from it their coverage may be.
LEAST, MOST = 0.93, 0.97
SEED = 20140616


class Known(NamedTuple):
    """Patient rows, and the effects of their providers on quality and cost, shape (providers, 2)."""

    provider: NDArray[np.intp]
    quality: Array
    cost: Array
    risk: Array
    effects: Array


def simulated(rng: Any, count: int, patients: int | NDArray[np.intp], *, confounded: float = 0.0) -> Known:
    """Return patients of ``count`` providers, so many each; where ``confounded``, the better ones treat the sicker."""
    provider = np.repeat(np.arange(count), patients)
    effects = rng.multivariate_normal([0, 0], BETWEEN, count)
    errors = rng.multivariate_normal([0, 0], WITHIN, len(provider))
    risk = rng.normal(size=len(provider)) + confounded * effects[provider, 0]
    quality = 5 + effects[provider, 0] + RISK_SLOPES[0] * risk + errors[:, 0]
    cost = 7 + effects[provider, 1] + RISK_SLOPES[1] * risk + errors[:, 1]
    return Known(provider, quality, cost, risk, effects)


def coverage_of_regression(replications: int, told: Callable[[int], None] | None = None) -> dict[str, Array]:
    """Return the share of 60 providers whose true effect is in the 95 % interval, for each replication."""
    slope = BETWEEN[0, 1] / BETWEEN[1, 1]
    found = []
    for number, known in enumerate(_replications(replications)):
        provider, quality, cost, risk, effects = known
        result = regression(provider, quality, cost, cost_is="spending", risk=risk)
        given_cost = effects[:, 0] - slope * effects[:, 1]
        pairs = [(result.quality_interval, effects[:, 0]), (result.cost_interval, effects[:, 1])]
        pairs.append((result.interval, given_cost))
        found.append([_held(*pair) for pair in pairs])
        if told:
            told(number + 1)
    return dict(zip(("quality", "cost", "quality given cost"), np.array(found).T, strict=True))


def coverage_of_net_benefit(replications: int, told: Callable[[int], None] | None = None) -> Array:
    """Return the share of 60 providers whose true net benefit is in the 95 % interval, for each replication."""
    found = []
    for number, known in enumerate(_replications(replications)):
        provider, quality, cost, risk, effects = known
        result = cost_effectiveness_of_patients(provider, quality, cost, cost_is="spending", value=VALUE, risk=risk)
        # Against the mean of all patients, as the model's reference is.
        benefit = VALUE * effects[:, 0] - effects[:, 1]
        found.append(_held(result.interval, benefit - benefit[provider].mean()))
        if told:
            told(number + 1)
    return np.array(found)


def allowed(shares: Array) -> tuple[float, float]:
    """Return between what the mean of some replications may lie: 93 to 97 %, and three of its standard errors."""
    error = 3 * float(shares.std(ddof=1)) / np.sqrt(len(shares))
    return LEAST - error, MOST + error


def _replications(count: int) -> Any:
    rng = np.random.default_rng(SEED)
    # Small and large providers, and the better ones treat the sicker.
    sizes = rng.integers(10, 41, PROVIDERS)
    for _ in range(count):
        yield simulated(rng, PROVIDERS, sizes, confounded=2.0)


def _held(interval: Any, truth: Array) -> float:
    return float(((interval.low <= truth) & (truth <= interval.high)).mean())
