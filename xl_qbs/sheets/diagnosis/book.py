"""The diagnosis book: the scoring by formulas, and every finding on it, described once."""

from __future__ import annotations

from collections.abc import Collection

from xl_qbs.sheets.chart_data_sheet import add_chart_data
from xl_qbs.sheets.charts_sheet import add_charts
from xl_qbs.sheets.coverage_sheet import add_coverage, add_prior_rows
from xl_qbs.sheets.diagnosis.about_sheet import add_about
from xl_qbs.sheets.diagnosis.added_sheet import add_added
from xl_qbs.sheets.diagnosis.checks import add_checks
from xl_qbs.sheets.diagnosis.figures import figures
from xl_qbs.sheets.diagnosis.findings_sheet import add_findings
from xl_qbs.sheets.diagnosis.indicators_sheet import add_indicators
from xl_qbs.sheets.diagnosis.lists_sheet import add_cliffs, add_lists
from xl_qbs.sheets.diagnosis.more_chart_data import add_more_chart_data
from xl_qbs.sheets.diagnosis.next_steps_sheet import add_next_steps
from xl_qbs.sheets.diagnosis.parameters_sheet import add_parameters, add_priors
from xl_qbs.sheets.diagnosis.plan import BEFORE, FAMILY, LAST_YEAR, PREFIX, Plan
from xl_qbs.sheets.diagnosis.prediction_sheet import add_prediction
from xl_qbs.sheets.diagnosis.two_years_sheets import add_last_data, add_two_years
from xl_qbs.sheets.frame import add_flag
from xl_qbs.sheets.model import Book, Language, Sheet
from xl_qbs.sheets.prior_sheet import add_prior
from xl_qbs.sheets.run import Run
from xl_qbs.sheets.scheme_sheet import add_scheme
from xl_qbs.sheets.scores_sheet import add_scores
from xl_qbs.sheets.weights_sheet import add_weights


def diagnosis_book(plan: Plan, language: Language = "en", taken: Collection[str] = ()) -> Book:
    """Return the sheets of a diagnosis.

    Args:
        plan: the numbers, and where they come from.
        language: language of all texts, ``en`` or ``et``.
        taken: names of sheets that must not be used.

    The scoring stands in the book by formulas from the fund's own cells, and the diagnosis by formulas on it.
    """
    book = Book(language, taken=frozenset(name.casefold() for name in taken), prefix=PREFIX, family=FAMILY)
    run = plan.run
    assert run.sources is not None  # noqa: S101  (the run is of a table from a file)
    own = run.sources
    for source in (own.providers, own.target, own.done, own.coefficient, plan.size_source, plan.age_source):
        if source is not None:
            book.links(source)
    scheme = add_scheme(book, run)
    parameters = add_parameters(book, plan)
    scoring = _add_year(book, run)
    last: list[Sheet] = []
    if plan.before is not None:
        book.scope, book.suffix = BEFORE, LAST_YEAR
        data = add_last_data(book, plan)
        last = [*_add_year(book, plan.before.run, brief=True), *([] if data is None else [data])]
        book.scope, book.suffix = "", None
    priors = add_priors(book, plan)
    lists = add_lists(book, plan)
    cliffs = add_cliffs(book, plan)
    steps = add_next_steps(book, plan)
    added = [] if plan.added is None else [add_added(book, plan)]
    findings = add_findings(book, plan)
    indicators = add_indicators(book, plan)
    two: list[Sheet] = []
    if plan.before is not None:
        two = [add_two_years(book, plan), add_prediction(book, plan)]
    chart_data = add_chart_data(book, run)
    add_more_chart_data(book, chart_data, plan)
    charts = add_charts(book, run, figures(book, plan))
    charts.widths[1] = 13.0
    # A chart's upper edge would show at the foot of the page before.
    charts.row_breaks = [row - 1 for row in charts.row_breaks]
    checks = add_checks(book, plan)
    coverage, prior, weights, scores = scoring
    shown = [
        findings, charts, indicators, steps, *added, *two, lists, cliffs, scores, coverage, weights, prior, priors,
        scheme, parameters, *last, checks, chart_data,
    ]  # fmt: skip
    book.sheets = [add_about(book, plan, shown), *shown]
    for number, sheet in enumerate(book.sheets):
        if sheet is not checks:
            add_flag(book, sheet, f"flag_{number}")
    return book


def _add_year(book: Book, run: Run, *, brief: bool = False) -> list[Sheet]:
    """Add coverage, prior, weights and scores of one year."""
    coverage = add_coverage(book, run, brief=True)
    prior = add_prior(book, run)
    add_prior_rows(book, coverage, run)
    weights = add_weights(book, run)
    scores = add_scores(book, run, brief=brief)
    return [coverage, prior, weights, scores]
