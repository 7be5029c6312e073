"""The comparison of the scores: who gains and who loses, by size of list, and from one year to the next."""

from __future__ import annotations

from typing import Any

import numpy as np

from xl_qbs.scoring.ranks import SCORE_DECIMALS
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.frame import FIRST_ROW, HEADING_ROW, begin, mute_unused, texts
from xl_qbs.sheets.model import Book, Format, Kind, Label, Sheet
from xl_qbs.sheets.run import Run
from xl_qbs.sheets.template.compare_ranks import Column, add_correlations, rank_columns
from xl_qbs.sheets.template.plan import BEFORE, COMPARE, Plan

GROUPS = 5
_SUMMARY = 6
_CORRELATIONS = 10  # the column where their table begins, beside that of the groups


def add_compare(book: Book, plan: Plan) -> Sheet:
    """Add the comparison of the current and the need-adjusted score, and of two years where there are two."""
    run = plan.run
    sheet = begin(
        book,
        COMPARE,
        Label("Compare", "Võrdlus"),
        Label(
            "Current against need-adjusted score: places gained or lost, by number of eligible patients.",
            "Kehtiv ja vajaduspõhine skoor: võidetud ja kaotatud kohad sihtrühma suuruse järgi.",
        ),
        tab="C00000",
    )
    sheet.widths = {1: 26}
    sheet.default_width = 13
    sheet.heights |= {HEADING_ROW: 64, _SUMMARY - 1: 48}
    sheet.freeze = f"B{FIRST_ROW}"
    sheet.print_titles = f"$A:$A,${HEADING_ROW}:${HEADING_ROW}"
    room = run.room
    book.write(sheet, (HEADING_ROW, 1), [[Label("List", "Nimistu")]], "heading")
    providers = room.by_list(texts(run.result.table.providers))
    book.add(sheet, "compare_provider", (FIRST_ROW, 1), providers, "{provider}", format="text")
    columns = _scores(run, _groups(run)[1])
    if plan.before is not None:
        columns += _years(run, plan.before)
    # The workings of the correlations stand last, and are not printed.
    printed = max(1 + len(columns), _CORRELATIONS + 4)
    sheet.print_area = f"A1:{column_letter(printed)}{FIRST_ROW + run.room.lists - 1}"
    columns += rank_columns(run)
    for place, one in enumerate(columns, start=2):
        book.write(sheet, (HEADING_ROW, place), [[one.label]], "heading")
        values = room.by_list(one.values)
        book.add(sheet, one.key, (FIRST_ROW, place), values, one.formula, kind=one.kind, format=one.format)
    _add_summary(book, sheet, run)
    add_correlations(book, sheet, run, (_SUMMARY - 2, _CORRELATIONS))
    sheet.filter = f"A{HEADING_ROW}:{column_letter(1 + len(columns))}{FIRST_ROW + room.lists - 1}"
    mute_unused(sheet, room)
    return sheet


def _groups(run: Run) -> tuple[Array, Array]:
    """Return from how many eligible patients each group of lists is, and each list's group from 1."""
    eligible = run.result.table.eligible
    # To whole patients, and the last bits of a percentile first, so that they put no list into another group.
    lower = np.floor(np.round(np.percentile(eligible, np.arange(GROUPS) * 100 / GROUPS), SCORE_DECIMALS) + 0.5)
    lower[0] = 0.0
    return lower, (eligible.reshape(-1, 1) >= lower).sum(axis=1).astype(float)


