"""What one heading says."""

from __future__ import annotations

import pytest

from tests.workbook.builders import SCHEME
from xl_qbs.scheme import Indicator, Scheme
from xl_qbs.workbook.headings import ROLES, HeadingReader, first_part, may_hold

READER = HeadingReader(SCHEME)


@pytest.mark.parametrize(("role", "text"), [(role, text) for role, texts in ROLES.items() for text in texts])
def test_every_alias_of_every_role(role: str, text: str) -> None:
    assert READER.read(text.upper()).role == role


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Nimistu\nList", "provider"),
        ("Nimistu / List", "provider"),
        ("  Sihtrühm \r\n Target:", "target"),
        ("Tehtud (n)", "done"),
        ("Target population (sihtrühm)", "target"),
        ("Siht\u0072u\u0308hm", "target"),  # u and a combining diaeresis, as some programs write it
        ("Target\nDone", ""),
        ("Hõlmatus\nCoverage", ""),
        ("Märkus", ""),
    ],
)
def test_roles(text: str, role: str) -> None:
    assert READER.read(text).role == role


@pytest.mark.parametrize(
    ("text", "role", "code"),
    [
        ("Diabetes: monitoring – target", "target", "diab"),
        ("diab_a", "target", "diab"),
        ("DIAB_B", "done", "diab"),
        ("diab target", "target", "diab"),
        ("Sihtrühm: Diabeedi jälgimine", "target", "diab"),
        ("Actual work done, hypertension", "done", "hyp"),
        ("Kõrgvererõhktõbi (tehtud töö)", "done", "hyp"),
        ("Diabeedi jälgimine / Diabetes\nTehtud / Done", "done", "diab"),
        ("Diabeedi jälgimine – sihtrühm\nDiabetes: monitoring – target", "target", "diab"),
    ],
)
def test_indicator_and_role_in_one_heading(text: str, role: str, code: str) -> None:
    heading = READER.read(text)
    assert (heading.role, heading.codes, heading.other) == (role, {code}, "")


def test_unknown_indicator() -> None:
    heading = READER.read("Asthma – target population")
    assert (heading.role, heading.codes, heading.other) == ("target", frozenset(), "asthma")


def test_two_indicators_in_one_heading() -> None:
    assert READER.codes("Diabetes\nHypertension") == {"diab", "hyp"}


def test_a_name_shared_by_two_indicators() -> None:
    twins = Scheme(
        "Twins",
        tuple(Indicator(code, "I", code.upper(), 1, 0.5, aliases=("Checkup",)) for code in ("one", "two")),
    )
    assert HeadingReader(twins).codes("Checkup") == {"one", "two"}


def test_numbers_say_nothing() -> None:
    assert READER.read(5.0).role == ""
    assert READER.read(None).role == ""


def test_first_part() -> None:
    assert first_part(" Astma\nAsthma ") == "Astma"
    assert first_part("Astma  jälgimine / Asthma") == "Astma jälgimine"


def test_may_hold() -> None:
    assert may_hold(["x", "Diabetes_A"], "target")
    assert not may_hold(["Nimistu", "Kabanos"], "target")
