"""The tables of a statement, a row an indicator: counts, need-adjusted coverage, and the next patient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xl_qbs.scoring.ranks import SCORE_DECIMALS
from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.frame import indicator_names, strength_cell, texts
from xl_qbs.sheets.model import Book, Format, Kind, Label, Mark, Sheet
from xl_qbs.sheets.statement.fund import Fund

# The last printed column, and the first of those that the sheet needs and nobody prints.
LAST, HELP = 14, 17
# Below all points, where nobody is left to serve: a text would be above them.
_NOBODY = -1.0
# Longer names are cut off; the code beside them says which indicator it is.
LONGEST_NAME = 56
YES, NO = Label("yes", "jah"), Label("no", "ei")


class Column(NamedTuple):
    """A column of a table of indicators.

    Attributes:
        key: name of its block.
        label: its heading.
        rule: how it follows, in the symbols of the page.
        values: its values, shape (k,).
        formula: the pattern; None for what is taken over or stated.
        format: how numbers are shown.
        kind: what the cells are.
        total: the pattern of what stands in the row of totals; ``sum`` for the sum.
    """

    key: str
    label: Label
    rule: str | Label
    values: NDArray[Any]
    formula: str | None
    format: Format
    kind: Kind = "calculation"
    total: str = ""


class Group(NamedTuple):
    """A heading over several columns, from one to another."""

    left: int
    right: int
    label: Label


def add_counts(book: Book, sheet: Sheet, fund: Fund, row: int, top: int) -> int:
    """Add what was counted and what follows for the score in force and the proportional one.

    Returns:
        The first row behind the table.
    """
    result, ahead = fund.result, fund.next
    yes, no = book.say(YES), book.say(NO)
    table, scheme, method = result.table, result.scheme, result.method
    target, counted = table.target[row], table.counted[row]
    missing = ahead.missing[row]
    reached = texts("" if np.isnan(one) else (no if one > 0 else yes) for one in missing)
    plain = method.lower_limit == 0 and method.upper_limit == 1
    columns = [
        Column("target", Label("Target", "Sihtrühm"), "n", target, None, "count", "link", "sum"),
        Column("reported", Label("Done, reported", "Tehtud, esitatud"), "d", table.done[row], None, "count",
               "link", "sum"),
        Column("done", Label("Done, counted", "Tehtud, loetud"), "x=min(d,n)", counted,
               "IF({reported}>{target},{target},{reported})", "count", "calculation", "sum"),
        Column("left", Label("Left to do", "Teha jäänud"), "n−x", target - counted, "{target}-{done}", "count",
               "calculation", "sum"),
        Column("coverage", Label("Coverage", "Hõlmatus"), "c=x/n", result.coverage[row],
               'IF({target}>0,{done}/{target},"")', "percent1", "output",
               'IF({target_total}>0,{done_total}/{target_total},"")'),
        Column("required", Label("Required", "Nõutav"), "r", np.array(scheme.required_coverage), None, "percent",
               "input"),
        Column("needed", Label("Patients for it", "Selleks vaja"), "⌈r·n⌉", ahead.needed[row],
               'IF({target}>0,MAX(0,-INT(-({required}*{target}-{threshold_guard}))),"")', "count"),
        Column("missing", Label("Still missing", "Veel puudu"), "⌈r·n⌉−x", missing,
               'IF({target}>0,MAX(0,{needed}-{done}),"")', "count"),
        Column("reached", Label("Reached", "Käes"), "x≥r·n", reached,
               f'IF(ISNUMBER({{missing}}),IF({{missing}}=0,"{yes}","{no}"),"")', "text", "check"),
        Column("points", Label("Points there are", "Punkte kokku"), "p", np.array(scheme.points), None, "points",
               "input", "sum"),
        Column("current_points", Label("Current", "Kehtiv"), Label("p or 0", "p või 0"), result.current.points[row],
               "IF({target}>0,IF({done}+{threshold_guard}>={required}*{target},{points},0),0)", "points", "output",
               "sum"),
        Column("proportional_points", Label("Pro rata", "Osaline"), "p·c" if plain else "p·s",
               result.proportional.points[row],
               "IF({target}>0,{points}*MAX(0,MIN(1,({coverage}-{lower_limit})/({upper_limit}-{lower_limit}))),0)",
               "points", "output", "sum"),
    ]  # fmt: skip
    groups = [
        Group(3, 6, Label("Patients", "Patsiendid")),
        Group(7, 11, Label("Coverage and what is required", "Hõlmatus ja nõutav")),
        Group(12, 14, Label("Points", "Punktid")),
    ]
    title = Label("1. What was counted", "1. Mida loeti")
    after = _add_table(book, sheet, fund, top, title, "", groups, columns)
    reach = f"K{after - len(target)}:K{after - 1}"
    first = reach.partition(":")[0]
    sheet.marks += [Mark(reach, f'${first}="{yes}"', "good"), Mark(reach, f'${first}="{no}"', "bad")]
    return after


def add_need(book: Book, sheet: Sheet, fund: Fund, row: int, top: int) -> int:
    """Add coverage adjusted for need, from the counts and the prior, and the points; return the row behind."""
    result = fund.result
    prior = result.prior
    target, counted = result.table.target[row], result.table.counted[row]
    finite = np.isfinite(prior.strength)
    strength = np.where(finite, prior.strength, 0.0)
    alpha = "{done}+{strength}*{mean}"
    beta = "{target}-{done}+{strength}*(1-{mean})"

    def end(tail: str) -> str:
        return (
            f"IF(ISNUMBER({{strength}}),IF({{shared}}>0,IF({alpha}<=0,0,IF({beta}<=0,1,"
            f"BETAINV({{{tail}}},{alpha},{beta}))),{{mean}}),{{mean}})"
        )

    columns = [
        Column("target_again", Label("Target", "Sihtrühm"), "n", target, "{target}", "count"),
        Column("done_again", Label("Done, counted", "Tehtud, loetud"), "x", counted, "{done}", "count"),
        Column("mean", Label("Prior mean", "Eeljaot. keskmine"), "m", prior.mean, None, "share", "input"),
        Column("strength", Label("Prior strength", "Eeljaot. kaal"), "M",
               np.array([strength_cell(book, one) for one in prior.strength.tolist()], dtype=object), None, "share",
               "input"),
        Column("credited", Label("Done and prior", "Tehtud ja eeljaot."), "u=x+M·m",
               np.where(finite, counted + strength * prior.mean, np.nan),
               f'IF(ISNUMBER({{strength}}),{alpha},"")', "share"),
        Column("shared", Label("Target and prior", "Siht. ja eeljaot."), "v=n+M",
               np.where(finite, target + strength, np.nan), 'IF(ISNUMBER({strength}),{target}+{strength},"")',
               "share"),
        Column("adjusted", Label("Adjusted coverage", "Kohand. hõlmatus"), "a=u/v", result.adjusted[row],
               "IF(ISNUMBER({strength}),IF({shared}>0,{credited}/{shared},{mean}),{mean})", "percent1", "output"),
        Column("low", Label("Interval: low", "Alumine piir"), "Beta", result.interval.low[row], end("lower_tail"),
               "percent1"),
        Column("high", Label("Interval: high", "Ülemine piir"), "(u, v−u)", result.interval.high[row],
               end("upper_tail"), "percent1"),
        Column("reliability", Label("Own part", "Oma osa"), "n/v", result.reliability[row],
               "IF(ISNUMBER({strength}),IF({target}>0,{target}/{shared},0),0)", "percent"),
        Column("weight", Label("Weight: most", "Kaal: suurim"), "w", result.weights, None, "points", "input", "sum"),
        Column("need_points", Label("Need-adjusted", "Vajadus-põhine"), "w·a",
               result.need_adjusted.points[row], "{weight}*{adjusted}", "points", "output", "sum"),
    ]  # fmt: skip
    groups = [
        Group(3, 4, Label("From table 1", "Tabelist 1")),
        Group(5, 6, Label("All lists' prior", "Kõigi eeljaotus")),
        Group(7, 12, Label("Coverage adjusted for need", "Vajaduse järgi kohandatud hõlmatus")),
        Group(13, 14, Label("Points", "Punktid")),
    ]
    title = Label("2. How it is adjusted for need", "2. Kuidas arvestatakse vajadust")
    return _add_table(book, sheet, fund, top, title, "need_", groups, columns)


def add_next(book: Book, sheet: Sheet, fund: Fund, row: int, top: int) -> int:
    """Add where the next patient counts and the place among the lists; return the row behind the table."""
    ahead, method = fund.next, fund.result.method
    quarter = fund.coverage_quartiles
    rate = "IF(ISNUMBER({strength}),{weight}/{shared},0)"
    one_more = (
        "{points}*MAX(0,MIN(1,(({done}+1)/{target}-{lower_limit})/({upper_limit}-{lower_limit})))-{proportional_points}"
    )

    def left(formula: str) -> str:
        return f'IF({{left}}>0,{formula},"")'

    first_later = "SUMPRODUCT(({gain_key:all}={gain_key})*"
    order = (
        'IF({gain_key}<0,"",1+SUMPRODUCT(--({gain_key:all}>{gain_key}))'
        f"+{first_later}({{potential_key:all}}>{{potential_key}}))"
        f"+{first_later}({{potential_key:all}}={{potential_key}})*({{number:all}}<{{number}})))"
    )
    plain = method.lower_limit == 0 and method.upper_limit == 1
    columns = [
        Column("more_current", Label("Current", "Kehtiv"), Label("p or 0", "p või 0"), ahead.current[row],
               left("IF({missing}=1,{points},0)"), "points"),
        Column("more_proportional", Label("Pro rata", "Osaline"), "p/n" if plain else "Δ p·s",
               ahead.proportional[row], left(one_more), "share"),
        Column("more_need", Label("Need-adjusted", "Vajadus-põhine"), "w/v", ahead.need[row], left(rate), "share",
               "output"),
        Column("potential", Label("If all are served", "Kui kõik tehtud"), "w(n−x)/v", ahead.potential[row],
               left("{more_need}*{left}"), "points", "output", "sum"),
        Column("order", Label("Order", "Jrk"), Label("by w/v", "w/v järgi"), ahead.order[row], order,
               "count"),
        Column("place", Label("Place of this list", "Nimistu koht"), Label("by a", "a järgi"), fund.places[row], None,
               "count", "input"),
        *(
            Column(key, label, "a", quarter[:, place], None, "percent", "input")
            for place, (key, label) in enumerate(
                (
                    ("coverage_q1", Label("Lower quartile", "Alumine kvartiil")),
                    ("coverage_q2", Label("Median", "Mediaan")),
                    ("coverage_q3", Label("Upper quartile", "Ülemine kvartiil")),
                )
            )
        ),
    ]  # fmt: skip
    groups = [
        Group(3, 7, Label("Points for one more patient", "Punktid ühe lisapatsiendi eest")),
        Group(8, 11, Label("Among all lists", "Kõigi nimistute seas")),
    ]
    title = Label("3. Where the next patient counts", "3. Kus loeb järgmine patsient")
    after = _add_table(book, sheet, fund, top, title, "next_", groups, columns)
    count = len(fund.result.scheme.codes)
    sheet.marks.append(Mark(f"G{after - count}:G{after - 1}", f"$G{after - count}=1", "good"))
    _add_order(book, sheet, fund, row, after - count)
    return after


def _add_order(book: Book, sheet: Sheet, fund: Fund, row: int, first: int) -> None:
    """Add what the next steps are ordered by, behind what is printed."""
    heads = [
        Label("No.", "Nr"),
        Label("Points, to order", "Punktid järjestamiseks"),
        Label("In reach, to order", "Võita, järjestamiseks"),
        Label("No whole number", "Pole täisarv"),
    ]
    book.write(sheet, (first - 1, HELP), [heads], "heading")
    count = len(fund.result.scheme.codes)
    book.add(sheet, "number", (first, HELP), np.arange(1.0, count + 1), format="count")
    sources = (("gain_key", "more_need", fund.next.need), ("potential_key", "potential", fund.next.potential))
    for place, (key, source, grid) in enumerate(sources, start=HELP + 1):
        values = np.where(np.isnan(grid[row]), _NOBODY, np.round(grid[row], SCORE_DECIMALS))
        formula = f"IF(ISNUMBER({{{source}}}),ROUND({{{source}}},{{score_decimals}}),-1)"
        book.add(sheet, key, (first, place), values, formula, format="share")
    counted = "*".join(f"IF(INT({{{key}}})={{{key}}},IF({{{key}}}<0,0,1),0)" for key in ("target", "reported"))
    book.add(sheet, "not_whole", (first, HELP + len(sources) + 1), np.zeros(count), f"1-{counted}", format="count")


def shown_names(book: Book, fund: Fund) -> list[str]:
    """Return the indicators' names as they are shown: cut off where they are too long for the page."""
    _, names = indicator_names(book, fund.result.scheme)
    return [name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…" for name in names]


def _add_table(
    book: Book,
    sheet: Sheet,
    fund: Fund,
    top: int,
    title: Label,
    prefix: str,
    groups: Sequence[Group],
    columns: Sequence[Column],
) -> int:
    """Add a table of indicators below its headings, and return the first row behind it.

    Rows from the top: title and groups, headings, rules, totals, then a row an indicator.
    """
    book.write(sheet, (top, 1), [[title, ""]], "group")
    sheet.merges.append(f"A{top}:B{top}")
    for group in groups:
        book.write(sheet, (top, group.left), [[group.label, *[""] * (group.right - group.left)]], "group")
        sheet.merges.append(f"{column_letter(group.left)}{top}:{column_letter(group.right)}{top}")
    heads = [Label("Indicator", "Indikaator"), Label("Code", "Kood"), *(one.label for one in columns)]
    book.write(sheet, (top + 1, 1), [heads], "heading")
    sheet.heights[top + 1] = 28
    book.write(sheet, (top + 2, 1), [[Label("how it follows", "kuidas arv tekib"), ""]], "check")
    sheet.merges.append(f"A{top + 2}:B{top + 2}")
    book.write(sheet, (top + 2, 3), [[one.rule for one in columns]], "check")
    book.write(sheet, (top + 3, 1), [[Label("Total", "Kokku")]], "label")
    first = top + 4
    kind: Kind = "calculation" if prefix else "link"
    for place, (key, values) in enumerate((("name", shown_names(book, fund)), ("code", fund.result.scheme.codes)), 1):
        formula = f"{{{key}}}" if prefix else None
        book.add(sheet, f"{prefix}{key}", (first, place), texts(values), formula, kind=kind, format="text")
    for place, one in enumerate(columns, start=3):
        book.add(sheet, one.key, (first, place), one.values, one.formula, kind=one.kind, format=one.format)
    for place, one in enumerate(columns, start=3):
        if one.total:
            _add_total(book, sheet, one, (top + 3, place))
    return first + len(fund.result.scheme.codes)


def _add_total(book: Book, sheet: Sheet, column: Column, at: tuple[int, int]) -> None:
    if column.total == "sum":
        numbers = column.values[~np.isnan(column.values)]
        value: Any = numbers.sum()
        # Nothing is left to gain where nobody is left to serve: the sum of no numbers is 0.
        formula = f"SUM({{{column.key}:all}})"
    else:
        done, target = (book.block(f"{key}_total").values[0, 0] for key in ("done", "target"))
        value, formula = (done / target if target > 0 else ""), column.total
    kind: Kind = "output" if column.kind == "output" else "calculation"
    values = np.array([value], dtype=object)
    book.add(sheet, f"{column.key}_total", at, values, formula, kind=kind, format=column.format)
