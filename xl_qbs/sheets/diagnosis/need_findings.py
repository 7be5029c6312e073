"""The findings by need: bands, the need profile, the lowest lists, and what an added indicator would ask."""

from __future__ import annotations

import numpy as np

from xl_qbs.diagnosis.distribution import lowest
from xl_qbs.diagnosis.groups import Groups, bands_by_group
from xl_qbs.diagnosis.need import PROFILES
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.diagnosis.columns import Column, table
from xl_qbs.sheets.diagnosis.lists_sheet import SCORE_NAMES, SCORES, need_label
from xl_qbs.sheets.diagnosis.plan import Plan, score_label
from xl_qbs.sheets.frame import texts
from xl_qbs.sheets.model import Block, Book, Format, Label, Sheet

_FEWEST = Label("fewest patients", "väikseim sihtrühm")
_MOST = Label("most patients", "suurim sihtrühm")
_PROFILE_NAMES = {
    "A": Label("A: younger, lower risk", "A: nooremad, väiksem risk"),
    "B": Label("B: older, lower risk", "B: vanemad, väiksem risk"),
    "C": Label("C: older, at risk", "C: vanemad, riskiga"),
    "younger, at risk": Label("younger, at risk", "nooremad, riskiga"),
    "not known": Label("not known", "teadmata"),
}


def group_columns(book: Book, groups: Groups, plan: Plan, key: str, block: str, order: str) -> list[Column]:
    """Return the columns that name groups of lists: number, how many lists, and from what to what.

    Args:
        book: the book.
        groups: the groups.
        plan: what the book is made from.
        key: how the keys of the columns begin; the group of each list is ``size_group`` or ``need_group``.
        block: what lists are grouped by.
        order: the block of these numbers from the lowest up.
    """
    low, high, lists = groups.low, groups.high, groups.lists
    block_of = "need" if block == "need" else key
    before = f'COUNTIF({{{block_of}_group:all}},"<%s"&{{{key}_no}})'
    some = f'IF({{{key}_lists}}>0,INDEX({{{order}:all}},%s,1),"")'
    number_format: Format = "share" if block == "need" and plan.list_size is not None else "count"
    names = [""] * len(lists)
    if len(lists) > 1:
        names[0] = book.say(Label("lowest need", "väikseim vajadus") if block == "need" else _FEWEST)
        names[-1] = book.say(Label("highest need", "suurim vajadus") if block == "need" else _MOST)
    return [
        Column(f"{key}_name", Label("Group", "Rühm"), texts(names), None, "text", "text"),
        Column(f"{key}_no", Label("No.", "Nr"), np.arange(1.0, len(lists) + 1)),
        Column(f"{key}_lists", Label("Lists", "Nimistuid"), lists.astype(float),
               f"COUNTIF({{{block_of}_group:all}},{{{key}_no}})"),
        Column(f"{key}_from", Label("From", "Alates"), low, some % (before % "" + "+1"), format=number_format),
        Column(f"{key}_to", Label("To", "Kuni"), high, some % (before % "="), format=number_format),
    ]  # fmt: skip


def add_bands(book: Book, sheet: Sheet, plan: Plan, row: int) -> int:
    """Add how many lists of each group by need are in each band under each score."""
    bands = len(plan.result.scheme.bands)
    title = Label("Bands by need", "Vahemikud vajaduse järgi")
    label = need_label(plan)
    note = Label(
        f"{label.en}. Lists in each band, by the current, the proportional and the need-adjusted score.",
        f"{label.et}. Nimistuid igas vahemikus kehtiva, osalise ja vajaduspõhise skoori järgi.",
    )
    names = [(one.name_et or one.name) if book.language == "et" else one.name for one in plan.result.scheme.bands]
    columns = group_columns(book, plan.need_groups, plan, "need", "need", "need_asc")
    for place, score in enumerate(SCORES):
        counts = bands_by_group(plan.need_groups, plan.band[:, place], bands).astype(float)
        name = SCORE_NAMES[score]
        heads = [f"{book.say(name)}: {one}" for one in names]
        columns.append(
            Column(
                f"need_bands_{score}",
                heads,
                counts,
                f"COUNTIFS({{need_group:all}},{{need_no}},{{{score}_band_no:all}},{{band_across_{score}}})",
            )
        )
    after = table(book, sheet, row, title, columns, note)
    # The bands' numbers stand below the counts.
    first = book.block("need_bands_current")
    book.write(sheet, (after - 1, 1), [[Label("Band, 1 is the lowest", "Vahemik, 1 on madalaim")]], "text")
    for place, score in enumerate(SCORES):
        numbers = np.arange(1.0, bands + 1).reshape(1, -1)
        at = (after - 1, first.column + place * bands)
        book.add(sheet, f"band_across_{score}", at, numbers, kind="calculation", format="count")
    return after + 2


