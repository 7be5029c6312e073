"""The result book: every sheet of a scoring run, described once."""

from __future__ import annotations

from collections.abc import Collection

from xl_qbs.sheets.about_sheet import add_about
from xl_qbs.sheets.chart_data_sheet import add_chart_data
from xl_qbs.sheets.charts_sheet import add_charts
from xl_qbs.sheets.checks_sheet import add_checks
from xl_qbs.sheets.coverage_sheet import add_coverage, add_prior_rows
from xl_qbs.sheets.data_checks_sheet import add_data_checks
from xl_qbs.sheets.frame import add_flag
from xl_qbs.sheets.model import Book, Language
from xl_qbs.sheets.prior_sheet import add_prior
from xl_qbs.sheets.run import Run
from xl_qbs.sheets.scheme_sheet import add_scheme
from xl_qbs.sheets.scores_sheet import add_scores
from xl_qbs.sheets.weights_sheet import add_weights


def result_book(run: Run, language: Language = "en", taken: Collection[str] = ()) -> Book:
    """Return the sheets that a scoring run adds to a workbook.

    Args:
        run: what was scored, and what came of it.
        language: language of all texts, ``en`` or ``et``.
        taken: names that sheets of the workbook have already; ours get a number behind where they clash.

    Every formula refers, over as many sheets as it takes, to the fund's own cells; every value is
    the one that Python computed.
    """
    book = Book(language, taken=frozenset(name.casefold() for name in taken))
    assert run.sources is not None  # noqa: S101  (a template has sheets of its own)
    for source in (run.sources.providers, run.sources.target, run.sources.done, run.sources.coefficient):
        if source is not None:
            book.links(source)
    scheme = add_scheme(book, run)
    coverage = add_coverage(book, run)
    prior = add_prior(book, run)
    add_prior_rows(book, coverage, run)
    weights = add_weights(book, run)
    scores = add_scores(book, run)
    checks = add_checks(book, run)
    data_checks = add_data_checks(book, run)
    chart_data = add_chart_data(book, run)
    charts = add_charts(book, run)
    # In the order in which a reader needs them; About names them all, so it is made last.
    shown = [scores, charts, coverage, weights, prior, scheme, data_checks, checks, chart_data]
    book.sheets = [add_about(book, run, shown), *shown]
    for number, sheet in enumerate(book.sheets):
        if sheet is not checks:
            add_flag(book, sheet, f"flag_{number}")
    return book
