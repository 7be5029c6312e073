"""The sheet of gaps: each group's difference and ratio to the reference, with limits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xl_qbs.scoring.table import Array
from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.equity.columns import FIRST_ROW, Column, add_columns, begin_rows, by_direction, by_indicator, finish
from xl_qbs.sheets.equity.columns import of_indicator as of
from xl_qbs.sheets.equity.plan import GAPS, Plan
from xl_qbs.sheets.equity.within_sheet import reason_column
from xl_qbs.sheets.frame import INFINITE
from xl_qbs.sheets.model import Book, Label, Mark, Sheet


def best_of(plan: Plan, values: str) -> str:
    """Return the formula of the number of the best group in a row of values; 0 where none has one."""
    best = by_direction(plan, f"MAX({{{values}:row}})", f"MIN({{{values}:row}})")
    return f"IF(COUNT({{{values}:row}})=0,0,MATCH({best},{{{values}:row}},0))"


def group_number(plan: Plan, values: str, otherwise: str = "") -> str:
    """Return the formula of the number of the reference group: the named one, or else the best."""
    named = f"IF(ISNUMBER(INDEX({{{values}:row}},{{ref_group_no}})),{{ref_group_no}},0)"
    return f"IF({{ref_group_no}}>0,{named},{otherwise or best_of(plan, values)})"


def add_gaps(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of gaps; that of values within group must stand already."""
    sheet = begin_rows(
        book,
        plan,
        GAPS,
        Label("Gaps: difference and ratio to the reference", "Lõhed: erinevus ja suhe võrdlusega"),
        Label(
            "Value less reference, with limits. Red: worse beyond chance. The reference is a parameter.",
            "Väärtus miinus võrdlus, piiridega. Punane: halvem üle juhuse. Võrdlus valitakse lehel Parameetrid.",
        ),
        tab="C00000",
    )
    column = _add_reference(book, sheet, plan)
    column = _add_difference(book, sheet, plan, column)
    if not plan.means:
        column = _add_ratio(book, sheet, plan, column)
    column = add_columns(book, sheet, plan, column, [reason_column(book, plan, "gap")])
    finish(sheet, plan, column - 1)
    for key in ("worst", "worse_count", "diff"):
        by_indicator(book, plan, key)
    return sheet


def _add_reference(book: Book, sheet: Sheet, plan: Plan) -> int:
    found, ok = plan.analysis.gaps, plan.analysis.passed.ok
    number = np.where(ok, found.reference_group + 1, np.nan)
    words = "INDEX({reference_words:all},1,%s)"
    benchmark_of = of("gap_benchmark")
    if plan.room is not None:
        # An empty cell is no benchmark of 0.
        benchmark_of = f'IF(ISNUMBER({benchmark_of}),{benchmark_of},"")'
    best, population, benchmark = (words % one for one in ("1", "1+1", "1+1+1"))
    choice = group_number(plan, "value", f"IF({{reference}}={best},{best_of(plan, 'value')},0)")
    other = f'IF({{reference}}={population},{of("population")},IF({{reference}}={benchmark},{benchmark_of},""))'

    def reference(part: Array) -> Array:
        return plan.rows(np.where(ok, part[:, :, 0], np.nan))

    def end(block: str) -> str:
        return f'IF({{ok}}=1,IF({{ref_no}}>0,INDEX({{{block}:row}},{{ref_no}}),{{ref_value}}),"")'

    value = f'IF({{ok}}=1,IF({{ref_no}}>0,INDEX({{value:row}},{{ref_no}}),{other}),"")'
    columns = [
        Column(
            "ref_no",
            Label("Group of reference (no.)", "Võrdlusrühm (nr)"),
            plan.rows(number),
            f'IF({{ok}}=1,{choice},"")',
            "count",
        ),
        Column("ref_value", Label("Reference", "Võrdlus"), reference(found.reference.value), value),
        Column("ref_low", Label("From", "Alates"), reference(found.reference.low), end("low")),
        Column("ref_high", Label("To", "Kuni"), reference(found.reference.high), end("high")),
    ]
    return add_columns(book, sheet, plan, 3, columns)


