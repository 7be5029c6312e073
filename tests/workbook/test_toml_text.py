"""TOML within bounds: what is sound is read as by tomllib, and what is strange is refused in a sentence."""

from __future__ import annotations

import tomllib

import pytest

from xl_qbs.workbook.toml_text import toml_values

SOUND = """
a.b."c.d".'e.f' = "one. two. three. four."
numbers = [1.5, 2.25, -0.5e3]
[x.y]
text = '''
It is. As it. Was.
'''
"""


@pytest.mark.parametrize(
    "text",
    [
        SOUND,
        "codes = [" + ", ".join(f'"E{number}.0"' for number in range(500)) + "]",
        "numbers = [" + ", ".join(f"{number}.5" for number in range(500)) + "]",
        'text = "' + "Yes, it is. No. " * 500 + '"',
        ".".join(["a"] * 100) + " = 1",
        "x = " + "[" * 50 + "]" * 50,
    ],
)
def test_what_is_sound_is_read(text: str) -> None:
    assert toml_values(text) == tomllib.loads(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = ", "Invalid value"),
        # Each of these names would take gigabytes.
        (".".join(["a"] * 100_000) + " = 1", "a name has over 100 parts"),
        ("[" + " . ".join(["1"] * 100_000) + "]", "a name has over 100 parts"),
        ("x = { " + ".".join([r'"\""'] * 100_000) + " = 1 }", "a name has over 100 parts"),
        ("x = { " + "\t.\t".join(["''"] * 100_000) + " = 1 }", "a name has over 100 parts"),
        ("x = " + "[" * 5_000, "nested too deep"),
        ("x = " + "{x = " * 5_000, "nested too deep"),
        ("x = " + "9" * 5_000, "4300 digits"),
        ("# " + "x" * (1 << 20), "longer than a million"),
    ],
)
def test_what_is_strange_is_refused(text: str, said: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError, match=said):
        toml_values(text)
