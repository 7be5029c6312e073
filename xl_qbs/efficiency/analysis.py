"""Every chosen model on one table of providers, side by side: what the workbook shows, as numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from xl_qbs.efficiency.agreement import Agreement, agreement, classes_of
from xl_qbs.efficiency.classes import QUARTERS, THIRDS
from xl_qbs.efficiency.conditional import Conditional, conditional
from xl_qbs.efficiency.correlations import Correlations, efficiency_correlations
from xl_qbs.efficiency.cost_effectiveness import NetBenefit, cost_effectiveness
from xl_qbs.efficiency.envelopment import Envelopment, envelopment, free_disposal_hull
from xl_qbs.efficiency.envelopment_program import Orientation, Returns
from xl_qbs.efficiency.frontier import Distribution, Frontier, frontier
from xl_qbs.efficiency.hurdles import LOWEST_QUARTER, Failing, Hurdle, cost_hurdle, quality_hurdle
from xl_qbs.efficiency.inputs import Column, CostIs, check_cost_is, cost_performance, read_columns
from xl_qbs.efficiency.programs import run_program
from xl_qbs.efficiency.side_by_side import SideBySide, side_by_side
from xl_qbs.efficiency.standardize import Standardized, standardize_both
from xl_qbs.efficiency.stars import Stars, stars, tenths
from xl_qbs.efficiency.unconditional import QUALITY_30, QUALITY_70, Unconditional, unconditional
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.coverage import Interval
from xl_qbs.scoring.table import Array

# What a user may choose, in the paper's order; quality and cost themselves are always shown.
ModelName = Literal[
    "unconditional",
    "conditional",
    "quality-hurdle",
    "cost-hurdle",
    "cost-effectiveness",
    "envelopment",
    "free-disposal",
    "frontier",
    "stars",
    "regression",
]
MODELS: tuple[ModelName, ...] = get_args(ModelName)
# Efficiencies are kept to this many decimals: two providers whose efficiencies differ by less are tied, whatever the
# last bits are in one spreadsheet or another.
EFFICIENCY_DECIMALS = 9
_NO_QUALITY_OF_ZERO = "needs quality from 0 on, with a true 0; here some of it is negative, or all of it 0"
_NO_COST_OF_ZERO = "needs cost performance above 0 for every provider"
_NO_VALUE = "needs what a unit of quality is worth in money (--value)"
_NO_MONEY = "needs cost as spending, in money"
_NO_PATIENTS = "needs patient rows (--patients)"


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the models are to assume; every number that a user can set and see.

    Attributes:
        cost_is: ``spending`` (lower is better) or ``performance`` (higher is better).
        models: those chosen; None for all that the data allow.
        quality_weights: weights of quality in the two unconditional versions.
        quality_shares: shares of providers at which classes of quality begin.
        cost_shares: shares at which classes of cost performance begin, from the costliest.
        quality_hurdle_share: share of providers below the quality hurdle.
        cost_hurdle_share: share of providers, from the costliest, that fail the cost hurdle.
        own_quality_hurdle: the hurdle in units of quality instead; None for the share.
        own_cost_hurdle: the hurdle in units of cost instead.
        failing: where whoever fails a hurdle stands.
        class_shares: shares at which classes of efficiency begin, under every model.
        value: what a unit of quality is worth in money; None leaves cost-effectiveness out.
        reference_quality: quality to compare with in it; None for the mean.
        reference_cost: spending to compare with in it; None for the mean.
        error_correlation: of the standard errors of quality and cost within a provider.
        star_floor: quality that counts as 0 of 100 for the stars.
        star_ceiling: quality that counts as 100.
        returns: to scale, of the envelopment by linear programs.
        orientation: of the same.
        distribution: of the inefficiency in the frontier by likelihood.
        level: level of all intervals.
        program: key of a program of Exhibit 1; empty for none.
        program_options: what the exhibit does not state of it.
    """

    cost_is: CostIs
    models: tuple[ModelName, ...] | None = None
    quality_weights: tuple[float, float] = (QUALITY_70, QUALITY_30)
    quality_shares: tuple[float, float] = THIRDS
    cost_shares: tuple[float, float] = QUARTERS
    quality_hurdle_share: float = LOWEST_QUARTER
    cost_hurdle_share: float = LOWEST_QUARTER
    own_quality_hurdle: float | None = None
    own_cost_hurdle: float | None = None
    failing: Failing = "last"
    class_shares: tuple[float, float] = THIRDS
    value: float | None = None
    reference_quality: float | None = None
    reference_cost: float | None = None
    error_correlation: float = 0.0
    star_floor: float = 0.0
    star_ceiling: float = 100.0
    returns: Returns = "variable"
    orientation: Orientation = "input"
    distribution: Distribution = "half-normal"
    level: float = 0.95
    program: str = ""
    program_options: Mapping[str, float] = field(default_factory=dict)


