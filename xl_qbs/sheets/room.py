"""How many lists and indicators a book has cells for, which of them are taken, and what stands in the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class Room:
    """The cells of a book for lists and indicators.

    Result sheets have exactly as many as were scored. A template has more: its formulas leave the
    rest empty, so that lists and indicators can be added in the workbook alone.

    Attributes:
        lists: how many rows there are for lists.
        indicators: how many places there are for indicators.
        taken: the place of each indicator of the scheme, from 0, shape (k,).
        open: whether formulas have to reckon with empty cells.
    """

    lists: int
    indicators: int
    taken: NDArray[np.intp]
    open: bool = False

    @classmethod
    def exact(cls, lists: int, indicators: int) -> Room:
        """Return the room of just so many lists and indicators."""
        return cls(lists, indicators, np.arange(indicators))

    def by_list(self, values: ArrayLike, empty: Any = None) -> NDArray[Any]:
        """Return values of shape (N,) or (N, m), a row a list, with as many rows as there is room for."""
        given = np.asarray(values)
        if not self.open:
            return given
        filled = self._blank((self.lists, *given.shape[1:]), given, empty)
        filled[: len(given)] = given
        return filled

    def by_indicator(self, values: ArrayLike, empty: Any = None) -> NDArray[Any]:
        """Return values of shape (k,), one an indicator, each at its place."""
        given = np.asarray(values)
        if not self.open:
            return given
        filled = self._blank((self.indicators, *given.shape[1:]), given, empty)
        filled[self.taken] = given
        return filled

    def across(self, values: ArrayLike, empty: Any = None) -> NDArray[Any]:
        """Return values of shape (k,) as one row."""
        return self.by_indicator(values, empty).reshape(1, -1)

    def grid(self, values: ArrayLike, empty: Any = None) -> NDArray[Any]:
        """Return values of shape (N, k) with a row for each list and a column for each indicator."""
        given = np.asarray(values)
        if not self.open:
            return given
        filled = self._blank((self.lists, self.indicators), given, empty)
        filled[: len(given), self.taken] = given
        return filled

    def square(self, values: ArrayLike) -> NDArray[Any]:
        """Return values of shape (k, k) with a row and a column for each indicator, 0 elsewhere."""
        given = np.asarray(values)
        if not self.open:
            return given
        filled = np.zeros((self.indicators, self.indicators))
        filled[np.ix_(self.taken, self.taken)] = given
        return filled

    def guarded(self, formula: str, *needed: str) -> str:
        """Return a formula that stays empty while one of the cells that it needs holds no number."""
        if not self.open:
            return formula
        for name in reversed(needed):
            formula = f'IF(ISNUMBER({{{name}}}),{formula},"")'
        return formula

    @property
    def numbers(self) -> NDArray[np.float64]:
        """The numbers of the places for indicators, from 1."""
        return np.arange(1.0, self.indicators + 1)

    def _blank(self, shape: tuple[int, ...], like: NDArray[Any], empty: Any) -> NDArray[Any]:
        if like.dtype == object or like.dtype.kind in "US" or isinstance(empty, str):
            return np.full(shape, "" if empty is None else empty, dtype=object)
        return np.full(shape, np.nan if empty is None else empty, dtype=float)
