"""The charts of a diagnosis that stand beside those of every scoring run, and what they are drawn from."""

from __future__ import annotations

import numpy as np

from xl_qbs.sheets.charts_sheet import LIMIT, LISTS, MIDDLE, OLD, most_points, pair
from xl_qbs.sheets.diagnosis.lists_sheet import SCORE_NAMES, SCORES
from xl_qbs.sheets.diagnosis.more_chart_data import most_of
from xl_qbs.sheets.diagnosis.plan import Plan, score_label
from xl_qbs.sheets.formula import resolve
from xl_qbs.sheets.look import DARK
from xl_qbs.sheets.model import Book, Chart, Label, Series

_ROSE, _FELL = "1F4E79", "C00000"
_COLORS = (OLD, MIDDLE, DARK, "548235", "BF8F00", "7030A0")
_BAND_COLORS = ("D9D9D9", "9DC3E6", "1F4E79", "548235", "BF8F00", "7030A0")


def figures(book: Book, plan: Plan) -> list[Chart]:
    """Return the charts of the diagnosis."""
    found = [_correlations(book), _sizes(book, plan), _cliffs(book), _lowest(book, plan), _next_steps(book)]
    if plan.result.scheme.bands:
        found += [_bands(book, plan, score) for score in SCORES]
    if plan.profile is not None:
        found.append(_profile(book, plan))
    if plan.before is not None:
        found += [_moves(book, plan), _paths(book, plan), _prediction(book, plan)]
    return found


def _correlations(book: Book) -> Chart:
    title = Label("Rank correlation with eligible patients", "Astakkorrelatsioon sihtrühmaga")
    return Chart(
        kind="column",
        title=book.say(title),
        x_title="",
        y_title=book.say(Label("Correlation", "Korrelatsioon")),
        y_format="0.00",
        description=book.say(
            Label(
                "A bar for each score's rank correlation with eligible patients, marks at the ends of its interval.",
                "Iga skoori astakkorrelatsioon sihtrühmaga tulbana, märgid vahemiku otstes.",
            )
        ),
        series=(
            Series(book.say(Label("Correlation", "Korrelatsioon")), resolve(book, "corr_value"),
                   resolve(book, "corr_name"), color=MIDDLE),
            Series(book.say(Label("interval, from", "vahemik, alates")), resolve(book, "corr_low"),
                   resolve(book, "corr_name"), look="markers", color=LIMIT),
            Series(book.say(Label("interval, to", "vahemik, kuni")), resolve(book, "corr_high"),
                   resolve(book, "corr_name"), look="markers", color=DARK),
        ),
    )  # fmt: skip


def _sizes(book: Book, plan: Plan) -> Chart:
    title = Label("Mean scores by size of list", "Keskmised skoorid nimistu suuruse järgi")
    return Chart(
        kind="column",
        title=book.say(title),
        x_title=book.say(Label("Group by eligible patients, 1 is the lowest", "Rühm sihtrühma järgi, 1 on madalaim")),
        x_format="0",
        y_title=book.say(Label("Score", "Skoor")),
        y_format="0",
        y_range=(0.0, None),
        description=book.say(title),
        series=tuple(
            Series(
                book.say(score_label(name)),
                resolve(book, f"size_mean_{key}"),
                resolve(book, "size_no"),
                color=_COLORS[place % len(_COLORS)],
            )
            for place, (key, name) in enumerate(zip(plan.keys, plan.scores, strict=True))
        ),
    )


def _cliffs(book: Book) -> Chart:
    title = Label(
        "Lists with a cliff: points that hang on one patient", "Järsakuga nimistud: punktid ühest patsiendist"
    )
    block = book.block("cliff_share")
    names = pair(f"'{block.sheet}'!$A${block.row}", f"'{block.sheet}'!$A${block.row + 2}")
    return Chart(
        kind="column",
        title=book.say(title),
        x_title="",
        y_title=book.say(Label("Share of lists", "Osa nimistutest")),
        y_format="0%",
        y_range=(0.0, None),
        description=book.say(title),
        series=(Series(book.say(title), resolve(book, "cliff_share"), names, color=LIMIT),),
        legend=False,
    )


