"""``xl-qbs diagnose`` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.command import DONE, REFUSED, USAGE, Command
from tests.compare import parts_of, sheet_parts, values, written_formulas
from tests.sheets.diagnosis.small import write_year, year_of
from tests.small_fund import SCHEME, counts, rows_of, write_fund
from tests.workbook.builders import write_xlsx

QUICK = ("--resamples", "100")


def years(folder: Path) -> tuple[Path, Path]:
    """Write two years' workbooks, each with list size and age."""
    this = write_year(folder / "this.xlsx", SCHEME, *year_of(SCHEME, 1))
    return this, write_year(folder / "last.xlsx", SCHEME, *year_of(SCHEME, 2))


def test_adds_its_sheets(tmp_path: Path, run: Command, scheme_file: Path) -> None:
    fund = write_fund(tmp_path / "fund.xlsx")
    done = run("diagnose", fund, "--scheme", scheme_file, *QUICK, "-o", "out.xlsx", "--json")
    assert done.status == DONE, done.err
    assert "DIA About" in done.err
    names = list(sheet_parts(tmp_path / "out.xlsx"))
    assert names[:3] == ["Andmed", "DIA About", "DIA Findings"]
    assert "DIA Next steps" in names
    assert "DIA Two years" not in names
    cells = values(tmp_path / "out.xlsx")
    assert cells["DIA About"]["B3"] == 1
    assert cells["Andmed"] == values(fund)["Andmed"]
    told = json.loads(done.out)
    assert told["lists"] == 30
    assert list(told["correlation"])[:2] == ["current", "proportional"]
    assert set(told["nearer_to_zero_than_current"].values()) <= {"nearer to zero", "further from zero",
                                                                "cannot be told"}  # fmt: skip
    assert told["fairer_under"] == []
    assert "in_both_years" not in told


def test_two_years_in_estonian_with_everything(tmp_path: Path, run: Command, scheme_file: Path) -> None:
    this, last = years(tmp_path)
    done = run(
        *("diagnose", this, "--scheme", scheme_file, "--earlier", last, "--language", "et", *QUICK, "--json"),
        *("--list-size", "List size", "--age", "mean age", "--counting", "patients", "--groups", 3, "--steps", 2),
        *("--added", "COVID", "--added-share", "list=2%", "--added-share", "i01=0.3", "--added-coverage", 0.8),
        *("--floor", 0.9, "--best", 0.2, "--cliff", 10, "-o", "out.xlsx"),
    )
    assert done.status == DONE, done.err
    assert "DIA Teave" in done.err
    names = list(sheet_parts(tmp_path / "out.xlsx"))
    assert {"DIA Leiud", "DIA Järgmised sammud", "DIA Lisatav indikaator", "DIA Kaks aastat", "DIA Ennustus"} <= {
        *names
    }
    told = json.loads(done.out)
    assert told["in_both_years"] == 30
    assert set(told["worse_than_raw"]) == {"report", "moments", "likelihood"}
    assert "COVID" in values(tmp_path / "out.xlsx")["DIA Lisatav indikaator"]["A1"]


def test_two_periods_of_one_workbook_are_linked(tmp_path: Path, run: Command, scheme_file: Path) -> None:
    rows: list[list[Any]] = []
    for seed, period in ((1, 2024), (2, 2023)):
        own = rows_of(SCHEME, *counts(SCHEME, seed=seed))
        rows += [[*row, "Period" if number == 0 else period] for number, row in enumerate(own) if number or not rows]
    fund = write_xlsx(tmp_path / "fund.xlsx", {"Andmed": rows})
    words = ("diagnose", fund, "--scheme", scheme_file, *QUICK, "--period", 2024)
    done = run(*words, "--last-period", 2023, "-o", "out.xlsx")
    assert done.status == DONE, done.err
    assert "DIA Data (last year)" not in sheet_parts(tmp_path / "out.xlsx")
    formulas = written_formulas(tmp_path / "out.xlsx")
    last = [one for (sheet, _), one in formulas.items() if sheet == "DIA Coverage (last year)" and "Andmed!" in one]
    # Rows of the year before stand behind the 30 of this year.
    assert "Andmed!B32" in last
    assert values(tmp_path / "out.xlsx")["DIA About"]["B3"] == 1
    same = run(*words, "--last-period", 2024, "-o", "same.xlsx")
    assert same.status == USAGE
    assert "the same table" in same.err
    assert not (tmp_path / "same.xlsx").exists()


