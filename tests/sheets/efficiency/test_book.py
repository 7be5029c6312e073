"""The efficiency sheets as they are described: their order, their formulas, their charts, and their values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.compare import cell_of, cells_between, formulas, plain, references, without_texts
from tests.small_efficiency import (
    BOTH_ERRORS,
    SHEET,
    Analysed,
    analyse_file,
    blocks,
    filled_template,
    given_of,
    ids,
    numbers,
    sheets_of,
    write_table,
)
from xl_qbs.efficiency.analysis import MODELS, Options, analyse
from xl_qbs.efficiency.regression import regression
from xl_qbs.errors import Finding
from xl_qbs.scoring.ranks import rank
from xl_qbs.sheets.address import cell_name, split_cell
from xl_qbs.sheets.efficiency import plan as names
from xl_qbs.sheets.efficiency.book import efficiency_book
from xl_qbs.sheets.efficiency.plan import PatientResults
from xl_qbs.sheets.model import Block, Book, Language, Sheet, SourceBlock
from xl_qbs.workbook.efficiency import plan_of
from xl_qbs.workbook.efficiency_template import efficiency_template_of

# In Excel 2010, LibreOffice 7.4 and IronCalc alike. None of them is volatile: those would be NOW, TODAY,
# RAND, RANDBETWEEN, OFFSET, INDIRECT, INFO and CELL.
FUNCTIONS = re.compile(
    "ABS|AND|AVERAGE|CHOOSE|CORREL|COUNT|COUNTA|COUNTIF|EXP|IF|IFERROR|INDEX|INT|ISERROR|ISNUMBER|LARGE|LN|MATCH|MAX|"
    "MIN|NORMSDIST|NORMSINV|NOT|OR|PERCENTILE|PI|ROUND|ROWS|SMALL|SQRT|STDEV|SUBSTITUTE|SUM|SUMPRODUCT|SUMSQ|TRIM"
)
LANGUAGES: tuple[Language, ...] = ("en", "et")
ORDER = (
    names.ABOUT,
    names.RESULTS,
    names.CHARTS,
    names.AGREEMENT,
    names.STARS,
    names.DATA,
    names.MODELS,
    names.FRONTIER,
    names.PYTHON,
    names.PATIENTS,
    names.PROGRAM,
    names.HARMONY,
    names.PARAMETERS,
    names.CHECKS,
    names.CHART_DATA,
)
# Whoever fills a template needs the first three first; what needs Python is not in it.
TEMPLATE_ORDER = (
    names.ABOUT,
    names.DATA,
    names.PARAMETERS,
    names.HARMONY,
    names.RESULTS,
    names.CHARTS,
    names.AGREEMENT,
    names.STARS,
    names.MODELS,
    names.FRONTIER,
    names.CHECKS,
    names.CHART_DATA,
)
ROWS = 26
EVERYTHING: dict[str, Any] = {
    "read": {**BOTH_ERRORS, "volume": "Episodes", "area": "Area"},
    "value": 25.0,
    "program": "tufts-blue-ribbon",
    "linear_programs": True,
}
Cell = tuple[str, str]
Edges = dict[Cell, list[tuple[str, str, str]]]
Written = dict[str, list[tuple[str, str, str]]]


def _patients() -> PatientResults:
    rng = np.random.default_rng(1)
    provider = np.repeat(np.array(ids(), dtype=object), 6)
    found = regression(provider, rng.normal(size=len(provider)), rng.normal(size=len(provider)), cost_is="spending")
    return PatientResults(found, risk_names=("age",), rows=len(provider))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("book")


@pytest.fixture(scope="module")
def full(folder: Path) -> Analysed:
    """Everything that an analysis can have."""
    results = _patients()
    more = {"regression": results.regression.efficiency, "regression_interval": results.regression.interval}
    path = write_table(folder / "in.xlsx")
    return analyse_file(path, folder / "out.xlsx", given=more, patients=results, **EVERYTHING)


@pytest.fixture(scope="module")
def books(full: Analysed, folder: Path) -> dict[str, Book]:
    """Books of every shape: languages, templates, models alone, few providers, odd data."""
    found = {"full": full.book, "full, Estonian": _in(full, "et")}
    for language in LANGUAGES:
        options = Options(cost_is="performance", value=3.0)
        found[f"empty template, {language}"] = efficiency_template_of(options, providers=ROWS, language=language)
    found["filled template"] = filled_template(given_of(full.table), Options(cost_is="spending", value=25.0), ROWS)
    few = write_table(folder / "few.xlsx", numbers(3))
    found["few"] = analyse_file(few, folder / "few_out.xlsx", value=25.0).book
    given = numbers()
    odd = write_table(folder / "odd.xlsx", given._replace(quality=given.quality - 60, cost=given.cost - 1000))
    found["odd"] = analyse_file(odd, folder / "odd_out.xlsx", cost_is="performance").book
    for model in MODELS:
        if model != "regression":
            options = Options(cost_is="spending", value=25.0, models=(model,))
            found[model] = sheets_of(full.table, analyse(given_of(full.table), options, linear_programs=False))
    return found


@pytest.fixture(scope="module")
def written(books: dict[str, Book]) -> Written:
    """Sheet, cell and formula of every cell of each book that has one."""
    return {name: list(formulas(book)) for name, book in books.items()}


@pytest.fixture(scope="module")
def edges(written: Written) -> dict[str, Edges]:
    """What every formula of each book refers to."""
    return {
        name: {(sheet, cell): list(references(formula, sheet)) for sheet, cell, formula in found}
        for name, found in written.items()
    }


def _in(analysed: Analysed, language: Language) -> Book:
    results = _patients()
    return sheets_of(analysed.table, analysed.analysis, language, patients=results)


def _cells(book: Book) -> Iterator[tuple[Block, int, int, Cell]]:
    for block, i, j in book.cells():
        yield block, i, j, (block.sheet, cell_name(block.row + i, block.column + j))


# The sheets


@pytest.mark.parametrize("language", LANGUAGES)
def test_sheets_stand_in_one_order_in_both_languages(
    books: dict[str, Book], full: Analysed, language: Language
) -> None:
    book = full.book if language == "en" else books["full, Estonian"]
    assert [sheet.name for sheet in book.sheets] == ["EFF " + name.say(language) for name in ORDER]
    template = books[f"empty template, {language}"]
    assert [sheet.name for sheet in template.sheets] == [name.say(language) for name in TEMPLATE_ORDER]


def test_every_model_alone_has_its_sheets_only(books: dict[str, Book]) -> None:
    always = {names.ABOUT, names.RESULTS, names.CHARTS, names.DATA, names.MODELS, names.HARMONY, names.PARAMETERS}
    always |= {names.CHECKS, names.CHART_DATA}
    more = {
        "unconditional": {names.AGREEMENT},
        "conditional": {names.AGREEMENT},
        "frontier": {names.FRONTIER},
        "stars": {names.STARS},
    }
    for model in MODELS:
        if model != "regression":
            found = {sheet.name for sheet in books[model].sheets}
            assert found == {"EFF " + name.en for name in always | more.get(model, set())}, model


def test_names_of_sheets_fit_and_are_told_apart(books: dict[str, Book]) -> None:
    for book in books.values():
        found = [sheet.name for sheet in book.sheets]
        assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in found)
        assert len({name.casefold() for name in found}) == len(found)


def test_names_that_are_taken_get_a_number(full: Analysed) -> None:
    book = sheets_of(full.table, full.analysis, taken={"eff results", "EFF Charts"})
    found = [sheet.name for sheet in book.sheets]
    assert {"EFF Results (2)", "EFF Charts (2)", "EFF Data"} <= set(found)
    assert all("'EFF Results'!" not in formula for _, _, formula in formulas(book))


@pytest.mark.parametrize(
    ("english", "estonian"), [("full", "full, Estonian"), ("empty template, en", "empty template, et")]
)
def test_languages_differ_in_texts_only(books: dict[str, Book], english: str, estonian: str) -> None:
    pair = books[english], books[estonian]

    def shape(block: Block) -> tuple[Any, ...]:
        return block.row, block.column, *block.values.shape, block.kind, block.format

    for one, other in zip(*(book.sheets for book in pair), strict=True):
        assert [shape(block) for block in one.blocks] == [shape(block) for block in other.blocks]
        for first, second in zip(one.blocks, other.blocks, strict=True):
            if first.values.dtype != object:
                np.testing.assert_array_equal(first.values, second.values, err_msg=first.key)
            numbers_only = [without_texts(block.formula or "") for block in (first, second)]
            assert numbers_only[0] == numbers_only[1], first.key
    texts = [_texts(book.sheets) for book in pair]
    # Most texts differ: an Estonian sheet with English labels is not translated.
    assert len(texts[0] & texts[1]) < len(texts[0]) / 3


def _texts(sheets: list[Sheet]) -> set[str]:
    return {
        value for sheet in sheets for block in sheet.blocks for value in block.values.ravel() if isinstance(value, str)
    }


# The layout


def test_blocks_do_not_overlap(books: dict[str, Book]) -> None:
    for name, book in books.items():
        seen: dict[Cell, str] = {}
        for block, _, _, cell in _cells(book):
            assert cell not in seen, f"{name}: {block.key!r} overlaps {seen[cell]!r} in {cell}"
            seen[cell] = block.key


def test_merged_ranges_hide_nothing_and_do_not_overlap(books: dict[str, Book]) -> None:
    """Excel mends a workbook in which they overlap, and takes them away."""
    for name, book in books.items():
        filled = {cell for block, i, j, cell in _cells(book) if plain(block.values[i, j]) not in (None, "")}
        filled |= {cell for block, _, _, cell in _cells(book) if block.formula is not None}
        for sheet in book.sheets:
            ranges = [list(cells_between(*merge.split(":"))) for merge in sheet.merges]
            assert all(len(one) > 1 for one in ranges), f"{name}: {sheet.name}"
            assert all(not set(one) & set(other) for one, other in combinations(ranges, 2)), f"{name}: {sheet.name}"
            hidden = {(sheet.name, cell) for one in ranges for cell in one[1:]} & filled
            assert not hidden, f"{name}: {hidden}"


def test_what_a_sheet_points_at_is_on_it(books: dict[str, Book]) -> None:
    for name, book in books.items():
        for sheet in book.sheets:
            reaches = [*sheet.flags, *([sheet.filter] if sheet.filter else [])]
            reaches += [mark.reach for mark in sheet.marks] + [rule.reach for rule in sheet.validations]
            for reach in reaches:
                for cell in (reach.partition(":")[0], reach.partition(":")[2] or reach.partition(":")[0]):
                    column, row = split_cell(cell)
                    assert column <= sheet.last_column, f"{name}: {sheet.name}!{reach}"
                    assert row <= sheet.last_row, f"{name}: {sheet.name}!{reach}"
            assert sheet.breaks == sorted(set(sheet.breaks)), f"{name}: {sheet.name}"
            assert sheet.row_breaks == sorted(set(sheet.row_breaks)), f"{name}: {sheet.name}"


def test_every_sheet_shows_the_flag_and_its_title(books: dict[str, Book]) -> None:
    for book in books.values():
        checks = book.block("master").sheet
        for sheet in book.sheets:
            flags = [block for block in sheet.blocks if re.fullmatch(r"master|flag_\d+", block.key)]
            assert len(flags) == 1, sheet.name
            assert flags[0].formula == ("{master}" if sheet.name != checks else flags[0].formula)
            assert sheet.blocks[0].kind == "title"


def test_yellow_cells_of_a_template_are_where_its_user_types(books: dict[str, Book]) -> None:
    for language in LANGUAGES:
        book = books[f"empty template, {language}"]
        typed = {name.say(language) for name in (names.DATA, names.PARAMETERS, names.HARMONY)}
        others = {one.key for one in blocks(book) if one.kind == "input" and one.sheet not in typed}
        drawn = {"outside", "reach_quality", "reach_cost", "bins_quality", "bins_cost"}
        assert others == {"legend_input", *drawn}


# The formulas


def test_only_functions_that_every_program_knows(written: Written) -> None:
    used = set()
    for name, found in written.items():
        for sheet, cell, formula in found:
            bare = re.sub(r"'(?:[^']|'')+'!", "", without_texts(formula))
            called = set(re.findall(r"([\w.]+)\(", bare))
            used |= called
            unknown = [one for one in called if not FUNCTIONS.fullmatch(one)]
            assert not unknown, f"{name}: {sheet}!{cell}: {unknown}"
            # Neither new operators (spilled ranges, implicit intersection) nor array constants or tables.
            assert not set(bare) & set("#@{}[]"), f"{name}: {sheet}!{cell}: {formula}"
            assert len(formula) < 8192
            assert "  " not in bare
    assert used == set(FUNCTIONS.pattern.split("|"))


def test_formulas_are_not_nested_deeper_than_excel_allows(written: Written) -> None:
    for name in ("full", "filled template"):
        for sheet, cell, formula in written[name]:
            depth = deepest = 0
            for sign in without_texts(formula):
                depth += {"(": 1, ")": -1}.get(sign, 0)
                deepest = max(deepest, depth)
            assert depth == 0, f"{sheet}!{cell}"
            assert deepest <= 64, f"{sheet}!{cell}"


def test_no_number_stands_in_a_formula_but_0_and_1(written: Written) -> None:
    """What somebody decided stands in a labelled cell, not inside a formula."""
    for name, found in written.items():
        for sheet, cell, formula in found:
            bare = re.sub(r"\$?[A-Z]{1,3}\$?\d+", "", re.sub(r"'(?:[^']|'')+'!", "", without_texts(formula)))
            literals = set(re.findall(r"(?<![\w.])\d+(?:\.\d+)?", bare))
            assert literals <= {"0", "1"}, f"{name}: {sheet}!{cell}: {formula}"


def test_texts_in_formulas_are_no_numbers(written: Written) -> None:
    for name, found in written.items():
        for sheet, cell, formula in found:
            for text in re.findall(r'"((?:[^"]|"")*)"', formula):
                assert not re.search(r"[\d]", text) or " " in text, f"{name}: {sheet}!{cell}: {text}"


def _source_cells(book: Book) -> set[Cell]:
    sources = [one for one in book.named.values() if isinstance(one, SourceBlock)]
    return {
        (one.sheet, cell_name(int(row), int(column)))
        for one in sources
        for rows in one.cell_rows
        for row, column in zip(rows, one.cell_columns, strict=True)
    }


def test_references_point_at_cells_that_are_there(books: dict[str, Book], edges: dict[str, Edges]) -> None:
    for name, book in books.items():
        filled = {cell for _, _, _, cell in _cells(book)} | _source_cells(book)
        # The hull looks at the row below: under the last one nothing may stand.
        below = set()
        for key in ("hull_of_ties", "quality_order"):
            block = book.named.get(key)
            if isinstance(block, Block):
                below.add((block.sheet, cell_name(block.row + block.rows, block.column)))
        assert not below & filled
        # Many formulas refer to the same ranges.
        targets = {target: cell for cell, found in edges[name].items() for target in found}
        for (where, first, last), (sheet, cell) in targets.items():
            missing = {(where, one) for one in cells_between(first, last)} - filled - below
            assert not missing, f"{name}: {sheet}!{cell} refers to {sorted(missing)[:2]}, where nothing stands"


def test_nothing_refers_to_itself(edges: dict[str, Edges]) -> None:
    for name in ("full", "filled template"):
        of = edges[name]
        state: dict[Cell, int] = {}
        for start in of:
            waiting = [start]
            while waiting:
                cell = waiting[-1]
                if state.setdefault(cell, 1) == 2:
                    waiting.pop()
                    continue
                targets = {(where, one) for where, a, b in of.get(cell, ()) for one in cells_between(a, b)}
                loop = [one for one in targets if state.get(one) == 1 and one in waiting]
                assert not loop, f"{name}: {cell} refers to itself through {loop[0]}"
                ahead = [one for one in targets if one not in state]
                waiting.extend(ahead)
                if not ahead:
                    state[cell] = 2
                    waiting.pop()


def test_every_parameter_is_used_by_a_formula(books: dict[str, Book], edges: dict[str, Edges]) -> None:
    """Beyond the checks of their range: a yellow cell that moves nothing would promise what it does not keep."""
    for name in ("full", "empty template, en", "filled template"):
        book = books[name]
        sheet = book.block("level").sheet
        checks = book.block("master").sheet
        targets = {target for (at, _), found in edges[name].items() if at != checks for target in found}
        used = {(where, one) for where, first, last in targets for one in cells_between(first, last)}
        yellow = [block for one in book.sheets for block in one.blocks if block.kind == "input" and block.key]
        parameters = [block for block in yellow if block.sheet == sheet]
        assert len(parameters) > 20
        for block in parameters:
            at = {(sheet, cell_name(block.row + i, block.column + j)) for i, j in np.ndindex(block.values.shape)}
            assert at <= used, f"{name}: {block.key}"


def test_every_block_is_used_or_shown(books: dict[str, Book], edges: dict[str, Edges]) -> None:
    """What is calculated on a sheet in between is not calculated for nothing."""
    book = books["full"]
    targets = {target for found in edges["full"].values() for target in found}
    used = {(where, one) for where, first, last in targets for one in cells_between(first, last)}
    used |= {one for sheet in book.sheets for chart in sheet.charts for one in _chart_cells(chart.series)}
    # Ends of intervals, ranks and the like are there to be read; so are these.
    read = re.compile(
        r".*_(low|high|high_end|low_end|mode|expected|adjusted|rank|share|count|probability)$|provider_\d+"
        r"|correlation_(low|high)_(across|down)|cost_sd|frontier_ready|legend_calculation"
    )
    for block in (one for one in blocks(book) if one.kind == "calculation"):
        cells = {(block.sheet, cell_name(block.row + i, block.column + j)) for i, j in np.ndindex(block.values.shape)}
        assert cells & used or read.fullmatch(block.key), block.key


def test_formulas_of_providers_lead_to_the_tables_own_cells(full: Analysed, edges: dict[str, Edges]) -> None:
    own = _source_cells(full.book)
    reaches: dict[Cell, bool] = {}

    def leads(cell: Cell) -> bool:
        if cell in own:
            return True
        if cell not in reaches:
            reaches[cell] = False
            reaches[cell] = any(
                leads((where, one))
                for where, first, last in edges["full"].get(cell, ())
                for one in cells_between(first, last)
            )
        return reaches[cell]

    count = len(full.table.providers)
    # What Python has stored begins there, and bins are of the charts' own.
    stored = re.compile("|".join((*names.BY_SEARCH, "bin_")))
    live = [one.key for one in blocks(full.book) if one.rows == count and one.formula is not None]
    keys = [key for key in live if not stored.search(key)]
    assert {"z_quality", "eff_unconditional_a", "class_frontier_moments", "stars", "draw_cost_hurdle_1"} <= set(keys)
    for key in keys:
        block = full.book.block(key)
        lost = [
            i
            for i, j in np.ndindex(block.values.shape)
            if not leads((block.sheet, cell_name(block.row + i, block.column + j)))
        ]
        assert not lost, f"{key}: {lost[:3]}"


def test_an_efficiency_goes_back_to_its_own_providers_cells(full: Analysed, edges: dict[str, Edges]) -> None:
    """Along references to single cells, an efficiency leads to its own provider's quality and cost only."""
    source = full.table.source
    columns = {source.columns[role] for role in ("quality", "cost")}
    for key in ("unconditional_a", "unconditional_b", "cost_effectiveness", "envelopment"):
        for number in (0, 7, len(full.table.providers) - 1):
            found: set[Cell] = set()
            waiting = [cell_of(full.book, f"eff_{key}", number)]
            seen = set(waiting)
            while waiting:
                for where, first, last in edges["full"].get(waiting.pop(), ()):
                    if first == last and where == source.sheet:
                        found.add((where, first))
                    elif first == last and (where, first) not in seen:
                        seen.add((where, first))
                        waiting.append((where, first))
            row = int(source.provider_rows[number])
            assert found == {(SHEET, cell_name(row, column)) for column in columns}, key


