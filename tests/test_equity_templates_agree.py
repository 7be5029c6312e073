"""The formula template of equity against Python: filled, pasted into, and mistaken in its yellow cells alone.

A template is written, its yellow cells are filled as a user would fill them, an engine that is not Excel calculates
it, and every cell is compared with what Python makes of the same numbers.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from tests.compare import (
    ENGINES,
    Engine,
    alike,
    errors,
    formulas,
    libreoffice,
    value_of,
    values,
    without_texts,
    written_formulas,
)
from tests.engines import Cells, ErrorValue, recalculate_ironcalc
from tests.small_equity import PERIODS, count_rows, with_unknown, write_table
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
from xl_qbs.equity.analysis import EquityOptions, analyse_equity
from xl_qbs.equity.gates import GateRules
from xl_qbs.equity.group_table import GroupTable
from xl_qbs.equity.incentive import IncentiveRules
from xl_qbs.sheets.equity.book import equity_book
from xl_qbs.sheets.equity.plan import DataRows, Plan
from xl_qbs.sheets.model import Book, Language
from xl_qbs.workbook.equity_template import (
    EquityRequest,
    equity_template_of,
    make_equity_template,
    open_analysis,
    template_plan,
)
from xl_qbs.workbook.group_table import GroupColumns, read_group_table

SLOW = pytest.mark.skipif(os.environ.get("XL_QBS_SLOW") != "1", reason="takes minutes: XL_QBS_SLOW=1 runs it")
Changes = dict[Place, Content]

PROVIDERS = 10
# A little more room than there are data: spare providers, an indicator and a group.
ROOM: dict[str, int] = {"providers": 12, "indicators": 3, "groups": 4}
TWO = IncentiveRules(disadvantaged=("beta", "gamma"))
POINTS = EquityOptions(incentive=TWO)
TOTALS = replace(PERIODS, total="all")
# `count_rows` has one row with more done than patients, of a provider that is among the ten.
EXCEEDING = 1


class Made(NamedTuple):
    """A written template: its sheets and the file."""

    book: Book
    path: Path


def _rows(providers: int = PROVIDERS) -> list[list[Any]]:
    return count_rows(providers)


def _request(
    folder: Path, options: EquityOptions = POINTS, columns: GroupColumns = TOTALS, *, unknown: bool = False, **more: Any
) -> EquityRequest:
    rows = with_unknown(_rows()) if unknown else _rows()
    table = read_group_table(write_table(folder / "table.csv", rows), columns)
    return EquityRequest(options=options, table=table, **{**ROOM, "accepted": EXCEEDING, **more})


def _made(request: EquityRequest, path: Path, language: Language = "en") -> Made:
    return Made(equity_template_of(request, language), make_equity_template(request, path, language=language))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("templates")


@pytest.fixture(scope="module")
def empty(folder: Path) -> Made:
    return _made(EquityRequest(**ROOM), folder / "empty.xlsx")


@pytest.fixture(scope="module")
def estonian(folder: Path) -> Made:
    return _made(EquityRequest(**ROOM), folder / "tühi.xlsx", "et")


@pytest.fixture(scope="module")
def filled(folder: Path) -> Made:
    return _made(_request(folder), folder / "filled.xlsx")


# A template without data


@pytest.mark.parametrize(
    ("engine", "language"),
    [
        (recalculate_ironcalc, "en"),
        (recalculate_ironcalc, "et"),
        pytest.param(libreoffice, "en", marks=pytest.mark.libreoffice),
    ],
)
def test_an_empty_template_says_what_to_do(empty: Made, estonian: Made, engine: Engine, language: str) -> None:
    made = empty if language == "en" else estonian
    cells = engine(made.path)
    assert not errors(cells, made.book)
    assert master_flags(cells, made.book) == {-1}
    told = {value_of(cells, made.book, key) for key in made.book.named if key.startswith("to_do_")}
    assert len(told) == 1
    assert str(told.pop()).startswith("NO DATA" if language == "en" else "ANDMEID POLE")


def test_names_and_options_of_an_empty_template(tmp_path: Path) -> None:
    options = EquityOptions(
        rules=GateRules(share_known=0.7, smallest_group=20, fewest_groups=3, total_required=True),
        reference="beta",
        prior="report",
        fraction=0.25,
        level=0.9,
        points_on="unadjusted",
        incentive=IncentiveRules(disadvantaged=("gamma",), steps="smooth", forfeit="always"),
        weights={"hyp": 2.0},
        targets={"diab": (0.5, 0.8)},
    )
    request = EquityRequest(options=options, codes=("diab", "hyp"), names=("alpha", "beta", "gamma"), providers=5)
    made = _made(request, tmp_path / "made.xlsx", "et")
    cells = recalculate_ironcalc(made.path)
    assert not errors(cells, made.book)
    assert master_flags(cells, made.book) == {-1}
    shown: dict[str, Sequence[Content]] = {
        "share_known": [0.7],
        "smallest_group": [20],
        "fewest_groups": [3],
        "total_required": [1],
        "reference": ["beta"],
        "prior_rule": ["report"],
        "fraction": [0.25],
        "level": [0.9],
        "points_on": ["unadjusted"],
        "steps": ["smooth"],
        "forfeit": ["always"],
        "code": ["diab", "hyp", None],
        "weight": [1, 2, 1],
        "own_threshold": [0.5, None],
        "own_goal": [0.8, None],
        "d_provider": [None],
        "d_n": [None],
    }
    for key, wanted in shown.items():
        assert all(alike(one, value_of(cells, made.book, key, row)) for row, one in enumerate(wanted)), key
    groups = [value_of(cells, made.book, "group_name", 0, g) for g in range(4)]
    assert groups == ["alpha", "beta", "gamma", None]
    assert [value_of(cells, made.book, "disadvantaged", 0, g) for g in range(4)] == [0, 0, 1, 0]


# Data in it

CASES: dict[str, tuple[EquityOptions, GroupColumns, dict[str, Any]]] = {
    "points": (POINTS, TOTALS, {}),
    "no points": (EquityOptions(reference="population"), TOTALS, {}),
    "no baseline": (EquityOptions(), replace(PERIODS, baseline=None), {"accepted": EXCEEDING}),
    "own targets without a baseline": (
        EquityOptions(incentive=TWO, targets={"diab": (0.5, 0.9), "hyp": (0.55, 0.85)}),
        replace(PERIODS, baseline=None),
        {},
    ),
    "smooth": (
        EquityOptions(
            incentive=IncentiveRules(disadvantaged=("beta",), steps="smooth", forfeit="beyond chance"),
            points_on="unadjusted",
            reference="alpha",
            prior="report",
            level=0.9,
            weights={"hyp": 2.0},
            targets={"diab": (0.6, 0.9)},
        ),
        PERIODS,
        {},
    ),
    "forfeit": (
        EquityOptions(incentive=IncentiveRules(disadvantaged=("beta",), forfeit="always"), reference="gamma"),
        PERIODS,
        {},
    ),
    "benchmark": (
        EquityOptions(
            reference="benchmark",
            benchmarks={"diab": 0.8, "hyp": 0.75},
            rules=GateRules(smallest_group=20, total_required=True),
        ),
        TOTALS,
        {},
    ),
    "unknown groups": (POINTS, replace(PERIODS, unknown=("not known",)), {"unknown": True}),
    "no spare room": (POINTS, TOTALS, {"providers": PROVIDERS, "indicators": 2, "groups": 3}),
}


@pytest.mark.parametrize("name", CASES)
def test_a_filled_template_is_what_python_computed(tmp_path: Path, name: str) -> None:
    options, columns, more = CASES[name]
    made = _made(_request(tmp_path, options, columns, **more), tmp_path / "filled.xlsx")
    cells = assert_computes(made.path, recalculate_ironcalc, made.book)
    assert {value_of(cells, made.book, key) for key in made.book.named if key.startswith("to_do_")} <= {None, ""}
    assert not errors(values(made.path), made.book)


def test_the_numbers_are_those_of_the_command_on_the_same_table(tmp_path: Path, filled: Made) -> None:
    """What stands in the cells comes from the same analysis as the result book's, without any spare place."""
    table = read_group_table(write_table(tmp_path / "table.csv", _rows()), TOTALS)
    assert table.before is not None
    analysis = analyse_equity(table.now.table, table.before.table, POINTS)
    assert analysis.points is not None
    shown = filled.book.block("r_total").values[:PROVIDERS, 0].astype(float)
    assert np.array_equal(shown, analysis.points.total, equal_nan=True)
    assert np.isfinite(shown).sum() >= 6
    cells = recalculate_ironcalc(filled.path)
    places = filled.book.block("diff")
    for (p, i, g), wanted in np.ndenumerate(analysis.gaps.difference.value):
        found = value_of(cells, filled.book, "diff", i * ROOM["providers"] + p, g)
        assert alike(None if np.isnan(wanted) else float(wanted), found), (p, i, g)
    assert places.columns == ROOM["groups"]


