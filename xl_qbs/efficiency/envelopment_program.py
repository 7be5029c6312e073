"""The linear programs of data envelopment, solved with few columns at a time.

Each provider's program has a column for every provider, although only the few on the frontier matter. So
the programs are solved with a small set of reference providers, the shadow prices are held against all the
others, and whoever would improve a program joins the set, until nobody does: the optimum is that of the full
program. Several providers' programs go to the solver as the blocks of one, which saves its overhead.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xl_qbs.scoring.table import Array

Returns = Literal["constant", "variable", "non-increasing", "non-decreasing"]
Orientation = Literal["input", "output"]
Rows = NDArray[np.intp]

# Prices at which the first reference providers are looked for.
_PRICES = 400
# With more programs than _MANY, about _FIRST of them are solved before the rest.
_MANY, _FIRST = 500, 150
# Programs solved together.
_BLOCKS = 16
# Providers finished, slacks and all, before the next are begun: so often progress is told.
_CHUNK = 32
# Providers given to a process at a time, at most: it tells nothing before they are done.
_PART = 64
# Providers priced at a time, so that memory stays small.
_PRICED = 256
# Shadow prices are exact to about 1e-10 (the solver's tolerance); columns are scaled to a mean of 1.
_TOLERANCE = 1e-9
# A price below this may be 0, so that there may be a slack.
_NO_PRICE = 1e-7
_OPTIONS = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}


class Technology(NamedTuple):
    """What the programs are made of.

    Attributes:
        x: inputs, shape (N, k).
        y: outputs, shape (N, m).
        returns: to scale.
        orientation: input or output.
    """

    x: Array
    y: Array
    returns: Returns
    orientation: Orientation


class Solved(NamedTuple):
    """Solutions.

    Attributes:
        factor: of inputs or of outputs, shape (N,).
        input_slacks: shape (N, k).
        output_slacks: shape (N, m).
        peers: rows and weights, one pair for each provider.
        reference: rows of the providers that were needed.
    """

    factor: Array
    input_slacks: Array
    output_slacks: Array
    peers: list[tuple[Rows, Array]]
    reference: Rows


def solve(technology: Technology, workers: int = 1, progress: Callable[[int, int], None] | None = None) -> Solved:
    """Return the solutions of all providers' programs, slacks as large as possible in sum.

    Args:
        technology: inputs, outputs and kind of program.
        workers: processes; 1 for none but this, 0 for one a core.
        progress: called with the number of providers done and of all.
    """
    rows = np.arange(len(technology.x))
    count = workers or os.cpu_count() or 1
    if progress:
        progress(0, len(rows))
    # Some programs first: the reference providers that they need are nearly all that the others need.
    reference = _first_reference(_scaled(technology))
    if len(rows) > _MANY:
        # They are solved again with the rest: until then none is done, but nobody stands still.
        alive = None if progress is None else lambda *_: progress(0, len(rows))
        reference = _solve_some(technology, rows[:: len(rows) // _FIRST], reference, alive).reference
    if count == 1:
        return _solve_some(technology, rows, reference, progress)
    from concurrent.futures import ProcessPoolExecutor, as_completed  # noqa: PLC0415  (only where asked for)

    parts = np.array_split(rows, min(max(4 * count, -(-len(rows) // _PART)), len(rows)))
    with ProcessPoolExecutor(count) as pool:
        running = {pool.submit(_solve_some, technology, part, reference): number for number, part in enumerate(parts)}
        done = 0
        solved: dict[int, Solved] = {}
        for finished in as_completed(running):
            number = running[finished]
            solved[number] = finished.result()
            done += len(parts[number])
            if progress:
                progress(done, len(rows))
    return _joined([solved[number] for number in range(len(parts))])


def solve_without_own(
    technology: Technology, rows: Rows, reference: Rows, progress: Callable[[int, int], None] | None = None
) -> Array:
    """Return the factors of some providers against all others; NaN where the others cannot do as much.

    Args:
        technology: inputs, outputs and kind of program.
        rows: whose factors are asked for.
        reference: providers to begin with.
        progress: called with the number of these providers done and of all of them.
    """
    scaled = _scaled(technology)
    everybody = np.arange(len(technology.x))
    factors = np.full(len(rows), np.nan)
    for place, row in enumerate(rows):
        if progress and place % _BLOCKS == 0:
            progress(place, len(rows))
        others = np.setdiff1d(reference, [row])
        while True:
            block = _block(scaled, row, others)
            found = _linprog([block])
            if found is None:
                # Perhaps for want of reference providers: with all the others it is certain.
                found = _linprog([_block(scaled, row, np.setdiff1d(everybody, [row]))])
                if found is not None:
                    factors[place] = found[0][0][0]
                break
            factors[place] = found[0][0][0]
            costs = _reduced_costs(scaled, found[0][1][None, :])[0]
            costs[row] = 0.0
            costs[others] = 0.0
            best = int(costs.argmin())
            if costs[best] >= -_TOLERANCE:
                break
            others = np.append(others, best)
    if progress:
        progress(len(rows), len(rows))
    return factors


def _joined(parts: list[Solved]) -> Solved:
    return Solved(
        np.concatenate([part.factor for part in parts]),
        np.concatenate([part.input_slacks for part in parts]),
        np.concatenate([part.output_slacks for part in parts]),
        [pair for part in parts for pair in part.peers],
        np.unique(np.concatenate([part.reference for part in parts])),
    )


def _scaled(technology: Technology) -> Technology:
    return technology._replace(x=technology.x / technology.x.mean(axis=0), y=technology.y / technology.y.mean(axis=0))


def _solve_some(
    technology: Technology, rows: Rows, reference: Rows, progress: Callable[[int, int], None] | None = None
) -> Solved:
    parts = []
    for begin in range(0, len(rows), _CHUNK):
        parts.append(_solve_chunk(technology, rows[begin : begin + _CHUNK], reference))
        # Whoever these programs needed, the next will need, too.
        reference = parts[-1].reference
        if progress:
            progress(min(begin + _CHUNK, len(rows)), len(rows))
    return _joined(parts)


def _solve_chunk(technology: Technology, rows: Rows, reference: Rows) -> Solved:
    scaled = _scaled(technology)
    k, m = scaled.x.shape[1], scaled.y.shape[1]
    factor = np.full(len(rows), np.nan)
    prices = np.zeros((len(rows), k + m + 1))
    peers: list[tuple[Rows, Array]] = [(np.empty(0, np.intp), np.empty(0))] * len(rows)
    idle = scaled.y[rows].sum(axis=1) == 0
    if technology.orientation == "output":
        # Nothing can be multiplied into something: the program has no bound.
        factor[idle] = np.inf
        pending = np.flatnonzero(~idle)
    else:
        pending = np.arange(len(rows))
    while len(pending):
        for some in _batches(pending):
            blocks = [_block(scaled, rows[place], np.union1d(reference, rows[place])) for place in some]
            for place, block, (solution, price) in zip(some, blocks, _solved(blocks), strict=True):
                factor[place] = solution[0]
                prices[place] = price
                weights = solution[1:]
                peers[place] = (block.columns[weights > _TOLERANCE], weights[weights > _TOLERANCE])
        pending, entering = _improvable(scaled, rows, prices, pending, reference)
        reference = np.union1d(reference, entering)
    slacks = _slacks(technology, scaled, rows, factor, prices, peers)
    return Solved(factor, slacks[:, :k], slacks[:, k:], peers, reference)


def _first_reference(scaled: Technology) -> Rows:
    """Return whoever is best at some prices: a good part of the frontier, without any program."""
    x, y = scaled.x, scaled.y
    rows = [*y.argmax(axis=0), *x.argmin(axis=0)]
    # Always the same prices, so that the same data take the same way.
    rng = np.random.default_rng(0)
    for _ in range(_PRICES // 100):
        on_inputs = np.exp(rng.normal(0, 2, (100, x.shape[1])))
        on_outputs = np.exp(rng.normal(0, 2, (100, y.shape[1])))
        cost, value = x @ on_inputs.T, y @ on_outputs.T
        if scaled.returns != "variable":
            rows += list((value / cost).argmax(axis=0))
        if scaled.returns != "constant":
            # A profit, at prices that make the typical provider break even, more or less.
            profit = value / value.mean(axis=0) * np.exp(rng.normal(0, 1, 100)) - cost / cost.mean(axis=0)
            rows += list(profit.argmax(axis=0))
    return np.unique(np.array(rows, dtype=np.intp))


def _batches(pending: Rows) -> Iterator[Rows]:
    for begin in range(0, len(pending), _BLOCKS):
        yield pending[begin : begin + _BLOCKS]


class _Block(NamedTuple):
    """One provider's program: minimise cost, subject to A z <= b or A z = b; z is the factor and the weights."""

    cost: Array
    matrix: Array
    bound: Array
    equal: bool  # in the last row, or throughout
    columns: Rows


