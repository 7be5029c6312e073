"""Adjusted coverage and adjusted means within group: each provider's groups, with small ones drawn to a mean."""

from __future__ import annotations

from statistics import NormalDist
from typing import Literal, NamedTuple, get_args

import numpy as np

from xl_qbs.efficiency.inputs import check_choice, check_share
from xl_qbs.equity.estimates import Estimates
from xl_qbs.equity.group_table import GroupMeans, Groups, GroupTable
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.coverage import adjusted_coverage, coverage_interval, reliability
from xl_qbs.scoring.priors import Prior, likelihood_prior, moments_prior, report_prior
from xl_qbs.scoring.table import Array

GroupPriorRule = Literal["report", "moments", "likelihood"]
GROUP_PRIOR_RULES: tuple[GroupPriorRule, ...] = get_args(GroupPriorRule)
Towards = Literal["group", "indicator"]
TOWARDS: tuple[Towards, ...] = get_args(Towards)


class GroupPrior(NamedTuple):
    """The prior of each indicator and group.

    Attributes:
        mean: prior mean m, shape (I, G); NaN where no provider has patients.
        strength: prior strength M in patients, shape (I, G); infinite where providers differ no more than chance
            explains.
        spread: standard deviation between patients of one provider's group, shape (I, G), of continuous values; NaN
            of coverage, where the mean itself gives it.
    """

    mean: Array
    strength: Array
    spread: Array


class Adjusted(NamedTuple):
    """Adjusted values within group, each of shape (P, I, G) and NaN where a group has no patients.

    Attributes:
        value: adjusted coverage or mean.
        low: lower end of the posterior interval.
        high: upper end.
        reliability: n / (n + M), the weight that the group's own patients carry.
        prior: what the values are drawn to.
    """

    value: Array
    low: Array
    high: Array
    reliability: Array
    prior: GroupPrior

    @property
    def estimates(self) -> Estimates:
        """Value and ends, as gaps are made from."""
        return Estimates(self.value, self.low, self.high)


def group_prior(
    table: Groups, *, rule: GroupPriorRule = "moments", towards: Towards = "group", fraction: float = 0.5
) -> GroupPrior:
    """Return the prior of each indicator and group.

    Args:
        table: counts, or means of continuous values (rule ``moments`` only), by group.
        rule: ``report``, ``moments`` or ``likelihood``, as in `xl_qbs.scoring.priors`. Of continuous values: with N
            providers, m = sum n y / sum n, s2 = sum (n - 1) sd^2 / sum (n - 1), t2 = (sum n (y - m)^2 - (N - 1) s2) /
            (sum n - sum n^2 / sum n), and M = s2 / t2.
        towards: ``group`` draws each group to its own mean over the providers; ``indicator`` draws all groups to the
            indicator's.
        fraction: with ``report``, prior strength as a fraction of the mean number of patients.

    Raises:
        ArgumentError: an option that is none, or a rule that continuous values do not have.

    Source: METHODS sections 3 and 6; of continuous values, the one-way random-effects analysis of variance (Searle,
    Casella and McCulloch 1992). When not to use ``indicator``: it draws a small disadvantaged group to what the others
    get, and so makes gaps look smaller where there are few patients to see them by.
    """
    check_choice("rule", rule, GROUP_PRIOR_RULES)
    check_choice("towards", towards, TOWARDS)
    indicators, groups = table.shape[1:]
    found = np.full((3, indicators, groups), np.nan)
    for i in range(indicators):
        # One row a provider and a column a group; or, towards the indicator, one column with all groups below
        # each other.
        stack = (-1, groups) if towards == "group" else (-1, 1)
        patients = table.patients[:, i].reshape(stack)
        if isinstance(table, GroupTable):
            done = table.counted[:, i].reshape(stack)
            prior = _count_prior(done, patients, rule, fraction)
            found[:2, i] = prior.mean, prior.strength
        elif isinstance(table, GroupMeans):
            if rule != "moments":
                raise ArgumentError(f"rule == {rule!r}: continuous values have 'moments' only")
            means, spreads = (array[:, i].reshape(stack) for array in (table.mean, table.sd))
            found[:, i] = normal_prior(means, spreads, patients)
    return GroupPrior(*found)


