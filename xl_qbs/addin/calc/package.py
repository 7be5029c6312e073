"""Builds ``xl_qbs.oxt``, the extension that gives LibreOffice Calc the functions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path

from xl_qbs._version import __version__
from xl_qbs.addin.archive import write_archive
from xl_qbs.addin.calc.names import (
    EXTENSION,
    INTERFACE,
    MODULES,
    SERVICE,
    method_name,
    parameter_name,
)
from xl_qbs.addin.calc.typelib import type_library
from xl_qbs.addin.catalogue import FUNCTIONS
from xl_qbs.addin.definition import Argument, Function
from xl_qbs.errors import ArgumentError
from xl_qbs.sheets.model import Label

_TYPES = "types.rdb"
_COMPONENT = "qbs_functions.py"
_OFFICE_SIDE = "pythonpath/xl_qbs_office_side.py"
_SETTINGS = "pythonpath/settings.json"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_TITLE = Label("QBS functions", "QBS-i funktsioonid")
_ABOUT = Label(
    "The QBS_ functions of xl_qbs: coverage, weights, credit, scores and ranks of family doctors.",
    "Paketi xl_qbs QBS_-funktsioonid: perearstide hõlmatus, kaalud, krediit, skoorid ja kohad.",
)


def build_oxt(output: Path, python: Path | None = None, functions: Sequence[Function] = FUNCTIONS) -> Path:
    """Write the extension and return its path; the same definitions give the same bytes on every machine.

    Args:
        output: the file to write.
        python: the Python that has xl_qbs, for an extension that is installed on this machine; without it,
            the extension runs the ``python`` that it finds, or the one that XL_QBS_PYTHON names.
        functions: the functions in it.

    Raises:
        ArgumentError: the file's name does not end in ``.oxt``.
        OutputError: the file cannot be written.
    """
    if output.suffix.lower() != ".oxt":
        raise ArgumentError(f"output == {output.name!r}, must end in .oxt, or LibreOffice does not take it")
    settings = {"version": __version__} | ({"python": str(python)} if python else {})
    office_side = files("xl_qbs.addin.calc").joinpath("office_side.py").read_bytes()
    parts = {
        "META-INF/manifest.xml": _manifest().encode(),
        "description.xml": _description().encode(),
        "description_en.txt": _ABOUT.en.encode(),
        "description_et.txt": _ABOUT.et.encode(),
        "CalcAddIn.xcu": calc_add_in(functions).encode(),
        _TYPES: type_library(functions),
        _COMPONENT: _component(functions).encode(),
        # The same bytes on Windows, where a checkout may have other line ends.
        _OFFICE_SIDE: office_side.replace(b"\r\n", b"\n"),
        _SETTINGS: json.dumps(settings, indent=1).encode(),
    }
    return write_archive(output, parts)


def calc_add_in(functions: Sequence[Function]) -> str:
    """Return the part that says what Calc shows of the functions: names, descriptions, arguments."""
    nodes = "".join(_function(one) for one in functions)
    return (
        f'{_HEAD}<oor:component-data xmlns:oor="http://openoffice.org/2001/registry"'
        ' xmlns:xs="http://www.w3.org/2001/XMLSchema" oor:name="CalcAddIns" oor:package="org.openoffice.Office">\n'
        f'<node oor:name="AddInInfo"><node oor:name="{SERVICE}" oor:op="replace">'
        f'<node oor:name="AddInFunctions">\n{nodes}</node></node></node>\n</oor:component-data>\n'
    )


def _function(function: Function) -> str:
    name = Label(function.name, function.name)
    arguments = "".join(_argument(one) for one in function.arguments)
    return (
        f'<node oor:name="{method_name(function)}" oor:op="replace">\n'
        f"{_texts('DisplayName', name)}{_texts('Description', function.help)}"
        # Calc shows the groups that it knows, and the others as Add-in.
        '<prop oor:name="Category"><value>Add-In</value></prop>\n'
        f"{_texts('CompatibilityName', name)}"
        f'<node oor:name="Parameters">\n{arguments}</node></node>\n'
    )


def _argument(argument: Argument) -> str:
    name = Label(argument.name, argument.name)
    return (
        f'<node oor:name="{parameter_name(argument)}" oor:op="replace">\n'
        f"{_texts('DisplayName', name)}{_texts('Description', argument.help)}</node>\n"
    )


def _texts(name: str, label: Label) -> str:
    english, estonian = escape(label.en), escape(label.et)
    values = f'<value xml:lang="en">{english}</value><value xml:lang="et">{estonian}</value>'
    return f'<prop oor:name="{name}">{values}</prop>\n'


def _manifest() -> str:
    kinds = (
        (_TYPES, "uno-typelibrary;type=RDB"),
        (_COMPONENT, "uno-component;type=Python"),
        ("CalcAddIn.xcu", "configuration-data"),
    )
    entries = "".join(
        f'<manifest:file-entry manifest:media-type="application/vnd.sun.star.{kind}" manifest:full-path="{path}"/>\n'
        for path, kind in kinds
    )
    return f'{_HEAD}<manifest:manifest xmlns:manifest="http://openoffice.org/2001/manifest">\n{entries}</manifest:manifest>\n'


def _description() -> str:
    return (
        f'{_HEAD}<description xmlns="http://openoffice.org/extensions/description/2006"'
        ' xmlns:xlink="http://www.w3.org/1999/xlink">\n'
        f'<identifier value="{EXTENSION}"/>\n<version value="{__version__}"/>\n<platform value="all"/>\n'
        f'<display-name><name lang="en">{escape(_TITLE.en)}</name><name lang="et">{escape(_TITLE.et)}</name>'
        "</display-name>\n"
        '<extension-description><src lang="en" xlink:href="description_en.txt"/>'
        '<src lang="et" xlink:href="description_et.txt"/></extension-description>\n</description>\n'
    )


def _component(functions: Sequence[Function]) -> str:
    names = {method_name(one): [one.name, one.shape == "single"] for one in functions}
    return f'''"""The component that LibreOffice loads; made by xl_qbs {__version__}."""

import json

import unohelper
import xl_qbs_office_side
from {".".join(MODULES)} import {INTERFACE}

NAMES = json.loads("""{json.dumps(names, indent=1)}""")


def __init__(self, context):
    pass


members = dict(xl_qbs_office_side.methods(NAMES), __init__=__init__)
Functions = type("Functions", (unohelper.Base, {INTERFACE}), members)
g_ImplementationHelper = unohelper.ImplementationHelper()
g_ImplementationHelper.addImplementation(Functions, "{SERVICE}", ("{SERVICE}",))
'''
