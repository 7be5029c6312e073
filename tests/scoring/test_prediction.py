from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.coverage import adjusted_coverage
from xl_qbs.scoring.prediction import PREDICTORS, Prediction, predict
from xl_qbs.scoring.priors import likelihood_prior, moments_prior, report_prior
from xl_qbs.scoring.table import Table


def table_of(target: Any, done: Any, providers: Any = None, codes: Any = None) -> Table:
    target, done = np.array(target, dtype=float), np.array(done, dtype=float)
    names = providers or [f"N{one}" for one in range(len(target))]
    return Table(tuple(names), tuple(codes or [f"i{one}" for one in range(target.shape[1])]), target, done)


# By hand.


def test_errors_are_squares_weighted_by_the_second_years_patients() -> None:
    before = table_of([[10], [40]], [[5], [30]])
    after = table_of([[20], [60]], [[14], [42]])
    found = predict(before, after, rules=["report"])
    # Raw: .5 and .75 against .7 and .7. Report: m = 35/50, M = half of 25.
    assert found.error[0, 0] == pytest.approx((20 * 0.2**2 + 60 * 0.05**2) / 80)
    adjusted = [(5 + 12.5 * 0.7) / 22.5, (30 + 12.5 * 0.7) / 52.5]
    expected = (20 * (adjusted[0] - 0.7) ** 2 + 60 * (adjusted[1] - 0.7) ** 2) / 80
    assert found.error[0, 1] == pytest.approx(expected)
    assert found.difference[0].tolist() == pytest.approx([0, expected - found.error[0, 0]])
    assert found.best == ("report",)
    assert found.worse_than_raw == {"report": ()}
    once = predict(before, after, rules=["report"], weighted=False)
    assert once.error[0, 0] == pytest.approx((0.2**2 + 0.05**2) / 2)


def test_lists_and_indicators_are_matched_by_name() -> None:
    before = table_of([[10, 1], [40, 2], [7, 3]], [[5, 1], [30, 1], [7, 1]], ["A", "B", "C"], ["x", "gone"])
    after = table_of([[3, 60], [4, 20], [5, 9]], [[1, 42], [1, 14], [1, 9]], ["B", "A", "D"], ["new", "x"])
    found = predict(before, after, rules=["report"])
    assert found.indicators == ("x",)
    assert found.lists.tolist() == [2]
    assert found.error[0, 0] == pytest.approx((20 * 0.2**2 + 60 * 0.05**2) / 80)
    # C is of the first year only: it counts towards the prior where all of the first year are asked for.
    wider = predict(before, after, rules=["report"], prior_from="first-year")
    assert wider.error[0, 0] == found.error[0, 0]
    assert wider.error[0, 1] != found.error[0, 1]


def test_what_has_no_patients_in_both_years_is_left_out() -> None:
    before = table_of([[10, 0, 5], [0, 0, 5]], [[5, 0, 1], [0, 0, 2]])
    after = table_of([[10, 4, 0], [5, 4, 0]], [[6, 2, 0], [5, 2, 0]])
    found = predict(before, after)
    assert found.lists.tolist() == [1, 0, 0]
    assert found.error[0, 0] == pytest.approx(0.01)
    assert np.isnan(found.error[1:]).all()
    assert np.isnan(found.standard_error).all()
    assert found.best[1:] == (None, None)
    assert all(set(codes) <= {"i0"} for codes in found.worse_than_raw.values())


def test_the_frame_is_a_row_an_indicator() -> None:
    found = predict(table_of([[10, 4], [8, 4]], [[5, 1], [2, 4]]), table_of([[10, 4], [8, 4]], [[6, 1], [3, 4]]))
    frame = found.frame()
    assert list(frame.columns) == [*PREDICTORS, "lists", "best"]
    assert frame.index.tolist() == ["i0", "i1"]
    assert frame.loc["i0", "raw"] == found.error[0, 0]
    assert tuple(frame["best"]) == found.best


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rules": ["fixed"]}, "rules: 'fixed', must be of report, moments, likelihood"),
        ({"rules": []}, "rules: none given, must be of report, moments, likelihood"),
        ({"prior_from": "both"}, "prior_from == 'both', must be one of in-both, first-year"),
        ({"fraction": -1}, "fraction == -1, must be a number from 0"),
    ],
)
def test_options_that_are_none_are_refused(options: Any, message: str) -> None:
    table = table_of([[10]], [[5]])
    with pytest.raises(ArgumentError) as caught:
        predict(table, table, **options)
    assert str(caught.value) == message


def test_years_without_a_list_or_an_indicator_in_common_are_refused() -> None:
    table = table_of([[10]], [[5]])
    with pytest.raises(ArgumentError, match="no list is in both years"):
        predict(table, table_of([[10]], [[5]], ["other"]))
    with pytest.raises(ArgumentError, match="no indicator is in both years"):
        predict(table, table_of([[10]], [[5]], codes=["other"]))


# By property.

COUNTS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=8
)


