"""Which indicators no longer tell lists apart (topped out), and which few patients are behind (low burden)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.credit import threshold_credit
from xl_qbs.scoring.score import Result
from xl_qbs.scoring.table import Array

# Of the lists at either end that the coefficient of variation leaves out.
_TRIMMED = 0.05


class IndicatorDiagnosis(NamedTuple):
    """What k indicators still tell; each array of shape (k,), coverages as shares over lists with patients.

    Attributes:
        indicators: codes.
        lists: lists with patients in the indicator.
        overall: coverage of all patients together.
        median: median coverage of lists.
        tenth: coverage that a tenth of lists stay below or at.
        upper_quarter: coverage that three quarters of lists stay below or at.
        upper_tenth: coverage that nine tenths of lists stay below or at.
        reached: share of lists that reach the required coverage.
        full: share of lists that served everybody.
        variation: coefficient of variation without the lists at either end (5 % each).
        median_target: median target population over all lists, those without patients included.
        few: share of all lists with fewer patients than asked for.
        reliability: median n / (n + M) over all lists.
        share_of_points: of the scheme's points.
        share_of_weight: of the need-adjusted weights.
        share_of_unserved: of all who were not served, in what the indicators count.
        topped_out: nearly all lists reach the required coverage, and their coverage hardly differs.
        low_burden: too many lists have few patients in it.
    """

    indicators: tuple[str, ...]
    lists: NDArray[np.intp]
    overall: Array
    median: Array
    tenth: Array
    upper_quarter: Array
    upper_tenth: Array
    reached: Array
    full: Array
    variation: Array
    median_target: Array
    few: Array
    reliability: Array
    share_of_points: Array
    share_of_weight: Array
    share_of_unserved: Array
    topped_out: NDArray[np.bool_]
    low_burden: NDArray[np.bool_]


def diagnose_indicators(
    result: Result,
    *,
    reached_by: float = 0.9,
    variation_up_to: float = 0.1,
    fewest: int = 20,
    few_lists: float = 0.25,
) -> IndicatorDiagnosis:
    """Return which indicators are topped out and which have a low burden, with the numbers behind it.

    Args:
        result: a scoring run.
        reached_by: an indicator is topped out only if at least this share of lists reach its required coverage,
        variation_up_to: and the truncated coefficient of variation of coverage is no larger than this.
        fewest: a list with fewer patients than this has few,
        few_lists: and an indicator has a low burden if at least this share of all lists have few.

    Raises:
        ArgumentError: a share outside 0 to 1, or a negative number.

    Source: seed 002, Part A section 1 (drop indicators with high achievement or low disease burden), which gives no
    cut-offs. The truncated coefficient of variation and its 0.10 are of Medicare's rule for topped-out measures; the
    other three defaults are ours, so show them. When not to follow it: an indicator may matter although all
    reach it, and dropping it may let it slip.
    """
    for name, value in (("reached_by", reached_by), ("few_lists", few_lists)):
        if not 0 <= value <= 1:
            raise ArgumentError(f"{name} == {value}, must be from 0 to 1")
    if not variation_up_to >= 0 or not fewest >= 0:
        raise ArgumentError(f"variation_up_to == {variation_up_to}, fewest == {fewest}: must be from 0")
    table, scheme = result.table, result.scheme
    done, target = table.counted, table.target
    some = target > 0
    lists = some.sum(axis=0)
    # Every indicator of a result has patients in at least one list, so no column is all NaN.
    tenth, median, quarter, upper = np.nanquantile(result.coverage, [0.1, 0.5, 0.75, 0.9], axis=0)
    reached = threshold_credit(done, target, scheme.required_coverage).sum(axis=0) / lists
    variation = np.array([_variation(np.sort(column[~np.isnan(column)])) for column in result.coverage.T])
    unserved = (target - done).sum(axis=0)
    few = (target < fewest).mean(axis=0)
    return IndicatorDiagnosis(
        indicators=scheme.codes,
        lists=lists,
        overall=done.sum(axis=0) / target.sum(axis=0),
        median=median,
        tenth=tenth,
        upper_quarter=quarter,
        upper_tenth=upper,
        reached=reached,
        full=((done == target) & some).sum(axis=0) / lists,
        variation=variation,
        median_target=np.median(target, axis=0),
        few=few,
        reliability=np.median(result.reliability, axis=0),
        share_of_points=_shares(np.array(scheme.points)),
        share_of_weight=_shares(result.weights),
        share_of_unserved=_shares(unserved),
        topped_out=(reached >= reached_by) & (variation <= variation_up_to),
        low_burden=few >= few_lists,
    )


def _variation(ordered: Array) -> float:
    """Return standard deviation over mean without the ends; 0 where nobody was served, as all are alike."""
    cut = int(_TRIMMED * len(ordered))
    kept = ordered[cut : len(ordered) - cut]
    return float(kept.std() / kept.mean()) if kept.mean() > 0 else 0.0


def _shares(values: Array) -> Array:
    total = values.sum()
    shares: Array = values / total if total > 0 else np.zeros(len(values))
    return shares
