"""Targets and work done of every list and indicator, out of a wide or a long table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from xl_qbs.errors import Finding, counted
from xl_qbs.scheme import Scheme, preset
from xl_qbs.scoring.table import Array
from xl_qbs.workbook.counts import AboveTarget, Column, Mask, read_pair, unvalued
from xl_qbs.workbook.fund_table import Whole
from xl_qbs.workbook.grid import Grid, cell_name
from xl_qbs.workbook.headings import HeadingReader
from xl_qbs.workbook.layout import Layout
from xl_qbs.workbook.lists import Lists

_BLANK = "blank cells; target and done are read as 0"
_NOBODY = "nobody in the target population, so without coverage"


@dataclass(frozen=True)
class PairCounts:
    """The counts of N lists and k indicators, in the scheme's order, and where they stand.

    Attributes:
        target: target populations, shape (N, k).
        done: work done, shape (N, k).
        rows: rows counted from 1, shape (N, k); 0 where there is none.
        target_columns: zero-based columns, shape (k,).
        done_columns: zero-based columns, shape (k,).
    """

    target: Array
    done: Array
    rows: Whole
    target_columns: Whole
    done_columns: Whole


@dataclass(frozen=True, kw_only=True)
class PairReader:
    """Reads the counts of every indicator of the scheme.

    Attributes:
        grid: the sheet.
        layout: where everything stands on it.
        lists: the lists and their rows.
        scheme: the scheme in effect.
        reader: reads indicators' names against the scheme.
        above_target: whether more done than the target is an error (``refuse``) or a warning.
        findings: gets an error for each cell that holds no count and for each indicator that the table
            lacks, and warnings and notes.
    """

    grid: Grid
    layout: Layout
    lists: Lists
    scheme: Scheme
    reader: HeadingReader
    above_target: AboveTarget
    findings: list[Finding]

    def read(self) -> PairCounts:
        """Return the counts, 0 where a cell was told of."""
        columns = [*self.layout.count_columns, self.layout.provider]
        self.findings.extend(unvalued(self.grid, self.lists.rows, columns))
        return self._long() if self.layout.long else self._wide()

    def _column(self, rows: Sequence[int], column: int, what: list[str], owners: list[str]) -> Column:
        return Column(self.grid, rows, column, what, owners)

    def _wide(self) -> PairCounts:
        layout, rows, owners = self.layout, self.lists.rows, self.lists.owners
        shape = (len(rows), len(self.scheme.codes))
        target, done = np.zeros(shape), np.zeros(shape)
        target_columns, done_columns = np.zeros(shape[1], np.int64), np.zeros(shape[1], np.int64)
        for number, code in enumerate(self.scheme.codes):
            pair = layout.pairs.get(code)
            if pair is None:
                continue
            targets = self._column(rows, pair.target, [f"{code} target"] * shape[0], owners)
            dones = self._column(rows, pair.done, [f"{code} done"] * shape[0], owners)
            n, x, blank = read_pair(targets, dones, self.above_target, self.findings)
            target[:, number], done[:, number] = n, x
            target_columns[number], done_columns[number] = pair.target, pair.done
            cell = cell_name(*pair.heading)
            self._note(code, cell, int(blank.sum()), _BLANK)
            self._note(code, cell, int((n == 0).sum()), _NOBODY)
        known = layout.pairs.keys() | layout.troubled
        missing = [code for code in self.scheme.codes if code not in known]
        self._tell_missing(missing, [one for one in layout.findings if one.severity == "warning"])
        at = np.repeat(np.array(rows, dtype=np.int64)[:, None] + 1, shape[1], axis=1)
        return PairCounts(target, done, at, target_columns, done_columns)

    def _long(self) -> PairCounts:
        layout, lists = self.layout, self.lists
        assert layout.target is not None  # noqa: S101 - a long layout has the three columns
        assert layout.done is not None  # noqa: S101
        named = [(index, code) for index, code in enumerate(self._codes()) if code is not None]
        rows = [lists.rows[index] for index, _ in named]
        owners = [lists.ids[lists.index[index]] for index, _ in named]
        targets = self._column(rows, layout.target, [f"{code} target" for _, code in named], owners)
        dones = self._column(rows, layout.done, [f"{code} done" for _, code in named], owners)
        n, x, blank = read_pair(targets, dones, self.above_target, self.findings)
        shape = (len(lists.ids), len(self.scheme.codes))
        target, done, at = np.zeros(shape), np.zeros(shape), np.zeros(shape, np.int64)
        blanks: Mask = np.zeros(shape, dtype=bool)
        numbers = {code: number for number, code in enumerate(self.scheme.codes)}
        for place, (index, code) in enumerate(named):
            pair = (lists.index[index], numbers[code])
            if at[pair]:
                self.findings.append(self._twice(owners[place], code, int(at[pair]) - 1, rows[place]))
                continue
            at[pair] = rows[place] + 1
            target[pair], done[pair], blanks[pair] = n[place], x[place], blank[place]
        found = {code for _, code in named}
        for code in self.scheme.codes:
            if code in found:
                column = numbers[code]
                self._note(code, "", int((at[:, column] == 0).sum()), "no row; target and done are read as 0")
                self._note(code, "", int(blanks[:, column].sum()), _BLANK)
                self._note(code, "", int((target[:, column] == 0).sum()), _NOBODY)
        self._tell_missing([code for code in self.scheme.codes if code not in found], [])
        across = np.ones(shape[1], np.int64)
        return PairCounts(target, done, at, across * layout.target, across * layout.done)

    def _codes(self) -> list[str | None]:
        """Return the indicator of each row of a long table, None where the scheme has none of that name."""
        assert self.layout.indicator is not None  # noqa: S101 - a long layout has the column
        column = self.layout.indicator
        codes: list[str | None] = []
        unclear: dict[str, list[int]] = {}
        for row in self.lists.rows:
            text = self.grid.text(row, column)
            named = sorted(self.reader.codes(text)) if text else []
            codes.append(named[0] if len(named) == 1 else None)
            if len(named) != 1:
                unclear.setdefault(text, []).append(row)
        for text, rows in unclear.items():
            self.findings.append(self._unclear(text, cell_name(rows[0], column), len(rows)))
        return codes

    def _unclear(self, text: str, cell: str, rows: int) -> Finding:
        """Return the finding on a text that names no indicator, or more than one."""
        finding = Finding("", sheet=self.grid.sheet, cell=cell)
        count = f" ({rows} rows)" if rows > 1 else ""
        if not text:
            remedy = "Write its name or code, or clear the row."
            return replace(finding, what=f"the indicator is blank{count}.", remedy=remedy)
        named = sorted(self.reader.codes(text))
        if named:
            what = f"'{text}' may be {' or '.join(named)}{count}."
            return replace(finding, what=what, remedy="Write the code.")
        if HeadingReader(preset()).codes(text):
            # A known indicator that the scheme in force left out, not a slip of the pen.
            what = f"'{text}' is not in the scheme in force{count}; it is left out."
            remedy = "If it is to count, add it to the scheme."
            return replace(finding, what=what, remedy=remedy, severity="warning")
        what = f"'{text}' is not an indicator of the scheme{count}."
        remedy = "Correct the name, add it to an indicator's aliases, or give the scheme in force (--scheme)."
        return replace(finding, what=what, remedy=remedy)

    def _twice(self, provider: str, code: str, first: int, again: int) -> Finding:
        column = self.layout.indicator or 0
        return Finding(
            f"{code} of {provider} stands in {cell_name(first, column)} already.",
            "Delete one of the rows, or correct the list's id, the indicator or the period.",
            sheet=self.grid.sheet,
            cell=cell_name(again, column),
            provider=provider,
        )

    def _note(self, code: str, cell: str, number: int, what: str) -> None:
        if number:
            text = f"{code}: {counted(number, 'list')} with {what}."
            self.findings.append(Finding(text, sheet=self.grid.sheet, cell=cell, severity="note"))

    def _tell_missing(self, missing: Sequence[str], unused: Sequence[Finding]) -> None:
        """Add an error for each indicator of the scheme that the table lacks."""
        remedy = "Add the heading that it has there to its aliases, or give the scheme in force (--scheme)."
        if unused:
            headings = ", ".join(f"{other.what.split(' (', 1)[0]} in {other.cell}" for other in unused)
            remedy += f" Headings that are no indicator so far: {headings}."
        names = {indicator.code: indicator.name for indicator in self.scheme.indicators}
        for code in missing:
            what = f"the table has no target and done for {code} ({names[code]})."
            self.findings.append(Finding(what, remedy, sheet=self.grid.sheet))
