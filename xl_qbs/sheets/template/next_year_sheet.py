"""The sheet of the next year: type what a list plans to do, and read what it would score."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xl_qbs.scoring.coverage import adjusted_coverage, coverage
from xl_qbs.scoring.improvement import planned
from xl_qbs.scoring.score import SchemeScore
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.formula import resolve
from xl_qbs.sheets.frame import begin, texts
from xl_qbs.sheets.look import DARK
from xl_qbs.sheets.model import Book, Chart, Format, Kind, Label, Mark, Series, Sheet, Validation
from xl_qbs.sheets.template.one_list import (
    GREY,
    HELP,
    PALE,
    SCHEMES,
    Column,
    add_chart_row,
    add_choice,
    add_columns,
    add_groups,
    add_numbers,
    coverage_chart,
    fetch,
    named_columns,
)
from xl_qbs.sheets.template.plan import NEXT_YEAR, Plan

_SCORES, _FIRST, _LAST = 6, 14, 14
_COVERAGE = (
    Label("Adjusted coverage, now and planned", "Kohandatud hõlmatus, praegu ja kavas"),
    Label(
        "Adjusted coverage of the chosen list by indicator, now and as planned; dashes at the required coverage.",
        "Valitud nimistu kohandatud hõlmatus indikaatorite kaupa, praegu ja kavas; kriipsud nõutava juures.",
    ),
    ((Label("Now", "Praegu"), "next_adjusted"), (Label("Planned", "Kavas"), "next_used_adjusted")),
)
_OVER = Label("over target", "üle sihtrühma")
_NO_COUNT = Label("no count", "pole arv")
# A planned count is used where it is a whole number from 0, else the one of now.
_USED = "IF(ISNUMBER({%s}),IF(MAX(0,INT({%s}))={%s},{%s},{%s}),{%s})"
_WRONG = 'IF(ISNUMBER({%s}),MAX(0,INT({%s}))<>{%s},{%s}<>"")'
_ADJUSTED = (
    "IF(ISNUMBER({prior_strength}),IF({next_used_target}+{prior_strength}>0,"
    "({next_used_done}+{prior_strength}*{prior_mean})/({next_used_target}+{prior_strength}),{prior_mean}),{prior_mean})"
)
_POINTS = {
    "current": "IF({next_used_target}>0,IF({next_used_done}+{threshold_guard}>={required}*{next_used_target},"
    "{points},0),0)",
    "proportional": "IF({next_used_target}>0,{points}*MAX(0,MIN(1,"
    "({next_used_coverage}-{lower_limit})/({upper_limit}-{lower_limit}))),0)",
    "need": "{weight}*{next_used_adjusted}",
}
_NEEDED = {"current": "next_used_done", "proportional": "next_used_done", "need": "next_used_adjusted"}


class _Planned(NamedTuple):
    """What a list would have with its planned work.

    Attributes:
        target: target population that is used, shape (k,).
        done: work done that is used, at most the target, shape (k,).
        typed: planned work as typed, NaN where nothing is, shape (k,).
        adjusted: adjusted coverage with the prior of now, shape (k,).
        now: the scores of now by the keys of `SCHEMES`.
        then: the scores of all lists with the planned work of this one.
    """

    target: Array
    done: Array
    typed: Array
    adjusted: Array
    now: dict[str, SchemeScore]
    then: dict[str, SchemeScore]


def add_next_year(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of planned work; the provider card must stand already."""
    sheet = begin(
        book,
        NEXT_YEAR,
        Label("Next year: what planned work would score", "Järgmine aasta: mis skoori annaks kavandatud töö"),
        Label(
            "Choose a list and type its plan in the yellow cells; what is left blank stays as it is now.",
            "Valige nimistu ja kirjutage kollastesse lahtritesse, mida kavatsete; tühi lahter jääb nagu praegu.",
        ),
        tab="C00000",
    )
    sheet.portrait = True
    sheet.default_width = 8.6
    sheet.widths = {1: 38, 2: 9, 14: 13 if book.language == "en" else 14.5}
    what = _planned(plan)
    add_choice(book, sheet, plan, "next")
    book.write(sheet, (5, HELP), [[Label("Coefficient", "Koefitsient")]], "text")
    fetch(book, sheet, plan, "next_coefficient", "coefficient", (5, HELP + 1), format="share")
    _add_scores(book, sheet, plan, what)
    count = plan.run.room.indicators
    second = _FIRST + count + 4
    add_numbers(book, sheet, plan, "next", _FIRST)
    _add_plan(book, sheet, plan, what)
    _add_points(book, sheet, plan, what, second)
    notes = [
        Label(
            "Table 4 of the report re-estimates the prior from that year's counts. Here all other lists stand still, "
            "so prior and weights are held.",
            "Aruande tabel 4 hindab eeljaotuse uue aasta arvudest uuesti. Siin teised nimistud ei muutu, seega "
            "eeljaotus ja kaalud jäävad samaks.",
        ),
        Label(
            "Not a forecast: the others will change too. Places are those among the scores of now.",
            "See pole prognoos: ka teised muutuvad. Kohad on praeguste skooride seas.",
        ),
        Label(
            "over target: more is planned than there are patients, which counts as the target. no count: no whole "
            "number from 0; it stays as now.",
            "üle sihtrühma: kavas on rohkem kui patsiente, loetakse sihtrühmaks. pole arv: pole täisarv alates "
            "nullist; jääb nagu praegu.",
        ),
    ]
    below = second + count
    book.write(sheet, (below, 1), [[one] for one in notes], "note")
    add_chart_row(sheet, below + len(notes) + 1, [coverage_chart(book, "next", *_COVERAGE), _points_chart(book)], _LAST)
    return sheet


