"""How long a call from a cell takes on Excel's side of Python: `python benchmarks/addin_bench.py`.

Through xlwings' own call path (`udfs.call_udf`, its readers and its writers) with stand-ins for Excel's
ranges, so without the time of COM itself, which no machine without Windows can show.

- One array call: adjusted coverage of 8,000 lists x 11 indicators, against the bare numpy call plus xlwings'
  own conversion of the same two ranges to arrays and of the result back. At most 3 times.
- The same numbers one cell at a time, 8,000 calls, against one call for the 8,000: why to use ranges.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.addin.excel.com import ComRange, call_path
from xl_qbs.scoring.coverage import adjusted_coverage
from xl_qbs.scoring.priors import report_prior

LISTS, INDICATORS, SINGLE = 8_000, 11, 8_000
TARGET = 3.0
UDFS = "xl_qbs.addin.excel.udfs"

# What, our seconds, their seconds, the ratio, and the most it may be (None where nothing is asked).
BenchRow = tuple[str, float, float, float, float | None]


def bench_rows(repeats: int = 7) -> list[BenchRow]:
    """Measure, and return a row for each question."""
    random = np.random.default_rng(20240531)
    target = random.integers(1, 300, (LISTS, INDICATORS)).astype(float)
    done = np.floor(target * random.beta(8, 3, target.shape))
    # Cells over COM: tuples of floats.
    ranges = [ComRange(list(map(tuple, values.tolist()))) for values in (done, target)]
    rows: list[BenchRow] = []
    with call_path() as call:
        # With the stand-ins in their place only.
        from xlwings import Range, conversion  # noqa: PLC0415
        from xlwings._xlwindows import Range as WindowsRange  # noqa: PLC0415

        def bare() -> list[list[float]]:
            given = [
                conversion.read(Range(impl=WindowsRange(xl=one)), None, {"convert": np.array, "ndim": 2})
                for one in ranges
            ]
            prior = report_prior(*given)
            found = adjusted_coverage(*given, prior.mean, prior.strength)
            result: list[list[float]] = conversion.write(found, None, {})
            return result

        def ours() -> list[list[float]]:
            result: list[list[float]] = call(UDFS, "QBS_ADJUSTED_COVERAGE", ranges)
            return result

        if not np.allclose(np.array(ours()), np.array(bare()), rtol=0, atol=1e-12):
            raise AssertionError("the two calls differ")
        mine, theirs = _times(ours, bare, repeats)
        rows.append(
            (
                f"one array call, {LISTS:,} x {INDICATORS}, / numpy + xlwings' conversion",
                mine,
                theirs,
                mine / theirs,
                TARGET,
            )
        )

        pairs = list(zip(done[:, 0].tolist(), target[:, 0].tolist(), strict=True))[:SINGLE]
        columns = [ComRange([(value,) for value in values]) for values in zip(*pairs, strict=True)]

        def singles() -> None:
            for one, other in pairs:
                call(UDFS, "QBS_COVERAGE", (one, other))

        def column() -> None:
            call(UDFS, "QBS_COVERAGE", columns)

        mine, theirs = _times(singles, column, max(repeats // 2, 1))
        rows.append(
            (f"{SINGLE:,} single-cell calls / one call for the same {SINGLE:,}", mine, theirs, mine / theirs, None)
        )
    return rows


def _times(one: Callable[[], object], other: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Return the median seconds of two calls, taken in turn so that a busy machine slows both."""
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeats):
        for call, seconds in zip((one, other), found, strict=True):
            start = time.perf_counter()
            call()
            seconds.append(time.perf_counter() - start)
    return statistics.median(found[0]), statistics.median(found[1])


def main() -> int:
    """Print the rows; 1 where a target is missed. With ``--json`` print them for bench.py."""
    if "--json" in sys.argv:
        print(json.dumps(bench_rows()))
        return 0
    missed = False
    for what, mine, theirs, ratio, most in bench_rows():
        verdict = "" if most is None else f", at most {most:g}: {'kept' if ratio <= most else 'MISSED'}"
        print(f"{what}: {mine * 1000:.1f} ms / {theirs * 1000:.1f} ms = {ratio:.2f}{verdict}")
        missed = missed or (most is not None and ratio > most)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
