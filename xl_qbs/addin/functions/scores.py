"""The scores of a whole table."""

from __future__ import annotations

from typing import Any

from xl_qbs.addin.calls import RefusedError, Together
from xl_qbs.addin.definition import Argument, CellError, Cells, Example, Function
from xl_qbs.addin.functions.shared import LANGUAGE, LANGUAGES, NO_SCIPY, REPORT, ROUNDING, SCORES, choice
from xl_qbs.addin.tables import PRIOR_HEADINGS, WEIGHT_HEADINGS, counts_of, numbers_by_code, scheme_of
from xl_qbs.errors import DataError
from xl_qbs.scheme import Scheme, preset
from xl_qbs.scoring.method import WEIGHT_RULES, Method
from xl_qbs.scoring.priors import PRIOR_RULES
from xl_qbs.scoring.score import Result, score
from xl_qbs.scoring.table import Table
from xl_qbs.scoring.weights import ROUNDINGS
from xl_qbs.sheets.model import Label

_HEADINGS = (
    Label("List", "Nimistu"),
    Label("Current score", "Kehtiv skoor"),
    Label("Proportional score", "Osaline skoor"),
    Label("Need-adjusted score", "Vajaduspõhine skoor"),
    Label("Rank", "Koht"),
    Label("Relative rank", "Suhteline koht"),
    Label("Band", "Vahemik"),
)


def score_table(
    table: Cells,
    scheme: Cells | None = None,
    prior: Cells | str = "report",
    weights: Cells | str = "principal-component",
    rounding: str = "largest-remainder",
    language: str = "en",
) -> tuple[tuple[Any, ...], ...]:
    """Return a row of headings and a row a list: id, three scores, rank, relative rank and band.

    As `xl_qbs.score`, without the intervals, which need scipy.
    """
    words = choice(language, LANGUAGES)
    scores = scored(table, scheme, prior, weights, rounding)
    new, of_bands = scores.need_adjusted, scores.scheme.bands
    bands = [one.name_et if words == "et" and one.name_et else one.name for one in of_bands] or [""]
    columns = (
        scores.table.providers,
        scores.current.total.tolist(),
        scores.proportional.total.tolist(),
        new.total.tolist(),
        new.rank.tolist(),
        new.relative_rank.tolist(),
        [bands[number] for number in new.band],
    )
    return (tuple(one.et if words == "et" else one.en for one in _HEADINGS), *zip(*columns, strict=True))


def scored(table: Cells, scheme: Cells | None, prior: Cells | str, weights: Cells | str, rounding: str) -> Result:
    """Return a table of cells, scored.

    Raises:
        RefusedError: cells or options that cannot be used.
        ArgumentError: counts, prior or weights that are impossible.
        SchemeError: the scheme cannot be used.
    """
    used = preset() if scheme is None else scheme_of(scheme)
    method = _method(used, prior, weights, rounding)
    return _scores(counts_of(table, used), used, method)


def _method(scheme: Scheme, prior: Cells | str, weights: Cells | str, rounding: str) -> Method:
    """Return the options; a prior or weights that are a table are given values."""
    rounded = choice(rounding, ROUNDINGS)
    prior_rule, prior_cells = _rule(prior)
    weight_rule, weight_cells = _rule(weights)
    values = None
    if prior_cells is not None:
        numbers = numbers_by_code(prior_cells, scheme, PRIOR_HEADINGS)
        values = {code: (mean, strength) for code, (mean, strength) in numbers.items()}
    own = None
    if weight_cells is not None:
        own = {code: weight for code, (weight,) in numbers_by_code(weight_cells, scheme, WEIGHT_HEADINGS).items()}
    if prior_rule == "fixed":
        raise RefusedError(CellError.VALUE, "a fixed prior is given as a table")
    return Method(
        prior="fixed" if values is not None else choice(prior_rule, PRIOR_RULES),
        prior_values=values,
        weights="own" if own is not None else choice(weight_rule, WEIGHT_RULES),
        own_weights=own,
        rounding=rounded,
    )


def _rule(given: Cells | str) -> tuple[str, Cells | None]:
    """Return the rule that is named, or the table that is given instead."""
    if isinstance(given, str):
        return given.casefold(), None
    if len(given) == len(given[0]) == 1 and isinstance(given[0][0], str):
        return given[0][0].strip().casefold(), None
    return "", given


def _scores(table: Table, scheme: Scheme, method: Method) -> Result:
    if (table.target.sum(axis=0) == 0).any():
        raise RefusedError(CellError.NA, "an indicator has no patient in any list")
    if method.weights == "own" and method.own_weights is None and any(one.weight is None for one in scheme.indicators):
        raise RefusedError(CellError.VALUE, "the scheme has no own weights")
    try:
        return score(table, scheme, method)
    except DataError as error:
        # What is left is a table without a component: too few complete lists, or none that vary.
        raise RefusedError(CellError.NUM, str(error)) from None


