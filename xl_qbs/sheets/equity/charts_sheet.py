"""The charts of equity: values and gaps by indicator, the distribution of gaps, and points."""

from __future__ import annotations

from xl_qbs.sheets.address import cell_name, quoted, range_name
from xl_qbs.sheets.charts_sheet import LARGE
from xl_qbs.sheets.equity.plan import CHARTS, Plan
from xl_qbs.sheets.formula import resolve
from xl_qbs.sheets.frame import begin, texts
from xl_qbs.sheets.look import DARK
from xl_qbs.sheets.model import Book, Chart, Label, Series, Sheet

_COLORS = ("1F4E79", "BF8F00", "548235", "C00000", "7030A0", "7F7F7F")
_LINE = "404040"
_ROWS, _PER_PAGE = 17, 4


def add_charts(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of charts; the sheet that they are drawn from must stand already."""
    sheet = begin(
        book,
        CHARTS,
        Label("Charts", "Joonised"),
        Label(
            "All providers' patients together, then provider by provider. The charts follow the numbers.",
            "Kõigi osutajate patsiendid koos, siis osutajate kaupa. Joonised muutuvad koos arvudega.",
        ),
        tab="C00000",
    )
    sheet.scale = 85
    sheet.widths = {1: 17}
    # A group that every gap is to has none of its own.
    gaps = book.block("c_gap").values
    groups = [g for g in range(plan.places[2]) if plan.room is not None or (gaps[:, g] != 0).any()]
    figures = [_values(book, plan), *(_gap(book, plan, g) for g in groups), _gaps(book)]
    if plan.analysis.points is not None:
        figures.append(_points(book))
    for place, figure in enumerate(figures):
        at = cell_name(5 + _ROWS * (place // 2), (1, 9)[place % 2])
        sheet.charts.append(figure._replace(at=at, size=LARGE))
        if place % _PER_PAGE == _PER_PAGE - 1 and place + 1 < len(figures):
            sheet.row_breaks.append(5 + _ROWS * (place // 2 + 1) - 1)
    last = 5 + _ROWS * ((len(figures) + 1) // 2)
    note = Label(
        "Bars of gaps: below 0 is behind the reference (where higher is better); the marks are the limits.",
        "Lõhede tulbad: alla 0 jääb võrdlusest maha (kui suurem on parem); märgid on piirid.",
    )
    book.write(sheet, (last, 1), [[note]], "note")
    return sheet


def _values(book: Book, plan: Plan) -> Chart:
    say = book.say
    names = resolve(book, "c_code")
    title = (
        Label("Mean by group", "Rühmade keskmised") if plan.means else Label("Coverage by group", "Rühmade hõlmatus")
    )
    series = tuple(
        Series(
            name,
            resolve(book, "p_mean", "column", g),
            names,
            color=_COLORS[g % len(_COLORS)],
            name_at=_name_at(book, plan, g),
        )
        for g, name in enumerate(_names(plan))
    )
    return Chart(
        kind="column",
        title=say(title),
        x_title=say(Label("Indicator", "Indikaator")),
        y_title=say(Label("Mean", "Keskmine") if plan.means else Label("Coverage", "Hõlmatus")),
        y_format="General" if plan.means else "0%",
        y_range=(None, None) if plan.means else (0.0, 1.0),
        description=say(
            Label(
                f"{title.en} and indicator, all providers' patients together: a bar for each group.",
                f"{title.et} indikaatorite kaupa, kõigi osutajate patsiendid koos: iga rühm on tulp.",
            )
        ),
        series=series,
    )


def _names(plan: Plan) -> list[str]:
    """Return the groups' names; those of a template's spare places are empty."""
    names: list[str] = plan.across(texts(plan.groups))[0].tolist()
    return names


def _name_at(book: Book, plan: Plan, g: int) -> str:
    """Return where a template has the name of a group; empty for a name that does not change."""
    if plan.room is None:
        return ""
    block = book.block("group_key")
    return f"{quoted(block.sheet)}!{range_name(block.row, block.column + g, block.row, block.column + g)}"


def _gap(book: Book, plan: Plan, g: int) -> Chart:
    say = book.say
    names = resolve(book, "c_code")
    name = _names(plan)[g]
    to = plan.analysis.options.reference if plan.analysis.options.reference in plan.groups else ""
    title = Label(f"Gap of {name} to {to or 'the best group'}", f"Rühm {name}: lõhe, võrdlus {to or 'parima rühmaga'}")
    if plan.room is not None:
        title = Label(f"Gap of group {g + 1} to the reference", f"Rühm {g + 1}: lõhe võrdlusega")
    series = [
        Series(
            say(Label("Gap", "Lõhe")),
            resolve(book, "c_gap", "column", g),
            names,
            color=_COLORS[g % len(_COLORS)],
            name_at=_name_at(book, plan, g),
        )
    ]
    if not plan.means:
        series += [
            Series(say(label), resolve(book, key, "column", g), names, look="markers", color=_LINE)
            for key, label in (("c_gap_low", Label("from", "alates")), ("c_gap_high", Label("to", "kuni")))
        ]
    return Chart(
        kind="column",
        title=say(title),
        title_at="" if plan.room is None else resolve(book, "c_title", "column", g),
        x_title=say(Label("Indicator", "Indikaator")),
        y_title=say(Label("Difference", "Erinevus")),
        y_format="General" if plan.means else "0.0%",
        description=say(
            Label(
                f"{title.en} by indicator, all providers' patients together, with limits.",
                f"{title.et}, indikaatorite kaupa, kõigi osutajate patsiendid koos, piiridega.",
            )
        ),
        series=tuple(series),
    )


def _gaps(book: Book) -> Chart:
    say = book.say
    counted = Label("Providers and indicators", "Osutajaid ja indikaatoreid")
    return Chart(
        kind="column",
        title=say(Label("Largest gaps, provider by provider", "Suurimad lõhed osutajate kaupa")),
        x_title=say(Label("Largest gap, from", "Suurim lõhe, alates")),
        x_format="0.00",
        y_title=say(counted),
        description=say(
            Label(
                "Number of providers and indicators by their largest gap, in steps.",
                "Osutajate ja indikaatorite arv suurima lõhe järgi, astmete kaupa.",
            )
        ),
        series=(Series(say(counted), resolve(book, "gap_count"), resolve(book, "gap_lower"), color=DARK),),
        legend=False,
    )


def _points(book: Book) -> Chart:
    say = book.say
    providers = Label("Providers", "Osutajad")
    return Chart(
        kind="column",
        title=say(Label("Equity points", "Võrdsuspunktid")),
        x_title=say(Label("Total of a provider, from", "Osutaja punktid, alates")),
        x_format="0",
        y_title=say(providers),
        description=say(
            Label("Number of providers by equity points, in steps of 1.", "Osutajate arv võrdsuspunktide järgi.")
        ),
        series=(Series(say(providers), resolve(book, "points_count"), resolve(book, "points_lower"), color="548235"),),
        legend=False,
    )
