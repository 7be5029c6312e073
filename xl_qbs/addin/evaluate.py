"""Calls a function on cells and gives cells back: the one place where blanks, headings and errors are treated.

What every function shares:

- Unused rows and columns at the end of a range, and headings above or to the left of its numbers, are left
  out (`xl_qbs.addin.ranges.trim`); the result begins beside the first list.
- Where the counts (``done`` and ``target``, or else the first argument) are blank, the result is blank. Only
  one of them blank is #VALUE!, but work done may be blank where the target is 0. Likewise a provider without any
  number where all providers are looked at together.
- An error value passes through, the first one found. Text, dates, and yes or no are no numbers: #VALUE!.
- In calculations by cell or by row, an error concerns its own cell or row; in those that look at all cells
  together (priors, loadings, weights, ranks, scores, models of quality and cost), the whole result is the error.
- What the package refuses as an impossible number is #NUM!, what is undefined is #N/A, and a package that is
  not installed makes a function unknown here: #NAME?.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xl_qbs.addin.calls import ByCell, ByRow, Calculation, RefusedError, RowsTogether, Together
from xl_qbs.addin.definition import MISSING, Argument, CellError, Cells, CellValue, Function, Given
from xl_qbs.addin.ranges import BLANK, ERROR, NUMBER, OTHER, WORD, Kinds, Mask, Range, read_range, trim
from xl_qbs.errors import ArgumentError, DataError
from xl_qbs.scoring.table import Array

# Excel takes no longer text in an array that a function returns.
LONGEST_TEXT = 255
_COUNTS = ("done", "target")
# How the package refuses numbers that cannot be.
_REFUSED = (ArgumentError, DataError)


def evaluate(function: Function, given: Sequence[Given]) -> Cells:
    """Return what a function gives for its arguments; never raises.

    Args:
        function: the function.
        given: its arguments in order; those that are left out may be missing at the end. An argument that
            can be left out and is one blank cell counts as left out.

    Returns:
        Rows of cells: numbers, texts, TRUE and FALSE, None for a blank cell, and errors. A call that fails
        as a whole gives one cell.
    """
    try:
        with np.errstate(all="ignore"):
            return _evaluate(function, given)
    except RefusedError as refused:
        return ((refused.error,),)
    except (*_REFUSED, OverflowError):
        return ((CellError.NUM,),)
    except ImportError:
        return ((CellError.NAME,),)
    except Exception:
        # Whatever it is, a cell can show no more than an error.
        return ((CellError.VALUE,),)


def _evaluate(function: Function, given: Sequence[Given]) -> Cells:
    if len(given) > len(function.arguments):
        raise RefusedError(CellError.VALUE, "too many arguments")
    call = function.call if isinstance(function.call, Calculation) else Together(function.call)
    prepared = _Prepared(function, given, call)
    if isinstance(call, (ByCell, ByRow)):
        return _each(call, prepared)
    if isinstance(call, RowsTogether):
        return _rows_together(call, prepared)
    return _together(call, function, prepared)


class _Prepared:
    """The arguments of a call, by name and in order.

    Attributes:
        values: what each argument is: a `Range` for numbers and labels that were given, rows of cells for texts
            and tables, a plain value for the rest and for what was left out.
        paired: the names of the ranges that belong together, cell by cell.
        labels: the names of those that hold labels.
    """

    def __init__(self, function: Function, given: Sequence[Given], call: Calculation) -> None:
        self.values: dict[str, Any] = {}
        self.labels = {argument.name for argument in function.arguments if argument.kind == "labels"}
        errors: list[CellError] = []
        for index, argument in enumerate(function.arguments):
            cells = given[index] if index < len(given) else MISSING
            self.values[argument.name] = self._read(argument, cells, errors)
        if errors:
            raise RefusedError(errors[0])
        ranges = {name: value for name, value in self.values.items() if isinstance(value, Range)}
        self.paired = [name for name in ranges if _belongs(call, name)]
        alone = [name for name in ranges if name not in self.paired]
        for names in (self.paired, *([name] for name in alone)):
            self.values.update(zip(names, trim([self.values[name] for name in names]), strict=True))
        for name in alone:
            _complete(self.values[name])
        for name in getattr(call, "undefined", ()):
            if name in ranges:
                self.values[name] = _undefined(self.values[name])
        for name in getattr(call, "unknown", ()):
            if name in ranges:
                self.values[name] = _undefined(self.values[name], blank=True)
        if set(_COUNTS) <= set(self.paired):
            self.values["done"] = _nobody(self.values["done"], self.values["target"])

    @staticmethod
    def _read(argument: Argument, cells: Given, errors: list[CellError]) -> Any:
        if cells is MISSING or (argument.optional and _is_blank(cells)):
            if not argument.optional:
                raise RefusedError(CellError.VALUE, f"{argument.name} has to be given")
            return argument.default
        if argument.kind in {"numbers", "labels"}:
            return read_range(cells)
        if argument.kind == "table":
            # Errors in columns that are not read, such as coverage of nobody, are none of the call's business.
            return _used_cells(cells)
        if argument.kind == "texts":
            errors.extend(value for row in cells for value in row if isinstance(value, CellError))
            return _used_cells(cells)
        if len(cells) != 1 or len(cells[0]) != 1:
            first = next((value for row in cells for value in row if isinstance(value, CellError)), CellError.VALUE)
            raise RefusedError(first, f"{argument.name} is one cell")
        value = cells[0][0]
        if isinstance(value, CellError):
            errors.append(value)
            return None
        return _single(argument, value)

    @property
    def ranges(self) -> list[Range]:
        """The ranges that belong together."""
        return [self.values[name] for name in self.paired]

    def mains(self) -> list[str]:
        """Return the names of the ranges whose blank cells make the result blank."""
        return [name for name in self.paired if name in _COUNTS] or self.paired[:1]

    def call(self, function: Callable[..., Any], ranges: dict[str, Any]) -> Any:
        """Return what a calculation gives with these in place of its ranges."""
        values = {name: value.numbers if isinstance(value, Range) else value for name, value in self.values.items()}
        return function(*{**values, **ranges}.values())


def _belongs(call: Calculation, name: str) -> bool:
    """Return whether a range belongs together with the others, cell by cell."""
    if isinstance(call, RowsTogether):
        return name in call.paired
    return isinstance(call, Together) or name not in call.whole


def _is_blank(cells: Cells) -> bool:
    """Return whether an argument is one blank cell, or a range of none."""
    if not cells or not cells[0]:
        return True
    value = cells[0][0]
    return len(cells) == len(cells[0]) == 1 and (value is None or (isinstance(value, str) and not value.strip()))


def _used_cells(cells: Cells) -> Cells:
    """Return rows of cells, an empty text as a blank, without blank rows and columns at the end."""
    blank = [[None if isinstance(value, str) and not value.strip() else value for value in row] for row in cells]
    used = [[index for index, value in enumerate(row, 1) if value is not None] for row in blank]
    rows = max((number for number, row in enumerate(used, 1) if row), default=0)
    columns = max((row[-1] for row in used if row), default=0)
    if any(len(row) != len(blank[0]) for row in blank):
        raise RefusedError(CellError.VALUE, "the rows are not equally long")
    return tuple(tuple(row[:columns]) for row in blank[:rows])


def _single(argument: Argument, value: CellValue) -> Any:
    if argument.kind == "flag":
        if isinstance(value, bool) or value in {0, 1}:
            return bool(value)
    elif argument.kind == "text":
        if isinstance(value, str) and value.strip():
            return value.strip()
    else:
        one = read_range(((value,),))
        if one.kinds is None:
            return float(one.numbers[0, 0])
        if one.kinds[0, 0] == ERROR:
            raise RefusedError(CellError.NA)
    raise RefusedError(CellError.VALUE, f"{argument.name} is {value!r}")


def _undefined(one: Range, blank: bool = False) -> Range:
    """Return a range in which a cell of #N/A, and if wanted a blank one, is a number that is not there."""
    if one.kinds is None:
        return one
    kinds = one.kinds.copy()
    if blank:
        kinds[kinds == BLANK] = NUMBER
    for row, column in zip(*np.nonzero(kinds == ERROR), strict=True):
        if one.error(row, column) is CellError.NA:
            kinds[row, column] = NUMBER
    return replace(one, kinds=kinds if kinds.any() else None)


