"""The harmonisation checklist: are quality and cost about the same patients, period and risk?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from xl_qbs.efficiency.standardization import PRICES, Prices, price_label
from xl_qbs.errors import ArgumentError, Finding


@dataclass(frozen=True, kw_only=True)
class Specification:
    """What is known of a measure; None where it is not known, which is a finding too.

    Attributes:
        patients: who is measured, such as ``all adults on the list``.
        period: when, such as ``2023``.
        risk_adjustment: how, such as ``none`` or ``age and sex, indirect``.
    """

    patients: str | None = None
    period: str | None = None
    risk_adjustment: str | None = None


class Check(NamedTuple):
    """One question of the checklist.

    Attributes:
        question: in words.
        quality: what is said of quality.
        cost: what is said of cost.
        passed: True, False, or None where it is not known.
        remedy: what to do where it is not passed.
    """

    question: str
    quality: str
    cost: str
    passed: bool | None
    remedy: str


_QUESTIONS = (
    ("patients", "Same patients?", "Measure quality and cost of the same patients, or say whom each leaves out."),
    ("period", "Same period?", "Measure both over the same months: a longer window hides what changed."),
    (
        "risk_adjustment",
        "Same risk adjustment?",
        "Adjust both for the same risks in the same way, or sicker patients count on one side only.",
    ),
)
_UNKNOWN = "not known"


def harmonisation_checklist(
    quality: Specification, cost: Specification, *, prices: Prices | None = None
) -> tuple[Check, ...]:
    """Return the checklist for a pair of measures.

    Args:
        quality: what is known of the measure of quality.
        cost: what is known of the measure of cost.
        prices: ``standardised`` or ``actual``; None where it is not known.

    Raises:
        ArgumentError: prices that are neither.

    Source: seed 003, sections 4 and 6 (2). Words are compared as they stand, without case and spaces: the checklist
    holds the user to what was said and cannot know whether it is so.

    >>> same = Specification(patients="adults", period="2023", risk_adjustment="none")
    >>> [check.passed for check in harmonisation_checklist(same, same, prices="actual")]
    [True, True, True, True]
    """
    if prices is not None and prices not in PRICES:
        raise ArgumentError(f"prices == {prices!r}, must be one of {', '.join(PRICES)}")
    checks = []
    for field, question, remedy in _QUESTIONS:
        one, other = getattr(quality, field), getattr(cost, field)
        known = bool(_plain(one)) and bool(_plain(other))
        passed = _plain(one) == _plain(other) if known else None
        checks.append(Check(question, one or _UNKNOWN, other or _UNKNOWN, passed, remedy))
    said = _UNKNOWN if prices is None else price_label(prices)
    remedy = "Say whether prices are standardised: it decides what cost means."
    checks.append(Check("Prices said?", "", said, True if prices else None, remedy))
    return tuple(checks)


def harmonisation_warnings(checks: tuple[Check, ...]) -> tuple[Finding, ...]:
    """Return a warning for each question that is not passed; they stay on the sheet."""
    found = []
    for check in checks:
        if check.passed is False:
            what = f"{check.question} No: quality is about {check.quality}, cost about {check.cost}."
        elif check.passed is None:
            what = f"{check.question} It is not known."
        else:
            continue
        found.append(Finding(what, check.remedy, severity="warning"))
    return tuple(found)


def _plain(text: str | None) -> str:
    return "".join((text or "").split()).casefold()
