"""The commands about add-ins: what they write, what they say, and how they end."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from tests.addin.excel.windows import LOCATIONS, windows
from tests.command import DONE, REFUSED, USAGE, Command
from xl_qbs import __version__
from xl_qbs.addin.calc import install as calc_install
from xl_qbs.addin.excel import doctor as doctor_module
from xl_qbs.addin.excel import install as excel_install
from xl_qbs.addin.excel.build import XLWINGS
from xl_qbs.addin.excel.machine import Machine, zone_mark
from xl_qbs.cli import app

BUILT = {
    "excel": "xl_qbs.xlam",
    "calc": "xl_qbs.oxt",
    "lite": f"xl_qbs_lite-{__version__}-py3-none-any.whl",
}
OPTIONS = {
    ("addin",): (),
    ("addin", "build"): ("--host", "-o", "--output"),
    ("addin", "install"): ("--host", "FILE"),
    ("addin", "status"): ("--host",),
    ("addin", "remove"): ("--host",),
    ("doctor",): (),
}
CHANGES = ("install", "status", "remove")
NOT_WINDOWS = pytest.mark.skipif(sys.platform == "win32", reason="says what other systems are told")


def need_excel_packages() -> None:
    pytest.importorskip("xlwings")
    pytest.importorskip("pyopenvba")


def said(text: str) -> str:
    """Return what was printed on one line, wherever it was broken."""
    return " ".join(text.split())


def without(monkeypatch: pytest.MonkeyPatch, *packages: str) -> None:
    """Make packages look as if they were not installed: neither found by name nor imported."""
    find = importlib.metadata.Distribution.from_name

    def found(name: str) -> Any:
        if name in packages:
            raise importlib.metadata.PackageNotFoundError(name)
        return find(name)

    monkeypatch.setattr(importlib.metadata.Distribution, "from_name", found)
    for name in packages:
        for module in [one for one in sys.modules if one.split(".")[0] == name.lower()]:
            monkeypatch.delitem(sys.modules, module)
        monkeypatch.setitem(sys.modules, name.lower(), None)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    """A Windows machine in the place of this one; everything there is in order, but the add-in not installed."""
    one = windows(tmp_path / "machine")
    monkeypatch.setattr(doctor_module, "this_machine", lambda: one)
    monkeypatch.setattr(excel_install, "this_machine", lambda: one)
    return one


@pytest.fixture
def unopkg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[int, str], list[list[str]]]:
    """Let LibreOffice's program for extensions answer what a test says, and return what it is asked."""
    monkeypatch.setattr(calc_install, "find_unopkg", lambda: "unopkg")
    monkeypatch.setattr(calc_install, "_usual_profiles", lambda: [tmp_path / "profile"])

    def answers(code: int, output: str) -> list[list[str]]:
        asked: list[list[str]] = []

        def run(command: list[str], **_: Any) -> Any:
            asked.append(list(command))
            return subprocess.CompletedProcess(command, code, stdout=output)

        monkeypatch.setattr(calc_install.subprocess, "run", run)
        return asked

    return answers


