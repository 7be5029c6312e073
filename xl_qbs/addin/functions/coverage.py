"""Coverage and reliability."""

from __future__ import annotations

from xl_qbs.addin.calls import ByCell
from xl_qbs.addin.definition import Example, Function
from xl_qbs.addin.functions.shared import (
    CELL_VALUE,
    COUNTS_NUM,
    COVERAGE,
    DONE,
    NOBODY,
    REPORT,
    STRENGTH_GIVEN,
    TARGET,
    TARGET_ALONE,
)
from xl_qbs.scoring.coverage import coverage, reliability
from xl_qbs.sheets.model import Label

FUNCTIONS = (
    Function(
        name="QBS_COVERAGE",
        category=COVERAGE,
        help=Label(
            "Coverage: work done over target population, a share from 0 to 1; #N/A (never 0 %) where the target is 0.",
            "Hõlmatus: tehtud töö jagatud sihtrühma suurusega, osa 0-st 1-ni; #N/A (mitte 0 %), kui sihtrühm on 0.",
        ),
        arguments=(DONE, TARGET),
        call=ByCell(coverage),
        shape="same",
        errors=(NOBODY, COUNTS_NUM, CELL_VALUE),
        examples=(
            Example(
                "=QBS_COVERAGE(C2:C5, B2:B5)",
                {"C2:C5": ((2,), (30,), (100,), (90,)), "B2:B5": ((2,), (98,), (153,), (122,))},
                ((1.0,), (30 / 98,), (100 / 153,), (90 / 122,)),
            ),
        ),
        source=f"{REPORT}, Table 3, unadjusted coverage",
    ),
    Function(
        name="QBS_RELIABILITY",
        category=COVERAGE,
        help=Label(
            "Reliability of coverage, n / (n + M): the weight that a list's own patients carry, from 0 (only the "
            "prior speaks) to 1.",
            "Hõlmatuse usaldusväärsus n / (n + M): nimistu enda patsientide osatähtsus, 0-st (räägib vaid eeljaotus) "
            "1-ni.",
        ),
        arguments=(TARGET_ALONE, STRENGTH_GIVEN),
        call=ByCell(reliability),
        shape="same",
        errors=(COUNTS_NUM, CELL_VALUE),
        examples=(
            Example(
                "=QBS_RELIABILITY(B2:B5, 46.875)",
                {"B2:B5": ((2,), (98,), (153,), (122,))},
                ((2 / 48.875,), (98 / 144.875,), (153 / 199.875,), (122 / 168.875,)),
            ),
        ),
        source="docs/methods.md, Adjusted coverage",
    ),
)