@pytest.mark.parametrize("name", ["points", "unknown groups"])
def test_data_pasted_into_an_empty_template(tmp_path: Path, empty: Made, name: str) -> None:
    options, columns, more = CASES[name]
    wanted = equity_template_of(_request(tmp_path, options, columns, **more))
    path = with_cells(empty.path, tmp_path / "typed.xlsx", to_type(empty.book, wanted))
    assert_computes(path, recalculate_ironcalc, wanted)


@pytest.mark.libreoffice
def test_data_pasted_in_estonian(tmp_path: Path, estonian: Made) -> None:
    """With a program that writes all of the workbook anew."""
    options, columns, more = CASES["points"]
    wanted = equity_template_of(_request(tmp_path, options, columns, **more), "et")
    path = typed_with_openpyxl(estonian.path, tmp_path / "typed.xlsx", to_type(estonian.book, wanted))
    assert_computes(path, libreoffice, wanted)


@pytest.mark.libreoffice
def test_libreoffice_calculates_the_same(filled: Made) -> None:
    assert_computes(filled.path, libreoffice, filled.book)


@pytest.mark.libreoffice
@SLOW
@pytest.mark.parametrize("name", CASES)
def test_libreoffice_calculates_every_case(tmp_path: Path, name: str) -> None:
    options, columns, more = CASES[name]
    made = _made(_request(tmp_path, options, columns, **more), tmp_path / "filled.xlsx", "et")
    assert_computes(made.path, libreoffice, made.book)


