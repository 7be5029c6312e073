from __future__ import annotations

import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.addin.calc.office import Office
from xl_qbs import __version__
from xl_qbs.addin.calc import install
from xl_qbs.addin.calc.install import (
    Done,
    OfficeError,
    OfficeMissingError,
    install_calc,
    remove_calc,
    run_program,
    status_calc,
)

_LISTED = "All deployed user extensions:\n\nIdentifier: org.qbs.xl_qbs\n  Version: {}\n  is registered: yes\n"


@pytest.fixture(autouse=True)
def unopkg(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if "libreoffice" not in request.keywords:
        monkeypatch.setattr(install, "find_unopkg", lambda: "unopkg")


class Programs:
    """Stands in for the programs: says what it is told to and remembers what was asked."""

    def __init__(self, output: str = "", code: int = 0) -> None:
        self.answer = Done(code, output)
        self.asked: list[list[str]] = []

    def __call__(self, command: Sequence[str]) -> Done:
        self.asked.append(list(command))
        return self.answer


def test_the_extension_is_added_with_this_python_in_it(tmp_path: Path) -> None:
    found = {}

    def run(command: Sequence[str]) -> Done:
        with zipfile.ZipFile(command[-1]) as archive:
            found["settings"] = archive.read("pythonpath/settings.json").decode()
        found["command"] = list(command[:-1])
        return Done(0, "")

    lines = install_calc(tmp_path, run=run)
    assert found["command"] == ["unopkg", "add", "--force", f"-env:UserInstallation={tmp_path.as_uri()}"]
    assert Path(sys.executable).name in found["settings"]
    assert any(sys.executable in line for line in lines)
    assert any("=QBS_VERSION()" in line for line in lines)


@pytest.mark.parametrize(
    ("output", "advice"),
    [
        ("ERROR: unopkg cannot be started. The lock file indicates it as already running.", "close all its windows"),
        ("ERROR: Cannot run unopkg as root without --shared or --bundled option.", "not as root"),
        ("ERROR: (com.sun.star.uno.Exception) no service com.sun.star.loader.Python", "python3-uno"),
        ("ERROR: the disk is full", "unopkg add failed. It said: ERROR: the disk is full"),
    ],
)
def test_a_refusal_says_what_to_do(output: str, advice: str) -> None:
    with pytest.raises(OfficeError, match="It said") as caught:
        install_calc(run=Programs(output, 1))
    assert advice in str(caught.value)
    assert output in str(caught.value)


def test_an_error_that_unopkg_does_not_count_as_one_is_one() -> None:
    with pytest.raises(OfficeError):
        install_calc(run=Programs("ERROR: something", 0))


def test_without_libreoffice_it_is_said_where_it_was_looked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(install, "_OTHER_PLACES", ())
    for ask in (install_calc, status_calc, remove_calc):
        with pytest.raises(OfficeMissingError, match="Install LibreOffice Calc"):
            ask()


def test_status_of_what_is_not_there(tmp_path: Path) -> None:
    (line,) = status_calc(tmp_path, run=Programs("All deployed user extensions:\n"))
    assert line.startswith("Not installed in LibreOffice")


def test_status_of_another_version(tmp_path: Path) -> None:
    lines = status_calc(tmp_path, run=Programs(_LISTED.format("0.0.1")))
    assert lines[0].endswith("xl_qbs 0.0.1.")
    assert f"This is xl_qbs {__version__}" in lines[1]


@pytest.mark.parametrize(
    ("done", "said"),
    [(Done(0, "0.1.0"), "which has xl_qbs 0.1.0"), (Done(1, "No module named xl_qbs"), "no working xl_qbs")],
)
def test_status_asks_the_python_that_was_installed(tmp_path: Path, done: Done, said: str) -> None:
    settings = tmp_path / "user/uno_packages/cache/uno_packages/x.tmp_/xl_qbs.oxt/pythonpath/settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"python": "/here/python"}', encoding="utf-8")

    def run(command: Sequence[str]) -> Done:
        return done if command[0] == "/here/python" else Done(0, _LISTED.format(__version__))

    lines = status_calc(tmp_path, run=run)
    assert len(lines) == 2
    assert said in lines[1]
    assert "/here/python" in lines[1]


def test_status_of_a_python_that_is_gone(tmp_path: Path) -> None:
    settings = tmp_path / "user/uno_packages/cache/uno_packages/x.tmp_/xl_qbs.oxt/pythonpath/settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"python": "/no/such/python"}', encoding="utf-8")

    def run(command: Sequence[str]) -> Done:
        return run_program(command) if command[0] == "/no/such/python" else Done(0, _LISTED.format(__version__))

    assert "/no/such/python does not start" in status_calc(tmp_path, run=run)[1]


def test_what_is_not_there_is_not_removed() -> None:
    programs = Programs("All deployed user extensions:\n")
    assert remove_calc(run=programs) == ["There was nothing to remove: the functions are not installed in LibreOffice."]
    assert [one[1] for one in programs.asked] == ["list"]


def test_what_is_there_is_removed_by_its_name() -> None:
    programs = Programs(_LISTED.format(__version__))
    remove_calc(run=programs)
    assert programs.asked[-1] == ["unopkg", "remove", "org.qbs.xl_qbs"]


def test_while_libreoffice_runs_nothing_is_done(tmp_path: Path) -> None:
    (tmp_path / ".lock").touch()
    programs = Programs(_LISTED.format(__version__))
    for change in (install_calc, remove_calc):
        with pytest.raises(OfficeError, match="close all its windows"):
            change(tmp_path, run=programs)
    assert {one[1] for one in programs.asked} == {"list"}


@pytest.mark.libreoffice
def test_a_running_libreoffice_is_seen(office: Office) -> None:
    office.show("=1", {})
    with pytest.raises(OfficeError, match="LibreOffice is running"):
        install_calc(office.profile, run=Programs())


@pytest.mark.libreoffice
def test_in_libreoffice_itself(bare_office: Office) -> None:
    profile, run = bare_office.profile, bare_office.run
    assert status_calc(profile, run=run)[0].startswith("Not installed")
    install_calc(profile, run=run)
    assert status_calc(profile, run=run)[0].endswith(f"xl_qbs {__version__}.")
    # Installing again brings what is newer, and is no error.
    install_calc(profile, run=run)
    assert remove_calc(profile, run=run)[0].startswith("Removed")
    assert status_calc(profile, run=run)[0].startswith("Not installed")
