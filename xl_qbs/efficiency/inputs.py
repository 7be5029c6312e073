"""What the models are given: columns that are checked once, all problems at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xl_qbs.errors import ArgumentError, DataError, Finding
from xl_qbs.scoring.table import Array

CostIs = Literal["spending", "performance"]
COST_IS: tuple[CostIs, ...] = get_args(CostIs)
# A mean, a spread and one provider that differs from both: below this, nothing relative can be said.
FEWEST_PROVIDERS = 3
# Of a long list of faulty rows, so many are named.
_NAMED_ROWS = 10


class Column(NamedTuple):
    """One column that a model is given, and what its values must be.

    Attributes:
        name: what it is in the field's words, such as ``quality``.
        values: the values; of a pandas Series, the name and the index stand in messages.
        lowest: what no value may be below, or None.
        positive: whether every value must be above 0.
        varies: whether the values must differ.
        missing: whether values may be missing (NaN).
    """

    name: str
    values: ArrayLike
    lowest: float | None = None
    positive: bool = False
    varies: bool = False
    missing: bool = False


def read_columns(*columns: Column, fewest: int = FEWEST_PROVIDERS) -> tuple[Array, ...]:
    """Return columns as arrays of floats of one length, or refuse with every problem found.

    Raises:
        ArgumentError: a column is no list, or the columns are of different lengths.
        DataError: text, missing, infinite, negative or zero values, a constant, or too few rows.
    """
    findings: list[Finding] = []
    arrays = [_array(column, findings) for column in columns]
    lengths = {column.name: len(array) for column, array in zip(columns, arrays, strict=True)}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise ArgumentError(f"columns must be equally long: {told}")
    rows = len(arrays[0])
    if rows < fewest:
        there = "there is 1 row" if rows == 1 else f"there are {rows} rows"
        what = f"{titled(columns[0])}: {there}, and at least {fewest} are needed."
        raise DataError([Finding(what, "Add rows, or do not use this model.")])
    for column, array in zip(columns, arrays, strict=True):
        findings += _problems(column, array)
    if findings:
        raise DataError(findings)
    return tuple(arrays)


def cost_performance(cost: ArrayLike, *, cost_is: CostIs, reference: float | None = None) -> Array:
    """Return cost performance: the reference over spending, so that higher is better.

    Args:
        cost: spending (above 0), or cost performance, one for each provider.
        cost_is: ``spending`` (lower is better) or ``performance`` (higher is better); never guessed.
        reference: with spending, the spending that counts as 1; the mean of the providers if None.
            Standardised scores do not depend on it.

    Returns:
        Shape (N,); cost performance as given where it was given.

    Raises:
        ArgumentError: ``cost_is`` is neither, or the reference is not positive or given with performance.
        DataError: missing values, text, or spending that is not above 0.

    Source: seed 003, section 3 (national spending per episode over the hospital's).

    >>> cost_performance([0.5, 1.0, 2.0], cost_is="spending", reference=1).tolist()
    [2.0, 1.0, 0.5]
    """
    check_cost_is(cost_is)
    if cost_is == "performance":
        if reference is not None:
            raise ArgumentError("reference: is for spending; cost performance has its own already")
        return read_columns(Column("cost", cost), fewest=1)[0]
    (spending,) = read_columns(Column("cost", cost, positive=True), fewest=1)
    if reference is None:
        reference = float(spending.mean())
    if not 0 < reference < float("inf"):
        raise ArgumentError(f"reference == {reference}, must be a number above 0")
    return reference / spending


def check_cost_is(cost_is: str) -> None:
    """Refuse a direction of cost that is not one.

    Raises:
        ArgumentError: ``cost_is`` is neither ``spending`` nor ``performance``.
    """
    check_choice("cost_is", cost_is, COST_IS)


def check_choice(name: str, value: object, allowed: Sequence[str]) -> None:
    """Refuse an option that is not among the allowed ones.

    Raises:
        ArgumentError: it is not.
    """
    if value not in allowed:
        raise ArgumentError(f"{name} == {value!r}, must be one of {', '.join(allowed)}")


def check_share(name: str, value: float) -> float:
    """Return a number strictly between 0 and 1.

    Raises:
        ArgumentError: it is not.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, np.floating)) or not 0 < value < 1:
        raise ArgumentError(f"{name} == {value!r}, must be between 0 and 1")
    return float(value)


