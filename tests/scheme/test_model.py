from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from xl_qbs.errors import SchemeError
from xl_qbs.scheme import Band, Clause, Condition, Indicator, Scheme

NAN, INF = float("nan"), float("inf")
DIAB = Indicator("diab", "II", "Diabetes monitoring", 65, 0.76, name_et="Diabeedi jälgimine", aliases=("DM",))
VACC = Indicator("vacc", "I", "Vaccination", 160, 0.9)
INF_MONITORING = Indicator("inf", "II", "MI monitoring", 20, 0.9, weight=68)
SCHEME = Scheme("Small", (DIAB, VACC, INF_MONITORING), (Band(0, "low"), Band(0.8, "middle"), Band(0.9, "high")))


def problems(**changes: Any) -> str:
    """What the scheme with these changes is refused for."""
    with pytest.raises(SchemeError) as caught:
        replace(SCHEME, **changes)
    text = str(caught.value)
    assert text.startswith("The scheme 'Small' cannot be used: ")
    return text.removeprefix("The scheme 'Small' cannot be used: ")


def condition(*clauses: Clause) -> tuple[Condition, ...]:
    return (Condition("bonus", clauses),)


def test_a_scheme_says_what_it_holds() -> None:
    assert SCHEME.codes == ("diab", "vacc", "inf")
    assert SCHEME.points == (65, 160, 20)
    assert SCHEME.required_coverage == (0.76, 0.9, 0.9)
    assert SCHEME.total == 245
    assert SCHEME.domains == ("II", "I")


def test_an_indicator_is_found_under_all_its_names() -> None:
    assert DIAB.names == ("diab", "Diabetes monitoring", "Diabeedi jälgimine", "DM")
    assert VACC.names == ("vacc", "Vaccination")


def test_only_keeps_the_schemes_own_order() -> None:
    assert SCHEME.only(["inf", "diab"]).codes == ("diab", "inf")
    assert SCHEME.only(["inf"]).bands == SCHEME.bands


def test_a_scheme_stays_as_it_is() -> None:
    with pytest.raises(FrozenInstanceError):
        SCHEME.name = "Other"  # type: ignore[misc]


def test_values_at_the_ends_are_taken() -> None:
    for points, required in ((0, 0), (0, 1), (1e9, 0.5)):
        replace(SCHEME, indicators=(replace(DIAB, points=points, required_coverage=required, weight=0),))


@pytest.mark.parametrize(
    ("indicators", "message"),
    [
        ((), "it has no indicators."),
        ((DIAB, VACC, DIAB), "the code 'diab' stands 2 times."),
        # As Excel compares texts.
        ((DIAB, replace(VACC, code="DIAB")), "the code 'diab' stands 2 times."),
        ((replace(DIAB, code=" "),), "an indicator has no code."),
        ((replace(DIAB, points=-5),), "diab: points are -5, must be 0 or more."),
        ((replace(DIAB, points=NAN),), "diab: points are nan, must be 0 or more."),
        ((replace(DIAB, points=INF),), "diab: points are inf, must be 0 or more."),
        ((replace(DIAB, required_coverage=76),), "diab: required coverage is 76, must be from 0 to 1."),
        ((replace(DIAB, required_coverage=-0.1),), "diab: required coverage is -0.1, must be from 0 to 1."),
        ((replace(DIAB, required_coverage=NAN),), "diab: required coverage is nan, must be from 0 to 1."),
        ((replace(DIAB, weight=-1),), "diab: weight is -1, must be 0 or more."),
        ((replace(DIAB, weight=INF),), "diab: weight is inf, must be 0 or more."),
        ((replace(DIAB, weight=NAN),), "diab: weight is nan, must be 0 or more."),
    ],
)
def test_indicators_that_are_none_are_refused(indicators: tuple[Indicator, ...], message: str) -> None:
    assert problems(indicators=indicators) == message


@pytest.mark.parametrize(
    ("bands", "message"),
    [
        ((Band(0.8, "a"),), "the first band begins at 0.8, must be 0."),
        ((Band(0, "a"), Band(0.9, "b"), Band(0.8, "c")), "the bands' lower limits must rise."),
        ((Band(0, "a"), Band(0.9, "b"), Band(0.9, "c")), "the bands' lower limits must rise."),
        ((Band(NAN, "a"),), "the first band begins at nan, must be 0."),
        ((Band(0, "a"), Band(NAN, "b")), "the bands' lower limits must rise."),
    ],
)
def test_bands_that_do_not_rise_from_0_are_refused(bands: tuple[Band, ...], message: str) -> None:
    assert problems(bands=bands) == message


@pytest.mark.parametrize(
    ("clauses", "message"),
    [
        ((), "the condition 'bonus' asks for nothing."),
        ((Clause("domain", ("III",), 0.7),), "the condition 'bonus' names an unknown domain: III."),
        ((Clause("domain", ("II", "III", "IV"), 0.7),), "the condition 'bonus' names an unknown domain: III, IV."),
        ((Clause("domain", (), 0.7),), "the condition 'bonus' names an unknown domain: none."),
        ((Clause("indicator", ("covid",), 0.9),), "the condition 'bonus' names an unknown indicator: covid."),
        # A domain is no indicator and an indicator no domain.
        ((Clause("indicator", ("II",), 0.9),), "the condition 'bonus' names an unknown indicator: II."),
        ((Clause("domain", ("diab",), 0.9),), "the condition 'bonus' names an unknown domain: diab."),
        ((Clause("indicator", ("diab", "inf"), 0.9),), "the condition 'bonus': one clause takes one indicator."),
        ((Clause("indicator", ("diab",), 90),), "the condition 'bonus' asks for 90, must be from 0 to 1."),
        ((Clause("indicator", ("diab",), NAN),), "the condition 'bonus' asks for nan, must be from 0 to 1."),
    ],
)
def test_conditions_that_cannot_hold_are_refused(clauses: tuple[Clause, ...], message: str) -> None:
    assert problems(conditions=condition(*clauses)) == message


def test_an_unknown_scope_is_refused() -> None:
    text = problems(conditions=condition(Clause("domains", ("II",), 0.7)))  # type: ignore[arg-type]
    assert "'domains'" in text
    assert "domain" in text.replace("'domains'", "")
    assert "indicator" in text


def test_two_conditions_of_one_name_are_refused() -> None:
    # Results are kept by the condition's name.
    twice = condition(Clause("indicator", ("diab",), 0.9)) * 2
    assert "bonus" in problems(conditions=twice)


def test_all_problems_are_listed_at_once() -> None:
    text = problems(
        indicators=(replace(DIAB, points=-1, required_coverage=76), replace(VACC, code="DIAB")),
        bands=(Band(0.5, "a"),),
        conditions=condition(Clause("indicator", ("covid",), 2)),
    )
    assert text == (
        "the code 'diab' stands 2 times; diab: points are -1, must be 0 or more; "
        "diab: required coverage is 76, must be from 0 to 1; the first band begins at 0.5, must be 0; "
        "the condition 'bonus' names an unknown indicator: covid; "
        "the condition 'bonus' asks for 2, must be from 0 to 1."
    )
