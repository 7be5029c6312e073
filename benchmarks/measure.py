"""Timing whole processes, and the lines of the table that comes of it."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parent.parent
LONGEST = 1800.0  # seconds; a process that takes longer has failed


@dataclass(frozen=True)
class Run:
    """One process from start to end: seconds by the clock, seconds of processor, peak memory in MiB."""

    wall: float
    cpu: float
    memory: float


@dataclass(frozen=True)
class Row:
    """One line of the table; ``target`` is the most that ``measured`` may be, None where none is set."""

    what: str
    ours: str
    theirs: str
    ratio: str
    measured: float
    target: float | None

    @property
    def cells(self) -> tuple[str, ...]:
        limit = 1.0 if self.target is None else self.target
        verdict = "ahead" if self.measured <= limit else "behind"
        if self.target is None and self.theirs == "-":
            verdict = "-"
        return self.what, self.ours, self.theirs, self.ratio, "-" if self.target is None else f"<= {limit:g}", verdict


class BenchRow(NamedTuple):
    """A line of the table from a program of its own, which prints it as JSON; fields as `Row`, ``most`` its target."""

    what: str
    ours: str
    theirs: str
    ratio: str
    measured: float
    most: float | None


class RunError(Exception):
    """A process that was to be timed did not do its work."""


def timed(command: Sequence[str]) -> Run:
    """Run a process alone, to its end, and return what it took.

    Raises:
        RunError: it failed, or was ended after `LONGEST` seconds.
    """
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "COLUMNS": "200"}
    # Installed packages come compiled; without this a checkout might be compiled anew in every run.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        usage = _wait(process, start + LONGEST)
        wall = time.perf_counter() - start
        if process.returncode != 0:
            output.seek(0)
            said = output.read().decode(errors="replace").strip()[-2000:]
            raise RunError(f"{' '.join(command[:3])} ... ended with {process.returncode}:\n{said}")
    # The peak is in KiB on Linux, in bytes on macOS.
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit)


def _wait(process: subprocess.Popen[bytes], deadline: float) -> resource.struct_rusage:
    """Wait for a process by itself, because only wait4 tells what this one process used."""
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage
        if time.perf_counter() > deadline:
            process.kill()
        time.sleep(0.002)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
