from __future__ import annotations

import os
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.linalg import block_diag
from scipy.optimize import linprog

from xl_qbs.efficiency.envelopment import ORIENTATIONS, RETURNS, envelopment, free_disposal_hull
from xl_qbs.errors import ArgumentError, DataError

SLOW = pytest.mark.skipif(os.environ.get("XL_QBS_SLOW") != "1", reason="takes a minute: XL_QBS_SLOW=1 runs it")
TIGHT = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}


def plain_programs(x: Any, y: Any, returns: str, orientation: str, rows: Any) -> Any:
    """Return the factors of some providers, every provider's column in every program, as in a textbook."""
    n, k, m = len(x), x.shape[1], y.shape[1]
    ub, eq, b_ub = [], [], []
    for row in rows:
        own_x, own_y = (x[row], np.zeros(m)) if orientation == "input" else (np.zeros(k), y[row])
        limits = np.vstack([np.column_stack([-own_x, x.T]), np.column_stack([own_y, -y.T])])
        bound = np.concatenate([np.zeros(k), -y[row]] if orientation == "input" else [x[row], np.zeros(m)])
        total = np.append(0.0, np.ones(n))
        if returns in {"non-increasing", "non-decreasing"}:
            sign = 1 if returns == "non-increasing" else -1
            limits, bound = np.vstack([limits, sign * total]), np.append(bound, sign)
        ub.append(limits)
        b_ub.append(bound)
        eq.append(total[None, :])
    cost = np.tile(np.append(1.0 if orientation == "input" else -1.0, np.zeros(n)), len(rows))
    sums = {"A_eq": block_diag(*eq), "b_eq": np.ones(len(rows))} if returns == "variable" else {}
    result = linprog(cost, A_ub=block_diag(*ub), b_ub=np.concatenate(b_ub), bounds=(0, None), method="highs", **sums)
    assert result.status == 0
    return result.x[:: n + 1]


def plain_slacks(x: Any, y: Any, returns: str, orientation: str, factor: Any) -> Any:
    """Return the largest sum of slacks at the factors given, each provider's program with every provider in it."""
    n, k, m = len(x), x.shape[1], y.shape[1]
    matrices, bounds = [], []
    for row in range(n):
        on_inputs, on_outputs = (factor[row], 1.0) if orientation == "input" else (1.0, factor[row])
        sign = {"constant": 0.0, "variable": 0.0, "non-increasing": 1.0, "non-decreasing": -1.0}[returns]
        total = np.zeros((1, n + k + m + 1))
        if returns != "constant":
            total[0, :n], total[0, -1] = 1, sign
        slacks = np.diag([1.0] * k + [-1.0] * m)
        lines = np.column_stack([np.vstack([x.T, y.T]), slacks, np.zeros(k + m)])
        matrices.append(np.vstack([lines, total]))
        bounds += [*(on_inputs * x[row]), *(on_outputs * y[row]), float(returns != "constant")]
    gain = -np.concatenate([np.zeros(n), np.ones(k + m), [0]])
    result = linprog(
        np.tile(gain, n), A_eq=sparse.block_diag(matrices), b_eq=bounds, bounds=(0, None), method="highs", options=TIGHT
    )
    assert result.status == 0
    return -(result.x * np.tile(gain, n)).reshape(n, -1).sum(axis=1)


def check_solution(x: Any, y: Any, returns: str, result: Any) -> None:
    """Check that the peers really do what the targets say, and that weights keep to the returns to scale."""
    for row, peers in enumerate(result.peers):
        total = peers.weights.sum()
        assert peers.weights @ x[peers.rows] == pytest.approx(result.input_targets[row], abs=1e-6)
        assert peers.weights @ y[peers.rows] == pytest.approx(result.output_targets[row], abs=1e-6)
        assert (result.efficiency[peers.rows] == 1).all()
        assert {
            "constant": True,
            "variable": abs(total - 1) < 1e-7,
            "non-increasing": total < 1 + 1e-7,
            "non-decreasing": total > 1 - 1e-7,
        }[returns]
    assert (result.input_slacks >= 0).all()
    assert (result.output_slacks >= 0).all()


