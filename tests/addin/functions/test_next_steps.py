"""Next steps of a list out of a whole table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.addin.calls import _wide
from tests.addin.formula_help import call
from tests.real_data import real_table
from xl_qbs.addin.definition import CellError, Cells
from xl_qbs.scheme import preset
from xl_qbs.scoring.improvement import next_steps
from xl_qbs.scoring.score import score

NA, NUM, VALUE, DIV0 = CellError.NA, CellError.NUM, CellError.VALUE, CellError.DIV0
SCHEME: Cells = (
    ("Code", "Points", "Required coverage", "Own weight"),
    ("diab", 65, 0.76, 68),
    ("MI", 40, 0.9, 30),
)
TABLE: Cells = (
    ("Nimistu", "diab Sihtrühm", "diab Tehtud", "MI Sihtrühm", "MI Tehtud"),
    ("A", 2, 2, 10, 10),
    ("B", 98, 30, 10, 8),
    ("C", 153, 100, 20, 10),
    (17, 122, 92, 0, None),
)
OWN: Any = (SCHEME, "report", "own")


def steps(table: Cells, provider: Any, score_name: Any = None, *options: Any) -> Cells:
    return call("QBS_NEXT_STEPS", table, provider, score_name, *(options or OWN))


def test_most_points_first_by_hand() -> None:
    headings, *rows = steps(TABLE, "B")
    assert len(headings) == 5
    # M = half the mean target: 375 / 8 and 40 / 8 patients; weights 68 and 30.
    assert [row[0] for row in rows] == ["MI", "diab"]
    assert rows[0][1:] == pytest.approx((2, 30 / 15, 60 / 15, 1), rel=1e-12)
    assert rows[1][1:] == pytest.approx((68, 68 / 144.875, 68 * 68 / 144.875, 45), rel=1e-12)


def test_the_other_scores() -> None:
    assert [row[1:] for row in steps(TABLE, "B", "proportional")[1:]] == [
        pytest.approx((2, 4.0, 8.0, 1), rel=1e-12),
        pytest.approx((68, 65 / 98, 65 * 68 / 98, 45), rel=1e-12),
    ]
    # One patient is missing: all the points.
    assert steps(TABLE, 17, "current")[1:] == (("diab", 30, 65.0, 65.0, 1),)


def test_who_has_served_everybody_has_headings_only() -> None:
    assert len(steps(TABLE, "A")) == 1


@pytest.mark.parametrize("provider", [17, 17.0, "17", " 17 "])
def test_a_number_is_an_id(provider: Any) -> None:
    assert steps(TABLE, provider) == steps(TABLE, 17)


@pytest.mark.parametrize(
    ("provider", "error"),
    [("Z", NA), (DIV0, DIV0), (None, VALUE), (True, VALUE), (["A", "B"], VALUE)],
)
def test_a_list_that_is_not_there(provider: Any, error: CellError) -> None:
    assert steps(TABLE, provider) == ((error,),)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (("best",), VALUE),
        ((None, TABLE), VALUE),
        ((None, SCHEME, "fixed"), VALUE),
        ((None, SCHEME, "report", "own", "up"), VALUE),
        ((None, SCHEME, "report", "own", None, "fr"), VALUE),
    ],
)
def test_options_that_are_none(options: tuple[Any, ...], error: CellError) -> None:
    assert call("QBS_NEXT_STEPS", TABLE, "B", *options) == ((error,),)


def test_counts_that_cannot_be() -> None:
    for cell, error in ((-1, NUM), (30.5, NUM), ("x", VALUE), (DIV0, DIV0), (None, VALUE)):
        table = (*TABLE[:2], ("B", 98, cell, 10, 8), *TABLE[3:])
        assert steps(table, "A") == ((error,),)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["need-adjusted", "proportional", "current"])
def test_real_lists(shared: Path, name: Any) -> None:
    table = real_table(shared, 2019)
    result = score(table, preset())
    for provider in table.providers[:3]:
        headings, *rows = call("QBS_NEXT_STEPS", _wide(table), provider, name, None, None, None, None, "et")
        assert headings[0] == "Indikaator"
        assert [tuple(row) for row in rows] == list(next_steps(result, provider, name))
