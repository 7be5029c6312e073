"""A sheet of the model as a worksheet part, streamed so that a large sheet never stands in memory whole.

Rows that cross the same blocks differ only in row numbers and values. Their XML is therefore made
from one template a run of rows: row numbers are put in by replacing marks, values by ``%``. That is
ten times as fast as building each cell, and it is why the code below speaks of marks and slots.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from xl_qbs.sheets.address import cell_name, column_letter, split_cell
from xl_qbs.sheets.formula import Rows, cell_formula, column_parts, has_formula, row_formula
from xl_qbs.sheets.model import Block, Book, Sheet
from xl_qbs.workbook.styles_xml import Styles
from xl_qbs.workbook.xml import DOCUMENT_RELATIONSHIPS, MAIN, cell_text, escape, escape_attribute, number_text

# Rows made at a time.
_CHUNK = 200
# Marks stand in for row numbers. XML cannot hold these characters, so no text can be taken for one.
_OWN_ROW = "\x01\x02"


class _Column(NamedTuple):
    """One column of a run of rows: its template, its slots' values, and its changing row numbers."""

    template: str
    slots: list[Callable[[int, int], list[str]]]
    rows: dict[str, Rows]
    block: Block


def worksheet(book: Book, sheet: Sheet, styles: Styles, *, formulas: bool = True, drawing: str = "") -> Iterator[bytes]:
    """Yield the worksheet part of a sheet, in pieces.

    Args:
        book: the book that the sheet is in.
        sheet: the sheet.
        styles: where the cells' looks are.
        formulas: write formulas with stored values; if False, values only.
        drawing: id of the relationship to the sheet's drawing, if it has charts.
    """
    yield _head(sheet).encode()
    for first, last, blocks in sheet.runs():
        if not blocks:
            continue
        columns = [_column(book, block, j, styles, formulas=formulas) for block in blocks for j in range(block.columns)]
        for start in range(first, last + 1, _CHUNK):
            yield _rows(sheet, columns, start, min(start + _CHUNK - 1, last)).encode()
    yield _tail(sheet, styles, drawing).encode()


def pieces_of(sheet: Sheet) -> int:
    """Return about how many pieces a sheet comes in, for showing progress."""
    return 2 + sheet.last_row // _CHUNK


def _rows(sheet: Sheet, columns: Sequence[_Column], first: int, last: int) -> str:
    template = "".join(column.template for column in columns)
    moving = {mark: (column.block, rows) for column in columns for mark, rows in column.rows.items()}
    slots = [slot(first - column.block.row, last + 1 - column.block.row) for column in columns for slot in column.slots]
    filled = zip(*slots, strict=True) if slots else iter([()] * (last - first + 1))
    out = []
    for row, values in zip(range(first, last + 1), filled, strict=True):
        text = template.replace(_OWN_ROW, str(row))
        for mark, (block, rows) in moving.items():
            text = text.replace(mark, str(rows.at(block, row - block.row)))
        height = sheet.heights.get(row)
        tall = f' ht="{height:g}" customHeight="1"' if height else ""
        out.append(f'<row r="{row}"{tall}>{text % values}</row>')
    return "".join(out)


def _column(book: Book, block: Block, j: int, styles: Styles, *, formulas: bool) -> _Column:
    start = f'<c r="{column_letter(block.column + j)}{_OWN_ROW}" s="{styles.index(block.kind, block.format)}"'
    if not formulas or block.formula is None:
        return _value_column(block, j, start)
    if block.array:
        return _array_column(book, block, j, start)
    present = has_formula(book, block)
    if present is not None and not present[:, j].all():
        return _patchy_column(book, block, j, start, present[:, j].tolist())
    rows: dict[str, Rows] = {}
    text = ""
    for part in column_parts(book, block, j):
        if isinstance(part, str):
            text += escape(part).replace("%", "%%")
        elif part.shift == 0:
            text += _OWN_ROW
        else:
            mark = f"\x01{part.id}\x02"
            rows[mark] = part
            text += mark
    values = block.values[:, j]
    formula = f"<f>{text}</f>"
    if _is_all_numbers(values):
        return _Column(f"{start}>{formula}<v>%s</v></c>", [_number_slot(values)], rows, block)
    kinds, stored = _typed(values)
    return _Column(
        f"{start}%s>{formula}<v>%s</v></c>",
        [lambda a, b: kinds[a:b], lambda a, b: stored[a:b]],
        rows,
        block,
    )


