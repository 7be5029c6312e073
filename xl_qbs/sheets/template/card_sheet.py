"""The provider card: one page about one list, to be handed to its family doctor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xl_qbs.sheets.frame import begin, texts
from xl_qbs.sheets.model import Book, Format, Kind, Label, Mark, Sheet
from xl_qbs.sheets.template.card_tables import add_coverage, add_order, add_points, points_chart, yes_no
from xl_qbs.sheets.template.one_list import (
    HELP,
    LAST,
    SCHEMES,
    add_chart_row,
    add_choice,
    add_numbers,
    coverage_chart,
    fetch,
)
from xl_qbs.sheets.template.plan import CARD, Plan

_SCORES, _FACTS = 6, 12
_STEPS = 3
_COVERAGE = (
    Label("Coverage, and what is required", "Hõlmatus ja nõutav"),
    Label(
        "Coverage and adjusted coverage of the chosen list by indicator; dashes at the required coverage.",
        "Valitud nimistu hõlmatus ja kohandatud hõlmatus indikaatorite kaupa; kriipsud nõutava juures.",
    ),
    (
        (Label("Coverage", "Hõlmatus"), "card_coverage"),
        (Label("Adjusted coverage", "Kohandatud hõlmatus"), "card_adjusted"),
    ),
)


def add_card(book: Book, plan: Plan) -> Sheet:
    """Add the card of one list; the sheets of scores and of the comparison must stand already."""
    sheet = begin(
        book,
        CARD,
        Label("Provider card", "Nimistu kaart"),
        Label(
            "All about one list: choose it in the yellow cell.",
            "Kõik ühe nimistu kohta: valige nimistu kollases lahtris.",
        ),
        tab="C00000",
    )
    sheet.portrait = True
    sheet.default_width = 8.3
    sheet.widths = {1: 38, 2: 9, 10: 9.8, 13: 11 if book.language == "en" else 14}
    add_choice(book, sheet, plan, "card")
    _add_scores(book, sheet, plan)
    _add_counts(book, sheet, plan)
    first = max(_add_conditions(book, sheet, plan), _FACTS + 1 + _STEPS) + 4
    count = plan.run.room.indicators
    second = first + count + 4
    add_numbers(book, sheet, plan, "card", first)
    add_coverage(book, sheet, plan, first)
    add_points(book, sheet, plan, second)
    add_order(book, sheet, first)
    _add_changes(book, sheet, plan)
    _add_steps(book, sheet)
    notes = [
        Label(
            "One more: the points for one more patient served. In reach: the need-adjusted points if everybody were "
            "served.",
            "Veel üks: punktid ühe lisapatsiendi eest. Veel võita: vajaduspõhised punktid, kui kõik oleks tehtud.",
        ),
        Label(
            "Next step: the order by need-adjusted points for one more patient. It ranks points and is no advice whom "
            "to treat.",
            "Järjekord: ühe lisapatsiendi vajaduspõhiste punktide järgi. See järjestab punkte, mitte patsiente.",
        ),
        Label(
            "The three scores are not on one scale: compare relative ranks, and adjusted coverage from year to year.",
            "Kolm skoori pole ühel skaalal: võrrelge suhtelist kohta ja aastate vahel kohandatud hõlmatust.",
        ),
    ]
    below = second + count
    book.write(sheet, (below, 1), [[one] for one in notes], "note")
    add_chart_row(sheet, below + len(notes) + 1, [coverage_chart(book, "card", *_COVERAGE), points_chart(book)], LAST)
    return sheet


def _add_scores(book: Book, sheet: Sheet, plan: Plan) -> None:
    """Add the three scores with all that is said of them."""
    heads = [
        Label("Score", "Skoor"),
        Label("Points", "Punkte"),
        Label("Most there are", "Suurim"),
        Label("Share of it", "Osa suurimast"),
        Label("Rank", "Koht"),
        Label("Out of", "Nimistuid"),
        Label("Relative rank", "Suhteline koht"),
        Label("Band", "Vahemik"),
    ]
    book.write(sheet, (_SCORES, 1), [heads], "heading")
    sheet.heights[_SCORES] = 30
    sheet.merges.append(f"H{_SCORES}:I{_SCORES}")
    for row, (key, label) in enumerate(SCHEMES.items(), start=_SCORES + 1):
        kind: Kind = "output" if key == "need" else "calculation"
        book.write(sheet, (row, 1), [[label]], "text")
        score = fetch(book, sheet, plan, f"card_{key}_score", f"{key}_score", (row, 2), kind=kind, format="score")
        most = book.block(f"{key}_most").values[0, 0]
        count = book.block(f"{key}_count").values[0, 0]
        share = f'IF({{{key}_most}}>0,{{card_{key}_score}}/{{{key}_most}},"")'
        numbers: list[tuple[str, int, Any, str, Format]] = [
            ("most", 3, most, f"{{{key}_most}}", "score"),
            ("share", 4, score / most, share, "percent1"),
            ("count", 6, count, f"{{{key}_count}}", "count"),
        ]
        for name, column, value, formula, number_format in numbers:
            guarded = plan.run.room.guarded(formula, f"card_{key}_score")
            book.add(
                sheet, f"card_{key}_{name}", (row, column), np.array([value]), guarded, kind=kind, format=number_format
            )
        fetch(book, sheet, plan, f"card_{key}_rank", f"{key}_rank", (row, 5), kind=kind, format="count")
        fetch(book, sheet, plan, f"card_{key}_relative", f"{key}_relative", (row, 7), kind=kind, format="percent1")
        fetch(book, sheet, plan, f"card_{key}_band", f"{key}_band", (row, 8), kind=kind, format="text")
        sheet.merges.append(f"H{row}:I{row}")


def _add_box(book: Book, sheet: Sheet, row: int, title: Label, labels: Sequence[Label]) -> None:
    """Add a heading and labels in three columns on the right, beside which values stand in the last one."""
    book.write(sheet, (row, 11), [[title]], "heading")
    sheet.merges.append(f"K{row}:N{row}")
    book.write(sheet, (row + 1, 11), [[label] for label in labels], "text")


def _add_counts(book: Book, sheet: Sheet, plan: Plan) -> None:
    """Add what a list has to do and has done."""
    labels = [
        Label("Eligible patients", "Sihtrühm kokku"),
        Label("Patients served", "Tehtud kokku"),
        Label("Served, share", "Tehtud, osa sihtrühmast"),
        Label("Coefficient", "Koefitsient"),
    ]
    _add_box(book, sheet, _SCORES, Label("Counts", "Arvud"), labels)
    eligible = fetch(book, sheet, plan, "card_eligible", "eligible", (_SCORES + 1, LAST), format="count")
    served = fetch(book, sheet, plan, "card_served", "served_patients", (_SCORES + 2, LAST), format="count")
    formula = plan.run.room.guarded('IF({card_eligible}>0,{card_served}/{card_eligible},"")', "card_eligible")
    share = np.array([served / eligible if eligible > 0 else np.nan])
    at = (_SCORES + 3, LAST)
    book.add(sheet, "card_served_share", at, share, formula, kind="output", format="percent1")
    fetch(book, sheet, plan, "card_coefficient", "coefficient", (_SCORES + 4, LAST), format="share")


def _add_conditions(book: Book, sheet: Sheet, plan: Plan) -> int:
    """Add which conditions are met, and return the first row behind them."""
    book.write(sheet, (_FACTS, 1), [[Label("Conditions", "Tingimused"), Label("Met", "Täidetud")]], "heading")
    sheet.heights[_FACTS] = 18
    names = book.block("condition_name").values
    met = book.block("condition_met").values[plan.chosen]
    first, count = _FACTS + 1, len(names)
    shown = 'IF({condition_name}="","–",{condition_name})'
    book.add(sheet, "card_condition", (first, 1), np.where(names == "", "–", names), shown, kind="text", format="text")
    book.add(sheet, "card_condition_no", (first, HELP), np.arange(1.0, count + 1), format="count")
    cell = "INDEX({condition_met:all},{card_row},{card_condition_no})"
    yes, no = yes_no(book)
    words = texts("" if one not in (0, 1) else (yes if one == 1 else no) for one in met)
    told = f'IF(ISNUMBER({{card_row}}),IF(ISNUMBER({cell}),IF({cell}=1,"{yes}","{no}"),""),"")'
    book.add(sheet, "card_met", (first, 2), words, told, kind="check", format="text")
    reach = f"B{first}:B{first + count - 1}"
    sheet.marks += [Mark(reach, f'$B{first}="{yes}"', "good"), Mark(reach, f'$B{first}="{no}"', "bad")]
    return first + count


def _add_changes(book: Book, sheet: Sheet, plan: Plan) -> None:
    """Add places gained on the current score, and the change from last year where there is one."""
    labels = [Label("Places better than current", "Kohti parem kui kehtivas")]
    sources: list[tuple[str, Format]] = [("gained", "count")]
    if plan.before is not None:
        labels += [
            Label("Relative rank in a year", "Suhteline koht aastaga"),
            Label("Adjusted coverage in a year", "Kohandatud hõlmatus aastaga"),
        ]
        sources += [("relative_change", "percent1"), ("mean_change", "percent1")]
    _add_box(book, sheet, _FACTS, Label("Need-adjusted score: change", "Vajaduspõhine skoor: muutus"), labels)
    for row, (key, number_format) in enumerate(sources, start=_FACTS + 1):
        fetch(book, sheet, plan, f"card_{key}", key, (row, LAST), kind="output", format=number_format)


def _add_steps(book: Book, sheet: Sheet) -> None:
    """Add the first of the next steps by name."""
    title = Label("One more patient earns most, need-adjusted, in", "Veel üks patsient annab vajaduspõhiselt enim")
    book.write(sheet, (_FACTS, 4), [[title]], "heading")
    first = _FACTS + 1
    sheet.merges += [f"D{_FACTS}:I{_FACTS}", *(f"D{row}:H{row}" for row in range(first, first + _STEPS))]
    numbers = np.arange(1.0, _STEPS + 1)
    book.add(sheet, "card_step_no", (first, HELP + 1), numbers, format="count")
    order = book.block("card_next").values[:, 0].tolist()
    places = [order.index(number) if number in order else None for number in numbers]
    where = "MATCH({card_step_no},{card_next:all},0)"
    columns: list[tuple[str, str, int, Kind, Format]] = [
        ("card_step", "card_name", 4, "text", "text"),
        ("card_step_points", "card_more_need", 9, "output", "share"),
    ]
    for key, source, column, kind, number_format in columns:
        given = book.block(source).values[:, 0]
        values = np.array(["" if place is None else given[place] for place in places], dtype=object)
        formula = f'IF(ISNUMBER({where}),INDEX({{{source}:all}},{where}),"")'
        book.add(sheet, key, (first, column), values, formula, kind=kind, format=number_format)
