"""Patterns to formulas: what lines up with what, and where the fund's cells are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from xl_qbs.sheets.formula import PatternError, cell_formula, column_parts, has_formula, resolve
from xl_qbs.sheets.model import Block, Book, SourceBlock


def _book() -> Book:
    """Return a book: a grid of 3 lists and 2 indicators, a row above it, a column beside it, one cell elsewhere."""
    book = Book()
    sheet, other = book.sheet("Main"), book.sheet("Other sheet")
    book.add(sheet, "grid", (5, 2), np.zeros((3, 2)))
    book.add(sheet, "above", (4, 2), np.zeros((1, 2)))
    book.add(sheet, "beside", (5, 9), np.zeros(3))
    book.add(other, "single", (2, 2), 1.0)
    book.add(other, "further", (20, 4), np.zeros((3, 2)))
    book.links(SourceBlock("wide", "Data", np.array([[7, 7], [8, 8], [10, 10]]), np.array([4, 6])))
    book.links(SourceBlock("long", "O'Data", np.array([[7, 9], [8, 0], [11, 10]]), np.array([4, 4])))
    return book


def _formula(pattern: str, i: int = 0, j: int = 0, values: Any = None, at: tuple[int, int] = (5, 20)) -> str:
    book = _book()
    block = book.add(book.sheets[0], "new", at, np.zeros((3, 2)) if values is None else values, pattern)
    return cell_formula(book, block, i, j)


@pytest.mark.parametrize(
    ("pattern", "i", "j", "expected"),
    [
        ("{grid}", 0, 0, "B5"),
        ("{grid}*2", 2, 1, "C7*2"),
        ("{above}", 2, 1, "C$4"),
        ("{beside}", 2, 1, "$I7"),
        ("{single}", 2, 1, "'Other sheet'!$B$2"),
        ("{further}", 1, 1, "'Other sheet'!E21"),
        ("SUM({grid:all})", 2, 1, "SUM($B$5:$C$7)"),
        ("SUM({grid:column})", 2, 1, "SUM(C$5:C$7)"),
        ("SUM({grid:row})", 2, 1, "SUM($B7:$C7)"),
        ("SUM({further:row})", 2, 1, "SUM('Other sheet'!$D22:$E22)"),
        ("SUM({further:all})", 0, 0, "SUM('Other sheet'!$D$20:$E$22)"),
        ("INDEX({single:all},1)", 0, 0, "INDEX('Other sheet'!$B$2:$B$2,1)"),
        ("{wide}", 2, 1, "Data!F10"),
        ("{long}", 2, 0, "'O''Data'!D11"),
        ("SUM({wide:all})", 0, 0, "SUM(Data!$D$7:$D$10,Data!$F$7:$F$10)"),
        ("SUM({wide:column})", 0, 1, "SUM(Data!$F$7:$F$10)"),
        ("SUM({long:all})", 0, 0, "SUM('O''Data'!$D$7:$D$11)"),
        ('IF({grid}="","{x} ",1)', 0, 0, None),
    ],
)
def test_references(pattern: str, i: int, j: int, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(PatternError, match="no block 'x'"):
            _formula(pattern, i, j)
    else:
        assert _formula(pattern, i, j) == expected


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("{nowhere}", "there is no block 'nowhere'"),
        ("{grid:diagonal}", "unknown mode 'diagonal'"),
        ("{wide}", "does not line up"),
        ("{grid}", "has 2 columns, not 4"),
        ("{beside}", "has 3 rows, not 2"),
    ],
)
def test_what_does_not_line_up_is_a_mistake(pattern: str, problem: str) -> None:
    with pytest.raises(PatternError, match=problem):
        _formula(pattern, values=np.zeros((2, 4)))


def test_a_cell_that_the_fund_lacks_has_no_formula() -> None:
    book = _book()
    block = book.add(book.sheets[0], "new", (5, 20), np.zeros((3, 2)), "{long}")
    present = has_formula(book, block)
    assert present is not None
    assert present.tolist() == [[True, True], [True, False], [True, True]]
    assert cell_formula(book, block, 1, 1) == ""
    whole = book.add(book.sheets[0], "whole", (5, 30), np.zeros((3, 2)), "{wide}+{grid}")
    assert has_formula(book, whole) is None
    values = book.add(book.sheets[0], "values", (5, 40), np.zeros((3, 2)))
    found = has_formula(book, values)
    assert found is not None
    assert not found.any()


def test_row_numbers_of_two_sources_on_one_sheet_are_told_apart() -> None:
    """The rows of lists and the rows of pairs differ in a long table, though the sheet is one."""
    book = _book()
    rows = np.array([[7], [8], [10]])
    book.links(SourceBlock("lists", "O'Data", rows, np.array([1])))
    first = book.add(book.sheets[0], "a", (5, 20), np.zeros((3, 1)), "{lists}")
    second = book.add(book.sheets[0], "b", (5, 21), np.zeros((3, 2)), "{long}")
    marks = [part.id for block in (first, second) for part in column_parts(book, block, 0) if not isinstance(part, str)]
    assert len(set(marks)) == 2


def test_chart_references_name_their_sheet() -> None:
    book = _book()
    assert resolve(book, "grid") == "Main!$B$5:$C$7"
    assert resolve(book, "grid", "column", 1) == "Main!$C$5:$C$7"
    assert resolve(book, "grid", "row", 2) == "Main!$B$7:$C$7"
    assert resolve(book, "grid", "column", 1, rows=2) == "Main!$C$5:$C$6"
    assert resolve(book, "single") == "'Other sheet'!$B$2"
    with pytest.raises(TypeError, match="stands in the fund's own sheet"):
        resolve(book, "wide")


def test_a_block_without_a_pattern_has_no_parts() -> None:
    assert column_parts(Book(), Block("x", "A", 1, 1, np.zeros((1, 1))), 0) == []
