"""The wheel, and the functions in environments that have only numpy and pandas."""

from __future__ import annotations

import datetime
import json
import random
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.addin.calc.cases import FIRST_DAY, FUNCTIONS, examples, varied
from xl_qbs import __version__
from xl_qbs.addin.definition import MISSING, CellError, Given
from xl_qbs.addin.evaluate import evaluate
from xl_qbs.addin.lite.functions import from_cells
from xl_qbs.addin.lite.wheel import build_lite_wheel

BARE = Path(__file__).with_name("bare.py")
_NOT_THERE = {"click", "defusedxml", "lxml", "openpyxl", "python_calamine", "rich", "scipy", "xlwings"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_lite_wheel(tmp_path_factory.mktemp("wheel"))


def test_it_is_pure_python_and_asks_for_numpy_and_pandas_only(wheel: Path) -> None:
    assert wheel.name == f"xl_qbs_lite-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = archive.read(f"xl_qbs_lite-{__version__}.dist-info/METADATA").decode()
    assert {Path(name).suffix for name in names if "dist-info" not in name} == {".py", ".toml"}
    assert [line for line in metadata.splitlines() if line.startswith("Requires-Dist")] == [
        "Requires-Dist: numpy",
        "Requires-Dist: pandas",
    ]


def test_the_same_sources_give_the_same_bytes(wheel: Path, tmp_path: Path) -> None:
    assert build_lite_wheel(tmp_path).read_bytes() == wheel.read_bytes()


def calls() -> list[tuple[str, list[Any], Any]]:
    """Return calls as Lite makes them, each with what it has to give."""
    rng = random.Random(2018)
    found = []
    for example, _ in examples():
        for call in [example, *varied(example, rng, 10)]:
            # Lite has no dates: it gives their numbers.
            given = [_without_dates(one) for one in call.given]
            wanted = from_cells(evaluate(call.function, given))
            found.append((call.function.name.lower(), [_sent(one) for one in given], wanted))
    return found


def _without_dates(cells: Given) -> Given:
    if cells is MISSING:
        return cells
    return tuple(
        tuple((one - FIRST_DAY).days + 0.25 if isinstance(one, datetime.datetime) else one for one in row)
        for row in cells
    )


def _sent(cells: Given) -> Any:
    if cells is MISSING:
        return None
    return [[cell.value if isinstance(cell, CellError) else cell for cell in row] for row in cells]


def check(folder: Path) -> None:
    """Make all calls with the packages of a folder only, and compare what they give."""
    made = calls()
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(BARE), str(folder)],
        input=json.dumps([(name, given) for name, given, _ in made]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    assert not _NOT_THERE & set(answer["loaded"])
    needy = {one.name.lower() for one in FUNCTIONS if "scipy" in one.needs}
    assert answer["missing"] == {name: ["scipy"] for name in needy}
    without: set[str] = set()
    for (name, given, wanted), result in zip(made, answer["results"], strict=True):
        if name in needy and result == "#NAME?":
            without.add(name)
        else:
            # Also where a function lacks scipy: what is wrong with its cells may be found first.
            assert result == json.loads(json.dumps(wanted)), (name, given)
    assert without == needy


@pytest.mark.parametrize("pandas", ["pandas<3", "pandas>=3"])
def test_with_numpy_and_pandas_alone(wheel: Path, tmp_path: Path, pandas: str) -> None:
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--no-compile"]
    pip += ["--target", str(tmp_path)]
    done = subprocess.run([*pip, "numpy", pandas], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"pip could not install numpy and {pandas} (no network?): {done.stderr[-300:]}")
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True)
    check(tmp_path)


def test_the_wheel_of_the_project_is_pure_python(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    project = Path(__file__).resolve().parents[3]
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=project, check=True, capture_output=True)
    (built,) = tmp_path.glob("*.whl")
    assert built.name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(built) as archive:
        assert "xl_qbs/addin/lite/functions.py" in archive.namelist()
        assert "xl_qbs/addin/calc/office_side.py" in archive.namelist()
