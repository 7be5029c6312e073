"""What a diagnosis book is made from: a scoring run, what its fairness looks like, and the year before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

import numpy as np
from numpy.typing import NDArray

from xl_qbs.diagnosis.fairness import CURRENT, PROPORTIONAL, Fairness
from xl_qbs.diagnosis.groups import Groups, groups_by_quantile
from xl_qbs.diagnosis.indicators import IndicatorDiagnosis
from xl_qbs.diagnosis.need import ExpectedLoad, NeedProfile, expected_load, patient_indicators
from xl_qbs.scoring.coverage import adjusted_coverage
from xl_qbs.scoring.improvement import ScoreName
from xl_qbs.scoring.prediction import Prediction
from xl_qbs.scoring.priors import Prior, PriorRule
from xl_qbs.scoring.ranks import band
from xl_qbs.scoring.score import Result, three_scores
from xl_qbs.scoring.table import Array
from xl_qbs.scoring.two_years import TwoYears
from xl_qbs.sheets.model import Label, SourceBlock
from xl_qbs.sheets.run import Run

FAMILY = "diagnosis_"
PREFIX = "DIA "
# Keys of the blocks of the year before begin so, and the names of its sheets end so.
BEFORE = "last_"
LAST_YEAR = Label(" (last year)", " (eelmine aasta)")

# Names of the sheets; the prefix stands before them.
ABOUT = Label("About", "Teave")
FINDINGS = Label("Findings", "Leiud")
INDICATORS = Label("Indicators", "Indikaatorid")
NEXT_STEPS = Label("Next steps", "Järgmised sammud")
ADDED = Label("Added indicator", "Lisatav indikaator")
LISTS = Label("Lists", "Nimistud")
CLIFFS = Label("Cliffs", "Järsakud")
TWO_YEARS = Label("Two years", "Kaks aastat")
PREDICTION = Label("Prediction", "Ennustus")
PRIORS = Label("Priors", "Eeljaotused")
PARAMETERS = Label("Parameters", "Parameetrid")
LAST_DATA = Label("Data (last year)", "Andmed (eelmine aasta)")

RULES: Mapping[str, Label] = {
    "report": Label("report", "report"),
    "moments": Label("moments", "moments"),
    "likelihood": Label("likelihood", "likelihood"),
    "fixed": Label("fixed", "fixed"),
}


def score_label(name: str) -> Label:
    """Return what a score is called; names are those of `xl_qbs.diagnosis.fairness.Fairness`."""
    if name == CURRENT:
        return Label("Current", "Kehtiv")
    if name == PROPORTIONAL:
        return Label("Proportional", "Osaline")
    rule = name.rpartition(", ")[2]
    return Label(f"Need-adjusted, {rule}", f"Vajaduspõhine, {rule}")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Numbers that somebody decided, each a live cell.

    Attributes:
        reached_by: share of lists that reach the required coverage, from which an indicator may be topped out.
        variation_up_to: truncated coefficient of variation up to which it is.
        fewest: a list with fewer patients has few.
        few_lists: share of lists with few, from which an indicator has a low burden.
        cliff: points that are a cliff if one patient decides on them.
        under: current points below which a list is among the lowest.
        floor: share of the first year's points that a list is held at.
        best: share of lists whose mean is the benchmark.
    """

    reached_by: float = 0.9
    variation_up_to: float = 0.1
    fewest: float = 20.0
    few_lists: float = 0.25
    cliff: float = 20.0
    under: float = 10.0
    floor: float = 1.0
    best: float = 0.1


# The groups of people that an added indicator may be about: target populations by code, or the whole list.
WHOLE_LIST = "list"


@dataclass(frozen=True, kw_only=True)
class Added:
    """An indicator that may be added, such as enhanced care management or testing.

    Attributes:
        name: what it is called.
        shares: the share of the people of each group who would be eligible: by code of an indicator whose target
            population they are of, or by ``list`` for everybody on the list. A decision or an estimate of the user's.
        coverage: the coverage that would be asked for.
    """

    name: str
    shares: Mapping[str, float]
    coverage: float = 0.9


@dataclass(frozen=True, eq=False)
class Before:
    """The year before, and what the two years are together.

    Attributes:
        run: the scoring run of the year before; its sources are None where its counts stand in another file.
        years: attainment, improvement, floor and changes.
        prediction: which prior told the second year best.
        priors: priors of the first year by rule.
    """

    run: Run
    years: TwoYears
    prediction: Prediction
    priors: Mapping[str, Prior]


