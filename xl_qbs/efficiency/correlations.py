"""How far the models agree in order: the correlation table of Exhibit 7."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike

from xl_qbs.efficiency.conditional import conditional
from xl_qbs.efficiency.frontier import frontier
from xl_qbs.efficiency.hurdles import Failing, cost_hurdle, quality_hurdle
from xl_qbs.efficiency.inputs import Column, CostIs, check_choice, check_share, is_constant, read_columns
from xl_qbs.efficiency.unconditional import QUALITY_30, QUALITY_70, unconditional
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.coverage import Interval
from xl_qbs.scoring.table import Array

if TYPE_CHECKING:
    import pandas as pd

Measure = Literal["pearson", "spearman"]
MEASURES: tuple[Measure, ...] = get_args(Measure)


class Correlations(NamedTuple):
    """Correlations between the efficiencies of models.

    Attributes:
        models: names, length M.
        matrix: shape (M, M); NaN where a model gives everybody the same.
        interval: of each, by Fisher's z.
        providers: how many.
    """

    models: tuple[str, ...]
    matrix: Array
    interval: Interval
    providers: int

    def frame(self) -> pd.DataFrame:
        """Return the matrix as a frame, models in rows and columns."""
        import pandas as pd  # noqa: PLC0415  (slow to import)

        return pd.DataFrame(self.matrix, index=list(self.models), columns=list(self.models))


def efficiency_correlations(
    efficiencies: Mapping[str, ArrayLike], *, measure: Measure = "pearson", level: float = 0.95
) -> Correlations:
    """Return the correlations between models.

    Args:
        efficiencies: by model, each of shape (N,), higher is better.
        measure: ``pearson``, as the paper has it, or ``spearman`` (of ranks, which hurdles and classes need).
        level: level of the intervals, by Fisher's z; rough where many providers tie.

    Raises:
        ArgumentError: fewer than 2 models, lengths that differ, or an option that is none.
        DataError: missing values, text, fewer than 3 providers.

    Source: seed 003, Exhibit 7. A high correlation is no agreement about who is paid: see `agreement`.
    """
    check_choice("measure", measure, MEASURES)
    check_share("level", level)
    if len(efficiencies) < 2:
        raise ArgumentError("efficiencies: must be of 2 models or more")
    columns = read_columns(*(Column(name, values) for name, values in efficiencies.items()))
    table = np.column_stack([_ranks(column) for column in columns] if measure == "spearman" else columns)
    count = len(table)
    flat = np.array([is_constant(column) for column in table.T])
    with np.errstate(invalid="ignore", divide="ignore"):
        matrix = np.atleast_2d(np.corrcoef(table.T))
    matrix[flat, :] = matrix[:, flat] = np.nan
    matrix = np.clip(matrix, -1.0, 1.0)
    from statistics import NormalDist  # noqa: PLC0415

    half = NormalDist().inv_cdf((1 + level) / 2) / np.sqrt(count - 3) if count > 3 else np.inf
    # Of three providers no interval is known, and a correlation of 1 has none: infinite less infinite is missing.
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.arctanh(matrix)
        interval = Interval(np.tanh(z - half), np.tanh(z + half))
    return Correlations(tuple(efficiencies), matrix, interval, count)


def paper_efficiencies(
    quality: ArrayLike, cost: ArrayLike, *, cost_is: CostIs, failing: Failing = "zero-as-printed"
) -> dict[str, Array]:
    """Return the efficiencies that Exhibit 7 compares, by the models as the paper has them.

    Args:
        quality: a score for each provider; higher is better.
        cost: spending or cost performance, one for each provider.
        cost_is: ``spending`` (lower is better) or ``performance`` (higher is better).
        failing: what who fails a hurdle gets; as printed by default, since that is the paper's table.

    Returns:
        ``quality_hurdle``, ``cost_hurdle``, ``unconditional_70_30``, ``unconditional_30_70``, ``conditional`` (9 to 1,
        cost within quality) and ``frontier`` (half-normal production frontier of z quality on z cost performance,
        exp(-E[u given e])); each of shape (N,).

    Raises:
        ArgumentError: as the models.
        DataError: as the models.

    Source: seed 003, section 3. With 2014's public data the paper's table comes out within about .05.
    """
    seventy = unconditional(quality, cost, cost_is=cost_is, quality_weight=QUALITY_70)
    return {
        "quality_hurdle": quality_hurdle(quality, cost, cost_is=cost_is, failing=failing).efficiency,
        "cost_hurdle": cost_hurdle(quality, cost, cost_is=cost_is, failing=failing).efficiency,
        "unconditional_70_30": seventy.efficiency,
        "unconditional_30_70": unconditional(quality, cost, cost_is=cost_is, quality_weight=QUALITY_30).efficiency,
        "conditional": conditional(quality, cost, cost_is=cost_is).efficiency.astype(np.float64),
        "frontier": frontier(seventy.quality, seventy.cost).efficiency_of_mean,
    }


def _ranks(values: Array) -> Array:
    """Return mean ranks, ties alike."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Array = (last - (counts - 1) / 2)[inverse]
    return ranks
