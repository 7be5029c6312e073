"""The sheet of parameters: those that everything follows, and those that need a new run."""

from __future__ import annotations

import numpy as np

from xl_qbs.sheets.frame import begin
from xl_qbs.sheets.model import Block, Book, Label, Sheet, Validation
from xl_qbs.sheets.scheme_sheet import HOUSE, Parameter, add_parameter_rows
from xl_qbs.sheets.simulation.plan import (
    BEHAVIOUR_NAMES,
    GAIN_DECIMALS,
    LOWER_TAIL,
    PARAMETERS,
    SCHEME_NAMES,
    Plan,
)

USER = Label("you", "teie")


def add_parameters(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of parameters; later sheets refer to its blocks by name."""
    sheet = begin(
        book,
        PARAMETERS,
        Label("Parameters", "Parameetrid"),
        Label(
            "Change a yellow cell and all sheets follow. What stands below it was fixed when xl_qbs drew the numbers.",
            "Kollase lahtri muutmisel arvutatakse kõik ümber. Alumine osa on xl_qbs arvutuse ajast ja muutmata.",
        ),
        tab="BF8F00",
    )
    sheet.widths = {1: 52, 2: 20, 3: 14, 4: 12}
    sheet.freeze = "A5"
    sheet.portrait = True
    live = _live(plan)
    row = add_parameter_rows(book, sheet, 5, live) + 1
    base = book.block("base_place")
    cases = plan.shape[0] * plan.shape[1]
    sheet.validations.append(Validation(f"B{base.row}", "whole", "1", str(cases), refusal=f"1 ... {cases}"))
    row = _add_fixed(book, sheet, plan, row) + 1
    _add_cases(book, sheet, plan, row)
    return sheet


def _live(plan: Plan) -> list[Parameter]:
    rules = plan.simulation.rules
    amount = Label("Full bonus of a list", "Nimistu täispreemia")
    why = Label(
        "1 counts bonuses in full bonuses; no document states an amount",
        "1 loendab täispreemiaid; summat pole üheski dokumendis",
    )
    if rules.pot is not None:
        amount = Label("Pot to be paid out", "Välja makstav kogusumma")
        why = Label("All bonuses are scaled to it", "Kõik preemiad viiakse selle suuruseks")
    rows: list[Parameter] = [("amount", amount, plan.amount, None, "general", why, USER)]
    if plan.live_bonus:
        rows += [
            (
                f"coefficient_{band}",
                Label(f"Paid in the band from {lower:.0%}", f"Makstakse vahemikus alates {lower:.0%}"),
                coefficient,
                None,
                "percent1",
                Label("Share of the full bonus", "Osa täispreemiast"),
                USER,
            )
            for band, (lower, coefficient) in enumerate(zip(rules.lowers, rules.coefficients, strict=True))
        ]
    rows += [
        (
            "base_place",
            Label("Gains and losses are counted from case no.", "Võite ja kaotusi loetakse juhust nr"),
            float(plan.base),
            None,
            "general",
            Label(
                "See the cases below; by default nobody extra under the scheme in force",
                "Vaadake juhte all; vaikimisi kehtiv skeem, kedagi lisamata",
            ),
            HOUSE,
        ),
        (
            "lower_tail",
            Label("Lower tail of the intervals over replications", "Korduste vahemiku alumine saba"),
            LOWER_TAIL,
            None,
            "percent1",
            Label("5 % on either side leave 90 % of the replications", "5 % kummalgi pool jätab sisse 90 % kordustest"),
            HOUSE,
        ),
        (
            "gain_decimals",
            Label("Decimals kept of a gain", "Võidu komakohad"),
            GAIN_DECIMALS,
            None,
            "general",
            Label(
                "So that what is the same is no gain, whatever its last bits",
                "Et sama suur ei oleks võit, olgu viimased bitid mis tahes",
            ),
            HOUSE,
        ),
        (
            "check_noise",
            Label("Guard of the checks", "Kontrollide täpsusvaru"),
            1e-6,
            None,
            "tiny",
            Label("Last bits of means over replications", "Korduste keskmiste viimased bitid"),
            HOUSE,
        ),
    ]
    return rows


def _add_fixed(book: Book, sheet: Sheet, plan: Plan, row: int) -> int:
    """Add what needs a new run, and return the first row behind it."""
    title = Label(
        "Fixed in this run: to change any of these, run xl-qbs simulate again",
        "Selles käivituses kindlad: muutmiseks käivitage xl-qbs simulate uuesti",
    )
    book.write(sheet, (row, 1), [[title]], "label")
    heads = [Label("Parameter", "Parameeter"), Label("Value", "Väärtus")]
    book.write(sheet, (row + 1, 1), [heads], "heading")
    numbers = [
        ("groups", Label("Groups of lists", "Nimistute rühmi"), float(plan.groups)),
        ("schemes", Label("Schemes", "Skeeme"), float(plan.shape[1])),
        ("replications", Label("Replications", "Kordusi"), float(plan.simulation.options.replications)),
        ("seed", Label("Seed of the draws", "Juhuarvude seeme"), float(plan.simulation.options.seed)),
    ]
    for place, (key, label, value) in enumerate(numbers, start=row + 2):
        book.write(sheet, (place, 1), [[label]], "text")
        book.add(sheet, key, (place, 2), np.array([value]), kind="calculation")
    row += 2 + len(numbers)
    told = _told(book, plan)
    book.write(sheet, (row, 1), told, "text")
    return row + len(told)


def _told(book: Book, plan: Plan) -> list[list[Label | str]]:
    """Return what was decided for the run, in words."""
    found, rules = plan.simulation, plan.simulation.rules
    options, result = found.options, plan.result
    every = Label("those that count patients", "mis loendavad patsiente")
    order = Label("by the points of the scheme", "skeemi punktide järgi")
    start = {
        "drawn": Label(
            "drawn in each replication from what they tell of each list", "igas korduses loositud loetu põhjal"
        ),
        "observed": Label("as counted", "nagu loetud"),
    }
    bands_of = {
        "score": Label("share of the maximum score", "osa suurimast skoorist"),
        "relative-rank": Label("relative rank: share of the other lists", "suhteline koht: osa teistest nimistutest"),
    }
    shares = [f"{lower:.0%}: {paid:.0%}" for lower, paid in zip(rules.lowers, rules.coefficients, strict=True)]
    yes, no = Label("yes", "jah"), Label("no: held as in the run", "ei: nagu hindamisel")
    return [
        [Label("Extra patients", "Lisapatsiente"), plan.budget_rule],
        [
            Label("Behaviours", "Käitumised"),
            ", ".join(book.say(BEHAVIOUR_NAMES[one]) for one in plan.steered),
        ],
        [Label("Share of the patients that is steered", "Suunatud patsientide osa"), f"{options.steered:.0%}"],
        [Label("Clinical priority", "Kliiniline tähtsus"), ", ".join(options.order) if options.order else order],
        [
            Label("Indicators in which more may be served", "Indikaatorid, kus võib juurde teenindada"),
            ", ".join(options.indicators) if options.indicators else every,
        ],
        [Label("Counts to begin with", "Algsed arvud"), start[options.start]],
        [Label("Prior and weights in each replication anew", "Eeljaotus ja kaalud igas korduses uuesti"),
         yes if options.reestimate else no],
        [Label("Bands of the bonus and what they pay", "Preemia vahemikud ja mida need maksavad"), "; ".join(shares)],
        [Label("Bands are of", "Vahemike alus"), bands_of[rules.bands_of]],
        [
            Label("Conditions for any bonus", "Preemia tingimused"),
            "; ".join(rules.conditions) if rules.conditions else "--",
        ],
        [Label("Scoring", "Hindamine"), plan.scoring],
        [Label("Scheme", "Skeem"), result.scheme.name],
    ]  # fmt: skip


def _add_cases(book: Book, sheet: Sheet, plan: Plan, row: int) -> None:
    book.write(sheet, (row, 1), [[Label("Cases", "Juhud")]], "label")
    heads = [Label("Behaviour", "Käitumine"), Label("Scheme", "Skeem"), Label("Case", "Juht")]
    book.write(sheet, (row + 1, 1), [heads], "heading")
    lines: list[list[Label | str]] = [
        [BEHAVIOUR_NAMES[behaviour], SCHEME_NAMES[scheme]] for _, behaviour, scheme in plan.cases
    ]
    book.write(sheet, (row + 2, 1), lines, "text")
    numbers = np.arange(1.0, len(lines) + 1)
    block = book.add(sheet, "case_list", (row + 2, 3), numbers, kind="calculation", format="count")
    for place in range(len(lines)):
        # Formulas may mean one case.
        own = block.values[place : place + 1]
        book.named[f"case_{place}"] = Block(f"case_{place}", sheet.name, block.row + place, block.column, own)
