"""The sheet of priors: mean and strength of each indicator and group, with every step of the method of moments."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xl_qbs.equity.adjusted import GroupPrior
from xl_qbs.equity.group_table import GroupMeans, Groups, GroupTable
from xl_qbs.scoring.priors import moments_workings
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.equity.columns import (
    FIRST_ROW,
    GROUP_ROW,
    HEADING_ROW,
    add_group_heads,
    begin_table,
    code_of,
    keep_together,
    mute,
)
from xl_qbs.sheets.equity.plan import PRIOR, Plan
from xl_qbs.sheets.equity.within_sheet import period_name
from xl_qbs.sheets.frame import strength_cell, texts
from xl_qbs.sheets.model import Book, Format, Label, Sheet

_MINE = "({ind_no:all}={prior_no})"


def add_prior(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of priors; the sheets of parameters and groups must stand already."""
    sheet = begin_table(
        book,
        PRIOR,
        Label("Prior of each indicator and group", "Iga indikaatori ja rühma eeljaotus"),
        Label(
            "What adjusted values are drawn to: each group to its own mean over the providers, no other's.",
            "Mille poole kohandatud väärtusi tõmmatakse: iga rühma tema enda keskmise, mitte teise rühma poole.",
        ),
        "7F6000",
    )
    book.write(sheet, (HEADING_ROW, 1), [[Label("Indicator", "Indikaator"), Label("No.", "Nr")]], "heading")
    size = plan.places[1]
    codes = plan.by_indicator(texts(plan.indicators))
    book.add(sheet, "prior_code", (FIRST_ROW, 1), codes, f'{code_of(plan)}&""', kind="label", format="text")
    book.add(sheet, "prior_no", (FIRST_ROW, 2), np.arange(1.0, size + 1), format="count")
    found = plan.analysis
    writer = _Writer(book, sheet, plan, 3)
    writer.period(found.now, "")
    writer.strength("", found.prior)
    population = found.now.population
    formula = 'IF(SUM({p_n:row})>0,SUM({p_done:row})/SUM({p_n:row}),"")'
    writer.single("population", Label("All groups", "Kõik rühmad"), population, formula)
    if found.before is not None and found.frozen is not None and found.prior_before is not None:
        writer.period(found.before, "0")
        writer.strength("0", found.prior_before)
        writer.frozen(found.frozen)
    if plan.room is not None:
        mute(sheet, size, writer.column - 1, f'OR($A{FIRST_ROW}="",A${HEADING_ROW}="")')
    return sheet


