from __future__ import annotations

import datetime
import math
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.addin.excel.com import LEFT_OUT, ComRange, Sheet, as_com, native
from xl_qbs.addin.catalogue import FUNCTIONS, find
from xl_qbs.addin.definition import MISSING, CellError, Cells, Function, Given
from xl_qbs.addin.evaluate import evaluate

UDFS = "xl_qbs.addin.excel.udfs"
# Cells that offices have: counts, shares, blanks, texts, empty texts, errors, dates, yes and no.
CELLS = st.one_of(
    st.integers(0, 900),
    st.floats(0, 1),
    st.just(None),
    st.sampled_from(["N0001", "", "puudub", "12"]),
    st.sampled_from(list(CellError)),
    st.just(datetime.datetime(2024, 5, 31, 12, 30)),
    st.booleans(),
    st.floats(-5, 5),
)
NUMBERS = st.one_of(st.integers(0, 500), st.floats(0, 1))


def _ranges(cells: Any, most: int = 6) -> Any:
    shapes = st.tuples(st.integers(1, most), st.integers(1, most))
    return shapes.flatmap(
        lambda shape: st.lists(
            st.lists(cells, min_size=shape[1], max_size=shape[1]).map(tuple), min_size=shape[0], max_size=shape[0]
        ).map(tuple)
    )


def _given(function: Function) -> Any:
    """Return arguments for a function: ranges of any kind, some left out, some all numbers and alike."""
    loose = [
        st.one_of(st.just(MISSING), _ranges(CELLS)) if one.optional else _ranges(CELLS) for one in function.arguments
    ]
    shape = st.tuples(st.integers(1, 6), st.integers(1, 6))
    alike = shape.flatmap(
        lambda size: st.tuples(
            *(
                st.just(MISSING)
                if one.optional
                else st.lists(
                    st.lists(NUMBERS, min_size=size[1], max_size=size[1]).map(tuple), min_size=size[0], max_size=size[0]
                ).map(tuple)
                for one in function.arguments
            )
        )
    )
    return st.one_of(st.tuples(*loose), alike)


def as_range(cells: Given) -> Any:
    return LEFT_OUT if cells is MISSING else ComRange([[as_com(cell) for cell in row] for row in cells])


def as_values(cells: Given) -> Any:
    """As the add-in's own wrapper passes it: the values, not the range."""
    return LEFT_OUT if cells is MISSING else as_range(cells).Value


def expected(cells: Cells) -> list[list[Any]]:
    return [["" if cell is None else cell for cell in row] for row in cells]


def assert_same(found: list[list[Any]], wanted: list[list[Any]], within: float = 1e-12) -> None:
    assert [len(row) for row in found] == [len(row) for row in wanted]
    for one, other in zip(chain(*found), chain(*wanted), strict=True):
        if isinstance(other, (int, float)) and not isinstance(other, bool):
            assert isinstance(one, float)
            assert math.isclose(one, other, rel_tol=within, abs_tol=within)
        else:
            assert type(one) is type(other)
            assert one == other


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda one: one.name)
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=25)
@given(data=st.data())
def test_a_call_from_a_cell_gives_what_evaluate_gives(call_udf: Any, function: Function, data: st.DataObject) -> None:
    cells = data.draw(_given(function))
    wanted = expected(evaluate(function, cells))
    for handed_over in (as_values, as_range):
        found = native(call_udf(UDFS, function.name, [handed_over(one) for one in cells]))
        assert_same(found, wanted)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda one: one.name)
def test_the_example_of_every_function_comes_out_in_a_cell(call_udf: Any, function: Function) -> None:
    for example in function.examples:
        # A range stands in the formula by its address; other arguments are written out in it.
        inside = example.formula.split("(", 1)[1].rsplit(")", 1)[0]
        texts = [text.strip() for text in inside.split(",")] if inside else []
        given = [as_values(example.cells[text]) if text in example.cells else _constant(text) for text in texts]
        given += [LEFT_OUT] * (len(function.arguments) - len(given))
        assert_same(native(call_udf(UDFS, function.name, given)), expected(example.result), example.within)


def _constant(text: str) -> Any:
    if text.startswith('"'):
        return text.strip('"')
    if text.upper() in ("TRUE", "FALSE"):
        return text.upper() == "TRUE"
    return LEFT_OUT if not text else float(text)


