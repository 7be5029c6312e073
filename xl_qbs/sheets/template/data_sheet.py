"""The sheet of data: where lists and counts are pasted, with a message beside each row."""

from __future__ import annotations

import numpy as np

from xl_qbs.sheets.address import cell_name, column_letter, range_name
from xl_qbs.sheets.frame import FIRST_ROW, HEADING_ROW, begin, indicator_names, texts
from xl_qbs.sheets.model import Block, Book, Label, Mark, Sheet, Validation
from xl_qbs.sheets.run import Run
from xl_qbs.sheets.template.data_checks_sheet import messages
from xl_qbs.sheets.template.plan import DATA, Counts, interleaved

_SUM_ROW, _USED_ROW, _CODE_ROW, _NAME_ROW = 8, 9, 10, 11
_LIST_COLUMN, _FIRST_COLUMN = 2, 3

_HOW = [
    Label(
        "Paste values only (Paste special, Values): a row a list, a pair of columns an indicator. Do not move cells.",
        "Kleepige ainult väärtused (Kleebi teisiti, Väärtused): nimistu kohta rida, indikaatori kohta kaks veergu.",
    ),
    Label(
        "The codes above the columns say which indicator is meant; the scheme's order does not matter.",
        "Veergude kohal olevad koodid määravad indikaatori; skeemi järjekord ei loe.",
    ),
    Label(
        "A target of 0 means that there was nobody to serve. A blank cell is no 0: it is reported.",
        "Sihtrühm 0 tähendab, et kedagi polnud teenindada. Tühi lahter ei ole 0: sellest teatatakse.",
    ),
    Label(
        "Red cells hold no whole number from 0; orange ones hold more done than there were patients.",
        "Punastes lahtrites pole täisarvu alates nullist; oranžides on tehtud rohkem kui sihtrühmas patsiente.",
    ),
]


def add_data(book: Book, run: Run, counts: Counts, *, empty: bool) -> Sheet:
    """Add the sheet of data; the sheets of the scheme must stand already."""
    room = run.room
    table = counts.table
    sheet = begin(
        book,
        DATA,
        Label("Data", "Andmed"),
        Label(
            "Yellow cells are yours: list, target population and work done, and a coefficient where lists have one.",
            "Kollased lahtrid on teie: nimistu, sihtrühm ja tehtud ning soovi korral nimistu koefitsient.",
        ),
        tab="BF8F00",
    )
    book.write(sheet, (4, 1), [[line] for line in _HOW], "note")
    columns = 2 * room.indicators
    last_row = FIRST_ROW + room.lists - 1
    coefficient = _FIRST_COLUMN + columns
    sheet.widths = {1: 40, _LIST_COLUMN: 16, coefficient: 12}
    sheet.default_width = 11
    sheet.scale = 62
    sheet.breaks = [_FIRST_COLUMN + 2 * place - 1 for place in range(5, room.indicators, 5)]
    sheet.heights |= {_NAME_ROW: 48, HEADING_ROW: 32}
    sheet.freeze = cell_name(FIRST_ROW, _FIRST_COLUMN)
    sheet.print_titles = f"$A:$B,${_CODE_ROW}:${HEADING_ROW}"
    heads = [Label("Message", "Teade"), Label("List", "Nimistu")]
    book.write(sheet, (HEADING_ROW, 1), [heads], "heading")
    book.write(sheet, (_CODE_ROW, 1), [[Label("Code of the indicator", "Indikaatori kood")]], "label")
    book.write(sheet, (_USED_ROW, 1), [[Label("In the scheme (1 = yes)", "Skeemis (1 = jah)")]], "text")

    providers = room.by_list(texts([""] * len(table.providers) if empty else table.providers))
    book.add(sheet, "source_provider", (FIRST_ROW, _LIST_COLUMN), providers, kind="input", format="text")
    numbers = interleaved(table, room.lists, room.indicators)
    if empty:
        numbers = np.full_like(numbers, np.nan)
    data = book.add(sheet, "data", (FIRST_ROW, _FIRST_COLUMN), numbers, kind="input", format="count")
    # Work done stands one column to the right of its target: the same cells, moved by one.
    moved = Block(book.scope + "data_next", sheet.name, data.row, data.column + 1, data.values)
    book.named[moved.key] = moved

    codes = texts(
        [code for one in table.indicators for code in (one, "")] + [""] * (columns - 2 * len(table.indicators))
    )
    book.add(sheet, "data_code", (_CODE_ROW, _FIRST_COLUMN), codes.reshape(1, -1), kind="input", format="text")
    used = np.array([[float(code in run.result.scheme.codes) for code in codes]])
    in_scheme = 'IF({data_code}="",0,IF(ISNUMBER(MATCH({data_code},{code:all},0)),1,0))'
    book.add(sheet, "data_used", (_USED_ROW, _FIRST_COLUMN), used, in_scheme)
    sums = np.nansum(numbers, axis=0).reshape(1, -1)
    book.write(sheet, (_SUM_ROW, 1), [[Label("Sum", "Summa")]], "text")
    total = book.add(sheet, "data_sum", (_SUM_ROW, _FIRST_COLUMN), sums, "SUM({data:column})", format="count")
    moved = Block(book.scope + "data_sum_next", sheet.name, total.row, total.column + 1, total.values)
    book.named[moved.key] = moved
    which, named = indicator_names(book, run.result.scheme)
    by_code = dict(zip(run.result.scheme.codes, named, strict=True))
    names = texts([by_code.get(code, "") for code in codes]).reshape(1, -1)
    found = f'IF({{data_used}}=1,INDEX({{{which}:all}},MATCH({{data_code}},{{code:all}},0))&"","")'
    book.add(sheet, "data_name", (_NAME_ROW, _FIRST_COLUMN), names, found, kind="heading", format="text")
    pair = [Label("Target population", "Sihtrühm"), Label("Done", "Tehtud")]
    book.write(sheet, (HEADING_ROW, _FIRST_COLUMN), [pair * room.indicators], "heading")
    for place in range(room.indicators):
        left = column_letter(_FIRST_COLUMN + 2 * place)
        right = column_letter(_FIRST_COLUMN + 2 * place + 1)
        sheet.merges += [f"{left}{row}:{right}{row}" for row in (_CODE_ROW, _NAME_ROW)]

    given = room.by_list(
        np.full(len(table.providers), np.nan) if empty or table.coefficient is None else table.coefficient
    )
    book.write(sheet, (HEADING_ROW, coefficient), [[Label("Coefficient", "Koefitsient")]], "heading")
    book.add(sheet, "source_coefficient", (FIRST_ROW, coefficient), given, kind="input", format="share")
    shown = messages(book, run, counts)
    book.add(sheet, "message", (FIRST_ROW, 1), shown, "{row_message}", kind="check", format="text")
    _add_looks(sheet, last_row, coefficient)
    return sheet