def _scores(run: Run, group: Array) -> list[Column]:
    result, room = run.result, run.room
    current, need = result.current, result.need_adjusted
    gained = current.rank - need.rank

    def scored(formula: str) -> str:
        return room.guarded(formula, "need_score")

    return [
        Column(
            "compare_eligible",
            Label("Eligible patients", "Sihtrühm kokku"),
            result.table.eligible,
            scored("{eligible}"),
            "count",
        ),
        Column(
            "size_group",
            Label("Group by size", "Suuruse rühm"),
            group,
            scored("SUMPRODUCT(--({group_from:all}<={eligible}))"),
            "count",
        ),
        Column(
            "current_share",
            Label("Current score, of the maximum", "Kehtiv skoor, osa maksimumist"),
            current.total / result.scheme.total,
            scored("{current_score}/{current_most}"),
            "percent1",
        ),
        Column(
            "need_share",
            Label("Need-adjusted score, of the maximum", "Vajaduspõhine skoor, osa maksimumist"),
            need.total / result.weights.sum(),
            scored("{need_score}/{need_most}"),
            "percent1",
        ),
        Column(
            "compare_current", Label("Rank: current", "Koht: kehtiv"), current.rank, scored("{current_rank}"), "count"
        ),
        Column(
            "compare_need",
            Label("Rank: need-adjusted", "Koht: vajaduspõhine"),
            need.rank,
            scored("{need_rank}"),
            "count",
        ),
        Column(
            "gained",
            Label("Places gained", "Võidetud kohti"),
            gained,
            scored("{current_rank}-{need_rank}"),
            "count",
            "output",
        ),
        Column(
            "gains",
            Label("Gains (1 = yes)", "Võidab (1 = jah)"),
            (gained > 0) * 1.0,
            scored("IF({gained}>0,1,0)"),
            "count",
        ),
        Column(
            "loses",
            Label("Loses (1 = yes)", "Kaotab (1 = jah)"),
            (gained < 0) * 1.0,
            scored("IF({gained}<0,1,0)"),
            "count",
        ),
    ]


def _years(run: Run, before: Run) -> list[Column]:
    """Return the columns that follow a list from the year before: adjusted measures only, not totals."""
    now, then = run.result, before.result
    place = {provider: number for number, provider in enumerate(then.table.providers)}
    found = np.array([place.get(provider, -1) for provider in now.table.providers])
    there = found >= 0

    def carried(values: Array) -> Array:
        return np.where(there, values[np.maximum(found, 0)], np.nan)

    def last(key: str) -> str:
        value = f"INDEX({{{BEFORE}{key}:all}},{{last_place}})"
        return f'IF(ISNUMBER({{last_place}}),IF(ISNUMBER({value}),{value},""),"")'

    def change(now_key: str, then_key: str) -> str:
        return f'IF(ISNUMBER({{{now_key}}}),IF(ISNUMBER({{{then_key}}}),{{{now_key}}}-{{{then_key}}},""),"")'

    where = f"MATCH({{provider}},{{{BEFORE}provider:all}},0)"
    relative = carried(then.need_adjusted.relative_rank)
    # Both years on this year's weights, so that only coverage moves the mean.
    share = now.need_adjusted.total / now.weights.sum()
    mean_then = carried(then.adjusted @ now.weights / now.weights.sum())
    mean_of = f"SUMPRODUCT(INDEX({{{BEFORE}adjusted:all}},{{last_place}},0),{{weight_row:all}})/{{weight_total}}"
    return [
        Column(
            "last_place",
            Label("Row last year", "Rida eelmisel aastal"),
            np.where(there, found + 1.0, np.nan),
            # An id with * or ? is looked up as a pattern: what is found has to be the id itself.
            f'IF({{provider}}="","",IF(ISNUMBER({where}),'
            f'IF(INDEX({{{BEFORE}provider:all}},{where})={{provider}},{where},""),""))',
            "count",
        ),
        Column(
            "last_current",
            Label("Current score last year", "Kehtiv skoor eelmisel aastal"),
            carried(then.current.total),
            last("current_score"),
            "score",
        ),
        Column(
            "last_need",
            Label("Need-adjusted score last year", "Vajaduspõhine skoor eelmisel aastal"),
            carried(then.need_adjusted.total),
            last("need_score"),
            "score",
        ),
        Column(
            "last_relative",
            Label("Relative rank last year", "Suhteline koht eelmisel aastal"),
            relative,
            last("need_relative"),
            "percent1",
        ),
        Column(
            "relative_change",
            Label("Relative rank: change", "Suhteline koht: muutus"),
            now.need_adjusted.relative_rank - relative,
            change("need_relative", "last_relative"),
            "percent1",
            "output",
        ),
        Column(
            "last_mean",
            Label("Adjusted coverage last year, weighted", "Kohandatud hõlmatus eelmisel aastal, kaalutud"),
            mean_then,
            f'IF(ISNUMBER({{last_need}}),{mean_of},"")',
            "percent1",
        ),
        Column(
            "mean_change",
            Label("Adjusted coverage: change", "Kohandatud hõlmatus: muutus"),
            share - mean_then,
            change("need_share", "last_mean"),
            "percent1",
            "output",
        ),
    ]


