"""Builds the templates beside this file: ``python templates/build.py``.

Building again gives the same bytes. What each file is stands in README.md.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from xl_qbs.efficiency.analysis import Options
from xl_qbs.examples import example
from xl_qbs.scheme import Scheme, preset
from xl_qbs.scoring.method import Method
from xl_qbs.sheets.model import Language
from xl_qbs.workbook.efficiency_template import make_efficiency_template
from xl_qbs.workbook.equity_template import EquityRequest, make_equity_template
from xl_qbs.workbook.read import read_workbook
from xl_qbs.workbook.scheme_file import read_weights_file
from xl_qbs.workbook.template import Request, make_template

LANGUAGES: tuple[Language, ...] = ("en", "et")
# The indicator that the report's four providers are followed by.
FOLLOWED = "diab"
FOUR_LISTS = 10
# What provider B of the report, at 40 of 98, might plan.
PLANNED = {FOLLOWED: 60.0}


def main(folder: Path) -> None:
    """Build every template into the folder."""
    for language in LANGUAGES:
        make_template(Request(), folder / f"qbs_template_{language}.xlsx", language=language)
        make_efficiency_template(
            folder / f"efficiency_template_{language}.xlsx", options=Options(cost_is="spending"), language=language
        )
        make_equity_template(EquityRequest(), folder / f"equity_template_{language}.xlsx", language=language)
        make_template(four_providers(), folder / f"qbs_four_providers_{language}.xlsx", language=language)


def four_providers() -> Request:
    """Return the report's Tables 1 to 4: its scheme, its weights, and its four providers in two years.

    Tables 3 and 4 follow one indicator; the other ten of Table 1 stand in the scheme but are not in use.
    """
    scheme = weighed()
    used = scheme.only([FOLLOWED])
    idle = {place: one for place, one in enumerate(scheme.indicators) if one.code != FOLLOWED}
    last_year, this_year = (
        read_workbook(example(name), used) for name in ("four_providers.xlsx", "four_providers_next_year.xlsx")
    )
    return Request(
        scheme=used,
        lists=FOUR_LISTS,
        table=this_year,
        last_year=last_year,
        method=Method(weights="own"),
        idle=idle,
        provider="B",
        planned=PLANNED,
    )


def weighed() -> Scheme:
    """Return the preset with the report's principal-component weights (Table 2) as the scheme's own."""
    scheme = preset("qbs-2018")
    weights = read_weights_file(example("pc_weights_2018.csv"), scheme)
    return replace(scheme, indicators=tuple(replace(one, weight=weights[one.code]) for one in scheme.indicators))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
