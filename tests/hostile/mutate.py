"""Ways to spoil a workbook: its archive, the XML of its parts, and its cells; each drawn by Hypothesis."""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
from collections.abc import Callable, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from hypothesis import strategies as st
from lxml import etree

from xl_qbs.sheets.address import cell_name
from xl_qbs.workbook.xml import CONTENT_TYPES, DOCUMENT_RELATIONSHIPS, MAIN, PACKAGE_RELATIONSHIPS

Draw = Callable[[st.SearchStrategy[Any]], Any]

NUMBERS = (0, 1, 2, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF)
TEXTS = (
    *("", " ", "0", "-1", "1", "2", "99999999999999999999", "4294967296", "2147483648", "1e400", "-1e400", "NaN"),
    *("INF", "0x10", "1,5", "٣", "²", "½", "x", "true", "A", "A0", "A1", "AAAA1", "XFE1", "XFD1048577", "A1:"),
    *("A1:XFD1048576", ":", "1:1", "#REF!", "#N/A", "../../../etc/passwd", "/", "\\", "rId1", "rId999", "\ud7ff"),
    *("http://127.0.0.1/x", "=1+1", "=cmd|' /C calc'!A0", "'", '"', "<", "&", "_x0041_", "_xD83D_", "_x0000_"),
    *("a\nb", "a\tb", "é", "\u202e", "\ufeff", "List", "Total", "Kokku", "i01 target", "i01 done", "visible"),
    *("x" * 40_000, "9" * 5_000, "A" * 300, "veryHidden"),
)
WORDS = st.sampled_from(TEXTS) | st.text(st.characters(min_codepoint=9, max_codepoint=0x2FFF), max_size=12)
_CHANGES = ("set", "set", "set", "new", "unset", "text", "tag", "drop", "twice", "move", "comment", "deep")
_NEW = ("r", "s", "t", "ref", "si", "min", "max", "hidden", "name", "localSheetId")
_MERGED = ("", "", *(f'<mergeCells><mergeCell ref="{reach}"/></mergeCells>' for reach in ("A1:C1", "A2:B9")))
_TAGS = ("c", "row", "sheetData", "sheets", "sheet", "definedName", "f", "v", "is", "t", "si", "xf", "Relationship")


def parts_in(data: bytes) -> dict[str, bytes]:
    """Return the parts of an archive in memory."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Sequence[tuple[str, bytes]]) -> bytes:
    """Return an archive of parts, which may come twice."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts:
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


# The archive


def spoiled_archive(draw: Draw, data: bytes) -> bytes:
    """Return an archive with some bytes, fields or entries changed."""
    for _ in range(draw(st.integers(1, 3))):
        data = draw(st.sampled_from((_bytes_changed, _field_changed, _field_changed, _entries_changed)))(draw, data)
    return data


def _bytes_changed(draw: Draw, data: bytes) -> bytes:
    place = draw(st.integers(0, max(len(data) - 1, 0)))
    how = draw(st.sampled_from(("cut", "flip", "flip", "insert", "zero", "repeat")))
    if how == "cut":
        return data[:place]
    if how == "flip":
        return data[:place] + bytes([data[place] ^ draw(st.integers(1, 255))]) + data[place + 1 :] if data else data
    if how == "insert":
        return data[:place] + draw(st.binary(min_size=1, max_size=30)) + data[place:]
    length = draw(st.integers(1, 400))
    if how == "zero":
        return data[:place] + bytes(len(data[place : place + length])) + data[place + length :]
    return data[:place] + data[place : place + length] + data[place:]


def _field_changed(draw: Draw, data: bytes) -> bytes:
    """Change a number in a local header, in the directory, or at the directory's end."""
    mark, fields = draw(
        st.sampled_from(
            (
                (b"PK\x03\x04", ((6, 2), (8, 2), (14, 4), (18, 4), (22, 4), (26, 2), (28, 2))),
                (b"PK\x01\x02", ((8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2), (32, 2), (42, 4))),
                (b"PK\x05\x06", ((4, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 2))),
            )
        )
    )
    places = [at for at in range(len(data) - 3) if data.startswith(mark, at)] if len(data) < 1 << 20 else []
    if not places:
        return data
    start = draw(st.sampled_from(places))
    offset, size = draw(st.sampled_from(fields))
    value = draw(st.sampled_from(NUMBERS)) & (1 << 8 * size) - 1
    field = struct.pack("<H" if size == 2 else "<I", value)
    return data[: start + offset] + field + data[start + offset + size :]


