from __future__ import annotations

import datetime
import math
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.addin.formula_help import block, call, column, same, same_cell
from xl_qbs.addin.calls import ByCell, ByRow, RowsTogether
from xl_qbs.addin.catalogue import FUNCTIONS, find
from xl_qbs.addin.definition import MISSING, Argument, CellError, Cells, Function
from xl_qbs.addin.evaluate import evaluate
from xl_qbs.scoring.coverage import adjusted_coverage, coverage
from xl_qbs.scoring.priors import report_prior
from xl_qbs.sheets.model import Label

NA, NUM, VALUE, NAME, DIV0, REF = (
    CellError.NA,
    CellError.NUM,
    CellError.VALUE,
    CellError.NAME,
    CellError.DIV0,
    CellError.REF,
)
DAY = datetime.datetime(2019, 12, 31)
DONE, TARGET = [2, 30, 100, 90], [2, 98, 153, 122]
# What has to be given and is one cell, where 100 would be refused.
GIVEN = {"cost_is": "spending", "total": 480, "threshold": 0.5, "benchmark": 100}
BY_CELL = [one for one in FUNCTIONS if isinstance(one.call, ByCell)]
# What a cell may hold, and what is no word, so that no heading is seen where none is meant.
NUMBERS = st.one_of(
    st.integers(0, 400), st.floats(0, 300), st.sampled_from([0, 1, 0.5, 0.76, -1, -0.5, 1e308, 76, 480])
)
NO_WORDS = st.one_of(NUMBERS, st.none(), st.sampled_from(["", " ", "-", "12", True, False, DAY, *CellError]))
ANYTHING = st.one_of(
    NO_WORDS, st.sampled_from(["Nimistu", "diab target", "report", "fixed", "puudub"]), st.text(max_size=5)
)


def ranges(values: st.SearchStrategy[Any], most: int = 5) -> st.SearchStrategy[Cells]:
    return st.tuples(st.integers(0, most), st.integers(0, most)).flatmap(
        lambda shape: st.tuples(*[st.tuples(*[values] * shape[1])] * shape[0])
    )


def mains(function: Function) -> list[str]:
    """Return the ranges of which the blank cells count: those of the providers, counts, or else the first."""
    if isinstance(function.call, RowsTogether):
        given_always = [one.name for one in function.arguments if not one.optional and one.kind == "numbers"]
        return [name for name in given_always if name in function.call.paired]
    counts = [one.name for one in function.arguments if one.name in {"done", "target"}]
    return counts or [function.arguments[0].name]


