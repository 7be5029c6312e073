"""The tables in docs/efficiency.md and docs/exhibit7.md: `python -m tests.efficiency.doc_tables` writes them anew.

Each stands between two comments in its page. Those of Exhibit 7 need the hospitals' data, which is no part of the
project: without it they are left as they are.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from xl_qbs.efficiency.agreement import agreement, classes_of
from xl_qbs.efficiency.correlations import efficiency_correlations, paper_efficiencies
from xl_qbs.efficiency.frontier import frontier
from xl_qbs.efficiency.hurdles import cost_hurdle, quality_hurdle
from xl_qbs.efficiency.programs import Program, programs
from xl_qbs.efficiency.standardize import standardize_both

PROJECT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("XL_QBS_SHARED") or PROJECT.parent / "shared")
EFFICIENCY, EXHIBIT_7 = PROJECT / "docs" / "efficiency.md", PROJECT / "docs" / "exhibit7.md"
# What Exhibit 7 implies of quality and cost performance: its .6610 between the two unconditional versions.
PAPER_CORRELATION, PAPER_HOSPITALS = -0.1211, 2_728
NAMES = {
    "quality_hurdle": "quality hurdle",
    "cost_hurdle": "cost hurdle",
    "unconditional_70_30": "unconditional 70/30",
    "unconditional_30_70": "unconditional 30/70",
    "conditional": "conditional",
    "frontier": "frontier",
}


def programs_table() -> str:
    """Return the 24 programs of Exhibit 1."""
    head = ["", "program", "key", "approach: rule", "what the exhibit states", "what it does not state"]
    return _table(head, (_program_row(one) for one in programs()))


def pairs_table(hospitals: pd.DataFrame, printed: pd.DataFrame) -> str:
    """Return the 15 pairs of Exhibit 7, as printed and on the hospitals of 2013."""
    quality, spending = hospitals.total_performance_score, hospitals.spending_ratio
    both = standardize_both(quality, spending, cost_is="spending")
    here = paper_efficiencies(quality, spending, cost_is="spending")
    turned = paper_efficiencies(_turned(both.quality, both.cost), both.cost, cost_is="performance")
    last = paper_efficiencies(quality, spending, cost_is="spending", failing="last")
    columns = [
        efficiency_correlations(here).frame(),
        efficiency_correlations(turned).frame(),
        efficiency_correlations(last).frame(),
        efficiency_correlations(last, measure="spearman").frame(),
    ]
    rows = []
    for pair in printed.itertuples():
        found = [float(frame.loc[pair.model_a, pair.model_b]) for frame in columns]
        numbers = [pair.correlation, found[0], found[0] - pair.correlation, *found[1:]]
        texts = [_signed(one) if place == 2 else _four(one) for place, one in enumerate(numbers)]
        rows.append([f"{NAMES[pair.model_a]}, {NAMES[pair.model_b]}", *texts])
    head = ["pair", "paper", "2013", "difference", "2013, turned", "failing last", "failing last, ranks"]
    return _table(head, rows, right=True)


def numbers_table(hospitals: pd.DataFrame) -> str:
    """Return what else is known of both years."""
    quality, spending = hospitals.total_performance_score, hospitals.spending_ratio
    both = standardize_both(quality, spending, cost_is="spending")
    result = efficiency_correlations({"quality": both.quality, "cost": both.cost})
    low, high = (float(end[0, 1]) for end in result.interval)
    fit = frontier(both.quality, both.cost)
    assert fit.test is not None
    slope = np.polyfit(-np.log(spending), np.log(quality), 1)[0]
    rows = [
        ["hospitals", f"{PAPER_HOSPITALS:,}", f"{len(hospitals):,}"],
        ["correlation of quality and cost performance", _three(PAPER_CORRELATION) + " (implied)",
         f"{_three(result.matrix[0, 1])} (95 % interval {_three(low)} to {_three(high)})"],
        ["change of quality with 1 % more cost performance", "-0.19 %", f"{slope:+.2f} %"],
        ["slope of the frontier, z on z", "not printed",
         f"{_three(fit.coefficients[1])} (standard error {_three(fit.coefficient_errors[1])})"],
        ["skewness of the frontier's residuals", "not printed", _three(fit.skewness)],
        ["p value of no inefficiency", "not printed", _three(fit.test.p_value)],
    ]  # fmt: skip
    for name, hurdle in (("quality", quality_hurdle), ("cost", cost_hurdle)):
        one = hurdle(quality, spending, cost_is="spending", failing="zero-as-printed")
        failed, passed = int((~one.passed).sum()), int(one.passed.sum())
        behind = int((one.passed & (one.efficiency < 0)).sum())
        rows.append([f"{name} hurdle: fail", "not printed", f"{failed:,}"])
        told = f"{behind:,} of {passed:,}"
        rows.append([f"{name} hurdle, the printed 0: pass, and rank behind all who fail", "not printed", told])
    for failing, told in (("zero-as-printed", "the printed 0"), ("last", "failing last")):
        models = paper_efficiencies(quality, spending, cost_is="spending", failing=failing)  # type: ignore[arg-type]
        moved = agreement(classes_of(models))
        change = len(moved.changing) / len(hospitals)
        far = float((moved.highest - moved.lowest == 2).mean())
        rows.append(
            [f"{told}: not in the same third under all six models", "not printed", f"{change:.0%}".replace("%", " %")]
        )
        rows.append(
            [f"{told}: lowest third under one, highest under another", "not printed", f"{far:.0%}".replace("%", " %")]
        )
    return _table(["", "paper", "2013"], rows)


def thirds_table(hospitals: pd.DataFrame) -> str:
    """Return the share of hospitals in the same third under two models, who fails ranking last."""
    models = paper_efficiencies(
        hospitals.total_performance_score, hospitals.spending_ratio, cost_is="spending", failing="last"
    )
    result = agreement(classes_of(models))
    names = [NAMES[name] for name in result.models]
    rows = [
        [name, *(f"{100 * result.same[row, column]:.0f}" if column < row else "" for column in range(len(names) - 1))]
        for row, name in enumerate(names)
        if row
    ]
    return _table(["same third, %", *names[:-1]], rows, right=True)


def parts_table(hospitals: pd.DataFrame) -> str:
    """Return how far each model goes with quality and with cost performance, in order."""
    quality, spending = hospitals.total_performance_score, hospitals.spending_ratio
    both = standardize_both(quality, spending, cost_is="spending")
    rows: dict[str, list[str]] = {}
    for failing in ("zero-as-printed", "last"):
        models = paper_efficiencies(quality, spending, cost_is="spending", failing=failing)  # type: ignore[arg-type]
        frame = efficiency_correlations({"q": both.quality, "c": both.cost, **models}, measure="spearman").frame()
        for name in models:
            if failing == "zero-as-printed":
                told = f"{NAMES[name]}, the printed 0" if "hurdle" in name else NAMES[name]
            elif "hurdle" in name:
                told = f"{NAMES[name]}, failing last"
            else:
                continue
            rows[told] = [_two(frame.loc["q", name]), _two(frame.loc["c", name])]
    return _table(["", "quality", "cost performance"], ([name, *pair] for name, pair in rows.items()), right=True)


def blocks(shared: Path | None) -> dict[Path, dict[str, str]]:
    """Return the generated text of each page by name of its block; without data, only what needs none."""
    found = {EFFICIENCY: {"programs": programs_table()}}
    if shared is not None:
        hospitals = pd.read_csv(shared / "data" / "hospital_quality_cost_fy2013.csv", dtype={"provider_id": str})
        printed = pd.read_csv(shared / "oracles" / "nqf_exhibit7_correlations.csv")
        found[EXHIBIT_7] = {
            "pairs": pairs_table(hospitals, printed),
            "numbers": numbers_table(hospitals),
            "parts": parts_table(hospitals),
            "thirds": thirds_table(hospitals),
        }
    return found


def block_of(text: str, name: str) -> tuple[str, str, str]:
    """Return what stands before a block, in it and after it."""
    begin, end = f"<!-- begin {name} -->\n\n", f"\n\n<!-- end {name} -->"
    before, _, rest = text.partition(begin)
    inside, mark, after = rest.partition(end)
    if not mark:
        raise ValueError(f"there is no block {name!r}")
    return before + begin, inside, mark + after


def write(pages: Mapping[Path, Mapping[str, str]]) -> None:
    """Put the generated text in its place."""
    for path, parts in pages.items():
        text = path.read_text(encoding="utf-8")
        for name, inside in parts.items():
            before, _, after = block_of(text, name)
            text = before + inside + after
        path.write_text(text, encoding="utf-8")


def _program_row(one: Program) -> Sequence[str]:
    stated = ", ".join(f"{name} = {value:g}" for name, value in one.stated.items())
    unstated = "; ".join(f"`{name}`: {what}" for name, what in one.unstated.items())
    rule = "refuses" if one.approach == "unclear" else one.rule
    return [str(one.number), one.name, f"`{one.key}`", f"{one.approach}: {rule}", stated or "-", unstated or "-"]


def _turned(quality: Any, cost: Any) -> Any:
    """Return quality less so much of cost performance that the two correlate as in the paper's year."""
    from scipy.optimize import brentq

    def off(share: float) -> float:
        return float(np.corrcoef(quality - share * cost, cost)[0, 1]) - PAPER_CORRELATION

    return quality - brentq(off, 0, 1) * cost


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], *, right: bool = False) -> str:
    rule = ["---"] + ["---:" if right else "---"] * (len(head) - 1)
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, rule, *rows))


def _four(value: float) -> str:
    return f"{value:.4f}"


def _signed(value: float) -> str:
    return f"{value:+.4f}"


def _two(value: Any) -> str:
    return f"{float(value):.2f}"


def _three(value: Any) -> str:
    return f"{float(value):.3f}"


if __name__ == "__main__":
    there = SHARED if SHARED.is_dir() else None
    write(blocks(there))
    sys.stdout.write("written" if there else f"written but for Exhibit 7: there is no data at {SHARED}")
    sys.stdout.write("\n")
