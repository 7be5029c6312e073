"""The commands ``xl-qbs efficiency`` and ``xl-qbs efficiency-template``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xl_qbs.commands.score_options import language_option, writing_options
from xl_qbs.jobs.efficiency import efficiency_file, template_file
from xl_qbs.jobs.efficiency_given import columns_of, facts_of, options_of, patients_of
from xl_qbs.report import say, say_findings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from xl_qbs.efficiency.analysis import Analysis
    from xl_qbs.workbook.provider_table import ProviderTable

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW_FILE = click.Path(dir_okay=False, path_type=Path)
# The models and programs are listed where they are defined; --help must not load them.
_MODELS = (
    "unconditional, conditional, quality-hurdle, cost-hurdle, cost-effectiveness, envelopment, free-disposal, "
    "frontier, stars, regression"
)


def _listed(_context: Any, _parameter: Any, value: str | None) -> tuple[str, ...]:
    """Return the words of an option that takes several with commas between them."""
    words = tuple(word.strip() for word in (value or "").split(",") if word.strip())
    if value is not None and not words:
        raise click.BadParameter("names nothing; write names with commas between them, or leave the option out.")
    return words


def _list_programs(context: click.Context, _parameter: Any, wanted: bool) -> None:
    """Print the programs of Exhibit 1 and stop."""
    if not wanted:
        return
    from xl_qbs.efficiency.programs import programs  # noqa: PLC0415  (numpy; --help does without)

    for one in programs():
        click.echo(f"{one.key:<32} {one.approach:<16} {one.name}")
    context.exit()


def _assuming(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say what the models assume."""
    pair: dict[str, Any] = {"type": float, "nargs": 2, "show_default": True}
    options = [
        click.option(
            "--cost-is",
            type=click.Choice(["spending", "performance"]),
            required=True,
            help="spending: lower is better; performance: reference over spending, higher is better. Never guessed.",
        ),
        click.option("--quality-weights", default=(0.7, 0.3), **pair, help="Of quality in the unconditional models."),
        click.option("--quality-shares", default=(1 / 3, 2 / 3), **pair, help="Where classes of quality begin."),
        click.option("--cost-shares", default=(0.25, 0.75), **pair, help="Where classes of cost performance begin."),
        click.option("--class-shares", default=(1 / 3, 2 / 3), **pair, help="Where classes of efficiency begin."),
        click.option("--quality-hurdle-share", type=float, default=0.25, show_default=True, help="Share below it."),
        click.option("--cost-hurdle-share", type=float, default=0.25, show_default=True, help="Share that costs more."),
        click.option("--quality-hurdle", "own_quality_hurdle", type=float, help="In units of quality instead."),
        click.option("--cost-hurdle", "own_cost_hurdle", type=float, help="In units of cost instead."),
        click.option(
            "--failing",
            type=click.Choice(["last", "zero-as-printed"]),
            default="last",
            show_default=True,
            help="Where whoever fails a hurdle stands; the paper has 0 on the z scale.",
        ),
        click.option("--value", type=float, help="What a unit of quality is worth in money, for cost-effectiveness."),
        click.option("--reference-quality", type=float, help="Quality to compare with in it; else the mean."),
        click.option("--reference-cost", type=float, help="Spending to compare with in it; else the mean."),
        click.option("--star-floor", type=float, default=0.0, show_default=True, help="Quality that counts as 0."),
        click.option("--star-ceiling", type=float, default=100.0, show_default=True, help="Quality that is full."),
        click.option("--error-correlation", type=float, default=0.0, show_default=True,
                     help="Of the standard errors of quality and cost."),
        click.option("--level", type=float, default=0.95, show_default=True, help="Level of the intervals."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@click.argument("table", type=_FILE)
@click.option("-o", "--output", type=_NEW_FILE, help="Where to write; else a new name beside the table.")
@click.option(
    "--quality",
    default="quality",
    show_default=True,
    help="Heading of quality; need-adjusted for the score of a scored workbook.",
)
@click.option("--cost", default="cost", show_default=True, help="Heading of cost.")
@click.option("--provider", help="Heading of the providers' ids; else found by itself.")
@click.option("--sheet", help="The sheet that holds the table, where several do.")
@click.option("--scored", type=_FILE, help="With --quality need-adjusted: the scored workbook; else the table itself.")
@click.option("--quality-error", help="Heading of the standard errors of quality.")
@click.option("--cost-error", help="Heading of the standard errors of cost.")
@click.option("--volume", help="Heading of episodes or patients, for programs that ask for them.")
@click.option("--area", help="Heading of the area, for programs that compare within it.")
@click.option("--models", callback=_listed, help=f"Some of: {_MODELS}. Else all that the data allow.")
@click.option("--inputs", callback=_listed, help="Headings of further inputs of the envelopment.")
@click.option("--outputs", callback=_listed, help="Headings of further outputs of it.")
@click.option(
    "--returns",
    type=click.Choice(["constant", "variable", "non-increasing", "non-decreasing"]),
    default="variable",
    show_default=True,
    help="Of the envelopment by linear programs.",
)
@click.option(
    "--orientation", type=click.Choice(["input", "output"]), default="input", show_default=True, help="Of the same."
)
@click.option(
    "--distribution",
    type=click.Choice(["half-normal", "exponential", "truncated-normal"]),
    default="half-normal",
    show_default=True,
    help="Of inefficiency in the frontier by likelihood.",
)
@click.option("--program", default="", help="One of the 24 programs of Exhibit 1.")
@click.option(
    "--list-programs",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list_programs,
    help="List the programs and stop.",
)
@click.option(
    "--program-option",
    "program_options",
    multiple=True,
    metavar="NAME=VALUE",
    help="What the exhibit does not state of the program, such as hurdle=70; may be given several times.",
)
@click.option("--patients", type=_FILE, help="Patient rows, for regression and cost-effectiveness.")
@click.option("--patient-provider", help="Heading of the provider there; else found by itself.")
@click.option("--patient-quality", show_default="quality", help="Heading of the outcome there.")
@click.option("--patient-cost", show_default="cost", help="Heading of the cost there.")
@click.option("--patient-sheet", help="The sheet of the patient rows, where several could be meant.")
@click.option("--risk", callback=_listed, help="Headings of risk factors there.")
@click.option("--quality-about", nargs=3, metavar="PATIENTS PERIOD RISK", help="What quality is about (harmonisation).")
@click.option("--cost-about", nargs=3, metavar="PATIENTS PERIOD RISK", help="What cost is about.")
@click.option("--prices", type=click.Choice(["standardised", "actual"]), help="Of the cost.")
@_assuming
@writing_options
def efficiency(table: Path, output: Path | None, as_json: bool, **given: Any) -> None:
    """Join quality and cost in TABLE (.xlsx, .xlsm or .csv) by every model, side by side.

    Writes the same workbook with sheets added, and nothing else touched.
    """
    path, read, analysis = efficiency_file(
        table,
        output,
        options=options_of(given),
        columns=columns_of(given),
        inputs=given["inputs"],
        outputs=given["outputs"],
        patients=patients_of(given),
        facts=facts_of(given),
        cells=given["cells"],
        language=given["language"],
    )
    source = read.source
    say(f"Read {source.sheet or source.path.name}!{source.range}: {len(read.providers)} providers.")
    say_findings(read.findings)
    _say_left_out(analysis)
    if as_json:
        # A stream that cannot hold every letter, such as one of Windows, gets them in JSON's own code.
        unicode = (sys.stdout.encoding or "").lower().startswith("utf")
        click.echo(json.dumps(_summary(read, analysis, path), ensure_ascii=not unicode, indent=2))
    say(f"Result: {path}", bold=True)
    say("Open the sheet EFF About first." if given["language"] == "en" else "Avage esmalt leht EFF Teave.")


@click.command("efficiency-template")
@click.option("-o", "--output", type=_NEW_FILE, required=True, help="Where to write the template (.xlsx).")
@click.option("--providers", type=click.IntRange(min=5), default=500, show_default=True, help="Rows for providers.")
@_assuming
@language_option("the sheets")
@click.option("--password", default="", help="Ask for it before the protection of the sheets can be taken off.")
def efficiency_template(output: Path, providers: int, password: str, **given: Any) -> None:
    """Build an empty workbook that joins quality and cost by formulas alone, for people without Python."""
    path = template_file(
        output, options=options_of(given), providers=providers, language=given["language"], password=password
    )
    say(f"Template: {path}", bold=True)
    say("Open the sheet About first." if given["language"] == "en" else "Avage esmalt leht Teave.")


def _say_left_out(analysis: Analysis) -> None:
    for model, reason in analysis.left_out.items():
        say(f"Left out: {model} {reason}.", dim=True)


def _summary(table: ProviderTable, analysis: Analysis, output: Path) -> dict[str, Any]:
    source = table.source
    correlations = analysis.correlations
    return {
        "input": {"file": str(source.path), "sheet": source.sheet, "range": source.range, "sha256": source.sha256},
        "output": str(output),
        "providers": len(table.providers),
        "models": list(analysis.efficiencies),
        "left_out": dict(analysis.left_out),
        "program": analysis.options.program or None,
        "stars": None if analysis.stars is None else _counted(analysis.stars.stars),
        "correlations": {}
        if correlations is None
        else {
            one: {other: _rounded(correlations.matrix[i, j]) for j, other in enumerate(correlations.models[:i])}
            for i, one in enumerate(correlations.models)
        },
        "change_class": 0 if analysis.agreement is None else len(analysis.agreement.changing),
        "warnings": [str(one) for one in table.findings if one.severity == "warning"],
    }


def _counted(stars: NDArray[np.intp]) -> dict[str, int]:
    """Return how many providers have each number of stars."""
    return {str(number): int((stars == number).sum()) for number in range(1, 6)}


def _rounded(value: float) -> float | None:
    return None if value != value else round(float(value), 4)  # noqa: PLR0124  (NaN)
