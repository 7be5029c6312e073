from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from xl_qbs.scheme import Clause, Condition, Indicator, Scheme, preset
from xl_qbs.scoring.conditions import clause_members, clause_share, condition_met
from xl_qbs.scoring.score import score
from xl_qbs.scoring.table import Table

SEVENTY = Clause("domain", ("I", "II"), 0.70)
COVID = Clause("indicator", ("covid",), 0.90)
# Seed 002, Part C section 2: "attain 70% of the overall Domain I and II scores and at least 90% in the
# COVID indicator".
BOTH = Condition("bonus", (SEVENTY, COVID), "lisatasu")

INDICATORS = (
    Indicator("vacc", "I", "Vaccination", 160, 0.9, weight=60),
    Indicator("diab", "II", "Diabetes monitoring", 480, 0.76, weight=40),
    Indicator("covid", "COVID", "Contacts traced", 100, 0.9, weight=100),
)


def scheme(*conditions: Condition) -> Scheme:
    return Scheme("With COVID", INDICATORS, conditions=conditions)


def table(*rows: tuple[float, float, float], tested: float = 100) -> Table:
    """Lists with 100 patients on each of the first two indicators, and so many in the third."""
    return Table(
        providers=tuple(f"N{number}" for number in range(len(rows))),
        indicators=("vacc", "diab", "covid"),
        target=np.array([[100.0, 100.0, tested]] * len(rows)),
        done=np.array(rows, dtype=float),
    )


def met(condition: Condition, counts: Table) -> list[bool]:
    """Whether lists meet a condition under weights 60, 40, 100 and raw coverage."""
    result = score(
        counts,
        scheme(condition),
        weights="own",
        prior="fixed",
        prior_values=dict.fromkeys(counts.indicators, (0.5, 0)),
    )
    return result.conditions[condition.name].tolist()


def test_a_clause_speaks_of_its_domains_or_of_its_indicator() -> None:
    both = scheme(BOTH)
    assert clause_members(SEVENTY, both).tolist() == [True, True, False]
    assert clause_members(COVID, both).tolist() == [False, False, True]


def test_the_covid_example_asks_for_both() -> None:
    rows = (
        (70, 70, 90),  # just enough of both
        (100, 25, 90),  # 60 + 10 of 100 points: domains count together, not each
        (100, 24, 90),  # 69.6 points
        (100, 100, 89),  # one contact short
        (0, 0, 100),
    )
    assert met(BOTH, table(*rows)) == [True, True, False, False, False]


def test_a_clause_about_domains_alone() -> None:
    assert met(Condition("domains", (SEVENTY,)), table((70, 70, 0), (69, 70, 100))) == [True, False]
    only_one = Condition("domain I", (Clause("domain", ("I",), 0.5),))
    assert met(only_one, table((50, 0, 0), (49, 100, 100))) == [True, False]


def test_a_clause_about_an_indicator_alone() -> None:
    assert met(Condition("covid", (COVID,)), table((0, 0, 90), (100, 100, 89))) == [True, False]


def test_nobody_to_serve_counts_as_met() -> None:
    # A second list has patients, since an indicator without any cannot be scored.
    counts = table((70, 70, 0), (70, 70, 100), (69, 70, 0))
    target = counts.target.copy()
    target[[0, 2], 2] = 0
    without = Table(counts.providers, counts.indicators, target, counts.done)
    assert met(BOTH, without) == [True, True, False]


def test_a_condition_is_about_raw_coverage_of_the_lists_own_patients() -> None:
    # A strong prior pulls adjusted coverage to 50 %, but not what was promised for the indicator.
    counts = table((70, 70, 95), (70, 70, 5))
    result = score(
        counts,
        scheme(Condition("covid", (COVID,))),
        weights="own",
        prior="fixed",
        prior_values=dict.fromkeys(counts.indicators, (0.5, 1e6)),
    )
    assert result.conditions["covid"].tolist() == [True, False]


def test_the_limit_is_exact_for_every_size() -> None:
    # At least 90 %, in whole patients: ceil(9 n / 10).
    clause = Condition("covid", (COVID,))
    for tested in range(1, 300):
        first = -(-9 * tested // 10)
        assert met_by_indicator(clause, first, tested) == [False, True]


def met_by_indicator(condition: Condition, first: int, tested: int) -> list[bool]:
    counts = table((0, 0, first - 1), (0, 0, first), tested=tested)
    points = np.zeros((2, 3))
    return condition_met(condition, scheme(), counts, points, np.ones(3)).tolist()


def test_the_limit_of_domains_is_reached_whatever_the_last_bits() -> None:
    counts, short = table((0, 0, 0)), 0
    for weight in range(1, 200):
        weights = np.array([float(weight), 68, 0])
        points = 0.7 * weights[None]
        short += bool(clause_share(SEVENTY, scheme(), counts, points, weights)[0] < 0.7)
        assert condition_met(Condition("domains", (SEVENTY,)), scheme(), counts, points, weights).all()
        assert not condition_met(Condition("domains", (SEVENTY,)), scheme(), counts, points - 1e-6, weights).any()
    # The search has met shares that fall short of 70 % in their last bits only.
    assert short > 0


def test_the_share_of_domains_is_points_over_the_most_points() -> None:
    counts = table((0, 0, 0), (0, 0, 0))
    points, weights = np.array([[30.0, 20, 100], [60, 40, 0]]), np.array([60.0, 40, 100])
    assert clause_share(SEVENTY, scheme(), counts, points, weights).tolist() == [0.5, 1.0]


def test_the_share_of_an_indicator_is_its_coverage() -> None:
    counts = table((0, 0, 90), (0, 0, 120))
    share = clause_share(COVID, scheme(), counts, np.zeros((2, 3)), np.ones(3))
    assert share.tolist() == [0.9, 1.0]


def test_conditions_of_the_real_lists_agree_with_counting(table_2019: Any) -> None:
    clauses = (Clause("domain", ("II",), 0.7), Clause("indicator", ("inf",), 0.9))
    real = replace(preset(), conditions=(Condition("both", clauses), Condition("domain", clauses[:1])))
    result = score(table_2019, real)
    inf = table_2019.indicators.index("inf")
    nobody = 0
    expected = []
    for target, done, points in zip(
        table_2019.target[:, inf], table_2019.done[:, inf], result.need_adjusted.total, strict=True
    ):
        nobody += target == 0
        expected.append(bool(points >= 0.7 * 480 and (target == 0 or 10 * done >= 9 * target)))
    assert nobody == 9
    assert result.conditions["both"].tolist() == expected
    assert 0 < sum(expected) < result.conditions["domain"].sum() < 781


def test_of_a_domain_without_weight_nothing_is_reached() -> None:
    counts = table((0, 0, 0), (100, 100, 100))
    clause, weights = Clause("domain", ("I",), 0.5), np.array([0.0, 40, 100])
    share = clause_share(clause, scheme(), counts, np.zeros((2, 3)), weights)
    assert share.tolist() == [0.0, 0.0]
    condition = Condition("domain", (clause,))
    assert not condition_met(condition, scheme(), counts, np.zeros((2, 3)), weights).any()


@pytest.mark.parametrize("done", [[0.0, 0, 0], [100.0, 100, 100]])
def test_a_condition_without_patients_at_all_is_met(done: list[float]) -> None:
    counts = Table(("N1",), ("vacc", "diab", "covid"), np.zeros((1, 3)), np.array([done]))
    assert condition_met(Condition("covid", (COVID,)), scheme(), counts, np.zeros((1, 3)), np.ones(3)).tolist() == [
        True
    ]
