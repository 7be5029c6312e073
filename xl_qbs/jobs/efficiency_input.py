"""What ``xl-qbs efficiency`` reads, refused in the command's own words where nothing can be made of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from xl_qbs.efficiency.inputs import CostIs
from xl_qbs.efficiency.option_checks import LARGEST
from xl_qbs.errors import DataError, Finding, TableNotFoundError
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.address import cell_name
from xl_qbs.workbook.named_table import TableSource, some
from xl_qbs.workbook.patient_rows import PatientRows, read_patient_rows
from xl_qbs.workbook.provider_table import ProviderTable, read_provider_table

# Above 0 and yet so small that its inverse leaves the range of a computer's numbers.
_SMALLEST = 1 / LARGEST
_RISK = re.compile(r"^risk (\d+)\b")


def read_table(
    path: Path, columns: Mapping[str, Any], *, cost_is: CostIs, inputs: Sequence[str], outputs: Sequence[str]
) -> ProviderTable:
    """Return the table of providers.

    Args:
        path: the file.
        columns: which columns mean what, as `read_provider_table` takes them.
        cost_is: ``spending`` or ``performance``.
        inputs: headings of further inputs of the envelopment.
        outputs: headings of further outputs.

    Raises:
        QbsError: as `read_provider_table`.
        DataError: also for numbers that are out of all proportion, and negative inputs or outputs.
    """
    try:
        table = read_provider_table(path, cost_is=cost_is, extra=(*inputs, *outputs), **columns)
    except TableNotFoundError as error:
        if not _is_about_headings(error):
            raise
        raise TableNotFoundError(
            f"{error}\nName the columns by their headings: --quality HEADING --cost HEADING."
        ) from error
    found = []
    for role, values in _numbers(table):
        found += _out_of_proportion(table.source, role, values, table.names)
    if cost_is == "spending":
        what = "is too near to 0 to be spending"
        found += _tell(table.source, "cost", table.cost < _SMALLEST, table.names, what, "Correct it.")
    for name in dict.fromkeys((*inputs, *outputs)):
        role = f"extra:{name}"
        negative = table.extra[name] < 0
        what = "is negative, and inputs and outputs of the envelopment are amounts from 0"
        found += _tell(table.source, role, negative, table.names, what, "Correct it, or leave the column out.")
    if found:
        raise DataError(found)
    return table


def read_patients(
    path: Path,
    *,
    cost_is: CostIs,
    provider: str | None,
    quality: str,
    cost: str,
    risk: Sequence[str],
    sheet: str | None,
) -> PatientRows:
    """Return patient rows; arguments as `read_patient_rows`, and ``cost_is``.

    Raises:
        QbsError: as `read_patient_rows`, naming the options for patients and the file.
        DataError: also for spending below 0, and numbers that are out of all proportion.
    """
    try:
        rows = read_patient_rows(path, provider=provider, quality=quality, cost=cost, risk=risk, sheet=sheet)
    except TableNotFoundError as error:
        text = _for_patients(str(error))
        if _is_about_headings(error):
            text += "\nName the columns by their headings: --patient-quality HEADING --patient-cost HEADING."
        raise TableNotFoundError(text) from error
    except DataError as error:
        raise of_patients(error, path, ()) from error
    found = _out_of_proportion(rows.source, "quality", rows.quality, rows.names)
    found += _out_of_proportion(rows.source, "cost", rows.cost, rows.names)
    if cost_is == "spending":
        what = "is negative, and spending is an amount from 0"
        found += _tell(rows.source, "cost", rows.cost < 0, rows.names, what, "Correct it, or leave the row out.")
    if (np.abs(rows.risk) > LARGEST).any():
        what = f"A risk factor is out of all proportion (beyond {LARGEST:g})."
        found.append(Finding(what, "Correct it.", rows.source.sheet or path.stem))
    for role, values in (("quality", rows.quality), ("cost", rows.cost)):
        if not found and _same_within(rows.providers, values):
            what = f"'{rows.names[role]}' ({role}) is the same for all patients of each provider"
            remedy = "Give the outcome of each patient; means of providers belong into the table itself."
            found.append(Finding(f"{what}.", remedy, rows.source.sheet or path.stem))
    if found:
        raise of_patients(DataError(found), path, ())
    return rows


def _same_within(providers: Sequence[str], values: Array) -> bool:
    """Return whether no provider's patients differ: nothing then tells chance from quality."""
    ids, index = np.unique(np.array(providers, dtype=str), return_inverse=True)
    if len(ids) == len(values):
        return False
    means = np.bincount(index, values) / np.bincount(index)
    return bool(np.abs(values - means[index]).max() <= 1e-12 * np.abs(values).max())


