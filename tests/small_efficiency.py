"""Small tables of quality and cost, drawn from a seed, and analysed: for the tests of the efficiency sheets."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import numpy as np

from tests.compare import Engine, errors, unlike_book, value_of
from tests.engines import Cells
from tests.small_fund import EPOCH
from tests.workbook.builders import write_xlsx
from xl_qbs.efficiency.analysis import EFFICIENCY_DECIMALS, Analysis, Given, Options, analyse
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.efficiency.book import efficiency_book
from xl_qbs.sheets.efficiency.plan import PatientResults, Plan, room_for
from xl_qbs.sheets.model import Block, Book, Language
from xl_qbs.workbook.efficiency import Facts, plan_of, write_efficiency
from xl_qbs.workbook.provider_table import ProviderTable, read_provider_table

PROVIDERS = 24
HEADINGS = ("Provider", "Quality", "Cost", "SE quality", "SE cost", "Episodes", "Area")
SHEET = "Andmed"
# How a table's columns are named to `read_provider_table`.
NAMED: dict[str, Any] = {"quality": "Quality", "cost": "Cost"}
BOTH_ERRORS: dict[str, Any] = {"quality_error": "SE quality", "cost_error": "SE cost"}


class Numbers(NamedTuple):
    """The columns of a table, each of shape (N,)."""

    quality: Array
    cost: Array
    quality_error: Array
    cost_error: Array
    volume: Array


def numbers(count: int = PROVIDERS, seed: int = 1) -> Numbers:
    """Return quality from 0 to 100, and spending that rises with it a little; some providers waste."""
    rng = np.random.default_rng(seed)
    waste = np.abs(rng.normal(0, 12, count))
    cost = np.round(1000 * np.exp(rng.normal(0, 0.2, count)), 2)
    quality = np.clip(np.round(75 + 8 * np.log(cost / 1000) + rng.normal(0, 4, count) - waste, 1), 0, 100)
    return Numbers(
        quality,
        cost,
        np.round(rng.uniform(1, 5, count), 2),
        np.round(rng.uniform(20, 90, count), 1),
        rng.integers(5, 60, count).astype(float),
    )


def ids(count: int = PROVIDERS) -> tuple[str, ...]:
    """Return ids of providers."""
    return tuple(f"P{number:03d}" for number in range(1, count + 1))


def rows_of(given: Numbers, providers: Sequence[Any] = ()) -> list[list[Any]]:
    """Return the rows of a table: headings, then a row a provider; areas North and South alternate."""
    names = providers or ids(len(given.quality))
    areas = [("North", "South")[number % 2] for number in range(len(given.quality))]
    return [list(HEADINGS), *([*row] for row in zip(names, *(one.tolist() for one in given), areas, strict=True))]


def write_table(path: Path, given: Numbers | None = None, *, providers: Sequence[Any] = (), sheet: str = SHEET) -> Path:
    """Write a workbook with a table."""
    return write_xlsx(path, {sheet: rows_of(given or numbers(), providers)})


class Analysed(NamedTuple):
    """An analysed workbook: what was read, what came of it, the sheets, and the file."""

    table: ProviderTable
    analysis: Analysis
    book: Book
    path: Path


def analyse_file(
    path: Path,
    output: Path,
    *,
    language: Language = "en",
    read: dict[str, Any] | None = None,
    given: dict[str, Any] | None = None,
    facts: Facts | None = None,
    patients: PatientResults | None = None,
    linear_programs: bool = False,
    cells: Any = "formulas",
    **options: Any,
) -> Analysed:
    """Read, analyse and write a workbook.

    Args:
        path: the table.
        output: where to write.
        language: language of the sheets.
        read: which columns mean what, beside quality and cost.
        given: columns of `Given` that are in no column of the table.
        facts: what the sheets say of the run.
        patients: results from patient rows.
        linear_programs: also what no formula can do, which takes its time.
        cells: ``formulas`` or ``values``.
        **options: of `Options`.
    """
    options = {"cost_is": "spending", **options}
    table = read_provider_table(path, cost_is=options["cost_is"], **{**NAMED, **(read or {})})
    analysis = analyse(given_of(table, **(given or {})), Options(**options), linear_programs=linear_programs)
    with mock.patch.dict(os.environ, SOURCE_DATE_EPOCH=EPOCH):
        write_efficiency(table, analysis, output, facts=facts, patients=patients, cells=cells, language=language)
    book = sheets_of(table, analysis, language, facts=facts, patients=patients)
    return Analysed(table, analysis, book, output)


def sheets_of(
    table: ProviderTable,
    analysis: Analysis,
    language: Language = "en",
    taken: Collection[str] = (),
    *,
    facts: Facts | None = None,
    patients: PatientResults | None = None,
) -> Book:
    """Return the sheets of an analysis, as `analyse_file` writes them."""
    with mock.patch.dict(os.environ, SOURCE_DATE_EPOCH=EPOCH):
        return efficiency_book(plan_of(table, analysis, facts=facts, patients=patients), language, taken)


def given_of(table: ProviderTable, **more: Any) -> Given:
    """Return what the models are given of a table."""
    given = Given(
        table.quality,
        table.cost,
        table.quality_error,
        table.cost_error,
        volume=table.volume,
        area=table.area,
    )
    return given._replace(**more)


def filled_template(
    given: Given, options: Options, rows: int, *, providers: Sequence[str] = (), language: Language = "en"
) -> Book:
    """Return the sheets of a template for so many providers that holds the data of fewer."""
    analysis = analyse(given, options, linear_programs=False)
    names = tuple(providers) or ids(len(given.quality))
    return efficiency_book(Plan(analysis, names, room_for(rows, open_room=True)), language)


def assert_agrees_rounded(path: Path, engine: Engine, book: Book) -> Cells:
    """Assert that an engine computes a book's cells but for the last decimal that efficiencies keep.

    The normal distribution of a spreadsheet is not Python's to the last bit. Of thousands of efficiencies, some stand
    where that decides how they are rounded.
    """
    unit = 10.0**-EFFICIENCY_DECIMALS
    cells = engine(path)
    assert not errors(cells, book)
    found = [
        one
        for one in unlike_book(cells, book)
        if not (
            isinstance(one.expected, float)
            and isinstance(one.found, float)
            and abs(one.expected - one.found) <= unit * (1 + 1e-6)
        )
    ]
    assert not found, f"{len(found)} cells differ, such as {found[:5]}"
    assert value_of(cells, book, "master") == 1
    return cells


def blocks(book: Book) -> list[Block]:
    """Return the blocks of a book that have names, in the order of the sheets."""
    return [block for sheet in book.sheets for block in sheet.blocks if block.key]
