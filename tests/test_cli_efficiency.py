"""The command of efficiency: what it writes, what it says, and that all else in the file stays as it was."""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xlsxwriter

from tests.command import DONE, REFUSED, Command
from tests.compare import parts_of, values, with_cell, written_formulas
from tests.efficiency_runs import (
    BEDS,
    COUNT,
    EFF,
    GIVEN,
    SPENDING,
    VISITS,
    Rows,
    analysed,
    assert_efficiencies,
    assert_holds,
    beside,
    column,
    files,
    sheet_names,
    table_rows,
    write_patients,
    write_table,
)
from tests.engines import recalculate_ironcalc
from tests.small_efficiency import ids
from tests.workbook.builders import write_xlsx
from xl_qbs.efficiency.analysis import MODELS, Given
from xl_qbs.efficiency.programs import programs
from xl_qbs.report import Steps

# A user would see it, with the line of the program that it comes from.
pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")

ERRORS = ("--quality-error", "SE quality", "--cost-error", "SE cost")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_table(tmp_path / "table.xlsx")


# What it says of itself


def test_help_names_every_option(run: Command) -> None:
    told = run("efficiency", "--help")
    assert (told.status, told.err) == (DONE, "")
    options = (
        "output quality cost cost-is provider sheet scored quality-error cost-error volume area models inputs outputs "
        "returns orientation distribution program list-programs program-option patients patient-provider "
        "patient-quality patient-cost patient-sheet risk quality-about cost-about prices quality-weights "
        "quality-shares cost-shares class-shares quality-hurdle-share cost-hurdle-share quality-hurdle cost-hurdle "
        "failing value reference-quality reference-cost star-floor star-ceiling error-correlation level language "
        "cells json"
    )
    for name in options.split():
        assert re.search(rf"--{name}\b", told.out), name
    listed = " ".join(told.out.split()).replace("- ", "-")
    assert all(model in listed for model in MODELS)
    assert "efficiency" in run("--help").out


def test_the_programs_are_listed(run: Command) -> None:
    told = run("efficiency", "--list-programs")
    assert told.status == DONE
    lines = told.out.splitlines()
    assert [line.split()[0] for line in lines] == [one.key for one in programs()]
    assert all(one.name in line for one, line in zip(programs(), lines, strict=True))


# A whole run


def test_sheets_are_added_and_nothing_else_is_touched(run: Command, table: Path, tmp_path: Path) -> None:
    before = table.read_bytes()
    told = run("efficiency", table, *SPENDING)
    assert (told.status, told.out) == (DONE, "")
    assert table.read_bytes() == before
    output = tmp_path / "table_efficiency.xlsx"
    assert files(tmp_path) == ["table.xlsx", "table_efficiency.xlsx"]
    assert sheet_names(output) == ["Andmed", *EFF]
    assert f"Read Andmed!A1:C{COUNT + 1}: {COUNT} providers." in told.err
    assert "Left out: cost-effectiveness needs what a unit of quality is worth in money (--value)." in told.err
    assert "Left out: regression needs patient rows (--patients)." in told.err
    assert str(output) in told.err
    assert "EFF About" in told.err
    assert_efficiencies(assert_holds(output), analysed())
    old, new = parts_of(table), parts_of(output)
    may_change = {"[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"}
    assert {part for part in old if new[part] != old[part]} <= may_change
    assert all(posixpath.basename(part).startswith("xl_qbs_") for part in new.keys() - old.keys())


def test_formulas_are_linked_to_the_table(run: Command, table: Path, tmp_path: Path) -> None:
    run("efficiency", table, *SPENDING, *ERRORS, "--models", "unconditional", "-o", "out.xlsx")
    changed = with_cell(tmp_path / "out.xlsx", tmp_path / "changed.xlsx", "Andmed", "B2", 3.0)
    cells = recalculate_ironcalc(changed)
    quality = np.array([3.0, *GIVEN.quality[1:]])
    wanted = analysed(Given(quality, GIVEN.cost), models=("unconditional",))
    assert_efficiencies(cells, wanted)
    low = wanted.unconditional[0].interval.low
    assert np.isnan(low).all()
    assert all(isinstance(value, float) for value in column(cells, "EFF Models", "From"))


