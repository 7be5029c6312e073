"""The functions for xlwings Lite (Excel on the web, on Mac and on Windows), which runs Python in the browser.

In Lite's ``main.py``::

    from xl_qbs.addin.lite import *

and each function is one that a cell can call. Where xlwings is not installed they are plain functions of
lists, arrays and tables; only numpy is needed, and for some functions what `missing` names.
"""

from __future__ import annotations

from xl_qbs.addin.catalogue import FUNCTIONS
from xl_qbs.addin.lite.functions import make_functions, missing

_FUNCTIONS = make_functions(FUNCTIONS, "en", __name__)
globals().update(_FUNCTIONS)

# The names are made from the definitions, which a checker does not see.
__all__ = ["missing", *_FUNCTIONS]  # noqa: PLE0604
