"""How fast the parts are beside what an analyst would pick instead: `python benchmarks/comparison_bench.py`.

- Reading the fund's workbook, with its headings found and its counts checked, against a bare `pandas.read_excel` of
  the same sheet, with pandas' own default engine and with its fastest.
- The prior by moments and adjusted coverage of 8,000 lists x 11 indicators against PySAL's Empirical_Bayes, an
  indicator a call. PySAL's is another estimator (its variance is that of a Poisson count, and its weight may leave 0 to
  1), so the times are compared and the numbers are not.
- Weights from the first principal component of the same coverages against scikit-learn's PCA of the standardised ones;
  both sides' loadings are compared first.
- Scoring the fund's workbook in Python against LibreOffice calculating the template that holds the same counts.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from esda.smoothing import Empirical_Bayes
from measure import PROJECT, BenchRow
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.engines import convert
from xl_qbs.scoring.coverage import adjusted_coverage
from xl_qbs.scoring.priors import moments_prior
from xl_qbs.scoring.weights import first_component
from xl_qbs.workbook.read import read_workbook

LISTS, INDICATORS, REPEATS = 8_000, 11, 9
OURS = "from xl_qbs.cli import main; main()"


def bench_rows(book: Path, *, quick: bool = False) -> list[BenchRow]:
    """Measure, and return a row for each question."""
    repeats = 3 if quick else REPEATS
    return [*_reading(book, repeats), *_estimating(repeats), *_whole_jobs(book, 1 if quick else 3)]


def _reading(book: Path, repeats: int) -> Iterable[BenchRow]:
    sheet = read_workbook(book).source.sheet
    engines: tuple[Any, ...] = ("openpyxl", "calamine")
    for engine in engines:
        pairs = _pairs(
            lambda: read_workbook(book),
            lambda e=engine: pd.read_excel(book, sheet_name=sheet, header=None, engine=e),
            repeats,
        )
        name = "pandas.read_excel" + ("" if engine == "openpyxl" else f", {engine}")
        # Finding headings and checking each count is more than reading: only the default has a target.
        yield _row(f"read and check {book.name} / {name}", pairs, 1.0 if engine == "openpyxl" else None)


def _estimating(repeats: int) -> Iterable[BenchRow]:
    random = np.random.default_rng(20240531)
    target = random.integers(1, 300, (LISTS, INDICATORS)).astype(float)
    # Lists that are good at one indicator are good at others: there is a component to be found.
    skill = random.normal(0, 1, (LISTS, 1))
    done = np.round(target / (1 + np.exp(-1 - skill * np.linspace(0.3, 0.9, INDICATORS))))

    def adjusted() -> Any:
        prior = moments_prior(done, target)
        return adjusted_coverage(done, target, prior.mean, prior.strength)

    def smoothed() -> Any:
        return [Empirical_Bayes(done[:, place], target[:, place]).r for place in range(INDICATORS)]

    what = f"prior by moments and adjusted coverage, {LISTS:,} x {INDICATORS} / PySAL's Empirical_Bayes"
    yield _row(what, _pairs(adjusted, smoothed, repeats), 1.0)

    coverage = done / target

    def component() -> Any:
        return PCA(n_components=1).fit(StandardScaler().fit_transform(coverage)).components_[0]

    theirs = component()
    if not np.allclose(first_component(coverage).loadings, theirs * np.sign(theirs.sum()), rtol=0, atol=1e-9):
        raise AssertionError("the two do not find the same loadings")
    what = f"first principal component, {LISTS:,} x {INDICATORS} / scikit-learn's PCA"
    yield _row(what, _pairs(lambda: first_component(coverage), component, repeats), 1.0)


def _whole_jobs(book: Path, repeats: int) -> Iterable[BenchRow]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        template = folder / "template.xlsx"
        _run("template", "-o", str(template), "--data", str(book), "--lists", str(len(read_workbook(book).providers)))
        result = folder / "scored.xlsx"
        pairs = _pairs(
            lambda: _run("score", str(book), "-o", str(result)),
            lambda: convert(template, folder / "recalculated", "ods:calc8", 600),
            repeats,
        )
        yield _row(f"score {book.name}, as a command / LibreOffice calculating its template", pairs, 1.0)


def _run(*arguments: str) -> None:
    subprocess.run([sys.executable, "-c", OURS, *arguments], check=True, capture_output=True, cwd=PROJECT)


def _pairs(ours: Callable[[], object], theirs: Callable[[], object], repeats: int) -> list[tuple[float, float]]:
    """Return seconds of both, taken in turns after one to warm up, so that a busy moment falls on both."""
    found = []
    for _ in range(repeats + 1):
        seconds = []
        for call in (ours, theirs):
            start = time.perf_counter()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                call()
            seconds.append(time.perf_counter() - start)
        found.append((seconds[0], seconds[1]))
    return found[1:]


def _row(what: str, pairs: list[tuple[float, float]], most: float | None) -> BenchRow:
    print(f"comparison: {what}", file=sys.stderr, flush=True)
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    return BenchRow(f"{what}, s", f"{ours:.3g}", f"{theirs:.3g}", f"{ratio:.2g}", ratio, most)


def main() -> int:
    """Print the rows as JSON, for bench.py."""
    print(json.dumps(bench_rows(Path(sys.argv[1]), quick="--quick" in sys.argv)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
