"""Where the next patient counts."""

from __future__ import annotations

from xl_qbs.addin.calls import ByCell
from xl_qbs.addin.definition import Example, Function
from xl_qbs.addin.functions.shared import (
    CELL_VALUE,
    COUNTS_NUM,
    DONE,
    NEXT,
    REPORT,
    REQUIRED,
    STRENGTH_GIVEN,
    TARGET,
    TARGET_ALONE,
    WEIGHT,
)
from xl_qbs.scoring.improvement import patients_to_threshold, points_per_patient, potential_points
from xl_qbs.sheets.model import Label

_TARGETS = ((2,), (98,), (153,), (122,))

FUNCTIONS = (
    Function(
        name="QBS_POINTS_PER_PATIENT",
        category=NEXT,
        help=Label(
            "Need-adjusted points for one more patient served, w / (n + M). Within an indicator it depends on the "
            "target alone: see QBS_POTENTIAL_POINTS for where the need is.",
            "Vajaduspõhised punktid ühe lisapatsiendi eest, w / (n + M). Indikaatori sees sõltub ainult "
            "sihtrühmast: vajadust näitab QBS_POTENTIAL_POINTS.",
        ),
        arguments=(TARGET_ALONE, WEIGHT, STRENGTH_GIVEN),
        call=ByCell(points_per_patient),
        shape="same",
        errors=(COUNTS_NUM, CELL_VALUE),
        examples=(
            Example(
                "=QBS_POINTS_PER_PATIENT(B2:B5, 68, 46.875)",
                {"B2:B5": _TARGETS},
                ((68 / 48.875,), (68 / 144.875,), (68 / 199.875,), (68 / 168.875,)),
            ),
        ),
        source=f"{REPORT}, Part B section 3",
    ),
    Function(
        name="QBS_POTENTIAL_POINTS",
        category=NEXT,
        help=Label(
            "Need-adjusted points in reach if everyone in the target population were served, w (n - x) / (n + M).",
            "Vajaduspõhised punktid, mis oleksid veel võita, kui kogu sihtrühm saaks teenuse, w (n - x) / (n + M).",
        ),
        arguments=(DONE, TARGET, WEIGHT, STRENGTH_GIVEN),
        call=ByCell(potential_points),
        shape="same",
        errors=(COUNTS_NUM, CELL_VALUE),
        examples=(
            Example(
                "=QBS_POTENTIAL_POINTS(C2:C5, B2:B5, 68, 46.875)",
                {"C2:C5": ((2,), (30,), (100,), (90,)), "B2:B5": _TARGETS},
                ((0.0,), (68 * 68 / 144.875,), (68 * 53 / 199.875,), (68 * 32 / 168.875,)),
            ),
        ),
        source=f"{REPORT}, Part B section 3",
    ),
    Function(
        name="QBS_PATIENTS_TO_THRESHOLD",
        category=NEXT,
        help=Label(
            "Patients still missing to the required coverage, a whole number; 0 where it is reached or the target is "
            "0.",
            "Mitu patsienti on nõutavast hõlmatusest veel puudu, täisarv; 0, kui see on käes või sihtrühm on 0.",
        ),
        arguments=(DONE, TARGET, REQUIRED),
        call=ByCell(patients_to_threshold),
        shape="same",
        errors=(COUNTS_NUM, CELL_VALUE),
        examples=(
            Example(
                "=QBS_PATIENTS_TO_THRESHOLD(C2:C4, B2:B4, 0.76)",
                {"C2:C4": ((90,), (92,), (100,)), "B2:B4": ((122,), (122,), (122,))},
                ((3.0,), (1.0,), (0.0,)),
            ),
        ),
        source=f"{REPORT}, Part B",
    ),
)