def test_a_name_that_is_there_is_never_written_over(run: Command, table: Path, tmp_path: Path) -> None:
    (tmp_path / "table_efficiency.xlsx").write_bytes(b"mine")
    assert run("efficiency", table, *SPENDING, "--models", "stars").status == DONE
    assert (tmp_path / "table_efficiency.xlsx").read_bytes() == b"mine"
    assert files(tmp_path) == ["table.xlsx", "table_efficiency.xlsx", "table_efficiency_2.xlsx"]


def test_a_name_that_is_given_is_written_over(run: Command, table: Path, tmp_path: Path) -> None:
    (tmp_path / "out.xlsx").write_bytes(b"old")
    assert run("efficiency", table, *SPENDING, "--models", "stars", "-o", "out.xlsx").status == DONE
    assert "EFF Stars" in sheet_names(tmp_path / "out.xlsx")


def test_the_workbook_says_how_it_was_made(run: Command, table: Path, tmp_path: Path) -> None:
    folder = tmp_path / "kvaliteet & kulu õäöü"
    folder.mkdir()
    assert run("efficiency", table, *SPENDING, "--models", "stars", "-o", folder / "tulemus (1).xlsx").status == DONE
    about = set(values(folder / "tulemus (1).xlsx")["EFF About"].values())
    assert hashlib.sha256(table.read_bytes()).hexdigest() in about
    assert {"table.xlsx", f"Andmed!A1:C{COUNT + 1}", "Cost (spending)"} <= about
    (typed,) = [text for text in about if isinstance(text, str) and "--cost-is spending" in text]
    assert str(tmp_path) not in typed


def test_json(run: Command, table: Path) -> None:
    told = run("efficiency", table, *SPENDING, "--json", "-o", "out.xlsx", "--program", "tufts-blue-ribbon")
    found = json.loads(told.out)
    wanted = analysed()
    assert list(found) == [
        "input", "output", "providers", "models", "left_out", "program", "stars", "correlations", "change_class",
        "warnings",
    ]  # fmt: skip
    assert found["input"] == {
        "file": str(table),
        "sheet": "Andmed",
        "range": f"A1:C{COUNT + 1}",
        "sha256": hashlib.sha256(table.read_bytes()).hexdigest(),
    }
    assert (found["output"], found["providers"], found["program"]) == ("out.xlsx", COUNT, "tufts-blue-ribbon")
    assert found["models"] == list(wanted.efficiencies)
    assert set(found["left_out"]) == {"cost-effectiveness", "regression"}
    assert wanted.stars is not None
    assert found["stars"] == {str(star): int((wanted.stars.stars == star).sum()) for star in range(1, 6)}
    assert wanted.correlations is not None
    assert wanted.agreement is not None
    for i, one in enumerate(wanted.correlations.models):
        for j, other in enumerate(wanted.correlations.models[:i]):
            assert found["correlations"][one][other] == round(float(wanted.correlations.matrix[i, j]), 4)
    assert found["change_class"] == len(wanted.agreement.changing) > 0
    assert found["warnings"] == []


def test_json_of_little(run: Command, tmp_path: Path) -> None:
    write_table(tmp_path / "õ.xlsx", lambda rows: rows.append(["Kokku", 5, 5, *[None] * 6]))
    found = json.loads(run("efficiency", "õ.xlsx", *SPENDING, "--models", "stars", "--json").out)
    assert (found["models"], found["correlations"], found["change_class"]) == ([], {}, 0)
    assert sum(found["stars"].values()) == COUNT
    assert found["program"] is None
    (warning,) = found["warnings"]
    assert "Andmed!A14" in warning
    found = json.loads(run("efficiency", "õ.xlsx", *SPENDING, "--models", "conditional", "--json").out)
    assert found["stars"] is None


# Columns and models


