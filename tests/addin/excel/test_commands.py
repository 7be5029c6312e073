from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.compare import with_cell
from tests.efficiency_runs import SPENDING, write_patients, write_table
from xl_qbs import cli
from xl_qbs._version import __version__

COMMANDS = "xl_qbs.addin.excel.commands"


def copy_of(book: Path, folder: Path) -> Path:
    """Do what the ribbon does: save a copy under the same name into a folder of its own."""
    made = folder / "xl_qbs-20240531120000-000001"
    made.mkdir()
    return Path(shutil.copy(book, made / book.name))


@pytest.fixture
def fund(examples: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "office"
    folder.mkdir()
    return Path(shutil.copy(examples / "fund_workbook_2024.xlsx", folder / "fund.xlsx"))


def test_score_writes_beside_the_workbook_what_the_command_line_writes(
    call_udf: Any, fund: Path, tmp_path: Path
) -> None:
    before = fund.read_bytes()
    copied = copy_of(fund, tmp_path)
    status, message, output = call_udf(COMMANDS, "score_workbook", [str(copied), str(fund), "en"])
    assert (status, message) == ("done", "")
    assert Path(output) == fund.with_name("fund_qbs.xlsx")
    assert fund.read_bytes() == before
    assert not copied.parent.exists()
    reference = tmp_path / "reference.xlsx"
    cli.app(["score", str(fund), "-o", str(reference)], standalone_mode=False)
    found, wanted = (openpyxl.load_workbook(path, data_only=True) for path in (output, reference))
    assert found.sheetnames == wanted.sheetnames
    rows = [list(book["QBS Scores"].iter_rows(values_only=True)) for book in (found, wanted)]
    assert rows[0] == rows[1]


def test_score_speaks_estonian_where_excel_does(call_udf: Any, fund: Path, tmp_path: Path) -> None:
    _, _, output = call_udf(COMMANDS, "score_workbook", [str(copy_of(fund, tmp_path)), str(fund), "et"])
    assert "QBS Teave" in openpyxl.load_workbook(output, read_only=True).sheetnames


@pytest.mark.parametrize("original", ["Book1", "https://d.docs.live.net/abc/fund.xlsx"])
def test_a_workbook_without_a_folder_of_its_own_is_scored_into_the_documents(
    call_udf: Any, fund: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, original: str
) -> None:
    home = tmp_path / "home"
    (home / "Documents").mkdir(parents=True)
    monkeypatch.setattr(Path, "home", lambda: home)
    _, _, output = call_udf(COMMANDS, "score_workbook", [str(copy_of(fund, tmp_path)), original, "en"])
    assert Path(output) == home / "Documents" / "fund_qbs.xlsx"


def test_what_cannot_be_scored_is_refused_with_every_reason(call_udf: Any, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.save(tmp_path / "empty.xlsx")
    copied = copy_of(tmp_path / "empty.xlsx", tmp_path)
    status, message, output = call_udf(COMMANDS, "score_workbook", [str(copied), str(tmp_path / "empty.xlsx"), "en"])
    assert status == "refused"
    assert "table" in message
    assert output == ""
    assert not copied.parent.exists()


def test_a_failure_of_our_own_is_said_without_a_traceback(
    call_udf: Any, fund: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xl_qbs.jobs.score.score_file", lambda *_, **__: 1 / 0)
    status, message, _ = call_udf(COMMANDS, "score_workbook", [str(copy_of(fund, tmp_path)), str(fund), "en"])
    assert status == "refused"
    assert "ZeroDivisionError" in message


def test_check_lists_what_was_found(call_udf: Any, fund: Path, tmp_path: Path) -> None:
    rows = call_udf(COMMANDS, "check_workbook", [str(copy_of(fund, tmp_path)), "en"])
    assert rows[0] == ["What", "Where", "What was found", "What to do"]
    assert rows[1][2] == "The data can be scored."
    assert all(len(row) == 4 for row in rows)


def test_check_of_a_broken_workbook_has_no_good_news(call_udf: Any, tmp_path: Path) -> None:
    (tmp_path / "fund.xlsx").write_bytes(b"no workbook")
    copied = copy_of(tmp_path / "fund.xlsx", tmp_path)
    rows = call_udf(COMMANDS, "check_workbook", [str(copied), "et"])
    assert rows[0][0] == "Mis"
    assert [row[0] for row in rows[1:]] == ["Viga"]
    assert not copied.parent.exists()


def test_only_a_folder_of_the_ribbon_is_removed(call_udf: Any, fund: Path) -> None:
    call_udf(COMMANDS, "check_workbook", [str(fund), "en"])
    assert fund.is_file()


def test_about_says_versions(call_udf: Any) -> None:
    text = call_udf(COMMANDS, "about", ["en"])
    assert f"xl_qbs {__version__}" in text
    assert "xlwings 0.37.8" in text
    assert len(text) < 1024  # MsgBox shows no more


def _audited(call_udf: Any, book: Path, folder: Path, language: str = "en") -> list[list[str]]:
    copied = copy_of(book, folder)
    rows: list[list[str]] = call_udf(COMMANDS, "audit_workbook", [str(copied), str(book), language])
    assert not copied.parent.exists()
    assert {len(row) for row in rows} == {6}
    return rows


def test_audit_of_what_was_scored(call_udf: Any, fund: Path, tmp_path: Path) -> None:
    _, _, output = call_udf(COMMANDS, "score_workbook", [str(copy_of(fund, tmp_path)), str(fund), "en"])
    rows = _audited(call_udf, Path(output), tmp_path)
    assert rows[0] == ["What", "Where", "What was found", "Expected", "Found", "Effect"]
    assert rows[1:] == [["", "scored workbook", "Every formula and number is what it should be.", "", "", ""]]
    typed = with_cell(Path(output), tmp_path / "typed.xlsx", "QBS Coverage", "D12", 0.99)
    verdict, *findings = _audited(call_udf, typed, tmp_path, "et")[1:]
    assert verdict[2].startswith("Mõni valem või arv ei ole see")
    assert findings[0][:2] == ["Viga", "QBS Coverage!D12"]
    assert findings[0][4] == "0.99"


def test_audit_finds_other_files_beside_the_workbook_itself(call_udf: Any, tmp_path: Path) -> None:
    write_table(tmp_path / "table.xlsx")
    write_patients(tmp_path / "patients.xlsx")
    words = ["efficiency", "table.xlsx", "--patients", "patients.xlsx", *SPENDING, "-o", "out.xlsx"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        patch.setattr(sys, "argv", ["xl-qbs", *words])
        cli.main()
    assert _audited(call_udf, tmp_path / "out.xlsx", tmp_path)[1][2] == "Every formula and number is what it should be."


def test_audit_of_another_workbook_is_refused(call_udf: Any, fund: Path, tmp_path: Path) -> None:
    row = _audited(call_udf, fund, tmp_path)[1]
    assert row[0] == "Error"
    assert "no result sheets" in row[2]
