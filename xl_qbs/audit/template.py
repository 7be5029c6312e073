"""What a formula template should hold, made again from its size, its yellow cells and its versions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from xl_qbs._version import METHOD_VERSION, __version__
from xl_qbs.audit.effect import Reach
from xl_qbs.audit.expected import Cell, Expected, Place
from xl_qbs.audit.opened import Opened
from xl_qbs.audit.scored import NotScoredError
from xl_qbs.audit.template_inputs import UnreadableError, Yellow, is_empty, plan_now
from xl_qbs.errors import QbsError
from xl_qbs.scheme import Clause, Condition, preset
from xl_qbs.sheets.conditions import REACHED
from xl_qbs.sheets.model import Book, Label, Language, Sheet
from xl_qbs.sheets.run import ABOUT, CHECKS, COVERAGE, SCHEME, SCORES
from xl_qbs.sheets.template.book import template_book
from xl_qbs.sheets.template.plan import ASSUMPTIONS, CHANGE_LOG, DATA, LAST_YEAR, NEXT_YEAR, Plan
from xl_qbs.workbook.template import ESTIMATED_NOTE, Request, plan_of

_VERSION = re.compile(r"xl_qbs (\S+), (\S+)\Z")
_ROOM = re.compile(r"(\d+), (\d+)\Z")
# Yellow cells that Python holds as constants: whoever changes one has another method.
FIXED = (
    "infinite", "threshold_guard", "band_guard", "score_decimals", "weight_decimals", "fewest_complete", "sign_guard",
    "control_decimals", "places", "outside", "bins",
)  # fmt: skip
# Yellow cells whose consequences Python does not follow; the values behind them are then not compared.
UNFOLLOWED = ("pick", "next_plan_target")
_MARKED = (ABOUT, SCHEME, DATA, COVERAGE, SCORES, CHECKS)


def language_of(opened: Opened) -> Language | None:
    """Return the language of a template; None where the workbook is none."""
    names = {entry.name for entry in opened.entries}
    languages: tuple[Language, ...] = ("en", "et")
    for language in languages:
        if sum(label.say(language) in names for label in _MARKED) >= len(_MARKED) - 1:
            return language
    return None


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
        plan: what it is made from.
        why: why the values of formulas are not compared; empty where they are.
        skipped: cells whose values are not compared, by sheet.
        next_year: the sheets as they are with the list that the sheet of the next year shows, where it is another.
    """

    expected: Expected
    values: Expected | None
    sheets: Mapping[str, str]
    version: tuple[str, str]
    plan: Plan
    why: str
    skipped: Mapping[str, set[Place]]
    next_year: Expected | None = None

    def expected_values(self, sheet: Sheet) -> Mapping[Place, Cell]:
        """Return the cells of a sheet with the values that its formulas should give."""
        if self.next_year is not None and sheet.name == self.expected.book.sheet_name(NEXT_YEAR):
            return self.next_year.cells(sheet)
        return self.expected.cells(sheet)


def rebuild_template(opened: Opened) -> RebuiltTemplate:
    """Return what a template should hold.

    Raises:
        NotScoredError: its sheets About and Data tell no size.
    """
    language = language_of(opened)
    if language is None:
        raise NotScoredError(f"{opened.path.name} is neither a scored workbook nor a template of xl_qbs.")
    facts = _facts(opened, language)
    years = 2 if any(LAST_YEAR.say(language) in entry.name for entry in opened.entries) else 1
    # Any scheme gives the layout, as long as there is room for it.
    usual = preset()
    scheme = usual.only(usual.codes[: facts.indicators])
    if _has_last_conditions(opened, language):
        clause = Clause("indicator", (scheme.codes[0],), 0.5)
        scheme = replace(scheme, conditions=(Condition("-", (clause,), "-"),))
    base = plan_of(Request(scheme=scheme, lists=facts.lists, indicators=facts.indicators, years=years))
    base = _shaped(base, facts, note=False)
    book = template_book(base, language)
    sheets = _sheet_names(opened, book)
    noted = _is_noted(opened, sheets, book)
    if noted:
        base = replace(base, note=ESTIMATED_NOTE, empty=False)
        book = template_book(base, language)
    yellow = Yellow(opened, Expected(book), sheets)
    why, plan, values, next_year = "", base, None, None
    if is_empty(yellow):
        why = "no list stands on the sheet of data"
    else:
        try:
            plan, values, next_year = _followed(yellow, base, facts, language)
        except (UnreadableError, QbsError) as error:
            why = str(error)
    expected = values or Expected(book)
    _with_version(expected.book, facts.version)
    return RebuiltTemplate(
        expected=expected,
        values=values,
        sheets=sheets,
        version=facts.version,
        plan=plan,
        why=why,
        skipped=_skipped(yellow, values) if values is not None else {},
        next_year=next_year,
    )


def _has_last_conditions(opened: Opened, language: Language) -> bool:
    """Return whether last year's sheet of scores has columns for conditions; it has if the template began with some."""
    sheet = opened.sheet(SCORES.say(language) + LAST_YEAR.say(language))
    title = REACHED.say(language)
    return sheet is not None and any(found.value == title for (row, _), found in sheet.cells.items() if row == 5)


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
        if match := _VERSION.match(found.value):
            version = (match[1], match[2])
        elif match := _ROOM.match(found.value):
            room = int(match[1]), int(match[2])
        elif beside == labels["source"]:
            source = "" if found.value == "--" else found.value
        elif beside == labels["scheme"] and not scheme:
            scheme = found.value
    room = room or _room_of(opened, language)
    if room is None:
        raise NotScoredError(f"{opened.path.name} looks like a template, but nothing tells how many lists it is for.")
    return _Facts(*room, version, scheme or "--", source)


def _room_of(opened: Opened, language: Language) -> tuple[int, int] | None:
    """Return the room as the sheets of coverage and scheme show it, where About does not say."""
    scheme = opened.sheet(SCHEME.say(language))
    coverage = opened.sheet(COVERAGE.say(language))
    if scheme is None or coverage is None:
        return None
    lists = sum(1 for (_, column), found in coverage.cells.items() if column == 1 and found.formula is not None)
    used = sum(1 for (_, column), found in scheme.cells.items() if column == 13 and found.formula is not None)
    return (lists, used) if lists and used else None


def _shaped(plan: Plan, facts: _Facts, *, note: bool) -> Plan:
    scheme = replace(plan.run.result.scheme, name=facts.scheme, name_et=facts.scheme, source=facts.source)
    result = replace(plan.run.result, scheme=scheme)
    return replace(plan, run=replace(plan.run, result=result), note=ESTIMATED_NOTE if note else None)


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


def _with_version(book: Book, version: tuple[str, str]) -> None:
    """Put the version that built the template where the book names this one."""
    if not version[0] or version == (__version__, METHOD_VERSION):
        return
    pairs = (
        (f"xl_qbs {__version__}, {METHOD_VERSION}", f"xl_qbs {version[0]}, {version[1]}"),
        (f"version {__version__}", f"version {version[0]}"),
        (f"versiooniga {__version__}", f"versiooniga {version[0]}"),
    )
    for sheet in book.sheets:
        if sheet.name not in (book.sheet_name(ABOUT), book.sheet_name(CHANGE_LOG)):
            continue
        for block in sheet.blocks:
            for place, value in np.ndenumerate(block.values):
                for here, there in pairs if isinstance(value, str) else ():
                    if here in value:
                        block.values[place] = value.replace(here, there)


def _sheet_names(opened: Opened, book: Book) -> dict[str, str]:
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
