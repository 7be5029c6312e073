"""What a formula template of efficiency should hold, made again from its size, its yellow cells and its version."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from xl_qbs.audit.expected import Expected
from xl_qbs.audit.library import Library
from xl_qbs.audit.opened import Opened, Value
from xl_qbs.audit.scored import NotScoredError
from xl_qbs.audit.template import RebuiltTemplate, sheet_names
from xl_qbs.audit.template_inputs import UnreadableError, Yellow
from xl_qbs.audit.template_parts import (
    about_texts,
    cells_of,
    layout,
    marked_language,
    number_of,
    of_version,
    text_of,
    version_in,
)
from xl_qbs.efficiency.analysis import Given, Options, analyse
from xl_qbs.efficiency.harmonisation import Specification
from xl_qbs.errors import QbsError
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.efficiency.book import efficiency_book
from xl_qbs.sheets.efficiency.plan import ABOUT, DATA, FRONTIER, HARMONY, MODELS, PARAMETERS, RESULTS, Plan, room_for
from xl_qbs.sheets.model import Book, Language
from xl_qbs.workbook.efficiency_template import FEWEST_ROWS, MOST_PROVIDERS, efficiency_template_of

_ROOM = re.compile(r"\d{1,5}\Z")
# For each provider that a template has room for, it has at least so many cells.
_CELLS_OF_A_ROW = 30
_MARKED = (RESULTS, MODELS, FRONTIER, HARMONY, PARAMETERS)
# Yellow cells that Python holds as constants: whoever changes one has another method.
FIXED = (
    "star_scale", "middle_star", "efficiency_decimals", "cut_guard", "star_points_table", "outside", "reach_quality",
    "reach_cost", "bins_quality", "bins_cost",
)  # fmt: skip


def efficiency_language(opened: Opened) -> Language | None:
    """Return the language of a template of efficiency, one of whose sheets may be renamed; None for another file."""
    return marked_language(opened, _MARKED)


def rebuild_efficiency_template(opened: Opened, library: Library | None = None) -> RebuiltTemplate:
    """Return what a template of efficiency should hold.

    Raises:
        NotScoredError: it is none, or nothing tells how many providers it has room for.
    """
    library = library or Library()
    language = efficiency_language(opened)
    if language is None:
        raise NotScoredError(f"{opened.path.name} is no template of efficiency.")
    texts = about_texts(opened, ABOUT, language)
    rows, version = _size(opened, texts, language), version_in(texts)
    blank = library.once(("efficiency template", rows, version, language), lambda: _blank(rows, version, language))
    sheets = sheet_names(opened, blank.book)
    yellow = Yellow(opened, blank, sheets)
    key = ("efficiency template", rows, version, language, yellow.reading())
    values, held, why = library.once(key, lambda: _filled(yellow, blank, rows, version))
    return RebuiltTemplate(
        expected=values or blank,
        values=values,
        sheets=sheets,
        version=version,
        facts=(("Room for providers", str(rows)), ("Providers", str(held) if held else "--")),
        fixed=frozenset(FIXED),
        empty=not held,
        why=why,
    )


def _blank(rows: int, version: tuple[str, str], language: Language) -> Expected:
    # What cost is said to be changes no formula: it is a yellow cell like the others.
    book = efficiency_template_of(Options(cost_is="spending"), providers=rows, language=language)
    return of_version(book, version)


def _filled(yellow: Yellow, blank: Expected, rows: int, version: tuple[str, str]) -> tuple[Expected | None, int, str]:
    """Return the sheets that the yellow cells make, how many rows are filled, and why there are none."""
    held = sum(any(row[0] not in (None, "") for row in columns) for columns in _rows(yellow))
    if not held:
        return None, 0, "no provider stands on the sheet of data"
    try:
        book = _book(yellow, rows)
    except (UnreadableError, QbsError) as error:
        return None, held, str(error)
    if layout(book) != layout(blank.book):
        return None, held, "a model has no result with these data or parameters, and its columns stay empty"
    return of_version(book, version), held, ""


def _rows(yellow: Yellow) -> Any:
    """Return the cells of each row of the data, a list of one value for each column."""
    keys = ("provider", "quality", "cost", "quality_error", "cost_error")
    return zip(*(yellow.grid(key) for key in keys), strict=True)


def _book(yellow: Yellow, rows: int) -> Book:
    names = [" ".join(text_of(one).split()) for one in yellow.column("provider")]
    count = sum(1 for one in names if one)
    if not all(names[:count]):
        raise UnreadableError("there are blank rows between the providers")
    if len({one.casefold() for one in names[:count]}) < count:
        raise UnreadableError("a provider stands twice")
    columns = {key: yellow.column(key) for key in ("quality", "cost", "quality_error", "cost_error")}
    if any(one not in (None, "") for column in columns.values() for one in column[count:]):
        raise UnreadableError("numbers stand below the providers")
    analysis = analyse(
        Given(
            _numbers(columns["quality"][:count]),
            _numbers(columns["cost"][:count]),
            _known(columns["quality_error"][:count]),
            _known(columns["cost_error"][:count]),
        ),
        _options(yellow),
        linear_programs=False,
    )
    quality, cost = (_about(yellow.column(f"harmony_{key}")) for key in ("quality", "cost"))
    prices: Any = text_of(yellow.one("harmony_prices")) or None
    plan = Plan(
        analysis,
        tuple(names[:count]),
        room_for(rows, open_room=True),
        quality_specification=quality,
        cost_specification=cost,
        prices=prices,
    )
    return efficiency_book(plan, yellow.expected.book.language)


def _about(values: list[Value]) -> Specification:
    patients, period, risk = (text_of(one) or None for one in values)
    return Specification(patients=patients, period=period, risk_adjustment=risk)


def _options(yellow: Yellow) -> Options:
    def pair(key: str) -> tuple[float, float]:
        return needed(f"{key}_1"), needed(f"{key}_2")

    def needed(key: str) -> float:
        return number_of(yellow, key)

    def free(key: str) -> float | None:
        value = yellow.one(key)
        return value if isinstance(value, float) else None

    words: dict[str, Any] = {"cost_is": text_of(yellow.one("cost_is")), "failing": text_of(yellow.one("failing"))}
    return Options(
        **words,
        quality_weights=(needed("weight_a"), needed("weight_b")),
        quality_shares=pair("quality_share"),
        cost_shares=pair("cost_share"),
        quality_hurdle_share=needed("quality_hurdle_share"),
        cost_hurdle_share=needed("cost_hurdle_share"),
        own_quality_hurdle=free("own_quality_hurdle"),
        own_cost_hurdle=free("own_cost_hurdle"),
        class_shares=pair("class_share"),
        value=free("value"),
        reference_quality=free("own_reference_quality"),
        reference_cost=free("own_reference_cost"),
        error_correlation=needed("error_correlation"),
        star_floor=needed("star_floor"),
        star_ceiling=needed("star_ceiling"),
        level=needed("level"),
    )


def _numbers(values: list[Value]) -> Array:
    if not all(isinstance(one, float) for one in values):
        raise UnreadableError("the sheet of data holds something else where a number should stand")
    return np.array(values, dtype=float)


def _known(values: list[Value]) -> Array | None:
    """Return standard errors, NaN where none is known; None where none is at all."""
    if all(one in (None, "") for one in values):
        return None
    return _numbers([np.nan if one in (None, "") else one for one in values])


def _size(opened: Opened, texts: list[str], language: Language) -> int:
    """Return how many providers a template has room for: as About says it, or as many formulas as there are."""
    for found in texts:
        if _ROOM.match(found):
            return _checked(opened, int(found))
    models = opened.sheet(MODELS.say(language)) or opened.sheet(DATA.say(language))
    rows = 0 if models is None else sum(one.formula is not None for (_, c), one in models.cells.items() if c == 1)
    return _checked(opened, rows)


def _checked(opened: Opened, rows: int) -> int:
    if not FEWEST_ROWS <= rows <= MOST_PROVIDERS or cells_of(opened) < _CELLS_OF_A_ROW * rows:
        what = "looks like a template of efficiency, but nothing tells how many providers it is for"
        raise NotScoredError(f"{opened.path.name} {what}.")
    return rows