# The charts


def _chart_cells(series: Any) -> Iterator[Cell]:
    for one in series:
        for address in (one.x, one.y):
            for where, first, last in references(address, ""):
                yield from ((where, cell) for cell in cells_between(first, last))


def test_charts_are_drawn_from_cells_that_are_there(books: dict[str, Book]) -> None:
    for name, book in books.items():
        filled = {cell for _, _, _, cell in _cells(book)}
        charts = [chart for sheet in book.sheets for chart in sheet.charts]
        for chart in charts:
            assert chart.series, chart.title
            assert set(_chart_cells(chart.series)) <= filled, f"{name}: {chart.title}"
            for one in chart.series:
                sizes = [len(list(_chart_cells([one._replace(x=other, y=other)]))) for other in (one.x, one.y)]
                assert sizes[0] == sizes[1], f"{name}: {chart.title}: {one.name}"


def test_charts_say_what_they_show(books: dict[str, Book]) -> None:
    for name, book in books.items():
        charts = [chart for sheet in book.sheets for chart in sheet.charts]
        for chart in charts:
            assert all((chart.title, chart.x_title, chart.y_title, chart.description)), f"{name}: {chart}"
            told = [one.name for one in chart.series if one.in_legend]
            assert len(told) == len(set(told)), f"{name}: {chart.title}"
        titles = [chart.title for chart in charts]
        assert len(titles) == len(set(titles)), name
        corners = [chart.at for chart in charts]
        assert len(corners) == len(set(corners)), name


