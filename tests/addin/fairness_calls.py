"""Calls of the functions of fairness, and what the package's own Python gives for the same numbers.

What a call should give is worked out from `xl_qbs.equity` and `xl_qbs.diagnosis` here, or by the formula as it is
written, not by `evaluate`, so that a test does not compare it with itself.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tests.addin.calc.cases import Call
from tests.addin.plain import as_block, as_cell, as_column, as_row, named_call, named_values, one_cell
from tests.equity_data import counts
from xl_qbs.addin.catalogue import FUNCTIONS
from xl_qbs.addin.definition import Cells, Function, Given
from xl_qbs.addin.functions.fairness_shared import FAIRNESS
from xl_qbs.diagnosis.association import rank_correlation
from xl_qbs.diagnosis.distribution import missing_middle
from xl_qbs.equity.between_groups import between_groups
from xl_qbs.equity.estimates import difference, ratio
from xl_qbs.equity.estimates import estimates as estimates_of
from xl_qbs.equity.gates import GateRules, gates
from xl_qbs.equity.incentive import (
    EquityPoints,
    IncentiveRules,
    Targets,
    equity_points,
    frozen_prior,
    frozen_targets,
    hold_harmless,
)
from xl_qbs.equity.peer_groups import peer_group, peer_scores
from xl_qbs.equity.standardized import standardise

_Choices = list[dict[str, Given]]


class Groups:
    """Patients of providers by group in two periods, the first group disadvantaged, and the calls on them."""

    def __init__(self, before_done: Any, before_target: Any, done: Any, target: Any) -> None:
        given = (before_done, before_target, done, target)
        self.before_done, self.before_target, self.done, self.target = (np.asarray(one, dtype=float) for one in given)
        # An error in the first cell would be taken for that of the whole result.
        assert min(self.target[0].min(), self.before_target[0].min()) >= GateRules.smallest_group
        rng = np.random.default_rng(2020)
        people = self.target.sum(axis=1)
        self.share = np.round(self.target[:, 0] / people, 4)
        self.score = np.round(10 * self.done.sum(axis=1) / people, 2)
        self.earlier = np.round(rng.uniform(0, 10, len(people)), 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            self.after, self.first = self.done / self.target, self.before_done / self.before_target

    @property
    def functions(self) -> list[Function]:
        """The functions that can be called on these."""
        return [one for one in FUNCTIONS if one.category == FAIRNESS]

    def calls(self, function: Function) -> Iterator[Call]:
        """Yield a call of a function with what has to be given, and one for each choice that it offers."""
        needed, choices = self._arguments()[function.name]
        yield named_call(function, needed)
        for choice in choices:
            yield named_call(function, needed | choice)

    def plain(self, call: Call) -> Cells:
        """Return what the package's own Python gives for a call, as cells."""
        found = np.asarray(_PLAIN[call.function.name](**named_values(call)))
        return tuple(tuple(map(as_cell, row)) for row in found.reshape(len(found), -1).tolist())

    def _arguments(self) -> dict[str, tuple[dict[str, Given], _Choices]]:
        """Return what has to be given to each function, and what can be given beside it."""
        groups: dict[str, Given] = {"done": as_block(self.done), "target": as_block(self.target)}
        pair: dict[str, Given] = {
            "done": as_column(self.done[:, 0]),
            "target": as_column(self.target[:, 0]),
            "reference_done": as_column(self.done[:, 1]),
            "reference_target": as_column(self.target[:, 1]),
        }
        population: dict[str, Given] = {
            "reference_done": one_cell(float(self.done.sum())),
            "reference_target": one_cell(float(self.target.sum())),
        }
        rows = [as_row(one[:, at]) for at in (0, 1) for one in (self.done, self.target)]
        across = dict(zip(("done", "target", "reference_done", "reference_target"), rows, strict=True))
        periods = {
            **groups,
            "before_done": as_block(self.before_done),
            "before_target": as_block(self.before_target),
            "disadvantaged": as_row([1, *[0] * (self.done.shape[1] - 1)]),
        }
        stated: dict[str, Given] = {"threshold": one_cell(0.4), "benchmark": one_cell(0.95)}
        scores: dict[str, Given] = {"score": as_column(self.score), "share": as_column(self.share)}
        after, first = (tuple(tuple(map(as_cell, row)) for row in one.tolist()) for one in (self.after, self.first))
        ends: dict[str, Given] = {"threshold": as_row(np.full(self.done.shape[1], 0.7)), "benchmark": one_cell(0.9)}
        earlier: dict[str, Given] = {"earlier": as_column(self.earlier), "points": as_column(self.score)}
        return {
            "QBS_GAP": (
                pair,
                [{"measure": one_cell("ratio"), "level": one_cell(0.9)}, population, across],
            ),
            "QBS_BETWEEN_GROUP_VARIANCE": (groups, [{"level": one_cell(0.8)}]),
            "QBS_STANDARDIZED_RATIO": (groups, [{"level": one_cell(0.8)}]),
            "QBS_EQUITY_POINTS": (
                periods,
                [
                    {"steps": one_cell("smooth"), "values": one_cell("raw"), "smallest_group": one_cell(5.0)},
                    {**stated, "forfeit": one_cell("always")},
                    {**stated, "steps": one_cell("smooth"), "result": one_cell("groups")},
                    {"result": one_cell("reliability")},
                    {"result": one_cell("levelled-down")},
                ],
            ),
            "QBS_PEER_GROUP": (
                {"share": as_column(self.share)},
                [{"groups": one_cell(3.0)}, {"share": as_row(self.share)}],
            ),
            "QBS_PEER_SCORES": (scores, [{"groups": one_cell(2.0), "centre": one_cell("median")}]),
            "QBS_IMPROVEMENT_POINTS": (
                {"after": after, "before": first, **ends},
                [
                    {"weight": as_row(10.0 + np.arange(self.done.shape[1]))},
                    {"result": one_cell("attainment"), "weight": one_cell(68.0)},
                    {"result": one_cell("improvement")},
                ],
            ),
            "QBS_HOLD_HARMLESS": (earlier, [{"floor": one_cell(0.8)}]),
            "QBS_RANK_CORRELATION": (
                {"scores": as_column(self.score), "against": as_column(self.target.sum(axis=1))},
                [
                    {"level": one_cell(0.8)},
                    {"scores": as_row(self.score), "against": as_row(self.share)},
                ],
            ),
            "QBS_MISSING_MIDDLE": ({"scores": as_column(self.score)}, [{"scores": as_row(self.earlier)}]),
        }


