"""The gates before any score: is the group known of enough patients, and are the groups large enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xl_qbs.equity.group_table import Groups
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.table import Array

Reason = Literal["nobody", "incomplete", "not stated", "small group", "too few groups"]
# A share that misses its gate by less than this has passed it.
_GUARD = 1e-9


@dataclass(frozen=True, kw_only=True)
class GateRules:
    """What must hold before an indicator of a provider is compared between groups.

    Attributes:
        share_known: smallest share of patients whose group is known, 0 to 1. Massachusetts Medicaid asked its
            hospitals for self-reported race and ethnicity of 80 % of patients by 2025.
        smallest_group: fewest patients of a group that is compared; 30, as US measure sets ask of a denominator.
        fewest_groups: fewest groups that are large enough; a gap needs 2.
        total_required: whether a table that does not state all patients fails; if not, its groups count as all.

    Raises:
        ArgumentError: a rule that cannot be met or means nothing.

    Source: METHODS section 6; seed 001: groups had to improve completeness and accuracy of the data on race and
    ethnicity before any incentive. The numbers are the fund's to choose.
    """

    share_known: float = 0.8
    smallest_group: int = 30
    fewest_groups: int = 2
    total_required: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.share_known <= 1:
            raise ArgumentError(f"share_known == {self.share_known!r}, must be from 0 to 1")
        for name, least in (("smallest_group", 1), ("fewest_groups", 2)):
            number = getattr(self, name)
            if isinstance(number, bool) or not isinstance(number, int) or number < least:
                raise ArgumentError(f"{name} == {number!r}, must be a whole number from {least}")


class Gates(NamedTuple):
    """Which gates are passed, and what stands in the way.

    Attributes:
        rules: what was asked.
        share_known: patients of known group over all patients, shape (P, I); NaN where there are none; 1 where all
            patients are not stated.
        stated: whether all patients are stated, shape (P, I).
        ok: whether the indicator of the provider may be compared between groups, shape (P, I).
        group_ok: whether the group may be compared, shape (P, I, G): large enough, and ``ok``.
        small: groups with patients, but too few of them, shape (P, I, G).
    """

    rules: GateRules
    share_known: Array
    stated: NDArray[np.bool_]
    ok: NDArray[np.bool_]
    group_ok: NDArray[np.bool_]
    small: NDArray[np.bool_]


class Refusal(NamedTuple):
    """Why something is not scored.

    Attributes:
        provider: id.
        indicator: code.
        group: the group, or empty for the whole indicator.
        reason: in one word or two.
        text: in one sentence, with the numbers.
    """

    provider: str
    indicator: str
    group: str
    reason: Reason
    text: str


def gates(table: Groups, rules: GateRules = GateRules()) -> Gates:
    """Return which providers, indicators and groups may be compared.

    Share known = sum of the groups' patients / all patients; an indicator passes where that is at least the rule's
    and enough groups have enough patients.

    Args:
        table: counts or means by group.
        rules: what must hold.

    Source: METHODS section 6. Gates look at patients only, never at work done: no result opens or shuts them.
    """
    patients = table.patients
    known = patients.sum(axis=2)
    stated = np.zeros(known.shape, dtype=bool) if table.total is None else ~np.isnan(table.total)
    everyone = known if table.total is None else np.where(stated, table.total, known)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(everyone > 0, known / everyone, np.nan)
    large = patients >= rules.smallest_group
    complete = np.nan_to_num(share, nan=-1.0) + _GUARD >= rules.share_known
    ok = complete & (large.sum(axis=2) >= rules.fewest_groups)
    if rules.total_required:
        ok &= stated
    return Gates(rules, share, stated, ok, large & ok[:, :, None], (patients > 0) & ~large)


def both(first: Gates, second: Gates) -> NDArray[np.bool_]:
    """Return which groups pass the gates in two periods, shape (P, I, G); the tables must be `aligned`.

    Raises:
        ArgumentError: shapes that differ.
    """
    if first.group_ok.shape != second.group_ok.shape:
        raise ArgumentError("gates: the two periods must have the same providers, indicators and groups")
    passed: NDArray[np.bool_] = first.group_ok & second.group_ok
    return passed


def refusals(table: Groups, found: Gates) -> tuple[Refusal, ...]:
    """Return every reason why something of the table is not scored, indicator by indicator of each provider.

    Groups that are small are listed also where the indicator passes without them.
    """
    listed = []
    patients = table.patients
    everyone = patients.sum(axis=2) if table.total is None else table.total
    for p, i in np.argwhere(~found.ok | found.small.any(axis=2)).tolist():
        for group, reason, text in _reasons(table.groups, found, p, i, patients[p, i], float(everyone[p, i])):
            listed.append(Refusal(table.providers[p], table.indicators[i], group, reason, text))
    return tuple(listed)


def _reasons(
    groups: tuple[str, ...], found: Gates, p: int, i: int, patients: Array, everyone: float
) -> list[tuple[str, Reason, str]]:
    rules = found.rules
    reasons: list[tuple[str, Reason, str]] = []
    if patients.sum() == 0 and not everyone > 0:
        return [("", "nobody", "No patients of known group.")]
    if rules.total_required and not found.stated[p, i]:
        reasons.append(("", "not stated", "All patients are not stated, so it is not known of how many the group is."))
    share = found.share_known[p, i]
    if share + _GUARD < rules.share_known:
        text = f"The group is known of {share:.1%} of {everyone:.0f} patients, {rules.share_known:.1%} are needed."
        reasons.append(("", "incomplete", text))
    for g in np.flatnonzero(found.small[p, i]):
        text = f"The group has {patients[g]:.0f} patients, {rules.smallest_group} are needed."
        reasons.append((groups[g], "small group", text))
    large = int((patients >= rules.smallest_group).sum())
    if large < rules.fewest_groups:
        what = "1 group has" if large == 1 else f"{large} groups have"
        text = f"{what} {rules.smallest_group} patients or more, {rules.fewest_groups} such groups are needed."
        reasons.append(("", "too few groups", text))
    return reasons
