"""Tidy files of the scores, text or Parquet, for those who go on in other programs."""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, get_args

import numpy as np

from xl_qbs.errors import ArgumentError, OutputError
from xl_qbs.scoring.score import Result
from xl_qbs.workbook.atomic import whole_file
from xl_qbs.workbook.csv_text import inert

if TYPE_CHECKING:
    import pandas as pd

Form = Literal["csv", "parquet"]

# So many rows are written at a time.
_ROWS = 200_000


def export_scores(result: Result, folder: str | Path, form: Form = "csv") -> tuple[Path, Path]:
    """Write ``scores`` and ``coverage`` into a folder, made where it is missing.

    Args:
        result: a scoring result.
        folder: where to write; files of those names are replaced.
        form: ``csv``, or ``parquet``, which takes a fraction of the time and of the room.

    Returns:
        The two paths. CSV is UTF-8 with commas and decimal points; a text of it that a spreadsheet would take for a
        formula gets an apostrophe before it. Relative rank is a share from 0 to 1. The rows are written some lists at
        a time, so that memory does not hold them all as text.

    Raises:
        ArgumentError: the package that writes Parquet is not installed.
        OutputError: the folder or a file cannot be written.
    """
    check_form(form)
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise OutputError(f"The folder {folder} cannot be made ({reason}).") from error
    paths = folder / f"scores.{form}", folder / f"coverage.{form}"
    write = _write_csv if form == "csv" else _write_parquet
    for path, frames in zip(paths, (_parts(result.scores()), _coverage_parts(result)), strict=True):
        with whole_file(path) as file:
            write(frames, file)
    return paths


def check_form(form: Form) -> None:
    """Refuse Parquet without the package that writes it.

    Raises:
        ArgumentError: it is not installed, or there is no such form.
    """
    if form not in get_args(Form):
        raise ArgumentError(f"form == {form!r}, must be one of {', '.join(get_args(Form))}")
    if form == "parquet" and importlib.util.find_spec("pyarrow") is None:
        raise ArgumentError("pyarrow, which writes Parquet, is not installed: pip install 'xl_qbs[aggregate]'.")


def _parts(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for start in range(0, len(frame), _ROWS):
        yield frame.iloc[start : start + _ROWS]


def _coverage_parts(result: Result) -> Iterator[pd.DataFrame]:
    """Yield the rows of `Result.coverage_frame`, those of some lists at a time."""
    lists = max(_ROWS // len(result.scheme.codes), 1)
    for start in range(0, len(result.table.providers), lists):
        yield result.coverage_frame(slice(start, start + lists))


def _write_csv(frames: Iterable[pd.DataFrame], file: BinaryIO) -> None:
    for number, frame in enumerate(frames):
        file.write(_safe(frame).to_csv(index=False, header=number == 0, lineterminator="\n").encode("utf-8"))


def _write_parquet(frames: Iterable[pd.DataFrame], file: BinaryIO) -> None:
    import pyarrow as pa  # noqa: PLC0415  (slow to import; most runs do without)
    import pyarrow.parquet  # noqa: PLC0415

    with contextlib.ExitStack() as open_writer:
        writer: Any = None
        for frame in frames:
            table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()
            if writer is None:
                writer = open_writer.enter_context(pyarrow.parquet.ParquetWriter(file, table.schema))
            writer.write_table(table)


def summary(result: Result) -> dict[str, Any]:
    """Return what a scoring run came to as plain values, for JSON.

    Returns:
        ``providers`` and ``indicators`` (counts), ``complete_providers``, ``weights``, ``loadings`` and
        ``prior`` (mean and strength) by indicator code, ``method`` and ``warnings``. An infinite prior
        strength is the text ``infinite``, since JSON has no such number.
    """
    codes = result.scheme.codes
    component = result.component
    return {
        "providers": len(result.table.providers),
        "indicators": len(codes),
        "complete_providers": component.complete if component is not None else None,
        "weights": dict(zip(codes, result.weights.tolist(), strict=True)),
        "loadings": dict(zip(codes, component.loadings.tolist(), strict=True)) if component is not None else None,
        "prior": {
            code: {"mean": mean, "strength": strength if np.isfinite(strength) else "infinite"}
            for code, mean, strength in zip(
                codes, result.prior.mean.tolist(), result.prior.strength.tolist(), strict=True
            )
        },
        "method": {
            "prior": result.method.prior,
            "fraction": result.method.fraction,
            "weights": result.method.weights,
            "rounding": result.method.rounding,
            "level": result.method.level,
        },
        "warnings": [str(one) for one in result.warnings],
    }


def _safe(frame: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415  (slow to import)

    out = frame.copy()
    for name in out.columns:
        if out[name].dtype.kind not in "fiub":
            # Ids and codes stand in many rows each.
            places, texts = pd.factorize(out[name], use_na_sentinel=False)
            out[name] = np.array([_safe_text(str(one)) for one in texts], dtype=object)[places]
    return out


def _safe_text(text: str) -> str:
    # The writer puts no quotation marks around a lone return, which readers take for the end of a line.
    return inert(text).replace("\r\n", "\n").replace("\r", "\n")
