"""The sheets of equity in two formula engines: every cell is what Python computed, whatever the options."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.compare import Engine, assert_agrees, libreoffice
from tests.engines import recalculate_ironcalc
from tests.small_equity import HEADINGS, MEANS, PERIODS, count_rows, make, mean_rows, with_unknown, write_table
from xl_qbs.equity.analysis import EquityOptions
from xl_qbs.equity.gates import GateRules
from xl_qbs.equity.incentive import IncentiveRules
from xl_qbs.workbook.group_table import GroupColumns

_TWO = IncentiveRules(disadvantaged=("beta", "gamma"))
_COUNTS: dict[str, tuple[EquityOptions, GroupColumns, str]] = {
    "adjusted": (
        EquityOptions(incentive=_TWO, floor=0.8),
        replace(PERIODS, total="all", risk="risk", earlier="earlier"),
        "en",
    ),
    "smooth": (
        EquityOptions(
            incentive=IncentiveRules(disadvantaged=("beta",), steps="smooth", forfeit="beyond chance"),
            points_on="unadjusted",
            reference="alpha",
            prior="report",
            level=0.9,
            weights={"hyp": 2.0},
            targets={"diab": (0.6, 0.9)},
        ),
        PERIODS,
        "et",
    ),
    "median": (
        EquityOptions(reference="gamma", centre="median", peer_groups=4, level=0.99),
        replace(PERIODS, risk="risk"),
        "et",
    ),
    "forfeit": (
        EquityOptions(
            incentive=IncentiveRules(disadvantaged=("beta", "gamma"), forfeit="always"), reference="population"
        ),
        PERIODS,
        "en",
    ),
    "benchmark": (
        EquityOptions(
            reference="benchmark",
            benchmarks={"diab": 0.8, "hyp": 0.75},
            rules=GateRules(smallest_group=20, total_required=True),
        ),
        replace(PERIODS, baseline=None, total="all", risk="risk"),
        "en",
    ),
}


@pytest.mark.parametrize(
    ("name", "engine"),
    [
        *((name, recalculate_ironcalc) for name in _COUNTS),
        # LibreOffice takes ten times as long.
        *(pytest.param(name, libreoffice, marks=pytest.mark.libreoffice) for name in ("adjusted", "smooth")),
    ],
)
def test_counts(name: str, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    options, columns, language = _COUNTS[name]
    table = write_table(tmp_path / "table.xlsx", count_rows())
    made = make(table, tmp_path / "out.xlsx", options, columns, language)  # type: ignore[arg-type]
    assert_agrees(made.path, engine, made.book)


@pytest.mark.parametrize(
    ("points_on", "engine"),
    [
        ("adjusted", recalculate_ironcalc),
        ("unadjusted", recalculate_ironcalc),
        pytest.param("adjusted", libreoffice, marks=pytest.mark.libreoffice),
    ],
)
def test_means(points_on: Any, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    table = write_table(tmp_path / "table.xlsx", mean_rows(), MEANS)
    columns = replace(PERIODS, mean="mean", sd="sd", lower_is_better=("pain",))
    options = EquityOptions(
        incentive=IncentiveRules(disadvantaged=("beta",)),
        targets={"life": (46.0, 50.0), "pain": (4.2, 3.2)},
        points_on=points_on,
    )
    made = make(table, tmp_path / "out.xlsx", options, columns)
    assert_agrees(made.path, engine, made.book)


def test_unknown_groups_in_a_text_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    table = write_table(tmp_path / "table.csv", with_unknown(count_rows()), HEADINGS)
    made = make(table, tmp_path / "out.xlsx", EquityOptions(incentive=_TWO), replace(PERIODS, unknown=("not known",)))
    refused = dict(zip(made.read.now.table.providers, made.analysis.passed.ok[:, 0].tolist(), strict=True))
    assert not refused["P03"]
    assert refused["P01"]
    assert_agrees(made.path, recalculate_ironcalc, made.book)
