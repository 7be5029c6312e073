from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.stats import rankdata, spearmanr

from xl_qbs.diagnosis.association import _row_ranks, compare_correlations, mean_ranks, rank_correlation
from xl_qbs.errors import ArgumentError

# Few different values, so that ties are common.
VALUES = st.integers(3, 20).flatmap(
    lambda size: st.tuples(*(arrays.arrays(float, size, elements=st.integers(0, 6)) for _ in range(2)))
)


@given(VALUES)
def test_ranks_and_correlation_are_scipys(values: Any) -> None:
    one, other = values
    assert mean_ranks(one).tolist() == rankdata(one).tolist()
    found = rank_correlation(one, other)
    if len(set(one)) == 1 or len(set(other)) == 1:
        assert np.isnan([found.value, found.low, found.high]).all()
        return
    assert found.value == pytest.approx(spearmanr(one, other).statistic, abs=1e-12)
    assert -1 <= found.low <= found.value + 1e-9
    assert found.value - 1e-9 <= found.high <= 1


@given(VALUES)
def test_turning_one_round_turns_the_correlation_round(values: Any) -> None:
    one, other = values
    assume(len(set(one)) > 1)
    assume(len(set(other)) > 1)
    found, turned = rank_correlation(one, other), rank_correlation(one, -other)
    assert turned.value == pytest.approx(-found.value, abs=1e-12)
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low), abs=1e-9)


@given(arrays.arrays(float, st.tuples(st.integers(1, 4), st.integers(1, 9)), elements=st.integers(0, 4)))
def test_ranks_of_rows_are_the_ranks_of_each_row(table: Any) -> None:
    assert _row_ranks(table).tolist() == [rankdata(row).tolist() for row in table]


def test_the_interval_is_bonett_and_wrights() -> None:
    one = np.arange(103.0)
    other = np.random.default_rng(2).permutation(103) + one
    found = rank_correlation(one, other, 0.9)
    half = 1.6448536269514722 * np.sqrt((1 + found.value**2 / 2) / 100)
    assert np.arctanh([found.low, found.high]) == pytest.approx([np.arctanh(found.value) + s * half for s in (-1, 1)])


def test_the_interval_covers_as_often_as_it_says() -> None:
    # Bivariate normal with correlation .5: Spearman's is 6/pi asin(.25) = .4826.
    rng, inside, runs = np.random.default_rng(4), 0, 600
    for _ in range(runs):
        one = rng.normal(size=80)
        found = rank_correlation(one, 0.5 * one + np.sqrt(0.75) * rng.normal(size=80))
        inside += found.low <= 6 / np.pi * np.arcsin(0.25) <= found.high
    # .95 of 600 with a standard error of .009.
    assert 0.92 < inside / runs < 0.98


def test_three_lists_and_equal_orders() -> None:
    assert rank_correlation([1, 2, 3], [1, 3, 2]) == (0.5, -1.0, 1.0, 3)
    assert rank_correlation([1, 2, 3, 4], [1, 2, 3, 4])[:3] == (1.0, 1.0, 1.0)


# Which correlation is nearer to zero.


def test_a_score_that_ignores_size_is_nearer_to_zero_than_one_that_follows_it() -> None:
    rng = np.random.default_rng(6)
    size = rng.normal(size=300)
    scores = {
        "down": -size + rng.normal(size=300),
        "none": rng.normal(size=300),
        "up": size + rng.normal(size=300),
        "down too": -size + rng.normal(size=300),
    }
    found = compare_correlations(size, scores, "down")
    assert set(found) == {"none", "up", "down too"}
    assert found["none"].verdict == "nearer to zero"
    assert found["up"].verdict == "cannot be told"
    assert found["down too"].verdict == "cannot be told"
    assert compare_correlations(size, scores, "none")["up"].verdict == "further from zero"
    one = found["none"]
    seen = {name: rank_correlation(size, values).value for name, values in scores.items()}
    assert one.nearer_by == pytest.approx(abs(seen["down"]) - abs(seen["none"]))
    assert one.difference == pytest.approx(seen["none"] - seen["down"])
    assert one.low < one.difference < one.high


def test_nothing_is_told_of_scores_that_do_not_differ() -> None:
    # Ten pairs of scores that go with size alike: at 5 %, one false verdict is likely, three are not.
    rng, told = np.random.default_rng(8), 0
    for seed in range(10):
        size = rng.normal(size=120)
        scores = {name: 0.3 * size + rng.normal(size=120) for name in ("one", "other")}
        told += compare_correlations(size, scores, "one", seed=seed)["other"].verdict != "cannot be told"
    assert told < 3


def test_the_same_seed_gives_the_same_result() -> None:
    rng = np.random.default_rng(9)
    size = rng.normal(size=40)
    scores = {"one": rng.normal(size=40), "other": rng.normal(size=40)}
    assert compare_correlations(size, scores, "one", seed=3) == compare_correlations(size, scores, "one", seed=3)
    assert compare_correlations(size, scores, "one", seed=3) != compare_correlations(size, scores, "one", seed=4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rank_correlation([1, 2], [1, 2]), "there are 2 lists, must be 3 or more"),
        (lambda: rank_correlation([1, 2, 3], [1, 2]), "first has 3 values and second 2, must be as many"),
        (lambda: rank_correlation([1, 2, 3], [1, 2, 3], 1), "level == 1, must be between 0 and 1"),
        (lambda: mean_ranks([1, np.nan]), "values: must be one number a list, none missing"),
        (lambda: mean_ranks([[1, 2]]), "values: must be one number a list, none missing"),
        (lambda: mean_ranks(["a"]), "values: must be numbers"),
        (lambda: compare_correlations([1, 2, 3], {"a": [1, 2, 3]}, "b"), "reference == 'b', must be one of a"),
        (lambda: compare_correlations([1, 2, 3], {"a": [1, 2]}, "a"), "a has 2 values and against 3, must be as many"),
        (
            lambda: compare_correlations([1, 2, 3], {"a": [1, 2, 3]}, "a", resamples=10),
            "resamples == 10, must be 100 or more",
        ),
    ],
)
def test_what_cannot_be_correlated_is_refused(call: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        call()
    assert str(caught.value) == message
