"""What an audit says of scored workbooks: nothing of those that nobody touched, and what was done to the others."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.audit.mutations import MAIN, cell_pattern, formula_cell, number, part_of, text_cell, with_content
from tests.compare import cells_between, with_cell
from tests.engines import convert, recalculate_ironcalc
from tests.small_fund import (
    CONDITIONS,
    SCHEME,
    Scored,
    counts,
    long_rows,
    rows_of,
    score_file,
    write_fund,
)
from tests.templates_help import without_row
from tests.workbook.builders import write_xlsx
from xl_qbs.audit.findings import AuditFinding, AuditReport
from xl_qbs.audit.formula_text import canonical
from xl_qbs.audit.inputs import find_log
from xl_qbs.audit.opened import Opened, open_workbook
from xl_qbs.audit.run import audit_file, audit_opened
from xl_qbs.audit.scored import NotScoredError
from xl_qbs.errors import WorkbookError
from xl_qbs.workbook.run_log import log_lines, parse_log

FIXED = {code: (0.7, float("inf") if code == "i02" else 12.5) for code in SCHEME.codes}


def changed(opened: Opened, sheet: str, cell: str, content: str) -> Opened:
    part = part_of(opened, sheet)
    return opened.with_part(part, with_content(opened.part(part), cell, content))


def errors(report: AuditReport) -> list[AuditFinding]:
    return [one for one in report.findings if one.severity == "error"]


def only_error(report: AuditReport) -> AuditFinding:
    found = errors(report)
    assert len(found) == 1, report.as_text()
    return found[0]


def saved_by_libreoffice(path: Path, folder: Path) -> Path:
    return convert(path, folder, "xlsx:Calc MS Excel 2007 XML")


# Files that nobody touched


OPTIONS: dict[str, dict[str, Any]] = {
    "as usual": {},
    "Estonian, moments": {"language": "et", "prior": "moments", "coverage_decimals": 2},
    "likelihood": {"prior": "likelihood"},
    "fixed, one infinite": {"prior": "fixed", "prior_values": FIXED, "weights": "own"},
    "current weights": {"weights": "current", "rounding": "none"},
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_a_scored_workbook_passes(tmp_path: Path, options: dict[str, Any]) -> None:
    target, done = counts(SCHEME)
    done[3, 1] = target[3, 1] + 2
    target[5, 2] = done[5, 2] = 0
    scored = score_file(
        write_fund(tmp_path / "in.xlsx", SCHEME, target, done), tmp_path / "out.xlsx", SCHEME, **options
    )
    report = audit_file(scored.path)
    assert report.findings == (), report.as_text()
    assert report.passed


def _conditions(folder: Path) -> Path:
    scheme = SCHEME.__class__(
        name="With conditions", indicators=SCHEME.indicators, bands=SCHEME.bands, conditions=CONDITIONS
    )
    path = write_fund(folder / "in.xlsx", scheme, *counts(scheme))
    return score_file(path, folder / "out.xlsx", scheme, language="et").path


def _long(folder: Path) -> Path:
    rows = long_rows(SCHEME, *counts(SCHEME), ((0, 0), (4, 2)))
    return score_file(write_xlsx(folder / "in.xlsx", {"Pikk": rows}), folder / "out.xlsx", SCHEME).path


def _coefficients(folder: Path) -> Path:
    rows = rows_of(SCHEME, *counts(SCHEME))
    for place, row in enumerate(rows):
        row.append("Coefficient" if place == 0 else (None, 0.8, 1.3, 0)[place % 4])
    return score_file(write_xlsx(folder / "in.xlsx", {"Data": rows}), folder / "out.xlsx", SCHEME).path


def _text_file(folder: Path) -> Path:
    path = folder / "õ tabel.csv"
    rows = rows_of(SCHEME, *(part.astype(int) for part in counts(SCHEME)), providers=[f"{n:04d}" for n in range(30)])
    path.write_text("\n".join(";".join(str(one) for one in row) for row in rows), encoding="utf-8")
    return score_file(path, folder / "out.xlsx", SCHEME, language="et").path


def _periods(folder: Path) -> Path:
    first, second = (rows_of(SCHEME, *counts(SCHEME, seed=seed)) for seed in (1, 2))
    rows = [["Period", *first[0]]]
    rows += [
        [year, *row] for pair in zip(first[1:], second[1:], strict=True) for year, row in zip((1, 2), pair, strict=True)
    ]
    path = write_xlsx(folder / "in.xlsx", {"Data": rows})
    return score_file(path, folder / "out.xlsx", SCHEME, read={"period": 2}).path


def _scored_twice(folder: Path) -> Path:
    path = write_fund(folder / "in.xlsx", SCHEME, *counts(SCHEME))
    first = score_file(path, folder / "first.xlsx", SCHEME)
    return score_file(first.path, folder / "out.xlsx", SCHEME, language="et").path


def _own_name_taken(folder: Path) -> Path:
    path = write_xlsx(folder / "in.xlsx", {"Andmed": rows_of(SCHEME, *counts(SCHEME)), "QBS Scores": [["ours"]]})
    return score_file(path, folder / "out.xlsx", SCHEME, read={"sheet": "Andmed"}).path


KINDS = [_conditions, _long, _coefficients, _text_file, _periods, _scored_twice, _own_name_taken]


@pytest.mark.parametrize("make", KINDS)
def test_every_kind_of_workbook_passes(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    report = audit_file(make(tmp_path))
    assert report.findings == (), report.as_text()


def test_a_workbook_with_macros_passes(tmp_path: Path) -> None:
    plain = write_fund(tmp_path / "in.xlsx", SCHEME, *counts(SCHEME))
    path = tmp_path / "in.xlsm"
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "[Content_Types].xml":
                content = content.replace(
                    b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
                    b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
                )
            new.writestr(name, content)
    report = audit_file(score_file(path, tmp_path / "out.xlsm", SCHEME).path)
    assert report.findings == (), report.as_text()


def test_values_only_are_compared_and_told_of(tmp_path: Path) -> None:
    path = write_fund(tmp_path / "in.xlsx", SCHEME, *counts(SCHEME))
    scored = score_file(path, tmp_path / "out.xlsx", SCHEME, cells="values")
    report = audit_file(scored.path)
    assert report.passed
    assert [one.severity for one in report.findings] == ["warning"]
    cell = changed(open_workbook(scored.path), "QBS Scores", "D13", number(1.0))
    assert only_error(audit_opened(cell)).where == "QBS Scores!D13"


@pytest.mark.libreoffice
@pytest.mark.parametrize("make", [_conditions, _text_file])
def test_what_libreoffice_saved_passes(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    report = audit_file(saved_by_libreoffice(make(tmp_path), tmp_path / "saved"))
    assert report.findings == (), report.as_text()


@pytest.mark.libreoffice
@pytest.mark.shared
def test_the_real_workbook_passes_also_as_libreoffice_saved_it(real: Scored, tmp_path: Path) -> None:
    assert audit_file(real.path).findings == ()
    assert audit_file(saved_by_libreoffice(real.path, tmp_path)).findings == ()


# As Excel saves: shared formulas, shared texts, other spelling


def _as_excel_saves(path: Path, output: Path) -> Path:
    """Write formulas that run down a column as shared ones, in lower case and with blanks, as programs may."""
    from xl_qbs.audit.formula_text import relative
    from xl_qbs.sheets.address import split_cell

    with zipfile.ZipFile(path) as old, zipfile.ZipFile(output, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if "xl_qbs_sheet" in name and name.endswith(".xml"):
                root = etree.fromstring(content)
                last: dict[int, tuple[str, int]] = {}
                count = 0
                for cell in root.iter(f"{MAIN}c"):
                    formula = cell.find(f"{MAIN}f")
                    if formula is None or formula.get("t"):
                        continue
                    column, row = split_cell(cell.get("r"))
                    pattern = relative(formula.text, row, column)
                    if column in last and last[column][0] == pattern:
                        formula.set("t", "shared")
                        formula.set("si", str(last[column][1]))
                        formula.text = None
                    else:
                        last[column] = (pattern, count)
                        formula.set("t", "shared")
                        formula.set("si", str(count))
                        formula.set("ref", cell.get("r"))
                        if '"' not in formula.text and "'" not in formula.text:
                            formula.text = formula.text.lower().replace(",", ", ").replace("*", " * ")
                        count += 1
                content = etree.tostring(root)
            new.writestr(name, content)
    return output


def test_what_is_only_spelled_otherwise_passes(small: Scored, tmp_path: Path) -> None:
    path = _as_excel_saves(small.path, tmp_path / "excel.xlsx")
    first = open_workbook(path).sheet("QBS Coverage")
    second = open_workbook(small.path).sheet("QBS Coverage")
    assert first is not None
    assert second is not None
    assert canonical(first.at(40, 3).formula or "") == canonical(second.at(40, 3).formula or "")
    assert len(first.cells) == len(second.cells)
    report = audit_file(path)
    assert report.findings == (), report.as_text()


# What was done to a workbook


def test_a_count_that_changed_is_told_with_what_it_was(small: Scored) -> None:
    opened = changed(open_workbook(small.path), "Andmed", "C5", number(1.0))
    report = audit_opened(opened)
    found = only_error(report)
    assert (found.kind, found.where, found.provider) == ("data", "Andmed!C5", "N004")
    assert found.expected == f"{small.table.done[3, 0]:g}"
    assert found.found == "1"
    assert "do not follow" in found.what
    assert "N004" in found.effect
    assert "need-adjusted score and ranks of all lists" in found.effect
    assert any(one.kind == "calculation" and "not calculated" in one.what for one in report.findings)


def test_a_count_that_is_no_number_any_more(small: Scored) -> None:
    found = only_error(audit_opened(changed(open_workbook(small.path), "Andmed", "B5", text_cell("many"))))
    assert (found.where, found.found) == ("Andmed!B5", "no number")


def _calculated(path: Path, output: Path) -> Path:
    """Put what IronCalc computes into a workbook as stored values."""
    values = recalculate_ironcalc(path)
    opened = open_workbook(path)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(output, "w") as new:
        parts = {entry.part: entry.name for entry in opened.entries}
        for name in old.namelist():
            content = old.read(name)
            if name in parts:
                root = etree.fromstring(content)
                reaches = [one.get("ref").split(":") for one in root.iter(f"{MAIN}f") if one.get("t") == "array"]
                members = {cell for first, last in reaches for cell in cells_between(first, last)}
                for cell in root.iter(f"{MAIN}c"):
                    formula, value = cell.find(f"{MAIN}f"), cell.find(f"{MAIN}v")
                    if value is None or (formula is None and cell.get("r") not in members):
                        continue
                    now = values[parts[name]][cell.get("r")]
                    cell.attrib.pop("t", None)
                    if not isinstance(now, float | int):
                        cell.set("t", "str")
                    value.text = repr(now) if isinstance(now, float | int) else str(now or "")
                content = etree.tostring(root)
            new.writestr(name, content)
    return output


def test_a_count_that_changed_and_was_calculated_is_found_by_its_fingerprints(small: Scored, tmp_path: Path) -> None:
    path = with_cell(small.path, tmp_path / "changed.xlsx", "Andmed", "C5", 1.0)
    report = audit_file(_calculated(path, tmp_path / "calculated.xlsx"))
    data = [one for one in errors(report) if one.kind == "data"]
    assert [one.where for one in data] == ["Andmed!C5"], report.as_text()
    assert "the scores follow it" in data[0].what
    # Besides, the sums that were written down no longer hold, which the checks say too; nothing else is told.
    assert {one.sheet for one in errors(report)} <= {"Andmed", "QBS Checks"}, report.as_text()
    assert any("calculated anew" in one.what for one in report.findings)


def test_a_decision_that_changed_and_was_calculated(small: Scored, tmp_path: Path) -> None:
    sheet, cell = "QBS Scheme", _cell_of(small, "fraction")
    path = with_cell(small.path, tmp_path / "changed.xlsx", sheet, cell, 0.75)
    report = audit_file(_calculated(path, tmp_path / "calculated.xlsx"))
    assert [one.where for one in errors(report) if one.kind == "parameter"] == [f"{sheet}!{cell}"]
    assert {one.sheet for one in errors(report)} <= {sheet, "QBS Checks"}, report.as_text()
    stale = audit_file(path)
    assert only_error(stale).where == f"{sheet}!{cell}"


def _cell_of(scored: Scored, key: str) -> str:
    from xl_qbs.sheets.address import cell_name

    block = scored.book.block(key)
    return cell_name(block.row, block.column)


def test_a_row_of_the_data_that_was_deleted(small: Scored, tmp_path: Path) -> None:
    report = audit_file(without_row(small.path, tmp_path / "out.xlsx", "Andmed", 9))
    rows = [one for one in errors(report) if one.kind == "missing row"]
    assert [one.where for one in rows] == ["Andmed!A9"], report.as_text()


def test_a_row_of_a_result_sheet_that_was_deleted(small: Scored, tmp_path: Path) -> None:
    report = audit_file(without_row(small.path, tmp_path / "out.xlsx", "QBS Coverage", 20))
    rows = [one for one in errors(report) if one.kind == "missing row"]
    assert [one.where for one in rows] == ["QBS Coverage!A20"], report.as_text()
    assert "N008" in rows[0].expected


def test_a_list_that_was_added(small: Scored, tmp_path: Path) -> None:
    opened = open_workbook(small.path)
    part = part_of(opened, "Andmed")
    last = cell_pattern("A31").search(opened.part(part))
    assert last is not None
    row = b'<row r="32">' + b'<c r="A32" t="inlineStr"><is><t>N999</t></is></c>'
    row += b"".join(f'<c r="{column}32"><v>9</v></c>'.encode() for column in "BCDEFGHIJK") + b"</row></sheetData>"
    content = opened.part(part).replace(b"</sheetData>", row)
    path = tmp_path / "out.xlsx"
    with zipfile.ZipFile(small.path) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, content if name == part else old.read(name))
    found = only_error(audit_file(path))
    assert (found.where, found.found) == ("Andmed!A32", "N999")


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
@pytest.mark.parametrize("sheet", ["QBS Checks", "Andmed"])
def test_a_sheet_that_was_hidden(small: Scored, sheet: str, state: str) -> None:
    opened = open_workbook(small.path)
    root = etree.fromstring(opened.part(opened.package.workbook_part))
    next(one for one in root.iter(f"{MAIN}sheet") if one.get("name") == sheet).set("state", state)
    found = only_error(audit_opened(opened.with_part(opened.package.workbook_part, etree.tostring(root))))
    assert (found.kind, found.sheet) == ("hidden", sheet)


def test_a_formula_that_refers_to_another_file(small: Scored) -> None:
    content = formula_cell("[1]Sheet1!A1", 1.0)
    found = only_error(audit_opened(changed(open_workbook(small.path), "QBS Scores", "D13", content)))
    assert (found.kind, found.where) == ("external link", "QBS Scores!D13")


def test_a_note_in_the_change_log_is_no_error(small: Scored) -> None:
    opened = open_workbook(small.path)
    part = part_of(opened, "QBS About")
    about = opened.sheet("QBS About")
    assert about is not None
    row = max(row for row, _ in about.cells) + 1
    cell = (
        f'<row r="{row}"><c r="A{row}" t="inlineStr"><is><t>2026, Mari: looked through</t></is></c></row></sheetData>'
    )
    report = audit_opened(opened.with_part(part, opened.part(part).replace(b"</sheetData>", cell.encode())))
    assert report.passed
    assert [one.kind for one in report.findings] == ["addition"]


def test_what_follows_from_a_wrong_cell_is_told_apart(small: Scored) -> None:
    """A stored value and its score are both wrong: the score follows from it."""
    opened = changed(open_workbook(small.path), "QBS Scores", "L13", formula_cell_of(small, "L13", 1.0))
    column = only_error(audit_opened(opened))
    assert column.kind == "stored value"
    assert column.provider == "N001"
    points = small.book.block("need_points")
    from xl_qbs.sheets.address import cell_name

    first = cell_name(points.row, points.column)
    report = audit_opened(changed(opened, "QBS Scores", first, formula_cell_of(small, first, 2.0)))
    kinds = {one.where: one.kind for one in errors(report)}
    assert kinds[f"QBS Scores!{first}"] == "stored value"
    assert "follows" in kinds.values(), report.as_text()


def formula_cell_of(scored: Scored, cell: str, value: float) -> str:
    sheet = open_workbook(scored.path).sheet("QBS Scores")
    assert sheet is not None
    return formula_cell(sheet.named(cell).formula or "", value)


# The run log


def _with_log(scored: Scored, change: Callable[[str], str], *, sealed: bool = False) -> Opened:
    opened = open_workbook(scored.path)
    found = find_log(opened)
    text = change(found.lines[0])
    opened = changed(opened, found.sheet, found.cell, text_cell(text))
    if sealed:
        import hashlib

        below = found.cell[0] + str(int(found.cell[1:]) + 1)
        opened = changed(opened, found.sheet, below, text_cell(hashlib.sha256(text.encode()).hexdigest()))
    return opened


def test_the_run_log_says_what_is_needed(small: Scored) -> None:
    found = find_log(open_workbook(small.path))
    assert found.sound
    assert found.log is not None
    again, sound = parse_log(log_lines(found.log))
    assert sound
    assert again is not None
    assert log_lines(again) == log_lines(found.log)
    assert found.log.scheme == small.result.scheme
    assert found.log.method == small.result.method


def test_a_run_log_that_was_changed(small: Scored) -> None:
    report = audit_opened(_with_log(small, lambda text: text.replace('"level":0.95', '"level":0.90')))
    assert not report.passed
    assert any(one.kind == "run log" for one in errors(report))


def test_a_run_log_that_is_missing(small: Scored) -> None:
    """The audit goes by what the sheets state, says so, and still finds what does not hold together."""
    opened = _with_log(small, lambda _: "gone")
    report = audit_opened(opened)
    assert any(one.kind == "run log" for one in errors(report))
    assert {one.sheet for one in errors(report)} <= {"QBS About"}, report.as_text()
    report = audit_opened(changed(opened, "QBS Scores", "L13", number(1.0)))
    assert any(one.where == "QBS Scores!L13" for one in errors(report))


def test_another_version_of_the_method(small: Scored) -> None:
    def older(text: str) -> str:
        return text.replace('"method_version":"1"', '"method_version":"0"')

    report = audit_opened(_with_log(small, older, sealed=True))
    assert "method version" in {one.kind for one in errors(report)}


# What is no scored workbook, and the report itself


def test_what_is_no_scored_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotScoredError, match="no result sheets"):
        audit_file(write_fund(tmp_path / "in.xlsx"))
    text = tmp_path / "text.xlsx"
    text.write_text("no workbook")
    with pytest.raises(WorkbookError):
        audit_file(text)


def test_a_report_as_text_and_as_json(small: Scored) -> None:
    opened = changed(open_workbook(small.path), "QBS Scores", "L13", number(1.0))
    report = audit_opened(opened)
    text, data = report.as_text(), json.loads(report.as_json())
    assert text.startswith("FAIL: small_qbs.xlsx")
    assert "QBS Scores!L13: a formula was overwritten by a value" in text
    assert data["passed"] is False
    assert data["errors"] == 1
    assert data["findings"][0]["cell"] == "L13"


@pytest.mark.parametrize("engine", ["ironcalc", pytest.param("libreoffice", marks=pytest.mark.libreoffice)])
def test_engines_recalculate(small: Scored, tmp_path: Path, engine: str) -> None:
    report = audit_file(small.path, [engine])
    assert report.findings == ()
    assert dict(report.facts)[f"Recalculated with {engine}"] == "every formula gives Python's value"
    path = shutil.copyfile(small.path, tmp_path / "copy.xlsx")
    wrong = with_cell(path, tmp_path / "wrong.xlsx", "QBS Scores", "L13", 1.0)
    report = audit_file(wrong, [engine])
    assert {"recalculated", "formula overwritten"} <= {one.kind for one in errors(report)}


def test_an_engine_that_is_missing_is_said(small: Scored, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ironcalc", None)
    report = audit_file(small.path, ["ironcalc"])
    # IronCalc is part of every installation: without it there is no whole audit.
    assert not report.passed
    assert "install xl_qbs again" in only_error(report).what
