"""Tables of quality and cost: columns by name, every number with its cell, or refused whole."""

from __future__ import annotations

import csv
import datetime
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

import xl_qbs
from tests.small_fund import SCHEME, Scored, counts, rows_of, score_file
from tests.workbook.builders import Formula, edit_parts, write_xlsx
from xl_qbs.errors import ArgumentError, DataError, MissingFileError, TableNotFoundError
from xl_qbs.workbook.package import open_package
from xl_qbs.workbook.provider_table import NEED_ADJUSTED, ProviderTable, read_provider_table, some
from xl_qbs.workbook.template import Request, make_template

ROWS: list[list[Any]] = [
    ["Provider", "Quality", "Cost"],
    ["P1", 61.5, 1.1],
    ["P2", 70, 0.9],
    ["P3", 55.25, 1.3],
    ["P4", 80, 1],
]
HOSPITALS: dict[str, Any] = {
    "quality": "total_performance_score",
    "cost": "spending_ratio",
    "cost_is": "spending",
    "area": "state",
}
NAMED: dict[str, Any] = {"quality": NEED_ADJUSTED, "cost": "kulu", "cost_is": "spending"}
BOTH = pytest.mark.parametrize("kind", ["csv", "xlsx"])


def write_csv(path: Path, rows: Sequence[Sequence[Any]], delimiter: str = ",", comma: bool = False) -> Path:
    """Write rows as text, numbers with a decimal comma on demand, blanks for None."""

    def text(value: Any) -> str:
        if value is None:
            return ""
        return str(value).replace(".", ",") if comma and isinstance(value, float) else str(value)

    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([[text(value) for value in row] for row in rows])
    return path


def write(folder: Path, kind: str, rows: Sequence[Sequence[Any]]) -> Path:
    """Write rows as a table named T of either kind; the sheet has that name too."""
    if kind == "csv":
        return write_csv(folder / "T.csv", rows)
    return write_xlsx(folder / "T.xlsx", {"T": rows})


def read(path: Path, **options: Any) -> ProviderTable:
    return read_provider_table(path, **{"quality": "Quality", "cost": "Cost", "cost_is": "spending", **options})


def problems(path: Path, **options: Any) -> list[str]:
    with pytest.raises(DataError) as told:
        read(path, **options)
    assert all(one.severity == "error" and one.remedy for one in told.value.findings)
    return [f"{one.where}: {one.what}" for one in told.value.findings]


def changed(*cells: tuple[int, int, Any], rows: Sequence[Sequence[Any]] = ROWS) -> list[list[Any]]:
    """Return the rows with some cells, as zero-based row, column and value, put in."""
    copy = [list(row) for row in rows]
    for row, column, value in cells:
        copy[row][column] = value
    return copy


class TestRealData:
    def expected(self, path: Path) -> list[dict[str, str]]:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def test_hospitals(self, shared: Path) -> None:
        path = shared / "data" / "hospital_quality_cost_fy2013.csv"
        rows = self.expected(path)
        table = read_provider_table(path, **HOSPITALS)
        assert table.providers == tuple(row["provider_id"] for row in rows)
        assert table.providers[0] == "010092"  # as written, not as the number 10092
        assert table.quality.tolist() == [float(row["total_performance_score"]) for row in rows]
        assert table.cost.tolist() == [float(row["spending_ratio"]) for row in rows]
        assert table.area == tuple(row["state"] for row in rows)
        assert (table.quality_error, table.cost_error, table.volume, dict(table.extra)) == (None, None, None, {})
        assert table.findings == ()
        source = table.source
        assert source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert (source.path, source.sheet, source.delimiter, source.encoding) == (path, None, ",", "utf-8")
        assert source.columns == {"provider": 1, "area": 3, "quality": 4, "cost": 5}
        assert source.range == "A1:E2967"
        assert source.provider_rows.tolist() == list(range(2, 2968))

    def test_the_same_hospitals_in_other_files(self, shared: Path, tmp_path: Path) -> None:
        """A workbook below a title, and a text with semicolons and decimal commas, hold the same."""
        path = shared / "data" / "hospital_quality_cost_fy2013.csv"
        given = read_provider_table(path, **HOSPITALS)
        rows = [[row["provider_id"], row["hospital"], row["state"]] for row in self.expected(path)]
        numbers = np.column_stack([given.quality, given.cost]).tolist()
        heads = ["provider_id", "hospital", "state", "total_performance_score", "spending_ratio"]
        table = [heads, *([*row, *pair] for row, pair in zip(rows, numbers, strict=True))]
        text = write_csv(tmp_path / "a.csv", table, ";", comma=True)
        assert b"57,40909" in text.read_bytes()
        book = write_xlsx(tmp_path / "a.xlsx", {"Hospitals": [["FY 2013"], [], *table]})
        for other, first in ((text, 2), (book, 4)):
            again = read_provider_table(other, **HOSPITALS)
            assert (again.providers, again.area) == (given.providers, given.area)
            np.testing.assert_array_equal(again.quality, given.quality)
            np.testing.assert_array_equal(again.cost, given.cost)
            assert again.source.provider_rows[0] == first


