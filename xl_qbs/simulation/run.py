"""The simulation: scores, bands, bonuses and patients served under each scheme and behaviour, replicated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.improvement import SCORE_NAMES, ScoreName
from xl_qbs.scoring.score import Result
from xl_qbs.scoring.table import Array
from xl_qbs.simulation.behaviour import BEHAVIOURS, Behaviour, Plan
from xl_qbs.simulation.bonus import BonusRules
from xl_qbs.simulation.budget import Counts, checked_budget
from xl_qbs.simulation.draws import StartingCounts, streams, whoever_comes
from xl_qbs.simulation.outcome import Outcome, Scorer
from xl_qbs.simulation.sums import Sums

Start = Literal["observed", "drawn"]
STARTS: tuple[Start, ...] = get_args(Start)
NONE = "none"
# Counts of lists times indicators that are worked on at once: a few arrays of this many fit into a processor's cache.
_AT_ONCE = 100_000
Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options of a simulation.

    Attributes:
        behaviours: what lists do with their extra patients; ``none`` (nobody extra) always stands beside them.
        schemes: the scores.
        replications: how many; where nothing is drawn one is enough, and no more are made.
        seed: of the draws.
        start: ``observed`` counts, or counts ``drawn`` from what they tell about each list.
        steered: share of the budget that goes where the behaviour says; the rest is whoever comes.
        order: with ``priority``, codes from the most important on; by the scheme's points if None.
        indicators: where extra patients may be served; those that count patients if None.
        reestimate: whether prior and weights are estimated anew in every replication; otherwise they are held.

    Raises:
        ArgumentError: an option that is none.
    """

    behaviours: tuple[Behaviour, ...] = BEHAVIOURS
    schemes: tuple[ScoreName, ...] = SCORE_NAMES
    replications: int = 1000
    seed: int = 1
    start: Start = "drawn"
    steered: float = 1.0
    order: tuple[str, ...] | None = None
    indicators: tuple[str, ...] | None = None
    reestimate: bool = False

    def __post_init__(self) -> None:
        for name, given, allowed in (
            ("behaviours", self.behaviours, BEHAVIOURS),
            ("schemes", self.schemes, SCORE_NAMES),
            ("start", (self.start,), STARTS),
        ):
            wrong = [one for one in given if one not in allowed]
            if wrong or not given or len(set(given)) < len(given):
                raise ArgumentError(f"{name} == {given!r}, must be of {', '.join(allowed)}, each once")
        if isinstance(self.replications, bool) or int(self.replications) != self.replications or self.replications < 1:
            raise ArgumentError(f"replications == {self.replications}, must be a whole number from 1")
        if isinstance(self.seed, bool) or int(self.seed) != self.seed or self.seed < 0:
            raise ArgumentError(f"seed == {self.seed}, must be a whole number from 0")
        if not 0 <= self.steered <= 1:
            raise ArgumentError(f"steered == {self.steered}, must be from 0 to 1")


@dataclass(frozen=True, eq=False)
class Simulation:
    """What came of it, for A behaviours (``none`` first), S schemes, N lists, k indicators, R replications, b bands.

    Means and standard deviations are over replications.

    Attributes:
        providers: the lists' ids.
        indicators: codes.
        behaviours: ``none`` and those asked for.
        schemes: the scores.
        options: the options.
        rules: the rules of the bonus.
        budget: extra patients that each list could serve, shape (N,).
        score: mean score, shape (A, S, N).
        score_sd: its standard deviation, 0 where nothing is drawn.
        gain_sd: standard deviation of the gain over ``none`` in the same replication, shape (A, S, N).
        band_share: share of replications in each band, shape (A, S, N, b).
        bonus: mean bonus, shape (A, S, N).
        bonus_sd: its standard deviation.
        bonus_up: share of replications in which the bonus is higher than with ``none``, shape (A, S, N).
        bonus_down: share in which it is lower, as with a pot or bands of relative rank, where others can take it.
        served: mean extra patients served, shape (A, N, k).
        scores_in_bin: mean number of lists in 24 bins of scores up to the maximum and one above, shape (A, S, 25).
        patients: extra patients served in each replication, shape (A, R).
        paid: bonuses paid in each replication, shape (A, S, R).
        in_band: lists in each band in each replication, shape (A, S, R, b).
    """

    providers: tuple[str, ...]
    indicators: tuple[str, ...]
    behaviours: tuple[str, ...]
    schemes: tuple[ScoreName, ...]
    options: Options
    rules: BonusRules
    budget: Counts
    score: Array
    score_sd: Array
    gain_sd: Array
    band_share: Array
    bonus: Array
    bonus_sd: Array
    bonus_up: Array
    bonus_down: Array
    served: Array
    scores_in_bin: Array
    patients: Counts
    paid: Array
    in_band: NDArray[np.int64]

    @property
    def gain(self) -> Array:
        """Mean gain of each score over ``none``, shape (A, S, N)."""
        return self.score - self.score[:1]

    def place(self, behaviour: str, scheme: str) -> tuple[int, int]:
        """Return where a behaviour and a scheme stand in the arrays.

        Raises:
            ArgumentError: one of them was not simulated.
        """
        if behaviour not in self.behaviours:
            raise ArgumentError(f"behaviour == {behaviour!r}, must be one of {', '.join(self.behaviours)}")
        if scheme not in self.schemes:
            raise ArgumentError(f"scheme == {scheme!r}, must be one of {', '.join(self.schemes)}")
        return self.behaviours.index(behaviour), [str(one) for one in self.schemes].index(scheme)


