"""Small files that are sound, to be spoiled: one of each kind that the commands read."""

from __future__ import annotations

import csv
from collections.abc import Sequence
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
_DIAGNOSE = ("diagnose", "{file}", "--scheme", "{scheme}", "--resamples", "100", "-o", "{out}")
_PERIODS = ("--periods", "year", "--now", "2024", "--baseline", "2023")
_EQUITY = ("equity", "{file}", "-o", "{out}", *_PERIODS)
_EQUITY_TEMPLATE = ("equity-template", "{file}", "-o", "{out}", *_PERIODS, "--providers", "20")


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


# Something of all that definitions may say.
DEFINITIONS = """
name = "Small"
period = { from = 2019-01-01, to = 2019-12-31 }
[people]
patient = "id"
provider = "list"
registered_from = "since"
born = "born"
[records]
patient = "id"
date = "day"
[continuity]
days = 100
at_end = true
[[indicators]]
code = "a"
denominator = { any = [{ column = "age", at_least = 18.5 }, { not = { column = "flag", missing = true } }] }
numerator = { records = { where = { column = "code", starts_with = ["X", "Y"] }, times = 2, counting = "days" } }
[[indicators]]
code = "b"
unit = "records"
counted = { column = "cost", above = 0 }
numerator = { column = "day", at_most = 2019-06-30 }
continuity = { days = 0 }
[[indicators]]
code = "c"
exclude = { column = "flag", is = [1, 2] }
numerator = { records = { months = 36 } }
[[composites]]
code = "all"
indicators = ["a", "c"]
[groups]
column = "flag"
unknown = "?"
[patients]
cost = "cost"
factors = [{ name = "age", column = "age" }]
"""
PEOPLE = (
    ("id", "list", "since", "born", "flag"),
    ("P1", "L", "2010-01-01", "1960-02-29", "1"),
    ("P2", "L", "2019-03-01", "1990-12-31", ""),
    ("P3", "M", "2019-10-01", "2015-01-01", "3"),
)
RECORDS = (
    ("id", "day", "code", "cost"),
    ("P1", "2019-05-05", "X1", "1.50"),
    ("P1", "2019-08-05", "Y", "0"),
    ("P2", "2017-05-05", "", "12"),
)


def aggregate_seeds(folder: Path) -> dict[str, Seed]:
    """Make definitions and extracts in a folder and return them by kind."""
    definitions = folder / "definitions.toml"
    definitions.write_text(DEFINITIONS, encoding="utf-8")
    places = {
        "definitions": definitions,
        "people": write_extract(folder / "people.csv", PEOPLE),
        "records": write_extract(folder / "records.csv", RECORDS),
    }
    made = {}
    for kind, path in places.items():
        read = {name: "{file}" if name == kind else str(place) for name, place in places.items()}
        given = ("--people", read["people"], "--records", read["records"], "--threads", "1", "--memory", "300MB")
        made[kind] = Seed(path, (("aggregate", read["definitions"], *given, "-o", "{out}"),))
    return made


def write_extract(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    """Write rows of texts, the first of them headings, as CSV or Parquet, by the path's ending."""
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        return path
    import pyarrow as pa
    import pyarrow.parquet

    columns = map(list, zip(*rows[1:], strict=True))
    pyarrow.parquet.write_table(pa.table(dict(zip(rows[0], columns, strict=True))), path)
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
        "wide": Seed(wide, (_SCORE, _DIAGNOSE)),
        "long": Seed(long, (_SCORE,)),
        "scored": Seed(scored, (_AUDIT, _SCORE, ("dump", "{file}"), ("trace", "{file}", "--provider", "N001"))),
        "efficiency": Seed(efficiency, (_EFFICIENCY,)),
        "groups": Seed(groups, (_EQUITY, _EQUITY_TEMPLATE)),
    }
