"""Two years together: points for the better of attainment and improvement, and a floor that holds harmless."""

from __future__ import annotations

import numpy as np

from xl_qbs.addin.calls import ByCell
from xl_qbs.addin.definition import Argument, CellError, Example, Function
from xl_qbs.addin.functions.fairness_shared import FAIRNESS
from xl_qbs.addin.functions.shared import choice
from xl_qbs.equity.incentive import hold_harmless
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.table import Array
from xl_qbs.scoring.two_years import Standards, attainment_credit, improvement_credit
from xl_qbs.sheets.model import Label

_RESULTS = ("points", "attainment", "improvement")


def improvement_points(
    after: Array,
    before: Array,
    threshold: Array,
    benchmark: Array,
    weight: Array | float = 1.0,
    result: str = "points",
) -> Array:
    """Return weight times the better of attainment and improvement credit, or times one of them."""
    wanted = choice(result, _RESULTS)
    _share("after", after)
    _share("before", before)
    if not ((threshold >= 0) & (threshold <= benchmark) & (benchmark <= 1)).all():
        raise ArgumentError("threshold and benchmark: must be 0 <= threshold <= benchmark <= 1")
    if not (np.isfinite(weight) & (np.asarray(weight) >= 0)).all():
        raise ArgumentError("weight: must be a number from 0")
    attainment = attainment_credit(after, Standards(threshold, benchmark))
    improvement = improvement_credit(before, after, benchmark)
    credit = {
        "points": np.maximum(attainment, improvement),
        "attainment": attainment,
        "improvement": improvement,
    }[wanted]
    shape = np.broadcast_shapes(*map(np.shape, (after, before, threshold, benchmark, weight)))
    return np.broadcast_to(weight * credit, shape)


def held_harmless(earlier: Array, points: Array, floor: float = 1.0) -> Array:
    """Return points, but never less than a share of the earlier ones."""
    return hold_harmless(points, earlier, floor=floor)


def _share(name: str, values: Array) -> None:
    """Refuse what is no share; NaN, which is not known, is fine."""
    if ((values < 0) | (values > 1)).any():
        raise ArgumentError(f"{name}: must be from 0 to 1")


_AFTER = Argument(
    "after",
    Label(
        "Adjusted coverage of the second year, a share from 0 to 1: lists down, indicators across. Blank where a list "
        "has no patients.",
        "Teise aasta kohandatud hõlmatus, osa 0-st 1-ni: nimistud ridades, indikaatorid veergudes. Tühi, kui nimistul "
        "patsiente ei ole.",
    ),
)
_BEFORE = Argument(
    "before",
    Label(
        "Adjusted coverage of the first year, of the same lists; where it is blank or #N/A there are no points for "
        "improvement. Adjust both years with the first year's prior.",
        "Samade nimistute esimese aasta kohandatud hõlmatus; kui see on tühi või #N/A, ei ole paranemise eest punkte. "
        "Kohanda mõlemad aastad esimese aasta eeljaotusega.",
    ),
)
_THRESHOLD = Argument(
    "threshold",
    Label(
        "Adjusted coverage from which attainment earns points, a share, such as the first year's median: one, or one "
        "for each indicator.",
        "Kohandatud hõlmatus, millest tase hakkab punkte andma, osa, näiteks esimese aasta mediaan: üks või igale "
        "indikaatorile oma.",
    ),
)
_BENCHMARK = Argument(
    "benchmark",
    Label(
        "Adjusted coverage at which points are full, a share from the threshold to 1, such as the mean of the first "
        "year's best tenth: one, or one for each indicator.",
        "Kohandatud hõlmatus, mille juures punktid on täis, osa lävest 1-ni, näiteks esimese aasta parima kümnendiku "
        "keskmine: üks või igale indikaatorile oma.",
    ),
)
_WEIGHT = Argument(
    "weight",
    Label(
        "Points of the indicator, from 0: one, or one for each indicator; 1 by default, which gives credit from 0 to "
        "1.",
        "Indikaatori punktid, alates 0-st: üks või igale indikaatorile oma; vaikimisi 1, mis annab arvestuse 0-st "
        "1-ni.",
    ),
    default=1.0,
)
_RESULT = Argument(
    "result",
    Label(
        "What is given: points (default; the better of the two), attainment (for where the list stands) or improvement "
        "(for the way it came).",
        "Mida antakse: points (vaikimisi; parem kahest), attainment (taseme eest) või improvement (paranemise eest).",
    ),
    "text",
    "points",
)
_EARLIER = Argument(
    "earlier",
    Label(
        "Points or payment before, or without the incentive, from 0.",
        "Punktid või tasu enne või ilma stiimulita, alates 0-st.",
    ),
)
_POINTS = Argument(
    "points",
    Label(
        "Points or payment now; where there is no score (blank or #N/A), the floor stands.",
        "Punktid või tasu nüüd; kui skoori ei ole (tühi või #N/A), jääb alammäär.",
    ),
)
_FLOOR = Argument(
    "floor",
    Label(
        "Share of the earlier ones that is kept in any case, 0 to 1; 1 by default.",
        "Varasemast igal juhul säiliv osa, 0-st 1-ni; vaikimisi 1.",
    ),
    "number",
    1.0,
)
_VALUE = (
    CellError.VALUE,
    Label(
        "A cell holds text, a date, or TRUE or FALSE; the ranges differ in shape; or the result is none of those "
        "named.",
        "Lahtris on tekst, kuupäev või tõeväärtus; vahemikud on eri kujuga; või ei ole tulemus nimetatute seas.",
    ),
)
# Table 4 of the report: coverage adjusted with the prior of 2018, of the four providers.
_SECOND = ((29.75 / 48.875,), (67.75 / 144.875,), (142.75 / 199.875,), (127.75 / 168.875,))
_FIRST = ((29.75 / 48.875,), (57.75 / 144.875,), (127.75 / 199.875,), (117.75 / 168.875,))
_YEARS = {"C2:C5": _SECOND, "B2:B5": _FIRST}

