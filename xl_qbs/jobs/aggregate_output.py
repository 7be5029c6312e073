"""What comes of counting, written whole: CSV, Parquet, or a workbook of one sheet."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xl_qbs.errors import ArgumentError, OutputError
from xl_qbs.workbook.atomic import whole_file
from xl_qbs.workbook.csv_text import MARKS, inert

if TYPE_CHECKING:
    import pyarrow as pa

ENDINGS = (".csv", ".parquet", ".xlsx")
# Excel's own limits.
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384


def check_ending(option: str, path: Path, endings: Sequence[str] = ENDINGS) -> None:
    """Refuse a name that does not say what to write.

    Raises:
        ArgumentError: it has another ending.
    """
    if path.suffix.lower() not in endings:
        raise ArgumentError(f"{option} {path.name}: must end in {', '.join(endings[:-1])} or {endings[-1]}")


def write_columns(columns: Mapping[str, Any], path: Path) -> None:
    """Write columns of equal length under their names.

    Args:
        columns: lists or arrays by heading.
        path: where to write; its ending says how.

    Raises:
        OutputError: it cannot be written, or a workbook has not so many rows or columns.
    """
    import pyarrow as pa  # noqa: PLC0415  (slow to import)

    table = pa.table(dict(columns))
    if path.suffix.lower() == ".xlsx":
        _write_workbook(table, path)
    else:
        write_batches(table.schema, table.to_batches(), path)


def write_batches(schema: pa.Schema, batches: Iterable[pa.RecordBatch], path: Path) -> int:
    """Write rows as they come, and return how many they were; CSV is UTF-8 with commas and decimal points.

    A text of a CSV file that a spreadsheet would take for a formula, a heading too, gets an apostrophe before it.

    Raises:
        OutputError: the file cannot be written.
    """
    import pyarrow.csv  # noqa: PLC0415  (slow to import)
    import pyarrow.parquet  # noqa: PLC0415

    rows = 0
    with whole_file(path) as file:
        if path.suffix.lower() == ".parquet":
            writer: Any = pyarrow.parquet.ParquetWriter(file, schema)
            safe = _as_is
        else:
            how = pyarrow.csv.WriteOptions(quoting_style="needed")
            writer = pyarrow.csv.CSVWriter(file, _safe_names(schema), write_options=how)
            safe = _safe
        with writer:
            for batch in batches:
                writer.write_batch(safe(batch))
                rows += batch.num_rows
    return rows


def _as_is(batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch


def _safe(batch: pa.RecordBatch) -> pa.RecordBatch:
    import pyarrow as pa  # noqa: PLC0415  (slow to import)
    from pyarrow import compute  # noqa: PLC0415

    columns = []
    for column in batch.columns:
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            for pattern, marked in MARKS:
                column = compute.replace_substring_regex(column, pattern, marked)  # noqa: PLW2901
        columns.append(column)
    return pa.record_batch(columns, schema=_safe_names(batch.schema))


def _safe_names(schema: pa.Schema) -> pa.Schema:
    import pyarrow as pa  # noqa: PLC0415  (slow to import)

    return pa.schema([field.with_name(inert(field.name)) for field in schema])


def _write_workbook(table: pa.Table, path: Path) -> None:
    from xl_qbs.workbook.grid import Grid  # noqa: PLC0415  (calamine)
    from xl_qbs.workbook.plain_workbook import write_grid  # noqa: PLC0415

    if table.num_rows >= _MOST_ROWS or table.num_columns > _MOST_COLUMNS:
        raise OutputError(
            f"{path.name}: {table.num_rows:,} rows are more than a workbook holds; write .csv or .parquet."
        )
    columns = [column.to_pylist() for column in table.columns]
    rows = [list(table.column_names), *map(list, zip(*columns, strict=True))]
    with tempfile.TemporaryDirectory(prefix="xl_qbs_") as folder:
        made = Path(folder) / "table.xlsx"
        write_grid(Grid(sheet="Table", rows=rows), "Table", made)
        with whole_file(path) as file:
            file.write(made.read_bytes())
