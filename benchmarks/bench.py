"""How fast xl_qbs is, as whole processes side by side on this machine: `make bench`.

    python benchmarks/bench.py [--quick] [--write] [--only pairs|growth]

Two questions. Pairs: is scoring the fund's workbook as fast as merely loading and saving it with
openpyxl? Growth: does ten times the lists take no more than ten times as long, and does it fit in memory?
README.md beside this file says how the numbers are taken.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

# Nothing large is imported here: on Linux a child's peak memory is never below that of its parent when it
# was started, so this process has to stay small. data.py therefore runs as a process of its own, too.

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
SHARED = Path(os.environ.get("XL_QBS_SHARED") or PROJECT.parent / "shared")
FUND_WORKBOOKS = (
    SHARED / "data" / "fund_workbook_2019.xlsx",
    PROJECT / "workbooks" / "fund_workbook_2024.xlsx",
)
RESULTS = HERE / "results.md"

PAIR_TARGET = 1.0
MEMORY_TARGET = 2048.0  # MiB
LONGEST = 1800.0  # seconds; a process that takes longer has failed

OURS = "from xl_qbs.cli import main; main()"
THEIRS = "import sys, openpyxl; openpyxl.load_workbook(sys.argv[1]).save(sys.argv[2])"


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
        return self.what, self.ours, self.theirs, self.ratio, "-" if self.target is None else f"<= {limit:g}", verdict


class RunError(Exception):
    """A process that was to be timed did not do its work."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="3 pairs, and growth from 800 to 8,000 lists")
    parser.add_argument("--write", action="store_true", help=f"write the table to {RESULTS.name}, too")
    parser.add_argument("--only", choices=["pairs", "growth"], help="one of the two questions")
    options = parser.parse_args()
    rows: list[Row] = []
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            if options.only != "growth":
                rows += pairs(_fund_workbook(), folder, count=3 if options.quick else 7)
            if options.only != "pairs":
                sizes = [800, 8_000] if options.quick else [800, 8_000, 80_000]
                rows += growth(sizes, folder, repeats=1 if options.quick else 3)
    except RunError as error:
        print(error, file=sys.stderr)
        return 1
    text = _table(rows)
    print(text)
    if options.write:
        RESULTS.write_text(f"# Results\n\n{_circumstances(quick=options.quick)}\n\n{text}\n", encoding="utf-8")
    return 0


def pairs(book: Path, folder: Path, count: int) -> list[Row]:
    """Score a workbook, and load and save it with openpyxl, in turns: A B A B after a pair to warm up."""
    ours, theirs = [], []
    for number in range(count + 1):
        _say(f"{book.name}: pair {number} of {count}" + (" (to warm up)" if number == 0 else ""))
        a = _score(book, folder / "ours.xlsx")
        b = _timed([sys.executable, "-W", "ignore", "-c", THEIRS, str(book), str(folder / "theirs.xlsx")])
        if number > 0:
            ours.append(a)
            theirs.append(b)
    what = f"score {book.name} / openpyxl load and save"
    return [
        _pair_row(f"{what}: time, s", ours, theirs, lambda run: run.wall, digits=2),
        _pair_row(f"{what}: processor, s", ours, theirs, lambda run: run.cpu, digits=2),
        _pair_row(f"{what}: peak memory, MiB", ours, theirs, lambda run: run.memory, digits=0, target=None),
    ]


def _pair_row(
    what: str,
    ours: Sequence[Run],
    theirs: Sequence[Run],
    measure: Callable[[Run], float],
    digits: int,
    target: float | None = PAIR_TARGET,
) -> Row:
    # The ratio is taken within each pair, so that a slow minute of the machine falls on both of it.
    ratio = statistics.median(measure(a) / measure(b) for a, b in zip(ours, theirs, strict=True))
    middle = [statistics.median(map(measure, runs)) for runs in (ours, theirs)]
    return Row(what, f"{middle[0]:.{digits}f}", f"{middle[1]:.{digits}f}", f"{ratio:.2f}", ratio, target)


def growth(sizes: Sequence[int], folder: Path, repeats: int) -> list[Row]:
    """Score workbooks of growing size; each step is held against the one before it."""
    rows: list[Row] = []
    before: Run | None = None
    for number, lists in enumerate(sizes):
        book = folder / f"{lists}.xlsx"
        _say(f"{lists:,} lists: making the workbook")
        _timed([sys.executable, str(HERE / "data.py"), str(lists), str(book)])
        # The largest is long enough to be timed once.
        times = 1 if number == 2 else repeats
        _say(f"{lists:,} lists: scoring, {times} x")
        runs = [_score(book, folder / "ours.xlsx") for _ in range(times)]
        book.unlink()
        middle = Run(*(statistics.median(getattr(run, name) for run in runs) for name in ("wall", "cpu", "memory")))
        if before is not None:
            ratio = middle.wall / before.wall
            what = f"score {lists:,} lists / {sizes[number - 1]:,} lists: time, s"
            ours, theirs = f"{middle.wall:.2f}", f"{before.wall:.2f}"
            rows.append(Row(what, ours, theirs, f"{ratio:.2f}", ratio, lists / sizes[number - 1]))
        before = middle
        memory = middle.memory
        rows.append(Row(f"score {lists:,} lists: peak memory, MiB", f"{memory:.0f}", "-", "-", memory, MEMORY_TARGET))
    return rows


def _score(book: Path, out: Path) -> Run:
    out.unlink(missing_ok=True)
    run = _timed([sys.executable, "-c", OURS, "score", str(book), "-o", str(out)])
    if not out.exists():
        raise RunError(f"xl-qbs score {book.name} wrote nothing")
    return run


def _timed(command: Sequence[str]) -> Run:
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


def _fund_workbook() -> Path:
    found = next((book for book in FUND_WORKBOOKS if book.exists()), None)
    if found is None:
        raise RunError("No workbook to score: neither " + " nor ".join(map(str, FUND_WORKBOOKS)))
    return found


def _table(rows: Sequence[Row]) -> str:
    """Return the rows as a table in Markdown whose columns also line up as plain text."""
    lines = [("row", "ours", "theirs", "ratio", "target", "verdict"), *(row.cells for row in rows)]
    what, *numbers, verdict = (max(map(len, column)) for column in zip(*lines, strict=True))
    forms = [f"{{:<{what}}}", *(f"{{:>{width}}}" for width in numbers), f"{{:<{verdict}}}"]
    line_form = f"| {' | '.join(forms)} |"
    rule = ["-" * what, *("-" * (width - 1) + ":" for width in numbers), "-" * verdict]
    return "\n".join(line_form.format(*line) for line in (lines[0], rule, *lines[1:]))


def _circumstances(*, quick: bool) -> str:
    names = ("openpyxl", "numpy", "lxml", "python-calamine")
    packages = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    return (
        f"`make bench{' BENCH_ARGS=--quick' if quick else ''}` on {datetime.date.today():%Y-%m-%d}: "
        f"{platform.system()} on {platform.machine()}, {os.cpu_count()} processors, "
        f"Python {platform.python_version()}, {packages}. The ratios carry over to other machines, the "
        "seconds do not."
    )


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
