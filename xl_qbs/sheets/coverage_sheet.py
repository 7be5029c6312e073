"""The sheet of coverage: counts linked to the fund's cells, coverage, adjusted coverage, interval, reliability."""

from __future__ import annotations

from typing import Any

import numpy as np

from xl_qbs.scoring.weights import complete_lists, rounded_coverage
from xl_qbs.sheets.frame import FIRST_ROW, HEADING_ROW, add_indicator_columns, begin, strength_cell
from xl_qbs.sheets.model import Book, Format, Kind, Label, Sheet
from xl_qbs.sheets.run import COVERAGE, Run

# The posterior Beta(x + M m, n - x + M (1 - m)); with nothing known beside the prior it is the mean.
_ADJUSTED = (
    "IF(ISNUMBER({strength_row}),IF({target}+{strength_row}>0,"
    "({done}+{strength_row}*{mean_row})/({target}+{strength_row}),{mean_row}),{mean_row})"
)
_ALPHA = "{done}+{strength_row}*{mean_row}"
_BETA = "{target}-{done}+{strength_row}*(1-{mean_row})"


def _interval(tail: str) -> str:
    return (
        "IF(ISNUMBER({strength_row}),IF({target}+{strength_row}>0,"
        f"IF({_ALPHA}<=0,0,IF({_BETA}<=0,1,BETAINV({{{tail}}},{_ALPHA},{_BETA}))),"
        "{mean_row}),{mean_row})"
    )


_RELIABILITY = "IF(ISNUMBER({strength_row}),IF({target}>0,{target}/({target}+{strength_row}),0),0)"
_COMPLETE_COVERAGE = (
    'IF({complete}=1,IF(ISNUMBER({coverage_decimals}),ROUND({coverage},{coverage_decimals}),{coverage}),"")'
)


def add_coverage(book: Book, run: Run) -> Sheet:
    """Add the sheet of coverage: a row a list, a group of columns for each measure."""
    result = run.result
    table = result.table
    lists, indicators = table.target.shape
    sheet = begin(
        book,
        COVERAGE,
        Label("Coverage and adjusted coverage", "Hõlmatus ja kohandatud hõlmatus"),
        Label(
            "Counts are links to the fund's own sheet; everything to the right of them is a formula.",
            "Arvud on viited tervisekassa enda lehele; kõik neist paremal on valemid.",
        ),
        tab="548235",
    )
    book.links(run.sources.providers)
    book.links(run.sources.target)
    book.links(run.sources.done)
    sheet.widths = {1: 30}
    sheet.default_width = 13.5
    sheet.scale = 70
    sheet.heights |= {HEADING_ROW: 64}
    sheet.freeze = f"B{FIRST_ROW}"

    book.write(sheet, (HEADING_ROW, 1), [[Label("List", "Nimistu")]], "heading")
    book.add(
        sheet,
        "provider",
        (FIRST_ROW, 1),
        np.array(table.providers, dtype=object),
        # Spaces around an id are no part of it; TRIM also makes text of a number.
        "TRIM({source_provider})",
        kind="link",
        format="text",
    )
    _add_row_labels(book, sheet)

    complete = complete_lists(result.coverage)
    shares = result.coverage[complete]
    for_component = np.full((lists, indicators), np.nan)
    for_component[complete] = rounded_coverage(shares, result.method.coverage_decimals)
    groups: list[tuple[str, Label, Any, str, Kind, Format]] = [
        ("target", Label("Target population", "Sihtrühm"), table.target, "{source_target}", "link", "count"),
        (
            "done",
            Label("Done, as counted (at most the target)", "Tehtud, arvestatult (kuni sihtrühm)"),
            table.counted,
            "IF({source_done}>{source_target},{source_target},{source_done})",
            "link",
            "count",
        ),
        (
            "coverage",
            Label("Coverage", "Hõlmatus"),
            result.coverage,
            'IF({target}>0,{done}/{target},"")',
            "calculation",
            "percent1",
        ),
        (
            "adjusted",
            Label("Adjusted coverage", "Kohandatud hõlmatus"),
            result.adjusted,
            _ADJUSTED,
            "output",
            "percent1",
        ),
        (
            "low",
            Label("Interval: low", "Usaldusvahemik: alumine"),
            result.interval.low,
            _interval("lower_tail"),
            "calculation",
            "percent1",
        ),
        (
            "high",
            Label("Interval: high", "Usaldusvahemik: ülemine"),
            result.interval.high,
            _interval("upper_tail"),
            "calculation",
            "percent1",
        ),
        (
            "reliability",
            Label("Reliability n / (n + M)", "Usaldusväärsus n / (n + M)"),
            result.reliability,
            _RELIABILITY,
            "calculation",
            "share",
        ),
    ]
    column = 2
    for key, label, values, formula, kind, number_format in groups:
        add_indicator_columns(book, sheet, result.scheme, key, label, column)
        book.add(sheet, key, (FIRST_ROW, column), values, formula, kind=kind, format=number_format)
        sheet.breaks.append(column + indicators - 1)
        column += indicators
    book.write(sheet, (HEADING_ROW, column), [[Label("Complete (1 = yes)", "Täielik (1 = jah)")]], "heading")
    book.add(
        sheet,
        "complete",
        (FIRST_ROW, column),
        complete.astype(float),
        "IF(COUNT({coverage:row})=COLUMNS({coverage:row}),1,0)",
    )
    complete_label = Label("Coverage of complete lists, for the weights", "Täielike nimistute hõlmatus kaalude jaoks")
    add_indicator_columns(book, sheet, result.scheme, "complete_coverage", complete_label, column + 1)
    book.add(
        sheet,
        "complete_coverage",
        (FIRST_ROW, column + 1),
        for_component,
        _COMPLETE_COVERAGE,
        format="percent1",
    )
    _add_totals(book, sheet, run)
    sheet.print_titles = f"$A:$A,$5:${HEADING_ROW}"
    return sheet


