"""Draws the synthetic lists: targets and work done in two years, every number from the model below.

No row of real data is read, copied or resampled. The constants are set so that the summaries come out
near the published ones of the Estonian QBS; README.md says how near.

A list has a size and an age, which together give its burden of disease; from the burden follow the target
populations. A doctor has an engagement in monitoring, common to all monitoring indicators, and a habit of
prescribing, common to the treatments; from these follow the coverages, on the logit scale, falling as the
target grows. Most doctors are engaged and the rest are far behind, which makes the two clusters of scores.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gamma, log, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, ndtr, ndtri
from scipy.stats import binom

Array = NDArray[np.float64]
Counts = NDArray[np.int64]

SEED = 2023
YEARS = (2023, 2024)
LISTS_FIRST_YEAR = 787
CLOSED = 7
NEW = 10

# Correlation of a list's, or a doctor's, standing in one year with that of the year before.
PERSISTENCE = {
    "size": 0.995,
    "engagement": 0.93,
    "prescribing": 0.95,
    "own": 0.8,
    "luck": 0.6,
    "e-prescribing": 0.98,
}
# Share of lists that opened lately and so have few patients yet.
OPENING_SHARE = 0.02


@dataclass(frozen=True)
class Margin:
    """The distribution of a target population, and what it follows.

    Attributes:
        mean, sd: of the first year.
        growth: the second year's mean over the first's.
        lognormal: lognormal where the tail is long, else Weibull.
        burden, low_risk, high_risk: loadings of its normal score on the list's burden of disease and on
            how the doctor classes hypertension; the rest is the list's own.
        kept: the share of the distribution that is kept; above it the tail is cut off, as lists have a
            largest size.
    """

    mean: float
    sd: float
    growth: float
    burden: float
    low_risk: float = 0.0
    high_risk: float = 0.0
    lognormal: bool = False
    kept: float = 1.0


MARGINS = {
    "diab": Margin(85, 47, 1.02, burden=0.96),
    "hyp1": Margin(128, 90, 1.04, burden=0.44, low_risk=0.83),
    "hyp2": Margin(218, 142, 1.00, burden=0.85, low_risk=-0.42, kept=0.9975),
    "hyp3": Margin(50, 51, 1.00, burden=0.50, low_risk=-0.08, high_risk=0.6),
    "inf": Margin(26, 16, 1.02, burden=0.88, kept=0.9985),
    "e032": Margin(64, 37, 1.03, burden=0.80, lognormal=True),
}


@dataclass(frozen=True)
class Coverage:
    """How the coverage of an indicator comes about; all on the logit scale.

    Attributes:
        level: coverage of a middling engaged doctor in the first year.
        drop: how much lower it is in the second.
        engagement, prescribing, infarction: loadings on what a doctor's indicators have in common.
        own: standard deviation of the indicator's own part.
        slope: change for each unit of the log of the target, below 0: coverage falls as the target grows.
    """

    level: float
    drop: float
    engagement: float = 0.0
    prescribing: float = 0.0
    infarction: float = 0.0
    own: float = 0.0
    slope: float = 0.0


COVERAGES = {
    "diab": Coverage(2.03, 0.55, engagement=1.0, own=0.25, slope=-0.12),
    "diabr": Coverage(0.92, 0.29, engagement=0.03, prescribing=0.32, own=0.22, slope=-0.05),
    "hyp1": Coverage(1.77, 0.05, engagement=0.92, own=0.30, slope=-0.05),
    "hyp2": Coverage(1.43, 0.45, engagement=1.0, own=0.26, slope=-0.22),
    "hyp3": Coverage(1.98, 0.60, engagement=1.0, own=0.22, slope=-0.10),
    "hypr1": Coverage(6.90, -0.10, slope=-0.05),
    "hypr2": Coverage(1.62, -0.02, engagement=0.05, prescribing=0.34, own=0.25, slope=-0.10),
    "inf": Coverage(2.55, 0.12, engagement=1.02, own=0.20, slope=-0.12),
    "infr1": Coverage(0.75, 0.10, engagement=0.05, prescribing=0.26, infarction=0.25, own=0.10, slope=-0.05),
    "infr2": Coverage(0.72, 0.04, engagement=0.08, prescribing=0.26, infarction=0.25, own=0.15, slope=-0.05),
    "e032": Coverage(2.70, 0.38, engagement=0.56, own=0.25, slope=-0.10),
}


@dataclass(frozen=True)
class Year:
    """One year's lists.

    Attributes:
        year: the year.
        ids: the lists' ids, ``N0001`` on.
        list_size: people on the list; mean_age: their mean age in years.
        is_new: whether the list opened this year; all False in the first.
        target, done: for each indicator's code, a count for each list.
    """

    year: int
    ids: tuple[str, ...]
    list_size: Counts
    mean_age: Array
    is_new: NDArray[np.bool_]
    target: dict[str, Counts]
    done: dict[str, Counts]


def draw(seed: int = SEED) -> tuple[Year, Year]:
    """Return the two years; the same seed gives the same lists."""
    rng = np.random.default_rng(seed)
    lists = LISTS_FIRST_YEAR + NEW
    is_new = np.arange(lists) >= LISTS_FIRST_YEAR
    present = [~is_new, np.ones(lists, dtype=bool)]
    present[1][rng.choice(LISTS_FIRST_YEAR, CLOSED, replace=False)] = False

    traits = _traits(rng, lists)
    opening = np.where(rng.random(lists) < OPENING_SHARE, rng.uniform(0.015, 0.10, lists), 1.0)
    first = _year(rng, 0, traits, opening, (present[0], np.zeros_like(is_new)))
    _move_on(rng, traits)
    opening = np.where(is_new, rng.uniform(0.01, 0.6, lists), np.minimum(opening * 4, 1))
    second = _year(rng, 1, traits, opening, (present[1], is_new))
    _let_one_exceed(first)
    return first, second


def _traits(rng: np.random.Generator, lists: int) -> dict[str, Array]:
    """Return the standard normal traits of each list and its doctor; indicators' own ones by code."""
    common = ("size", "age", "low_risk", "high_risk", "prescriptions")
    habits = ("engagement", "prescribing", "infarction", "e-prescribing")
    names = (
        *common,
        *habits,
        *(f"target {code}" for code in MARGINS),
        *(f"{what} {code}" for code in COVERAGES for what in ("own", "luck")),
    )
    traits = {name: rng.standard_normal(lists) for name in names}
    for name, share in (("prescribing", 0.15), ("e-prescribing", 0.35)):
        traits[name] = share * traits["engagement"] + sqrt(1 - share**2) * traits[name]
    return traits


