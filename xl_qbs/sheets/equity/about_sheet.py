"""The sheet that a reader opens first: what the book is, from what it was made, and what to bear in mind."""

from __future__ import annotations

from collections.abc import Sequence

from xl_qbs._version import METHOD_VERSION, __version__
from xl_qbs.sheets.about_sheet import add_legend_rows
from xl_qbs.sheets.equity import plan as names
from xl_qbs.sheets.equity.plan import Plan
from xl_qbs.sheets.frame import begin, section
from xl_qbs.sheets.model import Book, Label, Sheet

_PURPOSES: tuple[tuple[Label, Label], ...] = (
    (
        names.RESULTS,
        Label("A row a provider: largest gaps, and equity points", "Osutaja real: suurimad lõhed ja võrdsuspunktid"),
    ),
    (
        names.CHARTS,
        Label("Gaps by indicator, their distribution, and points", "Lõhed indikaatorite kaupa, jaotus ja punktid"),
    ),
    (
        names.GAPS,
        Label(
            "Difference and ratio of each group to the reference, with limits",
            "Iga rühma erinevus ja suhe võrdlusega, piiridega",
        ),
    ),
    (
        names.POINTS,
        Label(
            "What the disadvantaged groups earn, step by step",
            "Mida ebasoodsas olukorras rühmad teenivad, samm-sammult",
        ),
    ),
    (
        names.TREND,
        Label(
            "How gaps changed, the group's part and the reference's apart",
            "Kuidas lõhed muutusid, rühma ja võrdluse osa eraldi",
        ),
    ),
    (
        names.WITHIN,
        Label(
            "Values with limits, and adjusted ones, within each group",
            "Väärtused piiridega ja kohandatult iga rühma sees",
        ),
    ),
    (names.BETWEEN, Label("Variance between groups net of chance", "Rühmadevaheline dispersioon ilma juhuseta")),
    (
        names.STANDARD,
        Label(
            "Crude beside what is expected of the same groups elsewhere",
            "Kohandamata väärtus selle kõrval, mida samadelt rühmadelt oodata",
        ),
    ),
    (
        names.PEERS,
        Label("Scores beside those of providers with like patients", "Skoorid sarnaste patsientidega osutajate kõrval"),
    ),
    (names.GATES, Label("What may be compared, and the reason why not", "Mida saab võrrelda ja miks mitte")),
    (
        names.GROUPS,
        Label(
            "Patients and work done of each group, your own cells", "Iga rühma patsiendid ja tehtu, teie enda lahtrid"
        ),
    ),
    (names.PRIOR, Label("What adjusted values are drawn to", "Mille poole kohandatud väärtusi tõmmatakse")),
    (names.PARAMETERS, Label("Every number that somebody decided", "Kõik otsustatud arvud")),
    (names.CHECKS, Label("Whether the numbers hold together", "Kas arvud on omavahel kooskõlas")),
    (names.CHART_DATA, Label("What the charts are drawn from", "Millest joonised on tehtud")),
    (
        names.DATA,
        Label("Yellow: a row a provider, indicator and group", "Kollane: rida on osutaja, indikaator ja rühm"),
    ),
    (
        names.BASELINE,
        Label("The same of an earlier period; may stay empty", "Sama varasemast perioodist; võib jääda tühjaks"),
    ),
    (names.TARGETS, Label("What points ask for, from the baseline", "Mida punktid nõuavad, baasperioodist")),
)
_STEPS = (
    Label(
        "1. Parameters: name groups and indicators as your data do; say which groups are disadvantaged (1), if any.",
        "1. Parameetrid: nimetage rühmad ja indikaatorid nagu andmetes; märkige ebasoodsas olukorras rühmad (1).",
    ),
    Label(
        "   Where your data have rows of all patients (or of unknown group), say there what these are called.",
        "   Kui andmetes on kõigi patsientide (või teadmata rühma) ridu, kirjutage sinna ka nende nimi.",
    ),
    Label(
        "2. Data: paste rows as values, in any order. The message beside each row says whether it counts.",
        "2. Andmed: kleepige read väärtustena, ükskõik mis järjekorras. Iga rea teade ütleb, kas see kõlbab.",
    ),
    Label(
        "3. Baseline data: the same for an earlier period. Trend and points need it; all else does not.",
        "3. Baasandmed: sama varasema perioodi kohta. Vajalik muutuse ja punktide jaoks; muu jaoks mitte.",
    ),
    Label(
        "4. Look at the flag at the top of any sheet. FAIL: the sheet Checks says what is wrong, red messages where.",
        "4. Vaadake lippu iga lehe ülaosas. FAIL: leht Kontrollid ütleb, mis on valesti; punased teated ütlevad, kus.",
    ),
    Label(
        "5. Results, Gaps, Equity points and the other sheets follow. What is blank has its reason on Gates.",
        "5. Tulemused, Lõhed, Võrdsuspunktid ja teised lehed arvutatakse. Tühja koha põhjus on lehel Väravad.",
    ),
)
_NOT_HERE = (
    Label(
        "No closed form: the interval of variance between groups, and the prior by likelihood (the library has it).",
        "Valemit pole: rühmadevahelise dispersiooni vahemik ja tõepära eeljaotus (see on Pythoni teegis).",
    ),
    Label(
        "Not in this template; xl-qbs equity has them: means of continuous values, peer groups by social risk,",
        "Selles mallis puuduvad, xl-qbs equity oskab: pidevate väärtuste keskmised, võrdlusrühmad sotsiaalse riski",
    ),
    Label(
        "a floor under earlier points, and a copy to share in which small counts are hidden.",
        "järgi, varasemate punktide põrand ja jagatav koopia, kus väikesed arvud on peidetud.",
    ),
)
_OPEN_LIMITS = (
    Label(
        "Targets and the prior of points come from the baseline's rows: agree on them, and leave them as they are.",
        "Sihid ja punktide eeljaotus tulevad baasperioodi ridadest: leppige need kokku ja ärge hiljem muutke.",
    ),
    Label(
        "These sheets hold small counts: do not pass the workbook on.",
        "Neil lehtedel on väikesi arve: ärge andke töövihikut edasi.",
    ),
)
_OPEN_GROUPS = Label(
    "Patients and work done of each group, found in your rows", "Iga rühma patsiendid ja tehtu, leitud teie ridadest"
)
_LIMITS = (
    Label(
        "A blank is not a 0: what does not pass the gates is not scored, and the sheet Gates says why.",
        "Tühi pole 0: mis väravaid ei läbi, seda ei hinnata, ja leht Väravad ütleb, miks.",
    ),
    Label(
        "Gaps to the best group are too wide on average, since the best is in part the luckiest; over years name one.",
        "Lõhe parimaga on keskmiselt liiga suur, sest parim on osalt õnneseen: aastate võrdluseks nimetage rühm.",
    ),
    Label(
        "No formula of achievement or improvement refers to another group's cells of this period (trace the arrows): "
        "lowering a group earns nothing.",
        "Ükski taseme ega paranemise valem ei viita teise rühma selle perioodi lahtrile (vaadake nooli): "
        "languse eest midagi ei saa.",
    ),
    Label(
        "Chance moves small groups, and falls cost nothing, so chance earns points: look at reliability.",
        "Juhus kõigutab väikesi rühmi ja langus ei maksa midagi, nii et juhus teenib punkte: vaadake usaldusväärsust.",
    ),
    Label(
        "Targets and the prior of points are frozen from the baseline; run again to freeze others.",
        "Sihid ja punktide eeljaotus on baasperioodist fikseeritud; teiste jaoks käivitage uuesti.",
    ),
    Label(
        "These sheets hold small counts. Share only a copy made with --share: live formulas would carry what it hides.",
        "Neil lehtedel on väikesi arve. Jagage vaid valikuga --share tehtud koopiat: valemid paljastaksid peidetu.",
    ),
)


