"""The formula template of efficiency against Python: data pasted in, and mistakes made, in the yellow cells alone.

A template is written empty, its yellow cells are filled as a user would fill them, an engine that is not Excel
calculates it, and every cell is compared with the sheets that Python makes of the same numbers.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from tests.compare import ENGINES, Engine, alike, errors, libreoffice, plain, value_of
from tests.engines import Cells, ErrorValue, Value, recalculate_ironcalc
from tests.small_efficiency import Numbers, assert_agrees_rounded, blocks, filled_template, ids, numbers
from tests.templates_help import (
    Content,
    Place,
    assert_computes,
    cells_at,
    down,
    failed_checks,
    master_flags,
    to_type,
    typed_with_openpyxl,
    with_cells,
)
from xl_qbs.efficiency.analysis import Given, Options, analyse
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.efficiency.book import efficiency_book
from xl_qbs.sheets.efficiency.plan import TITLES, Plan, room_for
from xl_qbs.sheets.model import Book, Language
from xl_qbs.workbook.efficiency_template import efficiency_template_of, make_efficiency_template

Changes = dict[Place, Content]

PROVIDERS, ROWS = 14, 20
SPENDING = Options(cost_is="spending")
NAN = ErrorValue("#N/A")


class Made(NamedTuple):
    """A written template: its sheets and the file."""

    book: Book
    path: Path


def _made(path: Path, options: Options = SPENDING, rows: int = ROWS, language: Language = "en") -> Made:
    book = efficiency_template_of(options, providers=rows, language=language)
    return Made(book, make_efficiency_template(path, options=options, providers=rows, language=language))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("templates")


@pytest.fixture(scope="module")
def empty(folder: Path) -> Made:
    return _made(folder / "empty.xlsx")


@pytest.fixture(scope="module")
def estonian(folder: Path) -> Made:
    return _made(folder / "tühi.xlsx", language="et")


def _typed(made: Made, path: Path, changes: Changes) -> Path:
    return with_cells(made.path, path, cells_at(made.book, changes))


def _data(given: Numbers, names: Sequence[Content] = (), *, with_errors: bool = False) -> Changes:
    """Return what is typed down the columns of the data."""
    changes = down("provider", list(names or ids(len(given.quality))))
    changes |= down("quality", given.quality.tolist()) | down("cost", given.cost.tolist())
    if with_errors:
        changes |= down("quality_error", given.quality_error.tolist())
        changes |= down("cost_error", given.cost_error.tolist())
    return changes


# A template without data


@pytest.mark.parametrize("engine", ENGINES)
def test_an_empty_template_is_neither_right_nor_wrong(empty: Made, engine: Engine) -> None:
    cells = engine(empty.path)
    assert not errors(cells, empty.book)
    assert master_flags(cells, empty.book) == {-1}


@pytest.mark.parametrize(
    ("options", "rows", "language"),
    [
        (SPENDING, ROWS, "et"),
        (Options(cost_is="performance", own_quality_hurdle=3.0, failing="zero-as-printed"), 5, "en"),
        (Options(cost_is="spending", value=7.0, star_floor=-50.0, star_ceiling=0.0, own_cost_hurdle=9.0), 6, "et"),
    ],
)
def test_templates_of_any_options_are_empty(tmp_path: Path, options: Options, rows: int, language: Language) -> None:
    made = _made(tmp_path / "made.xlsx", options, rows, language)
    cells = recalculate_ironcalc(made.path)
    assert not errors(cells, made.book)
    assert master_flags(cells, made.book) == {-1}
    shown = {
        "cost_is": options.cost_is,
        "value": options.value,
        "star_floor": options.star_floor,
        "own_quality_hurdle": options.own_quality_hurdle,
        "failing": options.failing,
    }
    for key, value in shown.items():
        assert alike(value, value_of(cells, made.book, key)), key


def test_parameters_alone_are_no_data(tmp_path: Path, empty: Made) -> None:
    changes: Changes = {("value", 0, 0): 12.0, ("weight_a", 0, 0): 0.5, ("harmony_quality", 1, 0): "2023"}
    cells = recalculate_ironcalc(_typed(empty, tmp_path / "typed.xlsx", changes))
    assert not errors(cells, empty.book)
    assert master_flags(cells, empty.book) == {-1}


# Data typed in


def _given(given: Numbers, *, with_errors: bool = True) -> Given:
    both = (given.quality_error, given.cost_error) if with_errors else (None, None)
    return Given(given.quality, given.cost, *both)


def _as_performance(given: Numbers) -> Numbers:
    return given._replace(cost=np.round(1000 / given.cost, 3), cost_error=given.cost_error / 1000)


def _ties(given: Numbers) -> Numbers:
    count = len(given.quality)
    return given._replace(quality=np.resize([0.0, 50, 60, 60], count), cost=np.resize([900.0, 1000, 1100], count))


def _wrong_skew(given: Numbers) -> Numbers:
    return given._replace(quality=np.round(30 + np.random.default_rng(3).exponential(10, len(given.quality)), 1))


def _no_luck(given: Numbers) -> Numbers:
    waste = np.random.default_rng(4).exponential(6, len(given.quality)) ** 1.5
    return given._replace(quality=np.round(np.clip(90 - waste, 0, 100), 1))


def _same(given: Numbers) -> Numbers:
    return given


# What the numbers are, and the options; a value in money lets every column be there.
FILLED: dict[str, tuple[Callable[[Numbers], Numbers], dict[str, Any]]] = {
    "as they are": (_same, {"value": 25.0}),
    "many options": (
        _same,
        {
            "value": 3.0,
            "quality_weights": (0.6, 0.1),
            "quality_shares": (0.2, 0.5),
            "cost_shares": (0.4, 0.7),
            "quality_hurdle_share": 0.4,
            "own_cost_hurdle": 1000.0,
            "failing": "zero-as-printed",
            "class_shares": (0.25, 0.9),
            "reference_quality": 70.0,
            "reference_cost": 900.0,
            "error_correlation": -0.3,
            "star_floor": -10.0,
            "star_ceiling": 110.0,
            "level": 0.8,
        },
    ),
    "ties and zeros": (_ties, {"value": 25.0}),
    "wrong skew": (_wrong_skew, {"value": 25.0}),
    "no luck": (_no_luck, {"value": 25.0}),
}


@pytest.mark.parametrize("with_errors", [True, False], ids=["errors", "no errors"])
@pytest.mark.parametrize("name", FILLED)
def test_data_typed_into_an_empty_template(tmp_path: Path, empty: Made, name: str, with_errors: bool) -> None:
    change, options = FILLED[name]
    given = _given(change(numbers(PROVIDERS)), with_errors=with_errors)
    wanted = filled_template(given, Options(cost_is="spending", **options), ROWS)
    path = with_cells(empty.path, tmp_path / "typed.xlsx", to_type(empty.book, wanted))
    assert_computes(path, recalculate_ironcalc, wanted)


@pytest.mark.parametrize("engine", ENGINES)
def test_data_pasted_in_estonian(tmp_path: Path, estonian: Made, engine: Engine) -> None:
    """With a program that writes all of the workbook anew."""
    options = Options(cost_is="spending", **FILLED["many options"][1])
    wanted = filled_template(_given(numbers(PROVIDERS)), options, ROWS, language="et")
    path = typed_with_openpyxl(estonian.path, tmp_path / "typed.xlsx", to_type(estonian.book, wanted))
    assert_computes(path, engine, wanted)


def test_a_full_template(tmp_path: Path, empty: Made) -> None:
    wanted = filled_template(_given(numbers(ROWS)), Options(cost_is="spending", value=25.0), ROWS)
    assert_computes(
        with_cells(empty.path, tmp_path / "typed.xlsx", to_type(empty.book, wanted)), recalculate_ironcalc, wanted
    )


@pytest.mark.shared
def test_real_data_pasted_in(shared: Path, tmp_path: Path) -> None:
    """Hospitals of one state, as they stand in the file, in room for more."""
    with (shared / "data" / "hospital_quality_cost_fy2013.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["state"] in ("AL", "AZ")]
    assert len(rows) > 100
    given = Given(
        np.array([float(row["total_performance_score"]) for row in rows]),
        np.array([float(row["spending_ratio"]) for row in rows]),
    )
    made = _made(tmp_path / "empty.xlsx", rows=200)
    names = [row["provider_id"] for row in rows]
    wanted = filled_template(given, Options(cost_is="spending", value=100.0), 200, providers=names)
    path = typed_with_openpyxl(made.path, tmp_path / "typed.xlsx", to_type(made.book, wanted))
    assert_agrees_rounded(path, recalculate_ironcalc, wanted)


# What Python makes of the same numbers, row by row, where a template is not filled from the top

# Blocks that a template and a result have in another form: where charts reach, sums, and places among all rows.
OF_ITS_OWN = (
    "check_",
    "written_",
    "flag_",
    "master",
    "provider_",
    "line_",
    "reach_",
    "bin_",
    "hull_key",
    "order_no",
    "legend_",
    "harmony_warning_",
)
SORTED = ("hull_performance", "hull_best", "hull_of_ties")
MATRICES = ("correlation", "correlation_low", "correlation_high", "same_class", "kappa", "class_shares")


def _python(given: Given, options: Options, names: Sequence[str], language: Language = "en") -> Book:
    """Return the sheets that an analysis of just these providers comes to."""
    analysis = analyse(given, options, linear_programs=False)
    return efficiency_book(Plan(analysis, tuple(names), room_for(len(names))), language)


def _assert_rows(cells: Cells, template: Book, expected: Book, rows: Sequence[int]) -> None:
    """Assert that a template shows, in some of its rows, what Python makes of just these providers."""
    compared = 0
    keys = [one.removeprefix("eff_") for one in template.named]
    columns = [key for key in TITLES if key in keys and f"eff_{key}" in template.named]
    kept = [columns.index(key) for key in columns if f"eff_{key}" in expected.named]
    for block in blocks(expected):
        key = block.key
        if key.startswith(OF_ITS_OWN) or key.endswith(("_across", "_down")):
            continue
        there = template.block(key)
        if key in MATRICES:
            down_to = kept if block.rows == block.columns == len(kept) else range(block.rows)
            places = [(row, column) for row in down_to for column in kept]
        elif block.rows == len(rows) and there.rows == template.block("quality").rows:
            of_all = key.endswith("_order") or key in SORTED
            places = [(row, 0) for row in (range(len(rows)) if of_all else rows)]
        else:
            assert block.values.shape == there.values.shape, key
            places = list(np.ndindex(*block.values.shape))
        found = [value_of(cells, template, key, *place) for place in places]
        wanted = [plain(one) for one in block.values.ravel()]
        wrong = [pair for pair in zip(places, wanted, found, strict=True) if not alike(*pair[1:])]
        assert not wrong, f"{key}: {wrong[:3]}"
        compared += len(found)
    assert compared > 80 * len(rows)


def _numbers_in(cells: Cells, book: Book, row: int) -> list[str]:
    """Return the blocks that show a number of a provider in a row of a template."""
    rows = book.block("quality").rows
    calculated = [
        one
        for one in blocks(book)
        if one.rows == rows and one.kind in ("calculation", "output", "link") and one.formula
    ]
    # Places among all rows, and points outside the charts, are of no provider.
    others = ("present", "order_no", "x_", "y_", "draw_", *SORTED)
    return [
        one.key
        for one in calculated
        if not one.key.startswith(others)
        and not one.key.endswith("_order")
        and isinstance(value_of(cells, book, one.key, row), float)
    ]


OK = "OK"
# In which row what is wrong, and what is said; the rows between are right.
MESS: dict[int, tuple[Changes, str]] = {
    1: ({("provider", 1, 0): None, ("quality", 1, 0): None, ("cost", 1, 0): None}, ""),
    2: ({("provider", 2, 0): "   "}, "The provider is missing"),
    4: ({("quality", 4, 0): "n/a"}, "Quality is not a number"),
    5: ({("cost", 5, 0): "1 234,50"}, "Cost is not a number"),
    6: ({("cost", 6, 0): None}, "Cost is not a number"),
    8: ({("cost", 8, 0): -12.0}, "Spending must be above 0"),
    9: ({("provider", 9, 0): "Twice"}, "This provider stands here twice"),
    11: ({("provider", 11, 0): " tWICE "}, "This provider stands here twice"),
    12: ({("quality_error", 12, 0): "small"}, "A standard error is not a number"),
    13: ({("cost_error", 13, 0): -1.0}, "A standard error is negative"),
    15: ({("quality", 15, 0): NAN}, "There is an error value"),
    16: ({("provider", 16, 0): ErrorValue("#REF!")}, "There is an error value"),
    18: ({("quality_error", 18, 0): NAN}, "There is an error value"),
    19: ({("cost", 19, 0): 0.0}, "Spending must be above 0"),
}
MESSY_ROWS = 30


@pytest.fixture(scope="module")
def messy(folder: Path) -> Made:
    """A template with data in which nearly everything is wrong somewhere."""
    made = _made(folder / "messy.xlsx", Options(cost_is="spending", value=25.0), MESSY_ROWS)
    changes = _data(numbers(28))
    for one, _ in MESS.values():
        changes |= one
    return Made(made.book, _typed(made, folder / "messy_typed.xlsx", changes))


@pytest.mark.parametrize("engine", ENGINES)
def test_rows_that_cannot_be_used_are_told_and_move_no_other(messy: Made, engine: Engine) -> None:
    given, right = numbers(28), [row for row in range(28) if row not in MESS]
    cells = engine(messy.path)
    book = messy.book
    for row in range(MESSY_ROWS):
        told = MESS[row][1] if row in MESS else (OK if row < 28 else "")
        assert alike(told, value_of(cells, book, "message", row)), row
        if told != OK:
            assert _numbers_in(cells, book, row) == []
    assert master_flags(cells, book) == {0}
    assert failed_checks(cells, book) == ["Rows of the data that cannot be used (see the messages there)"]
    assert value_of(cells, book, "unusable") == len(MESS) - 1
    # The only error values are those that were typed.
    typed = [
        (key, row) for one, _ in MESS.values() for (key, row, _), value in one.items() if isinstance(value, ErrorValue)
    ]
    assert len(errors(cells, book)) == len(typed)
    options = Options(cost_is="spending", value=25.0)
    names = [ids(28)[row] for row in right]
    _assert_rows(cells, book, _python(Given(given.quality[right], given.cost[right]), options, names), right)


@pytest.mark.parametrize("engine", ENGINES)
def test_gaps_between_providers_do_not_matter(tmp_path: Path, engine: Engine) -> None:
    """Nor does their order, nor that the first and the last rows are blank."""
    given, rows = numbers(12), [2, 3, 5, 6, 7, 9, 12, 13, 14, 16, 17, 18]
    names = [f"Õ {number}" for number in range(12)]
    made = _made(tmp_path / "made.xlsx")
    changes: Changes = {}
    for place, row in enumerate(rows):
        changes |= {
            ("provider", row, 0): names[place],
            ("quality", row, 0): float(given.quality[place]),
            ("cost", row, 0): float(given.cost[place]),
            ("quality_error", row, 0): float(given.quality_error[place]),
            ("cost_error", row, 0): float(given.cost_error[place]),
        }
    cells = engine(_typed(made, tmp_path / "typed.xlsx", changes | {("value", 0, 0): 25.0}))
    assert not errors(cells, made.book)
    assert master_flags(cells, made.book) == {1}
    options = Options(cost_is="spending", value=25.0)
    _assert_rows(cells, made.book, _python(_given(given), options, names), rows)


# Models that the data or the parameters do not allow stay empty, as Python leaves them out

EMPTY: dict[str, tuple[Callable[[Numbers], Numbers], dict[str, Any], set[str]]] = {
    "no value": (_same, {}, {"cost_effectiveness"}),
    "negative quality": (
        lambda given: given._replace(quality=given.quality - 65),
        {"value": 25.0},
        {"envelopment", "free_disposal", "stars"},
    ),
    "cost performance": (_as_performance, {"cost_is": "performance"}, {"cost_effectiveness"}),
    "cost performance around 0": (
        lambda given: given._replace(cost=np.round((given.cost.mean() - given.cost) / 100, 2)),
        {"cost_is": "performance"},
        {"cost_effectiveness", "envelopment", "free_disposal"},
    ),
    "quality above full": (_same, {"value": 25.0, "star_ceiling": 50.0}, {"stars"}),
    "quality follows from cost": (
        lambda given: given._replace(quality=90 * given.cost.min() / given.cost),
        {"value": 25.0},
        {"frontier_moments"},
    ),
    "4 providers": (lambda given: Numbers(*(one[:4] for one in given)), {"value": 25.0}, {"frontier_moments"}),
    "3 providers": (lambda given: Numbers(*(one[:3] for one in given)), {"value": 25.0}, {"frontier_moments"}),
}


@pytest.mark.parametrize("name", EMPTY)
def test_models_that_cannot_be_stay_empty(tmp_path: Path, empty: Made, name: str) -> None:
    change, given_options, left_out = EMPTY[name]
    given = change(numbers(PROVIDERS))
    options = Options(**{"cost_is": "spending", **given_options})
    changes = _data(given, with_errors=True)
    typed = {"cost_is": options.cost_is, "value": options.value, "star_ceiling": options.star_ceiling}
    changes |= {(key, 0, 0): value for key, value in typed.items()}
    cells = recalculate_ironcalc(_typed(empty, tmp_path / "typed.xlsx", changes))
    assert not errors(cells, empty.book)
    assert master_flags(cells, empty.book) == {1}
    count = len(given.quality)
    expected = _python(_given(given), options, ids(count))
    keys = {"cost_effectiveness", "envelopment", "free_disposal", "frontier_moments"}
    assert {key for key in keys if f"eff_{key}" not in expected.named} == left_out - {"stars"}
    for key in left_out:
        shown = key if key == "stars" else f"eff_{key}"
        assert all(alike(None, value_of(cells, empty.book, shown, row)) for row in range(count)), key
    _assert_rows(cells, empty.book, expected, range(count))


# Given later, or of some only


@pytest.mark.parametrize("engine", [recalculate_ironcalc])
def test_standard_errors_of_some_providers(tmp_path: Path, empty: Made, engine: Engine) -> None:
    """Intervals stand where both standard errors are known; everything else is as without."""
    given = numbers(PROVIDERS)
    known = [0, 3, 7]
    changes = _data(given) | {("value", 0, 0): 25.0}
    for row in known:
        changes[("quality_error", row, 0)] = float(given.quality_error[row])
        changes[("cost_error", row, 0)] = float(given.cost_error[row])
    changes[("quality_error", 9, 0)] = float(given.quality_error[9])
    cells = engine(_typed(empty, tmp_path / "typed.xlsx", changes))
    assert not errors(cells, empty.book)
    assert master_flags(cells, empty.book) == {1}
    options = Options(cost_is="spending", value=25.0)
    with_errors = _python(_given(given), options, ids(PROVIDERS))
    _assert_rows(
        cells, empty.book, _python(_given(given, with_errors=False), options, ids(PROVIDERS)), range(PROVIDERS)
    )
    ends = {
        "quality_low_end": [*known, 9],
        "cost_high_end": known,
        "z_quality_error": [*known, 9],
        "unconditional_a_low": known,
        "unconditional_b_high": known,
        "quality_hurdle_low": known,
        "cost_hurdle_high": [*known, 9],
        "cost_effectiveness_low": known,
        "cost_effectiveness_probability": known,
    }
    for key, rows in ends.items():
        for row in range(PROVIDERS):
            wanted = plain(with_errors.block(key).values[row, 0]) if row in rows else None
            assert alike(wanted, value_of(cells, empty.book, key, row)), (key, row)


# What careless users do


def _flags(tmp_path: Path, made: Made, changes: Changes, engine: Engine = recalculate_ironcalc) -> set[Value]:
    return master_flags(engine(_typed(made, tmp_path / "typed.xlsx", changes)), made.book)


FEW = 8


@pytest.fixture(scope="module")
def filled(folder: Path) -> Made:
    """A small template with data that are right."""
    made = _made(folder / "small.xlsx", Options(cost_is="spending", value=25.0), FEW + 2)
    return Made(made.book, _typed(made, folder / "filled.xlsx", _data(numbers(FEW), with_errors=True)))


NEEDED = (
    "weight_a",
    "weight_b",
    "quality_share_1",
    "quality_share_2",
    "cost_share_1",
    "cost_share_2",
    "quality_hurdle_share",
    "cost_hurdle_share",
    "class_share_1",
    "class_share_2",
    "error_correlation",
    "level",
    "star_floor",
    "star_ceiling",
    "star_scale",
    "middle_star",
    "efficiency_decimals",
    "cut_guard",
    "star_points_table",
)
OPTIONAL = ("own_quality_hurdle", "own_cost_hurdle", "value", "own_reference_quality", "own_reference_cost")
WORDS = ("cost_is", "failing")


def test_filled_with_care_it_is_right(tmp_path: Path, filled: Made) -> None:
    assert _flags(tmp_path, filled, {}) == {1}
    yellow = {
        block.key
        for block in blocks(filled.book)
        if block.kind == "input" and block.sheet == "Parameters" and block.key
    }
    assert yellow == {*NEEDED, *OPTIONAL, *WORDS}


@pytest.mark.parametrize("key", [*NEEDED, *OPTIONAL, *WORDS])
def test_what_is_no_number_in_a_parameter_shows(tmp_path: Path, filled: Made, key: str) -> None:
    """A text, a number as text, an error value; and nothing, where something has to be."""
    for content in ("high", "0.5", NAN):
        assert _flags(tmp_path, filled, {(key, 0, 0): content}) == {0}, content
    deleted = _flags(tmp_path, filled, {(key, 0, 0): None})
    assert deleted == ({1} if key in OPTIONAL else {0})


OUT_OF_RANGE: dict[str, Changes] = {
    "weight of 70": {("weight_a", 0, 0): 70.0},
    "negative weight": {("weight_b", 0, 0): -0.1},
    "shares of quality crossed": {("quality_share_1", 0, 0): 0.9},
    "shares of cost equal": {("cost_share_1", 0, 0): 0.75},
    "shares of classes as percents": {("class_share_1", 0, 0): 33.0, ("class_share_2", 0, 0): 67.0},
    "hurdle at 0": {("quality_hurdle_share", 0, 0): 0.0},
    "hurdle at 1": {("cost_hurdle_share", 0, 0): 1.0},
    "hurdle that nobody passes": {("own_quality_hurdle", 0, 0): 101.0},
    "spending that nobody keeps to": {("own_cost_hurdle", 0, 0): 1.0},
    "hurdle of no spending": {("own_cost_hurdle", 0, 0): 0.0},
    "hurdle of negative spending": {("own_cost_hurdle", 0, 0): -1000.0},
    "correlation of 40": {("error_correlation", 0, 0): 40.0},
    "level of 95": {("level", 0, 0): 95.0},
    "negative value": {("value", 0, 0): -1.0},
    "negative reference": {("own_reference_cost", 0, 0): -1.0},
    "stars from 100 to 0": {("star_floor", 0, 0): 100.0, ("star_ceiling", 0, 0): 0.0},
    "scale of stars 0": {("star_scale", 0, 0): 0.0},
    "7 points": {("star_points_table", row, column): 7.0 for row in range(10) for column in range(10)},
    "half a decimal": {("efficiency_decimals", 0, 0): 2.5},
    "negative decimals": {("efficiency_decimals", 0, 0): -1.0},
    "negative guard": {("cut_guard", 0, 0): -0.01},
    "guard of 1": {("cut_guard", 0, 0): 1.0},
    "spending misspelt": {("cost_is", 0, 0): "spendings"},
    "spending with a space": {("cost_is", 0, 0): "spending "},
    "spending with a star": {("cost_is", 0, 0): "sp*"},
    "spending with question marks": {("cost_is", 0, 0): "????????"},
    "spending in Estonian": {("cost_is", 0, 0): "kulu"},
    "failing with a star": {("failing", 0, 0): "*"},
}


@pytest.mark.parametrize("mistake", OUT_OF_RANGE)
def test_parameters_that_python_refuses_show(tmp_path: Path, filled: Made, mistake: str) -> None:
    assert _flags(tmp_path, filled, OUT_OF_RANGE[mistake]) == {0}


@pytest.mark.parametrize(
    "changes",
    [{("cost_is", 0, 0): "Spending"}, {("failing", 0, 0): "ZERO-as-printed"}, {("own_cost_hurdle", 0, 0): 1e6}],
    ids=["capitals", "more capitals", "a hurdle that all pass"],
)
def test_what_is_meant_is_understood(tmp_path: Path, filled: Made, changes: Changes) -> None:
    assert _flags(tmp_path, filled, changes) == {1}


def _few(count: int) -> Changes:
    cleared = {(key, row, 0): None for key in ("provider", "quality", "cost") for row in range(count, FEW)}
    return {**cleared}


BAD_DATA: dict[str, Changes] = {
    "every cost a text": down("cost", ["1 000"] * FEW),
    "every quality missing": down("quality", [None] * FEW),
    "no ids": down("provider", [None] * FEW),
    "one id for all": down("provider", ["P1"] * FEW),
    "ids alike but for spaces": {("provider", 1, 0): " P001"},
    "a number and the same as text": {("provider", 1, 0): 17.0, ("provider", 4, 0): "17"},
    "ids that look like criteria, twice": {("provider", 1, 0): "=1+1", ("provider", 4, 0): "=1+1"},
    "ids with a tilde, twice": {("provider", 1, 0): "a~1", ("provider", 4, 0): "a~1"},
    "quality the same for all": down("quality", [50.1] * FEW),
    "cost the same for all": down("cost", [0.1] * FEW),
    "one provider": _few(1),
    "two providers": _few(2),
    "an id without numbers below": {("provider", FEW + 1, 0): "Total"},
    "sums below": {("quality", FEW + 1, 0): 500.0, ("cost", FEW + 1, 0): 9000.0},
}


@pytest.mark.parametrize("mistake", BAD_DATA)
def test_data_that_python_refuses_show(tmp_path: Path, filled: Made, mistake: str) -> None:
    cells = recalculate_ironcalc(_typed(filled, tmp_path / "typed.xlsx", BAD_DATA[mistake]))
    assert not errors(cells, filled.book)
    assert master_flags(cells, filled.book) == {0}


@pytest.mark.parametrize("name", ["P*", "P00?", ">5", "<>", "=P002", "TRUE", "#N/A", "-1", "õ" * 300])
def test_ids_that_look_like_something_else_are_ids(tmp_path: Path, filled: Made, name: str) -> None:
    cells = recalculate_ironcalc(_typed(filled, tmp_path / "typed.xlsx", {("provider", 3, 0): name}))
    assert not errors(cells, filled.book)
    assert master_flags(cells, filled.book) == {1}
    assert alike(name, value_of(cells, filled.book, "provider_id", 3))


@pytest.mark.libreoffice
def test_careless_users_of_libreoffice(tmp_path: Path, filled: Made) -> None:
    """What IronCalc and LibreOffice may see otherwise, all at once: each has a check of its own."""
    changes: Changes = {
        ("cost_is", 0, 0): "????????",
        ("weight_a", 0, 0): None,
        ("value", 0, 0): "25 €",
        ("provider", 1, 0): " p003 ",
        ("quality", 5, 0): "12",
        ("provider", 6, 0): "P*",
    }
    cells = libreoffice(_typed(filled, tmp_path / "typed.xlsx", changes))
    assert master_flags(cells, filled.book) == {0}
    twice = "This provider stands here twice"
    told = [value_of(cells, filled.book, "message", row) for row in range(FEW)]
    assert told == [OK, twice, twice, OK, OK, "Quality is not a number", OK, OK]
    assert failed_checks(cells, filled.book) == [
        "Rows of the data that cannot be used (see the messages there)",
        "Words for cost and for failing a hurdle that are known (2 = both)",
        "Parameters and points of the stars that are numbers",
        "Parameters that may be empty and are neither that nor a number",
    ]


# The file


def test_the_same_template_every_time(tmp_path: Path) -> None:
    paths = [_made(tmp_path / f"{name}.xlsx", rows=6).path for name in ("one", "two")]
    assert paths[0].read_bytes() == paths[1].read_bytes()


def _quality_of(cells: Cells, book: Book, rows: int) -> Array:
    return np.array([value_of(cells, book, "z_quality", row) for row in range(rows)], dtype=float)


def test_z_scores_follow_the_data(tmp_path: Path, filled: Made) -> None:
    """A number typed over another moves every provider: the template is no copy of anything."""
    before = recalculate_ironcalc(filled.path)
    after = recalculate_ironcalc(_typed(filled, tmp_path / "typed.xlsx", {("quality", 0, 0): 1.0}))
    moved = _quality_of(after, filled.book, FEW) != _quality_of(before, filled.book, FEW)
    assert moved.all()
