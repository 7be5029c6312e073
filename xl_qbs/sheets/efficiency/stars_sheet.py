"""The sheet of stars: Exhibits 10 and 11 on these data."""

from __future__ import annotations

import numpy as np

from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.efficiency.columns import Column, add_columns, begin_rows
from xl_qbs.sheets.efficiency.plan import STARS, Plan
from xl_qbs.sheets.frame import FIRST_ROW, HEADING_ROW
from xl_qbs.sheets.model import Book, Label, Mark, Sheet

_GRID_COLUMN = 10


def add_stars(book: Book, plan: Plan) -> Sheet:
    """Add the sheet of stars; the sheets of parameters and data must stand already."""
    sheet = begin_rows(
        book,
        plan,
        STARS,
        Label("Value stars", "Väärtustärnid"),
        Label(
            "1 to 5 stars by total quality score and tenth of cost performance (Exhibits 10 and 11: an illustration).",
            "1–5 tärni kvaliteediskoori ja kulutulemuse kümnendiku järgi (joonised 10 ja 11: näitlikud).",
        ),
        tab="C55A11",
    )
    found = plan.analysis
    assert found.stars is not None  # noqa: S101  (asked for by the book)
    assert found.star_quality is not None  # noqa: S101
    assert found.star_efficiency is not None  # noqa: S101
    size = "ROWS({star_points_table:all})"
    usable = 'IF({stars_ready}=1,%s,"")'
    quality_column = np.clip(np.ceil(found.star_quality / 10 - 1e-9), 1, 10)
    columns = [
        Column(
            "star_quality",
            Label("Total quality score", "Kvaliteediskoor"),
            found.star_quality,
            usable % "MAX(0,MIN({star_scale},{star_scale}*({quality}-{star_floor})/({star_ceiling}-{star_floor})))",
            format="decimal",
        ),
        Column(
            "star_column",
            Label("Tenth of quality", "Kvaliteedi kümnendik"),
            quality_column,
            usable % f"MAX(1,MIN({size},-INT(-({{star_quality}}*{size}/{{star_scale}}-{{cut_guard}}))))",
            format="count",
        ),
        Column(
            "star_row",
            Label("Tenth of cost performance (10 = leanest)", "Kulutulemuse kümnendik (10 = säästlikem)"),
            found.star_efficiency,
            usable % f"-INT(-({size}*({{lists}}-{{performance_rank}}+1)/{{lists}}-{{cut_guard}}))",
            format="count",
        ),
        Column(
            "star_points",
            Label("Points (Exhibit 11)", "Punktid (joonis 11)"),
            found.stars.points,
            usable % "INDEX({star_points_table:all},{star_row},{star_column})",
            format="count",
        ),
        Column(
            "stars",
            Label("Stars (Exhibit 10)", "Tärnid (joonis 10)"),
            found.stars.stars,
            usable % "{star_points}+{middle_star}",
            "output",
            "count",
        ),
        Column(
            "star_adjusted",
            Label("Quality score with the points", "Kvaliteediskoor koos punktidega"),
            found.stars.adjusted_quality,
            usable % "MAX(0,MIN({star_scale},{star_quality}+{star_points}))",
            format="decimal",
        ),
    ]
    add_columns(book, sheet, plan, 2, columns, Label("Stars", "Tärnid"))
    label = Label("Quality is within 0 and full (1 = yes)", "Kvaliteet on 0 ja täie vahel (1 = jah)")
    book.write(sheet, (7, 1), [[label]], "text")
    used = "quality_used" if plan.room.open else "quality"
    formula = (
        f"IF(AND({{star_ceiling}}>{{star_floor}},COUNT({{{used}:all}})>0),"
        f"IF(AND(MIN({{{used}:all}})>={{star_floor}},MAX({{{used}:all}})<={{star_ceiling}}),1,0),0)"
    )
    ready = 0.0 if plan.empty else 1.0
    book.add(sheet, "stars_ready", (7, 2), np.array([ready]), formula, format="count")
    _add_grid(book, sheet, plan, quality_column)
    return sheet


def _add_grid(book: Book, sheet: Sheet, plan: Plan, quality_column: np.ndarray) -> None:
    """Add how many providers are in each cell of Exhibit 10, and its stars, from the best efficiency down."""
    found = plan.analysis
    assert found.star_efficiency is not None  # noqa: S101  (asked for above)
    left, top = _GRID_COLUMN, HEADING_ROW
    tenths = np.arange(1.0, 11.0)
    across = Label("Tenth of quality (10 = best)", "Kvaliteedi kümnendik (10 = parim)")
    for part, (key, title, kind) in enumerate(
        (
            ("star_grid", Label("Stars (Exhibit 10)", "Tärnid (joonis 10)"), "output"),
            ("star_count", Label("Providers in each cell", "Osutajaid igas lahtris"), "calculation"),
        )
    ):
        row = top + part * 14
        if part == 0:
            book.write(sheet, (row - 2, left), [[title]], "label")
        else:
            book.write(sheet, (row - 1, left), [[title]], "label")
        book.write(sheet, (row, left), [[across]], "heading" if part == 0 else "label")
        book.add(sheet, f"{key}_column", (row, left + 1), tenths.reshape(1, -1), kind="heading")
        book.add(sheet, f"{key}_row", (row + 1, left), tenths[::-1], kind="text", format="count")
        if key == "star_grid":
            values = _points(book)[::-1] + 3.0
            formula = f"INDEX({{star_points_table:all}},{{{key}_row}},{{{key}_column}})+{{middle_star}}"
        else:
            values = np.array(
                [
                    [float(((found.star_efficiency == tenth) & (quality_column == place)).sum()) for place in tenths]
                    for tenth in tenths[::-1]
                ]
            )
            if plan.empty:
                values = np.zeros_like(values)
            formula = f"SUMPRODUCT(({{star_row:all}}={{{key}_row}})*({{star_column:all}}={{{key}_column}}))"
        book.add(sheet, key, (row + 1, left + 1), values, formula, kind=kind, format="count")  # type: ignore[arg-type]
    sheet.widths |= {left: 34} | {left + place: 7.0 for place in range(1, 11)}
    first, last = column_letter(left + 1), column_letter(left + 10)
    reach = f"{first}{top + 1}:{last}{top + 10}"
    cell = f"{first}{top + 1}"
    middle = book.block("middle_star")
    words = f"'{middle.sheet}'!$B${middle.row}"
    sheet.marks += [Mark(reach, f"{cell}>{words}", "good"), Mark(reach, f"{cell}<{words}", "bad")]
    row = FIRST_ROW + 28
    book.write(sheet, (row, left), [[Label("Stars", "Tärnid")]], "label")
    book.write(sheet, (row + 1, left), [[Label("Providers", "Osutajaid")]], "label")
    numbers = np.arange(1.0, 6.0)
    book.add(sheet, "star_number", (row, left + 1), numbers.reshape(1, -1), kind="heading")
    assert found.stars is not None  # noqa: S101  (asked for above)
    counts = np.array([float((found.stars.stars == number).sum()) for number in numbers])
    if plan.empty:
        counts = np.zeros(5)
    book.add(
        sheet,
        "providers_by_stars",
        (row + 1, left + 1),
        counts.reshape(1, -1),
        "COUNTIF({stars:all},{star_number})",
        kind="output",
        format="count",
    )


def _points(book: Book) -> np.ndarray:
    return np.asarray(book.block("star_points_table").values, dtype=float)
