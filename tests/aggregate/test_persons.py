"""Counting: the same as by hand on invented extracts, and the rules of who counts one by one."""

from __future__ import annotations

import csv
import dataclasses
import datetime
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.aggregate.conftest import registered
from tests.aggregate.naive import table as by_hand
from tests.aggregate.test_parse import SMALL
from xl_qbs.aggregate import counts
from xl_qbs.aggregate.definitions import Continuity, Definitions
from xl_qbs.aggregate.parse import definitions_from_mapping
from xl_qbs.aggregate.persons import months_before, persons
from xl_qbs.jobs.aggregate_example import example_definitions, write_example

PEOPLE = ("id", "list", "from", "to", "born", "flag")


def as_table(duck: Any, name: str, rows: Sequence[Mapping[str, str]], headings: Sequence[str]) -> Any:
    import pyarrow as pa

    columns = {one: pa.array([row.get(one) or None for row in rows], pa.string()) for one in headings}
    return registered(duck, name, pa.table(columns))


def found(
    duck: Any, about: Definitions, people: Any, records: Any
) -> dict[tuple[str, str], dict[str, tuple[int, int]]]:
    """Return target and done of each pair by list and group, as the engine counts."""
    rows = duck.to_pyarrow(counts.totals(about, persons(about, people, records))).to_pylist()
    return {
        (row["provider"], row.get("group", "")): {
            code: (row[f"target_{place}"], row[f"done_{place}"]) for place, code in enumerate(about.codes)
        }
        for row in rows
    }


def small(**changes: Any) -> Definitions:
    text = SMALL.replace(
        'provider = "list"', 'provider = "list"\nregistered_from = "from"\nregistered_to = "to"\nborn = "born"'
    )
    return dataclasses.replace(definitions_from_mapping(tomllib.loads(text)), **changes)


def count(duck: Any, people: list[dict[str, str]], records: list[dict[str, str]], about: Definitions) -> Any:
    """Return the counts of indicator a on list L."""
    given = as_table(duck, "people", people, PEOPLE), as_table(duck, "records", records, ("id", "day", "code"))
    assert found(duck, about, *given) == by_hand(about, people, records)
    return found(duck, about, *given)["L", ""]["a"]


def person(number: int = 1, **cells: str) -> dict[str, str]:
    return {"id": f"P{number}", "list": "L", "from": "2010-01-01", "to": "", "born": "1950-05-05", "flag": "1", **cells}


def record(number: int = 1, day: str = "2019-05-05", code: str = "X") -> dict[str, str]:
    return {"id": f"P{number}", "day": day, "code": code}


@pytest.mark.parametrize("seed", [1, 2])
def test_the_example_is_counted_as_by_hand(duck: Any, tmp_path: Path, seed: int) -> None:
    files = write_example(tmp_path, patients=600, lists=4, seed=seed)
    about = definitions_from_mapping(tomllib.loads(example_definitions()))
    rows = []
    for file in files[1:]:
        with file.open(encoding="utf-8", newline="") as opened:
            rows.append(list(csv.DictReader(opened)))
    tables = [as_table(duck, name, one, list(one[0])) for name, one in zip(("people", "records"), rows, strict=True)]
    expected = by_hand(about, *rows)
    assert found(duck, about, *tables) == expected
    # Otherwise the two could agree for want of anything to count.
    for code in about.codes:
        assert sum(one[code][1] for one in expected.values()) > 0


@pytest.mark.parametrize(
    ("spells", "days", "at_end", "counted"),
    [
        ([("2010-01-01", "")], 365, True, 1),
        ([("2019-01-02", "")], 365, False, 0),
        ([("2019-01-02", "")], 364, True, 1),
        ([("2010-01-01", "2019-12-30")], 364, False, 1),
        ([("2010-01-01", "2019-12-30")], 364, True, 0),
        ([("2010-01-01", "2018-12-31")], 0, False, 1),
        ([("2010-01-01", "2018-12-31")], 1, False, 0),
        ([("2020-01-01", "")], 1, False, 0),
        # Two spells add up; days that both cover count once, and so does a spell within another.
        ([("2019-01-01", "2019-03-31"), ("2019-10-01", "2019-12-31")], 182, False, 1),
        ([("2019-01-01", "2019-03-31"), ("2019-10-01", "2019-12-31")], 183, False, 0),
        ([("2019-01-01", "2019-06-30"), ("2019-04-01", "2019-07-31")], 212, False, 1),
        ([("2019-01-01", "2019-06-30"), ("2019-04-01", "2019-07-31")], 213, False, 0),
        ([("2019-01-01", "2019-12-31"), ("2019-04-01", "2019-04-30")], 365, True, 1),
        ([("2019-01-01", "2019-01-31"), ("2019-01-01", "2019-01-31")], 32, False, 0),
        ([("2019-01-01", "2019-01-31"), ("2018-01-01", "2018-12-31"), ("2019-02-01", "")], 365, True, 1),
    ],
)
def test_who_was_on_the_list_long_enough(
    duck: Any, spells: list[tuple[str, str]], days: int, at_end: bool, counted: int
) -> None:
    people = [person(**{"from": first, "to": last}) for first, last in spells]
    about = small(continuity=Continuity(days, at_end=at_end))
    assert count(duck, people, [record()], about) == (counted, counted)