def _add_looks(sheet: Sheet, last_row: int, coefficient: int) -> None:
    """Add what may be typed where, and which cells turn red or orange."""
    first, last = column_letter(_FIRST_COLUMN), column_letter(coefficient - 1)
    before = column_letter(_FIRST_COLUMN - 1)
    lists = f"{column_letter(_LIST_COLUMN)}{FIRST_ROW}:{column_letter(_LIST_COLUMN)}{last_row}"
    counts = f"{first}{FIRST_ROW}:{last}{last_row}"
    cell, left = f"{first}{FIRST_ROW}", f"{before}{FIRST_ROW}"
    used = f"OR({first}${_USED_ROW}=1,{before}${_USED_ROW}=1)"
    listed = f'TRIM(${column_letter(_LIST_COLUMN)}{FIRST_ROW})<>""'
    no_count = f"IF(ISNUMBER({cell}),MAX(0,INT({cell}))<>{cell},TRUE)"
    sheet.marks += [
        Mark(counts, f"AND({listed},{used},{no_count})", "bad"),
        Mark(counts, f"AND({listed},{before}${_USED_ROW}=1,ISNUMBER({cell}),ISNUMBER({left}),{cell}>{left})", "warn"),
        Mark(f"A{FIRST_ROW}:A{last_row}", f'AND($A{FIRST_ROW}<>"",$A{FIRST_ROW}<>"OK")', "bad"),
    ]
    sheet.validations += [
        Validation(
            counts,
            "whole",
            "0",
            "9999999",
            refusal="A count is a whole number from 0. / Arv on täisarv alates nullist.",
        ),
        Validation(
            lists,
            "custom",
            f"COUNTIF({range_name(FIRST_ROW, _LIST_COLUMN, last_row, _LIST_COLUMN)},{lists.partition(':')[0]})=1",
            refusal="This list stands here already. / See nimistu on juba olemas.",
        ),
        Validation(
            f"{column_letter(coefficient)}{FIRST_ROW}:{column_letter(coefficient)}{last_row}",
            "decimal",
            "0",
            "1000",
            refusal="A coefficient is a number from 0. / Koefitsient on arv alates nullist.",
        ),
    ]
