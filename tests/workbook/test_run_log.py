"""The run log: written and read again, and what its fingerprints tell apart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import xl_qbs
from tests.small_fund import CONDITIONS, SCHEME, counts, long_rows, write_fund
from tests.workbook.builders import write_xlsx
from xl_qbs.workbook.fund_table import FundTable
from xl_qbs.workbook.run_log import RunLog, data_print, log_lines, parse_log, run_log


def _table(folder: Path) -> FundTable:
    scheme = replace(SCHEME, conditions=CONDITIONS)
    target, done = counts(scheme)
    done[2, 1] = target[2, 1] + 3
    return xl_qbs.read_workbook(write_fund(folder / "in.xlsx", scheme, target, done), scheme)


def _log(table: FundTable, **method: object) -> RunLog:
    result = xl_qbs.score(table, **method)
    return run_log(result, time="2026-01-01", language="et", options="score in.xlsx  -o x")


@pytest.mark.parametrize(
    "method",
    [
        {},
        {"prior": "likelihood"},
        {"prior": "fixed", "prior_values": {code: (0.5, float("inf")) for code in SCHEME.codes}},
        {"weights": "own", "own_weights": dict.fromkeys(SCHEME.codes, 1.5), "coverage_decimals": 2},
    ],
)
def test_a_log_is_read_as_it_was_written(tmp_path: Path, method: dict[str, object]) -> None:
    table = _table(tmp_path)
    log = _log(table, **method)
    again, sound = parse_log(log_lines(log))
    assert sound
    assert again is not None
    assert (again.options, again.language, again.time) == (log.options, log.language, log.time)
    assert again.method == log.method
    assert again.scheme == log.scheme
    assert again.estimated == log.estimated
    assert again.findings == table.findings
    assert again.above == ((2, 1, table.done[2, 1]),)
    for name in ("rows", "target_columns", "done_columns", "provider_rows"):
        assert np.array_equal(getattr(again.source, name), getattr(table.source, name))
    assert again.source.sheets == (("Andmed", "visible"),)
    assert again.data == data_print(table)


def test_rows_of_a_long_table(tmp_path: Path) -> None:
    rows = long_rows(SCHEME, *counts(SCHEME), ((0, 0), (4, 2)))
    table = xl_qbs.read_workbook(write_xlsx(tmp_path / "in.xlsx", {"Pikk": rows}), SCHEME)
    again, _ = parse_log(log_lines(_log(table)))
    assert again is not None
    assert np.array_equal(again.source.rows, table.source.rows)


def test_a_long_log_goes_on_in_further_cells(tmp_path: Path) -> None:
    table = _table(tmp_path)
    table = replace(table, findings=tuple(replace(one, what="õ" * 2000) for one in table.findings) * 30)
    lines = log_lines(_log(table))
    assert len(lines) > 2
    assert max(map(len, lines)) <= 32_767
    again, sound = parse_log(lines)
    assert sound
    assert again is not None
    assert again.findings == table.findings


@pytest.mark.parametrize("lines", [(), ("x", "y"), ('{"xl_qbs_run":1,"a":[]}', "y"), ('{"xl_qbs_run":1,', "y")])
def test_what_is_no_log_is_none(lines: tuple[str, ...]) -> None:
    assert parse_log(lines) == (None, False)


def test_a_changed_count_changes_its_list_and_its_column_alone(tmp_path: Path) -> None:
    table = _table(tmp_path)
    done = table.done.copy()
    done[7, 3] += 1
    before, after = data_print(table), data_print(replace(table, done=done))
    assert before.sha256 != after.sha256
    assert [row for row in range(before.lists) if before.row(row) != after.row(row)] == [7]
    assert [key for key, value in before.by_column.items() if after.by_column[key] != value] == ["x i04"]