class _Writer:
    """Adds groups of columns one behind the other."""

    def __init__(self, book: Book, sheet: Sheet, plan: Plan, column: int) -> None:
        self.book, self.sheet, self.plan, self.column = book, sheet, plan, column

    def add(
        self, key: str, label: Label, values: NDArray[Any], formula: str, how: Format = "count", empty: Any = None
    ) -> None:
        """Add a column a group; ``empty`` is what a template's spare places show."""
        book, sheet, column = self.book, self.sheet, self.column
        width = self.plan.places[2]
        keep_together(sheet, column, width)
        book.write(sheet, (GROUP_ROW, column), [[label]], "group")
        sheet.merges.append(f"{column_letter(column)}{GROUP_ROW}:{column_letter(column + width - 1)}{GROUP_ROW}")
        add_group_heads(book, sheet, self.plan, (HEADING_ROW, column))
        shown = self.plan.by_indicator(values, empty)
        book.add(sheet, key, (FIRST_ROW, column), shown, formula, format=how)
        self.column += width

    def single(self, key: str, label: Label, values: Array, formula: str) -> None:
        """Add one column."""
        self.book.write(self.sheet, (HEADING_ROW, self.column), [[label]], "heading")
        shown = self.plan.by_indicator(values)
        self.book.add(self.sheet, key, (FIRST_ROW, self.column), shown, formula, format="share")
        self.column += 1

    def period(self, table: Groups, end: str) -> None:
        """Add sums over the providers, and the steps of the method of moments."""
        when = period_name(self.plan, table.period) if end or self.plan.room is None else Label("", "")
        n = table.patients
        total, lists, squares = n.sum(axis=0), (n > 0).sum(axis=0).astype(float), (n**2).sum(axis=0)
        self.add(
            f"p_n{end}",
            Label(f"Patients{when.en}", f"Patsiente{when.et}"),
            total,
            f"SUMIF({{ind_no:all}},{{prior_no}},{{n{end}:column}})",
            empty=0.0,
        )
        done, work = self._done(table, end)
        label = Label(f"Patients x value{when.en}", f"Patsiente x väärtus{when.et}")
        self.add(f"p_done{end}", label, done, work, empty=0.0)
        self.add(
            f"p_lists{end}",
            Label("Providers", "Osutajaid"),
            lists,
            f"SUMPRODUCT({_MINE}*({{n{end}:column}}>0))",
            empty=0.0,
        )
        self.add(
            f"p_squares{end}",
            Label("Sum of n squared", "n ruutude summa"),
            squares,
            f"SUMPRODUCT({_MINE}*{{n{end}:column}}*{{n{end}:column}})",
            empty=0.0,
        )
        mean = table.by_group
        self.add(
            f"p_mean{end}",
            Label(f"Prior mean{when.en}", f"Eeljaotuse keskmine{when.et}"),
            mean,
            f'IF({{p_n{end}}}>0,{{p_done{end}}}/{{p_n{end}}},"")',
            "share",
        )
        if isinstance(table, GroupTable):
            self._of_counts(table, end)
        elif isinstance(table, GroupMeans):
            self._of_means(table, end)

    def _done(self, table: Groups, end: str) -> tuple[Array, str]:
        if isinstance(table, GroupTable):
            return table.counted.sum(axis=0), f"SUMIF({{ind_no:all}},{{prior_no}},{{counted{end}:column}})"
        done = np.where(table.patients > 0, np.nan_to_num(table.value) * table.patients, 0.0).sum(axis=0)
        return done, f"SUMPRODUCT({_MINE}*{{n{end}:column}}*{{mean{end}:column}})"

    def _of_counts(self, table: GroupTable, end: str) -> None:
        shape = table.n.shape[1:]
        steps = [moments_workings(table.counted[:, i], table.patients[:, i]) for i in range(shape[0])]
        spread, room, rho = (np.array([getattr(one, name) for one in steps]) for name in ("spread", "room", "rho"))
        n, counted = f"{{n{end}:column}}", f"{{counted{end}:column}}"
        self.add(
            f"p_spread{end}",
            Label("Spread S", "Hajuvus S"),
            spread,
            f'IF({{p_n{end}}}>0,SUMPRODUCT({_MINE}*{counted}*{counted}/({n}+({n}=0)))-{{p_mean{end}}}*{{p_done{end}}},"")',
            "decimal",
        )
        self.add(
            f"p_room{end}",
            Label("Room", "Ruum"),
            room,
            f'IF({{p_n{end}}}>0,{{p_n{end}}}-{{p_squares{end}}}/{{p_n{end}}}-({{p_lists{end}}}-1),"")',
            "decimal",
        )
        mean = f"{{p_mean{end}}}"
        told = f"AND({mean}>0,{mean}<1,{{p_room{end}}}>0)"
        told_rho = f"({{p_spread{end}}}/({mean}*(1-{mean}))-({{p_lists{end}}}-1))/{{p_room{end}}}"
        self.add(
            f"p_rho{end}",
            Label("Beyond chance (rho)", "Üle juhuse (rho)"),
            rho,
            f"IF(ISNUMBER({mean}),IF({told},{told_rho},0),0)",
            "share",
            0.0,
        )

    def _of_means(self, table: GroupMeans, end: str) -> None:
        n, sd, mean = table.patients, np.nan_to_num(table.sd), np.where(table.patients > 0, table.mean, 0.0)
        degrees = np.maximum(n - 1, 0.0)
        grand = table.by_group
        with np.errstate(invalid="ignore", divide="ignore"):
            within = (degrees * np.where(n > 1, sd, 0.0) ** 2).sum(axis=0) / degrees.sum(axis=0)
            spread = (n * np.where(n > 0, mean - grand, 0.0) ** 2).sum(axis=0)
            total = n.sum(axis=0)
            between = (spread - ((n > 0).sum(axis=0) - 1) * within) / (total - (n**2).sum(axis=0) / total)
        spread = np.where(np.isnan(grand), np.nan, spread)
        cells, deviation, own = f"{{n{end}:column}}", f"{{sd{end}:column}}", f"{{mean{end}:column}}"
        free = f"({cells}>1)*({cells}-1)"
        self.add(
            f"p_within{end}",
            Label("Variance within providers", "Dispersioon osutajate sees"),
            within,
            f'IF(SUMPRODUCT({_MINE}*{free})>0,SUMPRODUCT({_MINE}*{free}*{deviation}*{deviation})/SUMPRODUCT({_MINE}*{free}),"")',
            "decimal",
        )
        away = f"({own}-{{p_mean{end}}})"
        self.add(
            f"p_spread{end}",
            Label("Spread", "Hajuvus"),
            spread,
            f'IF({{p_n{end}}}>0,SUMPRODUCT({_MINE}*{cells}*{away}*{away}),"")',
            "decimal",
        )
        self.add(
            f"p_between{end}",
            Label("Variance between providers", "Dispersioon osutajate vahel"),
            np.where(np.isfinite(between), between, np.nan),
            f"IF(ISNUMBER({{p_within{end}}}),IF({{p_n{end}}}-{{p_squares{end}}}/{{p_n{end}}}>0,"
            f'({{p_spread{end}}}-({{p_lists{end}}}-1)*{{p_within{end}}})/({{p_n{end}}}-{{p_squares{end}}}/{{p_n{end}}}),""),"")',
            "decimal",
        )

    def strength(self, end: str, prior: GroupPrior) -> None:
        """Add the strength in patients; infinite in words, which formulas know as no number."""
        endless = '"' + str(strength_cell(self.book, float("inf"))) + '"'
        if self.plan.means:
            ratio = f"{{p_within{end}}}/{{p_between{end}}}"
            formula = f"IF(ISNUMBER({{p_between{end}}}),IF({{p_between{end}}}>0,{ratio},{endless}),{endless})"
        else:
            rho = f"{{p_rho{end}}}"
            formula = f"IF({rho}>0,MAX(0,(1-{rho})/{rho}),{endless})"
            if not end:
                by_report = f"{{fraction}}*{{p_n}}/{len_of(self.plan)}"
                formula = f"IF({{prior_rule}}=INDEX({{prior_words:all}},1,1),{formula},{by_report})"
            if self.plan.room is not None:
                formula = f'IF(OR({{prior_code}}="",{{group_key}}=""),"",{formula})'
        self.add(
            f"p_strength{end}",
            Label("Strength (patients)", "Kaal (patsienti)"),
            self._cells(prior.strength),
            formula,
            "decimal",
        )

    def frozen(self, prior: GroupPrior) -> None:
        """Add the baseline's strength as the incentive takes it: never infinite, so that work moves every value."""
        formula = "IF(ISNUMBER({p_strength0}),{p_strength0},{p_n0}/MAX(1,{p_lists0}))"
        if self.plan.room is not None:
            formula = f'IF(OR({{prior_code}}="",{{group_key}}=""),"",{formula})'
        label = Label("Strength for points", "Kaal punktide jaoks")
        self.add("frozen_strength", label, self._cells(prior.strength), formula, "decimal")
        # Without anybody in the baseline there is neither strength nor a mean to be drawn to.
        pull = np.where(np.isnan(prior.mean), 0.0, prior.strength * prior.mean)
        label = Label("Strength x prior mean", "Kaal x eeljaotuse keskmine")
        formula = "IF(ISNUMBER({p_mean0}),{frozen_strength}*{p_mean0},0)"
        self.add("frozen_pull", label, pull, formula, "decimal", 0.0)

    def _cells(self, strength: Array) -> NDArray[np.object_]:
        found = np.empty(strength.shape, dtype=object)
        for place, value in np.ndenumerate(strength):
            found[place] = strength_cell(self.book, float(value))
        return found


def len_of(plan: Plan) -> str:
    """Return the formula of how many providers there are."""
    assert plan.providers  # noqa: S101  (a table has providers)
    if plan.room is not None:
        return "MAX(1,{lists})"
    return "(ROWS({ind_no:all})/ROWS({code:all}))"
