"""The functions for xlwings Lite with their help in Estonian: ``from xl_qbs.addin.lite.et import *``."""

from __future__ import annotations

from xl_qbs.addin.catalogue import FUNCTIONS
from xl_qbs.addin.lite.functions import make_functions, missing

_FUNCTIONS = make_functions(FUNCTIONS, "et", __name__)
globals().update(_FUNCTIONS)

__all__ = ["missing", *_FUNCTIONS]  # noqa: PLE0604
