"""A condition as an Ibis expression that is true or false for every row, never missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Any

from xl_qbs.aggregate.definitions import ColumnTest, Condition, Every, Kind, Not, Records

if TYPE_CHECKING:
    import ibis.expr.types as ir

# Returns a column by its heading, read as one of the three kinds.
ReadColumn = Callable[[str, Kind], Any]


def holds(condition: Condition | None, read: ReadColumn, flags: Mapping[Records, Any] | None = None) -> ir.BooleanValue:
    """Return whether a condition holds for each row.

    Args:
        condition: the condition; None holds for every row.
        read: gives the columns of the row.
        flags: of a condition on patients, the column that says whether each condition on records holds.
    """
    import ibis  # noqa: PLC0415  (slow to import)

    if condition is None:
        return ibis.literal(True)
    if isinstance(condition, ColumnTest):
        return _test(condition, read)
    if isinstance(condition, Records):
        return (flags or {})[condition]
    if isinstance(condition, Not):
        return ~holds(condition.condition, read, flags)
    return (every if isinstance(condition, Every) else some)(holds(one, read, flags) for one in condition.conditions)


def every(conditions: Iterable[Any]) -> ir.BooleanValue:
    """Return whether all hold; true where there are none."""
    import ibis  # noqa: PLC0415  (slow to import)

    found = list(conditions)
    return reduce(and_, found) if found else ibis.literal(True)


def some(conditions: Iterable[Any]) -> ir.BooleanValue:
    """Return whether one holds at least; false where there are none."""
    import ibis  # noqa: PLC0415  (slow to import)

    found = list(conditions)
    return reduce(or_, found) if found else ibis.literal(False)


def _test(test: ColumnTest, read: ReadColumn) -> ir.BooleanValue:
    parts = []
    if test.missing:
        return read(test.column, "text").isnull()
    if test.missing is False:
        parts.append(read(test.column, "text").notnull())
    if test.is_in:
        kind: Kind = "text" if isinstance(test.is_in[0], str) else "number"
        parts.append(read(test.column, kind).isin(list(test.is_in)))
    if test.starts_with:
        column = read(test.column, "text")
        parts.append(some(column.startswith(prefix) for prefix in test.starts_with))
    for name, limit in test.limits.items():
        kind = "number" if isinstance(limit, float) else "date"
        parts.append(_compared(name, read(test.column, kind), limit))
    # A missing value compares as missing, which would spread through `not`.
    return every(parts).fill_null(False)


def _compared(name: str, column: Any, limit: Any) -> Any:
    if name == "at_least":
        return column >= limit
    if name == "at_most":
        return column <= limit
    return column > limit if name == "above" else column < limit
