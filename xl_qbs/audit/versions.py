"""The versions that made a workbook: what differs, and how a book that is made again comes to name them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from xl_qbs._version import METHOD_VERSION, __version__
from xl_qbs.audit.findings import AuditFinding
from xl_qbs.sheets.model import Sheet

# What the sheet About of every workbook says.
VERSION = re.compile(r"xl_qbs (\S+), (\S+)\Z")


def versions_text(program: str, method: str) -> str:
    """Return versions as the sheet About names them."""
    return f"xl_qbs {program}, {method}"


HERE = versions_text(__version__, METHOD_VERSION)


def version_findings(verb: str, program: str, method: str, sheet: str = "") -> Iterator[AuditFinding]:
    """Yield that something was ``scored``, ``built`` or ``made`` by another version than the one that audits it."""
    if method != METHOD_VERSION:
        what = f"{verb} by another version of the method: numbers and formulas can differ for that reason alone"
        yield AuditFinding(
            kind="method version",
            sheet=sheet,
            what=f"{what}; audit it with xl_qbs {program}" if program else what,
            expected=f"method version {METHOD_VERSION}",
            found=f"method version {method or 'unknown'}",
        )
    elif program != __version__:
        yield AuditFinding(
            kind="method version",
            severity="note",
            sheet=sheet,
            what=f"{verb} by xl_qbs {program}, audited by {__version__}; the method is the same",
        )


def put_texts(sheets: Iterable[Sheet], texts: Mapping[str, str], *, within: bool = False) -> None:
    """Put other texts into the cells of a book that is made again, where these say what holds of this run only.

    Args:
        sheets: its sheets.
        texts: each text with the one to put for it.
        within: also where a text is but a part of a cell's.
    """
    texts = {here: there for here, there in texts.items() if here and here != there}
    if not texts:
        return
    for block in (block for sheet in sheets for block in sheet.blocks):
        if block.formula is not None or block.values.dtype != object:
            continue
        for place, value in np.ndenumerate(block.values):
            if not isinstance(value, str):
                continue
            if within:
                for here, there in texts.items():
                    value = value.replace(here, there)  # noqa: PLW2901  (one after the other)
                block.values[place] = value
            elif value in texts:
                block.values[place] = texts[value]
