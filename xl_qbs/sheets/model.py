"""The sheet model: blocks of cells, each with its meaning, its values and its native formula; no files.

A book of sheets is described once. The result sheets, the templates and the audit are all made from
that description: formulas are patterns that name other blocks in braces, and `xl_qbs.sheets.formula`
turns the names into addresses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Language = Literal["en", "et"]

# What a cell is, which decides how it looks; About explains the looks in a legend.
Kind = Literal["title", "note", "heading", "group", "label", "text", "input", "link", "calculation", "output", "check"]
Format = Literal[
    "general", "count", "percent", "percent1", "share", "decimal", "points", "score", "tiny", "text", "flag"
]


class Label(NamedTuple):
    """A text in both languages."""

    en: str
    et: str

    def say(self, language: Language) -> str:
        """Return the text in one language."""
        return self.et if language == "et" else self.en


@dataclass(frozen=True)
class Block:
    """A rectangle of cells that share one meaning and one formula pattern.

    Attributes:
        key: the name by which formulas refer to it; unique in a book.
        sheet: the sheet's name.
        row: first row, from 1.
        column: first column, from 1.
        values: the values, shape (rows, columns); NaN and None are shown as an empty text.
        formula: the pattern, without ``=``; None for plain values.
        array: one array formula for the whole block.
        kind: what the cells are.
        format: how numbers are shown.
        scope: the part of the book whose blocks its formula means, such as last year's; see `Book.scope`.
    """

    key: str
    sheet: str
    row: int
    column: int
    values: NDArray[Any]
    formula: str | None = None
    array: bool = False
    kind: Kind = "text"
    format: Format = "general"
    scope: str = ""

    @property
    def rows(self) -> int:
        """How many rows the block has."""
        return int(self.values.shape[0])

    @property
    def columns(self) -> int:
        """How many columns the block has."""
        return int(self.values.shape[1])


@dataclass(frozen=True)
class SourceBlock:
    """Cells of the fund's own workbook, one for each list and indicator, that a block may refer to.

    Attributes:
        key: the name by which formulas refer to it.
        sheet: the fund's sheet.
        cell_rows: sheet rows from 1, shape (N, k); 0 where the sheet has no such cell.
        cell_columns: sheet columns from 1, shape (k,).
    """

    key: str
    sheet: str
    cell_rows: NDArray[np.intp]
    cell_columns: NDArray[np.intp]

    @property
    def rows(self) -> int:
        """How many lists there are."""
        return int(self.cell_rows.shape[0])

    @property
    def columns(self) -> int:
        """How many indicators there are."""
        return len(self.cell_columns)


class Series(NamedTuple):
    """One series of a chart; its ranges are addresses with their sheet.

    Attributes:
        name: what the legend calls it.
        y: reference to the values.
        x: reference to the categories or the x values.
        look: ``bar``, ``hidden`` (a bar that only lifts the next), ``markers``, ``line``, ``thin`` (a line of many) or
            ``diamond``.
        color: RGB in hexadecimal.
        second_axis: drawn against an axis of its own on the right.
        name_at: address of the cell that holds the name instead; empty for none.
        in_legend: whether the legend names it.
    """

    name: str
    y: str
    x: str
    look: str = "bar"
    color: str = "1F4E79"
    second_axis: bool = False
    name_at: str = ""
    in_legend: bool = True


class Chart(NamedTuple):
    """A native chart.

    Attributes:
        kind: ``column``, ``bar``, ``stacked`` or ``scatter``.
        title: the chart's title.
        x_title: title of the horizontal axis.
        y_title: title of the vertical axis.
        series: the series, in the order in which they are drawn.
        description: alternative text for those who cannot see the chart.
        at: the cell of the top left corner.
        size: width and height in centimetres.
        y_format: number format of the vertical axis.
        y_range: lowest and highest value of the vertical axis; None where Excel may choose.
        y_step: distance between two marks of the vertical axis; None where Excel may choose.
        x_range: the same for the horizontal axis of a scatter chart.
        legend: whether a legend is shown.
        second_title: title of the axis on the right.
        title_at: address of the cell that holds the title instead; empty for none.
        x_format: number format of categories that are numbers, and of a scatter chart's horizontal axis; empty
            for categories that are texts, and for whole numbers.
    """

    kind: Literal["column", "bar", "stacked", "scatter"]
    title: str
    x_title: str
    y_title: str
    series: tuple[Series, ...]
    description: str
    at: str = "A1"
    size: tuple[float, float] = (12.0, 8.0)
    y_format: str = "General"
    y_range: tuple[float | None, float | None] = (None, None)
    y_step: float | None = None
    x_range: tuple[float | None, float | None] = (None, None)
    legend: bool = True
    second_title: str = ""
    title_at: str = ""
    x_format: str = ""


class Validation(NamedTuple):
    """What may be typed into cells, and what is said when something else is.

    Attributes:
        reach: the cells, such as ``B14:Z813``.
        kind: ``list`` (one of some words), ``whole`` (a whole number), ``decimal``, ``custom`` (a formula that
            has to hold) or ``any`` (a hint only).
        first: the lowest number, the reference to the words, or the formula; without ``=``.
        last: the highest number; empty for none.
        hint: what a selected cell says.
        refusal: what is said of a wrong entry.
        firm: refuse a wrong entry; if False, warn only.
    """

    reach: str
    kind: Literal["list", "whole", "decimal", "custom", "any"]
    first: str = ""
    last: str = ""
    hint: str = ""
    refusal: str = ""
    firm: bool = True


class Mark(NamedTuple):
    """Cells that look otherwise while a formula holds.

    Attributes:
        reach: the cells.
        formula: the formula, without ``=``, as it reads for the first of the cells.
        look: ``good``, ``bad``, ``warn`` or ``unused`` (pale, without lines).
    """

    reach: str
    formula: str
    look: Literal["good", "bad", "warn", "unused"]


@dataclass
class Sheet:
    """One sheet of a book: its blocks and how it is laid out and printed.

    Attributes:
        name: the sheet's name.
        blocks: the blocks, which do not overlap.
        widths: column widths in characters by column number; `default_width` elsewhere.
        heights: row heights in points by row number.
        merges: merged ranges such as ``B5:L5``.
        freeze: the first cell that scrolls, such as ``B13``; empty for none.
        print_titles: rows and columns repeated on each page, such as ``$A:$A,$5:$12``.
        breaks: columns after which a page ends; without any break, the sheet is fitted to one page's width.
        row_breaks: rows after which a page ends.
        scale: size in percent at which a sheet with breaks is printed.
        portrait: print upright.
        filter: range with buttons to filter by, such as ``A12:P793``; empty for none.
        flags: ranges that show a check (1 or 0) and are coloured accordingly.
        charts: the charts.
        tab: colour of the sheet's tab, RGB in hexadecimal.
        validations: what may be typed where.
        marks: cells that look otherwise while a formula holds; of two that hold, the earlier is seen.
        print_area: the cells that are printed, such as ``A1:H40``; empty for all.
    """

    name: str
    blocks: list[Block] = field(default_factory=list)
    widths: dict[int, float] = field(default_factory=dict)
    default_width: float = 10.0
    heights: dict[int, float] = field(default_factory=dict)
    merges: list[str] = field(default_factory=list)
    freeze: str = ""
    print_titles: str = ""
    breaks: list[int] = field(default_factory=list)
    row_breaks: list[int] = field(default_factory=list)
    scale: int = 75
    portrait: bool = False
    filter: str = ""
    flags: list[str] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    tab: str = "1F4E79"
    validations: list[Validation] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    print_area: str = ""

    def runs(self) -> Iterator[tuple[int, int, list[Block]]]:
        """Yield runs of rows that cross the same blocks, from row 1: first row, last row, blocks from left to right."""
        edges = {1} | {block.row for block in self.blocks} | {block.row + block.rows for block in self.blocks}
        ordered = sorted(self.blocks, key=lambda block: block.column)
        for first, after in pairwise(sorted(edges)):
            yield first, after - 1, [block for block in ordered if block.row <= first < block.row + block.rows]

    @property
    def last_row(self) -> int:
        """The last row that holds a cell."""
        return max((block.row + block.rows - 1 for block in self.blocks), default=1)

    @property
    def last_column(self) -> int:
        """The last column that holds a cell."""
        return max((block.column + block.columns - 1 for block in self.blocks), default=1)


@dataclass
class Book:
    """Sheets in order, and the blocks that formulas may name.

    Attributes:
        language: the language of every text in it.
        sheets: the sheets in order.
        named: blocks and source blocks by key.
        taken: names of sheets, casefolded, that are in use already.
        names: defined names, each with the address that it stands for.
        prefix: what the names of all sheets begin with, so that they are known among others.
        scope: prefix of the keys of blocks that are being added; a formula's names mean blocks of its
            own scope first, and those without a scope where it has none of that name.
        suffix: what the names and titles of sheets that are being added end with.
        family: what tells its sheets, in a workbook that they are added to, from those of another book.
    """

    language: Language = "en"
    sheets: list[Sheet] = field(default_factory=list)
    named: dict[str, Block | SourceBlock] = field(default_factory=dict)
    taken: frozenset[str] = frozenset()
    names: dict[str, str] = field(default_factory=dict)
    prefix: str = "QBS "
    scope: str = ""
    suffix: Label | None = None
    family: str = ""

    def sheet_name(self, name: Label) -> str:
        """Return the name that a sheet of this book has, if it is free."""
        return self.prefix + self.say(name) + self.say(self.suffix or "")

    def sheet(self, name: str) -> Sheet:
        """Add a sheet and return it; where its name is taken, with a number behind."""
        names = self.taken | {one.name.casefold() for one in self.sheets}
        free = name
        number = 2
        while free.casefold() in names:
            free = f"{name} ({number})"
            number += 1
        sheet = Sheet(free)
        self.sheets.append(sheet)
        return sheet

    def say(self, label: Label | str) -> str:
        """Return a label in the book's language."""
        return label.say(self.language) if isinstance(label, Label) else label

    def add(
        self,
        sheet: Sheet,
        key: str,
        at: tuple[int, int],
        values: Any,
        formula: str | None = None,
        *,
        array: bool = False,
        kind: Kind = "calculation",
        format: Format = "general",  # noqa: A002  (the word spreadsheets have for it)
    ) -> Block:
        """Add a named block whose top left cell is at (row, column), both from 1, and return it.

        Values that are one-dimensional become a column.
        """
        if self.scope + key in self.named:
            raise ValueError(f"the block {self.scope + key!r} is described twice")
        grid = np.asarray(values) if isinstance(values, np.ndarray) else np.array(values, dtype=object)
        if grid.ndim == 0:
            grid = grid.reshape(1, 1)
        elif grid.ndim == 1:
            grid = grid.reshape(-1, 1)
        block = Block(self.scope + key, sheet.name, at[0], at[1], grid, formula, array, kind, format, self.scope)
        sheet.blocks.append(block)
        self.named[block.key] = block
        return block

    def write(
        self, sheet: Sheet, at: tuple[int, int], rows: Sequence[Sequence[Label | str]], kind: Kind = "text"
    ) -> None:
        """Write texts that no formula refers to, a row of texts for each row from (row, column) on."""
        grid = np.array([[self.say(text) for text in row] for row in rows], dtype=object)
        sheet.blocks.append(Block("", sheet.name, at[0], at[1], grid, kind=kind, format="text"))

    def find(self, key: str, scope: str | None = None) -> Block | SourceBlock | None:
        """Return the block that a name means in a scope; in the book's own if None."""
        scope = self.scope if scope is None else scope
        return self.named.get(scope + key) or self.named.get(key)

    def block(self, key: str) -> Block:
        """Return a block of this book by its name."""
        block = self.find(key)
        if block is None:
            raise KeyError(key)
        if not isinstance(block, Block):
            raise TypeError(f"{key!r} stands in the fund's own sheet")
        return block

    def links(self, source: SourceBlock) -> None:
        """Make cells of the fund's own workbook known to formulas."""
        self.named[source.key] = source

    def cells(self) -> Iterator[tuple[Block, int, int]]:
        """Yield every cell as its block and its place in the block, sheet by sheet."""
        for sheet in self.sheets:
            for block in sheet.blocks:
                for i in range(block.rows):
                    for j in range(block.columns):
                        yield block, i, j