def test_the_same_seed_gives_the_same_file(
    tmp_path: Path, run: Command, scheme_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    fund = write_fund(tmp_path / "fund.xlsx")
    files = []
    for seed in (7, 7, 8):
        words = ("diagnose", fund, "--scheme", scheme_file, *QUICK, "--seed", seed, "-o", "out.xlsx")
        assert run(*words).status == DONE
        files.append((tmp_path / "out.xlsx").read_bytes())
        (tmp_path / "out.xlsx").unlink()
    assert files[0] == files[1]
    assert files[0] != files[2]


def test_a_second_run_replaces_its_own_sheets_only(tmp_path: Path, run: Command, scheme_file: Path) -> None:
    this, last = years(tmp_path)
    common = ("--scheme", scheme_file)
    assert run("score", this, *common, "-o", "scored.xlsx").status == DONE
    assert run("simulate", "scored.xlsx", *common, "--extra-patients", 5, "--replications", 5, "-o", "all.xlsx"
               ).status == DONE  # fmt: skip
    assert run("diagnose", "all.xlsx", *common, *QUICK, "--earlier", last, "-o", "one.xlsx").status == DONE
    done = run("diagnose", "one.xlsx", *common, *QUICK, "--language", "et", "-o", "two.xlsx")
    assert done.status == DONE, done.err
    before, after = (list(sheet_parts(tmp_path / name)) for name in ("all.xlsx", "two.xlsx"))
    assert after[: len(before)] == before
    assert all(name.startswith("DIA ") for name in after[len(before) :])
    assert "DIA Leiud" in after
    assert "DIA Findings" not in after
    for name in before:
        part = sheet_parts(tmp_path / "all.xlsx")[name]
        assert parts_of(tmp_path / "two.xlsx")[part] == parts_of(tmp_path / "all.xlsx")[part]


def test_values_hold_no_formula(tmp_path: Path, run: Command, scheme_file: Path) -> None:
    fund = write_fund(tmp_path / "fund.xlsx")
    words = ("diagnose", fund, "--scheme", scheme_file, *QUICK)
    assert run(*words, "--cells", "values", "-o", "out.xlsx").status == DONE
    assert run(*words, "-o", "live.xlsx").status == DONE
    assert written_formulas(tmp_path / "out.xlsx") == {}
    assert len(written_formulas(tmp_path / "live.xlsx")) > 1000


def test_a_text_file_becomes_a_workbook(tmp_path: Path, run: Command, scheme_file: Path) -> None:
    for name, seed in (("this.csv", 1), ("last.csv", 2)):
        lines = [";".join(str(int(one)) if isinstance(one, float) else str(one) for one in row)
                 for row in rows_of(SCHEME, *counts(SCHEME, seed=seed))]  # fmt: skip
        (tmp_path / name).write_text("\n".join(lines), encoding="utf-8")
    done = run("diagnose", "this.csv", "--scheme", scheme_file, "--earlier", "last.csv", *QUICK)
    assert done.status == DONE, done.err
    assert values(tmp_path / "this_diagnosed.xlsx")["DIA About"]["B3"] == 1


def test_text_of_the_user_is_no_formula(tmp_path: Path, run: Command, scheme_file: Path) -> None:
    fund = write_fund(tmp_path / "fund.xlsx")
    words = ("--added", "=1+1", "--added-share", "i01=10%")
    done = run("diagnose", fund, "--scheme", scheme_file, *QUICK, *words, "-o", "out.xlsx")
    assert done.status == DONE, done.err
    assert values(tmp_path / "out.xlsx")["DIA Added indicator"]["A1"] == "Expected load of =1+1"


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("--age", "Mean age"), USAGE, "--age needs --list-size"),
        (("--list-size", "Size"), REFUSED, "no column headed 'Size'"),
        (("--added-share", "i01"), USAGE, "such as diab=30%"),
        (("--added-share", "i01=130%"), USAGE, "such as diab=30%"),
        (("--added-share", "i01=nan"), USAGE, "such as diab=30%"),
        (("--added-share", "i01=10%", "--added-share", "i01=20%"), USAGE, "twice"),
        (("--added-share", "i99=10%"), USAGE, "i99"),
        (("--added-share", "list=10%"), USAGE, "--list-size"),
        (("--added-share", "i01=0"), USAGE, "nobody would be eligible"),
        (("--steps", "0"), USAGE, "--steps"),
        (("--best", "0"), USAGE, "--best"),
        (("--floor", "2"), USAGE, "--floor"),
        (("--groups", "0"), USAGE, "--groups"),
        (("--resamples", "3"), USAGE, "--resamples"),
        (("--earlier", "none.xlsx"), USAGE, "none.xlsx"),
        (("--earlier", "fund.xlsx"), USAGE, "the same table"),
        (("--earlier", "other.xlsx"), REFUSED, "i05"),
        (("--earlier", "strangers.xlsx"), USAGE, "no list is in both years"),
        (("--last-period", "2019"), REFUSED, "no column of periods"),
    ],
)
def test_refusals(
    tmp_path: Path, run: Command, scheme_file: Path, words: tuple[str, ...], status: int, told: str
) -> None:
    fund = write_fund(tmp_path / "fund.xlsx")
    target, done_ = counts(SCHEME, seed=2)
    rows = rows_of(SCHEME, target, done_)
    write_xlsx(tmp_path / "other.xlsx", {"Andmed": [row[:-2] for row in rows]})
    write_fund(tmp_path / "strangers.xlsx", SCHEME, target, done_, providers=[f"X{one}" for one in range(30)])
    done = run("diagnose", fund, "--scheme", scheme_file, *QUICK, *words, "-o", "out.xlsx")
    assert done.status == status, done.err
    assert told in done.err
    assert not (tmp_path / "out.xlsx").exists()


