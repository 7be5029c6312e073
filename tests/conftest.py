"""What all tests share: where the data is, what is left out where, and how Hypothesis searches."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.command import Command, command_in
from tests.engines import end_office, soffice
from tests.small_fund import SCHEME

PROJECT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("XL_QBS_SHARED") or PROJECT.parent / "shared")

# The same examples on every run and no limit of time, since a busy machine is no failure.
# HYPOTHESIS_PROFILE=default looks for new examples instead.
settings.register_profile(
    "ci", derandomize=True, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or "ci")


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name bytes in a test's name by their number: what is in them may hold a clock, and no two workers agree on it."""
    return f"{len(val)} bytes" if isinstance(val, bytes) else None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out what this machine cannot run, and say why."""
    if item.get_closest_marker("shared"):
        _shared_folder()
    if item.get_closest_marker("libreoffice") and soffice() is None:
        if os.environ.get("XL_QBS_REQUIRE_LIBREOFFICE") == "1":
            pytest.fail("LibreOffice is not installed, and XL_QBS_REQUIRE_LIBREOFFICE=1 asks for it")
        pytest.skip("LibreOffice is not installed")


def pytest_unconfigure() -> None:
    """Leave no LibreOffice behind: a worker of xdist does not always run what is to be done at its exit."""
    end_office()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data: XL_QBS_SHARED, or ``shared`` beside the project."""
    return _shared_folder()


@pytest.fixture(scope="session")
def examples() -> Path:
    """The folder of example workbooks that are part of the project."""
    return PROJECT / "workbooks"


def _shared_folder() -> Path:
    if not SHARED.is_dir():
        pytest.skip(f"there is no real data at {SHARED} (XL_QBS_SHARED may point to it)")
    return SHARED


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Return the command line as a function of its words, in a folder of its own."""
    return command_in(tmp_path, monkeypatch, capsys)


@pytest.fixture
def scheme_file(tmp_path: Path) -> Path:
    """Return the scheme of the small funds as a file."""
    path = tmp_path / "scheme.csv"
    rows = [["code", "domain", "name", "name et", "points", "required coverage", "own weight"]]
    rows += [
        [one.code, one.domain, one.name, one.name_et, str(one.points), str(one.required_coverage), str(one.weight)]
        for one in SCHEME.indicators
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path
