from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xl_qbs.efficiency.frontier import DISTRIBUTIONS, NO_GAIN, WRONG_SKEW, corrected_moments, frontier, jondrow
from xl_qbs.efficiency.standardize import standardize_both
from xl_qbs.errors import ArgumentError, DataError


@pytest.fixture(scope="module")
def firms(shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "oracles" / "sfa_front41_60_firms.csv")


def simulated(rows: int, distribution: str, *, seed: int = 1, kind: str = "production") -> tuple[Any, Any, Any]:
    """Return output, inputs and u: coefficients 1, .5, -.3; sigma_v .3; scale .6 (truncated: mu .4, scale .8)."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 2))
    if distribution == "half-normal":
        u = np.abs(rng.normal(0, 0.6, rows))
    elif distribution == "exponential":
        u = rng.exponential(0.6, rows)
    else:
        u = truncated(rng, 0.4, 0.8, rows)
    sign = 1 if kind == "production" else -1
    return 1 + x @ [0.5, -0.3] + rng.normal(0, 0.3, rows) - sign * u, x, u


def truncated(rng: Any, location: float, scale: float, rows: int) -> Any:
    drawn = rng.normal(location, scale, 2 * rows)
    return drawn[drawn > 0][:rows]


# FRONTIER 4.1.


def test_frontier_41_eg1(firms: pd.DataFrame) -> None:
    fit = frontier(np.log(firms.output), np.log(firms[["capital", "labour"]]))
    # As FRONTIER 4.1 prints them; its own search stops a little before the maximum, so 4 digits.
    assert fit.coefficients == pytest.approx([0.56161963, 0.28110205, 0.53647981], abs=5e-5)
    assert fit.sigma_squared == pytest.approx(0.21700046, abs=5e-5)
    assert fit.gamma == pytest.approx(0.79720730, abs=5e-5)
    assert fit.log_likelihood == pytest.approx(-17.027229, abs=1e-5)
    assert fit.ols_log_likelihood == pytest.approx(-18.446849, abs=1e-5)
    assert fit.test is not None
    assert fit.test.statistic == pytest.approx(2.8392402, abs=1e-4)
    assert len(firms) == 60
    assert fit.efficiency == pytest.approx(firms.te_frontier41.to_numpy(), abs=1e-4)
    assert fit.efficiency.mean() == pytest.approx(0.74056772, abs=1e-5)
    assert fit.remark == ""
    # And it is nearer to the maximum than the program was.
    assert fit.log_likelihood > -17.027229


def test_the_test_of_no_inefficiency(firms: pd.DataFrame) -> None:
    test = frontier(np.log(firms.output), np.log(firms[["capital", "labour"]])).test
    assert test is not None
    # Kodde and Palm (1986), Table 1: 2.706 with one restriction, 5.138 with two, at 5 %.
    assert test.critical == pytest.approx(2.706, abs=5e-4)
    assert 0.04 < test.p_value < 0.05


# The likelihood.


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_the_likelihood_is_that_of_noise_less_inefficiency(distribution: str) -> None:
    from scipy.integrate import quad
    from scipy.stats import expon, norm, truncnorm

    from xl_qbs.efficiency.frontier_likelihood import log_likelihood

    location = 0.5 if distribution == "truncated-normal" else 0.0
    density = {
        "half-normal": truncnorm(0, np.inf, loc=0, scale=0.6),
        "exponential": expon(scale=0.6),
        "truncated-normal": truncnorm(-0.5 / 0.6, np.inf, loc=0.5, scale=0.6),
    }[distribution]
    for e in (-3.0, -0.7, 0.0, 0.4, 1.5):
        total = quad(lambda u, e=e: density.pdf(u) * norm.pdf(e + u, scale=0.3), 0, 8, epsabs=1e-14, limit=200)[0]
        found = log_likelihood(np.array([e]), 0.3, 0.6, location, distribution)  # type: ignore[arg-type]
        assert found == pytest.approx(np.log(total), abs=1e-8)
        # And what is known of u is that density over the total.
        told = jondrow([e], noise=0.3, scale=0.6, location=location, distribution=distribution)  # type: ignore[arg-type]

        def mean_of(function: Any, low: float = 0, high: float = 8, e: float = e, total: float = total) -> float:
            def weighted(u: float) -> float:
                return float(function(u) * density.pdf(u) * norm.pdf(e + u, scale=0.3))

            return float(quad(weighted, low, high, limit=200)[0] / total)

        assert told.mean[0] == pytest.approx(mean_of(lambda u: u), abs=1e-7)
        assert told.efficiency[0] == pytest.approx(mean_of(lambda u: np.exp(-u)), abs=1e-7)
        low, high = -np.log(told.interval.high[0]), -np.log(told.interval.low[0])
        assert mean_of(np.ones_like, high=low) == pytest.approx(0.025, abs=1e-7)
        assert mean_of(np.ones_like, low=high) == pytest.approx(0.025, abs=1e-7)


@given(st.sampled_from(DISTRIBUTIONS), st.floats(-2, 2), st.floats(-2, 2), st.floats(-5, 5), st.lists(st.floats(-4, 4)))
def test_the_gradient_is_that_of_the_likelihood(
    distribution: Any, log_noise: float, log_scale: float, ratio: float, residuals: list[float]
) -> None:
    from xl_qbs.efficiency.frontier_likelihood import _DENSITIES

    r = np.array([*residuals, 0.5])
    density = _DENSITIES[distribution]

    def value(shift: float, a: float, b: float, q: float) -> float:
        return density(r + shift, float(np.exp(a)), float(np.exp(b)), q).value

    at = np.array([0.0, log_noise, log_scale, ratio])
    terms = density(r, float(np.exp(log_noise)), float(np.exp(log_scale)), ratio)
    found = [terms.by_residual.sum(), terms.by_log_noise, terms.by_log_scale, terms.by_ratio]
    for number, derivative in enumerate(found):
        step = np.zeros(4)
        step[number] = 1e-5
        numeric = (value(*(at + step)) - value(*(at - step))) / 2e-5
        assert derivative == pytest.approx(numeric, rel=1e-5, abs=1e-4 * (1 + np.abs(found).max() * 1e-3))


@pytest.mark.parametrize("kind", ["production", "cost"])
@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_known_parameters_are_recovered(distribution: Any, kind: Any) -> None:
    y, x, u = simulated(20_000, distribution, kind=kind)
    fit = frontier(y, x, kind=kind, distribution=distribution)
    assert fit.remark == ""
    assert np.abs(fit.coefficients[1:] - [0.5, -0.3]).max() < 4 * fit.coefficient_errors[1:].max()
    assert fit.noise == pytest.approx(0.3, abs=0.03)
    # mu and sigma_u of the truncated normal are hard to tell apart, even with 20,000 rows.
    wide = 0.1 if distribution == "truncated-normal" else 0.03
    assert fit.scale == pytest.approx(0.8 if distribution == "truncated-normal" else 0.6, abs=wide)
    if distribution == "truncated-normal":
        assert fit.location == pytest.approx(0.4, abs=0.15)
    else:
        assert fit.location == 0
    assert fit.inefficiency.mean() == pytest.approx(u.mean(), abs=0.05)
    assert fit.efficiency.mean() == pytest.approx(np.exp(-u).mean(), abs=0.03)
    inside = (fit.interval.low <= np.exp(-u)) & (np.exp(-u) <= fit.interval.high)
    assert inside.mean() == pytest.approx(0.95, abs=0.015)
    assert np.corrcoef(fit.inefficiency, u)[0, 1] > 0.7


@pytest.mark.parametrize(
    ("distribution", "rows", "samples", "spread"),
    # The spread between samples of sigma_v, scale and mu is at most this: what so many rows can tell.
    [
        ("half-normal", 2_000, 12, (0.03, 0.05, 0)),
        ("exponential", 2_000, 12, (0.02, 0.03, 0)),
        ("truncated-normal", 20_000, 5, (0.02, 0.03, 0.1)),
    ],
)
def test_known_parameters_are_met_on_average(
    distribution: Any, rows: int, samples: int, spread: tuple[float, ...]
) -> None:
    found = []
    for seed in range(samples):
        y, x, _ = simulated(rows, distribution, seed=100 + seed)
        fit = frontier(y, x, distribution=distribution)
        found.append([*fit.coefficients, fit.noise, fit.scale, fit.location])
    scale, location = (0.8, 0.4) if distribution == "truncated-normal" else (0.6, 0.0)
    truth = np.array([1, 0.5, -0.3, 0.3, scale, location])
    own = np.std(found, axis=0, ddof=1)
    assert (own[3:] <= spread).all()
    assert (np.abs(np.mean(found, axis=0) - truth) <= 4 * own / np.sqrt(samples)).all()


def test_nothing_near_is_likelier() -> None:
    from xl_qbs.efficiency.frontier_likelihood import log_likelihood

    rng = np.random.default_rng(3)
    for distribution in DISTRIBUTIONS:
        y, x, _ = simulated(800, distribution, seed=4)
        fit = frontier(y, x, distribution=distribution)
        design = np.column_stack([np.ones(800), x])
        for _ in range(30):
            beta = fit.coefficients + rng.normal(0, 0.01, 3)
            noise, scale = np.array([fit.noise, fit.scale]) * np.exp(rng.normal(0, 0.05, 2))
            near = log_likelihood(y - design @ beta, noise, scale, fit.location, distribution)
            assert near <= fit.log_likelihood + 1e-9


# What must not matter, and what does.


def test_units_move_nothing_but_the_units(firms: pd.DataFrame) -> None:
    y, x = np.log(firms.output), np.log(firms[["capital", "labour"]])
    fit = frontier(y, x)
    # Other units of output and capital: intercept and slopes follow, efficiency stays.
    other = frontier(y + 7, x * [1000, 1] + [0, 50])
    assert other.efficiency == pytest.approx(fit.efficiency, abs=1e-7)
    assert other.log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-8)
    assert other.coefficients[1] * 1000 == pytest.approx(fit.coefficients[1], abs=1e-7)
    scaled = frontier(y * 10, x)
    assert scaled.inefficiency == pytest.approx(fit.inefficiency * 10, abs=1e-5)


def test_a_cost_frontier_is_the_mirror(firms: pd.DataFrame) -> None:
    y, x = np.log(firms.output), np.log(firms[["capital", "labour"]])
    production, cost = frontier(y, x), frontier(-y, x, kind="cost")
    assert cost.efficiency == pytest.approx(production.efficiency, abs=1e-9)
    assert cost.coefficients == pytest.approx(-production.coefficients, abs=1e-8)
    assert cost.skewness == pytest.approx(-production.skewness, abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(DISTRIBUTIONS), st.integers(8, 40))
def test_it_never_crashes_and_efficiency_is_a_share(seed: int, distribution: Any, rows: int) -> None:
    rng = np.random.default_rng(seed)
    fit = frontier(rng.normal(size=rows), rng.normal(size=rows), distribution=distribution)
    assert ((fit.efficiency >= 0) & (fit.efficiency <= 1)).all()
    assert (fit.inefficiency >= 0).all()
    assert (fit.inefficiency >= fit.inefficiency_mode - 1e-9).all()
    assert fit.wrong_skew == (fit.skewness >= 0)
    if fit.wrong_skew:
        assert fit.efficiency.tolist() == [1.0] * rows
    else:
        # The likelihood can only gain on least squares.
        assert fit.log_likelihood >= fit.ols_log_likelihood


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_wrong_skew_is_said_and_everybody_is_efficient(distribution: Any) -> None:
    y, x, _ = simulated(500, "half-normal")
    fit = frontier(-y, x, distribution=distribution)
    assert fit.wrong_skew
    assert fit.remark == WRONG_SKEW
    assert fit.efficiency.tolist() == [1.0] * 500
    assert fit.inefficiency.tolist() == [0.0] * 500
    assert fit.interval.low.tolist() == [1.0] * 500
    assert fit.test is not None
    assert (fit.test.statistic, fit.test.p_value) == (0, 1)
    assert fit.log_likelihood == fit.ols_log_likelihood


@pytest.mark.parametrize(("scale", "share"), [(1.0, 0.31), (0.5, 0.47)])
def test_how_often_chance_turns_the_skew_of_100_providers(scale: float, share: float) -> None:
    rng = np.random.default_rng(0)
    wrong = []
    for _ in range(3000):
        y, x = rng.normal(size=100) - np.abs(rng.normal(0, scale, 100)), rng.normal(size=100)
        design = np.column_stack([np.ones(100), x])
        away = y - design @ np.linalg.solve(design.T @ design, design.T @ y)
        wrong.append((away**3).mean() >= 0)
    # Three standard errors of 3,000 samples.
    assert np.mean(wrong) == pytest.approx(share, abs=0.027)


def test_next_to_no_skew_is_said_too() -> None:
    # Symmetric but for a hair.
    half = np.random.default_rng(1).normal(size=100)
    y = np.concatenate([half, -half])
    y[np.abs(y).argmax()] *= 1.0001 if y[np.abs(y).argmax()] < 0 else 0.9999
    x = np.tile(np.random.default_rng(2).normal(size=100), 2)
    fit = frontier(y, x)
    assert not fit.wrong_skew
    assert fit.efficiency.min() > 0.5
    assert fit.log_likelihood >= fit.ols_log_likelihood
    assert fit.remark == NO_GAIN or fit.test.p_value > 0.3  # type: ignore[union-attr]


# Corrected moments.


@pytest.mark.parametrize("distribution", ["half-normal", "exponential"])
def test_corrected_moments_are_exact_on_exact_moments(distribution: Any) -> None:
    # Moments of v - u with sigma_v .3 and scale .6, by the textbook (skewness of a half-normal: .9953).
    if distribution == "half-normal":
        variance, third = 0.09 + 0.36 * (1 - 2 / np.pi), -0.9952717 * (0.36 * (1 - 2 / np.pi)) ** 1.5
    else:
        variance, third = 0.09 + 0.36, -2 * 0.6**3
    moments = corrected_moments(variance, third, distribution)
    assert moments[:2] == pytest.approx([0.6, 0.3], abs=1e-6)
    assert not moments.capped


def test_corrected_moments_come_near_the_likelihood(firms: pd.DataFrame) -> None:
    y, x = np.log(firms.output), np.log(firms[["capital", "labour"]])
    moments, likelihood = frontier(y, x, estimator="corrected-moments"), frontier(y, x)
    assert moments.coefficients[1:] == pytest.approx(likelihood.coefficients[1:], abs=0.05)
    assert np.corrcoef(moments.efficiency, likelihood.efficiency)[0, 1] > 0.98
    assert moments.test is None
    assert moments.log_likelihood < likelihood.log_likelihood


def test_moments_without_room_for_luck() -> None:
    # Very skewed: the third moment asks for more spread than there is.
    rng = np.random.default_rng(1)
    fit = frontier(-(rng.exponential(1, 300) ** 2), rng.normal(size=300), estimator="corrected-moments")
    assert fit.noise == 0
    assert "no room for luck" in fit.remark
    assert fit.inefficiency == pytest.approx(np.maximum(-fit.residuals, 0), abs=1e-12)


# Real data and refusals.


def test_hospitals(hospitals: pd.DataFrame) -> None:
    both = standardize_both(hospitals.total_performance_score, hospitals.spending_ratio, cost_is="spending")
    for distribution in DISTRIBUTIONS:
        fit = frontier(both.quality, both.cost, distribution=distribution)
        # The score of fiscal year 2013 is skewed the right way, if barely.
        assert fit.skewness == pytest.approx(-0.094, abs=5e-4)
        assert not fit.wrong_skew
        assert 0 < fit.efficiency.min() < fit.efficiency.max() < 1
        assert (np.diff(fit.efficiency[np.argsort(fit.residuals)]) >= -1e-12).all()


@pytest.mark.parametrize(
    ("output", "inputs", "message"),
    [
        ([1, 2, 3, 4, 5, 6], [[1], [1], [1], [1], [1], [1]], "input 1 is the same in every row"),
        ([1, 2, 3, 4], [[1, 2], [2, 1], [3, 3], [4, 9]], "4 providers are too few for 3 coefficients"),
        ([1, 2, 3, 4, 5, 6.5], [1, 2, None, 4, 5, 6], "inputs is missing in row 3"),
        ([1, 1, 1, 1, 1, 1], [1, 2, 3, 4, 5, 6], "output is 1 in every row"),
        ([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6], "explain it without a remainder"),
        ([1, 5, 3, 4, 2, 6, 8], np.outer([1, 2, 3, 4, 5, 6, 9], [1, 2]), "repeat each other"),
    ],
)
def test_data_that_cannot_be_fitted(output: Any, inputs: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        frontier(output, inputs)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "profit"}, "kind == 'profit'"),
        ({"distribution": "gamma"}, "distribution == 'gamma'"),
        ({"distribution": "truncated-normal", "estimator": "corrected-moments"}, "has no truncated normal"),
        ({"level": 95}, "level == 95"),
    ],
)
def test_options_that_are_none(options: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        frontier([1, 2, 3, 4, 5, 7], [1, 2, 3, 5, 4, 6], **options)
