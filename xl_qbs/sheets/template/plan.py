"""What a template is made from: its room, its scheme, its data, and the year before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from xl_qbs.scheme import Indicator
from xl_qbs.scoring.table import Array, Table
from xl_qbs.sheets.conditions import Places
from xl_qbs.sheets.model import Label
from xl_qbs.sheets.run import Run

# Names of the sheets that only a template has.
LEGEND = Label("Legend", "Legend")
DATA = Label("Data", "Andmed")
CARD = Label("Provider card", "Nimistu kaart")
NEXT_YEAR = Label("Next year", "Järgmine aasta")
COMPARE = Label("Compare", "Võrdlus")
ASSUMPTIONS = Label("Assumptions log", "Eelduste logi")
CHANGE_LOG = Label("Change log", "Muudatuste logi")

# What stands before the names of last year's blocks, and behind the names of its sheets.
BEFORE = "before_"
LAST_YEAR = Label(" last year", " eelmine aasta")

BANDS, PLACES = 6, Places(conditions=3, clauses=6)

# The rules of the prior that formulas can follow; likelihood has no closed form.
PRIOR_RULES = ("report", "moments", "fixed")


@dataclass(frozen=True, eq=False)
class Counts:
    """What stands on a sheet of data.

    Attributes:
        table: the counts, each once more as they were typed, indicators in the order of the sheet.
        accepted: so many cells with work done above the target were looked at and are accepted.
    """

    table: Table
    accepted: int = 0

    @property
    def above(self) -> int:
        """How many cells hold more work done than there were patients."""
        return int((self.table.done > self.table.target).sum())


@dataclass(frozen=True, eq=False)
class Plan:
    """A template to be described.

    Attributes:
        run: the year that is scored, with the room that the template has.
        counts: its counts as they stand on the sheet of data.
        before: the year before, with the same room, scheme and method; None for a template of one year.
        counts_before: the counts of the year before.
        idle: indicators that stand in the scheme but are not in use, by their place from 0.
        empty: leave out the counts: the numbers above only gave the sheets their form.
        empty_before: the same for the year before.
        provider: the list that the sheets about one list begin with.
        planned: work done that is planned on the sheet of the next year, by indicator code.
        note: where the counts come from, for the assumptions log.
    """

    run: Run
    counts: Counts
    before: Run | None = None
    counts_before: Counts | None = None
    idle: Mapping[int, Indicator] = field(default_factory=dict)
    empty: bool = False
    empty_before: bool = False
    provider: str = ""
    planned: Mapping[str, float] = field(default_factory=dict)
    note: Label | None = None

    @property
    def rows(self) -> list[Indicator | None]:
        """The indicators as they stand in the scheme, place by place; None where a place is free."""
        placed = dict(zip(self.run.room.taken.tolist(), self.run.result.scheme.indicators, strict=True)) | dict(
            self.idle
        )
        return [placed.get(place) for place in range(self.run.room.indicators)]

    @property
    def chosen(self) -> int:
        """The row, from 0, of the list that the sheets about one list begin with."""
        providers = self.run.result.table.providers
        return providers.index(self.provider) if self.provider in providers else 0


def interleaved(table: Table, lists: int, pairs: int) -> Array:
    """Return target and work done side by side, a pair of columns an indicator, NaN where nothing stands."""
    filled = np.full((lists, 2 * pairs), np.nan)
    rows, count = table.target.shape
    filled[:rows, 0 : 2 * count : 2] = table.target
    filled[:rows, 1 : 2 * count : 2] = table.done
    return filled
