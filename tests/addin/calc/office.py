"""LibreOffice with the extension in it, started once for all calls, and how cells travel to its driver."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.addin.calc.cases import FIRST_DAY
from tests.engines import python_with_uno, soffice
from xl_qbs.addin.calc.install import Done
from xl_qbs.addin.definition import CellError, Cells

DRIVER = Path(__file__).with_name("driver.py")
# unopkg refuses root, and this is the user "nobody" of every Linux.
_NOBODY = 65534


class Office:
    """A LibreOffice of its own user folder; `start` it after the extension is in."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="xl_qbs-calc-"))
        self.profile = self.home / "profile"
        self._office: subprocess.Popen[bytes] | None = None
        self._driver: subprocess.Popen[str] | None = None

    def run(self, command: Sequence[str]) -> Done:
        """Run a program of LibreOffice as a user that it accepts."""
        user: dict[str, Any] = {}
        if sys.platform != "win32" and os.geteuid() == 0:
            self._give_to(_NOBODY)
            user = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}
        try:
            done = subprocess.run(
                command,
                check=False,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                env=self._environment(),
                timeout=120,
                **user,
            )
        except OSError as error:
            return Done(126, str(error))
        finally:
            if user:
                self._give_to(0)
        return Done(done.returncode, (done.stdout + done.stderr).strip())

    def start(self) -> None:
        program, python = soffice(), python_with_uno()
        assert program is not None
        assert python is not None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._office = subprocess.Popen(
            [
                *(program, "--headless", "--norestore", "--nologo", "--nolockcheck", "--nodefault"),
                f"-env:UserInstallation={self.profile.as_uri()}",
                f"--accept=socket,host=127.0.0.1,port={port};urp;",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self._environment(),
            start_new_session=True,
        )
        self._driver = subprocess.Popen(
            [python, str(DRIVER), str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=self._environment(),
        )

    def ask(self, question: Any) -> Any:
        """Ask the driver, and return its answer."""
        assert self._driver is not None
        assert self._driver.stdin is not None
        assert self._driver.stdout is not None
        self._driver.stdin.write(json.dumps(question) + "\n")
        self._driver.stdin.flush()
        return json.loads(self._driver.stdout.readline())

    def show(self, formula: str, cells: Mapping[str, Cells], size: tuple[int, int] = (1, 1), saved_as: str = "") -> Any:
        """Return what the cells of a formula show: an array formula where it has more than one cell.

        With the name of a file format of LibreOffice in ``saved_as``, after it was saved and opened again.
        """
        question = {
            "cells": {address: [[_sent(cell) for cell in row] for row in rows] for address, rows in cells.items()},
            "size": size,
            "formula": formula,
        }
        if saved_as:
            question |= {"url": (self.home / "saved").as_uri(), "filter": saved_as}
        answer = self.ask(question)
        self.seconds = answer["seconds"]
        return answer["rows"]

    def stop(self) -> None:
        if self._driver is not None:
            assert self._driver.stdin is not None
            self._driver.stdin.close()
            try:
                self._driver.wait(30)
            except subprocess.TimeoutExpired:
                self._driver.kill()
        if self._office is not None:
            # soffice is a script that starts two more processes; all are of this session.
            if sys.platform == "win32":
                self._office.kill()
            else:
                os.killpg(self._office.pid, signal.SIGKILL)
            self._office.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    def _environment(self) -> dict[str, str]:
        keep = {
            name: text for name, text in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY", "PYTHONPATH"}
        }
        # LibreOffice's own Python takes the first python3 of the path for its home: in an activated environment it
        # finds no module uno there, and LibreOffice does not start with the extension in it.
        here = Path(sys.executable).parent
        path = os.pathsep.join(one for one in os.environ.get("PATH", "").split(os.pathsep) if Path(one) != here)
        return {**keep, "PATH": path, "HOME": str(self.home), "SAL_USE_VCLPLUGIN": "svp"}

    def _give_to(self, user: int) -> None:
        for path in (self.home, *self.home.rglob("*")):
            os.chown(path, user, user, follow_symlinks=False)


def _sent(cell: Any) -> Any:
    if isinstance(cell, CellError):
        return {"error": cell.value}
    if isinstance(cell, datetime.datetime):
        return {"date": (cell - FIRST_DAY) / datetime.timedelta(days=1)}
    return cell


def shown(cells: Cells) -> list[list[Any]]:
    """Return rows of cells as the driver reads them."""
    return [[_shown(cell) for cell in row] for row in cells]


def _shown(cell: Any) -> Any:
    if isinstance(cell, CellError):
        return {"error": cell.value}
    if cell is None:
        return ""
    return float(cell) if isinstance(cell, (bool, int)) else cell
