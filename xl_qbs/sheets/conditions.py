"""Conditions on the sheets: their clauses among the parameters, and what each list has reached of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from xl_qbs.scheme import Clause, Scheme
from xl_qbs.scoring.conditions import clause_members, clause_share
from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.frame import FIRST_ROW, HEADING_ROW, texts
from xl_qbs.sheets.model import Book, Label, Sheet
from xl_qbs.sheets.run import Run

# So many texts name what a clause speaks of.
OF_CELLS = 3
REACHED = Label("Reached of the conditions", "Tingimustest saavutatud")


class Places(NamedTuple):
    """How many conditions and clauses a book has room for."""

    conditions: int
    clauses: int


def needed(scheme: Scheme) -> Places:
    """Return how many conditions and clauses a scheme has."""
    return Places(len(scheme.conditions), sum(len(one.clauses) for one in scheme.conditions))


def add_condition_inputs(book: Book, sheet: Sheet, run: Run, row: int, places: Places) -> int:
    """Add names and clauses of the conditions to the sheet of the scheme, and return the first row behind them."""
    scheme = run.result.scheme
    names = _names(book, scheme)
    clauses = _clauses(book, scheme)
    book.write(sheet, (row, 1), [[Label("Conditions", "Tingimused")]], "label")
    filled = texts([*names, *[""] * (places.conditions - len(names))])
    book.add(sheet, "condition_name", (row + 1, 1), filled, kind="input", format="text")
    row += places.conditions + 2
    book.write(
        sheet,
        (row, 1),
        [[Label("What each condition asks: all of its lines", "Mida tingimus nõuab: kõik read")]],
        "label",
    )
    heads: list[Label | str] = [
        Label("Condition", "Tingimus"),
        Label("At least", "Vähemalt"),
        Label("Scope", "Ulatus"),
        *[Label("Of", "Mille")] * OF_CELLS,
    ]
    book.write(sheet, (row + 1, 1), [heads], "heading")
    spare = places.clauses - len(clauses)
    blank: list[str] = [""] * spare
    columns = (
        ("clause_condition", [*(name for name, _ in clauses), *blank], "text"),
        ("clause_share", [*(one.at_least for _, one in clauses), *[None] * spare], "percent"),
        ("clause_scope", [*(one.scope for _, one in clauses), *blank], "text"),
    )
    for place, (key, values, number_format) in enumerate(columns, start=1):
        shown = np.array(values, dtype=object)
        book.add(sheet, key, (row + 2, place), shown, kind="input", format=number_format)  # type: ignore[arg-type]
    width = max(OF_CELLS, *(len(one.codes) for _, one in clauses)) if clauses else OF_CELLS
    of = np.full((places.clauses, width), "", dtype=object)
    for place, (_, one) in enumerate(clauses):
        of[place, : len(one.codes)] = one.codes
    book.add(sheet, "clause_of", (row + 2, 4), of, kind="input", format="text")
    _add_members(book, sheet, run, places, row + 2, 4 + width)
    return row + 2 + places.clauses


def _add_members(book: Book, sheet: Sheet, run: Run, places: Places, row: int, column: int) -> None:
    """Add which indicators each clause speaks of, looked up by code or domain."""
    scheme, room = run.result.scheme, run.room
    members = np.zeros((places.clauses, room.indicators))
    for place, (_, one) in enumerate(_clauses(book, scheme)):
        members[place] = room.by_indicator(clause_members(one, scheme).astype(float), 0.0)
    title = Label("Indicators that it speaks of, by number", "Indikaatorid, mida see puudutab, numbri järgi")
    book.write(sheet, (row - 2, column), [[title]], "label")
    book.add(sheet, "member_no", (row - 1, column), room.numbers.reshape(1, -1), kind="heading", format="count")
    code = "INDEX({code:all},{member_no})"
    domain = "INDEX({domain:all},{member_no})"
    # Without a domain or a code an indicator belongs to nothing, although an empty text equals an empty cell.
    formula = (
        f'IF({code}="",0,IF({{clause_scope}}="",0,IF(SUMPRODUCT(--({{clause_of:row}}='
        f'IF(MATCH({{clause_scope}},{{scopes:all}},0)=1,{domain}&"",{code})))>0,1,0)))'
    )
    book.add(sheet, "clause_members", (row, column), members, formula, format="count")


def add_conditions(book: Book, sheet: Sheet, run: Run, column: int) -> int:
    """Add to the sheet of scores what each list has reached of each clause, and which conditions it meets.

    Returns:
        The first column behind them.
    """
    scheme, room = run.result.scheme, run.room
    names, clauses = _names(book, scheme), _clauses(book, scheme)
    conditions, lines = book.block("condition_name").rows, book.block("clause_share").rows
    lists = len(run.result.table.providers)
    reached = np.full((lists, lines), np.nan)
    holds = np.ones((lists, lines))
    for place, (_, one) in enumerate(clauses):
        share = clause_share(one, scheme, run.result.table, run.result.need_adjusted.points, run.result.weights)
        reached[:, place] = share
        holds[:, place] = np.isnan(share) | (share + book.block("band_guard").values[0, 0] >= one.at_least)
    book.write(sheet, (5, column), [[REACHED]], "group")
    _merge(sheet, column, lines)
    of = texts([name for name, _ in clauses] + [""] * (lines - len(clauses))).reshape(1, -1)
    least = np.array([one.at_least for _, one in clauses] + [0.0] * (lines - len(clauses))).reshape(1, -1)
    book.add(sheet, "clause_no", (6, column), np.arange(1.0, lines + 1).reshape(1, -1))
    book.add(sheet, "clause_least", (7, column), least, "INDEX({clause_share:all},{clause_no})", format="percent")
    name_of = 'INDEX({clause_condition:all},{clause_no})&""'
    book.add(sheet, "clause_name", (HEADING_ROW, column), of, name_of, kind="heading", format="text")
    members = "INDEX({clause_members:all},{clause_no},0)"
    scope = "MATCH(INDEX({clause_scope:all},{clause_no}),{scopes:all},0)=1"
    most = f"SUMPRODUCT({members},{{weight_row:all}})"
    patients = f"SUMPRODUCT({members},{{target:row}})"
    formula = (
        f'IF({{clause_name}}="","",IF({scope},'
        f"IF({most}>0,SUMPRODUCT({members},{{need_points:row}})/{most},0),"
        f'IF({patients}>0,SUMPRODUCT({members},{{done:row}})/{patients},"")))'
    )
    book.add(
        sheet,
        "clause_reached",
        (FIRST_ROW, column),
        room.by_list(reached),
        room.guarded(formula, "need_score"),
        format="percent1",
    )
    column += lines
    book.write(sheet, (5, column), [[Label("Holds (1 = yes)", "Kehtib (1 = jah)")]], "group")
    _merge(sheet, column, lines)
    book.add(sheet, "holds_name", (HEADING_ROW, column), of, "{clause_name}", kind="heading", format="text")
    test = 'IF({clause_name}="",1,IF({clause_reached}="",1,IF({clause_reached}+{band_guard}>={clause_least},1,0)))'
    book.add(
        sheet,
        "clause_holds",
        (FIRST_ROW, column),
        room.by_list(holds),
        room.guarded(test, "need_score"),
        format="count",
    )
    column += lines
    met = np.array([run.result.conditions[one.name] for one in scheme.conditions], dtype=float).reshape(-1, lists).T
    met = np.hstack([met, np.full((lists, conditions - len(names)), np.nan)])
    book.write(sheet, (5, column), [[Label("Condition met (1 = yes)", "Tingimus täidetud (1 = jah)")]], "group")
    _merge(sheet, column, conditions)
    book.add(sheet, "condition_no", (6, column), np.arange(1.0, conditions + 1).reshape(1, -1))
    shown = texts([*names, *[""] * (conditions - len(names))]).reshape(1, -1)
    name_of = 'INDEX({condition_name:all},{condition_no})&""'
    book.add(sheet, "met_name", (HEADING_ROW, column), shown, name_of, kind="heading", format="text")
    all_hold = "IF(SUMPRODUCT(({clause_name:all}={met_name})*(1-{clause_holds:row}))=0,1,0)"
    book.add(
        sheet,
        "condition_met",
        (FIRST_ROW, column),
        room.by_list(met),
        room.guarded(f'IF({{met_name}}="","",{all_hold})' if room.open else all_hold, "need_score"),
        kind="output",
        format="count",
    )
    return column + conditions


def _merge(sheet: Sheet, column: int, count: int) -> None:
    if count > 1:
        sheet.merges.append(f"{column_letter(column)}5:{column_letter(column + count - 1)}5")


def _names(book: Book, scheme: Scheme) -> list[str]:
    return [(one.name_et or one.name) if book.language == "et" else one.name for one in scheme.conditions]


def _clauses(book: Book, scheme: Scheme) -> Sequence[tuple[str, Clause]]:
    """Return every clause with the name of its condition."""
    pairs = zip(_names(book, scheme), scheme.conditions, strict=True)
    return [(name, clause) for name, condition in pairs for clause in condition.clauses]
