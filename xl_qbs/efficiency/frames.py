"""Results as frames: a row a provider, a column a number, intervals as two columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.coverage import Interval

if TYPE_CHECKING:
    import pandas as pd

# Attributes that have a number for each provider wherever they occur.
_SCORES = ("efficiency", "score", "points", "designated", "ratio", "standardised", "quality")


def as_frame(result: Any, providers: Sequence[object] | None = None) -> pd.DataFrame:
    """Return what a result says of each provider as a frame.

    Args:
        result: of any model here.
        providers: ids, the index of the frame; those of the result, or row numbers from 1.

    Returns:
        A column for each attribute with a number a provider; an interval ``name`` becomes ``name_low`` and
        ``name_high``, and a table of several columns ``name_1``, ``name_2`` and so on. What is not about single
        providers (coefficients, cut-offs, remarks) is left out.

    Raises:
        ArgumentError: not a result, or ids that do not fit.

    >>> from xl_qbs.efficiency.unconditional import unconditional
    >>> list(as_frame(unconditional([1, 2, 3], [3, 1, 2], cost_is="spending")).columns)
    ['quality', 'cost', 'efficiency', 'interval_low', 'interval_high']
    """
    import pandas as pd  # noqa: PLC0415  (slow to import)

    if is_dataclass(result):
        names = [field.name for field in fields(result)]
    elif hasattr(result, "_fields"):
        names = list(result._fields)
    else:
        raise ArgumentError(f"result == {result!r}, must be the result of a model")
    # Not just any attribute: a frontier begins with its coefficients.
    size = len(getattr(result, next((name for name in _SCORES if name in names), names[0])))
    columns: dict[str, Any] = {}
    for name in names:
        value = getattr(result, name)
        if isinstance(value, Interval):
            columns[f"{name}_low"], columns[f"{name}_high"] = value
        elif isinstance(value, np.ndarray) and value.shape == (size,):
            columns[name] = value
        elif isinstance(value, np.ndarray) and value.ndim == 2 and name.endswith(("slacks", "targets")):
            columns |= {f"{name}_{number}": column for number, column in enumerate(value.T, start=1)}
    own = providers if providers is not None else getattr(result, "providers", range(1, size + 1))
    if len(own) != size:
        raise ArgumentError(f"providers: there are {len(own)}, and {size} rows")
    return pd.DataFrame(columns, index=pd.Index(list(own), name="provider"))
