"""The table by group: for each provider, indicator and group, how many patients and what was done for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from xl_qbs.errors import ArgumentError, DataError, Finding
from xl_qbs.scoring.coverage import coverage
from xl_qbs.scoring.table import Array

if TYPE_CHECKING:
    import pandas as pd

# Of one kind of fault, so many are named.
_NAMED = 20


@dataclass(frozen=True, eq=False, kw_only=True)
class Groups:
    """What every table by group has; use `GroupTable` or `GroupMeans`.

    Attributes:
        providers: ids, each once; length P.
        indicators: codes, each once; length I.
        groups: names of the groups, each once; length G. Patients whose group is not known are none of them.
        n: patients, shape (P, I, G), whole numbers from 0; NaN where the table says nothing of the group.
        total: all patients, those of unknown group included, shape (P, I); NaN where it is not stated; None where
            it is nowhere stated.
        period: the period, such as ``2012``; empty where it is not known.
    """

    providers: tuple[str, ...]
    indicators: tuple[str, ...]
    groups: tuple[str, ...]
    n: Array
    total: Array | None = None
    period: str = ""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers of providers, indicators and groups."""
        return len(self.providers), len(self.indicators), len(self.groups)

    @property
    def patients(self) -> Array:
        """Patients, with 0 where the table says nothing; shape (P, I, G)."""
        return np.nan_to_num(self.n)

    @property
    def value(self) -> Array:
        """Coverage or mean of each group, shape (P, I, G); NaN where a group has no patients."""
        raise NotImplementedError

    @property
    def sign(self) -> Array:
        """1 for an indicator on which higher is better, -1 for one on which lower is; shape (I,)."""
        return np.ones(len(self.indicators))

    @property
    def population(self) -> Array:
        """Coverage or mean of all patients of known group of all providers together, shape (I,)."""
        return self.pooled((0, 2))

    @property
    def by_group(self) -> Array:
        """Coverage or mean of each group over all providers, shape (I, G)."""
        return self.pooled(0)

    def pooled(self, axis: int | tuple[int, ...]) -> Array:
        """Return coverage or means of patients pooled over axes: 0 providers, 1 indicators, 2 groups."""
        patients = self.patients
        served = np.where(patients > 0, np.nan_to_num(self.value) * patients, 0.0).sum(axis=axis)
        with np.errstate(invalid="ignore", divide="ignore"):
            share: Array = np.where(patients.sum(axis=axis) > 0, served / patients.sum(axis=axis), np.nan)
        return share

    def group(self, name: str) -> int:
        """Return the place of a group.

        Raises:
            ArgumentError: there is no such group.
        """
        if name not in self.groups:
            raise ArgumentError(f"group {name!r} is not in the table, which has {', '.join(self.groups)}")
        return self.groups.index(name)

    def rows(self, providers: Sequence[str]) -> Self:
        """Return the table of these providers, in this order.

        Raises:
            ArgumentError: a provider is not in the table.
        """
        place = {one: row for row, one in enumerate(self.providers)}
        unknown = [one for one in providers if one not in place]
        if unknown:
            raise ArgumentError(f"providers {', '.join(unknown)} are not in the table")
        kept = [place[one] for one in providers]
        arrays = {name: getattr(self, name)[kept] for name in self._by_provider() if getattr(self, name) is not None}
        return replace(self, providers=tuple(providers), **arrays)

    def _by_provider(self) -> tuple[str, ...]:
        return ("n", "total")

    def _place(self, at: Sequence[int]) -> str:
        names = (self.providers, self.indicators, self.groups)
        return ", ".join(name[number] for name, number in zip(names, at, strict=False))

    def _check(self, findings: list[Finding]) -> None:
        """Refuse the table with every problem found."""
        for what, ids in (("provider", self.providers), ("indicator", self.indicators), ("group", self.groups)):
            if len(set(ids)) < len(ids):
                twice = next(one for one in ids if ids.count(one) > 1)
                raise ArgumentError(f"{what} {twice!r} stands more than once")
        findings += self._faults("patients", self.n, whole(self.n), "must be a whole number from 0")
        if self.total is not None:
            if self.total.shape != self.shape[:2]:
                raise ArgumentError(f"total: shape is {self.total.shape}, must be {self.shape[:2]}")
            findings += self._faults("all patients", self.total, whole(self.total), "must be a whole number from 0")
            fewer = self.total < self.patients.sum(axis=2)
            findings += self._faults("all patients", self.total, ~fewer, "are fewer than the patients of its groups")
        if findings:
            raise DataError(findings)

    def _faults(self, what: str, values: Array, fine: NDArray[np.bool_], rule: str) -> list[Finding]:
        wrong = np.argwhere(~fine)
        found = [
            Finding(
                f"{self._place(at)}: {what} {values[tuple(at)]:g} {rule}.",
                "Correct it.",
                provider=self.providers[at[0]],
            )
            for at in wrong[:_NAMED]
        ]
        if len(wrong) > _NAMED:
            found.append(Finding(f"{what}: {len(wrong) - _NAMED} more like these.", "Correct them."))
        return found

    def _check_shape(self, name: str) -> None:
        array = getattr(self, name)
        if array.shape != self.shape:
            raise ArgumentError(f"{name}: shape is {array.shape}, must be {self.shape} (providers, indicators, groups)")