def add_profile(book: Book, sheet: Sheet, plan: Plan, row: int) -> int:
    """Add the need profile of Figure 1: lists by mean age and burden, and their mean scores."""
    assert plan.profile is not None  # noqa: S101  (asked for)
    found = plan.profile
    title = Label("Need profile (Figure 1): age and burden", "Vajaduse profiil (joonis 1): vanus ja koormus")
    book.write(sheet, (row, 1), [[title]], "label")
    limits: tuple[tuple[str, Label, float, str, Format], ...] = (
            ("age_limit", Label("Older from a mean age of", "Vanemad alates keskmisest vanusest"), found.age_limit,
             "MEDIAN({age_known:all})", "decimal"),
            ("burden_limit", Label("At risk from a burden of", "Riskiga alates koormusest"), found.burden_limit,
             "MEDIAN({need_known:all})", "share"),
    )  # fmt: skip
    for place, (key, label, value, formula, shown) in enumerate(limits):
        book.write(sheet, (row + 1 + place, 1), [[label]], "text")
        book.add(sheet, key, (row + 1 + place, 2), np.array([value]), formula, format=shown)
    words = texts([str(one) for one in PROFILES])
    counts = np.array([float(found.lists[one]) for one in PROFILES])
    totals = plan.totals

    def means(values: Array) -> Array:
        own = [values[np.array([one == name for one in found.profile])] for name in PROFILES]
        return np.array([one.mean() if len(one) else np.nan for one in own])

    columns = [
        Column("profile_says", Label("Profile", "Profiil"), texts([book.say(_PROFILE_NAMES[one]) for one in PROFILES]),
               kind="text", format="text"),
        Column("profile_word", Label("As on the sheet of lists", "Nimistute lehel"), words,
               format="text"),
        Column("profile_lists", Label("Lists", "Nimistuid"), counts, "COUNTIF({profile:all},{profile_word})"),
        *[
            Column(f"profile_mean_{key}", score_label(name), means(totals[place]),
                   f'IF({{profile_lists}}>0,SUMIF({{profile:all}},{{profile_word}},{{{key}:all}})/{{profile_lists}},"")',
                   "output", "score")
            for place, (key, name) in enumerate(zip(plan.keys, plan.scores, strict=True))
        ],
    ]  # fmt: skip
    note = Label(
        "Medians make halves of any lists, whether or not there are groups to find; the report gives no limits.",
        "Mediaanid poolitavad mis tahes nimistud, olgu rühmi või mitte; aruandes piire pole.",
    )
    after = table(book, sheet, row + 4, Label("Lists by profile", "Nimistud profiili järgi"), columns, note)
    block = book.block("profile_word")
    for place in range(len(PROFILES)):
        one = block.values[place : place + 1]
        book.named[f"profile_{place}"] = Block(f"profile_{place}", block.sheet, block.row + place, block.column, one)
    return after + 1


