"""Quality given cost from patient rows, and the net benefit of providers."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from tests.addin.formula_help import block, call, column, name_and_arguments, same
from xl_qbs.addin.catalogue import find
from xl_qbs.addin.definition import MISSING, CellError, Cells
from xl_qbs.efficiency.regression import regression

NA, NUM, VALUE, REF = CellError.NA, CellError.NUM, CellError.VALUE, CellError.REF
QUALITY, SPENDING = [0.9, 0.8, 0.85], [12000, 9000, 9000]
ERRORS = ([0.02, 0.01, 0.03], [500, 400, 300])


def example() -> tuple[Cells, Any]:
    """Return the example's result and its patients: shape (6 providers, 4 patients, quality and cost)."""
    (one,) = find("QBS_REGRESSION").examples
    _, (_, quality, cost, _) = name_and_arguments(one)
    return one.result, np.stack([np.array(side, dtype=float).reshape(6, 4) for side in (quality, cost)], axis=2)


class TestRegression:
    def test_the_example_is_the_textbook_estimate(self) -> None:
        """With as many patients each, restricted likelihood is the analysis of variance, which has a closed form."""
        result, patients = example()
        means = patients.mean(axis=1)
        away = patients - means[:, None]
        chance = np.einsum("npi,npj->ij", away, away) / (6 * 3) / 4
        total = np.cov(means.T)
        between = total - chance
        share = between @ np.linalg.inv(total)
        effects = (means - means.mean(axis=0)) @ share.T
        slope = between[0, 1] / between[1, 1]
        contrast = np.array([1, -slope])
        efficiency = effects @ contrast
        posterior = between - share @ between + share @ total @ share.T / 6
        # The slope's variance by the delta method: entries of a covariance of 6 means have Wishart's covariances.
        gradient = {(0, 1): 1 / between[1, 1], (1, 1): -slope / between[1, 1]}
        of_slope = sum(
            d * e * (total[i, k] * total[j, m] + total[i, m] * total[j, k]) / 5
            for (i, j), d in gradient.items()
            for (k, m), e in gradient.items()
        )
        error = np.sqrt(contrast @ posterior @ contrast + effects[:, 1] ** 2 * of_slope)
        half = NormalDist().inv_cdf(0.975) * error
        probability = [NormalDist().cdf(one) for one in efficiency / error]
        wanted = np.column_stack([effects, efficiency, efficiency - half, efficiency + half, probability])
        assert np.array([row[2:] for row in result[1:]], dtype=float) == pytest.approx(wanted, rel=1e-8)

    def test_providers_keep_their_order_and_ids(self) -> None:
        rng = np.random.default_rng(3)
        ids = np.repeat([17, 3, 99, 4], 6).tolist()
        quality, cost = rng.normal(size=24).tolist(), rng.gamma(4, 100, 24).tolist()
        headed = call("QBS_REGRESSION", ["Osutaja", *ids], ["Kvaliteet", *quality], ["Kulu", *cost], "spending")
        assert [row[0] for row in headed[1:]] == [17, 3, 99, 4]
        texts = call("QBS_REGRESSION", [f"N{one}" for one in ids], quality, cost, "spending")
        assert [row[0] for row in texts[1:]] == ["N17", "N3", "N99", "N4"]
        assert [row[1:] for row in texts] == [row[1:] for row in headed]

    def test_patients_without_anything_are_left_out(self) -> None:
        _, patients = example()
        flat = patients.reshape(24, 2)
        ids = np.repeat(list("ABCDEF"), 4).tolist()
        plain = call("QBS_REGRESSION", ids, flat[:, 0].tolist(), flat[:, 1].tolist(), "spending")
        gaps = call(
            "QBS_REGRESSION", [*ids, "G", None], [*flat[:, 0].tolist(), None, None], [*flat[:, 1].tolist(), "", None],
            "spending",
        )  # fmt: skip
        assert gaps == plain

    def test_risk_level_and_language(self) -> None:
        rng = np.random.default_rng(8)
        ids, risk = np.repeat(np.arange(5), 8), rng.normal(size=(40, 2))
        quality, cost = ids + risk[:, 0] + rng.normal(size=40), rng.normal(size=40) + ids
        given = (ids.tolist(), quality.tolist(), cost.tolist(), "performance", block(risk), 0.8, "et")
        found = call("QBS_REGRESSION", *given)
        plain = regression(ids, quality, cost, cost_is="performance", risk=risk, level=0.8)
        assert found[0][4:7] == ("Tõhusus", "Alumine piir", "Ülemine piir")
        wanted = np.column_stack([plain.efficiency, *plain.interval])
        assert same(tuple(row[4:7] for row in found[1:]), block(wanted))

    @pytest.mark.parametrize(
        ("change", "error"),
        [
            ({"cost_is": MISSING}, VALUE),
            ({"cost_is": "money"}, VALUE),
            ({"language": "fi"}, VALUE),
            ({"level": 95}, NUM),
            ({"provider": [1, 1, 1, 1, 2, 2, 2, 2]}, NUM),
            ({"provider": [1, 1, 1, 2, 2, 2, 3, None]}, VALUE),
            ({"provider": [1, 1, 1, 2, 2, 2, 3, REF]}, REF),
            ({"quality": [1, 1, 1, 1, 1, 1, 1, 1]}, NUM),
            ({"quality": [1, 0, 1, 0, 1, 1, 0, None]}, VALUE),
            ({"provider": [1, 2, 3, 4, 5, 6, 7, 8]}, NUM),
            ({"risk": [1, 1, 1, 2, 2, 2, 3, 3]}, NUM),
            ({"risk": [1, 2, 1, 2, 1, 2, 1, None]}, VALUE),
            ({"risk": [1, 2, 1]}, VALUE),
        ],
    )
    def test_what_cannot_be(self, change: dict[str, Any], error: CellError) -> None:
        given: dict[str, Any] = {
            "provider": [1, 1, 1, 2, 2, 2, 3, 3],
            "quality": [1, 0, 1, 0, 1, 1, 0, 0],
            "cost": [5, 3, 4, 6, 8, 7, 9, 2],
            "cost_is": "spending",
            "risk": MISSING,
            "level": MISSING,
            "language": MISSING,
        }
        assert call("QBS_REGRESSION", *(given | change).values()) == ((error,),)


