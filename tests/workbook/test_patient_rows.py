"""Tables with a row a patient: ids that repeat, and risk as numbers and as categories."""

from __future__ import annotations

import datetime
import gc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.workbook.builders import Formula, write_xlsx
from xl_qbs.efficiency.inputs import Column
from xl_qbs.efficiency.patients import adjust, read_patients
from xl_qbs.errors import ArgumentError, DataError, TableNotFoundError
from xl_qbs.workbook.patient_rows import MOST_CATEGORIES, PatientRows, read_patient_rows

HEADINGS = ["ID", "Provider", "Quality", "Cost", "Age", "Sugu", "Smokes"]
ROWS: list[list[Any]] = [
    ["1", "B", 1, 100, 50, "naine", "yes"],
    ["2", "A", 0, 0, 61.5, "mees", "no"],
    ["3", "B", 1, 30, 7, "naine", "no"],
    ["4", "õ", 0.5, 20, 33, "mõlemad", "yes"],
    ["5", "A", 1, 10, 80, "mees", "yes"],
]
BOTH = pytest.mark.parametrize("kind", ["csv", "xlsx"])


def write(folder: Path, kind: str, rows: Sequence[Sequence[Any]], headings: Sequence[Any] = HEADINGS) -> Path:
    """Write rows below the headings as a table named T of either kind."""
    if kind == "xlsx":
        return write_xlsx(folder / "T.xlsx", {"T": [headings, *rows]})
    lines = [";".join("" if one is None else str(one).replace(".", ",") for one in row) for row in (headings, *rows)]
    (folder / "T.csv").write_text("\n".join(lines), encoding="utf-8")
    return folder / "T.csv"


def read(path: Path, **options: Any) -> PatientRows:
    return read_patient_rows(path, **{"provider": None, "quality": "quality", "cost": "cost", **options})


def problems(path: Path, **options: Any) -> list[str]:
    with pytest.raises(DataError) as told:
        read(path, **options)
    assert all(one.severity == "error" and one.remedy for one in told.value.findings)
    return [f"{one.where}: {one.what}" for one in told.value.findings]


def changed(column: int, values: Sequence[Any]) -> list[list[Any]]:
    """Return the rows with one column replaced."""
    return [[*row[:column], value, *row[column + 1 :]] for row, value in zip(ROWS, values, strict=True)]


@BOTH
def test_rows(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path, kind, ROWS)
    table = read(path, risk=["age", "sugu", "SMOKES"])
    assert table.providers == ("B", "A", "B", "õ", "A")
    assert table.quality.tolist() == [1, 0, 1, 0.5, 1]
    assert table.cost.tolist() == [100, 0, 30, 20, 10]
    assert table.risk_names == ("Age", "Sugu: mõlemad", "Sugu: naine", "Smokes: yes")
    assert table.risk.tolist() == [[50, 0, 1, 1], [61.5, 0, 0, 0], [7, 0, 1, 0], [33, 1, 0, 1], [80, 0, 0, 1]]
    assert table.names == {
        "provider": "Provider",
        "quality": "Quality",
        "cost": "Cost",
        "risk:age": "Age",
        "risk:sugu": "Sugu",
        "risk:SMOKES": "Smokes",
    }
    source = table.source
    assert (source.range, source.sheet, source.delimiter) == ("B1:G6", *((None, ";") if kind == "csv" else ("T", None)))
    assert source.provider_rows.tolist() == [2, 3, 4, 5, 6]
    assert source.columns["risk:sugu"] == 6
    assert table.findings == ()


@BOTH
def test_without_risk(tmp_path: Path, kind: str) -> None:
    table = read(write(tmp_path, kind, ROWS))
    assert (table.risk.shape, table.risk_names) == ((5, 0), ())


@BOTH
def test_an_id_alone_may_be_the_patients(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path, kind, ROWS, ["ID", "Where", *HEADINGS[2:]])
    with pytest.raises(TableNotFoundError, match=r"ids was found\. Name it with --provider"):
        read(path)
    assert read(path, provider="where").providers == ("B", "A", "B", "õ", "A")


@pytest.mark.parametrize("risk", [["Age", "age "], ["cost"], ["provider"]])
def test_a_column_has_one_role(tmp_path: Path, risk: list[str]) -> None:
    with pytest.raises(ArgumentError, match="both name the column") as told:
        read(write(tmp_path, "csv", ROWS), provider="Provider", risk=risk)
    assert "risk" in str(told.value)


def test_a_column_of_ids_that_was_found_is_no_risk(tmp_path: Path) -> None:
    """Its heading says that it is one, but it has been taken: there is no other."""
    with pytest.raises(TableNotFoundError, match="no column of the providers' ids"):
        read(write(tmp_path, "csv", ROWS), risk=["provider"])


def test_logical_values_are_categories(tmp_path: Path) -> None:
    table = read(write(tmp_path, "xlsx", changed(6, [True, False, False, True, True])), risk=["smokes"])
    assert table.risk_names == ("Smokes: TRUE",)
    assert table.risk[:, 0].tolist() == [1, 0, 0, 1, 1]


