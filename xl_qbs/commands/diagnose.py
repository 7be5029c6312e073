"""The command ``xl-qbs diagnose``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xl_qbs.commands.score_options import reading_options, scoring_options, writing_options
from xl_qbs.jobs.diagnose import diagnose_file
from xl_qbs.report import say, say_findings, say_read, typed

if TYPE_CHECKING:
    from xl_qbs.sheets.diagnosis.plan import Plan

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW_FILE = click.Path(dir_okay=False, path_type=Path)
_SHARE = click.FloatRange(0, 1)
_LIMITS = ("reached_by", "variation_up_to", "fewest", "few_lists", "cliff", "under", "floor", "best")


def _shares(_context: Any, _parameter: Any, values: tuple[str, ...]) -> dict[str, float]:
    """Read shares such as ``diab=30%``."""
    found: dict[str, float] = {}
    for value in values:
        # A code may hold an equals sign of its own.
        group, equals, text = (one.strip() for one in value.rpartition("="))
        percent = text.endswith("%")
        try:
            number = float(text.rstrip("%")) / (100 if percent else 1)
        except ValueError:
            number = -1.0
        if not group or not equals or not 0 <= number <= 1:
            raise click.BadParameter(f"{value}: must be a group and a share from 0 to 100 %, such as diab=30%")
        if group in found:
            raise click.BadParameter(f"{value}: {group} is there twice")
        found[group] = number
    return found


@click.command()
@reading_options
@click.option("-o", "--output", type=_NEW_FILE, help="Where to write; else a new name beside the input.")
@click.option("--earlier", type=_FILE, help="The workbook of the year before.")
@click.option("--last-period", help="The period of the year before, in WORKBOOK or in --earlier.")
@click.option("--list-size", help="Heading of the column of list size, where the sheet has one.")
@click.option("--age", help="Heading of the column of the lists' mean age; with --list-size.")
@click.option(
    "--counting",
    type=click.Choice(["all", "patients"]),
    default="all",
    show_default=True,
    help="What counts as eligible: all indicators, as in the report, or those that count patients.",
)
@click.option("--groups", type=click.IntRange(min=1), default=5, show_default=True, help="Groups of lists.")
@click.option("--resamples", type=click.IntRange(min=100), default=1000, show_default=True, help="Draws of lists.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Same seed, same numbers.")
@click.option(
    "--reached-by", type=_SHARE, default=0.9, show_default=True, help="Topped out: lists that reach it, from."
)
@click.option(
    "--variation-up-to", type=click.FloatRange(min=0), default=0.1, show_default=True, help="Topped out: variation."
)
@click.option("--fewest", type=click.IntRange(min=0), default=20, show_default=True, help="Fewer patients are few.")
@click.option("--few-lists", type=_SHARE, default=0.25, show_default=True, help="Low burden: lists with few, from.")
@click.option(
    "--cliff",
    type=click.FloatRange(min=0),
    default=20,
    show_default=True,
    help="Points on one patient that are a cliff.",
)
@click.option("--under", type=click.FloatRange(min=0), default=10, show_default=True, help="Lowest lists: score under.")
@click.option("--floor", type=_SHARE, default=1.0, show_default=True, help="Two years: share of points kept.")
@click.option(
    "--best", type=click.FloatRange(0, 1, min_open=True), default=0.1, show_default=True,
    help="Two years: the benchmark is the mean of this share.",
)  # fmt: skip
@click.option("--steps", type=click.IntRange(min=1), default=5, show_default=True, help="Next steps of each list.")
@click.option(
    "--steps-by",
    type=click.Choice(["need-adjusted", "proportional", "current"]),
    default="need-adjusted",
    show_default=True,
    help="Next steps: the score whose points they are ranked by.",
)
@click.option(
    "--added-share",
    multiple=True,
    callback=_shares,
    metavar="CODE=SHARE",
    help="An added indicator: the share of an indicator's target population, or of everybody on the list "
    "(list=2%), who would be eligible; may be given several times.",
)
@click.option("--added", default="added indicator", show_default=True, help="What the added indicator is called.")
@click.option("--added-coverage", type=_SHARE, default=0.9, show_default=True, help="The coverage it would ask for.")
@scoring_options
@writing_options
def diagnose(workbook: Path, output: Path | None, as_json: bool, **given: Any) -> None:
    """Say how the scores of WORKBOOK treat lists of different size and need, in one year or between two.

    Writes the same workbook with sheets added, and nothing else touched.
    """
    limits = {name: float(given.pop(name)) for name in _LIMITS}
    path, table, last, plan = diagnose_file(workbook, output, limits=limits, typed=typed(), **given)
    say_read(table)
    if last is not None:
        say_read(last)
    say_findings((*table.findings, *plan.result.warnings))
    if as_json:
        click.echo(json.dumps(_summary(plan, path), indent=2))
    say(f"Result: {path}", bold=True)
    say("Open the sheet DIA About first." if given["language"] == "en" else "Avage esmalt leht DIA Teave.")


def _summary(plan: Plan, output: Path) -> dict[str, Any]:
    from xl_qbs.sheets.diagnosis.verdict import fairer_under  # noqa: PLC0415  (numpy; --help does without)

    fair, found = plan.fairness, plan.indicators
    told: dict[str, Any] = {
        "output": str(output),
        "lists": plan.lists,
        "correlation": {name: _rounded(fair.correlation[name].value) for name in fair.scores},
        "nearer_to_zero_than_current": {name: one.verdict for name, one in fair.against_current.items()},
        "fairer_under": list(fairer_under(fair)),
        "topped_out": [code for code, yes in zip(found.indicators, found.topped_out, strict=True) if yes],
        "low_burden": [code for code, yes in zip(found.indicators, found.low_burden, strict=True) if yes],
    }
    if plan.before is not None:
        years, prediction = plan.before.years, plan.before.prediction
        told["in_both_years"] = int(years.in_both.sum())
        told["held_harmless"] = int(years.held_harmless.sum())
        told["best_prediction"] = dict(zip(prediction.indicators, prediction.best, strict=True))
        told["worse_than_raw"] = {rule: list(codes) for rule, codes in prediction.worse_than_raw.items()}
    return told


def _rounded(value: float) -> float | None:
    return None if value != value else round(float(value), 4)  # noqa: PLR0124  (NaN)
