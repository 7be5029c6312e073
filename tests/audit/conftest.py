"""Workbooks to audit: small ones drawn from a seed, and the fund's real one, each scored once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.small_fund import SCHEME, Scored, counts, score_file, write_fund


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("audit")


@pytest.fixture(scope="session")
def small(folder: Path) -> Scored:
    """A scored workbook of thirty lists and five indicators."""
    return score_file(write_fund(folder / "small.xlsx", SCHEME, *counts(SCHEME)), folder / "small_qbs.xlsx", SCHEME)


@pytest.fixture(scope="session")
def real(shared: Path, folder: Path) -> Scored:
    """The fund's workbook of 2019, scored."""
    return score_file(shared / "data" / "fund_workbook_2019.xlsx", folder / "real_qbs.xlsx")
