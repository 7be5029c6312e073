"""What a formula template should hold, made again from its size, its yellow cells and its versions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from xl_qbs._version import __version__
from xl_qbs.audit.effect import Reach
from xl_qbs.audit.expected import Cell, Expected, Place
from xl_qbs.audit.library import Library
from xl_qbs.audit.opened import Opened, OpenedSheet
from xl_qbs.audit.scored import NotScoredError
from xl_qbs.audit.template_inputs import UnreadableError, Yellow, is_empty, plan_now
from xl_qbs.audit.template_parts import cells_of, marked_language
from xl_qbs.audit.versions import HERE, VERSION, put_texts, versions_text
from xl_qbs.errors import QbsError
from xl_qbs.scheme import Clause, Condition, preset
from xl_qbs.sheets.conditions import REACHED
from xl_qbs.sheets.model import Book, Label, Language, Sheet
from xl_qbs.sheets.run import ABOUT, CHECKS, COVERAGE, SCHEME, SCORES
from xl_qbs.sheets.template.book import template_book
from xl_qbs.sheets.template.plan import ASSUMPTIONS, CHANGE_LOG, DATA, LAST_YEAR, NEXT_YEAR, Plan
from xl_qbs.workbook.template import ESTIMATED_NOTE, Request, plan_of

_ROOM = re.compile(r"(\d+), (\d+)\Z")
# For each list and indicator that a template has room for, it has at least so many cells.
_CELLS_OF_A_COUNT = 8
# Yellow cells that Python holds as constants: whoever changes one has another method.
FIXED = (
    "infinite", "threshold_guard", "band_guard", "score_decimals", "weight_decimals", "fewest_complete", "sign_guard",
    "control_decimals", "places", "outside", "bins",
)  # fmt: skip
# Yellow cells whose consequences Python does not follow; the values behind them are then not compared.
UNFOLLOWED = ("pick", "next_plan_target")
# A cell by its sheet in the book, row and column.
At = tuple[str, int, int]
_MARKED = (ABOUT, SCHEME, DATA, COVERAGE, SCORES, CHECKS)


def language_of(opened: Opened) -> Language | None:
    """Return the language of a template; None where the workbook is none."""
    return marked_language(opened, _MARKED)


def is_template(opened: Opened) -> bool:
    """Return whether a workbook is a formula template, one of whose sheets may be renamed."""
    return language_of(opened) is not None


@dataclass(frozen=True, eq=False)
class RebuiltTemplate:
    """A template made again.

    Attributes:
        expected: what should stand in its cells.
        values: what its calculated cells should hold; None where Python cannot tell.
        sheets: the name in the workbook of each sheet of the book.
        version: the versions of program and method that built it.
        facts: what was made again, label and text.
        fixed: names of yellow cells that are constants of the method.
        empty: whether it holds no data.
        why: why the values of formulas are not compared; empty where they are.
        plan: what a template of scores is made from; None for another.
        skipped: cells whose values are not compared, by sheet.
        next_year: the sheets as they are with the list that the sheet of the next year shows, where it is another.
        looked_up: the yellow cell that a calculated one takes its value from, where its formula may find any of many.
    """

    expected: Expected
    values: Expected | None
    sheets: Mapping[str, str]
    version: tuple[str, str]
    facts: tuple[tuple[str, str], ...]
    fixed: frozenset[str]
    empty: bool
    why: str
    plan: Plan | None = None
    skipped: Mapping[str, set[Place]] = field(default_factory=dict)
    next_year: Expected | None = None
    looked_up: Mapping[At, At] = field(default_factory=dict)

    def expected_values(self, sheet: Sheet) -> Mapping[Place, Cell]:
        """Return the cells of a sheet with the values that its formulas should give."""
        if self.next_year is not None and sheet.name == self.expected.book.sheet_name(NEXT_YEAR):
            return self.next_year.cells(sheet)
        return self.expected.cells(sheet)


class _Filled(NamedTuple):
    """What the yellow cells of a template come to: its sheets, or why Python cannot tell."""

    plan: Plan
    values: Expected | None
    next_year: Expected | None
    empty: bool
    why: str


def rebuild_template(opened: Opened, library: Library | None = None) -> RebuiltTemplate:
    """Return what a template of scores should hold.

    Raises:
        NotScoredError: its sheets About and Data tell no size.
    """
    library = library or Library()
    language = language_of(opened)
    if language is None:
        raise NotScoredError(f"{opened.path.name} is no template of scores.")
    facts = _facts(opened, language)
    years = 2 if any(LAST_YEAR.say(language) in entry.name for entry in opened.entries) else 1
    shape = _Shape(facts, years, _has_last_conditions(opened, language), language, noted=False)
    base, blank = library.once(shape, lambda: _blank(shape))
    sheets = sheet_names(opened, blank.book)
    if _is_noted(opened, sheets, blank.book):
        noted = shape._replace(noted=True)
        base, blank = library.once(noted, lambda: _blank(noted))
    yellow = Yellow(opened, blank, sheets)
    key = shape, base.note is not None, yellow.reading()
    filled = library.once(key, lambda: _filled(yellow, base, facts, language))
    values = filled.values
    return RebuiltTemplate(
        expected=values or blank,
        values=values,
        sheets=sheets,
        version=facts.version,
        facts=_told(filled),
        fixed=frozenset(FIXED),
        empty=filled.empty,
        why=filled.why,
        plan=filled.plan,
        skipped=_skipped(yellow, values) if values is not None else {},
        next_year=filled.next_year,
    )


class _Shape(NamedTuple):
    """What decides how a template is laid out, its data aside."""

    facts: _Facts
    years: int
    conditions: bool
    language: Language
    noted: bool


def _blank(shape: _Shape) -> tuple[Plan, Expected]:
    """Return an empty template of a shape: any scheme gives the layout, as long as there is room for it."""
    facts = shape.facts
    usual = preset()
    scheme = usual.only(usual.codes[: facts.indicators])
    if shape.conditions:
        clause = Clause("indicator", (scheme.codes[0],), 0.5)
        scheme = replace(scheme, conditions=(Condition("-", (clause,), "-"),))
    plan = plan_of(Request(scheme=scheme, lists=facts.lists, indicators=facts.indicators, years=shape.years))
    result = plan.run.result
    named = replace(result.scheme, name=facts.scheme, name_et=facts.scheme, source=facts.source)
    plan = replace(plan, run=replace(plan.run, result=replace(result, scheme=named)))
    if shape.noted:
        plan = replace(plan, note=ESTIMATED_NOTE, empty=False)
    return plan, _of_version(Expected(template_book(plan, shape.language)), facts.version)


def _filled(yellow: Yellow, base: Plan, facts: _Facts, language: Language) -> _Filled:
    if is_empty(yellow):
        return _Filled(base, None, None, True, "no list stands on the sheet of data")
    try:
        plan, values, next_year = _followed(yellow, base, facts, language)
    except (UnreadableError, QbsError) as error:
        return _Filled(base, None, None, False, str(error))
    return _Filled(plan, _of_version(values, facts.version), next_year, False, "")


def _told(filled: _Filled) -> tuple[tuple[str, str], ...]:
    room, result = filled.plan.run.room, filled.plan.run.result
    method = result.method
    known = filled.values is not None
    return (
        ("Room for lists and indicators", f"{room.lists}, {room.indicators}"),
        ("Lists", str(len(result.table.providers)) if known else "--"),
        (
            "Decisions",
            f"prior {method.prior}, weights {method.weights}, rounding {method.rounding}" if known else "--",
        ),
    )


def _has_last_conditions(opened: Opened, language: Language) -> bool:
    """Return whether last year's sheet of scores has columns for conditions; it has if the template began with some."""
    sheet = opened.sheet(SCORES.say(language) + LAST_YEAR.say(language))
    title = REACHED.say(language)
    return sheet is not None and any(sheet.at(5, column).value == title for column in range(1, 1000))


