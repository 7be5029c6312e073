"""Rows and cells of tables with named columns: every number with its cell, or refused whole."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workbook.builders import Formula, write_xlsx
from tests.workbook.named_columns import BOTH, ROWS, changed, problems, read, write, write_csv
from xl_qbs.errors import DataError
from xl_qbs.workbook.named_table import some


class TestIds:
    @BOTH
    def test_ids_that_stand_twice(self, tmp_path: Path, kind: str) -> None:
        rows = [ROWS[0], *([one, number + 1, number + 2] for number, one in enumerate(["a", "b", "a ", "c  d", "c d"]))]
        assert problems(write(tmp_path, kind, rows)) == [
            "T!A4: 'Provider' (provider) has ids that stand more than once: a (rows 2, 4), c d (rows 5, 6)."
        ]

    def test_ids_that_are_none(self, tmp_path: Path) -> None:
        rows = changed((1, 0, True), (2, 0, datetime.date(2019, 1, 2)), (3, 0, Formula("=NA()", "#N/A")))
        assert problems(write_xlsx(tmp_path / "T.xlsx", {"T": rows})) == [
            "T!A2: 'Provider' (provider) is a logical value ('True').",
            "T!A3: 'Provider' (provider) is a date or time ('2019-01-02').",
            "T!A4: 'Provider' (provider) is an error value ('#N/A').",
        ]

    def test_numbers_as_ids(self, tmp_path: Path) -> None:
        rows = changed((1, 0, 17), (2, 0, "0017"), (3, 0, 12345678901))
        assert read(write_xlsx(tmp_path / "T.xlsx", {"T": rows})).providers == ("17", "0017", "12345678901", "P4")


class TestRows:
    @BOTH
    def test_what_is_left_out(self, tmp_path: Path, kind: str) -> None:
        rows = [
            ["Piirkond", "Provider", "Quality", "Cost"],
            ["Põhja"],
            [None, "P1", 1, 10],
            [],
            [None, "P2", 2, 20],
            [None, "Vahesumma / Total:", 3, 30],
            ["Piirkond", "Provider", "Quality", "Cost"],
            [None, "Total Care Clinic", 4, 40],
            [None, " ", None, None],
            [None, "P4", 5, 50],
            ["Kokku", None, 12, 120],
            [None, "* as of March"],
            [],
            [None, "Source: made up", None, None, "see there"],
            ["a last word"],
        ]
        path = write(tmp_path, kind, rows)
        table = read(path)
        assert table.providers == ("P1", "P2", "Total Care Clinic", "P4")
        assert table.source.provider_rows.tolist() == [3, 5, 8, 10]
        assert table.source.range == "B1:D10"
        assert [(one.severity, one.where, one.what) for one in table.findings] == [
            ("note", "T!B4", "rows 4, 9: blank, left out."),
            ("note", "T!B2", "row 2: no id and nothing in the named columns, left out."),
            ("note", "T!B7", "row 7: the headings once more, left out."),
            ("note", "T!B12", "rows 12, 14: a note below the table, left out."),
            ("warning", "T!B6", "rows 6, 11: totals or averages, not a provider; left out."),
        ]

    @BOTH
    def test_numbers_without_an_id(self, tmp_path: Path, kind: str) -> None:
        rows = [*ROWS, [], [None, 266.75, 4.3]]
        assert problems(write(tmp_path, kind, changed((2, 0, None), rows=rows))) == [
            "T!A3: rows 3, 7: there are values, but the provider's id is blank."
        ]

    @pytest.mark.parametrize("last", [["P5"], ["P5", None, None, 7]])
    @BOTH
    def test_the_last_provider_without_numbers_is_no_note(self, tmp_path: Path, kind: str, last: list[Any]) -> None:
        assert problems(write(tmp_path, kind, [*ROWS, last])) == [
            "T!B6: 'Quality' (quality) is missing.",
            "T!C6: 'Cost' (cost) is missing.",
        ]

    @BOTH
    def test_a_provider_without_numbers_in_the_middle(self, tmp_path: Path, kind: str) -> None:
        rows = changed((2, 1, None), (2, 2, None))
        assert problems(write(tmp_path, kind, rows)) == [
            "T!B3: 'Quality' (quality) is missing.",
            "T!C3: 'Cost' (cost) is missing.",
        ]

    def test_hidden_rows_count(self, tmp_path: Path) -> None:
        def hide(book: xlsxwriter.Workbook) -> None:
            book.worksheets()[0].set_row(2, None, None, {"hidden": True})

        table = read(write_xlsx(tmp_path / "T.xlsx", {"T": ROWS}, finish=hide))
        assert len(table.providers) == 4
        assert [(one.severity, one.what) for one in table.findings] == [
            ("note", "1 of the rows are hidden (first row 3); they are counted.")
        ]


class TestNumbers:
    @pytest.mark.parametrize(
        ("value", "wrong"),
        [
            (None, "is missing"),
            ("  ", "is missing"),
            ("puudub", "is text ('puudub')"),
            ("=B2", "is text ('=B2')"),
            ("12 345,50", "is a number written as text ('12 345,50')"),
            ("1,234.5", "is a number written as text ('1,234.5')"),
            ("15 %", "is a number written as text ('15 %')"),
            ("1e5", "is a number written as text ('1e5')"),
            ("inf", "is infinite or too large for a number"),
            (0, "is zero or negative ('0')"),
            (-2.5, "is zero or negative ('-2.5')"),
        ],
    )
    @BOTH
    def test_one_cell(self, tmp_path: Path, kind: str, value: Any, wrong: str) -> None:
        path = write(tmp_path, kind, changed((3, 2, value)))
        assert problems(path) == [f"T!C4: 'Cost' (cost) {wrong}."]
        with pytest.raises(DataError) as told:
            read(path)
        assert told.value.findings[0].provider == "P3"

    @pytest.mark.parametrize(
        ("value", "wrong"),
        [
            (True, "is a logical value ('True')"),
            (datetime.date(2019, 12, 31), "is a date or time ('2019-12-31')"),
            (Formula("=1/0", "#DIV/0!"), "is an error value ('#DIV/0!')"),
            ("007", "is a number written as text ('007')"),
            (".5", "is a number written as text ('.5')"),
            ("1e-05", "is a number written as text ('1e-05')"),
        ],
    )
    def test_one_cell_of_a_workbook(self, tmp_path: Path, value: Any, wrong: str) -> None:
        path = write_xlsx(tmp_path / "T.xlsx", {"T": changed((3, 2, value))})
        assert problems(path) == [f"T!C4: 'Cost' (cost) {wrong}."]

    @pytest.mark.parametrize(
        ("value", "wrong"),
        [
            ("#N/A", "is an error value ('#N/A')"),
            ("#DIV/0!", "is an error value ('#DIV/0!')"),
            ("TRUE", "is text ('TRUE')"),
            ("2019-12-31", "is text ('2019-12-31')"),
            ("9" * 400, "is infinite or too large for a number"),
            ("0,5", "is a number written as text ('0,5')"),
            ("1.5e999", "is infinite or too large for a number"),
            ("-.5", "is zero or negative ('-.5')"),
        ],
    )
    def test_one_cell_of_a_text(self, tmp_path: Path, value: Any, wrong: str) -> None:
        assert problems(write(tmp_path, "csv", changed((3, 2, value)))) == [f"T!C4: 'Cost' (cost) {wrong}."]

    def test_numbers_written_as_text_are_mended_differently(self, tmp_path: Path) -> None:
        rows = changed((3, 2, "1 000"))
        with pytest.raises(DataError, match="Write it without spaces, separators of thousands"):
            read(write(tmp_path, "csv", rows))
        with pytest.raises(DataError, match="Text to Columns"):
            read(write(tmp_path, "xlsx", rows))

    @pytest.mark.parametrize("role", ["quality_error", "cost_error", "volume"])
    @BOTH
    def test_what_may_not_be_negative(self, tmp_path: Path, kind: str, role: str) -> None:
        rows = [[*row, extra] for row, extra in zip(ROWS, ["More", 0, -0.5, 1, -2], strict=True)]
        title = role.replace("_", " ")
        told = [f"T!D3: 'More' ({title}) is negative ('-0.5') in D3, D5."]
        assert problems(write(tmp_path, kind, rows), **{role: "more"}) == told

    @BOTH
    def test_an_area_that_is_missing(self, tmp_path: Path, kind: str) -> None:
        rows = [[*row, extra] for row, extra in zip(ROWS, ["Where", "A", None, 5, None], strict=True)]
        assert problems(write(tmp_path, kind, rows), area="where") == ["T!D3: 'Where' (area) is missing in D3, D5."]

    @pytest.mark.parametrize(("column", "title"), [(1, "'Quality' (quality)"), (2, "'Cost' (cost)")])
    @BOTH
    def test_a_constant(self, tmp_path: Path, kind: str, column: int, title: str) -> None:
        rows = changed(*((row, column, 0.7) for row in (1, 2, 3, 4)))
        what = f"{title} is 0.7 in every row, so it does not tell one from another."
        assert problems(write(tmp_path, kind, rows)) == [f"T!{'ABC'[column]}2: {what}"]

    @BOTH
    def test_all_at_once_and_ten_cells_of_each(self, tmp_path: Path, kind: str) -> None:
        rows: list[list[Any]] = [["Provider", "Quality", "Cost", "Visits"]]
        rows += [[f"P{number}", "n/a" if number < 13 else number, number - 2, number] for number in range(20)]
        rows[18][1] = None
        rows[19][3] = "many"
        rows[20][0] = "P1"
        assert problems(write(tmp_path, kind, rows), extra=["Visits"]) == [
            "T!A21: 'Provider' (provider) has ids that stand more than once: P1 (rows 3, 21).",
            "T!B2: 'Quality' (quality) is text ('n/a') in B2, B3, B4, B5, B6, B7, B8, B9, B10, B11 and 3 more.",
            "T!B19: 'Quality' (quality) is missing.",
            "T!C2: 'Cost' (cost) is zero or negative ('-2') in C2, C3, C4.",
            "T!D20: 'Visits' is text ('many').",
        ]

    def test_exponents_and_bare_marks_of_a_text(self, tmp_path: Path) -> None:
        """As R, Python and Stata write numbers; ids of the same look keep their text."""
        rows = [
            ["Provider", "Quality", "Cost"],
            ["1E5", "1e-05", ".5"],
            ["12E3", "1.5E-7", "1E+3"],
            ["1e-05", "-.25", "2.50e0"],
            ["1.0e-05", "0e+00", "3"],
        ]
        table = read(write(tmp_path, "csv", rows))
        assert table.providers == ("1E5", "12E3", "1e-05", "1.0e-05")
        assert table.quality.tolist() == [1e-05, 1.5e-07, -0.25, 0]
        assert table.cost.tolist() == [0.5, 1000, 2.5, 3]

    def test_formulas_are_read_by_their_values(self, tmp_path: Path) -> None:
        rows = changed((1, 1, Formula("=60+1.5", 61.5)), (2, 0, Formula('="P"&2', "P2")))
        table = read(write_xlsx(tmp_path / "T.xlsx", {"T": rows}))
        assert (table.providers[1], table.quality[0]) == ("P2", 61.5)

    def test_formulas_without_values(self, tmp_path: Path) -> None:
        rows = changed((1, 1, Formula("=60+1.5", None)), (2, 0, Formula('="P"&2', None)), (2, 1, "x"))
        path = write_xlsx(tmp_path / "T.xlsx", {"T": rows})
        assert problems(path) == [
            "T!B3: 'Quality' (quality) is text ('x').",
            "T!A2:B3: 2 formulas have no stored value: the file was never calculated.",
        ]
        with pytest.raises(DataError, match="Open the file in Excel and save it"):
            read(path)

    @settings(max_examples=30)
    @given(
        values=st.lists(st.integers(1, 10**9), min_size=6, max_size=30, unique=True),
        decimals=st.integers(1, 4),
        form=st.sampled_from([(",", False), (";", True), (";", False), ("\t", True), ("|", False)]),
    )
    def test_numbers_survive(
        self, tmp_path_factory: pytest.TempPathFactory, values: list[int], decimals: int, form: tuple[str, bool]
    ) -> None:
        numbers = [float(f"{value / 10**decimals:.{decimals}f}") for value in values]
        half = len(numbers) // 2
        pairs = list(zip(numbers[:half], numbers[half : 2 * half], strict=True))
        rows = [["ID", "Õ quality", "Cost"], *([f"õ {row}", *pair] for row, pair in enumerate(pairs))]
        # A decimal comma stands in at least one cell, as in a real file, or it is not known as one.
        rows[1][1] = 0.5
        path = write_csv(tmp_path_factory.mktemp("t") / "t.csv", rows, *form)
        table = read(path, quality="õ quality")
        assert table.quality.tolist() == [row[1] for row in rows[1:]]
        assert table.cost.tolist() == [row[2] for row in rows[1:]]
        assert table.source.delimiter == form[0]


def test_some() -> None:
    assert some(["a"]) == "a"
    assert some(map(str, range(12))) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more"
    assert some(map(str, range(10))) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9"
