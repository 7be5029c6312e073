"""Quality and cost of providers into efficiency: standard scores, the unconditional and conditional models, hurdles."""

from __future__ import annotations

import numpy as np

from xl_qbs.addin.calls import RefusedError, RowsTogether, Together
from xl_qbs.addin.definition import Argument, CellError, Example, Function
from xl_qbs.addin.functions.efficiency_shared import (
    COST,
    COST_IS,
    EFFICIENCY,
    MODEL_NUM,
    MODEL_VALUE,
    NOTHING,
    PAPER,
    QUALITY,
)
from xl_qbs.addin.functions.shared import choice
from xl_qbs.efficiency import conditional, hurdles, inputs, standardize, unconditional
from xl_qbs.efficiency.classes import QUARTERS, THIRDS, Classes
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.model import Label


def standard_scores(values: Array) -> Array:
    """Return z scores of each column; a single row is one measure. NaN where a cell is blank."""
    down = values.T if len(values) == 1 else values
    scores = np.full(down.shape, np.nan)
    for column in range(down.shape[1]):
        known = ~np.isnan(down[:, column])
        if known.any():
            scores[known, column] = standardize.standardize(down[known, column])
    return scores.reshape(values.shape)


def unconditional_efficiency(
    quality: Array, cost: Array, cost_is: str, quality_weight: float = unconditional.QUALITY_70
) -> Array:
    """Return the weighted sum of the standard scores of quality and cost performance."""
    direction = choice(cost_is, inputs.COST_IS)
    return unconditional.unconditional(quality, cost, cost_is=direction, quality_weight=quality_weight).efficiency


def conditional_efficiency(
    quality: Array,
    cost: Array,
    cost_is: str,
    version: str = "within",
    quality_shares: Array | None = None,
    cost_shares: Array | None = None,
) -> Classes:
    """Return the cell of the grid of quality and cost performance, from 9 to 1."""
    return conditional.conditional(
        quality,
        cost,
        cost_is=choice(cost_is, inputs.COST_IS),
        version=choice(version, conditional.VERSIONS),
        quality_shares=_two_shares(quality_shares, THIRDS),
        cost_shares=_two_shares(cost_shares, QUARTERS),
    ).efficiency


def quality_hurdle(
    quality: Array,
    cost: Array,
    cost_is: str,
    hurdle_share: float = hurdles.LOWEST_QUARTER,
    failing: str = "last",
    hurdle: float | None = None,
) -> Array:
    """Return the standard score of cost performance of who reaches the quality hurdle."""
    return hurdles.quality_hurdle(
        quality,
        cost,
        cost_is=choice(cost_is, inputs.COST_IS),
        hurdle_share=hurdle_share,
        hurdle=hurdle,
        failing=choice(failing, hurdles.FAILING),
    ).efficiency


def cost_hurdle(
    quality: Array,
    cost: Array,
    cost_is: str,
    hurdle_share: float = hurdles.LOWEST_QUARTER,
    failing: str = "last",
    hurdle: float | None = None,
) -> Array:
    """Return the standard score of quality of who reaches the cost hurdle."""
    return hurdles.cost_hurdle(
        quality,
        cost,
        cost_is=choice(cost_is, inputs.COST_IS),
        hurdle_share=hurdle_share,
        hurdle=hurdle,
        failing=choice(failing, hurdles.FAILING),
    ).efficiency


def _two_shares(given: Array | None, default: tuple[float, ...]) -> tuple[float, ...]:
    if given is None:
        return default
    if given.size != 2:
        raise RefusedError(CellError.VALUE, "shares are two, for three classes")
    return tuple(given.ravel().tolist())