def _add_difference(book: Book, sheet: Sheet, plan: Plan, column: int) -> int:
    found = plan.analysis.gaps
    there = 'IF(ISNUMBER({value}),IF(ISNUMBER({ref_value}),%s,""),"")'
    own = there % "IF({ref_no}={group_no},0,%s)"
    low = "{diff}-SQRT(({value}-{low})*({value}-{low})+({ref_high}-{ref_value})*({ref_high}-{ref_value}))"
    high = "{diff}+SQRT(({high}-{value})*({high}-{value})+({ref_value}-{ref_low})*({ref_value}-{ref_low}))"
    known = ~np.isnan(found.difference.value)
    worse = np.where(known, found.worse, np.nan)
    sign = plan.analysis.now.sign[None, :]
    worst = _extreme(found.difference.value, sign)
    counted = np.where(known.any(axis=2), found.worse.sum(axis=2), np.nan)
    columns = [
        Column(
            "diff",
            Label("Difference", "Erinevus"),
            plan.rows(found.difference.value),
            own % "{value}-{ref_value}",
            "share",
            "output",
        ),
        Column("diff_low", Label("From", "Alates"), plan.rows(found.difference.low), own % low),
        Column("diff_high", Label("To", "Kuni"), plan.rows(found.difference.high), own % high),
        Column(
            "worse",
            Label("Worse beyond chance (1)", "Halvem üle juhuse (1)"),
            plan.rows(worse),
            f'IF(ISNUMBER({{diff}}),{by_direction(plan, "IF({diff_high}<0,1,0)", "IF({diff_low}>0,1,0)")},"")',
            "count",
        ),
        Column(
            "worst",
            Label("Largest gap", "Suurim lõhe"),
            plan.rows(worst),
            f'IF(COUNT({{diff:row}})=0,"",{by_direction(plan, "MIN({diff:row})", "MAX({diff:row})")})',
            "share",
            "output",
        ),
        Column(
            "worse_count",
            Label("Groups worse", "Halvemaid rühmi"),
            plan.rows(counted),
            'IF(COUNT({diff:row})=0,"",SUM({worse:row}))',
            "count",
        ),
    ]
    after = add_columns(book, sheet, plan, column, columns)
    width = plan.places[2]
    first, last = column_letter(column + 3 * width), column_letter(column + 4 * width - 1)
    cell, bottom = f"{first}{FIRST_ROW}", FIRST_ROW + plan.size - 1
    sheet.marks.append(Mark(f"{first}{FIRST_ROW}:{last}{bottom}", f"AND(ISNUMBER({cell}),{cell}=1)", "bad"))
    return after


def _extreme(difference: Array, sign: Array) -> Array:
    """Return the difference of the group that is farthest behind, shape (P, I); NaN where there is none."""
    signed = np.where(np.isnan(difference), np.inf, sign[:, :, None] * difference)
    lowest = signed.min(axis=2)
    return np.where(np.isfinite(lowest), sign * lowest, np.nan)


def _root(e: str, f: str) -> str:
    """Return the formula of sqrt((v1 f)^2 + (v2 e)^2 - (e f)^2), as `xl_qbs.equity.estimates.ratio` has it."""
    return f"SQRT(MAX(0,SUMSQ({{value}}*{f},{{ref_value}}*{e})-SUMSQ({e}*{f})))"


def _add_ratio(book: Book, sheet: Sheet, plan: Plan, column: int) -> int:
    found = plan.analysis.gaps.ratio
    there = 'IF(ISNUMBER({diff}),%s,"")'
    endless = '"' + book.say(INFINITE) + '"'
    # Wilson's lower end of 0 is 0 but for its last bits.
    l1, l2 = "MIN({low},{value})", "MIN({ref_low},{ref_value})"
    bottom = f"{l2}*((1+1)*{{ref_value}}-{l2})"
    over = f'IF({{ref_value}}>0,{{value}}/{{ref_value}},IF({{value}}>0,{endless},""))'
    value = f'IF({{ref_no}}={{group_no}},IF({{value}}>0,1,""),{over})'
    low = (
        f"IF({l1}<=0,0,{l1}*((1+1)*{{value}}-{l1})"
        f"/({{value}}*{{ref_value}}+{_root('({value}-' + l1 + ')', '({ref_high}-{ref_value})')}))"
    )
    high = (
        f"IF({bottom}<=0,{endless},({{value}}*{{ref_value}}"
        f"+{_root('({high}-{value})', '({ref_value}-' + l2 + ')')})/({bottom}))"
    )
    itself = 'IF({ratio}="","",IF({ref_no}={group_no},1,%s))'
    columns = [
        Column("ratio", Label("Ratio", "Suhe"), _cells(book, plan, found.value), there % value, "share", "output"),
        Column("ratio_low", Label("From", "Alates"), _cells(book, plan, found.low), itself % low),
        Column("ratio_high", Label("To", "Kuni"), _cells(book, plan, found.high), itself % high),
    ]
    return add_columns(book, sheet, plan, column, columns)


def _cells(book: Book, plan: Plan, values: Array) -> NDArray[Any]:
    """Return values with infinite ones in words; all numbers where none is."""
    shown = plan.rows(values)
    if not np.isinf(shown).any():
        return shown
    cells = shown.astype(object)
    cells[np.isinf(shown)] = book.say(INFINITE)
    return cells
