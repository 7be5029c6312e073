"""A template's sheet of targets: threshold and benchmark of points from the baseline, step by step."""

from __future__ import annotations

from typing import Any

import numpy as np

from xl_qbs.scoring.table import Array
from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.equity.columns import (
    FIRST_ROW,
    GROUP_ROW,
    HEADING_ROW,
    Column,
    add_columns,
    begin_rows,
    by_indicator,
    finish,
    number,
)
from xl_qbs.sheets.equity.plan import TARGETS, Plan
from xl_qbs.sheets.equity.template_parameters import BEST_SHARE
from xl_qbs.sheets.frame import texts
from xl_qbs.sheets.model import Block, Book, Format, Label, Mark, Sheet


def add_targets(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of targets; those of gates and trend must stand already."""
    sheet = begin_rows(
        book,
        plan,
        TARGETS,
        Label("Targets of points, from the baseline", "Punktide sihid baasperioodist"),
        Label(
            "Threshold: median of the disadvantaged groups. Benchmark: mean of the best providers, all their patients.",
            "Lävi: ebasoodsas olukorras rühmade mediaan. Siht: parimate osutajate keskmine, kõik patsiendid.",
        ),
        tab="548235",
    )
    groups, everybody = _values(plan)
    columns = [
        Column(
            "of_disadvantaged",
            Label("Coverage in the baseline, disadvantaged", "Hõlmatus baasperioodis, ebasoodsas olukorras"),
            plan.rows(groups),
            'IF(AND({disadvantaged}=1,{group_ok0}=1),{value0},"")',
        ),
        Column(
            "of_everybody",
            Label("Coverage in the baseline, all known", "Hõlmatus baasperioodis, kõik teada"),
            plan.rows(everybody),
            'IF({ok0}=1,SUM({counted0:row})/{known0},"")',
        ),
    ]
    column = add_columns(book, sheet, plan, 3, columns)
    finish(sheet, plan, column - 1)
    for key in ("of_disadvantaged", "of_everybody"):
        by_indicator(book, plan, key)
    _Steps(book, sheet, plan, column + 1).add(groups, everybody)
    return sheet


def _values(plan: Plan) -> tuple[Array, Array]:
    """Return the baseline's values of the disadvantaged groups, (P, I, G), and of all patients, (P, I)."""
    before, passed = plan.analysis.before, plan.analysis.passed_before
    assert before is not None  # noqa: S101  (a template has one, even if it is empty)
    assert passed is not None  # noqa: S101
    groups = np.where(passed.group_ok & plan.disadvantaged, before.value, np.nan)
    return groups, np.where(passed.ok, before.pooled(2), np.nan)


class _Steps:
    """Adds the providers from the best down, and the targets, beside the rows."""

    def __init__(self, book: Book, sheet: Sheet, plan: Plan, column: int) -> None:
        self.book, self.sheet, self.plan, self.column = book, sheet, plan, column

    def add(self, groups: Array, everybody: Array) -> None:
        """Add both."""
        count = len(self.plan.indicators)
        known = [one[~np.isnan(one)] for one in everybody.T]
        best = np.array([np.ceil(BEST_SHARE * len(one)) for one in known])
        ordered = np.full(everybody.shape, np.nan)
        taken = np.full(count, np.nan)
        for i, one in enumerate(known):
            top = np.sort(one)[::-1][: int(best[i])]
            ordered[: len(top), i] = top
            taken[i] = top.mean() if len(top) else np.nan
        flat = [one[~np.isnan(one)] for one in np.moveaxis(groups, 1, 0)]
        middle = np.array([np.median(one) if len(one) else np.nan for one in flat])
        counts = np.array([float(len(one)) for one in known])
        self._order(ordered)
        self._targets(counts, best, middle, taken)

    def _order(self, ordered: Array) -> None:
        """Add the best share of providers of each indicator, from the best down."""
        book, sheet, plan = self.book, self.sheet, self.plan
        providers, indicators, _ = plan.places
        sheet.breaks.append(self.column - 1)
        book.write(sheet, (HEADING_ROW, self.column), [[Label("No.", "Nr")]], "heading")
        numbers = np.arange(1.0, providers + 1)
        book.add(sheet, "best_order_no", (FIRST_ROW, self.column), numbers, format="count")
        self.column += 1
        label = Label("The best providers, from the best down", "Parimad osutajad, parimast alates")
        book.write(sheet, (GROUP_ROW, self.column), [[label]], "group")
        if indicators > 1:
            right = column_letter(self.column + indicators - 1)
            sheet.merges.append(f"{column_letter(self.column)}{GROUP_ROW}:{right}{GROUP_ROW}")
        codes, values = plan.by_indicator(texts(plan.indicators)), plan.by_provider(ordered)
        for i in range(indicators):
            head = f'INDEX({{code_key:all}},{number(i + 1)})&""'
            shown = np.array([codes[i]], dtype=object)
            at = self.column + i
            book.add(sheet, f"best_head__{i}", (HEADING_ROW, at), shown, head, kind="heading", format="text")
            place = f"INDEX({{best_count:all}},{number(i + 1)})"
            formula = f'IF({{best_order_no}}<={place},LARGE({{of_everybody__{i}:all}},{{best_order_no}}),"")'
            book.add(sheet, f"best__{i}", (FIRST_ROW, at), values[:, i], formula, format="share")
        reach = f"{column_letter(self.column)}{HEADING_ROW}:{column_letter(self.column + indicators - 1)}{HEADING_ROW}"
        sheet.marks.insert(0, Mark(reach, f'{column_letter(self.column)}${HEADING_ROW}=""', "unused"))
        self.column += indicators + 1

    def _targets(self, counts: Array, best: Array, middle: Array, taken: Array) -> None:
        """Add the targets, a row an indicator."""
        book, sheet, plan = self.book, self.sheet, self.plan
        sheet.breaks.append(self.column - 1)
        codes = plan.by_indicator(texts(plan.indicators))
        book.write(sheet, (HEADING_ROW, self.column), [[Label("Indicator", "Indikaator")]], "heading")
        sheet.widths[self.column] = 16
        book.add(sheet, "target_code", (FIRST_ROW, self.column), codes, '{code_key}&""', format="text")
        columns: tuple[tuple[str, Label, Array, str, Any, Format], ...] = (
            (
                "best_known",
                Label("Providers that pass the gates", "Väravad läbinud osutajaid"),
                counts,
                "COUNT({of_everybody__%d:all})",
                0.0,
                "count",
            ),
            (
                "best_count",
                Label("Of these the best", "Neist parimaid"),
                best,
                "MIN(COUNT({of_everybody__%d:all}),-INT(-{best_share}*COUNT({of_everybody__%d:all})))",
                0.0,
                "count",
            ),
            (
                "frozen_threshold",
                Label("Threshold: median", "Lävi: mediaan"),
                middle,
                'IF(COUNT({of_disadvantaged__%d:all})>0,MEDIAN({of_disadvantaged__%d:all}),"")',
                None,
                "share",
            ),
            (
                "frozen_goal",
                Label("Benchmark: mean of the best", "Siht: parimate keskmine"),
                taken,
                'IF(COUNT({best__%d:all})>0,AVERAGE({best__%d:all}),"")',
                None,
                "share",
            ),
        )
        for place, (key, label, values, formula, empty, how) in enumerate(columns, start=self.column + 1):
            book.write(sheet, (HEADING_ROW, place), [[label]], "heading")
            shown = plan.by_indicator(values, empty)
            for i, value in enumerate(shown):
                own = formula.replace("%d", str(i))
                book.add(sheet, f"{key}__{i}", (FIRST_ROW + i, place), np.array([value]), own, format=how)
            book.named[key] = Block(key, sheet.name, FIRST_ROW, place, shown.reshape(-1, 1))