_WEIGHT = Argument(
    "quality_weight",
    Label(
        "Weight of quality, from 0 to 1; cost performance has the rest. 0.7 by default; the paper also has 0.3.",
        "Kvaliteedi kaal, 0-st 1-ni; ülejäänu on kulutulemuse kaal. Vaikimisi 0,7; artiklis on ka 0,3.",
    ),
    "number",
    unconditional.QUALITY_70,
)
_VERSION = Argument(
    "version",
    Label(
        "within (default): classes of cost within each class of quality; overall: classes of cost over all providers.",
        "within (vaikimisi): kulu klassid iga kvaliteediklassi sees; overall: kulu klassid üle kõigi osutajate.",
    ),
    "text",
    "within",
)
_QUALITY_SHARES = Argument(
    "quality_shares",
    Label(
        "Two cells: the shares of providers below average and below high quality; 1/3 and 2/3 by default.",
        "Kaks lahtrit: kui suur osa osutajatest jääb alla keskmise ja alla kõrge kvaliteedi; vaikimisi 1/3 ja 2/3.",
    ),
    default=None,
)
_COST_SHARES = Argument(
    "cost_shares",
    Label(
        "Two cells: the shares of providers below average and below high cost performance, counted from the costliest; "
        "0.25 and 0.75 by default.",
        "Kaks lahtrit: kui suur osa osutajatest jääb alla keskmise ja alla kõrge kulutulemuse, alates kallimast; "
        "vaikimisi 0,25 ja 0,75.",
    ),
    default=None,
)
_FAILING = Argument(
    "failing",
    Label(
        "What who fails gets: last (default; one standard deviation below the lowest who passes) or zero-as-printed "
        "(0, as in the paper, so above many who pass).",
        "Mida saab see, kes läve ei ületa: last (vaikimisi; standardhälbe võrra alla viimase läbinu) või "
        "zero-as-printed (0 nagu artiklis, seega eespool paljudest läbinutest).",
    ),
    "text",
    "last",
)
_QUALITY_SHARE = Argument(
    "hurdle_share",
    Label(
        "Share of the providers that the hurdle leaves below it, between 0 and 1; 0.25 by default.",
        "Kui suur osa osutajatest jääb alla läve, 0 ja 1 vahel; vaikimisi 0,25.",
    ),
    "number",
    hurdles.LOWEST_QUARTER,
)
_COST_SHARE = Argument(
    "hurdle_share",
    Label(
        "Share of the providers, from the costliest, that the hurdle leaves behind, between 0 and 1; 0.25 by default.",
        "Kui suur osa osutajatest, alates kallimast, läve ei ületa, 0 ja 1 vahel; vaikimisi 0,25.",
    ),
    "number",
    hurdles.LOWEST_QUARTER,
)
_OWN_QUALITY = Argument(
    "hurdle",
    Label(
        "The hurdle in units of quality, in place of the share; who is at it passes.",
        "Lävi kvaliteedi ühikutes, osa asemel; kes on lävel, on läbinud.",
    ),
    "number",
    None,
)
_OWN_COST = Argument(
    "hurdle",
    Label(
        "The hurdle in units of cost, in place of the share: of spending the most that passes, of performance the "
        "least.",
        "Lävi kulu ühikutes, osa asemel: spending korral suurim läbiv kulu, performance korral väikseim läbiv tulemus.",
    ),
    "number",
    None,
)
# Five values of which two lie one below and two one above the middle have that one as standard deviation.
_FIVE_QUALITIES = ((40,), (60,), (70,), (80,), (90,))
_FIVE_COSTS = ((0.9,), (0.9,), (1.0,), (1.1,), (1.1,))

