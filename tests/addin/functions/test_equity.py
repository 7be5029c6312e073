"""Gaps, variance between groups, standardised ratios and peer groups."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.addin.formula_help import call, column, same
from xl_qbs.addin.catalogue import find
from xl_qbs.addin.definition import CellError, Cells

NA, NUM, VALUE, DIV0 = CellError.NA, CellError.NUM, CellError.VALUE, CellError.DIV0
COUNTS = st.tuples(st.integers(1, 200), st.floats(0, 1)).map(lambda one: (round(one[0] * one[1]), one[0]))
PAIRS = st.lists(st.tuples(COUNTS, COUNTS), min_size=1, max_size=6)


def rounded(cells: Cells, decimals: int) -> list[list[float]]:
    return np.round(np.array(cells, dtype=float), decimals).tolist()


class TestGap:
    def test_published_intervals(self) -> None:
        # Newcombe (1998): 56/70 less 48/80. Fagerland, Lydersen and Laake (2017): 1/34 and 7/34.
        assert rounded(call("QBS_GAP", 56, 70, 48, 80), 4) == [[0.2, 0.0524, 0.3339]]
        assert rounded(call("QBS_GAP", [1, 7], [34, 34], [7, 1], [34, 34]), 4) == [
            [-0.1765, -0.3404, -0.0189],
            [0.1765, 0.0189, 0.3404],
        ]
        assert rounded(call("QBS_GAP", 7, 34, 1, 34, "ratio"), 4) == [[7.0, 1.1537, 41.9763]]

    @given(PAIRS, st.sampled_from([0.5, 0.9, 0.95]))
    def test_the_other_way_round_the_gap_turns(self, pairs: Any, level: float) -> None:
        sides = [[pair[group][at] for pair in pairs] for group in (0, 1) for at in (0, 1)]
        forth = np.array(call("QBS_GAP", *sides, "difference", level))
        back = np.array(call("QBS_GAP", *sides[2:], *sides[:2], "difference", level))
        assert forth == pytest.approx(-back[:, [0, 2, 1]], abs=1e-12)
        assert (forth[:, 1] <= forth[:, 0]).all()
        assert (forth[:, 0] <= forth[:, 2]).all()
        raw = np.array([x / n - y / m for (x, n), (y, m) in pairs])
        assert forth[:, 0] == pytest.approx(raw, abs=1e-12)

    def test_indicators_side_by_side_then_their_ends(self) -> None:
        done, target = ((48, 1), (56, 7)), ((80, 34), (70, 34))
        found = call("QBS_GAP", done, target, ((56, 7),), ((70, 34),))
        assert np.array(found).shape == (2, 6)
        first, second = (
            call("QBS_GAP", [row[at] for row in done], [row[at] for row in target], *(((56, 70), (7, 34))[at]))
            for at in (0, 1)
        )
        wanted = np.stack([np.array(first), np.array(second)], axis=2).reshape(2, 6)
        assert same(found, tuple(map(tuple, wanted.tolist())))

    def test_a_row_of_providers_has_them_below_one_another(self) -> None:
        down = call("QBS_GAP", [48, 1], [80, 34], [56, 7], [70, 34])
        across = call("QBS_GAP", ((48, 1),), ((80, 34),), ((56, 7),), ((70, 34),))
        assert same(across, tuple(zip(*down, strict=True)))

    def test_nobody_and_nothing(self) -> None:
        found = call("QBS_GAP", [5, None, 0, 5], [10, None, 0, 10], [5, None, 5, 0], [10, None, 10, 0])
        assert same(found[:1], call("QBS_GAP", 5, 10, 5, 10))
        assert found[1:] == ((None,) * 3, (NA,) * 3, (NA,) * 3)
        # A ratio to nothing has no end, and that of nothing to nothing does not exist.
        assert call("QBS_GAP", [5, 0], [10, 10], 0, 10, "ratio")[0][0] is NUM
        assert call("QBS_GAP", [5, 0], [10, 10], 0, 10, "ratio")[1] == (NA,) * 3

    def test_more_work_than_patients_counts_as_the_patients(self) -> None:
        assert call("QBS_GAP", 12, 10, 5, 10) == call("QBS_GAP", 10, 10, 5, 10)

    @pytest.mark.parametrize(
        ("arguments", "error"),
        [
            (([5, -1], [10, 10], 5, 10), NUM),
            (([5, 5.5], [10, 10], 5, 10), NUM),
            (([5, 5], [10, 10], 5, 10, "difference", 1), NUM),
            (([5, 5], [10, 10], 5, 10, "odds"), VALUE),
            (([5, 5], [10, 10], [5, None], [10, 10]), VALUE),
            (([5, 5], [10, 10], [5, 5, 5], [10, 10, 10]), VALUE),
            (([5, None], [10, 10], 5, 10), VALUE),
            (([5, "x"], [10, 10], 5, 10), VALUE),
            (([5, 5], [10, 10], [DIV0, 5], [10, 10]), DIV0),
            (([None, None], [None, None], 5, 10), NA),
        ],
    )
    def test_what_cannot_be(self, arguments: tuple[Any, ...], error: CellError) -> None:
        assert call("QBS_GAP", *arguments) == ((error,),)


class TestBetween:
    def test_smokers_as_published(self) -> None:
        # Fleiss (1981), in R's help on prop.test: p-value = 0.005585.
        ((_, low, _, p_value),) = find("QBS_BETWEEN_GROUP_VARIANCE").examples[0].result
        assert round(float(str(p_value)), 6) == 0.005585
        assert float(str(low)) > 0

    def test_two_groups_by_hand(self) -> None:
        ((net, *_),) = call("QBS_BETWEEN_GROUP_VARIANCE", ((20, 45),), ((40, 60),))
        noise = 0.4 * 0.6 * (0.5 * 0.5 / 39 + 0.75 * 0.25 / 59)
        assert net == pytest.approx(0.4 * 0.6 * 0.25**2 - noise, rel=1e-12)

    def test_groups_that_fare_alike_have_none(self) -> None:
        found = call("QBS_BETWEEN_GROUP_VARIANCE", ((50, 25), (60, 20)), ((100, 50), (100, 50)))
        assert found[0][0] == 0
        assert found[0][1] == 0
        assert found[0][3] == pytest.approx(1)
        assert found[1][0] > 0

    def test_rows_without_enough(self) -> None:
        done, target = ((5, None, 3), (None, None, None), (0, 0, 0)), ((10, 0, 5), (None, None, None), (10, 10, 10))
        found = call("QBS_BETWEEN_GROUP_VARIANCE", done, target)
        assert all(isinstance(one, float) for one in found[0])
        assert found[1] == (None,) * 4
        # Nobody served anywhere: no difference, and no interval.
        assert found[2][0] == 0
        assert found[2][1:3] == (NA, NA)
        assert call("QBS_BETWEEN_GROUP_VARIANCE", [5], [10]) == ((NA,) * 4,)

    @pytest.mark.parametrize(
        ("arguments", "error"),
        [
            ((((5, -1),), ((10, 10),)), NUM),
            ((((5, 0.5),), ((10, 10),)), NUM),
            ((((5, 5),), ((10, 10),), 0), NUM),
            ((((5, None),), ((10, 10),)), VALUE),
            ((((5, 5),), ((10, 10, 10),)), VALUE),
            ((((5, 5), (5, 5)), ((10, 10),)), VALUE),
            ((((5, DIV0),), ((10, 10),)), DIV0),
        ],
    )
    def test_what_cannot_be(self, arguments: tuple[Any, ...], error: CellError) -> None:
        assert call("QBS_BETWEEN_GROUP_VARIANCE", *arguments) == ((error,),)


class TestStandardized:
    def test_berkeley_turns_round(self) -> None:
        # Bickel, Hammel and O'Connell (1975): 44.5 % of men and 30.4 % of women were admitted, and in departments as
        # they chose them women a little more than expected, men less.
        men, women = np.array(find("QBS_STANDARDIZED_RATIO").examples[0].result, dtype=float)
        assert np.round(100 * np.array([men[3], women[3]]), 1).tolist() == [44.5, 30.4]
        assert men[0] < 1 < women[0]

    @given(st.lists(st.tuples(COUNTS, COUNTS, COUNTS), min_size=1, max_size=5))
    def test_expected_sum_to_observed(self, rows: Any) -> None:
        done, target = (tuple(tuple(one[at] for one in row) for row in rows) for at in (0, 1))
        found = call("QBS_STANDARDIZED_RATIO", done, target)
        people = np.array(target).sum(axis=1)
        crude, expected = (np.array([row[at] for row in found], dtype=float) for at in (3, 4))
        assert crude == pytest.approx(np.array(done).sum(axis=1) / people)
        assert (expected * people).sum() == pytest.approx(np.array(done).sum(), abs=1e-9)
        for ratio, low, high, own, usual in found:
            if usual == 0:
                assert (ratio, low, high) == (NA, NA, NA)
            else:
                assert ratio == pytest.approx(own / usual, abs=1e-12)
                assert low - 1e-12 <= ratio <= high + 1e-12

    def test_who_has_nobody(self) -> None:
        found = call("QBS_STANDARDIZED_RATIO", ((5, 5), (None, None), (0, 0)), ((10, 10), (None, None), (0, 0)))
        assert found[0][0] == 1
        assert found[1] == (None,) * 5
        assert found[2] == (NA,) * 5


class TestPeers:
    def test_quintiles_by_hand(self) -> None:
        share = [number / 20 for number in range(20)]
        assert call("QBS_PEER_GROUP", share) == column([1 + number // 4 for number in range(20)])
        alike = [0] * 9 + [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
        assert call("QBS_PEER_GROUP", alike) == column([1] * 9 + [4] * 3 + [5] * 3)

    def test_blanks_and_headings_and_rows(self) -> None:
        share = [0.1, None, 0.2, 0.3, 0.4, 0.5, 0.6]
        wanted = [1, None, 1, 1, 2, 2, 2]
        assert call("QBS_PEER_GROUP", share, 2) == column(wanted)
        assert call("QBS_PEER_GROUP", (tuple(share),), 2) == (tuple(wanted),)

    @given(st.lists(st.tuples(st.floats(0, 1), st.floats(-100, 100)), min_size=15, max_size=40), st.integers(2, 5))
    def test_peers_lose_their_differences_and_nothing_else(self, rows: Any, groups: int) -> None:
        share, score = ([row[at] for row in rows] for at in (0, 1))
        found = call("QBS_PEER_SCORES", score, share, groups)
        group = np.array([row[0] for row in call("QBS_PEER_GROUP", share, groups)])
        assert [row[0] for row in found] == pytest.approx(score)
        for number in set(group.tolist()):
            inside = [found[at][1] for at in np.flatnonzero(group == number)]
            if len(inside) < 3:
                assert set(inside) == {NA}
            else:
                assert np.mean(np.array(inside, dtype=float)) == pytest.approx(np.mean(score), abs=1e-9)

    def test_the_median_stands_for_the_peers_if_asked(self) -> None:
        score, share = [10, 20, 30, 40, 50, 90], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
        by_median = call("QBS_PEER_SCORES", score, share, 2, "median")
        # Medians 20 and 50, of all 35.
        assert by_median == ((10.0, 25.0), (20.0, 35.0), (30.0, 45.0), (40.0, 25.0), (50.0, 35.0), (90.0, 75.0))

    @pytest.mark.parametrize(
        ("arguments", "error"),
        [
            (([0.1] * 14,), NUM),
            (([0.1] * 14 + [1.1],), NUM),
            (([0.1] * 15, 1), NUM),
            (([0.1] * 15, 2.5), NUM),
            (([0.1] * 15, "five"), VALUE),
            (([0.1] * 14 + ["x"],), VALUE),
            (([0.1] * 14 + [DIV0],), DIV0),
            (([None] * 15,), NA),
        ],
    )
    def test_what_cannot_be(self, arguments: tuple[Any, ...], error: CellError) -> None:
        assert call("QBS_PEER_GROUP", *arguments) == ((error,),)

    def test_scores_that_cannot_be(self) -> None:
        share = [number / 20 for number in range(15)]
        assert call("QBS_PEER_SCORES", [1] * 14, share) == ((VALUE,),)
        assert call("QBS_PEER_SCORES", [*[1] * 14, None], share) == ((VALUE,),)
        assert call("QBS_PEER_SCORES", [1] * 15, share, 5, "mode") == ((VALUE,),)
