"""The command that builds templates: what it writes, what it says, and that nothing is written when it refuses."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tests.command import DONE, REFUSED, USAGE, Command
from tests.compare import cell_of, errors, unlike_book, value_of, values
from tests.engines import recalculate_ironcalc
from tests.small_fund import SCHEME, counts, long_rows, rows_of, write_fund
from tests.workbook.builders import write_xlsx
from xl_qbs.scheme import preset
from xl_qbs.scoring.method import Method
from xl_qbs.sheets.address import cell_name
from xl_qbs.sheets.template.plan import BEFORE
from xl_qbs.workbook.read import read_workbook
from xl_qbs.workbook.scheme_file import read_scheme_file
from xl_qbs.workbook.template import Request, template_of

OUT = "template.xlsx"


@pytest.fixture
def fund(tmp_path: Path) -> Path:
    return write_fund(tmp_path / "fund.xlsx")


def _is_clean(folder: Path, *names: str) -> bool:
    return sorted(path.name for path in folder.iterdir()) == sorted(names)


def test_an_empty_template(run: Command, tmp_path: Path) -> None:
    ended = run("template", "-o", OUT, "--lists", 12)
    assert (ended.status, ended.out) == (DONE, "")
    assert OUT in ended.err
    assert "About" in ended.err
    book = template_of(Request(lists=12))
    cells = recalculate_ironcalc(tmp_path / OUT)
    assert errors(cells, book) == []
    assert value_of(cells, book, "master") == -1
    assert [value_of(cells, book, "code_input", row) for row in range(11)] == list(preset().codes)
    assert value_of(cells, book, "source_provider") is None


def test_filled_with_two_years_and_options(run: Command, tmp_path: Path, fund: Path, scheme_file: Path) -> None:
    earlier = write_fund(tmp_path / "earlier.xlsx", SCHEME, *counts(SCHEME, seed=2))
    ended = run(
        "template", "-o", OUT, "--scheme", scheme_file, "--data", fund, "--last-year", earlier, "--lists", 40,
        "--indicators", 7, "--prior", "moments", "--weights", "own", "--level", 0.9, "--language", "et",
    )  # fmt: skip
    assert ended.status == DONE
    assert "Teave" in ended.err
    table = read_workbook(fund, read_scheme_file(scheme_file, preset()))
    before = read_workbook(earlier, table.scheme)
    own = {one.code: one.weight for one in SCHEME.indicators if one.weight is not None}
    method = Method(prior="moments", weights="own", level=0.9, own_weights=own)
    request = Request(table=table, last_year=before, lists=40, indicators=7, method=method)
    book = template_of(request, "et")
    assert unlike_book(values(tmp_path / OUT), book) == []
    assert value_of(values(tmp_path / OUT), book, "master") == 1


def test_room_for_more_lists_than_there_are(run: Command, tmp_path: Path, scheme_file: Path) -> None:
    path = write_fund(tmp_path / "large.xlsx", SCHEME, *counts(SCHEME, 900))
    assert run("template", "-o", OUT, "--scheme", scheme_file, "--data", path).status == DONE
    book = template_of(Request(table=read_workbook(path, read_scheme_file(scheme_file, preset())), lists=990, years=1))
    assert unlike_book(values(tmp_path / OUT), book) == []


def test_two_periods_of_one_table(run: Command, tmp_path: Path, scheme_file: Path) -> None:
    rows = [["Year", *row] for row in rows_of(SCHEME, *counts(SCHEME))]
    years = [[2024, *row[1:]] for row in rows[1:]] + [
        [2023, *row] for row in rows_of(SCHEME, *counts(SCHEME, seed=3))[1:]
    ]
    path = write_xlsx(tmp_path / "years.xlsx", {"Data": [rows[0], *years]})
    words = ("template", "-o", OUT, "--scheme", scheme_file, "--data", path, "--lists", 30)
    assert run(*words, "--period", 2024, "--last-period", 2023).status == DONE
    request = Request(
        table=read_workbook(path, read_scheme_file(scheme_file, preset()), period=2024),
        last_year=read_workbook(path, read_scheme_file(scheme_file, preset()), period=2023),
        lists=30,
    )
    book = template_of(request)
    cells = values(tmp_path / OUT)
    assert unlike_book(cells, book) == []
    assert value_of(cells, book, BEFORE + "target", 3, 2) != value_of(cells, book, "target", 3, 2)


def test_a_long_table_with_a_gap(run: Command, tmp_path: Path, scheme_file: Path) -> None:
    path = write_xlsx(tmp_path / "long.xlsx", {"Pikk": long_rows(SCHEME, *counts(SCHEME), [(4, 1)])})
    assert run("template", "-o", OUT, "--scheme", scheme_file, "--data", path, "--lists", 30).status == DONE
    table = read_workbook(path, read_scheme_file(scheme_file, preset()))
    book = template_of(Request(table=table, lists=30, years=1))
    cells = values(tmp_path / OUT)
    assert unlike_book(cells, book) == []
    assert value_of(cells, book, "data", table.providers.index("N005"), 2) == 0


def test_likelihood_becomes_given_values(run: Command, tmp_path: Path, fund: Path, scheme_file: Path) -> None:
    words = ("template", "-o", OUT, "--scheme", scheme_file, "--data", fund, "--lists", 30)
    assert run(*words, "--prior", "likelihood").status == DONE
    book = template_of(Request(table=read_workbook(fund, read_scheme_file(scheme_file, preset())), lists=30, years=1))
    cells = values(tmp_path / OUT)
    assert value_of(cells, book, "prior_rule") == "fixed"
    assert isinstance(value_of(cells, book, "given_mean"), float)
    assert any("maximum likelihood" in str(text) for text in cells["Assumptions log"].values())
    assert value_of(cells, book, "master") == 1


def test_the_fund_may_freeze_a_prior(run: Command, tmp_path: Path, fund: Path, scheme_file: Path) -> None:
    prior = tmp_path / "prior.csv"
    lines = ["code,mean,strength", *(f"{code},0.7,{20 + number}" for number, code in enumerate(SCHEME.codes))]
    prior.write_text("\n".join(lines), encoding="utf-8")
    words = ("template", "-o", OUT, "--scheme", scheme_file, "--data", fund, "--lists", 30)
    assert run(*words, "--prior", "fixed", "--prior-file", prior).status == DONE
    given = {code: (0.7, 20.0 + number) for number, code in enumerate(SCHEME.codes)}
    method = Method(prior="fixed", prior_values=given)
    book = template_of(
        Request(table=read_workbook(fund, read_scheme_file(scheme_file, preset())), lists=30, years=1, method=method)
    )
    assert unlike_book(values(tmp_path / OUT), book) == []


def test_cells_above_target_are_told_and_accepted(run: Command, tmp_path: Path, scheme_file: Path) -> None:
    target, done = counts(SCHEME)
    done[3, 1] = target[3, 1] + 2
    path = write_fund(tmp_path / "above.xlsx", SCHEME, target, done)
    ended = run("template", "-o", OUT, "--scheme", scheme_file, "--data", path, "--lists", 30)
    assert ended.status == DONE
    assert "N004" in ended.err
    book = template_of(Request(table=read_workbook(path, read_scheme_file(scheme_file, preset())), lists=30, years=1))
    cells = values(tmp_path / OUT)
    assert value_of(cells, book, "accepted_above") == 1
    assert value_of(cells, book, "master") == 1


def test_the_password_is_asked_for(run: Command, tmp_path: Path) -> None:
    assert run("template", "-o", OUT, "--lists", 9, "--years", 1, "--password", "õun 5").status == DONE
    book = openpyxl.load_workbook(tmp_path / OUT)
    assert all(sheet.protection.sheet and sheet.protection.hashValue for sheet in book)
    assert run("template", "-o", "free.xlsx", "--lists", 9, "--years", 1).status == DONE
    free = openpyxl.load_workbook(tmp_path / "free.xlsx")
    assert all(sheet.protection.sheet and not sheet.protection.hashValue for sheet in free)


def test_yellow_cells_are_unlocked_and_nothing_else(
    run: Command, tmp_path: Path, fund: Path, scheme_file: Path
) -> None:
    words = ("template", "-o", OUT, "--scheme", scheme_file, "--data", fund, "--lists", 32, "--indicators", 6)
    assert run(*words).status == DONE
    book = template_of(
        Request(table=read_workbook(fund, read_scheme_file(scheme_file, preset())), lists=32, indicators=6, years=1)
    )
    inputs = {
        (block.sheet, cell_name(block.row + i, block.column + j))
        for block, i, j in book.cells()
        if block.kind == "input"
    }
    workbook = openpyxl.load_workbook(tmp_path / OUT)
    unlocked = {
        (sheet.title, cell.coordinate)
        for sheet in workbook
        for row in sheet
        for cell in row
        if not cell.protection.locked
    }
    assert unlocked == inputs
    assert not any(workbook[sheet][cell].data_type == "f" for sheet, cell in unlocked)


def test_parameters_have_names(run: Command, tmp_path: Path) -> None:
    assert run("template", "-o", OUT, "--lists", 9, "--years", 1).status == DONE
    book = template_of(Request(lists=9, years=1))
    names = openpyxl.load_workbook(tmp_path / OUT).defined_names
    assert {"QBS_prior_rule", "QBS_fraction", "QBS_level", "QBS_total"} <= set(names)
    sheet, cell = cell_of(book, "fraction")
    assert names["QBS_fraction"].attr_text.replace("$", "") == f"{sheet}!{cell}"


# What is refused leaves nothing behind


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--lists", 5, "--data", "fund.xlsx"), "lists == 5, must be from 30"),
        (("--indicators", 2), "indicators == 2, must be from 11"),
        (("--last-year", "fund.xlsx"), "need --data"),
        (("--prior", "likelihood"), "estimated from data"),
        (("--prior", "fixed"), "go together"),
        (("--years", 3), "3"),
        (("--lists", 0), "0"),
        (("--language", "fi"), "fi"),
        (("--scheme", "missing.csv"), "missing.csv"),
    ],
)
def test_what_cannot_be_is_refused(
    run: Command, tmp_path: Path, scheme_file: Path, words: tuple[object, ...], said: str
) -> None:
    write_fund(tmp_path / "fund.xlsx")
    more = ("--scheme", scheme_file) if "--data" in words else ()
    ended = run("template", "-o", OUT, *words, *more)
    assert ended.status == USAGE
    assert said in ended.err
    assert _is_clean(tmp_path, "fund.xlsx", "scheme.csv")


def test_bad_data_are_refused_whole(run: Command, tmp_path: Path, scheme_file: Path) -> None:
    rows = rows_of(SCHEME, *counts(SCHEME))
    rows[2][1], rows[5][4] = "seven", -3
    path = write_xlsx(tmp_path / "bad.xlsx", {"Data": rows})
    ended = run("template", "-o", OUT, "--scheme", scheme_file, "--data", path)
    assert ended.status == REFUSED
    assert "Data!B3" in ended.err
    assert "Data!E6" in ended.err
    assert _is_clean(tmp_path, "bad.xlsx", "scheme.csv")


def test_a_bad_scheme_is_refused(run: Command, tmp_path: Path) -> None:
    scheme = tmp_path / "scheme.toml"
    scheme.write_text('name = "x"\n[[indicators]]\ncode = "a"\npoints = -5\nrequired_coverage = 2\n', encoding="utf-8")
    ended = run("template", "-o", OUT, "--scheme", scheme)
    assert ended.status == REFUSED
    assert "a" in ended.err
    assert _is_clean(tmp_path, "scheme.toml")


def test_the_name_must_be_a_workbooks(run: Command, tmp_path: Path) -> None:
    ended = run("template", "-o", "template.xlsm")
    assert ended.status == USAGE
    assert ".xlsx" in ended.err
    assert _is_clean(tmp_path)


def test_a_folder_that_is_missing(run: Command, tmp_path: Path) -> None:
    ended = run("template", "-o", "nowhere/template.xlsx", "--lists", 9)
    assert ended.status == REFUSED
    assert "nowhere" in ended.err
    assert _is_clean(tmp_path)