# Published tables.


def test_eleven_units(shared: Path) -> None:
    units = pd.read_csv(shared / "oracles" / "dea_11_units.csv")
    inputs, outputs = units[["input_1", "input_2"]], units["output_1"]
    constant = envelopment(inputs, outputs)
    variable = envelopment(inputs, outputs, returns="variable")
    assert constant.efficiency == pytest.approx(units.crs_input_efficiency.to_numpy(), abs=1e-6)
    assert variable.efficiency == pytest.approx(units.vrs_input_efficiency.to_numpy(), abs=1e-6)
    # Efficient is exactly 1, not nearly.
    assert (constant.efficiency == 1).tolist() == (units.crs_input_efficiency == 1).tolist()
    assert (variable.efficiency == 1).tolist() == (units.vrs_input_efficiency == 1).tolist()
    # Unit 11 is efficient although it uses 4 more of the second input than unit 1 for the same output.
    assert constant.efficiency[10] == 1
    assert constant.input_slacks[10].tolist() == [0, 4]
    assert constant.peers[10].rows.tolist() == [0]
    assert constant.strongly_efficient.tolist() == [number in {0, 3, 6} for number in range(11)]
    # By hand: unit 6 is left with 4 4/9 of the first input too much beside its peer.
    assert constant.input_slacks[5] == pytest.approx([40 / 9, 0], abs=1e-6)
    for result, returns in ((constant, "constant"), (variable, "variable")):
        check_solution(inputs.to_numpy(), outputs.to_numpy()[:, None], returns, result)


def test_five_units(shared: Path) -> None:
    units = pd.read_csv(shared / "oracles" / "dea_5_units.csv")
    result = envelopment(units[["input_1", "input_2"]], units["output_1"])
    assert result.efficiency == pytest.approx(units.crs_input_efficiency.to_numpy(), abs=1e-6)
    assert result.efficiency[[1, 4]].tolist() == [1, 1]


# Against plain programs.


@pytest.mark.parametrize("problems", [40, pytest.param(200, marks=SLOW)])
@pytest.mark.parametrize("returns", RETURNS)
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_random_problems_agree_with_plain_programs(returns: Any, orientation: Any, problems: int) -> None:
    rng = np.random.default_rng(7)
    efficient = 0
    for number in range(problems):
        size, k, m = rng.integers(4, 10), rng.integers(1, 4), rng.integers(1, 4)
        if number % 2:
            # Small whole numbers: ties, zeros and weakly efficient units abound.
            x, y = rng.integers(1, 6, (size, k)).astype(float), rng.integers(0, 5, (size, m)).astype(float)
            y[0] = 1
        else:
            x, y = rng.lognormal(size=(size, k)), rng.lognormal(size=(size, m))
        result = envelopment(x, y, returns=returns, orientation=orientation)
        working = y.sum(axis=1) > 0 if orientation == "output" else np.ones(size, dtype=bool)
        assert np.isinf(result.factor[~working]).all()
        found = result.factor[working]
        # Who produces nothing can still be part of a mixture that needs little, so its column stays.
        plain = plain_programs(x, y, returns, orientation, np.flatnonzero(working))
        assert found == pytest.approx(plain, abs=1e-6), (number, returns, orientation)
        # Whoever is efficient by the plain program, but for its rounding, is exactly so here.
        at_one = np.abs(plain - 1) < 1e-6
        assert (result.efficiency[working][at_one] == 1).all()
        efficient += int(at_one.sum())
        if working.all():
            check_solution(x, y, returns, result)
            slacks = result.input_slacks.sum(axis=1) + result.output_slacks.sum(axis=1)
            most = plain_slacks(x, y, returns, orientation, result.factor)
            assert slacks == pytest.approx(most, abs=1e-6), (number, returns, orientation)
    assert efficient > problems


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(ORIENTATIONS))
def test_technologies_nest(seed: int, orientation: Any) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.integers(1, 9, (8, 2)).astype(float), rng.integers(1, 9, (8, 2)).astype(float)
    by = {one: envelopment(x, y, returns=one, orientation=orientation).efficiency for one in RETURNS}
    hull = free_disposal_hull(x, y, orientation=orientation).efficiency
    for wide, narrow in (
        ("constant", "non-increasing"),
        ("constant", "non-decreasing"),
        ("non-increasing", "variable"),
        ("non-decreasing", "variable"),
    ):
        assert (by[wide] <= by[narrow] + 1e-7).all()
    assert (by["variable"] <= hull + 1e-7).all()
    # With constant returns the orientation makes no difference.
    other = envelopment(x, y, orientation="output" if orientation == "input" else "input").efficiency
    assert other == pytest.approx(by["constant"], abs=1e-7)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(RETURNS), st.floats(1e-3, 1e3))
