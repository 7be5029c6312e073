"""The sheet of trend: how gaps changed, and whether because one group rose or because the other was lowered."""

from __future__ import annotations

import numpy as np

from xl_qbs.equity.estimates import estimates
from xl_qbs.equity.gaps import reference_values
from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.equity.columns import FIRST_ROW, Column, add_columns, begin_rows, finish, signed
from xl_qbs.sheets.equity.gaps_sheet import best_of, group_number
from xl_qbs.sheets.equity.plan import TREND, Plan
from xl_qbs.sheets.equity.within_sheet import period_name, value_columns
from xl_qbs.sheets.model import Book, Label, Mark, Sheet


def add_trend(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of trend; those of gates and gaps must stand already."""
    found = plan.analysis.trend
    before, now = plan.analysis.before, plan.analysis.now
    assert found is not None  # noqa: S101  (asked for only with a baseline)
    assert before is not None  # noqa: S101
    assert plan.analysis.best_before is not None  # noqa: S101
    sheet = begin_rows(
        book,
        plan,
        TREND,
        Label("Trend from the baseline", "Muutus baasperioodist")
        if plan.room is not None
        else Label(f"Trend from {before.period} to {now.period}", f"Muutus: {before.period} kuni {now.period}"),
        Label(
            "The group's own change and that of the reference apart: a gap that closed because the other fell is red.",
            "Rühma enda muutus ja võrdluse muutus eraldi: märgitud on lõhe, mis kahanes vaid teise languse tõttu.",
        ),
    )
    column = add_columns(book, sheet, plan, 3, value_columns(plan, "0", period_name(plan, before.period)))
    number = plan.rows(found.reference_group + 1, 0.0)
    columns = [
        Column(
            "t_ref_no",
            Label("Group of reference, from the baseline (no.)", "Võrdlusrühm baasperioodist (nr)"),
            number,
            group_number(plan, "value0"),
            "count",
        ),
        Column(
            "best_no",
            Label("Best group of the baseline (no.)", "Baasperioodi parim rühm (nr)"),
            plan.rows(plan.analysis.best_before + 1, 0.0),
            best_of(plan, "value0"),
            "count",
        ),
    ]
    columns += [_at(key, label, block, plan) for key, label, block in _REFERENCES]
    column = add_columns(book, sheet, plan, column, columns)
    known = ~np.isnan(found.change.value)
    both = 'IF(ISNUMBER({value}),IF(ISNUMBER({value0}),IF(ISNUMBER({t_ref}),IF(ISNUMBER({t_ref0}),%s,""),""),""),"")'
    square = "({0}-{1})*({0}-{1})"
    low = "+".join(
        square.format(*pair)
        for pair in (
            ("{value}", "{low}"),
            ("{high0}", "{value0}"),
            ("{t_ref_high}", "{t_ref}"),
            ("{t_ref0}", "{t_ref_low0}"),
        )
    )
    high = "+".join(
        square.format(*pair)
        for pair in (
            ("{high}", "{value}"),
            ("{value0}", "{low0}"),
            ("{t_ref}", "{t_ref_low}"),
            ("{t_ref_high0}", "{t_ref0}"),
        )
    )
    itself = "IF({t_ref_no}={group_no},0,%s)"
    sign = signed(plan)
    narrowed = f"IF(AND({sign}{{t_first}}<-{{guard}},ABS({{t_last}})<ABS({{t_first}})-{{guard}}),1,0)"
    reference_change = plan.rows(found.reference_change[:, :, 0])
    columns = [
        Column(
            "t_first",
            Label("Gap then", "Lõhe siis"),
            plan.rows(found.first),
            'IF(ISNUMBER({value0}),IF(ISNUMBER({t_ref0}),{value0}-{t_ref0},""),"")',
        ),
        Column(
            "t_last",
            Label("Gap now", "Lõhe nüüd"),
            plan.rows(found.last),
            'IF(ISNUMBER({value}),IF(ISNUMBER({t_ref}),{value}-{t_ref},""),"")',
        ),
        Column(
            "t_own",
            Label("Own change", "Rühma enda muutus"),
            plan.rows(found.group_change),
            'IF(ISNUMBER({value}),IF(ISNUMBER({value0}),{value}-{value0},""),"")',
            "share",
            "output",
        ),
        Column(
            "t_other",
            Label("Change of the reference", "Võrdluse muutus"),
            reference_change,
            'IF(ISNUMBER({t_ref}),IF(ISNUMBER({t_ref0}),{t_ref}-{t_ref0},""),"")',
            "share",
            "output",
        ),
        Column(
            "t_change",
            Label("Change of the gap", "Lõhe muutus"),
            plan.rows(found.change.value),
            both % (itself % "{t_own}-{t_other}"),
        ),
        Column(
            "t_low",
            Label("From", "Alates"),
            plan.rows(found.change.low),
            both % (itself % ("{t_change}-SQRT(" + low + ")")),
        ),
        Column(
            "t_high",
            Label("To", "Kuni"),
            plan.rows(found.change.high),
            both % (itself % ("{t_change}+SQRT(" + high + ")")),
        ),
        Column(
            "t_narrowed",
            Label("Narrowed (1)", "Kahanes (1)"),
            plan.rows(np.where(known, found.narrowed, np.nan)),
            f'IF(ISNUMBER({{t_change}}),{narrowed},"")',
            "count",
        ),
        Column(
            "t_levelled",
            Label("Only the other fell (1)", "Vaid teine langes (1)"),
            plan.rows(np.where(known, found.levelled_down, np.nan)),
            f'IF(ISNUMBER({{t_change}}),IF({{t_narrowed}}=1,IF({sign}{{t_own}}>{{guard}},0,1),0),"")',
            "count",
        ),
    ]
    last = add_columns(book, sheet, plan, column, columns)
    first, end = column_letter(last - plan.places[2]), column_letter(last - 1)
    cell = f"{first}{FIRST_ROW}"
    sheet.marks.append(Mark(f"{cell}:{end}{FIRST_ROW + plan.size - 1}", f"AND(ISNUMBER({cell}),{cell}=1)", "bad"))
    finish(sheet, plan, last - 1)
    return sheet


_REFERENCES = (
    ("t_ref0", Label("Reference then", "Võrdlus siis"), "value0"),
    ("t_ref_low0", Label("From", "Alates"), "low0"),
    ("t_ref_high0", Label("To", "Kuni"), "high0"),
    ("t_ref", Label("Reference now", "Võrdlus nüüd"), "value"),
    ("t_ref_low", Label("From", "Alates"), "low"),
    ("t_ref_high", Label("To", "Kuni"), "high"),
)


def _at(key: str, label: Label, block: str, plan: Plan) -> Column:
    """Return the column of the reference group's number in a block."""
    found = plan.analysis
    assert found.trend is not None  # noqa: S101
    table, passed = (found.before, found.passed_before) if block.endswith("0") else (found.now, found.passed)
    assert table is not None  # noqa: S101
    assert passed is not None  # noqa: S101
    own = estimates(table, found.options.level)
    masked = own._replace(**{name: np.where(passed.group_ok, getattr(own, name), np.nan) for name in own._fields})
    taken = reference_values(masked, found.trend.reference_group)
    values = getattr(taken, block.removesuffix("0"))[:, :, 0]
    return Column(key, label, plan.rows(values), f'IF({{t_ref_no}}>0,INDEX({{{block}:row}},{{t_ref_no}}),"")')
