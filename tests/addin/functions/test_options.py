"""What single functions do with their own options and limits."""

from __future__ import annotations

from typing import Any

import pytest

from tests.addin.formula_help import call, column, same
from xl_qbs._version import METHOD_VERSION, __version__
from xl_qbs.addin.definition import CellError
from xl_qbs.scoring.coverage import coverage_interval

NA, NUM, VALUE = CellError.NA, CellError.NUM, CellError.VALUE
DONE, TARGET = [2, 30, 100, 90], [2, 98, 153, 122]


class TestPrior:
    def test_fraction(self) -> None:
        assert call("QBS_PRIOR", DONE, TARGET, "report", 1)[1] == (93.75,)
        assert call("QBS_PRIOR", DONE, TARGET, "report", -1) == ((NUM,),)

    def test_a_strength_without_end_is_no_number(self) -> None:
        same_everywhere = call("QBS_PRIOR", [50, 50, 50], [100, 100, 100], "moments")
        assert same_everywhere == ((0.5,), (NUM,))
        assert call("QBS_ADJUSTED_COVERAGE", [50, 50, 50], [100, 100, 100], "moments") == column([0.5, 0.5, 0.5])

    def test_nobody_anywhere_is_undefined(self) -> None:
        assert call("QBS_PRIOR", [0, 0], [0, 0])[0] == (NA,)
        assert call("QBS_ADJUSTED_COVERAGE", [0, 0], [0, 0]) == column([NA, NA])

    def test_a_list_without_patients_gets_the_mean(self) -> None:
        found = call("QBS_ADJUSTED_COVERAGE", [0, 10, 20], [0, 40, 40])
        assert found[0] == call("QBS_PRIOR", [0, 10, 20], [0, 40, 40])[0]

    @pytest.mark.parametrize(
        "options",
        [
            ("average",),
            ("fixed",),
            ("fixed", None, 0.5),
            ("report", None, None, 46),
            ("moments", None, 0.5, 46),
            ("fixed", None, [0.5, 0.6], 46),
        ],
    )
    def test_options_that_contradict_one_another(self, options: tuple[Any, ...]) -> None:
        assert call("QBS_ADJUSTED_COVERAGE", DONE, TARGET, *options) == ((VALUE,),)

    def test_a_fixed_prior_is_not_estimated(self) -> None:
        assert call("QBS_PRIOR", DONE, TARGET, "fixed") == ((VALUE,),)

    def test_an_impossible_given_prior(self) -> None:
        assert call("QBS_ADJUSTED_COVERAGE", DONE, TARGET, "fixed", None, 59, 46) == ((NUM,),)
        assert call("QBS_ADJUSTED_COVERAGE", DONE, TARGET, "fixed", None, 0.59, -1) == ((NUM,),)

    def test_a_prior_for_each_indicator(self) -> None:
        done, target = ((1, 2), (3, 4)), ((4, 4), (4, 4))
        found = call("QBS_ADJUSTED_COVERAGE", done, target, "fixed", None, ((0.5, 0.25),), ((4, 12),))
        assert found == ((3 / 8, 5 / 16), (5 / 8, 7 / 16))


class TestInterval:
    def test_low_and_high_stand_side_by_side(self) -> None:
        ends = coverage_interval(DONE, TARGET, 0.592, 46.875)
        found = call("QBS_COVERAGE_INTERVAL", DONE, TARGET)
        assert same(found, tuple(zip(ends.low.tolist(), ends.high.tolist(), strict=True)))

    def test_a_row_of_lists_has_them_below_one_another(self) -> None:
        down = call("QBS_COVERAGE_INTERVAL", DONE, TARGET)
        across = call("QBS_COVERAGE_INTERVAL", (tuple(DONE),), (tuple(TARGET),))
        assert across == tuple(zip(*down, strict=True))

    def test_a_single_list_with_a_given_prior(self) -> None:
        found = call("QBS_COVERAGE_INTERVAL", 30, 98, None, "fixed", None, 0.592, 46.875)
        assert same(found, call("QBS_COVERAGE_INTERVAL", DONE, TARGET)[1:2])

    def test_blanks_stay_blank_on_both_sides(self) -> None:
        found = call("QBS_COVERAGE_INTERVAL", [2, None, 30], [2, None, 98])
        assert found[1] == (None, None)

    @pytest.mark.parametrize("level", [0, 1, 95])
    def test_an_impossible_level(self, level: float) -> None:
        assert call("QBS_COVERAGE_INTERVAL", DONE, TARGET, level) == ((NUM,),)


