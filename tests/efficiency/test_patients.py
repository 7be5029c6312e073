from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xl_qbs.efficiency.inputs import Column
from xl_qbs.efficiency.patients import adjust, provider_means, read_patients
from xl_qbs.errors import ArgumentError, DataError


def test_providers_are_in_the_order_of_first_appearance() -> None:
    rows = read_patients(["B", "A", "B", "C"], [Column("quality", [1, 2, 3, 4])])
    assert rows.providers == ("B", "A", "C")
    assert rows.provider.tolist() == [0, 1, 0, 2]
    assert rows.counts.tolist() == [2, 1, 1]
    assert provider_means(rows, rows.values)[:, 0].tolist() == [2, 2, 4]


@given(st.integers(0, 2**32 - 1))
def test_slopes_are_those_of_a_regression_with_a_column_for_each_provider(seed: int) -> None:
    rng = np.random.default_rng(seed)
    provider = np.concatenate([np.arange(4), rng.integers(0, 4, 40)])
    risk, values = rng.normal(size=(44, 2)), rng.normal(size=(44, 2))
    rows = read_patients(provider, [Column("quality", values[:, 0]), Column("cost", values[:, 1])], risk)
    adjusted = adjust(rows)
    design = np.column_stack([np.eye(4)[provider], risk])
    plain, squares, *_ = np.linalg.lstsq(design, values, rcond=None)
    order = [list(rows.providers).index(number) for number in range(4)]
    assert adjusted.slopes == pytest.approx(plain[4:], abs=1e-10)
    # Level of each provider at the mean risk of all patients.
    assert adjusted.means[order] == pytest.approx(plain[:4] + risk.mean(axis=0) @ plain[4:], abs=1e-10)
    assert np.diag(adjusted.within) == pytest.approx(squares / (44 - 6), rel=1e-9)
    # Variance of the adjusted mean, by the textbook formula for a linear combination of estimates.
    inverse = np.linalg.inv(design.T @ design)
    for number in range(4):
        contrast = np.concatenate([np.eye(4)[number], risk.mean(axis=0)])
        total = adjusted.within / rows.counts[order[number]] + adjusted.error[order[number]]
        # The mean of all patients is part of the contrast, so the two ways differ by nothing.
        assert contrast @ inverse @ contrast * adjusted.within == pytest.approx(total, rel=1e-7, abs=1e-12)


def test_without_risk_means_are_plain() -> None:
    rows = read_patients([1, 1, 2, 2, 3, 3], [Column("quality", [0, 2, 3, 5, 6, 8])])
    adjusted = adjust(rows)
    assert adjusted.means[:, 0].tolist() == [1, 4, 7]
    assert adjusted.within.tolist() == [[2]]
    assert adjusted.error.tolist() == [[[0]], [[0]], [[0]]]


@pytest.mark.parametrize(
    ("provider", "risk", "message"),
    [
        ([1, 1, 2, 2, 2, 2], None, "there are 2 providers, and at least 3 are needed"),
        ([1, 1, 2, 2, 3, 3], [1, 1, 2, 2, 3, 3], "risk 1 is the same for all patients of each provider"),
        ([1, 1, 2, 2, 3, 3], np.outer([1, 2, 3, 5, 4, 6], [1, 2]), "The risk factors repeat each other"),
        ([1, 2, 3, 4, 5, 6], None, "too few to tell patients from providers"),
        ([1, 1, 2, 2, 3, None], None, "provider is missing in row 6"),
    ],
)
def test_rows_that_cannot_be_used(provider: Any, risk: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        adjust(read_patients(provider, [Column("quality", [0, 2, 3, 5, 6, 8])], risk))


def test_shapes_that_do_not_fit() -> None:
    with pytest.raises(ArgumentError, match="risk has 3 dimensions"):
        read_patients([1, 2, 3], [Column("quality", [0, 2, 3])], np.zeros((3, 1, 1)))
    with pytest.raises(ArgumentError, match="risk 1 has 4"):
        read_patients([1, 2, 3], [Column("quality", [0, 2, 3])], np.zeros((4, 1)))
