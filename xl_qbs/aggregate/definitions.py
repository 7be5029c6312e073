"""What an indicator counts: conditions on patients and on their records, and the definitions made of them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Unit = Literal["patients", "records"]
Counting = Literal["records", "days"]
Quality = Literal["all-or-none", "share"]
Kind = Literal["text", "number", "date"]
Limit = float | datetime.date

# The column that `People.born` gives: whole years on the last day of the period.
AGE = "age"


@dataclass(frozen=True, kw_only=True)
class ColumnTest:
    """What one column must hold; where several are given, all of them. A missing value meets none but ``missing``.

    Attributes:
        column: the heading.
        is_in: texts (or numbers), one of which the value is; empty for any.
        starts_with: texts, with one of which the value begins; empty for any.
        at_least: lowest number or date.
        at_most: highest number or date.
        above: a number or date below the value.
        below: a number or date above the value.
        missing: whether the value must be missing (True) or there (False); None for either.
    """

    column: str
    is_in: tuple[str, ...] | tuple[float, ...] = ()
    starts_with: tuple[str, ...] = ()
    at_least: Limit | None = None
    at_most: Limit | None = None
    above: Limit | None = None
    below: Limit | None = None
    missing: bool | None = None

    @property
    def limits(self) -> dict[str, Limit]:
        """The limits that are given."""
        given = {"at_least": self.at_least, "at_most": self.at_most, "above": self.above, "below": self.below}
        return {name: limit for name, limit in given.items() if limit is not None}

    @property
    def kinds(self) -> frozenset[Kind]:
        """What the column is read as."""
        found: set[Kind] = set()
        if self.starts_with or self.missing is not None or any(isinstance(one, str) for one in self.is_in):
            found.add("text")
        if any(not isinstance(one, str) for one in self.is_in):
            found.add("number")
        for limit in self.limits.values():
            found.add("date" if isinstance(limit, datetime.date) else "number")
        return frozenset(found)


@dataclass(frozen=True)
class Every:
    """All of the conditions hold."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Some:
    """At least one of the conditions holds."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Not:
    """The condition does not hold."""

    condition: Condition


@dataclass(frozen=True, kw_only=True)
class Records:
    """The patient has records like these, by the end of the period.

    Attributes:
        where: what the records are like; None for any.
        times: at least so many.
        counting: records, or the different days that they are of.
        months: within the so many months that end with the period; None for the period itself.
        ever: at any time before the period's end.
    """

    where: Condition | None = None
    times: int = 1
    counting: Counting = "records"
    months: int | None = None
    ever: bool = False


Condition = ColumnTest | Every | Some | Not | Records


def tests_in(condition: Condition | None) -> Iterator[ColumnTest]:
    """Yield the tests of a condition on the row itself, not those on a patient's records."""
    if isinstance(condition, ColumnTest):
        yield condition
    elif isinstance(condition, (Every, Some)):
        for one in condition.conditions:
            yield from tests_in(one)
    elif isinstance(condition, Not):
        yield from tests_in(condition.condition)


def records_in(condition: Condition | None) -> Iterator[Records]:
    """Yield the conditions on a patient's records within a condition on the patient."""
    if isinstance(condition, Records):
        yield condition
    elif isinstance(condition, (Every, Some)):
        for one in condition.conditions:
            yield from records_in(one)
    elif isinstance(condition, Not):
        yield from records_in(condition.condition)


@dataclass(frozen=True, kw_only=True)
class People:
    """The columns of the people: a row a patient on a list, or a row for each time that one was on it.

    Attributes:
        patient: the patient's id.
        provider: the list's id.
        registered_from: first day on the list; empty where the extract does not say.
        registered_to: last day on the list, blank while it lasts; empty likewise.
        born: the date of birth, from which ``age`` is made; empty likewise.
    """

    patient: str
    provider: str
    registered_from: str = ""
    registered_to: str = ""
    born: str = ""


@dataclass(frozen=True, kw_only=True)
class RecordColumns:
    """The columns of the records: a row a line of a bill, a prescription, a result.

    Attributes:
        patient: the patient's id.
        date: the day it is of.
        provider: the list's id, for definitions without people; empty otherwise.
    """

    patient: str
    date: str
    provider: str = ""


@dataclass(frozen=True)
class Continuity:
    """Who counts on a list: whoever was on it long enough.

    Attributes:
        days: days of the period on the list, at least; 0 for any number.
        at_end: on the list on the period's last day, too.

    Source: METHODS section 6 (only patients with the provider for a set time).
    """

    days: int = 0
    at_end: bool = False


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """What one indicator counts.

    Attributes:
        code: the scheme's code.
        name: what people call it.
        denominator: who is in the target population; None for everybody.
        exclude: who is left out of it all the same; None for nobody.
        numerator: for whom the work was done; with the unit ``records``, which records count as done.
        unit: ``patients``, or ``records``: each record of a patient of the target population that is like ``counted``.
        counted: with the unit ``records``, which records are counted.
        continuity: in place of that of the definitions; None for theirs.
    """

    code: str
    numerator: Condition
    name: str = ""
    denominator: Condition | None = None
    exclude: Condition | None = None
    unit: Unit = "patients"
    counted: Condition | None = None
    continuity: Continuity | None = None


