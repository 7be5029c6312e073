"""The formulas of a scored workbook against Python, cell by cell, in two engines that are not Excel."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import xl_qbs
from tests.compare import (
    ENGINES,
    Engine,
    alike,
    assert_agrees,
    cell_of,
    errors,
    formulas,
    libreoffice,
    unlike_book,
    value_of,
    values,
    with_cell,
    written_formulas,
)
from tests.engines import recalculate_ironcalc
from tests.small_fund import (
    CONDITIONS,
    SCHEME,
    Scored,
    counts,
    long_rows,
    rows_of,
    scheme_of,
    score_file,
    write_fund,
)
from tests.workbook.builders import write_xlsx
from xl_qbs.scheme import Scheme
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.model import Book
from xl_qbs.workbook.scored import scored_book

INFINITE = {code: (0.7, float("inf") if code == "i02" else 12.5) for code in SCHEME.codes}
OWN = {code: 5.0 + number for number, code in enumerate(SCHEME.codes)}
OPTIONS: dict[str, dict[str, Any]] = {
    "report": {},
    "report, strength 0": {"fraction": 0.0},
    "report, fraction 1, level 0.8": {"fraction": 1.0, "level": 0.8},
    "moments": {"prior": "moments"},
    "likelihood": {"prior": "likelihood", "language": "et"},
    "fixed, one infinite": {"prior": "fixed", "prior_values": INFINITE},
    "fixed, all 0": {"prior": "fixed", "prior_values": dict.fromkeys(SCHEME.codes, (0.5, 0.0))},
    "fixed, means 0 and 1": {
        "prior": "fixed",
        "prior_values": {code: (float(number % 2), 3.0) for number, code in enumerate(SCHEME.codes)},
    },
    "current": {"weights": "current"},
    "own of the scheme": {"weights": "own"},
    "own as given": {"weights": "own", "own_weights": OWN, "language": "et"},
    "no rounding": {"rounding": "none"},
    "integer": {"rounding": "integer", "language": "et"},
    "2 decimals": {"coverage_decimals": 2},
    "limits": {"lower_limit": 0.4, "upper_limit": 0.9},
    "conditions": {"conditions": CONDITIONS},
    "conditions, Estonian": {"conditions": CONDITIONS, "language": "et", "weights": "current"},
    "no bands": {"bands": ()},
}


def _scored(folder: Path, scheme: Scheme, target: Array, done: Array, **options: Any) -> Scored:
    return score_file(write_fund(folder / "in.xlsx", scheme, target, done), folder / "out.xlsx", scheme, **options)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_options(tmp_path: Path, engine: Engine, options: dict[str, Any]) -> None:
    options = dict(options)
    scheme = replace(SCHEME, **{key: options.pop(key) for key in ("conditions", "bands") if key in options})
    target, done = counts(scheme)
    target[3, 1] = done[3, 1] = target[7, 1] = done[7, 1] = 0
    done[5] = target[5]
    done[6] = 0
    scored = _scored(tmp_path, scheme, target, done, **options)
    assert_agrees(scored.path, engine, scored.book)


# Every way in which counts may lie


def _nothing_varies(target: Array, done: Array) -> None:
    target[:, 2], done[:, 2] = 20, 15


def _against_the_others(target: Array, done: Array) -> None:
    done[:, 4] = np.rint(target[:, 4] * (1 - done[:, 0] / target[:, 0]))


def _many_without_patients(target: Array, done: Array) -> None:
    target[::2, 3] = done[::2, 3] = 0


def _all_served(_target: Array, done: Array) -> None:
    done[:, 1] = _target[:, 1]


def _none_served(_target: Array, done: Array) -> None:
    done[:, 1] = 0


def _more_than_there_were(target: Array, done: Array) -> None:
    done[:4] = target[:4] + 2


def _alike(target: Array, done: Array) -> None:
    target[10:20], done[10:20] = target[9], done[9]


def _exactly_as_required(target: Array, done: Array) -> None:
    """Every coverage is the required one, which no binary number holds exactly; one list is just below it."""
    target[:] = 50.0 * np.arange(1, len(target) + 1).reshape(-1, 1)
    done[:] = np.rint(target * SCHEME.required_coverage)
    done[0] -= 1


def _large(target: Array, done: Array) -> None:
    target[:, 0] *= 5000
    done[:, 0] *= 5000


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "change",
    [
        _nothing_varies,
        _against_the_others,
        _many_without_patients,
        _all_served,
        _none_served,
        _more_than_there_were,
        _alike,
        _exactly_as_required,
        _large,
    ],
)
def test_counts(tmp_path: Path, engine: Engine, change: Callable[[Array, Array], None]) -> None:
    target, done = counts(SCHEME)
    change(target, done)
    scored = _scored(tmp_path, SCHEME, target, done, prior="moments")
    assert_agrees(scored.path, engine, scored.book)


def test_the_required_coverage_itself_is_enough(tmp_path: Path) -> None:
    target, done = counts(SCHEME)
    _exactly_as_required(target, done)
    scored = _scored(tmp_path, SCHEME, target, done, weights="current")
    cells = recalculate_ironcalc(scored.path)
    found = [value_of(cells, scored.book, "current_score", row) for row in range(len(target))]
    assert found == [0, *[SCHEME.total] * (len(target) - 1)]


def test_a_negative_loading_and_one_that_does_not_vary_weigh_nothing(tmp_path: Path) -> None:
    target, done = counts(SCHEME)
    _against_the_others(target, done)
    _nothing_varies(target, done)
    scored = _scored(tmp_path, SCHEME, target, done)
    assert scored.result.component is not None
    assert scored.result.component.loadings[4] < 0
    assert scored.result.component.loadings[2] == 0
    cells = assert_agrees(scored.path, recalculate_ironcalc, scored.book)
    assert [value_of(cells, scored.book, "weight", row) for row in (2, 4)] == [0, 0]


@pytest.mark.parametrize("engine", ENGINES)
def test_two_indicators_that_run_against_one_another(tmp_path: Path, engine: Engine) -> None:
    """Neither side leads: there is no component, and the scheme's own points do without one."""
    scheme = scheme_of(2)
    target, done = counts(scheme)
    done[:, 1] = np.rint(target[:, 1] * (1 - done[:, 0] / target[:, 0]))
    scored = _scored(tmp_path, scheme, target, done, weights="current")
    assert scored.result.component is None
    assert_agrees(scored.path, engine, scored.book)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("lists", [1, 2])
