from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.equity_data import count_tables, counts
from xl_qbs.equity.gates import GateRules, both, gates, refusals
from xl_qbs.equity.group_table import GroupTable
from xl_qbs.errors import ArgumentError

NAN = np.nan


def test_each_reason_is_told_with_its_numbers() -> None:
    n = [[[40, 50, 10]], [[40, 29, NAN]], [[30, 30, 0]], [[0, 0, 0]], [[60, 60, 60]]]
    table = counts(
        n, np.zeros((5, 1, 3)) + 0 * np.array(n), total=np.array([[100], [69], [76], [0], [NAN]], dtype=float)
    )
    found = gates(table)
    assert found.ok[:, 0].tolist() == [True, False, False, False, True]
    assert found.group_ok[0, 0].tolist() == [True, True, False]
    assert not found.group_ok[1:4].any()
    told = [(one.provider, one.group, one.reason, one.text) for one in refusals(table, found)]
    assert told == [
        ("P1", "g3", "small group", "The group has 10 patients, 30 are needed."),
        ("P2", "g2", "small group", "The group has 29 patients, 30 are needed."),
        ("P2", "", "too few groups", "1 group has 30 patients or more, 2 such groups are needed."),
        ("P3", "", "incomplete", "The group is known of 78.9% of 76 patients, 80.0% are needed."),
        ("P4", "", "nobody", "No patients of known group."),
    ]
    assert found.share_known[4, 0] == 1
    assert not found.stated[4, 0]
    strict = gates(table, GateRules(total_required=True))
    assert not strict.ok[4, 0]
    assert refusals(table, strict)[-1].reason == "not stated"


def test_a_share_at_the_gate_passes() -> None:
    # 240 of 300 is .8 by definition, and 0.8 * 300 is 240.00000000000003.
    table = counts([[[120, 120]]], [[[0, 0]]], total=np.array([[300.0]]))
    assert gates(table, GateRules(share_known=0.8)).ok.all()
    assert not gates(table, GateRules(share_known=0.801)).ok.any()


@given(count_tables(), st.integers(1, 50), st.integers(2, 3), st.floats(0, 1))
def test_what_is_not_scored_says_why_and_nothing_else_does(
    table: GroupTable, smallest: int, fewest: int, share: float
) -> None:
    rules = GateRules(smallest_group=smallest, fewest_groups=fewest, share_known=share)
    found = gates(table, rules)
    reasons = refusals(table, found)
    whole = {(one.provider, one.indicator) for one in reasons if not one.group}
    closed = {(table.providers[p], table.indicators[i]) for p, i in np.argwhere(~found.ok)}
    assert whole == closed
    assert (table.patients[found.group_ok] >= smallest).all()
    assert {(one.provider, one.indicator, one.group) for one in reasons if one.group} == {
        (table.providers[p], table.indicators[i], table.groups[g]) for p, i, g in np.argwhere(found.small)
    } - {(p, i, g) for p, i in closed for g in table.groups if (p, i, "nobody") in reasons}
    # Work done opens no gate.
    other = gates(counts(table.n, 0 * table.n), rules)
    assert other.group_ok.tolist() == found.group_ok.tolist()


def test_both_periods() -> None:
    first = gates(counts([[[40, 40]]], [[[0, 0]]]))
    second = gates(counts([[[40, 20]]], [[[0, 0]]]))
    assert both(first, first).all()
    assert not both(first, second).any()
    with pytest.raises(ArgumentError, match="the two periods"):
        both(first, gates(counts([[[40, 20, 20]]], [[[0, 0, 0]]])))


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"share_known": 1.1}, "share_known == 1.1"),
        ({"smallest_group": 0}, "smallest_group == 0"),
        ({"smallest_group": True}, "smallest_group == True"),
        ({"fewest_groups": 1}, "fewest_groups == 1"),
    ],
)
def test_rules_that_are_none(rule: dict[str, Any], told: str) -> None:
    with pytest.raises(ArgumentError, match=told):
        GateRules(**rule)


def test_regions_below_the_gates_are_listed(regions: Any) -> None:
    table, found = regions.now, regions.passed_now
    assert dict(zip(table.indicators, found.ok.sum(axis=0).tolist(), strict=True)) == {
        "amb_visit": 294,
        "hba1c": 267,
        "eye_exam": 267,
        "ldl": 267,
        "mammogram": 239,
    }
    listed = refusals(table, found)
    assert len({(one.provider, one.indicator) for one in listed}) == (~found.ok).sum() == 196
    small = [one for one in listed if one.reason == "small group"]
    # By the publisher's own rows: black patients from 14 to 29.
    few = (table.patients > 0) & (table.patients < 30)
    assert len(small) == few.sum()
    assert {one.group for one in small} == {"black"}
