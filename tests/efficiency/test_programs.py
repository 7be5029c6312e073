from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from tests.efficiency_data import quality_and_spending
from xl_qbs.efficiency.conditional import conditional
from xl_qbs.efficiency.programs import program, programs, run_program
from xl_qbs.efficiency.unconditional import unconditional
from xl_qbs.errors import ArgumentError

# What to give a program for what the exhibit does not state.
OWN: dict[str, Any] = {
    "hurdle": 50,
    "cost_threshold": 1.0,
    "quality_weight": 0.6,
    "version": "within",
    "quality_shares": (1 / 3, 2 / 3),
    "cost_shares": (0.25, 0.75),
    "sides": 1,
}


def own_of(key: str) -> dict[str, Any]:
    return {name: OWN[name] for name in program(key).unstated}


def data_of(key: str, size: int) -> dict[str, Any]:
    return {
        "aetna-aexcel": {"volume": np.arange(size)},
        "anthem-blue-precision": {"cost_error": np.full(size, 0.05)},
    }.get(key, {})


def test_counts_by_approach() -> None:
    # Seed 003, section 2: 4 conditional, 5 unconditional, 5 side by side, 8 hurdle, 2 unclear.
    counts = Counter(one.approach for one in programs())
    assert counts == {"conditional": 4, "unconditional": 5, "side-by-side": 5, "hurdle": 8, "unclear": 2}
    assert [one.number for one in programs()] == list(range(1, 25))
    assert len({one.key for one in programs()}) == 24


def test_what_is_stated_is_in_the_paper(shared: Path) -> None:
    (paper,) = (shared / "seeds").glob("003_*.txt")
    text = " ".join(paper.read_text(encoding="utf-8").split())
    stated = {(one.key, name): value for one in programs() for name, value in one.stated.items()}
    assert stated == {
        ("aetna-aexcel", "minimum_volume"): 20,
        ("anthem-blue-precision", "significance"): 0.10,
        ("anthem-blue-precision", "share_of_average"): 1.10,
        ("alternative-quality-contract", "gates"): 5,
        ("alternative-quality-contract", "outcome_weight"): 3,
        ("alternative-quality-contract", "largest_bonus"): 0.10,
        ("hospital-vbp", "days_before"): 3,
        ("hospital-vbp", "days_after"): 30,
        ("tufts-blue-ribbon", "quality_weight"): 0.5,
        ("tufts-blue-ribbon", "share"): 0.5,
    }
    for words in (
        "at least 20 episodes",
        "triple weighted",
        '5 Quality "gates"',
        "can equal up to 10% of global budget",
        "combined with equal weighting",
        "above the median on both the quality and cost domains",
        "days prior and 30",
    ):
        assert words in text, words


@pytest.mark.parametrize("key", ["massachusetts-gic", "medica-fairview"])
def test_the_unclear_refuse_to_guess(key: str) -> None:
    with pytest.raises(ArgumentError, match="Exhibit 1 does not say how quality and cost are combined"):
        run_program(key, [1, 2, 3], [1, 2, 3], cost_is="spending")


@pytest.mark.parametrize("one", [one for one in programs() if one.unstated and one.approach != "unclear"])
def test_what_is_not_stated_has_no_default(one: Any) -> None:
    own = own_of(one.key)
    for name, what in one.unstated.items():
        less = {other: value for other, value in own.items() if other != name}
        with pytest.raises(ArgumentError) as caught:
            run_program(one.key, [1, 2, 3], [1, 2, 3], cost_is="spending", **less)
        assert str(caught.value) == f"{one.name}: Exhibit 1 does not state {name} ({what}). Give it."


@settings(max_examples=30)
@given(quality_and_spending(fewest=4))
def test_every_program_that_is_clear_runs(data: Any) -> None:
    quality, spending = data
    for one in programs():
        if one.approach == "unclear":
            continue
        result = run_program(
            one.key,
            quality,
            spending,
            cost_is="spending",
            data=data_of(one.key, len(quality)),
            **own_of(one.key),
        )
        assert len(result[0]) == len(quality)


def test_a_preset_is_the_model_with_its_parameters(hospitals: Any) -> None:
    given_ = (hospitals.total_performance_score, hospitals.spending_ratio)
    michigan = run_program("bcbs-michigan", *given_, cost_is="spending", quality_weight=0.6)
    plain = unconditional(*given_, cost_is="spending", quality_weight=0.6)
    assert michigan.efficiency.tolist() == plain.efficiency.tolist()  # type: ignore[union-attr]
    own = {"version": "overall", "quality_shares": (0.2, 0.8), "cost_shares": (0.1, 0.9)}
    leapfrog = run_program("leapfrog", *given_, cost_is="spending", **own)
    expected = conditional(*given_, cost_is="spending", **own)  # type: ignore[arg-type]
    assert leapfrog.efficiency.tolist() == expected.efficiency.tolist()  # type: ignore[union-attr]
    ribbon = run_program("tufts-blue-ribbon", *given_, cost_is="spending")
    # Above both medians is under a quarter where quality and cost hardly go together; all are above the third.
    assert ribbon.designated.mean() == pytest.approx(0.25, abs=0.03)  # type: ignore[union-attr]


def test_names_that_are_none() -> None:
    with pytest.raises(ArgumentError, match="program == 'aetna', must be one of aetna-aexcel, "):
        program("aetna")
    with pytest.raises(ArgumentError, match="has no parameter weight; it has quality_weight"):
        run_program("hospital-vbp", [1, 2, 3], [1, 2, 3], cost_is="spending", weight=1)
