"""The command ``xl-qbs statements``."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from tests.command import DONE, REFUSED, USAGE, Command
from tests.compare import values
from tests.small_fund import write_fund
from xl_qbs.errors import OutputError
from xl_qbs.jobs import statements as statement_job
from xl_qbs.workbook import libreoffice, statements


def test_pages_are_written_and_the_next_run_keeps_them(run: Command, scheme_file: Path, tmp_path: Path) -> None:
    write_fund(tmp_path / "fund.xlsx")
    words = ("statements", "fund.xlsx", "-o", "pages", "--scheme", scheme_file, "--pdf", "no")
    first = run(*words)
    assert first.status == DONE
    assert "30 written." in first.err
    assert first.out == ""
    assert len(list((tmp_path / "pages").glob("*.xlsx"))) == 30
    assert "0 written, 30 stood already." in run(*words).err
    assert "30 written." in run(*words, "--again").err
    assert "30 written." in run(*words, "--prior", "moments", "--language", "et").err


def test_some_lists_only(run: Command, scheme_file: Path, tmp_path: Path) -> None:
    write_fund(tmp_path / "fund.xlsx")
    words = ("statements", "fund.xlsx", "-o", "pages", "--scheme", scheme_file, "--pdf", "no")
    assert run(*words, "--only", "N007, N002", "--only", "N003").status == DONE
    assert {one.stem for one in (tmp_path / "pages").glob("*.xlsx")} == {"N002", "N003", "N007"}
    unknown = run(*words, "--only", "N007,N099")
    assert (unknown.status, "no list N099" in unknown.err) == (USAGE, True)
    assert run(*words, "--only", " , ").status == USAGE
    stale = run(*words, "--only", "N003", "--level", "0.9")
    assert "other data, other options" in stale.err
    assert "N002, N007." in stale.err


def test_a_scored_workbook_gives_the_same_pages(run: Command, scheme_file: Path, tmp_path: Path) -> None:
    write_fund(tmp_path / "fund.xlsx")
    assert run("score", "fund.xlsx", "-o", "scored.xlsx", "--scheme", scheme_file).status == DONE
    for name in ("fund", "scored"):
        words = ("statements", f"{name}.xlsx", "-o", name, "--scheme", scheme_file, "--pdf", "no", "--only", "N005")
        assert run(*words).status == DONE
    one, other = (values(tmp_path / name / "N005.xlsx")["Statement"] for name in ("fund", "scored"))
    texts = {cell for cell in one if one[cell] != other[cell]}
    assert {str(one[cell]) for cell in texts if "fund" in str(one[cell])} == {"fund.xlsx"}
    # File, time and hash are others; every number is the same.
    assert all(isinstance(one[cell], str) for cell in texts)


def test_what_cannot_be_scored_leaves_no_folder(run: Command, scheme_file: Path, tmp_path: Path) -> None:
    (tmp_path / "fund.csv").write_text("List;i01 target;i01 done\nA;x;1\n")
    assert run("statements", "fund.csv", "-o", "pages", "--scheme", scheme_file).status == REFUSED
    assert run("statements", "fund.csv", "--scheme", scheme_file).status == USAGE
    assert not (tmp_path / "pages").exists()


def test_no_libreoffice(run: Command, scheme_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_fund(tmp_path / "fund.xlsx")
    monkeypatch.setattr(libreoffice, "find_libreoffice", lambda: None)
    words = ("statements", "fund.xlsx", "-o", "pages", "--scheme", scheme_file, "--only", "N001")
    refused = run(*words, "--pdf", "yes")
    assert (refused.status, "LibreOffice is not installed" in refused.err) == (USAGE, True)
    assert run(*words).status == DONE
    assert [one.name for one in sorted((tmp_path / "pages").iterdir())] == ["N001.xlsx", "statements.json"]


def test_a_libreoffice_that_fails(
    run: Command, scheme_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OutputError("LibreOffice broke")

    write_fund(tmp_path / "fund.xlsx")
    monkeypatch.setattr(libreoffice, "find_libreoffice", lambda: "soffice")
    monkeypatch.setattr(statements, "print_workbooks", fail)
    words = ("statements", "fund.xlsx", "-o", "pages", "--scheme", scheme_file, "--only", "N001")
    warned = run(*words)
    assert (warned.status, "no PDF. LibreOffice broke" in warned.err) == (DONE, True)
    assert run(*words, "--pdf", "yes").status == REFUSED


@pytest.mark.libreoffice
def test_pages_are_printed_once(run: Command, scheme_file: Path, tmp_path: Path) -> None:
    write_fund(tmp_path / "fund.xlsx")
    words = ("statements", "fund.xlsx", "-o", "pages", "--scheme", scheme_file, "--only", "N001,N002", "--pdf", "yes")
    assert "2 printed to PDF." in run(*words).err
    page = tmp_path / "pages" / "N002.pdf"
    assert page.read_bytes().startswith(b"%PDF")
    assert page.read_bytes().count(b"/Type/Page/") + page.read_bytes().count(b"/Type/Page\n") <= 1
    assert "printed" not in run(*words).err
    page.unlink()
    assert "0 written, 2 stood already, 1 printed to PDF." in run(*words).err


def test_stopped(run: Command, scheme_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    write_fund(tmp_path / "fund.xlsx")
    monkeypatch.setattr(statements, "hash_of", stop)
    stopped = run("statements", "fund.xlsx", "-o", "pages", "--scheme", scheme_file, "--pdf", "no")
    assert (stopped.status, "run the same command again" in stopped.err) == (REFUSED, True)


def test_ids_as_they_were_typed() -> None:
    assert statement_job.chosen_lists(["a, b", "c,d", "b"], ["a", "b", "c,d"]) == ["a", "b", "c,d"]


@pytest.mark.shared
def test_a_tenth_of_the_fund_takes_less_than_a_tenth_of_two_minutes(run: Command, shared: Path, tmp_path: Path) -> None:
    """Of one core, reading and scoring all 781 lists included."""
    shutil.copy(shared / "data" / "fund_workbook_2019.xlsx", tmp_path / "fund.xlsx")
    lists = ",".join(f"N{number:04d}" for number in range(1, 100))
    start = time.process_time()
    done = run("statements", "fund.xlsx", "-o", "pages", "--pdf", "no", "--only", lists)
    assert time.process_time() - start < 12
    assert done.status == DONE
    assert len(list((tmp_path / "pages").glob("*.xlsx"))) == 99