def simulate(
    result: Result,
    budget: ArrayLike,
    rules: BonusRules | None = None,
    options: Options | None = None,
    *,
    amounts: ArrayLike | None = None,
    progress: Progress | None = None,
) -> Simulation:
    """Return the scores, bands, bonuses and patients served if lists had extra patients to give.

    Args:
        result: a scoring run: the counts to begin with, the scheme, and the prior and weights.
        budget: extra patients of each list, shape (N,), or one number for all (`xl_qbs.simulation.budget`).
        rules: the rules of the bonus; if None, no bonus is paid and the bands are the scheme's.
        options: the options; the defaults if None.
        amounts: the full bonus of each list where it differs, shape (N,).
        progress: called with the replications done and those there are.

    Raises:
        ArgumentError: a budget, rule or option that is none.
        DataError: with ``reestimate``, a replication whose weights cannot be estimated.

    Prior and weights are those of the run in every replication, unless they are to be estimated anew; lists go by those
    of the run either way.

    Source: METHODS section 4; seed 002, Part B. What it leaves out: lists know how they stand, nobody is unwilling, no
    patient takes longer than another, and a patient counts once in each indicator. Drawn counts hold the chance of one
    year, not what truly changes from year to year, which on real data is more. All behaviours of a replication
    begin with the same counts, so gains are not blurred by chance.
    """
    options = options or Options()
    rules = rules or _no_bonus(result)
    lists = len(result.table.providers)
    given = checked_budget(budget, lists)
    plan = Plan(result, options.behaviours, order=options.order, indicators=options.indicators)
    scorer = Scorer(result, options.schemes, rules, amounts=amounts, reestimate=options.reestimate)
    drawn = StartingCounts(result.table) if options.start == "drawn" else None
    runs = options.replications if drawn is not None or options.steered < 1 else 1
    numbers = streams(options.seed, runs)
    names = (NONE, *options.behaviours)
    sums = Sums(len(names), scorer, runs)
    step = max(1, _AT_ONCE // result.table.target.size)
    for begin in range(0, runs, step):
        part = slice(begin, min(begin + step, runs))
        start = _start(result, drawn, numbers.start[part])
        unmet = plan.unmet(start)
        able = np.minimum(given, unmet.sum(axis=2))
        aimed = _aimed(able, options.steered)
        came = whoever_comes(unmet, able - aimed, numbers.effort[part])
        nobody: Outcome | None = None
        for number in range(len(names)):
            extra = np.zeros(start.shape, dtype=np.int64)
            if number:
                extra = came + plan.shared_out(options.behaviours[number - 1], unmet - came, aimed)
            outcome = scorer.outcome(start + extra)
            nobody = nobody or outcome
            sums.add(number, part, outcome, nobody, extra)
        if progress is not None:
            progress(part.stop, runs)
    return Simulation(
        providers=result.table.providers,
        indicators=result.scheme.codes,
        behaviours=names,
        schemes=options.schemes,
        options=replace(options, replications=runs),
        rules=rules,
        budget=given,
        **sums.results(),
    )


def _start(result: Result, drawn: StartingCounts | None, parts: Sequence[np.random.SeedSequence]) -> Array:
    """Return the counts that each replication begins with, shape (R, N, k)."""
    if drawn is None:
        return np.repeat(result.table.counted[None], len(parts), axis=0)
    return np.stack([drawn.draw(stream) for stream in parts])


def _aimed(able: Counts, steered: float) -> Counts:
    """Return how many extra patients are steered, halves up."""
    # The guard: half of 5 is 2.5 whatever the last bits of the product. Never more than there are.
    aimed: Counts = np.minimum(np.floor(steered * able + 0.5 + 1e-9).astype(np.int64), able)
    return aimed


def _no_bonus(result: Result) -> BonusRules:
    lowers = tuple(one.lower for one in result.scheme.bands) or (0.0,)
    return BonusRules(lowers, (0.0,) * len(lowers), 0.0)
