from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from xl_qbs.errors import ArgumentError
from xl_qbs.scheme import Indicator, Scheme
from xl_qbs.scoring.improvement import year_change
from xl_qbs.scoring.score import Result, score
from xl_qbs.scoring.table import Table
from xl_qbs.scoring.two_years import Standards, attainment_credit, improvement_credit, standards, two_years

FULL = Standards(np.array(0.0), np.array(1.0))


def whole(values: Any) -> list[int]:
    """Round to whole numbers, halves up, as the report prints them."""
    return np.floor(np.asarray(values).ravel() + 0.5).astype(int).tolist()


@pytest.fixture
def four_in_two_years(printed_rows: Any, diabetes: Scheme) -> tuple[Result, Result]:
    """Tables 3 and 4 scored, each with the prior of its own four lists."""
    scored = []
    for year in (2018, 2019):
        rows = [row for row in printed_rows if row.year == year]
        target, done = np.array([[float(row.target)] for row in rows]), np.array([[float(row.done)] for row in rows])
        table = Table(tuple(row.provider for row in rows), ("diab",), target, done, period=str(year))
        scored.append(score(table, diabetes, prior="report", weights="own"))
    return scored[0], scored[1]


# Table 4.


def test_table_4_comes_out_in_both_years_with_each_years_own_prior(four_in_two_years: Any, printed_rows: Any) -> None:
    before, after = four_in_two_years
    found = two_years(before, after, standard=FULL, floor=0, held=False)
    for year, adjusted, points in ((2018, found.before, found.earlier), (2019, found.after, found.total)):
        rows = [row for row in printed_rows if row.year == year]
        assert whole(100 * adjusted) == [row.adjusted_percent for row in rows]
        assert whole(points) == [row.pc_adjusted_score for row in rows]
    assert found.total.tolist() == after.need_adjusted.total.tolist()
    assert found.final.tolist() == found.total.tolist()


def test_with_the_first_years_prior_held_provider_a_gains_nothing(four_in_two_years: Any) -> None:
    before, after = four_in_two_years
    found = two_years(before, after, standard=FULL)
    assert whole(found.total) == [41, 32, 49, 51]
    assert found.total[0] == found.earlier[0]
    # What is left of the change is what `year_change` calls the list's own.
    change = year_change(before, after)
    assert found.total - found.earlier == pytest.approx(change.own, abs=1e-9)
    assert found.change.own.tolist() == change.own.tolist()


def test_improvement_counts_for_the_one_who_began_below_the_threshold(four_in_two_years: Any) -> None:
    before, after = four_in_two_years
    found = two_years(before, after, standard=Standards(np.array(0.55), np.array(0.9)))
    # B: from (30 + 27.75) / 144.875 to (40 + 27.75) / 144.875, of the way to .9.
    first, second = 57.75 / 144.875, 67.75 / 144.875
    assert found.attainment[1, 0] == 0
    assert found.improvement[1, 0] == pytest.approx((second - first) / (0.9 - first))
    assert found.by_improvement[:, 0].tolist() == [False, True, False, False]
    assert found.total[1] == pytest.approx(68 * (second - first) / (0.9 - first))
    assert found.earlier[1] == 0


# Standards and credit.


def test_standards_are_the_median_and_the_mean_of_the_best_tenth() -> None:
    target = np.full((20, 1), 100.0)
    done = np.arange(20.0)[:, None] * 5
    scheme = Scheme("one", (Indicator("a", "II", "A", 10, 0.7, weight=10),))
    table = Table(tuple(str(one) for one in range(20)), ("a",), target, done)
    result = score(table, scheme, prior="fixed", prior_values={"a": (0.5, 0)}, weights="own")
    found = standards(result)
    assert found.threshold.tolist() == pytest.approx([(0.45 + 0.5) / 2])
    assert found.benchmark.tolist() == pytest.approx([(0.90 + 0.95) / 2])
    assert standards(result, 1.0).benchmark.tolist() == pytest.approx([0.475])
    assert standards(result, 0.11).benchmark.tolist() == pytest.approx([0.90])


def test_lists_that_are_all_alike_have_one_standard_and_full_credit() -> None:
    scheme = Scheme("one", (Indicator("a", "II", "A", 10, 0.7, weight=10),))
    table = Table(("A", "B", "C"), ("a",), np.array([[10.0], [10], [10]]), np.array([[7.0], [7], [7]]))
    result = score(table, scheme, prior="fixed", prior_values={"a": (0.1, 3)}, weights="own")
    found = two_years(result, result)
    assert (found.standards.threshold == found.standards.benchmark).all()
    assert found.credit.tolist() == [[1.0], [1.0], [1.0]]


def test_credit_where_a_year_is_not_known() -> None:
    standard = Standards(np.array([0.5, 0.5]), np.array([0.9, 0.5]))
    assert np.isnan(attainment_credit(np.array([np.nan, np.nan]), standard)).all()
    assert improvement_credit(np.array([np.nan]), np.array([0.7]), np.array([0.9])).tolist() == [0.0]


# By property.

SHARES = arrays.arrays(float, 12, elements=st.floats(0, 1))


@given(SHARES, SHARES, st.floats(0, 1), st.floats(0, 1))
def test_improvement_is_the_better_one_only_where_the_first_year_was_below_the_threshold(
    before: Any, after: Any, one: float, other: float
) -> None:
    threshold, benchmark = min(one, other), max(one, other)
    standard = Standards(np.array(threshold), np.array(benchmark))
    attainment = attainment_credit(after, standard)
    improvement = improvement_credit(before, after, standard.benchmark)
    for credit in (attainment, improvement):
        assert ((credit >= 0) & (credit <= 1)).all()
    assert (before < threshold + 1e-9)[improvement > attainment + 1e-9].all()


