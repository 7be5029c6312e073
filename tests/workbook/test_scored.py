"""Scored workbooks: where they go, under which name, and that the scored file is left alone."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
import xlsxwriter

import xl_qbs
from tests.compare import parts_of, values
from tests.small_fund import EPOCH, SCHEME, counts, rows_of, score_file, write_fund
from tests.workbook.builders import write_xlsx
from xl_qbs.errors import ArgumentError, OutputError, WorkbookError
from xl_qbs.scoring.table import Table
from xl_qbs.workbook.add_sheets import default_output, sheet_title
from xl_qbs.workbook.scored import scored_book, write_scored


@pytest.fixture
def fund(tmp_path: Path) -> Path:
    return write_fund(tmp_path / "in.xlsx")


def _result(path: Path) -> Any:
    return xl_qbs.score(xl_qbs.read_workbook(path, SCHEME))


def test_the_scored_file_is_left_alone(fund: Path, tmp_path: Path) -> None:
    before = hashlib.sha256(fund.read_bytes()).hexdigest()
    output = write_scored(_result(fund), tmp_path / "out.xlsx")
    assert output == tmp_path / "out.xlsx"
    assert hashlib.sha256(fund.read_bytes()).hexdigest() == before
    assert parts_of(output)["xl/worksheets/sheet1.xml"] == parts_of(fund)["xl/worksheets/sheet1.xml"]


@pytest.mark.parametrize("name", ["in.xlsx", "../{folder}/in.xlsx", "link.xlsx"])
def test_never_over_the_scored_file(fund: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "link.xlsx").symlink_to(fund)
    before = fund.read_bytes()
    with pytest.raises(OutputError, match="is the file that is scored; give another name with -o"):
        write_scored(_result(fund), tmp_path / name.format(folder=tmp_path.name))
    assert fund.read_bytes() == before


@pytest.mark.parametrize(
    ("source", "output"), [("in.xlsx", "out.csv"), ("in.xlsx", "out.xlsm"), ("in.xlsx", "out"), ("in.xlsm", "out.xlsx")]
)
def test_the_name_has_to_fit(tmp_path: Path, source: str, output: str) -> None:
    def finish(book: xlsxwriter.Workbook) -> None:
        if source.endswith("m"):
            (tmp_path / "macros").write_bytes(b"x")
            book.add_vba_project(str(tmp_path / "macros"))

    path = write_xlsx(tmp_path / source, {"Data": rows_of(SCHEME, *counts(SCHEME))}, finish=finish)
    reason = "must end in .xlsm because it holds macros" if source.endswith("m") else r"must end in \.xlsx$"
    with pytest.raises(ArgumentError, match=reason):
        write_scored(_result(path), tmp_path / output)
    assert not (tmp_path / output).exists()


def test_a_table_that_was_not_read_has_no_file_to_add_to(tmp_path: Path) -> None:
    target, done = counts(SCHEME)
    table = Table(tuple(f"N{number}" for number in range(len(target))), SCHEME.codes, target, done)
    with pytest.raises(ArgumentError, match="was not read from a file"):
        write_scored(xl_qbs.score(table, SCHEME), tmp_path / "out.xlsx")


@pytest.mark.parametrize("output_is_there", [False, True])
def test_a_scored_file_that_has_gone(fund: Path, tmp_path: Path, output_is_there: bool) -> None:
    result = _result(fund)
    fund.unlink()
    if output_is_there:
        (tmp_path / "out.xlsx").write_bytes(b"old")
    with pytest.raises(WorkbookError, match="There is no file"):
        write_scored(result, tmp_path / "out.xlsx")
    assert (tmp_path / "out.xlsx").exists() == output_is_there


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_scored_file_that_has_changed_since(tmp_path: Path, kind: str) -> None:
    """Its cells are no longer those that were scored: links and values would not agree."""
    path = tmp_path / f"in.{kind}"
    for seed in (1, 2):
        rows = rows_of(SCHEME, *(part.astype(int) for part in counts(SCHEME, seed=seed)))
        if kind == "csv":
            path.write_text("\n".join(",".join(str(one) for one in row) for row in rows), encoding="utf-8")
        else:
            write_xlsx(path, {"Data": rows})
        if seed == 1:
            result = _result(path)
    with pytest.raises(WorkbookError, match=f"in.{kind} has changed since it was read"):
        write_scored(result, tmp_path / "out.xlsx")
    assert not (tmp_path / "out.xlsx").exists()


def test_a_name_that_is_too_long(fund: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        write_scored(_result(fund), tmp_path / ("x" * 300 + ".xlsx"))


def test_default_names(tmp_path: Path) -> None:
    path = tmp_path / "fund 2024.xlsx"
    names = []
    for _ in range(3):
        output = default_output(path)
        output.write_bytes(b"")
        names.append(output.name)
    assert names == ["fund 2024_qbs.xlsx", "fund 2024_qbs_2.xlsx", "fund 2024_qbs_3.xlsx"]
    assert default_output(tmp_path / "a.XLSM").name == "a_qbs.XLSM"
    assert default_output(tmp_path / "a.b.csv").name == "a.b_qbs.xlsx"
    assert default_output(tmp_path / ("x" * 252 + ".xlsx")).name == "x" * 252 + "_qbs.xlsx"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("table", "table"),
        ("[x]:*?/\\'y", "x       y"),
        ("'quoted'", "quoted"),
        ("õ" * 40, "õ" * 31),
        ("???", "Data"),
        ("", "Data"),
    ],
)
def test_names_of_files_become_names_of_sheets(name: str, expected: str) -> None:
    assert sheet_title(name) == expected


def test_a_text_file_whose_name_is_no_sheets(tmp_path: Path) -> None:
    path = tmp_path / "[2019] it's * the very long name of a table.csv"
    rows = rows_of(SCHEME, *(part.astype(int) for part in counts(SCHEME)))
    path.write_text("\n".join(",".join(str(one) for one in row) for row in rows), encoding="utf-8")
    scored = score_file(path, tmp_path / "out.xlsx", SCHEME)
    first = openpyxl.load_workbook(scored.path).sheetnames[0]
    assert first == sheet_title(path.stem)
    assert len(first) <= 31
    assert values(scored.path)[first]["A2"] == "N001"


def test_progress_rises_to_the_end(fund: Path, tmp_path: Path) -> None:
    told: list[float] = []
    write_scored(_result(fund), tmp_path / "out.xlsx", progress=told.append)
    assert told == sorted(told)
    assert told[0] > 0
    assert told[-1] == 1
    assert len(told) > 20


def test_options_and_time_are_told(fund: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    book = scored_book(_result(fund), options="score in.xlsx --prior report")
    texts = {value for block in book.sheets[0].blocks for value in block.values.ravel() if isinstance(value, str)}
    assert {"score in.xlsx --prior report", "2023-11-14 22:13:20+00:00"} <= texts
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "no number")
    again = scored_book(_result(fund))
    assert "2023-11-14 22:13:20+00:00" not in {
        value for block in again.sheets[0].blocks for value in block.values.ravel() if isinstance(value, str)
    }


def test_values_and_formulas_hold_the_same(fund: Path, tmp_path: Path) -> None:
    live = score_file(fund, tmp_path / "live.xlsx", SCHEME)
    still = score_file(fund, tmp_path / "still.xlsx", SCHEME, cells="values")
    held, kept = values(live.path), values(still.path)
    for sheet in live.book.sheets:
        assert {cell: value for cell, value in held[sheet.name].items() if value != ""} == dict(kept[sheet.name])
    with zipfile.ZipFile(still.path) as archive:
        assert not any(b"<f>" in archive.read(name) for name in archive.namelist() if "xl_qbs_sheet" in name)


def test_a_hundred_thousand_cells_are_streamed(tmp_path: Path) -> None:
    """A part is made in pieces, none of which is the whole of it."""
    from xl_qbs.workbook.sheet_xml import worksheet
    from xl_qbs.workbook.styles_xml import MINIMAL_STYLES, Styles

    target, done = counts(SCHEME, 3000)
    scored = score_file(write_fund(tmp_path / "in.xlsx", SCHEME, target, done), tmp_path / "out.xlsx", SCHEME)
    (coverage,) = [sheet for sheet in scored.book.sheets if scored.book.block("adjusted") in sheet.blocks]
    styles = Styles(MINIMAL_STYLES, {(block.kind, block.format) for block in coverage.blocks})
    sizes = np.array([len(piece) for piece in worksheet(scored.book, coverage, styles)])
    assert len(sizes) > 15
    assert sizes.max() < sizes.sum() / 10