@BOTH
def test_rows_left_out(tmp_path: Path, kind: str) -> None:
    rows = [*ROWS[:2], [None] * 7, *ROWS[2:], ["Kokku", None, 3.5, 160], [None] * 7, [None, "* a note"]]
    table = read(write(tmp_path, kind, rows), risk=["age"])
    assert table.source.provider_rows.tolist() == [2, 3, 5, 6, 7]
    assert [(one.severity, one.what) for one in table.findings] == [
        ("note", "row 4: blank, left out."),
        ("note", "row 10: a note below the table, left out."),
        ("warning", "row 8: totals or averages, not a provider; left out."),
    ]


@BOTH
def test_all_problems_at_once(tmp_path: Path, kind: str) -> None:
    rows = [
        ["1", "A", None, 1, 20, "m", 1],
        ["2", "A", 1, "?", 20, None, "x"],
        ["3", "B", 1, 1, 20, "n", 2],
        ["4", "B", 1, 1, 20, None, "y"],
        ["5", None, 1, 1, 20, "n", 2],
    ]
    assert problems(write(tmp_path, kind, rows), risk=["Age", "Sugu", "Smokes"]) == [
        "T!B6: row 6: there are values, but the provider's id is blank.",
        "T: there are 2 providers in 4 rows, and at least 3 are needed.",
        "T!C2: 'Quality' (quality) is missing.",
        "T!D3: 'Cost' (cost) is text ('?').",
        "T!E2: 'Age' (risk) is 20 in every row, so it does not tell one from another.",
        "T!F3: 'Sugu' (risk) is missing in F3, F5.",
        "T!G3: 'Smokes' (risk) holds numbers and also texts ('x') in G3, G5.",
    ]


def test_risk_of_one_text(tmp_path: Path) -> None:
    assert problems(write(tmp_path, "csv", changed(5, ["m"] * 5)), risk=["sugu"]) == [
        "T!F2: 'Sugu' (risk) is 'm' in every row, so it does not tell one from another."
    ]


def test_errors_and_dates_are_no_categories(tmp_path: Path) -> None:
    rows = changed(5, ["m", Formula("=NA()", "#N/A"), datetime.date(2019, 1, 2), "n", Formula("=A1", None)])
    assert problems(write(tmp_path, "xlsx", rows), risk=["sugu"]) == [
        "T!F3: 'Sugu' (risk) is an error value ('#N/A').",
        "T!F4: 'Sugu' (risk) is a date or time ('2019-01-02').",
        "T!F6: 1 formula has no stored value: the file was never calculated.",
    ]


@pytest.mark.parametrize("count", [MOST_CATEGORIES, MOST_CATEGORIES + 1])
def test_the_number_of_categories(tmp_path: Path, count: int) -> None:
    rows = [[str(one), f"P{one % 4}", one, one, one, f"c{one:02d}", "no"] for one in range(count)]
    path = write(tmp_path, "csv", rows)
    if count == MOST_CATEGORIES:
        table = read(path, risk=["sugu"])
        assert table.risk_names == tuple(f"Sugu: c{one:02d}" for one in range(1, count))
        np.testing.assert_array_equal(table.risk, np.eye(count)[:, 1:])
    else:
        assert problems(path, risk=["sugu"]) == [
            "T!F2: 'Sugu' (risk) holds 51 different texts, and at most 50 are allowed."
        ]


def test_texts_are_never_formulas(tmp_path: Path) -> None:
    rows = changed(5, ["=1+1", "-x", "@a", "=1+1", "-x"])
    table = read(write(tmp_path, "csv", rows), risk=["sugu"])
    assert table.risk_names == ("Sugu: =1+1", "Sugu: @a")


@pytest.mark.parametrize("was_on", [True, False])
def test_garbage_is_collected_again_afterwards(tmp_path: Path, was_on: bool) -> None:
    path = write(tmp_path, "csv", ROWS)
    try:
        if not was_on:
            gc.disable()
        read(path)
        assert gc.isenabled() == was_on
        with pytest.raises(TableNotFoundError):
            read(path, cost="no")
        assert gc.isenabled() == was_on
    finally:
        gc.enable()


def test_what_models_are_given(tmp_path: Path) -> None:
    """Which category the others are compared with changes nothing in the adjusted means."""
    rng = np.random.default_rng(3)
    group = rng.integers(0, 3, 120)
    quality, cost = rng.normal(size=120) + group, rng.gamma(2, 100, 120)
    means = []
    for names in ("abc", "cab"):
        rows = [
            [str(row), f"P{row % 5}", f"{quality[row]:.6f}", f"{cost[row]:.4f}", 1, names[group[row]], "no"]
            for row in range(120)
        ]
        table = read(write(tmp_path, "csv", rows), risk=["sugu"])
        columns = [Column("quality", table.quality), Column("cost", table.cost)]
        patients = read_patients(table.providers, columns, table.risk)
        assert patients.providers == ("P0", "P1", "P2", "P3", "P4")
        means.append(adjust(patients).means)
    np.testing.assert_allclose(means[0], means[1], rtol=1e-9)