def test_the_functions_are_known_to_xlwings_with_their_arguments(call_udf: Any) -> None:
    from xl_qbs.addin.excel import udfs

    for function in FUNCTIONS:
        known = getattr(udfs, function.name).__xlfunc__
        assert [one["name"] for one in known["args"]] == [one.name for one in function.arguments]
        assert [one["name"] for one in known["args"] if "optional" in one] == [
            one.name for one in function.arguments if one.optional
        ]
        assert known["volatile"] is False


def test_an_error_value_in_a_cell_passes_through_as_itself(call_udf: Any) -> None:
    for error in CellError:
        done, target = as_com(error), 4.0
        assert native(call_udf(UDFS, "QBS_COVERAGE", [done, target])) == [[error]]


def test_an_error_value_newer_than_the_seven_is_an_error_too(call_udf: Any) -> None:
    spill = -2146828288 + 2045
    assert native(call_udf(UDFS, "QBS_COVERAGE", [spill, 4.0])) == [[CellError.VALUE]]


def test_a_row_of_an_array_constant_is_a_row(call_udf: Any) -> None:
    found = call_udf(UDFS, "QBS_COVERAGE", [(1.0, 2.0), (4.0, 4.0)])
    assert native(found) == [[0.25, 0.5]]


def test_a_place_left_empty_is_a_blank_cell(call_udf: Any) -> None:
    wanted = evaluate(find("QBS_COVERAGE"), [((None,),), ((4.0,),)])
    assert_same(native(call_udf(UDFS, "QBS_COVERAGE", [LEFT_OUT, 4.0])), expected(wanted))


def test_whole_columns_are_cut_where_their_sheet_is_used(call_udf: Any) -> None:
    sheet = Sheet(3, 2)
    done = _Columns(((1.0,), (2.0,), (3.0,)), sheet)
    target = _Columns(((4.0,), (4.0,), (4.0,)), sheet)
    assert native(call_udf(UDFS, "QBS_COVERAGE", [done, target])) == [[0.25], [0.5], [0.75]]
    assert done.reads == 0  # the million cells were never asked for


class _Columns(ComRange):
    """A whole column, of which its sheet gives the part that is asked for."""

    def __init__(self, values: Any, sheet: Sheet) -> None:
        super().__init__(values, shape=(1_048_576, 1), sheet=sheet)

    @property
    def Worksheet(self) -> Any:
        sheet, values = self._sheet, self.values

        class Part(Sheet):
            UsedRange = sheet.UsedRange

            def Range(self, _: tuple[int, int], last: tuple[int, int]) -> ComRange:
                return ComRange(values, shape=last)

        return Part(sheet.rows, sheet.columns)

    @Worksheet.setter
    def Worksheet(self, sheet: Sheet) -> None:
        self._sheet = sheet


@pytest.mark.parametrize("function", ["QBS_COVERAGE", "QBS_PRIOR", "QBS_ADJUSTED_COVERAGE", "QBS_COVERAGE_INTERVAL"])
def test_the_counts_of_a_fund_give_what_evaluate_gives(call_udf: Any, examples: Path, function: str) -> None:
    from xl_qbs.workbook.read import read_workbook

    assert_counts_agree(call_udf, function, read_workbook(examples / "fund_workbook_2024.xlsx"))


@pytest.mark.shared
@pytest.mark.parametrize("function", ["QBS_COVERAGE", "QBS_PRIOR", "QBS_ADJUSTED_COVERAGE", "QBS_COVERAGE_INTERVAL"])
def test_the_counts_of_the_real_fund_do_so_too(call_udf: Any, shared: Path, function: str) -> None:
    from xl_qbs.workbook.read import read_workbook

    assert_counts_agree(call_udf, function, read_workbook(shared / "data" / "fund_workbook_2019.xlsx"))


def assert_counts_agree(call_udf: Any, function: str, table: Any) -> None:
    def cells(counts: Any) -> Cells:
        return tuple(tuple(None if math.isnan(value) else value for value in row) for row in counts[:, :1].tolist())

    given = [cells(table.done), cells(table.target)]
    wanted = expected(evaluate(find(function), given))
    assert len(wanted) > 1 or function == "QBS_PRIOR"
    assert_same(native(call_udf(UDFS, function, [as_values(one) for one in given])), wanted)
