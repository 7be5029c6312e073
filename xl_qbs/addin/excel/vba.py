"""The Visual Basic of the add-in: a wrapper for each function, made from its definition, and fixed modules."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

from xl_qbs.addin.definition import Function
from xl_qbs.errors import ArgumentError

# The module that xlwings' server imports, and whose functions the wrappers call.
UDF_MODULE = "xl_qbs.addin.excel.udfs"

# Words that Visual Basic keeps for itself ([MS-VBAL] 3.3.5.2), and the names that a wrapper uses.
RESERVED = frozenset(files("xl_qbs.addin.excel").joinpath("vba", "reserved_words.txt").read_text("ascii").split())


def modules(functions: Sequence[Function], xlwings_version: str) -> dict[str, str]:
    """Return the text of every module by its name, with CR LF line ends and in ASCII.

    ``ThisWorkbook`` comes without its attributes, which the template holds.

    Raises:
        ArgumentError: a definition has a name that Visual Basic does not take.
    """
    texts = {
        "ThisWorkbook": _fixed("ThisWorkbook.bas"),
        "QbsPython": _fixed("QbsPython.cls").replace("{{XLWINGS}}", xlwings_version),
        "QbsCommands": _fixed("QbsCommands.bas"),
        "QbsFunctions": _wrappers(functions),
    }
    for name, text in texts.items():
        if not text.isascii():
            # Which letters a project shows beyond these depends on the language of Windows.
            raise ArgumentError(f"the Visual Basic module {name} must be in ASCII")
    return {name: text.replace("\r\n", "\n").replace("\n", "\r\n") for name, text in texts.items()}


def _wrappers(functions: Sequence[Function]) -> str:
    lines = [
        'Attribute VB_Name = "QbsFunctions"',
        "Option Explicit",
        "",
        "' One wrapper for each function, made from the definitions in xl_qbs.addin.catalogue.",
        "",
        "Public Python As New QbsPython",
        "",
        f'Private Const FUNCTIONS As String = "{UDF_MODULE}"',
    ]
    for function in functions:
        _check_names(function)
        taken = [
            f"{'Optional ' if argument.optional else ''}{argument.name} As Variant" for argument in function.arguments
        ]
        given = [argument.name for argument in function.arguments]
        lines += [
            "",
            f"Public Function {function.name}({', '.join(taken)}) As Variant",
            f'    {function.name} = Python.Answer(FUNCTIONS, "{function.name}", Array({", ".join(given)}))',
            "End Function",
        ]
    return "\n".join([*lines, ""])


def _check_names(function: Function) -> None:
    names = [function.name, *(argument.name for argument in function.arguments)]
    for name in names:
        if not name.isascii() or not name.isidentifier() or name.startswith("_") or len(name) > 255:
            raise ArgumentError(f"{function.name}: {name!r} must be a name of letters, digits and underscores")
        if name.lower() in RESERVED:
            raise ArgumentError(f"{function.name}: Visual Basic keeps the word {name!r} for itself")
    if len({name.lower() for name in names}) < len(names):
        raise ArgumentError(f"{function.name}: Visual Basic takes two of the names {', '.join(names)} for one")


def _fixed(name: str) -> str:
    return files("xl_qbs.addin.excel").joinpath("vba", name).read_text(encoding="ascii")
