"""What is wrong with an extract, counted in one pass over each, and told of all at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from xl_qbs.aggregate.columns import day, faulty, text, used_people, used_records
from xl_qbs.aggregate.definitions import Definitions, Kind
from xl_qbs.aggregate.persons import PATIENT, PROVIDER, spell_columns
from xl_qbs.errors import Finding

if TYPE_CHECKING:
    import ibis.expr.types as ir

PEOPLE, RECORDS = "people", "records"
_IS_NOT = {"number": "a number such as 12.5", "date": "a day such as 2019-12-31", "text": "a text"}


def people_counts(definitions: Definitions, people: ir.Table) -> ir.Table:
    """Return one row that counts what may be wrong with the people; `people_findings` puts it into words."""
    columns = definitions.people
    assert columns is not None  # noqa: S101  (people are only read where the definitions have them)
    counts = {
        "rows": people.count(),
        "no_patient": _count(text(people[columns.patient]).isnull()),
        "no_provider": _count(text(people[columns.provider]).isnull()),
        **_faults(people, used_people(definitions)),
    }
    if columns.registered_from:
        first = people[columns.registered_from]
        counts["no_first"] = _count(text(first).isnull())
        if columns.registered_to:
            counts["backwards"] = _count((day(people[columns.registered_to]) < day(first)).fill_null(False))
    return people.aggregate(**counts)


def conflict_counts(definitions: Definitions, people: ir.Table) -> ir.Table:
    """Return one row that counts patients who stand on a list in several rows that do not agree.

    Columns: ``twice``, patients and lists with more than one row; and for each column that is read ``differs_i``.
    """
    spells = people.select(**spell_columns(definitions, people))
    read = _attributes(spells.columns)
    several = spells.group_by(PATIENT, PROVIDER).aggregate(
        rows=spells.count(),
        **{f"differs_{place}": spells[name].min() != spells[name].max() for place, name in enumerate(read)},
    )
    several = several.filter(several.rows > 1)
    return several.aggregate(
        twice=several.count(),
        **{f"differs_{place}": _count(several[f"differs_{place}"].fill_null(False)) for place in range(len(read))},
    )


def record_counts(definitions: Definitions, records: ir.Table) -> ir.Table:
    """Return one row that counts what may be wrong with the records."""
    columns = definitions.records
    assert columns is not None  # noqa: S101  (records are only read where the definitions have them)
    when = day(records[columns.date])
    counts = {
        "rows": records.count(),
        "no_patient": _count(text(records[columns.patient]).isnull()),
        "no_date": _count(text(records[columns.date]).isnull()),
        "inside": _count(when.between(definitions.start, definitions.end).fill_null(False)),
        "first": when.min(),
        "last": when.max(),
        **_faults(records, used_records(definitions)),
    }
    if columns.provider:
        counts["no_provider"] = _count(text(records[columns.provider]).isnull())
    return records.aggregate(**counts)


def people_findings(definitions: Definitions, found: Mapping[str, Any], name: str) -> Iterator[Finding]:
    """Yield what is wrong with the people, from the row of `people_counts`; ``name`` is the extract's."""
    columns = definitions.people
    assert columns is not None  # noqa: S101  (as in `people_counts`)
    rows = int(found["rows"])
    if not rows:
        yield Finding("there are headings, but no rows.", "Name the extract that has the people.", name)
    for key, column in (("no_patient", columns.patient), ("no_provider", columns.provider)):
        if found[key]:
            yield Finding(f"{_rows(found[key])} without '{column}'.", "Fill it in, or leave these rows out.", name)
    if found.get("no_first"):
        what = f"{_rows(found['no_first'])} without '{columns.registered_from}'."
        yield Finding(what, "Write since when each patient is on the list.", name)
    if found.get("backwards"):
        what = f"{_rows(found['backwards'])} with '{columns.registered_to}' before '{columns.registered_from}'."
        yield Finding(what, "Correct the days.", name)
    yield from _fault_findings(used_people(definitions), found, name)


def conflict_findings(
    definitions: Definitions, people: ir.Table, found: Mapping[str, Any], name: str
) -> Iterator[Finding]:
    """Yield what is wrong with patients in several rows, from the row of `conflict_counts`."""
    columns = definitions.people
    assert columns is not None  # noqa: S101  (as in `people_counts`)
    if found["twice"] and not columns.registered_from:
        what = f"on the same list more than once: {_patients(found['twice'])}."
        yield Finding(what, "Keep one row for each, or say since when (registered_from) each row is.", name)
    for place, read in enumerate(_attributes(list(spell_columns(definitions, people)))):
        count = found[f"differs_{place}"]
        if count:
            column = read.partition(": ")[2]
            column = columns.born if column == "age" and columns.born else column
            what = f"'{column}' differs between rows of the same patient on the same list ({_patients(count)})."
            yield Finding(what, "State it alike on all of them.", name)


def record_findings(definitions: Definitions, found: Mapping[str, Any], name: str) -> Iterator[Finding]:
    """Yield what is wrong with the records, from the row of `record_counts`."""
    columns = definitions.records
    assert columns is not None  # noqa: S101  (as in `record_counts`)
    if not found["rows"]:
        yield Finding("there are headings, but no rows.", "Name the extract that has the records.", name)
    elif not found["inside"] and found["first"] is not None:
        what = f"no record is of {definitions.period}: they are from {found['first']} to {found['last']}."
        yield Finding(what, "Name the extract of the period, or another period (--from, --to).", name)
    for key, column in (("no_patient", columns.patient), ("no_provider", columns.provider), ("no_date", columns.date)):
        if found.get(key):
            what = f"{_rows(found[key])} without '{column}'; they are left out."
            yield Finding(what, "Look whether that is as it should be.", name, severity="warning")
    yield from _fault_findings(used_records(definitions), found, name)


def _attributes(columns: Any) -> list[str]:
    return [name for name in columns if name not in {PATIENT, PROVIDER, "first", "last"}]


def _count(condition: Any) -> Any:
    import ibis  # noqa: PLC0415  (slow to import)

    return ibis.coalesce(condition.cast("int64").sum(), 0)


def _kinds(used: Mapping[str, set[Kind]]) -> list[tuple[str, Kind]]:
    return [(column, kind) for column, kinds in used.items() for kind in sorted(kinds) if kind != "text"]


def _faults(table: ir.Table, used: Mapping[str, set[Kind]]) -> dict[str, Any]:
    """Return for each column of texts that is read as number or day how many are none, and one of them."""
    found = {}
    for place, (column, kind) in enumerate(_kinds(used)):
        if table[column].type().is_string():
            wrong = faulty(table[column], kind)
            found[f"faulty_{place}"] = _count(wrong)
            found[f"such_as_{place}"] = text(table[column]).max(where=wrong)
    return found


def _fault_findings(used: Mapping[str, set[Kind]], found: Mapping[str, Any], name: str) -> Iterator[Finding]:
    for place, (column, kind) in enumerate(_kinds(used)):
        if found.get(f"faulty_{place}"):
            count, such_as = _rows(found[f"faulty_{place}"]), str(found[f"such_as_{place}"])[:40]
            what = f"{count} with '{column}' that is not {_IS_NOT[kind]} ('{such_as}')."
            yield Finding(what, "Export it in that form.", name)


def _patients(count: Any) -> str:
    return "1 patient" if count == 1 else f"{int(count):,} patients"


def _rows(count: Any) -> str:
    return "1 row" if count == 1 else f"{int(count):,} rows"
