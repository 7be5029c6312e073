from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from xl_qbs.diagnosis.groups import groups_by_quantile
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.score import Result
from xl_qbs.simulation.bonus import BonusRules
from xl_qbs.simulation.gains import bonus_gains, gains, served_by_group
from xl_qbs.simulation.run import Options, Simulation, simulate

AMOUNTS = arrays.arrays(float, 12, elements=st.floats(0, 1000))


@given(AMOUNTS, AMOUNTS, AMOUNTS, st.integers(1, 5))
def test_gains_less_losses_are_the_change(before: Any, after: Any, size: Any, number: int) -> None:
    groups = groups_by_quantile(size, number)
    found = gains(before, after, groups)
    assert (found.gained >= 0).all()
    assert (found.lost >= 0).all()
    assert found.gained.sum() - found.lost.sum() == pytest.approx((after - before).sum(), abs=1e-6)
    assert (found.gaining + found.losing <= groups.lists).all()
    assert found.gaining.sum() == (after - before > 1e-9).sum()
    some = groups.lists > 0
    change = ((found.after - found.before) * groups.lists)[some]
    assert change == pytest.approx((found.gained - found.lost)[some], abs=1e-6)
    assert np.isnan(found.before[~some]).all()


def test_lists_of_no_known_group_are_in_none() -> None:
    found = gains([1, 1, 1], [2, 0, 5], groups_by_quantile([1, 2, np.nan], 1))
    assert (found.gaining.tolist(), found.losing.tolist()) == ([1], [1])
    assert (found.gained.tolist(), found.lost.tolist()) == ([1], [1])
    assert found.frame().loc[0, "after"] == 1


def test_amounts_that_do_not_fit_are_refused() -> None:
    groups = groups_by_quantile([1, 2], 1)
    with pytest.raises(ArgumentError, match="before: must be 2 numbers, one for each list, none missing"):
        gains([1, 2, 3], [1, 2], groups)
    with pytest.raises(ArgumentError, match="after: must be 2 numbers, one for each list, none missing"):
        gains([1, 2], [1, np.nan], groups)


@pytest.fixture(scope="module")
def real(real_2019: Result) -> Simulation:
    rules = BonusRules((0, 0.5, 0.75), (0, 0.8, 1), 1000, bands_of="relative-rank", pot=500_000)
    return simulate(real_2019, 20, rules, Options(start="observed"))


def test_a_pot_only_moves_between_lists(real: Simulation, real_2019: Result) -> None:
    groups = groups_by_quantile(real_2019.table.eligible, 5)
    found = bonus_gains(real, groups, to=("none", "need-adjusted"))
    assert found.gained.sum() == pytest.approx(found.lost.sum())
    assert found.gained.sum() > 0
    assert (found.before * groups.lists).sum() == pytest.approx(500_000)
    # With the report's prior, the pot moves from the smallest fifth of lists to the largest.
    change = found.after - found.before
    assert change[0] < 0 < change[-1]


def test_patients_served_by_group_are_all_of_them(real: Simulation, real_2019: Result) -> None:
    groups = groups_by_quantile(real_2019.table.eligible, 5)
    served = served_by_group(real, groups)
    assert served.shape == (5, 5)
    assert served.sum(axis=1) == pytest.approx(real.patients[:, 0])
    with pytest.raises(ArgumentError, match="groups: are of 2 lists, must be of 781"):
        served_by_group(real, groups_by_quantile([1, 2], 1))
