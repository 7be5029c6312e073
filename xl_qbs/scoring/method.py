"""How a scheme is scored: the options of a run and their checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Literal, get_args

from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.priors import PRIOR_RULES, PriorRule
from xl_qbs.scoring.weights import ROUNDINGS, Rounding

WeightRule = Literal["principal-component", "current", "own"]
WEIGHT_RULES: tuple[WeightRule, ...] = get_args(WeightRule)


@dataclass(frozen=True, kw_only=True)
class Method:
    """The options of a scoring run; each has the default that the report gives.

    Attributes:
        prior: rule of the prior: ``report``, ``moments``, ``likelihood`` or ``fixed``.
        fraction: with ``report``, prior strength as a fraction of the mean target.
        prior_values: with ``fixed``, mean and strength by indicator code.
        weights: ``principal-component``, ``current`` (the scheme's points) or ``own``.
        own_weights: with ``own``, weights by indicator code; the scheme's own weights if None.
        rounding: rounding of principal-component weights.
        coverage_decimals: round coverage to so many decimals before the principal component.
        level: level of the intervals, between 0 and 1.
        lower_limit: coverage at which proportional credit begins.
        upper_limit: coverage at which proportional credit is full.

    Raises:
        ArgumentError: an option is not what it must be.
    """

    prior: PriorRule = "report"
    fraction: float = 0.5
    prior_values: Mapping[str, tuple[float, float]] | None = None
    weights: WeightRule = "principal-component"
    own_weights: Mapping[str, float] | None = None
    rounding: Rounding = "largest-remainder"
    coverage_decimals: int | None = None
    level: float = 0.95
    lower_limit: float = 0.0
    upper_limit: float = 1.0

    def __post_init__(self) -> None:
        for name, value, allowed in (
            ("prior", self.prior, PRIOR_RULES),
            ("weights", self.weights, WEIGHT_RULES),
            ("rounding", self.rounding, ROUNDINGS),
        ):
            if value not in allowed:
                raise ArgumentError(f"{name} == {value!r}, must be one of {', '.join(allowed)}")
        for name in ("fraction", "level", "lower_limit", "upper_limit", "coverage_decimals"):
            number = getattr(self, name)
            if isinstance(number, bool) or not isinstance(number, (int, float, NoneType)):
                raise ArgumentError(f"{name} == {number!r}, must be a number")
        if not 0 <= self.fraction < float("inf"):
            raise ArgumentError(f"fraction == {self.fraction}, must be a number from 0")
        if not 0 < self.level < 1:
            raise ArgumentError(f"level == {self.level}, must be between 0 and 1")
        if not 0 <= self.lower_limit < self.upper_limit <= 1:
            raise ArgumentError("limits: must be 0 <= lower_limit < upper_limit <= 1")
        if self.coverage_decimals is not None and not 0 <= self.coverage_decimals <= 9:
            raise ArgumentError(f"coverage_decimals == {self.coverage_decimals}, must be from 0 to 9")
        if self.prior == "fixed" and self.prior_values is None:
            raise ArgumentError("prior == 'fixed' needs prior_values")