def _planned(plan: Plan) -> _Planned:
    """Return the chosen list's planned work and the scores that it gives."""
    result, row = plan.run.result, plan.chosen
    target, now = result.table.target[row], result.table.counted[row]
    typed = np.array([plan.planned.get(code, np.nan) for code in result.scheme.codes], dtype=float)
    done = np.minimum(np.where(np.maximum(0, np.floor(typed)) == typed, typed, now), target)
    everyone = result.table.counted.copy()
    everyone[row] = done
    then = planned(result, everyone)
    return _Planned(
        target=target,
        done=done,
        typed=typed,
        adjusted=adjusted_coverage(done, target, result.prior.mean, result.prior.strength),
        now={"current": result.current, "proportional": result.proportional, "need": result.need_adjusted},
        then={"current": then.current, "proportional": then.proportional, "need": then.need_adjusted},
    )


def _add_scores(book: Book, sheet: Sheet, plan: Plan, what: _Planned) -> None:
    """Add the three scores of now and as planned."""
    heads: list[Label | str] = [
        Label("Score", "Skoor"),
        Label("Now", "Praegu"),
        Label("Planned", "Kavas"),
        Label("Gain", "Võit"),
        Label("Most there are", "Suurim"),
        Label("Share now", "Osa praegu"),
        Label("Share planned", "Osa kavas"),
        Label("Rank now", "Koht praegu"),
        Label("Rank planned", "Koht kavas"),
        Label("Out of", "Nimistuid"),
        Label("Band now", "Vahemik praegu"),
        "",
        Label("Band planned", "Vahemik kavas"),
    ]
    book.write(sheet, (_SCORES, 1), [heads], "heading")
    sheet.heights |= {_SCORES: 30}
    sheet.merges += [f"{pair}" for row in range(_SCORES, _SCORES + 4) for pair in (f"K{row}:L{row}", f"M{row}:N{row}")]
    names = book.block("band_name").values[:, 0]
    guarded = plan.run.room.guarded
    for row, (key, label) in enumerate(SCHEMES.items(), start=_SCORES + 1):
        kind: Kind = "output" if key == "need" else "calculation"
        book.write(sheet, (row, 1), [[label]], "text")
        now = fetch(book, sheet, plan, f"next_{key}_score", f"{key}_score", (row, 2), kind=kind, format="score")
        score, factor = what.then[key], "*{next_coefficient}" if key == "current" else ""
        most = book.block(f"{key}_most").values[0, 0]
        total, rank = score.total[plan.chosen], score.rank[plan.chosen]
        old, new = f"{{next_{key}_score}}", f"{{next_{key}_planned}}"
        needs = f"next_{key}_score"
        then = f"next_{key}_planned"
        points = f"{{next_planned_{key}:all}}"
        among = f"1+COUNT({{{key}_score:all}})-SUMPRODUCT(--({{{key}_score:all}}<={new}))-IF({old}>{new},1,0)"
        number = f'SUMPRODUCT(({{band_lower:all}}<={{next_{key}_part}}+{{band_guard}})*({{band_name:all}}<>""))'
        band = f'IF({number}>0,INDEX({{band_name:all}},{number}),"")'
        reached = names[score.band[plan.chosen]] if plan.run.result.scheme.bands else ""
        cells: list[tuple[str, int, Any, str, Format]] = [
            (
                "planned",
                3,
                total,
                guarded(
                    f'IF(COUNT({points})={{indicators}},ROUND(SUM({points}){factor},{{score_decimals}}),"")', needs
                ),
                "score",
            ),
            ("gain", 4, total - now, guarded(f"{new}-{old}", then), "score"),
            ("most", 5, most, guarded(f"{{{key}_most}}", needs), "score"),
            ("share", 6, now / most, guarded(f'IF({{{key}_most}}>0,{old}/{{{key}_most}},"")', needs), "percent1"),
            ("part", 7, total / most, guarded(f'IF({{{key}_most}}>0,{new}/{{{key}_most}},"")', then), "percent1"),
            ("place", 9, rank, guarded(among, then), "count"),
            ("count", 10, float(len(score.rank)), guarded(f"{{{key}_count}}", needs), "count"),
            ("reached", 13, reached, guarded(band, f"next_{key}_part"), "text"),
        ]
        for name, column, value, formula, number_format in cells:
            values = np.array([value], dtype=object)
            book.add(sheet, f"next_{key}_{name}", (row, column), values, formula, kind=kind, format=number_format)
        fetch(book, sheet, plan, f"next_{key}_rank", f"{key}_rank", (row, 8), kind=kind, format="count")
        fetch(book, sheet, plan, f"next_{key}_band", f"{key}_band", (row, 11), kind=kind, format="text")
    _mark_gains(sheet, "D", _SCORES + 1, _SCORES + 3)


