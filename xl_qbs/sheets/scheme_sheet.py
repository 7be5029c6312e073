"""The sheet of the scheme and the parameters: every number that somebody decided, in a labelled cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import numpy as np

from xl_qbs.scheme.model import Scope
from xl_qbs.scoring.credit import THRESHOLD_GUARD
from xl_qbs.scoring.method import WEIGHT_RULES
from xl_qbs.scoring.priors import PRIOR_RULES
from xl_qbs.scoring.ranks import BAND_GUARD, SCORE_DECIMALS
from xl_qbs.scoring.weights import ROUNDINGS, WEIGHT_DECIMALS
from xl_qbs.sheets.conditions import add_condition_inputs, needed
from xl_qbs.sheets.frame import INFINITE, begin, strength_cell
from xl_qbs.sheets.model import Book, Format, Kind, Label, Sheet
from xl_qbs.sheets.run import SCHEME, Run

FUND = Label("the fund", "tervisekassa")
REPORT = Label("the report", "aruanne")
HOUSE = Label("xl_qbs", "xl_qbs")

# A parameter's key, label, value, formula if it has one, format, what it does, and who decided.
Parameter = tuple[str, Label, Any, str | None, Format, Label, Label]

_COLUMNS: tuple[Label, ...] = (
    Label("Name", "Nimetus inglise keeles"),
    Label("Code", "Kood"),
    Label("Domain", "Valdkond"),
    Label("Points", "Punktid"),
    Label("Required coverage", "Nõutav hõlmatus"),
    Label("Own weight", "Oma kaal"),
    Label("Given prior mean", "Antud eeljaotuse keskmine"),
    Label("Given prior strength (patients)", "Antud eeljaotuse kaal (patsienti)"),
    Label("Likelihood prior mean", "Tõepära eeljaotuse keskmine"),
    Label("Likelihood prior strength (patients)", "Tõepära eeljaotuse kaal (patsienti)"),
    Label("Estonian name", "Nimetus eesti keeles"),
    Label("Unit", "Ühik"),
)
_NOT_ESTIMATED = Label("not estimated", "hindamata")


def add_scheme(book: Book, run: Run) -> Sheet:
    """Add the sheet of scheme and parameters; later sheets refer to its blocks by name."""
    result = run.result
    sheet = begin(
        book,
        SCHEME,
        Label("Scheme and parameters", "Skeem ja parameetrid"),
        Label(
            "Every number that somebody decided. Change a yellow cell and all sheets follow; Python is not needed.",
            "Kõik otsustatud arvud. Kollase lahtri muutmisel arvutatakse kõik lehed ümber; Pythonit pole vaja.",
        ),
        tab="BF8F00",
    )
    sheet.widths = {1: 46, 2: 18, 3: 12, 4: 12, 5: 12, 6: 12, 7: 13, 8: 15, 9: 13, 10: 15, 11: 40, 12: 14}
    row = 5
    book.write(sheet, (row, 1), [[Label("Indicators", "Indikaatorid")]], "label")
    book.write(sheet, (row + 1, 1), [list(_COLUMNS)], "heading")
    sheet.heights[row + 1] = 48
    row = _add_indicators(book, sheet, run, row + 2) + 1
    row = add_parameters(book, sheet, run, row) + 1
    row = add_choices(book, sheet, row, PRIOR_RULES) + 1
    if result.scheme.bands:
        row = add_bands(book, sheet, run, row, len(result.scheme.bands)) + 1
    if result.scheme.conditions:
        add_condition_inputs(book, sheet, run, row, needed(result.scheme))
    sheet.freeze = "A5"
    return sheet


def _add_indicators(book: Book, sheet: Sheet, run: Run, row: int) -> int:
    result = run.result
    indicators = result.scheme.indicators
    method = result.method
    own = method.own_weights or {one.code: one.weight for one in indicators if one.weight is not None}
    given: dict[str, tuple[float, float]] = dict(method.prior_values or {})
    estimated = method.prior == "likelihood"
    not_estimated = book.say(_NOT_ESTIMATED)
    columns: list[tuple[str, Any, Kind, Format]] = [
        ("name", [one.name for one in indicators], "input", "text"),
        ("code", [one.code for one in indicators], "input", "text"),
        ("domain", [one.domain for one in indicators], "input", "text"),
        ("points", np.array([one.points for one in indicators]), "input", "general"),
        ("required", np.array([one.required_coverage for one in indicators]), "input", "percent"),
        ("own_weight", [own.get(one.code) for one in indicators], "input", "general"),
        ("given_mean", [given.get(one.code, (None, None))[0] for one in indicators], "input", "share"),
        (
            "given_strength",
            [strength_cell(book, given.get(one.code, (None, None))[1]) for one in indicators],
            "input",
            "decimal",
        ),
        (
            "likelihood_mean",
            result.prior.mean if estimated else [not_estimated] * len(indicators),
            "input",
            "share",
        ),
        (
            "likelihood_strength",
            [strength_cell(book, one) for one in result.prior.strength]
            if estimated
            else [not_estimated] * len(indicators),
            "input",
            "decimal",
        ),
        ("name_et", [one.name_et for one in indicators], "input", "text"),
        ("unit", [one.unit for one in indicators], "input", "text"),
    ]
    for number, (key, values, kind, number_format) in enumerate(columns, start=1):
        book.add(sheet, key, (row, number), values, kind=kind, format=number_format)
    last = row + len(indicators)
    book.write(sheet, (last, 1), [[Label("Maximum", "Maksimum")]], "label")
    book.add(sheet, "total", (last, 4), np.array([result.scheme.total]), "SUM({points:all})", format="general")
    book.write(sheet, (last + 1, 1), [[Label("Number of indicators", "Indikaatoreid")]], "label")
    count = np.array([float(len(indicators))])
    book.add(sheet, "indicators", (last + 1, 4), count, 'SUMPRODUCT(--({code:all}<>""))', format="general")
    return last + 2


def add_parameters(book: Book, sheet: Sheet, run: Run, row: int, more: Sequence[Parameter] = ()) -> int:
    """Add parameters and assumptions, and return the first row behind them."""
    method = run.result.method
    decimals = method.coverage_decimals
    lower_tail = (1 - method.level) / 2
    inputs: list[Parameter] = [
        (
            "prior_rule",
            Label("Prior rule", "Eeljaotuse reegel"),
            method.prior,
            None,
            "text",
            Label(
                "What an average list would show: report, moments, likelihood or fixed (see Choices below)",
                "Mida näitaks keskmine nimistu: report, moments, likelihood või fixed (vt valikud allpool)",
            ),
            REPORT if method.prior == "report" else FUND,
        ),
        (
            "fraction",
            Label(
                "Prior strength as a fraction of the mean target",
                "Eeljaotuse kaal osana keskmisest sihtrühmast",
            ),
            method.fraction,
            None,
            "general",
            Label(
                "Used by the rule report: 0.5 in the report, 1 in the authors' later version",
                "Kasutab reegel report: aruandes 0,5, autorite hilisemas versioonis 1",
            ),
            REPORT if method.fraction == 0.5 else FUND,
        ),
        (
            "weight_rule",
            Label("Weights of the need-adjusted score", "Vajaduspõhise skoori kaalud"),
            method.weights,
            None,
            "text",
            Label(
                "principal-component, current (the points above) or own (the own weights above)",
                "principal-component, current (ülaltoodud punktid) või own (oma kaalud)",
            ),
            REPORT if method.weights == "principal-component" else FUND,
        ),
        (
            "rounding",
            Label("Rounding of principal-component weights", "Peakomponendi kaalude ümardamine"),
            method.rounding,
            None,
            "text",
            Label(
                "largest-remainder keeps the sum; integer is the report's own and need not",
                "largest-remainder säilitab summa; integer on aruande oma ega pruugi",
            ),
            HOUSE,
        ),
        (
            "coverage_decimals",
            Label("Decimals of coverage before the component", "Hõlmatuse komakohad enne peakomponenti"),
            "none" if decimals is None else decimals,
            None,
            "general",
            Label(
                "none, or 2 to follow the authors, who rounded to whole percents first",
                "none või 2, nagu autorid, kes ümardasid enne täisprotsendini",
            ),
            HOUSE,
        ),
        (
            "level",
            Label("Level of the intervals", "Usaldusvahemiku tase"),
            method.level,
            None,
            "percent1",
            Label("Share of the posterior inside the interval", "Kui suur osa jaotusest jääb vahemikku"),
            HOUSE,
        ),
        (
            "lower_tail",
            Label("Lower tail", "Alumine saba"),
            lower_tail,
            "AVERAGE(0,1-{level})",
            "share",
            Label("Half of what is outside", "Pool sellest, mis jääb välja"),
            HOUSE,
        ),
        (
            "upper_tail",
            Label("Upper tail", "Ülemine saba"),
            1 - lower_tail,
            "1-{lower_tail}",
            "share",
            Label("The rest", "Ülejäänu"),
            HOUSE,
        ),
        (
            "lower_limit",
            Label("Proportional credit begins at coverage", "Osaline arvestus algab hõlmatusest"),
            method.lower_limit,
            None,
            "percent",
            Label("0 % gives credit for every patient", "0 % arvestab iga patsienti"),
            REPORT if method.lower_limit == 0 else FUND,
        ),
        (
            "upper_limit",
            Label("Proportional credit is full at coverage", "Osaline arvestus on täis hõlmatuse juures"),
            method.upper_limit,
            None,
            "percent",
            Label("100 % in the report", "Aruandes 100 %"),
            REPORT if method.upper_limit == 1 else FUND,
        ),
        (
            "infinite",
            Label("Word for a prior strength without end", "Sõna lõputu eeljaotuse kaalu kohta"),
            book.say(INFINITE),
            None,
            "text",
            Label(
                "Stands where lists differ no more than chance explains: everybody gets the mean",
                "Seisab seal, kus nimistud erinevad vaid juhuse piires: kõik saavad keskmise",
            ),
            HOUSE,
        ),
        (
            "threshold_guard",
            Label("Guard of the required coverage (patients)", "Nõutava hõlmatuse täpsusvaru (patsienti)"),
            THRESHOLD_GUARD,
            None,
            "general",
            Label("So that 76 of 100 reaches 76 %", "Et 76 sajast oleks 76 %"),
            HOUSE,
        ),
        (
            "band_guard",
            Label("Guard of bands and conditions (share)", "Vahemike ja tingimuste täpsusvaru (osa)"),
            BAND_GUARD,
            None,
            "general",
            Label("So that exactly 80 % is in the band", "Et täpselt 80 % kuuluks vahemikku"),
            HOUSE,
        ),
        (
            "score_decimals",
            Label("Decimals kept of a score", "Skoori komakohad"),
            SCORE_DECIMALS,
            None,
            "general",
            Label(
                "Only so that equal scores tie; shown with fewer",
                "Vaid selleks, et võrdsed skoorid viigistuksid",
            ),
            HOUSE,
        ),
        (
            "weight_decimals",
            Label("Decimals at which remainders tie", "Komakohad, mille järgi jäägid on võrdsed"),
            WEIGHT_DECIMALS,
            None,
            "general",
            Label("Noise in the last bits decides nothing", "Viimaste bittide müra ei otsusta midagi"),
            HOUSE,
        ),
        *more,
    ]
    return add_parameter_rows(book, sheet, row, inputs, handed_over=run.room.open)


def add_parameter_rows(
    book: Book, sheet: Sheet, row: int, inputs: Sequence[Parameter], *, handed_over: bool = False
) -> int:
    """Add a row for each parameter, under their headings, and return the first row behind them.

    Args:
        book: the book to add to.
        sheet: the sheet of parameters.
        row: where the title stands.
        inputs: the parameters.
        handed_over: whether the decisions change hands, as in a template: who took them is for its users to say.
    """
    heads = [
        Label("Parameter", "Parameeter"),
        Label("Value", "Väärtus"),
        Label("Decided by", "Kes otsustas"),
        Label("What it does, and why this value", "Mida see teeb ja miks selline väärtus"),
    ]
    book.write(sheet, (row, 1), [[Label("Parameters and assumptions", "Parameetrid ja eeldused")]], "label")
    book.write(sheet, (row + 1, 1), [heads], "heading")
    sheet.merges.append(f"D{row + 1}:J{row + 1}")
    for number, (key, label, value, formula, number_format, why, who) in enumerate(inputs, start=row + 2):
        book.write(sheet, (number, 1), [[label]], "text")
        kind: Kind = "calculation" if formula else "input"
        book.add(sheet, key, (number, 2), [value], formula, kind=kind, format=number_format)
        book.write(sheet, (number, 3), [[who]], "input" if handed_over and kind == "input" else "text")
        book.write(sheet, (number, 4), [[why]], "text")
    return row + 2 + len(inputs)


def add_choices(book: Book, sheet: Sheet, row: int, prior_rules: Sequence[str]) -> int:
    """Add the allowed words; formulas look a rule up here instead of holding its name."""
    choices: tuple[tuple[str, Label, Sequence[str]], ...] = (
        ("prior_rules", Label("Prior rule", "Eeljaotuse reegel"), prior_rules),
        ("weight_rules", Label("Weights", "Kaalud"), WEIGHT_RULES),
        ("roundings", Label("Rounding", "Ümardamine"), ROUNDINGS),
        ("scopes", Label("Scope of a condition", "Tingimuse ulatus"), get_args(Scope)),
    )
    return add_choice_rows(book, sheet, row, choices)


def add_choice_rows(book: Book, sheet: Sheet, row: int, choices: Sequence[tuple[str, Label, Sequence[str]]]) -> int:
    """Add a row of words for each choice, below its title, and return the first row behind them."""
    book.write(sheet, (row, 1), [[Label("Choices", "Valikud")]], "label")
    for number, (key, label, words) in enumerate(choices, start=row + 1):
        book.write(sheet, (number, 1), [[label]], "text")
        book.add(sheet, key, (number, 2), np.array([list(words)], dtype=object), kind="calculation", format="text")
    return row + 1 + len(choices)


def add_bands(book: Book, sheet: Sheet, run: Run, row: int, places: int) -> int:
    """Add the bands, with room for so many, and return the first row behind them."""
    bands = run.result.scheme.bands
    names = [(one.name_et or one.name) if book.language == "et" else one.name for one in bands]
    spare = places - len(bands)
    book.write(sheet, (row, 1), [[Label("Bands", "Vahemikud")]], "label")
    heads = [Label("Band", "Vahemik"), Label("From (share of the maximum)", "Alates (osa maksimumist)")]
    book.write(sheet, (row + 1, 1), [heads], "heading")
    sheet.heights[row + 1] = 32
    book.add(sheet, "band_name", (row + 2, 1), [*names, *[""] * spare], kind="input", format="text")
    lowers = [*(one.lower for one in bands), *[None] * spare]
    book.add(sheet, "band_lower", (row + 2, 2), lowers, kind="input", format="percent")
    return row + 2 + places
