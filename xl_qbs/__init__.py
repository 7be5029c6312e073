"""Scores family doctors fairly, inside the fund's own Excel workbook.

The whole job in three lines:

    table = xl_qbs.read_workbook("fund_workbook.xlsx")
    result = xl_qbs.score(table)
    xl_qbs.write_scored(result, "fund_workbook_qbs.xlsx")

The pure functions stand under `xl_qbs.scoring`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from xl_qbs._version import METHOD_VERSION, __version__

if TYPE_CHECKING:
    from xl_qbs.scheme import Scheme, preset
    from xl_qbs.scoring.method import Method
    from xl_qbs.scoring.score import Result, score
    from xl_qbs.scoring.table import Table
    from xl_qbs.workbook.export import export_scores
    from xl_qbs.workbook.read import read_workbook
    from xl_qbs.workbook.scheme_file import read_scheme_file
    from xl_qbs.workbook.scored import write_scored

__all__ = [
    "METHOD_VERSION",
    "Method",
    "Result",
    "Scheme",
    "Table",
    "__version__",
    "export_scores",
    "preset",
    "read_scheme_file",
    "read_workbook",
    "score",
    "write_scored",
]

# Imported when first asked for, so that the command line answers without waiting for numpy.
_HOMES = {
    "Method": "xl_qbs.scoring.method",
    "Result": "xl_qbs.scoring.score",
    "Scheme": "xl_qbs.scheme",
    "Table": "xl_qbs.scoring.table",
    "export_scores": "xl_qbs.workbook.export",
    "preset": "xl_qbs.scheme",
    "read_scheme_file": "xl_qbs.workbook.scheme_file",
    "read_workbook": "xl_qbs.workbook.read",
    "score": "xl_qbs.scoring.score",
    "write_scored": "xl_qbs.workbook.scored",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'xl_qbs' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
