from __future__ import annotations

from typing import Any

import pytest

from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.method import WEIGHT_RULES, Method


def test_the_defaults_are_the_reports() -> None:
    method = Method()
    assert (method.prior, method.fraction, method.weights) == ("report", 0.5, "principal-component")
    assert (method.rounding, method.coverage_decimals, method.level) == ("largest-remainder", None, 0.95)
    assert (method.lower_limit, method.upper_limit) == (0, 1)
    assert WEIGHT_RULES == ("principal-component", "current", "own")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"prior": "bayes"}, "prior == 'bayes', must be one of report, moments, likelihood, fixed"),
        ({"weights": "pca"}, "weights == 'pca', must be one of principal-component, current, own"),
        ({"rounding": "up"}, "rounding == 'up', must be one of none, integer, largest-remainder"),
        ({"fraction": -1}, "fraction == -1, must be a number from 0"),
        ({"fraction": float("inf")}, "fraction == inf, must be a number from 0"),
        ({"fraction": float("nan")}, "fraction == nan, must be a number from 0"),
        ({"level": 1}, "level == 1, must be between 0 and 1"),
        ({"level": 0}, "level == 0, must be between 0 and 1"),
        ({"level": 95}, "level == 95, must be between 0 and 1"),
        ({"level": float("nan")}, "level == nan, must be between 0 and 1"),
        ({"lower_limit": 0.5, "upper_limit": 0.5}, "limits: must be 0 <= lower_limit < upper_limit <= 1"),
        ({"lower_limit": -0.1}, "limits: must be 0 <= lower_limit < upper_limit <= 1"),
        ({"upper_limit": 75}, "limits: must be 0 <= lower_limit < upper_limit <= 1"),
        ({"coverage_decimals": -1}, "coverage_decimals == -1, must be from 0 to 9"),
        ({"coverage_decimals": 10}, "coverage_decimals == 10, must be from 0 to 9"),
        ({"prior": "fixed"}, "prior == 'fixed' needs prior_values"),
    ],
)
def test_an_option_that_is_none_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        Method(**options)
    assert str(caught.value) == message


@pytest.mark.parametrize("option", ["fraction", "level", "lower_limit", "upper_limit", "coverage_decimals"])
def test_a_text_for_a_number_is_refused_by_name(option: str) -> None:
    with pytest.raises(ArgumentError, match=f"{option}|limits"):
        Method(**{option: "0.5"})  # type: ignore[arg-type]


def test_values_at_the_ends_are_taken() -> None:
    Method(fraction=0, coverage_decimals=0, lower_limit=0, upper_limit=1e-9)
    Method(coverage_decimals=9, level=1e-9)
    Method(prior="fixed", prior_values={})


def test_options_are_named_and_stay_as_they_are() -> None:
    with pytest.raises(TypeError):
        Method("report")  # type: ignore[misc]
    with pytest.raises(AttributeError):
        Method().prior = "moments"  # type: ignore[misc]