def _nobody(done: Range, target: Range) -> Range:
    """Return work done with 0 where it is blank and nobody was to be served."""
    if done.kinds is None or done.shape != target.shape:
        return done
    nobody = (done.kinds == BLANK) & (target.numbers == 0)
    kinds = np.where(nobody, NUMBER, done.kinds).astype(np.uint8)
    return replace(done, numbers=np.where(nobody, 0.0, done.numbers), kinds=kinds if kinds.any() else None)


def _each(call: ByCell | ByRow, prepared: _Prepared) -> Cells:
    """Return the result of a calculation in which every cell, or every row, stands alone."""
    lines = _Lines(call, prepared)
    return _rows(lines.solve().reshape(lines.shape))


class _Lines:
    """The cells, or the rows, of a call one below another, each with what it needs.

    Attributes:
        shape: the shape of the result.
        numbers: for each range that varies from line to line, its numbers, shape (n, width).
        shared: for each range that all lines share, its numbers.
        good: which of the lines can be calculated, shape (n,).
        other: what the result is in the others, None for a blank, shape (n,); None where all are good.
    """

    def __init__(self, call: ByCell | ByRow, prepared: _Prepared) -> None:
        self.call = call
        self.prepared = prepared
        by_cell = isinstance(call, ByCell)
        ranges: dict[str, Range] = {name: prepared.values[name] for name in prepared.paired}
        shapes = [one.shape for one in ranges.values()]
        if by_cell:
            self.shape = _common(shapes)
            count = self.shape[0] * self.shape[1]
        else:
            count = max(rows for rows, _ in shapes)
            self.shape = (count, 1)
        self.numbers: dict[str, Array] = {}
        self.shared: dict[str, Array] = {}
        kinds: dict[str, Kinds] = {}
        for name, one in ranges.items():
            if count > 1 and (one.shape == (1, 1) if by_cell else one.shape[0] == 1):
                self.shared[name] = _complete(one)[0] if by_cell else _complete(one)
                continue
            if not by_cell and one.shape[0] != count:
                raise RefusedError(CellError.VALUE, f"{name} has {one.shape[0]} rows, not {count}")
            width = 1 if by_cell else one.shape[1]
            self.numbers[name] = self._spread(one.numbers, by_cell).reshape(count, width)
            if one.kinds is not None:
                kinds[name] = self._spread(one.kinds, by_cell).reshape(count, width)
        self.good = np.ones(count, dtype=bool)
        self.other: NDArray[np.object_] | None = None
        if kinds:
            self._sort_out(kinds)

    def _spread(self, values: NDArray[Any], by_cell: bool) -> NDArray[Any]:
        return np.broadcast_to(values, self.shape) if by_cell else values

    def _sort_out(self, kinds: dict[str, Kinds]) -> None:
        """Find the lines that cannot be calculated, and what stands there instead."""
        self.other = np.full(len(self.good), None, dtype=object)
        self.good = ~np.any([(one != NUMBER).any(axis=1) for one in kinds.values()], axis=0)
        blank = np.ones(len(self.good), dtype=bool)
        for name in self.prepared.mains():
            blank &= (kinds[name] == BLANK).all(axis=1) if name in kinds else False
        self.other[~self.good & ~blank] = CellError.VALUE
        # From the last argument to the first, and from right to left, so that the first one found stays.
        for name in reversed(list(kinds)):
            one: Range = self.prepared.values[name]
            lines, across = np.nonzero(kinds[name] == ERROR)
            for line, column in zip(lines[::-1], across[::-1], strict=True):
                self.other[line] = one.error(*self._place(one, int(line), int(column)))

    def _place(self, one: Range, line: int, column: int) -> tuple[int, int]:
        """Return where in a range the cell of a line stands."""
        if isinstance(self.call, ByRow):
            return line, column
        row, column = divmod(line, self.shape[1])
        return min(row, one.shape[0] - 1), min(column, one.shape[1] - 1)

    def solve(self) -> NDArray[Any]:
        """Return the result as what cells hold, a value a line."""
        at = np.flatnonzero(self.good)
        try:
            found = _cleaned(self._call(slice(None) if self.other is None else at))
        except _REFUSED:
            # What is wrong with the arguments that all lines share is wrong without any line.
            self._call(at[:0])
            found = self._search(at)
        if self.other is None:
            return found
        result = self.other.copy()
        result[at] = found
        return result

    def _call(self, at: slice | NDArray[np.intp]) -> NDArray[Any]:
        taken = {name: numbers[at] for name, numbers in self.numbers.items()}
        if isinstance(self.call, ByCell):
            taken = {name: numbers[:, 0] for name, numbers in taken.items()}
        return np.asarray(self.prepared.call(self.call.function, {**self.shared, **taken}))

    def _search(self, at: NDArray[np.intp]) -> NDArray[Any]:
        """Return the result, #NUM! in the lines that are refused, which are found by halving."""
        result = np.full(len(at), CellError.NUM, dtype=object)
        waiting = [(0, len(at))]
        while waiting:
            first, end = waiting.pop()
            try:
                result[first:end] = _cleaned(self._call(at[first:end]))
            except _REFUSED:
                if end - first > 1:
                    middle = (first + end) // 2
                    waiting += [(first, middle), (middle, end)]
        return result