def test_columns_by_other_names(run: Command, tmp_path: Path) -> None:
    def rename(rows: Rows) -> None:
        rows[0][:3] = ["Asutus", "Kvaliteedi-\nskoor", "Kulu €"]

    write_table(tmp_path / "table.xlsx", rename, sheet="Andmed 2024")
    words = ("--quality", "kvaliteedi- skoor", "--cost", "KULU €", "--provider", "asutus", "--sheet", "Andmed 2024")
    told = run("efficiency", "table.xlsx", *SPENDING, "--models", "unconditional", *words, "-o", "out.xlsx")
    assert told.status == DONE
    cells = assert_holds(tmp_path / "out.xlsx")
    assert_efficiencies(cells, analysed(models=("unconditional",)))
    assert column(cells, "EFF Results", "Provider") == list(ids(COUNT))


def test_a_sheet_is_chosen(run: Command, tmp_path: Path) -> None:
    rows = table_rows()
    other = [rows[0], *([row[0], 100 - row[1], *row[2:]] for row in rows[1:])]
    write_xlsx(tmp_path / "table.xlsx", {"2023": other, "2024": rows})
    assert run("efficiency", "table.xlsx", *SPENDING, "--sheet", "2024", "-o", "out.xlsx").status == DONE
    assert_efficiencies(values(tmp_path / "out.xlsx"), analysed())


@pytest.mark.parametrize("model", MODELS)
def test_each_model_alone(run: Command, table: Path, tmp_path: Path, model: str) -> None:
    write_patients(tmp_path / "patients.xlsx")
    more = {"regression": ("--patients", "patients.xlsx"), "cost-effectiveness": ("--value", 20)}.get(model, ())
    told = run("efficiency", table, *SPENDING, "--models", model, *more, "--json", "-o", "out.xlsx")
    assert told.status == DONE
    columns = {
        "unconditional": ["unconditional_a", "unconditional_b"],
        "conditional": ["conditional_overall", "conditional_within"],
        "envelopment": ["envelopment", "envelopment_programs"],
        "frontier": ["frontier_moments", "frontier_likelihood"],
        "stars": [],
    }
    assert json.loads(told.out)["models"] == columns.get(model, [model.replace("-", "_")])
    assert_holds(tmp_path / "out.xlsx")


def test_several_models(run: Command, table: Path) -> None:
    told = run("efficiency", table, *SPENDING, "--models", " stars , cost-hurdle,conditional", "--json")
    assert json.loads(told.out)["models"] == ["conditional_overall", "conditional_within", "cost_hurdle"]


def test_cost_performance(run: Command, tmp_path: Path) -> None:
    performance = 1000 / GIVEN.cost

    def turn(rows: Rows) -> None:
        for row, value in zip(rows[1:], performance.tolist(), strict=True):
            row[2] = value

    write_table(tmp_path / "table.xlsx", turn)
    told = run("efficiency", "table.xlsx", "--cost-is", "performance", "--value", 20, "-o", "out.xlsx")
    assert told.status == DONE
    assert "Left out: cost-effectiveness needs cost as spending, in money." in told.err
    # Nothing but net benefit depends on whether it is spending or the performance that follows from it.
    assert_efficiencies(assert_holds(tmp_path / "out.xlsx"), analysed())


