"""Files that the command of efficiency is run on, and its sheets as they are read again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.compare import alike, values
from tests.engines import Cells, Value, recalculate_ironcalc
from tests.small_efficiency import ids, numbers, rows_of
from tests.workbook.builders import write_xlsx
from xl_qbs.efficiency.analysis import Analysis, Given, Options, analyse
from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.efficiency.plan import TITLES
from xl_qbs.sheets.frame import FIRST_ROW, HEADING_ROW
from xl_qbs.workbook.package import open_package

COUNT = 12
GIVEN = numbers(COUNT)
BEDS = np.arange(1.0, COUNT + 1)
VISITS = 500.0 - 13 * np.arange(COUNT)
Rows = list[list[Any]]
SPENDING = ("--cost-is", "spending")
# What the sheets of a run with all models are, in their order.
_SHEETS = (
    "About Results Charts Agreement Stars Data Models Frontier From-Python Harmonisation Parameters Checks Chart-data"
)
EFF = [f"EFF {name.replace('-', ' ')}" for name in _SHEETS.split()]


def table_rows() -> Rows:
    """Return headings and a row a provider, with two further columns: beds and visits."""
    rows = rows_of(GIVEN)
    more = [["Beds", "Visits"], *zip(BEDS.tolist(), VISITS.tolist(), strict=True)]
    return [[*row, *own] for row, own in zip(rows, more, strict=True)]


def write_table(path: Path, edit: Callable[[Rows], object] = lambda _: None, sheet: str = "Andmed") -> Path:
    """Write the table, changed before it is written."""
    rows = table_rows()
    edit(rows)
    return write_xlsx(path, {sheet: rows})


def patient_rows() -> Rows:
    """Return headings and 5 to 9 patients of each provider, with age and sex; the better cost more."""
    rng = np.random.default_rng(5)
    rows: Rows = [["Provider", "Patient", "Quality", "Cost", "Age", "Sex"]]
    for place, name in enumerate(ids(COUNT)):
        for _ in range(5 + place % 5):
            age = int(rng.integers(20, 90))
            quality = round(60 + 3 * place - age / 10 + rng.normal(0, 8), 1)
            cost = round(900 + 20 * place + 3 * age + rng.normal(0, 60), 1)
            rows.append([name, len(rows), quality, cost, age, ("F", "M")[int(rng.integers(2))]])
    return rows


def write_patients(path: Path, edit: Callable[[Rows], object] = lambda _: None) -> Path:
    """Write patient rows, changed before they are written."""
    rows = patient_rows()
    edit(rows)
    return write_xlsx(path, {"Patients": rows})


def analysed(given: Given | None = None, **options: Any) -> Analysis:
    """Return what Python makes of the table; spending unless said otherwise."""
    return analyse(given or Given(GIVEN.quality, GIVEN.cost), Options(**{"cost_is": "spending", **options}))


def assert_efficiencies(cells: Cells, wanted: Analysis) -> None:
    """Assert that the sheet of results holds the efficiencies of an analysis."""
    assert wanted.efficiencies
    for key, expected in wanted.efficiencies.items():
        found = column(cells, "EFF Results", TITLES[key].en)
        assert found == pytest.approx(expected.tolist(), nan_ok=True), key


def files(folder: Path) -> list[str]:
    """Return the names of what stands in a folder."""
    return sorted(path.name for path in folder.iterdir())


def sheet_names(path: Path) -> list[str]:
    """Return the names of all sheets in their order."""
    with open_package(path) as package:
        return [one.name for one in package.sheets]


def own_parts(path: Path) -> dict[str, str]:
    """Return the part of each sheet by its name."""
    with open_package(path) as package:
        return {one.name: one.part for one in package.sheets}


def column(cells: Cells, sheet: str, heading: str, *, count: int = COUNT, nth: int = 0) -> list[Value]:
    """Return the values under the nth column of that heading, a row a provider."""
    there = [number for number in range(1, 200) if cells[sheet][f"{column_letter(number)}{HEADING_ROW}"] == heading]
    letter = column_letter(there[nth])
    return [cells[sheet][f"{letter}{row}"] for row in range(FIRST_ROW, FIRST_ROW + count)]


def beside(cells: Cells, sheet: str, label: str, letter: str = "B") -> Value:
    """Return the value that stands beside a label in the first column, where it stands first."""
    row = next(row for row in range(1, 200) if cells[sheet][f"A{row}"] == label)
    return cells[sheet][f"{letter}{row}"]


def assert_holds(path: Path) -> Cells:
    """Assert that an engine computes what is stored on the sheets of efficiency, and that their flags are up."""
    stored, computed = values(path), recalculate_ironcalc(path)
    ours = [name for name in stored if name.startswith("EFF ")]
    unlike = [
        (name, cell, stored[name][cell], computed[name][cell])
        for name in ours
        for cell in {*stored[name], *computed[name]}
        if not alike(stored[name][cell], computed[name][cell])
    ]
    assert not unlike, f"{len(unlike)} cells differ, such as {unlike[:5]}"
    assert ours
    assert flags(stored) == dict.fromkeys(ours, 1.0)
    return stored


def flags(cells: Cells) -> dict[str, Value]:
    """Return the flag at the top of each sheet of efficiency."""
    return {
        name: next(
            cells[name][f"B{row}"] for row in range(1, 9) if cells[name][f"A{row}"] in ("All checks", "Kõik kontrollid")
        )
        for name in cells
        if name.startswith("EFF ")
    }