def add_prior_rows(book: Book, sheet: Sheet, run: Run) -> None:
    """Bring each indicator's prior above its column of adjusted coverage, once the prior stands."""
    prior = run.result.prior
    column = book.block("adjusted").column
    strength = np.array([strength_cell(book, value) for value in prior.strength], dtype=object).reshape(1, -1)
    number = "INDEX({prior_%s:all},{no_adjusted})"
    book.add(sheet, "mean_row", (10, column), prior.mean.reshape(1, -1), number % "mean", format="percent1")
    book.add(sheet, "strength_row", (11, column), strength, number % "strength", format="decimal")


def _add_row_labels(book: Book, sheet: Sheet) -> None:
    labels = [
        Label("Number of the indicator", "Indikaatori number"),
        Label("Code", "Kood"),
        Label("Sum over all lists", "Kõik nimistud kokku"),
        Label("Lists with nobody to serve", "Sihtrühmata nimistuid"),
        Label("Prior mean m", "Eeljaotuse keskmine m"),
        Label("Prior strength M, patients", "Eeljaotuse kaal M, patsienti"),
    ]
    book.write(sheet, (6, 1), [[label] for label in labels], "text")


def _add_totals(book: Book, sheet: Sheet, run: Run) -> None:
    table = run.result.table
    at = {key: book.block(key).column for key in ("target", "done", "coverage")}
    row_of = {"sum": 8, "note": 9}
    target_sum = table.target.sum(axis=0).reshape(1, -1)
    done_sum = table.counted.sum(axis=0).reshape(1, -1)
    book.add(sheet, "target_sum", (row_of["sum"], at["target"]), target_sum, "SUM({target:column})", format="count")
    book.add(sheet, "done_sum", (row_of["sum"], at["done"]), done_sum, "SUM({done:column})", format="count")
    book.add(
        sheet,
        "overall_row",
        (row_of["sum"], at["coverage"]),
        done_sum / target_sum,
        "{done_sum}/{target_sum}",
        format="percent1",
    )
    book.add(
        sheet,
        "nobody",
        (row_of["note"], at["target"]),
        (table.target == 0).sum(axis=0).reshape(1, -1).astype(float),
        "COUNTIF({target:column},0)",
        format="count",
    )
