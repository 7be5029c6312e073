"""The sheet that a reader of a simulation opens first."""

from __future__ import annotations

from collections.abc import Sequence

from xl_qbs._version import METHOD_VERSION, __version__
from xl_qbs.sheets.about_sheet import add_legend_rows
from xl_qbs.sheets.frame import begin, section
from xl_qbs.sheets.model import Book, Label, Sheet
from xl_qbs.sheets.simulation import plan as names
from xl_qbs.sheets.simulation.plan import Plan

_PURPOSES: tuple[tuple[Label, Label], ...] = (
    (names.SUMMARY, Label("A row for each behaviour and scheme", "Rida iga käitumise ja skeemi kohta")),
    (
        names.CHARTS,
        Label("Patients, bonuses, bands, scores and gains", "Patsiendid, preemiad, vahemikud, skoorid, võidud"),
    ),
    (
        names.GROUPS,
        Label("Gains and losses by size of list and by need", "Võidud ja kaotused suuruse ja vajaduse järgi"),
    ),
    (names.BONUSES, Label("Bonuses and gains, a row a list", "Preemiad ja võidud, rida nimistu kohta")),
    (names.SCORES, Label("Mean scores, a row a list (stored)", "Keskmised skoorid, rida nimistu kohta (salvestatud)")),
    (names.BANDS, Label("Shares of replications in each band (stored)", "Korduste osad igas vahemikus (salvestatud)")),
    (
        names.PATIENTS,
        Label(
            "Extra patients by list and indicator (stored)", "Lisapatsiendid nimistu ja indikaatori järgi (salvestatud)"
        ),
    ),
    (names.DATA, Label("Counts, linked to the fund's own cells", "Arvud, viidetena tervisekassa lahtritele")),
    (names.PARAMETERS, Label("Every number that somebody decided", "Kõik otsustatud arvud")),
    (names.REPLICATIONS, Label("A row a replication (stored)", "Rida korduse kohta (salvestatud)")),
    (names.CHECKS, Label("Whether the numbers hold together", "Kas arvud on omavahel kooskõlas")),
    (names.CHART_DATA, Label("What the charts are drawn from", "Millest joonised on tehtud")),
)
_LIVE = (
    Label(
        "Live, by formulas: bonuses from bands and amounts, gains and losses, groups, totals, means and shares.",
        "Valemitega: preemiad vahemikest ja summadest, võidud ja kaotused, rühmad, summad, keskmised ja osad.",
    ),
    Label(
        "Stored, because it takes many replications: scores, shares in bands, patients served, rows of replications.",
        "Salvestatud, sest vajab palju kordusi: skoorid, osad vahemikes, teenindatud patsiendid, korduste read.",
    ),
    Label(
        "Changed counts, bands, conditions, behaviours or extra patients need a new run of xl-qbs simulate.",
        "Muudetud arvud, vahemikud, tingimused, käitumised või lisapatsiendid vajavad uut käivitust.",
    ),
)
_LIMITS = (
    Label(
        "Lists know how they stand, nobody is unwilling, no patient takes longer than another.",
        "Nimistud teavad oma seisu, keegi ei keeldu, ükski patsient ei võta teisest kauem aega.",
    ),
    Label(
        "No list works like any one of these behaviours: they are limits of what a scheme rewards, not forecasts.",
        "Ükski nimistu ei tööta nii nagu need käitumised: need on skeemi tasustatava äärmused, mitte prognoosid.",
    ),
    Label(
        "Drawn counts hold the chance of one year, not what truly changes from year to year, which is more.",
        "Loositud arvudes on ühe aasta juhus, mitte tegelik muutus aastast aastasse, mis on suurem.",
    ),
    Label(
        "A patient counts once in each indicator; prior and weights are held unless the run says otherwise.",
        "Patsient loetakse igas indikaatoris korra; eeljaotus ja kaalud püsivad, kui käivitus ei ütle teisiti.",
    ),
    Label(
        "Limits for the score in force do not suit the need-adjusted one, which is lower by intention: compare the two",
        "Kehtiva skoori piirid ei sobi vajaduspõhisele, mis on meelega madalam: võrrelge neid",
    ),
    Label(
        "with bands of relative rank or with a pot. No document states amounts or coefficients.",
        "suhtelise koha vahemike või kindla kogusummaga. Ükski dokument ei sätesta summasid ega koefitsiente.",
    ),
)


def add_about(book: Book, plan: Plan, others: Sequence[Sheet]) -> Sheet:
    """Add the sheet that a reader opens first."""
    sheet = begin(
        book,
        names.ABOUT,
        Label("Simulation of behaviour and bonuses: about these sheets", "Käitumise ja preemiate simulatsioon: teave"),
        Label(
            "What lists would do with extra patients under each scheme, and what would come of it.",
            "Mida nimistud iga skeemi korral lisapatsientidega teeksid ja mis sellest tuleks.",
        ),
    )
    sheet.widths = {1: 34, 2: 26, 3: 70}
    sheet.portrait = True
    row = section(book, sheet, 5, Label("What it is", "Mis see on"), _facts(book, plan))
    contents = [[one.name, _purpose(one.name, book)] for one in others]
    row = section(book, sheet, row, Label("Sheets", "Lehed"), contents)
    row = section(book, sheet, row, Label("Live and stored", "Valemid ja salvestatu"), [[one] for one in _LIVE])
    if plan.findings:
        told = [[one.told] for one in plan.findings[:20]]
        row = section(book, sheet, row, Label("Found in the data", "Andmetest leitud"), told)
    row = add_legend_rows(book, sheet, row) + 1
    row = section(book, sheet, row, Label("What to bear in mind", "Mida silmas pidada"), [[one] for one in _LIMITS])
    book.write(sheet, (row, 1), [[Label("Change log", "Muudatuste logi")]], "label")
    heads = [Label("When", "Millal"), Label("Who", "Kes"), Label("What", "Mida")]
    book.write(sheet, (row + 1, 1), [heads], "heading")
    book.write(sheet, (row + 2, 1), [[plan.time, "xl_qbs", Label("Sheets added", "Lehed lisatud")]], "text")
    return sheet


def _facts(book: Book, plan: Plan) -> list[list[Label | str]]:
    options = plan.simulation.options
    return [
        [Label("Simulated file", "Simuleeritud fail"), plan.input_name],
        [Label("Read from", "Loetud vahemikust"), plan.data_range],
        [
            Label("Lists and indicators", "Nimistuid ja indikaatoreid"),
            f"{plan.lists}, {len(plan.simulation.indicators)}",
        ],
        [Label("Replications and seed", "Kordusi ja seeme"), f"{options.replications}, {options.seed}"],
        [Label("Extra patients", "Lisapatsiente"), book.say(plan.budget_rule)],
        [Label("Options", "Valikud"), plan.typed or "--"],
        [Label("Simulated at", "Simuleeritud"), plan.time],
        [
            Label("Program and method version", "Programmi ja meetodi versioon"),
            f"xl_qbs {__version__}, {METHOD_VERSION}",
        ],
        [Label("SHA-256 of the file", "Faili SHA-256"), plan.input_hash],
    ]


def _purpose(name: str, book: Book) -> Label | str:
    return next((purpose for sheet, purpose in _PURPOSES if name.startswith(book.sheet_name(sheet))), "")
