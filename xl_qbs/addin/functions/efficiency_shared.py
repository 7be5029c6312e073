"""What the definitions of quality and cost share: category, source, arguments, and the meaning of errors."""

from __future__ import annotations

from xl_qbs.addin.definition import Argument, CellError
from xl_qbs.sheets.model import Label

EFFICIENCY = Label("QBS efficiency", "QBS tõhusus")
PAPER = "Linking Quality and Cost Indicators to Measure Efficiency in Health Care (National Quality Forum, 2014)"

QUALITY = Argument(
    "quality",
    Label(
        "Quality of each provider, higher is better: a column or a row.",
        "Iga osutaja kvaliteet, suurem on parem: veerg või rida.",
    ),
)
COST = Argument(
    "cost",
    Label(
        "Cost of each provider, beside its quality; the next argument says what kind of cost it is.",
        "Iga osutaja kulu, tema kvaliteedi kõrval; mis laadi kulu see on, ütleb järgmine argument.",
    ),
)
COST_IS = Argument(
    "cost_is",
    Label(
        "What cost is: spending (lower is better, above 0) or performance (reference over spending, higher is better). "
        "It has to be said, since it is never guessed.",
        "Mida kulu tähendab: spending (väiksem on parem, üle 0) või performance (võrdlussumma jagatud kuluga, suurem "
        "on parem). Tuleb alati öelda, seda ei oletata.",
    ),
    "text",
)
LEVEL = Argument(
    "level",
    Label(
        "Probability inside the interval, between 0 and 1; 0.95 by default.",
        "Vahemikku jääv tõenäosus, 0 ja 1 vahel; vaikimisi 0,95.",
    ),
    "number",
    0.95,
)

NOTHING = (
    CellError.NA,
    Label(
        "The ranges are empty. Error values in them pass through.",
        "Vahemikud on tühjad. Neis olevad veaväärtused kanduvad edasi.",
    ),
)
MODEL_NUM = (
    CellError.NUM,
    Label(
        "There are fewer than 3 providers, all have the same quality or the same cost, spending is not above 0, or an "
        "option is outside its range.",
        "Osutajaid on alla 3, kõigil on sama kvaliteet või sama kulu, kulu (spending) ei ole üle 0 või on valik "
        "väljaspool oma vahemikku.",
    ),
)
MODEL_VALUE = (
    CellError.VALUE,
    Label(
        "A cell holds text, a date, or TRUE or FALSE; a provider has one number but not the other; the ranges differ "
        "in shape; or an option is none of those named.",
        "Lahtris on tekst, kuupäev või tõeväärtus; osutajal on üks arv, aga teist ei ole; vahemikud on eri kujuga; või "
        "ei ole valik nimetatute seas.",
    ),
)
