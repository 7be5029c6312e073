"""The command ``xl-qbs statements``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from xl_qbs.commands.score_options import language_option, reading_options, scoring_options
from xl_qbs.errors import OutputError
from xl_qbs.jobs.statements import statement_files
from xl_qbs.report import say, say_findings, say_read

# So many ids are told of at most.
_TOLD = 8


@click.command()
@reading_options
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The folder to write to; what stands there from an earlier run and is the same is kept.",
)
@scoring_options
@language_option("the pages")
@click.option("--only", multiple=True, metavar="N0007,...", help="These lists only; can be given several times.")
@click.option(
    "--pdf",
    type=click.Choice(["auto", "yes", "no"]),
    default="auto",
    show_default=True,
    help="Print each page to PDF too: where LibreOffice is installed, always, or never.",
)
@click.option("--again", is_flag=True, help="Make all anew, also what stands there and is the same.")
def statements(workbook: Path, folder: Path, **options: Any) -> None:
    """Write a page for each list of WORKBOOK that shows how every number of its scores follows.

    Reads and scores like `score`. Stopped, it goes on where it was when run again.
    """
    try:
        done = statement_files(workbook, folder, **options)
    except (KeyboardInterrupt, click.Abort):
        raise OutputError(
            f"Stopped. What is in {folder} is whole; run the same command again to go on from there."
        ) from None
    say_read(done.table)
    say_findings((*done.table.findings, *done.result.warnings))
    written = done.written
    if written.stale:
        more = f" and {len(written.stale) - _TOLD} more" if len(written.stale) > _TOLD else ""
        say(
            f"Warning: the folder holds statements of other data, other options or lists that are not in the table: "
            f"{', '.join(written.stale[:_TOLD])}{more}. Remove them, or run without --only.",
            fg="yellow",
        )
    if done.not_printed:
        say(f"Warning: no PDF. {done.not_printed}", fg="yellow")
    kept = f", {len(written.kept)} stood already" if written.kept else ""
    printed = f", {done.printed} printed to PDF" if done.printed else ""
    say(f"Statements: {folder}: {len(written.made)} written{kept}{printed}.", bold=True)
    say("statements.json there names every list: keep it, and give it to nobody.")
