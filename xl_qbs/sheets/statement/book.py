"""A statement as a book of one sheet that fits one upright page."""

from __future__ import annotations

from xl_qbs.sheets.frame import begin
from xl_qbs.sheets.model import Book, Label, Language, Sheet
from xl_qbs.sheets.statement.bottom import add_bands, add_checks, add_conditions, add_notes, add_parameters
from xl_qbs.sheets.statement.fund import Fund
from xl_qbs.sheets.statement.tables import LAST, add_counts, add_need, add_next, shown_names
from xl_qbs.sheets.statement.top import AFTER_SCORES, add_facts, add_scores

NAME = Label("Statement", "Skooriteatis")
_GAP = 5.0
_ROW, _LOW_ROW = 15.0, 13.2
# Width and height of an upright A4 page without its margins, in points, and the share that is used of them,
# because programs differ in the widths of columns.
_WIDTH, _HEIGHT, _FILLED = 538.0, 755.0, 0.95


def statement_book(fund: Fund, row: int, language: Language = "en") -> Book:
    """Return the statement of one list.

    Args:
        fund: the run.
        row: which list, from 0.
        language: language of all texts.

    Every number follows by formulas from the list's own counts and from what is stated on the page: the
    scheme, the prior and the weights, which are the same for all lists, and its place among them. What is
    another list's own stands nowhere on it.
    """
    book = Book(language, prefix="")
    sheet = begin(
        book,
        NAME,
        Label("Score statement", "Skooriteatis"),
        Label(
            "The scores of one list, and how each number follows from what was counted.",
            "Ühe nimistu skoorid ja kuidas iga arv loetust tekib.",
        ),
        tab="C00000",
    )
    sheet.portrait = True
    add_facts(book, sheet, fund, row)
    top = AFTER_SCORES + 1
    after = add_counts(book, sheet, fund, row, top)
    gaps = [AFTER_SCORES - 6, AFTER_SCORES, after]
    after = add_need(book, sheet, fund, row, after + 1)
    gaps.append(after)
    third = after + 1
    after = max(add_next(book, sheet, fund, row, third), add_parameters(book, sheet, fund, row, third))
    gaps.append(after)
    bands = add_bands(book, sheet, fund, after + 1)
    add_scores(book, sheet, fund, row)
    after = max(bands, add_checks(book, sheet, after + 1))
    if fund.result.scheme.conditions:
        gaps.append(after)
        after = add_conditions(book, sheet, fund, row, after + 1, third + 4)
    gaps.append(after)
    after = add_notes(book, sheet, fund, after + 1)
    sheet.heights |= dict.fromkeys(gaps, _GAP)
    _fit(book, sheet, fund, after - 1)
    return book


def _fit(book: Book, sheet: Sheet, fund: Fund, bottom: int) -> None:
    """Set widths, and see to it that the page holds all rows: a sheet is fitted to the page's width.

    Where it would be too long, rows are made lower, and then all columns wider, which makes all of it smaller.
    """
    sheet.default_width = 8.2 if book.language == "en" else 8.6
    longest = max(len(name) for name in shown_names(book, fund))
    codes = max(len(code) for code in fund.result.scheme.codes)
    sheet.widths = {1: max(30.0, longest * 0.88 + 2), 2: min(max(9.0, codes + 1.0), 20.0)}
    wide = sum(_points(sheet.widths.get(column, sheet.default_width)) for column in range(1, LAST + 1))
    most = wide * _FILLED * _HEIGHT / _WIDTH
    if _height(sheet, bottom) > most:
        plain = [row for row in range(1, bottom + 1) if row not in sheet.heights]
        others = sum(height for row, height in sheet.heights.items() if row <= bottom)
        # Rounded down to tenths, so that all of them together are not too high.
        low = int((most - others) / len(plain) * 10) / 10
        sheet.heights |= dict.fromkeys(plain, max(low, _LOW_ROW))
    missing = _height(sheet, bottom) * _WIDTH / (_FILLED * _HEIGHT) - wide
    if missing > 0:
        more = missing / LAST / 5.25
        sheet.default_width = round(sheet.default_width + more, 2)
        sheet.widths = {column: round(width + more, 2) for column, width in sheet.widths.items()}
    sheet.print_area = f"A1:N{bottom}"


def _height(sheet: Sheet, bottom: int) -> float:
    return sum(sheet.heights.get(row, _ROW) for row in range(1, bottom + 1))


def _points(width: float) -> float:
    """Return the width of a column in points: a character takes 5.25, and each column 3.75 more, at the usual type."""
    return width * 5.25 + 3.75