def test_the_order_of_rows_does_not_matter(tmp_path: Path, empty: Made) -> None:
    """Nor that rows of both periods stand in other orders, with gaps between them."""
    request = _request(tmp_path)
    plan = template_plan(request)
    assert plan.room is not None
    draw = np.random.default_rng(5)
    now, before = (_shuffled(one, draw) for one in (plan.room.now, plan.room.before))
    order = list(dict.fromkeys(now.providers))
    assert order != list(plan.providers)
    table = request.table
    assert table is not None
    assert table.before is not None
    analysis = open_analysis(table.now.table.rows(order), table.before.table.rows(order), POINTS)
    wanted = equity_book(
        Plan(analysis=analysis, now=None, before=None, room=replace(plan.room, now=now, before=before))
    )
    path = with_cells(empty.path, tmp_path / "typed.xlsx", to_type(empty.book, wanted))
    assert_computes(path, recalculate_ironcalc, wanted)


def _shuffled(rows: DataRows, draw: np.random.Generator) -> DataRows:
    places = draw.permutation(len(rows.n))
    names = [tuple(column[place] for place in places) for column in (rows.providers, rows.indicators, rows.groups)]
    return DataRows(*names, rows.n[places], rows.x[places])


# What it pays for


def _with(cells: Made, path: Path, changes: Changes) -> Path:
    return with_cells(cells.path, path, cells_at(cells.book, changes))


