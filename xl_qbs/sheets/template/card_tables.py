"""The tables and charts of the provider card: coverage and points by indicator, and where the next patient counts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xl_qbs.scoring.improvement import SCORE_NAMES, NextStep, coverage_places, next_steps, patients_to_threshold
from xl_qbs.scoring.ranks import SCORE_DECIMALS
from xl_qbs.sheets.formula import resolve
from xl_qbs.sheets.frame import texts
from xl_qbs.sheets.look import DARK
from xl_qbs.sheets.model import Book, Chart, Label, Mark, Series, Sheet
from xl_qbs.sheets.template.one_list import (
    HELP,
    NOBODY,
    PALE,
    RED,
    SCHEMES,
    Column,
    add_columns,
    add_drawn,
    add_groups,
    named_columns,
)
from xl_qbs.sheets.template.plan import Plan


def yes_no(book: Book) -> tuple[str, str]:
    """Return the words for what is reached and what is not."""
    return book.say(Label("yes", "jah")), book.say(Label("no", "ei"))


def add_coverage(book: Book, sheet: Sheet, plan: Plan, first: int) -> None:
    """Add the table of counts and coverage, a row an indicator."""
    groups = [
        (1, 2, Label("Coverage by indicator", "Hõlmatus indikaatorite kaupa")),
        (3, 5, Label("Counts", "Arvud")),
        (6, 9, Label("Coverage", "Hõlmatus")),
        (10, 14, Label("Adjusted coverage", "Kohandatud hõlmatus")),
    ]
    yes, no = yes_no(book)
    result, room, row = plan.run.result, plan.run.room, plan.chosen
    done, target = result.table.counted[row], result.table.target[row]
    required = np.array(result.scheme.required_coverage)
    missing = np.where(target > 0, patients_to_threshold(done, target, required), np.nan)
    reached = texts("" if np.isnan(one) else (no if one > 0 else yes) for one in missing)
    # The fewest patients with which the guarded comparison of the score holds.
    to_threshold = "MAX(0,-INT(-({required}*{card_target}-{threshold_guard}))-{card_done})"
    among_peers = (
        "1+SUMPRODUCT(({need_score:all}<=MAX({need_score:all}))"
        "*(1-(INDEX({adjusted:all},0,{card_no})<={card_adjusted}+{band_guard})))"
    )
    columns = [
        *named_columns(book, plan),
        Column("target", Label("Target", "Sihtrühm"), None, "target", "count", total=True),
        Column("done", Label("Done", "Tehtud"), None, "done", "count", total=True),
        Column(
            "left",
            Label("Left to do", "Teha jäänud"),
            room.by_indicator(target - done),
            room.guarded("{card_target}-{card_done}", "card_done"),
            "count",
            total=True,
        ),
        Column("coverage", Label("Now", "Praegu"), None, "coverage", "percent1", "output"),
        Column(
            "required",
            Label("Required", "Nõutav"),
            room.by_indicator(required),
            'IF({code}="","",{required})',
            "percent",
        ),
        Column(
            "reached",
            Label("Reached", "Käes"),
            room.by_indicator(reached),
            room.guarded(f'IF({{card_missing}}=0,"{yes}","{no}")', "card_missing"),
            "text",
            "check",
        ),
        Column(
            "missing",
            Label("Patients missing", "Puudu patsiente"),
            room.by_indicator(missing),
            room.guarded(to_threshold, "card_coverage"),
            "count",
        ),
        Column("adjusted", Label("Adjusted", "Kohandatud"), None, "adjusted", "percent1", "output"),
        Column("low", Label("Interval: low", "Alumine piir"), None, "low", "percent"),
        Column("high", Label("Interval: high", "Ülemine piir"), None, "high", "percent"),
        Column("reliability", Label("Reliability", "Usaldusväärsus"), None, "reliability", "percent"),
        Column(
            "place",
            Label("Rank", "Koht"),
            room.by_indicator(coverage_places(result)[row]),
            room.guarded(among_peers, "card_need_score", "card_adjusted"),
            "count",
        ),
    ]
    add_groups(book, sheet, first - 3, groups)
    add_columns(book, sheet, plan, "card", first, columns)
    last = first + room.indicators - 1
    for column in ("F", "H"):
        reach, cell = f"{column}{first}:{column}{last}", f"$I{first}"
        sheet.marks.append(Mark(reach, f"IF(ISNUMBER({cell}),{cell}=0,FALSE)", "good"))
        sheet.marks.append(Mark(reach, f"IF(ISNUMBER({cell}),{cell}>0,FALSE)", "bad"))


def _steps(plan: Plan) -> dict[str, dict[str, NextStep]]:
    """Return the next steps of the chosen list under each score, by indicator, in their order."""
    result = plan.run.result
    provider = result.table.providers[plan.chosen]
    return {name: {step.indicator: step for step in next_steps(result, provider, name)} for name in SCORE_NAMES}


def add_points(book: Book, sheet: Sheet, plan: Plan, first: int) -> None:
    """Add the table of points, a row an indicator."""
    groups = [
        (1, 2, Label("Points by indicator", "Punktid indikaatorite kaupa")),
        (3, 5, SCHEMES["current"]),
        (6, 8, SCHEMES["proportional"]),
        (9, 14, SCHEMES["need"]),
    ]
    result, room, row = plan.run.result, plan.run.room, plan.chosen
    steps = _steps(plan)
    codes = result.scheme.codes
    points = room.by_indicator(np.array(result.scheme.points))
    weights = room.by_indicator(result.weights)
    need = result.need_adjusted.points[row]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(result.weights > 0, need / result.weights, np.nan)

    def more(name: str) -> NDArray[Any]:
        return room.by_indicator(
            np.array([steps[name][code].points if code in steps[name] else np.nan for code in codes])
        )

    def left(formula: str) -> str:
        return room.guarded(f'IF({{card_left}}>0,{formula},"")', "card_left", "weight")

    potential = [steps["need-adjusted"][code].potential if code in steps["need-adjusted"] else np.nan for code in codes]
    order = list(steps["need-adjusted"])
    place = [order.index(code) + 1.0 if code in order else np.nan for code in codes]
    rate = "IF(ISNUMBER({prior_strength}),{weight}/({card_target}+{prior_strength}),0)"
    all_points, all_weight = 'IF({code}="","",{points})', 'IF({code}="","",{weight})'
    one_more = (
        "{points}*MAX(0,MIN(1,(({card_done}+1)/{card_target}-{lower_limit})/({upper_limit}-{lower_limit})))"
        "-{card_proportional_points}"
    )
    now, most, more_label = Label("Points", "Punkte"), Label("Most", "Suurim"), Label("One more", "Veel üks")
    columns = [
        *named_columns(book, plan, "points_"),
        Column("current_points", now, None, "current_points", "points", total=True),
        Column("points", most, points, all_points, "points", total=True),
        Column("more_current", more_label, more("current"), left("IF({card_missing}=1,{points},0)"), "points"),
        Column("proportional_points", now, None, "proportional_points", "points", total=True),
        Column("points_again", most, points, all_points, "points", total=True),
        Column("more_proportional", more_label, more("proportional"), left(one_more), "share"),
        Column("need_points", now, None, "need_points", "points", "output", total=True),
        Column("weight", most, weights, all_weight, "points", total=True),
        Column(
            "need_part",
            Label("Share of most", "Osa suurimast"),
            room.by_indicator(share),
            room.guarded('IF({weight}>0,{card_need_points}/{weight},"")', "card_need_points"),
            "percent",
        ),
        Column("more_need", more_label, more("need-adjusted"), left(rate), "share", "output"),
        Column(
            "potential",
            Label("In reach", "Veel võita"),
            room.by_indicator(np.array(potential)),
            room.guarded("{card_more_need}*{card_left}", "card_more_need"),
            "points",
            total=True,
        ),
        Column(
            "next",
            Label("Next step", "Järjekord"),
            room.by_indicator(np.array(place)),
            'IF({card_gain_key}<0,"",1+SUMPRODUCT(--({card_gain_key:all}>{card_gain_key}))'
            "+SUMPRODUCT(({card_gain_key:all}={card_gain_key})*({card_potential_key:all}>{card_potential_key}))"
            "+SUMPRODUCT(({card_gain_key:all}={card_gain_key})*({card_potential_key:all}={card_potential_key})"
            "*({card_no:all}<{card_no})))",
            "count",
        ),
    ]
    add_groups(book, sheet, first - 3, groups)
    add_columns(book, sheet, plan, "card", first, columns)
    last = first + room.indicators - 1
    sheet.marks.append(Mark(f"N{first}:N{last}", f"$N{first}=1", "good"))


def add_order(book: Book, sheet: Sheet, first: int) -> None:
    """Add what the next steps are ordered by, and marks for the charts, behind what is printed."""
    heads = [
        Label("Points, to order", "Punktid järjestamiseks"),
        Label("In reach, to order", "Veel võita, järjestamiseks"),
        Label("Required, to draw", "Nõutav joonisele"),
        Label("Most, to draw", "Suurim joonisele"),
    ]
    book.write(sheet, (first - 1, HELP + 1), [heads], "heading")
    for place, (key, source) in enumerate((("gain_key", "card_more_need"), ("potential_key", "card_potential"))):
        given = book.block(source).values[:, 0].astype(float)
        values = np.where(np.isnan(given), NOBODY, np.round(given, SCORE_DECIMALS))
        formula = f"IF(ISNUMBER({{{source}}}),ROUND({{{source}}},{{score_decimals}}),-1)"
        book.add(sheet, f"card_{key}", (first, HELP + 1 + place), values, formula, format="share")
    add_drawn(book, sheet, "card_drawn_required", "card_required", (first, HELP + 3))
    add_drawn(book, sheet, "card_drawn_weight", "card_weight", (first, HELP + 4))


def points_chart(book: Book) -> Chart:
    """Return the chart of the points a list has, has in reach, and could have at most."""
    say, codes = book.say, resolve(book, "card_code")
    return Chart(
        kind="stacked",
        title=say(Label("Need-adjusted points: now, in reach, most", "Vajaduspõhised punktid: olemas, võita, suurim")),
        x_title="",
        y_title="",
        y_format="0",
        y_range=(0.0, None),
        description=say(
            Label(
                "Need-adjusted points of the chosen list by indicator, those in reach above them; dashes at the most "
                "there are.",
                "Valitud nimistu vajaduspõhised punktid indikaatorite kaupa, nende peal veel võidetavad; kriipsud "
                "suurima võimaliku juures.",
            )
        ),
        series=(
            Series(say(Label("Now", "Olemas")), resolve(book, "card_need_points"), codes, color=DARK),
            Series(say(Label("In reach", "Veel võita")), resolve(book, "card_potential"), codes, color=PALE),
            Series(say(Label("Most", "Suurim")), resolve(book, "card_drawn_weight"), codes, look="markers", color=RED),
        ),
    )
