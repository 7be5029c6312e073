"""The command xl-qbs aggregate: whole runs on DuckDB and Spark, what reads their results, and every way to refuse."""

from __future__ import annotations

import csv
import gzip
import importlib.util
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.aggregate.test_parse import SMALL
from tests.command import DONE, REFUSED, USAGE, Command
from xl_qbs import read_workbook
from xl_qbs.jobs import aggregate_engine
from xl_qbs.jobs.aggregate_engine import java
from xl_qbs.jobs.aggregate_example import write_example
from xl_qbs.scheme import preset

DUCKDB = pytest.mark.skipif(importlib.util.find_spec("duckdb") is None, reason="DuckDB is not installed")
REGISTERED = 'provider = "list"\nregistered_from = "from"\nregistered_to = "to"'

PEOPLE = [("id", "list", "from", "to", "flag"), ("P1", "L", "2010-01-01", "", "1"), ("P2", "M", "2019-03-01", "", "3")]
RECORDS = [("id", "day", "code"), ("P1", "2019-05-05", "X"), ("P2", "2019-05-05", "Y"), ("P9", "2019-01-01", "X")]


def write(path: Path, rows: Sequence[Sequence[str]], delimiter: str = ",") -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder with small definitions and extracts."""
    (tmp_path / "small.toml").write_text(SMALL.replace('provider = "list"', REGISTERED), encoding="utf-8")
    write(tmp_path / "people.csv", PEOPLE)
    write(tmp_path / "records.csv", RECORDS)
    return tmp_path


_SMALL = ("aggregate", "small.toml", "--people", "people.csv", "--records", "records.csv", "-o", "table.csv")


def cells(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example's definitions and extracts, once as text and once as Parquet."""
    pytest.importorskip("pyarrow")
    folder = tmp_path_factory.mktemp("example")
    write_example(folder, patients=1_500, lists=12, seed=3)
    write_example(folder, patients=1_500, lists=12, seed=3, form="parquet")
    return folder


def counted(run: Command, example: Path, form: str, out: Path, *more: object) -> dict[str, bytes]:
    """Count the example, and return what was written."""
    done = run(
        *("aggregate", example / "qbs_2018_example.toml", "-o", out / "table.csv"),
        *("--people", example / f"people.{form}", "--records", example / f"records.{form}"),
        *("--groups", out / "groups.csv", "--patients", out / "patients.csv", *more),
    )
    assert done.status == DONE, done.err
    return {name: (out / f"{name}.csv").read_bytes() for name in ("table", "groups", "patients")}


@DUCKDB
def test_the_example_from_its_extracts_to_the_scores(run: Command, example: Path, tmp_path: Path) -> None:
    made = counted(run, example, "csv", tmp_path)
    assert counted(run, example, "parquet", tmp_path, "--threads", "1", "--memory", "300MB") == made
    table = read_workbook(tmp_path / "table.csv")
    assert table.indicators == preset().codes
    assert table.period == "2019"
    assert len(table.providers) == 12
    assert table.target.sum() > 1_000
    # The groups of each list and indicator sum to the table.
    sums: dict[tuple[str, str], list[int]] = {}
    for provider, indicator, _, n, x in cells(tmp_path / "groups.csv")[1:]:
        pair = sums.setdefault((provider, indicator), [0, 0])
        pair[0], pair[1] = pair[0] + int(n), pair[1] + int(x)
    for column, code in enumerate(table.indicators):
        for row, provider in enumerate(table.providers):
            assert sums[provider, code] == [table.target[row, column], table.done[row, column]]
    assert {row[2] for row in cells(tmp_path / "groups.csv")[1:]} == {"et", "ru", "unknown"}
    done = run("score", "table.csv", "--cells", "none", "--export", "scores")
    assert done.status == DONE, done.err
    assert len(cells(tmp_path / "scores" / "scores.csv")) == 1 + 12


@DUCKDB
def test_equity_and_efficiency_read_what_is_made(run: Command, example: Path, tmp_path: Path) -> None:
    counted(run, example, "parquet", tmp_path)
    done = run("equity", "groups.csv", "-o", "equity.xlsx", "--unknown", "unknown", "--cells", "values", "--json")
    assert done.status == DONE, done.err
    assert json.loads(done.out)["groups"] == ["et", "ru"]
    providers = write(tmp_path / "practices.csv", [("provider", "quality", "cost")])
    rows = cells(tmp_path / "table.csv")[1:]
    with providers.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([row[0], 50 + place, 900 - 7 * (place % 5)] for place, row in enumerate(rows))
    done = run(
        *("efficiency", "practices.csv", "--cost-is", "spending", "--models", "regression", "-o", "efficiency.xlsx"),
        *("--patients", "patients.csv", "--risk", "age,sex,diabetes", "--cells", "values"),
    )
    assert done.status == DONE, done.err


