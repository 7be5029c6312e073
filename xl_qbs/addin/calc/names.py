"""What the functions and their arguments are called inside LibreOffice's type system."""

from __future__ import annotations

from dataclasses import dataclass

from xl_qbs.addin.definition import Argument, Function

MODULES = ("org", "qbs")
INTERFACE = "XFunctions"
# The service that Calc asks for; formulas in files name it too, so it never changes.
SERVICE = "org.qbs.Functions"
EXTENSION = "org.qbs.xl_qbs"

REFERENCE = "com.sun.star.table.XCellRange"
ROWS = "[][]any"

# Arguments that are data wherever they stand.
_DATA = frozenset(
    {
        *("done", "target", "quality", "cost", "efficiency", "inputs", "outputs"),
        *("before", "points", "against", "share", "before_done", "before_target"),
        *("reference_done", "reference_target"),
    }
)
# fmt: off
# Words that UNOIDL keeps for itself and that could name an argument.
_RESERVED = frozenset(
    {
        "any", "attribute", "bool", "boolean", "byte", "char", "const", "constants", "constrained", "context",
        "double", "enum", "exception", "float", "get", "hyper", "in", "inout", "interface", "long", "module",
        "needs", "optional", "out", "property", "published", "raises", "readonly", "removable", "sequence",
        "service", "set", "short", "singleton", "string", "struct", "transient", "type", "typedef", "union",
        "unsigned", "void", "volatile",
    }
)
# fmt: on


@dataclass(frozen=True)
class Parameter:
    """An argument as the type library knows it.

    Attributes:
        name: its name there.
        kind: its UNOIDL type.
    """

    name: str
    kind: str


def method_name(function: Function) -> str:
    """Return the method behind a function.

    >>> from xl_qbs.addin.catalogue import find
    >>> method_name(find("QBS_ADJUSTED_COVERAGE"))
    'qbsAdjustedCoverage'
    """
    return _camel(function.name.lower())


def parameters(function: Function) -> tuple[Parameter, ...]:
    """Return a function's arguments as the type library knows them.

    The data (the first argument, counts, and what providers are measured by) have to be references, as in Calc's
    own COUNTIF: only of a reference does Calc tell which cells are blank, a date or an error, and only then is a
    whole column read no further than it is used. Of the others, Calc lets exactly those of type ``any`` be left
    out; the rest arrive as rows of cells, even where a single cell or a number is given.
    """
    return tuple(
        Parameter(parameter_name(argument), _kind(argument, index == 0))
        for index, argument in enumerate(function.arguments)
    )


def _kind(argument: Argument, first: bool) -> str:
    if argument.optional:
        return "any"
    is_range = argument.kind in {"numbers", "texts", "labels", "table"}
    return REFERENCE if is_range and (first or argument.name in _DATA) else ROWS


def result_kind(function: Function) -> str:
    """Return the UNOIDL type of what a function gives: one value, or rows of cells.

    Rows have to be declared: Calc does not take them out of an ``any`` that Python returns.
    """
    return "any" if function.shape == "single" else ROWS


def parameter_name(argument: Argument) -> str:
    """Return what an argument is called in the type library."""
    name = _camel(argument.name)
    return f"{name}Value" if name in _RESERVED else name


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
