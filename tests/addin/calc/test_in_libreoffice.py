"""Every function as a formula in cells of a real spreadsheet."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from tests.addin.calc.cases import Call, example_call, examples, varied
from tests.addin.calc.office import Office, shown
from tests.addin.calls import Counts
from tests.addin.efficiency_calls import real_hospitals
from tests.addin.fairness_calls import real_regions
from tests.real_data import real_table
from xl_qbs.addin.catalogue import FUNCTIONS
from xl_qbs.addin.definition import MISSING, CellError
from xl_qbs.addin.evaluate import evaluate
from xl_qbs.scheme import preset

pytestmark = pytest.mark.libreoffice
_SEED = 2018
_VARIATIONS = 20


def differences(office: Office, call: Call) -> list[str]:
    """Return how what Calc shows differs from what it should; the numbers have to be the same to the last bit."""
    expected = call.expected()
    formula, cells = call.formula()
    rows = [[{"error": expected}]] if isinstance(expected, str) else shown(expected)
    found = office.show(formula, cells, (len(rows), len(rows[0])))
    return [
        f"{call}: row {i + 1}, column {j + 1} shows {found[i][j]!r} instead of {rows[i][j]!r}"
        for i in range(len(rows))
        for j in range(len(rows[0]))
        if found[i][j] != rows[i][j]
    ]


def test_examples_give_what_they_say(office: Office) -> None:
    wrong = [line for call, _ in examples() for line in differences(office, call)]
    assert not wrong, "\n".join(wrong)


def test_examples_as_they_are_typed(office: Office) -> None:
    """Literals and left-out arguments included; Calc's own separator is the semicolon."""
    for call, example in examples():
        rows = shown(evaluate(call.function, call.given))
        formula = example.formula.replace(",", ";")
        found = office.show(formula, example.cells, (len(rows), len(rows[0])))
        assert found == rows, example.formula


@pytest.mark.shared
@pytest.mark.parametrize("year", [2019, 2020])
def test_real_lists(office: Office, shared: Path, year: int) -> None:
    counts = Counts(real_table(shared, year), preset())
    calls = [call for function in counts.functions for call in counts.calls(function)]
    # An error as a whole would agree easily.
    assert not [call.function.name for call in calls if isinstance(call.expected()[0][0], CellError)]
    wrong = [line for call in calls for line in differences(office, call)]
    assert not wrong, "\n".join(wrong[:20])


@pytest.mark.shared
def test_real_hospitals(office: Office, shared: Path) -> None:
    hospitals = real_hospitals(shared)
    calls = [call for function in hospitals.functions for call in hospitals.calls(function)]
    assert not [call.function.name for call in calls if isinstance(call.expected()[0][0], CellError)]
    wrong = [line for call in calls for line in differences(office, call)]
    assert not wrong, "\n".join(wrong[:20])


@pytest.mark.shared
def test_real_regions(office: Office, shared: Path) -> None:
    regions = real_regions(shared, 20)
    calls = [call for function in regions.functions for call in regions.calls(function)]
    assert not [call.function.name for call in calls if isinstance(call.expected()[0][0], CellError)]
    wrong = [line for call in calls for line in differences(office, call)]
    assert not wrong, "\n".join(wrong[:20])


def test_ranges_of_all_kinds(office: Office) -> None:
    """Blanks, texts, errors, dates, yes and no, rows, columns, single cells, headings, empty ranges."""
    rng = random.Random(_SEED)
    calls = [other for call, _ in examples() for other in varied(call, rng, _VARIATIONS)]
    wrong = [line for call in calls for line in differences(office, call)]
    assert not wrong, "\n".join(wrong[:20])


def test_whole_columns_are_read_no_further_than_they_are_used(office: Office) -> None:
    cells = {"A1:A4": ((82,), (10,), (0,), (7,)), "B1:B3": ((41,), (0,), (0,))}
    found = office.show("=QBS_COVERAGE(B:B;A:A)", cells, (4, 1))
    given = (cells["B1:B3"] + ((None,),), cells["A1:A4"])
    assert found == shown(evaluate(example_call(FUNCTIONS[0], FUNCTIONS[0].examples[0]).function, given))
    # Two columns of 1,048,576 cells each take many seconds where they are read whole.
    assert office.seconds < 2


@pytest.mark.parametrize("error", list(CellError), ids=lambda error: error.name)
def test_errors_in_the_data_pass_through(office: Office, error: CellError) -> None:
    cells = {"A1:A2": ((82,), (10,)), "B1:B2": ((41,), (error,))}
    found = office.show("=QBS_COVERAGE(B1:B2;A1:A2)", cells, (2, 1))
    assert found == shown(evaluate(FUNCTIONS[0], (cells["B1:B2"], cells["A1:A2"])))
    assert office.show("=QBS_COVERAGE(B2;A2)", cells) == [[{"error": error.value}]]


def test_results_are_native_errors(office: Office) -> None:
    cells: dict[str, Any] = {"A1:A2": ((0,), (10,)), "B1:B2": ((0,), (-1,))}
    assert office.show("=ISNA(QBS_COVERAGE(B1;A1))", cells) == [[1.0]]
    assert office.show("=ISERR(QBS_COVERAGE(B2;A2))", cells) == [[1.0]]
    assert office.show("=IFERROR(QBS_COVERAGE(B2;A2);7)", cells) == [[7.0]]
    assert office.show("=SUMPRODUCT(--ISERROR(QBS_COVERAGE(B1:B2;A1:A2)))", cells) == [[2.0]]


def test_data_that_is_no_reference_is_refused_by_calc_itself(office: Office) -> None:
    assert office.show("=QBS_COVERAGE(41;82)", {}) == [[{"error": "Err:504"}]]


def test_what_is_left_out_is_told_from_what_is_given(office: Office) -> None:
    cells: dict[str, Any] = {"A1:A3": ((82,), (10,), (7,)), "B1:B3": ((41,), (2,), (7,))}
    function = next(one for one in FUNCTIONS if one.name == "QBS_ADJUSTED_COVERAGE")
    given = (cells["B1:B3"], cells["A1:A3"], MISSING, ((0.3,),))
    found = office.show("=QBS_ADJUSTED_COVERAGE(B1:B3;A1:A3;;0.3)", cells, (3, 1))
    assert found == shown(evaluate(function, given))
    assert office.show("=QBS_ADJUSTED_COVERAGE(B1:B3)", cells) == [[{"error": "Err:504"}]]


@pytest.mark.parametrize("size", [(1, 1), (2, 1)])
def test_formulas_outlive_being_saved_as_ods(office: Office, size: tuple[int, int]) -> None:
    cells: dict[str, Any] = {"A1:A2": ((82,), (0,)), "B1:B2": ((41,), (0,))}
    formula = "=QBS_COVERAGE(B1:B2;A1:A2)"
    assert office.show(formula, cells, size, "calc8") == office.show(formula, cells, size)


def test_the_function_wizard_knows_names_and_help(office: Office) -> None:
    described = office.ask("described")
    assert described == {
        one.name: {
            "help": one.help.en,
            "arguments": [
                {"name": argument.name, "help": argument.help.en, "optional": argument.optional}
                for argument in one.arguments
            ],
        }
        for one in FUNCTIONS
    }
