"""The sheet of results: quality and cost beside every efficiency, its rank and its class."""

from __future__ import annotations

import numpy as np

from xl_qbs.efficiency.classes import CUT_GUARD, classify, cut_offs
from xl_qbs.scoring.ranks import rank
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.efficiency.columns import (
    ABOVE_ROW,
    Above,
    Column,
    add_above,
    add_columns,
    begin_rows,
    rows_of,
)
from xl_qbs.sheets.efficiency.plan import BY_SEARCH, RESULTS, TITLES, Plan
from xl_qbs.sheets.frame import FIRST_ROW, HEADING_ROW
from xl_qbs.sheets.model import Block, Book, Label, Mark, Sheet

_FORMATS = {"conditional_overall": "count", "conditional_within": "count", "cost_effectiveness": "decimal"}


def add_results(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of results; the sheets of the models must stand already."""
    sheet = begin_rows(
        book,
        plan,
        RESULTS,
        Label("Quality, cost and efficiency side by side", "Kvaliteet, kulu ja tõhusus kõrvuti"),
        Label(
            "The models do not agree: look at the last columns before anyone is tiered or paid.",
            "Mudelid ei ole ühel meelel: enne kellegi liigitamist või tasustamist vaadake viimaseid veerge.",
        ),
        tab="C00000",
    )
    found = plan.analysis
    labels = [
        Label("Average from", "Keskmine alates"),
        Label("High from", "Kõrge alates"),
        Label("Guard", "Täpsusvaru"),
        Label("Providers with a value", "Väärtusega osutajaid"),
    ]
    book.write(sheet, (ABOVE_ROW, 1), [[label] for label in labels], "text")
    column = add_columns(
        book,
        sheet,
        plan,
        2,
        [
            Column("shown_quality", Label("Quality", "Kvaliteet"), found.given.quality, "{quality}", "link", "general"),
            Column("shown_cost", Label("Cost", "Kulu"), found.given.cost, "{cost}", "link", "general"),
            Column(
                "shown_z_quality",
                Label("z of quality", "kvaliteedi z"),
                found.standardized.quality,
                "{z_quality}",
                "link",
            ),
            Column(
                "shown_z_cost",
                Label("z of cost performance", "kulutulemuse z"),
                found.standardized.cost,
                "{z_cost}",
                "link",
            ),
        ],
        Label("Quality and cost", "Kvaliteet ja kulu"),
    )
    if found.stars is not None:
        column = add_columns(
            book,
            sheet,
            plan,
            column,
            [
                Column(
                    "shown_stars",
                    Label("Stars (1 to 5)", "Tärnid (1–5)"),
                    found.stars.stars,
                    "{stars}",
                    "link",
                    "count",
                ),
            ],
            Label("Stars", "Tärnid"),
        )
    if plan.columns:
        first = column
        column = _add_efficiencies(book, sheet, plan, column)
        column = _add_ranks(book, sheet, plan, column)
        column = _add_classes(book, sheet, plan, column)
        sheet.breaks = [first - 1 + len(plan.columns), column - len(plan.columns) - 4]
    sheet.filter = f"A{HEADING_ROW}:{column_letter(column - 1)}{FIRST_ROW + plan.room.lists - 1}"
    if plan.columns:
        _add_order(book, sheet, plan, column)
    return sheet


def _add_efficiencies(book: Book, sheet: Sheet, plan: Plan, column: int) -> int:
    """Add every efficiency in one run of columns, so that formulas can count them through."""
    found = plan.analysis
    start = column
    for key, values in found.efficiencies.items():
        by_search = key in BY_SEARCH
        one = Column(
            f"eff_{key}",
            TITLES[key],
            values,
            None if by_search else _linked(key, plan),
            "text" if by_search else "output",
            _FORMATS.get(key, "share"),  # type: ignore[arg-type]
        )
        known = values[~np.isnan(values)]
        low, high = cut_offs(known, plan.analysis.options.class_shares) if len(known) else (0.0, 0.0)
        guard = CUT_GUARD * float(np.ptp(known)) if len(known) else 0.0
        name = f"eff_{key}"
        counted = f"IF(COUNT({{{name}:all}})>0,%s,0)"
        add_above(
            book,
            sheet,
            column,
            [
                Above(
                    ABOVE_ROW, f"{name}_cut_1", float(low), counted % f"PERCENTILE({{{name}:all}},{{class_share_1}})"
                ),
                Above(
                    ABOVE_ROW + 1,
                    f"{name}_cut_2",
                    float(high),
                    counted % f"PERCENTILE({{{name}:all}},{{class_share_2}})",
                ),
                Above(
                    ABOVE_ROW + 2,
                    f"{name}_guard",
                    guard,
                    counted % f"{{cut_guard}}*(MAX({{{name}:all}})-MIN({{{name}:all}}))",
                    "tiny",
                ),
                Above(ABOVE_ROW + 3, f"{name}_count", float(len(known)), f"COUNT({{{name}:all}})", "count"),
            ],
        )
        column = add_columns(book, sheet, plan, column, [one])
    book.write(sheet, (5, start), [[Label("Efficiency (higher is better)", "Tõhusus (suurem on parem)")]], "group")
    sheet.merges.append(f"{column_letter(start)}5:{column_letter(column - 1)}5")
    for name in ("count", "guard"):
        _name_across(book, sheet, name, start, plan)
    _name_together(book, sheet, "eff", start, [rows_of(plan, values) for values in found.efficiencies.values()])
    return column


def _linked(key: str, plan: Plan) -> str:
    """Return a step's result, rounded so that equals tie; an empty one stays empty."""
    rounded = f"ROUND({{{key}}},{{efficiency_decimals}})"
    return f'IF(ISNUMBER({{{key}}}),{rounded},"")' if plan.room.open or key == "cost_effectiveness" else rounded


def _name_together(book: Book, sheet: Sheet, key: str, column: int, columns: list[Array]) -> None:
    """Make columns that stand side by side known as one block, without writing them again."""
    values = np.column_stack([np.asarray(one, dtype=object) for one in columns]) if columns else np.empty((0, 0))
    book.named[key] = Block(key, sheet.name, FIRST_ROW, column, values)


def _name_across(book: Book, sheet: Sheet, name: str, column: int, plan: Plan) -> None:
    """Make the numbers above the columns of efficiency known as one row."""
    blocks = [book.block(f"eff_{key}_{name}") for key in plan.columns]
    values = np.array([[float(block.values[0, 0]) for block in blocks]])
    book.named[f"eff_{name}"] = Block(f"eff_{name}", sheet.name, blocks[0].row, column, values)


def _add_ranks(book: Book, sheet: Sheet, plan: Plan, column: int) -> int:
    columns = []
    for key, values in plan.analysis.efficiencies.items():
        known = ~np.isnan(values)
        ranks = np.full(len(values), np.nan)
        ranks[known] = rank(values[known])
        formula = f"MATCH({{eff_{key}}},{{eff_{key}_order:all}},0)"
        columns.append(
            Column(f"eff_{key}_rank", TITLES[key], ranks, f'IF(ISNUMBER({{eff_{key}}}),{formula},"")', format="count")
        )
    return add_columns(book, sheet, plan, column, columns, Label("Rank (1 = most efficient)", "Koht (1 = tõhusaim)"))


def _add_classes(book: Book, sheet: Sheet, plan: Plan, column: int) -> int:
    start = column
    columns = []
    classes = []
    for key, values in plan.analysis.efficiencies.items():
        known = ~np.isnan(values)
        found = np.full(len(values), np.nan)
        if known.any():
            found[known] = classify(values[known], cut_offs(values[known], plan.analysis.options.class_shares))
        classes.append(found)
        name = f"eff_{key}"
        moved = f"{{{name}}}+{{{name}_guard}}"
        reached = f"IF({moved}>={{{name}_cut_2}},1+1,IF({moved}>={{{name}_cut_1}},1,0))"
        columns.append(
            Column(f"class_{key}", TITLES[key], found, f'IF(ISNUMBER({{{name}}}),{reached},"")', format="count")
        )
    column = add_columns(
        book,
        sheet,
        plan,
        column,
        columns,
        Label("Class (0 low, 1 average, 2 high)", "Klass (0 madal, 1 keskmine, 2 kõrge)"),
    )
    _name_together(book, sheet, "class", start, [rows_of(plan, one) for one in classes])
    table = np.column_stack(classes)
    lowest, highest = np.nanmin(table, axis=1), np.nanmax(table, axis=1)
    extremes = [
        Column("class_lowest", Label("Lowest class", "Madalaim klass"), lowest, "MIN({class:row})", format="count"),
        Column("class_highest", Label("Highest class", "Kõrgeim klass"), highest, "MAX({class:row})", format="count"),
        Column(
            "class_moves",
            Label("Classes apart", "Klasse vahet"),
            highest - lowest,
            "{class_highest}-{class_lowest}",
            "output",
            "count",
        ),
    ]
    after = add_columns(book, sheet, plan, column, extremes, Label("Across models", "Mudelite lõikes"))
    bottom = FIRST_ROW + plan.room.lists - 1
    left, right = column_letter(start), column_letter(column - 1)
    cell = f"{left}{FIRST_ROW}"
    reach = f"{left}{FIRST_ROW}:{right}{bottom}"
    sheet.marks += [
        Mark(reach, f"AND(ISNUMBER({cell}),{cell}=2)", "good"),
        Mark(reach, f"AND(ISNUMBER({cell}),{cell}=0)", "bad"),
        Mark(
            f"{column_letter(after - 1)}{FIRST_ROW}:{column_letter(after - 1)}{bottom}",
            f"AND(ISNUMBER({column_letter(after - 1)}{FIRST_ROW}),{column_letter(after - 1)}{FIRST_ROW}=2)",
            "warn",
        ),
    ]
    return after


def _add_order(book: Book, sheet: Sheet, plan: Plan, column: int) -> None:
    """Add every efficiency from the best down, where ranks are looked up."""
    columns = []
    for key, values in plan.analysis.efficiencies.items():
        ordered = np.full(len(values), np.nan)
        known = np.sort(values[~np.isnan(values)])[::-1]
        ordered[: len(known)] = known
        formula = f"LARGE({{eff_{key}:all}},{{order_no}})"
        if plan.room.open or len(known) < len(values) or key == "cost_effectiveness":
            formula = f'IF({{order_no}}<=COUNT({{eff_{key}:all}}),{formula},"")'
        columns.append(Column(f"eff_{key}_order", TITLES[key], ordered, formula, guard=False))
    sheet.breaks.append(column - 1)
    add_columns(book, sheet, plan, column, columns, Label("From the best down", "Parimast alates"))
