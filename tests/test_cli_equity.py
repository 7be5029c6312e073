"""The command xl-qbs equity: whole runs, and every way in which it refuses."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from tests.command import DONE, REFUSED, USAGE, Command
from tests.compare import values
from tests.small_equity import HEADINGS, MEANS, count_rows, mean_rows, with_unknown, write_table

_COUNTS = ("numerator_est", "denominator")
_PERIODS = ("--periods", "year", "--now", "2024", "--baseline", "2023")


def test_a_workbook_gets_sheets_and_keeps_its_own(run: Command, tmp_path: Path) -> None:
    table = write_table(tmp_path / "table.xlsx", count_rows())
    done = run(
        "equity", table, "-o", "out.xlsx", *_PERIODS, "--total", "all", "--disadvantaged", "beta,gamma", "--json"
    )
    assert done.status == DONE, done.err
    found = json.loads(done.out)
    assert found["groups"] == ["alpha", "beta", "gamma"]
    assert found["compared"] == {"diab": 15, "hyp": 15}
    cells = values(tmp_path / "out.xlsx")
    assert cells["Rühmad"] == values(table)["Rühmad"]
    assert cells["EQ Checks"]["B4"] == 1
    assert "Refused at the gates: 6 of 36" in done.err
    assert "rows" in done.err


def test_a_second_run_replaces_the_sheets_of_the_first(run: Command, tmp_path: Path) -> None:
    write_table(tmp_path / "table.xlsx", count_rows())
    run("equity", "table.xlsx", "-o", "one.xlsx", *_PERIODS)
    done = run("equity", "one.xlsx", "-o", "two.xlsx", "--sheet", "Rühmad", *_PERIODS)
    assert done.status == DONE, done.err
    assert list(values(tmp_path / "two.xlsx")) == list(values(tmp_path / "one.xlsx"))


def test_means(run: Command, tmp_path: Path) -> None:
    write_table(tmp_path / "table.csv", mean_rows(), MEANS)
    done = run(
        *("equity", "table.csv", "-o", "out.xlsx", *_PERIODS, "--mean", "mean", "--sd", "sd"),
        *("--lower-is-better", "pain", "--disadvantaged", "beta", "--language", "et"),
        *("--target", "life=46,50", "--target", "pain=4.2,3.2", "--cells", "values"),
    )
    assert done.status == DONE, done.err
    assert "EQ Võrdsuspunktid" in values(tmp_path / "out.xlsx")


def test_the_copy_to_share_hides_small_counts(run: Command, tmp_path: Path) -> None:
    write_table(tmp_path / "table.csv", count_rows())
    done = run("equity", "table.csv", "-o", "out.xlsx", *_PERIODS, "--share", "share.xlsx")
    assert done.status == DONE, done.err
    cells = values(tmp_path / "share.xlsx")
    assert list(cells) == ["About", "EQ To share"]
    shown = cells["EQ To share"]
    rows = [row for row in range(7, 7 + 36) if shown[f"A{row}"] == "P04"]
    # P04 has 8 patients of the group beta, and one of its other groups hides them.
    for row in rows:
        assert shown[f"D{row}"] == "hidden"
        assert "hidden" in (shown[f"C{row}"], shown[f"E{row}"])
    counts = [shown[f"{column}{row}"] for column in "CDE" for row in range(7, 7 + 36)]
    numbers = np.array([one for one in counts if isinstance(one, float)])
    assert not ((numbers > 0) & (numbers < 11)).any()
    assert "hidden" not in str(values(tmp_path / "out.xlsx")["EQ Groups"])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "year holds"),
        (("--periods", "year", "--now", "2030"), "2030: not in the table"),
        (("--periods", "year", "--now", "2024", "--disadvantaged", "beta"), "--baseline"),
        ((*_PERIODS, "--disadvantaged", "delta"), "delta"),
        ((*_PERIODS, "--reference", "delta"), "delta"),
        ((*_PERIODS, "--reference", "benchmark"), "missing for diab, hyp"),
        ((*_PERIODS, "--smallest-group", "1"), "smallest_group"),
        ((*_PERIODS, "--level", "2"), "level"),
        ((*_PERIODS, "--total", "all", "--unknown", "alpha"), "one way only"),
        ((*_PERIODS, "--disadvantaged", "beta", "--target", "diab=1"), "CODE=0.6,0.9"),
        ((*_PERIODS, "--mean", "x"), "continuous values need both"),
        ((*_PERIODS, "--leave-out", "P99"), "P99"),
        ((*_PERIODS, "--share", "share.csv"), ".xlsx"),
        ((*_PERIODS, "--weight", "diab=1"), "--disadvantaged"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_written(
    words: tuple[str, ...], told: str, run: Command, tmp_path: Path
) -> None:
    write_table(tmp_path / "table.csv", count_rows())
    extra = ("--periods", "year") if not words else ()
    done = run("equity", "table.csv", "-o", "out.xlsx", *extra, *words)
    assert done.status == USAGE, done.err
    assert told in done.err
    assert not (tmp_path / "out.xlsx").exists()
    assert not (tmp_path / "share.xlsx").exists()


def test_wrong_data_are_refused_with_their_cells_all_at_once(run: Command, tmp_path: Path) -> None:
    rows = count_rows()
    rows[0][4] = 12.5
    rows[1][5] = -3
    rows[2][4] = "many"
    rows[4][6] = 1
    rows.append(list(rows[7]))
    write_table(tmp_path / "table.xlsx", rows)
    done = run("equity", "table.xlsx", "-o", "out.xlsx", *_PERIODS, "--total", "all")
    assert done.status == REFUSED
    for told in ("E2", "F3", "E4", "G6", "more than once", f"rows 9, {len(rows) + 1}"):
        assert told in done.err, done.err
    assert not (tmp_path / "out.xlsx").exists()


def test_a_copy_that_cannot_be_written_leaves_nothing(run: Command, tmp_path: Path) -> None:
    write_table(tmp_path / "table.csv", count_rows())
    done = run("equity", "table.csv", "-o", "out.xlsx", *_PERIODS, "--share", "nowhere/share.xlsx")
    assert done.status == REFUSED
    assert "cannot be written" in done.err
    assert [one.name for one in tmp_path.iterdir()] == ["table.csv"]


def test_unknown_groups_count_among_all_patients(run: Command, tmp_path: Path) -> None:
    write_table(tmp_path / "table.csv", with_unknown(count_rows()), HEADINGS)
    done = run("equity", "table.csv", "-o", "out.xlsx", *_PERIODS, "--unknown", "not known")
    assert done.status == DONE, done.err
    cells = values(tmp_path / "out.xlsx")["EQ Gates"]
    row = next(row for row in range(7, 43) if cells[f"A{row}"] == "P03")
    assert cells[f"I{row}"] == "Group known of too few patients"


def test_medicare_by_race(run: Command, shared: Path, tmp_path: Path) -> None:
    """306 US regions: refused regions are listed, and whoever only lowered the best group earns nothing for it."""
    done = run(
        *("equity", shared / "data" / "primary_care_by_race_2011_2012.csv", "-o", "out.xlsx", "--provider", "name"),
        *("--group", "stratum", "--n", "denominator", "--x", "numerator_est", "--total-group", "overall"),
        *("--periods", "year", "--now", "2012", "--baseline", "2011", "--leave-out", "US-United States"),
        *("--disadvantaged", "black", "--cells", "values", "--json"),
    )
    assert done.status == DONE, done.err
    found = json.loads(done.out)
    assert found["compared"] == {"amb_visit": 294, "hba1c": 267, "eye_exam": 267, "ldl": 267, "mammogram": 239}
    rows = list(csv.DictReader((shared / "data" / "primary_care_by_race_2011_2012.csv").open(encoding="utf-8")))
    for code, groups in found["values"].items():
        for group, value in groups.items():
            mine = [row for row in rows if (row["year"], row["indicator"], row["stratum"]) == ("2012", code, group)]
            sums = [sum(float(row[what]) for row in mine if row["id"] != "999") for what in _COUNTS]
            assert value == pytest.approx(sums[0] / sums[1], abs=5e-5)
    assert found["points"]["levelled_down"] > 0
    cells = values(tmp_path / "out.xlsx")
    assert cells["EQ Checks"]["B4"] == 1
    reasons = [cells["EQ Gates"][f"I{row}"] for row in range(7, 7 + 5 * 306)]
    assert sum(bool(one) for one in reasons) == 5 * 306 - sum(found["compared"].values())
