"""The diagnosis book: what it holds is what the pure functions say, it follows its parameters, and checks can fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import xl_qbs
from tests.compare import cell_of, errors, unlike_book, value_of, with_cell
from tests.engines import recalculate_ironcalc
from tests.sheets.diagnosis.small import ECM, SHEET, Made, made
from xl_qbs.diagnosis.distribution import cliffs, lowest, missing_middle
from xl_qbs.diagnosis.need import expected_load
from xl_qbs.scoring.improvement import next_steps
from xl_qbs.scoring.two_years import standards, two_years
from xl_qbs.sheets.diagnosis.book import diagnosis_book
from xl_qbs.sheets.diagnosis.plan import Limits
from xl_qbs.sheets.diagnosis.verdict import fairer_under, verdict_sentence
from xl_qbs.sheets.model import Block


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Two years with everything."""
    return made(tmp_path_factory.mktemp("both"), years=2, size=True, age=True, added=ECM)


def column(one: Made, key: str) -> Any:
    values = one.book.block(key).values[:, 0]
    return values if values.dtype == object else values.astype(float)


def test_every_cell_has_a_place_of_its_own(both: Made) -> None:
    blocks = [block for sheet in both.book.sheets for block in sheet.blocks if isinstance(block, Block)]
    places = [(block.sheet, block.row + i, block.column + j) for block in blocks
              for i in range(block.rows) for j in range(block.columns)]  # fmt: skip
    assert len(places) == len(set(places))


@pytest.mark.parametrize("steps_by", ["need-adjusted", "proportional", "current"])
def test_next_steps_are_those_of_each_list(tmp_path: Path, steps_by: Any) -> None:
    one = made(tmp_path, kind="odd", steps=3, steps_by=steps_by, method={"weights": "own"})
    names = {indicator.code: indicator.name for indicator in one.result.scheme.indicators}
    for row, provider in enumerate(one.result.table.providers):
        expected = next_steps(one.result, provider, steps_by)
        assert one.book.block("steps_open").values[row, 0] == len(expected)
        for number in range(3):
            shown = [column(one, f"step{number}_{key}")[row] for key in ("name", "points", "missing", "left", "reach")]
            if number >= len(expected):
                assert shown[0] == ""
                assert np.isnan(np.array(shown[1:], dtype=float)).all()
                continue
            step = expected[number]
            assert shown[0] == names[step.indicator]
            wanted = [step.points, step.missing, step.patients, step.potential]
            assert np.allclose(np.array(shown[1:], dtype=float), wanted, atol=1e-9)


def test_points_missing_and_potential_stand_for_every_list_and_indicator(both: Made) -> None:
    steps = {
        (provider, step.indicator): step
        for provider in both.result.table.providers
        for step in next_steps(both.result, provider)
    }
    need, reach, missing = (both.book.block(f"step_{key}").values for key in ("need", "potential", "missing"))
    for row, provider in enumerate(both.result.table.providers):
        for place, code in enumerate(both.result.scheme.codes):
            step = steps.get((provider, code))
            if step is None:
                assert np.isnan(need[row, place])
            else:
                assert need[row, place] == pytest.approx(step.points)
                assert reach[row, place] == pytest.approx(step.potential)
                assert missing[row, place] == step.missing


def test_findings_are_those_of_the_pure_functions(both: Made) -> None:
    result = both.result
    assert column(both, "corr_value").tolist() == [one.value for one in both.plan.fairness.correlation.values()]
    for place, key in enumerate(both.plan.keys):
        assert np.allclose(column(both, f"size_mean_{key}"), both.plan.fairness.by_size.mean[:, place])
    found = missing_middle(result.current.total)
    assert column(both, "middle_current")[0] == found.middle
    share = cliffs(result, "current").share_of_lists(20)
    assert column(both, "cliff_share_current")[0] == pytest.approx(share)
    assert column(both, "lowest_lists")[0] == len(lowest(result).rows) > 0
    assert both.plan.profile is not None
    assert column(both, "profile_lists").tolist() == [both.plan.profile.lists[name] for name in ("A", "B", "C",
        "younger, at risk", "not known")]  # fmt: skip
    assert column(both, "profile_lists")[-1] == 2