class TestHeadings:
    @pytest.mark.parametrize(
        ("heading", "name"),
        [
            ("Quality", " qUALITY "),
            ("  Kvaliteet\r\nQuality\u00a0score ", "kvaliteet quality score"),
            ("Üldine hõlmatus", "ÜLDINE HÕLMATUS"),
            ("O\u0303iglus", "Õiglus"),
            ("=1+1", "=1+1"),
            ("2019", "2019"),
            ("a, \"b\"; 'c'|{d}", "A, \"b\"; 'C'|{d}"),
            ("%", "%"),
        ],
    )
    @BOTH
    def test_names_are_compared_plainly(self, tmp_path: Path, kind: str, heading: str, name: str) -> None:
        table = read(write(tmp_path, kind, changed((0, 1, heading))), quality=name)
        assert table.quality.tolist() == [61.5, 70, 55.25, 80]
        assert table.names["quality"] == heading.strip()

    def test_a_heading_that_is_a_number(self, tmp_path: Path) -> None:
        path = write_xlsx(tmp_path / "T.xlsx", {"T": changed((0, 1, 2019))})
        assert read(path, quality="2019").quality[0] == 61.5

    @BOTH
    def test_the_first_row_that_has_all_of_them(self, tmp_path: Path, kind: str) -> None:
        rows = [["Quality and cost of 2019"], ["Quality", None, "higher is better"], [], *ROWS]
        table = read(write(tmp_path, kind, rows))
        assert table.source.heading_row == 4
        assert table.source.provider_rows.tolist() == [5, 6, 7, 8]
        assert table.source.range == "A4:C8"

    def test_headings_merged_with_cells_below_and_beside(self, tmp_path: Path) -> None:
        rows = [
            [None, "Measured", None],
            ["Provider", "Quality", "Cost"],
            [None, None, "in euros"],
            *ROWS[1:],
        ]
        rows[2][2] = None
        path = write_xlsx(tmp_path / "T.xlsx", {"T": rows}, ["B1:C1", "A2:A3", "B2:B3", "C2:C3"])
        table = read(path)
        assert table.source.heading_row == 2
        assert table.source.provider_rows.tolist() == [4, 5, 6, 7]

    @BOTH
    def test_all_columns(self, tmp_path: Path, kind: str) -> None:
        rows = [
            ["Beds", "Maakond", "Nimistu", "Cost", "SE cost", "Quality", "SE q", "Visits", "Nurses"],
            [5, "Harju", "N2", -1.5, 0.1, 3, 0.5, 100, 2],
            [6, "Võru", 17, 2, 0, 4, 0.25, 0, -3],
            [7, "Harju", "=N1", 0, 0.2, 5, 0.5, 30, 4],
        ]
        table = read(
            write(tmp_path, kind, rows),
            cost_is="performance",
            quality_error="SE q",
            cost_error="SE cost",
            volume="Visits",
            area="Maakond",
            extra=["beds", "Nurses", "Quality", "beds"],
        )
        assert table.providers == ("N2", "17", "=N1")
        assert table.quality.tolist() == [3, 4, 5]
        assert table.cost.tolist() == [-1.5, 2, 0]
        assert table.quality_error is not None
        assert table.cost_error is not None
        assert table.volume is not None
        assert table.quality_error.tolist() == [0.5, 0.25, 0.5]
        assert table.cost_error.tolist() == [0.1, 0, 0.2]
        assert table.volume.tolist() == [100, 0, 30]
        assert table.area == ("Harju", "Võru", "Harju")
        assert {name: values.tolist() for name, values in table.extra.items()} == {
            "beds": [5, 6, 7],
            "Nurses": [2, -3, 4],
            "Quality": [3, 4, 5],
        }
        assert table.names["extra:beds"] == "Beds"
        assert table.source.columns == {
            "provider": 3,
            "quality": 6,
            "cost": 4,
            "quality_error": 7,
            "cost_error": 5,
            "volume": 8,
            "area": 2,
            "extra:beds": 1,
            "extra:Nurses": 9,
            "extra:Quality": 6,
        }
        assert table.source.range == "A1:I4"
        assert table.source.sheet == (None if kind == "csv" else "T")

    def test_a_name_that_is_not_there(self, tmp_path: Path) -> None:
        path = write_xlsx(tmp_path / "T.xlsx", {"About": [["Read me"]], "T": [["Title"], *ROWS], "Empty": []})
        with pytest.raises(TableNotFoundError) as told:
            read(path, quality="Qualty", cost="Ratio", provider="Provider")
        assert str(told.value).splitlines() == [
            "No table with 'Qualty', 'Ratio', 'Provider' was found in T.xlsx.",
            "  About: row 1 has no 'Qualty', no 'Ratio', no 'Provider'. Its headings: 'Read me'.",
            "  T: row 2 has no 'Qualty' (did you mean 'Quality'?), no 'Ratio'. "
            "Its headings: 'Provider', 'Quality', 'Cost'.",
            "  Empty: it is empty.",
        ]

    def test_part_of_a_name_is_enough_to_guess(self, tmp_path: Path) -> None:
        path = write(tmp_path, "csv", changed((0, 2, "Spending per\nepisode, total")))
        with pytest.raises(TableNotFoundError, match="did you mean 'Spending per episode, total'"):
            read(path, cost="spending")

    def test_names_in_different_rows(self, tmp_path: Path) -> None:
        path = write(tmp_path, "csv", [[None, None, "Cost"], ["Provider", "Quality", None], *ROWS[1:]])
        with pytest.raises(TableNotFoundError, match=r"no 'Cost' \(it stands in C1, but all .* in one row\)"):
            read(path)

    def test_of_very_many_headings_some_are_listed(self, tmp_path: Path) -> None:
        path = write(tmp_path, "csv", [[f"h{number}" for number in range(100)], [1] * 100])
        with pytest.raises(TableNotFoundError, match="'h39' and 60 more"):
            read(path)

    @BOTH
    def test_headings_that_stand_twice(self, tmp_path: Path, kind: str) -> None:
        rows = [[*row, row[1], row[2], row[2]] for row in ROWS]
        rows[0][3] = " quality"
        assert problems(write(tmp_path, kind, rows), extra=["Quality"]) == [
            "T!B1: 'Quality' is the heading of B1 and D1.",
            "T!C1: 'Cost' is the heading of C1, E1, F1.",
        ]

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"cost": "QUALITY "}, "quality and cost both name the column 'QUALITY'"),
            ({"area": "quality"}, "quality and area both name"),
            ({"cost_error": "se", "quality_error": "SE"}, "quality error and cost error both name the column"),
            ({"cost": " "}, "cost == ' ', must be the heading of a column"),
            ({"cost_is": "cheap"}, "cost_is == 'cheap', must be one of spending, performance"),
            ({"scored": "x.xlsx"}, "scored: is for quality == 'need-adjusted'"),
        ],
    )
    def test_options_that_do_not_fit(self, tmp_path: Path, options: dict[str, Any], message: str) -> None:
        with pytest.raises(ArgumentError, match=message):
            read(write(tmp_path, "csv", ROWS), **options)

    def test_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(MissingFileError):
            read(tmp_path / "no.csv")


