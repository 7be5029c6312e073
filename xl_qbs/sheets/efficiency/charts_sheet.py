"""The charts of the paper's exhibits, native and on these data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xl_qbs.sheets.address import cell_name
from xl_qbs.sheets.charts_sheet import LARGE, LIMIT, MIDDLE, OLD, pair
from xl_qbs.sheets.efficiency.chart_data_sheet import CLASS_WORDS, PASS_WORDS
from xl_qbs.sheets.efficiency.chart_lines import reach
from xl_qbs.sheets.efficiency.data_sheet import relative_cost
from xl_qbs.sheets.efficiency.plan import CHARTS, Plan
from xl_qbs.sheets.formula import resolve
from xl_qbs.sheets.frame import begin, texts
from xl_qbs.sheets.look import DARK
from xl_qbs.sheets.model import Book, Chart, Label, Series, Sheet

# More points than this make a chart slow and say no more.
_MOST_POINTS = 5000
_CLASS_COLORS = (LIMIT, OLD, "548235")
_ROWS, _PER_PAGE = 17, 4
_PROVIDERS = Label("Providers", "Osutajad")
_Z_QUALITY = Label("Quality (z)", "Kvaliteet (z)")
_Z_COST = Label("Cost performance (z), higher is leaner", "Kulutulemus (z), suurem on säästlikum")


def add_charts(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of charts; the sheet that they are drawn from must stand already."""
    sheet = begin(
        book,
        CHARTS,
        Label("Charts", "Joonised"),
        Label(
            "The paper's exhibits on these data: towards the top right is more efficient. They follow the numbers.",
            "Artikli joonised nende andmetega: üleval paremal on tõhusamad. Joonised muutuvad koos arvudega.",
        ),
        tab="C00000",
    )
    sheet.scale = 85
    sheet.widths = {1: 17}
    found = plan.analysis
    figures = [_histogram(book, "z_quality", _Z_QUALITY), _histogram(book, "z_cost", _Z_COST)]
    figures += [
        _hurdle(book, plan, key) for key in ("quality_hurdle", "cost_hurdle") if getattr(found, key) is not None
    ]
    figures += [_unconditional(book, plan, letter) for letter in "ab"[: len(found.unconditional)]]
    figures += [_conditional(book, plan, key) for key in ("overall", "within")[: len(found.conditional)]]
    if found.moments is not None:
        figures.append(_frontier(book, plan))
    figures.append(_trend(book, plan))
    if found.stars is not None:
        figures.append(_stars(book))
    row = 5
    for place, figure in enumerate(figures):
        at = cell_name(row + _ROWS * (place // 2), (1, 9)[place % 2])
        sheet.charts.append(figure._replace(at=at, size=LARGE))
        if place % _PER_PAGE == _PER_PAGE - 1:
            sheet.row_breaks.append(row + _ROWS * (place // 2 + 1) - 1)
    last = row + _ROWS * ((len(figures) + 1) // 2)
    _add_notes(book, sheet, plan, last)
    return sheet


def _add_notes(book: Book, sheet: Sheet, plan: Plan, row: int) -> None:
    """Add which of the paper's two pictures of cost and quality these data are like."""
    rising = book.say(
        Label(
            "Cost and quality: cost rises with quality here, as in Exhibit 8 of the paper.",
            "Kulu ja kvaliteet: siin kasvab kulu koos kvaliteediga, nagu artikli joonisel 8.",
        )
    )
    falling = book.say(
        Label(
            "Cost and quality: cost falls as quality rises here, as in Exhibit 9 of the paper.",
            "Kulu ja kvaliteet: siin kulu kahaneb kvaliteedi kasvades, nagu artikli joonisel 9.",
        )
    )
    r = float(book.block("trend_correlation").values[0, 0])
    text = rising if r > 0 else falling
    formula = f'IF({{trend_correlation}}>0,"{rising}","{falling}")'
    if plan.room.open:
        formula = f'IF({{lists}}>1,{formula},"")'
        text = "" if plan.empty else text
    book.add(sheet, "trend_words", (row, 1), texts([text]), formula, kind="note", format="text")
    count = plan.room.lists
    drawn = Label(f"All {count} rows are drawn.", f"Joonistatud on kõik {count} rida.")
    if count > _MOST_POINTS:
        drawn = Label(
            f"The first {_MOST_POINTS} of {count} providers are drawn as points.",
            f"Punktidena on joonistatud esimesed {_MOST_POINTS} osutajat {count}-st.",
        )
    book.write(sheet, (row + 1, 1), [[drawn]], "note")


def _rows(plan: Plan) -> int:
    return min(plan.room.lists, _MOST_POINTS)


def _points(book: Book, plan: Plan, key: str) -> str:
    return resolve(book, key, rows=_rows(plan))


def _line(book: Book, key: str, name: Label, color: str, *, named: bool = True) -> Series:
    ends = [resolve(book, f"line_{key}_{place}") for place in range(1, 5)]
    return Series(
        book.say(name), pair(ends[2], ends[3]), pair(ends[0], ends[1]), look="line", color=color, in_legend=named
    )


def _scatter(book: Book, plan: Plan, title: Label, description: Label, series: Sequence[Series]) -> Chart:
    across, up = reach(plan, "quality"), reach(plan, "cost")
    say = book.say
    return Chart(
        kind="scatter",
        title=say(title),
        x_title=say(_Z_QUALITY),
        y_title=say(_Z_COST),
        series=tuple(series),
        description=say(description),
        y_format="0",
        x_format="0",
        y_range=(-up, up),
        x_range=(-across, across),
        y_step=_step(up),
    )


def _step(most: float) -> float:
    """Return the distance between two marks of an axis, so that no more than a dozen stand on it."""
    return float(np.ceil(most / 6))


def _by_class(book: Book, plan: Plan, key: str, words: Sequence[Label], what: Label | None = None) -> list[Series]:
    x = _points(book, plan, "x_quality")
    colors = _CLASS_COLORS if len(words) == len(_CLASS_COLORS) else (OLD, DARK)
    names = [book.say(word) if what is None else f"{book.say(what)}: {book.say(word)}" for word in words]
    return [
        Series(name, _points(book, plan, f"{key}_{number}"), x, look="markers", color=color)
        for number, (name, color) in enumerate(zip(names, colors, strict=True))
    ]


def _histogram(book: Book, key: str, title: Label) -> Chart:
    """Return one half of Exhibit 2: how many providers lie where."""
    say = book.say
    plain = Label(title.en.partition(",")[0], title.et.partition(",")[0])
    return Chart(
        kind="column",
        title=say(Label(f"Distribution: {plain.en}", f"Jaotus: {plain.et}")),
        x_title=say(Label("z score, from", "z-skoor, alates")),
        x_format="0.0",
        y_title=say(_PROVIDERS),
        description=say(
            Label(f"Number of providers by {plain.en}, in steps.", f"Osutajate arv astmete kaupa: {plain.et}.")
        ),
        series=(
            Series(say(_PROVIDERS), resolve(book, f"bin_{key}"), resolve(book, f"bin_lower_{key[2:]}"), color=DARK),
        ),
        legend=False,
    )


def _hurdle(book: Book, plan: Plan, key: str) -> Chart:
    """Return one half of Exhibit 3: who passes, and the hurdle."""
    titles = {
        "quality_hurdle": Label("Quality hurdle: who passes is ranked by cost", "Kvaliteedilävi: läbinud reastab kulu"),
        "cost_hurdle": Label("Cost hurdle: who passes is ranked by quality", "Kululävi: läbinud reastab kvaliteet"),
    }
    description = Label(
        f"{titles[key].en}. A point for each provider; the line is the hurdle.",
        f"{titles[key].et}. Iga osutaja on punkt; joon on lävi.",
    )
    series = _by_class(book, plan, f"draw_{key}", PASS_WORDS)
    return _scatter(book, plan, titles[key], description, [*series, _line(book, key, Label("hurdle", "lävi"), LIMIT)])


def _unconditional(book: Book, plan: Plan, letter: str) -> Chart:
    """Return one half of Exhibit 4: classes of the weighted sum, and its cut-offs."""
    weight = plan.analysis.options.quality_weights["ab".index(letter)]
    told = (f"{weight:.0%} quality", f"kvaliteet {weight:.0%}") if not plan.room.open else ("", "")
    title = Label(
        f"Unconditional {letter.upper()}" + (f": {told[0]}" if told[0] else ""),
        f"Tingimusteta {letter.upper()}" + (f": {told[1]}" if told[1] else ""),
    )
    description = Label(
        f"{title.en}. A point for each provider by class of efficiency; lines at the cut-offs.",
        f"{title.et}. Iga osutaja on punkt tõhususe klassi järgi; jooned on klassipiirid.",
    )
    series = _by_class(book, plan, f"draw_unconditional_{letter}", CLASS_WORDS)
    lines = [
        _line(book, f"unconditional_{letter}_{number}", Label("cut-off", "piir"), MIDDLE, named=number == 1)
        for number in (1, 2)
    ]
    return _scatter(book, plan, title, description, [*series, *lines])


def _conditional(book: Book, plan: Plan, version: str) -> Chart:
    """Return one half of Exhibit 5: the grid of classes of quality and of cost performance."""
    titles = {
        "overall": Label("Conditional: cost classes over all", "Tingimuslik: kuluklassid üle kõigi"),
        "within": Label("Conditional: cost classes within quality", "Tingimuslik: kuluklassid kvaliteedi sees"),
    }
    title = titles[version]
    description = Label(
        f"{title.en}. A point for each provider by class of cost performance; lines at the cut-offs.",
        f"{title.et}. Iga osutaja on punkt kulutulemuse klassi järgi; jooned on klassipiirid.",
    )
    series = _by_class(book, plan, f"draw_conditional_{version}", CLASS_WORDS, Label("cost", "kulu"))
    keys = ["quality_cut_1", "quality_cut_2"]
    if version == "overall":
        keys += ["cost_cut_1", "cost_cut_2"]
    else:
        keys += [f"{name}_{number}" for name in ("low", "average", "high") for number in (1, 2)]
    lines = [_line(book, key, Label("cut-off", "piir"), MIDDLE, named=place == 0) for place, key in enumerate(keys)]
    return _scatter(book, plan, title, description, [*series, *lines])


def _frontier(book: Book, plan: Plan) -> Chart:
    """Return Exhibit 6: quality against cost performance, the line of least squares and the frontier."""
    say = book.say
    title = Label("Stochastic frontier (corrected moments)", "Stohhastiline rajajoon (momendid)")
    description = Label(
        "Quality against cost performance, a point a provider; the frontier lies above the line of least squares.",
        "Kvaliteet ja kulutulemus, iga osutaja on punkt; rajajoon on vähimruutude sirgest kõrgemal.",
    )
    across, up = reach(plan, "cost"), reach(plan, "quality")
    return Chart(
        kind="scatter",
        title=say(title),
        x_title=say(_Z_COST),
        y_title=say(_Z_QUALITY),
        series=(
            Series(
                say(_PROVIDERS),
                _points(book, plan, "y_quality"),
                _points(book, plan, "x_cost"),
                look="markers",
                color=DARK,
            ),
            _line(book, "least", Label("least squares", "vähimruudud"), OLD),
            _line(book, "frontier", Label("frontier", "rajajoon"), LIMIT),
        ),
        description=say(description),
        y_format="0",
        x_format="0",
        y_range=(-up, up),
        x_range=(-across, across),
        y_step=_step(up),
    )


def _trend(book: Book, plan: Plan) -> Chart:
    """Return the picture of Exhibits 8 and 9: cost against quality, with a trend line."""
    say = book.say
    most = reach(plan, "quality")
    cost = relative_cost(plan)
    low, high = (0.0, 2.0) if plan.room.open else (np.floor(10 * cost.min()) / 10, np.ceil(10 * cost.max()) / 10)
    return Chart(
        kind="scatter",
        title=say(
            Label("Cost and quality, with the trend (Exhibits 8, 9)", "Kulu ja kvaliteet koos trendiga (joonised 8, 9)")
        ),
        x_title=say(_Z_QUALITY),
        y_title=say(Label("Cost, mean = 1 (lower is better)", "Kulu, keskmine = 1 (väiksem on parem)")),
        series=(
            Series(
                say(_PROVIDERS),
                _points(book, plan, "y_relative_cost"),
                _points(book, plan, "x_quality"),
                look="markers",
                color=DARK,
            ),
            _line(book, "trend", Label("trend", "trend"), LIMIT),
        ),
        description=say(
            Label(
                "Cost relative to the mean against quality, a point for each provider, with the line of least squares.",
                "Kulu keskmise suhtes ja kvaliteet, iga osutaja on punkt, koos vähimruutude sirgega.",
            )
        ),
        y_format="0.0",
        x_format="0",
        y_range=(float(low), float(high)),
        x_range=(-most, most),
    )


def _stars(book: Book) -> Chart:
    """Return how many providers have how many stars (Exhibit 10)."""
    say = book.say
    return Chart(
        kind="column",
        title=say(Label("Providers by stars (Exhibit 10)", "Osutajad tärnide järgi (joonis 10)")),
        x_title=say(Label("Stars", "Tärne")),
        x_format="0",
        y_title=say(_PROVIDERS),
        description=say(Label("Number of providers with 1 to 5 stars.", "Osutajate arv 1 kuni 5 tärniga.")),
        series=(
            Series(say(_PROVIDERS), resolve(book, "providers_by_stars"), resolve(book, "star_number"), color="BF8F00"),
        ),
        legend=False,
    )
