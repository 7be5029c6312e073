"""The sheet of parameters: every number that somebody decided, of the whole, of indicators and of groups."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from xl_qbs.equity.analysis import BOOK_PRIORS, POINTS_ON, REFERENCES, EquityOptions
from xl_qbs.equity.gates import GateRules
from xl_qbs.equity.incentive import FORFEITS, STEPS
from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.equity.plan import PARAMETERS, Plan
from xl_qbs.sheets.equity.template_parameters import (
    FORFEIT,
    add_open_groups,
    add_open_indicators,
    template_parameters,
)
from xl_qbs.sheets.frame import begin, texts
from xl_qbs.sheets.model import Book, Format, Kind, Label, Sheet, Validation
from xl_qbs.sheets.scheme_sheet import HOUSE, Parameter, add_choice_rows, add_parameter_rows

YOU = Label("you", "teie")
_VBP = Label("Hospital VBP (76 FR 26490)", "Hospital VBP (76 FR 26490)")
_GUARD = 1e-9


def add_parameters(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of parameters; later sheets refer to its blocks by name."""
    sheet = begin(
        book,
        PARAMETERS,
        Label("Parameters", "Parameetrid"),
        Label(
            "Every number that somebody decided. Change a yellow cell and all sheets follow; Python is not needed.",
            "Kõik otsustatud arvud. Kollase lahtri muutmisel arvutatakse kõik lehed ümber; Pythonit pole vaja.",
        ),
        tab="BF8F00",
    )
    sheet.widths = {1: 50, 2: 18, 3: 24, 4: 14}
    sheet.default_width = 14
    sheet.freeze = "A5"
    rows = _parameters(plan)
    if plan.room is not None:
        rows += template_parameters(plan, plan.room)
    row = add_parameter_rows(book, sheet, 5, rows, handed_over=plan.room is not None) + 1
    choices: tuple[tuple[str, Label, Sequence[str]], ...] = (
        ("reference_words", Label("Reference (or a group)", "Võrdlus (või rühm)"), REFERENCES),
        ("prior_words", Label("Rule of the prior", "Eeljaotuse reegel"), BOOK_PRIORS),
        ("points_words", Label("Points are for values that are", "Punktid on väärtuste eest, mis on"), POINTS_ON),
        ("steps_words", Label("Points", "Punktid"), STEPS),
    )
    if plan.room is not None:
        choices = (*choices, ("forfeit_words", FORFEIT, FORFEITS))
    row = add_choice_rows(book, sheet, row, choices) + 1
    sheet.row_breaks.append(row - 1)
    if plan.room is not None:
        row = add_open_groups(book, sheet, plan, plan.room, row) + 1
        add_open_indicators(book, sheet, plan, plan.room, row)
    else:
        row = _add_groups(book, sheet, plan, row) + 1
        _add_indicators(book, sheet, plan, row)
    _add_validations(book, sheet, plan)
    return sheet


