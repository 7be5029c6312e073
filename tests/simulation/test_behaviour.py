from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.simulation.small import results, scored
from xl_qbs.diagnosis.need import patient_indicators
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.improvement import planned, points_per_patient
from xl_qbs.scoring.score import Result
from xl_qbs.simulation.behaviour import BEHAVIOURS, Behaviour, extra_patients, in_order, past_thresholds

ANY_BEHAVIOUR = st.sampled_from(BEHAVIOURS)


def open_in(result: Result) -> Any:
    return np.isin(result.scheme.codes, patient_indicators(result.scheme))


def budgets(result: Result) -> Any:
    return arrays.arrays(np.int64, len(result.table.providers), elements=st.integers(0, 60))


def totals(result: Result, extra: Any) -> dict[str, Any]:
    scores = planned(result, result.table.counted + extra)
    return {"current": scores.current.total, "need-adjusted": scores.need_adjusted.total}


# What is given out is what is served.


@given(results(), ANY_BEHAVIOUR, st.data())
def test_the_budget_is_served_and_nobody_twice(result: Result, behaviour: Behaviour, data: Any) -> None:
    budget = data.draw(budgets(result))
    extra = extra_patients(result, budget, behaviour)
    left = (result.table.target - result.table.counted) * open_in(result)
    assert (extra >= 0).all()
    assert (extra <= left).all()
    assert (extra.sum(axis=1) == np.minimum(budget, left.sum(axis=1))).all()


@given(results(), ANY_BEHAVIOUR)
def test_no_extra_patients_are_none(result: Result, behaviour: Behaviour) -> None:
    assert not extra_patients(result, 0, behaviour).any()


@given(results(), ANY_BEHAVIOUR)
def test_a_large_budget_serves_everybody(result: Result, behaviour: Behaviour) -> None:
    extra = extra_patients(result, 10**6, behaviour)
    assert (extra == (result.table.target - result.table.counted) * open_in(result)).all()


# Who chases a score does not end below spreading evenly.


@given(results(), st.data())
def test_who_chases_a_score_does_not_end_below_spreading_evenly(result: Result, data: Any) -> None:
    budget = data.draw(budgets(result))
    evenly = totals(result, extra_patients(result, budget, "proportional"))
    by_priority = totals(result, extra_patients(result, budget, "priority"))
    for behaviour, score in (("chase-current", "current"), ("chase-adjusted", "need-adjusted")):
        chased = totals(result, extra_patients(result, budget, behaviour))[score]  # type: ignore[arg-type]
        assert (chased >= evenly[score] - 2e-9).all()
        assert (chased >= by_priority[score] - 2e-9).all()


@settings(max_examples=25)
@given(results(most_lists=2, most_indicators=3, most_patients=6), st.integers(0, 8))
def test_both_chasing_behaviours_are_the_best_of_all_ways_to_serve(result: Result, budget: int) -> None:
    left = ((result.table.target - result.table.counted) * open_in(result)).astype(int)
    for behaviour, score in (("chase-current", "current"), ("chase-adjusted", "need-adjusted")):
        found = totals(result, extra_patients(result, budget, behaviour))[score]  # type: ignore[arg-type]
        for row, most in enumerate(left):
            for way in product(*(range(one + 1) for one in most)):
                if sum(way) <= budget:
                    extra = np.zeros_like(left)
                    extra[row] = way
                    assert found[row] >= totals(result, extra)[score][row] - 2e-9


def test_the_reports_family_doctor() -> None:
    # Seed 002, introduction: 100 of 200 served in one domain, 2 of 3 in another; a threshold of 76 %.
    result = scored([[200, 3]], [[100, 2]], [65, 20], [0.76, 0.76])
    assert extra_patients(result, 1, "chase-current").tolist() == [[0, 1]]
    assert extra_patients(result, 1, "proportional").tolist() == [[1, 0]]
    # "They may not achieve the threshold for the first domain by treating even 50 additional patients": 52 would do.
    fifty = totals(result, extra_patients(result, 50, "chase-current"))["current"]
    assert fifty.tolist() == [20]
    assert extra_patients(result, 53, "chase-current").tolist() == [[52, 1]]


