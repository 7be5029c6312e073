"""An analysis of quality and cost as sheets added to the table that it was made from."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from xl_qbs.efficiency.analysis import Analysis
from xl_qbs.efficiency.harmonisation import Specification
from xl_qbs.efficiency.standardization import Prices
from xl_qbs.sheets.efficiency.book import FAMILY, efficiency_book
from xl_qbs.sheets.efficiency.plan import PatientResults, Plan, Sources, room_for
from xl_qbs.sheets.model import Book, Language, SourceBlock
from xl_qbs.workbook.add_sheets import add_sheets, now, sheet_title
from xl_qbs.workbook.provider_table import NEED_ADJUSTED, ProviderTable
from xl_qbs.workbook.scored import Cells


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the sheets say of a run besides its numbers.

    Attributes:
        typed: the options as a user would type them.
        quality: what is known of the measure of quality.
        cost: what is known of the measure of cost.
        prices: whether prices are standardised; None where it is not known.
    """

    typed: str = ""
    quality: Specification = field(default_factory=Specification)
    cost: Specification = field(default_factory=Specification)
    prices: Prices | None = None


def write_efficiency(
    table: ProviderTable,
    analysis: Analysis,
    output: str | Path,
    *,
    facts: Facts | None = None,
    patients: PatientResults | None = None,
    cells: Cells = "formulas",
    language: Language = "en",
    progress: Callable[[float], None] = lambda _: None,
) -> Path:
    """Write the table's file again with the sheets of the analysis behind its own.

    Args:
        table: as `read_provider_table` read it.
        analysis: of that table.
        output: where to write; replaced only when everything is written.
        facts: what the sheets say of the run.
        patients: results from patient rows.
        cells: ``formulas``, live and with stored values, or ``values``.
        language: language of the sheets.
        progress: told the share of the writing that is done, from 0 to 1.

    Returns:
        The path written.

    Raises:
        ArgumentError: the output's name does not fit.
        OutputError: the output is the table's file itself, or cannot be written.
        WorkbookError: the file has gone, is damaged, or has changed since it was read.
    """
    source = table.source
    text_sheet = sheet_title(source.path.stem) if source.sheet is None else None

    def make(taken: Collection[str]) -> Book:
        plan = plan_of(table, analysis, facts=facts, patients=patients)
        return efficiency_book(plan, language, taken)

    return add_sheets(
        source.path,
        source.sha256,
        text_sheet,
        make,
        Path(output),
        family=FAMILY,
        formulas=cells == "formulas",
        progress=progress,
    )


def plan_of(
    table: ProviderTable,
    analysis: Analysis,
    *,
    facts: Facts | None = None,
    patients: PatientResults | None = None,
) -> Plan:
    """Return what the sheets are made from, with formulas linked to the table's own cells."""
    source = table.source
    facts = facts or Facts()
    sheet = sheet_title(source.path.stem) if source.sheet is None else source.sheet
    rows = source.provider_rows.reshape(-1, 1)

    def linked(role: str) -> SourceBlock | None:
        if role not in source.columns:
            return None
        return SourceBlock(f"source_{role}", sheet, rows, np.array([source.columns[role]]))

    provider, cost = linked("provider"), linked("cost")
    assert provider is not None  # noqa: S101  (every table has both)
    assert cost is not None  # noqa: S101
    quality = linked("quality")
    scores = source.scores
    if scores is not None and scores.sha256 == source.sha256:
        # The scores are cells of this very workbook.
        quality = SourceBlock("source_quality", scores.sheet, scores.rows.reshape(-1, 1), np.array([scores.column]))
    return Plan(
        analysis=analysis,
        providers=table.providers,
        room=room_for(len(table.providers)),
        sources=Sources(provider, quality, cost, linked("quality_error"), linked("cost_error")),
        quality_name=table.names.get("quality", NEED_ADJUSTED),
        cost_name=table.names["cost"],
        input_name=source.path.name,
        input_hash=source.sha256,
        time=now(),
        data_range=f"{sheet}!{source.range}",
        typed=facts.typed,
        findings=table.findings,
        quality_specification=facts.quality,
        cost_specification=facts.cost,
        prices=facts.prices,
        patients=patients,
    )
