"""The command that builds templates of equity: empty or filled, and every way in which it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.command import DONE, REFUSED, USAGE, Command
from tests.compare import values
from tests.efficiency_runs import beside, files, sheet_names
from tests.engines import Cells, ErrorValue, recalculate_ironcalc
from tests.small_equity import MEANS, count_rows, mean_rows, write_table

OUT = "template.xlsx"
SHEETS = (
    "About|Data|Baseline data|Parameters|Results|Charts|Gaps|Equity points|Trend|Within group|Between groups|"
    "Standardised|Targets|Gates|Groups|Prior|Checks|Chart data"
)
_PERIODS = ("--periods", "year", "--now", "2024", "--baseline", "2023")
_SMALL = ("--providers", 9, "--indicators", 2, "--groups", 3)
NO_DATA, OK = -1, 1


def _flag(cells: Cells) -> Any:
    return beside(cells, "Checks", "All checks")


def _errors(cells: Cells) -> list[str]:
    return [
        f"{sheet}!{cell}" for sheet, own in cells.items() for cell, one in own.items() if isinstance(one, ErrorValue)
    ]


def test_an_empty_template(run: Command, tmp_path: Path) -> None:
    names = ("--indicators", "diab,hyp", "--groups", "alpha,beta,gamma", "--disadvantaged", "beta")
    told = run("equity-template", "-o", OUT, "--providers", 6, *names, "--smallest-group", 20, "--weight", "hyp=2")
    assert (told.status, told.out) == (DONE, "")
    assert told.err.splitlines() == ["Writing ...", f"Template: {OUT}", "Open the sheet About first."]
    assert sheet_names(tmp_path / OUT) == SHEETS.split("|")
    cells = recalculate_ironcalc(tmp_path / OUT)
    assert _flag(cells) == NO_DATA
    assert _errors(cells) == []
    assert beside(cells, "Parameters", "Gate: fewest patients of a group") == 20
    assert beside(cells, "Parameters", "Group, as your data call it") == "alpha"
    assert beside(cells, "Parameters", "hyp") == 2
    assert beside(cells, "About", "Room for providers, indicators, groups") == "6, 5, 4"
    assert files(tmp_path) == [OUT]


def test_a_filled_template(run: Command, tmp_path: Path) -> None:
    write_table(tmp_path / "table.csv", count_rows(8))
    words = ("--total", "all", "--disadvantaged", "beta,gamma", *_SMALL)
    done = run("equity-template", "table.csv", "-o", OUT, *_PERIODS, *words)
    assert done.status == DONE, done.err
    assert "Read table.csv!A1:" in done.err
    cells = values(tmp_path / OUT)
    assert _flag(cells) == OK
    assert _errors(cells) == []
    assert [cells["Results"][f"A{row}"] for row in (7, 14, 15)] == ["P01", "P08", ""]
    total = next(cell for cell, text in cells["Results"].items() if text == "Total")
    assert isinstance(cells["Results"][total.replace("6", "7")], float)


def test_accepted_rows_with_more_done_than_patients(run: Command, tmp_path: Path) -> None:
    """P09 has one more done than patients."""
    write_table(tmp_path / "table.csv", count_rows(9))
    flags = []
    for number in (0, 1):
        done = run("equity-template", "table.csv", "-o", f"{number}.xlsx", *_PERIODS, *_SMALL, "--accepted", number)
        assert done.status == DONE, done.err
        flags.append(_flag(values(tmp_path / f"{number}.xlsx")))
    assert flags == [0, 1]


def test_estonian_with_a_password(run: Command, tmp_path: Path) -> None:
    told = run("equity-template", "-o", OUT, *_SMALL, "--language", "et", "--password", "õun 5")
    assert told.status == DONE
    assert "Teave" in told.err
    assert sheet_names(tmp_path / OUT)[:4] == ["Teave", "Andmed", "Baasandmed", "Parameetrid"]
    locked = openpyxl.load_workbook(tmp_path / OUT)
    assert all(sheet.protection.sheet and sheet.protection.hashValue for sheet in locked)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--providers", 1), "1"),
        (("--providers", 5001), "providers == 5001, must be from 2 to 5,000"),
        (("--indicators", "0"), "indicators == 0, must be from 1 to 30"),
        (("--groups", "1"), "groups == 1, must be from 2 to 12"),
        (("--groups", " , "), "names nothing"),
        (("--groups", "alpha,alpha"), "groups: alpha more than once"),
        (("--groups", "best,beta"), "best means something else here"),
        (("--disadvantaged", "beta"), "name them with --groups"),
        (("--reference", "beta"), "name them with --groups"),
        (("--weight", "diab=2"), "name them with --indicators"),
        (("--benchmark", "diab=0.8", "--reference", "benchmark"), "name them with --indicators"),
        (("--smallest-group", 1), "smallest_group"),
        (("--level", 2), "level"),
        (("--language", "fi"), "fi"),
        (("-o", "template.xlsm"), "must end in .xlsx"),
    ],
)
def test_what_cannot_be_is_refused(run: Command, tmp_path: Path, words: tuple[object, ...], said: str) -> None:
    told = run("equity-template", "-o", OUT, *words)
    assert told.status == USAGE, told.err
    assert said in told.err
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    ("words", "said", "status"),
    [
        ((), "year holds", USAGE),
        ((*_PERIODS, "--providers", 7), "providers == 7, must be from 8", USAGE),
        ((*_PERIODS, "--groups", 2), "groups == 2, must be from 3", USAGE),
        ((*_PERIODS, "--groups", "alpha,beta,gamma"), "the table has its own", USAGE),
        (("--periods", "year", "--now", "2024", "--disadvantaged", "beta"), "so state targets", USAGE),
        ((*_PERIODS, "--disadvantaged", "delta"), "delta", USAGE),
        ((*_PERIODS, "-o", "nowhere/out.xlsx"), "is not there: make it first", REFUSED),
        ((*_PERIODS, "--n", "patients"), "patients", REFUSED),
    ],
)
def test_a_table_that_does_not_fit_is_refused(
    run: Command, tmp_path: Path, words: tuple[object, ...], said: str, status: int
) -> None:
    write_table(tmp_path / "table.csv", count_rows(8))
    extra = ("--periods", "year") if not words else ()
    told = run("equity-template", "table.csv", "-o", OUT, *extra, *words)
    assert told.status == status, told.err
    assert said in told.err
    assert files(tmp_path) == ["table.csv"]


def test_the_table_itself_is_never_overwritten(run: Command, tmp_path: Path) -> None:
    write_table(tmp_path / "table.xlsx", count_rows(8))
    before = (tmp_path / "table.xlsx").read_bytes()
    told = run("equity-template", "table.xlsx", "-o", "table.xlsx", *_PERIODS)
    assert told.status == REFUSED
    assert "is the table itself" in told.err
    assert (tmp_path / "table.xlsx").read_bytes() == before


def test_means_are_not_for_a_template(run: Command, tmp_path: Path) -> None:
    write_table(tmp_path / "table.csv", mean_rows(), MEANS)
    told = run("equity-template", "table.csv", "-o", OUT, *_PERIODS, "--mean", "mean")
    assert told.status == USAGE
    assert "--mean" in told.err
    assert files(tmp_path) == ["table.csv"]