class TestCellByCell:
    def test_a_range_gives_a_range(self) -> None:
        assert call("QBS_COVERAGE", DONE, TARGET) == column(coverage(DONE, TARGET).tolist())

    def test_a_single_cell_gives_a_single_value(self) -> None:
        assert call("QBS_COVERAGE", 1, 4) == ((0.25,),)

    def test_a_target_of_0_is_undefined(self) -> None:
        assert call("QBS_COVERAGE", [0, 1], [0, 2]) == column([NA, 0.5])

    def test_an_impossible_number_spoils_its_own_cell(self) -> None:
        assert call("QBS_COVERAGE", [1, -1, 3, -2], [4, 4, 4, 4]) == column([0.25, NUM, 0.75, NUM])

    def test_what_is_no_number_spoils_its_own_cell(self) -> None:
        assert call("QBS_COVERAGE", [1, "puudub", DAY, True], [4, 4, 4, 4]) == column([0.25, VALUE, VALUE, VALUE])

    def test_a_number_stored_as_text_is_no_number(self) -> None:
        assert call("QBS_COVERAGE", [1, "2"], [4, 4]) == column([0.25, VALUE])

    def test_an_error_passes_through_the_first_one_in_the_order_of_arguments(self) -> None:
        assert call("QBS_COVERAGE", [1, DIV0, 3, REF], [4, NA, DIV0, 4]) == column([0.25, DIV0, DIV0, REF])

    def test_a_number_that_is_none_is_not_available(self) -> None:
        assert call("QBS_COVERAGE", [1, math.nan, None], [4, 4, None]) == column([0.25, NA])
        assert call("QBS_COVERAGE", [1, math.nan, "puudub"], [4, 4, 4]) == column([0.25, NA, VALUE])
        assert call("QBS_RANK", [1, math.nan, "puudub"]) == ((NA,),)

    def test_an_error_comes_before_a_text(self) -> None:
        assert call("QBS_COVERAGE", [1, "puudub"], [4, DIV0]) == column([0.25, DIV0])

    def test_blanks_stay_blank(self) -> None:
        assert call("QBS_COVERAGE", [1, None, 3], [4, "", 4]) == column([0.25, None, 0.75])

    def test_blanks_before_the_first_number_stay(self) -> None:
        assert call("QBS_COVERAGE", [None, 3], [None, 4]) == column([None, 0.75])

    def test_blank_counts_stay_blank_beside_a_given_threshold(self) -> None:
        assert call("QBS_THRESHOLD_CREDIT", [1, None, 3], [4, None, 4], [0.5, 0.5, 0.5]) == column([0.0, None, 1.0])

    def test_half_a_pair_is_no_pair(self) -> None:
        assert call("QBS_COVERAGE", [1, None, 3], [4, 4, None]) == column([0.25, VALUE, VALUE])

    def test_work_done_may_be_blank_where_nobody_was_to_be_served(self) -> None:
        assert call("QBS_COVERAGE", [1, None, 3], [4, 0, 4]) == column([0.25, NA, 0.75])
        assert call("QBS_THRESHOLD_CREDIT", [1, None], [4, 0], 0.2) == column([1.0, 0.0])

    def test_nothing_but_blanks_gives_a_blank(self) -> None:
        assert call("QBS_COVERAGE", None, None) == ((None,),)
        assert call("QBS_COVERAGE", [None, None], ["", " "]) == ((None,),)
        assert call("QBS_COVERAGE", (), ()) == ((None,),)

    def test_a_row_gives_a_row(self) -> None:
        assert call("QBS_COVERAGE", ((1, 2),), ((4, 4),)) == ((0.25, 0.5),)

    def test_one_threshold_or_one_for_each_indicator(self) -> None:
        done, target = ((1, 2), (3, 4)), ((4, 4), (4, 4))
        assert call("QBS_THRESHOLD_CREDIT", done, target, 0.5) == ((0.0, 1.0), (1.0, 1.0))
        assert call("QBS_THRESHOLD_CREDIT", done, target, ((0.2, 0.9),)) == ((1.0, 0.0), (1.0, 1.0))
        assert call("QBS_THRESHOLD_CREDIT", done, target, [0.9, 0.2]) == ((0.0, 0.0), (1.0, 1.0))

    def test_one_pair_of_counts_and_many_thresholds(self) -> None:
        assert call("QBS_THRESHOLD_CREDIT", 3, 4, [0.7, 0.8]) == column([1.0, 0.0])

    def test_a_row_and_a_column_do_not_go_together(self) -> None:
        assert call("QBS_COVERAGE", ((1, 2),), [4, 4]) == ((VALUE,),)
        assert call("QBS_COVERAGE", [1, 2, 3], [4, 4]) == ((VALUE,),)

    def test_what_all_cells_share_spoils_the_whole_result(self) -> None:
        assert call("QBS_THRESHOLD_CREDIT", [1, 2], [4, 4], 76) == ((NUM,),)
        assert call("QBS_THRESHOLD_CREDIT", [1, 2], [4, 4], "76 %") == ((VALUE,),)
        assert call("QBS_THRESHOLD_CREDIT", [1, 2], [4, 4], DIV0) == ((DIV0,),)
        assert call("QBS_BAND", [1, 2], 480, [0.5, 0.1]) == ((NUM,),)
        assert call("QBS_BAND", [1, 2], 480, [0, None, 0.9]) == ((VALUE,),)
        assert call("QBS_BAND", [1, 2], 480, [0, REF]) == ((REF,),)

    @pytest.mark.parametrize("function", BY_CELL, ids=lambda one: one.name)
    @given(data=st.data())
    def test_each_cell_is_what_the_function_gives_for_it_alone(self, function: Function, data: st.DataObject) -> None:
        rows, columns = data.draw(st.sampled_from([(4, 1), (1, 4), (3, 2)]))
        varying = [one for one in function.arguments if one.kind == "numbers" and one.name not in function.call.whole]
        grids = {one.name: data.draw(st.tuples(*[st.tuples(*[NO_WORDS] * columns)] * rows)) for one in varying}
        # A number in the last cell, so that nothing is cut off at the end.
        first = varying[0].name
        grids[first] = (*grids[first][:-1], (*grids[first][-1][:-1], 1))

        def arguments(row: int, column: int, size: tuple[int, int]) -> list[Any]:
            found = []
            for one in function.arguments:
                if one.name in grids:
                    lines = grids[one.name][row : row + size[0]]
                    found.append(tuple(line[column : column + size[1]] for line in lines))
                else:
                    found.append(((GIVEN[one.name],),) if one.name in GIVEN else MISSING)
            return found

        whole = evaluate(function, arguments(0, 0, (rows, columns)))
        assert (len(whole), len(whole[0])) == (rows, columns)
        for row in range(rows):
            for at in range(columns):
                given_alone = arguments(row, at, (1, 1))
                for index, one in enumerate(function.arguments):
                    # An option that is left out has its default, but a blank among given ones is a gap.
                    gap = one.optional and one.name not in function.call.unknown
                    if gap and given_alone[index] in (((None,),), (("",),), ((" ",),)):
                        given_alone[index] = (("-",),)
                alone = evaluate(function, given_alone)
                expected = alone[0][0]
                if expected is VALUE and all(
                    grids[name][row][at] in (None, "", " ") for name in ("done", "target") if name in grids
                ):
                    continue  # blank counts stay blank, whatever stands for the option
                assert same_cell(whole[row][at], expected), (given_alone, whole[row][at], expected)


