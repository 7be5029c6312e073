"""What the sheets about one list share: choosing it, fetching its numbers, and tables of its indicators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xl_qbs.sheets.address import cell_name, column_letter
from xl_qbs.sheets.chart_data_sheet import OUTSIDE
from xl_qbs.sheets.formula import resolve
from xl_qbs.sheets.frame import indicator_names, texts
from xl_qbs.sheets.look import DARK
from xl_qbs.sheets.model import Book, Chart, Format, Kind, Label, Mark, Series, Sheet, Validation
from xl_qbs.sheets.template.plan import Plan

SCHEMES = {
    "current": Label("Current score", "Kehtiv skoor"),
    "proportional": Label("Proportional score", "Osaline skoor"),
    "need": Label("Need-adjusted score", "Vajaduspõhine skoor"),
}
GREY, PALE, RED = "A6A6A6", "9DC3E6", "C00000"
# Width and height of an A4 page without its margins, in points, upright and across.
_UPRIGHT, _ACROSS = (538.0, 755.0), (784.0, 508.0)
# So much of its height is used, because programs differ in the widths of columns.
_FILLED = 0.96
_ROW = 15.0
_CHART_ROWS = 14
# What the sheet needs and nobody prints stands from this column on.
LAST, HELP = 14, 17
# Below all points, where nobody is left to serve: a text would be above them.
NOBODY = -1.0


class Column(NamedTuple):
    """A column of a table of indicators.

    Attributes:
        key: name of its block, without the sheet's prefix.
        label: its heading.
        values: the values, a row an indicator; None for those of the chosen list in the block `formula`.
        formula: the pattern, or the block; None for cells to type in.
        format: how numbers are shown.
        kind: what the cells are.
        total: whether a sum stands below.
    """

    key: str
    label: Label
    values: NDArray[Any] | None
    formula: str | None
    format: Format
    kind: Kind = "calculation"
    total: bool = False


def add_choice(book: Book, sheet: Sheet, plan: Plan, prefix: str) -> None:
    """Add the yellow cell that picks a list, the list's row, and a message where there is none."""
    book.write(sheet, (4, 1), [[Label("List: choose it here", "Nimistu: valige siin")]], "label")
    chosen = "" if plan.empty else plan.run.result.table.providers[plan.chosen]
    book.add(sheet, f"{prefix}_list", (4, 2), texts([chosen]), kind="input", format="text")
    # Every cell of a merged one can be changed: else it could not be emptied on a protected sheet.
    book.write(sheet, (4, 3), [["", ""]], "input")
    sheet.merges.append("B4:D4")
    sheet.freeze = "A5"
    sheet.heights[4] = 20
    refusal = "Choose one of the lists. / Valige üks nimistutest."
    sheet.validations.append(Validation("B4", "list", resolve(book, "provider"), refusal=refusal))
    # TRIM, because an id of digits that is typed may be a number while the ids are texts.
    found = f"MATCH(TRIM({{{prefix}_list}}),{{provider:all}},0)"
    book.write(sheet, (4, HELP), [[Label("Row of the list", "Nimistu rida")]], "text")
    book.add(
        sheet,
        f"{prefix}_row",
        (4, HELP + 1),
        np.array([plan.chosen + 1.0]),
        # A text with * or ? is looked up as a pattern: what is found has to be the text itself.
        f'IF(TRIM({{{prefix}_list}})="","",IF(ISNUMBER({found}),'
        f'IF(INDEX({{provider:all}},{found})=TRIM({{{prefix}_list}}),{found},""),""))',
        format="count",
    )
    choose = Label("Choose a list in the yellow cell.", "Valige kollases lahtris nimistu.")
    unknown = Label("There is no such list on the sheet of data.", "Sellist nimistut andmete lehel ei ole.")
    unscored = Label(
        "This list has no scores: a count is missing on the sheet of data.",
        "Nimistul pole skoore: andmete lehel on mõni arv puudu.",
    )
    say = book.say
    score = f"INDEX({{need_score:all}},{{{prefix}_row}})"
    book.add(
        sheet,
        f"{prefix}_message",
        (4, 6),
        texts([""]),
        f'IF(TRIM({{{prefix}_list}})="","{say(choose)}",IF(ISNUMBER({{{prefix}_row}}),'
        f'IF(ISNUMBER({score}),"","{say(unscored)}"),"{say(unknown)}"))',
        kind="label",
        format="text",
    )
    sheet.marks.append(Mark(f"F4:{column_letter(LAST)}4", '$F$4<>""', "warn"))


def add_numbers(book: Book, sheet: Sheet, plan: Plan, prefix: str, first: int) -> None:
    """Add the number of each row's indicator, behind what is printed."""
    book.write(sheet, (first - 1, HELP), [[Label("No.", "Nr")]], "heading")
    book.add(sheet, f"{prefix}_no", (first, HELP), plan.run.room.numbers, format="count")


def fetch(book: Book, sheet: Sheet, plan: Plan, key: str, source: str, at: tuple[int, int], **look: Any) -> Any:
    """Add a cell with what the chosen list has in a block of one column, and return its value.

    The first word of the key is that of the cell with the list's row.
    """
    row = f"{key.partition('_')[0]}_row"
    cell = f"INDEX({{{source}:all}},{{{row}}})"
    holds = f'{cell}<>""' if look.get("format") == "text" else f"ISNUMBER({cell})"
    value = book.block(source).values[plan.chosen, 0]
    formula = f'IF(ISNUMBER({{{row}}}),IF({holds},{cell},""),"")'
    book.add(sheet, key, at, np.array([value], dtype=object), formula, **look)
    return value


