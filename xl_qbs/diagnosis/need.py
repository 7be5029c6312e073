"""Need profile of lists (A, B, C), disease burden, and the load that an added indicator would bring."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike

from xl_qbs.errors import ArgumentError
from xl_qbs.scheme import Scheme
from xl_qbs.scoring.table import Array, Table

Profile = Literal["A", "B", "C", "younger, at risk", "not known"]
PROFILES: tuple[Profile, ...] = get_args(Profile)


class NeedProfile(NamedTuple):
    """Lists by mean age and disease burden.

    Attributes:
        profile: A (younger, lower risk), B (older, lower risk), C (older, at risk); the fourth corner is named as it
            is, and ``not known`` where age or burden is missing. Length N.
        age_limit: mean age from which a list is older.
        burden_limit: burden from which a list is at risk.
    """

    profile: tuple[Profile, ...]
    age_limit: float
    burden_limit: float

    @property
    def lists(self) -> dict[Profile, int]:
        """How many lists have each profile."""
        return {name: self.profile.count(name) for name in PROFILES}


def patient_indicators(scheme: Scheme) -> tuple[str, ...]:
    """Return the codes of the indicators that count patients, not prescriptions or anything else."""
    return tuple(one.code for one in scheme.indicators if one.unit == "patients")


def disease_burden(table: Table, list_size: ArrayLike, indicators: Sequence[str]) -> Array:
    """Return eligible patients for each person on the list.

    Args:
        table: the counts.
        list_size: people on each list, shape (N,); 0 or NaN where not known.
        indicators: the indicators whose target populations are added up. Choose such that do not overlap: whoever
            is eligible in two is counted twice.

    Returns:
        Shape (N,); NaN where the size is not known.

    Raises:
        ArgumentError: an indicator that is not there, no indicators, or sizes that are none.

    Source: seed 002, Figure 1, which names the burden and does not define it.
    """
    size = _sizes("list_size", list_size, len(table.providers))
    if not indicators:
        raise ArgumentError("indicators: there are none")
    eligible = table.select(indicators).eligible
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(size > 0, eligible / size, np.nan)


def need_profile(
    mean_age: ArrayLike, burden: ArrayLike, *, age_limit: float | None = None, burden_limit: float | None = None
) -> NeedProfile:
    """Return the need profile of each list.

    Args:
        mean_age: mean age of the patients of each list, shape (N,); NaN where not known.
        burden: disease burden, or the share of patients at high risk, shape (N,); NaN where not known.
        age_limit: mean age from which a list is older; the median if None.
        burden_limit: burden from which a list is at risk; the median if None.

    Raises:
        ArgumentError: lengths that differ, numbers that are none, or no list whose age and burden are known.

    Source: seed 002, introduction and Figure 1; METHODS section 4. The report draws three rough groups and gives no
    limits. Medians are ours: they make halves of any lists, whether or not there are groups to find.

    >>> need_profile([30, 50, 50, 30], [0.1, 0.1, 0.5, 0.5]).profile
    ('A', 'B', 'C', 'younger, at risk')
    """
    age, risk = _sizes("mean_age", mean_age), _sizes("burden", burden)
    if age.shape != risk.shape:
        raise ArgumentError(f"mean_age has {len(age)} values and burden {len(risk)}, must be as many")
    known = ~np.isnan(age) & ~np.isnan(risk)
    if not known.any():
        raise ArgumentError("no list has both a mean age and a burden")
    old_from = float(np.median(age[known])) if age_limit is None else age_limit
    risk_from = float(np.median(risk[known])) if burden_limit is None else burden_limit
    corners: dict[tuple[bool, bool], Profile] = {
        (False, False): "A",
        (True, False): "B",
        (True, True): "C",
        (False, True): "younger, at risk",
    }
    profile: list[Profile] = [
        corners[bool(one >= old_from), bool(other >= risk_from)] if there else "not known"
        for one, other, there in zip(age, risk, known, strict=True)
    ]
    return NeedProfile(tuple(profile), old_from, risk_from)


class ExpectedLoad(NamedTuple):
    """What an added indicator would ask of each of N lists.

    Attributes:
        patients: eligible patients expected, shape (N,).
        low: lower end of its interval by chance, shape (N,).
        high: upper end.
        work: patients to be served for the coverage asked for, shape (N,).
        relative: work over the mean work of all lists, shape (N,); NaN where there is none at all.
    """

    patients: Array
    low: Array
    high: Array
    work: Array
    relative: Array


def expected_load(
    populations: ArrayLike, shares: ArrayLike, *, coverage: float = 1.0, level: float = 0.95
) -> ExpectedLoad:
    """Return how many patients of each list an added indicator would make eligible.

    Args:
        populations: people of each list in groups, shape (N, g), or (N,) for one group: the list as a whole, groups
            by age, or the target populations of existing indicators.
        shares: the share of each group that would be eligible, shape (g,), each from 0 to 1.
        coverage: the coverage that would be asked for, 0 to 1.
        level: level of the interval, between 0 and 1.

    Raises:
        ArgumentError: numbers, shares or shapes that do not fit.

    Source: METHODS section 4; seed 002, Part C (ECM, COVID). Everybody in a group is taken to be eligible with the
    same probability and apart from the others, so the interval (normal, within 0 and the population) is the
    least there is: lists differ by more, and people in two groups would be counted twice.

    >>> expected_load([[1500, 200], [1200, 600]], [0.01, 0.1], coverage=0.9).work.round(1).tolist()
    [31.5, 64.8]
    """
    people = np.asarray(populations, dtype=float)
    people = people[:, None] if people.ndim == 1 else people
    share = np.atleast_1d(np.asarray(shares, dtype=float))
    if people.ndim != 2 or not (np.isfinite(people) & (people >= 0)).all():
        raise ArgumentError("populations: must be numbers from 0 for each list and group, none missing")
    if share.shape != (people.shape[1],) or not ((share >= 0) & (share <= 1)).all():
        raise ArgumentError(f"shares: must be {people.shape[1]} shares from 0 to 1, one for each group")
    if not 0 <= coverage <= 1 or not 0 < level < 1:
        raise ArgumentError(f"coverage == {coverage}, level == {level}: must be shares")
    patients = people @ share
    half = NormalDist().inv_cdf((1 + level) / 2) * np.sqrt(people @ (share * (1 - share)))
    work = coverage * patients
    total = work.mean() if len(work) else 0.0
    return ExpectedLoad(
        patients=patients,
        low=np.maximum(patients - half, 0.0),
        high=np.minimum(patients + half, people.sum(axis=1)),
        work=work,
        relative=work / total if total > 0 else np.full(len(work), np.nan),
    )


def _sizes(what: str, values: ArrayLike, length: int | None = None) -> Array:
    try:
        numbers = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ArgumentError(f"{what}: must be numbers") from None
    if numbers.ndim != 1 or np.isinf(numbers).any() or (numbers < 0).any():
        raise ArgumentError(f"{what}: must be one number from 0 a list")
    if length is not None and len(numbers) != length:
        raise ArgumentError(f"{what}: there are {len(numbers)}, must be {length}, one for each list")
    return numbers
