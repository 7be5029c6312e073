from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from xl_qbs.scoring.priors import moments_prior
from xl_qbs.scoring.score import Result
from xl_qbs.scoring.table import Table
from xl_qbs.simulation.draws import StartingCounts, streams, whoever_comes


def table_of(target: Any, done: Any) -> Table:
    target, done = np.array(target, dtype=float), np.array(done, dtype=float)
    return Table(
        tuple(str(one) for one in range(len(target))),
        tuple(f"i{one}" for one in range(target.shape[1])),
        target,
        done,
    )


COUNTS = st.tuples(st.integers(1, 5), st.integers(1, 3)).flatmap(
    lambda shape: st.tuples(
        arrays.arrays(float, shape, elements=st.integers(0, 50)),
        arrays.arrays(float, shape, elements=st.integers(0, 51)),
    )
)


@given(COUNTS, st.integers(0, 2**32))
def test_drawn_work_is_whole_and_within_the_target(counts: Any, seed: int) -> None:
    target, done = counts
    target[0] += 1
    drawn = StartingCounts(table_of(target, done)).draw(streams(seed, 1).start[0])
    assert (drawn == np.floor(drawn)).all()
    assert ((drawn >= 0) & (drawn <= target)).all()
    # Where nobody or everybody was served on every list, it stays so.
    counted = np.minimum(done, target)
    nobody, everybody = (counted == 0).all(axis=0), (counted == target).all(axis=0)
    assert (drawn[:, nobody] == 0).all()
    assert (drawn == target)[:, everybody].all()


@given(st.data(), st.integers(0, 2**32))
def test_whoever_comes_is_as_many_as_come_and_was_not_served(data: Any, seed: int) -> None:
    shape = data.draw(st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(1, 4)))
    unmet = data.draw(arrays.arrays(np.int64, shape, elements=st.integers(0, 20)))
    share = data.draw(arrays.arrays(float, shape[:2], elements=st.floats(0, 1)))
    patients = np.floor(share * unmet.sum(axis=2)).astype(np.int64)
    came = whoever_comes(unmet, patients, streams(seed, shape[0]).effort)
    assert (came.sum(axis=2) == patients).all()
    assert ((came >= 0) & (came <= unmet)).all()


def test_a_replications_numbers_do_not_depend_on_how_many_there_are() -> None:
    few, many = streams(7, 2), streams(7, 50)
    for one, other in ((few.start[1], many.start[1]), (few.effort[0], many.effort[0])):
        assert np.random.default_rng(one).random() == np.random.default_rng(other).random()
    assert np.random.default_rng(few.start[0]).random() != np.random.default_rng(few.effort[0]).random()


def test_whoever_comes_follows_unmet_need_on_average() -> None:
    unmet = np.broadcast_to(np.array([10, 30, 60]), (4000, 1, 3))
    came = whoever_comes(unmet, np.full((4000, 1), 10), streams(1, 4000).effort)
    # Hypergeometric standard deviations of at most 1.48, so .07 is three standard errors.
    assert came.mean(axis=(0, 1)) == pytest.approx([1, 3, 6], abs=0.07)


def test_drawn_counts_have_the_mean_and_the_spread_of_the_posterior(real_2019: Result) -> None:
    table = real_2019.table
    prior = moments_prior(table.counted, table.target)
    starting, count = StartingCounts(table), 400
    drawn = np.stack([starting.draw(stream) for stream in streams(3, count).start])
    alpha = table.counted + prior.strength * prior.mean
    beta = table.target - table.counted + prior.strength * (1 - prior.mean)
    expected = table.target * alpha / (alpha + beta)
    # Beta-binomial.
    spread = table.target * alpha * beta * (alpha + beta + table.target) / ((alpha + beta) ** 2 * (alpha + beta + 1))
    off = (drawn.mean(axis=0) - expected)[spread > 0] / np.sqrt(spread[spread > 0] / count)
    # 8,461 places: standard normal but for chance, so none is 6 away and the mean square is near 1.
    assert np.abs(off).max() < 6
    assert abs((off**2).mean() - 1) < 0.05
    ratio = drawn.var(axis=0, ddof=1).sum() / spread.sum()
    assert abs(ratio - 1) < 0.05
