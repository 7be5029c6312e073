"""The sheet that a reader opens first: what the book is, from what it was made, and what to bear in mind."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from xl_qbs._version import METHOD_VERSION, __version__
from xl_qbs.sheets.about_sheet import add_legend_rows
from xl_qbs.sheets.efficiency import plan as names
from xl_qbs.sheets.efficiency.plan import BY_SEARCH, TITLES, Plan
from xl_qbs.sheets.frame import begin, section
from xl_qbs.sheets.model import Book, Label, Sheet

_PURPOSES: tuple[tuple[Label, Label], ...] = (
    (
        names.RESULTS,
        Label(
            "Quality and cost beside every efficiency, rank and class",
            "Kvaliteet ja kulu iga tõhususe, koha ja klassi kõrval",
        ),
    ),
    (names.CHARTS, Label("The paper's exhibits on these data", "Artikli joonised nende andmetega")),
    (
        names.AGREEMENT,
        Label(
            "How far the models agree (Exhibit 7), and who changes class",
            "Kui palju mudelid kattuvad (joonis 7) ja kes vahetab klassi",
        ),
    ),
    (names.STARS, Label("Value stars (Exhibits 10 and 11)", "Väärtustärnid (joonised 10 ja 11)")),
    (
        names.DATA,
        Label(
            "Quality and cost in their units, as z scores and ranks",
            "Kvaliteet ja kulu oma ühikutes, z-skoorina ja kohana",
        ),
    ),
    (names.MODELS, Label("Every step from the z scores to an efficiency", "Iga samm z-skoorist tõhususeni")),
    (names.FRONTIER, Label("The stochastic frontier, by formulas", "Stohhastiline rajajoon valemitega")),
    (
        names.PYTHON,
        Label(
            "What no formula can do: calculated by xl_qbs, stored",
            "Mida valemiga ei saa: arvutanud ja salvestanud xl_qbs",
        ),
    ),
    (
        names.PATIENTS,
        Label("Regression and cost-effectiveness from patient rows", "Regressioon ja kulutõhusus patsiendiridadest"),
    ),
    (
        names.PROGRAM,
        Label("What one of the 24 programs would make of these data", "Mida üks 24 programmist neist andmetest teeks"),
    ),
    (
        names.HARMONY,
        Label(
            "Are quality and cost about the same patients, period and risk?",
            "Kas kvaliteet ja kulu käivad samade patsientide, perioodi ja riski kohta?",
        ),
    ),
    (names.PARAMETERS, Label("Every number that somebody decided", "Kõik otsustatud arvud")),
    (names.CHECKS, Label("Whether the numbers hold together", "Kas arvud on omavahel kooskõlas")),
    (names.CHART_DATA, Label("What the charts are drawn from", "Millest joonised on tehtud")),
)
_LIMITS = (
    Label(
        "Decide on a model by its purpose before the numbers are known; the models do not agree on who is efficient.",
        "Valige mudel eesmärgi järgi enne, kui arvud on teada; mudelid ei ole tõhusate osas ühel meelel.",
    ),
    Label(
        "A z score, a rank and a class say where a provider stands among these providers, not whether care is good.",
        "z-skoor, koht ja klass näitavad kohta nende osutajate seas, mitte seda, kas ravi on hea.",
    ),
    Label(
        "A provider just below a cut-off is another class than one just above; without standard errors nothing says "
        "how sure that is.",
        "Napilt allpool piiri on teine klass kui napilt üleval; standardvigadeta ei tea, kui kindel see on.",
    ),
    Label(
        "Envelopment takes every difference for inefficiency, the frontier assumes what luck looks like.",
        "Rajaanalüüs peab iga erinevust ebatõhususeks, rajajoon eeldab, milline on juhus.",
    ),
    Label(
        "Cost-effectiveness hangs on what a unit of quality is worth; nobody can look that up.",
        "Kulutõhusus sõltub kvaliteediühiku väärtusest, mida ei saa kuskilt järele vaadata.",
    ),
)
_STEPS = (
    Label(
        "1. Data: paste providers, quality and cost as values; the message beside each row says whether it counts.",
        "1. Andmed: kleepige osutajad, kvaliteet ja kulu väärtustena; iga rea teade ütleb, kas see kõlbab.",
    ),
    Label(
        "2. Parameters: say what cost is, and look through the yellow cells; they hold every decision.",
        "2. Parameetrid: öelge, mis kulu on, ja vaadake kollased lahtrid üle; neis on kõik otsused.",
    ),
    Label(
        "3. Harmonisation: say what both measures are about; what does not match stays a warning.",
        "3. Ühtlustamine: öelge, mille kohta mõõdikud käivad; mis ei kattu, jääb hoiatuseks.",
    ),
    Label(
        "4. Look at the flag at the top of any sheet. FAIL: the sheet Checks says what is wrong and where.",
        "4. Vaadake lippu iga lehe ülaosas. FAIL: leht Kontrollid ütleb, mis ja kus on valesti.",
    ),
    Label(
        "5. Results, Charts and Agreement show every model side by side.",
        "5. Tulemused, Joonised ja Kooskõla näitavad kõiki mudeleid kõrvuti.",
    ),
)
_NOT_HERE = Label(
    "Not in this template, since no formula can do them; xl-qbs efficiency delivers them with stored values: "
    "envelopment with several inputs or outputs or with variable returns, the frontier by likelihood, regression on "
    "patients.",
    "Selles mallis puuduvad, sest valemiga neid ei saa; xl-qbs efficiency annab need salvestatud väärtustena: mitme "
    "sisendi või väljundi või muutuva mastaabituluga rajaanalüüs, tõepära rajajoon, regressioon patsiendiridadel.",
)


def add_about(book: Book, plan: Plan, others: Sequence[Sheet]) -> Sheet:
    """Add the sheet that a reader opens first."""
    sheet = begin(
        book,
        names.ABOUT,
        Label(
            "Quality and cost into efficiency: about this workbook",
            "Kvaliteet ja kulu tõhususeks: selle töövihiku kohta",
        ),
        Label(
            "Every model of the National Quality Forum's paper on efficiency (2014), side by side.",
            "Kõik National Quality Forumi tõhususe artikli (2014) mudelid kõrvuti.",
        ),
    )
    sheet.widths = {1: 34, 2: 26, 3: 84}
    sheet.portrait = True
    row = 5
    if plan.room.open:
        row = section(book, sheet, row, Label("How to use it", "Kuidas kasutada"), [[step] for step in _STEPS])
        row = section(book, sheet, row, Label("What is not here", "Mida siin pole"), _lines(book, _NOT_HERE))
    row = section(book, sheet, row, Label("What it is", "Mis see on"), _facts(plan))
    contents = [[one.name, _purpose(one.name, book)] for one in others]
    row = section(book, sheet, row, Label("Sheets", "Lehed"), contents)
    if not plan.room.open:
        row = section(book, sheet, row, Label("Models", "Mudelid"), _models(book, plan))
    if plan.findings:
        told = [[one.told] for one in plan.findings]
        row = section(book, sheet, row, Label("Found in the data", "Andmetest leitud"), told)
    row = add_legend_rows(book, sheet, row) + 1
    row = section(book, sheet, row, Label("What to bear in mind", "Mida silmas pidada"), [[one] for one in _LIMITS])
    book.write(sheet, (row, 1), [[Label("Change log", "Muudatuste logi")]], "label")
    heads = [Label("When", "Millal"), Label("Who", "Kes"), Label("What", "Mida")]
    book.write(sheet, (row + 1, 1), [heads], "heading")
    what = Label("Template built", "Mall loodud") if plan.room.open else Label("Sheets added", "Lehed lisatud")
    book.write(sheet, (row + 2, 1), [[plan.time, "xl_qbs", what]], "text")
    return sheet


def _lines(book: Book, label: Label) -> list[list[Label | str]]:
    """Return a long text in lines of the page's width."""
    return [[line] for line in wrap(book.say(label), 130)]


