"""The sheet that a reader of a diagnosis opens first."""

from __future__ import annotations

from collections.abc import Sequence

from xl_qbs._version import METHOD_VERSION, __version__
from xl_qbs.sheets import run as scoring
from xl_qbs.sheets.about_sheet import LIMITS, add_legend_rows
from xl_qbs.sheets.diagnosis import plan as names
from xl_qbs.sheets.diagnosis.plan import LAST_YEAR, Plan
from xl_qbs.sheets.frame import begin, section
from xl_qbs.sheets.model import Book, Label, Sheet

_PURPOSES: tuple[tuple[Label, Label], ...] = (
    (
        names.FINDINGS,
        Label(
            "Correlation with size, missing middle, cliffs, bands",
            "Seos suurusega, puuduv keskosa, järsakud, vahemikud",
        ),
    ),
    (
        names.INDICATORS,
        Label("Topped-out and low-burden indicators", "Lakke jõudnud ja väikese koormusega indikaatorid"),
    ),
    (
        names.NEXT_STEPS,
        Label(
            "Points for one more patient, patients missing, and each list's best steps",
            "Punktid ühe lisapatsiendi eest, puuduvad patsiendid ja iga nimistu parimad sammud",
        ),
    ),
    (
        names.ADDED,
        Label("Patients and work that an added indicator would bring", "Lisatava indikaatori sihtrühm ja töö"),
    ),
    (
        names.TWO_YEARS,
        Label(
            "Attainment, improvement, floor and changes by list", "Tase, paranemine, põrand ja muutused nimistute kaupa"
        ),
    ),
    (
        names.PREDICTION,
        Label("Which prior told the second year best", "Milline eeljaotus ennustas teist aastat kõige paremini"),
    ),
    (names.LISTS, Label("Scores by rule, ranks, groups and bands", "Skoorid reegli järgi, kohad, rühmad ja vahemikud")),
    (names.CLIFFS, Label("Points that hang on one patient", "Ühest patsiendist sõltuvad punktid")),
    (names.PRIORS, Label("Priors by rule, as formulas need them", "Eeljaotused reeglite kaupa")),
    (names.PARAMETERS, Label("The diagnosis's own decisions", "Diagnoosi enda otsused")),
    (names.LAST_DATA, Label("Counts of the year before, copied", "Eelmise aasta arvud, kopeeritud")),
    (scoring.CHARTS, Label("The report's figures on these data", "Aruande joonised nende andmetega")),
    (
        scoring.SCHEME,
        Label("Every number that somebody decided on the scoring", "Kõik hindamise kohta otsustatud arvud"),
    ),
    (scoring.COVERAGE, Label("Counts, coverage and adjusted coverage", "Arvud, hõlmatus ja kohandatud hõlmatus")),
    (scoring.PRIOR, Label("What an average list would show", "Mida näitaks keskmine nimistu")),
    (
        scoring.WEIGHTS,
        Label("From the correlation of coverages to the weights", "Hõlmatuste korrelatsioonist kaaludeni"),
    ),
    (scoring.SCORES, Label("Three scores of every list", "Iga nimistu kolm skoori")),
    (scoring.CHECKS, Label("Whether the numbers hold together", "Kas arvud on omavahel kooskõlas")),
    (scoring.CHART_DATA, Label("What the charts are drawn from", "Millest joonised on tehtud")),
)
_LIVE = (
    Label(
        "Live, from the fund's own cells: scores, correlations, clusters, cliffs, indicators, groups, changes, errors.",
        "Valemitega tervisekassa lahtritest: skoorid, seosed, kobarad, järsakud, indikaatorid, rühmad, muutused, vead.",
    ),
    Label(
        "Stored, as no formula can do it: priors by likelihood; verdicts and their intervals; standard errors.",
        "Salvestatud, sest valemiga ei saa: tõepära eeljaotused; loositud vahemikud ja otsused; standardvead.",
    ),
)
_BEAR = (
    Label(
        "A correlation of zero is not proof of fairness, and a lower one is not proof of unfairness.",
        "Nullkorrelatsioon ei tõesta õiglust ja väiksem ei tõesta ebaõiglust.",
    ),
    Label(
        "An indicator counted in prescriptions holds most of the eligible sum; --counting patients leaves such out.",
        "Retseptides loendatav indikaator moodustab suurema osa sihtrühmast; --counting patients jätab need välja.",
    ),
    Label(
        "Next steps rank points for one more patient, where target populations are small; that is not urgency.",
        "Järgmised sammud on lisapatsiendi punktide järjekord, mis soosib väikesi sihtrühmi; see pole kiireloomulisus.",
    ),
    Label(
        "Topped out or low burden is a reason to look, not to drop: dropping an indicator may let it slip.",
        "Lakke jõudnu või väike koormus on põhjus vaadata, mitte välja jätta: väljajätmisel võib tase langeda.",
    ),
)
_BEAR_TWO = (
    Label(
        "Which prior told the next year best says which number tells most of a list's next year, not which is fair.",
        "Parim ennustaja ütleb, milline arv räägib järgmisest aastast enim, mitte milline on õiglane.",
    ),
    Label(
        "Adjusting shrinks the chance that improvement rewards, but does not remove it; a floor costs what it adds.",
        "Kohandamine vähendab juhust, mida paranemine tasustab, aga ei kaota seda; põrand maksab, mida see lisab.",
    ),
)


