from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.equity_data import counts, means
from xl_qbs.equity.gates import GateRules, Gates, gates
from xl_qbs.equity.group_table import GroupTable
from xl_qbs.equity.incentive import (
    FORFEITS,
    STEPS,
    EquityPoints,
    IncentiveRules,
    Targets,
    equity_points,
    frozen_prior,
    frozen_targets,
    hold_harmless,
    smooth_points,
)
from xl_qbs.errors import ArgumentError

ALL = GateRules(smallest_group=1)


def score(
    before: GroupTable, now: GroupTable, rules: IncentiveRules, targets: Targets | None = None, prior: Any = None
) -> EquityPoints:
    size = len(now.indicators)
    asked = Targets(np.full(size, 0.5), np.full(size, 0.9)) if targets is None else targets
    return equity_points(
        before, now, rules, targets=asked, passed_before=gates(before, ALL), passed_now=gates(now, ALL), prior=prior
    )


def two(before: tuple[int, int], now: tuple[int, int], **options: Any) -> EquityPoints:
    """Score one provider with 100 patients in the disadvantaged group g1 and 100 in g2."""
    n = [[[100, 100]]]
    rules = IncentiveRules(disadvantaged=("g1",), **options)
    return score(counts(n, [[before]]), counts(n, [[now]]), rules)


def test_hospital_vbps_own_examples() -> None:
    # As in the program's rule, threshold .47, benchmark .87: hospital I rose from .21 to .70 and has 6 points for
    # achievement and 7 for improvement; hospital L fell from .55 to .22 and has none; hospital B at .91 has 10.
    n = np.full((3, 1, 2), 100)
    before = counts(n, [[[21, 90]], [[55, 90]], [[50, 90]]])
    now = counts(n, [[[70, 90]], [[22, 90]], [[91, 90]]])
    found = score(before, now, IncentiveRules(disadvantaged=("g1",)), Targets(np.array([0.47]), np.array([0.87])))
    assert found.achievement[:, 0, 0].tolist() == [6, 0, 10]
    assert found.improvement[:2, 0, 0].tolist() == [7, 0]
    assert found.total.tolist() == [7, 0, 10]
    assert np.isnan(found.points[:, :, 1]).all()  # the other group has no points at all


@pytest.mark.parametrize(
    ("now", "improvement"),
    [
        ((60, 60), 0),  # the gap is closed by lowering the other
        ((55, 55), 0),  # and here at the cost of both
        ((60, 80), 0),
        ((70, 80), 3),  # 10 * 10 / 30 - .5 rounds to 3
        ((70, 60), 3),  # the same, whether or not the other is lowered
        ((70, 100), 3),  # or raised
    ],
)
def test_only_the_groups_own_improvement_is_paid(now: tuple[int, int], improvement: int) -> None:
    found = two((60, 80), now)
    assert found.improvement[0, 0, 0] == improvement
    # Achievement: 60 and 70 % between 50 and 90 % are 9 * .25 + .5 and 9 * .5 + .5 points.
    assert found.achievement[0, 0, 0] == {55: 2, 60: 3, 70: 5}[now[0]]
    # Lowering earns not a point: the same as with the other group as it was.
    assert found.total.tolist() == two((60, 80), (now[0], 80)).total.tolist()
    assert found.levelled_down[0, 0, 0] == (now in {(60, 60), (55, 55)})


def test_lowering_may_cost_too() -> None:
    # 80 to 60 of 100 is beyond chance, 80 to 75 is not.
    for forfeit, points in (("never", (3, 3)), ("beyond chance", (0, 3)), ("always", (0, 0))):
        found = [two((60, 80), now, forfeit=forfeit).total[0] for now in ((60, 60), (60, 75))]
        assert tuple(found) == points
    # Whoever gained forfeits nothing.
    kept = two((60, 80), (70, 60), forfeit="always")
    assert kept.total.tolist() == [5]
    assert not kept.forfeited.any()


