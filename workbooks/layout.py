"""The look of the example workbooks, and the indicator table with its live formulas."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_range, xl_range_abs, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from xl_qbs.scheme import Indicator, Scheme

# Written into every file instead of the time of building, so that building again gives the same bytes.
CREATED = datetime.datetime(2025, 3, 1, tzinfo=datetime.UTC).replace(tzinfo=None)

# Rows as in the fund's workbooks, counted from 0: headings stand on row 10.
POINTS_ROW, REQUIRED_ROW, MEAN_ROW, GROUP_ROW, HEADING_ROW = 4, 5, 6, 8, 9
FIRST_ROW = HEADING_ROW + 1
COUNT_HEADINGS = ("Sihtrühm\nTarget", "Tehtud\nDone", "Hõlmatus\nCoverage", "Punktid\nPoints")
COUNT_WIDTHS = (8.8, 7.3, 9.2, 7.5)

NAVY, LIGHT, PALE, GREY, INPUT = "#1F3864", "#DCE6F1", "#EEF3F9", "#7F7F7F", "#FFF9E1"


FONT = {"font_name": "Arial", "font_size": 10}

# Target and work done: for each indicator's code a count for each list.
Counts = tuple[Mapping[str, Sequence[int]], Mapping[str, Sequence[int]]]


@dataclass(frozen=True)
class Column:
    """A column that describes the list: heading, one value a list, width, format; possibly hidden."""

    heading: str
    values: Sequence[Any]
    width: float
    style: str = "text"
    hidden: bool = False


@dataclass(frozen=True)
class Place:
    """Where a written table stands: its last row and column, the columns of the targets and of the total.

    Without a result the total is the column after the last one.
    """

    last_row: int
    last_column: int
    targets: Mapping[str, int]
    total: int

    def column(self, first: int, last: int | None = None) -> str:
        """Return the rows of the lists in a column or in several, such as ``E11:E797``."""
        return xl_range(FIRST_ROW, first, self.last_row, first if last is None else last)


class Book:
    """A workbook under construction, with its named formats."""

    def __init__(self, path: Path, title: str, subject: str) -> None:
        # The default font sets the unit of column widths: Arial's is the same in Excel and elsewhere.
        options = {"in_memory": True, "default_format_properties": FONT}
        self.file = Workbook(str(path), options)
        self.file.set_properties(
            {
                "title": title,
                "subject": subject,
                "author": "xl_qbs",
                "comments": "Built by workbooks/build.py",
                "created": CREATED,
            }
        )
        self._formats: dict[str, Any] = {}

    def style(self, name: str) -> Any:
        """Return the format that `STYLES` describes under this name."""
        if name not in self._formats:
            self._formats[name] = self.file.add_format({**FONT, "valign": "vcenter", **STYLES[name]})
        return self._formats[name]


_LINE = {"bottom": 4, "bottom_color": "#BFBFBF"}
_EDGE = {"left": 1, "left_color": "#8EA9DB"}
_HEAD = {"bold": True, "text_wrap": True, "align": "center", "border": 1, "border_color": "#8EA9DB"}
_SUM = {"bold": True, "top": 1, "bottom": 6, "bg_color": PALE, "align": "right"}
_ABOVE = {"align": "right", "border": 1, "border_color": "#BFBFBF"}
STYLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16, "font_color": NAVY},
    "domain": {"bold": True, "font_size": 12, "font_color": NAVY},
    "source": {"italic": True, "font_color": GREY},
    "label": {"bold": True},
    "points above": {**_ABOVE, "bg_color": INPUT, "num_format": "0"},
    "required above": {**_ABOVE, "bg_color": INPUT, "num_format": "0%"},
    "mean above": {**_ABOVE, "num_format": "0.0%"},
    "group": {**_HEAD, "bg_color": LIGHT, "font_color": NAVY},
    "group other": {**_HEAD, "bg_color": "#F2F2F2", "font_color": NAVY},
    # Aligned to the top: the filter's button covers the bottom of the cell.
    "heading": {**_HEAD, "bg_color": NAVY, "font_color": "#FFFFFF", "valign": "top"},
    "text": {**_LINE},
    "code": {**_LINE, "align": "center", "num_format": "0"},
    "count": {**_LINE, "align": "right", "num_format": "#,##0"},
    "target": {**_LINE, **_EDGE, "align": "right", "num_format": "#,##0"},
    "age": {**_LINE, "align": "right", "num_format": "0.0"},
    "coverage": {**_LINE, "align": "right", "num_format": "0.0%"},
    "points": {**_LINE, "align": "right", "num_format": "0_ "},
    "total": {**_LINE, **_EDGE, "align": "right", "num_format": "0_ ", "bold": True},
    "sum text": {**_SUM, "align": "left"},
    "sum": {**_SUM, "num_format": "#,##0"},
    "sum coverage": {**_SUM, "num_format": "0.0%"},
    "note": {"italic": True, "font_color": GREY},
    "prose": {"text_wrap": True, "valign": "top"},
    "term": {"bold": True, "text_wrap": True, "valign": "top"},
    "warning": {
        "text_wrap": True,
        "bold": True,
        "bg_color": "#FCE4D6",
        "border": 1,
        "border_color": "#C65911",
        "font_color": "#833C0B",
        "font_size": 11,
        "indent": 1,
    },
    "section": {"bold": True, "font_size": 12, "font_color": NAVY, "bottom": 2, "bottom_color": NAVY},
    "figure": {"align": "left", "num_format": "#,##0"},
    "figure decimal": {"align": "left", "num_format": "0.0"},
    "scheme heading": {**_HEAD, "bg_color": NAVY, "font_color": "#FFFFFF", "valign": "vcenter"},
    "scheme text": {**_ABOVE, "align": "left"},
}


def write_table(
    book: Book,
    sheet: Worksheet,
    scheme: Scheme,
    columns: Sequence[Column],
    counts: Counts,
    *,
    result: bool = True,
) -> Place:
    """Write headings and lists: points and required coverage above, the groups of four, total and rank."""
    target, done = counts
    last_row = FIRST_ROW + len(columns[0].values) - 1
    for column, entry in enumerate(columns):
        sheet.set_column(column, column, entry.width, None, {"hidden": entry.hidden})
        sheet.write_string(HEADING_ROW, column, entry.heading, book.style("heading"))
        for row, value in enumerate(entry.values, start=FIRST_ROW):
            _write(sheet, row, column, value, book.style(entry.style))
    for row, text in (
        (POINTS_ROW, "Punkte kokku / Points"),
        (REQUIRED_ROW, "Nõutav hõlmatus / Required coverage"),
        (MEAN_ROW, "Keskmine hõlmatus / Mean coverage"),
    ):
        sheet.write_string(row, 0, text, book.style("label"))

    earned = np.zeros(last_row - FIRST_ROW + 1)
    targets = {}
    for place, indicator in enumerate(scheme.indicators):
        first = targets[indicator.code] = len(columns) + 4 * place
        names = f"{indicator.name_et}\n{indicator.name}"
        group = book.style("group other" if place % 2 else "group")
        sheet.merge_range(GROUP_ROW, first, GROUP_ROW, first + 3, names, group)
        earned += _write_group(book, sheet, first, indicator, np.array([target[indicator.code], done[indicator.code]]))
    total = len(columns) + 4 * len(scheme.indicators)
    where = Place(last_row, total + 1 if result else total - 1, targets, total)
    if result:
        _write_result(book, sheet, where, earned)
    for row, height in ((0, 24), (1, 18), (GROUP_ROW, 56), (HEADING_ROW, 50)):
        sheet.set_row(row, height)
    return where


def _write_group(
    book: Book,
    sheet: Worksheet,
    first: int,
    indicator: Indicator,
    counts: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Write an indicator's four columns and what stands above them; return the points that it gave."""
    n, x = counts
    coverage = np.divide(x, n, out=np.full(len(n), np.nan), where=n > 0)
    points = np.where(coverage >= indicator.required_coverage - 1e-9, indicator.points, 0.0)
    last_row = FIRST_ROW + len(n) - 1
    for offset, (heading, width) in enumerate(zip(COUNT_HEADINGS, COUNT_WIDTHS, strict=True)):
        sheet.set_column(first + offset, first + offset, width)
        sheet.write_string(HEADING_ROW, first + offset, heading, book.style("heading"))

    above = first + 3
    sheet.write_number(POINTS_ROW, above, indicator.points, book.style("points above"))
    sheet.write_number(REQUIRED_ROW, above, indicator.required_coverage, book.style("required above"))
    mean = f"=AVERAGE({xl_range(FIRST_ROW, first + 2, last_row, first + 2)})"
    sheet.write_formula(MEAN_ROW, above, mean, book.style("mean above"), float(np.nanmean(coverage)))

    required = xl_rowcol_to_cell(REQUIRED_ROW, above, row_abs=True)
    worth = xl_rowcol_to_cell(POINTS_ROW, above, row_abs=True)
    for index in range(len(n)):
        row = FIRST_ROW + index
        n_cell, x_cell, c_cell = (xl_rowcol_to_cell(row, first + offset) for offset in range(3))
        value = "" if np.isnan(coverage[index]) else float(coverage[index])
        sheet.write_number(row, first, int(n[index]), book.style("target"))
        sheet.write_number(row, first + 1, int(x[index]), book.style("count"))
        formula = f'=IF({n_cell}=0,"",{x_cell}/{n_cell})'
        sheet.write_formula(row, first + 2, formula, book.style("coverage"), value)
        # N() because a text, such as the blank of a list with no target, counts as more than any number.
        formula = f"=IF(N({c_cell})>={required},{worth},0)"
        sheet.write_formula(row, first + 3, formula, book.style("points"), float(points[index]))
    return points


