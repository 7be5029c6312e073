"""Sheets of efficiency, simulation, equity and a diagnosis: clean as they were written, and every change is found.

They are made by the command, as users make them. A sample of changes is drawn by default; XL_QBS_SLOW=1 draws a
thousand of each.
"""

from __future__ import annotations

import os
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.audit.mutations import Mutator, Place
from tests.audit.test_mutations import is_located
from tests.command import DONE, REFUSED, Command
from tests.compare import with_cell
from tests.efficiency_runs import SPENDING, write_patients
from tests.efficiency_runs import write_table as write_efficiency_table
from tests.engines import convert
from tests.small_equity import count_rows
from tests.small_equity import write_table as write_equity_table
from tests.small_fund import SCHEME, counts, rows_of, write_fund
from tests.workbook.builders import write_xlsx
from xl_qbs import cli, read_workbook
from xl_qbs.audit.family import rebuild_family
from xl_qbs.audit.findings import AuditFinding, AuditReport
from xl_qbs.audit.inputs import find_lines
from xl_qbs.audit.library import Library
from xl_qbs.audit.opened import Opened, open_workbook
from xl_qbs.audit.run import audit_file, audit_opened
from xl_qbs.sheets.address import cell_name
from xl_qbs.sheets.model import SourceBlock
from xl_qbs.workbook.family_log import START, log_texts, parse_family_log

SLOW = os.environ.get("XL_QBS_SLOW") == "1"
SLOWLY = pytest.mark.skipif(not SLOW, reason="takes many minutes: XL_QBS_SLOW=1 runs it")
NAMES = {
    "efficiency": "efficiency_",
    "equity": "equity_",
    "simulate": "simulation_",
    "diagnose": "diagnosis_",
}


