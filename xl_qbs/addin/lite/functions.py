"""Makes Python functions of the definitions, in the form in which xlwings Lite takes them."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from inspect import Parameter, Signature
from typing import Any

import numpy as np

from xl_qbs.addin.catalogue import FUNCTIONS
from xl_qbs.addin.definition import MISSING, CellError, Cells, CellValue, Function, Given
from xl_qbs.addin.evaluate import evaluate
from xl_qbs.sheets.model import Label, Language

_ERRORS = {error.value: error for error in CellError}
_OPTIONAL = Label("can be left out", "võib ära jätta")
_NEEDS = Label("Needs in requirements.txt:", "Vajab failis requirements.txt:")


def make_functions(
    functions: Sequence[Function], language: Language = "en", module: str = __name__
) -> dict[str, Callable[..., Any]]:
    """Return a Python function for each definition by its name, registered with xlwings where that is installed.

    Args:
        functions: the definitions.
        language: of the help.
        module: where the functions say that they stand.
    """
    return {
        function.name.lower(): _register(_make(function, language, module), function, language)
        for function in functions
    }


def missing(functions: Sequence[Function] = FUNCTIONS) -> dict[str, list[str]]:
    """Return the functions that do not work here, each with the packages that are not installed.

    In a cell, such a function gives #NAME?.
    """
    lacking = {one.name.lower(): [name for name in one.needs if find_spec(name) is None] for one in functions}
    return {name: packages for name, packages in lacking.items() if packages}


def _make(function: Function, language: Language, module: str) -> Callable[..., Any]:
    signature = Signature(
        [
            Parameter(one.name, Parameter.POSITIONAL_OR_KEYWORD, default=None if one.optional else Parameter.empty)
            for one in function.arguments
        ]
    )

    def call(*given: Any, **named: Any) -> Any:
        bound = signature.bind(*given, **named)
        bound.apply_defaults()
        cells = [
            to_cells(value, argument.optional)
            for value, argument in zip(bound.arguments.values(), function.arguments, strict=True)
        ]
        return from_cells(evaluate(function, cells))

    call.__name__ = call.__qualname__ = function.name.lower()
    call.__module__ = module
    call.__doc__ = _help(function, language)
    # xlwings would take a type for a converter.
    call.__annotations__ = {}
    vars(call)["__signature__"] = signature
    return call


def _help(function: Function, language: Language) -> str:
    """Return the help that Excel shows, in one line."""
    text = function.help.say(language)
    return f"{text} {_NEEDS.say(language)} {', '.join(function.needs)}." if function.needs else text


def _register(call: Callable[..., Any], function: Function, language: Language) -> Callable[..., Any]:
    try:
        from xlwings import arg, func  # noqa: PLC0415  (present in Lite only)
    except ImportError:
        return call
    call = func(call)
    for argument in function.arguments:
        text = argument.help.say(language)
        doc = f"{text} ({_OPTIONAL.say(language)})" if argument.optional else text
        # Rows of cells whatever the range, and errors as their texts: Lite would give them as blanks.
        call = arg(argument.name, ndim=2, err_to_str=True, doc=doc)(call)
    return call


def to_cells(value: Any, optional: bool = False) -> Given:
    """Return an argument as cells: one value, a list (a column), rows of values, an array, or a table of pandas.

    Args:
        value: the argument; None is a blank cell.
        optional: whether None means that it was left out.
    """
    if value is None and optional:
        return MISSING
    if hasattr(value, "to_numpy"):
        value = value.to_numpy()
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if not isinstance(value, list | tuple):
        return ((_cell(value),),)
    return tuple(tuple(_cell(cell) for cell in (row if isinstance(row, list | tuple) else (row,))) for row in value)


def _cell(value: Any) -> CellValue:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, str):
        return _ERRORS.get(value, value)
    if value is None or isinstance(value, bool | int | float | datetime.datetime | CellError):
        return value
    # What a cell cannot hold is text to the functions, which refuse it where they want numbers.
    return str(value)


def from_cells(cells: Cells) -> Any:
    """Return a result as xlwings takes it: one value, or a list of rows; an error value as its text.

    Lite turns the text of an error into the error value itself.
    """
    rows = [[cell.value if isinstance(cell, CellError) else cell for cell in row] for row in cells]
    return rows[0][0] if len(rows) == len(rows[0]) == 1 else rows
