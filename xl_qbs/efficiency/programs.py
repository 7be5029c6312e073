"""The 24 programs of Exhibit 1 as named presets: what the exhibit states, and no guess beyond it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from numpy.typing import ArrayLike

from xl_qbs.efficiency.conditional import Conditional, conditional
from xl_qbs.efficiency.designations import (
    Designation,
    above_medians,
    both_hurdles,
    designation,
    not_significantly_above,
)
from xl_qbs.efficiency.hurdles import Hurdle, cost_hurdle, quality_hurdle
from xl_qbs.efficiency.inputs import CostIs
from xl_qbs.efficiency.side_by_side import SideBySide, side_by_side
from xl_qbs.efficiency.unconditional import Unconditional, unconditional
from xl_qbs.errors import ArgumentError

Approach = Literal["conditional", "unconditional", "side-by-side", "hurdle", "unclear"]
Outcome = Conditional | Unconditional | SideBySide | Hurdle | Designation
# What a rule calculates with; the rest of what is stated (days of an episode, gates, the largest bonus) describes
# the measures and goes into them before they come here.
_TAKES: Mapping[str, tuple[str, ...]] = {
    "conditional": ("version", "quality_shares", "cost_shares"),
    "unconditional": ("quality_weight",),
    "side-by-side": (),
    "quality-hurdle": ("hurdle",),
    "cost-hurdle": ("hurdle",),
    "both-hurdles": ("hurdle", "cost_threshold"),
    "designation": ("hurdle", "cost_threshold", "minimum_volume"),
    "not-significantly-above": ("hurdle", "significance", "share_of_average", "sides"),
    "above-medians": ("quality_weight", "share"),
}
_RULES: Mapping[str, Any] = {
    "conditional": conditional,
    "unconditional": unconditional,
    "side-by-side": side_by_side,
    "quality-hurdle": quality_hurdle,
    "cost-hurdle": cost_hurdle,
    "both-hurdles": both_hurdles,
    "designation": designation,
    "not-significantly-above": not_significantly_above,
    "above-medians": above_medians,
}


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program of Exhibit 1.

    Attributes:
        number: its row in the exhibit.
        key: its short name here.
        name: its name in the exhibit.
        services: what is evaluated.
        level: who is held to account.
        quality: how quality is specified.
        cost: how cost is specified.
        approach: how the exhibit classes it.
        printed: what the exhibit says of the approach.
        rule: the calculation that this comes to.
        stated: parameters that the exhibit gives.
        unstated: parameters that it does not give, and what each is.
    """

    number: int
    key: str
    name: str
    services: str
    level: str
    quality: str
    cost: str
    approach: Approach
    printed: str
    rule: str
    stated: Mapping[str, float]
    unstated: Mapping[str, str]

    def parameters(self, own: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters of the calculation: what is stated, and ``own`` for what is not.

        Raises:
            ArgumentError: the approach is unclear, a parameter that the exhibit does not state is missing, or one
                is given that the program does not have.
        """
        if self.approach == "unclear":
            told = "; ".join(self.unstated.values())
            raise ArgumentError(f"{self.name}: Exhibit 1 does not say {told}. It is not guessed; choose a model.")
        takes = _TAKES[self.rule]
        unknown = [name for name in own if name not in takes]
        if unknown:
            has = ", ".join(takes) or "none"
            raise ArgumentError(f"{self.name}: has no parameter {', '.join(unknown)}; it has {has}")
        missing = [f"{name} ({what})" for name, what in self.unstated.items() if name not in own]
        if missing:
            raise ArgumentError(f"{self.name}: Exhibit 1 does not state {'; '.join(missing)}. Give it.")
        return {**{name: value for name, value in self.stated.items() if name in takes}, **own}


def program(key: str) -> Program:
    """Return the program of that key.

    Raises:
        ArgumentError: there is none; the message lists them.

    >>> program("tufts-blue-ribbon").stated["quality_weight"]
    0.5
    """
    found = {one.key: one for one in programs()}
    if key not in found:
        raise ArgumentError(f"program == {key!r}, must be one of {', '.join(found)}")
    return found[key]


@cache
def programs() -> tuple[Program, ...]:
    """Return the 24 programs in the order of the exhibit.

    >>> len(programs())
    24
    """
    text = files("xl_qbs.efficiency").joinpath("exhibit1.toml").read_text(encoding="utf-8")
    return tuple(Program(**entry) for entry in tomllib.loads(text)["program"])


def run_program(
    key: str,
    quality: ArrayLike,
    cost: ArrayLike,
    *,
    cost_is: CostIs,
    data: Mapping[str, ArrayLike] | None = None,
    **own: Any,
) -> Outcome:
    """Return what a program's approach makes of quality and cost.

    Args:
        key: of the program.
        quality: a score for each provider; higher is better. The program's own composite is not in the exhibit.
        cost: spending or cost performance, one for each provider.
        cost_is: ``spending`` (lower is better) or ``performance`` (higher is better).
        data: further columns that some rules need: ``volume`` (Aetna), ``cost_error`` and ``area`` (Anthem).
        **own: parameters that the exhibit does not state, or that replace what it states.

    Raises:
        ArgumentError: as `Program.parameters`, or as the model.
        DataError: as the model.

    Source: seed 003, Exhibit 1. It is the exhibit's one line on a program and not the program: what it lets expect
    of its methods, years ago, on your measures. Programs compare within specialty and market: so should you.
    """
    chosen = program(key)
    options = chosen.parameters(own)
    outcome: Outcome = _RULES[chosen.rule](quality, cost, cost_is=cost_is, **(data or {}), **options)
    return outcome