def check_labels(name: str, labels: ArrayLike, rows: int) -> NDArray[np.object_]:
    """Return labels, such as the provider of each patient, as an array of objects.

    Raises:
        ArgumentError: there are more or fewer than rows.
        DataError: labels are missing.
    """
    array = np.asarray(labels, dtype=object)
    if array.ndim != 1 or len(array) != rows:
        raise ArgumentError(f"{name}: must be one for each row")
    missing = np.array([label is None or label != label or label == "" for label in array], dtype=bool)  # noqa: PLR0124
    if missing.any():
        column = Column(name, labels)
        raise DataError([Finding(f"{titled(column)} is missing in {_rows(column, missing)}.", "Fill it in.")])
    return array


def titled(column: Column) -> str:
    """Return a column's name in the field's words, and the caller's own where it differs."""
    own = getattr(column.values, "name", None)
    return column.name if own in {None, "", column.name} else f"{column.name} (column {str(own)!r})"


def _array(column: Column, findings: list[Finding]) -> Array:
    raw = np.asarray(column.values)
    if raw.ndim != 1:
        raise ArgumentError(f"{titled(column)} has {raw.ndim} dimensions, must have 1")
    if raw.dtype.kind in "fiu":
        return raw.astype(np.float64)
    numbers = np.full(len(raw), np.nan)
    texts = np.zeros(len(raw), dtype=bool)
    for row, value in enumerate(np.asarray(column.values, dtype=object)):
        if isinstance(value, (bool, np.bool_, int, float, np.integer, np.floating)):
            numbers[row] = float(value)
        elif isinstance(value, str) or not _is_missing(value):
            texts[row] = True
    if texts.any():
        what = f"{titled(column)} is not a number in {_rows(column, texts)}."
        findings.append(Finding(what, "Enter numbers; an empty cell is not a number either."))
        # Said once: as text, and not as missing too.
        numbers[texts] = 1.0
    return numbers


def _is_missing(value: object) -> bool:
    if value is None:
        return True
    # pandas has a missing value of its own, which is neither None nor NaN.
    return type(value).__name__ in {"NAType", "NaTType"} or (isinstance(value, float) and value != value)  # noqa: PLR0124


def _problems(column: Column, array: Array) -> list[Finding]:
    name = titled(column)
    found = []
    missing, infinite = np.isnan(array), np.isinf(array)
    if missing.any() and not column.missing:
        what = f"{name} is missing in {_rows(column, missing)}."
        found.append(Finding(what, "Fill it in, or leave these rows out."))
    if infinite.any():
        found.append(Finding(f"{name} is infinite in {_rows(column, infinite)}.", "Correct it."))
    known = array[~missing & ~infinite]
    if column.positive and (known <= 0).any():
        what = f"{name} is zero or negative in {_rows(column, array <= 0)}."
        found.append(Finding(what, "It must be above 0: correct it, or leave these rows out."))
    elif column.lowest is not None and (known < column.lowest).any():
        what = f"{name} is below {column.lowest:g} in {_rows(column, array < column.lowest)}."
        found.append(Finding(what, "Correct it, or leave these rows out."))
    if column.varies and not found and len(known) and is_constant(known):
        what = f"{name} is {known[0]:g} in every row: it tells providers not apart."
        found.append(Finding(what, "Choose another column."))
    return found


def is_constant(values: Array) -> bool:
    """Return whether values differ by nothing but their last bits."""
    return bool(np.ptp(values) <= 1e-12 * np.abs(values).max())


def _rows(column: Column, faulty: NDArray[np.bool_]) -> str:
    labels = getattr(column.values, "index", None)
    numbers = np.flatnonzero(faulty)
    named = [str(number + 1) if labels is None or callable(labels) else str(labels[number]) for number in numbers]
    head = "row " if len(named) == 1 else "rows "
    text = head + ", ".join(named[:_NAMED_ROWS])
    return text if len(named) <= _NAMED_ROWS else f"{text} and {len(named) - _NAMED_ROWS} more"