class TestTogether:
    def test_an_error_anywhere_is_the_whole_result_the_first_one(self) -> None:
        assert call("QBS_PRIOR", [1, DIV0, 3], [4, REF, 4]) == ((DIV0,),)
        assert call("QBS_RANK", [1, REF, DIV0]) == ((REF,),)
        assert call("QBS_PRIOR", DONE, TARGET, DIV0) == ((DIV0,),)

    def test_a_text_anywhere_is_the_whole_result(self) -> None:
        assert call("QBS_ADJUSTED_COVERAGE", [1, "puudub", 3], [4, 4, 4]) == ((VALUE,),)
        assert call("QBS_RANK", [1, True]) == ((VALUE,),)
        assert call("QBS_RANK", [1, DAY]) == ((VALUE,),)

    def test_an_impossible_number_anywhere_is_the_whole_result(self) -> None:
        assert call("QBS_ADJUSTED_COVERAGE", [1, -2, 3], [4, 4, 4]) == ((NUM,),)

    def test_no_numbers_at_all_are_not_available(self) -> None:
        assert call("QBS_PRIOR", [None, None], [None, None]) == ((NA,),)
        assert call("QBS_RANK", ()) == ((NA,),)

    def test_blanks_are_left_out_and_stay_blank(self) -> None:
        without = call("QBS_ADJUSTED_COVERAGE", DONE, TARGET)
        found = call("QBS_ADJUSTED_COVERAGE", [2, None, 30, 100, 90], [2, "", 98, 153, 122])
        assert found == (without[0], (None,), *without[1:])
        assert call("QBS_RANK", [5, None, 7]) == column([2.0, None, 1.0])

    def test_half_a_pair_is_no_pair(self) -> None:
        assert call("QBS_PRIOR", [1, None, 3], [4, 4, 4]) == ((VALUE,),)
        assert call("QBS_PRIOR", [1, None, 3], [4, 0, 4]) == call("QBS_PRIOR", [1, 0, 3], [4, 0, 4])

    def test_ranges_of_different_shape_do_not_fit(self) -> None:
        assert call("QBS_PRIOR", [1, 2], [4, 4, 4]) == ((VALUE,),)


