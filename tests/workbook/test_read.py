"""Reading a whole table: what is read, what is refused, and that each problem names its cell."""

from __future__ import annotations

import csv
import datetime
import hashlib
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.workbook.defined_name import DefinedName

from tests.workbook.builders import (
    DONE,
    HEADINGS,
    LISTS,
    SCHEME,
    TARGET,
    Formula,
    edit_parts,
    simple,
    write_xlsx,
)
from xl_qbs import errors
from xl_qbs.scheme import Indicator, Scheme, preset
from xl_qbs.workbook.earlier import mark_of
from xl_qbs.workbook.grid import column_letter
from xl_qbs.workbook.mapping import mapping_from
from xl_qbs.workbook.read import FundTable, read_workbook


def read(path: Path, rows: Sequence[Sequence[Any]], **options: Any) -> FundTable:
    return read_workbook(write_xlsx(path / "fund.xlsx", {"Data": rows}), SCHEME, **options)


def with_cell(row: int, column: int, value: Any) -> list[list[Any]]:
    """The plain table with one of its cells, counted from the first list and column A, replaced."""
    rows = [HEADINGS, *(list(row) for row in LISTS)]
    rows[row + 1][column] = value
    return rows


def problems(path: Path, rows: Sequence[Sequence[Any]], **options: Any) -> list[errors.Finding]:
    with pytest.raises(errors.DataError) as caught:
        read(path, rows, **options)
    assert all(finding.severity == "error" for finding in caught.value.findings)
    return list(caught.value.findings)


def told(table: FundTable, severity: str) -> list[str]:
    return [str(finding) for finding in table.findings if finding.severity == severity]


def assert_plain(table: FundTable) -> None:
    assert table.providers == ("N1", "N2", "N3")
    assert table.indicators == ("diab", "hyp")
    assert table.target.tolist() == TARGET
    assert table.done.tolist() == DONE


# What is read


def test_plain_table_and_its_source(tmp_path: Path) -> None:
    path = simple(tmp_path / "fund.xlsx")
    table = read_workbook(path, SCHEME)
    assert_plain(table)
    source = table.source
    assert source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (source.sheet, source.layout, source.heading_row, source.total_row) == ("Data", "wide", 1, None)
    assert source.rows.tolist() == [[2, 2], [3, 3], [4, 4]]
    assert source.target_columns.tolist() == [1, 3]
    assert source.done_columns.tolist() == [2, 4]
    assert (source.provider_column, source.provider_rows.tolist()) == (0, [2, 3, 4])
    assert source.range == "A2:E4"
    assert (source.delimiter, source.encoding) == (None, None)
    assert told(table, "warning") == []


def test_indicators_come_in_the_schemes_order_whatever_the_columns_order(tmp_path: Path) -> None:
    rows = [[row[0], row[4], row[3], row[2], row[1]] for row in [HEADINGS, *LISTS]]
    table = read(tmp_path, rows)
    assert_plain(table)
    assert table.source.target_columns.tolist() == [4, 2]


def test_select_moves_the_source_along(tmp_path: Path) -> None:
    table = read(tmp_path, [HEADINGS, *LISTS]).select(["hyp", "diab"])
    assert table.target.tolist() == [[20, 10], [40, 30], [7, 5]]
    assert table.source.target_columns.tolist() == [3, 1]
    assert table.source.done_columns.tolist() == [4, 2]
    only = table.select(["diab"])
    assert only.source.rows.tolist() == [[2], [3], [4]]
    assert only.source.target_columns.tolist() == [1]


def test_ids_names_and_coefficients(tmp_path: Path) -> None:
    rows = [
        ["Nimistu", "Arsti nimi", "Koefitsient", *HEADINGS[1:]],
        [17, "Õie ", 1.1, 10, 8, 20, 15],
        [" N2 ", None, None, 30, 21, 40, 39],
        ["=1+1", "=HYPERLINK(1)", 0, 5, 0, 7, 7],
    ]
    table = read(tmp_path, rows)
    assert table.providers == ("17", "N2", "=1+1")
    assert table.names == ("Õie", "", "=HYPERLINK(1)")
    assert table.coefficient is not None
    assert table.coefficient.tolist() == [1.1, 1.0, 0.0]
    [warning] = told(table, "warning")
    assert "C3: the coefficient of 1 list is blank; it is taken as 1" in warning


def test_formula_columns_in_between_and_hidden_parts(tmp_path: Path) -> None:
    rows = [
        [None, "Diabetes", None, None, "Hypertension", None, None],
        ["List", "Target", "Done", "Coverage", "Target", "Done", "Points"],
        *([r[0], r[1], r[2], Formula("=C3/B3", 0.8), r[3], r[4], Formula("=1", None)] for r in LISTS),
    ]

    def hide(book: Any) -> None:
        book.worksheets()[0].set_row(3, None, None, {"hidden": True})
        book.worksheets()[0].set_column("C:D", None, None, {"hidden": True})

    path = write_xlsx(tmp_path / "fund.xlsx", {"Data": rows}, ["B1:D1", "E1:G1"], hide)
    table = read_workbook(path, SCHEME)
    assert_plain(table)
    assert told(table, "note")[-2:] == [
        "Data!A4: 1 of the lists' rows are hidden (first row 4); they are counted.",
        "Data!C2: 1 columns with counts are hidden; they are counted.",
    ]