def _add_summary(book: Book, sheet: Sheet, run: Run) -> None:
    result = run.result
    lower, group = _groups(run)
    gained = result.current.rank - result.need_adjusted.rank
    numbers = np.arange(1.0, GROUPS + 1)
    lists = np.array([(group == number).sum() for number in numbers], dtype=float)

    def mean(values: Array) -> Array:
        return np.array([values[group == number].mean() if (group == number).any() else np.nan for number in numbers])

    def mean_of(key: str) -> str:
        return f'IF({{group_lists}}>0,SUMIF({{size_group:all}},{{group_no}},{{{key}:all}})/{{group_lists}},"")'

    def sum_of(key: str) -> str:
        return f"SUMIF({{size_group:all}},{{group_no}},{{{key}:all}})"

    reach = "PERCENTILE({eligible:all},({group_no}-1)/ROWS({group_no:all}))"
    columns: list[tuple[str, Label, Any, str | None, Format]] = [
        ("group_no", Label("Group by size", "Suuruse rühm"), numbers, None, "count"),
        (
            "group_from",
            Label("Eligible patients, from", "Sihtrühm alates"),
            lower,
            f"IF({{group_no}}=1,0,IF({{lists}}>0,ROUND(ROUND({reach},{{score_decimals}}),0),0))",
            "count",
        ),
        ("group_lists", Label("Lists", "Nimistuid"), lists, "COUNTIF({size_group:all},{group_no})", "count"),
        (
            "group_current",
            Label("Current score, mean", "Kehtiv skoor, keskmine"),
            mean(result.current.total / result.scheme.total),
            mean_of("current_share"),
            "percent1",
        ),
        (
            "group_need",
            Label("Need-adjusted score, mean", "Vajaduspõhine skoor, keskmine"),
            mean(result.need_adjusted.total / result.weights.sum()),
            mean_of("need_share"),
            "percent1",
        ),
        (
            "group_gained",
            Label("Places gained, mean", "Võidetud kohti, keskmine"),
            mean(gained),
            mean_of("gained"),
            "decimal",
        ),
        (
            "group_gains",
            Label("Lists that gain", "Võitvaid nimistuid"),
            np.array([((group == number) & (gained > 0)).sum() for number in numbers], dtype=float),
            sum_of("gains"),
            "count",
        ),
        (
            "group_loses",
            Label("Lists that lose", "Kaotavaid nimistuid"),
            np.array([((group == number) & (gained < 0)).sum() for number in numbers], dtype=float),
            sum_of("loses"),
            "count",
        ),
    ]
    title = Label(
        "Lists in groups of about equal number by eligible patients",
        "Nimistud ligikaudu võrdsetes rühmades sihtrühma järgi",
    )
    book.write(sheet, (_SUMMARY - 2, 1), [[title]], "label")
    for place, (key, label, values, formula, number_format) in enumerate(columns, start=1):
        book.write(sheet, (_SUMMARY - 1, place), [[label]], "heading")
        kind: Kind = "output" if key in ("group_gains", "group_loses") else "calculation"
        book.add(sheet, key, (_SUMMARY, place), values, formula, kind=kind, format=number_format)
