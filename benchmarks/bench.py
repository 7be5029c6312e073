"""How fast xl_qbs is, as whole processes side by side on this machine: `make bench`.

    python benchmarks/bench.py [--quick] [--write] [--only pairs|growth|templates|addin|efficiency|comparison|aggregate]

Seven questions. Pairs: is scoring the fund's workbook as fast as merely loading and saving it with
openpyxl? Growth: does ten times the lists take no more than ten times as long, and does it fit in memory?
Templates: how long do building and recalculating a formula template take, and do they grow with its lists?
Add-in: what does a call from a cell cost, through xlwings' own path? Efficiency: are the models of quality and cost
fast beside the plain way, and do their intervals hold as often as they say? Comparison: are the parts as fast as what
an analyst would pick instead: pandas, PySAL, scikit-learn, a recalculation? Aggregate: do patient rows by the ten
millions, and tables of 100,000 lists, take time in proportion and bounded memory?
README.md beside this file says how the numbers are taken.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from aggregate_bench import aggregate
from measure import PROJECT, Row, Run, RunError, say, timed

from templates import templates

# Nothing large is imported here: on Linux a child's peak memory is never below that of its parent when it
# was started, so this process has to stay small. data.py therefore runs as a process of its own, too.

HERE = Path(__file__).resolve().parent
SHARED = Path(os.environ.get("XL_QBS_SHARED") or PROJECT.parent / "shared")
FUND_WORKBOOKS = (
    SHARED / "data" / "fund_workbook_2019.xlsx",
    PROJECT / "workbooks" / "fund_workbook_2024.xlsx",
)
RESULTS = HERE / "results.md"

PAIR_TARGET = 1.0
MEMORY_TARGET = 2048.0  # MiB

OURS = "from xl_qbs.cli import main; main()"
THEIRS = "import sys, openpyxl; openpyxl.load_workbook(sys.argv[1]).save(sys.argv[2])"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="3 pairs, and growth from 800 to 8,000 lists")
    parser.add_argument("--write", action="store_true", help=f"write the table to {RESULTS.name}, too")
    questions = ["pairs", "growth", "templates", "addin", "efficiency", "comparison", "aggregate"]
    parser.add_argument("--only", choices=questions, help="one of the questions")
    options = parser.parse_args()
    rows: list[Row] = []
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            if options.only in (None, "pairs"):
                rows += pairs(_fund_workbook(), folder, count=3 if options.quick else 7)
            if options.only in (None, "growth"):
                sizes = [800, 8_000] if options.quick else [800, 8_000, 80_000]
                rows += growth(sizes, folder, repeats=1 if options.quick else 3)
            if options.only in (None, "templates"):
                rows += templates([100, 800] if options.quick else [800, 8_000], folder)
            if options.only in (None, "addin"):
                rows += addin()
            if options.only in (None, "efficiency"):
                rows += efficiency(quick=options.quick)
            if options.only in (None, "comparison"):
                rows += comparison(_fund_workbook(), quick=options.quick)
            if options.only in (None, "aggregate"):
                rows += aggregate(quick=options.quick, folder=folder)
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
        say(f"{book.name}: pair {number} of {count}" + (" (to warm up)" if number == 0 else ""))
        a = _score(book, folder / "ours.xlsx")
        b = timed([sys.executable, "-W", "ignore", "-c", THEIRS, str(book), str(folder / "theirs.xlsx")])
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
        say(f"{lists:,} lists: making the workbook")
        timed([sys.executable, str(HERE / "data.py"), str(lists), str(book)])
        # The largest is long enough to be timed once.
        times = 1 if number == 2 else repeats
        say(f"{lists:,} lists: scoring, {times} x")
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


def addin() -> list[Row]:
    """Call the add-in's functions as xlwings does; in a process of its own, which loads all that is large."""
    say("add-in: calls from cells")
    done = subprocess.run(
        [sys.executable, str(HERE / "addin_bench.py"), "--json"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RunError(f"addin_bench.py ended with {done.returncode}:\n{done.stderr[-2000:]}")
    rows = []
    for what, ours, theirs, ratio, target in json.loads(done.stdout):
        compared = "-" if target is None else f"{theirs:.3f}"
        rows.append(Row(f"add-in: {what}, s", f"{ours:.3f}", compared, f"{ratio:.2f}", ratio, target))
    return rows


def efficiency(*, quick: bool) -> list[Row]:
    """Time the models of quality and cost, in a process of its own, which loads all that is large."""
    return [Row(f"efficiency: {what}", *rest) for what, *rest in _asked("efficiency_bench.py", "--json", quick=quick)]


def comparison(book: Path, *, quick: bool) -> list[Row]:
    """Time parts of a scoring against what an analyst would pick instead, in a process of its own."""
    return [Row(*row) for row in _asked("comparison_bench.py", str(book), quick=quick)]


def _asked(program: str, *arguments: str, quick: bool) -> list[Any]:
    """Return the rows that another program of this folder prints as JSON."""
    command = [sys.executable, str(HERE / program), *arguments, *(["--quick"] if quick else [])]
    # What it says of its progress goes straight on to whoever waits.
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise RunError(f"{program} ended with {done.returncode}; see above")
    rows: list[Any] = json.loads(done.stdout)
    return rows


def _score(book: Path, out: Path) -> Run:
    out.unlink(missing_ok=True)
    run = timed([sys.executable, "-c", OURS, "score", str(book), "-o", str(out)])
    if not out.exists():
        raise RunError(f"xl-qbs score {book.name} wrote nothing")
    return run


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


if __name__ == "__main__":
    sys.exit(main())