def test_totals_and_notes_below(tmp_path: Path) -> None:
    rows = [HEADINGS, *LISTS, ["Kokku / Total", 45, 29, 67, 61], ["Keskmine", 15, 9, 22, 20], [], ["* 31.12"]]
    table = read(tmp_path, rows)
    assert_plain(table)
    assert table.source.total_row == 5
    assert told(table, "warning") == []


def test_a_total_that_leaves_some_out(tmp_path: Path) -> None:
    [warning] = told(read(tmp_path, [HEADINGS, *LISTS, [], ["Sum", 45, 30, None, 61]]), "warning")
    assert warning.startswith("Data!C6: the total is 30, but the lists' counts sum to 29.")


def test_label_of_the_totals_in_another_column(tmp_path: Path) -> None:
    rows = [["List", "Doctor", *HEADINGS[1:]], *([r[0], "Dr", *r[1:]] for r in LISTS), [None, "Total", 45, 29, 67, 61]]
    table = read(tmp_path, rows)
    assert_plain(table)
    assert table.source.total_row == 5


def test_rows_that_are_left_out(tmp_path: Path) -> None:
    rows = [HEADINGS, ["* 1 with star"], LISTS[0], [], HEADINGS, LISTS[1], [None, None], LISTS[2], [], ["A note"]]
    assert_plain(read(tmp_path, rows))


def test_a_row_that_numbers_the_columns(tmp_path: Path) -> None:
    rows = [[*HEADINGS, "Note"], [1, 2, 3, 4, 5, 6], *LISTS]
    table = read(tmp_path, rows)
    assert_plain(table)
    assert told(table, "note") == ["Data!A2: row 2 numbers the columns; it is left out."]


def test_a_list_whose_counts_rise_is_no_row_of_numbers(tmp_path: Path) -> None:
    table = read(tmp_path, [HEADINGS, [1, 2, 2, 4, 4], *LISTS])
    assert table.providers[0] == "1"


def test_blank_pairs_and_nobody_to_serve(tmp_path: Path) -> None:
    rows = [HEADINGS, ["N1", None, None, 20, 15], ["N2", 0, 0, 40, 39], ["N3", 0, None, 7, 7]]
    table = read(tmp_path, rows)
    assert table.target[:, 0].tolist() == [0, 0, 0]
    assert told(table, "note") == [
        "Data!B1: diab: 1 list with blank cells; target and done are read as 0.",
        "Data!B1: diab: 3 lists with nobody in the target population, so without coverage.",
    ]


def test_more_done_than_the_target(tmp_path: Path) -> None:
    rows = with_cell(0, 2, 11)
    table = read(tmp_path, rows)
    assert table.done[0, 0] == 11
    assert table.counted[0, 0] == 10
    [warning] = told(table, "warning")
    assert warning == "Data!C2: diab done of N1 is 11, more than the target population 10. It is counted as 10."
    [finding] = problems(tmp_path, rows, done_above_target="refuse")
    assert (finding.cell, finding.provider) == ("C2", "N1")


def test_unknown_option(tmp_path: Path) -> None:
    with pytest.raises(errors.ArgumentError, match="must be 'cap' or 'refuse'"):
        read(tmp_path, [HEADINGS, *LISTS], done_above_target="ignore")


def test_sums_a_little_off_a_whole_number(tmp_path: Path) -> None:
    assert read(tmp_path, with_cell(0, 1, 10 + 1e-12)).target[0, 0] == 10


# What is refused: one wrong cell each


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (-1, "diab target of N2 is -1, below 0. A count starts at 0."),
        (30.5, "is 30.5, not a whole number"),
        (30.0001, "is 30.0001, not a whole number"),
        ("30", "is '30', a number stored as text"),
        ("1 234", "is '1 234', a number stored as text"),
        ("30 %", "is '30 %', a number stored as text"),
        ("n/a", "is the text 'n/a'"),
        ("=1+1", "is the text '=1+1'"),
        (True, "is TRUE, a logical value"),
        (datetime.date(2019, 12, 31), "is a date or time (2019-12-31)"),
        (Formula("=NA()", "#N/A"), "holds the error #N/A"),
        (Formula("=1/0", "#DIV/0!"), "holds the error #DIV/0!"),
        (None, "is blank, but work done is given"),
    ],
)
def test_a_wrong_target(tmp_path: Path, value: Any, words: str) -> None:
    [finding] = problems(tmp_path, with_cell(1, 1, value))
    assert (finding.sheet, finding.cell, finding.provider) == ("Data", "B3", "N2")
    assert words in str(finding)
    assert finding.remedy


