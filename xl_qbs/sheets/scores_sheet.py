"""The sheet of scores: three scores with rank, relative rank and band, conditions, and points by indicator."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xl_qbs.scoring.score import SchemeScore
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.conditions import add_conditions
from xl_qbs.sheets.frame import FIRST_ROW, HEADING_ROW, add_indicator_columns, begin, mute_unused, texts
from xl_qbs.sheets.model import Book, Kind, Label, Sheet
from xl_qbs.sheets.room import Room
from xl_qbs.sheets.run import SCORES, Run

# By these words the sheet is found again in a scored workbook (`xl_qbs.workbook.provider_table`).
LIST = Label("List", "Nimistu")
SCORE = Label("Score", "Skoor")
NEED_ADJUSTED_SCORE = Label("Need-adjusted score", "Vajaduspõhine skoor")


class _Scheme(NamedTuple):
    """One way of giving credit, as the sheet shows it."""

    key: str
    label: Label
    score: SchemeScore
    points_formula: str
    needs: tuple[str, ...]
    most: str
    kind: Kind


_CURRENT_POINTS = "IF({target}>0,IF({done}+{threshold_guard}>={required_row}*{target},{points_row},0),0)"
_PROPORTIONAL_POINTS = (
    "IF({target}>0,{proportional_points_row}*MAX(0,MIN(1,({coverage}-{lower_limit})/({upper_limit}-{lower_limit}))),0)"
)
_ADJUSTED_POINTS = "{weight_row}*{adjusted}"


def add_scores(book: Book, run: Run, *, brief: bool = False) -> Sheet:
    """Add the sheet of scores: a row a list.

    Args:
        book: the book to add to.
        run: what was scored.
        brief: leave out the proportional score.
    """
    result = run.result
    sheet = begin(
        book,
        SCORES,
        Label("Scores", "Skoorid"),
        Label(
            "Each score is the sum of its points by indicator, which stand further to the right.",
            "Iga skoor on indikaatorite punktide summa; punktid on eraldi veergudes paremal.",
        ),
        tab="C00000",
    )
    sheet.widths = {1: 26, 2: 10, 3: 10}
    sheet.default_width = 13.5
    sheet.scale = 70
    sheet.heights |= {10: 5, 11: 5, HEADING_ROW: 64}
    sheet.freeze = f"B{FIRST_ROW}"
    schemes: tuple[_Scheme, ...] = (
        _Scheme(
            "current",
            Label("Current score (all or nothing)", "Kehtiv skoor (kõik või mitte midagi)"),
            result.current,
            _CURRENT_POINTS,
            ("done",),
            "total",
            "calculation",
        ),
        _Scheme(
            "proportional",
            Label("Proportional score", "Osaline skoor"),
            result.proportional,
            _PROPORTIONAL_POINTS,
            ("done",),
            "total",
            "calculation",
        ),
        _Scheme(
            "need",
            NEED_ADJUSTED_SCORE,
            result.need_adjusted,
            _ADJUSTED_POINTS,
            ("adjusted", "weight_row"),
            "weight_total",
            "output",
        ),
    )
    if brief:
        schemes = tuple(one for one in schemes if one.key != "proportional")
    first_points = _add_summary(book, sheet, run, schemes)
    after = _add_points(book, sheet, run, schemes, first_points)
    _add_order(book, sheet, run, schemes, after)
    sheet.print_titles = f"$A:$A,$5:${HEADING_ROW}"
    mute_unused(sheet, run.room)
    return sheet


def _add_summary(book: Book, sheet: Sheet, run: Run, schemes: tuple[_Scheme, ...]) -> int:
    """Add the columns of one number a list, and return the first column behind them."""
    result = run.result
    table, room = result.table, run.room
    book.write(sheet, (HEADING_ROW, 1), [[LIST]], "heading")
    providers = room.by_list(texts(table.providers))
    book.add(sheet, "score_provider", (FIRST_ROW, 1), providers, "{provider}", kind="calculation", format="text")
    heads = [Label("Eligible patients", "Sihtrühm kokku"), Label("Patients served", "Tehtud kokku")]
    book.write(sheet, (HEADING_ROW, 2), [heads], "heading")
    eligible, served = room.by_list(table.eligible), room.by_list(table.counted.sum(axis=1))
    book.add(sheet, "eligible", (FIRST_ROW, 2), eligible, _listed(room, "SUM({target:row})"), format="count")
    book.add(sheet, "served_patients", (FIRST_ROW, 3), served, _listed(room, "SUM({done:row})"), format="count")
    column = 4
    if book.find("source_coefficient") is not None:
        head = Label("Coefficient of the current score", "Kehtiva skoori koefitsient")
        book.write(sheet, (HEADING_ROW, column), [[head]], "heading")
        book.add(
            sheet,
            "coefficient",
            (FIRST_ROW, column),
            room.by_list(np.ones(len(table.target)) if table.coefficient is None else table.coefficient),
            _listed(room, "IF(ISNUMBER({source_coefficient}),{source_coefficient},1)"),
            kind="link",
            format="share",
        )
        column += 1
    for scheme in schemes:
        column = _add_score(book, sheet, run, scheme, column)
    if result.scheme.conditions or (room.open and not book.scope):
        column = add_conditions(book, sheet, run, column)
    last = column_letter(column - 1)
    sheet.filter = f"A{HEADING_ROW}:{last}{FIRST_ROW + len(providers) - 1}"
    return column


def _add_score(book: Book, sheet: Sheet, run: Run, scheme: _Scheme, column: int) -> int:
    result = run.result
    key, score = scheme.key, scheme.score
    room = run.room
    factor = "*{coefficient}" if key == "current" and book.find("coefficient") is not None else ""
    heads = [
        SCORE,
        Label("Rank", "Koht"),
        Label("Relative rank", "Suhteline koht"),
    ]
    book.add(
        sheet,
        f"{key}_score",
        (FIRST_ROW, column),
        room.by_list(score.total),
        _scored(room, f"{{{key}_points:row}}", f"ROUND(SUM({{{key}_points:row}}){factor},{{score_decimals}})"),
        kind="output",
        format="score",
    )
    # Where the score stands first in the order from the best down; RANK would sort all scores for each list.
    ranked = room.guarded(f"MATCH({{{key}_score}},{{{key}_order:all}},0)", f"{key}_score")
    ranks = room.by_list(score.rank)
    book.add(sheet, f"{key}_rank", (FIRST_ROW, column + 1), ranks, ranked, kind=scheme.kind, format="count")
    book.add(
        sheet,
        f"{key}_relative",
        (FIRST_ROW, column + 2),
        room.by_list(score.relative_rank),
        room.guarded(f"IF({{{key}_count}}>1,({{{key}_count}}-{{{key}_rank}})/({{{key}_count}}-1),1)", f"{key}_score"),
        kind=scheme.kind,
        format="percent1",
    )
    if book.find("band_name") is not None:
        heads.append(Label("Band", "Vahemik"))
        bands = book.block("band_name").values[:, 0]
        reached = f"{{{key}_score}}/{{{key}_most}}+{{band_guard}}"
        number = f'SUMPRODUCT(({{band_lower:all}}<={reached})*({{band_name:all}}<>""))'
        named = f"INDEX({{band_name:all}},{number})"
        if room.open:
            named = f'IF({{{key}_most}}>0,IF({number}>0,{named},""),"")'
        book.add(
            sheet,
            f"{key}_band",
            (FIRST_ROW, column + 3),
            room.by_list(bands[score.band] if result.scheme.bands else texts([""] * len(score.band))),
            room.guarded(named, f"{key}_score"),
            kind=scheme.kind,
            format="text",
        )
        sheet.widths[column + 3] = 18
    after = column + len(heads)
    sheet.widths |= {column: 10, column + 1: 7, column + 2: 10}
    book.write(sheet, (5, column), [[scheme.label]], "group")
    most = float(result.weights.sum()) if scheme.most == "weight_total" else result.scheme.total
    book.add(sheet, f"{key}_most", (8, column), np.array([most]), f"{{{scheme.most}}}", format="points")
    scored = np.array([float(len(score.total))])
    book.add(sheet, f"{key}_count", (9, column), scored, f"COUNT({{{key}_score:all}})", format="count")
    sheet.merges.append(f"{column_letter(column)}5:{column_letter(after - 1)}5")
    book.write(sheet, (HEADING_ROW, column), [heads], "heading")
    return after


def _listed(room: Room, formula: str) -> str:
    return f'IF({{provider}}="","",{formula})' if room.open else formula


def _scored(room: Room, points: str, formula: str) -> str:
    """Return the formula of a score; a list of which a count is missing has none."""
    return f'IF({{provider}}="","",IF(COUNT({points})={{indicators}},{formula},""))' if room.open else formula


def _add_points(book: Book, sheet: Sheet, run: Run, schemes: tuple[_Scheme, ...], column: int) -> int:
    """Add points by indicator, and return the first column behind them."""
    result, room = run.result, run.room
    scheme = result.scheme
    points = room.across(np.array(scheme.points), 0.0)
    labels = [
        Label("Number of the indicator", "Indikaatori number"),
        Label("Code", "Kood"),
        Label("Most points there are", "Suurim võimalik"),
        Label("Lists with a score; required coverage", "Skooriga nimistuid; nõutav hõlmatus"),
    ]
    book.write(sheet, (6, 1), [[label] for label in labels], "text")
    titles = {
        "current": Label("Points: current", "Punktid: kehtiv"),
        "proportional": Label("Points: proportional", "Punktid: osaline"),
        "need": Label("Points: need-adjusted", "Punktid: vajaduspõhine"),
    }
    rows: dict[str, tuple[str, Array, str]] = {
        "current": ("points_row", points, "INDEX({points:all},{no_current_points})"),
        "proportional": ("proportional_points_row", points, "INDEX({points:all},{no_proportional_points})"),
        "need": ("weight_row", room.across(result.weights, 0.0), "INDEX({weight:all},{no_need_points})"),
    }
    for one in schemes:
        key = f"{one.key}_points"
        sheet.breaks.append(column - 1)
        add_indicator_columns(book, sheet, run, key, titles[one.key], column)
        row_key, values, formula = rows[one.key]
        book.add(sheet, row_key, (8, column), values, formula, format="points")
        if one.key == "current":
            required = room.across(np.array(scheme.required_coverage), 0.0)
            formula = "INDEX({required:all},{no_current_points})"
            book.add(sheet, "required_row", (9, column), required, formula, format="percent")
        formula = room.guarded(one.points_formula, *one.needs)
        book.add(sheet, key, (FIRST_ROW, column), room.grid(one.score.points), formula, format="points")
        column += room.indicators
    return column


def _add_order(book: Book, sheet: Sheet, run: Run, schemes: tuple[_Scheme, ...], column: int) -> None:
    """Add every score from the best down, where a list's rank is looked up."""
    room = run.room
    sheet.breaks.append(column - 1)
    book.write(sheet, (5, column), [[Label("From the best down", "Parimast alates")]], "group")
    sheet.merges.append(f"{column_letter(column)}5:{column_letter(column + len(schemes))}5")
    heads = [Label("No.", "Nr"), *(one.label for one in schemes)]
    book.write(sheet, (HEADING_ROW, column), [heads], "heading")
    numbers = np.arange(1.0, room.lists + 1)
    book.add(sheet, "order_no", (FIRST_ROW, column), numbers, format="count")
    for place, one in enumerate(schemes, start=column + 1):
        ordered = room.by_list(np.sort(one.score.total)[::-1])
        formula = f"LARGE({{{one.key}_score:all}},{{order_no}})"
        if room.open:
            formula = f'IF({{order_no}}<={{{one.key}_count}},{formula},"")'
        book.add(sheet, f"{one.key}_order", (FIRST_ROW, place), ordered, formula, format="score")
