from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
from pathlib import Path

import openpyxl
import pytest
from lxml import etree

from xl_qbs._version import __version__
from xl_qbs.addin.catalogue import FUNCTIONS
from xl_qbs.addin.excel import build, ovba, package, texts, vba
from xl_qbs.addin.excel.errors import AddinFileError, MissingPackageError, XlwingsVersionError
from xl_qbs.sheets.model import Language

CUSTOM_UI = "{http://schemas.microsoft.com/office/2006/01/customui}"
# What the schema of 2006 allows of what the ribbon uses, in this order: a tab holds groups, a group buttons.
ALLOWED = {
    "customUI": ({"onLoad"}, {"ribbon"}),
    "ribbon": ({"startFromScratch"}, {"tabs"}),
    "tabs": (set(), {"tab"}),
    "tab": ({"id", "label", "getLabel", "insertAfterMso", "keytip", "tag", "visible"}, {"group"}),
    "group": ({"id", "label", "getLabel", "imageMso", "keytip", "tag", "visible"}, {"button"}),
    "button": (
        {"id", "size", "imageMso", "onAction", "label", "getLabel", "getScreentip", "getSupertip", "keytip", "tag"},
        set(),
    ),
}


def parts(addin: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(addin) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def project(addin: Path) -> object:
    olefile = pytest.importorskip("olefile")
    return olefile.OleFileIO(io.BytesIO(parts(addin)[package.VBA_PART]))


def offsets(directory: bytes) -> dict[str, int]:
    """Return where the text of each module begins in its stream, by the module's name ([MS-OVBA] 2.3.4.2)."""
    found, position, name = {}, 0, ""
    while position + 6 <= len(directory):
        kind, size = struct.unpack_from("<HI", directory, position)
        if kind == 0x0009:  # PROJECTVERSION, the one record whose size is not its size
            size = 6
        value = directory[position + 6 : position + 6 + size]
        name = value.decode("cp1252") if kind == 0x001A else name
        if kind == 0x0031:
            (found[name],) = struct.unpack("<I", value)
        position += 6 + size
    return found


def test_it_builds_the_same_bytes_again(addin: Path, tmp_path: Path) -> None:
    again = build.build_addin(tmp_path / "again" / "xl_qbs.xlam")
    assert again.read_bytes() == addin.read_bytes()


def test_olevba_reads_every_module_back_unchanged(addin: Path) -> None:
    olevba = pytest.importorskip("oletools.olevba")
    parser = olevba.VBA_Parser(str(addin))
    found = {stream.removeprefix("VBA/"): code for _, stream, _, code in parser.extract_macros()}
    wanted = vba.modules(FUNCTIONS, build.XLWINGS)
    assert found.keys() == wanted.keys() | {"Sheet2"}
    for name, text in wanted.items():
        code = found[name].replace("\r\n", "\n")
        if name == "ThisWorkbook":  # its attributes are Excel's
            code = code[code.index("Option Explicit") :]
        assert code.strip() == text.replace("\r\n", "\n").strip()


def test_every_stream_of_the_project_keeps_to_the_rules(addin: Path) -> None:
    container = project(addin)
    directory = ovba.decompress(container.openstream("VBA/dir").read())  # type: ignore[attr-defined]
    places = offsets(directory)
    assert places.keys() == vba.modules(FUNCTIONS, build.XLWINGS).keys() | {"Sheet2"}
    for name, offset in places.items():
        # An empty token sequence, among other things, would raise here.
        text = ovba.decompress(container.openstream(f"VBA/{name}").read()[offset:])  # type: ignore[attr-defined]
        assert text.startswith(f'Attribute VB_Name = "{name}"\r\n'.encode())
    # No compiled code: Excel compiles the text when it opens the file.
    assert container.openstream("VBA/_VBA_PROJECT").read() == b"\xcc\x61\xff\xff\x00\x00\x00"  # type: ignore[attr-defined]
    assert not [one for one in container.listdir() if one[-1].startswith("__SRP_")]  # type: ignore[attr-defined]


def test_the_project_declares_the_modules_that_it_has(addin: Path) -> None:
    container = project(addin)
    text = container.openstream("PROJECT").read().decode("cp1252")  # type: ignore[attr-defined]
    declared = re.findall(r"^(?:Document|Module|Class|BaseClass)=(\w+)", text, re.MULTILINE)
    assert sorted(declared) == sorted([*vba.modules(FUNCTIONS, build.XLWINGS), "Sheet2"])
    assert "Class=QbsPython\r\n" in text
    assert 'Name="xl_qbs"' in text
    workspace = text.split("[Workspace]\r\n")[1]
    assert [line.split("=")[0] for line in workspace.splitlines()] == declared
    directory = ovba.decompress(container.openstream("VBA/dir").read())  # type: ignore[attr-defined]
    assert b"MyAddin" not in directory
    assert b"MSForms" not in directory
    assert b"felix" not in directory


def test_nothing_in_it_can_run_what_a_cell_or_a_workbook_says(addin: Path) -> None:
    text = "".join(vba.modules(FUNCTIONS, build.XLWINGS).values())
    for word in ("RunPython\\(", "WScript", "Shell\\(", "Application\\.Run", "\\.Exec", "Kill ", "VBProject"):
        assert not re.search(word, text.replace("could call its RunPython", ""))


def test_the_package_holds_together(addin: Path) -> None:
    contents = parts(addin)
    types = etree.fromstring(contents["[Content_Types].xml"])
    overrides = {one.get("PartName"): one.get("ContentType") for one in types if one.tag.endswith("Override")}
    defaults = {one.get("Extension") for one in types if one.tag.endswith("Default")}
    assert all(name.removeprefix("/") in contents for name in overrides)
    assert all(f"/{name}" in overrides or name.rsplit(".", 1)[1] in defaults for name in contents)
    assert overrides["/xl/workbook.xml"] == "application/vnd.ms-excel.addin.macroEnabled.main+xml"
    targets = set()
    for name in [name for name in contents if name.endswith(".rels")]:
        folder = posixpath.dirname(posixpath.dirname(name))
        ids = []
        for one in etree.fromstring(contents[name]):
            targets.add(posixpath.normpath(posixpath.join(folder, one.get("Target"))))
            ids.append(one.get("Id"))
        assert len(ids) == len(set(ids))
    assert targets == {name for name in contents if not name.endswith((".rels", "[Content_Types].xml"))}
    for name, content in contents.items():
        if name.endswith((".xml", ".rels")):
            etree.fromstring(content)


def sheet_rows(addin: Path) -> list[tuple[str | None, ...]]:
    # openpyxl takes no add-ins by their type; as a workbook with macros it is the same file.
    contents = parts(addin)
    kind = b"application/vnd.ms-excel.%s.macroEnabled.main+xml"
    contents["[Content_Types].xml"] = contents["[Content_Types].xml"].replace(kind % b"addin", kind % b"sheet")
    book = openpyxl.load_workbook(io.BytesIO(package.write_zip(contents)), keep_vba=True)
    (sheet,) = book.worksheets
    assert sheet.title == "xl_qbs.conf"
    assert sheet.sheet_properties.codeName == "Sheet2"
    return list(sheet.iter_rows(values_only=True))


def test_the_sheet_says_versions_and_leaves_python_to_the_installer(addin: Path) -> None:
    settings = {row[0]: row[1] for row in sheet_rows(addin) if row[0]}
    assert settings == {
        texts.INTERPRETER: "",
        texts.XL_QBS_VERSION: __version__,
        texts.XLWINGS_VERSION: build.XLWINGS,
    }
    assert package.read_settings(parts(addin)) == settings


@pytest.mark.parametrize("language", ["en", "et"])
def test_the_sheet_has_the_help_of_every_function(addin: Path, language: Language) -> None:
    rows = {row[4]: row for row in sheet_rows(addin) if row[3] == "function" and row[5] == language}
    assert list(rows) == [one.name for one in FUNCTIONS]
    for function in FUNCTIONS:
        category, syntax, description, *arguments = [text for text in rows[function.name][6:] if text is not None]
        assert category == function.category.say(language)
        assert syntax.startswith(f"={function.name}(")
        assert len(arguments) == len(function.arguments)
        assert all(0 < len(text) <= 255 for text in (description, *arguments))
        assert texts.shortened(function.help.say(language)) == description


def test_every_text_that_the_macros_ask_for_is_there(addin: Path) -> None:
    code = vba.modules(FUNCTIONS, build.XLWINGS)["QbsCommands"]
    asked = re.findall(r'SheetText\("(\w+)", "([\w ]+)"', code)
    there = {(row[3], row[4], row[5]) for row in sheet_rows(addin)}
    assert asked
    for kind, key in asked:
        assert {(kind, key, "en"), (kind, key, "et")} <= there


def test_the_licence_of_xlwings_goes_with_it(addin: Path) -> None:
    lines = [row[6] for row in sheet_rows(addin) if row[3] == "licence"]
    text = " ".join(line for line in lines if line)
    assert "BSD 3-clause" in text
    assert "Redistributions in binary form must reproduce" in text
    assert "ANY WAY OUT OF THE USE OF THIS" in text


def test_the_ribbon_keeps_to_its_schema(addin: Path) -> None:
    root = etree.fromstring(parts(addin)[package.RIBBON_PART])
    ids = []
    for element in root.iter():
        name = element.tag.removeprefix(CUSTOM_UI)
        attributes, children = ALLOWED[name]
        assert set(element.attrib) <= attributes
        assert {one.tag.removeprefix(CUSTOM_UI) for one in element} <= children
        if name in ("tab", "group", "button"):
            ids.append(element.get("id"))
        for attribute in ("onAction", "getLabel", "getScreentip", "getSupertip"):
            if attribute in element.attrib:
                module, procedure = element.get(attribute).split(".")
                code = vba.modules(FUNCTIONS, build.XLWINGS)[module]
                assert f"Public Sub {procedure}(control As IRibbonControl" in code
    assert sorted(ids) == sorted(texts.RIBBON)


def test_a_setting_changes_and_nothing_else_does(addin: Path) -> None:
    before = parts(addin)
    after = package.with_setting(before, texts.INTERPRETER, r"C:\Users\Mari & Jüri\pythonw.exe")
    assert package.read_settings(after)[texts.INTERPRETER] == r"C:\Users\Mari & Jüri\pythonw.exe"
    assert {name for name in before if before[name] != after[name]} == {package.SHEET_PART}
    assert package.with_setting(after, texts.INTERPRETER, "") != before
    assert package.read_settings(package.with_setting(after, texts.INTERPRETER, "")) == package.read_settings(before)


def test_another_workbook_is_not_taken_for_the_add_in(examples: Path) -> None:
    contents = package.read_zip(examples / "four_providers.xlsx")
    with pytest.raises(AddinFileError, match="not the add-in"):
        package.with_setting(contents, texts.INTERPRETER, "x")


def test_a_file_that_is_no_package_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.xlam").write_bytes(b"x")
    with pytest.raises(AddinFileError, match="not an Excel add-in"):
        package.read_zip(tmp_path / "a.xlam")
    with pytest.raises(AddinFileError, match="cannot be read"):
        package.read_zip(tmp_path / "b.xlam")


def test_another_ending_or_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AddinFileError, match=r"must end in \.xlam"):
        build.build_addin(tmp_path / "xl_qbs.xlsm", FUNCTIONS[:1])
    (tmp_path / "file").write_text("")
    with pytest.raises(AddinFileError, match="cannot be written"):
        build.build_addin(tmp_path / "file" / "xl_qbs.xlam", FUNCTIONS[:1])


def test_another_xlwings_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "version", lambda _: "0.30.0")
    with pytest.raises(XlwingsVersionError, match=r"xlwings==0\.37\.8"):
        build.addin_bytes(FUNCTIONS[:1])


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise build.PackageNotFoundError(name)

    monkeypatch.setattr(build, "version", missing)
    with pytest.raises(MissingPackageError, match="xlwings is not installed"):
        build.addin_bytes(FUNCTIONS[:1])
