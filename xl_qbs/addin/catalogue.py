"""Every function that a cell can call."""

from __future__ import annotations

from xl_qbs.addin.definition import Function
from xl_qbs.addin.functions import about, coverage, credit, improvement, priors, ranks, scores, weights
from xl_qbs.errors import ArgumentError

FUNCTIONS: tuple[Function, ...] = tuple(
    function
    for group in (coverage, priors, weights, credit, ranks, scores, improvement, about)
    for function in group.FUNCTIONS
)
_BY_NAME = {function.name: function for function in FUNCTIONS}


def find(name: str) -> Function:
    """Return the function of a name, whatever its case.

    Raises:
        ArgumentError: there is none of that name.
    """
    if name.upper() not in _BY_NAME:
        raise ArgumentError(f"there is no function {name!r}; there are: {', '.join(_BY_NAME)}")
    return _BY_NAME[name.upper()]
