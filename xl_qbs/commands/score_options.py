"""The options of every command that reads a table, of those that score it, and of those that add sheets to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def reading_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the argument and the options of every command that reads a table."""
    options = [
        click.argument("workbook", type=_FILE),
        click.option("--scheme", type=_FILE, help="The scheme: a .toml, .csv or .xlsx file; else the workbook's own."),
        click.option("--sheet", help="The sheet that holds the table, where several do."),
        click.option("--mapping", type=_FILE, help="A .toml file that says where the columns are."),
        click.option("--period", help="The period to read, where the table holds several."),
        click.option(
            "--above-target",
            type=click.Choice(["cap", "refuse"]),
            default="cap",
            show_default=True,
            help="Work done above the target: count it as the target, or refuse the data.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def language_option(of: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return the option of the language of something."""
    choice = click.Choice(["en", "et"])
    return click.option("--language", type=choice, default="en", show_default=True, help=f"Language of {of}.")


def writing_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of every command that adds sheets to a table and tells what came of it."""
    options: list[Callable[[Any], Any]] = [
        click.option(
            "--cells",
            type=click.Choice(["formulas", "values"]),
            default="formulas",
            show_default=True,
            help="Live formulas with stored values, or plain values.",
        ),
        language_option("the sheets"),
        click.option("--json", "as_json", is_flag=True, help="Print a summary as JSON."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def scoring_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of every command that scores."""
    options = [
        click.option(
            "--prior",
            type=click.Choice(["report", "moments", "likelihood", "fixed"]),
            default="report",
            show_default=True,
            help="Rule of the prior; report is the method that the fund was offered.",
        ),
        click.option(
            "--fraction",
            type=click.FloatRange(min=0),
            default=0.5,
            show_default=True,
            help="With --prior report: prior strength as a fraction of the mean target.",
        ),
        click.option(
            "--prior-file", type=_FILE, help="With --prior fixed: a .csv or .xlsx file with code, mean, strength."
        ),
        click.option(
            "--weights",
            default="principal-component",
            show_default=True,
            metavar="RULE|FILE",
            help="principal-component, current, own (the scheme's), or a .csv or .xlsx file with code, weight.",
        ),
        click.option(
            "--rounding",
            type=click.Choice(["none", "integer", "largest-remainder"]),
            default="largest-remainder",
            show_default=True,
            help="Rounding of principal-component weights.",
        ),
        click.option(
            "--coverage-decimals",
            type=click.IntRange(0, 9),
            help="Round coverage before the principal component; the report's authors used 2.",
        ),
        click.option(
            "--level", type=float, default=0.95, show_default=True, help="Level of the intervals, between 0 and 1."
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command
