"""What a formula template of equity should hold, made again from its size, its yellow cells and its version."""

from __future__ import annotations

import re

import numpy as np

from xl_qbs.audit.equity_inputs import plan_now, typed_rows
from xl_qbs.audit.expected import Expected
from xl_qbs.audit.library import Library
from xl_qbs.audit.opened import Opened
from xl_qbs.audit.scored import NotScoredError
from xl_qbs.audit.template import At, RebuiltTemplate, sheet_names
from xl_qbs.audit.template_inputs import UnreadableError, Yellow
from xl_qbs.audit.template_parts import about_texts, cells_of, layout, marked_language, of_version, version_in
from xl_qbs.errors import QbsError
from xl_qbs.sheets.equity.book import equity_book
from xl_qbs.sheets.equity.plan import ABOUT, BASELINE, BETWEEN, DATA, GAPS, GATES, GROUPS, POINTS, TARGETS
from xl_qbs.sheets.model import Book, Language
from xl_qbs.workbook.equity_template import (
    MOST_GROUPS,
    MOST_INDICATORS,
    MOST_PROVIDERS,
    EquityRequest,
    equity_template_of,
)

Places = tuple[int, int, int]
_ROOM = re.compile(r"(\d{1,5}), (\d{1,5}), (\d{1,5})\Z")
_MARKED = (BASELINE, TARGETS, GAPS, POINTS, BETWEEN, GATES, GROUPS)
# Yellow cells that Python holds as constants: whoever changes one has another method.
FIXED = (
    "guard", "most_points", "below_benchmark", "half", "best_share", "gap_begin", "gap_width", "points_begin",
    "points_width",
)  # fmt: skip
# Columns of the sheet of data: with a formula in each row, and with one for each provider.
_MESSAGE, _LISTED = 6, 19
# Of each row for data, a template has at least so many cells: formulas on one of the two sheets of data.
_CELLS_OF_A_ROW = 10


def equity_language(opened: Opened) -> Language | None:
    """Return the language of a template of equity, one of whose sheets may be renamed; None for another file."""
    return marked_language(opened, _MARKED)


def rebuild_equity_template(opened: Opened, library: Library | None = None) -> RebuiltTemplate:
    """Return what a template of equity should hold.

    Raises:
        NotScoredError: it is none, or nothing tells how much room it has.
    """
    library = library or Library()
    language = equity_language(opened)
    if language is None:
        raise NotScoredError(f"{opened.path.name} is no template of equity.")
    texts = about_texts(opened, ABOUT, language)
    places, version = _places(opened, texts, language), version_in(texts)
    shape = ("equity template", places, version, language)
    blank = library.once(shape, lambda: of_version(_blank(places, language), version))
    sheets = sheet_names(opened, blank.book)
    yellow = Yellow(opened, blank, sheets)
    values, why, held = library.once((*shape, yellow.reading()), lambda: _filled(yellow, places, version))
    return RebuiltTemplate(
        expected=values or blank,
        values=values,
        sheets=sheets,
        version=version,
        facts=(
            ("Room for providers, indicators, groups", ", ".join(map(str, places))),
            ("Providers", str(held) if values is not None else "--"),
        ),
        fixed=frozenset(FIXED),
        empty=not typed_rows(yellow) and not typed_rows(yellow, "0"),
        why=why,
        looked_up={} if values is None else _looked_up(values.book),
    )


def _blank(places: Places, language: Language) -> Book:
    providers, indicators, groups = places
    return equity_template_of(EquityRequest(providers=providers, indicators=indicators, groups=groups), language)


def _filled(yellow: Yellow, places: Places, version: tuple[str, str]) -> tuple[Expected | None, str, int]:
    """Return the sheets that the yellow cells make, or why Python cannot tell, and how many providers there are."""
    if not typed_rows(yellow):
        return None, "no provider stands on the sheet of data", 0
    try:
        plan = plan_now(yellow, places)
        book = equity_book(plan, yellow.expected.book.language)
    except (UnreadableError, QbsError) as error:
        return None, " ".join(str(error).split()), 0
    if layout(book) != layout(yellow.expected.book):
        return None, "with these data or parameters its sheets are laid out otherwise", 0
    return of_version(book, version), "", len(plan.providers)


# Each count on the sheet of groups, where its row of the data stands, and the column that it is from.
_COUNTS = (("n", "at", "n"), ("x", "at", "x"), ("unknown", "unknown_at", "n"), ("total", "all_at", "n"))


def _looked_up(book: Book) -> dict[At, At]:
    """Return the yellow cell that each count on the sheet of groups was found in: its formula may find any row."""
    found: dict[At, At] = {}
    for end in ("", "0"):
        for key, where, column in _COUNTS:
            block, data = book.block(key + end), book.block(f"d_{column}{end}")
            for (i, j), row in np.ndenumerate(book.block(where + end).values):
                if row > 0:
                    place = block.sheet, block.row + i, block.column + j
                    found[place] = data.sheet, data.row + int(row) - 1, data.column
    return found


def _places(opened: Opened, texts: list[str], language: Language) -> Places:
    """Return the room: as About says it, or as the formulas on the sheets of data and groups show it."""
    found = next((match for text in texts if (match := _ROOM.match(text))), None)
    places = _counted(opened, language) if found is None else (int(found[1]), int(found[2]), int(found[3]))
    most = (MOST_PROVIDERS, MOST_INDICATORS, MOST_GROUPS)
    within = all(least <= one <= top for one, least, top in zip(places, (2, 1, 2), most, strict=True))
    if not within or cells_of(opened) < _CELLS_OF_A_ROW * places[0] * places[1] * (places[2] + 1):
        what = "looks like a template of equity, but nothing tells how much room it has"
        raise NotScoredError(f"{opened.path.name} {what}.")
    return places


def _counted(opened: Opened, language: Language) -> Places:
    data, groups = opened.sheet(DATA.say(language)), opened.sheet(GROUPS.say(language))
    if data is None or groups is None:
        return 0, 0, 0
    rows, providers = (
        sum(one.formula is not None for (_, column), one in data.cells.items() if column == wanted)
        for wanted in (_MESSAGE, _LISTED)
    )
    pairs = sum(one.formula is not None for (_, column), one in groups.cells.items() if column == 1)
    if not providers or not pairs:
        return 0, 0, 0
    return providers, pairs // providers, rows // pairs - 1
