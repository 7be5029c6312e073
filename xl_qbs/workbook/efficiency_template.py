"""The formula template of efficiency: the same sheets as an analysis, with room for data still to come."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from xl_qbs.efficiency.analysis import MODELS, Given, Options, analyse
from xl_qbs.efficiency.option_checks import check_options
from xl_qbs.errors import ArgumentError
from xl_qbs.sheets.efficiency.book import efficiency_book
from xl_qbs.sheets.efficiency.plan import Plan, room_for
from xl_qbs.sheets.model import Book, Label, Language
from xl_qbs.workbook.template_file import write_template

PROVIDERS = 500
# With fewer rows than that not every model could ever be used: the frontier needs 5 providers.
FEWEST_ROWS, MOST_PROVIDERS = 5, 20_000
# Quality from 0 to 100, and spending.
_STAND_IN = np.array([[20, 1.2], [35, 0.9], [40, 1.1], [55, 1.0], [70, 0.8], [90, 1.05]])
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
    if not FEWEST_ROWS <= providers <= MOST_PROVIDERS:
        raise ArgumentError(f"providers == {providers}, must be from {FEWEST_ROWS} to {MOST_PROVIDERS:,}")
    check_options(options, MODELS)
    # Numbers and options that every model can use give the sheets their form; none of them is written.
    form = Options(cost_is="spending", value=1.0)
    size = min(providers, len(_STAND_IN))
    plan = Plan(
        analysis=analyse(Given(*_STAND_IN[:size].T), form, linear_programs=False),
        providers=tuple(f"P{row}" for row in range(1, size + 1)),
        room=room_for(providers, open_room=True),
        empty=True,
        shown_options=options,
    )
    return efficiency_book(plan, language)
