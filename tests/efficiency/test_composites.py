from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.real_data import real_table
from xl_qbs.efficiency.composites import all_or_none, five_gate, gate, opportunity, weighted
from xl_qbs.errors import ArgumentError, DataError


def test_all_or_none_by_hand() -> None:
    # A: one complete of two; B: its first patient was due only what was done, its second nothing.
    done = [[1, 1], [1, 0], [1, 0], [0, 0]]
    eligible = [[1, 1], [1, 1], [1, 0], [0, 0]]
    result = all_or_none(["A", "A", "B", "B"], done, eligible)
    assert result.providers == ("A", "B")
    assert result.score.tolist() == [0.5, 1]
    assert result.eligible.tolist() == [2, 1]


@given(st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_all_or_none_is_never_above_any_measure(measures: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    provider, done = rng.integers(0, 3, 40), rng.integers(0, 2, (40, measures))
    result = all_or_none(provider, done)
    for name, score in zip(result.providers, result.score, strict=True):
        assert score <= done[provider == name].mean(axis=0).min() + 1e-12
    # The lower end of nothing done is 0 but for its last bits.
    assert (result.interval.low <= result.score + 1e-15).all()


def test_opportunity_by_hand() -> None:
    # 8 of 10 and 30 of 90: 38 of 100, though the mean of the two rates is .57; more than all counts as all.
    result = opportunity([[8, 30], [12, 0]], [[10, 90], [10, 10]])
    assert result.score.tolist() == [0.38, 0.5]
    # Wilson's interval of 38/100.
    assert (result.interval.low[0], result.interval.high[0]) == pytest.approx((0.29098, 0.47790), abs=5e-6)


def test_opportunity_of_real_lists(shared: Any) -> None:
    table = real_table(shared, 2019)
    result = opportunity(table.done, table.target)
    rates = table.done.sum(axis=1) / table.target.sum(axis=1)
    assert result.score == pytest.approx(np.minimum(rates, 1), abs=0.01)
    # Prescriptions (hypr1) are most of what is counted, so they decide it: a reason not to use it here.
    assert np.corrcoef(result.score, table.done[:, 5] / table.target[:, 5])[0, 1] > 0.7


def test_outcomes_count_three_times() -> None:
    # (3 * .9 + .5 + .1) / 5.
    assert weighted([[0.9, 0.5, 0.1]], [True, False, False]).tolist() == pytest.approx([0.66])
    assert weighted([[0.9, np.nan, 0.1]], [True, False, False]).tolist() == pytest.approx([0.7])
    assert np.isnan(weighted([[np.nan]], [True])).all()
    assert weighted([[0.9, 0.5]], [True, False], outcome_weight=1).tolist() == pytest.approx([0.7])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_gates_rise_with_the_rate(rates: list[float]) -> None:
    limits = [[0.2, 0.4, 0.6, 0.8, 0.9]]
    passed = gate(np.array(rates)[:, None], limits)[:, 0]
    assert (np.diff(passed[np.argsort(rates)]) >= 0).all()
    for rate, count in zip(rates, passed, strict=True):
        assert count == sum(rate + 1e-9 >= limit for limit in limits[0])


def test_five_gates_with_outcomes_three_times() -> None:
    limits = [[0.5, 0.6, 0.7, 0.8, 0.9], [0.1, 0.2, 0.3, 0.4, 0.5]]
    # At a gate it is passed: 3 of 5 for the process, 5 for the outcome: (3 + 3 * 5) / 4.
    assert five_gate([[0.7, 0.6]], limits, [False, True]).tolist() == [4.5]
    # 0.1 + 0.2 is .3 but for its last bits.
    assert gate([[0.9, 0.1 + 0.2]], limits).tolist() == [[5, 3]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: all_or_none(["A"], [[2]]), "done: must be 0 or 1"),
        (lambda: all_or_none(["A"], [[np.nan]]), "wherever the care was due"),
        (lambda: all_or_none(["A"], [1]), "patients by measures"),
        (lambda: opportunity([1], [1]), "providers by measures"),
        (lambda: opportunity([[-1]], [[1]]), "done: must be numbers from 0"),
        (lambda: weighted([[1]], [True, False]), "providers by 2 measures"),
        (lambda: weighted([[1]], [True], outcome_weight=0), "must be above 0"),
        (lambda: gate([[1]], [[1, 2, 3]]), "must be measures by 5"),
        (lambda: gate([[1]], [[1, 2, 3, 3, 5]]), "must rise for each measure"),
    ],
)
def test_what_is_refused(call: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        call()


def test_a_patient_without_a_provider() -> None:
    with pytest.raises(DataError, match="provider is missing in row 2"):
        all_or_none(["A", None], [[1], [1]])