def _row_of(book: Book, provider: str, indicator: str, group: str, end: str = "") -> int:
    keys = [book.block(f"d_{name}{end}").values[:, 0].tolist() for name in ("provider", "indicator", "group")]
    return list(zip(*keys, strict=True)).index((provider, indicator, group))


def test_levelling_down_earns_nothing(tmp_path: Path, filled: Made) -> None:
    """With nobody of the best group served any more, no point changes; raising beta instead raises its points."""
    book = filled.book
    lower: Changes = {("d_x", _row_of(book, f"P{p:02d}", "diab", "alpha"), 0): 0.0 for p in range(1, PROVIDERS + 1)}
    before, after = recalculate_ironcalc(filled.path), recalculate_ironcalc(_with(filled, tmp_path / "low.xlsx", lower))
    for key in ("achievement", "improvement", "points"):
        for row in range(book.block(key).rows):
            for g in (1, 2):
                assert alike(value_of(before, book, key, row, g), value_of(after, book, key, row, g)), (key, row, g)
    assert master_flags(after, book) == {1}
    assert value_of(before, book, "worst", 0) != value_of(after, book, "worst", 0)
    place = _row_of(book, "P07", "diab", "beta")
    patients = book.block("d_n").values[place, 0]
    raised = recalculate_ironcalc(_with(filled, tmp_path / "high.xlsx", {("d_x", place, 0): float(patients)}))
    points = [value_of(cells, book, "points", 6, 1) for cells in (before, raised)]
    assert isinstance(points[0], float)
    assert isinstance(points[1], float)
    assert points[1] > points[0]


def test_the_lowered_group_is_told_of_and_not_paid_for(filled: Made) -> None:
    """P08: alpha fell from 90 to 70 of 100, beta and gamma stood still."""
    cells = recalculate_ironcalc(filled.path)
    row = 7
    assert value_of(cells, filled.book, "provider_rows", row) == "P08"
    assert [value_of(cells, filled.book, "levelled", row, g) or None for g in range(4)] == [None, 1, 1, None]
    assert [value_of(cells, filled.book, "improvement", row, g) for g in (1, 2)] == [0, 0]


def test_parameters_are_live(tmp_path: Path, filled: Made) -> None:
    """Changed in the workbook, every option comes to what Python makes of it."""
    options, columns, more = CASES["smooth"]
    wanted = equity_template_of(_request(tmp_path, options, replace(columns, total="all"), **more))
    path = with_cells(filled.path, tmp_path / "typed.xlsx", to_type(filled.book, wanted))
    assert_computes(path, recalculate_ironcalc, wanted)


# Mistakes

OK = "OK"
NAN = ErrorValue("#N/A")
TWICE = "The same provider, indicator and group stand here twice"
INDICATOR = "The indicator is missing, or not on Parameters"
GROUP = "The group is missing, or not on Parameters"
PATIENTS = "Patients must be a whole number from 0"
WORK = "Work done must be a whole number from 0"
MORE = "More done than patients: counted as done for all"
# What is typed into a row of the data, and what is said of it.
MESS: tuple[tuple[dict[str, Content], str], ...] = (
    ({"d_provider": None}, "The provider is missing"),
    ({"d_provider": "   "}, "The provider is missing"),
    ({"d_indicator": None}, INDICATOR),
    ({"d_indicator": "asthma"}, INDICATOR),
    ({"d_group": "delta"}, GROUP),
    ({"d_group": "al*"}, GROUP),
    ({"d_group": None}, GROUP),
    ({"d_n": "many"}, PATIENTS),
    ({"d_n": "12"}, PATIENTS),
    ({"d_n": None}, PATIENTS),
    ({"d_n": -4.0}, PATIENTS),
    ({"d_n": 40.5}, PATIENTS),
    ({"d_x": "n/a"}, WORK),
    ({"d_x": None}, WORK),
    ({"d_x": -1.0}, WORK),
    ({"d_x": 3.25}, WORK),
    ({"d_n": NAN}, "There is an error value"),
    ({"d_group": ErrorValue("#REF!")}, "There is an error value"),
    ({"d_provider": "P0?"}, "An id cannot hold the signs * ? ~"),
    ({"d_x": 100_000.0}, MORE),
)