def test_too_few_lists_for_a_component(tmp_path: Path, engine: Engine, lists: int) -> None:
    scored = _scored(tmp_path, SCHEME, *counts(SCHEME, lists), weights="current")
    assert scored.result.component is None
    assert_agrees(scored.path, engine, scored.book)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("count", [1, 2, 40])
def test_number_of_indicators(tmp_path: Path, engine: Engine, count: int) -> None:
    scheme = scheme_of(count)
    scored = _scored(tmp_path, scheme, *counts(scheme))
    assert_agrees(scored.path, engine, scored.book)


# Where the numbers come from


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("left_out", [(), ((0, 0), (4, 2), (9, 4))], ids=["whole", "pairs missing"])
def test_long_table(tmp_path: Path, engine: Engine, left_out: tuple[tuple[int, int], ...]) -> None:
    path = write_xlsx(tmp_path / "in.xlsx", {"Pikk": long_rows(SCHEME, *counts(SCHEME), left_out)})
    scored = score_file(path, tmp_path / "out.xlsx", SCHEME)
    assert scored.table.source.layout == "long"
    assert int((scored.table.source.rows == 0).sum()) == len(left_out)
    assert_agrees(scored.path, engine, scored.book)


@pytest.mark.parametrize("engine", ENGINES)
def test_rows_of_other_periods_stand_between(tmp_path: Path, engine: Engine) -> None:
    first, second = (rows_of(SCHEME, *counts(SCHEME, seed=seed)) for seed in (1, 2))
    heading = [["Period", *first[0]]]
    rows = [
        [year, *row] for pair in zip(first[1:], second[1:], strict=True) for year, row in zip((1, 2), pair, strict=True)
    ]
    path = write_xlsx(tmp_path / "in.xlsx", {"Data": heading + rows})
    scored = score_file(path, tmp_path / "out.xlsx", SCHEME, read={"period": 2})
    assert_agrees(scored.path, engine, scored.book)


