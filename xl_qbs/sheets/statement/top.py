"""The head of a statement: whose it is, where the counts come from, and the three scores with their place."""

from __future__ import annotations

from typing import Any

import numpy as np

from xl_qbs.scoring.score import SchemeScore
from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.frame import texts
from xl_qbs.sheets.model import Book, Format, Kind, Label, Sheet
from xl_qbs.sheets.statement.fund import Fund
from xl_qbs.sheets.statement.tables import LAST

FACTS_ROW = 4
SCORES_ROW = 9
# Between a cell with lines and a label that begins right of it.
_SPACE = "\N{EN SPACE}"
# The row behind the scores.
AFTER_SCORES = SCORES_ROW + 5
SCORES = {
    "current": Label("Current score (all or nothing)", "Kehtiv skoor (kõik või mitte midagi)"),
    "proportional": Label("Proportional score", "Osaline skoor"),
    "need": Label("Need-adjusted score", "Vajaduspõhine skoor"),
}


def scores_of(fund: Fund) -> dict[str, SchemeScore]:
    """Return the run's three scores by the page's names for them."""
    result = fund.result
    return {"current": result.current, "proportional": result.proportional, "need": result.need_adjusted}


def add_facts(book: Book, sheet: Sheet, fund: Fund, row: int) -> None:
    """Add whose statement it is, and from where and how its numbers were made."""
    table, facts = fund.result.table, fund.facts
    name = table.names[row] if table.names else ""
    where = f"{facts.sheet}, {book.say(Label('row', 'rida'))} {facts.rows[row]}"
    left = [
        ("list_id", Label("List", "Nimistu"), table.providers[row]),
        ("doctor", Label("Name", "Nimi"), name or "–"),
        ("period", Label("Period", "Periood"), table.period or "–"),
        ("made", Label("Made", "Koostatud"), facts.time),
    ]
    right = [
        ("file", Label("File", "Fail"), facts.file),
        ("read_from", Label("Read from", "Loetud"), where),
        ("method", Label("Method", "Meetod"), book.say(facts.method)),
        ("program", Label("Program", "Programm"), facts.version),
    ]
    for number, ((key, label, text), other) in enumerate(zip(left, right, strict=True), start=FACTS_ROW):
        book.write(sheet, (number, 1), [[label]], "label")
        _wide_text(book, sheet, key, number, (2, 5), text)
        book.write(sheet, (number, 6), [[_SPACE + book.say(other[1]), ""]], "label")
        sheet.merges.append(f"F{number}:G{number}")
        _wide_text(book, sheet, other[0], number, (8, LAST), other[2])


def _wide_text(book: Book, sheet: Sheet, key: str, row: int, columns: tuple[int, int], text: str) -> None:
    """Add a text in cells that are merged; it is a text whatever it begins with."""
    left, right = columns
    cells = np.array([[text, *[""] * (right - left)]], dtype=object)
    book.add(sheet, key, (row, left), cells, kind="link", format="text")
    sheet.merges.append(f"{column_letter(left)}{row}:{column_letter(right)}{row}")


def add_scores(book: Book, sheet: Sheet, fund: Fund, row: int) -> None:
    """Add the three scores: worked out here, as they stand in the run, and the place among the lists."""
    title = Label("Scores, and the place among all lists", "Skoorid ja koht kõigi nimistute seas")
    bands = bool(fund.result.scheme.bands)
    book.write(sheet, (SCORES_ROW, 1), [[title, *[""] * (LAST - 1)]], "group")
    sheet.merges.append(f"A{SCORES_ROW}:{column_letter(LAST)}{SCORES_ROW}")
    heads: list[Label | str] = [
        Label("Score", "Skoor"),
        Label("Points", "Punkte"),
        Label("Most there are", "Suurim"),
        Label("Share of most", "Osa suurimast"),
        Label("As in the list", "Nimekirjas"),
        Label("The same", "Sama"),
        Label("Rank", "Koht"),
        Label("Out of", "Nimistuid"),
        Label("Relative rank", "Suhteline koht"),
        Label("Band", "Vahemik"),
        "",
        Label("Lower quartile", "Alumine kvartiil"),
        Label("Median", "Mediaan"),
        Label("Upper quartile", "Ülemine kvartiil"),
    ]
    at = SCORES_ROW + 1
    book.write(sheet, (at, 1), [heads], "heading")
    sheet.heights[at] = 28
    sheet.merges.append(f"J{at}:K{at}")
    names = book.block("band_name").values[:, 0] if bands else np.array([], dtype=object)
    weighted = {"current": "points", "proportional": "points", "need": "weight"}
    for place, (key, score) in enumerate(scores_of(fund).items()):
        number = at + 1 + place
        kind: Kind = "output" if key == "need" else "calculation"
        most = float(fund.result.weights.sum()) if key == "need" else fund.result.scheme.total
        total, count = float(score.total[row]), float(len(score.total))
        factor = "*{coefficient}" if key == "current" else ""
        book.write(sheet, (number, 1), [[SCORES[key]]], "text")
        reached = f"SUMPRODUCT(--({{band_lower:all}}<={{{key}_score}}/{{{key}_most}}+{{band_guard}}))"
        cells: list[tuple[str, int, Any, str | None, Kind, Format]] = [
            ("score", 2, total, f"ROUND({{{key}_points_total}}{factor},{{score_decimals}})", "output", "score"),
            ("most", 3, most, f"{{{weighted[key]}_total}}", kind, "score"),
            ("share", 4, total / most if most > 0 else "",
             f'IF({{{key}_most}}>0,{{{key}_score}}/{{{key}_most}},"")', kind, "percent1"),
            ("stated", 5, total, None, "input", "score"),
            ("same", 6, 1.0, f"IF(ABS({{{key}_score}}-{{{key}_stated}})<={{check_guard}},1,0)", "check", "flag"),
            ("rank", 7, float(score.rank[row]), None, "input", "count"),
            ("count", 8, count, None, "input", "count"),
            ("relative", 9, float(score.relative_rank[row]),
             f"IF({{{key}_count}}>1,({{{key}_count}}-{{{key}_rank}})/({{{key}_count}}-1),1)", kind, "percent1"),
        ]  # fmt: skip
        for name, column, value, formula, one, number_format in cells:
            values = np.array([value], dtype=object)
            book.add(sheet, f"{key}_{name}", (number, column), values, formula, kind=one, format=number_format)
        _add_band(book, sheet, key, number, names[score.band[row]] if bands else "", reached if bands else "", kind)
        quartile = fund.score_quartiles[place].reshape(1, -1)
        book.add(sheet, f"{key}_quartiles", (number, 12), quartile, kind="input", format="count")
    sheet.flags.append(f"F{at + 1}:F{at + 3}")


def _add_band(book: Book, sheet: Sheet, key: str, row: int, name: str, reached: str, kind: Kind) -> None:
    """Add the band that a score falls in, over two columns."""
    formula = f'IF({{{key}_most}}>0,INDEX({{band_name:all}},{reached}),"")' if reached else None
    book.add(sheet, f"{key}_band", (row, 10), texts([name]), formula, kind=kind, format="text")
    book.add(sheet, f"{key}_band_rest", (row, 11), texts([""]), kind=kind, format="text")
    sheet.merges.append(f"J{row}:K{row}")
