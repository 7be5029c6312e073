"""A workbook opened for the audit: formulas and stored values of each sheet, states, names and links.

Nothing is evaluated, fetched or changed. Sheets are read when they are asked for.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from xl_qbs.audit.formula_text import shared
from xl_qbs.errors import DangerousWorkbookError
from xl_qbs.sheets.address import column_number, split_cell
from xl_qbs.workbook.earlier import FAMILIES, earlier_sheets, mark_of
from xl_qbs.workbook.package import Package, SheetEntry, package_from, read_file
from xl_qbs.workbook.xml import MAIN, whole

# Halves of characters, from D800 on, stay as they are coded: no text can hold them.
_CODE = re.compile("_x((?![Dd][89A-Fa-f])[0-9A-Fa-f]{4})_")
_DIGITS = re.compile("[0-9]")
# Of a sheet: more than the coverage of ten thousand lists.
_MOST_XML = 256 << 20


class ErrorText(str):
    """An error value in a cell, such as ``#N/A``; never equal to a text that looks like one."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ErrorText) and str.__eq__(self, other)

    def __hash__(self) -> int:
        return hash(("error", str(self)))


# What a cell holds; None for nothing. A logical value is a bool.
Value = float | str | bool | None


class Found(NamedTuple):
    """A cell as it stands in a file.

    Attributes:
        value: its value, stored by the last program that calculated.
        formula: its formula without ``=``; None where there is none.
        array: the range of an array formula; empty for any other.
        style: the number of its format.
    """

    value: Value
    formula: str | None
    array: str = ""
    style: int = 0


NOTHING = Found(None, None)


@dataclass(frozen=True, eq=False)
class OpenedSheet:
    """One worksheet.

    Attributes:
        name: its name.
        state: ``visible``, ``hidden`` or ``veryHidden``.
        cells: its cells by row and column, from 1; cells with nothing but a look are left out.
        protection: the attributes of its protection; None where it has none.
        hidden_rows: rows that are hidden.
        hidden_columns: columns that are hidden, as first and last.
        styles: the number of the format of every cell, also of empty ones.
        conditional: the areas of conditional formats that change a number's format or look, each with its place among
            the workbook's.
    """

    name: str
    state: str
    cells: Mapping[tuple[int, int], Found]
    protection: Mapping[str, str] | None
    hidden_rows: tuple[int, ...]
    hidden_columns: tuple[tuple[int, int], ...]
    styles: Mapping[tuple[int, int], int]
    conditional: tuple[tuple[str, int], ...] = ()

    def at(self, row: int, column: int) -> Found:
        """Return a cell; one that is empty where there is none."""
        return self.cells.get((row, column), NOTHING)

    def named(self, cell: str) -> Found:
        """Return a cell by its name."""
        column, row = split_cell(cell)
        return self.at(row, column)


class Name(NamedTuple):
    """A defined name: its scope is a sheet's name, or empty for the whole workbook."""

    name: str
    scope: str
    text: str
    hidden: bool


