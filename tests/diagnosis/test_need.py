from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.simulation.small import scored
from xl_qbs.diagnosis.need import PROFILES, disease_burden, expected_load, need_profile, patient_indicators
from xl_qbs.errors import ArgumentError
from xl_qbs.scheme import preset

KNOWN = st.one_of(st.integers(0, 90).map(float), st.just(np.nan))
PAIRS = st.lists(st.tuples(KNOWN, KNOWN), min_size=1, max_size=20).filter(
    lambda rows: any(not np.isnan(row).any() for row in rows)
)


@given(PAIRS, st.one_of(st.none(), st.integers(0, 90)), st.one_of(st.none(), st.integers(0, 90)))
def test_every_list_has_the_profile_of_its_corner(rows: Any, age_limit: Any, burden_limit: Any) -> None:
    age, burden = np.array(rows).T
    found = need_profile(age, burden, age_limit=age_limit, burden_limit=burden_limit)
    for one, other, profile in zip(age, burden, found.profile, strict=True):
        if np.isnan(one) or np.isnan(other):
            assert profile == "not known"
            continue
        older, at_risk = one >= found.age_limit, other >= found.burden_limit
        assert profile == (("C" if at_risk else "B") if older else ("younger, at risk" if at_risk else "A"))
    assert sum(found.lists.values()) == len(rows)
    assert set(found.lists) == set(PROFILES)


def test_limits_are_the_medians_of_those_known() -> None:
    found = need_profile([30, 40, 50, np.nan], [0.1, 0.2, 0.6, 0.9])
    assert (found.age_limit, found.burden_limit) == (40, 0.2)
    assert found.profile == ("A", "C", "C", "not known")
    assert need_profile([30, 40], [1, 1], age_limit=35, burden_limit=2).profile == ("A", "B")


def test_prescriptions_are_no_patients() -> None:
    assert "hypr1" in preset().codes
    assert patient_indicators(preset()) == tuple(code for code in preset().codes if code != "hypr1")


def test_burden_is_eligible_patients_a_person() -> None:
    table = scored([[200, 40], [100, 50], [10, 0]], [[0, 0], [0, 0], [0, 0]], [10, 10], [0.7, 0.7]).table
    assert disease_burden(table, [1200, 1500, 0], ["i1", "i2"])[:2].tolist() == [0.2, 0.1]
    assert np.isnan(disease_burden(table, [1200, np.nan, 0], ["i1"])[1:]).all()


@given(
    arrays.arrays(float, st.tuples(st.integers(1, 6), st.integers(1, 3)), elements=st.integers(0, 3000)),
    st.data(),
    st.floats(0, 1),
)
def test_expected_load_adds_up(populations: Any, data: Any, coverage: float) -> None:
    shares = data.draw(arrays.arrays(float, populations.shape[1], elements=st.floats(0, 1)))
    found = expected_load(populations, shares, coverage=coverage)
    assert found.patients == pytest.approx((populations * shares).sum(axis=1))
    assert found.work == pytest.approx(coverage * found.patients)
    assert (found.low <= found.patients + 1e-9).all()
    assert (found.patients <= found.high + 1e-9).all()
    assert ((found.low >= 0) & (found.high <= populations.sum(axis=1) + 1e-9)).all()
    if found.work.sum() > 0:
        assert found.relative.mean() == pytest.approx(1)
    else:
        assert np.isnan(found.relative).all()


def test_the_interval_of_the_load_is_that_of_a_binomial() -> None:
    found = expected_load([2000], [0.05])
    assert found.high[0] - found.patients[0] == pytest.approx(1.959963984540054 * np.sqrt(2000 * 0.05 * 0.95))
    drawn = np.random.default_rng(1).binomial(2000, 0.05, 4000)
    assert 0.93 < ((drawn >= found.low) & (drawn <= found.high)).mean() < 0.97


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: need_profile([1], [1, 2]), "mean_age has 1 values and burden 2, must be as many"),
        (lambda: need_profile([np.nan], [1]), "no list has both a mean age and a burden"),
        (lambda: need_profile([-1], [1]), "mean_age: must be one number from 0 a list"),
        (lambda: need_profile(["old"], [1]), "mean_age: must be numbers"),
        (lambda: expected_load([[1, 2]], [0.5]), "shares: must be 2 shares from 0 to 1, one for each group"),
        (lambda: expected_load([1], [1.5]), "shares: must be 1 shares from 0 to 1, one for each group"),
        (
            lambda: expected_load([-1], [0.5]),
            "populations: must be numbers from 0 for each list and group, none missing",
        ),
        (lambda: expected_load([1], [0.5], coverage=2), "coverage == 2, level == 0.95: must be shares"),
    ],
)
def test_what_is_no_need_is_refused(call: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        call()
    assert str(caught.value) == message


def test_burdens_that_cannot_be_had_are_refused() -> None:
    table = scored([[10]], [[5]], [10], [0.7]).table
    with pytest.raises(ArgumentError, match="list_size: there are 2, must be 1, one for each list"):
        disease_burden(table, [1, 2], ["i1"])
    with pytest.raises(ArgumentError, match="indicators: there are none"):
        disease_burden(table, [1], [])
    with pytest.raises(ArgumentError, match="indicators i9 are not in the table"):
        disease_burden(table, [1], ["i9"])
