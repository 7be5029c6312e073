"""Quality given cost from patient rows, and the net benefit of providers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xl_qbs.addin.calls import RefusedError, RowsTogether
from xl_qbs.addin.definition import Argument, CellError, Example, Function
from xl_qbs.addin.functions.efficiency_shared import (
    EFFICIENCY,
    LEVEL,
    MODEL_VALUE,
    NOTHING,
    PAPER,
    QUALITY,
)
from xl_qbs.addin.functions.shared import LANGUAGE, LANGUAGES, NO_SCIPY, choice
from xl_qbs.efficiency.cost_effectiveness import cost_effectiveness
from xl_qbs.efficiency.inputs import COST_IS as DIRECTIONS
from xl_qbs.efficiency.regression import regression
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.model import Label

_HEADINGS = (
    Label("Provider", "Osutaja"),
    Label("Patients", "Patsiente"),
    Label("Quality", "Kvaliteet"),
    Label("Cost", "Kulu"),
    Label("Efficiency", "Tõhusus"),
    Label("Low", "Alumine piir"),
    Label("High", "Ülemine piir"),
    Label("Probability above 0", "Tõenäosus, et üle 0"),
)
_RESULTS = ("efficiency", "interval", "probability")


def regression_table(
    provider: NDArray[np.object_],
    quality: Array,
    cost: Array,
    cost_is: str,
    risk: Array | None = None,
    level: float = 0.95,
    language: str = "en",
) -> tuple[tuple[Any, ...], ...]:
    """Return a row of headings and a row a provider: effects on quality and cost, efficiency, interval, probability."""
    words = choice(language, LANGUAGES)
    found = regression(provider, quality, cost, cost_is=choice(cost_is, DIRECTIONS), risk=risk, level=level)
    columns = (found.patients, found.quality, found.cost, found.efficiency, *found.interval, found.probability_positive)
    rows = zip(found.providers, *(column.tolist() for column in columns), strict=True)
    return (tuple(one.say(words) for one in _HEADINGS), *rows)


def net_benefit(
    quality: Array,
    cost: Array,
    cost_is: str,
    value: float,
    reference_quality: float | None = None,
    reference_cost: float | None = None,
    quality_error: Array | None = None,
    cost_error: Array | None = None,
    error_correlation: float = 0.0,
    result: str = "efficiency",
    level: float = 0.95,
) -> Array:
    """Return the net benefit of each provider, the ends of its interval, or the probability that it is above 0."""
    wanted = choice(result, _RESULTS)
    if (quality_error is None) != (cost_error is None):
        raise RefusedError(CellError.VALUE, "quality_error and cost_error go together")
    if wanted != "efficiency" and quality_error is None:
        raise RefusedError(CellError.VALUE, f"the {wanted} needs standard errors")
    found = cost_effectiveness(
        quality,
        cost,
        # Cost performance is no money, so here spending alone is a choice.
        cost_is=choice(cost_is, DIRECTIONS[:1]),
        value=value,
        reference_quality=reference_quality,
        reference_cost=reference_cost,
        quality_error=quality_error,
        cost_error=cost_error,
        error_correlation=error_correlation,
        level=level,
    )
    if wanted == "interval":
        return np.column_stack(found.interval)
    return found.efficiency if wanted == "efficiency" else found.probability_positive


_PROVIDER = Argument(
    "provider",
    Label(
        "Provider of each patient: an id, text or number.",
        "Iga patsiendi osutaja: kood, tekst või arv.",
    ),
    "labels",
)
_OF_PATIENTS = Argument(
    "quality",
    Label(
        "Outcome of each patient, higher is better: a score, or 1 and 0. Rows without quality and cost are left out.",
        "Iga patsiendi tulemus, suurem on parem: skoor või 1 ja 0. Ilma kvaliteedi ja kuluta read jäävad välja.",
    ),
)
_COST_OF_PATIENTS = Argument(
    "cost",
    Label(
        "Cost of each patient, in money or in logarithms of it; the next argument says what kind of cost it is.",
        "Iga patsiendi kulu, rahas või selle logaritmides; mis laadi kulu see on, ütleb järgmine argument.",
    ),
)
_DIRECTION = Argument(
    "cost_is",
    Label(
        "How the cost of the patients reads: spending or performance; the effect on cost keeps its sense. It has to be "
        "said, since it is never guessed.",
        "Mida patsientide kulu tähendab: spending (kulu) või performance (kulutulemus); mõju kulule jääb samasse "
        "suunda. Tuleb alati öelda, seda ei oletata.",
    ),
    "text",
)
_RISK = Argument(
    "risk",
    Label(
        "Risk factors of each patient as numbers, a column each; quality and cost are adjusted for them within "
        "providers. None by default.",
        "Iga patsiendi riskitegurid arvudena, igaüks oma veerus; kvaliteeti ja kulu kohandatakse nende järgi osutajate "
        "sees. Vaikimisi ei ole.",
    ),
    default=None,
)
_SPENDING = Argument(
    "cost",
    Label(
        "Mean spending a patient of each provider, in money, from 0, beside its quality.",
        "Iga osutaja keskmine kulu patsiendi kohta, rahas, alates 0-st, tema kvaliteedi kõrval.",
    ),
)
_IS_SPENDING = Argument(
    "cost_is",
    Label(
        "Has to be spending: cost performance is no money. It has to be said all the same.",
        "Peab olema spending (kulu): kulutulemus ei ole raha. Öelda tuleb see siiski.",
    ),
    "text",
)
_VALUE = Argument(
    "value",
    Label(
        "What a unit of quality is worth, in money, from 0. The payer's judgement, so there is no default.",
        "Kvaliteediühiku väärtus rahas, alates 0-st. See on maksja otsus, vaikeväärtust ei ole.",
    ),
    "number",
)
_REFERENCE_QUALITY = Argument(
    "reference_quality",
    Label(
        "Quality to compare with; the mean of the providers by default.",
        "Võrdluskvaliteet; vaikimisi osutajate keskmine.",
    ),
    "number",
    None,
)
_REFERENCE_COST = Argument(
    "reference_cost",
    Label(
        "Spending to compare with; the mean of the providers by default.",
        "Võrdluskulu; vaikimisi osutajate keskmine.",
    ),
    "number",
    None,
)
_QUALITY_ERROR = Argument(
    "quality_error",
    Label(
        "Standard error of each provider's quality; the interval and the probability need both errors.",
        "Iga osutaja kvaliteedi standardviga; vahemik ja tõenäosus vajavad mõlemat viga.",
    ),
    default=None,
)
_COST_ERROR = Argument(
    "cost_error",
    Label(
        "Standard error of each provider's spending, in money.",
        "Iga osutaja kulu standardviga, rahas.",
    ),
    default=None,
)
_CORRELATION = Argument(
    "error_correlation",
    Label(
        "Correlation of the two errors within a provider, from -1 to 1; 0 by default.",
        "Kahe vea korrelatsioon osutaja sees, -1-st 1-ni; vaikimisi 0.",
    ),
    "number",
    0.0,
)
_RESULT = Argument(
    "result",
    Label(
        "What is given: efficiency (default; the net benefit), interval (its low and high end side by side) or "
        "probability (that it is above 0).",
        "Mida antakse: efficiency (vaikimisi; puhaskasu), interval (selle alumine ja ülemine piir kõrvuti) või "
        "probability (tõenäosus, et see on üle 0).",
    ),
    "text",
    "efficiency",
)
_PATIENTS_NUM = (
    CellError.NUM,
    Label(
        "There are fewer than 3 providers, no provider has two patients, all patients have the same quality or cost, "
        "or the risk factors repeat each other or do not vary within providers.",
        "Osutajaid on alla 3, ühelgi ei ole kaht patsienti, kõigil patsientidel on sama kvaliteet või kulu või "
        "korduvad riskitegurid üksteises või ei varieeru osutajate sees.",
    ),
)
_BENEFIT_NUM = (
    CellError.NUM,
    Label(
        "There are fewer than 3 providers, spending, a standard error or the value is negative, or an option is "
        "outside its range.",
        "Osutajaid on alla 3, kulu, standardviga või väärtus on negatiivne või on valik väljaspool oma vahemikku.",
    ),
)
_BENEFIT_VALUE = (
    CellError.VALUE,
    Label(
        "A cell holds text, a date, or TRUE or FALSE; a provider has one number but not the other; the ranges differ "
        "in shape; cost is not spending; or standard errors are missing.",
        "Lahtris on tekst, kuupäev või tõeväärtus; osutajal on üks arv, aga teist ei ole; vahemikud on eri kujuga; "
        "kulu ei ole spending; või puuduvad standardvead.",
    ),
)
# Six providers with four patients each.
_IDS = tuple((name,) for name in "ABCDEF" for _ in range(4))
_OUTCOMES = tuple(
    (value,)
    for level, spread in zip((62, 70, 75, 66, 80, 73), (4, 6, 5, 4, 6, 5), strict=True)
    for value in (level - spread, level - 1, level + 1, level + spread)
)
_COSTS = tuple(
    (value,)
    for level, spread in zip((900, 1100, 1000, 1240, 1200, 950), (80, 120, 100, 90, 110, 100), strict=True)
    for value in (level - 20, level - spread, level + spread, level + 20)
)
_MEANS = {"B2:B4": ((0.9,), (0.8,), (0.85,)), "C2:C4": ((12000,), (9000,), (9000,))}

FUNCTIONS = (
    Function(
        name="QBS_REGRESSION",
        category=EFFICIENCY,
        help=Label(
            "Efficiency by the regression model, from patient rows: quality given cost, in units of quality. A table "
            "of each provider's patients, effects (shrunken), interval, and probability above 0.",
            "Tõhusus regressioonimudelis, patsientide ridadest: kvaliteet kulu arvestades, kvaliteedi ühikutes. Tabel: "
            "osutaja, patsiente, mõjud (keskmise poole tõmmatud), vahemik ja tõenäosus, et üle 0.",
        ),
        arguments=(_PROVIDER, _OF_PATIENTS, _COST_OF_PATIENTS, _DIRECTION, _RISK, LEVEL, LANGUAGE),
        call=RowsTogether(regression_table, ("provider", "quality", "cost"), ("risk",)),
        shape="table",
        errors=(_PATIENTS_NUM, MODEL_VALUE, NOTHING, NO_SCIPY),
        examples=(
            Example(
                '=QBS_REGRESSION(A2:A25, B2:B25, C2:C25, "spending")',
                {"A2:A25": _IDS, "B2:B25": _OUTCOMES, "C2:C25": _COSTS},
                (
                    tuple(one.en for one in _HEADINGS),
                    ("A", 4.0, -8.003589, -148.041588, -6.05139224, -14.6582883, 2.5555038, 0.0840979116),
                    ("B", 4.0, -0.906389906, 32.1041921, -1.32974189, -7.23951332, 4.58002954, 0.329604231),
                    ("C", 4.0, 3.6015096, -60.1387501, 4.39454806, -1.91205371, 10.7011498, 0.913989151),
                    ("D", 4.0, -4.53194953, 160.520961, -6.64870945, -15.6652118, 2.36779287, 0.0741917972),
                    ("E", 4.0, 8.01320901, 120.730381, 6.42116004, -1.34529424, 14.1876143, 0.947433442),
                    ("F", 4.0, 1.82720983, -105.175195, 3.21413548, -4.11595896, 10.5442299, 0.804944076),
                ),
                within=1e-6,
            ),
        ),
        source=f"{PAPER}, section 2; Timbie and Normand (2008)",
        needs=("scipy",),
    ),
    Function(
        name="QBS_COST_EFFECTIVENESS",
        category=EFFICIENCY,
        help=Label(
            "Efficiency by the cost-effectiveness model: net benefit a patient in money, the value of quality gained "
            "over the reference less the spending beyond it. From provider means.",
            "Tõhusus kulutõhususe mudelis: puhaskasu patsiendi kohta rahas, võrdlusest parema kvaliteedi väärtus, "
            "millest on lahutatud võrdlusest suurem kulu. Osutajate keskmistest.",
        ),
        arguments=(
            QUALITY,
            _SPENDING,
            _IS_SPENDING,
            _VALUE,
            _REFERENCE_QUALITY,
            _REFERENCE_COST,
            _QUALITY_ERROR,
            _COST_ERROR,
            _CORRELATION,
            _RESULT,
            LEVEL,
        ),
        call=RowsTogether(net_benefit, ("quality", "cost", "quality_error", "cost_error")),
        shape="same",
        errors=(_BENEFIT_NUM, _BENEFIT_VALUE, NOTHING, NO_SCIPY),
        examples=(
            Example(
                '=QBS_COST_EFFECTIVENESS(B2:B4, C2:C4, "spending", 100000)',
                _MEANS,
                ((3000.0,), (-4000.0,), (1000.0,)),
            ),
            Example(
                '=QBS_COST_EFFECTIVENESS(B2:B4, C2:C4, "spending", 100000, 0.8, 10000)',
                _MEANS,
                ((8000.0,), (1000.0,), (6000.0,)),
            ),
        ),
        source=f"{PAPER}, section 2; Timbie and Normand (2008)",
    ),
)
