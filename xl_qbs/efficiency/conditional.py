"""The conditional model: classes of cost performance, over all providers or within each class of quality."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike

from xl_qbs.efficiency.classes import QUARTERS, THIRDS, Classes, classify, cut_offs, same_cuts
from xl_qbs.efficiency.inputs import Column, CostIs, check_choice, check_cost_is, cost_performance, read_columns
from xl_qbs.efficiency.standardize import standardize
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.table import Array

Version = Literal["overall", "within"]
VERSIONS: tuple[Version, ...] = get_args(Version)


class Conditional(NamedTuple):
    """Efficiency by the conditional model.

    Attributes:
        quality: z score of quality, shape (N,).
        cost: z score of cost performance, shape (N,).
        quality_class: 0 low, 1 average, 2 high.
        cost_class: class of cost performance: 0 low (costly), 1 average, 2 high (lean).
        efficiency: the cell of the grid, from 9 (top quality, top cost performance) to 1, quality first.
        efficient: high quality and high cost performance, which is what many programs mean by efficient.
        quality_cuts: the two cut-offs, in units of quality.
        cost_cuts: the two cut-offs of cost performance, one row over all or one for each class of quality;
            in units of cost performance, NaN for a class of quality without providers.
    """

    quality: Array
    cost: Array
    quality_class: Classes
    cost_class: Classes
    efficiency: Classes
    efficient: Classes
    quality_cuts: Array
    cost_cuts: Array


def conditional(
    quality: ArrayLike,
    cost: ArrayLike,
    *,
    cost_is: CostIs,
    version: Version = "within",
    quality_shares: Sequence[float] = THIRDS,
    cost_shares: Sequence[float] = QUARTERS,
    quality_cuts: Sequence[float] | None = None,
    cost_cuts: Sequence[float] | None = None,
) -> Conditional:
    """Return classes of quality and of cost performance, and the grid of both.

    Args:
        quality: a score for each provider; higher is better.
        cost: spending or cost performance, one for each provider.
        cost_is: ``spending`` (lower is better) or ``performance`` (higher is better).
        version: ``overall`` (the paper's first: cost classes over all providers) or ``within`` (its
            second: cost classes within each class of quality).
        quality_shares: shares of providers at which classes of quality begin.
        cost_shares: shares at which classes of cost performance begin, counted from the costliest.
        quality_cuts: cut-offs in units of quality, in place of the shares.
        cost_cuts: cut-offs in units of cost as it was given (rising, also for spending), in place of the
            shares; the same for everybody, so only with ``overall``.

    Raises:
        ArgumentError: shares or cut-offs that do not rise, or cost cut-offs with ``within``.
        DataError: missing values, text, a constant, spending not above 0, fewer than 3 providers.

    Source: seed 003, sections 2 and 3, Exhibit 5. The paper gives the scores 9 to 1 to its second version
    only; for the first they number the cells and are not in the paper. When not to use it: a provider
    just below a cut-off is another class than one just above, and no interval says so. The scores are
    an order, not amounts: nothing makes 6 twice as good as 3.

    >>> grid = conditional([1, 2, 3], [1, 2, 3], cost_is="performance", version="overall")
    >>> grid.efficiency.tolist()
    [1, 5, 9]
    """
    check_choice("version", version, VERSIONS)
    check_cost_is(cost_is)
    q, c = read_columns(
        Column("quality", quality, varies=True),
        Column("cost", cost, positive=cost_is == "spending", varies=True),
    )
    performance = cost_performance(c, cost_is=cost_is)
    if len(quality_shares) != 2 or len(cost_shares) != 2:
        raise ArgumentError("quality_shares and cost_shares: must be 2 shares each, for 3 classes")
    own = same_cuts(quality_cuts, 3, "quality_cuts")
    q_cuts = cut_offs(q, quality_shares) if own is None else own
    q_class = classify(q, q_cuts)
    own = same_cuts(cost_cuts, 3, "cost_cuts")
    if own is not None and version == "within":
        raise ArgumentError("cost_cuts: are the same for everybody; use them with version='overall'")
    if own is not None:
        # Spending: the class is counted on the scale that the cut-offs are on, then turned round, so that
        # spending at a cut-off is in the better class, as everywhere.
        c_class = classify(c, own) if cost_is == "performance" else classify(-c, -own[::-1])
        rows = own[None, :] if cost_is == "performance" else (c.mean() / own[::-1])[None, :]
    elif version == "overall":
        rows = cut_offs(performance, cost_shares)[None, :]
        c_class = classify(performance, rows[0])
    else:
        c_class, rows = _within(performance, q_class, cost_shares)
    efficient = (q_class == 2) & (c_class == 2)
    return Conditional(
        standardize(q),
        standardize(performance),
        q_class,
        c_class,
        3 * q_class + c_class + 1,
        efficient.astype(np.intp),
        q_cuts,
        rows,
    )


def _within(performance: Array, q_class: Classes, shares: Sequence[float]) -> tuple[Classes, Array]:
    c_class = np.zeros(len(performance), dtype=np.intp)
    rows = np.full((3, 2), np.nan)
    for group in range(3):
        members = q_class == group
        if members.any():
            rows[group] = cut_offs(performance[members], shares)
            c_class[members] = classify(performance[members], rows[group])
    return c_class, rows