def _facts(plan: Plan) -> list[list[Label | str]]:
    version: list[Label | str] = [
        Label("Program and method version", "Programmi ja meetodi versioon"),
        f"xl_qbs {__version__}, {METHOD_VERSION}",
    ]
    if plan.room.open:
        return [
            version,
            [Label("Room for providers", "Ruumi osutajatele"), str(plan.room.lists)],
            [
                Label("Source of the methods", "Meetodite allikas"),
                "National Quality Forum (2014)",
            ],
        ]
    options = plan.analysis.options
    rows: list[list[Label | str]] = [
        [Label("Analysed file", "Analüüsitud fail"), plan.input_name],
        [Label("Read from", "Loetud vahemikust"), plan.data_range],
        [Label("Providers", "Osutajaid"), str(len(plan.providers))],
        [Label("Quality", "Kvaliteet"), plan.quality_name],
        [Label("Cost", "Kulu"), f"{plan.cost_name} ({options.cost_is})"],
        [Label("Options", "Valikud"), plan.typed or "--"],
        [Label("Analysed at", "Analüüsitud"), plan.time],
        version,
        [Label("SHA-256 of the file", "Faili SHA-256"), plan.input_hash],
    ]
    return rows


def _models(book: Book, plan: Plan) -> list[list[Label | str]]:
    live = Label("live formulas", "valemitega")
    stored = Label("stored by xl_qbs; run again when data change", "salvestatud; käivitage uuesti, kui andmed muutuvad")
    rows: list[list[Label | str]] = [
        [TITLES[key], book.say(stored if key in BY_SEARCH else live)] for key in plan.columns
    ]
    rows += [
        [f"{model}", book.say(Label("left out: ", "välja jäetud: ")) + reason]
        for model, reason in plan.analysis.left_out.items()
    ]
    return rows


def _purpose(name: str, book: Book) -> Label | str:
    return next((purpose for sheet, purpose in _PURPOSES if name.startswith(book.sheet_name(sheet))), "")
