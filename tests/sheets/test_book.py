"""The result book: complete, without overlaps, and every number traceable to the fund's own cells."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.compare import cell_of, cells_between, formulas, references, without_texts
from tests.small_fund import CONDITIONS, SCHEME, Scored, counts, rows_of, scheme_of, score_file, write_fund
from tests.workbook.builders import write_xlsx
from xl_qbs.sheets import run
from xl_qbs.sheets.address import cell_name, split_cell
from xl_qbs.sheets.model import Block, Book, Sheet, SourceBlock

# In Excel 2010, LibreOffice 7.4 and IronCalc alike. None of them is volatile: those would be NOW, TODAY,
# RAND, RANDBETWEEN, OFFSET, INDIRECT, INFO and CELL.
FUNCTIONS = re.compile(
    "ABS|AND|AVERAGE|BETAINV|CHOOSE|CORREL|COUNT|COUNTA|COUNTIF|IF|INDEX|INT|ISNUMBER|LARGE|MATCH|MAX|MIN|MMULT|"
    "PERCENTILE|ROUND|ROWS|SMALL|SQRT|SUM|SUMIF|SUMPRODUCT|SUMSQ|TRIM"
)
ORDER = (
    run.ABOUT,
    run.SCORES,
    run.CHARTS,
    run.COVERAGE,
    run.WEIGHTS,
    run.PRIOR,
    run.SCHEME,
    run.DATA_CHECKS,
    run.CHECKS,
    run.CHART_DATA,
)
Cell = tuple[str, str]


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Scored:
    """Return a workbook with everything there can be: conditions, coefficients, blank coverage, all rules."""
    folder = tmp_path_factory.mktemp("book")
    scheme = replace(SCHEME, conditions=CONDITIONS)
    target, done = counts(scheme)
    target[3, 1] = done[3, 1] = 0
    done[2, 2] = target[2, 2] + 1
    rows = rows_of(scheme, target, done)
    for number, row in enumerate(rows):
        row.append("Coefficient" if number == 0 else 1.1)
    path = write_xlsx(folder / "in.xlsx", {"Andmed 1": rows})
    return score_file(path, folder / "out.xlsx", scheme)


def _books(folder: Path) -> list[Book]:
    """Return books of every shape: languages, rules, numbers of lists and indicators."""
    books = []
    for number, (count, lists, options) in enumerate(
        [
            (5, 30, {"language": "et", "prior": "moments"}),
            (5, 30, {"prior": "likelihood", "weights": "own"}),
            (1, 4, {"weights": "current"}),
            (3, 1, {"weights": "current"}),
            (25, 30, {"rounding": "none"}),
        ]
    ):
        scheme = scheme_of(count)
        path = write_fund(folder / f"{number}.xlsx", scheme, *counts(scheme, lists))
        books.append(score_file(path, folder / f"{number}_out.xlsx", scheme, **options).book)
    return books


def test_sheets_stand_in_one_order_in_both_languages(tmp_path: Path) -> None:
    path = write_fund(tmp_path / "in.xlsx")
    for language in ("en", "et"):
        book = score_file(path, tmp_path / "out.xlsx", SCHEME, language=language).book  # type: ignore[arg-type]
        assert [sheet.name for sheet in book.sheets] == [book.sheet_name(name) for name in ORDER]
        assert all(len(sheet.name) <= 31 for sheet in book.sheets)


def test_languages_differ_in_texts_only(tmp_path: Path) -> None:
    path = write_fund(tmp_path / "in.xlsx")
    books = [
        score_file(path, tmp_path / "out.xlsx", SCHEME, language=language).book
        for language in ("en", "et")  # type: ignore[arg-type]
    ]
    keys = [sorted(key for key in book.named if not key.startswith("name")) for book in books]
    assert keys[0] == keys[1]
    for key in keys[0]:
        english, estonian = (book.named[key] for book in books)
        if isinstance(english, Block) and isinstance(estonian, Block):
            assert (english.row, english.column, english.rows, english.columns) == (
                estonian.row,
                estonian.column,
                estonian.rows,
                estonian.columns,
            )
            if english.values.dtype != object:
                np.testing.assert_array_equal(english.values, estonian.values)
    texts = [{value for block, i, j in book.cells() if isinstance(value := block.values[i, j], str)} for book in books]
    # Most texts differ: an Estonian sheet with English labels is not translated.
    assert len(texts[0] & texts[1]) < len(texts[0]) / 2


def test_blocks_do_not_overlap(scored: Scored, tmp_path: Path) -> None:
    for book in (scored.book, *_books(tmp_path)):
        seen: set[Cell] = set()
        for block, i, j in book.cells():
            cell = (block.sheet, cell_name(block.row + i, block.column + j))
            assert cell not in seen, f"{block.key} overlaps another block in {cell}"
            seen.add(cell)


def test_merged_ranges_are_ranges_and_do_not_overlap(scored: Scored, tmp_path: Path) -> None:
    """Excel mends a workbook in which they are not, and takes them away."""
    for book in (scored.book, *_books(tmp_path)):
        for sheet in book.sheets:
            cells = [set(cells_between(*merge.split(":"))) for merge in sheet.merges]
            assert all(len(one) > 1 for one in cells), f"{sheet.name}: {sheet.merges}"
            assert all(not first & second for first, second in combinations(cells, 2)), sheet.name


def test_merged_ranges_hide_no_values(scored: Scored, tmp_path: Path) -> None:
    for book in (scored.book, *_books(tmp_path)):
        filled = {
            (block.sheet, cell_name(block.row + i, block.column + j))
            for block, i, j in book.cells()
            if block.values[i, j] not in (None, "")
        }
        for sheet in book.sheets:
            for merge in sheet.merges:
                first, *others = cells_between(*merge.split(":"))
                assert not {(sheet.name, cell) for cell in others} & filled, f"{sheet.name}!{merge} after {first}"


def test_what_a_sheet_points_at_is_on_it(scored: Scored, tmp_path: Path) -> None:
    for book in (scored.book, *_books(tmp_path)):
        for sheet in book.sheets:
            ranges = [*sheet.flags, *([sheet.filter] if sheet.filter else [])]
            for place in ranges:
                first, _, last = place.partition(":")
                for cell in (first, last or first):
                    column, row = split_cell(cell)
                    assert (column, row) <= (sheet.last_column, sheet.last_row)
            assert sheet.breaks == sorted(set(sheet.breaks))
            assert sheet.row_breaks == sorted(set(sheet.row_breaks))


def test_only_functions_that_every_program_knows(scored: Scored, tmp_path: Path) -> None:
    for book in (scored.book, *_books(tmp_path)):
        for sheet, cell, formula in formulas(book):
            bare = re.sub(r"'(?:[^']|'')+'!", "", without_texts(formula))
            unknown = [name for name in re.findall(r"([\w.]+)\(", bare) if not FUNCTIONS.fullmatch(name)]
            assert not unknown, f"{sheet}!{cell}: {unknown}"
            # Neither new operators (spilled ranges, implicit intersection) nor array constants or tables.
            assert not set(bare) & set("#@{}[]"), f"{sheet}!{cell}: {formula}"
            assert len(formula) < 8192
            assert "  " not in bare


def test_numbers_in_formulas_are_positions_and_bounds_only(scored: Scored) -> None:
    """What somebody decided stands in a labelled cell, not inside a formula."""
    for sheet, cell, formula in formulas(scored.book):
        bare = re.sub(r"\$?[A-Z]{1,3}\$?\d+", "", re.sub(r"'(?:[^']|'')+'!", "", without_texts(formula)))
        numbers = set(re.findall(r"(?<![\w.])\d+(?:\.\d+)?", bare))
        assert numbers <= set("012345"), f"{sheet}!{cell}: {formula}"


# Every number can be followed


def _edges(book: Book) -> dict[Cell, list[tuple[str, str, str]]]:
    return {(sheet, cell): list(references(formula, sheet)) for sheet, cell, formula in formulas(book)}


def _fund_cells(scored: Scored) -> set[Cell]:
    sources = [one for one in scored.book.named.values() if isinstance(one, SourceBlock)]
    return {
        (one.sheet, cell_name(int(row), int(column)))
        for one in sources
        for rows in one.cell_rows
        for row, column in zip(rows, one.cell_columns, strict=True)
    }


def test_references_point_at_cells_that_are_there(scored: Scored) -> None:
    filled = {(block.sheet, cell_name(block.row + i, block.column + j)) for block, i, j in scored.book.cells()}
    filled |= _fund_cells(scored)
    for (sheet, cell), targets in _edges(scored.book).items():
        for where, first, last in targets:
            missing = [one for one in cells_between(first, last) if (where, one) not in filled]
            # The fund's sheet may hold a column of its own between two that are read.
            assert not missing, f"{sheet}!{cell} refers to {where}!{missing[0]}, where nothing stands"


def test_every_per_list_formula_leads_to_the_funds_own_cells(scored: Scored) -> None:
    edges = _edges(scored.book)
    fund = _fund_cells(scored)
    reaches: dict[Cell, bool] = {}

    def leads(cell: Cell) -> bool:
        if cell in fund:
            return True
        if cell not in reaches:
            reaches[cell] = False
            reaches[cell] = any(
                leads((where, one)) for where, first, last in edges.get(cell, ()) for one in cells_between(first, last)
            )
        return reaches[cell]

    keys = [
        key
        for key, block in scored.book.named.items()
        if isinstance(block, Block) and block.rows == len(scored.table.providers) and block.formula is not None
    ]
    assert {"target", "coverage", "adjusted", "low", "need_points", "need_score", "need_band", "condition_met"} <= {
        *keys
    }
    for key in keys:
        block = scored.book.named[key]
        assert isinstance(block, Block)
        lost = [
            (i, j)
            for i in range(block.rows)
            for j in range(block.columns)
            if not leads((block.sheet, cell_name(block.row + i, block.column + j)))
        ]
        assert not lost, f"{key}: {lost[:3]}"


def test_a_score_goes_back_to_its_own_lists_cells(scored: Scored) -> None:
    """Along references to single cells and to parts of one row, a score leads to its own list's counts only."""
    edges = _edges(scored.book)
    source = scored.table.source
    columns = [*source.target_columns, *source.done_columns]
    for number in (0, 7, len(scored.table.providers) - 1):
        found: set[Cell] = set()
        waiting = [cell_of(scored.book, "need_score", number)]
        seen = set(waiting)
        while waiting:
            cell = waiting.pop()
            for where, first, last in edges.get(cell, ()):
                if split_cell(first)[1] != split_cell(last)[1]:
                    continue
                for one in cells_between(first, last):
                    if where == source.sheet:
                        found.add((where, one))
                    elif (where, one) not in seen:
                        seen.add((where, one))
                        waiting.append((where, one))
        row = int(source.provider_rows[number])
        assert found == {(source.sheet, cell_name(row, int(column) + 1)) for column in columns}