def test_an_infinite_number(tmp_path: Path) -> None:
    path = edit_parts(
        simple(tmp_path / "a.xlsx"),
        tmp_path / "b.xlsx",
        lambda _, content: content.replace(b'<c r="B3"><v>30</v>', b'<c r="B3"><v>1E999</v>'),
    )
    with pytest.raises(errors.DataError, match="B3: diab target of N2 is too large for a number"):
        read_workbook(path, SCHEME)


def test_blank_work_done(tmp_path: Path) -> None:
    [finding] = problems(tmp_path, with_cell(2, 4, None))
    assert str(finding) == (
        "Data!E4: hyp done of N3 is blank, but the target population is 7. Write 0 if nothing was done."
    )


def test_every_problem_at_once(tmp_path: Path) -> None:
    rows = [
        HEADINGS,
        ["N1", -1, 8, "x", 15],
        ["N2", 30, 21.5, 40, 39],
        ["N1", 5, 0, 7, 7],
        [None, 5, 0, 7, 7],
        ["N5", None, None, None, None],
        ["N6", 1, 1, 1, None],
    ]
    findings = problems(tmp_path, rows)
    assert sorted((finding.cell, finding.provider) for finding in findings) == [
        ("A4", "N1"),
        ("A5", ""),
        ("A6", "N5"),
        ("B2", "N1"),
        ("C3", "N2"),
        ("D2", "N1"),
        ("E7", "N6"),
    ]
    with pytest.raises(errors.DataError, match=r"^7 problems in the data:\n  Data!"):
        read(tmp_path, rows)


def test_a_list_twice_names_both_cells(tmp_path: Path) -> None:
    [finding] = problems(tmp_path, with_cell(2, 0, "N1 "))
    assert (finding.cell, finding.what) == ("A4", "the list N1 stands in A2 already.")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "the list's id is TRUE, a logical value"),
        (datetime.date(2019, 12, 31), "the list's id is a date or time (2019-12-31)"),
        (Formula("=NA()", "#N/A"), "the list's id holds the error #N/A"),
        (None, "there are counts in this row, but the list's id is blank"),
    ],
)
def test_a_wrong_id(tmp_path: Path, value: Any, words: str) -> None:
    [finding] = problems(tmp_path, with_cell(1, 0, value))
    assert (finding.cell, words in finding.what) == ("A3", True)


@pytest.mark.parametrize(("value", "words"), [(-1, "is -1, below 0"), ("x", "is the text 'x'")])
def test_a_wrong_coefficient(tmp_path: Path, value: Any, words: str) -> None:
    rows = [[*HEADINGS, "Coefficient"], *([*row, value] for row in LISTS[:1])]
    [finding] = problems(tmp_path, rows)
    assert (finding.cell, words in finding.what) == ("F2", True)


def test_rows_after_the_totals(tmp_path: Path) -> None:
    [finding] = problems(tmp_path, [HEADINGS, *LISTS, ["Total", 45, 29, 67, 61], ["N4", 1, 1, 1, 1]])
    assert finding.cell == "A6"
    assert "after the totals in A5: are they part of the table?" in finding.what


def test_a_list_without_counts_after_a_gap_is_no_note(tmp_path: Path) -> None:
    [finding] = problems(tmp_path, [HEADINGS, LISTS[0], [], ["N9"], *LISTS[1:]])
    assert (finding.cell, finding.provider) == ("A4", "N9")


def test_two_tables_below_each_other(tmp_path: Path) -> None:
    other = ["List", "hyp target", "hyp done", "diab target", "diab done"]
    findings = problems(tmp_path, [HEADINGS, *LISTS, [], other, ["N7", 1, 1, 1, 1]])
    assert [finding.cell for finding in findings] == ["A6"]
    assert "are these two tables?" in findings[0].what


def test_another_table_below_is_not_taken_for_notes(tmp_path: Path) -> None:
    below = [[], ["List", None, None, None, None, "Visits"], ["N8", None, None, None, None, 12]]
    findings = problems(tmp_path, [HEADINGS, *LISTS, ["Total", 45, 29, 67, 61], *below])
    assert [(finding.cell, finding.provider) for finding in findings] == [("A8", "N8")]


def test_a_long_run_of_one_problem_is_told_once(tmp_path: Path) -> None:
    rows = [HEADINGS, *([f"N{number}", str(number), 0, 5, 5] for number in range(100, 150))]
    [finding] = problems(tmp_path, rows)
    assert finding.cell == "B2:B51"
    assert "50 cells like the first, which is '100', a number stored as text" in finding.what


