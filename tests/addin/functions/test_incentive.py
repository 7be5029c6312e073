"""The equity incentive, and that it never pays for lowering another group."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.addin.fairness_calls import equity_points_of
from tests.addin.formula_help import block, call, column, same
from xl_qbs.addin.definition import CellError, Cells

NA, NUM, VALUE, DIV0 = CellError.NA, CellError.NUM, CellError.VALUE, CellError.DIV0
STEPS, VALUES, FORFEITS = ("whole", "smooth"), ("adjusted", "raw"), ("never", "beyond chance", "always")
# Twelve providers with three groups, of which the first two are disadvantaged.
DISADVANTAGED = ((1, 1, 0),)


def points(before: Any, now: Any, *options: Any, target: Any = 100) -> Cells:
    """Score providers with two groups of as many patients, of which the first is disadvantaged."""
    patients = tuple((target,) * 2 for _ in before)
    return call("QBS_EQUITY_POINTS", now, patients, before, patients, ((1, 0),), *options)


def drawn(seed: int) -> list[Any]:
    """Return work done and target, now and in the baseline, of twelve providers."""
    rng = np.random.default_rng(seed)
    periods: list[Any] = []
    for _ in range(2):
        target = rng.choice([0, 1, 29, 40, 97, 150], (12, 3))
        # So that there is a disadvantaged group to begin with.
        target[0] = 97
        periods += [np.floor(rng.uniform(0, 1, target.shape) * (target + 1)).clip(max=target), target]
    return periods


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        # Achievement of 60, 55 and 70 % between 50 and 90 %: 3, 2 and 5; improvement from 60: 0, 0 and 3.
        ((60, 80), 3),
        ((60, 60), 3),
        ((55, 55), 2),
        ((70, 80), 5),
        ((70, 60), 5),
        ((70, 100), 5),
    ],
)
def test_only_the_groups_own_coverage_is_paid(now: tuple[int, int], wanted: int) -> None:
    assert points(((60, 80),), (now,), 0.5, 0.9, "whole", "raw") == ((wanted,),)
    narrowed = points(((60, 80),), (now,), 0.5, 0.9, "whole", "raw", "never", 30, "levelled-down")
    assert narrowed == ((now in {(60, 60), (55, 55)}, False),)


def test_improvement_by_hand() -> None:
    # 40 to 49 %, below a threshold of 50: 10 * 9 / 50 - .5 rounds to 1; smooth it is 1.8.
    assert points(((40, 80),), ((49, 80),), 0.5, 0.9, "whole", "raw") == ((1.0,),)
    assert same(points(((40, 80),), ((49, 80),), 0.5, 0.9, "smooth", "raw"), ((1.8,),))


def test_lowering_may_cost_too() -> None:
    # 80 to 60 of 100 is beyond chance, 80 to 75 is not.
    before, now = ((60, 80), (60, 80), (60, 80)), ((60, 60), (60, 75), (70, 60))
    for forfeit, wanted in zip(FORFEITS, ([3, 3, 5], [0, 3, 5], [0, 0, 5]), strict=True):
        assert points(before, now, 0.5, 0.9, "whole", "raw", forfeit) == column(wanted)


@settings(max_examples=60)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(STEPS),
    st.sampled_from(VALUES),
    st.sampled_from(FORFEITS),
)
def test_never_pays_for_levelling_down(seed: int, steps: str, values: str, forfeit: str) -> None:
    """Whatever the third group loses, in whichever providers, nobody's points rise; with never, none even change."""
    done, target, before, before_target = drawn(seed)
    rng = np.random.default_rng(seed)
    lowered = done.copy()
    lowered[:, 2] = np.floor(done[:, 2] * rng.choice([0, 0.5, 1], 12))
    options = (None, None, steps, values, forfeit)
    found = [
        call("QBS_EQUITY_POINTS", *map(block, (one, target, before, before_target)), DISADVANTAGED, *options)
        for one in (done, lowered)
    ]
    if found[0] in {((NUM,),), ((NA,),)}:
        assert found[1] == found[0]
        return
    if forfeit == "never":
        assert found[1] == found[0]
    for (was,), (now,) in zip(*found, strict=True):
        assert was is now if isinstance(was, CellError) else now <= was + 1e-12


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_more_work_for_the_disadvantaged_never_costs(seed: int) -> None:
    done, target, before, before_target = drawn(seed)
    more = done.copy()
    more[:, 0] = np.minimum(done[:, 0] + 5, target[:, 0])
    rest = (*map(block, (target, before, before_target)), DISADVANTAGED, 0.4, 0.95, "smooth")
    for (was,), (now,) in zip(*(call("QBS_EQUITY_POINTS", block(one), *rest) for one in (done, more)), strict=True):
        assert was is now if isinstance(was, CellError) else now >= was - 1e-9