def test_units_of_measurement_do_not_matter(seed: int, returns: Any, scale: float) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.lognormal(size=(8, 2)), rng.lognormal(size=(8, 2))
    one = envelopment(x, y, returns=returns).efficiency
    assert envelopment(x * [scale, 1], y * [1, scale], returns=returns).efficiency == pytest.approx(one, abs=1e-7)


def test_slacks_are_the_largest_there_are() -> None:
    # Units 1 and 2 are the same; unit 3 has 2 too much of the second input, unit 4 of the first, and 1 output less.
    x = np.array([[2.0, 2.0], [2.0, 2.0], [2.0, 4.0], [4.0, 2.0]])
    y = np.array([[5.0], [5.0], [5.0], [4.0]])
    result = envelopment(x, y, returns="variable")
    assert result.efficiency.tolist() == [1, 1, 1, 1]
    assert result.input_slacks.tolist() == [[0, 0], [0, 0], [0, 2], [2, 0]]
    assert result.output_slacks.tolist() == [[0], [0], [0], [1]]
    assert result.strongly_efficient.tolist() == [True, True, False, False]
    assert "1 of the providers repeat another's" in result.remark


# Closed form.


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(1, 50), st.integers(0, 50)), min_size=3, max_size=15).filter(
        lambda rows: any(y for _, y in rows)
    ),
    st.sampled_from(ORIENTATIONS),
)
def test_one_input_and_output_is_the_ratio_over_the_best(rows: list[tuple[int, int]], orientation: Any) -> None:
    x, y = np.array(rows, dtype=float).T
    closed = envelopment(x, y, orientation=orientation)
    assert closed.efficiency == pytest.approx(y / x / (y / x).max(), abs=1e-12)
    # The same with the input twice, which no closed form sees.
    general = envelopment(np.column_stack([x, x]), y, orientation=orientation)
    assert closed.efficiency == pytest.approx(general.efficiency, abs=1e-7)
    for row, peers in enumerate(closed.peers):
        if y[row] > 0:
            assert peers.weights @ y[peers.rows] == pytest.approx(closed.output_targets[row], rel=1e-9)
            assert peers.weights @ x[peers.rows] == pytest.approx(closed.input_targets[row], rel=1e-9)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_the_free_disposal_hull_is_the_best_single_provider(orientation: Any) -> None:
    rng = np.random.default_rng(3)
    x, y = rng.integers(0, 5, (60, 2)).astype(float), rng.integers(0, 5, (60, 2)).astype(float)
    x[:, 0] += 1
    result = free_disposal_hull(x, y, orientation=orientation)
    for row in range(60):
        if orientation == "input":
            ok = [j for j in range(60) if (y[j] >= y[row]).all() and not (x[j][x[row] == 0] > 0).any()]
            used = x[row] > 0
            expected = min((x[j][used] / x[row][used]).max() for j in ok)
        else:
            ok = [j for j in range(60) if (x[j] <= x[row]).all()]
            made = y[row] > 0
            expected = max((y[j][made] / y[row][made]).min() for j in ok) if made.any() else np.inf
        assert result.factor[row] == pytest.approx(expected, rel=1e-12)
        (peer,) = result.peers[row].rows
        if np.isfinite(result.factor[row]):
            assert (x[peer] <= result.input_targets[row] + result.input_slacks[row] + 1e-9).all()
            assert (y[peer] >= result.output_targets[row] - result.output_slacks[row] - 1e-9).all()