def _blank(book: Book, row: int, end: str = "") -> Changes:
    return {(f"d_{name}{end}", row, 0): None for name in ("provider", "indicator", "group", "n", "x")}


@pytest.mark.parametrize(
    ("engine", "end"),
    [
        (recalculate_ironcalc, ""),
        (recalculate_ironcalc, "0"),
        pytest.param(libreoffice, "", marks=pytest.mark.libreoffice),
    ],
    ids=["period", "baseline", "period-libreoffice"],
)
def test_rows_that_cannot_be_used_are_told_and_move_no_other(
    tmp_path: Path, filled: Made, engine: Engine, end: str
) -> None:
    """All mistakes at once: other rows stay what Python makes of them alone."""
    book = filled.book
    # Rows of all patients are left alone: without work done they could not hold every mistake.
    alone = [row for row, group in enumerate(book.block(f"d_group{end}").values[:, 0]) if group in ("alpha", "beta")]
    # The first provider's first row says where it is found: an id with a sign for any letter is looked up in vain.
    wrong = alone[2 : 2 + len(MESS)]
    mess = [one for one in MESS if not (end and "signs" in one[1])]
    wrong = wrong[: len(mess)]
    changes: Changes = {
        (key + end, row, 0): value for row, (typed, _) in zip(wrong, mess, strict=True) for key, value in typed.items()
    }
    last = len([one for one in book.block(f"d_provider{end}").values[:, 0] if one])
    copied = alone[0]
    for name in ("provider", "indicator", "group", "n", "x"):
        changes[f"d_{name}{end}", last, 0] = book.block(f"d_{name}{end}").values[copied, 0]
    changes["d_provider" + end, last, 0] = " p01 "
    cells = engine(_with(filled, tmp_path / "mess.xlsx", changes))
    expected = dict(zip(wrong, [told for _, told in mess], strict=True)) | {copied: TWICE, last: TWICE}
    for row in range(last + 1):
        own = MORE if _exceeds(book, row, end) else OK
        assert value_of(cells, book, f"d_message{end}", row) == expected.get(row, own), row
    assert master_flags(cells, book) == {0}
    unusable = sum(told != MORE for told in expected.values())
    assert value_of(cells, book, f"d_unusable{end}") == unusable
    failed = failed_checks(cells, book)
    assert failed[:2] == [
        "Rows of the data that cannot be used (messages there)",
        "Rows with more done than patients, less those accepted",
    ]
    typed_errors = sum(isinstance(value, ErrorValue) for value in changes.values())
    assert len(errors(cells, book)) == typed_errors
    _assert_counts(cells, book, {row for row, told in expected.items() if told != MORE}, changes, end)


def _exceeds(book: Book, row: int, end: str) -> bool:
    return bool(book.block(f"d_x{end}").values[row, 0] > book.block(f"d_n{end}").values[row, 0])


def _assert_counts(cells: Cells, book: Book, unused: set[int], changes: Changes, end: str) -> None:
    """Assert that the sheet of groups has the patients of every row that can be used, and of no other."""
    columns = [book.block(f"d_{name}{end}").values[:, 0] for name in ("provider", "indicator", "group", "n", "x")]
    wanted: dict[tuple[str, str, str], float] = {}
    for row, (provider, indicator, group, n, _) in enumerate(zip(*columns, strict=True)):
        if provider and row not in unused:
            wanted[provider, indicator, group] = n
    found = {}
    for row in range(book.block("n").rows):
        names = [value_of(cells, book, key, row) for key in ("provider_rows", "indicator_rows")]
        for g, group in enumerate(("alpha", "beta", "gamma")):
            patients = value_of(cells, book, f"n{end}", row, g)
            if patients:
                found[(str(names[0]), str(names[1]), group)] = patients
    assert found == {key: n for key, n in wanted.items() if key[2] != "all patients" and n > 0}
    assert len(found) > 20
    assert changes