@dataclass(frozen=True)
class _Facts:
    lists: int
    indicators: int
    version: tuple[str, str]
    scheme: str
    source: str


def _facts(opened: Opened, language: Language) -> _Facts:
    """Return what the sheet About says of a template."""
    about = opened.sheet(ABOUT.say(language)) or opened.sheet(opened.entries[0].name)
    version, room, scheme, source = ("", ""), None, "", ""
    labels = {
        "scheme": Label("Scheme", "Skeem").say(language),
        "source": Label("Source of the method", "Meetodi allikas").say(language),
    }
    for (row, column), found in about.cells.items() if about is not None else ():
        if column != 2 or not isinstance(found.value, str):
            continue
        beside = about.at(row, 1).value if about is not None else None
        if match := VERSION.match(found.value):
            version = (match[1], match[2])
        elif match := _ROOM.match(found.value):
            room = int(match[1]), int(match[2])
        elif beside == labels["source"]:
            source = "" if found.value == "--" else found.value
        elif beside == labels["scheme"] and not scheme:
            scheme = found.value
    if room is None or not _is_there(opened, room):
        room = _room_of(opened, language)
    if room is None or not _is_there(opened, room):
        raise NotScoredError(f"{opened.path.name} looks like a template, but nothing tells how many lists it is for.")
    return _Facts(*room, version, scheme or "--", source)