def _move_on(rng: np.random.Generator, traits: dict[str, Array]) -> None:
    """Move every trait on by a year: mostly what it was, a little new."""
    for name, value in traits.items():
        kind = name.split()[0]
        kind = "size" if kind in ("age", "low_risk", "high_risk", "prescriptions", "target") else kind
        key = kind if kind in PERSISTENCE else "own"
        kept = PERSISTENCE[key]
        traits[name] = kept * value + sqrt(1 - kept**2) * rng.standard_normal(value.shape)


def _year(
    rng: np.random.Generator,
    number: int,
    traits: dict[str, Array],
    opening: Array,
    rows: tuple[NDArray[np.bool_], NDArray[np.bool_]],
) -> Year:
    """Return a year; rows says which lists there are, and which of them are new."""
    present, is_new = rows
    target = _targets(rng, number, traits, opening)
    done = _done(number, traits, target)
    # Weights as in the burden: disease follows age more than size.
    list_size = np.rint(np.clip(1620 + 230 * traits["size"], 1050, 2400) * opening).astype(int)
    mean_age = np.round(42 + 4.5 * traits["age"], 1)
    return Year(
        year=YEARS[number],
        ids=tuple(f"N{row + 1:04d}" for row in np.flatnonzero(present)),
        list_size=list_size[present],
        mean_age=mean_age[present],
        is_new=is_new[present],
        target={code: counts[present] for code, counts in target.items()},
        done={code: counts[present] for code, counts in done.items()},
    )


