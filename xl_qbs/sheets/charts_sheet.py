"""The charts of the report, native and on the fund's own data."""

from __future__ import annotations

from collections.abc import Sequence

from xl_qbs.sheets.address import cell_name
from xl_qbs.sheets.chart_data_sheet import limit_bands
from xl_qbs.sheets.formula import resolve
from xl_qbs.sheets.frame import begin, indicator_names
from xl_qbs.sheets.look import DARK
from xl_qbs.sheets.model import Book, Chart, Label, Series, Sheet
from xl_qbs.sheets.run import CHARTS, Run

# More points than this make a chart slow and say no more.
_MOST_POINTS = 5000
OLD, MIDDLE, LIMIT = "A6A6A6", "9DC3E6", "C00000"
_BAND_COLORS = ("BF8F00", "548235", "7030A0", "C00000")
LISTS = Label("Lists", "Nimistud")
_ELIGIBLE = Label("Eligible patients, all indicators", "Sihtrühm kokku, kõik indikaatorid")

# Where charts stand, in rows and columns of the sheet: two large ones side by side, two rows of them
# to a page; then small ones, three by three.
LARGE, _SMALL = (13.4, 8.4), (8.7, 5.7)
_LARGE_ROWS, _SMALL_ROWS, _PAGE_ROWS = 17, 11, 35


