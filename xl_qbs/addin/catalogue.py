"""Every function that a cell can call."""

from __future__ import annotations

from xl_qbs.addin.definition import Function
from xl_qbs.addin.functions import (
    about,
    agreement,
    association,
    coverage,
    credit,
    efficiency,
    efficiency_models,
    equity,
    frontiers,
    improvement,
    incentive,
    next_steps,
    priors,
    ranks,
    scores,
    two_years,
    value,
    weights,
)
from xl_qbs.errors import ArgumentError

# In the order in which hosts and docs show them.
_GROUPS = (
    coverage,
    priors,
    weights,
    credit,
    ranks,
    scores,
    improvement,
    next_steps,
    two_years,
    equity,
    incentive,
    association,
    efficiency,
    efficiency_models,
    frontiers,
    value,
    agreement,
    about,
)
FUNCTIONS: tuple[Function, ...] = tuple(function for group in _GROUPS for function in group.FUNCTIONS)
_BY_NAME = {function.name: function for function in FUNCTIONS}


def find(name: str) -> Function:
    """Return the function of a name, whatever its case.

    Raises:
        ArgumentError: there is none of that name.
    """
    if name.upper() not in _BY_NAME:
        raise ArgumentError(f"there is no function {name!r}; there are: {', '.join(_BY_NAME)}")
    return _BY_NAME[name.upper()]
