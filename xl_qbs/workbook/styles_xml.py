"""Our looks appended to a workbook's styles part; what was there keeps its place and its index."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lxml import etree

from xl_qbs.sheets.look import BAD, GOOD, LINE, LOOKS, NUMBER_FORMATS, WARN, Look
from xl_qbs.sheets.model import Format, Kind
from xl_qbs.workbook.xml import MAIN, element, elements, parse, serialize, whole

StyleKey = tuple[Kind, Format]
# Number formats below this are Excel's own.
_FIRST_OWN_FORMAT = 164
_BUILT_IN = {"General": 0, "0%": 9, "#,##0": 3, "@": 49}

MINIMAL_STYLES = (
    f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
).encode()

# The parts of a styles part in the order that the schema asks for.
_ORDER = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs")


class Styles:
    """A styles part being added to.

    Args:
        part: the styles part as it is.
        used: the kinds and formats to add a look for.
        taken: so many cell formats are in use; plain ones are added up to there first.

    Attributes:
        good: index of the differential format for a check that holds.
        bad: index of the differential format for one that fails.
    """

    def __init__(self, part: bytes, used: Iterable[StyleKey], taken: int = 0) -> None:
        self._root = parse(part)
        formats = self._collection("cellXfs")
        for _ in range(taken - len(elements(formats))):
            formats.append(element('<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'))
        self._formats: dict[str, int] = {}
        self._parts: dict[tuple[str, str], int] = {}
        self._index = {key: self._add_cell_format(*key) for key in dict.fromkeys(used)}
        self.good = self._add_differential(GOOD)
        self.bad = self._add_differential(BAD)
        self._warn = self._add_differential(WARN)

    def mark(self, look: str) -> int:
        """Return the index of the differential format of a mark."""
        return {"good": self.good, "bad": self.bad, "warn": self._warn}[look]

    def index(self, kind: Kind, number_format: Format) -> int:
        """Return the index of the cell format for a kind and a number format."""
        return self._index[kind, number_format]

    def part(self) -> bytes:
        """Return the styles part with everything added."""
        return serialize(self._root)

    def _collection(self, name: str) -> Any:
        found = self._root.find(f"{{{MAIN}}}{name}")
        if found is not None:
            return found
        made = etree.Element(f"{{{MAIN}}}{name}", count="0")
        before = set(_ORDER[: _ORDER.index(name)])
        behind = next((child for child in elements(self._root) if etree.QName(child).localname not in before), None)
        if behind is None:
            self._root.append(made)
        else:
            behind.addprevious(made)
        return made

    def _append(self, collection: str, text: str) -> int:
        """Append an element given as text, once, and return its index."""
        known = self._parts.get((collection, text))
        if known is not None:
            return known
        parent = self._collection(collection)
        parent.append(element(text))
        count = len(elements(parent))
        index = count - 1
        parent.set("count", str(count))
        self._parts[collection, text] = index
        return index

    def _number_format(self, code: str) -> int:
        if code in _BUILT_IN:
            return _BUILT_IN[code]
        if code not in self._formats:
            parent = self._collection("numFmts")
            number = max([_FIRST_OWN_FORMAT - 1, *(whole(one.get("numFmtId"), 0) for one in elements(parent))]) + 1
            etree.SubElement(parent, f"{{{MAIN}}}numFmt", numFmtId=str(number), formatCode=code)
            parent.set("count", str(len(elements(parent))))
            self._formats[code] = number
        return self._formats[code]

    def _add_cell_format(self, kind: Kind, number_format: Format) -> int:
        look = LOOKS[kind]
        font = self._append("fonts", _font(look))
        fill = self._append("fills", _fill(look.fill)) if look.fill else 0
        border = self._append("borders", _border()) if look.border else 0
        alignment = f'vertical="{look.vertical}"'
        if look.horizontal:
            alignment += f' horizontal="{look.horizontal}"'
        if number_format == "text" and not look.horizontal and (look.border or look.fill):
            alignment += ' horizontal="left" indent="1"'
        if look.wrap:
            alignment += ' wrapText="1"'
        number = self._number_format(NUMBER_FORMATS[number_format])
        return self._append(
            "cellXfs",
            f'<xf numFmtId="{number}" fontId="{font}" fillId="{fill}" borderId="{border}" xfId="0" '
            'applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1">'
            f"<alignment {alignment}/></xf>",
        )

    def _add_differential(self, colors: tuple[str, str]) -> int:
        fill, ink = colors
        return self._append(
            "dxfs",
            f'<dxf><font><b/><color rgb="FF{ink}"/></font>'
            f'<fill><patternFill><bgColor rgb="FF{fill}"/></patternFill></fill></dxf>',
        )


def _font(look: Look) -> str:
    marks = ("<b/>" if look.bold else "") + ("<i/>" if look.italic else "")
    return (
        f'<font>{marks}<sz val="{look.size:g}"/><color rgb="FF{look.color}"/>'
        '<name val="Calibri"/><family val="2"/></font>'
    )


def _fill(color: str) -> str:
    return (
        f'<fill><patternFill patternType="solid"><fgColor rgb="FF{color}"/><bgColor indexed="64"/></patternFill></fill>'
    )


def _border() -> str:
    sides = "".join(
        f'<{side} style="thin"><color rgb="FF{LINE}"/></{side}>' for side in ("left", "right", "top", "bottom")
    )
    return f"<border>{sides}<diagonal/></border>"
