from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.stats import spearmanr

from xl_qbs.errors import ArgumentError
from xl_qbs.scheme import Band, Indicator, Scheme
from xl_qbs.scoring.credit import THRESHOLD_GUARD, proportional_credit, threshold_credit
from xl_qbs.scoring.improvement import (
    SCORE_NAMES,
    NextStep,
    coverage_places,
    next_steps,
    patients_to_threshold,
    planned,
    points_per_patient,
    points_per_patient_current,
    points_per_patient_proportional,
    potential_points,
    potential_points_current,
    potential_points_proportional,
    year_change,
)
from xl_qbs.scoring.method import Method
from xl_qbs.scoring.score import Result, ThreeScores, score
from xl_qbs.scoring.table import Array, Table

MOST = 2000


def whole(values: Any) -> list[int]:
    """Round to whole numbers, halves up, as the report prints them."""
    return np.floor(np.asarray(values).ravel() + 0.5).astype(int).tolist()


def scheme_of(size: int) -> Scheme:
    """A scheme of so many indicators, with ties in points."""
    indicators = tuple(
        Indicator(f"i{number}", "II", f"Indicator {number}", 10 + number // 2, 0.7, weight=number)
        for number in range(1, size + 1)
    )
    return Scheme("small", indicators, (Band(0, "low"), Band(0.8, "high")))


def table_of(done: Any, target: Any, **fields: Any) -> Table:
    done, target = np.array(done, dtype=float), np.array(target, dtype=float)
    lists, size = target.shape
    codes = tuple(f"i{one}" for one in range(1, size + 1))
    return Table(tuple(f"N{one}" for one in range(lists)), codes, target, done, **fields)


@st.composite
def results(draw: st.DrawFn) -> Result:
    """Draw scored lists: nobody eligible here and there, more done than the target, all kinds of priors and limits."""
    lists, size = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    target = draw(arrays.arrays(np.int64, (lists, size), elements=st.integers(0, 60)))
    target[0] += 1
    done = draw(arrays.arrays(np.int64, (lists, size), elements=st.integers(0, 61)))
    strength = st.one_of(st.floats(0, 1e4), st.just(0.0), st.just(np.inf))
    prior_values = {f"i{one}": (draw(st.floats(0, 1)), draw(strength)) for one in range(1, size + 1)}
    lower, upper = draw(st.sampled_from([(0.0, 1.0), (0.4, 0.9), (0.25, 0.5), (0.0, 0.1)]))
    method = Method(prior="fixed", prior_values=prior_values, weights="own", lower_limit=lower, upper_limit=upper)
    return score(table_of(done, target), scheme_of(size), method)


def changes(result: Result, scores: ThreeScores) -> dict[str, Array]:
    """The change of each score, by the name that `next_steps` knows it by."""
    return {
        "need-adjusted": scores.need_adjusted.total - result.need_adjusted.total,
        "proportional": scores.proportional.total - result.proportional.total,
        "current": scores.current.total - result.current.total,
    }


# The report's Tables 3 and 4.


@pytest.fixture
def two_years(printed_rows: Any, diabetes: Scheme) -> tuple[Result, Result]:
    """Tables 3 and 4 scored, each with the prior of its own four lists."""
    scored = []
    for year in (2018, 2019):
        rows = [row for row in printed_rows if row.year == year]
        target, done = np.array([[float(row.target)] for row in rows]), np.array([[float(row.done)] for row in rows])
        table = Table(tuple(row.provider for row in rows), ("diab",), target, done, period=str(year))
        scored.append(score(table, diabetes, prior="report", weights="own"))
    return scored[0], scored[1]


def test_table_4_needs_the_prior_of_its_own_year(two_years: Any, printed_rows: Any) -> None:
    before, after = two_years
    later = [row for row in printed_rows if row.year == 2019]
    assert whole(100 * after.adjusted) == [row.adjusted_percent for row in later] == [70, 50, 74, 78]
    assert whole(after.need_adjusted.total) == [row.pc_adjusted_score for row in later] == [47, 34, 50, 53]
    held = planned(before, after.table.done)
    assert whole(held.need_adjusted.total) == [41, 32, 49, 51]
    # In exact arithmetic: 68 (x + 27.75) / (n + 46.875).
    exact = [68 * (Fraction(row.done) + Fraction("27.75")) / (row.target + Fraction("46.875")) for row in later]
    assert held.need_adjusted.total == pytest.approx([float(one) for one in exact], abs=1e-9)
    # What is not re-estimated comes out as printed either way.
    assert held.current.total.tolist() == [row.current_score for row in later]
    assert held.proportional.total.tolist() == after.proportional.total.tolist()


def test_provider_a_of_table_4_gains_by_the_others_work_alone(two_years: Any) -> None:
    change = year_change(*two_years)
    assert change.providers == ("A", "B", "C", "D")
    assert change.own[0] == 0
    # 68 (32.125 - 27.75) / (2 + 46.875); the table prints 41 and 47.
    assert change.score[0] == pytest.approx(68 * 4.375 / 48.875, abs=1e-8)
    # The others' own work: 68 for each patient more, over n + M.
    assert change.own[1:] == pytest.approx([68 * 10 / 144.875, 68 * 15 / 199.875, 68 * 10 / 168.875], abs=1e-8)
    assert change.adjusted[:, 0] * 68 == pytest.approx(change.score, abs=1e-8)
    assert change.relative_rank.tolist() == [0, 0, 0, 0]


def test_next_steps_of_the_four_providers(two_years: Any) -> None:
    before, after = two_years
    assert next_steps(before, "A") == ()
    assert next_steps(before, "D") == (NextStep("diab", 32, 68 / 168.875, 68 / 168.875 * 32, 3),)
    assert next_steps(before, "D", "current") == (NextStep("diab", 32, 0, 65, 3),)
    # C serves 15 more and is still 2 short of 76 % of 153: 17 were missing.
    assert [next_steps(year, "C")[0].missing for year in (before, after)] == [17, 2]
    assert [next_steps(year, "B")[0].missing for year in (before, after)] == [45, 35]
    assert next_steps(after, "D")[0].missing == 0
    proportional = next_steps(before, "D", "proportional")[0]
    assert proportional.points == pytest.approx(65 / 122, abs=1e-12)
    assert proportional.potential == pytest.approx(65 * 32 / 122, abs=1e-12)


def test_the_reports_examples_of_what_a_patient_is_worth() -> None:
    # Seed 002, Part B: 70 of 100 and 7 of 10; one of 80 patients is worth 1/8 of one of 10.
    assert patients_to_threshold(0, [100, 10], 0.7).tolist() == [70, 7]
    of_80, of_10 = points_per_patient_proportional(0, [80, 10], 65)
    assert of_80 / of_10 == 0.125


def test_most_patients_and_least_coverage_is_the_potential_of_the_four_but_not_the_next_patient(two_years: Any) -> None:
    table = two_years[0].table
    target, done = table.target[:, 0], table.done[:, 0]
    potential = potential_points(done, target, 68, 46.875)
    assert np.array(table.providers)[np.argsort(-potential)].tolist() == ["B", "C", "D", "A"]
    rate = points_per_patient(target, 68, 46.875)
    assert np.array(table.providers)[np.argsort(-rate)].tolist() == ["A", "B", "D", "C"]


# Patients missing to the threshold.


def test_patients_missing_are_exact_for_every_whole_percent() -> None:
    target = np.arange(1, MOST + 1)
    for percent in range(101):
        assert (patients_to_threshold(0, target, percent / 100) == -(-percent * target // 100)).all(), percent


def test_patients_missing_are_exact_for_the_schemes_required_coverage(printed_indicators: Any) -> None:
    for text in sorted({indicator.required_coverage for indicator in printed_indicators}):
        for target in range(1, 200):
            done = np.arange(target + 1)
            expected = np.maximum(ceil(Fraction(text) * target) - done, 0)
            assert (patients_to_threshold(done, target, float(text)) == expected).all(), (text, target)


# Also such required coverage whose product with n is a whole number but for the guard.
REQUIRED = st.one_of(
    st.floats(0, 1),
    st.integers(0, 1000).map(lambda thousandths: thousandths / 1000),
    st.tuples(st.integers(0, 300), st.sampled_from([-2.0, -1.0, -0.5, 0.5, 1.0, 2.0])).map(
        lambda one: min(max((one[0] + one[1] * THRESHOLD_GUARD) / 300, 0.0), 1.0)
    ),
)


@given(st.integers(0, 400), st.one_of(st.just(300), st.integers(1, 400), st.integers(1, 10**9)), REQUIRED)
def test_so_many_more_earn_the_credit_and_one_fewer_does_not(done: int, target: int, required: float) -> None:
    missing = float(patients_to_threshold(done, target, required))
    assert missing == int(missing)
    assert 0 <= missing <= max(target - done, 0)
    counted = min(done, target)
    assert threshold_credit(counted + missing, target, required) == 1
    if missing:
        assert threshold_credit(counted + missing - 1, target, required) == 0


def test_nobody_eligible_misses_nobody_and_gains_nothing() -> None:
    assert patients_to_threshold([0, 3], 0, [0.7, 0.0]).tolist() == [0, 0]
    assert points_per_patient_current(0, 0, 65, 0.7) == potential_points_current(0, 0, 65, 0.7) == 0
    assert points_per_patient_proportional(0, 0, 65) == potential_points_proportional(0, 0, 65) == 0
    assert potential_points(0, 0, 65, 10) == potential_points(0, 0, 65, 0) == 0
    # The rate is that of a patient if there were one; without any strength there is none.
    assert points_per_patient([0, 0], 65, [10, 0]).tolist() == [6.5, 0]


def test_an_infinite_strength_makes_no_patient_count() -> None:
    assert points_per_patient([0, 5], 65, np.inf).tolist() == [0, 0]
    assert potential_points(0, [0, 5], 65, np.inf).tolist() == [0, 0]


def test_more_done_than_target_leaves_nobody_to_serve() -> None:
    assert patients_to_threshold(9, 5, 1.0) == 0
    assert potential_points(9, 5, 65, 10) == potential_points_proportional(9, 5, 65) == 0
    assert potential_points_current(9, 5, 65, 1.0) == points_per_patient_current(9, 5, 65, 1.0) == 0
    assert points_per_patient_proportional(9, 5, 65) == 0
    # Nobody is left, and the rate is a rate still.
    assert points_per_patient(5, 65, 8) == 5


# One more patient, and all of them.


@given(results(), st.data())
def test_points_of_a_next_step_are_what_one_more_patient_gives(result: Result, data: Any) -> None:
    row = data.draw(st.integers(0, len(result.table.providers) - 1))
    for name in SCORE_NAMES:
        for step in next_steps(result, result.table.providers[row], name):
            done = result.table.counted
            done[row, result.scheme.codes.index(step.indicator)] += 1
            gained = changes(result, planned(result, done))[name]
            assert gained[row] == pytest.approx(step.points, abs=3e-9)
            assert (np.delete(gained, row) == 0).all()


@given(results())
def test_potentials_are_what_serving_everyone_gives(result: Result) -> None:
    everyone = changes(result, planned(result, result.table.target))
    for name in SCORE_NAMES:
        for provider, gained in zip(result.table.providers, everyone[name], strict=True):
            steps = next_steps(result, provider, name)
            assert gained == pytest.approx(sum(step.potential for step in steps), abs=3e-9)
            assert all(-1e-12 <= step.points <= step.potential + 1e-9 for step in steps)


@given(results(), st.sampled_from(SCORE_NAMES))
def test_steps_are_of_the_indicators_with_patients_left_and_in_order(result: Result, name: Any) -> None:
    codes = result.scheme.codes
    for row, provider in enumerate(result.table.providers):
        steps = next_steps(result, provider, name)
        left = (result.table.target - result.table.counted)[row]
        assert {step.indicator: step.patients for step in steps} == {
            code: count for code, count in zip(codes, left, strict=True) if count > 0
        }
        keys = [(-round(one.points, 9), -round(one.potential, 9), codes.index(one.indicator)) for one in steps]
        assert keys == sorted(keys)


@given(st.integers(0, 300), st.integers(1, 300), st.floats(0, 0.99), st.floats(0.01, 1), st.floats(0, 500))
def test_the_proportional_rate_is_exact_away_from_the_limits(
    done: int, target: int, lower: float, width: float, points: float
) -> None:
    upper = min(lower + width, 1.0)
    before, after = proportional_credit([done, done + 1], target, lower, upper)
    rate = float(points_per_patient_proportional(done, target, points, lower, upper))
    share = min(done, target) / target
    if share < lower or share >= upper:
        assert rate == 0
    elif (done + 1) / target <= upper:
        assert rate == pytest.approx(points * (after - before), abs=1e-9)
    else:
        assert rate >= points * (after - before) - 1e-9


def test_who_passes_a_limit_earns_otherwise_than_the_rate() -> None:
    # 39 of 100 to 40 passes from below; 8 of 9 (88.9 %) has a ninth to go but only 1.1 % of credit.
    assert points_per_patient_proportional([39, 40, 89, 90], 100, 50, 0.4, 0.9) == pytest.approx([0, 1, 1, 0], abs=1e-9)
    assert points_per_patient_proportional([3, 8], 9, 45, 0.4, 0.9) == pytest.approx([0, 10], abs=1e-9)
    method = Method(prior="fixed", prior_values={"i1": (0.5, 1.0)}, weights="own", lower_limit=0.4, upper_limit=0.9)
    result = score(table_of([[3], [8]], [[9], [9]]), scheme_of(1), method)
    points = [next_steps(result, provider, "proportional")[0].points for provider in ("N0", "N1")]
    assert points == pytest.approx([10 * (4 / 9 - 0.4) / 0.5, 10 * (0.9 - 8 / 9) / 0.5], abs=1e-9)


def test_equal_points_go_by_potential_and_then_by_the_schemes_order() -> None:
    # Weights 1, 2, 3, 4 over n + M: 1/10.1, 2/20.2, 3/30.3 and 4/40.4, of which the third is less by its last bit.
    prior_values = {"i1": (0.5, 0.1), "i2": (0.5, 10.2), "i3": (0.5, 20.3), "i4": (0.5, 30.4)}
    table = table_of([[6, 6, 2, 5]], [[10, 10, 10, 10]])
    result = score(table, scheme_of(4), prior="fixed", prior_values=prior_values, weights="own")
    steps = next_steps(result, "N0")
    assert steps[0].points < steps[1].points
    assert [step.indicator for step in steps] == ["i3", "i4", "i1", "i2"]


def test_points_are_before_the_coefficient_and_planned_scores_after_it() -> None:
    table = table_of([[6, 0]], [[10, 10]], coefficient=np.array([1.5]))
    result = score(table, scheme_of(2), prior="fixed", prior_values={"i1": (0.5, 1), "i2": (0.5, 1)}, weights="own")
    assert next_steps(result, "N0", "current")[0] == NextStep("i1", 4, 10, 10, 1)
    assert planned(result, [[7, 0]]).current.total.tolist() == [15]


def test_arrays_broadcast() -> None:
    target, done = np.array([[10.0, 20.0], [0.0, 40.0]]), np.array([[1.0, 2.0], [0.0, 50.0]])
    for values in (
        points_per_patient(target, [1, 2], [3, np.inf]),
        points_per_patient_proportional(done, target, [1, 2], [0, 0.1], [0.9, 1]),
        points_per_patient_current(done, target, [1, 2], [0.7, 0.8]),
        patients_to_threshold(done, target, [0.7, 0.8]),
        potential_points(done, target, [1, 2], [3, np.inf]),
        potential_points_proportional(done, target, [1, 2], [0, 0.1], [0.9, 1]),
        potential_points_current(done, target, [1, 2], [0.7, 0.8]),
    ):
        assert values.shape == (2, 2)
        assert np.isfinite(values).all()


# What is refused.


@pytest.mark.parametrize("wrong", [-1, np.nan, np.inf, "many"])
def test_points_and_weights_that_are_none_are_refused(wrong: Any) -> None:
    text = "must be numbers" if wrong == "many" else "must be numbers from 0, none missing"
    for function in (
        lambda: points_per_patient_proportional(1, 2, wrong),
        lambda: points_per_patient_current(1, 2, wrong, 0.7),
        lambda: potential_points_proportional(1, 2, wrong),
        lambda: potential_points_current(1, 2, wrong, 0.7),
    ):
        with pytest.raises(ArgumentError) as caught:
            function()
        assert str(caught.value) == f"points: {text}"
    for function in (lambda: points_per_patient(2, wrong, 1), lambda: potential_points(1, 2, wrong, 1)):
        with pytest.raises(ArgumentError) as caught:
            function()
        assert str(caught.value) == f"weight: {text}"


@pytest.mark.parametrize("wrong", [-1, np.nan])
def test_strengths_and_counts_that_are_none_are_refused(wrong: float) -> None:
    with pytest.raises(ArgumentError, match="strength: must be numbers from 0, none missing"):
        points_per_patient(2, 1, wrong)
    with pytest.raises(ArgumentError, match="target: must be numbers from 0, none missing"):
        points_per_patient(wrong, 1, 1)
    for function in (
        lambda: potential_points(wrong, 2, 1, 1),
        lambda: patients_to_threshold(wrong, 2, 0.5),
        lambda: points_per_patient_proportional(wrong, 2, 1),
        lambda: potential_points_proportional(wrong, 2, 1),
    ):
        with pytest.raises(ArgumentError, match="done: must be numbers from 0, none missing"):
            function()


@pytest.mark.parametrize("required", [-0.1, 1.1, 76, np.nan, np.inf])
def test_a_required_coverage_that_is_none_is_refused(required: float) -> None:
    with pytest.raises(ArgumentError) as caught:
        patients_to_threshold([1], [2], required)
    assert str(caught.value) == "required_coverage: must be shares from 0 to 1, none missing"


def test_limits_that_are_none_are_refused() -> None:
    for function in (points_per_patient_proportional, potential_points_proportional):
        with pytest.raises(ArgumentError, match="limits: must be 0 <= lower < upper <= 1"):
            function(1, 2, 10, 0.5, 0.5)


def test_an_unknown_list_or_score_is_refused(two_years: Any) -> None:
    with pytest.raises(ArgumentError) as caught:
        next_steps(two_years[0], "E")
    assert str(caught.value) == "provider == 'E', must be a list of the table"
    with pytest.raises(ArgumentError) as caught:
        next_steps(two_years[0], "A", "need_adjusted")  # type: ignore[arg-type]
    assert str(caught.value) == "scheme == 'need_adjusted', must be one of need-adjusted, proportional, current"


@pytest.mark.parametrize(
    ("done", "message"),
    [
        ([2, 30, 100, 90], "done: shape is (4,), must be (4, 1) (providers, indicators)"),
        ([[2], [30], [-1], [90]], "done: -1.0 for C, diab; must be a whole number from 0"),
        ([[2], [30], [0.5], [90]], "done: 0.5 for C, diab; must be a whole number from 0"),
        ([[2], [30], [np.nan], [90]], "done: nan for C, diab; must be a whole number from 0"),
        ([["a"], ["b"], ["c"], ["d"]], "done: must be numbers"),
    ],
)
def test_planned_work_that_is_none_is_refused_with_its_place(two_years: Any, done: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        planned(two_years[0], done)
    assert str(caught.value) == message


def test_years_that_cannot_be_compared_are_refused(two_years: Any) -> None:
    before, after = two_years
    strangers = score(replace(after.table, providers=("E", "F", "G", "H")), after.scheme, weights="own")
    with pytest.raises(ArgumentError, match="no list is in both years"):
        year_change(before, strangers)
    other = score(table_of([[1], [1]], [[2], [2]]), scheme_of(1), weights="own")
    with pytest.raises(ArgumentError, match="the two years differ in their indicators"):
        year_change(before, other)


# The real lists.


@pytest.fixture(scope="module")
def real(table_2019: Table) -> Result:
    return score(table_2019)


def test_planned_without_a_change_is_the_result(real: Result) -> None:
    for method in (Method(), Method(prior="moments", lower_limit=0.4, upper_limit=0.9)):
        result = score(real.table, method=method)
        for name, scores in planned(result, result.table.done)._asdict().items():
            before = getattr(result, name)
            for part in ("points", "total", "rank", "relative_rank", "band"):
                assert getattr(scores, part).tolist() == getattr(before, part).tolist(), (name, part)


def test_real_patients_missing_turn_the_credit(real: Result) -> None:
    done, target, required = real.table.counted, real.table.target, real.scheme.required_coverage
    missing = patients_to_threshold(done, target, required)
    assert (missing == np.floor(missing)).all()
    assert (threshold_credit(done + missing, target, required)[target > 0] == 1).all()
    some = missing > 0
    assert (threshold_credit(np.where(some, done + missing - 1, 0), target, required)[some] == 0).all()
    # In whole percents, exact in integers.
    percents = np.round(100 * np.array(required))
    assert (missing == np.maximum(np.ceil((percents * target - 100 * done) / 100), 0)).all()
    # Recorded: places below the required coverage, and those one patient short of it.
    assert (int(some.sum()), int((missing == 1).sum())) == (3087, 487)
    gained = planned(real, done + (missing == 1)).current.total - real.current.total
    earned = points_per_patient_current(done, target, real.scheme.points, required)
    assert gained == pytest.approx(earned.sum(axis=1), abs=1e-9)


def correlation(one: Array, other: Array) -> float:
    return float(spearmanr(one, other).statistic)


def test_one_more_patient_earns_most_where_few_are_and_potential_is_where_most_are_unserved(real: Result) -> None:
    # METHODS section 4, of the report's "most patients and the least coverage".
    target, left = real.table.target, real.table.target - real.table.counted
    rate = points_per_patient(target, real.weights, real.prior.strength)
    potential = potential_points(real.table.done, target, real.weights, real.prior.strength)
    columns = range(target.shape[1])
    assert [correlation(rate[:, one], target[:, one]) for one in columns] == pytest.approx([-1] * 11, abs=1e-12)
    assert all(correlation(rate[:, one], left[:, one]) < 0 for one in columns)
    with_unmet = [correlation(potential[:, one], left[:, one]) for one in columns]
    assert (round(min(with_unmet), 2), round(max(with_unmet), 2)) == (0.90, 0.99)
    # The least coverage: among the lists of an indicator.
    some = target > 0
    raw = [correlation(potential[some[:, one], one], real.coverage[some[:, one], one]) for one in columns]
    assert max(raw) < -0.7
    # Among the indicators of one list: by the unmet need, not by how many patients there are.
    mean = {
        (name, against): np.mean([correlation(*pair) for pair in zip(values, by, strict=True)])
        for name, values in (("rate", rate), ("potential", potential))
        for against, by in (("target", target), ("left", left))
    }
    assert {key: round(float(value), 2) for key, value in mean.items()} == {
        ("rate", "target"): -0.69,
        ("rate", "left"): -0.45,
        ("potential", "target"): 0.02,
        ("potential", "left"): 0.54,
    }


def test_the_first_step_is_seldom_the_largest_potential(real: Result) -> None:
    both = places = 0
    for provider in real.table.providers:
        steps = next_steps(real, provider)
        places += len(steps)
        both += bool(steps) and steps[0].potential == max(step.potential for step in steps)
    # docs/methods.md counts the same places.
    assert places == 7734
    assert both == 52  # of 781


def test_much_of_the_change_from_2019_to_2020_is_not_the_lists_own(real: Result, table_2020: Table) -> None:
    after = score(table_2020)
    change = year_change(real, after)
    assert len(change.providers) == 778
    assert change.adjusted.shape == (778, 11)
    one = change.providers[-1]
    first, second = real.table.providers.index(one), after.table.providers.index(one)
    assert change.score[-1] == after.need_adjusted.total[second] - real.need_adjusted.total[first]
    assert change.adjusted[-1].tolist() == (after.adjusted[second] - real.adjusted[first]).tolist()
    rank = after.need_adjusted.relative_rank[second] - real.need_adjusted.relative_rank[first]
    assert change.relative_rank[-1] == rank
    # Own counts of 2020 under the prior and the weights of 2019, by scoring with both fixed.
    codes = real.scheme.codes
    prior_values = {code: (mean, strength) for code, mean, strength in zip(codes, *real.prior, strict=True)}
    own_weights = dict(zip(codes, real.weights, strict=True))
    held = score(table_2020, prior="fixed", prior_values=prior_values, weights="own", own_weights=own_weights)
    assert change.own[-1] == held.need_adjusted.total[second] - real.need_adjusted.total[first]
    # Recorded: scores fell by 33 points, of which 14 are the prior and the weights of another year.
    assert round(float(change.score.mean()), 1) == -33.4
    assert round(float(change.own.mean()), 1) == -19.0


@given(results())
def test_places_by_coverage_are_one_more_than_the_lists_with_more(result: Result) -> None:
    places = coverage_places(result)
    for row in range(len(result.table.providers)):
        for column in range(len(result.scheme.codes)):
            own = result.adjusted[row, column]
            assert places[row, column] == 1 + sum(one > own + 1e-9 for one in result.adjusted[:, column])


def test_places_by_coverage_do_not_go_by_the_last_bits() -> None:
    # (1 + 5) / 15 twice and, with other counts, the same 0.4 by another quotient; then more, and nobody to serve.
    table = table_of([[1], [1], [5], [9], [0]], [[5], [5], [15], [10], [0]])
    result = score(table, scheme_of(1), prior="fixed", prior_values={"i1": (0.5, 10.0)}, weights="own")
    assert coverage_places(result).ravel().tolist() == [3, 3, 3, 1, 2]
