"""The sheet of data checks: counts by indicator as formulas, and every finding with its cell."""

from __future__ import annotations

from typing import Any

import numpy as np

from xl_qbs.errors import Finding
from xl_qbs.sheets.frame import begin, indicator_names
from xl_qbs.sheets.model import Book, Format, Label, Sheet
from xl_qbs.sheets.run import DATA_CHECKS, Run

_FIRST = 7
_SEVERITY = {
    "error": Label("error", "viga"),
    "warning": Label("warning", "hoiatus"),
    "note": Label("note", "märkus"),
}


def add_data_checks(book: Book, run: Run) -> Sheet:
    """Add the sheet of data checks."""
    sheet = begin(
        book,
        DATA_CHECKS,
        Label("Data checks", "Andmekontroll"),
        Label(
            f"What was read from {run.data_range}, and what was found in it.",
            f"Mida loeti vahemikust {run.data_range} ja mida sealt leiti.",
        ),
        tab="7030A0",
    )
    sheet.widths = {1: 46, 2: 14, 3: 12, 4: 16, 5: 14, 6: 14, 7: 14, 8: 14}
    sheet.heights[_FIRST - 1] = 48
    row = _add_counts(book, sheet, run) + 2
    _add_findings(book, sheet, (*run.findings, *run.result.warnings), row)
    return sheet


def _add_counts(book: Book, sheet: Sheet, run: Run) -> int:
    table, scheme = run.result.table, run.result.scheme
    which, names = indicator_names(book, scheme)
    target = "INDEX({target:all},0,{check_no})"
    done = "INDEX({done:all},0,{check_no})"
    capped = (table.done > table.target).sum(axis=0).astype(float)
    columns: list[tuple[str, Label, Any, str | None, Format]] = [
        ("check_name", Label("Indicator", "Indikaator"), names, f"{{{which}}}", "text"),
        ("check_code", Label("Code", "Kood"), list(scheme.codes), "{code}", "text"),
        ("check_no", Label("No.", "Nr"), np.arange(1.0, len(names) + 1), None, "general"),
        (
            "check_target",
            Label("Target population", "Sihtrühm"),
            table.target.sum(axis=0),
            f"SUM({target})",
            "count",
        ),
        (
            "check_done",
            Label("Done, as counted", "Tehtud, arvestatult"),
            table.counted.sum(axis=0),
            f"SUM({done})",
            "count",
        ),
        (
            "check_nobody",
            Label("Lists with nobody to serve", "Sihtrühmata nimistuid"),
            (table.target == 0).sum(axis=0).astype(float),
            f"SUMPRODUCT(--({target}=0))",
            "count",
        ),
        (
            "check_full",
            Label("Lists at 100 %", "Nimistuid 100 % juures"),
            ((table.counted == table.target) & (table.target > 0)).sum(axis=0).astype(float),
            f"SUMPRODUCT(--({target}={done}))-{{check_nobody}}",
            "count",
        ),
        (
            "check_above",
            Label("Done above target, when read", "Tehtud üle sihtrühma, lugemisel"),
            capped,
            None,
            "count",
        ),
    ]
    book.write(sheet, (_FIRST - 2, 1), [[Label("By indicator", "Indikaatorite kaupa")]], "label")
    for number, (key, label, values, formula, number_format) in enumerate(columns, start=1):
        book.write(sheet, (_FIRST - 1, number), [[label]], "heading")
        book.add(sheet, key, (_FIRST, number), values, formula, format=number_format)
    return _FIRST + len(names)


def _add_findings(book: Book, sheet: Sheet, findings: tuple[Finding, ...], row: int) -> None:
    heads = [
        Label("Where", "Kus"),
        Label("Kind", "Liik"),
        Label("List", "Nimistu"),
        Label("What was found, and what to do", "Mida leiti ja mida teha"),
    ]
    book.write(sheet, (row, 1), [[Label("Findings", "Leiud")]], "label")
    if not findings:
        book.write(sheet, (row + 1, 1), [[Label("Nothing was found.", "Midagi ei leitud.")]], "text")
        return
    book.write(sheet, (row + 1, 1), [heads], "heading")
    sheet.merges.append(f"D{row + 1}:H{row + 1}")
    lines = [[one.where, book.say(_SEVERITY[one.severity]), one.provider, one.told] for one in findings]
    book.write(sheet, (row + 2, 1), lines, "text")
