"""The sheets with a row a list: scores with ranks, groups and bands; and what hangs on one patient."""

from __future__ import annotations

import numpy as np

from xl_qbs.diagnosis.association import mean_ranks
from xl_qbs.diagnosis.distribution import cliffs
from xl_qbs.diagnosis.need import PROFILES, Profile
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.chart_data_sheet import OUTSIDE
from xl_qbs.sheets.diagnosis.columns import Column, add_columns, begin_rows, shifted
from xl_qbs.sheets.diagnosis.plan import CLIFFS, LISTS, Plan, score_label
from xl_qbs.sheets.frame import indicator_names, texts
from xl_qbs.sheets.model import Book, Format, Label, Sheet

SCORES = ("current", "proportional", "need")
SCORE_NAMES = {
    "current": Label("Current", "Kehtiv"),
    "proportional": Label("Proportional", "Osaline"),
    "need": Label("Need-adjusted", "Vajaduspõhine"),
}
_LIST = Label("List", "Nimistu")


def need_score(rule: str, target: str, done: str) -> str:
    """Return the formula of a need-adjusted score by a rule of the prior, summed over the indicators of a row.

    Where the strength is infinite, and where there is nobody to serve and no strength, the mean stands alone.
    """
    mean, strength, infinite = (f"{{p_{rule}_{what}:all}}" for what in ("mean", "strength", "infinite"))
    total = f"({target}+{strength})"
    alone = f"({total}=0)"
    adjusted = f"({done}+({strength}+{alone})*{mean})/({total}+{alone})"
    return f"SUMPRODUCT({{weight_row:all}},{infinite}*{mean}+(1-{infinite})*{adjusted})"


