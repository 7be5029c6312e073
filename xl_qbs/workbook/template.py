"""A formula template, from what a user asks for to a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from xl_qbs.errors import ArgumentError
from xl_qbs.scheme import Indicator, Scheme, preset
from xl_qbs.scoring.method import Method
from xl_qbs.scoring.priors import likelihood_prior
from xl_qbs.scoring.score import Result, score
from xl_qbs.scoring.table import Table
from xl_qbs.scoring.weights import FEWEST_COMPLETE, Component, complete_lists, correlation_matrix, rounded_coverage
from xl_qbs.sheets.conditions import needed
from xl_qbs.sheets.model import Book, Label, Language
from xl_qbs.sheets.room import Room
from xl_qbs.sheets.run import Run
from xl_qbs.sheets.template.book import template_book
from xl_qbs.sheets.template.plan import BANDS, PLACES, Counts, Plan
from xl_qbs.workbook.template_file import write_template

LISTS, SPARE_INDICATORS = 800, 4
MOST_LISTS, MOST_INDICATORS = 100_000, 100
_TITLE = Label("Fair scores for family doctors' lists", "Õiglased skoorid perearstide nimistutele")
_DESCRIPTION = Label(
    "Formula template of the Quality Bonus System, built by xl_qbs. No macros, no links.",
    "Kvaliteedisüsteemi valemimall, loodud xl_qbs-iga. Makrode ja viideteta.",
)

# What the assumptions log says where the rule was ``likelihood``.
ESTIMATED_NOTE = Label(
    "The given prior means and strengths were estimated by beta-binomial maximum likelihood from these data",
    "Antud eeljaotuse keskmised ja kaalud on hinnatud nendest andmetest beeta-binoomse suurima tõepäraga",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Request:
    """What a template is to hold.

    Attributes:
        scheme: the scheme; that of the data if None, else the preset ``qbs-2018``.
        lists: rows for lists.
        indicators: places for indicators; four more than the scheme has if None.
        years: 1, or 2 for a year to compare with.
        table: this year's counts; None for an empty template.
        last_year: last year's counts; None leaves that sheet empty.
        method: the options of the scores.
        idle: indicators that are shown in the scheme but not in use, by their place from 0.
        provider: the list that the sheets about one list begin with; the first if empty.
        planned: work done that is planned on the sheet of the next year, by indicator code.
    """

    scheme: Scheme | None = None
    lists: int = LISTS
    indicators: int | None = None
    years: int = 2
    table: Table | None = None
    last_year: Table | None = None
    method: Method | None = None
    idle: Mapping[int, Indicator] | None = None
    provider: str = ""
    planned: Mapping[str, float] | None = None


def make_template(
    request: Request,
    output: Path,
    *,
    language: Language = "en",
    password: str = "",
    progress: Callable[[float], None] = lambda _: None,
) -> Path:
    """Write a formula template.

    Args:
        request: what it is to hold.
        output: where to write, an ``.xlsx`` file; replaced only when everything is written.
        language: language of all texts.
        password: needed to take the protection of the sheets off; none if empty.
        progress: told the share of the writing that is done, from 0 to 1.

    Returns:
        The path written.

    Raises:
        ArgumentError: numbers that no template can have, or data that it has no room for.
        DataError: the data cannot be scored.
        OutputError: the file cannot be written.
    """
    if output.suffix.lower() != ".xlsx":
        raise ArgumentError(f"output == {output.name!r}, must end in .xlsx")
    plan = plan_of(request)
    book = template_book(plan, language)
    write_template(
        book,
        output,
        title=_TITLE.say(language),
        description=_DESCRIPTION.say(language),
        password=password,
        # Without data there is nothing to store; a spreadsheet calculates when it opens the file.
        values=not (plan.empty or plan.empty_before),
        progress=progress,
    )
    return output


def template_of(request: Request, language: Language = "en") -> Book:
    """Return the sheets of a template; arguments and errors as `make_template`."""
    return template_book(plan_of(request), language)


def plan_of(request: Request) -> Plan:
    """Return the plan of a template: every number that its sheets show, in the room that they have."""
    scheme = request.scheme or getattr(request.table, "scheme", None) or preset()
    method = request.method or Method()
    table = request.table if request.table is not None else stand_in(scheme, request.lists)
    last_year = request.last_year if request.last_year is not None else stand_in(scheme, request.lists)
    room = _room(request, scheme, table, last_year)
    method, note = _closed_form(method, scheme, table, is_real=request.table is not None)
    run, counts = year_of(table, scheme, method, room)
    before, counts_before = year_of(last_year, scheme, method, room) if request.years == 2 else (None, None)
    return Plan(
        run,
        counts,
        before,
        counts_before,
        idle=request.idle or {},
        empty=request.table is None,
        empty_before=request.years == 2 and request.last_year is None,
        provider=request.provider,
        planned=request.planned or {},
        note=note,
    )


def _room(request: Request, scheme: Scheme, *tables: Table) -> Room:
    problems = []
    count, idle = len(scheme.indicators), dict(request.idle or {})
    places = request.indicators if request.indicators is not None else count + len(idle) + SPARE_INDICATORS
    longest = max(len(table.providers) for table in tables)
    if request.years not in (1, 2):
        problems.append(f"years == {request.years}, must be 1 or 2")
    if not longest <= request.lists <= MOST_LISTS:
        problems.append(f"lists == {request.lists}, must be from {longest} (as many as there are) to {MOST_LISTS:,}")
    if not count + len(idle) <= places <= MOST_INDICATORS:
        problems.append(f"indicators == {places}, must be from {count + len(idle)} (the scheme's) to {MOST_INDICATORS}")
    if len(scheme.bands) > BANDS:
        problems.append(f"the scheme has {len(scheme.bands)} bands; a template has room for {BANDS}")
    wanted = needed(scheme)
    if wanted.conditions > PLACES.conditions or wanted.clauses > PLACES.clauses:
        problems.append(
            f"the scheme has {wanted.conditions} conditions of {wanted.clauses} lines; "
            f"a template has room for {PLACES.conditions} of {PLACES.clauses}"
        )
    if problems:
        raise ArgumentError("; ".join(problems))
    free = [place for place in range(places) if place not in idle]
    return Room(request.lists, places, np.array(free[:count], dtype=np.intp), open=True)


def year_of(table: Table, scheme: Scheme, method: Method, room: Room) -> tuple[Run, Counts]:
    """Return one year as a template shows it: scored, with the template's room, and its counts as they stand."""
    result: Result = score(table, scheme, method)
    if result.component is None:
        result = replace(result, component=_no_component(result))
    shown = result.table
    above = int((shown.done > shown.target).sum())
    return Run(result, None, "", "", "", "", space=room), Counts(shown, above)


