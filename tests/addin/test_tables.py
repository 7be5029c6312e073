from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from tests.addin.formula_help import call, same
from tests.real_data import real_table
from xl_qbs.addin.definition import CellError, Cells
from xl_qbs.scoring.score import score

NA, NUM, VALUE, DIV0 = CellError.NA, CellError.NUM, CellError.VALUE, CellError.DIV0
SCHEME = (
    ("Code", "Domain", "Points", "Required coverage", "Own weight"),
    ("diab", "II", 65, 0.76, 68),
    ("ECM", "II", 10, 0.5, 12),
)
HEADS = ("Provider", "diab target", "diab done", "ECM target", "ECM done")
LISTS = (("A", 2, 2, 5, 4), ("B", 98, 30, 7, 3), ("C", 153, 100, 9, 9), ("D", 122, 90, 0, 0))
TABLE = (HEADS, *LISTS)


def scored(table: Any, *options: Any) -> Cells:
    return call("QBS_SCORE", table, SCHEME, *(options or ("report", "own")))


PLAIN = scored(TABLE)


def with_cell(row: int, column: int, value: Any) -> Cells:
    rows = [list(one) for one in TABLE]
    rows[row][column] = value
    return tuple(map(tuple, rows))


class TestHeadings:
    def test_the_plain_table(self) -> None:
        assert [row[0] for row in PLAIN] == ["List", "A", "B", "C", "D"]
        assert [row[1] for row in PLAIN[1:]] == [75.0, 0.0, 10.0, 0.0]

    @pytest.mark.parametrize(
        "heads",
        [
            (("Nimistu", "diab Sihtrühm", "diab Tehtud", "ECM Sihtrühm", "ECM Tehtud"),),
            (("Nimistu", "Sihtrühm diab", "Tehtud diab", "Target ECM", "Done ECM"),),
            ((None, "diab", None, "ECM", None), ("Nimistu", "Sihtrühm", "Tehtud", "Sihtrühm", "Tehtud")),
            (("Nimistu", "Diabeet II jälgimine", None, "ECM", None), (None, "Target", "Done", "Target", "Done")),
            (("QBS 2019", None, None, None, None), (None,) * 5, HEADS),
        ],
    )
    def test_other_headings_of_the_same_table(self, heads: Cells) -> None:
        assert scored((*heads, *LISTS)) == PLAIN

    def test_columns_in_any_order_and_others_between_them(self) -> None:
        order = (4, 0, 1, 3, 2)
        moved = tuple((*(row[at] for at in order), None, DIV0, "note") for row in TABLE)
        assert scored(moved) == PLAIN

    @pytest.mark.parametrize(
        ("column", "heading"),
        [(1, "diab share"), (1, "diab done"), (0, "Total"), (3, "XYZ target"), (3, "diab target"), (0, NA)],
    )
    def test_headings_that_do_not_tell_what_is_needed(self, column: int, heading: Any) -> None:
        assert scored(with_cell(0, column, heading)) == ((VALUE,),)

    def test_headings_in_estonian(self) -> None:
        found = scored(TABLE, "report", "own", None, "ET")
        assert found[0][:2] == ("Nimistu", "Kehtiv skoor")
        assert found[1][-1] == "alla 80 %"


class TestRows:
    def test_blank_rows_totals_and_notes_are_left_out(self) -> None:
        total = ("Kokku", 375, 222, 21, 16)
        rows = (HEADS, LISTS[0], (None,) * 5, *LISTS[1:], total, ("* data of 2019", None, None, None, None))
        assert scored(rows) == PLAIN
        assert scored((HEADS, *LISTS, (None,) * 5)) == PLAIN

    def test_two_blank_counts_are_nobody(self) -> None:
        assert scored((HEADS, *LISTS[:3], ("D", 122, 90, None, None))) == PLAIN
        assert scored((HEADS, *LISTS[:3], ("D", 122, 90, 0, None))) == PLAIN

    def test_ids_that_are_numbers(self) -> None:
        rows = (HEADS, *((float(17 + at), *row[1:]) for at, row in enumerate(LISTS)))
        assert [row[0] for row in scored(rows)[1:]] == ["17", "18", "19", "20"]

    def test_a_coefficient_counts_on_the_current_score_only(self) -> None:
        rows = ((*HEADS, "Koefitsient"), *((*row, 1.2) for row in LISTS))
        found = scored(rows)
        assert [row[1] for row in found[1:]] == pytest.approx([90, 0, 12, 0], rel=1e-15)
        assert [row[2:4] for row in found] == [row[2:4] for row in PLAIN]

    @pytest.mark.parametrize(
        ("row", "column", "value", "error"),
        [
            (2, 1, -1, NUM),
            (2, 1, 1.5, NUM),
            (2, 1, "98", VALUE),
            (2, 1, True, VALUE),
            (2, 1, None, VALUE),
            (2, 2, None, VALUE),
            (2, 1, DIV0, DIV0),
            (2, 0, NA, NA),
            (2, 0, None, VALUE),
            (2, 0, True, VALUE),
            (2, 0, "A", NUM),
        ],
    )
    def test_one_wrong_cell_is_the_whole_result(self, row: int, column: int, value: Any, error: CellError) -> None:
        assert scored(with_cell(row, column, value)) == ((error,),)

    def test_a_list_without_any_counts_is_not_passed_over(self) -> None:
        assert scored((*TABLE, ("E", None, None, None, None))) == ((VALUE,),)

    def test_no_lists(self) -> None:
        assert scored((HEADS,)) == ((VALUE,),)
        assert scored((("a", "b"), (1, 2))) == ((VALUE,),)
        assert scored(None) == ((VALUE,),)

    def test_an_indicator_without_patients_is_undefined(self) -> None:
        assert scored((HEADS, *((*row[:3], 0, 0) for row in LISTS))) == ((NA,),)