@pytest.mark.parametrize("engine", ENGINES)
def test_coefficients(tmp_path: Path, engine: Engine) -> None:
    rows = rows_of(SCHEME, *counts(SCHEME))
    for number, row in enumerate(rows):
        row.append("Coefficient" if number == 0 else (None, 0.8, 1.3, 0)[number % 4])
    path = write_xlsx(tmp_path / "in.xlsx", {"Data": rows})
    scored = score_file(path, tmp_path / "out.xlsx", SCHEME)
    assert scored.table.coefficient is not None
    assert sorted(set(scored.table.coefficient.tolist())) == [0, 0.8, 1, 1.3]
    assert scored.result.current.total.max() > 0
    assert_agrees(scored.path, engine, scored.book)


@pytest.mark.parametrize(
    ("engine", "delimiter"),
    [
        (recalculate_ironcalc, ","),
        (recalculate_ironcalc, "\t"),
        pytest.param(libreoffice, ";", marks=pytest.mark.libreoffice),
    ],
)
def test_text_file(tmp_path: Path, engine: Engine, delimiter: str) -> None:
    path = tmp_path / "õ tabel.csv"
    rows = rows_of(SCHEME, *(part.astype(int) for part in counts(SCHEME)), providers=[f"{n:04d}" for n in range(30)])
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    scored = score_file(path, tmp_path / "out.xlsx", SCHEME, language="et")
    assert scored.table.providers[7] == "0007"
    cells = assert_agrees(scored.path, engine, scored.book)
    assert cells["õ tabel"]["A9"] == "0007"


SHEETS = ("O'Neill! & <so>", "R1C1", "TRUE", "€ 😀", "Andmed 2019", "Hõlmatus", "A1", "a.b-c", "100 % (1)", "x" * 31)


@pytest.mark.parametrize(
    ("engine", "sheet"),
    [(recalculate_ironcalc, sheet) for sheet in SHEETS]
    # The hardest only: LibreOffice takes its time.
    + [pytest.param(libreoffice, sheet, marks=pytest.mark.libreoffice) for sheet in SHEETS[:3]],
)
def test_sheet_names(tmp_path: Path, engine: Engine, sheet: str) -> None:
    scheme = scheme_of(2)
    path = write_fund(tmp_path / "in.xlsx", scheme, *counts(scheme, 6), sheet=sheet)
    scored = score_file(path, tmp_path / "out.xlsx", scheme)
    assert_agrees(scored.path, engine, scored.book)


# What stands in names stays text

HOSTILE = (
    "=1+1",
    "@SUM(A1)",
    "+1",
    "-1",
    "'x",
    '<b>&"',
    "two\nlines",
    "a\ttab",
    "bell \x07",
    "õ" * 300,
    "Dr 😀 Tamm",
    "_x0041_",
    "%s {target} \\1",
    "#N/A",
    "TRUE",
    "]]>",
)


@pytest.mark.parametrize("engine", ENGINES)
def test_names_of_lists_stay_text(tmp_path: Path, engine: Engine) -> None:
    path = write_fund(
        tmp_path / "in.xlsx", SCHEME, *counts(SCHEME, len(HOSTILE)), providers=HOSTILE, sheet="Õ'ige! <leht>"
    )
    scored = score_file(path, tmp_path / "out.xlsx", SCHEME)
    assert scored.table.providers == HOSTILE
    assert_agrees(scored.path, engine, scored.book)
    cells = engine(scored.path)
    for number, name in enumerate(HOSTILE):
        assert alike(name, value_of(cells, scored.book, "provider", number))
        assert alike(name, value_of(cells, scored.book, "score_provider", number))


@pytest.mark.parametrize("engine", ENGINES)
def test_names_in_a_text_file_stay_text(tmp_path: Path, engine: Engine) -> None:
    path = tmp_path / "in.csv"
    target, done = (part.astype(int) for part in counts(SCHEME, len(HOSTILE)))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows_of(SCHEME, target, done, providers=HOSTILE))
    scored = score_file(path, tmp_path / "out.xlsx", SCHEME)
    assert scored.table.providers == HOSTILE
    assert_agrees(scored.path, engine, scored.book)
    cells = engine(scored.path)
    for number, name in enumerate(HOSTILE):
        # A text file does not tell the number -1 from the text.
        assert alike(-1.0 if name == "-1" else name, cells["in"][f"A{number + 2}"])
        assert alike(name, value_of(cells, scored.book, "provider", number))


