"""The sheet of coverage: counts linked to the fund's cells, coverage, adjusted coverage, interval, reliability."""

from __future__ import annotations

from typing import Any

import numpy as np

from xl_qbs.scoring.weights import complete_lists, rounded_coverage
from xl_qbs.sheets.frame import FIRST_ROW, HEADING_ROW, add_indicator_columns, begin, mute_unused, strength_cell, texts
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


_FROM_CELLS = Label(
    "Counts are links to the fund's own sheet; everything to the right of them is a formula.",
    "Arvud on viited tervisekassa enda lehele; kõik neist paremal on valemid.",
)
_FROM_PLACES = Label(
    "Counts come from the sheet of data by the indicator's code; everything to the right of them is a formula.",
    "Arvud tulevad andmete lehelt indikaatori koodi järgi; kõik neist paremal on valemid.",
)
_Group = tuple[str, Label, Any, str, Kind, Format]


def _count_at(place: str, shown: str) -> str:
    """Return the formula of a count on the sheet of data; empty where there is no whole number from 0."""
    # A code that the sheet of data lacks has no place: INDEX is then an error, which is no number either.
    cell = f"INDEX({{data:row}},1,{place})"
    return f'IF(ISNUMBER({cell}),IF(ABS(INT({cell}))={cell},{shown.replace("{cell}", cell)},""),"")'


def add_coverage(book: Book, run: Run, *, brief: bool = False) -> Sheet:
    """Add the sheet of coverage: a row a list, a group of columns for each measure.

    The counts are formulas on blocks that stand already: ``source_provider``, and ``source_target`` and
    ``source_done`` or, where there is room for more, ``data`` and ``data_code``.

    Args:
        book: the book to add to.
        run: what was scored.
        brief: leave out intervals and reliability.
    """
    result = run.result
    room = run.room
    sheet = begin(
        book,
        COVERAGE,
        Label("Coverage and adjusted coverage", "Hõlmatus ja kohandatud hõlmatus"),
        _FROM_PLACES if room.open else _FROM_CELLS,
        tab="548235",
    )
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
        room.by_list(texts(result.table.providers)),
        # Spaces around an id are no part of it; TRIM also makes text of a number.
        "TRIM({source_provider})",
        kind="link",
        format="text",
    )
    column = 2
    for key, label, values, formula, kind, number_format in _groups(run, brief=brief):
        add_indicator_columns(book, sheet, run, key, label, column)
        book.add(sheet, key, (FIRST_ROW, column), room.grid(values), formula, kind=kind, format=number_format)
        sheet.breaks.append(column + room.indicators - 1)
        column += room.indicators
    complete = complete_lists(result.coverage)
    shares = result.coverage[complete]
    for_component = np.full(result.coverage.shape, np.nan)
    for_component[complete] = rounded_coverage(shares, result.method.coverage_decimals)
    book.write(sheet, (HEADING_ROW, column), [[Label("Complete (1 = yes)", "Täielik (1 = jah)")]], "heading")
    book.add(
        sheet,
        "complete",
        (FIRST_ROW, column),
        room.by_list(complete.astype(float), 0.0),
        "IF(COUNT({coverage:row})={indicators},1,0)",
    )
    complete_label = Label("Coverage of complete lists, for the weights", "Täielike nimistute hõlmatus kaalude jaoks")
    add_indicator_columns(book, sheet, run, "complete_coverage", complete_label, column + 1)
    book.add(
        sheet,
        "complete_coverage",
        (FIRST_ROW, column + 1),
        room.grid(for_component),
        room.guarded(_COMPLETE_COVERAGE, "coverage"),
        format="percent1",
    )
    _add_row_labels(book, sheet, run)
    _add_totals(book, sheet, run)
    sheet.print_titles = f"$A:$A,$5:${HEADING_ROW}"
    mute_unused(sheet, run.room)
    return sheet


def add_prior_rows(book: Book, sheet: Sheet, run: Run) -> None:
    """Bring each indicator's prior above its column of adjusted coverage, once the prior stands."""
    prior, room = run.result.prior, run.room
    column = book.block("adjusted").column
    strength = room.across(np.array([strength_cell(book, value) for value in prior.strength], dtype=object))
    number = "INDEX({prior_%s:all},{no_adjusted})"
    book.add(sheet, "mean_row", (10, column), room.across(prior.mean), number % "mean", format="percent1")
    book.add(sheet, "strength_row", (11, column), strength, number % "strength", format="decimal")


