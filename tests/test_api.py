"""The package as a library: three lines do the whole job, and what they need is imported when it is asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import xl_qbs
from tests.small_fund import SCHEME, counts, write_fund
from xl_qbs.errors import NotAWorkbookError
from xl_qbs.examples import example

PROJECT = Path(__file__).resolve().parents[1]


def test_three_lines(examples: Path, tmp_path: Path) -> None:
    table = xl_qbs.read_workbook(examples / "fund_workbook_2024.xlsx")
    result = xl_qbs.score(table)
    path = xl_qbs.write_scored(result, tmp_path / "out.xlsx")
    assert path == tmp_path / "out.xlsx"
    assert path.stat().st_size > 100_000
    assert len(result.scores()) == 790


def test_paths_may_be_texts(tmp_path: Path) -> None:
    path = write_fund(tmp_path / "in.xlsx")
    result = xl_qbs.score(xl_qbs.read_workbook(str(path), SCHEME))
    assert xl_qbs.write_scored(result, str(tmp_path / "out.xlsx")) == tmp_path / "out.xlsx"
    assert all(one.exists() for one in xl_qbs.export_scores(result, str(tmp_path / "tidy")))


def test_a_frame_is_scored_like_a_file(tmp_path: Path) -> None:
    path = write_fund(tmp_path / "in.xlsx")
    target, done = counts(SCHEME)
    frame = pd.DataFrame(
        [
            {"provider": f"N{i + 1:03d}", "indicator": code, "target": target[i, j], "done": done[i, j]}
            for i in range(len(target))
            for j, code in enumerate(SCHEME.codes)
        ]
    )
    read = xl_qbs.score(xl_qbs.read_workbook(path, SCHEME))
    made = xl_qbs.score(xl_qbs.Table.from_frame(frame), SCHEME)
    np.testing.assert_array_equal(made.need_adjusted.total, read.need_adjusted.total)
    pd.testing.assert_frame_equal(made.scores(), read.scores())


@pytest.mark.parametrize("name", xl_qbs.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(xl_qbs, name) is not None


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'scored'"):
        _ = xl_qbs.scored


def test_importing_it_imports_nothing_heavy() -> None:
    code = "import sys, xl_qbs; print(sorted({'numpy', 'pandas', 'scipy', 'openpyxl', 'lxml'} & set(sys.modules)))"
    told = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(PROJECT)}, capture_output=True, check=True
    )
    assert told.stdout.decode().strip() == "[]"


def test_examples_are_found_by_name(examples: Path) -> None:
    assert example("four_providers.xlsx").read_bytes() == (examples / "four_providers.xlsx").read_bytes()
    with pytest.raises(NotAWorkbookError, match=r"nothing\.xlsx is not here"):
        example("nothing.xlsx")