def test_expected_load(both: Made) -> None:
    assert both.plan.list_size is not None
    target = both.result.table.target
    known = ~np.isnan(both.plan.list_size)
    people = np.column_stack([target[:, 0], target[:, 2], both.plan.list_size])[known]
    expected = expected_load(people, [0.3, 0.05, 0.02], coverage=0.8)
    for key, values in (("patients", expected.patients), ("low", expected.low), ("high", expected.high),
                        ("work", expected.work), ("relative", expected.relative)):  # fmt: skip
        shown = column(both, f"added_{key}")
        assert np.allclose(shown[known], values)
        assert np.isnan(shown[~known]).all()


def test_two_years_are_those_of_the_pure_functions(both: Made) -> None:
    assert both.plan.before is not None
    years = both.plan.before.years
    # One list is new, and one of last year has gone.
    assert years.in_both.sum() == both.plan.lists - 1
    assert np.isnan(column(both, "last_row")[0])
    assert column(both, "two_final").tolist() == years.final.tolist()
    prediction = both.plan.before.prediction
    assert np.allclose(column(both, "error_report"), prediction.error[:, 1])
    best = [prediction.predictors[int(np.argmin(row))] for row in prediction.error]
    assert column(both, "predict_best").tolist() == best
    assert column(both, "times_worse_report")[0] == len(prediction.worse_than_raw["report"])


def test_the_sentence_says_no_more_than_the_draws_show(both: Made) -> None:
    found = both.plan.fairness
    assert fairer_under(found) == ()
    assert "not shown to be fairer" in verdict_sentence(found).en
    better = {
        name: one._replace(verdict="nearer to zero") if name.endswith("moments") else one
        for name, one in found.against_current.items()
    }
    said = verdict_sentence(found._replace(against_current=better))
    assert "fairer than the current one with the prior moments; not shown with the others (report: " in said.en
    assert "moments" not in said.en.partition("(")[2]


def test_parameters_are_live(both: Made, tmp_path: Path) -> None:
    """Numbers that somebody decided: all sheets follow, as if run with them."""
    path = both.path
    changes = {
        "cliff_points": 5.0, "lowest_under": 60.0, "reached_by": 0.2, "variation_up_to": 9.0, "fewest": 60.0,
        "few_lists": 0.4, "floor_share": 0.5, "best_share": 0.3, "steps_by": 3.0, "added_coverage": 0.5,
    }  # fmt: skip
    for number, (key, value) in enumerate(changes.items()):
        path = with_cell(path, tmp_path / f"{number}.xlsx", *cell_of(both.book, key), value)
    cells = recalculate_ironcalc(path)
    assert not errors(cells, both.book)
    limits = Limits(
        cliff=5.0, under=60.0, reached_by=0.2, variation_up_to=9.0, fewest=60, few_lists=0.4, floor=0.5, best=0.3
    )
    other = made(tmp_path, years=2, size=True, age=True, limits=limits, steps_by="current", added=ECM)
    assert both.plan.before is not None
    again = two_years(both.plan.before.run.result, both.result, floor=0.5,
                      standard=standards(both.plan.before.run.result, 0.3))  # fmt: skip
    keys = ("cliff_share_current", "lowest_lists", "lowest_need_most", "ind_topped", "ind_low", "two_final",
            "step0_points", "step1_reach", "ind_first")  # fmt: skip
    changed = 0
    for key in keys:
        values = other.book.block(key).values[:, 0].astype(float)
        shown = [value_of(cells, both.book, key, row) for row in range(len(values))]
        numbers = [np.nan if one in ("", None) else one for one in shown]
        assert np.allclose(np.array(numbers, dtype=float), values, equal_nan=True), key
        changed += not np.allclose(values, both.book.block(key).values[:, 0].astype(float), equal_nan=True)
    assert changed >= 7
    assert other.book.block("two_final").values[:, 0].tolist() == again.final.tolist()
    work = value_of(cells, both.book, "added_work", 0)
    assert work == pytest.approx(column(both, "added_work")[0] * 0.5 / 0.8)
    assert value_of(cells, both.book, "master") == 1


