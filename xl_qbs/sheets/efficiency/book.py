"""The efficiency book: every sheet of an analysis, described once; a template of it is the same with open room."""

from __future__ import annotations

from collections.abc import Collection

from xl_qbs.sheets.efficiency.about_sheet import add_about
from xl_qbs.sheets.efficiency.agreement_sheet import add_agreement
from xl_qbs.sheets.efficiency.chart_data_sheet import add_chart_data
from xl_qbs.sheets.efficiency.charts_sheet import add_charts
from xl_qbs.sheets.efficiency.checks import add_checks
from xl_qbs.sheets.efficiency.data_sheet import add_data
from xl_qbs.sheets.efficiency.frontier_sheet import add_frontier
from xl_qbs.sheets.efficiency.harmony_sheet import add_harmony, add_harmony_warning
from xl_qbs.sheets.efficiency.models_sheet import add_models
from xl_qbs.sheets.efficiency.parameters_sheet import add_parameters
from xl_qbs.sheets.efficiency.plan import PREFIX, Plan
from xl_qbs.sheets.efficiency.python_sheets import add_patients, add_program, add_searched
from xl_qbs.sheets.efficiency.results_sheet import add_results
from xl_qbs.sheets.efficiency.stars_sheet import add_stars
from xl_qbs.sheets.frame import add_flag
from xl_qbs.sheets.model import Book, Language, Sheet

FAMILY = "efficiency_"


def efficiency_book(plan: Plan, language: Language = "en", taken: Collection[str] = ()) -> Book:
    """Return the sheets of an analysis.

    Args:
        plan: the numbers, where they come from, and the room.
        language: language of all texts, ``en`` or ``et``.
        taken: names of sheets that must not be used.

    Formulas refer to each other and, where there are sources, to the user's own cells.
    """
    prefix = "" if plan.room.open else PREFIX
    book = Book(language, taken=frozenset(name.casefold() for name in taken), prefix=prefix, family=FAMILY)
    if plan.sources is not None:
        own = plan.sources
        for source in (own.providers, own.quality, own.cost, own.quality_error, own.cost_error):
            if source is not None:
                book.links(source)
    found = plan.analysis
    parameters = add_parameters(book, plan)
    data = add_data(book, plan)
    models = add_models(book, plan)
    frontier = add_frontier(book, plan) if found.moments is not None else None
    stars = add_stars(book, plan) if found.stars is not None else None
    harmony = add_harmony(book, plan)
    searched = found.likelihood is not None or found.programs_envelopment is not None
    python = add_searched(book, plan) if searched else None
    patients = add_patients(book, plan) if plan.patients is not None else None
    program = add_program(book, plan) if found.program is not None else None
    results = add_results(book, plan)
    agreement = add_agreement(book, plan) if len(plan.columns) > 1 else None
    chart_data = add_chart_data(book, plan)
    charts = add_charts(book, plan)
    checks = add_checks(book, plan)
    for number, sheet in enumerate((results, agreement)):
        if sheet is not None:
            add_harmony_warning(book, sheet, plan, f"harmony_warning_{number}")
    shown: list[Sheet | None] = [
        results,
        charts,
        agreement,
        stars,
        data,
        models,
        frontier,
        python,
        patients,
        program,
        harmony,
        parameters,
        checks,
        chart_data,
    ]
    if plan.room.open:
        # Whoever fills a template needs these first.
        shown = [data, parameters, harmony, *[one for one in shown if one not in (data, parameters, harmony)]]
    there = [one for one in shown if one is not None]
    book.sheets = [add_about(book, plan, there), *there]
    for number, sheet in enumerate(book.sheets):
        if sheet is not checks:
            add_flag(book, sheet, f"flag_{number}")
    return book
