"""The sheet of variance between the groups of a provider, net of what chance alone would make."""

from __future__ import annotations

import numpy as np

from xl_qbs.equity.group_table import GroupMeans
from xl_qbs.sheets.equity.columns import Column, add_columns, begin_rows, finish
from xl_qbs.sheets.equity.plan import BETWEEN, Plan
from xl_qbs.sheets.equity.within_sheet import guarded, reason_column
from xl_qbs.sheets.model import Book, Label, Sheet

# The interval of the variance has no closed form.
_STORED = ("b_low", "b_high")
_OPEN = Label(
    "Net 0 does not say that groups fare alike: look at p. Its interval has no closed form: xl-qbs equity has it.",
    "Netodispersioon 0 ei tähenda võrdsust: vaadake p-väärtust. Vahemikul valemit pole; selle annab xl-qbs equity.",
)


def add_between(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of variance between groups; that of values within group must stand already."""
    sheet = begin_rows(
        book,
        plan,
        BETWEEN,
        Label("Between groups: variance net of noise", "Rühmade vahel: dispersioon ilma mürata"),
        _OPEN
        if plan.room is not None
        else Label(
            "Net 0 does not say that groups fare alike: look at the interval (stored by xl_qbs: no closed form).",
            "Netodispersioon 0 ei tähenda võrdsust: vaadake vahemikku, mille xl_qbs on salvestanud (valemit pole).",
        ),
    )
    found = plan.analysis.between
    table, allowed = plan.analysis.now, plan.analysis.passed.group_ok
    n = np.where(allowed, table.patients, 0.0)
    value = np.where(allowed, table.value, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(allowed, n / n.sum(axis=2)[:, :, None], np.nan)
        if isinstance(table, GroupMeans):
            variance = np.where(allowed, table.sd**2 / n, np.nan)
            degrees = np.where(allowed, n - 1, 0.0)
            pooled = (degrees * np.nan_to_num(table.sd) ** 2).sum(axis=2) / degrees.sum(axis=2)
        else:
            variance = np.where(allowed, value * (1 - value) / (n - 1), np.nan)
            pooled = found.mean * (1 - found.mean)
    pooled = np.where(np.isnan(found.mean), np.nan, pooled)
    apart = share * (value - found.mean[:, :, None]) ** 2
    own = "{sd}*{sd}/{n}" if plan.means else "{value}*(1-{value})/({n}-1)"
    common = (
        "SUMPRODUCT({group_ok:row}*({n:row}-1)*{sd:row}*{sd:row})/SUMPRODUCT({group_ok:row}*({n:row}-1))"
        if plan.means
        else "{b_mean}*(1-{b_mean})"
    )

    def some(formula: str) -> str:
        return f'IF({{ok}}=1,{formula},"")'

    columns = [
        Column(
            "b_share",
            Label("Share of patients", "Osa patsientidest"),
            plan.rows(share),
            guarded("{n}/SUMPRODUCT({group_ok:row},{n:row})"),
        ),
        Column(
            "b_groups",
            Label("Groups compared", "Võrreldud rühmi"),
            plan.rows(np.where(np.isnan(found.mean), np.nan, found.groups)),
            some("SUM({group_ok:row})"),
            "count",
        ),
        Column(
            "b_mean",
            Label("Value of them together", "Nende ühine väärtus"),
            plan.rows(found.mean),
            some("SUMPRODUCT({b_share:row},{value:row})"),
        ),
        Column(
            "b_apart",
            Label("Share x squared gap", "Osa x hälbe ruut"),
            plan.rows(apart),
            guarded("{b_share}*({value}-{b_mean})*({value}-{b_mean})"),
            "tiny",
        ),
        Column(
            "b_variance",
            Label("Chance variance", "Juhuslik dispersioon"),
            plan.rows(variance),
            guarded(own),
            "tiny",
        ),
        Column(
            "b_noise_part",
            Label("Noise", "Müra"),
            plan.rows(share * (1 - share) * variance),
            guarded("{b_share}*(1-{b_share})*{b_variance}"),
            "tiny",
        ),
        Column(
            "b_raw", Label("Raw variance", "Toordispersioon"), plan.rows(found.raw), some("SUM({b_apart:row})"), "tiny"
        ),
        Column("b_noise", Label("Noise", "Müra"), plan.rows(found.noise), some("SUM({b_noise_part:row})"), "tiny"),
        Column(
            "b_net",
            Label("Net of noise", "Ilma mürata"),
            plan.rows(found.net),
            some("MAX(0,{b_raw}-{b_noise})"),
            "tiny",
            "output",
        ),
        Column("b_common", Label("Common variance", "Ühine dispersioon"), plan.rows(pooled), some(common)),
        Column(
            "b_q",
            Label("Chi-square Q", "Hii-ruut Q"),
            plan.rows(found.statistic),
            some("IF({b_common}>0,SUMPRODUCT({group_ok:row},{n:row})*{b_raw}/{b_common},0)"),
            "decimal",
        ),
        Column(
            "b_p",
            Label("p-value", "p-väärtus"),
            plan.rows(found.p_value),
            some("CHIDIST({b_q},{b_groups}-1)"),
            "share",
            "output",
        ),
        Column(
            "b_low",
            Label("Variance from (stored)", "Dispersioon alates (salvestatud)"),
            plan.rows(found.interval.low),
            None,
            "tiny",
        ),
        Column(
            "b_high",
            Label("Variance to (stored)", "Dispersioon kuni (salvestatud)"),
            plan.rows(found.interval.high),
            None,
            "tiny",
        ),
        reason_column(book, plan, "between"),
    ]
    if plan.room is not None:
        # No formula can follow data that are still to come to these ends.
        columns = [one for one in columns if one.key not in _STORED]
    half = 6
    column = add_columns(book, sheet, plan, 3, columns[:half])
    column = add_columns(book, sheet, plan, column, columns[half:])
    finish(sheet, plan, column - 1)
    return sheet
