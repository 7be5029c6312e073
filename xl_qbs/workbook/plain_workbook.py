"""The cells of a text file as a workbook of one sheet, at the same addresses."""

from __future__ import annotations

from pathlib import Path

from xl_qbs.workbook.grid import Grid


def write_grid(grid: Grid, title: str, path: Path) -> None:
    """Write a grid's cells as a workbook; text stays text whatever it begins with.

    Args:
        grid: the cells.
        title: the sheet's name.
        path: where to write.
    """
    from openpyxl import Workbook  # noqa: PLC0415  (slow to import; only text files need it)
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(title)
    for row in grid.rows:
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=value)
            if isinstance(value, str):
                cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    workbook.save(path)