def _parameters(plan: Plan) -> list[Parameter]:
    options = plan.options
    rules, usual = options.rules, EquityOptions()

    def one(
        key: str, label: Label, value: object, number_format: Format, why: Label, default: object = None
    ) -> Parameter:
        return key, label, value, None, number_format, why, HOUSE if value == default else YOU

    gates = GateRules()
    rows: list[Parameter] = [
        one(
            "share_known",
            Label("Gate: smallest share of patients of known group", "Värav: teadaoleva rühmaga patsientide osa"),
            rules.share_known,
            "percent1",
            Label(
                "Massachusetts Medicaid asked its hospitals for 80 % by 2025",
                "Massachusettsi Medicaid nõudis haiglatelt 2025. aastaks 80 %",
            ),
            gates.share_known,
        ),
        one(
            "smallest_group",
            Label("Gate: fewest patients of a group", "Värav: vähim patsientide arv rühmas"),
            float(rules.smallest_group),
            "count",
            Label("30, as US measure sets ask of a denominator", "30, nagu USA mõõdikutes nimetajalt nõutakse"),
            float(gates.smallest_group),
        ),
        one(
            "fewest_groups",
            Label("Gate: fewest groups large enough", "Värav: vähim piisavalt suurte rühmade arv"),
            float(rules.fewest_groups),
            "count",
            Label("A gap needs two", "Lõheks on vaja kahte"),
            float(gates.fewest_groups),
        ),
        one(
            "total_required",
            Label(
                "Gate: all patients must be stated (1 = yes)", "Värav: kõigi patsientide arv peab teada olema (1 = jah)"
            ),
            float(rules.total_required),
            "count",
            Label("0: where they are not, the groups count as all", "0: kus arvu pole, loetakse rühmad kõigiks"),
            float(gates.total_required),
        ),
        one(
            "reference",
            Label("Gaps are to", "Lõhe võrreldes"),
            options.reference,
            "text",
            Label(
                "best (the provider's best group), population, benchmark, or the name of a group; the best is in part "
                "the luckiest",
                "best (osutaja parim rühm), population, benchmark või rühma nimi; parim on osalt õnneseen",
            ),
            usual.reference,
        ),
        (
            "ref_group_no",
            Label("Number of that group", "Selle rühma number"),
            float(plan.groups.index(options.reference) + 1 if options.reference in plan.groups else 0),
            "IF(ISNUMBER(MATCH({reference},{group_name:all},0)),MATCH({reference},{group_name:all},0),0)"
            if plan.room is None
            # A number among the names is a name too, and * stands for itself.
            else 'IF(TRIM({reference})="",0,SUMPRODUCT(MAX(({group_key:all}=TRIM({reference}))*{group_no:all})))',
            "count",
            Label("0: it is no group", "0: see pole rühm"),
            HOUSE,
        ),
        one(
            "level",
            Label("Level of the intervals", "Usaldusvahemiku tase"),
            options.level,
            "percent1",
            Label("Of every interval in these sheets", "Kõigil siinsetel vahemikel"),
            usual.level,
        ),
        (
            "spread",
            Label("Half width of an interval in standard errors", "Vahemiku poollaius standardvigades"),
            NormalDist().inv_cdf((1 + options.level) / 2),
            "NORMSINV(AVERAGE(1,{level}))",
            "share",
            Label("Of the normal distribution", "Normaaljaotusest"),
            HOUSE,
        ),
        (
            "low_tail",
            Label("Probability below an interval", "Tõenäosus allpool vahemikku"),
            (1 - options.level) / 2,
            "(1-{level})/(1+1)",
            "share",
            Label("And above it", "Ja ülalpool"),
            HOUSE,
        ),
        one(
            "prior_rule",
            Label("Rule of the prior", "Eeljaotuse reegel"),
            options.prior,
            "text",
            Label(
                "moments: estimated; report: a fraction of the mean number of patients",
                "moments: hinnatud; report: osa keskmisest patsientide arvust",
            ),
            usual.prior,
        ),
        one(
            "fraction",
            Label("That fraction", "See osa"),
            options.fraction,
            "share",
            Label("Of the rule report only", "Vaid reegliga report"),
            usual.fraction,
        ),
        (
            "guard",
            Label("Guard of comparisons", "Võrdluste täpsusvaru"),
            _GUARD,
            None,
            "tiny",
            Label("So that last bits decide nothing", "Et viimased bitid midagi ei otsustaks"),
            HOUSE,
        ),
    ]
    if plan.analysis.points is not None:
        rows += _incentive(plan)
    if plan.analysis.social is not None:
        rows += [
            one(
                "peer_count",
                Label("Number of peer groups", "Võrdlusrühmade arv"),
                float(options.peer_groups),
                "count",
                Label(
                    "By share at social risk; the sheet has room for just so many",
                    "Sotsiaalse riski osa järgi; lehel on ruumi just nii paljudele",
                ),
                float(usual.peer_groups),
            ),
            one(
                "centre",
                Label("Peers are compared by their", "Võrdlusrühma esindab"),
                options.centre,
                "text",
                Label("mean or median (as the US programme has)", "mean (keskmine) või median (nagu USA programmis)"),
                usual.centre,
            ),
        ]
    return rows


