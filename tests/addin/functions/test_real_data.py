"""The functions on the real lists, against the package's own functions on the same numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.addin.formula_help import block, call, column, same
from tests.real_data import real_table
from xl_qbs.addin.definition import CellError, Cells
from xl_qbs.scheme import preset
from xl_qbs.scoring import coverage, credit, improvement, priors, ranks, weights
from xl_qbs.scoring.score import score
from xl_qbs.scoring.table import Table

pytestmark = pytest.mark.shared

_SCHEME = preset()
_REQUIRED = (tuple(_SCHEME.required_coverage),)


@pytest.fixture(scope="module")
def table(shared: Path) -> Table:
    return real_table(shared, 2019)


@pytest.fixture(scope="module")
def counts(table: Table) -> tuple[Cells, Cells]:
    return block(table.done), block(table.target)


def _cells(array: Any) -> Cells:
    """Return an array of two dimensions as what cells show."""
    return tuple(tuple(CellError.NA if np.isnan(one) else one for one in row) for row in array.tolist())


def _wide(table: Table) -> Cells:
    heads = [f"{code} {what}" for code in table.indicators for what in ("Sihtrühm", "Tehtud")]
    pairs = np.stack([table.target, table.done], axis=2).reshape(len(table.providers), -1)
    return (("Nimistu", *heads), *((one, *row) for one, row in zip(table.providers, pairs.tolist(), strict=True)))


def test_coverage(table: Table, counts: tuple[Cells, Cells]) -> None:
    assert same(call("QBS_COVERAGE", *counts), _cells(coverage.coverage(table.done, table.target)))


@pytest.mark.parametrize("rule", ["report", "moments", "likelihood"])
def test_prior_adjusted_coverage_and_interval(table: Table, counts: tuple[Cells, Cells], rule: str) -> None:
    estimate: Any = {
        "report": priors.report_prior,
        "moments": priors.moments_prior,
        "likelihood": priors.likelihood_prior,
    }[rule]
    prior = estimate(table.done, table.target)
    found = call("QBS_PRIOR", *counts, rule)
    assert same(found, block(np.array([prior.mean, prior.strength])))
    adjusted = coverage.adjusted_coverage(table.done, table.target, *prior)
    assert same(call("QBS_ADJUSTED_COVERAGE", *counts, rule), block(adjusted))
    if rule == "report":
        interval = coverage.coverage_interval(table.done, table.target, *prior, level=0.9)
        assert same(call("QBS_COVERAGE_INTERVAL", *counts, 0.9), block(np.hstack(interval)))
        given = call("QBS_ADJUSTED_COVERAGE", *counts, "fixed", None, (found[0],), (found[1],))
        assert same(given, block(adjusted))


def test_reliability_and_next_patients(table: Table, counts: tuple[Cells, Cells]) -> None:
    strength = priors.report_prior(table.done, table.target).strength
    done, target = counts
    row = (tuple(strength.tolist()),)
    assert same(call("QBS_RELIABILITY", target, row), block(coverage.reliability(table.target, strength)))
    assert same(
        call("QBS_POINTS_PER_PATIENT", target, 65, row),
        block(improvement.points_per_patient(table.target, 65, strength)),
    )
    assert same(
        call("QBS_POTENTIAL_POINTS", done, target, 65, row),
        block(improvement.potential_points(table.done, table.target, 65, strength)),
    )
    assert same(
        call("QBS_PATIENTS_TO_THRESHOLD", done, target, _REQUIRED),
        block(improvement.patients_to_threshold(table.done, table.target, _REQUIRED[0])),
    )


def test_credit(table: Table, counts: tuple[Cells, Cells]) -> None:
    reached = credit.threshold_credit(table.done, table.target, _SCHEME.required_coverage)
    assert call("QBS_THRESHOLD_CREDIT", *counts, _REQUIRED) == block(reached)
    part = credit.proportional_credit(table.done, table.target, 0.4, 0.9)
    assert same(call("QBS_PROPORTIONAL_CREDIT", *counts, 0.4, 0.9), block(part))


def test_loadings_and_weights_out_of_coverage_with_gaps(table: Table, counts: tuple[Cells, Cells]) -> None:
    shares = call("QBS_COVERAGE", *counts)
    assert any(CellError.NA in row for row in shares)
    component = weights.first_component(coverage.coverage(table.done, table.target))
    assert same(call("QBS_PC_LOADINGS", shares), (tuple(component.loadings.tolist()),))
    found = call("QBS_PC_WEIGHTS", shares, (_SCHEME.points,))
    assert found == (tuple(score(table).weights.tolist()),)
    # The report's own way: each to the nearest whole number, of coverage in whole percents.
    printed = call("QBS_PC_WEIGHTS", shares, 480, "integer", 2)
    assert printed == (tuple(score(table, rounding="integer", coverage_decimals=2).weights.tolist()),)


@pytest.mark.parametrize(
    ("options", "method"),
    [
        ((), {}),
        (("moments",), {"prior": "moments"}),
        (("report", "current"), {"weights": "current"}),
        (("report", "principal-component", "none"), {"rounding": "none"}),
    ],
)
def test_score_is_the_score_of_the_command_line(table: Table, options: tuple[str, ...], method: dict[str, Any]) -> None:
    frame = score(table, **method).scores()
    found = call("QBS_SCORE", _wide(table), None, *options)
    assert same(found[1:], tuple(map(tuple, frame.astype({"rank": float}).to_numpy(dtype=object).tolist())), 0)


def test_ranks_and_bands(table: Table) -> None:
    scores = score(table).need_adjusted
    listed = scores.total.tolist()
    assert call("QBS_RANK", listed) == column(ranks.rank(scores.total).tolist())
    assert call("QBS_RELATIVE_RANK", listed) == column(ranks.relative_rank(scores.total).tolist())
    assert call("QBS_BAND", listed, 480) == column((scores.band + 1).tolist())


def test_whole_columns_with_titles_above_and_nothing_below(table: Table) -> None:
    done, target = table.done[:, 0].tolist(), table.target[:, 0].tolist()
    above = ["Diabeet II jälgimine", None, "2019", None]
    found = call(
        "QBS_ADJUSTED_COVERAGE",
        [above[0], None, "Tehtud", *done, *[None] * 5000],
        [None, None, "Sihtrühm", *target, *[""] * 5000],
    )
    assert found == call("QBS_ADJUSTED_COVERAGE", done, target)