def test_formulas_never_calculated(tmp_path: Path) -> None:
    rows = [HEADINGS, *([row[0], Formula("=1", None), *row[2:4], Formula("=2", None)] for row in LISTS)]
    [finding] = problems(tmp_path, rows)
    assert str(finding) == (
        "Data!B2:E4: 6 formulas have no stored value: the file was never calculated. "
        "Open the file in Excel and save it."
    )


def test_ids_never_calculated(tmp_path: Path) -> None:
    [finding] = problems(tmp_path, with_cell(1, 0, Formula('="N"&2', None)))
    assert finding.cell == "A3"
    assert "1 formula has no stored value" in finding.what


def test_headings_and_no_rows(tmp_path: Path) -> None:
    [finding] = problems(tmp_path, [HEADINGS, ["* nothing yet"]])
    assert "no rows with counts below row 1" in finding.what


def test_an_indicator_that_the_table_lacks(tmp_path: Path) -> None:
    rows = [[*HEADINGS[:3], "Kõrgvererõhk target", "Kõrgvererõhk done"], *LISTS]
    [finding] = problems(tmp_path, rows)
    assert "no target and done for hyp (Hypertension)" in finding.what
    assert "aliases" in finding.remedy
    assert "'kõrgvererõhk' in D1" in finding.remedy


def test_an_indicator_twice_is_not_also_missing(tmp_path: Path) -> None:
    rows = [[*HEADINGS, "Diabetes target", "Diabetes done"], *([*row, 1, 1] for row in LISTS)]
    [finding] = problems(tmp_path, rows)
    assert "diab has 2 columns for target (B1 and F1)" in finding.what


def test_more_indicators_than_the_scheme(tmp_path: Path) -> None:
    rows = [[*HEADINGS, "asthma_a", "asthma_b"], *([*row, "x", -1] for row in LISTS)]
    table = read(tmp_path, rows)
    assert_plain(table)
    [warning] = told(table, "warning")
    assert "F1: 'asthma' (columns F and G) is not an indicator" in warning


# Long tables


LONG = [
    ["Provider", "Note", "Indicator", "Done", "Target"],
    *(
        [one[0], None, name, one[done], one[done - 1]]
        for one in LISTS
        for name, done in (("diab", 2), ("Hüpertensioon", 4))
    ),
]


def test_long(tmp_path: Path) -> None:
    table = read(tmp_path, LONG)
    assert_plain(table)
    assert table.source.layout == "long"
    assert table.source.rows.tolist() == [[2, 3], [4, 5], [6, 7]]
    assert table.source.target_columns.tolist() == [4, 4]
    assert table.source.provider_rows.tolist() == [2, 4, 6]


def test_long_in_any_order(tmp_path: Path) -> None:
    table = read(tmp_path, [LONG[0], *reversed(LONG[1:])])
    assert table.providers == ("N3", "N2", "N1")
    assert table.target.tolist() == TARGET[::-1]


def test_long_without_some_pairs(tmp_path: Path) -> None:
    table = read(tmp_path, LONG[:-1])
    assert table.target.tolist()[2] == [5, 0]
    assert table.source.rows.tolist()[2] == [6, 0]
    assert told(table, "note")[0] == "Data: hyp: 1 list with no row; target and done are read as 0."


def test_long_problems(tmp_path: Path) -> None:
    rows = [
        *LONG,
        ["N1", None, "diab", 1, 1],
        ["N4", None, "asthma", 1, 1],
        ["N5", None, "asthma", 1, 1],
        ["N6", None, None, 1, 1],
        ["N7", None, "hyp", "x", 1],
    ]
    findings = {finding.cell: finding.what for finding in problems(tmp_path, rows)}
    assert findings == {
        "C8": "diab of N1 stands in C2 already.",
        "C9": "'asthma' is not an indicator of the scheme (2 rows).",
        "C11": "the indicator is blank.",
        "D12": "hyp done of N7 is the text 'x'.",
    }


def test_long_with_an_indicator_that_the_scheme_left_out(tmp_path: Path) -> None:
    table = read(tmp_path, [*LONG, ["N1", None, "Hypothyroidism", 1, 1]])
    assert_plain(table)
    [warning] = told(table, "warning")
    assert "C8: 'Hypothyroidism' is not in the scheme in force; it is left out." in warning


def test_long_without_an_indicator_of_the_scheme(tmp_path: Path) -> None:
    [finding] = problems(tmp_path, [LONG[0], *(row for row in LONG if row[2] == "diab")])
    assert "no target and done for hyp" in finding.what


# Periods


def periods(path: Path, years: Sequence[Any]) -> Path:
    rows = [["List", "Year", *HEADINGS[1:]]]
    rows += [[row[0], year, *row[1:]] for year in years for row in LISTS]
    return write_xlsx(path / "fund.xlsx", {"Data": rows})


def test_one_period(tmp_path: Path) -> None:
    table = read_workbook(periods(tmp_path, [2019]), SCHEME)
    assert_plain(table)
    assert table.period == "2019"


