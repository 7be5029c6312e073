"""The sheet of the prior: each rule worked out from the counts, and the one that is used."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xl_qbs.scoring.priors import moments_workings
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.frame import begin, indicator_names, strength_cell, texts
from xl_qbs.sheets.model import Book, Format, Kind, Label, Sheet
from xl_qbs.sheets.run import PRIOR, Run

_FIRST = 7
# What each rule takes as mean and as strength; the sheet of the scheme lists the rules that it offers.
_BY_RULE = {
    "report": {"mean": "{overall}", "strength": "{report_strength}"},
    "moments": {"mean": "{overall}", "strength": "{moments_strength}"},
    "likelihood": {"mean": "{likelihood_mean}", "strength": "{likelihood_strength}"},
    # A cell left blank is not 0: without both there is no prior.
    "fixed": {
        "mean": 'IF(ISNUMBER({given_mean}),IF({given_strength}="","",{given_mean}),"")',
        "strength": 'IF({given_strength}="","",{given_strength})',
    },
}


def add_prior(book: Book, run: Run) -> Sheet:
    """Add the sheet of the prior: a row an indicator, a column a step."""
    result = run.result
    table, scheme, room = result.table, result.scheme, run.room
    workings = moments_workings(table.done, table.target)
    mean_target = table.target.mean(axis=0)
    language_name, names = indicator_names(book, scheme)
    estimated = result.method.prior == "likelihood"
    sheet = begin(
        book,
        PRIOR,
        Label("Prior of each indicator", "Indikaatorite eeljaotused"),
        Label(
            "What an average list would show (m), and how many patients that is worth (M), by every rule.",
            "Mida näitaks keskmine nimistu (m) ja mitme patsiendi kaaluga (M), iga reegli järgi.",
        ),
        tab="7F6000",
    )
    sheet.widths = {1: 46, 2: 10, 3: 6}
    sheet.default_width = 13
    sheet.heights[_FIRST - 1] = 64
    sheet.freeze = f"D{_FIRST}"

    def known(formula: str) -> str:
        return f'IF({{patients}}>0,{formula},"")'

    def strengths(values: Array) -> NDArray[Any]:
        return np.array([strength_cell(book, value) for value in values], dtype=object)

    column_of = "INDEX({%s:all},0,{prior_no})"
    target, done, covered = column_of % "target", column_of % "done", column_of % "coverage"
    columns: list[tuple[str, Label, Any, str | None, Kind, Format]] = [
        ("prior_name", Label("Indicator", "Indikaator"), texts(names), f'{{{language_name}}}&""', "text", "text"),
        ("prior_code", Label("Code", "Kood"), texts(scheme.codes), '{code}&""', "text", "text"),
        ("prior_no", Label("No.", "Nr"), None, None, "calculation", "general"),
        (
            "with_patients",
            Label("Lists with patients N", "Sihtrühmaga nimistuid N"),
            (table.target > 0).sum(axis=0).astype(float),
            f"COUNT({covered})",
            "calculation",
            "count",
        ),
        (
            "patients",
            Label("Target population, sum of n", "Sihtrühm kokku, n summa"),
            table.target.sum(axis=0),
            f"SUM({target})",
            "calculation",
            "count",
        ),
        (
            "served",
            Label("Done, sum of x", "Tehtud kokku, x summa"),
            table.counted.sum(axis=0),
            f"SUM({done})",
            "calculation",
            "count",
        ),
        (
            "overall",
            Label("Overall coverage", "Üldine hõlmatus"),
            workings.mean,
            'IF({patients}>0,{served}/{patients},"")',
            "calculation",
            "percent1",
        ),
        (
            "mean_target",
            Label("Mean target of all lists", "Keskmine sihtrühm"),
            mean_target,
            'IF({patients}>0,{patients}/{lists},"")',
            "calculation",
            "decimal",
        ),
        (
            "report_strength",
            Label("report: M = fraction of the mean target", "report: M = osa keskmisest sihtrühmast"),
            result.method.fraction * mean_target,
            known("{fraction}*{mean_target}"),
            "calculation",
            "decimal",
        ),
        (
            "spread",
            Label("Spread S = sum of n (c - m)²", "Hajuvus S = n (c - m)² summa"),
            workings.spread,
            known(f"SUMPRODUCT({done},{covered})-{{overall}}*{{served}}"),
            "calculation",
            "decimal",
        ),
        (
            "room",
            Label("Sum of n - sum of n² / sum of n - (N - 1)", "n summa - n² summa / n summa - (N - 1)"),
            workings.room,
            known(f"{{patients}}-SUMSQ({target})/{{patients}}-({{with_patients}}-1)"),
            "calculation",
            "decimal",
        ),
        (
            "rho",
            Label("moments: rho", "moments: rho"),
            workings.rho,
            known(
                "IF(AND({overall}>0,{overall}<1,{room}>0),"
                "({spread}/({overall}*(1-{overall}))-({with_patients}-1))/{room},0)"
            ),
            "calculation",
            "share",
        ),
        (
            "moments_strength",
            Label("moments: M = (1 - rho) / rho", "moments: M = (1 - rho) / rho"),
            strengths(workings.strength),
            known("IF({rho}>0,MAX(0,(1-{rho})/{rho}),{infinite})"),
            "calculation",
            "decimal",
        ),
        (
            "prior_mean",
            Label("Prior mean m in use", "Kasutatav keskmine m"),
            result.prior.mean,
            known(_chosen(book, "mean")),
            "output",
            "percent1",
        ),
        (
            "prior_strength",
            Label("Prior strength M in use, patients", "Kasutatav kaal M, patsienti"),
            strengths(result.prior.strength),
            known(_chosen(book, "strength")),
            "output",
            "decimal",
        ),
    ]
    for number, (key, label, values, formula, kind, number_format) in enumerate(columns, start=1):
        book.write(sheet, (_FIRST - 1, number), [[label]], "heading")
        # Sums of nothing are 0; what cannot be told without patients stays empty.
        empty = 0.0 if key in ("with_patients", "patients", "served") else None
        shown = room.numbers if values is None else room.by_indicator(values, empty)
        book.add(sheet, key, (_FIRST, number), shown, formula, kind=kind, format=number_format)
    notes = [
        Label(
            "report is the method the fund was offered: a chosen amount, not an estimate. "
            "moments and likelihood estimate M from how much lists differ beyond chance.",
            "report on tervisekassale pakutud meetod: valitud, mitte hinnatud suurus. "
            "moments ja likelihood hindavad M-i sellest, kui palju nimistud erinevad üle juhuslikkuse.",
        ),
        Label(
            "likelihood has no closed form: its values stand on the sheet of the scheme as estimated by the program."
            if estimated
            else "likelihood has no closed form: run the program with --prior likelihood to have it estimated.",
            "likelihood ei ole valemina esitatav: väärtused on skeemi lehel programmi hinnatuna."
            if estimated
            else "likelihood ei ole valemina esitatav: hindamiseks käivitage programm valikuga --prior likelihood.",
        ),
    ]
    book.write(sheet, (_FIRST + room.indicators + 1, 1), [[note] for note in notes], "note")
    return sheet


def _chosen(book: Book, what: str) -> str:
    rules = book.block("prior_rules").values[0]
    return f"CHOOSE(MATCH({{prior_rule}},{{prior_rules:all}},0),{','.join(_BY_RULE[rule][what] for rule in rules)})"
