"""What a simulation book is made from: a simulation, the scoring run behind it, and the groups of lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from xl_qbs.diagnosis.groups import Groups, groups_by_quantile
from xl_qbs.diagnosis.need import patient_indicators
from xl_qbs.errors import Finding
from xl_qbs.scoring.score import Result
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.model import Format, Label, SourceBlock
from xl_qbs.sheets.run import Sources
from xl_qbs.simulation.run import NONE, Simulation

FAMILY = "simulation_"
PREFIX = "SIM "

# Names of the sheets; the prefix stands before them.
ABOUT = Label("About", "Teave")
SUMMARY = Label("Summary", "Kokkuvõte")
CHARTS = Label("Charts", "Joonised")
GROUPS = Label("Gains", "Võidud ja kaotused")
BONUSES = Label("Bonuses", "Preemiad")
SCORES = Label("Scores", "Skoorid")
BANDS = Label("Bands", "Vahemikud")
PATIENTS = Label("Patients", "Patsiendid")
DATA = Label("Data", "Andmed")
REPLICATIONS = Label("Replications", "Kordused")
PARAMETERS = Label("Parameters", "Parameetrid")
CHECKS = Label("Checks", "Kontrollid")
CHART_DATA = Label("Chart data", "Joonise andmed")

BEHAVIOUR_NAMES: Mapping[str, Label] = {
    NONE: Label("Nobody extra", "Kedagi juurde ei teenindata"),
    "chase-current": Label("Chase the current score", "Püüavad kehtivat skoori"),
    "chase-adjusted": Label("Chase the need-adjusted score", "Püüavad vajaduspõhist skoori"),
    "proportional": Label("In proportion to unmet need", "Võrdeliselt katmata vajadusega"),
    "priority": Label("By clinical priority", "Kliinilise tähtsuse järgi"),
}
# For the axes of charts.
SHORT_NAMES: Mapping[str, Label] = {
    NONE: Label("nobody", "keegi"),
    "chase-current": Label("current", "kehtiv"),
    "chase-adjusted": Label("adjusted", "vajadus"),
    "proportional": Label("even", "võrdeline"),
    "priority": Label("priority", "tähtsus"),
}
SCHEME_NAMES: Mapping[str, Label] = {
    "current": Label("Current", "Kehtiv"),
    "proportional": Label("Proportional", "Osaline"),
    "need-adjusted": Label("Need-adjusted", "Vajaduspõhine"),
}

# Gains are kept to so many decimals: what differs by less is the same, whatever its last bits.
GAIN_DECIMALS = 6
LOWER_TAIL = 0.05
# Up to so much, one decimal would hide what bonuses are.
_FEW = 10.0


@dataclass(frozen=True)
class Grouping:
    """Lists in groups by one number.

    Attributes:
        key: ``size`` or ``need``.
        label: what the number is.
        values: the number of each list, NaN where not known, shape (N,).
        number: how many groups are asked for.
    """

    key: str
    label: Label
    values: Array
    number: int

    @cached_property
    def groups(self) -> Groups:
        """The groups, each of as many lists as ties allow."""
        return groups_by_quantile(self.values, self.number)


@dataclass(frozen=True, eq=False)
class Plan:
    """A simulation book to be described, for A behaviours, S schemes, N lists, b bands.

    Attributes:
        result: the scoring run.
        simulation: the simulation, with bonuses counted in full bonuses, or in shares of the pot.
        amount: the full bonus of a list, or the pot.
        sources: the fund's own cells.
        list_size: people on each list, or None; NaN where not known, shape (N,).
        size_source: their cells.
        groups: how many groups of lists.
        budget_rule: how the extra patients of each list come about, in words.
        scoring: the options of the scoring, in words.
        input_name: name of the file, without its folder.
        input_hash: its SHA-256.
        time: when it was simulated, ISO 8601.
        data_range: what was read.
        typed: the options as a user would type them.
        findings: what was found in the data.
    """

    result: Result
    simulation: Simulation
    amount: float
    sources: Sources
    budget_rule: Label
    list_size: Array | None = None
    size_source: SourceBlock | None = None
    groups: int = 5
    scoring: str = ""
    input_name: str = ""
    input_hash: str = ""
    time: str = ""
    data_range: str = ""
    typed: str = ""
    findings: tuple[Finding, ...] = field(default=())

    @property
    def lists(self) -> int:
        """How many lists there are."""
        return len(self.simulation.providers)

    @property
    def shape(self) -> tuple[int, int]:
        """How many behaviours, nobody extra included, and how many schemes."""
        return len(self.simulation.behaviours), len(self.simulation.schemes)

    @property
    def cases(self) -> Iterator[tuple[int, str, str]]:
        """Every behaviour with every scheme: its place from 1, behaviour, scheme."""
        place = 0
        for behaviour in self.simulation.behaviours:
            for scheme in self.simulation.schemes:
                place += 1
                yield place, behaviour, str(scheme)

    @property
    def steered(self) -> tuple[str, ...]:
        """The behaviours but nobody extra."""
        return self.simulation.behaviours[1:]

    @property
    def bands(self) -> int:
        """How many bands the bonus has."""
        return len(self.simulation.rules.lowers)

    @property
    def live_bonus(self) -> bool:
        """Whether bonuses follow from the shares in the bands; with conditions or a pot they do not."""
        return not self.simulation.rules.conditions and self.simulation.rules.pot is None

    @property
    def money(self) -> Format:
        """How bonuses are shown: in full bonuses with more decimals than in money."""
        return "share" if self.amount <= _FEW else "decimal"

    @property
    def most(self) -> Array:
        """The maximum of each scheme's score, shape (S,)."""
        need = float(self.result.weights.sum())
        most = {"need-adjusted": need}
        return np.array([most.get(str(one), self.result.scheme.total) for one in self.simulation.schemes])

    @cached_property
    def counts_patients(self) -> NDArray[np.bool_]:
        """Which indicators count patients, shape (k,); all of them where none does."""
        codes = patient_indicators(self.result.scheme) or self.result.scheme.codes
        return np.array([code in codes for code in self.result.scheme.codes])

    @cached_property
    def open(self) -> NDArray[np.bool_]:
        """In which indicators extra patients may be served, shape (k,)."""
        given = self.simulation.options.indicators
        allowed = patient_indicators(self.result.scheme) if given is None else given
        return np.array([code in allowed for code in self.result.scheme.codes])

    @cached_property
    def eligible(self) -> Array:
        """Eligible patients of each list in the indicators that count patients, shape (N,)."""
        eligible: Array = (self.result.table.target * self.counts_patients).sum(axis=1)
        return eligible

    @cached_property
    def unmet(self) -> Array:
        """Patients not yet served where more may be served, shape (N,)."""
        table = self.result.table
        unmet: Array = ((table.target - table.counted) * self.open).sum(axis=1)
        return unmet

    @cached_property
    def groupings(self) -> tuple[Grouping, Grouping]:
        """Lists by size and by need."""
        if self.list_size is None:
            return (
                Grouping("size", Label("Eligible patients", "Sihtrühm kokku"), self.eligible, self.groups),
                Grouping("need", Label("Patients not yet served", "Teenindamata patsiente"), self.unmet, self.groups),
            )
        size = np.where(self.list_size > 0, self.list_size, np.nan)
        burden = Label("Eligible patients for each person on the list", "Sihtrühm nimistu inimese kohta")
        return (
            Grouping("size", Label("People on the list", "Inimesi nimistus"), size, self.groups),
            Grouping("need", burden, self.eligible / size, self.groups),
        )

    @cached_property
    def bonus(self) -> Array:
        """Mean bonus, shape (A, S, N)."""
        found = self.simulation
        if not self.live_bonus:
            return self.amount * found.bonus
        bonus: Array = self.amount * (found.band_share @ np.array(found.rules.coefficients, dtype=float))
        return bonus

    @property
    def base(self) -> int:
        """The place, from 1, of what gains are counted from: nobody extra under the scheme in force if it is there."""
        names = [str(one) for one in self.simulation.schemes]
        return 1 + (names.index("current") if "current" in names else 0)

    @cached_property
    def gain(self) -> Array:
        """Mean bonus less that of the base, shape (A, S, N)."""
        flat = self.bonus.reshape(-1, self.lists)
        gain: Array = np.round(self.bonus - flat[self.base - 1], GAIN_DECIMALS)
        return gain

    @cached_property
    def served(self) -> Array:
        """Extra patients of each behaviour and list, shape (A, N)."""
        served: Array = self.simulation.served.sum(axis=2)
        return served


def by_case(values: Array) -> Array:
    """Return numbers of shape (A, S, N) as a row a list and a column a case, shape (N, A * S)."""
    return values.reshape(-1, values.shape[-1]).T
