"""Calls of every function on a table of counts, and what the package's own Python gives for the same numbers.

The tables are the report's, or those of the real lists. What a call should give is worked out from the
functions of `xl_qbs.scoring` here, not by `evaluate`, so that a test does not compare it with itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from tests.addin.calc.cases import Call, example_call
from tests.addin.plain import as_block, as_cells, as_column, as_row, named_call, named_values, one_cell
from tests.printed_tables import TABLES_1_AND_2, TABLES_3_AND_4
from xl_qbs._version import METHOD_VERSION, __version__
from xl_qbs.addin.catalogue import FUNCTIONS, find
from xl_qbs.addin.definition import Cells, Function, Given
from xl_qbs.addin.functions.efficiency_shared import EFFICIENCY
from xl_qbs.addin.functions.fairness_shared import FAIRNESS
from xl_qbs.efficiency import composites, standardize
from xl_qbs.scheme import Scheme, preset
from xl_qbs.scoring import coverage, credit, improvement, priors, ranks, weights
from xl_qbs.scoring.score import score
from xl_qbs.scoring.table import Table

YEARS = (2018, 2019)
_SHARE, _LEVEL, _LIMITS = 0.7, 0.9, (0.4, 0.9)
_BANDS = (0.0, 0.5, 0.8)
_NAMES = ("low", "middle", "high")
# Those of quality and cost that counts and scores are enough for.
_OF_COUNTS = {"QBS_COMPOSITE", "QBS_STANDARDIZE"}
_HEADINGS = {
    "en": ("List", "Current score", "Proportional score", "Need-adjusted score", "Rank", "Relative rank", "Band"),
    "et": ("Nimistu", "Kehtiv skoor", "Osaline skoor", "Vajaduspõhine skoor", "Koht", "Suhteline koht", "Vahemik"),
}
_NEXT_HEADINGS = {
    "en": ("Indicator", "Patients left", "Points for one more", "Points in reach", "Missing to required coverage"),
    "et": (
        "Indikaator",
        "Patsiente alles",
        "Punkte ühe lisapatsiendi eest",
        "Punkte võita",
        "Nõutavast hõlmatusest puudu",
    ),
}


class Counts:
    """Counts with their scheme, and the calls that can be made on them."""

    def __init__(self, table: Table, scheme: Scheme) -> None:
        self.table, self.scheme = table, scheme
        self.result = score(table, scheme)

    @property
    def functions(self) -> list[Function]:
        """The functions that can be called on counts: all but those of fairness and most of quality and cost."""
        return [one for one in FUNCTIONS if one.category not in {EFFICIENCY, FAIRNESS} or one.name in _OF_COUNTS]

    def calls(self, function: Function) -> Iterator[Call]:
        """Yield a call of a function with what has to be given, and one for each choice that it offers."""
        needed = self._needed(function)
        yield named_call(function, needed)
        for choice in self._choices(function):
            yield named_call(function, needed | choice)

    def plain(self, call: Call) -> Cells:
        """Return what the package's own Python gives for a call, as cells."""
        named = named_values(call)
        if call.function.name == "QBS_SCORE":
            return self._scores(**named)
        if call.function.name == "QBS_NEXT_STEPS":
            return self._next_steps(**named)
        if call.function.name == "QBS_PC_WEIGHTS":
            return self._weights(**named)
        return as_cells(_PLAIN[call.function.name](**named))

    def _needed(self, function: Function) -> dict[str, Given]:
        table, scheme = self.table, self.scheme
        points = as_row(scheme.points)
        known: dict[str, Cells] = {
            "done": as_block(table.done),
            "target": as_block(table.target),
            "coverage": as_cells(self.result.coverage),
            "scores": as_column(self.result.need_adjusted.total),
            "values": as_column(self.result.need_adjusted.total),
            "points": points if function.name != "QBS_CONDITION" else as_block(self.result.current.points),
            "most_points": points,
            "required_share": one_cell(_SHARE),
            "required_coverage": as_row(scheme.required_coverage),
            "weight": as_row(self.result.weights),
            "strength": as_row(self.result.prior.strength),
            "table": _wide(table),
            "provider": one_cell(table.providers[-1]),
            "total": one_cell(scheme.total),
        }
        given: dict[str, Given] = {}
        for index, argument in enumerate(function.arguments):
            if not argument.optional:
                example = example_call(function, function.examples[0]).given
                given[argument.name] = known[argument.name] if argument.name in known else example[index]
        if function.name in {"QBS_SCORE", "QBS_NEXT_STEPS"} and scheme != preset():
            given["scheme"] = _scheme(scheme)
        return given

    def _choices(self, function: Function) -> list[dict[str, Given]]:
        """Return what can be given beside what has to be."""
        codes = self.scheme.codes
        # Another prior than that of these lists, such as that of the year before.
        mean, strength = 0.9 * self.result.prior.mean, self.result.prior.strength + 10
        given: dict[str, Given] = {"rule": one_cell("fixed"), "mean": as_row(mean), "strength": as_row(strength)}
        rules: list[dict[str, Given]] = [
            {"rule": one_cell("moments")},
            {"rule": one_cell("likelihood")},
            {"rule": one_cell("report"), "fraction": one_cell(1.0)},
        ]
        given_prior = zip(codes, mean.tolist(), strength.tolist(), strict=True)
        own = [] if self.scheme.indicators[0].weight is None else [{"weights": one_cell("own")}]
        counts = {"done": as_block(self.table.done), "target": as_block(self.table.target)}
        choices: dict[str, list[dict[str, Given]]] = {
            "QBS_PRIOR": rules,
            "QBS_ADJUSTED_COVERAGE": [*rules, given],
            "QBS_COVERAGE_INTERVAL": [{"level": one_cell(_LEVEL)}, rules[0], {"level": one_cell(0.5), **given}],
            "QBS_PC_LOADINGS": [{"decimals": one_cell(2)}],
            "QBS_PC_WEIGHTS": [
                {"rounding": one_cell("none")},
                {"rounding": one_cell("integer"), "decimals": one_cell(2)},
            ],
            "QBS_PROPORTIONAL_CREDIT": [{"lower": one_cell(_LIMITS[0]), "upper": one_cell(_LIMITS[1])}],
            "QBS_BAND": [{"lowers": as_column(_BANDS)}, {"lowers": as_column(_BANDS), "names": as_column(_NAMES)}],
            "QBS_CONDITION": [{**counts, "required_coverage": as_row(self.scheme.required_coverage)}],
            "QBS_COMPOSITE": [{"rule": one_cell("weighted"), "outcome": as_row([at % 2 for at in range(len(codes))])}],
            "QBS_NEXT_STEPS": [
                {"score": one_cell("proportional"), "language": one_cell("et")},
                {"score": one_cell("current"), "provider": one_cell(self.table.providers[1])},
                {"prior": one_cell("moments"), "weights": one_cell("current"), "rounding": one_cell("none")},
            ],
            "QBS_SCORE": [
                {"prior": one_cell("moments")},
                {"prior": (("code", "mean", "strength"), *given_prior)},
                {"weights": one_cell("current")},
                {"weights": (("code", "weight"), *((code, 10 + at) for at, code in enumerate(codes)))},
                {"rounding": one_cell("none")},
                {"language": one_cell("et")},
                *own,
            ],
        }
        return choices.get(function.name, [])

    def _next_steps(self, provider: Cells, language: str = "en", **given: Any) -> Cells:
        options = {name: given[name][0][0] for name in ("prior", "weights") if name in given}
        scored = score(self.table, self.scheme, rounding=given.get("rounding", "largest-remainder"), **options)
        steps = improvement.next_steps(scored, str(provider[0][0]), given.get("score", "need-adjusted"))
        return (_NEXT_HEADINGS[language], *((one.indicator, *map(float, one[1:])) for one in steps))

    def _weights(self, rounding: str = "largest-remainder", decimals: float | None = None, **_: Any) -> Cells:
        places = None if decimals is None else int(decimals)
        return as_row(score(self.table, self.scheme, rounding=rounding, coverage_decimals=places).weights)

    def _scores(
        self,
        prior: Cells = (("report",),),
        weights: Cells = (("principal-component",),),
        rounding: str = "largest-remainder",
        language: str = "en",
        **_: Any,
    ) -> Cells:
        options: dict[str, Any] = {"rounding": rounding}
        if len(prior) > 1:
            options |= {"prior": "fixed", "prior_values": {code: (mean, size) for code, mean, size in prior[1:]}}
        else:
            options["prior"] = prior[0][0]
        if len(weights) > 1:
            options |= {"weights": "own", "own_weights": dict(weights[1:])}
        else:
            options["weights"] = weights[0][0]
        frame = score(self.table, self.scheme, **options).scores()
        if language == "et":
            frame["band"] = frame["band"].map({one.name: one.name_et for one in self.scheme.bands})
        rows = frame.astype({"rank": float}).to_numpy(dtype=object).tolist()
        return (_HEADINGS[language], *map(tuple, rows))