def _targets(rng: np.random.Generator, number: int, traits: dict[str, Array], opening: Array) -> dict[str, Counts]:
    """Return each indicator's target population; treatments follow from the patients monitored."""
    burden = 0.45 * traits["size"] + sqrt(1 - 0.45**2) * traits["age"]
    target: dict[str, Counts] = {}
    for code, margin in MARGINS.items():
        loadings = (margin.burden, margin.low_risk, margin.high_risk)
        own = sqrt(1 - sum(loading**2 for loading in loadings))
        common = (burden, traits["low_risk"], traits["high_risk"])
        score = sum(loading * trait for loading, trait in zip(loadings, common, strict=True))
        share = margin.kept * _share_below(score + own * traits[f"target {code}"])
        # Lists that opened lately pull the mean down by about their share.
        scale = margin.growth**number / (1 - OPENING_SHARE)
        mean, sd = margin.mean * scale, margin.sd * margin.growth**number
        quantile = _lognormal(share, mean, sd) if margin.lognormal else _weibull(share, mean, sd)
        target[code] = np.rint(quantile * opening).astype(int)
    medicated = (0.84, 0.77)[number]
    target["diabr"] = rng.binomial(target["diab"], medicated)
    target["hypr2"] = rng.binomial(target["hyp2"] + target["hyp3"], 0.995)
    hypertension = target["hyp1"] + target["hyp2"] + target["hyp3"]
    prescriptions = 7.75 * np.exp(0.10 * traits["prescriptions"])
    target["hypr1"] = rng.poisson(hypertension * prescriptions)
    target["infr1"] = target["infr2"] = rng.binomial(target["inf"], 0.992)
    return target


def _done(number: int, traits: dict[str, Array], target: dict[str, Counts]) -> dict[str, Counts]:
    engagement = _engagement(traits["engagement"], number)
    done = {}
    for code, model in COVERAGES.items():
        logit = (
            model.level
            - model.drop * number
            + model.engagement * engagement
            + model.prescribing * traits["prescribing"]
            + model.infarction * traits["infarction"]
            + model.own * traits[f"own {code}"]
            + model.slope * np.log((target[code] + 1) / (target[code].mean() + 1))
        )
        if code == "hypr1":
            logit += _bent(traits["e-prescribing"], at=-1.2, right=1.3, left=4.0)
        done[code] = binom.ppf(ndtr(traits[f"luck {code}"]), target[code], expit(logit)).astype(int)
    return done


def _engagement(trait: Array, number: int) -> Array:
    """Return the engagement: small differences among most, and a long fall among the rest.

    In the second year the fall begins earlier, so that more doctors are far behind.
    """
    return _bent(trait, at=(-0.52, -0.30)[number], right=0.5, left=3.9)


def _bent(trait: Array, at: float, right: float, left: float) -> Array:
    """Return a line of slope ``right`` that bends smoothly to slope ``left`` below ``at``."""
    sharpness = 6.0
    return right * trait - (left - right) * np.logaddexp(0, sharpness * (at - trait)) / sharpness


def _share_below(score: Array) -> Array:
    """Return the share of lists below each: ranks, so that margins do not hang on the luck of the draw."""
    ranks = np.empty(len(score))
    ranks[np.argsort(score)] = np.arange(len(score)) + 0.5
    return ranks / len(score)


def _weibull(share: Array, mean: float, sd: float) -> Array:
    shape = brentq(lambda k: gamma(1 + 2 / k) / gamma(1 + 1 / k) ** 2 - 1 - (sd / mean) ** 2, 0.5, 9)
    scale = mean / gamma(1 + 1 / shape)
    quantile: Array = scale * (-np.log1p(-share)) ** (1 / shape)
    return quantile


def _lognormal(share: Array, mean: float, sd: float) -> Array:
    variance = log(1 + (sd / mean) ** 2)
    quantile: Array = mean * np.exp(sqrt(variance) * ndtri(share) - variance / 2)
    return quantile


def _let_one_exceed(year: Year) -> None:
    """Let one list report one patient more than its target, as happens in real data.

    It is the first list of 15 or more infarction patients that served them all.
    """
    target, done = year.target["inf"], year.done["inf"]
    row = int(np.flatnonzero((target >= 15) & (done == target))[0])
    done[row] += 1