FUNCTIONS = (
    Function(
        name="QBS_STANDARDIZE",
        category=EFFICIENCY,
        help=Label(
            "Standard (z) scores: less the mean, over the sample standard deviation. Each column is a measure of its "
            "own. The sense stays: of spending, a high score is high spending.",
            "Standardskoorid (z): lahutatud keskmine, jagatud valimi standardhälbega. Iga veerg on omaette näitaja. "
            "Suund jääb samaks: kulu kõrge skoor tähendab suurt kulu.",
        ),
        arguments=(
            Argument(
                "values",
                Label(
                    "Values of all providers: a column, a row, or a column for each measure; blank cells are left out.",
                    "Kõigi osutajate väärtused: veerg, rida või igale näitajale oma veerg; tühjad lahtrid jäävad "
                    "välja.",
                ),
            ),
        ),
        call=Together(standard_scores),
        shape="same",
        errors=(
            (
                CellError.NUM,
                Label(
                    "A measure has fewer than 3 values, or all of them are the same.",
                    "Näitajal on alla 3 väärtuse või on need kõik samad.",
                ),
            ),
            (
                CellError.VALUE,
                Label("A cell holds text, a date, or TRUE or FALSE.", "Lahtris on tekst, kuupäev või tõeväärtus."),
            ),
            NOTHING,
        ),
        examples=(Example("=QBS_STANDARDIZE(B2:B4)", {"B2:B4": ((60,), (80,), (70,))}, ((-1.0,), (1.0,), (0.0,))),),
        source=f"{PAPER}, section 3",
    ),
    Function(
        name="QBS_UNCONDITIONAL",
        category=EFFICIENCY,
        help=Label(
            "Efficiency by the unconditional model: the weighted sum of the z scores of quality and of cost "
            "performance. Excellent quality makes up for any spending, and the other way round.",
            "Tõhusus tingimusteta mudelis: kvaliteedi ja kulutulemuse z-skooride kaalutud summa. Suurepärane kvaliteet "
            "korvab mis tahes kulu ja vastupidi.",
        ),
        arguments=(QUALITY, COST, COST_IS, _WEIGHT),
        call=RowsTogether(unconditional_efficiency, ("quality", "cost")),
        shape="same",
        errors=(MODEL_NUM, MODEL_VALUE, NOTHING),
        examples=(
            Example(
                '=QBS_UNCONDITIONAL(B2:B4, C2:C4, "spending")',
                {"B2:B4": ((60,), (80,), (70,)), "C2:C4": ((12,), (6,), (4,))},
                ((-1.0,), (0.7,), (0.3,)),
            ),
            Example(
                '=QBS_UNCONDITIONAL(B2:B4, C2:C4, "performance", 0.3)',
                {"B2:B4": ((60,), (80,), (70,)), "C2:C4": ((3,), (2,), (1,))},
                ((0.4,), (0.3,), (-0.7,)),
            ),
        ),
        source=f"{PAPER}, Exhibit 4",
    ),
    Function(
        name="QBS_CONDITIONAL",
        category=EFFICIENCY,
        help=Label(
            "Efficiency by the conditional model: the cell of the grid of three classes of quality and three of cost "
            "performance, from 9 (high and high) to 1 (low and low), quality first.",
            "Tõhusus tingimuslikus mudelis: koht kolme kvaliteedi- ja kolme kulutulemuse klassi ruudustikus, 9-st "
            "(kõrge ja kõrge) 1-ni (madal ja madal), kvaliteet eespool.",
        ),
        arguments=(QUALITY, COST, COST_IS, _VERSION, _QUALITY_SHARES, _COST_SHARES),
        call=RowsTogether(conditional_efficiency, ("quality", "cost")),
        shape="same",
        errors=(MODEL_NUM, MODEL_VALUE, NOTHING),
        examples=(
            Example(
                '=QBS_CONDITIONAL(B2:B10, C2:C10, "spending")',
                {
                    "B2:B10": ((50,), (55,), (60,), (65,), (70,), (75,), (80,), (85,), (90,)),
                    "C2:C10": ((1000,), (900,), (1100,), (1100,), (1000,), (900,), (900,), (1100,), (1000,)),
                },
                ((2,), (3,), (1,), (4,), (5,), (6,), (9,), (7,), (8,)),
            ),
        ),
        source=f"{PAPER}, Exhibit 5",
    ),
    Function(
        name="QBS_QUALITY_HURDLE",
        category=EFFICIENCY,
        help=Label(
            "Efficiency by the quality hurdle: the z score of cost performance of providers whose quality reaches the "
            "hurdle. Quality above the hurdle earns nothing.",
            "Tõhusus kvaliteediläve järgi: nende osutajate kulutulemuse z-skoor, kelle kvaliteet ulatub läveni. Lävest "
            "kõrgem kvaliteet midagi juurde ei anna.",
        ),
        arguments=(QUALITY, COST, COST_IS, _QUALITY_SHARE, _FAILING, _OWN_QUALITY),
        call=RowsTogether(quality_hurdle, ("quality", "cost")),
        shape="same",
        errors=(MODEL_NUM, MODEL_VALUE, NOTHING),
        examples=(
            Example(
                '=QBS_QUALITY_HURDLE(B2:B6, C2:C6, "performance")',
                {"B2:B6": _FIVE_QUALITIES, "C2:C6": _FIVE_COSTS},
                ((-2.0,), (-1.0,), (0.0,), (1.0,), (1.0,)),
            ),
            Example(
                '=QBS_QUALITY_HURDLE(B2:B6, C2:C6, "performance", 0.25, "zero-as-printed")',
                {"B2:B6": _FIVE_QUALITIES, "C2:C6": _FIVE_COSTS},
                ((0.0,), (-1.0,), (0.0,), (1.0,), (1.0,)),
            ),
        ),
        source=f"{PAPER}, Exhibit 3",
    ),
    Function(
        name="QBS_COST_HURDLE",
        category=EFFICIENCY,
        help=Label(
            "Efficiency by the cost hurdle: the z score of quality of providers whose cost performance reaches the "
            "hurdle. Savings beyond the hurdle earn nothing.",
            "Tõhusus kululäve järgi: nende osutajate kvaliteedi z-skoor, kelle kulutulemus ulatub läveni. Läve ületav "
            "sääst midagi juurde ei anna.",
        ),
        arguments=(QUALITY, COST, COST_IS, _COST_SHARE, _FAILING, _OWN_COST),
        call=RowsTogether(cost_hurdle, ("quality", "cost")),
        shape="same",
        errors=(MODEL_NUM, MODEL_VALUE, NOTHING),
        examples=(
            Example(
                '=QBS_COST_HURDLE(B2:B6, C2:C6, "spending")',
                {
                    "B2:B6": ((60,), (60,), (70,), (80,), (80,)),
                    "C2:C6": ((1400,), (1200,), (1000,), (900,), (800,)),
                },
                ((-2.0,), (-1.0,), (0.0,), (1.0,), (1.0,)),
            ),
            Example(
                '=QBS_COST_HURDLE(B2:B6, C2:C6, "spending", , , 950)',
                {
                    "B2:B6": ((60,), (60,), (70,), (80,), (80,)),
                    "C2:C6": ((1400,), (1200,), (1000,), (900,), (800,)),
                },
                ((0.0,), (0.0,), (0.0,), (1.0,), (1.0,)),
            ),
        ),
        source=f"{PAPER}, Exhibit 3",
    ),
)