def _add_plan(book: Book, sheet: Sheet, plan: Plan, what: _Planned) -> None:
    """Add counts and coverage of now and as planned, with the yellow cells between them."""
    groups = [
        (1, 2, Label("Coverage by indicator", "Hõlmatus indikaatorite kaupa")),
        (3, 6, Label("Now", "Praegu")),
        (7, 8, Label("Plan", "Kava")),
        (9, 14, Label("As planned", "Kava järgi")),
    ]
    result, room = plan.run.result, plan.run.room
    say, by_place = book.say, room.by_indicator
    nothing: NDArray[np.float64] = np.full(room.indicators, np.nan)
    invalid = ~np.isnan(what.typed) & ~(np.maximum(0, np.floor(what.typed)) == what.typed)
    over = ~invalid & (what.typed > what.target)
    told = ["" if not (a or b) else say(_NO_COUNT if a else _OVER) for a, b in zip(invalid, over, strict=True)]
    used_target = _USED % (*["next_plan_target"] * 4, *["next_target"] * 2)
    used_done = _USED % (*["next_plan_done"] * 4, *["next_done"] * 2)
    wrong = [_WRONG % ((key,) * 4) for key in ("next_plan_target", "next_plan_done")]
    too_many = f'IF({used_done}>{{next_used_target}},"{say(_OVER)}","")'
    no_count = say(_NO_COUNT)
    message = room.guarded(f'IF({wrong[0]},"{no_count}",IF({wrong[1]},"{no_count}",{too_many}))', "next_used_done")
    target, done = Label("Target", "Sihtrühm"), Label("Done", "Tehtud")
    covered, adjusted = Label("Coverage", "Hõlmatus"), Label("Adjusted", "Kohandatud")
    change = what.adjusted - result.adjusted[plan.chosen]
    columns = [
        *named_columns(book, plan),
        Column("target", target, None, "target", "count", total=True),
        Column("done", done, None, "done", "count", total=True),
        Column("coverage", covered, None, "coverage", "percent1"),
        Column("adjusted", adjusted, None, "adjusted", "percent1"),
        Column("plan_target", target, nothing, None, "count", "input"),
        Column("plan_done", done, by_place(what.typed), None, "count", "input"),
        Column(
            "used_target", target, by_place(what.target), room.guarded(used_target, "next_target"), "count", total=True
        ),
        Column(
            "used_done",
            done,
            by_place(what.done),
            room.guarded(f"MIN({{next_used_target}},{used_done})", "next_used_target", "next_done"),
            "count",
            total=True,
        ),
        Column(
            "used_coverage",
            covered,
            by_place(coverage(what.done, what.target)),
            room.guarded('IF({next_used_target}>0,{next_used_done}/{next_used_target},"")', "next_used_done"),
            "percent1",
        ),
        Column(
            "used_adjusted",
            adjusted,
            by_place(what.adjusted),
            room.guarded(_ADJUSTED, "next_used_done", "prior_mean"),
            "percent1",
            "output",
        ),
        Column(
            "change",
            Label("Change", "Muutus"),
            by_place(change),
            room.guarded("{next_used_adjusted}-{next_adjusted}", "next_used_adjusted", "next_adjusted"),
            "percent1",
            "output",
        ),
        Column("over", Label("Message", "Teade"), by_place(texts(told)), message, "text", "check"),
    ]
    add_groups(book, sheet, _FIRST - 3, groups)
    add_columns(book, sheet, plan, "next", _FIRST, columns)
    last = _FIRST + room.indicators - 1
    _mark_gains(sheet, "M", _FIRST, last)
    sheet.marks.append(Mark(f"N{_FIRST}:N{last}", f'$N{_FIRST}<>""', "warn"))
    refusal = "A whole number from 0. / Täisarv alates nullist."
    sheet.validations.append(Validation(f"G{_FIRST}:H{last}", "whole", "0", "9999999", refusal=refusal))