class TestHeadings:
    @pytest.mark.parametrize("name", ["QBS_COVERAGE", "QBS_ADJUSTED_COVERAGE", "QBS_PRIOR"])
    def test_headings_and_unused_cells_change_nothing(self, name: str) -> None:
        plain = call(name, DONE, TARGET)
        assert call(name, ["Done", *DONE], ["Target", *TARGET]) == plain
        assert (
            call(name, ["Diabetes", None, "Tehtud", *DONE, None, ""], [None, None, "Sihtrühm", *TARGET, None, None])
            == plain
        )
        row = call(name, (tuple(DONE),), (tuple(TARGET),))
        assert call(name, (("Done", *DONE, None),), (("Target", *TARGET, None),)) == row

    def test_a_heading_in_one_of_two_ranges_is_one_for_both(self) -> None:
        assert call("QBS_COVERAGE", ["Done", 1, 2], [None, 4, 4]) == column([0.25, 0.5])

    def test_ranges_with_and_without_headings_are_paired_below_them(self) -> None:
        assert call("QBS_COVERAGE", ["Done", 1, 2], [4, 4]) == column([0.25, 0.5])

    def test_a_text_beside_a_number_is_no_heading(self) -> None:
        assert call("QBS_COVERAGE", ["puudub", 1], [4, 4]) == column([VALUE, 0.25])

    def test_a_text_without_letters_is_no_heading(self) -> None:
        assert call("QBS_COVERAGE", ["*", 1], ["*", 4]) == column([VALUE, 0.25])

    def test_text_alone_has_nothing_below_it_to_head(self) -> None:
        assert call("QBS_COVERAGE", ["a", "b"], ["c", "d"]) == column([VALUE, VALUE])

    def test_a_blank_row_below_a_heading_is_a_list_without_numbers(self) -> None:
        assert call("QBS_COVERAGE", ["Done", None, 1], ["Target", None, 4]) == column([None, 0.25])

    def test_names_of_lists_beside_a_block_are_headings(self) -> None:
        assert call(
            "QBS_COVERAGE", (("", "a", "b"), ("N1", 1, 2), ("N2", 3, 4)), (("", "a", "b"), ("N1", 4, 4), ("N2", 4, 4))
        ) == (
            (0.25, 0.5),
            (0.75, 1.0),
        )
        assert call("QBS_COVERAGE", (("N1", 1), ("N2", 3)), [4, 4]) == column([0.25, 0.75])

    def test_a_column_of_one_repeated_word_is_not_a_heading(self) -> None:
        done, target = (("puudub", 1), ("puudub", 3)), (("puudub", 4), ("puudub", 4))
        assert call("QBS_COVERAGE", done, target) == ((VALUE, 0.25), (VALUE, 0.75))

    def test_points_above_a_block_keep_to_its_columns(self) -> None:
        shares = (("N1", 0.5, 0.6), ("N2", 0.7, 0.75), ("N3", 0.9, 0.8))
        bare = tuple(row[1:] for row in shares)
        assert call("QBS_PC_WEIGHTS", shares, (("Points", 60, 40),)) == call("QBS_PC_WEIGHTS", bare, ((60, 40),))


class TestOptions:
    def test_an_option_is_left_out_in_three_ways(self) -> None:
        plain = call("QBS_ADJUSTED_COVERAGE", DONE, TARGET)
        assert call("QBS_ADJUSTED_COVERAGE", DONE, TARGET, MISSING, MISSING) == plain
        assert call("QBS_ADJUSTED_COVERAGE", DONE, TARGET, None, "", None, " ") == plain

    def test_an_argument_that_has_to_be_given(self) -> None:
        assert call("QBS_COVERAGE", DONE) == ((VALUE,),)
        assert call("QBS_COVERAGE", DONE, MISSING) == ((VALUE,),)

    def test_too_many_arguments(self) -> None:
        assert call("QBS_RANK", [1], [2]) == ((VALUE,),)

    def test_an_option_is_one_cell_of_its_kind(self) -> None:
        assert call("QBS_PRIOR", DONE, TARGET, ["report", "moments"]) == ((VALUE,),)
        assert call("QBS_PRIOR", DONE, TARGET, 1) == ((VALUE,),)
        assert call("QBS_PRIOR", DONE, TARGET, "report", "0.5") == ((VALUE,),)
        assert call("QBS_PRIOR", DONE, TARGET, "report", True) == ((VALUE,),)
        assert call("QBS_PRIOR", DONE, TARGET, "report", REF) == ((REF,),)
        assert call("QBS_PRIOR", DONE, TARGET, "report", math.nan) == ((NA,),)

    @pytest.mark.parametrize(
        ("cell", "found"), [(True, True), (0, False), (1.0, True), (None, True), ("yes", VALUE), (2, VALUE)]
    )
    def test_yes_and_no(self, cell: Any, found: Any) -> None:
        label = Label("a", "b")
        function = Function(
            "QBS_X", label, label, (Argument("whether", label, "flag", True),), lambda whether: whether, "single"
        )
        assert evaluate(function, [((cell,),)]) == ((found,),)


