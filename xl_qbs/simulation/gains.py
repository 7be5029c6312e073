"""Who gains and who loses: by size of list, and by need."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xl_qbs.diagnosis.groups import Groups
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.table import Array
from xl_qbs.simulation.run import NONE, Simulation

if TYPE_CHECKING:
    import pandas as pd

# Amounts that differ by less are the same.
_SAME = 1e-9


class Gains(NamedTuple):
    """Gains and losses in G groups of lists; lists whose group is not known are in none.

    Attributes:
        groups: the groups.
        gaining: lists that gain, shape (G,).
        losing: lists that lose, shape (G,).
        before: mean before, shape (G,); NaN in a group without lists.
        after: mean after, shape (G,).
        gained: sum of what the gaining lists gain, shape (G,), from 0.
        lost: sum of what the losing lists lose, shape (G,), from 0.
    """

    groups: Groups
    gaining: NDArray[np.intp]
    losing: NDArray[np.intp]
    before: Array
    after: Array
    gained: Array
    lost: Array

    def frame(self) -> pd.DataFrame:
        """Return a row a group."""
        import pandas as pd  # noqa: PLC0415  (slow to import)

        return pd.DataFrame(
            {
                "lists": self.groups.lists,
                "from": self.groups.low,
                "to": self.groups.high,
                "gaining": self.gaining,
                "losing": self.losing,
                "before": self.before,
                "after": self.after,
                "gained": self.gained,
                "lost": self.lost,
            }
        )


def gains(before: ArrayLike, after: ArrayLike, groups: Groups) -> Gains:
    """Return gains and losses from one amount to another, by group.

    Args:
        before: one amount a list, shape (N,): bonuses, relative ranks, or scores on one scale.
        after: the other, shape (N,).
        groups: the groups of the lists, by size or by need (`xl_qbs.diagnosis.groups`).

    Raises:
        ArgumentError: lengths that do not fit, or missing amounts.

    Not for totals of different schemes: their scales differ, so compare bonuses or relative ranks there.

    >>> from xl_qbs.diagnosis.groups import groups_by_quantile
    >>> found = gains([10, 20, 30, 40], [15, 20, 25, 50], groups_by_quantile([1, 2, 3, 4], 2))
    >>> found.gained.tolist(), found.lost.tolist()
    ([5.0, 10.0], [0.0, 5.0])
    """
    first, second = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    for what, values in (("before", first), ("after", second)):
        if values.shape != groups.member.shape or not np.isfinite(values).all():
            raise ArgumentError(f"{what}: must be {len(groups.member)} numbers, one for each list, none missing")
    change = second - first
    size = len(groups.lists)
    means = np.full((2, size), np.nan)
    sums, counts = np.zeros((2, size)), np.zeros((2, size), dtype=np.intp)
    for group in np.flatnonzero(groups.lists):
        own = groups.member == group
        means[:, group] = first[own].mean(), second[own].mean()
        for row, way in enumerate((change[own], -change[own])):
            up = way > _SAME
            counts[row, group], sums[row, group] = up.sum(), way[up].sum()
    return Gains(groups, counts[0], counts[1], means[0], means[1], sums[0], sums[1])


def bonus_gains(
    simulation: Simulation, groups: Groups, *, to: tuple[str, str], since: tuple[str, str] = (NONE, "current")
) -> Gains:
    """Return gains and losses in mean bonus from one behaviour and scheme to another, by group.

    Args:
        simulation: a simulation with rules of the bonus.
        groups: the groups of its lists.
        to: behaviour and scheme afterwards, such as ``("chase-adjusted", "need-adjusted")``.
        since: behaviour and scheme before; nobody extra under the scheme in force by default.

    Raises:
        ArgumentError: a behaviour or scheme that was not simulated, or groups of other lists.

    Of means over replications: who gains here may lose in single ones (see the simulation's ``bonus_down``).
    """
    return gains(simulation.bonus[simulation.place(*since)], simulation.bonus[simulation.place(*to)], groups)


def served_by_group(simulation: Simulation, groups: Groups) -> Array:
    """Return extra patients served under each behaviour in each group, shape (A, G); mean over replications.

    Raises:
        ArgumentError: groups of other lists.
    """
    if len(groups.member) != len(simulation.providers):
        raise ArgumentError(f"groups: are of {len(groups.member)} lists, must be of {len(simulation.providers)}")
    patients = simulation.served.sum(axis=2)
    return np.stack([patients[:, groups.member == group].sum(axis=1) for group in range(len(groups.lists))], axis=1)