def _rule(done: Any, target: Any, rule: str = "report", fraction: float = 0.5) -> priors.Prior:
    if rule == "report":
        return priors.report_prior(done, target, fraction)
    return {"moments": priors.moments_prior, "likelihood": priors.likelihood_prior}[rule](done, target)


def _prior(done: Any, target: Any, mean: Any = None, strength: Any = None, **rule: Any) -> tuple[Any, Any]:
    return (mean, strength) if mean is not None else _rule(done, target, **rule)


def _adjusted(done: Any, target: Any, **prior: Any) -> Any:
    return coverage.adjusted_coverage(done, target, *_prior(done, target, **prior))


def _interval(done: Any, target: Any, level: float = 0.95, **prior: Any) -> Any:
    return np.hstack(coverage.coverage_interval(done, target, *_prior(done, target, **prior), level))


def _loadings(coverage: Any, decimals: float | None = None) -> Any:
    return weights.first_component(coverage, None if decimals is None else int(decimals)).loadings.reshape(1, -1)


def _band(scores: Any, total: float, lowers: Any = (0.0, 0.8, 0.9), names: Cells | None = None) -> Any:
    number = ranks.band(scores, total, list(np.ravel(lowers)))
    return number + 1 if names is None else np.array([names[at][0] for at in number.ravel()]).reshape(-1, 1)


