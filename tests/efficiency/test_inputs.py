from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xl_qbs.efficiency.inputs import Column, check_labels, check_share, cost_performance, read_columns
from xl_qbs.errors import ArgumentError, DataError


def refused(*columns: Column, **options: Any) -> list[str]:
    with pytest.raises(DataError) as caught:
        read_columns(*columns, **options)
    return [finding.what for finding in caught.value.findings]


def test_all_problems_are_said_at_once_with_column_and_rows() -> None:
    quality = Column("quality", [1, None, 3, "good"])
    cost = Column("cost", pd.Series([0, -1, np.inf, 2], name="MSPB", index=["A", "B", "C", "D"]), positive=True)
    assert refused(quality, cost) == [
        "quality is not a number in row 4.",
        "quality is missing in row 2.",
        "cost (column 'MSPB') is infinite in row C.",
        "cost (column 'MSPB') is zero or negative in rows A, B.",
    ]


def test_long_lists_of_rows_are_cut() -> None:
    assert refused(Column("cost", [None] * 30)) == [
        "cost is missing in rows 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 20 more."
    ]


def test_pandas_missing_values_are_missing_and_text_numbers_are_text() -> None:
    assert refused(Column("cost", pd.array([1, 2, pd.NA], dtype="Int64"))) == ["cost is missing in row 3."]
    assert refused(Column("cost", ["1", 2, 3])) == ["cost is not a number in row 1."]


def test_constants_few_rows_and_low_values() -> None:
    assert refused(Column("quality", [5, 5, 5], varies=True)) == [
        "quality is 5 in every row: it tells providers not apart."
    ]
    assert refused(Column("quality", [1, 2])) == ["quality: there are 2 rows, and at least 3 are needed."]
    assert refused(Column("patients", [1, -2, 3], lowest=0)) == ["patients is below 0 in row 2."]
    # 0.1 + 0.2 and 0.3 differ in their last bits only.
    assert len(refused(Column("quality", [0.1 + 0.2, 0.3, 0.3], varies=True))) == 1


def test_shapes_are_an_argument_error() -> None:
    with pytest.raises(ArgumentError, match="equally long: quality has 3, cost has 4"):
        read_columns(Column("quality", [1, 2, 3]), Column("cost", [1, 2, 3, 4]))
    with pytest.raises(ArgumentError, match="has 2 dimensions"):
        read_columns(Column("quality", [[1, 2, 3]]))


@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=9), st.floats(0.1, 1e3))
def test_cost_performance_times_spending_is_the_reference(spending: list[float], reference: float) -> None:
    performance = cost_performance(spending, cost_is="spending", reference=reference)
    assert performance * np.array(spending) == pytest.approx(np.full(len(spending), reference), rel=1e-14)


def test_the_mean_is_the_reference_by_default_and_performance_is_kept() -> None:
    assert cost_performance([1, 3], cost_is="spending").tolist() == [2, 2 / 3]
    assert cost_performance([1, -3], cost_is="performance").tolist() == [1, -3]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cost_is": "cost"}, "cost_is == 'cost', must be one of spending, performance"),
        (
            {"cost_is": "performance", "reference": 1},
            "reference: is for spending; cost performance has its own already",
        ),
        ({"cost_is": "spending", "reference": 0}, "reference == 0, must be a number above 0"),
    ],
)
def test_the_direction_is_never_guessed(options: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        cost_performance([1, 2], **options)
    assert str(caught.value) == message
    with pytest.raises(TypeError):
        cost_performance([1, 2])  # type: ignore[call-arg]


def test_labels_and_shares() -> None:
    assert check_labels("provider", ["A", 2], 2).tolist() == ["A", 2]
    with pytest.raises(DataError, match="provider is missing in rows 2, 3"):
        check_labels("provider", ["A", None, np.nan], 3)
    with pytest.raises(ArgumentError, match="one for each row"):
        check_labels("provider", ["A"], 2)
    for wrong in (0, 1, True, "x", float("nan")):
        with pytest.raises(ArgumentError, match="must be between 0 and 1"):
            check_share("level", wrong)  # type: ignore[arg-type]
