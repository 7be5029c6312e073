"""The sheets of a diagnosis in two formula engines: every cell is what Python computed, whatever the options."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import xl_qbs
from tests.compare import ENGINES, Engine, assert_agrees, libreoffice, sheet_parts
from tests.engines import recalculate_ironcalc
from tests.sheets.diagnosis.small import VARIANTS, made
from xl_qbs.sheets.diagnosis.book import diagnosis_book
from xl_qbs.sheets.diagnosis.plan import Added
from xl_qbs.workbook.diagnosed import Asked, write_diagnosis

SLOW = pytest.mark.skipif(os.environ.get("XL_QBS_SLOW") != "1", reason="takes minutes: XL_QBS_SLOW=1 runs it")


@pytest.mark.parametrize(
    ("engine", "name"),
    [pytest.param(recalculate_ironcalc, name, id=f"ironcalc-{name}") for name in VARIANTS]
    # LibreOffice takes its time.
    + [
        pytest.param(libreoffice, "everything", id="libreoffice-everything", marks=pytest.mark.libreoffice),
        pytest.param(
            libreoffice,
            "moments, own weights, odd lists",
            id="libreoffice-moments",
            marks=[pytest.mark.libreoffice, SLOW],
        ),
    ],
)
def test_small_funds(tmp_path: Path, engine: Engine, name: str) -> None:
    one = made(tmp_path, **VARIANTS[name])
    assert_agrees(one.path, engine, one.book)


def test_the_four_providers_of_the_report(tmp_path: Path, examples: Path) -> None:
    one = _two_files(examples / "four_providers_next_year.xlsx", examples / "four_providers.xlsx", tmp_path, "en")
    assert_agrees(one[0], recalculate_ironcalc, one[1])


@SLOW
@pytest.mark.shared
@pytest.mark.parametrize("engine", ENGINES)
def test_all_lists_of_two_years(tmp_path: Path, shared: Path, engine: Engine) -> None:
    data = shared / "data"
    path, book = _two_files(data / "fund_workbook_2020.xlsx", data / "fund_workbook_2019.xlsx", tmp_path, "et")
    assert_agrees(path, engine, book)


def _two_files(this: Path, last: Path, folder: Path, language: Any) -> tuple[Path, Any]:
    table = xl_qbs.read_workbook(this)
    earlier = xl_qbs.read_workbook(last, table.scheme)
    result, before = xl_qbs.score(table), (earlier, xl_qbs.score(earlier))
    code = table.scheme.codes[0]
    asked = Asked(resamples=100, added=Added(name="ECM", shares={code: 0.3}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1700000000")
        output = folder / "out.xlsx"
        plan = write_diagnosis(table, result, output, asked=asked, before=before, language=language)
        return output, diagnosis_book(plan, language, list(sheet_parts(this)))