def test_a_line_break_of_windows_stays(tmp_path: Path) -> None:
    """In IronCalc only: LibreOffice makes one character of the two."""
    names = ["two\r\nlines", "one\rline", "tab\tand \x0b one", *"abc"]
    scored = score_file(
        write_fund(tmp_path / "in.xlsx", SCHEME, *counts(SCHEME, len(names)), providers=names),
        tmp_path / "out.xlsx",
        SCHEME,
    )
    cells = assert_agrees(scored.path, recalculate_ironcalc, scored.book)
    assert [value_of(cells, scored.book, "provider", row) for row in range(3)] == names[:3]


@pytest.mark.parametrize("engine", ENGINES)
def test_names_in_the_scheme_stay_text(tmp_path: Path, engine: Engine) -> None:
    texts = iter(HOSTILE)
    indicators = tuple(
        replace(one, name=next(texts), name_et=next(texts), domain=f"={number}")
        for number, one in enumerate(SCHEME.indicators)
    )
    bands = tuple(replace(one, name=next(texts)) for one in SCHEME.bands)
    scheme = replace(SCHEME, name="=1+1", indicators=indicators, bands=bands)
    scored = _scored(tmp_path, scheme, *counts(scheme))
    cells = assert_agrees(scored.path, engine, scored.book)
    assert {value for sheet in cells.values() for value in sheet.values()} >= set(HOSTILE[:10:2])


# The examples and the real workbooks


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ["four_providers.xlsx", "four_providers_next_year.xlsx"])
def test_four_providers(examples: Path, tmp_path: Path, engine: Engine, name: str) -> None:
    scored = score_file(examples / name, tmp_path / "out.xlsx", weights="own")
    assert_agrees(scored.path, engine, scored.book)


@pytest.mark.parametrize("engine", ENGINES)
def test_example_fund(examples: Path, tmp_path: Path, engine: Engine) -> None:
    scored = score_file(examples / "fund_workbook_2023.xlsx", tmp_path / "out.xlsx", prior="moments")
    assert len(scored.table.providers) == 787
    assert_agrees(scored.path, engine, scored.book)


@pytest.mark.shared
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("year", "options"), [(2019, {}), (2020, {"prior": "moments", "language": "et", "coverage_decimals": 2})]
)
def test_real_fund(shared: Path, tmp_path: Path, engine: Engine, year: int, options: dict[str, Any]) -> None:
    scored = score_file(shared / "data" / f"fund_workbook_{year}.xlsx", tmp_path / "out.xlsx", **options)
    assert len(scored.table.providers) == {2019: 781, 2020: 784}[year]
    assert_agrees(scored.path, engine, scored.book)


# The formulas are live: what is changed in the written file changes all that follows from it


def _assert_follows(changed: Path, expected: Book) -> None:
    """Assert that the engine computes what Python computes for the changed input.

    What the program has put down as it was when it wrote stays, on purpose: the checks of sums.
    """
    cells = recalculate_ironcalc(changed)
    assert not errors(cells, expected)
    found = unlike_book(cells, _only_formulas(expected), leave_out="written_")
    assert not found, f"{len(found)} cells differ, such as {found[:5]}"
    assert value_of(cells, expected, "master") == 1


def _only_formulas(book: Book) -> Book:
    sheets = [
        replace(sheet, blocks=[block for block in sheet.blocks if block.formula is not None]) for sheet in book.sheets
    ]
    return replace(book, sheets=sheets)


def _written(folder: Path) -> tuple[Path, Scored]:
    target, done = counts(SCHEME)
    path = write_fund(folder / "in.xlsx", SCHEME, target, done)
    return path, score_file(path, folder / "out.xlsx", SCHEME)


