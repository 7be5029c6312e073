"""What the command of efficiency refuses: one message, the right status, and no file left behind."""

from __future__ import annotations

import datetime
import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.command import DONE, REFUSED, USAGE, Command
from tests.efficiency_runs import SPENDING, Rows, files, table_rows, write_patients, write_table
from tests.small_fund import write_fund
from tests.workbook.builders import Formula, write_xlsx
from xl_qbs.efficiency import analysis

# A user would see it, with the line of the program that it comes from.
pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")

QUALITY, COST = 1, 2
Edit = Callable[[Rows], object]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_table(tmp_path / "table.xlsx")


def _cell(row: int, column: int, value: Any) -> Edit:
    """Return a change of one cell; rows are counted as the sheet does."""

    def edit(rows: Rows) -> None:
        rows[row - 1][column] = value

    return edit


def _all(*edits: Edit) -> Edit:
    def edit(rows: Rows) -> None:
        for one in edits:
            one(rows)

    return edit


def _constant(column: int) -> Edit:
    return lambda rows: [row.__setitem__(column, 70) for row in rows[1:]]


def _only(count: int) -> Edit:
    return lambda rows: rows.__delitem__(slice(count + 1, None))


# Data

BAD: dict[str, tuple[Edit, list[str]]] = {
    "missing cost": (_cell(4, COST, None), ["Andmed!C4: 'Cost' (cost) is missing"]),
    "missing quality": (_cell(9, QUALITY, None), ["Andmed!B9: 'Quality' (quality) is missing"]),
    "zero spending": (_cell(4, COST, 0), ["Andmed!C4: 'Cost' (cost) is zero or negative ('0')"]),
    "negative spending": (
        _all(_cell(4, COST, -3), _cell(6, COST, -1)),
        ["Andmed!C4: 'Cost' (cost) is zero or negative ('-3') in C4, C6"],
    ),
    "text": (_cell(5, QUALITY, "good"), ["Andmed!B5: 'Quality' (quality) is text ('good')"]),
    "a number as text": (_cell(5, COST, "1 200,50"), ["Andmed!C5: 'Cost' (cost) is a number written as text"]),
    "a date": (_cell(5, COST, datetime.date(2024, 1, 1)), ["Andmed!C5: 'Cost' (cost) is a date"]),
    "a logical value": (_cell(5, QUALITY, True), ["Andmed!B5: 'Quality' (quality) is a logical value"]),
    "an error value": (_cell(5, COST, Formula("=1/0", "#DIV/0!")), ["Andmed!C5: 'Cost' (cost) is an error value"]),
    "never calculated": (_cell(5, COST, Formula("=1+1", None)), ["Andmed!C5: 1 formula has no stored value"]),
    "constant cost": (_constant(COST), ["Andmed!C2: 'Cost' (cost) is 70 in every row"]),
    "constant quality": (_constant(QUALITY), ["Andmed!B2: 'Quality' (quality) is 70 in every row"]),
    "two providers": (_only(2), ["there are 2 providers, and at least 3 are needed"]),
    "one provider": (_only(1), ["there is 1 provider, and at least 3 are needed"]),
    "no providers": (_only(0), ["there are 0 providers, and at least 3 are needed"]),
    "an id twice": (_cell(5, 0, "P001"), ["Andmed!A5: 'Provider' (provider) has ids that stand more than once: P001"]),
    "no id": (_cell(5, 0, None), ["Andmed!A5", "the provider's id is blank"]),
    "larger than any amount": (
        _all(_cell(3, QUALITY, 1e300), _cell(4, COST, 1e60)),
        ["Andmed!B3: 'Quality' (quality) is out of all proportion", "Andmed!C4: 'Cost' (cost) is out of"],
    ),
    "nearer to 0 than any amount": (_cell(3, COST, 1e-300), ["Andmed!C3: 'Cost' (cost) is too near to 0"]),
    "no such column": (
        _cell(1, COST, "Spending"),
        ["no 'cost'", "'Spending'", "--quality HEADING --cost HEADING"],
    ),
    "a heading twice": (_cell(1, 3, "cost"), ["Andmed!C1: 'cost' is the heading of C1 and D1"]),
    "everything at once": (
        _all(
            _cell(2, QUALITY, "x"),
            _cell(3, QUALITY, None),
            _cell(4, COST, 0),
            _cell(5, COST, "y"),
            _cell(6, 0, "P001"),
        ),
        ["5 problems", "Andmed!B2", "Andmed!B3", "Andmed!C4", "Andmed!C5", "Andmed!A6"],
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_data(run: Command, tmp_path: Path, name: str) -> None:
    edit, said = BAD[name]
    path = write_table(tmp_path / "table.xlsx", edit)
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    (tmp_path / "out.xlsx").write_bytes(b"old")
    told = run("efficiency", path, *SPENDING, "-o", "out.xlsx")
    assert (told.status, told.out) == (REFUSED, "")
    for one in said:
        assert one in told.err
    assert "Calculating" not in told.err
    assert (tmp_path / "out.xlsx").read_bytes() == b"old"
    assert files(tmp_path) == ["out.xlsx", "table.xlsx"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


@pytest.mark.parametrize(
    ("column", "edit", "words", "said"),
    [
        ("SE quality", _cell(4, 3, -1), ("--quality-error", "SE quality"), "Andmed!D4: 'SE quality' (quality error)"),
        ("SE cost", _cell(4, 4, "x"), ("--cost-error", "SE cost"), "Andmed!E4: 'SE cost' (cost error) is text ('x')"),
        ("Episodes", _cell(4, 5, None), ("--volume", "Episodes"), "Andmed!F4: 'Episodes' (volume) is missing"),
        ("Area", _cell(4, 6, None), ("--area", "Area"), "Andmed!G4: 'Area' (area) is missing"),
        ("Beds", _cell(4, 7, -2), ("--inputs", "Beds"), "Andmed!H4: 'Beds' is negative"),
        ("Visits", _all(_cell(4, 8, -2), _cell(5, 8, -2)), ("--outputs", "Visits"), "is negative, and inputs and outp"),
        ("Beds", _cell(4, 7, 1e90), ("--inputs", "Beds"), "Andmed!H4: 'Beds' is out of all proportion"),
        ("Area", _cell(4, 7, 1), ("--inputs", "Area"), "'Area' is text ('North')"),
    ],
)
def test_bad_further_columns(
    run: Command, tmp_path: Path, column: str, edit: Edit, words: tuple[str, str], said: str
) -> None:
    write_table(tmp_path / "table.xlsx", edit)
    told = run("efficiency", "table.xlsx", *SPENDING, *words)
    assert told.status == REFUSED
    assert said in told.err
    assert column in told.err
    assert files(tmp_path) == ["table.xlsx"]


def test_two_sheets_with_such_a_table(run: Command, tmp_path: Path) -> None:
    write_xlsx(tmp_path / "table.xlsx", {"One": table_rows(), "Two": table_rows()})
    told = run("efficiency", "table.xlsx", *SPENDING)
    assert told.status == REFUSED
    assert "'One' (row 1), 'Two' (row 1). Say which one with --sheet" in told.err
    assert files(tmp_path) == ["table.xlsx"]


# Patients


def _same_within(column: int) -> Edit:
    return lambda rows: [row.__setitem__(column, float(row[0][1:])) for row in rows[1:]]


@pytest.mark.parametrize(
    ("edit", "words", "said"),
    [
        (_cell(5, 2, "x"), (), "[patients.xlsx]Patients!C5: 'Quality' (quality) is text ('x')"),
        (_cell(5, 3, None), (), "[patients.xlsx]Patients!D5: 'Cost' (cost) is missing"),
        (_cell(5, 3, -1), (), "[patients.xlsx]Patients!D5: 'Cost' (cost) is negative"),
        (_cell(5, 2, 1e70), (), "[patients.xlsx]Patients!C5: 'Quality' (quality) is out of all proportion"),
        (_cell(5, 4, 1e70), ("--risk", "Age"), "risk factor is out of all proportion"),
        (_same_within(2), (), "'Quality' (quality) is the same for all patients of each provider"),
        (_same_within(3), (), "'Cost' (cost) is the same for all patients of each provider"),
        (_same_within(4), ("--risk", "Sex,Age"), "risk 'Age' is the same for all patients of each provider"),
        (lambda _: None, ("--risk", "Sex,Sex"), "[patients.xlsx]: The risk factors repeat each other"),
        (_cell(1, 0, "Who"), (), "Name it with --patient-provider"),
        (_cell(1, 3, "Bill"), (), "--patient-quality HEADING --patient-cost HEADING"),
        (lambda _: None, ("--patient-quality", "Outcome"), "no 'Outcome'"),
        (lambda _: None, ("--risk", "Weight"), "no 'Weight'"),
        (lambda _: None, ("--patient-sheet", "Nowhere"), "no worksheet 'Nowhere'; there are: 'Patients'"),
        (lambda _: None, ("--patient-provider", "Patient"), "none of its providers (1, 2, 3"),
        (lambda rows: rows.__delitem__(slice(7, None)), (), "at least 3 are needed"),
    ],
)
def test_bad_patient_rows(
    run: Command, table: Path, tmp_path: Path, edit: Edit, words: tuple[str, ...], said: str
) -> None:
    write_patients(tmp_path / "patients.xlsx", edit)
    told = run("efficiency", table, *SPENDING, "--patients", "patients.xlsx", *words)
    assert told.status == REFUSED
    assert said in told.err
    assert " --provider" not in told.err.replace("their columns: --provider, --patient-provider", "")
    assert files(tmp_path) == ["patients.xlsx", "table.xlsx"]


def test_one_patient_a_provider(run: Command, table: Path) -> None:
    told = run("efficiency", table, *SPENDING, "--patients", table, "-o", "out.xlsx")
    assert told.status == REFUSED
    assert "12 patients of 12 providers: too few" in told.err


# Scores


def test_no_scores(run: Command, table: Path, tmp_path: Path) -> None:
    for words in ((), ("--scored", table)):
        told = run("efficiency", table, *SPENDING, "--quality", "need-adjusted", *words)
        assert told.status == REFUSED
        assert "Score it first (xl-qbs score)" in told.err
    assert files(tmp_path) == ["table.xlsx"]


def test_scores_of_other_providers(run: Command, table: Path, scheme_file: Path, tmp_path: Path) -> None:
    write_fund(tmp_path / "fund.xlsx")
    assert run("score", "fund.xlsx", "--scheme", scheme_file, "-o", "scored.xlsx").status == DONE
    told = run("efficiency", table, *SPENDING, "--quality", "need-adjusted", "--scored", "scored.xlsx")
    assert told.status == REFUSED
    assert "12 ids of 'Provider' (provider) not found on the sheet 'QBS Scores'" in told.err
    assert "[scored.xlsx]QBS Scores" in told.err


# Options

WRONG: dict[str, str] = {
    "--quality-weights 1.5 .3": "--quality-weights 1.5 0.3: must be two from 0 to 1",
    "--quality-weights nan .3": "--quality-weights nan 0.3",
    "--quality-weights .7 -1": "--quality-weights 0.7 -1.0",
    "--quality-shares .6 .4": "--quality-shares 0.6 0.4: must be two that rise between 0 and 1",
    "--quality-shares 0 .4": "--quality-shares 0.0 0.4",
    "--cost-shares .5 .5": "--cost-shares 0.5 0.5: must be two that rise",
    "--cost-shares .5 nan": "--cost-shares 0.5 nan",
    "--class-shares .9 .1": "--class-shares 0.9 0.1: must be two that rise",
    "--class-shares .3 1": "--class-shares 0.3 1.0",
    "--quality-hurdle-share 0": "--quality-hurdle-share 0.0: must be between 0 and 1",
    "--quality-hurdle-share nan": "--quality-hurdle-share nan",
    "--cost-hurdle-share 2": "--cost-hurdle-share 2.0: must be between 0 and 1",
    "--quality-hurdle nan": "--quality-hurdle nan: must be a number",
    "--quality-hurdle inf": "--quality-hurdle inf: must be a number",
    "--cost-hurdle -5": "--cost-hurdle -5.0: must be spending above 0",
    "--cost-hurdle inf": "--cost-hurdle inf",
    "--value -1": "--value -1.0: must be an amount of money from 0",
    "--value nan": "--value nan: must be an amount of money from 0",
    "--value inf": "--value inf: must be an amount of money from 0",
    "--value 1 --reference-quality nan": "--reference-quality nan: must be a number",
    "--value 1 --reference-cost -1": "--reference-cost -1.0: must be an amount of money from 0",
    "--value 1 --reference-cost inf": "--reference-cost inf",
    "--star-floor 50 --star-ceiling 20": "--star-ceiling 20.0: must be above the floor of the stars, which is 50",
    "--star-floor 100": "--star-ceiling 100.0: must be above the floor of the stars, which is 100",
    "--star-floor nan": "--star-floor nan: must be a number",
    "--star-ceiling inf": "--star-ceiling inf: must be a number",
    "--error-correlation 1.01": "--error-correlation 1.01: must be from -1 to 1",
    "--error-correlation nan": "--error-correlation nan",
    "--level 2": "--level 2.0: must be between 0 and 1",
    "--level 1": "--level 1.0: must be between 0 and 1",
    "--level 0.9999999999999999": "--level 0.9999999999999999: must be between 0 and 1",
    "--level 0": "--level 0.0",
    "--level nan": "--level nan",
    "--level .5.5": "'--level'",
    "--failing first": "'--failing'",
    "--cost-is savings": "'--cost-is'",
    "--returns rising": "'--returns'",
    "--orientation up": "'--orientation'",
    "--distribution normal": "'--distribution'",
    "--prices high": "'--prices'",
    "--cells pictures": "'--cells'",
    "--language fi": "'--language'",
    "--quality-about all 2024": "--quality-about",
    "--models stars,best": "must be among unconditional, conditional, quality-hurdle",
    "--models ,": "'--models': names nothing",
    "--inputs ,": "'--inputs': names nothing",
    "--models regression": "regression needs patient rows (--patients)",
    "--models cost-effectiveness": "cost-effectiveness needs what a unit of quality is worth in money (--value)",
    "--models stars --star-ceiling 50": "stars needs quality from 0 to 50",
    "--models quality-hurdle --quality-hurdle 1000": "quality-hurdle is passed by nobody at 1000",
    "--models stars --inputs Beds": "--inputs and --outputs are for the model envelopment",
    "--quality Cost": "quality and cost both name the column",
    "--provider Cost": "cost and provider both name the column",
    "--quality -": "No table with '-'",
    "--scored table.xlsx": "--scored is for --quality need-adjusted, and quality is 'quality'",
    "--risk Age": "--patients FILE is missing: --risk is about its columns",
    "--patient-cost Bill --patient-sheet One": "--patient-cost, --patient-sheet is about its columns",
    "--program-option hurdle=70": "--program-option needs --program NAME",
    "--program tuft-blue-ribbon": "there is none. Did you mean tufts-blue-ribbon? --list-programs shows all 24",
    "--program x": "--program x: there is none. --list-programs shows all 24",
    "--program medicare-aco --program-option hurdle": "must be NAME=NUMBER, such as hurdle=70",
    "--program medicare-aco --program-option =70": "must be NAME=NUMBER",
    "--program medicare-aco --program-option hurdle=": "must be NAME=NUMBER",
    "--program medicare-aco --program-option hurdle=high": "must be a number, such as hurdle=70",
    "--program medicare-aco --program-option hurdle=nan": "must be a number, such as hurdle=70",
    "--program medicare-aco --program-option hurdle=1,2": "must be a number, such as hurdle=70",
    "--program medicare-aco --program-option hurdle=1 --program-option hurdle=2": "hurdle is given twice",
    "--program medicare-aco --program-option hurdle=1 --program-option sides=2": "has no parameter sides; it has",
    "--program hospital-vbp --program-option quality_weight=1.5": "quality_weight == 1.5, must be from 0 to 1",
    "--program tufts-blue-ribbon --program-option share=2": "program tufts-blue-ribbon: share == 2.0, must be between",
    "--program leapfrog --program-option version=both": "must be version=overall or version=within",
    "--program leapfrog --program-option quality_shares=.3": "must be two numbers, such as quality_shares=0.33,0.67",
    "--nonsense": "--nonsense",
    "more.xlsx": "more.xlsx",
    "-o out.csv": "must end in .xlsx",
    "-o out.xlsm": "must end in .xlsx",
    "-o .": "directory",
    "--patients nowhere.xlsx": "nowhere.xlsx",
    "--scored nowhere.xlsx": "nowhere.xlsx",
}
# These can only be known once the file has been read.
AFTER_READING = ("--quality -",)


@pytest.mark.parametrize("words", WRONG)
def test_wrong_options(run: Command, table: Path, tmp_path: Path, words: str) -> None:
    given = words.split()
    told = run("efficiency", table, *(() if "--cost-is" in given else SPENDING), *given)
    assert told.status == (REFUSED if words in AFTER_READING else USAGE)
    assert WRONG[words] in told.err
    assert files(tmp_path) == ["table.xlsx"]


def test_every_wrong_option_at_once(run: Command, table: Path) -> None:
    told = run("efficiency", table, *SPENDING, "--level", 2, "--value", -1, "--class-shares", 0.9, 0.1)
    assert told.status == USAGE
    assert re.findall(r"^(--\S+) ", told.err, re.MULTILINE) == ["--class-shares", "--value", "--level"]
    assert "Reading" not in told.err


@pytest.mark.parametrize("words", [(), ("nowhere.xlsx",), (".",)])
def test_no_table(run: Command, table: Path, words: tuple[str, ...]) -> None:
    told = run("efficiency", *words, *SPENDING)
    assert told.status == USAGE
    assert told.err.strip()


def test_what_cost_is_has_to_be_said(run: Command, table: Path) -> None:
    told = run("efficiency", table)
    assert told.status == USAGE
    assert "--cost-is" in told.err
    assert "performance" in told.err


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.xlsx", b"", "is empty"),
        ("text.xlsx", b"Provider,Quality,Cost\n" * 9, "is plain text"),
        ("paper.pdf", b"%PDF-1.4", "is a PDF file"),
        ("cut.xlsx", b"PK\x03\x04 and no more", "cut.xlsx"),
        ("empty.csv", b"", "is empty"),
    ],
)
def test_a_file_that_is_another_kind(run: Command, tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    told = run("efficiency", name, *SPENDING)
    assert told.status == REFUSED
    assert said in told.err
    assert files(tmp_path) == [name]


# Files that are read are never written


def test_never_over_what_is_read(run: Command, table: Path, tmp_path: Path) -> None:
    patients = write_patients(tmp_path / "patients.xlsx")
    (tmp_path / "link.xlsx").hardlink_to(table)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for words in (("-o", table), ("-o", "link.xlsx"), ("--patients", patients, "-o", "patients.xlsx")):
        told = run("efficiency", table, *SPENDING, "--models", "stars", *words)
        assert told.status == REFUSED
        assert "give another name with -o" in told.err
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_never_over_the_scored_workbook(run: Command, table: Path) -> None:
    before = table.read_bytes()
    other = write_table(table.parent / "other.xlsx")
    words = ("--quality", "need-adjusted", "--scored", table, "-o", table)
    told = run("efficiency", other, *SPENDING, *words)
    assert told.status == REFUSED
    assert "is one of the files that are read; give another name with -o" in told.err
    assert table.read_bytes() == before


def test_a_folder_that_is_not_there_is_told_before_any_work(run: Command, table: Path, tmp_path: Path) -> None:
    told = run("efficiency", table, *SPENDING, "-o", tmp_path / "nowhere" / "out.xlsx")
    assert told.status == REFUSED
    assert "is not there: make it first" in told.err
    assert "Calculating" not in told.err


def test_a_sheet_that_the_run_would_replace(run: Command, table: Path, tmp_path: Path) -> None:
    """Its formulas would refer to the very sheets that they stand on."""
    assert run("efficiency", table, *SPENDING, "--models", "stars", "-o", "one.xlsx").status == DONE
    words = ("--sheet", "eff results", "--quality", "Quality", "--cost", "Cost", "-o", "two.xlsx")
    told = run("efficiency", "one.xlsx", *SPENDING, *words)
    assert told.status == USAGE
    assert "--sheet EFF Results: is a result of an earlier run" in told.err
    assert files(tmp_path) == ["one.xlsx", "table.xlsx"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_stopped(
    run: Command, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(analysis, "analyse", stop)
    told = run("efficiency", table, *SPENDING)
    assert told.status == REFUSED
    assert "no result was written" in told.err
    assert files(tmp_path) == ["table.xlsx"]


def test_a_full_disk_leaves_what_was_there(
    run: Command, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "out.xlsx").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", full)
    told = run("efficiency", table, *SPENDING, "--models", "stars", "-o", "out.xlsx")
    assert told.status == REFUSED
    assert "No space left on device" in told.err
    assert (tmp_path / "out.xlsx").read_bytes() == b"old"
    assert files(tmp_path) == ["out.xlsx", "table.xlsx"]