def test_the_output_is_never_the_input(tmp_path: Path, run: Command, scheme_file: Path) -> None:
    fund = write_fund(tmp_path / "fund.xlsx")
    before = fund.read_bytes()
    done = run("diagnose", fund, "--scheme", scheme_file, *QUICK, "-o", fund)
    assert done.status != DONE
    assert fund.read_bytes() == before


@pytest.mark.shared
def test_real_lists_of_2019_and_2020(shared: Path, tmp_path: Path, run: Command) -> None:
    """What is known of the two real years; an interval of the drawn lists is not part of it."""
    data = shared / "data"
    told = json.loads(
        run("diagnose", data / "fund_workbook_2019.xlsx", *QUICK, "--cells", "values", "-o", "one.xlsx", "--json").out
    )
    correlation = told["correlation"]
    expected = {
        "current": -0.005,
        "proportional": -0.093,
        "need-adjusted, report": 0.153,
        "need-adjusted, moments": -0.067,
        "need-adjusted, likelihood": -0.048,
    }
    # To the three decimals that are known.
    assert correlation == pytest.approx(expected, abs=0.0006)
    assert told["fairer_under"] == []
    assert told["topped_out"] == ["hypr1"]
    words = ("--earlier", data / "fund_workbook_2019.xlsx", "--cells", "values", "-o", "two.xlsx", "--json")
    told = json.loads(run("diagnose", data / "fund_workbook_2020.xlsx", *QUICK, *words).out)
    assert told["in_both_years"] == 778
    assert len(told["worse_than_raw"]["report"]) == 8
    assert len(told["worse_than_raw"]["likelihood"]) <= 1
