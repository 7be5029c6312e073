"""File names from ids: safe everywhere, stable, and never shared."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xl_qbs.workbook.file_names import safe_names


@pytest.mark.parametrize("one", ["N0007", "Tõru 1", "Õ-ÄÖÜ_šž.2", "1234", "Ж5"])
def test_an_id_that_is_safe_is_its_own_name(one: str) -> None:
    assert safe_names([one]) == [one]


@pytest.mark.parametrize(
    "one",
    [
        *("a/b", "a\\b", "../../etc/passwd", "..", ".", "C:\\x", "a:b", "a*b?", '<"|>', "a\nb", "a\0b", "~$N1", "=1+1"),
        *(".hidden", "-rf", "N1.", "N1 ", " N1", "x" * 300, "õ" * 200, "𠀀" * 100, "\u202egpj", "###", "😀"),
        *("CON", "con", "Nul", "COM1", "com¹", "LPT9", "aux.x", "CON .txt", "CONIN$"),
    ],
)
def test_an_id_that_is_not_safe_gets_a_name_that_is(one: str) -> None:
    (name,) = safe_names([one])
    assert name != one
    assert not set(name) & set('/\\:*?"<>|\0\n\u202e~$=#')
    assert name[0] not in ".- "
    assert name[-1] not in ". "
    assert name.partition(".")[0].casefold() not in {"con", "nul", "com1", "com¹", "lpt9", "aux", "conin"}
    assert len(f"{name}.xlsx".encode()) <= 200


@pytest.mark.parametrize(
    "ids",
    [
        ("n1", "N1"),
        ("Õ1", "õ1"),
        ("Õ1", unicodedata.normalize("NFD", "Õ1")),
        ("a/b", "a\\b", "a_b", "a:b"),
        ("straße", "STRASSE"),
        ("CON", "CON_", "con"),
        ("x" * 300, "x" * 301),
        ("1", "１"),
    ],
)
def test_ids_that_differ_have_names_that_differ_in_more_than_case(ids: tuple[str, ...]) -> None:
    names = safe_names(ids)
    assert len({_as_a_folder_sees(name) for name in names}) == len(ids)


def test_a_name_with_a_hash_cannot_be_taken_by_another_id() -> None:
    (name,) = safe_names(["a/b"])
    assert len({_as_a_folder_sees(one) for one in safe_names(["a/b", name, name.upper()])}) == 3


@settings(max_examples=40)
@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=12, unique=True))
def test_names_are_unique_and_safe_whatever_the_ids(ids: list[str]) -> None:
    names = safe_names(ids)
    assert len({_as_a_folder_sees(name) for name in names}) == len(ids)
    assert all(name.strip(". ") == name and name and not set(name) & set('/\\:*?"<>|') for name in names)
    assert all(char.isprintable() for name in names for char in name)


@settings(max_examples=40)
@given(st.lists(st.text(min_size=1, max_size=8), min_size=2, max_size=8, unique=True))
def test_names_do_not_depend_on_the_order(ids: list[str]) -> None:
    named = dict(zip(ids, safe_names(ids), strict=True))
    assert dict(zip(reversed(ids), safe_names(ids[::-1]), strict=True)) == named


def _as_a_folder_sees(name: str) -> str:
    """Return a name as a folder of Windows or macOS compares it."""
    return unicodedata.normalize("NFD", name).casefold()