def test_there_is_a_chart_for_every_exhibit(books: dict[str, Book]) -> None:
    """Two halves of Exhibits 2 to 5, the frontier (6), the trend (8, 9) and the stars (10)."""
    for name in ("full", "full, Estonian", "empty template, en"):
        assert len([chart for sheet in books[name].sheets for chart in sheet.charts]) == 11
    assert len([chart for sheet in books["odd"].sheets for chart in sheet.charts]) == 10


def test_points_of_a_chart_lie_in_it_or_far_outside(full: Analysed) -> None:
    book = full.book
    reach = {side: float(book.block(f"reach_{side}").values[0, 0]) for side in ("quality", "cost")}
    z = full.analysis.standardized
    assert np.abs(z.quality).max() <= reach["quality"]
    assert np.abs(z.cost).max() <= reach["cost"]
    outside = float(book.block("outside").values[0, 0])
    assert outside < -10 * max(reach.values())
    # Each provider is drawn once in each picture of classes.
    for key, parts in (("quality_hurdle", 2), ("unconditional_a", 3), ("conditional_within", 3)):
        drawn = np.column_stack([book.block(f"draw_{key}_{part}").values for part in range(parts)]).astype(float)
        assert ((drawn != outside).sum(axis=1) == 1).all()
        np.testing.assert_array_equal(drawn.max(axis=1), z.cost)


