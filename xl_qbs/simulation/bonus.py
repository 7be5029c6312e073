"""What a score pays: bands with coefficients, conditions, and, where there is one, a pot of fixed size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.ranks import band, relative_rank
from xl_qbs.scoring.table import Array

BandsOf = Literal["score", "relative-rank"]
BANDS_OF: tuple[BandsOf, ...] = get_args(BandsOf)


@dataclass(frozen=True)
class BonusRules:
    """How a score becomes a bonus.

    Attributes:
        lowers: lower limits of the bands, shares rising from 0: of the maximum score, or of relative rank.
        coefficients: the share of the full bonus that each band pays, from 0; above 1 where a band pays more.
        amount: the full bonus of a list, in the fund's currency.
        bands_of: ``score`` (share of the maximum) or ``relative-rank`` (share of the other lists that score no higher).
        conditions: names of conditions of the scheme that a list must meet to get any bonus.
        pot: a total to be paid out whatever the scores are, so that all bonuses are scaled to it; None for no pot.

    Raises:
        ArgumentError: bands that do not rise from 0, other than one coefficient each, or negative numbers.

    Source: METHODS sections 2 and 4; seed 002, Part A (80 % of the maximum for any bonus) and Figure 8 (80 and 90 %).
    No document states coefficients or amounts, so there is no default. Limits for the score in force do not suit
    the need-adjusted one, whose scores are lower by intention: give ``relative-rank`` or a pot to compare the two.
    """

    lowers: tuple[float, ...]
    coefficients: tuple[float, ...]
    amount: float
    bands_of: BandsOf = "score"
    conditions: tuple[str, ...] = ()
    pot: float | None = None

    def __post_init__(self) -> None:
        limits = np.asarray(self.lowers, dtype=float)
        if len(limits) == 0 or limits[0] != 0 or not (np.diff(limits) > 0).all():
            raise ArgumentError("lowers: must rise from 0")
        if len(self.coefficients) != len(self.lowers):
            raise ArgumentError(f"coefficients: there are {len(self.coefficients)}, and {len(self.lowers)} bands")
        amounts = {"coefficients": self.coefficients, "amount": (self.amount,), "pot": (self.pot or 0.0,)}
        for what, values in amounts.items():
            if not all(0 <= one < float("inf") for one in values):
                raise ArgumentError(f"{what}: must be numbers from 0")
        if self.bands_of not in BANDS_OF:
            raise ArgumentError(f"bands_of == {self.bands_of!r}, must be one of {', '.join(BANDS_OF)}")


@dataclass(frozen=True, eq=False)
class Bonuses:
    """Bonuses of N lists, for any number of replications.

    Attributes:
        band: the band of each list from 0, shape (..., N).
        bonus: in the currency of the rules, shape (..., N).
    """

    band: NDArray[np.intp]
    bonus: Array


def bonuses(
    scores: ArrayLike, most: float, rules: BonusRules, *, met: ArrayLike = True, amounts: ArrayLike | None = None
) -> Bonuses:
    """Return the band and the bonus of each list.

    Args:
        scores: shape (..., N); each row along the last axis is one replication of all lists.
        most: the maximum that bands are shares of; not read with ``relative-rank``.
        rules: the rules.
        met: whether a list meets all conditions, of a shape that broadcasts with ``scores``.
        amounts: the full bonus of each list where it differs, for example by list size, shape (N,); the rules' if None.

    Raises:
        ArgumentError: a maximum that is not positive, missing scores, or amounts that do not fit.

    Where nobody earns a bonus, a pot is not paid out.

    >>> rules = BonusRules((0, 0.8, 0.9), (0, 0.8, 1), 1000)
    >>> bonuses([383.9, 384, 432], 480, rules).bonus.tolist()
    [0.0, 800.0, 1000.0]
    """
    values = np.asarray(scores, dtype=float)
    full = np.asarray(rules.amount if amounts is None else amounts, dtype=float)
    if full.shape not in ((), values.shape[-1:]) or not (np.isfinite(full) & (full >= 0)).all():
        raise ArgumentError(f"amounts: must be {values.shape[-1]} numbers from 0, one for each list")
    if rules.bands_of == "relative-rank":
        rows = values.reshape(-1, values.shape[-1])
        values, most = np.array([relative_rank(row) for row in rows]).reshape(values.shape), 1.0
    which = band(values, most, rules.lowers)
    bonus = np.asarray(rules.coefficients, dtype=float)[which] * full * np.asarray(met, dtype=bool)
    if rules.pot is not None:
        total = bonus.sum(axis=-1, keepdims=True)
        with np.errstate(invalid="ignore", divide="ignore"):
            bonus = np.where(total > 0, bonus * (rules.pot / total), 0.0)
    return Bonuses(which, bonus)