class TestOptions:
    def test_a_given_prior_and_given_weights(self) -> None:
        prior = (("Kood", "Keskmine", "Eeljaotuse kaal"), ("ECM", 0.7, 3), ("diab", 0.592, 46.875), ("other", 1, 1))
        weights = (("Kood", "Kaal"), ("ECM", 12), ("diab", 68))
        found = scored(TABLE, prior, weights)
        assert found[4][3] == pytest.approx(68 * (90 + 0.592 * 46.875) / (122 + 46.875) + 12 * 0.7, abs=1e-9)

    def test_the_points_of_the_scheme_as_weights(self) -> None:
        given = (("Code", "Weight"), ("diab", 65), ("ECM", 10))
        assert scored(TABLE, "moments", "current") == scored(TABLE, "moments", given)

    @pytest.mark.parametrize(
        ("options", "error"),
        [
            (("average",), VALUE),
            (("fixed",), VALUE),
            (("report", "equal"), VALUE),
            (("report", "own", "up"), VALUE),
            (("report", "own", None, "fi"), VALUE),
            (((("Code", "Mean", "Strength"), ("diab", 0.5, 3)),), VALUE),
            (((("Code", "Mean", "Strength"), ("diab", 5, 3), ("ECM", 0.5, 3)), "own"), NUM),
            (((("Code", "Mean"), ("diab", 0.5)),), VALUE),
            (("report", (("Code", "Weight"), ("diab", 1), ("diab", 2), ("ECM", 1))), VALUE),
            (("report", (("Code", "Weight"), ("diab", "x"), ("ECM", 1))), VALUE),
            (("report", (("Code", "Weight"), ("diab", DIV0), ("ECM", 1))), DIV0),
            (("report", (("Code", "Weight"), ("diab", -1), ("ECM", 1))), NUM),
            (("report", (("Code", "Weight"), ("diab", 0), ("ECM", 0))), NUM),
        ],
    )
    def test_options_that_cannot_be(self, options: tuple[Any, ...], error: CellError) -> None:
        assert scored(TABLE, *options) == ((error,),)

    def test_a_scheme_that_is_none(self) -> None:
        assert call("QBS_SCORE", TABLE, (("a", "b"), (1, 2))) == ((VALUE,),)
        assert call("QBS_SCORE", TABLE) == ((VALUE,),)  # the scheme of 2018 has more indicators

    def test_weights_that_nobody_gave(self) -> None:
        bare = tuple(row[:4] for row in SCHEME)
        assert call("QBS_SCORE", TABLE, bare, "report", "own") == ((VALUE,),)


@pytest.mark.shared
def test_the_funds_own_sheet_as_it_stands(shared: Path) -> None:
    """The whole used range of the sheet: titles, merged headings, two languages, formula columns, totals."""
    book = CalamineWorkbook.from_path(str(shared / "data" / "fund_workbook_2019.xlsx"))
    rows = book.get_sheet_by_name("Andmed 2019").to_python(skip_empty_area=False)
    width = max(map(len, rows))
    cells = tuple(tuple(value if value != "" else None for value in (*row, *[""] * (width - len(row)))) for row in rows)
    found = call("QBS_SCORE", cells)
    frame = score(real_table(shared, 2019)).scores()
    wanted = tuple(map(tuple, frame.drop(columns="provider").astype({"rank": float}).to_numpy(dtype=object).tolist()))
    assert same(tuple(row[1:] for row in found[1:]), wanted, 0)
