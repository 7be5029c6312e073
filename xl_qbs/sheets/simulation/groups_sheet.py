"""The sheet of gains and losses: by size of list and by need."""

from __future__ import annotations

import numpy as np

from xl_qbs.scoring.table import Array
from xl_qbs.sheets.frame import begin
from xl_qbs.sheets.model import Book, Format, Kind, Label, Sheet
from xl_qbs.sheets.simulation.plan import BEHAVIOUR_NAMES, GROUPS, SCHEME_NAMES, Grouping, Plan, by_case

_TITLES = {
    "size": Label("By size of list", "Nimistu suuruse järgi"),
    "need": Label("By need", "Vajaduse järgi"),
}


def add_groups(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of gains and losses; those with a row a list must stand already."""
    sheet = begin(
        book,
        GROUPS,
        Label("Who gains and who loses", "Kes võidab ja kes kaotab"),
        Label(
            "Mean bonuses in groups of lists, by formulas. Who gains on the whole may lose in single replications.",
            "Keskmised preemiad nimistute rühmades, valemitega. Kes kokku võidab, võib mõnes korduses kaotada.",
        ),
        tab="548235",
    )
    sheet.widths = {1: 31, 2: 16, 3: 6}
    sheet.default_width = 11.0
    sheet.freeze = "A4"
    row = 5
    for grouping in plan.groupings:
        row = _add_grouping(book, sheet, plan, grouping, row) + 2
        sheet.row_breaks.append(row - 2)
    sheet.row_breaks.pop()
    return sheet


def _add_grouping(book: Book, sheet: Sheet, plan: Plan, grouping: Grouping, row: int) -> int:
    key, title = grouping.key, _TITLES[grouping.key]
    label = Label(f"{title.en}: {grouping.label.en.lower()}", f"{title.et}: {grouping.label.et.lower()}")
    book.write(sheet, (row, 1), [[label]], "label")
    row = _add_sizes(book, sheet, plan, grouping, row + 1) + 1
    cases = plan.shape[0] * plan.shape[1]
    heads = [
        Label("Behaviour", "Käitumine"),
        Label("Scheme", "Skeem"),
        Label("Case", "Juht"),
        Label("Group", "Rühm"),
        *(one[1] for one in _columns(plan, grouping)),
    ]
    sheet.heights[row] = 48
    book.write(sheet, (row, 1), [heads], "heading")
    lines = [[BEHAVIOUR_NAMES[one], SCHEME_NAMES[other]] for _, one, other in plan.cases for _ in range(plan.groups)]
    book.write(sheet, (row + 1, 1), lines, "text")
    numbers = np.repeat(np.arange(1.0, cases + 1), plan.groups)
    book.add(sheet, f"{key}_case", (row + 1, 3), numbers, kind="calculation", format="count")
    groups = np.tile(np.arange(1.0, plan.groups + 1), cases)
    book.add(sheet, f"{key}_no", (row + 1, 4), groups, kind="calculation", format="count")
    for column, (name, _, values, formula, number_format, kind) in enumerate(_columns(plan, grouping), start=5):
        book.add(sheet, f"{key}_{name}", (row + 1, column), values, formula, kind=kind, format=number_format)
    return row + 1 + cases * plan.groups


def _add_sizes(book: Book, sheet: Sheet, plan: Plan, grouping: Grouping, row: int) -> int:
    """Add how many lists are in each group, from where to where, and how many patients each behaviour serves."""
    key, found = grouping.key, grouping.groups
    heads = [
        Label("Groups", "Rühmad"),
        Label("Lists", "Nimistuid"),
        Label("No.", "Nr"),
        Label("From", "Alates"),
        Label("To", "Kuni"),
        Label("Extra patients that could be served", "Lisavõimalus, patsienti"),
        *(BEHAVIOUR_NAMES[one] for one in plan.steered),
    ]
    sheet.heights[row] = 62
    book.write(sheet, (row, 1), [heads], "heading")
    name = Label("Group", "Rühm")
    book.write(sheet, (row + 1, 1), [[f"{book.say(name)} {one + 1}"] for one in range(plan.groups)], "text")
    group = f"{{{key}_group:all}},{{{key}_g}}"
    place = f'COUNTIF({{{key}_group:all}},"<%s"&{{{key}_g}})'
    ordered = f"INDEX({{{key}_order:all}},%s,1)"
    some = f'IF({{{key}_lists}}>0,%s,"")'
    book.add(sheet, f"{key}_lists", (row + 1, 2), found.lists.astype(float), f"COUNTIF({group})", format="count")
    book.add(sheet, f"{key}_g", (row + 1, 3), np.arange(1.0, plan.groups + 1), kind="calculation", format="count")
    shown: Format = "share" if key == "need" and plan.list_size is not None else "count"
    low = some % (ordered % (place % "" + "+1"))
    book.add(sheet, f"{key}_from", (row + 1, 4), found.low, low, format=shown)
    book.add(sheet, f"{key}_to", (row + 1, 5), found.high, some % (ordered % (place % "=")), format=shown)
    budget = _sums(grouping, plan.simulation.budget.astype(float).reshape(-1, 1))[:, 0]
    book.add(sheet, f"{key}_budget", (row + 1, 6), budget, f"SUMIF({group},{{budget:all}})", format="count")
    for column, _ in enumerate(plan.steered):
        values = _sums(grouping, plan.served[column + 1].reshape(-1, 1))[:, 0]
        formula = f"SUMIF({group},{{total_{column + 1}:all}})"
        book.add(sheet, f"{key}_served_{column + 1}", (row + 1, 7 + column), values, formula, format="decimal")
    return row + 1 + plan.groups


def _columns(plan: Plan, grouping: Grouping) -> list[tuple[str, Label, Array, str, Format, Kind]]:
    key = grouping.key
    cases = plan.shape[0] * plan.shape[1]
    lists = np.tile(grouping.groups.lists.astype(float), cases)
    bonus, gain, score = by_case(plan.bonus), by_case(plan.gain), by_case(plan.simulation.score)
    before = np.tile(_sums(grouping, bonus[:, [plan.base - 1]])[:, 0], cases)
    nobody = np.tile(score[:, : plan.shape[1]], (1, plan.shape[0]))

    def mean(values: Array) -> Array:
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(lists > 0, values / lists, np.nan)

    def of(block: str) -> str:
        return f"INDEX({{{block}:all}},0,{{{key}_case}})"

    count = f"INDEX({{{key}_lists:all}},{{{key}_no}},1)"
    group = f"{{{key}_group:all}},{{{key}_no}}"
    some = f'IF({count}>0,%s/{count},"")'
    return [
        ("before", Label("Mean bonus before", "Keskmine preemia enne"), mean(before),
         some % f"SUMIF({group},{{base:all}})", "share", "calculation"),
        ("after", Label("Mean bonus after", "Keskmine preemia pärast"), mean(_sums(grouping, bonus).T.ravel()),
         some % f"SUMIF({group},{of('bonus')})", "share", "calculation"),
        ("mean_gain", Label("Mean gain or loss", "Keskmine võit või kaotus"), mean(_sums(grouping, gain).T.ravel()),
         some % f"SUMIF({group},{of('gain')})", "share", "output"),
        ("gaining", Label("Lists that gain", "Võidavad"), _sums(grouping, (gain > 0).astype(float)).T.ravel(),
         f'COUNTIFS({group},{of("gain")},">0")', "count", "calculation"),
        ("losing", Label("Lists that lose", "Kaotavad"), _sums(grouping, (gain < 0).astype(float)).T.ravel(),
         f'COUNTIFS({group},{of("gain")},"<0")', "count", "calculation"),
        ("gained", Label("What they gain", "Võidetakse"), _sums(grouping, np.maximum(gain, 0)).T.ravel(),
         f'SUMIFS({of("gain")},{group},{of("gain")},">0")', "decimal", "calculation"),
        ("lost", Label("What they lose", "Kaotatakse"), _sums(grouping, np.maximum(-gain, 0)).T.ravel(),
         f'0-SUMIFS({of("gain")},{group},{of("gain")},"<0")', "decimal", "calculation"),
        ("score", Label("Mean score", "Keskmine skoor"), mean(_sums(grouping, score).T.ravel()),
         some % f"SUMIF({group},{of('score')})", "score", "calculation"),
        ("score_gain", Label("Gain in score over nobody extra", "Skoori kasv, võrreldes kedagi lisamata"),
         mean(_sums(grouping, score - nobody).T.ravel()), some % f"SUMIF({group},{of('score_gain')})", "score",
         "calculation"),
    ]  # fmt: skip


def _sums(grouping: Grouping, values: Array) -> Array:
    """Return the sum of each column over the lists of each group, shape (G, columns)."""
    member = grouping.groups.member
    return np.stack([values[member == group].sum(axis=0) for group in range(len(grouping.groups.lists))])