def add_about(book: Book, plan: Plan, others: Sequence[Sheet]) -> Sheet:
    """Add the sheet that a reader opens first."""
    sheet = begin(
        book,
        names.ABOUT,
        Label("Equity by group: about this workbook", "Võrdsus rühmade kaupa: selle töövihiku kohta"),
        Label(
            "Completeness and small numbers first; then gaps, and what improvement earns.",
            "Enne andmete täielikkus ja väikesed arvud; siis lõhed ja see, mida paranemine annab.",
        ),
    )
    sheet.widths = {1: 34, 2: 26, 3: 84}
    sheet.portrait = True
    row = 5
    if plan.room is not None:
        row = section(book, sheet, row, Label("How to use it", "Kuidas kasutada"), [[one] for one in _STEPS])
        row = section(book, sheet, row, Label("What is not here", "Mida siin pole"), [[one] for one in _NOT_HERE])
    row = section(book, sheet, row, Label("What it is", "Mis see on"), _facts(plan))
    contents = [[one.name, _purpose(one.name, book)] for one in others]
    row = section(book, sheet, row, Label("Sheets", "Lehed"), contents)
    if plan.findings:
        told = [[one.told] for one in plan.findings]
        row = section(book, sheet, row, Label("Found in the data", "Andmetest leitud"), told)
    row = add_legend_rows(book, sheet, row) + 1
    # The last two are of a table that was analysed.
    limits = _LIMITS if plan.room is None else (*_LIMITS[:-2], *_OPEN_LIMITS)
    row = section(book, sheet, row, Label("What to bear in mind", "Mida silmas pidada"), [[one] for one in limits])
    book.write(sheet, (row, 1), [[Label("Change log", "Muudatuste logi")]], "label")
    heads = [Label("When", "Millal"), Label("Who", "Kes"), Label("What", "Mida")]
    book.write(sheet, (row + 1, 1), [heads], "heading")
    what = Label("Template built", "Mall loodud") if plan.room is not None else Label("Sheets added", "Lehed lisatud")
    book.write(sheet, (row + 2, 1), [[plan.time, "xl_qbs", what]], "text")
    return sheet