# Providers, indicators and groups, of which g1 and g2 are disadvantaged.
SHAPE = (12, 2, 4)
SEEDS = st.integers(0, 2**32 - 1)
OPTIONS = st.fixed_dictionaries({"steps": st.sampled_from(STEPS), "forfeit": st.sampled_from(FORFEITS)})


def periods(rng: np.random.Generator) -> tuple[GroupTable, GroupTable]:
    """Return two periods of 12 providers; groups are empty, small or large, and coverage often at an edge."""
    tables = []
    for _ in range(2):
        n = rng.choice([0, 1, 2, 10, 29, 40, 97, 150], SHAPE)
        share = rng.choice([0.0, 0.5, 0.9, 1.0, np.nan], SHAPE, p=[0.1, 0.1, 0.1, 0.1, 0.6])
        tables.append(counts(n, np.round(np.where(np.isnan(share), rng.random(SHAPE), share) * n)))
    return tables[0], tables[1]


def moved(rng: np.random.Generator, table: GroupTable, groups: list[int], up: bool) -> GroupTable:
    """Return the table with more (or less) work done in some cells of the groups, from a patient to all there are."""
    room = (table.n - table.x) if up else table.x
    step = np.where(rng.random(SHAPE) < 0.5, np.minimum(1, room), np.floor(rng.random(SHAPE) * (room + 1)))
    here = np.zeros(SHAPE, dtype=bool)
    here[:, :, groups] = rng.random((*SHAPE[:2], len(groups))) < 0.6
    return counts(table.n, table.x + np.where(here, step if up else -step, 0))


def same_or_less(fewer: EquityPoints, more: EquityPoints) -> None:
    for name in ("points", "indicator", "total"):
        one, other = getattr(fewer, name), getattr(more, name)
        assert (np.isnan(one) == np.isnan(other)).all()
        assert (np.nan_to_num(one) <= np.nan_to_num(other) + 1e-9).all(), name


@settings(max_examples=200)
@given(SEEDS, OPTIONS, st.booleans())
def test_points_never_fall_with_a_disadvantaged_groups_coverage(seed: int, options: Any, adjusted: bool) -> None:
    rng = np.random.default_rng(seed)
    before, now = periods(rng)
    better = moved(rng, now, [0, 1], up=True)
    rules = IncentiveRules(disadvantaged=("g1", "g2"), **options)
    prior = frozen_prior(before) if adjusted else None
    same_or_less(score(before, now, rules, prior=prior), score(before, better, rules, prior=prior))


@settings(max_examples=200)
@given(SEEDS, OPTIONS, st.booleans())
def test_points_never_rise_when_another_group_falls(seed: int, options: Any, adjusted: bool) -> None:
    rng = np.random.default_rng(seed)
    before, now = periods(rng)
    lowered = moved(rng, now, [2, 3], up=False)
    rules = IncentiveRules(disadvantaged=("g1", "g2"), **options)
    prior = frozen_prior(before) if adjusted else None
    kept, fallen = score(before, now, rules, prior=prior), score(before, lowered, rules, prior=prior)
    same_or_less(fallen, kept)
    if options["forfeit"] == "never":
        # Not a bit of any score depends on the others.
        for name in ("points", "indicator", "total", "improvement", "achievement"):
            assert getattr(kept, name).tobytes() == getattr(fallen, name).tobytes()


@given(SEEDS, OPTIONS, st.booleans())
def test_levelling_down_earns_no_improvement(seed: int, options: Any, adjusted: bool) -> None:
    before, now = periods(np.random.default_rng(seed))
    rules = IncentiveRules(disadvantaged=("g1", "g2"), **options)
    found = score(before, now, rules, prior=frozen_prior(before) if adjusted else None)
    assert (found.improvement[found.levelled_down] == 0).all()
    scored = ~np.isnan(found.points)
    assert ((found.points[scored] >= 0) & (found.points[scored] <= 10)).all()
    assert not scored[:, :, 2:].any()
    assert (found.points[found.forfeited] == 0).all()


