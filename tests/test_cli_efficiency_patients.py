"""Patient rows at the command line: regression and cost-effectiveness, and what is said of who is on one side only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.command import DONE, Command
from tests.efficiency_runs import (
    SPENDING,
    Rows,
    assert_holds,
    column,
    patient_rows,
    sheet_names,
    table_rows,
    write_patients,
    write_table,
)
from tests.workbook.builders import write_xlsx
from xl_qbs.efficiency.cost_effectiveness import acceptability, cost_effectiveness_of_patients
from xl_qbs.efficiency.regression import regression
from xl_qbs.sheets.efficiency.plan import TITLES

# A user would see it, with the line of the program that it comes from.
pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_table(tmp_path / "table.xlsx")


@pytest.fixture
def patients(tmp_path: Path) -> Path:
    return write_patients(tmp_path / "patients.xlsx")


def _columns() -> tuple[Any, Any, Any, Any]:
    """Return provider, quality, cost, and age and sex of all patients."""
    rows = patient_rows()[1:]
    provider, quality, cost = (np.array([row[at] for row in rows], dtype=kind) for at, kind in _KINDS)
    return provider, quality, cost, np.array([[row[4], float(row[5] == "M")] for row in rows])


_KINDS: tuple[tuple[int, Any], ...] = ((0, object), (2, float), (3, float))


def test_regression_with_risk_factors(run: Command, table: Path, patients: Path, tmp_path: Path) -> None:
    told = run("efficiency", table, *SPENDING, "--patients", patients, "--risk", "age,Sex", "-o", "out.xlsx")
    assert told.status == DONE
    provider, quality, cost, risk = _columns()
    wanted = regression(provider, quality, cost, cost_is="spending", risk=risk)
    cells = assert_holds(tmp_path / "out.xlsx")
    assert column(cells, "EFF Patients", "Provider") == list(wanted.providers)
    found = column(cells, "EFF Patients", "Efficiency: quality given cost")
    assert found == pytest.approx(wanted.efficiency.tolist())
    assert column(cells, "EFF Results", TITLES["regression"].en) == pytest.approx(wanted.efficiency.tolist())
    assert "Age, Sex: M" in cells["EFF Patients"].values()
    assert TITLES["cost_effectiveness"].en not in cells["EFF Patients"].values()


def test_cost_effectiveness_of_patients(run: Command, table: Path, patients: Path, tmp_path: Path) -> None:
    words = ("--patients", patients, "--value", 20, "--reference-quality", 70, "--level", 0.8)
    assert run("efficiency", table, *SPENDING, *words, "--models", "regression", "-o", "out.xlsx").status == DONE
    provider, quality, cost, _ = _columns()
    wanted = cost_effectiveness_of_patients(
        provider, quality, cost, cost_is="spending", value=20.0, reference_quality=70.0, level=0.8
    )
    cells = assert_holds(tmp_path / "out.xlsx")
    assert column(cells, "EFF Patients", "Net benefit, in money") == pytest.approx(wanted.efficiency.tolist())
    assert column(cells, "EFF Patients", "From", nth=3) == pytest.approx(wanted.interval.low.tolist())
    curve = acceptability(wanted, [0.0, 40.0]).probability
    assert column(cells, "EFF Patients", 0.0) == pytest.approx(curve[:, 0].tolist())  # type: ignore[arg-type]
    assert column(cells, "EFF Patients", 40.0) == pytest.approx(curve[:, 1].tolist())  # type: ignore[arg-type]


def test_patients_by_other_names_and_from_text(run: Command, table: Path, tmp_path: Path) -> None:
    rows = patient_rows()
    rows[0][:4] = ["Who", "No", "Alive", "Bill"]
    text = "\n".join(";".join(str(one).replace(".", ",") for one in row) for row in rows)
    (tmp_path / "rows.csv").write_text(text, encoding="utf-8")
    names = ("--patient-provider", "who", "--patient-quality", "alive", "--patient-cost", "bill")
    words = ("--patients", "rows.csv", *names, "--models", "regression")
    assert run("efficiency", table, *SPENDING, *words, "-o", "out.xlsx").status == DONE
    provider, quality, cost, _ = _columns()
    wanted = regression(provider, quality, cost, cost_is="spending")
    cells = assert_holds(tmp_path / "out.xlsx")
    assert column(cells, "EFF Results", TITLES["regression"].en) == pytest.approx(wanted.efficiency.tolist())


def test_a_sheet_of_patients_in_the_tables_own_file(run: Command, tmp_path: Path) -> None:
    write_xlsx(tmp_path / "both.xlsx", {"Andmed": table_rows(), "Patients": patient_rows()})
    words = ("--sheet", "Andmed", "--patients", "both.xlsx", "--patient-sheet", "Patients", "--models", "regression")
    assert run("efficiency", "both.xlsx", *SPENDING, *words, "-o", "out.xlsx").status == DONE
    assert sheet_names(tmp_path / "out.xlsx")[:3] == ["Andmed", "Patients", "EFF About"]


def test_providers_on_one_side_only_are_told_of(run: Command, table: Path, tmp_path: Path) -> None:
    def move(rows: Rows) -> None:
        for row in rows[1:]:
            row[0] = {"P002": "X9", "P003": "X9"}.get(row[0], row[0])
        rows.append(["Total", None, 1, 1, None, None])

    write_patients(tmp_path / "patients.xlsx", move)
    told = run("efficiency", table, *SPENDING, "--patients", "patients.xlsx", "--json", "-o", "out.xlsx")
    assert told.status == DONE
    assert "2 providers of the table without patient rows: P002, P003." in told.err
    assert "1 provider of the patient rows not in the table: X9." in told.err
    assert "totals or averages" in told.err
    assert all("[patients.xlsx]Patients" in one for one in json.loads(told.out)["warnings"])
    assert "regression" not in json.loads(told.out)["correlations"]
    cells = assert_holds(tmp_path / "out.xlsx")
    found = column(cells, "EFF Results", TITLES["regression"].en)
    assert [number for number, value in enumerate(found) if value in ("", None)] == [1, 2]
    assert any("2 providers of the table" in str(value) for value in cells["EFF About"].values())


def test_one_patient_leaves_no_interval(run: Command, table: Path, tmp_path: Path) -> None:
    def leave_one(rows: Rows) -> None:
        first = next(number for number, row in enumerate(rows) if row[0] == "P003")
        rows[:] = [row for number, row in enumerate(rows) if row[0] != "P003" or number == first]

    write_patients(tmp_path / "patients.xlsx", leave_one)
    words = ("--patients", "patients.xlsx", "--value", 20, "--models", "regression,cost-effectiveness")
    told = run("efficiency", table, *SPENDING, *words, "-o", "out.xlsx")
    assert told.status == DONE
    assert "1 provider with 1 patient only: P003. Cost-effectiveness from patient rows is left out" in told.err
    cells = assert_holds(tmp_path / "out.xlsx")
    assert "Net benefit, in money" not in cells["EFF Patients"].values()
    assert TITLES["cost_effectiveness"].en in cells["EFF Results"].values()