def test_every_number_that_the_models_assume(run: Command, table: Path, tmp_path: Path) -> None:
    """Each option reaches the models, and the yellow cell that is named after it."""
    options: dict[str, tuple[Any, list[str]]] = {
        "quality_weights": ((0.6, 0.2), ["Weight of quality, unconditional A", "Weight of quality, unconditional B"]),
        "quality_shares": ((0.2, 0.5), ["Average quality begins at", "High quality begins at"]),
        "cost_shares": ((0.4, 0.8), ["Average cost performance begins at", "High cost performance begins at"]),
        "class_shares": ((0.1, 0.6), ["Average efficiency begins at", "High efficiency begins at"]),
        "quality_hurdle_share": (0.4, ["Quality hurdle at the percentile"]),
        "cost_hurdle_share": (0.35, ["Cost hurdle at the percentile"]),
        "failing": ("zero-as-printed", ["Whoever fails a hurdle"]),
        "value": (12.5, ["What a unit of quality is worth, in money"]),
        "reference_quality": (70.0, ["Quality to compare with"]),
        "reference_cost": (900.0, ["Spending to compare with"]),
        "star_floor": (-20.0, ["Quality that counts as 0 for the stars"]),
        "star_ceiling": (120.0, ["Quality that counts as full for the stars"]),
        "error_correlation": (-0.3, ["Correlation of the errors of quality and cost"]),
        "level": (0.8, ["Level of the intervals"]),
    }
    words: list[object] = []
    for name, (value, _) in options.items():
        words += [f"--{name.replace('_', '-')}", *(value if isinstance(value, tuple) else [value])]
    told = run("efficiency", table, *SPENDING, *ERRORS, *words, "-o", "out.xlsx")
    assert told.status == DONE
    cells = assert_holds(tmp_path / "out.xlsx")
    given = Given(GIVEN.quality, GIVEN.cost, GIVEN.quality_error, GIVEN.cost_error)
    wanted = analysed(given, **{name: value for name, (value, _) in options.items()})
    assert_efficiencies(cells, wanted)
    for value, labels in options.values():
        shown = value if isinstance(value, tuple) else (value,)
        assert [beside(cells, "EFF Parameters", label) for label in labels] == list(shown)
    assert wanted.stars is not None
    assert column(cells, "EFF Results", "Stars (1 to 5)") == wanted.stars.stars.tolist()
    # The first ends of intervals on the sheet are those of the unconditional model.
    low = column(cells, "EFF Models", "From")
    assert low == pytest.approx(wanted.unconditional[0].interval.low.tolist())


def test_hurdles_in_their_own_units(run: Command, table: Path, tmp_path: Path) -> None:
    quality, cost = float(np.median(GIVEN.quality)), float(np.median(GIVEN.cost))
    words = ("--quality-hurdle", quality, "--cost-hurdle", cost)
    assert run("efficiency", table, *SPENDING, *words, "-o", "out.xlsx").status == DONE
    cells = assert_holds(tmp_path / "out.xlsx")
    assert_efficiencies(cells, analysed(own_quality_hurdle=quality, own_cost_hurdle=cost))
    assert beside(cells, "EFF Parameters", "Own quality hurdle") == quality
    assert beside(cells, "EFF Parameters", "Own cost hurdle") == cost


def test_a_hurdle_that_nobody_passes_is_left_out(run: Command, table: Path, tmp_path: Path) -> None:
    """All providers would be alike, and no correlation with that is known."""
    told = run("efficiency", table, *SPENDING, "--quality-hurdle", 1000, "--cost-hurdle", 1, "-o", "out.xlsx")
    assert told.status == DONE
    best = f"{GIVEN.quality.max():g}", f"{GIVEN.cost.min():g}"
    assert f"quality-hurdle is passed by nobody at 1000: the best quality is {best[0]} (--quality-hurdle)" in told.err
    assert f"cost-hurdle is passed by nobody at 1: the best cost is {best[1]} (--cost-hurdle)" in told.err
    assert_holds(tmp_path / "out.xlsx")


@pytest.mark.parametrize("count", [3, 4])
def test_few_providers_have_no_frontier(run: Command, tmp_path: Path, count: int) -> None:
    write_table(tmp_path / "table.xlsx", lambda rows: rows.__delitem__(slice(count + 1, None)))
    told = run("efficiency", "table.xlsx", *SPENDING, "-o", "out.xlsx")
    assert told.status == DONE
    assert "Left out: frontier needs at least 5 providers." in told.err
    assert "Warning" not in told.err
    assert_holds(tmp_path / "out.xlsx")


def test_inputs_and_outputs_of_the_envelopment(run: Command, table: Path, tmp_path: Path) -> None:
    words: tuple[object, ...] = ("--inputs", "Beds, Episodes", "--outputs", "visits", "--returns", "non-decreasing")
    words += ("--orientation", "output", "--distribution", "exponential", "--models", "envelopment,frontier")
    assert run("efficiency", table, *SPENDING, *words, "-o", "out.xlsx").status == DONE
    given = Given(
        GIVEN.quality, GIVEN.cost, inputs=np.column_stack([BEDS, GIVEN.volume]), outputs=np.column_stack([VISITS])
    )
    wanted = analysed(
        given,
        models=("envelopment", "frontier"),
        returns="non-decreasing",
        orientation="output",
        distribution="exponential",
    )
    cells = values(tmp_path / "out.xlsx")
    assert_efficiencies(cells, wanted)
    assert {"non-decreasing", "output", "exponential", "3, 2"} <= set(cells["EFF From Python"].values())