def _incentive(plan: Plan) -> list[Parameter]:
    options = plan.options
    rules = options.incentive
    rows: list[Parameter] = [
        (
            "points_on",
            Label("Points are for values that are", "Punktid on väärtuste eest, mis on"),
            options.points_on,
            None,
            "text",
            Label(
                "adjusted: small groups are drawn to the baseline's mean, so that chance earns less",
                "adjusted: väikesi rühmi tõmmatakse baasperioodi keskmise poole, et juhus vähem teeniks",
            ),
            YOU,
        ),
        (
            "steps",
            Label("Points", "Punktid"),
            STEPS[0] if rules is None else rules.steps,
            None,
            "text",
            Label("whole, as Hospital VBP, or smooth", "whole (täispunktid nagu Hospital VBP) või smooth (sujuvad)"),
            YOU,
        ),
        (
            "most_points",
            Label("Most points", "Suurim punktide arv"),
            10.0,
            None,
            "general",
            Label("For reaching the benchmark", "Sihi saavutamise eest"),
            _VBP,
        ),
        (
            "below_benchmark",
            Label("Most whole points below the benchmark", "Suurim täispunktide arv allpool sihti"),
            9.0,
            None,
            "general",
            Label("Of achievement and of improvement", "Taseme ja paranemise eest"),
            _VBP,
        ),
        (
            "half",
            Label("Added before rounding achievement", "Lisatakse enne taseme ümardamist"),
            0.5,
            None,
            "general",
            Label("And taken from improvement", "Ja lahutatakse paranemisest"),
            _VBP,
        ),
        (
            "floor",
            Label("Share of earlier points kept in any case", "Varasematest punktidest igal juhul säiliv osa"),
            options.floor,
            None,
            "percent1",
            Label("Counts where earlier points are given", "Kehtib, kui varasemad punktid on antud"),
            HOUSE if options.floor == EquityOptions().floor else YOU,
        ),
    ]
    if plan.room is not None:
        # No floor: earlier points are not among the data of a template.
        return rows[:-1]
    assert rules is not None  # noqa: S101  (there are points)
    if rules.forfeit != "never":
        rows.append(
            (
                "forfeit_any",
                Label(
                    "Any fall of another group forfeits (1), or one beyond chance (0)",
                    "Teise rühma iga langus võtab punktid (1) või vaid juhust ületav (0)",
                ),
                float(rules.forfeit == "always"),
                None,
                "count",
                Label(
                    "Where a disadvantaged group did not gain; 1 punishes chance",
                    "Kus ebasoodsas olukorras rühm ei paranenud; 1 karistab juhuse eest",
                ),
                YOU,
            )
        )
    return rows


def _add_groups(book: Book, sheet: Sheet, plan: Plan, row: int) -> int:
    """Add the groups in a row, with their numbers, and which of them are disadvantaged."""
    rules = plan.analysis.options.incentive
    book.write(sheet, (row, 1), [[Label("Groups", "Rühmad")]], "label")
    labels = [
        Label("Group", "Rühm"),
        Label("Number", "Number"),
        Label("Disadvantaged (1): its care earns points", "Ebasoodsas olukorras (1): selle ravi annab punkte"),
    ]
    book.write(sheet, (row + 1, 1), [[label] for label in labels], "text")
    across = len(plan.groups)
    book.add(sheet, "group_name", (row + 1, 2), texts(plan.groups).reshape(1, -1), kind="heading", format="text")
    book.add(sheet, "group_no", (row + 2, 2), np.arange(1.0, across + 1).reshape(1, -1), format="count")
    named = () if rules is None else rules.disadvantaged
    flags = np.array([[float(one in named) for one in plan.groups]])
    book.add(sheet, "disadvantaged", (row + 3, 2), flags, kind="input", format="count")
    book.write(
        sheet,
        (row + 4, 1),
        [
            [
                Label(
                    "Decided by: you. It is for the fund to decide, and to say why.",
                    "Otsustas: teie. See on tervisekassa otsustada ja põhjendada.",
                )
            ]
        ],
        "note",
    )
    return row + 5


