"""The data checks of a template: a row a list, a column a kind of mistake, and what each indicator holds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xl_qbs.scoring.table import Array
from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.frame import FIRST_ROW, HEADING_ROW, begin, mute_unused, texts
from xl_qbs.sheets.model import Book, Label, Sheet
from xl_qbs.sheets.run import DATA_CHECKS, Run
from xl_qbs.sheets.template.plan import Counts

# Each kind of mistake: key, heading, message on the sheet of data, formula for a row.
_KINDS = (
    (
        "orphan",
        Label("Counts without a list", "Arvud ilma nimistuta"),
        Label("Counts, but no list: name it, or clear the row", "Arvud ilma nimistuta: lisage nimi või tühjendage"),
        'IF({provider}="",IF(COUNTA({data:row})>0,1,0),0)',
    ),
    (
        "gap",
        Label("Blank row between lists", "Tühi rida nimistute vahel"),
        Label("Blank row: move the lists below up", "Tühi rida: tõstke alumised nimistud üles"),
        'IF({provider}="",IF({row_no}<{last_list},1,0),0)',
    ),
    (
        "twice",
        Label("List stands twice", "Nimistu on kaks korda"),
        Label("This list stands above already", "See nimistu on juba eespool"),
        'IF({provider}="",0,IF(ISNUMBER(MATCH({provider},{provider:all},0)),'
        "IF(MATCH({provider},{provider:all},0)={row_no},0,1),1))",
    ),
    (
        "bad",
        Label("Indicators without whole numbers", "Indikaatoreid ilma täisarvudeta"),
        Label(
            "A count is missing or no whole number: see red cells", "Arv puudub või pole täisarv: vt punased lahtrid"
        ),
        # An error value in any column of the row is told as well.
        'IF({provider}="",0,MAX({indicators}-COUNT({done:row}),IF(ISNUMBER(SUM({data:row})),0,1)))',
    ),
    (
        "factor",
        Label("Coefficient is no number from 0", "Koefitsient pole arv alates 0"),
        Label("The coefficient is no number from 0", "Koefitsient pole arv alates nullist"),
        "IF(ISNUMBER({source_coefficient}),IF({source_coefficient}<0,1,0),COUNTA({source_coefficient}))",
    ),
    (
        "above",
        Label("Done above target", "Tehtud üle sihtrühma"),
        Label("More done than patients: counted as the target", "Tehtud üle sihtrühma: arvestatud sihtrühmana"),
        'IF({provider}="",0,IF(ISNUMBER(SUM({data:row})),SUMPRODUCT({data_used:all}*({data_next:row}>{data:row})),0))',
    ),
)

# The first row of the summary above the lists.
_SUMMARY = 4


def add_data_checks(book: Book, run: Run, counts: Counts) -> Sheet:
    """Add the data checks of one year; the sheets of data and of coverage must stand already."""
    room = run.room
    lists = len(run.result.table.providers)
    sheet = begin(
        book,
        DATA_CHECKS,
        Label("Data checks", "Andmekontroll"),
        Label(
            "Every number below has to be 0. The sheet of data says beside each list what is wrong with it.",
            "Iga arv peab olema 0. Andmete lehel on iga nimistu juures kirjas, mis on valesti.",
        ),
        tab="7030A0",
    )
    sheet.widths = {1: 34, 2: 10, 3: 10}
    sheet.default_width = 14
    sheet.heights |= {HEADING_ROW: 64}
    sheet.freeze = f"B{FIRST_ROW}"
    sheet.print_titles = f"$A:$A,${HEADING_ROW}:${HEADING_ROW}"
    heads = [Label("List", "Nimistu"), Label("No.", "Nr"), Label("There is a list", "Nimistu on olemas")]
    book.write(sheet, (HEADING_ROW, 1), [heads], "heading")
    numbers = np.arange(1.0, room.lists + 1)
    here = np.where(numbers <= lists, numbers, 0.0)
    providers = room.by_list(texts(run.result.table.providers))
    book.add(sheet, "check_provider", (FIRST_ROW, 1), providers, "{provider}", format="text")
    book.add(sheet, "row_no", (FIRST_ROW, 2), numbers, format="count")
    book.add(sheet, "row_here", (FIRST_ROW, 3), here, 'IF({provider}="",0,{row_no})', format="count")
    last_row = Label("Row of the last list, no.", "Viimase nimistu rea nr")
    book.write(sheet, (_SUMMARY + len(_KINDS), 1), [[last_row]], "text")
    book.add(
        sheet, "last_list", (_SUMMARY + len(_KINDS), 2), np.array([float(lists)]), "MAX({row_here:all})", format="count"
    )
    above = room.by_list((counts.table.done > counts.table.target).sum(axis=1).astype(float), 0.0)
    for place, (key, label, message, formula) in enumerate(_KINDS, start=4):
        found: Array = above if key == "above" else np.zeros(room.lists)
        row = _SUMMARY + place - 4
        book.write(sheet, (row, 1), [[label]], "text")
        total = np.array([found.sum()])
        book.add(sheet, f"found_{key}", (row, 2), total, f"SUM({{row_{key}:all}})", kind="output", format="count")
        book.add(sheet, f"message_{key}", (row, 3), texts([book.say(message)]), kind="note", format="text")
        book.write(sheet, (HEADING_ROW, place), [[label]], "heading")
        book.add(sheet, f"row_{key}", (FIRST_ROW, place), found, formula, format="count")
    _add_messages(book, sheet, run, counts, 4 + len(_KINDS))
    last = FIRST_ROW + room.lists - 1
    sheet.filter = f"A{HEADING_ROW}:{column_letter(4 + len(_KINDS))}{last}"
    mute_unused(sheet, room)
    return sheet


def _add_messages(book: Book, sheet: Sheet, run: Run, counts: Counts, column: int) -> None:
    """Add the one message of each row, the gravest first."""
    formula = 'IF({provider}="","","OK")'
    for key, _, _, _ in reversed(_KINDS):
        formula = f"IF({{row_{key}}}>0,{{message_{key}}},{formula})"
    sheet.widths[column] = 48
    book.write(sheet, (HEADING_ROW, column), [[Label("Message", "Teade")]], "heading")
    shown = messages(book, run, counts)
    book.add(sheet, "row_message", (FIRST_ROW, column), shown, formula, kind="check", format="text")


def messages(book: Book, run: Run, counts: Counts) -> NDArray[np.object_]:
    """Return what is said beside each list: counts that could be read can only be above their target."""
    above = next(book.say(message) for key, _, message, _ in _KINDS if key == "above")
    more_done = np.any(counts.table.done > counts.table.target, axis=1).tolist()
    return run.room.by_list(texts(above if some else "OK" for some in more_done))