class Given(NamedTuple):
    """The columns that the models are given.

    Attributes:
        quality: a score for each provider; higher is better.
        cost: spending or cost performance.
        quality_error: standard errors of quality, or None.
        cost_error: standard errors of cost, or None.
        inputs: further inputs of the envelopment, shape (N, k), or None.
        outputs: further outputs of it, shape (N, m), or None.
        regression: efficiency by the regression model, NaN where a provider has no patients; or None.
        regression_interval: of it.
        volume: episodes of each provider, for programs that ask for them; or None.
        area: area of each provider, for programs that compare within it; or None.
    """

    quality: Array
    cost: Array
    quality_error: Array | None = None
    cost_error: Array | None = None
    inputs: Array | None = None
    outputs: Array | None = None
    regression: Array | None = None
    regression_interval: Interval | None = None
    volume: Array | None = None
    area: Sequence[str] | None = None


@dataclass(frozen=True, eq=False)
class Analysis:
    """What the models make of one table.

    Attributes:
        given: what they were given.
        options: what they assumed.
        performance: cost performance; spending against its mean.
        standardized: z scores of both, with standard errors.
        side_by_side: both with ranks and intervals.
        unconditional: the two versions; empty if not chosen.
        conditional: over all, and within quality; empty if not chosen.
        quality_hurdle: or None.
        cost_hurdle: or None.
        net_benefit: or None.
        envelopment: one input, one output, constant returns; or None.
        free_disposal: or None.
        moments: the frontier by corrected moments; or None.
        likelihood: the frontier by likelihood; or None.
        programs_envelopment: envelopment by linear programs, with all inputs and outputs; or None.
        star_quality: quality from 0 to 100; or None.
        star_efficiency: tenths of cost performance, 1 to 10; or None.
        stars: or None.
        program: what the chosen program's rule gives, or None.
        efficiencies: by column, in the order of the sheets; higher is better; NaN where there is none; rounded to
            `EFFICIENCY_DECIMALS`.
        left_out: models that were chosen, or that the data do not allow, with the reason.
        correlations: of the efficiencies, or None with fewer than two.
        agreement: of their classes, or None.
    """

    given: Given
    options: Options
    performance: Array
    standardized: Standardized
    side_by_side: SideBySide
    unconditional: tuple[Unconditional, ...] = ()
    conditional: tuple[Conditional, ...] = ()
    quality_hurdle: Hurdle | None = None
    cost_hurdle: Hurdle | None = None
    net_benefit: NetBenefit | None = None
    envelopment: Envelopment | None = None
    free_disposal: Envelopment | None = None
    moments: Frontier | None = None
    likelihood: Frontier | None = None
    programs_envelopment: Envelopment | None = None
    star_quality: Array | None = None
    star_efficiency: NDArray[np.intp] | None = None
    stars: Stars | None = None
    program: Any = None
    efficiencies: Mapping[str, Array] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    correlations: Correlations | None = None
    agreement: Agreement | None = None