TABLE = Argument(
    "table",
    Label(
        "Table with headings: a row a list, its id, and target and done of each indicator, in the fund's or in "
        "English words (Nimistu, diab Sihtrühm, diab Tehtud).",
        "Pealkirjadega tabel: reas nimistu, selle kood ning iga indikaatori sihtrühm ja tehtud (Nimistu, diab "
        "Sihtrühm, diab Tehtud).",
    ),
    "table",
)
SCHEME = Argument(
    "scheme",
    Label(
        "Scheme with headings: code, points, required coverage, and if need be domain and own weight; by default QBS "
        "2018, Domain II.",
        "Pealkirjadega skeem: kood, punktid, nõutav hõlmatus, soovi korral valdkond ja oma kaal; vaikimisi PKS 2018, "
        "II valdkond.",
    ),
    "table",
    None,
)
PRIOR = Argument(
    "prior",
    Label(
        "Rule of the prior: report (default), moments or likelihood; or a table of code, mean and strength.",
        "Eeljaotuse reegel: report (vaikimisi), moments või likelihood; või tabel: kood, keskmine, kaal (code, mean, "
        "strength).",
    ),
    "table",
    "report",
)
WEIGHTS = Argument(
    "weights",
    Label(
        "Weights of the need-adjusted score: principal-component (default), current (the points) or own; or a table of "
        "code and weight.",
        "Vajaduspõhise skoori kaalud: principal-component (vaikimisi), current (punktid) või own; või tabel: kood, "
        "kaal.",
    ),
    "table",
    "principal-component",
)
_FOUR = (
    ("Provider", "diab target", "diab done"),
    ("A", 2, 2),
    ("B", 98, 30),
    ("C", 153, 100),
    ("D", 122, 90),
)
_ONE_INDICATOR = (("Code", "Points", "Required coverage", "Own weight"), ("diab", 65, 0.76, 68))

FUNCTIONS = (
    Function(
        name="QBS_SCORE",
        category=SCORES,
        help=Label(
            "Scores a whole table: for each list its current, proportional and need-adjusted score, and rank, relative "
            "rank and band of the latter, with headings.",
            "Hindab terve tabeli: iga nimistu kehtiv, osaline ja vajaduspõhine skoor ning viimase koht, suhteline koht "
            "ja vahemik, koos pealkirjadega.",
        ),
        arguments=(TABLE, SCHEME, PRIOR, WEIGHTS, ROUNDING, LANGUAGE),
        call=Together(score_table),
        shape="table",
        errors=(
            (
                CellError.VALUE,
                Label(
                    "An indicator of the scheme is not in the table or stands twice, a count is text or blank beside "
                    "one that is not, a row has no list, the scheme cannot be used, or an option is none of those "
                    "named.",
                    "Skeemi indikaator puudub tabelist või on seal kaks korda, arv on tekst või on kahest arvust üks "
                    "tühi, real ei ole nimistut, skeem ei kõlba või ei ole valik nimetatute seas.",
                ),
            ),
            (
                CellError.NUM,
                Label(
                    "A count is negative or fractional, a list stands twice, a given prior or weight is impossible, or "
                    "there is no component (fewer than 3 complete lists).",
                    "Arv on negatiivne või ei ole täisarv, nimistu on tabelis kaks korda, antud eeljaotus või kaal on "
                    "võimatu või puudub peakomponent (täielikke nimistuid on alla 3).",
                ),
            ),
            (
                CellError.NA,
                Label("No list has a patient in an indicator.", "Mõnes indikaatoris ei ole üheski nimistus patsiente."),
            ),
            NO_SCIPY,
        ),
        examples=(
            Example(
                '=QBS_SCORE(A1:C5, E1:H2, "report", "own")',
                {"A1:C5": _FOUR, "E1:H2": _ONE_INDICATOR},
                (
                    tuple(one.en for one in _HEADINGS),
                    ("A", 65.0, 65.0, 41.391304348, 3.0, 1 / 3, "under 80 %"),
                    ("B", 0.0, 19.897959184, 27.106125971, 4.0, 0.0, "under 80 %"),
                    ("C", 0.0, 42.483660131, 43.462163852, 2.0, 2 / 3, "under 80 %"),
                    ("D", 0.0, 47.950819672, 47.41376758, 1.0, 1.0, "under 80 %"),
                ),
            ),
        ),
        source=f"{REPORT}, Table 3 (scores 41, 27, 43, 47 before rounding)",
    ),
)
