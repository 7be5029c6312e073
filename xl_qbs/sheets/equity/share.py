"""The sheet of a copy to share: values only, and small counts left out with all that could tell them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xl_qbs.equity.analysis import EquityAnalysis
from xl_qbs.equity.estimates import estimates
from xl_qbs.equity.suppression import Suppression, SuppressionRules, suppress
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.equity.columns import FIRST_ROW, GROUP_ROW, HEADING_ROW, begin_table
from xl_qbs.sheets.equity.plan import PREFIX, rows_of
from xl_qbs.sheets.model import Book, Format, Label, Language, Sheet

SHARED = Label("To share", "Jagamiseks")
HIDDEN = Label("hidden", "peidetud")


def share_book(
    analysis: EquityAnalysis, rules: SuppressionRules, language: Language = "en", taken: tuple[str, ...] = ()
) -> Book:
    """Return the one sheet of a copy to share; none of its cells holds a formula.

    Left out with a count go the value made of it and its limits; where a count of a provider and indicator is left
    out, all gaps of theirs; where counts cannot be protected at all, the indicator. All patients, those of unknown
    group included, are not on it: the difference to the groups may be a small count.
    """
    found = suppress(analysis.now, rules)
    book = Book(language, taken=frozenset(name.casefold() for name in taken), prefix=PREFIX)
    title = Label("Groups, small counts left out", "Rühmad, väikesed arvud peidetud")
    least = rules.smallest_shown
    sentence = Label(
        f"Values only. Counts from 1 to {least - 1} are hidden, and others so that these cannot be worked out.",
        f"Vaid väärtused. Arvud 1 kuni {least - 1} on peidetud ja teised nii, et neid ei saa tuletada.",
    )
    sheet = begin_table(book, SHARED, title, sentence, "548235")
    sheet.heights.pop(3, None)
    heads = [Label("Provider", "Osutaja"), Label("Indicator", "Indikaator")]
    book.write(sheet, (HEADING_ROW, 1), [heads], "heading")
    now = analysis.now
    names = [(one, code) for code in now.indicators for one in now.providers]
    book.add(sheet, "share_names", (FIRST_ROW, 1), np.array(names, dtype=object), kind="text", format="text")
    column = 3
    for label, cells, how in _columns(book, analysis, found):
        column = _add(book, sheet, column, label, list(now.groups), cells, how)
    sheet.filter = f"A{HEADING_ROW}:{column_letter(column - 1)}{FIRST_ROW + len(names) - 1}"
    return book


def _columns(book: Book, analysis: EquityAnalysis, found: Suppression) -> list[tuple[Label, NDArray[Any], Format]]:
    now, passed = analysis.now, analysis.passed
    # Where one of an indicator's counts cannot be protected, none of them is shown.
    exposed = np.broadcast_to(found.exposed.any(axis=(0, 2), keepdims=True), found.hidden.shape)
    hidden = found.hidden | exposed
    beside = np.broadcast_to(hidden.any(axis=2, keepdims=True), hidden.shape)
    own = estimates(now, analysis.options.level)
    value = np.where(passed.group_ok, own.value, np.nan)

    def cells(values: Array, left_out: NDArray[np.bool_]) -> NDArray[Any]:
        shown = values.astype(object)
        shown[left_out & ~np.isnan(values)] = book.say(HIDDEN)
        return rows_of(shown)

    gap = analysis.gaps.difference
    return [
        (Label("Patients", "Patsiente"), cells(now.patients, hidden), "count"),
        (Label("Value", "Väärtus"), cells(value, hidden), "share"),
        (Label("From", "Alates"), cells(np.where(passed.group_ok, own.low, np.nan), hidden), "share"),
        (Label("To", "Kuni"), cells(np.where(passed.group_ok, own.high, np.nan), hidden), "share"),
        (Label("Gap", "Lõhe"), cells(gap.value, beside), "share"),
        (Label("Gap, from", "Lõhe, alates"), cells(gap.low, beside), "share"),
        (Label("Gap, to", "Lõhe, kuni"), cells(gap.high, beside), "share"),
    ]


def _add(
    book: Book, sheet: Sheet, column: int, label: Label, heads: list[str], cells: NDArray[Any], how: Format
) -> int:
    book.write(sheet, (GROUP_ROW, column), [[label]], "group")
    if len(heads) > 1:
        sheet.merges.append(f"{column_letter(column)}{GROUP_ROW}:{column_letter(column + len(heads) - 1)}{GROUP_ROW}")
    book.write(sheet, (HEADING_ROW, column), [heads], "heading")
    book.add(sheet, f"share_{column}", (FIRST_ROW, column), cells, kind="calculation", format=how)
    return column + len(heads)