def test_nothing_refers_to_itself(scored: Scored) -> None:
    edges = _edges(scored.book)
    state: dict[Cell, int] = {}

    def visit(cell: Cell) -> None:
        state[cell] = 1
        for where, first, last in edges.get(cell, ()):
            for one in cells_between(first, last):
                assert state.get((where, one)) != 1, f"{cell} refers to itself through {where}!{one}"
                if (where, one) not in state:
                    visit((where, one))
        state[cell] = 2

    for cell in edges:
        if cell not in state:
            visit(cell)


# The values are those of the result


def test_values_are_those_of_the_result(scored: Scored) -> None:
    result, table = scored.result, scored.result.table
    expected: dict[str, Any] = {
        "provider": np.array(table.providers, dtype=object),
        "target": table.target,
        "done": np.minimum(table.done, table.target),
        "coverage": result.coverage,
        "adjusted": result.adjusted,
        "low": result.interval.low,
        "high": result.interval.high,
        "reliability": result.reliability,
        "coefficient": table.coefficient,
        "weight": result.weights,
        "prior_mean": result.prior.mean,
        "points": np.array(scored.result.scheme.points),
        "required": np.array(scored.result.scheme.required_coverage),
        "condition_met": np.column_stack([result.conditions["Both domains"], result.conditions["First domain"]]) * 1.0,
    }
    bands = np.array([one.name for one in result.scheme.bands], dtype=object)
    for key, score in (
        ("current", result.current),
        ("proportional", result.proportional),
        ("need", result.need_adjusted),
    ):
        expected |= {
            f"{key}_score": score.total,
            f"{key}_rank": score.rank,
            f"{key}_relative": score.relative_rank,
            f"{key}_band": bands[score.band],
            f"{key}_points": score.points,
        }
    for key, values in expected.items():
        block = scored.book.named[key]
        assert isinstance(block, Block), key
        shaped = np.asarray(values).reshape(block.values.shape)
        np.testing.assert_array_equal(block.values, shaped, err_msg=key)