def _condition(
    points: Any,
    most_points: Any,
    required_share: float,
    done: Any = None,
    target: Any = None,
    required_coverage: Any = None,
) -> Any:
    """Return which lists meet a condition, by exact fractions of the numbers as they are written."""
    most = Fraction(most_points.sum())
    met = []
    for index, row in enumerate(points):
        enough = Fraction(row.sum()) >= _exact(required_share) * most
        if done is not None:
            of_each = zip(done[index], target[index], required_coverage.ravel(), strict=True)
            enough &= all(min(x, n) >= _exact(least) * Fraction(n) for x, n, least in of_each)
        met.append([bool(enough)])
    return np.array(met)


def _composite(done: Any, target: Any, rule: str = "opportunity", outcome: Any = None) -> Any:
    if rule == "opportunity":
        return composites.opportunity(done, target).score.reshape(-1, 1)
    return composites.weighted(coverage.coverage(done, target), outcome.ravel() == 1).reshape(-1, 1)


def _exact(number: float) -> Fraction:
    return Fraction(repr(float(number)))


_PLAIN: dict[str, Callable[..., Any]] = {
    "QBS_COVERAGE": coverage.coverage,
    "QBS_RELIABILITY": coverage.reliability,
    "QBS_PRIOR": lambda **given: np.array(_rule(**given)),
    "QBS_ADJUSTED_COVERAGE": _adjusted,
    "QBS_COVERAGE_INTERVAL": _interval,
    "QBS_PC_LOADINGS": _loadings,
    "QBS_THRESHOLD_CREDIT": credit.threshold_credit,
    "QBS_PROPORTIONAL_CREDIT": credit.proportional_credit,
    "QBS_RANK": lambda scores: ranks.rank(scores[:, 0]).reshape(-1, 1),
    "QBS_RELATIVE_RANK": lambda scores: ranks.relative_rank(scores[:, 0]).reshape(-1, 1),
    "QBS_BAND": _band,
    "QBS_CONDITION": _condition,
    "QBS_COMPOSITE": _composite,
    "QBS_STANDARDIZE": lambda values: standardize.standardize(values[:, 0]).reshape(-1, 1),
    "QBS_POINTS_PER_PATIENT": improvement.points_per_patient,
    "QBS_POTENTIAL_POINTS": improvement.potential_points,
    "QBS_PATIENTS_TO_THRESHOLD": improvement.patients_to_threshold,
    "QBS_VERSION": lambda: np.array([[f"xl_qbs {__version__}, methods {METHOD_VERSION}"]]),
}