def _lowest(book: Book, plan: Plan) -> Chart:
    """Return Figure 7: the need-adjusted scores of the lowest lists."""
    title = Label("Need-adjusted scores of the lowest lists", "Madalaimate nimistute vajaduspõhised skoorid")
    most = float(plan.result.weights.sum())
    return Chart(
        kind="scatter",
        title=book.say(title),
        x_title=book.say(Label("Mean coverage over indicators", "Indikaatorite keskmine hõlmatus")),
        y_title=book.say(Label("Need-adjusted score", "Vajaduspõhine skoor")),
        y_format="0",
        y_range=(0.0, most),
        y_step=most / 8,
        x_range=(0.0, 1.0),
        x_format="0%",
        description=book.say(
            Label(
                "A point for each list that is among the lowest under the current score: mean coverage across, "
                "need-adjusted score up.",
                "Iga kehtiva skoori järgi madalaim nimistu on punkt: rõhtsalt keskmine hõlmatus, püsti vajaduspõhine "
                "skoor.",
            )
        ),
        series=(
            Series(
                book.say(LISTS),
                resolve(book, "lowest_drawn", rows=most_points(plan.run)),
                resolve(book, "lowest_coverage_drawn", rows=most_points(plan.run)),
                look="markers",
                color=LIMIT,
            ),
        ),
        legend=False,
    )


def _bands(book: Book, plan: Plan, score: str) -> Chart:
    name = SCORE_NAMES[score]
    title = Label(f"Bands by need: {name.en.lower()} score", f"Vahemikud vajaduse järgi: {name.et.lower()} skoor")
    bands = plan.result.scheme.bands
    return Chart(
        kind="stacked",
        title=book.say(title),
        x_title=book.say(Label("Group by need, 1 is the lowest", "Rühm vajaduse järgi, 1 on madalaim")),
        x_format="0",
        y_title=book.say(LISTS),
        y_range=(0.0, None),
        description=book.say(title),
        series=tuple(
            Series(
                (one.name_et or one.name) if book.language == "et" else one.name,
                resolve(book, f"need_bands_{score}", "column", place),
                resolve(book, "need_no"),
                color=_BAND_COLORS[place % len(_BAND_COLORS)],
            )
            for place, one in enumerate(bands)
        ),
    )


def _profile(book: Book, plan: Plan) -> Chart:
    """Return Figure 1: burden by mean age, with the limits of the profile."""
    assert plan.age is not None  # noqa: S101  (asked for)
    known = ~np.isnan(plan.age) & ~np.isnan(plan.need)
    title = Label("Age and burden of lists", "Nimistute vanus ja koormus")
    ages, most = plan.age[known], float(plan.need[known].max())
    rows = most_points(plan.run)
    lines = tuple(
        Series(
            book.say(name),
            pair(resolve(book, f"{key}_2"), resolve(book, f"{key}_3")),
            pair(resolve(book, f"{key}_0"), resolve(book, f"{key}_1")),
            look="line",
            color=LIMIT,
            in_legend=key == "age_line",
        )
        for key, name in (
            ("age_line", Label("limits of the profile", "profiili piirid")),
            ("burden_line", Label("limits of the profile", "profiili piirid")),
        )
    )
    points = Series(
        book.say(LISTS), resolve(book, "draw_need", rows=rows), resolve(book, "draw_age", rows=rows), look="markers",
        color=DARK,
    )  # fmt: skip
    return Chart(
        kind="scatter",
        title=book.say(title),
        x_title=book.say(Label("Mean age", "Keskmine vanus")),
        y_title=book.say(Label("Eligible patients for each person", "Sihtrühm inimese kohta")),
        y_format="0.0",
        y_range=(0.0, float(np.ceil(most * 10) / 10)),
        x_range=(float(np.floor(ages.min())), float(np.ceil(ages.max()))),
        x_format="0",
        description=book.say(title),
        series=(points, *lines),
    )


