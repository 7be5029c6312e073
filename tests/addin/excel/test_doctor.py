from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.addin.excel.windows import LOCATIONS, OPTIONS, windows
from xl_qbs.addin.excel import package, texts
from xl_qbs.addin.excel.build import XLWINGS
from xl_qbs.addin.excel.doctor import doctor
from xl_qbs.addin.excel.install import install_addin
from xl_qbs.addin.excel.machine import Machine, zone_mark


@pytest.fixture
def machine(tmp_path: Path, addin: Path) -> Machine:
    one = windows(tmp_path)
    install_addin(addin, machine=one)
    return one


def setting(machine: Machine, name: str, value: str) -> None:
    contents = package.with_setting(package.read_zip(machine.addin), name, value)
    machine.addin.write_bytes(package.write_zip(contents))


def test_a_healthy_machine_has_no_findings(machine: Machine) -> None:
    assert doctor(machine=machine) == []


def _mark(machine: Machine) -> None:
    zone_mark(machine.addin).write_text("ZoneId=3")


def _disable(machine: Machine) -> None:
    path = str(machine.addin).encode("utf-16-le")
    machine.registry.write(machine.excel_key("Resiliency", "DisabledItems"), "1A2B", b"\x01\x00\x00\x00" + path)


def _switch_off(machine: Machine) -> None:
    machine.registry.delete_value(OPTIONS, "OPEN")
    machine.registry.write(machine.excel_key("Add-in Manager"), str(machine.addin), "")


def _untrust(machine: Machine) -> None:
    machine.registry.delete_key(f"{LOCATIONS}\\Location0")


def _other_dll(machine: Machine) -> None:
    dll = machine.python.parent.parent / f"xlwings64-{XLWINGS}.dll"
    dll.rename(dll.with_name("xlwings64-0.30.0.dll"))


SICK: list[tuple[Callable[[Machine], object], str, str]] = [
    (_mark, "marked as coming from the web", "xl-qbs addin install"),
    (_disable, "Excel disabled the add-in", "Disabled Items"),
    (_switch_off, "switched off in Excel", "tick xl_qbs"),
    (lambda one: one.registry.delete_value(OPTIONS, "OPEN"), "does not open the add-in", "tick xl_qbs"),
    (_untrust, "not a Trusted Location", "xl-qbs addin install"),
    (_other_dll, f"xlwings64-{XLWINGS}.dll is neither in .*there is xlwings64-0.30.0.dll", f"xlwings=={XLWINGS}"),
    (lambda one: one.addin.unlink(), "not installed", "xl-qbs addin install"),
    (lambda one: one.addin.write_bytes(b"x"), "not an Excel add-in", "xl-qbs addin install"),
    (lambda one: setting(one, texts.INTERPRETER, ""), "does not know its Python", "xl-qbs addin install"),
    (lambda one: setting(one, texts.INTERPRETER, r"C:\gone\pythonw.exe"), "no longer there", "xl-qbs addin install"),
    (lambda one: setting(one, texts.XLWINGS_VERSION, "0.30.0"), "built for xlwings 0.30.0", "xl-qbs addin install"),
    (lambda one: setting(one, texts.XL_QBS_VERSION, "0.0.1"), "built by xl_qbs 0.0.1", "xl-qbs addin install"),
    (lambda one: one.interpreter.unlink(), "no longer there", "xl-qbs addin install"),
    (
        lambda one: one.registry.write(one.excel_key("Security"), "RequireAddinSig", 1),
        "signed add-ins only",
        "Trust Center",
    ),
    (
        lambda one: one.registry.write(one.policy_keys("Security")[1], "DisableAllAddins", 1),
        "by a rule of your administrator",
        "administrator",
    ),
    (
        lambda one: one.registry.write(LOCATIONS, "AllLocationsDisabled", 1),
        "Trusted Locations are switched off",
        "Trust Center",
    ),
    (
        lambda one: one.registry.write(r"HKCR\Excel.Application\CurVer", "", "Excel.Application.12"),
        "older than Excel 2010",
        "newer Excel",
    ),
]


@pytest.mark.parametrize(("harm", "what", "remedy"), SICK, ids=[what for _, what, _ in SICK])
def test_a_failure_is_found_with_its_remedy(
    machine: Machine, harm: Callable[[Machine], object], what: str, remedy: str
) -> None:
    harm(machine)
    found = doctor(machine=machine)
    matching = [one for one in found if re.search(what, one.what)]
    assert len(matching) == 1
    assert remedy in matching[0].remedy


def test_each_finding_says_what_to_do(machine: Machine) -> None:
    for harm, _, _ in SICK:
        with contextlib.suppress(Exception):  # one harm may take away what another one needs
            harm(machine)
        assert all(one.what and one.remedy for one in doctor(machine=machine))


@pytest.mark.parametrize(
    ("packages", "what"),
    [
        ({"xlwings": "0.30.0", "pywin32": "311"}, "xlwings 0.30.0 is installed"),
        ({"xlwings": None, "pywin32": "311"}, "xlwings is not installed"),
        ({"xlwings": XLWINGS, "pywin32": None}, "pywin32 is not installed"),
    ],
)
def test_packages_that_do_not_fit_are_named(machine: Machine, packages: dict[str, str | None], what: str) -> None:
    (found,) = doctor(machine=replace(machine, packages=packages))
    assert what in found.what
    assert "pip install" in found.remedy


def test_32_bits_are_said(machine: Machine) -> None:
    machine.registry.write(r"HKLM\Software\Microsoft\Office\ClickToRun\Configuration", "Platform", "x86")
    notes = doctor(machine=replace(machine, bits=32))
    assert [one.severity for one in notes] == ["warning", "note"]
    (machine.python.parent.parent / f"xlwings32-{XLWINGS}.dll").unlink()
    assert any(f"xlwings32-{XLWINGS}.dll is neither" in one.what for one in doctor(machine=machine))


def test_letters_that_the_dll_cannot_pass_on_are_said(machine: Machine, tmp_path: Path) -> None:
    folder = tmp_path / "Мария"
    folder.mkdir()
    (folder / "pythonw.exe").write_text("")
    (folder / f"xlwings64-{XLWINGS}.dll").write_text("")
    setting(machine, texts.INTERPRETER, str(folder / "pythonw.exe"))
    found = doctor(machine=replace(machine, python=folder / "python.exe"))
    assert [one.what for one in found if "letters" in one.what]


def test_another_python_than_this_one_is_a_note(machine: Machine, tmp_path: Path) -> None:
    (found,) = doctor(machine=replace(machine, python=tmp_path / "python.exe"))
    assert found.severity == "note"
    assert "another Python" in found.what


def test_a_folder_that_is_trusted_with_its_subfolders_is_trusted(machine: Machine) -> None:
    _untrust(machine)
    machine.registry.write(f"{LOCATIONS}\\Location9", "Path", f"{machine.addin_folder.parent}\\")
    assert doctor(machine=machine)
    machine.registry.write(f"{LOCATIONS}\\Location9", "AllowSubfolders", 1)
    assert doctor(machine=machine) == []


def test_without_excel(machine: Machine) -> None:
    machine.registry.delete_value(r"HKCR\Excel.Application\CurVer", "")
    assert "not installed here" in doctor(machine=machine)[0].what


def test_other_systems_are_told_where_to_go(machine: Machine) -> None:
    (found,) = doctor(machine=replace(machine, platform="darwin"))
    assert "Lite" in found.remedy
