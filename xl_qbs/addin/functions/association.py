"""Whether a score goes with need, and whether the middle of scores is missing."""

from __future__ import annotations

from xl_qbs.addin.calls import RowsTogether
from xl_qbs.addin.definition import Argument, CellError, Example, Function
from xl_qbs.addin.functions.efficiency_shared import LEVEL
from xl_qbs.addin.functions.fairness_shared import FAIRNESS
from xl_qbs.addin.functions.shared import REPORT
from xl_qbs.diagnosis.association import rank_correlation
from xl_qbs.diagnosis.distribution import missing_middle
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.model import Label

_Row = tuple[tuple[float, ...]]


def correlation(scores: Array, against: Array, level: float = 0.95) -> _Row:
    """Return the rank correlation and the ends of its interval, a row."""
    found = rank_correlation(scores, against, level)
    return ((found.value, found.low, found.high),)


def middle(scores: Array) -> _Row:
    """Return the shares of lists in the middle, around the lower and around the upper centre, and the centres."""
    found = missing_middle(scores)
    return ((found.middle, found.near_low, found.near_high, found.low_centre, found.high_centre),)


_SCORES = Argument(
    "scores",
    Label("Score of each list: a column or a row.", "Iga nimistu skoor: veerg või rida."),
)
_AGAINST = Argument(
    "against",
    Label(
        "What the score should not go with, such as the eligible patients of each list.",
        "Millega skoor ei tohiks koos käia, näiteks iga nimistu sihtrühma suurus.",
    ),
)
_VALUE = (
    CellError.VALUE,
    Label(
        "A cell holds text, a date, or TRUE or FALSE; a list has one number but not the other; or the ranges differ in "
        "shape.",
        "Lahtris on tekst, kuupäev või tõeväärtus; nimistul on üks arv, aga teist ei ole; või on vahemikud eri kujuga.",
    ),
)

FUNCTIONS = (
    Function(
        name="QBS_RANK_CORRELATION",
        category=FAIRNESS,
        help=Label(
            "Spearman's rank correlation of two numbers a list, ties by mean ranks, and its low and high end: a row of "
            "three. A correlation of 0 with size does not make a scheme fair: middle-sized lists may still lose.",
            "Spearmani astakkorrelatsioon kahe arvu vahel nimistu kohta (võrdsetel keskmine koht) ning alumine ja "
            "ülemine piir: kolm lahtrit reas. Suurusega 0 ei tähenda veel õiglust: keskmised võivad kaotada.",
        ),
        arguments=(_SCORES, _AGAINST, LEVEL),
        call=RowsTogether(correlation, ("scores", "against")),
        shape="row",
        errors=(
            (
                CellError.NA,
                Label(
                    "One of the two is the same for all lists, or the ranges are empty.",
                    "Üks kahest on kõigil nimistutel sama või on vahemikud tühjad.",
                ),
            ),
            (
                CellError.NUM,
                Label(
                    "There are fewer than 3 lists, or the level is not between 0 and 1.",
                    "Nimistuid on alla 3 või ei ole tõenäosus 0 ja 1 vahel.",
                ),
            ),
            _VALUE,
        ),
        examples=(
            Example(
                "=QBS_RANK_CORRELATION(B2:B11, C2:C11)",
                {
                    "B2:B11": tuple((one,) for one in (106, 100, 86, 101, 99, 103, 97, 113, 112, 110)),
                    "C2:C11": tuple((one,) for one in (7, 27, 2, 50, 28, 29, 20, 12, 6, 17)),
                },
                ((-29 / 165, -0.727830028239407, 0.5145466616329559),),
            ),
        ),
        source="Spearman; interval of Bonett and Wright (2000)",
    ),
    Function(
        name="QBS_MISSING_MIDDLE",
        category=FAIRNESS,
        help=Label(
            "Whether few lists score in the middle: shares of lists in the middle, around the lower centre and around "
            "the upper one, and the two centres, a row of five. Missing where the first share is the smallest.",
            "Kas vähe nimistuid saab keskmise skoori: nimistute osa keskel, alumise ja ülemise keskme ümber ning "
            "keskmed, viis lahtrit reas. Keskosa puudub, kui esimene osa on väikseim.",
        ),
        arguments=(_SCORES,),
        call=RowsTogether(middle, ("scores",)),
        shape="row",
        errors=(
            (
                CellError.NA,
                Label(
                    "All scores are the same, or the range is empty. Error values in it pass through.",
                    "Kõik skoorid on samad või on vahemik tühi. Selles olevad veaväärtused kanduvad edasi.",
                ),
            ),
            (
                CellError.VALUE,
                Label(
                    "A cell holds text, a date, or TRUE or FALSE.",
                    "Lahtris on tekst, kuupäev või tõeväärtus.",
                ),
            ),
        ),
        examples=(
            Example(
                "=QBS_MISSING_MIDDLE(B2:B8)",
                {"B2:B8": ((0,), (0,), (10,), (240,), (470,), (480,), (480,))},
                ((1 / 7, 3 / 7, 3 / 7, 10 / 3, 417.5),),
            ),
        ),
        source=f"{REPORT}, Part A section 1 (almost no provider receives a middling score)",
    ),
)
