"""What is scored: indicators, domains, points, required coverage, bands and conditions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

from xl_qbs.errors import SchemeError

Scope = Literal["domain", "indicator"]


@dataclass(frozen=True)
class Indicator:
    """One indicator of the scheme.

    Attributes:
        code: short code, the key by which everything is matched (``diab``).
        domain: the domain it counts in (``II``).
        name: English name.
        name_et: Estonian name.
        points: points in the scheme in force, zero or more.
        required_coverage: coverage from which the points are given, a share from 0 to 1.
        weight: the fund's own weight, used with ``weights="own"``; None where none is set.
        aliases: other headings under which the indicator appears in workbooks.
        unit: what is counted (``patients``, ``prescriptions``).
    """

    code: str
    domain: str
    name: str
    points: float
    required_coverage: float
    name_et: str = ""
    weight: float | None = None
    aliases: tuple[str, ...] = ()
    unit: str = "patients"

    @property
    def names(self) -> tuple[str, ...]:
        """Every text under which the indicator may be found in a heading."""
        return tuple(text for text in (self.code, self.name, self.name_et, *self.aliases) if text)


@dataclass(frozen=True)
class Band:
    """A band of scores: from ``lower`` (a share of the maximum, 0 to 1) up to the next band.

    Source: seed 002, Figure 8 (80 % and 90 % of the maximum).
    """

    lower: float
    name: str
    name_et: str = ""


@dataclass(frozen=True)
class Clause:
    """One part of a condition: at least this share, in these domains or in this indicator.

    Attributes:
        scope: ``domain`` (share of the points of the domains together) or ``indicator`` (coverage).
        codes: the domains, or the one indicator.
        at_least: the share to reach, 0 to 1.
    """

    scope: Scope
    codes: tuple[str, ...]
    at_least: float


@dataclass(frozen=True)
class Condition:
    """An incentive condition: every clause has to hold.

    Source: seed 002, Part C section 2 ("attain 70% of the overall Domain I and II scores and at
    least 90% in the COVID indicator").
    """

    name: str
    clauses: tuple[Clause, ...]
    name_et: str = ""


@dataclass(frozen=True)
class Scheme:
    """A scheme: its indicators in the order in which they are shown, its bands and conditions.

    Attributes:
        name: the scheme's name (``QBS 2018, Domain II``).
        indicators: the indicators; codes are unique.
        bands: bands by rising lower limit; the first begins at 0.
        conditions: incentive conditions, possibly none.
        source: where the scheme is written down.

    Raises:
        SchemeError: a code twice, negative points, a required coverage outside 0 to 1, bands that
            do not rise from 0, or a condition that names an unknown domain or indicator.
    """

    name: str
    indicators: tuple[Indicator, ...]
    bands: tuple[Band, ...] = ()
    conditions: tuple[Condition, ...] = ()
    source: str = ""
    name_et: str = field(default="")

    def __post_init__(self) -> None:
        problems = list(_problems(self))
        if problems:
            raise SchemeError(f"The scheme {self.name!r} cannot be used: " + "; ".join(problems) + ".")

    @property
    def codes(self) -> tuple[str, ...]:
        """The indicators' codes in order."""
        return tuple(indicator.code for indicator in self.indicators)

    @property
    def points(self) -> tuple[float, ...]:
        """The indicators' points in order."""
        return tuple(indicator.points for indicator in self.indicators)

    @property
    def required_coverage(self) -> tuple[float, ...]:
        """The indicators' required coverage in order."""
        return tuple(indicator.required_coverage for indicator in self.indicators)

    @property
    def total(self) -> float:
        """The maximum: the sum of the points of all indicators."""
        return float(sum(self.points))

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains in order of first appearance."""
        return tuple(dict.fromkeys(indicator.domain for indicator in self.indicators))

    def only(self, codes: Iterable[str]) -> Scheme:
        """Return the scheme restricted to the given indicators, in the scheme's own order."""
        keep = set(codes)
        kept = tuple(indicator for indicator in self.indicators if indicator.code in keep)
        return replace(self, indicators=kept)


def _problems(scheme: Scheme) -> Iterable[str]:
    if not scheme.indicators:
        yield "it has no indicators"
    codes = [indicator.code for indicator in scheme.indicators]
    # Excel compares texts without regard to case, so codes must differ by more than that.
    folded = [code.casefold() for code in codes]
    for code in dict.fromkeys(folded):
        if folded.count(code) > 1:
            yield f"the code {code!r} stands {folded.count(code)} times"
    for indicator in scheme.indicators:
        if not indicator.code.strip():
            yield "an indicator has no code"
        if not indicator.points >= 0 or indicator.points == float("inf"):
            yield f"{indicator.code}: points are {indicator.points}, must be 0 or more"
        if not 0 <= indicator.required_coverage <= 1:
            yield f"{indicator.code}: required coverage is {indicator.required_coverage}, must be from 0 to 1"
        if indicator.weight is not None and (not indicator.weight >= 0 or indicator.weight == float("inf")):
            yield f"{indicator.code}: weight is {indicator.weight}, must be 0 or more"
    yield from _band_problems(scheme.bands)
    known = {"domain": set(scheme.domains), "indicator": set(codes)}
    names = [condition.name for condition in scheme.conditions]
    yield from (f"the condition {name!r} stands twice" for name in dict.fromkeys(names) if names.count(name) > 1)
    for condition in scheme.conditions:
        if not condition.clauses:
            yield f"the condition {condition.name!r} asks for nothing"
        for clause in condition.clauses:
            if clause.scope not in known:
                yield f"the condition {condition.name!r}: scope is {clause.scope!r}, must be domain or indicator"
                continue
            unknown = [code for code in clause.codes if code not in known[clause.scope]]
            if unknown or not clause.codes:
                named = ", ".join(unknown) or "none"
                yield f"the condition {condition.name!r} names an unknown {clause.scope}: {named}"
            if clause.scope == "indicator" and len(clause.codes) > 1:
                yield f"the condition {condition.name!r}: one clause takes one indicator"
            if not 0 <= clause.at_least <= 1:
                yield f"the condition {condition.name!r} asks for {clause.at_least}, must be from 0 to 1"


def _band_problems(bands: Sequence[Band]) -> Iterable[str]:
    if not bands:
        return
    lowers = [band.lower for band in bands]
    if lowers[0] != 0:
        yield f"the first band begins at {lowers[0]}, must be 0"
    if any(not later > earlier for earlier, later in pairwise(lowers)):
        yield "the bands' lower limits must rise"