def _add_points(book: Book, sheet: Sheet, plan: Plan, what: _Planned, first: int) -> None:
    """Add points of now, as planned, and what is gained, under each way of giving credit."""
    groups = [
        (1, 2, Label("Points by indicator", "Punktid indikaatorite kaupa")),
        (3, 5, SCHEMES["current"]),
        (6, 8, SCHEMES["proportional"]),
        (9, 13, SCHEMES["need"]),
    ]
    result, room, row = plan.run.result, plan.run.room, plan.chosen
    columns = named_columns(book, plan, "points_")
    for key in SCHEMES:
        kind: Kind = "output" if key == "need" else "calculation"
        points = what.then[key].points[row]
        gain = room.guarded(
            f"{{next_planned_{key}}}-{{next_{key}_points}}", f"next_planned_{key}", f"next_{key}_points"
        )
        needs = (_NEEDED[key], "weight") if key == "need" else (_NEEDED[key],)
        columns += [
            Column(f"{key}_points", Label("Now", "Praegu"), None, f"{key}_points", "points", total=True),
            Column(
                f"planned_{key}",
                Label("Planned", "Kavas"),
                room.by_indicator(points),
                room.guarded(_POINTS[key], *needs),
                "points",
                total=True,
            ),
            Column(
                f"gain_{key}",
                Label("Gain", "Võit"),
                room.by_indicator(points - what.now[key].points[row]),
                gain,
                "points",
                kind,
                total=True,
            ),
        ]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(result.weights > 0, what.then["need"].points[row] / result.weights, np.nan)
    columns += [
        Column(
            "weight",
            Label("Most", "Suurim"),
            room.by_indicator(result.weights),
            'IF({code}="","",{weight})',
            "points",
            total=True,
        ),
        Column(
            "share_of_most",
            Label("Planned share", "Osa kavas"),
            room.by_indicator(share),
            room.guarded('IF({weight}>0,{next_planned_need}/{weight},"")', "next_planned_need"),
            "percent",
        ),
    ]
    add_groups(book, sheet, first - 3, groups)
    add_columns(book, sheet, plan, "next", first, columns)
    for column in "EHK":
        _mark_gains(sheet, column, first, first + room.indicators - 1)


def _mark_gains(sheet: Sheet, column: str, first: int, last: int) -> None:
    reach, cell = f"{column}{first}:{column}{last}", f"${column}{first}"
    sheet.marks.append(Mark(reach, f"IF(ISNUMBER({cell}),{cell}>0,FALSE)", "good"))
    sheet.marks.append(Mark(reach, f"IF(ISNUMBER({cell}),{cell}<0,FALSE)", "bad"))


def _points_chart(book: Book) -> Chart:
    say, codes = book.say, resolve(book, "next_code")
    return Chart(
        kind="column",
        title=say(Label("Points gained by the plan", "Kavaga võidetavad punktid")),
        x_title="",
        y_title="",
        y_format="0",
        description=say(
            Label(
                "Points that the plan gains by indicator under each of the three scores.",
                "Kavaga võidetavad punktid indikaatorite kaupa kõigi kolme skoori järgi.",
            )
        ),
        series=tuple(
            Series(say(SCHEMES[key]), resolve(book, f"next_gain_{key}"), codes, color=color)
            for key, color in (("current", GREY), ("proportional", PALE), ("need", DARK))
        ),
    )
