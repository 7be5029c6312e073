"""The schemes that ship with the package, read from the TOML files beside this module."""

from __future__ import annotations

import tomllib
from importlib import resources

from xl_qbs.errors import SchemeError
from xl_qbs.scheme.model import Scheme
from xl_qbs.scheme.parse import scheme_from_mapping

_FILES = {"qbs-2018": "qbs_2018.toml"}
DEFAULT_PRESET = "qbs-2018"


def preset_names() -> tuple[str, ...]:
    """Return the names that `preset` takes."""
    return tuple(_FILES)


def preset(name: str = DEFAULT_PRESET) -> Scheme:
    """Return a scheme that ships with the package.

    Args:
        name: ``qbs-2018``, Domain II of the Quality Bonus System of 2018.

    Raises:
        SchemeError: there is no scheme of that name.

    Source: seed 002, Table 1.

    >>> preset("qbs-2018").total
    480.0
    """
    if name not in _FILES:
        raise SchemeError(f"There is no scheme {name!r}; there are: {', '.join(_FILES)}.")
    text = resources.files("xl_qbs.scheme").joinpath(_FILES[name]).read_text(encoding="utf-8")
    return scheme_from_mapping(tomllib.loads(text))
