"""A list's next steps, most points first."""

from __future__ import annotations

from typing import Any

from xl_qbs.addin.calls import RefusedError, Together
from xl_qbs.addin.definition import Argument, CellError, Cells, Example, Function
from xl_qbs.addin.functions.scores import PRIOR, SCHEME, TABLE, WEIGHTS, scored
from xl_qbs.addin.functions.shared import LANGUAGE, LANGUAGES, NEXT, NO_SCIPY, ROUNDING, choice
from xl_qbs.addin.tables import identity
from xl_qbs.scoring.improvement import SCORE_NAMES, next_steps
from xl_qbs.sheets.model import Label

_HEADINGS = (
    Label("Indicator", "Indikaator"),
    Label("Patients left", "Patsiente alles"),
    Label("Points for one more", "Punkte ühe lisapatsiendi eest"),
    Label("Points in reach", "Punkte võita"),
    Label("Missing to required coverage", "Nõutavast hõlmatusest puudu"),
)


def steps_of(
    table: Cells,
    provider: Cells,
    score: str = "need-adjusted",
    scheme: Cells | None = None,
    prior: Cells | str = "report",
    weights: Cells | str = "principal-component",
    rounding: str = "largest-remainder",
    language: str = "en",
) -> tuple[tuple[Any, ...], ...]:
    """Return a row of headings and a row an indicator in which the list has patients left, most points first."""
    wanted, words = choice(score, SCORE_NAMES), choice(language, LANGUAGES)
    if len(provider) != 1 or len(provider[0]) != 1:
        raise RefusedError(CellError.VALUE, "provider is one cell")
    result = scored(table, scheme, prior, weights, rounding)
    name = identity(provider[0][0])
    if name not in result.table.providers:
        raise RefusedError(CellError.NA, f"{name!r} is not in the table")
    return (tuple(one.say(words) for one in _HEADINGS), *next_steps(result, name, wanted))


_PROVIDER = Argument(
    "provider",
    Label("The list: its id, as in the table.", "Nimistu: selle kood, nagu tabelis."),
    "texts",
)
_SCORE = Argument(
    "score",
    Label(
        "Which score the points are of: need-adjusted (default), proportional or current (before the list's "
        "coefficient).",
        "Mis skoori punktid: need-adjusted (vaikimisi; vajaduspõhine), proportional (osaline) või current (kehtiv, "
        "enne nimistu koefitsienti).",
    ),
    "text",
    "need-adjusted",
)

FUNCTIONS = (
    Function(
        name="QBS_NEXT_STEPS",
        category=NEXT,
        help=Label(
            "Where a list's next patient counts: its indicators by points for one more patient, most first, with "
            "patients left, points in reach and patients missing to the required coverage. It ranks points, not need "
            "of treatment.",
            "Kus nimistu järgmine patsient loeb: indikaatorid ühe lisapatsiendi punktide järgi, enim enne, koos alles "
            "patsientide, võidetavate punktide ja nõutavast hõlmatusest puuduga. Järjestab punkte, mitte ravivajadust.",
        ),
        arguments=(TABLE, _PROVIDER, _SCORE, SCHEME, PRIOR, WEIGHTS, ROUNDING, LANGUAGE),
        call=Together(steps_of),
        shape="table",
        errors=(
            (
                CellError.NA,
                Label(
                    "The list is not in the table, or no list has a patient in an indicator.",
                    "Nimistut ei ole tabelis või ei ole mõnes indikaatoris üheski nimistus patsiente.",
                ),
            ),
            (
                CellError.VALUE,
                Label(
                    "The list is not one text or number, the table or the scheme cannot be used (as in QBS_SCORE), or "
                    "an option is none of those named.",
                    "Nimistu ei ole üks tekst või arv, tabel või skeem ei kõlba (nagu funktsioonis QBS_SCORE) või ei "
                    "ole valik nimetatute seas.",
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
            NO_SCIPY,
        ),
        examples=(
            Example(
                '=QBS_NEXT_STEPS(A1:C5, "B", "need-adjusted", E1:H2, "report", "own")',
                {
                    "A1:C5": (
                        ("Provider", "diab target", "diab done"),
                        ("A", 2, 2),
                        ("B", 98, 30),
                        ("C", 153, 100),
                        ("D", 122, 90),
                    ),
                    "E1:H2": (("Code", "Points", "Required coverage", "Own weight"), ("diab", 65, 0.76, 68)),
                },
                (
                    tuple(one.en for one in _HEADINGS),
                    ("diab", 68, 68 / 144.875, 68 * 68 / 144.875, 45),
                ),
            ),
        ),
        source="docs/methods.md, w / (n + M) and w (n - x) / (n + M); the four providers of Table 3 of the report",
    ),
)