def _entries_changed(draw: Draw, data: bytes) -> bytes:
    try:
        entries = list(parts_in(data).items())
    except Exception:  # it is spoiled already
        return data
    if not entries:
        return data
    place, other = draw(st.integers(0, len(entries) - 1)), draw(st.integers(0, len(entries) - 1))
    name, content = entries[place]
    how = draw(st.sampled_from(("drop", "rename", "swap", "twice", "empty", "noise")))
    if how == "drop":
        del entries[place]
    elif how == "rename":
        others = (name.upper(), "/" + name, "../" + name, name.replace("/", "\\"), name + "/", "")
        changed = draw(st.sampled_from(others))
        entries[place] = changed, content
    elif how == "swap":
        entries[place], entries[other] = (name, entries[other][1]), (entries[other][0], content)
    elif how == "twice":
        entries.append((name, entries[other][1]))
    else:
        entries[place] = name, b"" if how == "empty" else draw(st.binary(max_size=200))
    return packed(entries)


# The XML of the parts


def spoiled_xml(draw: Draw, data: bytes) -> bytes:
    """Return a workbook with the XML of one or two parts changed; the archive stays sound."""
    parts = parts_in(data)
    names = sorted(name for name in parts if name.endswith((".xml", ".rels")))
    # Parts that everything hangs on come first, where Hypothesis looks first.
    names.sort(key=lambda name: ("worksheets/" not in name, "theme" in name or "docProps" in name))
    for _ in range(draw(st.integers(1, 2))):
        name = draw(st.sampled_from(names))
        change = draw(st.sampled_from((_tree_changed, _tree_changed, _tree_changed, _text_changed)))
        parts[name] = change(draw, parts[name])
    return packed(list(parts.items()))


def _tree_changed(draw: Draw, content: bytes) -> bytes:
    try:
        root = etree.fromstring(content)
    except (etree.XMLSyntaxError, ValueError):
        return content
    nodes = list(root.iter(etree.Element))
    for _ in range(draw(st.integers(1, 3))):
        node = nodes[draw(st.integers(0, len(nodes) - 1))]
        _node_changed(draw, node, nodes)
    return etree.tostring(root)


def _node_changed(draw: Draw, node: Any, nodes: list[Any]) -> None:
    how = draw(st.sampled_from(_CHANGES))
    parent = node.getparent()
    if how in ("set", "unset") and node.attrib:
        name = draw(st.sampled_from(sorted(node.attrib)))
        if how == "unset":
            del node.attrib[name]
        else:
            node.set(name, _xml_safe(draw(WORDS)))
    elif how == "new":
        node.set(draw(st.sampled_from(_NEW)), _xml_safe(draw(WORDS)))
    elif how == "text":
        node.text = _xml_safe(draw(WORDS))
    elif how == "tag":
        space = draw(st.sampled_from((f"{{{MAIN}}}", "", "{urn:other}")))
        node.tag = space + draw(st.sampled_from(_TAGS))
    elif how == "comment":
        node.insert(0, etree.Comment("x"))
    elif how == "deep":
        for _ in range(draw(st.sampled_from((3, 300)))):
            node = etree.SubElement(node, node.tag)
    elif parent is not None and how == "drop":
        parent.remove(node)
    elif parent is not None and how == "twice":
        for _ in range(draw(st.integers(1, 3))):
            parent.append(etree.fromstring(etree.tostring(node)))
    elif parent is not None and how == "move":
        target = nodes[draw(st.integers(0, len(nodes) - 1))]
        if target is not node and node not in target.iterancestors():
            target.append(node)


def _xml_safe(text: str) -> str:
    return "".join(char for char in text if char in "\t\n\r" or " " <= char < "\ud800" or "\ue000" <= char <= "\ufffd")


