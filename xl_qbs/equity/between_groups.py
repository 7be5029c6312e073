"""Variance between groups of a provider, net of what chance alone would make."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xl_qbs.efficiency.inputs import check_share
from xl_qbs.equity.gates import Gates
from xl_qbs.equity.group_table import GroupMeans, Groups
from xl_qbs.scoring.coverage import Interval
from xl_qbs.scoring.table import Array


class BetweenGroups(NamedTuple):
    """How far the groups of each provider differ, each of shape (P, I); NaN below two groups.

    Attributes:
        groups: number of groups compared.
        mean: coverage or mean of their patients together.
        raw: sum of p (c - mean)^2 over the groups, p being a group's share of these patients; in squared units.
        noise: what of it chance is expected to make.
        net: raw less noise, and 0 where that is negative.
        statistic: chi-square of homogeneity.
        p_value: probability of such a statistic or a greater one, if the groups fared alike.
        interval: of the true variance; its lower end is 0 where groups may well fare alike.
    """

    groups: Array
    mean: Array
    raw: Array
    noise: Array
    net: Array
    statistic: Array
    p_value: Array
    interval: Interval


def between_groups(table: Groups, *, passed: Gates | None = None, level: float = 0.95) -> BetweenGroups:
    """Return the variance between groups net of sampling noise.

    With n patients of a group, c its coverage, p = n / sum n and m = sum p c: raw = sum p (c - m)^2; the variance of c
    is v = c (1 - c) / (n - 1), and noise = sum p (1 - p) v, so that raw - noise is right on average whatever the
    true coverages are; net = max(0, raw - noise). The statistic is Q = sum n raw / (m (1 - m)), chi-square with
    (groups - 1) degrees of freedom if groups fare alike. Of means, v = sd^2 / n, and instead of m (1 - m) there is the
    pooled variance sum (n - 1) sd^2 / sum (n - 1).

    Args:
        table: counts or means by group.
        passed: gates; None takes all groups with two patients or more.
        level: level of the interval.

    Raises:
        ArgumentError: a level that is not between 0 and 1.

    Source: Harper and Lynch (2005) for the raw variance; noise by the method of moments; Q is Pearson's and Cochran's
    (1954). Interval: those values of the variance for which raw, over noise / (groups - 1), is not too far out under
    the noncentral chi-square distribution. It is approximate (95 % intervals hold the truth in 92 to 98 % of simulated
    groups of 30 to 1,600), and is NaN where every group has nobody or everybody served. Not comparable between
    indicators of different coverage or unit; of two groups it says no more than the gap: p1 p2 (c1 - c2)^2. Net 0 does
    not say that groups fare alike: look at the interval.

    >>> from xl_qbs.equity.group_table import GroupTable
    >>> smokers = GroupTable(providers=("all",), indicators=("smoking",), groups=("1", "2", "3", "4"),
    ...     n=np.array([[[86.0, 93, 136, 82]]]), x=np.array([[[83.0, 90, 129, 70]]]))
    >>> found = between_groups(smokers)
    >>> round(float(found.statistic[0, 0]), 1), round(float(found.p_value[0, 0]), 6)
    (12.6, 0.005585)
    """
    # Here, not above: scipy takes longer to import than all the rest.
    from scipy.special import chdtrc  # noqa: PLC0415

    check_share("level", level)
    patients = table.patients
    counts = (patients >= 2) & (True if passed is None else passed.group_ok)
    n = np.where(counts, patients, 0.0)
    values = np.where(counts, table.value, 0.0)
    total, groups = n.sum(axis=2), counts.sum(axis=2).astype(np.float64)
    several = groups >= 2
    with np.errstate(invalid="ignore", divide="ignore"):
        share = n / total[:, :, None]
        mean = np.where(several, (share * values).sum(axis=2), np.nan)
        raw = (share * (values - mean[:, :, None]) ** 2).sum(axis=2)
        if isinstance(table, GroupMeans):
            spread = np.where(counts, table.sd, 0.0) ** 2
            variance = np.where(counts, spread / n, 0.0)
            common = ((n - 1) * spread).sum(axis=2, where=counts) / (n - 1).sum(axis=2, where=counts)
        else:
            variance = np.where(counts, values * (1 - values) / (n - 1), 0.0)
            common = mean * (1 - mean)
        noise = np.where(several, (share * (1 - share) * variance).sum(axis=2), np.nan)
        # Nobody or everybody served in all groups, or no spread: no difference, and no statistic to speak of.
        statistic = np.where(common > 0, total * raw / common, np.where(several, 0.0, np.nan))
        degrees = np.where(several, groups - 1, np.nan)
        # By its noise, raw is about chi-square with these degrees of freedom: of two groups exactly Wald's.
        scale = np.where(noise > 0, noise / degrees, np.nan)
        low, high = _noncentrality(raw / scale, degrees, level)
        interval = Interval(low * scale, high * scale)
    net = np.where(several, np.maximum(raw - noise, 0.0), np.nan)
    return BetweenGroups(groups, mean, raw, noise, net, statistic, chdtrc(degrees, statistic), interval)


def _noncentrality(statistic: Array, degrees: Array, level: float) -> tuple[Array, Array]:
    """Return the ends of the interval of the noncentrality parameter of chi-square."""
    from scipy.special import chdtr, chndtrinc  # noqa: PLC0415

    tail = (1 - level) / 2
    ends = []
    for probability in (1 - tail, tail):
        # At noncentrality 0 the statistic may lie too low already: then 0 it is.
        beyond = chdtr(degrees, statistic) > probability
        end = np.where(np.isnan(statistic), np.nan, 0.0)
        end[beyond] = chndtrinc(statistic[beyond], degrees[beyond], probability)
        ends.append(end)
    return ends[0], ends[1]
