"""Every function through the call path of Excel, against the package's own Python on the same numbers."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.addin.calc.cases import Call, varied
from tests.addin.calls import YEARS, Counts, printed_results, report_tables
from tests.addin.efficiency_calls import Providers, real_hospitals, thirty_providers
from tests.addin.excel.com import LEFT_OUT, ComRange, as_com, native
from tests.addin.fairness_calls import Groups, drawn_groups, real_regions
from tests.addin.formula_help import same
from tests.real_data import real_table
from xl_qbs.addin.catalogue import FUNCTIONS
from xl_qbs.addin.definition import MISSING, CellError, Cells, Function, Given
from xl_qbs.addin.evaluate import evaluate
from xl_qbs.errors import ArgumentError
from xl_qbs.scheme import preset
from xl_qbs.scoring.table import Table

UDFS = "xl_qbs.addin.excel.udfs"
REPORT = report_tables()
# The report's tables, providers with quality and cost, and providers with groups of patients.
TABLES: dict[str, Counts | Providers | Groups] = {
    **REPORT,
    "30 providers": thirty_providers(),
    "20 providers, 3 groups": drawn_groups(),
}
EVERY = pytest.mark.parametrize(
    ("name", "function"),
    [
        pytest.param(name, function, id=f"{name}, {function.name}")
        for name, table in TABLES.items()
        for function in table.functions
    ],
)
# What is refused is a count, and these take counts.
_COUNTS = {"target", "table"}
_WITHIN = 1e-12
_SEED = 2018
_VARIATIONS = 8


@pytest.fixture(scope="module")
def real(shared: Path) -> dict[int, Counts]:
    """The real lists by year."""
    return {year: Counts(real_table(shared, year), preset()) for year in (2019, 2020)}


@pytest.fixture(scope="module")
def hospitals(shared: Path) -> Providers:
    """A tenth of the public hospitals."""
    return real_hospitals(shared)


@pytest.fixture(scope="module")
def regions(shared: Path) -> Groups:
    """A sixth of the public regions."""
    return real_regions(shared)


def in_excel(call_udf: Any, call: Call) -> Cells:
    """Return what Excel's cells show for a call."""
    given = [*call.given, *[MISSING] * (len(call.function.arguments) - len(call.given))]
    found = native(call_udf(UDFS, call.function.name, [handed_over(one) for one in given]))
    return tuple(tuple(row) for row in found)


def handed_over(cells: Given) -> Any:
    """Return an argument as the add-in's own wrapper hands it over: its values, not the range."""
    return LEFT_OUT if cells is MISSING else ComRange([[as_com(cell) for cell in row] for row in cells]).Value


def shown(cells: Cells) -> Cells:
    """Return cells as Excel shows them: a number is a float, a blank is an empty text."""
    return tuple(
        tuple("" if cell is None else float(cell) if type(cell) is int else cell for cell in row) for row in cells
    )


def wrong_calls(call_udf: Any, counts: Counts | Providers | Groups, function: Function) -> list[str]:
    """Return the calls on a table that do not show what the package's own Python gives."""
    wrong = []
    for call in counts.calls(function):
        found, wanted = in_excel(call_udf, call), shown(counts.plain(call))
        # An error as a whole would agree easily.
        assert wanted != ((CellError.NUM,),)
        if not same(found, wanted, _WITHIN):
            wrong.append(f"{call} shows {found[:4]!r:.300} instead of {wanted[:4]!r:.300}")
        if not same(found, shown(evaluate(function, call.given)), _WITHIN):
            wrong.append(f"{call} is not what evaluate gives")
    return wrong


def test_every_function_is_called_on_a_table() -> None:
    assert {one.name for table in TABLES.values() for one in table.functions} == {one.name for one in FUNCTIONS}


@EVERY
def test_the_tables_of_the_report_and_providers(call_udf: Any, name: str, function: Function) -> None:
    wrong = wrong_calls(call_udf, TABLES[name], function)
    assert not wrong, "\n".join(wrong)


