"""Small tables by group as files, for the tests of the sheets and the command of equity."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tests.workbook.builders import write_xlsx
from xl_qbs.equity.analysis import EquityAnalysis, EquityOptions, analyse_equity
from xl_qbs.sheets.equity.book import equity_book
from xl_qbs.sheets.model import Book, Language
from xl_qbs.workbook.equity import plan_of, write_equity
from xl_qbs.workbook.group_table import GroupColumns, GroupFile, read_group_table

HEADINGS = ("provider", "indicator", "group", "year", "n", "x", "all", "risk", "earlier")
MEANS = ("provider", "indicator", "group", "year", "n", "mean", "sd")
GROUPS = ("alpha", "beta", "gamma")
PLAIN = EquityOptions()
PERIODS = GroupColumns(period="year", now="2024", baseline="2023")


class Made(NamedTuple):
    """A workbook with sheets of equity, and what it was made from."""

    path: Path
    read: GroupFile
    analysis: EquityAnalysis
    book: Book


def count_rows(providers: int = 18, seed: int = 7) -> list[list[Any]]:
    """Return rows of counts: 2 indicators, 3 groups, 2 years; some refused, one group unserved and one fully served."""
    draw = np.random.default_rng(seed)
    rows: list[list[Any]] = []
    for year in (2023, 2024):
        for p in range(providers):
            risk = round(0.05 + 0.04 * p, 2)
            for indicator in ("diab", "hyp"):
                sizes = draw.integers(35, 160, 3)
                if p == 1:
                    sizes[:] = (12, 20, 90)
                if p == 3:
                    sizes[1] = 8
                shares = np.array([0.82, 0.66, 0.74]) + draw.normal(0, 0.05, 3) + 0.03 * (year - 2023)
                everyone = int(sizes.sum()) + (200 if p == 2 else 5)
                for group, n, share in zip(GROUPS, sizes.tolist(), shares, strict=True):
                    if p == 4 and group == "gamma":
                        continue
                    x = round(n * float(np.clip(share, 0, 1)))
                    if p == 5 and group == "beta":
                        x = 0
                    if p == 6 and group == "alpha":
                        x = n
                    rows.append([f"P{p + 1:02d}", indicator, group, year, n, x, everyone, risk, 5 if p % 2 else 2])
    # One group is lowered to close a gap, the other stands still; one more is reported than there are patients.
    for row in rows:
        if row[0] == "P08" and row[1] == "diab":
            row[4:6] = {"alpha": [100, 90 if row[3] == 2023 else 70], "beta": [100, 65], "gamma": [100, 66]}[row[2]]
            row[6] = 305
        if row[0] == "P09" and row[1] == "hyp" and row[2] == "gamma" and row[3] == 2024:
            row[5] = row[4] + 1
    return rows


def mean_rows(providers: int = 8, seed: int = 3) -> list[list[Any]]:
    """Return rows of continuous values: quality of life (higher is better) and pain (lower is better)."""
    draw = np.random.default_rng(seed)
    rows: list[list[Any]] = []
    for year in (2023, 2024):
        for p in range(providers):
            for indicator, base, step in (("life", 48.0, 1.5), ("pain", 4.0, -0.3)):
                for g, group in enumerate(("alpha", "beta")):
                    n = int(draw.integers(25, 90))
                    mean = base - g * step + (year - 2023) * step / 2 + draw.normal(0, abs(step))
                    rows.append([f"P{p + 1}", indicator, group, year, n, round(mean, 2), round(abs(base) / 5, 2)])
    return rows


def with_unknown(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Return rows of counts with a row for each provider's patients of unknown group, and none in all."""
    unknown = [
        [*row[:2], "not known", row[3], 4 if row[0] != "P03" else 300, 1, *row[6:]] for row in rows if row[2] == "alpha"
    ]
    return [*(list(row) for row in rows), *unknown]


def write_table(path: Path, rows: Sequence[Sequence[Any]], headings: Sequence[str] = HEADINGS) -> Path:
    """Write rows as a CSV file or a workbook, by the path's ending."""
    if path.suffix == ".xlsx":
        return write_xlsx(path, {"Rühmad": [list(headings), *map(list, rows)]})
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([headings, *rows])
    return path


def make(
    table: Path,
    output: Path,
    options: EquityOptions = PLAIN,
    columns: GroupColumns = PERIODS,
    language: Language = "en",
) -> Made:
    """Analyse a table and write its workbook."""
    read = read_group_table(table, columns)
    before = None if read.before is None else read.before.table
    analysis = analyse_equity(read.now.table, before, options, risk=read.risk, earlier=read.earlier)
    write_equity(read, analysis, output, language=language)
    taken = ("Rühmad",) if table.suffix == ".xlsx" else (table.stem,)
    return Made(output, read, analysis, equity_book(plan_of(read, analysis), language, taken))