FUNCTIONS = (
    Function(
        name="QBS_IMPROVEMENT_POINTS",
        category=FAIRNESS,
        help=Label(
            "Points of the second of two years: attainment (between threshold and benchmark) or improvement (the way "
            "from the first year to the benchmark), the better. Improvement counts where the first year was below the "
            "threshold.",
            "Teise aasta punktid: tase (läve ja sihi vahel) või paranemine (tee esimesest aastast sihini), parem "
            "kahest. Paranemine loeb, kui esimene aasta oli alla läve.",
        ),
        arguments=(_AFTER, _BEFORE, _THRESHOLD, _BENCHMARK, _WEIGHT, _RESULT),
        call=ByCell(improvement_points, unknown=("before",)),
        shape="same",
        errors=(
            (
                CellError.NUM,
                Label(
                    "A coverage is outside 0 to 1, threshold and benchmark are not in order within 0 to 1, or the "
                    "weight is negative.",
                    "Hõlmatus ei ole 0 ja 1 vahel, lävi ja siht ei ole järjekorras 0 ja 1 vahel või on kaal "
                    "negatiivne.",
                ),
            ),
            _VALUE,
        ),
        examples=(
            Example(
                "=QBS_IMPROVEMENT_POINTS(C2:C5, B2:B5, 0, 1, 68)",
                _YEARS,
                tuple((68 * value,) for (value,) in _SECOND),
            ),
            Example(
                "=QBS_IMPROVEMENT_POINTS(C2:C5, B2:B5, 0.5, 0.9, 68)",
                {"C2:C5": ((0.7,), (0.5,), (0.9,), (0.6,)), "B2:B5": ((0.4,), (0.3,), (0.6,), (None,))},
                ((68 * 0.6,), (68 / 3,), (68.0,), (17.0,)),
            ),
        ),
        source="Attainment and improvement of Hospital Value-Based Purchasing (76 FR 26490), without its steps",
    ),
    Function(
        name="QBS_HOLD_HARMLESS",
        category=FAIRNESS,
        help=Label(
            "Points or payment, but never less than a share of the earlier ones. A floor of 1 only adds: say who pays "
            "for it.",
            "Punktid või tasu, aga mitte vähem kui osa varasemast. Alammäär 1 saab ainult lisada: ütle, kes selle "
            "maksab.",
        ),
        arguments=(_EARLIER, _POINTS, _FLOOR),
        call=ByCell(held_harmless, unknown=("points",)),
        shape="same",
        errors=(
            (
                CellError.NUM,
                Label(
                    "Earlier points are negative, or the floor is outside 0 to 1.",
                    "Varasemad punktid on negatiivsed või ei ole alammäär 0 ja 1 vahel.",
                ),
            ),
            (
                CellError.VALUE,
                Label(
                    "A cell holds text, a date, or TRUE or FALSE; earlier points are blank beside points that are not; "
                    "or the ranges differ in shape.",
                    "Lahtris on tekst, kuupäev või tõeväärtus; varasemad punktid on tühjad, aga punktid mitte; või on "
                    "vahemikud eri kujuga.",
                ),
            ),
        ),
        examples=(
            Example(
                "=QBS_HOLD_HARMLESS(B2:B4, C2:C4, 0.8)",
                {"B2:B4": ((5,), (5,), (5,)), "C2:C4": ((8,), (2,), (None,))},
                ((8.0,), (4.0,), (4.0,)),
            ),
        ),
        source="docs/fairness.md: no list is left with less than a stated share of what it had",
    ),
)
