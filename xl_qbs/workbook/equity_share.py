"""A copy to share: a workbook of its own, values only, without the counts that may not be seen."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xl_qbs.equity.analysis import EquityAnalysis
from xl_qbs.equity.suppression import SuppressionRules
from xl_qbs.errors import ArgumentError, OutputError
from xl_qbs.sheets.equity.share import share_book
from xl_qbs.sheets.model import Label, Language
from xl_qbs.workbook.grid import Grid
from xl_qbs.workbook.group_table import GroupFile
from xl_qbs.workbook.inject import inject
from xl_qbs.workbook.package import open_package
from xl_qbs.workbook.plain_workbook import write_grid

_COVER = Label("About", "Teave")


def check_share_output(path: Path, share: Path) -> None:
    """Refuse a copy that would stand in the place of the table, or whose name does not fit.

    Raises:
        ArgumentError: the copy is no .xlsx.
        OutputError: it is the table itself.
    """
    if share.suffix.lower() != ".xlsx":
        raise ArgumentError(f"share == {share.name!r}, must end in .xlsx")
    if share.exists() and path.exists() and share.samefile(path):
        raise OutputError(f"{share} is the table itself; give the copy another name.")


@contextmanager
def share_beside(share: Path | None) -> Iterator[Path | None]:
    """Yield where to write a draft of the copy; it takes the copy's place when everything else is done.

    Raises:
        OutputError: the folder cannot be written to.
    """
    if share is None:
        yield None
        return
    try:
        folder = tempfile.TemporaryDirectory(prefix=".xl_qbs_", dir=share.parent)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise OutputError(f"{share} cannot be written ({reason}); choose another folder.") from error
    with folder as name:
        draft = Path(name) / "share.xlsx"
        yield draft
        try:
            os.replace(draft, share)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise OutputError(f"{share} cannot be written ({reason}); close it, or choose another name.") from error


def write_share(
    table: GroupFile, analysis: EquityAnalysis, share: Path, *, rules: SuppressionRules, language: Language = "en"
) -> Path:
    """Write the copy to share; nothing of the table's own sheets is in it.

    Args:
        table: as `read_group_table` read it.
        analysis: of that table.
        share: where to write; replaced only when everything is written.
        rules: which counts may not be seen.
        language: language of the sheets.

    Raises:
        OutputError: the copy cannot be written.
    """
    least = rules.smallest_shown
    lines = [
        Label("Groups of patients, to share", "Patsientide rühmad, jagamiseks"),
        Label(f"Made by xl_qbs from {table.source.path.name}.", f"Koostas xl_qbs failist {table.source.path.name}."),
        Label(
            f"Counts from 1 to {least - 1} are hidden, and as many others as it takes so that none can be worked out.",
            f"Arvud 1 kuni {least - 1} on peidetud ja nii palju teisi, et neid ei saa tuletada.",
        ),
        Label(
            "Do not share two copies made with different rules, nor this one beside other tables of the same patients.",
            "Ärge jagage kaht eri reeglitega koopiat ega seda koos teiste samade patsientide tabelitega.",
        ),
    ]
    title = _COVER.say(language)
    with tempfile.TemporaryDirectory(prefix="xl_qbs_") as folder:
        plain = Path(folder) / "cover.xlsx"
        write_grid(Grid(title, [[line.say(language)] for line in lines]), title, plain)
        inject(open_package(plain), share_book(analysis, rules, language, (title,)), share, formulas=False)
    return share