def _common(shapes: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Return the shape that ranges share; one row, one column or one cell goes with any larger range."""
    try:
        rows, columns = np.broadcast_shapes(*shapes)
    except ValueError:
        rows, columns = 0, 0
    # A row and a column side by side are more likely a slip than a wish for every combination.
    if (rows, columns) not in shapes:
        raise RefusedError(CellError.VALUE, f"the shapes {', '.join(map(str, shapes))} do not fit")
    return rows, columns


def _complete(one: Range) -> Array:
    """Return the numbers of a range in which each cell has to hold one."""
    if one.kinds is not None and one.kinds.any():
        raise RefusedError(_first_error(one) or CellError.VALUE)
    return one.numbers


def _first_error(one: Range) -> CellError | None:
    found = np.argwhere(one.holds(ERROR))
    return one.error(*map(int, found[0])) if len(found) else None


def _together(call: Together, function: Function, prepared: _Prepared) -> Cells:
    """Return the result of a calculation that looks at all cells."""
    _check_cells(prepared)
    mains: list[Range] = [prepared.values[name] for name in prepared.mains()]
    blank: Mask | None = None
    if mains:
        if len({one.shape for one in mains}) > 1:
            raise RefusedError(CellError.VALUE, "the ranges differ in their shape")
        blank = mains[0].holds(BLANK)
        if any((one.holds(BLANK) != blank).any() for one in mains):
            raise RefusedError(CellError.VALUE, "one of two counts is blank")
        if blank.all():
            raise RefusedError(CellError.NA, "there are no numbers")
    found = prepared.call(call.function, {})
    if isinstance(found, np.ndarray):
        if found.ndim == 1:
            found = found.reshape((1, -1) if function.shape == "row" else (-1, 1))
        if function.shape == "same" and blank is not None and blank.any():
            # An interval is twice as large as its counts.
            blank = np.tile(blank, tuple(one // own for one, own in zip(found.shape, blank.shape, strict=True)))
            found = _cleaned(found).astype(object)
            found[blank] = None
            return _rows(found)
    return cells_of(found)


def _check_cells(prepared: _Prepared) -> None:
    """Refuse error values, and what is no number, in ranges that belong together."""
    for one in prepared.ranges:
        error = _first_error(one)
        if error is not None:
            raise RefusedError(error)
    numbers = [prepared.values[name] for name in prepared.paired if name not in prepared.labels]
    if any((one.holds(WORD) | one.holds(OTHER)).any() for one in numbers):
        raise RefusedError(CellError.VALUE, "a cell holds no number")


def _rows_together(call: RowsTogether, prepared: _Prepared) -> Cells:
    """Return the result of a calculation on providers, which stand below one another or across."""
    _check_cells(prepared)
    first: Range = prepared.values[prepared.paired[0]]
    across = prepared.paired[0] in call.columns and first.shape[0] == 1 < first.shape[1]
    count = first.shape[1] if across else first.shape[0]
    parts: dict[str, NDArray[Any]] = {}
    blank: dict[str, Mask] = {}
    for name in prepared.paired:
        one: Range = prepared.values[name]
        part, gaps = one.labels() if name in prepared.labels else one.numbers, one.holds(BLANK)
        parts[name], blank[name] = (part.T, gaps.T) if across else (part, gaps)
        if len(parts[name]) != count or (name in call.columns and parts[name].shape[1] != 1):
            raise RefusedError(CellError.VALUE, f"{name} has the shape {one.shape}")
    without = np.all([gaps.all(axis=1) for name, gaps in blank.items() if name not in prepared.labels], axis=0)
    if without.all():
        raise RefusedError(CellError.NA, "there are no numbers")
    if any(gaps[~without].any() for gaps in blank.values()):
        raise RefusedError(CellError.VALUE, "a provider has a gap")
    taken = {name: part[~without, 0] if name in call.columns else part[~without] for name, part in parts.items()}
    found = prepared.call(call.function, taken)
    if not isinstance(found, np.ndarray):
        return cells_of(found)
    result = np.full((count, 1 if found.ndim == 1 else found.shape[1]), None, dtype=object)
    result[~without] = _cleaned(found.reshape(len(found), -1))
    return _rows(result.T if across else result)


def cells_of(result: Any) -> Cells:
    """Return what a calculation gives as rows of cells: NaN as #N/A, infinity as #NUM!, long texts cut."""
    if isinstance(result, np.ndarray) and result.ndim == 2:
        return _rows(_cleaned(result))
    if isinstance(result, (tuple, list)):
        return tuple(tuple(map(_cell, row)) for row in result)
    return ((_cell(result),),)


def _rows(values: NDArray[Any]) -> Cells:
    """Return an array of what cells hold as rows of cells."""
    return tuple(map(tuple, values.tolist()))


def _cleaned(values: NDArray[Any]) -> NDArray[Any]:
    """Return values as what cells hold; of plain numbers the same array."""
    if values.dtype == object:
        cells = np.empty(values.shape, dtype=object)
        cells.reshape(-1)[:] = [_cell(value) for value in values.flat]
        return cells
    if values.dtype.kind != "f" or np.isfinite(values).all():
        return values
    cells = values.astype(object)
    cells[np.isnan(values)] = CellError.NA
    cells[np.isinf(values)] = CellError.NUM
    return cells


def _cell(value: Any) -> CellValue:
    """Return a value as what a cell holds."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return CellError.NA if np.isnan(value) else CellError.NUM
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return value[: LONGEST_TEXT - 1] + "…"
    cell: CellValue = value
    return cell
