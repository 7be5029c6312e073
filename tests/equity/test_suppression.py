from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from tests.equity_data import count_tables, counts, means
from xl_qbs.equity.group_table import GroupMeans, GroupTable
from xl_qbs.equity.suppression import Suppression, SuppressionRules, suppress
from xl_qbs.errors import ArgumentError

LEAST = 11


def most_possible(table: GroupTable, found: Suppression, i: int, rules: SuppressionRules) -> list[tuple[float, ...]]:
    """Return, for each small cell of an indicator, the count and the most it can be by all that is shown.

    The attacker knows every cell and total that is shown, that a cell left out has a patient at least, and that no
    more is done than there are patients: a linear program over patients and work done of the cells left out.
    """
    n, x = table.patients[:, i], table.counted[:, i]
    cells = [tuple(cell) for cell in np.argwhere(found.hidden[:, i])]
    size, equal, known = len(cells), [], []
    lines = []
    if rules.provider_totals:
        lines += [
            [k for k, (p, _) in enumerate(cells) if p == row] for row in np.flatnonzero(~found.totals_hidden[:, i])
        ]
    if rules.group_totals:
        lines += [[k for k, (_, g) in enumerate(cells) if g == column] for column in range(n.shape[1])]
    for line in lines:
        for offset, values in ((0, n), (size, x)):
            row = np.zeros(2 * size)
            row[[offset + k for k in line]] = 1
            equal.append(row)
            known.append(sum(values[cells[k]] for k in line))
    no_more_done = np.hstack([-np.eye(size), np.eye(size)])
    bounds = [(1, None)] * size + [(0, None)] * size

    def most(aim: Any) -> float:
        limits = {"A_eq": np.array(equal), "b_eq": known} if equal else {}
        answer = linprog(-aim, A_ub=no_more_done, b_ub=np.zeros(size), bounds=bounds, **limits)
        return np.inf if answer.status == 3 else -answer.fun

    outcome = []
    for k, cell in enumerate(cells):
        if found.exposed[cell[0], i, cell[1]]:
            continue
        for count, patients, done in ((n[cell], 1, 0), (x[cell], 0, 1), (n[cell] - x[cell], 1, -1)):
            if 0 < count < LEAST:
                aim = np.zeros(2 * size)
                aim[k], aim[size + k] = patients, done
                outcome.append((count, most(aim)))
    return outcome


TABLES = count_tables(most=(4, 1, 3), largest=80)


@settings(max_examples=150)
@given(TABLES, st.booleans(), st.booleans())
def test_no_small_count_can_be_worked_out(table: GroupTable, provider_totals: bool, group_totals: bool) -> None:
    rules = SuppressionRules(provider_totals=provider_totals, group_totals=group_totals)
    found = suppress(table, rules)
    assert (found.hidden | ~found.small).all()
    for count, most in most_possible(table, found, 0, rules):
        # Whatever is shown, it might be a count that need not be left out.
        assert most >= LEAST - 1e-6, (count, most)


@given(TABLES)
def test_what_is_shown_is_large_or_0(table: GroupTable) -> None:
    found = suppress(table)
    for values in (table.patients, table.counted, table.patients - table.counted):
        shown = values[~found.hidden]
        assert ((shown == 0) | (shown >= LEAST)).all()
    # An empty cell protects nothing and stays.
    assert not found.hidden[table.patients == 0].any()


def test_one_small_group_takes_three_more_cells_with_it() -> None:
    n = [[[5, 90, 300]], [[70, 60, 300]], [[90, 90, 300]]]
    found = suppress(counts(n, np.array(n) // 2))
    assert found.small.sum() == 1
    # The cheapest rectangle is by P2: 90 + 70 + 60, not by P3: 90 + 90 + 90.
    assert np.argwhere(found.hidden[:, 0]).tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert found.statistics_hidden[:, 0].tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("totals", "hidden"),
    [((True, False), [[0, 0], [0, 1]]), ((False, True), [[0, 0], [1, 0]]), ((False, False), [[0, 0]])],
)
def test_fewer_totals_need_fewer_cells(totals: tuple[bool, bool], hidden: list[list[int]]) -> None:
    n = [[[5, 90]], [[70, 60]], [[90, 90]]]
    found = suppress(counts(n, np.array(n) // 2), SuppressionRules(provider_totals=totals[0], group_totals=totals[1]))
    assert np.argwhere(found.hidden[:, 0]).tolist() == hidden
    assert not found.exposed.any()


def test_two_small_counts_do_not_hide_each_other() -> None:
    # 1 + 1 = 2: were only these two left out, the total would tell both.
    n = [[[1, 1, 200]], [[100, 100, 200]]]
    found = suppress(counts(n, np.zeros((2, 1, 3))))
    assert found.hidden[0, 0].tolist() == [True, True, True]


def test_a_provider_with_nothing_large_loses_its_total() -> None:
    n = [[[4, 3]], [[100, 90]], [[80, 120]]]
    found = suppress(counts(n, np.zeros((3, 1, 2))))
    assert found.hidden[0, 0].all()
    # Its total of 7, and that of another, or the grand total would tell it.
    assert found.totals_hidden[:, 0].tolist()[0]
    assert found.totals_hidden.sum() == 2
    assert not found.exposed.any()
    alone = suppress(counts([[[4, 300]]], [[[0, 100]]]))
    assert alone.exposed[0, 0].tolist() == [True, False]


def test_few_patients_left_to_serve_are_a_small_count_too() -> None:
    found = suppress(counts([[[50, 50]], [[50, 50]]], [[[45, 25]], [[25, 25]]]))
    assert found.small[0, 0].tolist() == [True, False]
    full = suppress(counts([[[50, 50]]], [[[50, 0]]]))
    assert not full.hidden.any()  # 0 may be shown


def test_means_have_patients_only() -> None:
    n = np.array([[[5.0, 50]], [[50, 50]]])
    table: GroupMeans = means(n, n, n)
    assert suppress(table).hidden.sum() == 4


def test_rules_that_are_none() -> None:
    with pytest.raises(ArgumentError, match="smallest_shown == 1"):
        SuppressionRules(smallest_shown=1)


def test_regions_lose_little(regions: Any) -> None:
    table = regions.now
    found = suppress(table)
    assert not found.exposed.any()
    assert not found.totals_hidden.any()
    n, x = table.patients, table.counted
    few = [(part > 0) & (part < LEAST) for part in (n, x, n - x)]
    assert found.small.sum() == np.any(few, axis=0).sum() == 82
    # Each small cell takes at most one more of its region, and three where it is alone.
    assert found.small.sum() < found.hidden.sum() <= 3 * found.small.sum()
    for i in range(5):
        for count, most in most_possible(table, found, i, SuppressionRules()):
            assert most >= LEAST - 1e-6, (count, most)
