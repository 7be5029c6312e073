"""How cells look: fonts, fills, borders and number formats by what a cell is; no files."""

from __future__ import annotations

from typing import NamedTuple

from xl_qbs.sheets.model import Format, Kind, Label

DARK, MIDDLE, PALE = "1F4E79", "2E75B6", "DDEBF7"
GREY, LINE = "595959", "BFBFBF"
GOOD, BAD, WARN = ("E2EFDA", "375623"), ("FFC7CE", "9C0006"), ("FFEB9C", "7F6000")


class Look(NamedTuple):
    """How one kind of cell looks.

    Attributes:
        bold: bold type.
        italic: italic type.
        size: size of the type in points.
        color: colour of the type, RGB in hexadecimal.
        fill: colour behind, RGB in hexadecimal; empty for none.
        border: a thin line around.
        wrap: long text goes on in the next line of the cell.
        horizontal: ``left``, ``center``, ``right``; empty for the natural side.
        vertical: ``top``, ``center`` or ``bottom``.
    """

    bold: bool = False
    italic: bool = False
    size: float = 10
    color: str = "000000"
    fill: str = ""
    border: bool = False
    wrap: bool = False
    horizontal: str = ""
    vertical: str = "center"


LOOKS: dict[Kind, Look] = {
    "title": Look(bold=True, size=16, color=DARK),
    "note": Look(italic=True, color=GREY, vertical="top"),
    "heading": Look(bold=True, color="FFFFFF", fill=DARK, border=True, wrap=True, horizontal="center"),
    "group": Look(bold=True, color="FFFFFF", fill=MIDDLE, border=True, horizontal="center"),
    "label": Look(bold=True, color=DARK),
    "text": Look(),
    "input": Look(color="0000FF", fill="FFF2CC", border=True),
    "link": Look(color="006100", border=True),
    "calculation": Look(border=True),
    "output": Look(bold=True, fill=PALE, border=True),
    "check": Look(bold=True, border=True, horizontal="center"),
}

# Share: coverage in whole percents, as doctors know it. Percent1: one decimal more, where whole
# percents would hide what moved.
NUMBER_FORMATS: dict[Format, str] = {
    "general": "General",
    "count": "#,##0",
    "percent": "0%",
    "percent1": "0.0%",
    "share": "0.000",
    "decimal": "#,##0.0",
    "points": "#,##0.0",
    "score": "#,##0.0",
    # Guards, of which any other format would show nothing.
    "tiny": "0E+00",
    "text": "@",
    "flag": '"OK";;"FAIL"',
}

# What the legend says of each kind.
LEGEND: dict[Kind, Label] = {
    "input": Label(
        "Input: a parameter; change it and everything follows",
        "Sisend: parameeter; muutmisel arvutatakse kõik ümber",
    ),
    "link": Label("Taken over from the data", "Andmetest üle võetud"),
    "calculation": Label("Calculation: a formula; do not overwrite", "Arvutus: valem; ärge kirjutage üle"),
    "output": Label("Result", "Tulemus"),
    "check": Label("Check: OK or FAIL", "Kontroll: OK või FAIL"),
}
