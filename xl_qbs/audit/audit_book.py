"""The audit as a workbook: verdict, facts, and the table of findings with buttons to filter by."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from xl_qbs._version import METHOD_VERSION, __version__
from xl_qbs.audit.findings import SEVERITIES, AuditReport
from xl_qbs.errors import OutputError
from xl_qbs.sheets.address import cell_name
from xl_qbs.sheets.model import Book
from xl_qbs.workbook.template_file import write_template

_HEADS = ("Severity", "Kind", "Sheet", "Cell", "What", "Expected", "Found", "Effect", "List", "Cells")
_WIDTHS = (11, 20, 22, 14, 70, 60, 60, 60, 14, 9)
# Excel's limit is 32,767 characters in a cell; an audit needs no more than the beginning of a formula.
_LONGEST = 2000


def audit_book(report: AuditReport) -> Book:
    """Return an audit as sheets."""
    book = Book(prefix="")
    front = book.sheet("Audit")
    front.widths = {1: 32, 2: 110}
    front.portrait = True
    book.write(front, (1, 1), [[f"{'PASS' if report.passed else 'FAIL'}: {report.file}"]], "title")
    book.write(front, (2, 1), [["Written by a program: what stands in the workbook against what should."]], "note")
    facts = [("What", report.what), ("SHA-256", report.sha256), ("Verdict", "PASS" if report.passed else "FAIL")]
    facts += [(f"{severity.capitalize()}s", str(report.count(severity))) for severity in SEVERITIES]
    facts += [*report.facts, ("Written with", f"xl_qbs {__version__}, method version {METHOD_VERSION}")]
    book.write(front, (4, 1), [[label, text] for label, text in facts], "text")
    sheet = book.sheet("Findings")
    sheet.widths = dict(enumerate(_WIDTHS, start=1))
    sheet.freeze = "A2"
    sheet.print_titles = "$1:$1"
    book.write(sheet, (1, 1), [list(_HEADS)], "heading")
    rows = [
        [one.severity, one.kind, one.sheet, one.cell, one.what, one.expected, one.found, one.effect, one.provider]
        for one in report.findings
    ] or [["", "", "", "", "Nothing was found.", "", "", "", ""]]
    book.write(sheet, (2, 1), [[text[:_LONGEST] for text in row] for row in rows], "text")
    if report.findings:
        counts = np.array([float(one.cells) for one in report.findings])
        book.add(sheet, "cells", (2, len(_HEADS)), counts, kind="text", format="count")
    sheet.filter = f"A1:{cell_name(len(rows) + 1, len(_HEADS))}"
    return book


def write_audit(report: AuditReport, path: Path) -> Path:
    """Write an audit as a workbook; its sheets are protected without a password, against slips.

    Raises:
        OutputError: the file cannot be written.
    """
    if path.suffix.lower() != ".xlsx":
        raise OutputError(f"{path.name}: the audit workbook must end in .xlsx.")
    write_template(
        audit_book(report), path, title=f"Audit of {report.file}", description="What an audit by xl_qbs found."
    )
    return path