def _add_indicators(book: Book, sheet: Sheet, plan: Plan, row: int) -> None:
    found = plan.analysis
    options, targets = found.options, found.targets
    size = len(plan.indicators)
    book.write(sheet, (row, 1), [[Label("Indicators", "Indikaatorid")]], "label")
    heads = [
        Label("Code", "Kood"),
        Label("Direction (1 higher is better, -1 lower)", "Suund (1 suurem parem, -1 väiksem)"),
        Label("Targets decided by", "Sihid otsustas"),
        Label("Weight", "Kaal"),
        Label("Benchmark of gaps", "Lõhe võrdlusväärtus"),
        Label("Points: threshold", "Punktid: lävi"),
        Label("Points: benchmark", "Punktid: siht"),
    ]
    book.write(sheet, (row + 1, 1), [heads], "heading")
    sheet.heights[row + 1] = 48
    book.add(sheet, "code", (row + 2, 1), texts(plan.indicators), kind="label", format="text")
    kind: Kind = "input" if plan.means else "calculation"
    book.add(sheet, "sign", (row + 2, 2), found.now.sign, kind=kind, format="general")
    own = Label("you", "teie")
    frozen = Label("frozen from the baseline", "baasperioodist fikseeritud")
    who = [[own if code in options.targets else frozen] if targets is not None else [""] for code in plan.indicators]
    book.write(sheet, (row + 2, 3), who, "text")
    book.add(sheet, "weight", (row + 2, 4), found.weights, kind="input", format="general")
    nothing = np.full(size, np.nan)
    marks = np.array([options.benchmarks.get(code, np.nan) for code in plan.indicators])
    columns = (
        ("gap_benchmark", marks),
        ("threshold", nothing if targets is None else targets.threshold),
        ("goal", nothing if targets is None else targets.benchmark),
    )
    for column, (key, values) in enumerate(columns, start=5):
        book.add(sheet, key, (row + 2, column), values, kind="input", format="share")
    note = Label(
        "Frozen: threshold is the median of the disadvantaged groups of the baseline, the benchmark the mean of the "
        "best tenth of its providers, all patients of known group.",
        "Fikseeritud: lävi on baasperioodi ebasoodsas olukorras rühmade mediaan, siht parima kümnendiku osutajate "
        "kõigi teadaoleva rühmaga patsientide keskmine.",
    )
    if targets is not None:
        book.write(sheet, (row + 2 + size, 1), [[note]], "note")


def _add_validations(book: Book, sheet: Sheet, plan: Plan) -> None:
    def cell(key: str) -> str:
        return f"B{book.block(key).row}"

    def words(key: str) -> str:
        block = book.block(key)
        return f"$B${block.row}:${column_letter(block.columns + 1)}${block.row}"

    pairs = [("prior_rule", "prior_words")]
    if plan.means:
        pairs = []
    if plan.analysis.points is not None:
        pairs += [("points_on", "points_words"), ("steps", "steps_words")]
    if plan.room is not None:
        pairs += [("forfeit", "forfeit_words")]
    for key, listed in pairs:
        shown = " / ".join(str(one) for one in book.block(listed).values[0])
        sheet.validations.append(Validation(cell(key), "list", words(listed), refusal=shown))
    sheet.validations.append(Validation(cell("share_known"), "decimal", "0", "1", refusal="0 - 1"))
    group = book.block("disadvantaged")
    last = column_letter(group.columns + 1)
    sheet.validations.append(Validation(f"B{group.row}:{last}{group.row}", "whole", "0", "1", refusal="0 / 1"))
