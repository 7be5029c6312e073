"""Puts the extension into LibreOffice for the current user, says whether it is there, and takes it out again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from xl_qbs._version import __version__
from xl_qbs.addin.calc.names import EXTENSION
from xl_qbs.addin.calc.office_side import SETTINGS, WORKER, clean_environment
from xl_qbs.addin.calc.package import build_oxt
from xl_qbs.addin.catalogue import FUNCTIONS
from xl_qbs.errors import QbsError

# LibreOffice's own installers on Windows and macOS do not put it on the PATH.
_OTHER_PLACES = (
    r"C:\Program Files\LibreOffice\program\unopkg.com",
    r"C:\Program Files (x86)\LibreOffice\program\unopkg.com",
    "/Applications/LibreOffice.app/Contents/MacOS/unopkg",
)
_PATIENCE = 120.0


class OfficeMissingError(QbsError):
    """LibreOffice is not installed, or not where it is looked for."""


class OfficeError(QbsError):
    """LibreOffice did not do what it was asked to."""


class Done(NamedTuple):
    """How a program ended.

    Attributes:
        code: its exit code; 0 for success.
        output: what it printed.
    """

    code: int
    output: str


Run = Callable[[Sequence[str]], Done]


def run_program(command: Sequence[str]) -> Done:
    """Run a program to its end.

    Raises:
        OfficeError: it does not start, or does not end in two minutes.
    """
    try:
        done = subprocess.run(  # noqa: S603  (unopkg, or our own Python)
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_PATIENCE,
            env=clean_environment(),
        )
    except OSError as error:
        raise OfficeError(f"{command[0]} does not start: {error.strerror or error}.") from error
    except subprocess.TimeoutExpired as error:
        raise OfficeError(f"{command[0]} was not done after two minutes. Close LibreOffice and try again.") from error
    return Done(done.returncode, done.stdout.strip())


def find_unopkg() -> str:
    """Return LibreOffice's program for extensions.

    Raises:
        OfficeMissingError: there is none.
    """
    found = shutil.which("unopkg") or next((place for place in _OTHER_PLACES if Path(place).exists()), None)
    if found is None:
        raise OfficeMissingError(
            "LibreOffice was not found (its program unopkg is neither on the PATH nor in the usual place). "
            "Install LibreOffice Calc, or put the folder of unopkg on the PATH, and try again."
        )
    return found


def install_calc(profile: Path | None = None, python: Path | None = None, run: Run = run_program) -> list[str]:
    """Put the functions into LibreOffice Calc for the current user; return what was done, a line each.

    Args:
        profile: LibreOffice's user folder; the usual one without it.
        python: the Python that has xl_qbs; this one without it.
        run: what runs a program.

    Raises:
        OfficeMissingError: LibreOffice is not installed.
        OfficeError: it refused the extension; says why and what to do.
    """
    unopkg = find_unopkg()
    _not_running(profile)
    python = python or Path(sys.executable)
    with tempfile.TemporaryDirectory(prefix="xl_qbs-") as folder:
        # Another user's LibreOffice may have to read it, when root installs for somebody.
        Path(folder).chmod(0o755)
        oxt = build_oxt(Path(folder) / "xl_qbs.oxt", python)
        _ask(run, [unopkg, "add", "--force", *_of(profile), str(oxt)])
    return [
        f"Installed xl_qbs {__version__} ({len(FUNCTIONS)} functions) into LibreOffice with {unopkg}.",
        f"The functions run in {python}.",
        "Start LibreOffice Calc anew and type, for example, =QBS_VERSION() into a cell.",
    ]


def status_calc(profile: Path | None = None, run: Run = run_program) -> list[str]:
    """Return what there is of the functions in LibreOffice Calc, a line each, with what to do about it.

    Raises:
        OfficeMissingError: LibreOffice is not installed.
        OfficeError: it does not answer.
    """
    unopkg = find_unopkg()
    listed = _ask(run, [unopkg, "list", *_of(profile)])
    version = _listed_version(listed)
    if version is None:
        return [f"Not installed in LibreOffice ({unopkg}). `xl-qbs addin install --host calc` does it."]
    lines = [f"Installed in LibreOffice ({unopkg}): xl_qbs {version}."]
    if version != __version__:
        lines.append(f"This is xl_qbs {__version__}: `xl-qbs addin install --host calc` brings the two together.")
    lines.extend(_python_status(run, python) for python in _pythons(profile))
    return lines


def remove_calc(profile: Path | None = None, run: Run = run_program) -> list[str]:
    """Take the functions out of LibreOffice Calc; return what was done, a line each.

    Raises:
        OfficeMissingError: LibreOffice is not installed.
        OfficeError: it refused; says why and what to do.
    """
    unopkg = find_unopkg()
    if _listed_version(_ask(run, [unopkg, "list", *_of(profile)])) is None:
        return ["There was nothing to remove: the functions are not installed in LibreOffice."]
    _not_running(profile)
    _ask(run, [unopkg, "remove", *_of(profile), EXTENSION])
    return ["Removed the functions from LibreOffice. Cells that use them show #NAME? from now on."]


def _not_running(profile: Path | None) -> None:
    """Refuse while LibreOffice runs: unopkg would then start a second one, or change what the first overwrites."""
    for folder in [profile] if profile else _usual_profiles():
        if (folder / ".lock").exists():
            raise OfficeError(
                "LibreOffice is running: close all its windows (and its quick starter) and try again. "
                f"If it ended badly, start it once and close it, or delete {folder / '.lock'}."
            )


def _of(profile: Path | None) -> list[str]:
    return [] if profile is None else [f"-env:UserInstallation={profile.absolute().as_uri()}"]


def _ask(run: Run, command: Sequence[str]) -> str:
    done = run(command)
    if done.code != 0 or "ERROR:" in done.output:
        raise OfficeError(_explained(command[1], done.output))
    return done.output


def _explained(verb: str, output: str) -> str:
    """Return what to do about a refusal of unopkg."""
    said = f" It said: {' '.join(output.split())}" if output else ""
    low = output.casefold()
    if "already running" in low or "lock file" in low or "is running" in low:
        return "LibreOffice is running: close all its windows (and its quick starter) and try again." + said
    if "as root" in low:
        return "LibreOffice keeps extensions by user: run this as the user who works with it, not as root." + said
    if "pythonloader" in low or "python" in low:
        return (
            "LibreOffice cannot load Python components here. On Debian and Ubuntu, install the package python3-uno; "
            "elsewhere, install LibreOffice with Python support." + said
        )
    return f"LibreOffice's unopkg {verb} failed.{said}"


def _listed_version(listed: str) -> str | None:
    """Return the version of our extension in what ``unopkg list`` prints; None where it is not there."""
    lines = iter(listed.splitlines())
    for line in lines:
        if line.strip() == f"Identifier: {EXTENSION}":
            return next(lines, "").partition("Version:")[2].strip() or "of an unknown version"
    return None


def _pythons(profile: Path | None) -> Iterator[str]:
    """Yield the Python that each copy of our extension in a user folder names."""
    for folder in [profile] if profile else _usual_profiles():
        for found in sorted(
            folder.glob(f"user/uno_packages/cache/uno_packages/*/xl_qbs.oxt/pythonpath/{Path(SETTINGS).name}")
        ):
            try:
                python = json.loads(found.read_text("utf-8")).get("python")
            except (OSError, ValueError, AttributeError):
                continue
            if python:
                yield python


def _usual_profiles() -> list[Path]:
    home = Path.home()
    if sys.platform == "win32":
        return [Path(os.environ.get("APPDATA", home / "AppData" / "Roaming")) / "LibreOffice" / "4"]
    if sys.platform == "darwin":
        return [home / "Library" / "Application Support" / "LibreOffice" / "4"]
    return [Path(os.environ.get("XDG_CONFIG_HOME", home / ".config")) / "libreoffice" / "4"]


def _python_status(run: Run, python: str) -> str:
    try:
        done = run([python, "-P", "-m", WORKER, "--version"])
    except OfficeError as error:
        return f"{error} Install again with the Python that has xl_qbs."
    if done.code != 0:
        last = done.output.splitlines()[-1:] or ["no message"]
        return f"{python} has no working xl_qbs ({last[0]}): install xl_qbs there, or install the functions again."
    return f"The functions run in {python}, which has xl_qbs {done.output}."
