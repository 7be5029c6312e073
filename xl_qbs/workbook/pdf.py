"""Workbooks printed to PDF by LibreOffice, many in one run of it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from xl_qbs.errors import OutputError
from xl_qbs.workbook.atomic import whole_file
from xl_qbs.workbook.libreoffice import run_libreoffice

# Workbooks in one run: a command line on Windows holds some 32,000 characters.
BATCH = 100
# Seconds for LibreOffice to start, and for each workbook; on a busy machine it takes a tenth of it.
_START, _EACH = 180.0, 10.0


def print_workbooks(
    program: str,
    pairs: Sequence[tuple[Path, Path]],
    *,
    printed: Callable[[int], None] = lambda _: None,
    progress: Callable[[float], None] = lambda _: None,
) -> None:
    """Print workbooks to PDF, `BATCH` of them in each run of LibreOffice.

    It runs with a profile of its own in a folder that is removed, so that a LibreOffice that is open is not
    disturbed. Each PDF is put in its place whole.

    Args:
        program: LibreOffice's program.
        pairs: each workbook, and where its PDF goes.
        printed: told the place, from 0, of each pair that is done.
        progress: told the share of the work that is done, from 0 to 1.

    Raises:
        OutputError: LibreOffice failed or took too long, or a PDF cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix="xl_qbs_pdf_", ignore_cleanup_errors=True) as folder:
        room = Path(folder)
        for start in range(0, len(pairs), BATCH):
            batch = pairs[start : start + BATCH]
            _print(program, room, batch, lambda count, done=start: progress((done + count) / len(pairs)))  # type: ignore[misc]
            for place, (_, target) in enumerate(batch):
                with (room / "out" / f"{place}.pdf").open("rb") as made, whole_file(target) as file:
                    shutil.copyfileobj(made, file)
                printed(start + place)


def _print(program: str, room: Path, batch: Sequence[tuple[Path, Path]], progress: Callable[[int], None]) -> None:
    """Print one batch into the folder ``out``; names there are numbers, which no program can misread."""
    for name in ("in", "out"):
        shutil.rmtree(room / name, ignore_errors=True)
        (room / name).mkdir()
    for place, (source, _) in enumerate(batch):
        shutil.copyfile(source, room / "in" / f"{place}.xlsx")
    arguments = [
        *("--convert-to", "pdf:calc_pdf_Export", "--outdir", str(room / "out")),
        *(str(Path("in") / f"{place}.xlsx") for place in range(len(batch))),
    ]
    try:
        told = run_libreoffice(program, room, arguments, _START + _EACH * len(batch), lambda: progress(_made(room)))
    except OSError as error:
        raise OutputError(
            f"LibreOffice cannot be started ({error.strerror}): leave the pages out with --pdf no."
        ) from error
    if _made(room) < len(batch):
        why = "took too long" if told is None else "did not print all of them"
        raise OutputError(
            f"LibreOffice {why}: {_made(room)} of {len(batch)} pages were printed. The workbooks are there; close "
            "LibreOffice and run the same command again, or leave the pages out with --pdf no."
        )


def _made(room: Path) -> int:
    return sum(1 for one in (room / "out").glob("*.pdf") if one.stat().st_size > 0)
