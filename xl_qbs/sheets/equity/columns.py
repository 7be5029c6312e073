"""Columns with a row a provider and indicator: one column, or one for each group under a common heading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xl_qbs.sheets.address import column_letter
from xl_qbs.sheets.equity.plan import Plan
from xl_qbs.sheets.frame import begin, texts
from xl_qbs.sheets.model import Block, Book, Format, Kind, Label, Mark, Sheet

GROUP_ROW, HEADING_ROW, FIRST_ROW = 5, 6, 7
# So many characters stand side by side on a page, the columns on its left that are repeated among them.
_PAGE = 204.0
# Sentences need more room than numbers.
_WIDE = 34.0


class Column(NamedTuple):
    """One column, or one for each group.

    Attributes:
        key: the block's name.
        label: its heading.
        values: a value a row, shape (R,), or also a column a group, shape (R, G); NaN shows nothing.
        formula: its formula; None for stored values.
        format: how numbers are shown.
        kind: what the cells are.
        heads: headings of several columns; the groups' names if empty.
    """

    key: str
    label: Label
    values: NDArray[Any]
    formula: str | None = None
    format: Format = "share"
    kind: Kind = "calculation"
    heads: tuple[str, ...] = ()


def begin_rows(book: Book, plan: Plan, name: Label, title: Label, sentence: Label, *, tab: str = "1F4E79") -> Sheet:
    """Add a sheet with a row a provider and indicator, and its first two columns."""
    sheet = begin_table(book, name, title, sentence, tab)
    key = f"shown_{len(book.sheets)}"
    heads = [Label("Provider", "Osutaja"), Label("Indicator", "Indikaator")]
    book.write(sheet, (HEADING_ROW, 1), [heads], "heading")
    for column, (part, names) in enumerate((("provider", plan.providers), ("indicator", plan.indicators)), start=1):
        shown = provider_rows(plan) if column == 1 else indicator_rows(plan)
        linked = f"{part}_rows" in book.named
        where = f"{key}_{part}" if linked else f"{part}_rows"
        formula = f'{{{part}_rows}}&""' if linked else None
        if not linked and plan.room is not None:
            # An empty text, unlike a link to an empty cell, stays empty.
            formula = 'INDEX({listed_id:all},{list_row_no})&""' if column == 1 else 'INDEX({code_key:all},{ind_no})&""'
        kind: Kind = "label" if formula is None else "calculation"
        book.add(sheet, where, (FIRST_ROW, column), shown, formula, kind=kind, format="text")
        assert len(names) > 0  # noqa: S101  (a table has providers and indicators)
    return sheet


def begin_table(book: Book, name: Label, title: Label, sentence: Label, tab: str) -> Sheet:
    """Add a sheet laid out for many rows."""
    sheet = begin(book, name, title, sentence, tab)
    sheet.widths = {1: 26, 2: 14}
    sheet.default_width = 11.5
    sheet.heights |= {HEADING_ROW: 48}
    sheet.freeze = f"C{FIRST_ROW}"
    sheet.scale = 68
    sheet.print_titles = f"$A:$B,${GROUP_ROW}:${HEADING_ROW}"
    return sheet


def provider_rows(plan: Plan) -> NDArray[np.object_]:
    """Return the provider of each row."""
    names = plan.by_provider(texts(plan.providers))
    return texts([one for _ in range(plan.places[1]) for one in names])


def indicator_rows(plan: Plan) -> NDArray[np.object_]:
    """Return the indicator of each row."""
    codes = plan.by_indicator(texts(plan.indicators))
    return texts([one for one in codes for _ in range(plan.places[0])])


def add_columns(book: Book, sheet: Sheet, plan: Plan, column: int, columns: Sequence[Column]) -> int:
    """Add columns from ``column`` on, and return the first column behind them."""
    for one in columns:
        values = np.asarray(one.values)
        if values.dtype.kind in "biu":
            values = values.astype(np.float64)
        many = values.ndim == 2
        width = values.shape[1] if many else 1
        if one.format == "text" and not many:
            sheet.widths[column] = _WIDE
        keep_together(sheet, column, width)
        if many:
            book.write(sheet, (GROUP_ROW, column), [[one.label]], "group")
            if one.heads:
                book.write(sheet, (HEADING_ROW, column), [list(one.heads)], "heading")
            else:
                add_group_heads(book, sheet, plan, (HEADING_ROW, column))
            if width > 1:
                sheet.merges.append(
                    f"{column_letter(column)}{GROUP_ROW}:{column_letter(column + width - 1)}{GROUP_ROW}"
                )
        else:
            book.write(sheet, (HEADING_ROW, column), [[one.label]], "heading")
        book.add(sheet, one.key, (FIRST_ROW, column), values, one.formula, kind=one.kind, format=one.format)
        column += width
    return column


def add_group_heads(book: Book, sheet: Sheet, plan: Plan, at: tuple[int, int]) -> None:
    """Add the groups' names as headings; in a template they follow the sheet of parameters."""
    if plan.room is None:
        book.write(sheet, at, [list(plan.groups)], "heading")
        return
    names = plan.across(texts(plan.groups))
    book.add(sheet, f"head_{sheet.name}_{at[1]}", at, names, '{group_key}&""', kind="heading", format="text")


