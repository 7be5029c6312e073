"""What the definitions of fairness share: category, arguments, the meaning of errors, and tables by group."""

from __future__ import annotations

from xl_qbs.addin.calls import RefusedError
from xl_qbs.addin.definition import Argument, CellError
from xl_qbs.equity.group_table import GroupTable
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.model import Label

FAIRNESS = Label("QBS fairness", "QBS õiglus")

DONE_OF_GROUPS = Argument(
    "done",
    Label(
        "Actual work done: patients served, from 0; a row a provider, a column a group. More than the target is "
        "counted as the target.",
        "Tehtud töö: teenuse saanud patsiendid, alates 0-st; reas osutaja, veerus rühm. Sihtrühmast suurem arv "
        "loetakse sihtrühma suuruseks.",
    ),
)
TARGET_OF_GROUPS = Argument(
    "target",
    Label(
        "Target population of the same providers and groups: patients who should be served, from 0; 0 where a provider "
        "has no patients of the group.",
        "Samade osutajate ja rühmade sihtrühma suurus: patsiendid, kes peaksid teenuse saama, alates 0-st; 0, kui "
        "osutajal rühma patsiente ei ole.",
    ),
)

GROUPS_NUM = (
    CellError.NUM,
    Label(
        "A count is negative or no whole number, or an option is outside its range.",
        "Arv on negatiivne või ei ole täisarv või on valik väljaspool oma vahemikku.",
    ),
)
GROUPS_VALUE = (
    CellError.VALUE,
    Label(
        "A cell holds text, a date, or TRUE or FALSE; a provider has a gap (write 0 where a group has no patients); "
        "the ranges differ in shape; or an option is none of those named.",
        "Lahtris on tekst, kuupäev või tõeväärtus; osutaja andmetes on lünk (kui rühmas patsiente ei ole, kirjuta 0); "
        "vahemikud on eri kujuga; või ei ole valik nimetatute seas.",
    ),
)


def group_table(done: Array, target: Array) -> GroupTable:
    """Return counts, a row a provider and a column a group, as the table by group of one indicator.

    Raises:
        RefusedError: ranges that differ in shape.
        DataError: counts that are negative or no whole numbers.
    """
    if done.shape != target.shape:
        raise RefusedError(CellError.VALUE, "done and target have a column for each group")
    return GroupTable(
        providers=_numbered(done.shape[0]),
        indicators=("indicator",),
        groups=_numbered(done.shape[1]),
        n=target[:, None],
        x=done[:, None],
    )


def whole_number(name: str, value: float) -> int:
    """Return a number of things out of a cell.

    Raises:
        ArgumentError: it is no whole number.
    """
    if not float(value).is_integer():
        raise ArgumentError(f"{name} == {value}, must be a whole number")
    return int(value)


def _numbered(count: int) -> tuple[str, ...]:
    return tuple(map(str, range(1, count + 1)))
