"""Definitions of indicators from plain values, as parsed from TOML; every problem at once."""

from __future__ import annotations

import datetime
import difflib
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from xl_qbs.aggregate.definitions import (
    ColumnTest,
    Composite,
    Condition,
    Continuity,
    Counting,
    Definitions,
    Every,
    Factor,
    Groups,
    Indicator,
    Not,
    PatientRows,
    People,
    Quality,
    RecordColumns,
    Records,
    Some,
    Unit,
    tests_in,
)
from xl_qbs.aggregate.errors import DefinitionsError

_TOP = (
    *("name", "source", "period", "people", "records", "continuity"),
    *("indicators", "composites", "groups", "patients"),
)
_LIMITS = ("at_least", "at_most", "above", "below")
_OPERATORS = ("is", "starts_with", *_LIMITS, "missing")
_FORMS = ("all", "any", "not", "column", "records")
# A condition within so many others is no longer readable, and may be a slip.
_DEEPEST = 20
# Times, days or months: more than any period has.
_MOST = 1_000_000
_INSTEAD = {"from": datetime.date.min, "to": datetime.date.max}


def definitions_from_mapping(data: Mapping[str, Any], source: str = "definitions") -> Definitions:
    """Return the definitions that a mapping describes, as parsed from TOML.

    Args:
        data: the tables and keys that docs/aggregate.md lists.
        source: what messages call the file.

    Raises:
        DefinitionsError: a key is unknown or missing, a value is of the wrong kind, or parts contradict each other;
            carries every problem with its place.
    """
    reader = _Reader()
    found = reader.definitions(data)
    if reader.problems:
        raise DefinitionsError(source, reader.problems)
    return found