def normal_prior(mean: Array, sd: Array, n: Array) -> tuple[Array, Array, Array]:
    """Return mean, strength in patients and spread within providers of columns of means, shape (N, k).

    Formula and source as `group_prior`; where t2 is not positive, providers differ no more than chance explains and
    the strength is infinite. NaN where no provider has two patients.

    >>> import numpy as np
    >>> dyestuff = np.array([[1505.0, 1528, 1564, 1498, 1600, 1470]]).T
    >>> [float(value[0].round(4)) for value in normal_prior(dyestuff, np.full((6, 1), 49.51), np.full((6, 1), 5.0))]
    [1527.5, 1.3896, 49.51]
    """
    own = np.where(n > 0, mean, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        degrees = np.maximum(n - 1, 0.0)
        within = (degrees * np.where(n > 1, sd, 0.0) ** 2).sum(axis=0) / degrees.sum(axis=0)
        total = n.sum(axis=0)
        grand = (n * own).sum(axis=0) / total
        spread = (n * np.where(n > 0, own - grand, 0.0) ** 2).sum(axis=0)
        providers = (n > 0).sum(axis=0)
        between = (spread - (providers - 1) * within) / (total - (n**2).sum(axis=0) / total)
        strength = np.where(between > 0, within / between, np.inf)
    return grand, strength, np.sqrt(within)


def adjust(table: Groups, prior: GroupPrior, *, level: float = 0.95) -> Adjusted:
    """Return adjusted coverage or means within group: (x + M m) / (n + M), with x = n y for means y.

    Args:
        table: counts or means by group.
        prior: from `group_prior`, of the same period, or of an earlier one: then values move with their own
            patients only, and not with those of the peers.
        level: level of the posterior intervals: Beta(x + M m, n - x + M (1 - m)) of coverage, normal with variance
            s2 / (n + M) of means.

    Raises:
        ArgumentError: a prior for other indicators or groups, or a level that is not between 0 and 1.

    Source: METHODS sections 3 and 6. Not a measure of how good a small group's care is: where reliability is low it
    says more about that group elsewhere.
    """
    check_share("level", level)
    value = adjusted_values(table, prior)
    patients = table.patients
    some = patients > 0
    trust = np.where(some, reliability(patients, prior.strength), np.nan)
    if isinstance(table, GroupTable):
        ends = coverage_interval(table.counted, patients, _means(prior), prior.strength, level)
        low, high = ends.low, ends.high
    else:
        # (n + M) = n / reliability: infinite strength leaves no doubt but that about the mean.
        half = NormalDist().inv_cdf((1 + level) / 2) * prior.spread * np.sqrt(trust / np.maximum(patients, 1.0))
        low, high = value - half, value + half
    return Adjusted(value, np.where(some, low, np.nan), np.where(some, high, np.nan), trust, prior)


def adjusted_values(table: Groups, prior: GroupPrior) -> Array:
    """Return the adjusted values alone, shape (P, I, G); arguments, formula, errors and source as `adjust`."""
    if prior.mean.shape != table.shape[1:]:
        raise ArgumentError(f"prior: is for {prior.mean.shape} indicators and groups, the table has {table.shape[1:]}")
    patients, mean = table.patients, _means(prior)
    if isinstance(table, GroupTable):
        value = adjusted_coverage(table.counted, patients, mean, prior.strength)
    else:
        trust = reliability(patients, prior.strength)
        value = trust * table.value + (1 - trust) * mean
    return np.where(patients > 0, value, np.nan)


def _means(prior: GroupPrior) -> Array:
    """Return prior means, and 0 where no provider has patients: nothing is kept of it there."""
    return np.where(np.isnan(prior.mean), 0.0, prior.mean)


def _count_prior(done: Array, patients: Array, rule: GroupPriorRule, fraction: float) -> Prior:
    if rule == "report":
        return report_prior(done, patients, fraction)
    return moments_prior(done, patients) if rule == "moments" else likelihood_prior(done, patients)
