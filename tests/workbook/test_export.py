"""Tidy text files: the columns that were promised, the numbers of the result, and text that no program runs."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import xl_qbs
from tests.small_fund import SCHEME, counts
from xl_qbs.errors import OutputError
from xl_qbs.scoring.score import Result
from xl_qbs.scoring.table import Table
from xl_qbs.workbook.export import export_scores, summary

SCORES = ["provider", "current_score", "proportional_score", "need_adjusted_score", "rank", "relative_rank", "band"]
COVERAGE = [
    "provider",
    "indicator",
    "target",
    "done",
    "coverage",
    "adjusted_coverage",
    "low",
    "high",
    "reliability",
]


def _result(providers: list[str] | None = None, **method: Any) -> Result:
    target, done = counts(SCHEME, len(providers) if providers else 30)
    target[1, 2] = done[1, 2] = 0
    done[0, 0] = target[0, 0] + 3
    names = providers or [f"N{number:03d}" for number in range(len(target))]
    return xl_qbs.score(Table(tuple(names), SCHEME.codes, target, done), SCHEME, **method)


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_columns(tmp_path: Path) -> None:
    scores, coverage = export_scores(_result(), tmp_path)
    assert (scores.name, coverage.name) == ("scores.csv", "coverage.csv")
    assert _rows(scores)[0] == SCORES
    assert _rows(coverage)[0] == COVERAGE


def test_numbers_are_those_of_the_result(tmp_path: Path) -> None:
    result = _result()
    scores, coverage = (pd.read_csv(path, float_precision="round_trip") for path in export_scores(result, tmp_path))
    np.testing.assert_array_equal(scores["current_score"], result.current.total)
    np.testing.assert_array_equal(scores["proportional_score"], result.proportional.total)
    np.testing.assert_array_equal(scores["need_adjusted_score"], result.need_adjusted.total)
    np.testing.assert_array_equal(scores["rank"], result.need_adjusted.rank)
    np.testing.assert_array_equal(scores["relative_rank"], result.need_adjusted.relative_rank)
    assert scores["relative_rank"].between(0, 1).all()
    assert set(scores["band"]) <= {one.name for one in SCHEME.bands}
    assert len(coverage) == result.coverage.size
    wide = coverage.pivot_table(index="provider", columns="indicator", values="adjusted_coverage", sort=False)
    np.testing.assert_array_equal(wide.to_numpy(), result.adjusted)
    for column, values in (
        ("target", result.table.target),
        ("done", np.minimum(result.table.done, result.table.target)),
        ("coverage", result.coverage),
        ("low", result.interval.low),
        ("high", result.interval.high),
        ("reliability", result.reliability),
    ):
        np.testing.assert_array_equal(coverage[column], values.ravel(), err_msg=column)


def test_coverage_that_is_undefined_is_blank(tmp_path: Path) -> None:
    rows = _rows(export_scores(_result(), tmp_path)[1])
    line = next(row for row in rows if row[:2] == ["N001", SCHEME.codes[2]])
    assert line[2:5] == ["0", "0", ""]
    assert line[5] != ""


def test_utf_8_with_commas_and_points(tmp_path: Path) -> None:
    path = export_scores(_result(['Õ, "1"', "B", "C", "D"]), tmp_path)[0]
    data = path.read_bytes()
    assert b"\r" not in data
    assert not data.startswith(b"\xef\xbb\xbf")
    assert data.decode("utf-8").splitlines()[1].startswith('"Õ, ""1""",')


HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\ttab", "\rreturn", "'x", '<b>&"', "two\nlines", "😀", "a=b"]


def test_nothing_is_a_formula(tmp_path: Path) -> None:
    for path in export_scores(_result(HOSTILE), tmp_path):
        rows = _rows(path)[1:]
        found = list(dict.fromkeys(row[0] for row in rows))
        marked = [f"'{name}" if name[0] in "=+-@\t\r" else name for name in HOSTILE]
        assert found == [name.replace("\r", "\n") for name in marked]
        assert not any(cell.startswith(("=", "+", "@", "\t", "\r")) for row in rows for cell in row)


def test_a_band_and_an_indicator_that_look_like_formulas(tmp_path: Path) -> None:
    from dataclasses import replace

    indicators = tuple(replace(one, code=f"={one.code}") for one in SCHEME.indicators)
    scheme = replace(SCHEME, indicators=indicators, bands=(replace(SCHEME.bands[0], name="@all"),))
    target, done = counts(scheme)
    table = Table(tuple(f"N{number}" for number in range(len(target))), scheme.codes, target, done)
    scores, coverage = export_scores(xl_qbs.score(table, scheme), tmp_path)
    assert {row[6] for row in _rows(scores)[1:]} == {"'@all"}
    assert {row[1] for row in _rows(coverage)[1:]} == {f"'{code}" for code in scheme.codes}


def test_the_folder_is_made_and_files_in_it_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "one" / "two"
    export_scores(_result(list("abcd")), folder)
    paths = export_scores(_result(list("efgh")), folder)
    assert [row[0] for row in _rows(paths[0])[1:]] == list("efgh")
    assert sorted(path.name for path in folder.iterdir()) == ["coverage.csv", "scores.csv"]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match=r"The folder .*inside cannot be made"):
        export_scores(_result(), tmp_path / "file" / "inside")


def test_without_bands(tmp_path: Path) -> None:
    from dataclasses import replace

    target, done = counts(SCHEME)
    table = Table(tuple(f"N{number}" for number in range(len(target))), SCHEME.codes, target, done)
    path = export_scores(xl_qbs.score(table, replace(SCHEME, bands=())), tmp_path)[0]
    assert {row[6] for row in _rows(path)[1:]} == {""}


def test_summary() -> None:
    result = _result(prior="moments")
    told = json.loads(json.dumps(summary(result)))
    assert (told["providers"], told["indicators"], told["complete_providers"]) == (30, 5, 29)
    assert told["weights"] == dict(zip(SCHEME.codes, result.weights.tolist(), strict=True))
    assert result.component is not None
    assert told["loadings"] == dict(zip(SCHEME.codes, result.component.loadings.tolist(), strict=True))
    for place, code in enumerate(SCHEME.codes):
        assert told["prior"][code] == {"mean": result.prior.mean[place], "strength": result.prior.strength[place]}
    assert told["method"]["prior"] == "moments"
    assert told["warnings"] == [str(one) for one in result.warnings]


def test_summary_of_an_infinite_strength_is_json() -> None:
    values = dict.fromkeys(SCHEME.codes, (0.5, float("inf")))
    told = summary(_result(prior="fixed", prior_values=values))
    assert json.loads(json.dumps(told, allow_nan=False))["prior"]["i01"] == {"mean": 0.5, "strength": "infinite"}


def test_summary_without_a_component() -> None:
    told = summary(_result(["a", "b"], weights="current"))
    assert told["complete_providers"] is None
    assert told["loadings"] is None