class TestSheets:
    def test_the_only_sheet_that_has_them(self, tmp_path: Path) -> None:
        others = {"About": [["Quality"]], "Costs": [["Provider", "Cost"], ["P1", 1]], "Empty": [], "Data": ROWS}
        assert read(write_xlsx(tmp_path / "T.xlsx", others)).source.sheet == "Data"

    def test_several(self, tmp_path: Path) -> None:
        def hide(book: xlsxwriter.Workbook) -> None:
            book.worksheets()[1].hide()

        sheets = {"2019": ROWS, "Vana": [["x"], *ROWS], "Other": [["x"]]}
        path = write_xlsx(tmp_path / "T.xlsx", sheets, finish=hide)
        with pytest.raises(TableNotFoundError) as told:
            read(path)
        assert str(told.value) == (
            "T.xlsx has 'Quality', 'Cost' on 2 sheets: '2019' (row 1), 'Vana (hidden)' (row 2). "
            "Say which one with --sheet, such as --sheet '2019'."
        )
        assert read(path, sheet="vana").source.heading_row == 2
        with pytest.raises(TableNotFoundError, match=r"T\.xlsx has no worksheet '2020'"):
            read(path, sheet="2020")
        with pytest.raises(TableNotFoundError, match=r"(?s)No table .* was found.*Other: row 1 has no 'Quality'"):
            read(path, sheet="Other")