class TestResults:
    def _giving(self, result: Any, **options: Any) -> Cells:
        label = Label("a", "b")
        return evaluate(Function("QBS_X", label, label, (), lambda: result, options.get("shape", "single")), [])

    def test_long_texts_are_cut_to_what_excel_takes(self) -> None:
        ((text,),) = self._giving("x" * 300)
        assert isinstance(text, str)
        assert len(text) == 255
        assert text.endswith("…")

    def test_nan_and_infinity_are_errors(self) -> None:
        assert self._giving(np.array([[1.0, math.nan, math.inf]])) == ((1.0, NA, NUM),)
        assert self._giving(((math.nan, -math.inf, None, "a", True),)) == ((NA, NUM, None, "a", True),)
        assert self._giving(math.nan) == ((NA,),)

    def test_cells_are_plain_python_values(self) -> None:
        assert type(self._giving(np.float64(1))[0][0]) is float
        assert type(self._giving(((np.int64(1), np.bool_(True)),))[0][1]) is bool

    def test_flat_results_stand_as_the_function_says(self) -> None:
        assert self._giving(np.array([1.0, 2.0]), shape="row") == ((1.0, 2.0),)
        assert self._giving(np.array([1.0, 2.0]), shape="column") == ((1.0,), (2.0,))


class TestNeverRaises:
    def _failing(self, error: BaseException) -> Cells:
        def fail() -> None:
            raise error

        label = Label("a", "b")
        return evaluate(Function("QBS_X", label, label, (), fail, "single"), [])

    def test_a_missing_package_makes_a_function_unknown(self) -> None:
        assert self._failing(ModuleNotFoundError("scipy")) == ((NAME,),)

    def test_anything_else_is_a_value_error(self) -> None:
        for error in (RuntimeError("x"), ZeroDivisionError(), MemoryError(), RecursionError(), KeyError("x")):
            assert self._failing(error) == ((VALUE,),)

    def test_what_is_too_large_for_a_number(self) -> None:
        assert call("QBS_COVERAGE", 10**400, 1) == ((NUM,),)

    def test_rows_of_different_length(self) -> None:
        assert call("QBS_COVERAGE", ((1,), (1, 2)), ((1,), (1, 2))) == ((VALUE,),)
        assert call("QBS_SCORE", (("Nimistu",), (1, 2))) == ((VALUE,),)

    @pytest.mark.parametrize("function", FUNCTIONS, ids=lambda one: one.name)
    @given(data=st.data())
    def test_whatever_the_cells_hold(self, function: Function, data: st.DataObject) -> None:
        """Ranges of fitting shapes mostly, so that more than the check of shapes is tried."""
        shape = data.draw(st.tuples(st.integers(1, 4), st.integers(1, 3)))
        fitting = st.tuples(*[st.tuples(*[ANYTHING] * shape[1])] * shape[0])
        numbers = st.tuples(*[st.tuples(*[NUMBERS] * shape[1])] * shape[0])
        single = ANYTHING.map(lambda value: ((value,),))
        given_cells = data.draw(
            st.lists(
                st.one_of(numbers, fitting, single, ranges(ANYTHING), st.just(MISSING)),
                max_size=len(function.arguments) + 1,
                min_size=len(function.arguments) - 1 if function.arguments else 0,
            )
        )
        found = evaluate(function, given_cells)
        assert found
        assert found[0]
        assert {len(row) for row in found} == {len(found[0])}
        for row in found:
            for value in row:
                assert value is None or type(value) in {float, int, str, bool, CellError}
                assert type(value) is not float or math.isfinite(value)
                assert type(value) is not str or len(value) <= 255

    @pytest.mark.parametrize(
        "function",
        [
            one
            for one in FUNCTIONS
            if one.arguments and not isinstance(one.call, (ByCell, ByRow)) and one.arguments[0].name != "table"
        ],
        ids=lambda one: one.name,
    )
    @given(data=st.data())
    def test_errors_of_the_whole_are_of_the_kind_that_the_rules_say(
        self, function: Function, data: st.DataObject
    ) -> None:
        size = data.draw(st.integers(1, 6))
        main = mains(function)
        grids = [data.draw(st.tuples(*[st.tuples(NO_WORDS)] * size)) for _ in main]
        drawn = dict(zip(main, grids, strict=True))
        labels = tuple((number,) for number in range(size))
        found = evaluate(
            function,
            [
                drawn.get(one.name) or (labels if one.kind == "labels" else ((GIVEN.get(one.name, 100),),))
                for one in function.arguments
                if not one.optional
            ],
        )
        cells = [row[0] for grid in grids for row in grid]
        passing = [one for one in cells if isinstance(one, CellError) and not (one is NA and main == ["coverage"])]
        if passing:
            assert found == ((passing[0],),)
        elif any(isinstance(one, (bool, datetime.datetime)) or one in {"-", "12"} for one in cells):
            assert found == ((VALUE,),)
        elif len(found) == 1 and isinstance(found[0][0], CellError):
            pairs = list(zip(*grids, strict=True))
            blank = [[cell[0] in {None, "", " "} for cell in pair] for pair in pairs]
            if all(map(all, blank)):
                assert found == ((NA,),)
            elif any(any(pair) and not all(pair) for pair in blank):
                assert found[0][0] in {VALUE, NA, NUM}
            else:
                assert found[0][0] in {NA, NUM}


