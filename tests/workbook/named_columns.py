"""Small tables of providers, as text and as workbook, for the tests of tables with named columns."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.workbook.builders import write_xlsx
from xl_qbs.errors import DataError, Finding
from xl_qbs.workbook.provider_table import ProviderTable, read_provider_table

ROWS: list[list[Any]] = [
    ["Provider", "Quality", "Cost"],
    ["P1", 61.5, 1.1],
    ["P2", 70, 0.9],
    ["P3", 55.25, 1.3],
    ["P4", 80, 1],
]
BOTH = pytest.mark.parametrize("kind", ["csv", "xlsx"])


def write_csv(path: Path, rows: Sequence[Sequence[Any]], delimiter: str = ",", comma: bool = False) -> Path:
    """Write rows as text, numbers with a decimal comma on demand, blanks for None."""

    def text(value: Any) -> str:
        if value is None:
            return ""
        return str(value).replace(".", ",") if comma and isinstance(value, float) else str(value)

    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([[text(value) for value in row] for row in rows])
    return path


def write(folder: Path, kind: str, rows: Sequence[Sequence[Any]]) -> Path:
    """Write rows as a table named T of either kind; the sheet has that name too."""
    if kind == "csv":
        return write_csv(folder / "T.csv", rows)
    return write_xlsx(folder / "T.xlsx", {"T": rows})


def read(path: Path, **options: Any) -> ProviderTable:
    return read_provider_table(path, **{"quality": "Quality", "cost": "Cost", "cost_is": "spending", **options})


def problems(path: Path, **options: Any) -> list[str]:
    with pytest.raises(DataError) as told:
        read(path, **options)
    assert all(one.severity == "error" and one.remedy for one in told.value.findings)
    return [f"{one.where}: {one.what}" for one in told.value.findings]


def calculated_told(folder: Path, findings: Callable[[Path], Sequence[Finding]]) -> list[str]:
    """Return how severe it is found that a workbook calculates by hand, and as displayed."""
    path = write_xlsx(folder / "calculated.xlsx", {"T": ROWS})
    assert not findings(path)
    workbook = openpyxl.load_workbook(path)
    workbook.calculation.calcMode = "manual"
    workbook.calculation.fullPrecision = False
    workbook.save(path)
    told = findings(path)
    assert [one.what.split(" every")[0].split(" only")[0] for one in told] == [
        "the workbook calculates",
        "the workbook rounds",
    ]
    return [one.severity for one in told]


def changed(*cells: tuple[int, int, Any], rows: Sequence[Sequence[Any]] = ROWS) -> list[list[Any]]:
    """Return the rows with some cells, as zero-based row, column and value, put in."""
    copy = [list(row) for row in rows]
    for row, column, value in cells:
        copy[row][column] = value
    return copy
