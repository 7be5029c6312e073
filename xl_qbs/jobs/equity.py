"""The whole jobs of `xl-qbs equity` and `xl-qbs equity-template`, from a file to a file."""

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


def equity_template_file(
    table: Path | None,
    output: Path,
    *,
    columns: GroupColumns,
    options: EquityOptions,
    places: tuple[int | None, int | None, int | None] = (None, None, None),
    names: tuple[tuple[str, ...], tuple[str, ...]] = ((), ()),
    accepted: int = 0,
    language: Any = "en",
    password: str = "",
) -> tuple[Path, GroupFile | None]:
    """Build a formula template of equity by group, showing the steps.

    Args:
        table: a file whose counts fill it; None for an empty one.
        output: where to write.
        columns: which columns and labels of the file mean what.
        options: what its yellow cells begin with.
        places: for how many providers, indicators and groups there is room; None for the usual.
        names: codes of indicators and names of groups of an empty one.
        accepted: rows with more work done than patients that somebody has looked at.
        language: language of all texts.
        password: needed to take the protection of the sheets off; none if empty.

    Returns:
        Where it was written, and what was read; None without a table.

    Raises:
        QbsError: what was given cannot be used or written; see the classes in `xl_qbs.errors`.
    """
    with Steps() as steps:
        read = None
        if table is not None:
            steps.next("Reading")
            from xl_qbs.workbook.group_table import read_group_table  # noqa: PLC0415  (see above)

            if output.exists() and output.samefile(table):
                raise OutputError(f"{output} is the table itself; give another name with -o.")
            read = read_group_table(table, columns)
        steps.next("Writing")
        from xl_qbs.workbook.add_sheets import check_folder  # noqa: PLC0415  (see above)
        from xl_qbs.workbook.equity_template import EquityRequest, make_equity_template  # noqa: PLC0415

        check_folder(output)
        providers, indicators, groups = places
        request = EquityRequest(
            options=options,
            providers=providers,
            indicators=indicators,
            groups=groups,
            codes=names[0],
            names=names[1],
            table=read,
            accepted=accepted,
        )
        path = make_equity_template(request, output, language=language, password=password, progress=steps.done)
    return path, read
