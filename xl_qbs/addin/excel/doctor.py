"""Finds why the add-in does not work, and says how to mend it."""

from __future__ import annotations

from pathlib import Path, PureWindowsPath

from xl_qbs._version import __version__
from xl_qbs.addin.excel import package, texts
from xl_qbs.addin.excel.build import XLWINGS
from xl_qbs.addin.excel.errors import AddinFileError
from xl_qbs.addin.excel.install import opened
from xl_qbs.addin.excel.machine import Machine, this_machine, zone_mark
from xl_qbs.errors import Finding

_INSTALL = "Run: xl-qbs addin install"


def doctor(*, machine: Machine | None = None) -> list[Finding]:
    """Return what keeps the add-in from working, or may, with a remedy each; none means that nothing was found.

    It looks at files and at the registry, and does not start Excel. Errors keep the add-in from working,
    warnings may, notes are worth knowing.
    """
    machine = machine or this_machine()
    if not machine.is_windows:
        return [
            Finding(
                "The Excel add-in runs in Excel for Windows only, and this is another system.",
                "Use LibreOffice (xl-qbs addin install --host calc), or xlwings Lite in Excel on the Mac or the web.",
                severity="error",
            )
        ]
    return [*_python(machine), *_excel(machine), *_security(machine), *_addin(machine)]


def _python(machine: Machine) -> list[Finding]:
    found = []
    xlwings = machine.packages.get("xlwings")
    if xlwings is None:
        found.append(Finding("The package xlwings is not installed.", "Run: pip install 'xl_qbs[excel]'"))
    elif xlwings != XLWINGS:
        what = f"xlwings {xlwings} is installed, but the add-in needs {XLWINGS}: the name of its DLL holds the version."
        found.append(Finding(what, f"Run: pip install xlwings=={XLWINGS}"))
    if machine.packages.get("pywin32") is None:
        found.append(
            Finding(
                "The package pywin32 is not installed, without which Excel is not reached.", "Run: pip install pywin32"
            )
        )
    if machine.bits == 32:
        found.append(
            Finding(
                "This Python is a 32-bit one, for which numpy and scipy are no longer made.",
                "Install a 64-bit Python, xl_qbs into it, and run: xl-qbs addin install",
                severity="warning",
            )
        )
    return found


def _excel(machine: Machine) -> list[Finding]:
    version = machine.excel_version()
    if version is None:
        return [Finding("Excel for Windows is not installed here.", "Install Excel, or use LibreOffice: --host calc.")]
    if float(version) < 14:
        return [Finding(f"Excel {version} is older than Excel 2010 (14.0).", "Use a newer Excel, or LibreOffice.")]
    if machine.excel_bits() == 32:
        return [
            Finding(
                "Excel is a 32-bit one: the add-in then loads xlwings32, which comes with xlwings as well.",
                "Nothing has to be done; where memory runs out, a 64-bit Excel has more of it.",
                severity="note",
            )
        ]
    return []


def _security(machine: Machine) -> list[Finding]:
    """Look for settings of Excel's Trust Center, a person's or an administrator's, that keep add-ins off."""
    found = []
    checks = (
        (("Security", "Trusted Locations"), "AllLocationsDisabled", "Trusted Locations are switched off in Excel"),
        (("Security",), "DisableAllAddins", "All add-ins are switched off in Excel"),
        (("Security",), "RequireAddinSig", "Excel takes signed add-ins only, and this one is not signed"),
    )
    for parts, name, what in checks:
        own, *policies = [machine.excel_key(*parts), *machine.policy_keys(*parts)]
        if any(machine.registry.values(key).get(name) == 1 for key in policies):
            found.append(Finding(f"{what}, by a rule of your administrator.", "Ask your administrator to allow it."))
        elif machine.registry.values(own).get(name) == 1:
            remedy = "In Excel: File, Options, Trust Center, Trust Center Settings; take the tick away and restart."
            found.append(Finding(f"{what}.", remedy))
    return found


