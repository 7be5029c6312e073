"""Makes workbooks of any number of lists in the layout of the fund's own, filled with chance numbers.

    python benchmarks/data.py 8000 OUT.xlsx

The numbers follow no model and mean nothing: only how many there are matters here. The same number of
lists gives the same workbook every time.
"""

from __future__ import annotations

import argparse
import datetime
from functools import partial
from pathlib import Path

import numpy as np
import xlsxwriter
from numpy.typing import NDArray
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from xl_qbs.scheme import Scheme, preset

Array = NDArray[np.float64]

SEED = 2024
SHEET = "Andmed 2024"
# The fund's columns: the list, its registration code, the doctor, a note, then four for each indicator.
FIXED = ("Nimistu\nList", "Registrikood\nRegistration code", "Arsti nimi\nDoctor", "Märkus\nNote")
BLOCK = ("Sihtrühm\nTarget", "Tehtud\nDone", "Hõlmatus\nCoverage", "Punktid\nPoints")
# Rows as Excel counts them.
POINTS_ROW, REQUIRED_ROW, GROUP_ROW, HEADING_ROW, FIRST_ROW = 5, 6, 9, 10, 11


class OldFunctionsSheet(Worksheet):
    """A sheet whose formulas hold no function newer than Excel 2007.

    xlsxwriter otherwise searches each formula for thirty newer ones, two thirds of the time spent here.
    """

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:  # noqa: ARG002
        return formula.removeprefix("=")


def write(lists: int, path: Path) -> None:
    """Write a workbook of so many lists."""
    scheme = preset()
    rng = np.random.default_rng(SEED)
    target = rng.integers(1, 300, size=(lists, len(scheme.codes))).astype(float)
    done = np.floor(target * rng.beta(8, 2, size=target.shape))
    coverage = done / target
    points = np.where(coverage >= np.array(scheme.required_coverage), np.array(scheme.points), 0.0)
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as workbook:
        workbook.set_properties({"created": datetime.datetime(2024, 1, 1)})
        sheet = workbook.add_worksheet(SHEET, OldFunctionsSheet)
        _write_head(sheet, scheme, workbook.add_format({"align": "center", "text_wrap": True}))
        _write_lists(sheet, np.stack([target, done, coverage, points], axis=2))
        _write_totals(sheet, target, done)


def _columns(indicators: int) -> list[int]:
    """Return the first column of each indicator, counted from 0."""
    return [len(FIXED) + len(BLOCK) * number for number in range(indicators)]


def _write_head(sheet: Worksheet, scheme: Scheme, merged: Format) -> None:
    sheet.write(0, 0, "PKS tulemused 2024 / QBS results 2024")
    blocks = list(zip(_columns(len(scheme.codes)), scheme.indicators, strict=True))
    sheet.write(POINTS_ROW - 1, 0, "Punkte kokku / Points")
    for column, indicator in blocks:
        sheet.write(POINTS_ROW - 1, column + 3, indicator.points)
    sheet.write(REQUIRED_ROW - 1, 0, "Nõutav hõlmatus / Required coverage")
    for column, indicator in blocks:
        sheet.write(REQUIRED_ROW - 1, column + 3, indicator.required_coverage)
    for column, indicator in blocks:
        name = f"{indicator.name_et}\n{indicator.name}"
        sheet.merge_range(GROUP_ROW - 1, column, GROUP_ROW - 1, column + 3, name, merged)
    total = len(FIXED) + len(BLOCK) * len(blocks)
    sheet.merge_range(GROUP_ROW - 1, total, GROUP_ROW - 1, total + 1, "Tulemus\nResult", merged)
    headings = [*FIXED, *BLOCK * len(blocks), "II valdkond kokku\nDomain II total", "Koht\nRank"]
    sheet.write_row(HEADING_ROW - 1, 0, headings)


def _write_lists(sheet: Worksheet, blocks: Array) -> None:
    """Write the lists' rows; ``blocks`` has the shape (lists, indicators, 4), the last in `BLOCK`'s order."""
    lists, indicators, _ = blocks.shape
    last_row = FIRST_ROW + lists - 1
    columns = _columns(indicators)
    names = [[xl_col_to_name(column + offset) for offset in range(len(BLOCK))] for column in columns]
    total_column = columns[-1] + len(BLOCK)
    total_name = xl_col_to_name(total_column)
    total = blocks[:, :, 3].sum(axis=1)
    rank = lists - np.searchsorted(np.sort(total), total, side="right") + 1
    for number, (block, score, place) in enumerate(zip(blocks, total.tolist(), rank.tolist(), strict=True)):
        row = FIRST_ROW + number
        write_number, write_formula = (
            partial(sheet.write_number, row - 1),
            partial(sheet.write_formula, row - 1),
        )
        sheet.write_string(row - 1, 0, f"N{number + 1:05d}")
        write_number(1, 10_000_000 + 37 * number)
        sheet.write_string(row - 1, 2, f"Perearst {number + 1:05d}")
        for column, (has, did, covers, gets), values in zip(columns, names, block.tolist(), strict=True):
            write_number(column, values[0])
            write_number(column + 1, values[1])
            write_formula(column + 2, f'=IF({has}{row}=0,"",{did}{row}/{has}{row})', None, values[2])
            points = f"=IF(N({covers}{row})>={gets}${REQUIRED_ROW},{gets}${POINTS_ROW},0)"
            write_formula(column + 3, points, None, values[3])
        write_formula(total_column, "=" + "+".join(f"{gets}{row}" for *_, gets in names), None, score)
        ranked = f"=RANK({total_name}{row},{total_name}${FIRST_ROW}:{total_name}${last_row})"
        write_formula(total_column + 1, ranked, None, place)


def _write_totals(sheet: Worksheet, target: Array, done: Array) -> None:
    """Write the row of totals, after an empty one."""
    lists, indicators = target.shape
    row, last_row = FIRST_ROW + lists, FIRST_ROW + lists - 1
    sheet.write(row, 0, "Kokku / Total")
    for number, column in enumerate(_columns(indicators)):
        for offset, counts in enumerate((target, done)):
            name = xl_col_to_name(column + offset)
            formula = f"=SUM({name}{FIRST_ROW}:{name}{last_row})"
            sheet.write_formula(row, column + offset, formula, None, float(counts[:, number].sum()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lists", type=int)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    write(arguments.lists, arguments.out)