@dataclass(frozen=True, eq=False, kw_only=True)
class GroupTable(Groups):
    """Counts by group: patients n and work done x; other attributes as `Groups`.

    Attributes:
        x: work done as reported, shape (P, I, G), whole numbers from 0; NaN where ``n`` is. More than n is counted
            as n, as in `xl_qbs.scoring`; ``exceeding`` says where.

    Raises:
        ArgumentError: shapes that do not fit, or a name twice.
        DataError: counts that are negative, fractional, or missing on one side only; a total below its groups'
            sum; all of them at once.

    Source: METHODS sections 1 and 6. A group without patients has no coverage (NaN, never 0 %).
    """

    x: Array

    def __post_init__(self) -> None:
        for name in ("n", "x"):
            self._check_shape(name)
        findings = self._faults("work done", self.x, whole(self.x), "must be a whole number from 0")
        same = np.isnan(self.x) == np.isnan(self.n)
        findings += self._faults("work done", self.x, same, "and patients must be there both or not at all")
        self._check(findings)

    @property
    def counted(self) -> Array:
        """Work done as it is counted: never more than the patients; 0 where the table says nothing."""
        return np.minimum(np.nan_to_num(self.x), self.patients)

    @property
    def exceeding(self) -> NDArray[np.bool_]:
        """Whether more work is reported than there are patients, shape (P, I, G)."""
        more: NDArray[np.bool_] = np.nan_to_num(self.x) > self.patients
        return more

    @property
    def value(self) -> Array:
        """Coverage of each group, 0 to 1, shape (P, I, G); NaN where a group has no patients."""
        return coverage(self.counted, self.patients)

    def _by_provider(self) -> tuple[str, ...]:
        return ("n", "total", "x")

    @classmethod
    def from_frame(
        cls, frame: pd.DataFrame, *, total: str | None = None, unknown: Sequence[str] = (), period: str = ""
    ) -> GroupTable:
        """Return the table of a long frame.

        Args:
            frame: columns ``provider``, ``indicator``, ``group``, ``target``, ``done``; a row a triple. Triples that
                are missing are NaN in the table.
            total: the label, among the groups, of rows that hold all patients, if there are such rows.
            unknown: labels of patients whose group is not known: they count in the total and in no group.
            period: the period the counts are of.

        Raises:
            ArgumentError: a column is missing, or both a total and unknown groups are named.
            DataError: a triple twice, a label missing, values that are no counts; all of them at once.
        """
        names, arrays, whole_total = _cubes(frame, ("target", "done"), total, unknown)
        providers, indicators, groups = names
        return cls(
            providers=providers,
            indicators=indicators,
            groups=groups,
            n=arrays["target"],
            x=arrays["done"],
            total=whole_total,
            period=period,
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class GroupMeans(Groups):
    """Continuous values by group, such as PROMIS scores or quality of life; other attributes as `Groups`.

    Attributes:
        mean: mean value of a group's patients, shape (P, I, G), in the instrument's own unit; NaN where ``n`` is
            NaN or 0.
        sd: standard deviation between patients (divisor n - 1), same shape; NaN where n is below 2.
        higher_is_better: for each indicator; empty for all of them.

    Raises:
        ArgumentError: shapes that do not fit, or a name twice.
        DataError: counts that are none, a mean or spread that is missing, a negative spread; all of them at once.

    Source: METHODS section 6 (patient-reported indicators are ordinary indicators); seed 000, theme 4. A mean hides
    who answered: give all who were asked as ``total``, so that `gates` sees how many did.
    """

    mean: Array
    sd: Array
    higher_is_better: tuple[bool, ...] = ()

    def __post_init__(self) -> None:
        for name in ("n", "mean", "sd"):
            self._check_shape(name)
        if self.higher_is_better and len(self.higher_is_better) != len(self.indicators):
            raise ArgumentError(f"higher_is_better: must be empty or {len(self.indicators)}, one for each indicator")
        patients = self.patients
        findings = self._faults("mean", self.mean, (patients == 0) | np.isfinite(self.mean), "is missing")
        findings += self._faults("spread", self.sd, (patients < 2) | np.isfinite(self.sd), "is missing")
        findings += self._faults("spread", self.sd, ~(self.sd < 0), "must be from 0")
        self._check(findings)

    @property
    def value(self) -> Array:
        """Mean of each group, shape (P, I, G); NaN where a group has no patients."""
        return np.where(self.patients > 0, self.mean, np.nan)

    @property
    def sign(self) -> Array:
        """1 for an indicator on which higher is better, -1 for one on which lower is; shape (I,)."""
        if not self.higher_is_better:
            return np.ones(len(self.indicators))
        return np.where(np.array(self.higher_is_better), 1.0, -1.0)

    def _by_provider(self) -> tuple[str, ...]:
        return ("n", "total", "mean", "sd")

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        total: str | None = None,
        unknown: Sequence[str] = (),
        lower_is_better: Sequence[str] = (),
        period: str = "",
    ) -> GroupMeans:
        """Return the table of a long frame with the columns ``target``, ``mean`` and ``sd``.

        ``lower_is_better`` names the indicators of which less is better, such as pain; the rest is as in
        `GroupTable.from_frame`.
        """
        names, arrays, whole_total = _cubes(frame, ("target", "mean", "sd"), total, unknown)
        providers, indicators, groups = names
        strange = [one for one in lower_is_better if one not in indicators]
        if strange:
            raise ArgumentError(f"lower_is_better: {', '.join(strange)} are not in the table")
        return cls(
            providers=providers,
            indicators=indicators,
            groups=groups,
            n=arrays["target"],
            mean=arrays["mean"],
            sd=arrays["sd"],
            total=whole_total,
            higher_is_better=tuple(one not in lower_is_better for one in indicators),
            period=period,
        )