def _addin(machine: Machine) -> list[Finding]:
    if not machine.addin.is_file():
        return [Finding(f"The add-in is not installed: there is no {machine.addin}.", _INSTALL)]
    found = []
    if zone_mark(machine.addin).exists():
        found.append(Finding(f"{machine.addin} is marked as coming from the web, so Excel blocks it.", _INSTALL))
    if not _is_trusted(machine):
        found.append(
            Finding(f"{machine.addin_folder} is not a Trusted Location of Excel, so macros may be blocked.", _INSTALL)
        )
    if opened(machine) is None:
        off = str(machine.addin) in machine.registry.values(machine.excel_key("Add-in Manager"))
        what = "The add-in is switched off in Excel." if off else "Excel does not open the add-in when it starts."
        found.append(Finding(what, f"{_INSTALL}, or tick xl_qbs in Excel: File, Options, Add-ins, Go."))
    found += _disabled(machine)
    try:
        settings = package.read_settings(package.read_zip(machine.addin))
    except AddinFileError as error:
        return [*found, Finding(str(error), _INSTALL)]
    return [*found, *_settings(machine, settings)]


def _disabled(machine: Machine) -> list[Finding]:
    """Look among the files that Excel disabled itself after a crash: binary values that hold their paths."""
    key = machine.excel_key("Resiliency", "DisabledItems")
    name = machine.addin.name.lower().encode("utf-16-le")
    if any(isinstance(value, bytes) and name in value.lower() for value in machine.registry.values(key).values()):
        remedy = "In Excel: File, Options, Add-ins, Manage: Disabled Items, Go; choose xl_qbs, Enable, and restart."
        return [Finding("Excel disabled the add-in after a failure.", remedy)]
    return []


def _settings(machine: Machine, settings: dict[str, str]) -> list[Finding]:
    found = []
    if settings.get(texts.XL_QBS_VERSION) != __version__:
        built = settings.get(texts.XL_QBS_VERSION) or "an unknown version"
        what = f"The add-in was built by xl_qbs {built}, but {__version__} is installed: new functions are missing."
        found.append(Finding(what, _INSTALL, severity="warning"))
    if settings.get(texts.XLWINGS_VERSION) != XLWINGS:
        built = settings.get(texts.XLWINGS_VERSION) or "an unknown version"
        found.append(Finding(f"The add-in was built for xlwings {built}, not {XLWINGS}.", _INSTALL))
    python = settings.get(texts.INTERPRETER, "")
    if not python:
        return [*found, Finding("The add-in does not know its Python.", _INSTALL)]
    if not Path(python).is_file():
        return [*found, Finding(f"The Python of the add-in is no longer there: {python}.", _INSTALL)]
    if Path(python) != machine.interpreter:
        what = f"The add-in starts another Python than the one that runs this: {python}."
        found.append(Finding(what, f"To use this one: {_INSTALL.removeprefix('Run: ')}", severity="note"))
    try:
        python.encode(machine.code_page)
    except UnicodeEncodeError:
        what = f"The path of Python has letters that xlwings' DLL cannot pass on: {python}."
        found.append(
            Finding(what, r"Install xl_qbs in a folder with plain letters, such as C:\qbs, and install again.")
        )
    return [*found, *_dll(machine, Path(python))]


def _dll(machine: Machine, python: Path) -> list[Finding]:
    bits = machine.excel_bits() or 64
    name = f"xlwings{bits}-{XLWINGS}.dll"
    # Where the add-in looks: beside Python, or a folder above it in a virtual environment.
    if any((folder / name).is_file() for folder in (python.parent, python.parent.parent)):
        return []
    others = sorted(
        {one.name for folder in (python.parent, python.parent.parent) for one in folder.glob(f"xlwings{bits}-*.dll")}
    )
    there = f"; there is {', '.join(others)}" if others else ""
    return [
        Finding(
            f"{name} is neither in {python.parent} nor in {python.parent.parent}{there}.",
            f"Run: pip install --force-reinstall xlwings=={XLWINGS} (in a virtual environment, not with --user)",
        )
    ]


def _is_trusted(machine: Machine) -> bool:
    """Return whether the add-in's folder is a Trusted Location, or lies in one that includes its subfolders."""
    folder = PureWindowsPath(str(machine.addin_folder))
    root = machine.excel_key("Security", "Trusted Locations")
    for name in machine.registry.keys(root):
        values = machine.registry.values(f"{root}\\{name}")
        place = PureWindowsPath(str(values.get("Path", "")).rstrip("\\/"))
        if folder == place or (values.get("AllowSubfolders") == 1 and place in folder.parents):
            return True
    return False
