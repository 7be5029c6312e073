"""What an efficiency book is made from: an analysis, where its columns come from, and the room that it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from xl_qbs.efficiency.analysis import Analysis, Options
from xl_qbs.efficiency.cost_effectiveness import Acceptability, NetBenefit
from xl_qbs.efficiency.harmonisation import Specification
from xl_qbs.efficiency.regression import Regression
from xl_qbs.efficiency.standardization import Prices
from xl_qbs.errors import Finding
from xl_qbs.sheets.model import Label, SourceBlock
from xl_qbs.sheets.room import Room

# Names of the sheets; a book's prefix stands before them.
ABOUT = Label("About", "Teave")
RESULTS = Label("Results", "Tulemused")
CHARTS = Label("Charts", "Joonised")
AGREEMENT = Label("Agreement", "Kooskõla")
STARS = Label("Stars", "Tärnid")
DATA = Label("Data", "Andmed")
MODELS = Label("Models", "Mudelid")
FRONTIER = Label("Frontier", "Rajajoon")
PYTHON = Label("From Python", "Pythonist")
PATIENTS = Label("Patients", "Patsiendid")
PROGRAM = Label("Program", "Programm")
HARMONY = Label("Harmonisation", "Ühtlustamine")
PARAMETERS = Label("Parameters", "Parameetrid")
CHECKS = Label("Checks", "Kontrollid")
CHART_DATA = Label("Chart data", "Joonise andmed")

# What stands before the names of all sheets that are added to somebody's workbook.
PREFIX = "EFF "

# The columns of efficiency, as headings have them; the numbers in brackets are live on the sheet of parameters.
TITLES: Mapping[str, Label] = {
    "unconditional_a": Label("Unconditional A", "Tingimusteta A"),
    "unconditional_b": Label("Unconditional B", "Tingimusteta B"),
    "conditional_overall": Label("Conditional, over all", "Tingimuslik, üle kõigi"),
    "conditional_within": Label("Conditional, within quality", "Tingimuslik, kvaliteedi sees"),
    "quality_hurdle": Label("Quality hurdle", "Kvaliteedilävi"),
    "cost_hurdle": Label("Cost hurdle", "Kululävi"),
    "cost_effectiveness": Label("Cost-effectiveness", "Kulutõhusus"),
    "envelopment": Label("Envelopment (constant returns)", "Rajaanalüüs (püsiv mastaabitulu)"),
    "free_disposal": Label("Free disposal hull", "Vaba käsutuse rada"),
    "frontier_moments": Label("Frontier (moments)", "Rajajoon (momendid)"),
    "frontier_likelihood": Label("Frontier (likelihood)", "Rajajoon (tõepära)"),
    "envelopment_programs": Label("Envelopment (linear programs)", "Rajaanalüüs (lineaarplaneerimine)"),
    "regression": Label("Regression (patients)", "Regressioon (patsiendid)"),
}
# These take a search, which no formula can do: their values are stored, and stay when data change.
BY_SEARCH = ("frontier_likelihood", "envelopment_programs", "regression")


@dataclass(frozen=True)
class Sources:
    """The cells of somebody's workbook that quality and cost are linked to; each of shape (N, 1).

    Attributes:
        providers: ids.
        quality: quality; None where it is from another workbook.
        cost: cost.
        quality_error: standard errors of quality, or None.
        cost_error: standard errors of cost, or None.
    """

    providers: SourceBlock
    quality: SourceBlock | None
    cost: SourceBlock
    quality_error: SourceBlock | None = None
    cost_error: SourceBlock | None = None


@dataclass(frozen=True, eq=False)
class PatientResults:
    """What patient rows say; no formula can follow it.

    Attributes:
        regression: quality given cost.
        net_benefit: cost-effectiveness from patients, or None without a value of quality.
        curve: its probability of being positive, over values of a unit of quality; or None.
        risk_names: the risk factors.
        rows: how many patients.
    """

    regression: Regression
    net_benefit: NetBenefit | None = None
    curve: Acceptability | None = None
    risk_names: tuple[str, ...] = ()
    rows: int = 0


@dataclass(frozen=True, eq=False)
class Plan:
    """An efficiency book to be described.

    Attributes:
        analysis: the numbers.
        providers: ids, length N.
        room: rows for providers; open in a template.
        sources: the cells that the data are linked to; None where the sheet of data holds them.
        empty: leave the data out: the numbers only gave the sheets their form.
        shown_options: what the yellow cells hold, where that is not what the numbers were made with.
        quality_name: the heading of quality in the file.
        cost_name: the heading of cost in the file.
        input_name: name of the file, without its folder.
        input_hash: its SHA-256.
        time: when it was analysed, ISO 8601.
        data_range: what was read.
        typed: the options as a user would type them.
        findings: what was found in the data.
        quality_specification: what is known of the measure of quality.
        cost_specification: what is known of the measure of cost.
        prices: whether prices are standardised; None where it is not known.
        patients: results from patient rows, or None.
    """

    analysis: Analysis
    providers: tuple[str, ...]
    room: Room
    sources: Sources | None = None
    empty: bool = False
    shown_options: Options | None = None
    quality_name: str = "quality"
    cost_name: str = "cost"
    input_name: str = ""
    input_hash: str = ""
    time: str = ""
    data_range: str = ""
    typed: str = ""
    findings: tuple[Finding, ...] = ()
    quality_specification: Specification = field(default_factory=Specification)
    cost_specification: Specification = field(default_factory=Specification)
    prices: Prices | None = None
    patients: PatientResults | None = None

    @property
    def options(self) -> Options:
        """What the yellow cells hold."""
        return self.shown_options or self.analysis.options

    @property
    def columns(self) -> tuple[str, ...]:
        """The keys of the columns of efficiency, in the order of the sheets."""
        return tuple(self.analysis.efficiencies)

    @property
    def has_quality_error(self) -> bool:
        """Whether the book has a column for standard errors of quality."""
        return self.room.open or self.analysis.given.quality_error is not None

    @property
    def has_cost_error(self) -> bool:
        """Whether the book has a column for standard errors of cost."""
        return self.room.open or self.analysis.given.cost_error is not None


def room_for(rows: int, *, open_room: bool = False) -> Room:
    """Return the room for so many providers; the columns have no places of their own."""
    return Room(rows, 0, np.arange(0), open=open_room)
