"""Conditions as expressions: the same as plain Python finds, whatever the condition and whatever the cells hold."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.aggregate.conftest import registered
from tests.aggregate.naive import holds as holds_naively
from xl_qbs.aggregate.columns import NUMBER, day, number, read_as, text
from xl_qbs.aggregate.conditions import holds
from xl_qbs.aggregate.definitions import ColumnTest, Condition, Every, Not, Some

TEXTS = [
    "",
    " ",
    "E11",
    "E11.9",
    " E11 ",
    "e11",
    "1",
    "1.0",
    "2",
    " 2 ",
    "-3.5",
    "1e1",
    "2019-06-30",
    "2019-12-31",
    "x",
]
COLUMNS = ("a", "b")

_column = st.sampled_from(COLUMNS)
_number = st.sampled_from([1.0, 2.0, -3.5, 10.0])
_day = st.sampled_from([datetime.date(2019, 6, 30), datetime.date(2019, 7, 1)])
_limit = st.one_of(_number, _day)
_tests = st.one_of(
    st.builds(
        ColumnTest,
        column=_column,
        is_in=st.lists(st.sampled_from(["E11", "1", "x"]), min_size=1, max_size=2).map(tuple),
    ),
    st.builds(ColumnTest, column=_column, is_in=st.lists(_number, min_size=1, max_size=2).map(tuple)),
    st.builds(ColumnTest, column=_column, starts_with=st.sampled_from([("E1",), ("2", "E")])),
    st.builds(ColumnTest, column=_column, at_least=_limit),
    st.builds(ColumnTest, column=_column, at_most=_limit),
    st.builds(ColumnTest, column=_column, above=_number, below=_number),
    st.builds(ColumnTest, column=_column, missing=st.booleans()),
)
_conditions: Any = st.recursive(
    _tests,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(Every, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Some, st.lists(inner, min_size=1, max_size=3).map(tuple)),
    ),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def cells(duck: Any) -> Any:
    """Every pair of the texts as a row, a blank one missing or not."""
    import pyarrow as pa

    rows = [{"a": a, "b": b or None} for a in TEXTS for b in TEXTS]
    schema = pa.schema([("a", pa.string()), ("b", pa.string())])
    return registered(duck, "cells", pa.Table.from_pylist(rows, schema))


@settings(max_examples=60)
@given(condition=_conditions)
def test_a_condition_holds_where_plain_python_says_so(duck: Any, cells: Any, condition: Condition) -> None:
    found = holds(condition, lambda column, kind: read_as(cells[column], kind))
    rows = duck.to_pyarrow(cells.mutate(found=found)).to_pylist()
    for row in rows:
        plain = {name: row[name] or "" for name in COLUMNS}
        assert row["found"] is holds_naively(condition, plain), (condition, plain)


@pytest.mark.parametrize("cell", ["1_000", "1d", "0x10", "inf", "nan", "1,5", "1 2", "--1", ""])
def test_what_engines_disagree_on_is_no_number(duck: Any, cell: str) -> None:
    import pyarrow as pa

    odd = registered(duck, "odd", pa.table({"a": [cell]}))
    assert duck.to_pyarrow(odd.select(x=number(odd.a)))["x"].to_pylist() == [None]


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("2019-12-31", datetime.date(2019, 12, 31)),
        (" 2019-12-31 ", datetime.date(2019, 12, 31)),
        ("2019-12-31 08:15:00", datetime.date(2019, 12, 31)),
        ("2019-12-31T08:15:00Z", datetime.date(2019, 12, 31)),
        ("2019-02-30", None),
        ("2019-1-5", None),
        ("2019", None),
        ("31.12.2019", None),
        ("20191231", None),
        ("2019-12-311", None),
    ],
)
def test_days_are_iso_days(duck: Any, cell: str, meant: datetime.date | None) -> None:
    import pyarrow as pa

    odd = registered(duck, "odd", pa.table({"a": [cell]}))
    assert duck.to_pyarrow(odd.select(x=day(odd.a)))["x"].to_pylist() == [meant]


def test_typed_columns_need_no_reading(duck: Any) -> None:
    import pyarrow as pa

    moment = datetime.datetime(2019, 3, 1, 23, 59)
    table = pa.table({"n": [17], "x": [2.5], "f": [True], "d": [moment.date()], "t": [moment]})
    typed = registered(duck, "typed", table)
    shown = typed.select(n=text(typed.n), f=text(typed.f), d=text(typed.d), x=number(typed.x), t=day(typed.t))
    assert duck.to_pyarrow(shown).to_pylist() == [
        {"n": "17", "f": "true", "d": "2019-03-01", "x": 2.5, "t": moment.date()}
    ]
    assert NUMBER.startswith("^")
