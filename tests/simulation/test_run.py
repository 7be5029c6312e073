from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulation.small import results, scored
from xl_qbs.errors import ArgumentError
from xl_qbs.scoring.improvement import planned
from xl_qbs.scoring.score import Result
from xl_qbs.simulation import run
from xl_qbs.simulation.behaviour import extra_patients
from xl_qbs.simulation.bonus import BonusRules, bonuses
from xl_qbs.simulation.run import NONE, Options, Simulation, simulate

RULES = BonusRules((0, 0.8, 0.9), (0, 0.8, 1), 1000)
ARRAYS = (
    "score",
    "score_sd",
    "gain_sd",
    "band_share",
    "bonus",
    "bonus_sd",
    "bonus_up",
    "bonus_down",
    "served",
    "scores_in_bin",
    "patients",
    "paid",
    "in_band",
)
STARTS = st.sampled_from(["observed", "drawn"])


def assert_same(one: Simulation, other: Simulation) -> None:
    for name in ARRAYS:
        assert getattr(one, name).tolist() == getattr(other, name).tolist(), name


@settings(max_examples=50)
@given(results(), STARTS, st.sampled_from([0.0, 0.4, 1.0]))
def test_without_extra_patients_nothing_changes(result: Result, start: Any, steered: float) -> None:
    found = simulate(result, 0, RULES, Options(replications=4, start=start, steered=steered))
    for name in ("score", "score_sd", "bonus", "bonus_sd", "band_share", "paid", "in_band", "scores_in_bin"):
        values = getattr(found, name)
        assert (values == values[:1]).all(), name
    for name in ("gain", "gain_sd", "served", "patients", "bonus_up", "bonus_down"):
        assert not getattr(found, name).any(), name
    if start == "observed":
        for scheme, scores in zip(
            found.schemes, (result.need_adjusted, result.proportional, result.current), strict=True
        ):
            assert found.score[found.place("priority", scheme)] == pytest.approx(scores.total, abs=2e-9)
        assert not found.score_sd.any()


@settings(max_examples=50)
@given(results(), STARTS, st.sampled_from([0.0, 0.4, 1.0]), st.integers(0, 40))
def test_what_is_given_out_is_what_is_served(result: Result, start: Any, steered: float, budget: int) -> None:
    options = Options(replications=5, start=start, steered=steered)
    found = simulate(result, budget, RULES, options)
    served = found.served.sum(axis=(1, 2))
    assert found.patients.mean(axis=1) == pytest.approx(served)
    assert (found.served.sum(axis=2) <= budget + 1e-9).all()
    assert (found.served <= result.table.target + 1e-9).all()
    # All behaviours serve as many: what each list can, and no more.
    assert (found.patients[1:] == found.patients[1]).all()
    if start == "observed":
        left = result.table.target - result.table.counted
        left[:, [one.unit != "patients" for one in result.scheme.indicators]] = 0
        assert (found.served <= left + 1e-9).all()
        assert (found.patients[1] == np.minimum(left.sum(axis=1), budget).sum()).all()


@settings(max_examples=50)
@given(results(), STARTS, st.integers(0, 40), st.integers(0, 1000))
def test_who_chases_a_score_does_not_end_below_spreading_evenly(
    result: Result, start: Any, budget: int, seed: int
) -> None:
    found = simulate(result, budget, RULES, Options(replications=5, start=start, seed=seed))
    for behaviour, scheme in (("chase-current", "current"), ("chase-adjusted", "need-adjusted")):
        chased = found.score[found.place(behaviour, scheme)]
        assert (chased >= found.score[found.place("proportional", scheme)] - 2e-9).all()
        assert (chased >= found.score[found.place(NONE, scheme)] - 2e-9).all()


