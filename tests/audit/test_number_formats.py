"""Formats that show another number than the cell holds are told of; those that only look different are not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.small_fund import Scored
from xl_qbs.audit.number_formats import misleading
from xl_qbs.audit.opened import Opened, open_workbook
from xl_qbs.audit.run import audit_opened
from xl_qbs.sheets.look import NUMBER_FORMATS

STYLES = "xl/styles.xml"
# As Excel and LibreOffice write them, and as people choose them in Excel's menu.
HARMLESS = (
    *NUMBER_FORMATS.values(),
    "#,##0.00",
    "#,##0;[Red]#,##0",
    "#,##0.00_);(#,##0.00)",
    '_-* #,##0.00\\ "€"_-;\\-* #,##0.00\\ "€"_-;_-* "-"??\\ "€"_-;_-@_-',
    "[$€-425] #,##0.00",
    "0.0%;-0.0%;",
    "dd.mm.yyyy",
    "[h]:mm:ss",
    '[$-425]d. mmmm yyyy". a."',
    "# ?/8",
    "0.00E+00",
    '0.0" punkti"',
    '"N"0000',
    "0;-0;;@",
    "[Blue][>=0.9]0.0%;[Red]-0.0%",
    '"OK";"";"FAIL"',
)
MISLEADING = {
    '"OK"': "a text",
    '"OK";;"OK"': "a text",
    '"FAIL";;"OK"': "a text",
    "OK": "a text",
    "0;\\O\\K": "a text",
    ";;;": "nothing",
    "": "nothing",
    ";0": "nothing",
    '"412.5"': "digits",
    "4\\12": "digits",
    '[>400]"999";0': "digits",
    "[<1]0.9;0.0": "digits",
    '0.0"%"': "percent sign",
    "0\\%": "percent sign",
    "0,": "divided",
    "#,##0.0,,": "divided",
    "0.0;0.0": "sign",
}


@pytest.mark.parametrize("code", HARMLESS)
def test_what_shows_the_number_is_no_finding(code: str) -> None:
    assert misleading(code) == ""


@pytest.mark.parametrize("code", MISLEADING)
def test_what_shows_something_else_is_told(code: str) -> None:
    assert MISLEADING[code] in misleading(code)


@given(st.text(alphabet='0#?,.;"\\[]%E+-_*1aOy@ ', max_size=20))
def test_any_code_is_read(code: str) -> None:
    assert isinstance(misleading(code), str)


def _with_styles(scored: Scored, change: tuple[str, str]) -> Opened:
    opened = open_workbook(scored.path)
    styles = opened.part(STYLES).decode()
    assert change[0] in styles
    return opened.with_part(STYLES, styles.replace(*change).encode())


def test_a_check_that_says_ok_whatever_it_finds(small: Scored) -> None:
    report = audit_opened(_with_styles(small, ("&quot;OK&quot;;;&quot;FAIL&quot;", "&quot;OK&quot;")))
    assert not report.passed
    assert {(one.kind, one.found) for one in report.findings} == {("number format", '"OK"')}
    checks = next(one for one in report.findings if one.sheet == "QBS Checks")
    assert checks.cells > 10
    assert re.fullmatch(r"[A-Z]+\d+", checks.cell)


def test_scores_that_show_a_number_of_the_format(small: Scored) -> None:
    report = audit_opened(_with_styles(small, ('formatCode="#,##0.0"', 'formatCode="&quot;412.5&quot;"')))
    assert {one.sheet for one in report.findings if one.kind == "number format"} >= {"QBS Scores", "QBS Weights"}


def test_a_conditional_format_that_shows_something_else(small: Scored) -> None:
    changed = ("<dxf>", '<dxf><numFmt numFmtId="900" formatCode="&quot;OK&quot;"/>')
    report = audit_opened(_with_styles(small, changed))
    assert {one.kind for one in report.findings} == {"number format"}
    assert all("conditional" in one.what for one in report.findings)
    assert "QBS Checks" in {one.sheet for one in report.findings}