def finish(sheet: Sheet, plan: Plan, last: int) -> None:
    """Add filter buttons over the columns up to ``last``; in a template, make spare places look empty."""
    sheet.filter = f"A{HEADING_ROW}:{column_letter(last)}{FIRST_ROW + plan.size - 1}"
    if plan.room is not None:
        mute(sheet, plan.size, last, f'OR($A{FIRST_ROW}="",$B{FIRST_ROW}="",A${HEADING_ROW}="")')


def mute(sheet: Sheet, rows: int, last: int, spare: str) -> None:
    """Make rows and columns that no provider, indicator or group takes look empty; ``spare`` is of their first cell."""
    right = column_letter(last)
    # Of two marks that hold, the earlier is seen.
    sheet.marks[:0] = [
        Mark(f"A{HEADING_ROW}:{right}{HEADING_ROW}", f'A${HEADING_ROW}=""', "unused"),
        Mark(f"A{FIRST_ROW}:{right}{FIRST_ROW + rows - 1}", spare, "unused"),
    ]


def keep_together(sheet: Sheet, column: int, width: int) -> None:
    """End the page before columns that would not all be on it."""
    repeated = 1 if sheet.print_titles.startswith("$A:$A,") else 2
    start = sheet.breaks[-1] + 1 if sheet.breaks else repeated + 1
    taken = [*range(1, repeated + 1), *range(start, column + width)]
    if column > start and sum(sheet.widths.get(one, sheet.default_width) for one in taken) > _PAGE:
        sheet.breaks.append(column - 1)


def by_indicator(book: Book, plan: Plan, key: str) -> None:
    """Make the rows of each indicator in a block known as blocks of their own, named ``KEY__0`` and so on."""
    block = book.block(key)
    size = plan.places[0]
    for i in range(plan.places[1]):
        name = f"{key}__{i}"
        part = block.values[i * size : (i + 1) * size]
        book.named[name] = Block(name, block.sheet, block.row + i * size, block.column, part)


def code_of(plan: Plan) -> str:
    """Return the formula of an indicator's code, without spaces around in a template."""
    return "{code}" if plan.room is None else "{code_key}"


def number(value: int) -> str:
    """Return a whole number from 1 as a formula without any other number than 1."""
    return "+".join(["1"] * value)


def of_indicator(key: str) -> str:
    """Return the formula of a number of the row's indicator, from a block with a row an indicator."""
    return f"INDEX({{{key}:all}},{{ind_no}})"


def signed(plan: Plan) -> str:
    """Return what a difference is multiplied by so that more is better; nothing in a template, which has counts."""
    return "" if plan.room is not None else f"{of_indicator('sign')}*"


def by_direction(plan: Plan, higher: str, lower: str) -> str:
    """Return the formula for an indicator on which higher is better, or that for one on which lower is."""
    return higher if plan.room is not None else f"IF({of_indicator('sign')}>0,{higher},{lower})"


def of_group(key: str) -> str:
    """Return the formula of a number of the row's indicator and the column's group."""
    return f"INDEX({{{key}:column}},{{ind_no}})"