def test_harmonisation(run: Command, table: Path, tmp_path: Path) -> None:
    words = ("--quality-about", "all lists", "2024", "none", "--cost-about", "all lists", "2023", "age")
    told = run("efficiency", table, *SPENDING, "--models", "stars", *words, "--prices", "actual", "-o", "out.xlsx")
    assert told.status == DONE
    cells = assert_holds(tmp_path / "out.xlsx")
    same = {
        question: beside(cells, "EFF Harmonisation", question, "D")
        for question in ("Same patients?", "Same period?", "Same risk adjustment?")
    }
    assert same == {"Same patients?": "yes", "Same period?": "NO", "Same risk adjustment?": "NO"}
    assert beside(cells, "EFF Harmonisation", "Prices: standardised or actual?", "C") == "actual"


@pytest.mark.parametrize("language", ["en", "et"])
def test_values_hold_what_the_formulas_hold(run: Command, table: Path, tmp_path: Path, language: str) -> None:
    words = ("efficiency", table, *SPENDING, "--language", language)
    assert run(*words, "-o", "live.xlsx").status == DONE
    told = run(*words, "--cells", "values", "-o", "still.xlsx")
    assert told.status == DONE
    first = "EFF Teave" if language == "et" else "EFF About"
    assert first in told.err
    live, still = values(tmp_path / "live.xlsx"), values(tmp_path / "still.xlsx")
    assert list(live)[1] == list(still)[1] == first
    for name in list(live)[2:]:
        held = {cell: value for cell, value in live[name].items() if value not in ("", None)}
        assert held == {cell: value for cell, value in still[name].items() if value not in ("", None)}
    assert written_formulas(tmp_path / "still.xlsx") == {}
    assert written_formulas(tmp_path / "live.xlsx") != {}


# Other kinds of files


def test_a_text_file(run: Command, tmp_path: Path) -> None:
    text = "\n".join(";".join(str(one).replace(".", ",") for one in row) for row in table_rows())
    (tmp_path / "EFF About.csv").write_text(text, encoding="utf-8")
    assert run("efficiency", "EFF About.csv", *SPENDING, "--models", "unconditional,stars").status == DONE
    output = tmp_path / "EFF About_efficiency.xlsx"
    assert sheet_names(output)[:2] == ["EFF About", "EFF About (2)"]
    formulas = written_formulas(output)
    assert "'EFF About'!B2" in formulas["EFF Data", "B13"]
    assert_efficiencies(recalculate_ironcalc(output), analysed(models=("unconditional", "stars")))


def test_macros_stay(run: Command, tmp_path: Path) -> None:
    (tmp_path / "macros.bin").write_bytes(bytes(range(256)))

    def finish(book: xlsxwriter.Workbook) -> None:
        book.add_vba_project(str(tmp_path / "macros.bin"))

    write_xlsx(tmp_path / "table.xlsm", {"Andmed": table_rows()}, finish=finish)
    assert run("efficiency", "table.xlsm", *SPENDING, "--models", "stars").status == DONE
    output = tmp_path / "table_efficiency.xlsm"
    assert parts_of(output)["xl/vbaProject.bin"] == bytes(range(256))
    assert_holds(output)
    told = run("efficiency", "table.xlsm", *SPENDING, "-o", "out.xlsx")
    assert told.status == 2
    assert ".xlsm" in told.err


# Texts from data are never formulas

TEXTS = ('=HYPERLINK("http://x","y")', "+1+1", "-2+3", "@A1", "=cmd|' /C calc'!A0", '"&A1&"', "{quality}", "<b>&amp;")