def _is_there(opened: Opened, room: tuple[int, int]) -> bool:
    return cells_of(opened) >= _CELLS_OF_A_COUNT * room[0] * room[1]


def _room_of(opened: Opened, language: Language) -> tuple[int, int] | None:
    """Return the room as the sheets of coverage and scheme show it, where About does not say."""
    scheme = opened.sheet(SCHEME.say(language))
    coverage = opened.sheet(COVERAGE.say(language))
    if scheme is None or coverage is None:
        return None

    def formulas(sheet: OpenedSheet, wanted: int) -> int:
        return sum(one.formula is not None for (_, column), one in sheet.cells.items() if column == wanted)

    lists = formulas(coverage, 1)
    # Indicators and, below them, domains: the names of domains alone are formulas.
    indicators = formulas(scheme, 13) - formulas(scheme, 2)
    return (lists, indicators) if lists > 0 and indicators > 0 else None


def _is_noted(opened: Opened, sheets: Mapping[str, str], book: Book) -> bool:
    sheet = opened.sheet(sheets.get(book.sheet_name(ASSUMPTIONS), ""))
    text = ESTIMATED_NOTE.say(book.language)
    return sheet is not None and any(found.value == text for found in sheet.cells.values())


def _followed(yellow: Yellow, base: Plan, facts: _Facts, language: Language) -> tuple[Plan, Expected, Expected | None]:
    """Return the plan that the yellow cells make, its sheets, and those of the next year of another list."""
    chosen = str(yellow.one("card_list") or "")
    plan = plan_now(
        yellow,
        base.run.room,
        facts.scheme,
        facts.source,
        provider=chosen,
        note=base.note,
        last_conditions=bool(base.run.result.scheme.conditions),
    )
    plan = replace(plan, empty_before=plan.before is not None and is_empty(yellow, "before_"))
    made = Expected(template_book(plan, language))
    other = str(yellow.one("next_list") or "")
    if other == chosen:
        return plan, made, None
    return plan, made, Expected(template_book(replace(plan, provider=other), language))


def _of_version(expected: Expected, version: tuple[str, str]) -> Expected:
    """Return sheets that name the version that built the template where they name this one."""
    book, program = expected.book, version[0]
    if program:
        said = [sheet for sheet in book.sheets if sheet.name in (book.sheet_name(ABOUT), book.sheet_name(CHANGE_LOG))]
        texts = {
            HERE: versions_text(*version),
            f"version {__version__}": f"version {program}",
            f"versiooniga {__version__}": f"versiooniga {program}",
        }
        put_texts(said, texts, within=True)
    return expected


def sheet_names(opened: Opened, book: Book) -> dict[str, str]:
    """Return the name in a workbook of each sheet of a template; one that was renamed is known by its place."""
    names = [entry.name for entry in opened.entries]
    found = {sheet.name: sheet.name for sheet in book.sheets if sheet.name in names}
    spare = [name for name in names if name not in found]
    missing = [sheet.name for sheet in book.sheets if sheet.name not in found]
    if len(spare) == len(missing):
        found |= dict(zip(missing, spare, strict=True))
    return found


def _skipped(yellow: Yellow, values: Expected) -> dict[str, set[Place]]:
    """Return the cells that follow from yellow cells which Python does not follow."""
    starts = []
    for key in UNFOLLOWED:
        block = values.block(key)
        if block is None:
            continue
        for i, row in enumerate(yellow.grid(key)):
            for j, value in enumerate(row):
                wanted = block.values[i, j]
                is_set = value not in (None, "") and value != wanted
                if is_set:
                    starts.append((block, Reach(i, j)))
    skipped: dict[str, set[Place]] = {}
    for key, reaches in values.graph.reached(starts).items():
        block = values.block(key)
        if block is None:
            continue
        for reach in reaches:
            for i in range(block.rows) if reach.row is None else (reach.row,):
                for j in range(block.columns) if reach.column is None else (reach.column,):
                    skipped.setdefault(block.sheet, set()).add((block.row + i, block.column + j))
    return skipped
