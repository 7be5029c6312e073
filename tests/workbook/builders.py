"""Small workbooks for the tests of reading."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from xl_qbs.scheme import Indicator, Scheme

SCHEME = Scheme(
    name="Two",
    indicators=(
        Indicator("diab", "II", "Diabetes: monitoring", 65, 0.76, "Diabeedi jälgimine", aliases=("Diabetes",)),
        Indicator("hyp", "II", "Hypertension", 90, 0.7, "Hüpertensioon", aliases=("Kõrgvererõhktõbi",)),
    ),
)
HEADINGS = ["List", "diab target", "diab done", "hyp target", "hyp done"]
LISTS: list[list[Any]] = [["N1", 10, 8, 20, 15], ["N2", 30, 21, 40, 39], ["N3", 5, 0, 7, 7]]
TARGET = [[10, 20], [30, 40], [5, 7]]
DONE = [[8, 15], [21, 39], [0, 7]]


class Formula:
    """A formula with its stored value; None for none."""

    def __init__(self, text: str, value: Any) -> None:
        self.text = text
        self.value = value


def write_xlsx(
    path: Path,
    sheets: Mapping[str, Sequence[Sequence[Any]]],
    merged: Sequence[str] = (),
    finish: Callable[[xlsxwriter.Workbook], None] | None = None,
) -> Path:
    """Write rows of values from A1 on; merged ranges go to the first sheet, whose first cell stays."""
    workbook = xlsxwriter.Workbook(path)
    date = workbook.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        sheet = workbook.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, Formula):
                    sheet.write_formula(number, column, value.text, None, "" if value.value is None else value.value)
                elif isinstance(value, str):
                    sheet.write_string(number, column, value)
                elif hasattr(value, "year"):
                    sheet.write_datetime(number, column, value, date)
                elif value is not None:
                    sheet.write(number, column, value)
    first = workbook.worksheets()[0]
    for cells in merged:
        start = cells.split(":")[0]
        row, column = xlsxwriter.utility.xl_cell_to_rowcol(start)
        text = next(iter(sheets.values()))[row][column]
        first.merge_range(cells, text)
    if finish is not None:
        finish(workbook)
    workbook.close()
    return path


def edit_parts(source: Path, target: Path, edit: Callable[[str, bytes], bytes | None]) -> Path:
    """Copy a workbook, each part as `edit` returns it; None leaves a part out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = edit(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return target


def simple(path: Path, lists: Sequence[Sequence[Any]] = LISTS) -> Path:
    """Write the plainest table: one row of headings, then the lists."""
    return write_xlsx(path, {"Data": [HEADINGS, *lists]})
