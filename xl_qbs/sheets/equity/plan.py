"""What a book of equity is made from: an analysis, the cells that its counts are linked to, and how rows lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xl_qbs.equity.analysis import EquityAnalysis
from xl_qbs.equity.group_table import GroupMeans
from xl_qbs.errors import Finding
from xl_qbs.sheets.model import Label, SourceBlock

# Names of the sheets; a book's prefix stands before them.
ABOUT = Label("About", "Teave")
RESULTS = Label("Results", "Tulemused")
CHARTS = Label("Charts", "Joonised")
GAPS = Label("Gaps", "Lõhed")
POINTS = Label("Equity points", "Võrdsuspunktid")
TREND = Label("Trend", "Muutus")
WITHIN = Label("Within group", "Rühma sees")
BETWEEN = Label("Between groups", "Rühmade vahel")
STANDARD = Label("Standardised", "Standarditud")
PEERS = Label("Peer groups", "Võrdlusrühmad")
GATES = Label("Gates", "Väravad")
GROUPS = Label("Groups", "Rühmad")
PRIOR = Label("Prior", "Eeljaotus")
PARAMETERS = Label("Parameters", "Parameetrid")
CHECKS = Label("Checks", "Kontrollid")
CHART_DATA = Label("Chart data", "Joonise andmed")

# What stands before the names of all sheets that are added to somebody's workbook, and their family.
PREFIX = "EQ "
FAMILY = "equity_"


@dataclass(frozen=True, eq=False)
class PeriodCells:
    """The user's own cells of one period; a row a provider and indicator, as `Plan.rows` orders them.

    Attributes:
        n: patients, G columns.
        x: work done, G columns; None with means.
        mean: means, G columns; None with counts.
        sd: standard deviations, G columns; None with counts.
        total: all patients, one column; None where none are stated, or they are of unknown groups.
        unknown: patients of unknown groups, U columns; None where there are none.
        unknown_n: those patients, shape (R, U).
    """

    n: SourceBlock
    x: SourceBlock | None
    mean: SourceBlock | None
    sd: SourceBlock | None
    total: SourceBlock | None
    unknown: SourceBlock | None
    unknown_n: NDArray[np.float64]

    @property
    def blocks(self) -> list[SourceBlock]:
        """All that there are."""
        every = (self.n, self.x, self.mean, self.sd, self.total, self.unknown)
        return [one for one in every if one is not None]


@dataclass(frozen=True, eq=False, kw_only=True)
class Plan:
    """A book of equity to be described.

    Attributes:
        analysis: the numbers.
        now: the cells of the period.
        before: the cells of the baseline; None without one.
        unknown: labels of patients whose group is not known.
        input_name: name of the file, without its folder.
        input_hash: its SHA-256.
        time: when it was analysed, ISO 8601.
        data_range: what was read.
        typed: the options as a user would type them.
        findings: what was found in the data.
    """

    analysis: EquityAnalysis
    now: PeriodCells
    before: PeriodCells | None
    unknown: tuple[str, ...] = ()
    input_name: str = ""
    input_hash: str = ""
    time: str = ""
    data_range: str = ""
    typed: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def providers(self) -> tuple[str, ...]:
        """Ids of the providers."""
        return self.analysis.now.providers

    @property
    def indicators(self) -> tuple[str, ...]:
        """Codes of the indicators."""
        return self.analysis.now.indicators

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups."""
        return self.analysis.now.groups

    @property
    def means(self) -> bool:
        """Whether the values are means of continuous values, not coverage."""
        return isinstance(self.analysis.now, GroupMeans)

    @property
    def size(self) -> int:
        """Number of rows: a row a provider and indicator."""
        return len(self.providers) * len(self.indicators)

    def rows(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return an array by provider and indicator, shape (P, I) or (P, I, G), with a row for each pair of them.

        All providers of the first indicator come first: gaps are looked at within an indicator, and what is summed
        over the providers of an indicator stands in one range.
        """
        return rows_of(values)


def rows_of(values: NDArray[Any]) -> NDArray[Any]:
    """Return an array of shape (P, I, ...) with a row for each indicator and provider, indicator by indicator."""
    turned = np.swapaxes(values, 0, 1)
    return turned.reshape(turned.shape[0] * turned.shape[1], *turned.shape[2:])
