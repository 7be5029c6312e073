"""The command line: exit status, what it says and where, and that nothing is touched but the result."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

import xl_qbs
from tests.command import DONE, REFUSED, USAGE, Command
from tests.compare import values, with_cell
from tests.small_fund import EPOCH, SCHEME, counts, long_rows, rows_of, scheme_of, write_fund
from tests.workbook.builders import write_xlsx
from xl_qbs import cli
from xl_qbs.scheme import preset
from xl_qbs.workbook.package import open_package
from xl_qbs.workbook.read import read_workbook

PROJECT = Path(__file__).resolve().parents[1]
OPTIONS = (
    "scheme sheet mapping period above-target output prior fraction prior-file weights rounding "
    "coverage-decimals level cells language export json"
)


@pytest.fixture
def fund(tmp_path: Path) -> Path:
    return write_fund(tmp_path / "fund.xlsx")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _sheets(path: Path) -> list[str]:
    with open_package(path) as package:
        return [sheet.name for sheet in package.sheets]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# What it says of itself


@pytest.mark.parametrize("words", [("--help",), ("-h",), ("score", "--help"), ("check", "-h"), ("demo", "--help")])
def test_help(run: Command, words: tuple[str, ...]) -> None:
    told = run(*words)
    assert told.status == DONE
    assert told.out.startswith("Usage:")
    assert told.err == ""


def test_help_names_every_command_and_option(run: Command) -> None:
    told = run("--help").out
    assert all(re.search(rf"^  {name} ", told, re.MULTILINE) for name in ("score", "check", "demo"))
    options = run("score", "--help").out
    for name in OPTIONS.split():
        assert f"--{name}" in options


def test_version(run: Command) -> None:
    told = run("--version")
    assert told.status == DONE
    assert xl_qbs.__version__ in told.out


# Scoring


def test_score(run: Command, fund: Path, scheme_file: Path, tmp_path: Path) -> None:
    before = _sha256(fund)
    told = run("score", fund, "--scheme", scheme_file)
    assert told.status == DONE
    assert told.out == ""
    assert "30 lists, 5 indicators" in told.err
    assert "fund_qbs.xlsx" in told.err
    assert _sheets(tmp_path / "fund_qbs.xlsx")[:2] == ["Andmed", "QBS About"]
    assert _sha256(fund) == before
    assert _files(tmp_path) == ["fund.xlsx", "fund_qbs.xlsx", "scheme.csv"]


def test_a_name_that_is_there_is_never_written_over(
    run: Command, fund: Path, scheme_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "fund_qbs.xlsx").write_bytes(b"mine")
    assert run("score", fund, "--scheme", scheme_file).status == DONE
    assert run("score", fund, "--scheme", scheme_file).status == DONE
    assert (tmp_path / "fund_qbs.xlsx").read_bytes() == b"mine"
    assert {"fund_qbs_2.xlsx", "fund_qbs_3.xlsx"} <= set(_files(tmp_path))


def test_a_name_that_is_given_is_written_over(run: Command, fund: Path, scheme_file: Path, tmp_path: Path) -> None:
    (tmp_path / "out.xlsx").write_bytes(b"old")
    assert run("score", fund, "--scheme", scheme_file, "-o", tmp_path / "out.xlsx").status == DONE
    assert "QBS About" in _sheets(tmp_path / "out.xlsx")


def test_the_result_is_scored_again(run: Command, fund: Path, scheme_file: Path, tmp_path: Path) -> None:
    assert run("score", fund, "--scheme", scheme_file, "-o", "one.xlsx").status == DONE
    assert run("score", "one.xlsx", "--scheme", scheme_file, "-o", "two.xlsx").status == DONE
    assert _sheets(tmp_path / "two.xlsx") == _sheets(tmp_path / "one.xlsx")


def test_folders_with_blanks_and_estonian_letters(run: Command, fund: Path, scheme_file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "Perearstid 2019 õäöü & teised"
    folder.mkdir()
    source = folder / "hõlmatus (1).xlsx"
    source.write_bytes(fund.read_bytes())
    told = run("score", source, "--scheme", scheme_file, "--export", folder / "välja", "--json")
    assert told.status == DONE
    assert json.loads(told.out)["output"] == str(folder / "hõlmatus (1)_qbs.xlsx")
    assert _files(folder) == ["hõlmatus (1).xlsx", "hõlmatus (1)_qbs.xlsx", "välja/coverage.csv", "välja/scores.csv"]


def test_language_and_values(run: Command, fund: Path, scheme_file: Path, tmp_path: Path) -> None:
    told = run("score", fund, "--scheme", scheme_file, "--language", "et", "--cells", "values", "-o", "out.xlsx")
    assert told.status == DONE
    assert "QBS Teave" in told.err
    assert _sheets(tmp_path / "out.xlsx")[1] == "QBS Teave"
    cells = openpyxl.load_workbook(tmp_path / "out.xlsx")["QBS Punktid"]
    assert not any(str(cell.value).startswith("=") for row in cells.iter_rows() for cell in row)


def test_the_workbook_says_how_it_was_made(run: Command, fund: Path, scheme_file: Path, tmp_path: Path) -> None:
    run("score", fund, "--scheme", scheme_file, "--prior", "moments", "-o", tmp_path / "out.xlsx")
    about = set(values(tmp_path / "out.xlsx")["QBS About"].values())
    assert _sha256(fund) in about
    assert "fund.xlsx" in about
    (typed,) = [text for text in about if isinstance(text, str) and "--prior moments" in text]
    assert str(tmp_path) not in typed


# The summary and the text files


def test_json(run: Command, fund: Path, scheme_file: Path, tmp_path: Path) -> None:
    told = run("score", fund, "--scheme", scheme_file, "--json", "--prior", "moments", "-o", tmp_path / "out.xlsx")
    found = json.loads(told.out)
    result = xl_qbs.score(read_workbook(fund, xl_qbs.read_scheme_file(scheme_file)), prior="moments")
    assert (found["providers"], found["indicators"]) == (30, 5)
    assert found["weights"] == dict(zip(SCHEME.codes, result.weights.tolist(), strict=True))
    assert list(found["prior"]) == list(SCHEME.codes)
    for place, one in enumerate(found["prior"].values()):
        assert one == {"mean": result.prior.mean[place], "strength": result.prior.strength[place]}
    assert found["input"]["sha256"] == _sha256(fund)
    assert found["input"]["file"] == str(fund)
    assert found["output"] == str(tmp_path / "out.xlsx")
    assert isinstance(found["warnings"], list)


def test_warnings_are_told_in_both_ways(run: Command, scheme_file: Path, tmp_path: Path) -> None:
    target, done = counts(SCHEME)
    done[3, 1] = target[3, 1] + 5
    path = write_fund(tmp_path / "fund.xlsx", SCHEME, target, done)
    told = run("score", path, "--scheme", scheme_file, "--json")
    assert any("N004" in one and "Andmed!" in one for one in json.loads(told.out)["warnings"])
    assert re.search(r"Warning: Andmed!\w+: .*N004", told.err)


def test_export(run: Command, fund: Path, scheme_file: Path, tmp_path: Path) -> None:
    assert run("score", fund, "--scheme", scheme_file, "--export", "tidy").status == DONE
    scores, coverage = (_rows(tmp_path / "tidy" / name) for name in ("scores.csv", "coverage.csv"))
    assert list(scores[0]) == [
        "provider",
        "current_score",
        "proportional_score",
        "need_adjusted_score",
        "rank",
        "relative_rank",
        "band",
    ]
    assert list(coverage[0]) == [
        "provider",
        "indicator",
        "target",
        "done",
        "coverage",
        "adjusted_coverage",
        "low",
        "high",
        "reliability",
    ]
    assert (len(scores), len(coverage)) == (30, 150)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "table", "year"), [("four_providers.xlsx", "3", "2018"), ("four_providers_next_year.xlsx", "4", "2019")]
)
def test_the_reports_tables(
    run: Command, examples: Path, shared: Path, tmp_path: Path, name: str, table: str, year: str
) -> None:
    """Seed 002, Tables 3 and 4: whole points, and whole percents of coverage."""
    words = [
        "score",
        examples / name,
        "--weights",
        examples / "pc_weights_2018.csv",
        "--export",
        "tidy",
        "-o",
        "o.xlsx",
    ]
    assert run(*words).status == DONE
    with (shared / "oracles" / "qbs_table3_table4.csv").open(encoding="utf-8", newline="") as file:
        expected = [row for row in csv.DictReader(file) if (row["table"], row["year"]) == (table, year)]
    assert len(expected) == 4
    scores, coverage = (_rows(tmp_path / "tidy" / one) for one in ("scores.csv", "coverage.csv"))
    for row, score, pair in zip(expected, scores, coverage, strict=True):
        assert (score["provider"], pair["provider"]) == (row["provider"], row["provider"])
        assert (pair["target"], pair["done"]) == (row["target"], row["done"])
        assert float(score["current_score"]) == float(row["current_score"])
        assert _half_up(100 * float(pair["adjusted_coverage"])) == int(row["adjusted_coverage_pct"])
        assert _half_up(float(score["need_adjusted_score"])) == int(row["pc_adjusted_score"])


def test_table_3(run: Command, examples: Path, tmp_path: Path) -> None:
    words = [
        "score",
        examples / "four_providers.xlsx",
        "--weights",
        examples / "pc_weights_2018.csv",
        "--export",
        "tidy",
    ]
    assert run(*words, "-o", "out.xlsx").status == DONE
    scores = _rows(tmp_path / "tidy" / "scores.csv")
    assert [one["provider"] for one in scores] == ["A", "B", "C", "D"]
    assert [float(one["current_score"]) for one in scores] == [65, 0, 0, 0]
    assert [_half_up(float(one["need_adjusted_score"])) for one in scores] == [41, 27, 43, 47]
    assert [one["rank"] for one in scores] == ["3", "4", "2", "1"]


def _half_up(number: float) -> int:
    return int(number + 0.5)


# Options that name files


def test_weights_from_a_file(run: Command, fund: Path, scheme_file: Path, tmp_path: Path) -> None:
    lines = [f"{code},{10 + place}" for place, code in reversed(list(enumerate(SCHEME.codes)))]
    (tmp_path / "weights.csv").write_text("code,weight\n" + "\n".join(lines), encoding="utf-8")
    told = run("score", fund, "--scheme", scheme_file, "--weights", "weights.csv", "--json")
    assert json.loads(told.out)["weights"] == {code: 10 + place for place, code in enumerate(SCHEME.codes)}


@pytest.mark.parametrize(("rule", "expected"), [("current", "points"), ("own", "weight")])
def test_weights_of_the_scheme(run: Command, fund: Path, scheme_file: Path, rule: str, expected: str) -> None:
    told = run("score", fund, "--scheme", scheme_file, "--weights", rule, "--json")
    assert json.loads(told.out)["weights"] == {one.code: getattr(one, expected) for one in SCHEME.indicators}


def test_a_fixed_prior(run: Command, fund: Path, scheme_file: Path, tmp_path: Path) -> None:
    lines = [f"{code},0.{place + 3},{place}" for place, code in enumerate(SCHEME.codes)]
    (tmp_path / "prior.csv").write_text("code,mean,strength\n" + "\n".join(lines), encoding="utf-8")
    words = ["score", fund, "--scheme", scheme_file, "--prior", "fixed", "--prior-file", "prior.csv", "--json"]
    found = json.loads(run(*words).out)["prior"]
    assert found == {
        code: {"mean": float(f"0.{place + 3}"), "strength": float(place)} for place, code in enumerate(SCHEME.codes)
    }


def test_rounding_and_decimals(run: Command, fund: Path, scheme_file: Path) -> None:
    words = ["score", fund, "--scheme", scheme_file, "--json", "--rounding", "none", "--coverage-decimals", "2"]
    expected = xl_qbs.score(
        read_workbook(fund, xl_qbs.read_scheme_file(scheme_file)), rounding="none", coverage_decimals=2
    )
    assert list(json.loads(run(*words).out)["weights"].values()) == expected.weights.tolist()


def test_period_sheet_and_mapping(run: Command, scheme_file: Path, tmp_path: Path) -> None:
    first, second = (rows_of(SCHEME, *counts(SCHEME, seed=seed)) for seed in (1, 2))
    years = [[["Period", *first[0]]], *([[year, *row] for row in rows[1:]] for year, rows in ((1, first), (2, second)))]
    path = write_xlsx(
        tmp_path / "in.xlsx",
        {"Years": [row for part in years for row in part], "Long": long_rows(SCHEME, *counts(SCHEME))},
    )
    scored = ["--scheme", scheme_file, "--json", "-o", "out.xlsx"]
    doubt = run("score", path, *scored)
    assert doubt.status == REFUSED
    assert "--sheet" in doubt.err
    doubt = run("score", path, *scored, "--sheet", "Years")
    assert doubt.status == REFUSED
    assert "--period" in doubt.err
    found = [
        json.loads(run("score", path, *scored, "--sheet", "Years", "--period", year).out)["prior"] for year in (1, 2)
    ]
    assert found[0] != found[1]
    (tmp_path / "mapping.toml").write_text('sheet = "Long"\n', encoding="utf-8")
    mapped = json.loads(run("score", path, *scored, "--mapping", "mapping.toml").out)
    assert mapped["input"]["sheet"] == "Long"
    assert mapped["prior"] == found[0]


def test_more_done_than_there_was_may_be_refused(run: Command, scheme_file: Path, tmp_path: Path) -> None:
    target, done = counts(SCHEME)
    done[3, 1] = target[3, 1] + 5
    path = write_fund(tmp_path / "fund.xlsx", SCHEME, target, done)
    assert run("check", path, "--scheme", scheme_file).status == DONE
    told = run("check", path, "--scheme", scheme_file, "--above-target", "refuse")
    assert told.status == REFUSED
    assert "N004" in told.err


# Refusals


def test_every_problem_at_once(run: Command, fund: Path, scheme_file: Path, tmp_path: Path) -> None:
    bad = fund
    for number, (cell, value) in enumerate({"B4": -1.0, "C7": "many", "D9": 2.5}.items()):
        bad = with_cell(bad, tmp_path / f"bad{number}.xlsx", "Andmed", cell, value)
    before = _files(tmp_path)
    for command in ("score", "check"):
        told = run(command, bad, "--scheme", scheme_file)
        assert told.status == REFUSED
        assert told.out == ""
        assert all(f"Andmed!{cell}" in told.err for cell in ("B4", "C7", "D9"))
    assert _files(tmp_path) == before


@pytest.mark.parametrize(
    "words",
    [
        ("--prior", "guess"),
        ("--prior", "fixed"),
        ("--prior-file", "scheme.csv"),
        ("--fraction", "-1"),
        ("--fraction", "nan"),
        ("--fraction", "inf"),
        ("--level", "1"),
        ("--level", "nan"),
        ("--coverage-decimals", "12"),
        ("--rounding", "up"),
        ("--weights", "nowhere.csv"),
        ("--language", "fi"),
        ("--cells", "pictures"),
        ("--scheme", "nowhere.toml"),
        ("--nonsense",),
        ("more.xlsx",),
        ("-o", "out.csv"),
        ("-o", "out.xlsm"),
    ],
)
def test_wrong_usage(run: Command, fund: Path, scheme_file: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    before = _files(tmp_path)
    told = run("score", fund, *([] if "--scheme" in words else ["--scheme", scheme_file]), *words)
    assert told.status == USAGE
    assert told.err.strip()
    assert _files(tmp_path) == before


@pytest.mark.parametrize("words", [(), ("nonsense",), ("score",), ("score", "nowhere.xlsx"), ("check",)])
def test_wrong_commands(run: Command, words: tuple[str, ...]) -> None:
    told = run(*words)
    assert told.status == USAGE
    assert told.err.strip() or told.out.strip()


def test_never_over_the_input(run: Command, fund: Path, scheme_file: Path) -> None:
    before = _sha256(fund)
    told = run("score", fund, "--scheme", scheme_file, "-o", fund)
    assert told.status == REFUSED
    assert "give another name with -o" in told.err
    assert _sha256(fund) == before


def test_a_folder_that_is_not_there(run: Command, fund: Path, scheme_file: Path, tmp_path: Path) -> None:
    told = run("score", fund, "--scheme", scheme_file, "-o", tmp_path / "nowhere" / "out.xlsx")
    assert told.status == REFUSED
    assert "is not there: make it first" in told.err


@pytest.mark.parametrize("option", ["--scheme", "--weights", "--prior-file", "--mapping"])
def test_a_file_that_is_another_kind(run: Command, fund: Path, scheme_file: Path, tmp_path: Path, option: str) -> None:
    (tmp_path / "odd.csv").write_text("this,is\nnot,it\n", encoding="utf-8")
    words = {"--scheme": [], "--prior-file": ["--prior", "fixed"]}.get(option, [])
    words += [] if option == "--scheme" else ["--scheme", str(scheme_file)]
    told = run("score", fund, *words, option, tmp_path / "odd.csv")
    assert told.status in (REFUSED, USAGE)
    assert "odd.csv" in told.err


@pytest.mark.shared
def test_no_workbook_brings_it_down(run: Command, shared: Path, tmp_path: Path) -> None:
    """Whatever is thrown at it: a sentence, a status, and no file left behind."""
    tried = 0
    for path in sorted((shared / "corpus").iterdir()):
        before = _sha256(path)
        told = run("score", path, "-o", tmp_path / "out.xlsx")
        assert told.status in (REFUSED, USAGE), path.name
        assert len(told.err.strip()) > 20
        assert _sha256(path) == before
        tried += 1
    assert tried > 80
    assert _files(tmp_path) == []


def test_a_mistake_in_the_program_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fund: Path
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("somewhere")

    monkeypatch.setattr(cli, "score_file", fail)
    monkeypatch.setattr(sys, "argv", ["xl-qbs", "score", str(fund)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == REFUSED
    told = capsys.readouterr().err
    assert "xl_qbs itself failed (ZeroDivisionError)" in told
    assert "Traceback" not in told
    monkeypatch.setenv("XL_QBS_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        cli.main()


def test_a_panic_in_rust_code_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fund: Path
) -> None:
    ironcalc = pytest.importorskip("ironcalc")

    def panic(*_: object, **__: object) -> None:
        ironcalc.test_panic()

    monkeypatch.setattr(cli, "score_file", panic)
    monkeypatch.setattr(sys, "argv", ["xl-qbs", "score", str(fund)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == REFUSED
    told = capsys.readouterr().err
    assert "xl_qbs itself failed (PanicException)" in told
    monkeypatch.setenv("XL_QBS_DEBUG", "1")
    with pytest.raises(BaseException) as failed:  # noqa: PT011  (its class can be imported from nowhere)
        cli.main()
    assert not isinstance(failed.value, Exception)
    assert type(failed.value).__name__ == "PanicException"


@pytest.mark.parametrize("error", [SystemExit, GeneratorExit])
def test_what_is_no_failure_goes_on(monkeypatch: pytest.MonkeyPatch, fund: Path, error: type[BaseException]) -> None:
    def end(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(cli, "score_file", end)
    monkeypatch.setattr(sys, "argv", ["xl-qbs", "score", str(fund)])
    with pytest.raises(error):
        cli.main()


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_stopped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fund: Path, error: type[BaseException]
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(cli, "score_file", stop)
    monkeypatch.setattr(sys, "argv", ["xl-qbs", "score", str(fund)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == REFUSED
    assert "no result was written" in capsys.readouterr().err


# Checking, and the demonstration


def test_check_writes_nothing(run: Command, fund: Path, scheme_file: Path, tmp_path: Path) -> None:
    before = _files(tmp_path)
    told = run("check", fund, "--scheme", scheme_file)
    assert told.status == DONE
    assert "The data can be scored." in told.err
    assert _files(tmp_path) == before


def test_demo(run: Command, tmp_path: Path) -> None:
    told = run("demo")
    assert told.status == DONE
    assert "invented fund" in told.err
    assert _files(tmp_path) == ["demo/fund_workbook_2024_qbs.xlsx"]
    assert "QBS Scores" in _sheets(tmp_path / "demo" / "fund_workbook_2024_qbs.xlsx")


def test_demo_where_its_folder_cannot_be_made(run: Command, tmp_path: Path) -> None:
    (tmp_path / "demo").write_bytes(b"mine")
    told = run("demo")
    assert told.status == REFUSED
    assert "name a file with -o" in told.err
    assert (tmp_path / "demo").read_bytes() == b"mine"


# As a process of its own


def _process(folder: Path, *words: object, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "xl_qbs.cli", *(str(word) for word in words)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(PROJECT), **environment},
        capture_output=True,
        check=False,
    )


def test_as_a_process(fund: Path, scheme_file: Path, tmp_path: Path) -> None:
    words = ("score", fund, "--scheme", scheme_file, "--json", "-o")
    runs = [_process(tmp_path, *words, f"{name}.xlsx", SOURCE_DATE_EPOCH=EPOCH) for name in ("o1", "o2")]
    assert [one.returncode for one in runs] == [DONE, DONE]
    assert json.loads(runs[0].stdout)["providers"] == 30
    assert "Traceback" not in runs[0].stderr.decode()
    wrong = _process(tmp_path, "score", scheme_file)
    assert wrong.returncode == REFUSED
    assert wrong.stdout == b""
    assert b"Traceback" not in wrong.stderr
    assert _process(tmp_path, "score", "--nonsense").returncode == USAGE


def test_where_the_console_knows_no_estonian_letters(fund: Path, scheme_file: Path, tmp_path: Path) -> None:
    source = tmp_path / "hõlmatus 😀.xlsx"
    source.write_bytes(fund.read_bytes())
    told = _process(tmp_path, "score", source, "--scheme", scheme_file, "--json", PYTHONIOENCODING="ascii")
    assert told.returncode == DONE, told.stderr
    assert json.loads(told.stdout)["output"].endswith("hõlmatus 😀_qbs.xlsx")


def test_help_is_answered_without_the_heavy_libraries(tmp_path: Path) -> None:
    code = (
        "import sys; sys.argv = ['xl-qbs', '--help']\n"
        "import xl_qbs.cli\n"
        "try: xl_qbs.cli.main()\n"
        "except SystemExit: pass\n"
        "print({'numpy', 'pandas', 'scipy', 'openpyxl'} & set(sys.modules))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(PROJECT)}, capture_output=True, check=True
    )
    assert told.stdout.decode().strip().endswith("set()")


def test_scoring_does_without_pandas_and_openpyxl(fund: Path, scheme_file: Path, tmp_path: Path) -> None:
    """They take longer to import than a fund takes to score."""
    words = ["xl-qbs", "score", str(fund), "--scheme", str(scheme_file), "-o", str(tmp_path / "out.xlsx")]
    code = (
        f"import sys; sys.argv = {words!r}\n"
        "import xl_qbs.cli\n"
        "xl_qbs.cli.main()\n"
        "print({'pandas', 'openpyxl', 'rich'} & set(sys.modules))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(PROJECT)}, capture_output=True, check=True
    )
    assert told.stdout.decode().strip() == "set()"


def test_the_presets_scheme_is_the_one_without_another(run: Command, examples: Path) -> None:
    told = run("score", examples / "fund_workbook_2024.xlsx", "-o", "out.xlsx", "--json")
    found = json.loads(told.out)
    assert found["providers"] == 790
    assert list(found["weights"]) == list(preset().codes)
    assert sum(found["weights"].values()) == 480


def test_many_indicators(run: Command, tmp_path: Path) -> None:
    scheme = scheme_of(40)
    path = write_fund(tmp_path / "fund.xlsx", scheme, *counts(scheme))
    rows = ["code,points,required coverage", *(f"{one.code},{one.points},0.7" for one in scheme.indicators)]
    (tmp_path / "scheme.csv").write_text("\n".join(rows), encoding="utf-8")
    told = run("score", path, "--scheme", "scheme.csv", "--json")
    assert json.loads(told.out)["indicators"] == 40
