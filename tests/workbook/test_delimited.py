"""Text files: delimiters, decimal marks, encodings."""

from __future__ import annotations

import gc
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xl_qbs import errors
from xl_qbs.workbook.delimited import read_delimited
from xl_qbs.workbook.grid import Grid


def read(text: str | bytes) -> Grid:
    return read_delimited(Path("fund.csv"), text if isinstance(text, bytes) else text.encode())


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_delimiters(delimiter: str) -> None:
    grid = read("Nimistu,Sihtrühm,Tehtud\nN1,5,4\nN2,7,7\n".replace(",", delimiter))
    assert grid.delimiter == delimiter
    assert grid.rows == [["Nimistu", "Sihtrühm", "Tehtud"], ["N1", 5.0, 4.0], ["N2", 7.0, 7.0]]


def test_semicolons_with_decimal_commas() -> None:
    grid = read("Nimistu;Hõlmatus;Osa\nN1;0,5;1,25\nN2;0,75;2\n")
    assert grid.delimiter == ";"
    assert grid.rows[1:] == [["N1", 0.5, 1.25], ["N2", 0.75, 2.0]]


def test_commas_with_semicolons_inside_cells() -> None:
    assert read("code,aliases\ndiab,a;b\nhyp,c;d\n").delimiter == ","


def test_titles_above_do_not_mislead() -> None:
    grid = read("PKS tulemused, 2019;;\nAllikas: raviarved;;\nNimistu;Sihtrühm;Tehtud\nN1;5;4\n")
    assert grid.delimiter == ";"
    assert grid.rows[0] == ["PKS tulemused, 2019", None, None]


def test_line_breaks_in_headings() -> None:
    grid = read('"Nimistu\nList";"Sihtrühm\nTarget"\nN1;5\n')
    assert grid.rows == [["Nimistu\nList", "Sihtrühm\nTarget"], ["N1", 5.0]]


def test_stated_delimiter_keeps_its_row() -> None:
    grid = read("sep=|\nNimistu|Tehtud\nN1|5\n")
    assert grid.rows == [[], ["Nimistu", "Tehtud"], ["N1", 5.0]]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5.0),
        ("-5", -5.0),
        (" 5 ", 5.0),
        ("0", 0.0),
        ("0.5", 0.5),
        ("007", "007"),
        ("1 234", "1 234"),
        ("1,234", "1,234"),
        ("5%", "5%"),
        (".5", 0.5),
        ("-.5", -0.5),
        ("1e-05", 1e-05),
        ("-1E+3", -1000.0),
        ("0e+00", 0.0),
        ("1.5e3", 1500.0),
        ("-2.50E-7", -2.5e-07),
        (".5e2", 50.0),
        ("1e5", "1e5"),
        ("12E3", "12E3"),
        ("012E+3", "012E+3"),
        ("01.5e-3", "01.5e-3"),
        ("1e-5.5", "1e-5.5"),
        ("e-05", "e-05"),
        ("1.5e", "1.5e"),
        ("1,5e-05", "1,5e-05"),
        ("5.", "5."),
        (".", "."),
        ("-", "-"),
        ("+5", "+5"),
        ("inf", "inf"),
        ("=1+1", "=1+1"),
        ("  ", None),
    ],
)
def test_what_is_a_number(text: str, value: object) -> None:
    assert read(f"a;b\n0.5;{text}\n").rows[1][1] == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,5e-05", 1.5e-05),
        ("1,5E3", 1500.0),
        (",5", 0.5),
        ("-,5e+1", -5.0),
        ("1e-05", 1e-05),
        ("1E5", "1E5"),
        ("1.5e-05", "1.5e-05"),
        (".5", ".5"),
        (",", ","),
    ],
)
def test_what_is_a_number_among_decimal_commas(text: str, value: object) -> None:
    assert read(f"a;b\n0,5;{text}\n0,25;1\n").rows[1][1] == value


@given(number=st.floats(allow_nan=False, allow_infinity=False), comma=st.booleans())
def test_numbers_as_programs_write_them(number: float, comma: bool) -> None:
    """Python, C and R; and Stata, which writes no 0 before the mark."""
    texts = [repr(number), f"{number:.17e}", re.sub(r"^(-?)0\.", r"\1.", repr(number))]
    cells = [text.replace(".", ",") if comma else text for text in texts]
    grid = read(";".join(["a", *cells]) + ("\n0,5;0,5\n" if comma else "\n0.5;0.5\n"))
    assert grid.rows[0][1:] == [number] * 3


def test_exponents_tell_the_decimal_mark() -> None:
    assert read("a;b\n1,5e-05;,5\n2.5;0\n").rows[1:] == [[1.5e-05, 0.5], ["2.5", 0.0]]
    assert read("a;b\n1.5e-05;.5\n2,5;0\n").rows[1:] == [[1.5e-05, 0.5], ["2,5", 0.0]]


def test_the_rarer_decimal_mark_stays_text() -> None:
    assert read("a;b;c\n0,5;1,5;2.5\n").rows[1] == [0.5, 1.5, "2.5"]


def test_what_was_written_is_kept() -> None:
    grid = read("id;a\n1.10;5\n0017;6\n1E5;7\n12E-03;8\n")
    assert [grid.text(row, 0) for row in (1, 2, 3, 4)] == ["1.10", "0017", "1E5", "12E-03"]
    assert grid.text(9, 9) == ""


@pytest.mark.parametrize(
    ("codec", "named"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("cp1252", "windows-1252"), ("utf-16", "utf-16")],
)
def test_encodings(codec: str, named: str) -> None:
    grid = read("Nimistu;Sihtrühm\nÕie;5\n".encode(codec))
    assert grid.encoding == named
    assert grid.rows == [["Nimistu", "Sihtrühm"], ["Õie", 5.0]]


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [
        (b"a;b\n\x00\x01", errors.NotAWorkbookError, "not a text file"),
        (b"a;b\n\x81\x8d;5", errors.NotAWorkbookError, "unknown encoding"),
        (b";;\n;;\n", errors.NotAWorkbookError, "no cells"),
        (b'a;b\n"N1;5\nN2;6\n', errors.DamagedWorkbookError, "quotation mark"),
    ],
)
def test_refused(content: bytes, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words) as caught:
        read(content)
    assert "fund.csv" in str(caught.value)


@pytest.mark.parametrize("was_on", [True, False])
def test_garbage_is_not_collected_while_cells_are_made(was_on: bool) -> None:
    collected: list[str] = []
    text = "a;b\n" + "x;1\n" * 20_000

    def told(phase: str, info: dict[str, int]) -> None:
        collected.append(phase)

    gc.callbacks.append(told)
    try:
        if not was_on:
            gc.disable()
        grid = read(text)
        assert len(grid.rows) == 20_001
        # Nothing but what the last pause put off.
        assert collected.count("start") <= 1
        assert gc.isenabled() == was_on
        with pytest.raises(errors.DamagedWorkbookError):
            read('a;b\n"N1;5\n')
        assert gc.isenabled() == was_on
    finally:
        gc.callbacks.remove(told)
        gc.enable()
