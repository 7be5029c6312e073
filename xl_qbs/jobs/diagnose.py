"""The whole job of ``xl-qbs diagnose``, from a fund's workbook to a workbook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from xl_qbs.errors import ArgumentError
from xl_qbs.jobs.score import method_of, read_table
from xl_qbs.report import Steps

if TYPE_CHECKING:
    from xl_qbs.sheets.diagnosis.plan import Plan
    from xl_qbs.workbook.fund_table import FundTable

# numpy and the rest are imported inside the functions, so that --help is answered at once.


def diagnose_file(
    workbook: Path,
    output: Path | None,
    *,
    earlier: Path | None = None,
    last_period: str | None = None,
    limits: dict[str, float],
    list_size: str | None = None,
    age: str | None = None,
    cells: Any = "formulas",
    language: Any = "en",
    scheme: Path | None = None,
    sheet: str | None = None,
    mapping: Path | None = None,
    period: str | None = None,
    above_target: Any = "cap",
    counting: Any = "all",
    groups: int = 5,
    resamples: int = 1000,
    seed: int = 1,
    steps: int = 5,
    steps_by: Any = "need-adjusted",
    added: str = "added indicator",
    added_share: dict[str, float] | None = None,
    added_coverage: float = 0.9,
    typed: str = "",
    **method: Any,
) -> tuple[Path, FundTable, FundTable | None, Plan]:
    """Read, score, diagnose and write a workbook, showing the steps.

    Args:
        workbook: the fund's file.
        output: where to write; None for a new name beside it.
        earlier: the file of the year before.
        last_period: its period, in that file or, without one, in the workbook itself.
        limits: fields of `xl_qbs.sheets.diagnosis.plan.Limits`.
        list_size: heading of the column of list size.
        age: heading of the column of mean age.
        cells: ``formulas`` or ``values``.
        language: language of the sheets.
        scheme: as in `xl_qbs.jobs.score.score_file`, like all that says so.
        sheet: as there; of the workbook and, with ``last_period`` alone, of both years.
        mapping: as there.
        period: as there.
        above_target: as there.
        counting: what counts as eligible, ``all`` or ``patients``.
        groups: how many groups of lists.
        resamples: how often lists are drawn.
        seed: of the draws.
        steps: how many next steps of each list are shown.
        steps_by: the score whose points they are ranked by.
        added: what an added indicator is called.
        added_share: the share of each group who would be eligible in it; no such indicator if empty or None.
        added_coverage: the coverage that would be asked for.
        typed: the options as a user would type them, for the sheet About.
        **method: as there.

    Returns:
        Where it was written, what was read, the year before or None, and what the sheets hold.

    Raises:
        QbsError: what was given cannot be scored, diagnosed or written; see the classes in `xl_qbs.errors`.
    """
    with Steps() as shown:
        shown.next("Reading")
        from xl_qbs.scoring.score import score as score_table  # noqa: PLC0415  (see above)
        from xl_qbs.sheets.diagnosis.plan import Added, Limits  # noqa: PLC0415
        from xl_qbs.workbook.add_sheets import check_output, default_output  # noqa: PLC0415
        from xl_qbs.workbook.diagnosed import Asked, write_diagnosis  # noqa: PLC0415
        from xl_qbs.workbook.list_columns import read_list_column  # noqa: PLC0415
        from xl_qbs.workbook.read import read_workbook  # noqa: PLC0415

        output = output or default_output(workbook, "diagnosed")
        # Before minutes of work, not after them.
        check_output(workbook, output)
        if age is not None and list_size is None:
            raise ArgumentError("--age needs --list-size: the burden of Figure 1 is for each person on the list.")
        table = read_table(
            workbook, scheme=scheme, sheet=sheet, mapping=mapping, period=period, above_target=above_target
        )
        last = None
        if earlier is not None or last_period is not None:
            # Both years under one scheme: that of the later one.
            last = read_workbook(
                earlier if earlier is not None else workbook,
                table.scheme,
                sheet=sheet if earlier is None else None,
                mapping=mapping,
                period=last_period,
                done_above_target=above_target,
            )
            _check_years(table, last)
        sizes = {
            name: None if heading is None else read_list_column(table, heading)
            for name, heading in (("list_size", list_size), ("age", age))
        }
        shown.next("Scoring")
        chosen = method_of(table.scheme, **method)
        result = score_table(table, table.scheme, chosen)
        before = None if last is None else (last, score_table(last, table.scheme, chosen))
        asked = Asked(
            limits=Limits(**limits),
            counting=counting,
            groups=groups,
            resamples=resamples,
            seed=seed,
            steps=steps,
            steps_by=steps_by,
            added=Added(name=added, shares=added_share, coverage=added_coverage) if added_share else None,
            typed=typed,
            **sizes,
        )
        shown.next("Writing")
        plan = write_diagnosis(
            table, result, output, asked=asked, before=before, cells=cells, language=language, progress=shown.done
        )
    return output, table, last, plan


def _check_years(table: FundTable, last: FundTable) -> None:
    """Refuse a year that is compared with itself."""
    same = last.source.sha256 == table.source.sha256 and last.period == table.period
    if same and last.source.sheet == table.source.sheet:
        raise ArgumentError("The two years are the same table; name another --period and --last-period, or --earlier.")