def add_charts(book: Book, run: Run, more: Sequence[Chart] = ()) -> Sheet:
    """Add the sheet of charts; the sheet that they are drawn from must stand already.

    Args:
        book: the book to add to.
        run: what was scored.
        more: large charts that follow those of every book.
    """
    sheet = begin(
        book,
        CHARTS,
        Label("Charts", "Joonised"),
        Label(
            "The report's figures on these data. They follow the numbers when those change.",
            "Aruande joonised nende andmetega. Joonised muutuvad koos arvudega.",
        ),
        tab="C00000",
    )
    sheet.scale = 85
    figures = [
        _distribution(book),
        _weights(book, run),
        _histogram(book),
        *(_scores(book, run, key) for key in ("current", "proportional", "need")),
        *more,
    ]
    row = 5
    for place, figure in enumerate(figures):
        at = cell_name(row + _LARGE_ROWS * (place // 2), (1, 9)[place % 2])
        sheet.charts.append(figure._replace(at=at, size=LARGE))
        if place % 4 == 3:
            sheet.row_breaks.append(row + _LARGE_ROWS * (place // 2 + 1) - 1)
    row += _LARGE_ROWS * ((len(figures) + 1) // 2)
    if row - 1 not in sheet.row_breaks:
        sheet.row_breaks.append(row - 1)
    title = Label(
        "Eligible patients and coverage by indicator; the line is the required coverage",
        "Sihtrühm ja hõlmatus indikaatorite kaupa; joon on nõutav hõlmatus",
    )
    book.write(sheet, (row, 1), [[title]], "label")
    _, names = indicator_names(book, run.result.scheme)
    for number, (index, name) in enumerate(zip(run.room.taken, names, strict=True)):
        page, place = divmod(number, 9)
        top = row + 1 + _PAGE_ROWS * page
        at = cell_name(top + _SMALL_ROWS * (place // 3), (1, 6, 11)[place % 3])
        sheet.charts.append(_coverage(book, run, int(index), name)._replace(at=at, size=_SMALL))
        if place == 8 and number + 1 < len(names):
            sheet.row_breaks.append(top + _PAGE_ROWS - 2)
    last = row + _PAGE_ROWS * ((len(names) - 1) // 9 + 1)
    book.write(sheet, (last, 1), [[_drawn(run)]], "note")
    return sheet


def most_points(run: Run) -> int:
    """Return how many lists are drawn as points."""
    return min(run.room.lists, _MOST_POINTS)


def _drawn(run: Run) -> Label:
    lists = run.room.lists
    if lists <= _MOST_POINTS:
        return Label(f"All {lists} lists are drawn.", f"Joonistatud on kõik {lists} nimistut.")
    return Label(
        f"The first {_MOST_POINTS} of {lists} lists are drawn as points.",
        f"Punktidena on joonistatud esimesed {_MOST_POINTS} nimistut {lists}-st.",
    )


def drawn(book: Book, key: str) -> str:
    """Return the block of numbers to draw: a copy for charts where cells may be empty, else the numbers themselves."""
    return f"chart_{key}" if f"chart_{key}" in book.named else key


def _distribution(book: Book) -> Chart:
    """Return Figure 3: how coverage lies by indicator, with the weight of each."""
    # Codes, because the names would take more room than the boxes.
    names = resolve(book, "chart_code")

    def percentile(place: int) -> str:
        return resolve(book, f"percentile_{place}")

    say = book.say
    return Chart(
        kind="stacked",
        title=say(
            Label("Coverage of lists and weight, by indicator", "Nimistute hõlmatus ja kaal indikaatorite kaupa")
        ),
        x_title="",
        y_title=say(Label("Coverage", "Hõlmatus")),
        second_title=say(Label("Weight, points", "Kaal, punkti")),
        y_format="0%",
        y_range=(0.0, 1.0),
        description=say(
            Label(
                "Boxes from the 25th to the 75th percentile of coverage by indicator, split at the median; "
                "marks at the 10th and 90th percentile; diamonds show the weight in use.",
                "Kastid hõlmatuse 25. kuni 75. protsentiilini, mediaanil jagatud; märgid 10. ja 90. protsentiilil; "
                "rombid näitavad kasutatavat kaalu.",
            )
        ),
        series=(
            Series("25 %", percentile(1), names, look="hidden"),
            Series(say(Label("25 to 50 %", "25–50 %")), resolve(book, "box_0"), names, color=MIDDLE),
            Series(say(Label("50 to 75 %", "50–75 %")), resolve(book, "box_1"), names, color=DARK),
            Series(say(Label("10 %", "10 %")), percentile(0), names, look="markers", color="7F7F7F"),
            Series(say(Label("90 %", "90 %")), percentile(4), names, look="markers", color="404040"),
            Series(
                say(Label("Weight", "Kaal")),
                resolve(book, "chart_weight"),
                names,
                look="diamond",
                color=LIMIT,
                second_axis=True,
            ),
        ),
    )


def _weights(book: Book, run: Run) -> Chart:
    """Return Figure 4: the points in force beside the principal component's weights, and other weights in use."""
    names = resolve(book, "chart_name")
    say = book.say
    points = Label("Current points", "Praegused punktid")
    component = Label("Principal-component weight", "Peakomponendi kaal")
    series = [Series(say(points), resolve(book, "chart_points"), names, color=OLD)]
    if run.result.component is not None:
        series.append(Series(say(component), resolve(book, "chart_component"), names, color=DARK))
    if run.result.method.weights == "own" or run.result.component is None:
        in_use = Label("Weight in use", "Kasutatav kaal")
        series.append(Series(say(in_use), resolve(book, "chart_weight"), names, color=MIDDLE))
    return Chart(
        kind="bar",
        title=say(Label("Current points and principal-component weights", "Praegused punktid ja peakomponendi kaalud")),
        x_title="",
        y_title=say(Label("Points", "Punktid")),
        description=say(
            Label(
                "Bars for each indicator: its points in the current scheme and its principal-component weight.",
                "Iga indikaatori tulbad: punktid kehtivas skeemis ja peakomponendi kaal.",
            )
        ),
        series=tuple(series),
    )


def _histogram(book: Book) -> Chart:
    """Return Figure 6: how many lists have which score, old and new."""
    bins = resolve(book, "bin_lower")
    say = book.say
    return Chart(
        kind="column",
        title=say(Label("Distribution of scores, old and new", "Skooride jaotus, vana ja uus")),
        x_title=say(Label("Score, from", "Skoor, alates")),
        x_format="#,##0",
        y_title=say(LISTS),
        description=say(
            Label(
                "Number of lists by score in steps, for the current and the need-adjusted score.",
                "Nimistute arv skoori astmete kaupa, kehtiva ja vajaduspõhise skoori järgi.",
            )
        ),
        series=(
            Series(say(Label("Current", "Kehtiv")), resolve(book, "bin_current"), bins, color=OLD),
            Series(say(Label("Need-adjusted", "Vajaduspõhine")), resolve(book, "bin_need"), bins, color=DARK),
        ),
    )


_SCORE_TITLES = {
    "current": Label("Current score and eligible patients", "Kehtiv skoor ja sihtrühm"),
    "proportional": Label("Proportional score and eligible patients", "Osaline skoor ja sihtrühm"),
    "need": Label("Need-adjusted score and eligible patients", "Vajaduspõhine skoor ja sihtrühm"),
}


def _scores(book: Book, run: Run, key: str) -> Chart:
    """Return one panel of Figure 8: a score against eligible patients, with the bands."""
    result = run.result
    say = book.say
    title = say(_SCORE_TITLES[key])
    totals = {"current": result.current, "proportional": result.proportional, "need": result.need_adjusted}
    most = max(result.scheme.total, float(result.weights.sum()), float(totals[key].total.max()))
    series = [
        Series(
            say(LISTS),
            resolve(book, drawn(book, f"{key}_score"), rows=most_points(run)),
            resolve(book, drawn(book, "eligible"), rows=most_points(run)),
            look="markers",
            color=DARK,
        )
    ]
    left, right = (5, 6) if key == "need" else (3, 4)
    for place, band in enumerate(limit_bands(result.scheme.bands)):
        across = resolve(book, "band_from", "row", place), resolve(book, f"band_y{left}", "row", place)
        series.append(
            Series(
                f"{band.lower:.0%}",
                pair(across[1], resolve(book, f"band_y{right}", "row", place)),
                pair(across[0], resolve(book, "band_to", "row", place)),
                look="line",
                color=_BAND_COLORS[place % len(_BAND_COLORS)],
                name_at=resolve(book, "band_share", "row", place) if run.room.open else "",
            )
        )
    return Chart(
        kind="scatter",
        title=title,
        x_title=say(_ELIGIBLE),
        y_title=say(Label("Score", "Skoor")),
        y_format="0",
        # In a template the scheme may change: the axis then follows.
        y_range=(0.0, None if run.room.open else most),
        y_step=None if run.room.open else most / 8,
        x_range=(0.0, None),
        description=say(
            Label(
                f"{title}: a point for each list, lines at the lower limits of the bands.",
                f"{title}: iga nimistu on punkt, jooned on vahemike alumised piirid.",
            )
        ),
        series=tuple(series),
    )


def _coverage(book: Book, run: Run, index: int, name: str) -> Chart:
    """Return one panel of Figure 5: eligible patients against coverage, with the required coverage."""
    points = (
        resolve(book, drawn(book, "target"), "column", index, rows=most_points(run)),
        resolve(book, "chart_coverage", "column", index, rows=most_points(run)),
    )
    line = (
        pair(resolve(book, "line_from", "row", index), resolve(book, "line_to", "row", index)),
        pair(resolve(book, "line_y3", "row", index), resolve(book, "line_y4", "row", index)),
    )
    chart = coverage_scatter(book, name, points, line)
    return chart._replace(title_at=resolve(book, "chart_name", "row", index)) if run.room.open else chart


def coverage_scatter(book: Book, name: str, points: tuple[str, str], line: tuple[str, str]) -> Chart:
    """Return a chart of coverage against target population.

    Args:
        book: the book.
        name: the indicator's name.
        points: addresses of target populations and coverages, a cell a list.
        line: addresses of the ends of the line at the required coverage, across and up.
    """
    say = book.say
    return Chart(
        kind="scatter",
        title=name,
        x_title=say(Label("Target population", "Sihtrühm")),
        y_title=say(Label("Coverage", "Hõlmatus")),
        y_format="0%",
        y_range=(0.0, 1.0),
        y_step=0.25,
        x_range=(0.0, None),
        legend=False,
        description=say(
            Label(
                f"{name}: coverage against target population, a point for each list; the line is what is required.",
                f"{name}: hõlmatus ja sihtrühm, iga nimistu on punkt; joon on nõutav hõlmatus.",
            )
        ),
        series=(
            Series(say(LISTS), points[1], points[0], look="markers", color=DARK),
            Series(say(Label("Required coverage", "Nõutav hõlmatus")), line[1], line[0], look="line", color=LIMIT),
        ),
    )


def pair(first: str, second: str) -> str:
    """Return the range from one cell to its neighbour."""
    return f"{first}:{second.rpartition('!')[2]}"
