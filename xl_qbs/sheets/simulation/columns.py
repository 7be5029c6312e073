"""Columns with a row a list: one for each behaviour and scheme, under their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xl_qbs.scoring.table import Array
from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.frame import begin, texts
from xl_qbs.sheets.model import Block, Book, Format, Kind, Label, Sheet
from xl_qbs.sheets.simulation.plan import BEHAVIOUR_NAMES, SCHEME_NAMES, Plan

GROUP_ROW, BEHAVIOUR_ROW, HEADING_ROW, CASE_ROW, TOTAL_ROW, FIRST_ROW = 4, 5, 6, 7, 8, 9
# Of characters.
_WIDTH = 10.0


def begin_lists(book: Book, plan: Plan, name: Label, title: Label, sentence: Label, total: Label, tab: str) -> Sheet:
    """Add a sheet with a row a list, and its first column; ``total`` names the row above the lists."""
    sheet = begin(book, name, title, sentence, tab)
    sheet.widths = {1: 26}
    sheet.default_width = _WIDTH
    sheet.heights |= {HEADING_ROW: 32}
    sheet.freeze = f"B{FIRST_ROW}"
    sheet.scale = 70
    sheet.print_titles = f"$A:$A,${GROUP_ROW}:${TOTAL_ROW}"
    book.write(sheet, (HEADING_ROW, 1), [[Label("List", "Nimistu")]], "heading")
    book.write(sheet, (TOTAL_ROW, 1), [[total]], "label")
    names = texts(plan.simulation.providers)
    first = book.find("provider") is None
    book.add(
        sheet,
        "provider" if first else f"provider_{len(book.sheets)}",
        (FIRST_ROW, 1),
        names,
        # Spaces around an id are no part of it; TRIM also makes text of a number.
        "TRIM({source_provider})" if first else "{provider}",
        kind="link" if first else "calculation",
        format="text",
    )
    return sheet


def add_cases(
    book: Book,
    sheet: Sheet,
    plan: Plan,
    column: int,
    key: str,
    label: Label,
    values: Array,
    formula: str | None = None,
    *,
    total: str = "AVERAGE",
    kind: Kind = "calculation",
    format: Format = "decimal",  # noqa: A002  (as the model has it)
) -> int:
    """Add a column for each behaviour and scheme, and return the first column behind them.

    Args:
        book: the book.
        sheet: the sheet.
        plan: what it is made from.
        column: the first column.
        key: the block's name; those of the rows above are ``no_`` (number of the case), ``all_`` and this.
        label: what the numbers are.
        values: shape (N, A * S).
        formula: their formula; None for stored values.
        total: the function of the row above the lists.
        kind: what the cells are.
        format: how numbers are shown.
    """
    behaviours, schemes = plan.shape
    last = column + behaviours * schemes - 1
    book.write(sheet, (GROUP_ROW, column), [[label]], "label")
    for place in range(behaviours):
        left = column + place * schemes
        name = BEHAVIOUR_NAMES[plan.simulation.behaviours[place]]
        book.write(sheet, (BEHAVIOUR_ROW, left), [[name]], "group")
        if schemes > 1:
            sheet.merges.append(
                f"{column_letter(left)}{BEHAVIOUR_ROW}:{column_letter(left + schemes - 1)}{BEHAVIOUR_ROW}"
            )
    heads = [SCHEME_NAMES[str(one)] for one in plan.simulation.schemes] * behaviours
    book.write(sheet, (HEADING_ROW, column), [heads], "heading")
    numbers = np.arange(1.0, behaviours * schemes + 1).reshape(1, -1)
    if column == 2:
        book.write(sheet, (CASE_ROW, 1), [[Label("Case", "Juht")]], "label")
    book.add(sheet, f"no_{key}", (CASE_ROW, column), numbers, kind="calculation", format="count")
    pick = np.mean if total == "AVERAGE" else np.sum
    book.add(
        sheet,
        f"all_{key}",
        (TOTAL_ROW, column),
        np.asarray(pick(values, axis=0)).reshape(1, -1),
        f"{total}({{{key}:column}})",
        kind="output",
        format=format,
    )
    book.add(sheet, key, (FIRST_ROW, column), values, formula, kind=kind, format=format)
    sheet.breaks.append(last)
    return last + 1


def add_one(
    book: Book,
    sheet: Sheet,
    column: int,
    key: str,
    label: Label,
    values: Any,
    formula: str | None = None,
    *,
    total: str = "SUM",
    kind: Kind = "calculation",
    format: Format = "count",  # noqa: A002  (as above)
) -> int:
    """Add one column of numbers or of several by the same formula, with their total; return the next column."""
    grid = np.asarray(values, dtype=float).reshape(len(values), -1)
    book.write(sheet, (HEADING_ROW, column), [[label] * grid.shape[1]], "heading")
    if total:
        shown = np.array([_total(total, one) for one in grid.T]).reshape(1, -1)
        formula_above = f"{total}({{{key}:column}})"
        book.add(sheet, f"all_{key}", (TOTAL_ROW, column), shown, formula_above, kind="output", format=format)
    book.add(sheet, key, (FIRST_ROW, column), grid, formula, kind=kind, format=format)
    return column + grid.shape[1]


def join(book: Book, key: str, parts: Sequence[str]) -> None:
    """Let formulas see blocks that stand side by side as one."""
    blocks = [book.block(part) for part in parts]
    first = blocks[0]
    values = np.hstack([one.values for one in blocks])
    book.named[key] = Block(key, first.sheet, first.row, first.column, values)


def _total(function: str, values: Array) -> float:
    known = values[~np.isnan(values)]
    return float(known.sum() if function == "SUM" else known.mean())