# Super-efficiency, degenerate data, options.


@pytest.mark.parametrize(("returns", "orientation"), list(product(RETURNS, ORIENTATIONS)))
def test_super_efficiency_is_measured_against_the_others(returns: Any, orientation: Any) -> None:
    rng = np.random.default_rng(11)
    x, y = rng.lognormal(size=(9, 2)), rng.lognormal(size=(9, 2))
    result = envelopment(x, y, returns=returns, orientation=orientation, super_efficiency=True)
    for row in range(9):
        others = np.arange(9) != row
        own_x, own_y = (x[row], np.zeros(2)) if orientation == "input" else (np.zeros(2), y[row])
        limits = np.vstack([np.column_stack([-own_x, x[others].T]), np.column_stack([own_y, -y[others].T])])
        bound = np.concatenate([np.zeros(2), -y[row]] if orientation == "input" else [x[row], np.zeros(2)])
        total = np.append(0.0, np.ones(8))[None, :]
        more: dict[str, Any] = {}
        if returns == "variable":
            more = {"A_eq": total, "b_eq": [1]}
        elif returns != "constant":
            sign = 1 if returns == "non-increasing" else -1
            limits, bound = np.vstack([limits, sign * total]), np.append(bound, sign)
        cost = np.append(1.0 if orientation == "input" else -1.0, np.zeros(8))
        plain = linprog(cost, A_ub=limits, b_ub=bound, method="highs", **more)
        if plain.status == 2:
            assert np.isnan(result.super_efficiency[row])
        else:
            expected = plain.x[0] if orientation == "input" else 1 / plain.x[0]
            assert result.super_efficiency[row] == pytest.approx(expected, abs=1e-6)


def test_super_efficiency_in_closed_form() -> None:
    result = envelopment([1, 1, 1], [4, 2, 1], super_efficiency=True)
    assert result.super_efficiency.tolist() == [2, 0.5, 0.25]
    assert np.isnan(envelopment([1, 1, 1], [4, 0, 0], super_efficiency=True).super_efficiency[0])


def test_who_produces_nothing_is_said() -> None:
    inputs, outputs = [[1, 2], [2, 1], [3, 3]], [[1], [2], [0]]
    result = envelopment(inputs, outputs, orientation="output")
    assert result.efficiency[2] == 0
    assert np.isinf(result.factor[2])
    assert "1 of the providers produce no output" in result.remark
    assert envelopment(inputs, outputs).efficiency[2] == 0


@pytest.mark.parametrize(("returns", "orientation"), list(product(RETURNS, ORIENTATIONS)))
def test_duplicates_fare_alike_and_nothing_from_something_is_no_crash(returns: Any, orientation: Any) -> None:
    x = np.array([[2.0, 3.0], [2.0, 3.0], [4.0, 1.0], [4.0, 1.0], [6.0, 6.0], [1.0, 9.0]])
    y = np.array([[1.0, 0.0], [1.0, 0.0], [2.0, 3.0], [2.0, 3.0], [0.0, 0.0], [0.0, 2.0]])
    result = envelopment(x, y, returns=returns, orientation=orientation, super_efficiency=True)
    assert result.efficiency[0] == result.efficiency[1]
    assert result.efficiency[2:4].tolist() == [1, 1]
    # Against the others, whoever has a double is no better than that.
    assert result.super_efficiency[2:4] == pytest.approx([1, 1], abs=1e-9)
    if orientation == "output":
        assert result.efficiency[4] == 0
    elif returns in {"constant", "non-increasing"}:
        # Nobody at all would do as much as nothing.
        assert result.efficiency[4] == pytest.approx(0, abs=1e-9)
    else:
        # Somebody must stand for it, and the leanest mixture does.
        plain = plain_programs(x, y, returns, orientation, [4])
        assert result.efficiency[4] == pytest.approx(plain[0], abs=1e-9)
        assert 0 < plain[0] < 1
    assert "2 of the providers repeat another's" in result.remark
    assert "1 of the providers produce no output" in result.remark