def test_several_periods_are_asked_about(tmp_path: Path) -> None:
    path = periods(tmp_path, [2019, 2020])
    with pytest.raises(errors.TableNotFoundError, match=r"2019 \(3 rows\), 2020 \(3 rows\).*--period 2019"):
        read_workbook(path, SCHEME)
    with pytest.raises(errors.TableNotFoundError, match="no period '2021'; there are: 2019"):
        read_workbook(path, SCHEME, period=2021)
    table = read_workbook(path, SCHEME, period=2020)
    assert_plain(table)
    assert (table.period, table.source.provider_rows.tolist()) == ("2020", [5, 6, 7])


def test_a_blank_period(tmp_path: Path) -> None:
    with pytest.raises(errors.DataError) as caught:
        read_workbook(periods(tmp_path, [2019, None]), SCHEME)
    assert [finding.cell for finding in caught.value.findings] == ["B5", "B6", "B7"]


def test_a_period_without_a_column_of_periods(tmp_path: Path) -> None:
    with pytest.raises(errors.TableNotFoundError, match="Leave out --period"):
        read(tmp_path, [HEADINGS, *LISTS], period="2019")


@pytest.mark.parametrize(
    ("sheet", "title", "period"),
    [("Andmed 2019", "x", "2019"), ("Data", "QBS results 2020", "2020"), ("Data", "2019 and 2020", ""), ("D", "x", "")],
)
def test_year_from_the_sheets_name_or_title(tmp_path: Path, sheet: str, title: str, period: str) -> None:
    path = write_xlsx(tmp_path / "fund.xlsx", {sheet: [[title], HEADINGS, *LISTS]})
    assert read_workbook(path, SCHEME).period == period


# Sheets


def test_several_sheets(tmp_path: Path) -> None:
    table = [HEADINGS, *LISTS]
    path = write_xlsx(
        tmp_path / "fund.xlsx",
        {"Guide": [["a guide"]], "2019": table, "2020": [["t"], *table[:3]], "Long": LONG},
        finish=lambda book: book.worksheets()[2].hide(),
    )
    with pytest.raises(errors.TableNotFoundError) as caught:
        read_workbook(path, SCHEME)
    assert str(caught.value).splitlines() == [
        "fund.xlsx has 3 sheets with a table:",
        "  2019: B2:E4, 3 lists, 2 indicators",
        "  2020 (hidden): B3:E4, 2 lists, 2 indicators",
        "  Long: D2:E7, 6 rows, one for each list and indicator",
        "Say which one with --sheet, such as --sheet '2019'.",
    ]
    assert_plain(read_workbook(path, SCHEME, sheet="2019"))
    assert_plain(read_workbook(path, SCHEME, sheet="long"))
    with pytest.raises(errors.TableNotFoundError, match=r"no worksheet 'x'; there are: 'Guide', '2019'"):
        read_workbook(path, SCHEME, sheet="x")


def test_no_table_shows_what_was_found_and_a_mapping_to_fill_in(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "fund.xlsx", {"Guide": [["a guide"]], "Half": [[], ["Nimistu", "Sihtrühm"]]})
    with pytest.raises(errors.TableNotFoundError) as caught:
        read_workbook(path, SCHEME)
    text = str(caught.value)
    assert "  Guide: no headings for target and done were found." in text
    assert "  Half: a heading for the list was found in A2, but no headings for target and done" in text
    assert "--sheet" in text
    assert 'provider = "A"' in text
    assert "[indicators.hyp]" in text


@pytest.mark.parametrize("marked", [True, False])
def test_results_of_an_earlier_run(tmp_path: Path, marked: bool) -> None:
    # A result is known by its mark, which spreadsheets keep, and not by what its sheet is called.
    path = write_xlsx(tmp_path / "fund.xlsx", {"Data": [HEADINGS, *LISTS], "QBS Scores": [HEADINGS, *LISTS]})
    if marked:
        workbook = openpyxl.load_workbook(path)
        workbook["QBS Scores"].defined_names.add(DefinedName(mark_of(""), attr_text='"0.1.0"', hidden=True))
        workbook.save(path)
        assert read_workbook(path, SCHEME).source.sheet == "Data"
    else:
        with pytest.raises(errors.TableNotFoundError, match="2 sheets with a table"):
            read_workbook(path, SCHEME)


def test_results_of_an_earlier_run_by_their_part(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"Data": [HEADINGS, *LISTS], "Copy": [HEADINGS, *LISTS]})
    renamed = tmp_path / "b.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(renamed, "w") as new:
        for part in old.namelist():
            content = old.read(part).replace(b"worksheets/sheet2.xml", b"worksheets/xl_qbs_1.xml")
            new.writestr(part.replace("worksheets/sheet2.xml", "worksheets/xl_qbs_1.xml"), content)
    assert read_workbook(renamed, SCHEME).source.sheet == "Data"


# Mapping