def test_a_patient_counts_on_each_list_by_itself(duck: Any) -> None:
    people = [person(to="2019-06-30"), person(list="M", **{"from": "2019-07-01"})]
    about = small(continuity=Continuity(184))
    assert count(duck, people, [record()], about) == (0, 0)
    rows = persons(about, duck.table("people"), duck.table("records"))
    assert duck.to_pyarrow(counts.on_several_lists(rows)).to_pylist() == [{"patients": 0}]
    rows = persons(small(), duck.table("people"), duck.table("records"))
    assert duck.to_pyarrow(counts.on_several_lists(rows)).to_pylist() == [{"patients": 1}]


@pytest.mark.parametrize(
    ("condition", "days", "holds"),
    [
        ({}, ["2019-01-01"], True),
        ({}, ["2018-12-31"], False),
        ({}, ["2019-12-31"], True),
        ({}, ["2020-01-01"], False),
        ({"ever": True}, ["1999-01-01"], True),
        ({"ever": True}, ["2020-01-01"], False),
        ({"months": 24}, ["2018-01-01"], True),
        ({"months": 24}, ["2017-12-31"], False),
        ({"months": 3}, ["2019-10-01"], True),
        ({"months": 3}, ["2019-09-30"], False),
        ({"times": 2}, ["2019-03-01", "2019-03-01"], True),
        ({"times": 2}, ["2019-03-01", "2018-03-01"], False),
        ({"times": 2, "counting": "days"}, ["2019-03-01", "2019-03-01"], False),
        ({"times": 2, "counting": "days"}, ["2019-03-01", "2019-03-02"], True),
    ],
)
def test_when_and_how_often(duck: Any, condition: dict[str, Any], days: list[str], holds: bool) -> None:
    data = tomllib.loads(SMALL)
    data["indicators"][0]["numerator"]["records"] |= condition
    about = definitions_from_mapping(data)
    records = [record(day=one) for one in days] + [record(2, "2019-02-02", "Y")]
    assert count(duck, [person()], records, about) == (1, int(holds))


@pytest.mark.parametrize(
    ("end", "months", "first"),
    [
        ((2019, 12, 31), 12, (2019, 1, 1)),
        ((2019, 12, 31), 1, (2019, 12, 1)),
        ((2020, 2, 29), 12, (2019, 3, 1)),
        ((2019, 6, 15), 6, (2018, 12, 16)),
        ((2019, 12, 30), 10, (2019, 3, 1)),
        ((2019, 1, 30), 1, (2018, 12, 31)),
        ((2019, 12, 31), 99_999, (1, 1, 1)),
    ],
)
def test_months_end_with_the_period(end: tuple[int, int, int], months: int, first: tuple[int, int, int]) -> None:
    assert months_before(datetime.date(*end), months) == datetime.date(*first)


@pytest.mark.parametrize(("born", "age"), [("1979-12-31", 40), ("1980-01-01", 39), ("1980-12-31", 39), ("", None)])
def test_age_is_whole_years_on_the_last_day(duck: Any, born: str, age: int | None) -> None:
    tables = (
        as_table(duck, "people", [person(born=born)], PEOPLE),
        as_table(duck, "records", [record()], ("id", "day", "code")),
    )
    assert duck.to_pyarrow(persons(small(), *tables))["aged"].to_pylist() == [age]


def test_records_alone_say_who_was_seen(duck: Any) -> None:
    text = SMALL.replace('[people]\npatient = "id"\nprovider = "list"\n', "")
    text = text.replace('date = "day"', 'date = "day"\nprovider = "list"')
    text = text.replace('{ column = "flag", is = [1, 2] }', "{ records = { times = 2 } }")
    about = definitions_from_mapping(tomllib.loads(text))
    rows = [
        record() | {"list": "L"},
        record(code="Y") | {"list": "L"},
        record(2, code="Y") | {"list": "L"},
        record(3, day="2018-01-01") | {"list": "L"},
    ]
    records = as_table(duck, "records", rows, ("id", "day", "code", "list"))
    assert found(duck, about, None, records) == {("L", ""): {"a": (2, 1), "b": (2, 1)}}


def test_rows_of_patients(duck: Any) -> None:
    text = (
        SMALL
        + """
        [patients]
        quality = "share"
        cost = "amount"
        cost_where = { column = "code", is = "X" }
        factors = [
          { name = "flag", column = "flag" },
          { name = "y", condition = { records = { where = { column = "code", is = "Y" } } } },
        ]
    """
    )
    about = definitions_from_mapping(tomllib.loads(text))
    people = as_table(duck, "people", [person(), person(2, flag="3"), person(3, list="K")], PEOPLE)
    bills = [(1, "X", "10.10"), (1, "X", "0.20"), (1, "Y", "99"), (2, "Y", "5"), (3, "X", "")]
    rows = [record(number, code=code) | {"amount": amount} for number, code, amount in bills]
    records = as_table(duck, "records", rows, ("id", "day", "code", "amount"))
    assert about.patients is not None
    made = duck.to_pyarrow(counts.patient_rows(about.patients, persons(about, people, records))).to_pylist()
    assert made == [
        {"provider": "K", "quality": 1.0, "cost": 0.0, "flag": 1.0, "y": 0},
        {"provider": "L", "quality": 0.0, "cost": 0.0, "flag": 3.0, "y": 1},
        {"provider": "L", "quality": 1.0, "cost": 10.3, "flag": 1.0, "y": 1},
    ]
    strict = dataclasses.replace(about.patients, quality="all-or-none")
    made = duck.to_pyarrow(counts.patient_rows(strict, persons(about, people, records))).to_pylist()
    assert [(row["provider"], row["quality"]) for row in made] == [("K", 1), ("L", 0), ("L", 1)]
