from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from tests.addin.formula_help import name_and_arguments, same
from xl_qbs.addin.catalogue import FUNCTIONS, find
from xl_qbs.addin.definition import CellError, Example, Function
from xl_qbs.addin.evaluate import evaluate
from xl_qbs.errors import ArgumentError

# Keywords and statements of Visual Basic for Applications, which cannot name an argument or are misread.
_RESERVED = """
abs addressof alias and any append array as attribute base beep binary boolean byref byte byval call case cbool
cbyte ccur cdate cdbl cdec chdir chdrive cint circle clng close compare const cos csng cstr currency cvar cverr
date debug decimal declare defbool defbyte defcur defdate defdbl defint deflng defobj defsng defstr defvar dim dir
do doevents double each else elseif empty end endif enum eqv erase error event exit exp explicit false fix for
format freefile friend function get global gosub goto if imp implements in input int integer is kill lbound left
len let lib like line load local lock log long loop lset me mid mod module name new next not nothing null object
on open option optional or output paramarray preserve print private property pset public put raiseevent random
randomize read redim rem reset resume return rgb right rmdir rnd round rset scale second seek select sendkeys set
sgn shared sin single spc sqr static step stop str string sub switch tab tan then time timer to true type typeof
ubound unload unlock until val variant wend while width with withevents write xor year month day hour minute
"""
_PROJECT = Path(__file__).resolve().parents[2]
_EXAMPLES = [(function, example) for function in FUNCTIONS for example in function.examples]
_WANTED = (
    "QBS_COVERAGE QBS_PRIOR QBS_ADJUSTED_COVERAGE QBS_COVERAGE_INTERVAL QBS_RELIABILITY QBS_PC_LOADINGS "
    "QBS_PC_WEIGHTS QBS_THRESHOLD_CREDIT QBS_PROPORTIONAL_CREDIT QBS_SCORE QBS_RANK QBS_RELATIVE_RANK QBS_BAND "
    "QBS_CONDITION QBS_POINTS_PER_PATIENT QBS_POTENTIAL_POINTS QBS_PATIENTS_TO_THRESHOLD QBS_VERSION "
    "QBS_STANDARDIZE QBS_UNCONDITIONAL QBS_CONDITIONAL QBS_QUALITY_HURDLE QBS_COST_HURDLE QBS_REGRESSION "
    "QBS_COST_EFFECTIVENESS QBS_DEA QBS_SFA QBS_STARS QBS_STAR_POINTS QBS_COMPOSITE QBS_VBP_POINTS "
    "QBS_EFFICIENCY_CORRELATIONS QBS_NEXT_STEPS QBS_IMPROVEMENT_POINTS QBS_HOLD_HARMLESS QBS_GAP "
    "QBS_BETWEEN_GROUP_VARIANCE QBS_STANDARDIZED_RATIO QBS_PEER_GROUP QBS_PEER_SCORES QBS_EQUITY_POINTS "
    "QBS_RANK_CORRELATION QBS_MISSING_MIDDLE"
)


def test_has_every_function_once() -> None:
    names = [function.name for function in FUNCTIONS]
    assert sorted(names) == sorted(set(names))
    assert set(_WANTED.split()) <= set(names)


@pytest.mark.parametrize(("function", "example"), _EXAMPLES, ids=[example.formula for _, example in _EXAMPLES])
def test_an_example_gives_what_it_says(function: Function, example: Example) -> None:
    name, given = name_and_arguments(example)
    assert name == function.name
    assert same(evaluate(function, given), example.result, example.within)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
class TestDefinition:
    def test_names_can_be_typed_and_written_in_visual_basic(self, function: Function) -> None:
        assert function.name.startswith("QBS_")
        assert function.name == function.name.upper()
        assert function.name.replace("_", "").isalnum()
        for argument in function.arguments:
            assert argument.name.isidentifier()
            assert argument.name == argument.name.lower()
            assert argument.name not in _RESERVED.split()

    def test_argument_names_are_those_of_the_call(self, function: Function) -> None:
        call = getattr(function.call, "function", function.call)
        parameters = list(inspect.signature(call).parameters.values())
        assert len(parameters) >= len(function.arguments)
        needed = [one for one in parameters if one.default is inspect.Parameter.empty]
        assert len(needed) <= len(function.arguments)

    def test_arguments_that_can_be_left_out_come_last(self, function: Function) -> None:
        optional = [argument.optional for argument in function.arguments]
        assert optional == sorted(optional)

    def test_work_done_comes_before_the_target(self, function: Function) -> None:
        names = [argument.name for argument in function.arguments]
        if "done" in names:
            assert names.index("target") == names.index("done") + 1

    def test_the_direction_of_cost_has_to_be_said(self, function: Function) -> None:
        names = [argument.name for argument in function.arguments]
        if "cost" in names:
            said = function.arguments[names.index("cost") + 1]
            assert (said.name, said.kind, said.optional) == ("cost_is", "text", False)

    def test_help_is_in_both_languages_and_fits_into_excel(self, function: Function) -> None:
        labels = [function.help, function.category, *(argument.help for argument in function.arguments)]
        for label in labels:
            for text in label:
                assert 0 < len(text) <= 255
                assert text == text.strip()
                assert '"' not in text
            assert label.en != label.et
        # Excel keeps all argument names of a function in one text of at most 255 characters.
        assert len(", ".join(argument.name for argument in function.arguments)) <= 255

    def test_has_an_example_and_a_source(self, function: Function) -> None:
        assert function.examples
        assert function.source or not function.arguments

    def test_errors_are_explained_in_both_languages(self, function: Function) -> None:
        assert function.errors or not function.arguments
        for error, means in function.errors:
            assert isinstance(error, CellError)
            assert means.en
            assert means.et
            assert means.en != means.et


def test_finds_a_function_in_any_case() -> None:
    assert find("qbs_coverage") is find("QBS_COVERAGE")


def test_names_what_there_is_when_a_function_is_not_found() -> None:
    with pytest.raises(ArgumentError, match="QBS_COVERAGE"):
        find("QBS_NOTHING")


_WITHOUT = """
import sys
from pathlib import Path
for name in ("scipy", "click", "lxml", "openpyxl", "defusedxml", "python_calamine", "rich"):
    sys.modules[name] = None
from tests.addin.formula_help import name_and_arguments, same
from xl_qbs.addin.catalogue import FUNCTIONS
from xl_qbs.addin.definition import CellError
from xl_qbs.addin.evaluate import evaluate
assert "pandas" not in sys.modules
for function in FUNCTIONS:
    for example in function.examples:
        found = evaluate(function, name_and_arguments(example)[1])
        wanted = ((CellError.NAME,),) if function.needs else example.result
        print(function.name, "right" if same(found, wanted) else f"wrong: {found}")
"""


def test_works_with_numpy_alone_and_says_so_where_it_does_not() -> None:
    done = subprocess.run([sys.executable, "-c", _WITHOUT], cwd=_PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == len(_EXAMPLES)
    assert [line for line in lines if not line.endswith(" right")] == []
