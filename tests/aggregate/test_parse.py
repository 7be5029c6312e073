"""Definitions from TOML: what they say, and everything that is wrong with them at once."""

from __future__ import annotations

import datetime
import tomllib
from typing import Any

import pytest

from xl_qbs.aggregate.definitions import AGE, ColumnTest, Continuity, Every, Records
from xl_qbs.aggregate.errors import DefinitionsError
from xl_qbs.aggregate.parse import definitions_from_mapping
from xl_qbs.jobs.aggregate_example import example_definitions
from xl_qbs.scheme import preset

SMALL = """
name = "Small"
[period]
from = 2019-01-01
to = 2019-12-31
[people]
patient = "id"
provider = "list"
[records]
patient = "id"
date = "day"
[[indicators]]
code = "a"
numerator = { records = { where = { column = "code", is = "X" } } }
[[indicators]]
code = "b"
numerator = { column = "flag", is = [1, 2] }
"""


def told(text: str) -> list[str]:
    with pytest.raises(DefinitionsError) as refused:
        definitions_from_mapping(tomllib.loads(text), "file.toml")
    return list(refused.value.problems)


def changed(old: str, new: str) -> str:
    assert old in SMALL
    return SMALL.replace(old, new, 1)


def test_the_example_has_the_indicators_of_the_scheme() -> None:
    found = definitions_from_mapping(tomllib.loads(example_definitions()))
    assert tuple(one.code for one in found.indicators) == preset().codes
    assert [one.code for one in found.indicators if one.unit == "records"] == ["hypr1"]
    assert found.continuity == Continuity(183, at_end=True)
    assert found.period == "2019"
    assert AGE in found.people_columns()


def test_small_definitions_as_they_are_meant() -> None:
    found = definitions_from_mapping(tomllib.loads(SMALL))
    assert (found.start, found.end) == (datetime.date(2019, 1, 1), datetime.date(2019, 12, 31))
    assert found.indicators[0].numerator == Records(where=ColumnTest(column="code", is_in=("X",)))
    assert found.indicators[1].numerator == ColumnTest(column="flag", is_in=(1.0, 2.0))
    assert found.record_columns() == {"code": {"text"}}
    assert found.people_columns() == {"flag": {"number"}}


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('name = "Small"', "", "'name' is missing."),
        ('name = "Small"', "name = 7", "name is 7, must be a text."),
        ("from = 2019-01-01", "from = '2019-01-01'", "period: from is '2019-01-01', must be a day such as"),
        ("from = 2019-01-01", "from = 2019-01-01T00:00:00", "must be a day such as"),
        ("from = 2019-01-01", "from = 2020-01-01", "period: it begins on 2020-01-01 and ends on 2019-12-31."),
        ('provider = "list"', 'lists = "list"', "people: 'provider' is missing."),
        ('provider = "list"', 'provder = "list"', "there is no 'provder' here (is it 'provider'?)."),
        ('date = "day"', 'date = "day"\nprovider = "list"', "leave one of them out."),
        ("[[indicators]]", "[continuity]\ndays = 30\n[[indicators]]", "continuity: needs registered_from"),
        ("[[indicators]]", "[continuity]\ndays = -1\n[[indicators]]", "must be a whole number from 0."),
        ("[[indicators]]", "[groups]\nunknown = 'x'\n[[indicators]]", "groups: 'column' is missing."),
        ("[[indicators]]", "[patients]\nquality = 'mean'\n[[indicators]]", "must be one of all-or-none, share."),
        ('code = "b"', 'code = "A"', "the code 'a' stands more than once"),
        ('code = "b"', 'code = "b"\nunit = "bills"', "indicators[2] (b): unit is 'bills', must be one of"),
        ('code = "b"', 'code = "b"\ncounted = { column = "x", is = "y" }', "counted is for the unit records"),
        ('column = "code", is = "X"', 'column = "code"', "says nothing of 'code'"),
        ('column = "code", is = "X"', 'column = "code", like = "X"', "there is no 'like' here"),
        ('column = "code", is = "X"', 'column = "code", is = []', "is is empty"),
        ('column = "code", is = "X"', 'column = "code", is = ["X", 1]', "is lists texts and numbers"),
        ('column = "code", is = "X"', 'column = "code", starts_with = ""', "starts_with takes texts"),
        ('column = "code", is = "X"', 'column = "code", at_least = "X"', "at_least is 'X', must be a number or a day"),
        ('column = "code", is = "X"', 'column = "c", above = 1, below = 2019-01-01', "a number and with a day"),
        ('column = "code", is = "X"', 'column = "c", missing = true, is = "X"', "a missing value meets no other"),
        ('column = "code", is = "X"', 'records = { times = 2 }', "a condition on a record already"),
        ('column = "code", is = "X"', 'all = []', "all must be a list of conditions"),
        ('column = "code", is = "X"', 'any = [ 3 ]', "where, any[1]: is 3, must be a condition"),
        ('column = "code", is = "X"', 'any = [], all = []', "and this one has all and any."),
        ('column = "code", is = "X"', 'code = "X"', "and this one has none of all, any, not, column, records."),
        ("is = \"X\" } }", "is = \"X\" }, times = 0 }", "times is 0, must be a whole number from 1."),
        ("is = \"X\" } }", "is = \"X\" }, ever = true, months = 3 }", "months and ever contradict each other."),
        ("is = \"X\" } }", "is = \"X\" }, counting = 'weeks' }", "must be one of records, days."),
        ('numerator = { column = "flag", is = [1, 2] }', "", "indicators[2]: 'numerator' is missing."),
    ],
)  # fmt: skip
def test_each_fault_is_told_with_its_place(old: str, new: str, problem: str) -> None:
    problems = told(changed(old, new))
    assert any(problem in one for one in problems), problems


