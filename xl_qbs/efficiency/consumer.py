"""The two consumer examples of Appendix A: value scores of cars and of schools, as weighted presets."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xl_qbs.efficiency.inputs import Column, check_labels, read_columns
from xl_qbs.efficiency.standardize import standardize
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.ranks import rank
from xl_qbs.scoring.table import Array

# Appendix A: the share of quality over cost in the value of a school. The other two weights are not published.
SCHOOL_RATIO_WEIGHT = 0.6


class Value(NamedTuple):
    """Value scores.

    Attributes:
        score: shape (N,); higher is better value.
        rank: within the class, from 1 for the best; ties share the better rank.
        recommended: False where reliability is too poor (cars), else True.
    """

    score: Array
    rank: Array
    recommended: NDArray[np.bool_]


def car_value(
    road_test: ArrayLike,
    reliability: ArrayLike,
    ownership_cost: ArrayLike,
    *,
    weights: tuple[float, float, float],
    lowest_reliability: float,
    car_class: ArrayLike | None = None,
) -> Value:
    """Return the value of cars: road test, predicted reliability and five years' cost of ownership, weighted.

    Args:
        road_test: quality, 0 to 100.
        reliability: predicted; higher is better.
        ownership_cost: cost, above 0; lower is better. The published figure is per mile.
        weights: of the three z scores (cost with its sign changed), from 0. Appendix A says that the model is not
            specified, so they have no default.
        lowest_reliability: below it a car is not recommended, whatever its value; not published either.
        car_class: cars are ranked within it; all together if None.

    Raises:
        ArgumentError: weights that are negative or all 0, or lengths that differ.
        DataError: missing values, text, constants, cost not above 0, fewer than 3 cars.

    Source: seed 003, Appendix A (Consumer Reports, Best and Worst Cars for the Money). The weighted sum of z scores
    is this project's reading of a "combination"; it reproduces no published score.
    """
    columns = (
        Column("road_test", road_test, varies=True),
        Column("reliability", reliability, varies=True),
        Column("ownership_cost", ownership_cost, positive=True, varies=True),
    )
    test, reliable, cost = read_columns(*columns)
    share = _weights(weights, 3)
    score = share[0] * standardize(test) + share[1] * standardize(reliable) - share[2] * standardize(cost)
    return Value(score, _rank_within(score, car_class), reliable >= lowest_reliability)


def school_value(
    quality: ArrayLike,
    net_cost: ArrayLike,
    share_with_aid: ArrayLike,
    discount: ArrayLike,
    *,
    aid_weight: float,
    ratio_weight: float = SCHOOL_RATIO_WEIGHT,
    school_class: ArrayLike | None = None,
) -> Value:
    """Return the value of schools: quality over cost, students with need-based aid, and the discount they get.

    Args:
        quality: composite, above 0.
        net_cost: tuition, board, books and other expenses less the average need-based scholarship, above 0.
        share_with_aid: share of students who receive need-based aid, 0 to 1.
        discount: share of total cost that is discounted, 0 to 1.
        aid_weight: of the share with aid; the discount has the rest. Appendix A says only that both are unspecified.
        ratio_weight: of quality over cost.
        school_class: schools are ranked within it; all together if None.

    Raises:
        ArgumentError: weights that do not fit, or lengths that differ.
        DataError: missing values, text, a ratio that does not vary, values not above 0, fewer than 3 schools.

    Source: seed 003, Appendix A (US News, Best Value Schools: 60 % for the ratio). The ratio counts as a share of the
    best school's, so that the three parts have one scale; the published scale is not known.
    """
    columns = (
        Column("quality", quality, positive=True),
        Column("net_cost", net_cost, positive=True),
        Column("share_with_aid", share_with_aid, lowest=0.0),
        Column("discount", discount, lowest=0.0),
    )
    good, cost, aid, cheaper = read_columns(*columns)
    share = _weights((ratio_weight, aid_weight, 1 - ratio_weight - aid_weight), 3)
    if (aid > 1).any() or (cheaper > 1).any():
        raise ArgumentError("share_with_aid and discount: must be shares from 0 to 1")
    ratio = good / cost
    score = share[0] * ratio / ratio.max() + share[1] * aid + share[2] * cheaper
    return Value(score, _rank_within(score, school_class), np.ones(len(score), dtype=bool))


def _weights(weights: tuple[float, ...], count: int) -> Array:
    share = np.asarray(weights, dtype=float)
    if share.shape != (count,) or not (np.isfinite(share) & (share >= -1e-12)).all() or not share.sum() > 0:
        raise ArgumentError(f"weights == {tuple(weights)!r}, must be {count} numbers from 0, not all 0")
    normed: Array = np.maximum(share, 0.0) / share.sum()
    return normed


def _rank_within(score: Array, groups: ArrayLike | None) -> Array:
    if groups is None:
        return rank(score)
    labels = check_labels("class", groups, len(score))
    ranks = np.empty(len(score))
    for label in set(labels):
        ranks[labels == label] = rank(score[labels == label])
    return ranks
