"""The indicator table: who, which indicators, how many patients, how many served."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from xl_qbs.errors import ArgumentError

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Table:
    """One period's counts: a row a provider, a column an indicator.

    Attributes:
        providers: the lists' ids, each once; length N.
        indicators: the indicators' codes, each once; length k.
        target: target population, shape (N, k), whole numbers from 0.
        done: actual work done as it was reported, shape (N, k); may exceed the target.
        names: the doctors' names, or empty.
        coefficient: each list's coefficient on the score in force, shape (N,), or None for 1.
        period: the period the counts are of, such as ``2019``; empty where it is not known.

    Raises:
        ArgumentError: shapes that do not fit, an id twice, counts that are negative, fractional or missing.

    A target of 0 means that there was nobody to serve: coverage is undefined there.
    """

    providers: tuple[str, ...]
    indicators: tuple[str, ...]
    target: Array
    done: Array
    names: tuple[str, ...] = ()
    coefficient: Array | None = None
    period: str = ""

    def __post_init__(self) -> None:
        shape = (len(self.providers), len(self.indicators))
        for what, counts in (("target", self.target), ("done", self.done)):
            if counts.shape != shape:
                raise ArgumentError(f"{what}: shape is {counts.shape}, must be {shape} (providers, indicators)")
            wrong = ~(np.isfinite(counts) & (counts >= 0) & (counts == np.floor(counts)))
            if wrong.any():
                row, column = np.argwhere(wrong)[0]
                raise ArgumentError(
                    f"{what}: {counts[row, column]} for {self.providers[row]}, {self.indicators[column]}; "
                    "must be a whole number from 0"
                )
        for what, ids in (("provider", self.providers), ("indicator", self.indicators)):
            if len(set(ids)) < len(ids):
                twice = next(one for one in ids if ids.count(one) > 1)
                raise ArgumentError(f"{what} {twice!r} stands more than once")
        if self.names and len(self.names) != shape[0]:
            raise ArgumentError(f"names: {len(self.names)}, must be {shape[0]}, one for each provider")
        if self.coefficient is None:
            return
        if self.coefficient.shape != (shape[0],):
            raise ArgumentError(f"coefficient: shape is {self.coefficient.shape}, must be ({shape[0]},)")
        if not (np.isfinite(self.coefficient) & (self.coefficient >= 0)).all():
            raise ArgumentError("coefficient: must be numbers from 0, none missing")

    @property
    def counted(self) -> Array:
        """Work done as it is counted: never more than the target population."""
        return np.minimum(self.done, self.target)

    @property
    def eligible(self) -> Array:
        """Eligible patients of each provider over all indicators, shape (N,)."""
        total: Array = self.target.sum(axis=1)
        return total

    def select(self, indicators: Sequence[str]) -> Self:
        """Return the table with these indicators in this order.

        Raises:
            ArgumentError: an indicator is not in the table.
        """
        unknown = [code for code in indicators if code not in self.indicators]
        if unknown:
            raise ArgumentError(f"indicators {', '.join(unknown)} are not in the table")
        columns = [self.indicators.index(code) for code in indicators]
        return replace(self, indicators=tuple(indicators), target=self.target[:, columns], done=self.done[:, columns])

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, period: str = "") -> Table:
        """Return the table of a long frame.

        Args:
            frame: columns ``provider``, ``indicator``, ``target``, ``done``, a row a pair; pairs that
                are missing have a target of 0.
            period: the period the counts are of.

        Raises:
            ArgumentError: a column, a provider or an indicator is missing, a pair stands twice, or a count is none.
        """
        missing = {"provider", "indicator", "target", "done"} - set(frame.columns)
        if missing:
            raise ArgumentError(f"the frame lacks the columns {', '.join(sorted(missing))}")
        if frame.duplicated(["provider", "indicator"]).any():
            twice = frame[frame.duplicated(["provider", "indicator"])].iloc[0]
            raise ArgumentError(f"{twice['provider']}, {twice['indicator']} stands more than once")
        for column in ("provider", "indicator"):
            if frame[column].isna().any():
                raise ArgumentError(f"{column}: none may be missing")
        providers = list(dict.fromkeys(frame["provider"]))
        indicators = list(dict.fromkeys(frame["indicator"]))
        place = {one: number for number, one in enumerate(providers)}
        rows = [place[one] for one in frame["provider"]]
        columns = [indicators.index(one) for one in frame["indicator"]]
        counts = {}
        for what in ("target", "done"):
            counts[what] = np.zeros((len(providers), len(indicators)))
            counts[what][rows, columns] = [_count(value) for value in frame[what]]
        return cls(
            providers=tuple(str(one) for one in providers),
            indicators=tuple(str(one) for one in indicators),
            target=counts["target"],
            done=counts["done"],
            period=period,
        )


def _count(value: object) -> float:
    """Return a count as a number; what is none becomes NaN, which a table refuses with its place."""
    return float(value) if isinstance(value, (int, float, np.number)) else np.nan