def add_lowest(book: Book, sheet: Sheet, plan: Plan, row: int) -> int:
    """Add what is known of the lowest lists under the score in force, the report's Figure 7."""
    found = lowest(plan.result, plan.limits.under)
    there = len(found.rows) > 0
    nothing = np.nan

    def mean(values: Array) -> float:
        known = values[~np.isnan(values)]
        return float(known.mean()) if len(known) else nothing

    title = Label(
        "The lowest lists under the current score (Figure 7)", "Kehtiva skoori madalaimad nimistud (joonis 7)"
    )
    book.write(sheet, (row, 1), [[title]], "label")
    which = "{is_lowest:all},1"
    some = 'IF({lowest_lists}>0,%s,"")'
    rows: list[tuple[str, Label, float, str, Format]] = [
        ("lowest_lists", Label("Lists", "Nimistuid"), float(len(found.rows)), f"COUNTIF({which})", "count"),
        ("lowest_eligible", Label("Eligible patients, mean", "Sihtrühm, keskmine"), mean(found.eligible),
         some % f"SUMIF({which},{{eligible:all}})/{{lowest_lists}}", "count"),
        ("lowest_coverage", Label("Mean coverage", "Keskmine hõlmatus"), mean(found.coverage),
         some % "IF(COUNTIFS({is_lowest:all},1,{mean_coverage:all},\">=0\")>0,"
         "SUMIF({is_lowest:all},1,{mean_coverage:all})/COUNTIFS({is_lowest:all},1,{mean_coverage:all},\">=0\"),\"\")",
         "percent1"),
        ("lowest_need_least", Label("Need-adjusted score, lowest", "Vajaduspõhine skoor, madalaim"),
         float(found.need_adjusted.min()) if there else nothing,
         some % "SMALL({lowest_drawn:all},{lists}-{lowest_lists}+1)", "score"),
        ("lowest_need_most", Label("Need-adjusted score, highest", "Vajaduspõhine skoor, kõrgeim"),
         float(found.need_adjusted.max()) if there else nothing, some % "MAX({lowest_drawn:all})", "score"),
    ]  # fmt: skip
    for place, (key, label, value, formula, shown) in enumerate(rows, start=row + 1):
        book.write(sheet, (place, 1), [[label]], "text")
        book.add(sheet, key, (place, 2), np.array([value]), formula, format=shown)
    return row + 1 + len(rows) + 1


def add_load(book: Book, sheet: Sheet, plan: Plan, row: int) -> None:
    """Add what an added indicator would ask of lists, by need."""
    assert plan.added is not None  # noqa: S101  (asked for)
    name, found = plan.added.name, plan.load
    title = Label(f"Expected load of {name}, by need", f"Oodatav koormus vajaduse järgi: {name}")
    note = Label(
        "Means over lists. How many would be eligible is an assumption; see the sheet.",
        "Nimistute keskmised. Kui paljud sihtrühma satuksid, on eeldus; vt lehte.",
    )
    groups = plan.need_groups
    own = group_columns(book, groups, plan, "load_need", "need", "need_asc")
    blocks: list[tuple[str, Label, Array, Format]] = [
        ("added_patients", Label("Patients expected", "Oodatav sihtrühm"), found.patients, "decimal"),
        ("added_work", Label("To be served", "Teenindada"), found.work, "decimal"),
        ("added_relative", Label("Times the mean", "Kordi keskmisest"), found.relative, "share"),
    ]
    some = 'COUNTIFS({need_group:all},{load_need_no},{%s:all},">=0")'
    columns = [
        *own,
        *[
            Column(f"load_{key}", label, _means(groups, values),
                   f'IF({some % key}>0,SUMIF({{need_group:all}},{{load_need_no}},{{{key}:all}})/{some % key},"")',
                   "output", shown)
            for key, label, values, shown in blocks
        ],
    ]  # fmt: skip
    table(book, sheet, row, title, columns, note)


def _means(groups: Groups, values: Array) -> Array:
    """Return the mean of each group over the lists whose number is known; NaN where there is none."""
    own = [values[(groups.member == number) & ~np.isnan(values)] for number in range(len(groups.lists))]
    return np.array([one.mean() if len(one) else np.nan for one in own])