def test_targets_from_the_baseline_are_those_of_the_package() -> None:
    done, target, before, before_target = drawn(3)
    given = {"done": done, "target": target, "before_done": before, "before_target": before_target}
    wanted = equity_points_of(**given, disadvantaged=np.array(DISADVANTAGED))
    cells = tuple(map(block, given.values()))
    found = call("QBS_EQUITY_POINTS", *cells, DISADVANTAGED)
    assert same(found, column([NA if np.isnan(one) else one for one in wanted.total.tolist()]))
    of_groups = np.array(
        [
            [np.nan if one is NA else one for one in row]
            for row in call("QBS_EQUITY_POINTS", *cells, DISADVANTAGED, *[None] * 6, "groups")
        ],
        dtype=float,
    )
    assert np.array_equal(of_groups, wanted.points[:, 0], equal_nan=True)
    # The group that is not disadvantaged has no points, whoever it is.
    assert np.isnan(of_groups[:, 2]).all()
    assert (~np.isnan(of_groups[:, :2])).any()


def test_below_the_gate_there_is_no_score() -> None:
    before, now = ((12, 16), (12, 16)), ((14, 16), (16, 16))
    stated = (0.5, 0.9, "whole", "raw", "never")
    assert points(before, now, *stated, target=20) == column([NA, NA])
    # 14 and 16 of 20 between 50 and 90 %: 5 and 7.25, which rounds to 7.
    assert points(before, now, *stated, 20, target=20) == column([5.0, 7.0])
    reliability = points(((3, 16), (15, 16)), now, *stated, 20, "reliability", target=20)
    assert all(0 < row[0] <= 1 and row[1] is NA for row in reliability)
    # A provider without a baseline has achievement and no improvement.
    patients, none = ((100, 100),) * 2, ((0, 0), (40, 80))
    given = (((49, 80), (49, 80)), patients, none, ((0, 0), (100, 100)), ((1, 0),), 0.5, 0.9, "whole", "raw")
    assert call("QBS_EQUITY_POINTS", *given) == column([0.0, 1.0])


def test_a_row_with_nothing_stays_blank() -> None:
    cells, patients = ((60, 80), (None, None), (60, 80)), ((100, 100), (None, None), (100, 100))
    found = call("QBS_EQUITY_POINTS", cells, patients, cells, patients, ((1, 0),), 0.5, 0.9, "whole", "raw")
    assert found == column([3, None, 3])


@pytest.mark.parametrize(
    ("at", "value", "error"),
    [
        (0, ((60, -1),), NUM),
        (0, ((60, 80.5),), NUM),
        (0, ((60, None),), VALUE),
        (0, ((60, 80, 80),), VALUE),
        (0, ((60, 80), (60, 80)), VALUE),
        (2, ((DIV0, 80),), DIV0),
        (4, ((0, 0),), NUM),
        (4, ((1, 2),), NUM),
        (4, ((1,),), VALUE),
        (4, ((1, 0, 0),), VALUE),
        (5, ((0.9,),), NUM),
        (5, None, VALUE),
        (6, None, VALUE),
        (7, "steep", VALUE),
        (8, "both", VALUE),
        (9, "sometimes", VALUE),
        (10, 2.5, NUM),
        (10, 0, NUM),
        (11, "money", VALUE),
    ],
)
def test_what_cannot_be(at: int, value: Any, error: CellError) -> None:
    patients = ((100, 100),)
    given: list[Any] = [((70, 90),), patients, ((60, 90),), patients, ((1, 0),), 0.5, 0.9]
    given += ["whole", "raw", "never", 30, "points"]
    given[at] = value
    assert call("QBS_EQUITY_POINTS", *given) == ((error,),)


def test_a_baseline_that_gives_no_targets() -> None:
    # The only provider's groups fare alike, so that the best is no better than the median.
    assert points(((60, 60),), ((70, 60),)) == ((NUM,),)
