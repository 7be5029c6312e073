"""The commands ``xl-qbs equity`` and ``xl-qbs equity-template``."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xl_qbs.commands.score_options import language_option, writing_options
from xl_qbs.errors import ArgumentError
from xl_qbs.jobs.equity import equity_file, equity_template_file
from xl_qbs.report import say, say_findings, typed

if TYPE_CHECKING:
    from xl_qbs.equity.analysis import EquityAnalysis, EquityOptions
    from xl_qbs.workbook.group_table import GroupColumns, GroupFile

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW_FILE = click.Path(dir_okay=False, path_type=Path)
_HEADINGS = (
    "indicator",
    "group",
    "n",
    "x",
    "mean",
    "sd",
    "provider",
    "total",
    "total_group",
    "risk",
    "earlier",
    "sheet",
)
_NAMED = ("unknown", "leave_out", "lower_is_better")


def _listed(_context: Any, _parameter: Any, value: str | None) -> tuple[str, ...]:
    """Return the words of an option that takes several with commas between them."""
    return tuple(word.strip() for word in (value or "").split(",") if word.strip())


def _with(options: Sequence[Callable[[Any], Any]], command: Callable[..., None]) -> Callable[..., None]:
    """Add options to a command, in the order in which its help shows them."""
    for option in reversed(options):
        command = option(command)
    return command


def _reading(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say which columns of a table with counts mean what."""
    options = [
        click.option("--provider", help="Heading of the providers' ids; else found by itself."),
        click.option("--indicator", default="indicator", show_default=True, help="Heading of the indicators' codes."),
        click.option("--group", default="group", show_default=True, help="Heading of the groups' names."),
        click.option("--n", default="n", show_default=True, help="Heading of the patients."),
        click.option("--x", default="x", show_default=True, help="Heading of the work done; not read with --mean."),
        click.option("--total", help="Heading of all patients, those of unknown group included."),
        click.option("--total-group", help="The label, among the groups, of rows that hold all patients."),
        click.option("--unknown", callback=_listed, help="Labels of patients whose group is not known."),
        click.option("--periods", "period", help="Heading of the periods, where there are several."),
        click.option("--now", help="The period to analyse."),
        click.option("--baseline", help="The period to compare with, for trend and points."),
        click.option("--leave-out", callback=_listed, help="Providers to leave out, such as the whole country."),
        click.option("--sheet", help="The sheet that holds the table, where several do."),
    ]
    return _with(options, command)


