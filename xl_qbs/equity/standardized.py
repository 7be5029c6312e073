"""What a provider's patients get, beside what their groups get everywhere: indirect standardisation by group."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xl_qbs.efficiency.standardization import expected_by_stratum, indirect
from xl_qbs.equity.estimates import Estimates
from xl_qbs.equity.group_table import GroupMeans, Groups, GroupTable
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.coverage import wilson_interval
from xl_qbs.scoring.table import Array


class Standardised(NamedTuple):
    """Crude and standardised side by side, each of shape (P, I); NaN without patients of known group.

    Attributes:
        crude: coverage or mean of the provider's patients of known group, not adjusted.
        expected: what it would be if each group fared as that group does over all providers.
        ratio: crude over expected, with interval; NaN of continuous values.
        difference: crude less expected.
        standardised: ratio times the overall value; of continuous values, difference plus the overall value.
        groups: each group's value over all providers, shape (I, G): the disparity that standardising takes out of
            sight. Show it.
    """

    crude: Array
    expected: Array
    ratio: Estimates
    difference: Array
    standardised: Array
    groups: Array


def standardise(table: Groups, *, level: float = 0.95) -> Standardised:
    """Return indirect standardisation by group: observed over expected.

    Expected = sum of n c over the groups / sum of n, c being the group's value over all providers.

    Args:
        table: counts or means by group.
        level: level of the intervals.

    Raises:
        ArgumentError: a level that is not between 0 and 1.

    Source: METHODS section 6; `xl_qbs.efficiency.standardization.indirect`. The interval of the ratio is Wilson's of
    the crude coverage over the expected one, which is taken as known: Poisson limits, which `indirect` has for rare
    events, are far too wide for coverage of 80 %. When not to use it: it expects less of those who serve a group that
    gets less everywhere. Beside the crude value it tells who does better than others with such patients; in its place
    it would write the disparity off. Two providers' ratios are not comparable with each other, only with the average.
    """
    providers, indicators, _ = table.shape
    crude = table.pooled(2)
    expected, ratio, standardised = np.full((3, providers, indicators), np.nan)
    low, high = np.full((2, providers, indicators), np.nan)
    for i in range(indicators):
        rows, columns = np.nonzero(table.patients[:, i] > 0)
        if len(rows) == 0:
            continue
        n = table.patients[rows, i, columns]
        if isinstance(table, GroupTable):
            done = table.counted[rows, i, columns]
            found = indirect(rows, done, expected_by_stratum(done, columns, patients=n), patients=n, level=level)
            place = np.array(found.providers, dtype=np.intp)
            people = np.bincount(rows, n, providers)[place]
            expected[place, i] = found.expected / people
            ratio[place, i], standardised[place, i] = found.ratio, found.standardised
            ends = wilson_interval(found.observed, people, level)
            with np.errstate(invalid="ignore", divide="ignore"):
                low[place, i], high[place, i] = (end / expected[place, i] for end in ends)
        elif isinstance(table, GroupMeans):
            sums = np.bincount(rows, n * table.by_group[i, columns], providers)
            people = np.bincount(rows, n, providers)
            with np.errstate(invalid="ignore", divide="ignore"):
                expected[:, i] = sums / people
            standardised[:, i] = crude[:, i] - expected[:, i] + table.population[i]
        else:
            raise ArgumentError("table: must be a GroupTable or a GroupMeans")
    # No work done by anybody: nothing expected, and no ratio.
    low, high = (np.where(np.isnan(ratio), np.nan, end) for end in (low, high))
    return Standardised(crude, expected, Estimates(ratio, low, high), crude - expected, standardised, table.by_group)
