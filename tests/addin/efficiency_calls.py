"""Calls of the functions of quality and cost, and what the package's own Python gives for the same numbers.

What a call should give is worked out from the models of `xl_qbs.efficiency` here, not by `evaluate`, so that a test
does not compare it with itself.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tests.addin.calc.cases import Call
from tests.addin.plain import as_block, as_cell, as_column, as_row, named_call, named_values, one_cell
from xl_qbs.addin.catalogue import FUNCTIONS
from xl_qbs.addin.definition import Cells, Function, Given
from xl_qbs.addin.functions.efficiency_shared import EFFICIENCY
from xl_qbs.efficiency import composites, stars
from xl_qbs.efficiency.conditional import conditional
from xl_qbs.efficiency.correlations import efficiency_correlations
from xl_qbs.efficiency.cost_effectiveness import cost_effectiveness
from xl_qbs.efficiency.envelopment import envelopment
from xl_qbs.efficiency.frontier import frontier
from xl_qbs.efficiency.hurdles import cost_hurdle, quality_hurdle
from xl_qbs.efficiency.regression import regression
from xl_qbs.efficiency.standardize import standardize
from xl_qbs.efficiency.unconditional import unconditional
from xl_qbs.efficiency.vbp import vbp_points
from xl_qbs.scoring.coverage import coverage

_Choices = list[dict[str, Given]]
_FUNCTIONS_OF_STARS = {"quality-twice": stars.QUALITY_TWICE, "best-fit": stars.BEST_FIT}
_HEADINGS = {
    "en": ("Provider", "Patients", "Quality", "Cost", "Efficiency", "Low", "High", "Probability above 0"),
    "et": (
        "Osutaja",
        "Patsiente",
        "Kvaliteet",
        "Kulu",
        "Tõhusus",
        "Alumine piir",
        "Ülemine piir",
        "Tõenäosus, et üle 0",
    ),
}


class Providers:
    """Quality and spending of providers, with what else the models take, and the calls that can be made on them."""

    def __init__(self, quality: Any, spending: Any) -> None:
        self.quality, self.spending = np.asarray(quality, dtype=float), np.asarray(spending, dtype=float)
        self.performance = self.spending.mean() / self.spending
        rng = np.random.default_rng(2014)
        count = len(self.quality)
        self.other = np.round(rng.uniform(1, 9, count), 2)
        self.outcome = np.round(self.performance + rng.normal(0, 0.1, count) - np.abs(rng.normal(0, 0.4, count)), 4)
        self.target = rng.integers(0, 40, (count, 3)).astype(float)
        self.done = np.floor(self.target * rng.random((count, 3)))
        self.due = rng.integers(0, 2, (count, 3)).astype(float)
        # An error in the first cell would be taken for that of the whole result.
        self.due[0] = 1.0
        self.given = np.floor(self.due * rng.uniform(0.5, 2, (count, 3)))
        self.provider = np.repeat(np.arange(101, 109), rng.integers(3, 9, 8))
        patients = len(self.provider)
        at = self.provider - 101
        self.risk = np.round(rng.normal(size=(patients, 2)), 2)
        self.outcomes = np.round(rng.normal(size=8)[at] + self.risk[:, 0] + rng.normal(size=patients), 3)
        self.costs = np.round(1000 + 80 * rng.normal(size=8)[at] + 100 * rng.normal(size=patients), 1)

    @property
    def functions(self) -> list[Function]:
        """The functions that can be called on these."""
        return [one for one in FUNCTIONS if one.category == EFFICIENCY]

    def calls(self, function: Function) -> Iterator[Call]:
        """Yield a call of a function with what has to be given, and one for each choice that it offers."""
        needed, choices = self._arguments()[function.name]
        yield named_call(function, needed)
        for choice in choices:
            yield named_call(function, needed | choice)

    def plain(self, call: Call) -> Cells:
        """Return what the package's own Python gives for a call, as cells."""
        found = _PLAIN[call.function.name](**named_values(call))
        if isinstance(found, np.ndarray):
            found = found.reshape(len(found), -1).tolist()
        return tuple(tuple(None if one is None else as_cell(one) for one in row) for row in found)

    def _arguments(self) -> dict[str, tuple[dict[str, Given], _Choices]]:
        """Return what has to be given to each function, and what can be given beside it."""
        quality, spending = as_column(self.quality), as_column(self.spending)
        both: dict[str, Given] = {"quality": quality, "cost": spending, "cost_is": one_cell("spending")}
        performance: dict[str, Given] = {"cost": as_column(self.performance), "cost_is": one_cell("performance")}
        across: dict[str, Given] = {"quality": as_row(self.quality), "cost": as_row(self.spending)}
        scores = {"quality": as_column(np.clip(self.quality, 0, 100)), "efficiency": as_column(self._tenths())}
        errors: dict[str, Given] = {
            "quality_error": as_column(self.quality / 20),
            "cost_error": as_column(self.spending / 10),
        }
        patients: dict[str, Given] = {
            "provider": tuple((one,) for one in self.provider.tolist()),
            "quality": as_column(self.outcomes),
            "cost": as_column(self.costs),
            "cost_is": one_cell("spending"),
        }
        fails: _Choices = [{"failing": one_cell("zero-as-printed")}, {"hurdle_share": one_cell(0.4)}]
        median = (float(np.median(self.quality)), float(np.median(self.spending)))
        models = np.column_stack([self.quality, self.performance, self.quality + self.performance])
        return {
            "QBS_STANDARDIZE": ({"values": quality}, [{"values": as_row(self.quality)}]),
            "QBS_UNCONDITIONAL": (both, [{"quality_weight": one_cell(0.3)}, performance, across]),
            "QBS_CONDITIONAL": (
                both,
                [
                    {"version": one_cell("overall"), **performance},
                    {"quality_shares": as_row([0.2, 0.6]), "cost_shares": as_column([0.3, 0.8])},
                ],
            ),
            "QBS_QUALITY_HURDLE": (both, [*fails, {"hurdle": one_cell(median[0])}, performance]),
            "QBS_COST_HURDLE": (both, [*fails, {"hurdle": one_cell(median[1])}, across]),
            "QBS_REGRESSION": (
                patients,
                [{"risk": as_block(self.risk), "level": one_cell(0.8)}, {"language": one_cell("et")}],
            ),
            "QBS_COST_EFFECTIVENESS": (
                {**both, "value": one_cell(0.05)},
                [
                    {"reference_quality": one_cell(50.0), "reference_cost": one_cell(1.0)},
                    {**errors, "result": one_cell("interval"), "error_correlation": one_cell(0.3)},
                    {**errors, "result": one_cell("probability")},
                ],
            ),
            "QBS_DEA": (
                {"inputs": as_block(np.column_stack([self.spending, self.other])), "outputs": quality},
                [
                    {"returns": one_cell("variable"), "orientation": one_cell("output")},
                    {"returns": one_cell("non-increasing"), "result": one_cell("super-efficiency")},
                    {"inputs": spending},
                ],
            ),
            "QBS_SFA": (
                {"outcome": as_column(self.outcome), "inputs": as_column(self.performance)},
                [
                    {"kind": one_cell("cost"), "distribution": one_cell("exponential")},
                    {"estimator": one_cell("corrected-moments"), "result": one_cell("inefficiency")},
                    {"inputs": as_block(np.column_stack([self.performance, self.other]))},
                    {"outcome": as_row(self.outcome), "inputs": as_row(self.performance)},
                ],
            ),
            "QBS_COMPOSITE": (
                {"done": as_block(self.done), "target": as_block(self.target)},
                [
                    {"rule": one_cell("weighted"), "outcome": as_row([1, 0, 0]), "outcome_weight": one_cell(2.0)},
                    {"rule": one_cell("all-or-none"), "done": as_block(self.given), "target": as_block(self.due)},
                ],
            ),
            "QBS_VBP_POINTS": (
                {"value": quality, "threshold": one_cell(median[0]), "benchmark": one_cell(float(self.quality.max()))},
                [{"baseline": as_column(self.quality[::-1])}],
            ),
            "QBS_STARS": (scores, [{"rule": one_cell("quality-twice")}]),
            "QBS_STAR_POINTS": (scores, [{"rule": one_cell("best-fit")}]),
            "QBS_EFFICIENCY_CORRELATIONS": (
                {"efficiencies": (("quality", "cost", "both"), *as_block(models))},
                [{"measure": one_cell("spearman")}, {"efficiencies": as_block(models)}],
            ),
        }

    def _tenths(self) -> Any:
        return stars.tenths(self.performance)