def _text_changed(draw: Draw, content: bytes) -> bytes:
    place = draw(st.integers(0, len(content)))
    how = draw(st.sampled_from(("doctype", "utf-16", "latin", "bytes", "cut", "bom", "prefix")))
    if how == "doctype":
        bomb = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
        head = content.find(b"?>") + 2 if content.startswith(b"<?xml") else 0
        return content[:head] + bomb + content[head:]
    if how == "utf-16":
        text = content.decode("utf-8", "replace").partition("?>")[2] or content.decode("utf-8", "replace")
        return ('<?xml version="1.0" encoding="UTF-16"?>' + text).encode("utf-16")
    if how == "latin":
        return content.replace(b"UTF-8", b"ISO-8859-1").replace(b"utf-8", b"no-such-code")
    if how == "bytes":
        return content[:place] + draw(st.binary(min_size=1, max_size=6)) + content[place:]
    if how == "cut":
        return content[:place]
    if how == "bom":
        return b"\xef\xbb\xbf" + content
    return content.replace(b"<", b"<x:", 1)


# The cells


def spoiled_table(draw: Draw, rows: Sequence[Sequence[Any]]) -> bytes:
    """Return a workbook of a table some of whose cells hold what no table should."""
    cells = {
        (row, column): _plain(value)
        for row, line in enumerate(rows, start=1)
        for column, value in enumerate(line, start=1)
    }
    last_row, last_column = len(rows), len(rows[0])
    for _ in range(draw(st.integers(1, 6))):
        row = draw(st.integers(1, last_row + 3) | st.just(1) | st.sampled_from((1_048_576, 5_000)))
        column = draw(st.integers(1, last_column + 2) | st.just(1) | st.sampled_from((16_384,)))
        if draw(st.booleans()) and (row, column) in cells:
            del cells[row, column]
        else:
            cells[row, column] = _odd(draw)
    lines: dict[int, list[str]] = {}
    for (row, column), inner in sorted(cells.items()):
        lines.setdefault(row, []).append(f'<c r="{cell_name(row, column)}"{inner}</c>')
    body = "".join(f'<row r="{row}">{"".join(line)}</row>' for row, line in lines.items())
    merged = draw(st.sampled_from(_MERGED))
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData>{merged}</worksheet>'
    return packed([*frame(), ("xl/worksheets/sheet1.xml", sheet.encode("utf-8", "surrogatepass"))])


def _plain(value: Any) -> str:
    return f' t="inlineStr"><is><t>{escape(value)}</t></is>' if isinstance(value, str) else f"><v>{float(value)!r}</v>"


def _odd(draw: Draw) -> str:
    """Return the attributes and the inside of a cell."""
    text = escape(_xml_safe(draw(WORDS | st.floats().map(repr) | st.integers(-5, 200).map(str))))
    kind = draw(st.sampled_from(("n", "inlineStr", "str", "b", "e", "s", "d", "bogus", "formula", "empty")))
    if kind == "inlineStr":
        return f' t="inlineStr"><is><t xml:space="preserve">{text}</t></is>'
    if kind == "formula":
        formula = escape(_xml_safe(draw(WORDS)))
        value = draw(st.sampled_from(("", "<v/>", f"<v>{text}</v>", "<v>7</v>")))
        return f"><f>{formula}</f>{value}"
    if kind == "empty":
        return ' s="1">'
    return f" t={quoteattr(kind)}><v>{text}</v>"