def drawn_groups() -> Groups:
    """Return 20 providers with three groups, some of them small and some empty."""
    rng = np.random.default_rng(7)
    periods = []
    for shares in ((0.55, 0.75, 0.8), (0.65, 0.7, 0.8)):
        target = rng.choice([0, 1, 8, 35, 60, 140], (20, 3), p=[0.06, 0.04, 0.1, 0.3, 0.3, 0.2])
        target[0] = 60
        # Everybody has some patients: without any there is no share at risk.
        target[:, 2] = np.maximum(target[:, 2], 1)
        periods += [rng.binomial(target, shares), target]
    return Groups(*periods)


def real_regions(shared: Path, every: int = 6) -> Groups:
    """Return each so-many-th US region: visits to primary care of black and other patients, 2011 and 2012."""
    with (shared / "data" / "primary_care_by_race_2011_2012.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    measure = rows[0]["indicator"]
    names = sorted({row["stratum"] for row in rows if row["stratum"] != "overall"})
    cells = {
        (row["year"], row["id"], row["stratum"]): (float(row["numerator_est"]), float(row["denominator"]))
        for row in rows
        if row["indicator"] == measure and row["denominator"] and row["numerator_est"]
    }
    years = sorted({year for year, _, _ in cells})
    regions = sorted({region for _, region, _ in cells if region != "999"}, key=int)
    whole = [one for one in regions if all((year, one, name) in cells for year in years for name in names)]
    large = [one for one in whole if all(cells[year, one, name][1] >= 30 for year in years for name in names)]
    picked = [large[0], *[one for one in whole if one != large[0]][::every]]
    table = np.array([[[cells[year, one, name] for name in names] for one in picked] for year in years])
    return Groups(table[0, :, :, 0], table[0, :, :, 1], table[1, :, :, 0], table[1, :, :, 1])


def _table(done: Any, target: Any) -> Any:
    return counts(target[:, None], done[:, None])


def _gap(
    done: Any,
    target: Any,
    reference_done: Any,
    reference_target: Any,
    measure: str = "difference",
    level: float = 0.95,
) -> Any:
    """Return the gap cell by cell, each of two groups by itself."""
    others = (np.broadcast_to(one, done.shape) for one in (reference_done, reference_target))
    found = []
    for x, n, x2, n2 in zip(*(one.ravel() for one in (done, target, *others)), strict=True):
        pair = [estimates_of(counts([[[size]]], [[[work]]]), level) for work, size in ((x, n), (x2, n2))]
        gap = (difference if measure == "difference" else ratio)(*pair)
        found.append([float(part[0, 0, 0]) for part in gap])
    return np.array(found).T if done.shape[0] == 1 else np.array(found)


def _between(done: Any, target: Any, level: float = 0.95) -> Any:
    found = between_groups(_table(done, target), level=level)
    return np.hstack([found.net, found.interval.low, found.interval.high, found.p_value])


def _standardized(done: Any, target: Any, level: float = 0.95) -> Any:
    found = standardise(_table(done, target), level=level)
    return np.hstack([found.ratio.value, found.ratio.low, found.ratio.high, found.crude, found.expected])


def equity_points_of(
    done: Any,
    target: Any,
    before_done: Any,
    before_target: Any,
    disadvantaged: Any,
    threshold: float | None = None,
    benchmark: float | None = None,
    steps: Any = "whole",
    values: str = "adjusted",
    forfeit: Any = "never",
    smallest_group: float = 30,
) -> EquityPoints:
    """Return the equity points of counts, a row a provider and a column a group."""
    before, now = _table(before_done, before_target), _table(done, target)
    named = tuple(name for name, one in zip(now.groups, disadvantaged.ravel(), strict=True) if one)
    rules = GateRules(smallest_group=int(smallest_group))
    passed = gates(before, rules), gates(now, rules)
    targets = frozen_targets(before, named, passed[0])
    if threshold is not None and benchmark is not None:
        targets = Targets(np.array([threshold]), np.array([benchmark]))
    return equity_points(
        before,
        now,
        IncentiveRules(disadvantaged=named, steps=steps, forfeit=forfeit),
        targets=targets,
        passed_before=passed[0],
        passed_now=passed[1],
        prior=frozen_prior(before) if values == "adjusted" else None,
    )


def _equity(result: str = "points", **options: Any) -> Any:
    found = equity_points_of(**options)
    if result == "points":
        return found.total
    parts = {"groups": found.points, "reliability": found.reliability, "levelled-down": found.levelled_down}
    return parts[result][:, 0, :]


def _peer_scores(score: Any, share: Any, groups: float = 5, centre: Any = "mean") -> Any:
    found, _ = peer_scores(score.ravel(), share.ravel(), groups=int(groups), centre=centre)
    return np.column_stack([found.score, found.adjusted])


def _improvement(
    after: Any, before: Any, threshold: Any, benchmark: Any, weight: Any = 1.0, result: str = "points"
) -> Any:
    """Return the better of the two lines to the benchmark, from the threshold and from the first year."""
    attainment = np.clip((after - threshold) / (benchmark - threshold), 0, 1)
    way = np.clip((after - before) / (benchmark - before), 0, 1)
    improvement = np.where(np.isnan(after), np.nan, np.where(before < benchmark, way, 0.0))
    lines = {"attainment": attainment, "improvement": improvement, "points": np.maximum(attainment, improvement)}
    return weight * lines[result]


def _correlation(scores: Any, against: Any, level: float = 0.95) -> Any:
    return np.array([rank_correlation(scores.ravel(), against.ravel(), level)[:3]])


def _middle(scores: Any) -> Any:
    found = missing_middle(scores.ravel())
    return np.array([[found.middle, found.near_low, found.near_high, found.low_centre, found.high_centre]])


def _peers(share: Any, groups: float = 5) -> Any:
    return peer_group(share.ravel(), groups=int(groups)).astype(float).reshape(share.shape)


_PLAIN: dict[str, Callable[..., Any]] = {
    "QBS_GAP": _gap,
    "QBS_BETWEEN_GROUP_VARIANCE": _between,
    "QBS_STANDARDIZED_RATIO": _standardized,
    "QBS_EQUITY_POINTS": _equity,
    "QBS_PEER_GROUP": _peers,
    "QBS_PEER_SCORES": _peer_scores,
    "QBS_IMPROVEMENT_POINTS": _improvement,
    "QBS_HOLD_HARMLESS": lambda earlier, points, floor=1.0: hold_harmless(points, earlier, floor=floor),
    "QBS_RANK_CORRELATION": _correlation,
    "QBS_MISSING_MIDDLE": _middle,
}
