"""Number formats that show something else than the number in the cell: a value that is right and looks wrong.

A format may hold digits of its own, drop the number, scale it, or say OK where a check says 0. Decimals, separators,
units, colours and dates are everybody's own business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from xl_qbs.audit.findings import AuditFinding
from xl_qbs.audit.opened import Opened
from xl_qbs.sheets.address import cell_name
from xl_qbs.sheets.look import NUMBER_FORMATS

# Texts of a format: between quotation marks, behind a backslash; `_x` leaves the room of a character, `*x` fills up.
_TEXT = re.compile(r'"([^"]*)"|\\(.)')
_SPACE = re.compile(r"[_*].")
_BRACKETS = re.compile(r"\[[^\]]*\]")
# What stands for the number, or for a part of a date.
_PLACE = re.compile(r"[0#?@dmyhsDMYHS]|General", re.IGNORECASE)
_POWER = re.compile(r"E[+-][0#?]+", re.IGNORECASE)
_FRACTION = re.compile(r"/\s*[0-9?]+")
_ELAPSED = re.compile(r"\[[hms]+\]", re.IGNORECASE)
_PLAIN = frozenset(NUMBER_FORMATS.values())


def misleading(code: str) -> str:
    """Return what a number format shows instead of the number; empty where it shows the number.

    >>> misleading("#,##0.00"), misleading('0.0" punkti"'), misleading("#,##0;[Red]#,##0"), misleading("dd.mm.yyyy")
    ('', '', '', '')
    >>> misleading('"OK"')
    'it shows a text, whatever the number is'
    >>> misleading('"412"0')
    'it holds digits or a percent sign of its own'
    >>> misleading(";;;")
    'it shows nothing'
    >>> misleading("0,")
    'it shows the number divided by 1,000'
    >>> misleading("0;0")
    'it shows negative numbers without their sign'
    """
    if code.replace('""', "") in _PLAIN:
        return ""
    for place, section in enumerate(_sections(code)[:3]):
        texts = "".join(quoted or escaped for quoted, escaped in _TEXT.findall(section))
        bare = _SPACE.sub("", _TEXT.sub("", section))
        shown = _FRACTION.sub("", _POWER.sub("0", _BRACKETS.sub("", bare)))
        if re.search("[0-9%]", texts) or re.search("[1-9]", shown):
            return "it holds digits or a percent sign of its own"
        if not _PLACE.search(shown) and not _ELAPSED.search(bare):
            if (texts + shown).strip():
                return "it shows a text, whatever the number is"
            # Zeros and negative numbers that are not shown leave a gap that is seen.
            if place == 0:
                return "it shows nothing"
        if re.search("[0#?],+(?![0#?])", shown):
            return "it shows the number divided by 1,000"
        if place == 1 and not re.search(r"[-(]", shown + texts) and "[" not in section and _PLACE.search(shown):
            return "it shows negative numbers without their sign"
    return ""


def _sections(code: str) -> list[str]:
    """Return the parts for positive and negative numbers, zero and texts."""
    pieces = [""]
    for piece in re.findall(r'"[^"]*"|\\.|[^"\\;]+|;|.', code, re.DOTALL):
        if piece == ";":
            pieces.append("")
        else:
            pieces[-1] += piece
    return pieces


def format_findings(opened: Opened, names: Sequence[str]) -> Iterator[AuditFinding]:
    """Yield the formats of cells with numbers, on some sheets, that show something else."""
    told = {number: why for number, code in opened.number_formats.items() if (why := misleading(code))}
    conditional = {place: why for place, code in opened.conditional_formats.items() if (why := misleading(code))}
    for name in names:
        sheet = opened.sheet(name)
        if sheet is None:
            continue
        places: dict[int, list[tuple[int, int]]] = {}
        for place, found in sheet.cells.items() if told else ():
            if found.style in told and (found.formula is not None or isinstance(found.value, float)):
                places.setdefault(found.style, []).append(place)
        for style, cells in places.items():
            yield AuditFinding(
                kind="number format",
                sheet=name,
                cell=cell_name(*min(cells)),
                what=f"the number format hides what the cell holds: {told[style]}",
                found=opened.number_formats[style],
                cells=len(cells),
            )
        for area, number in sheet.conditional:
            if number in conditional:
                yield AuditFinding(
                    kind="number format",
                    sheet=name,
                    cell=area,
                    what=f"a conditional format hides what cells hold: {conditional[number]}",
                    found=opened.conditional_formats[number],
                )