class TestProviderColumn:
    @pytest.mark.parametrize(
        ("headings", "column"),
        [
            (["provider_id", "Facility", "Quality", "Cost"], 1),
            (["Hospital", "Facility ID", "Quality", "Cost"], 2),
            (["Quality", "Cost", "Name", "NIMISTU"], 4),
            (["Name", "Quality", "Nimistu kood / List code", "Cost"], 3),
            (["Name", "Quality", "Nimistu\nList", "Cost"], 3),
            (["Name", "ID", "Quality", "Cost"], 2),
            (["x", "name", "Quality", "Cost"], 1),
            ([None, "name", "Quality", "Cost"], 2),
            (["Quality", "Nimi", "Cost", "kood"], 4),
        ],
    )
    @BOTH
    def test_found(self, tmp_path: Path, kind: str, headings: list[str | None], column: int) -> None:
        def cell(heading: str | None, row: int) -> Any:
            return row * row if heading in {"Quality", "Cost"} else f"{heading}{row}"

        rows = [headings, *([cell(one, row) for one in headings] for row in (1, 2, 3))]
        table = read(write(tmp_path, kind, rows))
        assert table.source.columns["provider"] == column
        assert table.providers == tuple(str(row[column - 1]) for row in rows[1:])

    @BOTH
    def test_the_first_with_texts_of_their_own(self, tmp_path: Path, kind: str) -> None:
        """Not the years, which repeat, nor the shares, nor the column that has a blank."""
        rows = [
            ["Year", "Share", "Note", "First", "Where", "Who", "Quality", "Cost"],
            [2019, 0.5, "a", "x", "Tartu", 5, 1, 2],
            [2019, 0.25, None, None, "Võru", 7, 2, 4],
            [2019, 0.75, "c", None, "Valga", 6, 4, 5],
            [2020, 0.75, "d", None, "Jõgeva", 8, 4, 5],
            [None, None, None, None, None, None, 7, 11],
        ]
        told = problems(write(tmp_path, kind, rows))
        assert told == ["T!E6: row 6: there are values, but the provider's id is blank."]
        assert read(write(tmp_path, kind, rows[:-1])).providers == ("Tartu", "Võru", "Valga", "Jõgeva")

    @BOTH
    def test_none(self, tmp_path: Path, kind: str) -> None:
        rows = [["Year", "Quality", "Cost", "Name"], [1, 1, 2, "a"], [1, 2, 3, "b"], [1, 5, 4, "c"]]
        with pytest.raises(TableNotFoundError) as told:
            read(write(tmp_path, kind, rows))
        assert "no column of the providers' ids was found. Name it with --provider" in str(told.value)
        assert "the other headings in row 1 are: 'Year', 'Name'." in str(told.value)
        assert read(write(tmp_path, kind, rows), provider="name").providers == ("a", "b", "c")

    def test_two(self, tmp_path: Path) -> None:
        rows = [["List", "Nimistu", "Quality", "Cost"], ["a", "b", 1, 2]]
        with pytest.raises(TableNotFoundError, match=r"A1 \('List'\) and B1 \('Nimistu'\) could each be the column"):
            read(write(tmp_path, "csv", rows))

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

    @BOTH
    def test_too_few(self, tmp_path: Path, kind: str) -> None:
        assert problems(write(tmp_path, kind, ROWS[:3])) == ["T: there are 2 providers, and at least 3 are needed."]
        assert problems(write(tmp_path, kind, ROWS[:2])) == ["T: there is 1 provider, and at least 3 are needed."]
        assert problems(write(tmp_path, kind, ROWS[:1])) == ["T: there are 0 providers, and at least 3 are needed."]


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
            (".5", "is a number written as text ('.5')"),
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

    def test_performance_may_be_anything(self, tmp_path: Path) -> None:
        path = write(tmp_path, "csv", changed((1, 2, -1), (2, 2, 0)))
        assert read(path, cost_is="performance").cost.tolist() == [-1, 0, 1.3, 1]

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


