"""A sheet drawn together and spread out again holds the same cells in the same places."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xl_qbs.sheets.address import cell_name
from xl_qbs.workbook import far_cells
from xl_qbs.workbook.far_cells import Drawn, drawn_together, used_places, without_blanks

PLACES = st.dictionaries(
    st.tuples(st.integers(1, 1_048_576) | st.integers(1, 9), st.integers(1, 16_384) | st.integers(1, 9)),
    st.integers(0, 99),
    max_size=12,
)


@given(cells=PLACES, blanks=PLACES, prefix=st.sampled_from(("", "x:")))
def test_every_value_comes_back_to_its_place(
    cells: dict[tuple[int, int], int], blanks: dict[tuple[int, int], int], prefix: str
) -> None:
    tag = f"<{prefix}c"
    xml = "".join(
        f'<{prefix}row r="{row}">{tag} s="1" r="{cell_name(row, column)}"><{prefix}v>{value}</{prefix}v></{prefix}c>'
        f"</{prefix}row>"
        for (row, column), value in sorted(cells.items())
    )
    looks = "".join(
        f'<{prefix}row r="{row}">{tag} r="{cell_name(row, column)}" s="1"/></{prefix}row>' for row, column in blanks
    )
    bare = without_blanks((xml + looks).encode())
    assert bare == xml.encode()
    rows, columns = used_places(bare)
    assert (rows, columns) == (sorted({row - 1 for row, _ in cells}), sorted({column - 1 for _, column in cells}))
    drawn = drawn_together(bare, rows, columns)
    near = [[""] * len(columns) for _ in rows]
    for (row, column), value in cells.items():
        near[rows.index(row - 1)][columns.index(column - 1)] = str(value)
        name = cell_name(rows.index(row - 1) + 1, columns.index(column - 1) + 1)
        assert f'r="{name}"><{prefix}v>{value}<'.encode() in drawn.xml
    spread = drawn.spread(near)
    found = {
        (row, column): int(value)
        for row, line in enumerate(spread, start=1)
        for column, value in enumerate(line, start=1)
        if value != ""
    }
    assert found == cells


@given(cells=PLACES, blanks=PLACES, piece=st.integers(1, 200))
def test_pieces_are_as_the_whole(
    cells: dict[tuple[int, int], int], blanks: dict[tuple[int, int], int], piece: int
) -> None:
    rows = "".join(
        f'<row r="{row}"><c r="{cell_name(row, column)}"><v>{value}</v></c></row>'
        for (row, column), value in cells.items()
    )
    looks = "".join(f'<row r="{row}"><c r="{cell_name(row, column)}" s="1"/></row>' for row, column in blanks)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(far_cells, "_PIECE", piece)
        assert without_blanks(f"{looks}{rows}{looks}<t>arrow></t>{looks}".encode()) == f"{rows}<t>arrow></t>".encode()


@pytest.mark.parametrize(
    ("xml", "bare"),
    [
        (b'<row r="1"><c r="A1"/><c r="B1" s="3"></c></row>', b""),
        (b'<row r="1" spans="1:2"/><cols><col min="1"/></cols>', b'<cols><col min="1"/></cols>'),
        (b'<row r="1"><c r="A1"><v>1</v></c><c r="B1"/></row>', b'<row r="1"><c r="A1"><v>1</v></c></row>'),
        (b'<row r="1"><c r="A1"><f>B1</f></c></row>', b'<row r="1"><c r="A1"><f>B1</f></c></row>'),
    ],
)
def test_what_holds_nothing(xml: bytes, bare: bytes) -> None:
    assert without_blanks(xml) == bare


def test_as_it_was() -> None:
    assert Drawn(b"").spread([["a"]]) == [["a"]]
