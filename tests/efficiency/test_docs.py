"""The pages say what the program does: their tables are made from it, and their examples run."""

from __future__ import annotations

import doctest
from pathlib import Path

import pandas as pd
import pytest

from tests.efficiency.doc_tables import EFFICIENCY, EXHIBIT_7, block_of, blocks
from xl_qbs.efficiency.agreement import agreement, classes_of
from xl_qbs.efficiency.correlations import efficiency_correlations, paper_efficiencies
from xl_qbs.efficiency.programs import programs
from xl_qbs.efficiency.standardize import standardize_both

ANEW = "run `python -m tests.efficiency.doc_tables`"


def test_the_programs_table_is_that_of_the_presets() -> None:
    _, inside, _ = block_of(EFFICIENCY.read_text(encoding="utf-8"), "programs")
    assert inside == blocks(None)[EFFICIENCY]["programs"], ANEW
    assert len(inside.splitlines()) == 2 + len(programs()) == 26


def test_exhibit_7_is_what_the_data_give(shared: Path) -> None:
    text = EXHIBIT_7.read_text(encoding="utf-8")
    made = blocks(shared)[EXHIBIT_7]
    assert list(made) == ["pairs", "numbers", "parts", "thirds"]
    for name, expected in made.items():
        assert block_of(text, name)[1] == expected, f"{name}: {ANEW}"


def test_the_paper_s_column_is_the_printed_one(shared: Path) -> None:
    # Read back from the page, without the program that wrote it.
    lines = block_of(EXHIBIT_7.read_text(encoding="utf-8"), "pairs")[1].splitlines()[2:]
    printed = pd.read_csv(shared / "oracles" / "nqf_exhibit7_correlations.csv").correlation
    assert [line.split("|")[2].strip() for line in lines] == [f"{value:.4f}" for value in printed]
    for line in lines:
        paper, here, off = (float(cell) for cell in line.split("|")[2:5])
        assert here - paper == pytest.approx(off, abs=1.5e-4)


def test_what_the_page_concludes_holds(hospitals: pd.DataFrame) -> None:
    given_ = (hospitals.total_performance_score, hospitals.spending_ratio)
    both = standardize_both(*given_, cost_is="spending")
    printed = paper_efficiencies(*given_, cost_is="spending")
    last = paper_efficiencies(*given_, cost_is="spending", failing="last")

    def ranks(models: dict[str, object], one: str, other: str) -> float:
        table = {"quality": both.quality, "cost": both.cost, **models}
        frame = efficiency_correlations({one: table[one], other: table[other]}, measure="spearman").frame()  # type: ignore[dict-item]
        return float(frame.loc[one, other])

    # 1. The frontier is quality, conditional nearly so, the quality hurdle as printed is cost.
    assert ranks(printed, "quality", "frontier") > 0.99
    assert ranks(printed, "quality", "conditional") > 0.85
    assert ranks(printed, "cost", "quality_hurdle") > 0.8
    # 2. More than two thirds depend on the model; one in six goes from one end to the other.
    result = agreement(classes_of(last))
    assert len(result.changing) / len(hospitals) > 2 / 3
    assert ((result.highest - result.lowest) == 2).mean() == pytest.approx(1 / 6, abs=0.01)
    # 3. The printed 0.
    assert abs(ranks(printed, "quality", "quality_hurdle")) < 0.05
    assert abs(ranks(printed, "quality_hurdle", "frontier")) < 0.05
    assert ranks(last, "quality_hurdle", "frontier") > 0.5
    # 4. Correlated .89, and nearly a quarter apart.
    places = [list(last).index(name) for name in ("unconditional_70_30", "frontier")]
    assert 1 - result.same[places[0], places[1]] == pytest.approx(0.233, abs=0.002)


def test_the_examples_run() -> None:
    found = doctest.testfile(str(EFFICIENCY), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert found.attempted >= 7
    assert found.failed == 0


def test_every_function_named_is_there() -> None:
    import importlib
    import pkgutil
    import re

    import xl_qbs.efficiency as package

    modules = [
        importlib.import_module(f"{package.__name__}.{one.name}") for one in pkgutil.iter_modules(package.__path__)
    ]
    known = {name for module in modules for name in vars(module)}
    # Whatever is called in the page's text.
    called = set(re.findall(r"`(?:\w+\.)*(\w+)\(", EFFICIENCY.read_text(encoding="utf-8")))
    assert len(called) > 25
    assert called <= known, called - known
