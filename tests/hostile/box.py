"""The command line in a box: run in a process of its own, with limits of time and memory, and what it told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.command import NO_TRACES

PROJECT = Path(__file__).resolve().parents[2]
SECONDS = 10
MEMORY = 1 << 30
DONE, REFUSED, USAGE = 0, 1, 2


class Boxed(NamedTuple):
    """How a run of the command ended: its status (negative for a signal), what it printed, seconds, bytes."""

    status: int
    out: str
    err: str
    seconds: float
    peak: int


class Box:
    """Runs commands one after another; see `tests.hostile.box_server`."""

    def __init__(self) -> None:
        environment = {
            **os.environ,
            # Every thread of a numeric library holds memory of its own, and survives no fork.
            **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
            "PYTHONPATH": str(PROJECT),
            "PYTHONIOENCODING": "utf-8",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.hostile.box_server"],
            cwd=PROJECT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        """End the server."""
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def run(
        self,
        words: Sequence[object],
        folder: Path,
        *,
        seconds: int = SECONDS,
        memory: int = MEMORY,
        **others: Any,
    ) -> Boxed:
        """Run the command and return how it ended.

        Args:
            words: what is typed behind ``xl-qbs``.
            folder: where it stands.
            seconds: it is ended after so many seconds of the processor.
            memory: bytes that it may hold.
            **others: ``kill_after`` (seconds), ``largest_file`` (bytes), ``user`` (a number), ``environment``
                and ``prepare`` (a function that is called first, by its dotted name).
        """
        with tempfile.TemporaryDirectory(prefix="xl_qbs_box_") as room:
            asked = {
                "words": [str(word) for word in words],
                "folder": str(folder),
                "out": f"{room}/out",
                "err": f"{room}/err",
                "seconds": seconds,
                "memory": memory,
                **others,
            }
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            answer = json.loads(self._process.stdout.readline())
            out, err = (Path(room, name).read_text("utf-8", "replace") for name in ("out", "err"))
        return Boxed(answer["status"], out, err, answer["seconds"], answer["peak"])


def assert_clear(told: Boxed, what: object = "") -> None:
    """Assert that a run ended by itself, inside its limits, and with a sentence where it was refused."""
    shown = f"{what}: {told.status} after {told.seconds:.1f} s\n{told.err[-3000:]}"
    assert told.status in (DONE, REFUSED, USAGE), shown
    for trace in (*NO_TRACES, "panicked", "not enough memory"):
        assert trace not in told.err, shown
        assert trace not in told.out, shown
    assert told.peak < MEMORY, f"{what}: {told.peak >> 20} MiB"
    if told.status != DONE and not told.out:
        said = refusal(told)
        assert len(said) > 20, shown


def refusal(told: Boxed) -> str:
    """Return the message of a run without the names of its steps."""
    lines = [line for line in told.err.splitlines() if not line.endswith(" ...")]
    return "\n".join(lines).strip()
