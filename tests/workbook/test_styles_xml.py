"""Looks appended to a styles part: what was there keeps its place."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from xl_qbs.sheets.look import LOOKS, NUMBER_FORMATS
from xl_qbs.sheets.model import Format, Kind
from xl_qbs.workbook.package import open_package
from xl_qbs.workbook.styles_xml import MINIMAL_STYLES, Styles

NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
MAIN = f"{{{NAMESPACE}}}"
ALL: list[tuple[Kind, Format]] = [(kind, code) for kind in LOOKS for code in NUMBER_FORMATS]
# The order that the schema asks for.
ORDER = "numFmts fonts fills borders cellStyleXfs cellXfs cellStyles dxfs tableStyles colors extLst"


def _elements(part: bytes, name: str) -> list[Any]:
    found = etree.fromstring(part).find(f"{MAIN}{name}")
    return [] if found is None else [one for one in found if isinstance(one.tag, str)]


def _assert_whole(part: bytes) -> None:
    """Assert that the order is the schema's, the counts are right, and every index points at something."""
    root = etree.fromstring(part)
    names = [etree.QName(one).localname for one in root if isinstance(one.tag, str)]
    assert names == sorted(names, key=ORDER.split().index)
    for name in ("numFmts", "fonts", "fills", "borders", "cellXfs", "dxfs"):
        found = root.find(f"{MAIN}{name}")
        if found is not None and found.get("count") is not None:
            assert int(found.get("count")) == len(_elements(part, name)), name
    own = [int(one.get("numFmtId")) for one in _elements(part, "numFmts")]
    assert len(set(own)) == len(own)
    for one in _elements(part, "cellXfs"):
        for attribute, name in (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders")):
            assert int(one.get(attribute, "0")) < len(_elements(part, name))
        number = int(one.get("numFmtId", "0"))
        assert number < 164 or number in own
        assert int(one.get("xfId", "0")) < max(len(_elements(part, "cellStyleXfs")), 1)


def test_every_look_has_a_format_of_its_own() -> None:
    styles = Styles(MINIMAL_STYLES, ALL)
    part = styles.part()
    _assert_whole(part)
    formats = _elements(part, "cellXfs")
    codes = {int(one.get("numFmtId")): one.get("formatCode") for one in _elements(part, "numFmts")}
    built_in = {0: "General", 3: "#,##0", 9: "0%", 49: "@"}
    for kind, code in ALL:
        one = formats[styles.index(kind, code)]
        number = int(one.get("numFmtId"))
        assert (codes.get(number) or built_in[number]) == NUMBER_FORMATS[code]
        font = _elements(part, "fonts")[int(one.get("fontId"))]
        assert (font.find(f"{MAIN}b") is not None) == LOOKS[kind].bold
        assert font.find(f"{MAIN}color").get("rgb") == f"FF{LOOKS[kind].color}"


def test_good_and_bad_are_told_apart() -> None:
    styles = Styles(MINIMAL_STYLES, [])
    differential = _elements(styles.part(), "dxfs")
    colors = [differential[index].find(f".//{MAIN}bgColor").get("rgb") for index in (styles.good, styles.bad)]
    assert len(set(colors)) == 2


@pytest.mark.parametrize(
    "part",
    [
        f'<styleSheet xmlns="{NAMESPACE}"/>',
        f'<x:styleSheet xmlns:x="{NAMESPACE}"><x:fonts count="1"><x:font><x:b/></x:font></x:fonts>'
        '<x:fills count="1"><x:fill/></x:fills><x:borders count="1"><x:border/></x:borders>'
        '<x:cellXfs count="1"><x:xf fontId="0"/></x:cellXfs><x:extLst/></x:styleSheet>',
        f'<styleSheet xmlns="{NAMESPACE}"><!-- made by hand --><numFmts><!-- one --><numFmt numFmtId="200" '
        'formatCode="0.0"/></numFmts><fonts><font/><!-- two --></fonts><fills><fill/></fills><borders><border/>'
        "</borders><cellXfs><!-- three --><xf/><xf/></cellXfs><tableStyles/></styleSheet>",
    ],
    ids=["empty", "with a prefix", "with comments"],
)
def test_parts_of_other_makers(part: str) -> None:
    before = _elements(part.encode(), "cellXfs")
    styles = Styles(part.encode(), ALL)
    made = styles.part()
    _assert_whole(made)
    after = _elements(made, "cellXfs")
    assert [dict(one.attrib) for one in after[: len(before)]] == [dict(one.attrib) for one in before]
    index = styles.index("input", "percent1")
    number = int(after[index].get("numFmtId"))
    codes = {int(one.get("numFmtId")): one.get("formatCode") for one in _elements(made, "numFmts")}
    assert codes[number] == NUMBER_FORMATS["percent1"]


def test_formats_in_use_without_a_part_stay_plain() -> None:
    styles = Styles(MINIMAL_STYLES, [("input", "percent")], taken=9)
    formats = _elements(styles.part(), "cellXfs")
    assert [one.get("fontId") for one in formats[:9]] == ["0"] * 9
    assert styles.index("input", "percent") == 9


def test_an_entity_is_not_resolved(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hush", encoding="utf-8")
    part = f'<!DOCTYPE a [<!ENTITY e SYSTEM "{secret.as_uri()}">]><styleSheet xmlns="{NAMESPACE}">&e;</styleSheet>'
    assert b"hush" not in Styles(part.encode(), []).part()


@pytest.mark.shared
def test_styles_of_the_corpus_keep_their_place(shared: Path) -> None:
    tried = 0
    for path in sorted((shared / "corpus").glob("*.xlsx")):
        try:
            package = open_package(path)
            names = [one.target for one in package.relationships(package.workbook_part) if one.type.endswith("/styles")]
            part = package.read(names[0])
        except Exception:  # noqa: S112  (refused, as other tests say)
            continue
        tried += 1
        styles = Styles(part, ALL)
        made = styles.part()
        for name in ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs"):
            before, after = (_elements(one, name) for one in (part, made))
            assert [etree.tostring(one, method="c14n", exclusive=True) for one in after[: len(before)]] == [
                etree.tostring(one, method="c14n", exclusive=True) for one in before
            ], f"{path.name}: {name}"
        assert styles.index("title", "text") >= len(_elements(part, "cellXfs"))
    assert tried > 55


def test_a_styles_part_opens_in_openpyxl(tmp_path: Path) -> None:
    import openpyxl

    path = tmp_path / "a.xlsx"
    openpyxl.Workbook().save(path)
    buffer = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, Styles(content, ALL).part() if name == "xl/styles.xml" else content)
    assert openpyxl.load_workbook(buffer).sheetnames == ["Sheet"]
