"""Small workbooks like the fund's, drawn from a seed, and scored: for the tests of the result sheets."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import numpy as np

import xl_qbs
from tests.workbook.builders import write_xlsx
from xl_qbs.scheme import Band, Clause, Condition, Indicator, Scheme
from xl_qbs.scoring.score import Result
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.model import Book, Chart, Language, Series
from xl_qbs.workbook.fund_table import FundTable
from xl_qbs.workbook.scored import scored_book, write_scored

LISTS = 30
BANDS = (Band(0, "low", "madal"), Band(0.8, "good", "hea"), Band(0.9, "best", "parim"))
# A fixed time of the run: the book that a test asks for is the one that was written.
EPOCH = "1700000000"


def scheme_of(count: int, **changes: Any) -> Scheme:
    """Return a scheme of so many indicators, two thirds of them in domain I."""
    indicators = tuple(
        Indicator(
            code=f"i{number:02d}",
            domain="I" if number <= 2 * count / 3 else "II",
            name=f"Indicator number {number}",
            name_et=f"Näitaja number {number}",
            points=20.0 + 7 * (number % 5),
            required_coverage=0.6 + 0.02 * (number % 6),
            weight=10.0 + number,
        )
        for number in range(1, count + 1)
    )
    return Scheme(**{"name": "Small", "indicators": indicators, "bands": BANDS, **changes})


SCHEME = scheme_of(5)
CONDITIONS = (
    Condition("Both domains", (Clause("domain", ("I", "II"), 0.7), Clause("indicator", ("i02",), 0.8)), "Mõlemad"),
    Condition("First domain", (Clause("domain", ("I",), 0.6),)),
)


def counts(scheme: Scheme, lists: int = LISTS, seed: int = 1) -> tuple[Array, Array]:
    """Return targets and work done, shape (lists, indicators): lists differ by one engagement for all."""
    rng = np.random.default_rng(seed)
    shape = (lists, len(scheme.codes))
    target = rng.integers(3, 140, shape).astype(float)
    share = np.clip(rng.beta(4, 2, (lists, 1)) + rng.normal(0, 0.1, shape), 0, 1)
    return target, np.rint(target * share)


def rows_of(scheme: Scheme, target: Array, done: Array, providers: Sequence[Any] = ()) -> list[list[Any]]:
    """Return the rows of a wide table: headings, then a row a list."""
    heading = ["List", *(f"{code} {what}" for code in scheme.codes for what in ("target", "done"))]
    names = providers or [f"N{number:03d}" for number in range(1, len(target) + 1)]
    return [
        heading,
        *([name, *np.column_stack([n, x]).ravel()] for name, n, x in zip(names, target, done, strict=True)),
    ]


def long_rows(scheme: Scheme, target: Array, done: Array, left_out: Sequence[tuple[int, int]] = ()) -> list[list[Any]]:
    """Return the rows of a long table, the last indicator first and each with the lists in another order."""
    rows: list[list[Any]] = [["List", "Indicator", "Target", "Done"]]
    for j in reversed(range(len(scheme.codes))):
        order = range(len(target)) if j % 2 else reversed(range(len(target)))
        rows += [[f"N{i + 1:03d}", scheme.codes[j], target[i, j], done[i, j]] for i in order if (i, j) not in left_out]
    return rows


def write_fund(
    path: Path,
    scheme: Scheme = SCHEME,
    target: Array | None = None,
    done: Array | None = None,
    *,
    providers: Sequence[Any] = (),
    sheet: str = "Andmed",
) -> Path:
    """Write a workbook with a wide table."""
    if target is None or done is None:
        target, done = counts(scheme)
    return write_xlsx(path, {sheet: rows_of(scheme, target, done, providers)})


class Scored(NamedTuple):
    """A scored workbook: what was read, what came of it, the sheets, and the file."""

    table: FundTable
    result: Result
    book: Book
    path: Path


def score_file(
    path: Path,
    output: Path,
    scheme: Scheme | None = None,
    *,
    language: Language = "en",
    read: dict[str, Any] | None = None,
    cells: Any = "formulas",
    **method: Any,
) -> Scored:
    """Read, score and write a workbook."""
    table = xl_qbs.read_workbook(path, scheme, **(read or {}))
    result = xl_qbs.score(table, **method)
    with mock.patch.dict(os.environ, SOURCE_DATE_EPOCH=EPOCH):
        write_scored(result, output, language=language, cells=cells)
        book = scored_book(result, language=language)
    return Scored(table, result, book, output)


def tiny_book(sheet_name: str = "QBS Tiny") -> Book:
    """Return a book of one sheet with all that a sheet can have, to go into workbooks of any kind."""
    book = Book()
    sheet = book.sheet(sheet_name)
    sheet.freeze, sheet.print_titles, sheet.filter = "B4", "$A:$A,$1:$3", "A3:C6"
    sheet.flags, sheet.breaks, sheet.row_breaks, sheet.merges = ["B1", "C4:C6"], [2], [4], ["A2:C2"]
    sheet.widths, sheet.heights = {1: 30}, {3: 32}
    where = f"'{sheet.name}'!"
    book.write(sheet, (1, 1), [["Holds"]], "label")
    book.write(sheet, (2, 1), [["All <three> & more"]], "group")
    book.write(sheet, (3, 1), [["Input", "Twice", "Positive"]], "heading")
    book.add(sheet, "x", (4, 1), np.array([1.0, -2.5, 3.0]), kind="input", format="percent1")
    book.add(sheet, "y", (4, 2), np.array([2.0, -5.0, 6.0]), "2*{x}", format="points")
    book.add(sheet, "positive", (4, 3), np.array([1.0, 0.0, 1.0]), "IF({y}>0,1,0)", kind="check", format="flag")
    book.add(sheet, "holds", (1, 2), np.array([1.0]), "IF(SUM({y:all})=3,1,0)", kind="check", format="flag")
    book.add(sheet, "square", (8, 1), np.array([[7.0, 10.0], [15.0, 22.0]]), "MMULT({m:all},{m:all})", array=True)
    book.add(sheet, "m", (11, 1), np.array([[1.0, 2.0], [3.0, 4.0]]), kind="input", format="decimal")
    values = f"{where}$A$4:$A$6", f"{where}$B$4:$B$6"
    for kind, look in (("column", "bar"), ("bar", "bar"), ("stacked", "bar"), ("scatter", "markers")):
        sheet.charts.append(
            Chart(
                kind=kind,  # type: ignore[arg-type]
                title=f"A {kind} & <more>",
                x_title="x",
                y_title="y",
                series=(
                    Series("first", values[1], values[0], look=look),
                    Series("line", values[1], values[0], look="line" if kind == "scatter" else "diamond"),
                ),
                description=f'What the "{kind}" shows\nin words',
                at=f"E{1 + 20 * len(sheet.charts)}",
                y_range=(-5.0, 10.0),
                y_step=2.5,
            )
        )
    return book
