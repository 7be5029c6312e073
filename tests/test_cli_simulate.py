"""``xl-qbs simulate`` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command import DONE, REFUSED, USAGE, Command
from tests.compare import parts_of, sheet_parts, values
from tests.small_fund import SCHEME, counts, rows_of, write_fund
from tests.workbook.builders import write_xlsx

QUICK = ("--replications", "5")


def test_adds_its_sheets(tmp_path: Path, run: Command, scheme_file: Path) -> None:
    fund = write_fund(tmp_path / "fund.xlsx")
    done = run("simulate", fund, "--scheme", scheme_file, "--extra-patients", 10, *QUICK, "-o", "out.xlsx", "--json")
    assert done.status == DONE, done.err
    assert "SIM About" in done.err
    names = list(sheet_parts(tmp_path / "out.xlsx"))
    assert names[0] == "Andmed"
    assert names[1:4] == ["SIM About", "SIM Summary", "SIM Charts"]
    assert values(tmp_path / "out.xlsx")["SIM About"]["B3"] == 1
    told = json.loads(done.out)
    assert told["lists"] == 30
    assert len(told["cases"]) == 15
    assert told["cases"][0] == {**told["cases"][0], "behaviour": "none", "scheme": "current", "extra_patients": 0}


def test_the_same_seed_gives_the_same_file(
    tmp_path: Path, run: Command, scheme_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    fund = write_fund(tmp_path / "fund.xlsx")
    files = []
    for seed in (7, 7, 8):
        words = ("simulate", fund, "--scheme", scheme_file, "--extra-patients", "25%", *QUICK, "--seed", seed)
        assert run(*words, "-o", tmp_path / "out.xlsx").status == DONE
        files.append((tmp_path / "out.xlsx").read_bytes())
        (tmp_path / "out.xlsx").unlink()
    assert files[0] == files[1]
    assert files[0] != files[2]


def test_a_second_run_replaces_its_own_sheets_only(tmp_path: Path, run: Command, scheme_file: Path) -> None:
    fund = write_fund(tmp_path / "fund.xlsx")
    assert run("score", fund, "--scheme", scheme_file, "-o", "scored.xlsx").status == DONE
    common = ("--scheme", scheme_file, "--extra-patients", 5, *QUICK)
    assert run("simulate", "scored.xlsx", *common, "-o", "one.xlsx").status == DONE
    assert run("simulate", "one.xlsx", *common, "--language", "et", "-o", "two.xlsx").status == DONE
    before, after = (list(sheet_parts(tmp_path / name)) for name in ("scored.xlsx", "two.xlsx"))
    assert after[: len(before)] == before
    assert all(name.startswith("SIM ") for name in after[len(before) :])
    assert "SIM Kokkuvõte" in after
    assert "SIM Summary" not in after
    first = sheet_parts(tmp_path / "scored.xlsx")["Andmed"]
    assert parts_of(tmp_path / "two.xlsx")[first] == parts_of(tmp_path / "scored.xlsx")[first]


def test_options_that_name_behaviours_and_rules(tmp_path: Path, run: Command, scheme_file: Path) -> None:
    rows = rows_of(SCHEME, *counts(SCHEME))
    for number, row in enumerate(rows):
        row.append("List size" if number == 0 else 1000 + number)
    fund = write_xlsx(tmp_path / "fund.xlsx", {"Andmed": rows})
    done = run(
        *("simulate", fund, "--scheme", scheme_file, "--extra-patients", 300, "--shared-by", "list-size"),
        *("--list-size", "list size", "--behaviour", "priority", "--order", "i03,i01", "--schemes", "need-adjusted"),
        *("--bands", "0,0.5,0.7", "--coefficients", "0,0.5,1", "--pot", 1000, "--bands-of", "relative-rank"),
        *("--steered", 0.8, "--start", "observed", "--indicators", "i01,i02,i03", *QUICK, "-o", "out.xlsx", "--json"),
    )
    assert done.status == DONE, done.err
    told = json.loads(done.out)
    assert [one["behaviour"] for one in told["cases"]] == ["none", "priority"]
    assert [one["bonuses"] for one in told["cases"]] == [1000, 1000]
    assert told["cases"][1]["extra_patients"] == 300


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("--extra-patients", "many"), USAGE, "percentage such as 10%"),
        (("--extra-patients", "-3"), USAGE, "--extra-patients"),
        (("--extra-patients", "2.5"), USAGE, "whole number"),
        (("--extra-patients", "130%"), USAGE, "share"),
        (("--extra-patients", "10%", "--shared-by", "eligible"), USAGE, "leave --shared-by out"),
        (("--extra-patients", "10", "--shared-by", "list-size"), USAGE, "--list-size"),
        (("--extra-patients", "10", "--list-size", "Size"), REFUSED, "no column headed 'Size'"),
        (("--extra-patients", "10", "--list-size", "i01 done", "--order", "i01", "--behaviour", "proportional"), USAGE,
         "--order"),
        (("--extra-patients", "10", "--schemes", "current,other"), USAGE, "schemes"),
        (("--extra-patients", "10", "--bands", "0,0.8", "--coefficients", "1"), USAGE, "coefficients"),
        (("--extra-patients", "10", "--bands", "0,high"), USAGE, "must be numbers"),
        (("--extra-patients", "10", "--pot", "0"), USAGE, "--pot"),
        (("--extra-patients", "10", "--pot", "10", "--amount", "5"), USAGE, "--pot"),
        (("--extra-patients", "10", "--condition", "Other"), USAGE, "Other"),
        (("--extra-patients", "10", "--indicators", "i99"), USAGE, "i99"),
        (("--extra-patients", "10", "--amount", "nan"), USAGE, "--amount"),
        ((), USAGE, "--extra-patients"),
    ],
)  # fmt: skip
def test_refusals(
    tmp_path: Path, run: Command, scheme_file: Path, words: tuple[str, ...], status: int, told: str
) -> None:
    fund = write_fund(tmp_path / "fund.xlsx")
    done = run("simulate", fund, "--scheme", scheme_file, *QUICK, *words, "-o", "out.xlsx")
    assert done.status == status, done.err
    assert told in done.err
    assert not (tmp_path / "out.xlsx").exists()


def test_a_list_size_that_is_no_number_is_told_with_its_cell(tmp_path: Path, run: Command, scheme_file: Path) -> None:
    rows = rows_of(SCHEME, *counts(SCHEME))
    for number, row in enumerate(rows):
        row.append({0: "Size", 3: "large", 5: -1}.get(number, 1000))
    fund = write_xlsx(tmp_path / "fund.xlsx", {"Andmed": rows})
    done = run(
        "simulate", fund, "--scheme", scheme_file, "--extra-patients", 5, "--list-size", "Size", *QUICK, "-o", "o.xlsx"
    )
    assert done.status == REFUSED
    assert "L4" in done.err
    assert "L6" in done.err
    assert not (tmp_path / "o.xlsx").exists()


def test_a_text_file_becomes_a_workbook(tmp_path: Path, run: Command, scheme_file: Path) -> None:
    lines = [";".join(str(int(one)) if isinstance(one, float) else str(one) for one in row)
             for row in rows_of(SCHEME, *counts(SCHEME))]  # fmt: skip
    (tmp_path / "fund.csv").write_text("\n".join(lines), encoding="utf-8")
    done = run("simulate", "fund.csv", "--scheme", scheme_file, "--extra-patients", 5, *QUICK)
    assert done.status == DONE, done.err
    assert values(tmp_path / "fund_simulated.xlsx")["SIM About"]["B3"] == 1