def frame() -> list[tuple[str, bytes]]:
    """Return the parts around a sheet, with two shared strings and two formats, the second one of dates."""
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml."
    overrides = "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="{types}{kind}+xml"/>'
        for part, kind in (
            ("workbook", "sheet.main"),
            ("styles", "styles"),
            ("sharedStrings", "sharedStrings"),
            ("worksheets/sheet1", "worksheet"),
        )
    )
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{DOCUMENT_RELATIONSHIPS}/{kind}" Target="{target}.xml"/>'
        for number, (kind, target) in enumerate(
            (("worksheet", "worksheets/sheet1"), ("styles", "styles"), ("sharedStrings", "sharedStrings")), start=1
        )
    )
    relationships = f'<Relationships xmlns="{PACKAGE_RELATIONSHIPS}">%s</Relationships>'
    root = f'<Relationship Id="rId1" Type="{DOCUMENT_RELATIONSHIPS}/officeDocument" Target="xl/workbook.xml"/>'
    return [
        (
            "[Content_Types].xml",
            f'<Types xmlns="{CONTENT_TYPES}"><Default Extension="rels" ContentType='
            f'"application/vnd.openxmlformats-package.relationships+xml"/>{overrides}</Types>'.encode(),
        ),
        ("_rels/.rels", (relationships % root).encode()),
        (
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT_RELATIONSHIPS}"><sheets>'
            '<sheet name="Andmed" sheetId="1" r:id="rId1"/></sheets></workbook>'.encode(),
        ),
        ("xl/_rels/workbook.xml.rels", (relationships % links).encode()),
        (
            "xl/styles.xml",
            f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders '
            'count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/>'
            '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'.encode(),
        ),
        (
            "xl/sharedStrings.xml",
            f'<sst xmlns="{MAIN}" count="2" uniqueCount="2"><si><t>List</t></si><si><t>N001</t></si></sst>'.encode(),
        ),
    ]


# Definitions

_VALUE = re.compile(r'"[^"]*"|\b[0-9][0-9.-]*\b|\b(?:true|false)\b')
_TOML_VALUES = (
    *("0", "-1", "1e400", "nan", "-inf", "99999999999999999999", "9223372036854775808", "9" * 5000, "0x" + "f" * 5000),
    *("true", "0001-01-01", "9999-12-31", "2019-05-27T07:32:00Z", "07:32:00", "1000000", "1000001", "''", "[]", "{}"),
    *("[" * 3000, "[" * 60 + "]" * 60, "{ not = " * 30 + "{}" + "}" * 30, ".".join("a" * 500), '"""', "[{}, 1]"),
)


def spoiled_toml(draw: Draw, text: str) -> bytes:
    """Return a TOML file with some values, lines or letters changed."""
    for _ in range(draw(st.integers(1, 3))):
        how = draw(st.sampled_from(("value", "value", "value", "value", "drop", "twice", "letter")))
        lines = text.split("\n")
        row = draw(st.integers(0, len(lines) - 1))
        if how == "value":
            found = draw(st.sampled_from(list(_VALUE.finditer(text)) or [re.match("", text)]))
            value = draw(st.sampled_from(_TOML_VALUES) | WORDS.map(_toml_text))
            text = text[: found.start()] + value + text[found.end() :]
        elif how == "letter":
            place = draw(st.integers(0, len(text)))
            text = text[:place] + draw(st.sampled_from(("\0", '"', "]", "=", ".", "#", "\ufeff", "\r"))) + text[place:]
        else:
            text = "\n".join([*lines[:row], *([lines[row]] * 2 if how == "twice" else []), *lines[row + 1 :]])
    return text.encode("utf-8", "replace")


def _toml_text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "")


# Text files


def spoiled_text(draw: Draw, rows: Sequence[Sequence[Any]]) -> bytes:
    """Return a table as a text file, with odd cells, quotation marks, delimiters and encodings."""
    delimiter = draw(st.sampled_from((",", ";", "\t", "|")))
    lines = [[f"{value:g}" if isinstance(value, float) else str(value) for value in row] for row in rows]
    for _ in range(draw(st.integers(1, 5))):
        row = draw(st.integers(0, len(lines) - 1))
        column = draw(st.integers(0, len(lines[row]) - 1))
        lines[row][column] = draw(WORDS)
    text = draw(st.sampled_from(("", "\ufeff", "sep=;\n"))) + draw(st.sampled_from(("\n", "\r\n", "\r"))).join(
        delimiter.join(line) for line in lines
    )
    if draw(st.booleans()):
        place = draw(st.integers(0, len(text)))
        odd = draw(st.sampled_from(('"', "\0", "\r", "\u2028", "\x1b[31m", '""', "\ufffe")))
        text = text[:place] + odd + text[place:]
    encoding = draw(st.sampled_from(("utf-8", "utf-16", "utf-16-le", "cp1252", "latin-1")))
    return text.encode(encoding, "replace")