def _is_all_numbers(values: np.ndarray) -> bool:
    return values.dtype != object and bool(np.isfinite(values.astype(float)).all())


def _number_slot(values: np.ndarray) -> Callable[[int, int], list[str]]:
    whole = bool((values == np.floor(values)).all()) and bool((np.abs(values) < 2**53).all())

    def slot(a: int, b: int) -> list[str]:
        piece = values[a:b]
        return list(map(str, piece.astype(np.int64).tolist() if whole else piece.astype(float).tolist()))

    return slot


def _typed(values: np.ndarray) -> tuple[list[str], list[str]]:
    """Return the type attribute and the stored value of each cell of a formula's column."""
    kinds, stored = [], []
    for value in values.tolist():
        if isinstance(value, str):
            kinds.append(' t="str"')
            stored.append(cell_text(value))
        elif value is None or value != value:  # noqa: PLR0124  (NaN is the value that differs from itself)
            kinds.append(' t="str"')
            stored.append("")
        else:
            kinds.append("")
            stored.append(number_text(float(value)))
    return kinds, stored


def _value_column(block: Block, j: int, start: str) -> _Column:
    values = block.values[:, j]
    if _is_all_numbers(values):
        return _Column(f"{start}><v>%s</v></c>", [_number_slot(values)], {}, block)
    cells = [_value_cell(value) for value in values.tolist()]
    return _Column(f"{start}%s", [lambda a, b: cells[a:b]], {}, block)


def _value_cell(value: object) -> str:
    """Return the rest of a cell that holds a plain value, from behind its style on."""
    if value is None or value != value:  # noqa: PLR0124  (NaN)
        return "/>"
    if isinstance(value, str):
        # An inline string: it stays text whatever it begins with, and the shared strings stay untouched.
        return f' t="inlineStr"><is><t xml:space="preserve">{cell_text(value)}</t></is></c>' if value else "/>"
    if isinstance(value, (int, float, np.number)):
        return f"><v>{number_text(float(value))}</v></c>"
    raise TypeError(f"a cell cannot hold {type(value).__name__}")


def _array_column(book: Book, block: Block, j: int, start: str) -> _Column:
    bottom_right = cell_name(block.row + block.rows - 1, block.column + block.columns - 1)
    reach = f"{cell_name(block.row, block.column)}:{bottom_right}"
    kinds, stored = _typed(block.values[:, j])
    formula = f'<f t="array" ref="{reach}">{escape(cell_formula(book, block, 0, 0))}</f>'
    cells = [
        f"{kind}>{formula if i == 0 and j == 0 else ''}<v>{value}</v></c>"
        for i, (kind, value) in enumerate(zip(kinds, stored, strict=True))
    ]
    return _Column(f"{start}%s", [lambda a, b: cells[a:b]], {}, block)


def _patchy_column(book: Book, block: Block, j: int, start: str, present: Sequence[bool]) -> _Column:
    """Return a column some of whose cells hold a value only, because the fund's sheet has no cell to refer to."""
    kinds, stored = _typed(block.values[:, j])
    parts = column_parts(book, block, j)
    cells = []
    for i, value in enumerate(block.values[:, j].tolist()):
        if present[i]:
            cells.append(f"{kinds[i]}><f>{escape(row_formula(parts, block, i))}</f><v>{stored[i]}</v></c>")
        else:
            cells.append(_value_cell(value))
    return _Column(f"{start}%s", [lambda a, b: cells[a:b]], {}, block)


