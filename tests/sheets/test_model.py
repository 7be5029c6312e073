"""The sheet model: blocks with their values, and books that know them by name."""

from __future__ import annotations

import numpy as np
import pytest

from xl_qbs.sheets.model import Block, Book, Label, SourceBlock


def test_values_take_the_shape_of_cells() -> None:
    book = Book()
    sheet = book.sheet("A")
    assert book.add(sheet, "one", (1, 1), 5.0).values.shape == (1, 1)
    assert book.add(sheet, "column", (1, 2), [1.0, 2.0, 3.0]).values.shape == (3, 1)
    assert book.add(sheet, "grid", (1, 3), np.zeros((2, 4))).values.shape == (2, 4)
    assert (sheet.last_row, sheet.last_column) == (3, 6)


def test_an_empty_sheet_ends_at_its_first_cell() -> None:
    sheet = Book().sheet("A")
    assert (sheet.last_row, sheet.last_column) == (1, 1)


def test_a_name_is_given_once() -> None:
    book = Book()
    sheet = book.sheet("A")
    book.add(sheet, "x", (1, 1), 1.0)
    with pytest.raises(ValueError, match="'x' is described twice"):
        book.add(sheet, "x", (2, 1), 1.0)


def test_texts_come_in_the_language_of_the_book() -> None:
    for language, expected in (("en", "List"), ("et", "Nimistu")):
        book = Book(language)  # type: ignore[arg-type]
        sheet = book.sheet("A")
        book.write(sheet, (2, 3), [[Label("List", "Nimistu"), "x"]])
        block = sheet.blocks[0]
        assert (block.row, block.column, block.values.tolist()) == (2, 3, [[expected, "x"]])
        assert block.key not in book.named


def test_cells_are_gone_through_one_by_one() -> None:
    book = Book()
    first, second = book.sheet("A"), book.sheet("B")
    book.add(first, "x", (1, 1), [1.0, 2.0])
    book.add(second, "y", (4, 2), np.array([[3.0, 4.0]]))
    found = [(block.sheet, block.row + i, block.column + j, block.values[i, j]) for block, i, j in book.cells()]
    assert found == [("A", 1, 1, 1.0), ("A", 2, 1, 2.0), ("B", 4, 2, 3.0), ("B", 4, 3, 4.0)]


def test_links_are_known_by_name_and_are_no_cells_of_the_book() -> None:
    book = Book()
    source = SourceBlock("counts", "Data", np.array([[2, 2], [3, 3]]), np.array([4, 5]))
    book.links(source)
    assert book.named["counts"] is source
    assert (source.rows, source.columns) == (2, 2)
    assert list(book.cells()) == []


def test_a_block_knows_its_size() -> None:
    block = Block("x", "A", 3, 2, np.zeros((4, 5)))
    assert (block.rows, block.columns) == (4, 5)
