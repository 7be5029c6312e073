"""The charts that only a template has: two years, who gains by size, and any one indicator."""

from __future__ import annotations

import numpy as np

from xl_qbs.scoring.table import Array
from xl_qbs.sheets.address import cell_name, quoted
from xl_qbs.sheets.charts_sheet import LIMIT, LISTS, MIDDLE, OLD, coverage_scatter, most_points, pair
from xl_qbs.sheets.formula import resolve
from xl_qbs.sheets.frame import FIRST_ROW, HEADING_ROW, indicator_names, texts
from xl_qbs.sheets.look import DARK
from xl_qbs.sheets.model import Book, Chart, Label, Series, Sheet, Validation
from xl_qbs.sheets.run import CHARTS
from xl_qbs.sheets.template.plan import BEFORE, Plan

_BETTER = "548235"


def add_more_chart_data(book: Book, sheet: Sheet, plan: Plan) -> None:
    """Add the numbers of these charts to the sheet of chart data, on its right."""
    column = sheet.last_column + 2
    column = _add_pick(book, sheet, plan, column) + 1
    if plan.before is not None:
        _add_years(book, sheet, plan, column)


def more_figures(book: Book, plan: Plan) -> list[Chart]:
    """Return the large charts, in the order in which they follow those of every book."""
    figures = [_shares(book), _gains(book), _picked(book, plan)]
    return [*_two_years(book, plan), *figures] if plan.before is not None else figures


def add_pick_cell(book: Book, sheet: Sheet, plan: Plan) -> None:
    """Add the cell at the top of the charts in which the number of an indicator is typed, for one of them."""
    room = plan.run.room
    _, names = indicator_names(book, plan.run.result.scheme)
    asked = Label(
        "Chart of any one indicator: type its row in the scheme, from 1",
        "Ühe indikaatori joonis: sisestage tema rida skeemis, alates 1",
    )
    book.write(sheet, (4, 1), [[asked]], "label")
    pick = book.add(sheet, "pick", (4, 8), np.array([room.taken[0] + 1.0]), kind="input", format="count")
    refusal = "A number of the scheme's rows. / Skeemi rea number."
    sheet.validations.append(Validation(cell_name(4, pick.column), "whole", "1", str(room.indicators), refusal=refusal))
    number = "INDEX({chart_no:all},{pick})"
    name = f'IF(ISNUMBER({number}),INDEX({{chart_name:all}},{number}),"")'
    book.add(sheet, "picked_name", (4, 9), texts([names[0]]), name, kind="label", format="text")


def _picked(book: Book, plan: Plan) -> Chart:
    """Return the chart of the indicator that is picked; its cell stands at a fixed place of the sheet of charts."""
    _, names = indicator_names(book, plan.run.result.scheme)
    rows = most_points(plan.run)
    points = resolve(book, "picked_target", rows=rows), resolve(book, "picked_coverage", rows=rows)
    line = resolve(book, "picked_line_x"), resolve(book, "picked_line_y")
    asked = Label("Any one indicator, by the number typed above", "Üks indikaator, ülal sisestatud numbri järgi")
    chart = coverage_scatter(book, book.say(asked), points, line)
    return chart._replace(title=names[0], title_at=f"{quoted(book.sheet_name(CHARTS))}!$I$4")