class TestOrientation:
    @given(
        counts=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), min_size=1, max_size=8),
        name=st.sampled_from(["QBS_COVERAGE", "QBS_ADJUSTED_COVERAGE", "QBS_PATIENTS_TO_THRESHOLD", "QBS_RANK"]),
    )
    def test_a_row_of_lists_gives_what_the_column_does(self, counts: list[tuple[int, int]], name: str) -> None:
        options = [0.76] if name == "QBS_PATIENTS_TO_THRESHOLD" else []
        sides = list(zip(*counts, strict=True))[: 1 if name == "QBS_RANK" else 2]
        down = call(name, *[list(side) for side in sides], *options)
        across = call(name, *[(side,) for side in sides], *options)
        assert same(tuple(zip(*across, strict=True)), down)

    @given(
        st.lists(
            st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=2, max_size=2), min_size=2, max_size=6
        )
    )
    def test_a_block_is_as_many_calls_as_it_has_columns(self, rows: list[list[tuple[int, int]]]) -> None:
        numbers = np.array(rows)
        whole = call("QBS_ADJUSTED_COVERAGE", block(numbers[:, :, 0]), block(numbers[:, :, 1]))
        for at in range(2):
            alone = call("QBS_ADJUSTED_COVERAGE", numbers[:, at, 0].tolist(), numbers[:, at, 1].tolist())
            assert same(alone, tuple((row[at],) for row in whole))


def test_a_call_on_8000_lists_costs_little_more_than_numpy() -> None:
    """Counted in passes over the cells by Python code, not in seconds, which a busy machine would spoil."""
    lists = 8000
    random = np.random.default_rng(0)
    target = random.integers(0, 300, (lists, 11)).astype(float)
    done = np.floor(target * random.random(target.shape))
    given_cells = [block(done), block(target)]
    lines = 0

    def count(frame: Any, event: str, _: Any) -> Any:
        nonlocal lines
        lines += event == "line"
        return count

    sys.settrace(count)
    try:
        found = evaluate(find("QBS_ADJUSTED_COVERAGE"), given_cells)
    finally:
        sys.settrace(None)
    prior = report_prior(done, target)
    assert found == block(adjusted_coverage(done, target, prior.mean, prior.strength))
    # The rows' lengths are looked at one by one, and nothing else.
    assert lines < 10 * lists
