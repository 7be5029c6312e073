"""The sheet of numbers that the charts are drawn from."""

from __future__ import annotations

import numpy as np

from xl_qbs.scheme import Band
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.frame import FIRST_ROW, HEADING_ROW, begin, indicator_names, texts
from xl_qbs.sheets.model import Book, Format, Label, Sheet
from xl_qbs.sheets.run import CHART_DATA, Run

_PERCENTILES = (0.10, 0.25, 0.50, 0.75, 0.90)
_BINS = 24
# What has no value is put so far below the axis that no program draws it: a text would be drawn at 0.
OUTSIDE = -1_000_000.0


def add_chart_data(book: Book, run: Run) -> Sheet:
    """Add the sheet that the charts are drawn from."""
    result = run.result
    sheet = begin(
        book,
        CHART_DATA,
        Label("What the charts are drawn from", "Millest joonised on tehtud"),
        Label(
            "Formulas on the other sheets' results. What has no value is put far outside the charts.",
            "Valemid teiste lehtede tulemustest. Väärtuseta kohad on joonisest kaugel väljas.",
        ),
        tab="7F7F7F",
    )
    sheet.widths = {1: 20}
    sheet.freeze = f"B{FIRST_ROW}"
    sheet.heights |= {6: 5, 7: 5, 8: 5, HEADING_ROW: 48}
    room = run.room
    book.write(sheet, (HEADING_ROW, 1), [[Label("List", "Nimistu")]], "heading")
    providers = room.by_list(texts(result.table.providers))
    book.add(sheet, "chart_provider", (FIRST_ROW, 1), providers, "{provider}", format="text")
    book.write(sheet, (5, 1), [[Label("Outside the chart", "Väljaspool joonist")]], "text")
    book.add(sheet, "outside", (5, 2), np.array([OUTSIDE]), kind="input")
    column = 2
    column = _add_points(book, sheet, run, "coverage", result.coverage, column, Label("Coverage", "Hõlmatus"))
    if room.open:
        # Where cells may be empty: an axis takes an empty text for 0, or drops all its numbers for 1, 2, 3.
        column = _add_points(
            book, sheet, run, "target", result.table.target, column, Label("Target population", "Sihtrühm")
        )
        column = _add_totals(book, sheet, run, column)
    column = _add_distribution(book, sheet, run, column + 1) + 1
    column = _add_histogram(book, sheet, run, column) + 1
    _add_lines(book, sheet, run, column)
    return sheet


def _add_points(book: Book, sheet: Sheet, run: Run, key: str, values: Array, column: int, label: Label) -> int:
    """Add a column an indicator of numbers to draw, and return the first column behind them."""
    room = run.room
    book.write(sheet, (HEADING_ROW - 1, column), [[label]], "label")
    shown = room.across(texts(run.result.scheme.codes))
    book.add(sheet, f"chart_code_{key}", (HEADING_ROW, column), shown, f"{{code_{key}}}", kind="heading", format="text")
    drawn = f"IF(ISNUMBER({{{key}}}),{{{key}}},{{outside}})"
    points = room.grid(np.where(np.isnan(values), OUTSIDE, values), OUTSIDE)
    number_format: Format = "share" if key == "coverage" else "count"
    book.add(sheet, f"chart_{key}", (FIRST_ROW, column), points, drawn, format=number_format)
    sheet.breaks.append(column + room.indicators - 1)
    return column + room.indicators


def _add_totals(book: Book, sheet: Sheet, run: Run, column: int) -> int:
    """Add eligible patients and scores to draw, and return the first column behind them."""
    result, room = run.result, run.room
    totals = {
        "eligible": (Label("Eligible patients", "Sihtrühm kokku"), result.table.eligible),
        "current_score": (Label("Current score", "Kehtiv skoor"), result.current.total),
        "proportional_score": (Label("Proportional score", "Osaline skoor"), result.proportional.total),
        "need_score": (Label("Need-adjusted score", "Vajaduspõhine skoor"), result.need_adjusted.total),
    }
    for place, (key, (label, values)) in enumerate(totals.items(), start=column):
        book.write(sheet, (HEADING_ROW, place), [[label]], "heading")
        drawn = f"IF(ISNUMBER({{{key}}}),{{{key}}},{{outside}})"
        book.add(sheet, f"chart_{key}", (FIRST_ROW, place), room.by_list(values, OUTSIDE), drawn, format="score")
    return column + len(totals)


