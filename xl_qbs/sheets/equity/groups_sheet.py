"""The sheet of groups: patients and work done of each group, linked to the user's own cells."""

from __future__ import annotations

import numpy as np

from xl_qbs.equity.group_table import GroupMeans, Groups, GroupTable
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.equity.columns import Column, add_columns, begin_rows, finish
from xl_qbs.sheets.equity.found import add_found
from xl_qbs.sheets.equity.plan import GROUPS, PeriodCells, Plan
from xl_qbs.sheets.model import Book, Label, Sheet

_FOUND = Label(
    "Green: found in the rows of your data. Where these say nothing of a group, it has 0 patients.",
    "Roheline: leitud teie andmete ridadest. Kus need rühmast ei räägi, on 0 patsienti.",
)


def add_groups(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of groups; the sheet of parameters must stand already."""
    sheet = begin_rows(
        book,
        plan,
        GROUPS,
        Label("Patients and values of each group", "Iga rühma patsiendid ja väärtused"),
        _FOUND
        if plan.room is not None
        else Label(
            "Green: your own cells. Where your table says nothing of a group, it has 0 patients.",
            "Roheline: teie enda lahtrid. Kus tabel rühmast ei räägi, on 0 patsienti.",
        ),
    )
    providers, indicators, _ = plan.places
    numbers = np.repeat(np.arange(1.0, indicators + 1), providers)
    column = add_columns(
        book, sheet, plan, 3, [Column("ind_no", Label("Indicator no.", "Indikaatori nr"), numbers, None, "count")]
    )
    if plan.room is not None:
        column = add_found(book, sheet, plan, column)
    if plan.now is not None:
        column = _add_period(book, sheet, plan, column, plan.analysis.now, plan.now, "")
    if plan.before is not None and plan.analysis.before is not None:
        column = _add_period(book, sheet, plan, column, plan.analysis.before, plan.before, "0")
    finish(sheet, plan, column - 1)
    return sheet


def _add_period(book: Book, sheet: Sheet, plan: Plan, column: int, table: Groups, cells: PeriodCells, end: str) -> int:
    """Add one period, the keys of whose blocks end so, and return the first column behind it."""
    when = f" {table.period}" if table.period else ""
    columns = [_linked(f"n{end}", "n", Label(f"Patients{when}", f"Patsiente{when}"), table.n, plan, "count")]
    if isinstance(table, GroupTable):
        columns.append(_linked(f"x{end}", "x", Label(f"Work done{when}", f"Tehtud{when}"), table.x, plan, "count"))
        label = Label(f"Counted as done{when}", f"Tehtuna arvestatud{when}")
        counted = plan.rows(table.counted)
        columns.append(Column(f"counted{end}", label, counted, f"MIN({{x{end}}},{{n{end}}})", "count"))
    elif isinstance(table, GroupMeans):
        columns += [
            _linked(f"mean{end}", "mean", Label(f"Mean{when}", f"Keskmine{when}"), table.mean, plan, "general"),
            _linked(f"sd{end}", "sd", Label(f"Deviation{when}", f"Hälve{when}"), table.sd, plan, "general"),
        ]
    total = np.full(plan.size, np.nan) if table.total is None else plan.rows(table.total)
    label = Label(f"All patients{when}", f"Kõik patsiendid{when}")
    if cells.unknown is not None:
        known = f"SUM({{n{end}:row}},{{unknown{end}:row}})"
        columns.append(
            Column(
                f"unknown{end}",
                Label(f"Group not known{when}", f"Rühm teadmata{when}"),
                cells.unknown_n,
                f"{{source_unknown{end}}}",
                "count",
                "link",
                plan.unknown,
            )
        )
        # Where the table has no row at all, all patients are not stated.
        anything = (cells.n.cell_rows > 0).any(axis=1) | (cells.unknown.cell_rows > 0).any(axis=1)
        stated = anything.astype(float)
        columns.append(Column(f"stated{end}", Label("Stated", "Teada"), stated, None, "count"))
        columns.append(Column(f"total{end}", label, total, f'IF({{stated{end}}}=1,{known},"")', "count"))
    elif cells.total is not None:
        columns.append(Column(f"total{end}", label, total, f"{{source_total{end}}}", "count", "link"))
    else:
        columns.append(Column(f"total{end}", label, total, None, "count"))
    return add_columns(book, sheet, plan, column, columns)


def _linked(key: str, role: str, label: Label, values: Array, plan: Plan, how: str) -> Column:
    source = f"{{source_{role}{key.removeprefix(role)}}}"
    shown = plan.rows(np.nan_to_num(values))
    return Column(key, label, shown, source, "count" if how == "count" else "general", "link")