def test_mapping_overrides_the_headings(tmp_path: Path) -> None:
    rows = [["?", "a", "b", "c", "d"], *LISTS, ["N4", "x", "x", "x", "x"]]
    mapping = mapping_from(
        {
            "provider": "A",
            "heading_row": 1,
            "last_row": 4,
            "indicators": {"diab": {"target": "B", "done": "C"}, "hyp": {"target": "D", "done": "E"}},
        }
    )
    table = read(tmp_path, rows, mapping=mapping)
    assert_plain(table)
    assert (table.source.layout, table.source.heading_row) == ("mapping", 1)


def test_mapping_file(tmp_path: Path) -> None:
    mapping = tmp_path / "m.toml"
    mapping.write_text('sheet = "2020"\n', encoding="utf-8")
    table = [HEADINGS, *LISTS]
    path = write_xlsx(tmp_path / "fund.xlsx", {"2019": table, "2020": table})
    assert read_workbook(path, SCHEME, mapping=mapping).source.sheet == "2020"
    with pytest.raises(errors.ArgumentError, match="'2019' in the option and '2020' in the mapping"):
        read_workbook(path, SCHEME, mapping=mapping, sheet="2019")


def test_complete_mapping_without_a_sheet(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "fund.xlsx", {"One": [HEADINGS, *LISTS], "Two": [["x"]]})
    mapping = mapping_from({"provider": "A", "first_row": 2, "indicators": {"diab": {"target": "B", "done": "C"}}})
    with pytest.raises(errors.TableNotFoundError, match=r"add sheet = \.\.\. \('One', 'Two'\)"):
        read_workbook(path, SCHEME, mapping=mapping)
    with pytest.raises(errors.DataError, match="no target and done for hyp"):
        read_workbook(path, SCHEME, mapping=mapping, sheet="One")


def test_mapping_of_a_long_table(tmp_path: Path) -> None:
    rows = [["?"] * 5, *LONG[1:]]
    mapping = mapping_from({"provider": "A", "indicator": "C", "target": "E", "done": "D", "heading_row": 1})
    assert_plain(read(tmp_path, rows, mapping=mapping))


# Schemes


GROUPED = [
    [None, "Diabetes: monitoring", None, None, "Hypertension", None, None],
    ["List", "Target", "Done", "Points", "Target", "Done", "Points"],
    *([row[0], *row[1:3], 0, *row[3:5], 0] for row in LISTS),
]


def stated(points: Sequence[Any], required: Sequence[Any]) -> list[list[Any]]:
    return [
        ["Punkte kokku / Points", None, None, points[0], None, None, points[1]],
        ["Nõutav hõlmatus / Required coverage", None, None, required[0], required[1], None, None],
        *GROUPED,
    ]


@pytest.mark.parametrize("required", [[0.76, 0.7], [76, 70], ["76%", "70,0 %"]])
def test_stated_values_that_agree(tmp_path: Path, required: Sequence[Any]) -> None:
    table = read(tmp_path, stated([65, 90], required))
    assert table.source.points_cells == {"diab": (65.0, "D1"), "hyp": (90.0, "G1")}
    assert table.source.required_cells == {"diab": (0.76, "D2"), "hyp": (0.7, "E2")}
    assert table.scheme == SCHEME
    assert told(table, "warning") == []


def test_a_given_scheme_wins_over_stated_values(tmp_path: Path) -> None:
    table = read(tmp_path, stated([60, 90], [0.76, 0.8]))
    assert table.scheme == SCHEME
    assert [warning.split(";")[0] for warning in told(table, "warning")] == [
        "Data!D1: points of diab is 60 here and 65 in the scheme Two",
        "Data!E2: required coverage of hyp is 0.8 here and 0.7 in the scheme Two",
    ]


@pytest.mark.parametrize("value", [None, "many", -5])
def test_stated_values_that_cannot_be_read(tmp_path: Path, value: Any) -> None:
    table = read(tmp_path, stated([value, 90], [0.76, 0.7]))
    [warning] = told(table, "warning")
    assert "points of diab" in warning
    assert table.source.points_cells == {"hyp": (90.0, "G1")}


def test_two_rows_of_points(tmp_path: Path) -> None:
    table = read(tmp_path, [["Points", None, None, 1, None, None, 2], *stated([65, 90], [0.76, 0.7])])
    [warning] = told(table, "warning")
    assert "rows 1 and 2 both state points; neither is read" in warning


def fund_rows(points: dict[str, float]) -> list[list[Any]]:
    """A table of the preset's indicators, with points above the headings."""
    codes = preset().codes
    values = {one.code: one.points for one in preset().indicators} | points
    rows: list[list[Any]] = [["Points"], ["List"], ["N1"]]
    for code in codes:
        rows[0] += [values[code], None]
        rows[1] += [f"{code}_a", f"{code}_b"]
        rows[2] += [10, 5]
    return rows


