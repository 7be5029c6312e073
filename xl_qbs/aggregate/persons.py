"""A row for each patient on each list, with what every indicator makes of the patient: the one large step."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from xl_qbs.aggregate.columns import amount, day, read_as, text
from xl_qbs.aggregate.conditions import ReadColumn, every, holds, some
from xl_qbs.aggregate.definitions import (
    AGE,
    Continuity,
    Definitions,
    Indicator,
    Kind,
    PatientRows,
    Records,
    records_in,
)

if TYPE_CHECKING:
    import ibis.expr.types as ir

# Columns of the rows of persons, besides a pair for each indicator and composite.
PATIENT, PROVIDER, GROUP, LISTED, AGED = "patient", "provider", "group", "listed", "aged"
DUE, RECEIVED, COST = "due", "received", "cost"
# More days than any period has.
_MANY_DAYS = 10**8


def target(place: int) -> str:
    """Return the column of an indicator's target population, by its place in the definitions."""
    return f"target_{place}"


def done(place: int) -> str:
    """Return the column of the work done, likewise."""
    return f"done_{place}"


def factor(place: int) -> str:
    """Return the column of a risk factor, by its place in the definitions."""
    return f"factor_{place}"


class _Sums(NamedTuple):
    """What is known of each patient's records: a column for each condition on them."""

    table: Any
    flags: dict[Records, str]


def persons(definitions: Definitions, people: ir.Table | None, records: ir.Table | None) -> ir.Table:
    """Return a row for each patient and list.

    Args:
        definitions: what is counted.
        people: the extract of people; None where the definitions have none.
        records: the extract of records, likewise.

    Returns:
        The columns patient, provider, listed (1 where the continuity of the definitions holds), aged (age in whole
        years where it is known), group where there are groups, and for the pair at place i ``target_i`` and
        ``done_i``: numbers that sum to the table. With patient rows also due, received, cost and ``factor_j``.
    """
    import ibis  # noqa: PLC0415  (slow to import)

    listed = _on_lists(definitions, people, records)
    sums = _sums(definitions, records) if records is not None else None
    rows = listed
    if sums is not None:
        rows = listed.left_join(sums.table, listed[PATIENT] == sums.table.of_patient)
    flags = {one: rows[name].fill_null(False) for one, name in (sums.flags if sums else {}).items()}
    read = _reader(rows)
    made: dict[str, Any] = {
        PATIENT: rows[PATIENT],
        PROVIDER: rows[PROVIDER],
        LISTED: _continued(rows, definitions.continuity).cast("int64"),
        AGED: rows[read_name(AGE, "number")].cast("int64") if _has_age(definitions) else ibis.null("int64"),
    }
    if definitions.groups is not None:
        made[GROUP] = read(definitions.groups.column, "text").fill_null(definitions.groups.unknown)
    made |= _pairs(definitions, rows, read, flags)
    if definitions.patients is not None:
        made |= _of_patients(definitions, definitions.patients, made, rows, read, flags)
    return rows.select(**made)


def read_name(column: str, kind: Kind) -> str:
    """Return what a column of the people is called once it is read as a kind."""
    return f"{kind}: {column}"


def _reader(rows: ir.Table) -> ReadColumn:
    return lambda column, kind: rows[read_name(column, kind)]


def _has_age(definitions: Definitions) -> bool:
    return definitions.people is not None and bool(definitions.people.born)


def _on_lists(definitions: Definitions, people: ir.Table | None, records: ir.Table | None) -> ir.Table:
    """Return a row for each patient and list, with the days on it in the period and the columns that are read."""
    import ibis  # noqa: PLC0415  (slow to import)

    columns = definitions.people
    if columns is None or people is None:
        assert definitions.records is not None  # noqa: S101  (the definitions have people or records)
        assert records is not None  # noqa: S101
        within = day(records[definitions.records.date]).between(definitions.start, definitions.end)
        pairs = records.filter(within).select(
            patient=text(records[definitions.records.patient]), provider=text(records[definitions.records.provider])
        )
        return pairs.drop_null().distinct().mutate(days=ibis.literal(0), at_end=ibis.literal(True))
    spells = people.select(**spell_columns(definitions, people))
    spells = spells.filter(spells[PATIENT].notnull(), spells[PROVIDER].notnull())
    kept = [name for name in spells.columns if name not in {PATIENT, PROVIDER, "first", "last"}]
    attributes = {name: spells[name].max() for name in kept}
    if not columns.registered_from:
        one = spells.group_by(PATIENT, PROVIDER).aggregate(**attributes)
        return one.mutate(days=ibis.literal(0), at_end=ibis.literal(True))
    fresh = spells.mutate(days=_fresh_days(spells), at_end=(spells["last"] == definitions.end) & _inside(spells))
    attributes = {name: fresh[name].max() for name in kept}
    return fresh.group_by(PATIENT, PROVIDER).aggregate(
        days=fresh.days.sum(), at_end=fresh.at_end.any().fill_null(False), **attributes
    )


