"""The sheet of next steps: what one more patient earns each list, indicator by indicator, and its best steps ranked."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xl_qbs.scoring.improvement import SCORE_NAMES
from xl_qbs.scoring.ranks import SCORE_DECIMALS
from xl_qbs.scoring.score import Result
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.diagnosis.columns import GROUP_ROW, Column, add_columns, begin_rows, part
from xl_qbs.sheets.diagnosis.plan import NEXT_STEPS, Plan
from xl_qbs.sheets.frame import indicator_names, texts
from xl_qbs.sheets.model import Book, Format, Label, Sheet
from xl_qbs.sheets.statement.fund import Next, next_patients

_LIST = Label("List", "Nimistu")
# What nobody can earn, where nobody is left to serve; below anything that can be earned.
_NOBODY = -1.0
NEED, PROPORTIONAL, CURRENT = (float(place + 1) for place in range(len(SCORE_NAMES)))


class Steps(NamedTuple):
    """Where the next patient counts, for N lists and k indicators; NaN where nobody is left to serve.

    Attributes:
        next: points for one more patient under each score, patients missing, and need-adjusted points in reach.
        points: points for one more patient by the score that steps are ranked by, rounded as ranking needs it;
            -1 where nobody is left, shape (N, k).
        reach: points in reach by that score, likewise.
        place: place of the indicator among the list's steps, from 1, shape (N, k).
    """

    next: Next
    points: Array
    reach: Array
    place: Array


def steps_of(plan: Plan) -> Steps:
    """Return the next steps of all lists, ranked as `xl_qbs.scoring.improvement.next_steps` does for one."""
    result, found = plan.result, next_patients(plan.result)
    chosen = {
        "need-adjusted": (found.need, found.potential),
        "proportional": (found.proportional, _left_of(result)),
        "current": (found.current, np.where(found.missing > 0, np.array(result.scheme.points), 0.0)),
    }
    points, reach = chosen[plan.steps_by]
    left = result.table.target > result.table.counted
    gain = np.where(left, np.round(points, SCORE_DECIMALS), _NOBODY)
    rest = np.where(left, np.round(reach, SCORE_DECIMALS), _NOBODY)
    order = np.lexsort((-rest, -gain), axis=1)
    place = np.empty(gain.shape)
    np.put_along_axis(place, order, np.broadcast_to(np.arange(1.0, gain.shape[1] + 1), gain.shape), axis=1)
    return Steps(found, gain, rest, np.where(left, place, np.nan))


def _left_of(result: Result) -> Array:
    """Return the points that are in reach under proportional credit."""
    return np.array(result.scheme.points) - result.proportional.points


def add_next_steps(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of next steps; the scores and the parameters must stand already."""
    result = plan.result
    found = steps_of(plan)
    sheet = begin_rows(
        book,
        NEXT_STEPS,
        Label("Where the next patient counts", "Kus loeb järgmine patsient"),
        Label(
            "Each list's indicators by points for one more patient. It ranks points, not whom to treat first.",
            "Iga nimistu indikaatorid ühe lisapatsiendi punktide järgi. See on punktide, mitte ravi järjekord.",
        ),
        Column("step_provider", _LIST, texts(result.table.providers), "{provider}", format="text"),
        tab="BF8F00",
        width=18,
    )
    book.write(sheet, (GROUP_ROW - 1, 1), [[Label("Ranked by the score (see parameters)",
               "Järjestatud skoori järgi (vt parameetrid)")]], "label")  # fmt: skip
    book.add(sheet, "steps_ranked_by", (GROUP_ROW - 1, 3), texts([book.say(_by(plan))]), _by_formula(book),
             kind="output", format="text")  # fmt: skip
    sheet.default_width, sheet.scale = 12.5, 64
    shown = min(plan.steps, len(result.scheme.codes))
    # The blocks are described first, since the summary in front of them refers to them.
    width = 2 + 5 * shown
    column = _add_blocks(book, sheet, plan, found, 1 + width)
    _add_places(book, sheet, found, shown, column)
    _add_summary(book, sheet, plan, found, shown)
    return sheet


