"""The commands of the audit: ``xl-qbs audit``, ``trace``, ``compare``, ``dump`` and ``replay``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from xl_qbs.errors import ArgumentError, QbsError
from xl_qbs.report import Steps, harmless, say

# What opens and scores workbooks is imported inside the commands, so that --help is answered at once.

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW_FILE = click.Path(dir_okay=False, path_type=Path)
# Exit status of an audit that found an error, and of a comparison that found a difference in a replay.
FAILED = 1


@click.command()
@click.argument("files", nargs=-1, required=True, type=_FILE, metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
@click.option("-o", "--output", type=_NEW_FILE, help="Write an audit workbook (.xlsx) too; for one FILE.")
@click.option(
    "--recalculate",
    type=click.Choice(["all", "ironcalc", "libreoffice", "none"]),
    default="all",
    show_default=True,
    help="Recalculate with these engines; LibreOffice where it is installed.",
)
def audit(files: tuple[Path, ...], as_json: bool, output: Path | None, recalculate: str) -> None:
    """Audit workbooks with result sheets, templates, and statements.

    Compares every formula and number in FILE with what should stand there, and prints what differs.
    Exit status 0: no error was found; 1: one was.
    """
    from xl_qbs.audit.audit_book import write_audit  # noqa: PLC0415  (see above)
    from xl_qbs.audit.recalculate import ENGINES  # noqa: PLC0415
    from xl_qbs.audit.run import audit_file  # noqa: PLC0415

    if output is not None and len(files) > 1:
        raise ArgumentError("-o takes the audit of one FILE.")
    if output is not None and output.suffix.lower() != ".xlsx":
        raise ArgumentError(f"-o {output.name}: the audit workbook must end in .xlsx.")
    engines = {"all": ENGINES, "none": ()}.get(recalculate, (recalculate,))
    reports = []
    refused = []
    for path in files:
        try:
            with Steps() as steps:
                reports.append(audit_file(path, engines, steps.next))
        except QbsError as error:
            if len(files) == 1:
                raise
            # The others are audited all the same.
            refused.append(path)
            say(f"{path}: {error}", fg="red")
    if as_json:
        texts = [report.as_json() for report in reports]
        click.echo(texts[0] if len(files) == 1 else json.dumps([json.loads(text) for text in texts], indent=2))
    else:
        click.echo(harmless("\n\n".join(report.as_text() for report in reports)))
    if output is not None:
        say(f"Audit workbook: {write_audit(reports[0], output)}", bold=True)
    if refused or not all(report.passed for report in reports):
        sys.exit(FAILED)


@click.command()
@click.argument("file", type=_FILE)
@click.option("--provider", required=True, metavar="ID", help="The list.")
@click.option("--indicator", default="", metavar="CODE", help="One indicator only.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def trace(file: Path, provider: str, indicator: str, as_json: bool) -> None:
    """Follow a list's scores in FILE from the two raw numbers to the rank."""
    from xl_qbs.audit.opened import open_workbook  # noqa: PLC0415  (see above)
    from xl_qbs.audit.trace import trace as steps_of  # noqa: PLC0415
    from xl_qbs.audit.trace import trace_json, trace_text  # noqa: PLC0415

    parts = steps_of(open_workbook(file), provider, indicator)
    click.echo(trace_json(provider, parts) if as_json else harmless(trace_text(provider, parts)))


@click.command()
@click.argument("old", type=_FILE)
@click.argument("new", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def compare(old: Path, new: Path, as_json: bool) -> None:
    """Say what changed between two scored workbooks, and why: data, decisions, or the method's version."""
    from xl_qbs.audit.difference import difference  # noqa: PLC0415  (see above)
    from xl_qbs.audit.opened import open_workbook  # noqa: PLC0415

    found = difference(open_workbook(old), open_workbook(new))
    click.echo(found.as_json() if as_json else harmless(found.as_text()))


@click.command()
@click.argument("file", type=_FILE)
@click.option("--sheet", "sheets", multiple=True, metavar="NAME", help="This sheet only; may be given again.")
@click.option("--formulas", is_flag=True, help="Leave out the stored values of formulas.")
@click.option("-o", "--output", type=_NEW_FILE, help="Where to write; else to standard output.")
def dump(file: Path, sheets: tuple[str, ...], formulas: bool, output: Path | None) -> None:
    """Write FILE as text, a line a cell, which git and others can compare."""
    from xl_qbs.audit.dump import dump as lines_of  # noqa: PLC0415  (see above)
    from xl_qbs.audit.opened import open_workbook  # noqa: PLC0415
    from xl_qbs.workbook.atomic import whole_file  # noqa: PLC0415

    opened = open_workbook(file)
    unknown = [name for name in sheets if opened.sheet(name) is None]
    if unknown:
        raise ArgumentError(f"--sheet {unknown[0]}: there are {', '.join(one.name for one in opened.entries)}")
    lines = lines_of(opened, sheets, values=not formulas)
    if output is None:
        for line in lines:
            click.echo(line)
        return
    with whole_file(output) as made:
        made.writelines(f"{line}\n".encode("utf-8", "surrogatepass") for line in lines)
    say(f"Text: {output}", bold=True)


@click.command()
@click.argument("file", type=_FILE)
@click.option("-o", "--output", type=_NEW_FILE, help="Where to write; else NAME_replay beside FILE.")
@click.option("--input", "original", type=_FILE, help="The file that was scored; else the counts in FILE itself.")
def replay(file: Path, output: Path | None, original: Path | None) -> None:
    """Score FILE again by its own run log, and prove that the numbers are the same.

    Exit status 0: every cell is the same; 1: one is not.
    """
    from xl_qbs.audit.replay import replay as replayed  # noqa: PLC0415  (see above)

    done = replayed(file, output, original)
    click.echo(f"Scored again from {done.source}: {done.cells:,} cells compared, {done.formulas:,} formulas.")
    for one in done.unlike[:20]:
        click.echo(harmless(f"  {one.where}: {one.before} is {one.again} when made again"))
    if len(done.unlike) > 20:
        click.echo(f"  ... and {len(done.unlike) - 20} more")
    click.echo("The same numbers." if not done.unlike else f"NOT the same: {len(done.unlike):,} cells differ.")
    say(f"Result: {done.path}", bold=True)
    if done.unlike:
        sys.exit(FAILED)
