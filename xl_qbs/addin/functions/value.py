"""Composite quality, achievement and improvement points, and value stars."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xl_qbs.addin.calls import ByCell, ByRow, RefusedError
from xl_qbs.addin.definition import Argument, CellError, Example, Function
from xl_qbs.addin.functions.efficiency_shared import EFFICIENCY, PAPER
from xl_qbs.addin.functions.shared import CELL_VALUE, DONE, TARGET, choice
from xl_qbs.efficiency import composites
from xl_qbs.efficiency.stars import BEST_FIT, QUALITY_TWICE, Stars, stars
from xl_qbs.efficiency.vbp import vbp_points
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.coverage import coverage
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.model import Label

_RULES = {"lookup": None, "quality-twice": QUALITY_TWICE, "best-fit": BEST_FIT}
_COMPOSITES = ("opportunity", "weighted", "all-or-none")


def value_stars(quality: Array, efficiency: Array, rule: str = "lookup") -> NDArray[np.intp]:
    """Return the stars, 1 to 5, of each pair."""
    return _stars(quality, efficiency, rule).stars


def star_points(quality: Array, efficiency: Array, rule: str = "lookup") -> NDArray[np.intp]:
    """Return the points, -2 to 2, of each pair."""
    return _stars(quality, efficiency, rule).points


def _stars(quality: Array, efficiency: Array, rule: str) -> Stars:
    function = _RULES[choice(rule, tuple(_RULES))]
    both = np.broadcast_arrays(quality, efficiency)
    if not both[0].size:
        return Stars(np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0))
    return stars(*both, function=function)


def composite_score(
    done: Array,
    target: Array,
    rule: str = "opportunity",
    outcome: Array | None = None,
    outcome_weight: float = composites.OUTCOME_WEIGHT,
) -> Array:
    """Return the composite of each row: of a provider, or of a patient where all or nothing counts."""
    wanted = choice(rule, _COMPOSITES)
    if done.shape[1] != target.shape[1]:
        raise RefusedError(CellError.VALUE, "done and target have a column for each measure")
    done, target = np.broadcast_arrays(done, target)
    if wanted == "opportunity":
        return composites.opportunity(done, target).score
    if wanted == "all-or-none":
        return composites.all_or_none(range(len(done)), done, target).score
    if outcome is None or outcome.size != done.shape[1]:
        raise RefusedError(CellError.VALUE, "outcome: 1 or 0 for each measure")
    if not np.isin(outcome, (0.0, 1.0)).all():
        raise ArgumentError("outcome: must be 1 or 0")
    return composites.weighted(coverage(done, target), outcome.ravel() == 1, outcome_weight=outcome_weight)


def achievement_or_improvement(
    value: Array, threshold: float, benchmark: float, baseline: Array | None = None
) -> Array:
    """Return the better of achievement and improvement points, 0 to 10, of each value."""
    # Without any value only the limits are looked at.
    values = value if value.size else np.zeros(1)
    before = None if baseline is None else np.broadcast_to(baseline if baseline.size else np.nan, values.shape)
    return vbp_points(values, threshold=threshold, benchmark=benchmark, baseline=before).points[: value.size]


_QUALITY = Argument(
    "quality",
    Label(
        "Total quality score of each provider, 0 to 100.",
        "Iga osutaja kvaliteedi koguskoor, 0 kuni 100.",
    ),
)
_EFFICIENCY = Argument(
    "efficiency",
    Label(
        "Efficiency score of each provider, a whole number from 1 to 10 (10 is best).",
        "Iga osutaja tõhususe skoor, täisarv 1-st 10-ni (10 on parim).",
    ),
)
_STAR_RULE = Argument(
    "rule",
    Label(
        "lookup (default; the table of Exhibit 11), or the function of the footnote: quality-twice (90 of the 100 "
        "cells) or best-fit (94).",
        "lookup (vaikimisi; joonise 11 tabel) või joonealuse märkuse funktsioon: quality-twice (100 lahtrist 90) või "
        "best-fit (94).",
    ),
    "text",
    "lookup",
)
_RULE = Argument(
    "rule",
    Label(
        "opportunity (default; all done over all due), weighted (mean of the rates, outcomes counting more) or "
        "all-or-none (a row a patient, done and target 1 or 0: 1 where nothing due is missing).",
        "opportunity (vaikimisi; kogu tehtud töö jagatud kogu sihtrühmaga), weighted (määrade keskmine, ravitulemused "
        "suurema kaaluga) või all-or-none (reas patsient, arvud 1 või 0: 1, kui midagi vajalikku ei puudu).",
    ),
    "text",
    "opportunity",
)
_OUTCOME = Argument(
    "outcome",
    Label(
        "With weighted: for each measure, 1 if it is one of outcome and 0 if it is one of process.",
        "Reegliga weighted: iga näitaja kohta 1, kui see on ravitulemuse, ja 0, kui see on protsessi näitaja.",
    ),
    default=None,
)
_OUTCOME_WEIGHT = Argument(
    "outcome_weight",
    Label(
        "With weighted: weight of an outcome against 1 for a process, above 0; 3 by default.",
        "Reegliga weighted: ravitulemuse kaal, kui protsessi kaal on 1, üle 0; vaikimisi 3.",
    ),
    "number",
    composites.OUTCOME_WEIGHT,
)
_MEASURED = Argument(
    "value",
    Label(
        "The measure of each provider in the performance period, higher is better (survival, not death).",
        "Iga osutaja näitaja arvestusperioodil, suurem on parem (elulemus, mitte suremus).",
    ),
)
_THRESHOLD = Argument(
    "threshold",
    Label(
        "Where achievement begins: in the program, the median of all in the earlier period.",
        "Millest algab saavutus: programmis kõigi mediaan varasemal perioodil.",
    ),
    "number",
)
_BENCHMARK = Argument(
    "benchmark",
    Label(
        "Where achievement is full, above the threshold: in the program, the mean of the best tenth.",
        "Mille juures saavutus on täis, lävest suurem: programmis parima kümnendiku keskmine.",
    ),
    "number",
)
_BASELINE = Argument(
    "baseline",
    Label(
        "The measure of each provider in the earlier period; where it is blank or #N/A, or left out, there are no "
        "points for improvement.",
        "Iga osutaja näitaja varasemal perioodil; kui see on tühi, #N/A või ära jäetud, ei ole paranemise eest punkte.",
    ),
    default=None,
)
_STARS_NUM = (
    CellError.NUM,
    Label(
        "Quality is outside 0 to 100, or efficiency is no whole number from 1 to 10.",
        "Kvaliteet ei ole 0 ja 100 vahel või ei ole tõhusus täisarv 1-st 10-ni.",
    ),
)
_STARS_VALUE = (
    CellError.VALUE,
    Label(
        "A cell holds text, a date, or TRUE or FALSE; a provider has one number but not the other; the ranges differ "
        "in shape; or the rule is none of those named.",
        "Lahtris on tekst, kuupäev või tõeväärtus; osutajal on üks arv, aga teist ei ole; vahemikud on eri kujuga; või "
        "ei ole reegel nimetatute seas.",
    ),
)
_PAIRS = {"B2:B6": ((95,), (85,), (72,), (50,), (5,)), "C2:C6": ((1,), (10,), (5,), (6,), (10,))}

FUNCTIONS = (
    Function(
        name="QBS_COMPOSITE",
        category=EFFICIENCY,
        help=Label(
            "Composite quality of each row from the counts of several measures, 0 to 1; #N/A where nothing was due. "
            "Measures stand in columns. With all-or-none, average the patients of a provider.",
            "Iga rea koondkvaliteet mitme näitaja arvudest, 0-st 1-ni; #N/A, kui midagi teha ei olnud. Näitajad on "
            "veergudes. Reegli all-or-none korral võta osutaja patsientide keskmine.",
        ),
        arguments=(DONE, TARGET, _RULE, _OUTCOME, _OUTCOME_WEIGHT),
        call=ByRow(composite_score, whole=("outcome",)),
        shape="column",
        errors=(
            (CellError.NA, Label("Nothing was due in any measure.", "Üheski näitajas ei olnud midagi teha.")),
            (
                CellError.NUM,
                Label(
                    "A count is negative, a number that has to be 1 or 0 is neither, or the weight is not above 0.",
                    "Arv on negatiivne, 1 või 0 asemel on muu arv või ei ole kaal üle 0.",
                ),
            ),
            (
                CellError.VALUE,
                Label(
                    "A cell holds text, a date, or TRUE or FALSE; one of two counts is blank; the ranges differ in "
                    "shape; or weighted has no outcome for each measure.",
                    "Lahtris on tekst, kuupäev või tõeväärtus; kahest arvust üks on tühi; vahemikud on eri kujuga; või "
                    "puudub reeglil weighted outcome iga näitaja kohta.",
                ),
            ),
        ),
        examples=(
            Example(
                "=QBS_COMPOSITE(C2:D3, E2:F3)",
                {"C2:D3": ((1, 8), (9, 40)), "E2:F3": ((10, 10), (10, 90))},
                ((0.45,), (0.49,)),
            ),
            Example(
                '=QBS_COMPOSITE(C2:D3, E2:F3, "weighted", C1:D1)',
                {"C1:D1": ((1, 0),), "C2:D3": ((10, 0), (1, 8)), "E2:F3": ((10, 10), (10, 10))},
                ((0.75,), (0.275,)),
            ),
            Example(
                '=QBS_COMPOSITE(C2:D4, E2:F4, "all-or-none")',
                {"C2:D4": ((1, 1), (1, 0), (1, 0)), "E2:F4": ((1, 1), (1, 1), (1, 0))},
                ((1.0,), (0.0,), (1.0,)),
            ),
        ),
        source=f"{PAPER}, section 6 and Exhibit 1 (Alternative Quality Contract)",
    ),
    Function(
        name="QBS_VBP_POINTS",
        category=EFFICIENCY,
        help=Label(
            "Points on a measure as in Hospital Value-Based Purchasing, 0 to 10: the better of achievement (between "
            "threshold and benchmark) and improvement (over the baseline).",
            "Näitaja punktid nagu programmis Hospital Value-Based Purchasing, 0-st 10-ni: parem kahest, saavutus (läve "
            "ja võrdlustaseme vahel) või paranemine (varasemast).",
        ),
        arguments=(_MEASURED, _THRESHOLD, _BENCHMARK, _BASELINE),
        call=ByCell(achievement_or_improvement, unknown=("baseline",)),
        shape="same",
        errors=(
            (
                CellError.NUM,
                Label("The benchmark is not above the threshold.", "Võrdlustase ei ole lävest suurem."),
            ),
            CELL_VALUE,
        ),
        examples=(
            Example(
                "=QBS_VBP_POINTS(B2:B4, 0.47, 0.87, C2:C4)",
                {"B2:B4": ((0.91,), (0.70,), (0.22,)), "C2:C4": ((None,), (0.21,), (0.55,))},
                ((10.0,), (7.0,), (0.0,)),
            ),
        ),
        source="Hospital Value-Based Purchasing, final rule (76 FR 26490) and its examples",
    ),
    Function(
        name="QBS_STARS",
        category=EFFICIENCY,
        help=Label(
            "Value stars, 1 to 5, of a quality score and an efficiency score. Show the scores beside them: a star "
            "hangs on a tenth of either.",
            "Väärtustärnid, 1-st 5-ni, kvaliteedi ja tõhususe skoorist. Näita tärnide kõrval ka skoore: tärn oleneb "
            "kummagi kümnendikust.",
        ),
        arguments=(_QUALITY, _EFFICIENCY, _STAR_RULE),
        call=ByCell(value_stars),
        shape="same",
        errors=(_STARS_NUM, _STARS_VALUE),
        examples=(Example("=QBS_STARS(B2:B6, C2:C6)", _PAIRS, ((4,), (5,), (4,), (3,), (2,))),),
        source=f"{PAPER}, Exhibit 10",
    ),
    Function(
        name="QBS_STAR_POINTS",
        category=EFFICIENCY,
        help=Label(
            "Points, -2 to 2, by which efficiency moves a quality score: the value stars less 3.",
            "Punktid, -2-st 2-ni, mille võrra tõhusus kvaliteedi skoori muudab: väärtustärnid miinus 3.",
        ),
        arguments=(_QUALITY, _EFFICIENCY, _STAR_RULE),
        call=ByCell(star_points),
        shape="same",
        errors=(_STARS_NUM, _STARS_VALUE),
        examples=(Example("=QBS_STAR_POINTS(B2:B6, C2:C6)", _PAIRS, ((1,), (2,), (1,), (0,), (-1,))),),
        source=f"{PAPER}, Exhibit 11 and footnote 11",
    ),
)
