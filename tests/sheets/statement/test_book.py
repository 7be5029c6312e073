"""The page of one list: right, traceable, the list's own only, and on one page."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.compare import ENGINES, Engine, alike, assert_agrees, cells_between, formulas, plain, without_texts
from tests.sheets.test_book import FUNCTIONS
from tests.small_fund import CONDITIONS, SCHEME, counts, rows_of, scheme_of, write_fund
from tests.test_formulas_agree import OPTIONS
from tests.workbook.builders import write_xlsx
from xl_qbs import read_workbook
from xl_qbs.scheme import Scheme
from xl_qbs.scoring.improvement import SCORE_NAMES, coverage_places, next_steps
from xl_qbs.scoring.score import Result, score
from xl_qbs.scoring.table import Table
from xl_qbs.sheets.address import cell_name
from xl_qbs.sheets.model import Book, Label, Language
from xl_qbs.sheets.statement.book import statement_book
from xl_qbs.sheets.statement.fund import FEWEST_LISTS, Facts, Fund, fund_of
from xl_qbs.workbook.one_sheet import OneSheetWriter
from xl_qbs.workbook.statements import statements_fund

FACTS = Facts("fund.xlsx", "f" * 64, "Andmed", tuple(range(2, 102)), "2026-01-01", Label("as is", "nii"), "xl_qbs")
PAGE = (538.0, 755.0)


def result_of(scheme: Scheme = SCHEME, lists: int = 30, coefficient: bool = False, **method: Any) -> Result:
    target, done = counts(scheme, lists)
    target[3, 1] = done[3, 1] = 0
    done[2, 2] = target[2, 2] + 1
    done[4] = target[4]
    ids = tuple(f"N{number:03d}" for number in range(1, lists + 1))
    factor = np.linspace(0.5, 1.5, lists) if coefficient else None
    return score(Table(ids, scheme.codes, target, done, coefficient=factor), scheme, **method)


def fund(scheme: Scheme = SCHEME, **given: Any) -> Fund:
    return fund_of(result_of(scheme, **given), FACTS)


def one(book: Book, key: str) -> Any:
    return book.block(key).values[0, 0]


def column(book: Book, key: str) -> list[Any]:
    return [plain(value) for value in book.block(key).values[:, 0]]


# What stands on it


@pytest.mark.parametrize("row", [0, 2, 3, 4, 29])
def test_scores_and_places_are_those_of_the_run(row: int) -> None:
    made = fund(coefficient=True)
    result, book = made.result, statement_book(made, row)
    for key, score_of in (
        ("current", result.current),
        ("proportional", result.proportional),
        ("need", result.need_adjusted),
    ):
        assert one(book, f"{key}_score") == one(book, f"{key}_stated") == score_of.total[row]
        assert one(book, f"{key}_rank") == score_of.rank[row]
        assert one(book, f"{key}_count") == 30
        assert one(book, f"{key}_relative") == score_of.relative_rank[row]
        assert one(book, f"{key}_band") == result.scheme.bands[score_of.band[row]].name
        assert np.isclose(sum(column(book, f"{key}_points")), one(book, f"{key}_points_total"))
    assert column(book, "target") == result.table.target[row].tolist()
    assert column(book, "reported") == result.table.done[row].tolist()
    assert column(book, "place") == coverage_places(result)[row].tolist()
    for key, values in (("adjusted", result.adjusted), ("low", result.interval.low), ("high", result.interval.high)):
        assert column(book, key) == values[row].tolist()


@pytest.mark.parametrize("limits", [(0.0, 1.0), (0.4, 0.9)])
def test_next_patients_are_the_next_steps(limits: tuple[float, float]) -> None:
    made = fund(lower_limit=limits[0], upper_limit=limits[1])
    result = made.result
    keys = dict(zip(SCORE_NAMES, ("more_need", "more_proportional", "more_current"), strict=True))
    for row, provider in enumerate(result.table.providers):
        book = statement_book(made, row)
        codes = result.scheme.codes
        for name, key in keys.items():
            steps = {step.indicator: step for step in next_steps(result, provider, name)}
            for code, points, missing in zip(codes, column(book, key), column(book, "missing"), strict=True):
                assert (points is None) == (code not in steps)
                if points is not None:
                    assert points == pytest.approx(steps[code].points, abs=1e-12)
                    assert missing == steps[code].missing
        by_need = next_steps(result, provider)
        ordered = sorted((place, code) for place, code in zip(column(book, "order"), codes, strict=True) if place)
        assert [code for _, code in ordered] == [step.indicator for step in by_need]
        assert one(book, "potential_total") == pytest.approx(sum(step.potential for step in by_need))


def test_needed_patients_reach_the_threshold_and_one_fewer_does_not() -> None:
    made = fund()
    table, required = made.result.table, np.array(SCHEME.required_coverage)
    needed = made.next.needed
    some = table.target > 0
    assert (needed[some] + 1e-9 >= (required * table.target)[some]).all()
    assert (needed[some] - 1 + 1e-9 < (required * table.target)[some]).all()
    assert np.isnan(needed[~some]).all()


@pytest.mark.parametrize(("lists", "told"), [(FEWEST_LISTS - 1, False), (FEWEST_LISTS, True)])
def test_quartiles_are_of_ten_lists_at_least_and_rounded(lists: int, told: bool) -> None:
    made = fund(lists=lists)
    book = statement_book(made, 0)
    scores = [one(book, f"{key}_quartiles") for key in ("current", "proportional", "need")]
    assert [value == value for value in scores] == [told] * 3  # noqa: PLR0124  (NaN)
    # One list has nobody in the second indicator: there are fewer to take quartiles of.
    assert [value is not None for value in column(book, "coverage_q2")] == [told, False, told, told, told]
    if told:
        total = made.result.need_adjusted.total
        assert one(book, "need_quartiles") == np.round(np.percentile(total, 25))
        assert column(book, "coverage_q3")[0] == np.round(np.percentile(made.result.adjusted[:, 0], 75), 2)


@pytest.mark.parametrize("row", [0, 3, 11])
def test_conditions_are_those_of_the_run(row: int) -> None:
    made = fund(replace(SCHEME, conditions=CONDITIONS))
    book = statement_book(made, row)
    for place, condition in enumerate(CONDITIONS):
        assert one(book, f"condition_{place}") == condition.name
        assert one(book, f"condition_met_{place}") == ("yes" if made.result.conditions[condition.name][row] else "no")


# Nothing of others


def test_a_page_depends_on_no_other_lists_name_or_order() -> None:
    result = result_of()
    table = result.table
    rng = np.random.default_rng(5)
    order = np.concatenate([[0], 1 + rng.permutation(len(table.providers) - 1)])
    renamed = ("N001", *(f"X{number}" for number in range(1, len(order))))
    other = score(Table(renamed, table.indicators, table.target[order], table.done[order]), result.scheme)
    pages = [statement_book(fund_of(one_result, FACTS), 0) for one_result in (result, other)]
    for (block, i, j), (again, _, _) in zip(pages[0].cells(), pages[1].cells(), strict=True):
        a, b = plain(block.values[i, j]), plain(again.values[i, j])
        # Sums over lists in another order differ in their last bits.
        assert alike(a, b), block.key


def test_what_is_stated_is_the_lists_own_or_the_same_on_every_page() -> None:
    made = fund(replace(SCHEME, conditions=CONDITIONS), coefficient=True)
    own = re.compile(
        "target|reported|list_id|read_from|coefficient|(current|proportional|need)_(rank|stated|band_rest)|place"
    )
    pages = [statement_book(made, row) for row in (0, 7, 20)]
    differ = set()
    for cells in zip(*(page.cells() for page in pages), strict=True):
        (block, i, j), *others = cells
        values = [plain(one_block.values[i, j]) for one_block, _, _ in cells]
        assert {other[0].formula for other in others} == {block.formula}
        if block.formula is None and values.count(values[0]) < len(values):
            differ.add(block.key)
    assert differ
    assert all(own.fullmatch(key) for key in differ), differ


# Traceable


@pytest.mark.parametrize("given", [{}, {"lower_limit": 0.4, "upper_limit": 0.9}])
def test_formulas_hold_no_numbers_but_0_and_1_and_only_known_functions(given: dict[str, Any]) -> None:
    book = statement_book(fund(replace(SCHEME, conditions=CONDITIONS), **given), 0)
    checked = 0
    for _, cell, formula in formulas(book):
        bare = without_texts(formula)
        assert not [name for name in re.findall(r"([\w.]+)\(", bare) if not FUNCTIONS.fullmatch(name)], cell
        bare = re.sub(r"\$?[A-Z]{1,3}\$?\d+", "", bare)
        assert set(re.findall(r"(?<![\w.])\d+(?:\.\d+)?", bare)) <= {"0", "1"}, f"{cell}: {formula}"
        checked += 1
    assert checked > 150


def test_every_number_that_is_not_stated_is_a_formula() -> None:
    book = statement_book(fund(replace(SCHEME, conditions=CONDITIONS)), 0)
    for block, i, j in book.cells():
        if isinstance(block.values[i, j], (int, float, np.number)) and block.formula is None:
            assert block.kind in ("input", "link") or block.key == "number", block.key


# On one page


@pytest.mark.parametrize("language", ["en", "et"])
@pytest.mark.parametrize("indicators", [1, 5, 11, 24, 40])
def test_a_page_holds_all_rows_without_overlap(language: Language, indicators: int) -> None:
    made = fund(replace(scheme_of(indicators), conditions=CONDITIONS) if indicators == 5 else scheme_of(indicators)) \
        if indicators > 2 else fund_of(_tiny_result(indicators), FACTS)  # fmt: skip
    book = statement_book(made, 0, language)
    sheet = book.sheets[0]
    last_row = int(sheet.print_area.rpartition("N")[2])
    assert all(block.row + block.rows - 1 <= last_row for block in sheet.blocks)
    wide = sum(sheet.widths.get(place, sheet.default_width) * 5.25 + 3.75 for place in range(1, 15))
    tall = sum(sheet.heights.get(row, 15.0) for row in range(1, last_row + 1))
    assert tall * PAGE[0] / wide <= PAGE[1]
    seen: set[str] = set()
    filled = set()
    for block, i, j in book.cells():
        cell = cell_name(block.row + i, block.column + j)
        assert cell not in seen, f"{block.key} overlaps in {cell}"
        seen.add(cell)
        if block.formula is not None or block.values[i, j] not in ("", None):
            filled.add(cell)
    merged: set[str] = set()
    for merge in sheet.merges:
        first, *others = cells_between(*merge.split(":"))
        assert not merged & {first, *others}
        assert not filled & set(others), f"{merge} hides a value"
        merged |= {first, *others}


def _tiny_result(indicators: int) -> Result:
    scheme = scheme_of(indicators)
    target, done = counts(scheme, 3)
    return score(Table(("A", "B", "C"), scheme.codes, target, done), scheme, weights="current")


# In the engines


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("report", 3),
        ("report, strength 0", 3),
        ("fixed, one infinite", 2),
        ("fixed, all 0", 3),
        ("fixed, means 0 and 1", 4),
        ("limits", 0),
        ("conditions, Estonian", 5),
        ("no bands", 1),
    ],
)
def test_engines_compute_what_is_stored(engine: Engine, name: str, row: int, tmp_path: Path) -> None:
    if "libreoffice" in str(engine) and name not in ("fixed, one infinite", "conditions, Estonian"):
        pytest.skip("LibreOffice is slow to start: two pages are enough")
    options = dict(OPTIONS[name])
    language = options.pop("language", "en")
    scheme = replace(SCHEME, **{key: options.pop(key) for key in ("conditions", "bands") if key in options})
    book = statement_book(fund(scheme, coefficient=True, **options), row, language)
    path = tmp_path / "page.xlsx"
    OneSheetWriter().write(book, path)
    assert_agrees(path, engine, book)


@pytest.mark.shared
def test_real_pages_agree(shared: Path, tmp_path: Path) -> None:
    table = read_workbook(shared / "data" / "fund_workbook_2019.xlsx")
    made = statements_fund(score(table))
    for provider in ("N0001", "N0042", "N0598"):
        book = statement_book(made, table.providers.index(provider), "et")
        path = tmp_path / f"{provider}.xlsx"
        OneSheetWriter().write(book, path)
        assert_agrees(path, ENGINES[0].values[0], book)  # type: ignore[arg-type]


# Text from the data


HOSTILE = ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2", '=HYPERLINK("http://x","y")', "<b>&\"'", "{target}", "%s%d"]


def test_texts_of_the_data_are_never_formulas(tmp_path: Path) -> None:
    scheme = scheme_of(8)
    indicators = tuple(
        replace(one_indicator, name=text, name_et=text)
        for one_indicator, text in zip(scheme.indicators, HOSTILE, strict=True)
    )
    bands = tuple(replace(band, name=f"={band.name}") for band in scheme.bands)
    scheme = replace(scheme, indicators=indicators, bands=bands)
    target, done = counts(scheme, 12)
    ids = [*HOSTILE, "a", "b", "c", "d"]
    path = write_xlsx(tmp_path / "in.xlsx", {"Andmed": rows_of(scheme, target, done, ids)})
    table = read_workbook(path, scheme)
    made = statements_fund(score(table, scheme))
    plain_formulas = list(formulas(statement_book(fund_of(result_of(scheme), FACTS), 0)))
    for row in range(len(HOSTILE)):
        book = statement_book(made, row)
        assert list(formulas(book)) == plain_formulas
        page = tmp_path / f"{row}.xlsx"
        OneSheetWriter().write(book, page)
        cells = assert_agrees(page, ENGINES[0].values[0], book)  # type: ignore[arg-type]
        block = book.block("list_id")
        assert cells[book.sheets[0].name][cell_name(block.row, block.column)] == table.providers[row]


def test_a_long_table_says_where_a_list_begins(tmp_path: Path) -> None:
    table = read_workbook(write_fund(tmp_path / "in.xlsx"), SCHEME)
    made = statements_fund(score(table, SCHEME))
    assert one(statement_book(made, 4), "read_from") == "Andmed, row 6"


def test_estonian_is_translated() -> None:
    infinite = OPTIONS["fixed, one infinite"]
    made = fund(replace(SCHEME, conditions=CONDITIONS), **infinite, lower_limit=0.4, upper_limit=0.9)
    texts = []
    for language in ("en", "et"):
        book = statement_book(made, 0, language)  # type: ignore[arg-type]
        cells = {block.values[i, j] for block, i, j in book.cells()}
        texts.append({one_text for one_text in cells if isinstance(one_text, str) and len(one_text) > 3})
    rules = {"x=min(d,n)", "⌈r·n⌉", "⌈r·n⌉−x", "x≥r·n", "Δ p·s", "u=x+M·m", "v=n+M", "a=u/v", "(u, v−u)", "w(n−x)/v"}
    facts = {"fund.xlsx", "2026-01-01", "xl_qbs", "N001", "I, II", "First domain"}
    assert texts[0] & texts[1] <= rules | facts | {"Beta", "c=x/n"}