def _closed_form(method: Method, scheme: Scheme, table: Table, *, is_real: bool) -> tuple[Method, Label | None]:
    """Return a method that formulas can follow, and what an assumptions log has to say of it."""
    if method.prior != "likelihood":
        return method, None
    if not is_real:
        raise ArgumentError("prior == 'likelihood' is estimated from data: give --data, or another rule")
    held = table.select(scheme.codes)
    prior = likelihood_prior(held.done, held.target)
    values = {
        code: (float(mean), float(strength))
        for code, mean, strength in zip(scheme.codes, prior.mean, prior.strength, strict=True)
    }
    return replace(method, prior="fixed", prior_values=values), ESTIMATED_NOTE


def _no_component(result: Result) -> Component:
    """Return what the sheet of weights shows where there is no component: a matrix perhaps, and loadings of 0."""
    shares = result.coverage[complete_lists(result.coverage)]
    count = len(result.scheme.codes)
    matrix = np.zeros((count, count))
    if len(shares) >= FEWEST_COMPLETE:
        matrix = correlation_matrix(rounded_coverage(shares, result.method.coverage_decimals))
    return Component(np.zeros(count), 0.0, 0.0, matrix, len(shares))


def stand_in(scheme: Scheme, lists: int) -> Table:
    """Return counts that give an empty template its form; none of them is written."""
    lists = max(FEWEST_COMPLETE, min(lists, 8))
    rows, columns = np.ogrid[1 : lists + 1, 1 : len(scheme.codes) + 1]
    target = 20.0 + (7 * rows + 3 * columns) % 11
    done = np.floor(target * (0.3 + 0.08 * rows)) - (rows * columns) % 3
    return Table(tuple(f"N{row:04d}" for row in range(1, lists + 1)), scheme.codes, target, np.maximum(done, 0.0))
