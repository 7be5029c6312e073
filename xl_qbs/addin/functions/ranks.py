"""Ranks, bands and conditions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xl_qbs.addin.calls import ByCell, ByRow, RefusedError, Together
from xl_qbs.addin.definition import Argument, CellError, Cells, Example, Function
from xl_qbs.addin.functions.shared import CELL_VALUE, REPORT, SCORES
from xl_qbs.errors import ArgumentError
from xl_qbs.scheme import Clause, Condition, Indicator, Scheme
from xl_qbs.scoring.conditions import condition_met
from xl_qbs.scoring.ranks import SCORE_DECIMALS, band, rank, relative_rank
from xl_qbs.scoring.table import Array, Table
from xl_qbs.sheets.model import Label


def ranks(scores: Array) -> Array:
    """Return ranks from 1 for the highest, ties sharing the better rank; NaN where a score is blank."""
    return _ranked(scores, rank)


def relative_ranks(scores: Array) -> Array:
    """Return the share of the other scores that are no higher; NaN where a score is blank."""
    return _ranked(scores, relative_rank)


def _ranked(scores: Array, ranking: Any) -> Array:
    known = ~np.isnan(scores)
    result = np.full(scores.shape, np.nan)
    # Kept to as many decimals as the scores that xl_qbs makes, so that sums differing in their last bits tie.
    result[known] = ranking(np.round(scores[known], SCORE_DECIMALS))
    return result


def band_of(scores: Array, total: float, lowers: Array | None = None, names: Cells | None = None) -> NDArray[Any]:
    """Return the band of each score: its name, or its number from 1 where no names are given."""
    limits = [0.0, 0.8, 0.9] if lowers is None else [float(one) for one in lowers.ravel()]
    number = band(scores, total, limits)
    if names is None:
        return number + 1
    texts = [value for row in names for value in row]
    # One more than limits: the first is their heading.
    texts = texts[-len(limits) :] if len(texts) == len(limits) + 1 else texts
    if len(texts) != len(limits) or not all(isinstance(text, str) for text in texts):
        raise RefusedError(CellError.VALUE, "names: a text for each lower limit")
    return np.array(texts, dtype=object)[number]


def meets(
    points: Array,
    most: Array,
    share: float,
    done: Array | None = None,
    target: Array | None = None,
    least: Array | None = None,
) -> NDArray[np.bool_]:
    """Return which lists have a share of the points and, where counts are given, coverage of each indicator."""
    earned, weights = points.shape[1], most.ravel()
    if len(weights) != earned:
        raise RefusedError(CellError.VALUE, "most_points: one for each column of points")
    if (done is None) != (target is None) or (done is None) != (least is None):
        raise RefusedError(CellError.VALUE, "done, target and required_coverage go together")
    lists = len(points)
    if done is None or target is None or least is None:
        done = target = np.zeros((lists, 0))
        least = np.zeros(0)
    if done.shape != target.shape or least.size not in {1, done.shape[1]}:
        raise RefusedError(CellError.VALUE, "done, target and required_coverage do not fit")
    required = np.broadcast_to(least.ravel(), (done.shape[1],)) if done.shape[1] else least
    for value in (share, *required):
        if not 0 <= value <= 1:
            raise ArgumentError("required shares must be from 0 to 1")
    return _met(points, weights, share, (done, target, required))


def _met(points: Array, weights: Array, share: float, counts: tuple[Array, Array, Array]) -> NDArray[np.bool_]:
    """Return which lists meet the condition, by a scheme made for the purpose."""
    done, target, required = counts
    lists, earned = points.shape
    covered = [f"i{column}" for column in range(done.shape[1])]
    codes = [*(f"p{column}" for column in range(earned)), *covered]
    condition = Condition(
        "condition",
        (
            Clause("domain", ("points",), share),
            *(Clause("indicator", (code,), float(one)) for code, one in zip(covered, required, strict=True)),
        ),
    )
    domains = ["points"] * earned + ["coverage"] * len(covered)
    indicators = tuple(Indicator(code, domain, code, 0, 0) for code, domain in zip(codes, domains, strict=True))
    scheme = Scheme("condition", indicators, conditions=(condition,))
    nothing = np.zeros((lists, earned))
    table = Table(
        providers=tuple(str(row) for row in range(lists)),
        indicators=tuple(codes),
        target=np.hstack([nothing, target]),
        done=np.hstack([nothing, done]),
    )
    every_point = np.hstack([points, np.zeros(done.shape)])
    return condition_met(condition, scheme, table, every_point, np.append(weights, np.zeros(len(covered))))


_RANKED = Argument(
    "scores",
    Label(
        "Scores of all lists: a column, a row or a block; blank cells are left out.",
        "Kõigi nimistute skoorid: veerg, rida või plokk; tühjad lahtrid jäävad välja.",
    ),
)
_TOTAL = Argument(
    "total",
    Label("The maximum of the score, above 0, such as 480.", "Skoori maksimum, suurem kui 0, näiteks 480."),
    "number",
)
_LOWERS = Argument(
    "lowers",
    Label(
        "Lower limits of the bands as shares of the maximum, rising from 0; by default 0, 0.8 and 0.9.",
        "Vahemike alumised piirid osana maksimumist, kasvavalt alates 0-st; vaikimisi 0, 0,8 ja 0,9.",
    ),
    default=None,
)
_NAMES = Argument(
    "names",
    Label(
        "Names of the bands, as many as limits; by default bands are numbered from 1, the lowest.",
        "Vahemike nimed, sama palju kui piire; vaikimisi nummerdatakse vahemikud alates 1-st, madalaimast.",
    ),
    "texts",
    None,
)
_POINTS = Argument(
    "points",
    Label(
        "Points earned, a row a list: the score, or a column for each indicator of the domains in question.",
        "Saadud punktid, reas nimistu: skoor või veerg iga kõnealuste valdkondade indikaatori kohta.",
    ),
)
_MOST = Argument(
    "most_points",
    Label(
        "The most points there are in each column of points.",
        "Suurim võimalik punktide arv igas punktide veerus.",
    ),
)
_SHARE = Argument(
    "required_share",
    Label(
        "Share of all those points to reach, from 0 to 1, such as 0.7.",
        "Osa kõigist neist punktidest, milleni tuleb jõuda, 0-st 1-ni, näiteks 0,7.",
    ),
    "number",
)
_DONE = Argument(
    "done",
    Label(
        "Work done in indicators with a required coverage of their own, a column each.",
        "Tehtud töö indikaatorites, millel on oma nõutav hõlmatus, igaühe jaoks veerg.",
    ),
    default=None,
)
_TARGET = Argument(
    "target",
    Label("Target population in them; 0 counts as met.", "Nende sihtrühma suurus; 0 loetakse täidetuks."),
    default=None,
)
_LEAST = Argument(
    "required_coverage",
    Label(
        "Coverage to reach in each of them (not adjusted), a share from 0 to 1.",
        "Hõlmatus, milleni igaühes neist tuleb jõuda (kohandamata), osa 0-st 1-ni.",
    ),
    default=None,
)
_WHOLE_RANK_ERRORS = (
    (CellError.NA, Label("The range is empty.", "Vahemik on tühi.")),
    (
        CellError.VALUE,
        Label("A score is text, a date, or TRUE or FALSE.", "Skoor on tekst, kuupäev või tõeväärtus."),
    ),
)
_FOUR_SCORES = {"E2:E5": ((480,), (300,), (480,), (10,))}

FUNCTIONS = (
    Function(
        name="QBS_RANK",
        category=SCORES,
        help=Label(
            "Rank of each score, 1 for the highest; ties share the better rank. Scores are compared to nine decimals.",
            "Iga skoori koht, kõrgeimal 1; võrdsed jagavad paremat kohta. Skoore võrreldakse üheksa kümnendkohani.",
        ),
        arguments=(_RANKED,),
        call=Together(ranks),
        shape="same",
        errors=_WHOLE_RANK_ERRORS,
        examples=(Example("=QBS_RANK(E2:E5)", _FOUR_SCORES, ((1.0,), (3.0,), (1.0,), (4.0,))),),
        source="docs/methods.md, Ranks and bands",
    ),
    Function(
        name="QBS_RELATIVE_RANK",
        category=SCORES,
        help=Label(
            "Share of the other lists that score no higher, 0 to 1: the measure to follow over the years, since totals "
            "move with weights and peers.",
            "Osa teistest nimistutest, kelle skoor ei ole kõrgem, 0-st 1-ni: seda tasub aastate lõikes jälgida, sest "
            "skoorid muutuvad kaalude ja kaaslastega.",
        ),
        arguments=(_RANKED,),
        call=Together(relative_ranks),
        shape="same",
        errors=_WHOLE_RANK_ERRORS,
        examples=(Example("=QBS_RELATIVE_RANK(E2:E5)", _FOUR_SCORES, ((1.0,), (1 / 3,), (1.0,), (0.0,))),),
        source=f"{REPORT}, Part B section 3",
    ),
    Function(
        name="QBS_BAND",
        category=SCORES,
        help=Label(
            "Band of each score by its share of the maximum: its number from 1 (the lowest), or its name.",
            "Iga skoori vahemik selle järgi, kui suur osa see maksimumist on: number alates 1-st (madalaim) või nimi.",
        ),
        arguments=(
            Argument("scores", Label("Scores, of any range.", "Skoorid, mis tahes vahemikus.")),
            _TOTAL,
            _LOWERS,
            _NAMES,
        ),
        call=ByCell(band_of, whole=("lowers",)),
        shape="same",
        errors=(
            (
                CellError.NUM,
                Label(
                    "The maximum is not above 0, or the limits do not rise from 0.",
                    "Maksimum ei ole suurem kui 0 või ei kasva piirid alates 0-st.",
                ),
            ),
            CELL_VALUE,
        ),
        examples=(
            Example("=QBS_BAND(E2:E4, 480)", {"E2:E4": ((383,), (384,), (432,))}, ((1,), (2,), (3,))),
            Example(
                "=QBS_BAND(E2:E4, 480, H2:H4, I2:I4)",
                {
                    "E2:E4": ((383,), (384,), (432,)),
                    "H2:H4": ((0,), (0.8,), (0.9,)),
                    "I2:I4": (("under 80 %",), ("80 % to under 90 %",), ("90 % and over",)),
                },
                (("under 80 %",), ("80 % to under 90 %",), ("90 % and over",)),
            ),
        ),
        source=f"{REPORT}, Figure 8 (80 % and 90 % of the maximum)",
    ),
    Function(
        name="QBS_CONDITION",
        category=SCORES,
        help=Label(
            "TRUE for each list that has the required share of the points and, where counts are given, the required "
            "coverage in each of those indicators.",
            "TRUE iga nimistu kohta, kellel on nõutav osa punktidest ja, kui arvud on antud, nõutav hõlmatus igas "
            "neist indikaatoritest.",
        ),
        arguments=(_POINTS, _MOST, _SHARE, _DONE, _TARGET, _LEAST),
        call=ByRow(meets, whole=("most_points", "required_coverage")),
        shape="column",
        errors=(
            (
                CellError.NUM,
                Label(
                    "A count is negative or fractional, or a share is outside 0 to 1.",
                    "Arv on negatiivne või ei ole täisarv või osa ei ole 0 ja 1 vahel.",
                ),
            ),
            CELL_VALUE,
        ),
        examples=(
            Example(
                "=QBS_CONDITION(E2:E4, 640, 0.7)", {"E2:E4": ((448,), (447,), (640,))}, ((True,), (False,), (True,))
            ),
            Example(
                "=QBS_CONDITION(E2:E4, 640, 0.7, C2:C4, B2:B4, 0.9)",
                {
                    "E2:E4": ((448,), (447,), (640,)),
                    "C2:C4": ((90,), (100,), (89,)),
                    "B2:B4": ((100,), (100,), (100,)),
                },
                ((True,), (False,), (False,)),
            ),
        ),
        source=f"{REPORT}, Part C section 2",
    ),
)