def spell_columns(definitions: Definitions, people: ir.Table) -> dict[str, Any]:
    """Return the columns of a spell on a list: ids, first and last day cut to the period, and those that are read."""
    import ibis  # noqa: PLC0415  (slow to import)

    columns = definitions.people
    assert columns is not None  # noqa: S101  (people are only read where the definitions have them)
    made: dict[str, Any] = {PATIENT: text(people[columns.patient]), PROVIDER: text(people[columns.provider])}
    if columns.registered_from:
        first = day(people[columns.registered_from])
        last = day(people[columns.registered_to]) if columns.registered_to else ibis.null("date")
        made["first"] = ibis.greatest(first, ibis.literal(definitions.start))
        made["last"] = ibis.least(last.fill_null(definitions.end), ibis.literal(definitions.end))
    for column, kinds in definitions.people_columns().items():
        if column == AGE and columns.born:
            continue
        for kind in kinds or {_own_kind(people[column])}:
            made[read_name(column, kind)] = read_as(people[column], kind)
    if columns.born:
        made[read_name(AGE, "number")] = _age(day(people[columns.born]), definitions.end)
    return made


def _own_kind(column: ir.Column) -> Kind:
    kind = column.type()
    return "number" if kind.is_floating() or kind.is_decimal() else "text"


def _age(born: ir.DateValue, at: datetime.date) -> ir.FloatingValue:
    """Return whole years on a day."""
    later = (born.month() > at.month) | ((born.month() == at.month) & (born.day() > at.day))
    return (at.year - born.year().cast("int64") - later.cast("int64")).cast("float64")


def _inside(spells: ir.Table) -> ir.BooleanValue:
    return (spells["first"] <= spells["last"]).fill_null(False)


def _fresh_days(spells: ir.Table) -> ir.IntegerValue:
    """Return the days of each spell that no earlier spell of the same patient on the same list has covered."""
    import ibis  # noqa: PLC0415  (slow to import)

    inside = _inside(spells)
    last = inside.ifelse(spells["last"], ibis.null("date"))
    before = ibis.window(group_by=[PATIENT, PROVIDER], order_by=[spells["first"], spells["last"]], preceding=(None, 1))
    covered = last.max().over(before)
    new = ibis.least(
        spells["last"].delta(spells["first"], unit="day") + 1,
        spells["last"].delta(covered, unit="day").fill_null(_MANY_DAYS),
    )
    return inside.ifelse(ibis.greatest(new, ibis.literal(0)), 0)


def _continued(rows: ir.Table, rule: Continuity) -> ir.BooleanValue:
    import ibis  # noqa: PLC0415  (slow to import)

    long_enough = rows.days >= rule.days if rule.days else ibis.literal(True)
    return long_enough & rows.at_end if rule.at_end else long_enough


def _sums(definitions: Definitions, records: ir.Table) -> _Sums | None:
    """Return a row for each patient with records that matter, and whether each condition on them holds."""
    columns = definitions.records
    assert columns is not None  # noqa: S101  (records are only read where the definitions have them)
    wanted = dict.fromkeys(one for condition in definitions.on_patients() for one in records_in(condition))
    records = _typed(definitions, records)
    when, read = records.day, _reader(records)
    matches: dict[str, Any] = {}
    for place, one in enumerate(wanted):
        matches[f"match_{place}"] = holds(one.where, read) & within(one, definitions, when)
    of_records = [(place, one) for place, one in enumerate(definitions.indicators) if one.unit == "records"]
    inside = when.between(definitions.start, definitions.end).fill_null(False)
    for place, indicator in of_records:
        counted = holds(indicator.counted, read) & inside
        matches[f"counted_{place}"] = counted
        matches[f"counted_done_{place}"] = counted & holds(indicator.numerator, read)
    rows = definitions.patients
    if rows is not None:
        matches["costs"] = holds(rows.cost_where, read) & inside
    if not matches:
        return None
    # A filter for the records that match would be worked out twice, and costs more than it spares.
    marked = records.select("of_patient", "day", *([COST] if rows is not None else []), **matches)
    totals: dict[str, Any] = {}
    flags: dict[Records, str] = {}
    for place, one in enumerate(wanted):
        flags[one] = f"flag_{place}"
        totals[flags[one]] = _often_enough(one, marked[f"match_{place}"], marked.day)
    for place, _ in of_records:
        for name in (f"counted_{place}", f"counted_done_{place}"):
            totals[name] = marked[name].cast("int64").sum()
    if rows is not None:
        totals[COST] = marked.costs.ifelse(marked[COST], 0).sum()
    return _Sums(marked.group_by("of_patient").aggregate(**totals), flags)


