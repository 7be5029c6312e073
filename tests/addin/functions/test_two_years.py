"""Points of two years, and the floor that holds harmless."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.addin.formula_help import call, column, same
from xl_qbs.addin.definition import MISSING, CellError
from xl_qbs.scheme import Indicator, Scheme
from xl_qbs.scoring.score import score
from xl_qbs.scoring.table import Table
from xl_qbs.scoring.two_years import Standards, two_years

NA, NUM, VALUE, DIV0 = CellError.NA, CellError.NUM, CellError.VALUE, CellError.DIV0
# Table 4 of the report: target, and work done in 2018 and 2019, of four providers.
TARGET, DONE = [2, 98, 153, 122], {2018: [2, 30, 100, 90], 2019: [2, 40, 115, 100]}
SHARES = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=8)
ENDS = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted)


class TestImprovement:
    def test_table_4_with_the_prior_of_2018_held(self) -> None:
        (mean,), (strength,) = call("QBS_PRIOR", DONE[2018], TARGET)
        before, after = (
            call("QBS_ADJUSTED_COVERAGE", DONE[year], TARGET, None, None, mean, strength) for year in (2018, 2019)
        )
        found = call("QBS_IMPROVEMENT_POINTS", after, before, 0, 1, 68)
        assert np.floor(np.array(found) + 0.5).ravel().tolist() == [41, 32, 49, 51]
        # From a threshold on, only the one who began below it gains by improvement.
        better = call("QBS_IMPROVEMENT_POINTS", after, before, 0.55, 0.9, 68)
        attained = call("QBS_IMPROVEMENT_POINTS", after, before, 0.55, 0.9, 68, "attainment")
        assert [row for row in range(4) if better[row] != attained[row]] == [1]
        first, second = 57.75 / 144.875, 67.75 / 144.875
        assert better[1][0] == pytest.approx(68 * (second - first) / (0.9 - first), rel=1e-12)

    def test_is_what_two_years_together_come_to(self) -> None:
        rng = np.random.default_rng(4)
        codes = ("a", "b")
        scheme = Scheme("two", tuple(Indicator(code, "II", code, 40, 0.7, weight=40) for code in codes))
        names = tuple(f"N{number}" for number in range(30))
        tables = []
        for share in (0.5, 0.6):
            target = rng.integers(1, 90, (30, 2)).astype(float)
            tables.append(Table(names, codes, target, rng.binomial(target.astype(int), share).astype(float)))
        scored = [score(one, scheme, weights="own") for one in tables]
        ends = Standards(np.array([0.5, 0.6]), np.array([0.7, 0.9]))
        wanted = two_years(*scored, standard=ends, floor=0)
        before, after = (tuple(map(tuple, one.tolist())) for one in (wanted.before, wanted.after))
        limits = [(tuple(one.tolist()),) for one in ends]
        found = call("QBS_IMPROVEMENT_POINTS", after, before, *limits, 40)
        assert same(found, tuple(map(tuple, wanted.points.tolist())))
        assert (wanted.by_improvement & (wanted.points > 0)).any()

    @given(SHARES, ENDS)
    def test_the_better_of_two_never_less_for_more_work(self, pairs: Any, ends: Any) -> None:
        before, after = ([pair[at] for pair in pairs] for at in (0, 1))
        parts = [
            np.array(call("QBS_IMPROVEMENT_POINTS", after, before, *ends, None, result), dtype=float)
            for result in ("points", "attainment", "improvement")
        ]
        assert (parts[0] == np.maximum(parts[1], parts[2])).all()
        assert ((parts[0] >= 0) & (parts[0] <= 1)).all()
        more = np.array(call("QBS_IMPROVEMENT_POINTS", [min(1, one + 0.1) for one in after], before, *ends))
        assert (more >= parts[0] - 1e-12).all()
        # Without a first year there is attainment alone.
        assert call("QBS_IMPROVEMENT_POINTS", after, [None] * len(after), *ends) == tuple(map(tuple, parts[1].tolist()))

    def test_what_is_not_known_and_what_is_wrong_spoil_their_own_cell(self) -> None:
        after = [0.7, None, "x", NA, 1.2, 0.7, 0.7, 0.7]
        before = [0.4, 0.4, 0.4, 0.4, 0.4, None, DIV0, -0.1]
        found = call("QBS_IMPROVEMENT_POINTS", after, before, 0.5, 0.9)
        assert same(found, column([0.6, None, VALUE, NA, NUM, 0.5, DIV0, NUM]))

    def test_one_end_for_each_indicator_and_one_first_year_for_all(self) -> None:
        found = call("QBS_IMPROVEMENT_POINTS", ((0.7, 0.7), (0.6, 0.9)), 0, ((0.5, 0.6),), ((0.9, 0.8),), ((10, 20),))
        assert same(found, ((7 / 0.9, 17.5), (6 / 0.9, 20.0)))
        assert same(call("QBS_IMPROVEMENT_POINTS", 0.7, [0.4, 0.6], 0.5, 0.9), column([0.6, 0.5]))

    @pytest.mark.parametrize(
        ("ends", "error"),
        [((0.9, 0.5), NUM), ((-0.1, 0.5), NUM), ((0.5, 1.1), NUM), ((0.5, 0.9, -1), NUM)],
    )
    def test_ends_that_cannot_be_spoil_every_cell(self, ends: Any, error: CellError) -> None:
        assert call("QBS_IMPROVEMENT_POINTS", [0.7, 0.8], [0.5, 0.5], *ends) == ((error,),)

    @pytest.mark.parametrize(
        "ends", [(0.5,), (0.5, MISSING), (0.5, "best"), (0.5, [0.9, 0.9, 0.9]), (0.5, 0.9, 1, "both")]
    )
    def test_ends_that_are_none(self, ends: Any) -> None:
        assert call("QBS_IMPROVEMENT_POINTS", [0.7, 0.8], [0.5, 0.5], *ends) == ((VALUE,),)


class TestHarmless:
    def test_the_floor(self) -> None:
        assert call("QBS_HOLD_HARMLESS", [5, 5, 5], [8, 2, 5]) == column([8.0, 5.0, 5.0])
        assert call("QBS_HOLD_HARMLESS", [5, 5, 5], [8, 2, 5], 0) == column([8.0, 2.0, 5.0])

    def test_without_a_score_the_floor_stands(self) -> None:
        assert call("QBS_HOLD_HARMLESS", [5, None, 4], [None, None, NA], 0.5) == column([2.5, None, 2.0])

    @given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(-1e6, 1e6)), min_size=1), st.floats(0, 1))
    def test_nobody_has_less_than_either(self, pairs: Any, floor: float) -> None:
        earlier, points = ([pair[at] for pair in pairs] for at in (0, 1))
        found = call("QBS_HOLD_HARMLESS", earlier, points, floor)
        wanted = [max(now, floor * before) for before, now in zip(earlier, points, strict=True)]
        assert found == column(wanted)

    def test_what_is_wrong_spoils_its_own_cell(self) -> None:
        found = call("QBS_HOLD_HARMLESS", [-1, "x", DIV0, None, 5], [8, 8, 8, 8, DIV0])
        assert found == column([NUM, VALUE, DIV0, None, DIV0])

    @pytest.mark.parametrize(("floor", "error"), [(1.5, NUM), (-0.1, NUM), ("all", VALUE), ([1, 1], VALUE), (NA, NA)])
    def test_a_floor_that_is_none(self, floor: Any, error: CellError) -> None:
        assert call("QBS_HOLD_HARMLESS", [5, 5], [8, 2], floor) == ((error,),)
