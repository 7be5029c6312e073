"""A simulation as sheets added to the fund's own workbook."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xl_qbs.scoring.score import Result
from xl_qbs.sheets.model import Book, Label, Language, SourceBlock
from xl_qbs.sheets.run import Sources
from xl_qbs.sheets.simulation.book import simulation_book
from xl_qbs.sheets.simulation.plan import FAMILY, Plan
from xl_qbs.simulation.run import Simulation
from xl_qbs.workbook.add_sheets import add_sheets, now, sheet_title
from xl_qbs.workbook.fund_table import FundTable
from xl_qbs.workbook.list_columns import ListColumn, list_source
from xl_qbs.workbook.scored import Cells


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the sheets of a simulation say besides its numbers.

    Attributes:
        amount: the full bonus of a list, or the pot; the simulation itself counts in units of it.
        budget_rule: how the extra patients of each list come about.
        list_size: people on each list, or None.
        groups: how many groups of lists.
        scoring: the options of the scoring, in words.
        typed: the options as a user would type them.
    """

    amount: float
    budget_rule: Label
    list_size: ListColumn | None = None
    groups: int = 5
    scoring: str = ""
    typed: str = ""


def write_simulation(
    table: FundTable,
    result: Result,
    simulation: Simulation,
    output: str | Path,
    *,
    facts: Facts,
    cells: Cells = "formulas",
    language: Language = "en",
    progress: Callable[[float], None] = lambda _: None,
) -> Path:
    """Write the fund's file again with the sheets of a simulation behind its own.

    Args:
        table: as `read_workbook` read it.
        result: its scoring run.
        simulation: of that run, with a full bonus (or pot) of 1.
        output: where to write; replaced only when everything is written.
        facts: what the sheets say besides.
        cells: ``formulas``, live and with stored values, or ``values``.
        language: language of the sheets.
        progress: told the share of the writing that is done, from 0 to 1.

    Raises:
        ArgumentError: the output's name does not fit.
        OutputError: the output is the fund's file itself, or cannot be written.
        WorkbookError: the file has gone, is damaged, or has changed since it was read.
    """

    def make(taken: Collection[str]) -> Book:
        return simulation_book(plan_of(table, result, simulation, facts), language, taken)

    source = table.source
    text_sheet = sheet_title(source.sheet) if source.delimiter is not None else None
    formulas = cells == "formulas"
    return add_sheets(
        source.path, source.sha256, text_sheet, make, Path(output), family=FAMILY, formulas=formulas, progress=progress
    )


def plan_of(table: FundTable, result: Result, simulation: Simulation, facts: Facts) -> Plan:
    """Return what the sheets are made from, with formulas linked to the fund's own cells."""
    sources, sheet = sources_of(table)
    size = facts.list_size
    return Plan(
        result=result,
        simulation=simulation,
        amount=facts.amount,
        sources=sources,
        budget_rule=facts.budget_rule,
        list_size=None if size is None else size.values,
        size_source=None if size is None else list_source(table, size, "source_size", sheet),
        groups=facts.groups,
        scoring=facts.scoring,
        input_name=table.source.path.name,
        input_hash=table.source.sha256,
        time=now(),
        data_range=f"{sheet}!{table.source.range}",
        typed=facts.typed,
        findings=(*table.findings, *result.warnings),
    )


def sources_of(table: FundTable) -> tuple[Sources, str]:
    """Return the fund's own cells with ids and counts, and the name that their sheet has in what is written."""
    source = table.source
    sheet = sheet_title(source.sheet) if source.delimiter is not None else source.sheet
    ids = source.provider_rows.reshape(-1, 1)
    sources = Sources(
        SourceBlock("source_provider", sheet, ids, np.array([source.provider_column + 1])),
        SourceBlock("source_target", sheet, source.rows, source.target_columns + 1),
        SourceBlock("source_done", sheet, source.rows, source.done_columns + 1),
        None
        if source.coefficient_column is None
        else SourceBlock("source_coefficient", sheet, ids, np.array([source.coefficient_column + 1])),
    )
    return sources, sheet
