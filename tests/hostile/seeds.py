"""Small files that are sound, to be spoiled: one of each kind that the commands read."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

from tests.efficiency_runs import SPENDING
from tests.efficiency_runs import write_table as write_efficiency_table
from tests.hostile.box import DONE, Box
from tests.hostile.graft import table_rows
from tests.small_equity import count_rows
from tests.small_equity import write_table as write_group_table
from tests.small_fund import SCHEME, counts, long_rows
from tests.workbook.builders import write_xlsx


class Seed(NamedTuple):
    """A sound file, and the commands that read it; ``{file}``, ``{out}`` and ``{scheme}`` stand for paths."""

    path: Path
    commands: tuple[tuple[str, ...], ...]


_SCORE = ("score", "{file}", "--scheme", "{scheme}", "-o", "{out}")
_AUDIT = ("audit", "{file}", "--recalculate", "none")
_EFFICIENCY = ("efficiency", "{file}", *SPENDING, "--models", "unconditional,envelopment", "-o", "{out}")
_EQUITY = ("equity", "{file}", "-o", "{out}", "--periods", "year", "--now", "2024", "--baseline", "2023")


def write_scheme(path: Path) -> Path:
    """Write the scheme of the small funds as a file."""
    rows = [["code", "domain", "name", "name et", "points", "required coverage", "own weight"]]
    rows += [
        [one.code, one.domain, one.name, one.name_et, str(one.points), str(one.required_coverage), str(one.weight)]
        for one in SCHEME.indicators
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def seeds(folder: Path, box: Box) -> dict[str, Seed]:
    """Make the files in a folder and return them by kind."""
    scheme = write_scheme(folder / "scheme.csv")
    rows = table_rows()
    wide = write_xlsx(folder / "wide.xlsx", {"Andmed": rows})
    scored = folder / "scored.xlsx"
    told = box.run(("score", wide, "--scheme", scheme, "-o", scored), folder)
    assert told.status == DONE, told.err
    long = write_xlsx(folder / "long.xlsx", {"Andmed": long_rows(SCHEME, *counts(SCHEME, 12))})
    efficiency = write_efficiency_table(folder / "efficiency.xlsx")
    groups = write_group_table(folder / "groups.xlsx", count_rows())
    return {
        "wide": Seed(wide, (_SCORE,)),
        "long": Seed(long, (_SCORE,)),
        "scored": Seed(scored, (_AUDIT, _SCORE, ("dump", "{file}"), ("trace", "{file}", "--provider", "N001"))),
        "efficiency": Seed(efficiency, (_EFFICIENCY,)),
        "groups": Seed(groups, (_EQUITY,)),
    }
