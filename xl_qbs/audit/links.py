"""Cells of the fund's own sheets against the stored values of the formulas that are linked to them.

For sheets that cannot be made again: what was changed in the table since the last calculation is found all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from xl_qbs.audit.compare_cells import COPIED, alike, shown
from xl_qbs.audit.findings import AuditFinding
from xl_qbs.audit.formula_text import sheet_of
from xl_qbs.audit.opened import Opened, Value

_REFERENCE = re.compile(r"((?:'(?:[^']|'')+'|[^\W\d][\w.]*)!)\$?([A-Z]{1,3})\$?([0-9]{1,7})(?![\w(:])")
# A column is one of links where so large a share of its cells holds what stands in the cell they refer to.
_SHARE = 0.5


def link_findings(opened: Opened, names: Sequence[str]) -> Iterator[AuditFinding]:
    """Yield the cells of the fund's own sheets that some sheets' links do not hold any more."""
    told = set()
    for name in names:
        for column in _columns(opened, name):
            unlike = [one for one in column if not one[2]]
            if len(unlike) > _SHARE * len(column):
                continue
            for (sheet, cell), stored, _, now in unlike:
                if (sheet, cell) in told:
                    continue
                told.add((sheet, cell))
                yield AuditFinding(
                    kind="data",
                    sheet=sheet,
                    cell=cell,
                    what="the table was changed since the sheets were made; the stored results do not follow it",
                    expected=shown(stored),
                    found=shown(now),
                )


_Link = tuple[tuple[str, str], Value, bool, Value]


def _columns(opened: Opened, name: str) -> list[list[_Link]]:
    """Return the links of each column: the cell they refer to, what they hold, whether they agree, what it holds."""
    own = {entry.name: opened.sheet(entry.name) for entry in opened.own}
    here = opened.sheet(name)
    columns: dict[int, list[_Link]] = {}
    for (_, column), found in here.cells.items() if here is not None else ():
        read = {(sheet_of(match[1][:-1]), match[2] + match[3]) for match in _REFERENCE.finditer(found.formula or "")}
        if len(read) != 1 or found.value is None:
            continue
        sheet, cell = read.pop()
        source = own.get(sheet)
        if source is not None:
            now = source.named(cell).value
            same = alike(_plain(found.value), _plain(now), COPIED)
            columns.setdefault(column, []).append(((sheet, cell), found.value, same, now))
    return list(columns.values())


def _plain(value: Value) -> Value:
    return " ".join(value.split()) if isinstance(value, str) else value
