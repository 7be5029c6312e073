"""Lists in groups by size or need, and scores and bands within the groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.table import Array

if TYPE_CHECKING:
    import pandas as pd

NOT_KNOWN = -1


class Groups(NamedTuple):
    """Lists in G groups by a number such as eligible patients.

    Attributes:
        member: the group of each list from 0 for the lowest, shape (N,); -1 where the number is not known.
        low: the lowest number in each group, shape (G,); NaN in a group without lists.
        high: the highest, shape (G,).
        lists: how many lists are in each group, shape (G,).
    """

    member: NDArray[np.intp]
    low: Array
    high: Array
    lists: NDArray[np.intp]


class GroupScores(NamedTuple):
    """Scores by group.

    Attributes:
        scores: names, length S.
        groups: the groups.
        mean: shape (G, S); NaN in a group without lists.
        median: shape (G, S).
        standard_error: of the mean over lists, shape (G, S); NaN with fewer than two.
    """

    scores: tuple[str, ...]
    groups: Groups
    mean: Array
    median: Array
    standard_error: Array

    def frame(self) -> pd.DataFrame:
        """Return a row a group: lists, lowest and highest number, and the mean of each score."""
        import pandas as pd  # noqa: PLC0415  (slow to import)

        sizes = pd.DataFrame({"lists": self.groups.lists, "from": self.groups.low, "to": self.groups.high})
        return pd.concat([sizes, pd.DataFrame(self.mean, columns=list(self.scores))], axis=1)


def groups_by_quantile(values: ArrayLike, number: int = 5) -> Groups:
    """Return lists in groups of equal size as far as ties allow, lowest first.

    Args:
        values: one number a list, such as list size, eligible patients or unmet need; NaN where not known.
        number: how many groups, from 1.

    Raises:
        ArgumentError: no groups, infinite numbers, or nobody's number known.

    Ties are in one group, the one that the first of them belongs to; a group may then be empty.

    >>> groups_by_quantile([10, 20, 30, 40, 40, float("nan")], 2).member.tolist()
    [0, 0, 0, 1, 1, -1]
    """
    numbers = _numbers(values)
    if number < 1:
        raise ArgumentError(f"number == {number}, must be 1 or more")
    known = ~np.isnan(numbers)
    if not known.any():
        raise ArgumentError("values: none is known")
    member = np.full(len(numbers), NOT_KNOWN, dtype=np.intp)
    ordered = np.sort(numbers[known])
    below = np.searchsorted(ordered, numbers[known], side="left")
    member[known] = below * number // len(ordered)
    return _groups(numbers, member, number)


def groups_by_limits(values: ArrayLike, limits: Sequence[float]) -> Groups:
    """Return lists in groups that begin at these limits; who is below the first limit is in the first group, 0.

    Args:
        values: one number a list; NaN where not known.
        limits: rising; so many limits make one group more.

    Raises:
        ArgumentError: limits that do not rise, or infinite numbers.

    >>> groups_by_limits([1200, 1600, 2000], [1500, 2000]).member.tolist()
    [0, 1, 2]
    """
    numbers = _numbers(values)
    steps = np.asarray(limits, dtype=float)
    if len(steps) == 0 or not np.isfinite(steps).all() or not (np.diff(steps) > 0).all():
        raise ArgumentError("limits: must be numbers that rise")
    member = np.where(np.isnan(numbers), NOT_KNOWN, np.searchsorted(steps, numbers, side="right"))
    return _groups(numbers, member.astype(np.intp), len(steps) + 1)


def scores_by_group(groups: Groups, scores: Mapping[str, ArrayLike]) -> GroupScores:
    """Return mean and median of scores in each group; lists whose group is not known are left out.

    Args:
        groups: the groups of N lists.
        scores: by name, each of shape (N,).

    Raises:
        ArgumentError: no scores, or another length.

    Source: METHODS section 4; seed 002, Figure 8. Compare groups within a score: the scores' scales differ.
    """
    if not scores:
        raise ArgumentError("scores: there are none")
    shape = (len(groups.lists), len(scores))
    mean, median, error = (np.full(shape, np.nan) for _ in range(3))
    for column, (name, values) in enumerate(scores.items()):
        numbers = np.asarray(values, dtype=float)
        if numbers.shape != groups.member.shape:
            raise ArgumentError(f"{name}: shape is {numbers.shape}, must be {groups.member.shape}")
        for group, lists in enumerate(groups.lists):
            own = numbers[groups.member == group]
            if lists:
                mean[group, column], median[group, column] = own.mean(), np.median(own)
            if lists > 1:
                error[group, column] = own.std(ddof=1) / np.sqrt(lists)
    return GroupScores(tuple(scores), groups, mean, median, error)


def bands_by_group(groups: Groups, band: ArrayLike, bands: int) -> NDArray[np.intp]:
    """Return how many lists of each group are in each band, shape (G, bands).

    Args:
        groups: the groups of N lists.
        band: the band of each list from 0, shape (N,).
        bands: how many bands there are.

    Raises:
        ArgumentError: bands that are not whole numbers from 0 to the last, or another length.

    Source: METHODS section 4. Lists whose group is not known are left out.
    """
    numbers = np.asarray(band)
    if numbers.shape != groups.member.shape or not np.issubdtype(numbers.dtype, np.integer):
        raise ArgumentError(f"band: must be a whole number for each of {len(groups.member)} lists")
    if len(numbers) and not (numbers.min() >= 0 and numbers.max() < bands):
        raise ArgumentError(f"band: must be from 0 to {bands - 1}")
    counts = np.zeros((len(groups.lists), bands), dtype=np.intp)
    known = groups.member != NOT_KNOWN
    np.add.at(counts, (groups.member[known], numbers[known]), 1)
    return counts


def _groups(numbers: Array, member: NDArray[np.intp], number: int) -> Groups:
    low, high = np.full(number, np.nan), np.full(number, np.nan)
    lists = np.bincount(member[member != NOT_KNOWN], minlength=number).astype(np.intp)
    for group in np.flatnonzero(lists):
        own = numbers[member == group]
        low[group], high[group] = own.min(), own.max()
    return Groups(member, low, high, lists)


def _numbers(values: ArrayLike) -> Array:
    try:
        numbers = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ArgumentError("values: must be numbers") from None
    if numbers.ndim != 1 or np.isinf(numbers).any():
        raise ArgumentError("values: must be one number a list")
    return numbers