def test_a_count_changes_everything_that_follows(tmp_path: Path) -> None:
    source, scored = _written(tmp_path)
    cell = f"C{int(scored.table.source.rows[4, 0])}"
    changed = with_cell(scored.path, tmp_path / "changed.xlsx", "Andmed", cell, 0.0)
    again = xl_qbs.read_workbook(with_cell(source, tmp_path / "again.xlsx", "Andmed", cell, 0.0), SCHEME)
    assert scored.table.done[4, 0] > 0
    assert again.done[4, 0] == 0
    result = xl_qbs.score(again)
    assert result.need_adjusted.total[4] < scored.result.need_adjusted.total[4]
    _assert_follows(changed, scored_book(result))


def test_the_rule_of_the_prior_changes_everything_that_follows(tmp_path: Path) -> None:
    _, scored = _written(tmp_path)
    changed = with_cell(scored.path, tmp_path / "changed.xlsx", *cell_of(scored.book, "prior_rule"), "moments")
    result = xl_qbs.score(scored.table, prior="moments")
    assert not np.allclose(result.prior.strength, scored.result.prior.strength, rtol=0.01)
    _assert_follows(changed, scored_book(result))


@pytest.mark.parametrize(
    ("key", "value", "method"),
    [
        ("weight_rule", "own", {"weights": "own"}),
        ("weight_rule", "current", {"weights": "current"}),
        ("rounding", "none", {"rounding": "none"}),
        ("rounding", "integer", {"rounding": "integer"}),
        ("coverage_decimals", 1, {"coverage_decimals": 1}),
        ("level", 0.5, {"level": 0.5}),
        ("fraction", 2.0, {"fraction": 2.0}),
        ("lower_limit", 0.3, {"lower_limit": 0.3}),
        ("upper_limit", 0.8, {"upper_limit": 0.8}),
    ],
)
def test_a_parameter_changes_everything_that_follows(
    tmp_path: Path, key: str, value: Any, method: dict[str, Any]
) -> None:
    _, scored = _written(tmp_path)
    changed = with_cell(scored.path, tmp_path / "changed.xlsx", *cell_of(scored.book, key), value)
    _assert_follows(changed, scored_book(xl_qbs.score(scored.table, **method)))


@pytest.mark.parametrize(
    ("key", "field", "value"), [("required", "required_coverage", 0.35), ("points", "points", 300.0)]
)
def test_the_scheme_changes_everything_that_follows(tmp_path: Path, key: str, field: str, value: float) -> None:
    _, scored = _written(tmp_path)
    changed = with_cell(scored.path, tmp_path / "changed.xlsx", *cell_of(scored.book, key, 1), value)
    indicators = list(SCHEME.indicators)
    indicators[1] = replace(indicators[1], **{field: value})
    result = xl_qbs.score(scored.table, replace(SCHEME, indicators=tuple(indicators)))
    assert not np.array_equal(result.current.total, scored.result.current.total)
    _assert_follows(changed, scored_book(result))


def test_the_master_flag_falls_where_a_count_is_no_number(tmp_path: Path) -> None:
    _, scored = _written(tmp_path)
    changed = with_cell(scored.path, tmp_path / "changed.xlsx", "Andmed", "B5", "many")
    assert value_of(values(changed), scored.book, "master") == 1
    assert value_of(recalculate_ironcalc(changed), scored.book, "master") == 0


def test_the_master_flag_falls_where_a_count_is_negative(tmp_path: Path) -> None:
    _, scored = _written(tmp_path)
    changed = with_cell(scored.path, tmp_path / "changed.xlsx", "Andmed", "C5", -3.0)
    assert value_of(recalculate_ironcalc(changed), scored.book, "master") == 0


# The file says what the sheets' description says


def test_written_formulas_are_those_of_the_book(tmp_path: Path) -> None:
    rows = long_rows(SCHEME, *counts(SCHEME), left_out=((2, 3),))
    path = write_xlsx(tmp_path / "in.xlsx", {"Data": rows})
    scored = score_file(path, tmp_path / "out.xlsx", SCHEME)
    assert {(sheet, cell): text for sheet, cell, text in formulas(scored.book)} == written_formulas(scored.path)


@pytest.mark.parametrize("engine", ENGINES)
def test_values_only(tmp_path: Path, engine: Engine) -> None:
    path = write_fund(tmp_path / "in.xlsx")
    scored = score_file(path, tmp_path / "out.xlsx", SCHEME, cells="values")
    assert written_formulas(scored.path) == {}
    assert_agrees(scored.path, engine, scored.book)
