"""From patient rows to the table by group, with the continuity filter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xl_qbs.efficiency.inputs import Column, check_choice, check_labels, read_columns
from xl_qbs.equity.group_table import GroupMeans, GroupTable
from xl_qbs.errors import ArgumentError, DataError, Finding
from xl_qbs.scoring.table import Array

Values = Literal["done", "continuous"]
VALUES: tuple[Values, ...] = get_args(Values)


class Grouped(NamedTuple):
    """A table by group, and who is not in it.

    Attributes:
        table: counts, or means of continuous values; its ``total`` holds the patients of unknown group too.
        left_out: patient rows left out by the continuity filter, shape (P, I).
    """

    table: GroupTable | GroupMeans
    left_out: Array


def group_patients(
    provider: ArrayLike,
    indicator: ArrayLike,
    group: ArrayLike,
    value: ArrayLike,
    *,
    values: Values,
    unknown: Sequence[str] = ("", "unknown"),
    months: ArrayLike | None = None,
    fewest_months: float = 0.0,
    lower_is_better: Sequence[str] = (),
    period: str = "",
) -> Grouped:
    """Return the table by group of patient rows.

    Args:
        provider: of each row; a row is one patient to whom one indicator applies.
        indicator: its code.
        group: the patient's group; None, NaN and the labels in ``unknown`` stand for not known.
        value: 1 where the care was given and 0 where not, or a continuous value such as a PROMIS score.
        values: ``done`` or ``continuous``; never guessed.
        unknown: labels that mean not known.
        months: how long each patient has been with the provider.
        fewest_months: patients with the provider for less are left out (the continuity filter).
        lower_is_better: with continuous values, the indicators of which less is better.
        period: the period of the rows.

    Raises:
        ArgumentError: lengths that differ, an option that is none, or a filter without months.
        DataError: missing values or text, or done values that are neither 0 nor 1.

    Source: METHODS section 6; seed 000: measures tied to continuity of the relationship. The filter takes those out
    whom a provider has hardly seen; it can also take out those who move most, and they are often the disadvantaged:
    look at ``left_out``.
    """
    check_choice("values", values, VALUES)
    columns = [Column("value", value, lowest=0.0 if values == "done" else None)]
    if months is not None:
        columns.append(Column("months", months, lowest=0.0))
    elif fewest_months > 0:
        raise ArgumentError("fewest_months: needs the months that each patient has been with the provider")
    read = read_columns(*columns, fewest=1)
    numbers = read[0]
    if values == "done" and not np.isin(numbers, (0.0, 1.0)).all():
        raise DataError(
            [Finding("value is neither 0 nor 1 in some rows.", "Enter 1 where the care was given, else 0.")]
        )
    stays = np.ones(len(numbers), dtype=bool) if months is None else read[1] >= fewest_months
    who, providers = _places("provider", provider, len(numbers))
    what, indicators = _places("indicator", indicator, len(numbers))
    named, groups = _group_places(group, unknown, len(numbers))
    shape = (len(providers), len(indicators), len(groups))
    pairs = who * shape[1] + what
    left_out = np.bincount(pairs[~stays], minlength=shape[0] * shape[1]).reshape(shape[:2]).astype(np.float64)
    total = np.bincount(pairs[stays], minlength=shape[0] * shape[1]).reshape(shape[:2]).astype(np.float64)
    kept = stays & (named >= 0)
    cell = pairs[kept] * shape[2] + named[kept]
    size = int(np.prod(shape))
    n = np.bincount(cell, minlength=size).astype(np.float64)
    sums = np.bincount(cell, numbers[kept], size).astype(np.float64)
    names = {"providers": providers, "indicators": indicators, "groups": groups}
    if values == "done":
        counts = GroupTable(**names, n=n.reshape(shape), x=sums.reshape(shape), total=total, period=period)
        return Grouped(counts, left_out)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sums / n
        away = np.bincount(cell, (numbers[kept] - mean[cell]) ** 2, size)
        spread = np.where(n > 1, np.sqrt(away / (n - 1)), np.nan)
    higher = tuple(one not in lower_is_better for one in indicators)
    means = GroupMeans(
        **names,
        n=n.reshape(shape),
        mean=mean.reshape(shape),
        sd=spread.reshape(shape),
        total=total,
        higher_is_better=higher,
        period=period,
    )
    return Grouped(means, left_out)


def _places(name: str, labels: ArrayLike, rows: int) -> tuple[NDArray[np.intp], tuple[str, ...]]:
    """Return the place of each row's label among the labels, and these in order of first appearance."""
    places: dict[str, int] = {}
    found = [places.setdefault(str(label), len(places)) for label in check_labels(name, labels, rows)]
    return np.array(found, dtype=np.intp), tuple(places)


def _group_places(labels: ArrayLike, unknown: Sequence[str], rows: int) -> tuple[NDArray[np.intp], tuple[str, ...]]:
    array = np.asarray(labels, dtype=object)
    if array.ndim != 1 or len(array) != rows:
        raise ArgumentError("group: must be one for each row")
    places: dict[str, int] = {}
    found = []
    for label in array:
        missing = label is None or label != label or str(label) in unknown  # noqa: PLR0124  (NaN)
        found.append(-1 if missing else places.setdefault(str(label), len(places)))
    return np.array(found, dtype=np.intp), tuple(places)
