"""Parquet files read as tables: the same as their text form, and everything that is refused."""

from __future__ import annotations

import datetime
import decimal
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import xl_qbs
from tests.command import DONE, USAGE, Command
from tests.compare import values
from tests.small_fund import SCHEME, counts
from xl_qbs.errors import DamagedWorkbookError, DangerousWorkbookError, DataError, NotAWorkbookError
from xl_qbs.workbook import parquet as module
from xl_qbs.workbook.parquet import read_parquet

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


def write(path: Path, columns: dict[str, Any]) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def fund(path: Path, **changes: Any) -> Path:
    target, done = counts(SCHEME)
    columns: dict[str, Any] = {"List": [f"N{number:03d}" for number in range(1, len(target) + 1)]}
    for number, code in enumerate(SCHEME.codes):
        columns[f"{code} target"] = target[:, number].astype(int)
        columns[f"{code} done"] = done[:, number].astype(int)
    return write(path, columns | changes)


def cells(path: Path) -> list[list[Any]]:
    return read_parquet(path, path.read_bytes()).rows


def test_a_table_is_read_as_its_counts_are(tmp_path: Path) -> None:
    target, done = counts(SCHEME)
    table = xl_qbs.read_workbook(fund(tmp_path / "fund 2019.parquet"), SCHEME)
    np.testing.assert_array_equal(table.target, target)
    np.testing.assert_array_equal(table.done, done)
    assert table.providers[0] == "N001"
    assert table.period == "2019"


def test_values_of_every_type(tmp_path: Path) -> None:
    day, moment = datetime.date(2019, 5, 6), datetime.datetime(2019, 5, 6, 7, 8, tzinfo=datetime.UTC)
    path = write(
        tmp_path / "t.parquet",
        {
            "whole": pa.array([17, None], pa.int32()),
            "long": [2**60 + 1, 1],
            "float": [0.5, float("nan")],
            "decimal": [decimal.Decimal("1.25"), None],
            "text": ["0017", None],
            "category": pa.array(["a", "b"]).dictionary_encode(),
            "logical": [True, False],
            "day": [day, None],
            "moment": [moment, None],
            "nothing": pa.nulls(2),
        },
    )
    headings, first, second = cells(path)
    assert headings[:3] == ["whole", "long", "float"]
    assert first == [17.0, 2**60 + 1, 0.5, 1.25, "0017", "a", True, day, moment.replace(tzinfo=None), None]
    assert second == [None, 1, None, None, None, "b", False, None, None, None]
    assert read_parquet(path, path.read_bytes()).text(1, 1) == str(2**60 + 1)


def test_faults_are_told_with_their_cells(tmp_path: Path) -> None:
    size = len(counts(SCHEME)[0])
    path = fund(tmp_path / "fund.parquet", **{"i01 target": [-1, *[5] * (size - 1)], "i02 done": [0.5] * size})
    with pytest.raises(DataError) as refused:
        xl_qbs.read_workbook(path, SCHEME)
    assert any("fund!B2" in str(one) and "below 0" in str(one) for one in refused.value.findings)
    assert any("not a whole number" in str(one) for one in refused.value.findings)


def test_a_scored_workbook_comes_of_it(run: Command, tmp_path: Path, scheme_file: Path) -> None:
    done = run("score", fund(tmp_path / "fund.parquet"), "--scheme", scheme_file, "-o", "out.xlsx")
    assert done.status == DONE, done.err
    sheets = values(tmp_path / "out.xlsx")
    assert sheets["fund"]["A1"] == "List"
    assert sheets["fund"]["B2"] == counts(SCHEME)[0][0, 0]


@pytest.mark.parametrize(
    ("content", "error", "told"),
    [
        (b"id,n\n1,2\n", NotAWorkbookError, "not a Parquet file"),
        (b"PAR1 and no more", DamagedWorkbookError, "cannot be read as Parquet"),
    ],
)
def test_what_is_no_parquet(tmp_path: Path, content: bytes, error: type[Exception], told: str) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(content)
    with pytest.raises(error, match=told):
        xl_qbs.read_workbook(path, SCHEME)


def test_lists_in_cells_and_too_many_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DamagedWorkbookError, match="the column 'a' is of the type list"):
        cells(write(tmp_path / "t.parquet", {"a": [[1], [2]]}))
    monkeypatch.setattr(module, "_MOST_CELLS", 5)
    with pytest.raises(DangerousWorkbookError, match="holds 6 cells"):
        cells(write(tmp_path / "t.parquet", {"a": [1, 2], "b": [1, 2]}))


def test_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = fund(tmp_path / "fund.parquet")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(NotAWorkbookError, match=r"pip install 'xl_qbs\[aggregate\]'"):
        cells(path)


def test_scores_without_a_workbook(run: Command, tmp_path: Path, scheme_file: Path) -> None:
    table = fund(tmp_path / "fund.parquet")
    words = ("score", table, "--scheme", scheme_file)
    whole = run(*words, "-o", "out.xlsx", "--export", "with")
    alone = run(*words, "--cells", "none", "--export", "without", "--json")
    assert (whole.status, alone.status) == (DONE, DONE), alone.err
    assert '"output": null' in alone.out
    for name in ("scores.csv", "coverage.csv"):
        assert (tmp_path / "with" / name).read_bytes() == (tmp_path / "without" / name).read_bytes()
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "fund.parquet",
        "out.xlsx",
        "scheme.csv",
        "with",
        "without",
    ]
    parts = run(*words, "--cells", "none", "--export", "columns", "--export-form", "parquet")
    assert parts.status == DONE, parts.err
    import pandas as pd

    for name in ("scores", "coverage"):
        pd.testing.assert_frame_equal(
            pd.read_parquet(tmp_path / "columns" / f"{name}.parquet"),
            pd.read_csv(tmp_path / "with" / f"{name}.csv"),
            check_dtype=False,
            rtol=1e-12,
        )


def test_some_lists_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from xl_qbs.workbook import export

    result = xl_qbs.score(xl_qbs.read_workbook(fund(tmp_path / "fund.parquet"), SCHEME), SCHEME)
    whole = [path.read_bytes() for path in export.export_scores(result, tmp_path / "whole")]
    monkeypatch.setattr(export, "_ROWS", 7)
    assert [path.read_bytes() for path in export.export_scores(result, tmp_path / "parts")] == whole
    columns = export.export_scores(result, tmp_path / "columns", "parquet")
    assert [pq.ParquetFile(path).metadata.num_row_groups > 1 for path in columns] == [True, True]


@pytest.mark.parametrize("words", [("--cells", "none"), ("--cells", "none", "--export", "x", "-o", "out.xlsx")])
def test_no_workbook_needs_an_export(run: Command, tmp_path: Path, words: tuple[str, ...]) -> None:
    done = run("score", fund(tmp_path / "fund.parquet"), *words)
    assert (done.status, "--cells none writes no workbook" in done.err) == (USAGE, True)
