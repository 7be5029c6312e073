"""How many extra patients each list can serve: a number, by list size, or by unmet need."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xl_qbs.errors import ArgumentError

Counts = NDArray[np.int64]


def same_budget(lists: int, patients: int) -> Counts:
    """Return the same budget for every list, shape (N,).

    Raises:
        ArgumentError: a number of lists or patients that is negative or not whole.

    >>> same_budget(3, 20).tolist()
    [20, 20, 20]
    """
    if isinstance(patients, bool) or int(patients) != patients or patients < 0:
        raise ArgumentError(f"patients == {patients}, must be a whole number from 0")
    return np.full(lists, int(patients), dtype=np.int64)


def budget_by_size(list_size: ArrayLike, total: int) -> Counts:
    """Return a total of extra patients shared out in proportion to list size, shape (N,).

    Args:
        list_size: people on each list, shape (N,), whole numbers from 0.
        total: extra patients of all lists together.

    Raises:
        ArgumentError: sizes or a total that are none, or nobody on any list.

    Whole patients by largest remainder; of equal remainders the earlier list's counts. They sum to the total.

    >>> budget_by_size([1200, 1800, 2000], 100).tolist()
    [24, 36, 40]
    """
    size = _whole("list_size", list_size)
    if not size.sum() > 0:
        raise ArgumentError("list_size: at least one must be positive")
    return _in_proportion_of(size, _total(total))


def budget_by_unmet_need(unmet: ArrayLike, total: int) -> Counts:
    """Return a total of extra patients shared out in proportion to unmet need, shape (N,).

    Args:
        unmet: patients left to serve on each list (in what the simulation counts), shape (N,), whole numbers.
        total: extra patients of all lists together.

    Returns:
        No list gets more than its unmet need; what is beyond all of it is left over.

    Raises:
        ArgumentError: counts or a total that are none.

    >>> budget_by_unmet_need([10, 30, 60], 10).tolist()
    [1, 3, 6]
    """
    need = _whole("unmet", unmet)
    return _in_proportion_of(need, min(_total(total), int(need.sum())))


def share_of_unmet_need(unmet: ArrayLike, share: float) -> Counts:
    """Return the same share of its unmet need for every list, in whole patients, halves up, shape (N,).

    Raises:
        ArgumentError: counts that are none, or a share outside 0 to 1.

    >>> share_of_unmet_need([10, 35, 60], 0.1).tolist()
    [1, 4, 6]
    """
    need = _whole("unmet", unmet)
    if not 0 <= share <= 1:
        raise ArgumentError(f"share == {share}, must be from 0 to 1")
    # The guard: a tenth of 35 is 3.5 whatever the last bits of the product. Never more than the need itself.
    patients: Counts = np.minimum(np.floor(share * need + 0.5 + 1e-9), need).astype(np.int64)
    return patients


def in_proportion(unmet: Counts, budget: Counts) -> Counts:
    """Return budgets spread in proportion to unmet need, whole patients by largest remainder.

    Args:
        unmet: patients left to serve, shape (L, k).
        budget: shape (L,); 0 where nobody is left to serve.

    Returns:
        Shape (L, k), summing to the budget. Nobody gets more than the unmet need unless the budget is larger than all
        of it. Of equal remainders the first one's counts.

    >>> in_proportion(np.array([[10, 30, 60]]), np.array([9])).tolist()
    [[1, 3, 5]]
    """
    need = np.maximum(unmet.sum(axis=1, keepdims=True), 1)
    # In whole numbers, so that remainders compare exactly.
    extra, remainder = np.divmod(unmet * budget[:, None], need)
    order = np.argsort(-remainder, axis=1, kind="stable")
    left = budget - extra.sum(axis=1)
    more = np.zeros_like(extra)
    np.put_along_axis(more, order, (np.arange(unmet.shape[1]) < left[:, None]).astype(np.int64), axis=1)
    whole: Counts = extra + more
    return whole


def checked_budget(budget: ArrayLike, lists: int) -> Counts:
    """Return a budget as whole numbers of patients, one for each list; one number is for all of them.

    Raises:
        ArgumentError: numbers that are negative, fractional or missing, or another length.
    """
    try:
        numbers = np.asarray(budget, dtype=float)
    except (TypeError, ValueError):
        raise ArgumentError("budget: must be numbers") from None
    if not (np.isfinite(numbers) & (numbers >= 0) & (numbers == np.floor(numbers))).all():
        raise ArgumentError("budget: must be whole numbers from 0, none missing")
    if numbers.shape not in ((), (lists,)):
        raise ArgumentError(f"budget: shape is {numbers.shape}, must be ({lists},), one for each list")
    return np.broadcast_to(numbers, (lists,)).astype(np.int64)


def _in_proportion_of(weights: Counts, total: int) -> Counts:
    """Return a total shared out over lists, as `in_proportion` does over the indicators of one."""
    shares: Counts = in_proportion(weights[None], np.array([total]))[0]
    return shares


def _whole(what: str, values: ArrayLike) -> Counts:
    try:
        numbers = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ArgumentError(f"{what}: must be numbers") from None
    if numbers.ndim != 1 or not (np.isfinite(numbers) & (numbers >= 0) & (numbers == np.floor(numbers))).all():
        raise ArgumentError(f"{what}: must be one whole number from 0 a list, none missing")
    whole: Counts = numbers.astype(np.int64)
    return whole


def _total(total: int) -> int:
    if isinstance(total, bool) or int(total) != total or total < 0:
        raise ArgumentError(f"total == {total}, must be a whole number from 0")
    return int(total)
