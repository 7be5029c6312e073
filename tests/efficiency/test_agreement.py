from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xl_qbs.efficiency.agreement import agreement, classes_of
from xl_qbs.efficiency.correlations import paper_efficiencies
from xl_qbs.errors import ArgumentError


def test_kappa_as_in_cohens_example() -> None:
    # Cohen (1960), Table 1: proportions .25 .13 .12 / .12 .02 .16 / .03 .15 .02; agreement .29, kappa -.09.
    table = [[25, 13, 12], [12, 2, 16], [3, 15, 2]]
    pairs = [(a, b) for a, row in enumerate(table) for b, count in enumerate(row) for _ in range(count)]
    first, second = np.array(pairs).T
    result = agreement({"first": first, "second": second})
    assert result.same[0, 1] == pytest.approx(0.29)
    assert result.kappa[0, 1] == pytest.approx(-0.09, abs=0.005)


@given(st.lists(st.tuples(*[st.integers(0, 3)] * 3), min_size=2, max_size=40))
def test_who_changes_is_who_is_not_the_same(rows: list[tuple[int, int, int]]) -> None:
    table = np.array(rows)
    result = agreement({"a": table[:, 0], "b": table[:, 1], "c": table[:, 2]})
    assert set(result.changing) == {number for number, row in enumerate(rows) if len(set(row)) > 1}
    moved = (result.highest - result.lowest)[result.changing]
    assert (np.diff(moved) <= 0).all()
    assert result.same == pytest.approx(result.same.T)
    assert np.diag(result.same).tolist() == [1, 1, 1]
    known = ~np.isnan(result.kappa)
    assert (result.kappa[known] <= result.same[known] + 1e-12).all()


def test_hospitals_depend_on_the_model(hospitals: Any) -> None:
    models = paper_efficiencies(
        hospitals.total_performance_score, hospitals.spending_ratio, cost_is="spending", failing="last"
    )
    result = agreement(classes_of(models))
    # Recorded: most hospitals are in another third under another of the six models, many from lowest to highest.
    assert len(result.changing) / len(hospitals) > 0.5
    assert ((result.highest - result.lowest) == 2).mean() > 0.1
    frame = result.frame()
    assert list(frame.columns) == [*models, "lowest", "highest"]
    assert len(frame) == len(hospitals)


def test_everybody_in_one_class_has_no_kappa() -> None:
    result = agreement({"a": [1, 1, 1], "b": [1, 1, 1]})
    assert np.isnan(result.kappa).all()
    assert result.same[0, 1] == 1


def test_what_is_refused() -> None:
    with pytest.raises(ArgumentError, match="2 models or more"):
        agreement({"a": [1, 2]})
    with pytest.raises(ArgumentError, match="must be whole numbers"):
        agreement({"a": [1, 2.5], "b": [1, 2]})
    with pytest.raises(ArgumentError, match="of a model or more"):
        classes_of({})