def test_more_done_than_patients_is_red_until_it_was_looked_at(tmp_path: Path, filled: Made) -> None:
    cells = recalculate_ironcalc(_with(filled, tmp_path / "none.xlsx", {("accepted", 0, 0): 0.0}))
    assert master_flags(cells, filled.book) == {0}
    assert failed_checks(cells, filled.book) == ["Rows with more done than patients, less those accepted"]
    told = {value_of(cells, filled.book, key) for key in filled.book.named if key.startswith("to_do_")}
    assert [str(one)[:5] for one in told] == ["FAIL:"]


MESSAGES = "Groups and indicators with something wrong (messages on Parameters)"
# What is typed, which checks fail (one mistake may fail others, too), and what the messages say.
BAD_PARAMETERS: dict[str, tuple[Changes, set[str], dict[Place, str]]] = {
    "twice": (
        {("group_name", 0, 3): " Alpha", ("code", 2, 0): "hyp ", ("disadvantaged", 0, 1): 2.0},
        {MESSAGES},
        {
            ("group_message", 0, 0): "stands here twice",
            ("group_message", 0, 1): "0 or 1, please",
            ("group_message", 0, 3): "stands here twice",
            ("code_message", 0, 0): OK,
            ("code_message", 1, 0): "This indicator stands here twice",
            ("code_message", 2, 0): "This indicator stands here twice",
        },
    ),
    "words": (
        {
            ("group_name", 0, 3): "best",
            ("weight", 0, 0): "much",
            ("weight", 1, 0): -1.0,
            ("reference", 0, 0): "delta",
            ("level", 0, 0): "high",
            ("prior_rule", 0, 0): "likelihood",
        },
        {
            MESSAGES,
            "The reference is a word or a group that is known",
            "Parameters that are numbers",
            "Parameters that are words, and known",
        },
        {
            ("group_message", 0, 3): "means something else",
            ("code_message", 0, 0): "The weight must be a number from 0",
            ("code_message", 1, 0): "The weight must be a number from 0",
        },
    ),
    "labels": (
        {
            ("group_name", 0, 3): "all patients",
            ("unknown_label", 0, 0): "unknown",
            ("own_goal", 0, 0): 0.9,
            ("gap_benchmark", 1, 0): 80.0,
            ("forfeit", 0, 0): "sometimes",
        },
        {
            MESSAGES,
            "Rows of all patients and of unknown group at once (1 = both)",
            "Parameters that are words, and known",
        },
        {
            ("group_message", 0, 3): "means something else",
            ("code_message", 0, 0): "Own targets: both numbers, or none",
            ("code_message", 1, 0): "The benchmark of gaps must be from 0 to 1",
        },
    ),
    "ranges": (
        {
            ("own_threshold", 0, 0): 0.6,
            ("own_goal", 0, 0): 0.6,
            ("best_share", 0, 0): 2.0,
            ("smallest_group", 0, 0): None,
            ("share_known", 0, 0): 80.0,
        },
        {
            MESSAGES,
            "Parameters of points within their range (1 = all)",
            "Parameters that are numbers",
            "Gates and level within their range (1 = all)",
        },
        {
            ("code_message", 0, 0): "The benchmark must be above the threshold",
            # At a gate that nobody can pass there is nobody to take them from.
            ("code_message", 1, 0): "The baseline gives no targets: state your own",
        },
    ),
    "weights": (
        {("weight", 0, 0): 0.0, ("weight", 1, 0): 0.0, ("reference", 0, 0): "benchmark"},
        {"Weights of indicators in use are not all 0 (1 = yes)", MESSAGES},
        {("code_message", 0, 0): "The benchmark of gaps must be from 0 to 1"},
    ),
}


