"""The mutation test on templates, empty and filled: every change of a number or a formula is found where it is.

Yellow cells are their user's own: a change of one is found where a stored value that reads it does not follow.
A sample is drawn by default; XL_QBS_SLOW=1 draws a thousand of each, and takes the fund's own data too.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lxml import etree

from tests.audit.mutations import MAIN, Mutator, Place, number, part_of, text_cell, with_content
from tests.audit.test_mutations import is_located
from tests.engines import convert
from tests.small_efficiency import filled_template, numbers
from tests.small_equity import PERIODS, count_rows, write_table
from tests.small_fund import CONDITIONS, SCHEME
from tests.templates_help import Content, cells_at, table_of, to_type, with_cells, written
from tests.templates_help import Place as CellPlace
from xl_qbs import read_workbook
from xl_qbs.audit.efficiency_template import FIXED as EFFICIENCY_FIXED
from xl_qbs.audit.efficiency_template import efficiency_language, rebuild_efficiency_template
from xl_qbs.audit.equity_template import FIXED as EQUITY_FIXED
from xl_qbs.audit.equity_template import equity_language, rebuild_equity_template
from xl_qbs.audit.library import Library
from xl_qbs.audit.opened import Found, Opened, open_workbook
from xl_qbs.audit.run import audit_file, audit_opened
from xl_qbs.audit.scored import NotScoredError
from xl_qbs.audit.template import FIXED, RebuiltTemplate, rebuild_template
from xl_qbs.efficiency.analysis import Given, Options
from xl_qbs.equity.analysis import EquityOptions
from xl_qbs.equity.incentive import IncentiveRules
from xl_qbs.sheets.address import cell_name
from xl_qbs.sheets.model import Block, Language
from xl_qbs.workbook.efficiency_template import make_efficiency_template
from xl_qbs.workbook.equity_template import EquityRequest, equity_template_of, make_equity_template
from xl_qbs.workbook.group_table import read_group_table
from xl_qbs.workbook.template import Request, make_template, template_of
from xl_qbs.workbook.template_file import write_template

SLOW = os.environ.get("XL_QBS_SLOW") == "1"
SLOWLY = pytest.mark.skipif(not SLOW, reason="takes many minutes: XL_QBS_SLOW=1 runs it")
READY = Path(__file__).parents[2] / "templates"
SCHEME_FULL = SCHEME.__class__(
    name=SCHEME.name, indicators=SCHEME.indicators, bands=SCHEME.bands, conditions=CONDITIONS
)
# Yellow cells that every template's scores, or every model, read.
READ = ("points_input", "required_input", "fraction", "level", "band_guard", "score_decimals", "data", "before_data")
EQUITY_READ = ("d_n", "d_x", "d_n0", "d_x0", "level", "own_threshold", "accepted", *EQUITY_FIXED)
EFFICIENCY_READ = ("quality", "cost", "weight_a", "class_share_1", "cut_guard", "efficiency_decimals", "value")


@pytest.fixture(scope="module")
def filled(folder: Path) -> Path:
    request = Request(
        scheme=SCHEME_FULL,
        lists=14,
        indicators=7,
        table=table_of(SCHEME, 12),
        last_year=table_of(SCHEME, 12, seed=2, first=3),
    )
    return make_template(request, folder / "filled.xlsx")


@pytest.fixture(scope="module")
def empty(folder: Path) -> Path:
    return make_template(Request(scheme=SCHEME_FULL, lists=9, indicators=7), folder / "empty.xlsx", language="et")


@pytest.fixture(scope="module")
def real(shared: Path, folder: Path) -> Path:
    """A template of the fund's size with its two years."""
    before, table = (read_workbook(shared / "data" / f"fund_workbook_{year}.xlsx") for year in (2019, 2020))
    request = Request(scheme=table.scheme, lists=800, indicators=len(table.indicators), table=table, last_year=before)
    return make_template(request, folder / "real.xlsx")


@pytest.fixture(scope="module")
def efficiency_filled(folder: Path) -> Path:
    given = numbers(14)
    every = Given(given.quality, given.cost, given.quality_error, given.cost_error)
    book = filled_template(every, Options(cost_is="spending", value=25.0), 20, language="et")
    write_template(book, folder / "efficiency_filled.xlsx", title="Filled", description="Filled")
    return folder / "efficiency_filled.xlsx"


