"""Addresses: there and back, and names of sheets as formulas need them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter

from xl_qbs.sheets.address import cell_name, column_letter, quoted, range_name, split_cell


@given(st.integers(1, 16384))
def test_letters_are_those_of_excel(column: int) -> None:
    assert column_letter(column) == get_column_letter(column)


@given(st.integers(1, 1048576), st.integers(1, 16384))
def test_a_cell_is_read_back(row: int, column: int) -> None:
    assert split_cell(cell_name(row, column)) == (column, row)


def test_a_range_is_absolute() -> None:
    assert range_name(2, 3, 10, 28) == "$C$2:$AB$10"


@pytest.mark.parametrize("name", ["Andmed", "Hõlmatus", "a_b", "v2.1", "Data2019x"])
def test_plain_names_stand_bare(name: str) -> None:
    assert quoted(name) == name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Andmed 2019", "'Andmed 2019'"),
        ("2019", "'2019'"),
        ("A1", "'A1'"),
        ("XFD1048576", "'XFD1048576'"),
        ("R", "'R'"),
        ("c", "'c'"),
        ("R1C1", "'R1C1'"),
        ("RC", "'RC'"),
        ("a-b", "'a-b'"),
        ("O'Neill", "'O''Neill'"),
        ("''", "''''''"),
        ("[x]!", "'[x]!'"),
        ("€", "'€'"),
        ("", "''"),
        ("line\n", "'line\n'"),
    ],
)
def test_all_other_names_are_quoted(name: str, expected: str) -> None:
    assert quoted(name) == expected