def test_weights_are_of_the_baseline_and_missing_scores_leave_theirs() -> None:
    before = counts([[[100, 300, 100], [100, 300, 100]]], [[[50, 150, 80]] * 2])
    now = counts([[[300, 100, 100], [0, 0, 100]]], [[[270, 50, 80], [0, 0, 80]]])
    found = score(before, now, IncentiveRules(disadvantaged=("g1", "g2"), weights=(1, 3)))
    # g1 at the benchmark has 10, g2 at the threshold 1; 100 and 300 patients before.
    assert found.points[0, 0, :2].tolist() == [10, 1]
    assert found.indicator[0, 0] == pytest.approx((100 * 10 + 300 * 1) / 400)
    assert np.isnan(found.indicator[0, 1])
    assert found.total[0] == found.indicator[0, 0]


def test_without_a_baseline_there_is_achievement_only() -> None:
    before, now = counts([[[0, 100]]], [[[0, 80]]]), counts([[[100, 100]]], [[[70, 80]]])
    found = score(before, now, IncentiveRules(disadvantaged=("g1",)))
    assert (found.achievement[0, 0, 0], found.improvement[0, 0, 0]) == (5, 0)


def test_below_the_gates_there_is_no_score() -> None:
    n = np.array([[[100, 100]], [[29, 100]]])
    before, now = counts(n, n // 2), counts(n, n // 2 + 5)
    found = equity_points(
        before,
        now,
        IncentiveRules(disadvantaged=("g1",)),
        targets=Targets(np.array([0.5]), np.array([0.9])),
        passed_before=gates(before),
        passed_now=gates(now),
        prior=None,
    )
    assert np.isnan(found.total).tolist() == [False, True]
    assert np.isnan(found.reliability[1]).all()


def test_an_adjusted_value_that_rises_by_numbers_alone_earns_nothing() -> None:
    # 20 of 100, then 4 of 20: the same coverage of fewer patients, drawn nearer to the mean of .5.
    before = counts([[[100, 100]], [[100, 100]]], [[[20, 80]], [[80, 80]]])
    now = counts([[[20, 100]], [[100, 100]]], [[[4, 80]], [[80, 80]]])
    found = score(before, now, IncentiveRules(disadvantaged=("g1",), steps="smooth"), prior=frozen_prior(before))
    assert found.improvement[0, 0, 0] == 0


def test_continuous_values_where_lower_is_better() -> None:
    n, sd = [[[50, 50]]], [[[9, 9]]]
    before, now = (means(n, [[mean]], sd, higher_is_better=(False,)) for mean in ((62, 50), (58, 56)))
    found = equity_points(
        before,
        now,
        IncentiveRules(disadvantaged=("g1",), steps="smooth"),
        targets=Targets(np.array([60.0]), np.array([50.0])),
        passed_before=gates(before),
        passed_now=gates(now),
        prior=None,
    )
    assert found.achievement[0, 0, 0] == pytest.approx(2)
    assert found.improvement[0, 0, 0] == pytest.approx(10 * 4 / 12)


def test_adjusted_values_pay_less_for_chance() -> None:
    # Nothing changed but by chance: 500 providers with 30 patients in the group, true coverage near 60 %.
    rng = np.random.default_rng(8)
    true = rng.beta(30, 20, (500, 1, 2))
    n = np.full(true.shape, 30)
    before, now = (counts(n, rng.binomial(n, true)) for _ in range(2))
    targets = frozen_targets(before, ["g1"], gates(before))
    rules = IncentiveRules(disadvantaged=("g1",), steps="smooth")
    raw, adjusted = (score(before, now, rules, targets, prior) for prior in (None, frozen_prior(before)))
    paid = [np.nanmean(part.improvement) for part in (raw, adjusted)]
    assert paid[0] > 1.5
    assert paid[1] < 0.6 * paid[0]


def test_the_prior_is_frozen_and_finite() -> None:
    alike = counts(np.full((4, 1, 2), 50), np.full((4, 1, 2), 30))
    prior = frozen_prior(alike)
    assert prior.strength.tolist() == [[50, 50]]
    endless = prior._replace(strength=np.full((1, 2), np.inf))
    with pytest.raises(ArgumentError, match="no work would earn anything"):
        score(alike, alike, IncentiveRules(disadvantaged=("g1",)), prior=endless)


def test_targets_are_median_and_best_tenth() -> None:
    n = np.full((20, 1, 2), 100)
    x = np.column_stack([np.arange(40, 60), np.arange(70, 90)])[:, None]
    before = counts(n, x)
    found = frozen_targets(before, ["g1"], gates(before))
    assert found.threshold == pytest.approx([0.495])
    # All patients of the two best of 20 providers: (58 + 88 + 59 + 89) / 400.
    assert found.benchmark == pytest.approx([0.735])
    with pytest.raises(ArgumentError, match=r"i1: the best tenth of providers \(0\.735\) is not better"):
        frozen_targets(before, ["g2"], gates(before))
    with pytest.raises(ArgumentError, match="passes the gates, so state targets"):
        frozen_targets(before, ["g1"], gates(before, GateRules(smallest_group=1000)))


def test_hold_harmless_only_adds() -> None:
    assert hold_harmless([3.0, 9.0], [5.0, 5.0]).tolist() == [5, 9]
    assert hold_harmless([3.0, np.nan], [5.0, 5.0], floor=0.5).tolist() == [3, 2.5]
    for floor in (-0.1, 1.1):
        with pytest.raises(ArgumentError, match="floor"):
            hold_harmless([1.0], [1.0], floor=floor)
    with pytest.raises(ArgumentError, match="earlier"):
        hold_harmless([1.0], [np.nan])


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 0.6))
def test_smooth_points_have_no_steps(value: float, baseline: float, threshold: float) -> None:
    one = smooth_points(np.array([value]), threshold=threshold, benchmark=0.9, baseline=np.array([baseline]))
    other = smooth_points(np.array([value + 1e-6]), threshold=threshold, benchmark=0.9, baseline=np.array([baseline]))
    assert 0 <= one.points[0] <= 10
    if baseline < 0.8:
        assert 0 <= other.points[0] - one.points[0] < 1e-3


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"disadvantaged": ()}, "disadvantaged: must be one group"),
        ({"disadvantaged": "black"}, "as a tuple"),
        ({"disadvantaged": ("a", "a")}, "each group once"),
        ({"disadvantaged": ("a",), "steps": "half"}, "steps == 'half'"),
        ({"disadvantaged": ("a",), "forfeit": True}, "forfeit == True"),
        ({"disadvantaged": ("a",), "weights": (-1.0, 2.0)}, "weights"),
        ({"disadvantaged": ("a",), "weights": (0.0,)}, "weights"),
    ],
)
def test_rules_that_are_none(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ArgumentError, match=told):
        IncentiveRules(**options)


