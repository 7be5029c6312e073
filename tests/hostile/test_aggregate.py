"""Extracts and definitions of `xl-qbs aggregate` whose texts want to be formulas or SQL: they are counted as texts."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.compare import values
from tests.hostile.box import REFUSED, Box, Boxed, assert_clear
from tests.hostile.seeds import DEFINITIONS, write_extract
from tests.hostile.test_injection import MARK, PAYLOADS, assert_done, assert_inert, assert_inert_text
from xl_qbs.aggregate.errors import DefinitionsError, ExtractError
from xl_qbs.jobs.aggregate import read_definitions
from xl_qbs.jobs.aggregate_extract import find_extract
from xl_qbs.workbook.csv_text import inert

pytest.importorskip("duckdb", reason="DuckDB is not installed")

# What the engine would do if a text became part of a query.
SQL = (
    "'; COPY (SELECT 1) TO 'EVIL.txt'; --",
    "\"; COPY (SELECT 1) TO 'EVIL.txt'; --",
    "') OR ('EVIL' = 'EVIL",
    "\\'; DROP TABLE kept_1; -- EVIL",
    "$$EVIL$$ || read_text('EVIL.txt')",
    "EVIL*/ UNION SELECT getenv('HOME') /*",
    "%EVIL_",
    "EVIL{DAY}?:1 @x #",
)
TEXTS = tuple(f"{text} {number}" for number, text in enumerate((*PAYLOADS, *SQL)))
# An extract's headings stand on one line.
HEADINGS = tuple(text for text in TEXTS if text.isprintable())
PATIENT, LIST, GROUP, BORN, OF, DAY, CODE, COST, *_ = (HEADINGS[place] for place in range(0, 24, 3))
UNKNOWN = PAYLOADS[2]
MADE = ("table", "groups", "patients")


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _definitions() -> str:
    lines = [f"name = {_toml(PAYLOADS[0])}", f"source = {_toml(SQL[0])}"]
    lines += ["[period]", "from = 2019-01-01", "to = 2019-12-31", "[people]"]
    lines += [f"patient = {_toml(PATIENT)}", f"provider = {_toml(LIST)}", f"born = {_toml(BORN)}"]
    lines += ["[records]", f"patient = {_toml(OF)}", f"date = {_toml(DAY)}"]
    for text in TEXTS:
        test = f"column = {_toml(CODE)}, is = [{_toml(text)}, {_toml(SQL[2])}], starts_with = {_toml(text.strip()[:3])}"
        lines += ["[[indicators]]", f"code = {_toml(text)}", f"name = {_toml(text)}"]
        lines += [f"numerator = {{ records = {{ where = {{ {test} }} }} }}"]
    lines += ["[[composites]]", 'code = "=EVIL() all"', f"indicators = [{_toml(_kept(TEXTS[0]))}, {_toml(TEXTS[1])}]"]
    lines += ["[groups]", f"column = {_toml(GROUP)}", f"unknown = {_toml(UNKNOWN)}"]
    lines += ["[patients]", f"cost = {_toml(COST)}", "[[patients.factors]]", f"name = {_toml(TEXTS[4])}"]
    lines += [f"column = {_toml(GROUP)}", "[[patients.factors]]", f"name = {_toml(TEXTS[-1])}", 'column = "age"']
    return "\n".join(lines)


def _kept(text: str) -> str:
    """Return a text as it is counted: without blanks around it."""
    return text.strip(" \t\r\n")


def _extracts() -> dict[str, list[Sequence[str]]]:
    """Return the rows of the extracts: a list for each text, with a patient, a group and a record of that name."""
    people: list[Sequence[str]] = [(PATIENT, LIST, GROUP, BORN)]
    records: list[Sequence[str]] = [(OF, DAY, CODE, COST)]
    for number, text in enumerate(TEXTS):
        people.append((text, text, "" if number == 5 else text, "1960-01-01"))
        records.append((text, "2019-05-05", text, "1.50"))
    return {"people": people, "records": records}


def _counted(box: Box, folder: Path, read: str, written: str) -> Boxed:
    (folder / "=EVIL() definitions.toml").write_text(_definitions(), encoding="utf-8")
    given: list[object] = []
    for what, rows in _extracts().items():
        given += [f"--{what}", write_extract(folder / f"=EVIL() '{what}' [{'{x}'}].{read}", rows).name]
    endings = {"patients": "csv" if written == "xlsx" else written}
    for what in MADE[1:]:
        given += [f"--{what}", f"{what}.{endings.get(what, written)}"]
    table = ("-o", f"table.{written}", "--threads", 1, "--memory", "300MB", "--json")
    return assert_done(box, folder, "aggregate", "=EVIL() definitions.toml", *given, *table)


def _cells(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_text_files(box: Box, tmp_path: Path) -> None:
    told = _counted(box, tmp_path, "csv", "csv")
    assert len(list(tmp_path.iterdir())) == 6, "what is a text has made a file"
    found = json.loads(told.out)
    # Each text is found in the one record that holds it: it is compared as it stands.
    kept = [_kept(text) for text in TEXTS]
    assert found["target"] == {**dict.fromkeys(kept, len(kept)), "=EVIL() all": len(kept)}
    assert found["done"] == {**dict.fromkeys(kept, 1), "=EVIL() all": 0}
    made = {name: _cells(tmp_path / f"{name}.csv") for name in MADE}
    for name in MADE:
        assert_inert_text(tmp_path / f"{name}.csv")
    heading, *rows = made["table"]
    codes = [*kept, "=EVIL() all"]
    pairs = [inert(f"{code} {what}") for code in codes for what in ("target", "done")]
    assert heading == ["provider", "period", "list size", "mean age", *pairs]
    assert sorted(row[0] for row in rows) == sorted(map(inert, kept))
    groups = {row[2] for row in made["groups"][1:]}
    assert groups == {inert(text) for number, text in enumerate([*kept, UNKNOWN]) if number != 5}
    assert {row[1] for row in made["groups"][1:]} == set(map(inert, codes))
    assert made["patients"][0] == ["provider", "quality", "cost", inert(TEXTS[4]), inert(TEXTS[-1])]
    assert {row[3] for row in made["patients"][1:]} >= {inert(kept[0]), inert(kept[-1]), ""}


def test_parquet_and_workbooks(box: Box, tmp_path: Path) -> None:
    _counted(box, tmp_path, "parquet", "xlsx")
    assert len(list(tmp_path.iterdir())) == 6
    for name in MADE[:2]:
        assert assert_inert(tmp_path / f"{name}.xlsx") == 0
        texts = {text for cells in values(tmp_path / f"{name}.xlsx").values() for text in cells.values()}
        assert {_kept(text) for text in TEXTS} <= texts


def test_what_is_refused_shows_it_and_orders_no_terminal_about(box: Box, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text(_definitions(), encoding="utf-8")
    extracts = _extracts()
    extracts["records"][7] = (TEXTS[7], "\x1b[2J\x1b]0;EVIL\x07\u202e", TEXTS[7], "=EVIL()\x1b")
    given = [
        word for what, rows in extracts.items() for word in (f"--{what}", write_extract(tmp_path / f"{what}.csv", rows))
    ]
    words = ("aggregate", "bad.toml", *given, "-o", "table.csv", "--threads", 1)
    there = sorted(tmp_path.iterdir())
    for rows in (None, [(HEADINGS[1], "\x1b[2JEVIL"), ("1", "2")]):
        if rows is not None:
            write_extract(tmp_path / "records.csv", rows)
        told = box.run(words, tmp_path)
        assert_clear(told, words)
        assert told.status == REFUSED
        assert told.err.count(MARK) >= 2
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", told.err)
        assert sorted(tmp_path.iterdir()) == there


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("at_least = 18.5", f"at_least = 0x{'f' * 5000}", "at_least is a number of thousands of digits, must be"),
        ("at_least = 18.5", "at_least = inf", "at_least is inf, must be a number"),
        ("is = [1, 2]", "is = nan", "is holds nan"),
        ("is = [1, 2]", f"is = 1{'0' * 400}", "is holds 1000"),
        ("times = 2", "times = 99999999999999999999", "times is 99999999999999999999, must be at most 1,000,000"),
        ("months = 36", f"months = {'9' * 5000}", "the file is not TOML"),
        ('unit = "records"', f"unit = 0x{'f' * 5000}", "unit is a number of thousands of digits, must be one of"),
        ('code = "c"', "\n".join(f"k{number} = 1" for number in range(500)), "... and 402 more."),
    ],
)
def test_strange_definitions(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in DEFINITIONS
    path = tmp_path / "strange.toml"
    path.write_text(DEFINITIONS.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DefinitionsError) as refused:
        read_definitions(path)
    assert said in str(refused.value)
    assert len(str(refused.value)) < 20_000


_PACKED = gzip.compress(b"id,list\n1,2\n", mtime=0)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.csv", b"id,list\r1,2\r", "the first line is no line of headings"),
        ("x.csv", b"a" * 200_000 + b",list\n1,2\n", "the first line is no line of headings"),
        ("x.csv.gz", _PACKED[:12], "is damaged"),
        ("x.csv.gz", _PACKED[:10] + b"\xff" * 30, "is damaged"),
        ("x.csv.gz", b"id,list\n1,2\n", "cannot be read"),
    ],
)
def test_strange_extracts(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ExtractError, match=said):
        find_extract([str(tmp_path / name)])