T = TypeVar("T", bound=Groups)


def aligned(tables: Sequence[T]) -> tuple[T, ...]:
    """Return the tables of several periods, each with the providers that are in all, in the last one's order.

    Raises:
        ArgumentError: fewer than two tables, indicators or groups that differ, or no provider in all of them.
    """
    if len(tables) < 2:
        raise ArgumentError("tables: must be two at least")
    last = tables[-1]
    for table in tables:
        if table.indicators != last.indicators or table.groups != last.groups:
            raise ArgumentError("the periods differ in their indicators or groups, or in the order of these")
    common = set.intersection(*(set(table.providers) for table in tables))
    providers = [one for one in last.providers if one in common]
    if not providers:
        raise ArgumentError("no provider is in all periods")
    return tuple(table.rows(providers) for table in tables)


def whole(values: Array) -> NDArray[np.bool_]:
    """Return whether each value is a whole number from 0, or missing."""
    fine: NDArray[np.bool_] = np.isnan(values) | (np.isfinite(values) & (values >= 0) & (values == np.floor(values)))
    return fine


def _cubes(
    frame: pd.DataFrame, columns: Sequence[str], total: str | None, unknown: Sequence[str]
) -> tuple[tuple[tuple[str, ...], ...], dict[str, Array], Array | None]:
    """Return names, the columns as arrays by provider, indicator and group, and all patients."""
    keys = ("provider", "indicator", "group")
    lacking = [one for one in (*keys, *columns) if one not in frame.columns]
    if lacking:
        raise ArgumentError(f"the frame lacks the columns {', '.join(lacking)}")
    if total is not None and unknown:
        raise ArgumentError("total and unknown: name one of them, not both")
    findings = _key_faults(frame, keys)
    numbers = {column: _numbers(frame, column, findings) for column in columns}
    if findings:
        raise DataError(findings)
    labels = [frame[key].astype(str).tolist() for key in keys]
    apart = {*unknown} if total is None else {total}
    kept = [[*dict.fromkeys(labels[0])], [*dict.fromkeys(labels[1])]]
    kept.append([one for one in dict.fromkeys(labels[2]) if one not in apart])
    places = [{one: number for number, one in enumerate(names)} for names in kept]
    rows, cols, slots = (
        np.array([place.get(one, -1) for one in own]) for place, own in zip(places, labels, strict=True)
    )
    inside = slots >= 0
    shape = tuple(len(names) for names in kept)
    arrays = {column: np.full(shape, np.nan) for column in columns}
    for column, array in arrays.items():
        array[rows[inside], cols[inside], slots[inside]] = numbers[column][inside]
    if not apart:
        return tuple(map(tuple, kept)), arrays, None
    patients = numbers[columns[0]]
    everyone = np.full(shape[:2], np.nan)
    if total is not None:
        everyone[rows[~inside], cols[~inside]] = patients[~inside]
    else:
        everyone = np.zeros(shape[:2])
        np.add.at(everyone, (rows, cols), patients)
    return tuple(map(tuple, kept)), arrays, everyone