def _assuming(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of gates, gaps and points."""
    options = [
        click.option(
            "--share-known", type=float, default=0.8, show_default=True, help="Gate: share of patients of known group."
        ),
        click.option(
            "--smallest-group", type=int, default=30, show_default=True, help="Gate: fewest patients of a group."
        ),
        click.option(
            "--fewest-groups", type=int, default=2, show_default=True, help="Gate: fewest groups large enough."
        ),
        click.option("--total-required", is_flag=True, help="Gate: all patients must be stated."),
        click.option(
            "--reference",
            default="best",
            show_default=True,
            help="What gaps are to: best, population, benchmark, or the name of a group.",
        ),
        click.option(
            "--benchmark", "benchmarks", multiple=True, metavar="CODE=NUMBER", help="Of an indicator, for gaps to it."
        ),
        click.option(
            "--prior",
            type=click.Choice(["moments", "report"]),
            default="moments",
            show_default=True,
            help="Rule of the prior of adjusted coverage.",
        ),
        click.option(
            "--fraction", type=float, default=0.5, show_default=True, help="With --prior report: of the mean n."
        ),
        click.option("--level", type=float, default=0.95, show_default=True, help="Level of the intervals."),
        click.option(
            "--disadvantaged", callback=_listed, help="Groups whose improvement earns points; needs --baseline."
        ),
        click.option(
            "--steps",
            type=click.Choice(["whole", "smooth"]),
            default="whole",
            show_default=True,
            help="Whole points as Hospital VBP, or smooth ones.",
        ),
        click.option(
            "--points-on",
            type=click.Choice(["adjusted", "unadjusted"]),
            default="adjusted",
            show_default=True,
            help="Values that points are for.",
        ),
        click.option(
            "--forfeit",
            type=click.Choice(["never", "beyond chance", "always"]),
            default="never",
            show_default=True,
            help="Whether the fall of another group costs a group that did not gain its points.",
        ),
        click.option(
            "--target", "targets", multiple=True, metavar="CODE=THRESHOLD,BENCHMARK", help="Else from the baseline."
        ),
        click.option(
            "--weight", "weights", multiple=True, metavar="CODE=NUMBER", help="Weight of an indicator; else 1."
        ),
    ]
    return _with(options, command)


@click.command()
@click.argument("table", type=_FILE)
@click.option("-o", "--output", type=_NEW_FILE, help="Where to write; else a new name beside the table.")
@_reading
@click.option("--mean", help="Heading of means of continuous values (PROMIS, quality of life), instead of counts.")
@click.option("--sd", help="Heading of their standard deviations between patients.")
@click.option("--lower-is-better", callback=_listed, help="Indicators with means of which less is better.")
@_assuming
@click.option("--earlier", help="Heading of each provider's earlier points, for the floor.")
@click.option("--floor", type=float, default=1.0, show_default=True, help="Share of earlier points kept in any case.")
@click.option("--risk", help="Heading of each provider's share at social risk (0 to 1), for peer groups.")
@click.option("--peer-groups", type=int, default=5, show_default=True, help="Number of peer groups.")
@click.option(
    "--centre",
    type=click.Choice(["mean", "median"]),
    default="mean",
    show_default=True,
    help="What scores are compared with within a peer group.",
)
@click.option("--share", type=_NEW_FILE, help="Also write a copy to share: values only, small counts left out.")
@click.option("--smallest-shown", type=int, default=11, show_default=True, help="Smallest count the copy may show.")
@writing_options
def equity(table: Path, output: Path | None, as_json: bool, **given: Any) -> None:
    """Compare groups of patients in TABLE (.xlsx, .xlsm or .csv), a row a provider, indicator and group.

    Gates first; then coverage within group, gaps, variance between groups, trend, and points for what the
    disadvantaged groups gain. Writes the same workbook with sheets added, and nothing else touched.
    """
    path, read, analysis = equity_file(
        table,
        output,
        columns=_columns(given),
        options=_options(given),
        share=given["share"],
        smallest_shown=given["smallest_shown"],
        typed=typed(),
        cells=given["cells"],
        language=given["language"],
    )
    source = read.source
    providers, indicators, groups = analysis.now.shape
    said = f"{providers} providers, {indicators} indicators, {groups} groups"
    say(f"Read {source.sheet or source.path.name}!{source.range}: {said}.")
    say_findings(read.findings)
    refused = int((~analysis.passed.ok).sum())
    if refused:
        from xl_qbs.sheets.equity.plan import GATES, PREFIX  # noqa: PLC0415  (--help does without)

        sheet = PREFIX + GATES.say(given["language"])
        say(f"Refused at the gates: {refused} of {providers * indicators}; the sheet {sheet} says why.", fg="yellow")
    if as_json:
        click.echo(json.dumps(_summary(read, analysis, path), indent=2))
    if given["share"] is not None:
        say(f"Copy to share: {given['share']}")
    say(f"Result: {path}", bold=True)
    say("Open the sheet EQ About first." if given["language"] == "en" else "Avage esmalt leht EQ Teave.")


def _names_or_places(_context: Any, parameter: Any, value: str | None) -> tuple[int | None, tuple[str, ...]]:
    """Return a number of places, or the names that a comma stands between."""
    if value is None:
        return None, ()
    if value.strip().isdecimal():
        return int(value), ()
    names = _listed(_context, parameter, value)
    if not names:
        raise click.BadParameter("names nothing; write names with commas between them, or a number of places.")
    return None, names


@click.command("equity-template")
@click.argument("table", type=_FILE, required=False)
@click.option("-o", "--output", type=_NEW_FILE, required=True, help="Where to write the template (.xlsx).")
@click.option(
    "--providers", type=click.IntRange(min=2), help="Rows for providers; else 100, or as many as there are and a tenth."
)
@click.option(
    "--indicators", callback=_names_or_places, help="Codes with commas between, or how many places; else 5 places."
)
@click.option(
    "--groups", callback=_names_or_places, help="Names with commas between, or how many places; else 4 places."
)
@_reading
@_assuming
@click.option(
    "--accepted",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Rows with more done than patients that somebody has looked at.",
)
@language_option("all texts")
@click.option("--password", default="", help="Ask for it before the protection of the sheets can be taken off.")
def equity_template(table: Path | None, output: Path, **given: Any) -> None:
    """Build a workbook that compares groups by formulas alone, for people without Python.

    Empty, or filled with the counts of TABLE, which is read as by xl-qbs equity.
    """
    indicators, codes = given["indicators"]
    groups, names = given["groups"]
    path, read = equity_template_file(
        table,
        output,
        columns=_columns(given),
        options=_options(given, template=True),
        places=(given["providers"], indicators, groups),
        names=(codes, names),
        accepted=given["accepted"],
        language=given["language"],
        password=given["password"],
    )
    if read is not None:
        say(f"Read {read.source.sheet or read.source.path.name}!{read.source.range}.")
        say_findings(read.findings)
    say(f"Template: {path}", bold=True)
    say("Open the sheet About first." if given["language"] == "en" else "Avage esmalt leht Teave.")


def _columns(given: dict[str, Any]) -> GroupColumns:
    from xl_qbs.workbook.group_table import GroupColumns  # noqa: PLC0415  (numpy; --help does without)

    known = (*_HEADINGS, *_NAMED, "period", "now", "baseline")
    return GroupColumns(**{name: given[name] for name in known if name in given})


def _options(given: dict[str, Any], *, template: bool = False) -> EquityOptions:
    """Return what is to be assumed; a template may get its baseline later."""
    from xl_qbs.equity.analysis import EquityOptions  # noqa: PLC0415  (as above)
    from xl_qbs.equity.gates import GateRules  # noqa: PLC0415
    from xl_qbs.equity.incentive import IncentiveRules  # noqa: PLC0415

    weights = {name: one for name, (one,) in _pairs("--weight", given["weights"], 1).items()}
    incentive = None
    if given["disadvantaged"]:
        if given["baseline"] is None and not template:
            raise ArgumentError("--disadvantaged needs --periods, --now and --baseline: improvement is over a baseline")
        incentive = IncentiveRules(disadvantaged=given["disadvantaged"], steps=given["steps"], forfeit=given["forfeit"])
    elif not template and (given["targets"] or weights or given["earlier"] or given["forfeit"] != "never"):
        raise ArgumentError("--target, --weight, --earlier and --forfeit are for points, which need --disadvantaged")
    rules = GateRules(
        share_known=given["share_known"],
        smallest_group=given["smallest_group"],
        fewest_groups=given["fewest_groups"],
        total_required=given["total_required"],
    )
    benchmarks = {name: one for name, (one,) in _pairs("--benchmark", given["benchmarks"], 1).items()}
    targets = {name: (low, high) for name, (low, high) in _pairs("--target", given["targets"], 2).items()}
    plain = ("reference", "level", "prior", "fraction", "points_on", "floor", "peer_groups", "centre")
    return EquityOptions(
        rules=rules,
        benchmarks=benchmarks,
        incentive=incentive,
        weights=weights,
        targets=targets,
        **{name: given[name] for name in plain if name in given},
    )


def _pairs(option: str, words: tuple[str, ...], count: int) -> dict[str, tuple[float, ...]]:
    """Return the numbers of CODE=NUMBER or CODE=NUMBER,NUMBER."""
    found = {}
    for word in words:
        # A code may hold an equals sign of its own.
        name, _, numbers = word.rpartition("=")
        try:
            values = tuple(float(number) for number in numbers.split(","))
        except ValueError:
            values = ()
        if len(values) != count:
            shape = "CODE=0.7" if count == 1 else "CODE=0.6,0.9"
            raise ArgumentError(f"{option} {word}: must be like {shape}")
        found[name.strip()] = values
    return found


def _summary(table: GroupFile, analysis: EquityAnalysis, output: Path) -> dict[str, Any]:
    import numpy as np  # noqa: PLC0415  (--help does without)

    source, now = table.source, analysis.now
    found: dict[str, Any] = {
        "input": {"file": str(source.path), "sheet": source.sheet, "range": source.range, "sha256": source.sha256},
        "output": str(output),
        "providers": len(now.providers),
        "groups": list(now.groups),
        "compared": {
            code: int(count) for code, count in zip(now.indicators, analysis.passed.ok.sum(axis=0), strict=True)
        },
        "values": {
            code: {group: _rounded(now.by_group[i, g]) for g, group in enumerate(now.groups)}
            for i, code in enumerate(now.indicators)
        },
        "worse_beyond_chance": {
            code: int(count)
            for code, count in zip(now.indicators, analysis.gaps.worse.any(axis=2).sum(axis=0), strict=True)
        },
    }
    if analysis.points is not None:
        total = analysis.points.total
        known = total[~np.isnan(total)]
        found["points"] = {
            "providers": len(known),
            "mean": _rounded(known.mean()) if len(known) else None,
            "levelled_down": int(analysis.points.levelled_down.sum()),
        }
    return found


def _rounded(value: float) -> float | None:
    return None if value != value else round(float(value), 4)  # noqa: PLR0124  (NaN)
