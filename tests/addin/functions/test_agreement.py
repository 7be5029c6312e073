"""Correlations between models: the table itself, and the paper's table out of the functions alone."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.addin.efficiency_calls import real_hospitals
from tests.addin.formula_help import block, call, column, same
from xl_qbs.addin.definition import CellError, Cells

NA, NUM, VALUE, REF = CellError.NA, CellError.NUM, CellError.VALUE, CellError.REF
MODELS = ((1, 2), (2, 1), (3, 4), (4, 3))


class TestHeadings:
    def test_columns_without_headings_are_numbered(self) -> None:
        assert same(call("QBS_EFFICIENCY_CORRELATIONS", MODELS), (("pearson", 1, 2), (1, 1.0, 0.6), (2, 0.6, 1.0)))

    def test_a_title_above_names_beside_and_a_heading_that_lacks(self) -> None:
        table = (
            ("Efficiency of 2024", None, None),
            ("List", "Hurdle ", None),
            *((f"N{at}", *row) for at, row in enumerate(MODELS)),
            (None, None, None),
        )
        found = call("QBS_EFFICIENCY_CORRELATIONS", table)
        assert same(found, (("pearson", "Hurdle", 2), ("Hurdle", 1.0, 0.6), (2, 0.6, 1.0)))

    def test_two_models_of_one_name(self) -> None:
        found = call("QBS_EFFICIENCY_CORRELATIONS", (("A", "A"), *MODELS))
        assert same(found, (("pearson", "A", "A"), ("A", 1.0, 0.6), ("A", 0.6, 1.0)))


class TestNumbers:
    @settings(max_examples=40)
    @given(
        st.lists(st.tuples(*[st.integers(0, 9)] * 3), min_size=3, max_size=12), st.sampled_from(["pearson", "spearman"])
    )
    def test_it_is_a_correlation_matrix(self, rows: list[tuple[int, ...]], measure: str) -> None:
        found = call("QBS_EFFICIENCY_CORRELATIONS", tuple(rows), measure)
        assert found[0] == (measure, 1, 2, 3)
        columns = list(zip(*rows, strict=True))
        for at, row in enumerate(found[1:]):
            for other, cell in enumerate(row[1:]):
                if len(set(columns[at])) == 1 or len(set(columns[other])) == 1:
                    assert cell is NA
                else:
                    assert -1 <= float(cell) <= 1  # type: ignore[arg-type]
                    assert cell == pytest.approx(found[1 + other][1 + at], abs=1e-12)
                    assert at != other or cell == pytest.approx(1, abs=1e-12)

    def test_ranks_see_the_order_only(self) -> None:
        rows = tuple((one, one**5) for one in range(1, 7))
        assert call("QBS_EFFICIENCY_CORRELATIONS", rows, "Spearman")[1][2] == pytest.approx(1, abs=1e-12)
        assert float(call("QBS_EFFICIENCY_CORRELATIONS", rows)[1][2]) < 0.9  # type: ignore[arg-type]

    def test_blank_rows_are_left_out(self) -> None:
        gaps = (*MODELS[:2], (None, ""), *MODELS[2:])
        assert call("QBS_EFFICIENCY_CORRELATIONS", gaps) == call("QBS_EFFICIENCY_CORRELATIONS", MODELS)

    @pytest.mark.parametrize(
        ("table", "options", "error"),
        [
            (column([1, 2, 3]), (), NUM),
            (MODELS[:2], (), NUM),
            (((1, 2), (2, None), (3, 4)), (), VALUE),
            (((1, 2), (2, "x"), (3, 4)), (), VALUE),
            (((1, 2), (2, True), (3, 4)), (), VALUE),
            (((1, 2), (2, REF), (NA, 4)), (), REF),
            (((None, None), (None, None)), (), NA),
            (MODELS, ("kendall",), VALUE),
            (MODELS, (1,), VALUE),
        ],
    )
    def test_what_cannot_be(self, table: Cells, options: tuple[Any, ...], error: CellError) -> None:
        assert call("QBS_EFFICIENCY_CORRELATIONS", table, *options) == ((error,),)


@pytest.mark.shared
def test_exhibit_7_out_of_the_functions_alone(shared: Path) -> None:
    """The paper's models in cells, on the public hospitals of the year before its own."""
    hospitals = real_hospitals(shared, 1)
    quality, cost = column(hospitals.quality.tolist()), column(hospitals.spending.tolist())
    given = (quality, cost, "spending")
    z_quality = call("QBS_STANDARDIZE", quality)
    z_cost = call("QBS_STANDARDIZE", column(hospitals.performance.tolist()))
    columns = {
        "quality_hurdle": call("QBS_QUALITY_HURDLE", *given, None, "zero-as-printed"),
        "cost_hurdle": call("QBS_COST_HURDLE", *given, None, "zero-as-printed"),
        "unconditional_70_30": call("QBS_UNCONDITIONAL", *given),
        "unconditional_30_70": call("QBS_UNCONDITIONAL", *given, 0.3),
        "conditional": call("QBS_CONDITIONAL", *given),
    }
    inefficiency = call("QBS_SFA", z_quality, z_cost, None, None, None, "inefficiency")
    efficiencies = [np.array(cells, dtype=float) for cells in columns.values()]
    # The older measure, exp(-E[u]), which the paper's table comes nearest to.
    efficiencies.append(np.exp(-np.array(inefficiency, dtype=float)))
    names = (*columns, "frontier")
    table = call("QBS_EFFICIENCY_CORRELATIONS", (names, *block(np.hstack(efficiencies))))
    found = {(row[0], name): cell for row in table[1:] for name, cell in zip(names, row[1:], strict=True)}
    with (shared / "oracles" / "nqf_exhibit7_correlations.csv").open(encoding="utf-8", newline="") as file:
        printed = [(row["model_a"], row["model_b"], float(row["correlation"])) for row in csv.DictReader(file)]
    assert len(printed) == 15
    for one, other, correlation in printed:
        cell = float(found[one, other])  # type: ignore[arg-type]
        assert np.sign(cell) == np.sign(correlation)
        # Another year's quality: as far as the models' own test records.
        assert cell == pytest.approx(correlation, abs=0.12)
        # Where quality counts most the year makes no difference.
        if one == "cost_hurdle" and other in {"unconditional_70_30", "conditional", "frontier"}:
            assert cell == pytest.approx(correlation, abs=0.01)