class TestWeights:
    SHARES = ((0.5, 0.6, 0.8), (0.7, 0.75, 0.9), (0.6, 0.8, 0.85), (0.9, 0.85, 0.95))

    def test_a_list_with_a_gap_is_left_out(self) -> None:
        plain = call("QBS_PC_LOADINGS", self.SHARES)
        assert call("QBS_PC_LOADINGS", (*self.SHARES[:2], (0.1, None, 0.2), *self.SHARES[2:])) == plain
        assert call("QBS_PC_LOADINGS", (*self.SHARES[:2], (0.1, NA, 0.2), *self.SHARES[2:])) == plain

    def test_another_error_passes_through(self) -> None:
        assert call("QBS_PC_LOADINGS", (*self.SHARES, (0.1, CellError.DIV0, 0.2))) == ((CellError.DIV0,),)

    def test_fewer_than_three_lists(self) -> None:
        assert call("QBS_PC_LOADINGS", self.SHARES[:2]) == ((NUM,),)

    def test_percents_are_no_shares(self) -> None:
        assert call("QBS_PC_LOADINGS", ((50, 60), (70, 75), (60, 80))) == ((NUM,),)

    def test_the_sum_is_kept(self) -> None:
        for rounding in ("largest-remainder", "Largest-Remainder", "none"):
            assert sum(call("QBS_PC_WEIGHTS", self.SHARES, 480, rounding)[0]) == pytest.approx(480, rel=1e-14)

    def test_a_tie_goes_to_more_points(self) -> None:
        shares = ((0.5, 0.5), (0.7, 0.7), (0.6, 0.6))
        assert call("QBS_PC_WEIGHTS", shares, ((10, 15),)) == ((12.0, 13.0),)
        assert call("QBS_PC_WEIGHTS", shares, 25) == ((13.0, 12.0),)

    @pytest.mark.parametrize(
        ("options", "error"),
        [
            ((((1, 2),),), VALUE),
            ((480, "up"), VALUE),
            ((0,), NUM),
            ((-480,), NUM),
            ((480, "none", 1.5), NUM),
            ((480, "none", 10), NUM),
        ],
    )
    def test_options_that_cannot_be(self, options: tuple[Any, ...], error: CellError) -> None:
        assert call("QBS_PC_WEIGHTS", self.SHARES, *options) == ((error,),)


class TestRanksAndBands:
    def test_sums_that_differ_in_their_last_bits_tie(self) -> None:
        assert call("QBS_RANK", [0.1 + 0.2, 0.3, 0.1]) == column([1.0, 1.0, 3.0])

    def test_a_block_of_scores_is_ranked_as_one(self) -> None:
        assert call("QBS_RANK", ((4, 3), (2, 1))) == ((1.0, 2.0), (3.0, 4.0))

    def test_a_list_alone(self) -> None:
        assert call("QBS_RELATIVE_RANK", 7) == ((1.0,),)

    def test_bands_are_numbered_from_1_or_named(self) -> None:
        assert call("QBS_BAND", [0, 383, 384, 432, 500], 480) == column([1, 1, 2, 3, 3])
        assert call("QBS_BAND", [10, 50], 100, [0, 0.5], ["low", "high"]) == column(["low", "high"])
        assert call("QBS_BAND", [10, 50], 100, ["From", 0, 0.5], ["Band", "low", "high"]) == column(["low", "high"])

    def test_a_score_that_is_none_spoils_its_own_band(self) -> None:
        assert call("QBS_BAND", [10, None, "x", NA], 100) == column([1, None, VALUE, NA])

    @pytest.mark.parametrize(
        ("options", "error"),
        [((0,), NUM), ((480, [0.5, 0.8]), NUM), ((480, [0, 0.8], ["a"]), VALUE), ((480, [0, 0.8], [1, 2]), VALUE)],
    )
    def test_limits_that_cannot_be(self, options: tuple[Any, ...], error: CellError) -> None:
        assert call("QBS_BAND", [1, 2], *options) == ((error,),)


class TestCondition:
    def test_each_list_by_itself(self) -> None:
        found = call("QBS_CONDITION", [448, None, "x", NA, 500], 640, 0.7)
        assert found == column([True, None, VALUE, NA, True])

    def test_a_fraction_of_a_patient_spoils_its_own_row(self) -> None:
        found = call("QBS_CONDITION", [448, 448, 448], 640, 0.7, [9.5, 9, 9], [10, 10, 10], 0.9)
        assert found == column([NUM, True, True])

    def test_each_indicator_has_its_own_required_coverage(self) -> None:
        done, target = ((9, 5), (9, 4)), ((10, 10), (10, 10))
        assert call("QBS_CONDITION", [1, 1], 1, 0, done, target, ((0.9, 0.5),)) == column([True, False])

    @pytest.mark.parametrize(
        ("arguments", "error"),
        [
            (([448], 640, 70), NUM),
            (([448], CellError.REF, 0.7, [9], [10], CellError.DIV0), CellError.REF),
            (([448], ((320, 320),), 0.7), VALUE),
            (([448], 640, 0.7, [9]), VALUE),
            (([448], 640, 0.7, [9], [10]), VALUE),
            (([448], 640, 0.7, [9], [10], ((0.9, 0.9),)), VALUE),
            (([448], 640, 0.7, [9], [10], 90), NUM),
            (([448, 1], 640, 0.7, [9, 9, 9], [10, 10, 10], 0.9), VALUE),
        ],
    )
    def test_what_cannot_be(self, arguments: tuple[Any, ...], error: CellError) -> None:
        assert call("QBS_CONDITION", *arguments) == ((error,),)


def test_version() -> None:
    assert call("QBS_VERSION") == ((f"xl_qbs {__version__}, methods {METHOD_VERSION}",),)
