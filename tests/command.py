"""Running the command line inside a test, and how it ended."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from xl_qbs import cli

DONE, REFUSED, USAGE = 0, 1, 2
NO_TRACES = ("Traceback", "itself failed", 'File "')


class Run(NamedTuple):
    """How a run of the command ended, and what it printed."""

    status: int
    out: str
    err: str


Command = Callable[..., Run]


def command_in(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return the command as a function of its words; it stands in a folder of its own."""
    monkeypatch.chdir(folder)

    def command(*words: object) -> Run:
        monkeypatch.setattr(sys, "argv", ["xl-qbs", *(str(word) for word in words)])
        status: Any = DONE
        try:
            cli.main()
        except SystemExit as ended:
            status = ended.code or DONE
        printed = capsys.readouterr()
        for trace in NO_TRACES:
            assert trace not in printed.err
        return Run(int(status), printed.out, printed.err)

    return command
