"""Patient rows: who treated whom, and outcomes adjusted for risk."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xl_qbs.efficiency.inputs import Column, check_labels, read_columns
from xl_qbs.errors import ArgumentError, DataError, Finding
from xl_qbs.scoring.table import Array


class Patients(NamedTuple):
    """Patient rows, grouped by provider.

    Attributes:
        providers: ids in the order in which they first appear, length N.
        provider: for each row, the number of its provider, from 0.
        values: outcomes, shape (rows, columns).
        risk: risk factors, shape (rows, k); k may be 0.
        counts: patients of each provider, shape (N,).
    """

    providers: tuple[object, ...]
    provider: NDArray[np.intp]
    values: Array
    risk: Array
    counts: Array


class Adjusted(NamedTuple):
    """Provider means of outcomes at the risk of the average patient.

    Attributes:
        means: shape (N, columns).
        within: covariance of the outcomes between patients of one provider, shape (columns, columns).
        slopes: change of each outcome with each risk factor, shape (k, columns).
        residuals: outcomes less their provider's level and their risk, shape (rows, columns).
        error: covariance of a provider's means that comes from the slopes, shape (N, columns, columns).
    """

    means: Array
    within: Array
    slopes: Array
    residuals: Array
    error: Array


def read_patients(
    provider: ArrayLike, columns: list[Column], risk: ArrayLike | None = None, *, fewest_providers: int = 3
) -> Patients:
    """Return patient rows, checked and grouped.

    Args:
        provider: the provider of each patient.
        columns: outcomes.
        risk: risk factors as numbers, shape (rows,) or (rows, k); a category as columns of 0 and 1.
        fewest_providers: how many providers there must be.

    Raises:
        ArgumentError: shapes that do not fit.
        DataError: missing values, text, risk factors that repeat each other, too few providers.
    """
    factors = [] if risk is None else _risk_columns(risk)
    read = read_columns(*columns, *factors)
    labels = check_labels("provider", provider, len(read[0]))
    numbers: dict[object, int] = {}
    index = np.array([numbers.setdefault(label, len(numbers)) for label in labels], dtype=np.intp)
    if len(numbers) < fewest_providers:
        what = f"provider: there are {len(numbers)} providers, and at least {fewest_providers} are needed."
        raise DataError([Finding(what, "Add providers, or do not use this model.")])
    width = len(columns)
    values = np.column_stack(read[:width])
    rows = len(values)
    risks = np.column_stack(read[width:]) if factors else np.zeros((rows, 0))
    counts = np.bincount(index, minlength=len(numbers)).astype(np.float64)
    return Patients(tuple(numbers), index, values, risks, counts)


def provider_means(patients: Patients, values: Array) -> Array:
    """Return the mean of each column over each provider's patients, shape (N, columns)."""
    sums = [np.bincount(patients.provider, column, minlength=len(patients.counts)) for column in values.T]
    means: Array = np.column_stack(sums) / patients.counts[:, None]
    return means


def adjust(patients: Patients) -> Adjusted:
    """Return outcomes adjusted for risk by least squares within providers.

    The slopes compare patients of the same provider only, so that a provider's own quality is not taken for the
    risk of its patients (as regression over all patients would when the better ones treat the sicker).

    Raises:
        DataError: risk factors that do not vary within providers or repeat each other, or too few patients.
    """
    count, rows = len(patients.counts), len(patients.provider)
    k = patients.risk.shape[1]
    freedom = rows - count - k
    if freedom < 1:
        what = f"There are {rows} patients of {count} providers: too few to tell patients from providers."
        raise DataError([Finding(what, "Add patients, or use provider means.")])
    means = provider_means(patients, patients.values)
    away = patients.values - means[patients.provider]
    width = patients.values.shape[1]
    slopes: Array = np.zeros((k, width))
    error: Array = np.zeros((count, width, width))
    if k:
        centre = patients.risk.mean(axis=0)
        risk_means = provider_means(patients, patients.risk)
        within_risk = patients.risk - risk_means[patients.provider]
        _check_risk(patients.risk, within_risk)
        slopes = np.linalg.lstsq(within_risk, away, rcond=None)[0].astype(np.float64)
        away = away - within_risk @ slopes
        means = means - (risk_means - centre) @ slopes
    within = away.T @ away / freedom
    if k:
        precision = np.linalg.inv(within_risk.T @ within_risk)
        shift = risk_means - centre
        error = np.einsum("ij,jk,ik->i", shift, precision, shift)[:, None, None] * within
    return Adjusted(means, within, slopes, away, error)


def _check_risk(risk: Array, within: Array) -> None:
    spread = np.sqrt((within**2).sum(axis=0))
    whole = np.sqrt(((risk - risk.mean(axis=0)) ** 2).sum(axis=0))
    flat = spread <= 1e-9 * np.maximum(whole, 1e-300)
    findings = [
        Finding(f"risk {number + 1} is the same for all patients of each provider.", "Leave it out.")
        for number in np.flatnonzero(flat)
    ]
    if not findings and np.linalg.cond(within / spread) > 1e8:
        findings.append(Finding("The risk factors repeat each other: one follows from the rest.", "Leave one out."))
    if findings:
        raise DataError(findings)


def _risk_columns(risk: ArrayLike) -> list[Column]:
    raw = np.asarray(risk)
    if raw.ndim == 1:
        return [Column("risk", risk)]
    if raw.ndim != 2:
        raise ArgumentError(f"risk has {raw.ndim} dimensions, must have 1 or 2")
    names = getattr(risk, "columns", None)
    parts = [risk[name] for name in names] if names is not None else list(raw.T)  # type: ignore[index]
    return [Column(f"risk {number}", part) for number, part in enumerate(parts, start=1)]
