"""Statements in a folder: all of them, whole, resumable, and nobody else's files touched."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from tests.compare import values
from tests.small_fund import EPOCH, SCHEME, counts, write_fund
from xl_qbs import read_workbook
from xl_qbs.errors import ArgumentError, OutputError
from xl_qbs.scoring.score import Result, score
from xl_qbs.workbook import statements
from xl_qbs.workbook.made_files import NAME, Manifest
from xl_qbs.workbook.one_sheet import OneSheetWriter
from xl_qbs.workbook.statements import statement, write_statements

LISTS = 12
IDS = ["N001", "n001", "Õ/1", "CON", *(f"N{number:03d}" for number in range(5, LISTS + 1))]


def result_of(folder: Path, ids: Any = (), seed: int = 1, **method: Any) -> Result:
    target, done = counts(SCHEME, LISTS, seed)
    path = write_fund(folder / "fund.xlsx", SCHEME, target, done, providers=ids)
    return score(read_workbook(path, SCHEME), SCHEME, **method)


@pytest.fixture
def result(tmp_path: Path) -> Result:
    return result_of(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "out" / "pages"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_every_list_has_its_page_and_no_other(result: Result, folder: Path) -> None:
    shares: list[float] = []
    done = write_statements(result, folder, progress=shares.append)
    assert done.made == result.table.providers
    assert (done.kept, done.stale) == ((), ())
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert {path.name for path in folder.iterdir()} == {NAME, *(f"{one}.xlsx" for one in result.table.providers)}
    for row, provider in enumerate(result.table.providers):
        page = values(folder / f"{provider}.xlsx")["Statement"]
        texts = [value for value in page.values() if isinstance(value, str)]
        assert provider in texts
        assert result.need_adjusted.total[row] in page.values()
        with zipfile.ZipFile(folder / f"{provider}.xlsx") as archive:
            everything = b"".join(archive.read(name) for name in archive.namelist())
        for other in result.table.providers:
            assert (other.encode() in everything) == (other == provider)


def test_ids_that_no_file_can_be_called(tmp_path: Path, folder: Path) -> None:
    result = result_of(tmp_path, IDS)
    write_statements(result, folder, language="et")
    entries = Manifest.read(folder).made
    assert list(entries) == IDS
    assert len({entry.file.casefold() for entry in entries.values()}) == LISTS
    for provider, entry in entries.items():
        assert provider in values(folder / entry.file)["Skooriteatis"].values()


def test_what_is_finished_is_kept(result: Result, folder: Path) -> None:
    write_statements(result, folder)
    before = contents(folder)
    with mock.patch.object(OneSheetWriter, "write", side_effect=AssertionError):
        done = write_statements(result, folder)
    assert done.made == ()
    assert done.kept == result.table.providers
    assert contents(folder) == before
    assert write_statements(result, folder, again=True).made == result.table.providers


@pytest.mark.parametrize("change", ["data", "options", "language", "changed by hand", "removed", "cut off"])
def test_what_is_stale_is_made_anew(change: str, result: Result, folder: Path, tmp_path: Path) -> None:
    write_statements(result, folder)
    options: dict[str, Any] = {}
    all_of_them = result.table.providers
    page = folder / "N003.xlsx"
    if change == "data":
        result = result_of(tmp_path, seed=2)
    elif change == "options":
        result = result_of(tmp_path, fraction=1.0)
    elif change == "language":
        options["language"] = "et"
    else:
        all_of_them = ("N003",)
        if change == "removed":
            page.unlink()
        else:
            page.write_bytes(b"other" if change == "changed by hand" else page.read_bytes()[:-9])
    assert write_statements(result, folder, **options).made == all_of_them
    name = "Skooriteatis" if change == "language" else "Statement"
    assert result.need_adjusted.total[2] in values(page)[name].values()


def test_a_run_that_is_stopped_goes_on_where_it_was(result: Result, folder: Path) -> None:
    class Stopped(BaseException):
        pass

    def stop(share: float) -> None:
        if share >= 5 / LISTS:
            raise Stopped

    with pytest.raises(Stopped):
        write_statements(result, folder, progress=stop)
    assert len(list(folder.glob("*.xlsx"))) == 5
    done = write_statements(result, folder)
    assert (len(done.kept), len(done.made)) == (5, LISTS - 5)
    assert not [path for path in folder.iterdir() if path.name.endswith(".part")]


def test_a_run_that_is_killed_leaves_files_that_are_known_as_ours(result: Result, folder: Path) -> None:
    """Nothing is noted down behind the first page, as when the power fails."""
    write = Manifest.write
    with mock.patch.object(Manifest, "write", autospec=True) as noted:
        noted.side_effect = lambda self: write(self) if noted.call_count == 1 else None
        write_statements(result, folder)
    assert all(not entry.sha256 for entry in Manifest.read(folder).made.values())
    assert write_statements(result, folder).made == result.table.providers


def test_a_run_that_goes_on_gives_the_same_bytes(result: Result, folder: Path, tmp_path: Path) -> None:
    with mock.patch.dict(os.environ, SOURCE_DATE_EPOCH=EPOCH):
        write_statements(result, folder, only=["N004", "N009"])
        write_statements(result, folder)
        write_statements(result, tmp_path / "whole")
    parts, whole = contents(folder), contents(tmp_path / "whole")
    assert {name: parts[name] for name in parts if name != NAME} == {n: whole[n] for n in whole if n != NAME}


def test_only_some(result: Result, folder: Path, tmp_path: Path) -> None:
    assert write_statements(result, folder, only=["N007", "N002", "N007"]).made == ("N002", "N007")
    assert len(list(folder.glob("*.xlsx"))) == 2
    later = write_statements(result_of(tmp_path, seed=3), folder, only=["N002"])
    assert later.stale == ("N007",)
    assert {one.name for one in folder.glob("*.xlsx")} == {"N002.xlsx", "N007.xlsx"}


def test_a_list_that_is_not_there_is_refused_before_anything_is_made(result: Result, folder: Path) -> None:
    with pytest.raises(ArgumentError, match="no list N999, Xy in the table"):
        write_statements(result, folder, only=["N001", "N999", "Xy"])
    assert not folder.exists()


@pytest.mark.parametrize("name", ["N003.xlsx", "N003.pdf"])
def test_files_of_others_are_never_overwritten(name: str, result: Result, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / name).write_bytes(b"mine")
    with pytest.raises(OutputError, match=f"would be overwritten: {name}"):
        write_statements(result, folder)
    assert contents(folder) == {name: b"mine"}


def test_a_print_that_is_older_than_its_workbook_is_removed(result: Result, folder: Path) -> None:
    write_statements(result, folder)
    for one in ("N003.pdf", "N004.pdf"):
        (folder / one).write_bytes(b"printed")
    (folder / "N003.xlsx").unlink()
    write_statements(result, folder)
    assert not (folder / "N003.pdf").exists()
    assert (folder / "N004.pdf").exists()


def test_a_page_whose_name_changes_does_not_stay_under_the_old_one(tmp_path: Path, folder: Path) -> None:
    ids = [f"L{number}" for number in range(LISTS)]
    write_statements(result_of(tmp_path, ids), folder)
    changed = [*ids[:-1], "l0"]
    done = write_statements(result_of(tmp_path, changed), folder)
    assert done.stale == (ids[-1],)
    files = {path.name for path in folder.glob("*.xlsx")}
    assert "L0.xlsx" not in files
    assert len(files) == LISTS + 1


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"format": 2, "statements": {}}',
        '{"format": 1}',
        '{"format": 1, "statements": {"N001": {"file": "../x.xlsx"}}}',
        '{"format": 1, "statements": {"N001": {"file": "a.xlsx", "key": 3}}}',
        '{"format": 1, "statements": {"N001": {"files": "a.xlsx"}}}',
        "[" * 100_000,
    ],
)
def test_a_list_of_what_was_made_that_is_none_is_refused(content: str, result: Result, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / NAME).write_text(content)
    with pytest.raises(OutputError, match=r"statements\.json"):
        write_statements(result, folder)
    assert contents(folder) == {NAME: content.encode()}


def test_a_folder_that_cannot_be_made_is_an_error(result: Result, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be made"):
        write_statements(result, tmp_path / "file" / "out")


def test_the_list_of_what_was_made_is_plain_text(tmp_path: Path, folder: Path) -> None:
    write_statements(result_of(tmp_path, IDS), folder, only=["Õ/1"])
    content = json.loads((folder / NAME).read_text(encoding="utf-8"))
    assert list(content["statements"]) == ["Õ/1"]


def test_one_statement_as_a_book(result: Result) -> None:
    assert statement(result, "N004").block("list_id").values[0, 0] == "N004"
    with pytest.raises(ArgumentError, match="no list X"):
        statement(result, "X")
    with pytest.raises(ArgumentError, match="not read from a file"):
        statements.statements_fund(score(_plain(result), SCHEME))


def _plain(result: Result) -> Any:
    from xl_qbs.scoring.table import Table

    table = result.table
    return Table(table.providers, table.indicators, table.target, table.done)