def _by(plan: Plan) -> Label:
    return _NAMES[SCORE_NAMES.index(plan.steps_by)]


_NAMES = (
    Label("need-adjusted", "vajaduspõhine"),
    Label("proportional", "osaline"),
    Label("current", "kehtiv"),
)


def _by_formula(book: Book) -> str:
    names = ",".join(f'"{book.say(name)}"' for name in _NAMES)
    return f"CHOOSE({{steps_by}},{names})"


def _add_blocks(book: Book, sheet: Sheet, plan: Plan, found: Steps, column: int) -> int:
    """Add points and patients indicator by indicator, and return the first column behind them."""
    result, next_ = plan.result, found.next
    _, names = indicator_names(book, result.scheme)
    left = result.table.target - result.table.counted
    some = 'IF({step_left}>0,%s,"")'
    one_more = (
        "{proportional_points_row}*MAX(0,MIN(1,(({done}+1)/{target}-{lower_limit})/({upper_limit}-{lower_limit})))"
        "-{proportional_points}"
    )
    gain = "CHOOSE({steps_by},{step_need},{step_proportional},{step_current})"
    reach = (
        "CHOOSE({steps_by},{step_potential},{proportional_points_row}-{proportional_points},"
        "IF({step_missing}>0,{points_row},0))"
    )
    blocks: list[tuple[str, Label, Array, str, Format]] = [
        ("step_left", Label("Patients left to serve", "Teenindamata patsiente"), left, "{target}-{done}", "count"),
        ("step_missing", Label("Patients missing to the required coverage", "Nõutavast hõlmatusest puudu patsiente"),
         next_.missing, 'IF({target}>0,MAX(0,0-INT(0-({required_row}*{target}-{threshold_guard}))-{done}),"")',
         "count"),
        ("step_need", Label("Need-adjusted points for one more", "Vajaduspõhiseid punkte ühe lisapatsiendi eest"),
         next_.need, some % "IF(ISNUMBER({strength_row}),{weight_row}/({target}+{strength_row}),0)", "share"),
        ("step_proportional", Label("Proportional points for one more", "Osalisi punkte ühe lisapatsiendi eest"),
         next_.proportional, some % one_more, "share"),
        ("step_current", Label("Current points for one more", "Kehtivaid punkte ühe lisapatsiendi eest"),
         next_.current, some % "IF({step_missing}=1,{points_row},0)", "points"),
        ("step_potential",
         Label("Need-adjusted points if all were served", "Vajaduspõhiseid punkte, kui teenida kõiki"),
         next_.potential, some % "{step_need}*{step_left}", "points"),
        ("step_points", Label("One more, by the score ranked by; -1: nobody left",
                              "Ühe eest järjestuse skooris; -1: kedagi pole jäänud"), found.points,
         f"IF({{step_left}}>0,ROUND({gain},{{score_decimals}}),0-1)", "share"),
        ("step_reach", Label("In reach, by the score ranked by; -1: nobody left",
                             "Võita järjestuse skooris; -1: kedagi pole jäänud"), found.reach,
         f"IF({{step_left}}>0,ROUND({reach},{{score_decimals}}),0-1)", "points"),
    ]  # fmt: skip
    for key, label, values, formula, shown in blocks:
        column = add_columns(book, sheet, column, [Column(key, names, values, formula, format=shown)], label)
        sheet.breaks.append(column - 1)
    return column


