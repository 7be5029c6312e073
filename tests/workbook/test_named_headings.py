"""Where named columns stand: headings, sheets, and the column of ids."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from tests.workbook.builders import write_xlsx
from tests.workbook.named_columns import BOTH, ROWS, changed, problems, read, write
from xl_qbs.errors import TableNotFoundError


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
