"""The simulation book: every sheet of a simulation, described once."""

from __future__ import annotations

from collections.abc import Collection

from xl_qbs.sheets.frame import add_flag
from xl_qbs.sheets.model import Book, Language
from xl_qbs.sheets.simulation.about_sheet import add_about
from xl_qbs.sheets.simulation.chart_data_sheet import add_chart_data
from xl_qbs.sheets.simulation.charts_sheet import add_charts
from xl_qbs.sheets.simulation.checks import add_checks
from xl_qbs.sheets.simulation.groups_sheet import add_groups
from xl_qbs.sheets.simulation.lists_sheets import add_bands, add_bonuses, add_data, add_patients, add_scores
from xl_qbs.sheets.simulation.parameters_sheet import add_parameters
from xl_qbs.sheets.simulation.plan import FAMILY, PREFIX, Plan
from xl_qbs.sheets.simulation.replications_sheet import add_replications
from xl_qbs.sheets.simulation.summary_sheet import add_summary


def simulation_book(plan: Plan, language: Language = "en", taken: Collection[str] = ()) -> Book:
    """Return the sheets of a simulation.

    Args:
        plan: the numbers, and where they come from.
        language: language of all texts, ``en`` or ``et``.
        taken: names of sheets that must not be used.

    Replications are stored values; formulas refer to them, to each other and to the fund's own cells.
    """
    book = Book(language, taken=frozenset(name.casefold() for name in taken), prefix=PREFIX, family=FAMILY)
    for source in (plan.sources.providers, plan.sources.target, plan.sources.done, plan.size_source):
        if source is not None:
            book.links(source)
    parameters = add_parameters(book, plan)
    data = add_data(book, plan)
    patients = add_patients(book, plan)
    scores = add_scores(book, plan)
    bands = add_bands(book, plan)
    bonuses = add_bonuses(book, plan)
    replications = add_replications(book, plan)
    summary = add_summary(book, plan)
    groups = add_groups(book, plan)
    chart_data = add_chart_data(book, plan)
    charts = add_charts(book, plan)
    checks = add_checks(book, plan)
    shown = [
        summary, charts, groups, bonuses, scores, bands, patients, data, parameters, replications, checks, chart_data,
    ]  # fmt: skip
    book.sheets = [add_about(book, plan, shown), *shown]
    for number, sheet in enumerate(book.sheets):
        if sheet is not checks:
            add_flag(book, sheet, f"flag_{number}")
    return book