def analyse(
    given: Given,
    options: Options,
    *,
    linear_programs: bool = True,
    progress: Callable[[float], None] = lambda _: None,
) -> Analysis:
    """Return what every chosen model makes of quality and cost.

    Args:
        given: the columns.
        options: what to assume.
        linear_programs: also what no formula can do: envelopment by linear programs and the frontier by
            likelihood.
        progress: told the share of the work that is done, from 0 to 1.

    Raises:
        ArgumentError: an option that is none, or a chosen model that lacks what it needs.
        DataError: missing values, text, constants, spending not above 0, fewer than 3 providers.

    Source: seed 003; each model says its own. When not to use it: to search for the model that shows a provider
    as one would like it. Decide on a model by its purpose before the numbers are known.
    """
    check_cost_is(options.cost_is)
    quality, cost = read_columns(
        Column("quality", given.quality, varies=True),
        Column("cost", given.cost, positive=options.cost_is == "spending", varies=True),
    )
    given = given._replace(quality=quality, cost=cost)
    both: dict[str, Any] = {"quality": quality, "cost": cost, "cost_is": options.cost_is}
    errors: dict[str, Any] = {"quality_error": given.quality_error, "cost_error": given.cost_error}
    found = Analysis(
        given,
        options,
        cost_performance(cost, cost_is=options.cost_is),
        standardize_both(**both, **errors),
        side_by_side(**both, **errors, level=options.level),
    )
    found = replace(found, left_out=_left_out(found))
    found = _closed_forms(found, both, errors)
    progress(0.2)
    if linear_programs:
        found = _by_search(found, progress)
    if options.program:
        data = {"volume": given.volume, "area": given.area, "cost_error": given.cost_error}
        known = {name: values for name, values in data.items() if values is not None}
        outcome = _run_program(options, both, known)
        found = replace(found, program=outcome)
    found = replace(found, efficiencies=_efficiencies(found))
    return _compared(found)


def wanted(found: Analysis, model: ModelName) -> bool:
    """Return whether a model is chosen and possible."""
    chosen = found.options.models
    return (chosen is None or model in chosen) and model not in found.left_out


def _left_out(found: Analysis) -> dict[str, str]:
    """Return the models that these data or options do not allow, each with the reason."""
    options, given = found.options, found.given
    reasons: dict[str, str] = {}
    if options.cost_is != "spending":
        reasons["cost-effectiveness"] = _NO_MONEY
    elif options.value is None:
        reasons["cost-effectiveness"] = _NO_VALUE
    for model in ("envelopment", "free-disposal"):
        if not ((given.quality >= 0).all() and given.quality.any()):
            reasons[model] = _NO_QUALITY_OF_ZERO
        elif not (found.performance > 0).all():
            reasons[model] = _NO_COST_OF_ZERO
    floor, ceiling = options.star_floor, options.star_ceiling
    if not ((given.quality >= floor) & (given.quality <= ceiling)).all():
        reasons["stars"] = f"needs quality from {floor:g} to {ceiling:g} (--star-floor, --star-ceiling)"
    if given.regression is None:
        reasons["regression"] = _NO_PATIENTS
    refused = [f"{model} {reasons[model]}" for model in options.models or () if model in reasons]
    if refused:
        raise ArgumentError("; ".join(refused))
    return reasons


def _closed_forms(found: Analysis, both: dict[str, Any], errors: dict[str, Any]) -> Analysis:
    """Return the analysis with every model that formulas can follow."""
    options = found.options
    changes: dict[str, Any] = {}
    if wanted(found, "unconditional"):
        common: dict[str, Any] = {"error_correlation": options.error_correlation, "level": options.level}
        changes["unconditional"] = tuple(
            unconditional(**both, **errors, **common, quality_weight=weight) for weight in options.quality_weights
        )
    if wanted(found, "conditional"):
        shares: dict[str, Any] = {"quality_shares": options.quality_shares, "cost_shares": options.cost_shares}
        changes["conditional"] = tuple(
            conditional(**both, **shares, version=version) for version in ("overall", "within")
        )
    if wanted(found, "quality-hurdle"):
        changes["quality_hurdle"] = quality_hurdle(
            **both,
            hurdle_share=options.quality_hurdle_share,
            hurdle=options.own_quality_hurdle,
            failing=options.failing,
            cost_error=errors["cost_error"],
            level=options.level,
        )
    if wanted(found, "cost-hurdle"):
        changes["cost_hurdle"] = cost_hurdle(
            **both,
            hurdle_share=options.cost_hurdle_share,
            hurdle=options.own_cost_hurdle,
            failing=options.failing,
            quality_error=errors["quality_error"],
            level=options.level,
        )
    if wanted(found, "cost-effectiveness"):
        given_both = all(one is not None for one in errors.values())
        changes["net_benefit"] = cost_effectiveness(
            **both,
            **(errors if given_both else {}),
            value=options.value or 0.0,
            reference_quality=options.reference_quality,
            reference_cost=options.reference_cost,
            error_correlation=options.error_correlation,
            level=options.level,
        )
    if wanted(found, "envelopment"):
        changes["envelopment"] = envelopment(1 / found.performance, both["quality"])
    if wanted(found, "free-disposal"):
        changes["free_disposal"] = free_disposal_hull(1 / found.performance, both["quality"])
    if wanted(found, "frontier"):
        z = found.standardized
        changes["moments"] = frontier(z.quality, z.cost, estimator="corrected-moments", level=options.level)
    if wanted(found, "stars"):
        scaled = 100 * (both["quality"] - options.star_floor) / (options.star_ceiling - options.star_floor)
        changes["star_quality"] = np.clip(scaled, 0.0, 100.0)
        changes["star_efficiency"] = tenths(found.performance)
        changes["stars"] = stars(changes["star_quality"], changes["star_efficiency"])
    return replace(found, **changes)


