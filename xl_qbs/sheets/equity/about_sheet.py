"""The sheet that a reader opens first: what the book is, from what it was made, and what to bear in mind."""

from __future__ import annotations

from collections.abc import Sequence

from xl_qbs._version import METHOD_VERSION, __version__
from xl_qbs.sheets.about_sheet import add_legend_rows
from xl_qbs.sheets.equity import plan as names
from xl_qbs.sheets.equity.plan import Plan
from xl_qbs.sheets.frame import begin
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
    row = _section(book, sheet, 5, Label("What it is", "Mis see on"), _facts(plan))
    contents = [[one.name, _purpose(one.name, book)] for one in others]
    row = _section(book, sheet, row, Label("Sheets", "Lehed"), contents)
    if plan.findings:
        told = [[f"{one.what} {one.remedy}".strip()] for one in plan.findings]
        row = _section(book, sheet, row, Label("Found in the data", "Andmetest leitud"), told)
    row = add_legend_rows(book, sheet, row) + 1
    row = _section(book, sheet, row, Label("What to bear in mind", "Mida silmas pidada"), [[one] for one in _LIMITS])
    book.write(sheet, (row, 1), [[Label("Change log", "Muudatuste logi")]], "label")
    heads = [Label("When", "Millal"), Label("Who", "Kes"), Label("What", "Mida")]
    book.write(sheet, (row + 1, 1), [heads], "heading")
    book.write(sheet, (row + 2, 1), [[plan.time, "xl_qbs", Label("Sheets added", "Lehed lisatud")]], "text")
    return sheet


def _facts(plan: Plan) -> list[list[Label | str]]:
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
    found = [(sheet, purpose) for sheet, purpose in _PURPOSES if name.startswith(book.sheet_name(sheet))]
    return max(found, key=lambda one: len(book.say(one[0])))[1] if found else ""


def _section(book: Book, sheet: Sheet, row: int, title: Label, rows: Sequence[Sequence[Label | str]]) -> int:
    book.write(sheet, (row, 1), [[title]], "label")
    book.write(sheet, (row + 1, 1), rows, "text")
    return row + 2 + len(rows)
