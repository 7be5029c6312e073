"""The sheet of values within group: as they are with their interval, and adjusted, side by side."""

from __future__ import annotations

import numpy as np

from xl_qbs.equity.estimates import estimates
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.equity.columns import Column, add_columns, begin_rows, finish, of_group
from xl_qbs.sheets.equity.plan import WITHIN, Plan
from xl_qbs.sheets.model import Book, Label, Sheet


def wilson(value: str, n: str, sign: str) -> str:
    """Return the formula of an end of Wilson's interval; ``sign`` is - or +."""
    z = "{spread}"
    double = f"((1+1)*{n})"
    centre = f"({value}+{z}*{z}/{double})"
    half = f"{z}*SQRT({value}*(1-{value})/{n}+{z}*{z}/({double}*{double}))"
    end = f"({centre}{sign}{half})/(1+{z}*{z}/{n})"
    return f"MAX(0,{end})" if sign == "-" else f"MIN(1,{end})"


def period_name(plan: Plan, period: str) -> Label:
    """Return how headings name a baseline; a template's is not known by name."""
    return Label(", baseline", ", baasperiood") if plan.room is not None else Label(*[f" {period}".rstrip()] * 2)


def value_columns(plan: Plan, end: str, when: Label) -> list[Column]:
    """Return the values of a period with their interval; ``end`` is that of its blocks."""
    found = plan.analysis
    table, passed = (found.before, found.passed_before) if end else (found.now, found.passed)
    assert table is not None  # noqa: S101  (a baseline's columns are asked for only where there is one)
    assert passed is not None  # noqa: S101
    own = estimates(table, found.options.level)
    shown = [plan.rows(np.where(passed.group_ok, part, np.nan)) for part in own]
    value, n = f"{{value{end}}}", f"{{n{end}}}"
    if plan.means:
        first = f"{{mean{end}}}"
        half = f"{{spread}}*{{sd{end}}}/SQRT({n})"
        low, high = f"{value}-{half}", f"{value}+{half}"
        name = Label(f"Mean{when.en}", f"Keskmine{when.et}")
    else:
        first = f"{{counted{end}}}/{n}"
        low, high = wilson(value, n, "-"), wilson(value, n, "+")
        name = Label(f"Coverage{when.en}", f"Hõlmatus{when.et}")
    return [
        Column(f"value{end}", name, shown[0], guarded(first, end), "share", "output"),
        Column(f"low{end}", Label("From", "Alates"), shown[1], guarded(low, end)),
        Column(f"high{end}", Label("To", "Kuni"), shown[2], guarded(high, end)),
    ]


def guarded(formula: str, end: str = "") -> str:
    """Return a formula that is empty where a group does not pass the gates."""
    return f'IF({{group_ok{end}}}=1,{formula},"")'


def add_within(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of values within group; the sheets of gates and priors must stand already."""
    sheet = begin_rows(
        book,
        plan,
        WITHIN,
        Label("Within group: as they are, and adjusted", "Rühma sees: nagu on, ja kohandatud"),
        Label(
            "Only groups that pass the gates. Adjusted: a small group is drawn to that group's mean over providers.",
            "Vaid väravad läbinud rühmad. Kohandatud: väikest rühma tõmmatakse sama rühma keskmise poole.",
        ),
    )
    found = plan.analysis.adjusted
    columns = value_columns(plan, "", Label("", ""))
    column = add_columns(book, sheet, plan, 3, columns)
    strength, mean = of_group("p_strength"), of_group("p_mean")

    def masked(values: Array) -> Array:
        return plan.rows(np.where(plan.analysis.passed.group_ok, values, np.nan))

    done = "{n}*{mean}" if plan.means else "{counted}"
    adjusted = f"IF(ISNUMBER({strength}),({done}+{strength}*{mean})/({{n}}+{strength}),{mean})"
    columns = [
        Column("adjusted", Label("Adjusted", "Kohandatud"), masked(found.value), guarded(adjusted), "share", "output"),
        Column(
            "adjusted_low", Label("Adjusted, from", "Kohandatud, alates"), masked(found.low), guarded(_end(plan, "-"))
        ),
        Column(
            "adjusted_high", Label("Adjusted, to", "Kohandatud, kuni"), masked(found.high), guarded(_end(plan, "+"))
        ),
        Column(
            "reliability",
            Label("Reliability", "Usaldusväärsus"),
            masked(found.reliability),
            guarded(f"IF(ISNUMBER({strength}),{{n}}/({{n}}+{strength}),0)"),
        ),
    ]
    column = add_columns(book, sheet, plan, column, columns)
    column = add_columns(book, sheet, plan, column, [reason_column(book, plan, "within")])
    finish(sheet, plan, column - 1)
    return sheet


def reason_column(book: Book, plan: Plan, key: str) -> Column:
    """Return the column that says why a row is blank, as the sheet of gates has it."""
    values = book.block("reason").values[:, 0]
    label = Label("If blank: why (sheet Gates)", "Kui tühi: miks (leht Väravad)")
    assert len(values) == plan.size  # noqa: S101  (a row a provider and indicator)
    return Column(f"{key}_reason", label, values, '{reason}&""', "text")


def _end(plan: Plan, sign: str) -> str:
    """Return the formula of an end of the posterior interval."""
    strength, mean = of_group("p_strength"), of_group("p_mean")
    if plan.means:
        return f"{{adjusted}}{sign}{{spread}}*SQRT({of_group('p_within')}*{{reliability}}/{{n}})"
    tail = "{low_tail}" if sign == "-" else "1-{low_tail}"
    served = f"{{counted}}+{strength}*{mean}"
    missed = f"{{n}}-{{counted}}+{strength}*(1-{mean})"
    inside = f"IF({served}<=0,0,IF({missed}<=0,1,BETAINV({tail},{served},{missed})))"
    return f"IF(ISNUMBER({strength}),{inside},{mean})"