def _key_faults(frame: pd.DataFrame, keys: Sequence[str]) -> list[Finding]:
    findings = []
    for key in keys:
        blank = frame[key].isna().to_numpy()
        if blank.any():
            what = f"{key} is missing in {_rows(frame, blank)}."
            findings.append(Finding(what, "Fill it in (a group may be called unknown), or leave these rows out."))
    twice = frame.duplicated(list(keys)).to_numpy()
    if twice.any():
        what = f"the same provider, indicator and group stand once more in {_rows(frame, twice)}."
        findings.append(Finding(what, "Keep one row for each."))
    return findings


def _numbers(frame: pd.DataFrame, column: str, findings: list[Finding]) -> Array:
    given = [
        float(value) if isinstance(value, (int, float, np.number)) and not isinstance(value, bool) else np.nan
        for value in frame[column]
    ]
    numbers = np.array(given, dtype=float)
    text = np.isnan(numbers) & ~frame[column].isna().to_numpy()
    if text.any():
        findings.append(Finding(f"{column} is not a number in {_rows(frame, text)}.", "Enter numbers."))
    return numbers


def _rows(frame: pd.DataFrame, faulty: NDArray[np.bool_]) -> str:
    named = [str(label) for label in frame.index[faulty]]
    head = ", ".join(named[:_NAMED])
    more = "" if len(named) <= _NAMED else f" and {len(named) - _NAMED} more"
    return f"{'row' if len(named) == 1 else 'rows'} {head}{more}"
