"""Small counts in what is shared: which cells to leave out, so that none can be worked out from the totals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xl_qbs.equity.group_table import Groups, GroupTable
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.table import Array

Mask = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class SuppressionRules:
    """What may not be seen in anything shared.

    Attributes:
        smallest_shown: smallest count that may be shown; 11 with the US Medicare agency (CMS): 1 to 10 may neither be
            shown nor be derived. A count of 0 may be shown.
        provider_totals: whether a provider's totals over its groups are shown too (they are in a scored workbook).
        group_totals: whether each group's totals over all providers are shown too.

    Raises:
        ArgumentError: a smallest count below 2.

    Source: METHODS section 6; CMS cell size suppression policy (ResDAC, 2024).
    """

    smallest_shown: int = 11
    provider_totals: bool = True
    group_totals: bool = True

    def __post_init__(self) -> None:
        least = self.smallest_shown
        if isinstance(least, bool) or not isinstance(least, int) or least < 2:
            raise ArgumentError(f"smallest_shown == {least!r}, must be a whole number from 2")


class Suppression(NamedTuple):
    """Which cells are left out; with a cell go its patients, work done, coverage, gap and all else made from them.

    Attributes:
        small: cells with a small count themselves, shape (P, I, G).
        hidden: all cells left out: the small ones, and others that protect these.
        totals_hidden: provider totals that must be left out too, shape (P, I); only where a provider has no count
            large enough to hide behind.
        exposed: small cells that cannot be protected at all, such as those of the only provider where the groups'
            totals are shown: leave out the indicator.
    """

    small: Mask
    hidden: Mask
    totals_hidden: Mask
    exposed: Mask

    @property
    def statistics_hidden(self) -> Mask:
        """Where what is made of several groups of a provider, such as their variance, must go too; shape (P, I)."""
        touched: Mask = np.asarray(self.hidden.any(axis=2), dtype=np.bool_)
        return touched


def suppress(table: Groups, rules: SuppressionRules = SuppressionRules()) -> Suppression:
    """Return the cells to leave out of anything that is shared.

    A cell is small if its patients n, its work done x or its patients not served n - x are from 1 to the smallest
    shown less 1 (with continuous values, n only). For each small cell, cells are left out around a closed path through
    the table: from the small one along the provider's row to another group, down that group's column to another
    provider, and so on by turns until it comes back down its own column. To raise the small count, lower the next,
    raise the one after it, and so on, changes no total; and the path is taken so that every count to be lowered is at
    least the smallest shown. So, whatever else is on the sheet, each small count might as well be one that may be
    shown. Of all such paths the one with the fewest patients newly left out is taken.

    Args:
        table: counts or means by group.
        rules: what may not be seen, and which totals are shown.

    Source: Gusfield (1988), for paths in two-way tables; CMS policy for the counts. It protects within one indicator
    and period. It does not protect against one who knows some of the patients, nor against two sheets shared with
    different rules, nor where two indicators have the same patients (then share one of them).

    >>> import numpy as np
    >>> table = GroupTable(
    ...     providers=("A", "B", "C"), indicators=("i",), groups=("g", "h"),
    ...     n=np.array([[[5.0, 90.0]], [[70.0, 60.0]], [[900.0, 900.0]]]),
    ...     x=np.array([[[0.0, 45.0]], [[40.0, 30.0]], [[450.0, 450.0]]]),
    ... )
    >>> suppress(table).hidden[:, 0].tolist()
    [[True, True], [True, True], [False, False]]
    """
    patients, least = table.patients, rules.smallest_shown
    # Each way of moving counts along a path, with what must be large where they fall: patients not served (only n
    # moves) and patients served (n and x move together). Continuous values have n alone.
    if isinstance(table, GroupTable):
        done = table.counted
        missed = patients - done
        ways = [(_few(patients, least) | _few(missed, least), missed), (_few(done, least), done)]
    else:
        ways = [(_few(patients, least), patients)]
    small: Mask = np.any([few for few, _ in ways], axis=0)
    hidden, exposed = small.copy(), np.zeros_like(small)
    totals = np.zeros(small.shape[:2], dtype=bool)
    if rules.provider_totals or rules.group_totals:
        for i in range(small.shape[1]):
            for few, lowered in ways:
                sheet = _Sheet(patients[:, i], lowered[:, i], hidden[:, i], totals[:, i], rules)
                for row, column in np.argwhere(few[:, i]):
                    exposed[row, i, column] |= not sheet.protect(int(row), int(column))
                hidden[:, i], totals[:, i] = sheet.hidden[:, :-1], sheet.hidden[:, -1]
    return Suppression(small, hidden, totals, exposed)


def _few(counts: Array, least: int) -> Mask:
    few: Mask = (counts > 0) & (counts < least)
    return few


class _Sheet:
    """One indicator as it would be shared: a row a provider, a column a group, and the providers' totals last.

    The last column holds the totals as negative counts, so that every row sums to nothing; where a total of a provider
    rises, its negative count falls.
    """

    def __init__(self, patients: Array, lowered: Array, hidden: Mask, totals: Mask, rules: SuppressionRules) -> None:
        self.rules = rules
        self.hidden = np.column_stack([hidden, totals])
        everyone = patients.sum(axis=1)
        # A total is left out only where no path of cells is found: it costs more than all the patients.
        self.patients = np.column_stack([patients, everyone + patients.sum()])
        least = rules.smallest_shown
        self.can_rise = np.column_stack([patients > 0, lowered.sum(axis=1) >= least])
        self.can_fall = np.column_stack([lowered >= least, everyone > 0])
        rise, fall = self.hidden & self.can_rise, self.hidden & self.can_fall
        # Rows by which a path may already go from one column (up) to another (down).
        self.linked = rise.astype(np.int64).T @ fall.astype(np.int64)

    def protect(self, row: int, column: int) -> bool:
        """Leave out the cells of a closed path through a small cell; return whether there is one."""
        path = self._quick(row, column)
        if path is None:
            path = self._shortest(row, column)
        for cell in path or ():
            self._hide(*cell)
        return path is not None

    def _hide(self, row: int, column: int) -> None:
        if self.hidden[row, column]:
            return
        self.linked -= self._links(row)
        self.hidden[row, column] = True
        self.linked += self._links(row)

    def _links(self, row: int) -> NDArray[np.int64]:
        rise, fall = (self.hidden[row] & can[row] for can in (self.can_rise, self.can_fall))
        return np.outer(rise, fall).astype(np.int64)

    def _first(self, row: int, column: int) -> Array:
        """Return what it costs to go on from a cell to each other cell of its row."""
        cost = np.where(self.can_fall[row], np.where(self.hidden[row], 0.0, self.patients[row]), np.inf)
        cost[column] = np.inf
        return cost

    def _quick(self, row: int, column: int) -> list[tuple[int, int]] | None:
        """Return a path by the cheapest cell of the row, if all the rest of it is left out already."""
        if not (self.rules.provider_totals and self.rules.group_totals):
            return None
        first = self._first(row, column)
        cheapest = int(np.argmin(first))
        if not np.isfinite(first[cheapest]):
            return None
        free = self.linked > self._links(row)
        reached = np.arange(len(first)) == cheapest
        for _ in first:
            reached = reached | free[reached].any(axis=0)
        return [(row, cheapest)] if reached[column] else None

    def _shortest(self, row: int, column: int) -> list[tuple[int, int]] | None:
        """Return the cells of the cheapest path, by Dijkstra's algorithm over the columns."""
        first = self._first(row, column)
        if not self.rules.group_totals:
            best = int(np.argmin(first))
            return [(row, best)] if np.isfinite(first[best]) else None
        cost = np.where(self.hidden, 0.0, self.patients)
        fall, rise = np.where(self.can_fall, cost, np.inf), np.where(self.can_rise, cost, np.inf)
        fall[row] = rise[row] = np.inf
        if not self.rules.provider_totals:
            best = int(np.argmin(fall[:, column]))
            return [(best, column)] if np.isfinite(fall[best, column]) else None
        length = first
        path = [[(row, one)] for one in range(len(first))]
        reached = np.zeros(len(first), dtype=bool)
        while True:
            here = int(np.argmin(np.where(reached, np.inf, length)))
            if reached[here] or not np.isfinite(length[here]):
                return None
            if here == column:
                return path[column]
            reached[here] = True
            step = rise[:, here, None] + fall
            rows = np.argmin(step, axis=0)
            for onward in np.flatnonzero(~reached):
                through = int(rows[onward])
                if length[here] + step[through, onward] < length[onward]:
                    length[onward] = length[here] + step[through, onward]
                    path[onward] = [*path[here], (through, here), (through, int(onward))]