@settings(max_examples=50)
@given(results(), STARTS)
def test_shares_and_counts_add_up(result: Result, start: Any) -> None:
    found = simulate(result, 5, RULES, Options(replications=4, start=start))
    lists = len(result.table.providers)
    assert found.band_share.sum(axis=3) == pytest.approx(1)
    assert (found.in_band.sum(axis=3) == lists).all()
    assert found.scores_in_bin.sum(axis=2) == pytest.approx(lists)
    assert found.paid.mean(axis=2) == pytest.approx(found.bonus.sum(axis=2))
    assert found.in_band.mean(axis=2) == pytest.approx(found.band_share.sum(axis=2))


def test_the_same_seed_gives_the_same_result_and_another_does_not(real_2019: Result) -> None:
    options = Options(replications=6, seed=11, steered=0.5)
    one, other = (simulate(real_2019, 10, RULES, options) for _ in range(2))
    assert_same(one, other)
    different = simulate(real_2019, 10, RULES, Options(replications=6, seed=12, steered=0.5))
    assert (different.score != one.score).any()


def test_neither_chunks_nor_other_behaviours_change_a_result(
    real_2019: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = Options(replications=6, steered=0.7)
    together = simulate(real_2019, 10, RULES, options)
    alone = simulate(
        real_2019,
        10,
        RULES,
        Options(replications=6, steered=0.7, behaviours=("chase-adjusted",), schemes=("current",)),
    )
    place = together.place("chase-adjusted", "current")
    assert alone.score[alone.place("chase-adjusted", "current")].tolist() == together.score[place].tolist()
    monkeypatch.setattr(run, "_AT_ONCE", 1)
    one_by_one = simulate(real_2019, 10, RULES, options)
    for name in ("patients", "in_band", "served", "bonus_up"):
        assert getattr(one_by_one, name).tolist() == getattr(together, name).tolist()
    # Sums in another order may differ in their last bits.
    assert one_by_one.score == pytest.approx(together.score, abs=1e-9)


def test_means_and_deviations_are_those_of_the_replications() -> None:
    result = scored([[40, 30], [20, 50]], [[25, 12], [15, 44]], [65, 20], [0.7, 0.5])
    found = simulate(result, 4, RULES, Options(replications=30))
    # Each replication by itself: the first of as many, which does not depend on the rest.
    place = found.place("chase-current", "current")
    means = [simulate(result, 4, RULES, Options(replications=one)).score[place] for one in range(1, 31)]
    single = np.diff(np.array([[0.0, 0.0], *(one * count for count, one in enumerate(means, start=1))]), axis=0)
    assert found.score[place] == pytest.approx(single.mean(axis=0))
    assert found.score_sd[place] == pytest.approx(single.std(axis=0, ddof=1), abs=1e-6)


def test_observed_counts_are_planned_once() -> None:
    result = scored([[40, 30], [20, 50]], [[25, 12], [15, 44]], [65, 20], [0.7, 0.5])
    found = simulate(result, 6, RULES, Options(replications=1000, start="observed"))
    assert found.options.replications == 1
    assert found.patients.shape == (5, 1)
    for behaviour in found.behaviours[1:]:
        extra = extra_patients(result, 6, behaviour)  # type: ignore[arg-type]
        assert found.served[found.behaviours.index(behaviour)].tolist() == extra.tolist()
        after = planned(result, result.table.counted + extra)
        for scheme, scores in (("current", after.current), ("need-adjusted", after.need_adjusted)):
            place = found.place(behaviour, scheme)
            assert found.score[place] == pytest.approx(scores.total, abs=2e-9)
            most = result.scheme.total if scheme == "current" else result.weights.sum()
            assert found.bonus[place] == pytest.approx(bonuses(scores.total, most, RULES).bonus)


def test_without_rules_nobody_is_paid_and_the_bands_are_the_schemes() -> None:
    result = scored([[40, 30]], [[40, 2]], [80, 20], [0.7, 0.5])
    found = simulate(result, 0, options=Options(start="observed"))
    assert not found.bonus.any()
    assert found.band_share[found.place(NONE, "current")].tolist() == [[0, 1, 0]]


def test_progress_is_told_to_the_end(real_2019: Result) -> None:
    told: list[tuple[int, int]] = []
    simulate(real_2019, 5, RULES, Options(replications=25), progress=lambda done, of: told.append((done, of)))
    assert told[-1] == (25, 25)
    assert [one[0] for one in told] == sorted({one[0] for one in told})


def test_prior_and_weights_can_be_estimated_anew(real_2019: Result) -> None:
    held = simulate(real_2019, 20, RULES, Options(start="observed"))
    anew = simulate(real_2019, 20, RULES, Options(start="observed", reestimate=True))
    current, adjusted = held.place("proportional", "current"), held.place("proportional", "need-adjusted")
    assert anew.score[current].tolist() == held.score[current].tolist()
    assert anew.score[held.place(NONE, "need-adjusted")] == pytest.approx(real_2019.need_adjusted.total, abs=1e-9)
    assert (anew.score[adjusted] != held.score[adjusted]).any()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"behaviours": ("greedy",)}, "behaviours == ('greedy',), must be of chase-current, "),
        ({"behaviours": ()}, "behaviours == (), must be of chase-current, "),
        ({"schemes": ("current", "current")}, "schemes == ('current', 'current'), must be of need-adjusted, "),
        ({"start": "posterior"}, "start == ('posterior',), must be of observed, drawn, each once"),
        ({"replications": 0}, "replications == 0, must be a whole number from 1"),
        ({"replications": 1.5}, "replications == 1.5, must be a whole number from 1"),
        ({"seed": -1}, "seed == -1, must be a whole number from 0"),
        ({"steered": 1.2}, "steered == 1.2, must be from 0 to 1"),
    ],
)
def test_options_that_are_none_are_refused(options: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        Options(**options)
    assert str(caught.value).startswith(message)


def test_places_that_were_not_simulated_are_refused() -> None:
    result = scored([[40]], [[30]], [80], [0.7])
    found = simulate(result, 0, options=Options(behaviours=("priority",), schemes=("current",), start="observed"))
    with pytest.raises(ArgumentError, match="behaviour == 'proportional', must be one of none, priority"):
        found.place("proportional", "current")
    with pytest.raises(ArgumentError, match="scheme == 'need-adjusted', must be one of current"):
        found.place("priority", "need-adjusted")


# The real lists.


def test_real_lists_under_each_scheme_and_behaviour(real_2019: Result) -> None:
    found = simulate(real_2019, 20, RULES, Options(start="observed"))
    assert found.patients[1:].tolist() == [[15506]] * 4
    means = {
        behaviour: {
            scheme: round(float(found.score[found.place(behaviour, scheme)].mean()), 1) for scheme in found.schemes
        }
        for behaviour in found.behaviours
    }
    # Recorded: 20 more patients a list.
    assert means == {
        "none": {"need-adjusted": 367.3, "proportional": 352.1, "current": 326.3},
        "chase-current": {"need-adjusted": 375.7, "proportional": 370.5, "current": 388.9},
        "chase-adjusted": {"need-adjusted": 385.4, "proportional": 376.1, "current": 351.9},
        "proportional": {"need-adjusted": 373.2, "proportional": 366.6, "current": 346.6},
        "priority": {"need-adjusted": 372.4, "proportional": 375.6, "current": 343.7},
    }


def test_chance_alone_takes_points_from_who_is_just_past_a_threshold(real_2019: Result) -> None:
    found = simulate(real_2019, 0, RULES, Options(replications=40, behaviours=("proportional",)))
    drawn = {scheme: found.score[found.place(NONE, scheme)].mean() for scheme in found.schemes}
    # Recorded: 17 points on average under the scheme in force, and hardly any under the need-adjusted score.
    assert 16 < real_2019.current.total.mean() - drawn["current"] < 18
    assert abs(real_2019.need_adjusted.total.mean() - drawn["need-adjusted"]) < 0.5
