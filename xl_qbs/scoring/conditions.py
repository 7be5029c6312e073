"""Incentive conditions: shares of the points of domains, and coverage of single indicators."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xl_qbs.scheme import Clause, Condition, Scheme
from xl_qbs.scoring.coverage import coverage
from xl_qbs.scoring.ranks import BAND_GUARD
from xl_qbs.scoring.table import Array, Table


def clause_members(clause: Clause, scheme: Scheme) -> NDArray[np.bool_]:
    """Return which of the scheme's indicators a clause speaks of, shape (k,)."""
    keys = scheme.codes if clause.scope == "indicator" else [one.domain for one in scheme.indicators]
    return np.array([key in clause.codes for key in keys])


def clause_share(clause: Clause, scheme: Scheme, table: Table, points: Array, weights: Array) -> Array:
    """Return the share that each list has reached of what a clause speaks of.

    Args:
        clause: the clause.
        scheme: the scheme that names its domains and indicators.
        table: the counts, indicators in the scheme's order.
        points: points earned, shape (N, k).
        weights: the most points there are, shape (k,).

    Returns:
        Points over the most points of the domains together, or the coverage of the one indicator
        (not adjusted: a condition is a promise about the list's own patients); NaN where the list
        has no patients in that indicator.
    """
    members = clause_members(clause, scheme)
    if clause.scope == "indicator":
        column = int(np.flatnonzero(members)[0])
        return coverage(table.done[:, column], table.target[:, column])
    most = weights[members].sum()
    # Domains whose weights are all 0 leave no points to earn: nothing is reached.
    return points[:, members].sum(axis=1) / most if most > 0 else np.zeros(len(points))


def condition_met(
    condition: Condition, scheme: Scheme, table: Table, points: Array, weights: Array
) -> NDArray[np.bool_]:
    """Return which lists meet a condition, shape (N,).

    A clause about an indicator in which the list has no patients counts as met: there was nobody
    to serve. Arguments as `clause_share`.

    Source: seed 002, Part C section 2.
    """
    met = np.ones(len(table.providers), dtype=bool)
    for clause in condition.clauses:
        share = clause_share(clause, scheme, table, points, weights)
        met &= np.isnan(share) | (share + BAND_GUARD >= clause.at_least)
    return met
