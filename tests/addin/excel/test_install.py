from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.addin.excel.windows import LOCATIONS, OPTIONS, FakeRegistry, windows
from xl_qbs.addin.excel import package, texts
from xl_qbs.addin.excel.errors import AddinFileError, NotWindowsError
from xl_qbs.addin.excel.install import install_addin, opened, remove_addin, status_addin
from xl_qbs.addin.excel.machine import Machine, this_machine, zone_mark


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return windows(tmp_path)


def registry(machine: Machine) -> FakeRegistry:
    assert isinstance(machine.registry, FakeRegistry)
    return machine.registry


def test_it_is_copied_trusted_pointed_at_python_and_opened_by_excel(machine: Machine, addin: Path) -> None:
    lines = install_addin(addin, machine=machine)
    settings = package.read_settings(package.read_zip(machine.addin))
    assert settings[texts.INTERPRETER] == str(machine.python.with_name("pythonw.exe"))
    (location,) = registry(machine).keys(LOCATIONS)
    assert registry(machine).values(f"{LOCATIONS}\\{location}") == {
        "Path": f"{machine.addin_folder}\\",
        "Description": "xl_qbs",
        "AllowSubfolders": 0,
    }
    assert registry(machine).values(OPTIONS) == {"OPEN": f'"{machine.addin}"'}
    text = "\n".join(lines)
    for said in (str(machine.addin), "pythonw.exe", "Trusted Location", "whenever it starts", "start it again"):
        assert said in text
    assert "came from the web" not in text


def test_nothing_but_the_setting_changes_in_the_file(machine: Machine, addin: Path) -> None:
    install_addin(addin, machine=machine)
    before, after = package.read_zip(addin), package.read_zip(machine.addin)
    assert {name for name in before if before[name] != after.get(name)} == {package.SHEET_PART}
    assert before.keys() == after.keys()


def test_it_builds_the_add_in_where_none_is_given(machine: Machine, addin: Path) -> None:
    install_addin(machine=machine)
    built = package.read_zip(addin)
    assert package.read_zip(machine.addin)[package.VBA_PART] == built[package.VBA_PART]


def test_the_mark_of_the_web_is_removed(machine: Machine, addin: Path) -> None:
    machine.addin_folder.mkdir(parents=True)
    zone_mark(machine.addin).write_text("[ZoneTransfer]\nZoneId=3\n")
    assert any("came from the web" in line for line in install_addin(addin, machine=machine))
    assert not zone_mark(machine.addin).exists()


def test_installing_again_changes_nothing_more(machine: Machine, addin: Path) -> None:
    install_addin(addin, machine=machine)
    before = registry(machine).snapshot()
    install_addin(addin, machine=machine)
    assert registry(machine).snapshot() == before


def test_removing_takes_back_what_installing_did(machine: Machine, addin: Path) -> None:
    registry(machine).write(OPTIONS, "OPEN", '/R "C:\\other.xlam"')
    registry(machine).write(f"{LOCATIONS}\\Location0", "Path", "C:\\other\\")
    before = registry(machine).snapshot()
    install_addin(addin, machine=machine)
    assert registry(machine).values(OPTIONS)["OPEN1"] == f'"{machine.addin}"'
    assert registry(machine).values(f"{LOCATIONS}\\Location1")["Description"] == "xl_qbs"
    assert len(remove_addin(machine=machine)) == 3
    assert registry(machine).snapshot() == before
    assert not machine.addin_folder.exists()


def test_removing_leaves_no_gap_among_what_excel_opens(machine: Machine, addin: Path) -> None:
    install_addin(addin, machine=machine)
    registry(machine).write(OPTIONS, "OPEN1", '"C:\\later.xlam"')
    registry(machine).write(OPTIONS, "OPEN2", '"C:\\last.xlam"')
    remove_addin(machine=machine)
    assert registry(machine).values(OPTIONS) == {"OPEN": '"C:\\later.xlam"', "OPEN1": '"C:\\last.xlam"'}


def test_a_trusted_location_of_someone_else_stays(machine: Machine, addin: Path) -> None:
    registry(machine).write(f"{LOCATIONS}\\Location3", "Path", f"{machine.addin_folder}\\")
    assert any("already" in line for line in install_addin(addin, machine=machine))
    remove_addin(machine=machine)
    assert registry(machine).keys(LOCATIONS) == ["location3"]


def test_files_of_others_in_the_folder_stay(machine: Machine, addin: Path) -> None:
    install_addin(addin, machine=machine)
    (machine.addin_folder / "notes.txt").write_text("mine")
    remove_addin(machine=machine)
    assert (machine.addin_folder / "notes.txt").is_file()


def test_what_excel_itself_writes_is_recognised(machine: Machine) -> None:
    registry(machine).write(OPTIONS, "OPEN4", f'/R "{str(machine.addin).upper()}"')
    assert opened(machine) == "OPEN4"


def test_an_add_in_that_was_switched_off_is_switched_on(machine: Machine, addin: Path) -> None:
    key = machine.excel_key("Add-in Manager")
    registry(machine).write(key, str(machine.addin), "")
    install_addin(addin, machine=machine)
    assert registry(machine).values(key) == {}


def test_status_says_what_is_there(machine: Machine, addin: Path) -> None:
    assert "not installed" in status_addin(machine=machine)[0]
    before = registry(machine).snapshot()
    install_addin(addin, machine=machine)
    text = "\n".join(status_addin(machine=machine))
    for said in ("pythonw.exe", "xlwings 0.37.8", "is a Trusted Location", "Excel opens it"):
        assert said in text
    remove_addin(machine=machine)
    assert registry(machine).snapshot() == before
    assert remove_addin(machine=machine) == ["The add-in was not installed; nothing was changed."]


def test_status_of_a_file_that_is_no_add_in(machine: Machine) -> None:
    machine.addin_folder.mkdir(parents=True)
    machine.addin.write_bytes(b"x")
    assert "not an Excel add-in" in status_addin(machine=machine)[1]


def test_another_file_is_not_installed(machine: Machine, examples: Path) -> None:
    with pytest.raises(AddinFileError, match="not the add-in"):
        install_addin(examples / "four_providers.xlsx", machine=machine)
    assert not machine.addin.exists()


def test_a_file_that_cannot_be_written_is_said(machine: Machine, addin: Path) -> None:
    machine.addin.mkdir(parents=True)
    before = registry(machine).snapshot()
    with pytest.raises(AddinFileError, match="Close Excel"):
        install_addin(addin, machine=machine)
    with pytest.raises(AddinFileError, match="Close Excel"):
        remove_addin(machine=machine)
    assert registry(machine).snapshot() == before


def test_other_systems_are_told_where_to_go(machine: Machine, addin: Path) -> None:
    other = replace(machine, platform="linux")
    for action in (lambda: install_addin(addin, machine=other), lambda: status_addin(machine=other)):
        with pytest.raises(NotWindowsError, match="--host calc"):
            action()


def test_this_machine_knows_itself() -> None:
    machine = this_machine()
    assert machine.python.is_file()
    assert machine.packages["xlwings"] is not None
    if not machine.is_windows:
        assert machine.excel_version() is None
