"""The sheet of the diagnosis's own parameters, and the priors by rule."""

from __future__ import annotations

import numpy as np

from xl_qbs.scoring.improvement import SCORE_NAMES
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.diagnosis.columns import across, named_across
from xl_qbs.sheets.diagnosis.plan import PARAMETERS, PRIORS, RULES, Plan
from xl_qbs.sheets.frame import begin, indicator_names, strength_cell
from xl_qbs.sheets.model import Book, Label, Sheet
from xl_qbs.sheets.scheme_sheet import HOUSE, Parameter, add_parameter_rows

_MEDICARE = Label("Medicare", "Medicare")
_REPORT = Label("report", "aruanne")
_TOPPED_OUT = Label("Rule for topped-out measures", "Lakke jõudnud mõõdikute reegel")
_NO_DOCUMENT = Label("No document sets it", "Üheski dokumendis pole sätestatud")
# A variance smaller than this many decimals is noise of the last bits.
_VARIANCE_DECIMALS = 14.0
TRIMMED = 0.05


def add_parameters(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of parameters; later sheets refer to its blocks by name."""
    sheet = begin(
        book,
        PARAMETERS,
        Label("Parameters of the diagnosis", "Diagnoosi parameetrid"),
        Label(
            "Change a yellow cell and all sheets follow. Those of the scoring stand on the sheet of the scheme.",
            "Kollase lahtri muutmisel arvutatakse kõik ümber. Hindamise parameetrid on skeemi lehel.",
        ),
        tab="BF8F00",
    )
    sheet.widths = {1: 58, 2: 18, 3: 14, 4: 12}
    sheet.freeze = "A5"
    sheet.portrait = True
    row = add_parameter_rows(book, sheet, 5, _live(plan)) + 1
    title = Label(
        "Fixed in this run: to change any of these, run xl-qbs diagnose again",
        "Selles käivituses kindlad: muutmiseks käivitage xl-qbs diagnose uuesti",
    )
    book.write(sheet, (row, 1), [[title]], "label")
    fixed = (
        ("dia_groups", Label("Groups of lists", "Nimistute rühmi"), plan.groups),
        (
            "resamples",
            Label("Times that lists were drawn for the verdicts", "Mitu korda nimistuid loositi"),
            plan.resamples,
        ),
        ("dia_seed", Label("Seed of the draws", "Juhuarvude seeme"), plan.seed),
    )
    for place, (key, label, value) in enumerate(fixed, start=row + 1):
        book.write(sheet, (place, 1), [[label]], "text")
        book.add(sheet, key, (place, 2), np.array([float(value)]), kind="calculation")
    told = [
        Label(
            "Stored, as no formula can do it: priors by likelihood, and intervals and verdicts from drawn lists.",
            "Salvestatud, sest valemiga ei saa: tõepära eeljaotused ning loositud nimistute vahemikud ja otsused.",
        ),
    ]
    book.write(sheet, (row + 5, 1), [[one] for one in told], "note")
    return sheet


def _live(plan: Plan) -> list[Parameter]:
    limits = plan.limits

    def share(key: str, label: Label, value: float, why: Label, who: Label = HOUSE) -> Parameter:
        return key, label, value, None, "percent1", why, who

    def number(key: str, label: Label, value: float, why: Label, who: Label = HOUSE) -> Parameter:
        return key, label, value, None, "general", why, who

    rows = [
        share("reached_by", Label("Topped out: share of lists that reach the required coverage, from",
                                  "Lakke jõudnud: nõutava hõlmatuse saavutanud nimistute osa, alates"),
              limits.reached_by, _NO_DOCUMENT),
        share("variation_up_to", Label("Topped out: truncated coefficient of variation up to",
                                       "Lakke jõudnud: kärbitud variatsioonikordaja kuni"),
              limits.variation_up_to, _TOPPED_OUT, _MEDICARE),
        share("trimmed",
              Label("Lists left out at either end for it", "Selleks kummastki otsast välja jäetud nimistuid"),
              TRIMMED, _TOPPED_OUT, _MEDICARE),
        number("fewest",
               Label("Low burden: a list with fewer patients has few", "Väike koormus: vähem patsiente on vähe"),
               limits.fewest, _NO_DOCUMENT),
        share("few_lists",
              Label("Low burden: share of lists with few, from", "Väike koormus: selliste nimistute osa, alates"),
              limits.few_lists, _NO_DOCUMENT),
        number("cliff_points", Label("Cliff: points that one patient decides on, from",
                                     "Järsak: ühest patsiendist sõltuvaid punkte alates"),
               limits.cliff, Label("Of each score's own scale", "Iga skoori oma skaalal")),
        number("lowest_under", Label("Lowest lists: current score under", "Madalaimad nimistud: kehtiv skoor alla"),
               limits.under, Label("Figure 7 of the report", "Aruande joonis 7"), _REPORT),
        number("steps_by",
               Label("Next steps ranked by: 1 need-adjusted, 2 proportional, 3 current score",
                     "Järgmiste sammude järjestus: 1 vajaduspõhine, 2 osaline, 3 kehtiv skoor"),
               float(SCORE_NAMES.index(plan.steps_by) + 1),
               Label("Points, not urgency", "Punktid, mitte kiireloomulisus")),
        number("variance_decimals", Label("Decimals kept of a variance", "Dispersiooni komakohad"), _VARIANCE_DECIMALS,
               Label("So that lists all alike have none", "Et ühesugustel nimistutel seda poleks")),
    ]  # fmt: skip
    if plan.before is not None:
        rows += [
            share("best_share",
                  Label("Benchmark: mean of the best share of lists", "Siht: parima osa nimistute keskmine"),
                  limits.best, Label("Rule of Hospital Value-Based Purchasing", "Hospital VBP reegel"), _MEDICARE),
            share("floor_share",
                  Label("Floor: share of the first year's points kept", "Põrand: säiliv osa eelmise aasta punktidest"),
                  limits.floor, Label("Hold harmless; 0 % for none", "Kahju vältimiseks; 0 % tähendab mitte ühtegi")),
        ]  # fmt: skip
    return rows


def add_priors(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of the priors by rule, an indicator a column, as formulas need them."""
    sheet = begin(
        book,
        PRIORS,
        Label("Priors by rule", "Eeljaotused reeglite kaupa"),
        Label(
            "Mean m and strength M by each rule; where M is infinite everybody gets the mean. likelihood is stored.",
            "Keskmine m ja kaal M iga reegli järgi; kui M on lõpmatu, saavad kõik keskmise. likelihood on salvestatud.",
        ),
        tab="7F6000",
    )
    sheet.widths = {1: 40}
    sheet.default_width = 12.0
    sheet.freeze = "B5"
    _, names = indicator_names(book, plan.result.scheme)
    named_across(book, sheet, 5, names, Label("This year", "See aasta"))
    numbers = np.arange(1.0, len(names) + 1)
    across(book, sheet, 6, Label("No.", "Nr"), "rule_no", numbers, format="count")
    label = Label("Counts patients (1 = yes)", "Loendab patsiente (1 = jah)")
    across(book, sheet, 7, label, "counts_patients", plan.counts_patients.astype(float), format="count")
    row = _add_rules(book, sheet, plan.rules, plan.priors, "", 8)
    if plan.before is not None:
        named_across(book, sheet, row + 1, names, Label("Last year", "Eelmine aasta"))
        row = _add_rules(book, sheet, ("report", "moments", "likelihood"), plan.before.priors, "last_", row + 2)
        if plan.result.method.prior == "likelihood":
            _add_last_likelihood(book, sheet, plan, row + 1)
    return sheet


def _add_last_likelihood(book: Book, sheet: Sheet, plan: Plan, row: int) -> None:
    """Add last year's prior by likelihood as the sheet of last year's prior takes it: a row an indicator."""
    assert plan.before is not None  # noqa: S101  (asked for)
    prior = plan.before.priors["likelihood"]
    _, names = indicator_names(book, plan.result.scheme)
    title = Label("Last year, likelihood (stored)", "Eelmine aasta, likelihood (salvestatud)")
    heads: list[Label | str] = [title, "m", "M"]
    book.write(sheet, (row, 1), [heads], "heading")
    book.write(sheet, (row + 1, 1), [[name] for name in names], "text")
    book.add(sheet, "last_likelihood_mean", (row + 1, 2), prior.mean, format="percent1")
    strength = np.array([strength_cell(book, float(one)) for one in prior.strength], dtype=object)
    book.add(sheet, "last_likelihood_strength", (row + 1, 3), strength, format="decimal")


def _add_rules(book: Book, sheet: Sheet, rules: tuple[str, ...], priors: object, scope: str, row: int) -> int:
    for rule in rules:
        prior = priors[rule]  # type: ignore[index]
        name = RULES[rule]
        mean: Array = prior.mean
        infinite = np.isinf(prior.strength)
        strength = np.where(infinite, 1.0, prior.strength)
        blocks = {
            "report": (f"{scope}overall", f"{scope}report_strength"),
            "moments": (f"{scope}overall", f"{scope}moments_strength"),
            "fixed": ("given_mean", "given_strength"),
        }
        live = rule in blocks
        own: list[str | None] = [None, None, None]
        if live:
            place = "INDEX({%s:all},{rule_no},1)"
            m, strong = (place % block for block in blocks[rule])
            own = [m, f"IF(ISNUMBER({strong}),{strong},1)", f"IF(ISNUMBER({strong}),0,1)"]
        for key, label, values, formula, number_format in (
            ("mean", Label(f"{name.en}: mean m", f"{name.et}: keskmine m"), mean, own[0], "percent1"),
            ("strength", Label(f"{name.en}: strength M", f"{name.et}: kaal M"), strength, own[1], "decimal"),
            ("infinite", Label(f"{name.en}: M is infinite (1 = yes)", f"{name.et}: M on lõpmatu (1 = jah)"),
             infinite.astype(float), own[2], "count"),
        ):  # fmt: skip
            across(book, sheet, row, label, f"{scope}p_{rule}_{key}", values, formula, format=number_format)  # type: ignore[arg-type]
            row += 1
    return row
