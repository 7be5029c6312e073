"""The book of equity: what its formulas may hold, what they may look at, and what is refused."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.compare import cell_of, cells_between, formulas, references, value_of, values, with_cell, without_texts
from tests.engines import recalculate_ironcalc
from tests.small_equity import PERIODS, Made, count_rows, make, write_table
from xl_qbs.equity.analysis import EquityOptions
from xl_qbs.equity.gates import refusals
from xl_qbs.equity.incentive import IncentiveRules
from xl_qbs.sheets.address import cell_name
from xl_qbs.sheets.equity.gates_sheet import INCOMPLETE, NOBODY, NOT_STATED, TOO_FEW
from xl_qbs.sheets.model import Block

FUNCTIONS = re.compile(
    "ABS|AND|AVERAGE|BETAINV|CHIDIST|COLUMNS|COUNT|IF|INDEX|INT|ISNUMBER|LARGE|MATCH|MAX|MEDIAN|MIN|NORMSINV|NOT|OR|"
    "ROUND|ROWS|SMALL|SQRT|STDEV|SUM|SUMIF|SUMPRODUCT|SUMSQ"
)
_OPTIONS = EquityOptions(incentive=IncentiveRules(disadvantaged=("beta",)))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("equity")
    table = write_table(folder / "table.xlsx", count_rows())
    columns = replace(PERIODS, total="all", risk="risk", earlier="earlier")
    return make(table, folder / "out.xlsx", _OPTIONS, columns)


def test_formulas_hold_no_numbers_but_0_and_1_and_only_known_functions(made: Made) -> None:
    for sheet, cell, formula in formulas(made.book):
        bare = re.sub(r"'[^']*'!", "", without_texts(formula))
        bare = re.sub(r"\$?[A-Z]{1,3}\$?\d+", "", bare)
        assert not set(re.findall(r"\d+(?:\.\d+)?", bare)) - {"0", "1"}, f"{sheet}!{cell}: {formula}"
        for name in re.findall(r"([A-Z][A-Z.]*)\(", bare):
            assert FUNCTIONS.fullmatch(name), f"{sheet}!{cell}: {name}"


def test_blocks_of_a_sheet_do_not_overlap(made: Made) -> None:
    for sheet in made.book.sheets:
        taken: set[str] = set()
        for block in sheet.blocks:
            last = cell_name(block.row + block.rows - 1, block.column + block.columns - 1)
            cells = set(cells_between(cell_name(block.row, block.column), last))
            assert not cells & taken, f"{sheet.name}: {block.key}"
            taken |= cells


def test_counts_are_linked_to_the_users_own_cells(made: Made) -> None:
    written = {(sheet, cell): formula for sheet, cell, formula in formulas(made.book)}
    stored = values(made.path)
    for key, column in (("n", "E"), ("x", "F"), ("n0", "E"), ("total", "G")):
        block = made.book.block(key)
        for i in range(block.rows):
            place = block.sheet, cell_name(block.row + i, block.column)
            if block.values[i, 0] == 0 and place not in written:
                continue
            found = re.fullmatch(rf"'?Rühmad'?!\$?{column}\$?(\d+)", written[place])
            assert found, written.get(place)
            assert stored["Rühmad"][f"{column}{found[1]}"] == stored[place[0]][place[1]]


def test_no_number_of_another_group_reaches_achievement_and_improvement(made: Made) -> None:
    """Every cell that leads to beta's achievement and improvement, but the flags beside them, is beta's or frozen."""
    written = {(sheet, cell): formula for sheet, cell, formula in formulas(made.book)}
    others: dict[tuple[str, str], str] = {}
    for key in ("n", "x", "counted", "value", "low", "high", "adjusted", "diff"):
        block = made.book.block(key)
        for i in range(block.rows):
            for g in (0, 2):
                others[block.sheet, cell_name(block.row + i, block.column + g)] = key
    for key in ("achievement", "improvement"):
        for row in range(made.book.block(key).rows):
            seen = {cell_of(made.book, key, row, 1)}
            waiting = list(seen)
            while waiting:
                place = waiting.pop()
                # Whether the indicator may be compared at all looks at all groups' patients, not at their care.
                if place in _gate_cells(made):
                    continue
                assert place not in others, f"{key} of row {row} looks at {place}: {others.get(place)}"
                for sheet, first, last in references(written.get(place, ""), place[0]):
                    new = {(sheet, cell) for cell in cells_between(first, last)} - seen
                    seen |= new
                    waiting += new


def _gate_cells(made: Made) -> set[tuple[str, str]]:
    found = set()
    for key in ("group_ok", "group_ok0"):
        block = made.book.block(key)
        found |= {
            (block.sheet, cell_name(block.row + i, block.column + g))
            for i in range(block.rows)
            for g in range(block.columns)
        }
    return found


def test_a_refused_row_says_why_and_is_blank_elsewhere(made: Made) -> None:
    found = made.analysis
    told = refusals(found.now, found.passed)
    words = {"nobody": NOBODY, "not stated": NOT_STATED, "incomplete": INCOMPLETE, "too few groups": TOO_FEW}
    reasons = made.book.block("reason").values[:, 0]
    size = len(found.now.providers)
    for i, code in enumerate(found.now.indicators):
        for p, provider in enumerate(found.now.providers):
            own = [one.reason for one in told if (one.provider, one.indicator) == (provider, code) and one.group == ""]
            reason = reasons[i * size + p]
            assert reason == (words[own[0]].en if own else "")
            if own:
                for key in ("value", "diff", "points", "b_net", "s_value"):
                    row = made.book.block(key).values[i * size + p]
                    assert all(np.isnan(np.array(row, dtype=float))), key
    assert {one.reason for one in told} >= {"incomplete", "too few groups", "small group"}


def test_lowering_a_group_earns_nothing_in_the_sheet_itself(made: Made, tmp_path: Path) -> None:
    """With every patient of the best group unserved, no point of the others changes; raising beta raises its points."""
    stored = values(made.path)["Rühmad"]
    alpha = [int(cell[1:]) for cell, text in stored.items() if cell[0] == "C" and text == "alpha"]
    now = [row for row in alpha if stored[f"D{row}"] == 2024]
    lowered = made.path
    for number, row in enumerate(now[:6]):
        lowered = with_cell(lowered, tmp_path / f"{number}.xlsx", "Rühmad", f"F{row}", 0)
    before, after = values(made.path), recalculate_ironcalc(lowered)
    for key in ("achievement", "improvement", "points"):
        block = made.book.block(key)
        for i in range(block.rows):
            assert _plain(value_of(after, made.book, key, i, 1)) == _plain(value_of(before, made.book, key, i, 1))
    assert value_of(after, made.book, "master") == 1
    gaps = [value_of(cells, made.book, "worst", 0) for cells in (before, after)]
    assert gaps[0] != gaps[1]


def _plain(value: Any) -> Any:
    return None if value in ("", None) else pytest.approx(value, abs=1e-9) if not isinstance(value, str) else value


def test_improvement_is_0_wherever_levelled_down(made: Made) -> None:
    levelled = made.book.block("levelled").values
    improvement = made.book.block("improvement").values
    assert (levelled == 1).any()
    assert (improvement[levelled == 1] == 0).all()


def test_changing_a_gate_changes_what_is_scored(made: Made, tmp_path: Path) -> None:
    sheet, cell = cell_of(made.book, "smallest_group")
    path = with_cell(made.path, tmp_path / "gate.xlsx", sheet, cell, 200)
    cells = recalculate_ironcalc(path)
    block = made.book.block("ok")
    assert all(value_of(cells, made.book, "ok", i) == 0 for i in range(block.rows))
    assert value_of(cells, made.book, "reason", 0) == TOO_FEW.en
    assert value_of(cells, made.book, "worst", 0) in ("", None)


def test_sheets_have_their_names_in_both_languages(made: Made, tmp_path: Path) -> None:
    other = make(made.read.source.path, tmp_path / "et.xlsx", _OPTIONS, PERIODS, "et")
    names = [sheet.name for sheet in other.book.sheets]
    assert names[0] == "EQ Teave"
    assert len({*names}) == len(names)
    texts = [one for block in _blocks(other) for one in block.values.ravel().tolist() if isinstance(one, str)]
    assert "Miks mitte" in texts
    assert "Why not" not in texts


def _blocks(made: Made) -> list[Block]:
    return [block for sheet in made.book.sheets for block in sheet.blocks]
