"""The sheet of scores: three scores with rank, relative rank and band, conditions, and points by indicator."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xl_qbs.scheme import Condition
from xl_qbs.scoring.conditions import clause_share
from xl_qbs.scoring.score import SchemeScore
from xl_qbs.scoring.table import Array
from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.frame import FIRST_ROW, HEADING_ROW, add_indicator_columns, begin
from xl_qbs.sheets.model import Book, Kind, Label, Sheet
from xl_qbs.sheets.run import SCORES, Run


class _Scheme(NamedTuple):
    """One way of giving credit, as the sheet shows it."""

    key: str
    label: Label
    score: SchemeScore
    points_formula: str
    most: str
    kind: Kind


_CURRENT_POINTS = "IF({target}>0,IF({done}+{threshold_guard}>={required_row}*{target},{points_row},0),0)"
_PROPORTIONAL_POINTS = (
    "IF({target}>0,{proportional_points_row}*MAX(0,MIN(1,({coverage}-{lower_limit})/({upper_limit}-{lower_limit}))),0)"
)
_ADJUSTED_POINTS = "{weight_row}*{adjusted}"


def add_scores(book: Book, run: Run) -> Sheet:
    """Add the sheet of scores: a row a list."""
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
    schemes = (
        _Scheme(
            "current",
            Label("Current score (all or nothing)", "Kehtiv skoor (kõik või mitte midagi)"),
            result.current,
            _CURRENT_POINTS,
            "total",
            "calculation",
        ),
        _Scheme(
            "proportional",
            Label("Proportional score", "Osaline skoor"),
            result.proportional,
            _PROPORTIONAL_POINTS,
            "total",
            "calculation",
        ),
        _Scheme(
            "need",
            Label("Need-adjusted score", "Vajaduspõhine skoor"),
            result.need_adjusted,
            _ADJUSTED_POINTS,
            "weight_total",
            "output",
        ),
    )
    first_points = _add_summary(book, sheet, run, schemes)
    _add_points(book, sheet, run, schemes, first_points)
    sheet.print_titles = f"$A:$A,$5:${HEADING_ROW}"
    return sheet


def _add_summary(book: Book, sheet: Sheet, run: Run, schemes: tuple[_Scheme, ...]) -> int:
    """Add the columns of one number a list, and return the first column behind them."""
    result = run.result
    table = result.table
    book.write(sheet, (HEADING_ROW, 1), [[Label("List", "Nimistu")]], "heading")
    providers = np.array(table.providers, dtype=object)
    book.add(sheet, "score_provider", (FIRST_ROW, 1), providers, "{provider}", kind="calculation", format="text")
    heads = [Label("Eligible patients", "Sihtrühm kokku"), Label("Patients served", "Tehtud kokku")]
    book.write(sheet, (HEADING_ROW, 2), [heads], "heading")
    book.add(sheet, "eligible", (FIRST_ROW, 2), table.eligible, "SUM({target:row})", format="count")
    served = table.counted.sum(axis=1)
    book.add(sheet, "served_patients", (FIRST_ROW, 3), served, "SUM({done:row})", format="count")
    column = 4
    if table.coefficient is not None and run.sources.coefficient is not None:
        book.links(run.sources.coefficient)
        head = Label("Coefficient of the current score", "Kehtiva skoori koefitsient")
        book.write(sheet, (HEADING_ROW, column), [[head]], "heading")
        book.add(
            sheet,
            "coefficient",
            (FIRST_ROW, column),
            table.coefficient,
            "IF(ISNUMBER({source_coefficient}),{source_coefficient},1)",
            kind="link",
            format="share",
        )
        column += 1
    for scheme in schemes:
        column = _add_score(book, sheet, run, scheme, column)
    for condition in result.scheme.conditions:
        column = _add_condition(book, sheet, run, condition, column)
    last = column_letter(column - 1)
    sheet.filter = f"A{HEADING_ROW}:{last}{FIRST_ROW + len(providers) - 1}"
    return column


def _add_score(book: Book, sheet: Sheet, run: Run, scheme: _Scheme, column: int) -> int:
    result = run.result
    key, score = scheme.key, scheme.score
    factor = "*{coefficient}" if key == "current" and "coefficient" in book.named else ""
    heads = [
        Label("Score", "Skoor"),
        Label("Rank", "Koht"),
        Label("Relative rank", "Suhteline koht"),
    ]
    book.add(
        sheet,
        f"{key}_score",
        (FIRST_ROW, column),
        score.total,
        f"ROUND(SUM({{{key}_points:row}}){factor},{{score_decimals}})",
        kind="output",
        format="score",
    )
    everyone = f"{{{key}_score:all}}"
    ranked = f"RANK({{{key}_score}},{everyone})"
    book.add(sheet, f"{key}_rank", (FIRST_ROW, column + 1), score.rank, ranked, kind=scheme.kind, format="count")
    book.add(
        sheet,
        f"{key}_relative",
        (FIRST_ROW, column + 2),
        score.relative_rank,
        f"IF(ROWS({everyone})>1,(ROWS({everyone})-{{{key}_rank}})/(ROWS({everyone})-1),1)",
        kind=scheme.kind,
        format="percent1",
    )
    if result.scheme.bands:
        heads.append(Label("Band", "Vahemik"))
        bands = book.block("band_name").values[:, 0]
        book.add(
            sheet,
            f"{key}_band",
            (FIRST_ROW, column + 3),
            bands[score.band],
            f"LOOKUP({{{key}_score}}/{{{key}_most}}+{{band_guard}},{{band_lower:all}},{{band_name:all}})",
            kind=scheme.kind,
            format="text",
        )
        sheet.widths[column + 3] = 18
    after = column + len(heads)
    sheet.widths |= {column: 10, column + 1: 7, column + 2: 10}
    book.write(sheet, (5, column), [[scheme.label]], "group")
    most = float(result.weights.sum()) if scheme.most == "weight_total" else result.scheme.total
    book.add(sheet, f"{key}_most", (8, column), np.array([most]), f"{{{scheme.most}}}", format="points")
    sheet.merges.append(f"{column_letter(column)}5:{column_letter(after - 1)}5")
    book.write(sheet, (HEADING_ROW, column), [heads], "heading")
    return after


def _add_condition(book: Book, sheet: Sheet, run: Run, condition: Condition, column: int) -> int:
    """Add what a list has reached of each clause of a condition, and whether it meets them all."""
    result = run.result
    scheme = result.scheme
    number = scheme.conditions.index(condition)
    first_clause = sum(len(one.clauses) for one in scheme.conditions[:number])
    tests = []
    for place, clause in enumerate(condition.clauses):
        key = f"clause_{number}_{place}"
        share = clause_share(clause, scheme, result.table, result.need_adjusted.points, result.weights)
        members = f"INDEX({{clause_members:all}},{{{key}_line}},0)"
        if clause.scope == "indicator":
            formula = f"INDEX({{coverage:row}},MATCH(1,{members},0))"
        else:
            most = f"SUMPRODUCT({members},{{weight_row:all}})"
            formula = f"IF({most}>0,SUMPRODUCT({members},{{need_points:row}})/{most},0)"
        line = np.array([float(first_clause + place + 1)])
        book.add(sheet, f"{key}_line", (6, column + place), line, kind="calculation")
        book.write(sheet, (HEADING_ROW, column + place), [[" + ".join(clause.codes)]], "heading")
        book.add(sheet, key, (FIRST_ROW, column + place), share, formula, format="percent1")
        least = f"INDEX({{clause_share:all}},{{{key}_line}})"
        tests.append(f'IF({{{key}}}="",1,IF({{{key}}}+{{band_guard}}>={least},1,0))')
    name = (condition.name_et or condition.name) if book.language == "et" else condition.name
    after = column + len(condition.clauses)
    met = result.conditions[condition.name].astype(float)
    book.write(sheet, (5, column), [[name]], "group")
    sheet.merges.append(f"{column_letter(column)}5:{column_letter(after)}5")
    book.write(sheet, (HEADING_ROW, after), [[Label("Met (1 = yes)", "Täidetud (1 = jah)")]], "heading")
    book.add(sheet, f"condition_{number}", (FIRST_ROW, after), met, "*".join(tests), kind="output", format="count")
    return after + 1


def _add_points(book: Book, sheet: Sheet, run: Run, schemes: tuple[_Scheme, ...], column: int) -> None:
    result = run.result
    scheme = result.scheme
    points = np.array([scheme.points])
    labels = [
        Label("Number of the indicator", "Indikaatori number"),
        Label("Code", "Kood"),
        Label("Most points there are", "Suurim võimalik"),
        Label("Required coverage", "Nõutav hõlmatus"),
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
        "need": ("weight_row", result.weights.reshape(1, -1), "INDEX({weight:all},{no_need_points})"),
    }
    for one in schemes:
        key = f"{one.key}_points"
        sheet.breaks.append(column - 1)
        add_indicator_columns(book, sheet, scheme, key, titles[one.key], column)
        row_key, values, formula = rows[one.key]
        book.add(sheet, row_key, (8, column), values, formula, format="points")
        if one.key == "current":
            required = np.array([scheme.required_coverage])
            formula = "INDEX({required:all},{no_current_points})"
            book.add(sheet, "required_row", (9, column), required, formula, format="percent")
        book.add(sheet, key, (FIRST_ROW, column), one.score.points, one.points_formula, format="points")
        column += len(scheme.codes)
