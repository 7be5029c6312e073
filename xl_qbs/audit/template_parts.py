"""What templates share: how they are known, what About says, and their yellow cells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import get_args

from xl_qbs.audit.expected import Expected
from xl_qbs.audit.opened import Opened, Value
from xl_qbs.audit.template_inputs import UnreadableError, Yellow
from xl_qbs.audit.versions import HERE, VERSION, put_texts, versions_text
from xl_qbs.sheets.model import Book, Label, Language


def marked_language(opened: Opened, marks: Sequence[Label]) -> Language | None:
    """Return the language in which a workbook has sheets of these names, one of which may be renamed; None for none."""
    names = {entry.name for entry in opened.entries}
    languages: tuple[Language, ...] = get_args(Language)
    for language in languages:
        if sum(label.say(language) in names for label in marks) >= len(marks) - 1:
            return language
    return None


def about_texts(opened: Opened, about: Label, language: Language) -> list[str]:
    """Return the texts of the second column of the sheet About, or of the first sheet where there is none."""
    sheet = opened.sheet(about.say(language)) or opened.sheet(opened.entries[0].name)
    cells = {} if sheet is None else sheet.cells
    return [one.value for (_, column), one in cells.items() if column == 2 and isinstance(one.value, str)]


def cells_of(opened: Opened) -> int:
    """Return how many cells a workbook holds.

    A file that says it has room for more than it holds would cost as much time and memory as one that has it.
    """
    return sum(len(sheet.cells) for entry in opened.entries if (sheet := opened.sheet(entry.name)) is not None)


def version_in(texts: Sequence[str]) -> tuple[str, str]:
    """Return the versions of program and method that one of the texts names; empty ones where none does."""
    found = next((match for text in texts if (match := VERSION.match(text))), None)
    return ("", "") if found is None else (found[1], found[2])


def of_version(book: Book, version: tuple[str, str]) -> Expected:
    """Return sheets as cells, About naming the version that built them."""
    if version[0]:
        put_texts(book.sheets[:1], {HERE: versions_text(*version)})
    return Expected(book)


def layout(book: Book) -> list[tuple[object, ...]]:
    """Return where each block of a book stands, and its formula: all but the values."""
    return [
        (sheet.name, block.key, block.row, block.column, block.values.shape, block.formula)
        for sheet in book.sheets
        for block in sheet.blocks
    ]


def text_of(value: Value) -> str:
    """Return what stands in a yellow cell as a text; empty for nothing."""
    return f"{value:.15g}" if isinstance(value, float) else str(value or "")


def number_of(yellow: Yellow, key: str) -> float:
    """Return the number in a yellow cell.

    Raises:
        UnreadableError: there is none.
    """
    value = yellow.one(key)
    if not isinstance(value, float) or not math.isfinite(value):
        raise UnreadableError(f"the parameter {key.replace('_', ' ')} is no number")
    return value
