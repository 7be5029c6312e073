"""The charts of a simulation, native."""

from __future__ import annotations

from collections.abc import Sequence

from xl_qbs.sheets.address import cell_name
from xl_qbs.sheets.charts_sheet import LARGE
from xl_qbs.sheets.formula import resolve
from xl_qbs.sheets.frame import begin
from xl_qbs.sheets.model import Book, Chart, Label, Series, Sheet
from xl_qbs.sheets.simulation.plan import BEHAVIOUR_NAMES, CHARTS, SCHEME_NAMES, Plan
from xl_qbs.simulation.sums import BINS

_COLORS = ("A6A6A6", "C00000", "1F4E79", "548235", "BF8F00")
_SCHEME_COLORS = {"current": "A6A6A6", "proportional": "9DC3E6", "need-adjusted": "1F4E79"}
_BAND_COLORS = ("D9D9D9", "9DC3E6", "1F4E79", "548235", "BF8F00", "7030A0", "C00000", "404040")
_ROWS, _PER_PAGE = 17, 4
_PAGE = (27.0, 16.5)
_LISTS = Label("Lists", "Nimistuid")
_GROUP = Label("Group, 1 is the lowest", "Rühm, 1 on madalaim")


def add_charts(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of charts; the sheet that they are drawn from must stand already."""
    sheet = begin(
        book,
        CHARTS,
        Label("Charts", "Joonised"),
        Label(
            "Scores, bands, bonuses and patients under each behaviour and scheme; gains by size and by need.",
            "Skoorid, vahemikud, preemiad ja patsiendid käitumise ja skeemi järgi; võidud suuruse ja vajaduse järgi.",
        ),
        tab="C00000",
    )
    sheet.scale = 85
    sheet.widths = {1: 17}
    schemes = [str(one) for one in plan.simulation.schemes]
    figures = [
        _patients(book),
        _paid(book, plan),
        *(_bands(book, plan, place) for place in range(len(schemes))),
        *(_scores(book, plan, place) for place in range(len(schemes))),
        *(_gains(book, plan, key, place) for key in ("size", "need") for place in range(len(schemes))),
    ]
    row = 5
    for place, figure in enumerate(figures):
        at = cell_name(row + _ROWS * (place // 2), (1, 9)[place % 2])
        sheet.charts.append(figure._replace(at=at, size=LARGE))
        if place % _PER_PAGE == _PER_PAGE - 1:
            sheet.row_breaks.append(row + _ROWS * (place // 2 + 1) - 1)
    # A page of its own: it has a name and several bars for each indicator.
    last = row + _ROWS * ((len(figures) + 1) // 2)
    if last - 1 not in sheet.row_breaks:
        sheet.row_breaks.append(last - 1)
    sheet.charts.append(_indicators(book, plan)._replace(at=cell_name(last, 1), size=_PAGE))
    return sheet


def _columns(
    book: Book, title: Label, y_title: Label, description: Label, series: Sequence[Series], *, kind: str = "column",
    y_format: str = "#,##0", x_title: Label | str = "", x_format: str = "",
) -> Chart:  # fmt: skip
    return Chart(
        kind=kind,  # type: ignore[arg-type]
        title=book.say(title),
        x_title=book.say(x_title),
        y_title=book.say(y_title),
        series=tuple(series),
        description=book.say(description),
        y_format=y_format,
        x_format=x_format,
        legend=len(series) > 1,
    )


def _patients(book: Book) -> Chart:
    title = Label("Extra patients served, by behaviour", "Juurde teenindatud patsiendid käitumise järgi")
    series = Series(book.say(title), resolve(book, "chart_patients"), resolve(book, "chart_behaviour"), color="548235")
    return _columns(book, title, Label("Patients", "Patsiente"), title, [series])


def _paid(book: Book, plan: Plan) -> Chart:
    title = Label("Bonuses paid, by behaviour and scheme", "Makstud preemiad käitumise ja skeemi järgi")
    series = [
        Series(
            book.say(SCHEME_NAMES[str(one)]),
            resolve(book, "chart_paid", "column", place),
            resolve(book, "chart_behaviour"),
            color=_SCHEME_COLORS[str(one)],
        )
        for place, one in enumerate(plan.simulation.schemes)
    ]
    return _columns(book, title, Label("Bonuses", "Preemiad"), title, series)


def _indicators(book: Book, plan: Plan) -> Chart:
    title = Label("Where extra patients are served", "Kus lisapatsiente teenindatakse")
    series = [
        Series(
            book.say(BEHAVIOUR_NAMES[one]),
            resolve(book, f"chart_served_{place}"),
            resolve(book, "chart_indicator"),
            color=_COLORS[place],
        )
        for place, one in enumerate(plan.simulation.behaviours)
        if place
    ]
    return _columns(book, title, Label("Patients", "Patsiente"), title, series, kind="bar")


def _bands(book: Book, plan: Plan, scheme: int) -> Chart:
    name = SCHEME_NAMES[str(plan.simulation.schemes[scheme])]
    title = Label(f"Lists by band: {name.en.lower()} scheme", f"Nimistud vahemike kaupa: {name.et.lower()} skeem")
    series = [
        Series(
            book.say(Label(f"from {lower:.0%}", f"alates {lower:.0%}")),
            resolve(book, f"chart_band_{band}", "column", scheme),
            resolve(book, "chart_behaviour"),
            color=_BAND_COLORS[band % len(_BAND_COLORS)],
        )
        for band, lower in enumerate(plan.simulation.rules.lowers)
    ]
    return _columns(book, title, _LISTS, title, series, kind="stacked")


def _scores(book: Book, plan: Plan, scheme: int) -> Chart:
    name = SCHEME_NAMES[str(plan.simulation.schemes[scheme])]
    title = Label(f"Distribution of scores: {name.en.lower()} scheme", f"Skooride jaotus: {name.et.lower()} skeem")
    schemes = plan.shape[1]
    return Chart(
        kind="scatter",
        title=book.say(title),
        x_title=book.say(Label("Score, middle of the step", "Skoor, astme keskkoht")),
        y_title=book.say(_LISTS),
        series=tuple(
            Series(
                book.say(BEHAVIOUR_NAMES[one]),
                resolve(book, "bin_lists", "column", place * schemes + scheme),
                resolve(book, "bin_middle", "column", scheme),
                look="line",
                color=_COLORS[place],
            )
            for place, one in enumerate(plan.simulation.behaviours)
        ),
        description=book.say(title),
        y_format="#,##0",
        y_range=(0.0, None),
        # One step more than there are up to the maximum, for scores above it.
        x_range=(0.0, float(plan.most[scheme]) * (BINS + 1) / BINS),
        x_format="#,##0",
    )


def _gains(book: Book, plan: Plan, key: str, scheme: int) -> Chart:
    name = SCHEME_NAMES[str(plan.simulation.schemes[scheme])]
    by = {"size": Label("size of list", "suuruse järgi"), "need": Label("need", "vajaduse järgi")}[key]
    title = Label(
        f"Mean gain in bonus by {by.en}: {name.en.lower()} scheme",
        f"Keskmine preemia muutus {by.et}: {name.et.lower()} skeem",
    )
    schemes = plan.shape[1]
    series = [
        Series(
            book.say(BEHAVIOUR_NAMES[one]),
            resolve(book, f"chart_{key}_gain", "column", place * schemes + scheme),
            resolve(book, f"chart_{key}_group"),
            color=_COLORS[place],
        )
        for place, one in enumerate(plan.simulation.behaviours)
    ]
    return _columns(
        book, title, Label("Bonus", "Preemia"), title, series, y_format="General", x_title=_GROUP, x_format="0"
    )
