"""How gaps change from period to period, and whether because one group rose or because the other was lowered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from xl_qbs.equity.estimates import Estimates, combination, estimates
from xl_qbs.equity.gaps import reference_groups, reference_values
from xl_qbs.equity.gates import Gates
from xl_qbs.equity.group_table import Groups
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.table import Array

T = TypeVar("T", bound=Groups)
# Changes smaller than this are none.
_GUARD = 1e-9


class GapTrend(NamedTuple):
    """Change of each gap per unit of time; NaN where a group or its reference is not there in every period.

    Attributes:
        reference_group: place of the reference group, from the first period, shape (P, I); -1 where there is none.
        first: gap in the first period, value less reference, shape (P, I, G).
        last: gap in the last period.
        change: change of the gap per unit of time, with interval, shape (P, I, G): positive where the group gains
            on the reference (or, where lower is better, falls behind it).
        group_change: the part of it that is the group's own change.
        reference_change: change of the reference; change = group_change - reference_change.
        narrowed: whether the gap is nearer to 0 in the last period than in the first, and the group was behind.
        levelled_down: narrowed, though the group itself did not gain: only because the reference was lowered.
    """

    reference_group: NDArray[np.intp]
    first: Array
    last: Array
    change: Estimates
    group_change: Array
    reference_change: Array
    narrowed: NDArray[np.bool_]
    levelled_down: NDArray[np.bool_]


def gap_trend(
    tables: Sequence[T],
    *,
    to: str = "best",
    times: Sequence[float] | None = None,
    passed: Sequence[Gates] | None = None,
    level: float = 0.95,
) -> GapTrend:
    """Return how each group's gap to a reference group changes over periods.

    Change = sum over periods of a (value - reference), with a = (t - mean t) / sum (t - mean t)^2: the slope of the
    least-squares line; of two periods one unit apart, gap 2 - gap 1.

    Args:
        tables: two periods or more, made alike by `aligned`, earliest first.
        to: ``best``: the provider's best group of the first period, and no other later, whoever is best then; or the
            name of a group.
        times: when each period was, rising; 0, 1, 2 ... if None.
        passed: gates of each period; None compares all there is.
        level: level of the intervals.

    Raises:
        ArgumentError: periods that are not aligned, times that do not rise, or no such group.

    Source: METHODS section 6; of two periods, Newcombe (2001); interval as `combination`, which takes periods for
    independent. The best group of the first period is in part the luckiest and tends to fall back by itself, so gaps
    to it tend to narrow by chance: name the group where you can.
    """
    if len(tables) < 2:
        raise ArgumentError("tables: must be two periods at least")
    first = tables[0]
    for table in tables:
        same = (table.providers, table.indicators, table.groups) == (first.providers, first.indicators, first.groups)
        if not same:
            raise ArgumentError("tables: the periods differ in providers, indicators or groups: use aligned()")
    slopes = _slopes(len(tables), times)
    if passed is not None and len(passed) != len(tables):
        raise ArgumentError(f"passed: {len(passed)} gates, must be {len(tables)}, one for each period")
    own = []
    for number, table in enumerate(tables):
        allowed = table.patients > 0 if passed is None else passed[number].group_ok
        own.append(Estimates(*(np.where(allowed, part, np.nan) for part in estimates(table, level))))
    place = reference_groups(first, own[0].value, to)
    reference = [reference_values(part, place) for part in own]
    change = combination([*own, *reference], [*slopes, *(-slopes)])
    itself = np.arange(first.shape[2]) == place[:, :, None]
    # A group's change less its own is 0, and not uncertain.
    change = Estimates(*(np.where(itself & ~np.isnan(change.value), 0.0, part) for part in change))
    gap = [part.value - base.value for part, base in zip((own[0], own[-1]), (reference[0], reference[-1]), strict=True)]
    group_change = sum(by * part.value for by, part in zip(slopes, own, strict=True))
    reference_change = sum(by * part.value for by, part in zip(slopes, reference, strict=True))
    sign = first.sign[:, None]
    narrowed = (sign * gap[0] < -_GUARD) & (np.abs(gap[1]) < np.abs(gap[0]) - _GUARD) & ~np.isnan(change.value)
    gained = sign * (own[-1].value - own[0].value) > _GUARD
    return GapTrend(
        place,
        gap[0],
        gap[1],
        change,
        np.asarray(group_change),
        np.broadcast_to(np.asarray(reference_change), first.shape),
        narrowed,
        narrowed & ~gained,
    )


def _slopes(periods: int, times: Sequence[float] | None) -> Array:
    when = np.arange(periods, dtype=float) if times is None else np.asarray(times, dtype=float)
    if when.shape != (periods,) or not np.isfinite(when).all() or not (np.diff(when) > 0).all():
        raise ArgumentError(f"times: must be {periods} numbers that rise, one for each period")
    away = when - when.mean()
    slopes: Array = away / (away**2).sum()
    return slopes
