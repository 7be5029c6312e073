"""The commands ``xl-qbs aggregate`` and ``xl-qbs aggregate-example``."""

from __future__ import annotations

import datetime
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xl_qbs.report import say, say_findings

if TYPE_CHECKING:
    from xl_qbs.jobs.aggregate import Aggregated, Wanted

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW_FILE = click.Path(dir_okay=False, path_type=Path)
_DAY = click.DateTime(["%Y-%m-%d"])


def _memory(_context: Any, _parameter: Any, value: str) -> str:
    from xl_qbs.jobs.aggregate_engine import check_memory  # noqa: PLC0415  (--help does without)

    if not check_memory(value):
        raise click.BadParameter("must be like 2GB or 800MB.")
    return value


@click.command()
@click.argument("definitions", type=_FILE)
@click.option(
    "--people",
    multiple=True,
    metavar="PATH",
    help="Extract of the people: .csv or .parquet, or a folder; may be given several times.",
)
@click.option("--records", multiple=True, metavar="PATH", help="Extract of the records; may be given several times.")
@click.option("-o", "--output", type=_NEW_FILE, required=True, help="The indicator table: .csv, .parquet or .xlsx.")
@click.option("--groups", type=_NEW_FILE, help="Also its split by group, for xl-qbs equity.")
@click.option("--patients", type=_NEW_FILE, help="Also rows of patients, for xl-qbs efficiency --patients.")
@click.option("--from", "first", type=_DAY, help="First day of the period, instead of the definitions'.")
@click.option("--to", "last", type=_DAY, help="Last day of the period, likewise.")
@click.option(
    "--engine",
    type=click.Choice(["duckdb", "spark"]),
    default="duckdb",
    show_default=True,
    help="duckdb runs inside this process; spark on this machine, or on a cluster.",
)
@click.option(
    "--memory", default="2GB", show_default=True, callback=_memory, help="The most the engine takes; more goes to disk."
)
@click.option("--threads", type=click.IntRange(min=1), help="So many at once; else one a processor.")
@click.option("--master", default="local[*]", show_default=True, help="With --engine spark: where Spark runs.")
@click.option("--json", "as_json", is_flag=True, help="Print a summary as JSON.")
def aggregate(definitions: Path, as_json: bool, **given: Any) -> None:
    """Count patient rows into the indicator table, as DEFINITIONS (.toml) say.

    The table is what xl-qbs score reads. Needs pip install 'xl_qbs[aggregate]', or 'xl_qbs[cluster]' for Spark.
    """
    from xl_qbs.jobs.aggregate import Wanted, aggregate_files, read_definitions  # noqa: PLC0415
    from xl_qbs.jobs.aggregate_engine import EngineOptions, check_packages  # noqa: PLC0415  (--help does without)

    check_packages(given["engine"])
    first, last = (_day(given[name]) for name in ("first", "last"))
    wanted = Wanted(table=given["output"], groups=given["groups"], patients=given["patients"])
    options = EngineOptions(
        name=given["engine"], memory=given["memory"], threads=given["threads"], master=given["master"]
    )
    made = aggregate_files(
        read_definitions(definitions, first, last),
        wanted,
        people=given["people"],
        records=given["records"],
        engine=options,
    )
    _tell(made, wanted)
    if as_json:
        unicode = (sys.stdout.encoding or "").lower().startswith("utf")
        click.echo(json.dumps(_summary(made, wanted), ensure_ascii=not unicode, indent=2))


@click.command("aggregate-example")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--patients", type=click.IntRange(min=1), default=20_000, show_default=True, help="So many people.")
@click.option("--lists", type=click.IntRange(min=1), help="So many lists; else one for 1,600 people.")
@click.option("--seed", type=click.IntRange(min=0), default=2019, show_default=True)
@click.option(
    "--form", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True, help="Of the extracts."
)
def aggregate_example(folder: Path, patients: int, lists: int | None, seed: int, form: Any) -> None:
    """Write invented extracts and example definitions into FOLDER, to try xl-qbs aggregate with.

    The definitions are an example: the fund's own codes stand in no document that xl_qbs has.
    """
    from xl_qbs.jobs.aggregate_engine import check_packages  # noqa: PLC0415  (--help does without)
    from xl_qbs.jobs.aggregate_example import write_example  # noqa: PLC0415

    check_packages("duckdb")
    files = write_example(folder, patients=patients, lists=lists, seed=seed, form=form)
    for path in files:
        say(f"Wrote {path}")
    definitions, people, records = files
    say(
        f"Try: xl-qbs aggregate {definitions} --people {people} --records {records} -o {folder / 'table.csv'}",
        bold=True,
    )


def _day(given: datetime.datetime | None) -> datetime.date | None:
    return None if given is None else given.date()


def _tell(made: Aggregated, wanted: Wanted) -> None:
    for what, rows in made.rows.items():
        say(f"Read {rows:,} rows of {what}.")
    say_findings(made.findings)
    pairs = f"{len(made.definitions.codes)} indicators"
    say(f"Counted {made.listed:,} patients on {made.providers:,} lists, {pairs}, {made.definitions.period}.")
    if wanted.groups is not None:
        say(f"By group: {wanted.groups}")
    if wanted.patients is not None:
        say(f"Patients: {wanted.patients} ({made.patient_rows:,} rows, without their ids)")
    say(f"Table: {wanted.table}", bold=True)
    say(f"Next: xl-qbs score {wanted.table}")


def _summary(made: Aggregated, wanted: Wanted) -> dict[str, Any]:
    return {
        "definitions": made.definitions.name,
        "period": made.definitions.period,
        "output": {option.lstrip("-"): str(path) for option, path in wanted.paths.items()},
        "rows": made.rows,
        "providers": made.providers,
        "patients": made.listed,
        "patient_rows": made.patient_rows,
        "target": made.target,
        "done": made.done,
        "findings": [str(one) for one in made.findings],
    }