@dataclass(frozen=True, eq=False)
class Opened:
    """A workbook.

    Attributes:
        package: its parts.
        changed: contents of parts that are to stand instead of the package's, for tests.
        beside: the folder of other files that its sheets were made from; that of the workbook if None.
    """

    package: Package
    changed: Mapping[str, bytes] = field(default_factory=dict)
    beside: Path | None = None
    _sheets: dict[str, OpenedSheet] = field(default_factory=dict, repr=False)

    @property
    def path(self) -> Path:
        """The file."""
        return self.package.path

    @property
    def folder(self) -> Path:
        """The folder of other files that its sheets were made from."""
        return self.beside or self.path.parent

    def part(self, name: str) -> bytes:
        """Return the content of a part."""
        return self.changed[name] if name in self.changed else self.package.read(name)

    def with_part(self, name: str, content: bytes) -> Opened:
        """Return the same workbook with another content of one part; sheets that were read stay read."""
        kept = {part: sheet for part, sheet in self._sheets.items() if part != name}
        return replace(self, changed={**self.changed, name: content}, _sheets=kept)

    @cached_property
    def workbook(self) -> Any:
        """The root of the workbook part."""
        part = self.package.workbook_part
        return self.package.tree(part, self.part(part))

    @cached_property
    def entries(self) -> tuple[SheetEntry, ...]:
        """The sheets in order, as the workbook part lists them."""
        if self.package.workbook_part not in self.changed:
            return self.package.sheets
        nodes = list(self.workbook.iterfind(f"{{{MAIN}}}sheets/{{{MAIN}}}sheet"))
        return tuple(
            SheetEntry(node.get("name", ""), old.part, node.get("state", "visible"), old.kind)
            for node, old in zip(nodes, self.package.sheets, strict=True)
        )

    @property
    def results(self) -> tuple[str, ...]:
        """The names of the sheets that a scoring run added, in order."""
        return self.families[""]

    @cached_property
    def families(self) -> dict[str, tuple[str, ...]]:
        """The names of the sheets that runs added, in order, by family; nothing for a family that is not there."""
        found = {}
        for family in FAMILIES:
            marked = earlier_sheets(self.package, family)
            places = {place for place, old in enumerate(self.package.sheets) if old.name in marked}
            found[family] = tuple(entry.name for place, entry in enumerate(self.entries) if place in places)
        return found

    @cached_property
    def own(self) -> tuple[SheetEntry, ...]:
        """The sheets that no run added: the fund's own."""
        added = {name for names in self.families.values() for name in names}
        return tuple(entry for entry in self.entries if entry.name not in added)

    def sheet(self, name: str) -> OpenedSheet | None:
        """Return a worksheet; None where there is none of that name."""
        entry = next((one for one in self.entries if one.name == name and one.kind == "worksheet"), None)
        if entry is None:
            return None
        found = self._sheets.get(entry.part) or _read_sheet(self, entry)
        if (found.name, found.state) != (entry.name, entry.state):
            found = replace(found, name=entry.name, state=entry.state)
        self._sheets[entry.part] = found
        return found

    @cached_property
    def strings(self) -> list[str]:
        """The texts that cells share."""
        root = self._of_workbook("/sharedStrings")
        return [] if root is None else [_text(node) for node in root.iterchildren(f"{{{MAIN}}}si")]

    @cached_property
    def _styles(self) -> Any:
        """The root of the styles part; None where there is none."""
        return self._of_workbook("/styles")

    def _of_workbook(self, kind: str) -> Any:
        """Return the root of the part that the workbook has of a kind; None where it has none."""
        for one in self.package.relationships(self.package.workbook_part):
            if one.type.endswith(kind) and one.target in self.package:
                return self.package.tree(one.target, self.part(one.target))
        return None

    def _formats(self, collection: str) -> list[Any]:
        found = None if self._styles is None else self._styles.find(f"{{{MAIN}}}{collection}")
        return [] if found is None else [node for node in found if isinstance(node.tag, str)]

    @cached_property
    def unlocked(self) -> frozenset[int]:
        """The formats of cells that can be changed on a protected sheet."""
        return frozenset(_unlocked(self._formats("cellXfs")))

    @cached_property
    def number_formats(self) -> dict[int, str]:
        """The workbook's own number formats, by the number of the cell format; Excel's own are left out."""
        codes = {node.get("numFmtId"): node.get("formatCode", "") for node in self._formats("numFmts")}
        styles = enumerate(self._formats("cellXfs"))
        return {number: codes[node.get("numFmtId")] for number, node in styles if node.get("numFmtId") in codes}

    @cached_property
    def conditional_formats(self) -> dict[int, str]:
        """The number formats that conditional formats bring, by their place among these."""
        found = {}
        for place, node in enumerate(self._formats("dxfs")):
            number = node.find(f"{{{MAIN}}}numFmt")
            if number is not None:
                found[place] = number.get("formatCode", "")
        return found

    @cached_property
    def names(self) -> tuple[Name, ...]:
        """The defined names."""
        found = []
        for node in self.workbook.iter(f"{{{MAIN}}}definedName"):
            local = node.get("localSheetId", "")
            place = whole(local, -1)
            scope = self.entries[place].name if 0 <= place < len(self.entries) else ""
            hidden = node.get("hidden") in ("1", "true")
            found.append(Name(node.get("name", ""), scope, node.text or "", hidden))
        return tuple(found)

    @cached_property
    def marks(self) -> dict[str, str]:
        """The version of the program that each sheet of a run was written by."""
        marks = {mark_of(family) for family in FAMILIES}
        return {one.scope: one.text.strip('"') for one in self.names if one.name in marks}

    @cached_property
    def links(self) -> tuple[str, ...]:
        """Where the workbook points to outside itself: other workbooks, connections and the like."""
        found = []
        for part in self.package.names:
            if part.endswith(".rels"):
                continue
            for one in self.package.relationships(part):
                kind = one.type.rpartition("/")[2]
                if (one.external and kind != "hyperlink") or kind in ("connections", "queryTable"):
                    found.append(f"{kind}: {one.target}")
        return tuple(found)


def open_workbook(path: str | Path, beside: Path | None = None) -> Opened:
    """Open a workbook for the audit, and look for other files in the folder ``beside`` where it is given.

    Raises:
        WorkbookError: the file cannot be read as a workbook; see `open_package`.
    """
    path = Path(path)
    return Opened(package_from(path, read_file(path)), beside=beside)


