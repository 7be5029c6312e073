"""Texts that a spreadsheet would take for formulas, whatever its list separator."""

from __future__ import annotations

import csv
import io

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import compute

from xl_qbs.workbook.csv_text import MARKS, inert

BEGINNINGS = tuple("=+-@＝＋－＠")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("N0007", "N0007"),
        ("Vähi sõeluuring; rinnavähk (2019-2020) a@b", "Vähi sõeluuring; rinnavähk (2019-2020) a@b"),
        ("=1+1", "'=1+1"),
        ("-5", "'-5"),
        ("＝A1", "'＝A1"),
        ("\tx", "'\tx"),
        ("\t=A1", "'\t'=A1"),
        ("one;=A1", "one;'=A1"),
        ('one;"=A1', "one;\"'=A1"),
        ("one;;\t@A1;-B1", "one;;\t'@A1;'-B1"),
        ("one\n=A1", "one\n'=A1"),
        ("", ""),
    ],
)
def test_what_is_written(text: str, written: str) -> None:
    assert inert(text) == written


@given(st.lists(st.text(alphabet="ab=+-@＝\"';|,\t\r\n ", max_size=8), min_size=2, max_size=4))
def test_no_cell_begins_as_a_formula(texts: list[str]) -> None:
    # Quotation marks count at the beginning of a cell only; a lone return is written as a new line.
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerow([inert(text).replace("\r", "\n") for text in texts])
    for separator in ",;\t|":
        for row in csv.reader(io.StringIO(file.getvalue(), newline=""), delimiter=separator):
            assert not any(cell.startswith(BEGINNINGS) for cell in row), (separator, row)


@given(st.lists(st.text(alphabet="ab=+-@＝\"';|,\t\r\n ", max_size=8), min_size=1, max_size=20))
def test_arrow_reads_the_patterns_as_python_does(texts: list[str]) -> None:
    column = pa.array(texts)
    for pattern, marked in MARKS:
        column = compute.replace_substring_regex(column, pattern, marked)
    assert column.to_pylist() == [inert(text) for text in texts]
