"""The mapping file."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.workbook.builders import SCHEME
from xl_qbs import errors
from xl_qbs.workbook.mapping import mapping_from, read_mapping, starter_mapping

GOOD = """
sheet = "Andmed"
heading_row = 10
last_row = 20
provider = "A"
name = 3
[indicators.diab]
target = "E"
done = "f"
"""


def test_read(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(GOOD, encoding="utf-8")
    mapping = read_mapping(path)
    assert (mapping.sheet, mapping.heading_row, mapping.first_row, mapping.last_row) == ("Andmed", 10, None, 20)
    assert (mapping.provider, mapping.name, mapping.period) == (0, 2, None)
    assert mapping.indicators == {"diab": (4, 5)}
    assert mapping.complete


def test_hints_alone_are_not_complete() -> None:
    assert not mapping_from({"provider": "B", "heading_row": 3}).complete


def test_long() -> None:
    mapping = mapping_from({"provider": "A", "indicator": "B", "target": "C", "done": "D", "first_row": 2}, "m.toml")
    assert (mapping.indicator, mapping.target, mapping.done) == (1, 2, 3)
    assert mapping.complete


def test_every_problem_at_once() -> None:
    data = {
        "shet": "x",
        "sheet": 5,
        "heading_row": 0,
        "first_row": True,
        "provider": "A1",
        "name": "XFE",
        "indicators": {"diab": {"target": "E"}, "hyp": {"target": "E", "done": 0}},
    }
    with pytest.raises(errors.ArgumentError) as caught:
        mapping_from(data, "m.toml")
    text = str(caught.value)
    for part in ("m.toml", "'shet'", "sheet is 5", "heading_row is 0", "first_row is True", "'A1'", "'XFE'"):
        assert part in text
    for part in ("indicators.diab must hold", "indicators.hyp: done is 0"):
        assert part in text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[indicators.diab]\ntarget='E'\ndone='F'", "provider, the column of the lists, is missing"),
        ("provider='A'\n[indicators.diab]\ntarget='E'\ndone='F'", "heading_row or first_row is missing"),
        ("provider='A'\nheading_row=1\n[indicators.diab]\ntarget='E'\ndone='E'", "column E is given to both"),
        ("provider='A'\nheading_row=5\nfirst_row=5", "first_row is 5, which is above it"),
        ("first_row=9\nlast_row=7", "last_row is 7"),
        ("indicator='B'", "all of indicator, target and done"),
        ("indicators=5", "must be tables"),
        ("sheet=", "not TOML"),
    ],
)
def test_problems(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "m.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(errors.ArgumentError, match=words):
        read_mapping(path)


def test_starter_can_be_read() -> None:
    mapping = mapping_from(tomllib.loads(starter_mapping(SCHEME, 'An "odd" \\ name')))
    assert mapping.sheet == 'An "odd" \\ name'
    assert list(mapping.indicators) == list(SCHEME.codes)
