"""What the tests of the Excel add-in share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.addin.excel import com


@pytest.fixture(scope="module")
def call_udf() -> Iterator[Any]:
    """Call a function through xlwings' own call path, as the wrapper in the add-in does."""
    pytest.importorskip("xlwings")
    if sys.platform == "win32":
        pytest.skip("stands in for what Windows has")
    with com.call_path() as call:
        yield call


@pytest.fixture(scope="session")
def addin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The add-in, built."""
    pytest.importorskip("xlwings")
    pytest.importorskip("pyopenvba")
    from xl_qbs.addin.excel.build import build_addin

    return build_addin(tmp_path_factory.mktemp("addin") / "xl_qbs.xlam")