@settings(max_examples=40)
@given(COUNTS, st.booleans())
def test_errors_are_between_0_and_1_and_those_of_the_definition(rows: Any, weighted: bool) -> None:
    n0, x0, n1, x1 = (np.array(column, dtype=float)[:, None] for column in zip(*rows, strict=True))
    before, after = table_of(n0, x0), table_of(n1, x1)
    found = predict(before, after, weighted=weighted)
    both = (n0 > 0) & (n1 > 0)
    assert found.lists[0] == both.sum()
    if not both.any():
        assert np.isnan(found.error).all()
        return
    assert ((found.error >= 0) & (found.error <= 1)).all()
    second = np.minimum(x1, n1)[both] / n1[both]
    weight = n1[both] if weighted else np.ones(both.sum())
    for rule, function in (("report", report_prior), ("moments", moments_prior), ("likelihood", likelihood_prior)):
        first = adjusted_coverage(x0, n0, *function(x0, n0))[both]
        expected = np.average((first - second) ** 2, weights=weight)
        assert found.error[0, found.predictors.index(rule)] == pytest.approx(expected, abs=1e-12)
    assert found.difference[0] == pytest.approx(found.error[0] - found.error[0, 0], abs=1e-12)
    best = found.best[0]
    assert best is not None
    assert found.error[0, found.predictors.index(best)] == found.error.min()


@settings(max_examples=20)
@given(COUNTS)
def test_the_order_of_the_lists_does_not_matter(rows: Any) -> None:
    n0, x0, n1, x1 = (np.array(column, dtype=float)[:, None] for column in zip(*rows, strict=True))
    names = [f"N{one}" for one in range(len(rows))]
    found = predict(table_of(n0, x0, names), table_of(n1, x1, names))
    other = predict(table_of(n0, x0, names), table_of(n1[::-1], x1[::-1], names[::-1]))
    assert other.error == pytest.approx(found.error, abs=1e-12, nan_ok=True)
    assert other.standard_error == pytest.approx(found.standard_error, abs=1e-12, nan_ok=True)


def test_the_standard_error_is_that_of_a_mean_where_lists_count_alike() -> None:
    rng = np.random.default_rng(3)
    n0, n1 = rng.integers(5, 50, (2, 400, 1)).astype(float)
    share = rng.beta(4, 2, (400, 1))
    before, after = (table_of(n, rng.binomial(n.astype(int), share)) for n in (n0, n1))
    found = predict(before, after, weighted=False)
    raw = before.done / before.target
    adjusted = adjusted_coverage(before.done, before.target, *moments_prior(before.done, before.target))
    gaps = (adjusted - after.done / after.target) ** 2 - (raw - after.done / after.target) ** 2
    column = found.predictors.index("moments")
    assert found.standard_error[0, column] == pytest.approx(gaps.std() / np.sqrt(400), rel=1e-9)


# The real lists: METHODS section 3.


@pytest.fixture(scope="module")
def real(table_2019: Table, table_2020: Table) -> Prediction:
    return predict(table_2019, table_2020)


def test_the_comparison_of_the_methods_comes_out(real: Prediction, table_2019: Table) -> None:
    assert real.indicators == table_2019.indicators
    assert real.lists.max() == 778
    diabetes = dict(zip(real.predictors, real.error[0], strict=True))
    assert {rule: round(float(diabetes[rule]), 4) for rule in ("report", "raw", "likelihood")} == {
        "report": 0.0585,
        "raw": 0.0516,
        "likelihood": 0.0514,
    }
    # Worse than the raw rate for 8 of 11 indicators, and best for the two treatments after a heart attack.
    assert len(real.worse_than_raw["report"]) == 8
    assert set(real.indicators) - set(real.worse_than_raw["report"]) == {"diabr", "infr1", "infr2"}
    best = dict(zip(real.indicators, real.best, strict=True))
    assert [code for code, rule in best.items() if rule == "report"] == ["infr1", "infr2"]
    # Likelihood beats raw on every indicator but at most one; here on all, and so does moments.
    assert len(real.worse_than_raw["likelihood"]) <= 1
    assert real.worse_than_raw["likelihood"] == real.worse_than_raw["moments"] == ()
    assert "raw" not in best.values()


def test_how_sure_the_comparison_is(real: Prediction) -> None:
    # Recorded: where report is worse than raw, it is so by more than 2 standard errors but for hypr2 (1.9).
    report = real.predictors.index("report")
    sure = np.abs(real.difference[:, report]) > 2 * real.standard_error[:, report]
    worse = real.difference[:, report] > 0
    assert [code for code, one in zip(real.indicators, sure & worse, strict=True) if one] == [
        "diab",
        "hyp1",
        "hyp2",
        "hyp3",
        "hypr1",
        "inf",
        "e032",
    ]
    # Likelihood is better than raw on all 11, on 7 of them by more than 2 standard errors.
    likelihood = real.predictors.index("likelihood")
    better = real.difference[:, likelihood] < -2 * real.standard_error[:, likelihood]
    assert int(better.sum()) == 7


def test_whose_first_year_and_which_weights_change_little(table_2019: Table, table_2020: Table) -> None:
    for options in ({"prior_from": "first-year"}, {"weighted": False}):
        found = predict(table_2019, table_2020, **options)  # type: ignore[arg-type]
        assert len(found.worse_than_raw["report"]) == 8
        assert len(found.worse_than_raw["likelihood"]) == 0
    later = predict(table_2019, table_2020, rules=["report"], fraction=1.0)
    assert len(later.worse_than_raw["report"]) == 9
