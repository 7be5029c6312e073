"""One sheet of a template, written row by row with openpyxl.

In write-only mode the library keeps no cells: whatever stands before the rows in the file, such as
widths and frozen panes, has to be set before the first row.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from typing import Any, NamedTuple

from openpyxl.cell import Cell
from openpyxl.chart._chart import ChartBase
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.xml.functions import fromstring

from xl_qbs.sheets.address import cell_name, column_letter, quoted, range_name, split_cell
from xl_qbs.sheets.look import LINE, LOOKS, NUMBER_FORMATS
from xl_qbs.sheets.model import Block, Book, Chart, Format, Kind, Sheet
from xl_qbs.workbook.charts_xml import chart_part
from xl_qbs.workbook.template_cells import ROWS, Content, contents

# The last row and column of a sheet, from 0, to which a page break reaches.
_LAST_ROW, _LAST_COLUMN = 1_048_575, 16_383
_A4 = 9


class TemplateSheet(WriteOnlyWorksheet):
    """A sheet that takes rows of cells as they are.

    Args:
        workbook: the workbook that it is added to.
        sheet: its description.
    """

    _writer: Any
    _rows: Any

    def __init__(self, workbook: Any, sheet: Sheet) -> None:
        super().__init__(workbook, sheet.name)
        self._reach = f"A1:{cell_name(sheet.last_row, sheet.last_column)}"
        workbook._add_sheet(self)

    def calculate_dimension(self) -> str:
        """Return the range of all cells, which openpyxl leaves out where it does not know it."""
        return self._reach

    def _values_to_row(self, values: Any, _row: int) -> Any:
        """Return cells as they are: openpyxl's own way takes twice the time and knows no gaps in a row."""
        return values

    def discard(self) -> None:
        """Remove the temporary file that openpyxl keeps until the workbook is saved."""
        if self._writer is None or not os.path.exists(self._writer.out):
            return
        steps = [self._writer.close, self._writer.cleanup]
        if self._rows is not None:
            steps.insert(0, self._rows.close)
        # Each of these fails in its own way where the disk is full, and then none of them matters any more.
        for step in steps:
            with contextlib.suppress(Exception):
                step()


class _Cell(Cell):
    """A cell that is written again and again, a row further down, with a style that is looked up once.

    openpyxl looks a style up for every cell, which takes as long as making its formula.
    """

    __slots__ = ("style_id",)
    has_style = True


class _Column(NamedTuple):
    """One column of a block: the cell that is written for each row, and what makes the rows' contents."""

    cell: Any
    contents: Callable[[int, int], list[Content]]
    block: Block


class _Chart(ChartBase):
    """A chart whose part is made elsewhere; openpyxl gives it a place in the package."""

    def __init__(self, chart: Chart) -> None:
        super().__init__()
        self._part = chart_part(chart)

    def _write(self) -> Any:
        return fromstring(self._part)


class Styles:
    """The looks of cells in a workbook that is being written."""

    def __init__(self) -> None:
        self._made: dict[tuple[Kind, Format], Any] = {}

    def cell(self, target: TemplateSheet, block: Block, column: int) -> Any:
        """Return a cell to be written in a column, from 1, with the look of a block."""
        key = block.kind, block.format
        if key not in self._made:
            self._made[key] = _prototype(target, *key)
        prototype = self._made[key]
        cell: Any = _Cell(target, row=1, column=column)
        # Not copied: nothing changes a style while rows are written.
        cell._style = prototype._style
        cell.style_id = prototype.style_id
        return cell


def write_sheet(target: TemplateSheet, book: Book, sheet: Sheet, styles: Styles, tell: Callable[[int], None]) -> None:
    """Write a sheet's layout and then its cells; what stands behind them is set too, and written at the end.

    Args:
        target: the sheet to write to.
        book: the book that the sheet is in.
        sheet: the sheet.
        styles: the looks of cells.
        tell: told of cells written, so many at a time.

    Raises:
        OutputError: a text is longer, or a number larger, than a cell can hold.
    """
    _lay_out(target, sheet)
    _set_page(target, sheet)
    _write_rows(target, book, sheet, styles, tell)