def test_what_is_refused() -> None:
    table = counts([[[50, 50]]], [[[25, 25]]])
    rules = IncentiveRules(disadvantaged=("g1",))
    with pytest.raises(ArgumentError, match="use aligned"):
        score(counts([[[50, 50]], [[50, 50]]], [[[25, 25]], [[25, 25]]]), table, rules)
    with pytest.raises(ArgumentError, match="group 'black' is not in the table"):
        score(table, table, IncentiveRules(disadvantaged=("black",)))
    with pytest.raises(ArgumentError, match="threshold: must be 1 numbers"):
        score(table, table, rules, Targets(np.array([0.5, 0.5]), np.array([0.9, 0.9])))
    with pytest.raises(ArgumentError, match="i1: the benchmark must be better"):
        score(table, table, rules, Targets(np.array([0.9]), np.array([0.5])))
    with pytest.raises(ArgumentError, match="weights: 2, must be 1"):
        score(table, table, IncentiveRules(disadvantaged=("g1",), weights=(1, 1)))


@pytest.fixture(scope="module")
def paid(regions: Any) -> Any:
    """Return a function that scores the regions for black patients."""
    targets = frozen_targets(regions.before, ["black"], regions.passed_before)

    def pay(now: GroupTable, passed: Gates, **options: Any) -> EquityPoints:
        prior = options.pop("prior", None)
        rules = IncentiveRules(disadvantaged=("black",), **options)
        return equity_points(
            regions.before,
            now,
            rules,
            targets=targets,
            passed_before=regions.passed_before,
            passed_now=passed,
            prior=prior,
        )

    return pay


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("adjusted", [False, True])
def test_every_region_that_levelled_down_gets_nothing_for_it(
    regions: Any, paid: Any, steps: Any, adjusted: bool
) -> None:
    now, passed = regions.now, regions.passed_now
    prior = frozen_prior(regions.before) if adjusted else None
    found = paid(now, passed, steps=steps, prior=prior)
    black, white = now.group("black"), now.group("white")
    # Gaps that narrowed only because white patients got less: 77 of 1,325 regions and indicators.
    assert found.levelled_down.sum() == 77
    assert (found.improvement[found.levelled_down] == 0).all()
    # With white patients served as in the year before, or all of them, every point is the same.
    for share in (regions.before.value[:, :, white], np.ones(passed.ok.shape)):
        x = now.x.copy()
        x[:, :, white] = np.round(np.nan_to_num(share) * now.n[:, :, white])
        other = GroupTable(
            providers=now.providers, indicators=now.indicators, groups=now.groups, n=now.n, x=x, total=now.total
        )
        assert paid(other, passed, steps=steps, prior=prior).points.tobytes() == found.points.tobytes()
    # And who lowered white patients' coverage on purpose gets no more either, nor anything at all with "always".
    lowered = now.x.copy()
    lowered[:, :, white] = np.floor(lowered[:, :, white] * 0.8)
    table = GroupTable(
        providers=now.providers, indicators=now.indicators, groups=now.groups, n=now.n, x=lowered, total=now.total
    )
    assert paid(table, passed, steps=steps, prior=prior).points.tobytes() == found.points.tobytes()
    strict = paid(table, passed, steps=steps, prior=prior, forfeit="always")
    gained = (now.value > regions.before.value + 1e-9)[:, :, black] & regions.passed_before.ok
    assert (strict.points[:, :, black][~gained & passed.ok & regions.passed_before.ok] == 0).all()
    assert (strict.points[:, :, black][gained & passed.ok] == found.points[:, :, black][gained & passed.ok]).all()