class _Reader:
    """Reads the parts of a mapping; what is wrong is told of, and something harmless is read instead."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.has_people = self.has_records = False

    def tell(self, where: str, what: str) -> None:
        self.problems.append(f"{where}: {what}." if where else f"{what}.")

    def definitions(self, data: Mapping[str, Any]) -> Definitions:
        self.keys("", data, _TOP, ("name", "period", "indicators"))
        self.has_people, self.has_records = "people" in data, "records" in data
        start, end = self.period(self.table("period", data.get("period", {})))
        people = self.people(data["people"]) if self.has_people else None
        records = self.records(data["records"]) if self.has_records else None
        if not self.has_people and not self.has_records:
            self.tell("", "there are neither [people] nor [records], so there is nothing to count")
        continuity = self.continuity("continuity", data.get("continuity", {}), people)
        entries = self.tables("indicators", data.get("indicators", ()))
        indicators = tuple(self.indicator(where, entry, people) for where, entry in entries)
        if not indicators and "indicators" in data:
            self.tell("indicators", "there are none")
        composites = self.composites(data, indicators)
        self.codes([*indicators, *composites])
        found = Definitions(
            name=self.text("", data, "name"),
            source=self.text("", data, "source"),
            start=start,
            end=end,
            people=people,
            records=records,
            continuity=continuity,
            indicators=indicators,
            composites=composites,
            groups=self.groups(data["groups"]) if "groups" in data else None,
            patients=self.patients(data["patients"], indicators) if "patients" in data else None,
        )
        self.columns(found)
        return found

    def period(self, data: Mapping[str, Any]) -> tuple[datetime.date, datetime.date]:
        self.keys("period", data, ("from", "to"), ("from", "to"))
        days = {}
        for key, instead in _INSTEAD.items():
            value = data.get(key, instead)
            # A datetime is a date, too, and its hour would be lost without a word.
            if type(value) is not datetime.date:
                self.tell(
                    "period", f"{key} is {_short(value)}, must be a day such as 2019-12-31, without quotation marks"
                )
                value = instead
            days[key] = value
        if days["from"] > days["to"]:
            self.tell("period", f"it begins on {days['from']} and ends on {days['to']}")
        return days["from"], days["to"]

    def people(self, data: Any) -> People:
        data = self.table("people", data)
        names = ("patient", "provider", "registered_from", "registered_to", "born")
        self.keys("people", data, names, ("patient", "provider"))
        columns = {name: self.text("people", data, name) for name in names}
        if columns["registered_to"] and not columns["registered_from"]:
            self.tell("people", "registered_to is given without registered_from")
        return People(**columns)

    def records(self, data: Any) -> RecordColumns:
        data = self.table("records", data)
        needed = ("patient", "date") if self.has_people else ("patient", "date", "provider")
        allowed = ("patient", "date", "provider")
        if self.has_people and "provider" in data:
            self.tell("records", "provider is given, but [people] says who is on which list; leave one of them out")
        self.keys("records", data, allowed, needed)
        return RecordColumns(**{name: self.text("records", data, name) for name in allowed})

    def continuity(self, where: str, data: Any, people: People | None) -> Continuity:
        data = self.table(where, data)
        self.keys(where, data, ("days", "at_end"), ())
        days, at_end = self.whole(where, data, "days", 0, 0), self.flag(where, data, "at_end")
        if (days or at_end) and (people is None or not people.registered_from):
            self.tell(where, "needs registered_from in [people]: without it, nobody knows how long one was on a list")
        return Continuity(days, at_end)

    def indicator(self, where: str, data: Mapping[str, Any], people: People | None) -> Indicator:
        names = ("code", "name", "denominator", "exclude", "numerator", "unit", "counted", "continuity")
        self.keys(where, data, names, ("code", "numerator"))
        code = self.text(where, data, "code")
        where = f"{where} ({code})" if code else where
        unit: Any = self.choice(where, data, "unit", get_args(Unit), "patients")
        if unit == "records" and not self.has_records:
            self.tell(where, "the unit is records, and there are no [records]")
        if "counted" in data and unit != "records":
            self.tell(where, "counted is for the unit records; who counts is said by the denominator")
        own = data.get("continuity")
        return Indicator(
            code=code,
            name=self.text(where, data, "name"),
            denominator=self.optional(f"{where}, denominator", data, "denominator"),
            exclude=self.optional(f"{where}, exclude", data, "exclude"),
            numerator=self.condition(f"{where}, numerator", data.get("numerator", {}), record=unit == "records")
            if "numerator" in data
            else Every(()),
            unit=unit,
            counted=self.optional(f"{where}, counted", data, "counted", record=True),
            continuity=None if own is None else self.continuity(f"{where}, continuity", own, people),
        )

    def composites(self, data: Mapping[str, Any], indicators: Sequence[Indicator]) -> tuple[Composite, ...]:
        found = []
        for where, entry in self.tables("composites", data.get("composites", ())):
            self.keys(where, entry, ("code", "name", "indicators"), ("code", "indicators"))
            codes = self.of_patients(where, entry, indicators)
            if len(codes) < 2:
                self.tell(where, "a composite needs two indicators at least")
            name, code = self.text(where, entry, "name"), self.text(where, entry, "code")
            found.append(Composite(code=code, name=name, indicators=codes))
        return tuple(found)

    def groups(self, data: Any) -> Groups:
        data = self.table("groups", data)
        self.keys("groups", data, ("column", "unknown"), ("column",))
        if not self.has_people:
            self.tell("groups", "groups are of the people, and there are no [people]")
        return Groups(self.text("groups", data, "column"), self.text("groups", data, "unknown") or "unknown")

    def patients(self, data: Any, indicators: Sequence[Indicator]) -> PatientRows:
        data = self.table("patients", data)
        self.keys("patients", data, ("indicators", "quality", "cost", "cost_where", "factors"), ("cost",))
        if not self.has_records:
            self.tell("patients", "cost is summed over [records], and there are none")
        codes = tuple(one.code for one in indicators if one.unit == "patients")
        if "indicators" in data:
            codes = self.of_patients("patients", data, indicators)
        factors = tuple(self.factor(where, one) for where, one in self.tables("factors", data.get("factors", ())))
        names = ["provider", "quality", "cost", *(one.name for one in factors)]
        for name in _twice(names):
            self.tell("patients", f"two columns would be called '{name}'")
        quality: Any = self.choice("patients", data, "quality", get_args(Quality), "share")
        return PatientRows(
            indicators=codes,
            quality=quality,
            cost=self.text("patients", data, "cost"),
            cost_where=self.optional("patients, cost_where", data, "cost_where", record=True),
            factors=factors,
        )

    def factor(self, where: str, data: Mapping[str, Any]) -> Factor:
        self.keys(where, data, ("name", "column", "condition"), ("name",))
        if ("column" in data) == ("condition" in data):
            self.tell(where, "give either a column of the people or a condition")
        name, column = self.text(where, data, "name"), self.text(where, data, "column")
        return Factor(name=name, column=column, condition=self.optional(f"{where}, condition", data, "condition"))

    def of_patients(self, where: str, data: Mapping[str, Any], indicators: Sequence[Indicator]) -> tuple[str, ...]:
        """Return codes of indicators that count patients."""
        codes = self.texts(where, data, "indicators")
        units = {one.code: one.unit for one in indicators}
        for code in codes:
            if code not in units:
                self.tell(where, f"there is no indicator '{code}'{_near(code, units)}")
            elif units[code] != "patients":
                self.tell(where, f"'{code}' counts records, not patients")
        for code in _twice(codes):
            self.tell(where, f"'{code}' stands twice")
        return codes

    def codes(self, pairs: Sequence[Indicator | Composite]) -> None:
        codes = [one.code for one in pairs if one.code]
        # The table's headings are compared without case.
        for code in _twice([one.casefold() for one in codes]):
            self.tell("", f"the code '{code}' stands more than once among indicators and composites")

    def columns(self, found: Definitions) -> None:
        """Tell of columns of people that nobody could know."""
        if found.people is None:
            named = sorted({test.column for one in found.on_patients() for test in tests_in(one)})
            if named:
                shown = ", ".join(f"'{name}'" for name in named)
                self.tell("", f"conditions on columns of the people ({shown}), and there are no [people]")

    def optional(self, where: str, data: Mapping[str, Any], key: str, *, record: bool = False) -> Condition | None:
        return self.condition(where, data[key], record=record) if key in data else None

    def condition(self, where: str, data: Any, *, record: bool, depth: int = 0) -> Condition:
        if not isinstance(data, Mapping):
            self.tell(where, f"is {_short(data)}, must be a condition such as {{ column = 'code', is = 'E11' }}")
            return Every(())
        forms = [form for form in _FORMS if form in data]
        if len(forms) != 1:
            told = f"has {' and '.join(forms)}" if forms else f"has none of {', '.join(_FORMS)}"
            self.tell(where, f"a condition is exactly one of {', '.join(_FORMS)}, and this one {told}")
            return Every(())
        form = forms[0]
        if form == "column":
            return self.test(where, data)
        self.keys(where, data, (form,), ())
        if depth >= _DEEPEST:
            self.tell(where, f"conditions stand within more than {_DEEPEST} others")
            return Every(())
        if form == "records":
            if record:
                self.tell(where, "this is a condition on a record already; write its columns")
                return Every(())
            return self.on_records(f"{where}, records", data["records"])
        if form == "not":
            return Not(self.condition(f"{where}, not", data["not"], record=record, depth=depth + 1))
        parts = data[form]
        if not isinstance(parts, (list, tuple)) or not parts:
            self.tell(where, f"{form} must be a list of conditions, one at least")
            return Every(())
        inner = tuple(
            self.condition(f"{where}, {form}[{number}]", part, record=record, depth=depth + 1)
            for number, part in enumerate(parts, start=1)
        )
        return Every(inner) if form == "all" else Some(inner)

    def on_records(self, where: str, data: Any) -> Records:
        data = self.table(where, data)
        if not self.has_records:
            self.tell(where, "there are no [records]")
        self.keys(where, data, ("where", "times", "counting", "months", "ever"), ())
        if "months" in data and data.get("ever"):
            self.tell(where, "months and ever contradict each other")
        counting: Any = self.choice(where, data, "counting", get_args(Counting), "records")
        return Records(
            where=self.optional(f"{where}, where", data, "where", record=True),
            times=self.whole(where, data, "times", 1, 1),
            counting=counting,
            months=self.whole(where, data, "months", 1, 1) if "months" in data else None,
            ever=self.flag(where, data, "ever"),
        )

    def test(self, where: str, data: Mapping[str, Any]) -> ColumnTest:
        self.keys(where, data, ("column", *_OPERATORS), ("column",))
        column = self.text(where, data, "column")
        if not any(one in data for one in _OPERATORS):
            self.tell(where, f"says nothing of '{column}'; give one of {', '.join(_OPERATORS)}")
        values: Any = self.listed(where, data, "is")
        kinds = {isinstance(one, str) for one in values}
        if len(kinds) > 1:
            self.tell(where, "is lists texts and numbers; write all of them as texts, or none")
            values = ()
        prefixes = self.listed(where, data, "starts_with")
        if any(not isinstance(one, str) or not one for one in prefixes):
            self.tell(where, "starts_with takes texts that are not empty")
            prefixes = ()
        limits = {name: self.limit(where, data, name) for name in _LIMITS if name in data}
        if len({isinstance(one, datetime.date) for one in limits.values()}) > 1:
            self.tell(where, "compares with a number and with a day")
            limits = {}
        missing = self.flag(where, data, "missing") if "missing" in data else None
        if missing and len(data) > 2:
            self.tell(where, "a missing value meets no other test; write any = [...]")
        prefixed: Any = prefixes
        return ColumnTest(column=column, is_in=values, starts_with=prefixed, missing=missing, **limits)

    def limit(self, where: str, data: Mapping[str, Any], name: str) -> float | datetime.date | None:
        value = data[name]
        if type(value) is datetime.date:
            return value
        if not _is_number(value):
            self.tell(where, f"{name} is {_short(value)}, must be a number or a day such as 2019-12-31")
            return None
        return float(value)

    def listed(self, where: str, data: Mapping[str, Any], name: str) -> tuple[str | float, ...]:
        """Return a text or number, or several, as a tuple."""
        if name not in data:
            return ()
        given = data[name] if isinstance(data[name], (list, tuple)) else [data[name]]
        wrong = [one for one in given if not isinstance(one, str) and not _is_number(one)]
        if wrong or not given:
            told = f"holds {_short(wrong[0])}" if wrong else "is empty"
            self.tell(where, f"{name} {told}; it takes a text or number, or a list of them")
            return ()
        return tuple(one.strip() if isinstance(one, str) else float(one) for one in given)

    def table(self, where: str, value: Any) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            self.tell(where, f"is {_short(value)}, must be a table")
            return {}
        return value

    def tables(self, where: str, value: Any) -> list[tuple[str, Mapping[str, Any]]]:
        if not isinstance(value, (list, tuple)) or not all(isinstance(one, Mapping) for one in value):
            self.tell(where, f"must be a list of tables ([[{where}]])")
            return []
        return [(f"{where}[{number}]", one) for number, one in enumerate(value, start=1)]

    def keys(self, where: str, data: Mapping[str, Any], allowed: Sequence[str], needed: Sequence[str]) -> None:
        for key in data:
            if key not in allowed:
                self.tell(where, f"there is no '{key}' here{_near(key, allowed)}")
        for key in needed:
            if key not in data:
                self.tell(where, f"'{key}' is missing")

    def text(self, where: str, data: Mapping[str, Any], key: str) -> str:
        value = data.get(key, "")
        if not isinstance(value, str) or (key in data and not value.strip()):
            self.tell(where, f"{key} is {_short(value)}, must be a text")
            return ""
        return value.strip()

    def texts(self, where: str, data: Mapping[str, Any], key: str) -> tuple[str, ...]:
        value = data.get(key, ())
        if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
            self.tell(where, f"{key} is {_short(value)}, must be a list of texts")
            return ()
        return tuple(value)

    def whole(self, where: str, data: Mapping[str, Any], key: str, default: int, lowest: int) -> int:
        value = data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < lowest:
            self.tell(where, f"{key} is {_short(value)}, must be a whole number from {lowest}")
            return default
        if value > _MOST:
            self.tell(where, f"{key} is {_short(value)}, must be at most {_MOST:,}")
            return default
        return value

    def flag(self, where: str, data: Mapping[str, Any], key: str) -> bool:
        value = data.get(key, False)
        if not isinstance(value, bool):
            self.tell(where, f"{key} is {_short(value)}, must be true or false")
            return False
        return value

    def choice(self, where: str, data: Mapping[str, Any], key: str, choices: Sequence[str], default: str) -> str:
        value = data.get(key, default)
        if value not in choices:
            self.tell(where, f"{key} is {_short(value)}, must be one of {', '.join(choices)}")
            return default
        return str(value)


def _near(word: str, known: Iterable[str]) -> str:
    names = list(known)
    close = difflib.get_close_matches(word, names, n=1)
    return f" (is it '{close[0]}'?)" if close else f"; there are {', '.join(names)}" if names else ""


def _twice(names: Sequence[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if names.count(name) > 1]


def _is_number(value: Any) -> bool:
    """Return whether a value is a number that a column can hold; TOML's whole numbers have no end."""
    if isinstance(value, int):
        return not isinstance(value, bool) and abs(value) < 2**63
    return isinstance(value, float) and math.isfinite(value)


def _short(value: Any) -> str:
    try:
        shown = repr(value)
    except ValueError:
        # Python writes out no number of thousands of digits; a hexadecimal one may be read.
        return "a number of thousands of digits"
    return shown if len(shown) <= 60 else f"{shown[:57]}..."
