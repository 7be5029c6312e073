from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xl_qbs.equity.gates import gates, refusals
from xl_qbs.equity.group_table import GroupMeans, GroupTable
from xl_qbs.equity.patients import group_patients
from xl_qbs.errors import ArgumentError, DataError

ROWS: dict[str, Any] = {
    "provider": ["A", "A", "A", "A", "B", "B"],
    "indicator": ["i"] * 6,
    "group": ["x", "y", None, "x", "x", "unknown"],
    "value": [1, 0, 1, 0, 1, 1],
}


def test_counts_of_patient_rows() -> None:
    found = group_patients(**ROWS, values="done")
    table = found.table
    assert isinstance(table, GroupTable)
    assert table.n[:, 0].tolist() == [[2, 1], [1, 0]]
    assert table.x[:, 0].tolist() == [[1, 0], [1, 0]]
    assert table.total is not None
    assert table.total[:, 0].tolist() == [4, 2]
    assert found.left_out.sum() == 0


def test_patients_seen_too_short_a_time_are_left_out_and_counted() -> None:
    found = group_patients(**ROWS, values="done", months=[12, 3, 12, 12, 6, 2], fewest_months=6)
    assert found.table.n[:, 0].tolist() == [[2, 0], [1, 0]]
    assert found.left_out[:, 0].tolist() == [1, 1]
    assert found.table.total is not None
    assert found.table.total[:, 0].tolist() == [3, 1]
    with pytest.raises(ArgumentError, match="needs the months"):
        group_patients(**ROWS, values="done", fewest_months=6)


def test_promis_scores_of_patient_rows() -> None:
    value = [50.0, 40, 45, 60, 41, 47]
    found = group_patients(**(ROWS | {"value": value}), values="continuous", lower_is_better=["i"])
    table = found.table
    assert isinstance(table, GroupMeans)
    assert table.mean[0, 0].tolist() == [55, 40]
    assert table.sd[0, 0, 0] == pytest.approx(np.std([50, 60], ddof=1))
    assert np.isnan(table.sd[0, 0, 1])
    assert table.higher_is_better == (False,)


@given(st.integers(0, 2**32 - 1))
def test_same_as_numpy_group_by_group(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = 200
    provider, indicator = rng.choice(["A", "B", "C"], size), rng.choice(["i", "j"], size)
    group = rng.choice(["x", "y", "unknown"], size)
    value, months = rng.normal(50, 10, size), rng.integers(0, 24, size)
    found = group_patients(
        provider, indicator, group, value, values="continuous", months=months, fewest_months=6, unknown=["unknown"]
    )
    table = found.table
    assert isinstance(table, GroupMeans)
    for p, one in enumerate(table.providers):
        for i, code in enumerate(table.indicators):
            here = (provider == one) & (indicator == code)
            assert found.left_out[p, i] == (here & (months < 6)).sum()
            assert table.total is not None
            assert table.total[p, i] == (here & (months >= 6)).sum()
            for g, name in enumerate(table.groups):
                own = value[here & (months >= 6) & (group == name)]
                assert table.n[p, i, g] == len(own)
                if len(own) > 1:
                    assert table.mean[p, i, g] == pytest.approx(own.mean())
                    assert table.sd[p, i, g] == pytest.approx(own.std(ddof=1))


def test_who_does_not_answer_is_seen_by_the_gate() -> None:
    group = ["x"] * 40 + ["y"] * 40 + [""] * 40
    found = group_patients(["A"] * 120, ["i"] * 120, group, [1] * 120, values="done")
    told = refusals(found.table, gates(found.table))
    assert [one.text for one in told] == ["The group is known of 66.7% of 120 patients, 80.0% are needed."]


def test_what_is_refused() -> None:
    with pytest.raises(DataError, match="neither 0 nor 1"):
        group_patients(**(ROWS | {"value": [1, 2, 0, 0, 0, 0]}), values="done")
    with pytest.raises(DataError, match="value is not a number in row 2"):
        group_patients(**(ROWS | {"value": [1, "x", 0, 0, 0, 0]}), values="done")
    with pytest.raises(DataError, match="provider is missing in row 1"):
        group_patients(**(ROWS | {"provider": [None, *"AAAAA"]}), values="done")
    with pytest.raises(ArgumentError, match="group: must be one for each row"):
        group_patients(**(ROWS | {"group": ["x"]}), values="done")
    with pytest.raises(ArgumentError, match="values == 'rates'"):
        group_patients(**ROWS, values="rates")  # type: ignore[arg-type]