def _facts(plan: Plan) -> list[list[Label | str]]:
    if plan.room is not None:
        return [
            [
                Label("Program and method version", "Programmi ja meetodi versioon"),
                f"xl_qbs {__version__}, {METHOD_VERSION}",
            ],
            [
                Label("Room for providers, indicators, groups", "Kohti: osutajad, indikaatorid, rühmad"),
                ", ".join(map(str, plan.places)),
            ],
            [Label("Rows for data of a period", "Ridu perioodi andmetele"), str(plan.room.rows)],
        ]
    found = plan.analysis
    refused = int((~found.passed.ok).sum())
    rows: list[list[Label | str]] = [
        [Label("Analysed file", "Analüüsitud fail"), plan.input_name],
        [Label("Read from", "Loetud vahemikust"), plan.data_range],
        [
            Label("Providers, indicators, groups", "Osutajaid, indikaatoreid, rühmi"),
            ", ".join(map(str, found.now.shape)),
        ],
        [Label("Groups", "Rühmad"), ", ".join(plan.groups)],
        [Label("Compared, refused", "Võrreldud, keeldutud"), f"{plan.size - refused}, {refused}"],
    ]
    if found.now.period:
        rows.append([Label("Period", "Periood"), found.now.period])
    if found.before is not None:
        rows.append([Label("Baseline", "Baasperiood"), found.before.period])
    rows += [
        [Label("Options", "Valikud"), plan.typed or "--"],
        [Label("Analysed at", "Analüüsitud"), plan.time],
        [
            Label("Program and method version", "Programmi ja meetodi versioon"),
            f"xl_qbs {__version__}, {METHOD_VERSION}",
        ],
        [Label("SHA-256 of the file", "Faili SHA-256"), plan.input_hash],
    ]
    return rows


def _purpose(name: str, book: Book) -> Label | str:
    purposes = [*_PURPOSES, (names.GROUPS, _OPEN_GROUPS)] if not book.prefix else _PURPOSES
    found = [(sheet, purpose) for sheet, purpose in reversed(purposes) if name.startswith(book.sheet_name(sheet))]
    return max(found, key=lambda one: len(book.say(one[0])))[1] if found else ""