def _groups(run: Run, *, brief: bool) -> list[_Group]:
    """Return the groups of columns, each with its values and formula."""
    result, room = run.result, run.room
    table = result.table
    groups: list[_Group] = [
        (
            "target",
            Label("Target population", "Sihtrühm"),
            table.target,
            f'IF({{provider}}="","",{_count_at("{place_row}", "{cell}")})' if room.open else "{source_target}",
            "link",
            "count",
        ),
        (
            "done",
            Label("Done, as counted (at most the target)", "Tehtud, arvestatult (kuni sihtrühm)"),
            table.counted,
            room.guarded(_count_at("{place_row}+1", "IF({cell}>{target},{target},{cell})"), "target")
            if room.open
            else "IF({source_done}>{source_target},{source_target},{source_done})",
            "link",
            "count",
        ),
        (
            "coverage",
            Label("Coverage", "Hõlmatus"),
            result.coverage,
            room.guarded('IF({target}>0,{done}/{target},"")', "done"),
            "calculation",
            "percent1",
        ),
        (
            "adjusted",
            Label("Adjusted coverage", "Kohandatud hõlmatus"),
            result.adjusted,
            room.guarded(_ADJUSTED, "done", "mean_row"),
            "output",
            "percent1",
        ),
    ]
    if brief:
        return groups
    return [
        *groups,
        (
            "low",
            Label("Interval: low", "Usaldusvahemik: alumine"),
            result.interval.low,
            room.guarded(_interval("lower_tail"), "adjusted"),
            "calculation",
            "percent1",
        ),
        (
            "high",
            Label("Interval: high", "Usaldusvahemik: ülemine"),
            result.interval.high,
            room.guarded(_interval("upper_tail"), "adjusted"),
            "calculation",
            "percent1",
        ),
        (
            "reliability",
            Label("Reliability n / (n + M)", "Usaldusväärsus n / (n + M)"),
            result.reliability,
            room.guarded(_RELIABILITY, "adjusted"),
            "calculation",
            "share",
        ),
    ]


def _add_row_labels(book: Book, sheet: Sheet, run: Run) -> None:
    labels = [
        Label("Number of the indicator", "Indikaatori number"),
        Label("Code", "Kood"),
        Label("Sum over all lists", "Kõik nimistud kokku"),
        Label("Lists with nobody to serve", "Sihtrühmata nimistuid"),
        Label("Prior mean m", "Eeljaotuse keskmine m"),
        Label("Prior strength M, patients", "Eeljaotuse kaal M, patsienti"),
    ]
    book.write(sheet, (6, 1), [[label] for label in labels], "text")
    room = run.room
    if room.open:
        book.write(
            sheet, (4, 1), [[Label("Column of the code on the sheet of data", "Koodi veerg andmete lehel")]], "text"
        )
        column = book.block("target").column
        codes = book.block("data_code").values[0].tolist()
        places = np.array([codes.index(code) + 1.0 for code in run.result.scheme.codes])
        found = (
            'IF({code_target}="","",IF(ISNUMBER(MATCH({code_target},{data_code:all},0)),'
            'MATCH({code_target},{data_code:all},0),""))'
        )
        book.add(sheet, "place_row", (4, column), room.across(places), found)
    # Beside the flag: how many lists there are, which many formulas ask for.
    book.write(sheet, (3, 4), [[Label("Lists", "Nimistuid")]], "label")
    lists = float(len(run.result.table.providers))
    book.add(sheet, "lists", (3, 5), np.array([lists]), 'SUMPRODUCT(--({provider:all}<>""))', format="count")


def _add_totals(book: Book, sheet: Sheet, run: Run) -> None:
    table, room = run.result.table, run.room
    at = {key: book.block(key).column for key in ("target", "done", "coverage")}
    row_of = {"sum": 8, "note": 9}
    target_sum, done_sum = table.target.sum(axis=0), table.counted.sum(axis=0)
    book.add(
        sheet,
        "target_sum",
        (row_of["sum"], at["target"]),
        room.across(target_sum, 0.0),
        "SUM({target:column})",
        format="count",
    )
    book.add(
        sheet, "done_sum", (row_of["sum"], at["done"]), room.across(done_sum, 0.0), "SUM({done:column})", format="count"
    )
    book.add(
        sheet,
        "overall_row",
        (row_of["sum"], at["coverage"]),
        room.across(done_sum / target_sum),
        'IF({target_sum}>0,{done_sum}/{target_sum},"")',
        format="percent1",
    )
    book.add(
        sheet,
        "nobody",
        (row_of["note"], at["target"]),
        room.across((table.target == 0).sum(axis=0).astype(float), 0.0),
        "COUNTIF({target:column},0)",
        format="count",
    )
