"""A table with a row a provider, indicator and group, read by the names of the columns: every count with its cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xl_qbs.equity.group_table import GroupMeans, Groups, GroupTable, whole
from xl_qbs.errors import ArgumentError, Finding
from xl_qbs.scoring.table import Array
from xl_qbs.workbook.named_table import NamedTable, TableSource, open_table, some

Rows = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class GroupColumns:
    """The headings of the columns, and what the labels in them mean.

    Attributes:
        indicator: heading of the indicators' codes.
        group: heading of the groups' names.
        n: heading of the patients.
        x: heading of the work done; not read with a mean.
        mean: heading of the means, of continuous values; None for counts.
        sd: heading of the standard deviations between patients; needed with a mean.
        provider: heading of the providers' ids; found by itself if None.
        total: heading of all patients of the provider and indicator, those of unknown group included.
        total_group: the label, among the groups, of rows that hold all patients.
        unknown: labels of patients whose group is not known: they count among all patients and in no group.
        period: heading of the periods.
        now: the period to analyse; needed where there are several.
        baseline: the period to compare with.
        risk: heading of the share of patients at social risk, 0 to 1, the same on all rows of a provider and period.
        earlier: heading of earlier points, from 0, the same on all rows of a provider.
        leave_out: ids of providers to leave out, such as the whole country's.
        lower_is_better: indicators with means of which less is better.
        sheet: the sheet, where several have these columns.

    Raises:
        ArgumentError: columns or labels that contradict each other.
    """

    indicator: str = "indicator"
    group: str = "group"
    n: str = "n"
    x: str = "x"
    mean: str | None = None
    sd: str | None = None
    provider: str | None = None
    total: str | None = None
    total_group: str | None = None
    unknown: tuple[str, ...] = ()
    period: str | None = None
    now: str | None = None
    baseline: str | None = None
    risk: str | None = None
    earlier: str | None = None
    leave_out: tuple[str, ...] = ()
    lower_is_better: tuple[str, ...] = ()
    sheet: str | None = None

    def __post_init__(self) -> None:
        if (self.mean is None) != (self.sd is None):
            raise ArgumentError("mean and sd: continuous values need both columns")
        if self.lower_is_better and self.mean is None:
            raise ArgumentError("lower_is_better: is for continuous values; turn counts around (n - x) instead")
        told = [self.total is not None, self.total_group is not None, bool(self.unknown)]
        if sum(told) > 1:
            raise ArgumentError("total, total_group and unknown: all patients can be stated in one way only")
        if (self.now or self.baseline) and self.period is None:
            raise ArgumentError("a period needs the heading of its column")
        if self.baseline is not None and self.now is None:
            raise ArgumentError("a baseline needs the period that is compared with it")
        if self.baseline is not None and self.baseline == self.now:
            raise ArgumentError("the baseline and the period to analyse must differ")


@dataclass(frozen=True, eq=False)
class PeriodRows:
    """One period, and the rows of the sheet that hold it, counted from 1; 0 where there is none.

    Attributes:
        table: counts, or means of continuous values.
        rows: of each count, shape (P, I, G).
        total_rows: of each number of all patients, shape (P, I); None where none are stated.
        unknown: patients of unknown group, shape (P, I, U).
        unknown_rows: their rows, shape (P, I, U).
    """

    table: GroupTable | GroupMeans
    rows: Rows
    total_rows: Rows | None
    unknown: Array
    unknown_rows: Rows


@dataclass(frozen=True, eq=False)
class GroupFile:
    """What a file says of groups.

    Attributes:
        now: the period to analyse.
        before: the baseline, for the same providers, indicators and groups; None without one.
        columns: the headings that were asked for.
        source: where the columns stand.
        risk: share at social risk of each provider, shape (P,), or None.
        earlier: earlier points of each provider, shape (P,), or None.
        findings: warnings and notes from reading; errors are raised instead.
    """

    now: PeriodRows
    before: PeriodRows | None
    columns: GroupColumns
    source: TableSource
    risk: Array | None
    earlier: Array | None
    findings: tuple[Finding, ...]


def read_group_table(path: str | Path, columns: GroupColumns = GroupColumns()) -> GroupFile:
    """Read a table with a row a provider, indicator and group.

    Headings, rows, totals and notes are as in `read_provider_table`; ids repeat. Providers, indicators and groups
    come in the order of the file. A provider that is in the baseline only is left out, with a note; one that is in
    the period only has no baseline.

    Args:
        path: a workbook (.xlsx, .xlsm) or a text file (.csv, .txt, .tsv).
        columns: which columns and labels mean what.

    Raises:
        WorkbookError: the file cannot be read as a file; see `open_package`.
        TableNotFoundError: no sheet has the columns, or several have; or no column of ids was found.
        ArgumentError: two roles name one column, or a label, period or indicator is not in the table.
        DataError: values that cannot be used; carries every problem with its cell: counts that are none, a total
            below its groups' sum, the same provider, indicator and group twice in a period, shares outside 0 to 1,
            numbers of a provider that differ from row to row.
    """
    table = open_table(path, _roles(columns), sheet=columns.sheet, ids_repeat=True)
    labels = _labels(table, columns)
    kept = ~np.isin(labels["provider"], list(columns.leave_out))
    _check_labels(labels, columns)
    wanted = [columns.now or _only_period(labels, columns, kept)]
    if columns.baseline is not None:
        wanted.append(columns.baseline)
    kept &= np.isin(labels["period"], wanted)
    if not kept.any():
        raise ArgumentError("nothing is left of the table: look at the period and at who is left out")
    table.rows = [row for row, keep in zip(table.rows, kept, strict=True) if keep]
    labels = {name: texts[kept] for name, texts in labels.items()}
    numbers = _numbers(table, columns)
    names = _names(labels, columns, wanted[0])
    _tell_left_out(table, labels, names, wanted)
    cubes = [_Period(table, columns, labels, numbers, names, period) for period in wanted]
    risk = _of_provider(table, labels, numbers, names, "risk", wanted[0])
    earlier = _of_provider(table, labels, numbers, names, "earlier", wanted[0])
    table.refuse()
    made = [cube.made() for cube in cubes]
    source = table.source()
    return GroupFile(
        made[0],
        made[1] if len(made) > 1 else None,
        columns,
        source,
        risk,
        earlier,
        tuple(table.findings),
    )


def _roles(columns: GroupColumns) -> dict[str, str]:
    names: dict[str, str | None] = {
        "indicator": columns.indicator,
        "group": columns.group,
        "n": columns.n,
        "x": columns.x if columns.mean is None else None,
    }
    names |= {role: getattr(columns, role) for role in ("mean", "sd", "provider", "total", "period", "risk", "earlier")}
    return {role: name for role, name in names.items() if name is not None}


def _labels(table: NamedTable, columns: GroupColumns) -> dict[str, NDArray[np.str_]]:
    """Return the texts of each row; periods are all alike where there is no column of them."""
    labels = {"provider": table.ids(), "indicator": table.texts("indicator"), "group": table.texts("group")}
    labels["period"] = table.texts("period") if columns.period is not None else ("",) * len(table.rows)
    table.refuse()
    return {name: np.array(texts, dtype=str) for name, texts in labels.items()}


def _check_labels(labels: Mapping[str, NDArray[np.str_]], columns: GroupColumns) -> None:
    """Refuse labels that the table does not have: whoever names one expects it to be there."""
    asked = {
        "group": [*columns.unknown, *([columns.total_group] if columns.total_group is not None else [])],
        "provider": list(columns.leave_out),
        "indicator": list(columns.lower_is_better),
        "period": [one for one in (columns.now, columns.baseline) if one is not None],
    }
    for what, wanted in asked.items():
        there = set(labels[what].tolist())
        missing = [one for one in wanted if one not in there]
        if missing:
            shown = some(sorted(there))
            raise ArgumentError(f"{what} {', '.join(missing)}: not in the table, which has {shown}")


def _only_period(labels: Mapping[str, NDArray[np.str_]], columns: GroupColumns, kept: NDArray[np.bool_]) -> str:
    there = sorted(set(labels["period"][kept].tolist()))
    if len(there) > 1:
        raise ArgumentError(f"{columns.period} holds {some(there)}: say which one with --now, and with --baseline")
    return there[0] if there else ""


def _numbers(table: NamedTable, columns: GroupColumns) -> dict[str, Array]:
    """Return the columns of numbers; every cell that cannot be used is told of."""
    numbers: dict[str, Array] = {}
    for role in ("n", "x", "total"):
        if role in table.columns and not (role == "x" and columns.mean is not None):
            numbers[role] = table.numbers(role, lowest=0.0)
            known = np.isfinite(numbers[role]) & (numbers[role] >= 0)
            _tell(table, role, known & ~whole(numbers[role]), "is not a whole number ({})", "Patients are counted.")
    if columns.mean is not None:
        numbers["mean"], numbers["sd"] = table.numbers("mean"), table.numbers("sd", lowest=0.0)
    for role in ("risk", "earlier"):
        if role in table.columns:
            numbers[role] = table.numbers(role, lowest=0.0)
    if "risk" in numbers:
        _tell(table, "risk", numbers["risk"] > 1, "is above 1 ({})", "Write it as a share from 0 to 1.")
    if "x" in numbers:
        more = np.flatnonzero(numbers["x"] > numbers["n"])
        if len(more):
            cells = some(str(table.rows[row] + 1) for row in more)
            what = f"{table.title('x')} is more than {table.title('n')} in rows {cells}; n is counted."
            table.tell(what, "Look whether that is so.", severity="warning")
    return numbers


def _tell(table: NamedTable, role: str, wrong: NDArray[np.bool_], what: str, remedy: str) -> None:
    rows = [table.rows[place] for place in np.flatnonzero(wrong)]
    if rows:
        table.tell_cells(role, what, rows, remedy)


def _names(labels: Mapping[str, NDArray[np.str_]], columns: GroupColumns, now: str) -> dict[str, list[str]]:
    """Return providers, indicators and groups, each once and in the order of the file."""
    current = labels["period"] == now
    apart = {*columns.unknown, columns.total_group}
    groups = [one for one in dict.fromkeys(labels["group"].tolist()) if one not in apart]
    return {
        "provider": list(dict.fromkeys(labels["provider"][current].tolist())),
        "indicator": list(dict.fromkeys(labels["indicator"][current].tolist())),
        "group": groups,
    }


def _tell_left_out(
    table: NamedTable, labels: Mapping[str, NDArray[np.str_]], names: Mapping[str, list[str]], wanted: Sequence[str]
) -> None:
    if len(names["group"]) < 2:
        shown = ", ".join(names["group"]) or "none"
        table.tell(f"There are not two groups to compare, but {shown}.", "Name another column of groups (--group).")
    for what in ("provider", "indicator"):
        gone = [one for one in dict.fromkeys(labels[what].tolist()) if one not in set(names[what])]
        if gone:
            text = f"{what}s that are in {wanted[-1]} and not in {wanted[0]} are left out: {some(gone)}."
            table.tell(text[0].upper() + text[1:], "", severity="note")


class _Period:
    """One period as it is put together: arrays by provider, indicator and group, with the rows behind them."""

    def __init__(
        self,
        table: NamedTable,
        columns: GroupColumns,
        labels: Mapping[str, NDArray[np.str_]],
        numbers: Mapping[str, Array],
        names: Mapping[str, list[str]],
        period: str,
    ) -> None:
        self.table, self.columns, self.names, self.period = table, columns, names, period
        self.numbers = numbers
        apart = [columns.total_group] if columns.total_group is not None else list(columns.unknown)
        places = {what: {one: place for place, one in enumerate(known)} for what, known in names.items()}
        every = {**places["group"], **{one: len(names["group"]) + k for k, one in enumerate(apart)}}
        slots = (places["provider"], places["indicator"], every)
        # Which row of the table holds each triple; -1 where none does.
        self.at = np.full((len(slots[0]), len(slots[1]), len(every)), -1, dtype=np.intp)
        twice: dict[str, list[int]] = {}
        rows = zip(*(labels[name].tolist() for name in ("provider", "indicator", "group", "period")), strict=True)
        for row, (provider, indicator, group, when) in enumerate(rows):
            if when != period or provider not in slots[0] or indicator not in slots[1]:
                continue
            where = slots[0][provider], slots[1][indicator], every[group]
            if self.at[where] >= 0:
                key = f"{provider}, {indicator}, {group}"
                twice.setdefault(key, [int(self.at[where])]).append(row)
            self.at[where] = row
        self._tell_twice(twice)
        self.groups = len(names["group"])
        self.total, self.total_rows = self._totals()
        self._tell_totals()

    def _tell_twice(self, twice: Mapping[str, list[int]]) -> None:
        if twice:
            listed = some(
                f"{key} (rows {some(str(self.table.rows[row] + 1) for row in at)})" for key, at in twice.items()
            )
            period = f" in {self.period}" if self.period else ""
            what = f"The same provider, indicator and group stand more than once{period}: {listed}."
            remedy = "Keep one row for each; where the rows are of several periods, name their column (--periods)."
            self.table.tell(what, remedy)

    def _taken(self, role: str, at: Rows) -> Array:
        values = self.numbers[role]
        found: Array = np.where(at >= 0, values[np.maximum(at, 0)], np.nan)
        return found

    def _sheet_rows(self, at: Rows) -> Rows:
        rows = np.array(self.table.rows, dtype=np.intp) + 1
        found: Rows = np.where(at >= 0, rows[np.maximum(at, 0)], 0)
        return found

    def _totals(self) -> tuple[Array | None, Rows | None]:
        """Return all patients, and the rows that state them."""
        apart = self.at[:, :, self.groups :]
        if self.columns.total_group is not None:
            at = apart[:, :, 0]
            return self._taken("n", at), self._sheet_rows(at)
        if self.columns.unknown:
            known = np.nan_to_num(self._taken("n", self.at)).sum(axis=2)
            return np.where((self.at >= 0).any(axis=2), known, np.nan), None
        if self.columns.total is None:
            return None, None
        stated = self._taken("total", self.at)
        first = np.take_along_axis(self.at, (self.at >= 0).argmax(axis=2)[:, :, None], axis=2)[:, :, 0]
        total = self._taken("total", first)
        differs = (self.at >= 0) & (stated != total[:, :, None]) & np.isfinite(stated)
        _tell(
            self.table,
            "total",
            np.isin(np.arange(len(self.table.rows)), self.at[differs]),
            "differs from that of another group of the same provider and indicator ({})",
            "State the same number of all patients in each of these rows.",
        )
        return total, self._sheet_rows(first)

    def _tell_totals(self) -> None:
        if self.total is None:
            return
        known = np.nan_to_num(self._taken("n", self.at[:, :, : self.groups])).sum(axis=2)
        rows = [int(self._first_row(p, i)) for p, i in np.argwhere(self.total < known)]
        if rows:
            role = "total" if self.columns.total is not None else "n"
            what = "holds fewer patients in all than its groups have together ({})"
            self.table.tell_cells(role, what, rows, "Correct the total or the groups.")

    def _first_row(self, p: int, i: int) -> int:
        at = self.at[p, i]
        place = at[self.groups] if self.columns.total_group is not None else at[at >= 0][0]
        return self.table.rows[int(place)]

    def made(self) -> PeriodRows:
        """Return the period; the table is known to be without errors by now."""
        at = self.at[:, :, : self.groups]
        common: dict[str, Any] = {
            "providers": tuple(self.names["provider"]),
            "indicators": tuple(self.names["indicator"]),
            "groups": tuple(self.names["group"]),
            "n": self._taken("n", at),
            "total": self.total,
            "period": self.period,
        }
        made: Groups
        if self.columns.mean is None:
            made = GroupTable(**common, x=self._taken("x", at))
        else:
            better = tuple(one not in self.columns.lower_is_better for one in self.names["indicator"])
            mean, sd = self._taken("mean", at), self._taken("sd", at)
            made = GroupMeans(**common, mean=mean, sd=sd, higher_is_better=better)
        # With a group of totals, what stands apart is no number of unknown group.
        unknown = self.at[:, :, self.groups :] if self.columns.unknown else self.at[:, :, :0]
        return PeriodRows(
            made,
            self._sheet_rows(at),
            self.total_rows,
            self._taken("n", unknown),
            self._sheet_rows(unknown),
        )


def _of_provider(
    table: NamedTable,
    labels: Mapping[str, NDArray[np.str_]],
    numbers: Mapping[str, Array],
    names: Mapping[str, list[str]],
    role: str,
    now: str,
) -> Array | None:
    """Return a number of each provider, which has to be the same on all its rows of the period."""
    if role not in numbers:
        return None
    place = {one: number for number, one in enumerate(names["provider"])}
    found = np.full(len(place), np.nan)
    differs = []
    for row, provider in enumerate(labels["provider"].tolist()):
        if provider not in place or labels["period"][row] != now:
            continue
        value = numbers[role][row]
        if np.isnan(found[place[provider]]):
            found[place[provider]] = value
        elif value != found[place[provider]]:
            differs.append(table.rows[row])
    if differs:
        table.tell_cells(
            role, "differs from that of the same provider above ({})", differs, "State it alike on all rows."
        )
    return found
