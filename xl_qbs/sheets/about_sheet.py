"""The sheet that says what the workbook is, from what it was made, and how to follow a number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xl_qbs._version import METHOD_VERSION, __version__
from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.frame import begin, strength_cell
from xl_qbs.sheets.look import LEGEND
from xl_qbs.sheets.model import Block, Book, Format, Label, Sheet, SourceBlock
from xl_qbs.sheets.run import ABOUT, Run

# What a reader of the scores has to know.
LIMITS = [
    Label(
        "Compare lists by adjusted coverage and relative rank; totals move with weights and peers.",
        "Võrrelge nimistuid kohandatud hõlmatuse ja suhtelise koha järgi; summad muutuvad kaalude ja teistega.",
    ),
    Label(
        "Current and need-adjusted scores are not on one scale and must not share a payment limit.",
        "Kehtiv ja vajaduspõhine skoor pole samal skaalal ega tohi jagada makse piirmäära.",
    ),
    Label(
        "A list with nobody to serve gets the mean in the need-adjusted score, and no points in the other two.",
        "Sihtrühmata nimistu saab vajaduspõhises skooris keskmise, kahes teises aga punkte ei saa.",
    ),
    Label(
        "A list's score can move a little when other lists' counts do: prior and weights come from all lists.",
        "Nimistu skoor võib veidi muutuda teiste nimistute tõttu: eeljaotus ja kaalud tulevad kõigist nimistutest.",
    ),
]


def add_about(book: Book, run: Run, others: Sequence[Sheet]) -> Sheet:
    """Add the sheet that a reader opens first, with what each of the others is for."""
    sheet = begin(
        book,
        ABOUT,
        Label("QBS scores: about this workbook", "PKS skoorid: selle töövihiku kohta"),
        Label(
            "Coverage of family doctors' lists, scored as today and as the World Bank proposed in 2020.",
            "Perearstide nimistute hõlmatus, hinnatud kehtivalt ja Maailmapanga 2020. aasta ettepaneku järgi.",
        ),
    )
    sheet.widths = {1: 34, 2: 26, 3: 70}
    sheet.portrait = True
    row = _add_facts(book, sheet, run, 5) + 1
    row = _add_contents(book, sheet, [sheet, *others], row) + 1
    row = _add_example(book, sheet, run, row) + 1
    row = add_legend_rows(book, sheet, row) + 1
    row = _add_limits(book, sheet, row) + 1
    if run.record:
        row = add_record(book, sheet, run.record, row) + 1
    _add_log(book, sheet, run, row)
    return sheet


def _add_facts(book: Book, sheet: Sheet, run: Run, row: int) -> int:
    result = run.result
    lists, count = result.table.target.shape
    facts = [
        (Label("Scored file", "Hinnatud fail"), run.input_name),
        (Label("Read from", "Loetud vahemikust"), run.data_range),
        (Label("Lists and indicators", "Nimistuid ja indikaatoreid"), f"{lists}, {count}"),
        (Label("Scheme", "Skeem"), result.scheme.name),
        (Label("Options", "Valikud"), run.options or "--"),
        (Label("Scored at", "Hinnatud"), run.time),
        (
            Label("Program and method version", "Programmi ja meetodi versioon"),
            f"xl_qbs {__version__}, {METHOD_VERSION}",
        ),
        (Label("SHA-256 of the scored file", "Hinnatud faili SHA-256"), run.input_hash),
    ]
    book.write(sheet, (row, 1), [[label, value] for label, value in facts], "text")
    return row + len(facts)


def _add_contents(book: Book, sheet: Sheet, sheets: Sequence[Sheet], row: int) -> int:
    purposes = (
        Label("This sheet", "See leht"),
        Label(
            "Three scores of every list, with rank, relative rank and band",
            "Iga nimistu kolm skoori, koht, suhteline koht ja vahemik",
        ),
        Label("The report's figures on these data", "Aruande joonised nende andmetega"),
        Label(
            "Counts, coverage, adjusted coverage, interval and reliability",
            "Arvud, hõlmatus, kohandatud hõlmatus, vahemik ja usaldusväärsus",
        ),
        Label("From the correlation of coverages to the weights", "Hõlmatuste korrelatsioonist kaaludeni"),
        Label("What an average list would show, by each rule", "Mida näitaks keskmine nimistu, iga reegli järgi"),
        Label("Every number that somebody decided", "Kõik otsustatud arvud"),
        Label("What was found in the data", "Mida andmetest leiti"),
        Label("Whether the numbers hold together", "Kas arvud on omavahel kooskõlas"),
        Label("What the charts are drawn from", "Millest joonised on tehtud"),
    )
    book.write(sheet, (row, 1), [[Label("Sheets", "Lehed")]], "label")
    rows = [[one.name, book.say(what)] for one, what in zip(sheets, purposes, strict=True)]
    book.write(sheet, (row + 1, 1), rows, "text")
    return row + 1 + len(rows)


def _add_example(book: Book, sheet: Sheet, run: Run, row: int) -> int:
    """Follow one number from the two raw ones: the first list's first indicator, live."""
    result = run.result
    table = result.table
    title = Label(
        f"How to follow a number: {table.providers[0]}, {result.scheme.codes[0]}",
        f"Kuidas arvu jälgida: {table.providers[0]}, {result.scheme.codes[0]}",
    )
    steps: list[tuple[str, Label, float, Format]] = [
        ("target", Label("Target population n", "Sihtrühm n"), table.target[0, 0], "count"),
        ("done", Label("Done x", "Tehtud x"), table.counted[0, 0], "count"),
        ("mean_row", Label("Prior mean m", "Eeljaotuse keskmine m"), result.prior.mean[0], "share"),
        ("strength_row", Label("Prior strength M", "Eeljaotuse kaal M"), result.prior.strength[0], "share"),
        (
            "adjusted",
            Label("Adjusted coverage (x + M m) / (n + M)", "Kohandatud hõlmatus (x + M m) / (n + M)"),
            result.adjusted[0, 0],
            "share",
        ),
        ("weight_row", Label("Weight", "Kaal"), result.weights[0], "points"),
        (
            "need_points",
            Label("Points = weight × adjusted coverage", "Punktid = kaal × kohandatud hõlmatus"),
            result.need_adjusted.points[0, 0],
            "points",
        ),
        (
            "need_score",
            Label("Score = sum of the points of all indicators", "Skoor = kõigi indikaatorite punktide summa"),
            result.need_adjusted.total[0],
            "points",
        ),
    ]
    book.write(sheet, (row, 1), [[title]], "label")
    for place, (key, label, value, number_format) in enumerate(steps, start=row + 1):
        block = book.named[key]
        book.write(sheet, (place, 1), [[label]], "text")
        shown = np.array([strength_cell(book, float(value))], dtype=object)
        book.add(sheet, f"example_{key}", (place, 2), shown, f"INDEX({{{key}:all}},1,1)", format=number_format)
        book.write(sheet, (place, 3), [[_where(block)]], "note")
    return row + 1 + len(steps)


