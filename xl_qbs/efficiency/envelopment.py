"""Data envelopment: the share of its inputs with which the best combinations of providers would do as much."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xl_qbs.efficiency.envelopment_program import Orientation, Returns, Technology, solve, solve_without_own
from xl_qbs.efficiency.inputs import Column, check_choice, read_columns
from xl_qbs.errors import ArgumentError, DataError, Finding
from xl_qbs.scoring.table import Array

RETURNS: tuple[Returns, ...] = get_args(Returns)
ORIENTATIONS: tuple[Orientation, ...] = get_args(Orientation)
Hull = Literal["convex", "free-disposal"]
# Efficiencies this near to 1 are 1: a linear program is exact to about a tenth of it.
EFFICIENT_GUARD = 1e-9
# Units compared at a time by the free disposal hull, so that memory stays small.
_BLOCK = 512


class Peers(NamedTuple):
    """Who a provider is measured against.

    Attributes:
        rows: rows of the peers, from 0.
        weights: their weights, above 0; with variable returns they sum to 1.
    """

    rows: NDArray[np.intp]
    weights: Array


@dataclass(frozen=True, eq=False)
class Envelopment:
    """Efficiency by data envelopment, and what stands behind it.

    Attributes:
        efficiency: 0 to 1; 1 is efficient. With output orientation it is 1 / factor.
        factor: what inputs must be multiplied by (input orientation, up to 1), or outputs could be
            (output orientation, from 1; infinite where no output is produced).
        input_slacks: inputs in excess even after that, shape (N, k); their sum over all columns is the largest
            possible, in the units given.
        output_slacks: outputs short even after that, shape (N, m).
        input_targets: what efficient peers would use, shape (N, k).
        output_targets: what they would produce, shape (N, m); NaN where the factor is infinite.
        peers: one for each provider.
        super_efficiency: efficiency against the others only, above 1 for efficient providers; NaN where no
            combination of the others does as much, or where it was not asked for.
        remark: what the reader must know; empty if nothing.
    """

    efficiency: Array
    factor: Array
    input_slacks: Array
    output_slacks: Array
    input_targets: Array
    output_targets: Array
    peers: tuple[Peers, ...]
    super_efficiency: Array
    remark: str

    @property
    def strongly_efficient(self) -> NDArray[np.bool_]:
        """Whether efficiency is 1 and nothing is in excess or short: efficient in every direction."""
        slack = self.input_slacks.sum(axis=1) + self.output_slacks.sum(axis=1)
        size = self.input_targets.sum(axis=1) + np.nan_to_num(self.output_targets.sum(axis=1))
        strong: NDArray[np.bool_] = (self.efficiency == 1) & (slack <= 1e-7 * size)
        return strong


def envelopment(
    inputs: ArrayLike,
    outputs: ArrayLike,
    *,
    returns: Returns = "constant",
    orientation: Orientation = "input",
    super_efficiency: bool = False,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Envelopment:
    """Return efficiency by data envelopment analysis (DEA).

    Args:
        inputs: shape (N,) or (N, k), from 0: less is better, so cost is *spending* here, never performance.
        outputs: shape (N,) or (N, m), from 0: quality, on a scale with a true 0 (a z score has none).
        returns: to scale: ``constant``, ``variable``, ``non-increasing`` or ``non-decreasing``.
        orientation: ``input`` (the same quality for less) or ``output`` (more quality for the same).
        super_efficiency: whether efficient providers are also measured against the others only.
        workers: processes; 1 solves in this one, 0 uses every core.
        progress: called with the number of providers done and of all; with ``super_efficiency`` it counts again from
            0, the efficient providers, and how many they are.

    Raises:
        ArgumentError: an option that is none, or shapes that do not fit.
        DataError: missing or negative values, text, a provider without any input, a column of zeros, fewer
            than 3 providers.

    Source: METHODS section 5; Charnes, Cooper and Rhodes (1978), Banker, Charnes and Cooper (1984), Andersen
    and Petersen (1993). When not to use it: every difference counts as inefficiency, none as luck, so one
    lucky or mistaken provider moves everybody's frontier, and no interval says how much; with many columns
    and few providers almost all are efficient. With ratios or scores as outputs, constant returns mean little.

    >>> envelopment([1, 2, 4], [1, 4, 4]).efficiency.tolist()
    [0.5, 1.0, 0.5]
    """
    check_choice("returns", returns, RETURNS)
    check_choice("orientation", orientation, ORIENTATIONS)
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 0:
        raise ArgumentError(f"workers == {workers!r}, must be a whole number from 0")
    x, y = _read(inputs, outputs)
    if x.shape[1] == y.shape[1] == 1 and returns == "constant":
        return _by_ratio(x[:, 0], y[:, 0], orientation, super_efficiency)
    technology = Technology(x, y, returns, orientation)
    solved = solve(technology, workers, progress)
    factor = _snapped(solved.factor)
    efficiency = factor if orientation == "input" else _inverse(factor)
    beyond = np.full(len(x), np.nan)
    if super_efficiency:
        beyond = efficiency.copy()
        # Nobody else's frontier leans on an inefficient provider, so only the efficient need another program.
        rows = np.flatnonzero(efficiency == 1)
        without = solve_without_own(technology, rows, solved.reference, progress)
        beyond[rows] = without if orientation == "input" else _inverse(without)
    peers = tuple(Peers(rows, weights) for rows, weights in solved.peers)
    return _result(x, y, orientation, efficiency, factor, solved.input_slacks, solved.output_slacks, peers, beyond)


def free_disposal_hull(
    inputs: ArrayLike,
    outputs: ArrayLike,
    *,
    orientation: Orientation = "input",
    progress: Callable[[int, int], None] | None = None,
) -> Envelopment:
    """Return efficiency against single providers that are really there, not against combinations of them.

    Args:
        inputs: shape (N,) or (N, k), from 0.
        outputs: shape (N,) or (N, m), from 0.
        orientation: ``input`` or ``output``.
        progress: called with the number of providers done and of all.

    Raises:
        ArgumentError: an option that is none, or shapes that do not fit.
        DataError: as `envelopment`.

    Source: Deprins, Simar and Tulkens (1984); closed form, so formulas can do it. Far more providers are
    efficient than by envelopment: whoever has no one that is at least as good in everything is. Peers are
    ties' first row; slacks are those against the peer.

    >>> free_disposal_hull([1, 2, 4], [1, 4, 4]).efficiency.tolist()
    [1.0, 1.0, 0.5]
    """
    check_choice("orientation", orientation, ORIENTATIONS)
    x, y = _read(inputs, outputs)
    factor, peer = np.empty(len(x)), np.empty(len(x), dtype=np.intp)
    for begin in range(0, len(x), _BLOCK):
        own = slice(begin, begin + _BLOCK)
        if orientation == "input":
            table = _needed(x, y, own)
            peer[own] = table.argmin(axis=1)
        else:
            table = _possible(x, y, own)
            peer[own] = table.argmax(axis=1)
        factor[own] = np.take_along_axis(table, peer[own][:, None], axis=1)[:, 0]
        if progress:
            progress(min(begin + _BLOCK, len(x)), len(x))
    factor = _snapped(factor)
    efficiency = factor if orientation == "input" else _inverse(factor)
    finite = np.where(np.isfinite(factor), factor, 0.0)[:, None]
    input_slacks = (finite if orientation == "input" else 1.0) * x - x[peer]
    output_slacks = y[peer] - (finite if orientation == "output" else 1.0) * y
    peers = tuple(Peers(np.array([row]), np.ones(1)) for row in peer)
    none = np.full(len(x), np.nan)
    zero = np.zeros(1)
    return _result(
        x,
        y,
        orientation,
        efficiency,
        factor,
        np.maximum(input_slacks, zero),
        np.maximum(output_slacks, zero),
        peers,
        none,
    )


def _needed(x: Array, y: Array, own: slice) -> Array:
    """Return the factor of its inputs that each of ``own`` (row) needs to stand for each provider (column)."""
    needed = np.zeros((len(x[own]), len(x)))
    # Column by column: several times faster than all at once, where numpy reduces along a few numbers each.
    for values in x.T:
        used = values[own][:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = values[None, :] / used
        # An input that it does not use itself must not be used by the peer either; then it is no limit.
        ratios = np.where(used > 0, ratios, np.where(values[None, :] > 0, np.inf, 0.0))
        np.maximum(needed, ratios, out=needed)
    for values in y.T:
        needed[values[None, :] < values[own][:, None]] = np.inf
    return needed


def _possible(x: Array, y: Array, own: slice) -> Array:
    """Return by what each provider (column) shows that each of ``own`` (row) could multiply its outputs."""
    possible = np.full((len(x[own]), len(x)), np.inf)
    for values in y.T:
        made = values[own][:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = values[None, :] / made
        # An output that it does not produce is no limit.
        np.minimum(possible, np.where(made > 0, ratios, np.inf), out=possible)
    for values in x.T:
        possible[values[None, :] > values[own][:, None]] = -np.inf
    return possible


def _by_ratio(x: Array, y: Array, orientation: Orientation, super_efficiency: bool) -> Envelopment:
    """Return the closed form of one input, one output and constant returns: the ratio over the best ratio."""
    ratio = y / x
    best = int(ratio.argmax())
    efficiency = _snapped(ratio / ratio[best])
    factor = efficiency if orientation == "input" else _inverse(efficiency)
    weights = y / y[best] if orientation == "input" else x / x[best]
    peers = tuple(
        # Whoever attains the best ratio is a peer of itself; without output there is nobody to lean on.
        Peers(np.array([row]), np.ones(1))
        if share == 1
        else Peers(np.array([best][: int(weight > 0)], dtype=np.intp), np.array([weight][: int(weight > 0)]))
        for row, (share, weight) in enumerate(zip(efficiency, weights, strict=True))
    )
    beyond = np.full(len(x), np.nan)
    if super_efficiency:
        beyond = efficiency.copy()
        second = float(np.delete(ratio, best).max())
        with np.errstate(divide="ignore"):
            beyond[best] = ratio[best] / second if second > 0 else np.nan
    none = np.zeros((len(x), 1))
    columns = (x[:, None], y[:, None])
    return _result(*columns, orientation, efficiency, factor, none, none.copy(), peers, beyond)


def _result(
    x: Array,
    y: Array,
    orientation: Orientation,
    efficiency: Array,
    factor: Array,
    input_slacks: Array,
    output_slacks: Array,
    peers: tuple[Peers, ...],
    beyond: Array,
) -> Envelopment:
    on_inputs = factor[:, None] if orientation == "input" else 1.0
    on_outputs = factor[:, None] if orientation == "output" else 1.0
    with np.errstate(invalid="ignore"):
        output_targets = y * on_outputs + output_slacks
    return Envelopment(
        efficiency,
        factor,
        input_slacks,
        output_slacks,
        x * on_inputs - input_slacks,
        output_targets,
        peers,
        beyond,
        _remark(x, y),
    )


def _remark(x: Array, y: Array) -> str:
    count, k, m = len(x), x.shape[1], y.shape[1]
    told = []
    if count < max(k * m, 3 * (k + m)):
        told.append(
            f"There are {count} providers for {k} inputs and {m} outputs; with so few, many are efficient for "
            "want of comparison."
        )
    idle = int((y.sum(axis=1) == 0).sum())
    if idle:
        told.append(f"{idle} of the providers produce no output at all.")
    repeated = count - len(np.unique(np.column_stack([x, y]), axis=0))
    if repeated:
        told.append(f"{repeated} of the providers repeat another's inputs and outputs exactly.")
    return " ".join(told)


def _snapped(factor: Array) -> Array:
    return np.where(np.abs(factor - 1) <= EFFICIENT_GUARD, 1.0, factor)


def _inverse(factor: Array) -> Array:
    with np.errstate(divide="ignore"):
        return 1 / factor


def _read(inputs: ArrayLike, outputs: ArrayLike) -> tuple[Array, Array]:
    columns = [*_columns("input", inputs), *_columns("output", outputs)]
    read = read_columns(*columns)
    width = sum(column.name.startswith("input") for column in columns)
    x, y = np.column_stack(read[:width]), np.column_stack(read[width:])
    findings = [
        Finding(f"{column.name} is 0 in every row.", "Leave it out.")
        for column, values in zip(columns, read, strict=True)
        if not values.any()
    ]
    without = np.flatnonzero(x.sum(axis=1) == 0)
    if len(without) and not findings:
        rows = ", ".join(str(row + 1) for row in without[:10])
        findings.append(
            Finding(f"There is no input above 0 in rows {rows}.", "Nothing comes from nothing: correct it.")
        )
    if findings:
        raise DataError(findings)
    return x, y


def _columns(name: str, values: ArrayLike) -> list[Column]:
    raw = np.asarray(values)
    if raw.ndim == 1:
        return [Column(name, values, lowest=0.0)]
    if raw.ndim != 2 or raw.shape[1] == 0:
        raise ArgumentError(f"{name}s has the shape {raw.shape}, must be providers by columns")
    names = getattr(values, "columns", None)
    parts = [values[own] for own in names] if names is not None else list(raw.T)  # type: ignore[index]
    return [Column(f"{name} {number}", part, lowest=0.0) for number, part in enumerate(parts, start=1)]
