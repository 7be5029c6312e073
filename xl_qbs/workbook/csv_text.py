"""Texts of a CSV file that a spreadsheet would take for formulas, and what is written in their place.

A spreadsheet whose list separator is the semicolon, as in Estonia, takes a file with commas apart at the semicolons
inside its texts too, and one told of tabs at the tabs: so a text is looked at behind each of these.
"""

from __future__ import annotations

import re
from typing import Final

# A spreadsheet that opens a text file takes a cell that begins so for a formula; in Japanese settings the wide signs
# count too. Both patterns are written for Python's expressions and for Arrow's, which know no look-ahead.
MARKS: Final = (
    (r'(^|[;|\t\r\n]+"*)([=+\-@＝＋－＠])', r"\1'\2"),
    (r"^([\t\r\n])", r"'\1"),
)
_MARKS: Final = tuple((re.compile(pattern), marked) for pattern, marked in MARKS)


def inert(text: str) -> str:
    """Return a text with an apostrophe before what a spreadsheet would take for the beginning of a formula."""
    for pattern, marked in _MARKS:
        text = pattern.sub(marked, text)
    return text
