"""The sheets with a row a list: data, patients served, scores, bands and bonuses."""

from __future__ import annotations

import numpy as np

from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.frame import indicator_names
from xl_qbs.sheets.model import Book, Format, Label, Sheet
from xl_qbs.sheets.simulation import plan as names
from xl_qbs.sheets.simulation.columns import (
    BEHAVIOUR_ROW,
    CASE_ROW,
    FIRST_ROW,
    GROUP_ROW,
    HEADING_ROW,
    TOTAL_ROW,
    add_cases,
    add_one,
    begin_lists,
    join,
)
from xl_qbs.sheets.simulation.plan import BEHAVIOUR_NAMES, Grouping, Plan, by_case

_SUM = Label("All lists", "Kõik nimistud")
_MEAN = Label("Mean of all lists", "Kõigi nimistute keskmine")


def add_data(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of counts, linked to the fund's cells; formulas and later sheets refer to its blocks."""
    sheet = begin_lists(
        book,
        plan,
        names.DATA,
        Label("Data", "Andmed"),
        Label(
            "Counts are links to the fund's own sheet. What is eligible and not yet served follows by formulas.",
            "Arvud on viited tervisekassa enda lehele. Sihtrühm ja teenindamata patsiendid järgnevad valemitega.",
        ),
        _SUM,
        "548235",
    )
    sheet.heights |= {HEADING_ROW: 64}
    table = plan.result.table
    column = 2
    _, shown = indicator_names(book, plan.result.scheme)
    for key, label, values, formula in (
        ("target", Label("Target population", "Sihtrühm"), table.target, "{source_target}"),
        (
            "done",
            Label("Done, as counted (at most the target)", "Tehtud, arvestatult (kuni sihtrühm)"),
            table.counted,
            "IF({source_done}>{source_target},{source_target},{source_done})",
        ),
    ):
        book.write(sheet, (GROUP_ROW, column), [[label]], "label")
        book.write(sheet, (HEADING_ROW, column), [shown], "heading")
        total = values.sum(axis=0).reshape(1, -1)
        book.add(
            sheet, f"all_{key}", (TOTAL_ROW, column), total, f"SUM({{{key}:column}})", kind="output", format="count"
        )
        book.add(sheet, key, (FIRST_ROW, column), values, formula, kind="link", format="count")
        column += values.shape[1]
        sheet.breaks.append(column - 1)
    _add_what_counts(book, sheet, plan)
    numbers = np.arange(1.0, plan.lists + 1)
    column = add_one(book, sheet, column, "list_no", Label("No.", "Nr"), numbers, total="")
    column = add_one(
        book,
        sheet,
        column,
        "eligible",
        Label("Eligible patients", "Sihtrühm kokku"),
        plan.eligible,
        "SUMPRODUCT({target:row},{counts_patients:all})",
    )
    column = add_one(
        book,
        sheet,
        column,
        "unmet",
        Label("Patients not yet served", "Teenindamata patsiente"),
        plan.unmet,
        "SUMPRODUCT({target:row}-{done:row},{may_serve:all})",
    )
    if plan.list_size is not None:
        label = Label("People on the list", "Inimesi nimistus")
        column = add_one(
            book, sheet, column, "list_size", label, plan.list_size, "IF(ISNUMBER({source_size}),{source_size},\"\")",
            kind="link",
        )  # fmt: skip
    for grouping in plan.groupings:
        column = _add_grouping(book, sheet, plan, grouping, column)
    return sheet


def _add_what_counts(book: Book, sheet: Sheet, plan: Plan) -> None:
    """Say above the headings in which indicators patients are counted, and in which more may be served."""
    first = book.block("target").column
    labels = [
        Label("Counts patients (1 = yes)", "Loendab patsiente (1 = jah)"),
        Label("More may be served (1 = yes)", "Juurde võib teenindada (1 = jah)"),
    ]
    for row, key, label, values in (
        (BEHAVIOUR_ROW, "counts_patients", labels[0], plan.counts_patients),
        (CASE_ROW, "may_serve", labels[1], plan.open),
    ):
        book.write(sheet, (row, 1), [[label]], "text")
        book.add(sheet, key, (row, first), values.astype(float).reshape(1, -1), kind="calculation", format="count")


def _add_grouping(book: Book, sheet: Sheet, plan: Plan, grouping: Grouping, column: int) -> int:
    """Add the number that lists are grouped by, in order, and each list's group."""
    key, label = grouping.key, grouping.label
    by = Label("By size", "Suuruse järgi") if key == "size" else Label("By need", "Vajaduse järgi")
    book.write(sheet, (GROUP_ROW, column), [[by]], "label")
    formulas = {"size": "{eligible}", "need": "{unmet}"}
    number_format: Format = "count"
    if plan.list_size is not None:
        known = 'IF(ISNUMBER({list_size}),IF({list_size}>0,%s,""),"")'
        formulas = {"size": known % "{list_size}", "need": known % "{eligible}/{list_size}"}
        number_format = "share" if key == "need" else "count"
    known_lists = int((~np.isnan(grouping.values)).sum())
    column = add_one(
        book, sheet, column, key, label, grouping.values, formulas[key], total="AVERAGE", format=number_format
    )  # fmt: skip
    # What is not known goes last.
    ordered = np.sort(grouping.values)
    column = add_one(
        book,
        sheet,
        column,
        f"{key}_order",
        Label("The same in order", "Sama järjestatult"),
        ordered,
        f'IF({{list_no}}<={{{key}_count}},SMALL({{{key}:all}},{{list_no}}),"")',
        total="",
        format=number_format,
    )
    book.add(
        sheet,
        f"{key}_count",
        (TOTAL_ROW, column - 1),
        np.array([float(known_lists)]),
        f"COUNT({{{key}:all}})",
        kind="output",
        format="count",
    )
    member = np.where(grouping.groups.member < 0, np.nan, grouping.groups.member + 1.0)
    return add_one(
        book,
        sheet,
        column,
        f"{key}_group",
        Label("Group, 1 is the lowest", "Rühm, 1 on madalaim"),
        member,
        f'IF(ISNUMBER({{{key}}}),INT((MATCH({{{key}}},{{{key}_order:all}},0)-1)*{{groups}}/{{{key}_count}})+1,"")',
        total="",
    )


def add_patients(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of extra patients: the budget, how many each behaviour serves, and in which indicators."""
    sheet = begin_lists(
        book,
        plan,
        names.PATIENTS,
        Label("Extra patients", "Juurde teenindatud patsiendid"),
        Label(
            "Budgets and patients by indicator are stored: means over replications. Their totals are formulas.",
            "Lisavõimalus ja patsiendid indikaatorite kaupa on salvestatud: korduste keskmised. Summad on valemid.",
        ),
        _SUM,
        "2E75B6",
    )
    sheet.heights |= {HEADING_ROW: 64}
    found = plan.simulation
    label = Label("Extra patients that could be served", "Kui palju võiks juurde teenindada")
    column = add_one(book, sheet, 2, "budget", label, found.budget.astype(float))
    book.write(sheet, (BEHAVIOUR_ROW, column), [[Label("Served", "Teenindati")]], "group")
    totals = []
    first = column
    for place, behaviour in enumerate(found.behaviours):
        key = f"total_{place}"
        formula = f"SUM({{served_{place}:row}})" if place else None
        column = add_one(
            book, sheet, column, key, BEHAVIOUR_NAMES[behaviour], plan.served[place], formula, format="decimal"
        )  # fmt: skip
        totals.append(key)
    sheet.merges.append(f"{column_letter(first)}{BEHAVIOUR_ROW}:{column_letter(column - 1)}{BEHAVIOUR_ROW}")
    join(book, "total", totals)
    join(book, "all_total", [f"all_{one}" for one in totals])
    sheet.breaks.append(column - 1)
    _, shown = indicator_names(book, plan.result.scheme)
    for place, behaviour in enumerate(found.behaviours):
        if not place:
            continue
        key, values = f"served_{place}", found.served[place]
        book.write(sheet, (GROUP_ROW, column), [[BEHAVIOUR_NAMES[behaviour]]], "label")
        book.write(sheet, (HEADING_ROW, column), [shown], "heading")
        total = values.sum(axis=0).reshape(1, -1)
        book.add(
            sheet, f"all_{key}", (TOTAL_ROW, column), total, f"SUM({{{key}:column}})", kind="output", format="decimal"
        )
        book.add(sheet, key, (FIRST_ROW, column), values, format="decimal")
        column += values.shape[1]
        sheet.breaks.append(column - 1)
    return sheet


def add_scores(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of mean scores and their standard deviations."""
    sheet = begin_lists(
        book,
        plan,
        names.SCORES,
        Label("Scores", "Skoorid"),
        Label(
            "Stored by xl_qbs: means over replications, and how far replications lie apart. No formula can do it.",
            "Salvestanud xl_qbs: korduste keskmised ja see, kui palju kordused erinevad. Valemiga seda ei saa.",
        ),
        _MEAN,
        "C00000",
    )
    found = plan.simulation
    column = add_cases(book, sheet, plan, 2, "score", Label("Mean score", "Keskmine skoor"), by_case(found.score))
    label = Label("Mean score less that with nobody extra", "Keskmine skoor miinus skoor kedagi lisamata")
    column = add_cases(
        book,
        sheet,
        plan,
        column,
        "score_gain",
        label,
        by_case(found.score - found.score[:1]),
        # The first columns, one a scheme, are those with nobody extra.
        "{score}-INDEX({score:row},1,MOD({no_score_gain}-1,{schemes})+1)",
    )
    label = Label("Standard deviation of the score", "Skoori standardhälve")
    column = add_cases(book, sheet, plan, column, "score_sd", label, by_case(found.score_sd))
    moved = (by_case(found.score - found.score[:1]) ** 2).sum(axis=1)
    label = Label("Sum of squares of the differences", "Erinevuste ruutude summa")
    add_one(book, sheet, column, "score_moved", label, moved, "SUMSQ({score_gain:row})", total="", format="decimal")
    return sheet


def add_bands(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of bands: in what share of the replications a list is in each."""
    sheet = begin_lists(
        book,
        plan,
        names.BANDS,
        Label("Bands", "Vahemikud"),
        Label(
            "Stored by xl_qbs: the share of replications in which the list is in each band of the bonus.",
            "Salvestanud xl_qbs: kui suures osas kordustest on nimistu preemia igas vahemikus.",
        ),
        _MEAN,
        "BF8F00",
    )
    found = plan.simulation
    column = 2
    for band, lower in enumerate(found.rules.lowers):
        label = Label(f"Band from {lower:.0%}", f"Vahemik alates {lower:.0%}")
        column = add_cases(
            book, sheet, plan, column, f"band_{band}", label, by_case(found.band_share[..., band]), format="percent"
        )  # fmt: skip
    if not plan.live_bonus:
        label = Label("Mean bonus in full bonuses", "Keskmine preemia täispreemiates")
        if found.rules.pot is not None:
            label = Label("Mean share of the pot", "Keskmine osa kogusummast")
        add_cases(book, sheet, plan, column, "unit_bonus", label, by_case(found.bonus), format="share")
    return sheet


def add_bonuses(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of bonuses, and what each list gains or loses."""
    sheet = begin_lists(
        book,
        plan,
        names.BONUSES,
        Label("Bonuses", "Preemiad"),
        Label(
            "Formulas: the shares in the bands times what each band pays, and what is gained or lost.",
            "Valemid: osad vahemikes korda vahemike preemia, ning mis võidetakse või kaotatakse.",
        )
        if plan.live_bonus
        else Label(
            "Formulas: stored shares of the full bonus times its amount, and what is gained or lost.",
            "Valemid: salvestatud osad täispreemiast korda selle suurus, ning mis võidetakse või kaotatakse.",
        ),
        _SUM,
        "C00000",
    )
    found = plan.simulation
    formula = "{amount}*{unit_bonus}"
    if plan.live_bonus:
        formula = "{amount}*(" + "+".join(f"{{band_{one}}}*{{coefficient_{one}}}" for one in range(plan.bands)) + ")"
    bonus = by_case(plan.bonus)
    label = Label("Mean bonus", "Keskmine preemia")
    column = add_cases(
        book, sheet, plan, 2, "bonus", label, bonus, formula, total="SUM", kind="output", format=plan.money
    )
    column = add_one(
        book,
        sheet,
        column,
        "base",
        Label("Compared with", "Võrreldakse sellega"),
        bonus[:, plan.base - 1],
        "INDEX({bonus:row},1,{base_place})",
        format=plan.money,
    )
    label = Label("Gain or loss", "Võit või kaotus")
    column = add_cases(
        book,
        sheet,
        plan,
        column,
        "gain",
        label,
        by_case(plan.gain),
        "ROUND({bonus}-{base},{gain_decimals})",
        total="SUM",
        format=plan.money,
    )
    label = Label("All gains of the list", "Nimistu võidud kokku")
    gained = np.maximum(by_case(plan.gain), 0).sum(axis=1)
    column = add_one(
        book, sheet, column, "list_gained", label, gained, 'SUMIF({gain:row},">0")', total="", format="decimal"
    )  # fmt: skip
    label = Label(
        "Share of replications with a higher bonus than with nobody extra (stored)",
        "Korduste osa, kus preemia on suurem kui kedagi lisamata (salvestatud)",
    )
    column = add_cases(book, sheet, plan, column, "bonus_up", label, by_case(found.bonus_up), format="percent")
    label = Label("The same with a lower one", "Sama väiksema preemiaga")
    add_cases(book, sheet, plan, column, "bonus_down", label, by_case(found.bonus_down), format="percent")
    return sheet
