from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xl_qbs.errors import SchemeError
from xl_qbs.scheme import Band, Clause, Condition, Indicator, Scheme, preset, scheme_from_mapping, scheme_from_rows
from xl_qbs.scheme.parse import COLUMNS, find_scheme_rows, plain

# Seed 002, Part C section 2: a scheme of two domains with a COVID indicator, and its condition.
COVID = """
name = "QBS with COVID"
name_et = "PKS ja COVID"
source = "a test"

[[indicators]]
code = "vacc"
domain = "I"
name = "Vaccination"
name_et = "Vaktsineerimine"
points = 160
required_coverage = 0.9

[[indicators]]
code = "covid"
domain = "II"
name = "COVID contacts traced"
points = 480
required_coverage = 0.9
weight = 100
aliases = ["COVID", "koroona"]
unit = "contacts"

[[bands]]
lower = 0
name = "low"

[[bands]]
lower = 0.8
name = "high"
name_et = "kõrge"

[[conditions]]
name = "bonus"
name_et = "lisatasu"
clauses = [
  {scope = "domain", codes = ["I", "II"], at_least = 0.7},
  {scope = "indicator", codes = ["covid"], at_least = 0.9},
]
"""


def covid(**changes: Any) -> dict[str, Any]:
    return {**tomllib.loads(COVID), **changes}


def indicator(**changes: Any) -> dict[str, Any]:
    """A mapping of a scheme with one indicator, changed."""
    one = {"code": "diab", "domain": "II", "name": "Diabetes", "points": 65, "required_coverage": 0.76, **changes}
    return {"name": "Small", "indicators": [one]}


def refusal(data: dict[str, Any]) -> str:
    with pytest.raises(SchemeError) as caught:
        scheme_from_mapping(data)
    return str(caught.value)


# From TOML.


def test_a_toml_file_becomes_a_scheme() -> None:
    assert scheme_from_mapping(covid()) == Scheme(
        name="QBS with COVID",
        name_et="PKS ja COVID",
        source="a test",
        indicators=(
            Indicator("vacc", "I", "Vaccination", 160, 0.9, name_et="Vaktsineerimine"),
            Indicator(
                "covid",
                "II",
                "COVID contacts traced",
                480,
                0.9,
                weight=100,
                aliases=("COVID", "koroona"),
                unit="contacts",
            ),
        ),
        bands=(Band(0, "low"), Band(0.8, "high", "kõrge")),
        conditions=(
            Condition(
                "bonus",
                (Clause("domain", ("I", "II"), 0.7), Clause("indicator", ("covid",), 0.9)),
                "lisatasu",
            ),
        ),
    )


def test_whole_numbers_of_toml_become_numbers_with_a_point() -> None:
    scheme = scheme_from_mapping(indicator(required_coverage=1))
    assert [type(value) for value in (*scheme.points, *scheme.required_coverage)] == [float, float]


def test_bands_and_conditions_may_be_left_out() -> None:
    scheme = scheme_from_mapping(indicator())
    assert (scheme.bands, scheme.conditions, scheme.source, scheme.name_et) == ((), (), "", "")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"indicators": []}, "A scheme lacks name."),
        ({"name": "x"}, "A scheme lacks indicators."),
        ({}, "A scheme lacks indicators, name."),
        (
            {"name": "x", "indicators": [], "indicator": [], "band": []},
            "A scheme has no band, indicator; it may have bands, conditions, indicators, name, name_et, source.",
        ),
        ({"name": "x", "indicators": {}}, "indicators must be a list of tables ([[indicators]] in TOML)."),
        ({"name": "x", "indicators": ["diab"]}, "indicators must be a list of tables ([[indicators]] in TOML)."),
        (
            {**indicator(), "bands": {"lower": 0}},
            "bands must be a list of tables ([[bands]] in TOML).",
        ),
        (
            {**indicator(), "conditions": [{"name": "bonus", "clauses": {"scope": "domain"}}]},
            "clauses must be a list of tables ([[clauses]] in TOML).",
        ),
        ({"name": "x", "indicators": []}, "The scheme 'x' cannot be used: it has no indicators."),
        (
            {"name": "x", "indicators": [{"code": "diab", "points": 5}]},
            "An indicator lacks domain, name, required_coverage.",
        ),
        (
            indicator(threshold=0.7),
            "An indicator has no threshold; it may have aliases, code, domain, name, name_et, points, "
            "required_coverage, unit, weight.",
        ),
        ({**indicator(), "bands": [{"lower": 0}]}, "A band lacks name."),
        ({**indicator(), "conditions": [{"clauses": []}]}, "A condition lacks name."),
        ({**indicator(), "conditions": [{"name": "bonus"}]}, "A condition lacks clauses."),
        (
            {**indicator(), "conditions": [{"name": "b", "clauses": [{"scope": "domain", "codes": ["II"]}]}]},
            "A clause lacks at_least.",
        ),
        (indicator(points="65"), "indicator: points is '65', must be a number."),
        (indicator(points=True), "indicator: points is True, must be a number."),
        (indicator(required_coverage="76 %"), "indicator: required_coverage is '76 %', must be a number."),
        (indicator(weight=[]), "indicator: weight is [], must be a number."),
        ({**indicator(), "bands": [{"lower": "0", "name": "low"}]}, "band: lower is '0', must be a number."),
        (
            indicator(required_coverage=76),
            "The scheme 'Small' cannot be used: diab: required coverage is 76.0, must be from 0 to 1.",
        ),
    ],
)
def test_a_file_that_is_no_scheme_is_refused(data: dict[str, Any], message: str) -> None:
    assert refusal(data) == message