@pytest.mark.parametrize("name", BAD_PARAMETERS)
def test_a_wrong_parameter_turns_the_flag_red(tmp_path: Path, filled: Made, name: str) -> None:
    changes, told, messages = BAD_PARAMETERS[name]
    cells = recalculate_ironcalc(_with(filled, tmp_path / "wrong.xlsx", changes))
    assert master_flags(cells, filled.book) == {0}
    assert told <= set(failed_checks(cells, filled.book))
    assert {place: value_of(cells, filled.book, *place) for place in messages} == messages


def test_a_disadvantaged_group_without_baseline_asks_for_targets(tmp_path: Path, filled: Made) -> None:
    book = filled.book
    rows = sum(bool(one) for one in book.block("d_provider0").values[:, 0])
    changes: Changes = {}
    for row in range(rows):
        changes |= _blank(book, row, "0")
    cells = recalculate_ironcalc(_with(filled, tmp_path / "no.xlsx", changes))
    assert not errors(cells, book)
    assert master_flags(cells, book) == {0}
    assert value_of(cells, book, "code_message", 0) == "The baseline gives no targets: state your own"
    assert all(value_of(cells, book, "r_total", row) in (None, "") for row in range(PROVIDERS))


def test_more_providers_than_there_is_room_for_are_told(tmp_path: Path, empty: Made) -> None:
    count = ROOM["providers"] + 2
    changes = down("d_provider", [f"N{p:02d}" for p in range(count)]) | down("d_indicator", ["diab"] * count)
    changes |= down("d_group", ["alpha"] * count) | down("d_n", [50.0] * count) | down("d_x", [20.0] * count)
    changes |= {("code", 0, 0): "diab", ("group_name", 0, 0): "alpha", ("group_name", 0, 1): "beta"}
    cells = recalculate_ironcalc(_with(empty, tmp_path / "many.xlsx", changes))
    assert not errors(cells, empty.book)
    assert master_flags(cells, empty.book) == {0}
    told = [value_of(cells, empty.book, "d_message", row) for row in range(count)]
    assert told == [OK] * ROOM["providers"] + ["There is no room for so many providers"] * 2


def test_baseline_rows_of_other_providers_are_left_out_and_no_mistake(tmp_path: Path, filled: Made) -> None:
    book = filled.book
    row = sum(bool(one) for one in book.block("d_provider0").values[:, 0])
    more: Changes = {
        ("d_provider0", row, 0): "Gone",
        ("d_indicator0", row, 0): "diab",
        ("d_group0", row, 0): "alpha",
        ("d_n0", row, 0): 500.0,
        ("d_x0", row, 0): 500.0,
    }
    before, after = recalculate_ironcalc(filled.path), recalculate_ironcalc(_with(filled, tmp_path / "gone.xlsx", more))
    assert master_flags(after, book) == {1}
    assert value_of(after, book, "d_message0", row) == "Provider not in the period: left out"
    for key in ("p_n0", "frozen_threshold", "frozen_goal", "r_total"):
        block = book.block(key)
        for place in np.ndindex(block.values.shape):
            assert alike(value_of(before, book, key, *place), value_of(after, book, key, *place)), key


# Text from data


def test_text_from_data_is_never_a_formula(tmp_path: Path) -> None:
    odd = {"P01": "=1+1", "P02": "+cmd|' /C calc'!A0", "P03": "@A1", "P04": "-1", "P05": "007"}
    rows = [[odd.get(row[0], row[0]), *row[1:]] for row in _rows()]
    table = read_group_table(write_table(tmp_path / "table.xlsx", rows), TOTALS)
    made = _made(EquityRequest(options=POINTS, table=table, accepted=EXCEEDING, **ROOM), tmp_path / "made.xlsx")
    cells = assert_computes(made.path, recalculate_ironcalc, made.book)
    assert [value_of(cells, made.book, "provider", row) for row in range(5)] == list(odd.values())
    written = written_formulas(made.path)
    block = made.book.block("d_provider")
    columns = [cell for sheet, cell in written if sheet == block.sheet and re.fullmatch(r"[A-E]\d+", cell)]
    assert [cell for cell in columns if int(cell[1:]) >= block.row] == []


