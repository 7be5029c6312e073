"""Seeded single changes of a workbook, made in the XML of one part, and where each of them is."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import NamedTuple

from lxml import etree

from xl_qbs.audit.opened import ErrorText, Found, Opened, OpenedSheet
from xl_qbs.sheets.address import cell_name, column_letter, split_cell
from xl_qbs.workbook.xml import number_text

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REFERENCE = re.compile(r"(?<![\w.'])(\$?)([A-Z]{1,3})(\$?)([0-9]{1,7})(?![\w.(!])")
_LITERAL = re.compile(r'("(?:[^"]|"")*"|\'(?:[^\']|\'\')+\'!)')


class Mutation(NamedTuple):
    """A change: the workbook with it, what it was, and the sheet and cells (or row) where it has to be found."""

    opened: Opened
    what: str
    sheet: str
    cells: tuple[str, ...]


Place = tuple[int, int]


def part_of(opened: Opened, sheet: str) -> str:
    return next(entry.part for entry in opened.entries if entry.name == sheet)


def cell_pattern(cell: str) -> re.Pattern[bytes]:
    return re.compile(rb'<c r="' + cell.encode() + rb'"[^>]*?(?:/>|>.*?</c>)', re.DOTALL)


def with_content(xml: bytes, cell: str, content: str) -> bytes:
    """Replace what stands in a cell, its look aside; ``content`` is XML."""
    found = cell_pattern(cell).search(xml)
    assert found is not None, cell
    head = re.match(rb"<c [^>]*?(?=/?>)", found[0])
    assert head is not None
    opening = re.sub(rb'\st="[^"]*"', b"", head[0])
    return xml[: found.start()] + opening + content.encode() + xml[found.end() :]


def number(value: float) -> str:
    return f"><v>{value!r}</v></c>"


def formula_cell(formula: str, value: object) -> str:
    text = formula.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if isinstance(value, float):
        return f"><f>{text}</f><v>{value!r}</v></c>"
    shown = str(value or "").replace("&", "&amp;").replace("<", "&lt;")
    return f' t="str"><f>{text}</f><v>{shown}</v></c>'


def content_of(found: Found) -> str:
    if found.formula is not None:
        return formula_cell(found.formula, found.value)
    return number(found.value) if isinstance(found.value, float) else text_cell(str(found.value))


def text_cell(text: str) -> str:
    shown = text.replace("&", "&amp;").replace("<", "&lt;")
    return f' t="inlineStr"><is><t xml:space="preserve">{shown}</t></is></c>'


def other_digit(rng: random.Random, value: float) -> float:
    """Return the number with one digit replaced, within the nine decimals that scores keep."""
    text = f"{abs(value):.9f}".rstrip("0").rstrip(".")
    places = [place for place, char in enumerate(text) if char.isdigit()]
    # The first seven digits, so that the change is never within what engines may differ by.
    first = next((place for place in places if text[place] != "0"), places[0])
    place = rng.choice([one for one in places if one < first + 7] or places)
    digit = rng.choice([one for one in "0123456789" if one != text[place]])
    changed = float(text[:place] + digit + text[place + 1 :])
    return -changed if value < 0 else changed


def shifted(rng: random.Random, formula: str) -> str | None:
    """Return the formula with one of its references moved by a row or a column; None where it has none."""
    pieces = _LITERAL.split(formula)
    places = [
        (number, match)
        for number, piece in enumerate(pieces)
        if not piece.startswith(('"', "'"))
        for match in _REFERENCE.finditer(piece)
    ]
    if not places:
        return None
    at, match = rng.choice(places)
    column, row = split_cell(match[2] + match[4])
    if rng.random() < 0.5:
        column += 1
    else:
        row += 1
    piece = pieces[at]
    moved = f"{match[1]}{column_letter(column)}{match[3]}{row}"
    pieces[at] = piece[: match.start()] + moved + piece[match.end() :]
    return "".join(pieces)


class Mutator:
    """Makes changes to an opened workbook.

    Args:
        opened: the workbook.
        sheets: the sheets whose cells are changed.
        inputs: cells that hold decisions or counts, by sheet, of which the ones that are numbers are changed.
        seed: where the draw begins.
        leave_out: cells that are changed as inputs only, by sheet.
    """

    def __init__(
        self,
        opened: Opened,
        sheets: list[str],
        inputs: dict[str, list[Place]],
        seed: int,
        leave_out: dict[str, set[Place]] | None = None,
    ) -> None:
        self.opened, self.sheets, self.inputs = opened, sheets, inputs
        self.leave_out = leave_out or {}
        self.rng = random.Random(seed)
        self.kinds: dict[str, Callable[[], Mutation | None]] = {
            "digit": self._digit,
            "sign": self._sign,
            "formula to value": self._to_value,
            "shifted reference": self._shifted,
            "swapped pair": self._swapped,
            "changed input": self._input,
            "deleted row": self._deleted,
            "renamed sheet": self._renamed,
        }

    def make(self, number: int) -> Mutation:
        """Return the next change; kinds take turns, so that each is made equally often."""
        kinds = list(self.kinds.values())
        while True:
            made = kinds[number % len(kinds)]()
            if made is not None:
                return made

    def _pick(self, sheet: str, wanted: Callable[[Found], bool], places: list[Place] | None = None) -> Place | None:
        cells = self.opened.sheet(sheet)
        assert cells is not None
        listed = places if places is not None else list(cells.cells)
        left_out = self.leave_out.get(sheet, set()) if places is None else set()
        for _ in range(200):
            place = self.rng.choice(listed)
            if place not in left_out and wanted(cells.at(*place)):
                return place
        return None

    def _change(self, sheet: str, what: str, contents: dict[Place, str]) -> Mutation:
        part = part_of(self.opened, sheet)
        xml = self.opened.part(part)
        names = tuple(cell_name(*place) for place in contents)
        for name, content in zip(names, contents.values(), strict=True):
            xml = with_content(xml, name, content)
        return Mutation(self.opened.with_part(part, xml), f"{what} {sheet}!{','.join(names)}", sheet, names)

    def _number(self, what: str, change: Callable[[float], float], filled: Callable[[Found], bool]) -> Mutation | None:
        sheet = self.rng.choice(self.sheets)
        place = self._pick(sheet, lambda one: isinstance(one.value, float) and filled(one))
        if place is None:
            return None
        found = self._at(sheet, place)
        assert isinstance(found.value, float)
        value = change(found.value)
        content = number(value) if found.formula is None else formula_cell(found.formula, value)
        if found.array or value == found.value:
            return None
        return self._change(sheet, f"{what}: {found.value!r} to {value!r} in", {place: content})

    def _at(self, sheet: str, place: Place) -> Found:
        cells = self.opened.sheet(sheet)
        assert cells is not None
        return cells.at(*place)

    def _digit(self) -> Mutation | None:
        return self._number("digit", lambda value: other_digit(self.rng, value), lambda _: True)

    def _sign(self) -> Mutation | None:
        return self._number(
            "sign", lambda value: -value, lambda one: one.value != 0 and abs(float(one.value or 0)) > 1e-6
        )

    def _to_value(self) -> Mutation | None:
        sheet = self.rng.choice(self.sheets)
        place = self._pick(sheet, lambda one: one.formula is not None and not one.array)
        if place is None:
            return None
        found = self._at(sheet, place)
        if isinstance(found.value, ErrorText):
            return None
        content = number(found.value) if isinstance(found.value, float) else text_cell(str(found.value or ""))
        return self._change(sheet, "formula to its value in", {place: content})

    def _shifted(self) -> Mutation | None:
        sheet = self.rng.choice(self.sheets)
        place = self._pick(sheet, lambda one: one.formula is not None and not one.array)
        if place is None:
            return None
        found = self._at(sheet, place)
        moved = shifted(self.rng, found.formula or "")
        if moved is None:
            return None
        return self._change(sheet, f"={found.formula} to ={moved} in", {place: formula_cell(moved, found.value)})

    def _swapped(self) -> Mutation | None:
        sheet = self.rng.choice(self.sheets)
        places = [self._pick(sheet, lambda one: isinstance(one.value, float) and not one.array) for _ in range(2)]
        if places[0] is None or places[1] is None:
            return None
        first, second = (self._at(sheet, place) for place in places if place is not None)
        if first[:2] == second[:2]:
            return None
        return self._change(sheet, "swapped", {places[0]: content_of(second), places[1]: content_of(first)})

    def _input(self) -> Mutation | None:
        sheet = self.rng.choice(list(self.inputs))
        place = self._pick(sheet, lambda one: isinstance(one.value, float) and one.value > 0, self.inputs[sheet])
        if place is None:
            return None
        found = self._at(sheet, place)
        assert isinstance(found.value, float)
        value = max(found.value - 1, 0.0) if found.value >= 1 else found.value / 2
        if value == found.value:
            return None
        return self._change(sheet, f"input {found.value!r} to {value!r} in", {place: number(value)})

    def _deleted(self) -> Mutation | None:
        """Delete a row as the XML alone: what stands below moves up, and no formula is told."""
        sheet = self.rng.choice(self.sheets)
        cells = self.opened.sheet(sheet)
        assert cells is not None
        # A row of texts with nothing but texts below changes no number and no formula.
        last = max(
            row for (row, _), one in cells.cells.items() if one.formula is not None or isinstance(one.value, float)
        )
        row = self.rng.choice(sorted({row for row, _ in cells.cells if row <= last}))
        # Of two rows that read the same, nobody can tell which one is gone.
        if self._values(cells, row) == self._values(cells, row + 1):
            return None
        return self.without_row(sheet, row)

    def without_row(self, sheet: str, row: int) -> Mutation:
        """Delete a row of a sheet, as `_deleted` does with a random one."""
        part = part_of(self.opened, sheet)
        root = etree.fromstring(self.opened.part(part))
        data = root.find(f"{MAIN}sheetData")
        for node in list(data):
            at = int(node.get("r"))
            if at == row:
                data.remove(node)
            elif at > row:
                node.set("r", str(at - 1))
                for cell in node:
                    cell.set("r", cell_name(at - 1, split_cell(cell.get("r"))[0]))
        made = self.opened.with_part(part, etree.tostring(root))
        return Mutation(made, f"row {row} deleted on {sheet}", sheet, (f"{row}:{row}",))

    def _values(self, cells: OpenedSheet, row: int) -> dict[int, object]:
        return {column: one.value for (at, column), one in cells.cells.items() if at == row}

    def _renamed(self) -> Mutation | None:
        names = [entry.name for entry in self.opened.entries]
        sheet = self.rng.choice(names)
        part = self.opened.package.workbook_part
        root = etree.fromstring(self.opened.part(part))
        node = next(one for one in root.iter(f"{MAIN}sheet") if one.get("name") == sheet)
        node.set("name", "Renamed")
        made = self.opened.with_part(part, etree.tostring(root))
        return Mutation(made, f"{sheet} renamed", "Renamed", ())


def number_shown(value: float) -> str:
    return number_text(value)
