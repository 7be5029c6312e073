"""How far models agree."""

from __future__ import annotations

from typing import Any

import numpy as np

from xl_qbs.addin.calls import RefusedError, Together
from xl_qbs.addin.definition import Argument, CellError, Cells, CellValue, Example, Function
from xl_qbs.addin.functions.efficiency_shared import EFFICIENCY, NOTHING, PAPER
from xl_qbs.addin.functions.shared import choice
from xl_qbs.addin.ranges import BLANK, ERROR, NUMBER, Range, read_range, trim
from xl_qbs.efficiency.correlations import MEASURES, efficiency_correlations
from xl_qbs.sheets.model import Label


def correlation_table(efficiencies: Cells, measure: str = "pearson") -> tuple[tuple[Any, ...], ...]:
    """Return the correlations of the columns of a range, under and beside their headings."""
    wanted = choice(measure, MEASURES)
    (one,) = trim([read_range(efficiencies)])
    errors = np.argwhere(one.holds(ERROR)).tolist()
    if errors:
        raise RefusedError(one.error(*errors[0]))
    blank = one.holds(BLANK)
    if blank.all():
        raise RefusedError(CellError.NA, "there are no numbers")
    if not (one.holds(NUMBER) | blank).all():
        raise RefusedError(CellError.VALUE, "a cell holds no number")
    without = blank.all(axis=1)
    if blank[~without].any():
        raise RefusedError(CellError.VALUE, "a provider has a gap")
    columns = one.numbers[~without].T
    # By number, since two models may have one name.
    matrix = efficiency_correlations({str(at): column for at, column in enumerate(columns)}, measure=wanted).matrix
    names = _headings(one)
    rows = zip(names, matrix.tolist(), strict=True)
    return ((wanted, *names), *((name, *numbers) for name, numbers in rows))


def _headings(one: Range) -> list[CellValue]:
    """Return what stands directly above each column of numbers, or the column's number."""
    top, left = one.corner
    width = one.shape[1]
    above = one.cells[top - 1][left : left + width] if top else (None,) * width
    return [text.strip() if isinstance(text, str) and text.strip() else at for at, text in enumerate(above, start=1)]


_EFFICIENCIES = Argument(
    "efficiencies",
    Label(
        "Efficiency of all providers, a row a provider, a column a model, with or without headings; rows without "
        "anything are left out.",
        "Kõigi osutajate tõhusus, reas osutaja, veerus mudel, pealkirjadega või ilma; tühjad read jäävad välja.",
    ),
    "table",
)
_MEASURE = Argument(
    "measure",
    Label(
        "pearson (default; as the paper has it) or spearman (of ranks, which hurdles and classes need).",
        "pearson (vaikimisi; nagu artiklis) või spearman (kohtade järgi, mida läved ja klassid vajavad).",
    ),
    "text",
    "pearson",
)

FUNCTIONS = (
    Function(
        name="QBS_EFFICIENCY_CORRELATIONS",
        category=EFFICIENCY,
        help=Label(
            "Correlations between the efficiencies of models, a table with headings; #N/A where a model gives "
            "everybody the same. A high correlation is no agreement about who is paid.",
            "Mudelite tõhususte korrelatsioonid, pealkirjadega tabel; #N/A, kui mudel annab kõigile sama. Kõrge "
            "korrelatsioon ei tähenda, et raha saaksid samad osutajad.",
        ),
        arguments=(_EFFICIENCIES, _MEASURE),
        call=Together(correlation_table),
        shape="table",
        errors=(
            (
                CellError.NUM,
                Label(
                    "There are fewer than 2 models or fewer than 3 providers.",
                    "Mudeleid on alla 2 või osutajaid alla 3.",
                ),
            ),
            (
                CellError.VALUE,
                Label(
                    "A cell below the headings holds text, a date, or TRUE or FALSE; a provider has a gap; or the "
                    "measure is none of those named.",
                    "Pealkirjade all on lahtris tekst, kuupäev või tõeväärtus; osutaja andmetes on lünk; või ei ole "
                    "korrelatsiooni liik nimetatute seas.",
                ),
            ),
            NOTHING,
        ),
        examples=(
            Example(
                "=QBS_EFFICIENCY_CORRELATIONS(B1:D5)",
                {"B1:D5": (("A", "B", "C"), (1, 2, 4), (2, 1, 3), (3, 4, 2), (4, 3, 1))},
                (
                    ("pearson", "A", "B", "C"),
                    ("A", 1.0, 0.6, -1.0),
                    ("B", 0.6, 1.0, -0.6),
                    ("C", -1.0, -0.6, 1.0),
                ),
            ),
        ),
        source=f"{PAPER}, Exhibit 7",
    ),
)
