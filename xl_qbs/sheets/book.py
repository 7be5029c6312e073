"""The result book: every sheet of a scoring run, described once."""

from __future__ import annotations

from xl_qbs.sheets.about_sheet import add_about
from xl_qbs.sheets.chart_data_sheet import add_chart_data
from xl_qbs.sheets.charts_sheet import add_charts
from xl_qbs.sheets.checks_sheet import add_checks
from xl_qbs.sheets.coverage_sheet import add_coverage, add_prior_rows
from xl_qbs.sheets.data_checks_sheet import add_data_checks
from xl_qbs.sheets.frame import add_flag
from xl_qbs.sheets.model import Book, Language
from xl_qbs.sheets.prior_sheet import add_prior
from xl_qbs.sheets.run import SHEET_NAMES, Run
from xl_qbs.sheets.scheme_sheet import add_scheme
from xl_qbs.sheets.scores_sheet import add_scores
from xl_qbs.sheets.weights_sheet import add_weights


def result_book(run: Run, language: Language = "en") -> Book:
    """Return the sheets that a scoring run adds to a workbook.

    Args:
        run: what was scored, and what came of it.
        language: language of all texts, ``en`` or ``et``.

    Every formula refers, over as many sheets as it takes, to the fund's own cells; every value is
    the one that Python computed.
    """
    book = Book(language)
    add_scheme(book, run)
    coverage = add_coverage(book, run)
    add_prior(book, run)
    add_prior_rows(book, coverage, run)
    add_weights(book, run)
    add_scores(book, run)
    checks = add_checks(book, run)
    add_data_checks(book, run)
    add_chart_data(book, run)
    add_charts(book, run)
    add_about(book, run)
    order = [book.say(name) for name in SHEET_NAMES]
    book.sheets.sort(key=lambda sheet: order.index(sheet.name))
    for number, sheet in enumerate(book.sheets):
        if sheet is not checks:
            add_flag(book, sheet, f"flag_{number}")
    return book
