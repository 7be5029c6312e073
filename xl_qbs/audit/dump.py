"""A workbook as text that git can compare: a line a cell, in one spelling whichever program saved it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from xl_qbs.audit.formula_text import canonical
from xl_qbs.audit.opened import ErrorText, Found, Opened, OpenedSheet, Value
from xl_qbs.sheets.address import cell_name, split_cell

_RANGE = re.compile(r"\$?[A-Z]{1,3}\$?[1-9][0-9]{0,6}:\$?[A-Z]{1,3}\$?[1-9][0-9]{0,6}")
# Characters that end a line somewhere, that order a terminal about, and halves of characters.
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# Excel and LibreOffice keep 15 digits of what is typed; the last ones of what is calculated differ between them.
_DIGITS, _CALCULATED_DIGITS = 15, 12
# What is left of a difference that is 0.
_NOTHING = 1e-12


def dump(opened: Opened, sheets: tuple[str, ...] = (), *, values: bool = True) -> Iterator[str]:
    """Yield the lines of a workbook's text.

    Args:
        opened: the workbook.
        sheets: the sheets to write; all worksheets if empty.
        values: write the stored values of formulas too.
    """
    # One line a cell, and nothing that a terminal would take for an order.
    for line in _lines(opened, sheets, values=values):
        yield _CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", line)


def _lines(opened: Opened, sheets: tuple[str, ...], *, values: bool) -> Iterator[str]:
    yield "# xl-qbs dump 1"
    for entry in opened.entries:
        if sheets and entry.name not in sheets:
            continue
        state = "" if entry.state == "visible" else f" ({entry.state})"
        yield f"## {entry.name}{state}"
        sheet = opened.sheet(entry.name)
        if sheet is None:
            yield f"# {entry.kind}"
            continue
        if sheet.protection is not None:
            yield "# protected"
        members = _members(sheet)
        for (row, column), found in sorted(sheet.cells.items()):
            text = _cell(found, values=values, calculated=(row, column) in members)
            if text:
                yield f"{cell_name(row, column)}\t{text}"
    yield "## names"
    for name in sorted(opened.names):
        scope = f"{name.scope}!" if name.scope else ""
        yield f"{scope}{name.name}\t{canonical(name.text)}"


def _members(sheet: OpenedSheet) -> set[tuple[int, int]]:
    """Return the cells of array formulas: only the first of each holds the formula."""
    members = set()
    for found in sheet.cells.values():
        if _RANGE.fullmatch(found.array):
            (left, top), (right, bottom) = (split_cell(one) for one in found.array.replace("$", "").split(":"))
            if (bottom - top + 1) * (right - left + 1) > len(sheet.cells):
                # Few cells are left to look at, in whatever large range a file states.
                members |= {
                    (row, column) for row, column in sheet.cells if top <= row <= bottom and left <= column <= right
                }
            else:
                members |= {(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)}
    return members


def _cell(found: Found, *, values: bool, calculated: bool) -> str:
    if found.formula is None and not calculated:
        return _value(found.value)
    shown = _value(_rounded(found.value), _CALCULATED_DIGITS)
    if found.formula is None:
        return shown if values else ""
    formula = f"={canonical(found.formula)}"
    if found.array:
        formula = f"{{{formula}}}@{found.array}"
    return f"{formula}\t{shown}" if values else formula


def _rounded(value: Value) -> Value:
    return 0.0 if isinstance(value, float) and abs(value) < _NOTHING else value


def _value(value: Value, digits: int = _DIGITS) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, ErrorText):
        return str(value)
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{value:.{digits}g}"
    # One line a cell, whatever the text holds.
    return '"' + value.replace("\\", "\\\\").replace("\r\n", "\n").replace("\n", "\\n").replace("\t", "\\t") + '"'
