"""What a book of equity is made from: an analysis, the cells that its counts are linked to, and how rows lie."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xl_qbs.equity.analysis import EquityAnalysis, EquityOptions
from xl_qbs.equity.group_table import GroupMeans
from xl_qbs.equity.incentive import Forfeit
from xl_qbs.errors import Finding
from xl_qbs.scoring.table import Array
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
# A template's own.
DATA = Label("Data", "Andmed")
BASELINE = Label("Baseline data", "Baasandmed")
TARGETS = Label("Targets", "Sihid")

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


@dataclass(frozen=True, eq=False)
class DataRows:
    """What stands in the yellow rows of a template's data; texts and numbers of one length.

    Attributes:
        providers: ids.
        indicators: codes.
        groups: names of groups, or the label of all patients or of those of unknown group.
        n: patients.
        x: work done; NaN in rows of all patients and of unknown groups.
    """

    providers: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    n: Array = field(default_factory=lambda: np.zeros(0))
    x: Array = field(default_factory=lambda: np.zeros(0))


@dataclass(frozen=True, eq=False, kw_only=True)
class OpenRoom:
    """The room that a template has, and what stands in its yellow cells beside options.

    Attributes:
        providers: rows for providers, of each indicator.
        indicators: places for indicators.
        groups: places for groups.
        codes: the indicators' codes that are there.
        names: the groups' names that are there.
        now: rows of the period.
        before: rows of the baseline.
        all_label: what rows are called that hold all patients; empty for none.
        unknown_label: what rows are called of patients whose group is not known; empty for none.
        accepted: so many rows with more work done than patients were looked at and are accepted.
        empty: whether there are no data: the numbers only gave the sheets their form, and stand in no cell.
    """

    providers: int
    indicators: int
    groups: int
    codes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    now: DataRows = field(default_factory=DataRows)
    before: DataRows = field(default_factory=DataRows)
    all_label: str = ""
    unknown_label: str = ""
    accepted: int = 0
    empty: bool = False

    @property
    def rows(self) -> int:
        """Rows for data of a period: one more for each provider and indicator, of all patients or unknown groups."""
        return self.providers * self.indicators * (self.groups + 1)


@dataclass(frozen=True, eq=False, kw_only=True)
class Plan:
    """A book of equity to be described.

    Attributes:
        analysis: the numbers.
        room: of a template; None for sheets that are added to a table.
        shown_options: what the yellow cells hold, where that is not what the numbers were made with.
        now: the cells of the period; None in a template, whose own sheet holds them.
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
    now: PeriodCells | None
    before: PeriodCells | None
    room: OpenRoom | None = None
    shown_options: EquityOptions | None = None
    unknown: tuple[str, ...] = ()
    input_name: str = ""
    input_hash: str = ""
    time: str = ""
    data_range: str = ""
    typed: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def options(self) -> EquityOptions:
        """What the yellow cells hold."""
        return self.shown_options or self.analysis.options

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
    def places(self) -> tuple[int, int, int]:
        """How many providers, indicators and groups the sheets have cells for."""
        if self.room is None:
            return len(self.providers), len(self.indicators), len(self.groups)
        return self.room.providers, self.room.indicators, self.room.groups

    @property
    def size(self) -> int:
        """Number of rows: a row a provider and indicator."""
        return self.places[0] * self.places[1]

    @property
    def disadvantaged(self) -> NDArray[np.bool_]:
        """Which groups' care earns points, shape (G,)."""
        rules = self.analysis.options.incentive
        return np.array([rules is not None and one in rules.disadvantaged for one in self.groups], dtype=bool)

    @property
    def forfeit(self) -> Forfeit:
        """Whether a fall of another group costs points."""
        rules = self.options.incentive
        return "never" if rules is None else rules.forfeit

    def rows(self, values: NDArray[Any], empty: Any = None) -> NDArray[Any]:
        """Return an array by provider and indicator, shape (P, I) or (P, I, G), with a row for each pair of them.

        All providers of the first indicator come first: gaps are looked at within an indicator, and what is summed
        over the providers of an indicator stands in one range. A template's spare places hold ``empty``.
        """
        return rows_of(self._placed(values, self.places, empty))

    def by_provider(self, values: NDArray[Any], empty: Any = None) -> NDArray[Any]:
        """Return an array of shape (P,) or (P, I) with a template's spare places."""
        return self._placed(values, self.places[:2], empty)

    def by_indicator(self, values: NDArray[Any], empty: Any = None) -> NDArray[Any]:
        """Return an array of shape (I,) or (I, G) with a template's spare places."""
        return self._placed(values, self.places[1:], empty)

    def across(self, values: NDArray[Any], empty: Any = None) -> NDArray[Any]:
        """Return an array of shape (G,) as a row, with a template's spare places."""
        return self._placed(values, self.places[2:], empty).reshape(1, -1)

    def _placed(self, values: NDArray[Any], places: tuple[int, ...], empty: Any) -> NDArray[Any]:
        """Return values in the upper left corner of so many places; texts have empty ones for the rest, numbers NaN."""
        if self.room is None:
            return values
        text = values.dtype.kind in "OUS"
        rest = ("" if text else np.nan) if empty is None else empty
        placed = np.full(places[: values.ndim], rest, dtype=object if text else np.float64)
        placed[tuple(slice(size) for size in values.shape)] = values
        return placed


def rows_of(values: NDArray[Any]) -> NDArray[Any]:
    """Return an array of shape (P, I, ...) with a row for each indicator and provider, indicator by indicator."""
    turned = np.swapaxes(values, 0, 1)
    return turned.reshape(turned.shape[0] * turned.shape[1], *turned.shape[2:])
