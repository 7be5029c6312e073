"""Tables of quality and cost: by the names of the columns, and with the scores of a scored workbook."""

from __future__ import annotations

import csv
import hashlib
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import xl_qbs
from tests.small_fund import SCHEME, Scored, counts, rows_of, score_file
from tests.workbook.builders import edit_parts, write_xlsx
from tests.workbook.named_columns import BOTH, ROWS, calculated_told, changed, problems, read, write, write_csv
from xl_qbs.errors import ArgumentError, DataError, MissingFileError, TableNotFoundError
from xl_qbs.workbook.package import open_package
from xl_qbs.workbook.provider_table import NEED_ADJUSTED, read_provider_table
from xl_qbs.workbook.template import Request, make_template

HOSPITALS: dict[str, Any] = {
    "quality": "total_performance_score",
    "cost": "spending_ratio",
    "cost_is": "spending",
    "area": "state",
}
NAMED: dict[str, Any] = {"quality": NEED_ADJUSTED, "cost": "kulu", "cost_is": "spending"}


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


class TestColumns:
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

    def test_how_the_workbook_calculates(self, tmp_path: Path) -> None:
        assert calculated_told(tmp_path, lambda path: read(path).findings) == ["note", "warning"]

    @BOTH
    def test_too_few(self, tmp_path: Path, kind: str) -> None:
        assert problems(write(tmp_path, kind, ROWS[:3])) == ["T: there are 2 providers, and at least 3 are needed."]
        assert problems(write(tmp_path, kind, ROWS[:2])) == ["T: there is 1 provider, and at least 3 are needed."]
        assert problems(write(tmp_path, kind, ROWS[:1])) == ["T: there are 0 providers, and at least 3 are needed."]

    def test_performance_may_be_anything(self, tmp_path: Path) -> None:
        path = write(tmp_path, "csv", changed((1, 2, -1), (2, 2, 0)))
        assert read(path, cost_is="performance").cost.tolist() == [-1, 0, 1.3, 1]


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