def test_all_faults_are_told_at_once() -> None:
    text = SMALL.replace('name = "Small"', "nam = 1").replace('is = "X"', 'iz = "X"').replace('"b"', '""')
    problems = told(text)
    assert len(problems) == 5
    assert "indicators[1] (a), numerator, records, where: there is no 'iz' here" in " ".join(problems)


def test_composites_and_patients_name_indicators_of_patients() -> None:
    text = SMALL + "\n[[indicators]]\ncode='r'\nunit='records'\nnumerator={column='c',is='y'}\n"
    text += "[[composites]]\ncode='all'\nindicators=['a','r','zz','a']\n"
    text += "[patients]\ncost='amount'\nindicators=['r']\n"
    text += "factors=[{name='cost',column='x',condition={column='y',is='z'}}]\n"
    problems = told(text)
    for one in ("'r' counts records", "there is no indicator 'zz'", "'a' stands twice", "called 'cost'", "give either"):
        assert any(one in problem for problem in problems), one


def test_definitions_without_people_have_no_conditions_on_them() -> None:
    text = changed('[people]\npatient = "id"\nprovider = "list"\n', "")
    problems = told(text)
    assert any("'provider' is missing" in one for one in problems)
    assert any("conditions on columns of the people ('flag')" in one for one in problems)


def test_conditions_do_not_stand_within_one_another_for_ever() -> None:
    data: dict[str, Any] = tomllib.loads(SMALL)
    inner: dict[str, Any] = {"column": "x", "is": "y"}
    for _ in range(500):
        inner = {"not": inner}
    data["indicators"][0]["numerator"] = inner
    with pytest.raises(DefinitionsError, match="within more than 20"):
        definitions_from_mapping(data)


def test_an_empty_list_of_indicators() -> None:
    data = tomllib.loads(SMALL) | {"indicators": []}
    with pytest.raises(DefinitionsError, match="there are none"):
        definitions_from_mapping(data)
    assert Every(()) == Every(())
