"""The command that builds templates of efficiency: what its yellow cells begin with, and that it works when filled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.command import DONE, REFUSED, USAGE, Command
from tests.compare import values
from tests.efficiency_runs import COUNT, GIVEN, analysed, beside, column, files, sheet_names
from tests.engines import Cells, ErrorValue, recalculate_ironcalc
from tests.small_efficiency import ids
from tests.templates_help import with_cells
from xl_qbs.efficiency.analysis import Given
from xl_qbs.sheets.efficiency.plan import TITLES
from xl_qbs.sheets.frame import FIRST_ROW

SPENDING = ("--cost-is", "spending")
OUT = "template.xlsx"
SHEETS = "About Data Parameters Harmonisation Results Charts Agreement Stars Models Frontier Checks Chart-data"
NO_DATA, FAIL, OK = -1, 0, 1


def _flag(cells: Cells) -> Any:
    return beside(cells, "Checks", "All checks")


def _errors(cells: Cells) -> list[str]:
    return [
        f"{sheet}!{cell}"
        for sheet, there in cells.items()
        for cell, value in there.items()
        if isinstance(value, ErrorValue)
    ]


def _filled(path: Path, output: Path, count: int = COUNT) -> Cells:
    """Return what a template comes to when the table is typed into its yellow cells."""
    typed: dict[tuple[str, str], Any] = {}
    for place, row in enumerate(zip(ids(COUNT)[:count], *GIVEN[:4], strict=False)):
        for letter, value in zip("ABCDE", row, strict=True):
            typed["Data", f"{letter}{FIRST_ROW + place}"] = value if isinstance(value, str) else float(value)
    return recalculate_ironcalc(with_cells(path, output, typed))


def test_an_empty_template(run: Command, tmp_path: Path) -> None:
    told = run("efficiency-template", *SPENDING, "--providers", 20, "-o", OUT)
    assert (told.status, told.out) == (DONE, "")
    assert told.err.splitlines() == ["Writing ...", f"Template: {OUT}", "Open the sheet About first."]
    assert sheet_names(tmp_path / OUT) == [name.replace("-", " ") for name in SHEETS.split()]
    cells = recalculate_ironcalc(tmp_path / OUT)
    assert _flag(cells) == NO_DATA
    assert _errors(cells) == []
    assert files(tmp_path) == [OUT]


def test_every_option_is_what_a_yellow_cell_begins_with(run: Command, tmp_path: Path) -> None:
    words = (
        "--quality-weights", 0.6, 0.2, "--quality-shares", 0.2, 0.5, "--cost-shares", 0.4, 0.8, "--class-shares", 0.1,
        0.6, "--quality-hurdle-share", 0.4, "--cost-hurdle-share", 0.35, "--quality-hurdle", 1000, "--cost-hurdle", 3,
        "--failing", "zero-as-printed", "--value", 12.5, "--reference-quality", 70, "--reference-cost", 900,
        "--star-floor", -20, "--star-ceiling", 120, "--error-correlation", -0.3, "--level", 0.8,
    )  # fmt: skip
    assert run("efficiency-template", "--cost-is", "performance", *words, "--providers", 6, "-o", OUT).status == DONE
    cells = values(tmp_path / OUT)
    assert {
        label: beside(cells, "Parameters", label)
        for label in (
            "Cost is", "Weight of quality, unconditional A", "Weight of quality, unconditional B",
            "Average quality begins at", "High quality begins at", "Average cost performance begins at",
            "High cost performance begins at", "Average efficiency begins at", "High efficiency begins at",
            "Quality hurdle at the percentile", "Cost hurdle at the percentile", "Own quality hurdle",
            "Own cost hurdle", "Whoever fails a hurdle", "What a unit of quality is worth, in money",
            "Quality to compare with", "Spending to compare with", "Quality that counts as 0 for the stars",
            "Quality that counts as full for the stars", "Correlation of the errors of quality and cost",
            "Level of the intervals",
        )
    } == {
        "Cost is": "performance",
        "Weight of quality, unconditional A": 0.6,
        "Weight of quality, unconditional B": 0.2,
        "Average quality begins at": 0.2,
        "High quality begins at": 0.5,
        "Average cost performance begins at": 0.4,
        "High cost performance begins at": 0.8,
        "Average efficiency begins at": 0.1,
        "High efficiency begins at": 0.6,
        "Quality hurdle at the percentile": 0.4,
        "Cost hurdle at the percentile": 0.35,
        "Own quality hurdle": 1000,
        "Own cost hurdle": 3,
        "Whoever fails a hurdle": "zero-as-printed",
        "What a unit of quality is worth, in money": 12.5,
        "Quality to compare with": 70,
        "Spending to compare with": 900,
        "Quality that counts as 0 for the stars": -20,
        "Quality that counts as full for the stars": 120,
        "Correlation of the errors of quality and cost": -0.3,
        "Level of the intervals": 0.8,
    }  # fmt: skip
    # A hurdle that nobody would pass is no reason to leave its model out: nobody is there yet.
    assert {"Quality hurdle", "Cost hurdle"} <= set(cells["Results"].values())


def test_a_template_that_is_filled(run: Command, tmp_path: Path) -> None:
    words = ("--value", 20, "--quality-weights", 0.6, 0.2, "--level", 0.9)
    assert run("efficiency-template", *SPENDING, *words, "--providers", COUNT + 3, "-o", OUT).status == DONE
    cells = _filled(tmp_path / OUT, tmp_path / "filled.xlsx")
    assert _flag(cells) == OK
    assert _errors(cells) == []
    given = Given(GIVEN.quality, GIVEN.cost, GIVEN.quality_error, GIVEN.cost_error)
    wanted = analysed(given, value=20.0, quality_weights=(0.6, 0.2), level=0.9)
    shown = {
        key: values_ for key, values_ in wanted.efficiencies.items() if TITLES[key].en in cells["Results"].values()
    }
    assert set(shown) == set(wanted.efficiencies) - {"frontier_likelihood", "envelopment_programs"}
    for key, expected in shown.items():
        # IronCalc's normal distribution is good to 9 decimals.
        assert column(cells, "Results", TITLES[key].en) == pytest.approx(expected.tolist(), abs=2e-9), key


def test_too_few_providers_are_no_result(run: Command, tmp_path: Path) -> None:
    run("efficiency-template", *SPENDING, "--providers", 5, "-o", OUT)
    cells = _filled(tmp_path / OUT, tmp_path / "filled.xlsx", 2)
    assert _flag(cells) == FAIL


def test_estonian(run: Command, tmp_path: Path) -> None:
    told = run("efficiency-template", *SPENDING, "--providers", 6, "--language", "et", "-o", OUT)
    assert told.status == DONE
    assert "Teave" in told.err
    assert sheet_names(tmp_path / OUT)[:3] == ["Teave", "Andmed", "Parameetrid"]


def test_the_password_is_asked_for(run: Command, tmp_path: Path) -> None:
    words = ("efficiency-template", *SPENDING, "--providers", 5)
    assert run(*words, "-o", OUT, "--password", "õun 5").status == DONE
    assert run(*words, "-o", "free.xlsx").status == DONE
    locked, free = (openpyxl.load_workbook(tmp_path / name) for name in (OUT, "free.xlsx"))
    assert all(sheet.protection.sheet and sheet.protection.hashValue for sheet in locked)
    assert all(sheet.protection.sheet and not sheet.protection.hashValue for sheet in free)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--providers", 4), "4"),
        (("--providers", 20_001), "providers == 20001, must be from 5 to 20,000"),
        (("--providers", "many"), "many"),
        (("--quality-weights", 1.5, 0.3), "--quality-weights 1.5 0.3: must be two from 0 to 1"),
        (("--class-shares", 0.9, 0.1), "--class-shares 0.9 0.1: must be two that rise"),
        (("--value", -1), "--value -1.0: must be an amount of money from 0"),
        (("--reference-cost", "nan"), "--reference-cost nan"),
        (("--cost-hurdle", 0), "--cost-hurdle 0.0: must be spending above 0"),
        (("--star-ceiling", 0), "--star-ceiling 0.0: must be above the floor"),
        (("--level", 2), "--level 2.0: must be between 0 and 1"),
        (("--language", "fi"), "fi"),
        (("-o", "template.xlsm"), "must end in .xlsx"),
        (("--models", "stars"), "--models"),
    ],
)
def test_what_cannot_be_is_refused(run: Command, tmp_path: Path, words: tuple[object, ...], said: str) -> None:
    told = run("efficiency-template", *SPENDING, "-o", OUT, *words)
    assert told.status == USAGE
    assert said in told.err
    assert files(tmp_path) == []


@pytest.mark.parametrize("words", [("-o", OUT), SPENDING])
def test_what_is_missing(run: Command, tmp_path: Path, words: tuple[str, ...]) -> None:
    told = run("efficiency-template", *words)
    assert told.status == USAGE
    assert "Missing option" in told.err
    assert files(tmp_path) == []


def test_a_folder_that_is_missing(run: Command, tmp_path: Path) -> None:
    told = run("efficiency-template", *SPENDING, "-o", "nowhere/template.xlsx")
    assert told.status == REFUSED
    assert "is not there: make it first" in told.err
    assert files(tmp_path) == []
