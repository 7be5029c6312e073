from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.addin.calc.cases import FUNCTIONS
from tests.engines import soffice
from xl_qbs.addin.calc.names import REFERENCE, method_name, parameter_name, parameters
from xl_qbs.addin.calc.typelib import idl, type_library
from xl_qbs.addin.definition import Argument, Function
from xl_qbs.sheets.model import Label

_TEXT = Label("text", "tekst")


def function(*arguments: Argument, name: str = "QBS_SOME_THING") -> Function:
    return Function(name, _TEXT, _TEXT, arguments, lambda *_: 1, "same")


def test_a_library_of_one_method_byte_by_byte() -> None:
    library = type_library([function(Argument("done", _TEXT))], "x")
    entity = (
        b"\x05" + bytes([1, 0, 0, 0, 27, 0, 0, 0]) + b"com.sun.star.uno.XInterface"
        # No optional bases, no attributes, one method.
        + bytes([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0])
        + bytes([12, 0, 0, 0]) + b"qbsSomeThing" + bytes([7, 0, 0, 0]) + b"[][]any"
        + bytes([1, 0, 0, 0]) + b"\x00" + bytes([4, 0, 0, 0]) + b"done"
        + bytes([len(REFERENCE), 0, 0, 0]) + REFERENCE.encode()
        + bytes([0, 0, 0, 0])
    )  # fmt: skip
    assert library[:8] == b"UNOIDL\xff\x00"
    assert library[16:19] == b"\x00x\x00"
    assert library[19 : 19 + len(entity)] == entity
    assert library[19 + len(entity) :].startswith(b"XFunctions\x00")
    root = int.from_bytes(library[8:12], "little")
    assert library[int.from_bytes(library[root : root + 4], "little") :].startswith(b"org\x00")


def test_arguments_that_can_be_left_out_are_any() -> None:
    given = function(
        Argument("scores", _TEXT), Argument("total", _TEXT, "number"), Argument("names", _TEXT, "texts", None)
    )
    assert [one.kind for one in parameters(given)] == [REFERENCE, "[][]any", "any"]


def test_counts_are_references_wherever_they_stand() -> None:
    given = function(Argument("weight", _TEXT, "number"), Argument("done", _TEXT), Argument("target", _TEXT))
    assert [one.kind for one in parameters(given)] == ["[][]any", REFERENCE, REFERENCE]


def test_words_of_the_language_are_not_used_as_names() -> None:
    assert parameter_name(Argument("string", _TEXT)) == "stringValue"
    assert parameter_name(Argument("required_coverage", _TEXT)) == "requiredCoverage"


def test_methods_have_names_of_their_own() -> None:
    names = [method_name(one) for one in FUNCTIONS]
    assert len(set(names)) == len(names)


def _writer() -> str | None:
    """Return unoidl-write of LibreOffice's SDK, or None."""
    beside = Path(soffice() or "").resolve().parent.parent
    places = [beside / "sdk" / "bin" / "unoidl-write", Path("/usr/lib/libreoffice/sdk/bin/unoidl-write")]
    return shutil.which("unoidl-write") or next((str(one) for one in places if one.exists()), None)


@pytest.mark.libreoffice
def test_the_library_is_what_libreoffice_itself_makes(tmp_path: Path) -> None:
    writer = _writer()
    if writer is None:
        why = "LibreOffice's unoidl-write is not installed (package libreoffice-dev)"
        if os.environ.get("XL_QBS_REQUIRE_LIBREOFFICE") == "1":
            pytest.fail(why)
        pytest.skip(why)
    program = Path(writer).resolve().parents[2] / "program"
    words = function(*[Argument(word, _TEXT) for word in ("string", "sequence", "published", "get", "type")])
    functions = [*FUNCTIONS, words]
    source = tmp_path / "functions.idl"
    source.write_text(idl(functions), encoding="ascii")
    registries = [str(program / "types.rdb"), str(program / "types" / "offapi.rdb")]
    subprocess.run([writer, *registries, str(source), str(tmp_path / "types.rdb")], check=True)
    made = (tmp_path / "types.rdb").read_bytes()
    remark = made[17 : made.index(b"\0", 17)].decode("ascii")
    assert type_library(functions, remark) == made