# How it is made


def test_formulas_hold_no_numbers_but_0_and_1_and_only_known_functions(empty: Made) -> None:
    known = re.compile(
        "ABS|AND|AVERAGE|BETAINV|CHIDIST|COLUMNS|COUNT|COUNTIF|IF|IFERROR|INDEX|INT|ISERROR|ISNUMBER|LARGE|LEN|MATCH|MAX|"
        "MEDIAN|MIN|NORMSINV|NOT|OR|ROWS|SMALL|SQRT|SUM|SUMIF|SUMPRODUCT|SUMSQ|TRIM"
    )
    seen: set[str] = set()
    for sheet, cell, formula in formulas(empty.book):
        bare = re.sub(r"'[^']*'!", "", without_texts(formula))
        bare = re.sub(r"\$?[A-Z]{1,3}\$?\d+", "", bare)
        assert not set(re.findall(r"\d+(?:\.\d+)?", bare)) - {"0", "1"}, f"{sheet}!{cell}: {formula}"
        seen |= set(re.findall(r"([A-Z][A-Z.]*)\(", bare))
    assert all(known.fullmatch(name) for name in seen), seen


def test_formulas_do_not_depend_on_the_data(empty: Made, filled: Made) -> None:
    assert list(formulas(empty.book)) == list(formulas(filled.book))


def test_building_again_gives_the_same_bytes(tmp_path: Path, empty: Made) -> None:
    again = make_equity_template(EquityRequest(**ROOM), tmp_path / "again.xlsx")
    assert again.read_bytes() == empty.path.read_bytes()


# Real data

REGIONS = GroupColumns(
    provider="name",
    group="stratum",
    n="denominator",
    x="numerator_est",
    total_group="overall",
    period="year",
    now="2012",
    baseline="2011",
    leave_out=("US-United States",),
)
BLACK = EquityOptions(incentive=IncentiveRules(disadvantaged=("black",)))


def _regions(shared: Path, folder: Path, wanted: Sequence[str] = ()) -> EquityRequest:
    """Return Medicare's hospital regions by race, all or those of some states."""
    path = shared / "data" / "primary_care_by_race_2011_2012.csv"
    if wanted:
        lines = path.read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if line.split(",")[2][:2] in wanted]
        path = folder / "regions.csv"
        path.write_text("\n".join([lines[0], *kept]) + "\n", encoding="utf-8")
    columns = REGIONS if not wanted else replace(REGIONS, leave_out=())
    return EquityRequest(options=BLACK, table=read_group_table(path, columns), groups=2)


@pytest.mark.shared
def test_regions_of_some_states(shared: Path, tmp_path: Path) -> None:
    """By race, both years: filled, and pasted into an empty one."""
    request = replace(_regions(shared, tmp_path, ("AL", "MS")), providers=14, indicators=5)
    made = _made(request, tmp_path / "filled.xlsx")
    assert len(made.book.block("d_n").values) == 14 * 5 * 3
    assert_computes(made.path, recalculate_ironcalc, made.book)
    empty = _made(EquityRequest(providers=14, indicators=5, groups=2), tmp_path / "empty.xlsx")
    path = with_cells(empty.path, tmp_path / "typed.xlsx", to_type(empty.book, made.book))
    assert_computes(path, recalculate_ironcalc, made.book)


@SLOW
@pytest.mark.shared
@pytest.mark.parametrize("engine", ENGINES)
def test_all_regions(shared: Path, tmp_path: Path, engine: Engine) -> None:
    request = replace(_regions(shared, tmp_path), providers=310)
    made = _made(request, tmp_path / "filled.xlsx", "et")
    assert isinstance(request.table and request.table.now.table, GroupTable)
    assert_computes(made.path, engine, made.book)
