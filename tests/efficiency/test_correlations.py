from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from scipy import stats
from scipy.optimize import brentq

from tests.efficiency_data import quality_and_spending
from xl_qbs.efficiency.correlations import efficiency_correlations, paper_efficiencies
from xl_qbs.efficiency.standardize import standardize_both
from xl_qbs.errors import ArgumentError, DataError

# What Exhibit 7 implies: .6610 between 70/30 and 30/70 means that quality and cost performance correlated so.
PAPER_CORRELATION = -0.1211


@pytest.fixture(scope="module")
def exhibit_7(shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "oracles" / "nqf_exhibit7_correlations.csv")


def beside(printed: pd.DataFrame, efficiencies: Any) -> Any:
    frame = efficiency_correlations(efficiencies).frame()
    return np.array([frame.loc[row.model_a, row.model_b] for row in printed.itertuples()])


# The frontier keeps what cost does not explain, so with a model of cost alone it shares only who was set to 0. That
# depends on how quality and cost go together, which is not the same in the two years: .0718 there, .0051 here.
NOT_COMPARABLE = {("quality_hurdle", "frontier")}


def test_each_pair_has_the_papers_sign_and_order_of_magnitude(exhibit_7: pd.DataFrame, hospitals: pd.DataFrame) -> None:
    found = beside(
        exhibit_7,
        paper_efficiencies(hospitals.total_performance_score, hospitals.spending_ratio, cost_is="spending"),
    )
    assert len(exhibit_7) == 15
    assert (np.sign(found) == np.sign(exhibit_7.correlation)).all()
    ratio = found / exhibit_7.correlation.to_numpy()
    beyond = {
        (row.model_a, row.model_b) for row, one in zip(exhibit_7.itertuples(), ratio, strict=True) if not 0.5 < one < 2
    }
    assert beyond == NOT_COMPARABLE


def test_exhibit_7_on_the_year_before(exhibit_7: pd.DataFrame, hospitals: pd.DataFrame) -> None:
    found = beside(
        exhibit_7,
        paper_efficiencies(hospitals.total_performance_score, hospitals.spending_ratio, cost_is="spending"),
    )
    printed = exhibit_7.correlation.to_numpy()
    assert (np.sign(found) == np.sign(printed)).all()
    # Recorded: the largest difference is .116 (cost hurdle with 30/70).
    assert np.abs(found - printed).max() < 0.12
    # Where quality counts most the year makes no difference.
    for number, row in enumerate(exhibit_7.itertuples()):
        if row.model_a == "cost_hurdle" and row.model_b in {"unconditional_70_30", "conditional", "frontier"}:
            assert found[number] == pytest.approx(row.correlation, abs=0.01)
    assert stats.spearmanr(found, printed).statistic > 0.95


def test_the_correlation_of_quality_and_cost_explains_the_rest(
    exhibit_7: pd.DataFrame, hospitals: pd.DataFrame
) -> None:
    both = standardize_both(hospitals.total_performance_score, hospitals.spending_ratio, cost_is="spending")
    # In 2013 quality and cost performance correlate .05, in the paper's year -.12. Turned to the paper's by taking
    # a little cost performance off quality, the same hospitals give the paper's table.
    share = brentq(lambda k: np.corrcoef(both.quality - k * both.cost, both.cost)[0, 1] - PAPER_CORRELATION, 0, 1)
    found = beside(exhibit_7, paper_efficiencies(both.quality - share * both.cost, both.cost, cost_is="performance"))
    assert np.abs(found - exhibit_7.correlation).max() < 0.06
    # The pair that could not be compared, too.
    ratio = found / exhibit_7.correlation.to_numpy()
    assert ((ratio > 0.5) & (ratio < 2)).all()


def test_ranking_who_fails_last_is_another_table(exhibit_7: pd.DataFrame, hospitals: pd.DataFrame) -> None:
    given_ = (hospitals.total_performance_score, hospitals.spending_ratio)
    last = efficiency_correlations(paper_efficiencies(*given_, cost_is="spending", failing="last")).frame()
    # Recorded: .45 instead of .18 as printed; the hurdles share those who fail.
    assert last.loc["quality_hurdle", "cost_hurdle"] == pytest.approx(0.448, abs=5e-4)


@settings(max_examples=50)
@given(quality_and_spending(fewest=8))
def test_a_correlation_matrix_is_one(data: Any) -> None:
    quality, spending = data
    result = efficiency_correlations({"quality": quality, "lean": -spending, "both": quality - spending})
    assert np.diag(result.matrix) == pytest.approx(np.ones(3), abs=1e-12)
    assert result.matrix == pytest.approx(result.matrix.T, abs=1e-12)
    assert result.matrix[0, 1] == pytest.approx(stats.pearsonr(quality, -spending).statistic, abs=1e-9)
    assert (result.interval.low <= result.matrix + 1e-12).all()
    ranks = efficiency_correlations({"a": quality, "b": -spending}, measure="spearman")
    assert ranks.matrix[0, 1] == pytest.approx(stats.spearmanr(quality, -spending).statistic, abs=1e-9)


def test_fishers_interval() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=103)
    y = x + rng.normal(size=103)
    result = efficiency_correlations({"x": x, "y": y})
    low, high = stats.pearsonr(x, y).confidence_interval(0.95)
    assert (result.interval.low[0, 1], result.interval.high[0, 1]) == pytest.approx((low, high), abs=1e-9)


def test_a_model_that_tells_nobody_apart_has_no_correlation() -> None:
    result = efficiency_correlations({"frontier": [1, 1, 1, 1], "quality": [1, 2, 3, 4]})
    assert np.isnan(result.matrix[0]).all()
    assert result.matrix[1, 1] == 1


def test_what_is_refused() -> None:
    with pytest.raises(ArgumentError, match="must be of 2 models"):
        efficiency_correlations({"a": [1, 2, 3]})
    with pytest.raises(ArgumentError, match="measure == 'kendall'"):
        efficiency_correlations({"a": [1, 2, 3], "b": [1, 2, 3]}, measure="kendall")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="b is missing in row 2"):
        efficiency_correlations({"a": [1, 2, 3], "b": [1, None, 3]})