def _typed(definitions: Definitions, records: ir.Table) -> ir.Table:
    """Return the records with the columns that are read, each worked out once."""
    columns = definitions.records
    assert columns is not None  # noqa: S101  (as in `_sums`)
    made = {"of_patient": text(records[columns.patient]), "day": day(records[columns.date])}
    for column, kinds in definitions.record_columns().items():
        for kind in kinds:
            made[read_name(column, kind)] = read_as(records[column], kind)
    if definitions.patients is not None:
        made[COST] = amount(records[definitions.patients.cost])
    return records.select(**made)


def within(one: Records, definitions: Definitions, when: Any) -> ir.BooleanValue:
    """Return whether a record's day is in the time that a condition looks at."""
    if one.ever:
        return (when <= definitions.end).fill_null(False)
    first = definitions.start if one.months is None else months_before(definitions.end, one.months)
    return when.between(first, definitions.end).fill_null(False)


def months_before(end: datetime.date, months: int) -> datetime.date:
    """Return the first of the days that make so many months up to and with ``end``.

    >>> months_before(datetime.date(2019, 12, 31), 12)
    datetime.date(2019, 1, 1)
    >>> months_before(datetime.date(2019, 12, 30), 10)
    datetime.date(2019, 3, 1)
    >>> months_before(datetime.date(9999, 12, 31), 1)
    datetime.date(9999, 12, 1)
    """
    if end == datetime.date.max:
        # Of the day after, which Python does not know: the first of a January.
        after_year, after_month, after_day = end.year + 1, 1, 1
    else:
        after = end + datetime.timedelta(days=1)
        after_year, after_month, after_day = after.year, after.month, after.day
    year, month = divmod(after_year * 12 + after_month - 1 - months, 12)
    if year < 1:
        return datetime.date.min
    if after_day == 1:
        return datetime.date(year, month + 1, 1)
    following = datetime.date(year + month // 11, (month + 1) % 12 + 1, 1)
    return min(datetime.date(year, month + 1, 1) + datetime.timedelta(days=after_day - 1), following)


def _often_enough(one: Records, match: Any, when: Any) -> ir.BooleanScalar:
    if one.times == 1:
        return match.any()
    if one.counting == "days":
        return when.nunique(where=match) >= one.times
    return match.cast("int64").sum() >= one.times


def _pairs(definitions: Definitions, rows: ir.Table, read: ReadColumn, flags: Mapping[Records, Any]) -> dict[str, Any]:
    """Return target and done of each indicator and composite as numbers."""
    due: dict[str, Any] = {}
    received: dict[str, Any] = {}
    made: dict[str, Any] = {}
    for place, one in enumerate(definitions.indicators):
        inside = _in_target(definitions, one, rows, read, flags)
        if one.unit == "records":
            made[target(place)] = inside.ifelse(rows[f"counted_{place}"].fill_null(0), 0)
            made[done(place)] = inside.ifelse(rows[f"counted_done_{place}"].fill_null(0), 0)
            continue
        due[one.code] = inside
        received[one.code] = inside & holds(one.numerator, read, flags)
        made[target(place)] = due[one.code].cast("int64")
        made[done(place)] = received[one.code].cast("int64")
    for place, composite in enumerate(definitions.composites, start=len(definitions.indicators)):
        anything = some(due[code] for code in composite.indicators)
        everything = every(~due[code] | received[code] for code in composite.indicators)
        made[target(place)] = anything.cast("int64")
        made[done(place)] = (anything & everything).cast("int64")
    return made


def _in_target(
    definitions: Definitions, one: Indicator, rows: ir.Table, read: ReadColumn, flags: Mapping[Records, Any]
) -> ir.BooleanValue:
    rule = definitions.continuity if one.continuity is None else one.continuity
    parts = [_continued(rows, rule), holds(one.denominator, read, flags)]
    if one.exclude is not None:
        parts.append(~holds(one.exclude, read, flags))
    return every(parts)


def _of_patients(
    definitions: Definitions,
    wanted: PatientRows,
    made: Mapping[str, Any],
    rows: ir.Table,
    read: ReadColumn,
    flags: Mapping[Records, Any],
) -> dict[str, Any]:
    """Return what risk adjustment needs of each patient."""
    places = [definitions.codes.index(code) for code in wanted.indicators]
    found: dict[str, Any] = {
        DUE: sum(made[target(place)] for place in places),
        RECEIVED: sum(made[done(place)] for place in places),
        COST: rows[COST].fill_null(0),
    }
    for place, one in enumerate(wanted.factors):
        if one.column:
            found[factor(place)] = rows[_factor_column(definitions, one.column, rows)]
        else:
            found[factor(place)] = holds(one.condition, read, flags).cast("int64")
    return found


def _factor_column(definitions: Definitions, column: str, rows: ir.Table) -> str:
    if column == AGE and _has_age(definitions):
        return read_name(AGE, "number")
    kinds: tuple[Kind, ...] = ("number", "text", "date")
    return next(name for kind in kinds if (name := read_name(column, kind)) in rows.columns)
