"""Workbooks printed to PDF by LibreOffice, many in one run of it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from xl_qbs.errors import OutputError
from xl_qbs.workbook.atomic import whole_file

# LibreOffice's own installers on Windows and macOS do not put it on the PATH.
_OTHER_PLACES = (
    r"C:\Program Files\LibreOffice\program\soffice.com",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
)
# LibreOffice does not run well as root: there it runs as the user "nobody" of every Linux.
_NOBODY = 65534
# Workbooks in one run: a command line on Windows holds some 32,000 characters.
BATCH = 100
# Seconds for LibreOffice to start, and for each workbook; on a busy machine it takes a tenth of it.
_START, _EACH = 180.0, 10.0
_POLL = 0.3


def find_libreoffice() -> str | None:
    """Return the path of LibreOffice's program, or None where it is not installed."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    return found or next((place for place in _OTHER_PLACES if os.path.exists(place)), None)


def print_workbooks(
    program: str,
    pairs: Sequence[tuple[Path, Path]],
    *,
    printed: Callable[[int], None] = lambda _: None,
    progress: Callable[[float], None] = lambda _: None,
) -> None:
    """Print workbooks to PDF, `BATCH` of them in each run of LibreOffice.

    It runs with a profile of its own in a folder that is removed, so that a LibreOffice that is open is not
    disturbed. Each PDF is put in its place whole.

    Args:
        program: LibreOffice's program.
        pairs: each workbook, and where its PDF goes.
        printed: told the place, from 0, of each pair that is done.
        progress: told the share of the work that is done, from 0 to 1.

    Raises:
        OutputError: LibreOffice failed or took too long, or a PDF cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix="xl_qbs_pdf_", ignore_cleanup_errors=True) as folder:
        room = Path(folder)
        for start in range(0, len(pairs), BATCH):
            batch = pairs[start : start + BATCH]
            _print(program, room, batch, lambda count, done=start: progress((done + count) / len(pairs)))  # type: ignore[misc]
            for place, (_, target) in enumerate(batch):
                with (room / "out" / f"{place}.pdf").open("rb") as made, whole_file(target) as file:
                    shutil.copyfileobj(made, file)
                printed(start + place)


def _print(program: str, room: Path, batch: Sequence[tuple[Path, Path]], progress: Callable[[int], None]) -> None:
    """Print one batch into the folder ``out``; names there are numbers, which no program can misread."""
    for name in ("in", "out"):
        shutil.rmtree(room / name, ignore_errors=True)
        (room / name).mkdir()
    for place, (source, _) in enumerate(batch):
        shutil.copyfile(source, room / "in" / f"{place}.xlsx")
    _give_to_worker(room)
    command = [
        *(program, "--headless", "--norestore", "--nologo", "--nolockcheck", "--nodefault"),
        f"-env:UserInstallation={(room / 'profile').as_uri()}",
        *("--convert-to", "pdf:calc_pdf_Export", "--outdir", str(room / "out")),
        *(str(Path("in") / f"{place}.xlsx") for place in range(len(batch))),
    ]
    ended = _run(command, room, _START + _EACH * len(batch), lambda: progress(_made(room)))
    if _made(room) < len(batch):
        why = "took too long" if not ended else "did not print all of them"
        raise OutputError(
            f"LibreOffice {why}: {_made(room)} of {len(batch)} pages were printed. The workbooks are there; close "
            "LibreOffice and run the same command again, or leave the pages out with --pdf no."
        )


def _made(room: Path) -> int:
    return sum(1 for one in (room / "out").glob("*.pdf") if one.stat().st_size > 0)


def _run(command: Sequence[str], room: Path, timeout: float, tell: Callable[[], None]) -> bool:
    """Run LibreOffice and tell how far it is; end it with all that it started. Return whether it came to its end."""
    user: dict[str, Any] = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if _as_root() else {}
    # A display or a session of the machine's user must not be looked for.
    keep = {name: text for name, text in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    try:
        process = subprocess.Popen(  # noqa: S603  (a program of the machine, with names that are numbers)
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=room,
            env={**keep, "HOME": str(room), "SAL_USE_VCLPLUGIN": "svp"},
            start_new_session=True,
            **user,
        )
    except OSError as error:
        raise OutputError(
            f"LibreOffice cannot be started ({error.strerror}): leave the pages out with --pdf no."
        ) from error
    try:
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_POLL)
                return True
            tell()
        return False
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End what is left of a process and its children: soffice is a script that starts two more."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _as_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0


def _give_to_worker(folder: Path) -> None:
    """Make a folder and all in it belong to the user that LibreOffice runs as."""
    if _as_root():
        for path in (folder, *folder.rglob("*")):
            os.chown(path, _NOBODY, _NOBODY)
