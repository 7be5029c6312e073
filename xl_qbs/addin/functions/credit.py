"""Credit for coverage."""

from __future__ import annotations

from xl_qbs.addin.calls import ByCell
from xl_qbs.addin.definition import Argument, CellError, Example, Function
from xl_qbs.addin.functions.shared import CELL_VALUE, COUNTS_NUM, CREDIT, DONE, REPORT, REQUIRED, TARGET
from xl_qbs.scoring.credit import proportional_credit, threshold_credit
from xl_qbs.sheets.model import Label

_LOWER = Argument(
    "lower",
    Label(
        "Coverage at which credit begins, a share from 0 to 1; 0 by default.",
        "Hõlmatus, millest arvestus algab, osa 0-st 1-ni; vaikimisi 0.",
    ),
    default=0.0,
)
_UPPER = Argument(
    "upper",
    Label(
        "Coverage at which credit is full, a share above the lower limit; 1 by default.",
        "Hõlmatus, mille juures arvestus on täis, alumisest piirist suurem osa; vaikimisi 1.",
    ),
    default=1.0,
)
_LIMITS = (
    CellError.NUM,
    Label(
        "A count is negative, or the limits are not 0 <= lower < upper <= 1.",
        "Arv on negatiivne või ei kehti piiride kohta 0 <= alumine < ülemine <= 1.",
    ),
)

FUNCTIONS = (
    Function(
        name="QBS_THRESHOLD_CREDIT",
        category=CREDIT,
        help=Label(
            "1 where coverage reaches the required coverage, else 0; 0 where the target is 0. Compared exactly, never "
            "after rounding. Times the points it is the current score.",
            "1, kui hõlmatus ulatub nõutava hõlmatuseni, muidu 0; 0, kui sihtrühm on 0. Võrdlus on täpne, ilma "
            "ümardamata. Korda punktid annab kehtiva skoori.",
        ),
        arguments=(DONE, TARGET, REQUIRED),
        call=ByCell(threshold_credit),
        shape="same",
        errors=(COUNTS_NUM, CELL_VALUE),
        examples=(
            Example(
                "=QBS_THRESHOLD_CREDIT(C2:C4, B2:B4, 0.76)",
                {"C2:C4": ((76,), (75,), (0,)), "B2:B4": ((100,), (100,), (0,))},
                ((1.0,), (0.0,), (0.0,)),
            ),
        ),
        source=f"{REPORT}, Table 1",
    ),
    Function(
        name="QBS_PROPORTIONAL_CREDIT",
        category=CREDIT,
        help=Label(
            "Credit in proportion to coverage, from 0 to 1: the coverage itself, or its place between two limits; 0 "
            "where the target is 0.",
            "Osaline arvestus, võrdeline hõlmatusega, 0-st 1-ni: hõlmatus ise või selle koht kahe piiri vahel; 0, kui "
            "sihtrühm on 0.",
        ),
        arguments=(DONE, TARGET, _LOWER, _UPPER),
        call=ByCell(proportional_credit),
        shape="same",
        errors=(_LIMITS, CELL_VALUE),
        examples=(
            Example(
                "=QBS_PROPORTIONAL_CREDIT(C2:C4, B2:B4, 0.4, 0.9)",
                {"C2:C4": ((30,), (65,), (90,)), "B2:B4": ((100,), (100,), (100,))},
                ((0.0,), (0.5,), (1.0,)),
            ),
        ),
        source=f"{REPORT}, Figure 8, middle panel",
    ),
)
