"""The template book: every sheet of a formula template, described once."""

from __future__ import annotations

from xl_qbs.sheets.chart_data_sheet import add_chart_data
from xl_qbs.sheets.charts_sheet import add_charts
from xl_qbs.sheets.checks_sheet import add_checks
from xl_qbs.sheets.coverage_sheet import add_coverage, add_prior_rows
from xl_qbs.sheets.frame import add_flag
from xl_qbs.sheets.model import Book, Language, Sheet
from xl_qbs.sheets.prior_sheet import add_prior
from xl_qbs.sheets.run import Run
from xl_qbs.sheets.scores_sheet import add_scores
from xl_qbs.sheets.template.card_sheet import add_card
from xl_qbs.sheets.template.checks import add_controls, more_checks
from xl_qbs.sheets.template.compare_sheet import add_compare
from xl_qbs.sheets.template.data_checks_sheet import add_data_checks
from xl_qbs.sheets.template.data_sheet import add_data
from xl_qbs.sheets.template.front import add_about, add_assumptions, add_change_log, add_legend
from xl_qbs.sheets.template.more_charts import add_more_chart_data, add_pick_cell, more_figures
from xl_qbs.sheets.template.next_year_sheet import add_next_year
from xl_qbs.sheets.template.plan import BEFORE, LAST_YEAR, Counts, Plan
from xl_qbs.sheets.template.scheme_sheet import add_names, add_scheme
from xl_qbs.sheets.weights_sheet import add_weights


def template_book(plan: Plan, language: Language = "en") -> Book:
    """Return the sheets of a template.

    Args:
        plan: its room, scheme, data and the year before.
        language: language of all texts, ``en`` or ``et``.

    Formulas do not depend on the data: two templates of the same room differ in their yellow cells alone.
    """
    book = Book(language, prefix="")
    scheme = add_scheme(book, plan)
    year = _add_year(book, plan.run, plan.counts, empty=plan.empty)
    before: list[Sheet] = []
    if plan.before is not None and plan.counts_before is not None:
        book.scope, book.suffix = BEFORE, LAST_YEAR
        before = _add_year(book, plan.before, plan.counts_before, empty=plan.empty_before, brief=True)
        book.scope, book.suffix = "", None
    compare = add_compare(book, plan)
    one_list = [add_card(book, plan), add_next_year(book, plan)]
    checks = add_checks(book, plan.run, more_checks(book, plan))
    add_controls(book, checks, plan.run)
    if plan.before is not None:
        book.scope, book.suffix = BEFORE, LAST_YEAR
        add_controls(book, checks, plan.before)
        book.scope, book.suffix = "", None
    chart_data = add_chart_data(book, plan.run)
    add_more_chart_data(book, chart_data, plan)
    charts = add_charts(book, plan.run, more_figures(book, plan))
    add_pick_cell(book, charts, plan)
    add_names(book)
    data, coverage, prior, weights, scores, data_checks = year
    shown = [
        scheme, data, *before[:1], data_checks, *before[5:], scores, *one_list, compare, charts,
        coverage, prior, weights, *before[1:5], checks, chart_data,
    ]  # fmt: skip
    assumptions, log = add_assumptions(book, plan), add_change_log(book)
    legend = add_legend(book)
    others = [legend, *shown, assumptions, log]
    book.sheets = [add_about(book, plan, others), *others]
    for number, sheet in enumerate(book.sheets):
        if sheet is not checks:
            add_flag(book, sheet, f"flag_{number}")
    return book


def _add_year(book: Book, run: Run, counts: Counts, *, empty: bool, brief: bool = False) -> list[Sheet]:
    """Add the sheets of one year, from its data to its scores and the checks of its data."""
    data = add_data(book, run, counts, empty=empty)
    coverage = add_coverage(book, run, brief=brief)
    prior = add_prior(book, run)
    add_prior_rows(book, coverage, run)
    weights = add_weights(book, run)
    scores = add_scores(book, run, brief=brief)
    return [data, coverage, prior, weights, scores, add_data_checks(book, run, counts)]
