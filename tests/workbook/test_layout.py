"""Finding the table on a sheet."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workbook.builders import HEADINGS, SCHEME
from xl_qbs import errors
from xl_qbs.workbook.grid import Grid
from xl_qbs.workbook.headings import HeadingReader
from xl_qbs.workbook.layout import Layout, NotFound, find_layout
from xl_qbs.workbook.mapping import TableMapping, mapping_from

READER = HeadingReader(SCHEME)
N1 = ["N1", 10, 8, 20, 15]


def look(rows: list[list[Any]], merged: Any = (), mapping: TableMapping | None = None) -> Layout | NotFound:
    return find_layout(Grid("Data", rows, merged=tuple(merged)), READER, SCHEME, mapping)


def layout_of(rows: list[list[Any]], merged: Any = (), mapping: TableMapping | None = None) -> Layout:
    found = look(rows, merged, mapping)
    assert isinstance(found, Layout), found
    return found


def columns(layout: Layout) -> dict[str, tuple[int, int]]:
    return {code: (pair.target, pair.done) for code, pair in layout.pairs.items()}


def why(rows: list[list[Any]], **options: Any) -> str:
    found = look(rows, **options)
    assert isinstance(found, NotFound), found
    return found.why


def test_one_row_of_headings() -> None:
    layout = layout_of([HEADINGS, N1])
    assert layout.kind == "wide"
    assert (layout.heading_row, layout.first_row, layout.provider) == (0, 1, 0)
    assert columns(layout) == {"diab": (1, 2), "hyp": (3, 4)}


def test_anywhere_on_the_sheet() -> None:
    rows = [["Title"], [], *([["note", 5]] * 30), [None, None, *HEADINGS], [None, None, *N1]]
    layout = layout_of(rows)
    assert (layout.heading_row, layout.provider) == (32, 2)
    assert columns(layout) == {"diab": (3, 4), "hyp": (5, 6)}
    assert layout.columns == (2, 6)


GROUPS = [None, None, "Diabeedi jälgimine\nDiabetes", None, None, "Hypertension", None, None]
ROLES = ["Nimistu\nList", "Arsti nimi", "Sihtrühm", "Tehtud", "Hõlmatus", "Done", "Target", "Points"]


def test_merged_groups() -> None:
    layout = layout_of([GROUPS, ROLES, N1], [((0, 2), (0, 4)), ((0, 5), (0, 7))])
    assert columns(layout) == {"diab": (2, 3), "hyp": (6, 5)}
    assert layout.pairs["diab"].heading == (0, 2)
    assert layout.pairs["hyp"].group == (5, 7)
    assert layout.name == 1


def test_groups_without_merging() -> None:
    layout = layout_of([GROUPS, ROLES, N1])
    assert columns(layout) == {"diab": (2, 3), "hyp": (6, 5)}
    assert layout.pairs["diab"].group == (2, 4)


def test_a_merged_group_ends_where_it_ends() -> None:
    layout = layout_of([GROUPS[:5], [*ROLES[:5], "Target", "Done"], N1], [((0, 2), (0, 4))])
    assert columns(layout) == {"diab": (2, 3)}
    [finding] = layout.findings
    assert (finding.severity, finding.cell) == ("warning", "F2")
    assert "columns F and G" in finding.what


def test_groups_some_rows_above() -> None:
    points = ["Points", None, None, None, 65, None, None, 90]
    codes = [None, None, "?", None, None, "?", None, None]
    assert columns(layout_of([GROUPS, points, codes, [], ROLES, N1])) == {"diab": (2, 3), "hyp": (6, 5)}


def test_list_heading_merged_down_into_the_row_of_roles() -> None:
    groups = ["Nimistu", "Arsti nimi", *GROUPS[2:]]
    roles = [None, None, *ROLES[2:]]
    layout = layout_of([groups, roles, N1], [((0, 0), (1, 0)), ((0, 1), (1, 1))])
    assert (layout.provider, layout.name, layout.first_row) == (0, 1, 2)


def test_list_heading_above_a_blank_cell() -> None:
    layout = layout_of([["Nimistu", "Arsti nimi", *GROUPS[2:]], [None, None, *ROLES[2:]], N1])
    assert (layout.provider, layout.name) == (0, 1)


def test_data_begin_below_headings_merged_downwards() -> None:
    layout = layout_of([HEADINGS, [None, "(n)", "(x)"], N1], [((0, 0), (1, 0))])
    assert layout.first_row == 2


def test_long() -> None:
    layout = layout_of([["Provider", "Indikaator", "Done", "Target", "Year"], ["N1", "diab", 4, 5, 2019]])
    assert layout.kind == "long"
    assert (layout.provider, layout.indicator, layout.target, layout.done, layout.period) == (0, 1, 3, 2, 4)


def test_unknown_indicator_is_a_warning_with_its_cell() -> None:
    layout = layout_of([[*HEADINGS, "Asthma target", "Asthma done"], N1])
    [finding] = layout.findings
    assert (finding.severity, finding.where) == ("warning", "Data!F1")
    assert "'asthma' (columns F and G) is not an indicator of the scheme" in finding.what


def test_unknown_group_keeps_its_own_spelling() -> None:
    groups = [None, None, "Astma\nAsthma", None, None, "Hypertension", None, None]
    [finding] = layout_of([groups, ROLES, N1]).findings
    assert finding.what.startswith("'Astma' (columns C and D)")


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (["diab target", "diab done"], "diab has 2 columns for target (B1 and F1) and 2 columns for done (C1 and G1)"),
        (["Diabetes – sihtrühm"], "diab has 2 columns for target (B1 and F1) and 1 columns for done (C1)"),
    ],
)
def test_an_indicator_twice(extra: list[str], words: str) -> None:
    layout = layout_of([[*HEADINGS, *extra], N1])
    [finding] = layout.findings
    assert (finding.severity, words in finding.what) == ("error", True)
    assert layout.troubled == {"diab"}


def test_half_a_pair() -> None:
    layout = layout_of([["List", "diab target", "hyp target", "hyp done"], N1])
    [finding] = layout.findings
    assert "diab has 1 columns for target (B1) and no column for done" in finding.what


def test_a_heading_with_two_indicators() -> None:
    groups = [None, None, "Diabetes\nHypertension", None, None, "Hypertension", None, None]
    layout = layout_of([groups, ROLES, N1])
    assert {finding.severity for finding in layout.findings} == {"error"}
    assert "more than one indicator: diab, hyp" in layout.findings[0].what


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([["a note"], [1, 2]], "no headings for target and done were found"),
        ([["x"], ["Nimistu", "Märkus"]], "a heading for the list was found in A2, but no headings for target"),
        ([["Doctor", *HEADINGS[1:]]], "target and done were found (B1, C1, D1, E1), but no heading for the list"),
        ([["List", "ID", *HEADINGS[1:]]], "A1 and B1 could each be the heading of the list"),
        ([["List", "Target", "Done"]], "nothing above them names an indicator"),
        ([["List", "asthma_a", "asthma_b"]], "they belong to 'asthma'"),
    ],
)
def test_what_is_said_where_nothing_is_found(rows: list[list[Any]], words: str) -> None:
    assert words in why(rows)


@pytest.mark.parametrize("role", ["Period", "Coefficient"])
def test_a_side_column_twice(role: str) -> None:
    [finding] = layout_of([[*HEADINGS, role, role], N1]).findings
    assert finding.severity == "error"
    assert f"F1 and G1 are all headed as {role.lower()}" in finding.what


def test_mapping_settles_which_column_is_the_list() -> None:
    rows = [["List", "ID", *HEADINGS[1:]], ["x", *N1]]
    assert layout_of(rows, mapping=mapping_from({"provider": "B"})).provider == 1


def test_mapping_settles_the_heading_row_and_the_rows() -> None:
    rows = [HEADINGS, N1, [], ["List", "Period", *HEADINGS[1:]], N1, N1, N1]
    mapping = mapping_from({"heading_row": 4, "first_row": 6, "last_row": 6, "name": "B"})
    layout = layout_of(rows, mapping=mapping)
    assert (layout.heading_row, layout.first_row, layout.last_row, layout.name) == (3, 5, 5, 1)


def test_mapping_names_a_row_without_headings() -> None:
    assert why([HEADINGS, N1], mapping=mapping_from({"heading_row": 2})).startswith("in row 2, which the mapping")


def test_complete_mapping_needs_no_headings() -> None:
    data = {"provider": "B", "first_row": 2, "indicators": {"hyp": {"target": "A", "done": "D"}}}
    layout = layout_of([["?"], [10, "N1", None, 8]], mapping=mapping_from(data))
    assert (layout.kind, layout.heading_row, layout.first_row, layout.provider) == ("mapping", -1, 1, 1)
    assert columns(layout) == {"hyp": (0, 3)}


def test_mapping_with_indicators_that_the_scheme_lacks() -> None:
    data = {"provider": "B", "first_row": 9, "indicators": {"asthma": {"target": "A", "done": "D"}}}
    with pytest.raises(errors.ArgumentError, match=r"no indicator 'asthma'.*begin in row 9.*ends in row 1"):
        look([HEADINGS], mapping=mapping_from(data))