def test_names_of_indicators_come_in_the_books_language(tmp_path: Path) -> None:
    path = write_fund(tmp_path / "in.xlsx")
    english = score_file(path, tmp_path / "out.xlsx", SCHEME).book.block("name_adjusted").values
    estonian = score_file(path, tmp_path / "out.xlsx", SCHEME, language="et").book.block("name_adjusted").values
    assert english.tolist() == [[one.name for one in SCHEME.indicators]]
    assert estonian.tolist() == [[one.name_et for one in SCHEME.indicators]]


def test_every_finding_is_told_with_its_cell(scored: Scored) -> None:
    findings = [*scored.table.findings, *scored.result.warnings]
    texts = [block.values[i, j] for block, i, j in scored.book.cells() if isinstance(block.values[i, j], str)]
    capped = [one for one in findings if one.provider == "N003"]
    assert len(capped) == 1
    assert capped[0].where in texts
    for one in findings:
        assert any(one.what in text for text in texts), one


def test_about_says_what_was_scored(scored: Scored) -> None:
    about = _sheet_texts(scored.book.sheets[0])
    assert {"in.xlsx", scored.table.source.sha256, "2023-11-14 22:13:20+00:00"} <= about
    assert f"Andmed 1!{scored.table.source.range}" in about


def _sheet_texts(sheet: Sheet) -> set[str]:
    return {value for block in sheet.blocks for value in block.values.ravel() if isinstance(value, str)}


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    rows = rows_of(SCHEME, *counts(SCHEME))
    path = write_xlsx(tmp_path / "in.xlsx", {"Andmed": rows, "qbs scores": [["mine"]]})
    score_file(path, tmp_path / "out.xlsx", SCHEME)
    from xl_qbs.workbook.package import open_package

    names = [sheet.name for sheet in open_package(tmp_path / "out.xlsx").sheets]
    assert len({name.casefold() for name in names}) == len(names) == 12
    assert "qbs scores" in names