def _block(scaled: Technology, row: int, columns: Rows) -> _Block:
    """Return a program with the given providers; the sum of weights is the last row, with its sign for <=."""
    x, y = scaled.x, scaled.y
    k, m = x.shape[1], y.shape[1]
    matrix = np.zeros((k + m + 1, len(columns) + 1))
    matrix[:k, 1:] = x[columns].T
    matrix[k : k + m, 1:] = -y[columns].T
    bound = np.zeros(k + m + 1)
    cost = np.zeros(len(columns) + 1)
    if scaled.orientation == "input":
        matrix[:k, 0] = -x[row]
        bound[k : k + m] = -y[row]
        cost[0] = 1
    else:
        matrix[k : k + m, 0] = y[row]
        bound[:k] = x[row]
        cost[0] = -1
    sign = _sum_sign(scaled.returns)
    matrix[-1, 1:] = sign
    bound[-1] = sign
    return _Block(cost, matrix, bound, scaled.returns == "variable", columns)


def _sum_sign(returns: Returns) -> float:
    return {"constant": 0.0, "variable": 1.0, "non-increasing": 1.0, "non-decreasing": -1.0}[returns]


def _solved(blocks: list[_Block]) -> list[tuple[Array, Array]]:
    found = _linprog(blocks)
    if found is None:
        # One block that the solver stumbles over must not take the others with it.
        found = []
        for block in blocks:
            alone = _linprog([block]) or _linprog([block], strict=False)
            if alone is None:
                raise ArithmeticError("a program that has a solution was not solved")
            found += alone
    return found


