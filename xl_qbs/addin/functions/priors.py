"""Priors, adjusted coverage and its interval."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from xl_qbs.addin.calls import RefusedError, Together
from xl_qbs.addin.definition import Argument, CellError, Example, Function
from xl_qbs.addin.functions.shared import (
    CELL_VALUE,
    COUNTS_NUM,
    COVERAGE,
    DONE,
    FRACTION,
    MEAN,
    NO_SCIPY,
    PRIORS,
    REPORT,
    RULE,
    STRENGTH,
    TARGET,
)
from xl_qbs.scoring.coverage import adjusted_coverage, coverage_interval
from xl_qbs.scoring.priors import Prior, likelihood_prior, moments_prior, report_prior
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.model import Label


def prior_of(done: Array, target: Array, rule: str = "report", fraction: float = 0.5) -> Array:
    """Return mean and strength of each indicator's prior, shape (2, k); a single row is one indicator's lists."""
    rule = rule.casefold()
    if rule == "fixed":
        raise RefusedError(CellError.VALUE, "a fixed prior is given, not estimated")
    estimated = _estimated(_down(done), _down(target), rule, fraction)
    return np.array([estimated.mean, estimated.strength])


def adjusted(
    done: Array,
    target: Array,
    rule: str = "report",
    fraction: float = 0.5,
    mean: Array | None = None,
    strength: Array | None = None,
) -> Array:
    """Return adjusted coverage, with the prior of these lists or a given one; NaN where a count is blank."""
    return _with_prior(adjusted_coverage, done, target, rule, fraction, mean, strength)[0]


def interval(
    done: Array,
    target: Array,
    level: float = 0.95,
    rule: str = "report",
    fraction: float = 0.5,
    mean: Array | None = None,
    strength: Array | None = None,
) -> Array:
    """Return low and high ends side by side (below one another for a single row)."""

    def ends(some_done: Array, some_target: Array, means: Array, strengths: Array) -> tuple[Array, Array]:
        return coverage_interval(some_done, some_target, means, strengths, level)

    low, high = _with_prior(ends, done, target, rule, fraction, mean, strength)
    return np.vstack([low, high]) if done.shape[0] == 1 and done.shape[1] > 1 else np.hstack([low, high])


def _with_prior(
    calculate: Callable[..., Array | tuple[Array, ...]],
    done: Array,
    target: Array,
    rule: str,
    fraction: float,
    mean: Array | None,
    strength: Array | None,
) -> list[Array]:
    """Return what a calculation gives for counts and prior, cell by cell where there are counts."""
    known = ~np.isnan(target)
    given = _given(rule, mean, strength)
    if given is None:
        estimated = _estimated(_down(done), _down(target), rule.casefold(), fraction)
        means, strengths = (np.broadcast_to(one, _down(done).shape) for one in estimated)
        if done.shape[0] == 1:
            means, strengths = means.T, strengths.T
        # Where no list has a patient there is no mean to compare with.
        known &= ~np.isnan(means)
    else:
        means, strengths = (_spread(one, done.shape) for one in given)
    found = calculate(done[known], target[known], means[known], strengths[known])
    parts = []
    for part in found if isinstance(found, tuple) else (found,):
        whole = np.full(done.shape, np.nan)
        whole[known] = part
        parts.append(whole)
    return parts


def _given(rule: str, mean: Array | None, strength: Array | None) -> tuple[Array, Array] | None:
    """Return mean and strength where they are given, None where a rule estimates them."""
    if mean is None and strength is None and rule.casefold() != "fixed":
        return None
    if mean is None or strength is None or rule.casefold() not in {"fixed", RULE.default}:
        raise RefusedError(CellError.VALUE, "mean and strength go together, with the rule fixed")
    return mean, strength


def _spread(values: Array, shape: tuple[int, ...]) -> Array:
    if values.shape not in {(1, 1), (1, shape[1]), shape}:
        raise RefusedError(CellError.VALUE, "mean and strength: one, or one for each indicator")
    if np.isnan(values).any():
        raise RefusedError(CellError.VALUE, "mean and strength: none may be blank")
    return np.broadcast_to(values, shape)


def _down(counts: Array) -> Array:
    """Return counts with the lists one below another: a single row is the lists of one indicator."""
    return counts.T if counts.shape[0] == 1 else counts


def _estimated(done: Array, target: Array, rule: str, fraction: float) -> Prior:
    """Return the prior of each column; pairs of blank cells are left out."""
    rules: dict[str, Callable[[Array, Array], Prior]] = {
        "report": lambda x, n: report_prior(x, n, fraction),
        "moments": moments_prior,
        "likelihood": likelihood_prior,
    }
    if rule not in rules:
        raise RefusedError(CellError.VALUE, f"there is no rule {rule!r}")
    blank = np.isnan(target)
    if not blank.any():
        return rules[rule](done, target)
    means, strengths = np.full(target.shape[1], np.nan), np.full(target.shape[1], np.nan)
    for column in np.flatnonzero(~blank.all(axis=0)):
        lists = ~blank[:, column]
        one = rules[rule](done[lists, column : column + 1], target[lists, column : column + 1])
        means[column], strengths[column] = one.mean[0], one.strength[0]
    return Prior(means, strengths)


_NO_PATIENTS = (
    CellError.NA,
    Label(
        "No list has a patient in the indicator, or the range is empty.",
        "Üheski nimistus ei ole indikaatori patsiente või on vahemik tühi.",
    ),
)
_UNKNOWN_RULE = (
    CellError.VALUE,
    Label(
        "The rule is not one of the four, or only one of mean and strength is given.",
        "Sellist reeglit ei ole või on keskmisest ja kaalust antud ainult üks.",
    ),
)
_LEVEL = Argument(
    "level",
    Label(
        "Probability inside the interval, between 0 and 1; 0.95 by default.",
        "Vahemikku jääv tõenäosus, 0 ja 1 vahel; vaikimisi 0,95.",
    ),
    "number",
    0.95,
)
_FOUR = {"C2:C5": ((2,), (30,), (100,), (90,)), "B2:B5": ((2,), (98,), (153,), (122,))}

FUNCTIONS = (
    Function(
        name="QBS_PRIOR",
        category=PRIORS,
        help=Label(
            "The prior of each indicator: its mean (a share) and, below it, its strength in patients. Give all lists.",
            "Iga indikaatori eeljaotus: keskmine (osa) ja selle all kaal patsientides. Anna kõik nimistud.",
        ),
        arguments=(DONE, TARGET, RULE, FRACTION),
        call=Together(prior_of),
        shape="column",
        errors=(
            _NO_PATIENTS,
            (
                CellError.NUM,
                Label(
                    "A count or the fraction is negative; or the strength is infinite, because lists differ no more "
                    "than chance explains.",
                    "Arv või osa on negatiivne; või on kaal lõpmatu, sest nimistud ei erine rohkem kui juhuslikult.",
                ),
            ),
            _UNKNOWN_RULE,
            CELL_VALUE,
            NO_SCIPY,
        ),
        examples=(Example("=QBS_PRIOR(C2:C5, B2:B5)", _FOUR, ((222 / 375,), (46.875,))),),
        source=f"{REPORT}, Tables 3 and 4: 46.875 added to the target, 27.75 to the work done",
    ),
    Function(
        name="QBS_ADJUSTED_COVERAGE",
        category=COVERAGE,
        help=Label(
            "Coverage adjusted for need, (x + M m) / (n + M), a share. The prior (m, M) is estimated from the lists in "
            "the range, so give all of them, or give a mean and strength.",
            "Kohandatud hõlmatus (x + M m) / (n + M), osa. Eeljaotus (m, M) hinnatakse vahemiku nimistutest: "
            "anna kõik nimistud või keskmine ja kaal.",
        ),
        arguments=(DONE, TARGET, RULE, FRACTION, MEAN, STRENGTH),
        call=Together(adjusted),
        shape="same",
        errors=(_NO_PATIENTS, COUNTS_NUM, _UNKNOWN_RULE, CELL_VALUE, NO_SCIPY),
        examples=(
            Example(
                "=QBS_ADJUSTED_COVERAGE(C2:C5, B2:B5)",
                _FOUR,
                ((29.75 / 48.875,), (57.75 / 144.875,), (127.75 / 199.875,), (117.75 / 168.875,)),
            ),
            Example(
                '=QBS_ADJUSTED_COVERAGE(C2, B2, "fixed", , 0.592, 46.875)',
                {"C2": ((2,),), "B2": ((2,),)},
                ((29.75 / 48.875,),),
            ),
        ),
        source=f"{REPORT}, Tables 3 and 4",
    ),
    Function(
        name="QBS_COVERAGE_INTERVAL",
        category=COVERAGE,
        help=Label(
            "Low and high end of the posterior interval of coverage, side by side. It covers the chance in a list's "
            "own patients, not doubt about the prior.",
            "Hõlmatuse usaldusvahemiku alumine ja ülemine piir kõrvuti. Arvestab nimistu enda patsientide "
            "juhuslikkust, mitte kahtlust eeljaotuses.",
        ),
        arguments=(DONE, TARGET, _LEVEL, RULE, FRACTION, MEAN, STRENGTH),
        call=Together(interval),
        shape="same",
        errors=(_NO_PATIENTS, COUNTS_NUM, _UNKNOWN_RULE, CELL_VALUE, NO_SCIPY),
        examples=(
            Example(
                "=QBS_COVERAGE_INTERVAL(C2:C5, B2:B5)",
                _FOUR,
                (
                    (0.469691090278715, 0.739270075187209),
                    (0.3206175404867902, 0.4792733860882514),
                    (0.5714983405009273, 0.7041626367810165),
                    (0.6260719452725645, 0.7640252021414772),
                ),
            ),
        ),
        source="docs/methods.md, Adjusted coverage: Beta(x + M m, n - x + M (1 - m))",
        needs=("scipy",),
    ),
)
