"""A table with a row a patient: provider, quality, cost and risk, read by the names of the columns."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xl_qbs.efficiency.inputs import FEWEST_PROVIDERS
from xl_qbs.errors import Finding
from xl_qbs.scoring.table import Array
from xl_qbs.workbook.provider_table import NamedTable, TableSource, open_table

# More are a number of patients or a free text rather than a risk, and would fill the memory.
MOST_CATEGORIES = 50


@dataclass(frozen=True, kw_only=True, eq=False)
class PatientRows:
    """Quality, cost and risk of patients, as a file states them.

    Attributes:
        providers: the id of each row's provider, in the order of the file.
        quality: shape (rows,), in the units of the file.
        cost: shape (rows,), in the units of the file; a patient may have cost nothing.
        risk: risk factors, shape (rows, k); k is 0 where none were named.
        risk_names: the heading of each of them; of a category ``heading: category``; length k.
        names: the heading of each role as it stands in the file.
        source: where each number stands.
        findings: warnings and notes from reading; errors are raised instead.
    """

    providers: tuple[str, ...]
    quality: Array
    cost: Array
    risk: Array
    risk_names: tuple[str, ...]
    names: Mapping[str, str]
    source: TableSource
    findings: tuple[Finding, ...] = ()


def read_patient_rows(
    path: str | Path,
    *,
    provider: str | None,
    quality: str,
    cost: str,
    risk: Sequence[str] = (),
    sheet: str | None = None,
) -> PatientRows:
    """Read a table with a row a patient.

    Headings, rows, totals and notes are as in `read_provider_table`; ids repeat. Cost has no direction
    here: means of providers are what models compare, and a patient may have cost nothing.

    Args:
        path: a workbook (.xlsx, .xlsm) or a text file (.csv, .txt, .tsv).
        provider: the column of the providers' ids. Where it is None, the column that is headed as one; a
            heading such as ID is not taken for one, since it may be the patient's.
        quality: the column of quality.
        cost: the column of cost.
        risk: columns of risk factors. One of numbers stays as it is. One of texts or logical values, at
            most 50 different ones, becomes a column of 0 and 1 for each value but the first in the order
            of the alphabet, against which the others are compared.
        sheet: the sheet, where several have the columns.

    Raises:
        WorkbookError: the file cannot be read as a file; see `open_package`.
        TableNotFoundError: no sheet has the columns, or several have; or no column of ids was found.
        ArgumentError: two roles name one column, or a name is empty.
        DataError: a heading that stands twice, or values that cannot be used; carries every problem: those
            of `read_provider_table`, risk of numbers and texts mixed, of one value only, or of over 50
            texts, fewer than 3 providers.
    """
    roles = {"quality": quality, "cost": cost, **{f"risk:{name}": name for name in risk}}
    if provider is not None:
        roles["provider"] = provider
    with _collector_paused():
        table = open_table(path, roles, sheet=sheet, ids_repeat=True)
        ids = table.ids()
        count = len(set(ids))
        if count < FEWEST_PROVIDERS:
            there = "there is 1 provider" if count == 1 else f"there are {count} providers"
            what = f"{there} in {len(ids):,} rows, and at least {FEWEST_PROVIDERS} are needed."
            table.tell(what, "Add patients of others, or name another column (--provider).")
        qualities = table.numbers("quality", varies=True)
        costs = table.numbers("cost", varies=True)
        factors = [factor for name in risk for factor in _factors(table, f"risk:{name}")]
        table.refuse()
        return PatientRows(
            providers=ids,
            quality=qualities,
            cost=costs,
            risk=np.column_stack([values for _, values in factors]) if factors else np.zeros((len(ids), 0)),
            risk_names=tuple(name for name, _ in factors),
            names=table.names,
            source=table.source(),
            findings=tuple(table.findings),
        )


def _factors(table: NamedTable, role: str) -> list[tuple[str, Array]]:
    """Return the columns that a column of risk becomes, with their names."""
    heading = " ".join(table.names[role].split())
    values = table.values(role)
    classes = set(map(type, values))
    if not classes & {str, bool}:
        return [(heading, table.numbers(role, varies=True))]
    if classes & {float, int}:
        rows = [row for row, value in zip(table.rows, values, strict=True) if value.__class__ in {str, bool}]
        remedy = "Make all of them numbers, or all of them texts, such as 'group 1'."
        table.tell_cells(role, "holds numbers and also texts ({})", rows, remedy)
        return []
    return _categories(table, role, heading)


def _categories(table: NamedTable, role: str, heading: str) -> list[tuple[str, Array]]:
    texts = table.texts(role, logical=True)
    names = sorted(set(texts))
    if len(names) > MOST_CATEGORIES:
        what = f"{table.title(role)} holds {len(names):,} different texts, and at most {MOST_CATEGORIES} are allowed."
        table.tell(what, "Put rare ones together, or leave the column out.", table.cell(role))
        return []
    if len(names) == 1:
        what = f"{table.title(role)} is '{names[0]}' in every row, so it does not tell one from another."
        table.tell(what, "Leave the column out.", table.cell(role))
        return []
    number_of = {name: number for number, name in enumerate(names)}
    numbers = np.fromiter((number_of[text] for text in texts), dtype=np.int64, count=len(texts))
    return [
        (f"{heading}: {name}", (numbers == number).astype(np.float64)) for name, number in number_of.items() if number
    ]


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep Python from looking for garbage, of which there is none: a million rows are read in half the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