def add_lists(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of lists; the scores must stand already."""
    result = plan.result
    sheet = begin_rows(
        book,
        LISTS,
        Label("Lists", "Nimistud"),
        Label(
            "Each list's scores by rule of the prior, ranks (ties share the mean), groups and bands, all by formulas.",
            "Iga nimistu skoorid eeljaotuse reeglite järgi, kohad (võrdsed jagavad keskmist), rühmad ja vahemikud.",
        ),
        Column("dia_provider", _LIST, texts(result.table.providers), "{provider}", format="text"),
    )
    numbers = np.arange(1.0, plan.lists + 1)
    column = add_columns(book, sheet, 2, [Column("list_no", Label("No.", "Nr"), numbers)])
    column = _add_scores(book, sheet, plan, column)
    column = _add_ranks(book, sheet, plan, column)
    column = _add_groups(book, sheet, plan, column)
    if result.scheme.bands:
        column = _add_bands(book, sheet, plan, column)
    column = _add_middle(book, sheet, plan, column)
    _add_lowest(book, sheet, plan, column)
    return sheet


def _add_scores(book: Book, sheet: Sheet, plan: Plan, column: int) -> int:
    counting = "{eligible}" if plan.fairness.counting == "all" else "SUMPRODUCT({target:row},{counts_patients:all})"
    columns = [Column("against", Label("Eligible patients", "Sihtrühm kokku"), plan.fairness.eligible, counting)]
    formulas = {"by_current": "{current_score}", "by_proportional": "{proportional_score}"}
    for key, name, total in zip(plan.keys, plan.scores, plan.totals, strict=True):
        rule = key.removeprefix("by_")
        formula = formulas.get(key) or f"ROUND({need_score(rule, '{target:row}', '{done:row}')},{{score_decimals}})"
        columns.append(Column(key, score_label(name), total, formula, "output", "score"))
    after = add_columns(book, sheet, column, columns, Label("Scores", "Skoorid"))
    sheet.breaks.append(after - 1)
    return after


def _add_ranks(book: Book, sheet: Sheet, plan: Plan, column: int) -> int:
    keys = ("against", *plan.keys)
    values = (plan.fairness.eligible, *plan.totals)
    labels = [Label("Eligible patients", "Sihtrühm kokku"), *(score_label(name) for name in plan.scores)]
    ordered = [
        Column(f"{key}_asc", label, np.sort(one), f"SMALL({{{key}:all}},{{list_no}})", format="score")
        for key, label, one in zip(keys, labels, values, strict=True)
    ]
    column = add_columns(book, sheet, column, ordered, Label("From the lowest up", "Madalaimast alates"))
    falling = [
        Column(f"{key}_desc", label, np.sort(one)[::-1], f"LARGE({{{key}:all}},{{list_no}})", format="score")
        for key, label, one in zip(keys, labels, values, strict=True)
    ]
    column = add_columns(book, sheet, column, falling, Label("From the highest down", "Kõrgeimast alates"))
    sheet.breaks.append(column - 1)
    ranks = [
        # The first and the last place of a value, which is the first from the other end.
        Column(
            f"{key}_meanrank",
            label,
            mean_ranks(one),
            f"AVERAGE(MATCH({{{key}}},{{{key}_asc:all}},0),{{lists}}+1-MATCH({{{key}}},{{{key}_desc:all}},0))",
            format="decimal",
        )
        for key, label, one in zip(keys, labels, values, strict=True)
    ]
    after = add_columns(book, sheet, column, ranks, Label("Rank from the lowest", "Koht madalaimast"))
    sheet.breaks.append(after - 1)
    return after


def grouped(key: str, order: str, lists: str) -> str:
    """Return the formula of a list's group by its place among values in order."""
    return f'IF(ISNUMBER({{{key}}}),INT((MATCH({{{key}}},{{{order}:all}},0)-1)*{{dia_groups}}/{lists})+1,"")'


def _add_groups(book: Book, sheet: Sheet, plan: Plan, column: int) -> int:
    size = plan.fairness.by_size.groups.member + 1.0
    label = Label("Group by eligible patients", "Rühm sihtrühma järgi")
    columns = [
        Column("size_group", label, size, grouped("against", "against_asc", "ROWS({against:all})")),
        Column(
            "list_patients",
            Label("Eligible, indicators that count patients", "Sihtrühm, patsiente loendavad indikaatorid"),
            plan.patients,
            "SUMPRODUCT({target:row},{counts_patients:all})",
        ),
    ]
    need = "{list_patients}"
    number_format: Format = "count" if plan.list_size is None else "share"
    if plan.list_size is not None:
        columns.append(
            Column(
                "list_size",
                Label("People on the list", "Inimesi nimistus"),
                plan.list_size,
                'IF(ISNUMBER({source_size}),{source_size},"")',
                "link",
            )
        )
        need = 'IF(ISNUMBER({list_size}),IF({list_size}>0,{list_patients}/{list_size},""),"")'
    known = "COUNT({need:all})"
    groups = plan.need_groups.member
    columns += [
        Column("need", need_label(plan), plan.need, need, format=number_format),
        Column(
            "need_asc",
            Label("From the lowest up", "Madalaimast alates"),
            np.sort(plan.need),
            f'IF({{list_no}}<={known},SMALL({{need:all}},{{list_no}}),"")',
            format=number_format,
        ),
        Column(
            "need_group",
            Label("Group by need", "Rühm vajaduse järgi"),
            np.where(groups < 0, np.nan, groups + 1.0),
            grouped("need", "need_asc", known),
        ),
    ]
    if plan.profile is not None:
        columns += _profile(plan)
    after = add_columns(book, sheet, column, columns, Label("Groups", "Rühmad"))
    sheet.breaks.append(after - 1)
    return after


def need_label(plan: Plan) -> Label:
    """Return what lists are grouped by as need."""
    if plan.list_size is None:
        return Label("Need: eligible patients", "Vajadus: sihtrühm")
    return Label("Need: eligible patients for each person", "Vajadus: sihtrühm inimese kohta")


def _profile(plan: Plan) -> list[Column]:
    assert plan.profile is not None  # noqa: S101  (asked for above)
    assert plan.age is not None  # noqa: S101
    known = ~np.isnan(plan.age) & ~np.isnan(plan.need)
    older = f"IF({{need}}>={{burden_limit}},{_word('C')},{_word('B')})"
    younger = f"IF({{need}}>={{burden_limit}},{_word('younger, at risk')},{_word('A')})"
    return [
        Column("age", Label("Mean age", "Keskmine vanus"), plan.age,
               'IF(ISNUMBER({source_age}),{source_age},"")', "link", "decimal"),
        Column("age_known", Label("Age, where need is known", "Vanus, kui vajadus on teada"),
               np.where(known, plan.age, np.nan), 'IF(ISNUMBER({need}),{age},"")', format="decimal"),
        Column("need_known", Label("Need, where age is known", "Vajadus, kui vanus on teada"),
               np.where(known, plan.need, np.nan), 'IF(ISNUMBER({age}),{need},"")', format="share"),
        Column("profile", Label("Need profile", "Vajaduse profiil"), texts(plan.profile.profile),
               f"IF(AND(ISNUMBER({{age_known}}),ISNUMBER({{need_known}})),"
               f"IF({{age}}>={{age_limit}},{older},{younger}),{_word('not known')})", "output", "text"),
    ]  # fmt: skip


def _word(name: Profile) -> str:
    return f"{{profile_{PROFILES.index(name)}}}"


def _add_bands(book: Book, sheet: Sheet, plan: Plan, column: int) -> int:
    columns = [
        Column(
            f"{key}_band_no",
            SCORE_NAMES[key],
            plan.band[:, place] + 1.0,
            f"MATCH({{{key}_score}}/{{{key}_most}}+{{band_guard}},{{band_lower:all}},1)",
        )
        for place, key in enumerate(SCORES)
    ]
    return add_columns(book, sheet, column, columns, Label("Band, 1 is the lowest", "Vahemik, 1 on madalaim"))


def asc_key(plan: Plan, score: str) -> str:
    """Return the key of the score in use among those by rule."""
    return f"by_{plan.result.method.prior}" if score == "need" else f"by_{score}"


def _add_middle(book: Book, sheet: Sheet, plan: Plan, column: int) -> int:
    """Add how much a split behind each place explains: the workings of the missing middle."""
    lists = plan.lists
    totals = dict(zip(plan.keys, plan.totals, strict=True))
    # What stands in the rows above and below, for running sums and for ties.
    for score in SCORES:
        own = asc_key(plan, score)
        ordered = np.sort(totals[own])
        sums = np.cumsum(ordered - ordered.mean())
        between = np.full(lists, -1.0)
        sizes = np.arange(1, lists)
        rising = ordered[1:] > ordered[:-1]
        squares = sums[:-1] ** 2
        between[:-1] = np.where(rising, squares / sizes + squares / (lists - sizes), -1.0)
        name = SCORE_NAMES[score]
        square = f"{{{score}_sum}}^(1+1)"
        # A split within equal scores is none.
        split = (
            f"IF({{list_no}}<{{lists}},IF({{{score}_next}}>{{{own}_asc}},"
            f"{square}/{{list_no}}+{square}/({{lists}}-{{list_no}}),0-1),0-1)"
        )
        running = f"IF({{list_no}}=1,0,{{{score}_sum_before}})+{{{own}_asc}}-AVERAGE({{{own}_asc:all}})"
        label = Label(f"{name.en}: sum less the mean", f"{name.et}: summa miinus keskmine")
        columns = [
            Column(f"{score}_sum", label, sums, running, format="decimal"),
            Column(
                f"{score}_between",
                Label(f"{name.en}: squares between", f"{name.et}: rühmadevahelised ruudud"),
                between,
                split,
                format="decimal",
            ),
        ]
        title = Label("Split into two clusters", "Kaheks kobaraks jagamine") if score == "current" else None
        column = add_columns(book, sheet, column, columns, title)
        shifted(book, f"{score}_sum_before", f"{score}_sum", -1)
        shifted(book, f"{score}_next", f"{own}_asc", 1)
    sheet.breaks.append(column - 1)
    return column


def lowest_drawn(plan: Plan) -> Array:
    """Return the need-adjusted scores of the lowest lists, and a number outside the chart for all others."""
    result = plan.result
    low = result.current.total < plan.limits.under
    drawn: Array = np.where(low, result.need_adjusted.total, OUTSIDE)
    return drawn


def _add_lowest(book: Book, sheet: Sheet, plan: Plan, column: int) -> None:
    result = plan.result
    low = (result.current.total < plan.limits.under).astype(float)
    raw = result.coverage
    known = ~np.isnan(raw)
    sums = np.where(known, raw, 0.0).sum(axis=1)
    counts = known.sum(axis=1)
    mean = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    columns = [
        Column("is_lowest", Label("One of the lowest (1 = yes)", "Madalaimate seas (1 = jah)"), low,
               "IF({current_score}<{lowest_under},1,0)"),
        Column("mean_coverage", Label("Mean coverage", "Keskmine hõlmatus"), mean,
               'IF(COUNT({coverage:row})>0,AVERAGE({coverage:row}),"")', format="percent1"),
        Column("lowest_drawn", Label("Need-adjusted score to draw", "Joonistatav vajaduspõhine skoor"),
               lowest_drawn(plan), "IF({is_lowest}=1,{need_score},{outside})", format="score"),
    ]  # fmt: skip
    add_columns(book, sheet, column, columns, Label("Lowest lists (Figure 7)", "Madalaimad nimistud (joonis 7)"))


def add_cliffs(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of cliffs: what each list would lose with one patient fewer, indicator by indicator."""
    result = plan.result
    sheet = begin_rows(
        book,
        CLIFFS,
        Label("Points that hang on one patient", "Ühest patsiendist sõltuvad punktid"),
        Label(
            "What a list would lose with one patient fewer, prior and weights held; then squares for the indicators.",
            "Mida nimistu kaotaks ühe patsiendi võrra vähem teenides, kaalud püsivad; lõpus ruudud indikaatoritele.",
        ),
        Column("cliff_provider", _LIST, texts(result.table.providers), "{provider}", format="text"),
        tab="548235",
    )
    _, names = indicator_names(book, result.scheme)
    fewer = "MAX(0,{done}-1)"
    factor = "*{coefficient}" if book.find("coefficient") is not None else ""
    formulas = {
        "current": "({current_points}-IF({target}>0,IF("
        f"{fewer}+{{threshold_guard}}>={{required_row}}*{{target}},{{points_row}},0),0)){factor}",
        "proportional": "{proportional_points}-IF({target}>0,{proportional_points_row}*MAX(0,MIN(1,"
        f"({fewer}/{{target}}-{{lower_limit}})/({{upper_limit}}-{{lower_limit}}))),0)",
        "need": "IF(ISNUMBER({strength_row}),IF({done}>0,{weight_row}/({target}+{strength_row}),0),0)",
    }
    loss = {
        "current": cliffs(result, "current"),
        "proportional": cliffs(result, "proportional"),
        "need": cliffs(result, "need-adjusted"),
    }
    largest = [
        Column(f"cliff_{key}", SCORE_NAMES[key], loss[key].largest, f"MAX({{loss_{key}:row}})", "output", "points")
        for key in SCORES
    ]
    column = add_columns(book, sheet, 2, largest, Label("Largest loss", "Suurim kaotus"))
    sheet.breaks.append(column - 1)
    for key in SCORES:
        columns = [Column(f"loss_{key}", names, loss[key].loss, formulas[key], format="points")]
        column = add_columns(book, sheet, column, columns, SCORE_NAMES[key])
        sheet.breaks.append(column - 1)
    squares = [Column("coverage_squared", names, result.coverage**2, 'IF(ISNUMBER({coverage}),{coverage}^(1+1),"")',
                      format="share")]  # fmt: skip
    add_columns(book, sheet, column, squares, Label("Square of coverage", "Hõlmatuse ruut"))
    return sheet
