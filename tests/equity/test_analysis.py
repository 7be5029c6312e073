"""The whole analysis: it is its parts, and options that do not fit are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.equity_data import counts, means
from xl_qbs.equity.analysis import EquityOptions, analyse_equity, one_indicator
from xl_qbs.equity.gaps import gaps
from xl_qbs.equity.gates import GateRules, gates
from xl_qbs.equity.group_table import GroupTable
from xl_qbs.equity.incentive import IncentiveRules
from xl_qbs.errors import ArgumentError

_RULES = IncentiveRules(disadvantaged=("g2",))


def _table(seed: int = 1, providers: int = 20) -> GroupTable:
    draw = np.random.default_rng(seed)
    n = draw.integers(20, 120, (providers, 2, 2))
    shares = np.array([0.85, 0.6]) + draw.normal(0, 0.04, n.shape)
    return counts(n, np.round(n * np.clip(shares, 0, 1)))


def test_an_analysis_is_its_parts() -> None:
    now, before = _table(2), _table(1)
    found = analyse_equity(now, before, EquityOptions(incentive=_RULES, reference="g1"))
    alone = gaps(now, to="g1", passed=gates(now))
    assert np.array_equal(found.gaps.difference.value, alone.difference.value, equal_nan=True)
    assert found.trend is not None
    assert found.points is not None
    assert found.targets is not None
    assert (found.targets.benchmark > found.targets.threshold).all()
    levelled = found.points.levelled_down
    assert (found.points.improvement[levelled] == 0).all()


def test_weights_are_by_indicator_and_targets_can_be_stated_for_one() -> None:
    now, before = _table(2), _table(1)
    options = EquityOptions(incentive=_RULES, weights={"i2": 3.0}, targets={"i1": (0.5, 0.7)})
    found = analyse_equity(now, before, options)
    assert found.targets is not None
    assert (found.targets.threshold[0], found.targets.benchmark[0]) == (0.5, 0.7)
    assert found.points is not None
    both = ~np.isnan(found.points.indicator).any(axis=1)
    expected = (found.points.indicator @ [1.0, 3.0])[both] / 4
    assert np.allclose(found.points.total[both], expected)


def test_a_floor_stands_under_the_points() -> None:
    now, before = _table(2), _table(1)
    earlier = np.full(20, 8.0)
    found = analyse_equity(now, before, EquityOptions(incentive=_RULES, floor=0.5), earlier=earlier)
    assert found.kept is not None
    assert (found.kept >= 4).all()


def test_peer_groups_leave_out_providers_without_an_indicator() -> None:
    table = _table(3)
    n, x = table.n.copy(), table.x.copy()
    n[4, 0] = x[4, 0] = 0
    found = analyse_equity(counts(n, x), options=EquityOptions(peer_groups=3), risk=np.linspace(0, 0.9, 20))
    assert found.social is not None
    assert 4 not in found.social.place
    assert np.isnan(found.social.score[4])
    assert len(found.social.scores.score) == 19


def test_one_indicator_is_a_table_of_its_own() -> None:
    table = means(np.full((3, 2, 2), 40), np.full((3, 2, 2), 5.0), np.ones((3, 2, 2)), higher_is_better=(True, False))
    one = one_indicator(table, 1)
    assert one.indicators == ("i2",)
    assert one.sign.tolist() == [-1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"level": 1.0},
        {"floor": 2.0},
        {"prior": "likelihood"},
        {"points_on": "both"},
        {"benchmarks": {"i1": 0.5}},
        {"targets": {"i1": (0.5, 0.9)}},
        {"weights": {"i1": -1.0}},
        {"rules": GateRules(smallest_group=1)},
        {"incentive": IncentiveRules(disadvantaged=("g1",), weights=(1.0, 1.0))},
    ],
)
def test_options_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError):
        EquityOptions(**wrong)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"reference": "g9"}, "g9"),
        ({"reference": "benchmark", "benchmarks": {"i1": 0.5}}, "i2"),
        ({"weights": {"i9": 1.0}}, "i9"),
        ({"weights": {"i1": 0.0, "i2": 0.0}}, "not all be 0"),
        ({"incentive": IncentiveRules(disadvantaged=("g2",))}, "baseline"),
    ],
)
def test_options_that_do_not_fit_the_table_are_refused(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ArgumentError, match=told):
        analyse_equity(_table(), options=EquityOptions(**options))