def test_regions_are_paid_for_improvement(regions: Any, paid: Any) -> None:
    now, passed = regions.now, regions.passed_now
    found = paid(now, passed)
    black = now.group("black")
    assert (np.isnan(found.points[:, :, black]) == ~passed.ok).all()
    gain = (now.value - regions.before.value)[:, :, black]
    improved = found.improvement[:, :, black] > 0
    assert (gain[improved] > 0).all()
    assert improved.sum() == 436
    # The median region is at the threshold; about half are below it and earn nothing by achievement.
    assert (found.achievement[:, :, black][passed.ok] == 0).mean() == pytest.approx(0.45, abs=0.05)
    # Every region is large: its black patients' values are reliable, but for a few.
    trust = found.reliability[:, :, black][passed.ok]
    assert np.median(trust) > 0.85
    assert trust.min() < 0.3
    # One region by hand: Alabama-Birmingham, ambulatory visits.
    row = now.providers.index("AL-Birmingham")
    y, start = now.value[row, 0, black], regions.before.value[row, 0, black]
    targets = frozen_targets(regions.before, ["black"], regions.passed_before)
    low, high = targets.threshold[0], targets.benchmark[0]
    achievement = np.floor(9 * (y - low) / (high - low) + 0.5 + 0.5) if y >= low else 0
    improvement = max(0, np.floor(10 * (y - start) / (high - start) - 0.5 + 0.5))
    assert (found.achievement[row, 0, black], found.improvement[row, 0, black]) == (achievement, improvement)