def _add_pick(book: Book, sheet: Sheet, plan: Plan, column: int) -> int:
    """Add one indicator's points, by the number that is typed on the sheet of charts."""
    run, room = plan.run, plan.run.room
    result = run.result
    place = int(room.taken[0])
    title = Label("The indicator that was picked", "Valitud indikaator")
    book.write(sheet, (HEADING_ROW - 1, column), [[title]], "label")
    heads = [Label("Target population", "Sihtrühm"), Label("Coverage", "Hõlmatus")]
    book.write(sheet, (HEADING_ROW, column), [heads], "heading")
    for step, key in enumerate(("target", "coverage")):
        values = book.block(f"chart_{key}").values[:, place]
        number_format = "count" if key == "target" else "share"
        picked_cell = f"INDEX({{chart_{key}:row}},1,{{pick}})"
        formula = f"IF(ISNUMBER({picked_cell}),{picked_cell},{{outside}})"
        at = (FIRST_ROW, column + step)
        book.add(sheet, f"picked_{key}", at, values, formula, format=number_format)  # type: ignore[arg-type]
    ends: list[Label | str] = [Label("Line: x", "Joon: x"), Label("Line: y", "Joon: y"), Label("No.", "Nr")]
    book.write(sheet, (HEADING_ROW, column + 2), [ends], "heading")
    reach = np.array([0.0, result.table.target[:, 0].max()])
    book.add(sheet, "picked_end", (FIRST_ROW, column + 4), np.array([0.0, 1.0]))
    line_x = "{picked_end}*MAX({picked_target:all},0)"
    book.add(sheet, "picked_line_x", (FIRST_ROW, column + 2), reach, line_x, format="count")
    required = np.full(2, result.scheme.required_coverage[0])
    found = "INDEX({required:all},{pick})"
    book.add(
        sheet, "picked_line_y", (FIRST_ROW, column + 3), required, f"IF(ISNUMBER({found}),{found},0)", format="percent"
    )
    return column + 5


def _add_years(book: Book, sheet: Sheet, plan: Plan, column: int) -> None:
    """Add each list's current score in both years, apart for those that rose and those that fell."""
    room = plan.run.room
    outside = float(book.block("outside").values[0, 0])
    now = room.by_list(plan.run.result.current.total)
    last = book.block("last_current").values[:, 0].astype(float)
    known = np.isfinite(last)
    rose = known & (now >= last)
    title = Label("Current score in two years", "Kehtiv skoor kahel aastal")
    book.write(sheet, (HEADING_ROW - 1, column), [[title]], "label")
    heads = [
        Label("Last year", "Eelmisel aastal"),
        Label("This year, not lower", "Tänavu, mitte madalam"),
        Label("This year, lower", "Tänavu, madalam"),
    ]
    book.write(sheet, (HEADING_ROW, column), [heads], "heading")
    columns: list[tuple[str, Array, str]] = [
        ("year_x", np.where(known, last, outside), "IF(ISNUMBER({last_current}),{last_current},{outside})"),
        (
            "year_up",
            np.where(rose, now, outside),
            "IF(ISNUMBER({last_current}),IF({chart_current_score}>={last_current},{chart_current_score},{outside}),{outside})",
        ),
        (
            "year_down",
            np.where(known & ~rose, now, outside),
            "IF(ISNUMBER({last_current}),IF({chart_current_score}<{last_current},{chart_current_score},{outside}),{outside})",
        ),
    ]
    for step, (key, values, formula) in enumerate(columns):
        book.add(sheet, key, (FIRST_ROW, column + step), values, formula, format="score")
    column += 4
    assert plan.before is not None  # noqa: S101  (the caller has asked)
    lower, upper = (book.block(key).values[:, 0].astype(float) for key in ("bin_lower", "bin_upper"))
    before = plan.before.result.current.total
    inside = np.array([float(((before >= a) & (before < b)).sum()) for a, b in zip(lower, upper, strict=True)])
    book.write(
        sheet, (HEADING_ROW, column), [[Label("Lists by score, last year", "Nimistuid skoori järgi, mullu")]], "heading"
    )
    scores = f"{{{BEFORE}current_score:all}}"
    formula = f"SUMPRODUCT(({scores}>={{bin_lower}})*({scores}<{{bin_upper}}))"
    book.add(sheet, "bin_before", (FIRST_ROW, column), inside, formula, format="count")
    book.write(sheet, (HEADING_ROW, column + 1), [[Label("Ends of the diagonal", "Diagonaali otsad")]], "heading")
    book.add(sheet, "diagonal_from", (FIRST_ROW, column + 1), np.array([0.0]), format="count")
    most = np.array([plan.run.result.scheme.total])
    book.add(sheet, "diagonal_to", (FIRST_ROW + 1, column + 1), most, "{total}", format="count")


