"""The columns of an extract as texts, numbers and days: alike in every engine, whatever type they come as."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import TYPE_CHECKING, Any

from xl_qbs.aggregate.definitions import AGE, Definitions, Kind
from xl_qbs.errors import Finding

if TYPE_CHECKING:
    import ibis.expr.types as ir

# Engines disagree on what texts are numbers ('1_000', '1d') and days ('2019', '2019-1-5'); these they agree on.
NUMBER = r"^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?$"
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T].*)?$"
# Money and the like: sums of decimals do not depend on the order in which an engine adds them.
AMOUNT = "decimal(18, 4)"


def text(column: ir.Column) -> ir.StringValue:
    """Return a column as texts without spaces around them; a blank is missing."""
    kind = column.type()
    if kind.is_boolean():
        return column.ifelse("true", "false")
    if not kind.is_string():
        return column.cast("string")
    return column.strip().nullif("")


def number(column: ir.Column) -> ir.FloatingValue:
    """Return a column as numbers; a text that is none is missing, and `faulty` tells of it."""
    if not column.type().is_string():
        return column.cast("float64")
    plain = text(column)
    return _if_like(plain, NUMBER).try_cast("float64")


def amount(column: ir.Column) -> ir.DecimalValue:
    """Return a column as decimals with four places, which sum alike in any order."""
    kind = column.type()
    if kind.is_decimal() or kind.is_integer():
        return column.cast(AMOUNT)
    return number(column).round(4).cast(AMOUNT)


def day(column: ir.Column) -> ir.DateValue:
    """Return a column as days; a text that is not one like 2019-12-31 is missing, and `faulty` tells of it."""
    kind = column.type()
    if kind.is_date():
        return column
    if kind.is_timestamp():
        return column.date()
    return _if_like(text(column), DAY).substr(0, 10).try_cast("date")


def read_as(column: ir.Column, kind: Kind) -> ir.Value:
    """Return a column as one of the three."""
    return {"text": text, "number": number, "date": day}[kind](column)


def faulty(column: ir.Column, kind: Kind) -> ir.BooleanValue:
    """Return whether a value is there and is none of its kind."""
    return text(column).notnull() & read_as(column, kind).isnull()


def _if_like(plain: ir.StringValue, pattern: str) -> ir.StringValue:
    import ibis  # noqa: PLC0415  (slow to import)

    return plain.re_search(pattern).ifelse(plain, ibis.null("string"))


def used_people(definitions: Definitions) -> dict[str, set[Kind]]:
    """Return the columns of the people that are read and what as, ids and days included."""
    people = definitions.people
    if people is None:
        return {}
    found: dict[str, set[Kind]] = {people.patient: {"text"}, people.provider: {"text"}}
    for name in (people.registered_from, people.registered_to, people.born):
        if name:
            found.setdefault(name, set()).add("date")
    for name, kinds in definitions.people_columns().items():
        if name != AGE or not people.born:
            found.setdefault(name, set()).update(kinds)
    return found


def used_records(definitions: Definitions) -> dict[str, set[Kind]]:
    """Return the columns of the records that are read and what as, ids and days included."""
    records = definitions.records
    if records is None:
        return {}
    found: dict[str, set[Kind]] = {records.patient: {"text"}}
    found.setdefault(records.date, set()).add("date")
    if records.provider:
        found.setdefault(records.provider, set()).add("text")
    for name, kinds in definitions.record_columns().items():
        found.setdefault(name, set()).update(kinds)
    return found


def column_findings(extract: str, schema: Mapping[str, Any], used: Mapping[str, Set[Kind]]) -> Iterator[Finding]:
    """Yield an error for each column that the definitions name and the extract lacks, or has as a type that is no use.

    Args:
        extract: what messages call the extract.
        schema: the Ibis type of each column of the extract.
        used: what each column is read as.
    """
    for name, kinds in used.items():
        if name not in schema:
            there = ", ".join(list(schema)[:40])
            yield Finding(f"there is no column '{name}'; there are: {there}.", "Correct the definitions.", extract)
            continue
        kind = schema[name]
        fits = {
            "text": kind.is_string() or kind.is_integer() or kind.is_boolean() or kind.is_date(),
            "number": kind.is_string() or kind.is_numeric(),
            "date": kind.is_string() or kind.is_date() or kind.is_timestamp(),
        }
        simple = any(fits.values())
        for wanted in sorted(kinds) or ([] if simple else ["text"]):
            if not fits[wanted]:
                what = f"the column '{name}' is read as {wanted}, and the extract has it as {kind}."
                yield Finding(what, "Export it as another type, or test it in another way.", extract)
