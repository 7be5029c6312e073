"""Composites, achievement and improvement points, and value stars."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.addin.formula_help import call, column, same
from xl_qbs.addin.definition import MISSING, CellError
from xl_qbs.efficiency.stars import BEST_FIT, QUALITY_TWICE, PointFunction

NA, NUM, VALUE, DIV0 = CellError.NA, CellError.NUM, CellError.VALUE, CellError.DIV0


class TestStars:
    @pytest.mark.shared
    def test_all_cells_of_exhibit_11(self, shared: Path) -> None:
        with (shared / "oracles" / "nqf_exhibit11_star_points.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        columns = [heading for heading in rows[0] if heading != "efficiency"]
        lowest = tuple(float(heading.split("-")[0]) for heading in columns)
        highest = tuple(float(heading.split("-")[1]) for heading in columns)
        printed = tuple(tuple(int(row[heading]) for heading in columns) for row in rows)
        for quality in (lowest, highest):
            efficiency = tuple((float(row["efficiency"]),) * len(columns) for row in rows)
            given = ((quality,) * len(rows), efficiency)
            assert call("QBS_STAR_POINTS", *given) == printed
            assert call("QBS_STARS", *given) == tuple(tuple(one + 3 for one in row) for row in printed)

    @pytest.mark.parametrize(("rule", "function"), [("quality-twice", QUALITY_TWICE), ("Best-Fit", BEST_FIT)])
    @given(quality=st.integers(0, 100), efficiency=st.integers(1, 10))
    @settings(max_examples=30)
    def test_the_function_by_hand(self, rule: str, function: PointFunction, quality: int, efficiency: int) -> None:
        tenth = max(1, -(-quality // 10))
        raw = function.a * tenth + function.b * efficiency + function.k
        points = max(-2, min(2, int((raw + 0.5 + 1e-9) // 1)))
        assert call("QBS_STAR_POINTS", quality, efficiency, rule) == ((points,),)
        assert call("QBS_STARS", quality, efficiency, rule) == ((points + 3,),)

    def test_one_efficiency_for_all(self) -> None:
        assert call("QBS_STARS", [95, 5, None], 1) == column([4, 1])
        assert call("QBS_STARS", 95, [1, 10]) == column([4, 5])

    def test_what_is_wrong_spoils_its_own_cell(self) -> None:
        quality = [95, 101, -1, "x", DIV0, None, 95, 95, 95]
        efficiency = [1, 5, 5, 5, 5, None, 5.5, 11, None]
        wanted = [4, NUM, NUM, VALUE, DIV0, None, NUM, NUM, VALUE]
        assert call("QBS_STARS", quality, efficiency) == column(wanted)
        assert call("QBS_STARS", [95, 50], 11) == column([NUM, NUM])

    def test_a_rule_that_is_none(self) -> None:
        for name in ("QBS_STARS", "QBS_STAR_POINTS"):
            assert call(name, [95, 50], [1, 2], "linear") == ((VALUE,),)
            assert call(name, [95, 50], [1, 2], 1) == ((VALUE,),)


class TestComposite:
    def test_done_beyond_the_target_counts_as_the_target(self) -> None:
        assert call("QBS_COMPOSITE", ((15, 0),), ((10, 10),)) == ((0.5,),)

    def test_each_row_by_itself(self) -> None:
        done = ((1, 8), (None, None), (-1, 2), ("x", 1), (DIV0, 1), (0, 0), (1, None), (5, None))
        target = ((10, 10), (None, None), (10, 10), (10, 10), (10, 10), (0, 0), (10, 10), (5, 0))
        found = call("QBS_COMPOSITE", done, target)
        assert found == column([0.45, None, NUM, VALUE, DIV0, NA, VALUE, 1.0])

    def test_a_measure_without_patients_leaves_its_weight_to_the_others(self) -> None:
        done, target = ((10, 0, 5), (0, 0, 5)), ((10, 0, 10), (0, 0, 10))
        weighted = call("QBS_COMPOSITE", done, target, "weighted", ((1, 1, 0),))
        assert same(weighted, column([3.5 / 4, 0.5]))
        as_process = call("QBS_COMPOSITE", done, target, "weighted", ((1, 1, 0),), 1)
        assert same(as_process, column([0.75, 0.5]))
        assert call("QBS_COMPOSITE", ((0, 0),), ((0, 0),), "weighted", ((1, 0),)) == ((NA,),)

    @settings(max_examples=40)
    @given(st.lists(st.tuples(*[st.integers(0, 1)] * 6), min_size=1, max_size=8))
    def test_all_or_none_of_patients(self, rows: list[tuple[int, ...]]) -> None:
        done, target = tuple(row[:3] for row in rows), tuple(row[3:] for row in rows)
        wanted: list[Any] = [
            NA if not any(due) else float(all(x for x, n in zip(given, due, strict=True) if n))
            for given, due in zip(done, target, strict=True)
        ]
        assert call("QBS_COMPOSITE", done, target, "all-or-none") == column(wanted)

    def test_counts_are_no_patients(self) -> None:
        assert call("QBS_COMPOSITE", ((1, 1), (8, 1)), ((1, 1), (10, 1)), "all-or-none") == column([1.0, NUM])

    @pytest.mark.parametrize(
        ("arguments", "error"),
        [
            ((((1, 2), (3, 4)), ((9,), (9,))), VALUE),
            ((((1, 2), (3, 4)), ((9, 9),) * 3), VALUE),
            ((((1, 2), (3, 4)), ((9, 9),) * 2, "mean"), VALUE),
            ((((1, 2), (3, 4)), ((9, 9),) * 2, "weighted"), VALUE),
            ((((1, 2), (3, 4)), ((9, 9),) * 2, "weighted", ((1, 0, 0),)), VALUE),
            ((((1, 2), (3, 4)), ((9, 9),) * 2, "weighted", ((1, None),)), VALUE),
            ((((1, 2), (3, 4)), ((9, 9),) * 2, "weighted", ((1, 3),)), NUM),
            ((((1, 2), (3, 4)), ((9, 9),) * 2, "weighted", ((1, 0),), 0), NUM),
        ],
    )
    def test_what_cannot_be(self, arguments: tuple[Any, ...], error: CellError) -> None:
        assert call("QBS_COMPOSITE", *arguments) == ((error,),)


class TestPoints:
    def test_halves_round_up(self) -> None:
        # 9 (x - .6) / .4 + .5: .5 at the threshold, 1.5 at a ninth of the way, 8.5 at eight ninths.
        values = [0.5999, 0.6, 0.6 + 0.4 / 9, 0.6 + 0.4 * 8 / 9, 0.9999, 1.0]
        assert call("QBS_VBP_POINTS", values, 0.6, 1) == column([0.0, 1.0, 2.0, 9.0, 9.0, 10.0])

    def test_improvement_where_there_was_something_before(self) -> None:
        # 10 (.6 - .5) / .5 - .5 = 1.5 rounds up; #N/A is no earlier value, as of a coverage of nobody.
        found = call("QBS_VBP_POINTS", [0.6, 0.6, 0.6, 0.6], 0.7, 1, [0.5, None, NA, 1])
        assert found == column([2.0, 0.0, 0.0, 0.0])
        assert call("QBS_VBP_POINTS", [0.6, 0.8], 0.7, 1, 0.5) == column([2.0, 6.0])

    def test_what_is_wrong_spoils_its_own_cell(self) -> None:
        found = call("QBS_VBP_POINTS", [0.7, None, "x", DIV0, NA], 0.7, 1, [0.5, 0.5, 0.5, 0.5, DIV0])
        assert found == column([4.0, None, VALUE, DIV0, NA])

    @pytest.mark.parametrize(
        ("options", "error"),
        [
            ((1, 0.7), NUM),
            ((0.7, 0.7), NUM),
            ((0.7,), VALUE),
            ((0.7, MISSING), VALUE),
            ((0.7, "best"), VALUE),
            (([0.7, 0.8], 1), VALUE),
            ((0.7, DIV0), DIV0),
            ((0.7, 1, [0.5, 0.6]), VALUE),
        ],
    )
    def test_limits_that_cannot_be(self, options: tuple[Any, ...], error: CellError) -> None:
        assert call("QBS_VBP_POINTS", [0.7, 0.8, 0.9], *options) == ((error,),)
