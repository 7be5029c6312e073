"""Scheme and method as the cells of a result workbook state them now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from xl_qbs.audit.expected import Expected
from xl_qbs.audit.opened import Opened, Value
from xl_qbs.errors import QbsError
from xl_qbs.scheme import Band, Clause, Condition, Scheme, preset
from xl_qbs.scheme.parse import find_scheme_rows, scheme_from_rows
from xl_qbs.scoring.method import Method
from xl_qbs.sheets.frame import INFINITE
from xl_qbs.sheets.model import Book, Label, Language

# Facts of the sheet About, by their labels there.
_FACTS = {
    "input": Label("Scored file", "Hinnatud fail"),
    "scheme": Label("Scheme", "Skeem"),
    "options": Label("Options", "Valikud"),
    "time": Label("Scored at", "Hinnatud"),
    "sha256": Label("SHA-256 of the scored file", "Hinnatud faili SHA-256"),
}
_METHOD = ("prior_rule", "fraction", "weight_rule", "rounding", "coverage_decimals", "level", "lower_limit")


def stated(
    opened: Opened, expected: Expected, scheme: Scheme, method: Method, sheets: Mapping[str, str]
) -> tuple[Scheme, Method] | None:
    """Return scheme and method as the yellow cells state them; None where they state none that can be used.

    Args:
        opened: the workbook.
        expected: a book of the same layout.
        scheme: the scheme as it was scored; gives what no cell holds.
        method: the method as it was scored.
        sheets: the name in the workbook of each sheet of the book.
    """

    def column(key: str) -> list[Value]:
        block = expected.block(key)
        if block is None:
            return []
        sheet = opened.sheet(sheets.get(block.sheet, block.sheet))
        if sheet is None:
            return []
        return [sheet.at(block.row + i, block.column).value for i in range(block.rows)]

    def rows(key: str) -> list[list[Value]]:
        block = expected.block(key)
        sheet = None if block is None else opened.sheet(sheets.get(block.sheet, block.sheet))
        if block is None or sheet is None:
            return []
        return [
            [sheet.at(block.row + i, block.column + j).value for j in range(block.columns)] for i in range(block.rows)
        ]

    try:
        shown = _scheme(expected.book, scheme, column, rows)
        return shown, _method(expected.book, shown, method, column)
    except (QbsError, TypeError, ValueError, IndexError):
        # What the cells state cannot be scored; the cells are told of one by one.
        return None


def _scheme(book: Book, scheme: Scheme, column: Any, rows: Any) -> Scheme:
    weights = column("own_weight")
    indicators = tuple(
        replace(
            one,
            code=_text(code),
            domain=_text(domain),
            name=_text(name),
            name_et=_text(name_et),
            points=_number(points),
            required_coverage=_number(required),
            unit=_text(unit),
            weight=one.weight if weight in (None, "") else _number(weight),
        )
        for one, code, domain, name, name_et, points, required, unit, weight in zip(
            scheme.indicators,
            column("code"),
            column("domain"),
            column("name"),
            column("name_et"),
            column("points"),
            column("required"),
            column("unit"),
            weights,
            strict=True,
        )
    )
    estonian = book.language == "et"
    bands = tuple(
        _renamed(one, _text(name), estonian, lower=_number(lower))
        for one, name, lower in zip(scheme.bands, column("band_name"), column("band_lower"), strict=True)
    )
    return replace(scheme, indicators=indicators, bands=bands, conditions=_conditions(scheme, estonian, column, rows))


def _renamed(one: Band, name: str, estonian: bool, *, lower: float) -> Band:
    shown = (one.name_et or one.name) if estonian else one.name
    if name == shown:
        return replace(one, lower=lower)
    return replace(one, lower=lower, name_et=name) if estonian else replace(one, lower=lower, name=name)


def _conditions(scheme: Scheme, estonian: bool, column: Any, rows: Any) -> tuple[Condition, ...]:
    if not scheme.conditions:
        return ()
    clauses: dict[str, list[Clause]] = {}
    listed = zip(
        column("clause_condition"), column("clause_scope"), column("clause_share"), rows("clause_of"), strict=True
    )
    for name, scope, share, of in listed:
        kind: Any = _text(scope)
        clauses.setdefault(_text(name), []).append(Clause(kind, tuple(_text(one) for one in of if one), _number(share)))
    found = []
    for one, name in zip(scheme.conditions, column("condition_name"), strict=True):
        shown = (one.name_et or one.name) if estonian else one.name
        new = {} if _text(name) == shown else {"name_et" if estonian else "name": _text(name)}
        found.append(replace(one, clauses=tuple(clauses.get(_text(name), ())), **new))
    return tuple(found)


def _method(book: Book, scheme: Scheme, method: Method, column: Any) -> Method:
    one = {key: column(key)[0] for key in (*_METHOD, "upper_limit")}
    decimals = one["coverage_decimals"]
    prior: Any = _text(one["prior_rule"])
    weights: Any = _text(one["weight_rule"])
    rounding: Any = _text(one["rounding"])
    values = method.prior_values
    for rule, keys in (("fixed", ("given_mean", "given_strength")), ("likelihood", _LIKELIHOOD)):
        if prior == rule:
            pairs = zip(scheme.codes, column(keys[0]), column(keys[1]), strict=True)
            values = {code: (_number(mean), _strength(book, strength)) for code, mean, strength in pairs}
    own = None
    if weights == "own":
        own = {code: _number(weight) for code, weight in zip(scheme.codes, column("own_weight"), strict=True)}
    return replace(
        method,
        prior=prior,
        prior_values=values,
        fraction=_number(one["fraction"]),
        weights=weights,
        own_weights=own,
        rounding=rounding,
        coverage_decimals=int(decimals) if isinstance(decimals, float) else None,
        level=_number(one["level"]),
        lower_limit=_number(one["lower_limit"]),
        upper_limit=_number(one["upper_limit"]),
    )


_LIKELIHOOD = ("likelihood_mean", "likelihood_strength")


def _strength(book: Book, value: Value) -> float:
    return float("inf") if value == book.say(INFINITE) else _number(value)


def _text(value: Value) -> str:
    if isinstance(value, float):
        return f"{value:.15g}"
    return "" if value is None else str(value)


def _number(value: Value) -> float:
    if isinstance(value, float):
        return value
    raise ValueError(f"{value!r} is no number")


def scheme_of_sheets(opened: Opened, language: Language) -> tuple[Scheme | None, dict[str, str]]:
    """Return the scheme that a result workbook states, and the facts of its sheet About, without a run log.

    Conditions are not read; where the scheme has some, its sheets have more than a book without them.
    """
    sheets = [sheet for name in opened.results if (sheet := opened.sheet(name)) is not None]
    facts = dict.fromkeys(_FACTS, "")
    for (row, column), found in (item for sheet in sheets for item in sheet.cells.items()):
        if column != 1:
            continue
        for key, label in _FACTS.items():
            if found.value == label.say(language) and not facts[key]:
                beside = [sheet.at(row, 2).value for sheet in sheets if sheet.at(row, 1).value == found.value]
                facts[key] = _text(beside[0]) if beside else ""
    for sheet in sheets:
        last = max((row for row, _ in sheet.cells), default=0)
        rows = [[sheet.at(row, column).value for column in range(1, 13)] for row in range(1, last + 1)]
        if find_scheme_rows(rows) is None:
            continue
        try:
            scheme = scheme_from_rows(rows, facts["scheme"] or sheet.name, preset())
        except QbsError:
            continue
        return replace(scheme, bands=_listed_bands(rows, language), conditions=()), facts
    return None, facts


def _listed_bands(rows: list[list[Value]], language: Language) -> tuple[Band, ...]:
    title = Label("Bands", "Vahemikud").say(language)
    start = next((place for place, row in enumerate(rows) if row[0] == title), None)
    found: list[Band] = []
    for row in rows[start + 2 :] if start is not None else []:
        if row[0] in (None, "") or not isinstance(row[1], float):
            break
        found.append(Band(row[1], _text(row[0]), _text(row[0])))
    return tuple(found)
