"""How a calculation takes ranges: cell by cell, row by row, all providers at once, or all cells together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from xl_qbs.addin.definition import CellError
from xl_qbs.errors import QbsError


class RefusedError(QbsError):
    """A call that ends in one error value."""

    def __init__(self, error: CellError, why: str = "") -> None:
        self.error = error
        super().__init__(why or error.value)


@dataclass(frozen=True)
class ByCell:
    """A calculation in which every cell stands alone, so that a wrong one spoils its own result only.

    Attributes:
        function: takes flat arrays, one value a cell, and gives an array of that length.
        whole: the ranges that are not taken cell by cell: every cell sees all of them.
        unknown: the ranges in which a blank cell or #N/A is a number that nobody knows: the calculation gets NaN.
    """

    function: Callable[..., Any]
    whole: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def __call__(self, *arguments: Any) -> Any:
        """Return what the calculation gives."""
        return self.function(*arguments)


@dataclass(frozen=True)
class ByRow:
    """A calculation in which every row (a list) stands alone; gives one value a row.

    Attributes:
        function: takes arrays with a row a list, and gives an array with a value a list.
        whole: the ranges that every row sees all of, such as one required coverage a column.
    """

    function: Callable[..., Any]
    whole: tuple[str, ...] = ()

    def __call__(self, *arguments: Any) -> Any:
        """Return what the calculation gives."""
        return self.function(*arguments)


@dataclass(frozen=True)
class Together:
    """A calculation that looks at all cells at once, so that one wrong cell spoils the whole result.

    Attributes:
        function: takes arrays of two dimensions, NaN where a cell is blank.
        undefined: the ranges in which #N/A is an undefined coverage, which the calculation knows as NaN.
    """

    function: Callable[..., Any]
    undefined: tuple[str, ...] = ()

    def __call__(self, *arguments: Any) -> Any:
        """Return what the calculation gives."""
        return self.function(*arguments)


@dataclass(frozen=True)
class RowsTogether:
    """A calculation in which a row is a provider, and which looks at all providers at once.

    Rows with nothing in them are left out and stay blank; a row with a gap, or one wrong cell, spoils the whole result.
    Where the first range is a row, providers stand across, and so does the result.

    Attributes:
        function: takes the rows that there are, in arrays of one length, and gives an array with a value (or a row of
            values) for each of them; or rows of cells, which stand as they are.
        columns: the ranges with one cell a provider, which come as arrays of one dimension.
        blocks: the ranges with one or more, which come as arrays of two dimensions.
    """

    function: Callable[..., Any]
    columns: tuple[str, ...]
    blocks: tuple[str, ...] = ()

    def __call__(self, *arguments: Any) -> Any:
        """Return what the calculation gives."""
        return self.function(*arguments)

    @property
    def paired(self) -> tuple[str, ...]:
        """The ranges that belong together, row by row."""
        return self.columns + self.blocks


Calculation = ByCell | ByRow | Together | RowsTogether