def _write_result(book: Book, sheet: Worksheet, where: Place, earned: NDArray[np.float64]) -> None:
    total = where.total
    sheet.merge_range(GROUP_ROW, total, GROUP_ROW, total + 1, "Tulemus\nResult", book.style("group"))
    headings = ("II valdkond kokku\nDomain II total", "Koht\nRank")
    for offset, (heading, width) in enumerate(zip(headings, (12.5, 7.3), strict=True)):
        sheet.set_column(total + offset, total + offset, width)
        sheet.write_string(HEADING_ROW, total + offset, heading, book.style("heading"))
    all_totals = xl_range_abs(FIRST_ROW, total, where.last_row, total)
    for index, value in enumerate(earned):
        row = FIRST_ROW + index
        parts = "+".join(xl_rowcol_to_cell(row, column + 3) for column in where.targets.values())
        rank = 1 + int((earned > value).sum())
        cell = xl_rowcol_to_cell(row, total)
        sheet.write_formula(row, total, f"={parts}", book.style("total"), float(value))
        sheet.write_formula(row, total + 1, f"=RANK({cell},{all_totals})", book.style("points"), rank)


def _write(sheet: Worksheet, row: int, column: int, value: Any, style: Any) -> None:
    """Write a text as a text whatever it begins with, a number as a number."""
    if isinstance(value, str):
        if value:
            sheet.write_string(row, column, value, style)
        else:
            sheet.write_blank(row, column, None, style)
    else:
        sheet.write_number(row, column, value, style)


def write_totals(book: Book, sheet: Worksheet, where: Place, counts: Counts) -> int:
    """Write the sums, and coverage over all lists together, under a blank row; return their row."""
    row = where.last_row + 2
    for column in range(where.last_column + 1):
        sheet.write_blank(row, column, None, book.style("sum"))
    sheet.write_string(row, 0, "Kokku / Total", book.style("sum text"))
    for code, column in where.targets.items():
        sums = tuple(int(np.sum(count[code])) for count in counts)
        for offset, value in enumerate(sums):
            formula = f"=SUM({where.column(column + offset)})"
            sheet.write_formula(row, column + offset, formula, book.style("sum"), value)
        n_cell, x_cell = (xl_rowcol_to_cell(row, column + offset) for offset in range(2))
        formula = f'=IF({n_cell}=0,"",{x_cell}/{n_cell})'
        sheet.write_formula(row, column + 2, formula, book.style("sum coverage"), sums[1] / sums[0])
    return row