@dataclass(frozen=True, eq=False)
class Plan:
    """A diagnosis book to be described, for N lists and k indicators.

    Attributes:
        run: the scoring run, with the fund's own cells.
        fairness: correlations and scores by size of list.
        indicators: topped-out and low-burden indicators.
        priors: priors by rule.
        limits: the numbers that somebody decided.
        groups: how many groups of lists.
        resamples: how often lists were drawn for the verdicts.
        seed: of the draws.
        list_size: people on each list, or None, shape (N,).
        age: mean age of each list's patients, or None, shape (N,).
        size_source: the cells of list size.
        age_source: the cells of mean age.
        profile: need profile by age and burden, or None.
        before: the year before, or None.
        added: an indicator that may be added, or None.
        steps: how many next steps of each list are shown.
        steps_by: the score whose points they are ranked by.
    """

    run: Run
    fairness: Fairness
    indicators: IndicatorDiagnosis
    priors: Mapping[str, Prior]
    limits: Limits = field(default_factory=Limits)
    groups: int = 5
    resamples: int = 1000
    seed: int = 1
    list_size: Array | None = None
    age: Array | None = None
    size_source: SourceBlock | None = None
    age_source: SourceBlock | None = None
    profile: NeedProfile | None = None
    before: Before | None = None
    added: Added | None = None
    steps: int = 5
    steps_by: ScoreName = "need-adjusted"

    @property
    def result(self) -> Result:
        """The scores."""
        return self.run.result

    @property
    def lists(self) -> int:
        """How many lists there are."""
        return len(self.result.table.providers)

    @property
    def scores(self) -> tuple[str, ...]:
        """The names of the scores whose fairness is told."""
        return self.fairness.scores

    @property
    def rules(self) -> tuple[PriorRule, ...]:
        """The rules of the prior, one for each need-adjusted score."""
        return tuple(cast(PriorRule, name.rpartition(", ")[2]) for name in self.scores[2:])

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the blocks of the scores: ``by_current`` and so on."""
        return ("by_current", "by_proportional", *(f"by_{rule}" for rule in self.rules))

    @cached_property
    def totals(self) -> tuple[Array, ...]:
        """The scores of all lists, in the order of their names."""
        result = self.result
        table = result.table
        found = [result.current.total, result.proportional.total]
        for rule in self.rules:
            prior = self.priors[rule]
            adjusted = adjusted_coverage(table.done, table.target, prior.mean, prior.strength)
            scores = three_scores(table, result.scheme, result.method, adjusted, result.weights)
            found.append(scores.need_adjusted.total)
        return tuple(found)

    @cached_property
    def counts_patients(self) -> NDArray[np.bool_]:
        """Which indicators count patients, shape (k,); all of them where none does."""
        codes = patient_indicators(self.result.scheme) or self.result.scheme.codes
        return np.array([code in codes for code in self.result.scheme.codes])

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Which indicators count for the size of a list, shape (k,)."""
        if self.fairness.counting == "patients":
            return self.counts_patients
        return np.ones(len(self.result.scheme.codes), dtype=np.bool_)

    @cached_property
    def patients(self) -> Array:
        """Eligible patients in the indicators that count patients, shape (N,)."""
        patients: Array = (self.result.table.target * self.counts_patients).sum(axis=1)
        return patients

    @cached_property
    def need(self) -> Array:
        """What lists are grouped by as need: eligible patients, for each person on the list where known."""
        if self.list_size is None:
            return self.patients
        size = np.where(self.list_size > 0, self.list_size, np.nan)
        need: Array = self.patients / size
        return need

    @cached_property
    def need_groups(self) -> Groups:
        """Lists by need."""
        return groups_by_quantile(self.need, self.groups)

    @cached_property
    def band(self) -> NDArray[np.intp]:
        """The band of each list from 0 under the current, proportional and need-adjusted score, shape (N, 3)."""
        result = self.result
        lowers = [one.lower for one in result.scheme.bands]
        total, weighed = result.scheme.total, float(result.weights.sum())
        scores = (result.current.total, result.proportional.total, result.need_adjusted.total)
        bands = [band(one, most, lowers) for one, most in zip(scores, (total, total, weighed), strict=True)]
        return np.stack(bands, axis=1)

    @property
    def whole_list(self) -> bool:
        """Whether everybody on the list is a group that an added indicator may be about."""
        return self.list_size is not None

    @cached_property
    def people(self) -> Array:
        """People in the groups that an added indicator may be about, shape (N, g); NaN where list size is unknown."""
        target = self.result.table.target
        return target if self.list_size is None else np.column_stack([target, self.list_size])

    @cached_property
    def shares(self) -> Array:
        """The share of each group who would be eligible, shape (g,); 0 where nothing is said."""
        assert self.added is not None  # noqa: S101  (asked for)
        groups = [*self.result.scheme.codes, *([WHOLE_LIST] if self.whole_list else [])]
        return np.array([self.added.shares.get(group, 0.0) for group in groups])

    @cached_property
    def load(self) -> ExpectedLoad:
        """What the added indicator would ask of each list; NaN where the size of a list is needed and unknown."""
        assert self.added is not None  # noqa: S101  (asked for)
        used = self.shares > 0
        people = self.people[:, used]
        known = ~np.isnan(people).any(axis=1)
        level = self.result.method.level
        found = expected_load(people[known], self.shares[used], coverage=self.added.coverage, level=level)
        spread = []
        for values in found:
            own = np.full(self.lists, np.nan)
            own[known] = values
            spread.append(own)
        return ExpectedLoad(*spread)
