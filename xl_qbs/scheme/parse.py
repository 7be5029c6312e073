"""A scheme from plain values: a parsed TOML file, or the rows of a sheet headed by its columns' names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from typing import Any

from xl_qbs.errors import SchemeError
from xl_qbs.scheme.model import Band, Clause, Condition, Indicator, Scheme

# Headings under which a scheme's columns may stand in a sheet; the first is the one that xl_qbs writes.
COLUMNS: dict[str, tuple[str, ...]] = {
    "code": ("code", "kood", "indicator", "indikaator"),
    "domain": ("domain", "valdkond"),
    "name": ("name", "name en", "english name", "nimetus inglise keeles"),
    "name_et": ("name et", "estonian name", "nimi", "nimetus", "nimetus eesti keeles"),
    "points": ("points", "punktid", "current points", "qbs current value"),
    "required_coverage": ("required coverage", "nõutav hõlmatus", "threshold", "required coverage threshold"),
    "weight": ("own weight", "weight", "kaal", "oma kaal"),
    "aliases": ("aliases", "other names", "teised nimed"),
    "unit": ("unit", "ühik"),
}
_NUMBERS = ("points", "required_coverage", "weight")
# A heading row is looked for near the top of a sheet only.
_HEADING_ROWS = 40


def plain(text: object) -> str:
    r"""Return a text as it is compared: composed, casefolded, punctuation and spacing folded to one space.

    >>> plain("Nõutav\n hõlmatus:")
    'nõutav hõlmatus'
    """
    folded = unicodedata.normalize("NFC", str(text)).casefold()
    return " ".join("".join(char if char.isalnum() else " " for char in folded).split())


def scheme_from_mapping(data: Mapping[str, Any]) -> Scheme:
    """Return the scheme that a mapping describes, as parsed from TOML.

    Args:
        data: keys ``name``, ``source``, and lists of tables ``indicators``, ``bands``, ``conditions``
            whose keys are the fields of the classes of those names.

    Raises:
        SchemeError: a key is unknown or missing, or a value is of the wrong kind.
    """
    _check_keys("scheme", data, {item.name for item in fields(Scheme)}, {"name", "indicators"})
    indicators = tuple(_build(Indicator, "indicator", entry) for entry in _tables(data, "indicators"))
    bands = tuple(_build(Band, "band", entry) for entry in _tables(data, "bands"))
    conditions = tuple(_condition(entry) for entry in _tables(data, "conditions"))
    return Scheme(
        name=str(data["name"]),
        name_et=str(data.get("name_et", "")),
        source=str(data.get("source", "")),
        indicators=indicators,
        bands=bands,
        conditions=conditions,
    )


def find_scheme_rows(rows: Sequence[Sequence[object]]) -> tuple[int, dict[str, int]] | None:
    """Return the heading row and the column of each field, or None where the rows hold no scheme.

    A scheme is a heading row with at least a code, points and required coverage under names of
    `COLUMNS`, in any order.
    """
    known = {alias: key for key, aliases in COLUMNS.items() for alias in aliases}
    for number, row in enumerate(rows[:_HEADING_ROWS]):
        found: dict[str, int] = {}
        for column, cell in enumerate(row):
            # A heading may hold both languages, on two lines or with a stroke between.
            for part in re.split(r"[\n/]", cell) if isinstance(cell, str) else ():
                if plain(part) in known:
                    found.setdefault(known[plain(part)], column)
        if {"code", "points", "required_coverage"} <= found.keys():
            return number, found
    return None


def scheme_from_rows(
    rows: Sequence[Sequence[object]], name: str, defaults: Scheme, known: Scheme | None = None
) -> Scheme:
    """Return the scheme that a sheet's rows describe.

    Args:
        rows: the sheet's cells; blank cells are None or an empty text.
        name: the scheme's name.
        defaults: gives bands and conditions, which such a sheet does not hold.
        known: names and aliases of indicators with the same code are taken from here where the
            sheet leaves them out.

    Raises:
        SchemeError: no heading row, a number that is none, or what `Scheme` refuses.
    """
    found = find_scheme_rows(rows)
    if found is None:
        raise SchemeError(
            f"{name}: no heading row with code, points and required coverage; the headings may be "
            + "; ".join(f"{key}: {' / '.join(aliases)}" for key, aliases in COLUMNS.items())
            + "."
        )
    heading, columns = found
    entries = list(_entries(rows, heading, columns, name))
    by_code = {indicator.code: indicator for indicator in known.indicators} if known else {}
    indicators = []
    for entry in entries:
        model = by_code.get(entry["code"])
        if model is not None:
            for key in ("domain", "name", "name_et", "unit"):
                entry.setdefault(key, getattr(model, key))
            entry["aliases"] = (*entry.get("aliases", ()), *model.names)
        entry.setdefault("domain", "I")
        entry.setdefault("name", entry["code"])
        indicators.append(_build(Indicator, "indicator", entry))
    codes = {indicator.code for indicator in indicators}
    domains = {indicator.domain for indicator in indicators}
    conditions = tuple(
        condition
        for condition in defaults.conditions
        if all(set(clause.codes) <= codes | domains for clause in condition.clauses)
    )
    return Scheme(name=name, indicators=tuple(indicators), bands=defaults.bands, conditions=conditions)


def _entries(
    rows: Sequence[Sequence[object]], heading: int, columns: Mapping[str, int], name: str
) -> Iterator[dict[str, Any]]:
    """Yield the fields of each indicator row, down to the first row without a code."""
    for number, row in enumerate(rows[heading + 1 :], start=heading + 2):
        code = _text(row, columns["code"])
        if not code:
            return
        entry: dict[str, Any] = {"code": code}
        for key, column in columns.items():
            text = _text(row, column)
            if key == "code" or not text:
                continue
            if key in _NUMBERS:
                value = row[column]
                if isinstance(value, bool) or not isinstance(value, (int, float)):
                    raise SchemeError(f"{name}, row {number}: {key.replace('_', ' ')} is {text!r}, not a number.")
                entry[key] = float(value)
            elif key == "aliases":
                entry[key] = tuple(part.strip() for part in text.split(";") if part.strip())
            else:
                entry[key] = text
        for key in ("points", "required_coverage"):
            if key not in entry:
                raise SchemeError(f"{name}, row {number}: {code} has no {key.replace('_', ' ')}.")
        yield entry


def _text(row: Sequence[object], column: int) -> str:
    value = row[column] if column < len(row) else None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


def _tables(data: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    value = data.get(key, ())
    if not isinstance(value, (list, tuple)) or not all(isinstance(entry, Mapping) for entry in value):
        raise SchemeError(f"{key} must be a list of tables ([[{key}]] in TOML).")
    return value


def _check_keys(what: str, data: Mapping[str, Any], allowed: set[str], needed: set[str]) -> None:
    unknown = sorted(set(data) - allowed)
    missing = sorted(needed - set(data))
    if unknown:
        raise SchemeError(
            f"{_article(what)} {what} has no {', '.join(unknown)}; it may have {', '.join(sorted(allowed))}."
        )
    if missing:
        raise SchemeError(f"{_article(what)} {what} lacks {', '.join(missing)}.")


def _article(noun: str) -> str:
    return "An" if noun[0] in "aeiou" else "A"


def _build(kind: type[Any], what: str, data: Mapping[str, Any]) -> Any:
    """Return an instance of a dataclass of texts, numbers and tuples of texts."""
    items = {item.name: item for item in fields(kind)}
    needed = {name for name, item in items.items() if item.default is MISSING}
    _check_keys(what, data, set(items), needed)
    values: dict[str, Any] = {}
    for name, value in data.items():
        wanted = str(items[name].type)
        if wanted.startswith("float"):
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise SchemeError(f"{what}: {name} is {value!r}, must be a number.")
            values[name] = float(value)
        elif wanted.startswith("tuple"):
            if not isinstance(value, (list, tuple)) or not all(isinstance(part, str) for part in value):
                raise SchemeError(f"{what}: {name} is {value!r}, must be a list of texts.")
            values[name] = tuple(str(part) for part in value)
        else:
            values[name] = str(value)
    return kind(**values)


def _condition(data: Mapping[str, Any]) -> Condition:
    _check_keys("condition", data, {"name", "name_et", "clauses"}, {"name", "clauses"})
    clauses = tuple(_build(Clause, "clause", entry) for entry in _tables(data, "clauses"))
    return Condition(name=str(data["name"]), clauses=clauses, name_et=str(data.get("name_et", "")))
