"""The book of equity: every sheet of an analysis, described once."""

from __future__ import annotations

from collections.abc import Collection

from xl_qbs.sheets.equity.about_sheet import add_about
from xl_qbs.sheets.equity.between_sheet import add_between
from xl_qbs.sheets.equity.chart_data_sheet import add_chart_data
from xl_qbs.sheets.equity.charts_sheet import add_charts
from xl_qbs.sheets.equity.checks import add_checks
from xl_qbs.sheets.equity.columns import by_indicator
from xl_qbs.sheets.equity.data_sheet import add_data
from xl_qbs.sheets.equity.gaps_sheet import add_gaps
from xl_qbs.sheets.equity.gates_sheet import add_gates
from xl_qbs.sheets.equity.groups_sheet import add_groups
from xl_qbs.sheets.equity.parameters_sheet import add_parameters
from xl_qbs.sheets.equity.peers_sheet import add_peers
from xl_qbs.sheets.equity.plan import FAMILY, PREFIX, Plan
from xl_qbs.sheets.equity.points_sheet import add_points
from xl_qbs.sheets.equity.prior_sheet import add_prior
from xl_qbs.sheets.equity.results_sheet import add_results
from xl_qbs.sheets.equity.standard_sheet import add_standard
from xl_qbs.sheets.equity.targets_sheet import add_targets
from xl_qbs.sheets.equity.template_checks import add_what_to_do
from xl_qbs.sheets.equity.trend_sheet import add_trend
from xl_qbs.sheets.equity.within_sheet import add_within
from xl_qbs.sheets.frame import add_flag
from xl_qbs.sheets.model import Book, Language, Sheet


def equity_book(plan: Plan, language: Language = "en", taken: Collection[str] = ()) -> Book:
    """Return the sheets of an analysis of equity; of a template, where the plan has room.

    Args:
        plan: the numbers, and where they come from.
        language: language of all texts, ``en`` or ``et``.
        taken: names of sheets that must not be used.

    Formulas refer to each other and to the user's own cells.
    """
    prefix = PREFIX if plan.room is None else ""
    book = Book(language, taken=frozenset(name.casefold() for name in taken), prefix=prefix, family=FAMILY)
    for cells in (plan.now, plan.before):
        for source in cells.blocks if cells is not None else ():
            book.links(source)
    found, is_open = plan.analysis, plan.room is not None
    given = [add_data(book, plan), add_data(book, plan, "0")] if is_open else []
    parameters = add_parameters(book, plan)
    groups = add_groups(book, plan)
    by_indicator(book, plan, "provider_rows")
    gates = add_gates(book, plan)
    prior = add_prior(book, plan)
    within = add_within(book, plan)
    gaps = add_gaps(book, plan)
    between = add_between(book, plan)
    standard = add_standard(book, plan)
    trend = add_trend(book, plan) if found.trend is not None else None
    targets = add_targets(book, plan) if is_open else None
    points = add_points(book, plan) if found.points is not None else None
    results = add_results(book, plan)
    peers = add_peers(book, plan) if found.social is not None else None
    chart_data = add_chart_data(book, plan)
    charts = add_charts(book, plan)
    checks = add_checks(book, plan)
    shown: list[Sheet | None] = [
        results,
        charts,
        gaps,
        points,
        trend,
        within,
        between,
        standard,
        peers,
        targets,
        gates,
        groups,
        prior,
        parameters,
        checks,
        chart_data,
    ]
    if is_open:
        # Whoever fills a template needs these first.
        shown = [*given, parameters, *(one for one in shown if one is not parameters)]
    there = [one for one in shown if one is not None]
    book.sheets = [add_about(book, plan, there), *there]
    for number, sheet in enumerate(book.sheets):
        if sheet is not checks:
            add_flag(book, sheet, f"flag_{number}")
        if is_open:
            add_what_to_do(book, sheet, f"to_do_{number}", (3, 3) if sheet is not checks else (5, 1))
    return book