def test_the_preset_takes_the_points_that_the_workbook_states(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "fund.xlsx", {"Data": fund_rows({"hyp1": 85})})
    table = read_workbook(path)
    assert table.scheme.indicators[2] == replace(preset().indicators[2], points=85.0)
    [warning] = told(table, "warning")
    assert warning.startswith(
        "Data!F1: points of hyp1 is 85 here and 90 in the scheme QBS 2018, Domain II; 85 is used."
    )


def test_the_preset_stays_where_the_workbook_agrees(tmp_path: Path) -> None:
    table = read_workbook(write_xlsx(tmp_path / "fund.xlsx", {"Data": fund_rows({})}))
    assert table.scheme == preset()
    assert told(table, "note")[-1] == "Data!B1: the points and required coverage stated (11 cells) are those of " + (
        "QBS 2018, Domain II."
    )


def test_a_scheme_sheet_in_the_workbook(tmp_path: Path) -> None:
    scheme = [["Code", "Points", "Required coverage", "Aliases"], ["hyp", 90, 0.7, ""], ["sugar", 65, 0.76, "diab"]]
    path = write_xlsx(tmp_path / "fund.xlsx", {"Skeem": scheme, "Data": [HEADINGS, *LISTS]})
    table = read_workbook(path)
    assert table.indicators == ("hyp", "sugar")
    assert table.target.tolist() == [row[::-1] for row in TARGET]
    assert table.scheme.name == "Skeem (fund.xlsx)"
    # A given scheme wins.
    assert_plain(read_workbook(path, SCHEME))


def test_two_scheme_sheets_are_asked_about(tmp_path: Path) -> None:
    scheme = [["Code", "Points", "Required coverage"], ["hyp", 90, 0.7]]
    path = write_xlsx(tmp_path / "fund.xlsx", {"Old": scheme, "New": scheme, "Data": [HEADINGS, *LISTS]})
    with pytest.raises(errors.SchemeError, match=r"'Old', 'New'.*Name the one in force 'Scheme'"):
        read_workbook(path)


# Text files


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "cp1252"])
def test_csv_with_semicolons_and_decimal_commas(tmp_path: Path, codec: str) -> None:
    text = (
        "Nimistu;Diabeedi jälgimine;;;Hüpertensioon;;\n;Sihtrühm;Tehtud;Hõlmatus;Sihtrühm;Tehtud;Hõlmatus\n"
        "N1;10;8;0,8;20;15;0,75\nN2;30;21;0,7;40;39;0,975\nN3;5;0;0;7;7;1\n;;;;;;\nKokku;45;29;;67;61;\n"
    )
    path = tmp_path / "fund.csv"
    path.write_bytes(text.encode(codec))
    table = read_workbook(path, SCHEME)
    assert_plain(table)
    assert (table.source.sheet, table.source.delimiter, table.source.total_row) == ("fund", ";", 7)
    assert table.source.encoding == ("windows-1252" if codec == "cp1252" else "utf-8")


def test_csv_ids_stay_as_written(tmp_path: Path) -> None:
    path = tmp_path / "fund.csv"
    path.write_text(",".join(HEADINGS) + "\n0017,1,1,2,2\n17,1,1,2,2\n1.50,1,1,2,2\n", encoding="utf-8")
    assert read_workbook(path, SCHEME).providers == ("0017", "17", "1.50")


def test_csv_problems_have_cells(tmp_path: Path) -> None:
    path = tmp_path / "fund.csv"
    path.write_text(";".join(HEADINGS) + "\nN1;1 234;1;2;2\nN2;1\n", encoding="utf-8")
    with pytest.raises(errors.DataError) as caught:
        read_workbook(path, SCHEME)
    assert [str(finding) for finding in caught.value.findings] == [
        "fund!B2: diab target of N1 is '1 234', which is not read as a number. "
        "Write it without spaces, separators of thousands, percent signs or leading zeros.",
        "fund!C3: diab done of N2 is blank, but the target population is 1. Write 0 if nothing was done.",
    ]


def test_a_workbook_under_the_name_of_a_text(tmp_path: Path) -> None:
    assert_plain(read_workbook(simple(tmp_path / "fund.csv"), SCHEME))


# Real data