WITHOUT_SPARK = pytest.mark.skipif(sys.platform == "win32", reason="Spark on Windows needs more than its package")
SLOW = pytest.mark.skipif(os.environ.get("XL_QBS_SLOW") != "1", reason="takes a minute: XL_QBS_SLOW=1 runs it")
# Compiling every expression pays with millions of rows, and takes nearly all the time with a few.
_UNCOMPILED = "--conf spark.sql.codegen.wholeStage=false --conf spark.sql.codegen.factoryMode=NO_CODEGEN pyspark-shell"


def need_spark() -> None:
    """Skip where Spark cannot run, or fail where all tests are asked for."""
    for missing, why in ((java() is None, "Java"), (importlib.util.find_spec("pyspark") is None, "PySpark")):
        if missing:
            if os.environ.get("XL_QBS_REQUIRE_LIBREOFFICE") == "1":
                pytest.fail(f"{why} is not installed, and XL_QBS_REQUIRE_LIBREOFFICE=1 asks for all tests")
            pytest.skip(f"{why} is not installed, which Spark needs")


@WITHOUT_SPARK
def test_spark_finds_the_same(run: Command, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    need_spark()
    monkeypatch.setenv("PYSPARK_SUBMIT_ARGS", _UNCOMPILED)
    more = (
        '[continuity]\ndays = 100\n[groups]\ncolumn = "flag"\n'
        '[patients]\ncost = "amount"\nfactors = [{ name = "flag", column = "flag" }]\n'
        '[[composites]]\ncode = "c"\nindicators = ["a", "b"]\n[[indicators]]'
    )
    toml = (small / "small.toml").read_text(encoding="utf-8").replace("[[indicators]]", more, 1)
    (small / "small.toml").write_text(toml, encoding="utf-8")
    write(
        small / "people.csv",
        [*PEOPLE, (" P3 ", "L", "2019-03-01", "2019-06-30", ""), ("P1", "M", "2019-12-01", "", "1")],
    )
    amounts = [(*row, amount) for row, amount in zip(RECORDS, ("amount", "10.10", "0.2", ""), strict=True)]
    write(small / "records.csv", [*amounts, ("P3", "2019-01-31", "X", "7"), ("P1", "2019-02-01", " X", "0.30")])
    made = {}
    for engine in ("duckdb", "spark"):
        (small / engine).mkdir()
        out = [one for name in ("groups", "patients") for one in (f"--{name}", f"{engine}/{name}.csv")]
        done = run(*_SMALL[:-1], f"{engine}/table.csv", *out, "--engine", engine, "--threads", "1", "--memory", "1GB")
        assert done.status == DONE, done.err
        made[engine] = {one.name: one.read_bytes() for one in sorted((small / engine).iterdir())}
    assert len(made["duckdb"]) == 3
    assert made["spark"] == made["duckdb"]


@SLOW
@WITHOUT_SPARK
def test_spark_finds_the_same_of_the_example(run: Command, tmp_path: Path, example: Path) -> None:
    need_spark()
    made = counted(run, example, "parquet", tmp_path)
    (tmp_path / "spark").mkdir()
    # One extract of each form, so that both are read.
    done = run(
        *("aggregate", example / "qbs_2018_example.toml", "--engine", "spark", "--threads", "1", "--memory", "1GB"),
        *("--people", example / "people.csv", "--records", example / "records.parquet", "-o", "spark/table.csv"),
        *("--groups", "spark/groups.csv", "--patients", "spark/patients.csv"),
    )
    assert done.status == DONE, done.err
    assert {name: (tmp_path / "spark" / f"{name}.csv").read_bytes() for name in made} == made


@DUCKDB
def test_a_summary_as_json(run: Command, small: Path) -> None:
    done = run(*_SMALL, "--json")
    assert done.status == DONE, done.err
    found = json.loads(done.out)
    assert found["target"] == {"a": 2, "b": 2}
    assert found["done"] == {"a": 1, "b": 1}
    assert found["rows"] == {"people": 2, "records": 3}
    assert cells(small / "table.csv") == [
        ["provider", "period", "list size", "a target", "a done", "b target", "b done"],
        ["L", "2019", "1", "1", "1", "1", "1"],
        ["M", "2019", "1", "1", "0", "1", "0"],
    ]


@DUCKDB
def test_another_period_and_other_forms(run: Command, small: Path) -> None:
    (small / "parts").mkdir()
    for number, row in enumerate(RECORDS[1:]):
        with gzip.open(small / "parts" / f"{number}.csv.gz", "wt", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([RECORDS[0], row])
    (small / "parts" / "_SUCCESS").touch()
    odd = write(small / "people [1].csv", PEOPLE, ";")
    words = ("aggregate", "small.toml", "--people", odd, "--records", "parts")
    for name in ("table.parquet", "table.xlsx"):
        done = run(*words, "-o", name, "--from", "2018-07-01", "--to", "2019-06-30")
        assert done.status == DONE, done.err
        scheme = write(
            small / "scheme.csv", [("code", "points", "required coverage"), ("a", "1", "0.5"), ("b", "1", "0.5")]
        )
        table = run("check", name, "--scheme", scheme)
        assert "Read" in table.err
        assert "2 lists, 2 indicators" in table.err, table.err


@DUCKDB
def test_everything_that_is_wrong_with_the_data_is_told_at_once(run: Command, small: Path) -> None:
    (small / "small.toml").write_text(
        SMALL.replace('provider = "list"', REGISTERED)
        + '[[indicators]]\ncode = "c"\nnumerator = { column = "flag", at_least = 2 }\n',
        encoding="utf-8",
    )
    write(
        small / "people.csv",
        [
            *PEOPLE,
            ("", "L", "2010-01-01", "", "1"),
            ("P4", "", "2010-01-01", "", "1"),
            ("P5", "L", "", "", "1"),
            ("P6", "L", "2019-05-05", "2019-05-04", "1"),
            ("P7", "L", "1.1.2019", "", "many"),
            ("P8", "L", "2010-01-01", "2010-02-01", "1"),
            ("P8", "L", "2011-01-01", "", "2"),
        ],
    )
    write(small / "records.csv", [*RECORDS, ("P1", "5.5.2019", "X")])
    done = run(*_SMALL)
    assert done.status == REFUSED
    for told in (
        "people.csv: 1 row without 'id'.",
        "people.csv: 1 row without 'list'.",
        "people.csv: 1 row without 'from'.",
        "people.csv: 1 row with 'to' before 'from'.",
        "people.csv: 1 row with 'from' that is not a day such as 2019-12-31 ('1.1.2019').",
        "people.csv: 1 row with 'flag' that is not a number such as 12.5 ('many').",
        "people.csv: 'flag' differs between rows of the same patient on the same list (1 patient).",
        "records.csv: 1 row with 'day' that is not a day such as 2019-12-31 ('5.5.2019').",
    ):
        assert told in done.err, told
    assert "8 problems" in done.err
    assert not (small / "table.csv").exists()


@DUCKDB
def test_a_patient_twice_without_spells(run: Command, small: Path) -> None:
    (small / "small.toml").write_text(SMALL, encoding="utf-8")
    write(small / "people.csv", [*PEOPLE, PEOPLE[1]])
    assert "on the same list more than once: 1 patient." in run(*_SMALL).err


@DUCKDB
@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("people.csv", "id,list,from,to\nP1,L,2010-01-01,\n", "no column 'flag'; there are: id, list, from, to"),
        ("people.csv", "id,list,from,to,flag,FLAG\n", "the heading 'flag' stands more than once"),
        ("people.csv", "id,list,from,,flag\n", "column 4 has no heading"),
        ("people.csv", "", "is empty, or has no headings"),
        ("people.csv", "id,list,from,to,flag\n", "there are headings, but no rows"),
        ("records.csv", "id,day,code\nP1,2017-01-01,X\n", "no record is of 2019: they are from 2017-01-01"),
        ("records.csv", "id,day,code\nP1,2019-01-01,X,more\n", "DuckDB could not do it"),
        ("records.csv", 'id,day,code\nP1,2019-01-01,"X\n', "DuckDB could not do it"),
        ("records.csv", b"id,day,code\nP1,2019-01-01,\xd5\n", "DuckDB could not do it"),
        ("records.csv", b"id,day,\xd5\n", "is not UTF-8"),
    ],
)
def test_an_extract_that_cannot_be_used(run: Command, small: Path, name: str, content: str | bytes, told: str) -> None:
    (small / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    done = run(*_SMALL)
    assert done.status == REFUSED
    assert told in done.err, done.err
    assert not (small / "table.csv").exists()


@DUCKDB
@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("-o", "table.ods"), USAGE, "must end in .csv, .parquet or .xlsx"),
        (("-o", "records.csv"), REFUSED, "is a file of the extract"),
        (("-o", "nowhere/table.csv"), REFUSED, "The folder nowhere is not there"),
        (("--groups", "groups.csv"), USAGE, "--groups needs [groups]"),
        (("--patients", "patients.csv"), USAGE, "--patients needs [patients]"),
        (("--from", "2020-01-01"), USAGE, "begins on 2020-01-01 and ends on 2019-12-31"),
        (("--memory", "much"), USAGE, "must be like 2GB"),
        (("--records", "gone.csv"), REFUSED, "There is no file gone.csv"),
        (("--records", "hdfs://cluster/records"), REFUSED, "only Spark"),
        (("--memory", "1MB"), REFUSED, "give it more with --memory"),
    ],
)
def test_what_is_refused(run: Command, small: Path, words: tuple[str, ...], status: int, told: str) -> None:
    done = run(*_SMALL, *words)
    assert (done.status, told in done.err) == (status, True), done.err