def _write_rows(target: TemplateSheet, book: Book, sheet: Sheet, styles: Styles, tell: Callable[[int], None]) -> None:
    # A block that stands in many runs is made ready once.
    ready: dict[int, list[_Column]] = {}
    for first, last, blocks in sheet.runs():
        for block in blocks:
            if id(block) not in ready:
                ready[id(block)] = [
                    _Column(styles.cell(target, block, block.column + j), contents(book, block, j), block)
                    for j in range(block.columns)
                ]
        columns = [column for block in blocks for column in ready[id(block)]]
        cells = [column.cell for column in columns]
        for start in range(first, last + 1, ROWS):
            rows = range(start, min(start + ROWS, last + 1))
            made = [one.contents(rows.start - one.block.row, rows.stop - one.block.row) for one in columns]
            lines = zip(*made, strict=True) if made else [()] * len(rows)
            for row, line in zip(rows, lines, strict=True):
                for cell, (kind, value) in zip(cells, line, strict=True):
                    cell.row, cell.data_type = row, kind
                    # Not through `value`, which would make a formula of any text that begins with "=".
                    cell._value = value
                target.append(cells)
            tell(len(cells) * len(rows))


def _prototype(target: TemplateSheet, kind: Kind, number_format: Format) -> Any:
    """Return a cell with the look of a kind; only cells for input can be changed on a protected sheet."""
    look = LOOKS[kind]
    cell: Any = Cell(target, row=1, column=1)
    # None, not False: what is not bold needs no mark that says so.
    cell.font = Font(
        name="Calibri",
        family=2,
        sz=look.size,
        b=look.bold or None,
        i=look.italic or None,
        color=f"FF{look.color}",
    )
    if look.fill:
        cell.fill = PatternFill("solid", fgColor=f"FF{look.fill}")
    if look.border:
        side = Side(style="thin", color=f"FF{LINE}")
        cell.border = Border(left=side, right=side, top=side, bottom=side)
    indented = number_format == "text" and not look.horizontal and bool(look.border or look.fill)
    cell.alignment = Alignment(
        horizontal="left" if indented else (look.horizontal or None),
        vertical=look.vertical,
        indent=1 if indented else 0,
        wrap_text=look.wrap or None,
    )
    cell.number_format = NUMBER_FORMATS[number_format]
    cell.protection = Protection(locked=kind != "input")
    return cell


def _lay_out(target: Any, sheet: Sheet) -> None:
    target.sheet_properties.tabColor = f"FF{sheet.tab}"
    view = target.sheet_view
    view.showGridLines = False
    if sheet.freeze:
        target.freeze_panes = sheet.freeze
        # openpyxl selects A1, which is not in the part that scrolls.
        view.selection[-1].activeCell = view.selection[-1].sqref = sheet.freeze
    widths = dict.fromkeys(range(1, sheet.last_column + 1), sheet.default_width) | sheet.widths
    for column, width in widths.items():
        target.column_dimensions[column_letter(column)].width = width
    for row, height in sheet.heights.items():
        target.row_dimensions[row].height = height
    # A list: openpyxl's own collection is a set, whose order is another in each process.
    target.merged_cells = [CellRange(reach) for reach in sheet.merges]
    if sheet.filter:
        target.auto_filter.ref = sheet.filter
    for chart in sheet.charts:
        target.add_chart(_Chart(chart))


def _set_page(target: Any, sheet: Sheet) -> None:
    broken = bool(sheet.breaks or sheet.row_breaks)
    page = target.page_setup
    page.paperSize, page.orientation = _A4, "portrait" if sheet.portrait else "landscape"
    if broken:
        page.scale = sheet.scale
    else:
        target.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        page.fitToWidth, page.fitToHeight = 1, 0
    target.page_margins = PageMargins(left=0.4, right=0.4, top=0.6, bottom=0.6, header=0.3, footer=0.3)
    target.oddFooter.left.text = sheet.name.replace("&", "&&")
    target.oddFooter.right.text = "&P / &N"
    for row in sheet.row_breaks:
        target.row_breaks.append(Break(id=row, max=_LAST_COLUMN))
    for column in sheet.breaks:
        target.col_breaks.append(Break(id=column, max=_LAST_ROW))
    where = f"{quoted(sheet.name)}!"
    if sheet.print_titles:
        reach = ",".join(where + one for one in sheet.print_titles.split(","))
        target.defined_names.add(DefinedName("Print_Titles", attr_text=reach))
    if sheet.print_area:
        reach = ",".join(where + _absolute(one) for one in sheet.print_area.split(","))
        target.defined_names.add(DefinedName("Print_Area", attr_text=reach))


def _absolute(reach: str) -> str:
    first, _, last = reach.replace("$", "").partition(":")
    (left, top), (right, bottom) = split_cell(first), split_cell(last or first)
    return range_name(top, left, bottom, right)
