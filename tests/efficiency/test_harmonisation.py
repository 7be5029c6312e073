from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xl_qbs.efficiency.harmonisation import Specification, harmonisation_checklist, harmonisation_warnings
from xl_qbs.errors import ArgumentError

FULL = Specification(patients="All admissions", period="2013", risk_adjustment="none")


def test_the_papers_own_data_do_not_pass() -> None:
    # Seed 003, section 4: Hospital Value-Based Purchasing adjusts quality and cost in different ways, and the windows
    # of quality are longer; section 3: MSPB is price-adjusted.
    quality = Specification(patients="by measure", period="2 years", risk_adjustment="by measure")
    cost = Specification(patients="all admissions", period="1 year", risk_adjustment="MSPB")
    checks = harmonisation_checklist(quality, cost, prices="standardised")
    assert [check.passed for check in checks] == [False, False, False, True]
    warnings = harmonisation_warnings(checks)
    assert [warning.severity for warning in warnings] == ["warning"] * 3
    assert warnings[1].what == "Same period? No: quality is about 2 years, cost about 1 year."


def test_what_is_not_known_is_a_warning() -> None:
    checks = harmonisation_checklist(FULL, Specification(period="2013"))
    assert [check.passed for check in checks] == [None, True, None, None]
    assert [warning.what for warning in harmonisation_warnings(checks)] == [
        "Same patients? It is not known.",
        "Same risk adjustment? It is not known.",
        "Prices said? It is not known.",
    ]
    assert checks[0].cost == "not known"


@given(st.tuples(*[st.one_of(st.none(), st.text(max_size=5))] * 6))
def test_the_two_sides_can_be_changed_over(texts: Any) -> None:
    one, other = Specification(**dict(zip(("patients", "period", "risk_adjustment"), texts[:3], strict=True))), None
    other = Specification(**dict(zip(("patients", "period", "risk_adjustment"), texts[3:], strict=True)))
    forth, back = harmonisation_checklist(one, other), harmonisation_checklist(other, one)
    assert [check.passed for check in forth] == [check.passed for check in back]
    assert len(harmonisation_warnings(forth)) == sum(check.passed is not True for check in forth)


def test_case_and_spaces_make_no_difference() -> None:
    same = Specification(patients=" all  ADMISSIONS", period="2013 ", risk_adjustment="None")
    checks = harmonisation_checklist(FULL, same, prices="actual")
    assert harmonisation_warnings(checks) == ()


def test_prices_that_are_none() -> None:
    with pytest.raises(ArgumentError, match="prices == 'list', must be one of standardised, actual"):
        harmonisation_checklist(FULL, FULL, prices="list")  # type: ignore[arg-type]
