"""What is made of the rows of persons: the table, its split by group, and rows of patients for risk adjustment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xl_qbs.aggregate.definitions import Definitions, PatientRows
from xl_qbs.aggregate.persons import (
    AGED,
    COST,
    DUE,
    GROUP,
    LISTED,
    PATIENT,
    PROVIDER,
    RECEIVED,
    done,
    factor,
    target,
)

if TYPE_CHECKING:
    import ibis.expr.types as ir


def totals(definitions: Definitions, rows: ir.Table) -> ir.Table:
    """Return the sums of the rows of persons: a row for each list, and for each group where there are groups.

    Columns: provider, group, listed (patients), aged (years of those together), and ``target_i`` and ``done_i``.
    """
    pairs = range(len(definitions.codes))
    sums: dict[str, Any] = {LISTED: rows[LISTED].sum(), AGED: (rows[AGED] * rows[LISTED]).sum()}
    for place in pairs:
        sums[target(place)] = rows[target(place)].sum()
        sums[done(place)] = rows[done(place)].sum()
    keys = [PROVIDER, GROUP] if definitions.groups is not None else [PROVIDER]
    return rows.group_by(keys).aggregate(**{name: total.cast("int64") for name, total in sums.items()})


def on_several_lists(rows: ir.Table) -> ir.Table:
    """Return how many patients count on more than one list: one row, the column ``patients``."""
    counted = rows.filter(rows[LISTED] > 0).group_by(PATIENT).aggregate(lists=rows[LISTED].count())
    return counted.aggregate(patients=(counted.lists > 1).cast("int64").sum())


def patient_rows(wanted: PatientRows, rows: ir.Table) -> ir.Table:
    """Return a row for each patient to whom any of the indicators is due, in an order that every engine finds.

    Columns: provider, quality (0 to 1), cost (the sum of the records' amounts), and the risk factors by name. Patients'
    ids are left out: nothing that reads this needs them.
    """
    import ibis  # noqa: PLC0415  (slow to import)

    due = rows.filter(rows[DUE] > 0)
    quality = due[RECEIVED].cast("float64") / due[DUE].cast("float64")
    if wanted.quality == "all-or-none":
        quality = (due[RECEIVED] == due[DUE]).cast("int64")
    made = {PROVIDER: due[PROVIDER], "quality": quality, "cost": due[COST].cast("float64")}
    made |= {one.name: due[factor(place)] for place, one in enumerate(wanted.factors)}
    table = due.select(**made)
    # Where blanks stand differs from engine to engine unless it is said.
    return table.order_by([ibis.asc(table[name], nulls_first=True) for name in table.columns])
