"""The formula template of efficiency: the same sheets as an analysis, with room for data still to come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from xl_qbs.efficiency.analysis import Given, Options, analyse
from xl_qbs.efficiency.inputs import FEWEST_PROVIDERS
from xl_qbs.errors import ArgumentError
from xl_qbs.sheets.efficiency.book import efficiency_book
from xl_qbs.sheets.efficiency.plan import Plan, room_for
from xl_qbs.sheets.model import Book, Label, Language
from xl_qbs.workbook.template_file import write_template

PROVIDERS = 500
MOST_PROVIDERS = 20_000
# Share of full quality, and spending.
_STAND_IN = np.array([[0.2, 1.2], [0.35, 0.9], [0.4, 1.1], [0.55, 1.0], [0.7, 0.8], [0.9, 1.05]])
_TITLE = Label("Quality and cost into efficiency", "Kvaliteet ja kulu tõhususeks")
_DESCRIPTION = Label(
    "Formula template of the models of efficiency, built by xl_qbs. No macros, no links.",
    "Tõhususe mudelite valemimall, loodud xl_qbs-iga. Makrode ja viideteta.",
)


def make_efficiency_template(
    output: Path,
    *,
    options: Options,
    providers: int = PROVIDERS,
    language: Language = "en",
    password: str = "",
    progress: Callable[[float], None] = lambda _: None,
) -> Path:
    """Write an empty formula template of every closed-form model.

    Args:
        output: where to write, an ``.xlsx`` file; replaced only when everything is written.
        options: what its yellow cells begin with.
        providers: rows for providers.
        language: language of all texts.
        password: needed to take the protection of the sheets off; none if empty.
        progress: told the share of the writing that is done, from 0 to 1.

    Returns:
        The path written.

    Raises:
        ArgumentError: numbers that no template can have.
        OutputError: the file cannot be written.
    """
    if output.suffix.lower() != ".xlsx":
        raise ArgumentError(f"output == {output.name!r}, must end in .xlsx")
    write_template(
        efficiency_template_of(options, providers=providers, language=language),
        output,
        title=_TITLE.say(language),
        description=_DESCRIPTION.say(language),
        password=password,
        # Without data there is nothing to store; a spreadsheet calculates when it opens the file.
        values=False,
        progress=progress,
    )
    return output


def efficiency_template_of(options: Options, *, providers: int = PROVIDERS, language: Language = "en") -> Book:
    """Return the sheets of an empty template; arguments and errors as `make_efficiency_template`."""
    if not FEWEST_PROVIDERS <= providers <= MOST_PROVIDERS:
        raise ArgumentError(f"providers == {providers}, must be from {FEWEST_PROVIDERS} to {MOST_PROVIDERS:,}")
    # Numbers that every model can use give the sheets their form; none of them is written.
    size = min(providers, len(_STAND_IN))
    quality = options.star_floor + _STAND_IN[:size, 0] * (options.star_ceiling - options.star_floor)
    form = replace(options, cost_is="spending", value=1.0, models=None, program="")
    plan = Plan(
        analysis=analyse(Given(np.maximum(quality, 0.0), _STAND_IN[:size, 1]), form, linear_programs=False),
        providers=tuple(f"P{row}" for row in range(1, size + 1)),
        room=room_for(providers, open_room=True),
        empty=True,
        shown_options=options,
    )
    return efficiency_book(plan, language)
