"""The mutation test on templates, empty and filled: every change of a number or a formula is found where it is.

Yellow cells are their user's own: a change of one is found where a stored value that reads it does not follow.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from tests.audit.mutations import MAIN, Mutator, Place, part_of
from tests.audit.test_mutations import is_located
from tests.engines import convert
from tests.small_fund import CONDITIONS, SCHEME
from tests.templates_help import table_of, to_type, with_cells, written
from xl_qbs.audit.opened import Opened, open_workbook
from xl_qbs.audit.run import audit_file, audit_opened
from xl_qbs.audit.template import FIXED, rebuild_template
from xl_qbs.sheets.model import Block, Language
from xl_qbs.workbook.template import Request, make_template, template_of

SLOW = os.environ.get("XL_QBS_SLOW") == "1"
SCHEME_FULL = SCHEME.__class__(
    name=SCHEME.name, indicators=SCHEME.indicators, bands=SCHEME.bands, conditions=CONDITIONS
)
# Yellow cells that every template's scores read.
READ = ("points_input", "required_input", "fraction", "level", "band_guard", "score_decimals", "data", "before_data")


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


def _mutator(opened: Opened, seed: int, *, with_data: bool) -> Mutator:
    book = rebuild_template(opened).expected.book
    inputs: dict[str, list[Place]] = {}
    for key in READ if with_data else FIXED:
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
            if (block.kind == "input" and block.key not in FIXED) or (block.array and not with_data)
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
    opened = open_workbook(path)
    assert audit_opened(opened).findings == ()
    mutator = _mutator(opened, seed, with_data=with_data)
    missed = []
    for place in range(number):
        made = mutator.make(place)
        report = audit_opened(made.opened)
        if report.passed or not is_located(report, made):
            missed.append((made.what, report.as_text(4)))
    assert missed == []


def test_every_change_of_a_filled_template_is_found(filled: Path) -> None:
    _assert_all_found(filled, 1000 if SLOW else 32, seed=4, with_data=True)


def test_every_change_of_an_empty_template_is_found(empty: Path) -> None:
    _assert_all_found(empty, 1000 if SLOW else 18, seed=5, with_data=False)


@pytest.mark.parametrize("language", ["en", "et"])
@pytest.mark.parametrize("name", ["qbs_four_providers", "qbs_template"])
def test_templates_that_stand_ready_pass(name: str, language: Language) -> None:
    path = Path(__file__).parents[2] / "templates" / f"{name}_{language}.xlsx"
    if name == "qbs_template" and not SLOW:
        pytest.skip("takes twenty seconds: XL_QBS_SLOW=1 runs it")
    assert audit_opened(open_workbook(path)).findings == ()


@pytest.mark.libreoffice
@pytest.mark.parametrize("name", ["filled", "empty"])
def test_what_libreoffice_saved_passes(name: str, filled: Path, empty: Path, tmp_path: Path) -> None:
    path = {"filled": filled, "empty": empty}[name]
    saved = convert(path, tmp_path, "xlsx:Calc MS Excel 2007 XML")
    report = audit_opened(open_workbook(saved))
    assert report.findings == (), report.as_text()


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
