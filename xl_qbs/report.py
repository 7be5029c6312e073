"""What the command line tells people: the steps of a run, what was read, and what was found."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xl_qbs.errors import Finding, counted

if TYPE_CHECKING:
    from xl_qbs.workbook.fund_table import FundTable

# Characters that order a terminal about, or change the direction of what follows; and halves of characters.
_ORDERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# More findings of one kind than this are counted, not listed; the sheet of data checks has them all.
_MOST_LISTED = 12


def say(text: str, **style: Any) -> None:
    """Print a line for people, to standard error, so that standard output holds results only."""
    click.secho(harmless(text), err=True, **style)


def harmless(text: str) -> str:
    r"""Return a text as it may be printed: what a cell holds may not order the terminal about.

    >>> harmless("N1\x1b[2J"), harmless("a\nb")
    ('N1�[2J', 'a\nb')
    """
    return _ORDERS.sub("\ufffd", text)


def say_read(table: FundTable) -> None:
    """Print what was read, and from where."""
    source = table.source
    lists, indicators = counted(len(table.providers), "list"), counted(len(table.indicators), "indicator")
    say(f"Read {source.sheet}!{source.range}: {lists}, {indicators}.")


def say_findings(findings: Sequence[Finding]) -> None:
    """Print warnings and notes, those that matter most first."""
    for severity, style in (("warning", {"fg": "yellow"}), ("note", {"dim": True})):
        chosen = [one for one in findings if one.severity == severity]
        for one in chosen[:_MOST_LISTED]:
            say(f"{severity.capitalize()}: {one}", **style)
        if len(chosen) > _MOST_LISTED:
            say(f"... and {len(chosen) - _MOST_LISTED} more; the sheet of data checks lists them all.", **style)


def typed() -> str:
    """Return the options as they were typed, without the folders of files."""
    return " ".join(Path(word).name if os.sep in word else word for word in sys.argv[1:])


class Steps:
    """The steps of a run as they go: a bar on a terminal, plain lines elsewhere."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Steps:
        if sys.stderr.isatty():
            from rich.console import Console  # noqa: PLC0415  (slow to import; only a terminal needs it)
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

            columns = (TextColumn("{task.description:<8}"), BarColumn(), TimeElapsedColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def next(self, what: str) -> None:
        """Show a step; how long it takes is not known until `done` says so."""
        if self._bar is None:
            say(f"{what} ...")
            return
        if self._task is not None:
            self._bar.update(self._task, total=1.0, completed=1.0)
        self._task = self._bar.add_task(what, total=None)

    def done(self, share: float) -> None:
        """Show how much of the step is done, from 0 to 1."""
        if self._bar is not None:
            self._bar.update(self._task, total=1.0, completed=share)
