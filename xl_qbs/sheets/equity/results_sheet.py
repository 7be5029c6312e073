"""The sheet of results: a row a provider, its largest gap on each indicator, and its equity points."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.equity.columns import FIRST_ROW, GROUP_ROW, HEADING_ROW, begin_table, keep_together, mute, number
from xl_qbs.sheets.equity.plan import RESULTS, Plan
from xl_qbs.sheets.frame import texts
from xl_qbs.sheets.model import Block, Book, Format, Kind, Label, Mark, Sheet

_WEIGHT_ROW = 4


def add_results(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of results; those of gaps and points must stand already."""
    sheet = begin_table(
        book,
        RESULTS,
        Label("Equity by provider", "Võrdsus osutajate kaupa"),
        Label(
            "Largest gap of each indicator; blank: refused, and the sheet Gates says why.",
            "Iga indikaatori suurim lõhe; tühi: keeldutud, põhjus on lehel Väravad.",
        ),
        "C00000",
    )
    sheet.freeze = f"B{FIRST_ROW}"
    sheet.widths = {1: 26}
    sheet.print_titles = f"$A:$A,${GROUP_ROW}:${HEADING_ROW}"
    book.write(sheet, (HEADING_ROW, 1), [[Label("Provider", "Osutaja")]], "heading")
    names, linked = plan.by_provider(texts(plan.providers)), "{provider_rows__0}"
    if plan.room is not None:
        linked += '&""'
    book.add(sheet, "provider", (FIRST_ROW, 1), names, linked, kind="label", format="text")
    writer = _Writer(book, sheet, plan)
    gaps = book.block("worst").values.reshape(plan.places[1], -1).T
    first = writer.column
    writer.across(
        "r_gap",
        Label("Largest gap", "Suurim lõhe"),
        gaps,
        "worst",
        "share",
    )
    known = ~np.isnan(gaps)
    worse = np.nansum(book.block("worse_count").values.reshape(plan.places[1], -1).T, axis=1)
    writer.single(
        "r_compared",
        Label("Indicators compared", "Võrreldud indikaatoreid"),
        known.sum(axis=1),
        "COUNT({r_gap:row})",
        "count",
    )
    parts = ",".join(f"{{worse_count__{i}}}" for i in range(plan.places[1]))
    label = Label("Groups worse beyond chance", "Üle juhuse halvemaid rühmi")
    worse = np.where(known.any(axis=1), worse, np.nan)
    writer.single("r_worse", label, worse, f'IF({{r_compared}}>0,SUM({parts}),"")', "count", "output")
    if plan.analysis.points is not None:
        _add_totals(book, sheet, plan, writer)
    bottom = FIRST_ROW + plan.places[0] - 1
    sheet.filter = f"A{HEADING_ROW}:{column_letter(writer.column - 1)}{bottom}"
    letter = column_letter(first + plan.places[1] + 1)
    cell = f"{letter}{FIRST_ROW}"
    sheet.marks.append(Mark(f"{cell}:{letter}{bottom}", f"AND(ISNUMBER({cell}),{cell}>0)", "bad"))
    if plan.room is not None:
        block = book.block("r_weight")
        start = column_letter(block.column)
        reach = f"{start}{_WEIGHT_ROW}:{column_letter(block.column + block.columns - 1)}{_WEIGHT_ROW}"
        sheet.marks.append(Mark(reach, f'{start}${HEADING_ROW}=""', "unused"))
        mute(sheet, plan.places[0], writer.column - 1, f'OR($A{FIRST_ROW}="",A${HEADING_ROW}="")')
    return sheet


def _add_totals(book: Book, sheet: Sheet, plan: Plan, writer: _Writer) -> None:
    """Add points by indicator, their total, and the floor under it."""
    found = plan.analysis
    assert found.points is not None  # noqa: S101  (asked for only with points)
    book.write(sheet, (_WEIGHT_ROW, 1), [[Label("Weight of the indicator", "Indikaatori kaal")]], "text")
    weights = plan.by_indicator(found.weights, 1.0)
    for i, weight in enumerate(weights):
        where = (_WEIGHT_ROW, writer.column + i)
        taken = f"INDEX({{weight:all}},{number(i + 1)})"
        book.add(sheet, f"r_weight__{i}", where, np.array([weight]), taken, format="general")
    block = Block("r_weight", sheet.name, _WEIGHT_ROW, writer.column, weights.reshape(1, -1))
    book.named["r_weight"] = block
    label = Label("Equity points, 0 to 10", "Võrdsuspunktid, 0–10")
    writer.across("r_points", label, plan.by_provider(found.points.indicator), "indicator_points", "decimal")
    weighted = 'SUMPRODUCT(({r_points:row}<>"")*{r_weight:all})'
    total = f'IF({weighted}>0,SUMPRODUCT({{r_points:row}},{{r_weight:all}})/{weighted},"")'
    writer.single("r_total", Label("Total", "Kokku"), plan.by_provider(found.points.total), total, "decimal", "output")
    if found.earlier is not None and found.kept is not None:
        writer.single(
            "r_earlier", Label("Earlier points", "Varasemad punktid"), found.earlier, None, "decimal", "input"
        )
        kept = "IF(ISNUMBER({r_total}),MAX({r_total},{floor}*{r_earlier}),{floor}*{r_earlier})"
        writer.single("r_kept", Label("With the floor", "Koos põrandaga"), found.kept, kept, "decimal", "output")


class _Writer:
    """Adds columns with a row a provider, one behind the other."""

    def __init__(self, book: Book, sheet: Sheet, plan: Plan) -> None:
        self.book, self.sheet, self.plan, self.column = book, sheet, plan, 2

    def across(self, key: str, label: Label, values: NDArray[Any], source: str, how: Format) -> None:
        """Add a column an indicator, each linked to the rows of that indicator on another sheet."""
        book, sheet, column = self.book, self.sheet, self.column
        codes = self.plan.by_indicator(texts(self.plan.indicators)).tolist()
        keep_together(sheet, column, len(codes))
        book.write(sheet, (GROUP_ROW, column), [[label]], "group")
        if len(codes) > 1:
            sheet.merges.append(
                f"{column_letter(column)}{GROUP_ROW}:{column_letter(column + len(codes) - 1)}{GROUP_ROW}"
            )
        if self.plan.room is None:
            book.write(sheet, (HEADING_ROW, column), [codes], "heading")
        for i, code in enumerate(codes if self.plan.room is not None else ()):
            shown, head = np.array([code], dtype=object), f'INDEX({{code_key:all}},{number(i + 1)})&""'
            where = HEADING_ROW, column + i
            book.add(sheet, f"{key}_head__{i}", where, shown, head, kind="heading", format="text")
        for i in range(len(codes)):
            formula = f"{{{source}__{i}}}"
            book.add(sheet, f"{key}__{i}", (FIRST_ROW, column + i), values[:, i], formula, kind="link", format=how)
        book.named[key] = Block(key, sheet.name, FIRST_ROW, column, values)
        self.column += len(codes)

    def single(
        self,
        key: str,
        label: Label,
        values: NDArray[Any],
        formula: str | None,
        how: Format,
        kind: Kind = "calculation",
    ) -> None:
        """Add one column."""
        keep_together(self.sheet, self.column, 1)
        self.book.write(self.sheet, (HEADING_ROW, self.column), [[label]], "heading")
        cells = np.asarray(values, dtype=np.float64)
        self.book.add(self.sheet, key, (FIRST_ROW, self.column), cells, formula, kind=kind, format=how)
        self.column += 1
