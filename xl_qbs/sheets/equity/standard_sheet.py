"""The sheet of indirect standardisation by group: crude and standardised next to each other."""

from __future__ import annotations

import numpy as np

from xl_qbs.scoring.table import Array
from xl_qbs.sheets.equity.columns import Column, add_columns, begin_rows, finish
from xl_qbs.sheets.equity.columns import of_indicator as of
from xl_qbs.sheets.equity.plan import STANDARD, Plan
from xl_qbs.sheets.equity.within_sheet import reason_column, wilson
from xl_qbs.sheets.model import Book, Label, Sheet


def add_standard(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of standardised values; those of gates and priors must stand already."""
    sheet = begin_rows(
        book,
        plan,
        STANDARD,
        Label("Crude and standardised by group, side by side", "Kohandamata ja rühma järgi standarditud kõrvuti"),
        Label(
            "Standardising expects less for a group that gets less everywhere: never show it without the crude value.",
            "Standardimine eeldab vähem rühmale, kes saab igal pool vähem: ärge näidake seda kohandamata väärtuseta.",
        ),
    )
    found, ok = plan.analysis.standardised, plan.analysis.passed.ok

    def shown(values: Array) -> Array:
        return plan.rows(np.where(ok, values, np.nan))

    def some(formula: str) -> str:
        return f'IF({{ok}}=1,{formula},"")'

    done = "SUMPRODUCT({n:row},{mean:row})" if plan.means else "SUM({counted:row})"
    by_group = "SUMPRODUCT({n:row},INDEX({p_mean:all},{ind_no},0))"
    columns = [
        Column(
            "s_crude",
            Label("Crude, not adjusted", "Kohandamata"),
            shown(found.crude),
            some(f"{done}/{{known}}"),
            "share",
            "output",
        ),
    ]
    if plan.means:
        together = f"{{s_difference}}+{of('population')}"
    else:
        together = f'IF(ISNUMBER({{s_ratio}}),{{s_ratio}}*{of("population")},"")'
    columns += [
        Column(
            "s_value",
            Label("Standardised", "Standarditud"),
            shown(found.standardised),
            some(together),
            "share",
            "output",
        ),
        Column(
            "s_expected",
            Label("Expected of its groups", "Rühmade järgi oodatav"),
            shown(found.expected),
            some(f"{by_group}/{{known}}"),
        ),
        Column(
            "s_difference",
            Label("Crude less expected", "Kohandamata miinus oodatav"),
            shown(found.difference),
            some("{s_crude}-{s_expected}"),
        ),
    ]
    if not plan.means:
        over = 'IF({s_expected}>0,%s/{s_expected},"")'
        columns += [
            Column(
                "s_ratio",
                Label("Crude over expected", "Kohandamata / oodatav"),
                shown(found.ratio.value),
                some(over % "{s_crude}"),
            ),
            Column(
                "s_low",
                Label("From", "Alates"),
                shown(found.ratio.low),
                some(over % wilson("{s_crude}", "{known}", "-")),
            ),
            Column(
                "s_high", Label("To", "Kuni"), shown(found.ratio.high), some(over % wilson("{s_crude}", "{known}", "+"))
            ),
        ]
    columns.append(reason_column(book, plan, "standard"))
    column = add_columns(book, sheet, plan, 3, columns)
    finish(sheet, plan, column - 1)
    return sheet