def test_bins_hold_every_provider(books: dict[str, Book]) -> None:
    for name in ("full", "filled template", "few"):
        for key in ("bin_z_quality", "bin_z_cost"):
            count = books[name].block("lists").values[0, 0]
            assert float(books[name].block(key).values.sum()) == count


# The values are those of the analysis


def test_values_are_those_of_the_analysis(full: Analysed) -> None:
    found, book = full.analysis, full.book
    assert found.net_benefit is not None
    assert found.stars is not None
    assert found.agreement is not None
    assert found.correlations is not None
    assert found.programs_envelopment is not None
    expected: dict[str, Any] = {
        "provider": np.array(full.table.providers, dtype=object),
        "quality": full.table.quality,
        "cost": full.table.cost,
        "quality_error": full.table.quality_error,
        "performance": found.performance,
        "z_quality": found.standardized.quality,
        "z_cost": found.standardized.cost,
        "z_quality_error": found.standardized.quality_error,
        "z_cost_error": found.standardized.cost_error,
        "quality_rank": found.side_by_side.quality_rank,
        "quality_low_end": found.side_by_side.quality_interval.low,
        "cost_high_end": found.side_by_side.cost_interval.high,
        "unconditional_b_low": found.unconditional[1].interval.low,
        "quality_class": found.conditional[0].quality_class,
        "cost_class_within": found.conditional[1].cost_class,
        "cost_effectiveness_probability": found.net_benefit.probability_positive,
        "stars": found.stars.stars,
        "star_adjusted": found.stars.adjusted_quality,
        "programs_factor": found.programs_envelopment.factor,
        "correlation": found.correlations.matrix,
        "same_class": found.agreement.same,
        "class_lowest": found.agreement.lowest,
        "class_highest": found.agreement.highest,
        "program_designated": found.program.designated,
    }
    expected |= {f"eff_{key}": values for key, values in found.efficiencies.items()}
    expected |= {f"eff_{key}_rank": rank(values) for key, values in found.efficiencies.items()}
    expected |= {f"class_{key}": found.agreement.classes[:, place] for place, key in enumerate(found.agreement.models)}
    for key, values in expected.items():
        block = book.block(key)
        shaped = np.asarray(values).reshape(block.values.shape)
        if key == "cost_effectiveness_probability":
            # Python has it by Student's distribution with very many degrees of freedom.
            np.testing.assert_allclose(block.values.astype(float), shaped, rtol=1e-9, err_msg=key)
        else:
            np.testing.assert_array_equal(block.values, shaped, err_msg=key)