def _two_years(book: Book, plan: Plan) -> list[Chart]:
    """Return Figure 2: current scores in two years, as points against the diagonal and as lines."""
    say, rows = book.say, most_points(plan.run)
    x = resolve(book, "year_x", rows=rows)
    ends = pair(resolve(book, "diagonal_from"), resolve(book, "diagonal_to"))
    bins = resolve(book, "bin_lower")
    points = Chart(
        kind="scatter",
        title=say(Label("Current score, last year and this year", "Kehtiv skoor, mullu ja tänavu")),
        x_title=say(Label("Last year", "Eelmisel aastal")),
        y_title=say(Label("This year", "Sel aastal")),
        y_format="0",
        y_range=(0.0, None),
        x_range=(0.0, None),
        description=say(
            Label(
                "A point a list: current score last year across, this year up; on the line it stayed the same.",
                "Iga nimistu on punkt: kehtiv skoor mullu ja tänavu; joonel on need, mis jäid samaks.",
            )
        ),
        series=(
            Series(
                say(Label("Not lower", "Mitte madalam")), resolve(book, "year_up", rows=rows), x, "markers", _BETTER
            ),
            Series(say(Label("Lower", "Madalam")), resolve(book, "year_down", rows=rows), x, "markers", LIMIT),
            Series(say(Label("The same", "Sama")), ends, ends, "line", "7F7F7F"),
        ),
    )
    lines = Chart(
        kind="scatter",
        title=say(Label("Distribution of the current score in two years", "Kehtiva skoori jaotus kahel aastal")),
        x_title=say(Label("Score, from", "Skoor, alates")),
        y_title=say(LISTS),
        y_format="0",
        y_range=(0.0, None),
        x_range=(0.0, None),
        description=say(
            Label(
                "Number of lists by current score in steps, a line for each of the two years.",
                "Nimistute arv kehtiva skoori astmete kaupa, joon kummagi aasta kohta.",
            )
        ),
        series=(
            Series(say(Label("Last year", "Eelmisel aastal")), resolve(book, "bin_before"), bins, "line", OLD),
            Series(say(Label("This year", "Sel aastal")), resolve(book, "bin_current"), bins, "line", DARK),
        ),
    )
    return [points, lines]


def _shares(book: Book) -> Chart:
    say = book.say
    groups = resolve(book, "group_from")
    return Chart(
        kind="column",
        title=say(Label("Mean score by eligible patients", "Keskmine skoor sihtrühma suuruse järgi")),
        x_title=say(Label("Eligible patients, from", "Sihtrühm alates")),
        x_format="#,##0",
        y_title=say(Label("Of the maximum", "Osa maksimumist")),
        y_format="0%",
        y_range=(0.0, 1.0),
        description=say(
            Label(
                "Columns for five groups of lists by eligible patients: mean current and need-adjusted score.",
                "Tulbad viie rühma kohta sihtrühma järgi: keskmine kehtiv ja vajaduspõhine skoor.",
            )
        ),
        series=(
            Series(say(Label("Current", "Kehtiv")), resolve(book, "group_current"), groups, color=OLD),
            Series(say(Label("Need-adjusted", "Vajaduspõhine")), resolve(book, "group_need"), groups, color=DARK),
        ),
    )


def _gains(book: Book) -> Chart:
    say = book.say
    groups = resolve(book, "group_from")
    return Chart(
        kind="column",
        title=say(Label("Who gains and who loses places", "Kes võidab ja kes kaotab kohti")),
        x_title=say(Label("Eligible patients, from", "Sihtrühm alates")),
        x_format="#,##0",
        y_title=say(LISTS),
        description=say(
            Label(
                "Columns for five groups of lists by eligible patients: how many gain and how many lose places "
                "under the need-adjusted score.",
                "Tulbad viie rühma kohta sihtrühma järgi: mitu nimistut vajaduspõhise skooriga kohti võidab ja kaotab.",
            )
        ),
        series=(
            Series(say(Label("Gain", "Võidab")), resolve(book, "group_gains"), groups, color=_BETTER),
            Series(say(Label("Lose", "Kaotab")), resolve(book, "group_loses"), groups, color=MIDDLE),
        ),
    )
