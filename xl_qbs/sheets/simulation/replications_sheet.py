"""The sheet with a row a replication: patients served and bonuses paid."""

from __future__ import annotations

import numpy as np

from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.frame import begin
from xl_qbs.sheets.model import Book, Label, Sheet
from xl_qbs.sheets.simulation.columns import BEHAVIOUR_ROW, CASE_ROW, FIRST_ROW, HEADING_ROW, TOTAL_ROW
from xl_qbs.sheets.simulation.plan import BEHAVIOUR_NAMES, REPLICATIONS, SCHEME_NAMES, Plan


def add_replications(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of replications; the summary's intervals are formulas on it."""
    sheet = begin(
        book,
        REPLICATIONS,
        Label("Replications", "Kordused"),
        Label(
            "Stored by xl_qbs: patients served and bonuses paid in each replication, with the rules of the run.",
            "Salvestanud xl_qbs: teenindatud patsiendid ja makstud preemiad igas korduses, käivituse reeglitega.",
        ),
        tab="7F7F7F",
    )
    sheet.widths = {1: 16}
    sheet.default_width = 11.0
    sheet.heights |= {HEADING_ROW: 48}
    sheet.freeze = f"B{FIRST_ROW}"
    sheet.scale = 70
    sheet.print_titles = f"$A:$A,${BEHAVIOUR_ROW}:${TOTAL_ROW}"
    found = plan.simulation
    behaviours, schemes = plan.shape
    runs = found.options.replications
    book.write(sheet, (HEADING_ROW, 1), [[Label("Replication", "Kordus")]], "heading")
    labels = [Label("Case", "Juht"), Label("Mean", "Keskmine")]
    book.write(sheet, (CASE_ROW, 1), [[one] for one in labels], "label")
    book.add(sheet, "replication", (FIRST_ROW, 1), np.arange(1.0, runs + 1), kind="calculation", format="count")
    book.write(sheet, (BEHAVIOUR_ROW, 2), [[Label("Extra patients served", "Juurde teenindatud patsiente")]], "label")
    heads = [BEHAVIOUR_NAMES[one] for one in found.behaviours]
    book.write(sheet, (HEADING_ROW, 2), [heads], "heading")
    _add(book, sheet, 2, "patients_rep", found.patients.T.astype(float))
    sheet.breaks.append(1 + behaviours)
    unit = (
        Label("Bonuses paid, in full bonuses", "Makstud preemiad täispreemiates")
        if found.rules.pot is None
        else Label("Share of the pot that was paid", "Kogusummast makstud osa")
    )
    column = 2 + behaviours
    book.write(sheet, (BEHAVIOUR_ROW - 1, column), [[unit]], "label")
    for place, behaviour in enumerate(found.behaviours):
        left = column + place * schemes
        book.write(sheet, (BEHAVIOUR_ROW, left), [[BEHAVIOUR_NAMES[behaviour]]], "group")
        if schemes > 1:
            reach = column_letter(left), column_letter(left + schemes - 1)
            sheet.merges.append(f"{reach[0]}{BEHAVIOUR_ROW}:{reach[1]}{BEHAVIOUR_ROW}")
    book.write(
        sheet, (HEADING_ROW, column), [[SCHEME_NAMES[str(one)] for one in found.schemes] * behaviours], "heading"
    )
    _add(book, sheet, column, "paid_rep", found.paid.reshape(-1, runs).T)
    return sheet


def _add(book: Book, sheet: Sheet, column: int, key: str, values: np.ndarray) -> None:
    numbers = np.arange(1.0, values.shape[1] + 1).reshape(1, -1)
    book.add(sheet, f"no_{key}", (CASE_ROW, column), numbers, kind="calculation", format="count")
    mean = values.mean(axis=0).reshape(1, -1)
    formula = f"AVERAGE({{{key}:column}})"
    book.add(sheet, f"mean_{key}", (TOTAL_ROW, column), mean, formula, kind="output", format="decimal")
    book.add(sheet, key, (FIRST_ROW, column), values, format="decimal")
