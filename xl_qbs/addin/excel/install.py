"""Puts the add-in where Excel opens it, says what it did, and takes exactly that back."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

from xl_qbs.addin.excel import package, texts
from xl_qbs.addin.excel.errors import AddinFileError, NotWindowsError
from xl_qbs.addin.excel.machine import Machine, this_machine, zone_mark

# By this word an entry among the Trusted Locations is known as ours.
_OURS = "xl_qbs"


def install_addin(addin: Path | None = None, *, machine: Machine | None = None) -> list[str]:
    """Install the add-in for this person; needs no administrator.

    Args:
        addin: the file to install; None builds it.
        machine: the machine to install on; this one where it is not given.

    Returns:
        What was done, a sentence each.

    Raises:
        NotWindowsError: Excel's add-ins of this kind run in Windows only.
        AddinFileError: the file is no add-in of xl_qbs, or cannot be put in its place.
        MissingPackageError: the add-in is to be built, and a package for that is missing.
    """
    machine = machine or this_machine()
    _need_windows(machine)
    contents = _built() if addin is None else package.read_zip(addin)
    # So that Excel starts the Python in which xl_qbs is installed.
    contents = package.with_setting(contents, texts.INTERPRETER, str(machine.interpreter))
    target = machine.addin
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(package.write_zip(contents))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise AddinFileError(f"{target} cannot be written ({reason}). Close Excel and try again.") from error
    done = [f"Copied the add-in to {target}.", f"Pointed it at {machine.interpreter}."]
    if unmark(target):
        done.append("Removed the mark that the file came from the web.")
    if _trusted(machine) is None:
        key = _new_location(machine)
        for name, value in (("Path", f"{target.parent}\\"), ("Description", _OURS), ("AllowSubfolders", 0)):
            machine.registry.write(key, name, value)
        done.append(f"Made {target.parent} a Trusted Location of Excel: it runs the macros in that folder only.")
    else:
        done.append(f"{target.parent} is a Trusted Location of Excel already.")
    if opened(machine) is None:
        machine.registry.write(machine.excel_key("Options"), _free_name(machine), f'"{target}"')
        done.append("Told Excel to open it whenever it starts.")
    else:
        done.append("Excel opens it whenever it starts already.")
    # An add-in that was switched off stands in this list instead.
    machine.registry.delete_value(machine.excel_key("Add-in Manager"), str(target))
    done.append("Close Excel, if it is open, and start it again: the tab is named Quality scores.")
    return done


def status_addin(*, machine: Machine | None = None) -> list[str]:
    """Return whether the add-in is installed, and how, a sentence each; changes nothing.

    Raises:
        NotWindowsError: this is not Windows.
    """
    machine = machine or this_machine()
    _need_windows(machine)
    if not machine.addin.is_file():
        return [f"The add-in is not installed: there is no {machine.addin}."]
    lines = [f"The add-in is at {machine.addin}."]
    try:
        settings = package.read_settings(package.read_zip(machine.addin))
    except AddinFileError as error:
        return [*lines, str(error)]
    lines.append(f"It was built by xl_qbs {settings.get(texts.XL_QBS_VERSION) or '?'}.")
    lines.append(f"It uses xlwings {settings.get(texts.XLWINGS_VERSION) or '?'}.")
    lines.append(f"It starts {settings.get(texts.INTERPRETER) or 'no Python: it was not installed by xl-qbs'}.")
    trusted = _trusted(machine) is not None
    lines.append(f"Its folder is {'a' if trusted else 'not a'} Trusted Location of Excel.")
    lines.append(f"Excel {'opens' if opened(machine) else 'does not open'} it when it starts.")
    return lines


def remove_addin(*, machine: Machine | None = None) -> list[str]:
    """Take back what `install_addin` did, and return what was done, a sentence each.

    Raises:
        NotWindowsError: this is not Windows.
        AddinFileError: the file cannot be deleted; nothing else was changed then.
    """
    machine = machine or this_machine()
    _need_windows(machine)
    done = []
    if machine.addin.exists():
        try:
            machine.addin.unlink()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise AddinFileError(f"{machine.addin} cannot be deleted ({reason}). Close Excel and try again.") from error
        done.append(f"Deleted {machine.addin}.")
    with contextlib.suppress(OSError):
        # Files that someone else put there keep the folder.
        machine.addin_folder.rmdir()
    location = _trusted(machine)
    if location is not None and machine.registry.values(location).get("Description") == _OURS:
        machine.registry.delete_key(location)
        done.append(f"{machine.addin_folder} is no Trusted Location of Excel any more.")
    if opened(machine) is not None:
        _close(machine)
        done.append("Excel does not open it any more.")
    machine.registry.delete_value(machine.excel_key("Add-in Manager"), str(machine.addin))
    return done or ["The add-in was not installed; nothing was changed."]


def unmark(path: Path) -> bool:
    """Remove the mark of the web from a file; return whether there was one."""
    mark = zone_mark(path)
    try:
        mark.unlink()
    except OSError:
        return False
    return True


def opened(machine: Machine) -> str | None:
    """Return the name of the value by which Excel opens the add-in when it starts; None where there is none."""
    wanted = str(machine.addin).lower()
    for name, value in machine.registry.values(machine.excel_key("Options")).items():
        # Excel itself writes switches before the path, such as /R "...".
        if re.fullmatch(r"OPEN\d*", name) and str(value).lower().rstrip('"').endswith(wanted):
            return name
    return None


def _built() -> dict[str, bytes]:
    import tempfile  # noqa: PLC0415  (only here)

    from xl_qbs.addin.excel.build import build_addin  # noqa: PLC0415  (everything that scores)

    with tempfile.TemporaryDirectory() as folder:
        return package.read_zip(build_addin(Path(folder) / "xl_qbs.xlam"))


def _need_windows(machine: Machine) -> None:
    if not machine.is_windows:
        raise NotWindowsError(
            "The Excel add-in runs in Excel for Windows only, and this is another system. "
            "For LibreOffice use --host calc; for Excel on the Mac or the web see the docs on xlwings Lite."
        )


def _trusted(machine: Machine) -> str | None:
    """Return the key of the Trusted Location that is the add-in's folder; None where there is none."""
    root = machine.excel_key("Security", "Trusted Locations")
    for name in machine.registry.keys(root):
        path = str(machine.registry.values(f"{root}\\{name}").get("Path", ""))
        if path.rstrip("\\/").lower() == str(machine.addin_folder).lower():
            return f"{root}\\{name}"
    return None


def _new_location(machine: Machine) -> str:
    root = machine.excel_key("Security", "Trusted Locations")
    taken = {name.lower() for name in machine.registry.keys(root)}
    number = next(number for number in range(len(taken) + 1) if f"location{number}" not in taken)
    return f"{root}\\Location{number}"


def _free_name(machine: Machine) -> str:
    """Return the first free name of OPEN, OPEN1, OPEN2 and so on: Excel reads them up to a gap."""
    taken = machine.registry.values(machine.excel_key("Options"))
    names = ["OPEN", *(f"OPEN{number}" for number in range(1, len(taken) + 2))]
    return next(name for name in names if name not in taken)


def _close(machine: Machine) -> None:
    """Delete the value that opens the add-in, and move those behind it up, so that no gap stays."""
    key = machine.excel_key("Options")
    name = opened(machine)
    while name is not None:
        following = f"OPEN{int(name[4:] or 0) + 1}"
        value = machine.registry.values(key).get(following)
        if value is None:
            machine.registry.delete_value(key, name)
            return
        machine.registry.write(key, name, value)
        name = following
