"""The need-adjusted score as the quality of efficiency, and two families of sheets in one workbook."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest

from tests.command import DONE, REFUSED, Command
from tests.compare import parts_of, values, with_cell
from tests.efficiency_runs import (
    EFF,
    SPENDING,
    assert_holds,
    column,
    flags,
    own_parts,
    sheet_names,
    table_rows,
    write_table,
)
from tests.engines import Cells, recalculate_ironcalc
from tests.small_fund import LISTS, write_fund
from tests.workbook.builders import write_xlsx

# A user would see it, with the line of the program that it comes from.
pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_table(tmp_path / "table.xlsx")


@pytest.fixture
def fund(tmp_path: Path) -> Path:
    """A workbook of counts, and a sheet with what each list costs, the last list first."""
    write_fund(tmp_path / "counts.xlsx")
    book = openpyxl.load_workbook(tmp_path / "counts.xlsx")
    costs = book.create_sheet("Kulud")
    costs.append(["Nimistu", "Kulu"])
    for number in range(LISTS, 0, -1):
        costs.append([f"N{number:03d}", 900 + 17 * (number * 7 % 23)])
    book.save(tmp_path / "fund.xlsx")
    (tmp_path / "counts.xlsx").unlink()
    return tmp_path / "fund.xlsx"


@pytest.fixture
def scored(run: Command, fund: Path, scheme_file: Path, tmp_path: Path) -> Path:
    assert run("score", fund, "--scheme", scheme_file, "-o", "scored.xlsx").status == DONE
    return tmp_path / "scored.xlsx"


NEED = ("--quality", "need-adjusted", "--cost", "Kulu", *SPENDING, "--models", "unconditional,conditional")


def _scores(cells: Cells) -> dict[str, float]:
    """Return the need-adjusted score of each list, as the scored workbook has it."""
    sheet = next(name for name in cells if name in ("QBS Scores", "QBS Punktid"))
    row = next(row for row in range(1, 30) if cells[sheet][f"A{row}"] in ("List", "Nimistu"))
    group = next(
        letter
        for letter in "BCDEFGHIJKLM"
        for up in range(1, row)
        if cells[sheet][f"{letter}{up}"] in ("Need-adjusted score", "Vajaduspõhine skoor")
    )
    return {str(cells[sheet][f"A{at}"]): float(cells[sheet][f"{group}{at}"]) for at in range(row + 1, row + 1 + LISTS)}  # type: ignore[arg-type]


def _quality(cells: Cells) -> dict[str, float]:
    names = column(cells, "EFF Results", "Provider", count=LISTS)
    return dict(zip(map(str, names), column(cells, "EFF Results", "Quality", count=LISTS), strict=True))  # type: ignore[arg-type]


def test_the_score_of_the_tables_own_workbook_is_linked(run: Command, scored: Path, tmp_path: Path) -> None:
    assert run("efficiency", scored, *NEED, "-o", "out.xlsx").status == DONE
    cells = assert_holds(tmp_path / "out.xlsx")
    assert _quality(cells) == pytest.approx(_scores(cells))
    assert next(iter(_quality(cells))) == f"N{LISTS:03d}"
    # A count that changes changes the score, and with it the efficiency.
    changed = with_cell(tmp_path / "out.xlsx", tmp_path / "changed.xlsx", "Andmed", "C3", 0.0)
    after = recalculate_ironcalc(changed)
    assert _scores(after)["N002"] != pytest.approx(_scores(cells)["N002"])
    assert _quality(after) == pytest.approx(_scores(after))
    assert column(after, "EFF Results", "Unconditional A") != column(cells, "EFF Results", "Unconditional A")


def test_the_score_of_another_workbook_is_stored(run: Command, fund: Path, scored: Path, tmp_path: Path) -> None:
    told = run("efficiency", fund, *NEED, "--scored", scored, "-o", "out.xlsx")
    assert told.status == DONE
    assert sheet_names(tmp_path / "out.xlsx")[:3] == ["Andmed", "Kulud", "EFF About"]
    assert _quality(assert_holds(tmp_path / "out.xlsx")) == pytest.approx(_scores(values(scored)))


def test_scores_and_efficiency_leave_each_other_alone(
    run: Command, scored: Path, scheme_file: Path, tmp_path: Path
) -> None:
    assert run("efficiency", scored, *NEED, "-o", "one.xlsx").status == DONE
    assert run("score", "one.xlsx", "--scheme", scheme_file, "-o", "two.xlsx").status == DONE
    assert run("efficiency", "two.xlsx", *NEED, "--language", "et", "-o", "three.xlsx").status == DONE
    names = {number: sheet_names(tmp_path / f"{number}.xlsx") for number in ("one", "two", "three")}
    own = ["Andmed", "Kulud"]
    qbs = [name for name in names["one"] if name.startswith("QBS ")]
    eff = [name for name in names["one"] if name.startswith("EFF ")]
    assert names["one"] == [*own, *qbs, *eff]
    assert names["two"] == [*own, *eff, *qbs]
    assert names["three"][: len(own) + len(qbs)] == [*own, *qbs]
    assert names["three"][len(own) + len(qbs)] == "EFF Teave"
    assert len(names["three"]) == len(names["one"])
    for before, after, kept in (("scored", "one", qbs), ("one", "two", eff), ("two", "three", qbs)):
        old, new = tmp_path / f"{before}.xlsx", tmp_path / f"{after}.xlsx"
        for name in [*own, *kept]:
            assert parts_of(new)[own_parts(new)[name]] == parts_of(old)[own_parts(old)[name]], (after, name)
    for number in names:
        assert_holds(tmp_path / f"{number}.xlsx")
        with zipfile.ZipFile(tmp_path / f"{number}.xlsx") as archive:
            assert len(archive.namelist()) == len(set(archive.namelist()))
    openpyxl.load_workbook(tmp_path / "three.xlsx")


def test_a_second_run_replaces_its_own_sheets(run: Command, table: Path, tmp_path: Path) -> None:
    assert run("efficiency", table, *SPENDING, "-o", "one.xlsx").status == DONE
    assert run("efficiency", "one.xlsx", *SPENDING, "--models", "stars", "-o", "two.xlsx").status == DONE
    assert run("efficiency", "two.xlsx", *SPENDING, "-o", "three.xlsx").status == DONE
    assert sheet_names(tmp_path / "three.xlsx") == sheet_names(tmp_path / "one.xlsx") == ["Andmed", *EFF]
    assert sorted(parts_of(tmp_path / "one.xlsx")) == sorted(parts_of(tmp_path / "three.xlsx"))
    once, again = assert_holds(tmp_path / "one.xlsx"), assert_holds(tmp_path / "three.xlsx")
    # About names the file that was read, which is another one.
    assert all(once[name] == again[name] for name in EFF[1:])
    assert len(parts_of(tmp_path / "two.xlsx")) < len(parts_of(tmp_path / "one.xlsx"))
    assert_holds(tmp_path / "two.xlsx")


def test_sheets_of_the_same_names_that_are_the_users_own(run: Command, tmp_path: Path) -> None:
    write_xlsx(tmp_path / "table.xlsx", {"EFF About": table_rows(), "eff results": [["mine"]]})
    assert run("efficiency", "table.xlsx", *SPENDING, "--models", "stars", "-o", "out.xlsx").status == DONE
    names = sheet_names(tmp_path / "out.xlsx")
    assert names[:3] == ["EFF About", "eff results", "EFF About (2)"]
    cells = values(tmp_path / "out.xlsx")
    assert cells["eff results"]["A1"] == "mine"
    assert cells["EFF About"]["A2"] == "P001"


def test_scores_in_another_order_are_noticed(
    run: Command, fund: Path, scored: Path, scheme_file: Path, tmp_path: Path
) -> None:
    """Scored anew, a score must never stand beside another list's cost without anybody being told."""
    run("efficiency", scored, *NEED, "-o", "one.xlsx")
    cells = values(tmp_path / "one.xlsx")["Andmed"]
    changed = tmp_path / "one.xlsx"
    for row, name in ((2, "N002"), (3, "N001")):
        changed = with_cell(changed, tmp_path / f"swapped{row}.xlsx", "Andmed", f"A{row}", name)
    assert (cells["A2"], cells["A3"]) == ("N001", "N002")
    assert run("score", changed, "--scheme", scheme_file, "-o", "two.xlsx").status == DONE
    after = recalculate_ironcalc(tmp_path / "two.xlsx")
    assert set(flags(after).values()) != {1.0}
    assert 1.0 not in flags(after).values()
    known = _quality(after)
    assert [name for name, score in known.items() if not isinstance(score, float)] == ["N002", "N001"]
    assert run("efficiency", "two.xlsx", *NEED, "-o", "three.xlsx").status == DONE
    assert _quality(assert_holds(tmp_path / "three.xlsx")) == pytest.approx(_scores(values(tmp_path / "two.xlsx")))


def test_sheets_that_others_refer_to_are_not_taken_away(
    run: Command, scored: Path, scheme_file: Path, tmp_path: Path
) -> None:
    """In another language the sheet of scores has another name, and formulas would be left without it."""
    run("efficiency", scored, *NEED, "-o", "one.xlsx")
    told = run("score", "one.xlsx", "--scheme", scheme_file, "--language", "et", "-o", "two.xlsx")
    assert told.status == REFUSED
    assert "'EFF Data' refer to the sheet 'QBS Scores'" in told.err
    assert "--language" in told.err
    assert not (tmp_path / "two.xlsx").exists()
    run("efficiency", scored, *NEED, "--cells", "values", "-o", "still.xlsx")
    assert run("score", "still.xlsx", "--scheme", scheme_file, "--language", "et", "-o", "two.xlsx").status == DONE
