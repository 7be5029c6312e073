"""Rank correlation and the missing middle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import norm, spearmanr

from tests.addin.formula_help import call, column, same
from tests.real_data import real_table
from xl_qbs.addin.catalogue import find
from xl_qbs.addin.definition import CellError
from xl_qbs.diagnosis.association import rank_correlation
from xl_qbs.scheme import preset
from xl_qbs.scoring.score import score

NA, NUM, VALUE, DIV0 = CellError.NA, CellError.NUM, CellError.VALUE, CellError.DIV0
# Few different values, so that ties are common.
PAIRS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=4, max_size=20)


class TestRankCorrelation:
    def test_the_textbook_example(self) -> None:
        # Intelligence and hours of television of ten people: rho = -29/165.
        ((rho, low, high),) = find("QBS_RANK_CORRELATION").examples[0].result
        assert rho == -29 / 165
        half = norm.ppf(0.975) * np.sqrt((1 + (29 / 165) ** 2 / 2) / 7)
        assert np.arctanh([low, high]) == pytest.approx([np.arctanh(rho) - half, np.arctanh(rho) + half], abs=1e-12)

    @given(PAIRS, st.sampled_from([0.5, 0.9]))
    def test_is_scipys(self, pairs: Any, level: float) -> None:
        one, other = ([pair[at] for pair in pairs] for at in (0, 1))
        ((value, low, high),) = call("QBS_RANK_CORRELATION", one, other, level)
        if len(set(one)) == 1 or len(set(other)) == 1:
            assert (value, low, high) == (NA, NA, NA)
            return
        assert value == pytest.approx(spearmanr(one, other).statistic, abs=1e-12)
        assert low - 1e-9 <= value <= high + 1e-9

    @given(PAIRS)
    def test_order_alone_counts(self, pairs: Any) -> None:
        one, other = ([pair[at] for pair in pairs] for at in (0, 1))
        assume(len(set(one)) > 1 < len(set(other)))
        stretched = call("QBS_RANK_CORRELATION", [10.0**number for number in one], (tuple(other),))
        assert stretched == ((VALUE,),)
        assert same(
            call("QBS_RANK_CORRELATION", [10.0**number for number in one], other),
            call("QBS_RANK_CORRELATION", one, other),
        )

    def test_lists_without_anything_are_left_out(self) -> None:
        whole = call("QBS_RANK_CORRELATION", [1, 2, 3, 4], [2, 1, 4, 3])
        assert call("QBS_RANK_CORRELATION", ["Score", 1, None, 2, 3, 4], ["n", 2, None, 1, 4, 3]) == whole
        assert call("QBS_RANK_CORRELATION", ((1, 2, 3, 4),), ((2, 1, 4, 3),)) == whole

    @pytest.mark.parametrize(
        ("arguments", "error"),
        [
            (([1, 2], [2, 1]), NUM),
            (([1, 2, 3], [2, 1, 3], 1), NUM),
            (([1, 2, 3], [2, 1]), VALUE),
            (([1, 2, 3], [2, 1, None]), VALUE),
            (([1, 2, 3], [2, 1, "x"]), VALUE),
            (([1, 2, 3], [2, DIV0, 3]), DIV0),
            (([None] * 3, [None] * 3), NA),
        ],
    )
    def test_what_cannot_be(self, arguments: tuple[Any, ...], error: CellError) -> None:
        assert call("QBS_RANK_CORRELATION", *arguments) == ((error,),)

    @pytest.mark.shared
    def test_real_lists(self, shared: Path) -> None:
        table = real_table(shared, 2019)
        current = score(table, preset()).current.total
        found = call("QBS_RANK_CORRELATION", current.tolist(), table.eligible.tolist())
        wanted = spearmanr(current, table.eligible).statistic
        assert found[0][0] == pytest.approx(wanted, abs=1e-12)
        assert same(found, (rank_correlation(current, table.eligible)[:3],))


class TestMiddle:
    def test_by_hand(self) -> None:
        # Centres 10 / 3 and 417.5, windows of half the way between: 240 alone is between.
        found = call("QBS_MISSING_MIDDLE", [0, 0, 10, 240, 470, 480, 480])
        assert same(found, ((1 / 7, 3 / 7, 3 / 7, 10 / 3, 417.5),))

    def test_scores_spread_evenly_have_a_middle(self) -> None:
        middle, low, high, *_ = call("QBS_MISSING_MIDDLE", list(range(1000)))[0]
        assert middle == pytest.approx(0.25, abs=0.01)
        assert middle >= min(low, high) - 0.01

    @given(st.lists(st.integers(0, 480), min_size=2, max_size=30), st.integers(1, 9))
    def test_the_scale_does_not_matter(self, scores: list[int], factor: int) -> None:
        assume(len(set(scores)) > 1)
        shares = [call("QBS_MISSING_MIDDLE", [by * one for one in scores])[0][:3] for by in (1, 2**factor)]
        assert shares[0] == shares[1]

    def test_what_cannot_be(self) -> None:
        assert call("QBS_MISSING_MIDDLE", [7, 7, None, 7]) == ((NA, NA, NA, 7.0, 7.0),)
        assert call("QBS_MISSING_MIDDLE", [None, None]) == ((NA,),)
        assert call("QBS_MISSING_MIDDLE", [7, "x"]) == ((VALUE,),)
        assert call("QBS_MISSING_MIDDLE", [7, DIV0]) == ((DIV0,),)
        assert call("QBS_MISSING_MIDDLE", ((1, 2), (3, 4))) == ((VALUE,),)
        assert call("QBS_MISSING_MIDDLE", column([1, 2])) == call("QBS_MISSING_MIDDLE", ((1, 2),))
