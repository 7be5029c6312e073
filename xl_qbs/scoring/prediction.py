"""Which prior predicted the second year best: squared errors of adjusted coverage, indicator by indicator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.coverage import adjusted_coverage, coverage
from xl_qbs.scoring.priors import Prior, likelihood_prior, moments_prior, report_prior
from xl_qbs.scoring.table import Array, Table

if TYPE_CHECKING:
    import pandas as pd

Predictor = Literal["raw", "report", "moments", "likelihood"]
PREDICTORS: tuple[Predictor, ...] = get_args(Predictor)
PriorFrom = Literal["in-both", "first-year"]
PRIOR_FROM: tuple[PriorFrom, ...] = get_args(PriorFrom)


class Prediction(NamedTuple):
    """How well the first year's coverage told the second year's, for k indicators and p predictors.

    Attributes:
        indicators: codes of the indicators in both years, length k, in the first year's order.
        predictors: ``raw`` (coverage as it is) first, then rules of the prior, length p.
        lists: lists with patients in both years, shape (k,).
        error: mean squared error of the predicted share, shape (k, p); NaN where there is no list.
        difference: error less that of raw coverage, shape (k, p); negative is better than raw.
        standard_error: of the difference, over lists, shape (k, p); NaN where there are not two lists.
    """

    indicators: tuple[str, ...]
    predictors: tuple[Predictor, ...]
    lists: NDArray[np.intp]
    error: Array
    difference: Array
    standard_error: Array

    @property
    def best(self) -> tuple[Predictor | None, ...]:
        """The predictor with the smallest error, by indicator; the first of equals, None where there is no list."""
        return tuple(None if np.isnan(row).any() else self.predictors[int(np.argmin(row))] for row in self.error)

    @property
    def worse_than_raw(self) -> dict[Predictor, tuple[str, ...]]:
        """The indicators on which a rule's error is larger than that of raw coverage, by rule."""
        worse = self.difference > 0
        return {
            rule: tuple(code for code, more in zip(self.indicators, worse[:, column], strict=True) if more)
            for column, rule in enumerate(self.predictors)
            if rule != "raw"
        }

    def frame(self) -> pd.DataFrame:
        """Return a row an indicator: lists, the error of each predictor, and the best one."""
        import pandas as pd  # noqa: PLC0415  (slow to import)

        errors = pd.DataFrame(self.error, columns=list(self.predictors), index=pd.Index(self.indicators))
        errors.index.name = "indicator"
        return errors.assign(lists=self.lists, best=np.array(self.best, dtype=object))


def predict(
    before: Table,
    after: Table,
    *,
    rules: Sequence[Predictor] = PREDICTORS[1:],
    fraction: float = 0.5,
    prior_from: PriorFrom = "in-both",
    weighted: bool = True,
) -> Prediction:
    """Return how well coverage adjusted by each rule tells next year's coverage, beside raw coverage.

    For each indicator, the mean over lists of (predicted share - second year's coverage)^2.

    Args:
        before: counts of the first year.
        after: counts of the second; lists and indicators are matched by id and code.
        rules: the rules of the prior to compare.
        fraction: with ``report``, prior strength as a fraction of the mean target.
        prior_from: whose first year the priors are estimated from: the lists that are in both years
            (``in-both``, as in METHODS), or all of the first year (``first-year``, as a score has it).
        weighted: lists count by their target population of the second year, so that each patient
            counts once; if False, each list counts once.

    Raises:
        ArgumentError: no list or no indicator is in both years, or an option that is none.

    Source: METHODS section 3. A list counts for an indicator if it has patients in both years. All errors
    contain the second year's own chance, so they cannot be 0 and their differences say more than their
    ratios. Not a test of fairness: it says which number tells most of a list's next year.
    """
    unknown = [rule for rule in rules if rule not in PREDICTORS[1:]]
    if unknown or not rules:
        named = ", ".join(repr(rule) for rule in unknown) or "none given"
        raise ArgumentError(f"rules: {named}, must be of {', '.join(PREDICTORS[1:])}")
    if prior_from not in PRIOR_FROM:
        raise ArgumentError(f"prior_from == {prior_from!r}, must be one of {', '.join(PRIOR_FROM)}")
    codes = tuple(code for code in before.indicators if code in after.indicators)
    if not codes:
        raise ArgumentError("no indicator is in both years")
    before, after = before.select(codes), after.select(codes)
    first, second = _rows_in_both(before, after)
    x0, n0 = before.counted[first], before.target[first]
    x1, n1 = after.counted[second], after.target[second]
    basis = (x0, n0) if prior_from == "in-both" else (before.counted, before.target)
    predicted = [coverage(x0, n0)]
    predicted += [_adjusted(x0, n0, _prior(rule, *basis, fraction)) for rule in rules]
    seen = (n0 > 0) & (n1 > 0)
    squares = (np.stack(predicted, axis=-1) - coverage(x1, n1)[..., None]) ** 2
    weight = np.where(seen, n1 if weighted else 1.0, 0.0)[..., None]
    error = _mean(squares, weight)
    gaps = squares - squares[..., :1]
    difference = _mean(gaps, weight)
    spread = (np.where(weight > 0, weight * (gaps - difference), 0.0) ** 2).sum(axis=0)
    lists = seen.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        standard_error = np.where(lists[:, None] > 1, np.sqrt(spread) / weight.sum(axis=0), np.nan)
    return Prediction(codes, ("raw", *rules), lists, error, difference, standard_error)


def _rows_in_both(before: Table, after: Table) -> tuple[list[int], list[int]]:
    earlier = {provider: row for row, provider in enumerate(before.providers)}
    second = [row for row, provider in enumerate(after.providers) if provider in earlier]
    if not second:
        raise ArgumentError("no list is in both years")
    return [earlier[after.providers[row]] for row in second], second


def _prior(rule: Predictor, done: Array, target: Array, fraction: float) -> Prior:
    if rule == "report":
        return report_prior(done, target, fraction)
    return moments_prior(done, target) if rule == "moments" else likelihood_prior(done, target)


def _adjusted(done: Array, target: Array, prior: Prior) -> Array:
    """Return adjusted coverage; an indicator without patients has no prior mean and predicts nothing."""
    mean = np.where(np.isnan(prior.mean), 0.0, prior.mean)
    return np.where(np.isnan(prior.mean), np.nan, adjusted_coverage(done, target, mean, prior.strength))


def _mean(values: Array, weight: Array) -> Array:
    """Return weighted means over lists; what has no weight may be NaN."""
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: Array = np.where(weight > 0, weight * values, 0.0).sum(axis=0) / weight.sum(axis=0)
    return mean
