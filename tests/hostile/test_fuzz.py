"""Spoiled files, drawn by Hypothesis from sound ones: read, or refused in a sentence, in time and inside 1 GiB.

XL_QBS_FUZZ_SECONDS says how long to look on each level; XL_QBS_SLOW=1 looks for two minutes. Both look at new
files on each run, while the ordinary run, of a few seconds, looks at the same ones.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.hostile import mutate
from tests.hostile.box import DONE, Box, assert_clear
from tests.hostile.graft import table_rows
from tests.hostile.seeds import DEFINITIONS, PEOPLE, RECORDS, Seed, aggregate_seeds, write_scheme
from tests.small_fund import SCHEME, counts, long_rows
from xl_qbs.workbook.package import open_package

SLOW = os.environ.get("XL_QBS_SLOW") == "1"
SECONDS = float(os.environ.get("XL_QBS_FUZZ_SECONDS") or (120 if SLOW else 5))
LONG = SLOW or bool(os.environ.get("XL_QBS_FUZZ_SECONDS"))
# Also on a machine that is busy.
_FEWEST = 5
# What is refused by the audit only, since its reader holds the tree of a whole sheet.
AUDIT_ONLY = ("Excessive depth", "unpacks into over")


class Fuzz:
    """Runs commands on spoiled files until the time is over."""

    def __init__(self, box: Box, folder: Path) -> None:
        self.box = box
        self.folder = folder
        self.scheme = write_scheme(folder / "scheme.csv")
        self.counted: Counter[tuple[str, int]] = Counter()
        self._end = time.monotonic() + SECONDS
        self._failed = False

    def over(self) -> bool:
        """Return whether the time is over; never while a failure is made smaller, which has to fail each time."""
        enough = sum(self.counted.values()) >= _FEWEST
        return enough and not self._failed and time.monotonic() > self._end

    def run(self, data: bytes, words: tuple[str, ...], ending: str = ".xlsx") -> None:
        """Run a command on a spoiled file, and assert all that has to hold."""
        self._failed = True
        room = self.folder / "room"
        room.mkdir(exist_ok=True)
        path, output = room / f"file{ending}", room / "out.xlsx"
        path.write_bytes(data)
        places = {"{file}": str(path), "{out}": str(output), "{scheme}": str(self.scheme)}
        told = self.box.run([places.get(word, word) for word in words], room)
        self.counted[words[0], told.status] += 1
        try:
            assert_clear(told, words)
            assert path.read_bytes() == data
            assert output.exists() == (told.status == DONE and "{out}" in words)
            if output.exists():
                self._assert_sound(path, output, words)
            left = {one.name for one in room.iterdir()} - {path.name, output.name}
            assert not left
        finally:
            output.unlink(missing_ok=True)
            path.unlink()
        self._failed = False

    def _assert_sound(self, path: Path, output: Path, words: tuple[str, ...]) -> None:
        """Assert that a result is a workbook, and that its audit finds nothing."""
        with open_package(output) as package:
            for name in package.names:
                package.read(name)
        if words[0] == "score":
            audited = self.box.run(("audit", output, "--recalculate", "none"), path.parent)
            assert_clear(audited, "audit")
            shown = f"{audited.out[-3000:]}\n{audited.err}"
            assert audited.status == DONE or any(one in audited.err for one in AUDIT_ONLY), shown


@pytest.fixture
def fuzz(box: Box, sound: dict[str, Seed], tmp_path: Path) -> Fuzz:
    """Return what runs commands; its time begins when it is first asked for."""
    return Fuzz(box, tmp_path)


def _look(test: Callable[[st.DataObject], None], fuzz: Fuzz) -> None:
    """Have Hypothesis draw files until the time is over; the same ones on each run, unless there is much time."""

    @settings(
        max_examples=1_000_000 if LONG else 100_000,
        derandomize=not LONG,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def one(data: st.DataObject) -> None:
        if fuzz.over():
            raise _OverError
        test(data)

    with contextlib.suppress(_OverError):
        one()
    # Shown with -s, or where the test fails.
    print(dict(fuzz.counted))  # noqa: T201
    assert sum(fuzz.counted.values()) >= _FEWEST


class _OverError(KeyboardInterrupt):
    """The time is over: the one way to stop Hypothesis in the midst of its search."""


def _seed(data: st.DataObject, sound: dict[str, Seed]) -> tuple[bytes, tuple[str, ...]]:
    seed = sound[data.draw(st.sampled_from(sorted(sound)))]
    return seed.path.read_bytes(), data.draw(st.sampled_from(seed.commands))


def test_archives(fuzz: Fuzz, sound: dict[str, Seed]) -> None:
    def test(data: st.DataObject) -> None:
        content, words = _seed(data, sound)
        fuzz.run(mutate.spoiled_archive(data.draw, content), words)

    _look(test, fuzz)


def test_xml(fuzz: Fuzz, sound: dict[str, Seed]) -> None:
    def test(data: st.DataObject) -> None:
        content, words = _seed(data, sound)
        fuzz.run(mutate.spoiled_xml(data.draw, content), words)

    _look(test, fuzz)


def _tables() -> list[list[list[Any]]]:
    return [table_rows(), long_rows(SCHEME, *counts(SCHEME, 6))]


def test_cells(fuzz: Fuzz, sound: dict[str, Seed]) -> None:
    words = sound["wide"].commands[0]

    def test(data: st.DataObject) -> None:
        fuzz.run(mutate.spoiled_table(data.draw, _tables()[data.draw(st.integers(0, 1))]), words)

    _look(test, fuzz)


def test_texts(fuzz: Fuzz, sound: dict[str, Seed]) -> None:
    words = sound["wide"].commands[0]

    def test(data: st.DataObject) -> None:
        ending = data.draw(st.sampled_from((".csv", ".csv", ".txt", ".xlsx")))
        fuzz.run(mutate.spoiled_text(data.draw, _tables()[data.draw(st.integers(0, 1))]), words, ending)

    _look(test, fuzz)


def test_definitions_and_extracts(fuzz: Fuzz, tmp_path: Path) -> None:
    pytest.importorskip("duckdb", reason="DuckDB is not installed")
    sound = aggregate_seeds(tmp_path)

    def test(data: st.DataObject) -> None:
        kind = data.draw(st.sampled_from(("definitions", "definitions", "people", "records")))
        words = sound[kind].commands[0]
        if kind == "definitions":
            fuzz.run(mutate.spoiled_toml(data.draw, DEFINITIONS), words, ".toml")
        else:
            ending = data.draw(st.sampled_from((".csv", ".csv", ".tsv", ".csv.gz", ".parquet")))
            rows = PEOPLE if kind == "people" else RECORDS
            content = mutate.spoiled_text(data.draw, rows)
            if ending == ".csv.gz" and data.draw(st.booleans()):
                content = gzip.compress(content)[: data.draw(st.integers(10, 400))]
            fuzz.run(content, words, ending)

    _look(test, fuzz)


@pytest.mark.shared
@pytest.mark.skipif(not LONG, reason="takes two minutes: XL_QBS_SLOW=1 or XL_QBS_FUZZ_SECONDS runs it")
def test_files_of_others(fuzz: Fuzz, shared: Path) -> None:
    """Parts of workbooks by others are stranger than ours to begin with."""
    paths = [one for one in sorted((shared / "corpus").glob("*.xlsx")) if 0 < one.stat().st_size < 40_000]

    def test(data: st.DataObject) -> None:
        content = data.draw(st.sampled_from(paths)).read_bytes()
        command = data.draw(st.sampled_from(("check", "audit", "dump")))
        change = data.draw(st.sampled_from((mutate.spoiled_archive, mutate.spoiled_xml)))
        try:
            content = change(data.draw, content)
        except Exception:  # an archive that cannot be taken apart to be spoiled
            return
        fuzz.run(content, (command, "{file}"))

    _look(test, fuzz)