def report_tables() -> dict[str, Counts]:
    """Return the report's tables as counts.

    Tables 3 and 4 are four providers in one indicator, a year each; its points and required coverage are those
    of Table 1, its own weight that of Table 2. Tables 1 and 2 print no counts: all their indicators get those
    of Table 4, of 2018 and 2019 in turn.
    """
    scheme = _printed_scheme()
    counts = {}
    for year in YEARS:
        target, done = _printed_counts(year)
        table = Table(tuple("ABCD"), ("diab",), target, done, period=str(year))
        counts[f"Tables 3 and 4, {year}"] = Counts(table, scheme.only(["diab"]))
    turns = [_printed_counts(YEARS[at % 2]) for at in range(len(scheme.codes))]
    target, done = (np.hstack([one[which] for one in turns]) for which in (0, 1))
    counts["Tables 1 and 2"] = Counts(Table(tuple("ABCD"), scheme.codes, target, done), scheme)
    return counts


def printed_results(year: int) -> Iterator[tuple[Call, float, list[int]]]:
    """Yield calls on a year of Table 4, a factor, and what the report prints for the result times the factor."""
    rows = [row for row in TABLES_3_AND_4 if row.year == year]
    done, target = as_column([row.done for row in rows]), as_column([row.target for row in rows])
    required = one_cell(float(TABLES_1_AND_2[0].required_coverage))
    current, weight = float(rows[0].current_weight), float(rows[0].pc_weight)
    coverages = named_call(find("QBS_COVERAGE"), {"done": done, "target": target})
    adjusted = named_call(find("QBS_ADJUSTED_COVERAGE"), {"done": done, "target": target})
    reached = named_call(
        find("QBS_THRESHOLD_CREDIT"),
        {"done": done, "target": target, "required_coverage": required},
    )
    yield coverages, 100, [row.unadjusted_percent for row in rows]
    yield adjusted, 100, [row.adjusted_percent for row in rows]
    yield adjusted, weight, [row.pc_adjusted_score for row in rows]
    yield reached, current, [row.current_score for row in rows]


def _printed_scheme() -> Scheme:
    known = preset()
    assert known.codes == tuple(row.code for row in TABLES_1_AND_2)
    indicators = tuple(
        replace(
            one,
            points=float(row.points),
            required_coverage=float(row.required_coverage),
            weight=float(row.pc_weight),
        )
        for one, row in zip(known.indicators, TABLES_1_AND_2, strict=True)
    )
    return replace(known, indicators=indicators)


def _printed_counts(year: int) -> tuple[Any, Any]:
    rows = [row for row in TABLES_3_AND_4 if row.year == year]
    return np.array([[float(row.target)] for row in rows]), np.array([[float(row.done)] for row in rows])


def _wide(table: Table) -> Cells:
    headings: Sequence[str] = [f"{code} {word}" for code in table.indicators for word in ("Sihtrühm", "Tehtud")]
    pairs = np.stack([table.target, table.done], axis=2).reshape(len(table.providers), -1)
    return (
        ("Nimistu", *headings),
        *((one, *row) for one, row in zip(table.providers, pairs.tolist(), strict=True)),
    )


def _scheme(scheme: Scheme) -> Cells:
    return (
        ("Code", "Points", "Required coverage", "Own weight"),
        *((one.code, one.points, one.required_coverage, one.weight) for one in scheme.indicators),
    )
