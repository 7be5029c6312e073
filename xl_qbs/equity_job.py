"""The whole job of `xl-qbs equity`, from a file to a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from xl_qbs.errors import OutputError
from xl_qbs.report import Steps

if TYPE_CHECKING:
    from xl_qbs.equity.analysis import EquityAnalysis, EquityOptions
    from xl_qbs.workbook.group_table import GroupColumns, GroupFile

# numpy, scipy and the rest are imported inside the functions, so that --help and a mistyped option are
# answered at once.


def equity_file(
    table: Path,
    output: Path | None,
    *,
    columns: GroupColumns,
    options: EquityOptions,
    share: Path | None = None,
    smallest_shown: int = 11,
    typed: str = "",
    cells: Any = "formulas",
    language: Any = "en",
) -> tuple[Path, GroupFile, EquityAnalysis]:
    """Read, analyse and write a table by group, showing the steps.

    Args:
        table: the file.
        output: where to write; None for a new name beside it.
        columns: which columns and labels mean what.
        options: what to assume.
        share: where to write a copy to share, with values only and without small counts; None for no copy.
        smallest_shown: smallest count that the copy may show.
        typed: the options as a user would type them.
        cells: ``formulas`` or ``values``.
        language: language of the sheets.

    Returns:
        Where it was written, what was read, and what came of it.

    Raises:
        QbsError: what was given cannot be analysed or written; see the classes in `xl_qbs.errors`.
    """
    with Steps() as steps:
        steps.next("Reading")
        from xl_qbs.equity.suppression import SuppressionRules  # noqa: PLC0415  (see above)
        from xl_qbs.workbook.add_sheets import check_output, default_output  # noqa: PLC0415
        from xl_qbs.workbook.equity import write_equity  # noqa: PLC0415
        from xl_qbs.workbook.equity_share import check_share_output, share_beside, write_share  # noqa: PLC0415
        from xl_qbs.workbook.group_table import read_group_table  # noqa: PLC0415

        target = output or default_output(table, "equity")
        # Before minutes of work, not after them.
        check_output(table, target)
        rules = SuppressionRules(smallest_shown=smallest_shown)
        if share is not None:
            check_share_output(table, share)
            if share.resolve() == target.resolve():
                raise OutputError("The copy to share and the workbook are one file; give the copy another name.")
        read = read_group_table(table, columns)
        steps.next("Calculating")
        from xl_qbs.equity.analysis import analyse_equity  # noqa: PLC0415  (see above)

        before = None if read.before is None else read.before.table
        analysis = analyse_equity(read.now.table, before, options, risk=read.risk, earlier=read.earlier)
        steps.next("Writing")
        with share_beside(share) as draft:
            # The copy moves to its place only when the workbook stands, so that there are both or none.
            if draft is not None:
                write_share(read, analysis, draft, rules=rules, language=language)
            write_equity(read, analysis, target, typed=typed, cells=cells, language=language, progress=steps.done)
    return target, read, analysis