def test_about_says_what_was_analysed(full: Analysed) -> None:
    about = _texts(full.book.sheets[:1])
    assert {"in.xlsx", full.table.source.sha256, "2023-11-14 22:13:20+00:00", "24"} <= about
    assert f"{SHEET}!{full.table.source.range}" in about


@pytest.mark.parametrize("name", ["full", "full, Estonian", "odd", "empty template, en", "empty template, et"])
def test_about_lists_every_other_sheet_with_its_purpose(books: dict[str, Book], name: str) -> None:
    about, *others = books[name].sheets
    rows = {row[0]: row for block in about.blocks for row in block.values.tolist() if len(row) > 1}
    for sheet in others:
        assert rows[sheet.name][1], sheet.name


def test_about_says_why_models_are_left_out(books: dict[str, Book], full: Analysed) -> None:
    about = " ".join(_texts(books["odd"].sheets[:1]))
    for reason in ("needs quality from 0 on", "needs cost as spending, in money", "needs patient rows"):
        assert reason in about


def test_findings_of_the_table_are_told(full: Analysed) -> None:
    finding = Finding("Row 30 is a total.", "It is left out.", severity="warning")
    table = replace(full.table, findings=(finding,))
    book = efficiency_book(plan_of(table, full.analysis))
    assert "Row 30 is a total. It is left out." in _texts(book.sheets[:1])


