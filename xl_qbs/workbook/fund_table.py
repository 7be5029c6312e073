"""The indicator table together with where each of its numbers stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from xl_qbs.errors import Finding
from xl_qbs.scheme import Scheme
from xl_qbs.scoring.table import Table

Whole = NDArray[np.int64]
# A value that the sheet states, and its cell.
Stated = tuple[float, str]


@dataclass(frozen=True, kw_only=True, eq=False)
class Source:
    """Where a table was read; N providers, k indicators, in the table's order.

    Attributes:
        path: the file.
        sha256: the SHA-256 of the file, in hexadecimal.
        sheet: the sheet; of a text file its name without the ending.
        layout: ``wide`` (a pair of columns an indicator), ``long`` (a row a pair) or ``mapping``.
        heading_row: the row of headings, counted from 1; 0 where a mapping names none.
        rows: the row of each pair, counted from 1, shape (N, k); 0 where a long table lacks the pair.
        target_columns: zero-based columns of the target populations, shape (k,).
        done_columns: zero-based columns of the work done, shape (k,).
        provider_column: the zero-based column of the lists' ids.
        coefficient_column: the zero-based column of the coefficients; None where there is none.
        provider_rows: the first row of each list, counted from 1, shape (N,).
        points_cells: the points that the sheet states above its headings, and their cells, by code.
        required_cells: the required coverage that it states there (a share), and the cells, by code.
        total_row: the row of totals below the table, counted from 1; None where there is none.
        range: the table's data, such as ``A11:AX791``.
        delimiter: of a text file, what stands between two cells; None for a workbook.
        encoding: of a text file, its encoding; None for a workbook.
        sheets: name and state (``visible``, ``hidden``, ``veryHidden``) of every sheet of the workbook that is no
            result of an earlier run, in order; empty for a text file.
    """

    path: Path
    sha256: str
    sheet: str
    layout: Literal["wide", "long", "mapping"]
    heading_row: int
    rows: Whole
    target_columns: Whole
    done_columns: Whole
    provider_column: int
    provider_rows: Whole
    range: str
    coefficient_column: int | None = None
    points_cells: Mapping[str, Stated] = field(default_factory=dict)
    required_cells: Mapping[str, Stated] = field(default_factory=dict)
    total_row: int | None = None
    delimiter: str | None = None
    encoding: str | None = None
    sheets: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class FundTable(Table):
    """A table read from a file.

    Attributes:
        source: where each number stands.
        scheme: the scheme in effect.
        findings: warnings and notes from reading; errors are raised instead.
    """

    source: Source
    scheme: Scheme
    findings: tuple[Finding, ...] = ()

    def select(self, indicators: Sequence[str]) -> Self:
        """Return the table, and its source, with these indicators in this order; the scheme stays whole.

        Raises:
            ArgumentError: an indicator is not in the table.
        """
        selected = super().select(indicators)
        columns = [self.indicators.index(code) for code in indicators]
        source = replace(
            self.source,
            rows=self.source.rows[:, columns],
            target_columns=self.source.target_columns[columns],
            done_columns=self.source.done_columns[columns],
        )
        return replace(selected, source=source)
