"""The provider card: what its formulas give is what Python does, whichever list is chosen in the workbook."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lxml import etree

import xl_qbs
from tests.compare import (
    ENGINES,
    MAIN,
    Difference,
    Engine,
    alike,
    cell_of,
    cells_between,
    formulas,
    plain,
    sheet_parts,
    unlike_book,
    value_of,
    values,
    without_texts,
)
from tests.engines import Cells, ErrorValue, recalculate_ironcalc
from tests.sheets.test_book import FUNCTIONS
from tests.small_fund import CONDITIONS, counts, scheme_of
from xl_qbs.scheme import Scheme
from xl_qbs.scoring.improvement import SCORE_NAMES, coverage_places, next_steps
from xl_qbs.scoring.table import Table
from xl_qbs.sheets.address import cell_name, split_cell
from xl_qbs.sheets.model import Block, Book, Language, Sheet
from xl_qbs.sheets.room import Room
from xl_qbs.sheets.run import Run
from xl_qbs.sheets.template.book import template_book
from xl_qbs.sheets.template.plan import CARD, NEXT_YEAR, Counts, Plan
from xl_qbs.workbook.template_file import write_template

SCHEME = scheme_of(5, conditions=CONDITIONS)
LISTS, ROOM = 14, Room(17, 8, np.array([0, 1, 3, 4, 6]), open=True)
# Where a prior is infinite or worth nothing, points for one more patient are 0 or a whole share.
FIXED = {code: (0.7, {0: float("inf"), 1: 0.0}.get(place, 9.5)) for place, code in enumerate(SCHEME.codes)}
METHODS: dict[str, dict[str, Any]] = {
    "report": {},
    "limits": {"lower_limit": 0.4, "upper_limit": 0.9, "rounding": "none"},
    "moments, own": {"prior": "moments", "weights": "own"},
    "fixed, current": {"prior": "fixed", "prior_values": FIXED, "weights": "current"},
}


def table_of(scheme: Scheme, seed: int) -> Table:
    """Return counts with a list that has nobody to serve, one that serves everybody, and more done than there are."""
    target, done = counts(scheme, LISTS, seed)
    target[1, 2] = done[1, 2] = 0
    target[2], done[2] = 0, 0
    done[3] = target[3]
    done[4, 0] = target[4, 0] + 3
    # Exactly one patient is missing to 62 % of 50, and two lists are alike.
    target[5, 0], done[5, 0] = 50, 30
    target[7], done[7] = target[6], done[6]
    names = (*(f"N{number:03d}" for number in range(1, LISTS)), "17")
    return Table(names, scheme.codes, target, done, coefficient=np.linspace(0.8, 1.2, LISTS))


def plan_of(method: str = "report", *, years: int = 2, **changes: Any) -> Plan:
    """Return a plan with room for more lists and indicators than there are."""
    return replace(_plan(method, years), **changes)


@cache
def _plan(method: str, years: int) -> Plan:
    runs, given = [], []
    for year in range(years):
        table = table_of(SCHEME, seed=year + 1)
        if year == 1:
            table = Table(
                ("other", *table.providers[1:]),
                table.indicators,
                table.target,
                table.done,
                coefficient=table.coefficient,
            )
        result = xl_qbs.score(table, SCHEME, **METHODS[method])
        runs.append(Run(result, None, "", "", "", "", space=ROOM))
        given.append(Counts(table, Counts(table).above))
    if years == 1:
        return Plan(runs[0], given[0])
    return Plan(runs[0], given[0], runs[1], given[1])


def write(book: Book, path: Path) -> Path:
    write_template(book, path, title="T", description="D")
    return path


def typed(path: Path, output: Path, cells: Mapping[tuple[str, str], Any]) -> Path:
    """Copy a workbook with values typed into cells; None empties one.

    Not with openpyxl, which writes an empty cell as a number that some programs take for 0.
    """
    parts = sheet_parts(path)
    changed = {parts[sheet] for sheet, _ in cells}
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(output, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            if part in changed:
                root = etree.fromstring(content)
                found = {node.get("r"): node for node in root.iter(f"{MAIN}c")}
                for (sheet, cell), value in cells.items():
                    if parts[sheet] == part:
                        _type(found[cell], value)
                content = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
            new.writestr(part, content)
    return output


def _type(node: Any, value: Any) -> None:
    for child in list(node):
        node.remove(child)
    node.attrib.pop("t", None)
    if isinstance(value, str):
        node.set("t", "inlineStr")
        text = etree.SubElement(etree.SubElement(node, f"{MAIN}is"), f"{MAIN}t")
        text.text = value
        text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    elif value is not None:
        etree.SubElement(node, f"{MAIN}v").text = repr(value)


def unlike_on(sheet: str, cells: Cells, book: Book) -> list[Difference]:
    """Return the cells of one sheet that do not hold what a book says."""
    return [one for one in unlike_book(cells, book) if one.sheet == sheet]


def assert_agree(path: Path, engine: Engine, book: Book) -> None:
    """Assert that an engine finds on the two sheets about one list what the book says, and that all checks hold."""
    cells = engine(path)
    assert not error_cells(cells)
    for name in (CARD, NEXT_YEAR):
        assert unlike_on(book.say(name), cells, book) == []
        assert unlike_on(book.say(name), values(path), book) == []
    assert value_of(cells, book, "master") == 1


def error_cells(cells: Cells) -> list[str]:
    return [
        f"{sheet}!{cell}"
        for sheet, found in cells.items()
        for cell, value in found.items()
        if isinstance(value, ErrorValue)
    ]


def sheet_named(book: Book, name: str) -> Sheet:
    return next(one for one in book.sheets if one.name == name)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("method", "language"), [("report", "en"), ("fixed, current", "et")])
def test_formulas_give_what_python_does(method: str, language: Language, engine: Engine, tmp_path: Path) -> None:
    plan = plan_of(method, provider="N006", planned={"i01": 40.0, "i03": 500.0})
    book = template_book(plan, language)
    assert_agree(write(book, tmp_path / "card.xlsx"), engine, book)


@pytest.mark.parametrize("method", METHODS)
def test_one_year_and_every_rule(method: str, tmp_path: Path) -> None:
    book = template_book(plan_of(method, years=1, provider="N002"))
    assert_agree(write(book, tmp_path / "card.xlsx"), recalculate_ironcalc, book)
    assert "card_relative_change" not in book.named


@pytest.mark.parametrize("engine", ENGINES)
def test_another_list_typed_makes_the_card_of_that_list(engine: Engine, tmp_path: Path) -> None:
    book = template_book(plan_of())
    path = write(book, tmp_path / "first.xlsx")
    sheet = book.say(CARD)
    # Nobody to serve; everybody served; one patient missing; twins; typed as a number; with a blank.
    for number, (entry, provider) in enumerate(
        [("N003", "N003"), ("N004", "N004"), ("N006", "N006"), ("N008", "N008"), (17, "17"), (" N001 ", "N001")]
    ):
        made = typed(path, tmp_path / f"{number}.xlsx", {cell_of(book, "card_list"): entry})
        cells = engine(made)
        other = template_book(plan_of(provider=provider))
        found = [one for one in unlike_on(sheet, cells, other) if (sheet, one.cell) != cell_of(book, "card_list")]
        assert found == [], provider
        assert not error_cells(cells)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("entry", ["nobody", None, " "])
def test_without_a_list_the_card_is_empty_and_says_so(entry: Any, engine: Engine, tmp_path: Path) -> None:
    book = template_book(plan_of())
    path = write(book, tmp_path / "first.xlsx")
    cells = engine(typed(path, tmp_path / "other.xlsx", {cell_of(book, "card_list"): entry}))
    assert not error_cells(cells)
    message = value_of(cells, book, "card_message")
    assert message == (
        "There is no such list on the sheet of data." if entry == "nobody" else "Choose a list in the yellow cell."
    )
    # What does not depend on a list stays: names, codes, what is required, and the most there are.
    stays = "name code points_name points_code required points points_total points_again points_again_total weight "
    stays += "weight_total no gain_key potential_key drawn_required drawn_weight condition condition_no step_no message"
    for key in book.named:
        head, _, rest = key.partition("_")
        block = book.named[key]
        if head == "card" and rest not in stays.split() and isinstance(block, Block) and block.kind != "input":
            shown = [value_of(cells, book, key, i, j) for i in range(block.rows) for j in range(block.columns)]
            assert set(shown) <= {"", None}, key


def test_a_list_with_a_count_missing_has_no_score_and_no_error(tmp_path: Path) -> None:
    book = template_book(plan_of(provider="N006"))
    path = write(book, tmp_path / "first.xlsx")
    sheet, cell = cell_of(book, "data", 5, 2)
    cells = recalculate_ironcalc(typed(path, tmp_path / "other.xlsx", {(sheet, cell): None}))
    assert not error_cells(cells)
    assert value_of(cells, book, "card_need_score") in ("", None)
    assert value_of(cells, book, "card_message") == "This list has no scores: a count is missing on the sheet of data."
    assert {value_of(cells, book, "card_place", i) for i in range(ROOM.indicators)} <= {"", None}
    assert value_of(cells, book, "card_done", 0) == 30


def test_an_empty_template_chooses_nobody() -> None:
    book = template_book(plan_of(empty=True))
    assert book.block("card_list").values.tolist() == [[""]]


@pytest.mark.parametrize("method", METHODS)
def test_the_card_says_what_the_result_does(method: str) -> None:
    """Values against the result itself, taken by another way than the sheet takes them."""
    for row in range(LISTS):
        plan = plan_of(method)
        plan = replace(plan, provider=plan.run.result.table.providers[row])
        result, book = plan.run.result, template_book(plan)
        expected: dict[str, Any] = {
            "target": result.table.target[row],
            "done": result.table.counted[row],
            "adjusted": result.adjusted[row],
            "place": coverage_places(result)[row],
            "need_points": result.need_adjusted.points[row],
            "current_points": result.current.points[row],
        }
        keys = {"need-adjusted": "more_need", "proportional": "more_proportional", "current": "more_current"}
        for name in SCORE_NAMES:
            steps = {step.indicator: step for step in next_steps(result, plan.provider, name)}
            expected[keys[name]] = [steps[c].points if c in steps else None for c in SCHEME.codes]
            if name == "need-adjusted":
                expected["potential"] = [steps[c].potential if c in steps else None for c in SCHEME.codes]
                order = list(steps)
                expected["next"] = [order.index(c) + 1.0 if c in order else None for c in SCHEME.codes]
                left = [float(steps[c].patients) if c in steps else 0.0 for c in SCHEME.codes]
                expected["left"] = left
        for key, wanted in expected.items():
            shown = book.block(f"card_{key}").values[ROOM.taken, 0]
            assert all(alike(plain(a), plain(b)) for a, b in zip(wanted, shown, strict=True)), (key, row)
        assert book.block("card_need_score").values[0, 0] == result.need_adjusted.total[row]
        met = ["yes" if result.conditions[one.name][row] else "no" for one in SCHEME.conditions]
        assert book.block("card_met").values[:, 0].tolist() == [*met, ""]


def test_first_steps_are_named() -> None:
    plan = plan_of(provider="N001")
    book = template_book(plan)
    steps = next_steps(plan.run.result, "N001")
    names = {one.code: one.name for one in SCHEME.indicators}
    assert book.block("card_step").values[:, 0].tolist() == [names[one.indicator] for one in steps[:3]]


# Both sheets about one list


@pytest.mark.parametrize("name", [CARD, NEXT_YEAR])
def test_formulas_hold_no_numbers_but_0_and_1_and_only_known_functions(name: Any) -> None:
    book = template_book(plan_of())
    checked = 0
    for sheet, cell, formula in formulas(book):
        if sheet != book.say(name):
            continue
        bare = re.sub(r"'(?:[^']|'')+'!", "", without_texts(formula))
        unknown = [one for one in re.findall(r"([\w.]+)\(", bare) if not FUNCTIONS.fullmatch(one)]
        assert not unknown, f"{sheet}!{cell}: {unknown}"
        bare = re.sub(r"\$?[A-Z]{1,3}\$?\d+", "", bare)
        assert set(re.findall(r"(?<![\w.])\d+(?:\.\d+)?", bare)) <= {"0", "1"}, f"{sheet}!{cell}: {formula}"
        checked += 1
    assert checked > 200


@pytest.mark.parametrize("name", [CARD, NEXT_YEAR])
def test_formulas_do_not_depend_on_the_data(name: Any) -> None:
    one, other = template_book(plan_of()), template_book(plan_of("limits", provider="N005", planned={"i02": 9.0}))
    found = [{(s, c): f for s, c, f in formulas(book) if s == book.say(name)} for book in (one, other)]
    assert found[0] == found[1]


@pytest.mark.parametrize("name", [CARD, NEXT_YEAR])
@pytest.mark.parametrize("language", ["en", "et"])
def test_blocks_and_merged_cells_do_not_overlap(name: Any, language: Language) -> None:
    book = template_book(plan_of(), language)
    sheet = sheet_named(book, book.say(name))
    seen: dict[str, str] = {}
    filled = set()
    for block in sheet.blocks:
        for i in range(block.rows):
            for j in range(block.columns):
                cell = cell_name(block.row + i, block.column + j)
                assert cell not in seen, f"{block.key} and {seen.get(cell)} overlap in {cell}"
                seen[cell] = block.key
                if block.formula is not None or block.values[i, j] not in ("", None):
                    filled.add(cell)
    merged: set[str] = set()
    for merge in sheet.merges:
        first, *others = cells_between(*merge.split(":"))
        assert not merged & {first, *others}
        assert not filled & set(others), f"{merge} hides a value"
        merged |= {first, *others}


@pytest.mark.parametrize("name", [CARD, NEXT_YEAR])
@pytest.mark.parametrize("indicators", [5, 15, 30])
def test_a_page_holds_all_of_the_sheet(name: Any, indicators: int) -> None:
    """Fitted to the width of an A4 page upright, the sheet with its charts is no longer than the page."""
    plan = plan_of()
    space = Room(17, max(indicators, 5), np.arange(5), open=True)
    wide = {"run": replace(plan.run, space=space), "before": None, "counts_before": None}
    sheet = sheet_named(template_book(replace(plan, **wide)), name.en)
    assert sheet.portrait
    assert not sheet.breaks
    assert not sheet.row_breaks
    right, bottom = split_cell(sheet.print_area.partition(":")[2])
    width = sum(sheet.widths.get(one, sheet.default_width) * 5.25 + 3.75 for one in range(1, right + 1))
    height = sum(sheet.heights.get(one, 15.0) for one in range(1, bottom + 1))
    assert height * min(1.0, 538 / width) <= 755
    shown = [block for block in sheet.blocks if block.column <= right]
    assert max(block.row + block.rows - 1 for block in shown) < min(split_cell(one.at)[1] for one in sheet.charts)
    for chart in sheet.charts:
        column, row = split_cell(chart.at)
        room = sum(sheet.widths.get(one, sheet.default_width) * 5.25 + 3.75 for one in range(column, right + 1))
        assert chart.size[0] / 2.54 * 72 <= room
        assert chart.size[1] / 2.54 * 72 <= sum(sheet.heights.get(one, 15.0) for one in range(row, bottom + 1))


@pytest.mark.parametrize("name", [CARD, NEXT_YEAR])
def test_estonian_is_translated(name: Any) -> None:
    texts = []
    for language in ("en", "et"):
        book = template_book(plan_of(), language)  # type: ignore[arg-type]
        sheet = sheet_named(book, book.say(name))
        cells = {v for block in sheet.blocks for v in block.values.ravel() if isinstance(v, str) and len(v) > 3}
        drawn = {text for one in sheet.charts for text in (one.title, one.description, *(s.name for s in one.series))}
        texts.append({text for text in cells | drawn if text not in SCHEME.codes})
    allowed = {"N001", *(one.name for one in SCHEME.conditions)}
    assert texts[0] & texts[1] <= allowed