def _add_distribution(book: Book, sheet: Sheet, run: Run, column: int) -> int:
    """Add percentiles of coverage by indicator, and the heights of the pieces of a box."""
    result, room = run.result, run.room
    which, names = indicator_names(book, result.scheme)
    found: Array = np.array(
        [np.percentile(one[~np.isnan(one)], np.array(_PERCENTILES) * 100) for one in result.coverage.T], dtype=float
    )
    sheet.widths[column] = 40
    title = Label("Coverage by indicator: percentiles over lists", "Hõlmatus indikaatorite kaupa: protsentiilid")
    book.write(sheet, (HEADING_ROW - 1, column), [[title]], "label")
    heads = [Label("Indicator", "Indikaator"), Label("Code", "Kood"), Label("No.", "Nr")]
    book.write(sheet, (HEADING_ROW, column), [heads], "heading")
    book.add(
        sheet, "chart_name", (FIRST_ROW, column), room.by_indicator(texts(names)), f'{{{which}}}&""', format="text"
    )
    codes = room.by_indicator(texts(result.scheme.codes))
    book.add(sheet, "chart_code", (FIRST_ROW, column + 1), codes, '{code}&""', format="text")
    column += 1
    book.add(sheet, "chart_no", (FIRST_ROW, column + 1), room.numbers)
    covered = "INDEX({coverage:all},0,{chart_no})"
    for place, share in enumerate(_PERCENTILES):
        at = column + 2 + place
        book.add(sheet, f"percent_{place}", (HEADING_ROW, at), np.array([share]), kind="heading", format="percent")
        formula = f"PERCENTILE({covered},{{percent_{place}}})"
        # Marks without a value are put outside the chart; a bar without one has no height.
        is_mark = place in (0, len(_PERCENTILES) - 1)
        nothing = "{outside}" if is_mark else '""'
        formula = f"IF(COUNT({covered})>0,{formula},{nothing})" if room.open else formula
        shown = room.by_indicator(found[:, place], OUTSIDE if is_mark else None)
        book.add(sheet, f"percentile_{place}", (FIRST_ROW, at), shown, formula, format="percent1")
    pieces = [Label("Box: 25 to 50 %", "Kast: 25–50 %"), Label("Box: 50 to 75 %", "Kast: 50–75 %")]
    book.write(sheet, (HEADING_ROW, column + 7), [pieces], "heading")
    for place, (low, high) in enumerate(((1, 2), (2, 3))):
        book.add(
            sheet,
            f"box_{place}",
            (FIRST_ROW, column + 7 + place),
            room.by_indicator(found[:, high] - found[:, low]),
            room.guarded(f"{{percentile_{high}}}-{{percentile_{low}}}", f"percentile_{low}"),
            format="percent1",
        )
    heads = [Label("Current points", "Praegused punktid"), Label("Weight in use", "Kasutatav kaal")]
    points = room.by_indicator(np.array(result.scheme.points), 0.0)
    book.add(sheet, "chart_points", (FIRST_ROW, column + 9), points, "{points}", format="points")
    book.add(
        sheet,
        "chart_weight",
        (FIRST_ROW, column + 10),
        room.by_indicator(result.weights, 0.0),
        "{weight}",
        format="points",
    )
    if result.component is not None:
        heads.append(Label("Principal component", "Peakomponent"))
        weights = book.block("component_weight").values
        formula = "{component_weight}"
        book.add(sheet, "chart_component", (FIRST_ROW, column + 11), weights, formula, format="points")
    book.write(sheet, (HEADING_ROW, column + 9), [heads], "heading")
    return column + 9 + len(heads)


def _add_histogram(book: Book, sheet: Sheet, run: Run, column: int) -> int:
    result = run.result
    most = max(result.scheme.total, float(result.weights.sum()))
    width = most / _BINS
    current, need = result.current.total, result.need_adjusted.total
    highest = max(most, float(current.max()), float(need.max()))
    numbers = np.arange(1.0, _BINS + 1)
    lower = (numbers - 1) * width
    # The last bin holds the maximum and, where a coefficient lifts scores above it, what lies beyond.
    upper = np.append(lower[1:], highest + 1)
    title = Label("Distribution of scores", "Skooride jaotus")
    book.write(sheet, (HEADING_ROW - 1, column), [[title]], "label")
    book.write(sheet, (HEADING_ROW - 3, column), [[Label("Bins", "Klasse"), Label("Width", "Laius")]], "text")
    book.add(sheet, "bins", (HEADING_ROW - 2, column), np.array([float(_BINS)]), kind="input")
    book.add(
        sheet,
        "bin_width",
        (HEADING_ROW - 2, column + 1),
        np.array([width]),
        "MAX({total},{weight_total})/{bins}",
        format="decimal",
    )
    heads = [
        Label("Bin", "Klass"),
        Label("From", "Alates"),
        Label("To under", "Kuni alla"),
        Label("Lists: current", "Nimistuid: kehtiv"),
        Label("Lists: need-adjusted", "Nimistuid: vajaduspõhine"),
    ]
    book.write(sheet, (HEADING_ROW, column), [heads], "heading")
    book.add(sheet, "bin_no", (FIRST_ROW, column), numbers)
    book.add(sheet, "bin_lower", (FIRST_ROW, column + 1), lower, "({bin_no}-1)*{bin_width}", format="count")
    book.add(
        sheet,
        "bin_upper",
        (FIRST_ROW, column + 2),
        upper,
        "IF({bin_no}<{bins},{bin_no}*{bin_width},"
        "MAX({total},{weight_total},MAX({current_score:all}),MAX({need_score:all}))+1)",
        format="count",
    )
    for place, (key, scores) in enumerate((("current", current), ("need", need)), start=3):
        inside = [float(((scores >= a) & (scores < b)).sum()) for a, b in zip(lower, upper, strict=True)]
        formula = f"SUMPRODUCT(({{{key}_score:all}}>={{bin_lower}})*({{{key}_score:all}}<{{bin_upper}}))"
        book.add(sheet, f"bin_{key}", (FIRST_ROW, column + place), np.array(inside), formula, format="count")
    return column + 5


