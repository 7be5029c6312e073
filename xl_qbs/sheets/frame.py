"""What every result sheet begins with: title, one sentence, and the state of the checks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from xl_qbs.scheme import Scheme
from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.model import Book, Label, Mark, Sheet
from xl_qbs.sheets.room import Room
from xl_qbs.sheets.run import Run

# Sheets with a row a list hold their heading in this row, and their lists from the next one on.
HEADING_ROW = 12
FIRST_ROW = HEADING_ROW + 1

INFINITE = Label("infinite", "lõpmatu")


def begin(book: Book, name: Label, title: Label, sentence: Label, tab: str = "1F4E79") -> Sheet:
    """Add a sheet with title, sentence and the master flag in its first three rows."""
    sheet = book.sheet(book.sheet_name(name))
    sheet.tab = tab
    sheet.heights = {1: 26}
    book.write(sheet, (1, 1), [[book.say(title) + book.say(book.suffix or "")]], "title")
    book.write(sheet, (2, 1), [[sentence]], "note")
    return sheet


def section(book: Book, sheet: Sheet, row: int, title: Label, rows: Sequence[Sequence[Label | str]]) -> int:
    """Write rows of text below a title, and return the row where the next section begins, one left free."""
    book.write(sheet, (row, 1), [[title]], "label")
    book.write(sheet, (row + 1, 1), rows, "text")
    return row + 2 + len(rows)


def add_flag(book: Book, sheet: Sheet, key: str) -> None:
    """Show the master flag of the checks in the sheet's third row."""
    book.write(sheet, (3, 1), [[Label("All checks", "Kõik kontrollid")]], "label")
    book.add(sheet, key, (3, 2), book.block("master").values, "{master}", kind="check", format="flag")
    sheet.flags.append("B3")


def mute_unused(sheet: Sheet, room: Room) -> None:
    """Make the places of a sheet without a list or an indicator look empty; the heading rows must stand already."""
    if not room.open:
        return
    last = column_letter(sheet.last_column)
    bottom = FIRST_ROW + room.lists - 1
    no_indicator = f'AND(ISNUMBER(B$6),B${HEADING_ROW}="")'
    sheet.marks += [
        Mark(f"B6:{last}{HEADING_ROW}", no_indicator, "unused"),
        Mark(f"A{FIRST_ROW}:{last}{bottom}", f'OR($A{FIRST_ROW}="",{no_indicator})', "unused"),
    ]


def strength_cell(book: Book, strength: float | None) -> float | str | None:
    """Return a prior strength as a cell shows it: an infinite one in words, which formulas know as no number."""
    return book.say(INFINITE) if strength == float("inf") else strength


def texts(values: Iterable[str]) -> NDArray[np.object_]:
    """Return texts as cells."""
    return np.array(list(values), dtype=object)


def indicator_names(book: Book, scheme: Scheme) -> tuple[str, list[str]]:
    """Return the block that holds the indicators' names in the book's language, and the names."""
    if book.language == "et" and all(one.name_et for one in scheme.indicators):
        return "name_et", [one.name_et for one in scheme.indicators]
    return "name", [one.name for one in scheme.indicators]


def add_indicator_columns(book: Book, sheet: Sheet, run: Run, key: str, label: Label, column: int) -> None:
    """Head a group of columns, one an indicator: the group's name, and each one's number, code and name.

    Numbers stand in the block ``no_`` and the key; the rows between code and name are the group's own.
    """
    room = run.room
    last = column + room.indicators - 1
    book.write(sheet, (5, column), [[label]], "group")
    if last > column:
        sheet.merges.append(f"{column_letter(column)}5:{column_letter(last)}5")
    book.add(sheet, f"no_{key}", (6, column), room.numbers.reshape(1, -1))
    number = f"{{no_{key}}}"
    shown = room.across(texts(run.result.scheme.codes))
    formula = f'INDEX({{code:all}},{number})&""'
    book.add(sheet, f"code_{key}", (7, column), shown, formula, kind="label", format="text")
    which, names = indicator_names(book, run.result.scheme)
    formula = f'INDEX({{{which}:all}},{number})&""'
    shown = room.across(texts(names))
    book.add(sheet, f"name_{key}", (HEADING_ROW, column), shown, formula, kind="heading", format="text")