def _by_search(found: Analysis, progress: Callable[[float], None]) -> Analysis:
    """Return the analysis with the models that take a search: no formula can follow them."""
    options, given = found.options, found.given
    changes: dict[str, Any] = {}
    if wanted(found, "frontier"):
        z = found.standardized
        changes["likelihood"] = frontier(z.quality, z.cost, distribution=options.distribution, level=options.level)
    progress(0.4)
    if wanted(found, "envelopment"):
        inputs = [1 / found.performance, *(given.inputs.T if given.inputs is not None else ())]
        outputs = [given.quality, *(given.outputs.T if given.outputs is not None else ())]
        changes["programs_envelopment"] = envelopment(
            np.column_stack(inputs),
            np.column_stack(outputs),
            returns=options.returns,
            orientation=options.orientation,
            workers=0 if len(given.quality) >= _MANY else 1,
            progress=lambda done, all_: progress(0.4 + 0.6 * done / all_),
        )
    return replace(found, **changes)


# From so many providers on, linear programs are worth starting further processes for.
_MANY = 500


def _run_program(options: Options, both: dict[str, Any], known: Mapping[str, Any]) -> Any:
    own = dict(options.program_options)
    needed = {name: known[name] for name in _program_data(options.program) if name in known}
    return run_program(options.program, both["quality"], both["cost"], cost_is=both["cost_is"], data=needed, **own)


def _program_data(key: str) -> tuple[str, ...]:
    from xl_qbs.efficiency.programs import program  # noqa: PLC0415  (read only where one is asked for)

    return {"designation": ("volume",), "not-significantly-above": ("cost_error", "area")}.get(program(key).rule, ())


def _efficiencies(found: Analysis) -> dict[str, Array]:
    columns: dict[str, Array | None] = {}
    for key, one in zip(("unconditional_a", "unconditional_b"), found.unconditional, strict=False):
        columns[key] = one.efficiency
    for key, grid in zip(("conditional_overall", "conditional_within"), found.conditional, strict=False):
        columns[key] = grid.efficiency.astype(np.float64)
    columns |= {
        "quality_hurdle": _of(found.quality_hurdle),
        "cost_hurdle": _of(found.cost_hurdle),
        "cost_effectiveness": _of(found.net_benefit),
        "envelopment": _of(found.envelopment),
        "free_disposal": _of(found.free_disposal),
        "frontier_moments": _of(found.moments, "efficiency_of_mean"),
        "frontier_likelihood": _of(found.likelihood, "efficiency_of_mean"),
        "envelopment_programs": _of(found.programs_envelopment),
        "regression": found.given.regression if wanted(found, "regression") else None,
    }
    return {key: np.round(values, EFFICIENCY_DECIMALS) for key, values in columns.items() if values is not None}


def _of(result: Any, attribute: str = "efficiency") -> Array | None:
    return None if result is None else getattr(result, attribute)


def _compared(found: Analysis) -> Analysis:
    """Return the analysis with correlations and agreement, over models that say something of every provider."""
    whole = {key: values for key, values in found.efficiencies.items() if not np.isnan(values).any()}
    if len(whole) < 2:
        return found
    return replace(
        found,
        correlations=efficiency_correlations(whole, level=found.options.level),
        agreement=agreement(classes_of(whole, found.options.class_shares)),
    )