@pytest.mark.parametrize("cells", ["formulas", "values"])
def test_texts_that_look_like_formulas(run: Command, tmp_path: Path, cells: str) -> None:
    def poison(rows: Rows) -> None:
        rows[0][:3] = ["Provider", "=1+1&{cost}", "+SUM(A1)"]
        for row, text in zip(rows[1:], TEXTS, strict=False):
            row[0] = text
            row[6] = text

    write_table(tmp_path / "table.xlsx", poison)
    words: tuple[object, ...] = (
        "--quality",
        "=1+1&{cost}",
        "--cost",
        "+SUM(A1)",
        "--volume",
        "Episodes",
        "--area",
        "Area",
    )
    words += ("--quality-about", "=1+1", "+2", "@x", "--program", "ncqa", "--models", "unconditional,envelopment")
    told = run("efficiency", "table.xlsx", *SPENDING, *words, "--cells", cells, "-o", "out.xlsx")
    assert told.status == DONE
    path = tmp_path / "out.xlsx"
    stored = values(path)
    assert column(stored, "EFF Results", "Provider")[: len(TEXTS)] == list(TEXTS)
    for (sheet, cell), formula in written_formulas(path).items():
        assert not re.search(r"HYPERLINK|cmd|1\+1&|SUM\(A1\)", formula), (sheet, cell)
    computed = recalculate_ironcalc(path)
    assert column(computed, "EFF Results", "Provider")[:4] == list(TEXTS[:4])
    assert {"=1+1", "+2", "@x"} <= set(computed["EFF Harmonisation"].values())


# Progress


def _told_shares(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float]]:
    told: list[tuple[str, float]] = []
    step = [""]
    next_, done = Steps.next, Steps.done

    def begin(self: Steps, what: str) -> None:
        step[0] = what
        next_(self, what)

    def tell(self: Steps, share: float) -> None:
        told.append((step[0], share))
        done(self, share)

    monkeypatch.setattr(Steps, "next", begin)
    monkeypatch.setattr(Steps, "done", tell)
    return told


def test_steps_are_told_as_they_go(run: Command, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = _told_shares(monkeypatch)
    ended = run("efficiency", table, *SPENDING, "-o", "out.xlsx")
    lines = ended.err.splitlines()
    assert lines[:3] == ["Reading ...", "Calculating ...", "Writing ..."]
    for step in ("Calculating", "Writing"):
        shares = [share for name, share in told if name == step]
        assert shares == sorted(shares)
        assert len(shares) >= 4
        assert shares[-1] == pytest.approx(1)


def test_a_terminal_shows_a_bar(
    run: Command, table: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    ended = run("efficiency", table, *SPENDING, "--models", "stars", "-o", "out.xlsx")
    assert ended.status == DONE
    for step in ("Reading", "Calculating", "Writing"):
        assert step in ended.err
    assert "━" in ended.err
    assert "Reading ..." not in ended.err


def test_a_mistake_in_the_program_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], table: Path
) -> None:
    from xl_qbs import cli
    from xl_qbs.commands import efficiency as efficiency_commands

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("somewhere")

    monkeypatch.setattr(efficiency_commands, "efficiency_file", fail)
    monkeypatch.setattr(sys, "argv", ["xl-qbs", "efficiency", str(table), *SPENDING])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == REFUSED
    assert "xl_qbs itself failed (ZeroDivisionError)" in capsys.readouterr().err


def test_the_guide_shows_what_is_printed(run: Command, tmp_path: Path) -> None:
    guide = (Path(__file__).resolve().parents[1] / "docs" / "using.md").read_text(encoding="utf-8")
    lines = ["Provider,Quality,Cost", "A,82,1150", "B,74,980", "C,65,900", "D,58,1210", "E,51,1020", "F,40,870"]
    (tmp_path / "practices.csv").write_text("\n".join(lines), encoding="utf-8")
    shown = [run("efficiency", "practices.csv", *SPENDING)]
    shown.append(run("efficiency", "practices.csv", *SPENDING, "--program", "medicare-aco"))
    lines[3], lines[5] = "C,65,", "E,51,0"
    (tmp_path / "practices.csv").write_text("\n".join(lines), encoding="utf-8")
    shown.append(run("efficiency", "practices.csv", *SPENDING))
    assert [one.status for one in shown] == [DONE, 2, REFUSED]
    for one in shown:
        told = [line for line in one.err.splitlines() if not line.endswith(" ...")]
        assert told
        assert "\n".join(f"    {line}" for line in told) in guide
