"""The command line: scoring, templates, the demo, and the commands of the other rooms."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xl_qbs._version import __version__
from xl_qbs.addin.commands import addin, doctor
from xl_qbs.audit.commands import audit, compare, dump, replay, trace
from xl_qbs.commands.aggregate import aggregate, aggregate_example
from xl_qbs.commands.diagnose import diagnose
from xl_qbs.commands.efficiency import efficiency, efficiency_template
from xl_qbs.commands.equity import equity, equity_template
from xl_qbs.commands.score_options import language_option, reading_options, scoring_options
from xl_qbs.commands.simulate import simulate
from xl_qbs.commands.statements import statements
from xl_qbs.errors import ArgumentError, OutputError, QbsError
from xl_qbs.jobs.score import read_table, score_file, score_only, template_file
from xl_qbs.report import Steps, say, say_findings, say_read, typed

if TYPE_CHECKING:
    from xl_qbs.scoring.score import Result
    from xl_qbs.workbook.fund_table import FundTable

# numpy, scipy and the rest are imported inside the commands, so that --help and a mistyped option
# are answered at once.

# Exit status: 0 done, 1 refused for the data, 2 wrong usage.
REFUSED, USAGE = 1, 2

# Options of score that say how a workbook is written.
_OF_WORKBOOKS = ("cells", "language")

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="xl_qbs")
def app() -> None:
    """Scores family doctors' lists fairly, inside the fund's own Excel workbook."""


@app.command()
@reading_options
@click.option("-o", "--output", type=_NEW_FILE, help="Where to write; else a new name beside the input.")
@scoring_options
@click.option(
    "--cells",
    type=click.Choice(["formulas", "values", "none"]),
    default="formulas",
    show_default=True,
    help="Live formulas with stored values, plain values, or no workbook at all (with --export).",
)
@language_option("the result sheets")
@click.option("--export", type=_FOLDER, help="A folder for tidy scores.csv and coverage.csv.")
@click.option(
    "--export-form", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True, help="Of the two files."
)
@click.option("--json", "as_json", is_flag=True, help="Print a summary as JSON.")
def score(
    workbook: Path, output: Path | None, export: Path | None, export_form: Any, as_json: bool, **options: Any
) -> None:
    """Score WORKBOOK (.xlsx, .xlsm, .csv or .parquet).

    Writes the same workbook with result sheets added, and nothing else touched.
    """
    _check_score(output, export, export_form, options["cells"])
    if options["cells"] == "none":
        table, result = score_only(workbook, **{one: options[one] for one in options if one not in _OF_WORKBOOKS})
    else:
        output, table, result = score_file(workbook, output, typed=typed(), **options)
    say_read(table)
    say_findings((*table.findings, *result.warnings))
    if as_json:
        # A stream that cannot hold every letter, such as one of Windows, gets them in JSON's own code.
        unicode = (sys.stdout.encoding or "").lower().startswith("utf")
        click.echo(json.dumps(_json(table, result, output), ensure_ascii=not unicode, indent=2))
    if output is not None:
        say(f"Result: {output}", bold=True)
    if export is not None:
        from xl_qbs.workbook.export import export_scores  # noqa: PLC0415  (pandas; most runs do without)

        for path in export_scores(result, export, export_form):
            say(f"Exported {path}")
    if output is not None:
        say("Open the sheet QBS About first." if options["language"] == "en" else "Avage esmalt leht QBS Teave.")


@app.command()
@click.option("-o", "--output", type=_NEW_FILE, required=True, help="Where to write the template (.xlsx).")
@click.option("--scheme", type=_FILE, help="The scheme: a .toml, .csv or .xlsx file; else the data's own.")
@click.option(
    "--lists", type=click.IntRange(min=1), help="Rows for lists; else 800, or as many as there are and a tenth more."
)
@click.option("--indicators", type=click.IntRange(min=1), help="Places for indicators; else four more than there are.")
@click.option("--years", type=click.IntRange(1, 2), help="2 adds last year to compare with; else as the data has.")
@click.option("--data", type=_FILE, help="A table whose counts fill the template (.xlsx, .xlsm or .csv).")
@click.option("--period", help="The period to read, where the table holds several.")
@click.option("--last-year", type=_FILE, help="The table of the year before; --data's where only its period is given.")
@click.option("--last-period", help="The period of the year before.")
@scoring_options
@language_option("all texts")
@click.option("--password", default="", help="Ask for it before the protection of the sheets can be taken off.")
def template(output: Path, **options: Any) -> None:
    """Build a workbook that scores by formulas alone, for people without Python.

    Empty, or filled with a table's counts.
    """
    path, tables = template_file(output, **options)
    for table in tables:
        say_read(table)
        say_findings(table.findings)
    say(f"Template: {path}", bold=True)
    say("Open the sheet About first." if options["language"] == "en" else "Avage esmalt leht Teave.")


@app.command()
@reading_options
def check(workbook: Path, **options: Any) -> None:
    """Check the data of WORKBOOK, and write nothing."""
    with Steps() as steps:
        steps.next("Reading")
        table = read_table(workbook, **options)
    say_read(table)
    say_findings(table.findings)
    say("The data can be scored.", fg="green")


@app.command()
@click.option("-o", "--output", type=_NEW_FILE, help="Where to write; else demo/ in this folder.")
@click.pass_context
def demo(context: click.Context, output: Path | None) -> None:
    """Score the example that ships with xl_qbs, and say what to open."""
    from xl_qbs.examples import example  # noqa: PLC0415  (see above)

    target = output or Path("demo") / "fund_workbook_2024_qbs.xlsx"
    if output is None:
        try:
            target.parent.mkdir(exist_ok=True)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise OutputError(f"The folder {target.parent} cannot be made ({reason}): name a file with -o.") from error
    context.invoke(score, workbook=example("fund_workbook_2024.xlsx"), output=target)
    # After `make demo` the command is in the environment's folder, not on the path.
    command = "xl-qbs" if shutil.which("xl-qbs") else sys.argv[0]
    say(
        f"\nThis was an invented fund. Open {target} in Excel or LibreOffice:\n"
        "  QBS About    what it is, and how to follow a number back\n"
        "  QBS Scores   three scores of every list\n"
        "  QBS Charts   the report's figures on these data\n"
        f"Then try your own: {command} score YOUR_WORKBOOK.xlsx"
    )


def _check_score(output: Path | None, export: Path | None, export_form: Any, cells: str) -> None:
    """Refuse options that contradict each other before minutes of work, not after them."""
    if cells == "none" and (export is None or output is not None):
        raise ArgumentError("--cells none writes no workbook: leave out -o, and name a folder with --export.")
    if export_form != "csv":
        from xl_qbs.workbook.export import check_form  # noqa: PLC0415  (see above)

        check_form(export_form)


def _json(table: FundTable, result: Result, output: Path | None) -> dict[str, Any]:
    from xl_qbs.workbook.export import summary  # noqa: PLC0415  (see above)

    source = table.source
    found = [str(one) for one in table.findings if one.severity == "warning"]
    made = summary(result)
    return {
        "input": {"file": str(source.path), "sheet": source.sheet, "range": source.range, "sha256": source.sha256},
        "output": None if output is None else str(output),
        **made,
        "warnings": [*found, *made["warnings"]],
    }


app.add_command(efficiency)
app.add_command(efficiency_template)
app.add_command(equity)
app.add_command(equity_template)
app.add_command(statements)
app.add_command(simulate)
app.add_command(diagnose)
app.add_command(aggregate)
app.add_command(aggregate_example)
app.add_command(addin)
app.add_command(doctor)
app.add_command(audit)
app.add_command(trace)
app.add_command(compare)
app.add_command(dump)
app.add_command(replay)


def main() -> None:
    """Run the command line; every error becomes a sentence and an exit status."""
    try:
        app(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(USAGE)
    except ArgumentError as error:
        _fail(str(error), USAGE)
    except QbsError as error:
        _fail(str(error), REFUSED)
    except (KeyboardInterrupt, click.Abort):
        _fail("Stopped; no result was written.", REFUSED)
    except MemoryError:
        _fail("There is not enough memory for this file; no result was written.", REFUSED)
    except BaseException as error:
        # A panic in Rust code arrives as a BaseException of its own; what else is one, such as SystemExit, goes on.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        if os.environ.get("XL_QBS_DEBUG"):
            raise
        _fail(
            f"xl_qbs itself failed ({type(error).__name__}); no result was written. "
            "Please report it, with what XL_QBS_DEBUG=1 prints when you run this again.",
            REFUSED,
        )


def _fail(message: str, status: int) -> None:
    say(message, fg="red")
    sys.exit(status)


if __name__ == "__main__":
    main()
