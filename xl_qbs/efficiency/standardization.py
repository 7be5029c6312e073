"""Direct and indirect standardisation: outcomes or costs at a severity that is the same for all."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xl_qbs.efficiency.inputs import Column, check_choice, check_labels, check_share, read_columns
from xl_qbs.efficiency.standardize import normal_interval
from xl_qbs.errors import ArgumentError, DataError, Finding
from xl_qbs.scoring.coverage import Interval
from xl_qbs.scoring.table import Array

Prices = Literal["standardised", "actual"]
PRICES: tuple[Prices, ...] = get_args(Prices)


class Indirect(NamedTuple):
    """Indirect standardisation: observed over expected.

    Attributes:
        providers: ids in the order of first appearance, length N.
        observed: sum of the outcome, shape (N,).
        expected: what it would be if these patients fared as such patients do on average.
        ratio: observed / expected; NaN where nothing was expected.
        standardised: ratio * overall mean.
        interval: of the ratio; holds what is expected for true.
    """

    providers: tuple[object, ...]
    observed: Array
    expected: Array
    ratio: Array
    standardised: Array
    interval: Interval


class Direct(NamedTuple):
    """Direct standardisation: each provider's own means, at the standard's mix of patients.

    Attributes:
        providers: ids in the order of first appearance, length N.
        crude: mean of the outcome, shape (N,).
        standardised: NaN where a provider has no patients in a stratum that the standard has.
        interval: of it; NaN also where a stratum has one patient and no variance is known.
        strata: labels, length S.
        standard: share of each stratum in the standard, shape (S,).
        missing: whether a provider has no patients in a stratum, shape (N, S).
    """

    providers: tuple[object, ...]
    crude: Array
    standardised: Array
    interval: Interval
    strata: tuple[object, ...]
    standard: Array
    missing: NDArray[np.bool_]


def expected_by_stratum(outcome: ArrayLike, stratum: ArrayLike, *, patients: ArrayLike | None = None) -> Array:
    """Return what to expect of each row: the mean outcome of all rows of its stratum.

    Args:
        outcome: of each patient (or the total of a row of several), higher or lower being better as you like.
        stratum: severity group of each row.
        patients: how many patients a row stands for; 1 each if None.

    Raises:
        ArgumentError: lengths that differ.
        DataError: missing values or text.

    >>> expected_by_stratum([0, 1, 1, 1], ["mild", "mild", "severe", "severe"]).tolist()
    [0.5, 0.5, 1.0, 1.0]
    """
    values, counts = _read(outcome, patients)
    _, group = _groups("stratum", stratum, len(values))
    rate = np.bincount(group, values) / np.bincount(group, counts)
    expected: Array = rate[group] * counts
    return expected


def indirect(
    provider: ArrayLike,
    outcome: ArrayLike,
    expected: ArrayLike,
    *,
    patients: ArrayLike | None = None,
    level: float = 0.95,
) -> Indirect:
    """Return observed over expected outcomes of each provider.

    Args:
        provider: the provider of each row.
        outcome: of each patient (death as 1 or 0, or cost), or the total of a row of several patients.
        expected: what was to be expected of each row, from `expected_by_stratum` or a severity model of yours.
        patients: how many patients a row stands for; 1 each if None.
        level: level of the intervals.

    Raises:
        ArgumentError: lengths that differ, or an option that is none.
        DataError: missing values, text, negative outcomes or expectations.

    Source: seed 003, section 6 (2). Intervals: for outcomes of 0 and 1 (or counts of them), exact Poisson limits of
    the observed count (Garwood 1936), else normal with the spread of the residuals. When not to use it: two
    providers' ratios have different patients in them and must not be compared with each other, only with the
    average; without overlap in severity prefer `direct`, which says where there is none.

    >>> indirect(["A", "A", "B"], [1, 0, 1], [0.5, 0.5, 0.5]).ratio.tolist()
    [1.0, 2.0]
    """
    check_share("level", level)
    values, counts = _read(outcome, patients)
    (hoped,) = read_columns(Column("expected", expected, lowest=0.0), fewest=1)
    if len(hoped) != len(values):
        raise ArgumentError("expected: must be one for each row")
    providers, index = _groups("provider", provider, len(values))
    size = len(providers)
    observed, total = _sums(index, values, size), _sums(index, hoped, size)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(total > 0, observed / total, np.nan)
    if _are_counts(values, counts):
        low, high = _poisson_limits(observed, level)
        with np.errstate(invalid="ignore", divide="ignore"):
            interval = Interval(*(np.where(total > 0, end / total, np.nan) for end in (low, high)))
    else:
        spread = ((values - hoped) ** 2 / counts).sum() / len(values)
        with np.errstate(invalid="ignore", divide="ignore"):
            error = np.where(total > 0, np.sqrt(spread * _sums(index, counts, size)) / total, np.nan)
        interval = normal_interval(ratio, error, level)
    overall = values.sum() / counts.sum()
    return Indirect(providers, observed, total, ratio, ratio * overall, interval)


def direct(
    provider: ArrayLike,
    outcome: ArrayLike,
    stratum: ArrayLike,
    *,
    standard: dict[object, float] | None = None,
    patients: ArrayLike | None = None,
    level: float = 0.95,
) -> Direct:
    """Return each provider's mean outcome at the standard's mix of patients.

    Args:
        provider: the provider of each row.
        outcome: of each patient, or the total of a row of several patients.
        stratum: severity group of each row.
        standard: weight of each stratum, such as a reference population; all patients together if None.
        patients: how many patients a row stands for; 1 each if None.
        level: level of the intervals.

    Raises:
        ArgumentError: lengths that differ, or a standard that lacks a stratum or has negative weights.
        DataError: missing values or text.

    Source: seed 003, section 6 (2), which prefers it where samples do not overlap: it says who has no patients in a
    stratum instead of supposing how they would have fared. Small strata make it unsteady. Intervals: binomial
    variances of shares where outcomes are counts, else the variance within strata.

    >>> direct(["A", "A", "B", "B"], [0, 1, 0, 0], ["mild", "severe", "mild", "severe"]).standardised.tolist()
    [0.5, 0.0]
    """
    values, counts = _read(outcome, patients)
    providers, index = _groups("provider", provider, len(values))
    strata, group = _groups("stratum", stratum, len(values))
    shape = (len(providers), len(strata))
    cell = index * shape[1] + group
    size = shape[0] * shape[1]
    people = _sums(cell, counts, size).reshape(shape)
    total = _sums(cell, values, size).reshape(shape)
    share = _standard(standard, strata, people)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = np.where(people > 0, total / people, np.nan)
        if _are_counts(values, counts):
            variance = rate * (1 - rate) / people
        else:
            rows = np.bincount(cell, minlength=size).reshape(shape)
            away = _sums(cell, (values - rate.ravel()[cell] * counts) ** 2 / counts, size).reshape(shape)
            variance = away / (rows - 1) / people
    needed = share > 0
    standardised = (np.where(needed, rate, 0.0) * share).sum(axis=1)
    error = np.sqrt((np.where(needed, variance, 0.0) * share**2).sum(axis=1))
    crude = total.sum(axis=1) / people.sum(axis=1)
    missing = (people == 0) & needed
    return Direct(providers, crude, standardised, normal_interval(standardised, error, level), strata, share, missing)


def price_label(prices: Prices) -> str:
    """Return the label that cost must carry: what it includes is the caller's choice, and never unsaid.

    Raises:
        ArgumentError: neither ``standardised`` nor ``actual``.

    Source: seed 003, section 4: standardised prices compare resource use, actual prices what the payer or
    patient pays.

    >>> price_label("actual")
    'Actual prices: cost shows use of services and what they were charged at.'
    """
    check_choice("prices", prices, PRICES)
    if prices == "actual":
        return "Actual prices: cost shows use of services and what they were charged at."
    return "Standardised prices: cost shows use of services only, at the average price of each."


def _standard(standard: dict[object, float] | None, strata: tuple[object, ...], people: Array) -> Array:
    if standard is None:
        weights: Array = people.sum(axis=0)
    else:
        lacking = [str(name) for name in strata if name not in standard]
        beyond = [str(name) for name in standard if name not in strata]
        if lacking or beyond:
            raise ArgumentError(f"standard: must have a weight for each stratum and no other; see {lacking + beyond}")
        weights = np.array([standard[name] for name in strata], dtype=float)
    if not (np.isfinite(weights) & (weights >= 0)).all() or not weights.sum() > 0:
        raise ArgumentError("standard: weights must be from 0, and not all 0")
    share: Array = weights / weights.sum()
    return share


def _read(outcome: ArrayLike, patients: ArrayLike | None) -> tuple[Array, Array]:
    columns = [Column("outcome", outcome, lowest=0.0)]
    if patients is not None:
        columns.append(Column("patients", patients, positive=True))
    read = read_columns(*columns, fewest=1)
    return read[0], np.ones(len(read[0])) if patients is None else read[1]


def _groups(name: str, labels: ArrayLike, rows: int) -> tuple[tuple[object, ...], NDArray[np.intp]]:
    numbers: dict[object, int] = {}
    index = [numbers.setdefault(label, len(numbers)) for label in check_labels(name, labels, rows)]
    if not numbers:
        raise DataError([Finding(f"{name}: there are no rows.", "Add rows.")])
    return tuple(numbers), np.array(index, dtype=np.intp)


def _sums(index: NDArray[np.intp], values: Array, size: int) -> Array:
    return np.bincount(index, values, size).astype(np.float64)


def _are_counts(values: Array, counts: Array) -> bool:
    return bool(((values == np.round(values)) & (values <= counts)).all())


def _poisson_limits(observed: Array, level: float) -> tuple[Array, Array]:
    from scipy.special import gammaincinv  # noqa: PLC0415  (slow to import)

    tail = (1 - level) / 2
    low = np.where(observed > 0, gammaincinv(np.maximum(observed, 1), tail), 0.0)
    return low, gammaincinv(observed + 1, 1 - tail)