def _where(block: Block | SourceBlock) -> str:
    if isinstance(block, SourceBlock):
        return block.sheet
    return f"{block.sheet}!{column_letter(block.column)}{block.row}"


def add_legend_rows(book: Book, sheet: Sheet, row: int) -> int:
    """Add a sample of each look with what it means, and return the first row behind them."""
    book.write(sheet, (row, 1), [[Label("Legend", "Legend")]], "label")
    for place, (kind, label) in enumerate(LEGEND.items(), start=row + 1):
        sample = np.array([1.0 if kind == "check" else 0.75])
        number_format = "flag" if kind == "check" else "percent"
        book.add(sheet, f"legend_{kind}", (place, 1), sample, kind=kind, format=number_format)  # type: ignore[arg-type]
        book.write(sheet, (place, 2), [[label]], "text")
    return row + 1 + len(LEGEND)


def _add_limits(book: Book, sheet: Sheet, row: int) -> int:
    book.write(sheet, (row, 1), [[Label("What to bear in mind", "Mida silmas pidada")]], "label")
    book.write(sheet, (row + 1, 1), [[label] for label in LIMITS], "text")
    return row + 1 + len(LIMITS)


def add_record(book: Book, sheet: Sheet, record: Sequence[str], row: int) -> int:
    """Add the run log: texts for a program, each kept to one line."""
    title = Label(
        "Run log: what xl-qbs audit and xl-qbs replay need; do not change",
        "Käivituse logi: vajalik käskudele xl-qbs audit ja xl-qbs replay; ärge muutke",
    )
    book.write(sheet, (row, 1), [[title]], "label")
    count = len(record) - 1
    labels = [Label(f"Part {number} of {count}", f"Osa {number}/{count}") for number in range(1, count + 1)]
    labels.append(Label("SHA-256 of the run log", "Käivituse logi SHA-256"))
    book.write(sheet, (row + 1, 1), [[label] for label in labels], "text")
    # Beside each text something stands, so that it does not run over the page.
    beside: list[list[Label | str]] = [[text, Label("(text)", "(tekst)")] for text in record]
    book.write(sheet, (row + 1, 2), beside, "text")
    sheet.heights |= dict.fromkeys(range(row + 1, row + 1 + len(record)), 15)
    return row + 1 + len(record)


def _add_log(book: Book, sheet: Sheet, run: Run, row: int) -> None:
    book.write(sheet, (row, 1), [[Label("Change log", "Muudatuste logi")]], "label")
    heads = [Label("When", "Millal"), Label("Who", "Kes"), Label("What", "Mida")]
    book.write(sheet, (row + 1, 1), [heads], "heading")
    first = [
        run.time,
        "xl_qbs",
        book.say(Label("Sheets added to the workbook", "Lehed lisatud töövihikusse")),
    ]
    book.write(sheet, (row + 2, 1), [first], "text")