def add_about(book: Book, plan: Plan, others: Sequence[Sheet]) -> Sheet:
    """Add the sheet that a reader opens first."""
    sheet = begin(
        book,
        names.ABOUT,
        Label("Diagnosis of the scheme: about these sheets", "Skeemi diagnoos: nende lehtede kohta"),
        Label(
            "How the scores treat lists of different size and need, in one year and between two.",
            "Kuidas skoorid kohtlevad eri suuruse ja vajadusega nimistuid, ühel aastal ja kahe aasta vahel.",
        ),
    )
    sheet.widths = {1: 36, 2: 26, 3: 70}
    sheet.portrait = True
    row = section(book, sheet, 5, Label("What it is", "Mis see on"), _facts(plan))
    contents = [[one.name, _purpose(one.name, book)] for one in others]
    row = section(book, sheet, row, Label("Sheets", "Lehed"), contents)
    row = section(book, sheet, row, Label("Live and stored", "Valemid ja salvestatu"), [[one] for one in _LIVE])
    if plan.run.findings:
        told = [[one.told] for one in plan.run.findings[:20]]
        row = section(book, sheet, row, Label("Found in the data", "Andmetest leitud"), told)
    row = add_legend_rows(book, sheet, row) + 1
    bear = [*_BEAR, *(_BEAR_TWO if plan.before is not None else ()), *LIMITS[1:]]
    row = section(book, sheet, row, Label("What to bear in mind", "Mida silmas pidada"), [[one] for one in bear])
    book.write(sheet, (row, 1), [[Label("Change log", "Muudatuste logi")]], "label")
    heads = [Label("When", "Millal"), Label("Who", "Kes"), Label("What", "Mida")]
    book.write(sheet, (row + 1, 1), [heads], "heading")
    book.write(sheet, (row + 2, 1), [[plan.run.time, "xl_qbs", Label("Sheets added", "Lehed lisatud")]], "text")
    return sheet


def _facts(plan: Plan) -> list[list[Label | str]]:
    run = plan.run
    facts: list[list[Label | str]] = [
        [Label("Diagnosed file", "Diagnoositud fail"), run.input_name],
        [Label("Read from", "Loetud vahemikust"), run.data_range],
        [Label("Lists and indicators", "Nimistuid ja indikaatoreid"), "{}, {}".format(*run.result.table.target.shape)],
        [Label("Scheme", "Skeem"), run.result.scheme.name],
    ]
    if plan.before is not None:
        last = plan.before.run
        facts += [
            [Label("Year before", "Eelmine aasta"), f"{last.input_name}, {last.data_range}"],
            [Label("Its SHA-256", "Selle SHA-256"), last.input_hash],
        ]
    return [
        *facts,
        [Label("Options", "Valikud"), run.options or "--"],
        [Label("Diagnosed at", "Diagnoositud"), run.time],
        [
            Label("Program and method version", "Programmi ja meetodi versioon"),
            f"xl_qbs {__version__}, {METHOD_VERSION}",
        ],
        [Label("SHA-256 of the file", "Faili SHA-256"), run.input_hash],
    ]


def _purpose(name: str, book: Book) -> Label | str:
    """Return what a sheet is for, by its name; the longest name that it begins with counts."""
    ending = book.say(LAST_YEAR)
    fitting = [
        (len(book.sheet_name(sheet)), purpose)
        for sheet, purpose in _PURPOSES
        if name.startswith(book.sheet_name(sheet))
    ]
    if not fitting:
        return ""
    purpose = book.say(max(fitting, key=lambda one: one[0])[1])
    return (
        purpose + ending if name.endswith(ending) and not name.startswith(book.sheet_name(names.LAST_DATA)) else purpose
    )