def of_patients(error: DataError, path: Path, risk_names: Sequence[str]) -> DataError:
    """Return an error about patient rows that says so: the other table may have a sheet of the same name."""

    def named(match: re.Match[str]) -> str:
        number = int(match[1])
        return f"risk '{risk_names[number - 1]}'" if 0 < number <= len(risk_names) else match[0]

    return DataError(
        [
            replace(
                one,
                what=_RISK.sub(named, one.what),
                remedy=_for_patients(one.remedy),
                sheet=f"[{path.name}]{one.sheet}",
            )
            for one in error.findings
        ]
    )


def findings_of_patients(table: ProviderTable, rows: PatientRows) -> list[Finding]:
    """Return what is to be said of patient rows beside a table: what was left out, and who is only on one side.

    Raises:
        DataError: no provider is on both.
    """
    file = f"[{rows.source.path.name}]{rows.source.sheet or ''}"
    of_rows = dict.fromkeys(rows.providers)
    both = [one for one in table.providers if one in of_rows]
    if not both:
        what = f"none of its providers ({some(of_rows)}) is in the table ({some(table.providers)})."
        remedy = "Write ids alike on both (0017 is not 17), or name their columns: --provider, --patient-provider."
        raise DataError([Finding(what, remedy, file)])
    told = [replace(one, sheet=f"[{rows.source.path.name}]{one.sheet}") for one in rows.findings]
    lone = [one for one in table.providers if one not in of_rows]
    if lone:
        count = f"{len(lone):,} provider{'s' if len(lone) > 1 else ''}"
        what = f"{count} of the table without patient rows: {some(lone)}."
        remedy = "They have no efficiency by regression, and it is not compared with the other models."
        told.append(Finding(what, remedy, file, severity="warning"))
    known = set(table.providers)
    others = [one for one in of_rows if one not in known]
    if others:
        count = f"{len(others):,} provider{'s' if len(others) > 1 else ''}"
        what = f"{count} of the patient rows not in the table: {some(others)}."
        remedy = "They count in the estimates; if they are meant to be there, write their ids alike on both."
        told.append(Finding(what, remedy, file, severity="warning"))
    return told


def _numbers(table: ProviderTable) -> list[tuple[str, Array]]:
    named = {role: getattr(table, role) for role in ("quality", "cost", "quality_error", "cost_error", "volume")}
    named |= {f"extra:{name}": values for name, values in table.extra.items()}
    # Need-adjusted scores are no column of the table, and within their scheme's points.
    return [(role, values) for role, values in named.items() if role in table.source.columns]


def _out_of_proportion(source: TableSource, role: str, values: Array, names: Mapping[str, str]) -> list[Finding]:
    what = f"is out of all proportion (beyond {LARGEST:g})"
    return _tell(source, role, np.abs(values) > LARGEST, names, what, "Correct it.")


def _tell(
    source: TableSource, role: str, faulty: Any, names: Mapping[str, str], what: str, remedy: str
) -> list[Finding]:
    """Return a finding about the cells of a column that are faulty, if any are."""
    rows = source.provider_rows[np.flatnonzero(faulty)]
    if not len(rows):
        return []
    heading = names[role]
    cells = [cell_name(int(row), source.columns[role]) for row in rows]
    places = f" in {some(cells)}" if len(cells) > 1 else ""
    kind = role.partition(":")[0].replace("_", " ")
    title = f"'{heading}'" if kind == "extra" else f"'{heading}' ({kind})"
    return [Finding(f"{title} {what}{places}.", remedy, source.sheet or source.path.stem, cells[0])]


def _is_about_headings(error: TableNotFoundError) -> bool:
    """Return whether no sheet had the headings, and not several, or none of that name."""
    return str(error).startswith("No table with")


def _for_patients(text: str) -> str:
    """Return a message of the reader, which knows the options for the table of providers only."""
    return text.replace("--provider", "--patient-provider").replace("--sheet", "--patient-sheet")
