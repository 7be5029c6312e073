"""The sheet of the next year: planned work typed in the workbook scores as `improvement.planned` says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.compare import ENGINES, Engine, alike, cell_of, unlike_book, value_of
from tests.engines import Cells, recalculate_ironcalc
from tests.sheets.template.test_card_sheet import LISTS, METHODS, ROOM, SCHEME, error_cells, plan_of, typed, write
from xl_qbs.scoring.improvement import planned
from xl_qbs.scoring.score import Result
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.model import Block, Book
from xl_qbs.sheets.template.book import template_book
from xl_qbs.sheets.template.plan import NEXT_YEAR

Typed = dict[tuple[str, int], Any]
KEYS = {"current": "current", "proportional": "proportional", "need": "need_adjusted"}


def with_plan(result: Result, row: int, target: Array, done: Array) -> Result:
    """Return the result with another target for one list, and its work done at most the target."""
    table = result.table
    targets, work = table.target.copy(), table.counted.copy()
    targets[row], work[row] = target, np.minimum(done, target)
    return replace(result, table=replace(table, target=targets, done=work))


def assert_scores(cells: Cells, book: Book, result: Result, row: int, target: Array, done: Array) -> None:
    """Assert that the sheet shows what `planned` gives for one list's targets and work done."""
    changed = with_plan(result, row, target, done)
    then = planned(changed, changed.table.done)
    for key, name in KEYS.items():
        score, now = getattr(then, name), getattr(result, name)
        expected = {
            "planned": score.total[row],
            "gain": score.total[row] - now.total[row],
            "place": score.rank[row],
            "rank": now.rank[row],
            "reached": SCHEME.bands[score.band[row]].name,
        }
        for what, value in expected.items():
            shown = value_of(cells, book, f"next_{key}_{what}")
            assert alike(value if isinstance(value, str) else float(value), shown), (key, what, value, shown)
        for place, column in enumerate(ROOM.taken):
            shown = value_of(cells, book, f"next_planned_{key}", int(column))
            assert alike(float(score.points[row, place]), shown), (key, place)


def typed_plan(book: Book, entries: Typed) -> dict[tuple[str, str], Any]:
    """Return the cells of planned targets and work by block and number of the indicator."""
    return {
        cell_of(book, f"next_plan_{what}", int(ROOM.taken[place])): value for (what, place), value in entries.items()
    }


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("method", ["limits", "fixed, current"])
def test_plans_typed_score_as_planned(method: str, engine: Engine, tmp_path: Path) -> None:
    plan = plan_of(method)
    result, book = plan.run.result, template_book(plan)
    path = write(book, tmp_path / "first.xlsx")
    rng = np.random.default_rng(5)
    for number, row in enumerate((0, 2, 3, LISTS - 1)):
        target, done = result.table.target[row].copy(), result.table.counted[row].copy()
        entries: Typed = {}
        # One indicator of each kind: target and work, target alone, work alone, more work than target, as now.
        for place, (new_target, new_done) in enumerate([(60, 45), (25, None), (None, 7), (30, 41), (None, None)]):
            if new_target is not None:
                target[place] = entries["target", place] = new_target + int(rng.integers(0, 9))
            if new_done is not None:
                done[place] = entries["done", place] = new_done + int(rng.integers(0, 9))
        provider = result.table.providers[row]
        entry = {cell_of(book, "next_list"): provider, **typed_plan(book, entries)}
        cells = engine(typed(path, tmp_path / f"{number}.xlsx", entry))
        assert not error_cells(cells)
        assert_scores(cells, book, result, row, target, done)


@pytest.mark.parametrize("method", METHODS)
def test_plans_given_are_what_typing_them_gives(method: str, tmp_path: Path) -> None:
    work = {"i01": 12.0, "i02": 9999.0, "i04": 0.0, "no such": 3.0}
    plan = plan_of(method, provider="N009", planned=work)
    book = template_book(plan)
    entries: Typed = {("done", SCHEME.codes.index(code)): value for code, value in work.items() if code in SCHEME.codes}
    first = template_book(plan_of(method))
    path = write(first, tmp_path / "first.xlsx")
    entry = {cell_of(first, "next_list"): "N009", **typed_plan(first, entries)}
    cells = recalculate_ironcalc(typed(path, tmp_path / "typed.xlsx", entry))
    assert [one for one in unlike_book(cells, book) if one.sheet == NEXT_YEAR.en] == []
    done = plan.run.result.table.counted[8].copy()
    done[[0, 1, 3]] = 12, 9999, 0
    assert_scores(cells, book, plan.run.result, 8, plan.run.result.table.target[8], done)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_cannot_be_used_is_said_and_left_as_now(engine: Engine, tmp_path: Path) -> None:
    plan = plan_of(provider="N009")
    result, book = plan.run.result, template_book(plan)
    target, done = result.table.target[8].copy(), result.table.counted[8].copy()
    entries: Typed = {
        ("done", 0): "many",
        ("done", 1): -4,
        ("target", 2): 2.5,
        ("done", 3): int(target[3]) + 1,
        ("target", 4): int(done[4]) - 1,
    }
    path = write(book, tmp_path / "first.xlsx")
    cells = engine(typed(path, tmp_path / "typed.xlsx", typed_plan(book, entries)))
    assert not error_cells(cells)
    told = [value_of(cells, book, "next_over", int(place)) for place in ROOM.taken]
    assert told == ["no count", "no count", "no count", "over target", "over target"]
    target[4] = done[4] - 1
    done[3] = target[3]
    assert_scores(cells, book, result, 8, target, done)
    others = set(range(ROOM.indicators)) - set(ROOM.taken.tolist())
    assert {value_of(cells, book, "next_over", place) for place in others} <= {"", None}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("entry", ["nobody", None])
def test_without_a_list_nothing_is_scored(entry: Any, engine: Engine, tmp_path: Path) -> None:
    book = template_book(plan_of(planned={"i01": 5.0}))
    path = write(book, tmp_path / "first.xlsx")
    cells = engine(typed(path, tmp_path / "typed.xlsx", {cell_of(book, "next_list"): entry}))
    assert not error_cells(cells)
    stays = {"name", "code", "points_name", "points_code", "weight", "weight_total", "no", "message", "list"}
    for key, block in book.named.items():
        head, _, rest = key.partition("_")
        if head != "next" or rest in stays or not isinstance(block, Block) or block.kind == "input":
            continue
        shown = {value_of(cells, book, key, i, j) for i in range(block.rows) for j in range(block.columns)}
        assert shown <= {"", None}, key
    assert value_of(cells, book, "next_message")


def test_nothing_planned_changes_nothing() -> None:
    book = template_book(plan_of(provider="N005"))
    for key in KEYS:
        for name in (f"next_{key}_gain", f"next_gain_{key}"):
            values = [value for value in book.block(name).values[:, 0] if value == value]  # noqa: PLR0124  (NaN)
            assert values
            assert set(values) == {0.0}
    assert book.block("next_need_place").values[0, 0] == book.block("next_need_rank").values[0, 0]


def test_what_is_no_count_is_left_as_now_in_python_too() -> None:
    book = template_book(plan_of(provider="N009", planned={"i01": 2.5, "i02": -1.0}))
    told = book.block("next_over").values[ROOM.taken, 0].tolist()
    assert told[:2] == ["no count", "no count"]
    assert book.block("next_need_gain").values[0, 0] == 0


def test_an_empty_template_chooses_nobody() -> None:
    assert template_book(plan_of(empty=True)).block("next_list").values.tolist() == [[""]]