@pytest.fixture(scope="module")
def efficiency_empty(folder: Path) -> Path:
    options = Options(cost_is="spending", value=7.0, own_cost_hurdle=9.0)
    return make_efficiency_template(folder / "efficiency_empty.xlsx", options=options, providers=20)


@pytest.fixture(scope="module")
def efficiency_real(shared: Path, folder: Path) -> Path:
    """A template with the hospitals of two states."""
    with (shared / "data" / "hospital_quality_cost_fy2013.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["state"] in ("AL", "AZ")]
    quality, cost = (
        np.array([float(row[name]) for row in rows]) for name in ("total_performance_score", "spending_ratio")
    )
    options = Options(cost_is="spending", value=100.0)
    book = filled_template(Given(quality, cost), options, 200, providers=[row["provider_id"] for row in rows])
    write_template(book, folder / "efficiency_real.xlsx", title="Filled", description="Filled")
    return folder / "efficiency_real.xlsx"


def _equity_request(folder: Path, **more: Any) -> EquityRequest:
    """Return a template filled with two years of ten providers, one of which has more work done than patients."""
    columns = replace(PERIODS, total="all")
    table = read_group_table(write_table(folder / "groups.csv", count_rows(10)), columns)
    return EquityRequest(table=table, **{"providers": 11, "indicators": 3, "groups": 4, "accepted": 1, **more})


@pytest.fixture(scope="module")
def equity_filled(folder: Path) -> Path:
    options = EquityOptions(
        incentive=IncentiveRules(disadvantaged=("beta", "gamma")), targets={"diab": (0.6, 0.9)}, weights={"hyp": 2.0}
    )
    return make_equity_template(_equity_request(folder, options=options), folder / "equity_filled.xlsx", language="et")


@pytest.fixture(scope="module")
def equity_empty(folder: Path) -> Path:
    options = EquityOptions(reference="beta", weights={"hyp": 2.0}, prior="report", level=0.9)
    request = EquityRequest(
        options=options, providers=9, indicators=3, groups=3, codes=("diab", "hyp"), names=("alpha", "beta")
    )
    return make_equity_template(request, folder / "equity_empty.xlsx")


def _rebuilt(opened: Opened, library: Library) -> tuple[RebuiltTemplate, Collection[str], Collection[str]]:
    """Return a template made again, its constants, and the yellow cells that results read."""
    if efficiency_language(opened) is not None:
        return rebuild_efficiency_template(opened, library), EFFICIENCY_FIXED, EFFICIENCY_READ
    if equity_language(opened) is not None:
        return rebuild_equity_template(opened, library), EQUITY_FIXED, EQUITY_READ
    return rebuild_template(opened, library), FIXED, READ


def _mutator(opened: Opened, seed: int, library: Library, *, with_data: bool) -> Mutator:
    made, fixed, read = _rebuilt(opened, library)
    book = made.expected.book
    inputs: dict[str, list[Place]] = {}
    for key in read if with_data else fixed:
        block = book.named[key]
        assert isinstance(block, Block)
        inputs.setdefault(block.sheet, []).extend(
            (block.row + i, block.column + j) for i in range(block.rows) for j in range(block.columns)
        )
    yellow = {
        sheet.name: {
            (block.row + i, block.column + j)
            for block in sheet.blocks
            # Values of formulas are not compared without data, and those of array formulas look like plain ones.
            if (block.kind == "input" and block.key not in fixed) or (block.array and not with_data)
            for i in range(block.rows)
            for j in range(block.columns)
        }
        for sheet in book.sheets
    }
    sheets = [sheet.name for sheet in book.sheets]
    mutator = Mutator(opened, sheets, inputs, seed, leave_out=yellow)
    if not with_data:
        # Without data no formula has a value that could be another one.
        del mutator.kinds["sign"], mutator.kinds["swapped pair"]
    return mutator


def _assert_all_found(path: Path, number: int, seed: int, *, with_data: bool) -> None:
    opened, library = open_workbook(path), Library()
    assert audit_opened(opened, library).findings == ()
    mutator = _mutator(opened, seed, library, with_data=with_data)
    missed = []
    for place in range(number):
        made = mutator.make(place)
        # What follows from a changed yellow cell is another template; of each only one is kept.
        report = audit_opened(made.opened, Library(dict(library.made), dict(library.compared)))
        if report.passed or not is_located(report, made):
            missed.append((made.what, report.as_text(4)))
    assert missed == []


@pytest.mark.parametrize(("name", "few"), [("filled", 60), ("efficiency_filled", 60), ("equity_filled", 24)])
def test_every_change_of_a_filled_template_is_found(name: str, few: int, request: pytest.FixtureRequest) -> None:
    _assert_all_found(request.getfixturevalue(name), 1000 if SLOW else few, seed=4, with_data=True)


@pytest.mark.parametrize(("name", "few"), [("empty", 60), ("efficiency_empty", 60), ("equity_empty", 24)])
def test_every_change_of_an_empty_template_is_found(name: str, few: int, request: pytest.FixtureRequest) -> None:
    _assert_all_found(request.getfixturevalue(name), 1000 if SLOW else few, seed=5, with_data=False)


@SLOWLY
@pytest.mark.shared
@pytest.mark.parametrize("name", ["real", "efficiency_real"])
def test_every_change_of_a_template_with_real_data_is_found(name: str, request: pytest.FixtureRequest) -> None:
    _assert_all_found(request.getfixturevalue(name), 1000, seed=6, with_data=True)


@SLOWLY
@pytest.mark.parametrize("name", ["qbs_four_providers_en", "qbs_template_et", "efficiency_template_en"])
def test_every_change_of_a_template_that_stands_ready_is_found(name: str) -> None:
    path = READY / f"{name}.xlsx"
    _assert_all_found(path, 1000, seed=7, with_data=name.startswith("qbs_four"))


@pytest.mark.parametrize("language", ["en", "et"])
@pytest.mark.parametrize("name", ["qbs_four_providers", "qbs_template", "efficiency_template", "equity_template"])
def test_templates_that_stand_ready_pass(name: str, language: Language) -> None:
    path = READY / f"{name}_{language}.xlsx"
    often = name == "qbs_four_providers" or (name, language) == ("efficiency_template", "et")
    if not SLOW and not often:
        pytest.skip("takes long: XL_QBS_SLOW=1 runs it")
    assert audit_opened(open_workbook(path)).findings == ()


def _passes_after_libreoffice(path: Path, folder: Path) -> None:
    saved = convert(path, folder, "xlsx:Calc MS Excel 2007 XML")
    report = audit_opened(open_workbook(saved))
    assert report.findings == (), report.as_text()


@pytest.mark.libreoffice
@pytest.mark.parametrize(
    "name",
    [
        "filled",
        "efficiency_empty",
        "equity_filled",
        *(pytest.param(one, marks=SLOWLY) for one in ("empty", "efficiency_filled", "equity_empty")),
    ],
)
def test_what_libreoffice_saved_passes(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    _passes_after_libreoffice(request.getfixturevalue(name), tmp_path)


@SLOWLY
@pytest.mark.libreoffice
@pytest.mark.shared
@pytest.mark.parametrize("name", ["real", "efficiency_real"])
def test_what_libreoffice_saved_with_real_data_passes(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    _passes_after_libreoffice(request.getfixturevalue(name), tmp_path)


@SLOWLY
@pytest.mark.libreoffice
@pytest.mark.parametrize(
    "name",
    [
        "qbs_four_providers_en",
        "qbs_template_en",
        "efficiency_template_en",
        "efficiency_template_et",
        "equity_template_en",
        "equity_template_et",
    ],
)
def test_what_stands_ready_passes_after_libreoffice(name: str, tmp_path: Path) -> None:
    _passes_after_libreoffice(READY / f"{name}.xlsx", tmp_path)


def _with_part(opened: Opened, sheet: str, change: Callable[[bytes], bytes]) -> Opened:
    part = part_of(opened, sheet)
    return opened.with_part(part, change(opened.part(part)))


def test_protection_that_was_lifted(filled: Path) -> None:
    opened = open_workbook(filled)
    lifted = _with_part(opened, "Scores", lambda xml: re.sub(b"<sheetProtection[^>]*>", b"", xml))
    found = [one for one in audit_opened(lifted).findings if one.kind == "protection"]
    assert [one.sheet for one in found] == ["Scores"]


def test_a_cell_that_was_unlocked(filled: Path) -> None:
    opened = open_workbook(filled)
    style = str(min(opened.unlocked)).encode()
    unlocked = _with_part(
        opened, "Scores", lambda xml: re.sub(rb'(<c r="E13" [^>]*?)s="\d+"', rb'\g<1>s="' + style + b'"', xml)
    )
    found = audit_opened(unlocked).findings
    assert [(one.kind, one.where) for one in found] == [("protection", "Scores!E13")]


def test_a_name_that_stands_for_another_cell(filled: Path) -> None:
    opened = open_workbook(filled)
    part = opened.package.workbook_part
    root = etree.fromstring(opened.part(part))
    node = next(one for one in root.iter(f"{MAIN}definedName") if one.get("name") == "QBS_total")
    node.text = "Scheme!$B$1"
    found = audit_opened(opened.with_part(part, etree.tostring(root))).findings
    assert [(one.kind, "QBS_total" in one.what) for one in found] == [("name", True)]


def test_data_typed_in_and_calculated_pass(empty: Path, filled: Path, tmp_path: Path) -> None:
    """A template is made to be filled in: what its user typed is no finding."""
    request = Request(scheme=SCHEME_FULL, lists=14, indicators=7)
    base = written(request, tmp_path / "base.xlsx")
    wanted = template_of(
        Request(
            scheme=SCHEME_FULL,
            lists=14,
            indicators=7,
            table=table_of(SCHEME, 12),
            last_year=table_of(SCHEME, 12, seed=2, first=3),
        )
    )
    path = with_cells(base.path, tmp_path / "typed.xlsx", to_type(base.book, wanted))
    report = audit_file(path, ["ironcalc"])
    assert report.passed, report.as_text()
    assert [one.kind for one in report.findings] == ["stored value"]
    assert dict(report.facts)["Recalculated with ironcalc"] == "every formula gives Python's value"


def test_rows_by_group_typed_in_and_calculated_pass(folder: Path, tmp_path: Path) -> None:
    request = _equity_request(folder)
    bare = EquityRequest(providers=11, indicators=3, groups=4)
    base = make_equity_template(bare, tmp_path / "base.xlsx")
    typed = to_type(equity_template_of(bare), equity_template_of(request))
    report = audit_file(with_cells(base, tmp_path / "typed.xlsx", typed), ["ironcalc"])
    assert report.passed, report.as_text()
    assert dict(report.facts)["Recalculated with ironcalc"] == "every formula gives Python's value"


@pytest.fixture(scope="module")
def equity_book(equity_filled: Path) -> tuple[Opened, Library]:
    """A filled template, opened, with what was made of it already."""
    opened, library = open_workbook(equity_filled), Library()
    assert audit_opened(opened, library).findings == ()
    return opened, library


def _typed(opened: Opened, library: Library, changes: dict[CellPlace, Content]) -> Opened:
    """Return a template of equity with other contents in its yellow cells, not calculated since."""
    book = rebuild_equity_template(opened, library).expected.book
    for (sheet, cell), value in cells_at(book, changes).items():
        shown = "/>" if value is None else number(value) if isinstance(value, float) else text_cell(str(value))
        opened = _with_part(opened, sheet, lambda xml, cell=cell, shown=shown: with_content(xml, cell, shown))
    return opened


@pytest.mark.parametrize("key", ["d_n", "d_x", "d_n0", "d_x0"])
def test_a_count_by_group_that_changed_after_calculation_is_named(
    key: str, equity_book: tuple[Opened, Library]
) -> None:
    """Formulas look for it in all rows, and what they found last tells in which one it stood."""
    opened, library = equity_book
    block = rebuild_equity_template(opened, library).expected.book.block(key)
    changed = _typed(opened, library, {(key, 4, 0): float(block.values[4, 0]) - 1})
    told = [one for one in audit_opened(changed, library).findings if one.kind == "data"]
    assert [(one.sheet, one.cell) for one in told] == [(block.sheet, cell_name(block.row + 4, block.column))]


UNFOLLOWED: dict[str, tuple[dict[CellPlace, Content], str]] = {
    "gap": ({(f"d_{key}", 5, 0): None for key in ("provider", "indicator", "group", "n", "x")}, "blank rows between"),
    "part of a row": ({("d_n", 5, 0): None}, "no patients or no work done"),
    "half a patient": ({("d_n", 5, 0): 40.5}, "where a whole number should stand"),
    "twice": ({("d_group", 0, 0): "beta"}, "stand twice"),
    "group": ({("d_group", 0, 0): "delta"}, "not on Parameters"),
    "spaces": ({("d_provider", 0, 0): " P01"}, "spaces around the name 'P01'"),
    "letters": ({("d_provider", 0, 0): "p01"}, "in capital and in small letters"),
    "sign": ({("d_provider", 0, 0): "P*"}, "one of the signs"),
    "weight": ({("weight", 0, 0): "much"}, "the weight of diab is no number"),
    "targets": ({("own_goal", 0, 0): 0.5}, "own targets of diab"),
    "labels": ({("unknown_label", 0, 0): "unknown"}, "both named"),
    "flag": ({("disadvantaged", 0, 3): 1.0}, "beside no group"),
    "option": ({("steps", 0, 0): "many"}, "steps"),
    "places": ({("code", 0, 0): None}, "free places between the indicators"),
}


@pytest.mark.parametrize("name", UNFOLLOWED)
def test_what_python_does_not_follow_is_said(name: str, equity_book: tuple[Opened, Library]) -> None:
    """The formulas are compared all the same, and nothing is said of what the user typed."""
    changes, told = UNFOLLOWED[name]
    opened, library = equity_book
    report = audit_opened(_typed(opened, library, changes), library)
    assert report.passed, report.as_text()
    assert [(one.kind, one.severity) for one in report.findings] == [("stored value", "warning")]
    assert told in report.findings[0].what


def test_a_template_of_equity_whose_about_tells_nothing(equity_book: tuple[Opened, Library]) -> None:
    """How much room there is shows in the formulas too."""
    opened, library = equity_book
    about = opened.sheet("Teave")
    assert about is not None
    cell = next(cell_name(*place) for place, one in about.cells.items() if one.value == "11, 3, 4")
    silent = _with_part(opened, "Teave", lambda xml: with_content(xml, cell, text_cell("-")))
    found = audit_opened(silent, library).findings
    assert [(one.kind, one.where) for one in found] == [("text", f"Teave!{cell}")]


def test_a_template_that_claims_more_room_than_it_has_is_refused(equity_book: tuple[Opened, Library]) -> None:
    """Sheets of that size would take minutes and gigabytes."""
    opened, library = equity_book
    claimed = _with_part(opened, "Teave", lambda xml: xml.replace(b"11, 3, 4", b"5000, 30, 12"))
    with pytest.raises(NotScoredError, match="nothing tells how much room it has"):
        audit_opened(claimed, library)


@pytest.mark.parametrize("says", ["-", "99999, 99"])
@pytest.mark.parametrize("name", ["filled", "empty"])
def test_a_template_of_scores_whose_about_tells_no_room_that_is_there(
    name: str, says: str, request: pytest.FixtureRequest
) -> None:
    """It is made again in the room that its formulas show: in that which is said it would take gigabytes."""
    opened = open_workbook(request.getfixturevalue(name))
    (cell,) = (cell_name(*place) for place, one in _about(opened) if re.fullmatch(r"\d+, \d+", str(one.value)))
    claimed = _with_part(opened, opened.entries[0].name, lambda xml: with_content(xml, cell, text_cell(says)))
    findings = audit_opened(claimed, Library()).findings
    assert [(one.kind, one.cell, one.found) for one in findings] == [("text", cell, f'"{says}"')]


def test_a_template_of_efficiency_that_claims_more_room_than_it_has_is_refused(efficiency_empty: Path) -> None:
    opened = open_workbook(efficiency_empty)
    (cell,) = (cell_name(*place) for place, one in _about(opened) if re.fullmatch(r"\d+", str(one.value)))
    claimed = _with_part(opened, opened.entries[0].name, lambda xml: with_content(xml, cell, text_cell("19999")))
    with pytest.raises(NotScoredError, match="nothing tells how many providers"):
        audit_opened(claimed, Library())


def _about(opened: Opened) -> list[tuple[tuple[int, int], Found]]:
    """Return the second column of the first sheet."""
    sheet = opened.sheet(opened.entries[0].name)
    assert sheet is not None
    return [(place, one) for place, one in sheet.cells.items() if place[1] == 2]


@pytest.mark.parametrize("row", [1, 4, 7])
@pytest.mark.parametrize("sheet", ["Andmed", "Baasandmed"])
def test_a_row_deleted_above_or_among_rows_by_group(sheet: str, row: int, equity_book: tuple[Opened, Library]) -> None:
    opened, library = equity_book
    mutator = Mutator(opened, [sheet], {}, seed=1)
    made = mutator.without_row(sheet, row)
    report = audit_opened(made.opened, library)
    assert not report.passed
    assert is_located(report, made), report.as_text(4)
