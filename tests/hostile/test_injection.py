"""Text from data is never a formula: from every text field, through every command, into every output.

Each text holds MARK, so that it can be looked for in whatever is written: in no formula outside of quotation
marks, in no link, no rule and no name; and the texts themselves stand in the cells as they were.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from lxml import etree

from tests.compare import values
from tests.efficiency_runs import SPENDING
from tests.efficiency_runs import write_table as write_efficiency_table
from tests.engines import recalculate_ironcalc
from tests.hostile.box import DONE, REFUSED, Box, Boxed, assert_clear
from tests.small_equity import HEADINGS, count_rows
from tests.small_fund import SCHEME, counts, rows_of
from tests.workbook.builders import write_xlsx

MARK = "EVIL"
# Formulas as Excel and LibreOffice know them, what spreadsheets take for one in a text file, XML, and orders
# to a terminal.
PAYLOADS = (
    '=HYPERLINK("http://127.0.0.1/EVIL","EVIL")',
    "=cmd|' /C calc EVIL'!A0",
    "+EVIL()+1",
    "-EVIL()",
    "@SUM(EVIL())",
    "\t=EVIL()",
    "\r=EVIL()",
    "\n=EVIL()",
    "'=EVIL()",
    '"=EVIL()',
    '",=EVIL()',
    '";=EVIL();"',
    "{=EVIL()}",
    '="&EVIL()&"',
    "'!EVIL()&'",
    '"&EVIL()&"',
    "</t></is></c><c><f>EVIL()</f></c>",
    "<f>EVIL()</f>",
    "&lt;f&gt;EVIL()",
    "]]>EVIL()<![CDATA[",
    "_x003D_EVIL()",
    "＝EVIL()",
    "of:=EVIL()",
    "$EVIL{0}%s",
    "\x1b]0;EVIL\x07",
    "\u202eEVIL()=",
    "=1+1 EVIL",
    "=WEBSERVICE(EVIL)",
    "=DDE(EVIL)",
    "#REF! EVIL",
    "one;=EVIL()",
    'one;"@EVIL()',
    "one\t+EVIL()",
    "one\n-EVIL()",
    "one|=EVIL()",
)
SHEET = "='EVIL'!A1+1"
_QUOTED = re.compile(r"\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'")
LIKE_A_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a fund, its scheme, a table of efficiency and one of groups, full of payloads."""
    domains = {one.domain for one in SCHEME.indicators}
    lines = [f"name = {_toml(PAYLOADS[0])}", f"name_et = {_toml(PAYLOADS[2])}", f"source = {_toml(PAYLOADS[1])}"]
    for number, one in enumerate(SCHEME.indicators):
        name, name_et = PAYLOADS[2 + number], PAYLOADS[-1 - number]
        lines += ["[[indicators]]", f'code = "{one.code}"', f"domain = {_toml(one.domain)}"]
        lines += [f"name = {_toml(f'{name} {number}')}", f"name_et = {_toml(f'{name_et} {number}')}"]
        lines += [f"unit = {_toml(PAYLOADS[3])}", f"points = {one.points}"]
        lines += [f"required_coverage = {one.required_coverage}"]
    for lower, name in ((0.0, PAYLOADS[0]), (0.8, PAYLOADS[4]), (0.9, PAYLOADS[3])):
        lines += ["[[bands]]", f"lower = {lower}", f"name = {_toml(name)}", f"name_et = {_toml(name)}"]
    clause = f'{{scope = "domain", codes = {json.dumps(sorted(domains))}, at_least = 0.7}}'
    lines += ["[[conditions]]", f"name = {_toml(PAYLOADS[13])}", f"name_et = {_toml(PAYLOADS[14])}"]
    lines += [f"clauses = [{clause}]"]
    (tmp_path / "scheme.toml").write_text("\n".join(lines), encoding="utf-8")
    rows = rows_of(SCHEME, *counts(SCHEME, len(PAYLOADS)))
    ids = _ids()
    named = ([one, *row[1:], text] for one, row, text in zip(ids, rows[1:], PAYLOADS, strict=True))
    write_xlsx(tmp_path / "fund.xlsx", {SHEET: [[PAYLOADS[0]], [*rows[0], "Name"], *named]})
    with (tmp_path / "=EVIL() fund.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([rows[0], *([one, *row[1:]] for one, row in zip(ids, rows[1:], strict=True))])

    def poison(table: list[list[object]]) -> None:
        for row, one in zip(table[1:], ids, strict=False):
            row[0] = one

    write_efficiency_table(tmp_path / "efficiency.xlsx", poison, SHEET)
    names = {f"P{number:02d}": ids[number] for number in range(len(ids))}
    groups = {"alpha": PAYLOADS[0], "beta": PAYLOADS[2], "gamma": PAYLOADS[4]}
    codes = {"diab": PAYLOADS[1]}
    changed = [[names.get(row[0], row[0]), codes.get(row[1], row[1]), groups[row[2]], *row[3:]] for row in count_rows()]
    write_xlsx(tmp_path / "groups.xlsx", {SHEET: [list(HEADINGS), *changed]})
    return tmp_path


def _ids() -> list[str]:
    """Return the payloads as ids: what is folded in an id, such as a line break, is left out."""
    return [f"{text} {number}" for number, text in enumerate(PAYLOADS)]


def _folded(value: object) -> str:
    return " ".join(str(value).split())


def assert_inert_text(path: Path) -> None:
    """Fail if a spreadsheet would take a cell of a CSV file for a formula, whatever separates its cells."""
    text = path.read_text(encoding="utf-8")
    for separator in ",;\t|":
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            for cell in row:
                assert MARK not in cell or not cell.startswith(LIKE_A_FORMULA), (path.name, separator, cell)


def assert_done(box: Box, folder: Path, *words: object) -> Boxed:
    told = box.run(words, folder, seconds=60)
    assert_clear(told, words)
    assert told.status == DONE, (words, told.err[-3000:])
    assert "\x1b" not in told.err
    assert "\u202e" not in told.err
    return told


def assert_inert(path: Path) -> int:
    """Assert that a workbook holds no formula, rule, name or link in which a text from the data is not quoted.

    Returns:
        How many formulas were looked at.
    """
    looked_at = 0
    with zipfile.ZipFile(path) as archive:
        for part in archive.namelist():
            if not part.endswith((".xml", ".rels")):
                continue
            root = etree.fromstring(archive.read(part))
            for node in root.iter(etree.Element):
                tag = etree.QName(node).localname
                assert tag not in ("hyperlink", "oleObject", "ddeLink", "webPublishItem", "control"), (part, tag)
                if tag in ("f", "formula", "formula1", "formula2", "definedName"):
                    bare = _QUOTED.sub("", node.text or "")
                    assert MARK not in bare, (part, node.text)
                    looked_at += 1
                if tag == "Relationship":
                    assert node.get("TargetMode") != "External", (part, dict(node.attrib))
                    assert MARK not in node.get("Target", "")
    return looked_at


def _texts(path: Path) -> set[object]:
    return {value for cells in values(path).values() for value in cells.values()}


@pytest.mark.parametrize("language", ["en", "et"])
@pytest.mark.parametrize("cells", ["formulas", "values"])
def test_scores(box: Box, folder: Path, language: str, cells: str) -> None:
    given = ("fund.xlsx", "--scheme", "scheme.toml", "--language", language, "--cells", cells, "-o", "out.xlsx")
    assert_done(box, folder, "score", *given, "--export", "tidy", "--json")
    formulas = assert_inert(folder / "out.xlsx")
    assert formulas > (500 if cells == "formulas" else 0)
    before, after = values(folder / "fund.xlsx")[SHEET], values(folder / "out.xlsx")
    assert after[SHEET] == before
    # Blanks around an id are not part of it.
    ids = {_folded(before[f"A{row}"]) for row in range(3, 3 + len(PAYLOADS))}
    results = {name: set(map(_folded, found.values())) for name, found in after.items() if name.startswith("QBS")}
    scores = next(name for name, found in results.items() if ids <= found)
    if language == "en" and cells == "formulas":
        computed = recalculate_ironcalc(folder / "out.xlsx")[scores]
        # A formula takes no more than spaces off an id; tabs and line breaks stay.
        found = set(map(_folded, computed.values()))
        assert {one for one in ids if one.isprintable()} <= found
    for name in ("scores.csv", "coverage.csv"):
        assert_inert_text(folder / "tidy" / name)


def test_a_text_file(box: Box, folder: Path) -> None:
    assert_done(box, folder, "score", "=EVIL() fund.csv", "--scheme", "scheme.toml", "-o", "out.xlsx")
    assert assert_inert(folder / "out.xlsx") > 500


def test_audit_trace_and_dump(box: Box, folder: Path) -> None:
    assert_done(box, folder, "score", "fund.xlsx", "--scheme", "scheme.toml", "-o", "out.xlsx")
    assert_done(box, folder, "audit", "out.xlsx", "--recalculate", "none", "-o", "audit.xlsx")
    assert_inert(folder / "audit.xlsx")

    # Something to find: an id that is changed, and a cell.
    def edit(content: bytes) -> bytes:
        return content.replace(b"EVIL()+1", b"EVIL()+2", 1)

    with zipfile.ZipFile(folder / "out.xlsx") as old, zipfile.ZipFile(folder / "changed.xlsx", "w") as new:
        for name in old.namelist():
            new.writestr(name, edit(old.read(name)))
    told = box.run(("audit", "changed.xlsx", "--recalculate", "none", "-o", "found.xlsx"), folder, seconds=30)
    assert_clear(told)
    assert (told.status, "\x1b" in told.out, "\u202e" in told.out) == (REFUSED, False, False)
    assert_inert(folder / "found.xlsx")
    assert any(isinstance(text, str) and "EVIL()+2" in text for text in _texts(folder / "found.xlsx"))
    one = next(text for text in _texts(folder / "out.xlsx") if isinstance(text, str) and text.startswith("\x1b"))
    commands = (
        ("trace", "out.xlsx", "--provider", one),
        ("compare", "out.xlsx", "changed.xlsx"),
        ("dump", "out.xlsx"),
    )
    for words in commands:
        told = box.run(words, folder, seconds=30)
        assert_clear(told, words)
        assert "\x1b" not in told.out, words
        assert "\u202e" not in told.out or words[0] == "dump"
    assert_done(box, folder, "dump", "out.xlsx", "-o", "dump.txt")
    lines = (folder / "dump.txt").read_bytes().decode().split("\n")
    # One line a cell: a text begins with a quotation mark, and holds no end of a line of its own.
    for line in lines:
        if MARK in line and line[:1].isalpha():
            content = line.partition("\t")[2]
            assert content.startswith(('"', "=", "{=")), line
            formula, _, value = ("", "", content) if content.startswith('"') else content.partition("\t")
            assert MARK not in _QUOTED.sub("", formula), line
            assert MARK not in value or value.startswith('"'), line
            assert not re.search("[\r\x0b\x0c\x1b\x85\u2028]", content), line


def test_statements(box: Box, folder: Path) -> None:
    given = ("statements", "fund.xlsx", "--scheme", "scheme.toml", "-o", "pages", "--pdf", "no")
    assert_done(box, folder, *given)
    made = sorted((folder / "pages").rglob("*"))
    assert len([one for one in made if one.suffix == ".xlsx"]) == len(PAYLOADS)
    for path in made:
        # A name of a file is no formula, no option and no path.
        assert not path.name.startswith(("=", "+", "-", "@", ".", "~", " ")), path.name
        assert not re.search(r"[<>:\"/\\|?*\x00-\x1f]", path.name), path.name
        if path.suffix == ".xlsx":
            assert_inert(path)
        elif path.suffix == ".csv":
            assert_inert_text(path)


def test_simulation(box: Box, folder: Path) -> None:
    assert_done(
        *(box, folder, "simulate", "fund.xlsx", "--scheme", "scheme.toml", "--extra-patients", 10),
        *("--indicators", "i01,i02", "--replications", 3, "-o", "out.xlsx"),
    )
    assert assert_inert(folder / "out.xlsx") > 100


def test_template(box: Box, folder: Path) -> None:
    assert_done(
        box, folder, "template", "--scheme", "scheme.toml", "--data", "fund.xlsx", "--lists", 40, "-o", "out.xlsx"
    )
    assert assert_inert(folder / "out.xlsx") > 500
    assert sum(isinstance(text, str) and MARK in text for text in _texts(folder / "out.xlsx")) > len(PAYLOADS)


def test_diagnosis(box: Box, folder: Path) -> None:
    """Two years, with list size and age under headings of their own, and an added indicator that is called so."""
    for name, first in (("this", 0), ("last", 1)):
        rows = rows_of(SCHEME, *counts(SCHEME, len(PAYLOADS), seed=1 + first))
        headings = [*rows[0], PAYLOADS[0], PAYLOADS[1], "Name"]
        named = [
            [_ids()[number], *row[1:], 900 + 37 * (number % 11), 30 + number % 23, PAYLOADS[number]]
            for number, row in enumerate(rows[1:])
        ]
        write_xlsx(folder / f"{name}.xlsx", {SHEET: [headings, *named[first:]]})
    assert_done(
        *(box, folder, "diagnose", "this.xlsx", "--scheme", "scheme.toml", "--earlier", "last.xlsx"),
        *("--list-size", PAYLOADS[0], "--age", PAYLOADS[1], "--added", PAYLOADS[2], "--added-share", "list=2%"),
        *("--resamples", 100, "-o", "out.xlsx", "--json"),
    )
    assert assert_inert(folder / "out.xlsx") > 1000
    assert values(folder / "out.xlsx")[SHEET] == values(folder / "this.xlsx")[SHEET]
    assert any(isinstance(text, str) and PAYLOADS[2] in text for text in _texts(folder / "out.xlsx"))
    computed = {value for cells in recalculate_ironcalc(folder / "out.xlsx").values() for value in cells.values()}
    assert {one for one in _ids() if one.isprintable()} <= computed


def test_equity_templates(box: Box, folder: Path) -> None:
    periods = ("--periods", "year", "--now", "2024", "--baseline", "2023", "--providers", 18, "--groups", 2)
    given = ("--disadvantaged", PAYLOADS[2], "--unknown", PAYLOADS[4], "-o", "filled.xlsx")
    assert_done(box, folder, "equity-template", "groups.xlsx", *periods, *given)
    plain = [text for text in PAYLOADS if text.isprintable() and "," not in text]
    names, codes = plain[:5], plain[-2:]
    words = ("--groups", ",".join(names), "--indicators", ",".join(codes), "--reference", names[0])
    more = ("--weight", f"{codes[1]}=2", "--disadvantaged", names[3], "--language", "et", "-o", "empty.xlsx")
    assert_done(box, folder, "equity-template", *words, *more, "--providers", 3)
    for name in ("filled", "empty"):
        assert assert_inert(folder / f"{name}.xlsx") > 500
    assert {PAYLOADS[0], PAYLOADS[2], PAYLOADS[4], _ids()[1], _ids()[15]} <= _texts(folder / "filled.xlsx")
    computed = {value for cells in recalculate_ironcalc(folder / "empty.xlsx").values() for value in cells.values()}
    # What stands for a letter to Excel is written so that it does not; IronCalc shows it as it is written.
    assert {one.replace("_x003D_", "_x005F_x003D_") for one in (*names, *codes)} <= computed


def test_efficiency(box: Box, folder: Path) -> None:
    assert_done(
        *(box, folder, "efficiency", "efficiency.xlsx", *SPENDING, "--models", "unconditional,envelopment"),
        *("--quality-about", "=EVIL()", "+EVIL()", "@EVIL()", "-o", "out.xlsx"),
    )
    assert assert_inert(folder / "out.xlsx") > 100
    assert PAYLOADS[0] + " 0" in _texts(folder / "out.xlsx")


def test_equity(box: Box, folder: Path) -> None:
    assert_done(
        *(box, folder, "equity", "groups.xlsx", "-o", "out.xlsx", "--share", "share.xlsx", "--periods", "year"),
        *("--now", "2024", "--baseline", "2023", "--disadvantaged", PAYLOADS[2]),
    )
    assert assert_inert(folder / "out.xlsx") > 100
    assert_inert(folder / "share.xlsx")
    assert PAYLOADS[0] in _texts(folder / "out.xlsx")


def test_findings_hold_what_cells_hold(box: Box, folder: Path) -> None:
    """What is wrong is shown as it stands in the cell; the terminal is ordered about by none of it."""
    rows = rows_of(SCHEME, *counts(SCHEME, 12))
    for number, text in enumerate(PAYLOADS[:11], start=1):
        rows[number][2] = text
    rows[12][3] = "\x1b[2J\x1b]0;EVIL\x07\u202e"
    write_xlsx(folder / "bad.xlsx", {SHEET: rows})
    told = box.run(("score", "bad.xlsx", "--scheme", "scheme.toml"), folder)
    assert_clear(told)
    assert told.status == REFUSED
    assert told.err.count(MARK) >= 12
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", told.err)
