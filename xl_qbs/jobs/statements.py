"""The whole job of ``xl-qbs statements``: from a fund's workbook to a folder of pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from xl_qbs.errors import ArgumentError, OutputError
from xl_qbs.report import Steps

if TYPE_CHECKING:
    from xl_qbs.scoring.score import Result
    from xl_qbs.workbook.fund_table import FundTable
    from xl_qbs.workbook.statements import Written

# numpy and the rest are imported inside the functions, so that --help is answered at once.

Pdf = Literal["auto", "yes", "no"]


class Done(NamedTuple):
    """What a run did.

    Attributes:
        table: what was read.
        result: what came of it.
        written: which workbooks were written, and which stood already.
        printed: how many pages were printed.
        not_printed: why they were not, although LibreOffice is there; empty where they were.
    """

    table: FundTable
    result: Result
    written: Written
    printed: int
    not_printed: str


def statement_files(
    workbook: Path,
    folder: Path,
    *,
    language: Any,
    only: Sequence[str],
    pdf: Pdf,
    again: bool,
    scheme: Path | None,
    sheet: str | None,
    mapping: Path | None,
    period: str | None,
    above_target: str,
    **method: Any,
) -> Done:
    """Read, score and write the statements, showing the steps.

    Args:
        workbook: the file to score.
        folder: where to write.
        language: language of the pages.
        only: ids of the lists as they were typed, several with commas between them; all if empty.
        pdf: print the pages too: where LibreOffice is present, always (an error where it is not), or never.
        again: make all anew.
        scheme: as in `xl_qbs.jobs.score.score_file`, like all that follow.
        sheet: the sheet that holds the table.
        mapping: a file that says where the columns are.
        period: the period to read.
        above_target: ``cap`` or ``refuse`` work done above the target.
        **method: options of the scoring.

    Raises:
        QbsError: what was given cannot be scored or written; see the classes in `xl_qbs.errors`.
    """
    from xl_qbs.workbook.libreoffice import find_libreoffice  # noqa: PLC0415  (see above)

    program = None if pdf == "no" else find_libreoffice()
    if pdf == "yes" and program is None:
        raise ArgumentError("--pdf yes: LibreOffice is not installed, or soffice is not on the path.")
    with Steps() as steps:
        steps.next("Reading")
        from xl_qbs.jobs.score import method_of, read_table  # noqa: PLC0415  (see above)

        table = read_table(
            workbook, scheme=scheme, sheet=sheet, mapping=mapping, period=period, above_target=above_target
        )
        steps.next("Scoring")
        from xl_qbs.scoring.score import score  # noqa: PLC0415  (see above)
        from xl_qbs.workbook.statements import print_statements, write_statements  # noqa: PLC0415

        result = score(table, table.scheme, method_of(table.scheme, **method))
        chosen = chosen_lists(only, table.providers)
        steps.next("Writing")
        written = write_statements(result, folder, language=language, only=chosen, again=again, progress=steps.done)
        if program is None:
            return Done(table, result, written, 0, "")
        steps.next("Printing")
        try:
            printed = print_statements(result, folder, program, only=chosen, progress=steps.done)
        except OutputError as error:
            if pdf == "yes":
                raise
            return Done(table, result, written, 0, str(error))
    return Done(table, result, written, printed, "")


def chosen_lists(typed: Sequence[str], providers: Sequence[str]) -> list[str]:
    """Return the ids that were typed; one that has a comma in it is known as it is.

    >>> chosen_lists(["N1, N2", "a,b"], ["N1", "N2", "a,b"])
    ['N1', 'N2', 'a,b']
    """
    known = set(providers)
    found = []
    for words in typed:
        found += [words.strip()] if words.strip() in known else [one.strip() for one in words.split(",") if one.strip()]
    if typed and not found:
        raise ArgumentError("--only names no list.")
    return list(dict.fromkeys(found))
