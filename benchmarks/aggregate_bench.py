"""Growth: patient rows into the indicator table, and tables of up to 100,000 lists into scores.

    python benchmarks/aggregate_bench.py [--quick]

Each number is of a whole process: seconds from its start to its end, and its largest resident size.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from measure import PROJECT, Row, Run, RunError, say, timed

HERE = Path(__file__).resolve().parent
OURS = "from xl_qbs.cli import main; main()"
EXAMPLE = (
    "import sys, pathlib; from xl_qbs.jobs.aggregate_example import write_example;"
    "write_example(pathlib.Path(sys.argv[1]), patients=int(sys.argv[2]), form='parquet')"
)
# So many people have about 2 and 20 million records.
PEOPLE, QUICK_PEOPLE = (245_000, 2_450_000), (24_500, 245_000)
LISTS, QUICK_LISTS = (10_000, 100_000), (1_000, 10_000)
INDICATORS = 40
MEMORY_TARGET = 4096.0  # MiB
# Ten times the rows, at most so many times as long; what does not grow (starting, imports) makes it less.
TIME_TARGET = 10.5


def aggregate(*, quick: bool, folder: Path) -> list[Row]:
    """Count people and records of growing number, and score tables of growing length."""
    return [
        *_patients(QUICK_PEOPLE if quick else PEOPLE, folder),
        *_tables(QUICK_LISTS if quick else LISTS, folder),
    ]


def _patients(sizes: Sequence[int], folder: Path) -> list[Row]:
    rows: list[Row] = []
    before: Run | None = None
    for people in sizes:
        room = folder / f"people_{people}"
        say(f"aggregate: inventing the records of {people:,} people")
        timed([sys.executable, "-c", EXAMPLE, str(room), str(people)])
        say(f"aggregate: counting the records of {people:,} people")
        run = _ours(
            *("aggregate", room / "qbs_2018_example.toml", "-o", room / "table.csv", "--groups", room / "groups.csv"),
            *("--people", room / "people.parquet", "--records", room / "records.parquet"),
            *("--patients", room / "patients.parquet"),
            made=room / "table.csv",
        )
        rows += _rows(f"aggregate {people:,} people, 8 records each, DuckDB", run, before)
        before = run
    return rows


def _tables(sizes: Sequence[int], folder: Path) -> list[Row]:
    rows: list[Row] = []
    for form in ("parquet", "csv"):
        before: Run | None = None
        for lists in sizes:
            table, scheme = folder / f"lists_{lists}.{form}", folder / "scheme.csv"
            make = [str(HERE / "aggregate_data.py"), str(lists), str(INDICATORS), str(table), str(scheme)]
            timed([sys.executable, *make])
            say(f"score: {lists:,} lists x {INDICATORS}, {form}")
            out = folder / f"scores_{lists}_{form}"
            run = _ours(
                *("score", table, "--scheme", scheme, "--cells", "none", "--export", out, "--export-form", form),
                made=out / f"coverage.{form}",
            )
            rows += _rows(f"score {lists:,} lists x {INDICATORS} from {form} to {form}", run, before)
            before = run
    return rows


def _rows(what: str, run: Run, before: Run | None) -> list[Row]:
    compared, theirs, target = run.wall, "-", None
    if before is not None:
        compared, theirs, target = run.wall / before.wall, f"{before.wall:.1f}", TIME_TARGET
    ratio = "-" if before is None else f"{compared:.2f}"
    return [
        Row(f"{what}: time, s", f"{run.wall:.1f}", theirs, ratio, compared, target),
        Row(f"{what}: processor, s", f"{run.cpu:.1f}", "-", "-", run.cpu, None),
        Row(f"{what}: peak memory, MiB", f"{run.memory:.0f}", "-", "-", run.memory, MEMORY_TARGET),
    ]


def _ours(*words: object, made: Path) -> Run:
    run = timed([sys.executable, "-c", OURS, *map(str, words)])
    if not made.exists():
        raise RunError(f"xl-qbs {words[0]} wrote no {made.name}")
    return run


def main() -> int:
    """Print the rows; 1 where a target is missed."""
    with tempfile.TemporaryDirectory() as name:
        rows = aggregate(quick="--quick" in sys.argv, folder=Path(name))
    for row in rows:
        print(" | ".join(row.cells))
    return int(any(row.cells[-1] == "behind" for row in rows))


if __name__ == "__main__":
    sys.path.insert(0, str(PROJECT))
    sys.exit(main())
