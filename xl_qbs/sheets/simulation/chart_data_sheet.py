"""The sheet of numbers that the charts of a simulation are drawn from."""

from __future__ import annotations

import numpy as np

from xl_qbs.sheets.frame import begin, indicator_names, texts
from xl_qbs.sheets.model import Book, Label, Sheet
from xl_qbs.sheets.simulation.plan import BEHAVIOUR_NAMES, CHART_DATA, SCHEME_NAMES, SHORT_NAMES, Plan, by_case
from xl_qbs.sheets.simulation.summary_sheet import add_most
from xl_qbs.simulation.sums import BINS


def add_chart_data(book: Book, plan: Plan) -> Sheet:
    """Add the sheet that the charts are drawn from."""
    sheet = begin(
        book,
        CHART_DATA,
        Label("What the charts are drawn from", "Millest joonised on tehtud"),
        Label(
            "Lists by score are stored: means over replications. All else are formulas on the other sheets.",
            "Nimistud skoori järgi on salvestatud korduste keskmised. Kõik muu on valemid teiste lehtede tulemustest.",
        ),
        tab="7F7F7F",
    )
    sheet.widths = {1: 40}
    sheet.default_width = 11.0
    row = _add_bins(book, sheet, plan, 5) + 1
    row = _add_by_behaviour(book, sheet, plan, row) + 1
    row = _add_indicators(book, sheet, plan, row) + 1
    for grouping in plan.groupings:
        row = _add_gains(book, sheet, plan, grouping.key, row) + 1
    return sheet


def _case_heads(book: Book, plan: Plan) -> list[str]:
    return [f"{book.say(BEHAVIOUR_NAMES[one])}: {book.say(SCHEME_NAMES[other])}" for _, one, other in plan.cases]


def _add_bins(book: Book, sheet: Sheet, plan: Plan, row: int) -> int:
    """Add how many lists score how much, and where each bin has its middle on each scheme's scale."""
    _, schemes = plan.shape
    add_most(book, sheet, plan, row)
    row += 3
    title = Label("Lists by score (means over replications, stored)", "Nimistuid skoori järgi (korduste keskmised)")
    book.write(sheet, (row, 1), [[title]], "label")
    heads: list[Label | str] = [
        Label("Bin; the last holds what lies above the maximum", "Klass; viimases on maksimumist suuremad"),
        *(Label(f"Middle: {name.en}", f"Keskkoht: {name.et}") for name in _schemes(plan)),
        *_case_heads(book, plan),
    ]
    sheet.heights[row + 1] = 62
    book.write(sheet, (row + 1, 1), [heads], "heading")
    numbers = np.arange(1.0, BINS + 2)
    book.add(sheet, "bin_no", (row + 2, 1), numbers, kind="calculation", format="count")
    middle = (numbers[:, None] - 0.5) * plan.most / BINS
    # The number of bins up to the maximum is one less than the rows.
    formula = "AVERAGE({bin_no}-1,{bin_no})*{most}/(ROWS({bin_no:all})-1)"
    book.add(sheet, "bin_middle", (row + 2, 2), middle, formula, format="points")
    bins = by_case(plan.simulation.scores_in_bin)
    book.add(sheet, "bin_lists", (row + 2, 2 + schemes), bins, format="decimal")
    return row + 2 + len(numbers)


def _schemes(plan: Plan) -> list[Label]:
    return [SCHEME_NAMES[str(one)] for one in plan.simulation.schemes]