@pytest.mark.shared
@pytest.mark.parametrize("function", REPORT["Tables 1 and 2"].functions, ids=lambda one: one.name)
@pytest.mark.parametrize("year", [2019, 2020])
def test_the_real_lists(call_udf: Any, real: dict[int, Counts], year: int, function: Function) -> None:
    wrong = wrong_calls(call_udf, real[year], function)
    assert not wrong, "\n".join(wrong)


@pytest.mark.shared
@pytest.mark.parametrize("function", TABLES["30 providers"].functions, ids=lambda one: one.name)
def test_real_hospitals(call_udf: Any, hospitals: Providers, function: Function) -> None:
    wrong = wrong_calls(call_udf, hospitals, function)
    assert not wrong, "\n".join(wrong)


@pytest.mark.shared
@pytest.mark.parametrize("function", TABLES["20 providers, 3 groups"].functions, ids=lambda one: one.name)
def test_real_regions(call_udf: Any, regions: Groups, function: Function) -> None:
    wrong = wrong_calls(call_udf, regions, function)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("year", YEARS)
def test_the_printed_numbers_come_out(call_udf: Any, year: int) -> None:
    for call, factor, printed in printed_results(year):
        found = np.array(in_excel(call_udf, call), dtype=float)[:, 0]
        assert np.floor(factor * found + 0.5).tolist() == printed, call


@EVERY
def test_what_is_wrong_in_the_tables_gives_the_same_errors(call_udf: Any, name: str, function: Function) -> None:
    """Blanks, texts, errors, dates, headings, other shapes: what `evaluate` says of them is what Excel shows."""
    rng = random.Random(f"{_SEED} {name} {function.name}")
    for call in TABLES[name].calls(function):
        for other in varied(call, rng, _VARIATIONS):
            assert same(in_excel(call_udf, other), shown(evaluate(function, other.given)), _WITHIN), other


@pytest.mark.parametrize("function", [one for one in FUNCTIONS if one.arguments], ids=lambda one: one.name)
@pytest.mark.parametrize("error", CellError, ids=lambda one: one.name)
def test_an_error_in_the_first_cell_of_data_shows(call_udf: Any, function: Function, error: CellError) -> None:
    table = next(one for one in reversed(TABLES.values()) if function in one.functions)
    call = next(table.calls(function))
    found = in_excel(call_udf, with_first(call, 0, error))
    if error is CellError.NA and function.arguments[0].name == "coverage":
        # An undefined coverage leaves its list out.
        assert found == shown(evaluate(function, with_first(call, 0, None).given))
    else:
        assert found[0][0] is error


@pytest.mark.parametrize(
    "function",
    [
        one
        for one in REPORT["Tables 1 and 2"].functions
        if any(argument.name in _COUNTS and not argument.optional for argument in one.arguments)
    ],
    ids=lambda one: one.name,
)
def test_what_python_refuses_is_an_impossible_number(call_udf: Any, function: Function) -> None:
    """A negative target: an ArgumentError in Python, and #NUM! in its cell, or in the cell of the whole result."""
    at = next(index for index, argument in enumerate(function.arguments) if argument.name in _COUNTS)
    counts = REPORT["Tables 3 and 4, 2018"]
    call = with_first(next(counts.calls(function)), at, -1.0)
    with pytest.raises(ArgumentError):
        negative_target(counts.table) if function.arguments[0].name == "table" else counts.plain(call)
    found = in_excel(call_udf, call)
    assert found[0][0] is CellError.NUM
    others = [cell for row in found[1:] for cell in row]
    assert not any(isinstance(cell, CellError) for cell in others)


def negative_target(table: Table) -> Table:
    target = table.target.copy()
    target[0, 0] = -1.0
    return replace(table, target=target)


def with_first(call: Call, index: int, value: Any) -> Call:
    """Return a call with another value in the first cell of numbers of an argument."""
    rows = [list(row) for row in call.given[index]]
    row = next(at for at, cells in enumerate(rows) if not isinstance(cells[-1], str))
    column = next(at for at, cell in enumerate(rows[row]) if not isinstance(cell, str))
    rows[row][column] = value
    given = [*call.given]
    given[index] = tuple(map(tuple, rows))
    return Call(call.function, tuple(given))
