"""Counting as one would by hand, row by row in plain Python: what the engines have to find as well."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from typing import Any

from xl_qbs.aggregate.definitions import (
    ColumnTest,
    Condition,
    Continuity,
    Definitions,
    Every,
    Not,
    Records,
    Some,
)

Row = Mapping[str, str]
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


def holds(condition: Condition | None, row: Row, records: Sequence[Row] = (), about: Any = None) -> bool:
    """Return whether a condition holds for a row, whose records are given."""
    if condition is None:
        return True
    if isinstance(condition, Every):
        return all(holds(one, row, records, about) for one in condition.conditions)
    if isinstance(condition, Some):
        return any(holds(one, row, records, about) for one in condition.conditions)
    if isinstance(condition, Not):
        return not holds(condition.condition, row, records, about)
    if isinstance(condition, Records):
        return _has(condition, records, about)
    return _meets(condition, row.get(condition.column, "").strip())


def _meets(test: ColumnTest, text: str) -> bool:
    if test.missing:
        return not text
    if not text:
        return False
    if test.is_in:
        if isinstance(test.is_in[0], str):
            if text not in test.is_in:
                return False
        elif _number(text) not in test.is_in:
            return False
    if test.starts_with and not any(text.startswith(one) for one in test.starts_with):
        return False
    for name, limit in test.limits.items():
        value: Any = _day(text) if isinstance(limit, datetime.date) else _number(text)
        if value is None:
            return False
        fine = {
            "at_least": value >= limit,
            "at_most": value <= limit,
            "above": value > limit,
            "below": value < limit,
        }
        if not fine[name]:
            return False
    return True


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text) else None


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


def _has(wanted: Records, records: Sequence[Row], about: Definitions) -> bool:
    days = [
        _day(one[about.records.date]) for one in records if holds(wanted.where, one) and _in_time(wanted, one, about)
    ]
    return (len(set(days)) if wanted.counting == "days" else len(days)) >= wanted.times


def _in_time(wanted: Records, record: Row, about: Definitions) -> bool:
    when = _day(record[about.records.date])
    if when is None or when > about.end:
        return False
    first = about.start
    if wanted.months is not None:
        # Go back day by day: so many months before the day after the end is the same day of an earlier month.
        after = about.end + datetime.timedelta(days=1)
        month = after.year * 12 + after.month - 1 - wanted.months
        first = datetime.date(month // 12, month % 12 + 1, 1) + datetime.timedelta(days=after.day - 1)
    return wanted.ever or when >= first


def _age(born: datetime.date, at: datetime.date) -> int:
    return at.year - born.year - ((born.month, born.day) > (at.month, at.day))


def table(
    about: Definitions, people: Sequence[Row], records: Sequence[Row]
) -> dict[tuple[str, str], dict[str, tuple[int, int]]]:
    """Return target and done of each pair by list and group."""
    of_patient: dict[str, list[Row]] = {}
    for one in records:
        of_patient.setdefault(one[about.records.patient], []).append(one)
    spells: dict[tuple[str, str], list[Row]] = {}
    for one in people:
        spells.setdefault((one[about.people.patient].strip(), one[about.people.provider].strip()), []).append(one)
    found: dict[tuple[str, str], dict[str, tuple[int, int]]] = {}
    for (patient, provider), rows in spells.items():
        days = _days_on_list(about, rows)
        row = dict(rows[0])
        if about.people.born:
            row["age"] = str(_age(_day(row[about.people.born]), about.end))
        own = of_patient.get(patient, [])
        group = (row[about.groups.column].strip() or about.groups.unknown) if about.groups else ""
        counts = found.setdefault((provider, group), dict.fromkeys(about.codes, (0, 0)))
        due: dict[str, bool] = {}
        received: dict[str, bool] = {}
        for one in about.indicators:
            inside = (
                _continued(about, one.continuity or about.continuity, days)
                and holds(one.denominator, row, own, about)
                and not (one.exclude is not None and holds(one.exclude, row, own, about))
            )
            if one.unit == "records":
                counted = [
                    each for each in own if inside and _in_time(Records(), each, about) and holds(one.counted, each)
                ]
                n, x = len(counted), sum(holds(one.numerator, each) for each in counted)
            else:
                due[one.code], received[one.code] = inside, inside and holds(one.numerator, row, own, about)
                n, x = int(due[one.code]), int(received[one.code])
            counts[one.code] = counts[one.code][0] + n, counts[one.code][1] + x
        for composite in about.composites:
            theirs = [code for code in composite.indicators if due[code]]
            n, x = int(bool(theirs)), int(bool(theirs) and all(received[code] for code in theirs))
            counts[composite.code] = counts[composite.code][0] + n, counts[composite.code][1] + x
    return found


def _days_on_list(about: Definitions, rows: Sequence[Row]) -> set[datetime.date] | None:
    """Return the days of the period on a list; None where the extract does not say."""
    if not about.people.registered_from:
        return None
    days = set()
    for one in rows:
        first = _day(one[about.people.registered_from])
        last = _day(one[about.people.registered_to]) if about.people.registered_to else None
        when = max(first, about.start)
        while when <= min(last or about.end, about.end):
            days.add(when)
            when += datetime.timedelta(days=1)
    return days


def _continued(about: Definitions, rule: Continuity, days: set[datetime.date] | None) -> bool:
    if days is None:
        return True
    return len(days) >= rule.days and (not rule.at_end or about.end in days)
