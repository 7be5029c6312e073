"""Tidy text files of the scores, for those who go on in other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xl_qbs.errors import OutputError
from xl_qbs.scoring.score import Result
from xl_qbs.workbook.atomic import whole_file

if TYPE_CHECKING:
    import pandas as pd

# A spreadsheet that opens a text file takes a cell that begins so for a formula.
_LIKE_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export_scores(result: Result, folder: str | Path) -> tuple[Path, Path]:
    """Write ``scores.csv`` and ``coverage.csv`` into a folder, made where it is missing.

    Args:
        result: a scoring result.
        folder: where to write; files of those names are replaced.

    Returns:
        The two paths. UTF-8 with commas and decimal points; relative rank is a share from 0 to 1. A
        text that a spreadsheet would take for a formula gets an apostrophe before it.

    Raises:
        OutputError: the folder or a file cannot be written.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise OutputError(f"The folder {folder} cannot be made ({reason}).") from error
    paths = folder / "scores.csv", folder / "coverage.csv"
    for path, frame in zip(paths, (result.scores(), result.coverage_frame()), strict=True):
        with whole_file(path) as file:
            file.write(_safe(frame).to_csv(index=False, lineterminator="\n").encode("utf-8"))
    return paths


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
    out = frame.copy()
    for name in out.columns:
        if out[name].dtype.kind not in "fiub":
            out[name] = [_safe_text(str(one)) for one in out[name]]
    return out


def _safe_text(text: str) -> str:
    marked = f"'{text}" if text.startswith(_LIKE_A_FORMULA) else text
    # The writer puts no quotation marks around a lone return, which readers take for the end of a line.
    return marked.replace("\r\n", "\n").replace("\r", "\n")
