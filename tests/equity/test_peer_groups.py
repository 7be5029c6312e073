from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xl_qbs.equity.peer_groups import CENTRES, peer_group, peer_scores
from xl_qbs.errors import ArgumentError, DataError

NUMBERS = st.lists(st.tuples(st.floats(0, 1), st.floats(-100, 100)), min_size=15, max_size=60)


def test_quintiles_by_hand() -> None:
    share = np.arange(20) / 20
    assert np.bincount(peer_group(share)).tolist() == [0, 4, 4, 4, 4, 4]
    # 17 providers: groups of 4, 3, 4, 3, 3.
    assert peer_group(np.arange(17) / 20).tolist() == [1] * 4 + [2] * 3 + [3] * 4 + [4] * 3 + [5] * 3
    # Nine without anybody at risk are alike, and together.
    assert peer_group([0] * 9 + [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]).tolist() == [1] * 9 + [4] * 3 + [5] * 3


def test_scores_by_hand() -> None:
    score = [10, 20, 30, 40, 50, 90]
    found, groups = peer_scores(score, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], groups=2)
    assert found.group.tolist() == [1, 1, 1, 2, 2, 2]
    assert found.centre.tolist() == [20] * 3 + [60] * 3
    assert found.relative.tolist() == [-10, 0, 10, -20, -10, 30]
    assert found.adjusted.tolist() == [30, 40, 50, 20, 30, 70]
    assert found.rank.tolist() == [6, 5, 4, 3, 2, 1]
    assert found.adjusted_rank.tolist() == [4, 3, 2, 6, 4, 1]
    assert found.shift.tolist() == [20] * 3 + [-20] * 3
    assert groups.behind.tolist() == [0, 40]
    assert groups.lowest_share.tolist() == [0.1, 0.4]
    middle, by_median = peer_scores(score, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], groups=2, centre="median")
    assert middle.centre.tolist() == [20] * 3 + [50] * 3
    assert by_median.median.tolist() == [20, 50]
    assert by_median.mean.tolist() == [20, 60]


@given(NUMBERS, st.sampled_from(CENTRES), st.integers(2, 5))
def test_what_adjusting_does_and_does_not(rows: list[tuple[float, float]], centre: Any, groups: int) -> None:
    share, score = (np.array(column) for column in zip(*rows, strict=True))
    found, table = peer_scores(score, share, groups=groups, centre=centre)
    assert found.score.tolist() == score.tolist()  # the unadjusted score is there, untouched
    middle = np.mean if centre == "mean" else np.median
    for number in np.unique(found.group):
        inside = found.group == number
        known = inside & ~np.isnan(found.adjusted)
        assert known.any() == (inside.sum() >= 3)
        if known.any():
            # Within peers nothing but a shift; between peers no difference of centres is left.
            assert middle(found.adjusted[inside]) == pytest.approx(middle(score), abs=1e-9)
            assert np.ptp(found.shift[inside]) < 1e-9
        assert table.mean[number - 1] == pytest.approx(score[inside].mean())
        assert (table.lowest_share[number - 1], table.highest_share[number - 1]) == (
            share[inside].min(),
            share[inside].max(),
        )
    # Higher share at risk, never a lower group; equal shares, the same.
    order = np.argsort(share, kind="stable")
    assert (np.diff(found.group[order]) >= 0).all()
    for one in np.unique(share):
        assert len(set(found.group[share == one].tolist())) == 1
    assert table.providers.sum() == len(rows)


def test_what_is_refused() -> None:
    with pytest.raises(DataError, match="at least 15 are needed"):
        peer_group([0.1] * 14)
    with pytest.raises(DataError, match="share is missing in row 2"):
        peer_group([0.1, np.nan, *[0.2] * 13])
    with pytest.raises(ArgumentError, match="from 0 to 1"):
        peer_group([1.1] * 15)
    with pytest.raises(ArgumentError, match="groups == 1"):
        peer_group([0.1] * 15, groups=1)
    with pytest.raises(ArgumentError, match="centre == 'mode'"):
        peer_scores([1] * 15, [0.1] * 15, centre="mode")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="score is not a number in row 1"):
        peer_scores(["x", *[1] * 14], [0.1] * 15)


def test_regions_by_share_of_black_patients(regions: Any) -> None:
    table = regions.now
    some = ~np.isnan(table.n[:, 0]).any(axis=1)
    black = table.group("black")
    share = (table.n[:, 0, black] / table.total[:, 0])[some]
    score = np.nanmean(table.pooled(2)[some], axis=1)
    found, groups = peer_scores(score, share)
    assert groups.providers.tolist() == [59, 59, 59, 59, 58]
    assert (np.diff(groups.lowest_share) > 0).all()
    # Quintiles as numpy cuts them.
    assert groups.highest_share[0] < np.quantile(share, 0.2) < groups.lowest_share[1]
    # Where more patients are black, less is done for all: step by step, 3 points of coverage from first to last.
    # Adjusting takes that out of sight, so it is told beside it.
    assert (np.diff(groups.behind) < 0).all()
    assert groups.behind[-1] == pytest.approx(-0.029, abs=0.0005)
    assert found.shift[found.group == 5] == pytest.approx(-(groups.mean[4] - score.mean()))
    assert (found.rank != found.adjusted_rank).mean() > 0.8