def test_chasing_current_leaves_out_what_is_out_of_reach() -> None:
    points = np.array([175.0, 65.0])
    # 175 points are 30 patients away: with 20, the smaller threshold, and the rest where most are unserved.
    assert past_thresholds(np.array([[90, 10]]), np.array([[30, 4]]), points, np.array([20])).tolist() == [[15, 5]]


def test_priority_is_by_points_unless_an_order_is_given() -> None:
    result = scored([[10, 10, 10]], [[0, 0, 0]], [10, 65, 20], [0.7, 0.7, 0.7])
    assert extra_patients(result, 15, "priority").tolist() == [[0, 10, 5]]
    assert extra_patients(result, 15, "priority", order=["i3"]).tolist() == [[5, 0, 10]]
    assert extra_patients(result, 15, "priority", order=["i3", "i2"]).tolist() == [[0, 5, 10]]


def test_extra_patients_are_served_where_patients_are_counted(real_2019: Result) -> None:
    codes = real_2019.scheme.codes
    for behaviour in BEHAVIOURS:
        extra = extra_patients(real_2019, 30, behaviour)
        assert extra[:, codes.index("hypr1")].sum() == 0
    everywhere = extra_patients(real_2019, 30, "proportional", indicators=codes)
    assert everywhere[:, codes.index("hypr1")].sum() > 0
    only = extra_patients(real_2019, 30, "chase-current", indicators=["diab"])
    assert only.sum() == only[:, codes.index("diab")].sum() > 0


@given(results(), st.data())
def test_chasing_adjusted_serves_the_dearest_first(result: Result, data: Any) -> None:
    budget = data.draw(budgets(result))
    extra = extra_patients(result, budget, "chase-adjusted")
    rate = points_per_patient(result.table.target, result.weights, result.prior.strength)
    left = (result.table.target - result.table.counted) * open_in(result) - extra
    for row in range(len(budget)):
        served, unserved = rate[row][extra[row] > 0], rate[row][left[row] > 0]
        if len(served) and len(unserved):
            assert served.min() >= unserved.max()


def test_in_order_with_a_row_of_nobody() -> None:
    unmet = np.array([[0, 0], [3, 1]])
    assert in_order(unmet, np.array([0, 4]), np.array([[0, 1], [1, 0]])).tolist() == [[0, 0], [3, 1]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"behaviour": "greedy"},
            "behaviour == 'greedy', must be one of chase-current, chase-adjusted, proportional, priority",
        ),
        ({"behaviour": "priority", "order": ["i9", "i1"]}, "order: i9 not in the scheme"),
        ({"behaviour": "priority", "indicators": ["i8", "i9"]}, "indicators: i8, i9 not in the scheme"),
        (
            {"behaviour": "priority", "indicators": []},
            "indicators: none counts patients, so name those in which more can be served",
        ),
    ],
)
def test_options_that_are_none_are_refused(options: Any, message: str) -> None:
    result = scored([[10]], [[5]], [10], [0.7])
    with pytest.raises(ArgumentError) as caught:
        extra_patients(result, 1, **options)
    assert str(caught.value) == message


# The real lists.


def test_real_lists_chase_no_lower_than_they_spread(real_2019: Result) -> None:
    codes = real_2019.scheme.codes
    for patients in (1, 20, 100):
        for allowed in (None, codes):
            evenly = totals(real_2019, extra_patients(real_2019, patients, "proportional", indicators=allowed))
            for behaviour, score in (("chase-current", "current"), ("chase-adjusted", "need-adjusted")):
                extra = extra_patients(real_2019, patients, behaviour, indicators=allowed)  # type: ignore[arg-type]
                assert (totals(real_2019, extra)[score] >= evenly[score] - 2e-9).all()
