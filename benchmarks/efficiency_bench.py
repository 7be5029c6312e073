"""How fast the models of quality and cost are: `python benchmarks/efficiency_bench.py`.

- One input and one output, constant returns, 10,000 providers, against one linear program a provider (some of them
  timed, and their time multiplied). At most a hundredth.
- Data envelopment of 2,000 providers x 3 inputs x 2 outputs, with slacks and peers, on every core, against a plain
  loop of scipy's HiGHS that finds the efficiencies alone. At most a third. And the longest that it is silent
  meanwhile: at most 2 s.
- A stochastic frontier of 100,000 rows by maximum likelihood, against numpy's least squares of the same rows. At most
  200 times.
- Simulated patients of providers whose effects are known: the share of 95 % intervals that hold them. At most 2
  points from 95.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from measure import BenchRow
from scipy.optimize import linprog

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.efficiency.simulated import coverage_of_net_benefit, coverage_of_regression
from xl_qbs.efficiency.envelopment import Returns, envelopment
from xl_qbs.efficiency.frontier import DISTRIBUTIONS, frontier

RATIO_PROVIDERS, PROVIDERS, INPUTS, OUTPUTS, ROWS = 10_000, 2_000, 3, 2, 100_000
RATIO_TARGET, PROGRAMS_TARGET, SILENCE_TARGET, FRONTIER_TARGET = 0.01, 1 / 3, 2.0, 200.0
LEVEL, COVERAGE_TARGET = 95.0, 2.0


def bench_rows(*, quick: bool = False) -> list[BenchRow]:
    """Measure, and return a row for each question."""
    return [*_ratios(quick), *_programs(quick), *_frontiers(quick), *_coverages(quick)]


def _ratios(quick: bool) -> Iterable[BenchRow]:
    random = np.random.default_rng(1)
    x, y = random.lognormal(size=RATIO_PROVIDERS), random.lognormal(size=RATIO_PROVIDERS)
    programs = 20 if quick else 200
    some = np.arange(0, RATIO_PROVIDERS, RATIO_PROVIDERS // programs)
    found, ours = _timed(lambda: envelopment(x, y).efficiency, 3)
    plain, theirs = _timed(lambda: _plain(x[:, None], y[:, None], "constant", some, "one input and output"))
    _same(found[some], plain)
    what = f"DEA {RATIO_PROVIDERS:,} x 1 x 1 / a linear program each ({programs} timed), s"
    yield _compared(what, ours, theirs * RATIO_PROVIDERS / programs, RATIO_TARGET)


def _programs(quick: bool) -> Iterable[BenchRow]:
    x, y = _providers()
    returns: Returns
    for returns in ("constant", "variable"):
        some = np.arange(0, PROVIDERS, 20 if quick else 1)
        counted = f" ({len(some)} timed)" if quick else ""
        told = _Told(f"DEA, {returns} returns")
        found, ours = _timed(
            lambda r=returns, t=told: envelopment(x, y, returns=r, workers=0, progress=t).efficiency, 3
        )
        _, alone = _timed(lambda r=returns, t=told: envelopment(x, y, returns=r, progress=t), 1)
        plain, theirs = _timed(lambda r=returns, s=some: _plain(x, y, r, s, f"{r} returns"))
        theirs *= PROVIDERS / len(some)
        _same(found[some], plain)
        what = f"DEA {PROVIDERS:,} x {INPUTS} x {OUTPUTS}, {returns} returns"
        yield _compared(f"{what}, all cores / linprog in a loop{counted}, s", ours, theirs, PROGRAMS_TARGET)
        yield _compared(f"{what}, one core / linprog in a loop{counted}, s", alone, theirs, None)
        silence = told.longest
        yield BenchRow(f"{what}: longest without progress, s", f"{silence:.2f}", "-", "-", silence, SILENCE_TARGET)


def _frontiers(quick: bool) -> Iterable[BenchRow]:
    random = np.random.default_rng(2)
    x = random.normal(size=(ROWS, 3))
    y = 1 + x @ [0.3, 0.4, 0.2] + random.normal(0, 0.3, ROWS) - np.abs(random.normal(0, 0.6, ROWS))
    design = np.column_stack([np.ones(ROWS), x])
    for distribution in DISTRIBUTIONS:
        _say(f"frontier of {ROWS:,} rows, {distribution}")
        # In turns, so that a slow moment of the machine falls on both.
        pairs = []
        for _ in range(2 if quick else 7):
            _, theirs = _timed(lambda: np.linalg.lstsq(design, y, rcond=None), 5)
            _, ours = _timed(lambda d=distribution: frontier(y, x, distribution=d))
            pairs.append((ours, theirs))
        ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
        ratio = statistics.median(one / other for one, other in pairs)
        what = f"frontier of {ROWS:,} rows, {distribution} / numpy's lstsq, s"
        yield BenchRow(what, f"{ours:.3f}", f"{theirs:.4f}", f"{ratio:.0f}", ratio, FRONTIER_TARGET)


def _coverages(quick: bool) -> Iterable[BenchRow]:
    count = 100 if quick else 1_000
    told = _Told("replications of regression", count)
    shares = {f"regression, {name}": one for name, one in coverage_of_regression(count, told.one).items()}
    told = _Told("replications of cost-effectiveness", count)
    shares["cost-effectiveness, net benefit"] = coverage_of_net_benefit(count, told.one)
    for what, found in shares.items():
        percent = 100 * float(found.mean())
        away = abs(percent - LEVEL)
        told_as = f"{what}: {LEVEL:g} % intervals that hold, {count:,} replications, %"
        yield BenchRow(told_as, f"{percent:.2f}", f"{LEVEL:g}", f"{away:.2f} off", away, COVERAGE_TARGET)


def _providers() -> tuple[Any, Any]:
    random = np.random.default_rng(0)
    x = random.lognormal(size=(PROVIDERS, INPUTS))
    best = np.log(x) @ [[0.3, 0.2], [0.3, 0.3], [0.2, 0.4]]
    short = np.abs(random.normal(0, 0.4, (PROVIDERS, 1)))
    return x, np.exp(best - short + random.normal(0, 0.1, (PROVIDERS, OUTPUTS)))


def _plain(x: Any, y: Any, returns: str, rows: Any, what: str) -> Any:
    """Return input-oriented efficiencies by one linear program a provider, as a textbook has it."""
    count, (k, m) = len(x), (x.shape[1], y.shape[1])
    told = _Told(f"plain programs, {what}", len(rows))
    sums = {"A_eq": np.append(0.0, np.ones(count))[None, :], "b_eq": [1.0]} if returns == "variable" else {}
    cost = np.append(1.0, np.zeros(count))
    found = np.empty(len(rows))
    for place, row in enumerate(rows):
        limits = np.vstack([np.column_stack([-x[row], x.T]), np.column_stack([np.zeros(m), -y.T])])
        bounds = np.concatenate([np.zeros(k), -y[row]])
        found[place] = linprog(cost, A_ub=limits, b_ub=bounds, method="highs", **sums).fun
        told.one(place + 1)
    return found


class _Told:
    """Progress: says it every two seconds, and keeps the longest silence."""

    def __init__(self, what: str, count: int = 0) -> None:
        self.what, self.count = what, count
        self.longest = 0.0
        self.said = self.last = time.perf_counter()

    def __call__(self, done: int, of: int) -> None:
        now = time.perf_counter()
        # A run begins with none done; what was before it is no silence.
        if done:
            self.longest = max(self.longest, now - self.last)
        self.last = now
        if now - self.said > 2:
            self.said = now
            _say(f"{self.what}: {done:,} of {of:,}")

    def one(self, done: int) -> None:
        self(done, self.count)


def _timed(call: Callable[[], Any], repeats: int = 1) -> tuple[Any, float]:
    """Return the result of a call, and the median seconds that it took."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = call()
        seconds.append(time.perf_counter() - start)
    return result, statistics.median(seconds)


def _compared(what: str, ours: float, theirs: float, most: float | None) -> BenchRow:
    ratio = ours / theirs
    return BenchRow(what, f"{ours:.3g}", f"{theirs:.3g}", f"{ratio:.2g}", ratio, most)


def _same(found: Any, plain: Any) -> None:
    if not np.allclose(found, plain, rtol=0, atol=1e-6):
        raise AssertionError("the two do not find the same efficiencies")


def _say(text: str) -> None:
    print(f"efficiency: {text}", file=sys.stderr, flush=True)


def main() -> int:
    """Print the rows; 1 where a target is missed. With ``--json`` print them for bench.py."""
    rows = bench_rows(quick="--quick" in sys.argv)
    if "--json" in sys.argv:
        print(json.dumps(rows))
        return 0
    missed = False
    for row in rows:
        kept = row.most is None or row.measured <= row.most
        verdict = "" if row.most is None else f", at most {row.most:g}: {'kept' if kept else 'MISSED'}"
        print(f"{row.what}: {row.ours} / {row.theirs} = {row.ratio}{verdict}")
        missed = missed or not kept
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
