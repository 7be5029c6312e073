"""The functions on the tables that the report prints."""

from __future__ import annotations

import numpy as np
import pytest

from tests.addin.formula_help import call, column, same

# Improving Incentives for Fairness in QBS (World Bank, 20 May 2020), Tables 3 and 4: target, done, adjusted coverage
# in percent and points, as printed, of four providers.
_TARGET = [2, 98, 153, 122]
_PRINTED = {
    2018: ([2, 30, 100, 90], [61, 40, 64, 70], [41, 27, 43, 47]),
    2019: ([2, 40, 115, 100], [70, 50, 74, 78], [47, 34, 50, 53]),
}


@pytest.mark.parametrize("year", _PRINTED)
class TestTables3And4:
    def test_adjusted_coverage(self, year: int) -> None:
        done, percents, points = _PRINTED[year]
        found = np.array(call("QBS_ADJUSTED_COVERAGE", done, _TARGET), dtype=float)[:, 0]
        assert np.floor(100 * found + 0.5).tolist() == percents
        # The points are 68 times the coverage before it is rounded.
        assert np.floor(68 * found + 0.5).tolist() == points

    def test_prior(self, year: int) -> None:
        done, _, _ = _PRINTED[year]
        (mean,), (strength,) = call("QBS_PRIOR", done, _TARGET)
        assert strength == 46.875
        assert mean * strength == pytest.approx({2018: 27.75, 2019: 32.125}[year], rel=1e-15)

    def test_last_years_prior_given(self, year: int) -> None:
        done, _, _ = _PRINTED[year]
        (mean,), (strength,) = call("QBS_PRIOR", done, _TARGET)
        estimated = call("QBS_ADJUSTED_COVERAGE", done, _TARGET)
        for rule in ("fixed", "FIXED", None):
            assert same(call("QBS_ADJUSTED_COVERAGE", done, _TARGET, rule, None, mean, strength), estimated)
        one = call("QBS_ADJUSTED_COVERAGE", done[1], _TARGET[1], "fixed", None, mean, strength)
        assert same(one, (estimated[1],))

    def test_scores_of_the_whole_table(self, year: int) -> None:
        done, _, points = _PRINTED[year]
        table = (("Nimistu", "diab Sihtrühm", "diab Tehtud"), *zip("ABCD", _TARGET, done, strict=True))
        scheme = (("Kood", "Punktid", "Nõutav hõlmatus", "Oma kaal"), ("diab", 65, 0.76, 68))
        rows = call("QBS_SCORE", table, scheme, "report", "own")[1:]
        assert np.floor(np.array([row[3] for row in rows], dtype=float) + 0.5).tolist() == points
        assert [row[1] for row in rows] == {2018: [65, 0, 0, 0], 2019: [65, 0, 0, 65]}[year]


def test_current_and_proportional_score_of_table_1() -> None:
    """The report, Part B: 70 of 100 and 7 of 10 at a threshold of 70 %; all points or none."""
    assert call("QBS_PATIENTS_TO_THRESHOLD", [0, 0], [100, 10], 0.7) == column([70.0, 7.0])
    assert call("QBS_THRESHOLD_CREDIT", [69, 70], [100, 100], 0.7) == column([0.0, 1.0])
    assert call("QBS_PROPORTIONAL_CREDIT", [69, 70], [100, 100]) == column([0.69, 0.7])


def test_condition_of_part_c() -> None:
    """The report, Part C section 2: 70 % of the points of Domains I and II, and at least 90 % in one indicator."""
    earned = ((150, 300), (150, 297), (160, 480), (160, 480))
    found = call("QBS_CONDITION", earned, ((160, 480),), 0.7, [9, 9, 8, 0], [10, 10, 10, 0], 0.9)
    assert found == column([True, False, False, True])
