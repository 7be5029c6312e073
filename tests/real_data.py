"""The real lists of 2019 and 2020 as tables, read from the folder of shared data."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np

from xl_qbs.scheme import preset
from xl_qbs.scoring.table import Array, Table

# The fund's workbook of 2019: lists stand on rows 11 to 791, their totals in AW, their ranks in AX.
_FIRST_LIST, _LAST_LIST = 10, 791
_DOMAIN_TOTAL, _RANK = 48, 49


class FundTotals(NamedTuple):
    """What the fund's workbook shows at the end of each list's row."""

    providers: tuple[str, ...]
    total: Array
    rank: Array


def real_table(shared: Path, year: int) -> Table:
    """Return the real counts of a year: 781 lists in 2019, 784 in 2020."""
    codes = preset().codes
    with (shared / "data" / "qbs_2019_2020.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["year"] == str(year)]
    return Table(
        providers=tuple(row["uid"] for row in rows),
        indicators=codes,
        target=np.array([[float(row[f"{code}_a"]) for code in codes] for row in rows]),
        done=np.array([[float(row[f"{code}_b"]) for code in codes] for row in rows]),
        period=str(year),
    )


def fund_totals(shared: Path) -> FundTotals:
    """Return the totals that the fund's own formulas came to in the workbook of 2019."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(shared / "data" / "fund_workbook_2019.xlsx"))
    rows = book.get_sheet_by_name("Andmed 2019").to_python(skip_empty_area=False)[_FIRST_LIST:_LAST_LIST]
    return FundTotals(
        # N0001 in the workbook is 1 in the table of counts.
        providers=tuple(str(row[0]).removeprefix("N").lstrip("0") for row in rows),
        total=np.array([row[_DOMAIN_TOTAL] for row in rows], dtype=float),
        rank=np.array([row[_RANK] for row in rows], dtype=float),
    )