def counts_of(shared: Path, year: int) -> tuple[list[str], dict[str, np.ndarray]]:
    with (shared / "data" / "qbs_2019_2020.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["year"] == str(year)]
    counts = {
        name: np.array([[float(row[f"{code}_{name}"]) for code in preset().codes] for row in rows]) for name in "ab"
    }
    return [row["uid"] for row in rows], counts


@pytest.mark.shared
@pytest.mark.parametrize(("year", "lists"), [(2019, 781), (2020, 784)])
def test_real_workbooks_and_real_csv_agree(shared: Path, year: int, lists: int) -> None:
    ids, counts = counts_of(shared, year)
    workbook = read_workbook(shared / "data" / f"fund_workbook_{year}.xlsx")
    text = read_workbook(shared / "data" / "qbs_2019_2020.csv", period=year)
    assert len(ids) == lists
    for table in (workbook, text):
        assert table.indicators == preset().codes
        np.testing.assert_array_equal(table.target, counts["a"])
        np.testing.assert_array_equal(table.done, counts["b"])
    assert text.providers == tuple(ids)
    assert [int(one.removeprefix("N")) for one in workbook.providers] == [int(one) for one in ids]
    assert workbook.period == str(year)
    assert workbook.source.range == f"A11:AX{10 + lists}"
    assert workbook.source.total_row == 12 + lists
    assert len(workbook.source.points_cells) == len(workbook.source.required_cells) == 11
    assert len(told(workbook, "warning")) == (1 if year == 2020 else 0)


@pytest.mark.shared
def test_corpus_is_refused_in_words(shared: Path) -> None:
    for path in sorted((shared / "corpus").glob("*.xl*")):
        with pytest.raises(errors.QbsError) as caught:
            read_workbook(path)
        assert path.name in str(caught.value)


# Order does not matter


CODES = ["diab", "hyp", "flu", "mi"]
FOUR = Scheme("Four", tuple(Indicator(code, "I", f"{code.upper()} monitoring", 10, 0.5) for code in CODES))


@given(
    columns=st.permutations(CODES),
    order=st.permutations(range(5)),
    done_first=st.booleans(),
    title_rows=st.integers(0, 3),
    left=st.integers(0, 2),
    long=st.booleans(),
    merged=st.booleans(),
)
def test_any_order_reads_to_the_same_table(
    tmp_path_factory: pytest.TempPathFactory,
    columns: list[str],
    order: list[int],
    done_first: bool,
    title_rows: int,
    left: int,
    long: bool,
    merged: bool,
) -> None:
    target = {code: [7 * row + place + 1 for row in range(5)] for place, code in enumerate(CODES)}
    done = {code: [value // 2 for value in target[code]] for code in CODES}
    margin = [None] * left
    rows: list[list[Any]] = [["a title"]] * title_rows
    boxes = []
    if long:
        rows.append([*margin, "List", "Indicator", "Target", "Done"])
        rows += [[*margin, f"N{row}", code, target[code][row], done[code][row]] for row in order for code in columns]
    else:
        groups, roles = [*margin, None], [*margin, "List"]
        for place, code in enumerate(columns):
            groups += [f"{code.upper()} monitoring", None]
            roles += ["Done", "Target"] if done_first else ["Target", "Done"]
            first = left + 1 + 2 * place
            boxes.append(f"{column_letter(first)}{title_rows + 1}:{column_letter(first + 1)}{title_rows + 1}")
        rows += [groups, roles]
        for row in order:
            cells = [*margin, f"N{row}"]
            for code in columns:
                pair = [target[code][row], done[code][row]]
                cells += pair[::-1] if done_first else pair
            rows.append(cells)
    path = write_xlsx(tmp_path_factory.mktemp("order") / "fund.xlsx", {"Data": rows}, boxes if merged else ())
    table = read_workbook(path, FOUR)
    assert table.indicators == tuple(CODES)
    assert table.providers == tuple(f"N{row}" for row in order)
    assert table.target.tolist() == [[target[code][row] for code in CODES] for row in order]
    assert table.done.tolist() == [[done[code][row] for code in CODES] for row in order]
    # Every number can be followed to its cell.
    for i, row in enumerate(order):
        for j, code in enumerate(CODES):
            cells = rows[table.source.rows[i, j] - 1]
            assert cells[table.source.target_columns[j]] == target[code][row]
            assert cells[table.source.done_columns[j]] == done[code][row]


@pytest.mark.parametrize(
    ("setting", "told", "severity"),
    [
        ({"calcMode": "manual"}, "only when it is told to", "note"),
        ({"fullPrecision": False}, "rounds every", "warning"),
    ],
)
def test_how_the_workbook_calculates(tmp_path: Path, setting: dict[str, Any], told: str, severity: str) -> None:
    path = write_xlsx(tmp_path / "fund.xlsx", {"Data": [HEADINGS, *LISTS]})
    assert not [one for one in read_workbook(path, SCHEME).findings if told in one.what]
    workbook = openpyxl.load_workbook(path)
    for name, value in setting.items():
        setattr(workbook.calculation, name, value)
    workbook.save(path)
    found = [one for one in read_workbook(path, SCHEME).findings if told in one.what]
    assert [one.severity for one in found] == [severity]


def test_spaces_in_an_id_are_folded(tmp_path: Path) -> None:
    lists = [[f"  {row[0]}  x ", *row[1:]] for row in LISTS]
    table = read_workbook(write_xlsx(tmp_path / "fund.xlsx", {"Data": [HEADINGS, *lists]}), SCHEME)
    assert table.providers == tuple(f"{row[0]} x" for row in LISTS)