@pytest.mark.parametrize("aliases", ["Diabeet", 5, {"en": "Diabetes"}])
def test_aliases_that_are_no_list_are_refused(aliases: Any) -> None:
    # Taken apart, a text would give its letters as headings.
    assert "aliases" in refusal(indicator(aliases=aliases))


def test_codes_of_a_clause_that_are_no_list_are_refused() -> None:
    clause = {"scope": "indicator", "codes": "diab", "at_least": 0.9}
    text = refusal({**indicator(), "conditions": [{"name": "bonus", "clauses": [clause]}]})
    assert "codes" in text
    assert "list" in text


def test_one_letter_for_the_codes_is_refused_as_any_text() -> None:
    data = indicator(domain="I")
    clause = {"scope": "domain", "codes": "I", "at_least": 0.9}
    assert "codes" in refusal({**data, "conditions": [{"name": "bonus", "clauses": [clause]}]})


def test_an_unknown_scope_is_refused() -> None:
    clause = {"scope": "domains", "codes": ["II"], "at_least": 0.9}
    assert "domains" in refusal({**indicator(), "conditions": [{"name": "bonus", "clauses": [clause]}]})


# From rows.

DEFAULTS = scheme_from_mapping(covid())
ROWS: list[list[object]] = [
    ["Scheme of 2018", None, None, None],
    ["Code", "Domain", "Points", "Required coverage", "Own weight", "Name", "Estonian name", "Other names", "Unit"],
    ["vacc", "I", 160, 0.9, None, "Vaccination", "Vaktsineerimine", "jabs; shots ;", ""],
    ["covid", "II", 480.0, 0.9, 100, None, None, None, None],
    [None, None, None, None],
    ["total", "", 640, None],
]


def from_rows(rows: Sequence[Sequence[object]], known: Scheme | None = None) -> Scheme:
    return scheme_from_rows(rows, "Skeem", DEFAULTS, known)


def changed(row: int, column: int, value: object) -> list[list[object]]:
    rows = [list(one) for one in ROWS]
    rows[row][column] = value
    return rows


def rows_refusal(rows: Sequence[Sequence[object]]) -> str:
    with pytest.raises(SchemeError) as caught:
        from_rows(rows)
    return str(caught.value)


def test_rows_become_a_scheme_down_to_the_first_row_without_a_code() -> None:
    scheme = from_rows(ROWS)
    assert scheme.name == "Skeem"
    assert scheme.indicators == (
        Indicator("vacc", "I", "Vaccination", 160, 0.9, name_et="Vaktsineerimine", aliases=("jabs", "shots")),
        Indicator("covid", "II", "covid", 480, 0.9, weight=100),
    )
    assert scheme.bands == DEFAULTS.bands
    assert scheme.conditions == DEFAULTS.conditions


@pytest.mark.parametrize("field", COLUMNS)
@pytest.mark.parametrize("dressing", ["{}", "{}:", " {}\n", "*{}*"])
def test_every_heading_of_every_field_is_known(field: str, dressing: str) -> None:
    needed = ["Kood", "Punktid", "Nõutav hõlmatus"]
    for heading in COLUMNS[field]:
        for written in (heading, heading.upper(), heading.title()):
            row = [*needed, None, dressing.format(written)]
            place = {"code": 0, "points": 1, "required_coverage": 2}
            found = find_scheme_rows([[], row])
            # A needed field that stands twice is read from the first place.
            assert found == (1, {**place, field: place.get(field, 4)}), written


def test_estonian_headings_in_any_order() -> None:
    scheme = from_rows(
        [
            ["NÕUTAV HÕLMATUS", "Valdkond", "Punktid", "Nimetus", "Kood", "Oma kaal", "Teised nimed", "Ühik"],
            [0.76, "II", 65, "Diabeet", "diab", 68, "DM", "retsepti"],
        ]
    )
    assert scheme.indicators == (
        Indicator("diab", "II", "diab", 65, 0.76, name_et="Diabeet", weight=68, aliases=("DM",), unit="retsepti"),
    )