def _add_by_behaviour(book: Book, sheet: Sheet, plan: Plan, row: int) -> int:
    """Add patients, bonuses and lists by band, a row a behaviour and a column a scheme."""
    behaviours, schemes = plan.shape
    names = [book.say(SHORT_NAMES[one]) for one in plan.simulation.behaviours]
    title = Label("By behaviour", "Käitumiste kaupa")
    book.write(sheet, (row, 1), [[title]], "label")
    heads = [
        Label("Behaviour", "Käitumine"),
        Label("No.", "Nr"),
        Label("Extra patients", "Lisapatsiente"),
        *(Label(f"Bonuses: {name.en}", f"Preemiad: {name.et}") for name in _schemes(plan)),
    ]
    for lower in plan.simulation.rules.lowers:
        heads += [
            Label(f"Lists from {lower:.0%}: {name.en}", f"Nimistuid alates {lower:.0%}: {name.et}")
            for name in _schemes(plan)
        ]
    sheet.heights[row + 1] = 62
    book.write(sheet, (row + 1, 1), [heads], "heading")
    top = row + 3
    book.add(sheet, "chart_behaviour", (top, 1), texts(names), kind="text", format="text")
    book.add(sheet, "chart_b", (top, 2), np.arange(1.0, behaviours + 1), kind="calculation", format="count")
    served = plan.served.sum(axis=1)
    book.add(sheet, "chart_patients", (top, 3), served, "INDEX({all_total:all},1,{chart_b})", format="decimal")
    numbers = np.arange(1.0, schemes + 1).reshape(1, -1)
    column = 4
    blocks = [("paid", by_case(plan.bonus).sum(axis=0), "sum_paid")]
    shares = plan.simulation.band_share
    blocks += [
        (f"band_{band}", by_case(shares[..., band]).sum(axis=0), f"sum_band_{band}") for band in range(plan.bands)
    ]
    for key, values, source in blocks:
        book.add(sheet, f"chart_s_{key}", (top - 1, column), numbers, kind="calculation", format="count")
        formula = f"INDEX({{{source}:all}},({{chart_b}}-1)*{{schemes}}+{{chart_s_{key}}},1)"
        shown = values.reshape(behaviours, schemes)
        book.add(sheet, f"chart_{key}", (top, column), shown, formula, format="decimal")
        column += schemes
    return top + behaviours


def _add_indicators(book: Book, sheet: Sheet, plan: Plan, row: int) -> int:
    """Add in which indicators each behaviour serves."""
    _, names = indicator_names(book, plan.result.scheme)
    title = Label("Extra patients by indicator", "Lisapatsiendid indikaatorite kaupa")
    book.write(sheet, (row, 1), [[title]], "label")
    heads = [
        Label("Indicator", "Indikaator"),
        Label("No.", "Nr"),
        *(BEHAVIOUR_NAMES[one] for one in plan.steered),
    ]
    sheet.heights[row + 1] = 48
    book.write(sheet, (row + 1, 1), [heads], "heading")
    book.add(sheet, "chart_indicator", (row + 2, 1), texts(names), kind="text", format="text")
    numbers = np.arange(1.0, len(names) + 1)
    book.add(sheet, "chart_i", (row + 2, 2), numbers, kind="calculation", format="count")
    for place in range(1, plan.shape[0]):
        values = plan.simulation.served[place].sum(axis=0)
        formula = f"INDEX({{all_served_{place}:all}},1,{{chart_i}})"
        book.add(sheet, f"chart_served_{place}", (row + 2, 2 + place), values, formula, format="decimal")
    return row + 2 + len(names)


def _add_gains(book: Book, sheet: Sheet, plan: Plan, key: str, row: int) -> int:
    """Add the mean gain in bonus, a row a group and a column a case."""
    titles = {
        "size": Label("Mean gain in bonus by size of list", "Keskmine preemia muutus suuruse järgi"),
        "need": Label("Mean gain in bonus by need", "Keskmine preemia muutus vajaduse järgi"),
    }
    cases = plan.shape[0] * plan.shape[1]
    book.write(sheet, (row, 1), [[titles[key]]], "label")
    heads: list[Label | str] = [Label("Group", "Rühm"), *_case_heads(book, plan)]
    sheet.heights[row + 1] = 62
    book.write(sheet, (row + 1, 1), [heads], "heading")
    numbers = np.arange(1.0, cases + 1).reshape(1, -1)
    book.write(sheet, (row + 2, 1), [[Label("Case", "Juht")]], "text")
    book.add(sheet, f"chart_{key}_case", (row + 2, 2), numbers, kind="calculation", format="count")
    groups = np.arange(1.0, plan.groups + 1)
    book.add(sheet, f"chart_{key}_group", (row + 3, 1), groups, kind="calculation", format="count")
    source = book.block(f"{key}_mean_gain").values[:, 0].astype(float)
    values = source.reshape(cases, plan.groups).T
    # A group without lists has no mean; a chart needs a number.
    formula = (
        f"IF(ISNUMBER(INDEX({{{key}_mean_gain:all}},({{chart_{key}_case}}-1)*{{groups}}+{{chart_{key}_group}},1)),"
        f"INDEX({{{key}_mean_gain:all}},({{chart_{key}_case}}-1)*{{groups}}+{{chart_{key}_group}},1),0)"
    )
    book.add(sheet, f"chart_{key}_gain", (row + 3, 2), np.nan_to_num(values), formula, format="share")
    return row + 3 + plan.groups