def _run(folder: Path, *words: object) -> Path:
    """Run the command in a folder, and return what it wrote to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["xl-qbs", *(str(word) for word in words)])
        cli.main()
    return folder / str(words[words.index("-o") + 1])


def _fund(folder: Path) -> Path:
    lines = ["code;domain;name;name et;points;required coverage;own weight"]
    lines += [
        f"{one.code};{one.domain};{one.name};{one.name_et};{one.points};{one.required_coverage};{one.weight}"
        for one in SCHEME.indicators
    ]
    (folder / "scheme.csv").write_text("\n".join(lines), encoding="utf-8")
    return write_fund(folder / "fund.xlsx")


def _efficiency(folder: Path) -> Path:
    write_efficiency_table(folder / "table.xlsx")
    write_patients(folder / "patients.xlsx")
    words = ("--patients", "patients.xlsx", "--value", 25, "--quality-about", "all", "2023 a", "none")
    return _run(folder, "efficiency", "table.xlsx", *SPENDING, *words, "-o", "efficiency.xlsx")


def _equity(folder: Path) -> Path:
    write_equity_table(folder / "groups.xlsx", count_rows())
    words = ("--periods", "year", "--now", "2024", "--baseline", "2023", "--total", "all", "--disadvantaged", "beta")
    return _run(folder, "equity", "groups.xlsx", *words, "--language", "et", "-o", "equity.xlsx")


def _simulate(folder: Path) -> Path:
    _fund(folder)
    words = ("--scheme", "scheme.csv", "--extra-patients", "10%", "--replications", 5)
    return _run(folder, "simulate", "fund.xlsx", *words, "-o", "simulate.xlsx")


def _diagnose(folder: Path) -> Path:
    _fund(folder)
    return _run(folder, "diagnose", "fund.xlsx", "--scheme", "scheme.csv", "-o", "diagnose.xlsx")


MAKERS: dict[str, Callable[[Path], Path]] = {
    "efficiency": _efficiency,
    "equity": _equity,
    "simulate": _simulate,
    "diagnose": _diagnose,
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("families")
    files: dict[str, Path] = {}

    def make(name: str) -> Path:
        if name not in files:
            (folder / name).mkdir()
            files[name] = MAKERS[name](folder / name)
        return files[name]

    return make


def errors(report: AuditReport) -> list[AuditFinding]:
    return [one for one in report.findings if one.severity == "error"]


# As they were written


@pytest.mark.parametrize("name", NAMES)
def test_sheets_as_they_were_written_pass(name: str, made: Callable[[str], Path]) -> None:
    report = audit_file(made(name), ["ironcalc"])
    assert report.findings == (), report.as_text()
    assert dict(report.facts)["Recalculated with ironcalc"] == "every formula gives Python's value"
    assert "not compared" not in report.as_text()


@pytest.mark.libreoffice
@pytest.mark.parametrize(
    "name", ["efficiency", *(pytest.param(one, marks=SLOWLY) for one in ("diagnose", "equity", "simulate"))]
)
def test_what_libreoffice_saved_passes(name: str, made: Callable[[str], Path]) -> None:
    path = made(name)
    # Beside the other files that were read.
    saved = convert(path, path.parent / "saved", "xlsx:Calc MS Excel 2007 XML")
    saved = saved.rename(path.parent / f"{name}_saved.xlsx")
    report = audit_opened(open_workbook(saved))
    assert report.findings == (), report.as_text()


def test_scores_and_other_sheets_in_one_file(run: Command, tmp_path: Path) -> None:
    _fund(tmp_path)
    assert run("score", "fund.xlsx", "--scheme", "scheme.csv", "-o", "one.xlsx").status == DONE
    words = ("--scheme", "scheme.csv", "--extra-patients", 5, "--replications", 5)
    assert run("simulate", "one.xlsx", *words, "-o", "two.xlsx").status == DONE
    done = run("audit", "two.xlsx", "--recalculate", "ironcalc")
    assert done.status == DONE, done.out + done.err
    assert done.out.startswith("PASS: two.xlsx (scored workbook, simulation sheets)")
    assert "simulation sheets: Analysed file: one.xlsx" in done.out
    report = audit_file(with_cell(tmp_path / "two.xlsx", tmp_path / "three.xlsx", "SIM Parameters", "B7", 0.25))
    assert not report.passed
    assert {one.sheet for one in errors(report)} >= {"SIM Parameters"}


def test_efficiency_of_the_scores_in_the_same_file(run: Command, tmp_path: Path) -> None:
    _fund(tmp_path)
    rows = rows_of(SCHEME, *counts(SCHEME))
    costs = [["List", "Cost"], *([row[0], 700 + 13 * place % 97] for place, row in enumerate(rows[1:]))]
    write_xlsx(tmp_path / "fund.xlsx", {"Andmed": rows, "Kulud": costs})
    assert run("score", "fund.xlsx", "--scheme", "scheme.csv", "-o", "one.xlsx").status == DONE
    words = ("--quality", "need-adjusted", "--cost", "Cost", "--cost-is", "spending")
    for scored in ((), ("--scored", "one.xlsx")):
        done = run("efficiency", "one.xlsx", *words, *scored, "-o", "two.xlsx")
        assert done.status == DONE, done.err
        report = audit_file(tmp_path / "two.xlsx")
        assert report.findings == (), report.as_text()


def test_values_only(tmp_path: Path) -> None:
    _fund(tmp_path)
    words = ("--scheme", "scheme.csv", "--cells", "values")
    path = _run(tmp_path, "diagnose", "fund.xlsx", *words, "-o", "out.xlsx")
    report = audit_opened(open_workbook(path))
    assert report.passed, report.as_text()
    assert [one.kind for one in report.findings] == ["formula"]


# Every change is found


def _inputs(opened: Opened, family: str, library: Library) -> dict[str, list[Place]]:
    found = rebuild_family(opened, family, library)
    assert found.expected is not None, found.why
    inputs: dict[str, list[Place]] = {}
    for sheet in found.expected.book.sheets:
        for block in sheet.blocks:
            if block.kind == "input" and block.key != "legend_input":
                inputs.setdefault(sheet.name, []).extend(
                    (block.row + i, block.column + j) for i in range(block.rows) for j in range(block.columns)
                )
    for source in found.expected.book.named.values():
        if isinstance(source, SourceBlock):
            inputs.setdefault(source.sheet, []).extend(
                (int(row), int(column))
                for rows, column in zip(source.cell_rows.T, source.cell_columns, strict=False)
                for row in rows
                if row
            )
    return inputs


def _assert_all_found(path: Path, family: str, number: int, seed: int) -> None:
    opened, library = open_workbook(path), Library()
    assert audit_opened(opened, library).findings == ()
    mutator = Mutator(opened, list(opened.families[family]), _inputs(opened, family, library), seed)
    missed, loud = [], []
    for place in range(number):
        changed = mutator.make(place)
        # What a change of the table leads to is another book; of each only one is kept.
        report = audit_opened(changed.opened, Library(dict(library.made), dict(library.compared)))
        if report.passed or not is_located(report, changed):
            missed.append((changed.what, report.as_text(6)))
        if changed.what.startswith(("digit", "sign", "swapped", "formula", "=")) and len(errors(report)) > 8:
            loud.append((changed.what, len(errors(report))))
    assert missed == []
    assert loud == []


@pytest.mark.parametrize("name", NAMES)
def test_every_change_is_found(name: str, made: Callable[[str], Path]) -> None:
    _assert_all_found(made(name), NAMES[name], 1000 if SLOW else 32, seed=11)


def test_a_change_is_found_in_the_file_itself(made: Callable[[str], Path]) -> None:
    """The same through the archive: the tests above change the parts of an opened workbook."""
    path = made("simulate")
    opened, library = open_workbook(path), Library()
    mutator = Mutator(opened, list(opened.families["simulation_"]), _inputs(opened, "simulation_", library), seed=3)
    for place in range(8):
        changed = mutator.make(place)
        copy = path.parent / f"changed_{place}.xlsx"
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w") as new:
            for name in old.namelist():
                new.writestr(name, changed.opened.changed.get(name, old.read(name)))
        report = audit_opened(open_workbook(copy))
        assert is_located(report, changed), (changed.what, report.as_text())


def test_a_changed_count_is_told_with_what_it_was(made: Callable[[str], Path]) -> None:
    path = made("diagnose")
    before = read_workbook(path, SCHEME).done[4, 1]
    report = audit_opened(open_workbook(with_cell(path, path.parent / "data.xlsx", "Andmed", "E6", 1.0)))
    told = next(one for one in report.findings if one.kind == "data")
    assert (told.where, told.expected, told.found) == ("Andmed!E6", f"{before:g}", "1")
    assert "do not follow" in told.what


# What cannot be made again is said


def test_another_file_that_is_missing(made: Callable[[str], Path], tmp_path: Path) -> None:
    path = tmp_path / "alone.xlsx"
    path.write_bytes(made("simulate").read_bytes())
    report = audit_file(path, ["ironcalc"])
    assert [one.kind for one in errors(report)] == ["run log"]
    assert "scheme.csv" in errors(report)[0].what
    assert "the stored value" in dict(report.facts)["Recalculated with ironcalc"]
    (tmp_path / "scheme.csv").write_text("code\nx", encoding="utf-8")
    assert "not the one that was read" in errors(audit_file(path))[0].what


def test_sheets_made_from_python(tmp_path: Path) -> None:
    from tests.small_efficiency import analyse_file

    path = tmp_path / "out.xlsx"
    analyse_file(write_efficiency_table(tmp_path / "table.xlsx"), path)
    assert "made from Python" in errors(audit_file(path))[0].what


def test_a_log_that_was_changed(made: Callable[[str], Path]) -> None:
    path = made("equity")
    opened = open_workbook(path)
    sheet = opened.sheet(opened.families["equity_"][0])
    assert sheet is not None
    (row, column), found = next((place, one) for place, one in sheet.cells.items() if str(one.value).startswith(START))
    cell = cell_name(row, column)
    changed = with_cell(path, path.parent / "log.xlsx", sheet.name, cell, str(found.value).replace("0.95", "0.9"))
    assert any(one.kind == "run log" and "checksum" in one.what for one in audit_file(changed).findings)
    broken = with_cell(path, path.parent / "broken.xlsx", sheet.name, cell, "gone")
    assert "missing or cannot be read" in errors(audit_file(broken))[0].what


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"command": "score"}, "makes no such sheets"),
        ({"given": {"nothing": 1}}, "does not know the option nothing"),
        ({"given": {"scheme": "secret.csv"}, "files": {}}, "does not say which file secret.csv was"),
        ({"files": {"scheme": ("../scheme.csv", "0")}}, "not beside the workbook"),
        ({"given": {"behaviours": 5}}, "cannot be used"),
        ({"given": {"replications": 10**12}}, "replications in the run log cannot be used"),
        ({"given": {"replications": "many"}}, "replications in the run log cannot be used"),
        ({"given": {"language": "fr"}}, "language in the run log cannot be used"),
        ({"given": {"sheet": "None such"}}, "None such"),
    ],
)
def test_a_log_that_says_something_else(
    change: dict[str, Any], told: str, made: Callable[[str], Path], tmp_path: Path
) -> None:
    """Whatever it says, only the files that it names with their hashes are read, and nothing is written."""
    path = made("simulate")
    opened = open_workbook(path)
    held = find_lines(opened, opened.families["simulation_"], START)
    assert held is not None
    log, _ = parse_family_log(held.lines)
    assert log is not None
    given = {**log.given, **change.get("given", {})}
    texts = log_texts(replace(log, **{**change, "given": given}))
    wrong = path
    for row, text in enumerate(texts):
        cell = f"B{int(held.cell[1:]) + row}"
        wrong = with_cell(wrong, path.parent / f"said_{row}.xlsx", held.sheet, cell, text)
    before = sorted(path.parent.iterdir())
    report = audit_file(wrong)
    assert any(told in one.what for one in errors(report)), report.as_text()
    assert sorted(path.parent.iterdir()) == before


def test_a_log_is_read_as_it_was_written(made: Callable[[str], Path]) -> None:
    opened = open_workbook(made("efficiency"))
    sheet = opened.sheet("EFF About")
    assert sheet is not None
    row = next(row for (row, _), one in sheet.cells.items() if str(one.value).startswith(START))
    log, sound = parse_family_log([str(sheet.at(row, 2).value), str(sheet.at(row + 1, 2).value)])
    assert sound
    assert log is not None
    assert (log.command, log.table, list(log.files)) == ("efficiency", "table", ["patients"])
    assert log.given["quality_about"] == ("all", "2023 a", "none")
    assert parse_family_log(log_texts(log)) == (log, True)
    assert parse_family_log(["{}", ""]) == (None, False)


# Files that are none of these


def test_a_statement_is_recalculated(run: Command, tmp_path: Path) -> None:
    _fund(tmp_path)
    words = ("--scheme", "scheme.csv", "--only", "N001", "--pdf", "no")
    assert run("statements", "fund.xlsx", *words, "-o", "pages").status == DONE
    path = tmp_path / "pages" / "N001.xlsx"
    report = audit_file(path, ["ironcalc"])
    assert report.findings == (), report.as_text()
    assert report.what == "statement of one list"
    assert dict(report.facts)["As it was written"].startswith("yes")
    assert dict(report.facts)["Recalculated with ironcalc"].startswith("every formula gives the stored value")
    sheet = open_workbook(path).sheet("Statement")
    assert sheet is not None
    place = next(place for place, one in sheet.cells.items() if one.formula is not None and one.value == 1.0)
    wrong = with_cell(path, tmp_path / "wrong.xlsx", "Statement", cell_name(*place), 3.0)
    report = audit_file(wrong, ["ironcalc"])
    assert dict(report.facts)["As it was written"].startswith("not known")
    path.write_bytes(wrong.read_bytes())
    assert [one.kind for one in errors(audit_file(path))] == ["data"]


def test_a_file_without_sheets_of_the_program(run: Command, tmp_path: Path) -> None:
    done = run("audit", _fund(tmp_path))
    assert done.status == REFUSED
    assert "neither a template nor a statement" in done.err
