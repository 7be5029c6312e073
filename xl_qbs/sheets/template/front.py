"""The sheets that explain a template: About, Legend, Assumptions log and Change log."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xl_qbs._version import METHOD_VERSION, __version__
from xl_qbs.sheets.about_sheet import LIMITS, add_legend_rows
from xl_qbs.sheets.frame import begin
from xl_qbs.sheets.model import Book, Label, Sheet
from xl_qbs.sheets.run import ABOUT, CHART_DATA, CHARTS, CHECKS, COVERAGE, DATA_CHECKS, PRIOR, SCHEME, SCORES, WEIGHTS
from xl_qbs.sheets.template.plan import ASSUMPTIONS, CARD, CHANGE_LOG, COMPARE, DATA, LEGEND, NEXT_YEAR, Plan

_STEPS = [
    Label(
        "1. Scheme: look through the yellow cells; they hold every decision.",
        "1. Skeem: vaadake üle kollased lahtrid; neis on kõik otsused.",
    ),
    Label(
        "2. Data: paste lists and counts as values; the message beside each row says whether it can be used.",
        "2. Andmed: kleepige nimistud ja arvud väärtustena; iga rea teade ütleb, kas see kõlbab.",
    ),
    Label(
        "3. Look at the flag at the top of any sheet. FAIL: the sheet Checks says what is wrong and where.",
        "3. Vaadake lippu iga lehe ülaosas. FAIL: leht Kontrollid ütleb, mis ja kus on valesti.",
    ),
    Label(
        "4. Scores, Compare and Charts show the outcome for all lists, Provider card for one.",
        "4. Punktid, Võrdlus ja Joonised näitavad kõiki nimistuid, Nimistu kaart üht.",
    ),
    Label(
        "5. Next year: type what a list plans to do, and read what it would score.",
        "5. Järgmine aasta: sisestage kavandatud töö ja vaadake, mis skoor tuleks.",
    ),
]
_ASSURANCE = [
    Label(
        "All numbers are native formulas on the sheet of data; there are no macros, no links to other files and no "
        "stored results.",
        "Kõik arvud on valemid andmete põhjal; makrosid, viiteid teistele failidele ega salvestatud tulemusi pole.",
    ),
    Label(
        "The formulas were compared cell by cell with xl_qbs in LibreOffice and IronCalc; they were not opened in "
        "every version of Excel.",
        "Valemeid on lahter lahtri haaval võrreldud xl_qbs-iga (LibreOffice, IronCalc); igas Exceli versioonis pole "
        "neid avatud.",
    ),
    Label(
        "The checks find what does not hold together. They cannot know whether the counts are true.",
        "Kontrollid leiavad, mis omavahel ei klapi. Nad ei tea, kas arvud ise on õiged.",
    ),
    Label(
        "Locked cells guard against slips, not against intent: a workbook passed around is to be audited.",
        "Lukus lahtrid kaitsevad eksimuse, mitte tahtluse eest: ringelnud töövihikut tuleb auditeerida.",
    ),
]
_PURPOSES: tuple[tuple[Label, Label], ...] = (
    (LEGEND, Label("What the colours mean", "Mida värvid tähendavad")),
    (SCHEME, Label("Every number that somebody decided", "Kõik otsustatud arvud")),
    (DATA, Label("Lists and counts are pasted here", "Siia kleebitakse nimistud ja arvud")),
    (DATA_CHECKS, Label("What is wrong with which list", "Mis on millise nimistuga valesti")),
    (CARD, Label("All about one list", "Kõik ühe nimistu kohta")),
    (NEXT_YEAR, Label("What a list would score if it did more", "Mis skoori saaks nimistu, kui teeks rohkem")),
    (
        SCORES,
        Label(
            "Three scores of every list, with rank, relative rank and band",
            "Iga nimistu kolm skoori, koht, suhteline koht ja vahemik",
        ),
    ),
    (COMPARE, Label("Who gains and who loses, by size of list", "Kes võidab ja kes kaotab, suuruse järgi")),
    (CHARTS, Label("The report's figures on these data", "Aruande joonised nende andmetega")),
    (
        COVERAGE,
        Label(
            "Counts, coverage, adjusted coverage, interval and reliability",
            "Arvud, hõlmatus, kohandatud hõlmatus, vahemik ja usaldusväärsus",
        ),
    ),
    (PRIOR, Label("What an average list would show, by each rule", "Mida näitaks keskmine nimistu, iga reegli järgi")),
    (WEIGHTS, Label("From the correlation of coverages to the weights", "Hõlmatuste korrelatsioonist kaaludeni")),
    (CHECKS, Label("Whether the numbers hold together", "Kas arvud on omavahel kooskõlas")),
    (CHART_DATA, Label("What the charts are drawn from", "Millest joonised on tehtud")),
    (ASSUMPTIONS, Label("What was taken for granted, and why", "Mida eeldati ja miks")),
    (CHANGE_LOG, Label("Who changed what, and when", "Kes, millal ja mida muutis")),
)
_EARLIER = Label("The same for the year before", "Sama eelmise aasta kohta")
_LOG_ROWS = 30


def add_about(book: Book, plan: Plan, others: Sequence[Sheet]) -> Sheet:
    """Add the sheet that a reader opens first."""
    scheme = plan.run.result.scheme
    sheet = begin(
        book,
        ABOUT,
        Label("Fair scores for family doctors' lists", "Õiglased skoorid perearstide nimistutele"),
        Label(
            "Computes the Quality Bonus System as it is and as the World Bank proposed in 2020, adjusted for need.",
            "Arvutab kvaliteedisüsteemi kehtivalt ja Maailmapanga 2020. aasta ettepaneku järgi, vajadust arvestades.",
        ),
    )
    sheet.widths = {1: 30, 2: 26, 3: 82}
    sheet.portrait = True
    row = _section(book, sheet, 5, Label("How to use it", "Kuidas kasutada"), [[step] for step in _STEPS])
    name = scheme.name_et if book.language == "et" and scheme.name_et else scheme.name
    facts: list[list[Label | str]] = [
        [Label("Scheme", "Skeem"), name],
        [
            Label("Program and method version", "Programmi ja meetodi versioon"),
            f"xl_qbs {__version__}, {METHOD_VERSION}",
        ],
        [
            Label("Room for lists and indicators", "Ruumi nimistutele ja indikaatoritele"),
            f"{plan.run.room.lists}, {plan.run.room.indicators}",
        ],
        [Label("Source of the method", "Meetodi allikas"), scheme.source or "--"],
    ]
    row = _section(book, sheet, row, Label("What it is", "Mis see on"), facts)
    contents: list[list[Label | str]] = [[one.name, _purpose(one.name, book)] for one in others]
    row = _section(book, sheet, row, Label("Sheets", "Lehed"), contents)
    row = _section(
        book,
        sheet,
        row,
        Label("What is assured, and what is not", "Mis on tagatud ja mis mitte"),
        [[one] for one in _ASSURANCE],
    )
    _section(book, sheet, row, Label("What to bear in mind", "Mida silmas pidada"), [[one] for one in LIMITS])
    return sheet


def _purpose(name: str, book: Book) -> Label:
    return next((purpose for sheet, purpose in _PURPOSES if name == book.sheet_name(sheet)), _EARLIER)


def _section(book: Book, sheet: Sheet, row: int, title: Label, rows: Sequence[Sequence[Label | str]]) -> int:
    book.write(sheet, (row, 1), [[title]], "label")
    book.write(sheet, (row + 1, 1), rows, "text")
    return row + 2 + len(rows)


def add_legend(book: Book) -> Sheet:
    """Add the sheet that explains the colours."""
    sheet = begin(
        book,
        LEGEND,
        Label("Legend", "Legend"),
        Label("What the colours and flags mean.", "Mida värvid ja lipud tähendavad."),
    )
    sheet.widths = {1: 24, 2: 26, 3: 74}
    sheet.portrait = True
    row = add_legend_rows(book, sheet, 5)
    more = [
        Label(
            "A cell of the data that is red holds no whole number from 0.",
            "Andmete punane lahter ei sisalda täisarvu alates nullist.",
        ),
        Label(
            "A cell of the data that is orange holds more done than there were patients.",
            "Andmete oranžis lahtris on tehtud üle sihtrühma.",
        ),
        Label(
            "Everything but yellow cells is locked, so that no formula is lost by a slip.",
            "Kõik peale kollaste lahtrite on lukus, et valemid ei kaoks.",
        ),
        Label("NO DATA: no list stands on the sheet of data yet.", "NO DATA: andmete lehel pole veel ühtegi nimistut."),
    ]
    book.write(sheet, (row + 1, 1), [[one] for one in more], "text")
    return sheet


def add_assumptions(book: Book, plan: Plan) -> Sheet:
    """Add the log of assumptions."""
    sheet = begin(
        book,
        ASSUMPTIONS,
        Label("Assumptions log", "Eelduste logi"),
        Label(
            "What is taken for granted, why, and who decided it. Add yours below.",
            "Mida eeldatakse, miks ja kelle otsusel. Lisage enda omad alla.",
        ),
        tab="7F7F7F",
    )
    sheet.widths = {1: 62, 2: 74, 3: 18}
    heads = [Label("Assumption", "Eeldus"), Label("Why", "Miks"), Label("Decided by", "Kes otsustas")]
    fund, report, house = Label("the fund", "tervisekassa"), Label("the report", "aruanne"), Label("xl_qbs", "xl_qbs")
    rows: list[list[Label | str]] = [
        [
            Label(
                "A list without patients in an indicator has no coverage there",
                "Sihtrühmata nimistul pole selles indikaatoris hõlmatust",
            ),
            Label(
                "0 of 0 is undefined; it gets the mean in the need-adjusted score, and no points today",
                "0/0 on määramata; vajaduspõhises skooris saab ta keskmise, kehtivas punkte ei saa",
            ),
            house,
        ],
        [
            Label(
                "More done than there were patients counts as the target", "Üle sihtrühma tehtu loetakse sihtrühmaks"
            ),
            Label(
                "Coverage above 100 % is an error of counting; each cell is reported",
                "Hõlmatus üle 100 % on loendusviga; igast lahtrist teatatakse",
            ),
            house,
        ],
        [
            Label(
                "The prior of the rule report is worth half the mean target",
                "Reegli report eeljaotus kaalub pool keskmist sihtrühma",
            ),
            Label(
                "As the report has it; an amount that was chosen, not estimated",
                "Nagu aruandes; valitud, mitte hinnatud suurus",
            ),
            report,
        ],
        [
            Label("Weights come from lists complete on all indicators", "Kaalud tulevad täielikest nimistutest"),
            Label("Correlations need the same lists throughout", "Korrelatsioonid vajavad läbivalt samu nimistuid"),
            report,
        ],
        [
            Label("A coefficient multiplies the current score only", "Koefitsient korrutab vaid kehtivat skoori"),
            Label("So it is in the scheme in force", "Nii on see kehtivas skeemis"),
            fund,
        ],
    ]
    if plan.note and not plan.empty:
        rows.append([plan.note, Label("As read when the template was built", "Nagu malli loomisel loeti"), house])
    book.write(sheet, (5, 1), [heads], "heading")
    book.write(sheet, (6, 1), rows, "text")
    blank = np.full((_LOG_ROWS, 3), "", dtype=object)
    book.add(sheet, "assumptions", (6 + len(rows), 1), blank, kind="input", format="text")
    return sheet


def add_change_log(book: Book) -> Sheet:
    """Add the log of changes, for whoever passes the workbook on."""
    sheet = begin(
        book,
        CHANGE_LOG,
        Label("Change log", "Muudatuste logi"),
        Label(
            "Who changed what, and when. Write a line before you pass the workbook on.",
            "Kes, millal ja mida muutis. Lisage rida enne edasi andmist.",
        ),
        tab="7F7F7F",
    )
    sheet.widths = {1: 20, 2: 28, 3: 106}
    heads = [Label("When", "Millal"), Label("Who", "Kes"), Label("What, and why", "Mida ja miks")]
    book.write(sheet, (5, 1), [heads], "heading")
    built = Label(f"Template built by version {__version__}", f"Mall loodud versiooniga {__version__}")
    book.write(sheet, (6, 1), [["", "xl_qbs", built]], "text")
    book.add(sheet, "changes", (7, 1), np.full((_LOG_ROWS, 3), "", dtype=object), kind="input", format="text")
    return sheet
