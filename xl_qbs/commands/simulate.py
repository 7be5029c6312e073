"""The command ``xl-qbs simulate``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xl_qbs.commands.score_options import reading_options, scoring_options, writing_options
from xl_qbs.errors import ArgumentError
from xl_qbs.jobs.simulate import Extra, Pay, simulate_file
from xl_qbs.report import say, say_findings, say_read, typed

if TYPE_CHECKING:
    from xl_qbs.simulation.run import Simulation

_FILE = click.Path(dir_okay=False, path_type=Path)
_BEHAVIOURS = ["chase-current", "chase-adjusted", "proportional", "priority"]
_SCORING = ("prior", "fraction", "weights", "rounding", "coverage_decimals", "level", "prior_file")


def _words(_context: Any, _parameter: Any, value: str | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(word.strip() for word in value.split(",") if word.strip())


def _numbers(_context: Any, parameter: Any, value: str | None) -> tuple[float, ...] | None:
    words = _words(_context, parameter, value)
    if words is None:
        return None
    try:
        return tuple(float(word) for word in words)
    except ValueError:
        raise click.BadParameter(f"{value}: must be numbers with commas between them, such as 0,0.8,0.9") from None


def _extra(_context: Any, _parameter: Any, value: str) -> tuple[float, bool]:
    text = value.strip()
    percent = text.endswith("%")
    try:
        number = float(text.rstrip("%"))
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise click.BadParameter(f"{value}: must be a number of patients, or a percentage such as 10%")
    return number, percent


@click.command()
@reading_options
@click.option("-o", "--output", type=_FILE, help="Where to write; else a new name beside the input.")
@click.option(
    "--behaviour",
    "behaviours",
    multiple=True,
    type=click.Choice(_BEHAVIOURS),
    help="What lists do with extra patients; may be given several times. All four if none is.",
)
@click.option(
    "--extra-patients",
    required=True,
    callback=_extra,
    metavar="NUMBER|PERCENT%",
    help="Patients that each list can serve more; with % a share of its unmet need.",
)
@click.option(
    "--shared-by",
    type=click.Choice(["each", "eligible", "list-size", "unmet-need"]),
    default="each",
    show_default=True,
    help="Each list has the number; or it is a total, shared out in proportion to this.",
)
@click.option("--list-size", help="Heading of the column of list size, where the sheet has one.")
@click.option(
    "--schemes",
    callback=_words,
    default="current,proportional,need-adjusted",
    show_default=True,
    help="Which scores, with commas between them.",
)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Same seed, same numbers.")
@click.option("--replications", type=click.IntRange(1, 100_000), default=1000, show_default=True, help="How many.")
@click.option(
    "--start",
    type=click.Choice(["drawn", "observed"]),
    default="drawn",
    show_default=True,
    help="Counts to begin with: drawn from what they tell of each list, or as they are.",
)
@click.option(
    "--steered",
    type=click.FloatRange(0, 1),
    default=1.0,
    show_default=True,
    help="Share of the extra patients that goes where the behaviour says; the rest is whoever comes.",
)
@click.option("--order", callback=_words, help="With priority: codes from the most important on; else by points.")
@click.option("--indicators", callback=_words, help="Codes where more may be served; else those that count patients.")
@click.option("--reestimate", is_flag=True, help="Estimate prior and weights anew in every replication.")
@click.option("--bands", callback=_numbers, help="Lower limits of the bonus bands as shares; else the scheme's.")
@click.option("--coefficients", callback=_numbers, help="What each band pays, in full bonuses; else 0,1,1...")
@click.option("--amount", type=float, default=1.0, show_default=True, help="The full bonus of a list.")
@click.option(
    "--bands-of",
    type=click.Choice(["score", "relative-rank"]),
    default="score",
    show_default=True,
    help="Bands of the share of the maximum score, or of relative rank.",
)
@click.option("--condition", "conditions", multiple=True, help="A condition of the scheme for any bonus.")
@click.option("--pot", type=float, help="A total to be paid out: all bonuses are scaled to it.")
@click.option("--groups", type=click.IntRange(min=1), default=5, show_default=True, help="Groups of lists.")
@scoring_options
@writing_options
def simulate(workbook: Path, output: Path | None, as_json: bool, **given: Any) -> None:
    """Simulate what lists of WORKBOOK would do with extra patients, and what it would pay.

    Writes the same workbook with sheets added, and nothing else touched. Bonuses are 0 in the lowest band and full
    in the others unless --coefficients says otherwise: no document states amounts.
    """
    number, percent = given.pop("extra_patients")
    extra = Extra(number=number, percent=percent, shared_by=given.pop("shared_by"))
    pay = Pay(
        **{name: given.pop(name) for name in ("bands", "coefficients", "amount", "bands_of", "conditions", "pot")}
    )
    if pay.pot is not None and pay.amount != 1.0:
        raise ArgumentError("--amount and --pot: with a pot the amount says nothing, so leave it out.")
    behaviours = tuple(dict.fromkeys(given.pop("behaviours"))) or tuple(_BEHAVIOURS)
    if given["order"] is not None and "priority" not in behaviours:
        raise ArgumentError("--order is for --behaviour priority.")
    options = {
        name: given.pop(name)
        for name in ("schemes", "replications", "seed", "start", "steered", "order", "indicators", "reestimate")
    }
    scoring = ", ".join(f"{name.replace('_', ' ')} {given[name]}" for name in _SCORING if given.get(name) is not None)
    path, table, result, found = simulate_file(
        workbook,
        output,
        extra=extra,
        pay=pay,
        options={"behaviours": behaviours, **options},
        scoring=scoring,
        typed=typed(),
        **given,
    )
    say_read(table)
    say_findings((*table.findings, *result.warnings))
    if as_json:
        amount = pay.amount if pay.pot is None else pay.pot
        click.echo(json.dumps(_summary(found, path, amount), indent=2))
    say(f"Result: {path}", bold=True)
    say("Open the sheet SIM About first." if given["language"] == "en" else "Avage esmalt leht SIM Teave.")


def _summary(found: Simulation, output: Path, amount: float) -> dict[str, Any]:
    cases = []
    for place, behaviour in enumerate(found.behaviours):
        for at, scheme in enumerate(found.schemes):
            cases.append(
                {
                    "behaviour": behaviour,
                    "scheme": scheme,
                    "extra_patients": round(float(found.served[place].sum()), 3),
                    "mean_score": round(float(found.score[place, at].mean()), 3),
                    "bonuses": round(amount * float(found.bonus[place, at].sum()), 3),
                }
            )
    return {
        "output": str(output),
        "lists": len(found.providers),
        "replications": found.options.replications,
        "seed": found.options.seed,
        "cases": cases,
    }