@st.composite
def pairs_of_years(draw: st.DrawFn) -> tuple[Result, Result]:
    """Draw two years with some lists in both, a list new in the second and one gone after the first."""
    size = draw(st.integers(1, 4))
    scheme = Scheme(
        "two", tuple(Indicator(f"i{one}", "II", f"Indicator {one}", 10, 0.7, weight=one) for one in range(1, size + 1))
    )
    years = []
    for names in (("gone", "A", "B", "C"), ("C", "A", "new", "B")):
        target = draw(arrays.arrays(float, (4, size), elements=st.integers(0, 30)))
        target[1] += 1
        done = draw(arrays.arrays(float, (4, size), elements=st.integers(0, 31)))
        table = Table(names, scheme.codes, target, done)
        values = {code: (draw(st.floats(0, 1)), draw(st.floats(0, 100))) for code in scheme.codes}
        years.append(score(table, scheme, prior="fixed", prior_values=values, weights="own"))
    return years[0], years[1]


@settings(max_examples=40)
@given(pairs_of_years(), st.floats(0, 1), st.booleans())
def test_nobody_falls_below_the_floor_and_the_better_one_counts(pair: Any, floor: float, held: bool) -> None:
    before, after = pair
    found = two_years(before, after, floor=floor, held=held)
    assert found.providers == after.table.providers
    assert found.in_both.tolist() == [True, True, False, True]
    assert (found.credit == np.maximum(found.attainment, found.improvement)).all()
    assert found.points.sum(axis=1) == pytest.approx(found.total, abs=1e-9)
    known = found.in_both
    assert (found.final >= found.total).all()
    assert (found.final[known] >= floor * found.earlier[known]).all()
    assert ((found.final == found.total) | (found.final == found.floor)).all()
    assert (found.held_harmless == (found.floor > found.total)).all()
    # Who is new has attainment only.
    assert np.isnan(found.before[2]).all()
    assert np.isnan(found.earlier[2])
    assert np.isnan(found.reliability[2]).all()
    assert np.isnan(found.change_error[2]).all()
    assert found.improvement[2].tolist() == [0] * len(after.scheme.codes)
    assert (found.final[2], found.floor[2]) == (found.total[2], 0)
    assert ((found.reliability[known] >= 0) & (found.reliability[known] <= 1)).all()


@settings(max_examples=40)
@given(pairs_of_years(), st.data())
def test_more_work_in_the_second_year_never_lowers_the_points_when_all_is_held(pair: Any, data: Any) -> None:
    before, after = pair
    standard = standards(before)
    found = two_years(before, after, standard=standard)
    more = data.draw(arrays.arrays(float, after.table.done.shape, elements=st.integers(0, 5)))
    busier = score(replace(after.table, done=after.table.done + more), after.scheme, after.method)
    assert (two_years(before, busier, standard=standard).total >= found.total - 1e-9).all()


@settings(max_examples=40)
@given(pairs_of_years())
def test_no_patients_in_a_year_is_no_improvement(pair: Any) -> None:
    before, after = pair
    found = two_years(before, after)
    for row, provider in enumerate(found.providers):
        if provider in before.table.providers:
            first = before.table.target[before.table.providers.index(provider)]
            nobody = (first == 0) | (after.table.target[row] == 0)
            assert (found.improvement[row][nobody] == 0).all()


def test_an_infinite_strength_leaves_no_change_and_no_doubt() -> None:
    scheme = Scheme("one", (Indicator("a", "II", "A", 10, 0.7, weight=10),))
    method = {"prior": "fixed", "prior_values": {"a": (0.6, np.inf)}, "weights": "own"}
    years = [
        score(Table(("A", "B"), ("a",), np.array([[10.0], [20]]), np.array([[x], [x]])), scheme, **method)
        for x in (2.0, 9.0)
    ]
    found = two_years(*years)
    assert (found.before == found.after).all()
    assert found.change_error.tolist() == [[0.0], [0.0]]
    assert found.reliability.tolist() == [[0.0], [0.0]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"floor": 1.1}, "floor == 1.1, must be from 0 to 1"),
        ({"floor": np.nan}, "floor == nan, must be from 0 to 1"),
        (
            {"standard": Standards(np.array(0.9), np.array(0.8))},
            "standard: must be 0 <= threshold <= benchmark <= 1 for every indicator",
        ),
        (
            {"standard": Standards(np.array([0.5, 0.5]), np.array(0.8))},
            "standard: must be a threshold and a benchmark for each of 1 indicators",
        ),
    ],
)
def test_options_that_are_none_are_refused(four_in_two_years: Any, options: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        two_years(*four_in_two_years, **options)
    assert str(caught.value) == message


@pytest.mark.parametrize("best", [0, -0.1, 1.1, np.nan])
def test_a_best_share_that_is_none_is_refused(four_in_two_years: Any, best: float) -> None:
    with pytest.raises(ArgumentError, match="must be above 0 and up to 1"):
        standards(four_in_two_years[0], best)


# The real lists.


def test_real_lists_that_are_held_harmless(table_2019: Table, table_2020: Table) -> None:
    before, after = score(table_2019, prior="moments"), score(table_2020, prior="moments")
    found = two_years(before, after)
    assert int(found.in_both.sum()) == 778
    assert ((found.standards.threshold > 0.6) & (found.standards.benchmark > found.standards.threshold)).all()
    # Only who began below the threshold.
    below = found.before < found.standards.threshold
    assert below[found.by_improvement].all()
    assert (found.final[found.in_both] >= found.earlier[found.in_both]).all()
    # Recorded: coverage fell in 2020, so the floor lifts most lists; improvement counts in one place of five.
    assert int(found.held_harmless.sum()) == 429
    assert round(float(found.by_improvement.mean()), 3) == 0.217
