from __future__ import annotations

import ast
import json
import zipfile
from pathlib import Path

from lxml import etree

from xl_qbs import __version__
from xl_qbs.addin.calc.package import build_oxt, calc_add_in
from xl_qbs.addin.catalogue import FUNCTIONS
from xl_qbs.addin.definition import Argument, Function
from xl_qbs.sheets.model import Label

_OOR = "{http://openoffice.org/2001/registry}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def texts(node: etree._Element, name: str) -> dict[str, str]:
    found = next(one for one in node if one.get(f"{_OOR}name") == name)
    return {value.get(_LANG, ""): value.text or "" for value in found}


def children(node: etree._Element, *names: str) -> list[etree._Element]:
    for name in names:
        node = next(one for one in node.iterfind("node") if one.get(f"{_OOR}name") == name)
    return list(node.iterfind("node"))


def test_the_same_definitions_give_the_same_bytes(tmp_path: Path) -> None:
    first = build_oxt(tmp_path / "a" / "xl_qbs.oxt").read_bytes()
    assert build_oxt(tmp_path / "b.oxt").read_bytes() == first


def test_every_part_that_the_manifest_names_is_there(tmp_path: Path) -> None:
    with zipfile.ZipFile(build_oxt(tmp_path / "xl_qbs.oxt")) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        manifest = etree.fromstring(archive.read("META-INF/manifest.xml"))
        named = {next(text for name, text in one.attrib.items() if name.endswith("full-path")) for one in manifest}
        assert named == {"types.rdb", "qbs_functions.py", "CalcAddIn.xcu"}
        assert named < names
        description = archive.read("description.xml").decode()
        etree.fromstring(description.encode())
    assert f'<version value="{__version__}"/>' in description
    assert "description_et.txt" in names


def test_help_stands_there_in_both_languages() -> None:
    root = etree.fromstring(calc_add_in(FUNCTIONS).encode())
    nodes = children(root, "AddInInfo", "org.qbs.Functions", "AddInFunctions")
    assert len(nodes) == len(FUNCTIONS)
    for node, function in zip(nodes, FUNCTIONS, strict=True):
        assert texts(node, "DisplayName") == {"en": function.name, "et": function.name}
        assert texts(node, "Description") == {"en": function.help.en, "et": function.help.et}
        arguments = children(node, "Parameters")
        assert [texts(one, "DisplayName")["et"] for one in arguments] == [one.name for one in function.arguments]
        assert [texts(one, "Description")["et"] for one in arguments] == [one.help.et for one in function.arguments]


def test_marks_of_xml_in_help_are_kept() -> None:
    odd = Label('share < 1 & "more"', "osa < 1 & 'muu'")
    function = Function("QBS_ODD", odd, odd, (Argument("done", odd),), len, "same")
    (node,) = children(
        etree.fromstring(calc_add_in([function]).encode()), "AddInInfo", "org.qbs.Functions", "AddInFunctions"
    )
    assert texts(node, "Description") == {"en": odd.en, "et": odd.et}


def test_only_an_installed_extension_names_a_python(tmp_path: Path) -> None:
    def settings(path: Path) -> object:
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read("pythonpath/settings.json"))

    assert settings(build_oxt(tmp_path / "any.oxt")) == {"version": __version__}
    named = build_oxt(tmp_path / "here.oxt", Path("/somewhere/python"))
    assert settings(named) == {"version": __version__, "python": str(Path("/somewhere/python"))}


def test_what_runs_inside_libreoffice_is_python_3_8(tmp_path: Path) -> None:
    with zipfile.ZipFile(build_oxt(tmp_path / "xl_qbs.oxt")) as archive:
        for name in ("qbs_functions.py", "pythonpath/xl_qbs_office_side.py"):
            tree = ast.parse(archive.read(name), feature_version=(3, 8))
            imported = {
                (one.module or "").split(".")[0] if isinstance(one, ast.ImportFrom) else one.names[0].name
                for one in ast.walk(tree)
                if isinstance(one, ast.Import | ast.ImportFrom)
            }
            assert "xl_qbs" not in imported, name
            assert "numpy" not in imported, name