def _linprog(blocks: list[_Block], *, strict: bool = True) -> list[tuple[Array, Array]] | None:
    """Return solution and shadow prices of each block, or None where there is no solution."""
    from scipy.optimize import linprog  # noqa: PLC0415  (slow to import)
    from scipy.sparse import block_diag  # noqa: PLC0415

    cost = np.concatenate([block.cost for block in blocks])
    equal = blocks[0].equal
    upper = [block.matrix[:-1] if equal else block.matrix for block in blocks]
    bounds = [block.bound[:-1] if equal else block.bound for block in blocks]
    matrix: Any = upper[0] if len(blocks) == 1 else block_diag(upper, format="csc")
    sums: dict[str, Any] = {}
    if equal:
        rows = [block.matrix[-1:] for block in blocks]
        sums = {
            "A_eq": rows[0] if len(blocks) == 1 else block_diag(rows, format="csc"),
            "b_eq": np.array([block.bound[-1] for block in blocks]),
        }
    result = linprog(
        cost,
        A_ub=matrix,
        b_ub=np.concatenate(bounds),
        **sums,
        bounds=(0, None),
        method="highs-ds",
        options=_OPTIONS if strict else {},
    )
    if result.status != 0:
        return None
    found = []
    column = row = 0
    for number, (block, bound) in enumerate(zip(blocks, bounds, strict=True)):
        solution = result.x[column : column + len(block.cost)]
        price = result.ineqlin.marginals[row : row + len(bound)]
        if equal:
            price = np.append(price, result.eqlin.marginals[number])
        found.append((solution, price))
        column += len(block.cost)
        row += len(bound)
    return found


def _reduced_costs(scaled: Technology, prices: Array) -> Array:
    """Return what a weight on each provider (column) would cost each program (row): below 0 it would improve it."""
    k, m = scaled.x.shape[1], scaled.y.shape[1]
    costs: Array = prices[:, k : k + m] @ scaled.y.T - prices[:, :k] @ scaled.x.T
    return costs - _sum_sign(scaled.returns) * prices[:, -1:]


def _improvable(scaled: Technology, rows: Rows, prices: Array, pending: Rows, reference: Rows) -> tuple[Rows, Rows]:
    """Return which programs are not at their optimum yet, and the providers that improve them most."""
    still, entering = [], []
    known = np.zeros(len(scaled.x), dtype=bool)
    known[reference] = True
    for begin in range(0, len(pending), _PRICED):
        some = pending[begin : begin + _PRICED]
        costs = _reduced_costs(scaled, prices[some])
        costs[:, known] = 0.0
        costs[np.arange(len(some)), rows[some]] = 0.0
        best = costs.argmin(axis=1)
        better = costs[np.arange(len(some)), best] < -_TOLERANCE
        still.append(some[better])
        entering.append(best[better])
    return np.concatenate(still), np.concatenate(entering)