def _add_places(book: Book, sheet: Sheet, found: Steps, shown: int, column: int) -> None:
    """Add the place of each indicator among the list's steps, and in which column each of the first ones stands."""
    names = book.block("step_left").columns
    heads = book.block("step_points")
    numbers = np.arange(1.0, names + 1).reshape(1, -1)
    after = column + names
    book.write(sheet, (GROUP_ROW - 1, column), [[Label("Place among the list's steps", "Koht nimistu sammude seas")]],
               "label")  # fmt: skip
    book.add(sheet, "step_number", (GROUP_ROW, column), numbers, kind="calculation", format="count")
    same = "({step_points:row}={step_points})"
    place = (
        "IF({step_left}>0,1+SUMPRODUCT(--({step_points:row}>{step_points}))"
        f"+SUMPRODUCT({same}*({{step_reach:row}}>{{step_reach}}))"
        f'+SUMPRODUCT({same}*({{step_reach:row}}={{step_reach}})*({{step_number:row}}<{{step_number}})),"")'
    )
    titles = [block for block in sheet.blocks if block.row == heads.row - 1 and block.column == heads.column]
    add_columns(book, sheet, column, [Column("step_place", titles[0].values[0].tolist(), found.place, place)])
    sheet.breaks.append(after - 1)
    steps = np.arange(1.0, shown + 1).reshape(1, -1)
    book.write(sheet, (GROUP_ROW - 1, after), [[Label("Which indicator is which step", "Mitmes indikaator on samm")]],
               "label")  # fmt: skip
    book.add(sheet, "step_no", (GROUP_ROW, after), steps, kind="calculation", format="count")
    which = _which(found.place, shown)
    heads_of_steps = [Label(f"Step {number}", f"Samm {number}") for number in range(1, shown + 1)]
    formula = 'IF({step_no}<=COUNT({step_place:row}),MATCH({step_no},{step_place:row},0),"")'
    add_columns(book, sheet, after, [Column("step_at", heads_of_steps, which, formula)])
    for number in range(shown):
        part(book, f"step_at_{number}", "step_at", number)


def _which(place: Array, shown: int) -> Array:
    """Return the number of the indicator that is each list's first, second and so on step, shape (N, shown)."""
    which = np.full((len(place), shown), np.nan)
    for number in range(shown):
        row, column = np.nonzero(place == number + 1)
        which[row, number] = column + 1.0
    return which


def _add_summary(book: Book, sheet: Sheet, plan: Plan, found: Steps, shown: int) -> None:
    """Add the best steps of each list, in front of what they are taken from."""
    which_names, names = indicator_names(book, plan.result.scheme)
    which = _which(found.place, shown)
    left = plan.result.table.target - plan.result.table.counted
    steps = (~np.isnan(found.place)).sum(axis=1)
    column = add_columns(
        book,
        sheet,
        2,
        [Column("steps_open", Label("Indicators with patients left", "Indikaatoreid, kus jagub patsiente"), steps,
                "COUNT({step_place:row})")],
    )  # fmt: skip
    taken: list[tuple[str, Label, Array, Format]] = [
        ("points", Label("Points for one more", "Punkte ühe eest"), found.points, "share"),
        ("missing", Label("Missing to the required coverage", "Nõutavast puudu"), found.next.missing, "count"),
        ("left", Label("Left to serve", "Teenindamata"), left, "count"),
        ("reach", Label("Points in reach", "Punkte võita"), found.reach, "points"),
    ]
    for number in range(shown):
        at = which[:, number]
        there = ~np.isnan(at)
        index = np.where(there, at - 1, 0).astype(int)
        named = texts(names[one] if ok else "" for one, ok in zip(index.tolist(), there.tolist(), strict=True))
        open_ = f'IF(ISNUMBER({{step_at_{number}}}),%s,"")'
        columns = [
            Column(f"step{number}_name", Label("Indicator", "Indikaator"), named,
                   open_ % f'INDEX({{{which_names}:all}},{{step_at_{number}}},1)&""', "output", "text"),
            *[
                Column(f"step{number}_{key}", label,
                       np.where(there, np.take_along_axis(values, index[:, None], axis=1)[:, 0], np.nan),
                       open_ % f"INDEX({{step_{key}:row}},1,{{step_at_{number}}})", format=shown_as)
                for key, label, values, shown_as in taken
            ],
        ]  # fmt: skip
        sheet.widths[column] = 40
        column = add_columns(book, sheet, column, columns, Label(f"Step {number + 1}", f"Samm {number + 1}"))
        if number + 1 == shown or number % 2 == 1:
            sheet.breaks.append(column - 1)
