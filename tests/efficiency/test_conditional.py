from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given

from tests.efficiency_data import quality_and_spending
from xl_qbs.efficiency.conditional import conditional
from xl_qbs.errors import ArgumentError

# Three of each quality; within each, cost performance 1, 2, 3.
NINE_QUALITY = np.repeat([10.0, 20.0, 30.0], 3)
NINE_COST = np.tile([1.0, 2.0, 3.0], 3) + np.repeat([0.0, 10.0, 20.0], 3)


def test_each_cell_of_the_grid_once() -> None:
    result = conditional(NINE_QUALITY, NINE_COST, cost_is="performance")
    assert result.efficiency.tolist() == list(range(1, 10))
    assert result.efficient.tolist() == [0] * 8 + [1]


def test_over_all_the_cost_of_the_others_decides() -> None:
    result = conditional(NINE_QUALITY, NINE_COST, cost_is="performance", version="overall")
    # 25th and 75th percentile of nine: the 3rd and the 7th.
    assert result.cost_cuts.tolist() == [[3, 21]]
    assert result.cost_class.tolist() == [0, 0, 1, 1, 1, 1, 2, 2, 2]
    assert result.efficiency.tolist() == [1, 1, 2, 5, 5, 5, 9, 9, 9]


@given(quality_and_spending())
def test_quality_comes_first_and_cost_within(data: Any) -> None:
    quality, spending = data
    result = conditional(quality, spending, cost_is="spending")
    assert ((result.efficiency >= 1) & (result.efficiency <= 9)).all()
    higher = result.quality_class[:, None] > result.quality_class
    assert (result.efficiency[:, None] > result.efficiency)[higher].all()
    leaner = (result.quality_class[:, None] == result.quality_class) & (spending[:, None] <= spending)
    assert (result.efficiency[:, None] >= result.efficiency)[leaner].all()


def test_hospitals(hospitals: Any) -> None:
    quality, spending = hospitals.total_performance_score, hospitals.spending_ratio
    overall = conditional(quality, spending, cost_is="spending", version="overall")
    # Spending has two decimals, so many tie at the cut-offs.
    assert np.bincount(overall.cost_class) / len(quality) == pytest.approx([0.25, 0.5, 0.25], abs=0.03)
    within = conditional(quality, spending, cost_is="spending")
    assert np.corrcoef(within.efficiency, within.quality)[0, 1] > 0.8


def test_cut_offs_in_the_users_units() -> None:
    spending = [0.8, 0.9, 1.0, 1.1, 1.2]
    result = conditional(
        [1, 2, 3, 4, 5], spending, cost_is="spending", version="overall", cost_cuts=(0.9, 1.1), quality_cuts=(2, 4)
    )
    # At a cut-off is better: spending of .9 is lean, 1.1 is average.
    assert result.cost_class.tolist() == [2, 2, 1, 1, 0]
    assert result.quality_class.tolist() == [0, 1, 1, 2, 2]
    performance = conditional([1, 2, 3, 4, 5], spending, cost_is="performance", version="overall", cost_cuts=(0.9, 1.1))
    assert performance.cost_class.tolist() == [0, 1, 1, 2, 2]
    assert performance.cost_cuts.tolist() == [[0.9, 1.1]]


def test_a_class_without_providers_has_no_cut_offs() -> None:
    result = conditional([1, 2, 3], [1, 2, 3], cost_is="spending", quality_cuts=(10, 20))
    assert np.isnan(result.cost_cuts[1:]).all()
    assert result.quality_class.tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"version": "both"}, "version == 'both'"),
        ({"quality_shares": (0.5,)}, "must be 2 shares each"),
        ({"cost_cuts": (1, 2)}, "use them with version='overall'"),
        ({"quality_cuts": (2, 1)}, "quality_cuts == .* must be 2 numbers that rise"),
    ],
)
def test_options_that_are_none(options: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        conditional([1, 2, 3], [1, 2, 3], cost_is="spending", **options)