def _slacks(
    technology: Technology,
    scaled: Technology,
    rows: Rows,
    factor: Array,
    prices: Array,
    peers: list[tuple[Rows, Array]],
) -> Array:
    """Return the largest slacks, and change the peers to those that leave them."""
    k, m = scaled.x.shape[1], scaled.y.shape[1]
    units = np.concatenate([technology.x.mean(axis=0), technology.y.mean(axis=0)])
    slacks = np.zeros((len(rows), k + m))
    endless = ~np.isfinite(factor)
    # A provider whose factor is infinite has no target. Where every input and output has its price, nothing
    # is left over.
    left_over = np.flatnonzero(~endless & (-prices[:, : k + m] <= _NO_PRICE).any(axis=1))
    for some in _batches(left_over):
        blocks = [_slack_block(scaled, rows[place], factor[place], prices[place], peers[place]) for place in some]
        for place, block, solution in zip(some, blocks, _most_slack(blocks, units), strict=True):
            if solution is None:
                # The last bits of the factor leave no room: what the first program left over is an answer too.
                members, weights = peers[place]
                done = np.concatenate([weights @ scaled.x[members], -(weights @ scaled.y[members])])
                signs = np.repeat([1.0, -1.0], [k, m])
                slacks[place] = np.maximum(signs * block.bound[: k + m] - done, 0.0)
                continue
            slacks[place] = solution[len(block.columns) :]
            weights = solution[: len(block.columns)]
            peers[place] = (block.columns[weights > _TOLERANCE], weights[weights > _TOLERANCE])
    return np.where(slacks > _TOLERANCE, slacks * units, 0.0)


def _slack_block(scaled: Technology, row: int, factor: float, price: Array, before: tuple[Rows, Array]) -> _Block:
    """Return the program for the slacks at the factor found; z is weights, input slacks and output slacks.

    Only providers whose weight costs nothing can have one at the optimum, so the program has few columns.
    """
    x, y = scaled.x, scaled.y
    k, m = x.shape[1], y.shape[1]
    free = np.abs(_reduced_costs(scaled, price[None, :])[0]) <= _NO_PRICE
    free[before[0]] = True
    columns = np.flatnonzero(free)
    on_inputs, on_outputs = (factor, 1.0) if scaled.orientation == "input" else (1.0, factor)
    # One more slack for the sum of weights, so that every row is an equation.
    slack_of_sum = {"variable": 0.0, "constant": 0.0, "non-increasing": 1.0, "non-decreasing": -1.0}[scaled.returns]
    some = float(scaled.returns != "constant")
    matrix = np.zeros((k + m + 1, len(columns) + k + m + 1))
    matrix[:k, : len(columns)] = x[columns].T
    matrix[k : k + m, : len(columns)] = y[columns].T
    matrix[: k + m, len(columns) : -1] = np.diag(np.repeat([1.0, -1.0], [k, m]))
    matrix[-1, : len(columns)] = some
    matrix[-1, -1] = slack_of_sum
    bound = np.concatenate([on_inputs * x[row], on_outputs * y[row], [some]])
    return _Block(np.zeros(matrix.shape[1]), matrix, bound, True, columns)


def _most_slack(blocks: list[_Block], units: Array) -> list[Array | None]:
    """Return weights and slacks whose sum, in the units given, is largest; None where there is no solution."""
    from scipy.optimize import linprog  # noqa: PLC0415  (slow to import)
    from scipy.sparse import block_diag  # noqa: PLC0415

    gain = np.append(-units / units.max(), 0.0)
    result = linprog(
        np.concatenate([np.append(np.zeros(len(block.columns)), gain) for block in blocks]),
        A_eq=blocks[0].matrix if len(blocks) == 1 else block_diag([block.matrix for block in blocks], format="csc"),
        b_eq=np.concatenate([block.bound for block in blocks]),
        bounds=(0, None),
        method="highs-ds",
    )
    if result.status != 0:
        return [None] if len(blocks) == 1 else [found for block in blocks for found in _most_slack([block], units)]
    ends = np.cumsum([block.matrix.shape[1] for block in blocks])
    # Without the slack of the sum.
    return [part[:-1] for part in np.split(result.x, ends[:-1])]
