"""The add-in's Visual Basic itself, run by pyOpenVBA's interpreter on its model of Excel; the DLL is stood in for."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest

from tests.addin.excel.com import CVERR, ERRORS, LEFT_OUT, TimeType
from xl_qbs.addin.catalogue import FUNCTIONS, find
from xl_qbs.addin.definition import Argument, CellError, Function
from xl_qbs.addin.evaluate import evaluate
from xl_qbs.addin.excel import vba
from xl_qbs.addin.excel.texts import RIBBON
from xl_qbs.errors import ArgumentError
from xl_qbs.sheets.model import Label

pytest.importorskip("pyopenvba")


class Excel:
    """A workbook with the add-in's modules in it, and cells to call them on."""

    def __init__(self, call_udf: Any) -> None:
        from pyopenvba.apps.excel import ExcelApplication
        from pyopenvba.interpreter import VBAObject, method

        made: list[Any] = []
        self.calls = made

        class Python(VBAObject):
            """What the DLL gives: xlwings' server in Python."""

            vba_type_name = "XLPython"

            @method(name="CallUDF")
            def CallUDF(self, module: Any, name: Any, arguments: Any) -> Any:
                made.append((module, name))
                return to_vba(call_udf(str(module), str(name), [to_com(one) for one in elements(arguments)]))

        self.application = ExcelApplication()
        self.application.add_workbook()
        texts = vba.modules(FUNCTIONS, "0.37.8")
        # All but the way into the DLL, which is Windows' own.
        python = re.sub(
            r"(Private Sub Connect\(\)\r\n).*?(End Sub)",
            r'\1    Set connection = CreateObject("Stand.In")\r\n\2',
            texts["QbsPython"],
            flags=re.DOTALL,
        )
        self.application.interpreter.create_com = lambda _: Python()
        self.application.interpreter.add_module(python, name="QbsPython", kind="class")
        for name in ("QbsFunctions", "QbsCommands"):
            self.application.interpreter.add_module(texts[name], name=name)

    def set(self, address: str, rows: Any) -> None:
        row, column = int(re.sub(r"\D", "", address)), ord(address[0]) - ord("A")
        for down, line in enumerate(rows):
            for across, value in enumerate(line):
                if value is not None:
                    self.application.sheet(1).set_value(f"{chr(ord('A') + column + across)}{row + down}", value)

    def call(self, name: str, *given: str | float) -> list[list[Any]]:
        """Call a wrapper: an address is a range, a number itself."""
        sheet = self.application.sheet(1).sheet
        arguments = [sheet.vba_get("Range", [one]) if isinstance(one, str) else one for one in given]
        return cells(self.application.interpreter.run(name, arguments))


def elements(array: Any) -> list[Any]:
    return list(array.items) if array.dimensions == 1 else array


def to_com(value: Any) -> Any:
    """Return a value of the interpreter as pywin32 delivers it."""
    from pyopenvba.interpreter import EMPTY, MISSING, VBAArray, VBADate, VBAErrorValue

    if isinstance(value, VBAArray):
        (first, last), (left, right) = value.bounds
        return tuple(
            tuple(to_com(value.items[value.offset([row, column])]) for column in range(left, right + 1))
            for row in range(first, last + 1)
        )
    if isinstance(value, VBAErrorValue):
        return ERRORS[CVERR[value.number]]
    if isinstance(value, VBADate):
        return TimeType(2024, 5, 31, tzinfo=datetime.UTC)
    if value is EMPTY:
        return None
    if value is MISSING:
        return LEFT_OUT
    if isinstance(value, (bool, str)):
        return value
    return float(value)


def to_vba(value: Any) -> Any:
    """Return a result as pywin32 hands it to VBA: a list as an array of Variants from 0, an integer as a Long."""
    from pyopenvba.interpreter import VBAArray, VBAInt

    if isinstance(value, list) and isinstance(value[0], list):
        array = VBAArray([(0, len(value) - 1), (0, len(value[0]) - 1)])
        for row, line in enumerate(value):
            for column, cell in enumerate(line):
                array.items[array.offset([row, column])] = to_vba(cell)
        return array
    if isinstance(value, list):
        return VBAArray([(0, len(value) - 1)], items=[to_vba(cell) for cell in value])
    return VBAInt(value, "Long") if type(value) is int else value


def cells(result: Any) -> list[list[Any]]:
    """Return what a formula with this result would show."""
    from pyopenvba.interpreter import VBAArray, VBAErrorValue

    def cell(one: Any) -> Any:
        return CellError(CVERR[one.number]) if isinstance(one, VBAErrorValue) else one

    if not isinstance(result, VBAArray):
        return [[cell(result)]]
    if result.dimensions == 1:
        return [[cell(one) for one in result.items]]
    (first, last), (left, right) = result.bounds
    return [
        [cell(result.items[result.offset([row, column])]) for column in range(left, right + 1)]
        for row in range(first, last + 1)
    ]


@pytest.fixture
def excel(call_udf: Any) -> Excel:
    return Excel(call_udf)