@pytest.mark.parametrize(
    ("key", "row", "column_", "value"),
    [
        ("by_report", 2, 0, "?"),
        ("loss_current", 3, 1, -4.0),
        ("size_lists", 0, 0, 2.0),
        ("against_meanrank", 5, 0, 300.0),
        ("two_credit", 4, 2, 1.4),
        ("two_final", 6, 0, -3.0),
        ("step_left", 1, 1, 4000.0),
        ("step_place", 1, 0, "?"),
        ("need_bands_current", 0, 1, 77.0),
        ("ind_variation", 0, 0, "?"),
    ],
)
def test_checks_can_fail(both: Made, tmp_path: Path, key: str, row: int, column_: int, value: float | str) -> None:
    broken = with_cell(both.path, tmp_path / "broken.xlsx", *cell_of(both.book, key, row, column_), value)
    cells = recalculate_ironcalc(broken)
    assert value_of(cells, both.book, "master") == 0


def test_another_rule_of_the_prior_leaves_the_checks_as_they_are(both: Made, tmp_path: Path) -> None:
    moved = with_cell(both.path, tmp_path / "moved.xlsx", *cell_of(both.book, "prior_rule"), "moments")
    cells = recalculate_ironcalc(moved)
    assert value_of(cells, both.book, "master") == 1
    other = xl_qbs.score(both.table, prior="moments").need_adjusted.total
    shown = [value_of(cells, both.book, "need_score", row) for row in range(both.plan.lists)]
    assert np.allclose(np.array(shown, dtype=float), other)


def test_values_instead_of_formulas(tmp_path: Path) -> None:
    one = made(tmp_path, cells="values", language="et")
    assert unlike_book(recalculate_ironcalc(one.path), one.book) == []


def test_every_text_is_in_both_languages(both: Made) -> None:
    """Sheets have other names in Estonian, and so have headings."""
    estonian = diagnosis_book(both.plan, "et", (SHEET,))
    for one, other in zip(both.book.sheets, estonian.sheets, strict=True):
        assert one.name != other.name
        texts = [
            sum(block.kind in ("title", "note", "heading", "label") for block in sheet.blocks) for sheet in (one, other)
        ]
        assert texts[0] == texts[1]
        headings = [
            {str(text) for block in sheet.blocks if block.kind in ("title", "note") for text in block.values.ravel()}
            for sheet in (one, other)
        ]
        assert not headings[0] & headings[1]


def test_the_path_of_figure_2_passes_every_list_in_both_years(both: Made) -> None:
    """Each list that rose is one line from its old score on the left to its new one on the right."""
    x, y = column(both, "path_rose_x"), column(both, "path_rose_y")
    drawn = {
        tuple(y[i : i + 2]) if x[i] == 1 else tuple(y[i : i + 2][::-1]) for i in range(0, len(x), 2) if x[i] != x[i + 1]
    }
    assert both.plan.before is not None
    earlier = dict(zip(both.plan.before.run.result.table.providers,
                       both.plan.before.run.result.current.total.tolist(), strict=True))  # fmt: skip
    now = zip(both.result.table.providers, both.result.current.total.tolist(), strict=True)
    pairs = {(earlier[provider], score) for provider, score in now if provider in earlier}
    assert drawn == {(first, second) for first, second in pairs if second > first}
    assert set(x) == {1.0, 2.0}
