"""LibreOffice run without a window: with a profile of its own in a folder that is removed, and ended for certain."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

# LibreOffice's own installers on Windows and macOS do not put it on the PATH.
_OTHER_PLACES = (
    r"C:\Program Files\LibreOffice\program\soffice.com",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
)
# LibreOffice does not run well as root: there it runs as the user "nobody" of every Linux.
_NOBODY = 65534
_POLL = 0.3


def find_libreoffice() -> str | None:
    """Return the path of LibreOffice's program, or None where it is not installed."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    return found or next((place for place in _OTHER_PLACES if os.path.exists(place)), None)


def run_libreoffice(
    program: str, room: Path, arguments: Sequence[str], timeout: float, tell: Callable[[], None] = lambda: None
) -> str | None:
    """Run LibreOffice to its end, or end it with all that it started.

    Args:
        program: LibreOffice's program.
        room: an empty folder or one with the files to convert; it becomes LibreOffice's home, and its profile stands
            there in ``profile``.
        arguments: what it is to do, such as ``--convert-to``; relative paths start from the room.
        timeout: seconds after which it is ended.
        tell: called several times a second meanwhile.

    Returns:
        What it printed; None where it took too long.

    Raises:
        OSError: it cannot be started.
    """
    user: dict[str, Any] = {}
    if _as_root():
        user = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}
        for path in (room, *room.rglob("*")):
            os.chown(path, _NOBODY, _NOBODY)
    # A display or a session of the machine's user must not be looked for.
    keep = {name: text for name, text in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    process = subprocess.Popen(  # noqa: S603  (a program of the machine, with names that xl_qbs gave)
        [
            *(program, "--headless", "--norestore", "--nologo", "--nolockcheck", "--nodefault"),
            f"-env:UserInstallation={(room / 'profile').as_uri()}",
            *arguments,
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=room,
        env={**keep, "HOME": str(room), "SAL_USE_VCLPLUGIN": "svp"},
        start_new_session=True,
        text=True,
        errors="replace",
        **user,
    )
    try:
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            with contextlib.suppress(subprocess.TimeoutExpired):
                told: str = process.communicate(timeout=_POLL)[0]
                return told
            tell()
        return None
    finally:
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    """End what is left of a process and its children: soffice is a script that starts two more."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _as_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0