def _moves(book: Book, plan: Plan) -> Chart:
    """Return Figure 2: current scores in two years against the 45-degree line."""
    title = Label("Current scores in two years", "Kehtivad skoorid kahel aastal")
    most, rows = most_of(plan), most_points(plan.run)
    x = resolve(book, "moves_x", rows=rows)
    ends = pair(resolve(book, "diagonal_0"), resolve(book, "diagonal_1"))
    return Chart(
        kind="scatter",
        title=book.say(title),
        x_title=book.say(Label("Last year", "Eelmine aasta")),
        y_title=book.say(Label("This year", "See aasta")),
        y_format="0",
        y_range=(0.0, most),
        y_step=most / 8,
        x_range=(0.0, most),
        description=book.say(title),
        series=(
            Series(book.say(Label("rose", "tõusis")), resolve(book, "moves_up", rows=rows), x, look="markers",
                   color=_ROSE),
            Series(book.say(Label("fell or stayed", "langes või jäi")), resolve(book, "moves_down", rows=rows), x,
                   look="markers", color=_FELL),
            Series(book.say(Label("the same", "sama")), ends, ends, look="line", color=OLD),
        ),
    )  # fmt: skip


def _paths(book: Book, plan: Plan) -> Chart:
    """Return the right half of Figure 2: a line from year to year for each list."""
    title = Label("Current scores from year to year", "Kehtivad skoorid aastast aastasse")
    most = most_of(plan)
    last, this = book.say(Label("last year", "eelmine aasta")), book.say(Label("this year", "see aasta"))
    kinds = (
        ("same", Label("stayed", "jäi samaks"), OLD),
        # Pale, so that the fewer on top of them are seen.
        ("fell", Label("fell", "langes"), "E6A5A0"),
        ("rose", Label("rose", "tõusis"), _ROSE),
    )
    return Chart(
        kind="scatter",
        title=book.say(title),
        x_title="",
        # Two places only; the marks between them say nothing.
        x_format=f'[=1]"{last}";[=2]"{this}";""',
        y_title=book.say(Label("Score", "Skoor")),
        y_format="0",
        y_range=(0.0, most),
        y_step=most / 8,
        x_range=(1.0, 2.0),
        description=book.say(
            Label(
                "A line for each list from its current score of last year to that of this year.",
                "Joon iga nimistu eelmise aasta kehtivast skoorist selle aasta omani.",
            )
        ),
        series=tuple(
            Series(book.say(label), resolve(book, f"path_{key}_y"), resolve(book, f"path_{key}_x"), look="thin",
                   color=color)
            for key, label, color in kinds
        ),
    )  # fmt: skip


def _next_steps(book: Book) -> Chart:
    """Return the chart of the indicators that are the first next step of most lists."""
    title = Label("Lists by the indicator that is their first next step", "Nimistuid esimese sammu indikaatori järgi")
    return Chart(
        kind="bar",
        title=book.say(title),
        x_title="",
        y_title=book.say(LISTS),
        y_format="0",
        y_range=(0.0, None),
        description=book.say(title),
        series=(Series(book.say(LISTS), resolve(book, "ind_first"), resolve(book, "ind_name"), color=DARK),),
        legend=False,
    )


def _prediction(book: Book, plan: Plan) -> Chart:
    assert plan.before is not None  # noqa: S101  (asked for)
    title = Label("Error of prediction, by prior", "Ennustuse viga eeljaotuse järgi")
    return Chart(
        kind="bar",
        title=book.say(title),
        x_title="",
        y_title=book.say(Label("Mean squared error", "Keskmine ruutviga")),
        y_format="0.000",
        y_range=(0.0, None),
        description=book.say(title),
        series=tuple(
            Series(
                rule,
                resolve(book, f"error_{rule}"),
                resolve(book, "predict_name"),
                color=_COLORS[place % len(_COLORS)],
            )
            for place, rule in enumerate(plan.before.prediction.predictors)
        ),
    )