def _unlocked(formats: Sequence[Any]) -> list[int]:
    found = []
    for number, node in enumerate(formats):
        protection = node.find(f"{{{MAIN}}}protection")
        if protection is not None and protection.get("locked") in ("0", "false"):
            found.append(number)
    return found


def _text(node: Any) -> str:
    """Return the text of a rich or plain string, without its phonetic help."""
    if node is None:
        return ""
    pieces = []
    for child in node.iterchildren():
        if child.tag == f"{{{MAIN}}}t":
            pieces.append(child.text or "")
        elif child.tag == f"{{{MAIN}}}r":
            pieces.extend(one.text or "" for one in child.iterchildren(f"{{{MAIN}}}t"))
    return decoded("".join(pieces))


def decoded(text: str) -> str:
    """Return a text with the characters that a file holds in a code, such as ``_x000D_``."""
    return _CODE.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _read_sheet(opened: Opened, entry: SheetEntry) -> OpenedSheet:
    if opened.package.size(entry.part) > _MOST_XML:
        raise DangerousWorkbookError(
            f"{opened.path.name} is refused: its sheet '{entry.name}' unpacks into over {_MOST_XML >> 20} MiB, "
            "which no sheet of a scored workbook does. Delete empty formatted rows and columns in Excel, and save it."
        )
    root = opened.package.tree(entry.part, opened.part(entry.part))
    cells: dict[tuple[int, int], Found] = {}
    styles: dict[tuple[int, int], int] = {}
    hidden_rows: list[int] = []
    masters: dict[str, tuple[str, int, int]] = {}
    data = root.find(f"{{{MAIN}}}sheetData")
    row_number = 0
    for row in () if data is None else data.iterchildren(f"{{{MAIN}}}row"):
        row_number = whole(row.get("r"), row_number + 1)
        if row.get("hidden") in ("1", "true"):
            hidden_rows.append(row_number)
        column = 0
        for node in row.iterchildren(f"{{{MAIN}}}c"):
            reference = node.get("r")
            column = column_number(_DIGITS.sub("", reference)) if reference else column + 1
            style = whole(node.get("s"), 0)
            styles[row_number, column] = style
            found = _cell(opened, node, row_number, column, style, masters)
            if found is not None:
                cells[row_number, column] = found
    protection = root.find(f"{{{MAIN}}}sheetProtection")
    columns = [
        (whole(node.get("min"), 1), whole(node.get("max"), 1))
        for node in root.iterfind(f"{{{MAIN}}}cols/{{{MAIN}}}col")
        if node.get("hidden") in ("1", "true")
    ]
    return OpenedSheet(
        name=entry.name,
        state=entry.state,
        cells=cells,
        protection=None if protection is None else dict(protection.attrib),
        hidden_rows=tuple(hidden_rows),
        hidden_columns=tuple(columns),
        styles=styles,
        conditional=tuple(
            (area.get("sqref", ""), whole(rule.get("dxfId"), -1))
            for area in root.iterfind(f"{{{MAIN}}}conditionalFormatting")
            for rule in area.iterfind(f"{{{MAIN}}}cfRule")
        ),
    )


_F, _V, _IS = f"{{{MAIN}}}f", f"{{{MAIN}}}v", f"{{{MAIN}}}is"


def _cell(
    opened: Opened, node: Any, row: int, column: int, style: int, masters: dict[str, tuple[str, int, int]]
) -> Found | None:
    """Return a cell that holds something; ``masters`` are the shared formulas spelled out so far."""
    formula: str | None = None
    array = ""
    value: Value = None
    kind = node.get("t", "n")
    for child in node.iterchildren():
        tag = child.tag
        if tag == _V:
            value = _value(opened, kind, child.text or "")
        elif tag == _F:
            formula = child.text or ""
            form = child.get("t", "")
            if form == "array":
                array = child.get("ref", "")
            elif form == "shared":
                index = child.get("si", "")
                if formula:
                    masters[index] = (formula, row, column)
                elif index in masters:
                    master, top, left = masters[index]
                    formula = shared(master, row - top, column - left)
            elif form == "dataTable":
                formula = f"TABLE({child.get('r1', '')},{child.get('r2', '')})"
        elif tag == _IS:
            value = _text(child)
    if formula is None and value is None:
        return None
    if value == "" and formula is None:
        return None
    return Found(value, formula, array, style)


def _value(opened: Opened, kind: str, text: str) -> Value:
    if kind == "n":
        try:
            number = float(text) if text else None
        except ValueError:
            return text
        # Excel has no such numbers.
        return number if number is None or math.isfinite(number) else text
    if kind == "s":
        place = whole(text, -1)
        return opened.strings[place] if 0 <= place < len(opened.strings) else ErrorText("#REF!")
    if kind == "b":
        return text.strip() in ("1", "true")
    if kind == "e":
        return ErrorText(text)
    return decoded(text)
