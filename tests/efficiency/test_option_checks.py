"""Options out of their range: each is found, with its value, and every one at once."""

from __future__ import annotations

from typing import Any

import pytest

from xl_qbs.efficiency.analysis import MODELS, Options
from xl_qbs.efficiency.option_checks import LARGEST, check_options, option_problems
from xl_qbs.errors import ArgumentError

NAN, INF = float("nan"), float("inf")
# Of each field: what it may be at the ends of its range, and what it may not.
RANGES: dict[str, tuple[list[Any], list[Any]]] = {
    "models": ([None, ("stars",), MODELS], [(), ("best",), ("stars", "best")]),
    "quality_weights": ([(0.0, 1.0)], [(-0.1, 0.5), (0.5, 1.1), (NAN, 0.5), (0.5, INF), (0.5,), (0.1, 0.2, 0.3)]),
    "quality_shares": ([(1e-9, 1 - 1e-9)], [(0.0, 0.5), (0.5, 1.0), (0.5, 0.5), (0.6, 0.4), (NAN, 0.5), (0.5,)]),
    "cost_shares": ([(0.1, 0.2)], [(0.0, 0.5), (0.5, 1.0), (0.5, 0.5), (0.6, 0.4), (0.5, NAN)]),
    "class_shares": ([(0.1, 0.2)], [(0.0, 0.5), (0.5, 1.0), (0.5, 0.5), (0.6, 0.4), (0.5, NAN)]),
    "quality_hurdle_share": ([1e-9, 1 - 1e-9], [0.0, 1.0, -1.0, 2.0, NAN, INF]),
    "cost_hurdle_share": ([1e-9, 1 - 1e-9], [0.0, 1.0, -1.0, 2.0, NAN, INF]),
    "own_quality_hurdle": ([None, 0.0, -5.0, LARGEST], [NAN, INF, -INF, 2 * LARGEST]),
    "own_cost_hurdle": ([None, 1e-9, LARGEST], [0.0, -1.0, NAN, INF, 2 * LARGEST]),
    "value": ([None, 0.0, LARGEST], [-1e-9, NAN, INF, 2 * LARGEST]),
    "reference_quality": ([None, 0.0, -5.0], [NAN, INF, -INF]),
    "reference_cost": ([None, 0.0, 5.0], [-1.0, NAN, INF]),
    "error_correlation": ([-1.0, 1.0], [-1.1, 1.1, NAN, INF]),
    "star_floor": ([-LARGEST, 99.9], [NAN, INF, -INF]),
    "star_ceiling": ([0.1, LARGEST], [0.0, -1.0, NAN, INF]),
    "level": ([1e-9, 0.999999], [0.0, 1.0, 2.0, -0.5, NAN, INF, 0.9999999999999999]),
}


@pytest.mark.parametrize(("field", "value"), [(field, one) for field, (good, _) in RANGES.items() for one in good])
def test_within_the_range(field: str, value: Any) -> None:
    assert option_problems(Options(cost_is="spending", **{field: value}), MODELS) == []


@pytest.mark.parametrize(("field", "value"), [(field, one) for field, (_, bad) in RANGES.items() for one in bad])
def test_out_of_the_range(field: str, value: Any) -> None:
    (problem,) = option_problems(Options(cost_is="spending", **{field: value}), MODELS)
    assert problem.field == field
    assert repr(problem.value) == repr(value)
    assert problem.must.startswith("must be ")


def test_a_hurdle_of_cost_performance_may_be_any_number() -> None:
    assert option_problems(Options(cost_is="performance", own_cost_hurdle=-2.0), MODELS) == []


def test_the_floor_of_the_stars_is_below_the_ceiling() -> None:
    (problem,) = option_problems(Options(cost_is="spending", star_floor=100.0), MODELS)
    assert (problem.field, problem.must) == ("star_ceiling", "must be above the floor of the stars, which is 100")


def test_all_at_once() -> None:
    with pytest.raises(ArgumentError, match=r"^value == -1, must be .*; level == 2, must be between 0 and 1$"):
        check_options(Options(cost_is="spending", value=-1, level=2), MODELS)
    check_options(Options(cost_is="spending"), MODELS)
