"""A template's counts of each group: found among the rows of its sheets of data, wherever they were pasted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xl_qbs.equity.group_table import Groups, GroupTable
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.equity.columns import Column, add_columns
from xl_qbs.sheets.equity.data_sheet import APART, read_rows
from xl_qbs.sheets.equity.plan import DataRows, Plan
from xl_qbs.sheets.model import Book, Label, Sheet

NO_ROW = 'OR({provider_rows}="",{indicator_rows}="")'


def add_found(book: Book, sheet: Sheet, plan: Plan, column: int) -> int:
    """Add the counts of both periods, and return the first column behind them."""
    assert plan.room is not None  # noqa: S101  (only a template has sheets of data)
    providers, indicators, groups = plan.places
    numbers = np.tile(np.arange(1.0, providers + 1), indicators)
    base = np.arange(0.0, plan.size) * (groups + APART)
    columns = [
        Column("list_row_no", Label("Provider no.", "Osutaja nr"), numbers, None, "count"),
        Column("base", Label("Places before", "Kohti enne"), base, None, "count"),
    ]
    column = add_columns(book, sheet, plan, column, columns)
    before = plan.analysis.before
    assert before is not None  # noqa: S101  (a template has one, even if it is empty)
    column = _add_counts(book, sheet, plan, column, plan.analysis.now, plan.room.now, "")
    return _add_counts(book, sheet, plan, column, before, plan.room.before, "0")


def _add_counts(book: Book, sheet: Sheet, plan: Plan, column: int, table: Groups, rows: DataRows, end: str) -> int:
    """Add one period, the keys of whose blocks end so."""
    assert isinstance(table, GroupTable)  # noqa: S101  (a template has no means)
    assert plan.room is not None  # noqa: S101
    when = Label(" of the baseline", ", baasperiood") if end else Label("", "")
    at = _rows_at(book, plan, rows)
    own, apart = at[:, : plan.places[2]], at[:, plan.places[2] :]
    counted = np.where(apart[:, 1] > 0, rows.n[apart[:, 1].astype(np.intp) - 1] if len(rows.n) else 0.0, 0.0)
    total = np.full(plan.analysis.now.shape[:2], np.nan) if table.total is None else table.total

    def label(english: str, estonian: str) -> Label:
        return Label(english + when.en, estonian + when.et)

    def taken(what: str, where: str) -> str:
        return f"IF({{{where}{end}}}>0,INDEX({{d_{what}{end}:all}},{{{where}{end}}}),0)"

    def found(which: str, needed: str) -> str:
        place = f"IFERROR(MATCH({{base}}+{{{which}}},{{d_used{end}:all}},0),0)"
        return f'IF(OR({{provider_rows}}="",{{indicator_rows}}="",{{{needed}}}=""),0,{place})'

    known = f"SUM({{n{end}:row}})+{{unknown{end}}}"
    anything = f'IF(AND({{unknown_key}}<>"",MAX({{at{end}:row}},{{unknown_at{end}}})>0),{known},"")'
    columns = [
        Column(
            f"n{end}", label("Patients", "Patsiente"), plan.rows(table.patients, 0.0), taken("n", "at"), "count", "link"
        ),
        Column(
            f"x{end}",
            label("Work done", "Tehtud"),
            plan.rows(np.nan_to_num(table.x), 0.0),
            taken("x", "at"),
            "count",
            "link",
        ),
        Column(
            f"counted{end}",
            label("Counted as done", "Tehtuna arvestatud"),
            plan.rows(table.counted, 0.0),
            f"MIN({{x{end}}},{{n{end}}})",
            "count",
        ),
        Column(
            f"unknown{end}",
            label("Group not known", "Rühm teadmata"),
            counted,
            taken("n", "unknown_at"),
            "count",
            "link",
        ),
        Column(
            f"total{end}",
            label("All patients", "Kõik patsiendid"),
            plan.rows(total),
            f"IF({{all_at{end}}}>0,INDEX({{d_n{end}:all}},{{all_at{end}}}),{anything})",
            "count",
            "link",
        ),
        Column(f"at{end}", label("Row of the data", "Andmete rida"), own, found("group_no", "group_key"), "count"),
        Column(
            f"all_at{end}",
            label("Row of all patients", "Kõigi patsientide rida"),
            apart[:, 0],
            found("all_no", "all_key"),
            "count",
        ),
        Column(
            f"unknown_at{end}",
            label("Row of unknown group", "Teadmata rühma rida"),
            apart[:, 1],
            found("unknown_no", "unknown_key"),
            "count",
        ),
    ]
    return add_columns(book, sheet, plan, column, columns)


def _rows_at(book: Book, plan: Plan, rows: DataRows) -> NDArray[np.float64]:
    """Return which row of the data each place is found in, from 1, shape (R, G + 2); 0 where there is none."""
    width = plan.places[2] + APART
    found: Array = np.zeros(plan.size * width)
    place = read_rows(book, plan, rows).place
    there = ~np.isnan(place)
    found[place[there].astype(np.intp) - 1] = np.flatnonzero(there) + 1.0
    return found.reshape(-1, width)
