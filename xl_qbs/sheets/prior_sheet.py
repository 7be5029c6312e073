"""The sheet of the prior: each rule worked out from the counts, and the one that is used."""

from __future__ import annotations

from typing import Any

import numpy as np

from xl_qbs.scoring.priors import moments_workings
from xl_qbs.sheets.frame import begin, indicator_names, strength_cell
from xl_qbs.sheets.model import Book, Format, Kind, Label, Sheet
from xl_qbs.sheets.run import PRIOR, Run

_FIRST = 7


def add_prior(book: Book, run: Run) -> Sheet:
    """Add the sheet of the prior: a row an indicator, a column a step."""
    result = run.result
    table, scheme = result.table, result.scheme
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
    column_of = "INDEX({%s:all},0,{prior_no})"
    target, done, covered = column_of % "target", column_of % "done", column_of % "coverage"
    columns: list[tuple[str, Label, Any, str | None, Kind, Format]] = [
        ("prior_name", Label("Indicator", "Indikaator"), names, f"{{{language_name}}}", "text", "text"),
        ("prior_code", Label("Code", "Kood"), list(scheme.codes), "{code}", "text", "text"),
        ("prior_no", Label("No.", "Nr"), np.arange(1.0, len(names) + 1), None, "calculation", "general"),
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
            "{served}/{patients}",
            "calculation",
            "percent1",
        ),
        (
            "mean_target",
            Label("Mean target of all lists", "Keskmine sihtrühm"),
            mean_target,
            "{patients}/ROWS({target:all})",
            "calculation",
            "decimal",
        ),
        (
            "report_strength",
            Label("report: M = fraction of the mean target", "report: M = osa keskmisest sihtrühmast"),
            result.method.fraction * mean_target,
            "{fraction}*{mean_target}",
            "calculation",
            "decimal",
        ),
        (
            "spread",
            Label("Spread S = sum of n (c - m)²", "Hajuvus S = n (c - m)² summa"),
            workings.spread,
            f"SUMPRODUCT({done},{covered})-{{overall}}*{{served}}",
            "calculation",
            "decimal",
        ),
        (
            "room",
            Label("Sum of n - sum of n² / sum of n - (N - 1)", "n summa - n² summa / n summa - (N - 1)"),
            workings.room,
            f"{{patients}}-SUMSQ({target})/{{patients}}-({{with_patients}}-1)",
            "calculation",
            "decimal",
        ),
        (
            "rho",
            Label("moments: rho", "moments: rho"),
            workings.rho,
            "IF(AND({overall}>0,{overall}<1,{room}>0),"
            "({spread}/({overall}*(1-{overall}))-({with_patients}-1))/{room},0)",
            "calculation",
            "share",
        ),
        (
            "moments_strength",
            Label("moments: M = (1 - rho) / rho", "moments: M = (1 - rho) / rho"),
            [strength_cell(book, value) for value in workings.strength],
            "IF({rho}>0,MAX(0,(1-{rho})/{rho}),{infinite})",
            "calculation",
            "decimal",
        ),
        (
            "prior_mean",
            Label("Prior mean m in use", "Kasutatav keskmine m"),
            result.prior.mean,
            "CHOOSE(MATCH({prior_rule},{prior_rules:all},0),{overall},{overall},{likelihood_mean},{given_mean})",
            "output",
            "percent1",
        ),
        (
            "prior_strength",
            Label("Prior strength M in use, patients", "Kasutatav kaal M, patsienti"),
            [strength_cell(book, value) for value in result.prior.strength],
            "CHOOSE(MATCH({prior_rule},{prior_rules:all},0),"
            "{report_strength},{moments_strength},{likelihood_strength},{given_strength})",
            "output",
            "decimal",
        ),
    ]
    for number, (key, label, values, formula, kind, number_format) in enumerate(columns, start=1):
        book.write(sheet, (_FIRST - 1, number), [[label]], "heading")
        book.add(sheet, key, (_FIRST, number), values, formula, kind=kind, format=number_format)
    notes = [
        Label(
            "report is the method the fund was offered: a chosen amount, not an estimate. "
            "moments and likelihood estimate M from how much lists differ beyond chance.",
            "report on tervisekassale pakutud meetod: valitud, mitte hinnatud suurus. "
            "moments ja likelihood hindavad M-i sellest, kui palju nimistud erinevad üle juhuslikkuse.",
        ),
        Label(
            "likelihood has no closed form: its values stand on QBS Scheme as estimated by the program."
            if estimated
            else "likelihood has no closed form: run the program with --prior likelihood to have it estimated.",
            "likelihood ei ole valemina esitatav: väärtused on lehel QBS Skeem programmi hinnatuna."
            if estimated
            else "likelihood ei ole valemina esitatav: hindamiseks käivitage programm valikuga --prior likelihood.",
        ),
    ]
    book.write(sheet, (_FIRST + len(names) + 1, 1), [[note] for note in notes], "note")
    return sheet