def test_all_alike_are_all_efficient() -> None:
    for returns, orientation in product(RETURNS, ORIENTATIONS):
        result = envelopment(np.full((5, 2), 3.0), np.full((5, 1), 2.0), returns=returns, orientation=orientation)
        assert result.efficiency.tolist() == [1.0] * 5
        assert not result.input_slacks.any()
        assert not result.output_slacks.any()


def test_few_providers_are_said() -> None:
    assert "for want of comparison" in envelopment(np.eye(3) + 1, [1, 2, 3]).remark


@pytest.mark.parametrize(
    ("inputs", "outputs", "message"),
    [
        ([1], [1], "there is 1 row, and at least 3 are needed"),
        ([1, 2, -3], [1, 2, None], "input is below 0 in row 3(.|\n)*output is missing in row 3"),
        ([[0, 0], [1, 1], [2, 1]], [1, 2, 3], "no input above 0 in rows 1"),
        ([1, 2, 3], [[1, 0], [1, 0], [2, 0]], "output 2 is 0 in every row"),
    ],
)
def test_data_that_cannot_be_used(inputs: Any, outputs: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        envelopment(inputs, outputs)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"returns": "increasing"}, "returns == 'increasing'"),
        ({"orientation": "both"}, "orientation == 'both'"),
        ({"workers": -1}, "workers == -1"),
    ],
)
def test_options_that_are_none(options: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        envelopment([1, 2, 3], [1, 2, 3], **options)


# Progress.


@pytest.mark.parametrize("workers", [1, 2])
def test_progress_is_told_as_it_is_made(workers: int) -> None:
    rng = np.random.default_rng(5)
    x, y = rng.lognormal(size=(700, 2)), rng.lognormal(size=(700, 2))
    seen: list[tuple[int, int]] = []
    result = envelopment(x, y, workers=workers, super_efficiency=True, progress=lambda *told: seen.append(told))
    first = [done for done, of in seen if of == 700]
    assert first[0] == 0
    assert first[-1] == 700
    assert first == sorted(first)
    # Often enough for every 2 seconds wherever 64 programs take no longer.
    assert max(np.diff(first)) <= 64
    then = [(done, of) for done, of in seen if of != 700]
    efficient = int((result.efficiency == 1).sum())
    assert then[0] == (0, efficient)
    assert then[-1] == (efficient, efficient)


def test_progress_of_the_free_disposal_hull() -> None:
    rng = np.random.default_rng(5)
    seen: list[tuple[int, int]] = []
    free_disposal_hull(rng.lognormal(size=1200), rng.lognormal(size=1200), progress=lambda *told: seen.append(told))
    assert seen == [(512, 1200), (1024, 1200), (1200, 1200)]


# Real data.


def test_hospitals(hospitals: pd.DataFrame) -> None:
    some = hospitals.iloc[::6]
    inputs, outputs = some[["spending_ratio"]].to_numpy(), some[["total_performance_score"]].to_numpy()
    seen: list[tuple[int, int]] = []
    result = envelopment(inputs, outputs, returns="variable", progress=lambda *told: seen.append(told))
    assert seen[-1] == (len(some), len(some))
    check_solution(inputs, outputs, "variable", result)
    # One dimension each: on the frontier is who no mixture of two others beats.
    cheapest = inputs[:, 0].argmin()
    assert result.efficiency[cheapest] == 1
    assert (result.efficiency == 1).sum() < 15
    two = envelopment(inputs, outputs, returns="variable", workers=2)
    assert two.efficiency == pytest.approx(result.efficiency, abs=1e-9)