def test_the_same_letter_written_in_two_ways_is_one() -> None:
    assert plain("No\u0303utav  ho\u0303lmatus") == plain("Nõutav\nhõlmatus:") == "nõutav hõlmatus"
    assert plain("  ") == plain("%%") == ""


@given(st.text())
def test_plain_text_is_letters_and_digits_apart_by_one_space(text: str) -> None:
    once = plain(text)
    assert "  " not in once
    assert once == once.strip()
    assert all(char.isalnum() or char == " " for char in once)


def test_known_indicators_lend_their_names() -> None:
    rows = [["Code", "Points", "Required coverage", "Aliases"], ["diab", 70, 0.8, "sugar"], ["new", 5, 0.5]]
    scheme = from_rows(rows, known=preset())
    diab, new = scheme.indicators
    model = preset().indicators[0]
    assert (diab.points, diab.required_coverage) == (70, 0.8)
    assert (diab.name, diab.name_et, diab.domain) == (model.name, model.name_et, "II")
    assert diab.aliases == ("sugar", *model.names)
    assert new == Indicator("new", "I", "new", 5, 0.5)


def test_what_a_sheet_says_stands_before_what_is_known() -> None:
    rows = [["Code", "Points", "Required coverage", "Name", "Domain"], ["diab", 70, 0.8, "Sugar", "III"]]
    (diab,) = from_rows(rows, known=preset()).indicators
    assert (diab.name, diab.domain) == ("Sugar", "III")


def test_a_condition_on_what_the_sheet_leaves_out_is_left_out() -> None:
    assert from_rows(ROWS[:3]).conditions == ()


def test_a_heading_row_is_looked_for_near_the_top() -> None:
    rows: list[list[object]] = [[] for _ in range(39)]
    assert find_scheme_rows([*rows, *ROWS[1:]]) == (39, find_scheme_rows(ROWS[1:])[1])  # type: ignore[index]
    assert find_scheme_rows([*rows, [], *ROWS[1:]]) is None


def test_rows_without_headings_are_refused_with_the_headings_that_there_are() -> None:
    text = rows_refusal([["Code", "Points"], ["diab", 65]])
    assert text.startswith("Skeem: no heading row with code, points and required coverage; the headings may be ")
    for headings in COLUMNS.values():
        for heading in headings:
            assert heading in text
    assert find_scheme_rows([["Code", "Points"], ["diab", 65]]) is None


@pytest.mark.parametrize(
    ("row", "column", "value", "message"),
    [
        (2, 2, "160 p", "Skeem, row 3: points is '160 p', not a number."),
        (2, 2, "160", "Skeem, row 3: points is '160', not a number."),
        (2, 2, "#N/A", "Skeem, row 3: points is '#N/A', not a number."),
        (3, 2, True, "Skeem, row 4: points is 'True', not a number."),
        (3, 3, "0,9", "Skeem, row 4: required coverage is '0,9', not a number."),
        (3, 4, "sada", "Skeem, row 4: weight is 'sada', not a number."),
        (3, 2, None, "Skeem, row 4: covid has no points."),
        (3, 2, "  ", "Skeem, row 4: covid has no points."),
        (2, 3, None, "Skeem, row 3: vacc has no required coverage."),
    ],
)
def test_a_number_that_is_none_is_named_with_its_row(row: int, column: int, value: object, message: str) -> None:
    assert rows_refusal(changed(row, column, value)) == message


def test_a_row_that_ends_early_lacks_what_is_beyond_its_end() -> None:
    assert rows_refusal([*ROWS[:2], ["vacc", "I", 160]]) == "Skeem, row 3: vacc has no required coverage."


@pytest.mark.parametrize(
    ("row", "column", "value", "message"),
    [
        (2, 3, 90, "The scheme 'Skeem' cannot be used: vacc: required coverage is 90.0, must be from 0 to 1."),
        (3, 0, "VACC", "The scheme 'Skeem' cannot be used: the code 'vacc' stands 2 times."),
        (3, 2, -480, "The scheme 'Skeem' cannot be used: covid: points are -480.0, must be 0 or more."),
        (2, 0, None, "The scheme 'Skeem' cannot be used: it has no indicators."),
    ],
)
def test_rows_of_what_no_scheme_can_be_are_refused(row: int, column: int, value: object, message: str) -> None:
    assert rows_refusal(changed(row, column, value)) == message


def test_a_scheme_written_to_rows_is_read_back() -> None:
    scheme = preset()
    rows: list[list[object]] = [[headings[0].capitalize() for headings in COLUMNS.values()]]
    rows += [
        ["; ".join(one.aliases) if field == "aliases" else getattr(one, field) for field in COLUMNS]
        for one in scheme.indicators
    ]
    read = scheme_from_rows(rows, scheme.name, scheme)
    assert read == replace(scheme, name_et="", source="")
