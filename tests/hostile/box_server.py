"""Runs the command line in boxes: child processes with limits of time and memory, forked from one that is warm.

Started by `tests.hostile.box`, one for a session of tests. A request is a line of JSON on standard input, and
so is the answer on standard output. It has one thread of its own, unlike a process of tests, so that a fork
is safe; and what is slow to import has been imported, so that a box opens in some milliseconds.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pkgutil
import resource
import signal
import sys
import time
import traceback
from typing import Any

# A box whose user may not read Python's own files cannot import what is imported late.
_PACKAGES = ("xl_qbs.workbook", "xl_qbs.sheets", "xl_qbs.scoring", "xl_qbs.scheme", "xl_qbs.audit")
_WARM = (
    *("encodings.utf_8_sig", "encodings.cp1252", "encodings.utf_16", "encodings.cp437", "encodings.ascii"),
    "importlib.readers",
    "importlib.resources.readers",
    "numpy",
    "lxml.etree",
    "python_calamine",
    "pandas",
    "scipy.optimize",
    "xl_qbs.cli",
    "xl_qbs.workbook.scored",
    "xl_qbs.workbook.export",
    "xl_qbs.scoring.score",
    "xl_qbs.audit.run",
    "xl_qbs.audit.recalculate",
)
# What `xl-qbs aggregate` needs.
_WARM_IF_INSTALLED = ("pyarrow.csv", "pyarrow.parquet", "pyarrow.compute", "duckdb", "ibis.backends.duckdb")
# How much longer by the clock than by the processor a run may take.
_PATIENCE = 10


def main() -> None:
    """Serve until standard input ends."""
    # A child whose files may only be so long would leave a compiled module cut off for everybody after it.
    sys.dont_write_bytecode = True
    for name in _WARM:
        importlib.import_module(name)
    for name in _WARM_IF_INSTALLED:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    for name in _PACKAGES:
        for found in pkgutil.iter_modules(importlib.import_module(name).__path__, f"{name}."):
            importlib.import_module(found.name)
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_boxed(json.loads(line))) + "\n")
        sys.stdout.flush()


def _boxed(asked: dict[str, Any]) -> dict[str, Any]:
    """Run a command in a child process, and return how it ended."""
    started = time.monotonic()
    child = os.fork()
    if not child:
        _child(asked)
    if asked.get("kill_after") is not None:
        time.sleep(asked["kill_after"])
        os.kill(child, signal.SIGKILL)
    _, ended, used = os.wait4(child, 0)
    return {
        "status": os.waitstatus_to_exitcode(ended),
        "seconds": time.monotonic() - started,
        "peak": used.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
    }


def _child(asked: dict[str, Any]) -> None:
    """Become the command; never returns."""
    status = 70
    try:
        with open(asked["out"], "wb") as out, open(asked["err"], "wb") as err:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
        with open(os.devnull, "rb") as nothing:
            os.dup2(nothing.fileno(), 0)
        _limit(asked)
        os.chdir(asked["folder"])
        os.environ.update(asked.get("environment", {}))
        if asked.get("user") is not None:
            os.setgroups([])
            os.setgid(asked["user"])
            os.setuid(asked["user"])
        if asked.get("prepare"):
            module, _, name = asked["prepare"].rpartition(".")
            getattr(importlib.import_module(module), name)()
        sys.argv = ["xl-qbs", *asked["words"]]
        from xl_qbs import cli

        try:
            cli.main()
            status = 0
        except SystemExit as end:
            status = int(end.code or 0)
    except BaseException:
        with contextlib.suppress(BaseException):
            traceback.print_exc()
    with contextlib.suppress(BaseException):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)


def _limit(asked: dict[str, Any]) -> None:
    """Limit time, memory that can be written to, and the size of files.

    Time is the processor's, so that a busy machine is no failure; one that hangs is ended by the clock.
    """
    seconds = asked["seconds"]
    signal.setitimer(signal.ITIMER_REAL, _PATIENCE * seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_DATA, (asked["memory"], asked["memory"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if asked.get("largest_file") is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (asked["largest_file"], asked["largest_file"]))


if __name__ == "__main__":
    main()
