"""The 24 programs of Exhibit 1 at the command line: each with what it needs, and what is asked for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.command import DONE, Command
from tests.compare import values
from tests.efficiency_runs import (
    COUNT,
    GIVEN,
    SPENDING,
    assert_holds,
    column,
    files,
    table_rows,
    write_table,
)
from xl_qbs.efficiency.programs import program, programs, run_program

# A user would see it, with the line of the program that it comes from.
pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_table(tmp_path / "table.xlsx")


# What the exhibit does not state, here; and the columns that a rule needs.
OWN: dict[str, Any] = {
    "hurdle": 72.0,
    "cost_threshold": 1000.0,
    "quality_weight": 0.6,
    "sides": 2.0,
    "version": "within",
    "quality_shares": (0.3, 0.6),
    "cost_shares": (0.2, 0.7),
}
CLEAR = [one for one in programs() if one.approach != "unclear"]
UNCLEAR = [one for one in programs() if one.approach == "unclear"]


def _own(key: str) -> dict[str, Any]:
    # A cost hurdle is in units of cost.
    return {
        name: 1000.0 if program(key).rule == "cost-hurdle" and name == "hurdle" else OWN[name]
        for name in program(key).unstated
    }


def _words(own: dict[str, Any]) -> list[str]:
    words = []
    for name, value in own.items():
        text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
        words += ["--program-option", f"{name}={text}"]
    return words


@pytest.mark.parametrize("key", [one.key for one in CLEAR])
def test_a_program(run: Command, table: Path, tmp_path: Path, key: str) -> None:
    own = _own(key)
    data = {"volume": GIVEN.volume} if program(key).rule == "designation" else {}
    if program(key).rule == "not-significantly-above":
        data = {"cost_error": GIVEN.cost_error, "area": np.array([row[6] for row in table_rows()[1:]], dtype=object)}
    words = ["--volume", "Episodes", "--area", "Area", "--cost-error", "SE cost", "--program", key, *_words(own)]
    told = run("efficiency", table, *SPENDING, "--models", "stars", *words, "-o", "out.xlsx")
    assert told.status == DONE, told.err
    cells = assert_holds(tmp_path / "out.xlsx")
    assert program(key).name in str(cells["EFF Program"]["A1"])
    outcome: Any = run_program(key, GIVEN.quality, GIVEN.cost, cost_is="spending", data=data, **own)
    shown = 0
    for name in outcome._fields:
        values_ = getattr(outcome, name)
        if isinstance(values_, np.ndarray) and values_.shape == (COUNT,):
            heading = name[0].upper() + name[1:].replace("_", " ")
            found = [np.nan if one is None else one for one in column(cells, "EFF Program", heading)]
            assert found == pytest.approx(values_.astype(float).tolist(), nan_ok=True), name
            shown += 1
    assert shown > 2
    for name, value in own.items():
        told_value = ", ".join(f"{one:g}" for one in value) if isinstance(value, tuple) else value
        assert told_value in cells["EFF Program"].values(), name


@pytest.mark.parametrize("key", [one.key for one in CLEAR if one.unstated])
def test_what_the_exhibit_does_not_state_is_asked_for(run: Command, table: Path, tmp_path: Path, key: str) -> None:
    told = run("efficiency", table, *SPENDING, "--program", key)
    assert told.status == 2
    assert told.err.startswith(f"{program(key).name}: Exhibit 1 does not state")
    for name, what in program(key).unstated.items():
        assert re.search(rf"--program-option {name}=\S+   {re.escape(what)}$", told.err, re.MULTILINE), name
    assert ("--volume HEADING" in told.err) == (key == "aetna-aexcel")
    assert ("--cost-error HEADING" in told.err) == (key == "anthem-blue-precision")
    assert files(tmp_path) == ["table.xlsx"]


@pytest.mark.parametrize("one", UNCLEAR, ids=[one.key for one in UNCLEAR])
def test_an_unclear_program_is_refused(run: Command, table: Path, tmp_path: Path, one: Any) -> None:
    told = run("efficiency", table, *SPENDING, "--program", one.key, "--program-option", "hurdle=70")
    assert told.status == 2
    assert told.err.strip() == (
        f"{one.name}: Exhibit 1 does not say {one.unstated['approach']}. It is not guessed; choose a model."
    )
    assert files(tmp_path) == ["table.xlsx"]


def test_what_the_exhibit_states_may_be_replaced(run: Command, table: Path, tmp_path: Path) -> None:
    words = ("--program", "tufts-blue-ribbon", "--program-option", "quality-weight=.9", "--program-option", "share=.3")
    assert run("efficiency", table, *SPENDING, "--models", "stars", *words, "-o", "out.xlsx").status == DONE
    wanted: Any = run_program(
        "tufts-blue-ribbon", GIVEN.quality, GIVEN.cost, cost_is="spending", quality_weight=0.9, share=0.3
    )
    cells = values(tmp_path / "out.xlsx")
    assert column(cells, "EFF Program", "Designated") == wanted.designated.astype(float).tolist()
