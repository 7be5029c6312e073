"""Numbers that an analysis cannot be made with, all of them at once, before any of the work."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from xl_qbs.errors import ArgumentError

if TYPE_CHECKING:
    from xl_qbs.efficiency.analysis import Options

# Squares and cubes of larger numbers leave the range of a computer's numbers.
LARGEST = 1e50


class Problem(NamedTuple):
    """An option that is not what it must be.

    Attributes:
        field: the field of `Options`.
        value: what it holds.
        must: what it must be, in words that go on after the value.
    """

    field: str
    value: Any
    must: str


def option_problems(options: Options, known_models: Iterable[str]) -> list[Problem]:
    """Return every option that lies outside its range, whether or not a chosen model needs it.

    All of them are shown in the yellow cells of the workbook, where a model may come to need them later.
    """
    found = []

    def must(field: str, holds: bool, words: str) -> None:
        if not holds:
            found.append(Problem(field, getattr(options, field), words))

    if options.models is not None:
        listed = tuple(known_models)
        there = bool(options.models) and all(model in listed for model in options.models)
        must("models", there, f"must be among {', '.join(listed)}")
    weights = options.quality_weights
    must("quality_weights", len(weights) == 2 and all(0 <= one <= 1 for one in weights), "must be two from 0 to 1")
    for field in ("quality_shares", "cost_shares", "class_shares"):
        shares = getattr(options, field)
        must(field, len(shares) == 2 and 0 < shares[0] < shares[1] < 1, "must be two that rise between 0 and 1")
    for field in ("quality_hurdle_share", "cost_hurdle_share"):
        must(field, 0 < getattr(options, field) < 1, "must be between 0 and 1")
    must("own_quality_hurdle", _is_amount(options.own_quality_hurdle), "must be a number")
    if options.cost_is == "spending":
        must("own_cost_hurdle", _is_amount(options.own_cost_hurdle, above=0.0), "must be spending above 0")
    else:
        must("own_cost_hurdle", _is_amount(options.own_cost_hurdle), "must be a number")
    must("value", _is_amount(options.value, lowest=0.0), "must be an amount of money from 0")
    must("reference_quality", _is_amount(options.reference_quality), "must be a number")
    must("reference_cost", _is_amount(options.reference_cost, lowest=0.0), "must be an amount of money from 0")
    must("error_correlation", -1 <= options.error_correlation <= 1, "must be from -1 to 1")
    must("star_floor", _is_amount(options.star_floor), "must be a number")
    must("star_ceiling", _is_amount(options.star_ceiling), "must be a number")
    if _is_amount(options.star_floor) and _is_amount(options.star_ceiling):
        words = f"must be above the floor of the stars, which is {options.star_floor:g}"
        must("star_ceiling", options.star_floor < options.star_ceiling, words)
    # Its half stands in a table of the normal distribution, which has no place for 1.
    must("level", options.level > 0 and (1 + options.level) / 2 < 1, "must be between 0 and 1")
    return found


def check_options(options: Options, known_models: Iterable[str]) -> None:
    """Refuse options that lie outside their range.

    Raises:
        ArgumentError: naming each of them.
    """
    problems = option_problems(options, known_models)
    if problems:
        raise ArgumentError("; ".join(f"{one.field} == {one.value!r}, {one.must}" for one in problems))


def _is_amount(number: float | None, *, lowest: float = -LARGEST, above: float = -math.inf) -> bool:
    """Return whether a number may be calculated with; one that was not given may."""
    return number is None or (lowest <= number <= LARGEST and number > above)
