"""What is wrong with an extract, seen by kind: types of columns that are no use, and counts in words."""

from __future__ import annotations

import tomllib
from typing import Any

from tests.aggregate.conftest import registered
from tests.aggregate.test_parse import SMALL
from xl_qbs.aggregate.checks import record_counts, record_findings
from xl_qbs.aggregate.columns import column_findings, used_people, used_records
from xl_qbs.aggregate.parse import definitions_from_mapping

ABOUT = definitions_from_mapping(tomllib.loads(SMALL))


def test_columns_that_lack_or_are_of_no_use(duck: Any) -> None:
    import pyarrow as pa

    people = registered(duck, "typed_people", pa.table({"id": [1.5], "list": ["L"], "flag": [[1]]}))
    told = [str(one) for one in column_findings("people", dict(people.schema().items()), used_people(ABOUT))]
    assert told == [
        "people: the column 'id' is read as text, and the extract has it as float64. "
        "Export it as another type, or test it in another way.",
        "people: the column 'flag' is read as number, and the extract has it as array<int64>. "
        "Export it as another type, or test it in another way.",
    ]
    records = registered(duck, "typed_records", pa.table({"id": [1], "code": ["X"]}))
    told = [str(one) for one in column_findings("records", dict(records.schema().items()), used_records(ABOUT))]
    assert told == ["records: there is no column 'day'; there are: id, code. Correct the definitions."]


def test_records_without_patient_or_day_are_warnings(duck: Any) -> None:
    import pyarrow as pa

    rows = {"id": ["P1", None, "P2"], "day": ["2019-01-01", "2019-01-01", None], "code": ["X", "X", "X"]}
    records = registered(duck, "gaps", pa.table(rows))
    found = duck.to_pyarrow(record_counts(ABOUT, records)).to_pylist()[0]
    assert (found["rows"], found["inside"]) == (3, 2)
    told = list(record_findings(ABOUT, found, "records"))
    assert [(one.severity, one.what) for one in told] == [
        ("warning", "1 row without 'id'; they are left out."),
        ("warning", "1 row without 'day'; they are left out."),
    ]
