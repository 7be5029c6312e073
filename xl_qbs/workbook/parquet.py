"""A Parquet file's cells, as those of a text file: the names of its columns in the first row, then its rows."""

from __future__ import annotations

import datetime
import importlib.util
from pathlib import Path
from typing import Any

from xl_qbs.errors import DamagedWorkbookError, DangerousWorkbookError, NotAWorkbookError
from xl_qbs.workbook.grid import Grid

ENDING = ".parquet"
# What a grid says in place of a delimiter.
DELIMITER = "parquet"

_MAGIC = b"PAR1"
# 100,000 lists with 40 indicators are 8 million; five times as many take over a gigabyte of memory.
_MOST_CELLS = 40_000_000
# Whole numbers above do not fit a float and stay whole: they may be ids.
_LARGEST_EXACT = 2**53


def read_parquet(path: Path, data: bytes) -> Grid:
    """Return a Parquet file's cells.

    Numbers become floats, what is missing or no number (NaN) is blank; texts, logical values and dates stay.

    Raises:
        NotAWorkbookError: it is no Parquet file, or the package that reads it is not installed.
        DamagedWorkbookError: it cannot be read, or a column holds lists or other tables.
        DangerousWorkbookError: it holds more cells than can be held.
    """
    if not data.startswith(_MAGIC):
        raise NotAWorkbookError(f"{path.name} is not a Parquet file. Export the table again, or as .csv.")
    if importlib.util.find_spec("pyarrow") is None:
        raise NotAWorkbookError("pyarrow, which reads Parquet, is not installed: pip install 'xl_qbs[aggregate]'.")
    import pyarrow as pa  # noqa: PLC0415  (slow to import)
    import pyarrow.parquet  # noqa: PLC0415

    try:
        file = pyarrow.parquet.ParquetFile(pa.BufferReader(data))
        cells = (file.metadata.num_rows + 1) * len(file.schema_arrow)
        if cells > _MOST_CELLS:
            raise DangerousWorkbookError(f"{path.name} holds {cells:,} cells; at most {_MOST_CELLS:,} can be read.")
        table = file.read()
    except (pa.ArrowException, OSError) as error:
        said = str(error).splitlines()[0][:200]
        raise DamagedWorkbookError(f"{path.name} cannot be read as Parquet ({said}). Export the table again.") from None
    columns = [_values(path, name, column) for name, column in zip(table.column_names, table.columns, strict=True)]
    rows: list[list[Any]] = [list(table.column_names), *map(list, zip(*columns, strict=True))]
    return Grid(sheet=path.stem, rows=rows, delimiter=DELIMITER, encoding="utf-8")


def _values(path: Path, name: str, column: Any) -> list[Any]:
    import pyarrow as pa  # noqa: PLC0415  (slow to import)
    from pyarrow import compute  # noqa: PLC0415

    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_integer(kind):
        span = compute.min_max(column).as_py()
        if max(abs(span["min"] or 0), abs(span["max"] or 0)) <= _LARGEST_EXACT:
            column = column.cast(pa.float64())
    elif pa.types.is_decimal(kind) or pa.types.is_floating(kind):
        column = column.cast(pa.float64())
        column = compute.if_else(compute.is_nan(column), None, column)
    elif not (_plain(kind)):
        raise DamagedWorkbookError(f"{path.name}: the column '{name}' is of the type {kind}. Leave it out.")
    values: list[Any] = column.to_pylist()
    if pa.types.is_timestamp(kind):
        # Cells know no time zones.
        return [one.replace(tzinfo=None) if isinstance(one, datetime.datetime) else one for one in values]
    return values


def _plain(kind: Any) -> bool:
    import pyarrow as pa  # noqa: PLC0415  (slow to import)

    return any(
        test(kind)
        for test in (
            pa.types.is_string,
            pa.types.is_large_string,
            pa.types.is_boolean,
            pa.types.is_date,
            pa.types.is_timestamp,
            pa.types.is_time,
            pa.types.is_null,
        )
    )