@dataclass(frozen=True, kw_only=True)
class Composite:
    """All or none: of the patients to whom any of the indicators is due, those who received every one that is.

    Source: METHODS section 5, quality composites.
    """

    code: str
    indicators: tuple[str, ...]
    name: str = ""


@dataclass(frozen=True)
class Groups:
    """The split of the counts by a column of the people; ``unknown`` is the label where it is blank."""

    column: str
    unknown: str = "unknown"


@dataclass(frozen=True, kw_only=True)
class Factor:
    """A risk factor of a patient: a column of the people as it is, or 1 and 0 by a condition."""

    name: str
    column: str = ""
    condition: Condition | None = None


@dataclass(frozen=True, kw_only=True)
class PatientRows:
    """The rows of patients for risk adjustment: provider, quality, cost and risk factors.

    Attributes:
        indicators: the indicators that quality is made of, all with the unit ``patients``.
        quality: ``all-or-none`` (1 where all that was due was done, else 0) or ``share`` (done / due).
        cost: the column of the records that is summed over the period.
        cost_where: which records cost; None for all.
        factors: risk factors.
    """

    indicators: tuple[str, ...]
    cost: str
    quality: Quality = "share"
    cost_where: Condition | None = None
    factors: tuple[Factor, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Definitions:
    """All that is needed to count: the period, the columns, the indicators, and what else to make.

    Attributes:
        name: what the definitions are called.
        start: first day of the period.
        end: last day of the period.
        indicators: in the order of the table's columns.
        people: columns of the people; None where the records alone say who is on which list.
        records: columns of the records; None where people have columns for everything.
        continuity: who counts on a list.
        composites: all-or-none composites of the indicators.
        groups: the split for `xl-qbs equity`, or None.
        patients: rows for `xl-qbs efficiency --patients`, or None.
        source: where the definitions come from.
    """

    name: str
    start: datetime.date
    end: datetime.date
    indicators: tuple[Indicator, ...]
    people: People | None = None
    records: RecordColumns | None = None
    continuity: Continuity = Continuity()
    composites: tuple[Composite, ...] = ()
    groups: Groups | None = None
    patients: PatientRows | None = None
    source: str = ""

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the table's pairs of columns: indicators, then composites."""
        return (*(one.code for one in self.indicators), *(one.code for one in self.composites))

    @property
    def period(self) -> str:
        """The period as a label: the year where it is one, else both days."""
        whole = (self.start.month, self.start.day, self.end.month, self.end.day) == (1, 1, 12, 31)
        return str(self.end.year) if whole and self.start.year == self.end.year else f"{self.start} to {self.end}"

    def on_patients(self) -> Iterator[Condition]:
        """Yield every condition on a patient."""
        for one in self.indicators:
            yield from (each for each in (one.denominator, one.exclude) if each is not None)
            if one.unit == "patients":
                yield one.numerator
        for factor in self.patients.factors if self.patients else ():
            if factor.condition is not None:
                yield factor.condition

    def on_records(self) -> Iterator[Condition]:
        """Yield every condition on a record."""
        for condition in self.on_patients():
            yield from (one.where for one in records_in(condition) if one.where is not None)
        for indicator in self.indicators:
            if indicator.unit == "records":
                yield from (each for each in (indicator.counted, indicator.numerator) if each is not None)
        if self.patients is not None and self.patients.cost_where is not None:
            yield self.patients.cost_where

    def people_columns(self) -> dict[str, set[Kind]]:
        """Return the columns of the people that conditions, groups and factors read, and what each is read as."""
        found: dict[str, set[Kind]] = {}
        for condition in self.on_patients():
            for test in tests_in(condition):
                found.setdefault(test.column, set()).update(test.kinds)
        for factor in self.patients.factors if self.patients else ():
            if factor.column:
                found.setdefault(factor.column, set())
        if self.groups is not None:
            found.setdefault(self.groups.column, set()).add("text")
        return found

    def record_columns(self) -> dict[str, set[Kind]]:
        """Return the columns of the records that conditions and the cost read, and what each is read as."""
        found: dict[str, set[Kind]] = {}
        for condition in self.on_records():
            for test in tests_in(condition):
                found.setdefault(test.column, set()).update(test.kinds)
        if self.patients is not None:
            found.setdefault(self.patients.cost, set()).add("number")
        return found