def _head(sheet: Sheet) -> str:
    fit = "" if sheet.breaks or sheet.row_breaks else '<pageSetUpPr fitToPage="1"/>'
    pane = ""
    if sheet.freeze:
        column, row = split_cell(sheet.freeze)
        across = f' xSplit="{column - 1}"' if column > 1 else ""
        down = f' ySplit="{row - 1}"' if row > 1 else ""
        corner = "bottomRight" if across and down else ("topRight" if across else "bottomLeft")
        pane = (
            f'<pane{across}{down} topLeftCell="{sheet.freeze}" activePane="{corner}" state="frozen"/>'
            f'<selection pane="{corner}" activeCell="{sheet.freeze}" sqref="{sheet.freeze}"/>'
        )
    columns = "".join(
        f'<col min="{column}" max="{column}" width="{width:g}" customWidth="1"/>'
        for column, width in sorted(_widths(sheet).items())
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<worksheet xmlns="{MAIN}" xmlns:r="{DOCUMENT_RELATIONSHIPS}">'
        f'<sheetPr><tabColor rgb="FF{sheet.tab}"/>{fit}</sheetPr>'
        f'<dimension ref="A1:{cell_name(sheet.last_row, sheet.last_column)}"/>'
        f'<sheetViews><sheetView showGridLines="0" workbookViewId="0">{pane}</sheetView></sheetViews>'
        '<sheetFormatPr defaultRowHeight="15"/>'
        f"{f'<cols>{columns}</cols>' if columns else ''}<sheetData>"
    )


def _widths(sheet: Sheet) -> dict[int, float]:
    return dict.fromkeys(range(1, sheet.last_column + 1), sheet.default_width) | sheet.widths


def _tail(sheet: Sheet, styles: Styles, drawing: str) -> str:
    out = ["</sheetData>"]
    if sheet.filter:
        out.append(f'<autoFilter ref="{sheet.filter}"/>')
    if sheet.merges:
        cells = "".join(f'<mergeCell ref="{merge}"/>' for merge in sheet.merges)
        out.append(f'<mergeCells count="{len(sheet.merges)}">{cells}</mergeCells>')
    for number, mark in enumerate(sheet.marks, start=1):
        out.append(
            f'<conditionalFormatting sqref="{mark.reach}"><cfRule type="expression" dxfId="{styles.mark(mark.look)}" '
            f'priority="{number}" stopIfTrue="1"><formula>{escape(mark.formula)}</formula></cfRule>'
            "</conditionalFormatting>"
        )
    for number, reach in enumerate(sheet.flags):
        rules = "".join(
            f'<cfRule type="cellIs" dxfId="{look}" priority="{2 * number + k + 1 + len(sheet.marks)}" operator="equal">'
            f"<formula>{value}</formula></cfRule>"
            for k, (look, value) in enumerate(((styles.good, 1), (styles.bad, 0)))
        )
        out.append(f'<conditionalFormatting sqref="{reach}">{rules}</conditionalFormatting>')
    orientation = "portrait" if sheet.portrait else "landscape"
    broken = bool(sheet.breaks or sheet.row_breaks)
    size = f' scale="{sheet.scale}"' if broken else ' fitToWidth="1" fitToHeight="0"'
    out.append('<pageMargins left="0.4" right="0.4" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>')
    out.append(f'<pageSetup paperSize="9"{size} orientation="{orientation}"/>')
    footer = escape(f"&L{sheet.name.replace('&', '&&')}&R&P / &N")
    out.append(f"<headerFooter><oddFooter>{footer}</oddFooter></headerFooter>")
    for name, last, places in (("rowBreaks", 16383, sheet.row_breaks), ("colBreaks", 1048575, sheet.breaks)):
        if places:
            marks = "".join(f'<brk id="{place}" max="{last}" man="1"/>' for place in places)
            out.append(f'<{name} count="{len(places)}" manualBreakCount="{len(places)}">{marks}</{name}>')
    if drawing:
        out.append(f'<drawing r:id="{escape_attribute(drawing)}"/>')
    out.append("</worksheet>")
    return "".join(out)
