"""The functions as xlwings' server calls them: one for each definition, under its own name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, cast

import xlwings as xw

from xl_qbs.addin.catalogue import FUNCTIONS
from xl_qbs.addin.definition import MISSING, Cells, Function, Given
from xl_qbs.addin.evaluate import evaluate
from xl_qbs.addin.excel.cells import QbsCells


def udf(function: Function) -> Callable[..., Cells]:
    """Return a Python function with the name and the arguments of a definition, known to xlwings."""

    def call(*given: Given | None) -> Cells:
        # A place left empty, as in =QBS_RANK(,2), comes as None where the argument has no default.
        return evaluate(function, [((None,),) if cells is None else cells for cells in given])

    call.__name__ = call.__qualname__ = function.name
    call.__doc__ = function.help.en
    call.__annotations__ = {}  # xlwings would take them for wishes of how to convert
    signed: Any = call
    signed.__signature__ = inspect.Signature(
        [
            inspect.Parameter(
                argument.name,
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=MISSING if argument.optional else inspect.Parameter.empty,
            )
            for argument in function.arguments
        ]
    )
    known: Any = call
    for argument in function.arguments:
        known = xw.arg(argument.name, QbsCells, doc=argument.help.en)(known)
    known = xw.ret(QbsCells)(known)
    return cast("Callable[..., Cells]", xw.func(category=function.category.en, volatile=False)(known))


# xlwings looks functions up by name in this module.
globals().update({function.name: udf(function) for function in FUNCTIONS})