@DUCKDB
def test_extracts_and_definitions_have_to_fit(run: Command, small: Path) -> None:
    done = run("aggregate", "small.toml", "--people", "people.csv", "-o", "table.csv")
    assert (done.status, "give the extract with --records" in done.err) == (USAGE, True)
    (small / "small.toml").write_text("name =", encoding="utf-8")
    assert "the file is not TOML" in run(*_SMALL).err


@DUCKDB
def test_texts_of_the_data_are_never_formulas_or_queries(run: Command, small: Path) -> None:
    odd = "=1+1'; DROP TABLE x --"
    write(small / "people.csv", [PEOPLE[0], ("P1", odd, "2010-01-01", "", "1")])
    toml = (small / "small.toml").read_text(encoding="utf-8").replace('"X"', '"X\' OR 1=1 --"')
    (small / "small.toml").write_text(toml, encoding="utf-8")
    done = run(*_SMALL, "--json")
    assert done.status == DONE, done.err
    assert json.loads(done.out)["done"]["a"] == 0
    assert cells(small / "table.csv")[1][0] == f"'{odd}"


@pytest.mark.parametrize(
    ("engine", "gone", "told"),
    [
        ("duckdb", "duckdb", "duckdb is not installed: pip install 'xl_qbs[aggregate]'."),
        ("spark", "pyspark", "pyspark is not installed: pip install 'xl_qbs[cluster]'."),
    ],
)
def test_a_missing_package_is_one_sentence(
    run: Command, small: Path, monkeypatch: pytest.MonkeyPatch, engine: str, gone: str, told: str
) -> None:
    there = importlib.util.find_spec

    def find(name: str) -> object:
        return None if name == gone else there("csv") if name in {"ibis", "pyarrow"} else there(name)

    monkeypatch.setattr(aggregate_engine.importlib.util, "find_spec", find)
    done = run(*_SMALL, "--engine", engine)
    assert done.status == REFUSED
    assert told in done.err


def test_without_java_spark_is_refused(run: Command, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyspark")
    pytest.importorskip("ibis")
    monkeypatch.setattr(aggregate_engine, "java", lambda: None)
    done = run(*_SMALL, "--engine", "spark")
    assert (done.status, "Spark needs Java" in done.err) == (REFUSED, True)


@DUCKDB
def test_the_example_command(run: Command, tmp_path: Path) -> None:
    done = run("aggregate-example", "made", "--patients", "50", "--form", "parquet")
    assert done.status == DONE, done.err
    first = (tmp_path / "made" / "records.parquet").read_bytes()
    run("aggregate-example", "made", "--patients", "50", "--form", "parquet")
    assert (tmp_path / "made" / "records.parquet").read_bytes() == first
    assert "Try: xl-qbs aggregate" in done.err


def test_other_commands_start_without_ibis() -> None:
    """Importing the command line loads no engine, whose import takes seconds."""
    import subprocess

    code = "import sys, xl_qbs.cli; print(sorted({'ibis', 'duckdb', 'pyarrow', 'pyspark', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