COSTS: list[list[Any]] = [
    ["Nimistu", "Kulu"],
    *([f"N{number:03d}", 100 + number * 7 % 31] for number in range(30, 0, -1)),
]


@pytest.fixture(scope="module", params=["en", "et"])
def scored(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Scored:
    """Return a scored workbook whose costs stand on a sheet of their own, the lists in another order."""
    folder = tmp_path_factory.mktemp("scored")
    path = write_xlsx(folder / "in.xlsx", {"Andmed": rows_of(SCHEME, *counts(SCHEME)), "Kulud": COSTS})
    return score_file(path, folder / "out.xlsx", SCHEME, language=request.param)


class TestNeedAdjusted:
    def test_of_the_own_workbook(self, scored: Scored) -> None:
        table = read_provider_table(scored.path, **NAMED)
        assert table.providers == tuple(row[0] for row in COSTS[1:])
        total = dict(zip(scored.table.providers, scored.result.need_adjusted.total, strict=True))
        np.testing.assert_array_equal(table.quality, [total[one] for one in table.providers])
        assert table.names["quality"] in {"Need-adjusted score", "Vajaduspõhine skoor"}
        block = scored.book.block("need_score")
        cells = table.source.scores
        assert cells is not None
        assert (cells.sheet, cells.column, cells.sha256) == (block.sheet, block.column, table.source.sha256)
        assert cells.rows.tolist() == list(range(block.row + 29, block.row - 1, -1))
        assert "quality" not in table.source.columns
        assert (table.source.sheet, table.source.range) == ("Kulud", "A1:B31")

    def test_of_another_workbook(self, scored: Scored, tmp_path: Path) -> None:
        table = read_provider_table(write_csv(tmp_path / "c.csv", COSTS, ";"), **NAMED, scored=scored.path)
        own = read_provider_table(scored.path, **NAMED)
        np.testing.assert_array_equal(table.quality, own.quality)
        assert table.source.scores is not None
        assert table.source.scores.path == scored.path
        assert table.source.scores.sha256 != table.source.sha256

    def test_result_sheets_are_no_tables_unless_named(self, scored: Scored) -> None:
        sheet = scored.book.block("need_score").sheet
        with pytest.raises(TableNotFoundError, match="No table with"):
            read_provider_table(scored.path, quality="Nr", cost="Kulu", cost_is="spending")
        with pytest.raises(DataError, match="is the heading of"):
            read_provider_table(
                scored.path,
                quality="Score" if sheet == "QBS Scores" else "Skoor",
                cost="No." if sheet == "QBS Scores" else "Nr",
                cost_is="performance",
                sheet=sheet,
            )

    def test_ids_on_one_side_only(self, scored: Scored, tmp_path: Path) -> None:
        rows = [COSTS[0], *COSTS[13:], ["N31", 5], ["X", 6]]
        path = write_xlsx(tmp_path / "T.xlsx", {"T": rows})
        sheet = scored.book.block("need_score").sheet
        heading = "List" if sheet == "QBS Scores" else "Nimistu"
        first = [f"N{number:03d}" for number in range(19, 29)]
        with pytest.raises(DataError) as told:
            read_provider_table(path, **NAMED, scored=scored.path)
        assert [f"{one.where}: {one.what}" for one in told.value.findings] == [
            f"T: 2 ids of 'Nimistu' (provider) not found on the sheet '{sheet}': N31, X.",
            f"[out.xlsx]{sheet}: 12 ids of '{heading}' (provider) not found on the sheet 'T': "
            f"{', '.join(first)} and 2 more.",
        ]

    def test_scores_that_were_never_calculated(self, scored: Scored, tmp_path: Path) -> None:
        part = next(one.part for one in _entries(scored.path) if one.name == scored.book.block("need_score").sheet)
        path = edit_parts(
            scored.path,
            tmp_path / "b.xlsx",
            lambda name, content: (
                re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", content).replace(b' t="str"', b"") if name == part else content
            ),
        )
        with pytest.raises(DataError) as told:
            read_provider_table(path, **NAMED)
        assert len(told.value.findings) == 1
        assert "formulas have no stored value" in str(told.value)
        assert "Open the file in Excel and save it." in str(told.value)

    def test_a_score_that_is_an_error(self, scored: Scored, tmp_path: Path) -> None:
        block = scored.book.block("need_score")
        cell = f"{chr(64 + block.column)}{block.row + 2}".encode()
        part = next(one.part for one in _entries(scored.path) if one.name == block.sheet)
        path = edit_parts(
            scored.path,
            tmp_path / "b.xlsx",
            lambda name, content: (
                re.sub(
                    rb'<c r="' + cell + rb'"([^>]*)>(<f>[^<]*</f>)<v>[^<]*</v>',
                    rb'<c r="' + cell + rb'"\1 t="e">\2<v>#REF!</v>',
                    content,
                )
                if name == part
                else content
            ),
        )
        with pytest.raises(DataError, match=r"\(quality\) is an error value \('#REF!'\)") as told:
            read_provider_table(path, **NAMED)
        assert told.value.findings[0].where == f"{block.sheet}!{cell.decode()}"
        assert told.value.findings[0].provider == "N003"

    def test_not_scored(self, tmp_path: Path) -> None:
        path = write_xlsx(tmp_path / "T.xlsx", {"T": COSTS, "QBS Scores": [["List", "Score"], ["N001", 5]]})
        with pytest.raises(TableNotFoundError, match=r"T\.xlsx holds no sheet of need-adjusted scores"):
            read_provider_table(path, **NAMED, sheet="T")
        text = write_csv(tmp_path / "T.csv", COSTS)
        for options in ({}, {"scored": text}):
            with pytest.raises(TableNotFoundError, match=r"T.csv is a text file and holds no need-adjusted scores"):
                read_provider_table(text, **NAMED, **options)

    def test_a_template_that_was_filled_in(self, tmp_path: Path) -> None:
        """Its sheets carry no mark, have rows for more lists, and show last year's scores as well."""
        fund = write_xlsx(tmp_path / "in.xlsx", {"Andmed": rows_of(SCHEME, *counts(SCHEME))})
        given = xl_qbs.read_workbook(fund, SCHEME)
        path = make_template(Request(table=given, last_year=given, lists=40), tmp_path / "t.xlsx")
        table = read_provider_table(write_csv(tmp_path / "c.csv", COSTS), **NAMED, scored=path)
        assert table.source.scores is not None
        assert table.source.scores.sheet == "Scores"
        total = dict(zip(given.providers, xl_qbs.score(given).need_adjusted.total, strict=True))
        np.testing.assert_array_equal(table.quality, [total[one] for one in table.providers])


def _entries(path: Path) -> Any:
    with open_package(path) as package:
        return package.sheets


def test_some() -> None:
    assert some(["a"]) == "a"
    assert some(map(str, range(12))) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more"
    assert some(map(str, range(10))) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9"
