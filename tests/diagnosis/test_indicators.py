from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.stats import trim_mean

from tests.simulation.small import results, scored
from xl_qbs.diagnosis.indicators import diagnose_indicators
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.score import Result


def test_numbers_by_hand() -> None:
    result = scored([[10, 100], [10, 0], [40, 50]], [[10, 50], [9, 0], [40, 20]], [30, 10], [0.9, 0.6])
    found = diagnose_indicators(result, fewest=20, few_lists=0.5)
    assert found.lists.tolist() == [3, 2]
    assert found.overall.tolist() == pytest.approx([59 / 60, 70 / 150])
    assert found.median.tolist() == pytest.approx([1.0, 0.45])
    assert found.reached.tolist() == [1.0, 0.0]
    assert found.full.tolist() == pytest.approx([2 / 3, 0])
    assert found.median_target.tolist() == [10, 50]
    assert found.few.tolist() == pytest.approx([2 / 3, 1 / 3])
    assert found.share_of_points.tolist() == [0.75, 0.25]
    assert found.share_of_unserved.tolist() == pytest.approx([1 / 81, 80 / 81])
    shares = np.array([0.9, 1, 1])
    assert found.variation[0] == pytest.approx(shares.std() / shares.mean())
    assert found.topped_out.tolist() == [True, False]
    assert found.low_burden.tolist() == [True, False]


def test_the_variation_leaves_out_a_twentieth_at_either_end() -> None:
    done = np.random.default_rng(1).integers(0, 101, 60).astype(float)
    result = scored(np.full((60, 1), 100), done[:, None], [10], [0.5])
    found = diagnose_indicators(result)
    kept = np.sort(done / 100)[3:57]
    assert found.variation[0] == pytest.approx(kept.std() / kept.mean())
    assert kept.mean() == pytest.approx(trim_mean(done / 100, 0.05))


@settings(max_examples=50)
@given(results())
def test_shares_are_shares_and_flags_follow_from_the_numbers(result: Result) -> None:
    found = diagnose_indicators(result)
    for name in ("overall", "median", "tenth", "upper_quarter", "upper_tenth", "reached", "full", "few"):
        values = getattr(found, name)
        assert ((values >= 0) & (values <= 1)).all(), name
    assert (found.tenth <= found.median + 1e-12).all()
    assert (found.median <= found.upper_tenth + 1e-12).all()
    assert found.share_of_points.sum() == pytest.approx(1)
    assert found.topped_out.tolist() == ((found.reached >= 0.9) & (found.variation <= 0.1)).tolist()
    assert found.low_burden.tolist() == (found.few >= 0.25).tolist()


def test_nobody_served_anywhere_is_no_variation() -> None:
    found = diagnose_indicators(scored([[10], [20]], [[0], [0]], [10], [0.0]))
    assert found.variation.tolist() == [0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"reached_by": 1.1}, "reached_by == 1.1, must be from 0 to 1"),
        ({"few_lists": np.nan}, "few_lists == nan, must be from 0 to 1"),
        ({"fewest": -1}, "variation_up_to == 0.1, fewest == -1: must be from 0"),
    ],
)
def test_options_that_are_none_are_refused(options: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        diagnose_indicators(scored([[10]], [[5]], [10], [0.5]), **options)
    assert str(caught.value) == message


def test_real_indicators(real_2019: Result) -> None:
    found = diagnose_indicators(real_2019)
    codes = np.array(found.indicators)
    # Recorded: nearly everybody passes hypr1; those after a heart attack, and high-risk hypertension, are few.
    assert codes[found.topped_out].tolist() == ["hypr1"]
    assert codes[found.low_burden].tolist() == ["hyp3", "inf", "infr1", "infr2"]
    place = found.indicators.index("hypr1")
    assert round(float(found.reached[place]), 3) == 0.969
