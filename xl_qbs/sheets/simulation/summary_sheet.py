"""The sheet of the summary: a row for each behaviour and scheme."""

from __future__ import annotations

from typing import Any

import numpy as np

from xl_qbs.scoring.table import Array
from xl_qbs.sheets.frame import begin
from xl_qbs.sheets.model import Book, Format, Kind, Label, Sheet
from xl_qbs.sheets.simulation.plan import BEHAVIOUR_NAMES, LOWER_TAIL, SCHEME_NAMES, SUMMARY, Plan, by_case

_HEAD = 6
# Column of the first number; behaviour, scheme and case stand before it.
_FIRST = 4
_Column = tuple[str, Label, Array, str, Format, Kind]


def add_summary(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of the summary; those with a row a list must stand already."""
    sheet = begin(
        book,
        SUMMARY,
        Label("What would come of it", "Mis sellest tuleks"),
        Label(
            "Means over replications. Scores of different schemes are not on one scale: compare bonuses and lists.",
            "Korduste keskmised. Eri skeemide skoorid pole ühel skaalal: võrrelge preemiaid ja nimistuid.",
        ),
        tab="C00000",
    )
    sheet.widths = {1: 31, 2: 16, 3: 6}
    sheet.default_width = 11.0
    sheet.heights |= {_HEAD: 96}
    sheet.freeze = f"D{_HEAD + 1}"
    cases = list(plan.cases)
    heads: list[Label] = [Label("Behaviour", "Käitumine"), Label("Scheme", "Skeem"), Label("Case", "Juht")]
    book.write(sheet, (_HEAD, 1), [heads], "heading")
    lines: list[list[Label]] = [[BEHAVIOUR_NAMES[one], SCHEME_NAMES[other]] for _, one, other in cases]
    book.write(sheet, (_HEAD + 1, 1), lines, "text")
    count = len(cases)
    book.add(sheet, "case", (_HEAD + 1, 3), np.arange(1.0, count + 1), kind="calculation", format="count")
    for column, (key, label, values, formula, number_format, kind) in enumerate(_columns(plan), start=_FIRST):
        book.write(sheet, (_HEAD, column), [[label]], "heading")
        book.add(sheet, key, (_HEAD + 1, column), values, formula, kind=kind, format=number_format)
    _add_notes(book, sheet, plan, _HEAD + count + 2)
    return sheet


def _of(key: str) -> str:
    """Return the column of a case in a block with a column for each."""
    return f"INDEX({{{key}:all}},0,{{case}})"


def _columns(plan: Plan) -> list[_Column]:
    behaviours, schemes = plan.shape
    found = plan.simulation
    score, bonus, gain = by_case(found.score), by_case(plan.bonus), by_case(plan.gain)
    served = np.repeat(plan.served.sum(axis=1), schemes)
    most = np.tile(plan.most, behaviours)
    behaviour_no = "(INT(({case}-1)/{schemes})+1)"
    paid_rep = found.paid.reshape(behaviours * schemes, -1)
    low, high = plan.amount * np.quantile(paid_rep, (LOWER_TAIL, 1 - LOWER_TAIL), axis=1)
    paid = bonus.sum(axis=0)
    nobody = np.tile(paid[:schemes], behaviours)
    with np.errstate(invalid="ignore", divide="ignore"):
        per_patient = np.where(served > 0, (paid - nobody) / served, np.nan)
    columns: list[_Column] = [
        (
            "sum_patients",
            Label("Extra patients served", "Juurde teenindatud patsiente"),
            served,
            f"INDEX({{all_total:all}},1,{behaviour_no})",
            "count",
            "output",
        ),
        ("sum_score", Label("Mean score", "Keskmine skoor"), score.mean(axis=0), f"AVERAGE({_of('score')})", "score",
         "calculation"),
        (
            "sum_share",
            Label("of the maximum", "maksimumist"),
            score.mean(axis=0) / most,
            "{sum_score}/INDEX({most:all},1,MOD({case}-1,{schemes})+1)",
            "percent1",
            "calculation",
        ),
    ]  # fmt: skip
    for band, lower in enumerate(found.rules.lowers):
        columns.append(
            (
                f"sum_band_{band}",
                Label(f"Lists in the band from {lower:.0%}", f"Nimistuid vahemikus alates {lower:.0%}"),
                by_case(found.band_share[..., band]).sum(axis=0),
                f"SUM({_of(f'band_{band}')})",
                "decimal",
                "calculation",
            )
        )
    columns += [
        ("sum_paid", Label("Bonuses paid", "Makstud preemiad"), paid, f"SUM({_of('bonus')})", "decimal", "output"),
        ("sum_low", Label("in 5 % of the replications less than", "5 % kordustes vähem kui"), low,
         f"{{amount}}*PERCENTILE({_of('paid_rep')},{{lower_tail}})", "decimal", "calculation"),
        ("sum_high", Label("in 5 % more than", "5 % rohkem kui"), high,
         f"{{amount}}*PERCENTILE({_of('paid_rep')},1-{{lower_tail}})", "decimal", "calculation"),
        ("sum_gain", Label("Change in all bonuses", "Preemiate muutus kokku"), gain.sum(axis=0),
         f"SUM({_of('gain')})", "decimal", "output"),
        ("sum_gaining", Label("Lists that gain", "Nimistuid, kes võidavad"), (gain > 0).sum(axis=0).astype(float),
         f'COUNTIF({_of("gain")},">0")', "count", "calculation"),
        ("sum_losing", Label("Lists that lose", "Nimistuid, kes kaotavad"), (gain < 0).sum(axis=0).astype(float),
         f'COUNTIF({_of("gain")},"<0")', "count", "calculation"),
        ("sum_gained", Label("What they gain", "Kui palju võidetakse"), np.maximum(gain, 0).sum(axis=0),
         f'SUMIF({_of("gain")},">0")', "decimal", "calculation"),
        ("sum_lost", Label("What they lose", "Kui palju kaotatakse"), np.maximum(-gain, 0).sum(axis=0),
         f'0-SUMIF({_of("gain")},"<0")', "decimal", "calculation"),
        (
            "sum_per_patient",
            Label(
                "Bonuses for each extra patient, over nobody extra in the same scheme",
                "Preemiaid iga lisapatsiendi kohta, võrreldes sama skeemiga kedagi lisamata",
            ),
            per_patient,
            "IF({sum_patients}>0,({sum_paid}-INDEX({sum_paid:all},MOD({case}-1,{schemes})+1,1))/{sum_patients},\"\")",
            "share",
            "calculation",
        ),
    ]  # fmt: skip
    return columns


def _add_notes(book: Book, sheet: Sheet, plan: Plan, row: int) -> None:
    base = plan.base - 1
    _, behaviour, scheme = list(plan.cases)[base]
    compared = (BEHAVIOUR_NAMES[behaviour], SCHEME_NAMES[scheme])
    notes: list[Any] = [
        Label(
            f"Gains and losses are counted from one case; in this run from {compared[0].en.lower()}, "
            f"{compared[1].en.lower()} scheme. The sheet of parameters has its number.",
            f"Võite ja kaotusi loetakse ühest juhust; siin: {compared[0].et.lower()}, {compared[1].et.lower()} skeem. "
            "Juhu number on parameetrite lehel.",
        ),
        Label(
            "The interval of the bonuses paid is of the stored replications: it follows the amount, not a changed "
            "share of a band.",
            "Makstud preemiate vahemik on salvestatud kordustest: see järgib summat, aga mitte muudetud vahemiku osa.",
        ),
        Label(
            "In 5 % and the like: the tail stands on the sheet of parameters.",
            "5 % ja muu selline: saba suurus on parameetrite lehel.",
        ),
    ]
    book.write(sheet, (row, 1), [[note] for note in notes], "note")


def add_most(book: Book, sheet: Sheet, plan: Plan, row: int) -> None:
    """Add the maximum of each scheme's score to a sheet."""
    label = Label("Maximum of the score under each scheme", "Skoori maksimum igas skeemis")
    book.write(sheet, (row, 1), [[label]], "label")
    heads = [SCHEME_NAMES[str(one)] for one in plan.simulation.schemes]
    book.write(sheet, (row, 2), [heads], "heading")
    book.add(sheet, "most", (row + 1, 2), plan.most.reshape(1, -1), kind="calculation", format="points")
