"""Every model on one table: what is chosen, what is left out and why, and that each number is the model's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given as drawn
from hypothesis import settings

from tests.efficiency_data import quality_and_spending
from tests.small_efficiency import Numbers, numbers
from xl_qbs.efficiency.agreement import classes_of
from xl_qbs.efficiency.analysis import (
    EFFICIENCY_DECIMALS,
    MODELS,
    Analysis,
    Given,
    Options,
    analyse,
    wanted,
)
from xl_qbs.efficiency.conditional import conditional
from xl_qbs.efficiency.cost_effectiveness import cost_effectiveness
from xl_qbs.efficiency.envelopment import envelopment, free_disposal_hull
from xl_qbs.efficiency.frontier import frontier
from xl_qbs.efficiency.hurdles import cost_hurdle, quality_hurdle
from xl_qbs.efficiency.programs import programs, run_program
from xl_qbs.efficiency.stars import stars, tenths
from xl_qbs.efficiency.unconditional import unconditional
from xl_qbs.errors import ArgumentError, DataError
from xl_qbs.scoring.ranks import rank

SPENDING = Options(cost_is="spending", value=25.0)
COLUMNS = {
    "unconditional": ("unconditional_a", "unconditional_b"),
    "conditional": ("conditional_overall", "conditional_within"),
    "quality-hurdle": ("quality_hurdle",),
    "cost-hurdle": ("cost_hurdle",),
    "cost-effectiveness": ("cost_effectiveness",),
    "envelopment": ("envelopment", "envelopment_programs"),
    "free-disposal": ("free_disposal",),
    "frontier": ("frontier_moments", "frontier_likelihood"),
    "stars": (),
    "regression": ("regression",),
}
BY_SEARCH = {"envelopment_programs", "frontier_likelihood"}


def _given(one: Numbers | None = None, **changes: Any) -> Given:
    table = one or numbers()
    return Given(table.quality, table.cost)._replace(**changes)


def _formulas(given: Given, **options: Any) -> Analysis:
    """Analyse without what takes a search."""
    return analyse(given, Options(**{"cost_is": "spending", **options}), linear_programs=False)


# Which models


def test_models_and_columns_are_those_of_the_sheets() -> None:
    assert tuple(COLUMNS) == MODELS


def test_everything_that_the_data_allow_is_there() -> None:
    found = analyse(_given(regression=np.linspace(0, 1, 24)), SPENDING)
    assert found.left_out == {}
    assert set(found.efficiencies) == {one for columns in COLUMNS.values() for one in columns}
    assert found.stars is not None
    assert found.correlations is not None
    assert found.correlations.models == tuple(found.efficiencies)
    assert found.agreement is not None
    assert all(wanted(found, model) for model in MODELS)


def test_without_a_search_the_rest_is_the_same() -> None:
    found, rest = analyse(_given(), SPENDING), _formulas(_given(), value=25.0)
    assert set(found.efficiencies) - set(rest.efficiencies) == BY_SEARCH
    assert (rest.likelihood, rest.programs_envelopment) == (None, None)
    for key, values in rest.efficiencies.items():
        np.testing.assert_array_equal(values, found.efficiencies[key])


@pytest.mark.parametrize("model", [one for one in MODELS if one != "regression"])
def test_one_model_alone(model: Any) -> None:
    found = analyse(_given(), Options(cost_is="spending", value=25.0, models=(model,)))
    assert set(found.efficiencies) == set(COLUMNS[model])
    assert (found.stars is not None) == (model == "stars")
    assert (found.correlations is not None) == (len(COLUMNS[model]) > 1)
    assert (found.agreement is not None) == (len(COLUMNS[model]) > 1)
    whole = analyse(_given(), SPENDING)
    for key, values in found.efficiencies.items():
        np.testing.assert_array_equal(values, whole.efficiencies[key])


def test_columns_stand_in_one_order_whatever_the_order_of_the_models() -> None:
    one, other = (
        _formulas(_given(), models=models) for models in (("unconditional", "frontier"), ("frontier", "unconditional"))
    )
    assert (
        list(one.efficiencies) == list(other.efficiencies) == ["unconditional_a", "unconditional_b", "frontier_moments"]
    )


# What is left out


def _quality(values: Any) -> Given:
    return _given()._replace(quality=np.asarray(values, dtype=float))


TABLE = numbers()
AROUND_0 = (TABLE.cost.mean() - TABLE.cost) / 100
LEFT_OUT: dict[str, tuple[Given, dict[str, Any], dict[str, str]]] = {
    "no value": (_given(), {}, {"cost-effectiveness": "needs what a unit of quality is worth in money (--value)"}),
    "no money": (
        _given(cost=1000 / TABLE.cost),
        {"cost_is": "performance", "value": 25.0},
        {"cost-effectiveness": "needs cost as spending, in money"},
    ),
    "negative quality": (
        _quality(TABLE.quality - 60),
        {"value": 25.0, "star_floor": -60.0},
        dict.fromkeys(
            ("envelopment", "free-disposal"),
            "needs quality from 0 on, with a true 0; here some of it is negative, or all of it 0",
        ),
    ),
    "cost performance around 0": (
        _given(cost=AROUND_0),
        {"cost_is": "performance"},
        {
            "cost-effectiveness": "needs cost as spending, in money",
            **dict.fromkeys(("envelopment", "free-disposal"), "needs cost performance above 0 for every provider"),
        },
    ),
    "quality above full": (
        _given(),
        {"value": 25.0, "star_ceiling": 50.0},
        {"stars": "needs quality from 0 to 50 (--star-floor, --star-ceiling)"},
    ),
    "4 providers": (
        Given(TABLE.quality[:4], TABLE.cost[:4]),
        {"value": 25.0},
        {"frontier": "needs at least 5 providers"},
    ),
    "quality follows from cost": (
        _quality(50 / TABLE.cost),
        {"value": 25.0},
        {"frontier": "needs quality that does not follow from cost performance alone"},
    ),
    "a quality that nobody has": (
        _given(),
        {"value": 25.0, "own_quality_hurdle": 99.0},
        {
            "quality-hurdle": "is passed by nobody at 99: "
            f"the best quality is {TABLE.quality.max():g} (--quality-hurdle)"
        },
    ),
    "a spending that nobody keeps to": (
        _given(),
        {"value": 25.0, "own_cost_hurdle": 5.0},
        {"cost-hurdle": f"is passed by nobody at 5: the best cost is {TABLE.cost.min():g} (--cost-hurdle)"},
    ),
    "a performance that nobody has": (
        _given(cost=1000 / TABLE.cost),
        {"cost_is": "performance", "own_cost_hurdle": 9.0},
        {
            "cost-effectiveness": "needs cost as spending, in money",
            "cost-hurdle": f"is passed by nobody at 9: the best cost is {1000 / TABLE.cost.min():g} (--cost-hurdle)",
        },
    ),
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_cannot_be_is_left_out_with_the_reason(name: str) -> None:
    given, options, reasons = LEFT_OUT[name]
    found = analyse(given, Options(**{"cost_is": "spending", **options}))
    assert found.left_out == {**reasons, "regression": "needs patient rows (--patients)"}
    gone = {column for model in found.left_out for column in COLUMNS[model]}
    assert set(found.efficiencies) == {one for columns in COLUMNS.values() for one in columns} - gone
    assert (found.stars is None) == ("stars" in reasons)
    assert not any(wanted(found, model) for model in reasons)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_is_chosen_and_cannot_be_is_refused(name: str) -> None:
    given, options, reasons = LEFT_OUT[name]
    for model, reason in reasons.items():
        chosen = Options(**{"cost_is": "spending", **options, "models": ("unconditional", model)})
        with pytest.raises(ArgumentError) as refused:
            analyse(given, chosen)
        assert str(refused.value) == f"{model} {reason}"


def test_all_that_cannot_be_is_refused_at_once() -> None:
    with pytest.raises(ArgumentError) as refused:
        _formulas(_quality(TABLE.quality - 60), models=MODELS)
    for model in ("cost-effectiveness", "envelopment", "free-disposal", "stars", "regression"):
        assert f"{model} needs" in str(refused.value)


def test_models_that_are_not_chosen_refuse_nothing() -> None:
    found = _formulas(_quality(TABLE.quality - 60), models=("unconditional",))
    assert set(found.efficiencies) == {"unconditional_a", "unconditional_b"}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"cost_is": "costs"}, "cost_is == 'costs'"),
        ({"models": ("best",)}, r"models == \('best',\)"),
        ({"level": 95.0, "value": -1.0}, "value == -1.0.*level == 95.0"),
        ({"failing": "first"}, "failing == 'first'"),
        ({"returns": "rising"}, "returns == 'rising'"),
        ({"orientation": "both"}, "orientation == 'both'"),
        ({"distribution": "normal"}, "distribution == 'normal'"),
        ({"program": "best"}, "program == 'best'"),
    ],
)
def test_options_that_are_none_are_refused(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ArgumentError, match=told):
        analyse(_given(), Options(**{"cost_is": "spending", **options}))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (_quality([np.nan, *TABLE.quality[1:]]), "quality is missing in row 1"),
        (_quality(np.full(24, 50.0)), "quality is 50 in every row"),
        (_given(cost=np.r_[0.0, TABLE.cost[1:]]), "cost is zero or negative in row 1"),
        (_given(cost=np.full(24, 50.0)), "cost is 50 in every row"),
        (Given(TABLE.quality[:2], TABLE.cost[:2]), "at least 3 are needed"),
        (_given(quality_error=-TABLE.quality_error), "quality_error is below 0"),
        (_given(cost_error=np.full(24, np.nan)), "cost_error is missing"),
    ],
)
def test_data_that_no_model_can_use_are_refused(given: Given, told: str) -> None:
    with pytest.raises(DataError, match=told):
        _formulas(given)


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ArgumentError, match="columns must be equally long"):
        _formulas(_given(cost=TABLE.cost[:5]))


# Each number is the model's own


def test_efficiencies_are_those_of_the_models() -> None:
    options = Options(
        cost_is="spending",
        quality_weights=(0.6, 0.2),
        quality_shares=(0.2, 0.5),
        cost_shares=(0.4, 0.7),
        quality_hurdle_share=0.4,
        own_cost_hurdle=1000.0,
        failing="zero-as-printed",
        value=3.0,
        reference_quality=70.0,
        reference_cost=900.0,
        error_correlation=-0.3,
        star_floor=-10.0,
        star_ceiling=110.0,
        returns="constant",
        orientation="output",
        distribution="exponential",
        level=0.8,
    )
    q, c = TABLE.quality, TABLE.cost
    errors = {"quality_error": TABLE.quality_error, "cost_error": TABLE.cost_error}
    found = analyse(_given(**errors), options)
    both: dict[str, Any] = {"quality": q, "cost": c, "cost_is": "spending"}
    common = {"error_correlation": -0.3, "level": 0.8}
    share: dict[str, Any] = {"quality_shares": (0.2, 0.5), "cost_shares": (0.4, 0.7)}
    first = unconditional(**both, **errors, **common, quality_weight=0.6)
    passed = quality_hurdle(**both, hurdle_share=0.4, failing="zero-as-printed", cost_error=TABLE.cost_error, level=0.8)
    own = cost_hurdle(**both, hurdle=1000.0, failing="zero-as-printed", quality_error=TABLE.quality_error, level=0.8)
    benefit = cost_effectiveness(**both, **errors, **common, value=3.0, reference_quality=70.0, reference_cost=900.0)
    performance = c.mean() / c
    z = found.standardized
    likely = frontier(z.quality, z.cost, distribution="exponential", level=0.8)
    expected = {
        "unconditional_a": first.efficiency,
        "unconditional_b": unconditional(**both, quality_weight=0.2).efficiency,
        "conditional_overall": conditional(**both, **share, version="overall").efficiency,
        "conditional_within": conditional(**both, **share, version="within").efficiency,
        "quality_hurdle": passed.efficiency,
        "cost_hurdle": own.efficiency,
        "cost_effectiveness": benefit.efficiency,
        "envelopment": envelopment(1 / performance, q).efficiency,
        "free_disposal": free_disposal_hull(1 / performance, q).efficiency,
        "frontier_moments": frontier(z.quality, z.cost, estimator="corrected-moments").efficiency_of_mean,
        "frontier_likelihood": likely.efficiency_of_mean,
        "envelopment_programs": envelopment(1 / performance, q, returns="constant", orientation="output").efficiency,
    }
    assert list(found.efficiencies) == list(expected)
    for key, values in expected.items():
        np.testing.assert_allclose(found.efficiencies[key], values, atol=0.5 * 10.0**-EFFICIENCY_DECIMALS, rtol=0)
    for kept, made in (
        (found.unconditional[0].interval, first.interval),
        (found.quality_hurdle and found.quality_hurdle.interval, passed.interval),
        (found.cost_hurdle and found.cost_hurdle.interval, own.interval),
        (found.net_benefit and found.net_benefit.interval, benefit.interval),
    ):
        assert kept is not None
        np.testing.assert_array_equal(kept.low, made.low)
        np.testing.assert_array_equal(kept.high, made.high)
    starred = stars(100 * (q + 10) / 120, tenths(performance))
    assert found.stars is not None
    np.testing.assert_array_equal(found.stars.stars, starred.stars)


def test_further_inputs_and_outputs_go_into_the_linear_programs_only() -> None:
    given = _given(inputs=TABLE.volume.reshape(-1, 1), outputs=np.column_stack([TABLE.volume[::-1], TABLE.quality**2]))
    found, plain = analyse(given, SPENDING), analyse(_given(), SPENDING)
    one = found.programs_envelopment
    assert one is not None
    assert (one.input_slacks.shape, one.output_slacks.shape) == ((24, 2), (24, 3))
    # More that one may be good at: nobody is less efficient for it.
    assert (found.efficiencies["envelopment_programs"] >= plain.efficiencies["envelopment_programs"] - 1e-9).all()
    for key in set(plain.efficiencies) - {"envelopment_programs"}:
        np.testing.assert_array_equal(found.efficiencies[key], plain.efficiencies[key])


@pytest.mark.parametrize("errors", [{"quality_error": TABLE.quality_error}, {"cost_error": TABLE.cost_error}])
def test_standard_errors_of_one_side_make_its_intervals_only(errors: dict[str, Any]) -> None:
    found = _formulas(_given(**errors), value=25.0)
    quality = "quality_error" in errors
    assert np.isnan(found.side_by_side.quality_interval.low).all() == (not quality)
    assert np.isnan(found.side_by_side.cost_interval.low).all() == quality
    assert np.isnan(found.unconditional[0].interval.low).all()
    assert found.net_benefit is not None
    assert np.isnan(found.net_benefit.interval.low).all()
    assert found.quality_hurdle is not None
    assert np.isnan(found.quality_hurdle.interval.low).all() == quality


# Equals tie


def test_efficiencies_that_differ_in_their_last_bits_are_equal() -> None:
    """A tenth of money for three more of quality, or three tenths of money less: the same net benefit."""
    quality, cost = [3.0, 0.0, 1.0, 7.0, 5.0], [1.1, 0.8, 2.0, 3.0, 9.0]
    found = _formulas(Given(np.array(quality), np.array(cost)), value=0.1)
    assert found.net_benefit is not None
    raw = found.net_benefit.efficiency
    assert raw[0] != raw[1]
    assert abs(raw[0] - raw[1]) < 1e-15
    kept = found.efficiencies["cost_effectiveness"]
    assert kept[0] == kept[1]
    assert rank(kept)[0] == rank(kept)[1]


def test_efficiencies_that_differ_by_more_are_not() -> None:
    quality, cost = [3.0, 0.0, 1.0, 7.0, 5.0], [1.1 + 2e-9, 0.8, 2.0, 3.0, 9.0]
    found = _formulas(Given(np.array(quality), np.array(cost)), value=0.1)
    kept = found.efficiencies["cost_effectiveness"]
    assert kept[0] < kept[1]


# Patients, programs, progress


def test_a_regression_that_lacks_providers_is_shown_and_not_compared() -> None:
    effects = np.linspace(-1, 1, 24)
    effects[[3, 9]] = np.nan
    found = _formulas(_given(regression=effects))
    assert "regression" not in found.left_out
    np.testing.assert_array_equal(found.efficiencies["regression"], np.round(effects, EFFICIENCY_DECIMALS))
    assert found.correlations is not None
    assert found.agreement is not None
    assert found.correlations.models == found.agreement.models
    assert set(found.efficiencies) - set(found.correlations.models) == {"regression"}


def test_a_regression_that_lacks_providers_beside_one_model_leaves_nothing_to_compare() -> None:
    effects = np.r_[np.nan, np.linspace(-1, 1, 23)]
    found = _formulas(_given(regression=effects), models=("regression", "quality-hurdle"))
    assert set(found.efficiencies) == {"regression", "quality_hurdle"}
    assert (found.correlations, found.agreement) == (None, None)


OWN: dict[str, float] = {
    "hurdle": 60.0,
    "cost_threshold": 1050.0,
    "minimum_volume": 20.0,
    "quality_weight": 0.8,
    "sides": 1,
    "share": 0.5,
    "significance": 0.1,
    "share_of_average": 1.1,
}


@pytest.mark.parametrize("key", [one.key for one in programs()])
def test_programs(key: str) -> None:
    """With what the exhibit does not state, and with the columns that the rule asks for."""
    chosen = next(one for one in programs() if one.key == key)
    areas = ["North", "South"] * 12
    given = _given(quality_error=TABLE.quality_error, cost_error=TABLE.cost_error, volume=TABLE.volume, area=areas)
    own = {name: OWN[name] for name in chosen.unstated if name in OWN}
    if chosen.approach == "unclear":
        with pytest.raises(ArgumentError, match="It is not guessed; choose a model"):
            _formulas(given, program=key)
        return
    if set(chosen.unstated) - set(own):
        with pytest.raises(ArgumentError, match="Exhibit 1 does not state"):
            _formulas(given, program=key, program_options=own)
        return
    found = _formulas(given, program=key, program_options=own, models=("unconditional",)).program
    needed: dict[str, Any] = {
        "designation": {"volume": TABLE.volume},
        "not-significantly-above": {"cost_error": TABLE.cost_error, "area": areas},
    }.get(chosen.rule, {})
    expected = run_program(key, TABLE.quality, TABLE.cost, cost_is="spending", data=needed, **own)
    assert type(found) is type(expected)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))


@pytest.mark.parametrize(
    ("key", "told"), [("aetna-aexcel", "volume: is needed"), ("anthem-blue-precision", "cost_error: is needed")]
)
def test_programs_that_lack_a_column_are_refused(key: str, told: str) -> None:
    chosen = next(one for one in programs() if one.key == key)
    own = {name: OWN[name] for name in chosen.unstated}
    with pytest.raises(ArgumentError, match=told):
        _formulas(_given(), program=key, program_options=own)


def test_no_program_is_none() -> None:
    assert _formulas(_given()).program is None


def test_progress_rises_to_the_end() -> None:
    told: list[float] = []
    analyse(_given(), SPENDING, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)
    assert all(0 <= one <= 1 for one in told)


def test_a_series_is_as_good_as_an_array() -> None:
    named = _given(quality=pd.Series(TABLE.quality, name="score"), cost=pd.Series(TABLE.cost))
    found, expected = _formulas(named), _formulas(_given())
    assert isinstance(found.given.quality, np.ndarray)
    for key, values in expected.efficiencies.items():
        np.testing.assert_array_equal(found.efficiencies[key], values)


# Of any data


@settings(max_examples=40)
@drawn(quality_and_spending())
def test_the_order_of_the_rows_does_not_matter(data: Any) -> None:
    """But for the last bits: sums over providers are in another order."""
    quality, cost = data
    order = np.random.default_rng(1).permutation(len(quality))
    one, other = (_formulas(Given(*columns), value=1.0) for columns in ((quality, cost), (quality[order], cost[order])))
    assert one.left_out == other.left_out
    assert list(one.efficiencies) == list(other.efficiencies)
    for key, values in one.efficiencies.items():
        # The third moment of residuals that hardly lean decides by its last bits.
        if key == "frontier_moments" and one.moments is not None and abs(one.moments.skewness) < 1e-6:
            continue
        np.testing.assert_allclose(other.efficiencies[key], values[order], rtol=0, atol=2e-9, err_msg=key)


@settings(max_examples=40)
@drawn(quality_and_spending())
def test_correlations_and_classes_are_of_what_is_shown(data: Any) -> None:
    found = _formulas(Given(*data), value=1.0)
    assert found.correlations is not None
    assert found.agreement is not None
    assert tuple(found.efficiencies) == found.correlations.models == found.agreement.models
    for place, values in enumerate(found.efficiencies.values()):
        np.testing.assert_array_equal(values, np.round(values, EFFICIENCY_DECIMALS))
        np.testing.assert_array_equal(found.agreement.classes[:, place], classes_of({"one": values})["one"])
    flat = np.array([np.ptp(values) == 0 for values in found.efficiencies.values()])
    assert np.isnan(found.correlations.matrix[flat]).all()


# The real data


@pytest.fixture(scope="module")
def real(hospitals: pd.DataFrame) -> Analysis:
    given = Given(hospitals["total_performance_score"].to_numpy(), hospitals["spending_ratio"].to_numpy())
    return _formulas(given, value=100.0)


@pytest.mark.shared
def test_hospitals(hospitals: pd.DataFrame, real: Analysis) -> None:
    assert len(hospitals) == 2966
    assert set(real.left_out) == {"regression"}
    assert all(len(values) == 2966 and not np.isnan(values).any() for values in real.efficiencies.values())
    assert real.efficiencies["envelopment"].max() == real.efficiencies["free_disposal"].max() == 1
    assert (real.efficiencies["free_disposal"] >= real.efficiencies["envelopment"]).all()
    assert set(np.unique(real.efficiencies["conditional_within"])) == set(range(1, 10))


@pytest.mark.shared
def test_correlations_of_hospitals_are_those_of_pandas(real: Analysis) -> None:
    table = pd.DataFrame(dict(real.efficiencies))
    assert real.correlations is not None
    np.testing.assert_allclose(real.correlations.matrix, table.corr().to_numpy(), atol=1e-12)


@pytest.mark.shared
def test_thirds_of_hospitals_are_counted_alike_by_pandas(real: Analysis) -> None:
    """Where hardly anybody ties, a third of them is in each class; the rest keeps its class or changes it."""
    assert real.agreement is not None
    table = pd.DataFrame(real.agreement.classes, columns=list(real.efficiencies))
    for key in ("unconditional_a", "unconditional_b", "frontier_moments"):
        counted = table[key].value_counts()
        assert counted.min() >= 2966 // 3 - 1
        assert counted.max() <= 2966 // 3 + 2
    moved = table.max(axis=1) - table.min(axis=1)
    assert len(real.agreement.changing) == int((moved > 0).sum())
    same = (table["unconditional_a"] == table["quality_hurdle"]).mean()
    first, second = (list(real.efficiencies).index(key) for key in ("unconditional_a", "quality_hurdle"))
    assert real.agreement.same[first, second] == pytest.approx(same)