# Templates


def test_a_template_is_the_same_whatever_is_in_it(books: dict[str, Book], written: Written) -> None:
    empty, filled = books["empty template, en"], books["filled template"]
    assert written["empty template, en"] == written["filled template"]

    def layout(book: Book) -> list[tuple[Any, ...]]:
        return [
            (sheet.name, block.key, block.row, block.column, *block.values.shape, block.kind)
            for sheet in book.sheets
            for block in sheet.blocks
        ]

    assert layout(empty) == layout(filled)


def test_a_template_has_the_formulas_of_a_result(books: dict[str, Book]) -> None:
    """One description makes both: each formula of a template holds that of the result, with guards around it."""
    template, result = books["filled template"], books["full"]
    for key in (
        "unconditional_a",
        "conditional_within",
        "envelopment",
        "inefficiency",
        "star_row",
        "cost_effectiveness",
    ):
        one, other = template.block(key).formula, result.block(key).formula
        assert one is not None
        assert other is not None
        assert other in one


def test_an_empty_template_holds_no_data(books: dict[str, Book]) -> None:
    for language in LANGUAGES:
        book = books[f"empty template, {language}"]
        for key in ("provider", "quality", "cost", "quality_error", "cost_error"):
            assert {plain(value) or None for value in book.block(key).values[:, 0]} == {None}


def test_a_template_begins_with_the_options(books: dict[str, Book]) -> None:
    book = books["empty template, en"]
    assert book.block("cost_is").values[0, 0] == "performance"
    assert book.block("value").values[0, 0] == 3.0