def test_a_column_beside_a_column_gives_a_column(excel: Excel) -> None:
    excel.set("A1", [(82, 41), (10, 0), (4, 3)])
    assert excel.call("QBS_COVERAGE", "B1:B3", "A1:A3") == [[0.5], [0.0], [0.75]]
    assert excel.calls == [("xl_qbs.addin.excel.udfs", "QBS_COVERAGE")]


def test_a_row_gives_a_row_and_a_cell_a_cell(excel: Excel) -> None:
    excel.set("A1", [(82, 10, 4), (41, 0, 3)])
    assert excel.call("QBS_COVERAGE", "A2:C2", "A1:C1") == [[0.5, 0.0, 0.75]]
    assert excel.call("QBS_COVERAGE", "A2", "A1") == [[0.5]]
    assert excel.call("QBS_COVERAGE", 3.0, 4.0) == [[0.75]]


def test_errors_in_the_result_are_error_values_inside_arrays_too(excel: Excel) -> None:
    excel.set("A1", [(82, 41), (0, 0), (4, -3)])
    assert excel.call("QBS_COVERAGE", "B1:B3", "A1:A3") == [[0.5], [CellError.NA], [CellError.NUM]]
    assert excel.call("QBS_COVERAGE", 0.0, 0.0) == [[CellError.NA]]


def test_whole_columns_are_cut_alike_where_the_sheet_is_used(excel: Excel) -> None:
    excel.set("A1", [("target", "done"), (82, 41), (10, 5)])
    assert excel.call("QBS_COVERAGE", "B:B", "A:A") == [[0.5], [0.5]]


def test_an_argument_that_is_left_out_takes_its_default(excel: Excel) -> None:
    excel.set("A1", [(82, 41), (10, 0), (4, 3)])
    done, target = (((41,), (0,), (3,)), ((82,), (10,), (4,)))
    wanted = evaluate(find("QBS_ADJUSTED_COVERAGE"), [done, target])
    found = excel.call("QBS_ADJUSTED_COVERAGE", "B1:B3", "A1:A3")
    assert [row[0] for row in found] == pytest.approx([row[0] for row in wanted], rel=1e-12)


def test_a_function_without_arguments_gives_its_text(excel: Excel) -> None:
    assert excel.call("QBS_VERSION") == [list(row) for row in evaluate(find("QBS_VERSION"), [])]


def test_ranges_in_several_pieces_are_refused(excel: Excel) -> None:
    excel.set("A1", [(82, 41), (10, 0), (4, 3)])
    assert excel.call("QBS_COVERAGE", "A1:A2,B1:B2", "A1:A2") == [[CellError.VALUE]]


def test_python_that_is_not_reached_gives_name_and_is_not_asked_again_at_once(excel: Excel) -> None:
    asked = []

    def refuse(_: str) -> Any:
        from pyopenvba.exceptions import VBARuntimeError

        asked.append(1)
        raise VBARuntimeError(429, "no Python", where="")

    excel.application.interpreter.create_com = refuse
    assert excel.call("QBS_COVERAGE", 1.0, 2.0) == [[CellError.NAME]]
    assert len(asked) == 2
    assert excel.call("QBS_COVERAGE", 1.0, 2.0) == [[CellError.NAME]]
    assert len(asked) == 2


def test_every_function_has_a_wrapper_with_its_arguments() -> None:
    text = vba.modules(FUNCTIONS, "0.37.8")["QbsFunctions"]
    for function in FUNCTIONS:
        (signature,) = re.findall(rf"^Public Function {function.name}\((.*)\) As Variant\r$", text, re.MULTILINE)
        taken = [part.strip() for part in signature.split(",")] if signature else []
        assert taken == [f"{'Optional ' * one.optional}{one.name} As Variant" for one in function.arguments]


def test_nothing_that_a_cell_could_call_is_public_but_the_functions() -> None:
    texts = vba.modules(FUNCTIONS, "0.37.8")
    for name, text in texts.items():
        if name == "QbsPython":
            continue  # nothing public in a class can be called from a cell
        public = re.findall(r"^(?:Public )?Function (\w+)", text, re.MULTILINE)
        assert set(public) == ({one.name for one in FUNCTIONS} if name == "QbsFunctions" else set())


def test_no_line_is_longer_than_visual_basic_takes() -> None:
    for text in vba.modules(FUNCTIONS, "0.37.8").values():
        assert max(len(line) for line in text.splitlines()) <= 1023
        assert text.count("\n") == text.count("\r\n")


def test_every_button_has_its_procedure() -> None:
    text = vba.modules(FUNCTIONS, "0.37.8")["QbsCommands"]
    buttons = [name for name in RIBBON if not name.endswith(("Tab", "Group"))]
    for name in buttons:
        assert f"Public Sub Qbs{name.removeprefix('qbs')}(control As IRibbonControl)" in text


@pytest.mark.parametrize(
    ("names", "what"),
    [(("next",), "keeps the word 'next'"), (("töö",), "letters, digits"), (("done", "Done"), "takes two of the names")],
)
def test_names_that_visual_basic_does_not_take_are_refused(names: tuple[str, ...], what: str) -> None:
    label = Label("x", "x")
    arguments = tuple(Argument(name, label) for name in names)
    function = Function("QBS_X", label, label, arguments, lambda: 1, "single")
    with pytest.raises(ArgumentError, match=what):
        vba.modules([function], "0.37.8")