class TestNetBenefit:
    def test_the_interval_is_the_normal_one_and_the_probability_its_own(self) -> None:
        # Of 100,000 times quality less spending; errors of a provider correlate .5.
        error = np.array([np.hypot(*pair) for pair in zip(100000 * np.array(ERRORS[0]), ERRORS[1], strict=True)])
        error = np.sqrt(error**2 - 2 * 0.5 * 100000 * np.array(ERRORS[0]) * np.array(ERRORS[1]))
        benefit = np.array([3000, -4000, 1000])
        half = NormalDist().inv_cdf(0.95) * error
        given = (QUALITY, SPENDING, "spending", 100000, None, None, *ERRORS, 0.5)
        low, high = np.array(call("QBS_COST_EFFECTIVENESS", *given, "interval", 0.9), dtype=float).T
        # scipy has no infinite degrees of freedom, and 1e10 are as good to nine digits.
        assert (high - low) / 2 == pytest.approx(half, rel=1e-9)
        assert (high + low) / 2 == pytest.approx(benefit, rel=1e-12)
        probability = call("QBS_COST_EFFECTIVENESS", *given, "Probability")
        assert same(probability, column([NormalDist().cdf(one) for one in benefit / error]), 1e-9)

    def test_standard_errors_do_not_move_the_benefit(self) -> None:
        plain = call("QBS_COST_EFFECTIVENESS", QUALITY, SPENDING, "spending", 100000)
        assert call("QBS_COST_EFFECTIVENESS", QUALITY, SPENDING, "spending", 100000, None, None, *ERRORS) == plain

    def test_quality_that_is_worth_nothing_leaves_the_savings(self) -> None:
        found = call("QBS_COST_EFFECTIVENESS", (tuple(QUALITY),), (tuple(SPENDING),), "spending", 0)
        assert found == ((-2000.0, 1000.0, 1000.0),)

    @pytest.mark.parametrize(
        ("change", "error"),
        [
            ({"cost_is": MISSING}, VALUE),
            ({"cost_is": "performance"}, VALUE),
            ({"value": MISSING}, VALUE),
            ({"value": -1}, NUM),
            ({"cost": [-1, 9000, 9000]}, NUM),
            ({"quality": [0.9, 0.8, None]}, VALUE),
            ({"reference_cost": "mean"}, VALUE),
            ({"result": "interval"}, VALUE),
            ({"result": "probability"}, VALUE),
            ({"result": "curve"}, VALUE),
            ({"quality_error": ERRORS[0]}, VALUE),
            ({"cost_error": ERRORS[1]}, VALUE),
            ({"quality_error": ERRORS[0], "cost_error": [500, -400, 300]}, NUM),
            ({"quality_error": ERRORS[0], "cost_error": [500, None, 300]}, VALUE),
            ({"quality_error": ERRORS[0], "cost_error": ERRORS[1], "error_correlation": 2}, NUM),
            ({"level": 1}, NUM),
        ],
    )
    def test_what_cannot_be(self, change: dict[str, Any], error: CellError) -> None:
        given: dict[str, Any] = {
            "quality": QUALITY,
            "cost": SPENDING,
            "cost_is": "spending",
            "value": 100000,
            "reference_quality": MISSING,
            "reference_cost": MISSING,
            "quality_error": MISSING,
            "cost_error": MISSING,
            "error_correlation": MISSING,
            "result": MISSING,
            "level": MISSING,
        }
        assert call("QBS_COST_EFFECTIVENESS", *(given | change).values()) == ((error,),)
