"""Who changes class: what the choice of a model does to single providers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from xl_qbs.efficiency.classes import THIRDS, Classes, classify, cut_offs
from xl_qbs.efficiency.inputs import Column, read_columns
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.table import Array

if TYPE_CHECKING:
    import pandas as pd


class Agreement(NamedTuple):
    """Classes under each model, and who changes.

    Attributes:
        models: names, length M.
        classes: from 0 (lowest), shape (N, M).
        same: share of providers in the same class under two models, shape (M, M).
        kappa: the same beyond chance (Cohen's kappa); NaN where both put everybody into one class.
        lowest: lowest class of each provider under any model, shape (N,).
        highest: highest class, shape (N,).
    """

    models: tuple[str, ...]
    classes: Classes
    same: Array
    kappa: Array
    lowest: Classes
    highest: Classes

    @property
    def changing(self) -> Classes:
        """Rows of the providers whose class is not the same under all models, those that move furthest first."""
        moved = self.highest - self.lowest
        order = np.argsort(-moved, kind="stable")
        return order[moved[order] > 0]

    def frame(self) -> pd.DataFrame:
        """Return the classes as a frame, a row a provider and a column a model, with lowest and highest."""
        import pandas as pd  # noqa: PLC0415  (slow to import)

        table = pd.DataFrame(self.classes, columns=list(self.models))
        return table.assign(lowest=self.lowest, highest=self.highest)


def classes_of(efficiencies: Mapping[str, ArrayLike], shares: Sequence[float] = THIRDS) -> dict[str, Classes]:
    """Return classes of providers under each model, by shares of providers.

    Args:
        efficiencies: by model, each of shape (N,), higher is better.
        shares: shares of providers at which classes begin; thirds by default. Ties at a cut-off are in the higher
            class, so models with many ties have larger high classes.

    Raises:
        ArgumentError: no models, lengths that differ, or shares that do not rise.
        DataError: missing values, text, fewer than 3 providers.
    """
    if not efficiencies:
        raise ArgumentError("efficiencies: must be of a model or more")
    columns = read_columns(*(Column(name, values) for name, values in efficiencies.items()))
    return {
        name: classify(values, cut_offs(values, shares)) for name, values in zip(efficiencies, columns, strict=True)
    }


def agreement(classes: Mapping[str, ArrayLike]) -> Agreement:
    """Return how many providers keep their class from model to model, and who does not.

    Args:
        classes: by model, whole numbers from 0 (lowest), each of shape (N,); from `classes_of` or a model's own.

    Raises:
        ArgumentError: fewer than 2 models, lengths that differ, or classes that are no whole numbers from 0.

    Source: seed 003, sections 3 to 5: the models give meaningfully different signals. Before anyone is tiered or paid,
    look at `changing`: each of these providers would be treated otherwise by another reasonable model.

    >>> agreement({"a": [0, 1, 2, 2], "b": [0, 1, 1, 2]}).changing.tolist()
    [2]
    """
    if len(classes) < 2:
        raise ArgumentError("classes: must be of 2 models or more")
    columns = read_columns(*(Column(name, values, lowest=0.0) for name, values in classes.items()), fewest=1)
    table = np.column_stack(columns)
    if (table != np.round(table)).any():
        raise ArgumentError("classes: must be whole numbers from 0")
    numbers = table.astype(np.intp)
    same = (numbers[:, :, None] == numbers[:, None, :]).mean(axis=0)
    shares = np.stack([(numbers == one).mean(axis=0) for one in range(int(numbers.max()) + 1)])
    chance = shares.T @ shares
    with np.errstate(invalid="ignore", divide="ignore"):
        kappa = np.where(chance < 1 - 1e-12, (same - chance) / (1 - chance), np.nan)
    return Agreement(tuple(classes), numbers, same, kappa, numbers.min(axis=1), numbers.max(axis=1))
