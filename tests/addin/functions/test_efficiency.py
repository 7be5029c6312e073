"""Standard scores, the unconditional and conditional models, and the hurdles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.addin.formula_help import call, cells, column, same
from tests.efficiency_data import quality_and_spending
from xl_qbs.addin.definition import MISSING, CellError

NA, NUM, VALUE, DIV0 = CellError.NA, CellError.NUM, CellError.VALUE, CellError.DIV0
MODELS = ["QBS_UNCONDITIONAL", "QBS_CONDITIONAL", "QBS_QUALITY_HURDLE", "QBS_COST_HURDLE"]
QUALITY, COST = [40, 60, 70, 80, 90], [0.9, 0.9, 1.0, 1.1, 1.1]


class TestStandardize:
    def test_the_sample_standard_deviation(self) -> None:
        # Mean 5, squares 9 + 1 + 1 + 1 + 0 + 0 + 4 + 16 = 32, over 7.
        found = np.array(call("QBS_STANDARDIZE", [2, 4, 4, 4, 5, 5, 7, 9]), dtype=float)[:, 0]
        assert found == pytest.approx((np.array([2, 4, 4, 4, 5, 5, 7, 9]) - 5) / np.sqrt(32 / 7), rel=1e-14)

    def test_each_column_is_a_measure(self) -> None:
        block = ((1, 10, None), (2, 40, 1), (3, 20, 2), (None, 30, 3))
        alone = [call("QBS_STANDARDIZE", [row[at] for row in block]) for at in range(3)]
        assert call("QBS_STANDARDIZE", block)[:3] == tuple(
            tuple(one[row][0] if row < len(one) else None for one in alone) for row in range(3)
        )

    def test_a_row_is_one_measure(self) -> None:
        assert call("QBS_STANDARDIZE", ((60, 80, None, 70),)) == ((-1.0, 1.0, None, 0.0),)

    @pytest.mark.parametrize(
        ("values", "error"),
        [([1, 2], NUM), ([5, 5, 5], NUM), ([1, 2, "x"], VALUE), ([1, DIV0, 3], DIV0), ([None, None], NA)],
    )
    def test_what_cannot_be(self, values: list[Any], error: CellError) -> None:
        assert call("QBS_STANDARDIZE", values) == ((error,),)


@pytest.mark.parametrize("name", MODELS)
class TestEveryModel:
    @settings(max_examples=30)
    @given(data=quality_and_spending(), seed=st.integers(0, 99))
    def test_order_units_blanks_and_direction_of_the_ranges_do_not_matter(
        self, name: str, data: Any, seed: int
    ) -> None:
        quality, spending = data
        plain = call(name, quality.tolist(), spending.tolist(), "spending")
        order = np.random.default_rng(seed).permutation(len(quality))
        other = call(name, quality[order].tolist(), (700 * spending[order]).tolist(), "SPENDING")
        assert same(other, tuple(plain[at] for at in order), 1e-9)
        gaps = call(name, [*quality.tolist(), None, 50], [*spending.tolist(), None, 1], "spending")
        without = call(name, [*quality.tolist(), 50], [*spending.tolist(), 1], "spending")
        assert gaps == (*without[:-1], (None,), without[-1])
        across = call(name, cells((tuple(quality.tolist()),)), cells((tuple(spending.tolist()),)), "spending")
        assert across == tuple(zip(*plain, strict=True))

    @settings(max_examples=30)
    @given(data=quality_and_spending())
    def test_spending_is_the_reference_over_it_as_performance(self, name: str, data: Any) -> None:
        quality, spending = data
        found = call(name, quality.tolist(), spending.tolist(), "spending")
        performance = (spending.mean() / spending).tolist()
        assert same(call(name, quality.tolist(), performance, "performance"), found, 1e-9)

    def test_spending_taken_for_performance_is_another_result(self, name: str) -> None:
        quality, cost = [1, 2, 3, 4, 5, 6], [3, 1, 6, 2, 4, 5]
        assert call(name, quality, cost, "performance") != call(name, quality, cost, "spending")

    @pytest.mark.parametrize(
        ("arguments", "error"),
        [
            ((QUALITY, COST), VALUE),
            ((QUALITY, COST, MISSING), VALUE),
            ((QUALITY, COST, None), VALUE),
            ((QUALITY, COST, "cost"), VALUE),
            ((QUALITY, COST, 1), VALUE),
            ((QUALITY, COST[:4], "spending"), VALUE),
            ((QUALITY, [0.9, None, 1, 1.1, 1.1], "spending"), VALUE),
            ((QUALITY, [0.9, "x", 1, 1.1, 1.1], "spending"), VALUE),
            ((QUALITY, [0.9, 0, 1, 1.1, 1.1], "spending"), NUM),
            ((QUALITY, [1, 1, 1, 1, 1], "spending"), NUM),
            (([5] * 5, COST, "spending"), NUM),
            ((QUALITY[:2], COST[:2], "spending"), NUM),
            (([None] * 5, [None] * 5, "spending"), NA),
            ((QUALITY, [0.9, DIV0, 1, 1.1, 1.1], "spending"), DIV0),
            ((QUALITY, COST, DIV0), DIV0),
        ],
    )
    def test_what_cannot_be(self, name: str, arguments: tuple[Any, ...], error: CellError) -> None:
        assert call(name, *arguments) == ((error,),)


class TestOptions:
    def test_all_weight_on_one_side_is_that_side(self) -> None:
        alone = call("QBS_STANDARDIZE", QUALITY)
        assert same(call("QBS_UNCONDITIONAL", QUALITY, COST, "performance", 1), alone)
        assert same(call("QBS_UNCONDITIONAL", QUALITY, COST, "performance", 0), column([-1.0, -1.0, 0.0, 1.0, 1.0]))

    def test_a_cost_class_over_all_or_within_quality(self) -> None:
        quality, cost = [1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]
        # Quarters of 1 to 6 begin at 2.25 and 4.75; within each pair the first is low and the second high.
        overall = call("QBS_CONDITIONAL", quality, cost, "performance", "overall")
        assert overall == column([1, 1, 5, 5, 9, 9])
        assert call("QBS_CONDITIONAL", quality, cost, "performance") == column([1, 3, 4, 6, 7, 9])

    def test_own_shares_down_or_across(self) -> None:
        quality, cost = [1, 2, 3, 4, 5], [1, 2, 3, 4, 5]
        down = call("QBS_CONDITIONAL", quality, cost, "performance", "overall", [0.1, 0.2], [0.8, 0.9])
        assert down == column([1, 7, 7, 7, 9])
        across = call("QBS_CONDITIONAL", quality, cost, "performance", "overall", ((0.1, 0.2),), ((0.8, 0.9),))
        assert across == down

    def test_who_is_at_the_hurdle_passes(self) -> None:
        given_hurdle = call("QBS_QUALITY_HURDLE", QUALITY, COST, "performance", MISSING, MISSING, 70)
        assert same(given_hurdle, column([-1.0, -1.0, 0.0, 1.0, 1.0]))
        of_cost = call("QBS_COST_HURDLE", [60, 60, 70, 80, 80], [1.4, 1.2, 1.0, 0.9, 0.8], "spending", None, None, 1.2)
        assert same(of_cost, column([-2.0, -1.0, 0.0, 1.0, 1.0]))

    @pytest.mark.parametrize(
        ("name", "options", "error"),
        [
            ("QBS_UNCONDITIONAL", (1.5,), NUM),
            ("QBS_UNCONDITIONAL", ("0.7",), VALUE),
            ("QBS_CONDITIONAL", ("between",), VALUE),
            ("QBS_CONDITIONAL", (None, [0.3, 0.6, 0.9]), VALUE),
            ("QBS_CONDITIONAL", (None, [0.6, 0.3]), NUM),
            ("QBS_CONDITIONAL", (None, None, [25, 75]), NUM),
            ("QBS_CONDITIONAL", (None, [0.3, None]), VALUE),
            ("QBS_CONDITIONAL", (None, None, [0.3, DIV0]), DIV0),
            ("QBS_QUALITY_HURDLE", (25,), NUM),
            ("QBS_QUALITY_HURDLE", (None, "zero"), VALUE),
            ("QBS_COST_HURDLE", (0,), NUM),
            ("QBS_COST_HURDLE", (None, "first"), VALUE),
            ("QBS_COST_HURDLE", (None, None, "high"), VALUE),
        ],
    )
    def test_options_that_cannot_be(self, name: str, options: tuple[Any, ...], error: CellError) -> None:
        assert call(name, QUALITY, COST, "spending", *options) == ((error,),)


@settings(max_examples=50)
@given(data=quality_and_spending())
@pytest.mark.parametrize(("name", "side"), [("QBS_QUALITY_HURDLE", 0), ("QBS_COST_HURDLE", 1)])
def test_nobody_who_fails_stands_above_who_passes(name: str, side: int, data: Any) -> None:
    quality, spending = data
    found = np.array(call(name, quality.tolist(), spending.tolist(), "spending"), dtype=float)[:, 0]
    better = quality if side == 0 else 1 / spending
    passed = better >= np.quantile(better, 0.25) - 1e-9
    if not passed.all():
        assert found[~passed].max() < found[passed].min()
        assert len(set(found[~passed].tolist())) == 1
