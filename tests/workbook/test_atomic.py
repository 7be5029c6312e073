"""A file is there whole or not at all, whatever ends the run and whenever it does."""

from __future__ import annotations

import os
import random
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.compare import parts_of
from tests.small_fund import EPOCH, SCHEME, score_file, write_fund
from xl_qbs.errors import OutputError
from xl_qbs.workbook import atomic
from xl_qbs.workbook.atomic import whole_file

PROJECT = Path(__file__).resolve().parents[2]
_random = random.Random(2019)
# Shares of the writing that are done when the run is ended, and the steps by which the file gets its place.
MOMENTS = [*(f"{_random.random():.3f}" for _ in range(10)), "0", "1", "before fsync", "after fsync", "before replace"]
KILLED = """
import os, pathlib, signal, sys
sys.path.insert(0, {project!r})
moment = {moment!r}

def end(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def instead(module, name):
    before, real = moment.split()[0] == "before", getattr(module, name)
    def run(*arguments):
        if before:
            end()
        real(*arguments)
        end()
    setattr(module, name, run)

if moment.endswith("fsync"):
    instead(os, "fsync")
elif moment.endswith("replace"):
    instead(pathlib.Path, "replace")

import xl_qbs
from tests.small_fund import SCHEME
result = xl_qbs.score(xl_qbs.read_workbook({source!r}, SCHEME))
limit = float(moment) if moment[0].isdigit() else 2.0
xl_qbs.write_scored(result, {output!r}, progress=lambda share: share >= limit and end())
"""


def _left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="there is no signal that ends a process at once")
@pytest.mark.parametrize("before", ["absent", "old"])
@pytest.mark.parametrize("moment", [*MOMENTS, "after replace"])
def test_ended_at_any_moment(tmp_path: Path, moment: str, before: str) -> None:
    source, output = write_fund(tmp_path / "in.xlsx"), tmp_path / "out" / "out.xlsx"
    output.parent.mkdir()
    if before == "old":
        output.write_bytes(b"the old result")
    code = KILLED.format(project=str(PROJECT), moment=moment, source=str(source), output=str(output))
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH}
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == -signal.SIGKILL, run.stderr
    if moment == "after replace":
        assert parts_of(output) == parts_of(score_file(source, tmp_path / "whole.xlsx", SCHEME).path)
    elif before == "old":
        assert output.read_bytes() == b"the old result"
    else:
        # What was begun stays under a name that no program takes for a workbook.
        assert not output.exists()
    assert not [name for name in _left(output.parent) if name != "out.xlsx" and not name.endswith(".part")]


@pytest.mark.parametrize("before", [None, b"the old result"])
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, MemoryError])
def test_an_error_while_writing(tmp_path: Path, error: type[BaseException], before: bytes | None) -> None:
    path = tmp_path / "out.xlsx"
    if before is not None:
        path.write_bytes(before)

    def write() -> None:
        with whole_file(path) as file:
            file.write(b"half of it")
            raise error

    with pytest.raises(error):
        write()
    assert _left(tmp_path) == ([] if before is None else ["out.xlsx"])
    assert before is None or path.read_bytes() == before


def test_all_is_written_then_put_in_its_place(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    path.write_bytes(b"the old result")
    with whole_file(path) as file:
        file.write(b"the new ")
        file.write(b"result")
        file.flush()
        assert path.read_bytes() == b"the old result"
        assert len(_left(tmp_path)) == 2
    assert path.read_bytes() == b"the new result"
    assert _left(tmp_path) == ["out.xlsx"]


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"out\.xlsx could not be written \(No space left on device\)"):
        _write(tmp_path / "out.xlsx")
    assert _left(tmp_path) == []


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"The folder .*nowhere is not there"):
        _write(tmp_path / "nowhere" / "out.xlsx")
    assert _left(tmp_path) == []


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is a folder"):
        _write(tmp_path)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(OutputError):
        _write(tmp_path / "a" / "out.xlsx")


def test_a_name_that_is_too_long_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        _write(tmp_path / ("x" * 300 + ".xlsx"))
    assert _left(tmp_path) == []


def test_a_file_that_is_open_elsewhere_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows, where Excel keeps others out of the file that it shows."""

    def refuse(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OutputError, match="close it if it is open in Excel"):
        _write(tmp_path / "out.xlsx")
    assert _left(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no such rights there")
def test_a_folder_where_nobody_may_write_is_told(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="where you may write"):
            _write(tmp_path / "out.xlsx")
    finally:
        tmp_path.chmod(0o700)


def test_a_folder_where_nobody_may_write_is_told_to_root_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refuse)
    assert atomic.tempfile is tempfile
    with pytest.raises(OutputError, match="where you may write"):
        _write(tmp_path / "out.xlsx")


@pytest.mark.skipif(sys.platform == "win32", reason="files have no such rights there")
def test_the_result_is_as_open_as_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"")
    _write(tmp_path / "out.xlsx")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("other", "out.xlsx")]
    assert modes[0] == modes[1]


def _write(path: Path) -> None:
    with whole_file(path) as file:
        file.write(b"new")