def _add_lines(book: Book, sheet: Sheet, run: Run, column: int) -> None:
    """Add the end points of the required coverages and of the bands, from the left to the right of a chart."""
    result = run.result
    scheme, room = result.scheme, run.room
    count = room.indicators
    title = Label("Required coverage: ends of the line", "Nõutav hõlmatus: joone otsad")
    book.write(sheet, (HEADING_ROW - 1, column), [[title]], "label")
    heads: list[Label | str] = [Label("No.", "Nr"), "x", "x", "y", "y"]
    book.write(sheet, (HEADING_ROW, column), [heads], "heading")
    numbers = np.arange(1.0, count + 1)
    largest = room.by_indicator(result.table.target.max(axis=0), 0.0)
    required = room.by_indicator(np.array(scheme.required_coverage), 0.0)
    book.add(sheet, "line_no", (FIRST_ROW, column), numbers)
    book.add(sheet, "line_from", (FIRST_ROW, column + 1), np.zeros(count), format="count")
    reach = "MAX(INDEX({target:all},0,{line_no}))"
    book.add(sheet, "line_to", (FIRST_ROW, column + 2), largest, reach, format="count")
    for place in (3, 4):
        book.add(sheet, f"line_y{place}", (FIRST_ROW, column + place), required, "{required}", format="percent")
    bands = limit_bands(scheme.bands)
    # A template has a line for every band that there is room for, but the first, which begins at 0.
    lines = book.block("band_lower").rows - 1 if room.open else len(bands)
    if not lines:
        return
    column += 6
    title = Label("Bands: ends of the lines", "Vahemikud: joonte otsad")
    book.write(sheet, (HEADING_ROW - 1, column), [[title]], "label")
    heads = [
        Label("Share", "Osa"),
        "x",
        "x",
        Label("Points", "Punktid"),
        Label("Points", "Punktid"),
        Label("Weights", "Kaalud"),
        Label("Weights", "Kaalud"),
    ]
    book.write(sheet, (HEADING_ROW, column), [heads], "heading")
    first = len(scheme.bands) - len(bands) if not room.open else 1
    numbers = np.arange(first + 1.0, first + lines + 1)
    shares = np.array([band.lower for band in scheme.bands[first:]] + [0.0] * lines)[:lines]
    book.add(sheet, "band_line_no", (FIRST_ROW, column + 7), numbers)
    formula = "INDEX({band_lower:all},{band_line_no})"
    book.add(sheet, "band_share", (FIRST_ROW, column), shares, formula, format="percent")
    book.add(sheet, "band_from", (FIRST_ROW, column + 1), np.zeros(lines), format="count")
    widest = np.full(lines, result.table.eligible.max())
    book.add(sheet, "band_to", (FIRST_ROW, column + 2), widest, "MAX({eligible:all})", format="count")
    weighed = float(result.weights.sum())
    for place, (key, most) in enumerate(
        (
            ("total", scheme.total),
            ("total", scheme.total),
            ("weight_total", weighed),
            ("weight_total", weighed),
        ),
        start=3,
    ):
        values = shares * most
        book.add(
            sheet,
            f"band_y{place}",
            (FIRST_ROW, column + place),
            values,
            f"{{band_share}}*{{{key}}}",
            format="points",
        )


def limit_bands(bands: tuple[Band, ...]) -> list[Band]:
    """Return the bands whose lower limit is a line worth drawing."""
    return [band for band in bands if band.lower > 0]
