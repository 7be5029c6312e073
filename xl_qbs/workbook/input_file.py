"""A file with cells, be it a workbook or a text: read once, hashed, and split into sheets."""

from __future__ import annotations

import hashlib
from pathlib import Path

from xl_qbs.errors import TableNotFoundError
from xl_qbs.workbook.delimited import read_delimited
from xl_qbs.workbook.earlier import earlier_sheets
from xl_qbs.workbook.grid import Grid, read_grids
from xl_qbs.workbook.package import looks_like_archive, package_from, read_file
from xl_qbs.workbook.parquet import ENDING, read_parquet

TEXT_ENDINGS = (".csv", ".txt", ".tsv")


class InputFile:
    """A workbook (.xlsx, .xlsm), a text file (.csv, .txt, .tsv) or a Parquet file (.parquet).

    The content decides, then the ending.

    Attributes:
        path: the file.
        sha256: the SHA-256 of its bytes, in hexadecimal.
        package: the workbook's parts; None for a text or Parquet file.

    Raises:
        WorkbookError: the file cannot be read, or is not what it must be; see `open_package`.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        data = read_file(self.path)
        self.sha256 = hashlib.sha256(data).hexdigest()
        self.package = None
        self._text: Grid | None = None
        if self.path.suffix.lower() in (*TEXT_ENDINGS, ENDING) and not looks_like_archive(data):
            self._text = read_flat(self.path, data)
        else:
            self.package = package_from(self.path, data)

    @property
    def sheet_names(self) -> tuple[str, ...]:
        """The names of the worksheets; of a text file its name without the ending."""
        if self.package is None:
            return (self.path.stem,)
        return tuple(entry.name for entry in self.package.sheets if entry.kind == "worksheet")

    def sheet_name(self, wanted: str) -> str:
        """Return a worksheet's name as the workbook spells it; Excel does not tell upper from lower case.

        Raises:
            TableNotFoundError: there is no such sheet.
        """
        for name in self.sheet_names:
            if name.casefold().strip() == wanted.casefold().strip():
                return name
        names = ", ".join(f"'{name}'" for name in self.sheet_names)
        raise TableNotFoundError(f"{self.path.name} has no worksheet '{wanted}'; there are: {names}.")

    def grids(self, only: str | None = None) -> list[Grid]:
        """Return the sheets' cells, or those of one sheet.

        Raises:
            WorkbookError: a sheet is damaged or dangerous; see `read_grids`.
        """
        if self._text is not None:
            return [self._text]
        assert self.package is not None  # noqa: S101 - there is one or the other
        return read_grids(self.package, None if only is None else {only})

    def own_grids(self, besides: str | None = None) -> list[Grid]:
        """Return the cells of the sheets that are no results of an earlier run, and of one that may be.

        Raises:
            WorkbookError: a sheet is damaged or dangerous; see `read_grids`.
        """
        if self.package is None:
            return self.grids()
        names = set(self.sheet_names) - earlier_sheets(self.package)
        return read_grids(self.package, names if besides is None else names | {besides})


def read_flat(path: Path, data: bytes) -> Grid:
    """Return the cells of a file that has no sheets: a Parquet or text file.

    Raises:
        WorkbookError: it is damaged, or not what its ending says; see `read_delimited` and `read_parquet`.
    """
    return (read_parquet if path.suffix.lower() == ENDING else read_delimited)(path, data)