def thirty_providers() -> Providers:
    """Return providers that are drawn, some of them alike."""
    rng = np.random.default_rng(30)
    quality = np.round(rng.uniform(40, 95, 30))
    return Providers(quality, np.round(rng.lognormal(0, 0.3, 30), 2))


def real_hospitals(shared: Path, every: int = 10) -> Providers:
    """Return each so-many-th hospital of the public file of fiscal year 2013."""
    with (shared / "data" / "hospital_quality_cost_fy2013.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[::every]
    return Providers(
        [float(row["total_performance_score"]) for row in rows], [float(row["spending_ratio"]) for row in rows]
    )


def _model(model: Callable[..., Any]) -> Callable[..., Any]:
    """Return a model of quality and cost as what stands in a cell: down, or across where quality is."""

    def efficiency(quality: Any, cost: Any, **options: Any) -> Any:
        pairs = {name: tuple(one.ravel()) for name, one in options.items() if name.endswith("_shares")}
        found = model(quality.ravel(), cost.ravel(), **options | pairs).efficiency.astype(float)
        return found.reshape(quality.shape)

    return efficiency


def _benefit(quality: Any, cost: Any, result: str = "efficiency", **options: Any) -> Any:
    errors = {name: one.ravel() for name, one in options.items() if name in {"quality_error", "cost_error"}}
    found = cost_effectiveness(quality.ravel(), cost.ravel(), **options | errors)
    if result == "interval":
        return np.column_stack(found.interval)
    return found.efficiency if result == "efficiency" else found.probability_positive


def _regression(provider: Cells, quality: Any, cost: Any, language: str = "en", **options: Any) -> Any:
    found = regression([row[0] for row in provider], quality.ravel(), cost.ravel(), **options)
    columns = [found.patients, found.quality, found.cost, found.efficiency, *found.interval, found.probability_positive]
    return [_HEADINGS[language], *zip(map(float, found.providers), *columns, strict=True)]


def _dea(inputs: Any, outputs: Any, result: str = "efficiency", **options: Any) -> Any:
    beyond = result == "super-efficiency"
    found = envelopment(inputs, outputs, super_efficiency=beyond, **options)
    return found.super_efficiency if beyond else found.efficiency


def _sfa(outcome: Any, inputs: Any, result: str = "efficiency", **options: Any) -> Any:
    down = inputs.T if len(outcome) == 1 else inputs
    found = getattr(frontier(outcome.ravel(), down, **options), result)
    return found.reshape(1, -1) if len(outcome) == 1 else found


def _composite(done: Any, target: Any, rule: str = "opportunity", outcome: Any = None, **options: Any) -> Any:
    if rule == "opportunity":
        return composites.opportunity(done, target).score
    if rule == "weighted":
        return composites.weighted(coverage(done, target), outcome.ravel() == 1, **options)
    return np.array([composites.all_or_none(["A"], [x], [n]).score[0] for x, n in zip(done, target, strict=True)])


def _points(value: Any, threshold: float, benchmark: float, baseline: Any = None) -> Any:
    before = None if baseline is None else baseline.ravel()
    return vbp_points(value.ravel(), threshold=threshold, benchmark=benchmark, baseline=before).points


def _stars(quality: Any, efficiency: Any, rule: str = "lookup") -> Any:
    return stars.stars(quality.ravel(), efficiency.ravel(), function=_FUNCTIONS_OF_STARS.get(rule))


def _correlations(efficiencies: Cells, measure: str = "pearson") -> Any:
    headed = isinstance(efficiencies[0][0], str)
    names = efficiencies[0] if headed else tuple(range(1, len(efficiencies[0]) + 1))
    table = np.array(efficiencies[1:] if headed else efficiencies, dtype=float)
    columns = {str(name): column for name, column in zip(names, table.T, strict=True)}
    matrix = efficiency_correlations(columns, measure=measure).matrix
    return [(measure, *names), *((name, *row) for name, row in zip(names, matrix.tolist(), strict=True))]


_PLAIN: dict[str, Callable[..., Any]] = {
    "QBS_STANDARDIZE": lambda values: standardize(values.ravel()).reshape(values.shape),
    "QBS_UNCONDITIONAL": _model(unconditional),
    "QBS_CONDITIONAL": _model(conditional),
    "QBS_QUALITY_HURDLE": _model(quality_hurdle),
    "QBS_COST_HURDLE": _model(cost_hurdle),
    "QBS_REGRESSION": _regression,
    "QBS_COST_EFFECTIVENESS": _benefit,
    "QBS_DEA": _dea,
    "QBS_SFA": _sfa,
    "QBS_COMPOSITE": _composite,
    "QBS_VBP_POINTS": _points,
    "QBS_STARS": lambda **given: _stars(**given).stars.astype(float),
    "QBS_STAR_POINTS": lambda **given: _stars(**given).points.astype(float),
    "QBS_EFFICIENCY_CORRELATIONS": _correlations,
}
