"""What the definitions share: categories, arguments, sources, and the meaning of errors."""

from __future__ import annotations

from typing import TypeVar

from xl_qbs.addin.calls import RefusedError
from xl_qbs.addin.definition import Argument, CellError
from xl_qbs.sheets.model import Label, Language

Errors = tuple[tuple[CellError, Label], ...]
_Name = TypeVar("_Name", bound=str)
LANGUAGES: tuple[Language, ...] = ("en", "et")

COVERAGE = Label("QBS coverage", "QBS hõlmatus")
PRIORS = Label("QBS prior", "QBS eeljaotus")
WEIGHTS = Label("QBS weights", "QBS kaalud")
CREDIT = Label("QBS credit", "QBS arvestus")
SCORES = Label("QBS scores", "QBS skoorid")
NEXT = Label("QBS next patients", "QBS järgmised patsiendid")
ABOUT = Label("QBS about", "QBS teave")

REPORT = "Improving Incentives for Fairness in QBS (World Bank, 20 May 2020)"

DONE = Argument(
    "done",
    Label(
        "Actual work done: patients served, from 0. More than the target is counted as the target.",
        "Tehtud töö: teenuse saanud patsiendid, alates 0-st. Sihtrühmast suurem arv loetakse sihtrühma suuruseks.",
    ),
)
TARGET = Argument(
    "target",
    Label(
        "Target population: patients who should be served, from 0; a range like the work done.",
        "Sihtrühma suurus: patsiendid, kes peaksid teenuse saama, alates 0-st; sama kujuga kui tehtud töö.",
    ),
)
TARGET_ALONE = Argument(
    "target",
    Label(
        "Target population: patients who should be served, from 0.",
        "Sihtrühma suurus: patsiendid, kes peaksid teenuse saama, alates 0-st.",
    ),
)
REQUIRED = Argument(
    "required_coverage",
    Label(
        "Required coverage, a share from 0 to 1 (76 % is 0.76): one for all, or one for each indicator or list.",
        "Nõutav hõlmatus, osa 0-st 1-ni (76 % on 0,76): üks kõigile või igale indikaatorile või nimistule oma.",
    ),
)
RULE = Argument(
    "rule",
    Label(
        "Rule of the prior: report (default), moments, likelihood, or fixed with a given mean and strength.",
        "Eeljaotuse reegel: report (vaikimisi), moments, likelihood või fixed koos antud keskmise ja kaaluga.",
    ),
    "text",
    "report",
)
FRACTION = Argument(
    "fraction",
    Label(
        "With report: prior strength as a fraction of the mean target; 0.5 by default.",
        "Reegliga report: eeljaotuse kaal osana keskmisest sihtrühmast; vaikimisi 0,5.",
    ),
    "number",
    0.5,
)
MEAN = Argument(
    "mean",
    Label(
        "Prior mean, a share from 0 to 1, such as last year's: one, or one for each indicator. Implies fixed.",
        "Eeljaotuse keskmine, osa 0-st 1-ni, näiteks mullune: üks või igale indikaatorile oma. Tähendab reeglit fixed.",
    ),
    default=None,
)
STRENGTH = Argument(
    "strength",
    Label(
        "Prior strength in patients, from 0: one, or one for each indicator. Goes with the mean.",
        "Eeljaotuse kaal patsientides, alates 0-st: üks või igale indikaatorile oma. Käib koos keskmisega.",
    ),
    default=None,
)
STRENGTH_GIVEN = Argument(
    "strength",
    Label(
        "Prior strength in patients, from 0, as QBS_PRIOR gives it: one, or one for each indicator.",
        "Eeljaotuse kaal patsientides, alates 0-st, nagu QBS_PRIOR selle annab: üks või igale indikaatorile oma.",
    ),
)
WEIGHT = Argument(
    "weight",
    Label(
        "Points of the indicator in the need-adjusted score, from 0: one, or one for each indicator.",
        "Indikaatori punktid vajaduspõhises skooris, alates 0-st: üks või igale indikaatorile oma.",
    ),
)
DECIMALS = Argument(
    "decimals",
    Label(
        "Round coverage to so many decimals first (0 to 9; the report used 2); not rounded by default.",
        "Ümarda hõlmatus enne nii mitme kümnendkohani (0 kuni 9; aruandes 2); vaikimisi ei ümardata.",
    ),
    "number",
    None,
)
ROUNDING = Argument(
    "rounding",
    Label(
        "Rounding of the weights: largest-remainder (default, sums to the total), integer, or none.",
        "Kaalude ümardamine: largest-remainder (vaikimisi, summa säilib), integer või none.",
    ),
    "text",
    "largest-remainder",
)

LANGUAGE = Argument(
    "language",
    Label(
        "Language of headings and bands: en (default) or et.", "Pealkirjade ja vahemike keel: en (vaikimisi) või et."
    ),
    "text",
    "en",
)

COUNTS_NUM = (
    CellError.NUM,
    Label(
        "A count is negative, or another number is outside its range.",
        "Arv on negatiivne või väljaspool oma vahemikku.",
    ),
)
CELL_VALUE = (
    CellError.VALUE,
    Label(
        "A cell holds text, a date, or TRUE or FALSE; one of two counts is blank; or the ranges differ in shape.",
        "Lahtris on tekst, kuupäev või tõeväärtus; kahest arvust üks on tühi; või vahemikud on eri kujuga.",
    ),
)
NOBODY = (
    CellError.NA,
    Label("The target is 0: there is no coverage.", "Sihtrühma suurus on 0: hõlmatust ei ole."),
)
NO_SCIPY = (
    CellError.NAME,
    Label(
        "The Python package scipy is not installed, and this needs it.",
        "Pythoni pakett scipy ei ole paigaldatud, aga seda on vaja.",
    ),
)


def choice(text: str, names: tuple[_Name, ...]) -> _Name:
    """Return the option that a text names, in any case.

    Raises:
        RefusedError: there is none of that name.
    """
    found = next((name for name in names if name == text.casefold()), None)
    if found is None:
        raise RefusedError(CellError.VALUE, f"{text!r} is none of {', '.join(names)}")
    return found
