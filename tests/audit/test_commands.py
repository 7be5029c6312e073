"""The audit's commands: what they print, and their exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command import DONE, REFUSED, USAGE, Command
from tests.compare import with_cell
from tests.engines import convert
from tests.small_fund import SCHEME, Scored, counts, score_file, write_fund
from xl_qbs.audit.difference import difference
from xl_qbs.audit.dump import dump
from xl_qbs.audit.opened import open_workbook
from xl_qbs.audit.trace import trace
from xl_qbs.errors import ArgumentError
from xl_qbs.workbook.template import Request, make_template


def test_audit_passes_and_fails(run: Command, small: Scored, tmp_path: Path) -> None:
    done = run("audit", small.path, "--recalculate", "ironcalc", "-o", "audit.xlsx")
    assert done.status == DONE
    assert done.out.startswith("PASS: small_qbs.xlsx")
    front = open_workbook(tmp_path / "audit.xlsx").sheet("Audit")
    assert front is not None
    assert front.named("A1").value == "PASS: small_qbs.xlsx"
    wrong = with_cell(small.path, tmp_path / "wrong.xlsx", "QBS Scores", "L13", 1.0)
    done = run("audit", small.path, wrong, "--recalculate", "none", "--json")
    assert done.status == REFUSED
    reports = json.loads(done.out)
    assert [one["passed"] for one in reports] == [True, False]
    done = run("audit", wrong, "--recalculate", "none", "-o", "audit.xlsx")
    findings = open_workbook(tmp_path / "audit.xlsx").sheet("Findings")
    assert findings is not None
    assert [findings.named(cell).value for cell in ("A2", "B2", "C2", "D2")] == [
        "error",
        "formula overwritten",
        "QBS Scores",
        "L13",
    ]


def test_audit_of_what_is_none(run: Command, tmp_path: Path, small: Scored) -> None:
    path = write_fund(tmp_path / "in.xlsx")
    done = run("audit", path)
    assert done.status == REFUSED
    assert "no result sheets" in done.err
    done = run("audit", path, small.path, "--recalculate", "none")
    assert done.status == REFUSED
    assert "PASS: small_qbs.xlsx" in done.out
    assert run("audit", small.path, "-o", "audit.csv").status == USAGE


def test_trace_adds_up(small: Scored) -> None:
    """Every step says what the workbook holds, and the points of the steps sum to the score."""
    parts = trace(open_workbook(small.path), "N007")
    assert all(step.agrees for part in parts for step in part.steps)
    points = [step.value for part in parts for step in part.steps if step.label == "need-adjusted points"]
    score = next(step.value for step in parts[-1].steps if step.label == "need-adjusted score")
    assert sum(points) == pytest.approx(score, abs=1e-9)
    assert len(points) == len(SCHEME.codes)
    # The arithmetic comes to the value: numbers and signs only, with the factors as they are shown.
    for part in parts[:-1]:
        mixed = next(step for step in part.steps if step.label == "adjusted coverage")
        above, below = mixed.arithmetic.strip("()").split(") / (")
        first, second = above.split(" + ")
        factor, mean = second.split(" * ")
        n, strength = below.split(" + ")
        found = (float(first) + float(factor) * float(mean)) / (float(n) + float(strength))
        assert found == pytest.approx(mixed.value, abs=1e-8)


def test_trace_command(run: Command, small: Scored) -> None:
    done = run("trace", small.path, "--provider", "N007", "--indicator", "i02")
    assert done.status == DONE
    assert "Andmed!D8" in done.out
    assert "'QBS Coverage'!C19" in done.out
    assert "lists score higher" in done.out
    data = json.loads(run("trace", small.path, "--provider", "N007", "--json").out)
    assert len(data["parts"]) == len(SCHEME.codes) + 1
    assert run("trace", small.path, "--provider", "N7").status == USAGE
    assert run("trace", small.path, "--provider", "N007", "--indicator", "zz").status == USAGE


def test_trace_of_a_template(tmp_path: Path) -> None:
    from tests.templates_help import table_of

    request = Request(scheme=SCHEME, lists=14, indicators=7, years=1, table=table_of(SCHEME, 12))
    path = make_template(request, tmp_path / "template.xlsx")
    parts = trace(open_workbook(path), "N003", "i04")
    assert all(step.agrees for part in parts for step in part.steps)
    assert "Data!I15" in parts[0].steps[0].arithmetic
    empty = make_template(Request(scheme=SCHEME, lists=14, years=1), tmp_path / "empty.xlsx")
    with pytest.raises(ArgumentError, match="no list stands"):
        trace(open_workbook(empty), "N003")


@pytest.fixture(scope="module")
def next_year(folder: Path) -> Scored:
    """The small fund a year later: one count and the fraction are other ones."""
    target, done = counts(SCHEME)
    done[4, 2] = max(done[4, 2] - 5, 0)
    return score_file(
        write_fund(folder / "later.xlsx", SCHEME, target, done), folder / "later_qbs.xlsx", SCHEME, fraction=0.75
    )


def test_compare_says_what_changed_and_why(run: Command, small: Scored, next_year: Scored) -> None:
    found = difference(open_workbook(small.path), open_workbook(next_year.path))
    assert [(one.what, one.old, one.new) for one in found.decisions] == [("fraction", "0.5", "0.75")]
    assert [(one.provider, one.indicator, one.what) for one in found.counts] == [("N005", "i03", "done")]
    assert found.unsound == ()
    for one in found.moved:
        assert one.by_data is not None
        assert one.by_decisions is not None
        assert one.by_data + one.by_decisions == pytest.approx(one.new - one.old, abs=1e-9)
    done = run("compare", small.path, next_year.path)
    assert done.status == DONE
    assert "fraction: 0.5 -> 0.75" in done.out
    assert json.loads(run("compare", small.path, next_year.path, "--json").out)["same"] is False
    assert "Nothing changed" in run("compare", small.path, small.path).out


def test_compare_names_a_workbook_that_does_not_hold_its_scores(small: Scored, tmp_path: Path) -> None:
    wrong = with_cell(small.path, tmp_path / "wrong.xlsx", "QBS Scores", "L13", 1.0)
    assert difference(open_workbook(small.path), open_workbook(wrong)).unsound == ("wrong.xlsx",)


def test_dump_tells_one_cell(run: Command, small: Scored, tmp_path: Path) -> None:
    assert run("dump", small.path, "-o", "old.txt").status == DONE
    changed = with_cell(small.path, tmp_path / "new.xlsx", "Andmed", "C5", 1.0)
    old = (tmp_path / "old.txt").read_text(encoding="utf-8").splitlines()
    new = list(dump(open_workbook(changed)))
    assert [(a, b) for a, b in zip(old, new, strict=True) if a != b] == [(f"C5\t{small.table.done[3, 0]:g}", "C5\t1")]
    out = run("dump", small.path, "--sheet", "QBS Prior", "--formulas").out
    assert "## QBS Prior" in out
    assert "## QBS Scores" not in out
    assert run("dump", small.path, "--sheet", "none").status == USAGE


@pytest.mark.libreoffice
def test_dump_is_the_same_after_libreoffice(small: Scored, tmp_path: Path) -> None:
    saved = convert(small.path, tmp_path, "xlsx:Calc MS Excel 2007 XML")
    first, second = (list(dump(open_workbook(path), open_workbook(small.path).results)) for path in (small.path, saved))
    # Names are the workbook's own business: LibreOffice writes those of print areas in its own order.
    end = first.index("## names")
    assert first[:end] == second[: second.index("## names")]


def test_replay_makes_the_same_numbers(run: Command, small: Scored, folder: Path, tmp_path: Path) -> None:
    done = run("replay", small.path, "-o", "again.xlsx")
    assert done.status == DONE, done.err
    assert "The same numbers." in done.out
    assert run("audit", "again.xlsx", "--recalculate", "none").status == DONE
    assert run("replay", small.path, "-o", "again.xlsx", "--input", folder / "small.xlsx").status == DONE
    other = write_fund(tmp_path / "other.xlsx", SCHEME, *counts(SCHEME, seed=9))
    done = run("replay", small.path, "-o", "no.xlsx", "--input", other)
    assert done.status == USAGE
    assert "not the file that was scored" in done.err
    assert not (tmp_path / "no.xlsx").exists()
    assert run("replay", small.path, "-o", small.path).status == REFUSED


def test_replay_tells_what_is_not_the_same(run: Command, small: Scored, tmp_path: Path) -> None:
    wrong = with_cell(small.path, tmp_path / "wrong.xlsx", "QBS Scores", "L13", 1.0)
    done = run("replay", wrong, "-o", "again.xlsx")
    assert done.status == REFUSED
    assert "QBS Scores!L13" in done.out
    data = with_cell(small.path, tmp_path / "data.xlsx", "Andmed", "C5", 1.0)
    done = run("replay", data, "-o", "no.xlsx")
    assert done.status == REFUSED
    assert "not those that were scored" in done.err


@pytest.mark.parametrize("options", [{"prior": "likelihood"}, {"language": "et", "cells": "values"}])
def test_replay_of_other_runs(run: Command, tmp_path: Path, options: dict[str, str]) -> None:
    path = write_fund(tmp_path / "in.xlsx", SCHEME, *counts(SCHEME))
    scored = score_file(path, tmp_path / "out.xlsx", SCHEME, **options)  # type: ignore[arg-type]
    done = run("replay", scored.path, "-o", "again.xlsx")
    assert done.status == DONE, done.out + done.err