def add_columns(book: Book, sheet: Sheet, plan: Plan, prefix: str, first: int, columns: Sequence[Column]) -> None:
    """Add a table of indicators with its headings and sums, and make the rows without an indicator pale."""
    count = plan.run.room.indicators
    book.write(sheet, (first - 2, 1), [[one.label for one in columns]], "heading")
    sheet.heights[first - 2] = 30
    # Above the indicators: below them it would stand apart, behind the places that are free.
    book.write(sheet, (first - 1, 1), [[Label("Total", "Kokku")]], "label")
    for place, one in enumerate(columns, start=1):
        formula, values = one.formula, one.values
        if values is None and formula is not None:
            cell = f"INDEX({{{formula}:all}},{{{prefix}_row}},{{{prefix}_no}})"
            values = book.block(formula).values[plan.chosen]
            formula = f'IF(ISNUMBER({{{prefix}_row}}),IF(ISNUMBER({cell}),{cell},""),"")'
        if values is None:
            raise ValueError(f"{one.key}: neither values nor a block to take them from")
        key = f"{prefix}_{one.key}"
        book.add(sheet, key, (first, place), values, formula, kind=one.kind, format=one.format)
        if one.total:
            total = f'IF(COUNT({{{key}:all}})>0,SUM({{{key}:all}}),"")'
            numbers = [value for value in values.tolist() if not isinstance(value, str) and value == value]  # noqa: PLR0124  (NaN)
            at = (first - 1, place)
            added = np.array([sum(numbers)] if numbers else [""], dtype=object)
            book.add(sheet, f"{key}_total", at, added, total, kind=one.kind, format=one.format)
    reach = f"A{first}:{column_letter(len(columns))}{first + count - 1}"
    sheet.marks.insert(0, Mark(reach, f'$B{first}=""', "unused"))


def add_groups(book: Book, sheet: Sheet, row: int, groups: Sequence[tuple[int, int, Label]]) -> None:
    """Add headings over several columns, each from a column to another."""
    for left, right, label in groups:
        book.write(sheet, (row, left), [[label]], "group")
        sheet.merges.append(f"{column_letter(left)}{row}:{column_letter(right)}{row}")


def named_columns(book: Book, plan: Plan, key: str = "") -> list[Column]:
    """Return the columns of names and codes."""
    which, names = indicator_names(book, plan.run.result.scheme)
    by_indicator, codes = plan.run.room.by_indicator, plan.run.result.scheme.codes
    label = Label("Indicator", "Indikaator")
    return [
        Column(f"{key}name", label, by_indicator(texts(names)), f'{{{which}}}&""', "text"),
        Column(f"{key}code", Label("Code", "Kood"), by_indicator(texts(codes)), '{code}&""', "text"),
    ]


def add_chart_row(sheet: Sheet, row: int, charts: Sequence[Chart], last: int) -> None:
    """Put two charts side by side, and see to it that the sheet with them fits on one page.

    Sheets are fitted to the width of a page. Where one would be too long, its column of names is
    made wider, which makes all of it smaller.
    """
    bottom = row + _CHART_ROWS - 1
    height = sum(sheet.heights.get(one, _ROW) for one in range(1, bottom + 1))
    page_width, page_height = _UPRIGHT if sheet.portrait else _ACROSS
    others = sum(_width(sheet, column) for column in range(2, last + 1))
    needed = height * page_width / (_FILLED * page_height) - others
    # A character takes 5.25 points and each column 3.75 more, at the usual type.
    sheet.widths[1] = max(sheet.widths[1], round((needed - 3.75) / 5.25, 1))
    total = others + _width(sheet, 1)
    middle, left = 1, 0.0
    while left < total * 0.5:
        left += _width(sheet, middle)
        middle += 1
    tall = (_CHART_ROWS - 0.5) * _ROW / 72 * 2.54
    for chart, column, wide in ((charts[0], 1, left), (charts[1], middle, total - left)):
        size = (round(wide / 72 * 2.54 - 0.5, 2), round(tall, 2))
        sheet.charts.append(chart._replace(at=cell_name(row, column), size=size))
    sheet.print_area = f"A1:{column_letter(last)}{bottom}"


def _width(sheet: Sheet, column: int) -> float:
    """Return the width of a column in points."""
    return sheet.widths.get(column, sheet.default_width) * 5.25 + 3.75


def add_drawn(book: Book, sheet: Sheet, key: str, source: str, at: tuple[int, int]) -> None:
    """Add numbers to draw as marks: where there is none, outside the chart, since a text is drawn at 0."""
    given = book.block(source).values[:, 0].astype(float)
    formula = f"IF(ISNUMBER({{{source}}}),{{{source}}},{{outside}})"
    book.add(sheet, key, at, np.where(np.isnan(given), OUTSIDE, given), formula, format="share")


def coverage_chart(
    book: Book, prefix: str, title: Label, description: Label, bars: Sequence[tuple[Label, str]]
) -> Chart:
    """Return a chart of shares by indicator beside the required coverage.

    Args:
        book: the book.
        prefix: the sheet's prefix of blocks.
        title: the chart's title.
        description: what it shows, for those who cannot see it.
        bars: name and block of the two shares of each indicator.
    """
    say, codes = book.say, resolve(book, f"{prefix}_code")
    columns = [
        Series(say(name), resolve(book, key), codes, color=color)
        for (name, key), color in zip(bars, (GREY, DARK), strict=True)
    ]
    required = Series(
        say(Label("Required", "Nõutav")), resolve(book, "card_drawn_required"), codes, look="markers", color=RED
    )
    return Chart(
        kind="column",
        title=say(title),
        x_title="",
        y_title="",
        y_format="0%",
        y_range=(0.0, 1.0),
        y_step=0.2,
        description=say(description),
        series=(*columns, required),
    )