class TestBuild:
    @pytest.mark.parametrize("host", BUILT)
    def test_without_a_name_the_file_is_put_here(self, run: Command, tmp_path: Path, host: str) -> None:
        if host == "excel":
            need_excel_packages()
        done = run("addin", "build", "--host", host)
        assert done.status == DONE
        assert done.err.strip() == f"Built {BUILT[host]}"
        assert not done.out
        assert [one.name for one in tmp_path.iterdir()] == [BUILT[host]]
        with zipfile.ZipFile(tmp_path / BUILT[host]) as archive:
            assert archive.testzip() is None

    def test_excel_is_the_host_that_is_taken(self, run: Command, tmp_path: Path) -> None:
        need_excel_packages()
        assert run("addin", "build").status == DONE
        assert (tmp_path / BUILT["excel"]).exists()

    @pytest.mark.parametrize("host", BUILT)
    def test_the_file_named_is_written_and_is_the_same_again(self, run: Command, tmp_path: Path, host: str) -> None:
        if host == "excel":
            need_excel_packages()
        files = []
        for folder in ("first", "second"):
            # For lite it is the folder that is named: a wheel's own name may not be changed.
            named = Path(folder) if host == "lite" else Path(folder) / f"other{Path(BUILT[host]).suffix}"
            done = run("addin", "build", "--host", host, "--output", named)
            file = named / BUILT[host] if host == "lite" else named
            assert (done.status, done.err.strip()) == (DONE, f"Built {file}")
            files.append((tmp_path / file).read_bytes())
        assert files[0] == files[1]

    @pytest.mark.parametrize("host", BUILT)
    def test_what_is_there_is_replaced(self, run: Command, tmp_path: Path, host: str) -> None:
        if host == "excel":
            need_excel_packages()
        file = tmp_path / BUILT[host]
        file.write_bytes(b"old")
        assert run("addin", "build", "--host", host).status == DONE
        assert zipfile.is_zipfile(file)

    def test_a_file_that_excel_would_not_take_is_not_built(self, run: Command, tmp_path: Path) -> None:
        done = run("addin", "build", "-o", "xl_qbs.xlsx")
        assert done.status == REFUSED
        assert "must end in .xlam" in said(done.err)
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize(
        "host",
        ["excel", "calc", "lite"],
    )
    def test_a_place_where_nothing_can_be_written_is_said(self, run: Command, tmp_path: Path, host: str) -> None:
        if host == "excel":
            need_excel_packages()
        (tmp_path / "file").write_text("here")
        named = "file/folder" if host == "lite" else f"file/{BUILT[host]}"
        done = run("addin", "build", "--host", host, "-o", named)
        assert done.status == REFUSED
        assert "cannot be written" in said(done.err)

    @pytest.mark.parametrize("package", ["xlwings", "pyOpenVBA"])
    def test_without_a_package_it_is_said_what_to_install(
        self, run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str
    ) -> None:
        need_excel_packages()
        without(monkeypatch, package)
        done = run("addin", "build")
        assert done.status == REFUSED
        assert done.err.strip() == f"{package} is not installed: pip install 'xl_qbs[excel]'."
        assert not list(tmp_path.iterdir())

    def test_another_xlwings_is_named_with_the_one_to_install(
        self, run: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        need_excel_packages()
        monkeypatch.setattr("xl_qbs.addin.excel.build.version", lambda _: "0.30.0")
        done = run("addin", "build")
        assert done.status == REFUSED
        assert f"pip install xlwings=={XLWINGS}" in said(done.err)

    @pytest.mark.parametrize("host", ["calc", "lite"])
    def test_the_other_hosts_do_without_them(
        self, run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str
    ) -> None:
        without(monkeypatch, "xlwings", "pyOpenVBA", "pywin32")
        assert run("addin", "build", "--host", host).status == DONE
        assert (tmp_path / BUILT[host]).exists()

    def test_another_host_is_a_usage_error(self, run: Command) -> None:
        done = run("addin", "build", "--host", "gnumeric")
        assert done.status == USAGE
        assert "'excel', 'calc', 'lite'" in done.err


@NOT_WINDOWS
class TestExcelOnOtherSystems:
    @pytest.mark.parametrize("change", CHANGES)
    def test_it_is_said_that_this_is_not_windows(self, run: Command, tmp_path: Path, change: str) -> None:
        for words in ([], ["--host", "excel"]):
            done = run("addin", change, *words)
            assert done.status == REFUSED
            assert len(done.err.splitlines()) == 1
            assert "runs in Excel for Windows only, and this is another system." in done.err
            assert "--host calc" in done.err
        assert not list(tmp_path.iterdir())

    def test_a_file_changes_nothing_about_it(self, run: Command, tmp_path: Path) -> None:
        (tmp_path / "xl_qbs.xlam").write_bytes(b"")
        done = run("addin", "install", "xl_qbs.xlam")
        assert done.status == REFUSED
        assert "Excel for Windows only" in done.err

    @pytest.mark.parametrize("change", CHANGES)
    def test_it_is_said_without_xlwings_too(self, run: Command, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
        without(monkeypatch, "xlwings", "pyOpenVBA", "pywin32")
        done = run("addin", change)
        assert done.status == REFUSED
        assert "Excel for Windows only" in done.err

    def test_the_doctor_finds_one_error(self, run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        without(monkeypatch, "xlwings", "pyOpenVBA", "pywin32")
        done = run("doctor")
        assert done.status == REFUSED
        (line,) = done.err.splitlines()
        assert line.startswith("Error: The Excel add-in runs in Excel for Windows only")
        assert "addin install --host calc" in line


class TestExcel:
    def test_from_install_to_remove(self, run: Command, machine: Machine) -> None:
        need_excel_packages()
        before = machine.registry.snapshot()  # type: ignore[attr-defined]
        nothing = run("addin", "status")
        assert nothing.status == DONE
        assert "not installed" in nothing.err
        installed = run("addin", "install")
        assert installed.status == DONE
        assert f"Copied the add-in to {machine.addin}." in installed.err.splitlines()
        assert f"The add-in is at {machine.addin}." in run("addin", "status").err.splitlines()
        removed = run("addin", "remove")
        assert removed.status == DONE
        assert f"Deleted {machine.addin}." in removed.err.splitlines()
        assert machine.registry.snapshot() == before  # type: ignore[attr-defined]

    def test_a_file_that_was_built_is_installed(self, run: Command, machine: Machine) -> None:
        need_excel_packages()
        run("addin", "build", "-o", "mine.xlam")
        assert run("addin", "install", "mine.xlam").status == DONE
        assert machine.addin.is_file()

    def test_a_file_that_is_no_addin_is_refused(self, run: Command, machine: Machine, tmp_path: Path) -> None:
        (tmp_path / "mine.xlam").write_bytes(b"nothing")
        done = run("addin", "install", "mine.xlam")
        assert done.status == REFUSED
        assert "mine.xlam" in done.err
        assert not machine.addin.exists()

    @pytest.mark.usefixtures("machine")
    def test_a_file_that_is_not_there_is_a_usage_error(self, run: Command) -> None:
        done = run("addin", "install", "mine.xlam")
        assert done.status == USAGE
        assert "does not exist" in done.err

    @pytest.mark.parametrize("package", ["xlwings", "pyOpenVBA"])
    def test_installing_needs_what_building_needs(
        self, run: Command, machine: Machine, monkeypatch: pytest.MonkeyPatch, package: str
    ) -> None:
        need_excel_packages()
        before = machine.registry.snapshot()  # type: ignore[attr-defined]
        without(monkeypatch, package)
        done = run("addin", "install")
        assert done.status == REFUSED
        assert done.err.strip() == f"{package} is not installed: pip install 'xl_qbs[excel]'."
        assert machine.registry.snapshot() == before  # type: ignore[attr-defined]
        assert not machine.addin.exists()


class TestDoctor:
    @pytest.fixture
    def healthy(self, run: Command, machine: Machine) -> Machine:
        """A machine on which the add-in is installed and works."""
        need_excel_packages()
        assert run("addin", "install").status == DONE
        return machine

    @pytest.mark.usefixtures("healthy")
    def test_a_healthy_machine_is_told_so(self, run: Command) -> None:
        done = run("doctor")
        assert (done.status, done.err.strip()) == (DONE, "Nothing keeps the add-in from working.")

    def test_an_error_is_said_with_what_to_do(self, run: Command, healthy: Machine) -> None:
        zone_mark(healthy.addin).write_text("ZoneId=3")
        done = run("doctor")
        assert done.status == REFUSED
        (line,) = done.err.splitlines()
        assert line.startswith("Error: ")
        assert line.endswith("Run: xl-qbs addin install")

    def test_what_is_said_to_do_mends_it(self, run: Command, healthy: Machine) -> None:
        zone_mark(healthy.addin).write_text("ZoneId=3")
        healthy.registry.delete_key(f"{LOCATIONS}\\Location0")
        assert run("doctor").status == REFUSED
        assert run("addin", "install").status == DONE
        assert run("doctor").status == DONE

    def test_notes_alone_are_no_failure(self, run: Command, healthy: Machine) -> None:
        healthy.registry.write(r"HKLM\Software\Microsoft\Office\ClickToRun\Configuration", "Platform", "x86")
        (healthy.python.parent.parent / f"xlwings32-{XLWINGS}.dll").touch()
        done = run("doctor")
        assert done.status == DONE
        note, end = done.err.splitlines()
        assert note.startswith("Note: Excel is a 32-bit one")
        assert end == "Nothing else was found."

    @pytest.mark.usefixtures("machine")
    def test_not_installed_is_an_error(self, run: Command) -> None:
        done = run("doctor")
        assert done.status == REFUSED
        assert "not installed" in done.err
        assert "Run: xl-qbs addin install" in done.err

    def test_all_that_is_wrong_is_said(self, run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        from xl_qbs.errors import Finding

        monkeypatch.setattr(doctor_module, "doctor", lambda: [Finding(f"Wrong: {number}.") for number in range(13)])
        done = run("doctor")
        assert done.status == REFUSED
        assert "sheet" not in done.err
        assert len(done.err.splitlines()) == 13


class TestCalc:
    @pytest.mark.parametrize("change", CHANGES)
    def test_without_libreoffice_it_is_said_what_to_install(
        self, run: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, change: str
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr(calc_install, "_OTHER_PLACES", ())
        done = run("addin", change, "--host", "calc")
        assert done.status == REFUSED
        (line,) = done.err.splitlines()
        assert line.startswith("LibreOffice was not found")
        assert "Install LibreOffice Calc" in line

    @pytest.mark.parametrize("change", CHANGES)
    def test_root_is_told_to_be_somebody_else(self, run: Command, unopkg: Any, change: str) -> None:
        asked = unopkg(1, "\nERROR: Cannot run unopkg as root without --shared or --bundled option.\n")
        done = run("addin", change, "--host", "calc")
        assert done.status == REFUSED
        (line,) = done.err.splitlines()
        assert line.startswith("LibreOffice keeps extensions by user: run this as the user who works with it")
        assert len(asked) == 1

    @pytest.mark.parametrize("change", ["install", "remove"])
    def test_while_libreoffice_runs_nothing_is_done(
        self, run: Command, unopkg: Any, tmp_path: Path, change: str
    ) -> None:
        asked = unopkg(0, f"Identifier: org.qbs.xl_qbs\n  Version: {__version__}\n")
        (tmp_path / "profile").mkdir()
        (tmp_path / "profile" / ".lock").touch()
        done = run("addin", change, "--host", "calc")
        assert done.status == REFUSED
        assert "LibreOffice is running: close all its windows" in said(done.err)
        assert not [one for one in asked if one[1] != "list"]

    def test_a_program_that_does_not_start_is_said(self, run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(calc_install, "find_unopkg", lambda: "no-such-unopkg")
        done = run("addin", "status", "--host", "calc")
        assert done.status == REFUSED
        assert "no-such-unopkg does not start" in done.err

    def test_what_was_done_is_said(self, run: Command, unopkg: Any) -> None:
        asked = unopkg(0, "")
        done = run("addin", "install", "--host", "calc")
        assert done.status == DONE
        assert done.err.startswith(f"Installed xl_qbs {__version__}")
        assert "=QBS_VERSION()" in done.err
        assert [one[1] for one in asked] == ["add"]

    def test_status_and_remove_of_what_is_not_there(self, run: Command, unopkg: Any) -> None:
        unopkg(0, "All deployed user extensions:\n")
        status = run("addin", "status", "--host", "calc")
        assert status.status == DONE
        assert "xl-qbs addin install --host calc" in status.err
        removed = run("addin", "remove", "--host", "calc")
        assert removed.status == DONE
        assert "nothing to remove" in removed.err

    def test_a_file_is_a_usage_error(self, run: Command, unopkg: Any, tmp_path: Path) -> None:
        asked = unopkg(0, "")
        (tmp_path / "xl_qbs.oxt").touch()
        done = run("addin", "install", "--host", "calc", "xl_qbs.oxt")
        assert done.status == USAGE
        assert "FILE is for Excel" in said(done.err)
        assert not asked

    @pytest.mark.parametrize("change", CHANGES)
    def test_lite_is_built_and_not_installed(self, run: Command, change: str) -> None:
        done = run("addin", change, "--host", "lite")
        assert done.status == USAGE
        assert "'excel', 'calc'" in done.err


class TestHelp:
    @pytest.mark.parametrize("words", OPTIONS, ids=" ".join)
    @pytest.mark.parametrize("asked", ["--help", "-h"])
    def test_every_option_is_named(self, run: Command, words: tuple[str, ...], asked: str) -> None:
        done = run(*words, asked)
        assert done.status == DONE
        assert not done.err
        command: Any = command_of(words)
        for option in OPTIONS[words]:
            assert option in done.out
        assert said(command.help) in said(done.out)
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help
                assert said(parameter.help) in said(done.out)
            else:
                # An argument has no line of its own in click's help: the text about the command names it.
                assert parameter.make_metavar(click.Context(command)).strip("[]") in command.help

    @pytest.mark.parametrize("words", OPTIONS, ids=" ".join)
    def test_no_option_is_forgotten_here(self, words: tuple[str, ...]) -> None:
        command: Any = command_of(words)
        named = [
            name
            for one in command.params
            for name in (one.opts if isinstance(one, click.Option) else [one.human_readable_name])
        ]
        assert sorted(named) == sorted(OPTIONS[words])

    def test_the_commands_are_listed(self, run: Command) -> None:
        out = run("--help").out
        for name in ("addin", "doctor"):
            assert f"  {name} " in out
        out = run("addin", "--help").out
        for _, *rest in OPTIONS:
            for name in rest:
                assert f"  {name} " in out

    def test_addin_alone_shows_its_help(self, run: Command) -> None:
        done = run("addin")
        assert done.status == USAGE
        assert "install" in done.err

    def test_a_command_that_is_not_there_is_a_usage_error(self, run: Command) -> None:
        done = run("addin", "instal")
        assert done.status == USAGE
        assert "No such command 'instal'" in done.err


def command_of(words: tuple[str, ...]) -> click.Command:
    command: Any = app
    for word in words:
        command = command.commands[word]
    found: click.Command = command
    return found
